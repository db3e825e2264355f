/* What each alarm's metric did of late, for the pane's column: one GetMetricData for up to 500 alarms of a window. CloudWatch takes $0.01 for a
 * thousand metrics asked for: it is read only while the pane is shown, and the more seldom the more alarms there are. */
#include <math.h>
#include <stdlib.h>

#include "aws/endpoint.h"
#include "base/mem.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

#define WINDOW_S    10800 /* three hours, or as many periods as there are cells */
#define METRICS_MAX 500   /* of one request */
#define ALARMS_EACH 50    /* with so many more it is read once more seldom */

struct reading {
    struct calls calls;
    json_t *alarms;              /* MetricAlarms as they came */
    size_t own, own_count;       /* those of the account's own region: from here on, so many */
    int asked, answered;         /* of that region's calls */
    VEC(struct alarm_trend) rows; /* one for each of them that watches a single metric */
    VEC(size_t) which;           /* the row's alarm */
    int64_t now_s;
};

static int cell_of(const json_t *alarm)
{
    int period = alarm_period(alarm), least = WINDOW_S / ALARM_TREND;
    return period > least ? period : (least + period - 1) / period * period;
}

/* Ids are m0, m1…: the row's number. The last cell ends with the last of the alarm's periods that is over, so that what happens now is in it. */
static void got_points(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    size_t i;
    json_t *result;
    r->answered += arg != NULL;
    json_array_foreach(json_at(output, "MetricDataResults"), i, result) {
        size_t row = strtoul(json_text_or(result, "Id", "m") + 1, NULL, 10);
        struct alarm alarm;
        if (row >= r->rows.len)
            continue;
        const json_t *watched = json_array_get(r->alarms, r->which.at[row]);
        int period = alarm_period(watched);
        map_alarm(watched, &alarm);
        map_alarm_trend(result, &alarm, r->now_s / period * period, &r->rows.at[row]);
    }
}

static void ask(struct reading *r, json_t *take_queries, int cell_s, const char *region)
{
    struct aws_call_options pages = {.all_pages = true, .region = region};
    int64_t end = r->now_s / 60 * 60, start = (end - (int64_t)ALARM_TREND * cell_s) / cell_s * cell_s;
    json_t *input = json_pack("{s:I, s:I, s:s, s:o}", "StartTime", (json_int_t)start, "EndTime", (json_int_t)end, "ScanBy",
                              "TimestampAscending", "MetricDataQueries", take_queries);
    r->asked += !region;
    calls_add(&r->calls, "cloudwatch", "GetMetricData", input, &pages, got_points, (void *)(uintptr_t)!region);
}

/* Those of one window together, 500 at a time. */
static void ask_window(struct reading *r, size_t from, const char *region)
{
    int cell_s = r->rows.at[from].cell_s;
    json_t *queries = json_array();
    char id[24];
    for (size_t i = from; i < r->rows.len; i++) {
        if (r->rows.at[i].cell_s != cell_s)
            continue;
        text_format(id, sizeof id, "m%zu", i);
        json_array_append_new(queries, alarm_query(json_array_get(r->alarms, r->which.at[i]), id));
        if (json_array_size(queries) == METRICS_MAX) {
            ask(r, queries, cell_s, region);
            queries = json_array();
        }
    }
    if (json_array_size(queries))
        ask(r, queries, cell_s, region);
    else
        json_decref(queries);
}

static bool is_first_of_window(const struct reading *r, size_t first, size_t row)
{
    for (size_t i = first; i < row; i++)
        if (r->rows.at[i].cell_s == r->rows.at[row].cell_s)
            return false;
    return true;
}

static void got_alarms(struct feed_run *run, json_t *output, void *own)
{
    struct reading *r = run->state;
    size_t i, first = r->rows.len, before = json_array_size(r->alarms);
    json_t *alarm;
    r->answered += own != NULL;
    json_array_foreach(json_at(output, "MetricAlarms"), i, alarm) {
        json_array_append(r->alarms, alarm);
        if (alarm_period(alarm)) {
            *vec_add(&r->which) = before + i;
            struct alarm_trend *row = vec_add(&r->rows);
            row->cell_s = cell_of(alarm);
            FIELD(row->name, alarm, "AlarmName");
            for (size_t k = 0; k < ALARM_TREND; k++)
                row->points[k] = NAN;
        }
    }
    for (size_t k = first; k < r->rows.len; k++)
        if (is_first_of_window(r, first, k))
            ask_window(r, k, own ? NULL : aws_global_region(run->config->region));
    if (own) {
        r->own = first;
        r->own_count = r->rows.len - first;
    }
}

static void stop(struct feed_run *run)
{
    struct reading *r = run->state;
    if (!r)
        return;
    calls_cancel(&r->calls);
    json_decref(r->alarms);
    vec_free(&r->rows);
    vec_free(&r->which);
    free(r);
    run->state = NULL;
}

static void done(struct feed_run *run, const struct error *error)
{
    struct reading *r = run->state;
    struct error kept = error ? *error : (struct error){0};
    bool any = r->answered == r->asked;
    if (any && !error)
        alarm_trends_set(feeds_estate(run->feeds), run->account, r->rows.at, r->rows.len);
    else if (any) /* what could not be asked in the other region is not "no datum" */
        alarm_trends_set(feeds_estate(run->feeds), run->account, r->rows.len ? &r->rows.at[r->own] : NULL, r->own_count);
    stop(run);
    feed_end_partly(run, any, &kept);
}

static void start(struct feed_run *run)
{
    static const struct aws_call_options pages = {.all_pages = true};
    struct reading *r = run->state = mem_new(sizeof *r);
    r->now_s = loop_wall(feeds_loop(run->feeds)) / 1000;
    r->alarms = json_array();
    r->asked = 1;
    calls_begin(&r->calls, run, done);
    calls_both(&r->calls, "cloudwatch", "DescribeAlarms", json_pack("{s:[s], s:i}", "AlarmTypes", "MetricAlarm", "MaxRecords", 100), &pages,
               got_alarms);
    calls_end(&r->calls);
}

static int stretch(const struct account *account) { return 1 + (int)(account->alarms.len / ALARMS_EACH); }

const struct feed_type feed_alarm_metrics = {
    .feed = FEED_ALARM_METRICS, .interval_ms = 300000, .focus_ms = 60000, .focus_only = true, .start = start, .stop = stop, .stretch = stretch};
