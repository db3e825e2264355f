/* The loop: timers, descriptors, signals, the pass hook, and what callbacks may do to them; retries and rates; child processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/when.h"
#include "net/child.h"
#include "net/loop.h"
#include "net/rate.h"
#include "net/retry.h"

struct test {
    struct loop *loop;
    char order[64];
    int count;
    struct loop_timer *timer;
    struct loop_watch *watches[3];
    int fds[6];
    bool done;
};

static int make_test(void **state)
{
    struct test *t = mem_new(sizeof *t);
    t->loop = loop_new();
    *state = t;
    return 0;
}

static int drop_test(void **state)
{
    struct test *t = *state;
    loop_free(t->loop);
    for (size_t i = 0; i < 6; i++)
        if (t->fds[i] > 0)
            close(t->fds[i]);
    free(t);
    return 0;
}

static void note(struct test *t, const char *c)
{
    size_t len = strlen(t->order);
    text_copy(t->order + len, sizeof t->order - len, c);
}

static bool is_done(void *arg) { return ((struct test *)arg)->done; }
static void finish(void *arg) { ((struct test *)arg)->done = true; }
static void fire_a(void *arg) { note(arg, "a"); }
static void fire_b(void *arg) { note(arg, "b"); }
static void fire_c(void *arg) { note(arg, "c"); }

static void fire_again(void *arg)
{
    struct test *t = arg;
    note(t, "r");
    if (++t->count < 3)
        loop_after(t->loop, 0, fire_again, t);
}

static void fire_and_cancel(void *arg)
{
    struct test *t = arg;
    note(t, "x");
    loop_cancel(t->loop, t->timer);
}

static void timers_fire_in_order(void **state)
{
    struct test *t = *state;
    loop_after(t->loop, 30, fire_c, t);
    loop_after(t->loop, 10, fire_a, t);
    loop_after(t->loop, 20, fire_b, t);
    loop_after(t->loop, 10, fire_b, t); /* of the same time: in the order made */
    loop_run(t->loop); /* returns by itself: nothing is left */
    assert_string_equal(t->order, "abbc");
    loop_run(t->loop);
    loop_after(t->loop, 0, fire_again, t);
    loop_after(t->loop, -5, fire_a, t);
    loop_run(t->loop);
    assert_string_equal(t->order, "abbcrarr"); /* one made in a pass fires in a later one */
    loop_after(t->loop, 0, fire_and_cancel, t);
    t->timer = loop_after(t->loop, 0, fire_a, t);
    loop_run(t->loop);
    assert_string_equal(t->order, "abbcrarrx");
    loop_cancel(t->loop, NULL);
    loop_after(t->loop, 1000000, fire_a, t); /* dropped with the loop */
}

static void fire_slowly(void *arg)
{
    struct test *t = arg;
    usleep(60000);
    loop_after(t->loop, 20, finish, t);
}

static void delays_count_from_now(void **state)
{
    struct test *t = *state;
    usleep(50000); /* between making the loop and running it */
    int64_t began = when_monotonic();
    loop_after(t->loop, 40, finish, t);
    assert_true(loop_run_until(t->loop, is_done, t, 20000));
    assert_in_range(when_monotonic() - began, 39, 20000);
    t->done = false;
    loop_after(t->loop, 0, fire_slowly, t); /* a callback that takes long does not make what it asks for early or late */
    began = when_monotonic();
    assert_true(loop_run_until(t->loop, is_done, t, 20000));
    assert_in_range(when_monotonic() - began, 79, 20000);
}

static void runs_until(void **state)
{
    struct test *t = *state;
    int64_t began = when_monotonic();
    assert_false(loop_run_until(t->loop, is_done, t, 3600000)); /* nothing can ever make it true */
    struct loop_timer *later = loop_after(t->loop, 3600000, finish, t);
    assert_false(loop_run_until(t->loop, is_done, t, 50));
    assert_in_range(when_monotonic() - began, 49, 1800000);
    loop_cancel(t->loop, later);
    t->done = true;
    assert_true(loop_run_until(t->loop, is_done, t, 20000));
}

static void stop_now(void *arg)
{
    struct test *t = arg;
    note(t, "s");
    loop_stop(t->loop);
}

static void count_pass(void *arg) { ((struct test *)arg)->count++; }

static void stops_and_hooks(void **state)
{
    struct test *t = *state;
    loop_after(t->loop, 0, stop_now, t);
    loop_after(t->loop, 10000, fire_a, t);
    loop_on_pass(t->loop, count_pass, t);
    loop_run(t->loop);
    assert_string_equal(t->order, "s");
    assert_int_equal(t->count, 1);
    loop_on_pass(t->loop, NULL, NULL);
    loop_after(t->loop, 0, stop_now, t);
    loop_run(t->loop);
    assert_int_equal(t->count, 1);
    assert_true(loop_wall(t->loop) > INT64_C(1700000000000) && loop_now(t->loop) > 0);
}

static void open_pair(struct test *t, int i)
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, &t->fds[2 * i]), 0);
}

static void read_some(void *arg, short revents)
{
    struct test *t = arg;
    char bytes[16] = "";
    ssize_t n = read(t->fds[0], bytes, sizeof bytes - 1);
    note(t, n > 0 ? bytes : (revents & POLLHUP) ? "hup" : "end");
    if (n <= 0) {
        loop_unwatch(t->loop, t->watches[0]);
        t->done = true;
    }
}

static void writable(void *arg, short revents)
{
    struct test *t = arg;
    note(t, revents & POLLOUT ? "w" : "?");
    loop_watch_events(t->watches[0], POLLIN);
    assert_int_equal(write(t->fds[1], "ping", 4), 4);
}

static void watch_both(void *arg, short revents)
{
    if (revents & POLLOUT)
        writable(arg, revents);
    else
        read_some(arg, revents);
}

static void hang_up(void *arg)
{
    struct test *t = arg;
    close(t->fds[1]);
    t->fds[1] = 0;
}

static void watches_descriptors(void **state)
{
    struct test *t = *state;
    open_pair(t, 0);
    t->watches[0] = loop_watch(t->loop, t->fds[0], POLLIN | POLLOUT, watch_both, t);
    loop_after(t->loop, 20, hang_up, t);
    assert_true(loop_run_until(t->loop, is_done, t, 20000));
    assert_string_equal(t->order, "wpinghup");
    loop_run(t->loop); /* ends, as the watch is gone: nothing left */
}

static void unwatch_all(void *arg, short revents)
{
    struct test *t = arg;
    (void)revents;
    t->count++;
    for (int i = 0; i < 3; i++)
        loop_unwatch(t->loop, t->watches[i]);
}

static void watches_may_take_each_other_away(void **state)
{
    struct test *t = *state;
    for (int i = 0; i < 3; i++) {
        open_pair(t, i);
        assert_int_equal(write(t->fds[2 * i + 1], "x", 1), 1);
        t->watches[i] = loop_watch(t->loop, t->fds[2 * i], POLLIN, unwatch_all, t);
    }
    loop_run(t->loop);
    assert_int_equal(t->count, 1);
    struct loop_watch *w = loop_watch(t->loop, t->fds[0], POLLOUT, unwatch_all, t);
    loop_unwatch(t->loop, w); /* outside of a pass */
    loop_run(t->loop); /* ends */
    assert_int_equal(t->count, 1);
    loop_unwatch(t->loop, NULL);
}

static void watch_more(void *arg, short revents)
{
    struct test *t = arg;
    (void)revents;
    loop_unwatch(t->loop, t->watches[0]);
    for (int i = 0; i < 20; i++) /* the array moves under the pass */
        loop_unwatch(t->loop, loop_watch(t->loop, t->fds[0], POLLOUT, unwatch_all, t));
    t->watches[0] = loop_watch(t->loop, t->fds[0], POLLIN, read_some, t);
}

static void watches_may_be_added_inside(void **state)
{
    struct test *t = *state;
    open_pair(t, 0);
    t->watches[0] = loop_watch(t->loop, t->fds[0], POLLOUT, watch_more, t);
    loop_after(t->loop, 20, hang_up, t);
    assert_true(loop_run_until(t->loop, is_done, t, 20000));
    assert_string_equal(t->order, "hup");
    assert_int_equal(t->count, 0);
}

static void caught(void *arg, int signo)
{
    struct test *t = arg;
    note(t, signo == SIGUSR1 ? "1" : "2");
    if (signo == SIGUSR1)
        loop_signal(t->loop, SIGUSR1, NULL, NULL);
    else
        t->done = true;
}

static void raise_both(void *arg)
{
    (void)arg;
    raise(SIGUSR1);
    raise(SIGUSR2);
}

static void catches_signals(void **state)
{
    struct test *t = *state;
    sigset_t mask;
    signal(SIGUSR1, SIG_IGN);
    assert_true(loop_signal(t->loop, SIGUSR1, caught, t));
    assert_true(loop_signal(t->loop, SIGUSR2, caught, t));
    assert_true(loop_signal(t->loop, SIGUSR2, caught, t)); /* one handler a signal */
    signal(SIGUSR1, SIG_DFL);
    loop_after(t->loop, 0, raise_both, t);
    struct loop_timer *stay = loop_after(t->loop, 2000, finish, t);
    assert_true(loop_run_until(t->loop, is_done, t, 20000));
    loop_cancel(t->loop, stay);
    assert_string_equal(t->order, "12");
    sigprocmask(SIG_BLOCK, NULL, &mask);
    assert_false(sigismember(&mask, SIGUSR1)); /* taken back */
    assert_true(sigismember(&mask, SIGUSR2));
    loop_run(t->loop); /* ends: signals alone do not keep it */
    loop_free(t->loop);
    t->loop = NULL;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    assert_false(sigismember(&mask, SIGUSR2));
    signal(SIGUSR2, SIG_DFL);
}

/* Retries and rates: no loop in them. */

static void retries_as_the_sdks(void **state)
{
    struct retry_bucket bucket = {RETRY_TOKENS};
    struct retry retry;
    struct error timeout = {.kind = ERROR_TIMEOUT}, busy = {.kind = ERROR_SERVICE, .status = 503, .retry_after_ms = 7000},
                 denied = {.kind = ERROR_SERVICE, .status = 403};
    int64_t wait = -1;
    (void)state;
    retry_init(&retry, &bucket, 3);
    assert_true(retry_again(&retry, &timeout, &wait));
    assert_in_range(wait, 0, 1000);
    assert_int_equal(bucket.tokens, RETRY_TOKENS - 10);
    assert_true(retry_again(&retry, &busy, &wait));
    assert_int_equal(wait, 7000); /* what the service asked for */
    assert_int_equal(bucket.tokens, RETRY_TOKENS - 15);
    assert_false(retry_again(&retry, &busy, &wait)); /* three attempts */
    retry_success(&retry);
    assert_int_equal(bucket.tokens, RETRY_TOKENS - 10);
    retry_success(&retry);
    assert_int_equal(bucket.tokens, RETRY_TOKENS - 9);
    retry_init(&retry, &bucket, 3);
    assert_false(retry_again(&retry, &denied, &wait));
    struct error later = {.kind = ERROR_SERVICE, .status = 503, .retry_after_ms = 20001}; /* so long it would look like a console that hangs */
    retry_init(&retry, &bucket, 3);
    assert_false(retry_again(&retry, &later, &wait));
    bucket.tokens = 4; /* a service in trouble is not hammered */
    retry_init(&retry, &bucket, 3);
    assert_false(retry_again(&retry, &busy, &wait));
    assert_int_equal(bucket.tokens, 4);
    bucket.tokens = RETRY_TOKENS;
    retry_success(&retry);
    assert_int_equal(bucket.tokens, RETRY_TOKENS);
    int64_t most = 0;
    for (int i = 0; i < 2000; i++) {
        int64_t ms = retry_backoff(3, 1000, 20000);
        assert_in_range(ms, 0, 8000);
        most = ms > most ? ms : most;
        assert_in_range(retry_backoff(60, 1000, 20000), 0, 20000);
    }
    assert_true(most > 7000);
}

static void knows_what_passes(void **state)
{
    static const struct {
        struct error e;
        bool transient, throttling;
    } cases[] = {
        {{.kind = ERROR_TIMEOUT, .code = "Timeout"}, true, false},       {{.kind = ERROR_NETWORK, .code = "ConnectionLost"}, true, false},
        {{.kind = ERROR_NETWORK, .code = "TLS"}, false, false},
        {{.kind = ERROR_SERVICE, .status = 500, .code = "InternalFailure"}, true, false}, {{.kind = ERROR_SERVICE, .status = 501}, false, false},
        {{.kind = ERROR_SERVICE, .status = 429}, true, true}, {{.kind = ERROR_SERVICE, .status = 400, .code = "ThrottlingException"}, true, true},
        {{.kind = ERROR_SERVICE, .status = 400, .code = "RequestTimeout"}, true, false},
        {{.kind = ERROR_SERVICE, .status = 403, .code = "AccessDenied"}, false, false}, {{.kind = ERROR_PROTOCOL, .status = 502}, true, false},
        {{.kind = ERROR_CANCELLED}, false, false}, {{.kind = ERROR_INPUT, .code = "ParamValidation"}, false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(retry_is_transient(&cases[i].e), cases[i].transient);
        assert_int_equal(retry_is_throttling(&cases[i].e), cases[i].throttling);
    }
}

static void rates_say_how_long(void **state)
{
    struct rate rate;
    (void)state;
    rate_init(&rate, 10, 2);
    assert_int_equal(rate_take(&rate, 1000), 0);
    assert_int_equal(rate_take(&rate, 1000), 0);
    assert_int_equal(rate_take(&rate, 1000), 100);
    assert_int_equal(rate_take(&rate, 1000), 200);
    assert_int_equal(rate_take(&rate, 1200), 100);
    assert_int_equal(rate_take(&rate, 100000), 0);
    assert_int_equal(rate_take(&rate, 100000), 0);
    assert_in_range(rate_take(&rate, 100000), 1, 100);
    assert_in_range(rate_take(&rate, 99000), 1, 200); /* a clock that goes back gives nothing and takes nothing */
    rate_init(&rate, 0, 0);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(rate_take(&rate, 1), 0);
}

/* Children. */

struct result {
    struct test *test;
    struct child *child;
    char out[256];
    size_t len;
    int status, calls;
    struct error error;
};

static void child_ended(void *arg, const char *out, size_t len, int status, const struct error *error)
{
    struct result *r = arg;
    r->calls++;
    r->status = status;
    r->len = len;
    r->error = error ? *error : (struct error){0};
    assert_int_equal(out == NULL, error != NULL);
    if (out) {
        assert_int_equal(out[len], '\0');
        text_copy(r->out, sizeof r->out, out);
    }
    r->child = NULL;
    r->test->done = true;
}

static struct result run_shell(struct test *t, const char *script, const char *const env[], int64_t limit, size_t max)
{
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    struct result r = {.test = t};
    t->done = false;
    r.child = child_run(t->loop, argv, env, limit, max, child_ended, &r);
    assert_int_equal(r.calls, 0);
    assert_true(loop_run_until(t->loop, is_done, t, 20000));
    assert_int_equal(r.calls, 1);
    return r;
}

static void children_give_output_and_status(void **state)
{
    struct test *t = *state;
    struct result r = run_shell(t, "echo out; echo err >&2; exit 3", NULL, 5000, 1000);
    assert_string_equal(r.out, "out\n");
    assert_int_equal(r.status, 3);
    r = run_shell(t, "cat; true", NULL, 5000, 1000); /* standard input is empty */
    assert_true(r.len == 0 && r.status == 0);
    r = run_shell(t, "printf 'a\\0b'", NULL, 5000, 1000);
    assert_int_equal(r.len, 3);
    setenv("TRIVET_TEST", "ours", 1);
    r = run_shell(t, "echo $TRIVET_TEST", NULL, 5000, 1000);
    assert_string_equal(r.out, "ours\n");
    r = run_shell(t, "env | grep '^TRIVET_TEST'", (const char *const[]){"TRIVET_TEST=theirs", "TRIVET_TEST2=two", NULL}, 5000, 1000);
    assert_string_equal(r.out, "TRIVET_TEST=theirs\nTRIVET_TEST2=two\n");
    unsetenv("TRIVET_TEST");
    loop_signal(t->loop, SIGTERM, caught, t); /* what the loop holds back, a child does not */
    r = run_shell(t, "kill -TERM $$; echo not reached", NULL, 5000, 1000);
    assert_string_equal(r.error.code, "ChildKilled");
    loop_signal(t->loop, SIGTERM, NULL, NULL);
    int inherited = 0;
    for (int fd = 3; fd < 256; fd++) /* what whoever started the test left open */
        inherited += fcntl(fd, F_GETFD) == 0;
    r = run_shell(t, "ls /proc/self/fd | wc -l", NULL, 5000, 1000);
    assert_int_equal(strtol(r.out, NULL, 10), 4 + inherited); /* three, and the directory itself: nothing of ours */
}

static void children_are_bounded(void **state)
{
    struct test *t = *state;
    struct result r = run_shell(t, "while :; do echo more; done", NULL, 5000, 1000);
    assert_string_equal(r.error.code, "ChildOutput");
    assert_int_equal(r.status, -1);
    int64_t began = when_monotonic();
    r = run_shell(t, "exec sleep 60", NULL, 100, 1000);
    assert_string_equal(r.error.code, "ChildTimeout");
    assert_int_equal(r.error.kind, ERROR_TIMEOUT);
    r = run_shell(t, "exec >&-; exec sleep 60", NULL, 100, 1000); /* its output has ended, it has not */
    assert_string_equal(r.error.code, "ChildTimeout");
    r = run_shell(t, "echo early; sleep 3 & exit 0", NULL, 300, 1000); /* a grandchild keeps the pipe */
    assert_true(when_monotonic() - began < 50000);
    const char *const argv[] = {"/nonexistent/program", NULL};
    r = (struct result){.test = t};
    t->done = false;
    r.child = child_run(t->loop, argv, NULL, 1000, 1000, child_ended, &r);
    assert_true(loop_run_until(t->loop, is_done, t, 20000));
    assert_string_equal(r.error.code, "ChildNotStarted");
    assert_non_null(strstr(r.error.message, "/nonexistent/program"));
}

static void cancel_in_done(void *arg, const char *out, size_t len, int status, const struct error *error)
{
    struct result *r = arg;
    (void)out, (void)len, (void)status, (void)error;
    r->calls++;
    r->test->done = true;
}

static void children_may_be_cancelled(void **state)
{
    struct test *t = *state;
    const char *const argv[] = {"/bin/sh", "-c", "echo x; exec sleep 60", NULL}, *const quick[] = {"/bin/true", NULL};
    struct result r = {.test = t};
    r.child = child_run(t->loop, argv, NULL, 60000, 1000, child_ended, &r);
    loop_after(t->loop, 50, finish, t);
    assert_true(loop_run_until(t->loop, is_done, t, 20000));
    child_cancel(r.child);
    child_cancel(NULL);
    t->done = false;
    r.child = child_run(t->loop, quick, NULL, 60000, 1000, cancel_in_done, &r);
    assert_true(loop_run_until(t->loop, is_done, t, 20000));
    assert_int_equal(r.calls, 1);
    r.child = child_run(t->loop, quick, NULL, 60000, 1000, child_ended, &r);
    child_cancel(r.child); /* at once */
    loop_run(t->loop);
    assert_int_equal(r.calls, 1);
}

static void splits_words(void **state)
{
    static const char *const cases[][2] = {
        {"a b  c", "a|b|c|"}, {"  a\tb ", "a|b|"}, {"", ""}, {"   ", ""}, {"'a b' \"c d\"", "a b|c d|"}, {"a'b'\"c\"d", "abcd|"}, {"a\\ b", "a b|"},
        {"'a\\b'", "a\\b|"}, {"\"a\\\"b\\\\c\\n\"", "a\"b\\c\\n|"}, {"''", "|"}, {"a '' b", "a||b|"}, {"\\'", "'|"}, {"a\\", "a\\|"},
        {"'open", NULL}, {"\"open", NULL}, {"a \"b", NULL}, {"$HOME `x` *", "$HOME|`x`|*|"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str all = STR_INIT(1000);
        char **words = child_split_words(cases[i][0]);
        assert_int_equal(words != NULL, cases[i][1] != NULL);
        for (size_t k = 0; words && words[k]; k++)
            str_addf(&all, "%s|", words[k]);
        if (words)
            assert_string_equal(str_text(&all), cases[i][1]);
        str_free(&all);
        child_free_words(words);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_test, drop_test)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(timers_fire_in_order), TEST(delays_count_from_now), TEST(runs_until), TEST(stops_and_hooks), TEST(watches_descriptors),
        TEST(watches_may_take_each_other_away), TEST(watches_may_be_added_inside), TEST(catches_signals),
        cmocka_unit_test(retries_as_the_sdks), cmocka_unit_test(knows_what_passes), cmocka_unit_test(rates_say_how_long),
        TEST(children_give_output_and_status), TEST(children_are_bounded), TEST(children_may_be_cancelled), cmocka_unit_test(splits_words),
    };
    return cmocka_run_group_tests_name("net_loop", tests, NULL, NULL);
}
