#include "kube/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"

#define TOKEN_LIFE_MS   600000 /* an EKS token is taken for 15 minutes */
#define TOKEN_LEAST_MS  15000
#define TOKEN_SIZE_MAX  65536
#define EXEC_LIMIT_MS   60000
#define EXEC_OUTPUT_MAX ((size_t)1 << 20)

struct kube *kube_new(struct loop *loop, struct http *http, const struct kube_options *options)
{
    struct kube *kube = mem_new(sizeof *kube);
    kube->loop = loop;
    kube->http = http;
    kube->log = options->log;
    kube->session = options->session;
    kube->name = mem_strdup(options->name);
    kube->region = mem_strdup(options->region);
    kube->context = mem_strdup(options->context);
    kube->bucket.tokens = RETRY_TOKENS;
    if (options->context)
        return kube; /* read when first asked for, so that a mistake in it has a reader */
    kube->access.source = options->token_file ? TOKEN_FILE : TOKEN_EKS;
    kube->access.token_file = mem_strdup(options->token_file);
    kube->access.ca_file = mem_strdup(options->ca_file);
    kube->access.server = mem_strdup(options->server);
    kube->found = options->server != NULL;
    return kube;
}

static void request_free(struct kube_request *r)
{
    if (r->previous)
        r->previous->next = r->next;
    else
        r->kube->requests = r->next;
    if (r->next)
        r->next->previous = r->previous;
    http_cancel(r->call);
    free(r->path);
    free(r->accept);
    free(r->method);
    free(r->type);
    free(r->body);
    free(r);
}

void kube_request_cancel(struct kube_request *r)
{
    if (r)
        request_free(r);
}

/* An error without a reply; the request is gone before it is told. */
static void request_fail(struct kube_request *r, const struct error *error)
{
    http_done *done = r->done;
    void *arg = r->arg;
    request_free(r);
    done(arg, NULL, error);
}

static void fail_waiting(struct kube *kube, const struct error *error)
{
    struct error copy = *error;
    bool found = true;
    while (found) { /* from the start each time: who is told may cancel others */
        found = false;
        for (struct kube_request *r = kube->requests; r && !found; r = r->next)
            if (r->waiting) {
                found = true;
                request_fail(r, &copy);
                break;
            }
    }
}

static void advance(struct kube *kube);

static void described(void *arg, json_t *output, const struct error *error)
{
    struct kube *kube = arg;
    struct error bad = {0};
    kube->describing = NULL;
    if (error) {
        fail_waiting(kube, error);
        return;
    }
    const char *endpoint = json_text(output, "cluster.endpoint"), *ca = json_text_or(output, "cluster.certificateAuthority.data", "");
    struct str pem = STR_INIT(STR_TEXT_MAX);
    if (!endpoint || !*endpoint || !base64_decode(ca, strlen(ca), &pem)) {
        error_set(&bad, ERROR_SERVICE, "ClusterNotReady", "%s: no endpoint yet (%s)", kube->name,
                  json_text_or(output, "cluster.status", "status not told"));
        str_free(&pem);
        fail_waiting(kube, &bad);
        return;
    }
    kube->access.server = mem_strdup(endpoint);
    kube->access.ca_pem = pem.len ? str_take(&pem) : NULL;
    str_free(&pem);
    kube->found = true;
    advance(kube);
}

static void keep_token(struct kube *kube, const char *token, int64_t until)
{
    mem_free_secret(kube->access.token);
    kube->access.token = mem_strdup(token);
    kube->token_until = until;
}

static void signed_token(void *arg, const char *token, const struct error *error)
{
    struct kube *kube = arg;
    kube->signing = NULL;
    if (error) {
        fail_waiting(kube, error);
        return;
    }
    keep_token(kube, token, loop_wall(kube->loop) + TOKEN_LIFE_MS);
    advance(kube);
}

/* ExecCredential, client.authentication.k8s.io/v1 and v1beta1. */
static void exec_done(void *arg, const char *out, size_t len, int exit_status, const struct error *error)
{
    struct kube *kube = arg;
    struct error bad = {0};
    kube->child = NULL;
    json_t *tree = error || exit_status ? NULL : json_load(out, len, &bad);
    const char *token = json_text(tree, "status.token");
    if (error)
        bad = *error;
    else if (exit_status)
        error_set(&bad, ERROR_AUTH, "ExecFailed", "the kubeconfig's exec program ended with %d", exit_status);
    else if (!token)
        error_set(&bad, ERROR_AUTH, "ExecFailed", "the kubeconfig's exec program gave no status.token");
    if (token && !error) {
        int64_t until = json_when(tree, "status.expirationTimestamp");
        int64_t soonest = loop_wall(kube->loop) + TOKEN_LEAST_MS; /* a program that gives old tokens is not run without end */
        keep_token(kube, token, !until ? INT64_MAX : until - 60000 > soonest ? until - 60000 : soonest);
    }
    json_decref(tree);
    if (bad.kind != ERROR_NONE)
        fail_waiting(kube, &bad);
    else
        advance(kube);
}

static bool read_token_file(struct kube *kube, struct error *e)
{
    struct str text = STR_INIT(TOKEN_SIZE_MAX);
    bool good = file_read(kube->access.token_file, TOKEN_SIZE_MAX, &text, e);
    if (good) {
        size_t len = strcspn(str_text(&text), " \r\n");
        str_cut(&text, len, text.len - len);
        keep_token(kube, str_text(&text), 0); /* read again for the next request: it is changed under us */
    }
    str_wipe(&text);
    return good;
}

/* Sees to a token; true if there is one that holds, or none is needed. Otherwise one is under way, or the waiting have been told. */
static bool has_token(struct kube *kube)
{
    struct error e = {0};
    const struct kube_access *a = &kube->access;
    if (a->source == TOKEN_NONE || a->source == TOKEN_STATIC || (a->token && loop_wall(kube->loop) < kube->token_until))
        return true;
    if (a->source == TOKEN_FILE) {
        if (read_token_file(kube, &e))
            return true;
        fail_waiting(kube, &e);
    } else if (a->source == TOKEN_EXEC && !kube->child) {
        kube->child = child_run(kube->loop, (const char *const *)a->exec_argv, (const char *const *)a->exec_env, EXEC_LIMIT_MS, EXEC_OUTPUT_MAX,
                                exec_done, kube);
    } else if (a->source == TOKEN_EKS && !kube->signing) {
        kube->signing = aws_eks_token(kube->session, kube->name, kube->region, signed_token, kube);
    }
    return false;
}

static void answered(void *arg, const struct http_reply *reply, const struct error *error);

static bool pass_on(void *arg, const char *data, size_t len)
{
    struct kube_request *r = arg;
    return r->data(r->arg, data, len);
}

static void send_now(struct kube_request *r)
{
    struct kube *kube = r->kube;
    const struct kube_access *a = &kube->access;
    struct str url = STR_INIT(65536), bearer = STR_INIT(TOKEN_SIZE_MAX + 16);
    size_t server = strlen(a->server);
    str_addf(&url, "%.*s%s", (int)(server - text_ends(a->server, "/")), a->server, r->path);
    str_addf(&bearer, "Bearer %s", a->token ? a->token : "");
    struct http_header headers[4] = {{"accept", r->accept}}, *next = headers + 1;
    if (a->token)
        *next++ = (struct http_header){"authorization", str_text(&bearer)};
    if (r->type)
        *next = (struct http_header){"content-type", r->type};
    struct http_request request = {.method = r->method ? r->method : "GET",
                                   .url = str_text(&url),
                                   .headers = headers,
                                   .body = r->body,
                                   .body_len = r->body ? strlen(r->body) : 0,
                                   .once = r->method != NULL,
                                   .total_timeout_ms = r->total_timeout_ms,
                                   .idle_timeout_ms = r->idle_timeout_ms,
                                   .max_reply = r->max_reply,
                                   .ca_file = a->ca_file,
                                   .ca_pem = a->ca_pem,
                                   .client_cert_pem = a->client_cert,
                                   .client_key_pem = a->client_key,
                                   .tls_server_name = a->tls_server_name,
                                   .label = "kube"};
    r->waiting = false;
    r->call = http_send(kube->http, &request, r->data ? pass_on : NULL, answered, r);
    str_wipe(&bearer);
    str_free(&url);
}

static bool is_found(struct kube *kube)
{
    struct error e = {0};
    if (kube->found)
        return true;
    if (kube->context) {
        kube->found = kubeconfig_read(&kube->access, kube->context, &e);
        if (!kube->found)
            fail_waiting(kube, &e);
        return kube->found;
    }
    if (!kube->describing) {
        json_t *input = json_pack("{s:s}", "name", kube->name);
        struct aws_call_options options = {.region = kube->region};
        kube->describing = aws_call(kube->session, "eks", "DescribeCluster", input, &options, described, kube);
        json_decref(input);
    }
    return false;
}

/* Whatever waits goes out, as soon as address and token are there. The two are asked for side by side. */
static void advance(struct kube *kube)
{
    bool found = is_found(kube), ready = has_token(kube);
    if (!found || !ready)
        return;
    for (struct kube_request *r = kube->requests; r; r = r->next)
        if (r->waiting)
            send_now(r);
}

void kube_status_error(const json_t *status, int http_status, struct error *e)
{
    char code[32];
    text_format(code, sizeof code, "HTTP%d", http_status);
    error_set(e, ERROR_SERVICE, json_text_or(status, "reason", http_status == 401 ? "Unauthorized" : code), "%s",
              json_text_or(status, "message", ""));
    e->status = http_status;
}

void kube_audit_id(const struct http_reply *reply, char out[KUBE_REQUEST_ID_SIZE])
{
    const char *id = http_header_of(reply, "audit-id");
    text_clean(out, KUBE_REQUEST_ID_SIZE, id ? id : "", id ? strlen(id) : 0);
}

static void answered(void *arg, const struct http_reply *reply, const struct error *error)
{
    struct kube_request *r = arg;
    struct kube *kube = r->kube;
    struct error e = {0};
    r->call = NULL;
    bool renewable = kube->access.source != TOKEN_NONE && kube->access.source != TOKEN_STATIC;
    if (reply && reply->status == 401 && renewable && !r->renewed) {
        r->renewed = true;
        r->waiting = true;
        kube->token_until = 0;
        advance(kube);
        return;
    }
    if (reply && (reply->status < 200 || reply->status > 299)) {
        struct error ignored;
        json_t *status = json_load_reply(reply->body, reply->len, &ignored);
        kube_status_error(status, reply->status, &e);
        e.retry_after_ms = http_retry_after(reply, loop_wall(kube->loop));
        kube_audit_id(reply, e.request_id);
        json_decref(status);
        error = &e;
    }
    http_done *done = r->done;
    void *done_arg = r->arg;
    request_free(r);
    done(done_arg, error ? NULL : reply, error);
}

static void advance_waiting(void *arg)
{
    struct kube *kube = arg;
    kube->starting = NULL;
    advance(kube);
}

struct kube_request *kube_send(struct kube *kube, const struct kube_request_options *options, http_data *data, http_done *done, void *arg)
{
    struct kube_request *r = mem_new(sizeof *r);
    *r = (struct kube_request){.kube = kube,
                               .next = kube->requests,
                               .path = mem_strdup(options->path),
                               .accept = mem_strdup(options->accept),
                               .method = mem_strdup(options->method),
                               .type = mem_strdup(options->type),
                               .body = mem_strdup(options->body),
                               .total_timeout_ms = options->total_timeout_ms,
                               .idle_timeout_ms = options->idle_timeout_ms,
                               .max_reply = options->max_reply,
                               .waiting = true,
                               .data = data,
                               .done = done,
                               .arg = arg};
    if (r->next)
        r->next->previous = r;
    kube->requests = r;
    /* On the next pass: the caller must have its handle before anything can fail. */
    if (!kube->starting)
        kube->starting = loop_after(kube->loop, 0, advance_waiting, kube);
    return r;
}

void kube_free(struct kube *kube)
{
    if (!kube)
        return;
    while (kube->tables)
        kube_table_stop(kube->tables);
    while (kube->logs)
        kube_log_stop(kube->logs);
    kube_calls_free(kube);
    while (kube->requests)
        request_free(kube->requests);
    loop_cancel(kube->loop, kube->starting);
    aws_cancel(kube->describing);
    aws_cancel(kube->signing);
    child_cancel(kube->child);
    kube_access_free(&kube->access);
    free(kube->name);
    free(kube->region);
    free(kube->context);
    free(kube);
}
