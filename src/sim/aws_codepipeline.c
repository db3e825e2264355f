/* CodePipeline: pipelines of three stages, Source, Approve, Deploy. One waits for a person's approval, for seven days at most. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sim/aws_world.h"

#define SOURCE "Source"
#define GATE   "Approve"
#define DEPLOY "Deploy"
#define ACTION "ApproveRelease"

#define APPROVAL_MAX_MS (7 * DAY_MS)

static void move(struct pipeline_state *p, enum pipeline_step step, int64_t at)
{
    p->step = step;
    p->changed_at = at;
}

static void expire(struct sim *sim, void *what, int64_t at)
{
    struct pipeline_state *p = what;
    (void)sim;
    if (p->step == PIPELINE_WAITS)
        move(p, PIPELINE_EXPIRED, at);
}

static void deployed(struct sim *sim, void *what, int64_t at)
{
    (void)sim;
    move(what, PIPELINE_DONE, at);
}

void pipelines_begin(struct sim *sim, const struct account *account, struct world_account *state)
{
    state->pipelines = mem_new_array(account->pipelines.len + 1, sizeof *state->pipelines);
    for (size_t i = 0; i < account->pipelines.len; i++) {
        struct pipeline_state *p = &state->pipelines[i];
        const struct pipeline *of = &account->pipelines.at[i];
        int64_t since = (sim_start(sim) - of->waiting) / SECOND_MS * SECOND_MS;
        *p = (struct pipeline_state){.sim = sim, .pipeline = of, .since = since, .changed_at = since};
        world_uuid(sim, of->name, 1, p->execution);
        world_uuid(sim, of->name, 2, p->token);
        world_at(sim, since + APPROVAL_MAX_MS, expire, p);
    }
}

static bool home(const struct aws_call *call) { return strcmp(call->region, call->account->region) == 0; }

static struct pipeline_state *find(struct aws_call *call, const char *name)
{
    for (size_t i = 0; home(call) && i < call->account->pipelines.len; i++)
        if (strcmp(call->account->pipelines.at[i].name, name) == 0)
            return &world_account(call->sim, call->account)->pipelines[i];
    call_fail(call, "PipelineNotFoundException", "Account '%s' does not have a pipeline with name '%s'", call->account->id, name);
    return NULL;
}

static int64_t made(const struct pipeline_state *p) { return p->since - 90 * DAY_MS; }

static json_t *list_pipelines(struct aws_call *call)
{
    static const struct call_page page = {"pipelines", "nextToken", "nextToken", "maxResults", 1, 1000, 1000, "InvalidNextTokenException",
                                          "ValidationException"};
    json_t *all = json_array();
    for (size_t i = 0; home(call) && i < call->account->pipelines.len; i++) {
        const struct pipeline_state *p = &world_account(call->sim, call->account)->pipelines[i];
        json_array_append_new(all, json_pack("{s:s, s:I, s:s, s:s, s:o, s:o}", "name", p->pipeline->name, "version",
                                             (json_int_t)(p->pipeline->version ? p->pipeline->version : 1), "pipelineType", "V2", "executionMode",
                                             "SUPERSEDED", "created", call_time(made(p)), "updated", call_time(made(p))));
    }
    return call_page(call, all, &page);
}

/* The state, stage by stage. */

static json_t *execution(const struct pipeline_state *p, int64_t turn, const char *status)
{
    char id[37];
    world_uuid(p->sim, p->pipeline->name, turn, id);
    return json_pack("{s:s, s:s, s:s}", "pipelineExecutionId", turn == 1 ? p->execution : id, "status", status, "type", "STANDARD");
}

static json_t *action(const struct pipeline_state *p, const char *name, int64_t turn, const char *status, int64_t changed)
{
    char id[37];
    world_uuid(p->sim, p->pipeline->name, turn, id);
    return json_pack("{s:s, s:{s:s, s:s, s:o}}", "actionName", name, "latestExecution", "actionExecutionId", id, "status", status, "lastStatusChange",
                     call_time(changed));
}

static json_t *stage(const struct pipeline_state *p, const char *name, json_t *action_state, int64_t turn, const char *status)
{
    return json_pack("{s:s, s:{s:b}, s:[o], s:o}", "stageName", name, "inboundTransitionState", "enabled", 1, "actionStates", action_state,
                     "latestExecution", execution(p, turn, status));
}

static json_t *source_stage(const struct pipeline_state *p)
{
    json_t *state = action(p, SOURCE, 3, "Succeeded", p->since - 20 * SECOND_MS);
    json_object_set_new(state, "currentRevision", json_pack("{s:s, s:s, s:o}", "revisionId", p->pipeline->revision, "revisionChangeId",
                                                            p->pipeline->revision, "created", call_time(p->since - 25 * SECOND_MS)));
    json_object_set_new(json_object_get(state, "latestExecution"), "summary",
                        json_string(p->pipeline->summary ? p->pipeline->summary : p->pipeline->revision));
    return stage(p, SOURCE, state, 1, "Succeeded");
}

static json_t *approve_stage(const struct pipeline_state *p)
{
    static const char *const statuses[] = {[PIPELINE_WAITS] = "InProgress", [PIPELINE_DEPLOYS] = "Succeeded", [PIPELINE_DONE] = "Succeeded",
                                           [PIPELINE_REJECTED] = "Failed",  [PIPELINE_EXPIRED] = "Failed"};
    bool waits = p->step == PIPELINE_WAITS;
    json_t *state = action(p, ACTION, 4, statuses[p->step], waits ? p->since : p->changed_at), *latest = json_object_get(state, "latestExecution");
    if (waits)
        json_object_set_new(latest, "token", json_string(p->token));
    if (p->summary)
        json_object_set_new(latest, "summary", json_string(p->summary));
    if (*p->by)
        json_object_set_new(latest, "lastUpdatedBy", json_string(p->by));
    if (p->step == PIPELINE_REJECTED || p->step == PIPELINE_EXPIRED)
        json_object_set_new(latest, "errorDetails",
                            json_pack("{s:s, s:s}", "code", p->step == PIPELINE_REJECTED ? "Rejected" : "ApprovalTimedOut", "message",
                                      p->step == PIPELINE_REJECTED ? "The approval was rejected." : "The approval was not given within seven days."));
    if (p->pipeline->link)
        json_object_set_new(state, "entityUrl", json_string(p->pipeline->link));
    return stage(p, GATE, state, 1, statuses[p->step]);
}

/* Until this execution gets there it shows the one before. */
static json_t *deploy_stage(const struct pipeline_state *p)
{
    bool reached = p->step == PIPELINE_DEPLOYS || p->step == PIPELINE_DONE;
    const char *status = p->step == PIPELINE_DEPLOYS ? "InProgress" : "Succeeded";
    int64_t turn = reached ? 1 : 6;
    return stage(p, DEPLOY, action(p, DEPLOY, reached ? 5 : 7, status, reached ? p->changed_at : p->since - 3 * DAY_MS), turn, status);
}

static json_t *get_pipeline_state(struct aws_call *call)
{
    const struct pipeline_state *p = find(call, json_text_or(call->input, "name", ""));
    if (!p)
        return NULL;
    return json_pack("{s:s, s:I, s:[o, o, o], s:o, s:o}", "pipelineName", p->pipeline->name, "pipelineVersion",
                     (json_int_t)(p->pipeline->version ? p->pipeline->version : 1), "stageStates", source_stage(p), approve_stage(p), deploy_stage(p),
                     "created", call_time(made(p)), "updated", call_time(made(p)));
}

static bool gate_good(struct aws_call *call)
{
    const char *name = json_text_or(call->input, "stageName", ""), *action_name = json_text_or(call->input, "actionName", "");
    if (strcmp(name, SOURCE) != 0 && strcmp(name, GATE) != 0 && strcmp(name, DEPLOY) != 0)
        return call_fail(call, "StageNotFoundException", "Pipeline does not have a stage with name '%s'", name) != NULL;
    if (strcmp(name, GATE) == 0 && strcmp(action_name, ACTION) == 0)
        return true;
    return call_fail(call, "ActionNotFoundException", "Stage '%s' does not have an approval action with name '%s'", name, action_name) != NULL;
}

static json_t *put_approval_result(struct aws_call *call)
{
    struct pipeline_state *p = find(call, json_text_or(call->input, "pipelineName", ""));
    const char *summary = json_text_or(call->input, "result.summary", "");
    bool approved = strcmp(json_text_or(call->input, "result.status", ""), "Approved") == 0;
    if (!p || !gate_good(call))
        return NULL;
    if (strcmp(json_text_or(call->input, "token", ""), p->token) != 0)
        return call_fail(call, "InvalidApprovalTokenException", "Invalid approval token");
    if (p->step != PIPELINE_WAITS)
        return call_fail(call, "ApprovalAlreadyCompletedException", "The approval action has already been approved or rejected.");
    if (strlen(summary) > 512)
        return call_fail(call, "ValidationException",
                         "1 validation error detected: Value at 'result.summary' failed to satisfy constraint: Member must have "
                                                      "length less than or equal to 512");
    free(p->summary);
    p->summary = mem_strdup(summary);
    text_copy(p->by, sizeof p->by, call->who->arn);
    move(p, approved ? PIPELINE_DEPLOYS : PIPELINE_REJECTED, call->now);
    if (approved)
        world_at(call->sim, call->now + world_span(call->sim, p->execution, 0, 90, 180) * SECOND_MS, deployed, p);
    return json_pack("{s:o}", "approvedAt", call_time(call->now));
}

const struct aws_handler aws_codepipeline[] = {{"codepipeline", "ListPipelines", list_pipelines},
                                               {"codepipeline", "GetPipelineState", get_pipeline_state},
                                               {"codepipeline", "PutApprovalResult", put_approval_result},
                                               {NULL}};
