/* Alarms that a person has acknowledged on this machine: STATE/acknowledged.json, {"alarms": [{"account", "name", "since", "by", "why", "at"}]}. One
 * holds until the alarm changes its state: `since`, in wall ms, is when it came into the state that was acknowledged. */
#ifndef TRIVET_ESTATE_ACKNOWLEDGED_H
#define TRIVET_ESTATE_ACKNOWLEDGED_H

#include <jansson.h>

#include "estate/alarm.h"

#define ACKNOWLEDGED_FILE      "acknowledged.json"
#define ACKNOWLEDGED_MAX       500 /* kept; the oldest go first */
#define ACKNOWLEDGED_FILE_MAX  ((size_t)1 << 20)

/* The alarm's row, or NULL. Borrowed. */
const json_t *acknowledged_find(const json_t *store, const char *account_id, const struct alarm *alarm);
/* Adds it; what was there of the same alarm goes. */
void acknowledged_add(json_t *store, const char *account_id, const struct alarm *alarm, const char *by, const char *why, int64_t at);
/* Into the alarm's own fields; clears them where there is none. */
void acknowledged_apply(const json_t *store, const char *account_id, struct alarm *alarm);

#endif
