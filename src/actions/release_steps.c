/* A run on GitHub: let through or refused, waited for, and seen to arrive in the cluster. Approving needs no role in AWS: what the cluster does is
 * read from the estate, as the reader. */
#include <stdlib.h>
#include <string.h>

#include "actions/release.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"

#define MINUTE_MS INT64_C(60000)

struct release_own *release_own(struct action *a)
{
    if (!a->own)
        a->own = mem_new(sizeof(struct release_own));
    return a->own;
}

void release_forget(struct action *a)
{
    struct release_own *own = a->own;
    if (own)
        explicit_bzero(own->token, sizeof own->token);
    free(own);
}

static int64_t number_of(const struct step *s) { return json_int(s->with, "number", 0); }
static const char *environment_of(const struct step *s) { return json_text_or(s->with, "environment", "?"); }
static bool is_approval(const struct step *s) { return json_flag(s->with, "approve", false); }

static void look_at_run(struct step *s, const char *rest, step_got *got)
{
    struct str path = STR_INIT(4096);
    const char *repository = json_text_or(s->with, "repository", "");
    str_adds(&path, "/repos/");
    percent_add(&path, repository, strlen(repository), true);
    str_addf(&path, "/actions/runs/%lld%s", (long long)json_int(s->with, "run", 0), rest);
    step_look_github(s, str_text(&path), got);
    str_free(&path);
}

/* The review. Whether the environment is listed as pending alone tells little: with a wait timer it stays listed after the approval. So reviews are
 * counted against how many there were when it was planned: a run that is made anew keeps those of its first attempt. */

static void describe_review(const struct action *a, const struct step *s, struct str *out)
{
    (void)a;
    str_addf(out, "%s run %lld at environment %s", is_approval(s) ? "approve" : "reject", (long long)number_of(s), environment_of(s));
}

static bool is_of_environment(const json_t *review, const struct step *s)
{
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(review, "environments"), i, one)
        if (text_equal(json_text(one, "name"), environment_of(s)))
            return true;
    return false;
}

/* The review that came since; the one with our own words before others. NULL: none. */
static const json_t *review_since(const struct action *a, const struct step *s, const json_t *reviews)
{
    const json_t *last = NULL, *ours = NULL;
    int64_t count = 0;
    size_t i;
    json_t *review;
    json_array_foreach(reviews, i, review) {
        if (!is_of_environment(review, s))
            continue;
        count++;
        last = review;
        if (s->called_at && text_equal(json_text(review, "comment"), a->reason))
            ours = review;
    }
    return count <= json_int(s->with, "reviews", 0) ? NULL : ours ? ours : last;
}

static void told_review(struct step *s, const json_t *review)
{
    const char *state = json_text_or(review, "state", "?"), *who = json_text_or(review, "user.login", "?"),
               *comment = json_text_or(review, "comment", "");
    bool wanted = strcmp(state, is_approval(s) ? "approved" : "rejected") == 0;
    if (wanted)
        step_found(s, FOUND_DONE, "%s by %s%s%.120s", state, who, *comment ? ": " : "", comment);
    else
        step_found(s, FOUND_FAILED, "nothing of run %lld waits any more: it was %s by %s%s%.120s", (long long)number_of(s), state, who,
                   *comment ? ": " : "", comment);
}

/* Neither reviewed nor pending. */
static void got_run_of_review(struct action *a, struct step *s, const json_t *run)
{
    const char *status = json_text_or(run, "status", "?"), *conclusion = json_text_or(run, "conclusion", "");
    bool ended = strcmp(status, "completed") == 0;
    (void)a;
    if (is_approval(s) && !ended && strcmp(status, "waiting") != 0)
        step_found(s, FOUND_DONE, "it goes on without a review: %s", status);
    else
        step_found(s, FOUND_FAILED, "nothing of run %lld waits at %s any more: it is %s", (long long)number_of(s), environment_of(s),
                   ended ? conclusion : status);
}

static void got_reviews(struct action *a, struct step *s, const json_t *reviews)
{
    const json_t *review = review_since(a, s, reviews);
    if (review)
        told_review(s, review);
    else if (json_flag(s->with, "pending", false))
        step_found(s, FOUND_TODO, "waits at %s", environment_of(s));
    else
        look_at_run(s, "", got_run_of_review);
}

static void got_pending(struct action *a, struct step *s, const json_t *pending)
{
    bool found = false;
    size_t i;
    json_t *one;
    (void)a;
    json_array_foreach(pending, i, one)
        found |= json_int(one, "environment.id", 0) == json_int(s->with, "environment_id", -1);
    json_object_set_new(s->with, "pending", json_boolean(found));
    look_at_run(s, "/approvals", got_reviews);
}

static void look_review(struct action *a, struct step *s)
{
    (void)a;
    look_at_run(s, "/pending_deployments", got_pending);
}

static void call_review(struct action *a, struct step *s)
{
    step_review_github(s, json_text_or(s->with, "repository", ""), json_int(s->with, "run", 0), json_int(s->with, "environment_id", 0),
                       is_approval(s), a->reason);
}

static void explain_review(const struct action *a, const struct step *s, struct error *e)
{
    char said[sizeof e->message];
    const char *reviewers = json_text_or(s->with, "reviewers", "");
    (void)a;
    text_copy(said, sizeof said, e->message);
    if (error_is(e, "Forbidden"))
        text_format(e->message, sizeof e->message, "your token may not review environment %s: reviewers are %s", environment_of(s),
                    *reviewers ? reviewers : "not told");
    else if (error_is(e, "NotFound"))
        text_format(e->message, sizeof e->message, "run %lld is not there any more, or your token may not see it", (long long)number_of(s));
    else if (error_is(e, "Invalid") || error_is(e, "Conflict"))
        text_format(e->message, sizeof e->message, "nothing of run %lld could be reviewed: %s", (long long)number_of(s), said);
}

static const char *const review_moved[] = {"Invalid", "Conflict", "NotFound", NULL};

const struct step_type step_release_review = {.name = "release-review",
                                              .api = "github POST pending_deployments",
                                              .describe = describe_review,
                                              .look = look_review,
                                              .call = call_review,
                                              .explain = explain_review,
                                              .moved = review_moved,
                                              .every_ms = 1000,
                                              .limit_ms = 2 * MINUTE_MS,
                                              .once = true};

/* The run. */

static const struct step *sibling(const struct action *a, const struct step_type *type)
{
    for (size_t i = 0; i < a->step_count; i++)
        if (a->steps[i]->type == type)
            return a->steps[i];
    return NULL;
}

static bool has_failed(const struct action *a, const struct step_type *type)
{
    const struct step *s = sibling(a, type);
    return s && s->state == STEP_FAILED;
}

static void describe_run(const struct action *a, const struct step *s, struct str *out)
{
    (void)a;
    str_addf(out, "wait for run %lld to end", (long long)number_of(s));
}

static bool is_bad(const char *conclusion)
{
    return *conclusion && strcmp(conclusion, "success") && strcmp(conclusion, "skipped") && strcmp(conclusion, "neutral");
}

/* The job that failed, or the one that goes on; NULL if there is none. */
static const char *job_of(const json_t *jobs, bool failed, size_t *done, size_t *all)
{
    const char *found = NULL;
    size_t i;
    json_t *job;
    *done = 0;
    *all = json_array_size(json_object_get(jobs, "jobs"));
    json_array_foreach(json_object_get(jobs, "jobs"), i, job) {
        bool ended = text_equal(json_text(job, "status"), "completed");
        *done += ended;
        if (!found && (failed ? ended && is_bad(json_text_or(job, "conclusion", "")) : !ended))
            found = json_text(job, "name");
    }
    return found;
}

static void got_jobs(struct action *a, struct step *s, const json_t *jobs)
{
    size_t done, all;
    const char *conclusion = json_text_or(s->with, "conclusion", "");
    const char *job = job_of(jobs, *conclusion, &done, &all);
    (void)a;
    if (*conclusion)
        step_found(s, FOUND_FAILED, "run %lld: %s%s%s", (long long)number_of(s), conclusion, job ? " in job " : "", job ? job : "");
    else
        step_found(s, FOUND_UNDERWAY, "%s%s%zu of %zu jobs done", job ? job : "", job ? ", " : "", done, all);
}

static void got_run(struct action *a, struct step *s, const json_t *run)
{
    const char *status = json_text_or(run, "status", "?"), *conclusion = json_text_or(run, "conclusion", "");
    bool ended = strcmp(status, "completed") == 0;
    if (ended && strcmp(conclusion, "success") == 0)
        step_found(s, FOUND_DONE, "success");
    else if (!ended && has_failed(a, &step_release_rollout))
        step_found(s, FOUND_FAILED, "%s when the rollout failed; not followed any longer", status);
    else {
        json_object_set_new(s->with, "conclusion", json_string(ended ? *conclusion ? conclusion : "failed" : ""));
        look_at_run(s, "/jobs?per_page=100", got_jobs);
    }
}

static void look_run(struct action *a, struct step *s)
{
    (void)a;
    look_at_run(s, "", got_run);
}

const struct step_type step_release_run = {.name = "release-run",
                                           .describe = describe_run,
                                           .look = look_run,
                                           .every_ms = 5000,
                                           .limit_ms = 6 * 60 * MINUTE_MS, /* GitHub lets a job run for so long */
                                           .goes_on = true};

/* The rollout. */

static void describe_rollout(const struct action *a, const struct step *s, struct str *out)
{
    size_t i;
    json_t *part;
    char digest[16];
    str_addf(out, "watch %s until ", a->account->config->name);
    json_array_foreach(json_object_get(s->with, "parts"), i, part)
        str_addf(out, "%s%s runs %s", i ? ", " : "", json_text_or(part, "name", "?"),
                 digest_short(json_text_or(part, "to", ""), digest, sizeof digest));
    str_adds(out, ", all of it ready, and all is quiet");
}

/* What the looking stands on cannot be read just now; NULL if it can. */
static const struct slice *unseen(const struct action *a)
{
    static const enum feed feeds[] = {FEED_DEPLOYMENTS, FEED_PODS};
    for (size_t i = 0; i < sizeof feeds / sizeof *feeds; i++)
        if (a->account->slices[feeds[i]].state != SLICE_FRESH)
            return &a->account->slices[feeds[i]];
    return NULL;
}

static enum rollout_run run_state(const struct action *a)
{
    const struct step *run = sibling(a, &step_release_run);
    return !run || !step_is_over(run) ? ROLLOUT_RUN_GOES_ON : run->state == STEP_FAILED ? ROLLOUT_RUN_FAILED : ROLLOUT_RUN_DONE;
}

static void look_rollout(struct action *a, struct step *s)
{
    static const enum finding findings[] = {[ROLLOUT_UNDER_WAY] = FOUND_UNDERWAY, [ROLLOUT_SETTLED] = FOUND_DONE, [ROLLOUT_FAILING] = FOUND_FAILED};
    struct release_own *own = release_own(a);
    const struct slice *hidden = unseen(a), *alarms = &a->account->slices[FEED_ALARMS];
    struct rollout rollout;
    char words[240], text[600];
    if (hidden && run_state(a) != ROLLOUT_RUN_FAILED) {
        own->watch.settled_at = 0;
        step_found(s, FOUND_UNDERWAY, "the cluster cannot be seen: %s",
                   hidden->error.kind != ERROR_NONE ? error_text(&hidden->error, text, sizeof text) : "no answer yet");
        return;
    }
    bool deaf = alarms->state == SLICE_NONE || alarms->error.kind != ERROR_NONE;
    rollout_look(a->account, s->with, &rollout);
    enum rollout_verdict verdict =
        rollout_judge(&rollout, &own->watch, run_state(a), deaf ? INT64_MAX : alarms->read_at, action_now(a), words, sizeof words);
    step_found(s, findings[verdict], "%s%s", words, verdict == ROLLOUT_SETTLED && deaf ? "; alarms cannot be read" : "");
}

const struct step_type step_release_rollout = {.name = "release-rollout",
                                               .describe = describe_rollout,
                                               .look = look_rollout,
                                               .every_ms = 1000,
                                               .limit_ms = 6 * 60 * MINUTE_MS}; /* its own clock begins when the cluster changes */
