/* Every action, in the order of the menu, and every step's type, by which a journal names it. */
#include <string.h>

#include "actions/acknowledge.h"
#include "actions/dev_steps.h"
#include "actions/drill_steps.h"
#include "actions/edge.h"
#include "actions/internal.h"
#include "actions/release.h"
#include "actions/schedule_steps.h"
#include "actions/waf.h"
#include "actions/workload.h"

const struct action_type *const action_types[] = {
    &action_dev_stop,
    &action_dev_start,
    &action_rds_drill,
    &action_dev_keep_up,
    &action_schedule_create,
    &action_schedule_pause,
    &action_schedule_resume,
    &action_schedule_remove,
    &action_release_approve,
    &action_release_reject,
    &action_pipeline_approve,
    &action_pipeline_reject,
    &action_restart,
    &action_scale,
    &action_delete_pod,
    &action_waf_block,
    &action_waf_unblock,
    &action_invalidate,
    &action_ack_alarm,
    NULL,
};

static const struct step_type *const step_types[] = {
    &step_deployment_down,
    &step_deployment_up,
    &step_node_group_down,
    &step_node_group_up,
    &step_database_stop,
    &step_database_start,
    &step_rds_failover,
    &step_schedule_create,
    &step_schedule_update,
    &step_schedule_delete,
    &step_release_review,
    &step_release_run,
    &step_release_rollout,
    &step_pipeline_review,
    &step_pipeline_deploy,
    &step_restart,
    &step_scale,
    &step_pod_delete,
    &step_waf_block,
    &step_waf_unblock,
    &step_invalidate,
    &step_acknowledge,
    NULL,
};

const struct action_type *action_type_find(const char *name)
{
    for (size_t i = 0; action_types[i]; i++)
        if (!strcmp(action_types[i]->name, name))
            return action_types[i];
    return NULL;
}

const struct step_type *step_type_find(const char *name)
{
    for (size_t i = 0; step_types[i]; i++)
        if (!strcmp(step_types[i]->name, name))
            return step_types[i];
    return NULL;
}
