/* Whole screens as text, see ui_picture.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "costs_estate.h"
#include "ui/console.h"
#include "edge_estate.h"
#include "path_estate.h"
#include "platform_estate.h"
#include "ui_estate.h"
#include "ui_picture.h"

struct scene {
    const char *name;
    const char *pane;
    const char *keys;                  /* as key_parse reads them */
    void (*prepare)(struct estate *e); /* NULL: as ui_estate() makes it */
    bool bare, ascii, read_only;
    int rows, columns;                 /* 0: 24 and 80 */
    size_t accounts;                   /* 0: the three of ui_estate() */
};

/* What feeds would do with what the console asks. */
static void fill_detail(struct estate *e)
{
    struct detail *d = detail_write(e);
    struct container *app = vec_add(&d->containers), *proxy = vec_add(&d->containers);
    struct object_event *event = vec_add(&d->events);
    *app = (struct container){.name = "backend", .image = "333333333333.dkr.ecr.us-east-1.amazonaws.com/backend:v1.8.3", .state = "CrashLoopBackOff",
                              .restarts = 5, .exit_code = 1, .since = UI_NOW - 40000};
    *proxy = (struct container){.name = "proxy", .image = "333333333333.dkr.ecr.us-east-1.amazonaws.com/proxy:2.1", .state = "Running", .ready = true,
                                .exit_code = -1, .since = UI_NOW - 240000};
    *event = (struct object_event){.at = UI_NOW - 41000, .type = "Warning", .reason = "BackOff",
                                   .message = "Back-off restarting failed container backend", .count = 12};
    text_copy(d->owner, sizeof d->owner, "ReplicaSet/backend-6c9d7f5b8");
    text_copy(d->service_account, sizeof d->service_account, "backend");
    text_copy(d->qos, sizeof d->qos, "Burstable");
    d->yaml = mem_strdup("apiVersion: v1\nkind: Pod\nmetadata:\n  name: backend-6c9d7f5b8-8hjlc\n  namespace: web\nspec:\n  serviceAccountName: "
                         "backend\n");
    d->slice.state = SLICE_FRESH;
    d->slice.read_at = UI_NOW - 1000;
    estate_touch(e);
}

static void host_detail(void *arg, const struct detail_key *key)
{
    detail_open(arg, key);
    fill_detail(arg);
    if (key->kind == DETAIL_ALARM)
        alarm_points_build(arg, UI_NOW);
}
static void host_costs(void *arg) { (void)arg; }
static void host_query(void *arg, const struct insights_request *request) { insights_begin(arg, request, UI_NOW); }
static void host_query_stop(void *arg) { (void)arg; }
static void host_detail_close(void *arg) { detail_close(arg); }
static void host_log(void *arg, size_t account, const char *ns, const char *pod, const char *container, bool previous, int64_t since_ms)
{
    static const char *const lines[] = {"14:01:24 INFO  starting backend v1.8.3 (4f2c91e)", "14:01:25 INFO  database pool: 10 connections",
                                        "14:01:31 ERROR session cache: connection refused 10.0.2.40:6379", "14:01:31 FATAL exit 1"};
    (void)previous;
    (void)since_ms;
    log_view_open(arg, account, ns, pod, container);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        log_view_add(arg, lines[i], strlen(lines[i]));
}
static void host_log_close(void *arg) { log_view_close(arg); }

static void query_runs(struct estate *e) { insights_build(e, PROD, "Running", UI_NOW); }
static void query_done(struct estate *e) { insights_build(e, PROD, "Complete", UI_NOW); }
static void query_runs_again(struct estate *e)
{
    query_done(e);
    query_runs(e);
}
static void query_failed(struct estate *e)
{
    query_done(e);
    insights_build(e, PROD, "Failed", UI_NOW);
}
static void query_stopped(struct estate *e) { insights_build(e, PROD, "Cancelled", UI_NOW); }

/* Each kind of alarm that has no sparkline, one that fires for being too low, and one that was acknowledged. */
static void alarm_kinds(struct estate *e)
{
    struct alarm rows[6] = {{.state = ALARM_ALARM, .threshold = 20, .comparison = COMPARE_GREATER, .acknowledged_by = "oncall"},
                            {.state = ALARM_ALARM, .threshold = 40e9, .comparison = COMPARE_LESS},
                            {.state = ALARM_OK, .composite = true, .threshold = NAN},
                            {.state = ALARM_OK, .math = true, .threshold = 2, .comparison = COMPARE_GREATER},
                            {.state = ALARM_NO_DATA, .threshold = 1, .comparison = COMPARE_GREATER},
                            {.state = ALARM_OK, .threshold = NAN}};
    const char *const names[] = {"alb-5xx", "rds-storage", "site-down", "error-share", "never-written", "banded"};
    struct alarm_trend trends[4] = {{.cell_s = 900}, {.cell_s = 900}, {.cell_s = 900}, {.cell_s = 900}};
    for (size_t i = 0; i < 6; i++) {
        rows[i].since = UI_NOW - (int64_t)(i + 1) * 600000;
        rows[i].actions = true;
        text_copy(rows[i].name, sizeof rows[i].name, names[i]);
        text_copy(rows[i].reason, sizeof rows[i].reason, "Threshold Crossed: 3 datapoints were beyond the threshold");
    }
    for (size_t i = 0; i < 4; i++)
        text_copy(trends[i].name, sizeof trends[i].name, names[i < 2 ? i : i + 2]);
    for (size_t k = 0; k < ALARM_TREND; k++) {
        trends[0].points[k] = k < 9 ? 1 : 15 * (double)(k - 7);
        trends[1].points[k] = 52e9 - 2e9 * (double)k;
        trends[2].points[k] = NAN;
        trends[3].points[k] = (double)k;
    }
    alarms_set(e, PROD, rows, 6, UI_NOW);
    alarm_trends_set(e, PROD, trends, 4);
}

static void no_metrics(struct estate *e)
{
    for (size_t a = 0; a < ACCOUNTS; a++)
        estate_account_write(e, a)->slices[FEED_ALARM_METRICS] = (struct slice){.state = SLICE_NEVER};
    for (size_t a = 0; a < ACCOUNTS; a++)
        ui_fail(e, a, FEED_ALARM_METRICS, "AccessDenied", "not authorized to perform cloudwatch:GetMetricData");
}

static void is_reading(struct estate *e)
{
    for (size_t a = 0; a < ACCOUNTS; a++)
        for (int f = 0; f < FEED_COUNT; f++)
            if (e->accounts[a].slices[f].state != SLICE_NONE)
                slice_loading(e, a, (enum feed)f);
}
static void has_failed(struct estate *e)
{
    is_reading(e);
    for (size_t a = 0; a < ACCOUNTS; a++)
        for (int f = 0; f < FEED_COUNT; f++)
            if (e->accounts[a].slices[f].state != SLICE_NONE)
                ui_fail(e, a, (enum feed)f, "AccessDenied", "User: arn:aws:sts::222222222222:assumed-role/TrivetReader/oncall is not authorized");
}
static void is_stale(struct estate *e)
{
    struct slice *pods = &estate_account_write(e, PROD)->slices[FEED_PODS];
    pods->read_at = UI_NOW - 540000;
    ui_fail(e, PROD, FEED_PODS, "Timeout", "no answer from the API server within 10 s");
}
static void is_built(struct estate *e)
{
    for (size_t a = 0; a < ACCOUNTS; a++)
        slice_good(e, a, FEED_REGISTRY, UI_NOW - 60000, 1800000, UI_NOW + 1800000);
    registry_build(e, ROOT, UI_NOW);
    images_build(e, ROOT, UI_NOW);
    for (size_t a = DEV; a < ACCOUNTS; a++) {
        platform_build(e, a, UI_NOW);
        workload_build(e, a, a == DEV ? BUILD_NEW : BUILD_OLD, UI_NOW);
    }
    slice_good(e, PROD, FEED_RELEASES, UI_NOW, 60000, UI_NOW + 60000);
}
/* Pods and daemons of production may not be listed. */
static void pods_are_not_known(struct estate *e)
{
    is_built(e);
    struct account *prod = estate_account_write(e, PROD);
    prod->platform.known &= ~(1u << PLATFORM_DAEMONS | 1u << PLATFORM_IDENTITIES);
    vec_clear(&prod->platform.daemons);
    text_copy(prod->platform.trouble[PLATFORM_DAEMONS], sizeof prod->platform.trouble[0], "Forbidden: daemonsets.apps is forbidden");
    for (size_t i = prod->cluster.deployments.len; i-- > 0;)
        if (addon_is(ADDON_SECRETS, prod->cluster.deployments.at[i].name))
            prod->cluster.deployments.at[i].name[0] = 'x';
    while (prod->cluster.pods.len)
        pods_gone(e, PROD, prod->cluster.pods.at[0].ns, prod->cluster.pods.at[0].name, UI_NOW);
    prod->slices[FEED_PODS] = (struct slice){.state = SLICE_NEVER};
    ui_fail(e, PROD, FEED_PODS, "Forbidden", "pods is forbidden");
}
/* What stands there needs a person. */
static void is_deviant(struct estate *e)
{
    is_built(e);
    struct account *prod = estate_account_write(e, PROD);
    prod->cluster.hpas.at[0].replicas = prod->cluster.hpas.at[0].max;
    prod->platform.daemons.at[0].ready = 0;
    prod->platform.known &= ~(1u << PLATFORM_CLUSTER);
    prod->platform.cluster = (struct cluster_settings){0};
    text_copy(prod->platform.trouble[PLATFORM_CLUSTER], sizeof prod->platform.trouble[0],
              "AccessDeniedException: not authorized to perform eks:DescribeCluster");
    struct image *image = &estate_account_write(e, ROOT)->images.rows.at[1];
    image->critical = 2;
    image->high = 7;
    text_copy(image->tags, sizeof image->tags, "final");
    ui_fail(e, PROD, FEED_PLATFORM, "AccessDeniedException", "cluster: not authorized to perform eks:DescribeCluster");
}
/* Production runs by tag what development runs by tag, and has two critical findings in what it has. */
static void runs_by_tag(struct estate *e)
{
    is_deviant(e);
    char name[] = "frontend";
    struct deployment d = {.name = name, .ns = "web", .ready = 2, .desired = 2, .updated = 2, .available = 2,
                           .images = BUILD_REGISTRY "frontend:sha-4f2c91e"};
    deployments_put(e, DEV, &d, 1, UI_NOW);
    deployments_put(e, PROD, &d, 1, UI_NOW);
}
/* Nobody knows what production runs. */
static void images_half_read(struct estate *e)
{
    is_built(e);
    struct account *prod = estate_account_write(e, PROD);
    for (size_t i = 0; i < prod->cluster.deployments.len; i++)
        prod->cluster.deployments.at[i].desired = 0;
    prod->slices[FEED_DEPLOYMENTS] = (struct slice){.state = SLICE_NEVER};
    ui_fail(e, PROD, FEED_DEPLOYMENTS, "Forbidden", "deployments.apps is forbidden");
}
static void wants_mfa(struct estate *e)
{
    struct session s = e->accounts[PROD].session;
    s.state = SESSION_MFA;
    text_copy(s.mfa_serial, sizeof s.mfa_serial, "arn:aws:iam::111111111111:mfa/oncall");
    session_set(e, PROD, &s, UI_NOW);
}

/* At night, kept up by nobody; one schedule is paused, one at another time, one gone. */
static void sleeps(struct estate *e)
{
    struct account *dev = estate_account_write(e, DEV);
    struct database d = dev->database.instances.at[0];
    struct node_group g = dev->node_groups.at[0];
    struct scheduled rows[3];
    struct deployment down = {.name = (char[]){"backend"}, .ns = "web", .images = ""};
    text_copy(d.status, sizeof d.status, "stopped");
    d.restarts_at = UI_NOW + 590000000;
    g = (struct node_group){.max = 3, .before = 2, .min_before = 1};
    text_copy(g.name, sizeof g.name, "addons");
    text_copy(g.status, sizeof g.status, "ACTIVE");
    databases_set(e, DEV, &d, 1, UI_NOW);
    node_groups_set(e, DEV, &g, 1, UI_NOW);
    deployments_put(e, DEV, &down, 1, UI_NOW);
    for (int i = 0; i < 3; i++)
        rows[i] = dev->schedules.at[i];
    rows[1].enabled = false;
    text_copy(rows[2].expression, sizeof rows[2].expression, "cron(30 21 ? * 2-6 *)");
    text_copy(rows[2].timezone, sizeof rows[2].timezone, "Europe/Berlin");
    schedules_set(e, DEV, rows, 3, UI_NOW);
    vec_clear(&dev->balancing.targets);
}
static void is_kept_up(struct estate *e)
{
    struct account *dev = estate_account_write(e, DEV);
    for (size_t i = 0; i < dev->schedules.len; i += 2)
        dev->schedules.at[i].not_before = UI_NOW + 82669000; /* Wednesday, 08:00 there */
}

/* The zone in which the backend crashes, as the load balancer sees it. */
static void targets_fail(struct estate *e)
{
    struct balancing *b = &estate_account_write(e, PROD)->balancing;
    for (size_t i = 0; i < b->targets.len; i++)
        if (b->targets.at[i].port == 8000 && !strcmp(b->targets.at[i].zone, "us-east-1b") && i != 3) {
            text_copy(b->targets.at[i].state, sizeof b->targets.at[i].state, "unhealthy");
            text_copy(b->targets.at[i].reason, sizeof b->targets.at[i].reason, "Target.FailedHealthChecks");
        }
    estate_touch(e);
}
static void network_partly(struct estate *e)
{
    struct account_network *n = &estate_account_write(e, PROD)->network;
    vec_clear(&n->acls);
    vec_clear(&n->listeners);
    n->known &= ~(1u << NETWORK_ACLS | 1u << NETWORK_LISTENERS);
    ui_fail(e, PROD, FEED_NETWORK, "AccessDenied", "network ACLs, listeners: you are not authorized to perform: ec2:DescribeNetworkAcls");
    estate_touch(e);
}

/* The balancer is open to everybody, a subnet hands out public addresses and has a way to the internet, its ACL lets all in. */
static void network_open(struct estate *e)
{
    struct account_network *n = &estate_account_write(e, PROD)->network;
    struct group_rule *rule = &n->rules.at[0];
    rule->kind = PEER_CIDR;
    text_copy(rule->peer, sizeof rule->peer, "0.0.0.0/0");
    n->subnets.at[1].public_addresses = true;
    n->subnets.at[1].free = -1;
    for (size_t i = 0; i < n->entries.len; i++)
        if (!strcmp(n->entries.at[i].acl, "acl-app") && n->entries.at[i].allow)
            n->entries.at[i] = (struct acl_entry){
                .acl = "acl-app", .cidr = "0.0.0.0/0", .protocol = "all", .number = 100, .from = -1, .to = -1, .allow = true};
    estate_touch(e);
}

/* Groups are named as people and machines name them: after the VPC, and with a number. */
static void groups_are_named(struct estate *e)
{
    struct account_network *n = &estate_account_write(e, PROD)->network;
    for (size_t i = 0; i < n->groups.len; i++) {
        char own[NETWORK_NAME];
        text_copy(own, sizeof own, n->groups.at[i].name);
        if (!strcmp(own, "cloudfront-origins"))
            text_copy(n->groups.at[i].name, sizeof n->groups.at[i].name, "CloudFront-VPCOrigins-Service-SG");
        else
            text_format(n->groups.at[i].name, sizeof n->groups.at[i].name, !strcmp(own, "endpoints") ? "innovate-140392571" : "innovate-%s", own);
    }
    estate_touch(e);
}

/* CloudWatch has told nothing for a while. */
static void metrics_are_old(struct estate *e)
{
    targets_fail(e);
    estate_account_write(e, PROD)->balancing.series_end = UI_NOW - 1500000;
    ui_fail(e, PROD, FEED_LOAD_BALANCERS, "AccessDenied", "metrics: you are not authorized to perform: cloudwatch:GetMetricData");
}

static void has_acknowledged(struct estate *e)
{
    struct alarm *alarm = &estate_account_write(e, PROD)->alarms.at[0];
    text_copy(alarm->acknowledged_by, sizeof alarm->acknowledged_by, "mara");
    text_copy(alarm->acknowledged_why, sizeof alarm->acknowledged_why, "a client retries; told them");
    text_copy(alarm->arn, sizeof alarm->arn, "arn:aws:cloudwatch:us-east-1:333333333333:alarm:alb-5xx");
    text_copy(alarm->description, sizeof alarm->description, "Targets answer with 5xx");
    text_copy(alarm->namespace_, sizeof alarm->namespace_, "AWS/ApplicationELB");
    text_copy(alarm->metric, sizeof alarm->metric, "HTTPCode_Target_5XX_Count");
    alarm->acknowledged_at = UI_NOW - 60000;
    estate_touch(e);
}

/* One has outlived its time, one has some left, of one nobody has said anything. */
static void has_blocked(struct estate *e)
{
    static const char *const addresses[] = {"203.0.113.7", "198.51.100.0/24", "203.0.113.77"};
    struct block_set set = {.found = true, .wanted = "innovate-blocked", .id = "set", .arn = "arn:set"};
    struct distribution d = {.id = "E2INNOVATE0EDG", .aliases = "innovate.example", .status = "Deployed", .enabled = true};
    for (size_t i = 0; i < 3; i++) {
        struct waf_block *block = vec_add(&set.blocks);
        text_copy(block->address, sizeof block->address, addresses[i]);
        block->until = i == 0 ? UI_NOW - 600000 : i == 1 ? UI_NOW + 4800000 : 0;
    }
    struct waf_rule *rule = &estate_account_write(e, PROD)->web_acl.rules.at[0];
    text_copy(rule->kind, sizeof rule->kind, "ip-set");
    text_copy(rule->set, sizeof rule->set, "arn:set");
    block_set_put(e, PROD, false, &set, UI_NOW);
    distributions_set(e, PROD, &d, 1);
    slice_good(e, PROD, FEED_BLOCK_SETS, UI_NOW - 5000, 30000, UI_NOW + 25000);
}

/* A role that any repository may assume, a key that does not rotate, a user without MFA, a secret that is late. */
static void security_drifts(struct estate *e)
{
    struct security *s = &estate_account_write(e, PROD)->security;
    struct role_trust *deploy = &s->identity.roles.at[2].trust.at[0];
    free(deploy->subjects.at[0]);
    vec_clear(&deploy->subjects);
    s->keys.at[0].rotation = 0;
    s->keys.at[0].next_at = 0;
    s->secrets.at[0].rotated_at = UI_NOW - INT64_C(49) * 86400000;
    s->secrets.at[0].next_at = UI_NOW - INT64_C(19) * 86400000;
    estate_account_write(e, ROOT)->security.credentials.users.at[1].mfa = false;
    estate_touch(e);
}

static void security_partly(struct estate *e)
{
    vec_clear(&estate_account_write(e, PROD)->security.keys);
    estate_account_write(e, PROD)->slices[FEED_KEYS] = (struct slice){.state = SLICE_NEVER};
    ui_fail(e, PROD, FEED_KEYS, "AccessDenied", "you are not authorized to perform: kms:ListKeys");
}

static void has_edge(struct estate *e)
{
    text_copy(estate_account_write(e, PROD)->web_acl.arn, sizeof e->accounts->web_acl.arn, EDGE_BUILD_ACL);
}

/* Hits are not counted, a certificate ends soon, a name leads elsewhere, and the zones could not be read again. */
static void edge_partly(struct estate *e)
{
    has_edge(e);
    struct account *prod = estate_account_write(e, PROD);
    for (size_t i = 0; i < EDGE_POINTS; i++)
        prod->edge_traffic.series.at[0].hits[i] = prod->edge_traffic.series.at[0].day_hits[i % EDGE_HOURS] =
            prod->edge_traffic.series.at[0].latency[i] = NAN;
    prod->edge.certificates.at[0].expires_at = UI_NOW + INT64_C(12) * 86400000;
    text_copy(prod->edge.records.at[1].target, sizeof prod->edge.records.at[1].target, "d9somebody0els.cloudfront.net");
    ui_fail(e, PROD, FEED_EDGE, "AccessDenied", "hosted zones, records: you are not authorized to perform: route53:ListHostedZones");
}

static void edge_metrics_are_old(struct estate *e)
{
    has_edge(e);
    struct account *prod = estate_account_write(e, PROD);
    struct edge_series rare = {.distribution = "E2INNOVATE0EDG", .requests = {[EDGE_POINTS - 1] = 900}};
    edge_series_set(e, PROD, &rare, 1, UI_NOW - 1500000, UI_NOW);
    prod->slices[FEED_EDGE_METRICS].read_at = UI_NOW - 1500000;
    ui_fail(e, PROD, FEED_EDGE_METRICS, "Throttling", "Rate exceeded");
}

/* As the edge stands after somebody's night: plain HTTP, an origin that is sent no header, a name that leads elsewhere; and nobody came. */
static void edge_drifts(struct estate *e)
{
    has_edge(e);
    struct account *prod = estate_account_write(e, PROD);
    struct edge_series *s = &prod->edge_traffic.series.at[0];
    text_copy(prod->edge.behaviours.at[1].viewer, sizeof prod->edge.behaviours.at->viewer, "allow-all");
    *prod->edge.origins.at[0].headers = '\0';
    text_copy(prod->edge.records.at[1].target, sizeof prod->edge.records.at[1].target, "d9somebody0els.cloudfront.net");
    text_copy(prod->edge.distributions.at[0].tls, sizeof prod->edge.distributions.at->tls, "TLSv1.1_2016");
    for (size_t i = 0; i < EDGE_POINTS; i++)
        s->requests[i] = s->errors_4xx[i] = s->errors_5xx[i] = s->hits[i] = s->latency[i] = NAN;
    for (size_t i = 0; i < EDGE_HOURS; i++)
        s->day_requests[i] = s->day_hits[i] = NAN;
    estate_touch(e);
}

/* A release fails, in a month that costs too much, with a block that has outlived its time and edges that cannot be read. */
static void is_in_trouble(struct estate *e)
{
    path_rollout(e);
    targets_fail(e);
    has_blocked(e);
    estate_account_write(e, PROD)->budgets.at[0].actual = 4100;
    estate_account_write(e, DEV)->alarms.at[0].state = ALARM_ALARM;
    estate_account_write(e, PROD)->slices[FEED_EDGE_METRICS] = (struct slice){.state = SLICE_NEVER};
    estate_account_write(e, PROD)->slices[FEED_DATABASE_LOAD] = (struct slice){.state = SLICE_NEVER};
    ui_fail(e, PROD, FEED_EDGE_METRICS, "AccessDenied", "you are not authorized to perform: cloudwatch:GetMetricData");
    ui_fail(e, PROD, FEED_DATABASE_LOAD, "AccessDenied", "you are not authorized to perform: cloudwatch:GetMetricData");
}

/* All had been read; then the keys ended, and every call fails for that. */
static void lost_its_keys(struct estate *e)
{
    path_well(e);
    for (size_t a = 0; a < ACCOUNTS; a++)
        for (int f = 0; f < FEED_COUNT; f++)
            if (e->accounts[a].slices[f].state != SLICE_NONE)
                ui_fail(e, a, (enum feed)f, "ExpiredToken", "The security token included in the request is expired");
}

/* Nobody has asked Cost Explorer; it was asked and refused. */
static void never_paid(struct estate *e)
{
    struct cost_report none = {.forecast = NAN};
    costs_set(e, ROOT, &none);
}
/* Asked last month, and not told of anomalies; of another time, of more of them than there is room for. */
static void costs_of_last_month(struct estate *e)
{
    struct cost_report *r = &estate_account_write(e, ROOT)->costs;
    r->asked_at = UI_NOW - INT64_C(26) * 86400000;
    r->month_start = r->month_start - INT64_C(31) * 86400000;
    r->days_end = r->asked_at;
    r->anomalies_known = false;
    vec_clear(&r->anomalies);
    estate_touch(e);
}
static void costs_out_of_hand(struct estate *e)
{
    struct cost_report *r = &estate_account_write(e, ROOT)->costs;
    struct cost_anomaly first = r->anomalies.at[0];
    for (int i = 1; i <= 4; i++) {
        struct cost_anomaly *n = vec_add(&r->anomalies);
        *n = first;
        n->from -= i * INT64_C(86400000);
        n->impact = 20 * i;
        text_format(n->service, sizeof n->service, "Amazon Service %d", i);
    }
    estate_touch(e);
}
static void costs_refused(struct estate *e)
{
    struct cost_asking asking = {0};
    never_paid(e);
    error_set(&asking.error, ERROR_SERVICE, "AccessDeniedException", "you are not authorized to perform: ce:GetCostAndUsage");
    cost_asking_set(e, ROOT, &asking);
}

/* Production's backend has another limit than development's and lacks a variable, and its image never ran there. */
static void compares(struct estate *e)
{
    static const char *const variables[] = {[DEV] = "APP_NAME AWS_REGION FEATURE_BASKET", [PROD] = "APP_NAME AWS_REGION"};
    platform_build(e, DEV, UI_NOW - 12000);
    platform_build(e, PROD, UI_NOW - 12000);
    for (size_t a = DEV; a <= PROD; a++) {
        struct workload *w = &estate_account_write(e, a)->platform.workloads.at[2];
        *w = (struct workload){.cpu_m = 500, .memory = INT64_C(512) << 20, .memory_limit = INT64_C(512) << (a == DEV ? 20 : 21),
                               .kind = "Deployment"};
        text_copy(w->ns, sizeof w->ns, "web");
        text_copy(w->name, sizeof w->name, "backend");
        text_copy(w->service_account, sizeof w->service_account, "backend");
        text_copy(w->variables, sizeof w->variables, variables[a]);
    }
    text_copy(estate_account_write(e, DEV)->platform.identities.at[2].role, sizeof e->accounts->platform.identities.at->role,
              "arn:aws:iam::222222222222:role/innovate-dev-backend");
    struct database_parameters tls = {.force_ssl = 1};
    text_copy(tls.group, sizeof tls.group, e->accounts[DEV].database.instances.at[0].parameter_group);
    database_parameters_set(e, DEV, &tls, 1);
    estate_account_write(e, PROD)->slices[FEED_DATABASE_PARAMETERS] = (struct slice){.state = SLICE_NEVER};
    ui_fail(e, PROD, FEED_DATABASE_PARAMETERS, "AccessDenied", "you are not authorized to perform: rds:DescribeDBParameters");
    estate_touch(e);
}

#define BIG(name, pane) {name, pane, .rows = 40, .columns = 120}, {name, pane, .rows = 60, .columns = 200}
static const struct scene scenes[] = {
    {"overview", "overview"}, BIG("overview", "overview"),
    {"overview-well", "overview", .prepare = path_well},
    {"overview-trouble", "overview", .prepare = is_in_trouble},
    {"overview-trouble", "overview", .prepare = is_in_trouble, .rows = 40, .columns = 120},
    {"overview-trouble", "overview", .prepare = is_in_trouble, .rows = 60, .columns = 200},
    {"overview-trouble-ascii", "overview", .prepare = is_in_trouble, .ascii = true},
    {"overview-zone", "overview", .prepare = path_zone},
    {"overview-failover", "overview", .prepare = path_failover},
    {"overview-surge", "overview", .prepare = path_surge},
    {"overview-dev", "overview", .keys = "d"},
    {"overview-dev-asleep", "overview", .keys = "d", .prepare = sleeps},
    {"overview-partly", "overview", .prepare = edge_partly},
    {"overview-many", "overview", .accounts = 20},
    {"overview-many", "overview", .accounts = 20, .rows = 40, .columns = 120},
    {"overview-hundred", "overview", .accounts = 100, .rows = 60, .columns = 200},
    {"overview-hop", "overview", .keys = "<Down><Down><Enter>"},
    {"accounts", "accounts"}, BIG("accounts", "accounts"),
    {"pods", "pods"},         BIG("pods", "pods"),
    {"database", "database"}, BIG("database", "database"),
    {"budgets", "budgets"},   BIG("budgets", "budgets"),
    {"waf", "waf"},           BIG("waf", "waf"),
    {"releases", "releases"}, BIG("releases", "releases"),
    {"dev", "dev"},           BIG("dev", "dev"),
    {"alarms", "alarms"},     BIG("alarms", "alarms"),
    {"alarms-acknowledged", "alarms", .prepare = has_acknowledged},
    {"alarm-detail", "alarms", .keys = "<Enter>", .prepare = has_acknowledged},
    {"alarm-link", "alarms", .keys = "o"},
    {"overview-acknowledged", "overview", .prepare = has_acknowledged},
    {"overview-expired", "overview", .prepare = has_blocked},
    {"waf-blocked", "waf", .prepare = has_blocked},
    {"waf-blocked-detail", "waf", .keys = "<Enter>", .prepare = has_blocked},
    {"database-link", "database", .keys = "<End>o", .rows = 40, .columns = 120},
    {"dev-asleep", "dev", .prepare = sleeps},
    {"dev-kept-up", "dev", .prepare = is_kept_up},
    {"dev-failed", "dev", .bare = true, .prepare = has_failed},
    {"overview-ascii", "overview", .ascii = true},
    {"waf-ascii", "waf", .ascii = true},
    {"help", "pods", .keys = "?"},
    {"pod-detail", "pods", .keys = "/8hjlc<Enter><Enter>"},
    {"pod-yaml", "pods", .keys = "/8hjlc<Enter>y"},
    {"pod-log", "pods", .keys = "/8hjlc<Enter>l"},
    {"account-detail", "accounts", .keys = "<End><Enter>"},
    {"database-detail", "database", .keys = "<End><Enter>"},
    {"budget-detail", "budgets", .keys = "<End><Enter>"},
    {"waf-detail", "waf", .keys = "<Enter>"},
    {"release-detail", "releases", .keys = "<Home><Enter>"},
    {"release-detail", "releases", .keys = "<Home><Enter>", .rows = 40, .columns = 120},
    {"pipeline-detail", "releases", .keys = "<Home><Down><Enter>"},
    {"palette", "pods", .keys = ":s"},
    {"edge", "edge", .prepare = has_edge},
    {"edge", "edge", .prepare = has_edge, .rows = 40, .columns = 120},
    {"edge-ascii", "edge", .prepare = has_edge, .ascii = true},
    {"edge-failed", "edge", .bare = true, .prepare = has_failed},
    {"edge-loading", "edge", .bare = true, .prepare = is_reading},
    {"edge-partly", "edge", .prepare = edge_partly},
    {"edge-late", "edge", .prepare = edge_metrics_are_old},
    {"edge-drifts", "edge", .prepare = edge_drifts},
    {"edge-unvisited", "edge", .keys = "/cdn<Enter><Enter>", .prepare = edge_drifts},
    {"edge-cdn", "edge", .keys = "<Enter>", .prepare = has_edge, .rows = 40, .columns = 120},
    {"edge-certificate", "edge", .keys = "/certificate<Enter><Enter>", .prepare = edge_partly},
    {"network", "network", .prepare = targets_fail},
    {"network", "network", .prepare = targets_fail, .rows = 40, .columns = 120},
    {"network", "network", .prepare = targets_fail, .rows = 60, .columns = 200},
    {"network-ascii", "network", .prepare = targets_fail, .ascii = true},
    {"network-failed", "network", .bare = true, .prepare = has_failed},
    {"network-loading", "network", .bare = true, .prepare = is_reading},
    {"network-partly", "network", .prepare = network_partly},
    {"network-open", "network", .prepare = network_open},
    {"network-open-subnet", "network", .keys = "/db-1a<Enter><End><Enter>", .prepare = network_partly},
    {"network-open-vpc", "network", .keys = "/kind:vpc<Enter><End><Enter>", .prepare = network_open},
    {"network-groups", "network", .keys = "/kind:allows PROD<Enter>", .prepare = groups_are_named},
    {"network-late", "network", .prepare = metrics_are_old},
    {"network-targets", "network", .keys = "/4/6<Enter><Enter>", .prepare = targets_fail},
    {"network-balancer", "network", .keys = "/balancer<Enter><End><Enter>", .rows = 40, .columns = 120},
    {"network-group", "network", .keys = "/→ backend<Enter><End><Enter>"},
    {"network-subnet", "network", .keys = "/db-1b<Enter><Enter>", .rows = 40, .columns = 120},
    {"security", "security", .prepare = security_drifts},
    {"security", "security", .prepare = security_drifts, .rows = 40, .columns = 120},
    {"security-ascii", "security", .prepare = security_drifts, .ascii = true},
    {"security-failed", "security", .bare = true, .prepare = has_failed},
    {"security-loading", "security", .bare = true, .prepare = is_reading},
    {"security-partly", "security", .prepare = security_partly},
    {"security-role", "security", .keys = "/GitHubDeploy<Enter><Enter>", .prepare = security_drifts},
    {"security-service-account", "security", .keys = "/pod role<Enter><End><Enter>", .rows = 40, .columns = 120},
    {"security-key", "security", .keys = "/alias<Enter><Enter>", .prepare = security_drifts},
    {"security-user", "security", .keys = "/oncall<Enter><Home><Enter>", .prepare = security_drifts},
    {"costs", "costs"},
    {"costs", "costs", .rows = 40, .columns = 120},
    {"costs-detail", "costs", .keys = "/relational<Enter><Enter>"},
    {"costs-never", "costs", .prepare = never_paid},
    {"costs-failed", "costs", .prepare = costs_refused},
    {"costs-over", "costs", .prepare = costs_of_last_month},
    {"costs-anomalies", "costs", .prepare = costs_out_of_hand},
    {"costs-anomalies-detail", "costs", .keys = "<Enter><End>", .prepare = costs_out_of_hand},
    {"costs-asking", "costs", .keys = "R"},
    {"costs-asked", "costs", .keys = "Ry"},
    {"logs", "logs"},
    {"logs", "logs", .rows = 40, .columns = 120},
    {"logs-group", "logs", .keys = "<End><Enter>"},
    {"logs-failed", "logs", .bare = true, .prepare = has_failed},
    {"alarm-metric", "alarms", .keys = "<Enter>", .rows = 40, .columns = 120},
    {"alarms-kinds", "alarms", .prepare = alarm_kinds},
    {"alarms-kinds", "alarms", .prepare = alarm_kinds, .rows = 40, .columns = 120},
    {"alarms-kinds-ascii", "alarms", .prepare = alarm_kinds, .ascii = true},
    {"alarms-metrics-failed", "alarms", .prepare = no_metrics},
    {"logs-asking", "logs", .keys = "<End>Q"},
    {"logs-asking", "logs", .keys = "<End>Q<Down><Right>", .rows = 40, .columns = 120},
    {"logs-typing", "logs", .keys = "<End>Q<Down><Down><Enter>"},
    {"logs-running", "logs", .keys = "Q<Enter>", .prepare = query_runs},
    {"logs-running-again", "logs", .keys = "Q<Enter>", .prepare = query_runs_again},
    {"logs-result", "logs", .keys = "Q<Up><Enter>", .prepare = query_done},
    {"logs-result", "logs", .keys = "Q<Up><Enter>", .prepare = query_done, .rows = 40, .columns = 120},
    {"logs-result-right", "logs", .keys = "Q<Up><Enter><Right><Right><Right><PageDown>/503<Enter>", .prepare = query_done},
    {"logs-query-failed", "logs", .keys = "Q<Up><Enter>", .prepare = query_failed},
    {"logs-query-stopped", "logs", .keys = "Q<Up><Enter>", .prepare = query_stopped},
    {"logs-after", "logs", .prepare = query_done},
    {"filter", "pods", .keys = "/crash"},
    {"filter-none", "pods", .keys = "/nothing"},
    {"filter-column", "timeline", .keys = "/account:prod since:2d source:alarms"},
    {"timeline", "timeline"},
    {"timeline", "timeline", .rows = 40, .columns = 120},
    {"timeline-detail", "timeline", .keys = "/source:budgets<Enter><Enter>"},
    {"mfa", "overview", .keys = "", .prepare = wants_mfa},
    {"read-only", "pods", .read_only = true},
    {"small", "pods", .rows = 20, .columns = 60},
    {"overview-never", "overview", .bare = true},
    {"overview-loading", "overview", .bare = true, .prepare = is_reading},
    {"overview-failed", "overview", .bare = true, .prepare = has_failed},
    {"pods-never", "pods", .bare = true},
    {"pods-loading", "pods", .bare = true, .prepare = is_reading},
    {"pods-failed", "pods", .bare = true, .prepare = has_failed},
    {"pods-stale", "pods", .prepare = is_stale},
    {"overview-stale", "overview", .prepare = is_stale},
    {"overview-lost", "overview", .prepare = lost_its_keys},
    {"database-failed", "database", .bare = true, .prepare = has_failed},
    {"budgets-loading", "budgets", .bare = true, .prepare = is_reading},
    {"releases-failed", "releases", .bare = true, .prepare = has_failed},
    {"waf-failed", "waf", .bare = true, .prepare = has_failed},
    {"images", "images", .bare = true, .prepare = is_built},
    {"images", "images", .bare = true, .prepare = is_built, .rows = 40, .columns = 120},
    {"images-deviant", "images", .bare = true, .prepare = is_deviant},
    {"image-by-tag", "images", .keys = "/frontend<Enter><Home><Enter>", .bare = true, .prepare = runs_by_tag},
    {"images-half", "images", .bare = true, .prepare = images_half_read},
    {"image-half", "images", .keys = "<Home><Down><Enter>", .bare = true, .prepare = images_half_read},
    {"images-failed", "images", .bare = true, .prepare = has_failed},
    {"image-detail", "images", .keys = "<Home><Down><Enter>", .bare = true, .prepare = is_built, .rows = 40, .columns = 120},
    {"nodes", "nodes", .bare = true, .prepare = is_built},
    {"nodes", "nodes", .bare = true, .prepare = is_built, .rows = 40, .columns = 120},
    {"nodes-deviant", "nodes", .keys = "/PROD<Enter>", .bare = true, .prepare = is_deviant},
    {"nodes-unread", "nodes", .keys = "/PROD<Enter>", .bare = true, .prepare = pods_are_not_known},
    {"node-unread", "nodes", .keys = "/10-0-11-5.ec2<Enter><End><Enter>", .bare = true, .prepare = pods_are_not_known},
    {"addon-unread", "nodes", .keys = "/Secrets<Enter><Home><Enter>", .bare = true, .prepare = pods_are_not_known},
    {"nodes-loading", "nodes", .bare = true, .prepare = is_reading},
    {"nodes-failed", "nodes", .bare = true, .prepare = has_failed},
    {"node-cluster", "nodes", .keys = "/AccessDenied<Enter><Enter>", .bare = true, .prepare = is_deviant},
    {"node-cluster", "nodes", .keys = "/PROD<Enter><Home><Enter>", .bare = true, .prepare = is_built, .rows = 40, .columns = 120},
    {"node-irsa", "nodes", .keys = "/IRSA<Enter><End><Enter>", .bare = true, .prepare = is_built, .rows = 40, .columns = 120},
    {"node-managed", "nodes", .keys = "/10-0-11-5<Enter><Enter>", .bare = true, .prepare = is_built},
    {"compare", "compare", .prepare = compares},
    {"compare", "compare", .prepare = compares, .rows = 40, .columns = 120},
    {"compare-ascii", "compare", .prepare = compares, .ascii = true},
    {"compare-failed", "compare", .bare = true, .prepare = has_failed},
    {"compare-fact", "compare", .keys = "/image<Enter>=", .prepare = compares},
    {"compare-database", "database", .keys = "<End>=", .prepare = compares},
    {"compare-database", "database", .keys = "<End>=", .prepare = compares, .rows = 40, .columns = 120},
    {"compare-deployment", "pods", .keys = "/8hjlc<Enter>=", .prepare = compares},
    {"compare-deployment", "pods", .keys = "/8hjlc<Enter>=d", .prepare = compares, .rows = 40, .columns = 120},
    {"compare-marked", "pods", .keys = "/backend<Enter><Home>m<Down>", .prepare = compares},
    {"compare-pods", "pods", .keys = "/backend<Enter><Home>m<Down>=", .prepare = compares},
    {"compare-pods", "pods", .keys = "/backend<Enter><Home>m<Down>=", .prepare = compares, .rows = 40, .columns = 120},
    {"compare-pods-ascii", "pods", .keys = "/backend<Enter><Home>m<Down>=", .prepare = compares, .ascii = true},
    {"compare-none", "waf", .keys = "=", .prepare = compares},
};

static void picture(const struct scene *scene, int rows, int columns, struct str *out)
{
    struct estate *e = scene->accounts ? path_many(scene->accounts) : scene->bare ? ui_estate_bare() : ui_estate();
    struct console_host host = {.detail = host_detail, .detail_close = host_detail_close, .log = host_log, .log_close = host_log_close, .arg = e,
                                .costs = host_costs,
                                .query = host_query, .query_stop = host_query_stop};
    struct console_options options = {.estate = e, .host = &host, .pane = scene->pane, .unicode = !scene->ascii, .read_only = scene->read_only,
                                      .rows = rows,
                                      .columns = columns, .now = UI_NOW};
    if (scene->prepare)
        scene->prepare(e);
    struct console *c = console_new(&options);
    assert_true(console_draw(c, UI_NOW));
    type_keys(c, scene->keys ? scene->keys : "", UI_NOW);
    cells_text(console_cells(c), out);
    console_free(c);
    ui_estate_free(e);
}

static void check_scene(const struct scene *scene)
{
    int rows = scene->rows ? scene->rows : 24, columns = scene->columns ? scene->columns : 80;
    struct str now = STR_INIT(SCREEN_MAX);
    picture(scene, rows, columns, &now);
    check_picture(scene->name, rows, columns, &now);
    str_free(&now);
}

static void screens_are_as_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++)
        check_scene(&scenes[i]);
}

/* One estate, one time, one size: one picture; and nothing drawn where nothing moved. */
static void drawing_repeats(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
        struct str first = STR_INIT(SCREEN_MAX), second = STR_INIT(SCREEN_MAX);
        picture(&scenes[i], 30, 100, &first);
        picture(&scenes[i], 30, 100, &second);
        assert_string_equal(str_text(&first), str_text(&second));
        str_free(&first);
        str_free(&second);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(screens_are_as_expected), cmocka_unit_test(drawing_repeats)};
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
