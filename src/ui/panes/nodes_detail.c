/* What Enter shows of a row of the nodes pane: all about it, in words. */
#include <string.h>

#include "base/when.h"
#include "ui/panes/nodes.h"
#include "ui/value.h"

static void gap(struct page *out, const char *title)
{
    page_add(out, ROLE_TEXT, " ");
    page_add(out, ROLE_HEADER, "%s", title);
}

static void describe_troubles(const struct platform *p, struct page *out)
{
    char title[40];
    for (int part = 0; part < PLATFORM_PARTS; part++) {
        text_format(title, sizeof title, "%s: ", platform_part_name((enum platform_part)part));
        if (*p->trouble[part])
            page_wrap(out, ROLE_UNKNOWN, title, p->trouble[part]);
    }
}

static void describe_cluster(const struct pane_view *view, const struct account *a, struct page *out)
{
    const struct cluster_settings *s = &a->platform.cluster;
    char span[32], day[40];
    if (!platform_knows(&a->platform, PLATFORM_CLUSTER)) {
        page_add(out, ROLE_STRONG, "%s   not known", a->config->cluster.name);
        describe_troubles(&a->platform, out);
        return;
    }
    page_add(out, ROLE_STRONG, "%s   %s   version %s %s", a->config->cluster.name, s->status, s->version, s->platform);
    if (s->created_at)
        page_add(out, ROLE_TEXT, "made       %s ago", when_span(view->now - s->created_at, span, sizeof span));
    page_add(out, ROLE_TEXT, "support    %s%s%.10s", *s->support ? s->support : "not known", s->support_ends ? ", standard until " : "",
             s->support_ends ? when_iso(s->support_ends, day, sizeof day) : "");
    page_add(out, s->private_endpoint ? ROLE_TEXT : ROLE_BAD, "private    %s", s->private_endpoint ? "yes" : "no");
    page_wrap(out, ROLE_TEXT, "public     ", s->public_endpoint ? s->public_from : "no");
    page_wrap(out, *s->logs ? ROLE_TEXT : ROLE_WARN, "logs       ", *s->logs ? s->logs : "none");
    page_wrap(out, *s->secrets_key ? ROLE_TEXT : ROLE_BAD, "secrets    ", *s->secrets_key ? s->secrets_key : "not encrypted by a key of ours");
    page_wrap(out, ROLE_TEXT, "issuer     ", *s->issuer ? s->issuer : "none");
    describe_troubles(&a->platform, out);
}

/* Why no pod stands there: they could not be read, or there is none. */
static void say_no_pod(const struct account *a, struct page *out)
{
    const struct slice *pods = &a->slices[FEED_PODS];
    bool read = slice_has_data(pods);
    page_add(out, read ? ROLE_DIM : ROLE_UNKNOWN, "%s", read ? "none" : pods->state == SLICE_FAILED ? "not known: could not be read" : "reading…");
}

static void describe_pods(const struct account *a, const char *node, struct page *out)
{
    bool any = false;
    gap(out, "PODS ON IT");
    for (size_t i = 0; i < a->cluster.pods.len; i++) {
        const struct pod *p = &a->cluster.pods.at[i];
        if (strcmp(p->node, node) != 0)
            continue;
        page_add(out, pod_is_failing(p) ? ROLE_BAD : pod_is_ready(p) ? ROLE_TEXT : ROLE_WARN, "%-44s %d/%d %s", p->name, p->ready, p->containers,
                 p->status);
        any = true;
    }
    if (!any)
        say_no_pod(a, out);
}

static void describe_node(const struct pane_view *view, const struct account *a, const struct node *n, struct page *out)
{
    char span[32];
    page_add(out, ROLE_STRONG, "%s   %s", n->name, n->status);
    page_add(out, ROLE_TEXT, "%s, in %s, %s", n->fargate ? "Fargate" : "of the managed group", *n->zone ? n->zone : "a zone not known", n->version);
    if (n->created_at)
        page_add(out, ROLE_TEXT, "there for %s", when_span(view->now - n->created_at, span, sizeof span));
    describe_pods(a, n->name, out);
}

static void describe_group(const struct account *a, const struct node_group *g, struct page *out)
{
    page_add(out, ROLE_STRONG, "%s   %s", g->name, g->status);
    page_add(out, ROLE_TEXT, "%d wanted, from %d to %d, of %s", g->desired, g->min, g->max, *g->types ? g->types : "types not known");
    if (g->before > 0)
        page_add(out, ROLE_TEXT, "was %d before it was scaled to none", g->before);
    gap(out, "NODES");
    for (size_t i = 0; i < a->cluster.nodes.len; i++) {
        const struct node *n = &a->cluster.nodes.at[i];
        char pods[24];
        text_format(pods, sizeof pods, node_pods(a, n->name) < 0 ? "–" : "%d", node_pods(a, n->name));
        if (!n->fargate)
            page_add(out, ROLE_TEXT, "%-34s %-4s %-9s %s pods", n->name, zone_short(n->zone), n->status, pods);
    }
}

static void describe_profile(const struct account *a, const struct fargate_profile *p, struct page *out)
{
    page_add(out, ROLE_STRONG, "%s   %s", p->name, p->status);
    page_wrap(out, ROLE_TEXT, "selects  ", p->namespaces);
    page_wrap(out, ROLE_TEXT, "subnets  ", p->subnets);
    gap(out, "PODS BY IT");
    bool any = false;
    for (size_t i = 0; i < a->cluster.pods.len; i++) {
        const struct pod *pod = &a->cluster.pods.at[i];
        if (!fargate_covers(p, pod->ns))
            continue;
        page_add(out, text_starts(pod->node, "fargate-") ? ROLE_TEXT : ROLE_WARN, "%-44s %-4s %s", pod->name, zone_short(pod->zone), pod->node);
        any = true;
    }
    if (!any)
        say_no_pod(a, out);
}

static void describe_part(const struct account *a, const char *what, const char *ns, const char *name, int ready, int desired, struct page *out)
{
    const struct workload *w = platform_workload(&a->platform, ns, name);
    const struct service_identity *s = w ? platform_identity(&a->platform, ns, w->service_account) : NULL;
    page_add(out, ready >= desired && desired > 0 ? ROLE_TEXT : ROLE_BAD, "%s %s/%s   %d/%d ready", what, ns, name, ready, desired);
    if (w)
        page_add(out, ROLE_DIM, "  as %s, %s%s", w->service_account, s && *s->role ? "which is " : "which stands for no role", s ? s->role : "");
}

static void describe_addon(const struct account *a, enum addon addon, struct page *out)
{
    bool any = false;
    page_add(out, ROLE_STRONG, "%s", addon_title(addon));
    page_add(out, ROLE_TEXT, " ");
    for (size_t i = 0; i < a->cluster.deployments.len; i++) {
        const struct deployment *d = &a->cluster.deployments.at[i];
        if (!addon_is(addon, d->name))
            continue;
        describe_part(a, "Deployment", d->ns, d->name, d->ready, d->desired, out);
        page_add(out, ROLE_DIM, "  %s", d->images);
        any = true;
    }
    for (size_t i = 0; i < a->platform.daemons.len; i++) {
        const struct daemon_set *d = &a->platform.daemons.at[i];
        if (!addon_is(addon, d->name))
            continue;
        describe_part(a, "DaemonSet", d->ns, d->name, d->ready, d->desired, out);
        any = true;
    }
    if (!any && addon_readiness(a, addon).desired < 0)
        page_wrap(out, ROLE_UNKNOWN, "not known: ", a->platform.trouble[PLATFORM_DAEMONS]);
    else if (!any)
        page_add(out, ROLE_BAD, "neither a Deployment nor a daemon is called so");
}

/* Whom each workload is to AWS. */
static void describe_irsa(const struct account *a, struct page *out)
{
    const struct platform *p = &a->platform;
    page_add(out, ROLE_STRONG, "IRSA: service accounts that stand for IAM roles");
    page_wrap(out, ROLE_TEXT, "issuer  ", *p->cluster.issuer ? p->cluster.issuer : "none");
    gap(out, "WORKLOADS");
    for (size_t i = 0; i < p->workloads.len; i++) {
        const struct workload *w = &p->workloads.at[i];
        const struct service_identity *s = platform_identity(p, w->ns, w->service_account);
        page_add(out, *w->static_key ? ROLE_BAD : ROLE_TEXT, "%s/%s as %s%s%s", w->ns, w->name, w->service_account, s && *s->role ? " → " : "",
                 s ? s->role : "");
        if (*w->static_key)
            page_add(out, ROLE_BAD, "  container %s has %s in its environment", w->container, w->static_key);
    }
    describe_troubles(p, out);
}

static void describe_managed(const struct managed_addon *m, struct page *out)
{
    page_add(out, ROLE_STRONG, "%s   %s", m->name, m->status);
    page_add(out, ROLE_TEXT, "version %s, managed by EKS", m->version);
    if (*m->issue)
        page_wrap(out, ROLE_BAD, "issue   ", m->issue);
}

static void describe_hpa(const struct pane_view *view, const struct hpa *h, struct page *out)
{
    char span[32];
    page_add(out, ROLE_STRONG, "%s/%s   of %s", h->ns, h->name, h->target);
    page_add(out, hpa_reads(h) ? ROLE_TEXT : ROLE_WARN, "metrics   %s", *h->metrics ? h->metrics : "none");
    page_add(out, hpa_pinned(h) ? ROLE_BAD : ROLE_TEXT, "replicas  %d, from %d to %d%s", h->replicas, h->min, h->max,
             hpa_pinned(h) ? "   PINNED: there is no room above" : "");
    if (h->created_at)
        page_add(out, ROLE_TEXT, "made      %s ago", when_span(view->now - h->created_at, span, sizeof span));
}

void nodes_describe(const struct pane_view *view, struct row_ref row, struct page *out)
{
    const struct account *a = account_of(view, row);
    size_t at = nodes_row_at(row);
    switch (nodes_row_kind(row)) {
    case ROW_CLUSTER:
        describe_cluster(view, a, out);
        break;
    case ROW_GROUP:
        describe_group(a, &a->node_groups.at[at], out);
        break;
    case ROW_NODE:
        describe_node(view, a, &a->cluster.nodes.at[at], out);
        break;
    case ROW_PROFILE:
        describe_profile(a, &a->platform.profiles.at[at], out);
        break;
    case ROW_ADDON:
        if (at == ADDONS)
            describe_irsa(a, out);
        else
            describe_addon(a, (enum addon)at, out);
        break;
    case ROW_MANAGED:
        describe_managed(&a->platform.addons.at[at], out);
        break;
    case ROW_DAEMON:
        page_add(out, ROLE_STRONG, "%s", a->platform.daemons.at[at].name);
        describe_part(a, "DaemonSet", a->platform.daemons.at[at].ns, a->platform.daemons.at[at].name, a->platform.daemons.at[at].ready,
                      a->platform.daemons.at[at].desired, out);
        break;
    default:
        describe_hpa(view, &a->cluster.hpas.at[at], out);
    }
}
