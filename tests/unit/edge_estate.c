#include "edge_estate.h"

#include <math.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "put.h"

#define MINUTE INT64_C(60000)
#define DAY    (1440 * MINUTE)
#define ID     "E2INNOVATE0EDG"
#define DOMAIN "d3innovate0edg.cloudfront.net"
#define CERT   "arn:aws:acm:us-east-1:333333333333:certificate/4f6d1c2b"

static void behaviour(struct account_edge *e, const char *path, const char *policy, bool standard)
{
    struct edge_behaviour *b = vec_add(&e->behaviours);
    *b = (struct edge_behaviour){.standard = standard, .compress = true, .ttl_most = -1};
    PUT(b->distribution, ID);
    PUT(b->path, path);
    PUT(b->origin, "alb");
    PUT(b->viewer, "redirect-to-https");
    PUT(b->policy, policy);
}

static void name(struct account_edge *e, const char *host)
{
    struct edge_alias *alias = vec_add(&e->aliases);
    struct edge_record *r = vec_add(&e->records);
    PUT(alias->distribution, ID);
    PUT(alias->name, host);
    *r = (struct edge_record){.alias = true};
    PUT(r->zone, "Z1");
    PUT(r->name, host);
    PUT(r->type, "A");
    PUT(r->target, DOMAIN);
}

static void distribution(struct account_edge *e)
{
    struct edge_distribution *d = vec_add(&e->distributions);
    struct edge_origin *o = vec_add(&e->origins);
    struct edge_vpc_origin *inner = vec_add(&e->vpc_origins);
    *d = (struct edge_distribution){.enabled = true, .ipv6 = true, .own_certificate = true};
    PUT(d->id, ID);
    PUT(d->domain, DOMAIN);
    PUT(d->status, "Deployed");
    PUT(d->comment, "Innovate's front door");
    PUT(d->web_acl, EDGE_BUILD_ACL);
    PUT(d->certificate, CERT);
    PUT(d->tls, "TLSv1.2_2021");
    PUT(d->http, "http2and3");
    PUT(o->distribution, ID);
    PUT(o->id, "alb");
    PUT(o->domain, "alb.prod.innovate.example");
    PUT(o->headers, "X-Origin-Verify");
    PUT(o->vpc_origin, "vo_1");
    PUT(inner->id, "vo_1");
    PUT(inner->name, "innovate");
    PUT(inner->status, "Deployed");
    PUT(inner->target, "arn:aws:elasticloadbalancing:us-east-1:333333333333:loadbalancer/app/innovate/6c8f1b2d3e4a5f60");
    behaviour(e, "/api/*", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", false);
    behaviour(e, "*", "658327ea-f89d-4fab-a63d-7e88639e58f6", true);
}

static void around(struct account_edge *e, int64_t now)
{
    struct edge_zone *z = vec_add(&e->zones);
    struct edge_certificate *c = vec_add(&e->certificates);
    struct edge_invalidation *v = vec_add(&e->invalidations), *last = vec_add(&e->invalidations);
    struct edge_log *log = vec_add(&e->logs);
    v = &e->invalidations.at[0];
    *z = (struct edge_zone){.records = 7};
    PUT(z->id, "Z1");
    PUT(z->name, "innovate.example");
    *c = (struct edge_certificate){.used = true, .expires_at = now + 187 * DAY + MINUTE};
    PUT(c->arn, CERT);
    PUT(c->domain, "innovate.example");
    PUT(c->status, "ISSUED");
    PUT(c->type, "AMAZON_ISSUED");
    *v = (struct edge_invalidation){.at = now - 2 * MINUTE};
    PUT(v->distribution, ID);
    PUT(v->id, "I2J0I21PCUYOIK");
    PUT(v->status, "InProgress");
    PUT(v->paths, "/index.html /static/*");
    *last = (struct edge_invalidation){.at = now - DAY};
    PUT(last->distribution, ID);
    PUT(last->id, "I1AAAAAAAAAAAA");
    PUT(last->status, "Completed");
    PUT(last->paths, "/index.html");
    PUT(log->acl, EDGE_BUILD_ACL);
    PUT(log->to, "arn:aws:logs:us-east-1:333333333333:log-group:aws-waf-logs-edge");
}

static void traffic(struct estate *e, size_t account, int64_t now)
{
    struct edge_series s = {.distribution = ID};
    for (size_t i = 0; i < EDGE_POINTS; i++) {
        bool late = i >= EDGE_POINTS - 2; /* CloudFront's newest minutes are not there yet */
        s.requests[i] = late ? NAN : 2300 + (double)(i * 37 % 400);
        s.bytes[i] = late ? NAN : 9.1e7;
        s.errors_4xx[i] = late ? NAN : 1.1 + (double)(i % 5) / 10;
        s.errors_5xx[i] = late ? NAN : (double)(i % 3) / 50;
        s.errors[i] = s.errors_4xx[i] + s.errors_5xx[i];
        s.hits[i] = late ? NAN : 84 + (double)(i % 4);
        s.latency[i] = late ? NAN : 240 + (double)(i * 13 % 90);
    }
    for (size_t i = 0; i < EDGE_HOURS; i++) {
        s.day_requests[i] = i < 12 ? 60000 : 180000;
        s.day_hits[i] = i < 12 ? 78 : 86;
    }
    edge_series_set(e, account, &s, 1, now / MINUTE * MINUTE, now / (60 * MINUTE) * (60 * MINUTE));
}

void edge_build(struct estate *e, size_t account, int64_t now)
{
    struct account_edge edge = {.known = (1u << EDGE_PARTS) - 1};
    distribution(&edge);
    name(&edge, "innovate.example");
    name(&edge, "www.innovate.example");
    around(&edge, now);
    edge_set(e, account, &edge, now);
    traffic(e, account, now);
    slice_good(e, account, FEED_EDGE, now, 600000, now + 600000);
    slice_good(e, account, FEED_EDGE_METRICS, now, 60000, now + 60000);
}

void edge_build_acl(struct estate *e, size_t account, int64_t now)
{
    static const char *const rules[][3] = {{"managed", "AWSManagedRulesCommonRuleSet", "managed"},
                                           {"managed", "AWSManagedRulesSQLiRuleSet", "managed"}, {"rate-based", "", "block"},
                                           {"managed", "AWSManagedRulesBotControlRuleSet", "count"}};
    struct web_acl acl = {.capacity = 1127};
    PUT(acl.name, "innovate-edge");
    PUT(acl.arn, EDGE_BUILD_ACL);
    for (size_t i = 0; i < 4; i++) {
        struct waf_rule *r = vec_add(&acl.rules);
        PUT(r->name, *rules[i][1] ? rules[i][1] : "RateLimit");
        PUT(r->kind, rules[i][0]);
        PUT(r->group, rules[i][1]);
        PUT(r->action, rules[i][2]);
    }
    web_acl_set(e, account, &acl, now);
    slice_good(e, account, FEED_WEB_ACL, now, 300000, now + 300000);
}
