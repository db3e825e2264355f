/* What a row can stand for that another account can have too. */
#ifndef TRIVET_UI_THING_H
#define TRIVET_UI_THING_H

#include <stddef.h>

enum thing_kind {
    THING_NONE,
    THING_DATABASE,
    THING_DEPLOYMENT,
    THING_CLUSTER,
    THING_NODE_GROUP,
    THING_FARGATE, /* a profile */
    THING_ADDON,   /* that EKS manages */
    THING_WEB_ACL,
    THING_BALANCER,
    THING_NETWORK,
    THING_GROUP, /* of security */
    THING_SECRET,
    THING_ALARM,
    THING_LOG_GROUP,
    THING_BUDGET,
    THING_ACCOUNT,
    THING_KINDS
};

struct thing { /* an element of the account's array of that kind */
    enum thing_kind kind;
    size_t account, index;
};

#endif
