/* What the rows of the network pane do not say in a column of their own, for scripts: each target, listener, rule, route and entry of an ACL. */
#include <string.h>

#include "ui/panes/network.h"
#include "ui/value.h"

static void add_targets(const struct account *a, json_t *to)
{
    const struct balancing *b = &a->balancing;
    for (size_t i = 0; i < b->targets.len; i++) {
        const struct balancer_target *t = &b->targets.at[i];
        const struct target_group *group = balancing_group(b, t->group);
        json_array_append_new(to, json_pack("{s:s, s:s, s:s, s:i, s:s, s:s, s:s}", "account", a->config->name, "group",
                                            group ? group->name : t->group, "target", t->id, "port", t->port, "zone", t->zone, "state", t->state,
                                            "reason", t->reason));
    }
}

static const char *balancer_name(const struct account_network *n, const char *arn)
{
    for (size_t i = 0; i < n->balancers.len; i++)
        if (!strcmp(n->balancers.at[i].arn, arn))
            return n->balancers.at[i].name;
    return arn;
}

static json_t *rule_json(const char *priority, const char *header, const char *paths, const char *hosts, const struct listener_action *action)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "priority", priority, "header", header, "paths", paths, "hosts", hosts, "action",
                     action->type, "status", action->status, "target", action->target);
}

static void add_listeners(const struct account *a, json_t *to)
{
    const struct account_network *n = &a->network;
    for (size_t i = 0; i < n->listeners.len; i++) {
        const struct listener *l = &n->listeners.at[i];
        json_t *rules = json_array();
        for (size_t k = 0; k < n->listener_rules.len; k++) {
            const struct listener_rule *r = &n->listener_rules.at[k];
            if (!strcmp(r->listener, l->arn))
                json_array_append_new(rules, rule_json(r->priority, r->header, r->paths, r->hosts, &r->action));
        }
        json_array_append_new(rules, rule_json("default", "", "", "", &l->action));
        json_array_append_new(to, json_pack("{s:s, s:s, s:s, s:i, s:s, s:s, s:o}", "account", a->config->name, "balancer",
                                            balancer_name(n, l->balancer), "protocol", l->protocol, "port", l->port, "policy", l->policy,
                                            "certificate", l->certificate, "rules", rules));
    }
}

static void add_routes(const struct account *a, json_t *to)
{
    for (size_t i = 0; i < a->network.routes.len; i++) {
        const struct table_route *r = &a->network.routes.at[i];
        json_array_append_new(to, json_pack("{s:s, s:s, s:s, s:s, s:b}", "account", a->config->name, "table", r->table, "to", r->to, "via", r->via,
                                            "blackhole", r->dead));
    }
}

static void add_entries(const struct account *a, json_t *to)
{
    char ports[24];
    for (size_t i = 0; i < a->network.entries.len; i++) {
        const struct acl_entry *e = &a->network.entries.at[i];
        json_array_append_new(to, json_pack("{s:s, s:s, s:s, s:i, s:b, s:s, s:s, s:s}", "account", a->config->name, "acl", e->acl, "direction",
                                            e->egress ? "out" : "in", "number", e->number, "allow", e->allow, "cidr", e->cidr, "protocol",
                                            e->protocol, "ports", port_words(e->from, e->to, ports, sizeof ports)));
    }
}

void network_json(const struct pane_view *view, json_t *into)
{
    static const struct {
        const char *member;
        void (*add)(const struct account *a, json_t *to);
    } lists[] = {{"targets", add_targets}, {"listeners", add_listeners}, {"routes", add_routes}, {"acl_entries", add_entries}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        json_t *list = json_array();
        for (size_t a = 0; a < view->estate->account_count; a++)
            lists[i].add(&view->estate->accounts[a], list);
        json_object_set_new(into, lists[i].member, list);
    }
}
