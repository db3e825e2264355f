/* What alarms watch, by each one's own statistic and period: the points of the one that is looked at, and the few cells of each in the pane. Read
 * only while somebody looks. */
#include <math.h>
#include <string.h>

#include "feeds/fields.h"
#include "feeds/map.h"

#define PERIOD_MAX 86400

static const char *statistic_of(const json_t *alarm) { return json_text_or(alarm, "Statistic", json_text_or(alarm, "ExtendedStatistic", "")); }

int alarm_period(const json_t *alarm)
{
    int64_t period = json_int(alarm, "Period", 0);
    if (!json_text(alarm, "MetricName") || !json_text(alarm, "Namespace") || !*statistic_of(alarm) || period < 1 || period > PERIOD_MAX)
        return 0;
    return (int)(period < 60 ? 60 : period / 60 * 60);
}

json_t *alarm_query(const json_t *alarm, const char *id)
{
    int period = alarm_period(alarm);
    if (!period)
        return NULL;
    const json_t *dimensions = json_object_get(alarm, "Dimensions");
    json_t *metric = json_pack("{s:s, s:s, s:o}", "Namespace", json_text(alarm, "Namespace"), "MetricName", json_text(alarm, "MetricName"),
                               "Dimensions", json_is_array(dimensions) ? json_deep_copy(dimensions) : json_array());
    return json_pack("{s:s, s:{s:o, s:i, s:s}}", "Id", id, "MetricStat", "Metric", metric, "Period", period, "Stat", statistic_of(alarm));
}

json_t *alarm_points_input(const json_t *alarm, int64_t now, struct detail *detail)
{
    json_t *query = alarm_query(alarm, "m0");
    if (!query)
        return NULL;
    int64_t period = alarm_period(alarm), end = now / 1000 / period * period;
    detail->point_s = (int)period;
    detail->points_end = end * 1000;
    text_clean(detail->statistic, sizeof detail->statistic, statistic_of(alarm), strlen(statistic_of(alarm)));
    for (size_t i = 0; i < ALARM_POINTS; i++)
        detail->points[i] = NAN;
    return json_pack("{s:I, s:I, s:s, s:[o]}", "StartTime", (json_int_t)(end - ALARM_POINTS * period), "EndTime", (json_int_t)end, "ScanBy",
                     "TimestampAscending", "MetricDataQueries", query);
}

/* Of the data that fall into one cell the one that the alarm minds most. */
static double worse(const struct alarm *alarm, double a, double b)
{
    bool low = alarm && (alarm->comparison == COMPARE_LESS || alarm->comparison == COMPARE_LESS_EQUAL);
    if (isnan(a))
        return b;
    return low ? (b < a ? b : a) : b > a ? b : a;
}

/* A result's data into cells, of `cell_s` seconds each, the last of which ends at `end_s`. */
static void place(const json_t *result, const struct alarm *alarm, int64_t end_s, int cell_s, double *cells, size_t count)
{
    const json_t *times = json_object_get(result, "Timestamps"), *values = json_object_get(result, "Values");
    for (size_t i = 0; i < json_array_size(times) && i < json_array_size(values) && cell_s > 0; i++) {
        double back = ((double)end_s - json_number_value(json_array_get(times, i))) / cell_s;
        const json_t *value = json_array_get(values, i);
        if (back > 0 && back <= (double)count && json_is_number(value)) {
            double *cell = &cells[count - (size_t)ceil(back)];
            *cell = worse(alarm, *cell, json_number_value(value));
        }
    }
}

void map_alarm_points(const json_t *output, struct detail *detail)
{
    place(json_at(output, "MetricDataResults.0"), NULL, detail->points_end / 1000, detail->point_s, detail->points, ALARM_POINTS);
    detail->points_read = true;
}

void map_alarm_trend(const json_t *result, const struct alarm *alarm, int64_t end_s, struct alarm_trend *trend)
{
    place(result, alarm, end_s, trend->cell_s, trend->points, ALARM_TREND);
}
