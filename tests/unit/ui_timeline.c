/* The timeline: in order, each thing once, whatever order it was heard of in, and from each row to what it is of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "leads_estate.h"
#include "ui/export.h"
#include "ui/panes/panes.h"
#include "ui/table.h"
#include "ui_estate.h"

#define MINUTE INT64_C(60000)
#define PUT(to, text) text_copy((to), sizeof(to), (text))

struct bench {
    struct estate *estate;
    struct pane_view view;
    struct table table;
};

static int set_up(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    b->estate = ui_estate();
    leads_build(b->estate);
    b->view = (struct pane_view){.estate = b->estate, .now = UI_NOW, .unicode = true, .account = SIZE_MAX};
    table_init(&b->table, &pane_timeline);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    table_free(&b->table);
    ui_estate_free(b->estate);
    free(b);
    return 0;
}

static const char *column(struct bench *b, struct row_ref row, const char *key)
{
    static struct value value;
    const struct column *c = pane_timeline.columns;
    while (strcmp(c->key, key) != 0)
        c++;
    c->value(&b->view, row, &value);
    return value.text;
}

/* Rows about that, newest first as the pane has them; how many. */
static size_t about(struct bench *b, const char *subject, row_refs *out)
{
    estate_touch(b->estate);
    table_update(&b->table, &b->view);
    vec_clear(out);
    for (size_t i = 0; i < b->table.rows.len; i++)
        if (!strcmp(column(b, b->table.rows.at[i], "subject"), subject))
            *vec_add(out) = b->table.rows.at[i];
    return out->len;
}

static bool leads_to(struct bench *b, struct row_ref row, const char *pane)
{
    struct leads found;
    leads_of(&b->view, &pane_timeline, row, false, &found);
    for (size_t i = 0; i < found.count; i++)
        if (!strcmp(found.at[i].pane, pane) && found.at[i].count)
            return true;
    return false;
}

/* CloudTrail has whole seconds: of one second the later call stands first, here and in the Overview. */
static void equal_times_keep_their_order(void **state)
{
    struct bench *b = *state;
    struct trail_event calls[3] = {{.at = UI_NOW + 1000}, {.at = UI_NOW + 1000}, {.at = UI_NOW + 1000}};
    static const char *const names[] = {"StopDBInstance", "ModifyDBInstance", "RebootDBInstance"};
    struct row_ref newest[3];
    row_refs rows = {0};
    for (size_t i = 0; i < 3; i++) {
        PUT(calls[i].name, names[i]);
        PUT(calls[i].source, "rds");
        PUT(calls[i].resource, "one-second");
    }
    trail_events_set(b->estate, PROD, calls, 3);
    assert_int_equal(about(b, "one-second", &rows), 3);
    assert_int_equal(timeline_newest(&b->view, newest, 3), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_non_null(strstr(column(b, rows.at[i], "what"), names[i]));
        assert_int_equal(newest[i].index, rows.at[i].index);
    }
    vec_free(&rows);
}

static void put_release(struct estate *e, enum release_state release_state, int64_t at, bool pipeline)
{
    struct release_set set = {.ahead = -1, .behind = -1};
    struct release *r = vec_add(&set.runs);
    *r = (struct release){.provider = pipeline ? RELEASE_PIPELINE : RELEASE_GITHUB, .state = release_state, .updated_at = at, .reviews = -1};
    r->id = pipeline ? 0 : 9820;
    r->number = pipeline ? 0 : 820;
    PUT(set.repository, "innovate/webapp");
    PUT(r->title, "Cache session lookups");
    PUT(r->pipeline, pipeline ? "deploy" : "");
    if (pipeline)
        pipelines_set(e, PROD, &set, UI_NOW);
    else
        releases_set(e, PROD, &set, UI_NOW);
}

/* Seen live and read anew: what has become of it stands once, what it was before stays. */
static void a_release_stands_once(void **state)
{
    struct bench *b = *state;
    row_refs rows = {0};
    put_release(b->estate, RELEASE_RUNNING, UI_NOW - 9 * MINUTE, false);
    assert_int_equal(about(b, "820", &rows), 1);
    put_release(b->estate, RELEASE_FAILED, UI_NOW - 5 * MINUTE, false);
    assert_int_equal(about(b, "820", &rows), 1);
    put_release(b->estate, RELEASE_SUCCEEDED, UI_NOW - 2 * MINUTE, false);
    assert_int_equal(about(b, "820", &rows), 2);
    assert_string_equal(column(b, rows.at[0], "what"), "succeeded: Cache session lookups");
    assert_string_equal(column(b, rows.at[1], "what"), "failed (was running): Cache session lookups");
    assert_true(leads_to(b, rows.at[0], "releases") && leads_to(b, rows.at[1], "releases"));
    vec_free(&rows);
}

static void pipelines_are_releases_too(void **state)
{
    struct bench *b = *state;
    row_refs rows = {0};
    slice_good(b->estate, PROD, FEED_PIPELINES, UI_NOW - 9 * MINUTE, MINUTE, UI_NOW);
    put_release(b->estate, RELEASE_RUNNING, UI_NOW - 9 * MINUTE, true);
    put_release(b->estate, RELEASE_FAILED, UI_NOW - 5 * MINUTE, true);
    put_release(b->estate, RELEASE_SUCCEEDED, UI_NOW - 2 * MINUTE, true);
    assert_int_equal(about(b, "deploy", &rows), 2);
    assert_string_equal(column(b, rows.at[0], "what"), "succeeded: Cache session lookups");
    assert_true(leads_to(b, rows.at[0], "releases") && leads_to(b, rows.at[1], "releases"));
    assert_true(pane_feeds(&pane_timeline) & FEED_BIT(FEED_PIPELINES));
    vec_free(&rows);
}

static void put_budget(struct estate *e, double actual, bool alarm, int64_t at)
{
    struct budget b = {.limit = 100, .actual = actual, .forecast = actual, .updated_at = at};
    PUT(b.name, "monthly");
    PUT(b.unit, "USD");
    *vec_add(&b.notifications) = (struct budget_notification){.percent = true, .threshold = 100, .alarm = alarm};
    budgets_set(e, DEV, &b, 1, UI_NOW);
}

static void a_budget_stands_once(void **state)
{
    struct bench *b = *state;
    row_refs rows = {0};
    put_budget(b->estate, 60, false, UI_NOW - 90 * MINUTE);
    put_budget(b->estate, 120, true, UI_NOW - 30 * MINUTE);
    assert_int_equal(about(b, "monthly", &rows), 1);
    assert_string_equal(column(b, rows.at[0], "what"), "spent over 100 %: $120 of $100, tells nobody");
    put_budget(b->estate, 130, true, UI_NOW - 10 * MINUTE); /* with the next figures it stays known when it was passed */
    assert_int_equal(about(b, "monthly", &rows), 2);
    assert_string_equal(column(b, rows.at[1], "what"), "over: 120 of 100 USD");
    vec_free(&rows);
}

/* Something older is heard of in between: the restart is told by the change that was seen, and not twice. */
static void a_restart_stands_once(void **state)
{
    struct bench *b = *state;
    row_refs rows = {0};
    struct pod_row row = {.ns = "web", .name = "lone-1", .status = "Running", .created_at = UI_NOW - 90 * MINUTE};
    pods_put(b->estate, PROD, &row, UI_NOW - 30 * MINUTE);
    row.restarts = 1;
    row.restarted_at = UI_NOW - 20 * MINUTE - 2000;
    pods_put(b->estate, PROD, &row, UI_NOW - 20 * MINUTE);
    estate_note(b->estate, UI_NOW - 80 * MINUTE, PROD, FEED_PIPELINES, "deploy", "failed (was running)");
    assert_int_equal(about(b, "lone-1", &rows), 1);
    vec_free(&rows);
}

/* An alarm's name may be as long as CloudWatch lets it be. */
static void an_alarm_with_a_long_name_stands_once(void **state)
{
    struct bench *b = *state;
    row_refs rows = {0};
    struct alarm alarm = {.state = ALARM_OK, .since = UI_NOW - 90 * MINUTE};
    struct alarm_turn turn = {.at = UI_NOW - 3 * MINUTE, .to = "ALARM", .from = "OK"};
    char name[256];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    PUT(alarm.name, name);
    PUT(turn.name, name);
    alarms_set(b->estate, PROD, &alarm, 1, UI_NOW - 60 * MINUTE);
    alarm.state = ALARM_ALARM;
    alarm.since = turn.at;
    alarms_set(b->estate, PROD, &alarm, 1, UI_NOW);
    alarm_turns_set(b->estate, PROD, &turn, 1);
    assert_int_equal(about(b, name, &rows), 1);
    assert_true(leads_to(b, rows.at[0], "alarms"));
    size_t begin_so = 0;
    for (size_t i = 0; i < b->table.rows.len; i++)
        begin_so += text_starts(column(b, b->table.rows.at[i], "subject"), "aaaaaaaa");
    assert_int_equal(begin_so, 1); /* nor one that is cut */
    vec_free(&rows);
}

static bool is_about(struct bench *b, struct row_ref row, const char *name)
{
    struct lead lead = {.pane = "timeline", .word = "subject", .account = PROD};
    PUT(lead.name, name);
    return lead_means(&b->view, &pane_timeline, &lead, row);
}

/* "All that happened to it" has what was done to it from here, too. */
static void what_was_done_from_here_is_of_its_resource(void **state)
{
    struct bench *b = *state;
    row_refs rows = {0};
    struct own_action own[2] = {{.at = UI_NOW - MINUTE, .action = "drill", .resource = "prod / innovate-prod", .phase = "begun"},
                                {.at = UI_NOW - 2 * MINUTE, .action = "restart", .resource = "prod / web/backend", .phase = "begun"}};
    own_actions_set(b->estate, PROD, own, 2);
    assert_int_equal(about(b, "prod / innovate-prod", &rows), 1);
    assert_true(is_about(b, rows.at[0], "innovate-prod") && !is_about(b, rows.at[0], "prod"));
    assert_true(leads_to(b, rows.at[0], "database"));
    assert_int_equal(about(b, "prod / web/backend", &rows), 1);
    assert_true(is_about(b, rows.at[0], "backend") && is_about(b, rows.at[0], "web/backend"));
    assert_true(leads_to(b, rows.at[0], "pods"));
    vec_free(&rows);
}

/* CloudTrail names some things by their ARN. */
static void an_arn_leads_to_what_it_is_of(void **state)
{
    static const char *const arns[][2] = {
        {"arn:aws:secretsmanager:us-east-1:333333333333:secret:innovate-prod/database-AbCdEf", "security"},
        {"arn:aws:rds:us-east-1:333333333333:db:innovate-prod", "database"},
        {"arn:aws:elasticloadbalancing:us-east-1:333333333333:loadbalancer/app/innovate/6c8f1b2d3e4a5f60", "network"},
        {"arn:aws:cloudwatch:us-east-1:333333333333:alarm:rds-cpu", "alarms"},
        {"arn:aws:iam::333333333333:role/TrivetOperator", "security"}};
    struct bench *b = *state;
    row_refs rows = {0};
    for (size_t i = 0; i < sizeof arns / sizeof *arns; i++) {
        struct trail_event call = {.at = UI_NOW - MINUTE, .name = "Update", .source = "any"};
        PUT(call.resource, arns[i][0]);
        trail_events_set(b->estate, PROD, &call, 1);
        assert_int_equal(about(b, arns[i][0], &rows), 1);
        if (!leads_to(b, rows.at[0], arns[i][1]))
            fail_msg("%s leads not to %s", arns[i][0], arns[i][1]);
    }
    assert_true(is_about(b, rows.at[0], "TrivetOperator") && !is_about(b, rows.at[0], "Operator"));
    vec_free(&rows);
}

/* Every feed that notes changes has its place, and a pod that is gone leads to what else is known of it. */
static void changes_lead_somewhere(void **state)
{
    struct bench *b = *state;
    row_refs rows = {0};
    struct hpa h = {.name = (char[]){"lone"}, .ns = "web", .target = "Deployment/backend", .metrics = "", .min = 2, .max = 6, .replicas = 2};
    hpas_put(b->estate, PROD, &h, 1, UI_NOW);
    h.max = 12;
    hpas_put(b->estate, PROD, &h, 1, UI_NOW);
    assert_int_equal(about(b, "lone", &rows), 1);
    assert_true(leads_to(b, rows.at[0], "nodes"));
    estate_note(b->estate, UI_NOW - MINUTE, PROD, FEED_WEB_ACL, b->estate->accounts[PROD].web_acl.rules.at[0].name, "count (was block)");
    assert_int_equal(about(b, b->estate->accounts[PROD].web_acl.rules.at[0].name, &rows), 1);
    assert_true(leads_to(b, rows.at[0], "waf"));
    estate_note(b->estate, UI_NOW - MINUTE, PROD, FEED_PODS, "gone-1", "Error (was Running)");
    estate_note(b->estate, UI_NOW - 2 * MINUTE, PROD, FEED_PODS, "gone-1", "restarted, 2 times in all");
    assert_int_equal(about(b, "gone-1", &rows), 2);
    assert_true(leads_to(b, rows.at[0], "timeline") && !leads_to(b, rows.at[0], "pods"));
    vec_free(&rows);
}

/* Whoever may call AWS or open a pull request writes into the report. */
static void strangers_write_no_markup(void **state)
{
    struct bench *b = *state;
    struct str text = STR_INIT(1 << 20);
    struct trail_event call = {.at = UI_NOW + 1000, .name = "Call", .source = "any", .user = "<img src=x>|`a`",
                               .resource = "[x](https://evil.example) WWW.evil.example ~~*_#!&amp;"};
    trail_events_set(b->estate, PROD, &call, 1);
    pane_markdown(&pane_timeline, &b->view, &text);
    assert_non_null(strstr(str_text(&text), "| 2026-11-24T14:02:12Z | PROD | trail | \\<img src=x\\>\\|\\`a\\` | "
                                            "\\[x\\](https\\://evil.example) WWW\\.evil.example \\~\\~\\*\\_\\#\\!\\&amp; | any Call |\n"));
    str_free(&text);
}

static void the_overview_calls_a_release_one(void **state)
{
    struct bench *b = *state;
    struct row_ref newest;
    char line[600];
    put_release(b->estate, RELEASE_SUCCEEDED, UI_NOW + 1000, false);
    assert_int_equal(timeline_newest(&b->view, &newest, 1), 1);
    timeline_line(&b->view, newest, line, sizeof line);
    assert_string_equal(line, "14:02:12  prod  release 820  succeeded: Cache session lookups");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(equal_times_keep_their_order), TEST(a_release_stands_once),         TEST(pipelines_are_releases_too),
        TEST(a_budget_stands_once),         TEST(a_restart_stands_once),         TEST(an_alarm_with_a_long_name_stands_once),
        TEST(changes_lead_somewhere),       TEST(an_arn_leads_to_what_it_is_of), TEST(what_was_done_from_here_is_of_its_resource),
        TEST(the_overview_calls_a_release_one), TEST(strangers_write_no_markup),
    };
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
