#include "feeds/series.h"

#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "feeds/fields.h"

static char *row_at(const struct series *s, size_t row) { return (char *)s->rows + row * s->kind->row_size; }

static double *points_of(const struct series_kind *kind, void *row, size_t metric)
{
    return (double *)(void *)((char *)row + kind->metrics[metric].offset);
}

void series_blank(const struct series_kind *kind, void *row)
{
    for (size_t m = 0; m < kind->metric_count; m++)
        for (size_t i = 0; i < kind->points; i++)
            points_of(kind, row, m)[i] = NAN;
}

int64_t series_minute(const struct feed_run *run) { return loop_wall(feeds_loop(run->feeds)) / SERIES_MINUTE * SERIES_MINUTE; }

static json_t *query(const struct series *s, size_t metric, size_t row)
{
    const struct series_kind *kind = s->kind;
    char id[24];
    text_format(id, sizeof id, "%c%zu", kind->metrics[metric].letter, row);
    json_t *dimensions = json_pack("[{s:s, s:s}]", "Name", kind->dimension, "Value", row_at(s, row) + kind->row_value);
    if (kind->other)
        json_array_append_new(dimensions, json_pack("{s:s, s:s}", "Name", kind->other, "Value", s->other));
    return json_pack("{s:s, s:{s:{s:s, s:s, s:o}, s:I, s:s}}", "Id", id, "MetricStat", "Metric", "Namespace", kind->namespace, "MetricName",
                     kind->metrics[metric].name, "Dimensions", dimensions, "Period", (json_int_t)(kind->period_ms / 1000), "Stat",
                     kind->metrics[metric].statistic);
}

json_t *series_input(const struct series *s)
{
    json_t *queries = json_array();
    for (size_t row = 0; row < s->count; row++)
        for (size_t m = 0; m < s->kind->metric_count; m++)
            json_array_append_new(queries, query(s, m, row));
    return json_pack("{s:I, s:I, s:s, s:o}", "StartTime", (json_int_t)((s->end - (int64_t)s->kind->points * s->kind->period_ms) / 1000), "EndTime",
                     (json_int_t)(s->end / 1000), "ScanBy", "TimestampAscending", "MetricDataQueries", queries);
}

/* The points of a result of GetMetricData, whose periods of `step` end at `end`, into their places: the newest last. What has no datum is left
 * alone. */
static void take_points(double *points, size_t count, const json_t *result, int64_t end, int64_t step)
{
    const json_t *times = json_object_get(result, "Timestamps"), *values = json_object_get(result, "Values");
    for (size_t i = 0; i < json_array_size(times) && i < json_array_size(values); i++) {
        int64_t at = json_when(json_array_get(times, i), ""), back = (end - at) / step;
        if (at <= end && back >= 1 && back <= (int64_t)count)
            points[count - (size_t)back] = json_number_value(json_array_get(values, i));
    }
}

void series_take(const struct series *s, const json_t *output)
{
    size_t i;
    json_t *result;
    json_array_foreach(json_object_get(output, "MetricDataResults"), i, result) {
        const char *id = json_text_or(result, "Id", "");
        size_t row = *id ? strtoul(id + 1, NULL, 10) : s->count;
        for (size_t m = 0; m < s->kind->metric_count && row < s->count; m++)
            if (s->kind->metrics[m].letter == *id)
                take_points(points_of(s->kind, row_at(s, row), m), s->kind->points, result, s->end, s->kind->period_ms);
    }
}

static void got(struct feed_run *run, json_t *output, void *arg)
{
    const struct series *s = arg;
    series_take(s, output);
    if (s->taken)
        s->taken(run);
}

void series_ask(struct calls *calls, struct series *s)
{
    struct aws_call_options options = {.region = s->kind->region, .all_pages = true};
    calls_add(calls, "cloudwatch", "GetMetricData", series_input(s), &options, got, s);
}
