/* The organisation as the management account sees it, and an account's trail. */
#ifndef TRIVET_ESTATE_ORGANIZATION_H
#define TRIVET_ESTATE_ORGANIZATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"

struct member_account {
    char id[16];
    char name[64];
    char status[24]; /* ACTIVE, SUSPENDED, PENDING_CLOSURE */
    /* organisational units that it is under, nearest first: as far as a policy of the organisation's own is attached to one */
    char parents[6][72];
    size_t parent_count;
};

struct scp {
    char id[140];
    char name[132];
    bool aws_managed;
    VEC(char *) targets; /* ids of accounts, OUs or the root it is attached to; owned */
};

struct organization {
    char id[40];
    char feature_set[24];
    VEC(struct member_account) accounts;
    VEC(struct scp) scps;
    bool part;               /* there are more units under policies than were read: who is under them is not known */
};

struct trail {
    bool present;
    char name[132];
    char bucket[80];
    bool organization, multi_region, validated, logging;
    int64_t delivered_at;      /* last good delivery; 0 not known */
    char delivery_error[120];  /* "" if none */
};

#endif
