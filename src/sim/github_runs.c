/* Workflow runs: one job after the other; a job with a protected environment waits for its reviewers. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "sim/github.h"

#define QUEUE_MS    7000
#define RELEASE_MS  20000   /* a deploying job has signed in and set the images by then */
#define PATIENCE_MS 1200000 /* and waits this long for the rollout */

const struct github_user *github_user_find(const struct github_sim *g, const char *login)
{
    for (size_t i = 0; i < g->users.len; i++)
        if (text_same_case(g->users.at[i].login, login))
            return &g->users.at[i];
    return NULL;
}

const struct github_environment *github_gate(const struct github_sim *g, size_t job)
{
    for (size_t i = 0; g->jobs.at[job].environment && i < g->environments.len; i++)
        if (text_same_case(g->environments.at[i].name, g->jobs.at[job].environment))
            return &g->environments.at[i];
    return NULL;
}

bool github_may_review(const struct github_sim *g, const struct github_run *run, const struct github_environment *environment,
                       const struct github_user *user)
{
    (void)g;
    if (user->reads_only || (environment->no_self_review && user == run->user))
        return false;
    for (size_t i = 0; i < environment->reviewers.len; i++)
        if (text_same_case(environment->reviewers.at[i], user->login))
            return true;
    return false;
}

static void end_run(struct github_run *run, const char *conclusion, int64_t at)
{
    run->done = true;
    run->status = "completed";
    run->conclusion = conclusion;
    run->updated_at = at;
}

/* When the environment lets the job go on; 0: not yet known. */
static int64_t opens_at(const struct github_environment *environment, const struct github_stage *stage)
{
    if (!environment)
        return stage->queued_at;
    int64_t timer = stage->queued_at + environment->wait;
    if (environment->reviewers.len == 0)
        return timer;
    if (!stage->approved_at)
        return 0;
    return stage->approved_at > timer ? stage->approved_at : timer;
}

size_t github_waiting_job(const struct github_sim *g, const struct github_run *run)
{
    for (size_t i = 0; !run->done && i < g->jobs.len; i++) {
        const struct github_stage *stage = &run->stages[i];
        if (stage->completed_at)
            continue;
        const struct github_environment *gate = github_gate(g, i);
        int64_t opens = opens_at(gate, stage);
        return gate && stage->queued_at && !stage->started_at && (opens == 0 || opens > g->now) ? i : SIZE_MAX;
    }
    return SIZE_MAX;
}

static void skip_rest(struct github_sim *g, struct github_run *run, size_t from, int64_t at)
{
    for (size_t i = from; i < g->jobs.len; i++) {
        run->stages[i].queued_at = run->stages[i].started_at = run->stages[i].completed_at = at;
        run->stages[i].conclusion = "skipped";
    }
}

static void add_review(struct github_run *run, size_t environment, const struct github_user *user, bool approved, const char *comment, int64_t at)
{
    struct github_review *review = vec_add(&run->reviews);
    *review = (struct github_review){environment, user, approved, mem_strdup(comment), at};
}

static void reviewed(struct github_sim *g, struct github_run *run, size_t job, const struct github_user *user, bool approved, const char *comment,
                     int64_t at)
{
    const struct github_environment *gate = github_gate(g, job);
    struct github_stage *stage = &run->stages[job];
    add_review(run, (size_t)(gate - g->environments.at), user, approved, comment, at);
    run->updated_at = at;
    if (approved) {
        stage->approved_at = at;
        run->status = "queued";
        return;
    }
    stage->started_at = stage->completed_at = at;
    stage->conclusion = "failure";
    skip_rest(g, run, job + 1, at);
    end_run(run, "failure", at);
}

void github_review(struct github_sim *g, struct github_run *run, size_t job, const struct github_user *user, bool approved, const char *comment)
{
    reviewed(g, run, job, user, approved, comment, g->now / 1000 * 1000);
}

/* A job that deploys sets the images and ends when the rollout has; true if so, with when and how. What was deployed before the
 * simulation's start is as the scenario says. */
static bool follow_rollout(struct github_sim *g, const struct github_run *run, struct github_stage *stage, const char *account, int64_t *end,
                           const char **conclusion)
{
    if (g->now < stage->started_at + RELEASE_MS)
        return false;
    if (!stage->released) {
        stage->released = true;
        sim_release(g->sim, account, run->sha);
        return false;
    }
    enum sim_rollout state = sim_release_state(g->sim, account, run->sha);
    bool late = g->now - stage->started_at > PATIENCE_MS;
    if (g->now < *end || (state == SIM_ROLLOUT_UNDER_WAY && !late))
        return false;
    if (state == SIM_ROLLOUT_FAILED || state == SIM_ROLLOUT_UNDER_WAY)
        *conclusion = "failure";
    *end = g->now / 1000 * 1000;
    return true;
}

static bool is_left_out(const struct github_sim *g, const struct github_run *run, size_t i)
{
    return g->jobs.at[i].unless && text_equal(json_text(run->inputs, g->jobs.at[i].unless), "true");
}

void github_dispatch(struct github_sim *g, const struct github_user *user, const json_t *inputs)
{
    struct github_run *run = mem_new(sizeof *run);
    vec_add(&g->runs);
    memmove(g->runs.at + 1, g->runs.at, (g->runs.len - 1) * sizeof *g->runs.at);
    g->runs.at[0] = run;
    run->sha = mem_strdup(g->commits.at[0].sha);
    run->actor = mem_strdup(user->login);
    run->event = mem_strdup("workflow_dispatch");
    run->title = mem_strdup(g->workflow);
    run->inputs = json_deep_copy(inputs);
    github_run_place(g, run, g->runs.len > 1 ? g->runs.at[1]->number + 1 : 401);
    run->created_at = run->updated_at = g->now / 1000 * 1000;
    github_run_step(g, run);
}

/* True if something happened, so that there may be more to do at this time. */
static bool advance(struct github_sim *g, struct github_run *run, size_t i)
{
    struct github_stage *stage = &run->stages[i];
    const struct github_environment *gate = github_gate(g, i);
    if (!stage->queued_at) {
        stage->queued_at = i ? run->stages[i - 1].completed_at : run->created_at;
        run->status = "queued";
        return true;
    }
    if (is_left_out(g, run, i)) {
        stage->started_at = stage->completed_at = stage->queued_at;
        stage->conclusion = "skipped";
        return true;
    }
    if (!stage->started_at) {
        int64_t opens = opens_at(gate, stage), past = stage->queued_at + run->past.after;
        if (!opens && gate && run->has_past && past <= g->now) {
            reviewed(g, run, i, github_user_find(g, run->past.by), !run->past.rejected, run->past.comment ? run->past.comment : "", past);
            return true;
        }
        if (!opens || opens > g->now)
            run->status = "waiting";
        if (!opens || opens + QUEUE_MS > g->now)
            return false;
        stage->started_at = opens + QUEUE_MS;
        run->status = "in_progress";
        run->updated_at = stage->started_at;
        return true;
    }
    const char *conclusion = run->fail && strcmp(run->fail, g->jobs.at[i].name) == 0 ? "failure" : "success";
    int64_t end = stage->started_at + g->jobs.at[i].duration;
    if (gate && gate->account && stage->started_at > g->start) {
        if (!follow_rollout(g, run, stage, gate->account, &end, &conclusion))
            return false;
    } else if (end > g->now) {
        return false;
    }
    stage->completed_at = end;
    stage->conclusion = conclusion;
    run->updated_at = stage->completed_at;
    return true;
}

void github_run_step(struct github_sim *g, struct github_run *run)
{
    for (size_t i = 0; i < g->jobs.len && !run->done; i++) {
        struct github_stage *stage = &run->stages[i];
        while (!run->done && !stage->completed_at && advance(g, run, i))
            ;
        if (run->done || !stage->completed_at)
            return;
        if (strcmp(stage->conclusion, "failure") == 0) {
            skip_rest(g, run, i + 1, stage->completed_at);
            end_run(run, "failure", stage->completed_at);
        } else if (i + 1 == g->jobs.len) {
            end_run(run, "success", stage->completed_at);
        }
    }
}
