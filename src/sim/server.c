#include "sim/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/vec.h"
#include "base/when.h"

#define BODY_MAX        ((size_t)1 << 20)
#define REPLY_MAX       ((size_t)256 << 20)
#define HEADERS_MAX     24
#define CONNECTION_MEMORY ((size_t)64 << 10) /* a request's line and headers */

struct header {
    char *name, *value;
};

struct server_reply {
    int status;
    struct header headers[HEADERS_MAX];
    size_t header_count;
    struct str body;
    int64_t delay_ms;
    bool abort, truncate, stream;
};

struct server_stream {
    void (*closed)(void *arg);
    void *arg;
    bool ended, broken;
};

/* One request and its reply, from the request line until MHD says that it is completed. */
struct exchange {
    struct server *server;
    struct MHD_Connection *connection;
    char *uri; /* path and query as sent */
    struct str request_body;
    bool headers_seen, handled, queued, suspended, too_large;
    int64_t due; /* monotonic ms of a delayed reply; 0 none */
    struct server_reply reply;
    struct server_stream stream;
    size_t sent; /* of reply.body, when it is read by pieces */
};

struct server {
    struct MHD_Daemon *daemon;
    server_handler *handle;
    void *arg;
    int port, epoll_fd;
    bool stopping; /* nothing may be put to sleep any more */
    bool woken;    /* MHD has a connection to go on with, which it does not tell in its time limit */
    VEC(struct exchange *) exchanges;
};

/* The request. */

const char *server_header(const struct server_request *request, const char *name)
{
    return MHD_lookup_connection_value((struct MHD_Connection *)request->headers, MHD_HEADER_KIND, name);
}

struct each {
    void (*call)(void *arg, const char *name, const char *value);
    void *arg;
};

static enum MHD_Result each_header(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct each *each = cls;
    (void)kind;
    each->call(each->arg, name, value ? value : "");
    return MHD_YES;
}

void server_headers(const struct server_request *request, void (*each)(void *arg, const char *name, const char *value), void *arg)
{
    struct each call = {each, arg};
    MHD_get_connection_values((struct MHD_Connection *)request->headers, MHD_HEADER_KIND, each_header, &call);
}

char *server_query(const struct server_request *request, const char *name)
{
    for (const char *p = request->query; *p; p += *p == '&') {
        size_t len = strcspn(p, "&"), key_len = strcspn(p, "=&");
        struct str key = STR_INIT(BODY_MAX), value = STR_INIT(BODY_MAX);
        percent_decode(p, key_len, true, &key);
        bool found = strcmp(str_text(&key), name) == 0;
        str_free(&key);
        if (found) {
            if (key_len < len)
                percent_decode(p + key_len + 1, len - key_len - 1, true, &value);
            return value.data ? str_take(&value) : mem_strdup("");
        }
        p += len;
    }
    return NULL;
}

/* The reply. */

void reply_status(struct server_reply *reply, int status) { reply->status = status; }

void reply_header(struct server_reply *reply, const char *name, const char *value)
{
    for (size_t i = 0; i < reply->header_count; i++)
        if (text_same_case(reply->headers[i].name, name)) {
            free(reply->headers[i].value);
            reply->headers[i].value = mem_strdup(value);
            return;
        }
    if (reply->header_count < HEADERS_MAX)
        reply->headers[reply->header_count++] = (struct header){mem_strdup(name), mem_strdup(value)};
}

int reply_status_of(const struct server_reply *reply) { return reply->status; }
struct str *reply_body(struct server_reply *reply) { return &reply->body; }
void reply_delay(struct server_reply *reply, int64_t ms) { reply->delay_ms += ms; }
void reply_abort(struct server_reply *reply) { reply->abort = true; }
void reply_truncate(struct server_reply *reply) { reply->truncate = true; }

static struct exchange *of_reply(struct server_reply *reply) { return (struct exchange *)((char *)reply - offsetof(struct exchange, reply)); }
static struct exchange *of_stream(struct server_stream *stream) { return (struct exchange *)((char *)stream - offsetof(struct exchange, stream)); }

struct server_stream *reply_stream(struct server_reply *reply, void (*closed)(void *arg), void *arg)
{
    struct exchange *x = of_reply(reply);
    reply->stream = true;
    x->stream.closed = closed;
    x->stream.arg = arg;
    return &x->stream;
}

static void wake(struct exchange *x)
{
    if (x->suspended && !x->due) {
        x->suspended = false;
        x->server->woken = true;
        MHD_resume_connection(x->connection);
    }
}

void server_stream_write(struct server_stream *stream, const void *data, size_t len)
{
    struct exchange *x = of_stream(stream);
    if (!str_add(&x->reply.body, data, len))
        stream->broken = true; /* a reader so slow is cut off */
    wake(x);
}

void server_stream_end(struct server_stream *stream)
{
    stream->ended = true;
    wake(of_stream(stream));
}

/* MHD asks for more of a stream: nothing yet means that the connection sleeps until something is written. */
static ssize_t read_stream(void *cls, uint64_t position, char *to, size_t max)
{
    struct exchange *x = cls;
    size_t left = x->reply.body.len - x->sent, take = left < max ? left : max;
    (void)position;
    if (x->stream.broken || x->server->stopping)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (take > 0) {
        memcpy(to, x->reply.body.data + x->sent, take);
        x->sent += take;
        if (x->sent == x->reply.body.len) {
            str_clear(&x->reply.body);
            x->sent = 0;
        }
        return (ssize_t)take;
    }
    if (x->stream.ended)
        return MHD_CONTENT_READER_END_OF_STREAM;
    x->suspended = true;
    MHD_suspend_connection(x->connection);
    return 0;
}

/* Announces the whole length and breaks off half way. */
static ssize_t read_half(void *cls, uint64_t position, char *to, size_t max)
{
    struct exchange *x = cls;
    size_t half = x->reply.body.len / 2, at = (size_t)position;
    if (at >= half)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t take = half - at < max ? half - at : max;
    memcpy(to, x->reply.body.data + at, take);
    return (ssize_t)take;
}

static enum MHD_Result queue(struct exchange *x)
{
    struct server_reply *r = &x->reply;
    struct MHD_Response *response;
    x->queued = true;
    if (r->abort)
        return MHD_NO;
    if (r->stream)
        response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 16384, read_stream, x, NULL);
    else if (r->truncate && r->body.len > 1)
        response = MHD_create_response_from_callback(r->body.len, 16384, read_half, x, NULL);
    else /* the bytes live as long as the exchange, which outlives the response */
        response = MHD_create_response_from_buffer(r->body.len, r->body.data ? r->body.data : (char *)"", MHD_RESPMEM_PERSISTENT);
    if (!response)
        return MHD_NO;
    for (size_t i = 0; i < r->header_count; i++)
        MHD_add_response_header(response, r->headers[i].name, r->headers[i].value);
    enum MHD_Result result = MHD_queue_response(x->connection, (unsigned)r->status, response);
    MHD_destroy_response(response);
    return result;
}

/* MHD's call-backs. */

static void *on_uri(void *cls, const char *uri, struct MHD_Connection *connection)
{
    struct server *server = cls;
    struct exchange *x = mem_new(sizeof *x);
    x->server = server;
    x->connection = connection;
    x->uri = mem_strdup(uri);
    str_init(&x->request_body, BODY_MAX);
    str_init(&x->reply.body, REPLY_MAX);
    x->reply.status = MHD_HTTP_OK;
    *vec_add(&server->exchanges) = x;
    return x;
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **context, enum MHD_RequestTerminationCode code)
{
    struct server *server = cls;
    struct exchange *x = *context;
    (void)connection, (void)code;
    if (!x)
        return;
    *context = NULL;
    for (size_t i = 0; i < server->exchanges.len; i++)
        if (server->exchanges.at[i] == x) {
            vec_remove(&server->exchanges, i);
            break;
        }
    if (x->reply.stream && x->stream.closed)
        x->stream.closed(x->stream.arg);
    for (size_t i = 0; i < x->reply.header_count; i++) {
        free(x->reply.headers[i].name);
        free(x->reply.headers[i].value);
    }
    str_free(&x->reply.body);
    str_free(&x->request_body);
    free(x->uri);
    free(x);
}

static void handle(struct exchange *x, const char *method)
{
    char *question = strchr(x->uri, '?');
    if (question)
        *question = '\0';
    struct server_request request = {.method = method, .path = x->uri, .query = question ? question + 1 : "", .body = str_text(&x->request_body),
                                     .body_len = x->request_body.len, .headers = x->connection};
    x->handled = true;
    if (x->too_large)
        x->reply.status = MHD_HTTP_CONTENT_TOO_LARGE;
    else
        x->server->handle(x->server->arg, &request, &x->reply);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
                                  const char *data, size_t *data_len, void **context)
{
    struct exchange *x = *context;
    (void)cls, (void)url, (void)version;
    if (x->server->stopping)
        return MHD_NO;
    if (!x->headers_seen) {
        x->headers_seen = true;
        return MHD_YES;
    }
    if (*data_len > 0) {
        x->too_large |= !str_add(&x->request_body, data, *data_len);
        *data_len = 0;
        return MHD_YES;
    }
    if (!x->handled) {
        handle(x, method);
        if (x->reply.delay_ms > 0) {
            x->due = when_monotonic() + x->reply.delay_ms;
            x->suspended = true;
            MHD_suspend_connection(connection);
            return MHD_YES;
        }
    }
    return x->queued || x->due ? MHD_YES : queue(x);
}

/* The server. */

static void on_log(void *cls, const char *format, va_list ap)
{
    (void)cls, (void)format, (void)ap; /* clients that hang up are no news */
}

struct server *server_new(int port, server_handler *handler, void *arg, struct error *e)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct server *server = mem_new(sizeof *server);
    server->handle = handler;
    server->arg = arg;
    server->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, server,
                                      MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_URI_LOG_CALLBACK, on_uri,
                                      server, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                                      CONNECTION_MEMORY, MHD_OPTION_CONNECTION_LIMIT, 1000u, MHD_OPTION_LISTEN_BACKLOG_SIZE, 511u, MHD_OPTION_END);
    if (!server->daemon) {
        error_set(e, ERROR_NETWORK, "bind", "cannot listen on 127.0.0.1:%d: %s", port, strerror(errno));
        free(server);
        return NULL;
    }
    server->port = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    server->epoll_fd = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    return server;
}

void server_free(struct server *server)
{
    if (!server)
        return;
    server->stopping = true;
    for (size_t i = 0; i < server->exchanges.len; i++) { /* MHD will not stop while a connection sleeps */
        struct exchange *x = server->exchanges.at[i];
        x->stream.broken = true;
        x->reply.abort = true;
        x->due = 0;
        wake(x);
    }
    MHD_run(server->daemon);
    MHD_stop_daemon(server->daemon);
    vec_free(&server->exchanges);
    free(server);
}

int server_port(const struct server *server) { return server->port; }

/* Resumes delayed replies that are due; returns ms until the next, or `most`. */
static int64_t resume_due(struct server *server, int64_t most)
{
    int64_t now = when_monotonic();
    for (size_t i = 0; i < server->exchanges.len; i++) {
        struct exchange *x = server->exchanges.at[i];
        if (!x->due)
            continue;
        if (x->due <= now) {
            x->due = 0;
            wake(x);
            most = 0;
        } else if (x->due - now < most) {
            most = x->due - now;
        }
    }
    return most;
}

/* MHD does not look at the sockets of sleeping connections: without this a watch that its client left would live until the next event. */
static void add_sleepers(const struct server *server, struct pollfd *fds, struct exchange **owners, nfds_t *count, nfds_t max)
{
    for (size_t i = 0; i < server->exchanges.len && *count < max; i++) {
        struct exchange *x = server->exchanges.at[i];
        if (!x->suspended || x->due)
            continue;
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        owners[*count] = x;
        fds[(*count)++] = (struct pollfd){.fd = info->connect_fd, .events = POLLRDHUP};
    }
}

#define POLL_MAX 256

bool server_run(struct server *server, int timeout_ms, int extra_fd)
{
    struct pollfd fds[POLL_MAX] = {{.fd = server->epoll_fd, .events = POLLIN}, {.fd = extra_fd, .events = POLLIN}};
    struct exchange *owners[POLL_MAX] = {0};
    nfds_t count = 2;
    MHD_UNSIGNED_LONG_LONG own;
    int64_t wait = resume_due(server, timeout_ms);
    if (MHD_get_timeout(server->daemon, &own) == MHD_YES && (int64_t)own < wait)
        wait = (int64_t)own;
    if (server->woken)
        wait = 0;
    server->woken = false;
    add_sleepers(server, fds, owners, &count, POLL_MAX);
    bool extra = poll(fds, count, (int)wait) > 0 && fds[1].revents != 0;
    for (nfds_t i = 2; i < count; i++)
        if (fds[i].revents & (POLLRDHUP | POLLHUP | POLLERR)) {
            owners[i]->stream.broken = true;
            wake(owners[i]);
        }
    resume_due(server, 0);
    MHD_run(server->daemon);
    return extra;
}
