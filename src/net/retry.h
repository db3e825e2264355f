/* Retries as the AWS SDKs' "standard" mode has them: full-jitter exponential back-off (base 1 s, cap 20 s)
 * and a bucket of 500 tokens shared by the calls of one client (5 a retry, 10 after a timeout, 1 back on success).
 * Source: AWS SDKs and Tools Reference Guide, "Retry behavior". Also used by kube/ and github/. */
#ifndef TRIVET_NET_RETRY_H
#define TRIVET_NET_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct retry_bucket {
    int tokens; /* starts at RETRY_TOKENS */
};
#define RETRY_TOKENS 500

struct retry {
    struct retry_bucket *bucket; /* borrowed */
    int attempt;                 /* attempts made so far */
    int max_attempts;
    int held;                    /* tokens taken for the retry under way */
};

void retry_init(struct retry *retry, struct retry_bucket *bucket, int max_attempts);
/* After a failed attempt: true if another may follow, with the wait in *delay_ms (error's retry_after_ms is honoured; one above
 * 20 s ends the tries, so that the error is seen meanwhile). */
bool retry_again(struct retry *retry, const struct error *error, int64_t *delay_ms);
void retry_success(struct retry *retry);
/* Is the error one that may go away: 500/502/503/504, 429, throttling codes, timeouts, connection faults? */
bool retry_is_transient(const struct error *error);
bool retry_is_throttling(const struct error *error);
/* After a call that changes something: is it sure that it was not done? It was never sent, nobody was reached, or the service says that it
 * refused. */
bool retry_was_not_done(const struct error *error);
/* retry_again() for what changes something: only if it was not done. */
bool retry_write_again(struct retry *retry, const struct error *error, int64_t *delay_ms);
/* Full jitter: 0..min(cap, base*2^n). */
int64_t retry_backoff(int n, int64_t base_ms, int64_t cap_ms);

#endif
