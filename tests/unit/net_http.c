/* HTTP against a small server of raw sockets that misbehaves as its path says: limits, streams, cancellation, and what is never sent in the clear. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "base/when.h"
#include "net/child.h"
#include "net/http.h"
#include "script_server.h"

/* The server: a process a connection; each request is answered by the last step of its path. */

/* gzip of "hello, squeezed", and of a hundred thousand NULs. */
static const unsigned char squeezed[] = {31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 203, 72, 205, 201, 201, 215, 81, 40,
                                         46, 44, 77, 77, 173, 74, 77, 1, 0, 95, 211, 129, 154, 15, 0, 0, 0};
static const unsigned char bomb_head[] = {31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 237, 193, 49, 1, 0, 0, 0, 194, 160, 245, 79, 109, 13, 15, 160};
static const unsigned char bomb_tail[] = {128, 87, 3, 125, 149, 17, 212, 160, 134, 1, 0};

static void send_gzip(int fd, bool bomb)
{
    unsigned char bytes[132] = {0};
    size_t len = bomb ? sizeof bytes : sizeof squeezed;
    char head[128];
    if (bomb) {
        memcpy(bytes, bomb_head, sizeof bomb_head);
        memcpy(bytes + sizeof bytes - sizeof bomb_tail, bomb_tail, sizeof bomb_tail);
    } else {
        memcpy(bytes, squeezed, sizeof squeezed);
    }
    text_format(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n", len);
    script_say(fd, head);
    (void)!send(fd, bytes, len, MSG_NOSIGNAL);
}

static void send_echo(int fd, const char *request, size_t len)
{
    char head[128];
    text_format(head, sizeof head, "HTTP/1.1 200 OK\r\nX-Two:  spaced \r\nx-TWO: again\r\nContent-Length: %zu\r\n\r\n", len);
    script_say(fd, head);
    (void)!send(fd, request, len, MSG_NOSIGNAL);
}

static void send_endless(int fd, const char *piece, useconds_t pause)
{
    script_say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    char chunk[8192];
    text_format(chunk, sizeof chunk, "%zx\r\n%s\r\n", strlen(piece), piece);
    while (send(fd, chunk, strlen(chunk), MSG_NOSIGNAL) > 0)
        if (pause)
            usleep(pause);
    _exit(0);
}

static void answer(int fd, const char *request, size_t len)
{
    const char *path = strchr(request, ' ') + 1;
    if (text_starts(path, "/echo") || text_starts(path, "/a/../"))
        send_echo(fd, request, len);
    else if (text_starts(path, "/status/")) {
        char reply[256];
        text_format(reply, sizeof reply, "HTTP/1.1 %.3s Some\r\nLocation: /echo\r\nRetry-After: 2\r\nContent-Length: 6\r\n\r\n{\"a\":1", path + 8);
        script_say(fd, reply);
    } else if (text_starts(path, "/never"))
        script_wait_for_close(fd);
    else if (text_starts(path, "/pause")) {
        script_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
        script_wait_for_close(fd);
    } else if (text_starts(path, "/cut")) {
        script_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
        _exit(0);
    } else if (text_starts(path, "/reset"))
        _exit(0);
    else if (text_starts(path, "/garbage")) {
        script_say(fd, "SSH-2.0-OpenSSH_9.9\r\n");
        _exit(0);
    } else if (text_starts(path, "/drip"))
        send_endless(fd, "drop\n", 5000);
    else if (text_starts(path, "/flood")) {
        char piece[4001] = "";
        memset(piece, 'x', sizeof piece - 1);
        send_endless(fd, piece, 0);
    } else if (text_starts(path, "/headers")) {
        script_say(fd, "HTTP/1.1 200 OK\r\n");
        for (int i = 0; i < 20000; i++)
            script_say(fd, "X-Filler: 0123456789\r\n");
        script_say(fd, "Content-Length: 0\r\n\r\n");
    } else if (text_starts(path, "/gzip"))
        send_gzip(fd, false);
    else if (text_starts(path, "/bomb"))
        send_gzip(fd, true);
    else if (text_starts(path, "/early"))
        script_say(fd, "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    else
        script_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
}

/* The tests. */

static struct script_server server;

struct test {
    struct loop *loop;
    struct http *http;
    struct http_call *call, *other;
    int calls, pieces, status;
    size_t len;
    bool done, cancel_self, cancel_other, stop, send_more;
    struct str body;
    char header[64];
    struct error error;
};

static int start_all(void **state)
{
    (void)state;
    unsetenv("http_proxy");
    return script_server_start(&server, answer) ? 0 : -1;
}

static int stop_all(void **state)
{
    (void)state;
    script_server_stop(&server);
    return 0;
}

static int make_test(void **state)
{
    struct test *t = mem_new(sizeof *t);
    struct http_options options = {.user_agent = "trivet-test/1"};
    t->loop = loop_new();
    t->http = http_new(t->loop, &options);
    str_init(&t->body, (size_t)1 << 22);
    *state = t;
    return 0;
}

static int drop_test(void **state)
{
    struct test *t = *state;
    http_free(t->http);
    loop_free(t->loop);
    str_free(&t->body);
    free(t);
    return 0;
}

static bool is_done(void *arg) { return ((struct test *)arg)->done; }
static void finish(void *arg) { ((struct test *)arg)->done = true; }

static void answered(void *arg, const struct http_reply *reply, const struct error *error)
{
    struct test *t = arg;
    t->calls++;
    t->done = true;
    t->call = NULL;
    t->error = error ? *error : (struct error){0};
    t->status = reply ? reply->status : 0;
    assert_true((reply == NULL) != (error == NULL));
    if (!reply)
        return;
    t->len = reply->len;
    assert_int_equal(reply->body[reply->len], '\0');
    str_add(&t->body, reply->body, reply->len);
    text_copy(t->header, sizeof t->header, http_header_of(reply, "X-two") ? http_header_of(reply, "X-two") : "");
    assert_null(http_header_of(reply, "x-early"));
    assert_null(http_header_of(reply, "http/1.1 200 ok"));
    t->stop = http_retry_after(reply, 0) == 2000;
    for (const struct http_header *h = reply->headers; h->name; h++)
        for (const char *c = h->name; *c; c++)
            assert_false(*c >= 'A' && *c <= 'Z');
}

static const char *address(const char *path)
{
    static char urls[8][128]; /* the last eight stand */
    static int next;
    char *url = urls[next++ % 8];
    text_format(url, sizeof urls[0], "http://127.0.0.1:%d%s", server.port, path);
    return url;
}

static void reset(struct test *t)
{
    t->done = t->stop = false;
    t->calls = t->pieces = t->status = 0;
    str_clear(&t->body);
}

static void run(struct test *t, struct http_request request, http_data *data, const char *path)
{
    reset(t);
    request.url = request.url ? request.url : address(path);
    request.method = request.method ? request.method : "GET";
    t->call = http_send(t->http, &request, data, answered, t);
    assert_int_equal(t->calls, 0); /* never before it returns */
    assert_true(loop_run_until(t->loop, is_done, t, 10000));
    assert_int_equal(t->calls, 1);
}

static void asks_and_hears(void **state)
{
    struct test *t = *state;
    run(t, (struct http_request){0}, NULL, "/echo?a=b%20c");
    assert_int_equal(t->status, 200);
    const char *sent = str_text(&t->body);
    assert_true(text_starts(sent, "GET /echo?a=b%20c HTTP/1.1\r\n"));
    assert_non_null(strstr(sent, "\r\nUser-Agent: trivet-test/1\r\n"));
    assert_null(strcasestr(sent, "\r\nContent-"));
    assert_null(strcasestr(sent, "\r\nExpect"));
    assert_null(strcasestr(sent, "\r\nAccept-Encoding"));
    assert_string_equal(t->header, "spaced"); /* the first, trimmed */
    run(t, (struct http_request){0}, NULL, "/a/../b%2F//c");
    assert_true(text_starts(str_text(&t->body), "GET /a/../b%2F//c HTTP/1.1\r\n")); /* what was signed is what is sent */
    run(t, (struct http_request){0}, NULL, "/early");
    assert_string_equal(str_text(&t->body), "ok");
}

static void sends_bodies(void **state)
{
    struct test *t = *state;
    static const struct http_header headers[] = {{"content-type", "application/x-amz-json-1.1"}, {"x-empty", ""}, {"X-Amz-Target", "A.B"}, {0}};
    run(t, (struct http_request){.method = "POST", .headers = headers, .body = "a\0b", .body_len = 3}, NULL, "/echo");
    const char *sent = str_text(&t->body);
    assert_true(text_starts(sent, "POST /echo HTTP/1.1\r\n"));
    assert_non_null(strstr(sent, "\r\nx-empty:\r\n"));
    assert_non_null(strstr(sent, "\r\nX-Amz-Target: A.B\r\n"));
    assert_non_null(strstr(sent, "\r\ncontent-type: application/x-amz-json-1.1\r\n"));
    assert_non_null(strstr(sent, "\r\nContent-Length: 3\r\n"));
    assert_memory_equal(t->body.data + t->body.len - 7, "\r\n\r\na\0b", 7);
    run(t, (struct http_request){.method = "POST"}, NULL, "/echo");
    assert_non_null(strstr(str_text(&t->body), "\r\nContent-Length: 0\r\n"));
    assert_null(strcasestr(str_text(&t->body), "\r\nContent-Type"));
    static const char *const methods[] = {"PUT", "PATCH", "DELETE"};
    for (size_t i = 0; i < 3; i++) {
        run(t, (struct http_request){.method = methods[i], .body = "{}", .body_len = 2}, NULL, "/echo");
        assert_true(text_starts(str_text(&t->body), methods[i]) && text_ends(str_text(&t->body), "\r\n\r\n{}"));
    }
    char *large = mem_new(60000);
    memset(large, 'y', 60000);
    run(t, (struct http_request){.method = "PUT", .body = large, .body_len = 60000}, NULL, "/echo"); /* no Expect, no wait for a go-ahead */
    assert_true(t->len > 60000);
    free(large);
}

static void any_status_is_a_reply(void **state)
{
    struct test *t = *state;
    static const char *const paths[] = {"/status/302", "/status/400", "/status/404", "/status/503"};
    for (size_t i = 0; i < 4; i++) {
        run(t, (struct http_request){0}, NULL, paths[i]);
        assert_int_equal(t->status, strtol(paths[i] + 8, NULL, 10)); /* redirects are not followed either */
        assert_string_equal(str_text(&t->body), "{\"a\":1");
        assert_true(t->stop); /* Retry-After: 2 */
    }
}

static int retry_after(const char *value)
{
    struct http_header headers[] = {{"retry-after", value}, {0}};
    struct http_reply reply = {503, "", 0, headers};
    return http_retry_after(&reply, INT64_C(1795465058000));
}

static void reads_retry_after(void **state)
{
    (void)state;
    assert_int_equal(retry_after("0"), 0);
    assert_int_equal(retry_after("50"), 50000);
    assert_int_equal(retry_after("99999999999999999999999"), 60000);
    assert_int_equal(retry_after("3600"), 60000);
    assert_int_equal(retry_after("Mon, 23 Nov 2099 20:17:48 GMT"), 60000);
    assert_int_equal(retry_after("-5"), 0);
    assert_int_equal(retry_after("soon"), 0);
    assert_int_equal(retry_after(""), 0);
    assert_int_equal(retry_after("Mon, 23 Nov 2026 20:17:48 GMT"), 10000);
    assert_int_equal(retry_after("Mon, 23 Nov 2026 20:17:30 GMT"), 0);
    struct http_reply none = {503, "", 0, NULL};
    assert_int_equal(http_retry_after(&none, 0), 0);
}

static bool count_pieces(void *arg, const char *data, size_t len)
{
    struct test *t = arg;
    t->pieces++;
    str_add(&t->body, data, len);
    if (t->cancel_self) {
        http_cancel(t->call);
        http_cancel(t->call);
        loop_after(t->loop, 100, finish, t);
        t->cancel_self = false;
    }
    if (t->cancel_other) {
        http_cancel(t->other);
        t->cancel_other = false;
    }
    if (t->send_more) {
        struct http_request request = {.method = "GET", .url = address("/ok")};
        t->send_more = false;
        http_send(t->http, &request, NULL, answered, t);
    }
    return t->pieces < 5 || !t->stop;
}

static void limits_hold(void **state)
{
    struct test *t = *state;
    int64_t began = when_monotonic();
    run(t, (struct http_request){.total_timeout_ms = 150}, NULL, "/never");
    assert_int_equal(t->error.kind, ERROR_TIMEOUT);
    run(t, (struct http_request){.total_timeout_ms = 150}, NULL, "/pause");
    assert_int_equal(t->error.kind, ERROR_TIMEOUT);
    run(t, (struct http_request){.total_timeout_ms = 150}, NULL, "/drip");
    assert_int_equal(t->error.kind, ERROR_TIMEOUT);
    assert_true(when_monotonic() - began < 30000); /* half of what holds for who says nothing */
    began = when_monotonic();
    run(t, (struct http_request){.total_timeout_ms = -1, .idle_timeout_ms = 1000}, NULL, "/pause");
    assert_int_equal(t->error.kind, ERROR_TIMEOUT);
    assert_in_range(when_monotonic() - began, 900, 30000);
    run(t, (struct http_request){.max_reply = 10000}, NULL, "/flood");
    assert_string_equal(t->error.code, "ReplyTooLarge");
    assert_int_equal(t->error.kind, ERROR_PROTOCOL);
    run(t, (struct http_request){0}, NULL, "/headers");
    assert_string_equal(t->error.code, "ReplyTooLarge");
    run(t, (struct http_request){.compressed = true}, NULL, "/gzip");
    assert_string_equal(str_text(&t->body), "hello, squeezed");
    run(t, (struct http_request){.compressed = true, .max_reply = 50000}, NULL, "/bomb"); /* what it unfolds to counts */
    assert_string_equal(t->error.code, "ReplyTooLarge");
    run(t, (struct http_request){.compressed = true, .max_reply = 100000}, NULL, "/bomb");
    assert_int_equal(t->len, 100000);
}

static void faults_have_names(void **state)
{
    struct test *t = *state;
    static const char *const paths[] = {"/cut", "/reset", "/garbage"};
    for (size_t i = 0; i < 3; i++) {
        run(t, (struct http_request){0}, NULL, paths[i]);
        assert_int_equal(t->error.kind, ERROR_NETWORK);
        assert_string_equal(t->error.code, "ConnectionLost");
    }
    struct script_server closed;
    char url[64];
    assert_true(script_server_bind(&closed, answer));
    text_format(url, sizeof url, "http://127.0.0.1:%d/", closed.port);
    run(t, (struct http_request){.url = url}, NULL, "");
    assert_string_equal(t->error.code, "ConnectFailed");
    assert_non_null(strstr(t->error.message, "127.0.0.1"));
    assert_null(strstr(t->error.message, " ms"));
    script_server_stop(&closed);
    text_format(url, sizeof url, "https://127.0.0.1:%d/", server.port);
    run(t, (struct http_request){.url = url, .total_timeout_ms = 3000}, NULL, "");
    assert_int_equal(t->status, 0); /* no TLS there: an error of whatever name */
}

static void streams(void **state)
{
    struct test *t = *state;
    reset(t);
    t->stop = true;
    struct http_request request = {.method = "GET", .url = address("/drip"), .total_timeout_ms = -1};
    t->call = http_send(t->http, &request, count_pieces, answered, t);
    assert_true(loop_run_until(t->loop, is_done, t, 5000));
    assert_int_equal(t->error.kind, ERROR_CANCELLED); /* it said: enough */
    assert_int_equal(t->pieces, 5);
    assert_true(text_starts(str_text(&t->body), "drop\ndrop\n"));
    run(t, (struct http_request){0}, count_pieces, "/status/404"); /* not a stream: collected */
    assert_int_equal(t->pieces, 0);
    assert_string_equal(str_text(&t->body), "{\"a\":1");
    run(t, (struct http_request){0}, count_pieces, "/ok");
    assert_true(t->pieces >= 1 && t->len == 0);
    assert_string_equal(str_text(&t->body), "ok");
    run(t, (struct http_request){.max_reply = 100000}, count_pieces, "/flood");
    assert_string_equal(t->error.code, "ReplyTooLarge");
    assert_in_range(t->body.len, 1, 100000);
}

static void cancels(void **state)
{
    struct test *t = *state;
    struct http_request never = {.method = "GET", .url = address("/never")};
    t->call = http_send(t->http, &never, NULL, answered, t);
    http_cancel(t->call); /* before it has gone out */
    t->call = http_send(t->http, &never, NULL, answered, t);
    loop_after(t->loop, 50, finish, t);
    assert_true(loop_run_until(t->loop, is_done, t, 2000));
    http_cancel(t->call); /* while it waits */
    http_cancel(NULL);
    struct http_request refused = {.method = "GET", .url = "http://example.com/"};
    http_cancel(http_send(t->http, &refused, NULL, answered, t));
    loop_run(t->loop);
    assert_int_equal(t->calls, 0);
    /* From inside its own stream. */
    struct http_request drip = {.method = "GET", .url = address("/drip"), .total_timeout_ms = -1};
    t->done = false;
    t->cancel_self = true;
    t->call = http_send(t->http, &drip, count_pieces, answered, t);
    assert_true(loop_run_until(t->loop, is_done, t, 3000));
    loop_run(t->loop);
    assert_int_equal(t->calls, 0);
    assert_int_equal(t->pieces, 1);
    /* Another one, from inside a stream; and a new one sent from there. */
    reset(t);
    t->other = http_send(t->http, &never, NULL, answered, t);
    t->cancel_other = t->send_more = true;
    t->call = http_send(t->http, &drip, count_pieces, answered, t);
    struct http_call *dripping = t->call;
    assert_true(loop_run_until(t->loop, is_done, t, 3000));
    assert_int_equal(t->status, 200); /* the new one's */
    http_cancel(dripping);
    loop_run(t->loop);
    assert_int_equal(t->calls, 1);
    /* Left under way when all is freed. */
    http_send(t->http, &never, NULL, answered, t);
    http_send(t->http, &drip, count_pieces, answered, t);
    http_send(t->http, &refused, NULL, answered, t);
    loop_after(t->loop, 30, finish, t);
    t->done = false;
    loop_run_until(t->loop, is_done, t, 1000);
}

struct chain {
    struct test *test;
    int left;
};

static void next_in_chain(void *arg, const struct http_reply *reply, const struct error *error)
{
    struct chain *c = arg;
    struct http_request request = {.method = "GET", .url = address("/ok")};
    assert_non_null(reply);
    assert_null(error);
    c->test->done = --c->left == 0;
    if (c->left)
        http_send(c->test->http, &request, NULL, next_in_chain, c);
}

static void free_in_done(void *arg, const struct http_reply *reply, const struct error *error)
{
    struct test *t = arg;
    (void)reply, (void)error;
    http_free(t->http);
    t->http = NULL;
    t->done = true;
}

static void done_may_do_anything(void **state)
{
    struct test *t = *state;
    struct chain chain = {t, 300};
    struct http_request request = {.method = "GET", .url = address("/ok")}, never = {.method = "GET"};
    http_send(t->http, &request, NULL, next_in_chain, &chain); /* each from inside the one before; none may get lost between passes */
    assert_true(loop_run_until(t->loop, is_done, t, 20000));
    t->done = false;
    request.url = address("/ok"); /* the first one's buffer has been used anew since */
    never.url = address("/never");
    http_send(t->http, &request, NULL, free_in_done, t);
    http_send(t->http, &never, NULL, answered, t);
    assert_true(loop_run_until(t->loop, is_done, t, 3000));
    assert_int_equal(t->calls, 0);
}

struct many {
    struct http_call *call;
    int calls;
    bool cancelled;
};

static void one_of_many(void *arg, const struct http_reply *reply, const struct error *error)
{
    struct many *m = arg;
    m->calls++;
    m->call = NULL;
    assert_int_equal(reply == NULL, error != NULL);
}

static void each_is_told_once(void **state)
{
    enum { MANY = 200 };
    static const char *const paths[] = {"/ok", "/echo", "/status/500", "/cut", "/reset", "/never"};
    struct test *t = *state;
    struct many many[MANY] = {0};
    srand(1);
    for (int i = 0; i < MANY; i++) {
        struct http_request request = {.method = "GET", .url = address(paths[rand() % 6]), .total_timeout_ms = 1500};
        many[i].call = http_send(t->http, &request, NULL, one_of_many, &many[i]);
        if (rand() % 3 == 0) {
            struct many *m = &many[rand() % (i + 1)];
            if (m->call) {
                http_cancel(m->call);
                m->call = NULL;
                m->cancelled = true;
            }
        }
        if (i % 20 == 0) {
            t->done = false;
            loop_after(t->loop, 5, finish, t);
            loop_run_until(t->loop, is_done, t, 1000);
        }
    }
    loop_run(t->loop); /* ends when all have */
    for (int i = 0; i < MANY; i++)
        assert_int_equal(many[i].calls, !many[i].cancelled);
}

static void nothing_goes_out_in_the_clear(void **state)
{
    static const struct {
        const char *url;
        bool allowed, metadata;
    } cases[] = {
        {"https://example.com/", true, false},         {"HTTPS://example.com", true, false},        {"http://127.0.0.1:80/x", true, false},
        {"http://127.8.9.1/", true, false},            {"http://localhost:9/", true, false},        {"http://[::1]:9/", true, false},
        {"http://LocalHost/", true, false},            {"http://example.com/", false, false},       {"http://localhost.example.com/", false, false},
        {"http://127.0.0.1.example.com/", false, false}, {"http://127.0.0.1@example.com/", false, false},
        {"http://example.com/127.0.0.1", false, false},
        {"http://example.com#@127.0.0.1/", false, false}, {"http://[::2]/", false, false},          {"http://128.0.0.1/", false, false},
        {"http://0.0.0.0/", false, false},             {"ftp://127.0.0.1/", false, false},          {"file:///etc/passwd", false, false},
        {"127.0.0.1/", false, false},                  {"", false, false},                          {"http://", false, false},
        {"http://169.254.169.254/latest", false, true}, {"http://169.254.170.2/v2", false, true},   {"http://[fd00:ec2::254]/", false, true},
        {"http://169.254.169.253/", false, false},     {"https://169.254.169.254/", true, false},
    };
    struct test *t = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (http_url_allowed(cases[i].url) != cases[i].allowed || http_url_metadata(cases[i].url) != cases[i].metadata)
            fail_msg("%s", cases[i].url);
        if (cases[i].allowed)
            continue;
        run(t, (struct http_request){.url = cases[i].url}, NULL, "");
        assert_string_equal(t->error.code, "PlainHTTP");
        assert_int_equal(t->error.kind, ERROR_INPUT);
    }
    static const char *const values[] = {"Bearer a\r\nX-Injected: b", "a\nb", "a\x1B", "a\x7F"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct http_header broken[] = {{"authorization", values[i]}, {NULL, NULL}};
        run(t, (struct http_request){.headers = broken}, NULL, "/echo");
        assert_string_equal(t->error.code, "BadHeader");
        assert_null(strstr(t->error.message, "Injected"));
    }
    struct http_header tab[] = {{"x-a", "a\tb"}, {NULL, NULL}};
    run(t, (struct http_request){.headers = tab}, NULL, "/echo");
    assert_int_equal(t->status, 200);
    /* A proxy would be a way off this machine. */
    setenv("http_proxy", "http://127.0.0.1:1/", 1);
    setenv("all_proxy", "http://127.0.0.1:1/", 1);
    run(t, (struct http_request){0}, NULL, "/ok");
    assert_int_equal(t->status, 200);
    unsetenv("http_proxy");
    unsetenv("all_proxy");
}

/* TLS, with the openssl program as the other end. */

struct shell {
    struct test *test;
    bool good;
};

static void shell_ended(void *arg, const char *out, size_t len, int status, const struct error *error)
{
    struct shell *s = arg;
    (void)out, (void)len;
    s->good = !error && status == 0;
    s->test->done = true;
}

static bool shell(struct test *t, const char *script, const char *folder)
{
    const char *const argv[] = {"/bin/sh", "-c", script, "sh", folder, NULL};
    struct shell s = {.test = t};
    t->done = false;
    child_run(t->loop, argv, NULL, 20000, 65536, shell_ended, &s);
    loop_run_until(t->loop, is_done, t, 25000);
    return s.good;
}

static const char make_certificates[] =
    "cd \"$1\" && command -v openssl && "
    "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=test -addext subjectAltName=DNS:inner.cluster 2>"
    "/dev/null && openssl req -x509 -newkey rsa:2048 -nodes -keyout ckey.pem -out ccert.pem -days 2 -subj /CN=client 2>/dev/null";

static pid_t start_tls(const char *folder, bool verify, int *at)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (chdir(folder) != 0)
            _exit(1);
        dup2(ends[1], 1);
        const char *const plain[] = {"openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", "cert.pem", "-key", "key.pem", "-www", "-naccept",
                                     "20", verify ? "-Verify" : NULL, "1", "-CAfile", "ccert.pem", "-verify_return_error", NULL};
        execvp("openssl", (char *const *)(uintptr_t)plain);
        _exit(1);
    }
    close(ends[1]);
    char line[256] = "";
    size_t len = 0;
    while (len + 1 < sizeof line && read(ends[0], line + len, 1) == 1) { /* "ACCEPT 127.0.0.1:40123" */
        if (line[len++] != '\n')
            continue;
        line[len] = '\0';
        if (sscanf(line, "ACCEPT 127.0.0.1:%d", at) == 1)
            break;
        len = 0;
    }
    close(ends[0]);
    return pid;
}

static char *slurp(const char *folder, const char *name)
{
    struct str text = STR_INIT(STR_TEXT_MAX);
    struct error e = {0};
    char *path = file_join(folder, name);
    assert_true(file_read(path, 100000, &text, &e));
    free(path);
    return str_take(&text);
}

/* The connection to the server among this process's files; -1: none. */
static int connection(void)
{
    for (int fd = 3; fd < 256; fd++) {
        struct sockaddr_in peer = {0};
        socklen_t size = sizeof peer;
        if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0 && peer.sin_family == AF_INET && ntohs(peer.sin_port) == server.port)
            return fd;
    }
    return -1;
}

static int option(int level, int name)
{
    int value = -1;
    socklen_t size = sizeof value;
    assert_int_equal(getsockopt(connection(), level, name, &value, &size), 0);
    return value;
}

/* What nobody answers any more is left within a minute, not within the quarter of an hour after which the kernel would. */
static void a_dead_connection_is_given_up(void **state)
{
    struct test *t = *state;
    run(t, (struct http_request){0}, NULL, "/echo");
    assert_int_equal(t->status, 200);
    assert_int_equal(option(SOL_SOCKET, SO_KEEPALIVE), 1);
    assert_in_range(option(IPPROTO_TCP, TCP_KEEPIDLE), 1, 30);
    assert_in_range(option(IPPROTO_TCP, TCP_USER_TIMEOUT), 1000, 30000);
}

static void checks_certificates(void **state)
{
    struct test *t = *state;
    char folder[] = "/tmp/trivet-tls-XXXXXX", url[64];
    int at = 0;
    assert_non_null(mkdtemp(folder));
    if (!shell(t, make_certificates, folder)) {
        shell(t, "rm -r \"$1\"", folder);
        print_message("no openssl program here\n");
        skip();
    }
    char *cert = slurp(folder, "cert.pem"), *client_cert = slurp(folder, "ccert.pem"), *client_key = slurp(folder, "ckey.pem");
    pid_t plain = start_tls(folder, false, &at);
    text_format(url, sizeof url, "https://127.0.0.1:%d/", at);
    run(t, (struct http_request){.url = url, .total_timeout_ms = 5000}, NULL, "");
    assert_string_equal(t->error.code, "TLS"); /* signed by nobody we know */
    run(t, (struct http_request){.url = url, .ca_pem = cert, .total_timeout_ms = 5000}, NULL, "");
    assert_string_equal(t->error.code, "TLS"); /* it is for another name */
    run(t, (struct http_request){.url = url, .ca_pem = cert, .tls_server_name = "inner.cluster", .total_timeout_ms = 5000}, NULL, "");
    assert_string_equal(t->error.message, "");
    assert_int_equal(t->status, 200);
    run(t, (struct http_request){.url = url, .ca_pem = cert, .tls_server_name = "outer.cluster", .total_timeout_ms = 5000}, NULL, "");
    assert_string_equal(t->error.code, "TLS");
    kill(plain, SIGKILL);
    waitpid(plain, NULL, 0);
    pid_t mutual = start_tls(folder, true, &at);
    text_format(url, sizeof url, "https://127.0.0.1:%d/", at);
    struct http_request request = {.url = url, .ca_pem = cert, .tls_server_name = "inner.cluster", .total_timeout_ms = 5000};
    run(t, request, NULL, "");
    assert_int_equal(t->error.kind, ERROR_NETWORK); /* it wants to know us */
    request.client_cert_pem = client_cert;
    request.client_key_pem = client_key;
    run(t, request, NULL, "");
    assert_string_equal(t->error.message, "");
    assert_int_equal(t->status, 200);
    kill(mutual, SIGKILL);
    waitpid(mutual, NULL, 0);
    shell(t, "rm -r \"$1\"", folder);
    free(cert);
    free(client_cert);
    free(client_key);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_test, drop_test)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(asks_and_hears),   TEST(sends_bodies),      TEST(any_status_is_a_reply), cmocka_unit_test(reads_retry_after), TEST(limits_hold),
        TEST(faults_have_names), TEST(streams), TEST(cancels), TEST(done_may_do_anything), TEST(each_is_told_once),
        TEST(nothing_goes_out_in_the_clear), TEST(a_dead_connection_is_given_up), TEST(checks_certificates),
    };
    return cmocka_run_group_tests_name("net_http", tests, start_all, stop_all);
}
