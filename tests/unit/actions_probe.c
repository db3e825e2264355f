/* The probes against sockets of our own, the arithmetic of outages and rows, what of a target is shown, and names that are looked up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "actions/probe.h"
#include "actions/probe_record.h"
#include "actions/probe_rows.h"
#include "base/mem.h"
#include "base/str.h"
#include "net/resolve.h"

/* A server on the test's own loop: accepts, and answers each request with `status`; 0 means nothing is said. */
struct test {
    struct loop *loop;
    struct http *http;
    struct probe *probe;
    int port, listening, status, accepted, ended;
    struct loop_watch *watch;
    struct client {
        struct test *test;
        int fd;
        struct loop_watch *watch;
    } clients[64];
    size_t resolved;
    struct error error;
    int64_t attempts_wanted;
    enum probe_state wanted;
};

static void on_client(void *arg, short revents)
{
    struct client *c = arg;
    char request[4096], reply[128];
    (void)revents;
    ssize_t n = recv(c->fd, request, sizeof request, 0);
    if (n <= 0) {
        loop_unwatch(c->test->loop, c->watch);
        close(c->fd);
        *c = (struct client){0};
    } else if (c->test->status) {
        text_format(reply, sizeof reply, "HTTP/1.1 %d Some\r\nLocation: /\r\nContent-Length: 2\r\n\r\nok", c->test->status);
        assert_true(send(c->fd, reply, strlen(reply), MSG_NOSIGNAL) > 0);
    }
}

static void on_accept(void *arg, short revents)
{
    struct test *t = arg;
    (void)revents;
    int fd = accept(t->listening, NULL, NULL);
    assert_true(fd >= 0);
    t->accepted++;
    for (size_t i = 0; i < sizeof t->clients / sizeof *t->clients; i++)
        if (!t->clients[i].test) {
            t->clients[i] = (struct client){t, fd, loop_watch(t->loop, fd, POLLIN, on_client, &t->clients[i])};
            return;
        }
    fail_msg("too many clients");
}

/* The port is the same one each time. */
static void serve(struct test *t)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)t->port)};
    socklen_t size = sizeof address;
    t->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(setsockopt(t->listening, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)), 0);
    assert_int_equal(bind(t->listening, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(t->listening, 64), 0);
    assert_int_equal(getsockname(t->listening, (struct sockaddr *)&address, &size), 0);
    t->port = ntohs(address.sin_port);
    t->watch = loop_watch(t->loop, t->listening, POLLIN, on_accept, t);
}

static void stop_serving(struct test *t)
{
    if (t->listening < 0)
        return;
    loop_unwatch(t->loop, t->watch);
    close(t->listening);
    t->listening = -1;
    for (size_t i = 0; i < sizeof t->clients / sizeof *t->clients; i++)
        if (t->clients[i].test) {
            loop_unwatch(t->loop, t->clients[i].watch);
            close(t->clients[i].fd);
            t->clients[i] = (struct client){0};
        }
}

static int make_test(void **state)
{
    struct test *t = mem_new(sizeof *t);
    t->loop = loop_new();
    t->http = http_new(t->loop, &(struct http_options){0});
    t->listening = -1;
    *state = t;
    return 0;
}

static int drop_test(void **state)
{
    struct test *t = *state;
    probe_free(t->probe);
    stop_serving(t);
    http_free(t->http);
    loop_free(t->loop);
    free(t);
    return 0;
}

static const struct probe_view *make_probe(struct test *t, enum probe_kind kind, const char *target)
{
    struct probe_config config = {.kind = (int)kind, .target = mem_strdup(target)};
    probe_free(t->probe);
    t->probe = probe_new(t->loop, t->http, &config, "run");
    free(config.target);
    return probe_view(t->probe);
}

static bool is_reached(void *arg)
{
    struct test *t = arg;
    const struct probe_view *view = probe_view(t->probe);
    return view->state == t->wanted && view->attempts >= t->attempts_wanted;
}

/* The next time that the probe is in this state after `more` attempts. */
static const struct probe_view *reach(struct test *t, enum probe_state state, int more)
{
    t->wanted = state;
    t->attempts_wanted = probe_view(t->probe)->attempts + more;
    if (!loop_run_until(t->loop, is_reached, t, 20000))
        fail_msg("in vain: %s", probe_state_name(state));
    return probe_view(t->probe);
}

static void ended(void *arg, struct probe *probe)
{
    struct test *t = arg;
    assert_ptr_equal(probe, t->probe);
    t->ended++;
}

static bool has_ended(void *arg) { return ((struct test *)arg)->ended > 0; }

static const struct probe_view *stop(struct test *t)
{
    t->ended = 0;
    probe_stop(t->probe, PROBE_VERIFY_MS, ended, t);
    assert_int_equal(t->ended, 0);
    assert_true(loop_run_until(t->loop, has_ended, t, 5000));
    assert_int_equal(probe_view(t->probe)->state, PROBE_STOPPED);
    return probe_view(t->probe);
}

static void tcp_up_down_up(void **state)
{
    struct test *t = *state;
    char target[64];
    serve(t);
    text_format(target, sizeof target, "localhost:%d", t->port); /* of its addresses only one is served */
    assert_int_equal(make_probe(t, PROBE_TCP, target)->state, PROBE_IDLE);
    probe_start(t->probe);
    assert_int_equal(probe_view(t->probe)->state, PROBE_UNKNOWN);
    const struct probe_view *view = reach(t, PROBE_UP, 3);
    assert_true(view->outage_count == 0 && view->failures == 0 && !view->error);
    assert_true(view->samples[2].at_ms - view->samples[0].at_ms >= 400); /* not faster than every 250 ms, give or take */
    int64_t last_good = view->samples[view->sample_count - 1].at_ms;
    stop_serving(t);
    view = reach(t, PROBE_DOWN, 2);
    assert_string_equal(view->error, "Connection refused");
    assert_int_equal(view->outages[0].to_ms, 0);
    serve(t);
    view = reach(t, PROBE_UP, 1);
    assert_int_equal(view->outage_count, 1);
    assert_true(view->outages[0].from_ms >= last_good && view->outages[0].to_ms == view->samples[view->sample_count - 1].at_ms);
    assert_int_equal(view->longest_ms, view->outages[0].to_ms - view->outages[0].from_ms);
    int64_t attempts = stop(t)->attempts;
    loop_run_until(t->loop, has_ended, t, 0);
    assert_true(t->accepted >= 4 && probe_view(t->probe)->attempts == attempts);
}

static void http_by_its_status(void **state)
{
    struct test *t = *state;
    char url[64];
    serve(t);
    t->status = 200;
    text_format(url, sizeof url, "http://127.0.0.1:%d/health", t->port);
    make_probe(t, PROBE_HTTP, url);
    probe_start(t->probe);
    reach(t, PROBE_UP, 1);
    t->status = 500;
    assert_string_equal(reach(t, PROBE_DOWN, 1)->error, "HTTP status 500");
    t->status = 302;
    reach(t, PROBE_UP, 1);
    t->status = 0;
    const struct probe_view *view = reach(t, PROBE_DOWN, 1);
    const struct probe_sample *late = &view->samples[view->sample_count - 1];
    assert_true(late->latency_ms >= 1990 && late->latency_ms < 10000);
    t->status = 404;
    assert_string_equal(reach(t, PROBE_DOWN, 1)->error, "HTTP status 404");
    t->status = 204;
    view = reach(t, PROBE_UP, 1);
    assert_int_equal(view->outage_count, 2);
    stop_serving(t);
    reach(t, PROBE_DOWN, 1);
    view = stop(t);
    assert_int_equal(view->outage_count, 3);
    assert_int_equal(view->outages[2].to_ms, 0);
    assert_int_equal(view->down_ms, view->outages[0].to_ms - view->outages[0].from_ms + view->outages[1].to_ms - view->outages[1].from_ms +
                                        view->stopped_ms - view->outages[2].from_ms);
}

static void free_probe(void *arg, struct probe *probe)
{
    struct test *t = arg;
    t->ended++;
    t->probe = NULL;
    probe_free(probe);
}

static void may_be_freed_at_any_time(void **state)
{
    struct test *t = *state;
    char target[64];
    serve(t);
    text_format(target, sizeof target, "localhost:%d", t->port);
    for (int i = 0; i < 4; i++) {
        make_probe(t, PROBE_TCP, target);
        probe_start(t->probe);
        if (i > 1)
            reach(t, PROBE_UP, 1);
        if (i == 3)
            probe_stop(t->probe, 0, ended, t);
    }
    make_probe(t, PROBE_TCP, target);
    probe_start(t->probe);
    probe_stop(t->probe, 0, free_probe, t);
    assert_true(loop_run_until(t->loop, has_ended, t, 5000));
    assert_int_equal(t->ended, 1);
    probe_free(NULL);
}

static void shows_no_secret(void **state)
{
    struct test *t = *state;
    static const struct {
        enum probe_kind kind;
        const char *target, *shown, *unusable;
    } cases[] = {
        {PROBE_TCP, "db.example:5432", "db.example:5432", NULL},
        {PROBE_TCP, "[::1]:80", "[::1]:80", NULL},
        {PROBE_TCP, "::1:80", "::1:80", "no HOST:PORT"},
        {PROBE_TCP, "db.example", "db.example", "no HOST:PORT"},
        {PROBE_TCP, "db:0", "db:0", "no HOST:PORT"},
        {PROBE_TCP, "db:65536", "db:65536", "no HOST:PORT"},
        {PROBE_TCP, "db\033[2J:1x", "db?[2J:1x", "no HOST:PORT"},
        {PROBE_HTTP, "https://a.example/health?token=s3cret#s3cret", "https://a.example/health?…", NULL},
        {PROBE_HTTP, "https://a.example#s3cret", "https://a.example?…", NULL},
        {PROBE_HTTP, "https://me:s3cret@a.example/x@y", "https://a.example/x@y", "leave it out"},
        {PROBE_HTTP, "https://me:s3cret@s3cret@a.example", "https://a.example", "leave it out"},
        {PROBE_HTTP, "http://a.example/", "http://a.example/", "only used on loopback"},
        {PROBE_HTTP, "ftp://me:s3cret@a.example/", "a.example/", "no http://"},
        {PROBE_HTTP, "https:///health", "https:///health", "no http://"},
        {PROBE_POSTGRES, "host=a.example user=me password=s3cret dbname=d", "user=me dbname=d host=a.example", NULL},
        {PROBE_POSTGRES, "postgresql://me:s3cret@a.example:6000/d?sslpassword=s3cret", "user=me dbname=d host=a.example port=6000", NULL},
        {PROBE_POSTGRES, "host=a.example options='-c my.token=s3cret'", "host=a.example", NULL},
        {PROBE_POSTGRES, "host=a.example s3cret", "postgres", "cannot be read"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct probe_view *view = make_probe(t, cases[i].kind, cases[i].target);
        if (view->unusable && strstr(view->unusable, "built without libpq")) {
            assert_string_equal(view->target, "postgres");
            continue;
        }
        assert_string_equal(view->target, cases[i].shown);
        assert_int_equal(view->unusable != NULL, cases[i].unusable != NULL);
        if (view->unusable) {
            assert_non_null(strstr(view->unusable, cases[i].unusable));
            assert_null(strstr(view->unusable, "s3cret"));
            probe_start(t->probe);
            assert_int_equal(stop(t)->attempts, 0);
        }
    }
}

/* Outages and rows: times and numbers only. */

static struct probe_view view_at(const struct probe_record *record, int64_t now)
{
    struct probe_view view = {0};
    record_view(record, now, &view);
    return view;
}

static void outages_reach_from_good_to_good(void **state)
{
    struct probe_record r = {0};
    (void)state;
    record_start(&r, 1000);
    assert_int_equal(view_at(&r, 5000).down_ms, 0);
    record_bad(&r, 1100, 5, "one"); /* never good before: from the start */
    record_bad(&r, 1300, 5, "two");
    assert_int_equal(view_at(&r, 1400).down_ms, 400);
    assert_string_equal(view_at(&r, 1400).error, "two");
    record_good(&r, 1500, 5);
    record_good(&r, 2000, 5);
    assert_int_equal(view_at(&r, 9000).down_ms, 500);
    record_bad(&r, 3000, 5, "one"); /* it may have gone just after 2000 */
    record_good(&r, 3200, 7);
    record_bad(&r, 4000, 1, "a\nb\033[1m");
    struct probe_view v = view_at(&r, 4300);
    assert_int_equal(v.outage_count, 3);
    assert_true(v.outages[0].from_ms == 1000 && v.outages[0].to_ms == 1500);
    assert_true(v.outages[1].from_ms == 2000 && v.outages[1].to_ms == 3200);
    assert_true(v.outages[2].from_ms == 3200 && v.outages[2].to_ms == 0);
    assert_int_equal(v.longest_ms, 1200);
    assert_int_equal(v.down_ms, 500 + 1200 + 1100);
    assert_int_equal(view_at(&r, 5000).longest_ms, 1800);
    assert_true(v.attempts == 7 && v.failures == 4 && v.sample_count == 7);
    assert_string_equal(v.error, "a b?[1m");
    assert_ptr_equal(v.samples[0].error, v.samples[4].error);
    assert_true(v.samples[5].good && !v.samples[5].error && v.samples[5].latency_ms == 7);
    record_free(&r);
}

static void records_are_bounded(void **state)
{
    struct probe_record r = {0};
    char text[32];
    (void)state;
    record_start(&r, 1);
    record_bad(&r, 2, 0, "first");
    for (int i = 0; i < 200; i++) {
        text_format(text, sizeof text, "error %d", i);
        record_bad(&r, 3, 0, text);
    }
    assert_int_equal(r.errors.len, PROBE_ERRORS_MAX);
    assert_non_null(strstr(view_at(&r, 4).error, "too many"));
    for (int i = 0; i < PROBE_SAMPLES_MAX; i++)
        record_good(&r, 10 + i, 0);
    struct probe_view v = view_at(&r, 100000);
    assert_true(v.sample_count <= PROBE_SAMPLES_MAX && v.samples_dropped + v.sample_count == PROBE_SAMPLES_MAX + 201);
    assert_true(v.attempts == PROBE_SAMPLES_MAX + 201 && v.samples[v.sample_count - 1].at_ms == 10 + PROBE_SAMPLES_MAX - 1);
    assert_true(v.outage_count == 1 && v.down_ms == 9 && v.failures == 201);
    record_free(&r);
}

static void rows_are_compared(void **state)
{
    struct row_set set = {0};
    struct row_verdict v;
    static const int64_t acknowledged[] = {1, 2, 3, 5, 6, 9, 10};
    (void)state;
    rows_compare(&set, NULL, 0, &v);
    assert_true(v.found == 0 && v.lost == 0 && v.extra == 0);
    for (size_t i = 0; i < sizeof acknowledged / sizeof *acknowledged; i++)
        rows_add(&set, acknowledged[i]);
    assert_true(set.count == 7 && set.ranges.len == 3);
    rows_compare(&set, (const int64_t[]){1, 2, 3, 4, 5, 6, 9, 10}, 8, &v);
    assert_true(v.found == 8 && v.lost == 0 && v.extra == 1 && v.missing.ranges.len == 0);
    rows_compare(&set, (const int64_t[]){-1, 2, 2, 4, 5, 11}, 6, &v);
    assert_true(v.found == 5 && v.lost == 5 && v.extra == 3);
    assert_int_equal(v.missing.ranges.len, 4); /* 1, 3, 6, 9-10 */
    assert_true(v.missing.ranges.at[3].first == 9 && v.missing.ranges.at[3].last == 10);
    rows_free(&v.missing);
    rows_compare(&set, NULL, 0, &v);
    assert_true(v.found == 0 && v.lost == 7 && v.extra == 0);
    rows_free(&v.missing);
    rows_free(&set);
}

static void looked_up(void *arg, const struct resolve_address *addresses, size_t count, const struct error *error)
{
    struct test *t = arg;
    t->ended++;
    t->resolved = count;
    t->error = error ? *error : (struct error){0};
    assert_true((count == 0) == (error != NULL) && (addresses == NULL) == (error != NULL));
    for (size_t i = 0; i < count; i++)
        if (addresses[i].at.ss_family == AF_INET)
            assert_int_equal(ntohs(((const struct sockaddr_in *)(const void *)&addresses[i].at)->sin_port), 80);
}

static void names_are_looked_up(void **state)
{
    struct test *t = *state;
    static const struct {
        const char *host;
        bool good;
    } cases[] = {{"127.0.0.1", true}, {"::1", true}, {"localhost", true}, {"no such name at all", false}, {"", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        t->ended = 0;
        resolve_start(t->loop, cases[i].host, "80", looked_up, t);
        assert_int_equal(t->ended, 0);
        assert_true(loop_run_until(t->loop, has_ended, t, 20000));
        assert_int_equal(t->resolved > 0, cases[i].good);
        assert_true(cases[i].good || (error_is(&t->error, "UnknownHost") && strstr(t->error.message, cases[i].host)));
        resolve_cancel(resolve_start(t->loop, cases[i].host, "80", looked_up, t));
    }
    loop_run(t->loop);
    assert_int_equal(t->ended, 1);
    resolve_cancel(NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_test, drop_test)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tcp_up_down_up), TEST(http_by_its_status), TEST(may_be_freed_at_any_time), TEST(shows_no_secret), TEST(names_are_looked_up),
        cmocka_unit_test(outages_reach_from_good_to_good), cmocka_unit_test(records_are_bounded), cmocka_unit_test(rows_are_compared),
    };
    return cmocka_run_group_tests_name("actions_probe", tests, NULL, NULL);
}
