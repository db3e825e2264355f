/* Calls that change something, and the role that makes them, against a server of raw sockets that counts what it receives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/write.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/when.h"
#include "net/retry.h"
#include "script_server.h"

/* Shared with the processes that serve. */
static struct counts {
    _Atomic int assumed, writes, reads;
    char key[32]; /* the last call was signed with */
} *counts;

static void reply(int fd, int status, const char *body)
{
    char headers[200], date[64];
    text_format(headers, sizeof headers, "x-amzn-RequestId: req-%d\x7f\r\nDate: %s\r\nContent-Type: text/xml\r\n", counts->writes,
                when_http(when_wall(), date, sizeof date));
    script_reply(fd, status, headers, body);
}

static void refuse(int fd, int status, const char *code)
{
    char body[300];
    text_format(body, sizeof body,
                "<ErrorResponse><Error><Code>%s</Code><Message>no</Message></Error><RequestId>of-the-body</RequestId></ErrorResponse>", code);
    reply(fd, status, body);
}

static void assume_role(int fd)
{
    char body[900];
    text_format(body, sizeof body,
                "<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><AssumedRoleId>A:n</AssumedRoleId><Arn>"
                "arn:aws:sts::210987654321:assumed-role/Op/n</Arn></AssumedRoleUser><Credentials><AccessKeyId>ASIAROLE%d</AccessKeyId>"
                "<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
                "</AssumeRoleResult></AssumeRoleResponse>", ++counts->assumed);
    reply(fd, 200, body);
}

static void answer(int fd, const char *request, size_t len)
{
    const char *key = strstr(request, "Credential=");
    (void)len;
    text_format(counts->key, sizeof counts->key, "%.*s", key ? (int)strcspn(key + 11, "/") : 0, key ? key + 11 : "");
    if (strstr(request, "Action=AssumeRole")) {
        assume_role(fd);
        return;
    }
    if (!strstr(request, "Action=StopDBInstance")) {
        counts->reads++;
        reply(fd, 200, "<R><GetCallerIdentityResult/><DescribeDBInstancesResult/></R>");
        return;
    }
    int number = ++counts->writes;
    if (strstr(request, "DBInstanceIdentifier=lost"))
        _exit(0);
    else if (strstr(request, "DBInstanceIdentifier=sick"))
        refuse(fd, 500, "InternalFailure");
    else if (strstr(request, "DBInstanceIdentifier=busy") && number == 1)
        refuse(fd, 400, "Throttling");
    else if (strstr(request, "DBInstanceIdentifier=old") && number == 1)
        refuse(fd, 403, "ExpiredToken");
    else if (strstr(request, "DBInstanceIdentifier=denied"))
        refuse(fd, 403, "AccessDenied");
    else
        reply(fd, 200, "<R><StopDBInstanceResult><DBInstance><DBInstanceStatus>stopping</DBInstanceStatus></DBInstance></StopDBInstanceResult></R>");
}

struct test {
    struct script_server server;
    struct loop *loop;
    struct http *http;
    struct aws *aws;
    struct aws_session *role;
    int told;
    bool good;
    char request_id[80];
    struct error error;
};

static int make_test(void **state)
{
    struct test *t = mem_new(sizeof *t);
    struct http_options http = {0};
    char url[64];
    counts = script_share(sizeof *counts);
    if (!script_server_start(&t->server, answer))
        return -1;
    text_format(url, sizeof url, "http://127.0.0.1:%d", t->server.port);
    setenv("AWS_ENDPOINT_URL", url, 1);
    setenv("AWS_ACCESS_KEY_ID", "AKIABASE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    setenv("AWS_CONFIG_FILE", "/dev/null", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1);
    unsetenv("AWS_SESSION_TOKEN");
    unsetenv("AWS_PROFILE");
    unsetenv("AWS_MAX_ATTEMPTS");
    t->loop = loop_new();
    t->http = http_new(t->loop, &http);
    struct aws_options options = {.region = "us-east-1"};
    struct aws_role role = {.role_arn = "arn:aws:iam::210987654321:role/Op", .session_name = "n"};
    t->aws = aws_new(t->loop, t->http, &options);
    t->role = aws_session_assume(t->aws, &role);
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

static void written(void *arg, json_t *output, const char *request_id, const struct error *error)
{
    struct test *t = arg;
    assert_true((output == NULL) == (error != NULL));
    t->told++;
    t->good = output != NULL;
    t->error = error ? *error : (struct error){0};
    text_copy(t->request_id, sizeof t->request_id, request_id);
}

static void read_done(void *arg, json_t *output, const struct error *error)
{
    struct test *t = arg;
    (void)output;
    t->told++;
    t->error = error ? *error : (struct error){0};
}

static bool is_told(void *arg) { return ((struct test *)arg)->told > 0; }

static struct aws_call *begin_stop(struct test *t, const char *database)
{
    json_t *input = json_pack("{s:s}", "DBInstanceIdentifier", database);
    struct aws_call *call = aws_call_write(t->role, "rds", "StopDBInstance", input, NULL, written, t);
    json_decref(input);
    return call;
}

static void wait_told(struct test *t)
{
    assert_true(loop_run_until(t->loop, is_told, t, 10000));
    assert_int_equal(t->told, 1);
    t->told = 0;
}

static void stop(struct test *t, const char *database)
{
    begin_stop(t, database);
    wait_told(t);
}

static void tells_the_request_id(void **state)
{
    struct test *t = *state;
    stop(t, "one");
    assert_true(t->good);
    assert_string_equal(t->request_id, "req-1?");
    assert_string_equal(counts->key, "ASIAROLE1");
    stop(t, "denied");
    assert_string_equal(t->error.code, "AccessDenied");
    assert_string_equal(t->request_id, "of-the-body");
    assert_true(retry_was_not_done(&t->error));
    assert_int_equal(counts->writes, 2);
}

static void does_not_repeat_what_may_have_been_done(void **state)
{
    struct test *t = *state;
    aws_call(t->role, "rds", "DescribeDBInstances", NULL, NULL, read_done, t); /* leaves a connection on which curl would try again */
    wait_told(t);
    stop(t, "lost");
    assert_string_equal(t->error.code, "ConnectionLost");
    assert_string_equal(t->request_id, "");
    assert_false(retry_was_not_done(&t->error));
    assert_int_equal(counts->writes, 1);
    stop(t, "sick");
    assert_string_equal(t->error.code, "InternalFailure");
    assert_false(retry_was_not_done(&t->error));
    assert_int_equal(counts->writes, 2);
}

static void repeats_what_was_turned_away(void **state)
{
    struct test *t = *state;
    stop(t, "busy");
    assert_true(t->good);
    assert_string_equal(t->request_id, "req-2?");
    assert_int_equal(counts->writes, 2);
}

static void renews_keys_that_have_ended(void **state)
{
    struct test *t = *state;
    stop(t, "old");
    assert_true(t->good);
    assert_int_equal(counts->writes, 2);
    assert_int_equal(counts->assumed, 2);
    assert_string_equal(counts->key, "ASIAROLE2");
}

static void refuses_writes_at_the_other_door(void **state)
{
    struct test *t = *state;
    json_t *input = json_pack("{s:s}", "DBInstanceIdentifier", "one");
    aws_call(t->role, "rds", "StopDBInstance", input, NULL, read_done, t);
    json_decref(input);
    wait_told(t);
    assert_string_equal(t->error.code, "WriteRefused");
    assert_int_equal(counts->writes, 0);
}

static void forgets_a_role(void **state)
{
    struct test *t = *state;
    struct aws_session_info info;
    aws_session_look(t->role, &info);
    assert_null(info.arn);
    stop(t, "one");
    aws_session_look(t->role, &info);
    assert_int_equal(info.state, AWS_SESSION_READY);
    assert_string_equal(info.arn, "arn:aws:sts::210987654321:assumed-role/Op/n");
    assert_true(info.expires_at > 0);
    aws_session_forget(t->role);
    aws_session_forget(t->role);
    aws_session_look(t->role, &info);
    assert_int_equal(info.state, AWS_SESSION_NEVER);
    assert_null(info.arn);
    assert_true(info.expires_at == 0);
    stop(t, "two");
    assert_true(t->good);
    assert_int_equal(counts->assumed, 2);
    assert_string_equal(counts->key, "ASIAROLE2");
}

static bool is_assumed(void *arg)
{
    (void)arg;
    return counts->assumed > 0;
}

static void forgets_while_it_is_asked_for(void **state)
{
    struct test *t = *state;
    struct aws_session_info info;
    struct aws_call *call = begin_stop(t, "one"); /* still before the chain has given keys */
    aws_cancel(call);
    aws_session_forget(t->role);
    call = begin_stop(t, "two"); /* AssumeRole is under way */
    assert_true(loop_run_until(t->loop, is_assumed, t, 10000));
    aws_cancel(call);
    aws_session_forget(t->role);
    aws_session_look(t->role, &info);
    assert_int_equal(info.state, AWS_SESSION_NEVER);
    begin_stop(t, "three"); /* who waits still gets keys */
    aws_session_forget(t->role);
    wait_told(t);
    assert_true(t->good);
    assert_int_equal(counts->writes, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_test, drop_test)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tells_the_request_id), TEST(does_not_repeat_what_may_have_been_done), TEST(repeats_what_was_turned_away),
        TEST(renews_keys_that_have_ended), TEST(refuses_writes_at_the_other_door), TEST(forgets_a_role), TEST(forgets_while_it_is_asked_for),
    };
    return cmocka_run_group_tests_name("aws_write", tests, NULL, NULL);
}
