/* The last answer that Cost Explorer was paid for, on this machine: read often, for it costs nothing, and another program may have asked. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/when.h"
#include "feeds/costs.h"
#include "feeds/fields.h"
#include "feeds/map.h"

#define CACHE_MAX ((size_t)4 << 20)

static char *cache_path(struct feeds *feeds, size_t account)
{
    const char *dir = feeds_cache_dir(feeds);
    const struct estate *e = feeds_estate(feeds);
    char name[160];
    text_format(name, sizeof name, "costs-%s-%s.json", e->config->name, e->accounts[account].config->id);
    return dir ? file_join(dir, name) : NULL;
}

static json_t *real(double number) { return isnan(number) ? json_null() : json_real(number); }

static json_t *moment(int64_t at)
{
    char text[40];
    return at ? json_string(when_iso(at, text, sizeof text)) : json_null();
}

static json_t *document(const struct cost_report *r)
{
    json_t *lines = json_array(), *anomalies = json_array();
    for (size_t i = 0; i < r->lines.len; i++) {
        const struct cost_line *line = &r->lines.at[i];
        json_t *days = json_array();
        for (int d = 0; d < COST_DAYS; d++)
            json_array_append_new(days, real(line->days[d]));
        json_array_append_new(lines, json_pack("{s:s, s:s, s:o, s:o}", "account", line->account, "service", line->service, "month", real(line->month),
                                               "days", days));
    }
    for (size_t i = 0; i < r->anomalies.len; i++) {
        const struct cost_anomaly *n = &r->anomalies.at[i];
        json_array_append_new(anomalies, json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "id", n->id, "account", n->account, "service",
                                                   n->service, "region", n->region, "from", moment(n->from), "to", moment(n->to), "impact",
                                                   real(n->impact), "expected", real(n->expected)));
    }
    return json_pack("{s:i, s:o, s:o, s:o, s:i, s:b, s:b, s:o, s:o, s:o}", "version", 1, "asked_at", moment(r->asked_at), "month_start",
                     moment(r->month_start), "days_end", moment(r->days_end), "requests", r->requests, "complete", r->complete, "anomalies_known",
                     r->anomalies_known, "forecast", real(r->forecast), "lines", lines, "anomalies", anomalies);
}

bool costs_keep(struct feeds *feeds, size_t account, const struct cost_report *report, struct error *e)
{
    char *path = cache_path(feeds, account);
    json_t *tree = document(report);
    char *text = json_dumps(tree, JSON_COMPACT);
    bool good = path && text;
    if (!good)
        error_set(e, ERROR_INPUT, "cache", "there is no cache directory: set XDG_CACHE_HOME or HOME");
    good = good && file_make_dirs(feeds_cache_dir(feeds), 0700, e) && file_write(path, text, strlen(text), 0600, e);
    free(text);
    json_decref(tree);
    free(path);
    return good;
}

static void map_line(const json_t *row, struct cost_line *line)
{
    *line = (struct cost_line){.month = json_number(row, "month", NAN)};
    FIELD(line->account, row, "account");
    FIELD(line->service, row, "service");
    for (int d = 0; d < COST_DAYS; d++) {
        const json_t *day = json_array_get(json_at(row, "days"), (size_t)d);
        line->days[d] = json_is_number(day) ? json_number_value(day) : NAN;
    }
}

static void map_kept_anomaly(const json_t *row, struct cost_anomaly *n)
{
    *n = (struct cost_anomaly){.from = json_when(row, "from"), .to = json_when(row, "to"), .impact = json_number(row, "impact", NAN),
                               .expected = json_number(row, "expected", NAN)};
    FIELD(n->id, row, "id");
    FIELD(n->account, row, "account");
    FIELD(n->service, row, "service");
    FIELD(n->region, row, "region");
}

bool map_kept_costs(const json_t *tree, struct cost_report *r)
{
    size_t i;
    json_t *row;
    *r = (struct cost_report){.asked_at = json_when(tree, "asked_at"),
                              .month_start = json_when(tree, "month_start"),
                              .days_end = json_when(tree, "days_end"),
                              .requests = (int)json_int(tree, "requests", 0),
                              .complete = json_flag(tree, "complete", false),
                              .anomalies_known = json_flag(tree, "anomalies_known", false),
                              .forecast = json_number(tree, "forecast", NAN)};
    json_array_foreach(json_at(tree, "lines"), i, row)
        if (i < COST_LINES_MAX)
            map_line(row, vec_add(&r->lines));
    json_array_foreach(json_at(tree, "anomalies"), i, row)
        if (i < COST_LINES_MAX)
            map_kept_anomaly(row, vec_add(&r->anomalies));
    return json_int(tree, "version", 0) == 1 && r->asked_at > 0;
}

/* The feed: what is kept. Nothing kept is an answer too: nobody has asked. */
static void start(struct feed_run *run)
{
    struct cost_report report = {.forecast = NAN};
    struct str text = STR_INIT(CACHE_MAX);
    struct error e = {0};
    char *path = cache_path(run->feeds, run->account);
    bool there = path && file_read(path, CACHE_MAX, &text, &e);
    if (!there && errno == ENOENT)
        e = (struct error){0};
    json_t *tree = there ? json_load(str_text(&text), text.len, &e) : NULL;
    if (tree && !map_kept_costs(tree, &report))
        error_set(&e, ERROR_INPUT, "cache", "%s is not what trivet wrote; delete it", path);
    if (e.kind == ERROR_NONE)
        costs_set(feeds_estate(run->feeds), run->account, &report);
    cost_report_free(&report);
    json_decref(tree);
    str_free(&text);
    free(path);
    if (e.kind == ERROR_NONE)
        feed_good(run);
    else
        feed_failed(run, &e);
}

static void stop(struct feed_run *run) { (void)run; }

static bool wanted(const struct account_config *account) { return account->kind == ACCOUNT_MANAGEMENT; }

const struct feed_type feed_costs = {
    .feed = FEED_COSTS, .interval_ms = 60000, .focus_ms = 10000, .focus_only = true, .wanted = wanted, .start = start, .stop = stop,
    .keyless = true};
