/* Time. Wall-clock times are int64_t milliseconds since 1970 UTC ("ms"); 0 means not known.
 * Only net/loop and the programs' main read a clock; everyone else is handed the time. */
#ifndef TRIVET_BASE_WHEN_H
#define TRIVET_BASE_WHEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int64_t when_wall(void);      /* CLOCK_REALTIME in ms */
int64_t when_monotonic(void); /* CLOCK_MONOTONIC in ms */

/* Reads ISO 8601 ("2026-11-23T20:17:38Z", fraction and ±hh:mm allowed), RFC 7231 ("Mon, 23 Nov 2026 20:17:38 GMT").
 * Returns false and leaves *ms alone if it is neither. */
bool when_parse_iso(const char *s, int64_t *ms);
bool when_parse_http(const char *s, int64_t *ms);
/* UTC; returns out. */
const char *when_iso(int64_t ms, char *out, size_t size);       /* 2026-11-23T20:17:38Z */
const char *when_iso_ms(int64_t ms, char *out, size_t size);    /* 2026-11-23T20:17:38.123Z */
const char *when_amz(int64_t ms, char *out, size_t size);       /* 20261123T201738Z */
const char *when_http(int64_t ms, char *out, size_t size);      /* Mon, 23 Nov 2026 20:17:38 GMT */
const char *when_clock(int64_t ms, char *out, size_t size);     /* 20:17:38, in the process's local time zone */
const char *when_date(int64_t ms, char *out, size_t size);      /* 2026-11-23 20:17, local time zone */
/* A span as kubectl writes an age: 45s, 3m12s, 47m, 5h12m, 3d4h, 12d, 2y31d. Negative counts as 0s. */
const char *when_span(int64_t ms, char *out, size_t size);
/* One or two units, at most five columns: 45s, 12m, 3h, 5d. For freshness marks. */
const char *when_short(int64_t ms, char *out, size_t size);
/* The reverse of when_span ("5d3h", "3m12s", "<invalid>" fails). */
bool when_parse_span(const char *s, int64_t *ms);

#endif
