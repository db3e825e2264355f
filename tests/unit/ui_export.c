/* What `show` and `status` print: rows by stable keys, null for what is not known, failures by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "ui/export.h"
#include "ui_estate.h"

static struct pane_view view_of(const struct estate *e)
{
    return (struct pane_view){.estate = e, .now = UI_NOW, .unicode = true, .account = SIZE_MAX};
}

static json_t *show(struct estate *e, const char *pane)
{
    struct pane_view view = view_of(e);
    check_results checks;
    checks_run(e, UI_NOW, &checks);
    view.checks = &checks;
    json_t *out = pane_json(pane_find(pane), &view);
    checks_free(&checks);
    assert_non_null(out);
    return out;
}

static void every_pane_has_its_columns(void **state)
{
    struct estate *e = ui_estate();
    (void)state;
    for (size_t i = 0; panes[i]; i++) {
        json_t *out = show(e, panes[i]->name), *row, *column;
        size_t r, c;
        assert_string_equal(json_text(out, "pane"), panes[i]->name);
        assert_string_equal(json_text(out, "generated"), "2026-11-24T14:02:11Z");
        assert_int_equal(json_array_size(json_at(out, "accounts")), ACCOUNTS);
        assert_true(json_array_size(json_at(out, "rows")) > 0);
        json_array_foreach(json_at(out, "rows"), r, row) {
            assert_non_null(json_text(row, "account"));
            json_array_foreach(json_at(out, "columns"), c, column)
                assert_non_null(json_object_get(row, json_text(column, "key")));
        }
        json_decref(out);
    }
    ui_estate_free(e);
}

static void values_have_their_types(void **state)
{
    struct estate *e = ui_estate();
    (void)state;
    json_t *out = show(e, "database");
    assert_string_equal(json_text(out, "rows.1.id"), "innovate-prod");
    assert_true(json_is_true(json_at(out, "rows.1.multi_az")));
    assert_true(json_is_false(json_at(out, "rows.0.multi_az")));
    json_decref(out);
    out = show(e, "budgets");
    assert_float_equal(json_number(out, "rows.2.limit", 0), 4000, 0);
    assert_float_equal(json_number(out, "rows.2.forecast", 0), 4310, 0);
    json_decref(out);
    out = show(e, "waf");
    assert_string_equal(json_text(out, "rows.0.rule"), "RateLimit");
    assert_float_equal(json_number(out, "rows.0.blocked", 0), 22, 0);
    json_decref(out);
    ui_estate_free(e);
}

static void unknown_is_null_and_failure_has_a_name(void **state)
{
    struct estate *e = ui_estate();
    struct str text = STR_INIT((size_t)1 << 20);
    (void)state;
    struct pod_row row = {.ns = "web", .name = "waiting", .status = "Pending", .node = "", .ip = "", .ready = -1, .containers = -1, .restarts = -1};
    pods_put(e, DEV, &row, UI_NOW);
    ui_fail(e, PROD, FEED_PODS, "AccessDenied", "not authorized");
    json_t *out = show(e, "pods"), *one;
    size_t i, found = 0;
    json_array_foreach(json_at(out, "rows"), i, one)
        if (text_equal(json_text(one, "name"), "waiting")) {
            assert_true(json_is_null(json_object_get(one, "restarts")));
            found++;
        }
    assert_int_equal(found, 1);
    json_decref(out);
    struct pane_view view = view_of(e);
    pane_text(pane_find("pods"), &view, &text);
    assert_non_null(strstr(str_text(&text), "AccessDenied: not authorized"));
    assert_non_null(strstr(str_text(&text), "backend-6c9d7f5b8-8hjlc")); /* the last good rows stay */
    str_free(&text);
    ui_estate_free(e);
}

static void status_is_the_worst(void **state)
{
    struct estate *e = ui_estate();
    struct pane_view view = view_of(e);
    (void)state;
    json_t *out = status_json(&view);
    assert_string_equal(json_text(out, "health"), "attention");
    assert_string_equal(json_text(out, "accounts.0.health"), "ok");
    assert_string_equal(json_text(out, "accounts.2.health"), "attention");
    assert_true(json_array_size(json_at(out, "accounts.2.problems")) > 0);
    json_decref(out);
    ui_estate_free(e);
    e = ui_estate_bare();
    view = view_of(e);
    out = status_json(&view);
    assert_string_equal(json_text(out, "health"), "unknown");
    json_decref(out);
    ui_estate_free(e);
}

static size_t count_of(const char *text, const char *what)
{
    size_t count = 0;
    for (; (text = strstr(text, what)); text += strlen(what))
        count++;
    return count;
}

/* Accounts out of reach for one reason share a line; another reason has its own; none is told again feed by feed. */
static void sessions_that_failed_alike_are_told_once(void **state)
{
    struct estate *e = ui_estate_bare();
    struct str text = STR_INIT((size_t)1 << 20);
    char long_one[400] = "no credentials found. ";
    (void)state;
    for (size_t len; (len = strlen(long_one)) < 370;)
        text_format(long_one + len, sizeof long_one - len, "%s", len < 360 ? "and so on " : "to the end");
    for (size_t a = 0; a < ACCOUNTS; a++)
        for (int f = 0; f < FEED_COUNT; f++)
            if (e->accounts[a].slices[f].state != SLICE_NONE)
                ui_fail(e, a, (enum feed)f, a == DEV ? "AccessDenied" : "NoCredentials", a == DEV ? "not yours" : long_one);
    struct pane_view view = view_of(e);
    view.unicode = true;
    pane_text(pane_find("overview"), &view, &text);
    assert_int_equal(count_of(str_text(&text), "to the end"), 1);
    assert_int_equal(count_of(str_text(&text), "✗"), 2);
    assert_non_null(strstr(str_text(&text), "✗ prod, root session: NoCredentials: no credentials found."));
    assert_non_null(strstr(str_text(&text), "✗ dev session: AccessDenied: not yours"));
    str_clear(&text);
    status_text(&view, &text);
    assert_int_equal(count_of(str_text(&text), "to the end"), 1);
    json_t *out = status_json(&view);
    assert_string_equal(json_text(out, "health"), "unknown");
    assert_non_null(strstr(json_text(out, "accounts.2.problems.0.text"), "to the end"));
    json_decref(out);
    str_free(&text);
    ui_estate_free(e);
}

/* The rows, then the path with what is wrong with it. */
static void overview_has_its_path_in_text(void **state)
{
    struct estate *e = ui_estate();
    struct str text = STR_INIT((size_t)1 << 20);
    struct pane_view view = view_of(e);
    (void)state;
    pane_text(pane_find("overview"), &view, &text);
    assert_non_null(strstr(str_text(&text), "\n\nprod  production 333333333333\nRoute 53    ok                        innovate.example → "));
    assert_non_null(strstr(str_text(&text), "\nALB         ✗ 5xx                     healthy 1a 5/5  1b 5/5  5xx 51/min  84 ms"));
    assert_non_null(strstr(str_text(&text), "\n            load balancer innovate: 51 answers a minute are 5xx, 4.1% of all\nPods "));
    str_clear(&text);
    estate_account_write(e, PROD)->balancing.series_end -= 600000; /* CloudWatch has not told since: that was then */
    pane_text(pane_find("overview"), &view, &text);
    assert_null(strstr(str_text(&text), "answers a minute are 5xx"));
    estate_account_write(e, PROD)->balancing.series_end += 600000;
    str_clear(&text);
    view.account = ROOT; /* has none */
    pane_text(pane_find("overview"), &view, &text);
    assert_int_equal(count_of(str_text(&text), "\n"), 2);
    str_clear(&text);
    view.account = DEV;
    pane_markdown(pane_find("overview"), &view, &text);
    assert_non_null(strstr(str_text(&text), "\n```\ndev  development 222222222222\nRoute 53    none "));
    str_free(&text);
    ui_estate_free(e);
}

/* As many as the strip counts, and status says how many it leaves out. */
static void every_problem_is_told_or_counted(void **state)
{
    struct estate *e = ui_estate();
    struct str text = STR_INIT((size_t)1 << 20);
    struct alarm alarms[PROBLEMS_KEPT];
    struct pane_view view = view_of(e);
    (void)state;
    status_text(&view, &text);
    assert_int_equal(count_of(str_text(&text), "✗"), 4);
    assert_null(strstr(str_text(&text), " more"));
    for (int i = 0; i < PROBLEMS_KEPT; i++)
        alarms[i] = (struct alarm){.name = "many", .state = ALARM_ALARM};
    alarms_set(e, PROD, alarms, PROBLEMS_KEPT, UI_NOW);
    str_clear(&text);
    status_text(&view, &text);
    assert_int_equal(count_of(str_text(&text), "✗"), PROBLEMS_KEPT);
    assert_non_null(strstr(str_text(&text), "  and 3 more\n"));
    str_free(&text);
    ui_estate_free(e);
}

static void ascii_text_is_ascii(void **state)
{
    struct estate *e = ui_estate();
    (void)state;
    for (size_t i = 0; panes[i]; i++) {
        struct pane_view view = view_of(e);
        struct str text = STR_INIT((size_t)1 << 20);
        view.unicode = false;
        pane_text(panes[i], &view, &text);
        for (size_t k = 0; k < text.len; k++)
            assert_true((unsigned char)text.data[k] < 0x80);
        str_free(&text);
    }
    ui_estate_free(e);
}

/* A list that goes on beyond what is read is not cut without a word. */
static void what_is_cut_is_told(void **state)
{
    struct estate *e = ui_estate();
    struct pane_view view = {.estate = e, .now = UI_NOW};
    struct str text = STR_INIT((size_t)1 << 20);
    size_t i, parts = 0;
    json_t *feed;
    (void)state;
    slice_part(e, PROD, FEED_SECRETS);
    slice_part(e, PROD, FEED_KEYS);
    pane_text(pane_find("security"), &view, &text);
    assert_non_null(strstr(str_text(&text), "prod keys, secrets: there is more than is read"));
    json_t *out = show(e, "security");
    json_array_foreach(json_at(json_array_get(json_at(out, "accounts"), PROD), "feeds"), i, feed)
        parts += json_is_true(json_object_get(feed, "part"));
    assert_int_equal(parts, 2);
    json_decref(out);
    str_free(&text);
    ui_estate_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_pane_has_its_columns), cmocka_unit_test(values_have_their_types),
                                       cmocka_unit_test(unknown_is_null_and_failure_has_a_name), cmocka_unit_test(status_is_the_worst),
                                       cmocka_unit_test(sessions_that_failed_alike_are_told_once), cmocka_unit_test(overview_has_its_path_in_text),
                                       cmocka_unit_test(every_problem_is_told_or_counted), cmocka_unit_test(ascii_text_is_ascii),
                                       cmocka_unit_test(what_is_cut_is_told)};
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
