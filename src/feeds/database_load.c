/* What the databases do: CPU, connections and free storage of the last hour by the minute, in one GetMetricData call a minute, which is paid for by
 * the metric: so only while somebody looks. */
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "feeds/series.h"

#define MOST 100 /* instances: three queries each, of 500 that a call may have */

static bool wanted(const struct account_config *account) { return account->database || account->kind != ACCOUNT_MANAGEMENT; }

static const struct series_metric metrics[] = {{'c', "CPUUtilization", "Average", offsetof(struct database_load, cpu)},
                                               {'n', "DatabaseConnections", "Maximum", offsetof(struct database_load, connections)},
                                               {'f', "FreeStorageSpace", "Minimum", offsetof(struct database_load, free_bytes)}};
static const struct series_kind kind = {.namespace = "AWS/RDS",
                                        .dimension = "DBInstanceIdentifier",
                                        .metrics = metrics,
                                        .metric_count = sizeof metrics / sizeof *metrics,
                                        .points = DATABASE_POINTS,
                                        .period_ms = SERIES_MINUTE,
                                        .row_size = sizeof(struct database_load),
                                        .row_value = offsetof(struct database_load, database)};

struct reading {
    struct calls calls;
    VEC(struct database_load) rows;
    struct series series;
    bool too_many;
};

static void add(struct reading *r, const char *database)
{
    r->too_many |= r->rows.len == MOST;
    if (r->too_many || !*database)
        return;
    struct database_load *load = vec_add(&r->rows);
    text_clean(load->database, sizeof load->database, database, strlen(database));
    series_blank(&kind, load);
}

static void ask(struct reading *r)
{
    r->series.rows = r->rows.at;
    r->series.count = r->rows.len;
    if (r->rows.len)
        series_ask(&r->calls, &r->series);
}

static void got_instances(struct feed_run *run, json_t *output, void *arg)
{
    size_t i;
    json_t *row;
    (void)arg;
    json_array_foreach(json_object_get(output, "DBInstances"), i, row)
        add(run->state, json_text_or(row, "DBInstanceIdentifier", ""));
    ask(run->state);
}

static void done(struct feed_run *run, const struct error *error)
{
    struct reading *r = run->state;
    struct error many = {0};
    if (!error && r->too_many) {
        error_set(&many, ERROR_PROTOCOL, "TooMany", "more than %d databases", MOST);
        error = &many;
    }
    run->state = NULL;
    if (!error)
        database_loads_set(feeds_estate(run->feeds), run->account, r->rows.at, r->rows.len);
    vec_free(&r->rows);
    free(r);
    feed_end(run, error);
}

/* The instances as their own feed has read them; looked for anew only where that one did not. */
static void go(struct feed_run *run)
{
    static const struct aws_call_options pages = {.all_pages = true};
    struct reading *r = run->state;
    const struct account *account = &feeds_estate(run->feeds)->accounts[run->account];
    calls_begin(&r->calls, run, done);
    if (slice_has_data(&account->slices[FEED_DATABASE])) {
        for (size_t i = 0; i < account->database.instances.len; i++)
            add(r, account->database.instances.at[i].id);
        ask(r);
    } else {
        json_t *input = run->config->database ? json_pack("{s:s}", "DBInstanceIdentifier", run->config->database) : NULL;
        calls_add(&r->calls, "rds", "DescribeDBInstances", input, &pages, got_instances, NULL);
    }
    calls_end(&r->calls);
}

static void start(struct feed_run *run)
{
    struct reading *r = run->state = mem_new(sizeof *r);
    r->series = (struct series){.kind = &kind, .end = series_minute(run)};
    if (!feed_await(run, FEED_DATABASE, go))
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

const struct feed_type feed_database_load = {
    .feed = FEED_DATABASE_LOAD, .interval_ms = 60000, .focus_ms = 60000, .focus_only = true, .wanted = wanted, .start = start, .stop = stop};
