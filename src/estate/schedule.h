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
/* The next moment after `now` at which the clock there shows so many minutes past midnight, on one of the days; 0: none. */
int64_t schedule_next_at(const struct zone *zone, int minutes, uint8_t weekdays, int64_t now);
/* False if the account has no schedule. Changes of the clock are kept: 20:00 is 20:00 on the wall there. */
bool schedule_next(const struct shutdown_config *schedule, int64_t now, struct schedule_next *out);

int deployment_least(const struct account *account, const struct deployment *d); /* what an autoscaler keeps it at; 0: it has none */
/* What of the account sleeps, in USD an hour of being awake, by list prices. */
struct schedule_cost {
    double databases, pods, nodes;
};
void schedule_cost(const struct account *account, struct schedule_cost *out);
/* An estimate of a month's saving in USD: hours that the plan keeps it down × list prices of what is seen (databases by class, pods by Fargate's
 * smallest size, nodes as t3.medium; us-east-1, on demand). NAN without a schedule. */
double schedule_saving(const struct account *account);

/* Schedules of EventBridge Scheduler (schedule_cron.c, scheduled.c, schedule_tell.c). */

/* "cron(0 20 ? * MON-FRI *)". Returns out. */
const char *schedule_cron(int minutes, uint8_t weekdays, char *out, size_t size);
const char *schedule_days_text(uint8_t weekdays, char *out, size_t size); /* "MON-FRI". Returns out. */
/* What schedule_cron writes, and what people write like it: one minute and hour, every month and year, days of the week by name or number. */
bool schedule_cron_read(const char *expression, int *minutes, uint8_t *weekdays);
/* "trivet-dev-stop-database-innovate-dev"; a name that would be too long ends in a digest. Returns out. */
const char *scheduled_name(const struct account_config *config, enum scheduled_does does, const char *subject, char out[SCHEDULED_NAME_MAX]);
const char *scheduled_prefix(const struct account_config *config, char *out, size_t size); /* "trivet-dev-" */
/* "the stop of database innovate-dev". Returns out. */
const char *scheduled_text(enum scheduled_does does, const char *subject, char *out, size_t size);
const struct scheduled *scheduled_find(const struct account *account, enum scheduled_does does, const char *subject); /* NULL */
bool scheduled_stops(const struct scheduled *s);

/* Somebody asked that it be kept up: nothing stops it before this moment. 0: nobody did. */
int64_t schedule_kept_until(const struct account *account, int64_t now);
/* The next stop and start of the plan; a stop that is skipped is not the next one. False if the account has no plan. */
bool schedule_next_of(const struct account *account, int64_t now, struct schedule_next *out);
/* Until when it would be kept if the next stop were skipped: the start that follows it. 0: there is no plan. */
int64_t schedule_keep_until(const struct shutdown_config *plan, int64_t now);
/* By the plan, and by what somebody asked for. */
bool schedule_wants_up(const struct account *account, int64_t now);
/* What of it is up, by what was read. A Deployment or node group at zero that nothing says was ever more counts as neither. */
enum awake { AWAKE_UNKNOWN /* a part could not be read */, AWAKE_UP, AWAKE_DOWN, AWAKE_PARTLY, AWAKE_CHANGING };
enum awake account_awake(const struct account *account);
const char *awake_name(enum awake awake); /* "up", "down", "partly up", "on its way", "unknown" */
/* "Tue 20:00 America/New_York". Returns out. */
const char *schedule_moment(const struct shutdown_config *plan, int64_t at, char *out, size_t size);

/* Lines for people: next stop and start, what was asked for, the saving, and in what EventBridge differs from the profile. */
enum schedule_tone { SCHEDULE_STRONG, SCHEDULE_DIM, SCHEDULE_WRONG };
typedef void schedule_line(void *arg, enum schedule_tone tone, const char *text);
void schedule_tell(const struct account *account, int64_t now, schedule_line *line, void *arg);
/* The differences alone: missing, paused, another time. Nothing while the schedules are not known. */
void schedule_differences(const struct account *account, schedule_line *line, void *arg);

#endif
