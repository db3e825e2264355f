/* CloudWatch alarms, metric and composite. */
#include <math.h>

#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

void map_alarm(const json_t *row, struct alarm *alarm)
{
    const char *state = json_text_or(row, "StateValue", "");
    *alarm = (struct alarm){.state = text_equal(state, "OK") ? ALARM_OK : text_equal(state, "ALARM") ? ALARM_ALARM : ALARM_NO_DATA,
                            .since = json_when(row, "StateUpdatedTimestamp"),
                            .threshold = json_number(row, "Threshold", NAN),
                            .actions = json_flag(row, "ActionsEnabled", false) && json_array_size(json_at(row, "AlarmActions")) > 0};
    FIELD(alarm->name, row, "AlarmName");
    FIELD(alarm->arn, row, "AlarmArn");
    FIELD(alarm->reason, row, "StateReason");
    FIELD(alarm->metric, row, "MetricName");
    FIELD(alarm->namespace_, row, "Namespace");
}

static void answered(void *arg, json_t *output, const struct error *error)
{
    static const char *const lists[] = {"MetricAlarms", "CompositeAlarms"};
    struct feed_run *run = arg;
    VEC(struct alarm) rows = {0};
    size_t i;
    json_t *row;
    run->state = NULL;
    if (error) {
        feed_failed(run, error);
        return;
    }
    for (size_t k = 0; k < 2; k++)
        json_array_foreach(json_at(output, lists[k]), i, row)
            map_alarm(row, vec_add(&rows));
    alarms_set(feeds_estate(run->feeds), run->account, rows.at, rows.len, loop_wall(feeds_loop(run->feeds)));
    vec_free(&rows);
    feed_good(run);
}

static void start(struct feed_run *run)
{
    static const struct aws_call_options pages = {.all_pages = true};
    json_t *input = json_pack("{s:[s, s]}", "AlarmTypes", "MetricAlarm", "CompositeAlarm");
    run->state = aws_call(run->session, "cloudwatch", "DescribeAlarms", input, &pages, answered, run);
    json_decref(input);
}

static void stop(struct feed_run *run)
{
    aws_cancel(run->state);
    run->state = NULL;
}

const struct feed_type feed_alarms = {.feed = FEED_ALARMS, .interval_ms = 60000, .focus_ms = 15000, .start = start, .stop = stop};
