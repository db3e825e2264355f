/* What is wrong with the hops of a request's way: every rule that makes a hop of the Overview's path red, but for alarms. */
#include <math.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "base/when.h"
#include "estate/health.h"

#define START_GRACE_MS 120000 /* a pod that starts is not a problem yet */
#define CERTIFICATE_MS (INT64_C(30) * 86400000)
#define COUNTED_MS     INT64_C(300000) /* what was counted before that tells nothing of now */
#define STORAGE_MS     INT64_C(3600000) /* storage does not fill or empty as fast */
#define STORAGE_LEAST  10.0 /* per cent that should be free: below it RDS itself makes storage grow, where it may */
#define GIB            (1024.0 * 1024 * 1024)

/* Of the answers in a minute. */
static bool errors_are_many(double failed, double all) { return failed >= ERRORS_LEAST && failed >= all * ERRORS_BAD / 100; }

/* Route 53: the names of the distributions that work. */

static void check_names(struct report *r)
{
    const struct account_edge *e = &r->account->edge;
    for (size_t i = 0; edge_knows_names(e) && i < e->aliases.len; i++) {
        const struct edge_alias *alias = &e->aliases.at[i];
        const struct edge_distribution *d = edge_distribution(e, alias->distribution);
        const char *target;
        if (!d || !d->enabled)
            continue;
        enum edge_lead lead = edge_lead_of(e, alias, &target);
        if (lead == EDGE_LEADS_ELSEWHERE)
            problem_add(r, FEED_EDGE, STANDING, HOP_NAMES, "leads elsewhere", "%s leads to %s, not to distribution %s", alias->name, target, d->id);
        else if (lead == EDGE_HAS_NO_RECORD)
            problem_add(r, FEED_EDGE, STANDING, HOP_NAMES, "no record", "%s has no record in its zone", alias->name);
    }
}

/* CloudFront. */

static void check_distributions(struct report *r)
{
    const struct account_edge *e = &r->account->edge;
    for (size_t i = 0; i < e->distributions.len; i++)
        if (e->distributions.at[i].enabled) /* one of several may be out of use */
            return;
    for (size_t i = 0; i < e->distributions.len; i++)
        problem_add(r, FEED_EDGE, STANDING, HOP_CDN, "disabled", "distribution %s is disabled", e->distributions.at[i].id);
}

/* The newest datum of each; where requests are not counted, the share alone has to tell. */
bool edge_fails(const struct edge_series *s)
{
    double share = edge_latest(s->errors_5xx, RATE_LATE), requests = edge_latest(s->requests, RATE_LATE);
    return isnan(requests) ? share >= ERRORS_BAD : errors_are_many(requests * share / 100, requests);
}

static void check_distribution_answers(struct report *r)
{
    const struct edge_traffic *t = &r->account->edge_traffic;
    for (size_t i = 0; i < t->series.len; i++)
        if (edge_fails(&t->series.at[i]))
            problem_add(r, FEED_EDGE_METRICS, NOW, HOP_CDN, "5xx", "distribution %s: %.1f%% of its answers are 5xx", t->series.at[i].distribution,
                        edge_latest(t->series.at[i].errors_5xx, RATE_LATE));
}

/* Of the certificates that viewers are shown: ACM renews them two months ahead, so one that has a month left has met trouble. */
static void check_certificates(struct report *r)
{
    const struct account_edge *edge = &r->account->edge;
    char span[24];
    for (size_t i = 0; i < edge->distributions.len; i++) {
        const struct edge_certificate *c = edge_certificate(edge, edge->distributions.at[i].certificate);
        if (!c || !c->expires_at || !edge->distributions.at[i].enabled || c->expires_at - r->now > CERTIFICATE_MS)
            continue;
        if (c->expires_at <= r->now)
            problem_add(r, FEED_EDGE, STANDING, HOP_CDN, "certificate", "certificate of %s has expired", c->domain);
        else
            problem_add(r, FEED_EDGE, STANDING, HOP_CDN, "certificate", "certificate of %s has %s left", c->domain,
                        when_span(c->expires_at - r->now, span, sizeof span));
    }
}

/* WAF. */

static void check_web_acls(struct report *r)
{
    const struct account_edge *e = &r->account->edge;
    for (size_t i = 0; i < e->distributions.len; i++)
        if (e->distributions.at[i].enabled && !*e->distributions.at[i].web_acl)
            problem_add(r, FEED_EDGE, STANDING, HOP_WAF, "no web ACL", "distribution %s has no web ACL before it", e->distributions.at[i].id);
}

/* The load balancers and their targets. */

/* None that answers: not one is there, or those that are do not yet, or not any more. */
static void check_any_target(struct report *r)
{
    const struct balancing *b = &r->account->balancing;
    const struct balancer_target *first = NULL;
    for (size_t i = 0; i < b->targets.len; i++) {
        const struct target_group *group = balancing_group(b, b->targets.at[i].group);
        if (!group || !*group->balancer)
            continue;
        if (!strcmp(b->targets.at[i].state, "healthy"))
            return;
        first = first ? first : &b->targets.at[i];
    }
    if (first)
        problem_add(r, FEED_LOAD_BALANCERS, NOW, HOP_BALANCER, "none healthy", "no target is healthy: %s %s", first->id, first->state);
    else if (balancing_is_used(b))
        problem_add(r, FEED_LOAD_BALANCERS, NOW, HOP_BALANCER, "no target", "no target stands behind the load balancer");
}

/* Those that start or go away are part of any rollout. */
static void check_targets(struct report *r)
{
    const struct balancing *b = &r->account->balancing;
    int bad = 0;
    const struct balancer_target *first = NULL;
    const struct target_group *of = NULL;
    bool one_zone = true;
    char word[40];
    for (size_t i = 0; i < b->targets.len; i++) {
        const struct balancer_target *t = &b->targets.at[i];
        const struct target_group *group = balancing_group(b, t->group);
        if (!target_is_bad(t) || !group || !*group->balancer)
            continue;
        bad++;
        of = first ? of : group;
        first = first ? first : t;
        one_zone &= !strcmp(first->zone, t->zone);
    }
    if (!first) {
        check_any_target(r);
        return;
    }
    text_format(word, sizeof word, "targets%s%s", one_zone && *first->zone ? " " : "", one_zone ? zone_short(first->zone) : "");
    problem_add(r, FEED_LOAD_BALANCERS, NOW, HOP_BALANCER, word, "%d of %zu targets unhealthy: %s %s%s%s", bad, b->targets.len, of->name, first->id,
                *first->zone ? " in " : "", first->zone);
}

/* Answers a minute, over the last minutes; NAN: none. */
static void balancer_rates(const struct balancer_series *s, double *failed, double *all)
{
    double errors[BALANCER_POINTS], answers[BALANCER_POINTS];
    balancer_answers(s, answers, errors);
    *failed = waf_rate(errors, RATE_OVER);
    *all = waf_rate(answers, RATE_OVER);
}

bool balancer_fails(const struct balancer_series *s)
{
    double failed, all;
    balancer_rates(s, &failed, &all);
    return errors_are_many(failed, all);
}

static void check_balancer_answers(struct report *r)
{
    const struct balancing *b = &r->account->balancing;
    bool old = r->now - b->series_end > COUNTED_MS; /* only the metrics could not be read: targets are of now */
    for (size_t i = 0; !old && i < b->series.len; i++) {
        const char *key = b->series.at[i].balancer, *slash = strchr(key, '/'), *name = slash ? slash + 1 : key; /* "app/innovate/6c8f…" */
        char text[64];
        double failed, all;
        balancer_rates(&b->series.at[i], &failed, &all);
        if (errors_are_many(failed, all))
            problem_add(r, FEED_LOAD_BALANCERS, NOW, HOP_BALANCER, "5xx", "load balancer %.*s: %s answers a minute are 5xx, %.1f%% of all",
                        (int)strcspn(name, "/"), name, text_grouped(failed, text, sizeof text), 100 * failed / all);
    }
}

/* Pods. */

static void check_pods(struct report *r)
{
    const struct cluster *cluster = &r->account->cluster;
    int failing = 0, waiting = 0;
    const struct pod *first = NULL;
    for (size_t i = 0; i < cluster->pods.len; i++) {
        const struct pod *pod = &cluster->pods.at[i];
        bool bad = pod_is_failing(pod);
        failing += bad;
        waiting += !bad && !pod_is_ready(pod) && strcmp(pod->status, "Terminating") != 0 && r->now - pod->created_at > START_GRACE_MS;
        if (bad && !first)
            first = pod;
    }
    const struct deployment *of = first ? cluster_deployment_of(cluster, first) : NULL;
    if (first)
        problem_add(r, FEED_PODS, NOW, HOP_PODS, of ? of->name : "failing", "%d of %zu pods failing: %s %s", failing, cluster->pods.len, first->name,
                    first->status);
    if (waiting)
        problem_add(r, FEED_PODS, NOW, HOP_PODS, "not ready", "%d of %zu pods not ready", waiting, cluster->pods.len);
}

static void check_deployments(struct report *r)
{
    const struct cluster *cluster = &r->account->cluster;
    for (size_t i = 0; i < cluster->deployments.len; i++) {
        const struct deployment *d = &cluster->deployments.at[i];
        if (d->desired > 0 && d->available == 0)
            problem_add(r, FEED_DEPLOYMENTS, NOW, HOP_PODS, d->name, "deployment %s/%s has none of %d available", d->ns, d->name, d->desired);
    }
}

/* Nothing is to run, and nothing runs: somebody, or something, has scaled all of it to zero. */
static void check_wanted(struct report *r)
{
    const struct cluster *cluster = &r->account->cluster;
    size_t apps = 0;
    for (size_t i = 0; i < cluster->deployments.len; i++) {
        if (namespace_is_system(cluster->deployments.at[i].ns))
            continue;
        if (cluster->deployments.at[i].desired != 0)
            return;
        apps++;
    }
    for (size_t i = 0; i < cluster->pods.len; i++)
        if (!namespace_is_system(cluster->pods.at[i].ns) && pod_is_ready(&cluster->pods.at[i]))
            return;
    if (apps && slice_has_data(&r->account->slices[FEED_PODS]))
        problem_add(r, FEED_DEPLOYMENTS, NOW, HOP_PODS, "scaled to zero", "no deployment is to have a pod");
}

/* RDS. */

bool database_works(const struct database *d)
{
    static const char *const words[] = {"available", "backing-up", "storage-optimization"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(d->status, words[i]))
            return true;
    return false;
}

bool database_rests(const struct account *account, const struct database *d)
{
    bool may = account->config->kind == ACCOUNT_DEVELOPMENT && account->config->auto_shutdown.stop;
    return may && (!strcmp(d->status, "stopped") || !strcmp(d->status, "stopping") || !strcmp(d->status, "starting"));
}

static void check_databases(struct report *r)
{
    for (size_t i = 0; i < r->account->database.instances.len; i++) {
        const struct database *d = &r->account->database.instances.at[i];
        const char *status = *d->status ? d->status : "status not told";
        if (!database_works(d) && !database_rests(r->account, d))
            problem_add(r, FEED_DATABASE, NOW, HOP_DATABASE, status, "database %s: %s", d->id, status);
        if (r->account->config->kind == ACCOUNT_PRODUCTION && !d->multi_az)
            problem_add(r, FEED_DATABASE, STANDING, HOP_DATABASE, "no standby", "database %s has no standby", d->id);
    }
    if (r->account->config->database && r->account->database.instances.len == 0)
        problem_add(r, FEED_DATABASE, NOW, HOP_DATABASE, "not there", "database %s is not there", r->account->config->database);
}

/* CloudWatch is asked for it, and paid, while somebody looks: the last answer stands for a while. */
static void check_storage(struct report *r)
{
    const struct database_set *set = &r->account->database;
    bool old = r->now - r->account->slices[FEED_DATABASE_LOAD].read_at > STORAGE_MS;
    char word[40];
    for (size_t i = 0; !old && i < set->instances.len; i++) {
        const struct database *d = &set->instances.at[i];
        const struct database_load *load = database_load_of(set, d->id);
        double free = load ? edge_latest(load->free_bytes, LOAD_LATE) / GIB : NAN, part = 100 * free / d->storage_gib;
        if (d->storage_gib <= 0 || isnan(free) || part >= STORAGE_LEAST || database_rests(r->account, d))
            continue;
        text_format(word, sizeof word, "storage %.0f%% free", part);
        problem_add(r, FEED_DATABASE_LOAD, NOW, HOP_DATABASE, word, "database %s: %.1f of %d GiB of its storage are free", d->id, free,
                    d->storage_gib);
    }
}

const struct health_check path_checks[] = {{FEED_EDGE, check_names, false},
                                           {FEED_EDGE, check_distributions, false},
                                           {FEED_EDGE_METRICS, check_distribution_answers, false},
                                           {FEED_EDGE, check_certificates, false},
                                           {FEED_EDGE, check_web_acls, false},
                                           {FEED_LOAD_BALANCERS, check_targets, true},
                                           {FEED_LOAD_BALANCERS, check_balancer_answers, true},
                                           {FEED_PODS, check_pods, true},
                                           {FEED_DEPLOYMENTS, check_deployments, true},
                                           {FEED_DEPLOYMENTS, check_wanted, true},
                                           {FEED_DATABASE, check_databases, false},
                                           {FEED_DATABASE_LOAD, check_storage, false},
                                           {0}};
