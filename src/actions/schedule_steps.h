/* The steps by which schedules of EventBridge Scheduler are made, changed and deleted. */
#ifndef TRIVET_ACTIONS_SCHEDULE_STEPS_H
#define TRIVET_ACTIONS_SCHEDULE_STEPS_H

#include "actions/internal.h"

/* What they keep: {"name", "text": what the plan says, "want": members as they are to be, "drop_start": true where a StartDate is to go}.
 * A change carries over every member that "want" does not name: the service replaces the whole schedule. */
extern const struct step_type step_schedule_create, step_schedule_update, step_schedule_delete;

/* Is the schedule so already? Pure. */
bool schedule_is_so(const json_t *live, const json_t *want, bool drop_start, int64_t now);
/* What UpdateSchedule is sent. A StartDate that has passed goes: the service takes none. Pure. */
json_t *schedule_changed(const json_t *live, const json_t *want, bool drop_start, int64_t now);

#endif
