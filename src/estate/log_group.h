/* CloudWatch's log groups. */
#ifndef TRIVET_ESTATE_LOG_GROUP_H
#define TRIVET_ESTATE_LOG_GROUP_H

#include <stdint.h>

struct log_group {
    char name[256];
    char class[24];     /* STANDARD, INFREQUENT_ACCESS, DELIVERY; "" not told */
    int retention_days; /* 0: kept for ever */
    int64_t bytes;      /* -1 not known */
    int64_t created_at;
};

#endif
