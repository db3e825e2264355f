/* Daemons, one on each node of the managed group, as their status counts them; and the accounts that applications run as. */
#include <string.h>

#include "base/json.h"
#include "sim/kube.h"

#define AGE_MS INT64_C(5270400000) /* 61 days */

static json_t *status_of(const struct kube_sim *k, const struct kube_daemon *d)
{
    int nodes = (int)kube_sim_nodes(k), ready = d->broken ? 0 : nodes;
    return json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i}", "currentNumberScheduled", nodes, "desiredNumberScheduled", nodes, "numberReady", ready,
                     "numberAvailable", ready, "updatedNumberScheduled", nodes, "numberMisscheduled", 0, "observedGeneration", 1);
}

static void add_daemon(struct kube_sim *k, const struct kube_daemon *d)
{
    struct kube_object *o = kube_object_new(k, KUBE_DAEMONSET, d->ns, d->name);
    json_t *container = json_pack("{s:s, s:s, s:s, s:{}}", "name", d->name, "image", d->image, "imagePullPolicy", "IfNotPresent", "resources");
    o->created_at = k->now - AGE_MS;
    o->tree = json_pack("{s:{s:i, s:{s:s}}, s:{s:{s:{s:s}}, s:{s:{s:{s:s}}, s:{s:[o], s:s, s:s}}, s:{s:s}}, s:o}", "metadata", "generation", 1,
                        "labels", "app", d->name, "spec", "selector", "matchLabels", "app", d->name, "template", "metadata", "labels", "app", d->name,
                        "spec", "containers", container, "serviceAccountName", d->name, "restartPolicy", "Always", "updateStrategy", "type",
                        "RollingUpdate", "status", status_of(k, d));
    kube_put(k, o);
}

void kube_daemons_build(struct kube_sim *k)
{
    for (size_t i = 0; i < k->daemons.len; i++)
        add_daemon(k, &k->daemons.at[i]);
    for (size_t i = 0; i < k->store[KUBE_NAMESPACE].len; i++)
        kube_service_account_add(k, k->store[KUBE_NAMESPACE].at[i]->name, "default", NULL, AGE_MS);
    for (size_t i = 0; i < k->daemons.len; i++)
        kube_service_account_add(k, k->daemons.at[i].ns, k->daemons.at[i].name, NULL, AGE_MS);
}

void kube_daemons_step(struct kube_sim *k)
{
    for (size_t i = 0; i < k->daemons.len; i++) {
        const struct kube_object *old = kube_find(k, KUBE_DAEMONSET, k->daemons.at[i].ns, k->daemons.at[i].name);
        if (!old || json_int(old->tree, "status.desiredNumberScheduled", -1) == (int64_t)kube_sim_nodes(k))
            continue;
        struct kube_object *o = kube_edit(old);
        json_object_set_new(o->tree, "status", status_of(k, &k->daemons.at[i]));
        kube_put(k, o);
    }
}

void kube_daemons_free(struct kube_sim *k)
{
    for (size_t i = 0; i < k->daemons.len; i++) {
        free(k->daemons.at[i].ns);
        free(k->daemons.at[i].name);
        free(k->daemons.at[i].image);
    }
    vec_free(&k->daemons);
}
