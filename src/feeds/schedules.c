/* Schedules of EventBridge Scheduler by which trivet has a development account stopped and started: names first, then each by itself. */
#include <stdlib.h>

#include "base/mem.h"
#include "estate/schedule.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

#define UNIVERSAL "arn:aws:scheduler:::aws-sdk:"

typedef VEC(struct scheduled) scheduled_rows;

struct reading {
    struct calls calls;
    scheduled_rows rows;
};

/* Its target's input: a document within the document. */
static void map_target(const json_t *row, struct scheduled *out)
{
    const char *arn = json_text_or(row, "Target.Arn", ""), *text = json_text_or(row, "Target.Input", "{}");
    struct error unreadable = {0};
    json_t *input = json_load(text, strlen(text), &unreadable);
    bool stops = !strcmp(arn, UNIVERSAL "rds:stopDBInstance"), starts = !strcmp(arn, UNIVERSAL "rds:startDBInstance");
    const json_t *desired = json_object_get(json_object_get(input, "ScalingConfig"), "DesiredSize");
    if (stops || starts) {
        FIELD(out->subject, input, "DbInstanceIdentifier");
        out->does = stops ? SCHEDULED_STOP_DATABASE : SCHEDULED_START_DATABASE;
    } else if (!strcmp(arn, UNIVERSAL "eks:updateNodegroupConfig") && json_is_integer(desired)) {
        FIELD(out->subject, input, "NodegroupName");
        out->does = json_integer_value(desired) == 0 ? SCHEDULED_STOP_NODES : SCHEDULED_START_NODES;
        out->desired = json_integer_value(desired) > 0 && json_integer_value(desired) <= 1000 ? (int)json_integer_value(desired) : -1;
    }
    json_decref(input);
}

void map_scheduled(const json_t *row, struct scheduled *out)
{
    *out = (struct scheduled){.does = SCHEDULED_OTHER, .desired = -1, .enabled = !text_equal(json_text(row, "State"), "DISABLED"),
                              .not_before = json_when(row, "StartDate")};
    FIELD(out->name, row, "Name");
    FIELD(out->expression, row, "ScheduleExpression");
    text_clean(out->timezone, sizeof out->timezone, json_text_or(row, "ScheduleExpressionTimezone", "UTC"),
               strlen(json_text_or(row, "ScheduleExpressionTimezone", "UTC")));
    map_target(row, out);
}

static void end(struct feed_run *run)
{
    struct reading *r = run->state;
    vec_free(&r->rows);
    free(r);
    run->state = NULL;
}

static void finish(struct feed_run *run, const struct error *error)
{
    struct reading *r = run->state;
    if (!error)
        schedules_set(feeds_estate(run->feeds), run->account, r->rows.at, r->rows.len, loop_wall(feeds_loop(run->feeds)));
    end(run);
    feed_end(run, error);
}

static void got_schedule(struct feed_run *run, json_t *output, void *arg)
{
    (void)arg;
    map_scheduled(output, vec_add(&((struct reading *)run->state)->rows));
}

static void got_names(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    size_t i;
    json_t *row;
    (void)arg;
    json_array_foreach(json_at(output, "Schedules"), i, row)
        calls_each(&r->calls, "scheduler", "GetSchedule", json_pack("{s:s, s:s}", "GroupName", "default", "Name", json_text_or(row, "Name", "")),
                   NULL, got_schedule, NULL);
}

static void start(struct feed_run *run)
{
    static const struct aws_call_options pages = {.all_pages = true};
    struct reading *r = mem_new(sizeof *r);
    char prefix[64];
    run->state = r;
    calls_begin(&r->calls, run, finish);
    calls_add(&r->calls, "scheduler", "ListSchedules",
              json_pack("{s:s, s:s}", "GroupName", "default", "NamePrefix", scheduled_prefix(run->config, prefix, sizeof prefix)), &pages, got_names,
              NULL);
    calls_end(&r->calls);
}

static void stop(struct feed_run *run)
{
    if (!run->state)
        return;
    calls_cancel(&((struct reading *)run->state)->calls);
    end(run);
}

static bool wanted(const struct account_config *account) { return account->kind == ACCOUNT_DEVELOPMENT; }

const struct feed_type feed_schedules = {
    .feed = FEED_SCHEDULES, .interval_ms = 300000, .focus_ms = 30000, .wanted = wanted, .start = start, .stop = stop};
