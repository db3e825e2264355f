/* Step types of small changes to what runs in a cluster; {"ns", "name"} and what each adds is what they keep. */
#ifndef TRIVET_ACTIONS_WORKLOAD_H
#define TRIVET_ACTIONS_WORKLOAD_H

#include "actions/internal.h"

extern const struct step_type step_restart, step_scale, step_pod_delete;

/* What a look at the pod means to the step that deletes it; pod NULL: there is none. */
enum finding pod_finding(const struct action *action, const struct step *step, const json_t *pod, char *words, size_t size);

#endif
