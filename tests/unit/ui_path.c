/* The hops of a request's path: what each says of itself, its state and its word, and what scripts are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "path_estate.h"
#include "ui/export.h"
#include "ui/panes/request_path.h"

enum { NAMES, CDN, WAF, ALB, PODS, RDS };

static struct account *prod(struct estate *e) { return estate_account_write(e, PROD); }

static void has_nothing_read(struct estate *e)
{
    for (int f = 0; f < FEED_COUNT; f++)
        prod(e)->slices[f] = (struct slice){.state = SLICE_NEVER};
}
static void is_refused(struct estate *e)
{
    has_nothing_read(e);
    for (int f = 0; f < FEED_COUNT; f++)
        ui_fail(e, PROD, (enum feed)f, "AccessDenied", "you are not authorized");
}
static void is_stale(struct estate *e)
{
    path_well(e);
    for (int f = 0; f < FEED_COUNT; f++) {
        prod(e)->slices[f].state = SLICE_STALE;
        prod(e)->slices[f].read_at = UI_NOW - 540000;
    }
}
static void has_no_edge(struct estate *e)
{
    path_well(e);
    prod(e)->slices[FEED_EDGE].state = prod(e)->slices[FEED_EDGE_METRICS].state = prod(e)->slices[FEED_WAF_METRICS].state = SLICE_NONE;
}
static void leads_elsewhere(struct estate *e)
{
    path_well(e);
    text_copy(prod(e)->edge.records.at[1].target, 16, "d9.example.net");
}
static void lost_its_records(struct estate *e)
{
    path_well(e);
    vec_clear(&prod(e)->edge.records);
}
static void has_its_zone_elsewhere(struct estate *e)
{
    lost_its_records(e);
    vec_clear(&prod(e)->edge.zones);
}
static void records_are_unread(struct estate *e)
{
    path_well(e);
    prod(e)->edge.known &= ~(1u << EDGE_RECORDS);
    prod(e)->slices[FEED_EDGE] = (struct slice){.state = SLICE_NEVER};
    ui_fail(e, PROD, FEED_EDGE, "AccessDenied", "records: you are not authorized");
}
static void edge_answers_errors(struct estate *e)
{
    path_well(e);
    for (size_t i = 0; i < EDGE_POINTS; i++)
        prod(e)->edge_traffic.series.at[0].errors_5xx[i] = 3.9;
}
static void edge_answers_few_errors(struct estate *e)
{
    edge_answers_errors(e);
    for (size_t i = 0; i < EDGE_POINTS; i++)
        prod(e)->edge_traffic.series.at[0].requests[i] = 100; /* four of them */
}
static void edge_counts_no_requests(struct estate *e)
{
    edge_answers_errors(e);
    for (size_t i = 0; i < EDGE_POINTS; i++)
        prod(e)->edge_traffic.series.at[0].requests[i] = NAN;
}
static void has_another_answer_inside(struct estate *e)
{
    struct edge_zone *zone;
    path_well(e);
    zone = vec_add(&prod(e)->edge.zones);
    text_copy(zone->id, sizeof zone->id, "ZINSIDE");
    text_copy(zone->name, sizeof zone->name, "innovate.example");
    zone->is_private = true;
    struct edge_record *record = vec_add(&prod(e)->edge.records);
    *record = (struct edge_record){.zone = "ZINSIDE", .name = "innovate.example", .type = "A", .target = "10.0.11.40"};
}
/* A part of the edge could not be read, all the rest was. */
static void part_is_refused(struct estate *e, enum edge_part part, bool known)
{
    path_well(e);
    prod(e)->edge.failed = 1u << part;
    prod(e)->edge.known &= known ? ~0u : ~(1u << part);
    ui_fail(e, PROD, FEED_EDGE, "AccessDenied", "not authorized");
}
static void logging_is_refused(struct estate *e) { part_is_refused(e, EDGE_LOGGING, false); }
static void zones_are_refused(struct estate *e) { part_is_refused(e, EDGE_ZONES, false); }
static void records_were_read_before(struct estate *e)
{
    part_is_refused(e, EDGE_RECORDS, true);
    prod(e)->slices[FEED_EDGE].read_at = UI_NOW - 540000;
}
static void logging_was_refused_long_ago(struct estate *e)
{
    logging_is_refused(e);
    prod(e)->slices[FEED_EDGE].read_at = UI_NOW - 3 * prod(e)->slices[FEED_EDGE].interval_ms;
}
/* After a reading in which only logging was refused, one in which everything is. */
static void all_is_refused_then(struct estate *e)
{
    struct account_edge none = {.failed = (1u << EDGE_PARTS) - 1};
    logging_is_refused(e);
    edge_set(e, PROD, &none, UI_NOW);
}
static void nothing_is_in_use(struct estate *e)
{
    path_well(e);
    prod(e)->edge.distributions.at[0].enabled = false;
    *vec_add(&prod(e)->edge.distributions) = (struct edge_distribution){.id = "E9OLD"};
}
static void one_is_out_of_use(struct estate *e)
{
    path_well(e);
    *vec_add(&prod(e)->edge.distributions) = (struct edge_distribution){.id = "E9OLD"};
}
static void has_another_distribution(struct estate *e)
{
    path_well(e);
    struct edge_series quiet = prod(e)->edge_traffic.series.at[0];
    text_copy(quiet.distribution, sizeof quiet.distribution, "E9DOCS");
    for (size_t i = 0; i < EDGE_POINTS; i++)
        quiet.requests[i] = 1;
    *vec_add(&prod(e)->edge_traffic.series) = quiet;
}
static void edge_counts_nothing(struct estate *e)
{
    path_well(e);
    for (size_t i = 0; i < EDGE_POINTS; i++)
        prod(e)->edge_traffic.series.at[0].errors_5xx[i] = NAN;
}
static void certificate_ends(struct estate *e)
{
    path_well(e);
    prod(e)->edge.certificates.at[0].expires_at = UI_NOW + INT64_C(12) * 86400000;
}
static void acl_is_off(struct estate *e)
{
    path_well(e);
    prod(e)->edge.distributions.at[0].web_acl[0] = '\0';
}
static void alarm_is_acknowledged(struct estate *e)
{
    path_surge(e);
    text_copy(prod(e)->alarms.at[0].acknowledged_by, 5, "mara");
}
static void targets_answer_errors(struct estate *e)
{
    path_well(e);
    for (size_t i = 0; i < BALANCER_POINTS; i++)
        prod(e)->balancing.series.at[0].target_5xx[i] = 51;
}
static void few_errors(struct estate *e)
{
    path_well(e);
    for (size_t i = 0; i < BALANCER_POINTS; i++)
        prod(e)->balancing.series.at[0].target_5xx[i] = 4;
}
static void errors_were_long_ago(struct estate *e)
{
    struct balancer_series *s = &prod(e)->balancing.series.at[0];
    targets_answer_errors(e);
    for (size_t i = BALANCER_POINTS - 25; i < BALANCER_POINTS; i++)
        s->requests[i] = s->target_5xx[i] = s->balancer_5xx[i] = NAN;
}
/* Of these CloudWatch counts no requests: none was given a target. */
static void balancer_refuses_all(struct estate *e)
{
    struct balancer_series *s = &prod(e)->balancing.series.at[0];
    path_well(e);
    for (size_t i = 0; i < BALANCER_POINTS; i++) {
        s->requests[i] = s->target_5xx[i] = NAN;
        s->balancer_5xx[i] = 300;
    }
}
/* Six of six fail, beside a thousand of another that do not. */
static void second_one_fails(struct estate *e)
{
    path_well(e);
    struct balancer_series s = prod(e)->balancing.series.at[0];
    text_copy(s.balancer, sizeof s.balancer, "app/reports/0a1b");
    for (size_t i = 0; i < BALANCER_POINTS; i++)
        s.requests[i] = s.target_5xx[i] = 6;
    for (size_t i = 0; i < BALANCER_POINTS; i++)
        s.latency[i] = 2;
    *vec_add(&prod(e)->balancing.series) = s;
}
static void all_start(struct estate *e)
{
    path_well(e);
    for (size_t i = 0; i < prod(e)->balancing.targets.len; i++)
        text_copy(prod(e)->balancing.targets.at[i].state, 8, "initial");
}
static void groups_are_not_used(struct estate *e)
{
    path_well(e);
    for (size_t i = 0; i < prod(e)->balancing.groups.len; i++)
        *prod(e)->balancing.groups.at[i].balancer = '\0';
    vec_clear(&prod(e)->balancing.series);
}
static void has_no_target(struct estate *e)
{
    path_well(e);
    vec_clear(&prod(e)->balancing.targets);
}
static void starts(struct estate *e)
{
    struct deployment d = {.name = (char[]){"backend"}, .ns = "web", .ready = 3, .desired = 4, .updated = 4, .available = 3, .images = ""};
    path_well(e);
    deployments_put(e, PROD, &d, 1, UI_NOW);
}
static void none_is_available(struct estate *e)
{
    struct deployment d = {.name = (char[]){"backend"}, .ns = "web", .ready = 0, .desired = 4, .updated = 4, .available = 0, .images = ""};
    path_well(e);
    deployments_put(e, PROD, &d, 1, UI_NOW);
}
static void is_scaled_to_zero(struct estate *e)
{
    path_well(e);
    for (size_t i = 0; i < prod(e)->cluster.deployments.len; i++)
        prod(e)->cluster.deployments.at[i].ready = prod(e)->cluster.deployments.at[i].desired = prod(e)->cluster.deployments.at[i].available = 0;
    while (prod(e)->cluster.pods.len)
        pods_gone(e, PROD, prod(e)->cluster.pods.at[0].ns, prod(e)->cluster.pods.at[0].name, UI_NOW);
}
static void one_is_scaled_to_zero(struct estate *e)
{
    path_well(e);
    prod(e)->cluster.deployments.at[0].ready = prod(e)->cluster.deployments.at[0].desired = prod(e)->cluster.deployments.at[0].available = 0;
}
static void waits_too_long(struct estate *e)
{
    struct pod_row row = {.ns = "web", .name = "backend-6c9d7f5b8-2m7rv", .status = "Running", .node = "", .ip = "", .ready = 1, .containers = 2,
                          .created_at = UI_NOW - 900000};
    path_well(e);
    pods_put(e, PROD, &row, UI_NOW);
}
static void pods_unread(struct estate *e)
{
    path_well(e);
    prod(e)->slices[FEED_PODS] = (struct slice){.state = SLICE_NEVER};
    ui_fail(e, PROD, FEED_PODS, "Forbidden", "pods is forbidden");
}
static void has_no_standby(struct estate *e)
{
    path_well(e);
    prod(e)->database.instances.at[0].multi_az = false;
    prod(e)->database.instances.at[0].standby_zone[0] = '\0';
}
static void is_in_status(struct estate *e, const char *status)
{
    path_well(e);
    text_copy(prod(e)->database.instances.at[0].status, sizeof prod(e)->database.instances.at[0].status, status);
}
static void is_full(struct estate *e) { is_in_status(e, "storage-full"); }
static void has_grown(struct estate *e) { is_in_status(e, "storage-optimization"); }
static void has_no_standby_and_an_alarm(struct estate *e)
{
    has_no_standby(e);
    path_alarm(e, "rds-cpu", "AWS/RDS", "97 > 80");
}
static void database_is_gone(struct estate *e)
{
    path_well(e);
    vec_clear(&prod(e)->database.instances);
}
static void load_is_unread(struct estate *e)
{
    path_well(e);
    prod(e)->slices[FEED_DATABASE_LOAD] = (struct slice){.state = SLICE_NEVER};
    ui_fail(e, PROD, FEED_DATABASE_LOAD, "AccessDenied", "you are not authorized");
}
static void load_is_not_counted(struct estate *e)
{
    path_well(e);
    vec_clear(&prod(e)->database.loads);
}

/* One hop, what it says (a part of its figures), its state and its word. */
static const struct {
    void (*prepare)(struct estate *e);
    int hop;
    const char *says;
    enum hop_state state;
    const char *word;
} cases[] = {
    {path_well, NAMES, "innovate.example → d3innovate0edg.cloudfront.net|+1 name|zone innovate.example, 7 records|", HOP_OK, "ok"},
    {path_well, CDN, "hit 85%|4xx 1.3%|5xx 0.0%|p99 261 ms|", HOP_OK, "ok"},
    {path_well, WAF, "allowed 1,218|blocked 37/min|top RateLimit 22|", HOP_OK, "ok"},
    {path_well, ALB, "healthy 1a 5/5|1b 5/5|5xx 0/min|", HOP_OK, "ok"},
    {path_well, PODS, "backend 4/4|frontend 2/2|1a 3/3  1b 3/3|", HOP_OK, "ok"},
    {path_well, RDS, "available|1a⇄1b|conn 63|cpu 35%|free 61Gi|(of 100Gi)|restore 2m ago|", HOP_OK, "ok"},
    {leads_elsewhere, NAMES, "www.innovate.example → d9.example.net|+1 name|", HOP_BAD, "leads elsewhere"},
    {lost_its_records, NAMES, "innovate.example → nothing|", HOP_BAD, "no record"},
    {has_its_zone_elsewhere, NAMES, "innovate.example → –|", HOP_UNKNOWN, "zone not here"},
    {records_are_unread, NAMES, "not known|", HOP_UNKNOWN, "AccessDenied"},
    {edge_answers_errors, CDN, "5xx 3.9%|", HOP_BAD, "5xx"},
    {edge_answers_few_errors, CDN, "5xx 3.9%|", HOP_OK, "ok"},
    {has_another_distribution, CDN, "E2INNOVATE0EDG +1 more|", HOP_OK, "ok"},
    {edge_counts_no_requests, CDN, "5xx 3.9%|", HOP_BAD, "5xx"},
    {has_another_answer_inside, NAMES, "innovate.example → d3innovate0edg.cloudfront.net|", HOP_OK, "ok"},
    {logging_is_refused, NAMES, "innovate.example → d3innovate0edg.cloudfront.net|", HOP_OK, "ok"},
    {logging_was_refused_long_ago, NAMES, "innovate.example → d3innovate0edg.cloudfront.net|", HOP_UNKNOWN, "stale 3m"},
    {all_is_refused_then, NAMES, "innovate.example → d3innovate0edg.cloudfront.net|", HOP_UNKNOWN, "stale 12s"},
    {zones_are_refused, NAMES, "not known|", HOP_UNKNOWN, "AccessDenied"},
    {records_were_read_before, NAMES, "innovate.example → d3innovate0edg.cloudfront.net|", HOP_UNKNOWN, "stale 9m"},
    {nothing_is_in_use, CDN, "5xx 0.0%|", HOP_BAD, "disabled"},
    {one_is_out_of_use, CDN, "5xx 0.0%|", HOP_OK, "ok"},
    {edge_counts_nothing, CDN, "5xx –|", HOP_UNKNOWN, "no data"},
    {certificate_ends, CDN, "certificate 12d|", HOP_BAD, "certificate"},
    {acl_is_off, WAF, "blocked 37/min|", HOP_BAD, "no web ACL"},
    {path_surge, WAF, "blocked 5,237/min|", HOP_BAD, "waf-blocked-surge"},
    {alarm_is_acknowledged, WAF, "blocked 5,237/min|", HOP_OK, "ok"},
    {path_zone, ALB, "healthy 1a 5/5|1b 0/5|", HOP_BAD, "targets 1b"},
    {targets_answer_errors, ALB, "5xx 51/min|", HOP_BAD, "5xx"},
    {few_errors, ALB, "5xx 4/min|", HOP_OK, "ok"},
    {errors_were_long_ago, ALB, "5xx –/min|", HOP_OK, "ok"},
    {balancer_refuses_all, ALB, "5xx 300/min|", HOP_BAD, "5xx"},
    {second_one_fails, ALB, "5xx 6/min|2000 ms|", HOP_BAD, "5xx"},
    {all_start, ALB, "healthy 1a 0/5|1b 0/5|", HOP_BAD, "none healthy"},
    {groups_are_not_used, ALB, "no target group|", HOP_NONE, "none"},
    {has_no_target, ALB, "no target|", HOP_BAD, "no target"},
    {path_rollout, PODS, "(2 CrashLoopBackOff)|", HOP_BAD, "backend"},
    {starts, PODS, "backend 3/4|frontend 2/2|", HOP_OK, "starting"},
    {none_is_available, PODS, "backend 0/4|", HOP_BAD, "backend"},
    {is_scaled_to_zero, PODS, "backend 0/0|frontend 0/0|", HOP_BAD, "scaled to zero"},
    {one_is_scaled_to_zero, PODS, "backend 0/0|frontend 2/2|", HOP_OK, "ok"},
    {waits_too_long, PODS, "backend 4/4|", HOP_BAD, "not ready"},
    {pods_unread, PODS, "backend 4/4|", HOP_UNKNOWN, "Forbidden"},
    {path_failover, RDS, "rebooting|", HOP_BAD, "rebooting"},
    {has_no_standby, RDS, "available|1a|", HOP_BAD, "no standby"},
    {has_no_standby_and_an_alarm, RDS, "available|1a|", HOP_BAD, "rds-cpu"},
    {is_full, RDS, "storage-full|", HOP_BAD, "storage-full"},
    {has_grown, RDS, "storage-optimization|", HOP_OK, "ok"},
    {database_is_gone, RDS, "no instance|", HOP_BAD, "not there"},
    {load_is_unread, RDS, "available|1a⇄1b|load AccessDenied|", HOP_OK, "ok"},
    {load_is_not_counted, RDS, "conn –|cpu –|free –|", HOP_OK, "ok"},
};

static const enum feed feeds[HOPS] = {FEED_EDGE, FEED_EDGE_METRICS, FEED_WAF_METRICS, FEED_LOAD_BALANCERS, FEED_PODS, FEED_DATABASE};

static struct pane_view view_of(const struct estate *e)
{
    return (struct pane_view){.estate = e, .now = UI_NOW, .unicode = true, .account = SIZE_MAX};
}

static void all_figures(const struct hop *hop, char *out, size_t size)
{
    *out = '\0';
    for (size_t i = 0; i < hop->count; i++)
        if (!hop->figures[i].drawing) {
            size_t len = strlen(out);
            text_format(out + len, size - len, "%s|", hop->figures[i].text);
        }
}

/* One source: a hop is red where the account's problems say why, and only there. */
static void expect_problems(const struct estate *e, const struct hop hops[HOPS])
{
    struct health_report report;
    account_health(&e->accounts[PROD], UI_NOW, &report);
    for (int h = 0; h < HOPS; h++) {
        bool told = false;
        for (size_t i = 0; i < problems_kept(&report); i++)
            told |= !strcmp(report.problem[i].text, hops[h].why);
        assert_int_equal(told && report.health == HEALTH_ATTENTION, hops[h].state == HOP_BAD);
    }
}

static void each_hop_says_how_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct estate *e = ui_estate();
        struct pane_view view = view_of(e);
        struct hop hops[HOPS];
        char says[2000];
        cases[i].prepare(e);
        request_path_look(&view, PROD, 9, hops);
        all_figures(&hops[cases[i].hop], says, sizeof says);
        if (!strstr(says, cases[i].says))
            fail_msg("case %zu: \"%s\" is not in \"%s\"", i, cases[i].says, says);
        if (hops[cases[i].hop].state != cases[i].state)
            fail_msg("case %zu: %s", i, hop_state_name(hops[cases[i].hop].state));
        assert_string_equal(hops[cases[i].hop].word, cases[i].word);
        bool failed = cases[i].state == HOP_UNKNOWN && prod(e)->slices[feeds[cases[i].hop]].error.kind != ERROR_NONE;
        assert_int_equal(*hops[cases[i].hop].why != '\0', cases[i].state == HOP_BAD || failed);
        expect_problems(e, hops);
        ui_estate_free(e);
    }
}

static void expect_all(void (*prepare)(struct estate *e), int from, enum hop_state state, const char *word)
{
    struct estate *e = ui_estate();
    struct pane_view view = view_of(e);
    struct hop hops[HOPS];
    prepare(e);
    request_path_look(&view, PROD, 9, hops);
    for (int i = 0; i < HOPS; i++) {
        assert_int_equal(hops[i].state, i < from ? HOP_NONE : state);
        assert_string_equal(hops[i].word, i < from ? "none" : word);
        assert_true(hops[i].count > 0);
    }
    ui_estate_free(e);
}

static void what_is_not_known_never_looks_well(void **state)
{
    (void)state;
    expect_all(has_nothing_read, 0, HOP_UNKNOWN, "…");
    expect_all(is_refused, 0, HOP_UNKNOWN, "AccessDenied");
    expect_all(is_stale, 0, HOP_UNKNOWN, "stale 9m");
    expect_all(has_no_edge, 3, HOP_OK, "ok");
}

static void scripts_are_told_the_same(void **state)
{
    struct estate *e = ui_estate();
    struct pane_view view = view_of(e);
    (void)state;
    path_rollout(e);
    json_t *tree = pane_json(pane_find("overview"), &view);
    assert_int_equal(json_array_size(json_object_get(tree, "rows")), ACCOUNTS);
    assert_string_equal(json_text(tree, "path.account"), "prod");
    assert_int_equal(json_array_size(json_at(tree, "path.hops")), HOPS);
    assert_string_equal(json_text(tree, "path.hops.4.name"), "Pods");
    assert_string_equal(json_text(tree, "path.hops.4.state"), "bad");
    assert_string_equal(json_text(tree, "path.hops.4.text"), "backend 4/4  frontend 2/2  (2 CrashLoopBackOff)  1a 3/4  1b 3/4");
    assert_string_equal(json_text(tree, "path.hops.4.why"), "2 of 8 pods failing: backend-57d4c8f9b6-k2m5x CrashLoopBackOff");
    assert_true(json_is_null(json_at(tree, "path.hops.0.why")));
    assert_non_null(strstr(json_text(tree, "path.likely"), "release 812"));
    json_decref(tree);
    view.account = ROOT; /* which has no cluster */
    tree = pane_json(pane_find("overview"), &view);
    assert_true(json_is_null(json_object_get(tree, "path")));
    json_decref(tree);
    ui_estate_free(e);
}

/* What stands as it was set up is not explained by what happens now. */
static void no_cause_is_looked_for_behind_what_stands(void **state)
{
    static const struct {
        void (*besides)(struct estate *e);
        bool told;
    } turns[] = {{has_no_standby, false}, {acl_is_off, false}, {leads_elsewhere, false}, {certificate_ends, false}, {is_full, true}};
    (void)state;
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
        struct estate *e = ui_estate();
        struct pane_view view = view_of(e);
        struct hop hops[HOPS];
        char cause[400];
        turns[i].besides(e);
        for (size_t k = WAF_POINTS - 10; k < WAF_POINTS; k++) /* a surge, that nobody has set an alarm on */
            prod(e)->web_acl.series.at[0].blocked[k] = prod(e)->web_acl.series.at[1].blocked[k] = 5200;
        request_path_look(&view, PROD, 9, hops);
        assert_int_equal(request_path_likely(&view, PROD, hops, cause, sizeof cause), turns[i].told);
        ui_estate_free(e);
    }
}

static void production_first_then_what_has_a_cluster(void **state)
{
    struct estate *e = ui_estate(), *many = path_many(20);
    struct pane_view view = view_of(e), wide = view_of(many);
    (void)state;
    assert_int_equal(request_path_account(&view), PROD);
    assert_int_equal(request_path_next(&view), DEV);
    view.shown = DEV + 1;
    assert_int_equal(request_path_account(&view), DEV);
    assert_int_equal(request_path_next(&view), PROD);
    assert_int_equal(request_path_account(&wide), 2);
    assert_int_equal(request_path_next(&wide), 5);
    wide.shown = 18;
    assert_int_equal(request_path_next(&wide), 2);
    char *cluster = e->config->accounts.at[PROD].cluster.name;
    ((struct estate_config *)(uintptr_t)e->config)->accounts.at[PROD].cluster.name = NULL; /* it has a web ACL and a database */
    view.shown = 0;
    assert_int_equal(request_path_account(&view), PROD);
    ((struct estate_config *)(uintptr_t)e->config)->accounts.at[PROD].cluster.name = cluster;
    ui_estate_free(e);
    ui_estate_free(many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_hop_says_how_it_is), cmocka_unit_test(what_is_not_known_never_looks_well),
                                       cmocka_unit_test(scripts_are_told_the_same), cmocka_unit_test(no_cause_is_looked_for_behind_what_stands),
                                       cmocka_unit_test(production_first_then_what_has_a_cluster)};
    return cmocka_run_group_tests_name("ui_path", tests, NULL, NULL);
}
