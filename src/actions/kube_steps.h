/* Paths of the Kubernetes API, and what steps read of a Deployment. */
#ifndef TRIVET_ACTIONS_KUBE_STEPS_H
#define TRIVET_ACTIONS_KUBE_STEPS_H

#include "actions/internal.h"

#define REPLICAS_ANNOTATION "trivet.dev/replicas" /* how many there were before they were scaled to zero */

const char *pod_path(const char *ns, const char *name, char *out, size_t size);

/* "app/backend", and with {"ns", "name"}: what a step about a Deployment keeps. */
json_t *deployment_with(const char *ns, const char *name);
const char *deployment_step_path(const struct step *step, char *out, size_t size);

/* Has the Deployment come to what its spec says? Tells it in words. */
bool deployment_settled(const json_t *deployment, char *words, size_t size);

#endif
