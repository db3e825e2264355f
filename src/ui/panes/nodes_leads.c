/* What the rows of the nodes pane belong with. */
#include <string.h>

#include "ui/panes/nodes.h"
#include "ui/value.h"

static void of_node(const struct account *a, size_t account, const struct node *node, struct leads *out)
{
    char address[24];
    const struct network_interface *card;
    const struct subnet *subnet = network_subnet_with(&a->network, node_address(node, address, sizeof address));
    lead_add(out, "pods", account, "node", node->name, "pods on it");
    if (subnet)
        lead_add(out, "network", account, "subnet", subnet->id, "subnet %s %s in %s", subnet->name, subnet->cidr, subnet->zone);
    else
        lead_add(out, "network", account, "address", address, "subnet of %s", address);
    lead_add(out, "network", account, "zone", node->zone, "subnets in the zone %s", node->zone);
    lead_add(out, "pods", account, "zone", node->zone, "pods in the zone %s", node->zone);
    card = *address ? network_interface_with(&a->network, address) : NULL;
    for (size_t i = 0; card && i < INTERFACE_GROUPS && *card->groups[i]; i++) {
        const struct security_group *group = network_group(&a->network, card->groups[i]);
        lead_add(out, "network", account, "group", card->groups[i], "security group %s %s", group ? group->name : "", card->groups[i]);
    }
    if (!node->fargate) {
        if (a->node_groups.len == 1) /* nodes do not tell whose they are */
            lead_add(out, "nodes", account, "group", a->node_groups.at[0].name, "node group %s", a->node_groups.at[0].name);
        lead_add(out, "network", account, "instance with", address, "the instance that it is");
        lead_add(out, "security", account, "instance", node->name, "as Session Manager sees it");
    }
    lead_add(out, "alarms", account, "NodeName", node->name, "alarms on it");
    lead_add(out, "conformance", account, "resource", node->name, "checks on it");
    lead_add(out, "timeline", account, "subject", node->name, "all that happened to it");
}

static void of_cluster(const struct account *a, size_t account, struct leads *out)
{
    const struct cluster_settings *s = &a->platform.cluster;
    const char *name = a->config->cluster.name, *issuer = text_starts(s->issuer, "https://") ? s->issuer + strlen("https://") : s->issuer;
    lead_add(out, "pods", account, LEAD_ALL, "", "pods of the cluster");
    lead_add(out, "network", account, "group", s->group, "security group of the cluster %s", s->group);
    lead_add(out, "security", account, "key", s->secrets_key, "key of its secrets");
    lead_add(out, "security", account, "provider", issuer, "issuer of its tokens");
    lead_add(out, "logs", account, "cluster", name, "log groups of it");
    lead_add(out, "alarms", account, "ClusterName", name, "alarms on it");
    lead_add(out, "conformance", account, "resource", name, "checks on it");
    lead_add(out, "timeline", account, "subject", name, "all that happened to it");
}

static void of_profile(const struct account *a, size_t account, const struct fargate_profile *p, struct leads *out)
{
    char id[40];
    lead_add(out, "pods", account, "fargate", p->name, "pods that it takes");
    for (const char *at = p->subnets + strspn(p->subnets, " "); *at; at += strcspn(at, " "), at += strspn(at, " ")) {
        text_format(id, sizeof id, "%.*s", (int)strcspn(at, " "), at);
        const struct subnet *subnet = network_subnet(&a->network, id);
        lead_add(out, "network", account, "subnet", id, "subnet %s %s", subnet ? subnet->name : id, subnet ? subnet->cidr : "");
    }
}

static void of_addon(const struct account *a, size_t account, size_t addon, struct leads *out)
{
    char name[220];
    if (addon == ADDONS)
        lead_add(out, "security", account, "kind", "pod role", "service accounts that stand for a role");
    for (size_t i = 0; addon < ADDONS && i < a->cluster.deployments.len; i++) {
        const struct deployment *d = &a->cluster.deployments.at[i];
        if (!addon_is((enum addon)addon, d->name))
            continue;
        text_format(name, sizeof name, "%s/%s", d->ns, d->name);
        lead_add(out, "pods", account, "deployment", name, "pods of %s", name);
        lead_add(out, "security", account, "pod role", name, "service account %s", name);
    }
    for (size_t i = 0; addon < ADDONS && i < a->platform.daemons.len; i++) {
        const struct daemon_set *d = &a->platform.daemons.at[i];
        text_format(name, sizeof name, "%s/%s", d->ns, d->name);
        if (addon_is((enum addon)addon, d->name))
            lead_add(out, "nodes", account, "daemon", name, "daemon %s", name);
    }
    if (addon == ADDON_BALANCER)
        lead_add(out, "network", account, "kind", "balancer", "load balancers that it keeps");
    lead_add(out, "nodes", account, "cluster", a->config->cluster.name, "cluster %s", a->config->cluster.name);
}

/* "Deployment/backend" in the namespace web → "web/backend" */
static const char *hpa_target(const struct hpa *h, char *out, size_t size)
{
    text_format(out, size, "%s/%s", h->ns, text_after_last(h->target, '/'));
    return out;
}

static void of_hpa(size_t account, const struct hpa *h, struct leads *out)
{
    char name[220];
    hpa_target(h, name, sizeof name);
    lead_add(out, "pods", account, "deployment", name, "pods of %s", name);
    lead_add(out, "dev", account, "deployment", name, "what goes to sleep of it");
    lead_add(out, "conformance", account, "resource", h->name, "checks on it");
    lead_add(out, "timeline", account, "subject", h->name, "all that happened to it");
}

void nodes_leads(const struct pane_view *view, struct row_ref row, struct leads *out)
{
    const struct account *a = account_of(view, row);
    size_t at = nodes_row_at(row);
    char name[220];
    switch (nodes_row_kind(row)) {
    case ROW_CLUSTER:
        of_cluster(a, row.account, out);
        break;
    case ROW_GROUP:
        lead_add(out, "nodes", row.account, "managed nodes", a->node_groups.at[at].name, "nodes of it");
        lead_add(out, "dev", row.account, "node group", a->node_groups.at[at].name, "when it sleeps");
        lead_add(out, "conformance", row.account, "resource", a->node_groups.at[at].name, "checks on it");
        lead_add(out, "timeline", row.account, "subject", a->node_groups.at[at].name, "all that happened to it");
        break;
    case ROW_NODE:
        of_node(a, row.account, &a->cluster.nodes.at[at], out);
        break;
    case ROW_PROFILE:
        of_profile(a, row.account, &a->platform.profiles.at[at], out);
        break;
    case ROW_ADDON:
        of_addon(a, row.account, at, out);
        break;
    case ROW_DAEMON:
        text_format(name, sizeof name, "%s/%s", a->platform.daemons.at[at].ns, a->platform.daemons.at[at].name);
        lead_add(out, "security", row.account, "pod role", name, "service account %s", name);
        lead_add(out, "nodes", row.account, "managed nodes", "all", "nodes that it is on");
        break;
    case ROW_HPA:
        of_hpa(row.account, &a->cluster.hpas.at[at], out);
        break;
    default:
        lead_add(out, "timeline", row.account, "subject", a->platform.addons.at[at].name, "all that happened to it");
        lead_add(out, "conformance", row.account, "resource", a->platform.addons.at[at].name, "checks on it");
        lead_add(out, "nodes", row.account, "cluster", a->config->cluster.name, "cluster %s", a->config->cluster.name);
    }
}

static bool is_node(const struct account *a, const struct node *node, const char *word, const char *name)
{
    char address[24];
    const struct subnet *subnet;
    if (!strcmp(word, "managed nodes"))
        return !node->fargate && (!strcmp(name, "all") || a->node_groups.len == 1);
    node_address(node, address, sizeof address);
    subnet = *address && !strcmp(word, "subnet") ? network_subnet_with(&a->network, address) : NULL;
    return (!strcmp(word, "address") && !strcmp(address, name)) || (subnet && !strcmp(subnet->id, name));
}

static bool is_hpa_of(const struct hpa *h, const char *name)
{
    char target[220];
    return !strcmp(hpa_target(h, target, sizeof target), name);
}

bool nodes_is(const struct pane_view *view, struct row_ref row, const char *word, const char *name)
{
    const struct account *a = account_of(view, row);
    char called[256];
    enum nodes_row kind = nodes_row_kind(row);
    if (!strcmp(word, nodes_row_word(kind))) {
        nodes_row_name(view, row, called, sizeof called);
        return !strcmp(called, name);
    }
    if (kind == ROW_NODE)
        return is_node(a, &a->cluster.nodes.at[nodes_row_at(row)], word, name);
    const struct hpa *h = kind == ROW_HPA ? &a->cluster.hpas.at[nodes_row_at(row)] : NULL;
    return h && ((!strcmp(word, "hpa of") && is_hpa_of(h, name)) || (!strcmp(word, "hpa named") && !strcmp(h->name, name)));
}
