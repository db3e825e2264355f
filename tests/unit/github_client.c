/* GitHub's client against a server of raw sockets: pages, ETags, limits, refusals, and hostile replies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "github/write.h"
#include "script_server.h"

#define TOKEN "ghs_aTokenThatNobodyMaySee"

static struct counts { /* what the server counts; shared with the processes that serve */
    _Atomic int requests, pages, saved, busy, posts, strangers, limited;
    char body[512], path[256];
} *counts;

static struct script_server server;

static void reply(int fd, int status, const char *headers, const char *body)
{
    char all[600];
    text_format(all, sizeof all, "Content-Type: application/json\r\nX-GitHub-Request-Id: 7A:B\xff\x1b[2J\r\n%s", headers);
    script_reply(fd, status, all, body);
}

static void serve_page(int fd, const char *request)
{
    const char *at = strstr(request, "&page="), *held = strstr(request, "if-none-match: \"p");
    int page = at ? atoi(at + 6) : 1;
    char headers[400], body[200];
    counts->pages++;
    text_format(headers, sizeof headers,
                "ETag: \"p%d\"\r\nX-RateLimit-Limit: 5000\r\nX-RateLimit-Remaining: 4990\r\nX-RateLimit-Reset: 1\r\n"
                "Link: <http://127.0.0.1:%d/repos/o/r/actions/runs?per_page=100&page=%d>; rel=\"prev\"%s",
                page, server.port, page - 1, page == 3 ? "\r\n" : "");
    if (page < 3) {
        size_t len = strlen(headers);
        text_format(headers + len, sizeof headers - len, ", <http://127.0.0.1:%d/repos/o/r/actions/runs?per_page=100&page=%d>; rel=\"next\"\r\n",
                    server.port, page + 1);
    }
    text_format(body, sizeof body, "{\"total_count\":6,\"workflow_runs\":[{\"id\":%d},{\"id\":%d}]}", page * 2 - 1, page * 2);
    bool same = held && atoi(held + 17) == page;
    counts->saved += same;
    reply(fd, same ? 304 : 200, headers, same ? "" : body);
}

static void answer(int fd, const char *request, size_t len)
{
    const char *path = strchr(request, ' ') + 1;
    char headers[300];
    (void)len;
    counts->requests++;
    text_format(counts->path, sizeof counts->path, "%.*s", (int)strcspn(path, " "), path);
    if (!strstr(request, "authorization: Bearer " TOKEN "\r\n"))
        reply(fd, 401, "", "{\"message\":\"Bad credentials\"}");
    else if (!strncmp(request, "POST ", 5)) {
        counts->posts++;
        text_copy(counts->body, sizeof counts->body, strstr(request, "\r\n\r\n") + 4);
        if (strstr(path, "/9/"))
            reply(fd, 503, "", "{}");
        else if (strstr(path, "/8/"))
            reply(fd, 422, "", "{\"message\":\"Validation Failed\",\"errors\":[\"No pending deployment requests\"]}");
        else
            reply(fd, 200, "ETag: \"x\"\r\n", "[{\"environment\":\"production\"}]");
    } else if (strstr(path, "/o/r/actions/runs?"))
        serve_page(fd, request);
    else if (strstr(path, "/stranger")) {
        text_format(headers, sizeof headers, "Link: <http://127.0.0.1:%d0/elsewhere?page=2>; rel=\"next\"\r\n", server.port);
        reply(fd, 200, headers, "[1]");
    } else if (strstr(path, "/endless")) {
        text_format(headers, sizeof headers, "Link: <http://127.0.0.1:%d/endless>; rel=\"next\"\r\n", server.port);
        reply(fd, 200, headers, "[1]");
    } else if (strstr(path, "/busy")) {
        bool still = ++counts->busy < 3;
        reply(fd, still ? 502 : 200, "", still ? "<html>" : "{\"a\":1}");
    } else if (strstr(path, "/spent")) {
        counts->limited++;
        text_format(headers, sizeof headers, "X-RateLimit-Limit: 60\r\nX-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: %lld\r\n",
                    (long long)time(NULL) + 1800);
        reply(fd, 403, headers, "{\"message\":\"API rate limit exceeded\"}");
    } else if (strstr(path, "/slowly"))
        reply(fd, 403, "Retry-After: 7\r\n", "{\"message\":\"You have exceeded a secondary rate limit\"}");
    else if (strstr(path, "/untold"))
        reply(fd, 403, "", "{\"message\":\"You have exceeded a secondary rate limit\"}");
    else if (strstr(path, "/renamed")) {
        text_format(headers, sizeof headers, "Location: http://127.0.0.1:%d/busy\r\n", server.port);
        reply(fd, 301, headers, "{\"message\":\"Moved Permanently\"}");
    } else if (strstr(path, "/lured")) {
        text_format(headers, sizeof headers, "Location: http://127.0.0.1:%d0/busy\r\n", server.port);
        reply(fd, 301, headers, "{\"message\":\"Moved Permanently\"}");
    } else if (strstr(path, "/circle")) {
        text_format(headers, sizeof headers, "Location: http://127.0.0.1:%d/circle\r\n", server.port);
        reply(fd, 307, headers, "{}");
    } else if (strstr(path, "/closed"))
        reply(fd, 403, "X-RateLimit-Remaining: 10\r\nX-RateLimit-Limit: 60\r\n",
              "{\"message\":\"Resource not \\u001b[31m accessible\\nby integration\"}");
    else if (strstr(path, "/conflict"))
        reply(fd, 409, "", "{\"message\":\"is\"}");
    else if (strstr(path, "/teapot"))
        reply(fd, 418, "", "[1,2,3]");
    else if (strstr(path, "/half"))
        reply(fd, 200, "", "{\"a\":");
    else
        reply(fd, 404, "", "{\"message\":\"Not Found\"}");
}

struct test {
    struct loop *loop;
    struct http *http;
    struct log *log;
    struct github *github;
    char server_url[64], log_file[64];
    int calls;
    char *document; /* compact JSON; NULL after an error */
    struct error error;
};

static int make_test(void **state)
{
    struct test *t = mem_new(sizeof *t);
    struct error e = {0};
    counts = script_share(sizeof *counts);
    if (!script_server_start(&server, answer))
        return -1;
    t->loop = loop_new();
    text_format(t->log_file, sizeof t->log_file, "/tmp/trivet-github-log-%d", (int)getpid());
    t->log = log_open(t->log_file, &e);
    struct http_options http = {.log = t->log};
    t->http = http_new(t->loop, &http);
    text_format(t->server_url, sizeof t->server_url, "http://127.0.0.1:%d/", server.port);
    struct github_options options = {.api = t->server_url, .token = TOKEN, .log = t->log};
    t->github = github_new(t->loop, t->http, &options);
    *state = t;
    return t->log ? 0 : -1;
}

static int drop_test(void **state)
{
    struct test *t = *state;
    struct str log = STR_INIT(STR_TEXT_MAX);
    struct error e = {0};
    github_free(t->github);
    http_free(t->http);
    loop_free(t->loop);
    log_close(t->log);
    assert_true(file_read(t->log_file, STR_TEXT_MAX, &log, &e));
    assert_null(strstr(str_text(&log), "ghs_")); /* whatever happened, the token is not in the log */
    str_free(&log);
    unlink(t->log_file);
    script_server_stop(&server);
    script_unshare(counts, sizeof *counts);
    free(t->document);
    free(t);
    return 0;
}

static void done(void *arg, json_t *document, const struct error *error)
{
    struct test *t = arg;
    t->calls++;
    free(t->document);
    t->document = document ? json_dumps(document, JSON_COMPACT) : NULL;
    t->error = error ? *error : (struct error){0};
    assert_true((document == NULL) == (error != NULL));
}

static bool has_ended(void *arg) { return ((struct test *)arg)->calls > 0; }

static void wait_end(struct test *t)
{
    assert_int_equal(t->calls, 0); /* not before the call returned */
    assert_true(loop_run_until(t->loop, has_ended, t, 20000));
    assert_int_equal(t->calls, 1);
    t->calls = 0;
}

static void get(struct test *t, const char *path, const char *list)
{
    github_get(t->github, path, list, 0, done, t);
    wait_end(t);
}

static void refused(struct test *t, const char *path, enum error_kind kind, const char *code, const char *words)
{
    get(t, path, NULL);
    assert_null(t->document);
    assert_int_equal(t->error.kind, kind);
    assert_string_equal(t->error.code, code);
    if (!strstr(t->error.message, words))
        fail_msg("%s", t->error.message);
}

static void pages_are_joined_and_then_cost_nothing(void **state)
{
    struct test *t = *state;
    for (int i = 0; i < 2; i++) {
        github_runs(t->github, "o/r", NULL, 0, done, t);
        wait_end(t);
        assert_string_equal(t->document, "{\"total_count\":6,\"workflow_runs\":[{\"id\":1},{\"id\":2},{\"id\":3},{\"id\":4},{\"id\":5},{\"id\":6}]}");
        assert_int_equal(counts->pages, 3 * (i + 1));
        assert_int_equal(counts->saved, 3 * i);
    }
    assert_int_equal(github_limit(t->github).left, 4990);
    github_runs(t->github, "o/r", NULL, 0, done, t);
    wait_end(t);
    assert_int_equal(counts->saved, 6);
}

static void no_more_is_read_than_asked_for(void **state)
{
    struct test *t = *state;
    github_get(t->github, "/repos/o/r/actions/runs?per_page=2", "workflow_runs", 3, done, t);
    wait_end(t);
    assert_string_equal(t->document, "{\"total_count\":6,\"workflow_runs\":[{\"id\":1},{\"id\":2},{\"id\":3}]}");
    assert_int_equal(counts->pages, 2);
}

static void the_token_goes_nowhere_else(void **state)
{
    struct test *t = *state;
    get(t, "/stranger", "");
    assert_string_equal(t->document, "[1]");
    get(t, "/endless", "");
    assert_int_equal(counts->requests, 1 + 50);
}

static void names_are_encoded(void **state)
{
    struct test *t = *state;
    github_compare(t->github, "o/../x y", "a b?c", "d#e", 0, done, t);
    wait_end(t);
    assert_string_equal(t->error.code, "NotFound");
    assert_string_equal(counts->path, "/repos/o/../x%20y/compare/a%20b%3Fc...d%23e?per_page=100");
    github_pending(t->github, "o/nothing", 4, done, t);
    wait_end(t);
    assert_string_equal(t->error.code, "NotFound");
}

static void refusals_have_words(void **state)
{
    struct test *t = *state;
    refused(t, "/closed", ERROR_SERVICE, "Forbidden", "this token may not do that (Resource not ?[31m accessible by integration)");
    assert_int_equal(t->error.status, 403);
    assert_string_equal(t->error.request_id, "7A:B\xEF\xBF\xBD?[2J");
    refused(t, "/gone", ERROR_SERVICE, "NotFound", "may not see it (Not Found)");
    refused(t, "/conflict", ERROR_SERVICE, "Conflict", "meanwhile");
    refused(t, "/teapot", ERROR_SERVICE, "HTTP418", "");
    refused(t, "/half", ERROR_PROTOCOL, t->error.code, "");
    refused(t, "/slowly", ERROR_SERVICE, "RateLimited", "secondary");
    assert_int_equal(t->error.retry_after_ms, 7000);
    refused(t, "/untold", ERROR_SERVICE, "RateLimited", "secondary");
    assert_int_equal(t->error.retry_after_ms, 60000);
    get(t, "/closed", "rows");
    assert_string_equal(t->error.code, "Forbidden");
    get(t, "/busy", NULL);
    assert_string_equal(t->document, "{\"a\":1}");
    assert_int_equal(counts->busy, 3);
    get(t, "/repos/o/r/actions/runs?x", "no_such_list");
    assert_string_equal(t->error.code, "BadReply");
}

static void a_new_name_is_followed(void **state)
{
    struct test *t = *state;
    get(t, "/renamed", NULL);
    assert_string_equal(t->document, "{\"a\":1}");
    refused(t, "/lured", ERROR_SERVICE, "Moved", "another name"); /* the token goes nowhere else */
    int before = counts->requests;
    refused(t, "/circle", ERROR_SERVICE, "Moved", "");
    assert_int_equal(counts->requests, before + 4);
}

static void a_spent_limit_is_kept_to(void **state)
{
    struct test *t = *state;
    for (int i = 0; i < 3; i++) {
        refused(t, "/spent", ERROR_SERVICE, "RateLimited", "60 requests of this hour");
        assert_int_equal(t->error.retry_after_ms, 60000);
    }
    assert_int_equal(counts->limited, 1);
}

static void tokens_that_fail(void **state)
{
    struct test *t = *state;
    struct github_options options = {.api = t->server_url, .token = "wrong"};
    struct github *other = github_new(t->loop, t->http, &options);
    github_get(other, "/x", NULL, 0, done, t);
    wait_end(t);
    assert_int_equal(t->error.kind, ERROR_AUTH);
    assert_string_equal(t->error.code, "Unauthorized");
    assert_non_null(strstr(t->error.message, "Bad credentials"));
    github_free(other);
    unsetenv("GITHUB_TOKEN");
    unsetenv("GH_TOKEN");
    options.token = NULL;
    other = github_new(t->loop, t->http, &options);
    int before = counts->requests;
    github_get(other, "/x", NULL, 0, done, t);
    wait_end(t);
    assert_string_equal(t->error.code, "NoToken");
    assert_int_equal(counts->requests, before);
    github_get(other, "/x", NULL, 0, done, t); /* cancelled by github_free */
    github_free(other);
    assert_int_equal(t->calls, 0);
}

static void reviews_are_sent_once(void **state)
{
    struct test *t = *state;
    github_review(t->github, "o/r", 7, 55, true, "Ship \"it\"\n\xc3\xbc", done, t);
    wait_end(t);
    assert_string_equal(t->document, "[{\"environment\":\"production\"}]");
    assert_string_equal(counts->body, "{\"environment_ids\":[55],\"state\":\"approved\",\"comment\":\"Ship \\\"it\\\"\\n\xc3\xbc\"}");
    github_review(t->github, "o/r", 8, 55, false, "no", done, t);
    wait_end(t);
    assert_string_equal(t->error.code, "Invalid");
    assert_non_null(strstr(t->error.message, "No pending deployment requests"));
    assert_non_null(strstr(counts->body, "\"rejected\""));
    github_review(t->github, "o/r", 9, 55, true, "", done, t); /* whether it was taken nobody knows: not sent again */
    wait_end(t);
    assert_int_equal(t->error.status, 503);
    assert_int_equal(counts->posts, 3);
    github_cancel(github_review(t->github, "o/r", 7, 55, true, "", done, t));
    github_cancel(NULL);
    assert_int_equal(counts->posts, 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_test, drop_test)
    const struct CMUnitTest tests[] = {TEST(pages_are_joined_and_then_cost_nothing), TEST(no_more_is_read_than_asked_for),
                                       TEST(the_token_goes_nowhere_else), TEST(names_are_encoded), TEST(refusals_have_words),
                                       TEST(a_new_name_is_followed), TEST(a_spent_limit_is_kept_to), TEST(tokens_that_fail),
                                       TEST(reviews_are_sent_once)};
    setenv("NO_PROXY", "*", 1);
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
