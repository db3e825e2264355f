#include "net/rate.h"

void rate_init(struct rate *rate, double per_second, double burst)
{
    *rate = (struct rate){.per_second = per_second, .burst = burst, .tokens = burst};
}

int64_t rate_take(struct rate *rate, int64_t now_ms)
{
    if (rate->per_second <= 0)
        return 0;
    if (rate->at && now_ms > rate->at)
        rate->tokens += (double)(now_ms - rate->at) / 1000.0 * rate->per_second;
    if (rate->tokens > rate->burst)
        rate->tokens = rate->burst;
    rate->at = now_ms;
    rate->tokens -= 1;
    if (rate->tokens >= 0)
        return 0;
    double wait = -rate->tokens / rate->per_second * 1000.0;
    return (int64_t)wait + ((double)(int64_t)wait < wait);
}
