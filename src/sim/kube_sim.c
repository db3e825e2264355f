/* One cluster: its beginning, its end, and its time. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sim/kube.h"

#define TIDY_EVERY_MS 30000

struct kube_sim *kube_sim_new(struct sim *sim, size_t account, const struct yaml *section, struct error *e)
{
    struct kube_sim *k = mem_new(sizeof *k);
    k->sim = sim;
    k->account = account;
    k->loading = true;
    k->now = sim_now(sim);
    k->revision = 18000000 + (uint64_t)(kube_random(k) * 4000000);
    if (!kube_scenario_read(k, section, e)) {
        kube_sim_free(k);
        return NULL;
    }
    k->ring = mem_new_array((size_t)k->watch_window, sizeof *k->ring);
    kube_scenario_build(k);
    kube_reconcile(k);
    kube_hpa_step(k);
    kube_reconcile(k);
    k->loading = false;
    return k;
}

void kube_sim_free(struct kube_sim *k)
{
    if (!k)
        return;
    kube_watch_free(k);
    kube_log_free(k);
    kube_store_free(k);
    for (size_t i = 0; i < k->apps.len; i++)
        kube_app_free(k->apps.at[i]);
    for (size_t i = 0; i < k->zones.len; i++) {
        free(k->zones.at[i].name);
        free(k->zones.at[i].subnet);
    }
    for (size_t i = 0; i < k->nodes.len; i++) {
        free(k->nodes.at[i].name);
        free(k->nodes.at[i].zone);
        free(k->nodes.at[i].type);
    }
    for (size_t i = 0; i < k->names.len; i++)
        free(k->names.at[i]);
    for (size_t i = 0; i < k->repositories.len; i++)
        free(k->repositories.at[i]);
    kube_daemons_free(k);
    vec_free(&k->apps);
    vec_free(&k->zones);
    vec_free(&k->nodes);
    vec_free(&k->names);
    vec_free(&k->repositories);
    free(k->generate_namespace);
    free(k->version);
    free(k);
}

void kube_sim_advance(struct kube_sim *k, int64_t now)
{
    k->now = now;
    kube_zones_step(k);
    kube_nodes_step(k);
    kube_daemons_step(k);
    kube_pods_step(k);
    kube_reconcile(k);
}

void kube_sim_step(struct kube_sim *k, int64_t now)
{
    kube_sim_advance(k, now);
    kube_hpa_step(k);
    kube_reconcile(k);
    if (now >= k->tidy_at) {
        k->tidy_at = now + TIDY_EVERY_MS;
        kube_events_tidy(k);
    }
    kube_watch_step(k);
    kube_log_step(k);
}
