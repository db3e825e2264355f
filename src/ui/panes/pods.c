/* Pods of every cluster, as kubectl names their states. */
#include <string.h>

#include "base/when.h"
#include "estate/promotion.h"
#include "ui/panes/panes.h"
#include "ui/value.h"

static const struct pod *pod_of(const struct pane_view *view, struct row_ref row) { return &account_of(view, row)->cluster.pods.at[row.index]; }

static void namespace_of(const struct pane_view *view, struct row_ref row, struct value *out) { value_text(out, ROLE_TEXT, pod_of(view, row)->ns); }

static uint8_t role_of(const struct pod *pod)
{
    if (pod_is_failing(pod))
        return ROLE_BAD;
    if (!strcmp(pod->status, "Completed") || !strcmp(pod->status, "Succeeded") || !strcmp(pod->status, "Terminating"))
        return ROLE_DIM;
    return pod_is_ready(pod) ? ROLE_OK : ROLE_WARN;
}

static void name(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct pod *pod = pod_of(view, row);
    value_text(out, pod_is_failing(pod) ? ROLE_BAD : ROLE_TEXT, pod->name);
}

static void ready(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct pod *pod = pod_of(view, row);
    if (pod->containers < 0)
        value_unknown(out);
    else
        value_format(out, pod->ready < pod->containers && role_of(pod) != ROLE_DIM ? ROLE_WARN : ROLE_TEXT, "%d/%d", pod->ready, pod->containers);
}

static void status(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct pod *pod = pod_of(view, row);
    value_text(out, role_of(pod), pod->status);
}

static void restarts(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct pod *pod = pod_of(view, row);
    bool recent = pod->restarted_at && view->now - pod->restarted_at < 3600000;
    value_count(out, recent ? ROLE_WARN : ROLE_TEXT, pod->restarts);
}

static void last_restart(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct pod *pod = pod_of(view, row);
    value_span(out, ROLE_DIM, pod->restarted_at, view->now);
    if (!out->known && pod->restarts == 0)
        text_copy(out->text, sizeof out->text, "");
}

static void age(const struct pane_view *view, struct row_ref row, struct value *out)
{
    value_span(out, ROLE_TEXT, pod_of(view, row)->created_at, view->now);
}

static void zone(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const char *text = pod_of(view, row)->zone;
    if (*text)
        value_text(out, ROLE_TEXT, zone_short(text));
    else
        value_unknown(out);
}

static void node(const struct pane_view *view, struct row_ref row, struct value *out) { value_text(out, ROLE_DIM, pod_of(view, row)->node); }
static void address(const struct pane_view *view, struct row_ref row, struct value *out) { value_text(out, ROLE_DIM, pod_of(view, row)->ip); }

static void cpu(const struct pane_view *view, struct row_ref row, struct value *out)
{
    int m = pod_of(view, row)->cpu_m;
    if (m < 0)
        value_unknown(out);
    else
        value_number(out, ROLE_TEXT, m, "%dm", m);
}

static void memory(const struct pane_view *view, struct row_ref row, struct value *out)
{
    int64_t bytes = pod_of(view, row)->memory;
    char text[24];
    if (bytes < 0)
        value_unknown(out);
    else
        value_number(out, ROLE_TEXT, (double)bytes, "%s", bytes_text(bytes, text, sizeof text));
}

static const struct column columns[] = {
    {"account", "ACCT", 5, 0, .identity = true, .value = value_account},
    {"namespace", "NAMESPACE", 11, 2, .identity = true, .value = namespace_of},
    {"name", "NAME", 22, 0, .grow = true, .identity = true, .value = name},
    {"ready", "READY", 5, 0, .right = true, .value = ready},
    {"status", "STATUS", 17, 0, .value = status},
    {"restarts", "RST", 4, 0, .right = true, .value = restarts},
    {"last_restart", "LAST", 6, 4, .right = true, .value = last_restart},
    {"age", "AGE", 6, 0, .right = true, .value = age},
    {"zone", "AZ", 3, 1, .value = zone},
    {"cpu", "CPU", 6, 3, .right = true, .value = cpu},
    {"memory", "MEM", 6, 3, .right = true, .value = memory},
    {"ip", "IP", 15, 6, .value = address},
    {"node", "NODE", 24, 5, .grow = true, .value = node},
    {0},
};

static void rows(const struct pane_view *view, row_refs *out)
{
    for (size_t a = 0; a < view->estate->account_count; a++)
        for (size_t i = 0; i < view->estate->accounts[a].cluster.pods.len; i++)
            row_add(out, a, i);
}

/* What fails first; then account by account the applications, before what the cluster itself runs. Written by hand: of ten thousand pods it is asked
 * for again and again while they are listed. */
static void order(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct pod *pod = pod_of(view, row);
    value_text(out, ROLE_TEXT, pod->ns);
    size_t len = strlen(out->text);
    out->text[len++] = '/';
    text_copy(out->text + len, sizeof out->text - len, pod->name);
    out->number = (pod_is_failing(pod) ? 0 : 1e6) + row.account * 2.0 + text_starts(pod->ns, "kube-");
}

static uint64_t stamp(const struct pane_view *view, struct row_ref row) { return pod_of(view, row)->stamp; }

static bool detail(const struct pane_view *view, struct row_ref row, struct detail_key *out)
{
    const struct pod *pod = pod_of(view, row);
    *out = (struct detail_key){.kind = DETAIL_POD, .account = row.account};
    text_copy(out->ns, sizeof out->ns, pod->ns);
    text_copy(out->name, sizeof out->name, pod->name);
    return true;
}

static void describe(const struct pane_view *view, struct row_ref row, struct page *out)
{
    const struct pod *pod = pod_of(view, row);
    const struct detail *d = &view->estate->detail;
    char text[64], when[64];
    page_add(out, role_of(pod), "%s   %d/%d ready   %d restarts", pod->status, pod->ready, pod->containers, pod->restarts);
    page_add(out, ROLE_TEXT, "node     %s  %s", *pod->node ? pod->node : "not placed", pod->zone);
    page_add(out, ROLE_TEXT, "address  %s   age %s", *pod->ip ? pod->ip : "–",
             pod->created_at ? when_span(view->now - pod->created_at, text, sizeof text) : "–");
    if (!slice_has_data(&d->slice))
        return;
    page_add(out, ROLE_TEXT, "owner    %s   service account %s   QoS %s", d->owner, d->service_account, d->qos);
    page_add(out, ROLE_TEXT, "image    %s", *d->image_digest ? d->image_digest : "–");
    page_add(out, ROLE_TEXT, " ");
    page_add(out, ROLE_HEADER, "CONTAINERS");
    for (size_t i = 0; i < d->containers.len; i++) {
        const struct container *c = &d->containers.at[i];
        uint8_t role = c->ready ? ROLE_OK : strcmp(c->state, "Completed") == 0 ? ROLE_DIM : ROLE_BAD;
        page_add(out, role, "%s%-20s %-20s restarts %d", c->init ? "init " : "", c->name, c->state, c->restarts);
        page_add(out, ROLE_DIM, c->since ? "  %s   since %s ago" : "  %s", c->image, when_span(view->now - c->since, text, sizeof text));
        if (c->exit_code >= 0)
            page_add(out, c->exit_code ? ROLE_WARN : ROLE_DIM, "  last exit code %d", c->exit_code);
    }
    page_add(out, ROLE_TEXT, " ");
    page_add(out, ROLE_HEADER, "EVENTS");
    if (!d->events.len)
        page_add(out, ROLE_DIM, "none");
    for (size_t i = 0; i < d->events.len; i++) {
        const struct object_event *event = &d->events.at[i];
        page_add(out, !strcmp(event->type, "Warning") ? ROLE_WARN : ROLE_TEXT, "%6s ago  %-18s %s%s",
                 event->at ? when_span(view->now - event->at, when, sizeof when) : "?",
                 event->reason, event->message, event->count > 1 ? " (repeated)" : "");
    }
}

static void targets(const struct pane_view *view, struct row_ref row, struct targets *out)
{
    const struct deployment *d = cluster_deployment_of(&account_of(view, row)->cluster, pod_of(view, row));
    target_add(view, out, TARGET_POD, row.account, pod_of(view, row)->ns, pod_of(view, row)->name);
    if (d)
        target_add(view, out, TARGET_DEPLOYMENT, row.account, d->ns, d->name);
}

/* As whom it runs: what stands for it in IAM. */
static void lead_of_role(const struct account *a, size_t account, const char *ns, const char *service_account, struct leads *out)
{
    const struct service_identity *identity = platform_identity(&a->platform, ns, service_account);
    char name[200];
    text_format(name, sizeof name, "%s/%s", ns, service_account);
    lead_add(out, "security", account, "pod role", name, "service account %s", name);
    if (identity && *identity->role)
        lead_add(out, "security", account, "role", identity->role, "role %s", text_after_last(identity->role, '/'));
}

static void leads_of_workload(const struct pane_view *view, struct row_ref row, const struct deployment *d, struct leads *out)
{
    const struct account *a = account_of(view, row), *registry = estate_management(view->estate);
    const struct workload *w = platform_workload(&a->platform, d->ns, d->name);
    char name[220];
    size_t account;
    lead_images(view, out, d->images ? d->images : "");
    for (size_t i = 0; registry && i < registry->images.rows.len; i++) {
        const struct image *image = &registry->images.rows.at[i];
        const struct release *run = deployment_runs(d, image) ? image_run(view->estate, image, &account) : NULL;
        if (run)
            lead_run(view, out, account, run, "built by");
    }
    if (w)
        lead_of_role(a, row.account, w->ns, w->service_account, out);
    text_format(name, sizeof name, "%s/%s", d->ns, d->name);
    lead_add(out, "nodes", row.account, "hpa of", name, "autoscaler of %s", name);
    lead_add(out, "pods", row.account, "deployment", name, "all pods of %s", name);
    lead_add(out, "timeline", row.account, "subject", d->name, "all that happened to %s", d->name);
}

/* Where it stands in the network. */
static void leads_of_address(const struct account *a, size_t account, const char *ip, struct leads *out)
{
    const struct account_network *n = &a->network;
    const struct network_interface *interface = network_interface_with(n, ip);
    const struct subnet *subnet = network_subnet_with(n, ip);
    for (size_t i = 0; i < a->balancing.targets.len; i++)
        if (!strcmp(a->balancing.targets.at[i].id, ip)) {
            const struct target_group *group = balancing_group(&a->balancing, a->balancing.targets.at[i].group);
            lead_add(out, "network", account, "targets", a->balancing.targets.at[i].group, "target group %s", group ? group->name : "");
        }
    if (subnet)
        lead_add(out, "network", account, "subnet", subnet->id, "subnet %s %s in %s", subnet->name, subnet->cidr, subnet->zone);
    else
        lead_add(out, "network", account, "address", ip, "subnet of %s", ip);
    for (size_t i = 0; interface && i < INTERFACE_GROUPS && *interface->groups[i]; i++) {
        const struct security_group *group = network_group(n, interface->groups[i]);
        lead_add(out, "network", account, "group", interface->groups[i], "security group %s %s", group ? group->name : "", interface->groups[i]);
    }
    for (size_t i = 0; i < a->database.instances.len; i++) {
        const struct database *d = &a->database.instances.at[i];
        for (size_t g = 0; g < sizeof d->groups / sizeof *d->groups && *d->groups[g]; g++)
            if (network_admits(n, d->groups[g], ip, d->port))
                lead_add(out, "database", account, "database", d->id, "database %s, that lets it in", d->id);
    }
}

static void leads(const struct pane_view *view, struct row_ref row, struct leads *out)
{
    const struct pod *pod = pod_of(view, row);
    const struct account *a = account_of(view, row);
    const struct deployment *d = cluster_deployment_of(&a->cluster, pod);
    lead_add(out, "nodes", row.account, "node", pod->node, "node %s", pod->node);
    for (size_t i = 0; text_starts(pod->node, "fargate-") && i < a->platform.profiles.len; i++)
        if (fargate_covers(&a->platform.profiles.at[i], pod->ns))
            lead_add(out, "nodes", row.account, "fargate", a->platform.profiles.at[i].name, "Fargate profile %s", a->platform.profiles.at[i].name);
    leads_of_address(a, row.account, pod->ip, out);
    lead_add(out, "network", row.account, "zone", pod->zone, "subnets in the zone %s", pod->zone);
    if (d)
        leads_of_workload(view, row, d, out);
    lead_add(out, "alarms", row.account, "Namespace", pod->ns, "alarms on the namespace %s", pod->ns);
    lead_add(out, "logs", row.account, "cluster", a->config->cluster.name, "log groups of the cluster %s", a->config->cluster.name);
    lead_add(out, "timeline", row.account, "subject", pod->name, "all that happened to %s", pod->name);
}

static bool is_of_workload(const struct account *a, const struct pod *pod, const char *service_account)
{
    const struct deployment *d = cluster_deployment_of(&a->cluster, pod);
    const struct workload *w = d ? platform_workload(&a->platform, d->ns, d->name) : NULL;
    size_t ns = strlen(pod->ns);
    return w && !strncmp(service_account, pod->ns, ns) && service_account[ns] == '/' && !strcmp(w->service_account, service_account + ns + 1);
}

static bool is_of_deployment(const struct account *a, const struct pod *pod, const char *name)
{
    const struct deployment *d = cluster_deployment_of(&a->cluster, pod);
    const char *slash = strchr(name, '/');
    return d && !strcmp(d->name, slash ? slash + 1 : name) && (!slash || (!strncmp(d->ns, name, (size_t)(slash - name)) && !d->ns[slash - name]));
}

/* Of a target group, or of all that a load balancer uses. */
static bool is_target(const struct balancing *b, const char *group, const char *balancer, const char *ip)
{
    for (size_t i = 0; i < b->targets.len; i++) {
        const struct target_group *of = balancing_group(b, b->targets.at[i].group);
        if (!strcmp(b->targets.at[i].id, ip) && of && (group ? !strcmp(of->arn, group) : !strcmp(of->balancer, balancer)))
            return true;
    }
    return false;
}

static bool is_covered(const struct platform *p, const struct pod *pod, const char *profile)
{
    for (size_t i = 0; text_starts(pod->node, "fargate-") && i < p->profiles.len; i++)
        if (!strcmp(p->profiles.at[i].name, profile))
            return fargate_covers(&p->profiles.at[i], pod->ns);
    return false;
}

static bool is_in_network(const struct account_network *n, const struct pod *pod, const char *word, const char *id)
{
    const struct subnet *subnet = !strcmp(word, "subnet") ? network_subnet(n, id) : NULL;
    const struct network_interface *interface = !strcmp(word, "group") && *pod->ip ? network_interface_with(n, pod->ip) : NULL;
    char address[80];
    text_format(address, sizeof address, "%s/%d", pod->ip, strchr(pod->ip, ':') ? 128 : 32);
    return (subnet && cidr_within(address, subnet->cidr)) || (interface && interface_is_in(interface, id));
}

static bool is(const struct pane_view *view, struct row_ref row, const char *word, const char *name)
{
    const struct pod *pod = pod_of(view, row);
    const struct account *a = account_of(view, row);
    if (!strcmp(word, "pod"))
        return !strcmp(pod->name, name);
    if (!strcmp(word, "node"))
        return !strcmp(pod->node, name);
    if (!strcmp(word, "zone"))
        return !strcmp(pod->zone, name);
    if (!strcmp(word, "namespace"))
        return !strcmp(pod->ns, name);
    if (!strcmp(word, "deployment"))
        return is_of_deployment(a, pod, name);
    if (!strcmp(word, "targets"))
        return is_target(&a->balancing, name, NULL, pod->ip);
    if (!strcmp(word, "balancer"))
        return is_target(&a->balancing, NULL, name, pod->ip);
    if (!strcmp(word, "fargate"))
        return is_covered(&a->platform, pod, name);
    if (!strcmp(word, "service account"))
        return is_of_workload(a, pod, name);
    return is_in_network(&a->network, pod, word, name);
}

const struct pane pane_pods = {
    .name = "pods",
    .title = "Pods",
    .about = "pods of every cluster, live",
    .feeds = FEED_BIT(FEED_PODS) | FEED_BIT(FEED_NODES) | FEED_BIT(FEED_POD_METRICS),
    .columns = columns,
    .sort = 0,
    .rows = rows,
    .order = order,
    .stamp = stamp,
    .detail = detail,
    .describe = describe,
    .logs = true,
    .targets = targets,
    .leads = leads,
    .lead_feeds = FEED_BIT(FEED_NETWORK) | FEED_BIT(FEED_LOAD_BALANCERS) | FEED_BIT(FEED_PLATFORM) |
                  FEED_BIT(FEED_DEPLOYMENTS) | FEED_BIT(FEED_IMAGES) | FEED_BIT(FEED_RELEASES),
    .is = is,
};
