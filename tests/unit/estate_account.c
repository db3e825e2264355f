/* Slices and their age, what becomes a change, budgets, rates, the detail and the log, and the one word for an account. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "estate/write.h"

#define NOW INT64_C(1795465058000)

static struct estate_config config;

static int make_estate(void **state)
{
    static const char *const names[] = {"root", "dev", "prod"}, *const ids[] = {"111111111111", "222222222222", "333333333333"};
    memset(&config, 0, sizeof config);
    for (int i = 0; i < 3; i++) {
        struct account_config *account = vec_add(&config.accounts);
        account->name = mem_strdup(names[i]);
        account->id = mem_strdup(ids[i]);
        account->kind = i;
    }
    config.accounts.at[1].auto_shutdown.stop = mem_strdup("20:00");
    *state = estate_new(&config);
    return 0;
}

static int drop_estate(void **state)
{
    estate_free(*state);
    estate_config_free(&config);
    return 0;
}

static const char *newest(const struct estate *e)
{
    const struct change *change = change_at(&e->changes, 0);
    return change ? change->text : "";
}

static void finds_accounts(void **state)
{
    struct estate *e = *state;
    assert_ptr_equal(estate_account(e, "dev"), &e->accounts[1]);
    assert_ptr_equal(estate_account(e, "333333333333"), &e->accounts[2]);
    assert_null(estate_account(e, "none"));
    assert_null(estate_account(e, NULL));
    assert_ptr_equal(estate_management(e), &e->accounts[0]);
    for (int f = 0; f < FEED_COUNT; f++)
        assert_true(*feed_name((enum feed)f));
    estate_free(NULL);
}

static void slices_keep_good_data(void **state)
{
    struct estate *e = *state;
    struct slice *s = &e->accounts[0].slices[FEED_BUDGETS];
    struct error denied = {.kind = ERROR_SERVICE, .code = "AccessDenied"};
    assert_int_equal(s->state, SLICE_NEVER);
    slice_loading(e, 0, FEED_BUDGETS);
    assert_int_equal(s->state, SLICE_LOADING);
    assert_true(s->loading);
    slice_failed(e, 0, FEED_BUDGETS, &denied, NOW + 1000);
    assert_int_equal(s->state, SLICE_FAILED);
    assert_false(slice_has_data(s) || s->loading);
    assert_int_equal(s->failures, 1);
    slice_loading(e, 0, FEED_BUDGETS);
    assert_int_equal(s->state, SLICE_FAILED);
    slice_good(e, 0, FEED_BUDGETS, NOW, 60000, NOW + 60000);
    assert_true(s->state == SLICE_FRESH && !s->loading && s->failures == 0 && s->error.kind == ERROR_NONE);
    slice_loading(e, 0, FEED_BUDGETS);
    assert_int_equal(s->state, SLICE_FRESH);
    slice_failed(e, 0, FEED_BUDGETS, &denied, NOW + 70000);
    assert_int_equal(s->state, SLICE_STALE);
    assert_true(slice_has_data(s) && s->read_at == NOW && error_is(&s->error, "AccessDenied"));
    slice_good(e, 0, FEED_BUDGETS, NOW, 60000, NOW + 60000);
    slice_good(e, 0, FEED_PODS, NOW, 0, 0); /* live: no age */
    uint64_t version = e->version;
    assert_false(slices_age(e, NOW + 120000));
    assert_int_equal(e->version, version);
    assert_true(slices_age(e, NOW + 120001));
    assert_true(e->version > version);
    assert_int_equal(s->state, SLICE_STALE);
    assert_false(slices_age(e, NOW + 500000));
    assert_int_equal(e->accounts[0].slices[FEED_PODS].state, SLICE_FRESH);
    slice_none(e, 0, FEED_PODS);
    assert_string_equal(slice_state_name(e->accounts[0].slices[FEED_PODS].state), "none");
}

static void databases_tell_what_changed(void **state)
{
    struct estate *e = *state;
    struct database rows[2] = {{.id = "main", .status = "available", .zone = "us-east-1a", .multi_az = true}, {.id = "extra", .status = "creating"}};
    databases_set(e, 2, rows, 1, NOW);
    slice_good(e, 2, FEED_DATABASE, NOW, 60000, NOW);
    assert_int_equal(e->changes.count, 0);
    snprintf(rows[0].status, sizeof rows[0].status, "rebooting");
    databases_set(e, 2, rows, 1, NOW);
    assert_string_equal(newest(e), "rebooting (was available)");
    snprintf(rows[0].zone, sizeof rows[0].zone, "us-east-1b");
    databases_set(e, 2, rows, 1, NOW);
    assert_string_equal(newest(e), "primary moved from us-east-1a to us-east-1b");
    rows[0].multi_az = false;
    databases_set(e, 2, rows, 2, NOW);
    assert_string_equal(newest(e), "new: creating");
    assert_int_equal(e->changes.count, 4);
    struct database_event events[3] = {{.at = 5, .source = "main", .message = "five"}, {.at = 9, .source = "main", .message = "nine"}};
    database_events_add(e, 2, events, 2);
    slice_good(e, 2, FEED_DATABASE_EVENTS, NOW, 60000, NOW);
    events[2] = (struct database_event){.at = 7, .source = "main", .message = "seven"};
    database_events_add(e, 2, events, 3);
    assert_int_equal(e->changes.count, 4); /* the timeline has them as RDS tells them: nothing else need say so */
    assert_int_equal(e->accounts[2].database.events.len, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(e->accounts[2].database.events.at[i].at, 9 - 2 * i);
    for (int i = 0; i < 600; i++) {
        struct database_event one = {.at = 100 + i, .source = "main"};
        database_events_add(e, 2, &one, 1);
    }
    assert_int_equal(e->accounts[2].database.events.len, 500);
    assert_int_equal(e->accounts[2].database.events.at[0].at, 699);
}

static struct budget budget(double limit, double actual, double forecast)
{
    return (struct budget){.name = "monthly", .unit = "USD", .limit = limit, .actual = actual, .forecast = forecast};
}

static void budgets_have_a_worst_state(void **state)
{
    struct estate *e = *state;
    struct budget b = budget(100, 50, 80);
    assert_int_equal(budget_state(&b), BUDGET_OK);
    *vec_add(&b.notifications) = (struct budget_notification){.percent = true, .threshold = 40};
    assert_int_equal(budget_state(&b), BUDGET_THRESHOLD);
    b.notifications.at[0] = (struct budget_notification){.percent = true, .threshold = 90, .forecasted = true};
    assert_int_equal(budget_state(&b), BUDGET_OK);
    b.notifications.at[0].alarm = true;
    assert_int_equal(budget_state(&b), BUDGET_THRESHOLD);
    b.forecast = 101;
    assert_int_equal(budget_state(&b), BUDGET_FORECAST_OVER);
    b.forecast = NAN;
    assert_int_equal(budget_state(&b), BUDGET_THRESHOLD);
    b.actual = 100.01;
    assert_int_equal(budget_state(&b), BUDGET_OVER);
    b.limit = NAN;
    assert_int_equal(budget_state(&b), BUDGET_UNKNOWN);
    budgets_set(e, 0, &b, 1, NOW);
    assert_int_equal(b.notifications.len, 0); /* moved */
    struct budget next = budget(100, 120, 130);
    budgets_set(e, 0, &next, 1, NOW);
    assert_string_equal(newest(e), "over: 120 of 100 USD");
    next = budget(100, 121, 130);
    *vec_add(&next.notifications) = (struct budget_notification){.percent = true, .threshold = 80, .subscribers = 2};
    budgets_set(e, 0, &next, 1, NOW);
    assert_int_equal(e->changes.count, 1);
    next = budget(100, 122, 130); /* whom they tell was not asked this time */
    *vec_add(&next.notifications) = (struct budget_notification){.percent = true, .threshold = 80, .forecasted = true, .subscribers = -1};
    *vec_add(&next.notifications) = (struct budget_notification){.percent = true, .threshold = 80, .subscribers = -1};
    budgets_set(e, 0, &next, 1, NOW);
    assert_int_equal(e->accounts[0].budgets.at[0].notifications.at[0].subscribers, -1);
    assert_int_equal(e->accounts[0].budgets.at[0].notifications.at[1].subscribers, 2);
}

static void alarms_sessions_and_acl(void **state)
{
    struct estate *e = *state;
    struct alarm alarm = {.name = "alb-5xx", .state = ALARM_OK};
    alarms_set(e, 2, &alarm, 1, NOW);
    alarm.state = ALARM_ALARM;
    alarm.since = NOW - 5;
    alarms_set(e, 2, &alarm, 1, NOW);
    assert_string_equal(newest(e), "ALARM (was OK) ");
    assert_int_equal(change_at(&e->changes, 0)->at, NOW - 5);
    struct session session = {.state = SESSION_READY};
    session_set(e, 2, &session, NOW);
    session.state = SESSION_FAILED;
    session_set(e, 2, &session, NOW);
    assert_string_equal(newest(e), "session lost");
    session.state = SESSION_READY;
    session_set(e, 2, &session, NOW);
    assert_string_equal(newest(e), "session back");
    struct waf_series series = {.rule = "ALL"};
    for (int i = 0; i < WAF_POINTS; i++)
        series.blocked[i] = i == WAF_POINTS - 1 ? (double)NAN : (double)i;
    waf_series_set(e, 2, &series, 1, NOW);
    struct web_acl acl = {.name = "edge", .arn = "arn:edge"};
    *vec_add(&acl.rules) = (struct waf_rule){.name = "r1", .action = "block"};
    web_acl_set(e, 2, &acl, NOW);
    assert_int_equal(acl.rules.len, 0);
    assert_string_equal(newest(e), "session back");
    const struct web_acl *kept = &e->accounts[2].web_acl;
    assert_int_equal(kept->series.len, 1); /* series and samples have a feed of their own */
    assert_int_equal(kept->series_end, NOW);
    assert_float_equal(waf_rate(web_acl_series(kept, "ALL")->blocked, 2), 57.5, 0);
    assert_null(web_acl_series(kept, "x"));
    for (int i = 0; i < WAF_POINTS; i++)
        series.blocked[i] = NAN;
    assert_true(isnan(waf_rate(series.blocked, 5)));
    series.blocked[WAF_POINTS - 20] = 5000; /* too long ago to be called now */
    assert_true(isnan(waf_rate(series.blocked, 1)));
    assert_float_equal(waf_rate(series.blocked, 15), 5000, 0);
    struct organization org = {.id = "o-1"};
    struct scp *scp = vec_add(&org.scps);
    *vec_add(&scp->targets) = mem_strdup("r-1");
    organization_set(e, 0, &org);
    assert_int_equal(org.scps.len, 0);
    organization_set(e, 0, &org);
}

static void change_acl(struct estate *e, const char *arn, const char *rule, const char *action, long limit, const char *by_default)
{
    struct web_acl acl = {.name = "edge"};
    struct waf_rule *r = vec_add(&acl.rules);
    *r = (struct waf_rule){.limit = limit};
    text_copy(acl.arn, sizeof acl.arn, arn);
    text_copy(acl.default_action, sizeof acl.default_action, by_default);
    text_copy(r->name, sizeof r->name, rule);
    text_copy(r->action, sizeof r->action, action);
    web_acl_set(e, 2, &acl, NOW);
}

/* CloudTrail says who has changed the web ACL, but not what of it. */
static void a_web_acl_tells_what_changed(void **state)
{
    struct estate *e = *state;
    change_acl(e, "arn:1", "RateLimit", "block", 2000, "allow");
    change_acl(e, "arn:1", "RateLimit", "block", 2000, "allow");
    assert_int_equal(e->changes.count, 0);
    change_acl(e, "arn:1", "RateLimit", "count", 2000, "allow");
    assert_string_equal(newest(e), "count (was block)");
    assert_string_equal(change_at(&e->changes, 0)->subject, "RateLimit");
    change_acl(e, "arn:1", "RateLimit", "count", 500, "allow");
    assert_string_equal(newest(e), "from 500 requests on (was 2000)");
    change_acl(e, "arn:1", "RateLimit", "count", 500, "block");
    assert_string_equal(newest(e), "what no rule decides: block (was allow)");
    change_acl(e, "arn:1", "Bots", "block", 0, "block");
    assert_string_equal(newest(e), "the rule is gone (was count)");
    assert_string_equal(change_at(&e->changes, 1)->text, "new rule: block");
    change_acl(e, "arn:2", "Other", "block", 0, "allow"); /* another one altogether */
    assert_int_equal(e->changes.count, 5);
}

static void detail_and_log(void **state)
{
    struct estate *e = *state;
    struct detail_key key = {.kind = DETAIL_POD, .account = 2, .ns = "app", .name = "web"}, other = key;
    struct error error = {.kind = ERROR_SERVICE, .code = "NotFound"};
    detail_open(e, &key);
    assert_true(detail_is(e, &key));
    other.account = 1;
    assert_false(detail_is(e, &other));
    assert_int_equal(e->detail.slice.state, SLICE_LOADING);
    detail_failed(e, &error);
    assert_int_equal(e->detail.slice.state, SLICE_FAILED);
    detail_write(e)->yaml = mem_strdup("a: b\n");
    e->detail.slice.state = SLICE_FRESH;
    detail_failed(e, &error);
    assert_int_equal(e->detail.slice.state, SLICE_STALE);
    assert_string_equal(e->detail.yaml, "a: b\n");
    detail_open(e, &other);
    assert_null(e->detail.yaml);
    detail_close(e);
    assert_int_equal(e->detail.key.kind, DETAIL_NONE);
    log_view_open(e, 2, "app", "web", NULL);
    for (int i = 0; i < LOG_LINES_MAX + 5; i++) {
        char line[32];
        int len = snprintf(line, sizeof line, "\x1B[31m%d", i);
        log_view_add(e, line, (size_t)len);
    }
    assert_string_equal(log_view_line(&e->log, 0), "?[31m2004");
    assert_string_equal(log_view_line(&e->log, LOG_LINES_MAX - 1), "?[31m5");
    assert_null(log_view_line(&e->log, LOG_LINES_MAX));
    log_view_end(e, &error);
    assert_true(e->log.ended && error_is(&e->log.error, "NotFound"));
    log_view_open(e, 2, "app", "web", "c");
    assert_true(!e->log.ended && e->log.count == 0);
    log_view_close(e);
    assert_false(e->log.open);
}

static void all_read(struct estate *e, size_t account)
{
    for (int f = 0; f < FEED_COUNT; f++)
        slice_good(e, account, (enum feed)f, NOW, 60000, NOW);
}

static enum health health_of(struct estate *e, size_t account, const char *problem)
{
    struct health_report report;
    account_health(&e->accounts[account], NOW, &report);
    if (problem) {
        assert_int_equal(report.count, 1);
        assert_string_equal(report.problem[0].text, problem);
    } else {
        assert_int_equal(report.count, 0);
    }
    return report.health;
}

static void health_is_one_word(void **state)
{
    struct estate *e = *state;
    struct error denied = {.kind = ERROR_SERVICE, .code = "AccessDenied", .message = "no"};
    assert_int_equal(health_of(e, 2, NULL), HEALTH_UNKNOWN);
    slice_good(e, 2, FEED_SESSION, NOW, 60000, NOW); /* a session alone says nothing of the rest */
    assert_int_equal(health_of(e, 2, NULL), HEALTH_UNKNOWN);
    all_read(e, 2);
    assert_int_equal(health_of(e, 2, NULL), HEALTH_OK);
    slice_none(e, 2, FEED_PODS);
    assert_int_equal(health_of(e, 2, NULL), HEALTH_OK);
    all_read(e, 2);
    slices_age(e, NOW + 130000);
    assert_int_equal(health_of(e, 2, NULL), HEALTH_UNKNOWN);
    all_read(e, 2);
    slice_failed(e, 2, FEED_BUDGETS, &denied, NOW);
    assert_int_equal(health_of(e, 2, "budgets: AccessDenied: no"), HEALTH_UNKNOWN);
    struct alarm alarm = {.name = "alb-5xx", .state = ALARM_ALARM};
    alarms_set(e, 2, &alarm, 1, NOW);
    struct health_report report;
    account_health(&e->accounts[2], NOW, &report);
    assert_true(report.health == HEALTH_ATTENTION && report.count == 2);
    alarms_set(e, 2, NULL, 0, NOW);
    all_read(e, 2);
    /* A session that failed is said once, not once a feed. */
    e->accounts[2].slices[FEED_SESSION].state = SLICE_NEVER;
    for (int f = 0; f < FEED_COUNT; f++) {
        e->accounts[2].slices[f].state = SLICE_NEVER;
        slice_failed(e, 2, (enum feed)f, &denied, NOW);
    }
    assert_int_equal(health_of(e, 2, "session: AccessDenied: no"), HEALTH_UNKNOWN); /* nobody could look */
    all_read(e, 2); /* nor where all had been read before; what fails for a reason of its own is told besides */
    for (int f = 0; f < FEED_COUNT; f++)
        slice_failed(e, 2, (enum feed)f, &denied, NOW);
    assert_int_equal(health_of(e, 2, "session: AccessDenied: no"), HEALTH_UNKNOWN);
    struct error slow = {.kind = ERROR_NETWORK, .code = "Timeout", .message = "no answer"};
    slice_failed(e, 2, FEED_PODS, &slow, NOW);
    account_health(&e->accounts[2], NOW, &report);
    assert_int_equal(report.count, 2);
    assert_string_equal(report.problem[1].text, "pods: Timeout: no answer");
}

static void an_account_that_sleeps_has_no_problem_by_it(void **state)
{
    struct estate *e = *state;
    char app[] = "web", addon[] = "external-dns";
    struct deployment web = {.name = app, .ns = "app", .desired = 1, .available = 0},
                      dns = {.name = addon, .ns = "kube-system", .desired = 1, .available = 0};
    all_read(e, 1);
    deployments_put(e, 1, &web, 1, NOW);
    deployments_put(e, 1, &dns, 1, NOW);
    struct health_report report;
    account_health(&e->accounts[1], NOW, &report);
    assert_int_equal(report.health, HEALTH_ATTENTION);
    assert_int_equal(report.count, 2);
    assert_false(account_is_asleep(&e->accounts[1]));
    web.desired = 0;
    deployments_put(e, 1, &web, 1, NOW);
    assert_true(account_is_asleep(&e->accounts[1]));
    assert_int_equal(health_of(e, 1, NULL), HEALTH_OK); /* add-ons wait for their nodes */
    struct alarm alarm = {.name = "cpu", .state = ALARM_ALARM};
    alarms_set(e, 1, &alarm, 1, NOW);
    assert_int_equal(health_of(e, 1, "alarm cpu"), HEALTH_ATTENTION);
    all_read(e, 2);
    deployments_put(e, 2, &web, 1, NOW);
    assert_false(account_is_asleep(&e->accounts[2])); /* production never sleeps */
}

static void health_knows_what_matters(void **state)
{
    struct estate *e = *state;
    struct database db = {.id = "main", .status = "stopped", .multi_az = true};
    all_read(e, 1);
    all_read(e, 2);
    databases_set(e, 1, &db, 1, NOW);
    databases_set(e, 2, &db, 1, NOW);
    assert_int_equal(health_of(e, 1, NULL), HEALTH_OK); /* dev may sleep: it has a schedule */
    assert_int_equal(health_of(e, 2, "database main: stopped"), HEALTH_ATTENTION);
    snprintf(db.status, sizeof db.status, "available");
    db.multi_az = false;
    databases_set(e, 1, &db, 1, NOW);
    databases_set(e, 2, &db, 1, NOW);
    assert_int_equal(health_of(e, 1, NULL), HEALTH_OK);
    assert_int_equal(health_of(e, 2, "database main has no standby"), HEALTH_ATTENTION);
    databases_set(e, 2, NULL, 0, NOW);
    config.accounts.at[2].database = mem_strdup("main");
    assert_int_equal(health_of(e, 2, "database main is not there"), HEALTH_ATTENTION);
    db.multi_az = true;
    databases_set(e, 2, &db, 1, NOW);
    struct pod_row row = {.ns = "app", .name = "web", .status = "ContainerCreating", .ready = 0, .containers = 1, .created_at = NOW - 60000};
    pods_put(e, 2, &row, NOW);
    assert_int_equal(health_of(e, 2, NULL), HEALTH_OK); /* it starts */
    row.created_at = 0;
    row.name = "old";
    pods_put(e, 2, &row, NOW);
    assert_int_equal(health_of(e, 2, "1 of 2 pods not ready"), HEALTH_ATTENTION);
    row.status = "CrashLoopBackOff";
    pods_put(e, 2, &row, NOW);
    assert_int_equal(health_of(e, 2, "1 of 2 pods failing: old CrashLoopBackOff"), HEALTH_ATTENTION);
    pods_gone(e, 2, "app", "old", NOW);
    deployments_put(e, 2, &(struct deployment){.name = (char[]){"web"}, .ns = "app", .desired = 3}, 1, NOW);
    assert_int_equal(health_of(e, 2, "deployment app/web has none of 3 available"), HEALTH_ATTENTION);
    slice_none(e, 2, FEED_DEPLOYMENTS);
    assert_int_equal(health_of(e, 2, NULL), HEALTH_OK);
    all_read(e, 0);
    struct organization org = {.id = "o"};
    *vec_add(&org.accounts) = (struct member_account){.id = "4", .name = "old", .status = "SUSPENDED"};
    organization_set(e, 0, &org);
    assert_int_equal(health_of(e, 0, "account old (4): SUSPENDED"), HEALTH_ATTENTION);
    organization_set(e, 0, &org);
    trail_set(e, 0, &(struct trail){.present = true, .name = "org"});
    assert_int_equal(health_of(e, 0, "trail org is not logging"), HEALTH_ATTENTION);
    struct alarm alarms[PROBLEMS_KEPT + 4];
    for (int i = 0; i < PROBLEMS_KEPT + 4; i++)
        alarms[i] = (struct alarm){.name = "a", .state = ALARM_ALARM};
    alarms_set(e, 0, alarms, PROBLEMS_KEPT + 4, NOW);
    struct health_report report;
    account_health(&e->accounts[0], NOW, &report);
    assert_int_equal(report.count, PROBLEMS_KEPT + 5); /* counted beyond those kept */
    assert_int_equal(problems_kept(&report), PROBLEMS_KEPT);
}

static void an_alarm_says_its_numbers(void **state)
{
    struct estate *e = *state;
    struct alarm alarm = {.name = "alb-5xx", .state = ALARM_ALARM,
                          .reason = "Threshold Crossed: 3 datapoints [202.0 (24/11/26 13:57:00), 12.0] were greater than the threshold (50.0)."};
    all_read(e, 2);
    alarms_set(e, 2, &alarm, 1, NOW);
    assert_int_equal(health_of(e, 2, "alarm alb-5xx: 202 > 50"), HEALTH_ATTENTION);
    snprintf(alarm.reason, sizeof alarm.reason, "arn:aws:cloudwatch:us-east-1:1:alarm:x transitioned to ALARM");
    alarms_set(e, 2, &alarm, 1, NOW);
    assert_int_equal(health_of(e, 2, "alarm alb-5xx: arn:aws:cloudwatch:us-east-1:1:alarm:x transitioned to ALARM"), HEALTH_ATTENTION);
}

static enum health health_with(struct estate *e, double free_gib, double minutes_ago, const char *problem)
{
    struct database_load load = {.database = "main"};
    for (int i = 0; i < DATABASE_POINTS; i++)
        load.free_bytes[i] = i == DATABASE_POINTS - 1 - (int)minutes_ago ? free_gib * 1024 * 1024 * 1024 : NAN;
    database_loads_set(e, 2, &load, 1);
    return health_of(e, 2, problem);
}

static void storage_that_is_nearly_full(void **state)
{
    struct estate *e = *state;
    struct database db = {.id = "main", .status = "available", .multi_az = true, .storage_gib = 400};
    struct health_report report;
    all_read(e, 2);
    databases_set(e, 2, &db, 1, NOW);
    assert_int_equal(health_of(e, 2, NULL), HEALTH_OK); /* nothing is known of it */
    assert_int_equal(health_with(e, 40, 0, NULL), HEALTH_OK);
    assert_int_equal(health_with(e, 30, 2, "database main: 30.0 of 400 GiB of its storage are free"), HEALTH_ATTENTION);
    account_health(&e->accounts[2], NOW, &report);
    assert_string_equal(report.hop[HOP_DATABASE].word, "storage 8% free");
    assert_int_equal(health_with(e, 30, 9, NULL), HEALTH_OK); /* long ago */
    slice_good(e, 2, FEED_DATABASE_LOAD, NOW - 3700000, 60000, 0); /* nobody has looked for an hour */
    assert_int_equal(health_with(e, 30, 0, NULL), HEALTH_OK);
    slice_good(e, 2, FEED_DATABASE_LOAD, NOW, 60000, 0);
    db.storage_gib = -1;
    databases_set(e, 2, &db, 1, NOW);
    assert_int_equal(health_with(e, 30, 0, NULL), HEALTH_OK);
    snprintf(db.status, sizeof db.status, "storage-full"); /* RDS says so itself: one problem, not two, shows in the path */
    db.storage_gib = 400;
    databases_set(e, 2, &db, 1, NOW);
    account_health(&e->accounts[2], NOW, &report);
    assert_string_equal(report.hop[HOP_DATABASE].word, "storage-full");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_estate, drop_estate)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(finds_accounts),          TEST(slices_keep_good_data), TEST(databases_tell_what_changed), TEST(budgets_have_a_worst_state),
        TEST(alarms_sessions_and_acl), TEST(detail_and_log),        TEST(health_is_one_word),          TEST(health_knows_what_matters),
        TEST(an_account_that_sleeps_has_no_problem_by_it), TEST(a_web_acl_tells_what_changed),
        TEST(storage_that_is_nearly_full), TEST(an_alarm_says_its_numbers),
    };
    return cmocka_run_group_tests_name("estate_account", tests, NULL, NULL);
}
