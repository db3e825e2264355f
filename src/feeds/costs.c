/* Cost Explorer is asked here, and each request costs USD 0.01: only by a person's word (feeds_costs_ask), never by a timer. Usage first, then the
 * forecast, then anomalies; the lists go on for COST_PAGES_MAX further requests at most. What was paid for is kept, also where a later part fails. */
#include "feeds/costs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/when.h"
#include "feeds/fields.h"
#include "feeds/map.h"

#define DAY_MS    INT64_C(86400000)
#define LOOK_BACK 30 /* days, for anomalies */

struct cost_ask {
    struct feeds *feeds;
    size_t account;
    struct aws_call *call;
    struct cost_report report;
    int64_t today, month_start, month_end;
    double before_today; /* of this month, days that are over */
    int pages;           /* further ones */
    struct error error;  /* the first of a part that failed after something was paid for */
};

static const struct aws_call_options here = {.region = "us-east-1"};

/* Days are UTC's. */

static const char *day_text(int64_t at, char out[40])
{
    when_iso(at, out, 40);
    out[10] = '\0';
    return out;
}

static int64_t day_of(const char *text)
{
    char whole[40];
    int64_t at = 0;
    return text && text_format(whole, sizeof whole, "%sT00:00:00Z", text) && when_parse_iso(whole, &at) ? at : 0;
}

static void set_times(struct cost_ask *ask, int64_t now)
{
    time_t seconds = (time_t)(now / 1000);
    struct tm at;
    gmtime_r(&seconds, &at);
    struct tm first = {.tm_year = at.tm_year, .tm_mon = at.tm_mon, .tm_mday = 1},
              next = {.tm_year = at.tm_year, .tm_mon = at.tm_mon + 1, .tm_mday = 1};
    ask->today = now / DAY_MS * DAY_MS;
    ask->month_start = (int64_t)timegm(&first) * 1000;
    ask->month_end = (int64_t)timegm(&next) * 1000;
    ask->report = (struct cost_report){.asked_at = now, .month_start = ask->month_start, .days_end = ask->today, .forecast = NAN, .complete = true};
}

/* How it ends. */

static void tell(struct cost_ask *ask, bool under_way)
{
    struct cost_asking asking = {.under_way = under_way, .error = ask->error};
    cost_asking_set(feeds_estate(ask->feeds), ask->account, &asking);
}

static void finish(struct cost_ask *ask)
{
    struct feeds *feeds = ask->feeds;
    struct error e = {0};
    if (ask->report.lines.len || ask->error.kind == ERROR_NONE) {
        if (!costs_keep(feeds, ask->account, &ask->report, &e) && ask->error.kind == ERROR_NONE)
            ask->error = e;
        costs_set(feeds_estate(feeds), ask->account, &ask->report);
    }
    tell(ask, false);
    cost_report_free(&ask->report);
    *feeds_cost_ask(feeds) = NULL;
    free(ask);
}

static void failed(struct cost_ask *ask, const struct error *error)
{
    if (ask->error.kind == ERROR_NONE)
        ask->error = *error;
}

static void call(struct cost_ask *ask, const char *operation, json_t *take_input, aws_done *done)
{
    ask->report.requests++;
    ask->call = aws_call(feeds_session(ask->feeds, ask->account), "ce", operation, take_input, &here, done, ask);
    json_decref(take_input);
}

/* One more page, if the list goes on and there may be one. */
static const char *next_page(struct cost_ask *ask, const json_t *output)
{
    const char *token = json_text(output, "NextPageToken");
    if (token && ask->pages >= COST_PAGES_MAX) {
        ask->report.complete = false;
        return NULL;
    }
    ask->pages += token != NULL;
    return token;
}

/* Anomalies. */

static int newest_first(const void *a, const void *b)
{
    int64_t x = ((const struct cost_anomaly *)a)->from, y = ((const struct cost_anomaly *)b)->from;
    return x < y ? 1 : x > y ? -1 : 0;
}

void map_cost_anomaly(const json_t *row, struct cost_anomaly *n)
{
    *n = (struct cost_anomaly){.from = day_of(json_text(row, "AnomalyStartDate")), .to = day_of(json_text(row, "AnomalyEndDate")),
                               .impact = json_number(row, "Impact.TotalImpact", NAN), .expected = json_number(row, "Impact.TotalExpectedSpend", NAN)};
    FIELD(n->id, row, "AnomalyId");
    FIELD(n->service, row, "RootCauses.0.Service");
    FIELD(n->account, row, "RootCauses.0.LinkedAccount");
    FIELD(n->region, row, "RootCauses.0.Region");
    if (!*n->service)
        FIELD(n->service, row, "DimensionValue");
}

static void ask_anomalies(struct cost_ask *ask, const char *token);

static void got_anomalies(void *arg, json_t *output, const struct error *error)
{
    struct cost_ask *ask = arg;
    size_t i;
    json_t *row;
    ask->call = NULL;
    if (error)
        failed(ask, error);
    json_array_foreach(json_at(output, "Anomalies"), i, row)
        if (ask->report.anomalies.len < COST_LINES_MAX)
            map_cost_anomaly(row, vec_add(&ask->report.anomalies));
    const char *token = next_page(ask, output);
    if (token) {
        ask_anomalies(ask, token);
        return;
    }
    ask->report.anomalies_known = !error && !json_text(output, "NextPageToken");
    if (ask->report.anomalies.len)
        qsort(ask->report.anomalies.at, ask->report.anomalies.len, sizeof *ask->report.anomalies.at, newest_first);
    finish(ask);
}

static void ask_anomalies(struct cost_ask *ask, const char *token)
{
    char from[40], to[40];
    json_t *input = json_pack("{s:{s:s, s:s}, s:i}", "DateInterval", "StartDate", day_text(ask->today - LOOK_BACK * DAY_MS, from), "EndDate",
                              day_text(ask->today, to), "MaxResults", 100);
    if (token)
        json_object_set_new(input, "NextPageToken", json_string(token));
    call(ask, "GetAnomalies", input, got_anomalies);
}

/* The forecast is of what is to come; the month's is that and the days that are over. A young account has none: DataUnavailableException. */

static void got_forecast(void *arg, json_t *output, const struct error *error)
{
    struct cost_ask *ask = arg;
    ask->call = NULL;
    if (error && !text_equal(error->code, "DataUnavailableException"))
        failed(ask, error);
    ask->report.forecast = json_number(output, "Total.Amount", NAN) + ask->before_today;
    ask_anomalies(ask, NULL);
}

static void ask_forecast(struct cost_ask *ask)
{
    char from[40], to[40];
    call(ask, "GetCostForecast",
         json_pack("{s:{s:s, s:s}, s:s, s:s}", "TimePeriod", "Start", day_text(ask->today, from), "End", day_text(ask->month_end, to), "Metric",
                   "UNBLENDED_COST", "Granularity", "MONTHLY"),
         got_forecast);
}

/* Usage: by the day, account and service. */

static struct cost_line *line_of(struct cost_report *r, const char *account, const char *service)
{
    struct cost_line fresh = {.month = 0};
    text_clean(fresh.account, sizeof fresh.account, account, strlen(account));
    text_clean(fresh.service, sizeof fresh.service, service, strlen(service));
    for (size_t i = 0; i < r->lines.len; i++)
        if (!strcmp(r->lines.at[i].account, fresh.account) && !strcmp(r->lines.at[i].service, fresh.service))
            return &r->lines.at[i];
    if (r->lines.len >= COST_LINES_MAX) {
        r->complete = false;
        return NULL;
    }
    struct cost_line *line = vec_add(&r->lines);
    *line = fresh;
    for (int d = 0; d < COST_DAYS; d++)
        line->days[d] = 0; /* a day without a row for a service cost nothing */
    return line;
}

/* Returns what of it belongs to days of this month that are over. */
static double take_group(struct cost_report *r, const json_t *group, int64_t day)
{
    struct cost_line *line = line_of(r, json_text_or(group, "Keys.0", ""), json_text_or(group, "Keys.1", ""));
    double amount = json_number(group, "Metrics.UnblendedCost.Amount", NAN);
    int64_t back = (r->days_end - day) / DAY_MS;
    if (!line || isnan(amount))
        return 0;
    if (day >= r->month_start)
        line->month += amount;
    if (day < r->days_end && back >= 1 && back <= COST_DAYS)
        line->days[COST_DAYS - back] += amount;
    return day >= r->month_start && day < r->days_end ? amount : 0;
}

double map_cost_usage(const json_t *output, struct cost_report *r)
{
    double before = 0;
    size_t i, k;
    json_t *row, *group;
    json_array_foreach(json_at(output, "ResultsByTime"), i, row)
        json_array_foreach(json_at(row, "Groups"), k, group)
            before += take_group(r, group, day_of(json_text(row, "TimePeriod.Start")));
    return before;
}

static void ask_usage(struct cost_ask *ask, const char *token);

static void got_usage(void *arg, json_t *output, const struct error *error)
{
    struct cost_ask *ask = arg;
    ask->call = NULL;
    if (error) {
        failed(ask, error);
        finish(ask);
        return;
    }
    ask->before_today += map_cost_usage(output, &ask->report);
    const char *token = next_page(ask, output);
    if (token)
        ask_usage(ask, token);
    else
        ask_forecast(ask);
}

static void ask_usage(struct cost_ask *ask, const char *token)
{
    char from[40], to[40];
    int64_t week = ask->today - COST_DAYS * DAY_MS;
    json_t *input = json_pack("{s:{s:s, s:s}, s:s, s:[s], s:[{s:s, s:s}, {s:s, s:s}]}", "TimePeriod", "Start",
                              day_text(week < ask->month_start ? week : ask->month_start, from), "End", day_text(ask->today + DAY_MS, to),
                              "Granularity", "DAILY", "Metrics", "UnblendedCost", "GroupBy", "Type", "DIMENSION", "Key", "LINKED_ACCOUNT", "Type",
                              "DIMENSION", "Key", "SERVICE");
    if (token)
        json_object_set_new(input, "NextPageToken", json_string(token));
    call(ask, "GetCostAndUsage", input, got_usage);
}

void feeds_costs_ask(struct feeds *feeds)
{
    struct cost_ask **at = feeds_cost_ask(feeds);
    const struct account *management = estate_management(feeds_estate(feeds));
    if (*at || !management)
        return;
    struct cost_ask *ask = *at = mem_new(sizeof *ask);
    *ask = (struct cost_ask){.feeds = feeds, .account = management->index};
    set_times(ask, loop_wall(feeds_loop(feeds)));
    if (error_is(&management->slices[FEED_SESSION].error, WRONG_ACCOUNT)) { /* theirs would be paid for, and kept as ours */
        failed(ask, &management->slices[FEED_SESSION].error);
        finish(ask);
        return;
    }
    tell(ask, true);
    ask_usage(ask, NULL);
}

void cost_ask_cancel(struct feeds *feeds)
{
    struct cost_ask **at = feeds_cost_ask(feeds);
    if (!*at)
        return;
    aws_cancel((*at)->call);
    cost_report_free(&(*at)->report);
    free(*at);
    *at = NULL;
}
