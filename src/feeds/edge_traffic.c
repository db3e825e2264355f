/* What the distributions count: the last hour by the minute in one GetMetricData call a minute, which is paid for by the metric; the last day by the
 * hour with every fifteenth of them. All of it lives in us-east-1. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

#define REGION    "us-east-1"
#define MINUTE_MS INT64_C(60000)
#define HOUR_MS   INT64_C(3600000)
#define DAY_AGAIN_MS INT64_C(900000)
#define MOST      20 /* distributions: nine queries each */

static const struct aws_call_options pages = {.region = REGION, .all_pages = true};

static bool wanted(const struct account_config *account) { return account->web_acl != NULL; }

/* Query ids are a letter and the place of the distribution: q0, e0… */
static const struct {
    char letter;
    const char *metric, *statistic;
    size_t offset;
    bool day;
} kinds[] = {{'q', "Requests", "Sum", offsetof(struct edge_series, requests), false},
             {'b', "BytesDownloaded", "Sum", offsetof(struct edge_series, bytes), false},
             {'f', "4xxErrorRate", "Average", offsetof(struct edge_series, errors_4xx), false},
             {'s', "5xxErrorRate", "Average", offsetof(struct edge_series, errors_5xx), false},
             {'t', "TotalErrorRate", "Average", offsetof(struct edge_series, errors), false},
             {'h', "CacheHitRate", "Average", offsetof(struct edge_series, hits), false},
             {'l', "OriginLatency", "p99", offsetof(struct edge_series, latency), false},
             {'r', "Requests", "Sum", offsetof(struct edge_series, day_requests), true},
             {'k', "CacheHitRate", "Average", offsetof(struct edge_series, day_hits), true}};
#define KINDS (sizeof kinds / sizeof *kinds)

struct reading {
    struct calls calls;
    VEC(struct edge_series) series;
    int64_t end, day_end;
    bool day;      /* is asked for too */
    bool too_many;
};

static double *points_of(struct edge_series *series, size_t kind) { return (double *)(void *)((char *)series + kinds[kind].offset); }
static size_t count_of(size_t kind) { return kinds[kind].day ? EDGE_HOURS : EDGE_POINTS; }

static void place(struct reading *r, const json_t *result)
{
    const char *id = json_text_or(result, "Id", "");
    size_t row = *id ? strtoul(id + 1, NULL, 10) : r->series.len, kind = 0;
    while (kind < KINDS && kinds[kind].letter != *id)
        kind++;
    if (kind < KINDS && row < r->series.len)
        field_points(points_of(&r->series.at[row], kind), count_of(kind), result, kinds[kind].day ? r->day_end : r->end,
                     kinds[kind].day ? HOUR_MS : MINUTE_MS);
}

static void got_data(struct feed_run *run, json_t *output, void *arg)
{
    size_t i;
    json_t *result;
    (void)arg;
    json_array_foreach(json_object_get(output, "MetricDataResults"), i, result)
        place(run->state, result);
}

static json_t *query(const struct reading *r, size_t kind, size_t row)
{
    char id[24];
    text_format(id, sizeof id, "%c%zu", kinds[kind].letter, row);
    return json_pack("{s:s, s:{s:{s:s, s:s, s:[{s:s, s:s}, {s:s, s:s}]}, s:i, s:s}}", "Id", id, "MetricStat", "Metric", "Namespace", "AWS/CloudFront",
                     "MetricName", kinds[kind].metric, "Dimensions", "Name", "DistributionId", "Value", r->series.at[row].distribution, "Name",
                     "Region", "Value", "Global", "Period", kinds[kind].day ? 3600 : 60, "Stat", kinds[kind].statistic);
}

/* Two calls where the day is asked for too: one period of time to each. */
static void ask(struct feed_run *run, bool day)
{
    struct reading *r = run->state;
    int64_t end = day ? r->day_end : r->end, span = day ? EDGE_HOURS * HOUR_MS : EDGE_POINTS * MINUTE_MS;
    json_t *queries = json_array();
    for (size_t row = 0; row < r->series.len; row++)
        for (size_t k = 0; k < KINDS; k++)
            if (kinds[k].day == day)
                json_array_append_new(queries, query(r, k, row));
    calls_add(&r->calls, "cloudwatch", "GetMetricData",
              json_pack("{s:I, s:I, s:s, s:o}", "StartTime", (json_int_t)((end - span) / 1000), "EndTime", (json_int_t)(end / 1000), "ScanBy",
                        "TimestampAscending", "MetricDataQueries", queries),
              &pages, got_data, NULL);
}

static void add(struct feed_run *run, const char *distribution)
{
    struct reading *r = run->state;
    const struct edge_series *known = edge_series_of(&feeds_estate(run->feeds)->accounts[run->account].edge_traffic, distribution);
    r->too_many |= r->series.len == MOST;
    if (r->too_many)
        return;
    struct edge_series *new = vec_add(&r->series);
    text_copy(new->distribution, sizeof new->distribution, distribution);
    for (size_t k = 0; k < KINDS; k++)
        for (size_t i = 0; i < count_of(k); i++)
            points_of(new, k)[i] = kinds[k].day && known && !r->day ? points_of((struct edge_series *)(uintptr_t)known, k)[i] : NAN;
    r->day |= !known;
}

static void ask_all(struct feed_run *run)
{
    struct reading *r = run->state;
    if (!r->series.len)
        return;
    ask(run, false);
    if (r->day)
        ask(run, true);
}

static void got_distributions(struct feed_run *run, json_t *output, void *arg)
{
    size_t i;
    json_t *row;
    (void)arg;
    json_array_foreach(json_at(output, "DistributionList.Items"), i, row)
        add(run, json_text_or(row, "Id", ""));
    ask_all(run);
}

static void done(struct feed_run *run, const struct error *error)
{
    struct reading *r = run->state;
    struct error many = {0};
    if (!error && r->too_many) {
        error_set(&many, ERROR_PROTOCOL, "TooMany", "more than %d distributions", MOST);
        error = &many;
    }
    run->state = NULL;
    if (!error)
        edge_series_set(feeds_estate(run->feeds), run->account, r->series.at, r->series.len, r->end, r->day_end);
    vec_free(&r->series);
    free(r);
    feed_end(run, error);
}

/* The distributions as their own feed has read them; looked for anew only where that one did not. */
static void go(struct feed_run *run)
{
    struct reading *r = run->state;
    const struct account_edge *edge = &feeds_estate(run->feeds)->accounts[run->account].edge;
    calls_begin(&r->calls, run, done);
    if (edge_knows(edge, EDGE_DISTRIBUTIONS)) {
        for (size_t i = 0; i < edge->distributions.len; i++)
            add(run, edge->distributions.at[i].id);
        ask_all(run);
    } else {
        calls_add(&r->calls, "cloudfront", "ListDistributions", NULL, &pages, got_distributions, NULL);
    }
    calls_end(&r->calls);
}

static void start(struct feed_run *run)
{
    struct reading *r = run->state = mem_new(sizeof *r);
    const struct edge_traffic *known = &feeds_estate(run->feeds)->accounts[run->account].edge_traffic;
    int64_t now = loop_wall(feeds_loop(run->feeds));
    r->end = now / MINUTE_MS * MINUTE_MS;
    r->day = !known->end || now / DAY_AGAIN_MS != known->end / DAY_AGAIN_MS;
    r->day_end = r->day ? now / HOUR_MS * HOUR_MS : known->day_end;
    if (!feed_await(run, FEED_EDGE, go))
        go(run);
}

static void stop(struct feed_run *run)
{
    struct reading *r = run->state;
    if (!r)
        return;
    calls_cancel(&r->calls);
    vec_free(&r->series);
    free(r);
    run->state = NULL;
}

const struct feed_type feed_edge_metrics = {
    .feed = FEED_EDGE_METRICS, .interval_ms = 60000, .focus_ms = 60000, .wanted = wanted, .start = start, .stop = stop};
