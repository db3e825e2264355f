/* Time zones by name, from the system's zoneinfo files: what the C library offers knows one zone a process. Source: RFC 9636 (TZif). */
#ifndef TRIVET_BASE_ZONE_H
#define TRIVET_BASE_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct zone;
/* "America/New_York", looked for in $TZDIR, else /usr/share/zoneinfo. NULL with one line if there is none, or it cannot be read. */
struct zone *zone_load(const char *name, struct error *e);
void zone_free(struct zone *zone); /* NULL is fine */

struct zone_time { /* a clock on the wall there */
    int year, month, day, hour, minute; /* month 1–12, day 1–31 */
    int weekday;                        /* 0: Sunday */
};
void zone_local(const struct zone *zone, int64_t ms, struct zone_time *out);
/* When does the clock there show this? Days beyond a month's end count on (32 is the next month's). What a change of the clock leaves out
 * comes as much later as the gap is long; what it repeats is the first of both. */
int64_t zone_utc(const struct zone *zone, const struct zone_time *local);
int zone_offset_s(const struct zone *zone, int64_t ms); /* east of Greenwich */

#endif
