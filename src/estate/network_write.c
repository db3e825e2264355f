/* Setters of the network: what was read replaces what was known; what changed for the traffic is noted. */
#include <string.h>

#include "base/str.h"
#include "estate/internal.h"
#include "estate/write.h"

/* Rows of an array change hands; the old ones stay in `take`, to be freed with it. */
#define SWAP(member) vec_swap(&to->member, &take->member)

static void take_part(struct account_network *to, struct account_network *take, enum network_part part)
{
    switch (part) {
    case NETWORK_VPCS:
        SWAP(vpcs);
        break;
    case NETWORK_SUBNETS:
        SWAP(subnets);
        break;
    case NETWORK_ROUTES:
        SWAP(tables);
        SWAP(routes);
        SWAP(table_links);
        break;
    case NETWORK_ENDPOINTS:
        SWAP(endpoints);
        break;
    case NETWORK_ACLS:
        SWAP(acls);
        SWAP(entries);
        SWAP(acl_links);
        break;
    case NETWORK_GROUPS:
        SWAP(groups);
        SWAP(rules);
        break;
    case NETWORK_INSTANCES:
        SWAP(instances);
        break;
    case NETWORK_INTERFACES:
        SWAP(interfaces);
        break;
    case NETWORK_EBS:
        to->ebs_encrypted = take->ebs_encrypted;
        break;
    case NETWORK_BALANCERS:
        SWAP(balancers);
        break;
    case NETWORK_LISTENERS:
        SWAP(listeners);
        SWAP(listener_rules);
        break;
    case NETWORK_CERTIFICATES:
        SWAP(certificates);
        break;
    case NETWORK_PARTS:
        break;
    }
}

static bool same_rule(const struct group_rule *a, const struct group_rule *b)
{
    return !strcmp(a->group, b->group) && !strcmp(a->peer, b->peer) && !strcmp(a->protocol, b->protocol) && a->from == b->from && a->to == b->to &&
           a->egress == b->egress;
}

static bool has_rule(const struct account_network *n, const struct group_rule *rule)
{
    for (size_t i = 0; i < n->rules.len; i++)
        if (same_rule(&n->rules.at[i], rule))
            return true;
    return false;
}

/* What the groups of `to` let in that those of `from` do not. */
static void note_rules(struct estate *e, size_t account, const struct account_network *from, const struct account_network *to, const char *word,
                       int64_t now)
{
    char ports[24];
    for (size_t i = 0; i < to->rules.len; i++) {
        const struct group_rule *r = &to->rules.at[i];
        const struct security_group *group = network_group(to, r->group), *peer = network_group(to, r->peer);
        if (!r->egress && network_group(from, r->group) && !has_rule(from, r))
            estate_note(e, now, account, FEED_NETWORK, group ? group->name : r->group, "%s %s on %s %s", word, peer ? peer->name : r->peer,
                        r->protocol, port_words(r->from, r->to, ports, sizeof ports));
    }
}

/* Not every target is told with its zone: it is in that of the subnet that its address is of, or of the instance that it is. */
static void place_targets(struct account *a)
{
    for (size_t i = 0; i < a->balancing.targets.len; i++) {
        struct balancer_target *t = &a->balancing.targets.at[i];
        bool told = *t->zone && strcmp(t->zone, "all") != 0;
        const struct subnet *subnet = told ? NULL : network_subnet_with(&a->network, t->id);
        if (subnet)
            text_copy(t->zone, sizeof t->zone, subnet->zone);
        for (size_t k = 0; !told && k < a->network.instances.len; k++)
            if (!strcmp(t->id, a->network.instances.at[k].id))
                text_copy(t->zone, sizeof t->zone, a->network.instances.at[k].zone);
    }
}

void network_set(struct estate *e, size_t account, struct account_network *take, int64_t now)
{
    struct account_network *n = &e->accounts[account].network;
    if (network_knows(n, NETWORK_GROUPS) && network_knows(take, NETWORK_GROUPS)) {
        note_rules(e, account, n, take, "lets in", now);
        note_rules(e, account, take, n, "no longer lets in", now);
    }
    for (int part = 0; part < NETWORK_PARTS; part++)
        if (network_knows(take, (enum network_part)part))
            take_part(n, take, (enum network_part)part);
    n->known |= take->known;
    n->failed = take->failed;
    if (!network_knows(n, NETWORK_EBS))
        n->ebs_encrypted = -1;
    place_targets(&e->accounts[account]);
    network_free(take);
    *take = (struct account_network){0};
    e->version++;
}

/* Targets. */

static const struct balancer_target *target_like(const struct balancing *b, const struct balancer_target *t)
{
    for (size_t i = 0; i < b->targets.len; i++)
        if (!strcmp(b->targets.at[i].group, t->group) && !strcmp(b->targets.at[i].id, t->id) && b->targets.at[i].port == t->port)
            return &b->targets.at[i];
    return NULL;
}

/* Only what turns bad, and what is well again: targets come and go with each rollout. */
static void note_targets(struct estate *e, size_t account, const struct balancing *old, const struct balancing *b, int64_t now)
{
    for (size_t i = 0; i < b->targets.len; i++) {
        const struct balancer_target *t = &b->targets.at[i], *was = target_like(old, t);
        const struct target_group *group = balancing_group(b, t->group);
        bool bad = target_is_bad(t), was_bad = was && target_is_bad(was);
        if (was && bad != was_bad)
            estate_note(e, now, account, FEED_LOAD_BALANCERS, group ? group->name : t->group, "target %s in %s %s%s%s", t->id, t->zone, t->state,
                        bad && *t->reason ? ": " : "", bad ? t->reason : "");
    }
}

void targets_set(struct estate *e, size_t account, struct balancing *take, int64_t now)
{
    struct balancing *to = &e->accounts[account].balancing;
    note_targets(e, account, to, take, now);
    SWAP(groups);
    SWAP(targets);
    place_targets(&e->accounts[account]);
    vec_free(&take->groups);
    vec_free(&take->targets);
    e->version++;
}

void balancer_series_set(struct estate *e, size_t account, const struct balancer_series *rows, size_t count, int64_t end)
{
    struct balancing *b = &e->accounts[account].balancing;
    vec_clear(&b->series);
    for (size_t i = 0; i < count; i++)
        *vec_add(&b->series) = rows[i];
    b->series_end = end;
    e->version++;
}
