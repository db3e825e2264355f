/* Development goes to sleep (Deployments, node groups, databases, in that order) and wakes in reverse, each part waited for. */
#include <string.h>

#include "actions/dev_steps.h"
#include "actions/kube_steps.h"
#include "base/when.h"
#include "estate/schedule.h"

#define FEEDS (FEED_BIT(FEED_DATABASE) | FEED_BIT(FEED_DEPLOYMENTS) | FEED_BIT(FEED_HPAS) | FEED_BIT(FEED_NODE_GROUPS))
#define STOP_FEEDS (FEEDS | FEED_BIT(FEED_SCHEDULES))

static const struct {
    enum feed feed;
    const char *what;
} parts[] = {{FEED_DEPLOYMENTS, "deployments"}, {FEED_NODE_GROUPS, "node groups"}, {FEED_DATABASE, "databases"}};

/* What is not known would be left running without a word. */
static bool all_known(const struct action *a, struct error *e)
{
    char text[600];
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const struct slice *slice = &a->account->slices[parts[i].feed];
        if (slice->state != SLICE_NONE && !slice_has_data(slice)) {
            error_set(e, ERROR_SERVICE, "Unknown", "the %s of %s could not be read: %s", parts[i].what, a->account->config->name,
                      slice->error.kind != ERROR_NONE ? error_text(&slice->error, text, sizeof text) : "no answer");
            return false;
        }
    }
    return true;
}

/* Add-ons of the cluster itself end with their nodes. */
static void plan_deployments(struct action *a, const struct step_type *type)
{
    for (size_t i = 0; i < a->account->cluster.deployments.len; i++) {
        const struct deployment *d = &a->account->cluster.deployments.at[i];
        char target[256];
        if (text_starts(d->ns, "kube-"))
            continue;
        json_t *with = deployment_with(d->ns, d->name);
        json_object_set_new(with, "min", json_integer(deployment_least(a->account, d)));
        text_format(target, sizeof target, "%s/%s", d->ns, d->name);
        plan_step(a, type, target, with);
    }
}

static void plan_groups(struct action *a, const struct step_type *type)
{
    for (size_t i = 0; i < a->account->node_groups.len; i++)
        plan_step(a, type, a->account->node_groups.at[i].name,
                  json_pack("{s:s, s:s}", "cluster", a->account->config->cluster.name, "name", a->account->node_groups.at[i].name));
}

static void plan_databases(struct action *a, const struct step_type *type)
{
    for (size_t i = 0; i < a->account->database.instances.len; i++)
        plan_step(a, type, a->account->database.instances.at[i].id, json_pack("{s:s}", "id", a->account->database.instances.at[i].id));
}

/* Before a stop. */

static void check_kept_up(struct action *a)
{
    static const char title[] = "nobody asked to keep it up";
    const struct shutdown_config *plan = &a->account->config->auto_shutdown;
    const struct slice *slice = &a->account->slices[FEED_SCHEDULES];
    int64_t until = schedule_kept_until(a->account, action_now(a));
    char text[600];
    if (!slice_has_data(slice))
        gate_add(&a->gate, "kept-up", title, GATE_UNKNOWN, "the schedules could not be read: %s",
                 slice->error.kind != ERROR_NONE ? error_text(&slice->error, text, sizeof text) : "no answer");
    else if (!until)
        gate_add(&a->gate, "kept-up", title, GATE_PASS, "nobody did");
    else
        gate_add(&a->gate, "kept-up", title, GATE_FAIL, "it is to be kept up until %s",
                 plan->zone ? schedule_moment(plan, until, text, sizeof text) : when_iso(until, text, sizeof text));
}

/* Told, not judged: who stops it by day has a reason or takes the line for a warning. */
static void tell_plan(struct action *a)
{
    struct schedule_next next;
    char moment[120];
    if (!schedule_next(&a->account->config->auto_shutdown, action_now(a), &next))
        return;
    if (next.stop_at < next.start_at)
        gate_add(&a->gate, "plan", "by the plan", GATE_PASS, "it would be up until %s",
                 schedule_moment(&a->account->config->auto_shutdown, next.stop_at, moment, sizeof moment));
    else
        gate_add(&a->gate, "plan", "by the plan", GATE_PASS, "it sleeps until %s",
                 schedule_moment(&a->account->config->auto_shutdown, next.start_at, moment, sizeof moment));
}

static void check_databases(struct action *a)
{
    for (size_t i = 0; i < a->account->database.instances.len; i++) {
        const struct database *d = &a->account->database.instances.at[i];
        enum gate_verdict verdict = !*d->status ? GATE_UNKNOWN : database_step_possible(d->status) ? GATE_PASS : GATE_FAIL;
        gate_add(&a->gate, "database", "database can be stopped", verdict, "%s: %s", d->id, *d->status ? d->status : "its state was not told");
    }
}

static void check_stop(struct action *a)
{
    check_kept_up(a);
    check_databases(a);
    tell_plan(a);
}

static bool plan_stop(struct action *a, struct error *e)
{
    if (!all_known(a, e))
        return false;
    plan_deployments(a, &step_deployment_down);
    plan_groups(a, &step_node_group_down);
    plan_databases(a, &step_database_stop);
    return true;
}

static bool plan_start(struct action *a, struct error *e)
{
    if (!all_known(a, e))
        return false;
    plan_databases(a, &step_database_start);
    plan_groups(a, &step_node_group_up);
    plan_deployments(a, &step_deployment_up);
    return true;
}

const struct action_type action_dev_stop = {.name = "dev-stop",
                                            .verb = "stop",
                                            .key = 's',
                                            .about = "stop development: pods to zero, nodes to zero, database stopped",
                                            .on = TARGET_ACCOUNT,
                                            .kinds = KIND_BIT(ACCOUNT_DEVELOPMENT),
                                            .needs = NEEDS_OPERATOR | USES_CLUSTER,
                                            .feeds = STOP_FEEDS,
                                            .preflight = check_stop,
                                            .plan = plan_stop};

const struct action_type action_dev_start = {.name = "dev-start",
                                             .verb = "start",
                                             .key = 'w',
                                             .about = "wake development: database, nodes, pods, each waited for",
                                             .on = TARGET_ACCOUNT,
                                             .kinds = KIND_BIT(ACCOUNT_DEVELOPMENT),
                                             .needs = NEEDS_OPERATOR | USES_CLUSTER,
                                             .feeds = FEEDS,
                                             .plan = plan_start};
