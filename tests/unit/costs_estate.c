#include "costs_estate.h"

#include <math.h>

#include "base/str.h"
#include "feeds/map.h"

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
                            .anomalies_known = true, .forecast = 4690.4};
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

static json_t *field(const char *name, const char *value) { return json_pack("{s:s, s:s}", "field", name, "value", value); }

static json_t *rows_of(void)
{
    json_t *rows = json_array();
    char line[200], number[16], wide[1400];
    memset(wide, 'x', sizeof wide - 1);
    wide[sizeof wide - 1] = '\0';
    for (int i = 0; i < 40; i++) {
        text_format(line, sizeof line, "ERROR GET /api/items %d in %d ms\x1b[2J\xe2\x80\xae gpj.exe", 500 + i % 4, i * 37 % 400);
        text_format(number, sizeof number, "%d", i * 37 % 400);
        json_t *row = json_pack("[o, o, o]", field("@logStream", i % 3 ? "backend-6c9d7f5b8-8hjlc" : "backend-\xe6\xbc\xa2\xe5\xad\x97"),
                                field("ms", number), field("@ptr", "Cl0KJgoi"));
        if (i % 5)
            json_array_append_new(row, field("@message", i == 1 ? wide : line));
        json_array_append_new(rows, row);
    }
    return rows;
}

void insights_build(struct estate *e, size_t account, const char *status, int64_t now)
{
    struct insights_request request;
    struct error error = {0};
    bool complete = !strcmp(status, "Complete"), ended = complete || !strcmp(status, "Cancelled") || !strcmp(status, "Failed");
    struct insights_scan scan = {.matched = 1203, .scanned = 120400, .bytes = INT64_C(3) << 30};
    insights_saved(e, query_named(e->config, "errors by pod"), account, "", &request, &error);
    insights_begin(e, &request, now - 4 * 60000);
    if (complete) {
        struct insights_result result = {.of = request, .from = now - request.since_ms - 240000, .to = now - 240000, .read_at = now - 236000};
        json_t *reply = json_pack("{s:o, s:{s:f, s:f, s:f}}", "results", rows_of(), "statistics", "recordsMatched", 40.0, "recordsScanned", 120400.0,
                                  "bytesScanned", 3221225472.0);
        map_insights(reply, &result);
        json_decref(reply);
        insights_progress(e, status, &result.scan, false);
        insights_end(e, &result, NULL, now - 236000);
        return;
    }
    if (!strcmp(status, "Failed"))
        error_set(&error, ERROR_SERVICE, "MalformedQueryException", "unexpected symbol found nonsense at line 1 and position 13");
    insights_progress(e, ended && error.kind != ERROR_NONE ? "" : status, error.kind != ERROR_NONE ? &(struct insights_scan){-1, -1, -1} : &scan,
                      false);
    if (ended)
        insights_end(e, NULL, error.kind != ERROR_NONE ? &error : NULL, now - 230000);
}
