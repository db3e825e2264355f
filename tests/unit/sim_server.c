/* The simulator's server over a real socket: raw paths, streams that go on, clients that leave, delays, broken replies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/when.h"
#include "sim/server.h"

struct fixture {
    struct server *server;
    struct server_stream *stream;
    int closed;
    char seen[256];
};

static void on_closed(void *arg)
{
    struct fixture *f = arg;
    f->closed++;
    f->stream = NULL;
}

static void handle(void *arg, const struct server_request *request, struct server_reply *reply)
{
    struct fixture *f = arg;
    char *x = server_query(request, "x");
    text_format(f->seen, sizeof f->seen, "%s %s ? %s [%s] %s %zu", request->method, request->path, request->query, x ? x : "-",
                server_header(request, "x-test") ? server_header(request, "X-TEST") : "-", request->body_len);
    free(x);
    str_adds(reply_body(reply), "hello");
    if (strcmp(request->path, "/stream") == 0)
        f->stream = reply_stream(reply, on_closed, f);
    if (strcmp(request->path, "/late") == 0)
        reply_delay(reply, 400);
    if (strcmp(request->path, "/gone") == 0)
        reply_abort(reply);
    if (strcmp(request->path, "/half") == 0)
        reply_truncate(reply);
}

static int setup(void **state)
{
    struct error e = {0};
    struct fixture *f = mem_new(sizeof *f);
    f->server = server_new(0, handle, f, &e);
    if (!f->server)
        fail_msg("%s", e.message);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    server_free(f->server);
    free(f);
    return 0;
}

static int dial(const struct fixture *f, const char *request)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)server_port(f->server)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(write(fd, request, strlen(request)), (ssize_t)strlen(request));
    return fd;
}

/* Runs the server until `text` has come (or the peer has closed, with text NULL); false if it does not. */
static bool hear(struct fixture *f, int fd, struct str *got, const char *text)
{
    int64_t end = when_monotonic() + 20000;
    char bytes[4096];
    while (when_monotonic() < end) {
        if (text && strstr(str_text(got), text))
            return true;
        server_run(f->server, 5, -1);
        ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (n == 0)
            return !text;
        if (n > 0)
            str_add(got, bytes, (size_t)n);
    }
    return false;
}

static void raw_requests(void **state)
{
    struct fixture *f = *state;
    struct str got = STR_INIT(1 << 16);
    int fd = dial(f, "POST /a%2Fb/%20c?x=1%202+3&y HTTP/1.1\r\nHost: h\r\nX-Test: t\r\nContent-Length: 4\r\n\r\nbody");
    assert_true(hear(f, fd, &got, "hello"));
    assert_string_equal(f->seen, "POST /a%2Fb/%20c ? x=1%202+3&y [1 2 3] t 4");
    assert_non_null(strstr(str_text(&got), "200 OK"));
    assert_non_null(strstr(str_text(&got), "Date: "));
    str_free(&got);
    close(fd);
}

static void streams_go_on(void **state)
{
    struct fixture *f = *state;
    struct str got = STR_INIT(1 << 16);
    int fd = dial(f, "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(hear(f, fd, &got, "hello"));
    assert_non_null(strstr(str_text(&got), "chunked"));
    for (int i = 0; i < 3; i++) {
        char word[16];
        text_format(word, sizeof word, "event-%d\n", i);
        server_stream_write(f->stream, word, strlen(word));
        assert_true(hear(f, fd, &got, word));
    }
    server_stream_end(f->stream);
    assert_true(hear(f, fd, &got, "0\r\n\r\n"));
    assert_int_equal(f->closed, 1);
    str_free(&got);
    close(fd);
}

static void a_client_that_leaves_is_noticed(void **state)
{
    struct fixture *f = *state;
    struct str got = STR_INIT(1 << 16);
    int fd = dial(f, "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(hear(f, fd, &got, "hello"));
    close(fd);
    for (int i = 0; i < 100 && !f->closed; i++)
        server_run(f->server, 10, -1);
    assert_int_equal(f->closed, 1);
    str_free(&got);
}

static void delays(void **state)
{
    struct fixture *f = *state;
    struct str got = STR_INIT(1 << 16);
    int64_t start = when_monotonic();
    int late = dial(f, "GET /late HTTP/1.1\r\nHost: h\r\n\r\n"), fd = dial(f, "GET /now HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(hear(f, fd, &got, "hello"));
    assert_int_equal(recv(late, &(char){0}, 1, MSG_PEEK | MSG_DONTWAIT), -1); /* one that waits holds up no other */
    str_clear(&got);
    assert_true(hear(f, late, &got, "hello"));
    assert_true(when_monotonic() - start >= 400);
    str_free(&got);
    close(late);
    close(fd);
}

static void broken_replies(void **state)
{
    struct fixture *f = *state;
    struct str got = STR_INIT(1 << 16);
    int fd = dial(f, "GET /gone HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(hear(f, fd, &got, NULL));
    assert_int_equal(got.len, 0);
    close(fd);
    fd = dial(f, "GET /half HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(hear(f, fd, &got, NULL));
    assert_non_null(strstr(str_text(&got), "Content-Length: 5"));
    assert_null(strstr(str_text(&got), "hello"));
    close(fd);
    str_free(&got);
}

static void the_end_with_open_streams(void **state)
{
    struct fixture *f = *state;
    struct str got = STR_INIT(1 << 16);
    int fd = dial(f, "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n"), late = dial(f, "GET /late HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(hear(f, fd, &got, "hello"));
    server_free(f->server);
    f->server = NULL;
    assert_int_equal(f->closed, 1);
    str_free(&got);
    close(fd);
    close(late);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {CASE(raw_requests),   CASE(streams_go_on), CASE(a_client_that_leaves_is_noticed), CASE(delays),
                                       CASE(broken_replies), CASE(the_end_with_open_streams)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
