/* Clocks of other places, over changes to and from summer time. The figures are the zoneinfo database's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/zone.h"

static struct zone *load(const char *name)
{
    struct error e = {0};
    struct zone *zone = zone_load(name, &e);
    if (!zone)
        fail_msg("%s", e.message);
    return zone;
}

static int64_t utc(const struct zone *zone, int year, int month, int day, int hour, int minute)
{
    struct zone_time at = {year, month, day, hour, minute, 0};
    return zone_utc(zone, &at) / 1000;
}

static void summer_time_comes_and_goes(void **state)
{
    (void)state;
    struct zone *ny = load("America/New_York");
    assert_int_equal(utc(ny, 2026, 3, 7, 20, 0), 1772931600);  /* EST */
    assert_int_equal(utc(ny, 2026, 3, 8, 20, 0), 1773014400);  /* EDT: 23 hours later */
    assert_int_equal(utc(ny, 2026, 3, 8, 2, 30), 1772955000);  /* there is no such clock: half an hour into the next */
    assert_int_equal(utc(ny, 2026, 11, 1, 1, 30), 1793511000); /* twice: the first */
    assert_int_equal(utc(ny, 2026, 11, 1, 20, 0), 1793581200);
    assert_int_equal(zone_offset_s(ny, 1773014400000), -14400);
    zone_free(ny);
}

static void beyond_the_table_the_rule_holds(void **state)
{
    (void)state;
    struct zone_time local;
    struct zone *berlin = load("Europe/Berlin");
    zone_local(berlin, 4119181200000, &local); /* 13 July 2100 */
    assert_int_equal(local.year, 2100);
    assert_int_equal(local.month, 7);
    assert_int_equal(zone_offset_s(berlin, 4119181200000), 7200);
    zone_free(berlin);
    struct zone *utc_zone = load("UTC");
    zone_local(utc_zone, -1000, &local);
    assert_int_equal(local.year, 1969);
    assert_int_equal(local.minute, 59);
    assert_int_equal(local.weekday, 3);
    zone_free(utc_zone);
}

static void days_count_on(void **state)
{
    (void)state;
    struct zone *zone = load("Asia/Kolkata");
    assert_int_equal(utc(zone, 2026, 12, 32, 0, 0), utc(zone, 2027, 1, 1, 0, 0));
    zone_free(zone);
}

static void names_that_are_none(void **state)
{
    (void)state;
    const char *const names[] = {"", "Mars/Base", "../../etc/passwd", "/etc/passwd", "America", "zone.tab"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct error e = {0};
        assert_null(zone_load(names[i], &e));
        assert_int_equal(e.kind, ERROR_INPUT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(summer_time_comes_and_goes), cmocka_unit_test(beyond_the_table_the_rule_holds),
                                       cmocka_unit_test(days_count_on), cmocka_unit_test(names_that_are_none)};
    return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
