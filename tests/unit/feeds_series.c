/* Series of CloudWatch: what is asked for, and where each datum of the answer comes to stand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "base/json.h"
#include "feeds/internal.h"
#include "feeds/series.h"

#define END INT64_C(1795514400000)

struct row {
    char name[16];
    double load[3], free[3];
};

static const struct series_metric metrics[] = {{'c', "CPUUtilization", "Average", offsetof(struct row, load)},
                                               {'f', "FreeStorageSpace", "Minimum", offsetof(struct row, free)}};
static const struct series_kind kind = {.namespace = "AWS/RDS", .dimension = "DBInstanceIdentifier", .metrics = metrics, .metric_count = 2,
                                        .points = 3, .period_ms = SERIES_MINUTE, .row_size = sizeof(struct row),
                                        .row_value = offsetof(struct row, name)};

static void holds(double found, double expected)
{
    if (isnan(expected) ? !isnan(found) : !(found <= expected && found >= expected))
        fail_msg("%g is not %g", found, expected);
}

static void one_query_for_each_metric_of_each_row(void **state)
{
    struct row rows[] = {{.name = "one"}, {.name = "two"}};
    struct series_kind two = kind;
    two.other = "Region";
    struct series s = {.kind = &two, .rows = rows, .count = 2, .other = "Global", .end = END};
    json_t *input = series_input(&s);
    (void)state;
    assert_int_equal(json_int(input, "StartTime", 0), END / 1000 - 180);
    assert_int_equal(json_int(input, "EndTime", 0), END / 1000);
    assert_int_equal(json_array_size(json_at(input, "MetricDataQueries")), 4);
    assert_string_equal(json_text(input, "MetricDataQueries.0.Id"), "c0");
    assert_string_equal(json_text(input, "MetricDataQueries.3.Id"), "f1");
    assert_string_equal(json_text(input, "MetricDataQueries.3.MetricStat.Metric.MetricName"), "FreeStorageSpace");
    assert_string_equal(json_text(input, "MetricDataQueries.3.MetricStat.Stat"), "Minimum");
    assert_int_equal(json_int(input, "MetricDataQueries.3.MetricStat.Period", 0), 60);
    assert_string_equal(json_text(input, "MetricDataQueries.3.MetricStat.Metric.Dimensions.0.Value"), "two");
    assert_string_equal(json_text(input, "MetricDataQueries.3.MetricStat.Metric.Dimensions.1.Name"), "Region");
    assert_string_equal(json_text(input, "MetricDataQueries.3.MetricStat.Metric.Dimensions.1.Value"), "Global");
    json_decref(input);
    s.kind = &kind;
    input = series_input(&s);
    assert_int_equal(json_array_size(json_at(input, "MetricDataQueries.0.MetricStat.Metric.Dimensions")), 1);
    json_decref(input);
}

static void each_datum_comes_to_its_place(void **state)
{
    struct row rows[2] = {{.name = "one"}, {.name = "two"}};
    struct series s = {.kind = &kind, .rows = rows, .count = 2, .end = END};
    struct error e = {0};
    static const char text[] =
        "{\"MetricDataResults\": ["
        "{\"Id\": \"c0\", \"Timestamps\": [1795514220, 1795514340], \"Values\": [1.5, 3.5]}," /* the oldest minute and the newest */
        "{\"Id\": \"f1\", \"Timestamps\": [1795514160, 1795514280, 1795514400], \"Values\": [7, 8, 9]}," /* before, within, after */
        "{\"Id\": \"c2\", \"Timestamps\": [1795514340], \"Values\": [5]}, {\"Id\": \"x0\", \"Timestamps\": [1795514340], \"Values\": [5]},"
        "{\"Id\": \"\"}, {}, 7, {\"Id\": \"c1\", \"Timestamps\": [1795514340], \"Values\": []}]}";
    json_t *output = json_load(text, sizeof text - 1, &e);
    (void)state;
    assert_non_null(output);
    for (size_t i = 0; i < 2; i++)
        series_blank(&kind, &rows[i]);
    series_take(&s, output);
    static const double expected[2][6] = {{1.5, NAN, 3.5, NAN, NAN, NAN}, {NAN, NAN, NAN, NAN, 8, NAN}};
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 3; k++) {
            holds(rows[i].load[k], expected[i][k]);
            holds(rows[i].free[k], expected[i][3 + k]);
        }
    assert_string_equal(rows[1].name, "two");
    json_decref(output);
}

/* Each metric is paid for each time that it is asked for. Load balancers are looked at more often, but their metrics only once the minute is
 * another. */
static void what_comes_once_a_minute_is_not_asked_for_more_often(void **state)
{
    static const struct feed_type *const paid[] = {&feed_waf_metrics, &feed_edge_metrics, &feed_database_load, &feed_alarm_metrics};
    (void)state;
    for (size_t i = 0; i < sizeof paid / sizeof *paid; i++)
        assert_true(paid[i]->interval_ms >= SERIES_MINUTE && paid[i]->focus_ms >= SERIES_MINUTE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_query_for_each_metric_of_each_row), cmocka_unit_test(each_datum_comes_to_its_place),
                                       cmocka_unit_test(what_comes_once_a_minute_is_not_asked_for_more_often)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
