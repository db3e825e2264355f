#include "estate/schedule.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define DAYS_AHEAD      9
#define WEEK_MINUTES    (7 * 24 * 60)
#define WEEKS_A_MONTH   (365.25 / 12 / 7)
#define FARGATE_POD_USD 0.01234 /* an hour: a quarter vCPU and half a GB */
#define NODE_USD        0.0416  /* an hour of t3.medium */
#define DATABASE_USD    0.145   /* an hour of a class that is not listed */

/* PostgreSQL, single-AZ, an hour. */
static const struct {
    const char *class;
    double usd;
} prices[] = {{"db.t3.micro", 0.018},   {"db.t3.small", 0.036},   {"db.t3.medium", 0.072},  {"db.t3.large", 0.145},  {"db.t4g.micro", 0.016},
              {"db.t4g.small", 0.032},  {"db.t4g.medium", 0.065}, {"db.t4g.large", 0.129},  {"db.m5.large", 0.178},  {"db.m6g.large", 0.159},
              {"db.m7g.large", 0.168},  {"db.r5.large", 0.25},    {"db.r6g.large", 0.225},  {"db.r6g.xlarge", 0.45}, {"db.r7g.large", 0.239}};

static int weekday(const char *text, size_t len)
{
    static const char *const names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
    for (int i = 0; i < 7 && len == 3; i++)
        if (strncmp(text, names[i], 3) == 0)
            return i;
    return -1;
}

bool schedule_days(const char *text, uint8_t *out)
{
    *out = 0;
    do {
        size_t len = strcspn(text, ","), dash = strcspn(text, "-,");
        int first = weekday(text, dash), last = dash < len ? weekday(text + dash + 1, len - dash - 1) : first;
        if (first < 0 || last < 0)
            return false;
        for (int day = first;; day = (day + 1) % 7) {
            *out = (uint8_t)(*out | 1u << day);
            if (day == last)
                break;
        }
        text += len;
    } while (*text++ == ',');
    return true;
}

int schedule_minutes(const char *text)
{
    return text && strlen(text) == 5 && text[2] == ':' ? atoi(text) * 60 + atoi(text + 3) : -1;
}

int64_t schedule_next_at(const struct zone *zone, int minutes, uint8_t weekdays, int64_t now)
{
    struct zone_time today;
    zone_local(zone, now, &today);
    for (int ahead = 0; ahead < DAYS_AHEAD; ahead++) {
        struct zone_time at = {today.year, today.month, today.day + ahead, minutes / 60, minutes % 60, 0};
        int64_t ms = zone_utc(zone, &at);
        if ((weekdays >> ((today.weekday + ahead) % 7) & 1) && ms > now)
            return ms;
    }
    return 0;
}

/* Minutes of a week between each stop and the start that follows it, on the plan's own clock. */
static int minutes_down(const struct shutdown_config *s, int stop, int start)
{
    int sum = 0;
    for (int day = 0; day < 7; day++) {
        if (!(s->weekdays >> day & 1))
            continue;
        for (int ahead = 0; ahead <= 7; ahead++) {
            int span = ahead * 24 * 60 + start - stop;
            if (span <= 0 || !(s->weekdays >> ((day + ahead) % 7) & 1))
                continue;
            sum += span;
            break;
        }
    }
    return sum < WEEK_MINUTES ? sum : WEEK_MINUTES;
}

bool schedule_next(const struct shutdown_config *s, int64_t now, struct schedule_next *out)
{
    int stop = schedule_minutes(s->stop), start = schedule_minutes(s->start);
    if (stop < 0 || start < 0 || !s->zone || !s->weekdays)
        return false;
    *out = (struct schedule_next){.stop_at = schedule_next_at(s->zone, stop, s->weekdays, now),
                                  .start_at = schedule_next_at(s->zone, start, s->weekdays, now),
                                  .down_hours = minutes_down(s, stop, start) / 60.0};
    return true;
}

static double database_price(const char *class)
{
    for (size_t i = 0; i < sizeof prices / sizeof *prices; i++)
        if (strcmp(prices[i].class, class) == 0)
            return prices[i].usd;
    return DATABASE_USD;
}

int deployment_least(const struct account *account, const struct deployment *d)
{
    char target[200];
    text_format(target, sizeof target, "Deployment/%s", d->name);
    for (size_t i = 0; i < account->cluster.hpas.len; i++) {
        const struct hpa *h = &account->cluster.hpas.at[i];
        if (!strcmp(h->ns, d->ns) && !strcmp(h->target, target))
            return h->min;
    }
    return 0;
}

/* What sleeps counts as what it will be again: a Deployment as its autoscaler's least, a node group as it remembers. */
static int pods_awake(const struct account *account, const struct deployment *d)
{
    return d->desired > 0 ? d->desired : deployment_least(account, d);
}

void schedule_cost(const struct account *account, struct schedule_cost *out)
{
    *out = (struct schedule_cost){0};
    for (size_t i = 0; i < account->database.instances.len; i++)
        out->databases += database_price(account->database.instances.at[i].class) * (account->database.instances.at[i].multi_az ? 2 : 1);
    for (size_t i = 0; i < account->cluster.deployments.len; i++)
        if (!text_starts(account->cluster.deployments.at[i].ns, "kube-"))
            out->pods += pods_awake(account, &account->cluster.deployments.at[i]) * FARGATE_POD_USD;
    for (size_t i = 0; i < account->node_groups.len; i++)
        out->nodes += node_group_size(&account->node_groups.at[i]) * NODE_USD;
}

double schedule_saving(const struct account *account)
{
    struct schedule_next next;
    struct schedule_cost hour;
    if (!schedule_next(&account->config->auto_shutdown, 0, &next))
        return NAN;
    schedule_cost(account, &hour);
    return (hour.databases + hour.pods + hour.nodes) * next.down_hours * WEEKS_A_MONTH;
}
