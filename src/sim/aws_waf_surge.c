/* An attack: many requests out of few addresses. Where the addresses are put into a set that blocks, that rule meets them first, and after some
 * minutes of it they give up. */
#include "sim/aws_world.h"
#include "sim/metrics.h"

#define PATIENCE_MS (3 * METRIC_MINUTE)

static bool is_held(const struct sim *sim, const struct account *a, const struct acl *acl, const char *ip, int64_t at)
{
    for (size_t i = 0; i < acl->rules.len; i++)
        if (acl->rules.at[i].kind == 3 && acl->rules.at[i].action == 0 && ip_set_holds(sim, a, &acl->rules.at[i], ip, at))
            return true;
    return false;
}

/* The part of the minute in which it has begun. */
static double begun(const struct sim *sim, const struct waf_surge *surge, int64_t minute)
{
    int64_t from = sim_start(sim) + surge->at, end = minute + METRIC_MINUTE;
    return from <= minute ? 1 : from >= end ? 0 : (double)(end - from) / METRIC_MINUTE;
}

double waf_surge(const struct sim *sim, const struct account *a, const struct acl *acl, const struct waf_rule *rule, int64_t minute, bool held)
{
    const struct waf_surge *surge = &rule->surge;
    int64_t last = minute + METRIC_MINUTE - 1;
    double sum = 0, each = surge->addresses.len ? surge->per_minute / (double)surge->addresses.len * begun(sim, surge, minute) : 0;
    for (size_t i = 0; each > 0 && i < surge->addresses.len; i++) {
        const char *ip = surge->addresses.at[i];
        bool stopped = is_held(sim, a, acl, ip, last);
        if (stopped == held && !(stopped && is_held(sim, a, acl, ip, last - PATIENCE_MS)))
            sum += each * (0.85 + 0.3 * sim_noise(sim, ip, minute));
    }
    return sum;
}

double waf_surges(const struct sim *sim, const struct account *a, const struct acl *acl, int64_t minute)
{
    double sum = 0;
    for (size_t i = 0; i < acl->rules.len; i++)
        sum += waf_surge(sim, a, acl, &acl->rules.at[i], minute, true);
    return sum;
}
