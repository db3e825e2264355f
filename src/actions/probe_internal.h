/* What the probes share. Only for src/actions/probe_*.c. */
#ifndef TRIVET_ACTIONS_PROBE_INTERNAL_H
#define TRIVET_ACTIONS_PROBE_INTERNAL_H

#include "actions/probe.h"
#include "actions/probe_record.h"

/* A kind of probe. `own` is what open() returned. */
struct probe_type {
    void *(*open)(struct probe *probe); /* reads probe->target; fills `shown`, and `unusable` if nothing can be done with it */
    void (*start)(void *own);
    void (*stop)(void *own);            /* no more attempts; calls probe_ended(), now or later */
    void (*close)(void *own);
};
extern const struct probe_type probe_tcp, probe_http, probe_postgres;

struct probe {
    struct loop *loop;
    struct http *http;
    const struct probe_type *type;
    void *own;
    enum probe_kind kind;
    enum probe_state state; /* UNKNOWN stands for UP and DOWN too: the record knows */
    char *target;           /* may hold a password: never shown */
    char *run_id;
    char shown[200], unusable[240];
    int64_t wall, monotonic; /* one moment on both clocks: times are told by the one, spans measured by the other */
    int64_t began;           /* of the attempt, monotonic */
    int64_t started, stopped;
    struct probe_record record;
    struct probe_rows rows;
    struct probe_view view;
    int64_t verify_ms;
    struct loop_timer *telling;
    probe_done *done;
    void *done_arg;
};

int64_t probe_now(const struct probe *probe);                   /* wall-clock ms that never run backwards */
void probe_begin(struct probe *probe);                          /* an attempt begins */
int64_t probe_rest(const struct probe *probe, int64_t interval); /* until the next one may begin */
void probe_good(struct probe *probe);
void probe_bad(struct probe *probe, const char *error);
void probe_ended(struct probe *probe);
void probe_refuse(struct probe *probe, const char *format, ...) __attribute__((format(printf, 2, 3))); /* makes it unusable */

#endif
