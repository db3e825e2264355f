/* Private to network.c and listeners.c: one reading of an account's network, and which of its parts are complete. */
#ifndef TRIVET_FEEDS_NETWORK_H
#define TRIVET_FEEDS_NETWORK_H

#include "feeds/internal.h"

#define NETWORK_ROWS_MAX 4000 /* of each kind: what has more is told as not readable, never shown in part */

struct balanced_group { /* a target group, and whose */
    char arn[NETWORK_ARN], name[NETWORK_NAME];
    size_t balancer;
};

struct network_reading {
    struct calls calls;
    struct account_network network;
    struct network_plan plan;
    int asked[NETWORK_PARTS], answered[NETWORK_PARTS]; /* a part is known once all that was asked for it has been answered */
    bool full[NETWORK_PARTS];                          /* it has more rows than are kept */
    VEC(struct balanced_group) groups;
    size_t next_balancer, next_listener, next_group;   /* those that are asked about next */
};

void network_ask(struct network_reading *r, enum network_part part, const char *service, const char *operation, json_t *take_input,
                 calls_answer *answer, void *arg);
bool network_room(struct network_reading *r, enum network_part part, size_t len); /* for one more row */
void listeners_ask(struct feed_run *run); /* load balancers and their target groups, listeners, rules, certificates */
bool listeners_all_asked(const struct network_reading *r); /* false: a failure came in between */

#endif
