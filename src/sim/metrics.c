#include "sim/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "sim/aws_world.h"

#define DAY     86400000.0
#define SAMPLES 60 /* minutes looked at in a long period */

/* Busiest at 19:00 UTC, an afternoon in New York. */
static double day_wave(int64_t at) { return sin(2 * M_PI * (fmod((double)at, DAY) / DAY - 13.0 / 24)); }

/* A whole number whose mean is x. */
static double whole(double x, double chance) { return floor(x + chance); }

static bool in_burst(const struct sim *sim, const char *key, const struct waf_rule *rule, int64_t minute)
{
    if (rule->burst_every <= 0 || rule->burst_length <= 0)
        return false;
    int64_t turn = minute / rule->burst_every, slack = rule->burst_every - rule->burst_length;
    int64_t begin = turn * rule->burst_every + (slack > 0 ? (int64_t)(sim_noise(sim, key, turn) * (double)slack) : 0);
    return minute >= begin && minute < begin + rule->burst_length;
}

static const struct account *owner(const struct sim *sim, const struct acl *acl)
{
    const struct account *a = sim->scenario->accounts.at;
    while (acl < a->acls.at || acl >= a->acls.at + a->acls.len)
        a++;
    return a;
}

double waf_met(const struct sim *sim, const struct acl *acl, const struct waf_rule *rule, int64_t minute)
{
    char key[300];
    if (rule->kind == 3) {
        text_format(key, sizeof key, "%s/%s/part", acl->id, rule->metric);
        return whole(ip_set_met(sim, owner(sim, acl), rule, minute) + waf_surges(sim, owner(sim, acl), acl, minute), sim_noise(sim, key, minute));
    }
    text_format(key, sizeof key, "%s/%s", acl->id, rule->metric);
    double chance = sim_noise(sim, key, minute), mean = rule->blocked * (1 + 0.35 * day_wave(minute)) * (0.4 + 1.2 * chance);
    if (in_burst(sim, key, rule, minute))
        mean *= rule->burst;
    mean += waf_surge(sim, owner(sim, acl), acl, rule, minute, false);
    text_format(key, sizeof key, "%s/%s/part", acl->id, rule->metric);
    return whole(mean, sim_noise(sim, key, minute));
}

double waf_allowed(const struct sim *sim, const struct acl *acl, int64_t minute)
{
    double chance = sim_noise(sim, acl->id, minute);
    return whole(acl->allowed * (1 + 0.45 * day_wave(minute)) * (0.85 + 0.3 * chance), 0.5);
}

static double waf_total(const struct sim *sim, const struct metric_source *s, int64_t minute)
{
    double sum = s->waf == 1 && !s->rule ? waf_allowed(sim, s->acl, minute) : 0;
    for (size_t i = 0; s->waf != 1 && i < s->acl->rules.len; i++) {
        const struct waf_rule *rule = &s->acl->rules.at[i];
        if ((!s->rule || s->rule == rule) && (rule->action == 1) == (s->waf == 2))
            sum += waf_met(sim, s->acl, rule, minute);
    }
    return sum;
}

static double plain(const struct sim *sim, const struct metric_source *s, int64_t minute)
{
    const struct metric *m = s->metric;
    char key[400];
    text_format(key, sizeof key, "%s/%s/%s/%s", s->account->id, m->space, m->name, m->dimensions.len ? m->dimensions.at[0].value : "");
    double chance = sim_noise(sim, key, minute), slow = sim_noise(sim, key, minute / (15 * METRIC_MINUTE));
    double value = m->mean * (1 + m->daily * day_wave(minute) + m->noise * (chance + slow - 1));
    if (m->counts)
        value = whole(value, sim_noise(sim, key, -minute));
    if (m->maximum > 0 && value > m->maximum)
        value = m->maximum;
    return value > 0 ? value : 0;
}

static const struct db_state *database_of(const struct sim *sim, const struct metric_source *s)
{
    const struct metric *m = s->metric;
    for (size_t i = 0; m && strcmp(m->space, "AWS/RDS") == 0 && m->dimensions.len && i < s->account->databases.len; i++)
        if (strcmp(s->account->databases.at[i].id, m->dimensions.at[0].value) == 0)
            return &world_account(sim, s->account)->databases[i];
    return NULL;
}

/* The part of the minute in which the database answers nobody. */
static double away(const struct db_state *db, int64_t minute)
{
    double sum = 0;
    for (size_t i = 0; i < db->away.len; i++) {
        int64_t from = db->away.at[i].from, to = db->away.at[i].to ? db->away.at[i].to : INT64_MAX;
        from = from > minute ? from : minute;
        to = to < minute + METRIC_MINUTE ? to : minute + METRIC_MINUTE;
        sum += to > from ? (double)(to - from) / METRIC_MINUTE : 0;
    }
    return sum;
}

static bool is_balancer(const struct metric *m, const char *name)
{
    return m && strcmp(m->space, "AWS/ApplicationELB") == 0 && strcmp(m->name, name) == 0;
}

static double requests(const struct sim *sim, const struct account *a, int64_t minute)
{
    for (size_t i = 0; i < a->metrics.len; i++)
        if (is_balancer(&a->metrics.at[i], "RequestCount"))
            return plain(sim, &(struct metric_source){.account = a, .metric = &a->metrics.at[i]}, minute);
    return 0;
}

/* What targets that fail add to the errors of a usual day. */
static double failing(const struct sim *sim, const struct metric_source *s, int64_t minute)
{
    bool own = is_balancer(s->metric, "HTTPCode_ELB_5XX_Count");
    if (!own && !is_balancer(s->metric, "HTTPCode_Target_5XX_Count"))
        return 0;
    return floor(elb_errors(sim, s->account, requests(sim, s->account, minute), own, minute));
}

/* False if nothing was written: a database that is stopped has no metrics. */
static bool minute_value(const struct sim *sim, const struct metric_source *source, int64_t minute, double *out)
{
    const struct db_state *db = database_of(sim, source);
    if (db && span_covers(db->stopped.at, db->stopped.len, minute))
        return false;
    if (source->targets) {
        *out = elb_hosts(sim, source->account, source->targets, source->healthy, source->zone, minute);
        return true;
    }
    *out = source->acl ? waf_total(sim, source, minute) : plain(sim, source, minute) + failing(sim, source, minute);
    if (db && (strcmp(source->metric->name, "DatabaseConnections") == 0 || strcmp(source->metric->name, "CPUUtilization") == 0))
        *out *= 1 - away(db, minute);
    return true;
}

static bool same_dimensions(const struct metric *m, const json_t *dimensions)
{
    if (json_array_size(dimensions) != m->dimensions.len)
        return false;
    for (size_t i = 0; i < m->dimensions.len; i++) {
        bool found = false;
        for (size_t k = 0; k < json_array_size(dimensions); k++) {
            const json_t *d = json_array_get(dimensions, k);
            found |= text_equal(json_text(d, "Name"), m->dimensions.at[i].name) && text_equal(json_text(d, "Value"), m->dimensions.at[i].value);
        }
        if (!found)
            return false;
    }
    return true;
}

static const char *dimension(const json_t *dimensions, const char *name)
{
    for (size_t i = 0; i < json_array_size(dimensions); i++)
        if (text_equal(json_text(json_array_get(dimensions, i), "Name"), name))
            return json_text_or(json_array_get(dimensions, i), "Value", "");
    return "";
}

/* Dimensions WebACL and Rule; a web ACL of a region has Region too. */
static bool find_waf(const struct account *a, const char *name, const json_t *dimensions, struct metric_source *out)
{
    static const char *const kinds[] = {"BlockedRequests", "AllowedRequests", "CountedRequests"};
    const char *acl = dimension(dimensions, "WebACL"), *rule = dimension(dimensions, "Rule");
    for (int k = 0; k < 3; k++)
        for (size_t i = 0; strcmp(name, kinds[k]) == 0 && i < a->acls.len; i++) {
            const struct acl *at = &a->acls.at[i];
            if (strcmp(at->metric, acl) != 0 || json_array_size(dimensions) != (at->scope == 0 ? 2u : 3u))
                continue;
            *out = (struct metric_source){.account = a, .acl = at, .waf = k};
            if (strcmp(rule, "ALL") == 0)
                return true;
            for (size_t r = 0; r < at->rules.len; r++)
                if (strcmp(at->rules.at[r].metric, rule) == 0) {
                    out->rule = &at->rules.at[r];
                    return k != 1 && (out->rule->action == 1) == (k == 2); /* a rule that blocks writes no AllowedRequests */
                }
        }
    return false;
}

/* Dimensions TargetGroup and LoadBalancer, and AvailabilityZone where it is only about one. */
static bool find_hosts(const struct account *a, const char *name, const json_t *dimensions, struct metric_source *out)
{
    const char *group = dimension(dimensions, "TargetGroup"), *zone = dimension(dimensions, "AvailabilityZone");
    char key[200];
    out->healthy = strcmp(name, "HealthyHostCount") == 0;
    out->zone = *zone ? elb_zone(a, zone) : -1;
    if ((!out->healthy && strcmp(name, "UnHealthyHostCount") != 0) || (*zone && out->zone < 0) || json_array_size(dimensions) != (*zone ? 3u : 2u))
        return false;
    for (size_t i = 0; i < a->network.target_groups.len; i++) {
        text_format(key, sizeof key, "targetgroup/%s/%s", a->network.target_groups.at[i].name, a->network.target_groups.at[i].id);
        if (strcmp(key, group) == 0)
            out->targets = &a->network.target_groups.at[i];
    }
    return out->targets && text_starts(dimension(dimensions, "LoadBalancer"), "app/");
}

bool metric_find(const struct account *account, const char *space, const char *name, const json_t *dimensions, struct metric_source *out)
{
    *out = (struct metric_source){.account = account};
    if (strcmp(space, "AWS/WAFV2") == 0)
        return find_waf(account, name, dimensions, out);
    if (strcmp(space, "AWS/ApplicationELB") == 0 && find_hosts(account, name, dimensions, out))
        return true;
    *out = (struct metric_source){.account = account};
    for (size_t i = 0; i < account->metrics.len; i++) {
        const struct metric *m = &account->metrics.at[i];
        if (strcmp(m->space, space) == 0 && strcmp(m->name, name) == 0 && same_dimensions(m, dimensions)) {
            out->metric = m;
            return true;
        }
    }
    return false;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

bool metric_value(const struct sim *sim, const struct metric_source *source, int64_t start, int64_t period_ms, int64_t now, enum statistic statistic,
                  double percentile, double *out)
{
    double values[SAMPLES], sum = 0;
    int64_t minutes = (period_ms + METRIC_MINUTE - 1) / METRIC_MINUTE, stride = (minutes + SAMPLES - 1) / SAMPLES;
    size_t count = 0;
    for (int64_t i = 0; i < minutes && count < SAMPLES; i += stride) {
        int64_t minute = start / METRIC_MINUTE * METRIC_MINUTE + i * METRIC_MINUTE;
        if (minute + METRIC_MINUTE > now)
            break;
        if (minute_value(sim, source, minute, &values[count]))
            sum += values[count++];
    }
    if (count == 0)
        return false;
    qsort(values, count, sizeof *values, by_value);
    size_t rank = (size_t)((double)(count - 1) * percentile / 100 + 0.5);
    *out = statistic == STAT_AVERAGE      ? sum / (double)count
           : statistic == STAT_SUM        ? sum * (double)stride
           : statistic == STAT_MAXIMUM    ? values[count - 1]
           : statistic == STAT_MINIMUM    ? values[0]
           : statistic == STAT_PERCENTILE ? values[rank]
                                          : (double)(count * (size_t)stride);
    return true;
}
