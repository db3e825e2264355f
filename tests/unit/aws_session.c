/* Role sessions against a small STS of raw sockets: one AssumeRole however many wait, renewal ahead of time, keys that a service calls expired, a
 * wrong clock, refusals that are not asked for again at once, rates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "aws/client.h"
#include "aws/session.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/when.h"
#include "script_server.h"

static struct service { /* what the server does, and what it counts; shared with it */
    _Atomic int assumed, refused, calls, skewed, moved;
    int64_t life_ms, skew_ms;
    bool denies;
    int expired_before; /* keys of an earlier AssumeRole than this are expired */
    char expired[40];   /* and this is what it says of them */
    char body[1024];
} *sts;

static void reply(int fd, int status, const char *body)
{
    char date[40], headers[120];
    time_t now = (time_t)((when_wall() + sts->skew_ms) / 1000);
    struct tm parts;
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &parts));
    text_format(headers, sizeof headers, "Content-Type: text/xml\r\nDate: %s\r\n", date);
    script_reply(fd, status, headers, body);
}

static void refuse(int fd, const char *code)
{
    char body[400];
    text_format(body, sizeof body,
                "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>no</Message></Error><RequestId>r-1</RequestId></ErrorResponse>",
                code);
    reply(fd, 403, body);
}

static bool is_skewed(const char *request)
{
    const char *sent = strstr(request, "x-amz-date: ");
    char iso[32];
    int64_t at = 0;
    if (!sent)
        return true;
    sent += 12; /* 20261124T140211Z */
    text_format(iso, sizeof iso, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", sent, sent + 4, sent + 6, sent + 9, sent + 11, sent + 13);
    return !when_parse_iso(iso, &at) || llabs(at - when_wall() - sts->skew_ms) > 300000;
}

static void assume_role(int fd)
{
    char until[40], body[800];
    if (sts->denies) {
        sts->refused++;
        refuse(fd, "AccessDenied");
        return;
    }
    sts->assumed++;
    text_format(body, sizeof body,
                "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials><AccessKeyId>"
                "ASIA%04d</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>%s</Expiration></Credentials>"
                "</AssumeRoleResult></AssumeRoleResponse>", sts->assumed, when_iso(when_wall() + sts->skew_ms + sts->life_ms, until, sizeof until));
    reply(fd, 200, body);
}

/* A bucket that is in Ireland. */
static void answer_bucket(int fd, const char *request)
{
    if (strstr(request, "/eu-west-1/s3/aws4_request")) {
        reply(fd, 200, "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
        return;
    }
    sts->moved++;
    script_reply(fd, 301, strstr(request, "/odd ") || strstr(request, "/odd?") ? "x-amz-bucket-region: evil.example/\r\n"
                                                                               : "x-amz-bucket-region: eu-west-1\r\n",
                 "<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>");
}

/* Three records, one a page; those of one name are told apart by an identifier, the last has none. */
static void answer_records(int fd, const char *request)
{
    const char *identifier = strstr(request, "identifier="), *name = strstr(request, "name=");
    char body[600];
    int page = !name ? 1 : identifier ? 2 : 3;
    sts->calls++;
    if (identifier && !strstr(request, "name=a.example"))
        page = 4; /* the identifier of another name */
    text_format(body, sizeof body,
                "<ListResourceRecordSetsResponse xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><ResourceRecordSets>"
                "<ResourceRecordSet><Name>%d.example.</Name><Type>A</Type></ResourceRecordSet></ResourceRecordSets><IsTruncated>%s</IsTruncated>%s"
                "<MaxItems>1</MaxItems></ListResourceRecordSetsResponse>", page, page < 3 ? "true" : "false",
                page == 1   ? "<NextRecordName>a.example.</NextRecordName><NextRecordType>A</NextRecordType><NextRecordIdentifier>two"
                              "</NextRecordIdentifier>"
                : page == 2 ? "<NextRecordName>b.example.</NextRecordName><NextRecordType>A</NextRecordType>"
                            : "");
    reply(fd, 200, body);
}

static void answer(int fd, const char *request, size_t len)
{
    (void)len;
    const char *body = strstr(request, "\r\n\r\n") + 4, *key = strstr(request, "Credential=ASIA");
    if (is_skewed(request)) {
        sts->skewed++;
        refuse(fd, "RequestTimeTooSkewed");
    } else if (strstr(request, "/s3/aws4_request")) {
        answer_bucket(fd, request);
    } else if (strstr(request, "/route53/aws4_request")) {
        answer_records(fd, request);
    } else if (strstr(body, "Action=AssumeRole")) {
        text_copy(sts->body, sizeof sts->body, body);
        assume_role(fd);
    } else {
        sts->calls++;
        if (!key || atoi(key + 15) < sts->expired_before)
            refuse(fd, *sts->expired ? sts->expired : "ExpiredToken");
        else
            reply(fd, 200, "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>"
                           "<Account>333333333333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>");
    }
}

struct test {
    struct script_server server;
    struct loop *loop;
    struct http *http;
    struct aws *aws;
    struct aws_session *session;
    int wanted, good, bad;
    struct error error;
};

static int make_test(void **state)
{
    struct test *t = mem_new(sizeof *t);
    char url[64];
    sts = script_share(sizeof *sts);
    sts->life_ms = 3600000;
    if (!script_server_start(&t->server, answer))
        return -1;
    text_format(url, sizeof url, "http://127.0.0.1:%d", t->server.port);
    setenv("AWS_ENDPOINT_URL", url, 1);
    t->loop = loop_new();
    struct http_options http = {.log = NULL};
    t->http = http_new(t->loop, &http);
    struct aws_options options = {.region = "us-east-1"};
    t->aws = aws_new(t->loop, t->http, &options);
    struct aws_role role = {.role_arn = "arn:aws:iam::333333333333:role/TrivetReader", .external_id = "estate-7", .session_name = "night-shift",
                            .duration_s = 900};
    t->session = aws_session_assume(t->aws, &role);
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
    script_unshare(sts, sizeof *sts);
    free(t);
    return 0;
}

static void done(void *arg, json_t *output, const struct error *error)
{
    struct test *t = arg;
    if (error) {
        t->bad++;
        t->error = *error;
    } else {
        t->good++;
        assert_string_equal(json_text(output, "Account"), "333333333333");
    }
}

static bool all_done(void *arg) { return ((struct test *)arg)->good + ((struct test *)arg)->bad == ((struct test *)arg)->wanted; }

/* So many calls at once; all must end so. */
static void ask(struct test *t, int count, bool good)
{
    t->good = t->bad = 0;
    t->wanted = count;
    for (int i = 0; i < count; i++)
        aws_call(t->session, "sts", "GetCallerIdentity", NULL, NULL, done, t);
    assert_int_equal(t->good + t->bad, 0); /* none before the call returned */
    assert_true(loop_run_until(t->loop, all_done, t, 20000));
    if ((good ? t->bad : t->good) != 0)
        fail_msg("%d good, %d bad: %s %s", t->good, t->bad, t->error.code, t->error.message);
}

static void many_wait_for_one_role(void **state)
{
    struct test *t = *state;
    ask(t, 25, true);
    assert_int_equal(sts->assumed, 1);
    assert_int_equal(sts->calls, 25);
    ask(t, 5, true);
    assert_int_equal(sts->assumed, 1);
    assert_non_null(strstr(sts->body, "ExternalId=estate-7"));
    assert_non_null(strstr(sts->body, "RoleSessionName=night-shift"));
    assert_non_null(strstr(sts->body, "DurationSeconds=900"));
    assert_null(strstr(sts->body, "TokenCode"));
}

static bool ends_within_five_minutes(void *arg)
{
    struct aws_session_info info;
    aws_session_look(((struct test *)arg)->session, &info);
    return info.expires_at - loop_wall(((struct test *)arg)->loop) < 300000;
}

static void nothing(void *arg) { *(struct loop_timer **)arg = NULL; }

/* Until the loop's own clock says so; a timer keeps it going. */
static void wait_for_the_last_minutes(struct test *t)
{
    struct loop_timer *timer = NULL;
    for (int i = 0; i < 400 && !ends_within_five_minutes(t); i++) {
        timer = loop_after(t->loop, 10, nothing, &timer);
        loop_run_until(t->loop, ends_within_five_minutes, t, 20);
        loop_cancel(t->loop, timer);
    }
    assert_true(ends_within_five_minutes(t));
}

static void renewed_once_ahead_of_its_end(void **state)
{
    struct test *t = *state;
    sts->life_ms = 301500;
    ask(t, 1, true);
    assert_int_equal(sts->assumed, 1);
    wait_for_the_last_minutes(t);
    sts->expired_before = 2; /* the old keys may not be used for these */
    ask(t, 10, true);
    assert_int_equal(sts->assumed, 2);
    assert_int_equal(sts->calls, 11);
}

static void a_renewal_that_fails_leaves_good_keys(void **state)
{
    struct test *t = *state;
    struct aws_session_info info;
    sts->life_ms = 301500;
    ask(t, 1, true);
    wait_for_the_last_minutes(t);
    sts->denies = true;
    ask(t, 10, true);
    ask(t, 10, true);
    assert_int_equal(sts->refused, 1); /* not with every call */
    aws_session_look(t->session, &info);
    assert_int_equal(info.state, AWS_SESSION_READY);
    assert_string_equal(info.error.code, "AccessDenied");
}

static void keys_that_a_service_calls_expired(void **state)
{
    struct test *t = *state;
    ask(t, 1, true);
    sts->expired_before = 2;
    ask(t, 8, true);
    assert_int_equal(sts->assumed, 2);
    sts->expired_before = 100; /* a service that says so of all keys is believed once a call */
    ask(t, 1, false);
    assert_string_equal(t->error.code, "ExpiredToken");
    assert_int_equal(sts->assumed, 3);
}

/* EC2 has a word of its own for them, which elsewhere is said of a wrong clock. */
static void keys_that_ec2_calls_expired(void **state)
{
    struct test *t = *state;
    ask(t, 1, true);
    text_copy(sts->expired, sizeof sts->expired, "RequestExpired");
    sts->expired_before = 2;
    ask(t, 8, true);
    assert_int_equal(sts->assumed, 2);
}

struct answer {
    bool done;
    json_t *output;
    struct error error;
};

static void take(void *arg, json_t *output, const struct error *error)
{
    struct answer *a = arg;
    a->done = true;
    a->output = json_incref(output);
    a->error = error ? *error : (struct error){0};
}

static bool is_done(void *arg) { return ((struct answer *)arg)->done; }

static void call(struct test *t, const char *service, const char *operation, json_t *take_input, struct answer *a)
{
    *a = (struct answer){.done = false};
    aws_call(aws_session_base(t->aws), service, operation, take_input, &(struct aws_call_options){.all_pages = true}, take, a);
    json_decref(take_input);
    assert_true(loop_run_until(t->loop, is_done, a, 20000));
}

static void a_bucket_is_found_where_it_is(void **state)
{
    struct test *t = *state;
    struct answer a;
    call(t, "s3", "GetBucketVersioning", json_pack("{s:s}", "Bucket", "states"), &a);
    assert_string_equal(json_text_or(a.output, "Status", a.error.code), "Enabled");
    assert_int_equal(sts->moved, 1);
    json_decref(a.output);
    call(t, "s3", "GetBucketVersioning", json_pack("{s:s}", "Bucket", "odd"), &a); /* what is no region's name leads nowhere */
    assert_null(a.output);
    assert_string_equal(a.error.code, "PermanentRedirect");
    assert_int_equal(sts->moved, 2);
}

/* What led to one page is not asked for with the next, unless that says so too. */
static void each_page_has_its_own_tokens(void **state)
{
    struct test *t = *state;
    struct answer a;
    call(t, "route53", "ListResourceRecordSets", json_pack("{s:s}", "HostedZoneId", "Z1"), &a);
    assert_string_equal(a.error.code, "");
    assert_int_equal(sts->calls, 3);
    assert_int_equal(json_array_size(json_object_get(a.output, "ResourceRecordSets")), 3);
    assert_string_equal(json_text(a.output, "ResourceRecordSets.2.Name"), "3.example.");
    json_decref(a.output);
}

static void a_refused_role_is_not_asked_for_again_at_once(void **state)
{
    struct test *t = *state;
    struct aws_session_info info;
    sts->denies = true;
    ask(t, 6, false);
    assert_string_equal(t->error.code, "AccessDenied");
    ask(t, 6, false);
    assert_string_equal(t->error.code, "AccessDenied");
    assert_int_equal(sts->refused, 1);
    aws_session_look(t->session, &info);
    assert_int_equal(info.state, AWS_SESSION_FAILED);
}

static void a_wrong_clock_is_corrected(void **state)
{
    struct test *t = *state;
    sts->skew_ms = -3 * 3600000 - 1000;
    ask(t, 1, true);
    assert_int_equal(sts->skewed, 1);
    ask(t, 10, true);
    assert_int_equal(sts->skewed, 1); /* kept for all that follow */
    assert_int_equal(sts->assumed, 1);
    sts->skew_ms = 0;
    ask(t, 1, true); /* and back, when somebody has set it right */
    assert_int_equal(sts->skewed, 2);
}

static void services_have_rates_of_their_own(void **state)
{
    struct test *t = *state;
    struct rate *trail = session_rate(t->session, "cloudtrail"), *rds = session_rate(t->session, "rds");
    int now = 0, later = 0;
    for (int i = 0; i < 8; i++)
        now += rate_take(trail, 1000) == 0;
    assert_int_equal(now, 2);
    assert_int_equal(rate_take(trail, 1000), 3500); /* two a second */
    for (int i = 0; i < 60; i++)
        later += rate_take(rds, 1000) > 0;
    assert_int_equal(later, 20);
    assert_ptr_equal(session_rate(t->session, "cloudtrail"), trail);
    assert_ptr_not_equal(session_rate(aws_session_base(t->aws), "cloudtrail"), trail); /* limits are an account's */
    assert_null(session_rate(t->session, "nothing"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_test, drop_test)
    const struct CMUnitTest tests[] = {TEST(many_wait_for_one_role), TEST(renewed_once_ahead_of_its_end), TEST(a_renewal_that_fails_leaves_good_keys),
                                       TEST(keys_that_a_service_calls_expired), TEST(keys_that_ec2_calls_expired),
                                       TEST(a_bucket_is_found_where_it_is), TEST(each_page_has_its_own_tokens),
                                       TEST(a_refused_role_is_not_asked_for_again_at_once),
                                       TEST(a_wrong_clock_is_corrected), TEST(services_have_rates_of_their_own)};
    script_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
