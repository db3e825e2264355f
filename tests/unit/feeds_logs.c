/* What Logs Insights answers, what alarms' metrics answer, and which log groups a saved query means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "estate/write.h"
#include "feeds/map.h"

static json_t *tree(const char *text)
{
    struct error e = {0};
    json_t *out = json_load(text, strlen(text), &e);
    if (!out)
        fail_msg("%s", e.message);
    return out;
}

static const char *cell(const struct insights_result *r, size_t row, size_t column) { return r->cells.at[row * r->columns.len + column]; }

/* A row leaves out what it does not have, and columns come as they are met; the pointer is for machines. */
static void rows_of_a_result(void **state)
{
    struct insights_result r = {.cut = false};
    json_t *reply = tree("{\"status\":\"Complete\",\"results\":[[{\"field\":\"a\",\"value\":\"1\"},{\"field\":\"@ptr\",\"value\":\"x\"}],"
                         "[{\"field\":\"b\\u001b[2J\",\"value\":\"\\u202e\\u001b]0;owned\\u0007\\n2\"},{\"field\":\"a\",\"value\":\"3\"},"
                         "{\"field\":\"a\",\"value\":\"4\"}],[{\"field\":\"a\"},{\"value\":\"lost\"}]],\"statistics\":{\"recordsMatched\":3.0,"
                         "\"recordsScanned\":12.0,\"bytesScanned\":2000000000.0}}");
    (void)state;
    map_insights(reply, &r);
    assert_int_equal(r.columns.len, 2);
    assert_string_equal(r.columns.at[0], "a");
    assert_string_equal(r.columns.at[1], "b?[2J");
    assert_int_equal(r.rows, 3);
    assert_string_equal(cell(&r, 0, 0), "1");
    assert_null(cell(&r, 0, 1));
    assert_string_equal(cell(&r, 1, 0), "4");
    assert_string_equal(cell(&r, 1, 1), "??]0;owned? 2");
    assert_null(cell(&r, 2, 0));
    assert_int_equal(r.scan.matched, 3);
    assert_int_equal(r.scan.bytes, 2000000000);
    assert_float_equal(insights_cost(r.scan.bytes), 0.01, 1e-9);
    assert_false(r.cut);
    json_decref(reply);
    insights_result_free(&r);
}

static void a_result_has_an_end(void **state)
{
    struct insights_result r = {.cut = false};
    json_t *rows = json_array(), *reply = json_pack("{s:o}", "results", rows);
    char name[16];
    char *wide = mem_new(5000);
    (void)state;
    memset(wide, 'w', 4999);
    for (int i = 0; i < INSIGHTS_ROWS_MAX + 5; i++) {
        json_t *row = json_pack("[{s:s, s:s}]", "field", "wide", "value", wide);
        text_format(name, sizeof name, "f%d", i % 60);
        json_array_append_new(row, json_pack("{s:s, s:s}", "field", name, "value", "v"));
        json_array_append_new(rows, row);
    }
    map_insights(reply, &r);
    assert_true(r.cut);
    assert_int_equal(r.rows, INSIGHTS_ROWS_MAX);
    assert_int_equal(r.columns.len, INSIGHTS_COLUMNS_MAX);
    assert_int_equal(r.cells.len, r.rows * r.columns.len);
    assert_true(strlen(cell(&r, 0, 0)) < INSIGHTS_CELL_MAX);
    assert_null(cell(&r, 59, INSIGHTS_COLUMNS_MAX - 1)); /* what has no column is not put into another's */
    assert_int_equal(r.scan.bytes, -1);
    json_decref(reply);
    free(wide);
    insights_result_free(&r);
}

static struct estate_config config;

static struct estate *estate(void)
{
    static const char *const names[] = {"dev", "prod"};
    config = (struct estate_config){.name = mem_strdup("t")};
    for (size_t i = 0; i < 2; i++) {
        struct account_config *a = vec_add(&config.accounts);
        a->name = mem_strdup(names[i]);
        a->id = mem_strdup(i ? "333333333333" : "222222222222");
    }
    struct query_config *q = vec_add(&config.queries);
    *q = (struct query_config){.name = mem_strdup("errors"), .query = mem_strdup("limit 1"), .account = mem_strdup("prod"), .since_ms = 900000};
    *vec_add(&q->groups) = mem_strdup("/aws/eks/");
    *vec_add(&q->groups) = mem_strdup("/app");
    *vec_add(&config.queries) = (struct query_config){.name = mem_strdup("any"), .query = mem_strdup("limit 2")};
    return estate_new(&config);
}

static void which_groups_are_meant(void **state)
{
    struct estate *e = estate();
    struct insights_request r;
    struct error error = {0};
    struct log_group rows[60] = {{.name = "/aws/eks/a/cluster"}, {.name = "/aws/eks/b/cluster"}, {.name = "/app"}, {.name = "/other"}};
    (void)state;
    assert_true(insights_saved(e, query_named(&config, "errors"), 0, "/x", &r, &error)); /* nothing read yet: as they stand */
    assert_int_equal(r.group_count, 2);
    log_groups_set(e, 1, rows, 4, 1);
    slice_good(e, 1, FEED_LOG_GROUPS, 1, 1000, 1000);
    assert_true(insights_saved(e, query_named(&config, "errors"), 0, "/x", &r, &error));
    assert_int_equal(r.account, 1);
    assert_int_equal(r.group_count, 3);
    assert_string_equal(r.groups[2], "/app");
    assert_int_equal(r.since_ms, 900000);
    assert_true(insights_saved(e, query_named(&config, "any"), 1, "/other", &r, &error));
    assert_int_equal(r.group_count, 1);
    assert_string_equal(r.groups[0], "/other");
    assert_int_equal(r.since_ms, INSIGHTS_SINCE_MS);
    assert_false(insights_saved(e, query_named(&config, "any"), 1, "", &r, &error));
    assert_non_null(strstr(error.message, "choose a log group"));
    assert_false(insights_saved(e, query_named(&config, "any"), SIZE_MAX, "", &r, &error));
    for (size_t i = 0; i < 60; i++)
        text_format(rows[i].name, sizeof rows[i].name, "/aws/eks/%zu", i);
    log_groups_set(e, 1, rows, 60, 1);
    assert_true(insights_saved(e, query_named(&config, "errors"), 1, "", &r, &error));
    assert_int_equal(r.group_count, INSIGHTS_GROUPS_MAX);
    assert_int_equal(r.more_groups, 10);
    log_groups_set(e, 1, rows, 0, 1);
    assert_false(insights_saved(e, query_named(&config, "errors"), 1, "", &r, &error));
    assert_non_null(strstr(error.message, "has no log group"));
    estate_free(e);
    estate_config_free(&config);
}

/* A failed query, and one that is stopped, leave the last result with its age. */
static void the_last_result_stays(void **state)
{
    struct estate *e = estate();
    struct insights_request request = {.since_ms = 1000};
    struct insights_result result = {.read_at = 5000};
    struct insights_scan scan = {1, 2, 3};
    struct error error = {0};
    (void)state;
    *vec_add(&result.columns) = mem_strdup("a");
    *vec_add(&result.cells) = mem_strdup("1");
    result.rows = 1;
    insights_begin(e, &request, 4000);
    assert_true(e->insights.under_way);
    assert_int_equal(e->insights.scan.bytes, -1);
    insights_end(e, &result, NULL, 5000);
    error_set(&error, ERROR_SERVICE, "MalformedQueryException", "no");
    insights_begin(e, &request, 6000);
    insights_progress(e, "Running", &scan, false);
    insights_end(e, NULL, &error, 7000);
    assert_string_equal(e->insights.error.code, "MalformedQueryException");
    assert_int_equal(e->insights.result.read_at, 5000);
    assert_int_equal(e->insights.result.rows, 1);
    estate_free(e);
    estate_config_free(&config);
}

static void spans_as_they_are_typed(void **state)
{
    static const struct {
        int64_t ms;
        const char *text;
    } spans[] = {{900000, "15m"}, {3600000, "1h"}, {5400000, "90m"}, {86400000, "24h"}, {604800000, "7d"}};
    char text[24];
    (void)state;
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
        assert_string_equal(insights_span(spans[i].ms, text, sizeof text), spans[i].text);
}

/* Alarms. */

static const char metric_alarm[] =
    "{\"AlarmName\":\"a\",\"MetricName\":\"M\",\"Namespace\":\"N\",\"Statistic\":\"Sum\",\"Period\":300,\"Threshold\":20,"
                                   "\"ComparisonOperator\":\"GreaterThanThreshold\",\"Dimensions\":[{\"Name\":\"D\",\"Value\":\"v\"}]}";

static void only_alarms_of_one_metric_are_asked_about(void **state)
{
    struct alarm alarm;
    (void)state;
    json_t *row = tree(metric_alarm), *query = alarm_query(row, "m7");
    assert_int_equal(alarm_period(row), 300);
    assert_string_equal(json_text(query, "Id"), "m7");
    assert_int_equal(json_int(query, "MetricStat.Period", 0), 300);
    assert_string_equal(json_text(query, "MetricStat.Metric.Dimensions.0.Value"), "v");
    map_alarm(row, &alarm);
    assert_int_equal(alarm.since, 0);
    json_object_set_new(row, "StateUpdatedTimestamp", json_string("2026-11-24T14:01:00Z"));
    map_alarm(row, &alarm);
    int64_t updated = alarm.since;
    json_object_set_new(row, "StateTransitionedTimestamp", json_string("2026-11-24T12:00:00Z"));
    map_alarm(row, &alarm);
    assert_int_equal(updated - alarm.since, 121 * 60000); /* since when it is in this state, whatever moved since */
    assert_int_equal(alarm.comparison, COMPARE_GREATER);
    assert_true(alarm_crosses(&alarm, 20.5) && !alarm_crosses(&alarm, 20) && !alarm_crosses(&alarm, NAN));
    json_decref(query);
    json_decref(row);
    row = tree("{\"AlarmName\":\"m\",\"Metrics\":[{\"Id\":\"e\",\"Expression\":\"a/b\"}],\"ComparisonOperator\":\"LessThanLowerThreshold\"}");
    map_alarm(row, &alarm);
    assert_true(alarm.math && !alarm.composite && alarm.comparison == COMPARE_OTHERWISE);
    assert_int_equal(alarm_period(row), 0);
    assert_null(alarm_query(row, "m0"));
    json_decref(row);
    row = tree("{\"AlarmName\":\"c\",\"AlarmRule\":\"ALARM(x)\"}");
    assert_null(alarm_query(row, "m0"));
    json_decref(row);
    row = tree("{\"MetricName\":\"M\",\"Namespace\":\"N\",\"ExtendedStatistic\":\"p99\",\"Period\":10}");
    assert_int_equal(alarm_period(row), 60);
    json_decref(row);
}

/* Three data of a cell: the one that the alarm minds most is shown. */
static void a_cell_shows_the_worst_of_its_data(void **state)
{
    struct alarm high = {.comparison = COMPARE_GREATER}, low = {.comparison = COMPARE_LESS_EQUAL};
    (void)state;
    for (int k = 0; k < 2; k++) {
        struct alarm_trend trend = {.cell_s = 900};
        json_t *result = tree("{\"Timestamps\":[9900,9300,9000,8999,10800,-1800,0],\"Values\":[5,7,6,1,99,98,3]}");
        for (size_t i = 0; i < ALARM_TREND; i++)
            trend.points[i] = NAN;
        map_alarm_trend(result, k ? &low : &high, 10800, &trend);
        assert_float_equal(trend.points[ALARM_TREND - 1], 5, 0);
        assert_float_equal(trend.points[ALARM_TREND - 2], k ? 6 : 7, 0);
        assert_float_equal(trend.points[ALARM_TREND - 3], 1, 0);
        assert_float_equal(trend.points[0], 3, 0);
        assert_true(isnan(trend.points[1]));
        json_decref(result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_a_result),
        cmocka_unit_test(a_result_has_an_end),
        cmocka_unit_test(which_groups_are_meant),
        cmocka_unit_test(the_last_result_stays),
        cmocka_unit_test(spans_as_they_are_typed),
        cmocka_unit_test(only_alarms_of_one_metric_are_asked_about),
        cmocka_unit_test(a_cell_shows_the_worst_of_its_data),
    };
    return cmocka_run_group_tests_name("feeds_logs", tests, NULL, NULL);
}
