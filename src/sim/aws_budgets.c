/* Budgets: a month's spend grows hour by hour towards pace × limit. */
#include <string.h>
#include <time.h>

#include "sim/aws_world.h"

#define HOUR INT64_C(3600000)
#define DAY  INT64_C(86400000)

struct month {
    int64_t start, end;
};

static struct month month_of(int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm at;
    gmtime_r(&seconds, &at);
    struct tm first = {.tm_year = at.tm_year, .tm_mon = at.tm_mon, .tm_mday = 1},
              next = {.tm_year = at.tm_year, .tm_mon = at.tm_mon + 1, .tm_mday = 1};
    return (struct month){(int64_t)timegm(&first) * 1000, (int64_t)timegm(&next) * 1000};
}

/* No two days cost the same; a day's cost comes evenly. The data lags and is renewed by the hour. */
double budget_spent(const struct aws_call *call, const struct budget *b, int64_t from, int64_t until)
{
    double sum = 0;
    for (int64_t day = from; day < until; day += DAY) {
        struct month m = month_of(day);
        double days = (double)(m.end - m.start) / DAY, part = until - day >= DAY ? 1 : (double)(until - day) / DAY;
        sum += part * (0.85 + 0.3 * sim_noise(call->sim, b->name, day / DAY)) / days;
    }
    return b->limit * b->pace * sum;
}

static double spent(const struct aws_call *call, const struct budget *b, int64_t until)
{
    return budget_spent(call, b, month_of(call->now).start, until);
}

static double forecast(const struct aws_call *call, const struct budget *b, int64_t until) { return spent(call, b, month_of(until).end); }

static json_t *money(double amount) { return json_pack("{s:o, s:s}", "Amount", call_text("%.3f", amount), "Unit", "USD"); }

static json_t *budget(const struct aws_call *call, const struct budget *b)
{
    int64_t updated = call->now / HOUR * HOUR;
    struct month m = month_of(call->now);
    json_t *out = json_pack("{s:s, s:o, s:s, s:s, s:{s:o, s:o}, s:{s:o, s:o}, s:o}", "BudgetName", b->name, "BudgetLimit", money(b->limit),
                            "BudgetType", "COST", "TimeUnit", "MONTHLY", "TimePeriod", "Start", call_time(m.start), "End", json_integer(3706473600),
                            "CalculatedSpend", "ActualSpend", money(spent(call, b, updated)), "ForecastedSpend", money(forecast(call, b, updated)),
                            "LastUpdatedTime", call_time(updated));
    json_object_set_new(out, "CostTypes", json_pack("{s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b}", "IncludeTax", 1, "IncludeSubscription",
                                                    1, "UseBlended", 0, "IncludeRefund", 0, "IncludeCredit", 0, "IncludeUpfront", 1,
                                                    "IncludeRecurring", 1, "IncludeOtherSubscription", 1, "IncludeSupport", 1, "IncludeDiscount", 1,
                                                    "UseAmortized", 0));
    if (b->service)
        json_object_set_new(out, "CostFilters", json_pack("{s:[s]}", "Service", b->service));
    return out;
}

/* An account sees its own budgets alone. */
static bool own(struct aws_call *call)
{
    if (strcmp(json_text_or(call->input, "AccountId", ""), call->account->id) == 0)
        return true;
    return call_fail(call, "AccessDeniedException",
                     "User: %s is not authorized to perform: budgets:ViewBudget on resource: arn:aws:budgets::%s:budget/*",
                     call->who->arn, json_text_or(call->input, "AccountId", "")) != NULL;
}

static json_t *describe_budgets(struct aws_call *call)
{
    static const struct call_page page = {"Budgets", "NextToken", "NextToken", "MaxResults", 1, 1000, 100, "InvalidNextTokenException",
                                          "InvalidParameterException"};
    if (!own(call))
        return NULL;
    json_t *all = json_array();
    for (size_t i = 0; i < call->account->budgets.len; i++)
        json_array_append_new(all, budget(call, &call->account->budgets.at[i]));
    return call_page(call, all, &page);
}

static json_t *notification(const struct aws_call *call, const struct budget *b, const struct budget_alert *n)
{
    int64_t updated = call->now / HOUR * HOUR;
    double amount = n->kind ? forecast(call, b, updated) : spent(call, b, updated);
    double threshold = n->absolute ? n->threshold : b->limit * n->threshold / 100;
    return json_pack("{s:s, s:s, s:f, s:s, s:s}", "NotificationType", n->kind ? "FORECASTED" : "ACTUAL", "ComparisonOperator", "GREATER_THAN",
                     "Threshold", n->threshold, "ThresholdType", n->absolute ? "ABSOLUTE_VALUE" : "PERCENTAGE", "NotificationState",
                     amount > threshold ? "ALARM" : "OK");
}

static const struct budget *budget_named(struct aws_call *call)
{
    const char *name = json_text_or(call->input, "BudgetName", "");
    for (size_t i = 0; i < call->account->budgets.len; i++)
        if (strcmp(call->account->budgets.at[i].name, name) == 0)
            return &call->account->budgets.at[i];
    call_fail(call, "NotFoundException", "Unable to get budget: %s - the budget doesn't exist.", name);
    return NULL;
}

static json_t *describe_subscribers_for_notification(struct aws_call *call)
{
    static const struct call_page page = {"Subscribers", "NextToken", "NextToken", "MaxResults", 1, 100, 100, "InvalidNextTokenException",
                                          "InvalidParameterException"};
    const struct budget *b = own(call) ? budget_named(call) : NULL;
    bool forecasted = strcmp(json_text_or(call->input, "Notification.NotificationType", ""), "FORECASTED") == 0;
    for (size_t k = 0; b && k < b->notifications.len; k++) {
        const struct budget_alert *n = &b->notifications.at[k];
        if ((n->kind != 0) != forecasted || json_number(call->input, "Notification.Threshold", -1) != n->threshold)
            continue;
        json_t *all = json_array();
        for (size_t i = 0; i < n->subscribers.len; i++)
            json_array_append_new(all, json_pack("{s:s, s:s}", "SubscriptionType", strncmp(n->subscribers.at[i], "arn:", 4) ? "EMAIL" : "SNS",
                                                 "Address", n->subscribers.at[i]));
        return call_page(call, all, &page);
    }
    return b ? call_fail(call, "NotFoundException", "Unable to find the notification") : NULL;
}

static json_t *describe_notifications_for_budget(struct aws_call *call)
{
    static const struct call_page page = {"Notifications", "NextToken", "NextToken", "MaxResults", 1, 100, 100, "InvalidNextTokenException",
                                          "InvalidParameterException"};
    const struct budget *b = own(call) ? budget_named(call) : NULL;
    if (!b)
        return NULL;
    json_t *all = json_array();
    for (size_t k = 0; k < b->notifications.len; k++)
        json_array_append_new(all, notification(call, b, &b->notifications.at[k]));
    return call_page(call, all, &page);
}

const struct aws_handler aws_budgets[] = {{"budgets", "DescribeBudgets", describe_budgets},
                                          {"budgets", "DescribeNotificationsForBudget", describe_notifications_for_budget},
                                          {"budgets", "DescribeSubscribersForNotification", describe_subscribers_for_notification},
                                          {NULL}};
