#include "sim/alarms.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/vec.h"
#include "sim/internal.h"
#include "sim/metrics.h"

typedef VEC(struct alarm_turn) alarm_turns;

struct alarm_book {
    struct sim *sim;
    struct alarm_status **accounts; /* [account][alarm] */
    alarm_turns *turns;             /* [account] */
    size_t count;
    int64_t minute; /* last judged */
};

/* How many targets are well, or are not, counts those of the first target group. */
static bool hosts_source(const struct account *a, const char *metric, struct metric_source *out)
{
    bool healthy = strcmp(metric, "AWS/ApplicationELB:HealthyHostCount") == 0;
    if (a->network.target_groups.len == 0 || (!healthy && strcmp(metric, "AWS/ApplicationELB:UnHealthyHostCount") != 0))
        return false;
    *out = (struct metric_source){.account = a, .targets = &a->network.target_groups.at[0], .healthy = healthy, .zone = -1};
    return true;
}

/* The alarm's metric is "NAMESPACE:Name": the first of that name among the account's metrics, or its first web ACL's. */
bool alarm_source(const struct account *a, const struct alarm *alarm, struct metric_source *out)
{
    size_t space = strcspn(alarm->metric, ":");
    const char *name = alarm->metric + space + (alarm->metric[space] == ':');
    for (size_t i = 0; i < a->metrics.len; i++)
        if (strlen(a->metrics.at[i].space) == space && strncmp(a->metrics.at[i].space, alarm->metric, space) == 0 &&
            strcmp(a->metrics.at[i].name, name) == 0) {
            *out = (struct metric_source){.account = a, .metric = &a->metrics.at[i]};
            return true;
        }
    if (hosts_source(a, alarm->metric, out))
        return true;
    if (a->acls.len == 0 || strcmp(alarm->metric, "AWS/WAFV2:BlockedRequests") != 0)
        return false;
    *out = (struct metric_source){.account = a, .acl = &a->acls.at[0]};
    return true;
}

static bool breaches(const struct alarm *alarm, double value)
{
    switch (alarm->comparison) {
    case 0:
        return value > alarm->threshold;
    case 1:
        return value >= alarm->threshold;
    case 2:
        return value < alarm->threshold;
    default:
        return value <= alarm->threshold;
    }
}

/* ALARM when all of the last `periods` data breach the threshold. */
static const char *judge(const struct sim *sim, const struct account *a, const struct alarm *alarm, int64_t now, double *value)
{
    static const enum statistic statistics[] = {STAT_AVERAGE, STAT_SUM, STAT_MAXIMUM, STAT_MINIMUM};
    struct metric_source source;
    int64_t end = now / alarm->period * alarm->period, breaching = 0, data = 0;
    if (alarm->state)
        return alarm->state;
    if (!alarm_source(a, alarm, &source))
        return "INSUFFICIENT_DATA";
    for (int64_t i = alarm->periods; i >= 1; i--) {
        if (!metric_value(sim, &source, end - i * alarm->period, alarm->period, now, statistics[alarm->statistic], 0, value))
            continue;
        data++;
        breaching += breaches(alarm, *value);
    }
    if (data == 0)
        return "INSUFFICIENT_DATA";
    return breaching == alarm->periods ? "ALARM" : "OK";
}

static void turn(struct alarm_book *book, size_t account, size_t alarm, const char *from, int64_t at)
{
    const struct alarm_status *status = &book->accounts[account][alarm];
    *vec_add(&book->turns[account]) = (struct alarm_turn){alarm, at, from, status->state, status->value};
}

static int oldest_first(const void *a, const void *b)
{
    int64_t x = ((const struct alarm_turn *)a)->at, y = ((const struct alarm_turn *)b)->at;
    return (x > y) - (x < y);
}

struct alarm_book *alarms_new(struct sim *sim)
{
    struct alarm_book *book = mem_new(sizeof *book);
    const struct scenario *s = sim->scenario;
    book->sim = sim;
    book->count = s->accounts.len;
    book->accounts = mem_new_array(book->count, sizeof *book->accounts);
    book->turns = mem_new_array(book->count, sizeof *book->turns);
    for (size_t i = 0; i < book->count; i++) {
        const struct account *a = &s->accounts.at[i];
        book->accounts[i] = mem_new_array(a->alarms.len + 1, sizeof **book->accounts);
        for (size_t k = 0; k < a->alarms.len; k++) {
            struct alarm_status *status = &book->accounts[i][k];
            double days = 1 + 12 * sim_noise(sim, a->alarms.at[k].name, (int64_t)i);
            status->state = judge(sim, a, &a->alarms.at[k], sim->start_wall, &status->value);
            status->since = sim->start_wall - (int64_t)((strcmp(status->state, "OK") == 0 ? days : days / 200) * 86400000);
            turn(book, i, k, strcmp(status->state, "OK") == 0 ? "INSUFFICIENT_DATA" : "OK", status->since);
        }
        if (book->turns[i].len)
            qsort(book->turns[i].at, book->turns[i].len, sizeof *book->turns[i].at, oldest_first);
    }
    return book;
}

void alarms_free(struct alarm_book *book)
{
    if (!book)
        return;
    for (size_t i = 0; i < book->count; i++) {
        free(book->accounts[i]);
        vec_free(&book->turns[i]);
    }
    free(book->accounts);
    free(book->turns);
    free(book);
}

void alarms_step(struct alarm_book *book, int64_t now)
{
    if (now / METRIC_MINUTE == book->minute)
        return;
    book->minute = now / METRIC_MINUTE;
    for (size_t i = 0; i < book->count; i++) {
        const struct account *a = &book->sim->scenario->accounts.at[i];
        for (size_t k = 0; k < a->alarms.len; k++) {
            struct alarm_status *status = &book->accounts[i][k];
            const char *before = status->state;
            status->state = judge(book->sim, a, &a->alarms.at[k], now, &status->value);
            if (strcmp(status->state, before) == 0)
                continue;
            status->since = now;
            turn(book, i, k, before, now);
        }
    }
}

const struct alarm_status *alarms_status(const struct alarm_book *book, size_t account, size_t alarm) { return &book->accounts[account][alarm]; }

const struct alarm_turn *alarms_turns(const struct alarm_book *book, size_t account, size_t *count)
{
    *count = book->turns[account].len;
    return book->turns[account].at;
}
