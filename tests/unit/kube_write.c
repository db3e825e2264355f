/* Patches and deletes against a server of raw sockets that counts what it receives: what may have been done is never sent again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "kube/write.h"
#include "net/retry.h"
#include "script_server.h"

/* Shared with the processes that serve. */
static struct counts {
    _Atomic int writes, reads, refused;
    char request[2048]; /* the last write that carried the right token */
} *counts;

static void reply(int fd, int status, const char *body)
{
    script_reply(fd, status, "Audit-Id: aud-1\x01\r\nContent-Type: application/json\r\n", body);
}

static void answer(int fd, const char *request, size_t len)
{
    const char *path = strchr(request, ' ') + 1;
    (void)len;
    if (!strstr(request, "authorization: Bearer good\r\n")) {
        counts->refused++;
        reply(fd, 401, "{\"kind\":\"Status\",\"code\":401,\"reason\":\"Unauthorized\"}");
        return;
    }
    if (text_starts(request, "GET ")) {
        counts->reads++;
        reply(fd, 200, "{\"kind\":\"Pod\"}");
        return;
    }
    text_copy(counts->request, sizeof counts->request, request);
    int number = ++counts->writes;
    if (text_starts(path, "/lost"))
        _exit(0);
    else if (text_starts(path, "/sick"))
        reply(fd, 503, "{\"kind\":\"Status\",\"reason\":\"ServiceUnavailable\"}");
    else if (text_starts(path, "/busy") && number == 1)
        reply(fd, 429, "{\"kind\":\"Status\",\"reason\":\"TooManyRequests\"}");
    else if (text_starts(path, "/changed"))
        reply(fd, 409, "{\"kind\":\"Status\",\"code\":409,\"reason\":\"Conflict\",\"message\":\"the uid is \\u001b[1m another\"}");
    else if (text_starts(path, "/half"))
        reply(fd, 200, "{\"kind\":");
    else
        reply(fd, 200, "{\"kind\":\"Deployment\",\"spec\":{\"replicas\":0}}");
}

struct test {
    struct script_server server; /* bound; listens once start_server() was called */
    struct loop *loop;
    struct http *http;
    struct kube *kube;
    char token_file[64], request_id[80];
    int told;
    bool good;
    struct error error;
};

static void start_server(void *arg)
{
    struct test *t = arg;
    assert_true(script_server_listen(&t->server));
}

static int make_idle(void **state)
{
    struct test *t = mem_new(sizeof *t);
    char server[64];
    struct error e = {0};
    struct http_options http = {0};
    counts = script_share(sizeof *counts);
    if (!script_server_bind(&t->server, answer))
        return -1;
    text_format(server, sizeof server, "http://127.0.0.1:%d", t->server.port);
    text_format(t->token_file, sizeof t->token_file, "/tmp/trivet-write-token-%d", (int)getpid());
    if (!file_write(t->token_file, "good\n", 5, 0600, &e))
        return -1;
    t->loop = loop_new();
    t->http = http_new(t->loop, &http);
    struct kube_options options = {.name = "c", .server = server, .token_file = t->token_file};
    t->kube = kube_new(t->loop, t->http, &options);
    *state = t;
    return 0;
}

static int make_test(void **state)
{
    if (make_idle(state) != 0)
        return -1;
    start_server(*state);
    return 0;
}

static int drop_test(void **state)
{
    struct test *t = *state;
    kube_free(t->kube);
    http_free(t->http);
    loop_free(t->loop);
    script_server_stop(&t->server);
    unlink(t->token_file);
    script_unshare(counts, sizeof *counts);
    free(t);
    return 0;
}

static void written(void *arg, json_t *object, const char *request_id, const struct error *error)
{
    struct test *t = arg;
    assert_true((object == NULL) == (error != NULL));
    t->told++;
    t->good = object != NULL;
    t->error = error ? *error : (struct error){0};
    text_copy(t->request_id, sizeof t->request_id, request_id);
}

static void read_done(void *arg, json_t *object, const struct error *error)
{
    (void)object;
    assert_null(error);
    ((struct test *)arg)->told++;
}

static bool is_told(void *arg) { return ((struct test *)arg)->told > 0; }

static void patch(struct test *t, const char *path)
{
    json_t *body = json_pack("{s:{s:i}}", "spec", "replicas", 0);
    t->told = 0;
    kube_patch(t->kube, path, KUBE_MERGE_PATCH, body, written, t);
    json_decref(body);
    assert_int_equal(t->told, 0);
    assert_true(loop_run_until(t->loop, is_told, t, 10000));
    assert_int_equal(t->told, 1);
}

static void read_once(struct test *t)
{
    t->told = 0;
    kube_get(t->kube, "/api/v1/namespaces/app/pods/p", read_done, t);
    assert_true(loop_run_until(t->loop, is_told, t, 10000));
}

static void patches(void **state)
{
    struct test *t = *state;
    patch(t, "/apis/apps/v1/namespaces/app/deployments/web/scale");
    assert_true(t->good);
    assert_string_equal(t->request_id, "aud-1?");
    assert_true(text_starts(counts->request, "PATCH /apis/apps/v1/namespaces/app/deployments/web/scale HTTP/1.1\r\n"));
    assert_non_null(strstr(counts->request, "content-type: application/merge-patch+json\r\n"));
    assert_true(text_ends(counts->request, "\r\n\r\n{\"spec\":{\"replicas\":0}}"));
    assert_int_equal(counts->writes, 1);
}

static void deletes(void **state)
{
    struct test *t = *state;
    json_t *body = json_pack("{s:{s:s}}", "preconditions", "uid", "u-1");
    kube_delete(t->kube, "/api/v1/namespaces/app/pods/p", body, written, t);
    json_decref(body);
    assert_true(loop_run_until(t->loop, is_told, t, 10000));
    assert_true(t->good);
    assert_true(text_starts(counts->request, "DELETE /api/v1/namespaces/app/pods/p HTTP/1.1\r\n"));
    assert_true(text_ends(counts->request, "\r\n\r\n{\"preconditions\":{\"uid\":\"u-1\"}}"));
    t->told = 0;
    kube_delete(t->kube, "/api/v1/namespaces/app/pods/q", NULL, written, t);
    assert_true(loop_run_until(t->loop, is_told, t, 10000));
    assert_true(t->good);
    assert_true(text_ends(counts->request, "\r\n\r\n"));
    assert_null(strstr(counts->request, "content-type: "));
}

/* What was received and not answered may have been done; also on a connection that was used before, where curl would send it again. */
static void does_not_repeat_what_may_have_been_done(void **state)
{
    struct test *t = *state;
    read_once(t);
    patch(t, "/lost");
    assert_string_equal(t->error.code, "ConnectionLost");
    assert_false(retry_was_not_done(&t->error));
    assert_int_equal(counts->writes, 1);
    patch(t, "/sick");
    assert_string_equal(t->error.code, "ServiceUnavailable");
    assert_string_equal(t->request_id, "aud-1?");
    assert_false(retry_was_not_done(&t->error));
    assert_int_equal(counts->writes, 2);
    patch(t, "/half");
    assert_string_equal(t->error.code, "BadJSON");
    assert_false(retry_was_not_done(&t->error));
    assert_int_equal(counts->writes, 3);
}

static void repeats_what_was_turned_away(void **state)
{
    struct test *t = *state;
    patch(t, "/busy");
    assert_true(t->good);
    assert_int_equal(counts->writes, 2);
}

static void tells_refusals(void **state)
{
    struct test *t = *state;
    patch(t, "/changed");
    assert_string_equal(t->error.code, "Conflict");
    assert_string_equal(t->error.message, "the uid is ?[1m another");
    assert_string_equal(t->error.request_id, "aud-1?");
    assert_int_equal(t->error.status, 409);
    assert_true(retry_was_not_done(&t->error));
    assert_int_equal(counts->writes, 1);
}

static void renews_the_token_once(void **state)
{
    struct test *t = *state;
    struct error e = {0};
    assert_true(file_write(t->token_file, "old", 3, 0600, &e));
    patch(t, "/denied");
    assert_string_equal(t->error.code, "Unauthorized");
    assert_int_equal(counts->refused, 2);
    assert_int_equal(counts->writes, 0);
    assert_true(retry_was_not_done(&t->error));
}

static void waits_for_a_server_that_is_not_there_yet(void **state)
{
    struct test *t = *state;
    loop_after(t->loop, 5, start_server, t);
    patch(t, "/late");
    assert_true(t->good);
    assert_int_equal(counts->writes, 1);
}

static void tells_that_nobody_was_reached(void **state)
{
    struct test *t = *state;
    patch(t, "/nobody");
    assert_string_equal(t->error.code, "ConnectFailed");
    assert_true(retry_was_not_done(&t->error));
}

static bool are_told(void *arg) { return ((struct test *)arg)->told == 3; }

/* Reads of one object share a request; what is written does not. */
static void shares_nothing(void **state)
{
    struct test *t = *state;
    json_t *body = json_object();
    kube_patch(t->kube, "/same", KUBE_MERGE_PATCH, body, written, t);
    kube_patch(t->kube, "/same", KUBE_MERGE_PATCH, body, written, t);
    kube_get(t->kube, "/same", read_done, t);
    kube_cancel(kube_patch(t->kube, "/same", KUBE_MERGE_PATCH, body, written, t));
    json_decref(body);
    assert_true(loop_run_until(t->loop, are_told, t, 10000));
    assert_int_equal(counts->writes, 2);
    assert_int_equal(counts->reads, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_test, drop_test)
#define TEST_IDLE(f) cmocka_unit_test_setup_teardown(f, make_idle, drop_test)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(patches), TEST(deletes), TEST(does_not_repeat_what_may_have_been_done), TEST(repeats_what_was_turned_away), TEST(tells_refusals),
        TEST(renews_the_token_once), TEST_IDLE(waits_for_a_server_that_is_not_there_yet), TEST_IDLE(tells_that_nobody_was_reached),
        TEST(shares_nothing),
    };
    return cmocka_run_group_tests_name("kube_write", tests, NULL, NULL);
}
