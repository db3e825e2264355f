/* When a development account goes to sleep and wakes, by its profile's auto_shutdown, and what that saves. Pure functions. */
#ifndef TRIVET_ESTATE_SCHEDULE_H
#define TRIVET_ESTATE_SCHEDULE_H

#include "estate/estate.h"

/* "mon-fri", "mon,wed,fri", "sat-tue,thu" → bit 0 Sunday … bit 6 Saturday. False if it is none. */
bool schedule_days(const char *text, uint8_t *out);
/* "20:00" → minutes since midnight; -1 if it is none. */
int schedule_minutes(const char *text);

struct schedule_next {
    int64_t stop_at, start_at; /* the next of each after `now`, wall ms */
    double down_hours;         /* a week, as the plan is */
};
/* False if the account has no schedule. Changes of the clock are kept: 20:00 is 20:00 on the wall there. */
bool schedule_next(const struct shutdown_config *schedule, int64_t now, struct schedule_next *out);

/* An estimate of a month's saving in USD: hours that the plan keeps it down × list prices of what is seen (databases by class, pods by Fargate's
 * smallest size, nodes as t3.medium; us-east-1, on demand). NAN without a schedule. */
double schedule_saving(const struct account *account);

#endif
