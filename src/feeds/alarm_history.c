/* How CloudWatch's alarms have turned in the last day, newest first: what DescribeAlarms, which knows only the present, cannot tell of an alarm that
 * is over. */
#include <stdlib.h>

#include "base/mem.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

#define BACK_MS INT64_C(86400000)

void map_alarm_turn(const json_t *row, struct alarm_turn *turn)
{
    struct error e = {0};
    const char *whole = json_text_or(row, "HistoryData", "");
    json_t *data = json_load_reply(whole, strlen(whole), &e); /* a document in a text, which is no part of the model */
    *turn = (struct alarm_turn){.at = json_when(row, "Timestamp")};
    FIELD(turn->name, row, "AlarmName");
    FIELD(turn->from, data, "oldState.stateValue");
    FIELD(turn->to, data, "newState.stateValue");
    FIELD(turn->reason, data, "newState.stateReason");
    json_decref(data);
}

struct reading {
    struct calls calls;
    VEC(struct alarm_turn) rows;
    bool any;
};

static void got_turns(struct feed_run *run, json_t *output, void *own)
{
    struct reading *r = run->state;
    size_t i;
    json_t *row;
    r->any |= own != NULL;
    json_array_foreach(json_at(output, "AlarmHistoryItems"), i, row)
        map_alarm_turn(row, vec_add(&r->rows));
}

static int newest_first(const void *a, const void *b)
{
    int64_t x = ((const struct alarm_turn *)a)->at, y = ((const struct alarm_turn *)b)->at;
    return x < y ? 1 : x > y ? -1 : 0;
}

static void stop(struct feed_run *run)
{
    struct reading *r = run->state;
    if (!r)
        return;
    calls_cancel(&r->calls);
    vec_free(&r->rows);
    free(r);
    run->state = NULL;
}

static void done(struct feed_run *run, const struct error *error)
{
    struct reading *r = run->state;
    bool any = r->any;
    if (r->rows.len)
        qsort(r->rows.at, r->rows.len, sizeof *r->rows.at, newest_first);
    if (any)
        alarm_turns_set(feeds_estate(run->feeds), run->account, r->rows.at, r->rows.len);
    stop(run);
    feed_end_partly(run, any, error);
}

static void start(struct feed_run *run)
{
    static const struct aws_call_options pages = {.all_pages = true, .max_items = ALARM_TURNS_MAX, .some = true};
    struct reading *r = run->state = mem_new(sizeof *r);
    json_t *input = json_pack("{s:s, s:I, s:i, s:s, s:[s, s]}", "HistoryItemType", "StateUpdate", "StartDate",
                              (json_int_t)((loop_wall(feeds_loop(run->feeds)) - BACK_MS) / 1000), "MaxRecords", 100, "ScanBy", "TimestampDescending",
                              "AlarmTypes", "MetricAlarm", "CompositeAlarm");
    calls_begin(&r->calls, run, done);
    calls_both(&r->calls, "cloudwatch", "DescribeAlarmHistory", input, &pages, got_turns);
    calls_end(&r->calls);
}

const struct feed_type feed_alarm_history = {
    .feed = FEED_ALARM_HISTORY, .interval_ms = 300000, .focus_ms = 30000, .start = start, .stop = stop, .focus_only = true};
