/* The probes of a failover drill: each asks one endpoint again and again, notes each answer, and knows how long there was none.
 *   tcp       connects every 250 ms; no connection within 1 s is a failure
 *   http      GET every 500 ms; 2xx and 3xx within 2 s are good; nothing is tried again
 *   postgres  writes a numbered row every 100 ms into its own table `trivet_drill` (made where it is missing), each in its own
 *             transaction, and after the drill reads back which rows are there
 * A probe has one attempt under way at a time: one that hangs until its limit stands for those that would have begun meanwhile. So the
 * begin of an outage is exact to one interval, its end to one interval and one time limit. How an outage is measured: probe_outage, below.
 *
 * PostgreSQL. A row counts as acknowledged only once the server said that its transaction is committed. Any failure - a lost connection,
 * a statement that takes longer than 2 s, a standby that takes no writes - ends the connection and with it the row's number: the next
 * connection begins with a new number, after looking the name up anew (RDS moves the name). A row whose answer never came is in
 * doubt; whether it is found afterwards says nothing about the server. An acknowledged row that is missing afterwards is lost.
 *
 * Nothing here blocks the loop: names are looked up in a thread (net/resolve.h), libpq is driven by its sockets. */
#ifndef TRIVET_ACTIONS_PROBE_H
#define TRIVET_ACTIONS_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "estate/config.h"
#include "net/http.h"
#include "net/loop.h"

#define PROBE_VERIFY_MS 30000

struct probe;

struct probe_sample {
    int64_t at_ms; /* when the answer, or the certainty that there is none, was in */
    int latency_ms;
    bool good;
    const char *error; /* NULL when good; lives as long as the probe */
};

/* From the last good answer before it (or the start) to the first good answer after it. */
struct probe_outage {
    int64_t from_ms, to_ms; /* to_ms 0: not over */
};

struct probe_range {
    int64_t first, last; /* both are in it */
};

struct probe_rows {
    int64_t sent;          /* numbers given out */
    int64_t acknowledged;  /* rows whose commit the server confirmed */
    int64_t last;          /* number of the last of them; 0: none */
    int64_t last_ms;
    bool verified;         /* the counts below were read back from the database, as it takes writes after the drill */
    int64_t found;         /* rows of this run that are there */
    int64_t lost;          /* acknowledged, and not there */
    int64_t extra;         /* there, and never acknowledged: were in doubt */
    const struct probe_range *lost_ranges; /* by number, ascending */
    size_t lost_range_count;
    bool removed;          /* the run's rows were deleted again: done only where none is lost */
    const char *error;     /* why it is not verified, or not removed; NULL if all went well or has not come to it */
};

enum probe_state { PROBE_IDLE, PROBE_UNKNOWN, PROBE_UP, PROBE_DOWN, PROBE_VERIFYING, PROBE_STOPPED };

/* Everything it points to is the probe's, and good until the loop's next pass. */
struct probe_view {
    enum probe_kind kind;
    enum probe_state state;
    const char *target;   /* as it may be shown: without passwords and queries */
    const char *unusable; /* why this probe cannot run, in words; known from birth; NULL if it can */
    const char *error;    /* of the last attempt; NULL if that was good */
    int64_t started_ms, stopped_ms; /* 0: not yet */
    const struct probe_sample *samples; /* oldest first */
    size_t sample_count, samples_dropped; /* of very long runs the oldest go; outages and counts stay */
    const struct probe_outage *outages; /* oldest first; only the last may be not over */
    size_t outage_count;
    int64_t longest_ms, down_ms; /* what is not over counts until now, or until it was stopped */
    int64_t attempts, failures;
    struct probe_rows rows; /* PROBE_POSTGRES only */
};

/* `config` and `run_id` are copied. run_id must be new for each drill: it tells the rows of one drill from those of others. */
struct probe *probe_new(struct loop *loop, struct http *http, const struct probe_config *config, const char *run_id);
void probe_start(struct probe *probe); /* once; an unusable probe stays as it is */
/* Ends the attempts; a row that is on its way is waited for. PostgreSQL then reads back what is there, trying for up to verify_ms
 * (PROBE_VERIFY_MS unless somebody is in a hurry). done is called once (an unusable or unstarted probe's too), from the loop and never
 * before this returns. It may free the probe. */
typedef void probe_done(void *arg, struct probe *probe);
void probe_stop(struct probe *probe, int64_t verify_ms, probe_done *done, void *arg);
void probe_free(struct probe *probe); /* at any time; no call follows */

const struct probe_view *probe_view(struct probe *probe); /* made anew each time */
const char *probe_kind_name(enum probe_kind kind); /* "tcp", "http", "postgres" */
const char *probe_state_name(enum probe_state state);

#endif
