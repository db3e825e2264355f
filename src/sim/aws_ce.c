/* Cost Explorer: what the budgets' spend is made of, account by account and service by service, and what of it was out of the ordinary. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "sim/aws_world.h"

struct part {
    const char *service;
    double weight;
};
static const struct part management[] = {{"Amazon EC2 Container Registry (ECR)", 30}, {"AWS CloudTrail", 22},
                                         {"Amazon Simple Storage Service", 17}, {"AWS Security Hub", 14}, {"Amazon Route 53", 9},
                                         {"AWS Key Management Service", 4}, {"AWS Cost Explorer", 0.5}, {NULL, 0}};
static const struct part workload[] = {{"Amazon Relational Database Service", 34},     {"Amazon Elastic Container Service for Kubernetes", 27},
                                       {"Amazon CloudFront", 16},                      {"Amazon Virtual Private Cloud", 8},
                                       {"Amazon Elastic Compute Cloud - Compute", 6},  {"Amazon Elastic Load Balancing", 4},
                                       {"AmazonCloudWatch", 4},                        {"AWS WAF", 2.5},
                                       {"AWS Secrets Manager", 0.4},                   {NULL, 0}};

static const struct part *parts_of(const struct account *a) { return a->kind == 0 ? management : workload; }

/* Each service's share differs a little from day to day. */
static double share(const struct aws_call *call, const struct account *a, const struct part *part, int64_t day)
{
    double all = 0, mine = 0;
    for (const struct part *p = parts_of(a); p->service; p++) {
        double w = p->weight * (0.9 + 0.2 * sim_noise(call->sim, p->service, day + a->kind));
        all += w;
        mine = p == part ? w : mine;
    }
    return mine / all;
}

static double unusual(const struct aws_call *call, const struct account *a, const char *service, int64_t from, int64_t to)
{
    double sum = 0;
    for (size_t i = 0; i < call->sim->scenario->accounts.len; i++)
        for (size_t k = 0; k < call->sim->scenario->accounts.at[i].costs.anomalies.len; k++) {
            const struct cost_anomaly *n = &call->sim->scenario->accounts.at[i].costs.anomalies.at[k];
            const char *of = n->account ? n->account : call->sim->scenario->accounts.at[i].id;
            int64_t begin = (sim_start(call->sim) - n->ago) / DAY_MS * DAY_MS, end = n->lasts ? begin + n->lasts : call->now + DAY_MS;
            int64_t low = begin > from ? begin : from, high = end < to ? end : to;
            if (!strcmp(of, a->id) && !strcmp(n->service, service) && high > low && end > begin)
                sum += n->impact * (double)(high - low) / (double)(end - begin);
        }
    return sum;
}

static double cost_of(const struct aws_call *call, const struct account *a, const struct part *part, int64_t from, int64_t to)
{
    const struct budget *b = NULL;
    for (size_t i = 0; i < a->budgets.len && !b; i++)
        b = a->budgets.at[i].service ? NULL : &a->budgets.at[i];
    double sum = 0;
    for (int64_t day = from; b && day < to; day += DAY_MS) {
        int64_t end = day + DAY_MS < to ? day + DAY_MS : to;
        sum += budget_spent(call, b, day, end) * share(call, a, part, day / DAY_MS) + unusual(call, a, part->service, day, end);
    }
    return sum;
}

/* The management account sees all, others themselves. */
static bool sees(const struct aws_call *call, const struct account *a) { return call->account->kind == 0 || call->account == a; }

static bool day_of(struct aws_call *call, const char *path, int64_t *out)
{
    char text[40];
    const char *given = json_text_or(call->input, path, "");
    if (strlen(given) == 10 && text_format(text, sizeof text, "%sT00:00:00Z", given) && when_parse_iso(text, out))
        return true;
    return call_fail(call, "ValidationException", "%s: a date such as 2026-11-01 is expected", path) != NULL;
}

static const char *day_text(int64_t at, char out[40])
{
    when_iso(at, out, 40);
    out[10] = '\0';
    return out;
}

static json_t *amount(double value) { return json_pack("{s:o, s:s}", "Amount", call_text("%.10f", value), "Unit", "USD"); }

static json_t *period(int64_t from, int64_t to)
{
    char start[40], end[40];
    return json_pack("{s:s, s:s}", "Start", day_text(from, start), "End", day_text(to, end));
}

static bool grouped_by(const struct aws_call *call, const char *key)
{
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(call->input, "GroupBy"), i, row)
        if (!strcmp(json_text_or(row, "Key", ""), key))
            return true;
    return false;
}

static json_t *groups_of(const struct aws_call *call, int64_t from, int64_t to)
{
    json_t *out = json_array();
    int64_t until = to < call->now ? to : call->now;
    for (size_t i = 0; i < call->sim->scenario->accounts.len; i++) {
        const struct account *a = &call->sim->scenario->accounts.at[i];
        for (const struct part *p = parts_of(a); sees(call, a) && p->service; p++)
            json_array_append_new(out, json_pack("{s:[s, s], s:{s:o}}", "Keys", a->id, p->service, "Metrics", "UnblendedCost",
                                                 amount(cost_of(call, a, p, from, until > from ? until : from))));
    }
    return out;
}

static json_t *get_cost_and_usage(struct aws_call *call)
{
    int64_t from, to;
    bool daily = !strcmp(json_text_or(call->input, "Granularity", ""), "DAILY");
    json_t *rows = json_array();
    if (!day_of(call, "TimePeriod.Start", &from) || !day_of(call, "TimePeriod.End", &to))
        goto wrong;
    if (from >= to) {
        call_fail(call, "ValidationException", "Start date (and hour) should be before end date (and hour)");
        goto wrong;
    }
    if (!daily || json_array_size(json_object_get(call->input, "GroupBy")) != 2 || !grouped_by(call, "LINKED_ACCOUNT") ||
        !grouped_by(call, "SERVICE")) {
        call_fail(call, "ValidationException", "by the day, grouped by LINKED_ACCOUNT and SERVICE, is what can be asked for here");
        goto wrong;
    }
    for (int64_t day = from; day < to && day < call->now; day += DAY_MS)
        json_array_append_new(rows, json_pack("{s:o, s:{}, s:o, s:b}", "TimePeriod", period(day, day + DAY_MS), "Total", "Groups",
                                              groups_of(call, day, day + DAY_MS), "Estimated", day + 2 * DAY_MS > call->now));
    return json_pack("{s:o, s:O, s:[]}", "ResultsByTime", rows, "GroupDefinitions", json_object_get(call->input, "GroupBy"),
                     "DimensionValueAttributes");
wrong:
    json_decref(rows);
    return NULL;
}

static json_t *get_cost_forecast(struct aws_call *call)
{
    int64_t from, to;
    double sum = 0;
    if (!day_of(call, "TimePeriod.Start", &from) || !day_of(call, "TimePeriod.End", &to))
        return NULL;
    if (from < call->now / DAY_MS * DAY_MS || from >= to)
        return call_fail(call, "ValidationException", "Start date must be today or in the future, and before the end date");
    for (size_t i = 0; i < call->sim->scenario->accounts.len; i++)
        for (const struct part *p = parts_of(&call->sim->scenario->accounts.at[i]);
             sees(call, &call->sim->scenario->accounts.at[i]) && p->service; p++)
            sum += cost_of(call, &call->sim->scenario->accounts.at[i], p, from, to);
    return json_pack("{s:o, s:[{s:o, s:o}]}", "Total", amount(sum), "ForecastResultsByTime", "TimePeriod", period(from, to), "MeanValue",
                     call_text("%.10f", sum));
}

/* Anomalies. */

static json_t *monitor_arn(const struct aws_call *call, const char *id)
{
    return call_text("arn:aws:ce::%s:anomalymonitor/%s", call->account->id, id);
}

static json_t *anomaly(const struct aws_call *call, const struct cost_anomaly *n)
{
    char start[40], end[40], id[37];
    int64_t begin = sim_start(call->sim) - n->ago, until = n->lasts ? begin + n->lasts : call->now;
    const struct account_costs *costs = &call->account->costs;
    world_uuid(call->sim, n->service, (int64_t)n->impact, id);
    json_t *out = json_pack("{s:s, s:s, s:s, s:s}", "AnomalyId", id, "AnomalyStartDate", day_text(begin, start), "AnomalyEndDate",
                            day_text(until, end), "DimensionValue", n->service);
    json_object_set_new(out, "RootCauses", json_pack("[{s:s, s:s, s:s}]", "Service", n->service, "Region",
                                                     n->region ? n->region : call->account->region, "LinkedAccount",
                                                     n->account ? n->account : call->account->id));
    json_object_set_new(out, "AnomalyScore", json_pack("{s:f, s:f}", "MaxScore", 0.8, "CurrentScore", n->lasts ? 0.1 : 0.8));
    json_object_set_new(out, "Impact", json_pack("{s:f, s:f, s:f, s:f}", "MaxImpact", n->impact, "TotalImpact", n->impact, "TotalActualSpend",
                                                 n->impact + n->expected, "TotalExpectedSpend", n->expected));
    json_object_set_new(out, "MonitorArn", monitor_arn(call, costs->monitors.len ? costs->monitors.at[0].id : "none"));
    return out;
}

static const struct call_page page = {NULL, "NextPageToken", "NextPageToken", "MaxResults", 1, 100, 100, "InvalidNextTokenException",
                                      "ValidationException"};

static json_t *paged(struct aws_call *call, const char *list, json_t *all)
{
    struct call_page p = page;
    p.list = list;
    return call_page(call, all, &p);
}

static json_t *get_anomalies(struct aws_call *call)
{
    int64_t from;
    json_t *all = json_array();
    if (!day_of(call, "DateInterval.StartDate", &from)) {
        json_decref(all);
        return NULL;
    }
    for (size_t i = 0; i < call->account->costs.anomalies.len; i++) {
        const struct cost_anomaly *n = &call->account->costs.anomalies.at[i];
        if (sim_start(call->sim) - n->ago + (n->lasts ? n->lasts : n->ago) >= from)
            json_array_append_new(all, anomaly(call, n));
    }
    return paged(call, "Anomalies", all);
}

static json_t *get_anomaly_monitors(struct aws_call *call)
{
    json_t *all = json_array();
    char day[40];
    for (size_t i = 0; i < call->account->costs.monitors.len; i++) {
        const struct cost_monitor *m = &call->account->costs.monitors.at[i];
        json_array_append_new(all, json_pack("{s:o, s:s, s:s, s:s, s:s, s:i}", "MonitorArn", monitor_arn(call, m->id), "MonitorName", m->name,
                                             "LastEvaluatedDate", day_text(call->now, day), "MonitorType", "DIMENSIONAL", "MonitorDimension",
                                             m->dimension ? m->dimension : "SERVICE", "DimensionalValueCount", 17));
    }
    return paged(call, "AnomalyMonitors", all);
}

static json_t *scenario_subscriptions(const struct aws_call *call)
{
    json_t *all = json_array();
    for (size_t i = 0; i < call->account->costs.subscriptions.len; i++) {
        const struct cost_subscription *s = &call->account->costs.subscriptions.at[i];
        json_t *monitors = json_array(), *subscribers = json_array();
        for (size_t k = 0; k < s->monitors.len; k++)
            json_array_append_new(monitors, monitor_arn(call, s->monitors.at[k]));
        for (size_t k = 0; k < s->emails.len; k++)
            json_array_append_new(subscribers, json_pack("{s:s, s:s, s:s}", "Address", s->emails.at[k], "Type", "EMAIL", "Status", "CONFIRMED"));
        json_array_append_new(all, json_pack("{s:o, s:s, s:o, s:o, s:f, s:s, s:s}", "SubscriptionArn",
                                             call_text("arn:aws:ce::%s:anomalysubscription/%s", call->account->id, s->id), "AccountId",
                                             call->account->id, "MonitorArnList", monitors, "Subscribers", subscribers, "Threshold", s->threshold,
                                             "Frequency", s->frequency ? s->frequency : "DAILY", "SubscriptionName", s->name));
    }
    return all;
}

static json_t *get_anomaly_subscriptions(struct aws_call *call)
{
    json_t *changed = world_account(call->sim, call->account)->by_hand.subscriptions;
    return paged(call, "AnomalySubscriptions", changed ? json_copy(changed) : scenario_subscriptions(call));
}

/* Those that can be changed. */
static json_t *own_subscriptions(struct aws_call *call)
{
    struct by_hand *h = &world_account(call->sim, call->account)->by_hand;
    if (!h->subscriptions)
        h->subscriptions = scenario_subscriptions(call);
    return h->subscriptions;
}

static bool is_monitor(const struct aws_call *call, const char *arn)
{
    bool found = false;
    for (size_t i = 0; i < call->account->costs.monitors.len; i++) {
        json_t *own = monitor_arn(call, call->account->costs.monitors.at[i].id);
        found |= !strcmp(json_string_value(own), arn);
        json_decref(own);
    }
    return found;
}

static json_t *create_anomaly_subscription(struct aws_call *call)
{
    json_t *row = json_deep_copy(json_object_get(call->input, "AnomalySubscription")), *all = own_subscriptions(call), *one;
    size_t i;
    char id[37];
    json_array_foreach(json_object_get(row, "MonitorArnList"), i, one)
        if (!is_monitor(call, json_string_value(one))) {
            json_decref(row);
            return call_fail(call, "UnknownMonitorException", "Unknown monitor");
        }
    json_array_foreach(json_object_get(row, "Subscribers"), i, one)
        json_object_set_new(one, "Status", json_string("CONFIRMED"));
    world_uuid(call->sim, json_text_or(row, "SubscriptionName", ""), call->now / 1000, id);
    json_object_set_new(row, "SubscriptionArn", call_text("arn:aws:ce::%s:anomalysubscription/%s", call->account->id, id));
    json_object_set_new(row, "AccountId", json_string(call->account->id));
    json_array_append_new(all, row);
    return json_pack("{s:O}", "SubscriptionArn", json_object_get(row, "SubscriptionArn"));
}

static json_t *delete_anomaly_subscription(struct aws_call *call)
{
    json_t *all = own_subscriptions(call), *row;
    size_t i;
    json_array_foreach(all, i, row)
        if (!strcmp(json_text_or(row, "SubscriptionArn", ""), json_text_or(call->input, "SubscriptionArn", ""))) {
            json_array_remove(all, i);
            return json_object();
        }
    return call_fail(call, "UnknownSubscriptionException", "Unknown subscription");
}

const struct aws_handler aws_ce[] = {{"ce", "GetCostAndUsage", get_cost_and_usage},
                                     {"ce", "GetCostForecast", get_cost_forecast},
                                     {"ce", "GetAnomalies", get_anomalies},
                                     {"ce", "GetAnomalyMonitors", get_anomaly_monitors},
                                     {"ce", "GetAnomalySubscriptions", get_anomaly_subscriptions},
                                     {"ce", "CreateAnomalySubscription", create_anomaly_subscription},
                                     {"ce", "DeleteAnomalySubscription", delete_anomaly_subscription},
                                     {NULL}};
