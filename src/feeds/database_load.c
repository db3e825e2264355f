/* What the databases do: CPU, connections and free storage of the last hour by the minute, in one GetMetricData call a minute, which is paid for by
 * the metric: so only while somebody looks. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "feeds/fields.h"
#include "feeds/internal.h"

#define MINUTE_MS INT64_C(60000)
#define MOST      100 /* instances: three queries each, of 500 that a call may have */

static const struct aws_call_options pages = {.all_pages = true};

static bool wanted(const struct account_config *account) { return account->database || account->kind != ACCOUNT_MANAGEMENT; }

/* Query ids are a letter and the place of the instance: c0, n0, f0, c1… */
static const struct {
    char letter;
    const char *metric, *statistic;
    size_t offset;
} kinds[] = {{'c', "CPUUtilization", "Average", offsetof(struct database_load, cpu)},
             {'n', "DatabaseConnections", "Maximum", offsetof(struct database_load, connections)},
             {'f', "FreeStorageSpace", "Minimum", offsetof(struct database_load, free_bytes)}};
#define KINDS (sizeof kinds / sizeof *kinds)

struct reading {
    struct calls calls;
    VEC(struct database_load) rows;
    int64_t end;
    bool too_many;
};

static double *points_of(struct database_load *load, size_t kind) { return (double *)(void *)((char *)load + kinds[kind].offset); }

static void place(struct reading *r, const json_t *result)
{
    const char *id = json_text_or(result, "Id", "");
    size_t row = *id ? strtoul(id + 1, NULL, 10) : r->rows.len;
    for (size_t k = 0; k < KINDS && row < r->rows.len; k++)
        if (kinds[k].letter == *id)
            field_points(points_of(&r->rows.at[row], k), DATABASE_POINTS, result, r->end, MINUTE_MS);
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
    return json_pack("{s:s, s:{s:{s:s, s:s, s:[{s:s, s:s}]}, s:i, s:s}}", "Id", id, "MetricStat", "Metric", "Namespace", "AWS/RDS", "MetricName",
                     kinds[kind].metric, "Dimensions", "Name", "DBInstanceIdentifier", "Value", r->rows.at[row].database, "Period", 60, "Stat",
                     kinds[kind].statistic);
}

static void add(struct reading *r, const char *database)
{
    r->too_many |= r->rows.len == MOST;
    if (r->too_many || !*database)
        return;
    struct database_load *load = vec_add(&r->rows);
    text_clean(load->database, sizeof load->database, database, strlen(database));
    for (size_t k = 0; k < KINDS; k++)
        for (size_t i = 0; i < DATABASE_POINTS; i++)
            points_of(load, k)[i] = NAN;
}

static void ask(struct reading *r)
{
    json_t *queries = json_array();
    for (size_t row = 0; row < r->rows.len; row++)
        for (size_t k = 0; k < KINDS; k++)
            json_array_append_new(queries, query(r, k, row));
    json_t *input = json_pack("{s:I, s:I, s:s, s:o}", "StartTime", (json_int_t)((r->end - DATABASE_POINTS * MINUTE_MS) / 1000), "EndTime",
                              (json_int_t)(r->end / 1000), "ScanBy", "TimestampAscending", "MetricDataQueries", queries);
    if (r->rows.len)
        calls_add(&r->calls, "cloudwatch", "GetMetricData", input, &pages, got_data, NULL);
    else
        json_decref(input);
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
        database_loads_set(feeds_estate(run->feeds), run->account, r->rows.at, r->rows.len, r->end);
    vec_free(&r->rows);
    free(r);
    feed_end(run, error);
}

/* The instances as their own feed has read them; looked for anew only where that one did not. */
static void go(struct feed_run *run)
{
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
    r->end = loop_wall(feeds_loop(run->feeds)) / MINUTE_MS * MINUTE_MS;
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
