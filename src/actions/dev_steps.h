/* The steps by which a development account goes to sleep and wakes: Deployments, node groups, databases. */
#ifndef TRIVET_ACTIONS_DEV_STEPS_H
#define TRIVET_ACTIONS_DEV_STEPS_H

#include "actions/internal.h"

extern const struct step_type step_deployment_down, step_deployment_up, step_node_group_down, step_node_group_up, step_database_stop,
    step_database_start;

/* What the step types keep: {"ns", "name"} of a Deployment, with "min" of its autoscaler; {"cluster", "name"} of a node group; {"id"} of a
 * database. */

/* Is it a state out of which RDS comes to be stopped or started, if only after a while? */
bool database_step_possible(const char *status);

#endif
