/* What EventBridge Scheduler holds of a development account's nights: rows of schedules that trivet made, or that are named as its are. */
#ifndef TRIVET_ESTATE_SCHEDULED_H
#define TRIVET_ESTATE_SCHEDULED_H

#include <stdbool.h>
#include <stdint.h>

#define SCHEDULED_NAME_MAX 65 /* what the service allows, and its end */

enum scheduled_does { SCHEDULED_STOP_DATABASE, SCHEDULED_START_DATABASE, SCHEDULED_STOP_NODES, SCHEDULED_START_NODES, SCHEDULED_OTHER };

struct scheduled {
    char name[SCHEDULED_NAME_MAX];
    char expression[128]; /* "cron(0 20 ? * MON-FRI *)" */
    char timezone[64];
    char subject[64];     /* the database or node group; "" of SCHEDULED_OTHER */
    enum scheduled_does does;
    bool enabled;
    int desired;          /* nodes that it wakes; -1: it wakes none */
    int64_t not_before;   /* its StartDate: calls nothing before it; 0: none */
};

#endif
