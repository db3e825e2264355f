/* The gate before production: a run on GitHub or a pipeline of CodePipeline is let through, or refused, with the reason as its comment; then what it
 * brings about is followed until it has settled, or until it is plain that it fails, with the digest to go back to. */
#include "actions/release.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

#define GATE_FEEDS \
    (FEED_BIT(FEED_RELEASES) | FEED_BIT(FEED_IMAGES) | FEED_BIT(FEED_DEPLOYMENTS) | FEED_BIT(FEED_PODS) | FEED_BIT(FEED_ALARMS) | \
     FEED_BIT(FEED_DATABASE))

const struct release *release_target(const struct action *a)
{
    return a->target.kind == TARGET_PIPELINE ? release_pipeline(&a->account->pipelines, a->target.name)
                                             : release_find(&a->account->releases, strtoll(a->target.name, NULL, 10));
}

/* Whether it is there at all is told by the plan. */
static void check_approval(struct action *a)
{
    const struct release *r = release_target(a);
    if (!r)
        return;
    gate_look(action_estate(a), a->target.account, r, action_now(a), &a->gate);
    gate_busy(a, true);
}

static void check_rejection(struct action *a)
{
    const struct release *r = release_target(a);
    if (r)
        gate_rights(action_estate(a), a->target.account, r, action_now(a), &a->gate);
}

/* False with why there is nothing to review. */
static const struct release *waiting(struct action *a, struct error *e)
{
    char text[600];
    bool pipeline = a->target.kind == TARGET_PIPELINE;
    const struct release *r = release_target(a);
    const struct slice *slice = &a->account->slices[pipeline ? FEED_PIPELINES : FEED_RELEASES];
    if (!slice_has_data(slice))
        error_set(e, ERROR_SERVICE, "", "what waits could not be read: %s",
                  slice->error.kind != ERROR_NONE ? error_text(&slice->error, text, sizeof text) : "no answer");
    else if (!r)
        error_set(e, ERROR_INPUT, "", "%s %s is not there (any more)", pipeline ? "pipeline" : "run", a->target.name);
    else if (r->state != RELEASE_WAITING)
        error_set(e, ERROR_INPUT, "", "nothing of %s%s waits: it is %s%s%s", pipeline ? "" : "run ", a->target.name, release_state_name(r->state),
                  *r->reviewed ? ", " : "", r->reviewed);
    else if (!pipeline && !r->environment_id)
        error_set(e, ERROR_SERVICE, "", "GitHub does not tell at which environment run %s waits", a->target.name);
    else
        return r;
    return NULL;
}

/* A run on GitHub. */

static void plan_review(struct action *a, const struct release *r, bool approve)
{
    plan_step(a, &step_release_review, a->target.name,
              json_pack("{s:s, s:I, s:I, s:s, s:I, s:s, s:i, s:b}", "repository", a->account->releases.repository, "run", (json_int_t)r->id, "number",
                        (json_int_t)r->number, "environment", r->environment, "environment_id", (json_int_t)r->environment_id, "reviewers",
                        r->reviewers, "reviews", r->reviews > 0 ? r->reviews : 0, "approve", (int)approve));
}

static bool plan_rejection(struct action *a, struct error *e)
{
    const struct release *r = waiting(a, e);
    if (r)
        plan_review(a, r, false);
    return r != NULL;
}

static void plan_rollout(struct action *a, const struct release *r)
{
    const struct release *good = release_last_good(&a->account->releases, r->workflow);
    json_t *plan = rollout_plan(a->account, &a->gate);
    char label[24] = "";
    if (!plan)
        return;
    if (good)
        release_label(&a->account->releases, good, label, sizeof label);
    json_object_set_new(plan, "back", json_string(label));
    plan_step(a, &step_release_rollout, a->account->config->name, plan);
}

static bool plan_approval(struct action *a, struct error *e)
{
    const struct release *r = waiting(a, e);
    if (!r)
        return false;
    plan_review(a, r, true);
    plan_step(a, &step_release_run, a->target.name,
              json_pack("{s:s, s:I, s:I}", "repository", a->account->releases.repository, "run", (json_int_t)r->id, "number", (json_int_t)r->number));
    plan_rollout(a, r);
    return true;
}

const struct step *release_step(const struct action *a, const struct step_type *type)
{
    for (size_t i = 0; i < a->step_count; i++)
        if (a->steps[i]->type == type)
            return a->steps[i];
    return NULL;
}

static bool is_reviewed(const struct action *a)
{
    const struct step *s = release_step(a, &step_release_review);
    return s && (s->state == STEP_DONE || s->state == STEP_SKIPPED);
}

/* What has come of it in one line, and where to go back to if it fails. */
static void conclude_approval(struct action *a)
{
    const struct step *rollout = release_step(a, &step_release_rollout);
    char back[160], text[600];
    const char *before = rollout ? json_text_or(rollout->with, "back", "") : "";
    if (a->outcome == OUTCOME_FAILED && rollout && is_reviewed(a))
        text_format(a->summary, sizeof a->summary, "%.120s; back: %s%s%s%s", error_text(&a->error, text, sizeof text),
                    rollout_back(rollout->with, back, sizeof back), *before ? " (release " : "", before, *before ? ")" : "");
    else if (a->outcome == OUTCOME_DONE && rollout)
        text_format(a->summary, sizeof a->summary, "release %s has settled: %s", a->target.name, rollout->evidence);
    else if (a->outcome == OUTCOME_DONE)
        text_format(a->summary, sizeof a->summary, "run %s has succeeded; the registry has no image of it, so the cluster was not watched",
                    a->target.name);
    action_finished(a);
}

static void conclude_rejection(struct action *a)
{
    if (a->outcome == OUTCOME_DONE && a->step_count)
        text_format(a->summary, sizeof a->summary, "%s%s: %s", a->target.kind == TARGET_PIPELINE ? "" : "run ", a->target.name,
                    a->steps[0]->evidence);
    action_finished(a);
}

const struct action_type action_release_approve = {.name = "release-approve",
                                                   .verb = "approve",
                                                   .key = 'a',
                                                   .about = "let the run into production, and watch it arrive",
                                                   .on = TARGET_RELEASE,
                                                   .kinds = KIND_BIT(ACCOUNT_PRODUCTION),
                                                   .needs = NEEDS_GITHUB,
                                                   .feeds = GATE_FEEDS,
                                                   .introduce = release_introduce,
                                                   .preflight = check_approval,
                                                   .plan = plan_approval,
                                                   .finish = conclude_approval,
                                                   .tell = release_tell,
                                                   .forget = release_forget};

const struct action_type action_release_reject = {.name = "release-reject",
                                                  .verb = "reject",
                                                  .key = 'r',
                                                  .about = "refuse the run, with a comment",
                                                  .on = TARGET_RELEASE,
                                                  .kinds = KIND_BIT(ACCOUNT_PRODUCTION),
                                                  .needs = NEEDS_GITHUB,
                                                  .feeds = FEED_BIT(FEED_RELEASES),
                                                  .needs_reason = true,
                                                  .introduce = release_introduce,
                                                  .preflight = check_rejection,
                                                  .plan = plan_rejection,
                                                  .finish = conclude_rejection,
                                                  .forget = release_forget};

/* A pipeline. */

static json_t *pipeline_with(const struct release *r, bool approve)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:b}", "pipeline", r->pipeline, "stage", r->stage, "action", r->action, "execution", r->execution,
                     "approve", (int)approve);
}

static bool plan_pipeline_approval(struct action *a, struct error *e)
{
    const struct release *r = waiting(a, e);
    if (!r)
        return false;
    plan_step(a, &step_pipeline_review, r->pipeline, pipeline_with(r, true));
    plan_step(a, &step_pipeline_deploy, r->pipeline, pipeline_with(r, true));
    return true;
}

static bool plan_pipeline_rejection(struct action *a, struct error *e)
{
    const struct release *r = waiting(a, e);
    if (r)
        plan_step(a, &step_pipeline_review, r->pipeline, pipeline_with(r, false));
    return r != NULL;
}

static void conclude_pipeline(struct action *a)
{
    if (a->outcome == OUTCOME_DONE && a->step_count == 2)
        text_format(a->summary, sizeof a->summary, "%s: %s; %s", a->target.name, a->steps[0]->evidence, a->steps[1]->evidence);
    action_finished(a);
}

const struct action_type action_pipeline_approve = {.name = "pipeline-approve",
                                                    .verb = "approve",
                                                    .key = 'a',
                                                    .about = "give the approval that the pipeline waits for, and watch the stages after it",
                                                    .on = TARGET_PIPELINE,
                                                    .needs = NEEDS_OPERATOR,
                                                    .feeds = FEED_BIT(FEED_PIPELINES) | FEED_BIT(FEED_ALARMS),
                                                    .introduce = release_introduce,
                                                    .preflight = check_approval,
                                                    .plan = plan_pipeline_approval,
                                                    .finish = conclude_pipeline,
                                                    .forget = release_forget};

const struct action_type action_pipeline_reject = {.name = "pipeline-reject",
                                                   .verb = "reject",
                                                   .key = 'r',
                                                   .about = "refuse the approval that the pipeline waits for, with a comment",
                                                   .on = TARGET_PIPELINE,
                                                   .needs = NEEDS_OPERATOR,
                                                   .feeds = FEED_BIT(FEED_PIPELINES),
                                                   .needs_reason = true,
                                                   .introduce = release_introduce,
                                                   .preflight = check_rejection,
                                                   .plan = plan_pipeline_rejection,
                                                   .finish = conclude_rejection,
                                                   .forget = release_forget};
