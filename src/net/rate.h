/* A client-side rate limit: so many calls a second with a small burst. Says how long to wait; never blocks. */
#ifndef TRIVET_NET_RATE_H
#define TRIVET_NET_RATE_H

#include <stdint.h>

struct rate {
    double per_second; /* 0: no limit */
    double burst;
    double tokens;
    int64_t at; /* monotonic ms of the last reading */
};

void rate_init(struct rate *rate, double per_second, double burst);
/* Takes one token, in debt if need be; returns the ms to wait before the call may go out (0: now). */
int64_t rate_take(struct rate *rate, int64_t now_ms);

#endif
