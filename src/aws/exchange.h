/* One signed exchange with a service: build, sign, wait for the rate limit, send, parse, retry. What client.c and credentials.c share. */
#ifndef TRIVET_AWS_EXCHANGE_H
#define TRIVET_AWS_EXCHANGE_H

#include "aws/client.h"
#include "aws/config_file.h"
#include "aws/sigv4.h"
#include "net/rate.h"
#include "net/retry.h"

/* What all sessions have in common. */
struct aws_core {
    struct loop *loop;
    struct http *http;
    struct log *log;
    struct aws_config *config;
    char *profile;       /* of the shared config */
    bool profile_chosen; /* by option: then keys in the environment are passed over */
    char *region;
    int max_attempts;
    struct retry_bucket bucket;
    int64_t skew_ms;     /* the services' clock less ours */
};

struct exchange;
struct exchange_request {
    const char *service, *operation;
    const json_t *input;         /* borrowed for the call; NULL: {} */
    const char *region;          /* NULL: core's */
    const struct aws_keys *keys; /* copied; NULL: unsigned */
    struct rate *rate;           /* borrowed; NULL: none */
    char *request_id;            /* borrowed, AWS_REQUEST_ID_SIZE bytes: the last reply's, written before done. NULL: not wanted */
};
/* Never calls back before it returns; once, unless cancelled. An operation that changes something is sent again only if it was surely not done. */
struct exchange *exchange_start(struct aws_core *core, const struct exchange_request *request, aws_done *done, void *arg);
void exchange_cancel(struct exchange *x); /* NULL is fine */

#endif
