/* What the network sees of a cluster: the addresses that load balancers send to, and the instances that its nodes are. */
#include <string.h>

#include "base/json.h"
#include "sim/kube.h"

#define PATIENCE_MS 30000 /* two failed checks, fifteen seconds apart */
#define STARTUP_MS  60000
#define DRAIN_MS    300000 /* deregistration_delay */

/* As a load balancer judges a pod. A container that is back in no time was never missed. */
static enum sim_target_state state_of(const struct kube_sim *k, const struct kube_object *pod)
{
    const struct kube_pod *p = pod->pod;
    int64_t lost = kube_pod_lost(k, pod);
    if (pod->deletion_at)
        return SIM_TARGET_DRAINING;
    if (lost && k->now - lost >= PATIENCE_MS)
        return SIM_TARGET_UNHEALTHY;
    if (kube_pod_ready(pod))
        return SIM_TARGET_HEALTHY;
    bool was_ready = p->ready_at && p->template->fail == FAIL_NONE;
    if (was_ready)
        return k->now - p->ready_at < PATIENCE_MS ? SIM_TARGET_HEALTHY : SIM_TARGET_UNHEALTHY;
    return !p->initialized_at || k->now - p->initialized_at < STARTUP_MS ? SIM_TARGET_INITIAL : SIM_TARGET_UNHEALTHY;
}

static bool is_of(const struct kube_app *app, const char *name)
{
    size_t len = strlen(app->ns);
    return strncmp(app->ns, name, len) == 0 && name[len] == '/' && strcmp(app->name, name + len + 1) == 0;
}

size_t kube_sim_targets(const struct kube_sim *k, const char *app, struct sim_target *out, size_t most)
{
    size_t count = 0;
    for (size_t i = 0; i < k->store[KUBE_POD].len && count < most; i++) {
        const struct kube_object *pod = k->store[KUBE_POD].at[i];
        bool drained = pod->deletion_at && k->now - pod->deletion_at > DRAIN_MS;
        if (!pod->pod->ip || drained || !is_of(pod->pod->template->app, app))
            continue;
        struct sim_target *t = &out[count++];
        t->state = state_of(k, pod);
        kube_ip(pod->pod->ip, t->ip);
        text_copy(t->zone, sizeof t->zone, kube_node_zone(k, pod->pod->node));
    }
    return count;
}

size_t kube_sim_instances(const struct kube_sim *k, struct sim_instance *out, size_t most)
{
    size_t count = 0;
    for (size_t i = 0; i < k->store[KUBE_NODE].len && count < most; i++) {
        const struct kube_object *node = k->store[KUBE_NODE].at[i];
        const json_t *labels = json_at(node->tree, "metadata.labels");
        const char *type = json_string_value(json_object_get(labels, "node.kubernetes.io/instance-type"));
        if (!type)
            continue;
        struct sim_instance *instance = &out[count++];
        text_format(instance->id, sizeof instance->id, "i-0%08x%08x", kube_hash(node->name, 1), kube_hash(node->name, 2));
        text_copy(instance->name, sizeof instance->name, node->name);
        text_copy(instance->type, sizeof instance->type, type);
        text_copy(instance->zone, sizeof instance->zone, kube_node_zone(k, node->name));
        text_copy(instance->address, sizeof instance->address, json_text_or(node->tree, "status.addresses.0.address", ""));
        instance->launched_at = node->created_at;
    }
    return count;
}

size_t kube_sim_addresses(const struct kube_sim *k, struct sim_pod_address *out, size_t most)
{
    size_t count = 0;
    for (size_t i = 0; i < k->store[KUBE_POD].len && count < most; i++) {
        const struct kube_object *pod = k->store[KUBE_POD].at[i];
        const struct kube_app *app = pod->pod->template->app;
        if (!pod->pod->ip || !*pod->pod->node)
            continue;
        struct sim_pod_address *address = &out[count++];
        *address = (struct sim_pod_address){.group = app->group, .own = app->fargate || app->group};
        kube_ip(pod->pod->ip, address->ip);
        text_copy(address->zone, sizeof address->zone, kube_node_zone(k, pod->pod->node));
        text_copy(address->node, sizeof address->node, pod->pod->node);
    }
    return count;
}
