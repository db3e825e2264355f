/* A pipeline of CodePipeline: its approval given or refused, and the stages after it waited for. */
#include <string.h>

#include "actions/release.h"
#include "base/json.h"
#include "base/text.h"

#define MINUTE_MS INT64_C(60000)

static const char *pipeline_of(const struct step *s) { return json_text_or(s->with, "pipeline", "?"); }
static bool is_approval(const struct step *s) { return json_flag(s->with, "approve", false); }

static void look_at_pipeline(struct step *s, step_got *got)
{
    step_look_aws(s, "codepipeline", "GetPipelineState", json_pack("{s:s}", "name", pipeline_of(s)), NULL, got);
}

static const json_t *named(const json_t *list, const char *member, const char *name, size_t *at)
{
    json_t *one;
    size_t i;
    json_array_foreach(list, i, one)
        if (text_equal(json_text(one, member), name)) {
            if (at)
                *at = i;
            return one;
        }
    return NULL;
}

static const json_t *stage_of(const json_t *state, const struct step *s, size_t *at)
{
    return named(json_object_get(state, "stageStates"), "stageName", json_text_or(s->with, "stage", ""), at);
}

static bool is_our_execution(const json_t *stage, const struct step *s)
{
    return text_equal(json_text(stage, "latestExecution.pipelineExecutionId"), json_text(s->with, "execution"));
}

/* The approval. */

static void describe_review(const struct action *a, const struct step *s, struct str *out)
{
    (void)a;
    str_addf(out, "%s %s at stage %s, action %s", is_approval(s) ? "approve" : "reject", pipeline_of(s), json_text_or(s->with, "stage", "?"),
             json_text_or(s->with, "action", "?"));
}

/* "rosa" of "arn:aws:sts::333333333333:assumed-role/TrivetOperator/rosa". */
static const char *person_of(const json_t *latest)
{
    const char *arn = json_text_or(latest, "lastUpdatedBy", "somebody"), *slash = strrchr(arn, '/');
    return slash && slash[1] ? slash + 1 : arn;
}

static void told_review(struct step *s, const json_t *latest)
{
    bool approved = text_equal(json_text(latest, "status"), "Succeeded"), expired = !json_text(latest, "lastUpdatedBy");
    const char *word = approved ? "approved" : "rejected", *summary = json_text_or(latest, "summary", "");
    if (!approved && expired)
        step_found(s, FOUND_FAILED, "the approval of %s has run out: %s", pipeline_of(s),
                   json_text_or(latest, "errorDetails.message", "nobody gave it in time"));
    else if (approved == is_approval(s))
        step_found(s, FOUND_DONE, "%s by %s%s%.120s", word, person_of(latest), *summary ? ": " : "", summary);
    else
        step_found(s, FOUND_FAILED, "nothing of %s waits any more: it was %s by %s%s%.120s", pipeline_of(s), word, person_of(latest),
                   *summary ? ": " : "", summary);
}

static void got_review(struct action *a, struct step *s, const json_t *state)
{
    const json_t *stage = stage_of(state, s, NULL);
    const json_t *action = named(json_object_get(stage, "actionStates"), "actionName", json_text_or(s->with, "action", ""), NULL);
    const json_t *latest = json_object_get(action, "latestExecution");
    const char *token = json_text(latest, "token");
    struct release_own *own = release_own(a);
    if (!action)
        step_found(s, FOUND_FAILED, "%s has no such approval any more", pipeline_of(s));
    else if (!is_our_execution(stage, s))
        step_found(s, FOUND_FAILED, "another execution of %s has taken its place", pipeline_of(s));
    else if (!text_equal(json_text(latest, "status"), "InProgress"))
        told_review(s, latest);
    else {
        text_copy(own->token, sizeof own->token, token ? token : "");
        step_found(s, token ? FOUND_TODO : FOUND_UNDERWAY, "waits at stage %s", json_text_or(s->with, "stage", "?"));
    }
}

static void look_review(struct action *a, struct step *s)
{
    (void)a;
    look_at_pipeline(s, got_review);
}

static void call_review(struct action *a, struct step *s)
{
    struct release_own *own = release_own(a);
    step_call_aws(s, "codepipeline", "PutApprovalResult",
                  json_pack("{s:s, s:s, s:s, s:s, s:{s:s, s:s}}", "pipelineName", pipeline_of(s), "stageName", json_text_or(s->with, "stage", ""),
                            "actionName", json_text_or(s->with, "action", ""), "token", own->token, "result", "summary", a->reason, "status",
                            is_approval(s) ? "Approved" : "Rejected"),
                  NULL);
    explicit_bzero(own->token, sizeof own->token);
}

static void explain_review(const struct action *a, const struct step *s, struct error *e)
{
    if (error_is(e, "InvalidApprovalTokenException") || error_is(e, "ApprovalAlreadyCompletedException"))
        text_format(e->message, sizeof e->message,
                    "this approval of %s is over: somebody has given or refused it meanwhile, or another execution has come", pipeline_of(s));
    else if (error_is(e, "AccessDeniedException"))
        text_format(e->message, sizeof e->message,
                    "the operator role of %s may not answer approvals: it needs codepipeline:PutApprovalResult on the action",
                    a->account->config->name);
}

static const char *const review_moved[] = {"InvalidApprovalTokenException", "ApprovalAlreadyCompletedException", NULL};

const struct step_type step_pipeline_review = {.name = "pipeline-review",
                                               .api = "codepipeline PutApprovalResult",
                                               .describe = describe_review,
                                               .look = look_review,
                                               .call = call_review,
                                               .explain = explain_review,
                                               .moved = review_moved,
                                               .every_ms = 2000,
                                               .limit_ms = 2 * MINUTE_MS,
                                               .once = true};

/* What comes after it. */

static void describe_deploy(const struct action *a, const struct step *s, struct str *out)
{
    (void)a;
    str_addf(out, "wait for the stages of %s after %s", pipeline_of(s), json_text_or(s->with, "stage", "?"));
}

static const json_t *action_with(const json_t *stage, const char *status)
{
    size_t i;
    json_t *action;
    json_array_foreach(json_object_get(stage, "actionStates"), i, action)
        if (text_equal(json_text(action, "latestExecution.status"), status))
            return action;
    return NULL;
}

/* One stage; true if it has gone well, so that the next one counts. */
static bool told_stage(struct step *s, const json_t *stage)
{
    const char *name = json_text_or(stage, "stageName", "?"), *status = json_text_or(stage, "latestExecution.status", "");
    const json_t *failed = action_with(stage, "Failed"), *open = action_with(stage, "InProgress");
    if (!is_our_execution(stage, s))
        step_found(s, FOUND_UNDERWAY, "stage %s has not begun", name);
    else if (strcmp(status, "Succeeded") == 0)
        return true;
    else if (json_text(open, "latestExecution.token"))
        step_found(s, FOUND_DONE, "waits for the next approval, at stage %s", name);
    else if (strcmp(status, "InProgress") == 0)
        step_found(s, FOUND_UNDERWAY, "stage %s%s%s goes on", name, open ? ", " : "", open ? json_text_or(open, "actionName", "?") : "");
    else
        step_found(s, FOUND_FAILED, "stage %s %s%s%s: %s", name, status, failed ? " in " : "", failed ? json_text_or(failed, "actionName", "?") : "",
                   json_text_or(failed, "latestExecution.errorDetails.message", "no reason given"));
    return false;
}

static void got_deploy(struct action *a, struct step *s, const json_t *state)
{
    const json_t *stages = json_object_get(state, "stageStates");
    size_t at = 0;
    (void)a;
    if (!stage_of(state, s, &at)) {
        step_found(s, FOUND_FAILED, "%s has no stage %s any more", pipeline_of(s), json_text_or(s->with, "stage", "?"));
        return;
    }
    for (at++; at < json_array_size(stages); at++)
        if (!told_stage(s, json_array_get(stages, at)))
            return;
    step_found(s, FOUND_DONE, "every stage has succeeded");
}

static void look_deploy(struct action *a, struct step *s)
{
    (void)a;
    look_at_pipeline(s, got_deploy);
}

const struct step_type step_pipeline_deploy = {.name = "pipeline-deploy",
                                               .describe = describe_deploy,
                                               .look = look_deploy,
                                               .every_ms = 5000,
                                               .limit_ms = 6 * 60 * MINUTE_MS,
                                               .waits = true};
