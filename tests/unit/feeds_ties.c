/* What ties rows together: read from replies as AWS sends them, and asked of the estate. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "feeds/map.h"

static json_t *tree(const char *text)
{
    struct error e = {0};
    json_t *out = json_load(text, strlen(text), &e);
    assert_non_null(out);
    return out;
}

static void dimensions_of_alarms(void **state)
{
    json_t *plain = tree("{\"AlarmName\": \"rds-cpu\", \"Dimensions\": [{\"Name\": \"DBInstanceIdentifier\", \"Value\": \"innovate-prod\"}]}");
    json_t *computed = tree("{\"AlarmName\": \"ratio\", \"Dimensions\": [], \"Metrics\": [{\"Id\": \"e\", \"Expression\": \"a/b\"}, {\"Id\": \"a\", "
                            "\"MetricStat\": {\"Metric\": {\"Dimensions\": [{\"Name\": \"WebACL\", \"Value\": \"edge\"}]}}}, {\"Id\": \"b\", "
                            "\"MetricStat\": {\"Metric\": {\"Dimensions\": [{\"Name\": \"Rule\", \"Value\": \"ALL\"}]}}}]}");
    struct alarm alarm;
    (void)state;
    map_alarm(plain, &alarm);
    assert_string_equal(alarm_dimension(&alarm, "DBInstanceIdentifier"), "innovate-prod");
    assert_string_equal(alarm_dimension(&alarm, "WebACL"), "");
    map_alarm(computed, &alarm);
    assert_string_equal(alarm_dimension(&alarm, "WebACL"), "edge");
    assert_string_equal(alarm_dimension(&alarm, "Rule"), "");
    json_decref(plain);
    json_decref(computed);
}

static void parts_of_composite_alarms(void **state)
{
    json_t *row = tree("{\"AlarmName\": \"site\", \"AlarmRule\": \"ALARM(\\\"alb-5xx\\\") AND (ALARM(rds-cpu) OR NOT "
                       "OK('arn:aws:cloudwatch:us-east-1:1:alarm:edge'))\"}");
    struct alarm composite, other = {.name = "alb-5xx"};
    (void)state;
    map_alarm(row, &composite);
    assert_true(composite.composite && alarm_is_made_of(&composite, &other));
    text_copy(other.name, sizeof other.name, "rds-cpu");
    assert_true(alarm_is_made_of(&composite, &other));
    text_copy(other.name, sizeof other.name, "alb-5"); /* the beginning of another's name */
    assert_false(alarm_is_made_of(&composite, &other));
    text_copy(other.arn, sizeof other.arn, "arn:aws:cloudwatch:us-east-1:1:alarm:edge");
    assert_true(alarm_is_made_of(&composite, &other));
    json_decref(row);
}

/* A rule may name a hundred alarms, each by its ARN. */
static void a_long_rule_is_whole(void **state)
{
    struct str rule = STR_INIT(8192);
    struct alarm composite, last = {.name = "none"};
    (void)state;
    str_adds(&rule, "{\"AlarmName\": \"site\", \"AlarmRule\": \"");
    for (int i = 0; i < 25; i++)
        str_addf(&rule, "%sALARM(arn:aws:cloudwatch:us-east-1:333333333333:alarm:innovate-prod-%02d)", i ? " OR " : "", i);
    str_adds(&rule, "\"}");
    json_t *row = tree(str_text(&rule));
    map_alarm(row, &composite);
    text_copy(last.arn, sizeof last.arn, "arn:aws:cloudwatch:us-east-1:333333333333:alarm:innovate-prod-24");
    assert_true(alarm_is_made_of(&composite, &last));
    json_decref(row);
    str_free(&rule);
}

static void the_role_behind_a_call(void **state)
{
    json_t *session = tree("{\"EventName\": \"RebootDBInstance\", \"Username\": \"oncall\", \"CloudTrailEvent\": \"{\\\"userIdentity\\\": "
                           "{\\\"type\\\": \\\"AssumedRole\\\", \\\"sessionContext\\\": {\\\"sessionIssuer\\\": {\\\"userName\\\": "
                           "\\\"TrivetOperator\\\"}}}}\"}");
    json_t *user = tree("{\"EventName\": \"CreateUser\", \"Username\": \"oncall\", \"CloudTrailEvent\": \"{\\\"userIdentity\\\": {\\\"type\\\": "
                        "\\\"IAMUser\\\"}}\"}");
    struct trail_event event;
    (void)state;
    map_trail_event(session, &event);
    assert_string_equal(event.role, "TrivetOperator");
    assert_string_equal(event.user, "oncall");
    map_trail_event(user, &event);
    assert_string_equal(event.role, "");
    json_decref(session);
    json_decref(user);
}

static struct trail_event event_of(const char *event)
{
    json_t *row = tree(event);
    struct trail_event out;
    map_trail_event(row, &out);
    json_decref(row);
    return out;
}

/* The request says what a call was about; the first of the resources beside it may be another, and often there is none. */
static void what_a_call_was_about(void **state)
{
    (void)state;
    assert_string_equal(event_of("{\"EventName\": \"AttachRolePolicy\", \"Resources\": [{\"ResourceName\": \"arn:aws:iam::aws:policy/Admin\"}],"
                                 " \"CloudTrailEvent\": \"{\\\"requestParameters\\\": {\\\"roleName\\\": \\\"deploy\\\"}}\"}").resource, "deploy");
    assert_string_equal(event_of("{\"EventName\": \"UpdateNodegroupConfig\", \"CloudTrailEvent\": \"{\\\"requestParameters\\\": {\\\"name\\\": "
                                 "\\\"innovate-prod\\\", \\\"nodegroupName\\\": \\\"addons\\\"}}\"}").resource, "addons");
    assert_string_equal(event_of("{\"EventName\": \"UpdateClusterVersion\", \"CloudTrailEvent\": \"{\\\"requestParameters\\\": {\\\"name\\\": "
                                 "\\\"innovate-prod\\\"}}\"}").resource, "innovate-prod");
    assert_string_equal(event_of("{\"EventName\": \"DeleteAlarms\", \"CloudTrailEvent\": \"{\\\"requestParameters\\\": {\\\"alarmNames\\\": "
                                 "[\\\"rds-cpu\\\"]}}\"}").resource, "rds-cpu");
    assert_string_equal(event_of("{\"EventName\": \"DeleteTags\", \"Resources\": [{\"ResourceName\": \"i-1\"}], \"CloudTrailEvent\": "
                                 "\"{\\\"requestParameters\\\": {\\\"name\\\": \\\"x\\\"}}\"}").resource, "i-1");
    assert_string_equal(event_of("{\"EventName\": \"RotationSucceeded\", \"CloudTrailEvent\": \"{\\\"userIdentity\\\": {\\\"invokedBy\\\": "
                                 "\\\"secretsmanager.amazonaws.com\\\"}}\"}").user, "secretsmanager.amazonaws.com");
}

static void what_machines_write_is_no_event(void **state)
{
    struct trail_event beat = event_of("{\"EventName\": \"UpdateInstanceInformation\", \"EventSource\": \"ssm.amazonaws.com\"}"),
                       done = event_of("{\"EventName\": \"TerminateSession\", \"EventSource\": \"ssm.amazonaws.com\"}"),
                       other = event_of("{\"EventName\": \"PutInventory\", \"EventSource\": \"warehouse.example\"}");
    (void)state;
    assert_true(trail_event_is_heartbeat(&beat));
    assert_false(trail_event_is_heartbeat(&done));
    assert_false(trail_event_is_heartbeat(&other));
}

static void interfaces_tie_addresses_to_groups(void **state)
{
    json_t *row = tree("{\"NetworkInterfaceId\": \"eni-1\", \"SubnetId\": \"subnet-1\", \"Description\": \"\", \"PrivateIpAddress\": \"10.0.11.5\", "
                       "\"PrivateIpAddresses\": [{\"Primary\": true, \"PrivateIpAddress\": \"10.0.11.5\"}, {\"Primary\": false, "
                       "\"PrivateIpAddress\": \"10.0.11.90\"}], \"Groups\": [{\"GroupId\": \"sg-1\"}, {\"GroupId\": \"sg-2\"}]}");
    struct account_network n = {.known = 0};
    struct subnet *subnet = vec_add(&n.subnets);
    (void)state;
    text_copy(subnet->cidr, sizeof subnet->cidr, "10.0.11.0/24");
    map_network_interface(row, vec_add(&n.interfaces));
    assert_string_equal(n.interfaces.at[0].addresses, "10.0.11.5 10.0.11.90");
    assert_ptr_equal(network_interface_with(&n, "10.0.11.90"), &n.interfaces.at[0]);
    assert_null(network_interface_with(&n, "10.0.11.9")); /* the beginning of another address */
    assert_null(network_interface_with(&n, ""));
    assert_true(interface_is_in(&n.interfaces.at[0], "sg-2") && !interface_is_in(&n.interfaces.at[0], "sg-"));
    assert_ptr_equal(network_subnet_with(&n, "10.0.11.200"), subnet);
    assert_null(network_subnet_with(&n, "10.0.12.1"));
    assert_null(network_subnet_with(&n, "no address"));
    network_free(&n);
    json_decref(row);
}

static void keys_are_called_in_many_ways(void **state)
{
    const struct kms_key key = {.id = "5a20e7c1-84b3", .alias = "alias/innovate"};
    (void)state;
    assert_true(key_is(&key, "5a20e7c1-84b3"));
    assert_true(key_is(&key, "arn:aws:kms:us-east-1:333333333333:key/5a20e7c1-84b3"));
    assert_true(key_is(&key, "alias/innovate"));
    assert_true(key_is(&key, "arn:aws:kms:us-east-1:333333333333:alias/innovate"));
    assert_false(key_is(&key, "alias/innovate-2"));
    assert_false(key_is(&key, "5a20e7c1"));
    assert_false(key_is(&key, ""));
}

static void addresses_of_nodes(void **state)
{
    char out[24];
    (void)state;
    assert_string_equal(node_address(&(struct node){.name = (char[]){"ip-10-0-11-5.ec2.internal"}}, out, sizeof out), "10.0.11.5");
    assert_string_equal(node_address(&(struct node){.name = (char[]){"fargate-ip-10-0-12-23.ec2.internal"}}, out, sizeof out), "10.0.12.23");
    assert_string_equal(node_address(&(struct node){.name = (char[]){"i-0a1b2c3d4e5f60718.ec2.internal"}}, out, sizeof out), "");
    assert_string_equal(node_address(&(struct node){.name = (char[]){"ip-10-0-11-5x"}}, out, sizeof out), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(dimensions_of_alarms),      cmocka_unit_test(parts_of_composite_alarms),
                                       cmocka_unit_test(a_long_rule_is_whole),
                                       cmocka_unit_test(the_role_behind_a_call),         cmocka_unit_test(what_a_call_was_about),
                                       cmocka_unit_test(what_machines_write_is_no_event), cmocka_unit_test(interfaces_tie_addresses_to_groups),
                                       cmocka_unit_test(keys_are_called_in_many_ways), cmocka_unit_test(addresses_of_nodes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
