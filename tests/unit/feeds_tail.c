/* A log group that is followed: looks reach back over one another, and no line is shown twice, however many come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "base/when.h"
#include "feeds/feeds.h"
#include "script_server.h"

#define PAGES 10
#define EACH  500

static struct counts {
    _Atomic int asked;
    int64_t at;
} *counts;

/* Ten pages of events of the last second; the same whenever it is asked. */
static void answer(int fd, const char *request, size_t len)
{
    const char *token = strstr(request, "\"nextToken\":\"");
    int page = token ? atoi(token + 13) : 0;
    struct str body = STR_INIT(1 << 20);
    (void)len;
    counts->asked++;
    str_adds(&body, "{\"events\":[");
    for (int i = 0; i < EACH; i++)
        str_addf(&body, "%s{\"eventId\":\"%d\",\"timestamp\":%lld,\"message\":\"line\"}", i ? "," : "", page * EACH + i, (long long)counts->at);
    str_adds(&body, "]");
    if (page + 1 < PAGES)
        str_addf(&body, ",\"nextToken\":\"%d\"", page + 1);
    str_adds(&body, "}");
    script_reply(fd, 200, "Content-Type: application/x-amz-json-1.1\r\n", str_text(&body));
    str_free(&body);
}

static bool third_look_has_begun(void *arg)
{
    (void)arg;
    return counts->asked > 2 * PAGES;
}

static void no_line_is_shown_twice(void **state)
{
    struct script_server server;
    struct account_config account = {.name = "dev", .id = "222222222222", .kind = ACCOUNT_DEVELOPMENT, .region = "us-east-1"};
    struct estate_config config = {.name = "one", .region = "us-east-1"};
    char url[64];
    (void)state;
    *vec_add(&config.accounts) = account;
    counts = script_share(sizeof *counts);
    counts->at = when_wall();
    assert_true(script_server_start(&server, answer));
    text_format(url, sizeof url, "http://127.0.0.1:%d", server.port);
    setenv("AWS_ENDPOINT_URL", url, 1);
    struct loop *loop = loop_new();
    struct http *http = http_new(loop, &(struct http_options){.log = NULL});
    struct aws *aws = aws_new(loop, http, &(struct aws_options){.region = "us-east-1"});
    struct estate *estate = estate_new(&config);
    struct feeds *feeds = feeds_new(&(struct feeds_options){.loop = loop, .http = http, .aws = aws, .estate = estate});
    feeds_log(feeds, 0, "", "busy", NULL, false, 60000);
    assert_true(loop_run_until(loop, third_look_has_begun, NULL, 60000));
    assert_string_equal(estate->log.error.code, "");
    assert_int_equal(estate->log.count, PAGES * EACH);
    feeds_free(feeds);
    aws_free(aws);
    http_free(http);
    estate_free(estate);
    loop_free(loop);
    script_server_stop(&server);
    script_unshare(counts, sizeof *counts);
    vec_free(&config.accounts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_line_is_shown_twice)};
    script_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
