#include "network_estate.h"

#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "put.h"

#define MINUTE INT64_C(60000)
#define DAY    (1440 * MINUTE)
#define ELB    "arn:aws:elasticloadbalancing:us-east-1:333333333333:"
#define ALB    ELB "loadbalancer/app/innovate/6c8f1b2d3e4a5f60"
#define CERT   "arn:aws:acm:us-east-1:333333333333:certificate/0b9c4e72"

static void subnet(struct account_network *n, const struct network_plan *plan, const char *name, const char *cidr, char zone, const char *tier)
{
    struct subnet *s = vec_add(&n->subnets);
    struct subnet_link *table = vec_add(&n->table_links), *acl = vec_add(&n->acl_links);
    *s = (struct subnet){.free = 235, .tier = network_tier(plan, cidr)};
    text_format(s->id, sizeof s->id, "subnet-%s-1%c", tier, zone);
    text_format(s->name, sizeof s->name, "%s-1%c", name, zone);
    text_format(s->zone, sizeof s->zone, "us-east-1%c", zone);
    PUT(s->vpc, "vpc-1");
    PUT(s->cidr, cidr);
    PUT(table->subnet, s->id);
    PUT(acl->subnet, s->id);
    text_format(table->to, sizeof table->to, "rtb-%s", tier);
    text_format(acl->to, sizeof acl->to, "acl-%s", tier);
}

static void table(struct account_network *n, const char *id, bool main, const char *to, const char *via)
{
    struct route_table *t = vec_add(&n->tables);
    struct table_route *local = vec_add(&n->routes);
    t->main = main;
    PUT(t->id, id);
    PUT(t->name, id);
    PUT(t->vpc, "vpc-1");
    PUT(local->table, id);
    PUT(local->to, "10.0.0.0/16");
    PUT(local->via, "local");
    if (to) {
        struct table_route *more = vec_add(&n->routes);
        PUT(more->table, id);
        PUT(more->to, to);
        PUT(more->via, via);
    }
}

static void endpoint(struct account_network *n, const char *service, const char *type)
{
    struct vpc_endpoint *e = vec_add(&n->endpoints);
    e->private_dns = strcmp(type, "Interface") == 0;
    text_format(e->id, sizeof e->id, "vpce-%s", service);
    text_format(e->service, sizeof e->service, "com.amazonaws.us-east-1.%s", service);
    PUT(e->vpc, "vpc-1");
    PUT(e->type, type);
    PUT(e->state, "available");
}

static void acl(struct account_network *n, const char *id, bool is_default, const char *cidr, const char *protocol, int port)
{
    struct network_acl *a = vec_add(&n->acls);
    struct acl_entry *allow = vec_add(&n->entries), *deny = vec_add(&n->entries);
    a->is_default = is_default;
    PUT(a->id, id);
    PUT(a->name, id);
    PUT(a->vpc, "vpc-1");
    *allow = (struct acl_entry){.number = 100, .from = port, .to = port, .allow = true};
    *deny = (struct acl_entry){.number = 32767, .from = -1, .to = -1};
    PUT(allow->acl, id);
    PUT(allow->cidr, cidr);
    PUT(allow->protocol, protocol);
    PUT(deny->acl, id);
    PUT(deny->cidr, "0.0.0.0/0");
    PUT(deny->protocol, "all");
}

static void group(struct account_network *n, const char *name, const char *peer, enum peer_kind kind, int port)
{
    struct security_group *g = vec_add(&n->groups);
    struct group_rule *r = peer ? vec_add(&n->rules) : NULL;
    text_format(g->id, sizeof g->id, "sg-%s", name);
    PUT(g->name, name);
    PUT(g->vpc, "vpc-1");
    text_format(g->about, sizeof g->about, "Group of the %s", name);
    if (!r)
        return;
    *r = (struct group_rule){.kind = kind, .from = port, .to = port};
    PUT(r->group, g->id);
    PUT(r->peer, peer);
    PUT(r->protocol, "tcp");
}

static void listener_rule(struct account_network *n, const char *priority, const char *path, const char *target)
{
    struct listener_rule *r = vec_add(&n->listener_rules);
    PUT(r->listener, ALB "/443");
    PUT(r->priority, priority);
    PUT(r->header, "X-Origin-Verify");
    PUT(r->paths, path);
    PUT(r->action.type, "forward");
    PUT(r->action.target, target);
}

static void balancer(struct account_network *n, int64_t now)
{
    struct load_balancer *b = vec_add(&n->balancers);
    struct listener *l = vec_add(&n->listeners);
    struct alb_certificate *c = vec_add(&n->certificates);
    *b = (struct load_balancer){.cross_zone = 1};
    PUT(b->arn, ALB);
    PUT(b->name, "innovate");
    PUT(b->scheme, "internal");
    PUT(b->type, "application");
    PUT(b->state, "active");
    PUT(b->dns, "internal-innovate-6c8f1b2d3e.us-east-1.elb.amazonaws.com");
    PUT(b->zones[0], "us-east-1a");
    PUT(b->zones[1], "us-east-1b");
    PUT(b->groups[0], "sg-alb");
    l->port = 443;
    PUT(l->arn, ALB "/443");
    PUT(l->balancer, ALB);
    PUT(l->protocol, "HTTPS");
    PUT(l->policy, "ELBSecurityPolicy-TLS13-1-2-2021-06");
    PUT(l->certificate, CERT);
    PUT(l->action.type, "fixed-response");
    PUT(l->action.status, "403");
    listener_rule(n, "10", "/api/*", "k8s-innovate-backend-10e08a419e");
    listener_rule(n, "20", "", "k8s-innovate-frontend-1cf387c012");
    c->expires_at = now + 213 * DAY;
    PUT(c->arn, CERT);
    PUT(c->domain, "alb.prod.innovate.example");
    PUT(c->status, "ISSUED");
}

static void targets(struct balancing *b, const char *name, int port, size_t each, size_t zones)
{
    struct target_group *g = vec_add(&b->groups);
    g->port = port;
    text_format(g->arn, sizeof g->arn, ELB "targetgroup/%s/1", name);
    PUT(g->name, name);
    PUT(g->balancer, "app/innovate/6c8f1b2d3e4a5f60");
    PUT(g->protocol, "HTTP");
    PUT(g->type, "ip");
    PUT(g->path, "/health");
    PUT(g->matcher, "200");
    for (size_t i = 0; i < each * zones; i++) {
        struct balancer_target *t = vec_add(&b->targets);
        t->port = port;
        PUT(t->group, g->arn);
        text_format(t->id, sizeof t->id, "10.0.%zu.%zu", 11 + i / each, 20 + i + (size_t)port % 50);
        text_format(t->zone, sizeof t->zone, "us-east-1%c", "ab"[i / each]);
        PUT(t->state, "healthy");
    }
}

static void series(struct estate *e, size_t account, int64_t now)
{
    struct balancer_series s = {.balancer = "app/innovate/6c8f1b2d3e4a5f60"};
    bool production = e->accounts[account].config->kind == ACCOUNT_PRODUCTION;
    for (size_t i = 0; i < BALANCER_POINTS; i++) {
        s.requests[i] = 1200 + (double)(i * 37 % 90);
        s.target_5xx[i] = production && i > 50 ? (double)((i - 50) * (i - 50)) : 0;
        s.balancer_5xx[i] = 0;
        s.latency[i] = 0.084;
    }
    balancer_series_set(e, account, &s, 1, now / MINUTE * MINUTE);
}

static void add_groups(struct account_network *n)
{
    group(n, "cloudfront-origins", NULL, PEER_CIDR, 0);
    group(n, "alb", "sg-cloudfront-origins", PEER_GROUP, 443);
    group(n, "frontend", "sg-alb", PEER_GROUP, 80);
    group(n, "backend", "sg-alb", PEER_GROUP, 8000);
    group(n, "database", "sg-backend", PEER_GROUP, 5432);
    group(n, "endpoints", "10.0.11.0/24", PEER_CIDR, 443);
}

void network_build(struct estate *e, size_t account, int64_t now)
{
    static const char *const services[] = {"ecr.dkr", "ecr.api", "secretsmanager", "logs"};
    struct account_network n = {.known = (1u << NETWORK_PARTS) - 1, .ebs_encrypted = 1};
    struct network_plan plan;
    struct balancing b = {.series_end = 0};
    struct vpc *vpc = vec_add(&n.vpcs);
    network_plan_of(e->config, e->accounts[account].config, &plan);
    PUT(vpc->id, "vpc-1");
    PUT(vpc->name, "innovate");
    PUT(vpc->cidr, "10.0.0.0/16");
    for (size_t i = 0; i < plan.zones; i++)
        subnet(&n, &plan, "app", plan.app[i], "ab"[i], "app");
    for (size_t i = 0; i < plan.zones; i++)
        subnet(&n, &plan, "db", plan.db[i], "ab"[i], "db");
    table(&n, "rtb-main", true, NULL, NULL);
    table(&n, "rtb-app", false, "pl-63a5400a", "vpce-s3");
    table(&n, "rtb-db", false, NULL, NULL);
    for (size_t i = 0; i < sizeof services / sizeof *services; i++)
        endpoint(&n, services[i], "Interface");
    endpoint(&n, "s3", "Gateway");
    acl(&n, "acl-default", true, "0.0.0.0/0", "all", -1);
    acl(&n, "acl-app", false, "10.0.0.0/16", "all", -1);
    acl(&n, "acl-db", false, "10.0.11.0/24", "tcp", 5432);
    add_groups(&n);
    balancer(&n, now);
    targets(&b, "k8s-innovate-backend-10e08a419e", 8000, 3, plan.zones);
    targets(&b, "k8s-innovate-frontend-1cf387c012", 80, 2, plan.zones);
    network_set(e, account, &n, now);
    targets_set(e, account, &b, now);
    series(e, account, now);
    slice_good(e, account, FEED_NETWORK, now, 600000, now + 600000);
    slice_good(e, account, FEED_LOAD_BALANCERS, now, 30000, now + 30000);
}
