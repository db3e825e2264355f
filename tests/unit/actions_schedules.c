/* A schedule replaced whole: what is to be so, what is so already, what is carried over; and what a reply says of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "actions/schedule_steps.h"
#include "base/json.h"
#include "feeds/map.h"

#define NOW INT64_C(1795528931000)

static json_t *tree(const char *text)
{
    struct error e = {0};
    json_t *out = json_load(text, strlen(text), &e);
    if (!out)
        fail_msg("%s", e.message);
    return out;
}

static const char live_text[] =
    "{\"Name\":\"trivet-dev-stop-database-x\",\"GroupName\":\"default\",\"Arn\":\"arn:x\",\"CreationDate\":1,\"LastModificationDate\":2,"
    "\"State\":\"ENABLED\",\"Description\":\"ask first\",\"EndDate\":4000000000,\"ScheduleExpression\":\"cron(0 20 ? * MON-FRI *)\","
    "\"FlexibleTimeWindow\":{\"Mode\":\"OFF\"},\"Target\":{\"Arn\":\"a\",\"RoleArn\":\"r\",\"Input\":\"{\\\"DbInstanceIdentifier\\\": \\\"x\\\"}\","
    "\"DeadLetterConfig\":{\"Arn\":\"q\"}}}";

static bool is_so(const char *want, int64_t start_s, bool drop)
{
    json_t *live = tree(live_text), *w = tree(want);
    if (start_s)
        json_object_set_new(live, "StartDate", json_integer(start_s));
    bool so = schedule_is_so(live, w, drop, NOW);
    json_decref(live);
    json_decref(w);
    return so;
}

static void so_already(void **state)
{
    (void)state;
    assert_true(is_so("{}", 0, true));
    assert_true(is_so("{\"State\":\"ENABLED\"}", 0, true));
    assert_false(is_so("{\"State\":\"DISABLED\"}", 0, false));
    /* spaces are no difference */
    assert_true(is_so("{\"Target\":{\"Input\":\"{\\\"DbInstanceIdentifier\\\":\\\"x\\\"}\",\"RoleArn\":\"r\"}}", 0, false));
    assert_false(is_so("{\"Target\":{\"Input\":\"{\\\"DbInstanceIdentifier\\\":\\\"y\\\"}\"}}", 0, false));
    assert_false(is_so("{\"Target\":{\"RoleArn\":\"other\"}}", 0, false));
    assert_false(is_so("{\"State\":\"ENABLED\"}", NOW / 1000 + 60, true)); /* kept up: a resumption takes it back */
    assert_true(is_so("{\"State\":\"ENABLED\"}", NOW / 1000 - 60, true));
    assert_false(is_so("{\"StartDate\":1795600000}", 0, false));
    assert_false(is_so("{\"StartDate\":1795600000}", 1795599999, false));
    assert_true(is_so("{\"StartDate\":1795600000}", 1795686400, false)); /* kept up longer already */
}

static void carries_over(void **state)
{
    (void)state;
    json_t *live = tree(live_text), *want = tree("{\"State\":\"DISABLED\",\"Target\":{\"RoleArn\":\"new\"}}");
    json_object_set_new(live, "StartDate", json_integer(NOW / 1000 + 3600));
    json_t *out = schedule_changed(live, want, false, NOW);
    assert_null(json_object_get(out, "Arn"));
    assert_null(json_object_get(out, "CreationDate"));
    assert_null(json_object_get(out, "LastModificationDate"));
    assert_string_equal(json_text(out, "State"), "DISABLED");
    assert_string_equal(json_text(out, "Description"), "ask first");
    assert_string_equal(json_text(out, "Target.DeadLetterConfig.Arn"), "q");
    assert_string_equal(json_text(out, "Target.RoleArn"), "new");
    assert_string_equal(json_text(out, "Target.Arn"), "a");
    assert_int_equal(json_int(out, "EndDate", 0), 4000000000);
    assert_int_equal(json_int(out, "StartDate", 0), NOW / 1000 + 3600);
    assert_string_equal(json_text(live, "State"), "ENABLED"); /* the original is left alone */
    json_decref(out);
    out = schedule_changed(live, want, true, NOW);
    assert_null(json_object_get(out, "StartDate"));
    json_decref(out);
    json_object_set_new(live, "StartDate", json_integer(NOW / 1000 - 3600)); /* the service would refuse it */
    out = schedule_changed(live, want, false, NOW);
    assert_null(json_object_get(out, "StartDate"));
    json_decref(out);
    json_decref(live);
    json_decref(want);
}

static void expect(const char *arn, const char *input, enum scheduled_does does, const char *subject, int desired)
{
    struct scheduled s;
    json_t *row = json_pack("{s:s, s:s, s:s, s:{s:s, s:s}}", "Name", "n", "State", "DISABLED", "ScheduleExpression", "rate(1 day)", "Target", "Arn",
                            arn, "Input", input);
    map_scheduled(row, &s);
    assert_int_equal(s.does, does);
    assert_string_equal(s.subject, subject);
    assert_int_equal(s.desired, desired);
    assert_false(s.enabled);
    assert_string_equal(s.timezone, "UTC");
    json_decref(row);
}

static void what_it_does(void **state)
{
    (void)state;
#define UNIVERSAL "arn:aws:scheduler:::aws-sdk:"
    expect(UNIVERSAL "rds:stopDBInstance", "{\"DbInstanceIdentifier\":\"x\"}", SCHEDULED_STOP_DATABASE, "x", -1);
    expect(UNIVERSAL "rds:startDBInstance", "{\"DbInstanceIdentifier\":\"x\"}", SCHEDULED_START_DATABASE, "x", -1);
    expect(UNIVERSAL "eks:updateNodegroupConfig", "{\"NodegroupName\":\"g\",\"ScalingConfig\":{\"DesiredSize\":0}}", SCHEDULED_STOP_NODES, "g", -1);
    expect(UNIVERSAL "eks:updateNodegroupConfig", "{\"NodegroupName\":\"g\",\"ScalingConfig\":{\"DesiredSize\":3}}", SCHEDULED_START_NODES, "g", 3);
    expect(UNIVERSAL "eks:updateNodegroupConfig", "{\"NodegroupName\":\"g\"}", SCHEDULED_OTHER, "", -1);
    expect(UNIVERSAL "rds:rebootDBInstance", "{\"DbInstanceIdentifier\":\"x\"}", SCHEDULED_OTHER, "", -1);
    expect("arn:aws:lambda:us-east-1:222222222222:function:x", "not JSON", SCHEDULED_OTHER, "", -1);
    expect(UNIVERSAL "rds:stopDBInstance", "{\"DbInstanceIdentifier\":{\"a\":1}}", SCHEDULED_STOP_DATABASE, "", -1);
    expect(UNIVERSAL "rds:stopDBInstance", "{\"DbInstanceIdentifier\":\"a\\u001b[2Jb\"}", SCHEDULED_STOP_DATABASE, "a?[2Jb", -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(so_already), cmocka_unit_test(carries_over), cmocka_unit_test(what_it_does)};
    return cmocka_run_group_tests_name("schedules", tests, NULL, NULL);
}
