/* What is kept outside of AWS's own fields: reminders in an IP set's description, alarms acknowledged on this machine, and what health says of
 * both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "base/when.h"
#include "estate/acknowledged.h"
#include "estate/write.h"

#define UNTIL INT64_C(1795465058000) /* 2026-11-23T20:17:38Z */

static struct network network(const char *text)
{
    struct network n;
    assert_true(network_read(text, &n));
    return n;
}

static void a_description_is_taken_apart_and_put_together(void **state)
{
    static const struct {
        const char *text, *kept;
        size_t count;
    } rows[] = {{"", "Addresses blocked by hand", 0},
                {"By hand, see ticket 7", "By hand, see ticket 7", 0},
                {"By hand, 203.0.113.7 until 2026-11-23T20:17:38Z", "By hand, 203.0.113.7 until 2026-11-23T20:17:38Z", 1},
                {"203.0.113.7 until 2026-11-23T20:17:38Z 2001:db8::1/128 until 2026-11-24T00:00:00Z",
                 "203.0.113.7 until 2026-11-23T20:17:38Z, 2001:db8::1 until 2026-11-24T00:00:00Z", 2},
                {"  before , 203.0.113.0/24 until 2026-11-23T20:17:38Z,  behind", "before, behind, 203.0.113.0/24 until 2026-11-23T20:17:38Z", 1},
                {"blocked until tomorrow, 203.0.113.7 until noon", "blocked until tomorrow, 203.0.113.7 until noon", 0},
                {"203.0.113.7 until", "203.0.113.7 until", 0},
                {"203.0.113.7", "203.0.113.7", 0}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reminders r;
        char text[SET_DESCRIPTION_MAX + 4];
        reminders_read(rows[i].text, &r);
        assert_int_equal(r.list.len, rows[i].count);
        assert_true(reminders_write(&r, text, sizeof text));
        assert_string_equal(text, rows[i].kept);
        reminders_free(&r);
    }
}

static void a_reminder_is_set_moved_and_taken_away(void **state)
{
    struct reminders r;
    struct network one = network("203.0.113.7"), other = network("198.51.100.0/24");
    char text[SET_DESCRIPTION_MAX + 4];
    (void)state;
    reminders_read("Ours", &r);
    assert_int_equal(reminders_until(&r, &one), 0);
    reminders_set(&r, &one, UNTIL);
    reminders_set(&r, &other, UNTIL + 1000);
    reminders_set(&r, &one, UNTIL + 2000);
    assert_int_equal(r.list.len, 2);
    assert_int_equal(reminders_until(&r, &one), UNTIL + 2000);
    reminders_set(&r, &one, 0);
    assert_true(reminders_write(&r, text, sizeof text));
    assert_string_equal(text, "Ours, 198.51.100.0/24 until 2026-11-23T20:17:39Z");
    for (int i = 0; i < 6; i++) {
        struct network more = network("203.0.113.0");
        more.bytes[3] = (unsigned char)(100 + i);
        reminders_set(&r, &more, UNTIL);
    }
    text_copy(text, sizeof text, "as it was");
    assert_false(reminders_write(&r, text, sizeof text)); /* 256 characters are all there are */
    assert_string_equal(text, "as it was");
    reminders_free(&r);
}

static void an_acknowledgement_holds_until_the_state_changes(void **state)
{
    json_t *store = json_object();
    struct alarm alarm = {.name = "alb-5xx", .state = ALARM_ALARM, .since = UNTIL}, other = {.name = "rds-cpu", .since = UNTIL};
    (void)state;
    assert_null(acknowledged_find(NULL, "333333333333", &alarm));
    acknowledged_add(store, "333333333333", &alarm, "mara", "a client\x1b[31m retries", UNTIL + 5);
    acknowledged_apply(store, "333333333333", &alarm);
    assert_string_equal(alarm.acknowledged_by, "mara");
    assert_string_equal(alarm.acknowledged_why, "a client?[31m retries");
    assert_int_equal(alarm.acknowledged_at, UNTIL + 5);
    acknowledged_apply(store, "222222222222", &alarm); /* another account's alarm of the same name */
    assert_string_equal(alarm.acknowledged_by, "");
    acknowledged_apply(store, "333333333333", &other);
    assert_string_equal(other.acknowledged_by, "");
    alarm.since++;
    assert_null(acknowledged_find(store, "333333333333", &alarm));
    acknowledged_add(store, "333333333333", &alarm, "jonas", "", UNTIL + 9); /* in place of the old one */
    assert_int_equal(json_array_size(json_object_get(store, "alarms")), 1);
    for (int i = 0; i < ACKNOWLEDGED_MAX + 20; i++) {
        text_format(other.name, sizeof other.name, "alarm-%d", i);
        acknowledged_add(store, "333333333333", &other, "mara", "", UNTIL);
    }
    assert_int_equal(json_array_size(json_object_get(store, "alarms")), ACKNOWLEDGED_MAX);
    json_decref(store);
}

static void a_file_of_any_shape_is_passed_over(void **state)
{
    static const char *const texts[] = {"[]", "{}", "{\"alarms\": 7}", "{\"alarms\": [7, {}, {\"name\": 7}, {\"name\": \"a\", \"account\": []}]}"};
    struct alarm alarm = {.name = "a", .since = 1};
    struct error e = {0};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        json_t *store = json_load(texts[i], strlen(texts[i]), &e);
        acknowledged_apply(store, "333333333333", &alarm);
        assert_string_equal(alarm.acknowledged_by, "");
        json_decref(store);
    }
}

static struct estate *estate_of_one(struct estate_config *config)
{
    struct account_config *account = vec_add(&config->accounts);
    account->name = strdup("prod");
    account->id = strdup("333333333333");
    account->region = strdup("us-east-1");
    account->kind = ACCOUNT_PRODUCTION;
    struct estate *e = estate_new(config);
    for (int f = 0; f < FEED_COUNT; f++)
        slice_good(e, 0, (enum feed)f, UNTIL, 60000, UNTIL + 60000);
    return e;
}

static void health_tells_expired_blocks_and_is_quiet_about_what_is_known(void **state)
{
    struct estate_config config = {0};
    struct estate *e = estate_of_one(&config);
    struct health_report report;
    struct block_set set = {.found = true};
    struct alarm alarm = {.name = "alb-5xx", .state = ALARM_ALARM, .since = UNTIL, .acknowledged_by = "mara"};
    (void)state;
    alarms_set(e, 0, &alarm, 1, UNTIL);
    account_health(&e->accounts[0], UNTIL, &report);
    assert_int_equal(report.health, HEALTH_OK);
    assert_int_equal(report.count, 1);
    assert_int_equal(report.quiet, 1);
    assert_true(report.problem[0].quiet);
    assert_string_equal(report.problem[0].text, "alarm alb-5xx, acknowledged by mara");
    *vec_add(&set.blocks) = (struct waf_block){.address = "203.0.113.7", .until = UNTIL - 600000};
    *vec_add(&set.blocks) = (struct waf_block){.address = "203.0.113.8", .until = UNTIL + 600000};
    *vec_add(&set.blocks) = (struct waf_block){.address = "203.0.113.9"};
    block_set_put(e, 0, false, &set, UNTIL);
    account_health(&e->accounts[0], UNTIL, &report);
    assert_int_equal(report.health, HEALTH_ATTENTION);
    assert_int_equal(report.count - report.quiet, 1);
    assert_string_equal(report.problem[1].text, "block of 203.0.113.7 has expired 10m ago: unblock it");
    *alarm.acknowledged_by = '\0';
    alarms_set(e, 0, &alarm, 1, UNTIL);
    account_health(&e->accounts[0], UNTIL, &report);
    assert_int_equal(report.quiet, 0);
    assert_int_equal(report.count, 2);
    estate_free(e);
    estate_config_free(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_description_is_taken_apart_and_put_together),
                                       cmocka_unit_test(a_reminder_is_set_moved_and_taken_away),
                                       cmocka_unit_test(an_acknowledgement_holds_until_the_state_changes),
                                       cmocka_unit_test(a_file_of_any_shape_is_passed_over),
                                       cmocka_unit_test(health_tells_expired_blocks_and_is_quiet_about_what_is_known)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
