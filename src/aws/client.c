#include "aws/client.h"

#include <stdlib.h>
#include <string.h>

#include "aws/endpoint.h"
#include "aws/session.h"
#include "aws/write.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#define USUAL_REGION "us-east-1"
#define MAX_ITEMS    10000
#define CUT          "trivet:cut" /* among the members of an output: no service has such a one */
#define PAGES_EMPTY  50 /* in a row: a service that gives ever new places and nothing else is left */

struct aws_call {
    struct aws_session *session;
    struct aws_call *next, **self; /* in aws->calls */
    struct session_waiter waiter;
    bool waiting;
    struct exchange *exchange;
    struct loop_timer *timer;
    struct error failure;
    char *service, *operation, *region;
    json_t *input, *pages; /* pages: the first output, its lists grown by those after it */
    const struct aws_operation *model; /* with pages: NULL otherwise */
    int max_items, empty_pages;
    bool some; /* that there are more than max_items is nothing to tell */
    size_t collected;
    bool renewed;
    struct aws_keys used;
    aws_done *done;
    aws_write_done *write_done; /* instead, of a call that may change something */
    char request_id[AWS_REQUEST_ID_SIZE];
    aws_token_done *token_done; /* the EKS token instead of a call */
    void *arg;
};

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static struct aws_session *session_new(struct aws *aws)
{
    struct aws_session *s = mem_new(sizeof *s);
    s->aws = aws;
    s->rates = mem_new_array(aws_table.service_count, sizeof *s->rates);
    *vec_add(&aws->sessions) = s;
    return s;
}

struct aws *aws_new(struct loop *loop, struct http *http, const struct aws_options *options)
{
    struct aws *aws = mem_new(sizeof *aws);
    struct aws_core *core = &aws->core;
    const char *profile = options->profile ? options->profile : variable("AWS_PROFILE"), *attempts = variable("AWS_MAX_ATTEMPTS");
    core->loop = loop;
    core->http = http;
    core->log = options->log;
    core->config = aws_config_load();
    core->profile = mem_strdup(profile ? profile : "default");
    core->profile_chosen = options->profile != NULL;
    const char *region = variable("AWS_REGION"), *usual = variable("AWS_DEFAULT_REGION");
    const char *configured = aws_config_get(core->config, CONFIG_PROFILE, core->profile, "region");
    core->region = mem_strdup(options->region ? options->region : region ? region : usual ? usual : configured ? configured : USUAL_REGION);
    core->max_attempts = attempts ? atoi(attempts) : 3;
    if (core->max_attempts < 1 || core->max_attempts > 10)
        core->max_attempts = 3;
    core->bucket.tokens = RETRY_TOKENS;
    session_new(aws); /* [0] is the base session */
    return aws;
}

void aws_free(struct aws *aws)
{
    if (!aws)
        return;
    while (aws->calls)
        aws_cancel(aws->calls);
    for (size_t i = aws->sessions.len; i-- > 0;)
        session_free(aws->sessions.at[i]);
    vec_free(&aws->sessions);
    aws_config_free(aws->core.config);
    free(aws->core.profile);
    free(aws->core.region);
    free(aws);
}

struct aws_session *aws_session_base(struct aws *aws) { return aws->sessions.at[0]; }

struct aws_session *aws_session_assume(struct aws *aws, const struct aws_role *role)
{
    struct aws_session *s = session_new(aws);
    s->role = (struct aws_role){mem_strdup(role->role_arn), mem_strdup(role->external_id), mem_strdup(role->session_name), role->duration_s,
                                mem_strdup(role->mfa_serial), mem_strdup(role->region)};
    return s;
}

void aws_on_session(struct aws *aws, void (*changed)(void *arg, struct aws_session *session), void *arg)
{
    aws->changed = changed;
    aws->changed_arg = arg;
}

/* Calls */

static void call_free(struct aws_call *call)
{
    *call->self = call->next;
    if (call->next)
        call->next->self = call->self;
    aws_keys_free(&call->used);
    json_decref(call->input);
    json_decref(call->pages);
    free(call->service);
    free(call->operation);
    free(call->region);
    free(call);
}

void aws_cancel(struct aws_call *call)
{
    if (!call)
        return;
    if (call->waiting)
        session_unwait(call->session, &call->waiter);
    exchange_cancel(call->exchange);
    loop_cancel(call->session->aws->core.loop, call->timer);
    call_free(call);
}

static void finish(struct aws_call *call, json_t *output, const struct error *error)
{
    aws_done *done = call->done;
    aws_write_done *write_done = call->write_done;
    aws_token_done *token_done = call->token_done;
    void *arg = call->arg;
    char request_id[AWS_REQUEST_ID_SIZE];
    text_copy(request_id, sizeof request_id, error && *error->request_id ? error->request_id : call->request_id);
    struct error kept = error ? *error : (struct error){0};
    json_incref(output);
    call_free(call);
    if (token_done)
        token_done(arg, NULL, &kept);
    else if (write_done)
        write_done(arg, output, request_id, error ? &kept : NULL);
    else
        done(arg, output, error ? &kept : NULL);
    json_decref(output);
}

static void fail_later_fire(void *arg)
{
    struct aws_call *call = arg;
    call->timer = NULL;
    finish(call, NULL, &call->failure);
}

static void fail_later(struct aws_call *call) { call->timer = loop_after(call->session->aws->core.loop, 0, fail_later_fire, call); }

static void begin(struct aws_call *call);

/* The n-th of the names joined by ','; false past the last. */
static bool nth(const char *joined, size_t n, char *out, size_t size)
{
    for (; n > 0; n--) {
        joined = strchr(joined, ',');
        if (!joined)
            return false;
        joined++;
    }
    size_t len = strcspn(joined, ",");
    text_format(out, size, "%.*s", (int)len, joined);
    return len > 0;
}

/* Sets the tokens for the next page, and takes away those that only led to this one. False if there is none, or the service gives the same one
 * again. */
static bool next_page(struct aws_call *call, const json_t *output)
{
    const char *in = aws_name(&aws_table, call->model->page_input), *out = aws_name(&aws_table, call->model->page_output);
    const char *more = aws_name(&aws_table, call->model->page_more);
    char to[128], from[128];
    bool any = false, other = false;
    if (*more && !json_flag(output, more, false))
        return false;
    for (size_t i = 0; nth(in, i, to, sizeof to) && nth(out, i, from, sizeof from); i++) {
        json_t *token = json_at(output, from);
        bool present = token && !json_is_null(token) && !(json_is_string(token) && !*json_string_value(token));
        any |= present;
        other |= present && !json_equal(token, json_object_get(call->input, to));
        if (present)
            json_object_set(call->input, to, token);
        else
            json_object_del(call->input, to);
    }
    return any && other;
}

/* Appends the page's lists to those of the first page; returns how many there are now. */
static size_t collect(struct aws_call *call, json_t *output)
{
    const char *names = aws_name(&aws_table, call->model->page_result);
    char path[128];
    size_t most = 0;
    bool first = !call->pages;
    if (first)
        call->pages = json_incref(output);
    for (size_t i = 0; nth(names, i, path, sizeof path); i++) {
        json_t *whole = json_at(call->pages, path), *part = json_at(output, path);
        if (!first && json_is_array(whole) && json_is_array(part))
            json_array_extend(whole, part);
        else if (!first && part && !whole && !strchr(path, '.'))
            json_object_set(call->pages, path, part);
        size_t count = json_array_size(json_at(call->pages, path));
        most = count > most ? count : most;
    }
    return most;
}

/* Keeps the page; false if it was the last, or there is no end to them. */
static bool wants_more(struct aws_call *call, json_t *output)
{
    size_t before = call->collected;
    call->collected = collect(call, output);
    call->empty_pages = call->collected > before ? 0 : call->empty_pages + 1;
    bool more = next_page(call, output), full = call->collected >= (size_t)call->max_items;
    if (more && full && !call->some)
        json_object_set_new(call->pages, CUT, json_true());
    if (!more || full)
        call->empty_pages = 0;
    else if (call->empty_pages < PAGES_EMPTY)
        return true;
    else
        error_set(&call->failure, ERROR_PROTOCOL, "BadReply", "%s %s goes on page after page without a result", call->service, call->operation);
    return false;
}

bool aws_cut(const json_t *output) { return json_is_true(json_object_get(output, CUT)); }

static void answered(void *arg, json_t *output, const struct error *error)
{
    struct aws_call *call = arg;
    call->exchange = NULL;
    if (session_is_over(error) && !call->renewed) {
        call->renewed = true;
        session_expired(call->session, &call->used);
        begin(call);
    } else if (error)
        finish(call, NULL, error);
    else if (call->model && wants_more(call, output))
        begin(call);
    else if (call->empty_pages == PAGES_EMPTY)
        finish(call, NULL, &call->failure);
    else
        finish(call, call->model ? call->pages : output, NULL);
}

/* A presigned GetCallerIdentity with the cluster's name as a signed header. Source: aws-iam-authenticator, "API Authorization from Outside a
 * Cluster". */
static void make_token(struct aws_call *call, const struct aws_keys *keys)
{
    struct aws_core *core = &call->session->aws->core;
    struct aws_endpoint endpoint;
    struct aws_request request = {0};
    struct str url = STR_INIT(16384), token = STR_INIT(32768);
    const struct aws_service *sts = aws_service_find(&aws_table, "sts");
    if (!aws_endpoint_resolve(core->config, core->profile, sts, call->region, NULL, &endpoint, &call->failure)) {
        finish(call, NULL, &call->failure);
        return;
    }
    request.method = mem_strdup("GET");
    request.path = mem_strdup("/");
    request.query = mem_strdup("Action=GetCallerIdentity&Version=2011-06-15");
    aws_request_set_header(&request, "host", endpoint.host);
    aws_request_set_header(&request, "x-k8s-aws-id", call->service);
    struct sigv4 signer = {.keys = keys, .region = endpoint.region, .service = "sts", .at = loop_wall(core->loop) + core->skew_ms, .normalize = true};
    if (!sigv4_presign(&signer, &request, 60)) {
        error_set(&call->failure, ERROR_INPUT, "RequestTooLarge", "the token is too large to be signed");
        aws_request_free(&request);
        finish(call, NULL, &call->failure);
        return;
    }
    str_addf(&url, "%s%s/?%s", endpoint.base, endpoint.path, request.query);
    str_adds(&token, "k8s-aws-v1.");
    base64url_add(&token, str_text(&url), url.len);
    aws_request_free(&request);
    aws_token_done *done = call->token_done;
    void *arg = call->arg;
    call_free(call);
    done(arg, str_text(&token), NULL);
    str_wipe(&url);
    str_wipe(&token);
}

static void go(struct aws_call *call, const struct aws_keys *keys)
{
    if (call->token_done) {
        make_token(call, keys);
        return;
    }
    struct exchange_request request = {.service = call->service, .operation = call->operation, .input = call->input, .keys = keys,
                                       .region = call->region ? call->region : session_region(call->session),
                                       .rate = session_rate(call->session, call->service), .request_id = call->request_id};
    aws_keys_copy(&call->used, keys);
    call->exchange = exchange_start(&call->session->aws->core, &request, answered, call);
}

static void keys_came(void *arg, const struct error *error)
{
    struct aws_call *call = arg;
    const struct aws_keys *keys = error ? NULL : session_keys(call->session);
    call->waiting = false;
    if (error)
        finish(call, NULL, error);
    else if (keys)
        go(call, keys);
    else {
        struct error gone = {0};
        error_set(&gone, ERROR_AUTH, "ExpiredToken", "the session's keys ended as they came: is the clock right?");
        finish(call, NULL, &gone);
    }
}

static void token_fire(void *arg)
{
    struct aws_call *call = arg;
    call->timer = NULL;
    begin(call);
}

static void begin(struct aws_call *call)
{
    const struct aws_keys *keys = session_keys(call->session);
    if (keys) {
        go(call, keys);
        return;
    }
    call->waiter = (struct session_waiter){.ready = keys_came, .arg = call};
    call->waiting = session_wait(call->session, &call->waiter, &call->failure);
    if (!call->waiting)
        fail_later(call);
}

static struct aws_call *call_new(struct aws_session *session, const char *service, const char *operation, const char *region, void *arg)
{
    struct aws_call *call = mem_new(sizeof *call);
    struct aws *aws = session->aws;
    call->session = session;
    call->service = mem_strdup(service);
    call->operation = mem_strdup(operation);
    call->region = mem_strdup(region);
    call->arg = arg;
    call->self = &aws->calls;
    call->next = aws->calls;
    if (call->next)
        call->next->self = &call->next;
    aws->calls = call;
    return call;
}

static struct aws_call *call_start(struct aws_session *session, const char *service, const char *operation, const json_t *input,
                                   const struct aws_call_options *options, aws_done *done, aws_write_done *write_done, void *arg)
{
    struct aws_call *call = call_new(session, service, operation, options ? options->region : NULL, arg);
    const struct aws_service *s = aws_service_find(&aws_table, service);
    const struct aws_operation *model = s ? aws_operation_find(&aws_table, s, operation) : NULL;
    call->input = input ? json_deep_copy(input) : json_object();
    call->done = done;
    call->write_done = write_done;
    call->max_items = options && options->max_items ? options->max_items : MAX_ITEMS;
    call->some = options && options->some;
    if (options && options->all_pages && model && model->page_input)
        call->model = model;
    if (!model) {
        error_set(&call->failure, ERROR_INPUT, "UnknownOperation", "%s %s is not in src/aws/operations.txt", service, operation);
        fail_later(call);
    } else if ((model->flags & OPERATION_WRITE) && !write_done) {
        error_set(&call->failure, ERROR_INPUT, "WriteRefused", "%s %s changes something: only actions may call it", service, operation);
        fail_later(call);
    } else {
        begin(call);
    }
    return call;
}

struct aws_call *aws_call(struct aws_session *session, const char *service, const char *operation, const json_t *input,
                          const struct aws_call_options *options, aws_done *done, void *arg)
{
    return call_start(session, service, operation, input, options, done, NULL, arg);
}

struct aws_call *aws_call_write(struct aws_session *session, const char *service, const char *operation, const json_t *input,
                                const struct aws_call_options *options, aws_write_done *done, void *arg)
{
    return call_start(session, service, operation, input, options, NULL, done, arg);
}

struct aws_call *aws_eks_token(struct aws_session *session, const char *cluster, const char *region, aws_token_done *done, void *arg)
{
    struct aws_call *call = call_new(session, cluster, "", region ? region : session_region(session), arg);
    call->token_done = done;
    call->timer = loop_after(session->aws->core.loop, 0, token_fire, call); /* never calls back before it returns */
    return call;
}
