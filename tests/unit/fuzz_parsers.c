/* Every parser against thousands of damaged inputs, the same ones each time: none may crash, leak or say nothing of what is wrong.
 * Worth most with sanitizers. TRIVET_FUZZ_ROUNDS=N for longer ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#include "actions/edge.h"
#include "actions/waf.h"
#include "aws/config_file.h"
#include "aws/endpoint.h"
#include "aws/protocol.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/markdown.h"
#include "base/mem.h"
#include "base/network.h"
#include "base/repair.h"
#include "base/text.h"
#include "base/when.h"
#include "base/xml.h"
#include "base/yaml.h"
#include "chance.h"
#include "cli/profile.h"
#include "estate/acknowledged.h"
#include "estate/block.h"
#include "estate/network.h"
#include "estate/schedule.h"
#include "estate/write.h"
#include "feeds/map.h"
#include "feeds/quantity.h"
#include "kube/internal.h"
#include "net/child.h"
#include "net/http.h"
#include "sim/insights.h"
#include "ui/filter.h"
#include "ui/key.h"
#include "ui/script.h"
#include "ui/theme.h"

/* Mutation. */

static const char *const pieces[] = {"\"",  "\\",    "\\u0000", "\\ud800", "{", "}",  "[",   "]",   ":",      ",",     "<",      ">",     "&#0;", "&",
                                     "]]>", "<![CDATA[", "\xFF", "\xED\xA0\x80", "\xC0\x80", "\x1B[2J", "-", "- ", "*a", "&a ", "!!binary ", "? ",
                                     "|\n", "\n", "\r\n", "\t", "#", "=", "'",  "%",     "0",    "-1",   "1e999", "99999999999999999999", "null",
                                     "true", "~", "<<: ", "\xEF\xBB\xBF", "\xE2\x80\xAE", "9223372036854775807", "-9223372036854775808", "NaN",
                                     "2026-13-45T99:99:99Z", "...", "---\n"};

static void damage_once(struct str *s)
{
    size_t at = below(s->len + 1), len = below(9) == 0 ? below(s->len + 1) : below(8);
    struct str rest = STR_INIT(s->max);
    if (len > s->len - at)
        len = s->len - at;
    switch (below(7)) {
    case 0: /* cut */
        str_cut(s, at, s->len);
        break;
    case 1: /* left out */
        str_cut(s, at, len);
        break;
    case 2: /* a bit */
        if (at < s->len)
            s->data[at] = (char)(s->data[at] ^ (1 << below(8)));
        break;
    case 3: /* a byte */
        if (at < s->len)
            s->data[at] = (char)below(256);
        break;
    default: /* put in: a piece, or a part of itself, once or often */
        str_add(&rest, s->data + at, s->len - at);
        str_cut(s, at, s->len);
        const char *piece = pieces[below(sizeof pieces / sizeof *pieces)];
        bool own = below(3) == 0;
        size_t from = below(rest.len + 1), part = below(rest.len - from < 40 ? rest.len - from + 1 : 40);
        for (size_t n = below(10) ? 1 : 1 + below(300); n > 0; n--) {
            if (own)
                str_add(s, str_text(&rest) + from, part);
            else
                str_adds(s, piece);
        }
        str_add(s, str_text(&rest), rest.len);
    }
    str_free(&rest);
}

/* `feed` is handed each damaged copy, in memory that ends where it ends, so that one byte too far is seen. The first round is undamaged. */
static void fuzz(const char *const good[], size_t count, int usual, void (*feed)(const char *text, size_t len, size_t which))
{
    int total = rounds(4 * usual);
    seed = UINT64_C(0x9E3779B97F4A7C15);
    for (size_t which = 0; which < count; which++)
        for (int round = 0; round < total; round++) {
            struct str s = STR_INIT((size_t)64 << 10);
            str_adds(&s, good[which]);
            for (size_t n = round ? 1 + below(4) : 0; n > 0; n--)
                damage_once(&s);
            char *exact = mem_new(s.len + 1); /* parsers of replies are promised a NUL behind */
            memcpy(exact, str_text(&s), s.len);
            feed(exact, s.len, which);
            free(exact);
            str_free(&s);
        }
}
#define FUZZ(good, usual, feed) fuzz(good, sizeof good / sizeof *good, usual, feed)

/* Replies of AWS, and what the feeds make of them. */

static const struct {
    const char *service, *operation, *list;
} calls[] = {
    {"rds", "DescribeDBInstances", "DBInstances"},
    {"rds", "DescribeEvents", "Events"},
    {"sts", "AssumeRole", NULL},
    {"budgets", "DescribeBudgets", "Budgets"},
    {"wafv2", "GetSampledRequests", "SampledRequests"},
    {"wafv2", "GetWebACL", "WebACL.Rules"},
    {"cloudwatch", "DescribeAlarms", "MetricAlarms"},
    {"sso", "GetRoleCredentials", NULL},
    {"iam", "ListRoles", "Roles"},
    {"ec2", "DescribeSecurityGroups", "SecurityGroups"},
    {"ec2", "DescribeNetworkAcls", "NetworkAcls"},
    {"ec2", "DescribeRouteTables", "RouteTables"},
    {"elbv2", "DescribeRules", "Rules"},
    {"cloudfront", "ListDistributions", "DistributionList.Items"},
    {"route53", "ListResourceRecordSets", "ResourceRecordSets"},
    {"logs", "GetQueryResults", NULL},
    {"logs", "FilterLogEvents", "events"},
    {"ce", "GetCostAndUsage", NULL},
    {"cloudwatch", "GetMetricData", "MetricDataResults"},
};

static const char *const replies[] = {
    "<DescribeDBInstancesResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><DescribeDBInstancesResult><DBInstances><DBInstance>"
    "<DBInstanceIdentifier>innovate-prod</DBInstanceIdentifier><Engine>postgres</Engine><Endpoint><Address>a</Address><Port>5432</Port></Endpoint>"
    "<AllocatedStorage>100</AllocatedStorage><LatestRestorableTime>2026-11-23T20:17:38Z</LatestRestorableTime><MultiAZ>true</MultiAZ>"
    "<PendingModifiedValues><DBInstanceClass>db.m6g.large</DBInstanceClass></PendingModifiedValues></DBInstance></DBInstances>"
    "</DescribeDBInstancesResult><ResponseMetadata><RequestId>7f</RequestId></ResponseMetadata></DescribeDBInstancesResponse>",
    "<DescribeEventsResponse><DescribeEventsResult><Events><Event><Date>2026-11-23T20:17:38.123Z</Date><SourceIdentifier>"
    "innovate-prod</SourceIdentifier><Message>Multi-AZ &lt;failover&gt; &#x2713;</Message><EventCategories><EventCategory>failover</EventCategory>"
    "</EventCategories></Event></Events></DescribeEventsResult></DescribeEventsResponse>",
    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t"
    "</SessionToken><Expiration>2026-11-23T20:17:38Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
    "{\"Budgets\":[{\"BudgetName\":\"prod-monthly\",\"BudgetLimit\":{\"Amount\":\"4000.0\",\"Unit\":\"USD\"},\"TimeUnit\":\"MONTHLY\","
    "\"BudgetType\":\"COST\",\"CalculatedSpend\":{\"ActualSpend\":{\"Amount\":\"2790.4\",\"Unit\":\"USD\"}},\"LastUpdatedTime\":1795465058.25}],"
    "\"NextToken\":\"x\"}",
    "{\"PopulationSize\":100,\"SampledRequests\":[{\"Request\":{\"ClientIP\":\"198.51.100.7\",\"Country\":\"NL\",\"URI\":\"/login?u=\\u0000\","
    "\"Method\":\"POST\",\"Headers\":[{\"Name\":\"User-Agent\",\"Value\":\"curl\"}]},\"Weight\":3,\"Timestamp\":1.795465058E9,\"Action\":\"BLOCK\"}"
    "]}",
    "{\"WebACL\":{\"Name\":\"innovate-edge\",\"Id\":\"1\",\"ARN\":\"arn\",\"Capacity\":725,\"Rules\":[{\"Name\":\"RateLimit\","
    "\"Priority\":-2147483648,\"Action\":{\"Block\":{}},\"Statement\":{\"RateBasedStatement\":{\"Limit\":2000}},"
    "\"VisibilityConfig\":{\"MetricName\":\"RateLimit\"}}]}}",
    "<DescribeAlarmsResponse><DescribeAlarmsResult><MetricAlarms><member><AlarmName>alb-5xx</AlarmName><StateValue>ALARM</StateValue><Threshold>"
    "20.0</Threshold><StateUpdatedTimestamp>2026-11-23T20:17:38Z</StateUpdatedTimestamp><ActionsEnabled>true</ActionsEnabled><AlarmActions><member>"
    "arn</member></AlarmActions></member></MetricAlarms></DescribeAlarmsResult></DescribeAlarmsResponse>",
    "{\"roleCredentials\":{\"accessKeyId\":\"ASIAEXAMPLE\",\"secretAccessKey\":\"s\",\"sessionToken\":\"t\",\"expiration\":4102444800000}}",
    "<ListRolesResponse><ListRolesResult><IsTruncated>false</IsTruncated><Roles><member><Path>/</Path><RoleName>r</RoleName><RoleId>AROA</RoleId>"
    "<Arn>arn</Arn><CreateDate>2024-01-01T00:00:00Z</CreateDate><AssumeRolePolicyDocument>"
    "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22AWS%22"
    "%3A%5B%22a%1B%22%2C%22b%22%5D%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D</AssumeRolePolicyDocument></member></Roles></ListRolesResult>"
    "</ListRolesResponse>",
    "<DescribeSecurityGroupsResponse><securityGroupInfo><item><groupId>sg-1</groupId><groupName>backend</groupName><groupDescription>"
    "\xE2\x80\xAE</groupDescription><ipPermissions><item><ipProtocol>tcp</ipProtocol><fromPort>22</fromPort><toPort>99999999999</toPort><ipRanges>"
    "<item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges><groups><item><groupId>sg-2</groupId></item></groups></item></ipPermissions><tagSet><item>"
    "<key>Name</key><value>b</value></item></tagSet></item></securityGroupInfo></DescribeSecurityGroupsResponse>",
    "<DescribeNetworkAclsResponse><networkAclSet><item><networkAclId>acl-1</networkAclId><default>true</default><entrySet><item><ruleNumber>"
    "100</ruleNumber><protocol>-1</protocol><ruleAction>allow</ruleAction><egress>false</egress><cidrBlock>0.0.0.0/0</cidrBlock><portRange><from>"
    "1</from><to>2</to></portRange></item></entrySet><associationSet><item><subnetId>subnet-1</subnetId></item></associationSet></item>"
    "</networkAclSet></DescribeNetworkAclsResponse>",
    "<DescribeRouteTablesResponse><routeTableSet><item><routeTableId>rtb-1</routeTableId><vpcId>vpc-1</vpcId><routeSet><item><destinationCidrBlock>"
    "0.0.0.0/0</destinationCidrBlock><gatewayId>igw-1</gatewayId><state>blackhole</state></item></routeSet><associationSet><item><main>true</main>"
    "</item></associationSet></item></routeTableSet></DescribeRouteTablesResponse>",
    "<DescribeRulesResponse><DescribeRulesResult><Rules><member><Priority>10</Priority><IsDefault>false</IsDefault><Conditions><member><Field>"
    "http-header</Field><HttpHeaderConfig><HttpHeaderName>X-Origin-Verify</HttpHeaderName><Values><member>s</member></Values></HttpHeaderConfig>"
    "</member></Conditions><Actions><member><Type>forward</Type><TargetGroupArn>"
    "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/a/1</TargetGroupArn></member></Actions></member></Rules></DescribeRulesResult>"
    "</DescribeRulesResponse>",
    "<DistributionList><Items><DistributionSummary><Id>E1</Id><Enabled>true</Enabled><Aliases><Quantity>2</Quantity><Items><CNAME>a.example</CNAME>"
    "<CNAME>\xE2\x80\xAE</CNAME></Items></Aliases><Origins><Items><Origin><Id>alb</Id><DomainName>a</DomainName><CustomHeaders><Items>"
    "<OriginCustomHeader><HeaderName>X</HeaderName></OriginCustomHeader>"
    "</Items></CustomHeaders></Origin></Items></Origins><CacheBehaviors><Items><CacheBehavior><PathPattern>/api/*</PathPattern><MaxTTL>9</MaxTTL>"
    "</CacheBehavior></Items></CacheBehaviors></DistributionSummary></Items></DistributionList>",
    "<ListResourceRecordSetsResponse><ResourceRecordSets><ResourceRecordSet><Name>\\052.a.example.</Name><Type>A</Type><AliasTarget><DNSName>"
    "b.example.</DNSName></AliasTarget></ResourceRecordSet><ResourceRecordSet><Name>.</Name><Type>A</Type><ResourceRecords><ResourceRecord><Value>"
    "192.0.2.1</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></ResourceRecordSets></ListResourceRecordSetsResponse>",
    "{\"queryLanguage\":\"CWLI\",\"results\":[[{\"field\":\"@timestamp\",\"value\":\"2026-11-24 18:25:46.000\"},{\"field\":\"@message\","
    "\"value\":\"\\u001b]0;x\\u0007\\u202e\"},{\"field\":\"@ptr\",\"value\":\"p\"}],[{\"field\":\"n\",\"value\":\"1\"}]],"
    "\"statistics\":{\"recordsMatched\":2.0,\"recordsScanned\":9.0,\"bytesScanned\":1e9},\"status\":\"Complete\"}",
    "{\"events\":[{\"logStreamName\":\"s\",\"timestamp\":1795465058000,\"message\":\"\\u001b[2J\\u202ea\\nb\",\"ingestionTime\":1,\"eventId\":\"3\"}"
    "],\"nextToken\":\"t\"}",
    "{\"ResultsByTime\":[{\"TimePeriod\":{\"Start\":\"2026-11-23\",\"End\":\"2026-11-24\"},\"Groups\":[{\"Keys\":[\"333333333333\",\"Amazon "
    "\\u202eEC2\"],\"Metrics\":{\"UnblendedCost\":{\"Amount\":\"12.5\",\"Unit\":\"USD\"}}}],\"Estimated\":true}],\"NextPageToken\":\"x\"}",
    "{\"MetricDataResults\":[{\"Id\":\"m0\",\"Label\":\"l\",\"Timestamps\":[1795465058,1795465118.5],\"Values\":[1.5,2],\"StatusCode\":\"Complete\"}"
    "],\"Messages\":[]}",
};

static bool is_shown_text(const char *text) { return text_is_clean(text, strlen(text)); }

static void map_network_row(const json_t *row)
{
    const struct network_plan plan = {.vpc = "10.0.0.0/16", .app = {"10.0.11.0/24"}, .apps = 1};
    struct account_network n = {.known = 0};
    map_vpc(row, vec_add(&n.vpcs));
    map_subnet(row, &plan, vec_add(&n.subnets));
    map_route_table(row, &n);
    map_vpc_endpoint(row, vec_add(&n.endpoints));
    map_network_acl(row, &n);
    map_security_group(row, &n);
    map_reservation(row, &n);
    map_network_interface(row, vec_add(&n.interfaces));
    map_load_balancer(row, vec_add(&n.balancers));
    map_listener(row, vec_add(&n.listeners));
    map_listener_rule(row, "arn", vec_add(&n.listener_rules));
    map_certificate(row, vec_add(&n.certificates));
    assert_true(is_shown_text(n.groups.at[0].name) && is_shown_text(n.groups.at[0].about) && is_shown_text(n.subnets.at[0].cidr));
    for (size_t i = 0; i < n.rules.len; i++)
        assert_true(is_shown_text(n.rules.at[i].peer) && is_shown_text(n.rules.at[i].protocol));
    for (size_t i = 0; i < n.entries.len; i++)
        assert_true(is_shown_text(n.entries.at[i].cidr) && is_shown_text(n.entries.at[i].protocol));
    assert_true(is_shown_text(n.interfaces.at[0].addresses) && is_shown_text(n.interfaces.at[0].about) &&
                is_shown_text(n.interfaces.at[0].groups[0]));
    assert_true(is_shown_text(n.listener_rules.at[0].paths) && is_shown_text(n.listener_rules.at[0].action.target));
    network_free(&n);
}

static void map_security_row(const json_t *row)
{
    struct identity_set set = {0};
    struct kms_key key = {0};
    struct secret secret;
    struct managed_instance instance;
    struct service_account account;
    struct deploy_gate gate;
    struct iam_role *role = vec_add(&set.roles);
    map_role(row, role);
    map_summary(row, &set.summary);
    map_provider(row, vec_add(&set.providers));
    map_key(row, &key);
    map_secret(row, &secret);
    map_instance(row, &instance);
    map_service_account(row, &account);
    map_deploy_gate(row, &gate);
    for (size_t i = 0; i < role->trust.len; i++) {
        const struct role_trust *t = &role->trust.at[i];
        assert_true(is_shown_text(t->principal));
        for (size_t k = 0; k < t->subjects.len; k++)
            assert_true(is_shown_text(t->subjects.at[k]));
    }
    assert_true(is_shown_text(role->name) && is_shown_text(set.providers.at[0].audiences) && is_shown_text(key.description) &&
                is_shown_text(secret.name));
    assert_true(is_shown_text(instance.platform) && is_shown_text(account.role) && is_shown_text(gate.names));
    identity_clear(&set);
}

static void map_edge_row(const json_t *row)
{
    struct account_edge e = {.known = 0};
    struct edge_policy policy;
    struct edge_vpc_origin inner;
    struct edge_invalidation cleared;
    struct edge_zone zone;
    struct edge_record record;
    struct edge_certificate certificate;
    struct edge_log log;
    map_edge_distribution(row, &e);
    map_edge_policy(row, &policy);
    map_edge_vpc_origin(row, &inner);
    map_edge_invalidation(row, "E1", &cleared);
    map_edge_zone(row, &zone);
    map_edge_record(row, "Z1", &record);
    map_edge_certificate(row, &certificate);
    map_edge_log(row, &log);
    for (size_t i = 0; i < e.aliases.len; i++)
        assert_true(is_shown_text(e.aliases.at[i].name));
    for (size_t i = 0; i < e.origins.len; i++)
        assert_true(is_shown_text(e.origins.at[i].domain) && is_shown_text(e.origins.at[i].headers));
    assert_true(e.behaviours.len >= 1 && is_shown_text(e.behaviours.at[e.behaviours.len - 1].path));
    assert_true(is_shown_text(record.name) && is_shown_text(record.target) && is_shown_text(zone.name) && is_shown_text(certificate.domain));
    edge_free(&e);
}

/* What logs, their queries, costs and alarms' metrics make of it. */
static void map_paid_row(const json_t *row)
{
    struct insights_result result = {.rows = 0};
    struct cost_report report = {.days_end = INT64_C(1795478400000), .month_start = INT64_C(1793491200000), .forecast = NAN}, kept;
    struct cost_anomaly anomaly;
    struct cost_monitor monitor;
    struct cost_subscription subscription;
    struct log_group group;
    struct alarm alarm;
    struct alarm_trend trend = {.cell_s = 900};
    char line[200], clean[200];
    map_insights(row, &result);
    assert_int_equal(result.cells.len, result.rows * result.columns.len);
    for (size_t i = 0; i < result.cells.len; i++)
        assert_true(!result.cells.at[i] || is_shown_text(result.cells.at[i]));
    for (size_t i = 0; i < result.columns.len; i++)
        assert_true(is_shown_text(result.columns.at[i]));
    insights_result_free(&result);
    map_log_event(row, line, sizeof line);
    text_clean(clean, sizeof clean, line, strlen(line)); /* as the view does on the way in */
    assert_true(is_shown_text(clean));
    map_log_group(row, &group);
    map_cost_usage(row, &report);
    for (size_t i = 0; i < report.lines.len; i++)
        assert_true(is_shown_text(report.lines.at[i].service) && is_shown_text(report.lines.at[i].account));
    cost_report_free(&report);
    map_kept_costs(row, &kept);
    cost_report_free(&kept);
    map_cost_anomaly(row, &anomaly);
    map_cost_monitor(row, &monitor);
    map_cost_subscription(row, &subscription);
    assert_true(is_shown_text(anomaly.service) && is_shown_text(monitor.name) && is_shown_text(subscription.name) && is_shown_text(group.name));
    map_alarm(row, &alarm);
    map_alarm_trend(row, &alarm, INT64_C(1795465500), &trend);
    json_t *query = alarm_query(row, "m0");
    assert_int_equal(query != NULL, alarm_period(row) > 0);
    json_decref(query);
}

static void map_row(size_t which, const json_t *row)
{
    struct database d;
    struct database_event event;
    struct database_backup backup;
    struct budget budget;
    struct budget_notification notification;
    struct waf_rule rule;
    struct waf_sample sample;
    struct alarm alarm;
    map_database(row, &d);
    map_database_event(row, &event);
    map_database_backup(row, &backup);
    map_budget(row, &budget);
    map_budget_notification(row, &notification);
    map_waf_rule(row, &rule);
    map_waf_sample(row, "rule", &sample);
    map_alarm(row, &alarm);
    map_network_row(row);
    map_security_row(row);
    map_edge_row(row);
    map_paid_row(row);
    struct target_group group;
    struct balancer_target target;
    map_target_group(row, &group);
    map_balancer_target(row, "group", &target);
    assert_true(is_shown_text(group.path) && is_shown_text(target.reason));
    assert_true(is_shown_text(d.id) && is_shown_text(d.pending) && is_shown_text(event.message) && is_shown_text(backup.region));
    assert_true(is_shown_text(budget.name) && is_shown_text(rule.name) && is_shown_text(alarm.reason));
    assert_true(is_shown_text(sample.uri) && is_shown_text(sample.agent) && is_shown_text(sample.client));
    assert_true(isnan(budget.limit) || isfinite(budget.limit));
    (void)which;
}

static void feed_reply(const char *text, size_t len, size_t which)
{
    static const int statuses[] = {200, 200, 200, 200, 400, 503};
    const struct aws_service *service = aws_service_find(&aws_table, calls[which].service);
    const struct aws_operation *operation = aws_operation_find(&aws_table, service, calls[which].operation);
    struct http_reply reply = {.status = statuses[below(6)], .body = text, .len = len};
    struct error e = {0};
    json_t *output = aws_reply_parse(&aws_table, service, operation, &reply, &e), *row;
    size_t i;
    assert_int_equal(output == NULL, e.kind != ERROR_NONE);
    assert_true(output || *e.code);
    assert_true(is_shown_text(e.message) && is_shown_text(e.code));
    if (output && calls[which].list)
        json_array_foreach(json_at(output, calls[which].list), i, row)
            map_row(which, row);
    if (output && !calls[which].list)
        map_paid_row(output);
    if (output) {
        struct str yaml = STR_INIT((size_t)1 << 20);
        json_to_yaml(output, &yaml);
        str_free(&yaml);
    }
    json_decref(output);
}

static void replies_of_aws(void **state)
{
    (void)state;
    FUZZ(replies, 350, feed_reply);
}

/* JSON as it comes, straight into the maps, so that values of every type meet every field. */
static void feed_json(const char *text, size_t len, size_t which)
{
    struct error e = {0}, strict = {0};
    json_t *tree = json_load_reply(text, len, &e), *exact = json_load(text, len, &strict);
    assert_int_equal(tree == NULL, e.kind != ERROR_NONE);
    assert_true(!exact || json_equal(exact, tree)); /* what needs no repair is not changed */
    if (tree)
        map_row(which, tree);
    json_decref(tree);
    json_decref(exact);
}

static void trees_of_json(void **state)
{
    static const char *const good[] = {
        "{\"version\":1,\"asked_at\":\"2026-11-23T20:17:38Z\",\"lines\":[{\"account\":\"3\",\"service\":\"s\",\"month\":1.5,\"days\":[1,null,2,3,4,"
        "5,6]}],\"anomalies\":[{\"id\":\"a\",\"impact\":1e300}],\"MetricName\":\"M\",\"Namespace\":\"N\",\"Statistic\":\"Sum\",\"Period\":60,"
        "\"Dimensions\":[{\"Name\":\"a\"}],\"Timestamps\":[1795465058],\"Values\":[1],\"results\":[[{\"field\":\"a\",\"value\":\"\\u001b\"}]],"
        "\"logGroupName\":\"g\",\"message\":\"\\u202e\"}",
        "{\"DBInstanceIdentifier\":\"a\",\"Endpoint\":{\"Port\":1},\"LatestRestorableTime\":1795465058,\"PendingModifiedValues\":{\"a\":1},"
        "\"Iops\":3000,\"EventCategories\":[\"x\"],\"DBInstanceAutomatedBackupsArn\":\"arn:aws:rds:us-west-2:1:auto\","
        "\"RestoreWindow\":{\"EarliestTime\":1}}",
        "{\"Priority\":2147483647,\"Name\":\"n\",\"Action\":{\"Block\":{}},\"Timestamp\":1e12,\"Weight\":\"12.5\",\"Request\":{\"URI\":\"/\","
        "\"Headers\":[{\"Name\":\"user-agent\",\"Value\":\"v\"}]},\"BudgetLimit\":{\"Amount\":\"1e300\"},\"Threshold\":-1,"
        "\"StateUpdatedTimestamp\":\"2026-11-23T20:17:38Z\"}",
    };
    (void)state;
    FUZZ(good, 800, feed_json);
}

static void feed_report(const char *text, size_t len, size_t which)
{
    struct credential_set set = {0};
    struct error e = {0};
    (void)which;
    map_credentials(text, len, &set, &e);
    for (size_t i = 0; i < set.users.len; i++)
        assert_true(is_shown_text(set.users.at[i].name) && is_shown_text(set.users.at[i].keys[0].service));
    vec_free(&set.users);
}

static void credential_reports(void **state)
{
    static const char *const good[] = {
        "user,arn,user_creation_time,password_enabled,mfa_active,access_key_1_active,access_key_1_last_used_service\n"
        "<root_account>,arn,2024-01-02T03:04:05+00:00,not_supported,true,false,N/A\n\"a,\"\"b\",arn,2024-01-02T03:04:05+00:00,true,false,true,s3\n",
    };
    (void)state;
    FUZZ(good, 800, feed_report);
}

/* Registries, clusters, and policies as somebody wrote them. */
static void feed_platform(const char *text, size_t len, size_t which)
{
    struct error e = {0};
    struct image_finding plain, enhanced;
    struct ecr_repository r;
    struct cluster_settings c;
    struct fargate_profile p;
    struct managed_addon a;
    struct daemon_set d;
    struct workload w;
    struct service_identity s;
    json_t *tree = json_load_reply(text, len, &e);
    (void)which;
    if (!tree)
        return;
    map_image_finding(tree, "sha256:1", &plain);
    map_enhanced_finding(tree, "sha256:1", &enhanced);
    map_repository(tree, &r);
    map_repository_policy(tree, &r);
    map_cluster(tree, &c);
    map_fargate_profile(tree, &p);
    map_addon(tree, &a);
    map_daemon_set(tree, &d);
    map_workload(tree, "Deployment", &w);
    map_service_identity(tree, &s);
    assert_true(is_shown_text(plain.name) && is_shown_text(plain.package) && is_shown_text(enhanced.package) && is_shown_text(r.excluded));
    assert_true(is_shown_text(r.principals) && is_shown_text(r.pushes) && is_shown_text(c.logs) && is_shown_text(c.public_from) &&
                is_shown_text(c.secrets_key));
    assert_true(is_shown_text(p.namespaces) && is_shown_text(p.subnets) && is_shown_text(a.issue) && is_shown_text(d.name));
    assert_true(is_shown_text(w.container) && is_shown_text(w.static_key) && is_shown_text(s.role));
    repository_holds(&r, "v1.2.3");
    fargate_covers(&p, "innovate");
    json_decref(tree);
}

static void platforms(void **state)
{
    static const char *const good[] = {
        "{\"repositoryName\":\"backend\",\"imageTagMutability\":\"IMMUTABLE_WITH_EXCLUSION\","
        "\"imageTagMutabilityExclusionFilters\":[{\"filter\":\"*-latest\"}],\"imageScanningConfiguration\":{\"scanOnPush\":true},"
        "\"createdAt\":1795465058,\"name\":\"CVE-1\",\"severity\":\"HIGH\",\"attributes\":[{\"key\":\"package_name\",\"value\":\"nginx\"}],"
        "\"packageVulnerabilityDetails\":{\"vulnerabilityId\":\"CVE-2\",\"vulnerablePackages\":[{\"name\":\"a\"}]}}",
        "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"arn:aws:iam::1:root\"],\"Service\":\"a\"},\"Action\":[\"ecr:PutImage\"]},"
        "{\"Effect\":\"Allow\",\"NotPrincipal\":\"*\",\"NotAction\":\"x\",\"Action\":\"ecr:*\"}]}",
        "{\"status\":\"ACTIVE\",\"version\":\"1.34\",\"resourcesVpcConfig\":{\"endpointPrivateAccess\":true,\"publicAccessCidrs\":[\"0.0.0.0/0\"]},"
        "\"logging\":{\"clusterLogging\":[{\"types\":[\"api\"],\"enabled\":true}]},\"encryptionConfig\":[{\"resources\":[\"secrets\"],"
        "\"provider\":{\"keyArn\":\"k\"}}],\"identity\":{\"oidc\":{\"issuer\":\"https://a\"}},\"selectors\":[{\"namespace\":\"web\","
        "\"labels\":{\"a\":\"b\"}}],\"subnets\":[\"s\"]}",
        "{\"metadata\":{\"namespace\":\"a\",\"name\":\"b\",\"annotations\":{\"eks.amazonaws.com/role-arn\":\"arn\"}},"
        "\"spec\":{\"template\":{\"spec\":{\"serviceAccountName\":\"s\",\"containers\":[{\"name\":\"c\",\"env\":[{\"name\":\"AWS_ACCESS_KEY_ID\","
        "\"value\":\"x\"}]}]}}},\"status\":{\"desiredNumberScheduled\":2,\"numberReady\":99999999999}}",
    };
    (void)state;
    FUZZ(good, 400, feed_platform);
}

/* How alarms turned: a document within a document. */
static void feed_turns(const char *text, size_t len, size_t which)
{
    struct error e = {0};
    struct alarm_turn turn = {0};
    json_t *row = json_load_reply(text, len, &e),
           *wrapped = json_pack("{s:s,s:s%,s:s}", "AlarmName", "a", "HistoryData", text, strlen(text), "Timestamp", "2026-11-23T20:17:38Z");
    (void)which;
    map_alarm_turn(row, &turn);
    assert_true(is_shown_text(turn.name) && is_shown_text(turn.reason));
    map_alarm_turn(wrapped, &turn);
    assert_true(is_shown_text(turn.name) && is_shown_text(turn.reason));
    json_decref(wrapped);
    json_decref(row);
}

static void turns_of_alarms(void **state)
{
    static const char *const good[] = {
        "{\"version\":\"1.0\",\"oldState\":{\"stateValue\":\"OK\",\"stateReason\":\"x\"},\"newState\":{\"stateValue\":\"ALARM\","
        "\"stateReason\":\"Threshold Crossed\"}}",
        "{\"AlarmName\":\"a\",\"HistoryItemType\":\"StateUpdate\",\"HistorySummary\":\"Alarm updated\","
        "\"HistoryData\":\"{\\\"newState\\\":{\\\"stateValue\\\":\\\"ALARM\\\"}}\"}",
    };
    (void)state;
    FUZZ(good, 600, feed_turns);
}

/* What is typed to filter by: as much of it as fits is kept, whatever pane it is for. */
static void feed_filter(const char *text, size_t len, size_t which)
{
    struct filter by;
    size_t count = 0;
    (void)which;
    while (panes[count])
        count++;
    filter_read(text, panes[below(count)], &by);
    assert_true(by.count <= FILTER_TERMS && by.since_ms >= 0 && strlen(by.text) <= len);
    for (size_t i = 0; i < by.count; i++)
        assert_true(by.terms[i].column && strlen(by.terms[i].text) < FILTER_MAX);
}

static void filters(void **state)
{
    static const char *const good[] = {"account:prod status=\"Crash Loop\" since:2h  two words x:y", "name=\"",
                                       "a=\"\" ns:\"b c\"d since:9223372036854775807d"};
    (void)state;
    FUZZ(good, 1000, feed_filter);
}

/* Who may assume a role: as IAM sends it, percent-encoded, or plain. What is read of it is shown; what is not said to be unread was read. */
static void feed_trust(const char *text, size_t len, size_t which)
{
    struct identity_set set = {0};
    struct iam_role *r = vec_add(&set.roles);
    (void)len;
    (void)which;
    map_trust(text, r);
    for (size_t i = 0; i < r->trust.len; i++) {
        assert_true(is_shown_text(r->trust.at[i].principal));
        trust_is_of(&r->trust.at[i], "111111111111");
        trust_is_github(&r->trust.at[i]);
        for (size_t k = 0; k < r->trust.at[i].subjects.len; k++) {
            assert_true(is_shown_text(r->trust.at[i].subjects.at[k]));
            trust_subject_fault(r->trust.at[i].subjects.at[k], "a/b", "production");
        }
    }
    identity_clear(&set);
}

static void trust_policies(void **state)
{
    static const char *const good[] = {
        "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"arn:aws:iam::1:user/a\",\"*\"],\"Service\":\"ec2.amazonaws.com\"},"
        "\"Action\":\"sts:AssumeRole\",\"Condition\":{\"Bool\":{\"aws:MultiFactorAuthPresent\":[\"true\"]}}},{\"Effect\":\"Deny\","
        "\"Principal\":\"*\",\"Action\":\"*\",\"Condition\":{\"BoolIfExists\":{\"aws:MultiFactorAuthPresent\":false}}}]}",
        "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22sts%3AAssumeRoleWithWebIdentity%22%2C%22Principal%22%3A%7B%22"
        "Federated%22%3A%22arn%3Aaws%3Aiam%3A%3A1%3Aoidc-provider%2Ftoken.actions.githubusercontent.com%22%7D%2C%22Condition%22%3A%7B%22StringLike"
        "%22%3A%7B%22token.actions.githubusercontent.com%3Asub%22%3A%5B%22repo%3Aa%2Fb%3A*%22%5D%7D%7D%7D%7D",
    };
    (void)state;
    FUZZ(good, 600, feed_trust);
}

/* A query as somebody typed it, run over lines as somebody wrote them. */
static void feed_insights(const char *text, size_t len, size_t which)
{
    char wrong[300] = "";
    struct insights_plan *plan = insights_compile(text, wrong, sizeof wrong);
    (void)len;
    assert_int_equal(plan == NULL, *wrong != '\0');
    for (int i = 0; plan && i < 4; i++) {
        struct insights_event event = {INT64_C(1795465058000) + i * 1000, i % 2 ? "GET /x 200 in 12 ms" : text, "stream", "log", "ptr"};
        insights_feed(plan, &event);
    }
    json_t *rows = plan ? insights_rows(plan, 1 + below(10)) : NULL;
    assert_int_equal(rows == NULL, plan == NULL);
    assert_true(json_array_size(rows) <= 10);
    json_decref(rows);
    insights_free(plan);
    (void)which;
}

static void queries(void **state)
{
    static const char *const good[] = {
        "parse @message '* * * in * ms' as method, path, status, ms | filter status >= 200 and (ms > 5 or path like /^.x\\d*/) and not ispresent(a)"
        " | stats count(*) as n, avg(ms), pct(ms, 95) by path, bin(5m) | sort n desc | limit 20",
        "fields @timestamp, @message as m | filter @logStream in [\"stream\", 'b'] | filter @message like \"GET\" | sort @timestamp asc | limit 3",
        "stats max(a), min(b), sum(c) by bin(1h) | filter n != 3 | display n",
    };
    char wrong[300];
    struct str chain = STR_INIT((size_t)4 << 20);
    (void)state;
    FUZZ(good, 700, feed_insights);
    str_adds(&chain, "filter a=1");
    for (int i = 0; i < 400000; i++)
        str_adds(&chain, " or a=1");
    assert_null(insights_compile(str_text(&chain), wrong, sizeof wrong)); /* rather than walk it by recursion */
    assert_string_equal(wrong, "the query has more than 10000 characters");
    str_free(&chain);
}

/* Ranges, schedules, reminders of blocks, what is typed for an action: what is read is written again as the same. */
static void feed_small(const char *text, size_t len, size_t which)
{
    struct network one, two;
    struct error e = {0};
    struct reminders reminders;
    char shown[NETWORK_TEXT_SIZE], description[SET_DESCRIPTION_MAX + 4];
    int minutes = -1, again = -1;
    uint8_t days = 0, same = 0;
    int64_t span = 0;
    (void)len;
    (void)which;
    if (network_read(text, &one)) {
        assert_true(network_read(network_text(&one, below(2), shown, sizeof shown), &two) && network_same(&one, &two));
        assert_true(network_covers(&one, &two) && one.bits >= 0 && one.bits <= 128);
        network_special(&one);
    }
    cidr_within(text, "10.0.0.0/8");
    cidr_is_all(text);
    if (schedule_cron_read(text, &minutes, &days)) {
        assert_in_range(minutes, 0, 1439);
        assert_true(schedule_cron_read(schedule_cron(minutes, days, description, sizeof description), &again, &same));
        assert_true(again == minutes && (same & 0x7f) == (days & 0x7f));
    }
    schedule_days(text, &days);
    reminders_read(text, &reminders);
    if (reminders_write(&reminders, description, sizeof description))
        assert_true(strlen(description) <= SET_DESCRIPTION_MAX);
    reminders_free(&reminders);
    bool taken = waf_block_value(text, &one, &span, &e);
    assert_true(taken ? span >= 60000 : *e.message != '\0');
    e = (struct error){0};
    json_t *paths = invalidation_paths(text, &e);
    assert_int_equal(paths == NULL, e.kind != ERROR_NONE);
    json_decref(paths);
    struct str markdown = STR_INIT((size_t)1 << 20);
    markdown_add(&markdown, text);
    for (const char *at = str_text(&markdown); (at = strstr(at, "://")); at++)
        assert_int_equal(at[-1], '\\');
    str_free(&markdown);
    assert_true(!aws_region_good(text) || !strpbrk(text, "/?#@:. "));
}

static void small_values(void **state)
{
    static const char *const good[] = {"10.0.11.0/24", "2001:db8::/64", "cron(0 20 ? * MON-FRI *)", "cron(30 8 * * 2,SAT,SUN-1 *)", "mon-fri,sun",
                                       "by hand, 203.0.113.7 until 2026-11-24T17:43:00Z, 2001:db8::1 until 2026-11-24T17:43:00Z",
                                       "203.0.113.7 for 2h", "/index.html /static/*", "https://www.example/x", "us-east-1"};
    (void)state;
    FUZZ(good, 400, feed_small);
}

/* What trivet itself has written, and somebody else has changed. */
static void feed_own(const char *text, size_t len, size_t which)
{
    struct error e = {0};
    struct own_action action;
    struct drill drill;
    struct alarm alarm = {.name = "rds-cpu", .since = 5};
    json_t *tree = json_load(text, len, &e);
    (void)which;
    map_own_action(tree, &action);
    map_drill(tree, &drill);
    acknowledged_apply(tree, "111111111111", &alarm);
    assert_true(is_shown_text(action.reason) && is_shown_text(action.resource) && is_shown_text(drill.why) && is_shown_text(alarm.acknowledged_why));
    json_decref(tree);
}

static void own_files(void **state)
{
    static const char *const good[] = {
        "{\"at\":\"2026-11-23T20:17:38.000Z\",\"action\":\"restart\",\"resource\":\"dev / a\",\"phase\":\"ended\",\"who\":{\"user\":\"u\"},"
        "\"reason\":\"r\",\"began_at\":1,\"outage_ms\":38200,\"rows\":{\"lost\":0},\"zones\":{\"before\":{\"primary\":\"a\"}}}",
        "{\"alarms\":[{\"account\":\"111111111111\",\"name\":\"rds-cpu\",\"since\":5,\"by\":\"me\",\"why\":\"known\",\"at\":7}]}",
    };
    (void)state;
    FUZZ(good, 600, feed_own);
}

static void feed_xml(const char *text, size_t len, size_t which)
{
    struct error e = {0}, strict = {0};
    struct xml *root = xml_parse_reply(text, len, &e), *exact = xml_parse(text, len, &strict);
    (void)which;
    assert_int_equal(root == NULL, e.kind != ERROR_NONE);
    assert_true(!exact || root);
    xml_free(root);
    xml_free(exact);
}

static void trees_of_xml(void **state)
{
    (void)state;
    FUZZ(replies, 150, feed_xml);
}

/* A Table, in pieces of any length; rows read without a tree are the same as those read with one. */

static bool any_head(void *arg, const json_t *head) { return arg && head; }
static void any_row(void *arg, const json_t *row) { assert_true(arg && row); }

static bool same_row(void *arg, char *text, size_t len)
{
    const char *cells[ROW_CELLS_MAX];
    size_t count;
    struct error e = {0};
    char *copy = mem_new(len + 1), number[32];
    (void)arg;
    memcpy(copy, text, len);
    json_t *tree = json_load_reply(text, len, &e);
    bool read = row_scan(copy, len, cells, ROW_CELLS_MAX, &count);
    if (read && tree) { /* a number beyond int64 is text to the one, an error to the other */
        const json_t *list = json_object_get(tree, "cells");
        assert_int_equal(json_array_size(list), count);
        for (size_t i = 0; i < count; i++) {
            const json_t *cell = json_array_get(list, i);
            text_format(number, sizeof number, "%lld", (long long)json_integer_value(cell));
            if (json_is_null(cell))
                assert_null(cells[i]);
            else if (json_is_string(cell))
                assert_string_equal(cells[i], json_string_value(cell));
            else if (strcmp(cells[i], "-0") != 0)
                assert_string_equal(cells[i], number);
        }
    }
    json_decref(tree);
    free(copy);
    return below(2);
}

static void feed_table(const char *text, size_t len, size_t which)
{
    struct table_decoder d;
    table_decoder_init(&d, any_head, any_row, &d);
    d.on_text = same_row;
    (void)which;
    for (size_t at = 0, part; at < len; at += part) {
        part = 1 + below(200);
        part = part < len - at ? part : len - at;
        if (!table_decoder_feed(&d, text + at, part))
            break;
    }
    (void)table_decoder_whole(&d);
    table_decoder_free(&d);
}

static void tables(void **state)
{
    static const char *const good[] = {
        "{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{\"resourceVersion\":\"10\",\"continue\":\"x\"},"
        "\"columnDefinitions\":[{\"name\":\"Name\",\"format\":\"name\"},{\"name\":\"Ready\"}],\"rows\":[{\"cells\":[\"a\",\"1/1\",0,\"3 (5m ago)\","
        "null],\"object\":null},{\"cells\":[\"b\\\"\\\\\\n\\u0041\",-7]},{\"cells\":[\"c\",\"1/1\"],\"object\":{\"metadata\":{\"name\":\"c\","
        "\"labels\":{\"x\":\"y\"}}}}]}", "{\"kind\":\"Table\",\"rows\":[]}",
    };
    (void)state;
    FUZZ(good, 1500, feed_table);
}

/* Files of the user: given by a path that leads into memory. */

static int memory_file(const char *text, size_t len, char path[40])
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    assert_true(fd >= 0 && write(fd, text, len) == (ssize_t)len);
    text_format(path, 40, "/proc/self/fd/%d", fd);
    return fd;
}

static void feed_yaml(const char *text, size_t len, size_t which)
{
    struct error e = {0};
    struct yaml_doc *doc = yaml_load_text(text, len, "f", &e);
    (void)which;
    assert_int_equal(doc == NULL, e.kind != ERROR_NONE);
    assert_true(doc || text_starts(e.message, "f:"));
    yaml_doc_free(doc);
}

static void feed_profile(const char *text, size_t len, size_t which)
{
    char path[40];
    struct estate_config config;
    struct error e = {0};
    int fd = memory_file(text, len, path);
    feed_yaml(text, len, which);
    bool good = profile_load(path, &config, &e);
    assert_int_equal(good, e.kind == ERROR_NONE);
    assert_true(good || (strstr(e.message, "/proc/self/fd/") && is_shown_text(e.message)));
    estate_config_free(&config);
    close(fd);
}

static void profiles(void **state)
{
    static const char *const good[] = {
        "name: innovate\nregion: us-east-1\nobjectives: {failover: 120s, cache_hit: 70%}\ngithub: {repository: a/b, environment: c}\naccounts:\n"
        "  - &a {name: root, id: \"111111111111\", kind: management, role: TrivetReader}\n"
        "  - {name: dev, id: \"222222222222\", kind: development, cluster: c, auto_shutdown: {stop: \"20:00\", start: \"08:00\", days: mon-fri}}\n"
        "  - name: prod\n    id: \"333333333333\"\n    kind: production\n    protect: false\n    cluster: {name: c, server: 'https://x', context: y}"
        "\n    probe: [{http: \"https://x\"}, {postgres: \"service=y\"}]\n"
        "network: {vpc: 10.0.0.0/16, app: [10.0.11.0/24], db: [10.0.21.0/24]}\nfreeze: [{from: 2026-12-20, to: 2027-01-03, reason: holidays}]\n"
        "waivers: [{check: ecr-scan, account: prod, reason: \"agreed\", until: 2027-01-01}]\n"
        "queries:\n  - {name: q, query: 'filter @message like /x/ | limit 3', groups: [/aws/eks, a], account: prod, since: 1h}\n",
    };
    (void)state;
    FUZZ(good, 1200, feed_profile);
}

static void feed_theme(const char *text, size_t len, size_t which)
{
    char path[40];
    struct theme theme;
    struct error e = {0};
    int fd = memory_file(text, len, path);
    (void)which;
    bool good = theme_load(&theme, path, &e);
    assert_int_equal(good, e.kind == ERROR_NONE);
    if (good)
        theme_reduce(&theme, (int[]){0, 8, 16, 256}[below(4)]);
    close(fd);
}

static void themes(void **state)
{
    static const char *const good[] =
        {"name: t\ndescription: d\nroles:\n  text: default\n  bad: {foreground: bright-red, background: 231, bold: true}\n"
                                       "  selected: {reverse: true, underline: false}\n  prod: 196\n"};
    (void)state;
    FUZZ(good, 1000, feed_theme);
}

static void feed_kubeconfig(const char *text, size_t len, size_t which)
{
    char path[40];
    struct kube_access access = {0};
    struct error e = {0};
    int fd = memory_file(text, len, path);
    (void)which;
    setenv("KUBECONFIG", path, 1);
    bool good = kubeconfig_read(&access, below(2) ? "c" : NULL, &e);
    assert_int_equal(good, e.kind == ERROR_NONE);
    assert_true(!good || *access.server);
    kube_access_free(&access);
    close(fd);
}

static void kubeconfigs(void **state)
{
    static const char *const good[] = {
        "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: k, user: u, namespace: n}}]\nclusters:\n- name: "
        "k\n  cluster:\n    server: https://k.example\n    certificate-authority-data: LS0tCg==\n    tls-server-name: k\nusers:\n- name: u\n  user: "
        "{token: abc}\n",
        "current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\nclusters: [{name: k, cluster: {server: 'http://127.0.0.1:1'}}]\n"
        "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: aws, args: [eks, get-token], env: [{name: A, value: "
        "b}]}}}]\n",
    };
    (void)state;
    FUZZ(good, 600, feed_kubeconfig);
    unsetenv("KUBECONFIG");
}

static void feed_config(const char *text, size_t len, size_t which)
{
    char path[40];
    int fd = memory_file(text, len, path);
    setenv(which ? "AWS_SHARED_CREDENTIALS_FILE" : "AWS_CONFIG_FILE", path, 1);
    setenv(which ? "AWS_CONFIG_FILE" : "AWS_SHARED_CREDENTIALS_FILE", "/nonexistent", 1);
    struct aws_config *config = aws_config_load();
    (void)aws_config_get(config, CONFIG_PROFILE, "default", "region");
    (void)aws_config_get(config, CONFIG_SERVICES, "local", "s3.endpoint_url");
    (void)aws_config_has(config, CONFIG_SSO_SESSION, "work");
    (void)aws_config_problem(config);
    aws_config_free(config);
    close(fd);
}

static void aws_configs(void **state)
{
    static const char *const good[] = {
        "[default]\nregion = us-east-1\n[profile \"on call\"]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile=default\nservices = local\n# no\n"
        "[sso-session work]\nsso_region = us-east-1\n[services local]\ns3 =\n  endpoint_url = http://127.0.0.1:1\n  other = 1\n",
        "[default]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = s\n; no\n[other]\naws_session_token = t\r\n",
    };
    (void)state;
    FUZZ(good, 1000, feed_config);
}

static void feed_script(const char *text, size_t len, size_t which)
{
    char path[40];
    struct error e = {0};
    int fd = memory_file(text, len, path);
    struct script *script = script_load(path, &e);
    (void)which;
    assert_int_equal(script == NULL, e.kind != ERROR_NONE);
    script_free(script);
    close(fd);
    struct key key;
    char spelled[32];
    for (size_t at = 0; at < len;) {
        int used = key_parse(text + at, &key);
        assert_true(used >= 0 && (size_t)used <= len - at);
        if (used)
            key_text(&key, spelled, sizeof spelled);
        at += used ? (size_t)used : 1;
    }
}

static void scripts_and_keys(void **state)
{
    static const char *const good[] =
        {":pods\n<Down><S-Tab><C-c><lt>x\n# no\n:wait fresh\n:wait text \xE2\x96\xB8 Pods\n:save-screen /dev/null\n/caf\xC3\xA9<Enter>\n"};
    (void)state;
    FUZZ(good, 1500, feed_script);
}

/* Short texts: what is not read leaves no trace, what is shown is clean and no longer than asked. */
static void feed_text(const char *text, size_t len, size_t which)
{
    char clean[64], fitted[64];
    int64_t ms = 7;
    struct str out = STR_INIT(4096);
    (void)which;
    text_clean(clean, 1 + below(sizeof clean), text, len);
    assert_true(is_shown_text(clean));
    size_t columns = below(20);
    assert_true(text_fit(fitted, sizeof fitted, clean, columns) <= columns);
    assert_true(text_width(fitted) <= columns);
    if (!when_parse_iso(text, &ms) && !when_parse_http(text, &ms) && !when_parse_span(text, &ms))
        assert_int_equal(ms, 7);
    assert_true(isfinite(quantity(text)));
    assert_true(quantity_whole(quantity(text) * 1e9, INT32_MAX) <= INT32_MAX);
    base64_decode(text, len, &out);
    percent_decode(text, len, true, &out);
    child_free_words(child_split_words(text));
    bool allowed = http_url_allowed(text);
    assert_true(!allowed || strncasecmp(text, "http", 4) == 0);
    struct http_header headers[] = {{"retry-after", text}, {NULL, NULL}};
    struct http_reply reply = {.headers = headers};
    assert_in_range(http_retry_after(&reply, INT64_C(1795465058000)), 0, 60000);
    str_free(&out);
}

static void short_texts(void **state)
{
    static const char *const good[] = {"2026-11-23T20:17:38.123+01:00", "Mon, 23 Nov 2026 20:17:38 GMT", "1h30m5s", "128Mi", "aGVsbG8gd29ybGQ=",
                                       "a%20b%zz+c",
                                       "tool --flag 'one word' \"two \\\" three\"", "http://127.0.0.1:8080/x",
                                       "caf\xC3\xA9 \xE6\xBC\xA2\xE5\xAD\x97 e\xCC\x81 \xF0\x9F\x98\x80"};
    (void)state;
    FUZZ(good, 800, feed_text);
}

static void within_the_time(void **state)
{
    static int64_t began;
    (void)state;
    if (!began)
        began = when_monotonic();
    else if (!getenv("TRIVET_FUZZ_ROUNDS"))
        print_message("all in %lld ms\n", (long long)(when_monotonic() - began));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(within_the_time), cmocka_unit_test(replies_of_aws), cmocka_unit_test(trees_of_json),    cmocka_unit_test(trees_of_xml),
        cmocka_unit_test(credential_reports), cmocka_unit_test(platforms),           cmocka_unit_test(turns_of_alarms), cmocka_unit_test(filters),
        cmocka_unit_test(tables),          cmocka_unit_test(profiles),       cmocka_unit_test(themes),           cmocka_unit_test(kubeconfigs),
        cmocka_unit_test(trust_policies),  cmocka_unit_test(queries),        cmocka_unit_test(small_values),    cmocka_unit_test(own_files),
        cmocka_unit_test(aws_configs),     cmocka_unit_test(scripts_and_keys), cmocka_unit_test(short_texts),    cmocka_unit_test(within_the_time),
    };
    return cmocka_run_group_tests_name("fuzz_parsers", tests, NULL, NULL);
}
