/* What the architecture promises of the edge (section 2 and 3): the name, the distribution before the load balancer, the web ACL before both. */
#include <math.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "checks/rows.h"

#define API  "/api/*"
#define MOST 90 /* per cent: what is promised at the upper end; more is no harm */

static const struct account_edge *edge_of(const struct checking *c) { return &checking_account(c)->edge; }

/* Could this part of the edge be read? If not the check is unknown, and says why. */
static bool knows(struct checking *c, enum edge_part part)
{
    const struct account *a = checking_account(c);
    char text[400];
    if (edge_knows(&a->edge, part))
        return true;
    const struct error *error = &a->slices[FEED_EDGE].error;
    check_unknown(c, a->config->name, "%s: %s", edge_part_name(part),
                  error->kind != ERROR_NONE ? error_text(error, text, sizeof text) : "could not be read");
    return false;
}

static const char *called(const struct account_edge *e, const struct edge_distribution *d)
{
    for (size_t i = 0; i < e->aliases.len; i++)
        if (!strcmp(e->aliases.at[i].distribution, d->id))
            return e->aliases.at[i].name;
    return d->domain;
}

/* Every distribution that serves; says so if there is none. */
static void for_each(struct checking *c, void (*each)(struct checking *c, const struct account_edge *e, const struct edge_distribution *d))
{
    const struct account *a = checking_account(c);
    bool any = false;
    if (!a->config->web_acl) {
        check_na(c, "the profile names no web ACL of this account");
        return;
    }
    if (!knows(c, EDGE_DISTRIBUTIONS))
        return;
    for (size_t i = 0; i < a->edge.distributions.len; i++)
        if (a->edge.distributions.at[i].enabled) {
            each(c, &a->edge, &a->edge.distributions.at[i]);
            any = true;
        }
    if (!any)
        check_fail(c, a->config->name, "there is no distribution that is enabled");
}

/* The name. */

static void name_leads(struct checking *c, const struct account_edge *e, const struct edge_distribution *d, const char *name)
{
    const struct edge_zone *zone = edge_zone_of(e, name, false);
    bool any = false;
    for (size_t i = 0; zone && i < e->records.len; i++) {
        const struct edge_record *r = &e->records.at[i];
        if (strcmp(r->zone, zone->id) != 0 || !text_same_case(r->name, name))
            continue;
        any = true;
        check_that(c, text_same_case(r->target, d->domain), name, "%s%s %s%s%s", r->type, r->alias ? ", alias to" : " of", r->target,
                   *r->set ? ", set " : "", r->set);
    }
    if (!zone)
        check_unknown(c, name, "no hosted zone of this account has the name");
    else if (!any)
        check_fail(c, name, "no record in the zone %s", zone->name);
}

static void names(struct checking *c, const struct account_edge *e, const struct edge_distribution *d)
{
    bool any = false;
    for (size_t i = 0; i < e->aliases.len; i++)
        if (!strcmp(e->aliases.at[i].distribution, d->id)) {
            name_leads(c, e, d, e->aliases.at[i].name);
            any = true;
        }
    if (!any)
        check_fail(c, d->id, "has no name but %s", d->domain);
}

static void look_dns(struct checking *c)
{
    if (!checking_account(c)->config->web_acl || (knows(c, EDGE_ZONES) && knows(c, EDGE_RECORDS)))
        for_each(c, names);
}

/* The origin. */

/* What the load balancer's rules ask for, where they are known; NULL: they ask for nothing, or it is not known. */
static const char *asked_header(const struct account *a)
{
    for (size_t i = 0; network_knows(&a->network, NETWORK_LISTENERS) && i < a->network.listener_rules.len; i++)
        if (*a->network.listener_rules.at[i].header)
            return a->network.listener_rules.at[i].header;
    return NULL;
}

static bool has_word(const char *words, const char *word)
{
    char one[160];
    for (const char *at = words; *at; at += strcspn(at, " "), at += *at == ' ') {
        text_format(one, sizeof one, "%.*s", (int)strcspn(at, " "), at);
        if (text_same_case(one, word))
            return true;
    }
    return false;
}

static void origin_header(struct checking *c, const struct edge_origin *o)
{
    const char *asked = asked_header(checking_account(c));
    if (!*o->headers)
        check_fail(c, o->domain, "is sent no header of its own");
    else if (asked && !has_word(o->headers, asked))
        check_fail(c, o->domain, "is sent %s, and the load balancer asks for %s", o->headers, asked);
    else
        check_pass(c, o->domain, "is sent %s", o->headers);
}

/* Is what CloudFront goes to one of the account's load balancers? True also where these are not known. */
static bool is_own(const struct account *a, const char *balancer)
{
    static const char both[] = "dualstack.";
    const char *name = text_starts(balancer, both) ? balancer + sizeof both - 1 : balancer;
    if (!network_knows(&a->network, NETWORK_BALANCERS))
        return true;
    for (size_t i = 0; i < a->network.balancers.len; i++)
        if (!strcmp(a->network.balancers.at[i].arn, balancer) || text_same_case(a->network.balancers.at[i].dns, name))
            return true;
    return false;
}

static void origin_of(struct checking *c, const struct account_edge *e, const struct edge_behaviour *b)
{
    const struct edge_origin *o = edge_origin_of(e, b);
    const char *balancer = o ? edge_balancer(e, o) : NULL;
    const struct edge_vpc_origin *inner = o && *o->vpc_origin ? edge_vpc_origin(e, o->vpc_origin) : NULL;
    if (!o)
        check_fail(c, b->path, "goes to %s, which is no single origin", b->origin);
    else if (*o->vpc_origin && !inner)
        check_unknown(c, o->domain, "what is behind VPC origin %s is not known", o->vpc_origin);
    else if (!balancer && !inner && !edge_knows(e, EDGE_RECORDS))
        check_unknown(c, o->domain, "where it leads is not known: records could not be read");
    else if (balancer && !is_own(checking_account(c), balancer))
        check_fail(c, o->domain, "%s goes to %s, which is no load balancer of this account", b->path, balancer);
    else
        check_that(c, balancer != NULL, o->domain, "%s goes to %s%s%s", b->path, balancer ? "the load balancer " : inner ? "" : "no load balancer: ",
                   balancer ? balancer : inner ? inner->target : o->domain, inner ? " as VPC origin" : "");
    if (o)
        origin_header(c, o);
}

static void origins(struct checking *c, const struct account_edge *e, const struct edge_distribution *d)
{
    for (size_t i = 0; i < e->behaviours.len; i++)
        if (!strcmp(e->behaviours.at[i].distribution, d->id) && (e->behaviours.at[i].standard || !strcmp(e->behaviours.at[i].path, API)))
            origin_of(c, e, &e->behaviours.at[i]);
}
static void look_origin(struct checking *c) { for_each(c, origins); }

/* Behaviours. */

static void behaviour(struct checking *c, const struct account_edge *e, const struct edge_behaviour *b)
{
    const struct edge_policy *policy = edge_policy_of(e, b);
    int caches = edge_caches(e, b);
    check_that(c, !strcmp(b->viewer, "redirect-to-https") || !strcmp(b->viewer, "https-only"), b->path, "viewers: %s", b->viewer);
    if (b->standard)
        check_that(c, b->compress, b->path, "compression %s", b->compress ? "on" : "off");
    if (strcmp(b->path, API) != 0)
        return;
    if (caches < 0)
        check_unknown(c, b->path, "how long answers are kept is not known: cache policy %s", b->policy);
    else
        check_that(c, !caches, b->path, "%s by %s", caches ? "cached" : "not cached", policy ? policy->name : "its own times");
}

static void behaviours(struct checking *c, const struct account_edge *e, const struct edge_distribution *d)
{
    bool api = false;
    for (size_t i = 0; i < e->behaviours.len; i++)
        if (!strcmp(e->behaviours.at[i].distribution, d->id)) {
            behaviour(c, e, &e->behaviours.at[i]);
            api |= !strcmp(e->behaviours.at[i].path, API);
        }
    if (!api)
        check_fail(c, called(e, d), "no behaviour for %s", API);
    check_that(c, d->own_certificate && edge_tls_is_new(d->tls), called(e, d), "viewers' TLS %s%s", *d->tls ? d->tls : "not told",
               d->own_certificate ? "" : ", CloudFront's default certificate");
}
static void look_behaviours(struct checking *c) { for_each(c, behaviours); }

/* Hits. */

static void hits(struct checking *c, const struct account_edge *e, const struct edge_distribution *d)
{
    const struct edge_series *s = edge_series_of(&checking_account(c)->edge_traffic, d->id);
    double ratio = s ? edge_day_hits(s) : NAN, least = checking_estate(c)->config->cache_hit * 100;
    if (s && !edge_more_metrics(s))
        check_unknown(c, called(e, d), "the distribution's additional metrics are off");
    else if (isnan(ratio))
        check_unknown(c, called(e, d), "no requests counted in 24 hours");
    else
        check_that(c, ratio >= least, called(e, d), "%.1f %% from the cache over 24 hours, %.0f to %d %% promised", ratio, least, MOST);
}
static void look_hits(struct checking *c) { for_each(c, hits); }

/* The web ACL. */

static const struct web_acl *acl_of(struct checking *c)
{
    const struct account *a = checking_account(c);
    if (a->config->web_acl)
        return &a->web_acl;
    check_na(c, "the profile names no web ACL of this account");
    return NULL;
}

/* ".../global/webacl/innovate-edge/7d0f…" → "innovate-edge/7d0f…" */
static const char *acl_name(const char *arn)
{
    const char *at = strstr(arn, "/webacl/");
    return at ? at + strlen("/webacl/") : arn;
}

static void attached(struct checking *c, const struct account_edge *e, const struct edge_distribution *d)
{
    const struct web_acl *acl = &checking_account(c)->web_acl;
    if (!*d->web_acl)
        check_fail(c, called(e, d), "no web ACL before it");
    else
        check_that(c, !strcmp(d->web_acl, acl->arn), called(e, d), "behind %s%s", strcmp(d->web_acl, acl->arn) ? "another web ACL: " : "",
                   acl_name(d->web_acl));
}
static void look_attached(struct checking *c) { for_each(c, attached); }

static bool is_group(const struct waf_rule *r, const char *group) { return !strcmp(r->kind, "managed") && !strcmp(r->group, group); }
static bool is_common(const struct waf_rule *r) { return is_group(r, "AWSManagedRulesCommonRuleSet"); }
static bool is_sql(const struct waf_rule *r) { return is_group(r, "AWSManagedRulesSQLiRuleSet") || !strcmp(r->kind, "sqli"); }
static bool is_rate(const struct waf_rule *r) { return !strcmp(r->kind, "rate-based"); }
static bool is_bots(const struct waf_rule *r) { return is_group(r, "AWSManagedRulesBotControlRuleSet"); }

static const struct waf_rule *sql_within(const struct web_acl *acl)
{
    for (size_t i = 0; i < acl->rules.len; i++)
        if (acl->rules.at[i].sql_within && strcmp(acl->rules.at[i].action, "count") != 0)
            return &acl->rules.at[i];
    return NULL;
}

/* A rule that only counts stops nobody; bots are let be so on purpose, since many are welcome. */
static void rule_is_there(struct checking *c, const struct web_acl *acl, const char *what, bool (*is)(const struct waf_rule *r), bool may_count)
{
    const struct waf_rule *found = NULL;
    for (size_t i = 0; i < acl->rules.len; i++)
        if (is(&acl->rules.at[i]) && (!found || !strcmp(found->action, "count")))
            found = &acl->rules.at[i];
    bool counts = found && !strcmp(found->action, "count");
    if (found)
        check_that(c, may_count || !counts, acl->name, "%s: %s%s", what, found->name, counts ? ", counts only" : "");
    else if (is == is_sql && sql_within(acl))
        check_unknown(c, acl->name, "%s: %s looks for it, but decides by other conditions as well", what, sql_within(acl)->name);
    else
        check_fail(c, acl->name, "%s: no rule", what);
}

static void look_rules(struct checking *c)
{
    const struct web_acl *acl = acl_of(c);
    if (!acl)
        return;
    rule_is_there(c, acl, "common attacks, cross-site scripting among them", is_common, false);
    rule_is_there(c, acl, "SQL injection", is_sql, false);
    rule_is_there(c, acl, "too many requests", is_rate, false);
    rule_is_there(c, acl, "bots", is_bots, true);
}

static void look_logging(struct checking *c)
{
    const struct web_acl *acl = acl_of(c);
    if (!acl || !knows(c, EDGE_LOGGING))
        return;
    for (size_t i = 0; i < edge_of(c)->logs.len; i++)
        if (!strcmp(edge_of(c)->logs.at[i].acl, acl->arn)) {
            check_pass(c, acl->name, "logs to %s", edge_of(c)->logs.at[i].to);
            return;
        }
    check_fail(c, acl->name, "logs nowhere");
}

#define WORKLOADS (CHECK_KIND(ACCOUNT_DEVELOPMENT) | CHECK_KIND(ACCOUNT_PRODUCTION))
#define EDGE      FEED_BIT(FEED_EDGE)
#define ROW(name, id_, feeds_, promise_, remedy_) \
    const struct check check_##name = {           \
        .id = id_, .area = "edge", .promise = promise_, .remedy = remedy_, .kinds = WORKLOADS, .feeds = feeds_, .look = look_##name}
#define look_dns_cloudfront look_dns
#define look_cdn_origin     look_origin
#define look_cdn_behaviours look_behaviours
#define look_cdn_hit_ratio  look_hits
#define look_waf_attached   look_attached
#define look_waf_rules      look_rules
#define look_waf_logging    look_logging

ROW(dns_cloudfront, "dns-cloudfront", EDGE, "the site's names lead to the distribution",
    "ChangeResourceRecordSets: an alias to the distribution's domain");
ROW(cdn_origin, "cdn-origin", EDGE, "the distribution's origin is the load balancer, which is sent a header of its own",
    "UpdateDistribution: the load balancer as VPC origin, with the custom header that its rules ask for");
ROW(cdn_behaviours, "cdn-behaviours", EDGE, "viewers use HTTPS with TLS 1.2_2021 or newer; pages are compressed; " API " is not cached",
    "UpdateDistribution: ViewerProtocolPolicy, MinimumProtocolVersion, Compress; Managed-CachingDisabled for " API);
ROW(cdn_hit_ratio, "cdn-hit-ratio", EDGE | FEED_BIT(FEED_EDGE_METRICS),
    "most requests are answered from the cache: as many as the profile's objective says",
    "look at Cache-Control of what is asked for most, and at what the cache key has in it; additional metrics must be on to be measured");
ROW(waf_attached, "waf-attached", EDGE | FEED_BIT(FEED_WEB_ACL), "the web ACL stands before the distribution", "UpdateDistribution WebACLId");
ROW(waf_rules, "waf-rules", FEED_BIT(FEED_WEB_ACL),
    "the web ACL has the managed rules against common attacks, SQL injection and bots, and one against floods",
    "UpdateWebACL: AWSManagedRulesCommonRuleSet, AWSManagedRulesSQLiRuleSet, AWSManagedRulesBotControlRuleSet, a rate-based rule");
ROW(waf_logging, "waf-logging", EDGE | FEED_BIT(FEED_WEB_ACL), "the web ACL logs what it decides",
    "PutLoggingConfiguration, to a log group called aws-waf-logs-…");
