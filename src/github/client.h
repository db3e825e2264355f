/* GitHub's REST API, for reading: workflow runs, what waits at an environment, jobs, commits. The token is GITHUB_TOKEN's or GH_TOKEN's,
 * the address GITHUB_API_URL's. What was read before is asked for by its ETag: a 304 costs nothing of the rate limit. Once the limit
 * is used up, calls fail without being sent until it is renewed.
 * Reading only; github/write.h has what changes something. */
#ifndef TRIVET_GITHUB_CLIENT_H
#define TRIVET_GITHUB_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/log.h"
#include "net/http.h"
#include "net/loop.h"

struct github;
struct github_call;

struct github_options {
    const char *api;   /* NULL: $GITHUB_API_URL, else https://api.github.com */
    const char *token; /* NULL: $GITHUB_TOKEN, else $GH_TOKEN */
    struct log *log;
};

struct github *github_new(struct loop *loop, struct http *http, const struct github_options *options); /* copies; never fails */
void github_free(struct github *github); /* cancels its calls; NULL is fine */

/* The document is borrowed; NULL on error. Codes of errors: NoToken, Unauthorized (401), Forbidden (403), NotFound (404), Conflict (409),
 * Moved (301…), Invalid (422), RateLimited, BadReply, or HTTPnnn. Called once, never before the call returns, never after a cancel. */
typedef void github_done(void *arg, json_t *document, const struct error *error);

/* path begins with '/'; names in it are encoded already. `list` is the member that holds the rows ("workflow_runs", "" where the document itself
 * is the array): pages are followed up to max_items rows, and handed over as one document. NULL: no pages. */
struct github_call *github_get(struct github *github, const char *path, const char *list, int max_items, github_done *done, void *arg);
void github_cancel(struct github_call *call); /* NULL is fine */

/* The reads there are a use for. `repository` is "OWNER/NAME"; a NULL status: every run, newest first. */
struct github_call *github_runs(struct github *github, const char *repository, const char *status, int max, github_done *done, void *arg);
struct github_call *github_run(struct github *github, const char *repository, int64_t run, github_done *done, void *arg);
struct github_call *github_pending(struct github *github, const char *repository, int64_t run, github_done *done, void *arg); /* an array */
struct github_call *github_reviews(struct github *github, const char *repository, int64_t run, github_done *done, void *arg); /* an array */
struct github_call *github_jobs(struct github *github, const char *repository, int64_t run, github_done *done, void *arg);
/* The commits that head has and base has not, oldest first. */
struct github_call *github_compare(struct github *github, const char *repository, const char *base, const char *head, int max, github_done *done,
                                   void *arg);

/* The rate limit as last told. -1: not known. */
struct github_limit {
    int limit, left;
    int64_t renewed_at; /* wall ms; 0 not known */
};
struct github_limit github_limit(const struct github *github);

#endif
