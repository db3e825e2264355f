/* What changed, newest last, bounded: a pod restarted, an alarm fired, an AZ swapped. */
#ifndef TRIVET_ESTATE_CHANGE_H
#define TRIVET_ESTATE_CHANGE_H

#include <stddef.h>
#include <stdint.h>

#include "estate/slice.h"

#define CHANGES_MAX 512

struct change {
    int64_t at;
    size_t account;
    enum feed feed;
    char subject[256]; /* pod, database, alarm… name: whole, for it is what leads go by */
    char text[160];    /* "CrashLoopBackOff (was Running)" */
};

struct change_feed {
    struct change ring[CHANGES_MAX];
    size_t count; /* ever; the newest is ring[(count - 1) % CHANGES_MAX] */
};
/* i = 0 is the newest; NULL beyond what is kept. */
const struct change *change_at(const struct change_feed *feed, size_t i);

#endif
