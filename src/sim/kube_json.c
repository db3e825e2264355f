/* Whole documents, as the API server writes them. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/when.h"
#include "sim/kube.h"

const struct kube_type kube_types[KUBE_KIND_COUNT] = {
    [KUBE_POD] = {"Pod", "pods", "pod", "po", "", "v1", true, "delete get list patch watch"},
    [KUBE_NODE] = {"Node", "nodes", "node", "no", "", "v1", false, "get list watch"},
    [KUBE_EVENT] = {"Event", "events", "event", "ev", "", "v1", true, "get list watch"},
    [KUBE_NAMESPACE] = {"Namespace", "namespaces", "namespace", "ns", "", "v1", false, "get list watch"},
    [KUBE_DEPLOYMENT] = {"Deployment", "deployments", "deployment", "deploy", "apps", "v1", true, "get list patch update watch"},
    [KUBE_REPLICASET] = {"ReplicaSet", "replicasets", "replicaset", "rs", "apps", "v1", true, "get list watch"},
    [KUBE_HPA] = {"HorizontalPodAutoscaler", "horizontalpodautoscalers", "horizontalpodautoscaler", "hpa", "autoscaling", "v2", true,
                  "get list patch update watch"},
    [KUBE_SERVICE_ACCOUNT] = {"ServiceAccount", "serviceaccounts", "serviceaccount", "sa", "", "v1", true, "get list watch"},
    [KUBE_POD_METRICS] = {"PodMetrics", "pods", "", NULL, "metrics.k8s.io", "v1beta1", true, "get list"},
    [KUBE_NODE_METRICS] = {"NodeMetrics", "nodes", "", NULL, "metrics.k8s.io", "v1beta1", false, "get list"},
};

const char *kube_api_version(enum kube_kind kind)
{
    static const char *const of[KUBE_KIND_COUNT] = {
        "v1", "v1", "v1", "v1", "apps/v1", "apps/v1", "autoscaling/v2", "v1", "metrics.k8s.io/v1beta1", "metrics.k8s.io/v1beta1"};
    return of[kind];
}

static int to_str(const char *buffer, size_t size, void *out) { return str_add(out, buffer, size) ? 0 : -1; }

void kube_dump(const json_t *tree, struct str *out) { json_dump_callback(tree, to_str, out, JSON_COMPACT | JSON_ENCODE_ANY); }

void kube_add_string(struct str *out, const char *text)
{
    bool plain = true;
    for (const char *p = text; *p && plain; p++)
        plain = (unsigned char)*p >= ' ' && *p != '"' && *p != '\\';
    str_addc(out, '"');
    if (plain) {
        str_adds(out, text);
    } else {
        for (const char *p = text; *p; p++)
            if ((unsigned char)*p < ' ')
                str_addf(out, "\\u%04x", *p);
            else if (*p == '"' || *p == '\\')
                str_addf(out, "\\%c", *p);
            else
                str_addc(out, *p);
    }
    str_addc(out, '"');
}

json_t *kube_stamp(int64_t ms)
{
    char text[40];
    return ms ? json_string(when_iso(ms, text, sizeof text)) : json_null();
}

void kube_ip(uint32_t ip, char out[16]) { text_format(out, 16, "%u.%u.%u.%u", (ip >> 24) & 255, (ip >> 16) & 255, (ip >> 8) & 255, ip & 255); }

const json_t *kube_labels(const struct kube_object *o)
{
    if (!o->pod)
        return json_at(o->tree, "metadata.labels");
    const json_t *own = json_object_get(o->tree, "labels");
    return own ? own : o->pod->template->labels;
}

static const json_t *annotations_of(const struct kube_object *o)
{
    if (!o->pod)
        return json_at(o->tree, "metadata.annotations");
    const json_t *own = json_object_get(o->tree, "annotations");
    return own ? own : o->pod->template->annotations;
}

static void set_if(json_t *to, const char *key, const json_t *value)
{
    if (value && (!json_is_object(value) || json_object_size(value)))
        json_object_set(to, key, (json_t *)(uintptr_t)value);
}

static json_t *pod_owner(const struct kube_template *t)
{
    return json_pack("[{s:s, s:s, s:s, s:s, s:b, s:b}]", "apiVersion", "apps/v1", "kind", "ReplicaSet", "name", t->owner_name, "uid", t->owner_uid,
                     "controller", 1, "blockOwnerDeletion", 1);
}

json_t *kube_json_metadata(const struct kube_object *o, uint64_t version)
{
    char number[24];
    const json_t *own = json_object_get(o->tree, "metadata");
    json_t *m = json_pack("{s:s}", "name", o->name);
    text_format(number, sizeof number, "%llu", (unsigned long long)version);
    if (o->pod)
        json_object_set_new(m, "generateName", json_string(o->pod->template->generate_name));
    if (*o->ns)
        json_object_set_new(m, "namespace", json_string(o->ns));
    json_object_set_new(m, "uid", json_string(o->uid));
    json_object_set_new(m, "resourceVersion", json_string(number));
    set_if(m, "generation", json_object_get(own, "generation"));
    json_object_set_new(m, "creationTimestamp", kube_stamp(o->created_at));
    if (o->deletion_at) {
        json_object_set_new(m, "deletionTimestamp", kube_stamp(o->deletion_at));
        json_object_set_new(m, "deletionGracePeriodSeconds", json_integer(30));
    }
    set_if(m, "labels", kube_labels(o));
    set_if(m, "annotations", annotations_of(o));
    if (o->pod && o->pod->template->owner_name)
        json_object_set_new(m, "ownerReferences", pod_owner(o->pod->template));
    else if (!o->pod)
        set_if(m, "ownerReferences", json_object_get(own, "ownerReferences"));
    return m;
}

const char *kube_pod_phase(const struct kube_object *pod)
{
    const struct kube_pod *p = pod->pod;
    for (size_t i = 0; i < p->template->container_count; i++) {
        const struct kube_container *c = &p->at[p->template->init_count + i];
        if (c->state != CONTAINER_WAITING || c->last_reason)
            return "Running";
    }
    return "Pending";
}

static json_t *ended(const char *reason, int exit_code, int64_t from, int64_t to, const char *id)
{
    return json_pack("{s:{s:i, s:s, s:o, s:o, s:s}}", "terminated", "exitCode", exit_code, "reason", reason, "startedAt", kube_stamp(from),
                     "finishedAt", kube_stamp(to), "containerID", id);
}

static const char *waiting_message(const char *reason)
{
    return strcmp(reason, "CrashLoopBackOff") == 0 ? "back-off restarting failed container" : NULL;
}

static json_t *container_state(const struct kube_pod *p, const struct kube_container *c, const char *id, const char *image)
{
    if (c->state == CONTAINER_RUNNING)
        return json_pack("{s:{s:o}}", "running", "startedAt", kube_stamp(c->started_at));
    if (c->state == CONTAINER_TERMINATED)
        return ended(c->reason, c->exit_code, c->started_at, c->finished_at, id);
    json_t *waiting = json_pack("{s:s}", "reason", c->reason);
    if (strcmp(c->reason, "ImagePullBackOff") == 0)
        json_object_set_new(waiting, "message",
                            json_sprintf("Back-off pulling image \"%s\": %s", image, p->template->image_error ? p->template->image_error : ""));
    else if (strcmp(c->reason, "ErrImagePull") == 0)
        json_object_set_new(waiting, "message", json_string(p->template->image_error ? p->template->image_error : "failed to pull image"));
    else if (waiting_message(c->reason))
        json_object_set_new(waiting, "message", json_string(waiting_message(c->reason)));
    return json_pack("{s:o}", "waiting", waiting);
}

static json_t *container_status(const struct kube_object *o, const json_t *spec, const struct kube_container *c)
{
    const char *name = json_text_or(spec, "name", ""), *image = json_text_or(spec, "image", "");
    bool began = c->state != CONTAINER_WAITING || c->last_reason;
    char id[96] = "", salted[160];
    if (began) {
        text_format(salted, sizeof salted, "%s/%s", o->uid, name);
        text_format(id, sizeof id, "containerd://");
        for (int i = 0; i < 8; i++)
            text_format(id + 13 + i * 8, sizeof id - 13 - (size_t)i * 8, "%08x", kube_hash(salted, (uint64_t)c->restarts * 8 + (uint64_t)i));
    }
    json_t *s = json_pack("{s:s, s:o}", "name", name, "state", container_state(o->pod, c, id, image));
    json_object_set_new(s, "lastState",
                        c->last_reason ? ended(c->last_reason, c->last_exit_code, c->last_started_at, c->last_finished_at, id) : json_object());
    json_object_set_new(s, "ready", json_boolean(c->ready));
    json_object_set_new(s, "restartCount", json_integer(c->restarts));
    json_object_set_new(s, "image", json_string(image));
    json_object_set_new(s, "imageID", json_string(began ? image : ""));
    if (began)
        json_object_set_new(s, "containerID", json_string(id));
    json_object_set_new(s, "started", json_boolean(c->state == CONTAINER_RUNNING));
    return s;
}

static json_t *statuses(const struct kube_object *o, const json_t *specs, const struct kube_container *at)
{
    json_t *list = json_array(), *spec;
    size_t i;
    json_array_foreach (specs, i, spec)
        json_array_append_new(list, container_status(o, spec, &at[i]));
    return list;
}

static void condition(json_t *list, const char *type, bool yes, const char *reason, int64_t since)
{
    json_t *c =
        json_pack("{s:s, s:s, s:n, s:o}", "type", type, "status", yes ? "True" : "False", "lastProbeTime", "lastTransitionTime", kube_stamp(since));
    if (!yes && reason)
        json_object_set_new(c, "reason", json_string(reason));
    json_array_append_new(list, c);
}

static json_t *pod_conditions(const struct kube_object *o)
{
    const struct kube_pod *p = o->pod;
    bool ready = kube_pod_ready(o);
    int64_t made = o->created_at, at = p->ready_at ? p->ready_at : made;
    json_t *list = json_array(), *gate;
    size_t i;
    json_array_foreach (json_object_get(p->template->spec, "readinessGates"), i, gate)
        condition(list, json_text_or(gate, "conditionType", ""), ready, "Target.NotInUse", at);
    if (p->scheduled_at)
        condition(list, "PodReadyToStartContainers", p->ip != 0, NULL, p->initialized_at ? p->initialized_at : made);
    if (p->scheduled_at) {
        condition(list, "Initialized", p->initialized_at != 0, "ContainersNotInitialized", p->initialized_at ? p->initialized_at : made);
        condition(list, "Ready", ready, "ContainersNotReady", at);
        condition(list, "ContainersReady", ready, "ContainersNotReady", at);
    }
    condition(list, "PodScheduled", p->scheduled_at != 0, "Unschedulable", p->scheduled_at ? p->scheduled_at : made);
    return list;
}

static json_t *pod_status(const struct kube_object *o)
{
    const struct kube_pod *p = o->pod;
    const struct kube_template *t = p->template;
    char ip[16];
    json_t *s = json_pack("{s:s, s:o}", "phase", kube_pod_phase(o), "conditions", pod_conditions(o));
    if (p->host_ip) {
        kube_ip(p->host_ip, ip);
        json_object_set_new(s, "hostIP", json_string(ip));
        json_object_set_new(s, "hostIPs", json_pack("[{s:s}]", "ip", ip));
    }
    if (p->ip) {
        kube_ip(p->ip, ip);
        json_object_set_new(s, "podIP", json_string(ip));
        json_object_set_new(s, "podIPs", json_pack("[{s:s}]", "ip", ip));
    }
    if (p->scheduled_at) {
        json_object_set_new(s, "startTime", kube_stamp(p->scheduled_at));
        if (t->init_count)
            json_object_set_new(s, "initContainerStatuses", statuses(o, json_object_get(t->spec, "initContainers"), p->at));
        json_object_set_new(s, "containerStatuses", statuses(o, json_object_get(t->spec, "containers"), p->at + t->init_count));
    }
    json_object_set_new(s, "qosClass", json_string("Burstable"));
    return s;
}

static json_t *pod_spec(const struct kube_object *o)
{
    json_t *spec = json_copy(o->pod->template->spec);
    const json_t *images = json_object_get(o->tree, "images");
    if (images) {
        json_t *list = json_array(), *container;
        size_t i;
        json_array_foreach (json_object_get(spec, "containers"), i, container) {
            json_t *copy = json_copy(container);
            set_if(copy, "image", json_object_get(images, json_text_or(container, "name", "")));
            json_array_append_new(list, copy);
        }
        json_object_set_new(spec, "containers", list);
    }
    if (*o->pod->node)
        json_object_set_new(spec, "nodeName", json_string(o->pod->node));
    return spec;
}

json_t *kube_json(const struct kube_object *o, uint64_t version, bool with_type)
{
    json_t *out = json_object(), *value;
    const char *key;
    if (with_type) {
        json_object_set_new(out, "kind", json_string(kube_types[o->kind].kind));
        json_object_set_new(out, "apiVersion", json_string(kube_api_version(o->kind)));
    }
    json_object_set_new(out, "metadata", kube_json_metadata(o, version));
    if (o->pod) {
        json_object_set_new(out, "spec", pod_spec(o));
        json_object_set_new(out, "status", pod_status(o));
        return out;
    }
    json_object_foreach (o->tree, key, value)
        if (strcmp(key, "metadata") != 0)
            json_object_set(out, key, value);
    return out;
}
