/* Questions about the edge. */
#include "estate/edge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"

#define HOPS 8

const char *edge_part_name(enum edge_part part)
{
    static const char *const names[EDGE_PARTS] = {"distributions", "cache policies", "VPC origins", "invalidations", "hosted zones", "records",
                                                  "certificates", "web ACL logging"};
    return names[part];
}

void edge_free(struct account_edge *e)
{
    vec_free(&e->distributions);
    vec_free(&e->aliases);
    vec_free(&e->origins);
    vec_free(&e->behaviours);
    vec_free(&e->policies);
    vec_free(&e->vpc_origins);
    vec_free(&e->invalidations);
    vec_free(&e->zones);
    vec_free(&e->records);
    vec_free(&e->certificates);
    vec_free(&e->logs);
}

bool edge_knows(const struct account_edge *e, enum edge_part part) { return (e->known & (1u << part)) != 0; }

bool edge_knows_names(const struct account_edge *e) { return !(EDGE_NAMES & ~e->known); }

const struct edge_distribution *edge_distribution(const struct account_edge *e, const char *id)
{
    for (size_t i = 0; i < e->distributions.len; i++)
        if (!strcmp(e->distributions.at[i].id, id))
            return &e->distributions.at[i];
    return NULL;
}

const struct edge_origin *edge_origin_of(const struct account_edge *e, const struct edge_behaviour *b)
{
    for (size_t i = 0; i < e->origins.len; i++)
        if (!strcmp(e->origins.at[i].distribution, b->distribution) && !strcmp(e->origins.at[i].id, b->origin))
            return &e->origins.at[i];
    return NULL;
}

const struct edge_certificate *edge_certificate(const struct account_edge *e, const char *arn)
{
    for (size_t i = 0; i < e->certificates.len; i++)
        if (!strcmp(e->certificates.at[i].arn, arn))
            return &e->certificates.at[i];
    return NULL;
}

static bool holds(const char *zone, const char *name)
{
    size_t z = strlen(zone), n = strlen(name);
    return n >= z && text_same_case(name + n - z, zone) && (n == z || name[n - z - 1] == '.');
}

const struct edge_zone *edge_zone_of(const struct account_edge *e, const char *name, bool is_private)
{
    const struct edge_zone *found = NULL;
    for (size_t i = 0; i < e->zones.len; i++) {
        const struct edge_zone *z = &e->zones.at[i];
        if (z->is_private == is_private && holds(z->name, name) && (!found || strlen(z->name) > strlen(found->name)))
            found = z;
    }
    return found;
}

/* Inside a VPC a name may lead elsewhere: what its private zone says is no answer that a viewer gets. */
static bool is_inner(const struct account_edge *e, const struct edge_record *r)
{
    for (size_t i = 0; i < e->zones.len; i++)
        if (!strcmp(e->zones.at[i].id, r->zone))
            return e->zones.at[i].is_private;
    return false;
}

enum edge_lead edge_lead_of(const struct account_edge *e, const struct edge_alias *alias, const char **target)
{
    const struct edge_distribution *d = edge_distribution(e, alias->distribution);
    *target = NULL;
    for (size_t i = 0; i < e->records.len; i++) {
        const struct edge_record *r = &e->records.at[i];
        if (!text_same_case(r->name, alias->name) || (!r->alias && strcmp(r->type, "CNAME") != 0 && *r->type != 'A') || is_inner(e, r))
            continue;
        *target = r->target;
        if (!d || !text_same_case(r->target, d->domain))
            return EDGE_LEADS_ELSEWHERE;
    }
    return *target ? EDGE_LEADS_HERE : edge_zone_of(e, alias->name, false) ? EDGE_HAS_NO_RECORD : EDGE_IN_NO_ZONE;
}

const struct edge_series *edge_series_of(const struct edge_traffic *t, const char *distribution)
{
    for (size_t i = 0; i < t->series.len; i++)
        if (!strcmp(t->series.at[i].distribution, distribution))
            return &t->series.at[i];
    return NULL;
}

double edge_latest(const double points[EDGE_POINTS], int minutes)
{
    for (int i = 1; i <= minutes && i <= EDGE_POINTS; i++)
        if (!isnan(points[EDGE_POINTS - i]))
            return points[EDGE_POINTS - i];
    return NAN;
}

bool edge_more_metrics(const struct edge_series *s)
{
    bool requests = false, hits = false;
    for (size_t i = 0; i < EDGE_POINTS; i++) {
        requests |= s->requests[i] > 0;
        hits |= !isnan(s->hits[i]);
    }
    for (size_t i = 0; i < EDGE_HOURS; i++) {
        requests |= s->day_requests[i] > 0;
        hits |= !isnan(s->day_hits[i]);
    }
    return hits || !requests;
}

double edge_day_hits(const struct edge_series *s)
{
    double hits = 0, requests = 0;
    for (size_t i = 0; i < EDGE_HOURS; i++)
        if (!isnan(s->day_hits[i]) && s->day_requests[i] > 0) {
            hits += s->day_hits[i] * s->day_requests[i];
            requests += s->day_requests[i];
        }
    return requests > 0 ? hits / requests : NAN;
}

const struct edge_policy *edge_policy_of(const struct account_edge *e, const struct edge_behaviour *b)
{
    static const struct edge_policy managed[] = {{"658327ea-f89d-4fab-a63d-7e88639e58f6", "Managed-CachingOptimized", 31536000},
                                                 {"4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "Managed-CachingDisabled", 0}};
    for (size_t i = 0; i < e->policies.len; i++)
        if (!strcmp(e->policies.at[i].id, b->policy))
            return &e->policies.at[i];
    for (size_t i = 0; i < sizeof managed / sizeof *managed; i++)
        if (!strcmp(managed[i].id, b->policy))
            return &managed[i];
    return NULL;
}

int edge_caches(const struct account_edge *e, const struct edge_behaviour *b)
{
    const struct edge_policy *policy = edge_policy_of(e, b);
    int64_t most = policy ? policy->ttl_most : *b->policy ? -1 : b->ttl_most;
    return most < 0 ? -1 : most > 0;
}

const struct edge_vpc_origin *edge_vpc_origin(const struct account_edge *e, const char *id)
{
    for (size_t i = 0; i < e->vpc_origins.len; i++)
        if (!strcmp(e->vpc_origins.at[i].id, id))
            return &e->vpc_origins.at[i];
    return NULL;
}

bool edge_tls_is_new(const char *policy)
{
    if (text_starts(policy, "TLSv1.2_"))
        return strtol(policy + strlen("TLSv1.2_"), NULL, 10) >= 2021;
    return text_starts(policy, "TLSv1.3");
}

/* "internal-innovate-6c8f.us-east-1.elb.amazonaws.com", in any partition. */
static bool is_balancer_name(const char *name) { return text_contains(name, ".elb.") && text_contains(name, ".amazonaws.com"); }

static const struct edge_record *leads_on(const struct account_edge *e, const char *name)
{
    for (size_t i = 0; i < e->records.len; i++) {
        const struct edge_record *r = &e->records.at[i];
        if (text_same_case(r->name, name) && (r->alias || !strcmp(r->type, "CNAME")))
            return r;
    }
    return NULL;
}

const char *edge_balancer(const struct account_edge *e, const struct edge_origin *o)
{
    const char *name = o->domain;
    const struct edge_vpc_origin *inner = *o->vpc_origin ? edge_vpc_origin(e, o->vpc_origin) : NULL;
    if (*o->vpc_origin)
        return inner && text_contains(inner->target, ":loadbalancer/") ? inner->target : NULL;
    for (int i = 0; i < HOPS && !is_balancer_name(name); i++) {
        const struct edge_record *r = leads_on(e, name);
        if (!r)
            return NULL;
        name = r->target;
    }
    return is_balancer_name(name) ? name : NULL;
}
