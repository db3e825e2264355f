/* Kubernetes quantities, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "feeds/map.h"
#include "feeds/quantity.h"

static void reads_quantities(void **state)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {{"0", 0}, {"1", 1}, {"250m", 0.25}, {"1.5", 1.5}, {".5", 0.5}, {"+2", 2}, {"-1", -1}, {"12345678n", 0.012345678}, {"100u", 1e-4},
                 {"2k", 2000}, {"3M", 3e6}, {"1G", 1e9}, {"1T", 1e12}, {"1P", 1e15}, {"1E", 1e18}, {"1Ki", 1024}, {"128Mi", 134217728.0},
                 {"2Gi", 2147483648.0}, {"1Ti", 1099511627776.0}, {"1Pi", 1125899906842624.0}, {"1Ei", 1152921504606846976.0}, {"1e3", 1000},
                 {"12E6", 12e6}, {"1e-3", 0.001}};
    static const char *const none[] = {"", " 1", "x", "m", "1mm", "1 Mi", "1mi", "0x10", "inf", "nan", "-inf", "1e999", "1K", "--1", "1,5", "<none>"};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = quantity(cases[i].text), off = value - cases[i].value, most = cases[i].value < 0 ? -cases[i].value : cases[i].value;
        if (off > most * 1e-12 || off < -most * 1e-12)
            fail_msg("%s: %g", cases[i].text, value);
    }
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (quantity(none[i]) < 0 || quantity(none[i]) > 0)
            fail_msg("%s: %g", none[i], quantity(none[i]));
}

/* What a metrics server may claim does not fit every type. */
static void keeps_whole_numbers_in_range(void **state)
{
    (void)state;
    assert_int_equal(quantity_whole(1.9, 10), 1);
    assert_int_equal(quantity_whole(10, 10), 10);
    assert_int_equal(quantity_whole(-3, 10), 0);
    assert_int_equal(quantity_whole(quantity("999999999E") * 1000, INT32_MAX), INT32_MAX);
    assert_true(quantity_whole(quantity("9999999999999E"), INT64_MAX) == INT64_MAX);
    assert_true(quantity_whole(INFINITY, INT64_MAX) == INT64_MAX);
    assert_int_equal(quantity_whole(NAN, 10), 0);
}

static json_t *container(const char *text)
{
    json_t *tree = json_loads(text, 0, NULL);
    assert_non_null(tree);
    return tree;
}

/* A pod asks for what its containers ask for together; it has a limit only where each of them has one. */
static void a_workload_asks_for_the_sum(void **state)
{
    static const char one[] =
        "{\"resources\": {\"requests\": {\"cpu\": \"0.5\", \"memory\": \"256Mi\"}, \"limits\": {\"cpu\": \"1\", \"memory\": \"512Mi\"}},"
                              " \"env\": [{\"name\": \"B\", \"value\": \"secret\"}, {\"name\": \"A\"}], \"envFrom\": [{\"secretRef\": {\"name\": "
                              "\"keys\"}}]}",
                      two[] = "{\"resources\": {\"requests\": {\"cpu\": \"100m\"}, \"limits\": {\"memory\": \"64Mi\"}}, \"env\": [{\"name\": \"A\"}"
                              "]}";
    json_t *row = json_pack("{s:{s:{s:{s:[o, o]}}}}", "spec", "template", "spec", "containers", container(one), container(two));
    struct workload w;
    (void)state;
    map_workload(row, "Deployment", &w);
    assert_int_equal(w.cpu_m, 600);
    assert_int_equal(w.cpu_limit_m, 0);
    assert_int_equal(w.memory, 256 << 20);
    assert_int_equal(w.memory_limit, 576 << 20);
    assert_string_equal(w.variables, "A B secret/keys");
    assert_false(w.more_variables);
    json_decref(row);
}

/* More names than are kept: what is kept does not pass for all. */
static void too_many_variables_are_told(void **state)
{
    json_t *names = json_array();
    struct workload w;
    (void)state;
    for (int i = 0; i < 200; i++)
        json_array_append_new(names, json_pack("{s:o}", "name", json_sprintf("VARIABLE_%03d", i)));
    json_t *row = json_pack("{s:{s:{s:{s:[{s:o}]}}}}", "spec", "template", "spec", "containers", "env", names);
    map_workload(row, "Deployment", &w);
    assert_true(w.more_variables && strlen(w.variables) < sizeof w.variables);
    json_decref(row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_quantities), cmocka_unit_test(a_workload_asks_for_the_sum),
                                       cmocka_unit_test(too_many_variables_are_told), cmocka_unit_test(keeps_whole_numbers_in_range)};
    return cmocka_run_group_tests_name("feeds_quantity", tests, NULL, NULL);
}
