/* What the architecture promises of the internal load balancer (section 2), and of disks: encrypted by default. */
#include <string.h>

#include "base/str.h"
#include "base/when.h"
#include "checks/network.h"
#include "checks/rows.h"

#define DAY_MS           INT64_C(86400000)
#define CERTIFICATE_DAYS 30

static const struct account_network *network_of(const struct checking *c) { return &checking_account(c)->network; }

/* Every application load balancer; says so if there is none. */
static void for_each_balancer(struct checking *c, void (*each)(struct checking *c, const struct account_network *n, const struct load_balancer *b))
{
    const struct account_network *n = network_of(c);
    bool any = false;
    for (size_t i = 0; i < n->balancers.len; i++)
        if (!strcmp(n->balancers.at[i].type, "application")) {
            each(c, n, &n->balancers.at[i]);
            any = true;
        }
    if (!any)
        check_fail(c, checking_account(c)->config->name, "there is no application load balancer");
}

static void internal(struct checking *c, const struct account_network *n, const struct load_balancer *b)
{
    size_t zones = 0, wanted = checking_account(c)->config->kind == ACCOUNT_PRODUCTION ? 2 : 1;
    (void)n;
    while (zones < NETWORK_ZONES && *b->zones[zones])
        zones++;
    check_that(c, !strcmp(b->scheme, "internal") && zones >= wanted, b->name, "%s, in %zu zone%s", b->scheme, zones, zones == 1 ? "" : "s");
    if (*b->isolated)
        check_fail(c, b->name, "cross-zone balancing off for the target group %s", b->isolated);
    else if (b->cross_zone < 0 || b->groups_cross_zone < 0)
        check_unknown(c, b->name, "whether cross-zone balancing is on is not known");
    else
        check_that(c, b->cross_zone == 1, b->name, "cross-zone balancing %s", b->cross_zone ? "on" : "off");
}
static void look_internal(struct checking *c)
{
    if (check_knows(c, NETWORK_BALANCERS))
        for_each_balancer(c, internal);
}

/* The secret header: whatever passes on must ask for it, and what is left must be refused. */

static bool is_refusal(const struct listener *l)
{
    bool refuses = !strcmp(l->action.type, "fixed-response") && *l->action.status == '4';
    return refuses || (!strcmp(l->action.type, "redirect") && !strcmp(l->protocol, "HTTP"));
}

static size_t guarded_rules(struct checking *c, const struct account_network *n, const struct load_balancer *b, const struct listener *l)
{
    size_t with = 0;
    for (size_t i = 0; i < n->listener_rules.len; i++) {
        const struct listener_rule *r = &n->listener_rules.at[i];
        if (strcmp(r->listener, l->arn) != 0 || strcmp(r->action.type, "forward") != 0)
            continue;
        with += *r->header != '\0';
        check_that(c, *r->header, b->name, "%s:%d rule %s to %s asks for %s%s", l->protocol, l->port, r->priority, r->action.target,
                   *r->header ? "header " : "no header", r->header);
    }
    return with;
}

static void header(struct checking *c, const struct account_network *n, const struct load_balancer *b)
{
    size_t with = 0;
    for (size_t i = 0; i < n->listeners.len; i++) {
        const struct listener *l = &n->listeners.at[i];
        if (strcmp(l->balancer, b->arn) != 0)
            continue;
        check_that(c, is_refusal(l), b->name, "%s:%d, where no rule fits: %s %s", l->protocol, l->port, l->action.type,
                   *l->action.status ? l->action.status : l->action.target);
        with += guarded_rules(c, n, b, l);
    }
    if (!with)
        check_fail(c, b->name, "no rule asks for a header");
}
static void look_header(struct checking *c)
{
    if (check_knows(c, NETWORK_BALANCERS) && check_knows(c, NETWORK_LISTENERS))
        for_each_balancer(c, header);
}

/* TLS. */

static void certificate(struct checking *c, const struct account_network *n, const struct load_balancer *b, const struct listener *l)
{
    int64_t now = checking_now(c);
    char date[40];
    for (size_t i = 0; i < n->certificates.len; i++) {
        const struct alb_certificate *s = &n->certificates.at[i];
        if (strcmp(s->arn, l->certificate) != 0)
            continue;
        if (!s->expires_at)
            check_unknown(c, s->domain, "until when its certificate is valid is not known");
        else
            check_that(c, !strcmp(s->status, "ISSUED") && s->expires_at - now >= CERTIFICATE_DAYS * DAY_MS, s->domain,
                       "%s, valid until %s, %lld days", s->status, when_date(s->expires_at, date, sizeof date),
                       (long long)((s->expires_at - now) / DAY_MS));
        return;
    }
    if (check_knows(c, NETWORK_CERTIFICATES))
        check_fail(c, b->name, "HTTPS:%d shows a certificate that cannot be found", l->port);
}

static void tls(struct checking *c, const struct account_network *n, const struct load_balancer *b)
{
    bool any = false;
    for (size_t i = 0; i < n->listeners.len; i++) {
        const struct listener *l = &n->listeners.at[i];
        if (strcmp(l->balancer, b->arn) != 0 || strcmp(l->protocol, "HTTPS") != 0)
            continue;
        certificate(c, n, b, l);
        any = true;
    }
    if (!any)
        check_fail(c, b->name, "no listener is HTTPS");
}
static void look_tls(struct checking *c)
{
    if (check_knows(c, NETWORK_BALANCERS) && check_knows(c, NETWORK_LISTENERS))
        for_each_balancer(c, tls);
}

/* Health. */

static void bad_targets(struct checking *c, const struct balancing *b, const struct target_group *g)
{
    for (size_t i = 0; i < b->targets.len; i++) {
        const struct balancer_target *t = &b->targets.at[i];
        if (!strcmp(t->group, g->arn) && target_is_bad(t))
            check_fail(c, g->name, "%s in %s is %s%s%s", t->id, t->zone, t->state, *t->reason ? ": " : "", t->reason);
    }
}

static void healthy_zones(struct checking *c, const struct balancing *b, const struct target_group *g)
{
    bool production = checking_account(c)->config->kind == ACCOUNT_PRODUCTION;
    struct zone_health zones[NETWORK_ZONES];
    size_t count = balancing_zones(b, g->arn, zones, NETWORK_ZONES), with = 0, wanted = production ? 2 : 1;
    int healthy = 0, total = 0;
    bool untold = false;
    for (size_t i = 0; i < count; i++) {
        with += zones[i].healthy > 0 && *zones[i].zone;
        untold |= !*zones[i].zone;
        healthy += zones[i].healthy;
        total += zones[i].total;
    }
    if (!total && !production && checking_account(c)->config->auto_shutdown.stop)
        check_na(c, "%s has no target: nothing runs here now", g->name);
    else if (untold && with < wanted && healthy)
        check_unknown(c, g->name, "%d of %d healthy, their zones are not told", healthy, total);
    else
        check_that(c, with >= wanted, g->name, "%d of %d healthy, in %zu zone%s", healthy, total, with, with == 1 ? "" : "s");
}

static void look_health(struct checking *c)
{
    const struct balancing *b = &checking_account(c)->balancing;
    bool any = false;
    for (size_t i = 0; i < b->groups.len; i++) {
        const struct target_group *g = &b->groups.at[i];
        if (!text_starts(g->balancer, "app/"))
            continue;
        any = true;
        check_that(c, !strcmp(g->path, "/health"), g->name, "checks %s", *g->path ? g->path : "no path");
        bad_targets(c, b, g);
        healthy_zones(c, b, g);
    }
    if (!any)
        check_fail(c, checking_account(c)->config->name, "no target group is behind an application load balancer");
}

static void look_ebs(struct checking *c)
{
    const struct account_network *n = network_of(c);
    if (!check_knows(c, NETWORK_EBS))
        return;
    if (n->ebs_encrypted < 0)
        check_unknown(c, checking_account(c)->config->region, "the answer does not tell");
    else
        check_that(c, n->ebs_encrypted == 1, checking_account(c)->config->region, "encryption by default %s", n->ebs_encrypted ? "on" : "off");
}

#define WORKLOADS (CHECK_KIND(ACCOUNT_DEVELOPMENT) | CHECK_KIND(ACCOUNT_PRODUCTION))
#define ROW(name, id_, area_, kinds_, feed_, look_, promise_, remedy_)                                                                             \
    const struct check check_##name = {                                                                                                            \
        .id = id_, .area = area_, .promise = promise_, .remedy = remedy_, .kinds = kinds_, .feeds = FEED_BIT(feed_), .look = look_}

ROW(alb_internal, "alb-internal", "network", WORKLOADS, FEED_NETWORK, look_internal,
    "the load balancer is internal, in two zones in production, with cross-zone balancing",
    "an internal scheme needs a new load balancer; SetSubnets; ModifyTargetGroupAttributes");
ROW(alb_header, "alb-header", "network", WORKLOADS, FEED_NETWORK, look_header,
    "only requests with CloudFront's secret header are passed on, all else is refused",
    "ModifyRule with an http-header condition; ModifyListener with a fixed 403 as the default");
ROW(alb_tls, "alb-tls", "network", WORKLOADS, FEED_NETWORK, look_tls, "the load balancer speaks HTTPS, its certificate is valid for 30 days or more",
    "see in ACM why the certificate is not renewed; ModifyListener with another one");
ROW(alb_health, "alb-health", "network", WORKLOADS, FEED_LOAD_BALANCERS, look_health,
    "target groups check /health, and all targets are healthy, in production in both zones",
    "look at the pods behind it; ModifyTargetGroup HealthCheckPath=/health");
ROW(ebs_encrypted, "ebs-encrypted", "security", CHECK_ALL, FEED_NETWORK, look_ebs, "new disks are encrypted by default",
    "EnableEbsEncryptionByDefault");
