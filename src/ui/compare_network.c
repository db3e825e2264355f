/* What is compared of an account: its network, its load balancer, its plan. */
#include <string.h>

#include "ui/compare.h"
#include "ui/panes/network.h"

static const struct account_network *network_of(const struct subject *of) { return &of->account->network; }

static bool unread(const struct subject *of, enum network_part part, struct value *out)
{
    if (network_knows(network_of(of), part))
        return false;
    value_unknown(out);
    return true;
}

static void net_cidr(const struct subject *of, struct value *out)
{
    const struct account_network *n = network_of(of);
    if (unread(of, NETWORK_VPCS, out))
        return;
    value_text(out, ROLE_TEXT, "none");
    for (size_t i = n->vpcs.len; i-- > 0;)
        if (!n->vpcs.at[i].is_default)
            value_text(out, ROLE_TEXT, n->vpcs.at[i].cidr);
}

/* Into a list of zones, each once. */
struct zone_list {
    char text[64];
    int count; /* which is what more and less are judged by */
};
static void add_zone(struct zone_list *zones, const char *zone)
{
    size_t len = strlen(zones->text);
    if (strstr(zones->text, zone_short(zone)))
        return;
    text_format(zones->text + len, sizeof zones->text - len, "%s%s", len ? " " : "", zone_short(zone));
    zones->count++;
}
static void zones_value(const struct zone_list *zones, struct value *out)
{
    value_number(out, ROLE_TEXT, zones->count, "%s", zones->count ? zones->text : "none");
}

static void zones_of(const struct subject *of, enum subnet_tier tier, struct value *out)
{
    const struct account_network *n = network_of(of);
    struct zone_list zones = {0};
    if (unread(of, NETWORK_SUBNETS, out))
        return;
    for (size_t i = 0; i < n->subnets.len; i++)
        if (n->subnets.at[i].tier == tier)
            add_zone(&zones, n->subnets.at[i].zone);
    zones_value(&zones, out);
}
static void net_app(const struct subject *of, struct value *out) { zones_of(of, TIER_APP, out); }
static void net_db(const struct subject *of, struct value *out) { zones_of(of, TIER_DB, out); }

static void net_endpoints(const struct subject *of, struct str *out)
{
    const struct account_network *n = network_of(of);
    out->overflow |= !network_knows(n, NETWORK_ENDPOINTS);
    for (size_t i = 0; i < n->endpoints.len; i++)
        str_addf(out, "%s\n", service_short(n->endpoints.at[i].service));
}

static void net_ebs(const struct subject *of, struct value *out)
{
    if (network_of(of)->ebs_encrypted < 0)
        value_unknown(out);
    else
        value_flag(out, network_of(of)->ebs_encrypted);
}

const struct fact facts_of_network[] = {
    {"VPC", FEED_NETWORK, net_cidr},
    {"app tier", FEED_NETWORK, net_app, .meant = meant_more, .because = "dev is single-AZ"},
    {"db tier", FEED_NETWORK, net_db, .meant = meant_more, .because = "dev is single-AZ"},
    {"endpoints", FEED_NETWORK, .list = net_endpoints},
    {"EBS encrypted", FEED_NETWORK, net_ebs},
    {0},
};

/* Security groups: whom each lets in and out. A range that is a subnet's counts as its tier: dev has one of it, prod two. */

static const char *peer_kind(const struct account_network *n, const struct group_rule *r, char *out, size_t size)
{
    if (r->kind == PEER_GROUP && network_group(n, r->peer))
        group_plain_name(peer_words(n, r), out, size);
    else
        text_copy(out, size, peer_words(n, r));
    for (size_t i = 0; i < n->subnets.len; i++)
        if (!strcmp(n->subnets.at[i].cidr, r->peer) && n->subnets.at[i].tier != TIER_OTHER)
            text_format(out, size, "%s tier", subnet_tier_name(n->subnets.at[i].tier));
    return out;
}

static void group_side(const struct subject *of, bool egress, struct str *out)
{
    const struct account_network *n = network_of(of);
    char peer[120], ports[24], line[200];
    for (size_t i = 0; i < n->rules.len; i++) {
        const struct group_rule *r = &n->rules.at[i];
        if (r->egress != egress || strcmp(r->group, n->groups.at[of->index].id) != 0)
            continue;
        text_format(line, sizeof line, "%s %s %s\n", peer_kind(n, r, peer, sizeof peer), r->protocol,
                    port_words(r->from, r->to, ports, sizeof ports));
        if (!strstr(str_text(out), line))
            str_adds(out, line);
    }
}
static void group_in(const struct subject *of, struct str *out) { group_side(of, false, out); }
static void group_out(const struct subject *of, struct str *out) { group_side(of, true, out); }

const struct fact facts_of_group[] = {
    {"lets in", FEED_NETWORK, .list = group_in},
    {"lets out", FEED_NETWORK, .list = group_out},
    {0},
};

/* Load balancers. */

static const struct load_balancer *balancer_of(const struct subject *of) { return &network_of(of)->balancers.at[of->index]; }

static void alb_scheme(const struct subject *of, struct value *out) { value_or_none(out, balancer_of(of)->scheme); }
static void alb_cross_zone(const struct subject *of, struct value *out)
{
    if (balancer_of(of)->cross_zone < 0)
        value_unknown(out);
    else
        value_flag(out, balancer_of(of)->cross_zone);
}

static void alb_zones(const struct subject *of, struct value *out)
{
    struct zone_list zones = {0};
    for (size_t i = 0; i < NETWORK_ZONES && *balancer_of(of)->zones[i]; i++)
        add_zone(&zones, balancer_of(of)->zones[i]);
    zones_value(&zones, out);
}

static const char *does(const struct listener_action *a) { return *a->target ? a->target : *a->status ? a->status : a->type; }

static void alb_listeners(const struct subject *of, struct str *out)
{
    const struct account_network *n = network_of(of);
    out->overflow |= !network_knows(n, NETWORK_LISTENERS);
    for (size_t i = 0; i < n->listeners.len; i++)
        if (!strcmp(n->listeners.at[i].balancer, balancer_of(of)->arn))
            str_addf(out, "%s %d %s\n", n->listeners.at[i].protocol, n->listeners.at[i].port, n->listeners.at[i].policy);
}

static void alb_rules(const struct subject *of, struct str *out)
{
    const struct account_network *n = network_of(of);
    out->overflow |= !network_knows(n, NETWORK_LISTENERS);
    for (size_t l = 0; l < n->listeners.len; l++) {
        if (strcmp(n->listeners.at[l].balancer, balancer_of(of)->arn) != 0)
            continue;
        str_addf(out, "else → %s\n", does(&n->listeners.at[l].action));
        for (size_t i = 0; i < n->listener_rules.len; i++) {
            const struct listener_rule *r = &n->listener_rules.at[i];
            if (!strcmp(r->listener, n->listeners.at[l].arn))
                str_addf(out, "%s%s%s → %s\n", *r->header ? r->header : "anyone", *r->paths ? " " : "", r->paths, does(&r->action));
        }
    }
}

const struct fact facts_of_balancer[] = {
    {"scheme", FEED_NETWORK, alb_scheme},
    {"cross-zone", FEED_NETWORK, alb_cross_zone},
    {"zones", FEED_NETWORK, alb_zones, .meant = meant_more, .because = "dev is single-AZ"},
    {"listeners", FEED_NETWORK, .list = alb_listeners},
    {"rules", FEED_NETWORK, .list = alb_rules},
    {0},
};

/* The account itself: what the profile promises of it. */

static void account_region(const struct subject *of, struct value *out) { value_text(out, ROLE_TEXT, of->account->config->region); }
static void account_sleeps(const struct subject *of, struct value *out)
{
    const struct shutdown_config *s = &of->account->config->auto_shutdown;
    if (s->stop)
        value_format(out, ROLE_TEXT, "%s to %s", s->stop, s->start);
    else
        value_text(out, ROLE_TEXT, "none");
}

const struct fact facts_of_account[] = {
    {"region", FEED_SESSION, account_region},
    {"auto-shutdown", FEED_SESSION, account_sleeps, .meant = meant_dev_has, .because = "only dev sleeps at night"},
    {0},
};
