/* The edge's web ACL: rules, blocked and allowed counts over time, sampled requests. Everything in a sample was written by
 * a stranger; texts here are cleaned and cut already. */
#ifndef TRIVET_ESTATE_WAF_H
#define TRIVET_ESTATE_WAF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"

#define WAF_POINTS 60 /* minutes kept of each series */

struct waf_series {
    char rule[132];            /* metric's Rule dimension; "ALL" for the ACL */
    double blocked[WAF_POINTS], allowed[WAF_POINTS]; /* requests a minute, oldest first; NAN where there is no datum */
};

struct waf_rule {
    char name[132];
    char metric[132];
    char action[24];  /* block, count, allow, captcha; "managed" for a rule group */
    char kind[24];    /* managed, rate-based, match… */
    char group[72];   /* of a managed rule group: its name, AWSManagedRulesCommonRuleSet; "" */
    char set[200];    /* ARN of the IP set by whose addresses alone it decides; "" */
    bool sql_within;  /* it looks for SQL injection, but decides by other conditions as well */
    int64_t limit;    /* of a rate-based rule: requests in its window; 0: it is none */
    int priority;
};

struct waf_sample {
    int64_t at;
    char client[46];
    char country[4];
    char method[12];
    char uri[200];
    char rule[132];
    char action[16];
    char agent[120];
    double weight;
};

struct web_acl {
    char name[132];
    char metric[132];        /* by which CloudWatch knows it, which may be another name */
    char id[40], arn[200];
    char default_action[12]; /* allow, block: of what no rule decides; "" not told */
    int64_t capacity;
    VEC(struct waf_rule) rules;
    int64_t series_end;  /* wall ms of the end of the last minute in the series; 0: none yet */
    VEC(struct waf_series) series;   /* [0] is ALL once there is any */
    VEC(struct waf_sample) samples;  /* newest first */
};

/* The series of a metric name, or NULL. */
const struct waf_series *web_acl_series(const struct web_acl *acl, const char *metric);
#define RATE_LATE 15 /* minutes that data may come late: what is older still says nothing of now */
/* Mean per minute over the last `minutes` that have data; NAN if none has, of late. */
double waf_rate(const double points[WAF_POINTS], int minutes);
/* A rule's name for people: without what the names of all of AWS's managed groups begin with; borrowed. */
const char *waf_rule_short(const char *name);

#endif
