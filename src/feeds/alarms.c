/* CloudWatch alarms, metric and composite: the account's region's, and those on what CloudFront, WAF and billing count, whose metrics are in one
 * region alone. */
#include <math.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "estate/acknowledged.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

static enum alarm_comparison comparison_of(const char *name)
{
    static const char *const names[] = {[COMPARE_GREATER] = "GreaterThanThreshold",
                                        [COMPARE_GREATER_EQUAL] = "GreaterThanOrEqualToThreshold",
                                        [COMPARE_LESS] = "LessThanThreshold",
                                        [COMPARE_LESS_EQUAL] = "LessThanOrEqualToThreshold"};
    for (int i = COMPARE_GREATER; i <= COMPARE_LESS_EQUAL; i++)
        if (!strcmp(names[i], name))
            return (enum alarm_comparison)i;
    return COMPARE_OTHERWISE;
}

/* What the metric is of. One that is computed has its metrics in a list. */
static void map_dimensions(const json_t *row, struct alarm *alarm)
{
    const json_t *list = json_at(row, "Dimensions");
    size_t i;
    json_t *one;
    json_array_foreach(json_at(row, "Metrics"), i, one)
        if (!json_array_size(list))
            list = json_at(one, "MetricStat.Metric.Dimensions");
    json_array_foreach(list, i, one)
        if (i < ALARM_DIMENSIONS) {
            FIELD(alarm->dimensions[i].name, one, "Name");
            FIELD(alarm->dimensions[i].value, one, "Value");
        }
}

static void map_parts(const json_t *row, struct alarm *alarm)
{
    struct str all = STR_INIT(4096);
    size_t i;
    json_t *one;
    json_array_foreach(json_at(row, "Metrics"), i, one)
        if (json_text(one, "MetricStat.Metric.MetricName"))
            str_addf(&all, "%s%s:%s", all.len ? " " : "", json_text_or(one, "MetricStat.Metric.Namespace", ""),
                     json_text(one, "MetricStat.Metric.MetricName"));
    text_clean(alarm->parts, sizeof alarm->parts, str_text(&all), all.len);
    str_free(&all);
}

/* The other time moves without the state, too: with its reason, and with whether all data were there. */
static int64_t since(const json_t *row)
{
    int64_t turned = json_when(row, "StateTransitionedTimestamp");
    return turned ? turned : json_when(row, "StateUpdatedTimestamp");
}

void map_alarm(const json_t *row, struct alarm *alarm)
{
    const char *state = json_text_or(row, "StateValue", "");
    *alarm = (struct alarm){.state = text_equal(state, "OK") ? ALARM_OK : text_equal(state, "ALARM") ? ALARM_ALARM : ALARM_NO_DATA,
                            .since = since(row),
                            .threshold = json_number(row, "Threshold", NAN),
                            .comparison = comparison_of(json_text_or(row, "ComparisonOperator", "")),
                            .math = json_array_size(json_at(row, "Metrics")) > 0,
                            .actions = json_flag(row, "ActionsEnabled", false) && json_array_size(json_at(row, "AlarmActions")) > 0};
    FIELD(alarm->name, row, "AlarmName");
    FIELD(alarm->arn, row, "AlarmArn");
    FIELD(alarm->reason, row, "StateReason");
    FIELD(alarm->metric, row, "MetricName");
    FIELD(alarm->namespace_, row, "Namespace");
    FIELD(alarm->description, row, "AlarmDescription");
    FIELD(alarm->rule, row, "AlarmRule");
    alarm->composite = json_text(row, "AlarmRule") != NULL;
    map_dimensions(row, alarm);
    map_parts(row, alarm);
}

/* What was acknowledged on this machine, here or by another program of the same person. */
static void acknowledge(struct feed_run *run, struct alarm *rows, size_t count)
{
    const char *state = feeds_state_dir(run->feeds);
    char *path = state ? file_join(state, ACKNOWLEDGED_FILE) : NULL;
    struct str text = STR_INIT(ACKNOWLEDGED_FILE_MAX);
    struct error e = {0};
    json_t *store = path && file_read(path, ACKNOWLEDGED_FILE_MAX, &text, &e) ? json_load(str_text(&text), text.len, &e) : NULL;
    for (size_t i = 0; i < count; i++)
        acknowledged_apply(store, run->config->id, &rows[i]);
    json_decref(store);
    str_free(&text);
    free(path);
}

struct reading {
    struct calls calls;
    VEC(struct alarm) rows;
    bool any;
};

static void got_alarms(struct feed_run *run, json_t *output, void *own)
{
    static const char *const lists[] = {"MetricAlarms", "CompositeAlarms"};
    struct reading *r = run->state;
    size_t i;
    json_t *row;
    r->any |= own != NULL;
    for (size_t k = 0; k < 2; k++)
        json_array_foreach(json_at(output, lists[k]), i, row)
            map_alarm(row, vec_add(&r->rows));
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
    if (any) {
        acknowledge(run, r->rows.at, r->rows.len);
        alarms_set(feeds_estate(run->feeds), run->account, r->rows.at, r->rows.len, loop_wall(feeds_loop(run->feeds)));
    }
    stop(run);
    feed_end_partly(run, any, error);
}

static void start(struct feed_run *run)
{
    static const struct aws_call_options pages = {.all_pages = true};
    struct reading *r = run->state = mem_new(sizeof *r);
    calls_begin(&r->calls, run, done);
    calls_both(&r->calls, "cloudwatch", "DescribeAlarms",
               json_pack("{s:[s, s], s:i}", "AlarmTypes", "MetricAlarm", "CompositeAlarm", "MaxRecords", 100), &pages, got_alarms);
    calls_end(&r->calls);
}

const struct feed_type feed_alarms = {.feed = FEED_ALARMS, .interval_ms = 60000, .focus_ms = 15000, .start = start, .stop = stop};
