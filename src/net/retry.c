#include "net/retry.h"

#include <stddef.h>

#include "base/digest.h"
#include "base/str.h"

#define BASE_MS      1000
#define CAP_MS       20000
#define COST         5
#define COST_TIMEOUT 10
#define REFUND       1

void retry_init(struct retry *retry, struct retry_bucket *bucket, int max_attempts)
{
    *retry = (struct retry){.bucket = bucket, .max_attempts = max_attempts};
}

bool retry_is_throttling(const struct error *error)
{
    static const char *const codes[] = {"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
                                        "TooManyRequestsException", "TooManyRequests", "RequestLimitExceeded", "BandwidthLimitExceeded",
                                        "LimitExceededException", "ProvisionedThroughputExceededException", "TransactionInProgressException",
                                        "PriorRequestNotComplete", "SlowDown", "EC2ThrottledException"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (text_equal(error->code, codes[i]))
            return true;
    return error->status == 429;
}

bool retry_is_transient(const struct error *error)
{
    if (error->kind == ERROR_TIMEOUT || error->kind == ERROR_NETWORK)
        return !text_equal(error->code, "TLS");
    int s = error->status;
    return retry_is_throttling(error) || s == 500 || s == 502 || s == 503 || s == 504 || text_equal(error->code, "RequestTimeout") ||
           text_equal(error->code, "RequestTimeoutException") || text_equal(error->code, "IDPCommunicationError");
}

bool retry_was_not_done(const struct error *error)
{
    static const char *const unreached[] = {"ConnectFailed", "UnknownHost", "TLS"};
    bool timed_out = error->status == 408 || text_starts(error->code, "RequestTimeout"); /* it gave up in the middle of something */
    for (size_t i = 0; i < sizeof unreached / sizeof *unreached; i++)
        if (error->kind == ERROR_NETWORK && text_equal(error->code, unreached[i]))
            return true;
    if (error->kind == ERROR_SERVICE)
        return retry_is_throttling(error) || (error->status >= 400 && error->status < 500 && !timed_out);
    return error->kind == ERROR_INPUT || error->kind == ERROR_AUTH;
}

bool retry_write_again(struct retry *retry, const struct error *error, int64_t *delay_ms)
{
    return retry_was_not_done(error) && retry_again(retry, error, delay_ms);
}

int64_t retry_backoff(int n, int64_t base_ms, int64_t cap_ms)
{
    int64_t most = base_ms;
    for (int i = 0; i < n && most < cap_ms; i++)
        most *= 2;
    if (most > cap_ms)
        most = cap_ms;
    uint32_t random;
    random_bytes(&random, sizeof random);
    return (int64_t)((uint64_t)random % (uint64_t)(most + 1));
}

bool retry_again(struct retry *retry, const struct error *error, int64_t *delay_ms)
{
    retry->attempt++;
    /* A wait that long is told at once and borne by whoever asks again. */
    if (retry->attempt >= retry->max_attempts || !retry_is_transient(error) || error->retry_after_ms > CAP_MS)
        return false;
    int cost = error->kind == ERROR_TIMEOUT ? COST_TIMEOUT : COST;
    if (retry->bucket->tokens < cost)
        return false;
    retry->bucket->tokens -= cost;
    retry->held = cost;
    *delay_ms = retry_backoff(retry->attempt - 1, BASE_MS, CAP_MS);
    if (error->retry_after_ms > *delay_ms)
        *delay_ms = error->retry_after_ms;
    return true;
}

void retry_success(struct retry *retry)
{
    int back = retry->held ? retry->held : REFUND;
    retry->held = 0;
    retry->bucket->tokens += back;
    if (retry->bucket->tokens > RETRY_TOKENS)
        retry->bucket->tokens = RETRY_TOKENS;
}
