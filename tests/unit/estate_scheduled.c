/* What EventBridge Scheduler holds, read and told against the profile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/when.h"
#include "estate/schedule.h"
#include "estate/write.h"

struct night {
    struct estate_config config;
    struct estate *estate;
    struct account *dev;
    struct str told;
    size_t wrong;
};

static int64_t at(const char *iso)
{
    int64_t ms = 0;
    assert_true(when_parse_iso(iso, &ms));
    return ms;
}

#define NOW at("2026-11-24T15:00:00Z") /* a Tuesday, 10:00 there */

static int begin(void **state)
{
    struct night *n = mem_new(sizeof *n);
    struct error e = {0};
    struct account_config *config = vec_add(&n->config.accounts);
    *config = (struct account_config){.name = mem_strdup("dev"), .id = mem_strdup("222222222222"), .kind = ACCOUNT_DEVELOPMENT};
    config->auto_shutdown = (struct shutdown_config){.timezone = mem_strdup("America/New_York"), .stop = mem_strdup("20:00"),
                                                     .start = mem_strdup("08:00"),
                                                     .days = mem_strdup("mon-fri"), .zone = zone_load("America/New_York", &e)};
    schedule_days("mon-fri", &config->auto_shutdown.weekdays);
    n->estate = estate_new(&n->config);
    n->dev = estate_account_write(n->estate, 0);
    n->told = STR_INIT(4096);
    struct database d = {.id = "innovate-dev", .status = "available", .class = "db.t4g.medium"};
    struct node_group g = {.name = "addons", .status = "ACTIVE", .desired = 2, .min = 1, .max = 3, .before = -1, .min_before = -1};
    databases_set(n->estate, 0, &d, 1, NOW);
    node_groups_set(n->estate, 0, &g, 1, NOW);
    slice_good(n->estate, 0, FEED_DATABASE, NOW, 60000, 0);
    slice_good(n->estate, 0, FEED_NODE_GROUPS, NOW, 60000, 0);
    slice_none(n->estate, 0, FEED_DEPLOYMENTS);
    *state = n;
    return 0;
}

static int end(void **state)
{
    struct night *n = *state;
    estate_free(n->estate);
    estate_config_free(&n->config);
    str_free(&n->told);
    free(n);
    return 0;
}

static void has_schedules(struct night *n, struct scheduled rows[4])
{
    static const enum scheduled_does does[] = {SCHEDULED_STOP_DATABASE, SCHEDULED_START_DATABASE, SCHEDULED_STOP_NODES, SCHEDULED_START_NODES};
    for (int i = 0; i < 4; i++) {
        rows[i] = (struct scheduled){.does = does[i], .enabled = true, .desired = i == 3 ? 2 : -1, .timezone = "America/New_York"};
        text_copy(rows[i].subject, sizeof rows[i].subject, i < 2 ? "innovate-dev" : "addons");
        schedule_cron(i % 2 ? 480 : 1200, 0x3e, rows[i].expression, sizeof rows[i].expression);
        scheduled_name(n->dev->config, does[i], rows[i].subject, rows[i].name);
    }
}

static void set(struct night *n, const struct scheduled *rows, size_t count)
{
    schedules_set(n->estate, 0, rows, count, NOW);
    slice_good(n->estate, 0, FEED_SCHEDULES, NOW, 60000, 0);
}

static void hear(void *arg, enum schedule_tone tone, const char *text)
{
    struct night *n = arg;
    n->wrong += tone == SCHEDULE_WRONG;
    str_addf(&n->told, "%s\n", text);
}

static const char *differences(struct night *n)
{
    str_clear(&n->told);
    n->wrong = 0;
    schedule_differences(n->dev, hear, n);
    return str_text(&n->told);
}

static void crons(void **state)
{
    (void)state;
    static const struct {
        int minutes;
        const char *days, *cron;
    } cases[] = {{1200, "mon-fri", "cron(0 20 ? * MON-FRI *)"},       {485, "sun-sat", "cron(5 8 ? * * *)"},
                 {0, "sat,sun", "cron(0 0 ? * SAT,SUN *)"},           {1439, "mon,wed,fri", "cron(59 23 ? * MON,WED,FRI *)"},
                 {60, "fri-mon", "cron(0 1 ? * MON,FRI-SUN *)"},      {60, "sun", "cron(0 1 ? * SUN *)"}};
    char text[80];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t days, back;
        int minutes;
        assert_true(schedule_days(cases[i].days, &days));
        assert_string_equal(schedule_cron(cases[i].minutes, days, text, sizeof text), cases[i].cron);
        assert_true(schedule_cron_read(text, &minutes, &back));
        assert_int_equal(minutes, cases[i].minutes);
        assert_int_equal(back, days);
    }
}

static void crons_of_others(void **state)
{
    (void)state;
    int minutes;
    uint8_t days;
    assert_true(schedule_cron_read("cron(30 21 ? * 2-6 *)", &minutes, &days) && minutes == 1290 && days == 0x3e);
    assert_true(schedule_cron_read("cron(0 20 * * ? *)", &minutes, &days) && days == 0x7f);
    assert_true(schedule_cron_read("cron(0 20 ? * fri-mon *)", &minutes, &days) && days == (1 << 5 | 1 << 6 | 1 | 2));
    static const char *const others[] = {"rate(1 day)", "at(2026-11-24T20:00:00)", "cron(0 20 ? * MON-FRI)", "cron(0/5 20 ? * * *)",
                                         "cron(0 8,20 ? * * *)", "cron(0 20 1 * ? *)", "cron(0 20 ? 6 * *)", "cron(0 20 ? * 6#3 *)",
                                         "cron(0 20 ? * L *)", "cron(0 24 ? * * *)", "cron(60 20 ? * * *)", "cron(0 20 ? * * 2027)",
                                         "cron(0 20 ? * * * *)", "cron()", "cron(0 20 ? * 0 *)", ""};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(schedule_cron_read(others[i], &minutes, &days));
}

static void names(void **state)
{
    struct night *n = *state;
    char name[SCHEDULED_NAME_MAX], other[SCHEDULED_NAME_MAX];
    assert_string_equal(scheduled_name(n->dev->config, SCHEDULED_START_NODES, "addons", name), "trivet-dev-start-nodes-addons");
    scheduled_name(n->dev->config, SCHEDULED_STOP_DATABASE, "a-database-with-a-name-that-is-much-longer-than-names-should-be", name);
    scheduled_name(n->dev->config, SCHEDULED_STOP_DATABASE, "a-database-with-a-name-that-is-much-longer-than-names-should-go", other);
    assert_int_equal(strlen(name), 64);
    assert_string_not_equal(name, other);
}

static void as_the_profile_says(void **state)
{
    struct night *n = *state;
    struct scheduled rows[4];
    assert_string_equal(differences(n), ""); /* not read yet */
    set(n, NULL, 0);
    assert_string_equal(differences(n), "EventBridge: no schedules: nothing stops or starts it by itself\n");
    has_schedules(n, rows);
    set(n, rows, 4);
    assert_string_equal(differences(n), "EventBridge: 4 schedules, as the profile says\n");
    assert_int_equal(n->wrong, 0);
}

static void otherwise(void **state)
{
    struct night *n = *state;
    struct scheduled rows[4];
    has_schedules(n, rows);
    rows[1].enabled = false;
    text_copy(rows[2].timezone, sizeof rows[2].timezone, "Europe/Berlin");
    rows[3].desired = 5;
    set(n, rows, 4);
    assert_string_equal(differences(n), "EventBridge: the start of database innovate-dev is paused\n"
                                        "EventBridge: node group addons stops at 20:00 MON-FRI Europe/Berlin, not as the profile says at 20:00 "
                                        "mon-fri America/New_York\n"
                                        "EventBridge: node group addons starts with 5 nodes; awake it has 2\n");
    for (int i = 0; i < 4; i++)
        rows[i].enabled = false;
    set(n, rows, 4);
    assert_string_equal(differences(n), "EventBridge: all schedules are paused: nothing stops or starts it by itself\n");
    has_schedules(n, rows);
    text_copy(rows[0].expression, sizeof rows[0].expression, "rate(1 day)");
    rows[1].does = SCHEDULED_OTHER;
    text_copy(rows[3].name, sizeof rows[3].name, "trivet-dev-start-nodes-old");
    text_copy(rows[3].subject, sizeof rows[3].subject, "old");
    set(n, rows, 4);
    const char *told = differences(n);
    assert_non_null(strstr(told, "database innovate-dev stops at rate(1 day) America/New_York, not as"));
    assert_non_null(strstr(told, "trivet-dev-start-database-innovate-dev does something else than its name says"));
    assert_non_null(strstr(told, "the start of node group addons is missing"));
    assert_non_null(strstr(told, "trivet-dev-start-nodes-old is for old, which is not there"));
}

static void kept_up(void **state)
{
    struct night *n = *state;
    struct scheduled rows[4];
    struct schedule_next next;
    char text[40];
    has_schedules(n, rows);
    set(n, rows, 4);
    assert_int_equal(schedule_kept_until(n->dev, NOW), 0);
    assert_string_equal(when_iso(schedule_keep_until(&n->dev->config->auto_shutdown, NOW), text, sizeof text), "2026-11-25T13:00:00Z");
    assert_string_equal(when_iso(schedule_keep_until(&n->dev->config->auto_shutdown, at("2026-11-27T15:00:00Z")), text, sizeof text),
                        "2026-11-30T13:00:00Z"); /* on Friday: until Monday */
    rows[1].not_before = NOW + 86400000; /* a start that waits keeps nothing up */
    set(n, rows, 4);
    assert_int_equal(schedule_kept_until(n->dev, NOW), 0);
    rows[2].not_before = at("2026-11-25T13:00:00Z");
    set(n, rows, 4);
    assert_int_equal(schedule_kept_until(n->dev, NOW), rows[2].not_before);
    assert_int_equal(schedule_kept_until(n->dev, rows[2].not_before), 0); /* it goes on by itself */
    assert_true(schedule_next_of(n->dev, NOW, &next));
    assert_string_equal(when_iso(next.stop_at, text, sizeof text), "2026-11-26T01:00:00Z");
    assert_true(schedule_wants_up(n->dev, at("2026-11-25T05:00:00Z")));
    assert_true(schedule_wants_up(n->dev, NOW));
    assert_false(schedule_wants_up(n->dev, at("2026-11-28T15:00:00Z"))); /* Saturday */
}

static void up_or_down(void **state)
{
    struct night *n = *state;
    struct database d = n->dev->database.instances.at[0];
    struct node_group g = n->dev->node_groups.at[0];
    assert_int_equal(account_awake(n->dev), AWAKE_UP);
    text_copy(d.status, sizeof d.status, "stopped");
    databases_set(n->estate, 0, &d, 1, NOW);
    assert_int_equal(account_awake(n->dev), AWAKE_PARTLY);
    g.desired = 0;
    node_groups_set(n->estate, 0, &g, 1, NOW); /* at zero, and nothing says it was ever more */
    assert_int_equal(account_awake(n->dev), AWAKE_DOWN);
    g.before = 2;
    text_copy(g.status, sizeof g.status, "UPDATING");
    node_groups_set(n->estate, 0, &g, 1, NOW);
    assert_int_equal(account_awake(n->dev), AWAKE_CHANGING);
    struct error e = {0};
    error_set(&e, ERROR_SERVICE, "AccessDenied", "no");
    n->dev->slices[FEED_DATABASE] = (struct slice){.state = SLICE_NEVER};
    slice_failed(n->estate, 0, FEED_DATABASE, &e, 0);
    assert_int_equal(account_awake(n->dev), AWAKE_UNKNOWN);
}

static void what_sleeps_keeps_its_price(void **state)
{
    struct night *n = *state;
    struct schedule_cost awake, asleep;
    struct node_group g = n->dev->node_groups.at[0];
    schedule_cost(n->dev, &awake);
    g.desired = 0;
    g.before = 2;
    node_groups_set(n->estate, 0, &g, 1, NOW);
    schedule_cost(n->dev, &asleep);
    assert_true(awake.nodes > 0 && awake.nodes == asleep.nodes && awake.databases == asleep.databases);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {TEST(crons),   TEST(crons_of_others), TEST(names),      TEST(as_the_profile_says),
                                       TEST(otherwise), TEST(kept_up),       TEST(up_or_down), TEST(what_sleeps_keeps_its_price)};
    return cmocka_run_group_tests_name("scheduled", tests, NULL, NULL);
}
