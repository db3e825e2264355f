/* Development's nights without anybody awake: schedules of EventBridge Scheduler that stop and start the database and the node groups by universal
 * targets. Pods have none: `trivet dev stop` from a timer does all of it. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "actions/schedule_steps.h"
#include "base/json.h"
#include "base/text.h"
#include "base/when.h"
#include "estate/schedule.h"

#define FEEDS     (FEED_BIT(FEED_SCHEDULES) | FEED_BIT(FEED_DATABASE) | FEED_BIT(FEED_NODE_GROUPS))
#define UNIVERSAL "arn:aws:scheduler:::aws-sdk:"
#define HOUR_MS   INT64_C(3600000)
/* A call that fails is tried again for half an hour and no longer: a stop must not come through in the morning. */
#define RETRY_S     1800
#define RETRY_TIMES 10

static bool is_known(const struct action *a, enum feed feed, const char *what, struct error *e)
{
    const struct slice *slice = &a->account->slices[feed];
    char text[600];
    if (slice->state == SLICE_NONE || slice_has_data(slice))
        return true;
    error_set(e, ERROR_SERVICE, "Unknown", "the %s of %s could not be read: %s", what, a->account->config->name,
              slice->error.kind != ERROR_NONE ? error_text(&slice->error, text, sizeof text) : "no answer");
    return false;
}

/* What is planned of one schedule. */

static void plan_one(struct action *a, const struct step_type *type, const char *name, json_t *take_want, bool drop_start, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

static void plan_one(struct action *a, const struct step_type *type, const char *name, json_t *take_want, bool drop_start, const char *format, ...)
{
    struct str text = STR_INIT(600);
    va_list ap;
    va_start(ap, format);
    str_addv(&text, format, ap);
    va_end(ap);
    plan_step(a, type, name, json_pack("{s:s, s:s, s:o, s:b}", "name", name, "text", str_text(&text), "want", take_want, "drop_start", drop_start));
    str_free(&text);
}

/* Create: as the profile says. */

static json_t *database_input(const char *id) { return json_pack("{s:s}", "DbInstanceIdentifier", id); }

/* The sizes are written into labels by the stop, as `dev stop` does it: whoever wakes it knows them. */
static json_t *nodes_input(const struct action *a, const struct node_group *g, bool stop)
{
    int size = node_group_size(g), least = g->desired > 0 ? g->min : g->min_before;
    char desired[16], min[16];
    text_format(desired, sizeof desired, "%d", size);
    text_format(min, sizeof min, "%d", least > 0 ? least : 0);
    json_t *input = json_pack("{s:s, s:s, s:{s:i, s:i}}", "ClusterName", a->account->config->cluster.name, "NodegroupName", g->name, "ScalingConfig",
                              "MinSize", stop || least < 0 ? 0 : least, "DesiredSize", stop ? 0 : size);
    json_object_set_new(input, "Labels",
                        stop ? json_pack("{s:{s:s, s:s}}", "AddOrUpdateLabels", "trivet.dev/desired", desired, "trivet.dev/min", min)
                             : json_pack("{s:[s, s]}", "RemoveLabels", "trivet.dev/desired", "trivet.dev/min"));
    return input;
}

static json_t *wanted(const struct action *a, const char *api, const char *cron, json_t *take_input)
{
    const struct account_config *config = a->account->config;
    const char *role = config->auto_shutdown.scheduler_role ? config->auto_shutdown.scheduler_role : "TrivetScheduler";
    char arn[2048], target[80];
    char *input = json_dumps(take_input, JSON_COMPACT | JSON_SORT_KEYS);
    text_format(target, sizeof target, UNIVERSAL "%s", api);
    json_t *out = json_pack("{s:s, s:s, s:s, s:{s:s}, s:{s:s, s:s, s:s, s:{s:i, s:i}}}", "ScheduleExpression", cron, "ScheduleExpressionTimezone",
                            config->auto_shutdown.timezone, "State", "ENABLED", "FlexibleTimeWindow", "Mode", "OFF", "Target", "Arn", target,
                            "RoleArn", account_role_arn(config, role, arn, sizeof arn), "Input", input, "RetryPolicy", "MaximumEventAgeInSeconds",
                            RETRY_S, "MaximumRetryAttempts", RETRY_TIMES);
    free(input);
    json_decref(take_input);
    return out;
}

static void plan_create_one(struct action *a, enum scheduled_does does, const char *subject, const char *api, json_t *take_input)
{
    const struct shutdown_config *plan = &a->account->config->auto_shutdown;
    bool stop = does == SCHEDULED_STOP_DATABASE || does == SCHEDULED_STOP_NODES, there = scheduled_find(a->account, does, subject) != NULL;
    char name[SCHEDULED_NAME_MAX], cron[80], what[140];
    schedule_cron(schedule_minutes(stop ? plan->stop : plan->start), plan->weekdays, cron, sizeof cron);
    scheduled_text(does, subject, what, sizeof what);
    plan_one(a, there ? &step_schedule_update : &step_schedule_create, scheduled_name(a->account->config, does, subject, name),
             wanted(a, api, cron, take_input), false, "schedule %s: %s %s %s", what, stop ? plan->stop : plan->start, plan->days, plan->timezone);
}

static bool plan_create(struct action *a, struct error *e)
{
    const struct account *account = a->account;
    if (!account->config->auto_shutdown.stop)
        return error_set(e, ERROR_INPUT, "NoPlan", "the profile has no auto_shutdown for %s", account->config->name), false;
    if (!is_known(a, FEED_SCHEDULES, "schedules", e) || !is_known(a, FEED_DATABASE, "databases", e) ||
        !is_known(a, FEED_NODE_GROUPS, "node groups", e))
        return false;
    for (size_t i = 0; i < account->database.instances.len; i++) {
        const char *id = account->database.instances.at[i].id;
        plan_create_one(a, SCHEDULED_STOP_DATABASE, id, "rds:stopDBInstance", database_input(id));
        plan_create_one(a, SCHEDULED_START_DATABASE, id, "rds:startDBInstance", database_input(id));
    }
    for (size_t i = 0; i < account->node_groups.len; i++) {
        const struct node_group *g = &account->node_groups.at[i];
        if (!node_group_size(g)) /* to how many it should wake nobody can tell */
            continue;
        plan_create_one(a, SCHEDULED_STOP_NODES, g->name, "eks:updateNodegroupConfig", nodes_input(a, g, true));
        plan_create_one(a, SCHEDULED_START_NODES, g->name, "eks:updateNodegroupConfig", nodes_input(a, g, false));
    }
    return true;
}

/* What is done to those that are there. */

static bool there_are_some(struct action *a, struct error *e)
{
    if (!is_known(a, FEED_SCHEDULES, "schedules", e))
        return false;
    if (!a->account->schedules.len)
        error_set(e, ERROR_INPUT, "NoSchedules", "EventBridge has no schedules for %s: `trivet dev schedule create` makes them",
                  a->account->config->name);
    return a->account->schedules.len > 0;
}

static bool plan_pause(struct action *a, struct error *e)
{
    if (!there_are_some(a, e))
        return false;
    for (size_t i = 0; i < a->account->schedules.len; i++)
        plan_one(a, &step_schedule_update, a->account->schedules.at[i].name, json_pack("{s:s}", "State", "DISABLED"), false, "pause schedule %s",
                 a->account->schedules.at[i].name);
    return true;
}

static bool plan_resume(struct action *a, struct error *e)
{
    if (!there_are_some(a, e))
        return false;
    for (size_t i = 0; i < a->account->schedules.len; i++) {
        const struct scheduled *s = &a->account->schedules.at[i];
        plan_one(a, &step_schedule_update, s->name, json_pack("{s:s}", "State", "ENABLED"), true, "let schedule %s go on%s", s->name,
                 s->not_before > action_now(a) ? ", from now on" : "");
    }
    return true;
}

static bool plan_remove(struct action *a, struct error *e)
{
    if (!is_known(a, FEED_SCHEDULES, "schedules", e))
        return false;
    for (size_t i = 0; i < a->account->schedules.len; i++)
        plan_one(a, &step_schedule_delete, a->account->schedules.at[i].name, json_object(), false, "delete schedule %s",
                 a->account->schedules.at[i].name);
    return true;
}

/* Keep up tonight. */

/* Behind the schedule's own next stop, which need not be when the profile says; 0: it cannot be told. */
static int64_t keep_until(const struct action *a, const struct scheduled *s)
{
    int64_t until = schedule_keep_until(&a->account->config->auto_shutdown, action_now(a)), own = 0;
    int minutes;
    uint8_t weekdays;
    struct error unknown = {0};
    struct zone *zone = zone_load(s->timezone, &unknown);
    if (zone && schedule_cron_read(s->expression, &minutes, &weekdays))
        own = schedule_next_at(zone, minutes, weekdays, action_now(a));
    zone_free(zone);
    return !own || own < until ? until : own + HOUR_MS;
}

static bool plan_keep_up(struct action *a, struct error *e)
{
    const struct shutdown_config *plan = &a->account->config->auto_shutdown;
    char moment[120];
    size_t stops = 0;
    if (!is_known(a, FEED_SCHEDULES, "schedules", e))
        return false;
    for (size_t i = 0; i < a->account->schedules.len; i++) {
        const struct scheduled *s = &a->account->schedules.at[i];
        int64_t until = scheduled_stops(s) ? keep_until(a, s) : 0;
        if (!scheduled_stops(s))
            continue;
        if (!until)
            return error_set(e, ERROR_INPUT, "Unreadable", "when %s stops it next cannot be told: %s", s->name, s->expression), false;
        stops++;
        plan_one(a, &step_schedule_update, s->name, json_pack("{s:I}", "StartDate", (json_int_t)(until / 1000)), false,
                 "let schedule %s do nothing before %s", s->name,
                 plan->zone ? schedule_moment(plan, until, moment, sizeof moment) : when_iso(until, moment, sizeof moment));
    }
    if (!stops)
        error_set(e, ERROR_INPUT, "NoSchedules",
                  "no schedule in EventBridge stops %s, so there is none to hold back: `trivet dev schedule create` makes them",
                  a->account->config->name);
    return stops > 0;
}

#define SCHEDULE_ACTION(member, called, typed, letter, words, planned)         \
    const struct action_type member = {.name = called,                         \
                                       .verb = typed,                          \
                                       .key = letter,                          \
                                       .about = words,                         \
                                       .on = TARGET_ACCOUNT,                   \
                                       .kinds = KIND_BIT(ACCOUNT_DEVELOPMENT), \
                                       .needs = NEEDS_OPERATOR,                \
                                       .feeds = FEEDS,                         \
                                       .plan = planned}

SCHEDULE_ACTION(action_dev_keep_up, "dev-keep-up", "keep up", 'k', "keep development up tonight: the next stop is skipped", plan_keep_up);
SCHEDULE_ACTION(action_schedule_create, "schedule-create", "schedule", 'c', "make or correct the schedules in EventBridge, as the profile says",
                plan_create);
SCHEDULE_ACTION(action_schedule_pause, "schedule-pause", "pause", 'p', "pause the schedules: nothing stops or starts it by itself", plan_pause);
SCHEDULE_ACTION(action_schedule_resume, "schedule-resume", "resume", 'r', "let the schedules go on; also takes back \"keep up tonight\"",
                plan_resume);
SCHEDULE_ACTION(action_schedule_remove, "schedule-remove", "remove", 'x', "delete the schedules in EventBridge", plan_remove);
