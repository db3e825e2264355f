/* Pipelines of CodePipeline: which wait for a person's approval, and how they fared. What it needs to approve (the token) is not kept: the action
 * reads it anew. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

#define PIPELINES_MAX 30

struct reading {
    struct calls calls;
    struct release_set set;
};

static bool is_status(const json_t *of, const char *status) { return text_equal(json_text(of, "latestExecution.status"), status); }

/* The action that waits for a person: only such a one has a token. NULL if there is none in the stage. */
static const json_t *waiting_action(const json_t *stage)
{
    size_t i;
    json_t *action;
    json_array_foreach(json_object_get(stage, "actionStates"), i, action)
        if (is_status(action, "InProgress") && json_text(action, "latestExecution.token"))
            return action;
    return NULL;
}

/* Where the code comes from: the first stage's revision, and what was said of it. */
static void map_source(const json_t *stage, struct release *r)
{
    const json_t *action = json_array_get(json_object_get(stage, "actionStates"), 0);
    FIELD(r->sha, action, "currentRevision.revisionId");
    FIELD(r->title, action, "latestExecution.summary");
    FIELD(r->message, action, "latestExecution.summary");
    r->created_at = json_when(stage, "actionStates.0.latestExecution.lastStatusChange");
}

static void map_wait(const json_t *stage, const json_t *action, struct release *r)
{
    r->state = RELEASE_WAITING;
    FIELD(r->stage, stage, "stageName");
    FIELD(r->environment, stage, "stageName");
    FIELD(r->execution, stage, "latestExecution.pipelineExecutionId");
    FIELD(r->action, action, "actionName");
    FIELD(r->link, action, "entityUrl");
    r->waiting_since = r->updated_at = json_when(action, "latestExecution.lastStatusChange");
}

void map_pipeline(const json_t *output, struct release *r)
{
    size_t i;
    json_t *stage;
    *r = (struct release){.provider = RELEASE_PIPELINE, .state = RELEASE_SUCCEEDED, .reviews = -1, .updated_at = json_when(output, "updated")};
    FIELD(r->pipeline, output, "pipelineName");
    map_source(json_at(output, "stageStates.0"), r);
    json_array_foreach(json_object_get(output, "stageStates"), i, stage) {
        const json_t *action = waiting_action(stage);
        if (action) {
            map_wait(stage, action, r);
            return;
        }
        if (is_status(stage, "InProgress"))
            r->state = RELEASE_RUNNING;
        else if (r->state == RELEASE_SUCCEEDED && is_status(stage, "Failed"))
            r->state = RELEASE_FAILED;
        else if (r->state == RELEASE_SUCCEEDED && (is_status(stage, "Stopped") || is_status(stage, "Cancelled")))
            r->state = RELEASE_CANCELLED;
    }
}

static void got_state(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    struct release release;
    (void)arg;
    map_pipeline(output, &release);
    release.can_approve = run->config->operator_role || !run->config->role;
    *vec_add(&r->set.runs) = release;
}

static void got_list(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    size_t i;
    json_t *row;
    (void)arg;
    json_array_foreach(json_object_get(output, "pipelines"), i, row)
        if (i >= PIPELINES_MAX)
            feed_more(run);
        else
            calls_each(&r->calls, "codepipeline", "GetPipelineState", json_pack("{s:s}", "name", json_text_or(row, "name", "")), NULL, got_state,
                       NULL);
}

/* What waits first, then by name: the answers come in any order. */
static int waiting_first(const void *a, const void *b)
{
    const struct release *x = a, *y = b;
    bool waits = x->state == RELEASE_WAITING;
    return waits != (y->state == RELEASE_WAITING) ? (waits ? -1 : 1) : strcmp(x->pipeline, y->pipeline);
}

static void free_reading(struct reading *r)
{
    vec_free(&r->set.runs);
    free(r);
}

static void done(struct feed_run *run, const struct error *error)
{
    struct reading *r = run->state;
    run->state = NULL;
    if (r->set.runs.len)
        qsort(r->set.runs.at, r->set.runs.len, sizeof *r->set.runs.at, waiting_first);
    r->set.ahead = r->set.behind = -1;
    if (!error)
        pipelines_set(feeds_estate(run->feeds), run->account, &r->set, loop_wall(feeds_loop(run->feeds)));
    free_reading(r);
    feed_end(run, error);
}

static void start(struct feed_run *run)
{
    struct reading *r = run->state = mem_new(sizeof *r);
    struct aws_call_options options = {.all_pages = true, .max_items = PIPELINES_MAX};
    calls_begin(&r->calls, run, done);
    calls_add(&r->calls, "codepipeline", "ListPipelines", json_object(), &options, got_list, NULL);
    calls_end(&r->calls);
}

static void stop(struct feed_run *run)
{
    struct reading *r = run->state;
    calls_cancel(&r->calls);
    free_reading(r);
    run->state = NULL;
}

static bool wanted(const struct account_config *account) { return account->pipelines; }

const struct feed_type feed_pipelines = {
    .feed = FEED_PIPELINES, .interval_ms = 120000, .focus_ms = 20000, .wanted = wanted, .start = start, .stop = stop};
