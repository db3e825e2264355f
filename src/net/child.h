/* Child processes without blocking the loop: credential_process, kubeconfig's exec plugins, an editor or pager.
 * No shell: an argument vector. Output is capped. */
#ifndef TRIVET_NET_CHILD_H
#define TRIVET_NET_CHILD_H

#include "base/error.h"
#include "net/loop.h"

struct child;
/* stdout (wiped after the call) and the exit status; or an error (could not start, killed by the time limit, too much output). */
typedef void child_done(void *arg, const char *out, size_t len, int exit_status, const struct error *error);
/* argv ends with NULL; env holds NAME=VALUE entries added to ours, NULL-terminated, may be NULL. */
struct child *child_run(struct loop *loop, const char *const argv[], const char *const env[], int64_t timeout_ms, size_t max_output,
                        child_done *done, void *arg);
void child_cancel(struct child *child); /* kills it; no call follows; NULL is fine */
/* Splits a command line as a POSIX shell would split words (quotes and backslashes; no expansion). NULL-terminated;
 * free with child_free_words. NULL on an open quote. */
char **child_split_words(const char *line);
void child_free_words(char **words);

#endif
