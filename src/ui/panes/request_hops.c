/* The six hops: what is known of each, in figures, and what is wrong with it, in words. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/when.h"
#include "ui/panes/request_path.h"
#include "ui/value.h"

#define ERRORS_BAD   1.0 /* per cent of the answers */
#define ERRORS_LEAST 5   /* a minute: fewer are no trouble, however few the requests */
#define ERRORS_OVER  5   /* minutes */
#define EDGE_LATE    15  /* minutes: CloudFront counts late */
#define LOAD_LATE    5
#define APPS_MAX     6   /* Deployments by name; more are counted */
#define GIB          (1024.0 * 1024 * 1024)

struct looking {
    const struct pane_view *view;
    const struct account *account;
    size_t trend;
    struct hop *hop;
};

static bool has(const struct looking *l, enum feed feed) { return slice_has_data(&l->account->slices[feed]); }

__attribute__((format(printf, 4, 5))) static void add(const struct looking *l, uint8_t rank, uint8_t role, const char *format, ...)
{
    struct hop *hop = l->hop;
    char text[2 * sizeof hop->figures->text];
    va_list ap;
    if (hop->count == HOP_FIGURES)
        return;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    struct figure *f = &hop->figures[hop->count++];
    *f = (struct figure){.rank = rank, .role = role};
    text_copy(f->text, sizeof f->text, text);
}

/* most: what fills its height at least. */
static void add_trend(const struct looking *l, uint8_t rank, const double *points, size_t count, double most)
{
    char text[sizeof l->hop->figures->text];
    size_t before = l->hop->count, known = count;
    while (known && isnan(points[known - 1])) /* what comes late leaves no hole at the end */
        known--;
    if (!l->trend || !known)
        return;
    add(l, rank, ROLE_SPARK, "%s", spark_to(points, known, l->trend, most, text, sizeof text));
    if (l->hop->count > before)
        l->hop->figures[before].drawing = l->hop->figures[before].near = true;
}

/* The first that is found wrong stands. `told`: the account's problems say so too. */
__attribute__((format(printf, 4, 5))) static void fails(const struct looking *l, bool told, const char *word, const char *format, ...)
{
    char why[2 * sizeof l->hop->why];
    va_list ap;
    if (l->hop->state == HOP_BAD)
        return;
    l->hop->state = HOP_BAD;
    l->hop->role = ROLE_BAD;
    l->hop->told = told;
    text_copy(l->hop->word, sizeof l->hop->word, word);
    va_start(ap, format);
    vsnprintf(why, sizeof why, format, ap);
    va_end(ap);
    text_copy(l->hop->why, sizeof l->hop->why, why);
}

/* What is bad, or not known any more, stays so. */
static void is(const struct looking *l, enum hop_state state, const char *word)
{
    if (l->hop->state != HOP_OK)
        return;
    l->hop->state = state;
    text_copy(l->hop->word, sizeof l->hop->word, word);
}

/* Well, but on its way somewhere. */
static void moves(const struct looking *l, const char *word)
{
    if (l->hop->state != HOP_OK)
        return;
    l->hop->role = ROLE_WARN;
    text_copy(l->hop->word, sizeof l->hop->word, word);
}

/* A part of it that comes from another feed: by the service's own word where it could not be read. True: it is there. */
static bool part(const struct looking *l, enum feed feed, const char *what)
{
    const struct slice *slice = &l->account->slices[feed];
    char age[24];
    if (slice->state == SLICE_FAILED)
        add(l, 0, ROLE_BAD, "%s %s", what, slice->error.code);
    else if (slice->state == SLICE_NEVER || slice->state == SLICE_LOADING)
        add(l, 1, ROLE_UNKNOWN, "%s …", what);
    else if (slice->state == SLICE_STALE)
        add(l, 0, ROLE_STALE, "%s %s old", what, when_short(l->view->now - slice->read_at, age, sizeof age));
    return slice_has_data(slice);
}

/* Route 53: the names of the site. */

static bool is_live(const struct account_edge *e, const struct edge_alias *alias)
{
    const struct edge_distribution *d = edge_distribution(e, alias->distribution);
    return d && d->enabled;
}

/* Is it led wrong? Then it is the one to be shown. */
static bool check_alias(const struct looking *l, const struct edge_alias *alias)
{
    const char *target;
    enum edge_lead lead = edge_lead_of(&l->account->edge, alias, &target);
    if (lead == EDGE_LEADS_ELSEWHERE)
        fails(l, false, "leads elsewhere", "%s leads to %s, not to CloudFront", alias->name, target);
    else if (lead == EDGE_HAS_NO_RECORD)
        fails(l, false, "no record", "%s has no record in its zone", alias->name);
    else if (lead == EDGE_IN_NO_ZONE)
        is(l, HOP_UNKNOWN, "zone not here");
    return lead == EDGE_LEADS_ELSEWHERE || lead == EDGE_HAS_NO_RECORD;
}

static void add_alias(const struct looking *l, const struct edge_alias *alias, bool wrong, size_t others)
{
    const struct account_edge *e = &l->account->edge;
    const struct edge_zone *zone = edge_zone_of(e, alias->name, false);
    const char *target;
    edge_lead_of(e, alias, &target);
    add(l, 0, wrong ? ROLE_BAD : ROLE_TEXT, "%s → %s", alias->name, target ? target : wrong ? "nothing" : "–");
    if (others)
        add(l, 1, ROLE_DIM, "+%zu name%s", others, others == 1 ? "" : "s");
    if (zone && zone->records >= 0)
        add(l, 2, ROLE_DIM, "zone %s, %lld records", zone->name, (long long)zone->records);
}

static void names(const struct looking *l)
{
    const struct account_edge *e = &l->account->edge;
    const struct edge_alias *shown = NULL;
    size_t count = 0;
    bool wrong = false;
    if (!edge_knows(e, EDGE_DISTRIBUTIONS) || !edge_knows(e, EDGE_ZONES) || !edge_knows(e, EDGE_RECORDS)) {
        is(l, HOP_UNKNOWN, "–");
        return;
    }
    for (size_t i = 0; i < e->aliases.len; i++) {
        const struct edge_alias *alias = &e->aliases.at[i];
        if (!is_live(e, alias))
            continue;
        bool this_one = check_alias(l, alias) && !wrong;
        shown = this_one || !shown ? alias : shown;
        wrong |= this_one;
        count++;
    }
    if (shown) {
        add_alias(l, shown, wrong, count - 1);
        return;
    }
    is(l, HOP_NONE, "none");
    add(l, 0, ROLE_DIM, "no distribution has a name of its own");
}

/* CloudFront: the busiest distribution, or one that fails. */

static const struct edge_series *shown_series(const struct edge_traffic *t)
{
    const struct edge_series *found = NULL;
    for (size_t i = 0; i < t->series.len; i++) {
        const struct edge_series *s = &t->series.at[i];
        if (edge_latest(s->errors_5xx, EDGE_LATE) >= ERRORS_BAD)
            return s;
        double more = edge_latest(s->requests, EDGE_LATE), most = found ? edge_latest(found->requests, EDGE_LATE) : NAN;
        found = !found || more > most || (isnan(most) && !isnan(more)) ? s : found;
    }
    return found;
}

static void check_distributions(const struct looking *l)
{
    const struct account_edge *e = &l->account->edge;
    char age[24];
    for (size_t i = 0; i < e->distributions.len; i++) {
        const struct edge_distribution *d = &e->distributions.at[i];
        const struct edge_certificate *c = edge_certificate(e, d->certificate);
        if (!d->enabled && e->distributions.len == 1)
            fails(l, false, "disabled", "distribution %s is disabled", d->id);
        if (d->enabled && strcmp(d->status, "Deployed") != 0)
            add(l, 1, ROLE_WARN, "%s", d->status);
        if (d->enabled && c && c->expires_at > l->view->now)
            add(l, 4, ROLE_DIM, "certificate %s", when_short(c->expires_at - l->view->now, age, sizeof age));
    }
}

static void distribution(const struct looking *l)
{
    const struct edge_series *s = shown_series(&l->account->edge_traffic);
    char text[64];
    if (!has(l, FEED_EDGE_METRICS))
        return;
    if (!s) {
        is(l, HOP_NONE, "none");
        add(l, 0, ROLE_DIM, "no distribution");
        return;
    }
    double failed = edge_latest(s->errors_5xx, EDGE_LATE), late = edge_latest(s->latency, EDGE_LATE);
    double hits = edge_latest(s->hits, EDGE_LATE);
    if (edge_more_metrics(s))
        add(l, 1, hits < l->view->estate->config->cache_hit * 100 ? ROLE_WARN : ROLE_TEXT, "hit %s", percent_text(hits, 0, text, sizeof text));
    else
        add(l, 1, ROLE_UNKNOWN, "hits not counted");
    add(l, 2, ROLE_TEXT, "4xx %s", percent_text(edge_latest(s->errors_4xx, EDGE_LATE), 1, text, sizeof text));
    add(l, 0, failed >= ERRORS_BAD ? ROLE_BAD : ROLE_TEXT, "5xx %s", percent_text(failed, 1, text, sizeof text));
    add_trend(l, 0, s->errors_5xx, EDGE_POINTS, ERRORS_BAD);
    if (isnan(late))
        add(l, 1, ROLE_UNKNOWN, "p99 –");
    else
        add(l, 1, ROLE_TEXT, late < 1000 ? "p99 %.0f ms" : "p99 %.1f s", late < 1000 ? late : late / 1000);
    add(l, 3, ROLE_TEXT, "%s requests/min", grouped(edge_latest(s->requests, EDGE_LATE), text, sizeof text));
    if (isnan(failed))
        is(l, HOP_UNKNOWN, "no data");
    if (failed >= ERRORS_BAD)
        fails(l, false, "5xx", "%s of what CloudFront answers is 5xx", percent_text(failed, 1, text, sizeof text));
    check_distributions(l);
}

/* WAF. */

static const struct waf_series *top_rule(const struct web_acl *acl)
{
    const struct waf_series *found = NULL;
    for (size_t i = 0; i < acl->series.len; i++)
        if (strcmp(acl->series.at[i].rule, "ALL") != 0 && waf_rate(acl->series.at[i].blocked, 1) > (found ? waf_rate(found->blocked, 1) : 0))
            found = &acl->series.at[i];
    return found;
}

static void web_acl(const struct looking *l)
{
    const struct waf_series *all = web_acl_series(&l->account->web_acl, "ALL"), *top = top_rule(&l->account->web_acl);
    const struct account_edge *e = &l->account->edge;
    char text[64];
    if (!has(l, FEED_WAF_METRICS))
        return;
    add(l, 2, ROLE_TEXT, "allowed %s", grouped(all ? waf_rate(all->allowed, 1) : NAN, text, sizeof text));
    add(l, 0, ROLE_TEXT, "blocked %s/min", grouped(all ? waf_rate(all->blocked, 1) : NAN, text, sizeof text));
    if (!all)
        is(l, HOP_UNKNOWN, "no data");
    else
        add_trend(l, 0, all->blocked, WAF_POINTS, 0);
    if (top)
        add(l, 1, ROLE_TEXT, "top %s %s", waf_rule_short(top->rule), grouped(waf_rate(top->blocked, 1), text, sizeof text));
    for (size_t i = 0; i < e->distributions.len; i++)
        if (e->distributions.at[i].enabled && !*e->distributions.at[i].web_acl)
            fails(l, false, "no web ACL", "distribution %s has no web ACL before it", e->distributions.at[i].id);
}

/* The load balancer and its targets. */

static void add_zones(const struct looking *l)
{
    const struct balancing *b = &l->account->balancing;
    struct zone_health zones[NETWORK_ZONES];
    size_t count = balancing_zones(b, NULL, zones, NETWORK_ZONES);
    for (size_t i = 0; i < count; i++)
        add(l, 0, zones[i].healthy == zones[i].total ? ROLE_TEXT : zones[i].healthy ? ROLE_WARN : ROLE_BAD, "%s%s %d/%d", i ? "" : "healthy ",
            *zones[i].zone ? zone_short(zones[i].zone) : "–", zones[i].healthy, zones[i].total);
    if (count)
        return;
    add(l, 0, ROLE_DIM, b->groups.len ? "no target" : "no target group");
    if (!b->groups.len)
        is(l, HOP_NONE, "none");
    else if (l->hop->state == HOP_OK)
        fails(l, false, "no target", "no target stands behind the load balancer");
}

static void check_targets(const struct looking *l)
{
    const struct balancing *b = &l->account->balancing;
    const struct balancer_target *first = NULL;
    bool elsewhere = false;
    int bad = 0;
    char word[40];
    for (size_t i = 0; i < b->targets.len; i++) {
        const struct target_group *group = balancing_group(b, b->targets.at[i].group);
        if (!target_is_bad(&b->targets.at[i]) || !group || !*group->balancer)
            continue;
        bad++;
        first = first ? first : &b->targets.at[i];
        elsewhere |= strcmp(first->zone, b->targets.at[i].zone) != 0;
    }
    if (!first)
        return;
    text_format(word, sizeof word, "targets%s%s", elsewhere || !*first->zone ? "" : " ", elsewhere ? "" : zone_short(first->zone));
    fails(l, true, word, "%d of %zu targets unhealthy", bad, b->targets.len);
}

/* Of all load balancers together, by the minute. */
static void add_up(const struct balancing *b, double requests[BALANCER_POINTS], double errors[BALANCER_POINTS])
{
    for (size_t k = 0; k < BALANCER_POINTS; k++) {
        requests[k] = errors[k] = NAN;
        for (size_t i = 0; i < b->series.len; i++) {
            const struct balancer_series *s = &b->series.at[i];
            if (isnan(s->requests[k]))
                continue;
            requests[k] = (isnan(requests[k]) ? 0 : requests[k]) + s->requests[k];
            errors[k] = (isnan(errors[k]) ? 0 : errors[k]) + (isnan(s->target_5xx[k]) ? 0 : s->target_5xx[k]) +
                        (isnan(s->balancer_5xx[k]) ? 0 : s->balancer_5xx[k]);
        }
    }
}

static void add_groups(const struct looking *l)
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
            add(l, 5, healthy < total ? ROLE_WARN : ROLE_DIM, "%s %d/%d", b->groups.at[g].name, healthy, total);
    }
}

static void balancer(const struct looking *l)
{
    const struct balancing *b = &l->account->balancing;
    double requests[BALANCER_POINTS], errors[BALANCER_POINTS];
    char text[64];
    bool asleep = account_is_asleep(l->account); /* nobody is to answer then */
    if (!has(l, FEED_LOAD_BALANCERS))
        return;
    if (asleep)
        is(l, HOP_ASLEEP, "asleep");
    add_zones(l);
    if (!asleep)
        check_targets(l);
    if (!b->series.len)
        return;
    add_up(b, requests, errors);
    double failed = waf_rate(errors, ERRORS_OVER), asked = waf_rate(requests, ERRORS_OVER), latency = waf_rate(b->series.at[0].latency, ERRORS_OVER);
    bool many = !asleep && failed >= ERRORS_LEAST && failed >= asked * ERRORS_BAD / 100;
    add(l, 0, many ? ROLE_BAD : ROLE_TEXT, "5xx %s/min", grouped(failed, text, sizeof text));
    add_trend(l, 0, errors, BALANCER_POINTS, 2 * ERRORS_LEAST);
    if (!isnan(latency))
        add(l, 2, ROLE_TEXT, "%.0f ms", latency * 1000);
    add(l, 3, ROLE_TEXT, "%s requests/min", grouped(asked, text, sizeof text));
    add_groups(l);
    if (many)
        fails(l, false, "5xx", "%s answers a minute are 5xx, %.1f%% of all", grouped(failed, text, sizeof text), 100 * failed / asked);
}

/* Pods: the applications' Deployments; add-ons are left out. */

struct failing { /* of a Deployment, or of the whole cluster */
    int count;
    const struct pod *first;
    bool one_zone;
};

static struct failing failing_pods(const struct account *a, const struct deployment *d)
{
    struct failing out = {.one_zone = true};
    for (size_t i = 0; i < a->cluster.pods.len; i++) {
        const struct pod *pod = &a->cluster.pods.at[i];
        if (!pod_is_failing(pod) || (d && !pod_revision(pod, d)))
            continue;
        out.count++;
        out.first = out.first ? out.first : pod;
        out.one_zone &= !strcmp(out.first->zone, pod->zone);
    }
    return out;
}

static bool is_short(const struct deployment *d) { return d->ready < d->desired; }

static void add_apps(const struct looking *l)
{
    const struct cluster *c = &l->account->cluster;
    int shown = 0, more = 0;
    for (int wanting = 1; wanting >= 0; wanting--) /* those that lack pods first */
        for (size_t i = 0; i < c->deployments.len; i++) {
            const struct deployment *d = &c->deployments.at[i];
            if (namespace_is_system(d->ns) || is_short(d) != (bool)wanting)
                continue;
            if (shown++ < APPS_MAX)
                add(l, 0, is_short(d) ? d->available ? ROLE_WARN : ROLE_BAD : ROLE_TEXT, "%s %d/%d", d->name, d->ready, d->desired);
            else
                more++;
            if (is_short(d) && d->available == 0)
                fails(l, true, d->name, "deployment %s has none of %d available", d->name, d->desired);
            else if (is_short(d))
                moves(l, "starting");
        }
    if (more)
        add(l, 0, ROLE_DIM, "+%d more", more);
    if (shown)
        return;
    is(l, HOP_NONE, "none");
    add(l, 0, ROLE_DIM, "no Deployment");
}

static void check_pods(const struct looking *l)
{
    const struct cluster *c = &l->account->cluster;
    struct failing all = failing_pods(l->account, NULL);
    const char *of = "pods";
    if (!all.count)
        return;
    for (size_t i = 0; i < c->deployments.len; i++)
        of = pod_revision(all.first, &c->deployments.at[i]) ? c->deployments.at[i].name : of;
    add(l, 0, ROLE_BAD, "(%s%s%d %s)", all.one_zone ? zone_short(all.first->zone) : "", all.one_zone && *all.first->zone ? ": " : "", all.count,
        all.first->status);
    fails(l, true, of, "%d pods failing: %s %s", all.count, all.first->name, all.first->status);
}

/* "1a 5/5": ready pods of the applications by zone. */
static void add_pod_zones(const struct looking *l)
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
        add(l, 2, ROLE_DIM, "%s", text);
}

static void pods(const struct looking *l)
{
    if (account_is_asleep(l->account))
        is(l, HOP_ASLEEP, "asleep");
    if (has(l, FEED_DEPLOYMENTS))
        add_apps(l);
    if (has(l, FEED_PODS)) {
        check_pods(l);
        add_pod_zones(l);
    }
}

/* RDS: the database that the profile names, or the first that is not well. */

static bool works(const struct database *d) { return !strcmp(d->status, "available") || !strcmp(d->status, "backing-up"); }

static bool rests(const struct account *a, const struct database *d)
{
    bool may = a->config->kind == ACCOUNT_DEVELOPMENT && a->config->auto_shutdown.stop;
    return may && (!strcmp(d->status, "stopped") || !strcmp(d->status, "stopping") || !strcmp(d->status, "starting"));
}

static const struct database *shown_database(const struct account *a)
{
    for (size_t i = 0; i < a->database.instances.len; i++)
        if (!works(&a->database.instances.at[i]) && !rests(a, &a->database.instances.at[i]))
            return &a->database.instances.at[i];
    return a->database.instances.len ? &a->database.instances.at[0] : NULL;
}

static double latest(const double *points) { return points ? edge_latest(points, LOAD_LATE) : NAN; }

static void add_load(const struct looking *l, const struct database *d)
{
    const struct database_load *load = database_load_of(&l->account->database, d->id);
    char text[40];
    if (!part(l, FEED_DATABASE_LOAD, "load"))
        return;
    double free = latest(load ? load->free_bytes : NULL);
    add(l, 1, ROLE_TEXT, "conn %s", grouped(latest(load ? load->connections : NULL), text, sizeof text));
    add(l, 1, ROLE_TEXT, "cpu %s", percent_text(latest(load ? load->cpu : NULL), 0, text, sizeof text));
    if (load)
        add_trend(l, 4, load->cpu, DATABASE_POINTS, 100);
    if (isnan(free)) {
        add(l, 2, ROLE_UNKNOWN, "free –");
        return;
    }
    add(l, 2, ROLE_TEXT, free < 10 * GIB ? "free %.1fGi" : "free %.0fGi", free / GIB);
    if (d->storage_gib > 0)
        add(l, 4, ROLE_DIM, "(of %dGi)", d->storage_gib);
}

static void check_database(const struct looking *l, const struct database *d)
{
    if (rests(l->account, d))
        is(l, HOP_ASLEEP, strcmp(d->status, "stopped") ? d->status : "asleep");
    else if (!works(d))
        fails(l, true, *d->status ? d->status : "status not told", "database %s: %s", d->id, *d->status ? d->status : "status not told");
    else if (l->account->config->kind == ACCOUNT_PRODUCTION && !d->multi_az)
        fails(l, true, "no standby", "database %s has no standby", d->id);
}

static void database(const struct looking *l)
{
    const struct database *d = shown_database(l->account);
    char span[24];
    if (!has(l, FEED_DATABASE))
        return;
    if (!d && l->account->config->database)
        fails(l, true, "not there", "database %s is not there", l->account->config->database);
    else if (!d)
        is(l, HOP_NONE, "none");
    if (!d) {
        add(l, 0, ROLE_DIM, "no instance");
        return;
    }
    add(l, 0, works(d) ? ROLE_TEXT : rests(l->account, d) ? ROLE_DIM : ROLE_BAD, "%s", d->status);
    add(l, 0, ROLE_TEXT, *d->standby_zone ? "%s⇄%s" : "%s", zone_short(d->zone), zone_short(d->standby_zone));
    check_database(l, d);
    if (!rests(l->account, d))
        add_load(l, d);
    if (d->restorable_at)
        add(l, 1, ROLE_TEXT, "restore %s ago", when_short(l->view->now - d->restorable_at, span, sizeof span));
    if (l->account->database.instances.len > 1)
        add(l, 3, ROLE_DIM, "+%zu more", l->account->database.instances.len - 1);
    add(l, 5, ROLE_DIM, "%s %s %s", d->engine, d->version, d->class);
}

/* The table of hops: the feeds without which it is not known, whose problems are its own and what they are called, and whose alarms are. */
static const struct {
    const char *name, *pane;
    feed_mask feeds, problems;
    const char *word;
    const char *space; /* namespace of its metrics */
    void (*look)(const struct looking *l);
} hops[HOPS] = {
    {"Route 53", "edge", FEED_BIT(FEED_EDGE), 0, NULL, NULL, names},
    {"CloudFront", "edge", FEED_BIT(FEED_EDGE_METRICS), FEED_BIT(FEED_EDGE), "certificate", "AWS/CloudFront", distribution},
    {"WAF", "waf", FEED_BIT(FEED_WAF_METRICS), 0, NULL, "AWS/WAFV2", web_acl},
    {"ALB", "network", FEED_BIT(FEED_LOAD_BALANCERS), FEED_BIT(FEED_LOAD_BALANCERS), "targets", "AWS/ApplicationELB", balancer},
    {"Pods", "pods", FEED_BIT(FEED_DEPLOYMENTS) | FEED_BIT(FEED_PODS), FEED_BIT(FEED_DEPLOYMENTS) | FEED_BIT(FEED_PODS), "not ready",
     "ContainerInsights", pods},
    {"RDS", "database", FEED_BIT(FEED_DATABASE), FEED_BIT(FEED_DATABASE), "attention", "AWS/RDS", database},
};

const char *request_path_pane(size_t which) { return hops[which].pane; }

const char *hop_state_name(enum hop_state state)
{
    static const char *const names_of[] = {"ok", "bad", "unknown", "asleep", "none"};
    return names_of[state];
}

/* The worst of the feeds without which it is not known. */
static enum feed worst_of(const struct account *a, feed_mask feeds)
{
    static const int order[] = {[SLICE_FRESH] = 0, [SLICE_STALE] = 1, [SLICE_NEVER] = 2, [SLICE_LOADING] = 2, [SLICE_FAILED] = 3, [SLICE_NONE] = 4};
    enum feed worst = FEED_COUNT;
    for (int f = 0; f < FEED_COUNT; f++)
        if ((feeds & FEED_BIT(f)) && (worst == FEED_COUNT || order[a->slices[f].state] > order[a->slices[worst].state]))
            worst = (enum feed)f;
    return worst;
}

/* Before a look: unless all of it was read lately, its word says how that stands. */
static void begin(const struct looking *l, enum feed feed)
{
    const struct slice *slice = &l->account->slices[feed];
    char age[24], word[48];
    l->hop->told = !(FEEDS_EXTRA & FEED_BIT(feed));
    switch (slice->state) {
    case SLICE_NONE:
        is(l, HOP_NONE, "none");
        break;
    case SLICE_NEVER:
    case SLICE_LOADING:
        is(l, HOP_UNKNOWN, "…");
        break;
    case SLICE_FAILED:
        is(l, HOP_UNKNOWN, slice->error.code);
        break;
    case SLICE_STALE:
        text_format(word, sizeof word, "stale %s", when_short(l->view->now - slice->read_at, age, sizeof age));
        is(l, HOP_UNKNOWN, word);
        break;
    case SLICE_FRESH:
        is(l, HOP_OK, "ok");
    }
    if (slice->error.kind != ERROR_NONE && slice->state != SLICE_NONE)
        error_text(&slice->error, l->hop->why, sizeof l->hop->why);
}

/* A hop is not well while the account's problems tell of it. Not those that say what could not be read: its word does. */
static void check_problems(const struct looking *l, const struct health_report *report, feed_mask feeds, const char *word)
{
    for (size_t i = 0; i < report->count && i < sizeof report->problem / sizeof *report->problem; i++) {
        enum feed feed = report->problem[i].feed;
        bool unread = l->account->slices[feed].error.kind != ERROR_NONE && !(FEEDS_EXTRA & FEED_BIT(feed));
        if ((feeds & FEED_BIT(feed)) && !report->problem[i].quiet && !unread)
            fails(l, true, word, "%s", report->problem[i].text);
    }
}

/* Whoever set an alarm on a hop's metric has said what is too much for it. */
static void check_alarms(const struct looking *l, const char *space)
{
    for (size_t i = 0; space && has(l, FEED_ALARMS) && i < l->account->alarms.len; i++) {
        const struct alarm *alarm = &l->account->alarms.at[i];
        if (alarm->state == ALARM_ALARM && !*alarm->acknowledged_by && !strcmp(alarm->namespace_, space))
            fails(l, true, alarm->name, "alarm %s: %s", alarm->name, alarm->reason);
    }
}

static uint8_t word_role(const struct hop *hop, const struct slice *slice)
{
    static const uint8_t roles[] = {[HOP_OK] = ROLE_OK, [HOP_BAD] = ROLE_BAD, [HOP_UNKNOWN] = ROLE_UNKNOWN, [HOP_ASLEEP] = ROLE_DIM,
                                    [HOP_NONE] = ROLE_DIM};
    if (hop->state != HOP_UNKNOWN)
        return roles[hop->state];
    return slice->state == SLICE_FAILED ? ROLE_BAD : slice->state == SLICE_STALE ? ROLE_STALE : ROLE_UNKNOWN;
}

static void look(const struct looking *l, size_t which, const struct health_report *report)
{
    struct hop *out = l->hop;
    enum feed feed = worst_of(l->account, hops[which].feeds);
    const struct slice *slice = &l->account->slices[feed];
    char age[24];
    *out = (struct hop){.name = hops[which].name, .pane = hops[which].pane};
    begin(l, feed);
    if (slice->state != SLICE_NONE)
        hops[which].look(l);
    check_problems(l, report, hops[which].problems, hops[which].word);
    check_alarms(l, hops[which].space);
    if (out->state == HOP_BAD && slice->state == SLICE_STALE)
        add(l, 0, ROLE_STALE, "%s old", when_short(l->view->now - slice->read_at, age, sizeof age));
    bool reading = slice->state == SLICE_NEVER || slice->state == SLICE_LOADING;
    if (!out->count)
        add(l, 0, slice->state == SLICE_NONE ? ROLE_DIM : ROLE_UNKNOWN, "%s",
            slice->state == SLICE_NONE ? "not in the profile" : reading ? "reading…" : "not known");
    out->role = out->role ? out->role : word_role(out, slice);
}

void request_path_look(const struct pane_view *view, size_t account, size_t trend, struct hop out[HOPS])
{
    struct health_report report;
    account_health(&view->estate->accounts[account], view->now, &report);
    for (size_t i = 0; i < HOPS; i++)
        look(&(struct looking){view, &view->estate->accounts[account], trend, &out[i]}, i, &report);
}
