#include "aws/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "aws/endpoint.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/when.h"

#define SKEW_NOTICED_MS 60000
#define IDLE_MS         20000 /* a service that says nothing for so long: the pane tells it rather than go on reading */

struct exchange {
    struct aws_core *core;
    const struct aws_service *service;
    const struct aws_operation *operation;
    json_t *input;
    char *region;
    struct aws_keys keys;
    bool is_signed, skew_corrected, moved;
    struct rate *rate;
    char *request_id;
    struct retry retry;
    struct aws_endpoint endpoint;
    struct http_call *call;
    struct loop_timer *timer;
    aws_done *done;
    void *arg;
    struct error failure; /* found before anything was sent; told on the next pass */
};

static void exchange_free(struct exchange *x)
{
    json_decref(x->input);
    free(x->region);
    aws_keys_free(&x->keys);
    free(x);
}

void exchange_cancel(struct exchange *x)
{
    if (!x)
        return;
    http_cancel(x->call);
    loop_cancel(x->core->loop, x->timer);
    exchange_free(x);
}

/* What changes something, or is paid for, must not be done twice because an answer was lost. */
static bool is_done_once(const struct exchange *x) { return x->operation && (x->operation->flags & (OPERATION_WRITE | OPERATION_BILLED)); }

static void finish(struct exchange *x, json_t *output, const struct error *error)
{
    aws_done *done = x->done;
    void *arg = x->arg;
    struct error kept = error ? *error : (struct error){0};
    exchange_free(x);
    done(arg, output, error ? &kept : NULL);
}

static void fail_later(void *arg)
{
    struct exchange *x = arg;
    struct error failure = x->failure;
    x->timer = NULL;
    finish(x, NULL, &failure);
}

static void send_now(void *arg);

/* A clock that is wrong is told by the reply's own date; such a call is made again once, at once. */
static bool skew_found(struct exchange *x, const struct http_reply *reply, const struct error *error)
{
    static const char *const codes[] = {"RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", "SignatureDoesNotMatch",
                                        "InvalidSignatureException", "AuthFailure"};
    int64_t theirs, now = loop_wall(x->core->loop);
    const char *date = http_header_of(reply, "date");
    bool about_time = false;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        about_time |= error_is(error, codes[i]);
    if (!about_time || x->skew_corrected || !date || !when_parse_http(date, &theirs))
        return false;
    int64_t skew = theirs - now;
    if (llabs(skew - x->core->skew_ms) < SKEW_NOTICED_MS)
        return false;
    log_line(x->core->log, "aws", "clock differs from the service's by %lld s: corrected", (long long)(skew / 1000));
    x->core->skew_ms = skew;
    x->skew_corrected = true;
    return true;
}

/* A bucket that is in another region than was thought: S3 says in which. */
static bool region_told(struct exchange *x, const struct http_reply *reply)
{
    const char *region = http_header_of(reply, "x-amz-bucket-region");
    if (x->moved || !region || (reply->status != 301 && reply->status != 307 && reply->status != 400) ||
        strcmp(aws_name(&aws_table, x->service->name), "s3") != 0 || !strcmp(region, x->region))
        return false;
    if (!*region || strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(region)) /* it becomes part of a host's name */
        return false;
    log_line(x->core->log, "aws", "the bucket is in %s, not in %s", region, x->region);
    free(x->region);
    x->region = mem_strdup(region);
    x->moved = true;
    return true;
}

static void again_or_finish(struct exchange *x, const struct error *error)
{
    int64_t delay;
    if (!(is_done_once(x) ? retry_write_again : retry_again)(&x->retry, error, &delay)) {
        finish(x, NULL, error);
        return;
    }
    log_line(x->core->log, "aws", "%s %s: %s, again in %lld ms", aws_name(&aws_table, x->service->name), aws_name(&aws_table, x->operation->name),
             error->code, (long long)delay);
    x->timer = loop_after(x->core->loop, delay, send_now, x);
}

static void answered(void *arg, const struct http_reply *reply, const struct error *error)
{
    struct exchange *x = arg;
    struct error e = {0};
    x->call = NULL;
    if (error) {
        again_or_finish(x, error);
        return;
    }
    if (x->request_id)
        aws_reply_request_id(reply, x->request_id);
    json_t *output = aws_reply_parse(&aws_table, x->service, x->operation, reply, &e);
    if (output) {
        retry_success(&x->retry);
        finish(x, output, NULL);
        json_decref(output);
        return;
    }
    e.retry_after_ms = http_retry_after(reply, loop_wall(x->core->loop));
    log_line(x->core->log, "aws", "%s %s: %d %s request %s", aws_name(&aws_table, x->service->name), aws_name(&aws_table, x->operation->name),
             e.status, e.code, e.request_id);
    if (skew_found(x, reply, &e) || region_told(x, reply))
        x->timer = loop_after(x->core->loop, 0, send_now, x);
    else
        again_or_finish(x, &e);
}

static void send_request(struct exchange *x, const struct aws_request *request)
{
    struct str url = STR_INIT(STR_TEXT_MAX);
    struct http_header *headers = mem_new_array(request->headers.len + 1, sizeof *headers);
    char label[128];
    size_t n = 0;
    str_addf(&url, "%s%s%s%s", x->endpoint.base, request->path, *request->query ? "?" : "", request->query);
    for (size_t i = 0; i < request->headers.len; i++)
        if (strcmp(request->headers.at[i].name, "host") != 0) /* curl writes it, from the URL */
            headers[n++] = (struct http_header){request->headers.at[i].name, request->headers.at[i].value};
    text_format(label, sizeof label, "%s %s", aws_name(&aws_table, x->service->name), aws_name(&aws_table, x->operation->name));
    struct http_request http = {.method = request->method, .url = str_text(&url), .headers = headers, .body = request->body.data,
                                .body_len = request->body.len, .idle_timeout_ms = IDLE_MS, .compressed = true,
                                .once = is_done_once(x), .label = label};
    x->call = http_send(x->core->http, &http, NULL, answered, x);
    free(headers);
    str_free(&url);
}

static void prefix_path(struct aws_request *request, const char *prefix)
{
    if (!*prefix)
        return;
    struct str path = STR_INIT(STR_TEXT_MAX);
    str_addf(&path, "%s%s", prefix, request->path);
    free(request->path);
    request->path = str_take(&path);
}

static bool build(struct exchange *x, struct aws_request *request)
{
    if (!aws_request_build(&aws_table, x->service, x->operation, x->input, request, &x->failure) ||
        !aws_endpoint_resolve(x->core->config, x->core->profile, x->service, x->region, request->host_prefix, &x->endpoint, &x->failure))
        return false;
    prefix_path(request, x->endpoint.path);
    aws_request_set_header(request, "host", x->endpoint.host);
    if (!x->is_signed)
        return true;
    const char *name = aws_name(&aws_table, x->service->signing_name);
    bool s3 = !strcmp(name, "s3");
    struct sigv4 signer = {.keys = &x->keys, .region = x->endpoint.region, .service = name, .at = loop_wall(x->core->loop) + x->core->skew_ms,
                           .single_encode = s3, .normalize = !s3, .sign_body_header = s3};
    if (sigv4_sign(&signer, request))
        return true;
    error_set(&x->failure, ERROR_INPUT, "RequestTooLarge", "the request is too large to be signed");
    return false;
}

static void send_now(void *arg)
{
    struct exchange *x = arg;
    struct aws_request request = {0};
    x->timer = NULL;
    if (build(x, &request))
        send_request(x, &request);
    else
        x->timer = loop_after(x->core->loop, 0, fail_later, x);
    aws_request_free(&request);
}

static bool find(struct exchange *x, const char *service, const char *operation)
{
    x->service = aws_service_find(&aws_table, service);
    x->operation = x->service ? aws_operation_find(&aws_table, x->service, operation) : NULL;
    if (!x->operation)
        error_set(&x->failure, ERROR_INPUT, "UnknownOperation", "%s %s is not in src/aws/operations.txt", service, operation);
    return x->operation != NULL;
}

struct exchange *exchange_start(struct aws_core *core, const struct exchange_request *request, aws_done *done, void *arg)
{
    struct exchange *x = mem_new(sizeof *x);
    x->core = core;
    x->input = request->input ? json_deep_copy(request->input) : json_object();
    x->region = mem_strdup(request->region ? request->region : core->region);
    x->is_signed = request->keys != NULL;
    if (request->keys)
        aws_keys_copy(&x->keys, request->keys);
    x->rate = request->rate;
    x->request_id = request->request_id;
    x->done = done;
    x->arg = arg;
    retry_init(&x->retry, &core->bucket, core->max_attempts);
    if (!find(x, request->service, request->operation))
        x->timer = loop_after(core->loop, 0, fail_later, x);
    else {
        int64_t wait = x->rate ? rate_take(x->rate, loop_now(core->loop)) : 0;
        if (wait > 0)
            x->timer = loop_after(core->loop, wait, send_now, x);
        else
            send_now(x);
    }
    return x;
}
