/* RDS: stopping, starting, rebooting, failing over. Each is a course of steps with the delays that the service takes. */
#include <string.h>

#include "base/text.h"
#include "sim/aws_world.h"

#define RECENT_MS      (10 * MINUTE_MS) /* a failover this soon after another is not attempted */
#define STOPPED_MAX_MS (7 * DAY_MS)

struct db_course {
    int64_t least, most; /* seconds after the step before */
    const char *message, *category;
    const char *status; /* from then on; the course's end. NULL: goes on */
    void (*effect)(struct db_state *db, int64_t at);
};

static void automatic_restart(struct sim *sim, void *what, int64_t at);
static void swap_zones(struct sim *sim, void *what, int64_t at);

static void on_down(struct db_state *db, int64_t at) { *vec_add(&db->away) = (struct span){at, 0}; }

static void on_up(struct db_state *db, int64_t at)
{
    if (db->away.len)
        db->away.at[db->away.len - 1].to = at;
}

static void on_stopped(struct db_state *db, int64_t at)
{
    db->stopped_at = at;
    db->restart_at = at + STOPPED_MAX_MS;
    *vec_add(&db->stopped) = (struct span){at, 0};
    world_at(db->sim, db->restart_at, automatic_restart, db);
}

static void on_started(struct db_state *db, int64_t at)
{
    if (db->stopped.len)
        db->stopped.at[db->stopped.len - 1].to = at;
    on_up(db, at);
}

/* The new zones are described some minutes after the database answers again. */
static void on_failed_over(struct db_state *db, int64_t at)
{
    db->failed_over_at = at;
    world_at(db->sim, at + world_span(db->sim, db->db->resource_id, ++db->turn, 60, 180) * SECOND_MS, swap_zones, db);
}

static const struct db_course stopping[] = {{15, 40, "DB instance shutdown", "availability", NULL, on_down},
                                            {120, 260, "DB instance stopped", "notification", "stopped", on_stopped}};
static const struct db_course starting[] = {{100, 260, "DB instance restarted", "availability", NULL, NULL},
                                            {40, 100, "DB instance started", "notification", "available", on_started}};
static const struct db_course rebooting[] = {{5, 12, "DB instance shutdown", "availability", NULL, on_down},
                                             {15, 35, "DB instance restarted", "availability", NULL, on_up},
                                             {8, 20, NULL, NULL, "available", NULL}};
static const struct db_course failing_over[] = {
    {3, 6, "Multi-AZ instance failover started.", "failover", NULL, on_down},
    {10, 20, "Multi-AZ instance activation started", "failover", NULL, NULL},
    {15, 30, "DB instance restarted", "availability", NULL, NULL},
    {10, 20, "Multi-AZ instance activation completed", "failover", NULL, on_up},
    {5, 10, "Multi-AZ failover to standby complete - DNS propagation may take a few minutes", "failover", NULL, NULL},
    {5, 10, "Multi-AZ instance failover completed", "failover", NULL, NULL},
    {12, 24, NULL, NULL, "available", on_failed_over}};
static const struct db_course abandoning[] = {
    {4, 10, "Abandoning user requested failover since a failover recently occurred on the database instance.", "failover", NULL, NULL},
    {5, 15, NULL, NULL, "available", NULL}};

static void take_step(struct sim *sim, void *what, int64_t at);

static void wait_for_step(struct db_state *db, int64_t at)
{
    const struct db_course *c = db->course;
    world_at(db->sim, at + world_span(db->sim, db->db->resource_id, ++db->turn, c->least * SECOND_MS, c->most * SECOND_MS), take_step, db);
}

static void take_step(struct sim *sim, void *what, int64_t at)
{
    struct db_state *db = what;
    const struct db_course *c = db->course;
    (void)sim;
    if (c->message)
        *vec_add(&db->moments) = (struct db_moment){at / SECOND_MS * SECOND_MS, c->message, c->category};
    if (c->status)
        db->status = c->status;
    if (c->effect)
        c->effect(db, at);
    db->course = c->status ? NULL : c + 1;
    if (db->course)
        wait_for_step(db, at);
}

static void begin(struct db_state *db, const struct db_course *course, const char *status, int64_t at)
{
    db->status = status;
    db->course = course;
    wait_for_step(db, at);
}

static void start(struct db_state *db, int64_t at)
{
    db->stopped_at = db->restart_at = 0;
    begin(db, starting, "starting", at);
}

static void automatic_restart(struct sim *sim, void *what, int64_t at)
{
    struct db_state *db = what;
    (void)sim;
    if (strcmp(db->status, "stopped") != 0 || db->restart_at != at)
        return;
    *vec_add(&db->moments) = (struct db_moment){
        at / SECOND_MS * SECOND_MS, "DB instance is being started due to it exceeding the maximum allowed time being stopped.", "notification"};
    start(db, at);
}

static void swap_zones(struct sim *sim, void *what, int64_t at)
{
    struct db_state *db = what;
    const char *zone = db->zone;
    (void)sim;
    (void)at;
    db->zone = db->standby;
    db->standby = zone;
}

/* With a standby elsewhere it fails over by itself, and is called available all the time; without one it is gone until the zone comes back. */
void db_zone(struct sim *sim, const struct account *account, const char *zone, bool there, int64_t at)
{
    for (size_t i = 0; account && i < account->databases.len; i++) {
        struct db_state *db = &world_account(sim, account)->databases[i];
        bool here = strcmp(db->zone, zone) == 0, idle = strcmp(db->status, "available") == 0 && !db->course;
        if (here && idle && !there && db->standby)
            begin(db, failing_over, "available", at);
        else if (here && idle && !there)
            on_down(db, at);
        else if (here && there && !db->standby)
            on_up(db, at);
    }
}

bool span_covers(const struct span *spans, size_t count, int64_t at)
{
    for (size_t i = 0; i < count; i++)
        if (at >= spans[i].from && (!spans[i].to || at < spans[i].to))
            return true;
    return false;
}

bool db_answers(const struct db_state *state, int64_t at) { return !span_covers(state->away.at, state->away.len, at); }

/* A scenario may begin in the middle of a course. */
static void begin_as_told(struct db_state *db, int64_t now)
{
    static const struct {
        const char *status;
        const struct db_course *course;
    } courses[] = {{"stopping", stopping}, {"starting", starting}, {"rebooting", rebooting}};
    db->status = db->db->status;
    for (size_t i = 0; i < sizeof courses / sizeof *courses; i++)
        if (strcmp(db->status, courses[i].status) == 0)
            begin(db, courses[i].course, courses[i].status, now);
    if (strcmp(db->status, "stopped") == 0) {
        on_down(db, now - db->db->stopped);
        on_stopped(db, now - db->db->stopped);
    }
}

void db_states_begin(struct sim *sim, const struct account *account, struct world_account *state)
{
    state->databases = mem_new_array(account->databases.len + 1, sizeof *state->databases);
    for (size_t i = 0; i < account->databases.len; i++) {
        struct db_state *db = &state->databases[i];
        const struct db_instance *of = &account->databases.at[i];
        *db = (struct db_state){.sim = sim, .db = of, .zone = of->zone, .standby = of->standby_zone};
        for (size_t e = 0; e < of->events.len; e++)
            if (strcmp(of->events.at[e].category, "failover") == 0 && sim_start(sim) - of->events.at[e].ago > db->failed_over_at)
                db->failed_over_at = sim_start(sim) - of->events.at[e].ago;
        begin_as_told(db, sim_start(sim));
    }
}

/* What is asked for. */

static struct db_state *find(struct aws_call *call)
{
    const char *id = json_text_or(call->input, "DBInstanceIdentifier", "");
    bool home = strcmp(call->region, call->account->region) == 0;
    for (size_t i = 0; home && i < call->account->databases.len; i++)
        if (text_same_case(id, call->account->databases.at[i].id))
            return &world_account(call->sim, call->account)->databases[i];
    call_fail(call, "DBInstanceNotFound", "DBInstance %s not found.", id);
    return NULL;
}

static json_t *wrong_state(struct aws_call *call, const struct db_state *db, const char *wanted)
{
    return call_fail(call, "InvalidDBInstanceState", "Instance %s is not in %s state.", db->db->id, wanted);
}

static json_t *answer(const struct aws_call *call, const struct db_state *db) { return json_pack("{s:o}", "DBInstance", rds_instance(call, db)); }

json_t *rds_stop(struct aws_call *call)
{
    struct db_state *db = find(call);
    if (!db)
        return NULL;
    if (strcmp(db->status, "available") != 0)
        return wrong_state(call, db, "available");
    begin(db, stopping, "stopping", call->now);
    return answer(call, db);
}

json_t *rds_start(struct aws_call *call)
{
    struct db_state *db = find(call);
    if (!db)
        return NULL;
    if (strcmp(db->status, "stopped") != 0)
        return wrong_state(call, db, "stopped");
    start(db, call->now);
    return answer(call, db);
}

json_t *rds_reboot(struct aws_call *call)
{
    bool force = json_flag(call->input, "ForceFailover", false);
    struct db_state *db = find(call);
    if (!db)
        return NULL;
    if (strcmp(db->status, "available") != 0)
        return wrong_state(call, db, "available");
    if (force && !db->db->multi_az)
        return call_fail(call, "InvalidParameterCombination",
                         "ForceFailover cannot be specified since the instance is not configured for either MultiAZ or High Availability.");
    bool recent = force && db->failed_over_at && call->now - db->failed_over_at < RECENT_MS;
    begin(db, recent ? abandoning : force ? failing_over : rebooting, "rebooting", call->now);
    return answer(call, db);
}
