/* The failover drill: RDS is told to fail a database over to its standby, and what that does to those who use it is measured. */
#include <stdlib.h>
#include <string.h>

#include "actions/drill.h"
#include "actions/drill_steps.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"

#define MINUTE_MS       INT64_C(60000)
#define EVENTS_EVERY_MS 2500            /* between readings of the events; the status is read each second */
#define EVENTS_BACK_MIN 1440            /* by the service's clock; longer if it was called longer ago */
#define EVENTS_MAX_MIN  (14 * 24 * 60)  /* as long as RDS keeps them */
#define ZONES_MS        (8 * MINUTE_MS) /* the swap may be shown minutes after the database is back; then it is given up */

#define FEEDS                                                                                                                                        \
    (FEED_BIT(FEED_DATABASE) | FEED_BIT(FEED_DATABASE_EVENTS) | FEED_BIT(FEED_DATABASE_BACKUPS) | FEED_BIT(FEED_ALARMS) | FEED_BIT(FEED_RELEASES) |  \
     FEED_BIT(FEED_DRILLS))

struct drill_own {
    struct drill_watch *watch;
    struct failover_events events;
    char status[40], zone[24], standby[24];
    int64_t events_at; /* read last; 0 never */
    bool called_noted;
    bool taken; /* RDS took the call: looked at after it */
};

static struct drill_own *own(const struct action *a) { return a->own; }
static struct drill_record *record_of(const struct action *a) { return drill_watch_record(own(a)->watch); }

/* Checks. */

static void preflight(struct action *a)
{
    char unprobed[240];
    drill_unprobed(action_loop(a), action_http(a), a->account->config, unprobed, sizeof unprobed);
    drill_check(action_estate(a), a->target.account, a->target.name, action_now(a), unprobed, &a->gate);
    if (a->gate.point_count)
        gate_busy(a, false);
}

static bool no_such_database(const struct action *a, struct error *e)
{
    struct str names = STR_INIT(2000);
    char text[600];
    const struct slice *slice = &a->account->slices[FEED_DATABASE];
    for (size_t i = 0; i < a->account->database.instances.len; i++)
        str_addf(&names, "%s%s", i ? ", " : "", a->account->database.instances.at[i].id);
    if (!slice_has_data(slice))
        error_set(e, ERROR_SERVICE, "Unknown", "the databases of %s could not be read: %s", a->account->config->name,
                  slice->error.kind != ERROR_NONE ? error_text(&slice->error, text, sizeof text) : "no answer");
    else
        error_set(e, ERROR_INPUT, "database", "database \"%s\" in %s: expected one of %s", a->target.name, a->account->config->name,
                  names.len ? str_text(&names) : "none, there is no database");
    str_free(&names);
    return false;
}

static bool plan(struct action *a, struct error *e)
{
    const struct database *db = drill_database(a->account, a->target.name);
    if (!db)
        return no_such_database(a, e);
    if (!slice_has_data(&a->account->slices[FEED_DATABASE_EVENTS]))
        return error_set(e, ERROR_SERVICE, "Unknown", "the events of %s could not be read: a failover could not be told from an earlier one", db->id),
               false;
    plan_step(a, &step_rds_failover, db->id,
              json_pack("{s:s, s:s, s:s, s:s, s:i, s:I}", "id", db->id, "zone", db->zone, "standby", db->standby_zone, "endpoint", db->endpoint,
                        "port", db->port, "event_at", (json_int_t)drill_newest_event(a->account, db->id)));
    return true;
}

/* Beginning. */

static void begin_own(struct action *a)
{
    const struct step *s = a->steps[0];
    struct drill_own *o = a->own = mem_new(sizeof *o);
    o->watch = drill_watch_new(a, json_text_or(s->with, "endpoint", ""), (int)json_int(s->with, "port", 0));
    struct drill_record *r = record_of(a);
    text_copy(r->id, sizeof r->id, a->id);
    text_copy(r->account, sizeof r->account, a->account->config->name);
    text_copy(r->account_id, sizeof r->account_id, a->account->config->id);
    text_copy(r->region, sizeof r->region, a->account->config->region ? a->account->config->region : "");
    text_copy(r->database, sizeof r->database, json_text_or(s->with, "id", ""));
    text_copy(r->zone_before, sizeof r->zone_before, json_text_or(s->with, "zone", ""));
    text_copy(r->standby_before, sizeof r->standby_before, json_text_or(s->with, "standby", ""));
    r->objective_ms = action_estate(a)->config->failover_ms;
    r->gate = a->gate;
    r->began_at = a->confirmed_at;
}

/* "us-east-1b primary, us-east-1a standby", as note_zones() puts it. */
static void recall_zones(struct drill_record *r, const struct drill_entry *e)
{
    const char *primary = strstr(e->text, " primary, "), *standby = primary ? primary + strlen(" primary, ") : NULL;
    if (!primary)
        return;
    text_format(r->zone_after, sizeof r->zone_after, "%.*s", (int)(primary - e->text), e->text);
    text_format(r->standby_after, sizeof r->standby_after, "%.*s", (int)strcspn(standby, " "), standby);
    if (strcmp(r->zone_after, r->zone_before) != 0 && !r->zones_at)
        r->zones_at = e->at;
}

/* What was seen before a crash. That RDS took the call is known by its answer, if there was one, else by what is looked at. */
static void recall(struct action *a, const json_t *events)
{
    size_t i;
    json_t *row;
    if (!a->step_count)
        return;
    begin_own(a);
    drill_watch_recall(own(a)->watch, events);
    struct drill_record *r = record_of(a);
    for (i = 0; i < r->entries.len; i++) {
        if (!strcmp(r->entries.at[i].what, "back") && !r->back_at)
            r->back_at = r->entries.at[i].at;
        if (!strcmp(r->entries.at[i].what, "zones"))
            recall_zones(r, &r->entries.at[i]);
    }
    json_array_foreach(events, i, row)
        own(a)->taken |= text_equal(json_text(row, "event"), "result") && !json_text(row, "error");
    own(a)->taken |= a->steps[0]->state == STEP_DONE;
}

static void begin(struct action *a)
{
    if (!a->own)
        begin_own(a);
    drill_watch_start(own(a)->watch, !a->steps[0]->called_at, action_begun);
}

/* The step. */

static void describe(const struct action *a, const struct step *s, struct str *out)
{
    (void)a;
    str_addf(out, "reboot %s with failover (ForceFailover=true) from %s to %s, then watch until it answers again and its zones have swapped",
             s->target, json_text_or(s->with, "zone", "?"),
             *json_text_or(s->with, "standby", "") ? json_text_or(s->with, "standby", "") : "its standby");
}

static void note_zones(struct action *a)
{
    struct drill_own *o = own(a);
    struct drill_record *r = record_of(a);
    char text[80];
    text_format(text, sizeof text, "%s primary, %s standby", *o->zone ? o->zone : "?", *o->standby ? o->standby : "no");
    drill_watch_note(o->watch, "zones", text);
    text_copy(r->zone_after, sizeof r->zone_after, o->zone);
    text_copy(r->standby_after, sizeof r->standby_after, o->standby);
    if (*o->zone && strcmp(o->zone, r->zone_before) != 0 && !r->zones_at)
        r->zones_at = action_now(a);
}

static void judge(struct action *a, struct step *s)
{
    struct drill_own *o = own(a);
    struct drill_record *r = record_of(a);
    struct failover_look look = {.status = o->status,
                                 .zone = o->zone,
                                 .zone_before = r->zone_before,
                                 .called = s->called_at != 0,
                                 .probes_good = drill_watch_good(o->watch),
                                 .events = &o->events};
    char words[200];
    if (look.called && !r->back_at && failover_is_back(&look)) {
        r->back_at = action_now(a);
        drill_watch_note(o->watch, "back", "the failover is over, it is available, every probe answers");
    }
    look.zones_given_up = r->back_at && action_now(a) - r->back_at > ZONES_MS;
    enum finding finding = failover_judge(&look, words, sizeof words);
    step_found(s, finding, "%s", words);
}

static void note_event(void *arg, int64_t at, const char *message)
{
    struct action *a = arg;
    char text[220], clock[40];
    text_format(text, sizeof text, "%s (%s)", message, when_iso(at, clock, sizeof clock));
    drill_watch_note(own(a)->watch, "event", text);
}

static void got_events(struct action *a, struct step *s, const json_t *output)
{
    own(a)->events_at = action_now(a);
    failover_read(json_object_get(output, "Events"), json_text_or(s->with, "id", ""), json_int(s->with, "event_at", 0), &own(a)->events, note_event,
                  a);
    judge(a, s);
}

static void look_at_events(struct action *a, struct step *s)
{
    int64_t back = EVENTS_BACK_MIN + (s->called_at ? (action_now(a) - s->called_at) / MINUTE_MS : 0);
    step_look_aws(s, "rds", "DescribeEvents",
                  json_pack("{s:s, s:s, s:I}", "SourceType", "db-instance", "SourceIdentifier", json_text_or(s->with, "id", ""), "Duration",
                            (json_int_t)(back < EVENTS_MAX_MIN ? back : EVENTS_MAX_MIN)),
                  NULL, got_events);
}

static void got_instance(struct action *a, struct step *s, const json_t *output)
{
    struct drill_own *o = own(a);
    const char *status = json_text_or(output, "DBInstances.0.DBInstanceStatus", "unknown");
    const char *zone = json_text_or(output, "DBInstances.0.AvailabilityZone", ""),
               *standby = json_text_or(output, "DBInstances.0.SecondaryAvailabilityZone", "");
    text_clean(o->status, sizeof o->status, status, strlen(status));
    text_clean(o->zone, sizeof o->zone, zone, strlen(zone));
    text_clean(o->standby, sizeof o->standby, standby, strlen(standby));
    drill_watch_note(o->watch, "status", o->status);
    note_zones(a);
    if (!o->events_at || action_now(a) - o->events_at >= EVENTS_EVERY_MS || !s->called_at)
        look_at_events(a, s);
    else
        judge(a, s);
}

static void look(struct action *a, struct step *s)
{
    (void)a;
    step_look_aws(s, "rds", "DescribeDBInstances", json_pack("{s:s}", "DBInstanceIdentifier", json_text_or(s->with, "id", "")), NULL, got_instance);
}

static void call(struct action *a, struct step *s)
{
    record_of(a)->called_at = s->called_at;
    drill_watch_note(own(a)->watch, "call", "RebootDBInstance ForceFailover=true is sent");
    step_call_aws(s, "rds", "RebootDBInstance", json_pack("{s:s, s:b}", "DBInstanceIdentifier", json_text_or(s->with, "id", ""), "ForceFailover", 1),
                  NULL);
}

const struct step_type step_rds_failover = {.name = "rds-failover",
                                            .api = "rds RebootDBInstance",
                                            .describe = describe,
                                            .look = look,
                                            .call = call,
                                            .every_ms = 1000,
                                            .limit_ms = 30 * MINUTE_MS,
                                            .once = true};

static void seen(struct action *a, struct step *s)
{
    struct drill_own *o = own(a);
    struct drill_record *r = record_of(a);
    char text[200];
    r->called_at = s->called_at;
    if (s->called_at && s->state == STEP_CALLING && !o->called_noted) {
        o->called_noted = true;
        text_format(text, sizeof text, "RDS has answered%s%s", *s->request_id ? ", request " : "", s->request_id);
        drill_watch_note(o->watch, "call", text);
    }
    o->taken |= s->called_at && (s->state == STEP_SETTLING || a->resumed);
}

/* The end. */

static void say_verdict(struct action *a, const struct drill_record *r, const struct drill_verdict *v)
{
    struct str text = STR_INIT(2000);
    str_addf(&text, "%s", v->word);
    if (v->outage_ms >= 0)
        str_addf(&text, ": outage %.1f s of %.0f s", (double)v->outage_ms / 1000, (double)r->objective_ms / 1000);
    if (v->acknowledged >= 0 && v->lost >= 0)
        str_addf(&text, ", %lld rows acknowledged, %lld lost", (long long)v->acknowledged, (long long)v->lost);
    if (*v->why)
        str_addf(&text, "; %s", v->why);
    text_copy(a->summary, sizeof a->summary, str_text(&text));
    str_free(&text);
    if (!strcmp(v->word, "PASSED"))
        return;
    error_set(&a->error, ERROR_SERVICE, !strcmp(v->word, "FAILED") ? "PromiseNotKept" : "Incomplete", "%s", v->why);
    if (a->outcome == OUTCOME_DONE)
        a->outcome = OUTCOME_FAILED;
}

static void write_report(struct action *a)
{
    struct drill_record *r = record_of(a);
    struct drill_verdict verdict;
    struct error e = {0};
    char text[600];
    text_copy(r->who, sizeof r->who, a->account->session.arn);
    text_copy(r->operator_arn, sizeof r->operator_arn, a->operator_arn);
    text_copy(r->reason, sizeof r->reason, a->reason);
    text_copy(r->request_id, sizeof r->request_id, a->steps[0]->request_id);
    r->overridden = a->overridden;
    r->called_at = a->steps[0]->called_at;
    r->left = a->cancelled;
    r->ended_at = action_now(a);
    if (a->steps[0]->state == STEP_FAILED)
        text_copy(r->failure, sizeof r->failure, error_text(&a->steps[0]->error, text, sizeof text));
    drill_judge(r, &verdict);
    say_verdict(a, r, &verdict);
    if (drill_write(r, actions_state_dir(a->engine), a->value, a->report, sizeof a->report, &e))
        return;
    a->outcome = OUTCOME_FAILED;
    a->error = e;
    text_format(text, sizeof text, "%s; its report could not be written: %s", a->summary, e.message);
    text_copy(a->summary, sizeof a->summary, text);
}

static void stopped(struct action *a)
{
    /* What RDS refused was no drill: there is nothing to report. */
    if (own(a)->taken)
        write_report(a);
    action_finished(a);
}

static void finish(struct action *a) { drill_watch_stop(own(a)->watch, stopped); }

static void forget(struct action *a)
{
    if (a->own)
        drill_watch_free(own(a)->watch);
    free(a->own);
}

/* While it goes on. */

/* "available → rebooting 00:03 → available 01:12". */
static void tell_changes(const struct drill_record *r, const char *what, bool unicode, struct str *out)
{
    for (size_t i = 0; i < r->entries.len; i++) {
        const struct drill_entry *e = &r->entries.at[i];
        int64_t since = r->called_at ? e->at - r->called_at : -1;
        if (strcmp(e->what, what) != 0)
            continue;
        str_addf(out, "%s%s", out->len ? unicode ? " → " : " > " : "", e->text);
        if (since >= 0)
            str_addf(out, " %02lld:%02lld", (long long)(since / 60000), (long long)(since / 1000 % 60));
    }
}

static void tell_line_of(const struct drill_record *r, const char *title, const char *what, bool unicode, tell_line *line, void *arg)
{
    struct str changes = STR_INIT(1000), text = STR_INIT(1200);
    tell_changes(r, what, unicode, &changes);
    str_addf(&text, "%-8s  %s", title, str_text(&changes));
    line(arg, TONE_PLAIN, str_text(&text));
    str_free(&changes);
    str_free(&text);
}

static void tell_last_event(const struct action *a, tell_line *line, void *arg)
{
    const struct drill_record *r = record_of(a);
    char text[300];
    for (size_t i = r->entries.len; i-- > 0;)
        if (!strcmp(r->entries.at[i].what, "event")) {
            text_format(text, sizeof text, "events    %s", r->entries.at[i].text);
            line(arg, TONE_PLAIN, text);
            return;
        }
}

static void tell(const struct action *a, bool unicode, tell_line *line, void *arg)
{
    char text[200];
    if (!a->own)
        return;
    const struct drill_record *r = record_of(a);
    int64_t now = action_now(a), since = r->called_at ? (r->back_at ? r->back_at : now) - r->called_at : 0;
    text_format(text, sizeof text, "%s %02lld:%02lld of objective %lld s",
                !r->called_at ? "not called yet"
                : r->back_at  ? "back after"
                              : "elapsed",
                (long long)(since / 60000), (long long)(since / 1000 % 60), (long long)(r->objective_ms / 1000));
    line(arg, since > r->objective_ms ? TONE_BAD : r->back_at ? TONE_GOOD : TONE_PLAIN, text);
    tell_line_of(r, "status", "status", unicode, line, arg);
    tell_line_of(r, "zones", "zones", unicode, line, arg);
    tell_line_of(r, "endpoint", "endpoint", unicode, line, arg);
    tell_last_event(a, line, arg);
    drill_watch_tell(own(a)->watch, unicode, now, line, arg);
}

const struct action_type action_rds_drill = {.name = "rds-drill",
                                             .verb = "fail over",
                                             .key = 'f',
                                             .about = "failover drill: fail the database over to its standby, measure the outage, look for lost rows",
                                             .on = TARGET_DATABASE,
                                             .kinds = KIND_BIT(ACCOUNT_PRODUCTION) | KIND_BIT(ACCOUNT_DEVELOPMENT),
                                             .needs = NEEDS_OPERATOR,
                                             .feeds = FEEDS,
                                             .takes = "a directory to copy the report to",
                                             .preflight = preflight,
                                             .plan = plan,
                                             .begin = begin,
                                             .seen = seen,
                                             .finish = finish,
                                             .tell = tell,
                                             .recall = recall,
                                             .forget = forget};
