/* Who watches for costs out of the ordinary: monitors and subscriptions of Cost Anomaly Detection. These two reads cost nothing. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

struct reading {
    struct calls calls;
    struct cost_watch watch;
};

static const struct aws_call_options pages = {.region = "us-east-1", .all_pages = true};

void map_cost_monitor(const json_t *row, struct cost_monitor *m)
{
    *m = (struct cost_monitor){0};
    FIELD(m->arn, row, "MonitorArn");
    FIELD(m->name, row, "MonitorName");
    FIELD(m->type, row, "MonitorType");
    FIELD(m->dimension, row, "MonitorDimension");
}

/* Who has declined the mails gets none. */
void map_cost_subscription(const json_t *row, struct cost_subscription *s)
{
    struct str all = STR_INIT(65536);
    size_t i;
    json_t *one;
    *s = (struct cost_subscription){0};
    FIELD(s->name, row, "SubscriptionName");
    FIELD(s->frequency, row, "Frequency");
    json_array_foreach(json_at(row, "Subscribers"), i, one)
        s->subscribers += !text_equal(json_text(one, "Status"), "DECLINED");
    json_array_foreach(json_at(row, "MonitorArnList"), i, one)
        if (json_is_string(one))
            str_addf(&all, "%s%s", all.len ? " " : "", json_string_value(one));
    s->part = !text_clean(s->monitors, sizeof s->monitors, str_text(&all), all.len);
    str_free(&all);
}

static void end(struct feed_run *run)
{
    struct reading *r = run->state;
    run->state = NULL;
    vec_free(&r->watch.monitors);
    vec_free(&r->watch.subscriptions);
    free(r);
}

static void got_monitors(struct feed_run *run, json_t *output, void *arg)
{
    size_t i;
    json_t *row;
    (void)arg;
    json_array_foreach(json_at(output, "AnomalyMonitors"), i, row)
        map_cost_monitor(row, vec_add(&((struct reading *)run->state)->watch.monitors));
}

static void got_subscriptions(struct feed_run *run, json_t *output, void *arg)
{
    size_t i;
    json_t *row;
    (void)arg;
    json_array_foreach(json_at(output, "AnomalySubscriptions"), i, row)
        map_cost_subscription(row, vec_add(&((struct reading *)run->state)->watch.subscriptions));
}

static void done(struct feed_run *run, const struct error *error)
{
    struct reading *r = run->state;
    if (!error)
        cost_watch_set(feeds_estate(run->feeds), run->account, &r->watch);
    end(run);
    feed_end(run, error);
}

static void start(struct feed_run *run)
{
    struct reading *r = run->state = mem_new(sizeof *r);
    calls_begin(&r->calls, run, done);
    calls_add(&r->calls, "ce", "GetAnomalyMonitors", NULL, &pages, got_monitors, NULL);
    calls_add(&r->calls, "ce", "GetAnomalySubscriptions", NULL, &pages, got_subscriptions, NULL);
    calls_end(&r->calls);
}

static void stop(struct feed_run *run)
{
    calls_cancel(&((struct reading *)run->state)->calls);
    end(run);
}

static bool wanted(const struct account_config *account) { return account->kind == ACCOUNT_MANAGEMENT; }

const struct feed_type feed_cost_watch = {
    .feed = FEED_COST_WATCH, .interval_ms = 3600000, .focus_ms = 3600000, .focus_only = true, .wanted = wanted, .start = start, .stop = stop};
