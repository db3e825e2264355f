/* When feeds read: their intervals with a little jitter, sooner in focus, later after an error, and never twice for one wish. Against services of raw
 * sockets that count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "estate/write.h"
#include "feeds/feeds.h"
#include "feeds/internal.h"
#include "script_server.h"

#define ALARMS_MS       60000
#define ALARMS_FOCUS_MS 15000
#define BUDGETS_MS      600000

static struct services { /* what they do, and what they count; shared with them */
    _Atomic int alarms, budgets, histories, keys;
    int64_t keys_at; /* monotonic: when they were asked for first */
    char refusal[64]; /* code with which alarms are refused; "" for none */
    int status, retry_after_s;
} *services;

static void reply(int fd, int status, const char *headers, const char *body)
{
    char all[120];
    text_format(all, sizeof all, "Content-Type: application/x-amz-json-1.0\r\n%s", headers);
    script_reply(fd, status, all, body);
}

static void answer_alarms(int fd)
{
    char body[200], headers[64] = "";
    services->alarms++;
    if (!*services->refusal) {
        reply(fd, 200, "", "{\"MetricAlarms\": [{\"AlarmName\": \"rds-cpu\", \"StateValue\": \"ALARM\"}]}");
        return;
    }
    if (services->retry_after_s)
        text_format(headers, sizeof headers, "Retry-After: %d\r\n", services->retry_after_s);
    text_format(body, sizeof body, "{\"__type\": \"%s\", \"message\": \"no\"}", services->refusal);
    reply(fd, services->status, headers, body);
}

static int64_t monotonic(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

static void answer(int fd, const char *request, size_t len)
{
    (void)len;
    if (strstr(request, "GetCallerIdentity"))
        script_reply(fd, 200, "Content-Type: text/xml\r\n",
                     "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>"
                     "<Account>333333333333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>");
    else if (strstr(request, "DescribeAlarms"))
        answer_alarms(fd);
    else if (strstr(request, "DescribeAlarmHistory")) {
        services->histories++;
        reply(fd, 200, "", "{\"AlarmHistoryItems\": []}");
    } else if (strstr(request, "ListKeys")) {
        services->keys++;
        services->keys_at = services->keys_at ? services->keys_at : monotonic();
        reply(fd, 200, "", "{\"Keys\": []}");
    } else if (strstr(request, "DescribeBudgets")) {
        services->budgets++;
        reply(fd, 200, "", "{\"Budgets\": []}");
    } else
        reply(fd, 400, "", "{\"__type\": \"UnknownOperationException\"}");
}

struct test {
    struct script_server server;
    struct loop *loop;
    struct http *http;
    struct aws *aws;
    struct estate_config *config;
    struct estate *estate;
    struct feeds *feeds;
    int wanted; /* readings of alarms that have been answered, well or not */
};

/* One account, as who one is: no role stands between a feed and its call. */
static int make_test(void **state)
{
    struct test *t = mem_new(sizeof *t);
    char url[64];
    services = script_share(sizeof *services);
    if (!script_server_start(&t->server, answer))
        return -1;
    text_format(url, sizeof url, "http://127.0.0.1:%d", t->server.port);
    setenv("AWS_ENDPOINT_URL", url, 1);
    t->loop = loop_new();
    struct http_options http = {.log = NULL};
    t->http = http_new(t->loop, &http);
    struct aws_options options = {.region = "us-east-1"};
    t->aws = aws_new(t->loop, t->http, &options);
    t->config = mem_new(sizeof *t->config);
    t->config->name = mem_strdup("one");
    struct account_config *account = vec_add(&t->config->accounts);
    *account = (struct account_config){.name = mem_strdup("prod"), .id = mem_strdup("333333333333"), .region = mem_strdup("us-east-1"),
                                       .kind = ACCOUNT_PRODUCTION};
    t->estate = estate_new(t->config);
    struct feeds_options feeds = {.loop = t->loop, .http = t->http, .aws = t->aws, .estate = t->estate};
    t->feeds = feeds_new(&feeds);
    *state = t;
    return 0;
}

static int drop_test(void **state)
{
    struct test *t = *state;
    feeds_free(t->feeds);
    aws_free(t->aws);
    http_free(t->http);
    estate_free(t->estate);
    estate_config_free(t->config);
    free(t->config);
    loop_free(t->loop);
    script_server_stop(&t->server);
    script_unshare(services, sizeof *services);
    free(t);
    return 0;
}

static struct slice *slice_of(struct test *t, enum feed feed) { return &estate_account_write(t->estate, 0)->slices[feed]; }

static bool has_answered(void *arg)
{
    struct test *t = arg;
    const struct slice *slice = slice_of(t, FEED_ALARMS);
    return services->alarms >= t->wanted && !slice->loading && slice->state != SLICE_LOADING;
}

/* Until alarms have been read so many times in all. */
static void wait_readings(struct test *t, int count)
{
    t->wanted = count;
    assert_true(loop_run_until(t->loop, has_answered, t, 20000));
    assert_int_equal(services->alarms, count);
}

static bool is_settled(void *arg) { return feeds_settled(((struct test *)arg)->feeds, FEED_BIT(FEED_ALARMS) | FEED_BIT(FEED_BUDGETS)); }

static void start(struct test *t)
{
    feeds_start(t->feeds, FEED_BIT(FEED_ALARMS) | FEED_BIT(FEED_BUDGETS), 0);
    assert_true(loop_run_until(t->loop, is_settled, t, 20000));
    assert_int_equal(services->alarms, 1);
    assert_int_equal(services->budgets, 1);
}

/* How long after its last answer, good or bad, the feed is due. */
static int64_t waits(struct test *t, enum feed feed) { return slice_of(t, feed)->due_at - loop_wall(t->loop); }

static void near(int64_t found, int64_t expected, int64_t by)
{
    if (found < expected - by || found > expected + by)
        fail_msg("%lld is not within %lld of %lld", (long long)found, (long long)by, (long long)expected);
}

static void intervals_have_a_little_jitter(void **state)
{
    struct test *t = *state;
    int64_t least = INT64_MAX, most = 0;
    start(t);
    near(waits(t, FEED_BUDGETS), BUDGETS_MS, BUDGETS_MS / 10 + 1000);
    assert_int_equal(slice_of(t, FEED_BUDGETS)->interval_ms, BUDGETS_MS);
    for (int i = 0; i < 12; i++) {
        int64_t wait = waits(t, FEED_ALARMS);
        near(wait, ALARMS_MS, ALARMS_MS / 10 + 1000);
        least = wait < least ? wait : least;
        most = wait > most ? wait : most;
        feeds_refresh(t->feeds, FEED_BIT(FEED_ALARMS));
        wait_readings(t, i + 2);
    }
    assert_true(most - least > 200); /* not in step */
}

static void in_focus_they_come_sooner(void **state)
{
    struct test *t = *state;
    start(t);
    feeds_focus(t->feeds, FEED_BIT(FEED_ALARMS)); /* just read: good for its interval in focus */
    loop_run_until(t->loop, has_answered, t, 100);
    assert_int_equal(services->alarms, 1);
    feeds_focus(t->feeds, 0);
    slice_of(t, FEED_ALARMS)->read_at -= ALARMS_FOCUS_MS + 1; /* time goes by */
    feeds_focus(t->feeds, FEED_BIT(FEED_BUDGETS));
    feeds_focus(t->feeds, FEED_BIT(FEED_ALARMS)); /* too old for who looks */
    wait_readings(t, 2);
    near(waits(t, FEED_ALARMS), ALARMS_FOCUS_MS, ALARMS_FOCUS_MS / 10 + 1000);
    assert_int_equal(slice_of(t, FEED_ALARMS)->interval_ms, ALARMS_FOCUS_MS);
    assert_int_equal(services->budgets, 1);
}

static void a_wish_is_kept_once(void **state)
{
    struct test *t = *state;
    start(t);
    for (int i = 0; i < 5; i++)
        feeds_refresh(t->feeds, FEED_BIT(FEED_ALARMS));
    wait_readings(t, 2);
    feeds_refresh(t->feeds, FEED_BIT(FEED_WEB_ACL)); /* nobody started it */
    loop_run_until(t->loop, is_settled, t, 50);
    assert_int_equal(services->alarms, 2);
    assert_int_equal(slice_of(t, FEED_WEB_ACL)->state, SLICE_NONE); /* the account has none */
}

static void after_errors_they_come_later(void **state)
{
    struct test *t = *state;
    start(t);
    text_copy(services->refusal, sizeof services->refusal, "AccessDeniedException");
    services->status = 400;
    feeds_refresh(t->feeds, FEED_BIT(FEED_ALARMS));
    wait_readings(t, 2);
    near(waits(t, FEED_ALARMS), 60000, 7000); /* a refusal does not go away by asking often */
    assert_int_equal(slice_of(t, FEED_ALARMS)->state, SLICE_STALE);
    assert_string_equal(slice_of(t, FEED_ALARMS)->error.code, "AccessDeniedException");
    assert_int_equal(t->estate->accounts[0].alarms.len, 1); /* what was read stays */
    text_copy(services->refusal, sizeof services->refusal, "InternalServiceFault");
    services->status = 500;
    for (int i = 0; i < 4; i++) {
        int64_t most = INT64_C(2000) << (i + 1);
        feeds_refresh(t->feeds, FEED_BIT(FEED_ALARMS));
        wait_readings(t, 3 + i);
        assert_true(waits(t, FEED_ALARMS) > 1000 && waits(t, FEED_ALARMS) <= 2000 + most); /* twice as long each time, at most; never at once */
    }
    services->retry_after_s = 40;
    services->status = 429;
    feeds_refresh(t->feeds, FEED_BIT(FEED_ALARMS));
    wait_readings(t, 7);
    assert_true(waits(t, FEED_ALARMS) > 39000); /* as the service asked */
    *services->refusal = '\0';
    feeds_refresh(t->feeds, FEED_BIT(FEED_ALARMS));
    wait_readings(t, 8);
    assert_int_equal(slice_of(t, FEED_ALARMS)->state, SLICE_FRESH);
    assert_int_equal(slice_of(t, FEED_ALARMS)->failures, 0);
    near(waits(t, FEED_ALARMS), ALARMS_MS, ALARMS_MS / 10 + 1000);
}

static void what_grows_is_read_more_seldom(void **state)
{
    static const struct {
        size_t pods;
        int times;
    } cases[] = {{0, 1}, {200, 1}, {2000, 1}, {2001, 2}, {10000, 5}, {1000000, 6}};
    struct account account = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        account.cluster.pods.len = cases[i].pods;
        assert_int_equal(feed_pod_metrics.stretch(&account), cases[i].times);
    }
}

#define MANY 128 /* calls on the way */

static void unanswered(void *arg, const struct http_reply *reply, const struct error *error)
{
    (void)arg, (void)reply, (void)error;
    fail();
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

static bool it_is_known_who_we_are(void *arg) { return feeds_settled(((struct test *)arg)->feeds, FEED_BIT(FEED_SESSION)); }

static bool both_have_answered(void *arg) { return feeds_settled(((struct test *)arg)->feeds, FEED_BIT(FEED_ALARMS) | FEED_BIT(FEED_KEYS)); }

/* What nobody looks at does not make a long queue longer: in a console that knows a hundred accounts it would stand in the way of the rest. */
static void what_nobody_looks_at_lets_the_rest_go_first(void **state)
{
    struct test *t = *state;
    struct http_call *calls[MANY];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    char url[64];
    int deaf = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(bind(deaf, (struct sockaddr *)&address, size) == 0 && listen(deaf, MANY) == 0);
    getsockname(deaf, (struct sockaddr *)&address, &size);
    text_format(url, sizeof url, "http://127.0.0.1:%d/", ntohs(address.sin_port));
    feeds_focus(t->feeds, FEED_BIT(FEED_ALARMS));
    feeds_start(t->feeds, FEED_BIT(FEED_SESSION), 0);
    assert_true(loop_run_until(t->loop, it_is_known_who_we_are, t, 20000));
    struct http_request request = {.method = "GET", .url = url};
    for (int i = 0; i < MANY; i++)
        calls[i] = http_send(t->http, &request, NULL, unanswered, NULL);
    feeds_start(t->feeds, FEED_BIT(FEED_ALARMS) | FEED_BIT(FEED_BUDGETS) | FEED_BIT(FEED_KEYS), 0);
    loop_run_until(t->loop, never, t, 150);
    assert_true(slice_of(t, FEED_KEYS)->state == SLICE_LOADING && slice_of(t, FEED_BUDGETS)->state == SLICE_LOADING);
    size_t asked = http_pending(t->http);
    assert_int_equal(asked, MANY + 1); /* the alarms, which are looked at */
    feeds_focus(t->feeds, FEED_BIT(FEED_KEYS));
    loop_run_until(t->loop, never, t, 20);
    assert_true(http_pending(t->http) > asked); /* somebody looks: they are asked for at once */
    for (int i = 0; i < MANY; i++)
        http_cancel(calls[i]);
    assert_true(loop_run_until(t->loop, both_have_answered, t, 20000));
    assert_int_equal(services->alarms, 1);
    close(deaf);
}

static bool history_is_read_again(void *arg)
{
    struct test *t = arg;
    return services->histories == 2 && !slice_of(t, FEED_ALARM_HISTORY)->loading;
}
static bool history_has_answered(void *arg) { return feeds_settled(((struct test *)arg)->feeds, FEED_BIT(FEED_ALARM_HISTORY)); }

/* But once, for a pane that will be looked at. */
static void what_is_read_ahead_is_read_once(void **state)
{
    struct test *t = *state;
    feeds_focus(t->feeds, FEED_BIT(FEED_ALARMS));
    feeds_start(t->feeds, FEED_BIT(FEED_SESSION) | FEED_BIT(FEED_ALARM_HISTORY) | FEED_BIT(FEED_ALARMS), FEED_BIT(FEED_ALARM_HISTORY));
    assert_true(loop_run_until(t->loop, history_has_answered, t, 20000));
    assert_int_equal(services->histories, 1);
    assert_int_equal(slice_of(t, FEED_ALARM_HISTORY)->due_at, 0);
}

/* Nor does it go on when who looked has gone before the answer came. */
static void what_is_for_who_looks_rests(void **state)
{
    struct test *t = *state;
    feeds_focus(t->feeds, FEED_BIT(FEED_ALARM_HISTORY));
    feeds_start(t->feeds, FEED_BIT(FEED_ALARM_HISTORY) | FEED_BIT(FEED_ALARMS), 0);
    feeds_focus(t->feeds, 0);
    assert_true(loop_run_until(t->loop, history_has_answered, t, 20000));
    assert_int_equal(slice_of(t, FEED_ALARM_HISTORY)->due_at, 0);
    feeds_focus(t->feeds, FEED_BIT(FEED_ALARMS)); /* somebody looks elsewhere */
    assert_int_equal(services->histories, 1);
    slice_of(t, FEED_ALARM_HISTORY)->read_at = 0; /* time goes by */
    feeds_focus(t->feeds, FEED_BIT(FEED_ALARM_HISTORY));
    assert_true(loop_run_until(t->loop, history_is_read_again, t, 20000));
    assert_true(slice_of(t, FEED_ALARM_HISTORY)->due_at > 0);
}

static void what_nobody_looks_at_comes_when_there_is_room(void **state)
{
    struct test *t = *state;
    int64_t opened = monotonic();
    feeds_focus(t->feeds, FEED_BIT(FEED_ALARMS));
    feeds_start(t->feeds, FEED_BIT(FEED_SESSION) | FEED_BIT(FEED_ALARMS) | FEED_BIT(FEED_KEYS), 0);
    assert_true(loop_run_until(t->loop, both_have_answered, t, 20000));
    assert_true(services->keys_at >= opened + 50); /* the pane that was opened had a moment for itself */
}

static bool nothing_is_under_way(void *arg) { return both_have_answered(arg) && !http_pending(((struct test *)arg)->http); }

/* Wished for while it stands in line, and then begun because somebody looks: once all the same. */
static void what_stands_in_line_is_begun_once(void **state)
{
    struct test *t = *state;
    feeds_focus(t->feeds, FEED_BIT(FEED_ALARMS));
    feeds_start(t->feeds, FEED_BIT(FEED_SESSION) | FEED_BIT(FEED_ALARMS) | FEED_BIT(FEED_KEYS), 0);
    feeds_refresh(t->feeds, FEED_BIT(FEED_KEYS));
    feeds_focus(t->feeds, FEED_BIT(FEED_KEYS));
    assert_true(loop_run_until(t->loop, nothing_is_under_way, t, 20000));
    assert_int_equal(services->keys, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_test, drop_test)
    const struct CMUnitTest tests[] = {TEST(intervals_have_a_little_jitter), TEST(in_focus_they_come_sooner), TEST(a_wish_is_kept_once),
                                       TEST(after_errors_they_come_later), TEST(what_nobody_looks_at_lets_the_rest_go_first),
                                       TEST(what_nobody_looks_at_comes_when_there_is_room),
                                       TEST(what_stands_in_line_is_begun_once), TEST(what_is_for_who_looks_rests),
                                       TEST(what_is_read_ahead_is_read_once), cmocka_unit_test(what_grows_is_read_more_seldom)};
    script_environment();
    setenv("AWS_MAX_ATTEMPTS", "1", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
