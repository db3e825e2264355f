/* What the rows of the network pane belong with. */
#include <string.h>

#include "ui/panes/network.h"
#include "ui/value.h"

struct from { /* a row that is asked about */
    const struct account *a;
    const struct account_network *n;
    size_t account, at;
    struct leads *out;
};

static void add_group(const struct from *f, const char *id, const char *relation)
{
    const struct security_group *g = network_group(f->n, id);
    if (g)
        lead_add(f->out, "network", f->account, "group", id, "%s %s %s", relation, g->name, id);
}

static const char *rule_words(const struct group_rule *r, char *out, size_t size)
{
    char ports[24];
    text_format(out, size, "may talk to, %s %s:", r->protocol, port_words(r->from, r->to, ports, sizeof ports));
    return out;
}

static void add_subnet(const struct from *f, const struct subnet *s)
{
    if (s)
        lead_add(f->out, "network", f->account, "subnet", s->id, "subnet %s %s in %s", s->name, s->cidr, s->zone);
}

static void add_vpc(const struct from *f, const char *id) { lead_add(f->out, "network", f->account, "vpc", id, "VPC %s", id); }

static const struct load_balancer *balancer_called(const struct account_network *n, const char *key)
{
    for (size_t i = 0; *key && i < n->balancers.len; i++)
        if (!strcmp(balancer_key(n->balancers.at[i].arn), key))
            return &n->balancers.at[i];
    return NULL;
}

static void of_targets(const struct from *f)
{
    const struct target_group *g = &f->a->balancing.groups.at[f->at];
    const struct load_balancer *b = balancer_called(f->n, g->balancer);
    const char *end = strrchr(g->arn, ':');
    lead_add(f->out, "pods", f->account, "targets", g->arn, "pods that it sends to");
    if (b)
        lead_add(f->out, "network", f->account, "balancer", b->arn, "load balancer %s", b->name);
    lead_add(f->out, "alarms", f->account, "TargetGroup", end ? end + 1 : "", "alarms on it");
    lead_add(f->out, "conformance", f->account, "resource", g->name, "checks on it");
    lead_add(f->out, "timeline", f->account, "subject", g->name, "all that happened to it");
}

static void of_balancer(const struct from *f)
{
    const struct load_balancer *b = &f->n->balancers.at[f->at];
    lead_add(f->out, "network", f->account, "targets of", balancer_key(b->arn), "target groups");
    lead_add(f->out, "pods", f->account, "balancer", balancer_key(b->arn), "pods behind it");
    lead_add(f->out, "edge", LEAD_ANY, "balancer", b->arn, "distribution whose origin it is");
    for (size_t i = 0; i < BALANCER_GROUPS && *b->groups[i]; i++)
        add_group(f, b->groups[i], "security group");
    for (size_t i = 0; i < f->n->listeners.len; i++)
        if (!strcmp(f->n->listeners.at[i].balancer, b->arn))
            lead_add(f->out, "edge", f->account, "certificate", f->n->listeners.at[i].certificate, "certificate of port %d",
                     f->n->listeners.at[i].port);
    add_vpc(f, b->vpc);
    lead_add(f->out, "alarms", f->account, "LoadBalancer", balancer_key(b->arn), "alarms on it");
    lead_add(f->out, "conformance", f->account, "resource", b->name, "checks on it");
    lead_add(f->out, "timeline", f->account, "subject", b->name, "all that happened to it");
}

static void of_vpc(const struct from *f)
{
    const struct vpc *v = &f->n->vpcs.at[f->at];
    lead_add(f->out, "network", f->account, "subnets of", v->id, "subnets");
    lead_add(f->out, "network", f->account, "endpoints of", v->id, "endpoints");
    lead_add(f->out, "network", f->account, "groups of", v->id, "security groups");
    lead_add(f->out, "conformance", f->account, "resource", v->id, "checks on it");
    lead_add(f->out, "timeline", f->account, "subject", v->id, "all that happened to it");
}

/* Which groups there are in a subnet is told by the interfaces in it. */
static void of_subnet(const struct from *f)
{
    const struct subnet *s = &f->n->subnets.at[f->at];
    const struct route_table *table = network_table_of(f->n, s);
    const struct network_acl *acl = network_acl_of(f->n, s);
    char relation[60];
    lead_add(f->out, "pods", f->account, "subnet", s->id, "pods in it");
    lead_add(f->out, "pods", f->account, "zone", s->zone, "pods in the zone %s", s->zone);
    lead_add(f->out, "database", f->account, "subnet", s->id, "databases in it");
    lead_add(f->out, "nodes", f->account, "subnet", s->id, "nodes in it");
    lead_add(f->out, "network", f->account, "instances of", s->id, "instances in it");
    for (size_t i = 0; i < f->n->interfaces.len; i++)
        for (size_t k = 0; k < INTERFACE_GROUPS && !strcmp(f->n->interfaces.at[i].subnet, s->id) && *f->n->interfaces.at[i].groups[k]; k++)
            add_group(f, f->n->interfaces.at[i].groups[k], "security group");
    for (size_t i = 0; i < f->n->rules.len; i++)
        if (rule_admits(&f->n->rules.at[i], s->cidr))
            add_group(f, f->n->rules.at[i].group, rule_words(&f->n->rules.at[i], relation, sizeof relation));
    if (table)
        lead_add(f->out, "network", f->account, "routes", table->id, "route table %s%s", table->name, table->main ? ", the main one" : "");
    if (acl)
        lead_add(f->out, "network", f->account, "acl", acl->id, "network ACL %s%s", acl->name, acl->is_default ? ", the default one" : "");
    add_vpc(f, s->vpc);
    lead_add(f->out, "conformance", f->account, "resource", s->id, "checks on it");
    lead_add(f->out, "timeline", f->account, "subject", s->id, "all that happened to it");
}

static void of_table(const struct from *f)
{
    const struct route_table *t = &f->n->tables.at[f->at];
    lead_add(f->out, "network", f->account, "subnets by", t->id, "subnets that go by it");
    for (size_t i = 0; i < f->n->routes.len; i++)
        if (!strcmp(f->n->routes.at[i].table, t->id) && text_starts(f->n->routes.at[i].via, "vpce-"))
            lead_add(f->out, "network", f->account, "endpoint", f->n->routes.at[i].via, "endpoint %s", f->n->routes.at[i].via);
    add_vpc(f, t->vpc);
}

static void of_endpoint(const struct from *f)
{
    const struct vpc_endpoint *e = &f->n->endpoints.at[f->at];
    for (size_t i = 0; i < f->n->interfaces.len; i++) {
        const struct network_interface *card = &f->n->interfaces.at[i];
        if (!strstr(card->about, e->id))
            continue;
        add_subnet(f, network_subnet(f->n, card->subnet));
        for (size_t k = 0; k < INTERFACE_GROUPS && *card->groups[k]; k++)
            add_group(f, card->groups[k], "security group");
    }
    for (size_t i = 0; i < f->n->routes.len; i++)
        if (!strcmp(f->n->routes.at[i].via, e->id))
            lead_add(f->out, "network", f->account, "routes", f->n->routes.at[i].table, "route table %s", f->n->routes.at[i].table);
    add_vpc(f, e->vpc);
}

static void of_acl(const struct from *f)
{
    const struct network_acl *acl = &f->n->acls.at[f->at];
    lead_add(f->out, "network", f->account, "subnets by", acl->id, "subnets that it guards");
    add_vpc(f, acl->vpc);
}

/* Whom it lets in, who lets it in, and what is in it. */
static void of_group(const struct from *f, const char *id)
{
    char relation[60];
    const struct security_group *group = network_group(f->n, id);
    for (size_t i = 0; i < f->n->rules.len; i++) {
        const struct group_rule *r = &f->n->rules.at[i];
        if (r->egress || r->kind != PEER_GROUP || strcmp(r->peer, id) != 0 || !strcmp(r->group, id))
            continue;
        add_group(f, r->group, rule_words(r, relation, sizeof relation));
    }
    lead_add(f->out, "database", f->account, "group", id, "database in it");
    lead_add(f->out, "network", f->account, "balancers in", id, "load balancers in it");
    lead_add(f->out, "network", f->account, "endpoints in", id, "endpoints in it");
    lead_add(f->out, "pods", f->account, "group", id, "pods in it");
    for (size_t i = 0; i < f->n->rules.len; i++) {
        const struct group_rule *r = &f->n->rules.at[i];
        if (!r->egress && r->kind == PEER_GROUP && !strcmp(r->group, id) && strcmp(r->peer, id) != 0)
            add_group(f, r->peer, "lets in");
        for (size_t k = 0; k < f->n->subnets.len && !strcmp(r->group, id) && !cidr_is_all(r->peer); k++)
            if (rule_admits(r, f->n->subnets.at[k].cidr))
                add_subnet(f, &f->n->subnets.at[k]);
    }
    lead_add(f->out, "conformance", f->account, "resource", id, "checks on it");
    lead_add(f->out, "timeline", f->account, "subject", group ? group->name : "", "all that happened to it");
}

static void of_instance(const struct from *f)
{
    const struct ec2_instance *i = &f->n->instances.at[f->at];
    const struct network_interface *card = network_interface_with(f->n, i->address);
    lead_add(f->out, "nodes", f->account, "address", i->address, "node of the cluster");
    lead_add(f->out, "security", f->account, "instance id", i->id, "as Session Manager sees it");
    lead_add(f->out, "alarms", f->account, "InstanceId", i->id, "alarms on it");
    lead_add(f->out, "timeline", f->account, "subject", i->id, "all that happened to it");
    add_subnet(f, network_subnet(f->n, i->subnet));
    for (size_t k = 0; card && k < INTERFACE_GROUPS && *card->groups[k]; k++)
        add_group(f, card->groups[k], "security group");
}

void network_leads(const struct pane_view *view, struct row_ref row, struct leads *out)
{
    static void (*const each[NETWORK_ROWS])(const struct from *f) = {
        [ROW_TARGETS] = of_targets, [ROW_BALANCER] = of_balancer, [ROW_VPC] = of_vpc,  [ROW_SUBNET] = of_subnet,    [ROW_TABLE] = of_table,
        [ROW_ENDPOINT] = of_endpoint, [ROW_ACL] = of_acl,         [ROW_INSTANCE] = of_instance};
    const struct account *a = account_of(view, row);
    struct from f = {a, &a->network, row.account, network_row_at(row), out};
    enum network_row kind = network_row_kind(row);
    if (kind == ROW_RULE)
        of_group(&f, f.n->rules.at[f.at].group);
    else if (kind == ROW_GROUP)
        of_group(&f, f.n->groups.at[f.at].id);
    else
        each[kind](&f);
}

static bool is_linked(const struct account_network *n, const struct subnet *s, const char *id)
{
    const struct route_table *table = network_table_of(n, s);
    const struct network_acl *acl = network_acl_of(n, s);
    return (table && !strcmp(table->id, id)) || (acl && !strcmp(acl->id, id));
}

static bool is_subnet(const struct account_network *n, const struct subnet *s, const char *word, const char *name)
{
    if (!strcmp(word, "address"))
        return network_subnet_with(n, name) == s;
    if (!strcmp(word, "zone"))
        return !strcmp(s->zone, name);
    return (!strcmp(word, "subnets of") && !strcmp(s->vpc, name)) || (!strcmp(word, "subnets by") && is_linked(n, s, name));
}

static bool is_endpoint(const struct account_network *n, const struct vpc_endpoint *e, const char *word, const char *name)
{
    for (size_t i = 0; !strcmp(word, "endpoints in") && i < n->interfaces.len; i++)
        if (strstr(n->interfaces.at[i].about, e->id) && interface_is_in(&n->interfaces.at[i], name))
            return true;
    return !strcmp(word, "endpoints of") && !strcmp(e->vpc, name);
}

static bool is_balancer(const struct load_balancer *b, const char *word, const char *name)
{
    for (size_t i = 0; !strcmp(word, "balancers in") && i < BALANCER_GROUPS && *b->groups[i]; i++)
        if (!strcmp(b->groups[i], name))
            return true;
    return !strcmp(word, "balancer") && (!strcmp(b->arn, name) || !strcmp(balancer_key(b->arn), name) || text_same_case(b->dns, name));
}

/* A group is told by the rows of what it lets in; by one of its own only if it lets in nobody. */
static bool is_group(const struct account_network *n, const char *id, const char *word, const char *name)
{
    const struct security_group *g = network_group(n, id);
    if (!strcmp(word, "group named"))
        return g && (!strcmp(g->name, name) || !strcmp(id, name));
    if (!strcmp(word, "groups of"))
        return g && !strcmp(g->vpc, name);
    return (!strcmp(word, "group") || !strcmp(word, "id")) && !strcmp(id, name);
}

static bool is_targets(const struct target_group *g, const char *word, const char *name)
{
    const char *end = strrchr(g->arn, ':');
    if (!strcmp(word, "targets of"))
        return !strcmp(g->balancer, name);
    return !strcmp(word, "targets") && (!strcmp(g->arn, name) || (end && !strcmp(end + 1, name)));
}

bool network_is(const struct pane_view *view, struct row_ref row, const char *word, const char *name)
{
    const struct account *a = account_of(view, row);
    const struct account_network *n = &a->network;
    size_t at = network_row_at(row);
    enum network_row kind = network_row_kind(row);
    if ((!strcmp(word, network_row_word(kind)) || !strcmp(word, "id")) && *name && !strcmp(network_row_id(a, row), name))
        return true;
    if (!strcmp(word, "kind"))
        return !strcmp(network_row_word(kind), name);
    switch (kind) {
    case ROW_TARGETS:
        return is_targets(&a->balancing.groups.at[at], word, name);
    case ROW_BALANCER:
        return is_balancer(&n->balancers.at[at], word, name);
    case ROW_SUBNET:
        return is_subnet(n, &n->subnets.at[at], word, name);
    case ROW_ENDPOINT:
        return is_endpoint(n, &n->endpoints.at[at], word, name);
    case ROW_RULE:
        return is_group(n, n->rules.at[at].group, word, name);
    case ROW_GROUP:
        return is_group(n, n->groups.at[at].id, word, name);
    case ROW_INSTANCE:
        return (!strcmp(word, "instances of") && !strcmp(n->instances.at[at].subnet, name)) ||
               (!strcmp(word, "instance with") && !strcmp(n->instances.at[at].address, name));
    default:
        return false;
    }
}
