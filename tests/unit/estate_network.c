/* Addresses, the plan, ties between the network's parts, and what a new reading changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "network_estate.h"
#include "put.h"

#define NOW INT64_C(1795528931000)

enum { ROOT, DEV, PROD };

struct bench {
    struct estate_config config;
    struct estate *estate;
};

static void begin(struct bench *b)
{
    static const char *const names[] = {"root", "dev", "prod"};
    *b = (struct bench){0};
    for (int i = 0; i < 3; i++)
        *vec_add(&b->config.accounts) = (struct account_config){.name = mem_strdup(names[i]), .id = mem_strdup("1"), .kind = i};
    b->estate = estate_new(&b->config);
    network_build(b->estate, PROD, NOW);
}

static void end(struct bench *b)
{
    estate_free(b->estate);
    estate_config_free(&b->config);
}

static void ranges_lie_in_ranges(void **state)
{
    static const struct {
        const char *inner, *outer;
        bool within;
    } rows[] = {{"10.0.11.0/24", "10.0.0.0/16", true},   {"10.0.11.0/24", "10.0.11.0/24", true}, {"10.0.11.0/23", "10.0.11.0/24", false},
                {"10.0.12.7/32", "10.0.12.0/29", true},  {"10.0.12.8/32", "10.0.12.0/29", false}, {"10.0.11.0/24", "0.0.0.0/0", true},
                {"2600:1f18::/56", "2600:1f18::/32", true}, {"10.0.11.0/24", "::/0", false},      {"10.0.11.0", "10.0.0.0/16", false},
                {"", "10.0.0.0/16", false},              {"10.0.11.0/33", "10.0.0.0/16", false},  {"pl-63a5400a", "10.0.0.0/16", false}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (cidr_within(rows[i].inner, rows[i].outer) != rows[i].within)
            fail_msg("%s in %s", rows[i].inner, rows[i].outer);
    assert_true(cidr_is_all("0.0.0.0/0") && cidr_is_all("::/0"));
    assert_false(cidr_is_all("0.0.0.0/1") || cidr_is_all("pl-1") || cidr_is_all(""));
}

static void the_architecture_stands_in_for_the_profile(void **state)
{
    struct bench b;
    struct network_plan plan;
    (void)state;
    begin(&b);
    network_plan_of(&b.config, &b.config.accounts.at[PROD], &plan);
    assert_string_equal(plan.vpc, "10.0.0.0/16");
    assert_int_equal(plan.zones, 2);
    assert_int_equal(network_tier(&plan, "10.0.12.128/25"), TIER_APP);
    assert_int_equal(network_tier(&plan, "10.0.21.0/24"), TIER_DB);
    assert_int_equal(network_tier(&plan, "10.0.31.0/24"), TIER_OTHER);
    network_plan_of(&b.config, &b.config.accounts.at[DEV], &plan);
    assert_int_equal(plan.zones, 1);
    *vec_add(&b.config.network.app) = mem_strdup("172.16.1.0/24");
    *vec_add(&b.config.accounts.at[DEV].network.app) = mem_strdup("192.168.1.0/24");
    network_plan_of(&b.config, &b.config.accounts.at[PROD], &plan);
    assert_string_equal(plan.app[0], "172.16.1.0/24");
    assert_int_equal(plan.zones, 1);
    network_plan_of(&b.config, &b.config.accounts.at[DEV], &plan);
    assert_string_equal(plan.app[0], "192.168.1.0/24");
    assert_string_equal(plan.db[1], "10.0.22.0/24");
    end(&b);
}

static void subnets_have_their_own_table_or_the_main_one(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    struct account_network *n = &estate_account_write(b.estate, PROD)->network;
    const struct subnet *s = network_subnet(n, "subnet-db-1a");
    assert_non_null(s);
    assert_string_equal(network_table_of(n, s)->id, "rtb-db");
    assert_string_equal(network_acl_of(n, s)->id, "acl-db");
    vec_clear(&n->table_links);
    vec_clear(&n->acl_links);
    assert_string_equal(network_table_of(n, s)->id, "rtb-main");
    assert_null(network_acl_of(n, s));
    n->tables.at[0].main = false;
    assert_null(network_table_of(n, s));
    end(&b);
}

static void targets_are_counted_by_zone(void **state)
{
    struct bench b;
    struct zone_health zones[4];
    (void)state;
    begin(&b);
    struct balancing *balancing = &estate_account_write(b.estate, PROD)->balancing;
    PUT(balancing->targets.at[0].state, "unhealthy");
    PUT(balancing->targets.at[1].state, "draining");
    PUT(balancing->targets.at[3].state, "initial");
    assert_int_equal(balancing_zones(balancing, balancing->groups.at[0].arn, zones, 4), 2);
    assert_string_equal(zones[0].zone, "us-east-1a");
    assert_int_equal(zones[0].healthy, 1);
    assert_int_equal(zones[0].total, 2);
    assert_int_equal(zones[1].healthy, 2);
    assert_int_equal(zones[1].total, 3);
    assert_int_equal(balancing_zones(balancing, NULL, zones, 4), 2);
    assert_int_equal(zones[1].total, 5);
    assert_int_equal(balancing_zones(balancing, NULL, zones, 1), 1);
    PUT(balancing->groups.at[1].balancer, "");
    balancing_zones(balancing, NULL, zones, 4);
    assert_int_equal(zones[1].total, 3);
    assert_string_equal(balancer_key(b.estate->accounts[PROD].network.balancers.at[0].arn), "app/innovate/6c8f1b2d3e4a5f60");
    assert_string_equal(balancer_key("arn:aws:s3:::x"), "");
    end(&b);
}

/* A part that could not be read leaves what was known of it as it is. */
static void parts_are_replaced_one_by_one(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    struct account_network next = {.known = 1u << NETWORK_VPCS, .failed = 1u << NETWORK_ACLS};
    PUT(vec_add(&next.vpcs)->cidr, "10.9.0.0/16");
    network_set(b.estate, PROD, &next, NOW);
    const struct account_network *n = &b.estate->accounts[PROD].network;
    assert_int_equal(n->vpcs.len, 1);
    assert_string_equal(n->vpcs.at[0].cidr, "10.9.0.0/16");
    assert_int_equal(n->acls.len, 3);
    assert_int_equal(n->failed, 1u << NETWORK_ACLS);
    assert_true(network_knows(n, NETWORK_ACLS) && network_knows(n, NETWORK_VPCS));
    assert_int_equal(next.vpcs.len, 0);
    end(&b);
}

static const struct change *last_change(const struct estate *e) { return change_at(&e->changes, 0); }

static void groups_that_open_are_noted(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    const struct account_network *old = &b.estate->accounts[PROD].network;
    struct account_network next = {.known = 1u << NETWORK_GROUPS};
    for (size_t i = 0; i < old->groups.len; i++)
        *vec_add(&next.groups) = old->groups.at[i];
    for (size_t i = 1; i < old->rules.len; i++)
        *vec_add(&next.rules) = old->rules.at[i];
    struct group_rule *r = vec_add(&next.rules);
    *r = next.rules.at[0];
    PUT(r->peer, "0.0.0.0/0");
    uint64_t before = b.estate->changes.count;
    network_set(b.estate, PROD, &next, NOW);
    assert_int_equal(b.estate->changes.count, before + 2);
    assert_string_equal(last_change(b.estate)->text, "no longer lets in cloudfront-origins on tcp 443");
    assert_string_equal(last_change(b.estate)->subject, "alb");
    assert_string_equal(change_at(&b.estate->changes, 1)->text, "lets in 0.0.0.0/0 on tcp 80");
    end(&b);
}

static void targets_that_turn_bad_are_noted_and_are_a_problem(void **state)
{
    struct bench b;
    struct health_report report;
    (void)state;
    begin(&b);
    struct session session = {.state = SESSION_READY};
    session_set(b.estate, PROD, &session, NOW);
    const struct balancing *old = &b.estate->accounts[PROD].balancing;
    struct balancing next = {.series_end = 0};
    for (size_t i = 0; i < old->groups.len; i++)
        *vec_add(&next.groups) = old->groups.at[i];
    for (size_t i = 1; i < old->targets.len; i++) /* one is gone: that is no news */
        *vec_add(&next.targets) = old->targets.at[i];
    PUT(next.targets.at[2].state, "unhealthy");
    PUT(next.targets.at[2].reason, "Target.Timeout");
    uint64_t before = b.estate->changes.count;
    targets_set(b.estate, PROD, &next, NOW);
    assert_int_equal(b.estate->changes.count, before + 1);
    assert_string_equal(last_change(b.estate)->text, "target 10.0.12.23 in us-east-1b unhealthy: Target.Timeout");
    assert_int_equal(b.estate->accounts[PROD].balancing.series.len, 1);
    account_health(&b.estate->accounts[PROD], NOW, &report);
    assert_int_equal(report.health, HEALTH_ATTENTION);
    assert_string_equal(report.problem[0].text, "1 of 9 targets unhealthy: k8s-innovate-backend-10e08a419e 10.0.12.23 in us-east-1b");
    assert_int_equal(report.problem[0].feed, FEED_LOAD_BALANCERS);
    end(&b);
}

static void targets_without_a_zone_are_placed_by_address_or_instance(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    struct balancing next = {.series_end = 0};
    struct account_network more = {.known = 1u << NETWORK_INSTANCES};
    static const char *const ids[] = {"10.0.12.9", "10.0.99.9", "i-1"};
    for (size_t i = 0; i < 3; i++)
        PUT(vec_add(&next.targets)->id, ids[i]);
    targets_set(b.estate, PROD, &next, NOW);
    const struct balancing *balancing = &b.estate->accounts[PROD].balancing;
    assert_string_equal(balancing->targets.at[0].zone, "us-east-1b");
    assert_string_equal(balancing->targets.at[1].zone, "");
    assert_string_equal(balancing->targets.at[2].zone, "");
    struct ec2_instance *instance = vec_add(&more.instances);
    PUT(instance->id, "i-1");
    PUT(instance->zone, "us-east-1a");
    network_set(b.estate, PROD, &more, NOW);
    assert_string_equal(balancing->targets.at[2].zone, "us-east-1a");
    end(&b);
}

static void ports_read_as_people_write_them(void **state)
{
    char text[24];
    (void)state;
    assert_string_equal(port_words(443, 443, text, sizeof text), "443");
    assert_string_equal(port_words(8000, 8010, text, sizeof text), "8000-8010");
    assert_string_equal(port_words(-1, -1, text, sizeof text), "all");
    assert_string_equal(port_words(0, 65535, text, sizeof text), "all");
}

static void what_a_machine_put_behind_a_name_is_no_part_of_it(void **state)
{
    char text[NETWORK_NAME];
    (void)state;
    assert_string_equal(group_plain_name("eks-cluster-sg-innovate-prod-140392571", text, sizeof text), "eks-cluster-sg-innovate-prod");
    assert_string_equal(group_plain_name("k8s-innovate-4f1c2b3d9e", text, sizeof text), "k8s-innovate");
    assert_string_equal(group_plain_name("innovate-prod-database", text, sizeof text), "innovate-prod-database");
    assert_string_equal(group_plain_name("app-1234567", text, sizeof text), "app-1234567");
    assert_string_equal(group_plain_name("the-deadbeef", text, sizeof text), "the-deadbeef");
    assert_string_equal(group_plain_name("", text, sizeof text), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_lie_in_ranges),
        cmocka_unit_test(the_architecture_stands_in_for_the_profile),
        cmocka_unit_test(subnets_have_their_own_table_or_the_main_one),
        cmocka_unit_test(targets_are_counted_by_zone),
        cmocka_unit_test(parts_are_replaced_one_by_one),
        cmocka_unit_test(groups_that_open_are_noted),
        cmocka_unit_test(targets_that_turn_bad_are_noted_and_are_a_problem),
        cmocka_unit_test(targets_without_a_zone_are_placed_by_address_or_instance),
        cmocka_unit_test(ports_read_as_people_write_them),
        cmocka_unit_test(what_a_machine_put_behind_a_name_is_no_part_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
