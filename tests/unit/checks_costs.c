/* The checks of costs, of monitoring, and of the databases' TLS and places, on estates built for them. */
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
#include "put.h"
#include "feeds/map.h"

#define NOW INT64_C(1795528931000) /* 2026-11-24T14:02:11Z, a Tuesday */

static const enum feed feeds[] = {FEED_DATABASE, FEED_DATABASE_PARAMETERS, FEED_NETWORK, FEED_BUDGETS,     FEED_BUDGET_SUBSCRIBERS, FEED_COST_WATCH,
                                  FEED_ALARMS,   FEED_LOG_GROUPS,          FEED_SCHEDULES, FEED_NODE_GROUPS, FEED_DEPLOYMENTS};

static void add_budget(struct bench *b, size_t account, int subscribers)
{
    struct budget budget = {.limit = 100, .actual = 10, .forecast = 20};
    *vec_add(&budget.notifications) = (struct budget_notification){.percent = true, .threshold = 80, .subscribers = subscribers};
    text_copy(budget.name, sizeof budget.name, "monthly");
    budgets_set(b->estate, account, &budget, 1, NOW);
}

static void add_alarm(struct bench *b, const char *space, const char *metric)
{
    struct alarm *a = vec_add(&estate_account_write(b->estate, PROD)->alarms);
    *a = (struct alarm){.state = ALARM_OK, .actions = true, .threshold = 1, .since = NOW - 7200000};
    text_copy(a->name, sizeof a->name, metric);
    text_copy(a->namespace_, sizeof a->namespace_, space);
    text_copy(a->metric, sizeof a->metric, metric);
}

static void add_groups(struct bench *b)
{
    struct log_group rows[2] = {{.retention_days = 30, .bytes = 1}, {.retention_days = 30, .bytes = 1}};
    text_copy(rows[0].name, sizeof rows[0].name, "/aws/eks/app-prod/cluster");
    text_copy(rows[1].name, sizeof rows[1].name, "/aws/containerinsights/app-prod/application");
    log_groups_set(b->estate, PROD, rows, 2, NOW);
}

static void add_database(struct bench *b)
{
    struct database d = {.deletion_protection = true};
    struct database_parameters p = {.force_ssl = 1};
    struct account_network *n = &estate_account_write(b->estate, PROD)->network;
    struct subnet *s = vec_add(&n->subnets);
    n->known = 1u << NETWORK_SUBNETS;
    *s = (struct subnet){.tier = TIER_DB};
    text_copy(s->id, sizeof s->id, "subnet-db");
    text_copy(d.id, sizeof d.id, "app");
    text_copy(d.parameter_group, sizeof d.parameter_group, "tls");
    text_copy(d.subnets[0], sizeof d.subnets[0], "subnet-db");
    text_copy(p.group, sizeof p.group, "tls");
    databases_set(b->estate, PROD, &d, 1, NOW);
    database_parameters_set(b->estate, PROD, &p, 1);
}

static void add_watch(struct bench *b)
{
    struct cost_watch watch = {0};
    struct cost_monitor *m = vec_add(&watch.monitors);
    struct cost_subscription *s = vec_add(&watch.subscriptions);
    *m = (struct cost_monitor){.arn = "arn:monitor", .name = "services"};
    *s = (struct cost_subscription){.name = "daily", .frequency = "DAILY", .monitors = "arn:monitor", .subscribers = 1};
    cost_watch_set(b->estate, ROOT, &watch);
}

static void begin(struct bench *b)
{
    bench_begin(b, NOW);
    b->config.accounts.at[PROD].cluster.name = mem_strdup("app-prod");
    bench_open(b);
    for (size_t a = 0; a < 3; a++)
        add_budget(b, a, 1);
    add_watch(b);
    add_database(b);
    add_groups(b);
    add_alarm(b, "AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count");
    add_alarm(b, "AWS/CloudFront", "5xxErrorRate");
    add_alarm(b, "AWS/RDS", "CPUUtilization");
    add_alarm(b, "AWS/RDS", "FreeStorageSpace");
    for (size_t a = 0; a < 3; a++)
        for (size_t f = 0; f < sizeof feeds / sizeof *feeds; f++)
            slice_good(b->estate, a, feeds[f], NOW, 60000, NOW);
}

static struct account *prod(struct bench *b) { return estate_account_write(b->estate, PROD); }

/* What is bent, one thing a row. */
static void no_tls(struct bench *b) { prod(b)->database.parameters.at[0].force_ssl = 0; }
static void tls_not_there(struct bench *b) { prod(b)->database.parameters.at[0].force_ssl = -1; }
static void tls_after_a_reboot(struct bench *b) { PUT(prod(b)->database.instances.at[0].parameter_status, "pending-reboot"); }
static void other_group(struct bench *b) { prod(b)->database.parameters.at[0].group[0] = 'x'; }
static void public(struct bench *b) { prod(b)->database.instances.at[0].public_access = true; }
static void unprotected(struct bench *b) { prod(b)->database.instances.at[0].deletion_protection = false; }
static void app_subnet(struct bench *b) { prod(b)->network.subnets.at[0].tier = TIER_APP; }
static void foreign_subnet(struct bench *b) { prod(b)->network.subnets.at[0].id[0] = 'x'; }
static void subnets_not_read(struct bench *b) { prod(b)->network.known = 0; }
static void nobody_told(struct bench *b) { add_budget(b, PROD, 0); }
static void not_known_who(struct bench *b) { prod(b)->budgets.at[0].notifications.at[0].subscribers = -1; }
static void no_budget(struct bench *b) { budgets_set(b->estate, PROD, NULL, 0, NOW); }
static void no_cpu_alarm(struct bench *b) { vec_remove(&prod(b)->alarms, 2); }
static void silent_alarm(struct bench *b) { prod(b)->alarms.at[3].actions = false; }
/* As Terraform's modules make them: errors in a hundred requests, and one alarm that tells of several. */
static void rate_of_errors(struct bench *b)
{
    struct alarm *a = &prod(b)->alarms.at[0];
    struct error e = {0};
    static const char text[] =
        "{\"AlarmName\":\"alb-5xx-rate\",\"StateValue\":\"OK\",\"ActionsEnabled\":true,\"AlarmActions\":[\"arn:aws:sns:us-east-1:1:t\"],\"Metrics\":["
        "{\"Id\":\"rate\",\"Expression\":\"100 * errors / requests\"},"
        "{\"Id\":\"requests\",\"MetricStat\":{\"Metric\":{\"Namespace\":\"AWS/ApplicationELB\",\"MetricName\":\"RequestCount\"}}},"
        "{\"Id\":\"errors\",\"MetricStat\":{\"Metric\":{\"Namespace\":\"AWS/ApplicationELB\",\"MetricName\":\"HTTPCode_Target_5XX_Count\"}}}]}";
    json_t *row = json_load(text, sizeof text - 1, &e);
    map_alarm(row, a);
    json_decref(row);
}
static void composite_tells(struct bench *b)
{
    silent_alarm(b);
    struct alarm all = {.state = ALARM_OK, .actions = true, .composite = true, .name = "database", .rule = "ALARM(\"FreeStorageSpace\") OR ALARM(x)"};
    *vec_add(&prod(b)->alarms) = all;
}
static void composite_of_others(struct bench *b)
{
    composite_tells(b);
    text_copy(prod(b)->alarms.at[4].rule, sizeof prod(b)->alarms.at[4].rule, "ALARM(\"FreeStorageSpace2\")");
}
static void stuck_alarm(struct bench *b) { prod(b)->alarms.at[1].state = ALARM_NO_DATA; }
static void other_region(struct bench *b)
{
    free(b->config.accounts.at[PROD].region);
    b->config.accounts.at[PROD].region = mem_strdup("eu-west-1");
    vec_remove(&prod(b)->alarms, 1);
}
static void other_region_refused(struct bench *b)
{
    struct error denied = {0};
    other_region(b);
    error_set(&denied, ERROR_SERVICE, "AccessDenied", "not there");
    slice_failed(b->estate, PROD, FEED_ALARMS, &denied, NOW);
}
static void for_ever(struct bench *b) { prod(b)->log_groups.at[0].retention_days = 0; }
static void no_application(struct bench *b) { vec_remove(&prod(b)->log_groups, 1); }

static const struct {
    const char *id;
    void (*bend)(struct bench *b);
    enum check_verdict verdict;
    const char *says;
} rows[] = {
    {"db-tls", NULL, CHECK_PASS, "rds.force_ssl=1 in tls"},
    {"db-tls", no_tls, CHECK_FAIL, "rds.force_ssl=0 in tls"},
    {"db-tls", tls_not_there, CHECK_FAIL, "does not set rds.force_ssl"},
    {"db-tls", tls_after_a_reboot, CHECK_UNKNOWN, "rds.force_ssl=1 in tls, which does not hold in full yet: pending-reboot"},
    {"db-tls", other_group, CHECK_UNKNOWN, "parameter group tls was not read yet"},
    {"db-private", NULL, CHECK_PASS, "not publicly accessible"},
    {"db-private", public, CHECK_FAIL, "publicly accessible"},
    {"db-private", unprotected, CHECK_FAIL, "deletion protection off"},
    {"db-private", app_subnet, CHECK_FAIL, "(app)"},
    {"db-private", foreign_subnet, CHECK_FAIL, "of another VPC"},
    {"db-private", subnets_not_read, CHECK_UNKNOWN, "could not be read"},
    {"cost-budgets", NULL, CHECK_PASS, "actual above 80% tells 1 subscriber"},
    {"cost-budgets", nobody_told, CHECK_FAIL, "have no subscriber"},
    {"cost-budgets", not_known_who, CHECK_UNKNOWN, "is not known"},
    {"cost-budgets", no_budget, CHECK_FAIL, "there is no budget"},
    {"mon-alarms", NULL, CHECK_PASS, "tells somebody"},
    {"mon-alarms", no_cpu_alarm, CHECK_FAIL, "RDS CPU: no alarm"},
    {"mon-alarms", silent_alarm, CHECK_FAIL, "FreeStorageSpace tells nobody"},
    {"mon-alarms", rate_of_errors, CHECK_PASS, "AWS/ApplicationELB:HTTPCode_Target_5XX_Count tells somebody"},
    {"mon-alarms", composite_tells, CHECK_PASS, "FreeStorageSpace tells somebody"},
    {"mon-alarms", composite_of_others, CHECK_FAIL, "FreeStorageSpace tells nobody"},
    {"mon-alarms", stuck_alarm, CHECK_FAIL, "stuck in INSUFFICIENT_DATA for 120m"},
    {"mon-alarms", other_region, CHECK_FAIL, "no alarm on AWS/CloudFront"},
    {"mon-alarms", other_region_refused, CHECK_UNKNOWN, "alarms on it are in us-east-1: AccessDenied: not there"},
    {"mon-logs", NULL, CHECK_PASS, "the cluster, kept 30 days"},
    {"mon-logs", for_ever, CHECK_FAIL, "kept for ever"},
    {"mon-logs", no_application, CHECK_FAIL, "the application has no log group"},
};

static void each_check_sees_what_was_bent(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench b;
        bool said = false;
        begin(&b);
        if (rows[i].bend)
            rows[i].bend(&b);
        const struct check_result *r = bench_result(&b, rows[i].id, PROD);
        for (size_t k = 0; k < r->evidence.len; k++)
            said |= r->evidence.at[k].verdict == rows[i].verdict && strstr(r->evidence.at[k].value, rows[i].says) != NULL;
        if (r->verdict != rows[i].verdict || !said)
            fail_msg("row %zu, %s: %s, %s", i, rows[i].id, check_verdict_name(r->verdict), r->evidence.at[0].value);
        bench_end(&b);
    }
}

static void anomalies(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    assert_int_equal(bench_result(&b, "cost-anomaly", ROOT)->verdict, CHECK_PASS);
    assert_int_equal(bench_result(&b, "cost-anomaly", PROD)->verdict, CHECK_NA);
    estate_account_write(b.estate, ROOT)->cost_watch.subscriptions.at[0].subscribers = 0;
    assert_int_equal(bench_result(&b, "cost-anomaly", ROOT)->verdict, CHECK_FAIL);
    struct cost_watch none = {0};
    cost_watch_set(b.estate, ROOT, &none);
    assert_string_equal(bench_result(&b, "cost-anomaly", ROOT)->evidence.at[0].value, "there is no anomaly monitor");
    bench_end(&b);
}

/* A subscription may have many monitors, and subscribers who want no mail. */
static void subscriptions_as_aws_tells_them(void **state)
{
    struct str text = STR_INIT(1 << 16);
    struct cost_subscription s;
    struct error e = {0};
    (void)state;
    str_adds(&text, "{\"Subscribers\":[{\"Status\":\"CONFIRMED\"},{\"Status\":\"DECLINED\"},{\"Type\":\"SNS\"}],\"MonitorArnList\":[");
    for (int i = 0; i < 9; i++)
        str_addf(&text, "%s\"arn:aws:ce::111111111111:anomalymonitor/%d\"", i ? "," : "", i);
    str_adds(&text, "]}");
    json_t *row = json_load(str_text(&text), text.len, &e);
    map_cost_subscription(row, &s);
    assert_int_equal(s.subscribers, 2);
    assert_true(text_has_word(s.monitors, "arn:aws:ce::111111111111:anomalymonitor/8"));
    assert_false(s.part);
    for (int i = 0; i < 50; i++)
        json_array_append_new(json_object_get(row, "MonitorArnList"), json_string("arn:aws:ce::111111111111:anomalymonitor/more-of-them"));
    map_cost_subscription(row, &s);
    assert_true(s.part);
    struct bench b;
    begin(&b);
    struct cost_watch *watch = &estate_account_write(b.estate, ROOT)->cost_watch;
    watch->subscriptions.at[0] = s;
    assert_int_equal(bench_result(&b, "cost-anomaly", ROOT)->verdict, CHECK_UNKNOWN);
    bench_end(&b);
    json_decref(row);
    str_free(&text);
}

/* In the morning the last restorable time is of the evening before. */
static void a_database_that_slept_is_not_behind(void **state)
{
    static const char *const statuses[] = {"stopped", "stopping", "starting", "available", "backing-up"};
    struct bench b;
    (void)state;
    begin(&b);
    struct database *d = &prod(&b)->database.instances.at[0];
    d->backup_days = 7;
    d->restorable_at = NOW - 8 * INT64_C(3600000);
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        text_copy(d->status, sizeof d->status, statuses[i]);
        assert_int_equal(bench_result(&b, "db-backups", PROD)->verdict, i < 3 ? CHECK_PASS : CHECK_FAIL);
    }
    bench_end(&b);
}

static void nights_without_a_plan(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    assert_int_equal(bench_result(&b, "cost-shutdown", DEV)->verdict, CHECK_NA);
    bench_end(&b);
}

static void sums_of_costs(void **state)
{
    struct cost_report r = {0};
    double days[COST_DAYS];
    (void)state;
    assert_true(isnan(cost_month(&r, NULL)));
    cost_days(&r, NULL, days);
    assert_true(isnan(days[0]));
    *vec_add(&r.lines) = (struct cost_line){.account = "1", .service = "a", .month = 2, .days = {1, NAN, 1, 1, 1, 1, 1}};
    *vec_add(&r.lines) = (struct cost_line){.account = "2", .service = "a", .month = 3, .days = {2, NAN, 2, 2, 2, 2, 2}};
    assert_true(fabs(cost_month(&r, NULL) - 5) < 1e-9 && fabs(cost_month(&r, "2") - 3) < 1e-9 && isnan(cost_month(&r, "3")));
    cost_days(&r, NULL, days);
    assert_true(fabs(days[0] - 3) < 1e-9 && isnan(days[1]));
    cost_report_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_check_sees_what_was_bent), cmocka_unit_test(anomalies),
                                       cmocka_unit_test(a_database_that_slept_is_not_behind),
                                       cmocka_unit_test(subscriptions_as_aws_tells_them),
                                       cmocka_unit_test(nights_without_a_plan), cmocka_unit_test(sums_of_costs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
