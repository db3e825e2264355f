/* May the drill begin? Each point is a pure function of the estate. */
#include <string.h>

#include "actions/drill.h"
#include "base/text.h"
#include "base/when.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS   (60 * MINUTE_MS)

struct checking {
    const struct estate *estate;
    const struct account *account;
    const struct database *db;
    int64_t now;
    const char *unprobed;
    struct gate *gate;
};

const struct database *drill_database(const struct account *account, const char *id)
{
    for (size_t i = 0; i < account->database.instances.len; i++)
        if (text_same_case(account->database.instances.at[i].id, id))
            return &account->database.instances.at[i];
    return NULL;
}

int64_t drill_newest_event(const struct account *account, const char *id)
{
    int64_t newest = 0;
    for (size_t i = 0; i < account->database.events.len; i++)
        if (text_same_case(account->database.events.at[i].source, id) && account->database.events.at[i].at > newest)
            newest = account->database.events.at[i].at;
    return newest;
}

/* What could not be read is said by name, and the point is not known. */
static bool is_unread(struct checking *c, const char *key, const char *title, enum feed feed)
{
    char text[600];
    const struct slice *slice = &c->account->slices[feed];
    if (slice_has_data(slice))
        return false;
    gate_add(c->gate, key, title, GATE_UNKNOWN, "%s",
             slice->error.kind != ERROR_NONE ? error_text(&slice->error, text, sizeof text) : "not read yet");
    return true;
}

static void check_instance(struct checking *c)
{
    const struct database *db = c->db;
    char span[32];
    int64_t age = c->now - db->restorable_at;
    if (db->multi_az)
        gate_add(c->gate, "multi-az", "Multi-AZ", GATE_PASS, "primary %s", db->zone);
    else
        gate_add(c->gate, "multi-az", "Multi-AZ", GATE_FAIL, "%s has no standby: there is nothing to fail over to", db->id);
    gate_add(c->gate, "status", "available", !strcmp(db->status, "available") ? GATE_PASS : GATE_FAIL, "it is %s", db->status);
    if (*db->standby_zone)
        gate_add(c->gate, "standby", "standby's zone known", GATE_PASS, "standby %s", db->standby_zone);
    else
        gate_add(c->gate, "standby", "standby's zone known", db->multi_az ? GATE_UNKNOWN : GATE_FAIL, db->multi_az ? "RDS does not tell it" : "none");
    if (!db->restorable_at)
        gate_add(c->gate, "restorable", "restorable time recent", GATE_FAIL, "it cannot be restored to any time: backups are off");
    else
        gate_add(c->gate, "restorable", "restorable time recent", age <= 10 * MINUTE_MS ? GATE_PASS : GATE_FAIL, "restorable to %s ago%s",
                 when_span(age, span, sizeof span), age <= 10 * MINUTE_MS ? "" : "; 10m promised");
}

/* The copies in the other region; NULL if there are none. */
static const struct database_backup *copies(const struct checking *c, const char *region)
{
    for (size_t i = 0; i < c->account->database.backups.len; i++) {
        const struct database_backup *b = &c->account->database.backups.at[i];
        if (text_same_case(b->source, c->db->id) && !strcmp(b->region, region))
            return b;
    }
    return NULL;
}

static void check_backups(struct checking *c)
{
    static const char key[] = "backups", title[] = "backups as promised";
    bool production = c->account->config->kind == ACCOUNT_PRODUCTION;
    int least = production ? 7 : 1, days = c->db->backup_days;
    const char *region = c->account->config->backup_region ? c->account->config->backup_region : "us-west-2";
    if (is_unread(c, key, title, FEED_DATABASE_BACKUPS))
        return;
    const struct database_backup *there = copies(c, region);
    if (days < least)
        gate_add(c->gate, key, title, GATE_FAIL, "kept %d days; %d promised", days < 0 ? 0 : days, least);
    else if (production && !there && c->account->database.backups_there_unread)
        gate_add(c->gate, key, title, GATE_UNKNOWN, "kept %d days; what there is in %s could not be read", days, region);
    else if (production && !there)
        gate_add(c->gate, key, title, GATE_FAIL, "kept %d days; no copies in %s", days, region);
    else if (production && strcmp(there->status, "replicating") != 0 && strcmp(there->status, "active") != 0)
        gate_add(c->gate, key, title, GATE_FAIL, "kept %d days; copies in %s are %s", days, region, there->status);
    else
        gate_add(c->gate, key, title, GATE_PASS, "kept %d days%s%s", days, production ? "; copies in " : "", production ? region : "");
}

static void check_pending(struct checking *c)
{
    static const char key[] = "pending", title[] = "no maintenance pending";
    if (*c->db->pending)
        gate_add(c->gate, key, title, GATE_FAIL, "%s", c->db->pending);
    else if (!c->db->maintenance_known)
        gate_add(c->gate, key, title, GATE_UNKNOWN, "pending maintenance could not be read");
    else
        gate_add(c->gate, key, title, GATE_PASS, "none");
}

static void check_release(struct checking *c)
{
    static const char key[] = "release", title[] = "no release in progress";
    const struct release *running = NULL;
    if (c->account->slices[FEED_RELEASES].state == SLICE_NONE) {
        gate_add(c->gate, key, title, GATE_PASS, "the profile has no releases into %s", c->account->config->name);
        return;
    }
    if (is_unread(c, key, title, FEED_RELEASES))
        return;
    for (size_t i = 0; i < c->account->releases.runs.len && !running; i++)
        running = c->account->releases.runs.at[i].state == RELEASE_RUNNING ? &c->account->releases.runs.at[i] : NULL;
    if (running)
        gate_add(c->gate, key, title, GATE_FAIL, "release %lld is running: %s", (long long)running->number, running->title);
    else
        gate_add(c->gate, key, title, GATE_PASS, "none");
}

static void check_alarms(struct checking *c)
{
    static const char key[] = "alarms", title[] = "no alarm";
    const struct alarm *first = NULL;
    size_t count = 0;
    char span[32];
    if (is_unread(c, key, title, FEED_ALARMS))
        return;
    for (size_t i = 0; i < c->account->alarms.len; i++)
        if (c->account->alarms.at[i].state == ALARM_ALARM) {
            first = first ? first : &c->account->alarms.at[i];
            count++;
        }
    if (!first)
        gate_add(c->gate, key, title, GATE_PASS, "%zu alarms, all quiet", c->account->alarms.len);
    else
        gate_add(c->gate, key, title, GATE_FAIL, "%s ALARM for %s (%s)%s", first->name, when_span(c->now - first->since, span, sizeof span),
                 first->reason, count > 1 ? ", and others" : "");
}

static int64_t last_failover(const struct checking *c)
{
    int64_t newest = 0;
    for (size_t i = 0; i < c->account->database.events.len; i++) {
        const struct database_event *e = &c->account->database.events.at[i];
        if (text_same_case(e->source, c->db->id) && !strcmp(e->category, "failover") && e->at > newest)
            newest = e->at;
    }
    return newest;
}

/* A failover soon after another is not even attempted by RDS; a second drill within the hour tells nothing new. */
static void check_last(struct checking *c)
{
    static const char key[] = "last-drill", title[] = "time since the last drill";
    const struct drill *last = drill_last(&c->account->database, c->db->id);
    int64_t failover = last_failover(c);
    char span[32];
    if (is_unread(c, key, title, FEED_DRILLS))
        return;
    if (failover && c->now - failover < HOUR_MS)
        gate_add(c->gate, key, title, GATE_FAIL, "it failed over %s ago; wait an hour", when_span(c->now - failover, span, sizeof span));
    else if (last && c->now - last->at < HOUR_MS)
        gate_add(c->gate, key, title, GATE_FAIL, "the last one was %s ago (%s); wait an hour", when_span(c->now - last->at, span, sizeof span),
                 last->verdict);
    else if (last)
        gate_add(c->gate, key, title, GATE_PASS, "%s%s ago (%s)", c->now - last->at < 24 * HOUR_MS ? "less than a day: " : "",
                 when_span(c->now - last->at, span, sizeof span), last->verdict);
    else
        gate_add(c->gate, key, title, GATE_PASS, "none is on record here");
}

void drill_check(const struct estate *estate, size_t account, const char *database, int64_t now, const char *unprobed, struct gate *out)
{
    struct checking c = {estate, &estate->accounts[account], drill_database(&estate->accounts[account], database), now, unprobed, out};
    if (!c.db) /* planning tells it */
        return;
    check_instance(&c);
    check_backups(&c);
    check_pending(&c);
    check_release(&c);
    check_alarms(&c);
    check_last(&c);
    if (*unprobed)
        gate_add(out, "probe", "a probe is set up", GATE_FAIL, "%s", unprobed);
    else
        gate_add(out, "probe", "a probe is set up", GATE_PASS, "%zu in the profile", c.account->config->probes.len);
}
