/* The drill's pure parts: what it stands on, what RDS's events mean, and what a record of what was seen comes to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "actions/drill.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "estate/write.h"

#define NOW    INT64_C(1795528931000) /* 2026-11-24T14:02:11Z */
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

/* Checks, on an estate where nothing speaks against a drill. */

struct bench {
    struct estate_config config;
    struct estate *estate;
};

static const enum feed feeds[] = {FEED_DATABASE, FEED_DATABASE_EVENTS, FEED_DATABASE_BACKUPS, FEED_ALARMS, FEED_RELEASES, FEED_DRILLS};

static struct database healthy(void)
{
    struct database d = {.multi_az = true, .backup_days = 7, .restorable_at = NOW - 2 * MINUTE, .maintenance_known = true, .port = 5432};
    text_copy(d.id, sizeof d.id, "innovate-prod");
    text_copy(d.status, sizeof d.status, "available");
    text_copy(d.zone, sizeof d.zone, "us-east-1a");
    text_copy(d.standby_zone, sizeof d.standby_zone, "us-east-1b");
    return d;
}

static int begin(void **state)
{
    struct bench *b = mem_new(sizeof *b);
    struct account_config *prod = vec_add(&b->config.accounts);
    struct database d = healthy();
    struct database_backup copy = {.backup_days = 7};
    *prod = (struct account_config){
        .name = mem_strdup("prod"), .id = mem_strdup("333333333333"), .region = mem_strdup("us-east-1"), .kind = ACCOUNT_PRODUCTION};
    *vec_add(&prod->probes) = (struct probe_config){.kind = PROBE_TCP, .target = mem_strdup("db:5432")};
    b->estate = estate_new(&b->config);
    text_copy(copy.source, sizeof copy.source, "innovate-prod");
    text_copy(copy.region, sizeof copy.region, "us-west-2");
    text_copy(copy.status, sizeof copy.status, "replicating");
    databases_set(b->estate, 0, &d, 1, NOW);
    database_backups_set(b->estate, 0, &copy, 1);
    for (size_t i = 0; i < sizeof feeds / sizeof *feeds; i++)
        slice_good(b->estate, 0, feeds[i], NOW, 60000, NOW + 60000);
    *state = b;
    return 0;
}

static int end(void **state)
{
    struct bench *b = *state;
    estate_free(b->estate);
    estate_config_free(&b->config);
    free(b);
    return 0;
}

static struct gate gate;

static const struct gate_point *check(struct bench *b, const char *key, const char *unprobed)
{
    gate = (struct gate){0};
    drill_check(b->estate, 0, "INNOVATE-prod", NOW, unprobed, &gate);
    for (size_t i = 0; i < gate.point_count; i++)
        if (!strcmp(gate.points[i].key, key))
            return &gate.points[i];
    fail_msg("no point %s", key);
    return NULL;
}

static void expect(struct bench *b, const char *key, enum gate_verdict verdict, const char *words)
{
    const struct gate_point *p = check(b, key, "");
    if (p->verdict != verdict || !strstr(p->evidence, words))
        fail_msg("%s: verdict %d, \"%s\"; expected %d, \"%s\"", key, (int)p->verdict, p->evidence, (int)verdict, words);
}

static struct database *db(struct bench *b) { return &estate_account_write(b->estate, 0)->database.instances.at[0]; }

static void test_nothing_against_it(void **state)
{
    check(*state, "multi-az", "");
    assert_int_equal(gate.point_count, 10);
    for (size_t i = 0; i < gate.point_count; i++)
        if (gate.points[i].verdict != GATE_PASS)
            fail_msg("%s: %s", gate.points[i].key, gate.points[i].evidence);
}

static void test_instance(void **state)
{
    struct bench *b = *state;
    db(b)->multi_az = false;
    expect(b, "multi-az", GATE_FAIL, "no standby: there is nothing to fail over to");
    db(b)->multi_az = true;
    text_copy(db(b)->status, 40, "modifying");
    expect(b, "status", GATE_FAIL, "it is modifying");
    db(b)->standby_zone[0] = '\0';
    expect(b, "standby", GATE_UNKNOWN, "RDS does not tell it");
    db(b)->restorable_at = NOW - 10 * MINUTE;
    expect(b, "restorable", GATE_PASS, "10m ago");
    db(b)->restorable_at -= 1;
    expect(b, "restorable", GATE_FAIL, "10m promised");
    db(b)->restorable_at = 0;
    expect(b, "restorable", GATE_FAIL, "backups are off");
}

static void test_backups(void **state)
{
    struct bench *b = *state;
    struct database_backup elsewhere = {.backup_days = 7};
    db(b)->backup_days = 6;
    expect(b, "backups", GATE_FAIL, "kept 6 days; 7 promised");
    db(b)->backup_days = 7;
    text_copy(elsewhere.source, sizeof elsewhere.source, "innovate-prod");
    text_copy(elsewhere.region, sizeof elsewhere.region, "us-east-1");
    database_backups_set(b->estate, 0, &elsewhere, 1);
    expect(b, "backups", GATE_FAIL, "no copies in us-west-2");
    text_copy(elsewhere.region, sizeof elsewhere.region, "us-west-2");
    text_copy(elsewhere.status, sizeof elsewhere.status, "retained");
    database_backups_set(b->estate, 0, &elsewhere, 1);
    expect(b, "backups", GATE_FAIL, "are retained");
    estate_account_write(b->estate, 0)->slices[FEED_DATABASE_BACKUPS].state = SLICE_FAILED;
    expect(b, "backups", GATE_UNKNOWN, "not read yet");
}

static void test_pending(void **state)
{
    struct bench *b = *state;
    db(b)->maintenance_known = false;
    expect(b, "pending", GATE_UNKNOWN, "could not be read");
    text_copy(db(b)->pending, 120, "DBInstanceClass, system-update");
    expect(b, "pending", GATE_FAIL, "system-update");
}

static void test_release_and_alarms(void **state)
{
    struct bench *b = *state;
    struct release_set runs = {0};
    struct release *run = vec_add(&runs.runs);
    struct alarm alarm = {.state = ALARM_ALARM, .since = NOW - 22 * MINUTE};
    run->number = 812;
    run->state = RELEASE_WAITING;
    text_copy(run->title, sizeof run->title, "Cache session lookups");
    releases_set(b->estate, 0, &runs, NOW);
    expect(b, "release", GATE_PASS, "none"); /* waiting at the gate changes nothing */
    estate_account_write(b->estate, 0)->releases.runs.at[0].state = RELEASE_RUNNING;
    expect(b, "release", GATE_FAIL, "release 812 is running: Cache session lookups");
    slice_none(b->estate, 0, FEED_RELEASES);
    expect(b, "release", GATE_PASS, "no releases");
    text_copy(alarm.name, sizeof alarm.name, "rds-cpu");
    text_copy(alarm.reason, sizeof alarm.reason, "91 > 80");
    alarms_set(b->estate, 0, &alarm, 1, NOW);
    expect(b, "alarms", GATE_FAIL, "rds-cpu ALARM for 22m (91 > 80)");
}

static struct drill drill_of(int64_t age)
{
    struct drill d = {.at = NOW - age, .outage_ms = 38000, .lost = 0, .acknowledged = 900};
    text_copy(d.database, sizeof d.database, "innovate-prod");
    text_copy(d.verdict, sizeof d.verdict, "PASSED");
    return d;
}

static void test_last_drill(void **state)
{
    struct bench *b = *state;
    struct database_event event = {.at = NOW - 3 * MINUTE};
    struct drill d = drill_of(59 * MINUTE);
    drills_set(b->estate, 0, &d, 1);
    expect(b, "last-drill", GATE_FAIL, "59m ago (PASSED); wait an hour");
    d = drill_of(5 * HOUR);
    drills_set(b->estate, 0, &d, 1);
    expect(b, "last-drill", GATE_PASS, "less than a day: 5h");
    d = drill_of(100 * HOUR);
    drills_set(b->estate, 0, &d, 1);
    expect(b, "last-drill", GATE_PASS, "4d4h ago (PASSED)");
    text_copy(event.source, sizeof event.source, "innovate-prod");
    text_copy(event.category, sizeof event.category, "failover");
    text_copy(event.message, sizeof event.message, "Multi-AZ instance failover completed");
    database_events_add(b->estate, 0, &event, 1);
    expect(b, "last-drill", GATE_FAIL, "it failed over 3m ago");
    assert_int_equal(drill_newest_event(&b->estate->accounts[0], "innovate-prod"), NOW - 3 * MINUTE);
}

static void test_words_handed_in(void **state)
{
    const struct gate_point *p = check(*state, "probe", "no probe in the profile: the outage could not be measured");
    assert_int_equal(p->verdict, GATE_FAIL);
    assert_string_equal(p->evidence, "no probe in the profile: the outage could not be measured");
}

/* Events. */

static json_t *event(int64_t at, const char *message)
{
    return json_pack("{s:s, s:f, s:s}", "SourceIdentifier", "innovate-prod", "Date", (double)at / 1000, "Message", message);
}

static void read_events(json_t *take, int64_t after, struct failover_events *out)
{
    failover_read(take, "innovate-prod", after, out, NULL, NULL);
    json_decref(take);
}

static void count(void *arg, int64_t at, const char *message)
{
    (void)at;
    (void)message;
    ++*(int *)arg;
}

static void test_events(void **state)
{
    struct failover_events seen;
    int told = 0;
    (void)state;
    json_t *list = json_pack(
        "[o, o, o, o, o]", event(NOW - HOUR, "Multi-AZ instance failover completed"), event(NOW + 3000, "Multi-AZ instance failover started."),
        event(NOW + 20000, "DB instance restarted"), event(NOW + 40000, "Multi-AZ instance failover completed"),
        json_pack("{s:s, s:f, s:s}", "SourceIdentifier", "other", "Date", (double)(NOW + 50000) / 1000, "Message", "DB instance shutdown"));
    failover_read(list, "innovate-prod", NOW - HOUR, &seen, count, &told);
    json_decref(list);
    assert_int_equal(told, 3);
    assert_int_equal(seen.started_at, NOW + 3000);
    assert_int_equal(seen.completed_at, NOW + 40000);
    assert_int_equal(seen.abandoned_at, 0);
    assert_string_equal(seen.last, "Multi-AZ instance failover completed");
    read_events(json_pack("[o]", event(NOW, "Multi-AZ failover to standby complete - DNS propagation may take a few minutes")), 0, &seen);
    assert_int_equal(seen.completed_at, NOW);
    read_events(json_pack("[o]", event(NOW, "Abandoning user requested failover since a failover recently occurred on the database instance.")), 0,
                &seen);
    assert_int_equal(seen.abandoned_at, NOW);
    assert_int_equal(seen.completed_at, 0);
    read_events(json_null(), 0, &seen);
    assert_int_equal(seen.last_at, 0);
}

static enum finding judge(struct failover_look look, struct failover_events events, const char *expected)
{
    char words[200];
    look.events = &events;
    look.status = look.status ? look.status : "available";
    look.zone = look.zone ? look.zone : "1a";
    look.zone_before = "1a";
    enum finding finding = failover_judge(&look, words, sizeof words);
    if (!strstr(words, expected))
        fail_msg("\"%s\"; expected \"%s\"", words, expected);
    return finding;
}
#define LOOK(...)   ((struct failover_look){__VA_ARGS__})
#define EVENTS(...) ((struct failover_events){__VA_ARGS__})

static void test_judging(void **state)
{
    (void)state;
    /* Before the call. */
    assert_int_equal(judge(LOOK(.called = false), EVENTS(0), "available, primary in 1a"), FOUND_TODO);
    assert_int_equal(judge(LOOK(.status = "stopped"), EVENTS(0), "stopped"), FOUND_TODO); /* the service says what is wrong with that */
    assert_int_equal(judge(LOOK(.called = false), EVENTS(.started_at = 1), "by itself"), FOUND_FAILED);
    assert_int_equal(judge(LOOK(.zone = "1b"), EVENTS(0), "by itself"), FOUND_FAILED);
    /* After it. */
    assert_int_equal(judge(LOOK(.called = true, .probes_good = true), EVENTS(0), "no failover seen yet"), FOUND_TODO);
    assert_int_equal(judge(LOOK(.called = true, .status = "rebooting"), EVENTS(0), "rebooting"), FOUND_UNDERWAY);
    assert_int_equal(
        judge(LOOK(.called = true, .status = "rebooting"), EVENTS(.started_at = 1, .last = "failover started"), "rebooting: failover started"),
        FOUND_UNDERWAY);
    assert_int_equal(judge(LOOK(.called = true, .probes_good = true), EVENTS(.started_at = 1, .last = "x"), "available: x"), FOUND_UNDERWAY);
    assert_int_equal(judge(LOOK(.called = true), EVENTS(.completed_at = 1), "not every probe answers"), FOUND_UNDERWAY);
    assert_int_equal(judge(LOOK(.called = true, .probes_good = true), EVENTS(.completed_at = 1), "still shown in 1a"), FOUND_UNDERWAY);
    assert_int_equal(judge(LOOK(.called = true, .probes_good = true, .zones_given_up = true), EVENTS(.completed_at = 1), "still shown in 1a"),
                     FOUND_DONE);
    assert_int_equal(judge(LOOK(.called = true, .probes_good = true, .zone = "1b"), EVENTS(.completed_at = 1), "primary in 1b"), FOUND_DONE);
    assert_int_equal(judge(LOOK(.called = true, .probes_good = true, .zone = "1b"), EVENTS(0), "primary in 1b"),
                     FOUND_DONE); /* events come late, or are gone */
    assert_int_equal(
        judge(LOOK(.called = true, .status = "rebooting"), EVENTS(.abandoned_at = 1, .abandoned = "a failover recently occurred"), "recently"),
        FOUND_FAILED);
    assert_int_equal(judge(LOOK(.called = true, .status = "storage-full"), EVENTS(0), "storage-full"), FOUND_FAILED);
}

/* Record to verdict and report. */

static struct drill_probe *add_probe(struct drill_record *r, const char *kind)
{
    struct drill_probe *p = vec_add(&r->probes);
    text_copy(p->kind, sizeof p->kind, kind);
    text_copy(p->target, sizeof p->target, "host=db dbname=x");
    p->good = true;
    p->attempts = 900;
    p->failures = 12;
    p->started_at = NOW - 10 * SECOND;
    p->stopped_at = NOW + 200 * SECOND;
    return p;
}

/* A drill that went well: 38.2 s without answers, 4,181 rows, none lost, the zones shown swapped two minutes after it was back. */
static struct drill_record record(void)
{
    struct drill_record r = {.began_at = NOW - 12 * SECOND,
                             .called_at = NOW,
                             .back_at = NOW + 60 * SECOND,
                             .ended_at = NOW + 200 * SECOND,
                             .objective_ms = 120000,
                             .zones_at = NOW + 180 * SECOND,
                             .port = 5432};
    text_copy(r.id, sizeof r.id, "6f1e0000-0000-4000-8000-000000000000");
    text_copy(r.account, sizeof r.account, "prod");
    text_copy(r.account_id, sizeof r.account_id, "333333333333");
    text_copy(r.database, sizeof r.database, "innovate-prod");
    text_copy(r.reason, sizeof r.reason, "quarterly <b>drill</b>");
    text_copy(r.zone_before, sizeof r.zone_before, "us-east-1a");
    text_copy(r.zone_after, sizeof r.zone_after, "us-east-1b");
    struct drill_probe *p = add_probe(&r, "postgres");
    *vec_add(&p->outages) = (struct probe_outage){NOW - 8 * SECOND, NOW - 7 * SECOND}; /* before the call: none of the drill's */
    *vec_add(&p->outages) = (struct probe_outage){NOW + 5 * SECOND, NOW + 43 * SECOND + 200};
    p->has_rows = p->verified = p->removed = true;
    p->sent = 4183;
    p->acknowledged = 4181;
    p->found = 4182;
    p->extra = 1;
    drill_note(&r, NOW, "status", "available");
    drill_note(&r, NOW + 3 * SECOND, "status", "rebooting\x1b[2J");
    gate_add(&r.gate, "status", "available", GATE_PASS, "it is available");
    return r;
}

static void expect_verdict(const struct drill_record *r, const char *word, const char *why)
{
    struct drill_verdict v;
    drill_judge(r, &v);
    assert_string_equal(v.word, word);
    if (!strstr(v.why, why) || (!*why && *v.why))
        fail_msg("\"%s\"; expected \"%s\"", v.why, why);
}

static void test_passed(void **state)
{
    struct drill_record r = record();
    struct drill_verdict v;
    (void)state;
    drill_judge(&r, &v);
    assert_string_equal(v.word, "PASSED");
    assert_string_equal(v.why, "");
    assert_int_equal(v.outage_ms, 38200);
    assert_int_equal(v.acknowledged, 4181);
    assert_int_equal(v.lost, 0);
    assert_int_equal(v.promise_count, 3);
    assert_string_equal(v.promises[0].evidence, "from us-east-1a to us-east-1b; shown swapped 2m after it was back");
    assert_string_equal(v.promises[1].evidence, "38.2 s by postgres, the slowest; at most 120 s promised");
    assert_string_equal(v.promises[2].evidence, "4181 acknowledged, all there");
    drill_record_free(&r);
}

static void test_broken_promises(void **state)
{
    struct drill_record r = record();
    (void)state;
    r.objective_ms = 38199;
    expect_verdict(&r, "FAILED", "postgres was away for 38.2 s; at most 38 s promised");
    r.objective_ms = 38200;
    expect_verdict(&r, "PASSED", "");
    *vec_add(&r.probes.at[0].outages) = (struct probe_outage){NOW + 50 * SECOND, NOW + 51 * SECOND}; /* again for a second: together too long */
    expect_verdict(&r, "FAILED", "39.2 s");
    r.objective_ms = 120000;
    r.probes.at[0].lost = 29;
    text_copy(r.probes.at[0].lost_ranges, 120, "4102-4130");
    expect_verdict(&r, "FAILED", "29 acknowledged rows are lost: 4102-4130");
    r.probes.at[0].lost = 0;
    r.probes.at[0].good = false;
    text_copy(r.probes.at[0].error, 200, "connection refused");
    expect_verdict(&r, "FAILED", "postgres did not answer at the end: connection refused");
    r.probes.at[0].good = true;
    text_copy(r.failure, sizeof r.failure, "RDS did not attempt the failover");
    expect_verdict(&r, "FAILED", "RDS did not attempt the failover");
    drill_record_free(&r);
}

static void test_not_known(void **state)
{
    struct drill_record r = record();
    struct drill_verdict v;
    (void)state;
    r.zones_at = 0;
    text_copy(r.zone_after, sizeof r.zone_after, "us-east-1a");
    expect_verdict(&r, "PASSED", ""); /* RDS said that it is complete: the zones may be shown later than anybody waits */
    r.probes.at[0].verified = false;
    text_copy(r.probes.at[0].rows_error, 200, "no connection within 30 s");
    drill_judge(&r, &v);
    assert_string_equal(v.word, "INCOMPLETE");
    assert_non_null(strstr(v.why, "no connection within 30 s"));
    assert_int_equal(v.lost, -1);
    r.probes.at[0].verified = true;
    r.left = true;
    r.back_at = 0;
    expect_verdict(&r, "INCOMPLETE", "not watched to its end");
    drill_record_free(&r);
    r = record();
    drill_record_free(&r);
    r = record();
    for (size_t i = 0; i < r.probes.len; i++)
        vec_free(&r.probes.at[i].outages);
    vec_clear(&r.probes);
    expect_verdict(&r, "INCOMPLETE", "no probe measured it");
    add_probe(&r, "tcp")->attempts = 0; /* begun, and ended before its first answer: neither good nor bad */
    r.probes.at[0].good = false;
    expect_verdict(&r, "INCOMPLETE", "no probe measured it");
    drill_record_free(&r);
}

static void test_gaps(void **state)
{
    struct drill_record r = record();
    struct drill_verdict v;
    struct str text = STR_INIT(STR_TEXT_MAX);
    (void)state;
    *vec_add(&r.gaps) = (struct drill_gap){NOW - 9 * SECOND, NOW - 2 * SECOND};
    expect_verdict(&r, "PASSED", ""); /* it was called after the watch had been taken up again */
    r.gaps.at[0].to = NOW + 90 * SECOND;
    drill_judge(&r, &v);
    assert_string_equal(v.word, "INCOMPLETE");
    assert_string_equal(v.why, "nothing was observed from 2026-11-24T14:02:02Z to 2026-11-24T14:03:41Z");
    assert_int_equal(v.outage_ms, -1);
    assert_int_equal(v.lost, -1);
    assert_int_equal(v.promises[2].state, PROMISE_UNKNOWN);
    drill_markdown(&r, &text);
    assert_non_null(strstr(str_text(&text), "Nothing was observed from 2026-11-24T14:02:02Z to 2026-11-24T14:03:41Z"));
    r.probes.at[0].lost = 3; /* what was seen to be broken is broken all the same */
    expect_verdict(&r, "FAILED", "3 acknowledged rows are lost");
    str_free(&text);
    drill_record_free(&r);
}

static void test_bar(void **state)
{
    struct drill_record r = record();
    char bar[64];
    (void)state;
    drill_bar(&r.probes.at[0], NOW - 12 * SECOND, NOW + 8 * SECOND, SECOND, bar, sizeof bar);
    assert_string_equal(bar, "  ++x++++++++++++xxx");
    drill_bar(&r.probes.at[0], NOW + 40 * SECOND, NOW + 46 * SECOND, SECOND, bar, sizeof bar);
    assert_string_equal(bar, "xxxx++");
    drill_bar(&r.probes.at[0], NOW, NOW + 100 * SECOND, SECOND, bar, 5);
    assert_string_equal(bar, "++++");
    r.probes.at[0].outages.at[1].to_ms = 0; /* not over */
    drill_bar(&r.probes.at[0], NOW + 197 * SECOND, NOW + 203 * SECOND, SECOND, bar, sizeof bar);
    assert_string_equal(bar, "xxx   ");
    drill_record_free(&r);
}

static void test_report(void **state)
{
    struct drill_record r = record();
    struct str text = STR_INIT(STR_TEXT_MAX);
    json_t *json = drill_json(&r);
    (void)state;
    assert_string_equal(json_text(json, "verdict"), "PASSED");
    assert_string_equal(json_text(json, "called_at"), "2026-11-24T14:02:11.000Z");
    assert_int_equal(json_int(json, "outage_ms", -1), 38200);
    assert_int_equal(json_int(json, "probes.0.rows.in_doubt", -1), 2);
    assert_int_equal(json_int(json, "probes.0.rows.in_doubt_found", -1), 1);
    assert_int_equal(json_int(json, "timeline.1.after_call_ms", -1), 3000);
    assert_string_equal(json_text(json, "timeline.1.text"), "rebooting?[2J");
    assert_string_equal(json_text(json, "bars.from"), "2026-11-24T14:02:06.000Z");
    assert_true(json_is_null(json_at(json, "request_id")));
    assert_string_equal(json_text(json, "preflight.0.evidence"), "it is available");
    drill_markdown(&r, &text);
    assert_non_null(strstr(str_text(&text), "**PASSED**"));
    assert_non_null(strstr(str_text(&text), "quarterly \\<b\\>drill\\</b\\>"));
    assert_non_null(
        strstr(str_text(&text), "4183 sent, 4181 acknowledged, 2 in doubt; read back: 4182 found, 0 lost, 1 of those in doubt are there"));
    assert_non_null(strstr(str_text(&text), "postgres  2026-11-24T14:02:06Z  ++++++++++xxxxxx"));
    assert_non_null(strstr(str_text(&text), "+3.0 status: rebooting?\\[2J"));
    json_decref(json);
    str_free(&text);
    drill_record_free(&r);
}

static void test_long_drill(void **state)
{
    struct drill_record r = record();
    (void)state;
    r.back_at = 0;
    r.ended_at = NOW + HOUR;
    r.probes.at[0].stopped_at = r.ended_at;
    for (int i = 0; i < DRILL_ENTRIES_MAX + 5; i++)
        drill_note(&r, NOW + i, "status", i % 2 ? "a" : "b");
    assert_int_equal(r.entries.len, DRILL_ENTRIES_MAX);
    assert_int_equal(r.entries_dropped, 7);
    json_t *json = drill_json(&r);
    assert_int_equal(json_int(json, "bars.each_ms", 0), 16000);
    assert_true(strlen(json_text(json, "probes.0.bar")) <= 240);
    json_decref(json);
    drill_record_free(&r);
}

static int remove_one(const char *path, const struct stat *s, int flag, struct FTW *ftw)
{
    (void)s;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static void test_files(void **state)
{
    struct drill_record r = record();
    char dir[] = "/tmp/trivet-drill-XXXXXX", path[300], copy[64], file[400];
    struct error e = {0};
    struct stat st;
    (void)state;
    assert_non_null(mkdtemp(dir));
    text_format(copy, sizeof copy, "%s/copy/there", dir);
    text_copy(r.account, sizeof r.account, "../prod x");
    assert_true(drill_write(&r, dir, copy, path, sizeof path, &e));
    text_format(file, sizeof file, "%s/reports/20261124T140159Z-___prod_x-innovate-prod", dir);
    assert_string_equal(path, file);
    text_format(file, sizeof file, "%s/report.json", path);
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    text_format(file, sizeof file, "%s/report.md", copy);
    assert_int_equal(stat(file, &st), 0);
    assert_false(drill_write(&r, dir, "/proc/none", path, sizeof path, &e));
    assert_non_null(strstr(e.message, "/proc/none"));
    nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    drill_record_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing_against_it, begin, end),
        cmocka_unit_test_setup_teardown(test_instance, begin, end),
        cmocka_unit_test_setup_teardown(test_backups, begin, end),
        cmocka_unit_test_setup_teardown(test_pending, begin, end),
        cmocka_unit_test_setup_teardown(test_release_and_alarms, begin, end),
        cmocka_unit_test_setup_teardown(test_last_drill, begin, end),
        cmocka_unit_test_setup_teardown(test_words_handed_in, begin, end),
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_judging),
        cmocka_unit_test(test_passed),
        cmocka_unit_test(test_broken_promises),
        cmocka_unit_test(test_not_known),
        cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_bar),
        cmocka_unit_test(test_report),
        cmocka_unit_test(test_long_drill),
        cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
