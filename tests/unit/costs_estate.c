#include "costs_estate.h"

#include <math.h>

#include "base/str.h"

#define HOUR INT64_C(3600000)
#define DAY  (24 * HOUR)

static void line(struct cost_report *r, const char *account, const char *service, double month)
{
    struct cost_line *l = vec_add(&r->lines);
    *l = (struct cost_line){.month = month};
    text_copy(l->account, sizeof l->account, account);
    text_copy(l->service, sizeof l->service, service);
    for (int d = 0; d < COST_DAYS; d++)
        l->days[d] = month / 24 * (1 + 0.15 * (d % 3));
}

static void add_report(struct estate *e, size_t management, int64_t now)
{
    struct cost_report r = {.asked_at = now - 3 * HOUR, .month_start = now - 23 * DAY, .days_end = now / DAY * DAY, .requests = 3, .complete = true,
                            .forecast = 4690.4};
    line(&r, e->accounts[0].config->id, "AWS CloudTrail", 96.2);
    line(&r, e->accounts[0].config->id, "Amazon EC2 Container Registry (ECR)", 210.4);
    line(&r, e->accounts[1].config->id, "Amazon Relational Database Service", 51.5);
    line(&r, e->accounts[2].config->id, "Amazon Relational Database Service", 1310.7);
    line(&r, e->accounts[2].config->id, "Amazon Elastic Container Service for Kubernetes", 902.3);
    line(&r, e->accounts[2].config->id, "Amazon CloudFront", 611.9);
    line(&r, "444444444444", "Amazon Simple Storage Service", 12.8);
    struct cost_anomaly *n = vec_add(&r.anomalies);
    *n = (struct cost_anomaly){.from = now - 2 * DAY, .to = now, .impact = 148.3, .expected = 40};
    text_copy(n->id, sizeof n->id, "a-1");
    text_copy(n->service, sizeof n->service, "Amazon CloudFront");
    text_copy(n->account, sizeof n->account, e->accounts[2].config->id);
    costs_set(e, management, &r);
}

static void add_groups(struct estate *e, size_t account, int64_t now)
{
    struct log_group rows[3] = {{.retention_days = 90, .bytes = INT64_C(18) << 30, .created_at = now - 300 * DAY},
                                {.retention_days = 90, .bytes = INT64_C(26) << 30, .created_at = now - 300 * DAY},
                                {.retention_days = 0, .bytes = -1, .created_at = now - 2 * DAY}};
    const char *name = account == 1 ? "innovate-dev" : "innovate-prod";
    text_format(rows[0].name, sizeof rows[0].name, "/aws/containerinsights/%s/application", name);
    text_format(rows[1].name, sizeof rows[1].name, "/aws/eks/%s/cluster", name);
    text_format(rows[2].name, sizeof rows[2].name, "/tmp/%s/debug", name);
    log_groups_set(e, account, rows, 3, now);
}

void costs_build(struct estate *e, size_t management, int64_t now)
{
    add_report(e, management, now);
    add_groups(e, 1, now);
    add_groups(e, 2, now);
}

void alarm_points_build(struct estate *e, int64_t now)
{
    struct detail *d = detail_write(e);
    d->point_s = 60;
    d->points_end = now;
    d->points_read = true;
    text_copy(d->statistic, sizeof d->statistic, "Sum");
    for (size_t i = 0; i < ALARM_POINTS; i++)
        d->points[i] = i < 4 ? NAN : i < 50 ? (double)(i % 5) : (double)(i - 49) * 20;
    estate_touch(e);
}
