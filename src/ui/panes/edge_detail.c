/* What Enter shows of a row of the edge pane: all about it, in words. */
#include <math.h>
#include <string.h>

#include "base/when.h"
#include "ui/panes/edge.h"
#include "ui/value.h"

static void gap(struct page *out, const char *title)
{
    page_add(out, ROLE_TEXT, " ");
    page_add(out, ROLE_HEADER, "%s", title);
}

static void describe_series(const struct account *a, const char *distribution, struct page *out)
{
    const struct edge_series *s = edge_series_of(&a->edge_traffic, distribution);
    char text[400], day[24];
    text_format(text, sizeof text, s ? "LAST HOUR, TO %s" : "LAST HOUR", when_clock(a->edge_traffic.end, day, sizeof day));
    gap(out, text);
    if (!s) {
        page_add(out, ROLE_UNKNOWN, "not known: its metrics have not been read");
        return;
    }
    page_add(out, ROLE_SPARK, "requests  %s", spark(s->requests, EDGE_POINTS, EDGE_POINTS, text, sizeof text));
    page_add(out, ROLE_SPARK, "4xx       %s", spark(s->errors_4xx, EDGE_POINTS, EDGE_POINTS, text, sizeof text));
    page_add(out, ROLE_SPARK, "5xx       %s", spark(s->errors_5xx, EDGE_POINTS, EDGE_POINTS, text, sizeof text));
    if (edge_more_metrics(s)) {
        page_add(out, ROLE_SPARK, "hits      %s", spark(s->hits, EDGE_POINTS, EDGE_POINTS, text, sizeof text));
        page_add(out, ROLE_SPARK, "p99       %s", spark(s->latency, EDGE_POINTS, EDGE_POINTS, text, sizeof text));
        page_add(out, ROLE_TEXT, "from the cache over 24 hours: %s", percent_text(edge_day_hits(s), 1, day, sizeof day));
    } else {
        page_add(out, ROLE_UNKNOWN, "hits and latency are not counted: the distribution's additional metrics are off");
    }
}

static void describe_behaviour_line(const struct account_edge *e, const struct edge_behaviour *b, struct page *out)
{
    const struct edge_policy *policy = edge_policy_of(e, b);
    char text[80];
    page_add(out, strcmp(b->viewer, "allow-all") ? ROLE_TEXT : ROLE_WARN, "%-16s → %s   %s   %s%s", b->path, b->origin, b->viewer,
             edge_cache_words(e, b, text, sizeof text), b->compress ? ", compressed" : "");
    if (policy || *b->policy)
        page_add(out, ROLE_DIM, "                   by %s", policy ? policy->name : b->policy);
}

static void describe_origin_line(const struct account_edge *e, const struct edge_origin *o, struct page *out)
{
    const struct edge_vpc_origin *inner = *o->vpc_origin ? edge_vpc_origin(e, o->vpc_origin) : NULL;
    const char *balancer = edge_balancer(e, o);
    page_add(out, ROLE_TEXT, "%-16s %s%s%s", o->id, o->domain, *o->vpc_origin ? "   VPC origin " : "   ",
             *o->vpc_origin ? o->vpc_origin : o->protocol);
    page_add(out, balancer ? ROLE_TEXT : ROLE_WARN, "                 %s%s",
             balancer ? "load balancer " : inner ? "" : "leads to no load balancer that is known", balancer ? balancer : inner ? inner->target : "");
    page_add(out, *o->headers ? ROLE_TEXT : ROLE_WARN, "                 %s%s", *o->headers ? "is sent " : "is sent no header", o->headers);
}

static void describe_certificate_line(const struct pane_view *view, const struct account_edge *e, const char *arn, struct page *out)
{
    const struct edge_certificate *c = edge_certificate(e, arn);
    uint8_t role;
    char left[40];
    if (!c) {
        page_add(out, ROLE_UNKNOWN, "certificate   %s", *arn ? arn : "CloudFront's default one");
        return;
    }
    edge_days_left(c, view->now, &role, left, sizeof left);
    page_add(out, role, "certificate   %s, %s, %s", c->domain, c->status, left);
}

static void describe_cdn(const struct pane_view *view, const struct account *a, const struct edge_distribution *d, struct page *out)
{
    const struct account_edge *e = &a->edge;
    page_add(out, ROLE_STRONG, "%s   %s   %s%s", d->id, d->domain, d->status, d->enabled ? "" : ", DISABLED");
    page_add(out, ROLE_TEXT, "%s", d->comment);
    page_add(out, edge_tls_is_new(d->tls) ? ROLE_TEXT : ROLE_WARN, "viewers' TLS  %s, %s%s", d->tls, d->http, d->ipv6 ? ", IPv6" : "");
    describe_certificate_line(view, e, d->certificate, out);
    page_add(out, *d->web_acl ? ROLE_TEXT : ROLE_BAD, "web ACL       %s", *d->web_acl ? d->web_acl : "NONE");
    describe_series(a, d->id, out);
    gap(out, "NAMES");
    for (size_t i = 0; i < e->aliases.len; i++)
        if (!strcmp(e->aliases.at[i].distribution, d->id))
            page_add(out, ROLE_TEXT, "%s", e->aliases.at[i].name);
    gap(out, "BEHAVIOURS");
    for (size_t i = 0; i < e->behaviours.len; i++)
        if (!strcmp(e->behaviours.at[i].distribution, d->id))
            describe_behaviour_line(e, &e->behaviours.at[i], out);
    gap(out, "ORIGINS");
    for (size_t i = 0; i < e->origins.len; i++)
        if (!strcmp(e->origins.at[i].distribution, d->id))
            describe_origin_line(e, &e->origins.at[i], out);
}

static void describe_behaviour(const struct account *a, const struct edge_behaviour *b, struct page *out)
{
    const struct edge_origin *o = edge_origin_of(&a->edge, b);
    page_add(out, ROLE_STRONG, "%s of %s%s", b->path, b->distribution, b->standard ? ", where no other fits" : "");
    describe_behaviour_line(&a->edge, b, out);
    gap(out, "ORIGIN");
    if (o)
        describe_origin_line(&a->edge, o, out);
    else
        page_add(out, ROLE_TEXT, "%s", b->origin);
}

static void describe_record(const struct account *a, const struct edge_record *r, struct page *out)
{
    const struct account_edge *e = &a->edge;
    page_add(out, ROLE_STRONG, "%s   %s", r->name, r->type);
    page_add(out, ROLE_TEXT, "%s %s%s%s", r->alias ? "alias to" : "leads to", r->target, *r->set ? ", of the set " : "", r->set);
    for (size_t i = 0; i < e->zones.len; i++)
        if (!strcmp(e->zones.at[i].id, r->zone))
            page_add(out, ROLE_TEXT, "in the %s zone %s, %s, of %lld records", e->zones.at[i].is_private ? "private" : "public", e->zones.at[i].name,
                     r->zone, (long long)e->zones.at[i].records);
    gap(out, "LEADS TO");
    for (size_t i = 0; i < e->distributions.len; i++)
        if (text_same_case(e->distributions.at[i].domain, r->target))
            page_add(out, ROLE_TEXT, "distribution %s  %s", e->distributions.at[i].id, e->distributions.at[i].comment);
}

static void describe_certificate(const struct pane_view *view, const struct account *a, const struct edge_certificate *c, struct page *out)
{
    uint8_t role;
    char text[40];
    page_add(out, ROLE_STRONG, "%s   %s   %s", c->domain, c->status, c->type);
    edge_days_left(c, view->now, &role, text, sizeof text);
    page_add(out, role, "%s", text);
    if (c->expires_at)
        page_add(out, ROLE_TEXT, "until %s", when_date(c->expires_at, text, sizeof text));
    page_add(out, ROLE_TEXT, "renewal %s", *c->renewal ? c->renewal : "–");
    page_add(out, ROLE_DIM, "%s", c->arn);
    gap(out, "SHOWN BY");
    for (size_t i = 0; i < a->edge.distributions.len; i++)
        if (!strcmp(a->edge.distributions.at[i].certificate, c->arn))
            page_add(out, ROLE_TEXT, "distribution %s", a->edge.distributions.at[i].id);
    for (size_t i = 0; i < a->network.listeners.len; i++)
        if (!strcmp(a->network.listeners.at[i].certificate, c->arn))
            page_add(out, ROLE_TEXT, "listener %s:%d of a load balancer", a->network.listeners.at[i].protocol, a->network.listeners.at[i].port);
    if (!c->used)
        page_add(out, ROLE_DIM, "nobody");
}

static void describe_cleared(const struct pane_view *view, const struct edge_invalidation *v, struct page *out)
{
    char text[40];
    page_add(out, ROLE_STRONG, "%s   %s", v->id, v->status);
    page_add(out, ROLE_TEXT, "of %s, %s ago", v->distribution, when_span(view->now - v->at, text, sizeof text));
    gap(out, "PATHS");
    page_add(out, ROLE_TEXT, "%s", *v->paths ? v->paths : "not asked for: y shows them");
}

void edge_describe(const struct pane_view *view, struct row_ref row, struct page *out)
{
    const struct account *a = account_of(view, row);
    size_t at = edge_row_at(row);
    switch (edge_row_kind(row)) {
    case ROW_CDN:
        describe_cdn(view, a, &a->edge.distributions.at[at], out);
        break;
    case ROW_BEHAVIOUR:
        describe_behaviour(a, &a->edge.behaviours.at[at], out);
        break;
    case ROW_ORIGIN:
        page_add(out, ROLE_STRONG, "origin of %s", a->edge.origins.at[at].distribution);
        describe_origin_line(&a->edge, &a->edge.origins.at[at], out);
        break;
    case ROW_RECORD:
        describe_record(a, &a->edge.records.at[at], out);
        break;
    case ROW_CERTIFICATE:
        describe_certificate(view, a, &a->edge.certificates.at[at], out);
        break;
    default:
        describe_cleared(view, &a->edge.invalidations.at[at], out);
    }
}
