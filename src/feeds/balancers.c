/* The load balancers at work: their target groups, the health of each target, and what they count. Health is read each half minute, each ten
 * seconds while somebody looks: it costs nothing. Metrics are paid for by the metric and have a new datum once a minute, so they are asked for
 * once a minute; that they could not be read hides no target. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "feeds/fields.h"
#include "feeds/map.h"
#include "feeds/series.h"

#define GROUPS_MAX   1000
#define BALANCER_MAX 40
#define TARGETS_MAX  4000

static const struct aws_call_options pages = {.all_pages = true};

static bool wanted(const struct account_config *account) { return account->kind != ACCOUNT_MANAGEMENT; }

struct reading {
    struct calls calls;
    struct balancing balancing;
    struct series series;
    bool listed, unread, too_many; /* unread: some group's targets */
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
    r->unread |= !output;
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
        calls_part(&r->calls, "elbv2", "DescribeTargetHealth", json_pack("{s:s}", "TargetGroupArn", r->balancing.groups.at[i].arn), &pages,
                   got_health, (void *)(uintptr_t)i);
}

/* Metrics: requests, 5xx of the targets, 5xx of the load balancer itself, latency. */

static const struct series_metric metrics[] = {{'r', "RequestCount", "Sum", offsetof(struct balancer_series, requests)},
                                               {'t', "HTTPCode_Target_5XX_Count", "Sum", offsetof(struct balancer_series, target_5xx)},
                                               {'b', "HTTPCode_ELB_5XX_Count", "Sum", offsetof(struct balancer_series, balancer_5xx)},
                                               {'l', "TargetResponseTime", "Average", offsetof(struct balancer_series, latency)}};
static const struct series_kind kind = {.namespace = "AWS/ApplicationELB",
                                        .dimension = "LoadBalancer",
                                        .metrics = metrics,
                                        .metric_count = sizeof metrics / sizeof *metrics,
                                        .points = BALANCER_POINTS,
                                        .period_ms = SERIES_MINUTE,
                                        .row_size = sizeof(struct balancer_series),
                                        .row_value = offsetof(struct balancer_series, balancer)};

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
static void begin_series(struct reading *r)
{
    for (size_t g = 0; g < r->balancing.groups.len && r->balancing.series.len < BALANCER_MAX; g++) {
        if (seen(r, g))
            continue;
        struct balancer_series *row = vec_add(&r->balancing.series);
        text_copy(row->balancer, sizeof row->balancer, r->balancing.groups.at[g].balancer);
        series_blank(&kind, row);
    }
}

static void got_series(struct feed_run *run)
{
    struct reading *r = run->state;
    for (size_t i = 0; i < r->balancing.series.len; i++)
        fill_gaps(&r->balancing.series.at[i]);
    balancer_series_set(feeds_estate(run->feeds), run->account, r->balancing.series.at, r->balancing.series.len, r->series.end);
}

static void ask_series(struct feed_run *run)
{
    struct reading *r = run->state;
    int64_t end = series_minute(run);
    if (end == feeds_estate(run->feeds)->accounts[run->account].balancing.series_end)
        return;
    begin_series(r);
    r->series = (struct series){.kind = &kind, .rows = r->balancing.series.at, .count = r->balancing.series.len, .end = end, .taken = got_series};
    if (r->series.count)
        series_ask(&r->calls, &r->series);
}

/* The reading. */

static void got_groups(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    size_t i;
    json_t *row;
    (void)arg;
    r->listed = true;
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
    struct error told = error ? *error : (struct error){0};
    bool whole = r->listed && !r->unread && !r->too_many;
    if (error && whole) /* all targets are known, and only what they count is not */
        error_prefix(&told, "metrics");
    else if (!error && r->too_many)
        error_set(&told, ERROR_PROTOCOL, "TooMany", "more than %d target groups or %d targets", GROUPS_MAX, TARGETS_MAX);
    run->state = NULL;
    if (r->balancing.targets.len)
        qsort(r->balancing.targets.at, r->balancing.targets.len, sizeof *r->balancing.targets.at, by_group);
    if (whole)
        targets_set(feeds_estate(run->feeds), run->account, &r->balancing, loop_wall(feeds_loop(run->feeds)));
    balancing_free(&r->balancing);
    free(r);
    feed_end_partly(run, whole, &told);
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
