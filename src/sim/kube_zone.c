/* A zone that goes away with all that is in it, as a cluster learns of it: the nodes' reports stay out, so they are not ready after a while;
 * later their pods are given up and made anew elsewhere. Nobody there can say that a container has stopped: the pods stay "Terminating". */
#include <string.h>

#include "base/json.h"
#include "sim/kube.h"

#define REPORT_MS   40000  /* node-monitor-grace-period */
#define TOLERATE_MS 300000 /* tolerationSeconds of node.kubernetes.io/unreachable */

static struct kube_zone *zone_of_node(struct kube_sim *k, const char *node)
{
    const char *name = kube_node_zone(k, node);
    for (size_t z = 0; z < k->zones.len; z++)
        if (strcmp(k->zones.at[z].name, name) == 0)
            return &k->zones.at[z];
    return NULL;
}

int64_t kube_pod_lost(const struct kube_sim *k, const struct kube_object *pod)
{
    if (!k->zones_failed || !*pod->pod->node)
        return 0;
    const char *name = kube_node_zone(k, pod->pod->node);
    for (size_t z = 0; z < k->zones.len; z++)
        if (strcmp(k->zones.at[z].name, name) == 0)
            return k->zones.at[z].failed_at;
    return 0;
}

bool kube_zone_there(const struct kube_sim *k, const char *zone)
{
    for (size_t z = 0; z < k->zones.len; z++)
        if (strcmp(k->zones.at[z].name, zone) == 0)
            return !k->zones.at[z].failed_at;
    return true;
}

static void set_conditions(struct kube_sim *k, json_t *conditions, bool there)
{
    size_t i;
    json_t *condition;
    json_array_foreach (conditions, i, condition) {
        bool ready = strcmp(json_text_or(condition, "type", ""), "Ready") == 0;
        json_object_set_new(condition, "status", json_string(!there ? "Unknown" : ready ? "True" : "False"));
        json_object_set_new(condition, "reason", json_string(!there ? "NodeStatusUnknown" : ready ? "KubeletReady" : "KubeletHasSufficientMemory"));
        json_object_set_new(condition, "message", json_string(there ? "kubelet is posting ready status" : "Kubelet stopped posting node status."));
        json_object_set_new(condition, "lastTransitionTime", kube_stamp(k->now));
    }
}

static void set_taints(json_t *spec, bool there)
{
    static const char key[] = "node.kubernetes.io/unreachable";
    json_t *taints = json_object_get(spec, "taints");
    if (!taints)
        json_object_set_new(spec, "taints", taints = json_array());
    for (size_t i = json_array_size(taints); i-- > 0;)
        if (strcmp(json_text_or(json_array_get(taints, i), "key", ""), key) == 0)
            json_array_remove(taints, i);
    for (int i = 0; i < 2 && !there; i++)
        json_array_append_new(taints, json_pack("{s:s, s:s}", "key", key, "effect", i ? "NoExecute" : "NoSchedule"));
}

static void mark_node(struct kube_sim *k, const struct kube_object *old, bool there)
{
    struct kube_object *o = kube_edit(old);
    json_t *spec = json_object_get(o->tree, "spec");
    set_conditions(k, json_at(o->tree, "status.conditions"), there);
    set_taints(spec, there);
    const struct kube_object *stored = kube_put(k, o);
    kube_event(k, stored, NULL, "Normal", there ? "NodeReady" : "NodeNotReady", "node-controller", "Node %s status is now: %s", stored->name,
               there ? "NodeReady" : "NodeNotReady");
}

static void mark_nodes(struct kube_sim *k, const struct kube_zone *zone, bool there)
{
    for (size_t i = 0; i < k->store[KUBE_NODE].len; i++) {
        const struct kube_object *node = k->store[KUBE_NODE].at[i];
        if (strcmp(kube_node_zone(k, node->name), zone->name) == 0)
            mark_node(k, node, there);
    }
}

static bool is_there(struct kube_sim *k, const struct kube_object *pod, const struct kube_zone *zone)
{
    return *pod->pod->node && zone_of_node(k, pod->pod->node) == zone;
}

/* What is Ready is the cluster's own word: what a container last said of itself stands as it was. */
static void cut_off(struct kube_sim *k, const struct kube_zone *zone, bool off)
{
    for (size_t i = 0; i < k->store[KUBE_POD].len; i++) {
        if (!is_there(k, k->store[KUBE_POD].at[i], zone) || k->store[KUBE_POD].at[i]->pod->cut_off == off)
            continue;
        struct kube_object *o = kube_edit(k->store[KUBE_POD].at[i]);
        o->pod->cut_off = off;
        o->pod->ready_at = k->now;
        const struct kube_object *stored = kube_put(k, o);
        if (off)
            kube_event(k, stored, NULL, "Warning", "NodeNotReady", "node-controller", "Node is not ready");
    }
}

static void give_up(struct kube_sim *k, const struct kube_zone *zone)
{
    for (size_t i = k->store[KUBE_POD].len; i-- > 0;) {
        const struct kube_object *pod = k->store[KUBE_POD].at[i];
        if (!is_there(k, pod, zone) || pod->deletion_at)
            continue;
        kube_event(k, pod, NULL, "Normal", "TaintManagerEviction", "taint-eviction-controller", "Marking for deletion Pod %s/%s", pod->ns, pod->name);
        kube_pod_delete(k, pod, -1);
    }
}

void kube_sim_zone(struct kube_sim *k, const char *name, bool there, int64_t at)
{
    k->now = at > k->now ? at : k->now;
    for (size_t z = 0; z < k->zones.len; z++) {
        struct kube_zone *zone = &k->zones.at[z];
        if (strcmp(zone->name, name) != 0 || there == !zone->failed_at)
            continue;
        if (there && zone->noticed)
            mark_nodes(k, zone, true);
        if (there)
            cut_off(k, zone, false);
        zone->failed_at = there ? 0 : at;
        zone->noticed = zone->given_up = false;
        k->zones_failed = there ? k->zones_failed - 1 : k->zones_failed + 1;
    }
}

void kube_zones_step(struct kube_sim *k)
{
    for (size_t z = 0; k->zones_failed && z < k->zones.len; z++) {
        struct kube_zone *zone = &k->zones.at[z];
        if (!zone->failed_at)
            continue;
        if (!zone->noticed && k->now >= zone->failed_at + REPORT_MS) {
            zone->noticed = true;
            mark_nodes(k, zone, false);
            cut_off(k, zone, true);
        }
        if (!zone->given_up && k->now >= zone->failed_at + REPORT_MS + TOLERATE_MS) {
            zone->given_up = true;
            give_up(k, zone);
        }
    }
}
