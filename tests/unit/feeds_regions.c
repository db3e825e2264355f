/* An account of Frankfurt: what CloudFront, WAF, billing and IAM leave in Virginia is read too, and if that is refused its own stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "base/when.h"
#include "feeds/feeds.h"
#include "script_server.h"

#define HOME  "eu-central-1"
#define OTHER "us-east-1"

static struct counts {
    bool refuses, ails; /* in the other region: for good, for now */
    _Atomic int metrics, metrics_there;
} *counts;

static void reply(int fd, const char *region, const char *target)
{
    struct str body = STR_INIT(8192);
    bool there = !strcmp(region, OTHER);
    double now = (double)(when_wall() / 1000) - (there ? 5 : 60);
    if (strstr(target, "DescribeAlarmHistory"))
        str_addf(&body, "{\"AlarmHistoryItems\":[{\"AlarmName\":\"%s\",\"Timestamp\":%.0f,\"HistoryData\":\"{}\"}]}", region, now);
    else if (strstr(target, "DescribeAlarms"))
        str_addf(&body, "{\"MetricAlarms\":[{\"AlarmName\":\"%s\",\"AlarmArn\":\"arn:aws:cloudwatch:%s:222222222222:alarm:a\","
                 "\"StateValue\":\"ALARM\",\"Namespace\":\"N\",\"MetricName\":\"M\",\"Statistic\":\"Sum\",\"Period\":60}]}", region, region);
    else if (strstr(target, "GetMetricData")) {
        counts->metrics++;
        counts->metrics_there += there;
        str_addf(&body, "{\"MetricDataResults\":[{\"Id\":\"m%d\",\"Timestamps\":[%.0f],\"Values\":[%d]}]}", there, now - 120, there ? 7 : 3);
    } else
        str_addf(&body, "{\"Events\":[{\"EventName\":\"%s\",\"EventTime\":%.0f}]}", region, now);
    script_reply(fd, 200, "Content-Type: application/x-amz-json-1.0\r\n", str_text(&body));
    str_free(&body);
}

static void answer(int fd, const char *request, size_t len)
{
    const char *target = strcasestr(request, "x-amz-target: ");
    bool there = strstr(request, "/" OTHER "/") != NULL;
    char name[120];
    (void)len;
    text_format(name, sizeof name, "%.*s", target ? (int)strcspn(target, "\r") : 0, target ? target : "");
    if (there && counts->refuses)
        script_reply(fd, 400, "Content-Type: application/x-amz-json-1.0\r\n",
                     "{\"__type\":\"AccessDeniedException\",\"message\":\"explicit deny in a service control policy\"}");
    else if (there && counts->ails)
        script_reply(fd, 503, "Content-Type: application/x-amz-json-1.0\r\n", "{\"__type\":\"ServiceUnavailable\"}");
    else
        reply(fd, there ? OTHER : HOME, name);
}

struct test {
    struct script_server server;
    struct estate_config config;
    struct loop *loop;
    struct http *http;
    struct aws *aws;
    struct estate *estate;
    struct feeds *feeds;
    feed_mask mask;
};

static bool is_settled(void *arg) { return feeds_settled(((struct test *)arg)->feeds, ((struct test *)arg)->mask); }

static void read_all(struct test *t, bool refuses, bool ails)
{
    char url[64];
    *t = (struct test){.config = {.name = "one", .region = HOME}};
    t->mask = FEED_BIT(FEED_ALARMS) | FEED_BIT(FEED_ALARM_METRICS) | FEED_BIT(FEED_ALARM_HISTORY) | FEED_BIT(FEED_TRAIL_EVENTS);
    *vec_add(&t->config.accounts) = (struct account_config){.name = "dev", .id = "222222222222", .kind = ACCOUNT_DEVELOPMENT, .region = HOME};
    counts = script_share(sizeof *counts);
    counts->refuses = refuses;
    counts->ails = ails;
    assert_true(script_server_start(&t->server, answer));
    text_format(url, sizeof url, "http://127.0.0.1:%d", t->server.port);
    setenv("AWS_ENDPOINT_URL", url, 1);
    t->loop = loop_new();
    t->http = http_new(t->loop, &(struct http_options){.log = NULL});
    t->aws = aws_new(t->loop, t->http, &(struct aws_options){.region = HOME});
    t->estate = estate_new(&t->config);
    t->feeds = feeds_new(&(struct feeds_options){.loop = t->loop, .http = t->http, .aws = t->aws, .estate = t->estate});
    feeds_focus(t->feeds, t->mask);
    feeds_start(t->feeds, t->mask, 0);
    assert_true(loop_run_until(t->loop, is_settled, t, 30000));
}

static void end(struct test *t)
{
    feeds_free(t->feeds);
    aws_free(t->aws);
    http_free(t->http);
    estate_free(t->estate);
    loop_free(t->loop);
    script_server_stop(&t->server);
    script_unshare(counts, sizeof *counts);
    vec_free(&t->config.accounts);
}

static double last_point(const struct alarm_trend *trend)
{
    double last = NAN;
    for (size_t i = 0; i < ALARM_TREND; i++)
        last = isnan(trend->points[i]) ? last : trend->points[i];
    return last;
}

static void both_regions_are_read(void **state)
{
    struct test t;
    (void)state;
    read_all(&t, false, false);
    const struct account *a = &t.estate->accounts[0];
    assert_int_equal(a->alarms.len, 2);
    assert_int_equal(a->history.alarms.len, 2);
    assert_string_equal(a->history.alarms.at[0].name, OTHER); /* newest first, wherever it was */
    assert_int_equal(a->history.trail.len, 2);
    assert_string_equal(a->history.trail.at[0].name, OTHER);
    assert_int_equal(a->alarm_trends.len, 2);
    assert_int_equal(counts->metrics, 2); /* each asked where its metric is */
    assert_int_equal(counts->metrics_there, 1);
    assert_true(last_point(&a->alarm_trends.at[0]) + last_point(&a->alarm_trends.at[1]) == 10);
    assert_int_equal(a->slices[FEED_ALARMS].error.kind, ERROR_NONE);
    end(&t);
}

static void what_is_refused_there_does_not_hide_what_is_here(void **state)
{
    struct test t;
    (void)state;
    read_all(&t, true, false);
    const struct account *a = &t.estate->accounts[0];
    assert_int_equal(a->alarms.len, 1);
    assert_string_equal(a->alarms.at[0].name, HOME);
    assert_int_equal(a->history.trail.len, 1);
    assert_int_equal(a->history.alarms.len, 1);
    assert_int_equal(a->alarm_trends.len, 1);
    assert_string_equal(a->slices[FEED_ALARMS].error.code, "AccessDeniedException"); /* and nobody takes it for all */
    assert_string_equal(a->slices[FEED_TRAIL_EVENTS].error.code, "AccessDeniedException");
    end(&t);
}

/* What is well of a reading is not read every two seconds because a part of it is not: some of it is paid for. */
static void a_part_that_ails_hurries_nothing(void **state)
{
    struct test t;
    (void)state;
    setenv("AWS_MAX_ATTEMPTS", "1", 1);
    read_all(&t, false, true);
    const struct slice *slices = t.estate->accounts[0].slices;
    int64_t now = loop_wall(t.loop);
    assert_int_equal(t.estate->accounts[0].alarms.len, 1);
    assert_true(slices[FEED_ALARMS].error.kind != ERROR_NONE);
    assert_true(slices[FEED_ALARMS].due_at - now > 10000);        /* 15 s while somebody looks */
    assert_true(slices[FEED_ALARM_METRICS].due_at - now > 40000); /* a minute */
    assert_true(slices[FEED_TRAIL_EVENTS].due_at - now > 40000);
    unsetenv("AWS_MAX_ATTEMPTS");
    end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(both_regions_are_read), cmocka_unit_test(what_is_refused_there_does_not_hide_what_is_here),
                                       cmocka_unit_test(a_part_that_ails_hurries_nothing)};
    script_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
