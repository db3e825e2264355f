/* What was done to an account: calls that CloudTrail has recorded, actions that were run from this machine, and how alarms have turned. Names in them
 * are written by whoever may call: cleaned on their way in. */
#ifndef TRIVET_ESTATE_HISTORY_H
#define TRIVET_ESTATE_HISTORY_H

#include <stdint.h>

#include "base/vec.h"

struct trail_event { /* a write, or one that was refused */
    int64_t at;
    char name[80];     /* "RebootDBInstance" */
    char source[48];   /* "rds" */
    char user[80];
    char role[68];     /* of whose session it was; "" of a user, or not told */
    char resource[200];
    char error[96];    /* its code; "" if it was done */
};

struct own_action { /* of the audit log */
    int64_t at;
    char action[40], resource[300], phase[16], outcome[16], who[160], reason[300], summary[300];
};

struct alarm_turn { /* an alarm's state has changed */
    int64_t at;
    char name[256], from[24], to[24], reason[240];
};

#define TRAIL_EVENTS_MAX 200
#define ALARM_TURNS_MAX  200
#define OWN_ACTIONS_MAX  200
struct history {
    VEC(struct trail_event) trail; /* newest first */
    VEC(struct own_action) own;    /* newest first */
    VEC(struct alarm_turn) alarms; /* newest first */
};

#endif
