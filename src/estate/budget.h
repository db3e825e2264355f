/* Budgets: limit, actual, forecast, and whom a threshold tells. Money in the budget's own unit (USD). */
#ifndef TRIVET_ESTATE_BUDGET_H
#define TRIVET_ESTATE_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"

struct budget_notification {
    bool forecasted;     /* else actual */
    bool percent;        /* else an absolute amount */
    double threshold;
    bool alarm;          /* NotificationState ALARM */
    int subscribers;     /* whom it tells; -1 not known */
};

struct budget {
    char name[104];
    char unit[8], period[16], type[24];
    bool part;                      /* of the account's costs only: it has a filter */
    double limit, actual, forecast; /* NAN where not told */
    int64_t updated_at;             /* the service's own LastUpdatedTime */
    VEC(struct budget_notification) notifications;
};
/* The worst of what is known: actual over the limit, forecast over it, a threshold passed. */
enum budget_state { BUDGET_UNKNOWN, BUDGET_OK, BUDGET_THRESHOLD, BUDGET_FORECAST_OVER, BUDGET_OVER };
enum budget_state budget_state(const struct budget *budget);
/* Is it worth a person's look? Thresholds passed below four fifths of the limit are milestones of an ordinary month. */
bool budget_alarming(const struct budget *budget);
const char *budget_state_name(enum budget_state state); /* "ok", "threshold passed", "forecast over", "over" */

#endif
