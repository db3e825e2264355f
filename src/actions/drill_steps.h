/* The drill's one step. */
#ifndef TRIVET_ACTIONS_DRILL_STEPS_H
#define TRIVET_ACTIONS_DRILL_STEPS_H

#include "actions/internal.h"

/* Keeps {"id", "zone", "standby", "endpoint", "port"} as they were when it was planned, and "event_at": when the newest event by then was, by the
 * service's clock. */
extern const struct step_type step_rds_failover;

#endif
