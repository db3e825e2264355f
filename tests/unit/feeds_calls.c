/* A refresh of many calls: more than go out at once, some of things that are gone by then, some refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "aws/client.h"
#include "base/json.h"
#include "base/mem.h"
#include "feeds/internal.h"
#include "script_server.h"

static struct counts { /* by processes that run side by side */
    _Atomic int asked;
} *counts;

static void refuse(int fd, int status, const char *code)
{
    char headers[120];
    text_format(headers, sizeof headers, "Content-Type: application/json\r\nx-amzn-ErrorType: %s\r\n", code);
    script_reply(fd, status, headers, "{\"message\":\"no\"}");
}

/* DescribeNodegroup: what the group's name says. */
static void answer(int fd, const char *request, size_t len)
{
    (void)len;
    counts->asked++;
    if (strstr(request, "/node-groups/gone "))
        refuse(fd, 404, "ResourceNotFoundException");
    else if (strstr(request, "/node-groups/denied "))
        refuse(fd, 403, "AccessDeniedException");
    else
        script_reply(fd, 200, "Content-Type: application/json\r\n", "{\"nodegroup\":{\"nodegroupName\":\"some\"}}");
}

struct test {
    struct script_server server;
    struct loop *loop;
    struct http *http;
    struct aws *aws;
    struct feed_run run;
    struct calls calls;
    int answers, ends;
    struct error error;
};

static int make_test(void **state)
{
    struct test *t = mem_new(sizeof *t);
    char url[64];
    counts = script_share(sizeof *counts);
    if (!script_server_start(&t->server, answer))
        return -1;
    text_format(url, sizeof url, "http://127.0.0.1:%d", t->server.port);
    setenv("AWS_ENDPOINT_URL", url, 1);
    t->loop = loop_new();
    t->http = http_new(t->loop, &(struct http_options){.log = NULL});
    t->aws = aws_new(t->loop, t->http, &(struct aws_options){.region = "us-east-1"});
    t->run = (struct feed_run){.session = aws_session_base(t->aws), .state = t};
    *state = t;
    return 0;
}

static int drop_test(void **state)
{
    struct test *t = *state;
    aws_free(t->aws);
    http_free(t->http);
    loop_free(t->loop);
    script_server_stop(&t->server);
    script_unshare(counts, sizeof *counts);
    free(t);
    return 0;
}

static void done(struct feed_run *run, const struct error *error)
{
    struct test *t = run->state;
    t->ends++;
    t->error = error ? *error : (struct error){0};
}

static void got(struct feed_run *run, json_t *output, void *arg)
{
    struct test *t = run->state;
    assert_string_equal(json_text(output, "nodegroup.nodegroupName"), "some");
    assert_ptr_equal(arg, t);
    t->answers++;
}

static void ask(struct test *t, const char *group, bool listed)
{
    json_t *input = json_pack("{s:s, s:s}", "clusterName", "c", "nodegroupName", group);
    (listed ? calls_each : calls_add)(&t->calls, "eks", "DescribeNodegroup", input, NULL, got, t);
}

static bool is_over(void *arg) { return ((struct test *)arg)->ends > 0; }

static void run(struct test *t)
{
    calls_end(&t->calls);
    assert_int_equal(t->ends, 0);
    assert_true(loop_run_until(t->loop, is_over, t, 30000));
    assert_int_equal(t->ends, 1);
}

static void all_are_asked_however_many(void **state)
{
    struct test *t = *state;
    calls_begin(&t->calls, &t->run, done);
    for (int i = 0; i < CALLS_AT_ONCE + 20; i++)
        ask(t, "some", true);
    run(t);
    assert_int_equal(t->answers, CALLS_AT_ONCE + 20);
    assert_int_equal(counts->asked, CALLS_AT_ONCE + 20);
    assert_int_equal(t->error.kind, ERROR_NONE);
}

static void what_is_gone_by_then_is_no_failure(void **state)
{
    struct test *t = *state;
    calls_begin(&t->calls, &t->run, done);
    ask(t, "some", true);
    ask(t, "gone", true);
    ask(t, "some", true);
    run(t);
    assert_int_equal(t->answers, 2);
    assert_int_equal(t->error.kind, ERROR_NONE);
}

static void what_is_refused_is(void **state)
{
    struct test *t = *state;
    calls_begin(&t->calls, &t->run, done);
    ask(t, "denied", true);
    ask(t, "some", true);
    run(t);
    assert_int_equal(t->answers, 1);
    assert_string_equal(t->error.code, "AccessDeniedException");
}

static void what_was_asked_for_by_name_must_be_there(void **state)
{
    struct test *t = *state;
    calls_begin(&t->calls, &t->run, done);
    ask(t, "gone", false);
    run(t);
    assert_string_equal(t->error.code, "ResourceNotFoundException");
}

static void those_in_line_are_cancelled_too(void **state)
{
    struct test *t = *state;
    calls_begin(&t->calls, &t->run, done);
    for (int i = 0; i < CALLS_AT_ONCE * 2; i++)
        ask(t, "some", true);
    calls_cancel(&t->calls);
    calls_begin(&t->calls, &t->run, done);
    ask(t, "some", true);
    run(t);
    assert_int_equal(t->answers, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_test, drop_test)
    const struct CMUnitTest tests[] = {TEST(all_are_asked_however_many), TEST(what_is_gone_by_then_is_no_failure), TEST(what_is_refused_is),
                                       TEST(what_was_asked_for_by_name_must_be_there), TEST(those_in_line_are_cancelled_too)};
    script_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
