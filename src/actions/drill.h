/* The failover drill, in parts: drill.c (the procedure), drill_check.c (may it begin?), drill_events.c (what RDS tells of it), drill_watch.c (probes,
 * address and timeline while it goes on), drill_record.c (which promises were kept), drill_report.c (that in JSON and Markdown). All but drill.c and
 * drill_watch.c are free of clocks and sockets: they are handed what was seen. */
#ifndef TRIVET_ACTIONS_DRILL_H
#define TRIVET_ACTIONS_DRILL_H

#include "actions/internal.h"
#include "actions/probe.h"
#include "base/vec.h"

/* May it begin? `unprobed`: why no outage could be measured, "" if it could. */
void drill_check(const struct estate *estate, size_t account, const char *database, int64_t now, const char *unprobed, struct gate *out);
const struct database *drill_database(const struct account *account, const char *id); /* NULL if not there */
/* When the newest event of the database happened, by the service's clock: what comes after it is of this drill. 0: none. */
int64_t drill_newest_event(const struct account *account, const char *id);

/* What RDS tells. */
struct failover_events {
    int64_t started_at, completed_at, abandoned_at; /* by the service's clock; 0: not seen */
    int64_t last_at;
    char last[160]; /* the newest event's words */
    char abandoned[160];
};
/* Of DescribeEvents' list, those of the database after `after`, each told to `each`; NULL: to nobody. */
typedef void failover_event(void *arg, int64_t at, const char *message);
void failover_read(const json_t *events, const char *database, int64_t after, struct failover_events *out, failover_event *each, void *arg);

struct failover_look {
    const char *status, *zone, *zone_before;
    bool called, probes_good, zones_given_up;
    const struct failover_events *events;
};
enum finding failover_judge(const struct failover_look *look, char *words, size_t size);
/* It is back: over as RDS tells it, available, and it answers; the zones may not be shown yet. */
bool failover_is_back(const struct failover_look *look);

/* What was seen, for the report. */
struct drill_entry {
    int64_t at;
    char what[12];  /* status, zones, event, endpoint, probe, call, note */
    char text[200]; /* what it is from then on */
};
struct drill_gap {
    int64_t from, to; /* nothing was observed */
};
struct drill_probe {
    char kind[12], target[200], error[200];
    bool good;
    int64_t attempts, failures, started_at, stopped_at;
    VEC(struct probe_outage) outages;
    bool has_rows, verified, removed;
    int64_t sent, acknowledged, found, lost, extra;
    char rows_error[200], lost_ranges[120]; /* "4102–4130, 4133" */
};

#define DRILL_ENTRIES_MAX 400

struct drill_record {
    char id[40], account[64], account_id[24], region[32], database[64], endpoint[200];
    char who[256], operator_arn[256], reason[400], request_id[80];
    int port;
    bool overridden, left; /* left: it was not watched to the end */
    int64_t began_at, called_at, back_at, ended_at, objective_ms; /* back_at: when it was back, as seen here; 0 never */
    char zone_before[24], standby_before[24], zone_after[24], standby_after[24];
    int64_t zones_at;      /* when the zones were shown swapped; 0: not */
    char address_before[160], address_after[160];
    char failure[300];     /* why the failover itself failed; "" if it did not */
    struct gate gate;
    VEC(struct drill_entry) entries;
    size_t entries_dropped;
    VEC(struct drill_gap) gaps;
    VEC(struct drill_probe) probes;
};
void drill_note(struct drill_record *record, int64_t at, const char *what, const char *text); /* cleaned; bounded */
void drill_record_free(struct drill_record *record);

enum promise_state { PROMISE_KEPT, PROMISE_BROKEN, PROMISE_UNKNOWN };
struct drill_promise {
    const char *promise; /* "failover", "outage", "rows", "back" */
    enum promise_state state;
    char evidence[240];
};
struct drill_verdict {
    const char *word;  /* PASSED, FAILED, INCOMPLETE */
    char why[240];     /* the first promise that was not kept, or is not known */
    struct drill_promise promises[4];
    size_t promise_count;
    int64_t outage_ms; /* the longest of all probes'; -1: not known */
    int64_t acknowledged, lost; /* of all probes that write; -1: not known */
};
void drill_judge(const struct drill_record *record, struct drill_verdict *out);
json_t *drill_json(const struct drill_record *record);
void drill_markdown(const struct drill_record *record, struct str *out);
/* One character a step of `each_ms`: '+' answered, 'x' did not, ' ' not observed. */
void drill_bar(const struct drill_probe *probe, int64_t from, int64_t to, int64_t each_ms, char *out, size_t size);
int64_t drill_probe_down(const struct drill_probe *probe, int64_t since, int64_t *longest); /* ms of all outages that go on after `since` */
/* Into STATE/reports/TIME-ACCOUNT-DATABASE and, where it is given, `copy_to`. False with why. The directory in `out`. */
bool drill_write(const struct drill_record *record, const char *state_dir, const char *copy_to, char *out, size_t size, struct error *e);

/* While it goes on: what drill.c and drill_watch.c share. */
struct drill_watch;
struct drill_watch *drill_watch_new(struct action *action, const char *endpoint, int port);
void drill_watch_free(struct drill_watch *watch); /* NULL is fine */
struct drill_record *drill_watch_record(struct drill_watch *watch);
/* Starts the probes; `ready` with an error where one is not good, if that is asked for. */
void drill_watch_start(struct drill_watch *watch, bool baseline, void (*ready)(struct action *action, const struct error *error));
/* A change: into the timeline and, as well as it can be, the journal. Nothing if it is as it was. */
void drill_watch_note(struct drill_watch *watch, const char *what, const char *text);
bool drill_watch_good(struct drill_watch *watch); /* every probe answers */
void drill_watch_stop(struct drill_watch *watch, void (*stopped)(struct action *action)); /* ends the probes, reads back rows; fills the record */
void drill_watch_recall(struct drill_watch *watch, const json_t *events); /* of a journal */
void drill_watch_tell(struct drill_watch *watch, bool unicode, int64_t now, tell_line *line, void *arg); /* the probes' bars */
/* Why no outage could be measured with the profile's probes; "" if it could. */
void drill_unprobed(struct loop *loop, struct http *http, const struct account_config *config, char *out, size_t size);

#endif
