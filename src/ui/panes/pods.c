/* Pods of every cluster, as kubectl names their states. */
#include <string.h>

#include "base/when.h"
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

/* Those that need a person come first. */
static void rows(const struct pane_view *view, row_refs *out)
{
    for (int failing = 1; failing >= 0; failing--)
        for (size_t a = 0; a < view->estate->account_count; a++)
            for (size_t i = 0; i < view->estate->accounts[a].cluster.pods.len; i++)
                if (pod_is_failing(&view->estate->accounts[a].cluster.pods.at[i]) == (failing == 1))
                    row_add(out, a, i);
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
    page_add(out, ROLE_TEXT, "address  %s   age %s", *pod->ip ? pod->ip : "–", pod->created_at ? when_span(view->now - pod->created_at, text, sizeof text) : "–");
    if (!slice_has_data(&d->slice))
        return;
    page_add(out, ROLE_TEXT, "owner    %s   service account %s   QoS %s", d->owner, d->service_account, d->qos);
    page_add(out, ROLE_TEXT, "image    %s", *d->image_digest ? d->image_digest : "–");
    page_add(out, ROLE_TEXT, " ");
    page_add(out, ROLE_HEADER, "CONTAINERS");
    for (size_t i = 0; i < d->containers.len; i++) {
        const struct container *c = &d->containers.at[i];
        uint8_t role = c->ready ? ROLE_OK : strcmp(c->state, "Completed") == 0 ? ROLE_DIM : ROLE_BAD;
        page_add(out, role, "%s%-20s %-20s restarts %d%s", c->init ? "init " : "", c->name, c->state, c->restarts, "");
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

/* The Deployment whose ReplicaSet made the pod: backend-6c9d7f5b8-8hjlc is one of backend's. */
static const struct deployment *deployment_of(const struct account *account, const struct pod *pod)
{
    for (size_t i = 0; i < account->cluster.deployments.len; i++) {
        const struct deployment *d = &account->cluster.deployments.at[i];
        size_t len = strlen(d->name);
        if (strcmp(d->ns, pod->ns) != 0 || !text_starts(pod->name, d->name) || pod->name[len] != '-')
            continue;
        const char *second = strchr(pod->name + len + 1, '-');
        if (second && !strchr(second + 1, '-'))
            return d;
    }
    return NULL;
}

static void targets(const struct pane_view *view, struct row_ref row, struct targets *out)
{
    const struct deployment *d = deployment_of(account_of(view, row), pod_of(view, row));
    target_add(view, out, TARGET_POD, row.account, pod_of(view, row)->ns, pod_of(view, row)->name);
    if (d)
        target_add(view, out, TARGET_DEPLOYMENT, row.account, d->ns, d->name);
}

const struct pane pane_pods = {
    .name = "pods",
    .title = "Pods",
    .about = "pods of every cluster, live",
    .feeds = FEED_BIT(FEED_PODS) | FEED_BIT(FEED_NODES) | FEED_BIT(FEED_POD_METRICS),
    .columns = columns,
    .sort = 0,
    .rows = rows,
    .stamp = stamp,
    .detail = detail,
    .describe = describe,
    .logs = true,
    .targets = targets,
};
