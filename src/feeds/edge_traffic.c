/* What the distributions count: the last hour by the minute in one GetMetricData call a minute, which is paid for by the metric; the last day by the
 * hour with every fifteenth of them. All of it lives in us-east-1. */
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "feeds/series.h"

#define REGION       "us-east-1"
#define HOUR_MS      INT64_C(3600000)
#define DAY_AGAIN_MS INT64_C(900000)
#define MOST         20 /* distributions: nine queries each */

static bool wanted(const struct account_config *account) { return account->web_acl != NULL; }

static const struct series_metric by_minute[] = {{'q', "Requests", "Sum", offsetof(struct edge_series, requests)},
                                                 {'b', "BytesDownloaded", "Sum", offsetof(struct edge_series, bytes)},
                                                 {'f', "4xxErrorRate", "Average", offsetof(struct edge_series, errors_4xx)},
                                                 {'s', "5xxErrorRate", "Average", offsetof(struct edge_series, errors_5xx)},
                                                 {'t', "TotalErrorRate", "Average", offsetof(struct edge_series, errors)},
                                                 {'h', "CacheHitRate", "Average", offsetof(struct edge_series, hits)},
                                                 {'l', "OriginLatency", "p99", offsetof(struct edge_series, latency)}};
static const struct series_metric by_hour[] = {{'r', "Requests", "Sum", offsetof(struct edge_series, day_requests)},
                                               {'k', "CacheHitRate", "Average", offsetof(struct edge_series, day_hits)}};

#define OF_DISTRIBUTIONS \
    .region = REGION, .namespace = "AWS/CloudFront", .dimension = "DistributionId", .other = "Region", .row_size = sizeof(struct edge_series), \
    .row_value = offsetof(struct edge_series, distribution)
static const struct series_kind hour = {OF_DISTRIBUTIONS, .metrics = by_minute, .metric_count = sizeof by_minute / sizeof *by_minute,
                                        .points = EDGE_POINTS, .period_ms = SERIES_MINUTE};
static const struct series_kind day = {OF_DISTRIBUTIONS, .metrics = by_hour, .metric_count = sizeof by_hour / sizeof *by_hour,
                                       .points = EDGE_HOURS, .period_ms = HOUR_MS};

struct reading {
    struct calls calls;
    VEC(struct edge_series) rows;
    struct series hour, day; /* two calls: one period of time to each */
    bool asks_day;
    bool too_many;
};

static void add(struct feed_run *run, const char *distribution)
{
    struct reading *r = run->state;
    const struct edge_series *known = edge_series_of(&feeds_estate(run->feeds)->accounts[run->account].edge_traffic, distribution);
    r->too_many |= r->rows.len == MOST;
    if (r->too_many)
        return;
    struct edge_series *new = vec_add(&r->rows);
    r->asks_day |= !known;
    if (r->asks_day)
        series_blank(&day, new);
    else
        *new = *known;
    series_blank(&hour, new);
    text_clean(new->distribution, sizeof new->distribution, distribution, strlen(distribution));
}

static void ask(struct reading *r, struct series *series)
{
    series->rows = r->rows.at;
    series->count = r->rows.len;
    series->other = "Global";
    series_ask(&r->calls, series);
}

static void ask_all(struct feed_run *run)
{
    struct reading *r = run->state;
    if (!r->rows.len)
        return;
    ask(r, &r->hour);
    if (r->asks_day)
        ask(r, &r->day);
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
        edge_series_set(feeds_estate(run->feeds), run->account, r->rows.at, r->rows.len, r->hour.end, r->day.end);
    vec_free(&r->rows);
    free(r);
    feed_end(run, error);
}

/* The distributions as their own feed has read them; looked for anew only where that one did not. */
static void go(struct feed_run *run)
{
    static const struct aws_call_options pages = {.region = REGION, .all_pages = true};
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
    r->asks_day = !known->end || now / DAY_AGAIN_MS != known->end / DAY_AGAIN_MS;
    r->hour = (struct series){.kind = &hour, .end = series_minute(run)};
    r->day = (struct series){.kind = &day, .end = r->asks_day ? now / HOUR_MS * HOUR_MS : known->day_end};
    if (!feed_await(run, FEED_EDGE, go))
        go(run);
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

const struct feed_type feed_edge_metrics = {
    .feed = FEED_EDGE_METRICS, .interval_ms = 60000, .focus_ms = 60000, .wanted = wanted, .start = start, .stop = stop};
