/* Each check of the network: it passes on a network as the architecture has it, and fails by the very thing that a test bends; what could not be
 * read is unknown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "check_bench.h"
#include "feeds/map.h"
#include "network_estate.h"
#include "put.h"

#define NOW INT64_C(1795528931000)
#define DAY INT64_C(86400000)

static void add_database(struct estate *e, size_t account)
{
    struct database d = {.backup_days = 7};
    PUT(d.id, "innovate");
    PUT(d.groups[0], "sg-database");
    databases_set(e, account, &d, 1, NOW);
    slice_good(e, account, FEED_DATABASE, NOW, 60000, NOW);
}

static void add_management(struct estate *e)
{
    struct account_network n = {.known = 1u << NETWORK_EBS | 1u << NETWORK_INSTANCES, .ebs_encrypted = 1};
    network_set(e, ROOT, &n, NOW);
    slice_good(e, ROOT, FEED_NETWORK, NOW, 600000, NOW);
}

static void begin(struct bench *b)
{
    bench_begin(b, NOW);
    bench_open(b);
    add_management(b->estate);
    for (size_t a = DEV; a <= PROD; a++) {
        network_build(b->estate, a, NOW);
        add_database(b->estate, a);
    }
}

static struct account_network *network_at(struct bench *b, size_t account) { return &estate_account_write(b->estate, account)->network; }
static struct balancing *balancing_at(struct bench *b, size_t account) { return &estate_account_write(b->estate, account)->balancing; }

/* What is bent, one thing a row. */

static void other_vpc(struct bench *b) { PUT(network_at(b, PROD)->vpcs.at[0].cidr, "172.16.0.0/16"); }
static void no_app_subnet(struct bench *b) { vec_remove(&network_at(b, PROD)->subnets, 1); }
static void same_zone(struct bench *b) { PUT(network_at(b, PROD)->subnets.at[1].zone, "us-east-1a"); }
static void no_db_subnet(struct bench *b) { vec_remove(&network_at(b, PROD)->subnets, 3); }
static void internet(struct bench *b)
{
    struct table_route *r = vec_add(&network_at(b, PROD)->routes);
    PUT(r->table, "rtb-app");
    PUT(r->to, "0.0.0.0/0");
    PUT(r->via, "igw-1");
}
static void internet_by_main(struct bench *b)
{
    struct table_route *r = vec_add(&network_at(b, PROD)->routes);
    PUT(r->table, "rtb-main");
    PUT(r->to, "::/0");
    PUT(r->via, "igw-1");
    vec_remove(&network_at(b, PROD)->table_links, 0);
}
static void public_addresses(struct bench *b) { network_at(b, PROD)->subnets.at[2].public_addresses = true; }
static void no_endpoint(struct bench *b) { vec_remove(&network_at(b, PROD)->endpoints, 2); }
static void no_private_dns(struct bench *b) { network_at(b, PROD)->endpoints.at[0].private_dns = false; }
static void pending_endpoint(struct bench *b) { PUT(network_at(b, PROD)->endpoints.at[1].state, "pending"); }
static void no_gateway(struct bench *b) { PUT(network_at(b, PROD)->endpoints.at[4].type, "Interface"); }
/* As of another VPC in the account, which nobody promised anything of. */
static void endpoint_elsewhere(struct bench *b)
{
    struct vpc *vpc = vec_add(&network_at(b, PROD)->vpcs);
    PUT(vpc->id, "vpc-2");
    PUT(vpc->cidr, "172.31.0.0/16");
    PUT(network_at(b, PROD)->endpoints.at[2].vpc, "vpc-2");
}
static void default_acl(struct bench *b) { PUT(network_at(b, PROD)->acl_links.at[0].to, "acl-default"); }
static void open_acl(struct bench *b) { PUT(network_at(b, PROD)->entries.at[2].cidr, "0.0.0.0/0"); }
static void open_acl_by_ports(struct bench *b)
{
    struct acl_entry *e = &network_at(b, PROD)->entries.at[2];
    PUT(e->cidr, "0.0.0.0/0");
    PUT(e->protocol, "tcp");
    e->from = 0;
    e->to = 65535;
}
static void shared_acl(struct bench *b) { PUT(network_at(b, PROD)->acl_links.at[2].to, "acl-app"); }

static void let_in(struct bench *b, const char *group, enum peer_kind kind, const char *peer, const char *protocol, int from, int to)
{
    struct group_rule *r = vec_add(&network_at(b, PROD)->rules);
    *r = (struct group_rule){.kind = kind, .from = from, .to = to};
    PUT(r->group, group);
    PUT(r->peer, peer);
    PUT(r->protocol, protocol);
}
static void pods_from_vpc(struct bench *b) { let_in(b, "sg-backend", PEER_CIDR, "10.0.0.0/16", "tcp", 8000, 8000); }
static void pods_from_pods(struct bench *b) { let_in(b, "sg-frontend", PEER_GROUP, "sg-backend", "tcp", 80, 80); }
static void no_pod_group(struct bench *b)
{
    for (size_t i = 0; i < network_at(b, PROD)->groups.len; i++)
        PUT(network_at(b, PROD)->groups.at[i].name, "web");
}
static void db_from_vpc(struct bench *b) { let_in(b, "sg-database", PEER_CIDR, "10.0.0.0/16", "tcp", 5432, 5432); }
static void db_from_alb(struct bench *b) { let_in(b, "sg-database", PEER_GROUP, "sg-alb", "tcp", 5432, 5432); }
static void db_other_port(struct bench *b) { let_in(b, "sg-database", PEER_GROUP, "sg-backend", "tcp", 5432, 5433); }
static void open_group(struct bench *b) { let_in(b, "sg-endpoints", PEER_CIDR, "0.0.0.0/0", "tcp", 443, 443); }
static void open_group_v6(struct bench *b) { let_in(b, "sg-endpoints", PEER_CIDR, "::/0", "all", -1, -1); }
static void ssh(struct bench *b) { let_in(b, "sg-endpoints", PEER_CIDR, "10.0.11.0/24", "tcp", 20, 30); }
static void public_alb(struct bench *b) { PUT(network_at(b, PROD)->balancers.at[0].scheme, "internet-facing"); }
static void one_zone(struct bench *b) { PUT(network_at(b, PROD)->balancers.at[0].zones[1], ""); }
static void cross_zone_off(struct bench *b) { network_at(b, PROD)->balancers.at[0].cross_zone = 0; }
static void isolated_group(struct bench *b) { PUT(network_at(b, PROD)->balancers.at[0].isolated, "k8s-innovate-backend"); }
static void no_alb(struct bench *b) { vec_clear(&network_at(b, PROD)->balancers); }
static void forwards(struct bench *b) { PUT(network_at(b, PROD)->listeners.at[0].action.type, "forward"); }
static void no_header(struct bench *b) { PUT(network_at(b, PROD)->listener_rules.at[1].header, ""); }
static void no_rules(struct bench *b) { vec_clear(&network_at(b, PROD)->listener_rules); }
static void no_tls(struct bench *b) { PUT(network_at(b, PROD)->listeners.at[0].protocol, "HTTP"); }
static void soon_over(struct bench *b) { network_at(b, PROD)->certificates.at[0].expires_at = NOW + 29 * DAY; }
static void not_issued(struct bench *b) { PUT(network_at(b, PROD)->certificates.at[0].status, "PENDING_VALIDATION"); }
static void other_path(struct bench *b) { PUT(balancing_at(b, PROD)->groups.at[0].path, "/"); }
static void bad_target(struct bench *b) { PUT(balancing_at(b, PROD)->targets.at[0].state, "unhealthy"); }
static void all_in_one_zone(struct bench *b)
{
    for (size_t i = 0; i < balancing_at(b, PROD)->targets.len; i++)
        PUT(balancing_at(b, PROD)->targets.at[i].zone, "us-east-1a");
}
static void no_targets(struct bench *b) { vec_clear(&balancing_at(b, PROD)->targets); }
static void plain_disks(struct bench *b) { network_at(b, PROD)->ebs_encrypted = 0; }

static const struct {
    const char *id;
    void (*bend)(struct bench *b);
    const char *evidence; /* of the first failure */
} bends[] = {
    {"net-vpc", other_vpc, "172.16.0.0/16, 10.0.0.0/16 promised"},
    {"net-app-subnets", no_app_subnet, "no subnet is 10.0.12.0/24"},
    {"net-app-subnets", same_zone, "app subnets in 1 zone, 2 promised"},
    {"net-db-subnets", no_db_subnet, "no subnet is 10.0.22.0/24"},
    {"net-private", internet, "0.0.0.0/0 goes to igw-1 by rtb-app"},
    {"net-private", internet_by_main, "::/0 goes to igw-1 by rtb-main"},
    {"net-private", public_addresses, "hands out public addresses"},
    {"net-endpoints", no_endpoint, "there is no endpoint"},
    {"net-endpoints", endpoint_elsewhere, "there is no endpoint"},
    {"net-endpoints", no_private_dns, "vpce-ecr.dkr, Interface, no private DNS, available"},
    {"net-endpoints", pending_endpoint, "vpce-ecr.api, Interface, private DNS, pending"},
    {"net-endpoints", no_gateway, "vpce-s3, Interface, available"},
    {"net-nacl", default_acl, "acl-default is the default ACL"},
    {"net-nacl", open_acl, "rule 100 of acl-app lets everybody in"},
    {"net-nacl", open_acl_by_ports, "rule 100 of acl-app lets everybody in"},
    {"net-nacl", shared_acl, "acl-app is shared with subnet-db-1a of the tier db"},
    {"sg-pods", pods_from_vpc, "backend lets in 10.0.0.0/16 on tcp 8000"},
    {"sg-pods", pods_from_pods, "frontend lets in sg-backend backend on tcp 80"},
    {"sg-pods", no_pod_group, "no security group is called after the frontend or the backend"},
    {"sg-db", db_from_vpc, "database lets in 10.0.0.0/16 on tcp 5432"},
    {"sg-db", db_from_alb, "database lets in sg-alb alb on tcp 5432"},
    {"sg-db", db_other_port, "database lets in sg-backend backend on tcp 5432-5433"},
    {"sg-open", open_group, "endpoints lets in 0.0.0.0/0 on tcp 443"},
    {"sg-open", open_group_v6, "endpoints lets in ::/0 on all all"},
    {"sg-open", ssh, "endpoints lets in 10.0.11.0/24 on tcp 20-30"},
    {"alb-internal", public_alb, "internet-facing, in 2 zones"},
    {"alb-internal", one_zone, "internal, in 1 zone"},
    {"alb-internal", cross_zone_off, "cross-zone balancing off"},
    {"alb-internal", isolated_group, "cross-zone balancing off for the target group k8s-innovate-backend"},
    {"alb-internal", no_alb, "there is no application load balancer"},
    {"alb-header", forwards, "HTTPS:443, where no rule fits: forward 403"},
    {"alb-header", no_header, "HTTPS:443 rule 20 to k8s-innovate-frontend-1cf387c012 asks for no header"},
    {"alb-header", no_rules, "no rule asks for a header"},
    {"alb-tls", no_tls, "no listener is HTTPS"},
    {"alb-tls", soon_over, "ISSUED, valid until"},
    {"alb-tls", not_issued, "PENDING_VALIDATION, valid until"},
    {"alb-health", other_path, "checks /"},
    {"alb-health", bad_target, "10.0.11.20 in us-east-1a is unhealthy"},
    {"alb-health", all_in_one_zone, "6 of 6 healthy, in 1 zone"},
    {"alb-health", no_targets, "0 of 0 healthy, in 0 zones"},
    {"ebs-encrypted", plain_disks, "encryption by default off"},
};
#define BENDS (sizeof bends / sizeof *bends)

/* A condition that any value meets keeps nobody out. */
static void a_header_without_a_value_is_no_secret(void **state)
{
    static const struct {
        const char *config, *header;
    } rows[] = {
        {"{\"HttpHeaderName\":\"X-Origin-Verify\",\"Values\":[\"s3cret\",\"s3cret-2\"]}", "X-Origin-Verify"},
        {"{\"HttpHeaderName\":\"User-Agent\",\"Values\":[\"*\"]}", ""},
        {"{\"HttpHeaderName\":\"X-Origin-Verify\",\"Values\":[\"s3cret\",\"?*\"]}", ""},
        {"{\"HttpHeaderName\":\"X-Origin-Verify\",\"Values\":[]}", ""},
        {"{\"HttpHeaderName\":\"X-Origin-Verify\",\"RegexValues\":[\"^s3cret-[0-9]$\"]}", "X-Origin-Verify"},
        {"{\"HttpHeaderName\":\"X-Origin-Verify\",\"RegexValues\":[\".*\"]}", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[512];
        struct listener_rule rule;
        struct error e = {0};
        text_format(text, sizeof text, "{\"Conditions\":[{\"Field\":\"path-pattern\"},{\"Field\":\"http-header\",\"HttpHeaderConfig\":%s}]}",
                    rows[i].config);
        json_t *row = json_load(text, strlen(text), &e);
        map_listener_rule(row, "arn", &rule);
        assert_string_equal(rule.header, rows[i].header);
        json_decref(row);
    }
}

/* S3 has endpoints of two kinds by one name, and a network may have both. */
static void a_second_endpoint_for_s3_is_no_harm(void **state)
{
    for (int available = 0; available < 2; available++) {
        struct bench b;
        (void)state;
        begin(&b);
        struct vpc_endpoint more = {.private_dns = true};
        PUT(more.id, "vpce-s3-interface");
        PUT(more.vpc, "vpc-1");
        PUT(more.service, "com.amazonaws.us-east-1.s3");
        PUT(more.type, "Interface");
        PUT(more.state, available ? "available" : "deleted");
        *vec_add(&network_at(&b, PROD)->endpoints) = more;
        assert_int_equal(bench_result(&b, "net-endpoints", PROD)->verdict, CHECK_PASS);
        bench_end(&b);
    }
}

static void a_network_as_promised_passes(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    for (size_t i = 0; i < BENDS; i++)
        for (size_t a = DEV; a <= PROD; a++) {
            const struct check_result *r = bench_result(&b, bends[i].id, a);
            if (r->verdict != CHECK_PASS)
                fail_msg("%s of %zu: %s: %s", bends[i].id, a, r->evidence.at[0].resource, r->evidence.at[0].value);
        }
    assert_int_equal(bench_result(&b, "ebs-encrypted", ROOT)->verdict, CHECK_PASS);
    assert_int_equal(bench_result(&b, "net-vpc", ROOT)->verdict, CHECK_NA);
    bench_end(&b);
}

static void each_deviation_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < BENDS; i++) {
        struct bench b;
        begin(&b);
        bends[i].bend(&b);
        const struct check_result *r = bench_result(&b, bends[i].id, PROD);
        if (r->verdict != CHECK_FAIL || !text_starts(r->evidence.at[0].value, bends[i].evidence))
            fail_msg("%s: %s, %s: %s", bends[i].id, check_verdict_name(r->verdict), r->evidence.at[0].resource, r->evidence.at[0].value);
        assert_int_equal(bench_result(&b, bends[i].id, DEV)->verdict, CHECK_PASS);
        bench_end(&b);
    }
}

/* Of a prefix list only its id is read: it may hold 0.0.0.0/0. */
static void a_prefix_list_may_hold_everybody(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    let_in(&b, "sg-endpoints", PEER_LIST, "pl-0a1b2c3d", "tcp", 443, 443);
    const struct check_result *r = bench_result(&b, "sg-open", PROD);
    assert_int_equal(r->verdict, CHECK_UNKNOWN);
    assert_string_equal(r->evidence.at[0].value, "endpoints lets in the prefix list pl-0a1b2c3d: whether everybody is in that was not read");
    ssh(&b);
    assert_int_equal(bench_result(&b, "sg-open", PROD)->verdict, CHECK_FAIL);
    bench_end(&b);
}

/* Each part that is missing leaves unknown what hangs on it, by its name and with the reason. */
static void what_could_not_be_read_is_unknown(void **state)
{
    static const struct {
        enum network_part part;
        const char *id;
    } rows[] = {{NETWORK_VPCS, "net-vpc"},
                {NETWORK_SUBNETS, "net-app-subnets"},
                {NETWORK_SUBNETS, "net-private"},
                {NETWORK_ROUTES, "net-private"},
                {NETWORK_ENDPOINTS, "net-endpoints"},
                {NETWORK_ACLS, "net-nacl"},
                {NETWORK_GROUPS, "sg-pods"},
                {NETWORK_BALANCERS, "sg-pods"},
                {NETWORK_GROUPS, "sg-db"},
                {NETWORK_GROUPS, "sg-open"},
                {NETWORK_BALANCERS, "alb-internal"},
                {NETWORK_LISTENERS, "alb-header"},
                {NETWORK_LISTENERS, "alb-tls"},
                {NETWORK_EBS, "ebs-encrypted"}};
    struct error denied = {0};
    (void)state;
    error_set(&denied, ERROR_SERVICE, "AccessDenied", "not you");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench b;
        begin(&b);
        network_at(&b, PROD)->known &= ~(1u << rows[i].part);
        slice_failed(b.estate, PROD, FEED_NETWORK, &denied, NOW);
        const struct check_result *r = bench_result(&b, rows[i].id, PROD);
        assert_int_equal(r->verdict, CHECK_UNKNOWN);
        assert_non_null(strstr(r->evidence.at[0].value, network_part_name(rows[i].part)));
        assert_non_null(strstr(r->evidence.at[0].value, "AccessDenied: not you"));
        bench_end(&b);
    }
}

static void a_certificate_that_could_not_be_read_is_unknown(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    network_at(&b, PROD)->known &= ~(1u << NETWORK_CERTIFICATES);
    vec_clear(&network_at(&b, PROD)->certificates);
    assert_int_equal(bench_result(&b, "alb-tls", PROD)->verdict, CHECK_UNKNOWN);
    network_at(&b, PROD)->known |= 1u << NETWORK_CERTIFICATES;
    assert_int_equal(bench_result(&b, "alb-tls", PROD)->verdict, CHECK_FAIL);
    bench_end(&b);
}

/* A target group may say no for itself, and one that may not be read may have. */
static void target_groups_say_for_themselves(void **state)
{
    static const char off[] = "{\"Attributes\":[{\"Key\":\"stickiness.enabled\",\"Value\":\"false\"},"
                              "{\"Key\":\"load_balancing.cross_zone.enabled\",\"Value\":\"false\"}]}",
                      as_usual[] = "{\"Attributes\":[{\"Key\":\"load_balancing.cross_zone.enabled\",\"Value\":\"use_load_balancer_configuration\"}]}";
    struct bench b;
    struct error e = {0};
    json_t *no = json_load(off, sizeof off - 1, &e), *usual = json_load(as_usual, sizeof as_usual - 1, &e);
    (void)state;
    begin(&b);
    struct load_balancer *balancer = &network_at(&b, PROD)->balancers.at[0];
    balancer->groups_cross_zone = 1;
    map_group_attributes(usual, "one", balancer);
    assert_int_equal(bench_result(&b, "alb-internal", PROD)->verdict, CHECK_PASS);
    map_group_attributes(NULL, "two", balancer);
    assert_int_equal(bench_result(&b, "alb-internal", PROD)->verdict, CHECK_UNKNOWN);
    map_group_attributes(no, "three", balancer);
    map_group_attributes(NULL, "four", balancer);
    assert_int_equal(balancer->groups_cross_zone, 0);
    assert_string_equal(balancer->isolated, "three");
    json_decref(no);
    json_decref(usual);
    bench_end(&b);
}

/* Where targets are in may not be told; then it is not known that they are in both zones. */
static void targets_without_zones_are_unknown(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    for (size_t i = 0; i < balancing_at(&b, PROD)->targets.len; i++)
        PUT(balancing_at(&b, PROD)->targets.at[i].zone, "");
    assert_int_equal(bench_result(&b, "alb-health", PROD)->verdict, CHECK_UNKNOWN);
    PUT(balancing_at(&b, PROD)->targets.at[0].state, "unhealthy");
    assert_int_equal(bench_result(&b, "alb-health", PROD)->verdict, CHECK_FAIL);
    bench_end(&b);
}

/* Development asleep has no targets, and that is as it should be; so has a second zone nothing lost there. */
static void development_may_sleep_and_has_one_zone(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    vec_clear(&balancing_at(&b, DEV)->targets);
    assert_int_equal(bench_result(&b, "alb-health", DEV)->verdict, CHECK_FAIL);
    b.config.accounts.at[DEV].auto_shutdown.stop = mem_strdup("20:00");
    assert_int_equal(bench_result(&b, "alb-health", DEV)->verdict, CHECK_NA);
    struct subnet *s = vec_add(&network_at(&b, DEV)->subnets);
    *s = network_at(&b, DEV)->subnets.at[0];
    PUT(s->cidr, "10.0.12.0/24");
    PUT(s->zone, "us-east-1b");
    assert_int_equal(bench_result(&b, "net-app-subnets", DEV)->verdict, CHECK_FAIL);
    bench_end(&b);
}

static void the_profile_may_promise_other_addresses(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    b.config.network.vpc = mem_strdup("172.16.0.0/16");
    *vec_add(&b.config.accounts.at[PROD].network.app) = mem_strdup("10.0.11.0/24");
    assert_int_equal(bench_result(&b, "net-vpc", PROD)->verdict, CHECK_FAIL);
    b.config.accounts.at[PROD].network.vpc = mem_strdup("10.0.0.0/16");
    assert_int_equal(bench_result(&b, "net-vpc", PROD)->verdict, CHECK_PASS);
    assert_int_equal(bench_result(&b, "net-vpc", DEV)->verdict, CHECK_FAIL);
    bench_end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_network_as_promised_passes),
        cmocka_unit_test(a_second_endpoint_for_s3_is_no_harm),
        cmocka_unit_test(a_header_without_a_value_is_no_secret),
        cmocka_unit_test(target_groups_say_for_themselves),
        cmocka_unit_test(each_deviation_is_found),
        cmocka_unit_test(a_prefix_list_may_hold_everybody), cmocka_unit_test(what_could_not_be_read_is_unknown),
        cmocka_unit_test(a_certificate_that_could_not_be_read_is_unknown),
        cmocka_unit_test(targets_without_zones_are_unknown),
        cmocka_unit_test(development_may_sleep_and_has_one_zone),
        cmocka_unit_test(the_profile_may_promise_other_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
