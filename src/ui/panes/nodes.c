/* Nodes and add-ons: what a cluster stands on, row by row. */
#include "ui/panes/nodes.h"

#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "ui/panes/panes.h"
#include "ui/value.h"

static const char *const words[NODES_ROWS] = {"cluster", "group", "node", "fargate", "addon", "managed", "daemon", "hpa"};

const char *nodes_row_word(enum nodes_row kind) { return words[kind]; }

static const struct platform *platform_of(const struct pane_view *view, struct row_ref row) { return &account_of(view, row)->platform; }
static const struct cluster *cluster_of(const struct pane_view *view, struct row_ref row) { return &account_of(view, row)->cluster; }
static const struct node *node_of(const struct pane_view *view, struct row_ref row) { return &cluster_of(view, row)->nodes.at[nodes_row_at(row)]; }
static const struct hpa *hpa_of(const struct pane_view *view, struct row_ref row) { return &cluster_of(view, row)->hpas.at[nodes_row_at(row)]; }
static const struct node_group *group_of(const struct pane_view *view, struct row_ref row)
{
    return &account_of(view, row)->node_groups.at[nodes_row_at(row)];
}
static const struct fargate_profile *profile_of(const struct pane_view *view, struct row_ref row)
{
    return &platform_of(view, row)->profiles.at[nodes_row_at(row)];
}
static const struct managed_addon *managed_of(const struct pane_view *view, struct row_ref row)
{
    return &platform_of(view, row)->addons.at[nodes_row_at(row)];
}
static const struct daemon_set *daemon_of(const struct pane_view *view, struct row_ref row)
{
    return &platform_of(view, row)->daemons.at[nodes_row_at(row)];
}

/* Sums. */

static void count_in(struct readiness *sum, int ready, int desired)
{
    if (ready < 0 || desired < 0)
        sum->ready = -1;
    else if (sum->ready >= 0)
        sum->ready += ready;
    sum->desired += desired > 0 ? desired : 0;
}

struct readiness addon_readiness(const struct account *a, enum addon addon)
{
    struct readiness sum = {0, 0};
    for (size_t i = 0; i < a->cluster.deployments.len; i++)
        if (addon_is(addon, a->cluster.deployments.at[i].name))
            count_in(&sum, a->cluster.deployments.at[i].ready, a->cluster.deployments.at[i].desired);
    for (size_t i = 0; i < a->platform.daemons.len; i++)
        if (addon_is(addon, a->platform.daemons.at[i].name))
            count_in(&sum, a->platform.daemons.at[i].ready, a->platform.daemons.at[i].desired);
    if (!sum.desired && !platform_knows(&a->platform, PLATFORM_DAEMONS)) /* it may be one of those */
        return (struct readiness){-1, -1};
    return sum;
}

struct readiness irsa_readiness(const struct account *a)
{
    struct readiness sum = {0, 0};
    if (!platform_knows(&a->platform, PLATFORM_IDENTITIES))
        return (struct readiness){-1, -1};
    for (size_t i = 0; i < a->platform.identities.len; i++)
        sum.ready += *a->platform.identities.at[i].role != '\0';
    sum.desired = (int)a->platform.identities.len;
    return sum;
}

int node_pods(const struct account *a, const char *node)
{
    int count = slice_has_data(&a->slices[FEED_PODS]) ? 0 : -1;
    for (size_t i = 0; i < a->cluster.pods.len && count >= 0; i++)
        count += !strcmp(a->cluster.pods.at[i].node, node);
    return count;
}

bool hpa_reads(const struct hpa *h) { return *h->metrics && !strstr(h->metrics, "<unknown>"); }
bool hpa_pinned(const struct hpa *h) { return h->max > 0 && h->replicas >= h->max; }

static int fargate_pods(const struct account *a, const struct fargate_profile *p)
{
    int count = slice_has_data(&a->slices[FEED_PODS]) ? 0 : -1;
    for (size_t i = 0; i < a->cluster.pods.len && count >= 0; i++)
        count += text_starts(a->cluster.pods.at[i].node, "fargate-") && fargate_covers(p, a->cluster.pods.at[i].ns);
    return count;
}

static struct readiness group_readiness(const struct account *a, const struct node_group *g)
{
    struct readiness out = {0, g->desired};
    for (size_t i = 0; i < a->cluster.nodes.len; i++)
        out.ready += !a->cluster.nodes.at[i].fargate && !strcmp(a->cluster.nodes.at[i].status, "Ready");
    if (a->node_groups.len > 1 || !slice_has_data(&a->slices[FEED_NODES])) /* nodes do not tell whose they are */
        out.ready = -1;
    return out;
}

/* Columns. */

static void kind(const struct pane_view *view, struct row_ref row, struct value *out)
{
    (void)view;
    value_text(out, ROLE_DIM, words[nodes_row_kind(row)]);
}

void nodes_row_name(const struct pane_view *view, struct row_ref row, char *out, size_t size)
{
    switch (nodes_row_kind(row)) {
    case ROW_CLUSTER:
        text_copy(out, size, account_of(view, row)->config->cluster.name);
        break;
    case ROW_GROUP:
        text_copy(out, size, group_of(view, row)->name);
        break;
    case ROW_NODE:
        text_copy(out, size, node_of(view, row)->name);
        break;
    case ROW_PROFILE:
        text_copy(out, size, profile_of(view, row)->name);
        break;
    case ROW_ADDON:
        text_copy(out, size, nodes_row_at(row) == ADDONS ? "IRSA" : addon_title((enum addon)nodes_row_at(row)));
        break;
    case ROW_MANAGED:
        text_copy(out, size, managed_of(view, row)->name);
        break;
    case ROW_DAEMON:
        text_format(out, size, "%s/%s", daemon_of(view, row)->ns, daemon_of(view, row)->name);
        break;
    default:
        text_format(out, size, "%s/%s", hpa_of(view, row)->ns, hpa_of(view, row)->name);
    }
}

static void name(const struct pane_view *view, struct row_ref row, struct value *out)
{
    char text[sizeof out->text];
    nodes_row_name(view, row, text, sizeof text);
    value_text(out, ROLE_STRONG, text);
}

static uint8_t status_role(const char *status)
{
    return text_same_case(status, "ACTIVE") || !strcmp(status, "Ready") ? ROLE_OK : text_contains(status, "ing") ? ROLE_WARN : ROLE_BAD;
}

static void value_status(struct value *out, const char *status)
{
    if (*status)
        value_text(out, status_role(status), status);
    else
        value_unknown(out);
}

/* Of an add-on by how many of it are ready. */
static void value_ready_word(struct value *out, struct readiness r)
{
    if (r.ready < 0)
        value_unknown(out);
    else if (!r.desired)
        value_text(out, ROLE_BAD, "missing");
    else
        value_text(out, r.ready >= r.desired ? ROLE_OK : r.ready ? ROLE_WARN : ROLE_BAD, r.ready >= r.desired ? "ready" : "not ready");
}

static void addon_state(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct account *a = account_of(view, row);
    if (nodes_row_at(row) < ADDONS)
        value_ready_word(out, addon_readiness(a, (enum addon)nodes_row_at(row)));
    else if (platform_knows(&a->platform, PLATFORM_CLUSTER))
        value_text(out, *a->platform.cluster.issuer ? ROLE_OK : ROLE_BAD, *a->platform.cluster.issuer ? "issuer" : "no issuer");
    else
        value_unknown(out);
}

static void state(const struct pane_view *view, struct row_ref row, struct value *out)
{
    switch (nodes_row_kind(row)) {
    case ROW_CLUSTER:
        value_status(out, platform_of(view, row)->cluster.status);
        break;
    case ROW_GROUP:
        value_status(out, group_of(view, row)->status);
        break;
    case ROW_NODE:
        value_status(out, node_of(view, row)->status);
        break;
    case ROW_PROFILE:
        value_status(out, profile_of(view, row)->status);
        break;
    case ROW_ADDON:
        addon_state(view, row, out);
        break;
    case ROW_MANAGED:
        value_status(out, managed_of(view, row)->status);
        break;
    case ROW_DAEMON:
        value_ready_word(out, (struct readiness){daemon_of(view, row)->ready, daemon_of(view, row)->desired});
        break;
    default:
        value_text(out, hpa_pinned(hpa_of(view, row)) ? ROLE_BAD : hpa_reads(hpa_of(view, row)) ? ROLE_OK : ROLE_WARN,
                   hpa_pinned(hpa_of(view, row)) ? "pinned" : hpa_reads(hpa_of(view, row)) ? "scales" : "no metric");
    }
}

static void value_pair(struct value *out, int first, int second)
{
    if (second < 0)
        value_unknown(out);
    else if (first < 0)
        value_format(out, ROLE_UNKNOWN, "?/%d", second);
    else
        value_format(out, first >= second ? ROLE_OK : ROLE_WARN, "%d/%d", first, second);
}

/* As text, like the pairs of the other rows: one column has one type. */
static void value_plain(struct value *out, int count)
{
    if (count < 0)
        value_unknown(out);
    else
        value_format(out, ROLE_TEXT, "%d", count);
}

/* Nodes of a group, nodes that have a daemon, replicas of an add-on; of a node and a profile, pods on it. */
static void ready(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct account *a = account_of(view, row);
    struct readiness r;
    switch (nodes_row_kind(row)) {
    case ROW_GROUP:
        r = group_readiness(a, group_of(view, row));
        value_pair(out, r.ready, r.desired);
        break;
    case ROW_NODE:
        value_plain(out, node_pods(a, node_of(view, row)->name));
        break;
    case ROW_PROFILE:
        value_plain(out, fargate_pods(a, profile_of(view, row)));
        break;
    case ROW_ADDON:
        r = nodes_row_at(row) == ADDONS ? irsa_readiness(a) : addon_readiness(a, (enum addon)nodes_row_at(row));
        value_pair(out, r.ready, r.desired);
        if (nodes_row_at(row) == ADDONS && out->known)
            out->role = ROLE_TEXT; /* not all of them have to stand for one */
        break;
    case ROW_DAEMON:
        value_pair(out, daemon_of(view, row)->ready, daemon_of(view, row)->desired);
        break;
    case ROW_HPA:
        value_format(out, hpa_pinned(hpa_of(view, row)) ? ROLE_BAD : ROLE_TEXT, "%d/%d", hpa_of(view, row)->replicas, hpa_of(view, row)->max);
        break;
    default:
        value_text(out, ROLE_TEXT, "");
    }
}

static void zone(const struct pane_view *view, struct row_ref row, struct value *out)
{
    value_text(out, ROLE_TEXT, nodes_row_kind(row) == ROW_NODE ? zone_short(node_of(view, row)->zone) : "");
}

static void version(const struct pane_view *view, struct row_ref row, struct value *out)
{
    enum nodes_row k = nodes_row_kind(row);
    value_text(out, ROLE_TEXT, k == ROW_CLUSTER ? platform_of(view, row)->cluster.version
                               : k == ROW_NODE  ? node_of(view, row)->version
                               : k == ROW_MANAGED ? managed_of(view, row)->version : "");
}

static int64_t since(const struct pane_view *view, struct row_ref row)
{
    switch (nodes_row_kind(row)) {
    case ROW_CLUSTER:
        return platform_of(view, row)->cluster.created_at;
    case ROW_NODE:
        return node_of(view, row)->created_at;
    case ROW_PROFILE:
        return profile_of(view, row)->created_at;
    case ROW_MANAGED:
        return managed_of(view, row)->created_at;
    case ROW_DAEMON:
        return daemon_of(view, row)->created_at;
    case ROW_HPA:
        return hpa_of(view, row)->created_at;
    default:
        return 0;
    }
}

static void age(const struct pane_view *view, struct row_ref row, struct value *out)
{
    if (since(view, row))
        value_span(out, ROLE_TEXT, since(view, row), view->now);
    else
        value_text(out, ROLE_TEXT, "");
}

static void about_cluster(const struct account *a, struct value *out)
{
    const struct cluster_settings *s = &a->platform.cluster;
    char day[40];
    if (!platform_knows(&a->platform, PLATFORM_CLUSTER))
        value_format(out, ROLE_UNKNOWN, "%s", a->platform.trouble[PLATFORM_CLUSTER]);
    else
        value_format(out, s->private_endpoint && *s->secrets_key ? ROLE_TEXT : ROLE_WARN, "%s endpoint, secrets %s%s%.10s",
                     s->private_endpoint ? "private" : "public", *s->secrets_key ? "encrypted" : "NOT encrypted",
                     s->support_ends ? ", supported until " : "", s->support_ends ? when_iso(s->support_ends, day, sizeof day) : "");
}

static void about(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct account *a = account_of(view, row);
    switch (nodes_row_kind(row)) {
    case ROW_CLUSTER:
        about_cluster(a, out);
        break;
    case ROW_GROUP:
        value_format(out, ROLE_TEXT, "%s, %d to %d", *group_of(view, row)->types ? group_of(view, row)->types : "instances", group_of(view, row)->min,
                     group_of(view, row)->max);
        break;
    case ROW_NODE:
        value_text(out, ROLE_DIM, node_of(view, row)->fargate ? "Fargate" : "managed");
        break;
    case ROW_PROFILE:
        value_text(out, ROLE_TEXT, profile_of(view, row)->namespaces);
        break;
    case ROW_ADDON:
        value_text(out, ROLE_TEXT, nodes_row_at(row) == ADDONS ? "service accounts that stand for a role" : "");
        break;
    case ROW_MANAGED:
        value_text(out, ROLE_WARN, managed_of(view, row)->issue);
        break;
    case ROW_HPA:
        value_format(out, hpa_reads(hpa_of(view, row)) ? ROLE_TEXT : ROLE_WARN, "%s, %d to %d", hpa_of(view, row)->metrics, hpa_of(view, row)->min,
                     hpa_of(view, row)->max);
        break;
    default:
        value_text(out, ROLE_TEXT, "");
    }
}

static const struct column columns[] = {
    {"account", "ACCT", 5, 0, .identity = true, .value = value_account},
    {"kind", "KIND", 7, 0, .identity = true, .value = kind},
    {"name", "NAME", 34, 0, .identity = true, .value = name},
    {"state", "STATE", 9, 0, .value = state},
    {"ready", "READY", 5, 0, .right = true, .value = ready},
    {"zone", "ZONE", 4, 2, .value = zone},
    {"version", "VERSION", 19, 3, .value = version},
    {"age", "AGE", 5, 1, .right = true, .value = age},
    {"about", "ABOUT", 12, 0, .grow = true, .value = about},
    {0},
};

static void add_rows(row_refs *out, size_t account, enum nodes_row k, size_t count)
{
    for (size_t i = 0; i < count; i++)
        row_add(out, account, (size_t)k << 24 | i);
}

/* Managed nodes before those of Fargate: they are few, and theirs. */
static void order(const struct pane_view *view, struct row_ref row, struct value *out)
{
    state(view, row, out);
    value_count(out, ROLE_TEXT, rank_of_role(out->role));
}

static void rows(const struct pane_view *view, row_refs *out)
{
    for (size_t a = 0; a < view->estate->account_count; a++) {
        const struct account *account = &view->estate->accounts[a];
        const struct platform *p = &account->platform;
        bool read = slice_has_data(&account->slices[FEED_PLATFORM]);
        if (!account->config->cluster.name)
            continue;
        add_rows(out, a, ROW_CLUSTER, read);
        add_rows(out, a, ROW_GROUP, account->node_groups.len);
        for (int fargate = 0; fargate < 2; fargate++)
            for (size_t i = 0; i < account->cluster.nodes.len; i++)
                if (account->cluster.nodes.at[i].fargate == (fargate == 1))
                    row_add(out, a, (size_t)ROW_NODE << 24 | i);
        add_rows(out, a, ROW_PROFILE, p->profiles.len);
        add_rows(out, a, ROW_ADDON, read && slice_has_data(&account->slices[FEED_DEPLOYMENTS]) ? ADDONS + 1 : 0);
        add_rows(out, a, ROW_MANAGED, p->addons.len);
        add_rows(out, a, ROW_DAEMON, p->daemons.len);
        add_rows(out, a, ROW_HPA, account->cluster.hpas.len);
    }
}

static bool detail(const struct pane_view *view, struct row_ref row, struct detail_key *out)
{
    *out = (struct detail_key){.kind = DETAIL_PLATFORM, .account = row.account};
    text_copy(out->ns, sizeof out->ns, words[nodes_row_kind(row)]);
    nodes_row_name(view, row, out->name, sizeof out->name);
    return true;
}

static bool thing(const struct pane_view *view, struct row_ref row, struct thing *out)
{
    static const enum thing_kind kinds[NODES_ROWS] = {
        [ROW_CLUSTER] = THING_CLUSTER, [ROW_GROUP] = THING_NODE_GROUP, [ROW_PROFILE] = THING_FARGATE, [ROW_MANAGED] = THING_ADDON};
    (void)view;
    *out = (struct thing){kinds[nodes_row_kind(row)], row.account, nodes_row_at(row)};
    return out->kind != THING_NONE;
}

const struct pane pane_nodes = {
    .name = "nodes",
    .title = "Nodes & add-ons",
    .about = "clusters, node groups, nodes, Fargate, add-ons, autoscalers",
    .feeds = FEED_BIT(FEED_PLATFORM) | FEED_BIT(FEED_NODES) | FEED_BIT(FEED_NODE_GROUPS) | FEED_BIT(FEED_PODS) | FEED_BIT(FEED_DEPLOYMENTS) |
    FEED_BIT(FEED_HPAS),
    .columns = columns,
    .thing = thing,
    .rows = rows,
    .order = order,
    .detail = detail,
    .describe = nodes_describe,
    .leads = nodes_leads,
    .lead_feeds = FEED_BIT(FEED_NETWORK),
    .is = nodes_is,
};
