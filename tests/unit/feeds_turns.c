/* Whose turn it is when there is more to be read than goes out at once: nobody waits for ever, nobody is begun twice, and nothing is asked with
 * another account's keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "estate/write.h"
#include "feeds/feeds.h"
#include "script_server.h"

#define OURS    "333333333333"
#define DEAF    60 /* calls that nobody answers: as many on the way as make the rest yield */
#define HUNDRED 100

static struct services { /* shared with them; each connection has a process of its own */
    int sessions, alarms, budgets, keys, histories;
    char whose[16]; /* the account that the keys are of */
    bool refuses;   /* alarms' history */
} *services;

#define COUNT(what) __atomic_add_fetch(&services->what, 1, __ATOMIC_SEQ_CST)

static void say_who(int fd)
{
    char body[400];
    COUNT(sessions);
    text_format(body, sizeof body, "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>"
                "<Arn>arn:aws:iam::%s:user/me</Arn><UserId>U</UserId><Account>%s</Account></GetCallerIdentityResult>"
                "</GetCallerIdentityResponse>", services->whose, services->whose);
    script_reply(fd, 200, "Content-Type: text/xml\r\n", body);
}

static void answer(int fd, const char *request, size_t len)
{
    static const char json[] = "Content-Type: application/x-amz-json-1.0\r\n";
    (void)len;
    if (strstr(request, "GetCallerIdentity"))
        say_who(fd);
    else if (strstr(request, "DescribeAlarmHistory")) {
        COUNT(histories);
        if (services->refuses)
            script_reply(fd, 400, json, "{\"__type\": \"AccessDeniedException\", \"message\": \"no\"}");
        else
            script_reply(fd, 200, json, "{\"AlarmHistoryItems\": []}");
    } else if (strstr(request, "DescribeAlarms")) {
        COUNT(alarms);
        script_reply(fd, 200, json, "{\"MetricAlarms\": [{\"AlarmName\": \"rds-cpu\", \"StateValue\": \"ALARM\"}]}");
    } else if (strstr(request, "DescribeBudgets")) {
        COUNT(budgets);
        script_reply(fd, 200, json, "{\"Budgets\": []}");
    } else if (strstr(request, "ListKeys")) {
        COUNT(keys);
        script_reply(fd, 200, json, "{\"Keys\": []}");
    } else
        script_reply(fd, 200, json, "{\"Aliases\": []}");
}

struct test {
    struct script_server server;
    struct loop *loop;
    struct http *http;
    struct aws *aws;
    struct estate_config config;
    struct estate *estate;
    struct feeds *feeds;
    feed_mask mask;
    int deaf;
    char deaf_url[64];
    struct http_call *calls[DEAF];
};

static void make_deaf(struct test *t)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    t->deaf = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(bind(t->deaf, (struct sockaddr *)&address, size) == 0 && listen(t->deaf, DEAF * 4) == 0);
    getsockname(t->deaf, (struct sockaddr *)&address, &size);
    text_format(t->deaf_url, sizeof t->deaf_url, "http://127.0.0.1:%d/", ntohs(address.sin_port));
}

static int make_test(void **state)
{
    struct test *t = *state = mem_new(sizeof *t);
    char url[64];
    services = script_share(sizeof *services);
    text_copy(services->whose, sizeof services->whose, OURS);
    if (!script_server_start(&t->server, answer))
        return -1;
    text_format(url, sizeof url, "http://127.0.0.1:%d", t->server.port);
    setenv("AWS_ENDPOINT_URL", url, 1);
    unsetenv("AWS_ENDPOINT_URL_STS");
    make_deaf(t);
    t->loop = loop_new();
    t->http = http_new(t->loop, &(struct http_options){.max_connections = 4 * DEAF});
    t->aws = aws_new(t->loop, t->http, &(struct aws_options){.region = "us-east-1"});
    return 0;
}

static void open_feeds(struct test *t, size_t accounts, const char *role, int64_t patience_ms)
{
    t->config = (struct estate_config){.name = "one"};
    for (size_t i = 0; i < accounts; i++)
        *vec_add(&t->config.accounts) = (struct account_config){.name = "prod", .id = OURS, .region = "us-east-1", .kind = ACCOUNT_PRODUCTION,
                                                                .role = (char *)(uintptr_t)role};
    t->estate = estate_new(&t->config);
    t->feeds = feeds_new(&(struct feeds_options){.loop = t->loop, .http = t->http, .aws = t->aws, .estate = t->estate, .patience_ms = patience_ms});
}

static int drop_test(void **state)
{
    struct test *t = *state;
    feeds_free(t->feeds);
    aws_free(t->aws);
    http_free(t->http);
    estate_free(t->estate);
    vec_free(&t->config.accounts);
    loop_free(t->loop);
    close(t->deaf);
    script_server_stop(&t->server);
    script_unshare(services, sizeof *services);
    free(t);
    return 0;
}

static struct slice *slice_of(struct test *t, enum feed feed) { return &estate_account_write(t->estate, 0)->slices[feed]; }
static bool is_settled(void *arg) { return feeds_settled(((struct test *)arg)->feeds, ((struct test *)arg)->mask); }

static bool never(void *arg)
{
    (void)arg;
    return false;
}

static void start(struct test *t, feed_mask focus, feed_mask mask)
{
    t->mask = mask;
    feeds_focus(t->feeds, focus);
    feeds_start(t->feeds, mask, 0);
}

static void settle(struct test *t) { assert_true(loop_run_until(t->loop, is_settled, t, 30000)); }

static void unanswered(void *arg, const struct http_reply *reply, const struct error *error) { (void)arg, (void)reply, (void)error; }

static void crowd(struct test *t)
{
    struct http_request request = {.method = "GET", .url = t->deaf_url};
    for (int i = 0; i < DEAF; i++)
        t->calls[i] = http_send(t->http, &request, NULL, unanswered, NULL);
}

static void disperse(struct test *t)
{
    for (int i = 0; i < DEAF; i++)
        http_cancel(t->calls[i]);
}

/* Of a hundred accounts each gets its turn, though the crowd never thins. */
static void nobody_waits_for_ever(void **state)
{
    struct test *t = *state;
    open_feeds(t, HUNDRED, NULL, 1);
    crowd(t);
    start(t, FEED_BIT(FEED_ALARMS), FEED_BIT(FEED_SESSION) | FEED_BIT(FEED_ALARMS) | FEED_BIT(FEED_BUDGETS) | FEED_BIT(FEED_KEYS));
    settle(t);
    assert_true(http_pending(t->http) >= DEAF);
    assert_int_equal(services->budgets, HUNDRED);
    assert_int_equal(services->keys, HUNDRED);
    disperse(t);
}

/* "Refresh!", while it waits for its turn: begun once, when that comes. */
static void a_wish_does_not_begin_twice_what_waits(void **state)
{
    struct test *t = *state;
    open_feeds(t, 1, NULL, 0);
    start(t, FEED_BIT(FEED_ALARMS), FEED_BIT(FEED_SESSION));
    settle(t);
    crowd(t);
    start(t, FEED_BIT(FEED_ALARMS), FEED_BIT(FEED_KEYS));
    feeds_refresh(t->feeds, FEED_BIT(FEED_KEYS));
    feeds_focus(t->feeds, FEED_BIT(FEED_KEYS)); /* its turn comes */
    feeds_refresh(t->feeds, FEED_BIT(FEED_KEYS));
    disperse(t);
    settle(t);
    loop_run_until(t->loop, never, t, 100);
    assert_int_equal(services->keys, 1);
}

/* An account whose keys do not come holds up nothing that needs none. */
static void what_needs_no_keys_waits_for_none(void **state)
{
    struct test *t = *state;
    setenv("AWS_ENDPOINT_URL_STS", t->deaf_url, 1);
    open_feeds(t, 1, "Reader", 0);
    start(t, FEED_BIT(FEED_ALARMS), FEED_BIT(FEED_SESSION) | FEED_BIT(FEED_ALARMS) | FEED_BIT(FEED_DRILLS));
    t->mask = FEED_BIT(FEED_DRILLS);
    settle(t);
    assert_int_equal(t->estate->accounts[0].session.state, SESSION_LOADING);
}

/* Nor does it have to be asked for by hand: whoever comes back to a pane that could not be read has it read. */
static bool asked_twice(void *arg) { return services->histories == 2 && !slice_of(arg, FEED_ALARM_HISTORY)->loading; }
static void who_comes_back_sees_what_failed_before(void **state)
{
    struct test *t = *state;
    open_feeds(t, 1, NULL, 0);
    services->refuses = true;
    start(t, FEED_BIT(FEED_ALARM_HISTORY), FEED_BIT(FEED_ALARM_HISTORY));
    settle(t);
    assert_int_equal(slice_of(t, FEED_ALARM_HISTORY)->state, SLICE_FAILED);
    feeds_focus(t->feeds, FEED_BIT(FEED_ALARMS));
    services->refuses = false;
    feeds_focus(t->feeds, FEED_BIT(FEED_ALARM_HISTORY));
    assert_true(loop_run_until(t->loop, asked_twice, t, 30000));
    assert_int_equal(slice_of(t, FEED_ALARM_HISTORY)->state, SLICE_FRESH);
}

static bool alarms_are_read(void *arg) { return slice_of(arg, FEED_ALARMS)->state == SLICE_FRESH; }

static void another_accounts_keys_show_nothing(void **state)
{
    struct test *t = *state;
    open_feeds(t, 1, NULL, 0);
    text_copy(services->whose, sizeof services->whose, "999999999999");
    start(t, FEED_BIT(FEED_ALARMS), FEED_BIT(FEED_ALARMS) | FEED_BIT(FEED_BUDGETS)); /* whose they are is asked unbidden */
    settle(t);
    assert_int_equal(services->alarms + services->budgets, 0);
    assert_int_equal(t->estate->accounts[0].alarms.len, 0);
    assert_string_equal(slice_of(t, FEED_ALARMS)->error.code, "WrongAccount");
    assert_int_equal(slice_of(t, FEED_BUDGETS)->state, SLICE_FAILED);
    text_copy(services->whose, sizeof services->whose, OURS);
    feeds_start(t->feeds, FEED_BIT(FEED_SESSION), 0);
    feeds_refresh(t->feeds, FEED_BIT(FEED_SESSION) | FEED_BIT(FEED_ALARMS)); /* somebody has put the right ones there */
    assert_true(loop_run_until(t->loop, alarms_are_read, t, 30000));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_test, drop_test)
    const struct CMUnitTest tests[] = {TEST(nobody_waits_for_ever), TEST(a_wish_does_not_begin_twice_what_waits),
                                       TEST(what_needs_no_keys_waits_for_none), TEST(who_comes_back_sees_what_failed_before),
                                       TEST(another_accounts_keys_show_nothing)};
    script_environment();
    setenv("AWS_MAX_ATTEMPTS", "1", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
