/* CloudWatch: metric data and alarms. */
#include <stdlib.h>
#include <string.h>

#include "sim/alarms.h"
#include "sim/aws.h"

#define QUERIES_MAX 500
#define POINTS_MAX  100800

/* GetMetricData. */

struct query {
    const char *id, *label;
    struct metric_source source;
    bool found;
    int64_t start, period; /* ms */
    size_t points;
    enum statistic statistic;
    double percentile;
};

static bool statistic_of(const char *name, enum statistic *out, double *percentile)
{
    static const char *const names[] = {"Average", "Sum", "Maximum", "Minimum", "SampleCount"};
    char *end;
    for (int i = 0; i < 5; i++)
        if (strcmp(name, names[i]) == 0) {
            *out = (enum statistic)i;
            return true;
        }
    *out = STAT_PERCENTILE;
    *percentile = *name == 'p' ? strtod(name + 1, &end) : -1;
    return *percentile >= 0 && *percentile <= 100 && *end == '\0' && end != name + 1;
}

static bool refuse(struct aws_call *call, const char *member, const char *why)
{
    return call_fail(call, "ValidationError", "The value for parameter %s is not valid: %s", member, why) != NULL;
}

static bool read_query(struct aws_call *call, const json_t *row, int64_t from, int64_t to, struct query *q)
{
    const json_t *stat = json_object_get(row, "MetricStat");
    int64_t seconds = json_int(stat, "Period", 0);
    *q = (struct query){.id = json_text_or(row, "Id", ""), .label = json_text(row, "Label")};
    if (*q->id < 'a' || *q->id > 'z')
        return refuse(call, "MetricDataQueries.Id", "it must begin with a lower-case letter");
    if (!stat)
        return refuse(call, "MetricDataQueries.MetricStat", "expressions are not evaluated here");
    if (seconds < 60 || seconds % 60)
        return refuse(call, "MetricDataQueries.MetricStat.Period", "a multiple of 60 is needed");
    if (!statistic_of(json_text_or(stat, "Stat", ""), &q->statistic, &q->percentile))
        return refuse(call, "MetricDataQueries.MetricStat.Stat", "there is no such statistic");
    const char *name = json_text_or(stat, "Metric.MetricName", "");
    q->found = metric_find(call->account, json_text_or(stat, "Metric.Namespace", ""), name, json_at(stat, "Metric.Dimensions"), &q->source) &&
               strcmp(call->region, call->account->region) == 0;
    q->label = q->label ? q->label : name;
    q->period = seconds * 1000;
    q->start = from / q->period * q->period;
    q->points = q->found && to > q->start ? (size_t)((to - q->start + q->period - 1) / q->period) : 0;
    return true;
}

/* The query's points from `skip` on, at most `room`; returns how many. */
static json_t *result(const struct aws_call *call, const struct query *q, size_t skip, size_t room, bool descending, size_t *used)
{
    json_t *times = json_array(), *values = json_array();
    size_t end = q->points - skip < room ? q->points : skip + room;
    double value;
    *used = end - skip;
    for (size_t i = skip; i < end; i++) {
        int64_t at = q->start + (int64_t)(descending ? q->points - 1 - i : i) * q->period;
        if (!metric_value(call->sim, &q->source, at, q->period, call->now, q->statistic, q->percentile, &value))
            continue;
        json_array_append_new(times, call_time(at));
        json_array_append_new(values, json_real(value));
    }
    return json_pack("{s:s, s:s, s:o, s:o, s:s}", "Id", q->id, "Label", q->label, "Timestamps", times, "Values", values, "StatusCode",
                     end < q->points ? "PartialData" : "Complete");
}

static json_t *results(struct aws_call *call, const struct query *queries, size_t count, size_t skip, size_t most, bool descending)
{
    json_t *list = json_array(), *out;
    size_t at = 0, used, room = most;
    bool more = false;
    for (size_t i = 0; i < count; i++) {
        size_t first = skip > at ? skip - at : 0;
        at += queries[i].points;
        if (first >= queries[i].points && (first > 0 || skip > 0) && queries[i].points > 0)
            continue; /* given on an earlier page */
        if (room == 0 && queries[i].points > 0) {
            more = true;
            break;
        }
        json_array_append_new(list, result(call, &queries[i], first, room, descending, &used));
        room -= used;
        more = first + used < queries[i].points;
        if (more)
            break;
    }
    out = json_pack("{s:o, s:[]}", "MetricDataResults", list, "Messages");
    if (more) {
        char *token = call_token(call, skip + most - room);
        json_object_set_new(out, "NextToken", json_string(token));
        free(token);
    }
    return out;
}

static json_t *get_metric_data(struct aws_call *call)
{
    const json_t *rows = json_object_get(call->input, "MetricDataQueries");
    const char *token = json_text(call->input, "NextToken");
    int64_t from = call_ms(call->input, "StartTime", 0), to = call_ms(call->input, "EndTime", 0),
            most = json_int(call->input, "MaxDatapoints", POINTS_MAX);
    size_t count = json_array_size(rows), skip = 0;
    bool good = true, descending = strcmp(json_text_or(call->input, "ScanBy", "TimestampDescending"), "TimestampDescending") == 0;
    if (from >= to)
        return call_fail(call, "ValidationError", "The parameter StartTime must be less than the parameter EndTime.");
    if (count == 0 || count > QUERIES_MAX)
        return call_fail(call, "ValidationError", "The collection MetricDataQueries must have from 1 to %d elements.", QUERIES_MAX);
    if (most < 1 || most > POINTS_MAX)
        return call_fail(call, "ValidationError", "The parameter MaxDatapoints must be from 1 to %d.", POINTS_MAX);
    if (token && !call_token_read(call, token, &skip))
        return call_fail(call, "InvalidNextToken", "The next token specified is invalid.");
    struct query *queries = mem_new_array(count, sizeof *queries);
    for (size_t i = 0; good && i < count; i++) {
        good = read_query(call, json_array_get(rows, i), from, to, &queries[i]);
        for (size_t k = 0; good && k < i; k++)
            if (strcmp(queries[k].id, queries[i].id) == 0)
                good = refuse(call, "MetricDataQueries.Id", "it is used twice");
    }
    json_t *out = good ? results(call, queries, count, skip, (size_t)most, descending) : NULL;
    free(queries);
    return out;
}

/* DescribeAlarms. */

static json_t *balancer_of(const struct metric_source *source)
{
    const struct account_network *network = &source->account->network;
    return network->balancers.len ? call_text("app/%s/%s", network->balancers.at[0].name, network->balancers.at[0].id) : json_string("");
}

static json_t *dimensions(const struct metric_source *source)
{
    if (source->acl)
        return json_pack("[{s:s, s:s}, {s:s, s:s}]", "Name", "WebACL", "Value", source->acl->metric, "Name", "Rule", "Value", "ALL");
    if (source->targets)
        return json_pack("[{s:s, s:o}, {s:s, s:o}]", "Name", "TargetGroup", "Value",
                         call_text("targetgroup/%s/%s", source->targets->name, source->targets->id), "Name", "LoadBalancer", "Value",
                         balancer_of(source));
    json_t *list = json_array();
    for (size_t i = 0; source->metric && i < source->metric->dimensions.len; i++)
        json_array_append_new(list, json_pack("{s:s, s:s}", "Name", source->metric->dimensions.at[i].name, "Value",
                                              source->metric->dimensions.at[i].value));
    return list;
}

static json_t *reason(const struct alarm *alarm, const char *state, double value)
{
    static const char *const words[] = {"greater than", "greater than or equal to", "less than", "less than or equal to"};
    bool alarming = strcmp(state, "ALARM") == 0;
    if (strcmp(state, "INSUFFICIENT_DATA") == 0)
        return call_text("Insufficient Data: %lld datapoints were unknown.", (long long)alarm->periods);
    return call_text("Threshold Crossed: %lld datapoint%s [%.4g] %s %s the threshold (%.4g).", (long long)alarm->periods,
                     alarm->periods == 1 ? "" : "s", value,
                     alarming ? (alarm->periods == 1 ? "was" : "were") : alarm->periods == 1 ? "was not" : "were not", words[alarm->comparison],
                     alarm->threshold);
}

static json_t *alarm_row(const struct aws_call *call, const struct alarm *alarm, const struct alarm_status *status)
{
    static const char *const comparisons[] = {"GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold",
                                              "LessThanOrEqualToThreshold"};
    static const char *const statistics[] = {"Average", "Sum", "Maximum", "Minimum"};
    struct metric_source source = {0};
    char space[128];
    const char *colon = strchr(alarm->metric, ':');
    text_format(space, sizeof space, "%.*s", (int)(colon ? colon - alarm->metric : 0), alarm->metric);
    alarm_source(call->account, alarm, &source);
    json_t *actions = alarm->action ? json_pack("[s]", alarm->action) : json_array();
    json_t *out = json_pack("{s:s, s:o, s:s, s:o, s:b, s:[], s:O, s:[], s:s, s:o, s:o, s:o}", "AlarmName", alarm->name, "AlarmArn",
                            call_text("arn:aws:cloudwatch:%s:%s:alarm:%s", call->account->region, call->account->id, alarm->name), "AlarmDescription",
                            alarm->description ? alarm->description : "", "AlarmConfigurationUpdatedTimestamp",
                            call_time((sim_start(call->sim) - call->account->age / 2) / 1000 * 1000), "ActionsEnabled", 1, "OKActions",
                            "AlarmActions", actions, "InsufficientDataActions", "StateValue", status->state, "StateReason",
                            reason(alarm, status->state, status->value), "StateUpdatedTimestamp", call_time(status->since / 1000 * 1000),
                            "StateTransitionedTimestamp", call_time(status->since / 1000 * 1000));
    json_t *more = json_pack("{s:s, s:s, s:s, s:o, s:I, s:I, s:I, s:f, s:s, s:s}", "Namespace", space, "MetricName",
                             colon ? colon + 1 : alarm->metric, "Statistic", statistics[alarm->statistic], "Dimensions", dimensions(&source),
                             "Period", (json_int_t)(alarm->period / 1000), "EvaluationPeriods", (json_int_t)alarm->periods, "DatapointsToAlarm",
                             (json_int_t)alarm->periods, "Threshold", alarm->threshold, "ComparisonOperator", comparisons[alarm->comparison],
                             "TreatMissingData", "missing");
    json_object_update(out, more);
    json_decref(more);
    json_decref(actions);
    return out;
}

static bool wanted(const json_t *input, const struct alarm *alarm, const struct alarm_status *status)
{
    const char *prefix = json_text(input, "AlarmNamePrefix"), *state = json_text(input, "StateValue"), *action = json_text(input, "ActionPrefix");
    return call_in(json_object_get(input, "AlarmNames"), alarm->name) && (!prefix || text_starts(alarm->name, prefix)) &&
           (!state || strcmp(state, status->state) == 0) && (!action || (alarm->action && text_starts(alarm->action, action))) &&
           call_in(json_object_get(input, "AlarmTypes"), "MetricAlarm");
}

static json_t *describe_alarms(struct aws_call *call)
{
    static const struct call_page page = {"MetricAlarms", "NextToken", "NextToken", "MaxRecords", 1, 100, 50, "InvalidNextToken", "ValidationError"};
    const struct account *a = call->account;
    size_t index = (size_t)(a - call->sim->scenario->accounts.at);
    json_t *all = json_array();
    if (json_object_get(call->input, "AlarmNames") && json_object_get(call->input, "AlarmNamePrefix")) {
        json_decref(all);
        return call_fail(call, "ValidationError", "AlarmNames and AlarmNamePrefix exclude each other.");
    }
    for (size_t i = 0; strcmp(call->region, a->region) == 0 && i < a->alarms.len; i++)
        if (wanted(call->input, &a->alarms.at[i], alarms_status(call->sim->alarms, index, i)))
            json_array_append_new(all, alarm_row(call, &a->alarms.at[i], alarms_status(call->sim->alarms, index, i)));
    json_t *out = call_page(call, all, &page);
    if (out)
        json_object_set_new(out, "CompositeAlarms", json_array());
    return out;
}

/* DescribeAlarmHistory: of the kinds of items only changes of state. */

static json_t *turn_row(const struct account *a, const struct alarm_turn *turn)
{
    const struct alarm *alarm = &a->alarms.at[turn->alarm];
    json_t *data = json_pack("{s:s, s:{s:s}, s:{s:s, s:o}}", "version", "1.0", "oldState", "stateValue", turn->from, "newState", "stateValue",
                             turn->to, "stateReason", reason(alarm, turn->to, turn->value));
    char *text = json_dumps(data, JSON_COMPACT);
    json_t *out = json_pack("{s:s, s:s, s:o, s:s, s:o, s:s}", "AlarmName", alarm->name, "AlarmType", "MetricAlarm", "Timestamp",
                            call_time(turn->at / 1000 * 1000), "HistoryItemType", "StateUpdate", "HistorySummary",
                            call_text("Alarm updated from %s to %s", turn->from, turn->to), "HistoryData", text);
    free(text);
    json_decref(data);
    return out;
}

static json_t *describe_alarm_history(struct aws_call *call)
{
    static const struct call_page page = {"AlarmHistoryItems", "NextToken", "NextToken", "MaxRecords", 1, 100, 50, "InvalidNextToken",
                                          "ValidationError"};
    const struct account *a = call->account;
    const char *name = json_text(call->input, "AlarmName"), *kind = json_text(call->input, "HistoryItemType");
    int64_t from = call_ms(call->input, "StartDate", 0), to = call_ms(call->input, "EndDate", INT64_MAX);
    bool descending = strcmp(json_text_or(call->input, "ScanBy", "TimestampDescending"), "TimestampDescending") == 0;
    size_t count;
    const struct alarm_turn *turns = alarms_turns(call->sim->alarms, (size_t)(a - call->sim->scenario->accounts.at), &count);
    json_t *all = json_array();
    bool none = strcmp(call->region, a->region) != 0 || (kind && strcmp(kind, "StateUpdate") != 0) ||
                !call_in(json_object_get(call->input, "AlarmTypes"), "MetricAlarm");
    for (size_t i = 0; !none && i < count; i++) {
        const struct alarm_turn *turn = &turns[descending ? count - 1 - i : i];
        if (turn->at >= from && turn->at <= to && (!name || strcmp(name, a->alarms.at[turn->alarm].name) == 0))
            json_array_append_new(all, turn_row(a, turn));
    }
    return call_page(call, all, &page);
}

const struct aws_handler aws_cloudwatch[] = {
    {"cloudwatch", "DescribeAlarmHistory", describe_alarm_history},
    {"cloudwatch", "DescribeAlarms", describe_alarms}, {"cloudwatch", "GetMetricData", get_metric_data}, {NULL}};
