/* What a table is filtered by: what of a person's words asks one column, what asks for a time, what stays text, and which rows fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "ui/filter.h"
#include "ui/table.h"
#include "ui_estate.h"

static const struct {
    const char *words, *text, *key, *value; /* what remains, and the last term */
    size_t terms;
    int64_t since_ms;
    bool whole;
} read_as[] = {
    {"crash", "crash", NULL, NULL, 0, 0, false},
    {"", "", NULL, NULL, 0, 0, false},
    {" two  words ", " two  words ", NULL, NULL, 0, 0, false},
    {"source:rds", "", "source", "rds", 1, 0, false},
    {"SOURCE:rds", "", "source", "rds", 1, 0, false},
    {"resource:innovate-prod", "", "subject", "innovate-prod", 1, 0, false}, /* by what stands above the column */
    {"account=prod since:2h failover", "failover", "account", "prod", 1, 7200000, true},
    {"failover  began source:rds", "failover  began", "source", "rds", 1, 0, false},
    {"who:\"mara lopez\" x", "x", "who", "mara lopez", 1, 0, false},
    {"who:\"mara lop", "", "who", "mara lop", 1, 0, false},
    {"who:", "", "who", "", 1, 0, false},
    {"who:\"\"", "", "who", "", 1, 0, false},
    {"who:\"", "", "who", "", 1, 0, false},
    {"arn:aws:rds:us-east-1:1:db:x", "arn:aws:rds:us-east-1:1:db:x", NULL, NULL, 0, 0, false},
    {"since:soon", "since:soon", NULL, NULL, 0, 0, false},
    {"since:1d source:rds who:x", "", "who", "x", 2, 86400000, false},
    {":x =y", ":x =y", NULL, NULL, 0, 0, false},
};

static void words_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof read_as / sizeof *read_as; i++) {
        struct filter f;
        filter_read(read_as[i].words, pane_find("timeline"), &f);
        const struct filter_term *last = f.count ? &f.terms[f.count - 1] : NULL;
        if (strcmp(f.text, read_as[i].text) != 0 || f.count != read_as[i].terms || f.since_ms != read_as[i].since_ms)
            fail_msg("\"%s\": text \"%s\", %zu terms, since %lld", read_as[i].words, f.text, f.count, (long long)f.since_ms);
        if (last && (strcmp(last->column->key, read_as[i].key) != 0 || strcmp(last->text, read_as[i].value) != 0 || last->whole != read_as[i].whole))
            fail_msg("\"%s\": %s \"%s\"", read_as[i].words, last->column->key, last->text);
    }
}

static void more_than_there_is_room_for_is_cut(void **state)
{
    char words[2000] = "";
    struct filter f;
    (void)state;
    for (size_t i = 0; i < 100; i++)
        memcpy(words + 9 * i, "source:a ", 10);
    filter_read(words, pane_find("timeline"), &f);
    assert_int_equal(f.count, FILTER_TERMS);
    memset(words, 'x', sizeof words - 1);
    filter_read(words, pane_find("timeline"), &f);
    assert_true(strlen(f.text) < FILTER_MAX);
}

static size_t rows_with(struct estate *e, const char *pane, const char *words)
{
    struct table table;
    struct pane_view view = {.estate = e, .now = UI_NOW, .unicode = true, .account = SIZE_MAX};
    table_init(&table, pane_find(pane));
    table_filter(&table, words);
    table_update(&table, &view);
    size_t rows = table.rows.len;
    table_free(&table);
    return rows;
}

static void rows_fit(void **state)
{
    struct estate *e = ui_estate();
    (void)state;
    size_t all = rows_with(e, "pods", ""), prod = rows_with(e, "pods", "account:prod"), dev = rows_with(e, "pods", "account:dev");
    assert_true(prod && dev);
    assert_int_equal(prod + dev, all);
    assert_int_equal(rows_with(e, "pods", "account=pro"), 0);
    assert_int_equal(rows_with(e, "pods", "account=PROD"), prod);
    assert_int_equal(rows_with(e, "pods", "account:dev account:prod"), 0);
    size_t failing = rows_with(e, "pods", "status:crash");
    assert_true(failing && failing < prod);
    assert_int_equal(rows_with(e, "pods", "account:prod status:crash"), failing);
    assert_int_equal(rows_with(e, "pods", "account:prod crash"), failing);
    assert_int_equal(rows_with(e, "pods", "zone:crash"), 0);
    size_t day = rows_with(e, "timeline", "since:1d"), hour = rows_with(e, "timeline", "since:1h");
    assert_true(hour && hour < day && day < rows_with(e, "timeline", ""));
    assert_int_equal(rows_with(e, "waf", "since:1h"), 0); /* rules have no time */
    ui_estate_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words_are_read), cmocka_unit_test(more_than_there_is_room_for_is_cut),
                                       cmocka_unit_test(rows_fit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
