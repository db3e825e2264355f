#include "net/http.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "base/when.h"
#include "net/multi.h"

#define REPLY_MAX_DEFAULT ((size_t)16 << 20)
#define HEADERS_MAX       ((size_t)256 << 10)
#define CONNECT_MS        5000
#define TOTAL_MS          60000
#define CONNECTIONS_MAX   64
#define RETRY_AFTER_MAX   60000
#define QUIET_S           20L   /* so long without a byte, and the other end is asked whether it is there */
#define ASK_AGAIN_S       10L
#define DEAD_MS           30000 /* so long without an answer, and the connection is given up */
#define STREAM_BUFFER     4096 /* curl keeps one for each, 16 KiB unless told: too much for a watch that brings a line now and then */

struct http {
    struct loop *loop;
    struct log *log;
    char *ca_bundle, *user_agent;
    CURLSH *share;
    struct http_call *calls;
    size_t pending, expected;
};

struct http_call {
    struct http *http;
    struct http_call *next, *previous;
    CURL *easy;
    struct loop_timer *later;   /* what cannot be done from inside curl's own callbacks, or before http_send returns */
    struct curl_slist *sent, *connect_to;
    char *body, *label, *method;
    size_t body_len;
    bool bad_header;
    char curl_error[CURL_ERROR_SIZE];
    struct str reply;
    struct str header_bytes; /* "name\0value\0…", lower-case names */
    bool headers_over;       /* the next header line begins another reply (100-continue) */
    bool sending, stopped, too_large, cancelled;
    bool brief; /* counts as pending */
    bool alone;
    size_t received;
    size_t stream_max; /* of what is streamed; 0: no end */
    int64_t began;
    http_data *data;
    http_done *done;
    void *arg;
};

static void on_transfer(void *arg, CURL *easy, CURLcode result);

struct http *http_new(struct loop *loop, const struct http_options *options)
{
    struct http *http = mem_new(sizeof *http);
    http->loop = loop;
    http->log = options->log;
    http->ca_bundle = mem_strdup(options->ca_bundle);
    http->user_agent = mem_strdup(options->user_agent);
    long most = options->max_connections ? options->max_connections : CONNECTIONS_MAX;
    CURLM *multi = loop_multi(loop);
    curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, most);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, most);
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    http->share = curl_share_init();
    curl_share_setopt(http->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    loop_on_transfer(loop, on_transfer, http);
    return http;
}

static void call_free(struct http_call *call)
{
    struct http *http = call->http;
    http->pending -= call->brief;
    *(call->previous ? &call->previous->next : &http->calls) = call->next;
    if (call->next)
        call->next->previous = call->previous;
    loop_cancel(http->loop, call->later);
    if (call->sending)
        loop_transfer_remove(http->loop, call->easy);
    curl_easy_cleanup(call->easy);
    curl_slist_free_all(call->connect_to);
    for (struct curl_slist *h = call->sent; h; h = h->next)
        mem_wipe(h->data, strlen(h->data)); /* authorization, tokens */
    curl_slist_free_all(call->sent);
    str_wipe(&call->reply);
    str_free(&call->header_bytes);
    if (call->body)
        mem_wipe(call->body, call->body_len); /* web identity and refresh tokens, MFA codes */
    free(call->body);
    free(call->label);
    free(call->method);
    free(call);
}

void http_free(struct http *http)
{
    if (!http)
        return;
    while (http->calls)
        call_free(http->calls);
    loop_on_transfer(http->loop, NULL, NULL);
    curl_share_cleanup(http->share);
    free(http->ca_bundle);
    free(http->user_agent);
    free(http);
}

static void free_later(void *arg)
{
    struct http_call *call = arg;
    call->later = NULL;
    call_free(call);
}

void http_cancel(struct http_call *call)
{
    if (!call)
        return;
    if (!loop_in_transfers(call->http->loop)) {
        call_free(call);
        return;
    }
    call->cancelled = true;
    loop_cancel(call->http->loop, call->later);
    call->later = loop_after(call->http->loop, 0, free_later, call);
}

static size_t on_body(char *bytes, size_t one, size_t len, void *arg)
{
    struct http_call *call = arg;
    (void)one;
    long status = 0;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    call->received += len;
    if (call->cancelled)
        return CURL_WRITEFUNC_ERROR;
    if (call->data && status >= 200 && status < 300) {
        call->too_large = call->stream_max && call->received > call->stream_max;
        if (call->too_large)
            return CURL_WRITEFUNC_ERROR;
        call->stopped = !call->data(call->arg, bytes, len);
        return call->stopped || call->cancelled ? CURL_WRITEFUNC_ERROR : len;
    }
    call->too_large = !str_add(&call->reply, bytes, len);
    return call->too_large ? CURL_WRITEFUNC_ERROR : len;
}

static void add_header(struct http_call *call, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len);
    if (!colon)
        return;
    for (const char *c = line; c < colon; c++)
        str_addc(&call->header_bytes, *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c);
    str_addc(&call->header_bytes, '\0');
    const char *value = colon + 1, *end = line + len;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && (end[-1] == '\n' || end[-1] == '\r' || end[-1] == ' '))
        end--;
    str_add(&call->header_bytes, value, (size_t)(end - value));
    str_addc(&call->header_bytes, '\0');
}

static bool tell_begun(struct http_call *call)
{
    long status = 0;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    if (call->cancelled || !call->data || status < 200 || status > 299)
        return !call->cancelled;
    call->stopped = !call->data(call->arg, "", 0);
    return !call->stopped && !call->cancelled;
}

static size_t on_header(char *line, size_t one, size_t len, void *arg)
{
    struct http_call *call = arg;
    (void)one;
    if (call->headers_over) {
        str_clear(&call->header_bytes);
        call->headers_over = false;
    }
    if (len <= 2) {
        call->headers_over = true;
        return tell_begun(call) ? len : 0;
    }
    add_header(call, line, len);
    call->too_large |= call->header_bytes.overflow;
    return call->header_bytes.overflow ? 0 : len;
}

/* The pairs as a table; one allocation, freed by the caller. */
static struct http_header *header_table(const struct str *bytes)
{
    size_t texts = 0, i = 0;
    for (size_t b = 0; b < bytes->len; b++)
        texts += bytes->data[b] == '\0';
    struct http_header *table = mem_new_array(texts / 2 + 1, sizeof *table);
    for (const char *p = str_text(bytes); i < texts / 2; i++) {
        table[i].name = p;
        p += strlen(p) + 1;
        table[i].value = p;
        p += strlen(p) + 1;
    }
    return table;
}

/* curl's "… after 3 ms: …" without the time, which makes one fault read like many. */
static void connect_failed(const char *text, struct error *e)
{
    static const char after[] = " after ";
    const char *cut = strstr(text, after), *end = cut ? cut + strlen(after) : NULL;
    size_t digits = end ? strspn(end, "0123456789") : 0;
    if (digits && text_starts(end + digits, " ms"))
        error_set(e, ERROR_NETWORK, "ConnectFailed", "%.*s%s", (int)(cut - text), text, end + digits + strlen(" ms"));
    else
        error_set(e, ERROR_NETWORK, "ConnectFailed", "%s", text);
}

static void explain(const struct http_call *call, CURLcode result, struct error *e)
{
    const char *text = *call->curl_error ? call->curl_error : curl_easy_strerror(result);
    if (call->stopped)
        error_set(e, ERROR_CANCELLED, "Cancelled", "ended by the receiver");
    else if (call->too_large)
        error_set(e, ERROR_PROTOCOL, "ReplyTooLarge", "the reply's %s are more than %zu bytes",
                  call->header_bytes.overflow ? "headers" : "contents", call->header_bytes.overflow ? HEADERS_MAX : call->reply.max);
    else if (result == CURLE_OPERATION_TIMEDOUT)
        error_set(e, ERROR_TIMEOUT, "Timeout", "%s", text);
    else if (result == CURLE_COULDNT_RESOLVE_HOST || result == CURLE_COULDNT_RESOLVE_PROXY)
        error_set(e, ERROR_NETWORK, "UnknownHost", "%s", text);
    else if (result == CURLE_COULDNT_CONNECT)
        connect_failed(text, e);
    else if (result == CURLE_PEER_FAILED_VERIFICATION || result == CURLE_SSL_CONNECT_ERROR || result == CURLE_SSL_CACERT_BADFILE ||
             result == CURLE_SSL_CERTPROBLEM || result == CURLE_SSL_CIPHER || result == CURLE_SSL_ISSUER_ERROR)
        error_set(e, ERROR_NETWORK, "TLS", "%s", text);
    else
        error_set(e, ERROR_NETWORK, "ConnectionLost", "%s", text);
}

static void log_call(struct http_call *call, const struct http_reply *reply, const struct error *e)
{
    char *url = NULL;
    const char *id = NULL;
    static const char *const ids[] = {"x-amzn-requestid", "x-amz-request-id", "x-github-request-id", "audit-id"};
    if (!call->http->log)
        return;
    curl_easy_getinfo(call->easy, CURLINFO_EFFECTIVE_URL, &url);
    for (size_t i = 0; reply && !id && i < sizeof ids / sizeof *ids; i++)
        id = http_header_of(reply, ids[i]);
    int64_t ms = loop_now(call->http->loop) - call->began;
    /* A query may hold a signature, and what stands before the host a password. */
    const char *scheme = url ? strstr(url, "://") : NULL, *host = scheme ? scheme + 3 : "";
    const char *user = memchr(host, '@', strcspn(host, "/?#"));
    host = user ? user + 1 : host;
    log_line(call->http->log, "http", "%s %s %.*s%.*s %d %lldms %zuB%s%s%s%s", call->label ? call->label : "-", call->method,
             scheme ? (int)(scheme + 3 - url) : 0, url ? url : "", (int)strcspn(host, "?"), host,
             reply ? reply->status : 0, (long long)ms, call->received, id ? " id=" : "", id ? id : "", e ? " error=" : "", e ? e->code : "");
}

static void on_transfer(void *arg, CURL *easy, CURLcode result)
{
    struct http_call *call = NULL;
    (void)arg;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &call);
    if (call->cancelled) {
        call_free(call);
        return;
    }
    struct error e = {0};
    struct http_reply reply = {0};
    struct http_header *headers = NULL;
    if (result == CURLE_OK) {
        long status = 0, version = CURL_HTTP_VERSION_NONE;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
        headers = header_table(&call->header_bytes);
        reply = (struct http_reply){(int)status, str_text(&call->reply), call->reply.len, headers, version >= CURL_HTTP_VERSION_2_0};
    } else {
        explain(call, result, &e);
    }
    bool good = result == CURLE_OK;
    log_call(call, good ? &reply : NULL, good ? NULL : &e);
    /* The call is finished before it is told: a cancel from inside must not find it. */
    http_done *done = call->done;
    void *done_arg = call->arg;
    struct str body = call->reply, header_bytes = call->header_bytes;
    call->reply = call->header_bytes = (struct str){0};
    call_free(call);
    done(done_arg, good ? &reply : NULL, good ? NULL : &e);
    str_wipe(&body);
    str_free(&header_bytes);
    free(headers);
}

static void set_tls(CURL *easy, const struct http *http, const struct http_request *request)
{
    struct curl_blob blob = {.flags = CURL_BLOB_COPY};
    if (request->ca_pem) {
        blob.data = (void *)(uintptr_t)request->ca_pem;
        blob.len = strlen(request->ca_pem);
        curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
    } else if (request->ca_file || http->ca_bundle) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, request->ca_file ? request->ca_file : http->ca_bundle);
    }
    if (request->client_cert_pem && request->client_key_pem) {
        blob.data = (void *)(uintptr_t)request->client_cert_pem;
        blob.len = strlen(request->client_cert_pem);
        curl_easy_setopt(easy, CURLOPT_SSLCERT_BLOB, &blob);
        blob.data = (void *)(uintptr_t)request->client_key_pem;
        blob.len = strlen(request->client_key_pem);
        curl_easy_setopt(easy, CURLOPT_SSLKEY_BLOB, &blob);
        curl_easy_setopt(easy, CURLOPT_SSLCERTTYPE, "PEM");
        curl_easy_setopt(easy, CURLOPT_SSLKEYTYPE, "PEM");
    }
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
}

/* A connection that many calls share must not stay when the other end has silently gone (a machine that slept, a NAT that forgot): each new call
 * would go into it and wait in vain, for a quarter of an hour if the kernel alone decided. */
static int on_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
    int dead = DEAD_MS;
    (void)arg;
    (void)purpose;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead, sizeof dead);
    return CURL_SOCKOPT_OK;
}

static void set_limits(CURL *easy, const struct http_request *request)
{
    int64_t connect = request->connect_timeout_ms ? request->connect_timeout_ms : CONNECT_MS;
    int64_t total = request->total_timeout_ms ? request->total_timeout_ms : TOTAL_MS;
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(total > 0 ? total : 0));
    if (request->idle_timeout_ms > 0) {
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)((request->idle_timeout_ms + 999) / 1000));
    }
}

static void set_body(struct http_call *call, const struct http_request *request)
{
    bool is_get = text_equal(request->method, "GET");
    if (request->body_len || !(is_get || text_equal(request->method, "HEAD"))) {
        call->body = mem_new(request->body_len + 1);
        call->body_len = request->body_len;
        if (request->body_len)
            memcpy(call->body, request->body, request->body_len);
        curl_easy_setopt(call->easy, CURLOPT_POSTFIELDS, call->body);
        curl_easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
    }
    if (text_equal(request->method, "HEAD"))
        curl_easy_setopt(call->easy, CURLOPT_NOBODY, 1L);
    else if (!is_get || request->body_len)
        curl_easy_setopt(call->easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static void set_headers(struct http_call *call, const struct http_request *request)
{
    struct str line = STR_INIT(HEADERS_MAX);
    bool has_type = false;
    for (const struct http_header *h = request->headers; h && h->name; h++) {
        has_type |= text_same_case(h->name, "content-type");
        str_clear(&line);
        /* curl drops a header that has no value unless it ends in ';'. */
        str_addf(&line, *h->value ? "%s: %s" : "%s;%s", h->name, h->value);
        call->sent = curl_slist_append(call->sent, str_text(&line));
    }
    if (!has_type)
        call->sent = curl_slist_append(call->sent, "Content-Type:"); /* none, rather than curl's guess */
    call->sent = curl_slist_append(call->sent, "Expect:");
    str_wipe(&line);
    curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->sent);
}

/* The certificate is asked for and checked by another name than the address has: the address takes that name, the connection goes where it
 * went, and the Host header stays. */
static void set_server_name(struct http_call *call, const struct http_request *request)
{
    CURLU *parts = curl_url();
    char *host = NULL, *port = NULL, *url = NULL;
    struct str text = STR_INIT(4096);
    if (parts && !curl_url_set(parts, CURLUPART_URL, request->url, 0) && !curl_url_get(parts, CURLUPART_HOST, &host, 0) &&
        !curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) && !curl_url_set(parts, CURLUPART_HOST, request->tls_server_name, 0) &&
        !curl_url_get(parts, CURLUPART_URL, &url, 0)) {
        str_addf(&text, "%s:%s:%s:%s", request->tls_server_name, port, host, port);
        call->connect_to = curl_slist_append(NULL, str_text(&text));
        str_clear(&text);
        str_addf(&text, "Host: %s%s%s", host, text_equal(port, "443") ? "" : ":", text_equal(port, "443") ? "" : port);
        call->sent = curl_slist_append(call->sent, str_text(&text));
        curl_easy_setopt(call->easy, CURLOPT_CONNECT_TO, call->connect_to);
        curl_easy_setopt(call->easy, CURLOPT_URL, url);
    }
    str_free(&text);
    curl_free(host);
    curl_free(port);
    curl_free(url);
    curl_url_cleanup(parts);
}

static void set_all(struct http_call *call, const struct http_request *request)
{
    CURL *easy = call->easy;
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L); /* what was signed is what is sent */
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    bool tls = strncasecmp(request->url, "https:", 6) == 0;
    /* Where the handshake tells that the connection can be shared, it is worth waiting for. Without one, the wait is for a whole reply. */
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, tls ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, request->once ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_SHARE, call->http->share);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->curl_error);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L); /* a proxy's "200" is not the reply's */
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, QUIET_S);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, ASK_AGAIN_S);
    curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
    if (call->http->user_agent)
        curl_easy_setopt(easy, CURLOPT_USERAGENT, call->http->user_agent);
    if (request->compressed)
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    if (!tls)
        curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* what is not encrypted stays on this machine, or on its link */
    set_tls(easy, call->http, request);
    set_limits(easy, request);
    if (!call->brief)
        curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)STREAM_BUFFER);
    set_body(call, request);
    if (request->tls_server_name)
        set_server_name(call, request);
    set_headers(call, request);
}

static void refuse(void *arg)
{
    struct http_call *call = arg;
    struct error e = {0};
    http_done *done = call->done;
    void *done_arg = call->arg;
    call->later = NULL;
    if (call->bad_header)
        error_set(&e, ERROR_INPUT, "BadHeader", "a header of the request holds a line break or another control character: is a token's file whole?");
    else
        error_set(&e, ERROR_INPUT, "PlainHTTP", "http:// is only used on loopback; give an https:// address");
    call_free(call);
    done(done_arg, NULL, &e);
}

static void start(void *arg)
{
    struct http_call *call = arg;
    call->later = NULL;
    call->sending = true;
    loop_transfer_add(call->http->loop, call->easy);
}

/* A line break would end a header and begin another one, of whoever wrote the token. */
static bool has_control(const struct http_header *headers)
{
    for (const struct http_header *h = headers; h && h->name; h++)
        for (const char *c = h->value; *c; c++)
            if (((unsigned char)*c < 0x20 && *c != '\t') || *c == 0x7F)
                return true;
    return false;
}

struct http_call *http_send(struct http *http, const struct http_request *request, http_data *data, http_done *done, void *arg)
{
    struct http_call *call = mem_new(sizeof *call);
    call->http = http;
    call->next = http->calls;
    if (call->next)
        call->next->previous = call;
    http->calls = call;
    call->data = data;
    call->done = done;
    call->arg = arg;
    call->began = loop_now(http->loop);
    call->brief = request->total_timeout_ms >= 0 && request->total_timeout_ms <= TOTAL_MS;
    http->pending += call->brief;
    call->alone = request->alone;
    call->label = mem_strdup(request->label);
    call->method = mem_strdup(request->method);
    str_init(&call->reply, request->max_reply ? request->max_reply : REPLY_MAX_DEFAULT);
    str_init(&call->header_bytes, HEADERS_MAX);
    call->stream_max = request->max_reply;
    call->bad_header = has_control(request->headers);
    if (call->bad_header || (!http_url_allowed(request->url) && !(request->metadata && http_url_metadata(request->url)))) {
        call->later = loop_after(http->loop, 0, refuse, call);
        return call;
    }
    call->easy = curl_easy_init();
    set_all(call, request);
    if (loop_in_transfers(http->loop))
        call->later = loop_after(http->loop, 0, start, call);
    else
        start(call);
    return call;
}

size_t http_pending(const struct http *http) { return http->pending; }

size_t http_held_connections(const struct http *http)
{
    size_t count = http->expected;
    for (const struct http_call *call = http->calls; call; call = call->next) {
        long version = CURL_HTTP_VERSION_NONE; /* until the reply begins */
        if (call->brief || !call->easy)
            continue;
        curl_easy_getinfo(call->easy, CURLINFO_HTTP_VERSION, &version);
        count += version == CURL_HTTP_VERSION_NONE ? call->alone : version < CURL_HTTP_VERSION_2_0;
    }
    return count;
}

void http_expect_held(struct http *http, bool more) { http->expected += more ? 1 : (size_t)-1; }

const char *http_header_of(const struct http_reply *reply, const char *name)
{
    for (const struct http_header *h = reply->headers; h && h->name; h++)
        if (text_same_case(h->name, name))
            return h->value;
    return NULL;
}

int http_retry_after(const struct http_reply *reply, int64_t wall_ms)
{
    const char *value = http_header_of(reply, "retry-after");
    int64_t at, ms = 0;
    if (!value)
        return 0;
    if (*value >= '0' && *value <= '9')
        ms = strspn(value, "0123456789") > 9 ? INT64_MAX : strtoll(value, NULL, 10) * 1000;
    else if (when_parse_http(value, &at))
        ms = at - wall_ms;
    return ms < 0 ? 0 : ms > RETRY_AFTER_MAX ? RETRY_AFTER_MAX : (int)ms;
}

static bool host_is_loopback(const char *host)
{
    unsigned a, b, c, d;
    char rest;
    if (text_same_case(host, "localhost") || text_equal(host, "[::1]"))
        return true;
    return sscanf(host, "%3u.%3u.%3u.%3u%c", &a, &b, &c, &d, &rest) == 4 && a == 127 && b < 256 && c < 256 && d < 256;
}

bool http_url_allowed(const char *url)
{
    CURLU *parts = curl_url();
    char *host = NULL, *scheme = NULL;
    bool allowed = false;
    if (parts && !curl_url_set(parts, CURLUPART_URL, url, 0) && !curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) &&
        !curl_url_get(parts, CURLUPART_HOST, &host, 0))
        allowed = text_equal(scheme, "https") || (text_equal(scheme, "http") && host_is_loopback(host));
    curl_free(host);
    curl_free(scheme);
    curl_url_cleanup(parts);
    return allowed;
}
