/* What the rows of the edge pane belong with. */
#include <string.h>

#include "ui/panes/edge.h"
#include "ui/value.h"

/* Its load balancer, in whichever account that is; by ARN, or by its name in DNS. */
static void of_origin(const struct account_edge *e, const struct edge_origin *o, struct leads *out)
{
    const char *balancer = edge_balancer(e, o);
    lead_add(out, "network", LEAD_ANY, "balancer", balancer ? balancer : o->domain, "load balancer behind it");
}

static void add_distribution(size_t account, const char *id, const char *relation, struct leads *out)
{
    lead_add(out, "edge", account, "cdn", id, "%s %s", relation, id);
}

static void of_cdn(const struct account *a, size_t account, const struct edge_distribution *d, struct leads *out)
{
    const char *name = strstr(d->web_acl, "/webacl/");
    char acl[132];
    text_format(acl, sizeof acl, "%.*s", name ? (int)strcspn(name + 8, "/") : 0, name ? name + 8 : "");
    lead_add(out, "waf", account, "acl", d->web_acl, "web ACL %s", acl);
    for (size_t i = 0; i < a->edge.origins.len; i++)
        if (!strcmp(a->edge.origins.at[i].distribution, d->id))
            of_origin(&a->edge, &a->edge.origins.at[i], out);
    lead_add(out, "edge", account, "certificate", d->certificate, "certificate");
    lead_add(out, "edge", account, "record to", d->domain, "records that lead to it");
    lead_add(out, "edge", account, "part of", d->id, "behaviours, origins and invalidations");
    lead_add(out, "alarms", account, "DistributionId", d->id, "alarms on it");
    for (size_t i = 0; i < a->edge.aliases.len; i++)
        if (!strcmp(a->edge.aliases.at[i].distribution, d->id))
            lead_add(out, "conformance", account, "resource", a->edge.aliases.at[i].name, "checks on %s", a->edge.aliases.at[i].name);
    lead_add(out, "timeline", account, "subject", d->id, "all that happened to it");
}

static void of_record(const struct account_edge *e, size_t account, const struct edge_record *r, struct leads *out)
{
    for (size_t i = 0; i < e->distributions.len; i++)
        if (text_same_case(e->distributions.at[i].domain, r->target))
            add_distribution(account, e->distributions.at[i].id, "leads to", out);
    lead_add(out, "network", LEAD_ANY, "balancer", r->target, "leads to the load balancer %s", r->target);
    lead_add(out, "conformance", account, "resource", r->name, "checks on it");
    lead_add(out, "timeline", account, "subject", r->name, "all that happened to it");
}

static void of_certificate(const struct account *a, size_t account, const struct edge_certificate *c, struct leads *out)
{
    lead_add(out, "edge", account, "with certificate", c->arn, "distributions that show it");
    for (size_t i = 0; i < a->network.listeners.len; i++)
        if (!strcmp(a->network.listeners.at[i].certificate, c->arn))
            lead_add(out, "network", account, "balancer", a->network.listeners.at[i].balancer, "load balancer that shows it");
    lead_add(out, "alarms", account, "CertificateArn", c->arn, "alarms on it");
    lead_add(out, "conformance", account, "resource", c->domain, "checks on %s", c->domain);
}

void edge_leads(const struct pane_view *view, struct row_ref row, struct leads *out)
{
    const struct account *a = account_of(view, row);
    const struct account_edge *e = &a->edge;
    size_t at = edge_row_at(row);
    const struct edge_origin *origin;
    switch (edge_row_kind(row)) {
    case ROW_CDN:
        of_cdn(a, row.account, &e->distributions.at[at], out);
        break;
    case ROW_BEHAVIOUR:
        origin = edge_origin_of(e, &e->behaviours.at[at]);
        add_distribution(row.account, e->behaviours.at[at].distribution, "distribution", out);
        if (origin)
            lead_add(out, "edge", row.account, "origin of", origin->id, "origin %s", origin->domain);
        if (origin)
            of_origin(e, origin, out);
        lead_add(out, "conformance", row.account, "resource", e->behaviours.at[at].path, "checks on it");
        break;
    case ROW_ORIGIN:
        of_origin(e, &e->origins.at[at], out);
        add_distribution(row.account, e->origins.at[at].distribution, "distribution", out);
        lead_add(out, "edge", row.account, "served by", e->origins.at[at].id, "behaviours that ask it");
        lead_add(out, "conformance", row.account, "resource", e->origins.at[at].domain, "checks on it");
        break;
    case ROW_RECORD:
        of_record(e, row.account, &e->records.at[at], out);
        break;
    case ROW_CERTIFICATE:
        of_certificate(a, row.account, &e->certificates.at[at], out);
        break;
    default:
        add_distribution(row.account, e->invalidations.at[at].distribution, "distribution", out);
    }
}

static bool is_cdn(const struct account_edge *e, const struct edge_distribution *d, const char *word, const char *name)
{
    const char *balancer;
    for (size_t i = 0; !strcmp(word, "balancer") && i < e->origins.len; i++) {
        balancer = !strcmp(e->origins.at[i].distribution, d->id) ? edge_balancer(e, &e->origins.at[i]) : NULL;
        if (balancer && !strcmp(balancer, name))
            return true;
    }
    if (!strcmp(word, "acl"))
        return !strcmp(d->web_acl, name);
    return (!strcmp(word, "cdn") || !strcmp(word, "id")) ? !strcmp(d->id, name) : !strcmp(word, "with certificate") && !strcmp(d->certificate, name);
}

static bool is_part(const char *word, const char *distribution, const char *origin, const char *name)
{
    return (!strcmp(word, "part of") && !strcmp(distribution, name)) ||
           ((!strcmp(word, "served by") || !strcmp(word, "origin of")) && !strcmp(origin, name));
}

bool edge_is(const struct pane_view *view, struct row_ref row, const char *word, const char *name)
{
    const struct account_edge *e = &account_of(view, row)->edge;
    size_t at = edge_row_at(row);
    switch (edge_row_kind(row)) {
    case ROW_CDN:
        return is_cdn(e, &e->distributions.at[at], word, name) || (!strcmp(word, "named") && !strcmp(e->distributions.at[at].id, name));
    case ROW_BEHAVIOUR:
        return strcmp(word, "origin of") && is_part(word, e->behaviours.at[at].distribution, e->behaviours.at[at].origin, name);
    case ROW_ORIGIN:
        return strcmp(word, "served by") && is_part(word, e->origins.at[at].distribution, e->origins.at[at].id, name);
    case ROW_RECORD:
        return (!strcmp(word, "record to") && text_same_case(e->records.at[at].target, name)) ||
               (!strcmp(word, "named") && text_same_case(e->records.at[at].name, name));
    case ROW_CERTIFICATE:
        return !strcmp(word, "certificate") && !strcmp(e->certificates.at[at].arn, name);
    default:
        return is_part(word, e->invalidations.at[at].distribution, "", name);
    }
}
