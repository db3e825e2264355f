/* The hops before the VPC: the names in DNS, the distribution, the web ACL. */
#include <math.h>
#include <string.h>

#include "base/when.h"
#include "ui/panes/hops.h"
#include "ui/value.h"

/* Route 53: the names of the site. */

static bool is_live(const struct account_edge *e, const struct edge_alias *alias)
{
    const struct edge_distribution *d = edge_distribution(e, alias->distribution);
    return d && d->enabled;
}

/* Is it led wrong? Then it is the one to be shown. */
static bool is_wrong(const struct hop_look *l, const struct edge_alias *alias)
{
    const char *target;
    enum edge_lead lead = edge_lead_of(&l->account->edge, alias, &target);
    if (lead == EDGE_IN_NO_ZONE)
        hop_is(l, HOP_UNKNOWN, "zone not here");
    return lead == EDGE_LEADS_ELSEWHERE || lead == EDGE_HAS_NO_RECORD;
}

static void add_alias(const struct hop_look *l, const struct edge_alias *alias, bool wrong, size_t others)
{
    const struct account_edge *e = &l->account->edge;
    const struct edge_zone *zone = edge_zone_of(e, alias->name, false);
    const char *target;
    edge_lead_of(e, alias, &target);
    hop_figure(l, 0, wrong ? ROLE_BAD : ROLE_TEXT, "%s → %s", alias->name, target ? target : wrong ? "nothing" : "–");
    if (others)
        hop_figure(l, 1, ROLE_DIM, "+%zu name%s", others, others == 1 ? "" : "s");
    if (zone && zone->records >= 0)
        hop_figure(l, 2, ROLE_DIM, "zone %s, %lld records", zone->name, (long long)zone->records);
}

void hop_names(const struct hop_look *l)
{
    const struct account_edge *e = &l->account->edge;
    const struct edge_alias *shown = NULL;
    size_t count = 0;
    bool wrong = false;
    if (!edge_knows_names(e)) {
        hop_is(l, HOP_UNKNOWN, "–");
        return;
    }
    for (size_t i = 0; i < e->aliases.len; i++) {
        const struct edge_alias *alias = &e->aliases.at[i];
        if (!is_live(e, alias))
            continue;
        bool this_one = is_wrong(l, alias) && !wrong;
        shown = this_one || !shown ? alias : shown;
        wrong |= this_one;
        count++;
    }
    if (shown) {
        add_alias(l, shown, wrong, count - 1);
        return;
    }
    hop_is(l, HOP_NONE, "none");
    hop_figure(l, 0, ROLE_DIM, "no distribution has a name of its own");
}

/* CloudFront: the busiest distribution, or one that fails. */

static const struct edge_series *shown_series(const struct edge_traffic *t)
{
    const struct edge_series *found = NULL;
    for (size_t i = 0; i < t->series.len; i++) {
        const struct edge_series *s = &t->series.at[i];
        if (edge_fails(s))
            return s;
        double more = edge_latest(s->requests, RATE_LATE), most = found ? edge_latest(found->requests, RATE_LATE) : NAN;
        found = !found || more > most || (isnan(most) && !isnan(more)) ? s : found;
    }
    return found;
}

static void add_distributions(const struct hop_look *l)
{
    const struct account_edge *e = &l->account->edge;
    char age[24];
    for (size_t i = 0; i < e->distributions.len; i++) {
        const struct edge_distribution *d = &e->distributions.at[i];
        const struct edge_certificate *c = edge_certificate(e, d->certificate);
        if (d->enabled && strcmp(d->status, "Deployed") != 0)
            hop_figure(l, 1, ROLE_WARN, "%s", d->status);
        if (d->enabled && c && c->expires_at > l->view->now)
            hop_figure(l, 4, ROLE_DIM, "certificate %s", when_short(c->expires_at - l->view->now, age, sizeof age));
    }
}

void hop_distribution(const struct hop_look *l)
{
    const struct edge_series *s = shown_series(&l->account->edge_traffic);
    char text[64];
    if (!hop_has(l, FEED_EDGE_METRICS))
        return;
    if (!s) {
        hop_is(l, HOP_NONE, "none");
        hop_figure(l, 0, ROLE_DIM, "no distribution");
        return;
    }
    double failed = edge_latest(s->errors_5xx, RATE_LATE), late = edge_latest(s->latency, RATE_LATE);
    double hits = edge_latest(s->hits, RATE_LATE);
    if (edge_more_metrics(s))
        hop_figure(l, 1, hits < l->view->estate->config->cache_hit * 100 ? ROLE_WARN : ROLE_TEXT, "hit %s", percent_text(hits, 0, text, sizeof text));
    else
        hop_figure(l, 1, ROLE_UNKNOWN, "hits not counted");
    hop_figure(l, 2, ROLE_TEXT, "4xx %s", percent_text(edge_latest(s->errors_4xx, RATE_LATE), 1, text, sizeof text));
    hop_figure(l, 0, edge_fails(s) ? ROLE_BAD : ROLE_TEXT, "5xx %s", percent_text(failed, 1, text, sizeof text));
    hop_trend(l, 0, s->errors_5xx, EDGE_POINTS, ERRORS_BAD);
    if (isnan(late))
        hop_figure(l, 1, ROLE_UNKNOWN, "p99 –");
    else
        hop_figure(l, 1, ROLE_TEXT, late < 1000 ? "p99 %.0f ms" : "p99 %.1f s", late < 1000 ? late : late / 1000);
    hop_figure(l, 3, ROLE_TEXT, "%s requests/min", text_grouped(edge_latest(s->requests, RATE_LATE), text, sizeof text));
    if (isnan(failed))
        hop_is(l, HOP_UNKNOWN, "no data");
    if (l->account->edge_traffic.series.len > 1)
        hop_figure(l, 2, ROLE_DIM, "%s +%zu more", s->distribution, l->account->edge_traffic.series.len - 1);
    add_distributions(l);
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

void hop_web_acl(const struct hop_look *l)
{
    const struct waf_series *all = web_acl_series(&l->account->web_acl, "ALL"), *top = top_rule(&l->account->web_acl);
    char text[64];
    if (!hop_has(l, FEED_WAF_METRICS))
        return;
    hop_figure(l, 2, ROLE_TEXT, "allowed %s", text_grouped(all ? waf_rate(all->allowed, 1) : NAN, text, sizeof text));
    hop_figure(l, 0, ROLE_TEXT, "blocked %s/min", text_grouped(all ? waf_rate(all->blocked, 1) : NAN, text, sizeof text));
    if (!all)
        hop_is(l, HOP_UNKNOWN, "no data");
    else
        hop_trend(l, 0, all->blocked, WAF_POINTS, 0);
    if (top)
        hop_figure(l, 1, ROLE_TEXT, "top %s %s", waf_rule_short(top->rule), text_grouped(waf_rate(top->blocked, 1), text, sizeof text));
}
