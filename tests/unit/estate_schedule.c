/* When a development account sleeps: on the wall clock there, whatever the clock does. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/when.h"
#include "estate/schedule.h"

static struct shutdown_config plan(const char *zone, const char *stop, const char *start, const char *days)
{
    struct error e = {0};
    struct shutdown_config s = {.timezone = mem_strdup(zone), .stop = mem_strdup(stop), .start = mem_strdup(start), .days = mem_strdup(days),
                                .zone = zone_load(zone, &e)};
    assert_non_null(s.zone);
    assert_true(schedule_days(days, &s.weekdays));
    return s;
}

static void drop(struct shutdown_config *s)
{
    free(s->timezone);
    free(s->stop);
    free(s->start);
    free(s->days);
    zone_free(s->zone);
}

static int64_t at(const char *iso)
{
    int64_t ms = 0;
    assert_true(when_parse_iso(iso, &ms));
    return ms;
}

static void expect(const struct shutdown_config *s, const char *now, const char *stop, const char *start)
{
    struct schedule_next next;
    char text[40];
    assert_true(schedule_next(s, at(now), &next));
    assert_string_equal(when_iso(next.stop_at, text, sizeof text), stop);
    assert_string_equal(when_iso(next.start_at, text, sizeof text), start);
}

static void weekdays_and_weekends(void **state)
{
    (void)state;
    struct shutdown_config s = plan("America/New_York", "20:00", "08:00", "mon-fri");
    expect(&s, "2026-11-24T12:00:00Z", "2026-11-25T01:00:00Z", "2026-11-24T13:00:00Z"); /* Tuesday 07:00 there */
    expect(&s, "2026-11-24T15:00:00Z", "2026-11-25T01:00:00Z", "2026-11-25T13:00:00Z");
    expect(&s, "2026-11-28T02:00:00Z", "2026-12-01T01:00:00Z", "2026-11-30T13:00:00Z"); /* Friday night: Monday */
    drop(&s);
}

static void a_change_of_the_clock_keeps_the_wall(void **state)
{
    (void)state;
    struct shutdown_config s = plan("America/New_York", "20:00", "08:00", "sun-sat");
    expect(&s, "2026-03-07T18:00:00Z", "2026-03-08T01:00:00Z", "2026-03-08T12:00:00Z"); /* 20:00 EST, then 08:00 EDT */
    expect(&s, "2026-10-31T18:00:00Z", "2026-11-01T00:00:00Z", "2026-11-01T13:00:00Z"); /* 20:00 EDT, then 08:00 EST */
    drop(&s);
}

static void hours_asleep(void **state)
{
    (void)state;
    static const struct {
        const char *stop, *start, *days;
        double hours;
    } cases[] = {{"20:00", "08:00", "mon-fri", 4 * 12 + 60}, {"20:00", "08:00", "sun-sat", 84}, {"01:00", "05:00", "mon,wed", 8},
                 {"18:00", "09:00", "fri", 159}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct shutdown_config s = plan("UTC", cases[i].stop, cases[i].start, cases[i].days);
        struct schedule_next next;
        assert_true(schedule_next(&s, at("2026-11-24T12:00:00Z"), &next));
        assert_true(fabs(next.down_hours - cases[i].hours) < 0.01);
        drop(&s);
    }
}

static void days(void **state)
{
    (void)state;
    uint8_t bits;
    assert_true(schedule_days("fri-mon", &bits));
    assert_int_equal(bits, 1 << 5 | 1 << 6 | 1 << 0 | 1 << 1);
    assert_true(schedule_days("mon,wed-thu", &bits));
    assert_int_equal(bits, 1 << 1 | 1 << 3 | 1 << 4);
    const char *const broken[] = {"", "monday", "mon-", "mon,,tue", "mon tue", "1-5", "mon,"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        assert_false(schedule_days(broken[i], &bits));
    assert_int_equal(schedule_minutes("20:30"), 1230);
    assert_int_equal(schedule_minutes(NULL), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(weekdays_and_weekends), cmocka_unit_test(a_change_of_the_clock_keeps_the_wall),
                                       cmocka_unit_test(hours_asleep), cmocka_unit_test(days)};
    return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
