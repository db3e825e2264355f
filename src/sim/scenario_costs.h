/* What an account's sections `costs:`, `logs:` and `scheduler:` say. */
#ifndef TRIVET_SIM_SCENARIO_COSTS_H
#define TRIVET_SIM_SCENARIO_COSTS_H

#include <stdint.h>

#include "base/vec.h"

struct cost_monitor {
    char *id, *name, *dimension; /* dimension NULL: SERVICE */
};

struct cost_subscription {
    char *id, *name, *frequency; /* frequency NULL: DAILY */
    VEC(char *) monitors, emails; /* monitors: their ids */
    double threshold;
};

struct cost_anomaly {
    char *service, *region, *account; /* account: id, NULL: this one */
    int64_t ago, lasts;               /* ms before the simulation's start; lasts 0: it goes on */
    double impact, expected;
};

struct account_costs {
    VEC(struct cost_monitor) monitors;
    VEC(struct cost_subscription) subscriptions;
    VEC(struct cost_anomaly) anomalies;
};

struct log_group {
    char *name;
    int64_t retention_days, mib, age; /* retention 0: never expires */
    int kind;                         /* enum log_kind */
    double per_minute;                /* events */
};
enum log_kind { LOG_APP, LOG_WEB, LOG_CLUSTER, LOG_DATABASE };

struct account_logs {
    VEC(struct log_group) groups;
};

/* A schedule of EventBridge Scheduler that is there from the beginning. */
struct schedule_row {
    char *name, *expression, *timezone, *api, *input, *role;
    char *kept_until; /* an expression: where its next time comes sooner than the schedule's own, the schedule was told to wait for it */
};

struct account_scheduler {
    VEC(struct schedule_row) schedules;
};

#endif
