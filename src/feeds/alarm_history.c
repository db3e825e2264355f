/* How CloudWatch's alarms have turned in the last day, newest first: what DescribeAlarms, which knows only the present, cannot tell of an alarm that
 * is over. */

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

static void answered(struct feed_run *run, json_t *output)
{
    VEC(struct alarm_turn) rows = {0};
    size_t i;
    json_t *row;
    json_array_foreach(json_at(output, "AlarmHistoryItems"), i, row)
        map_alarm_turn(row, vec_add(&rows));
    alarm_turns_set(feeds_estate(run->feeds), run->account, rows.at, rows.len);
    vec_free(&rows);
}

static void start(struct feed_run *run)
{
    static const struct aws_call_options pages = {.all_pages = true, .max_items = ALARM_TURNS_MAX};
    json_t *input = json_pack("{s:s, s:I, s:i, s:s, s:[s, s]}", "HistoryItemType", "StateUpdate", "StartDate",
                              (json_int_t)((loop_wall(feeds_loop(run->feeds)) - BACK_MS) / 1000), "MaxRecords", 100, "ScanBy", "TimestampDescending",
                              "AlarmTypes", "MetricAlarm", "CompositeAlarm");
    feed_call(run, "cloudwatch", "DescribeAlarmHistory", input, &pages, answered);
}

const struct feed_type feed_alarm_history = {
    .feed = FEED_ALARM_HISTORY, .interval_ms = 300000, .focus_ms = 30000, .start = start, .stop = feed_call_stop, .focus_only = true};
