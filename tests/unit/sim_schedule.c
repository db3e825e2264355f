/* When EventBridge Scheduler's expressions are due: rate, at, cron, in time zones with daylight saving. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/when.h"
#include "sim/aws_world.h"

static int64_t ms(const char *iso)
{
    int64_t at = 0;
    assert_true(when_parse_iso(iso, &at));
    return at;
}

static void assert_next(const char *expression, const char *zone, const char *after, const char *expected)
{
    char text[40] = "never";
    int64_t next = schedule_time_next(expression, zone, ms("2026-01-01T00:00:00Z"), ms(after));
    if (next)
        when_iso(next, text, sizeof text);
    assert_string_equal(text, expected);
}

static void test_rates(void **state)
{
    (void)state;
    assert_next("rate(5 minutes)", "UTC", "2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z");
    assert_next("rate(5 minutes)", "UTC", "2026-01-01T00:04:59Z", "2026-01-01T00:05:00Z");
    assert_next("rate(1 hour)", "UTC", "2026-02-03T04:30:00Z", "2026-02-03T05:00:00Z");
    assert_next("rate(7 days)", "UTC", "2026-01-01T00:00:01Z", "2026-01-08T00:00:00Z");
    assert_next("rate(7 days)", "UTC", "2025-12-25T00:00:00Z", "2026-01-01T00:00:00Z"); /* not before its beginning */
}

static void test_once(void **state)
{
    (void)state;
    assert_next("at(2026-11-23T20:00:00)", "America/New_York", "2026-11-23T00:00:00Z", "2026-11-24T01:00:00Z");
    assert_next("at(2026-07-23T20:00:00)", "America/New_York", "2026-07-23T00:00:00Z", "2026-07-24T00:00:00Z");
    assert_next("at(2026-11-23T20:00:00)", "UTC", "2026-11-23T20:00:00Z", "never");
    assert_next("at(2026-03-08T02:30:00)", "America/New_York", "2026-01-01T00:00:00Z", "never"); /* the clocks skip it */
}

static void test_daylight_saving(void **state)
{
    static const char every_evening[] = "cron(0 20 * * ? *)", at_night[] = "cron(30 2 * * ? *)", twice[] = "cron(30 1 * * ? *)";
    (void)state;
    assert_next(every_evening, "America/New_York", "2026-03-07T12:00:00Z", "2026-03-08T01:00:00Z"); /* still winter time */
    assert_next(every_evening, "America/New_York", "2026-03-08T12:00:00Z", "2026-03-09T00:00:00Z");
    assert_next(every_evening, "America/New_York", "2026-11-01T12:00:00Z", "2026-11-02T01:00:00Z");
    assert_next(at_night, "America/New_York", "2026-03-08T05:00:00Z", "2026-03-09T06:30:00Z"); /* 02:30 is not there on the 8th */
    assert_next(twice, "America/New_York", "2026-11-01T04:00:00Z", "2026-11-01T05:30:00Z"); /* and 01:30 is there twice: once is enough */
    assert_next(twice, "America/New_York", "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z");
    assert_next(every_evening, "Asia/Kolkata", "2026-05-01T14:29:59Z", "2026-05-01T14:30:00Z");
}

static void test_cron_fields(void **state)
{
    (void)state;
    assert_next("cron(0 20 ? * MON-FRI *)", "UTC", "2026-11-20T20:00:00Z", "2026-11-23T20:00:00Z"); /* from Friday to Monday */
    assert_next("cron(0 20 ? * 2-6 *)", "UTC", "2026-11-20T20:00:00Z", "2026-11-23T20:00:00Z");
    assert_next("cron(0/15 8-9 ? * FRI-MON *)", "UTC", "2026-11-23T09:45:00Z", "2026-11-27T08:00:00Z"); /* goes round the week */
    assert_next("cron(0 0 L * ? *)", "UTC", "2028-02-01T00:00:00Z", "2028-02-29T00:00:00Z");
    assert_next("cron(0 0 29 2 ? *)", "UTC", "2097-01-01T00:00:00Z", "2104-02-29T00:00:00Z"); /* 2100 has none */
    assert_next("cron(0 9 1W * ? *)", "UTC", "2026-07-31T10:00:00Z", "2026-08-03T09:00:00Z"); /* the first is a Saturday: no earlier month */
    assert_next("cron(0 9 LW * ? *)", "UTC", "2026-10-01T00:00:00Z", "2026-10-30T09:00:00Z");
    assert_next("cron(0 9 ? * 6#3 *)", "UTC", "2026-11-01T00:00:00Z", "2026-11-20T09:00:00Z");
    assert_next("cron(0 9 ? * 6L *)", "UTC", "2026-11-01T00:00:00Z", "2026-11-27T09:00:00Z");
    assert_next("cron(5,35 12 1,15 JAN,JUL ? 2027)", "UTC", "2027-07-15T12:05:00Z", "2027-07-15T12:35:00Z");
    assert_next("cron(5,35 12 1,15 JAN,JUL ? 2027)", "UTC", "2027-07-15T12:35:00Z", "never");
}

static void test_good_and_bad(void **state)
{
    static const char *const good[] = {"rate(1 minute)", "rate(12 hours)", "at(2026-12-31T23:59:59)", "cron(0 20 ? * MON-FRI *)",
                                       "cron(*/5 * * * ? 2026-2030)"};
    static const char *const bad[] = {"", "rate(0 minutes)", "rate(5 weeks)", "rate(5)", "rate(5 minutes", "at(2026-02-29T00:00:00)",
                                      "at(2026-12-31 23:59:59)", "cron(0 20 * * * *)", "cron(0 20 ? * ? *)", "cron(60 20 ? * MON *)",
                                      "cron(0 24 ? * MON *)", "cron(0 20 32 * ? *)", "cron(0 20 ? * FOO *)", "cron(0 20 ? * MON)",
                                      "cron(0 20 ? * MON * *)", "cron(0 20 ? 13 MON *)", "cron(0/0 20 ? * MON *)", "cron(0 20 ? * 6#6 *)", "cron()",
                                      "cron(", "5 minutes"};
    const char *wrong;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(schedule_time_good(good[i], "Europe/Berlin", &wrong));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(schedule_time_good(bad[i], "UTC", &wrong));
        assert_string_equal(wrong, "Invalid Schedule Expression");
    }
    static const char *const zones[] = {"Mars/Olympus", "", "../../../etc/passwd", "/etc/localtime", "America/New_York\n"};
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        assert_false(schedule_time_good("rate(1 minute)", zones[i], &wrong));
        assert_non_null(strstr(wrong, "timezone"));
    }
}

static void test_our_own_zone_stays(void **state)
{
    (void)state;
    setenv("TZ", "Asia/Tokyo", 1);
    assert_next("cron(0 20 * * ? *)", "America/New_York", "2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z");
    assert_string_equal(getenv("TZ"), "Asia/Tokyo");
    unsetenv("TZ");
    assert_next("cron(0 20 * * ? *)", "America/New_York", "2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z");
    assert_null(getenv("TZ"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rates),       cmocka_unit_test(test_once),
                                       cmocka_unit_test(test_daylight_saving), cmocka_unit_test(test_cron_fields),
                                       cmocka_unit_test(test_good_and_bad), cmocka_unit_test(test_our_own_zone_stays)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
