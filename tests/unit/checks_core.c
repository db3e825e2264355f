/* How verdicts come about: evidence, what could not be read, what does not apply, waivers; and the documents made of them. The checks are the test's
 * own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <expat.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "checks/report.h"
#include "check_bench.h"

#define NOW INT64_C(1795465058000)

static enum check_verdict says[8]; /* what the check under test says, CHECK_NA ends it */
static size_t saying;

static void look(struct checking *c)
{
    for (size_t i = 0; i < saying; i++) {
        char name[16];
        text_format(name, sizeof name, "r%zu", i);
        if (says[i] == CHECK_NA)
            check_na(c, "nothing of it here");
        else if (says[i] == CHECK_UNKNOWN)
            check_unknown(c, name, "cannot tell");
        else
            check_that(c, says[i] == CHECK_PASS, name, "<value & \"quotes\"> \x1b[31m %zu", i);
    }
}

static void many(struct checking *c)
{
    for (int i = 0; i < 50; i++)
        check_pass(c, "fine", "%d", i);
    check_fail(c, "last", "wrong");
}

#define PROD CHECK_KIND(ACCOUNT_PRODUCTION)
static const struct check said = {"said", "one", "it is so", "make it so", CHECK_ALL, FEED_BIT(FEED_DATABASE), 0, look};
static const struct check prod_only = {"prod-only", "one", "it is so", "make it so", PROD, 0, FEED_BIT(FEED_ORGANIZATION), look};
static const struct check crowded = {"crowded", "two", "all are fine", "mend the last", PROD, 0, 0, many};
const struct check *const check_rows[] = {&said, &prod_only, &crowded, NULL};

static int begin(void **state)
{
    struct bench *b = mem_new(sizeof *b);
    bench_begin(b, NOW);
    b->config.name = mem_strdup("bench");
    bench_open(b);
    for (size_t a = 0; a < 3; a++) {
        slice_good(b->estate, a, FEED_DATABASE, NOW, 60000, NOW + 60000);
        slice_good(b->estate, a, FEED_ORGANIZATION, NOW, 60000, NOW + 60000);
    }
    saying = 1;
    says[0] = CHECK_PASS;
    *state = b;
    return 0;
}

static int end(void **state)
{
    struct bench *b = *state;
    bench_end(b);
    free(b);
    return 0;
}

static void the_worst_word_counts(void **state)
{
    static const struct {
        enum check_verdict says[3];
        size_t count;
        enum check_verdict expected;
    } rows[] = {{{CHECK_PASS, CHECK_PASS}, 2, CHECK_PASS},          {{CHECK_PASS, CHECK_FAIL}, 2, CHECK_FAIL},
                {{CHECK_PASS, CHECK_UNKNOWN}, 2, CHECK_UNKNOWN},    {{CHECK_UNKNOWN, CHECK_FAIL, CHECK_PASS}, 3, CHECK_FAIL},
                {{CHECK_PASS}, 0, CHECK_UNKNOWN},                   {{CHECK_NA}, 1, CHECK_NA},
                {{CHECK_NA, CHECK_FAIL}, 2, CHECK_FAIL}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        memcpy(says, rows[i].says, sizeof rows[i].says);
        saying = rows[i].count;
        assert_int_equal(bench_result(*state, "said", 1)->verdict, rows[i].expected);
    }
}

static void what_was_not_read_is_never_a_pass(void **state)
{
    struct bench *b = *state;
    struct error denied = {0};
    struct estate_config *config = &b->config;
    estate_free(b->estate);
    b->estate = estate_new(config);
    const struct check_result *r = bench_result(b, "said", 2);
    assert_int_equal(r->verdict, CHECK_UNKNOWN);
    assert_string_equal(r->evidence.at[0].value, "database: not read yet");
    error_set(&denied, ERROR_SERVICE, "AccessDenied", "may not");
    slice_failed(b->estate, 2, FEED_DATABASE, &denied, NOW);
    assert_string_equal(bench_result(b, "said", 2)->evidence.at[0].value, "database: AccessDenied: may not");
    slice_failed(b->estate, 0, FEED_ORGANIZATION, &denied, NOW); /* evidence that the management account has */
    r = bench_result(b, "prod-only", 2);
    assert_int_equal(r->verdict, CHECK_UNKNOWN);
    assert_string_equal(r->evidence.at[0].resource, "root");
}

static void kinds_that_it_does_not_apply_to(void **state)
{
    assert_int_equal(bench_result(*state, "prod-only", 0)->verdict, CHECK_NA);
    assert_int_equal(bench_result(*state, "prod-only", 1)->verdict, CHECK_NA);
    assert_int_equal(bench_result(*state, "prod-only", 2)->verdict, CHECK_PASS);
}

static void failures_stand_first_and_none_is_lost(void **state)
{
    const struct check_result *r = bench_result(*state, "crowded", 2);
    assert_int_equal(r->verdict, CHECK_FAIL);
    assert_int_equal(r->evidence.len, CHECK_EVIDENCE_MAX);
    assert_string_equal(r->evidence.at[0].resource, "last");
    assert_int_equal(r->more, 51 - CHECK_EVIDENCE_MAX);
}

static void waivers_hold_until_their_day(void **state)
{
    struct bench *b = *state;
    struct check_counts n;
    says[0] = CHECK_FAIL;
    *vec_add(&b->config.waivers) =
        (struct waiver_config){.check = mem_strdup("said"), .account = mem_strdup("dev"), .reason = mem_strdup("known"), .until = NOW + 1};
    assert_non_null(bench_result(b, "said", 1)->waiver);
    assert_int_equal(bench_result(b, "said", 1)->verdict, CHECK_FAIL);
    assert_null(bench_result(b, "said", 2)->waiver);
    checks_count(&b->results, &n);
    assert_int_equal(n.waived, 1);
    assert_int_equal(n.fail, 4); /* said in root and prod, prod-only, crowded */
    b->config.waivers.at[0].until = NOW;
    assert_null(bench_result(b, "said", 1)->waiver);
}

static int depth, cases, failures, skips, errors;
static void on_start(void *arg, const char *name, const char **attributes)
{
    (void)arg;
    (void)attributes;
    depth++;
    cases += !strcmp(name, "testcase");
    failures += !strcmp(name, "failure");
    skips += !strcmp(name, "skipped");
    errors += !strcmp(name, "error");
}
static void on_end(void *arg, const char *name)
{
    (void)arg;
    (void)name;
    depth--;
}

static void junit_is_xml_whatever_stands_in_it(void **state)
{
    struct bench *b = *state;
    struct str text = STR_INIT(STR_TEXT_MAX);
    says[0] = CHECK_FAIL;
    bench_result(b, "said", 1);
    struct check_run r = {b->estate, &b->results, NULL, NOW};
    check_report_junit(&r, &text);
    XML_Parser parser = XML_ParserCreate(NULL);
    XML_SetElementHandler(parser, on_start, on_end);
    if (XML_Parse(parser, str_text(&text), (int)text.len, XML_TRUE) != XML_STATUS_OK)
        fail_msg("%s", str_text(&text));
    XML_ParserFree(parser);
    assert_int_equal(cases, 9);
    assert_int_equal(failures, 5);
    assert_int_equal(skips, 4);
    assert_int_equal(errors, 0);
    assert_null(strchr(str_text(&text), '\x1b'));
    str_free(&text);
}

static void tells_what_has_changed(void **state)
{
    struct bench *b = *state;
    struct str text = STR_INIT(STR_TEXT_MAX);
    enum check_verdict was;
    const struct check_result *r = bench_result(b, "said", 1);
    struct check_run first = {b->estate, &b->results, NULL, NOW};
    assert_false(check_before(NULL, b->estate, r, &was));
    json_t *last = check_report_json(&first);
    says[0] = CHECK_FAIL;
    r = bench_result(b, "said", 1);
    assert_true(check_before(last, b->estate, r, &was));
    assert_int_equal(was, CHECK_PASS);
    struct check_run second = {b->estate, &b->results, last, NOW};
    check_report_text(&second, &text);
    assert_non_null(strstr(str_text(&text), "was pass in the run before"));
    says[0] = CHECK_NA; /* which is not told of otherwise */
    bench_result(b, "said", 1);
    str_clear(&text);
    check_report_text(&second, &text);
    assert_non_null(strstr(str_text(&text), "n/a      said"));
    assert_non_null(strstr(str_text(&text), "was pass in the run before"));
    says[0] = CHECK_FAIL;
    bench_result(b, "said", 1);
    json_t *now = check_report_json(&second);
    assert_string_equal(json_text(now, "results.1.before"), "pass");
    json_decref(now);
    json_decref(last);
    str_free(&text);
}

static void sarif_has_a_rule_for_each_and_suppresses_what_is_waived(void **state)
{
    struct bench *b = *state;
    says[0] = CHECK_FAIL;
    *vec_add(&b->config.waivers) = (struct waiver_config){.check = mem_strdup("said"), .reason = mem_strdup("known"), .until = NOW + 1};
    bench_result(b, "said", 1);
    struct check_run r = {b->estate, &b->results, NULL, NOW};
    json_t *sarif = check_report_sarif(&r, "1");
    assert_int_equal(json_array_size(json_at(sarif, "runs.0.tool.driver.rules")), 3);
    assert_string_equal(json_text(sarif, "runs.0.results.0.kind"), "fail");
    assert_string_equal(json_text(sarif, "runs.0.results.0.level"), "error");
    assert_string_equal(json_text(sarif, "runs.0.results.0.suppressions.0.justification"), "known");
    assert_string_equal(json_text(sarif, "runs.0.results.0.locations.0.physicalLocation.artifactLocation.uri"), "bench.yaml");
    assert_string_equal(json_text(sarif, "runs.0.results.0.partialFingerprints.primaryLocationLineHash"), "said/root");
    assert_string_equal(json_text(sarif, "runs.0.results.1.partialFingerprints.primaryLocationLineHash"), "said/dev");
    for (size_t i = 0; i < json_array_size(json_at(sarif, "runs.0.results")); i++) /* what is well is no result */
        assert_int_not_equal(*json_text(json_array_get(json_at(sarif, "runs.0.results"), i), "kind"), 'n');
    json_decref(sarif);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
int main(void)
{
    const struct CMUnitTest tests[] = {TEST(the_worst_word_counts),
                                       TEST(what_was_not_read_is_never_a_pass),
                                       TEST(kinds_that_it_does_not_apply_to),
                                       TEST(failures_stand_first_and_none_is_lost),
                                       TEST(waivers_hold_until_their_day),
                                       TEST(junit_is_xml_whatever_stands_in_it),
                                       TEST(tells_what_has_changed),
                                       TEST(sarif_has_a_rule_for_each_and_suppresses_what_is_waived)};
    return cmocka_run_group_tests_name("checks_core", tests, NULL, NULL);
}
