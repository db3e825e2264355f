/* An alarm's own metric, by its own statistic and period: what led to its state. Read only while somebody looks at the alarm. */
#include <math.h>
#include <string.h>

#include "feeds/fields.h"
#include "feeds/map.h"

#define PERIOD_MAX 86400

/* The input of GetMetricData for what DescribeAlarms said of an alarm; NULL: it watches no single metric. */
json_t *alarm_points_input(const json_t *alarm, int64_t now, struct detail *detail)
{
    int64_t period = json_int(alarm, "Period", 0);
    const char *statistic = json_text_or(alarm, "Statistic", json_text_or(alarm, "ExtendedStatistic", ""));
    const char *name = json_text(alarm, "MetricName"), *space = json_text(alarm, "Namespace");
    if (!name || !space || !*statistic || period < 1 || period > PERIOD_MAX)
        return NULL;
    period = period < 60 ? 60 : period / 60 * 60;
    int64_t end = now / 1000 / period * period;
    json_t *metric = json_pack("{s:s, s:s, s:o}", "Namespace", space, "MetricName", name, "Dimensions",
                               json_is_array(json_at(alarm, "Dimensions")) ? json_deep_copy(json_at(alarm, "Dimensions")) : json_array());
    json_t *query = json_pack("{s:s, s:{s:o, s:I, s:s}}", "Id", "m0", "MetricStat", "Metric", metric, "Period", (json_int_t)period, "Stat", statistic);
    detail->point_s = (int)period;
    detail->points_end = end * 1000;
    text_clean(detail->statistic, sizeof detail->statistic, statistic, strlen(statistic));
    for (size_t i = 0; i < ALARM_POINTS; i++)
        detail->points[i] = NAN;
    return json_pack("{s:I, s:I, s:s, s:[o]}", "StartTime", (json_int_t)(end - ALARM_POINTS * period), "EndTime", (json_int_t)end, "ScanBy",
                     "TimestampAscending", "MetricDataQueries", query);
}

void map_alarm_points(const json_t *output, struct detail *detail)
{
    const json_t *times = json_at(output, "MetricDataResults.0.Timestamps"), *values = json_at(output, "MetricDataResults.0.Values");
    int64_t start = detail->points_end / 1000 - (int64_t)ALARM_POINTS * detail->point_s;
    for (size_t i = 0; i < json_array_size(times) && i < json_array_size(values) && detail->point_s > 0; i++) {
        double at = json_number_value(json_array_get(times, i)) - (double)start;
        double slot = floor(at / detail->point_s);
        if (slot >= 0 && slot < ALARM_POINTS)
            detail->points[(int)slot] = json_number_value(json_array_get(values, i));
    }
    detail->points_read = true;
}
