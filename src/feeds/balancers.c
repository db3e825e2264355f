/* The load balancers at work: their target groups, the health of each target, and what they count. Health is read each half minute, each ten
 * seconds while somebody looks: it costs nothing. Metrics are paid for by the metric and have a new datum once a minute, so they are asked for
 * once a minute. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

#define MINUTE_MS    INT64_C(60000)
#define GROUPS_MAX   1000
#define BALANCER_MAX 40
#define TARGETS_MAX  4000

static const struct aws_call_options pages = {.all_pages = true};

static bool wanted(const struct account_config *account) { return account->kind != ACCOUNT_MANAGEMENT; }

struct reading {
    struct calls calls;
    struct balancing balancing;
    bool too_many;
};

void map_target_group(const json_t *row, struct target_group *group)
{
    *group = (struct target_group){.port = (int)json_int(row, "Port", -1)};
    const char *arn = json_text_or(row, "LoadBalancerArns.0", "");
    FIELD(group->arn, row, "TargetGroupArn");
    FIELD(group->name, row, "TargetGroupName");
    FIELD(group->protocol, row, "Protocol");
    FIELD(group->type, row, "TargetType");
    FIELD(group->path, row, "HealthCheckPath");
    FIELD(group->matcher, row, "Matcher.HttpCode");
    text_clean(group->balancer, sizeof group->balancer, balancer_key(arn), strlen(balancer_key(arn)));
}

void map_balancer_target(const json_t *row, const char *group, struct balancer_target *target)
{
    *target = (struct balancer_target){.port = (int)json_int(row, "Target.Port", -1)};
    text_copy(target->group, sizeof target->group, group);
    FIELD(target->id, row, "Target.Id");
    FIELD(target->zone, row, "Target.AvailabilityZone");
    FIELD(target->state, row, "TargetHealth.State");
    FIELD(target->reason, row, "TargetHealth.Reason");
}

/* Health. */

static void got_health(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(output, "TargetHealthDescriptions"), i, row) {
        r->too_many |= r->balancing.targets.len >= TARGETS_MAX;
        if (!r->too_many)
            map_balancer_target(row, r->balancing.groups.at[(uintptr_t)arg].arn, vec_add(&r->balancing.targets));
    }
}

/* The cluster's controller makes and deletes groups as it deploys: one that is gone by now has no targets. */
static void ask_health(struct reading *r)
{
    for (size_t i = 0; i < r->balancing.groups.len; i++)
        calls_each(&r->calls, "elbv2", "DescribeTargetHealth", json_pack("{s:s}", "TargetGroupArn", r->balancing.groups.at[i].arn), &pages,
                   got_health, (void *)(uintptr_t)i);
}

/* Metrics. Query ids are r0, t0, b0, l0, r1…: requests, 5xx of the targets, 5xx of the load balancer itself, latency; of the nth load balancer. */

static const struct {
    char letter;
    const char *metric, *statistic;
    size_t offset;
} kinds[] = {{'r', "RequestCount", "Sum", offsetof(struct balancer_series, requests)},
             {'t', "HTTPCode_Target_5XX_Count", "Sum", offsetof(struct balancer_series, target_5xx)},
             {'b', "HTTPCode_ELB_5XX_Count", "Sum", offsetof(struct balancer_series, balancer_5xx)},
             {'l', "TargetResponseTime", "Average", offsetof(struct balancer_series, latency)}};
#define KINDS (sizeof kinds / sizeof *kinds)

static double *points_of(struct balancer_series *series, size_t kind) { return (double *)(void *)((char *)series + kinds[kind].offset); }

static void place(struct balancer_series *rows, size_t count, const json_t *result, int64_t end)
{
    const char *id = json_text_or(result, "Id", "");
    size_t row = *id ? strtoul(id + 1, NULL, 10) : count, kind = 0;
    while (kind < KINDS && kinds[kind].letter != *id)
        kind++;
    if (kind < KINDS && row < count)
        field_points(points_of(&rows[row], kind), BALANCER_POINTS, result, end, MINUTE_MS);
}

/* An error that nobody met is not counted at all: where requests were, no datum means none. */
static void fill_gaps(struct balancer_series *row)
{
    for (size_t i = 0; i < BALANCER_POINTS; i++)
        if (!isnan(row->requests[i])) {
            row->target_5xx[i] = isnan(row->target_5xx[i]) ? 0 : row->target_5xx[i];
            row->balancer_5xx[i] = isnan(row->balancer_5xx[i]) ? 0 : row->balancer_5xx[i];
        }
}

static bool seen(const struct reading *r, size_t group)
{
    for (size_t i = 0; i < group; i++)
        if (!strcmp(r->balancing.groups.at[i].balancer, r->balancing.groups.at[group].balancer))
            return true;
    return !*r->balancing.groups.at[group].balancer || !text_starts(r->balancing.groups.at[group].balancer, "app/");
}

/* The application load balancers that the groups name, one row each. */
static size_t begin_series(const struct reading *r, struct balancer_series *rows)
{
    size_t count = 0;
    for (size_t g = 0; g < r->balancing.groups.len && count < BALANCER_MAX; g++) {
        if (seen(r, g))
            continue;
        text_copy(rows[count].balancer, sizeof rows[count].balancer, r->balancing.groups.at[g].balancer);
        for (size_t k = 0; k < KINDS; k++)
            for (size_t i = 0; i < BALANCER_POINTS; i++)
                points_of(&rows[count], k)[i] = NAN;
        count++;
    }
    return count;
}

static int64_t window_end(const struct feed_run *run) { return loop_wall(feeds_loop(run->feeds)) / MINUTE_MS * MINUTE_MS; }

static void got_series(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    struct balancer_series *rows = mem_new_array(BALANCER_MAX, sizeof *rows);
    size_t count = begin_series(r, rows), i;
    int64_t end = window_end(run);
    json_t *result;
    (void)arg;
    json_array_foreach(json_object_get(output, "MetricDataResults"), i, result)
        place(rows, count, result, end);
    for (size_t k = 0; k < count; k++)
        fill_gaps(&rows[k]);
    balancer_series_set(feeds_estate(run->feeds), run->account, rows, count, end);
    free(rows);
}

static json_t *metric_query(size_t kind, size_t row, const char *balancer)
{
    char id[24];
    text_format(id, sizeof id, "%c%zu", kinds[kind].letter, row);
    return json_pack("{s:s, s:{s:{s:s, s:s, s:[{s:s, s:s}]}, s:i, s:s}}", "Id", id, "MetricStat", "Metric", "Namespace", "AWS/ApplicationELB",
                     "MetricName", kinds[kind].metric, "Dimensions", "Name", "LoadBalancer", "Value", balancer, "Period", 60, "Stat",
                     kinds[kind].statistic);
}

static void ask_series(struct feed_run *run)
{
    struct reading *r = run->state;
    struct balancer_series *rows = mem_new_array(BALANCER_MAX, sizeof *rows);
    size_t count = begin_series(r, rows);
    int64_t end = window_end(run);
    json_t *queries = json_array();
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < KINDS; k++)
            json_array_append_new(queries, metric_query(k, i, rows[i].balancer));
    free(rows);
    json_t *input = json_pack("{s:I, s:I, s:s, s:o}", "StartTime", (json_int_t)(end / 1000 - BALANCER_POINTS * 60), "EndTime",
                              (json_int_t)(end / 1000), "ScanBy", "TimestampAscending", "MetricDataQueries", queries);
    if (count && end != feeds_estate(run->feeds)->accounts[run->account].balancing.series_end)
        calls_add(&r->calls, "cloudwatch", "GetMetricData", input, &pages, got_series, NULL);
    else
        json_decref(input);
}

/* The reading. */

static void got_groups(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    size_t i;
    json_t *row;
    (void)arg;
    json_array_foreach(json_object_get(output, "TargetGroups"), i, row) {
        r->too_many |= i >= GROUPS_MAX;
        if (!r->too_many)
            map_target_group(row, vec_add(&r->balancing.groups));
    }
    ask_series(run);
    ask_health(r);
}

/* Groups are asked together, and answer as they like. */
static int by_group(const void *a, const void *b)
{
    const struct balancer_target *x = a, *y = b;
    int order = strcmp(x->group, y->group);
    order = order ? order : strcmp(x->id, y->id);
    return order ? order : x->port - y->port;
}

static void done(struct feed_run *run, const struct error *error)
{
    struct reading *r = run->state;
    struct error many = {0};
    if (!error && r->too_many) {
        error_set(&many, ERROR_PROTOCOL, "TooMany", "more than %d target groups or %d targets", GROUPS_MAX, TARGETS_MAX);
        error = &many;
    }
    run->state = NULL;
    if (r->balancing.targets.len)
        qsort(r->balancing.targets.at, r->balancing.targets.len, sizeof *r->balancing.targets.at, by_group);
    if (!error)
        targets_set(feeds_estate(run->feeds), run->account, &r->balancing, loop_wall(feeds_loop(run->feeds)));
    balancing_free(&r->balancing);
    free(r);
    feed_end(run, error);
}

static void start(struct feed_run *run)
{
    struct reading *r = run->state = mem_new(sizeof *r);
    calls_begin(&r->calls, run, done);
    calls_add(&r->calls, "elbv2", "DescribeTargetGroups", NULL, &pages, got_groups, NULL);
    calls_end(&r->calls);
}

static void stop(struct feed_run *run)
{
    struct reading *r = run->state;
    calls_cancel(&r->calls);
    balancing_free(&r->balancing);
    free(r);
    run->state = NULL;
}

const struct feed_type feed_load_balancers = {
    .feed = FEED_LOAD_BALANCERS, .interval_ms = 30000, .focus_ms = 10000, .wanted = wanted, .start = start, .stop = stop};
