/* Nodes: those of the managed group, and one for each pod on Fargate. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "sim/kube.h"

#define FARGATE_KERNEL "5.10.245-241.978.amzn2.x86_64"
#define JOIN_MS        50000 /* an instance starts and joins */
#define DRAIN_MS       60000
#define MANAGED_KERNEL "6.12.55-74.119.amzn2023.x86_64"

static void add_condition(json_t *list, const char *type, bool yes, const char *reason, const char *message, int64_t since, int64_t now)
{
    json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:o, s:s, s:s}", "type", type, "status", yes ? "True" : "False", "lastHeartbeatTime",
                                          kube_stamp(now), "lastTransitionTime", kube_stamp(since), "reason", reason, "message", message));
}

static json_t *labels(const char *name, const char *zone, const char *type, bool fargate)
{
    json_t *l = json_pack("{s:s, s:s, s:s, s:s, s:s}", "beta.kubernetes.io/arch", "amd64", "kubernetes.io/arch", "amd64", "kubernetes.io/os", "linux",
                          "kubernetes.io/hostname", name, "topology.kubernetes.io/zone", zone);
    json_object_set_new(l, "topology.kubernetes.io/region", json_stringn(zone, *zone ? strlen(zone) - 1 : 0));
    if (fargate) {
        json_object_set_new(l, "eks.amazonaws.com/compute-type", json_string("fargate"));
    } else {
        json_object_set_new(l, "eks.amazonaws.com/nodegroup", json_string("addons"));
        json_object_set_new(l, "eks.amazonaws.com/capacityType", json_string("ON_DEMAND"));
        json_object_set_new(l, "node.kubernetes.io/instance-type", json_string(type));
    }
    return l;
}

void kube_node_create(struct kube_sim *k, const char *name, uint32_t ip, const char *zone, const char *type, bool fargate, int64_t created_at)
{
    char address[16], kubelet[64];
    struct kube_object *node = kube_object_new(k, KUBE_NODE, "", name);
    json_t *conditions = json_array();
    node->created_at = created_at;
    kube_ip(ip, address);
    text_format(kubelet, sizeof kubelet, "v%s.1-eks-113cf36", k->version);
    add_condition(conditions, "MemoryPressure", false, "KubeletHasSufficientMemory", "kubelet has sufficient memory available", created_at, k->now);
    add_condition(conditions, "DiskPressure", false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure", created_at, k->now);
    add_condition(conditions, "PIDPressure", false, "KubeletHasSufficientPID", "kubelet has sufficient PID available", created_at, k->now);
    add_condition(conditions, "Ready", true, "KubeletReady", "kubelet is posting ready status", created_at, k->now);
    json_t *capacity = json_pack("{s:s, s:s, s:s, s:s}", "cpu", "2", "memory", fargate ? "3977664Ki" : "3942920Ki", "ephemeral-storage", "30787492Ki",
                                 "pods", fargate ? "1" : "17");
    json_t *spec = json_object();
    if (fargate)
        json_object_set_new(spec, "providerID", json_sprintf("aws:///%s/%08x-%s", zone, kube_hash(name, 1), name));
    else
        json_object_set_new(spec, "providerID", json_sprintf("aws:///%s/i-0%08x%08x", zone, kube_hash(name, 1), kube_hash(name, 2)));
    if (fargate)
        json_object_set_new(spec, "taints",
                            json_pack("[{s:s, s:s, s:s}]", "key", "eks.amazonaws.com/compute-type", "value", "fargate", "effect", "NoSchedule"));
    node->tree =
        json_pack("{s:{s:o}, s:o, s:{s:o, s:O, s:o, s:[{s:s, s:s}, {s:s, s:s}], s:{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}}}", "metadata",
                  "labels", labels(name, zone, type, fargate), "spec", spec, "status", "capacity", capacity, "allocatable", capacity, "conditions",
                  conditions, "addresses", "type", "InternalIP", "address", address, "type", "Hostname", "address", name, "nodeInfo", "machineID", "",
                  "systemUUID", node->uid, "bootID", node->uid, "kernelVersion", fargate ? FARGATE_KERNEL : MANAGED_KERNEL, "osImage",
                  fargate ? "Amazon Linux 2" : "Amazon Linux 2023.9.20251117", "containerRuntimeVersion", "containerd://2.1.4", "kubeletVersion",
                  kubelet, "kubeProxyVersion", "", "operatingSystem", "linux", "architecture", "amd64");
    kube_put(k, node);
}

const char *kube_node_zone(const struct kube_sim *k, const char *name)
{
    const struct kube_object *node = kube_find(k, KUBE_NODE, "", name);
    const char *zone = node ? json_string_value(json_object_get(json_at(node->tree, "metadata.labels"), "topology.kubernetes.io/zone")) : NULL;
    return zone ? zone : "";
}

/* The managed group. */

size_t kube_sim_nodes(const struct kube_sim *k)
{
    size_t count = 0;
    for (size_t i = 0; i < k->nodes.len; i++)
        count += !k->nodes.at[i].spare && !k->nodes.at[i].gone_at;
    return count;
}

bool kube_node_there(const struct kube_sim *k) { return kube_sim_nodes(k) > 0; }

void kube_sim_scale_nodes(struct kube_sim *k, size_t wanted)
{
    k->nodes_scaled = true;
    k->nodes_wanted = wanted;
}

/* The zone with the fewest of them, as the Auto Scaling group has it. */
static size_t emptiest_zone(const struct kube_sim *k)
{
    size_t best = 0, fewest = SIZE_MAX;
    for (size_t z = 0; z < k->zones.len; z++) {
        size_t count = 0;
        for (size_t i = 0; i < k->nodes.len; i++)
            count += !k->nodes.at[i].spare && !k->nodes.at[i].gone_at && strcmp(k->nodes.at[i].zone, k->zones.at[z].name) == 0;
        if (count < fewest) {
            fewest = count;
            best = z;
        }
    }
    return best;
}

static void join(struct kube_sim *k)
{
    size_t zone = emptiest_zone(k);
    struct kube_node_config *node = vec_add(&k->nodes);
    char name[64];
    *node = (struct kube_node_config){.zone = mem_strdup(k->zones.at[zone].name), .type = mem_strdup("t3.medium"), .ip = kube_next_ip(k, zone)};
    text_format(name, sizeof name, "ip-%u-%u-%u-%u.ec2.internal", node->ip >> 24, (node->ip >> 16) & 255, (node->ip >> 8) & 255, node->ip & 255);
    node->name = mem_strdup(name);
    kube_node_create(k, name, node->ip, node->zone, node->type, false, k->now);
    kube_event(k, kube_find(k, KUBE_NODE, "", name), NULL, "Normal", "NodeReady", "kubelet", "Node %s status is now: NodeReady", name);
}

/* Deletes the pods of a node; with grace 0 whatever is still there. */
static void evict(struct kube_sim *k, const char *node, int64_t grace_ms)
{
    for (size_t i = k->store[KUBE_POD].len; i-- > 0;) {
        const struct kube_object *pod = k->store[KUBE_POD].at[i];
        if (strcmp(pod->pod->node, node) == 0 && (grace_ms == 0 || !pod->deletion_at))
            kube_pod_delete(k, pod, grace_ms);
    }
}

static void drain(struct kube_sim *k, struct kube_node_config *node)
{
    const struct kube_object *old = kube_find(k, KUBE_NODE, "", node->name);
    node->gone_at = k->now + kube_around(k, DRAIN_MS);
    if (old) {
        struct kube_object *o = kube_edit(old);
        json_t *spec = json_object_get(o->tree, "spec");
        json_object_set_new(spec, "unschedulable", json_true());
        json_object_set_new(spec, "taints", json_pack("[{s:s, s:s}]", "key", "node.kubernetes.io/unschedulable", "effect", "NoSchedule"));
        kube_event(k, kube_put(k, o), NULL, "Normal", "NodeNotSchedulable", "kubelet", "Node %s status is now: NodeNotSchedulable", node->name);
    }
    evict(k, node->name, -1);
}

static void leave(struct kube_sim *k, size_t i)
{
    struct kube_node_config *node = &k->nodes.at[i];
    struct kube_object *o = kube_find(k, KUBE_NODE, "", node->name);
    evict(k, node->name, 0);
    if (o)
        kube_remove(k, o);
    free(node->name);
    free(node->zone);
    free(node->type);
    vec_remove(&k->nodes, i);
}

void kube_nodes_step(struct kube_sim *k)
{
    if (!k->nodes_scaled)
        return;
    for (size_t i = k->nodes.len; i-- > 0;) {
        if (k->nodes.at[i].gone_at && k->nodes.at[i].gone_at <= k->now)
            leave(k, i);
        else if (!k->nodes.at[i].spare && !k->nodes.at[i].gone_at && kube_sim_nodes(k) > k->nodes_wanted)
            drain(k, &k->nodes.at[i]);
    }
    if (kube_sim_nodes(k) >= k->nodes_wanted) {
        k->node_due = 0;
    } else if (!k->node_due) {
        k->node_due = k->now + kube_around(k, JOIN_MS);
    } else if (k->node_due <= k->now) {
        join(k);
        k->node_due = k->now + kube_around(k, JOIN_MS / 10);
    }
}
