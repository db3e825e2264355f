/* What a probe saw, and the outages that follow from it. Free of clocks and sockets: it is handed times.
 *
 * An outage is measured from the last good answer before it to the first good answer after it, each at the moment the answer was
 * in. That is the longest the service can have been away: it may have gone just after the one and come back just before the other.
 * Where no good answer came before it, it counts from the start; while it is not over, until now, or until the probe was stopped. */
#ifndef TRIVET_ACTIONS_PROBE_RECORD_H
#define TRIVET_ACTIONS_PROBE_RECORD_H

#include "actions/probe.h"
#include "base/vec.h"

#define PROBE_SAMPLES_MAX 40000 /* more than an hour of a row every 100 ms; then the oldest quarter goes */
#define PROBE_ERRORS_MAX  64    /* different ones; what comes then is not told apart */

struct probe_record {
    VEC(struct probe_sample) samples;
    VEC(struct probe_outage) outages;
    VEC(char *) errors; /* each text once; samples point here */
    size_t dropped;
    int64_t started, last_good, attempts, failures;
    bool down;
};

void record_start(struct probe_record *record, int64_t at_ms);
void record_good(struct probe_record *record, int64_t at_ms, int latency_ms);
void record_bad(struct probe_record *record, int64_t at_ms, int latency_ms, const char *error); /* the text is cleaned and capped */
/* Fills the view's part of it; now_ms ends what is not over. */
void record_view(const struct probe_record *record, int64_t now_ms, struct probe_view *view);
void record_free(struct probe_record *record);

#endif
