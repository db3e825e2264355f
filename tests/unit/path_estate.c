#include "path_estate.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

#define MINUTE INT64_C(60000)
#define REGISTRY "111111111111.dkr.ecr.us-east-1.amazonaws.com/"

static void put_pod(struct estate *e, const char *name, const char *status, int zone, int64_t age)
{
    char node[64];
    bool well = !strcmp(status, "Running");
    text_format(node, sizeof node, "fargate-ip-10-0-%d-90.ec2.internal", zone + 1);
    nodes_put(e, PROD, node, zone ? "us-east-1b" : "us-east-1a", "Ready", "v1.31.4-eks", "", UI_NOW - age, 0, UI_NOW);
    struct pod_row row = {.ns = "web", .name = name, .status = status, .node = node, .ip = "10.0.1.90", .ready = well ? 2 : 1, .containers = 2,
                          .created_at = UI_NOW - age};
    pods_put(e, PROD, &row, UI_NOW);
}

static void put_deployment(struct estate *e, const char *name, int ready, int desired, const char *image)
{
    struct deployment d = {.name = (char *)(uintptr_t)name, .ns = "web", .ready = ready, .desired = desired, .updated = desired, .available = ready,
                           .images = image};
    deployments_put(e, PROD, &d, 1, UI_NOW);
}

void path_well(struct estate *e)
{
    static const char *const backends[] = {"backend-6c9d7f5b8-2m7rv", "backend-6c9d7f5b8-8hjlc", "backend-6c9d7f5b8-x2x7k",
                                           "backend-6c9d7f5b8-zz41d"};
    struct account *prod = estate_account_write(e, PROD);
    for (int i = 0; i < 4; i++) {
        pods_gone(e, PROD, "web", backends[i], UI_NOW);
        put_pod(e, backends[i], "Running", i % 2, 3000 * MINUTE);
    }
    put_deployment(e, "backend", 4, 4, prod->cluster.deployments.at[0].images);
    put_deployment(e, "frontend", 2, 2, "");
    prod->alarms.at[0].state = ALARM_OK;
    prod->budgets.at[0].forecast = 3700;
    for (size_t i = 0; i < BALANCER_POINTS; i++)
        prod->balancing.series.at[0].target_5xx[i] = 0;
    for (size_t i = 0; i < prod->budgets.at[0].notifications.len; i++)
        prod->budgets.at[0].notifications.at[i].alarm = false;
    e->changes.count = 0;
    estate_touch(e);
}

void path_rollout(struct estate *e)
{
    const struct image_set *images = &e->accounts[ROOT].images;
    char image[200];
    path_well(e);
    put_pod(e, "backend-57d4c8f9b6-k2m5x", "CrashLoopBackOff", 0, 7 * MINUTE);
    put_pod(e, "backend-57d4c8f9b6-r8v7t", "CrashLoopBackOff", 1, 6 * MINUTE);
    text_format(image, sizeof image, REGISTRY "backend@%s", images->rows.at[0].digest);
    put_deployment(e, "backend", 4, 4, image);
    path_alarm(e, "alb-5xx", "AWS/ApplicationELB", "212 > 20");
}

void path_zone(struct estate *e)
{
    struct balancing *b = &estate_account_write(e, PROD)->balancing;
    path_well(e);
    for (size_t i = 0; i < b->targets.len; i++)
        if (!strcmp(b->targets.at[i].zone, "us-east-1b"))
            text_copy(b->targets.at[i].state, sizeof b->targets.at[i].state, "unhealthy");
    estate_touch(e);
}

void path_failover(struct estate *e)
{
    struct database_event event = {.at = UI_NOW - 4 * MINUTE, .source = "innovate-prod", .category = "failover",
                                   .message = "Multi-AZ instance failover started."};
    path_well(e);
    text_copy(estate_account_write(e, PROD)->database.instances.at[0].status, 10, "rebooting");
    database_events_add(e, PROD, &event, 1);
}

void path_surge(struct estate *e)
{
    struct web_acl *acl = &estate_account_write(e, PROD)->web_acl;
    path_well(e);
    for (size_t i = WAF_POINTS - 10; i < WAF_POINTS; i++) {
        acl->series.at[0].blocked[i] += 5200;
        acl->series.at[1].blocked[i] += 5200; /* RateLimit */
    }
    path_alarm(e, "waf-blocked-surge", "AWS/WAFV2", "5237 > 1500");
}

void path_alarm(struct estate *e, const char *name, const char *space, const char *reason)
{
    struct alarm *alarm = &estate_account_write(e, PROD)->alarms.at[0];
    alarm->state = ALARM_ALARM;
    text_copy(alarm->name, sizeof alarm->name, name);
    text_copy(alarm->namespace_, sizeof alarm->namespace_, space);
    text_copy(alarm->reason, sizeof alarm->reason, reason);
    estate_touch(e);
}

struct estate *path_many(size_t count)
{
    static const char *const teams[] = {"shop", "data", "mail", "pay", "search"}, *const kinds[] = {"root", "dev", "prod"};
    struct estate_config *config = mem_new(sizeof *config);
    struct alarm alarm = {.state = ALARM_ALARM, .name = "queue-age"};
    char text[40];
    config->name = mem_strdup("innovate");
    config->region = mem_strdup("us-east-1");
    for (size_t i = 0; i < count; i++) {
        struct account_config *a = vec_add(&config->accounts);
        a->kind = i ? 1 + (int)(i % 3 == 2) : 0;
        text_format(text, sizeof text, "%s%zu-%s", teams[i / 3 % 5], i / 15, kinds[a->kind]);
        a->name = mem_strdup(i ? text : "root");
        text_format(text, sizeof text, "%012zu", 100000000000 + i);
        a->id = mem_strdup(text);
        a->region = mem_strdup("us-east-1");
        a->cluster.name = a->kind == ACCOUNT_PRODUCTION ? mem_strdup("main") : NULL;
    }
    struct estate *e = estate_new(config);
    for (size_t a = 0; a < count; a++)
        for (int f = 0; f < FEED_COUNT; f++)
            slice_good(e, a, (enum feed)f, UI_NOW - 12000, 60000, UI_NOW + 48000);
    alarms_set(e, 2, &alarm, 1, UI_NOW);
    alarms_set(e, count - 1, &alarm, 1, UI_NOW);
    e->changes.count = 0;
    return e;
}
