/* Budgets and their notifications. DescribeBudgets costs nothing; the figures move a few times a day. Whom a notification tells takes a call for each
 * of them, and hardly ever changes: a feed of its own, which reads only while somebody looks. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

typedef VEC(struct budget) budgets;

struct reading {
    struct calls calls;
    budgets rows;
    VEC(char *) names; /* of the budgets, as the service writes them */
};

static const struct aws_call_options pages = {.all_pages = true};

void map_budget(const json_t *row, struct budget *b)
{
    *b = (struct budget){.limit = json_number(row, "BudgetLimit.Amount", NAN),
                         .actual = json_number(row, "CalculatedSpend.ActualSpend.Amount", NAN),
                         .forecast = json_number(row, "CalculatedSpend.ForecastedSpend.Amount", NAN),
                         .updated_at = json_when(row, "LastUpdatedTime"),
                         .part = json_object_size(json_at(row, "CostFilters")) > 0 || json_at(row, "FilterExpression")};
    FIELD(b->name, row, "BudgetName");
    FIELD(b->unit, row, "BudgetLimit.Unit");
    FIELD(b->period, row, "TimeUnit");
    FIELD(b->type, row, "BudgetType");
}

void map_budget_notification(const json_t *row, struct budget_notification *n)
{
    *n = (struct budget_notification){.forecasted = text_equal(json_text(row, "NotificationType"), "FORECASTED"),
                                      .percent = !text_equal(json_text(row, "ThresholdType"), "ABSOLUTE_VALUE"),
                                      .threshold = json_number(row, "Threshold", NAN),
                                      .alarm = text_equal(json_text(row, "NotificationState"), "ALARM"),
                                      .subscribers = -1};
}

static void free_reading(struct reading *r)
{
    for (size_t i = 0; i < r->rows.len; i++)
        vec_free(&r->rows.at[i].notifications);
    for (size_t i = 0; i < r->names.len; i++)
        free(r->names.at[i]);
    vec_free(&r->names);
    vec_free(&r->rows);
    free(r);
}

/* Budget and notification in one number: what an answer is for. */
#define NOTIFICATIONS_MAX 1000
static void *place(size_t budget, size_t notification) { return (void *)(uintptr_t)(budget * NOTIFICATIONS_MAX + notification); }

static void got_subscribers(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    struct budget *b = &r->rows.at[(uintptr_t)arg / NOTIFICATIONS_MAX];
    b->notifications.at[(uintptr_t)arg % NOTIFICATIONS_MAX].subscribers = (int)json_array_size(json_at(output, "Subscribers"));
}

/* A notification has no id: it is asked for by all that it says. */
static void ask_subscribers(struct feed_run *run, size_t budget, size_t notification, const json_t *row)
{
    struct reading *r = run->state;
    json_t *given = json_pack("{s:s, s:s, s:f, s:s}", "NotificationType", json_text_or(row, "NotificationType", "ACTUAL"), "ComparisonOperator",
                              json_text_or(row, "ComparisonOperator", "GREATER_THAN"), "Threshold", json_number(row, "Threshold", 0), "ThresholdType",
                              json_text_or(row, "ThresholdType", "PERCENTAGE"));
    json_t *input = json_pack("{s:s, s:s, s:o}", "AccountId", run->config->id, "BudgetName", r->names.at[budget], "Notification", given);
    calls_each(&r->calls, "budgets", "DescribeSubscribersForNotification", input, &pages, got_subscribers, place(budget, notification));
}

static void got_notifications(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    size_t i;
    json_t *row;
    json_array_foreach(json_at(output, "Notifications"), i, row) {
        map_budget_notification(row, vec_add(&r->rows.at[(uintptr_t)arg].notifications));
        if (run->feed == FEED_BUDGET_SUBSCRIBERS && i < NOTIFICATIONS_MAX)
            ask_subscribers(run, (uintptr_t)arg, i, row);
    }
}

static void got_budgets(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    size_t i;
    json_t *row;
    (void)arg;
    json_array_foreach(json_at(output, "Budgets"), i, row) {
        map_budget(row, vec_add(&r->rows));
        const char *name = json_text_or(row, "BudgetName", "");
        *vec_add(&r->names) = mem_strdup(name);
        calls_each(&r->calls, "budgets", "DescribeNotificationsForBudget", json_pack("{s:s, s:s}", "AccountId", run->config->id, "BudgetName", name),
                   &pages, got_notifications, (void *)(uintptr_t)i);
    }
}

static void done(struct feed_run *run, const struct error *error)
{
    struct reading *r = run->state;
    run->state = NULL;
    if (!error)
        budgets_set(feeds_estate(run->feeds), run->account, r->rows.at, r->rows.len, loop_wall(feeds_loop(run->feeds)));
    free_reading(r);
    feed_end(run, error);
}

static void start(struct feed_run *run)
{
    struct reading *r = run->state = mem_new(sizeof *r);
    calls_begin(&r->calls, run, done);
    calls_add(&r->calls, "budgets", "DescribeBudgets", json_pack("{s:s}", "AccountId", run->config->id), &pages, got_budgets, NULL);
    calls_end(&r->calls);
}

static void stop(struct feed_run *run)
{
    struct reading *r = run->state;
    calls_cancel(&r->calls);
    free_reading(r);
    run->state = NULL;
}

const struct feed_type feed_budgets = {.feed = FEED_BUDGETS, .interval_ms = 600000, .focus_ms = 600000, .start = start, .stop = stop};
const struct feed_type feed_budget_subscribers = {
    .feed = FEED_BUDGET_SUBSCRIBERS, .interval_ms = 3600000, .focus_ms = 3600000, .focus_only = true, .start = start, .stop = stop};
