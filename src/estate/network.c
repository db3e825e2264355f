/* Questions about the network that panes, checks and feeds share. */
#include "estate/network.h"

#include <math.h>
#include <string.h>

#include "base/network.h"
#include "base/str.h"

const char *network_part_name(enum network_part part)
{
    static const char *const names[NETWORK_PARTS] = {"VPCs",      "subnets",                "route tables",   "endpoints", "network ACLs",
                                                     "security groups", "instances", "network interfaces", "EBS encryption default", "load balancers",
                                                     "listeners", "certificates"};
    return names[part];
}

const char *subnet_tier_name(enum subnet_tier tier)
{
    static const char *const names[] = {"other", "app", "db"};
    return names[tier];
}

void network_free(struct account_network *n)
{
    vec_free(&n->vpcs);
    vec_free(&n->subnets);
    vec_free(&n->tables);
    vec_free(&n->routes);
    vec_free(&n->table_links);
    vec_free(&n->acl_links);
    vec_free(&n->endpoints);
    vec_free(&n->acls);
    vec_free(&n->entries);
    vec_free(&n->groups);
    vec_free(&n->rules);
    vec_free(&n->instances);
    vec_free(&n->interfaces);
    vec_free(&n->balancers);
    vec_free(&n->listeners);
    vec_free(&n->listener_rules);
    vec_free(&n->certificates);
}

void balancing_free(struct balancing *b)
{
    vec_free(&b->groups);
    vec_free(&b->targets);
    vec_free(&b->series);
}

/* Addresses. */

bool cidr_within(const char *inner, const char *outer)
{
    struct network in, out;
    return strchr(inner, '/') && network_read(inner, &in) && network_read(outer, &out) && network_covers(&out, &in);
}

bool cidr_is_all(const char *cidr)
{
    struct network read;
    return network_read(cidr, &read) && read.bits == 0;
}

/* The plan. */

static size_t take(const char *const *from, size_t count, const char **to)
{
    size_t taken = count < NETWORK_ZONES ? count : NETWORK_ZONES;
    for (size_t i = 0; i < taken; i++)
        to[i] = from[i];
    return taken;
}

void network_plan_of(const struct estate_config *estate, const struct account_config *account, struct network_plan *out)
{
    static const char *const app[] = {"10.0.11.0/24", "10.0.12.0/24"}, *const db[] = {"10.0.21.0/24", "10.0.22.0/24"};
    const struct network_config *own = &account->network, *all = &estate->network;
    *out = (struct network_plan){.vpc = own->vpc ? own->vpc : all->vpc ? all->vpc : "10.0.0.0/16"};
    const struct network_config *apps = own->app.len ? own : all, *dbs = own->db.len ? own : all;
    out->apps = apps->app.len ? take((const char *const *)apps->app.at, apps->app.len, out->app) : take(app, 2, out->app);
    out->dbs = dbs->db.len ? take((const char *const *)dbs->db.at, dbs->db.len, out->db) : take(db, 2, out->db);
    out->zones = account->kind == ACCOUNT_DEVELOPMENT ? 1 : out->apps;
}

static bool in_any(const char *cidr, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (cidr_within(cidr, list[i]))
            return true;
    return false;
}

enum subnet_tier network_tier(const struct network_plan *plan, const char *cidr)
{
    return in_any(cidr, plan->app, plan->apps) ? TIER_APP : in_any(cidr, plan->db, plan->dbs) ? TIER_DB : TIER_OTHER;
}

/* Ties. */

bool network_knows(const struct account_network *network, enum network_part part) { return network->known & (1u << part); }

#define FIND(list, member, wanted)                         \
    do {                                                   \
        for (size_t i = 0; i < (list).len; i++)            \
            if (!strcmp((list).at[i].member, (wanted)))    \
                return &(list).at[i];                      \
        return NULL;                                       \
    } while (0)

static const struct route_table *table(const struct account_network *n, const char *id) { FIND(n->tables, id, id); }
static const struct network_acl *acl(const struct account_network *n, const char *id) { FIND(n->acls, id, id); }
static const struct subnet_link *table_link(const struct account_network *n, const char *subnet) { FIND(n->table_links, subnet, subnet); }
static const struct subnet_link *acl_link(const struct account_network *n, const char *subnet) { FIND(n->acl_links, subnet, subnet); }
const struct subnet *network_subnet(const struct account_network *n, const char *id) { FIND(n->subnets, id, id); }
const struct security_group *network_group(const struct account_network *n, const char *id) { FIND(n->groups, id, id); }
const struct target_group *balancing_group(const struct balancing *b, const char *arn) { FIND(b->groups, arn, arn); }
const struct balancer_series *balancing_series(const struct balancing *b, const char *balancer) { FIND(b->series, balancer, balancer); }

const struct subnet *network_subnet_with(const struct account_network *n, const char *address)
{
    char whole[80];
    text_format(whole, sizeof whole, "%s/%d", address, strchr(address, ':') ? 128 : 32);
    for (size_t i = 0; i < n->subnets.len; i++)
        if (cidr_within(whole, n->subnets.at[i].cidr))
            return &n->subnets.at[i];
    return NULL;
}

static bool has_word(const char *words, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = words; *at; at += strcspn(at, " "), at += strspn(at, " "))
        if (!strncmp(at, word, len) && (at[len] == ' ' || !at[len]))
            return len > 0;
    return false;
}

const struct network_interface *network_interface_with(const struct account_network *n, const char *address)
{
    for (size_t i = 0; i < n->interfaces.len; i++)
        if (has_word(n->interfaces.at[i].addresses, address))
            return &n->interfaces.at[i];
    return NULL;
}

bool interface_is_in(const struct network_interface *interface, const char *group)
{
    for (size_t i = 0; i < INTERFACE_GROUPS && *interface->groups[i]; i++)
        if (!strcmp(interface->groups[i], group))
            return true;
    return false;
}

bool rule_admits(const struct group_rule *rule, const char *cidr)
{
    return !rule->egress && rule->kind == PEER_CIDR && cidr_within(cidr, rule->peer);
}

bool network_admits(const struct account_network *n, const char *group, const char *address, int port)
{
    const struct network_interface *interface = *address ? network_interface_with(n, address) : NULL;
    char whole[80];
    text_format(whole, sizeof whole, "%s/%d", address, strchr(address, ':') ? 128 : 32);
    for (size_t i = 0; i < n->rules.len; i++) {
        const struct group_rule *r = &n->rules.at[i];
        if (strcmp(r->group, group) != 0 || (r->from >= 0 && (port < r->from || port > r->to)))
            continue;
        if (rule_admits(r, whole) || (!r->egress && r->kind == PEER_GROUP && interface && interface_is_in(interface, r->peer)))
            return true;
    }
    return false;
}

const struct route_table *network_table_of(const struct account_network *n, const struct subnet *subnet)
{
    const struct subnet_link *link = table_link(n, subnet->id);
    if (link)
        return table(n, link->to);
    for (size_t i = 0; i < n->tables.len; i++)
        if (n->tables.at[i].main && !strcmp(n->tables.at[i].vpc, subnet->vpc))
            return &n->tables.at[i];
    return NULL;
}

const struct network_acl *network_acl_of(const struct account_network *n, const struct subnet *subnet)
{
    const struct subnet_link *link = acl_link(n, subnet->id);
    return link ? acl(n, link->to) : NULL;
}

const char *balancer_key(const char *arn)
{
    static const char mark[] = ":loadbalancer/";
    const char *at = strstr(arn, mark);
    return at ? at + sizeof mark - 1 : "";
}

const char *port_words(int from, int to, char *out, size_t size)
{
    if (from < 0 || (from == 0 && to == 65535))
        text_copy(out, size, "all");
    else if (from == to)
        text_format(out, size, "%d", from);
    else
        text_format(out, size, "%d-%d", from, to);
    return out;
}

/* Targets. */

static bool is_leaving(const struct balancer_target *t)
{
    return !strcmp(t->state, "draining") || !strcmp(t->state, "unhealthy.draining") || !strcmp(t->state, "unused");
}

bool target_is_bad(const struct balancer_target *t) { return !strcmp(t->state, "unhealthy") || !strcmp(t->state, "unavailable"); }

struct zone_health *zone_health_of(struct zone_health *zones, size_t *count, size_t most, const char *zone)
{
    size_t at = 0;
    while (at < *count && strcmp(zones[at].zone, zone) < 0)
        at++;
    if (at < *count && !strcmp(zones[at].zone, zone))
        return &zones[at];
    if (*count == most)
        return NULL;
    memmove(zones + at + 1, zones + at, ((*count)++ - at) * sizeof *zones);
    zones[at] = (struct zone_health){0};
    text_copy(zones[at].zone, sizeof zones[at].zone, zone);
    return &zones[at];
}

size_t balancing_zones(const struct balancing *b, const char *group, struct zone_health *out, size_t most)
{
    size_t count = 0;
    for (size_t i = 0; i < b->targets.len; i++) {
        const struct balancer_target *t = &b->targets.at[i];
        const struct target_group *of = balancing_group(b, t->group);
        bool counts = group ? !strcmp(t->group, group) : of && *of->balancer;
        struct zone_health *zone = counts && !is_leaving(t) ? zone_health_of(out, &count, most, t->zone) : NULL;
        if (!zone)
            continue;
        zone->total++;
        zone->healthy += !strcmp(t->state, "healthy");
    }
    return count;
}

bool balancing_is_used(const struct balancing *b)
{
    for (size_t i = 0; i < b->groups.len; i++)
        if (*b->groups.at[i].balancer)
            return true;
    return false;
}

void balancer_answers(const struct balancer_series *s, double all[BALANCER_POINTS], double failed[BALANCER_POINTS])
{
    for (size_t k = 0; k < BALANCER_POINTS; k++) {
        bool known = !isnan(s->requests[k]) || !isnan(s->target_5xx[k]) || !isnan(s->balancer_5xx[k]);
        failed[k] = known ? (isnan(s->target_5xx[k]) ? 0 : s->target_5xx[k]) + (isnan(s->balancer_5xx[k]) ? 0 : s->balancer_5xx[k]) : NAN;
        all[k] = s->requests[k] > failed[k] ? s->requests[k] : failed[k];
    }
}

const char *zone_short(const char *zone)
{
    const char *dash = strrchr(zone, '-');
    return dash && dash[1] ? dash + 1 : zone;
}
