/* What the architecture promises of the network (section 2): the VPC and its subnets, private and apart, endpoints, ACLs, security groups. */
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "checks/network.h"
#include "checks/rows.h"

#define POSTGRES 5432
#define SSH      22

bool check_knows(struct checking *c, enum network_part part)
{
    const struct account *a = checking_account(c);
    char text[400];
    if (network_knows(&a->network, part))
        return true;
    const struct error *error = &a->slices[FEED_NETWORK].error;
    check_unknown(c, a->config->name, "%s: %s", network_part_name(part),
                  error->kind != ERROR_NONE ? error_text(error, text, sizeof text) : "could not be read");
    return false;
}

static const struct account_network *network_of(const struct checking *c) { return &checking_account(c)->network; }

static struct network_plan plan_of(const struct checking *c)
{
    struct network_plan plan;
    network_plan_of(checking_estate(c)->config, checking_account(c)->config, &plan);
    return plan;
}

static void look_vpc(struct checking *c)
{
    const struct account_network *n = network_of(c);
    struct network_plan plan = plan_of(c);
    bool found = false;
    if (!check_knows(c, NETWORK_VPCS))
        return;
    for (size_t i = 0; i < n->vpcs.len; i++)
        found |= !strcmp(n->vpcs.at[i].cidr, plan.vpc);
    for (size_t i = 0; i < n->vpcs.len; i++) {
        const struct vpc *v = &n->vpcs.at[i];
        if (!v->is_default && (!found || !strcmp(v->cidr, plan.vpc)))
            check_that(c, found, v->id, "%s, %s promised", v->cidr, plan.vpc);
    }
    if (!found)
        check_fail(c, checking_account(c)->config->name, "no VPC is %s", plan.vpc);
}

/* Subnets: each promised CIDR once, and the zones as many as promised. */

static const struct subnet *subnet_with(const struct account_network *n, const char *cidr)
{
    for (size_t i = 0; i < n->subnets.len; i++)
        if (!strcmp(n->subnets.at[i].cidr, cidr))
            return &n->subnets.at[i];
    return NULL;
}

static size_t zones_of_tier(const struct account_network *n, enum subnet_tier tier)
{
    size_t zones = 0;
    for (size_t i = 0; i < n->subnets.len; i++) {
        bool counts = n->subnets.at[i].tier == tier;
        for (size_t k = 0; k < i && counts; k++)
            counts = n->subnets.at[k].tier != tier || strcmp(n->subnets.at[k].zone, n->subnets.at[i].zone) != 0;
        zones += counts;
    }
    return zones;
}

static void look_subnets(struct checking *c, enum subnet_tier tier, const char *const *cidrs, size_t count)
{
    const struct account_network *n = network_of(c);
    size_t wanted = plan_of(c).zones < count ? plan_of(c).zones : count;
    if (!check_knows(c, NETWORK_SUBNETS))
        return;
    for (size_t i = 0; i < wanted; i++) {
        const struct subnet *s = subnet_with(n, cidrs[i]);
        check_that(c, s != NULL, s ? s->id : checking_account(c)->config->name, s ? "%s in %s" : "no subnet is %s", cidrs[i], s ? s->zone : "");
    }
    size_t zones = zones_of_tier(n, tier);
    check_that(c, zones == wanted, checking_account(c)->config->name, "%s subnets in %zu zone%s, %zu promised", subnet_tier_name(tier), zones,
               zones == 1 ? "" : "s", wanted);
}

static void look_app_subnets(struct checking *c)
{
    struct network_plan plan = plan_of(c);
    look_subnets(c, TIER_APP, plan.app, plan.apps);
}

static void look_db_subnets(struct checking *c)
{
    struct network_plan plan = plan_of(c);
    look_subnets(c, TIER_DB, plan.db, plan.dbs);
}

static const struct table_route *way_out(const struct account_network *n, const struct route_table *table)
{
    for (size_t i = 0; i < n->routes.len; i++)
        if (!strcmp(n->routes.at[i].table, table->id) && text_starts(n->routes.at[i].via, "igw-"))
            return &n->routes.at[i];
    return NULL;
}

static void private_subnet(struct checking *c, const struct account_network *n, const struct subnet *s)
{
    const struct route_table *table = network_table_of(n, s);
    const struct table_route *out = table ? way_out(n, table) : NULL;
    if (!table)
        check_unknown(c, s->id, "its route table is not known");
    else if (out)
        check_fail(c, s->id, "%s goes to %s by %s", out->to, out->via, table->id);
    else
        check_pass(c, s->id, "%s has no internet gateway", table->id);
    if (s->public_addresses)
        check_fail(c, s->id, "hands out public addresses");
}

/* Every app and db subnet; says so if there is none. */
static void for_each_subnet(struct checking *c, void (*each)(struct checking *c, const struct account_network *n, const struct subnet *s))
{
    const struct account_network *n = network_of(c);
    bool any = false;
    for (size_t i = 0; i < n->subnets.len; i++)
        if (n->subnets.at[i].tier != TIER_OTHER) {
            each(c, n, &n->subnets.at[i]);
            any = true;
        }
    if (!any)
        check_fail(c, checking_account(c)->config->name, "there is no app or db subnet");
}

static void look_private(struct checking *c)
{
    if (check_knows(c, NETWORK_SUBNETS) && check_knows(c, NETWORK_ROUTES))
        for_each_subnet(c, private_subnet);
}

/* Endpoints. */

static bool is_for(const struct vpc_endpoint *e, const char *service)
{
    size_t len = strlen(e->service), end = strlen(service);
    return len > end && !strcmp(e->service + len - end, service) && e->service[len - end - 1] == '.';
}

/* Is it in a VPC as promised? Where there is none, any will do: that it is another is a matter of its own. */
static bool in_promised_vpc(const struct account_network *n, const char *id, const char *cidr)
{
    bool promised = false;
    for (size_t i = 0; i < n->vpcs.len; i++) {
        if (!strcmp(n->vpcs.at[i].cidr, cidr) && !strcmp(n->vpcs.at[i].id, id))
            return true;
        promised |= !strcmp(n->vpcs.at[i].cidr, cidr);
    }
    return !promised;
}

/* The one that fits best: of the kind that is promised, since S3 has both kinds by the same name, and then one that is available. */
static const struct vpc_endpoint *endpoint_of(const struct account_network *n, const char *cidr, const char *service, const char *type)
{
    const struct vpc_endpoint *found = NULL;
    int best = -1;
    for (size_t i = 0; i < n->endpoints.len; i++) {
        const struct vpc_endpoint *e = &n->endpoints.at[i];
        int fit = 2 * text_same_case(e->type, type) + text_same_case(e->state, "available");
        if (!is_for(e, service) || !in_promised_vpc(n, e->vpc, cidr) || fit <= best)
            continue;
        found = e;
        best = fit;
    }
    return found;
}

static void look_endpoints(struct checking *c)
{
    static const char *const services[] = {"ecr.dkr", "ecr.api", "secretsmanager", "logs", "s3"};
    const struct account_network *n = network_of(c);
    struct network_plan plan = plan_of(c);
    if (!check_knows(c, NETWORK_ENDPOINTS))
        return;
    for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
        bool gateway = !strcmp(services[i], "s3");
        const char *type = gateway ? "Gateway" : "Interface";
        const struct vpc_endpoint *e = endpoint_of(n, plan.vpc, services[i], type);
        if (!e) {
            check_fail(c, services[i], "there is no endpoint");
            continue;
        }
        bool right = text_same_case(e->type, type) && (gateway || e->private_dns);
        check_that(c, right && text_same_case(e->state, "available"), services[i], "%s, %s%s, %s", e->id, e->type,
                   gateway ? "" : e->private_dns ? ", private DNS" : ", no private DNS", e->state);
    }
}

/* Network ACLs. */

/* A subnet of the other tier that has the same ACL. */
static const struct subnet *shares(const struct account_network *n, const struct subnet *s, const struct network_acl *acl)
{
    for (size_t i = 0; i < n->subnets.len; i++) {
        const struct subnet *other = &n->subnets.at[i];
        if (other->tier != TIER_OTHER && other->tier != s->tier && network_acl_of(n, other) == acl)
            return other;
    }
    return NULL;
}

static void guarded_subnet(struct checking *c, const struct account_network *n, const struct subnet *s)
{
    const struct network_acl *acl = network_acl_of(n, s);
    const struct subnet *other = acl ? shares(n, s, acl) : NULL;
    if (!acl)
        check_unknown(c, s->id, "its network ACL is not known");
    else if (acl->is_default)
        check_fail(c, s->id, "%s is the default ACL", acl->id);
    else if (acl_opens_all(n, acl->id))
        check_fail(c, s->id, "rule %d of %s lets everybody in", acl_opens_all(n, acl->id)->number, acl->id);
    else if (other)
        check_fail(c, s->id, "%s is shared with %s of the tier %s", acl->id, other->id, subnet_tier_name(other->tier));
    else
        check_pass(c, s->id, "%s", acl->id);
}

static void look_nacl(struct checking *c)
{
    if (check_knows(c, NETWORK_SUBNETS) && check_knows(c, NETWORK_ACLS))
        for_each_subnet(c, guarded_subnet);
}

/* Security groups. */

static bool is_balancers(const struct account_network *n, const char *group)
{
    for (size_t i = 0; i < n->balancers.len; i++)
        for (size_t k = 0; k < BALANCER_GROUPS; k++)
            if (!strcmp(n->balancers.at[i].groups[k], group) && !strcmp(n->balancers.at[i].scheme, "internal"))
                return true;
    return false;
}

static bool is_apps(const struct security_group *g) { return text_contains(g->name, "frontend") || text_contains(g->name, "backend"); }

static void told(struct checking *c, bool good, const struct account_network *n, const struct security_group *g, const struct group_rule *r)
{
    char ports[24];
    const struct security_group *peer = r->kind == PEER_GROUP ? network_group(n, r->peer) : NULL;
    check_that(c, good, g->id, "%s lets in %s%s%s on %s %s", g->name, r->peer, peer ? " " : "", peer ? peer->name : "", r->protocol,
               port_words(r->from, r->to, ports, sizeof ports));
}

static void look_pods(struct checking *c)
{
    const struct account_network *n = network_of(c);
    bool any = false;
    if (!check_knows(c, NETWORK_GROUPS) || !check_knows(c, NETWORK_BALANCERS))
        return;
    for (size_t i = 0; i < n->groups.len; i++) {
        const struct security_group *g = &n->groups.at[i];
        bool lets_in = false;
        if (!is_apps(g) || is_balancers(n, g->id))
            continue;
        any = true;
        for (size_t k = 0; k < n->rules.len; k++)
            if (!n->rules.at[k].egress && !strcmp(n->rules.at[k].group, g->id)) {
                told(c, n->rules.at[k].kind == PEER_GROUP && is_balancers(n, n->rules.at[k].peer), n, g, &n->rules.at[k]);
                lets_in = true;
            }
        if (!lets_in)
            check_pass(c, g->id, "%s lets nobody in", g->name);
    }
    if (!any)
        check_fail(c, checking_account(c)->config->name, "no security group is called after the frontend or the backend");
}

/* Pods are in groups of their own, or in the one that EKS makes for the cluster. */
static bool is_pods(const struct account_network *n, const char *id)
{
    const struct security_group *g = network_group(n, id);
    return g && (is_apps(g) || text_contains(g->name, "pods") || text_starts(g->name, "eks-cluster-sg-"));
}

static bool may_reach_database(const struct account_network *n, const struct network_plan *plan, const struct group_rule *r)
{
    bool port = !strcmp(r->protocol, "tcp") && r->from == POSTGRES && r->to == POSTGRES;
    bool who = r->kind == PEER_GROUP ? is_pods(n, r->peer) : r->kind == PEER_CIDR && network_tier(plan, r->peer) == TIER_APP;
    return port && who;
}

static void guarded_database(struct checking *c, const struct account_network *n, const struct security_group *g)
{
    struct network_plan plan = plan_of(c);
    bool any = false;
    for (size_t i = 0; i < n->rules.len; i++) {
        const struct group_rule *r = &n->rules.at[i];
        if (r->egress || strcmp(r->group, g->id) != 0)
            continue;
        told(c, may_reach_database(n, &plan, r), n, g, r);
        any = true;
    }
    if (!any)
        check_pass(c, g->id, "%s lets nobody in", g->name);
}

static void look_database(struct checking *c)
{
    const struct account_network *n = network_of(c);
    const struct account *a = checking_account(c);
    bool any = false;
    if (!check_knows(c, NETWORK_GROUPS))
        return;
    for (size_t i = 0; i < a->database.instances.len; i++) {
        const struct database *d = &a->database.instances.at[i];
        for (size_t k = 0; k < sizeof d->groups / sizeof *d->groups && *d->groups[k]; k++) {
            const struct security_group *g = network_group(n, d->groups[k]);
            any = true;
            if (g)
                guarded_database(c, n, g);
            else
                check_unknown(c, d->id, "its group %s is not among the account's", d->groups[k]);
        }
    }
    if (!any)
        check_fail(c, a->config->name, "no database is in a security group");
}

static void look_open(struct checking *c)
{
    const struct account_network *n = network_of(c);
    bool good = true;
    if (!check_knows(c, NETWORK_GROUPS))
        return;
    for (size_t i = 0; i < n->rules.len; i++) {
        const struct group_rule *r = &n->rules.at[i];
        const struct security_group *g = network_group(n, r->group);
        bool everybody = r->kind == PEER_CIDR && cidr_is_all(r->peer), listed = r->kind == PEER_LIST;
        bool ssh = !strcmp(r->protocol, "tcp") && r->from >= 0 && r->from <= SSH && r->to >= SSH;
        if (r->egress || !g || (!everybody && !ssh && !listed))
            continue;
        if (everybody || ssh)
            told(c, false, n, g, r);
        else
            check_unknown(c, g->id, "%s lets in the prefix list %s: whether everybody is in that was not read", g->name, r->peer);
        good = false;
    }
    if (good)
        check_pass(c, checking_account(c)->config->name, "%zu groups let in neither everybody nor port %d", n->groups.len, SSH);
}

#define WORKLOADS (CHECK_KIND(ACCOUNT_DEVELOPMENT) | CHECK_KIND(ACCOUNT_PRODUCTION))
#define ROW(name, id_, feeds_, look_, promise_, remedy_)                                                                                           \
    const struct check check_##name = {                                                                                                            \
        .id = id_, .area = "network", .promise = promise_, .remedy = remedy_, .kinds = WORKLOADS, .feeds = FEED_BIT(FEED_NETWORK) | (feeds_), \
        .look = look_}

ROW(net_vpc, "net-vpc", 0, look_vpc, "the VPC has the promised address range",
    "correct the profile's network: vpc, or build the VPC anew: its range cannot be changed");
ROW(net_app_subnets, "net-app-subnets", 0, look_app_subnets, "the app subnets are there, each in its zone; development has one zone",
    "make the subnet that is missing, or correct the profile's network: app");
ROW(net_db_subnets, "net-db-subnets", 0, look_db_subnets, "the db subnets are there, each in its zone; development has one zone",
    "make the subnet that is missing, or correct the profile's network: db");
ROW(net_private, "net-private", 0, look_private, "no app or db subnet has a route to an internet gateway or hands out public addresses",
    "remove the route, and ModifySubnetAttribute MapPublicIpOnLaunch=false");
ROW(net_endpoints, "net-endpoints", 0, look_endpoints,
    "interface endpoints for ecr.dkr, ecr.api, secretsmanager and logs with private DNS, a gateway for s3",
    "CreateVpcEndpoint; ModifyVpcEndpoint PrivateDnsEnabled=true");
ROW(net_nacl, "net-nacl", 0, look_nacl, "app and db subnets have network ACLs of their own that do not allow all",
    "ReplaceNetworkAclAssociation with an ACL of the tier's own");
ROW(sg_pods, "sg-pods", 0, look_pods, "the pods' security groups let in the internal load balancer's group only",
    "RevokeSecurityGroupIngress of what else they let in");
ROW(sg_db, "sg-db", FEED_BIT(FEED_DATABASE), look_database, "the database is reached on 5432 only, from the app subnets or the pods' groups only",
    "RevokeSecurityGroupIngress of what else its groups let in");
ROW(sg_open, "sg-open", 0, look_open, "no security group lets in everybody, none lets in port 22",
    "RevokeSecurityGroupIngress; people come by Session Manager");
