#include "ui_estate.h"

#include <math.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "estate/schedule.h"
#include "edge_estate.h"
#include "costs_estate.h"
#include "network_estate.h"
#include "security_estate.h"

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static void put(char *to, size_t size, const char *from) { text_clean(to, size, from, strlen(from)); }
#define PUT(field, text) put(field, sizeof(field), text)

static const feed_mask cluster_feeds = FEED_BIT(FEED_PODS) | FEED_BIT(FEED_NODES) | FEED_BIT(FEED_DEPLOYMENTS) | FEED_BIT(FEED_HPAS) |
                                       FEED_BIT(FEED_POD_METRICS);
static const feed_mask waf_feeds = FEED_BIT(FEED_WEB_ACL) | FEED_BIT(FEED_WAF_METRICS) | FEED_BIT(FEED_WAF_SAMPLES) | FEED_BIT(FEED_BLOCK_SETS) |
                                   FEED_BIT(FEED_DISTRIBUTIONS) |
                                   FEED_BIT(FEED_EDGE) | FEED_BIT(FEED_EDGE_METRICS);

static bool has(size_t account, int feed)
{
    if (cluster_feeds & FEED_BIT(feed))
        return account != ROOT;
    if (waf_feeds & FEED_BIT(feed))
        return account == PROD;
    if (feed == FEED_NODE_GROUPS || feed == FEED_PLATFORM)
        return account != ROOT;
    if (feed == FEED_SCHEDULES)
        return account == DEV;
    if (feed == FEED_RELEASES)
        return account == PROD;
    if (feed == FEED_COSTS || feed == FEED_COST_WATCH)
        return account == ROOT;
    if (feed == FEED_DATABASE_PARAMETERS || feed == FEED_DATABASE_LOAD)
        return account != ROOT;
    if (feed == FEED_LOAD_BALANCERS)
        return account != ROOT;
    if (feed == FEED_STATE_BUCKET || feed == FEED_WORKLOADS)
        return account == ROOT;
    if (feed == FEED_INSTANCES || feed == FEED_SERVICE_ACCOUNTS || feed == FEED_SECRETS)
        return account != ROOT;
    if (feed == FEED_DEPLOY_GATE)
        return account == PROD;
    return (feed != FEED_ORGANIZATION && feed != FEED_IMAGES) || account == ROOT;
}

static void add_plan(struct shutdown_config *plan)
{
    struct error e = {0};
    *plan = (struct shutdown_config){.timezone = mem_strdup("America/New_York"), .stop = mem_strdup("20:00"), .start = mem_strdup("08:00"),
                                     .days = mem_strdup("mon-fri"), .zone = zone_load("America/New_York", &e)};
    schedule_days(plan->days, &plan->weekdays);
}

static void add_query(struct estate_config *config, const char *name, const char *text, const char *account, const char *group)
{
    struct query_config *q = vec_add(&config->queries);
    *q = (struct query_config){.name = mem_strdup(name), .query = mem_strdup(text), .account = mem_strdup(account), .since_ms = group ? 3 * HOUR : 0};
    if (group)
        *vec_add(&q->groups) = mem_strdup(group);
}

static struct estate_config *make_config(void)
{
    static const char *const names[] = {"root", "dev", "prod"}, *const ids[] = {"111111111111", "222222222222", "333333333333"};
    struct estate_config *config = mem_new(sizeof *config);
    config->name = mem_strdup("innovate");
    config->region = mem_strdup("us-east-1");
    for (int i = 0; i < ACCOUNTS; i++) {
        struct account_config *a = vec_add(&config->accounts);
        a->name = mem_strdup(names[i]);
        a->id = mem_strdup(ids[i]);
        a->kind = i;
        a->role = mem_strdup("TrivetReader");
        a->region = mem_strdup("us-east-1");
    }
    config->github_repository = mem_strdup("innovate/webapp");
    add_query(config, "errors by pod", "filter @message like /ERROR/ | stats count(*) as errors by @logStream | sort errors desc", "prod",
              "/aws/containerinsights/");
    add_query(config, "newest", "fields @timestamp, @message | sort @timestamp desc | limit 100", NULL, NULL);
    config->key_age_ms = INT64_C(90) * 86400000;
    config->accounts.at[DEV].cluster.name = mem_strdup("innovate-dev");
    config->accounts.at[DEV].database = mem_strdup("innovate-dev");
    add_plan(&config->accounts.at[DEV].auto_shutdown);
    config->accounts.at[PROD].cluster.name = mem_strdup("innovate-prod");
    config->accounts.at[PROD].database = mem_strdup("innovate-prod");
    config->accounts.at[PROD].web_acl = mem_strdup("innovate-edge");
    return config;
}

struct estate *ui_estate_bare(void)
{
    struct estate *e = estate_new(make_config());
    for (size_t a = 0; a < ACCOUNTS; a++)
        for (int f = 0; f < FEED_COUNT; f++)
            if (!has(a, f))
                slice_none(e, a, (enum feed)f);
    return e;
}

void ui_estate_free(struct estate *e)
{
    struct estate_config *config = (struct estate_config *)e->config;
    estate_free(e);
    estate_config_free(config);
    free(config);
}

void ui_fail(struct estate *e, size_t account, enum feed feed, const char *code, const char *message)
{
    struct error error = {0};
    error_set(&error, ERROR_SERVICE, code, "%s", message);
    slice_failed(e, account, feed, &error, UI_NOW + 40000);
}

static void add_sessions(struct estate *e)
{
    for (size_t a = 0; a < ACCOUNTS; a++) {
        struct session s = {.state = SESSION_READY, .expires_at = UI_NOW + (41 + 3 * (int64_t)a) * MINUTE};
        char arn[200];
        PUT(s.account_id, e->accounts[a].config->id);
        text_format(arn, sizeof arn, "arn:aws:sts::%s:assumed-role/TrivetReader/oncall", s.account_id);
        PUT(s.arn, arn);
        PUT(s.source, "profile oncall");
        session_set(e, a, &s, UI_NOW);
    }
}

static void add_organization(struct estate *e)
{
    static const char *const scps[] = {"FullAWSAccess", "deny-leaving", "deny-regions"};
    struct organization o = {0};
    PUT(o.id, "o-a1b2c3d4e5");
    for (size_t a = 0; a < ACCOUNTS; a++) {
        struct member_account *m = vec_add(&o.accounts);
        PUT(m->id, e->accounts[a].config->id);
        PUT(m->name, e->accounts[a].config->name);
        PUT(m->status, "ACTIVE");
    }
    for (size_t i = 0; i < 3; i++) {
        struct scp *scp = vec_add(&o.scps);
        PUT(scp->name, scps[i]);
        scp->aws_managed = i == 0;
        for (size_t a = i ? DEV : ROOT; a < ACCOUNTS; a++)
            *vec_add(&scp->targets) = mem_strdup(e->accounts[a].config->id);
    }
    organization_set(e, ROOT, &o);
    for (size_t a = 0; a < ACCOUNTS; a++) {
        struct trail trail = {.present = true, .organization = true, .multi_region = true, .validated = true, .logging = true,
                              .delivered_at = UI_NOW - 4 * MINUTE};
        PUT(trail.name, "innovate-trail");
        PUT(trail.bucket, "innovate-audit-logs");
        trail_set(e, a, &trail);
    }
}

struct pod_line {
    const char *name, *status;
    int ready, containers, restarts, zone;
    int64_t age, restarted;
};

static void add_pods(struct estate *e, size_t account, const struct pod_line *lines, size_t count)
{
    static const char *const zones[] = {"us-east-1a", "us-east-1b"};
    uint32_t list = pods_begin(e, account);
    for (size_t i = 0; i < count; i++) {
        char node[64], ip[32];
        text_format(node, sizeof node, "fargate-ip-10-0-%d-%zu.ec2.internal", lines[i].zone + 1, 20 + i);
        text_format(ip, sizeof ip, "10.0.%d.%zu", lines[i].zone + 1, 20 + i);
        nodes_put(e, account, node, zones[lines[i].zone], "Ready", "v1.31.4-eks", "", UI_NOW - lines[i].age, list, UI_NOW);
        struct pod_row row = {.ns = "web", .name = lines[i].name, .status = lines[i].status, .node = node, .ip = ip, .ready = lines[i].ready,
                              .containers = lines[i].containers, .restarts = lines[i].restarts,
                              .restarted_at = lines[i].restarted ? UI_NOW - lines[i].restarted : 0, .created_at = UI_NOW - lines[i].age};
        pods_put(e, account, &row, UI_NOW);
        if (strcmp(lines[i].status, "Running") == 0)
            pods_metrics(e, account, "web", lines[i].name, 40 + 23 * (int)i, (int64_t)(180 + 31 * i) << 20);
    }
}

static void add_clusters(struct estate *e)
{
    static const struct pod_line dev[] = {
        {"frontend-5d8c7b9f66-h2kqz", "Running", 1, 1, 0, 0, 26 * HOUR, 0},
        {"backend-7f6d5c4b8-q9wsx", "Running", 2, 2, 0, 1, 26 * HOUR, 0},
    };
    static const struct pod_line prod[] = {
        {"frontend-84bd4c9d7c-4xk2p", "Running", 1, 1, 0, 0, 3 * DAY, 0},
        {"frontend-84bd4c9d7c-tz8wn", "Running", 1, 1, 1, 1, 3 * DAY, 30 * HOUR},
        {"backend-6c9d7f5b8-2m7rv", "Running", 2, 2, 0, 0, 4 * MINUTE, 0},
        {"backend-6c9d7f5b8-8hjlc", "CrashLoopBackOff", 1, 2, 5, 1, 4 * MINUTE, 40000},
        {"backend-6c9d7f5b8-x2x7k", "CrashLoopBackOff", 1, 2, 4, 1, 4 * MINUTE, 70000},
        {"backend-6c9d7f5b8-zz41d", "ContainerCreating", 0, 2, 0, 1, 20000, 0},
    };
    add_pods(e, DEV, dev, sizeof dev / sizeof *dev);
    add_pods(e, PROD, prod, sizeof prod / sizeof *prod);
}

static struct database make_database(const char *id, const char *zone, const char *standby, int days)
{
    struct database d = {.multi_az = *standby, .encrypted = true, .iam_auth = true, .deletion_protection = *standby, .backup_days = days,
                         .storage_gib = 100, .port = 5432, .restorable_at = UI_NOW - 2 * MINUTE};
    char endpoint[200];
    PUT(d.id, id);
    PUT(d.engine, "postgres");
    PUT(d.version, "16.4");
    PUT(d.class, "db.m7g.large");
    PUT(d.status, "available");
    PUT(d.zone, zone);
    PUT(d.standby_zone, standby);
    text_format(endpoint, sizeof endpoint, "%s.c1abcdefghij.us-east-1.rds.amazonaws.com", id);
    PUT(d.endpoint, endpoint);
    return d;
}

static void add_load(struct estate *e, size_t account, const char *database, double cpu, double connections, double free_gib)
{
    struct database_load load = {0};
    PUT(load.database, database);
    for (size_t i = 0; i < DATABASE_POINTS; i++) {
        load.cpu[i] = cpu + (double)(i * 7 % 11) - 5;
        load.connections[i] = connections + (double)(i % 3);
        load.free_bytes[i] = free_gib * 1024 * 1024 * 1024;
    }
    database_loads_set(e, account, &load, 1);
}

static void add_databases(struct estate *e)
{
    struct database dev = make_database("innovate-dev", "us-east-1a", "", 1), prod = make_database("innovate-prod", "us-east-1a", "us-east-1b", 7);
    struct database_event events[2] = {{.at = UI_NOW - 9 * HOUR}, {.at = UI_NOW - 9 * HOUR + 74000}};
    struct database_backup backup = {.encrypted = true, .backup_days = 7, .earliest_at = UI_NOW - 7 * DAY, .latest_at = UI_NOW - 6 * MINUTE};
    static const char *const messages[] = {"Backing up DB instance", "Finished DB instance backup"};
    struct drill drill = {.at = UI_NOW - 4 * DAY, .outage_ms = 38200, .objective_ms = 120000, .acknowledged = 4181, .lost = 0};
    databases_set(e, DEV, &dev, 1, UI_NOW);
    databases_set(e, PROD, &prod, 1, UI_NOW);
    add_load(e, DEV, "innovate-dev", 11, 14, 72);
    add_load(e, PROD, "innovate-prod", 34, 61, 61);
    for (int i = 0; i < 2; i++) {
        PUT(events[i].source, "innovate-prod");
        PUT(events[i].category, "backup");
        PUT(events[i].message, messages[i]);
    }
    database_events_add(e, PROD, events, 2);
    PUT(backup.source, "innovate-prod");
    PUT(backup.region, "us-west-2");
    PUT(backup.status, "replicating");
    database_backups_set(e, PROD, &backup, 1);
    PUT(drill.database, "innovate-prod");
    PUT(drill.verdict, "PASSED");
    PUT(drill.path, "/home/oncall/.local/state/trivet/reports/20261120T090000Z-prod-innovate-prod");
    drill.text = mem_strdup("# Failover drill of innovate-prod, prod\n\n**PASSED**\n");
    drills_set(e, PROD, &drill, 1);
}

static void add_budget(struct estate *e, size_t account, const char *name, double limit, double actual, double forecast)
{
    struct budget *b = mem_new_array(1, sizeof *b);
    *b = (struct budget){.limit = limit, .actual = actual, .forecast = forecast, .updated_at = UI_NOW - 5 * HOUR};
    PUT(b->name, name);
    PUT(b->unit, "USD");
    PUT(b->period, "MONTHLY");
    PUT(b->type, "COST");
    *vec_add(&b->notifications) = (struct budget_notification){.percent = true, .threshold = 80};
    *vec_add(&b->notifications) = (struct budget_notification){.percent = true, .threshold = 100, .forecasted = true, .alarm = forecast > limit};
    budgets_set(e, account, b, 1, UI_NOW);
    free(b);
}

static void add_waf(struct estate *e)
{
    static const struct {
        const char *name, *action, *kind;
        int per_minute;
    } rules[] = {{"RateLimit", "block", "rate-based", 22}, {"CommonRuleSet", "managed", "managed", 11}, {"SQLi", "managed", "managed", 4},
                 {"GeoWatch", "count", "geo", 0}};
    struct web_acl acl = {.capacity = 912};
    struct waf_series series[5] = {0};
    struct waf_sample samples[3] = {{.at = UI_NOW - 8000, .weight = 1}, {.at = UI_NOW - 21000, .weight = 1}, {.at = UI_NOW - 47000, .weight = 3}};
    static const char *const clients[] = {"203.0.113.7", "198.51.100.23", "2001:db8::4e1"},
        *const uris[] = {"/login", "/search?q=1'+OR+'1'='1", "/api/orders"};
    static const char *const by[] = {"RateLimit", "SQLi", "RateLimit"}, *const countries[] = {"NL", "US", "BR"};
    PUT(acl.name, "innovate-edge");
    PUT(series[0].rule, "ALL");
    for (size_t i = 0; i < 4; i++) {
        struct waf_rule *rule = vec_add(&acl.rules);
        PUT(rule->name, rules[i].name);
        PUT(rule->metric, rules[i].name);
        PUT(rule->action, rules[i].action);
        PUT(rule->kind, rules[i].kind);
        rule->priority = (int)i;
        PUT(series[i + 1].rule, rules[i].name);
        for (int k = 0; k < WAF_POINTS; k++) {
            series[i + 1].blocked[k] = rules[i].per_minute * (1 + (k * 7 % 10) / 10.0) / 2;
            series[i + 1].blocked[k] = k == WAF_POINTS - 1 ? rules[i].per_minute : floor(series[i + 1].blocked[k]);
            series[0].blocked[k] += series[i + 1].blocked[k];
            series[0].allowed[k] = 1100 + 2 * k;
        }
    }
    web_acl_set(e, PROD, &acl, UI_NOW);
    waf_series_set(e, PROD, series, 5, UI_NOW / MINUTE * MINUTE);
    for (size_t i = 0; i < 3; i++) {
        PUT(samples[i].client, clients[i]);
        PUT(samples[i].country, countries[i]);
        PUT(samples[i].method, i == 1 ? "GET" : "POST");
        PUT(samples[i].uri, uris[i]);
        PUT(samples[i].rule, by[i]);
        PUT(samples[i].action, "BLOCK");
        PUT(samples[i].agent, "curl/8.10.1");
    }
    waf_samples_set(e, PROD, samples, 3);
}

static void add_alarms(struct estate *e)
{
    struct alarm alarms[2] = {{.state = ALARM_ALARM, .since = UI_NOW - 2 * MINUTE, .threshold = 20, .comparison = COMPARE_GREATER, .actions = true},
                              {.state = ALARM_OK, .since = UI_NOW - 9 * DAY, .threshold = 80, .comparison = COMPARE_GREATER_EQUAL, .actions = true}};
    struct alarm_trend trends[2] = {{.cell_s = 900}, {.cell_s = 900}};
    PUT(alarms[0].name, "alb-5xx");
    PUT(alarms[0].reason, "212 > 20");
    PUT(alarms[1].name, "rds-cpu");
    PUT(trends[0].name, "alb-5xx");
    PUT(trends[1].name, "rds-cpu");
    for (size_t i = 0; i < ALARM_TREND; i++) {
        trends[0].points[i] = i == 3 ? NAN : i < 10 ? (double)(i % 3) : 212;
        trends[1].points[i] = 31 + (double)(i * 7 % 11);
    }
    alarm_trends_set(e, PROD, trends, 2);
    alarm_trends_set(e, DEV, &trends[1], 1);
    alarms_set(e, PROD, alarms, 2, UI_NOW);
    alarms_set(e, DEV, &alarms[1], 1, UI_NOW);
}

#define REGISTRY "111111111111.dkr.ecr.us-east-1.amazonaws.com/"
#define NEW      "sha256:91ab03c2d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5a6b7c8d9e0f1a2"
#define OLD      "sha256:77fe1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7"

static void add_pipeline(struct estate *e)
{
    struct release_set set = {.ahead = -1, .behind = -1};
    struct release *r = vec_add(&set.runs);
    *r = (struct release){.provider = RELEASE_PIPELINE, .state = RELEASE_WAITING, .can_approve = true, .reviews = -1,
                          .created_at = UI_NOW - 131 * MINUTE,
                          .waiting_since = UI_NOW - 130 * MINUTE};
    PUT(r->pipeline, "infrastructure");
    PUT(r->stage, "Approve");
    PUT(r->environment, "Approve");
    PUT(r->action, "ApproveRelease");
    PUT(r->title, "Raise the memory alarm");
    PUT(r->message, r->title);
    PUT(r->sha, "4d1f0c9be27a8835c6e0fd2b97a6135c88e4b0d1");
    PUT(r->link, "https://ci.example/plans/12");
    pipelines_set(e, PROD, &set, UI_NOW);
}

static void add_releases(struct estate *e)
{
    static const struct {
        int64_t number, age;
        enum release_state state;
        const char *title, *sha, *actor;
    } rows[] = {{812, 6 * MINUTE, RELEASE_WAITING, "Cache session lookups", "4f2c91e07d3b5a68c1f9e2d4b6a8907f3c5e1d20", "mara"},
                {811, 2 * DAY, RELEASE_SUCCEEDED, "Show the delivery date", "8fd6cad9d1ca63f777b53bfb39619896663f9cea", "jonas"},
                {810, 5 * DAY, RELEASE_FAILED, "Try HTTP/3", "16497cd625e4734db94303e248521fc0a3ab6b0f", "ines"}};
    struct release_set set = {.ahead = 3, .behind = 0};
    struct image image = {.pushed_at = UI_NOW - 3 * HOUR, .scan = "COMPLETE", .high = 2, .medium = 9}, old = image;
    struct deployment d = {.name = (char[]){"backend"}, .ns = "web", .ready = 1, .desired = 1, .updated = 1, .available = 1,
                           .images = REGISTRY "backend@" NEW};
    PUT(set.repository, "innovate/webapp");
    PUT(set.from, rows[1].sha);
    PUT(set.to, rows[0].sha);
    for (size_t i = 0; i < 3; i++) {
        struct release *r = vec_add(&set.runs);
        struct release_commit *commit = vec_add(&set.commits);
        *r = (struct release){.id = 9000 + rows[i].number, .number = rows[i].number, .state = rows[i].state,
                              .created_at = UI_NOW - rows[i].age - 20 * MINUTE,
                              .waiting_since = i ? 0 : UI_NOW - rows[i].age, .can_approve = i == 0};
        PUT(r->title, rows[i].title);
        PUT(r->message, rows[i].title);
        PUT(r->branch, "main");
        PUT(r->sha, rows[i].sha);
        PUT(r->actor, rows[i].actor);
        PUT(r->event, "push");
        PUT(r->environment, i ? "" : "production");
        PUT(r->reviewers, i ? "" : "rosa-kim, ines-park");
        PUT(commit->sha, i ? "b3a1f00d" : rows[0].sha);
        PUT(commit->author, rows[i].actor);
        PUT(commit->message, i ? "Log the pool's size" : rows[0].title);
    }
    releases_set(e, PROD, &set, UI_NOW);
    PUT(image.repository, "backend");
    PUT(image.digest, NEW);
    PUT(image.tags, "v1.8.3 4f2c91e");
    old = image;
    PUT(old.digest, OLD);
    PUT(old.tags, "v1.8.2 8fd6cad");
    images_set(e, ROOT, (struct image[]){image, old}, 2);
    deployments_put(e, DEV, &d, 1, UI_NOW);
    d.images = REGISTRY "backend@" OLD;
    d.ready = d.desired = d.updated = 3;
    deployments_put(e, PROD, &d, 1, UI_NOW);
}

/* What sleeps: an autoscaler, a node group, and the schedules that the profile asks for. */
static void add_nights(struct estate *e)
{
    static const enum scheduled_does does[] = {SCHEDULED_STOP_DATABASE, SCHEDULED_START_DATABASE, SCHEDULED_STOP_NODES, SCHEDULED_START_NODES};
    struct hpa h = {.name = (char[]){"backend"}, .ns = "web", .target = "Deployment/backend", .metrics = "cpu: 31%/60%", .min = 1, .max = 4,
                    .replicas = 1};
    struct node_group g = {.desired = 2, .min = 1, .max = 3, .before = -1, .min_before = -1};
    struct scheduled rows[4] = {0};
    hpas_put(e, DEV, &h, 1, UI_NOW);
    PUT(g.name, "addons");
    PUT(g.status, "ACTIVE");
    node_groups_set(e, DEV, &g, 1, UI_NOW);
    for (int i = 0; i < 4; i++) {
        rows[i] = (struct scheduled){.does = does[i], .enabled = true, .desired = does[i] == SCHEDULED_START_NODES ? 2 : -1};
        PUT(rows[i].subject, i < 2 ? "innovate-dev" : "addons");
        PUT(rows[i].timezone, "America/New_York");
        schedule_cron(i % 2 ? 8 * 60 : 20 * 60, 0x3e, rows[i].expression, sizeof rows[i].expression);
        scheduled_name(e->accounts[DEV].config, does[i], rows[i].subject, rows[i].name);
    }
    schedules_set(e, DEV, rows, 4, UI_NOW);
}

struct estate *ui_estate(void)
{
    static const feed_mask live = FEED_BIT(FEED_PODS) | FEED_BIT(FEED_NODES) | FEED_BIT(FEED_DEPLOYMENTS) | FEED_BIT(FEED_HPAS);
    struct estate *e = ui_estate_bare();
    add_sessions(e);
    add_organization(e);
    add_clusters(e);
    add_databases(e);
    add_budget(e, ROOT, "organization", 600, 412, 540);
    add_budget(e, DEV, "dev-monthly", 250, 96.4, 118);
    add_budget(e, PROD, "prod-monthly", 4000, 3120, 4310);
    add_waf(e);
    add_alarms(e);
    add_releases(e);
    add_pipeline(e);
    add_nights(e);
    costs_build(e, ROOT, UI_NOW);
    network_build(e, DEV, UI_NOW - 12000);
    network_build(e, PROD, UI_NOW - 12000);
    edge_build(e, PROD, UI_NOW - 12000);
    for (size_t a = 0; a < ACCOUNTS; a++)
        security_build(e, a, UI_NOW - 12000);
    for (size_t a = 0; a < ACCOUNTS; a++)
        for (int f = 0; f < FEED_COUNT; f++)
            if (has(a, f)) {
                bool watched = live & FEED_BIT(f);
                slice_good(e, a, (enum feed)f, UI_NOW - 12000, watched ? 0 : 60000, watched ? 0 : UI_NOW + 48000);
            }
    estate_note(e, UI_NOW - 211000, PROD, FEED_DEPLOYMENTS, "backend", "rollout began");
    estate_note(e, UI_NOW - 179000, PROD, FEED_PODS, "backend-6c9d7f5b8-x2x7k", "CrashLoopBackOff (was Running)");
    estate_note(e, UI_NOW - 2 * MINUTE, PROD, FEED_ALARMS, "alb-5xx", "ALARM (was OK) 212 > 20");
    return e;
}

void ui_pods(struct estate *e, size_t account, size_t count)
{
    static const char *const statuses[] = {"Running", "Running", "Running", "Running", "Pending", "CrashLoopBackOff", "Completed"};
    pods_begin(e, account);
    for (size_t i = 0; i < count; i++) {
        char name[64], node[64];
        text_format(name, sizeof name, "worker-%05zu", i * 7919 % count);
        text_format(node, sizeof node, "fargate-ip-10-1-%zu-%zu", i / 250, i % 250);
        struct pod_row row = {.ns = i % 3 ? "web" : "batch", .name = name, .status = statuses[i % 7], .node = node, .ip = "10.1.2.3",
                              .ready = i % 7 < 4,
                              .containers = 1, .restarts = (int)(i * 31 % 17), .created_at = UI_NOW - (int64_t)(i * 977 % 900000) * 1000};
        pods_put(e, account, &row, UI_NOW);
    }
}
