/* Nodes: those of the managed group, and one for each pod on Fargate. */
#include <string.h>

#include "base/json.h"
#include "sim/kube.h"

#define FARGATE_KERNEL "5.10.245-241.978.amzn2.x86_64"
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
