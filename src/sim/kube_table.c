/* Replies as tables: kubectl's own columns, worked out here and written straight into the reply. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/when.h"
#include "sim/kube.h"

struct column {
    const char *name, *type, *format, *description;
    int priority;
};

#define NAME_TEXT \
    "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the " \
    "generation of an appropriate name automatically."
/* clang-format off */
#define NAME       {"Name", "string", "name", NAME_TEXT, 0}
#define AGE        {"Age", "string", "", "CreationTimestamp is a timestamp representing the server time when this object was created.", 0}
#define CONTAINERS {"Containers", "string", "", "Names of each container in the template.", 1}
#define IMAGES     {"Images", "string", "", "Images referenced by each container in the template.", 1}
#define SELECTOR   {"Selector", "string", "", "Label selector for pods.", 1}
/* clang-format on */

static const struct column pod_columns[] = {
    NAME,
    {"Ready", "string", "", "The aggregate readiness state of this pod for accepting traffic.", 0},
    {"Status", "string", "", "The aggregate status of the containers in this pod.", 0},
    {"Restarts", "string", "",
     "The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.", 0},
    AGE,
    {"IP", "string", "", "podIP address allocated to the pod. Routable at least within the cluster. Empty if not yet allocated.", 1},
    {"Node", "string", "", "NodeName indicates in which node this pod is scheduled.", 1},
    {"Nominated Node", "string", "", "nominatedNodeName is set only when this pod preempts other pods on the node.", 1},
    {"Readiness Gates", "string", "", "If specified, all readiness gates will be evaluated for pod readiness.", 1},
    {0}};
static const struct column node_columns[] = {NAME,
                                             {"Status", "string", "", "The status of the node", 0},
                                             {"Roles", "string", "", "The roles of the node", 0},
                                             AGE,
                                             {"Version", "string", "", "Kubelet Version reported by the node.", 0},
                                             {"Internal-IP", "string", "", "List of addresses reachable to the node.", 1},
                                             {"External-IP", "string", "", "List of addresses reachable to the node.", 1},
                                             {"OS-Image", "string", "", "OS Image reported by the node.", 1},
                                             {"Kernel-Version", "string", "", "Kernel Version reported by the node.", 1},
                                             {"Container-Runtime", "string", "", "ContainerRuntime Version reported by the node.", 1},
                                             {0}};
static const struct column event_columns[] = {
    {"Last Seen", "string", "", "The time at which the most recent occurrence of this event was recorded.", 0},
    {"Type", "string", "", "Type of this event (Normal, Warning), new types could be added in the future", 0},
    {"Reason", "string", "", "This should be a short, machine understandable string that gives the reason.", 0},
    {"Object", "string", "", "The object that this event is about.", 0},
    {"Subobject", "string", "", "If referring to a piece of an object, where it is.", 1},
    {"Source", "string", "", "The component reporting this event.", 1},
    {"Message", "string", "", "A human-readable description of the status of this operation.", 0},
    {"First Seen", "string", "", "The time at which the event was first recorded.", 1},
    {"Count", "string", "", "The number of times this event has occurred.", 1},
    {"Name", "string", "name", NAME_TEXT, 1},
    {0}};
static const struct column namespace_columns[] = {NAME, {"Status", "string", "", "The status of the namespace", 0}, AGE, {0}};
static const struct column deployment_columns[] = {
    NAME,
    {"Ready", "string", "", "Number of the pod with ready state", 0},
    {"Up-to-date", "integer", "", "Total number of non-terminating pods targeted by this deployment that have the desired template spec.", 0},
    {"Available", "integer", "", "Total number of available non-terminating pods (ready for at least minReadySeconds) targeted by this deployment.",
     0},
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
    {0}};
static const struct column replica_set_columns[] = {
    NAME,
    {"Desired", "integer", "", "Replicas is the number of desired pods.", 0},
    {"Current", "integer", "", "Replicas is the most recently observed number of non-terminating pods.", 0},
    {"Ready", "integer", "", "The number of non-terminating pods targeted by this ReplicaSet with a Ready Condition.", 0},
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
    {0}};
static const struct column hpa_columns[] = {
    NAME,
    {"Reference", "string", "", "scaleTargetRef points to the target resource to scale.", 0},
    {"Targets", "string", "", "metrics contains the specifications for which to use to calculate the desired replica count.", 0},
    {"MinPods", "string", "", "minReplicas is the lower limit for the number of replicas.", 0},
    {"MaxPods", "string", "", "maxReplicas is the upper limit for the number of replicas.", 0},
    {"Replicas", "string", "", "currentReplicas is current number of replicas of pods managed by this autoscaler.", 0},
    AGE,
    {0}};
static const struct column daemon_set_columns[] = {
    NAME,
    {"Desired", "integer", "", "The total number of nodes that should be running the daemon pod (including nodes correctly running the daemon pod).",
     0},
    {"Current", "integer", "", "The number of nodes that are running at least 1 daemon pod and are supposed to run the daemon pod.", 0},
    {"Ready", "integer", "",
     "numberReady is the number of nodes that should be running the daemon pod and have one or more of the daemon pod running with a Ready "
     "Condition.", 0},
    {"Up-to-date", "integer", "", "The total number of nodes that are running updated daemon pod", 0},
    {"Available", "integer", "",
     "The number of nodes that should be running the daemon pod and have one or more of the daemon pod running and available (ready for at least "
     "spec.minReadySeconds)", 0},
    {"Node Selector", "string", "", "NodeSelector is a selector which must be true for the pod to fit on a node.", 0},
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
    {0}};
static const struct column service_account_columns[] = {
    NAME, {"Secrets", "string", "",
           "Secrets is a list of the secrets in the same namespace that pods running using this ServiceAccount are allowed to use.", 0},
    AGE, {0}};
static const struct column *const columns_of[KUBE_STORED] = {[KUBE_POD] = pod_columns,
                                                             [KUBE_NODE] = node_columns,
                                                             [KUBE_EVENT] = event_columns,
                                                             [KUBE_NAMESPACE] = namespace_columns,
                                                             [KUBE_DEPLOYMENT] = deployment_columns,
                                                             [KUBE_REPLICASET] = replica_set_columns,
                                                             [KUBE_HPA] = hpa_columns,
                                                             [KUBE_DAEMONSET] = daemon_set_columns,
                                                             [KUBE_SERVICE_ACCOUNT] = service_account_columns};

void kube_table_columns(enum kube_kind kind, struct str *out)
{
    str_addc(out, '[');
    for (const struct column *c = columns_of[kind]; c->name; c++) {
        str_addf(out, "%s{\"name\":\"%s\",\"type\":\"%s\",\"format\":\"%s\",\"description\":", c == columns_of[kind] ? "" : ",", c->name, c->type,
                 c->format);
        kube_add_string(out, c->description);
        str_addf(out, ",\"priority\":%d}", c->priority);
    }
    str_addc(out, ']');
}

/* Cells are written one after another; the first has no comma before it. */
static void cell(struct str *out, const char *text)
{
    if (out->data[out->len - 1] != '[')
        str_addc(out, ',');
    kube_add_string(out, text);
}

static void cell_number(struct str *out, int64_t value) { str_addf(out, "%s%lld", out->data[out->len - 1] != '[' ? "," : "", (long long)value); }

static void cell_age(const struct kube_sim *k, struct str *out, int64_t at)
{
    char text[32];
    cell(out, at ? when_span(k->now - at, text, sizeof text) : "<unknown>");
}

static size_t put_number(char *to, int value)
{
    char digits[12];
    size_t count = 0, len = 0;
    do
        digits[count++] = (char)('0' + value % 10);
    while (value /= 10);
    while (count)
        to[len++] = digits[--count];
    to[len] = '\0';
    return len;
}

/* What kubectl calls the state, in the order in which kubectl asks. */
static const char *init_state(const struct kube_pod *p, char *buffer, size_t size, int *restarts, int64_t *last)
{
    const struct kube_template *t = p->template;
    for (size_t i = 0; i < t->init_count; i++) {
        const struct kube_container *c = &p->at[i];
        *restarts += c->restarts;
        if (c->last_finished_at > *last)
            *last = c->last_finished_at;
        if (c->state == CONTAINER_TERMINATED && c->exit_code == 0)
            continue;
        if (c->state == CONTAINER_TERMINATED || (c->state == CONTAINER_WAITING && strcmp(c->reason, "PodInitializing") != 0))
            text_format(buffer, size, "Init:%s", c->reason);
        else
            text_format(buffer, size, "Init:%zu/%zu", i, t->init_count);
        return buffer;
    }
    return NULL;
}

static const char *state_of(const struct kube_object *o, char *buffer, size_t size, int *ready, int *restarts, int64_t *last)
{
    const struct kube_pod *p = o->pod;
    const char *state = p->scheduled_at ? init_state(p, buffer, size, restarts, last) : "Pending";
    if (!state) {
        state = kube_pod_phase(o);
        *restarts = 0;
        *last = 0;
        for (size_t i = p->template->container_count; i-- > 0;) {
            const struct kube_container *c = &p->at[p->template->init_count + i];
            *restarts += c->restarts;
            if (c->last_finished_at > *last)
                *last = c->last_finished_at;
            if (c->state != CONTAINER_RUNNING)
                state = c->reason;
            else if (c->ready)
                ++*ready;
        }
    }
    return o->deletion_at ? "Terminating" : state;
}

static void pod_cells(const struct kube_sim *k, const struct kube_object *o, struct str *out)
{
    char buffer[64], text[96], span[32];
    int ready = 0, restarts = 0;
    int64_t last = 0;
    const struct kube_pod *p = o->pod;
    const char *state = state_of(o, buffer, sizeof buffer, &ready, &restarts, &last);
    cell(out, o->name);
    size_t len = put_number(text, ready);
    text[len++] = '/';
    put_number(text + len, (int)p->template->container_count);
    cell(out, text);
    cell(out, state);
    if (restarts && last)
        text_format(text, sizeof text, "%d (%s ago)", restarts, when_span(k->now - last, span, sizeof span));
    else
        put_number(text, restarts);
    cell(out, text);
    cell_age(k, out, o->created_at);
    if (p->ip)
        kube_ip(p->ip, buffer);
    cell(out, p->ip ? buffer : "<none>");
    cell(out, *p->node ? p->node : "<none>");
    cell(out, "<none>");
    if (p->template->gate_count)
        text_format(text, sizeof text, "%zu/%zu", kube_pod_ready(o) ? p->template->gate_count : 0, p->template->gate_count);
    cell(out, p->template->gate_count ? text : "<none>");
}

static const char *address(const json_t *node, const char *type)
{
    size_t i;
    json_t *row;
    json_array_foreach (json_at(node, "status.addresses"), i, row)
        if (text_equal(json_text(row, "type"), type))
            return json_text_or(row, "address", "<none>");
    return "<none>";
}

static void node_cells(const struct kube_sim *k, const struct kube_object *o, struct str *out)
{
    size_t i;
    json_t *row;
    const char *status = "Unknown";
    char text[64];
    json_array_foreach (json_at(o->tree, "status.conditions"), i, row)
        if (text_equal(json_text(row, "type"), "Ready"))
            status = text_equal(json_text(row, "status"), "True") ? "Ready" : "NotReady";
    text_format(text, sizeof text, "%s%s", status, json_flag(o->tree, "spec.unschedulable", false) ? ",SchedulingDisabled" : "");
    cell(out, o->name);
    cell(out, text);
    cell(out, "<none>");
    cell_age(k, out, o->created_at);
    cell(out, json_text_or(o->tree, "status.nodeInfo.kubeletVersion", ""));
    cell(out, address(o->tree, "InternalIP"));
    cell(out, address(o->tree, "ExternalIP"));
    cell(out, json_text_or(o->tree, "status.nodeInfo.osImage", "<unknown>"));
    cell(out, json_text_or(o->tree, "status.nodeInfo.kernelVersion", "<unknown>"));
    cell(out, json_text_or(o->tree, "status.nodeInfo.containerRuntimeVersion", "<unknown>"));
}

static void event_cells(const struct kube_sim *k, const struct kube_object *o, struct str *out)
{
    char text[400], kind[64];
    const char *host = json_text(o->tree, "source.host");
    text_format(kind, sizeof kind, "%s", json_text_or(o->tree, "involvedObject.kind", ""));
    for (char *p = kind; *p; p++)
        *p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
    cell_age(k, out, json_when(o->tree, "lastTimestamp"));
    cell(out, json_text_or(o->tree, "type", ""));
    cell(out, json_text_or(o->tree, "reason", ""));
    text_format(text, sizeof text, "%s/%s", kind, json_text_or(o->tree, "involvedObject.name", ""));
    cell(out, text);
    cell(out, json_text_or(o->tree, "involvedObject.fieldPath", ""));
    text_format(text, sizeof text, "%s%s%s", json_text_or(o->tree, "source.component", ""), host ? ", " : "", host ? host : "");
    cell(out, text);
    cell(out, json_text_or(o->tree, "message", ""));
    cell_age(k, out, json_when(o->tree, "firstTimestamp"));
    cell_number(out, json_int(o->tree, "count", 1));
    cell(out, o->name);
}

static void namespace_cells(const struct kube_sim *k, const struct kube_object *o, struct str *out)
{
    cell(out, o->name);
    cell(out, json_text_or(o->tree, "status.phase", ""));
    cell_age(k, out, o->created_at);
}

static void container_cells(const json_t *template, struct str *out)
{
    struct str text = STR_INIT(16384);
    size_t i;
    json_t *row;
    for (int which = 0; which < 2; which++) {
        str_clear(&text);
        json_array_foreach (json_at(template, "spec.containers"), i, row)
            str_addf(&text, "%s%s", i ? "," : "", json_text_or(row, which ? "image" : "name", ""));
        cell(out, str_text(&text));
    }
    str_free(&text);
}

static void selector_cell(const json_t *labels, struct str *out)
{
    struct str text = STR_INIT(16384);
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)labels, key, value)
        str_addf(&text, "%s%s=%s", text.len ? "," : "", key, json_is_string(value) ? json_string_value(value) : "");
    cell(out, text.len ? str_text(&text) : "<none>");
    str_free(&text);
}

static void deployment_cells(const struct kube_sim *k, const struct kube_object *o, struct str *out)
{
    char text[48];
    text_format(text, sizeof text, "%lld/%lld", (long long)json_int(o->tree, "status.readyReplicas", 0),
                (long long)json_int(o->tree, "spec.replicas", 1));
    cell(out, o->name);
    cell(out, text);
    cell_number(out, json_int(o->tree, "status.updatedReplicas", 0));
    cell_number(out, json_int(o->tree, "status.availableReplicas", 0));
    cell_age(k, out, o->created_at);
    container_cells(json_at(o->tree, "spec.template"), out);
    selector_cell(json_at(o->tree, "spec.selector.matchLabels"), out);
}

static void replica_set_cells(const struct kube_sim *k, const struct kube_object *o, struct str *out)
{
    cell(out, o->name);
    cell_number(out, json_int(o->tree, "spec.replicas", 0));
    cell_number(out, json_int(o->tree, "status.replicas", 0));
    cell_number(out, json_int(o->tree, "status.readyReplicas", 0));
    cell_age(k, out, o->created_at);
    container_cells(json_at(o->tree, "spec.template"), out);
    selector_cell(json_at(o->tree, "spec.selector.matchLabels"), out);
}

static void hpa_cells(const struct kube_sim *k, const struct kube_object *o, struct str *out)
{
    char text[400], current[24] = "<unknown>";
    const json_t *now = json_at(o->tree, "status.currentMetrics.0.resource.current.averageUtilization");
    cell(out, o->name);
    text_format(text, sizeof text, "%s/%s", json_text_or(o->tree, "spec.scaleTargetRef.kind", ""),
                json_text_or(o->tree, "spec.scaleTargetRef.name", ""));
    cell(out, text);
    if (now)
        text_format(current, sizeof current, "%lld%%", (long long)json_integer_value(now));
    text_format(text, sizeof text, "cpu: %s/%lld%%", current, (long long)json_int(o->tree, "spec.metrics.0.resource.target.averageUtilization", 0));
    cell(out, json_at(o->tree, "spec.metrics.0") ? text : "<none>");
    text_format(text, sizeof text, "%lld", (long long)json_int(o->tree, "spec.minReplicas", 1));
    cell(out, text);
    cell_number(out, json_int(o->tree, "spec.maxReplicas", 1));
    cell_number(out, json_int(o->tree, "status.currentReplicas", 0));
    cell_age(k, out, o->created_at);
}

static void daemon_set_cells(const struct kube_sim *k, const struct kube_object *o, struct str *out)
{
    static const char *const counts[] = {"status.desiredNumberScheduled", "status.currentNumberScheduled", "status.numberReady",
                                         "status.updatedNumberScheduled", "status.numberAvailable"};
    cell(out, o->name);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        cell_number(out, json_int(o->tree, counts[i], 0));
    cell(out, "<none>");
    cell_age(k, out, o->created_at);
    container_cells(json_at(o->tree, "spec.template"), out);
    selector_cell(json_at(o->tree, "spec.selector.matchLabels"), out);
}

static void service_account_cells(const struct kube_sim *k, const struct kube_object *o, struct str *out)
{
    cell(out, o->name);
    cell(out, "0");
    cell_age(k, out, o->created_at);
}

static void (*const cells_of[KUBE_STORED])(const struct kube_sim *, const struct kube_object *,
                                           struct str *) = {[KUBE_POD] = pod_cells,
                                                            [KUBE_NODE] = node_cells,
                                                            [KUBE_EVENT] = event_cells,
                                                            [KUBE_NAMESPACE] = namespace_cells,
                                                            [KUBE_DEPLOYMENT] = deployment_cells,
                                                            [KUBE_REPLICASET] = replica_set_cells,
                                                            [KUBE_HPA] = hpa_cells,
                                                            [KUBE_DAEMONSET] = daemon_set_cells,
                                                            [KUBE_SERVICE_ACCOUNT] = service_account_cells};

static void add_tree(json_t *tree, struct str *out)
{
    kube_dump(tree, out);
    json_decref(tree);
}

static json_t *partial(const struct kube_object *o, uint64_t version)
{
    return json_pack("{s:s, s:s, s:o}", "kind", "PartialObjectMetadata", "apiVersion", "meta.k8s.io/v1", "metadata", kube_json_metadata(o, version));
}

void kube_table_row(const struct kube_sim *k, const struct kube_object *o, uint64_t version, enum kube_include include, struct str *out)
{
    str_adds(out, "{\"cells\":[");
    cells_of[o->kind](k, o, out);
    str_adds(out, "],\"object\":");
    if (include == INCLUDE_NONE)
        str_adds(out, "null");
    else
        add_tree(include == INCLUDE_METADATA ? partial(o, version) : kube_json(o, version, true), out);
    str_addc(out, '}');
}

/* A bookmark is an object with nothing but its resourceVersion: the real server makes a row of it all the same. */
void kube_table_blank_row(enum kube_kind kind, enum kube_include include, uint64_t version, struct str *out)
{
    char text[24];
    text_format(text, sizeof text, "%llu", (unsigned long long)version);
    str_adds(out, "{\"cells\":[");
    for (const struct column *c = columns_of[kind]; c->name; c++)
        if (strcmp(c->type, "integer") == 0)
            cell_number(out, 0);
        else
            cell(out, strcmp(c->name, "Age") == 0 ? "<unknown>" : strcmp(c->name, "Ready") == 0 ? "0/0" : "");
    str_adds(out, "],\"object\":");
    if (include == INCLUDE_NONE)
        str_adds(out, "null");
    else
        add_tree(json_pack("{s:s, s:s, s:{s:s, s:n}}", "kind", include == INCLUDE_OBJECT ? kube_types[kind].kind : "PartialObjectMetadata",
                           "apiVersion", include == INCLUDE_OBJECT ? kube_api_version(kind) : "meta.k8s.io/v1", "metadata", "resourceVersion", text,
                           "creationTimestamp"),
                 out);
    str_addc(out, '}');
}

void kube_write_one(const struct kube_sim *k, const struct kube_object *o, uint64_t version, struct kube_format format, bool columns, struct str *out)
{
    if (format.form == FORM_JSON) {
        add_tree(kube_json(o, version, true), out);
    } else if (format.form == FORM_PARTIAL) {
        add_tree(partial(o, version), out);
    } else {
        str_addf(out, "{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{\"resourceVersion\":\"%llu\"},\"columnDefinitions\":",
                 (unsigned long long)version);
        if (columns)
            kube_table_columns((enum kube_kind)o->kind, out);
        else
            str_adds(out, "null");
        str_adds(out, ",\"rows\":[");
        kube_table_row(k, o, version, format.include, out);
        str_adds(out, "]}");
    }
}
