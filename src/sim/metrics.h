/* The world's figures as functions of simulated time: the same for the same seed and minute, whoever asks and when. */
#ifndef TRIVET_SIM_METRICS_H
#define TRIVET_SIM_METRICS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/scenario.h"

struct sim;

#define METRIC_MINUTE INT64_C(60000)

enum statistic { STAT_AVERAGE, STAT_SUM, STAT_MAXIMUM, STAT_MINIMUM, STAT_COUNT, STAT_PERCENTILE };

/* Where a CloudWatch metric's data come from. */
struct metric_source {
    const struct account *account;
    const struct metric *metric;   /* one of the scenario's, or */
    const struct acl *acl;         /* a web ACL's counts: */
    const struct waf_rule *rule;   /* of this rule; NULL: all */
    int waf;                       /* 0 blocked, 1 allowed, 2 counted */
    const struct net_target_group *targets; /* how many of a load balancer's: */
    bool healthy;
    int zone;                      /* of this zone; -1: of all */
};
/* False if nothing of that name was ever written. `dimensions`: [{Name, Value}], in any order. */
bool metric_find(const struct account *account, const char *space, const char *name, const json_t *dimensions, struct metric_source *out);
/* One period's statistic, of minutes that are over by `now`; false if there is none yet. percentile: 0..100 for STAT_PERCENTILE. */
bool metric_value(const struct sim *sim, const struct metric_source *source, int64_t start, int64_t period_ms, int64_t now, enum statistic statistic,
                  double percentile, double *out);

/* Requests in the minute that begins at `minute`: what a rule met; what no rule stopped. */
double waf_met(const struct sim *sim, const struct acl *acl, const struct waf_rule *rule, int64_t minute);
double waf_allowed(const struct sim *sim, const struct acl *acl, int64_t minute);

#endif
