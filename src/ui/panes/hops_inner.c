/* The hops in the VPC: load balancer, pods, database. */
#include <math.h>
#include <string.h>

#include "base/when.h"
#include "ui/panes/hops.h"
#include "ui/value.h"

#define APPS_MAX     6   /* Deployments by name; more are counted */
#define GIB          (1024.0 * 1024 * 1024)

/* The load balancer and its targets. */

static void add_zones(const struct hop_look *l)
{
    const struct balancing *b = &l->account->balancing;
    struct zone_health zones[NETWORK_ZONES];
    size_t count = balancing_zones(b, NULL, zones, NETWORK_ZONES);
    for (size_t i = 0; i < count; i++)
        hop_figure(l, 0, zones[i].healthy == zones[i].total ? ROLE_TEXT : zones[i].healthy ? ROLE_WARN : ROLE_BAD, "%s%s %d/%d", i ? "" : "healthy ",
            *zones[i].zone ? zone_short(zones[i].zone) : "–", zones[i].healthy, zones[i].total);
    if (count)
        return;
    hop_figure(l, 0, ROLE_DIM, balancing_is_used(b) ? "no target" : "no target group");
    if (!balancing_is_used(b))
        hop_is(l, HOP_NONE, "none");
}

/* Of all load balancers together, by the minute. */
static void add_up(const struct balancing *b, double all[BALANCER_POINTS], double failed[BALANCER_POINTS])
{
    for (size_t k = 0; k < BALANCER_POINTS; k++)
        all[k] = failed[k] = NAN;
    for (size_t i = 0; i < b->series.len; i++) {
        double answers[BALANCER_POINTS], errors[BALANCER_POINTS];
        balancer_answers(&b->series.at[i], answers, errors);
        for (size_t k = 0; k < BALANCER_POINTS; k++)
            if (!isnan(answers[k])) {
                all[k] = (isnan(all[k]) ? 0 : all[k]) + answers[k];
                failed[k] = (isnan(failed[k]) ? 0 : failed[k]) + errors[k];
            }
    }
}

static void add_groups(const struct hop_look *l)
{
    const struct balancing *b = &l->account->balancing;
    for (size_t g = 0; g < b->groups.len && g < APPS_MAX; g++) {
        struct zone_health zones[NETWORK_ZONES];
        size_t count = *b->groups.at[g].balancer ? balancing_zones(b, b->groups.at[g].arn, zones, NETWORK_ZONES) : 0;
        int healthy = 0, total = 0;
        for (size_t i = 0; i < count; i++) {
            healthy += zones[i].healthy;
            total += zones[i].total;
        }
        if (total)
            hop_figure(l, 5, healthy < total ? ROLE_WARN : ROLE_DIM, "%s %d/%d", b->groups.at[g].name, healthy, total);
    }
}

static double slowest(const struct balancing *b)
{
    double found = NAN;
    for (size_t i = 0; i < b->series.len; i++) {
        double latency = waf_rate(b->series.at[i].latency, RATE_OVER);
        found = isnan(found) || latency > found ? latency : found;
    }
    return found;
}

void hop_balancer(const struct hop_look *l)
{
    const struct balancing *b = &l->account->balancing;
    double answers[BALANCER_POINTS], errors[BALANCER_POINTS];
    char text[64];
    bool many = false;
    if (!hop_has(l, FEED_LOAD_BALANCERS))
        return;
    if (account_is_asleep(l->account)) /* nobody is to answer then */
        hop_is(l, HOP_ASLEEP, "asleep");
    add_zones(l);
    if (!b->series.len)
        return;
    add_up(b, answers, errors);
    for (size_t i = 0; i < b->series.len && !account_is_asleep(l->account); i++)
        many |= balancer_fails(&b->series.at[i]);
    double latency = slowest(b);
    hop_figure(l, 0, many ? ROLE_BAD : ROLE_TEXT, "5xx %s/min", text_grouped(waf_rate(errors, RATE_OVER), text, sizeof text));
    hop_trend(l, 0, errors, BALANCER_POINTS, 2 * ERRORS_LEAST);
    if (!isnan(latency))
        hop_figure(l, 2, ROLE_TEXT, "%.0f ms", latency * 1000);
    hop_figure(l, 3, ROLE_TEXT, "%s requests/min", text_grouped(waf_rate(answers, RATE_OVER), text, sizeof text));
    add_groups(l);
}

/* Pods: the applications' Deployments; add-ons are left out. */

struct failing {
    int count;
    const struct pod *first;
    bool one_zone;
};

static struct failing failing_pods(const struct account *a)
{
    struct failing out = {.one_zone = true};
    for (size_t i = 0; i < a->cluster.pods.len; i++) {
        const struct pod *pod = &a->cluster.pods.at[i];
        if (!pod_is_failing(pod))
            continue;
        out.count++;
        out.first = out.first ? out.first : pod;
        out.one_zone &= !strcmp(out.first->zone, pod->zone);
    }
    return out;
}

static bool is_short(const struct deployment *d) { return d->ready < d->desired; }

static void add_apps(const struct hop_look *l)
{
    const struct cluster *c = &l->account->cluster;
    int shown = 0, more = 0;
    for (int wanting = 1; wanting >= 0; wanting--) /* those that lack pods first */
        for (size_t i = 0; i < c->deployments.len; i++) {
            const struct deployment *d = &c->deployments.at[i];
            if (namespace_is_system(d->ns) || is_short(d) != (bool)wanting)
                continue;
            if (shown++ < APPS_MAX)
                hop_figure(l, 0, is_short(d) ? d->available ? ROLE_WARN : ROLE_BAD : ROLE_TEXT, "%s %d/%d", d->name, d->ready, d->desired);
            else
                more++;
            if (is_short(d))
                hop_moves(l, "starting");
        }
    if (more)
        hop_figure(l, 0, ROLE_DIM, "+%d more", more);
    if (shown)
        return;
    hop_is(l, HOP_NONE, "none");
    hop_figure(l, 0, ROLE_DIM, "no Deployment");
}

static void add_failing(const struct hop_look *l)
{
    struct failing all = failing_pods(l->account);
    if (all.count)
        hop_figure(l, 0, ROLE_BAD, "(%s%s%d %s)", all.one_zone ? zone_short(all.first->zone) : "", all.one_zone && *all.first->zone ? ": " : "",
                   all.count, all.first->status);
}

/* "1a 5/5": ready pods of the applications by zone. */
static void add_pod_zones(const struct hop_look *l)
{
    struct zone_health zones[NETWORK_ZONES];
    char text[NETWORK_ZONES * 40];
    size_t count = 0;
    for (size_t i = 0; i < l->account->cluster.pods.len; i++) {
        const struct pod *pod = &l->account->cluster.pods.at[i];
        if (namespace_is_system(pod->ns) || !*pod->zone || !strcmp(pod->status, "Terminating"))
            continue;
        struct zone_health *zone = zone_health_of(zones, &count, NETWORK_ZONES, pod->zone);
        if (!zone)
            continue;
        zone->total++;
        zone->healthy += pod_is_ready(pod);
    }
    for (size_t i = 0, len = 0; i < count; i++, len = strlen(text))
        text_format(text + len, sizeof text - len, "%s%s %d/%d", i ? "  " : "", zone_short(zones[i].zone), zones[i].healthy, zones[i].total);
    if (count)
        hop_figure(l, 2, ROLE_DIM, "%s", text);
}

void hop_pods(const struct hop_look *l)
{
    if (account_is_asleep(l->account))
        hop_is(l, HOP_ASLEEP, "asleep");
    if (hop_has(l, FEED_DEPLOYMENTS))
        add_apps(l);
    if (hop_has(l, FEED_PODS)) {
        add_failing(l);
        add_pod_zones(l);
    }
}

/* RDS: the database that the profile names, or the first that is not well. */

static const struct database *shown_database(const struct account *a)
{
    for (size_t i = 0; i < a->database.instances.len; i++)
        if (!database_works(&a->database.instances.at[i]) && !database_rests(a, &a->database.instances.at[i]))
            return &a->database.instances.at[i];
    return a->database.instances.len ? &a->database.instances.at[0] : NULL;
}

static double latest(const double *points) { return points ? edge_latest(points, LOAD_LATE) : NAN; }

static void add_load(const struct hop_look *l, const struct database *d)
{
    const struct database_load *load = database_load_of(&l->account->database, d->id);
    char text[40];
    if (!hop_part(l, FEED_DATABASE_LOAD, "load"))
        return;
    double free = latest(load ? load->free_bytes : NULL);
    hop_figure(l, 1, ROLE_TEXT, "conn %s", text_grouped(latest(load ? load->connections : NULL), text, sizeof text));
    hop_figure(l, 1, ROLE_TEXT, "cpu %s", percent_text(latest(load ? load->cpu : NULL), 0, text, sizeof text));
    if (load)
        hop_trend(l, 4, load->cpu, DATABASE_POINTS, 100);
    if (isnan(free)) {
        hop_figure(l, 2, ROLE_UNKNOWN, "free –");
        return;
    }
    hop_figure(l, 2, ROLE_TEXT, free < 10 * GIB ? "free %.1fGi" : "free %.0fGi", free / GIB);
    if (d->storage_gib > 0)
        hop_figure(l, 4, ROLE_DIM, "(of %dGi)", d->storage_gib);
}

void hop_database(const struct hop_look *l)
{
    const struct database *d = shown_database(l->account);
    char span[24];
    if (!hop_has(l, FEED_DATABASE))
        return;
    if (!d) {
        hop_is(l, HOP_NONE, "none");
        hop_figure(l, 0, ROLE_DIM, "no instance");
        return;
    }
    hop_figure(l, 0, database_works(d) ? ROLE_TEXT : database_rests(l->account, d) ? ROLE_DIM : ROLE_BAD, "%s", d->status);
    hop_figure(l, 0, ROLE_TEXT, *d->standby_zone ? "%s⇄%s" : "%s", zone_short(d->zone), zone_short(d->standby_zone));
    if (database_rests(l->account, d))
        hop_is(l, HOP_ASLEEP, strcmp(d->status, "stopped") ? d->status : "asleep");
    if (!database_rests(l->account, d))
        add_load(l, d);
    if (d->restorable_at)
        hop_figure(l, 1, ROLE_TEXT, "restore %s ago", when_short(l->view->now - d->restorable_at, span, sizeof span));
    if (l->account->database.instances.len > 1)
        hop_figure(l, 3, ROLE_DIM, "+%zu more", l->account->database.instances.len - 1);
    hop_figure(l, 5, ROLE_DIM, "%s %s %s", d->engine, d->version, d->class);
}
