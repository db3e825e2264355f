/* What the architecture promises of costs (section 8): budgets that tell somebody, an anomaly monitor, development's nights. */
#include <string.h>

#include "base/str.h"
#include "checks/rows.h"
#include "estate/schedule.h"

/* Budgets. */

static const struct budget_notification *told_by(const struct budget *b, bool *unknown)
{
    for (size_t i = 0; i < b->notifications.len; i++) {
        *unknown |= b->notifications.at[i].subscribers < 0;
        if (b->notifications.at[i].subscribers > 0)
            return &b->notifications.at[i];
    }
    return NULL;
}

static void look_budgets(struct checking *c)
{
    const struct account *a = checking_account(c);
    bool good = false, unknown = false;
    for (size_t i = 0; i < a->budgets.len; i++) {
        const struct budget_notification *n = told_by(&a->budgets.at[i], &unknown);
        good |= n != NULL;
        if (n)
            check_pass(c, a->budgets.at[i].name, "%s above %.0f%s tells %d subscriber%s", n->forecasted ? "forecast" : "actual", n->threshold,
                       n->percent ? "%" : "", n->subscribers, n->subscribers == 1 ? "" : "s");
    }
    for (size_t i = 0; i < a->budgets.len && !good; i++)
        if (unknown)
            check_unknown(c, a->budgets.at[i].name, "whom it tells is not known");
        else
            check_fail(c, a->budgets.at[i].name, "%s",
                       a->budgets.at[i].notifications.len ? "its notifications have no subscriber" : "has no notification");
    if (!a->budgets.len)
        check_fail(c, a->config->name, "there is no budget");
}

/* Anomalies. */

static const struct cost_subscription *subscription_of(const struct cost_watch *w, const struct cost_monitor *m, bool *unknown)
{
    for (size_t i = 0; i < w->subscriptions.len; i++) {
        const struct cost_subscription *s = &w->subscriptions.at[i];
        *unknown |= s->part;
        if (s->subscribers > 0 && text_has_word(s->monitors, m->arn))
            return s;
    }
    return NULL;
}

static void look_anomaly(struct checking *c)
{
    const struct account *a = checking_account(c);
    bool good = false, unknown = false;
    for (size_t i = 0; i < a->cost_watch.monitors.len; i++) {
        const struct cost_monitor *m = &a->cost_watch.monitors.at[i];
        const struct cost_subscription *by = subscription_of(&a->cost_watch, m, &unknown);
        good |= by != NULL;
        if (by)
            check_pass(c, m->name, "told by %s to %d, %s", by->name, by->subscribers, by->frequency);
    }
    for (size_t i = 0; i < a->cost_watch.monitors.len && !good; i++)
        if (unknown)
            check_unknown(c, a->cost_watch.monitors.at[i].name, "whom it tells is not known: a subscription has more monitors than are read");
        else
            check_fail(c, a->cost_watch.monitors.at[i].name, "nobody is told: it has no subscription with a subscriber");
    if (!a->cost_watch.monitors.len)
        check_fail(c, a->config->name, "there is no anomaly monitor");
}

/* Development's nights. */

static void say_difference(void *arg, enum schedule_tone tone, const char *text)
{
    struct checking *c = arg;
    check_that(c, tone != SCHEDULE_WRONG, checking_account(c)->config->name, "%s", text);
}

static void look_shutdown(struct checking *c)
{
    const struct account *a = checking_account(c);
    enum awake awake = account_awake(a);
    if (!a->config->auto_shutdown.stop) {
        check_na(c, "the profile gives it no auto_shutdown");
        return;
    }
    schedule_differences(a, say_difference, c);
    if (schedule_wants_up(a, checking_now(c)))
        check_pass(c, a->config->name, schedule_kept_until(a, checking_now(c)) ? "%s; somebody asked to keep it up" : "%s; by the plan it may be up",
                   awake_name(awake));
    else if (awake == AWAKE_UNKNOWN)
        check_unknown(c, a->config->name, "whether it is down is not known: a part could not be read");
    else
        check_that(c, awake == AWAKE_DOWN || awake == AWAKE_CHANGING, a->config->name, "%s; by the plan it is down now", awake_name(awake));
}

const struct check check_cost_budgets = {.id = "cost-budgets",
                                         .area = "costs",
                                         .promise = "each account has a budget whose notification somebody gets",
                                         .remedy = "budgets CreateBudget, CreateNotification and CreateSubscriber; it costs nothing",
                                         .kinds = CHECK_ALL,
                                         .feeds = FEED_BIT(FEED_BUDGETS) | FEED_BIT(FEED_BUDGET_SUBSCRIBERS),
                                         .look = look_budgets};
const struct check check_cost_anomaly = {.id = "cost-anomaly",
                                         .area = "costs",
                                         .promise = "an anomaly monitor watches the costs, and somebody is told",
                                         .remedy = "ce CreateAnomalyMonitor (by SERVICE) and CreateAnomalySubscription; it costs nothing",
                                         .kinds = CHECK_KIND(ACCOUNT_MANAGEMENT),
                                         .feeds = FEED_BIT(FEED_COST_WATCH),
                                         .look = look_anomaly};
const struct check check_cost_shutdown = {
    .id = "cost-shutdown",
    .area = "costs",
    .promise = "development's stop and start are scheduled, and it is down when it should be",
    .remedy = "trivet dev schedule create makes or corrects the schedules; trivet dev stop puts it to sleep now",
    .kinds = CHECK_KIND(ACCOUNT_DEVELOPMENT),
    .feeds = FEED_BIT(FEED_SCHEDULES) | FEED_BIT(FEED_DATABASE) | FEED_BIT(FEED_NODE_GROUPS) | FEED_BIT(FEED_DEPLOYMENTS),
    .look = look_shutdown};
