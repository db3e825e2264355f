/* The simulated estate: its clock, its chance, and the accounts of the scenario. Modules (aws_*.c, kube_*.c, github.c) keep their own
 * state and move it on in step(). Seeded, so that runs repeat. */
#ifndef TRIVET_SIM_SIM_H
#define TRIVET_SIM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/yaml.h"
#include "sim/server.h"

struct sim;

int64_t sim_now(const struct sim *sim);      /* simulated wall clock, ms: starts at the true time, runs --speed times as fast */
double sim_random(struct sim *sim);          /* 0 ≤ x < 1, from the scenario's seed */
const char *sim_github_token(const struct sim *sim); /* the one that GitHub's API takes; NULL: any */

/* Kubernetes API of one cluster (kube_*.c). `section` is the account's `kubernetes:` mapping in the scenario. */
struct kube_sim;
struct kube_sim *kube_sim_new(struct sim *sim, size_t account, const struct yaml *section, struct error *e);
void kube_sim_free(struct kube_sim *kube);
void kube_sim_step(struct kube_sim *kube, int64_t now);    /* moves time on: rollouts, restarts, metrics; tells who watches */
void kube_sim_advance(struct kube_sim *kube, int64_t now); /* the part of it that must not miss much: rollouts and restarts */
void kube_sim_zone(struct kube_sim *kube, const char *zone, bool there, int64_t at); /* goes away, or comes back */
/* The managed node group: how many nodes it has now, and how many it shall have. They come and go as instances do, a minute or so each. */
size_t kube_sim_nodes(const struct kube_sim *kube);
void kube_sim_scale_nodes(struct kube_sim *kube, size_t wanted);
/* The pods of a Deployment ("namespace/name") as a load balancer sees them; those that have no address yet are left out. Returns how many. */
enum sim_target_state { SIM_TARGET_INITIAL, SIM_TARGET_HEALTHY, SIM_TARGET_UNHEALTHY, SIM_TARGET_DRAINING };
struct sim_target {
    char ip[16], zone[32];
    enum sim_target_state state;
};
size_t kube_sim_targets(const struct kube_sim *kube, const char *app, struct sim_target *out, size_t most);
struct sim_instance { /* a node of the managed group */
    char id[24], name[64], type[24], zone[32], address[16];
    int64_t launched_at;
};
size_t kube_sim_instances(const struct kube_sim *kube, struct sim_instance *out, size_t most);
struct sim_pod_address {
    char ip[16], zone[32], node[64];
    const char *group; /* security group of its own; NULL: the cluster's */
    bool own;          /* it has a network interface of its own; else its node's */
};
size_t kube_sim_addresses(const struct kube_sim *kube, struct sim_pod_address *out, size_t most); /* of the pods that have one */
/* Deployments with an image of this repository get this one ("repository@sha256:…"); and how far they all have come that have it. */
enum sim_rollout { SIM_ROLLOUT_NONE /* nothing there has it */, SIM_ROLLOUT_DONE, SIM_ROLLOUT_UNDER_WAY, SIM_ROLLOUT_FAILED };
void kube_sim_set_image(struct kube_sim *kube, const char *repository, const char *image);
enum sim_rollout kube_sim_rollout(const struct kube_sim *kube, const char *image);
/* `path` is what follows /k8s/<account>/<cluster>: "/api/v1/namespaces/default/pods". `may_write`: what the caller, `user`, may beyond reading. */
void kube_sim_handle(struct kube_sim *kube, const char *path, const struct server_request *request, struct server_reply *reply,
                     const char *user, bool may_write);

/* A release (release.c): an account, by its name, gets the images that were made from a commit. */
void sim_release(struct sim *sim, const char *account, const char *sha);
enum sim_rollout sim_release_state(const struct sim *sim, const char *account, const char *sha);
const char *sim_image_fault(const struct sim *sim, size_t account, const char *reference); /* how its containers fail there; NULL: they don't */

/* GitHub's REST API (github.c). `section` is the scenario's `github:` mapping. `path` is what follows /github. */
struct github_sim;
struct github_sim *github_sim_new(struct sim *sim, const struct yaml *section, struct error *e);
void github_sim_free(struct github_sim *github);
void github_sim_step(struct github_sim *github, int64_t now);
void github_sim_handle(struct github_sim *github, const char *path, const struct server_request *request, struct server_reply *reply);

#endif
