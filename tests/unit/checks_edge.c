/* Each check of the edge: it passes on an edge as the architecture has it, and fails by the very thing that a test bends; what could not be read is
 * unknown. And the questions that the edge answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "check_bench.h"
#include "edge_estate.h"
#include "feeds/map.h"
#include "put.h"

#define NOW INT64_C(1795528931000)

static void begin(struct bench *b)
{
    bench_begin(b, NOW);
    b->config.cache_hit = 0.7;
    b->config.accounts.at[PROD].web_acl = mem_strdup("innovate-edge");
    bench_open(b);
    edge_build(b->estate, PROD, NOW);
    edge_build_acl(b->estate, PROD, NOW);
    for (size_t a = ROOT; a < PROD; a++) {
        slice_none(b->estate, a, FEED_EDGE);
        slice_none(b->estate, a, FEED_EDGE_METRICS);
        slice_none(b->estate, a, FEED_WEB_ACL);
    }
}

static const char *const ids[] = {"dns-cloudfront", "cdn-origin", "cdn-behaviours", "cdn-hit-ratio", "waf-attached", "waf-rules", "waf-logging"};

/* What is bent, one thing a row. */

static void elsewhere(struct account *a) { PUT(a->edge.records.at[1].target, "d9else.cloudfront.net"); }
static void no_record(struct account *a) { a->edge.records.len = 1; }
static void weighted(struct account *a)
{
    struct edge_record *r = vec_add(&a->edge.records);
    *r = a->edge.records.at[0];
    PUT(r->set, "canary");
    PUT(r->target, "canary.example");
}
static void nameless(struct account *a) { a->edge.aliases.len = 0; }
static void no_header(struct account *a) { *a->edge.origins.at[0].headers = '\0'; }
static void other_header(struct account *a)
{
    struct listener_rule *r = vec_add(&a->network.listener_rules);
    a->network.known |= 1u << NETWORK_LISTENERS;
    PUT(r->header, "X-Edge");
}
static struct load_balancer *balancer(struct account *a, const char *arn, const char *dns)
{
    struct load_balancer *own = vec_add(&a->network.balancers);
    a->network.known |= 1u << NETWORK_BALANCERS;
    PUT(own->arn, arn);
    PUT(own->dns, dns);
    return own;
}
static void strange_balancer(struct account *a)
{
    balancer(a, "arn:aws:elasticloadbalancing:us-east-1:333333333333:loadbalancer/app/other/1", "internal-other-1.us-east-1.elb.amazonaws.com");
}
static void bucket(struct account *a)
{
    *a->edge.origins.at[0].vpc_origin = '\0';
    PUT(a->edge.origins.at[0].domain, "innovate.s3.amazonaws.com");
}
static void origin_group(struct account *a) { PUT(a->edge.behaviours.at[0].origin, "both"); }
static void plain_http(struct account *a) { PUT(a->edge.behaviours.at[0].viewer, "allow-all"); }
static void uncompressed(struct account *a) { a->edge.behaviours.at[1].compress = false; }
static void old_tls(struct account *a) { PUT(a->edge.distributions.at[0].tls, "TLSv1.2_2019"); }
static void default_certificate(struct account *a) { a->edge.distributions.at[0].own_certificate = false; }
static void cached_api(struct account *a) { PUT(a->edge.behaviours.at[0].policy, "658327ea-f89d-4fab-a63d-7e88639e58f6"); }
static void no_api(struct account *a) { PUT(a->edge.behaviours.at[0].path, "/v1/*"); }
static void few_hits(struct account *a)
{
    for (size_t i = 12; i < EDGE_HOURS; i++)
        a->edge_traffic.series.at[0].day_hits[i] = 40;
}
static void no_acl(struct account *a) { *a->edge.distributions.at[0].web_acl = '\0'; }
static void other_acl(struct account *a) { PUT(a->edge.distributions.at[0].web_acl, "arn:aws:wafv2:us-east-1:1:global/webacl/other/1"); }
static void no_common(struct account *a) { *a->web_acl.rules.at[0].group = '\0'; }
static void counting(struct account *a) { PUT(a->web_acl.rules.at[1].action, "count"); }
static void no_rate(struct account *a) { PUT(a->web_acl.rules.at[2].kind, "geo"); }
static void no_bots(struct account *a) { a->web_acl.rules.len = 3; }
static void silent(struct account *a) { a->edge.logs.len = 0; }

static const struct {
    const char *id, *seen;
    void (*bend)(struct account *a);
} bent[] = {{"dns-cloudfront", "A, alias to d9else.cloudfront.net", elsewhere},
            {"dns-cloudfront", "no record in the zone innovate.example", no_record},
            {"dns-cloudfront", "A, alias to canary.example, set canary", weighted},
            {"dns-cloudfront", "has no name but d3innovate0edg.cloudfront.net", nameless},
            {"cdn-origin", "is sent no header of its own", no_header},
            {"cdn-origin", "is sent X-Origin-Verify, and the load balancer asks for X-Edge", other_header},
            {"cdn-origin", "/api/* goes to no load balancer: innovate.s3.amazonaws.com", bucket},
            {"cdn-origin", "loadbalancer/app/innovate/6c8f1b2d3e4a5f60, which is no load balancer of this account", strange_balancer},
            {"cdn-origin", "goes to both, which is no single origin", origin_group},
            {"cdn-behaviours", "viewers: allow-all", plain_http},
            {"cdn-behaviours", "compression off", uncompressed},
            {"cdn-behaviours", "viewers' TLS TLSv1.2_2019", old_tls},
            {"cdn-behaviours", "viewers' TLS TLSv1.2_2021, CloudFront's default certificate", default_certificate},
            {"cdn-behaviours", "cached by Managed-CachingOptimized", cached_api},
            {"cdn-behaviours", "no behaviour for /api/*", no_api},
            {"cdn-hit-ratio", "49.5 % from the cache over 24 hours, 70 to 90 % promised", few_hits},
            {"waf-attached", "no web ACL before it", no_acl},
            {"waf-attached", "behind another web ACL: other/1", other_acl},
            {"waf-rules", "common attacks, cross-site scripting among them: no rule", no_common},
            {"waf-rules", "SQL injection: AWSManagedRulesSQLiRuleSet, counts only", counting},
            {"waf-rules", "too many requests: no rule", no_rate},
            {"waf-rules", "bots: no rule", no_bots},
            {"waf-logging", "logs nowhere", silent}};

static void test_each_passes(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        const struct check_result *r = bench_result(&b, ids[i], PROD);
        if (r->verdict != CHECK_PASS)
            fail_msg("%s: %s", ids[i], r->evidence.at[0].value);
        assert_int_equal(bench_result(&b, ids[i], DEV)->verdict, CHECK_NA);
        assert_int_equal(bench_result(&b, ids[i], ROOT)->verdict, CHECK_NA);
    }
    bench_end(&b);
}

/* Whether CloudFront goes there by its ARN or by a name. */
static void test_the_account_s_own_balancer(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    struct account *a = estate_account_write(b.estate, PROD);
    strange_balancer(a);
    balancer(a, a->edge.vpc_origins.at[0].target, "internal-innovate-1.us-east-1.elb.amazonaws.com");
    assert_int_equal(bench_result(&b, "cdn-origin", PROD)->verdict, CHECK_PASS);
    *a->edge.origins.at[0].vpc_origin = '\0';
    PUT(a->edge.origins.at[0].domain, "dualstack.internal-innovate-1.us-east-1.elb.amazonaws.com");
    assert_int_equal(bench_result(&b, "cdn-origin", PROD)->verdict, CHECK_PASS);
    a->network.balancers.len = 1;
    assert_int_equal(bench_result(&b, "cdn-origin", PROD)->verdict, CHECK_FAIL);
    bench_end(&b);
}

static void test_each_fails_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bent / sizeof *bent; i++) {
        struct bench b;
        begin(&b);
        bent[i].bend(estate_account_write(b.estate, PROD));
        for (size_t k = 0; k < sizeof ids / sizeof *ids; k++) {
            const struct check_result *r = bench_result(&b, ids[k], PROD);
            bool meant = !strcmp(ids[k], bent[i].id);
            if (r->verdict != (meant ? CHECK_FAIL : CHECK_PASS))
                fail_msg("%zu: %s is %s: %s", i, ids[k], check_verdict_name(r->verdict), r->evidence.at[0].value);
            if (meant && !strstr(r->evidence.at[0].value, bent[i].seen))
                fail_msg("%zu: \"%s\", not \"%s\"", i, r->evidence.at[0].value, bent[i].seen);
        }
        bench_end(&b);
    }
}

static void metrics_off(struct account *a)
{
    for (size_t i = 0; i < EDGE_POINTS; i++)
        a->edge_traffic.series.at[0].hits[i] = NAN;
    for (size_t i = 0; i < EDGE_HOURS; i++)
        a->edge_traffic.series.at[0].day_hits[i] = NAN;
}
static void no_traffic(struct account *a) { a->edge_traffic.series.len = 0; }
static void foreign_zone(struct account *a) { PUT(a->edge.zones.at[0].name, "other.example"); }
static void unread_records(struct account *a) { a->edge.known &= ~(1u << EDGE_RECORDS); }
static void unread_logging(struct account *a) { a->edge.known &= ~(1u << EDGE_LOGGING); }
static void unread_origin(struct account *a) { a->edge.vpc_origins.len = 0; }
static void unread_policy(struct account *a) { PUT(a->edge.behaviours.at[0].policy, "0d7e4c1a"); }

static void test_what_is_not_known_is_unknown(void **state)
{
    static const struct {
        const char *id, *seen;
        void (*bend)(struct account *a);
    } rows[] = {{"cdn-hit-ratio", "additional metrics are off", metrics_off}, {"cdn-hit-ratio", "no requests counted", no_traffic},
                {"dns-cloudfront", "no hosted zone of this account", foreign_zone}, {"dns-cloudfront", "records: could not be read", unread_records},
                {"waf-logging", "web ACL logging: could not be read", unread_logging},
                {"cdn-origin", "what is behind VPC origin vo_1 is not known", unread_origin},
                {"cdn-behaviours", "cache policy 0d7e4c1a", unread_policy}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench b;
        begin(&b);
        rows[i].bend(estate_account_write(b.estate, PROD));
        const struct check_result *r = bench_result(&b, rows[i].id, PROD);
        assert_int_equal(r->verdict, CHECK_UNKNOWN);
        if (!strstr(r->evidence.at[0].value, rows[i].seen))
            fail_msg("%zu: %s", i, r->evidence.at[0].value);
        bench_end(&b);
    }
}

/* Rules of which Firewall Manager keeps some, and statements within statements. */
static void test_rules_as_they_are_written(void **state)
{
#define GROUP(of, name) \
    "{\"Name\":\"" name "\",\"Priority\":1,\"OverrideAction\":{\"None\":{}},\"" of "\":{\"ManagedRuleGroupStatement\":{\"Name\":\"" name "\"}}}"
#define SQL   "{\"SqliMatchStatement\":{}}"
#define OTHER "{\"ByteMatchStatement\":{}}"
    static const char rest[] = GROUP("Statement", "AWSManagedRulesBotControlRuleSet")
        ",{\"Name\":\"Rate\",\"Priority\":2,\"Action\":{\"Block\":{}},\"Statement\":{\"RateBasedStatement\":{\"Limit\":2000}}}";
    static const struct {
        const char *statement;
        enum check_verdict verdict;
        const char *action;
    } rows[] = {{SQL, CHECK_PASS, "Block"},
                {"{\"OrStatement\":{\"Statements\":[" OTHER ",{\"OrStatement\":{\"Statements\":[" SQL "]}}]}}", CHECK_PASS, "Block"},
                {"{\"AndStatement\":{\"Statements\":[" OTHER "," SQL "]}}", CHECK_UNKNOWN, "Block"},
                {"{\"AndStatement\":{\"Statements\":[" OTHER "," SQL "]}}", CHECK_FAIL, "Count"},
                {"{\"OrStatement\":{\"Statements\":[" OTHER ",{\"NotStatement\":{\"Statement\":" SQL "}}]}}", CHECK_UNKNOWN, "Block"},
                {"{\"OrStatement\":{\"Statements\":[" OTHER "," OTHER "]}}", CHECK_FAIL, "Block"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench b;
        struct error e = {0};
        char text[4096];
        begin(&b);
        struct web_acl *acl = &estate_account_write(b.estate, PROD)->web_acl;
        text_format(text, sizeof text,
                    "{\"WebACL\":{\"PostProcessFirewallManagerRuleGroups\":[" GROUP("FirewallManagerStatement", "last") "],"
                    "\"PreProcessFirewallManagerRuleGroups\":[" GROUP("FirewallManagerStatement", "AWSManagedRulesCommonRuleSet") "],"
                    "\"Rules\":[%s,{\"Name\":\"Sql\",\"Priority\":0,\"Action\":{\"%s\":{}},\"Statement\":%s}]}}",
                    rest, rows[i].action, rows[i].statement);
        json_t *output = json_load(text, strlen(text), &e);
        assert_non_null(output);
        vec_clear(&acl->rules);
        map_web_acl(output, acl);
        assert_int_equal(acl->rules.len, 5);
        assert_string_equal(acl->rules.at[0].group, "AWSManagedRulesCommonRuleSet"); /* as WAF goes through them */
        assert_string_equal(acl->rules.at[1].name, "Sql");
        assert_string_equal(acl->rules.at[4].name, "last");
        if (bench_result(&b, "waf-rules", PROD)->verdict != rows[i].verdict)
            fail_msg("%zu: %s", i, check_verdict_name(bench_result(&b, "waf-rules", PROD)->verdict));
        json_decref(output);
        bench_end(&b);
    }
}

static void test_questions(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    struct account *a = estate_account_write(b.estate, PROD);
    const struct edge_series *s = &a->edge_traffic.series.at[0];
    assert_true(edge_tls_is_new("TLSv1.2_2021") && edge_tls_is_new("TLSv1.3_2025") && edge_tls_is_new("TLSv1.2_2025"));
    assert_false(edge_tls_is_new("TLSv1.2_2019") || edge_tls_is_new("TLSv1") || edge_tls_is_new(""));
    assert_true(isnan(edge_latest(s->requests, 2)) && edge_latest(s->requests, 3) == s->requests[EDGE_POINTS - 3]);
    assert_true(fabs(edge_day_hits(s) - 84) < 0.01); /* by requests: a quarter at 78, the rest at 86 */
    assert_ptr_equal(edge_zone_of(&a->edge, "WWW.innovate.example", false), &a->edge.zones.at[0]);
    assert_null(edge_zone_of(&a->edge, "notinnovate.example", false));
    assert_null(edge_zone_of(&a->edge, "innovate.example", true));
    bucket(a);
    assert_null(edge_balancer(&a->edge, &a->edge.origins.at[0]));
    PUT(a->edge.origins.at[0].domain, "www.innovate.example");
    PUT(a->edge.records.at[1].target, "innovate.example");
    PUT(a->edge.records.at[0].target, "www.innovate.example"); /* in a ring */
    assert_null(edge_balancer(&a->edge, &a->edge.origins.at[0]));
    PUT(a->edge.records.at[0].target, "dualstack.internal-x.us-east-1.elb.amazonaws.com");
    assert_string_equal(edge_balancer(&a->edge, &a->edge.origins.at[0]), "dualstack.internal-x.us-east-1.elb.amazonaws.com");
    bench_end(&b);
}

static void test_changes_and_parts(void **state)
{
    struct bench b;
    struct account_edge take = {.known = 1u << EDGE_RECORDS, .failed = 1u << EDGE_DISTRIBUTIONS};
    (void)state;
    begin(&b);
    struct edge_record *r = vec_add(&take.records);
    const struct account *a = &b.estate->accounts[PROD];
    *r = a->edge.records.at[0];
    PUT(r->target, "d9else.cloudfront.net");
    uint64_t before = b.estate->changes.count;
    edge_set(b.estate, PROD, &take, NOW);
    assert_int_equal(b.estate->changes.count - before, 2); /* one leads elsewhere, one is gone */
    assert_int_equal(a->edge.records.len, 1);
    assert_int_equal(a->edge.distributions.len, 1); /* what could not be read stays */
    assert_true(edge_knows(&a->edge, EDGE_DISTRIBUTIONS));
    bench_end(&b);
}

static void test_health(void **state)
{
    struct bench b;
    struct health_report report;
    (void)state;
    begin(&b);
    estate_account_write(b.estate, PROD)->edge.certificates.at[0].expires_at = NOW + INT64_C(12) * 86400000;
    account_health(&b.estate->accounts[PROD], NOW, &report);
    bool told = false;
    for (size_t i = 0; i < report.count && i < 8; i++)
        told |= strstr(report.problem[i].text, "certificate of innovate.example has 12d left") != NULL;
    assert_true(told);
    bench_end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_passes),   cmocka_unit_test(test_each_fails_alone),   cmocka_unit_test(test_what_is_not_known_is_unknown), cmocka_unit_test(test_rules_as_they_are_written),
        cmocka_unit_test(test_the_account_s_own_balancer),
        cmocka_unit_test(test_questions),     cmocka_unit_test(test_changes_and_parts), cmocka_unit_test(test_health),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
