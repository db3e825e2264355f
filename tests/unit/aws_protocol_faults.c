/* Requests that are refused, errors as services and gateways really send them, and replies that are damaged or not what the model says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/endpoint.h"
#include "aws/protocol.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"

extern const struct aws_table protocol_table; /* tests/data/protocol/table.gen.c */

static json_t *load(const char *text)
{
    struct error e = {0};
    json_t *tree = json_load(text, strlen(text), &e);
    if (!tree)
        fail_msg("%s: %s", text, e.message);
    return tree;
}

/* NULL where the request was built; else what was wrong with it. */
static const char *refused(const char *service, const char *operation, const char *input, struct error *e)
{
    struct aws_request request;
    const struct aws_service *s = aws_service_find(&aws_table, service);
    json_t *tree = input ? load(input) : NULL;
    bool good = aws_request_build(&aws_table, s, aws_operation_find(&aws_table, s, operation), tree, &request, e);
    assert_non_null(request.path);
    assert_non_null(request.query);
    aws_request_free(&request);
    json_decref(tree);
    return good ? NULL : e->message;
}

static void checks_input(void **state)
{
    static const char *const cases[][4] = {
        {"rds", "DescribeDBInstances", NULL, NULL},
        {"rds", "DescribeDBInstances", "{}", NULL},
        {"rds", "DescribeDBInstances", "{\"DBInstanceIdentifier\":\"a\",\"MaxRecords\":20}", NULL},
        {"rds", "DescribeDBInstances", "{\"DBInstanceIdentifier\":null}", NULL},
        {"rds", "DescribeDBInstances", "{\"Identifier\":\"a\"}", "input: no member \"Identifier\""},
        {"rds", "DescribeDBInstances", "{\"MaxRecords\":\"20\"}", "MaxRecords: expected a whole number"},
        {"rds", "DescribeDBInstances", "{\"MaxRecords\":1.5}", "MaxRecords: expected a whole number"},
        {"rds", "DescribeDBInstances", "{\"DBInstanceIdentifier\":7}", "DBInstanceIdentifier: expected a text"},
        {"rds", "DescribeDBInstances", "{\"Filters\":[{\"Name\":\"x\",\"Values\":[\"a\",2]}]}", "Filters[0].Values[1]: expected a text"},
        {"rds", "DescribeDBInstances", "{\"Filters\":[{\"Name\":\"x\"}]}", "Filters[0]: required member \"Values\" is missing"},
        {"rds", "DescribeDBInstances", "{\"Filters\":{}}", "Filters: expected a list"},
        {"rds", "DescribeDBInstances", "[]", "input: expected an object"},
        {"eks", "DescribeCluster", "{}", "input: required member \"name\" is missing"},
        {"eks", "DescribeCluster", "{\"name\":null}", "input: required member \"name\" is missing"},
        {"eks", "DescribeCluster", "{\"name\":\"\"}", "name: must not be empty, it is part of the address"},
        {"eks", "DescribeCluster", "{\"name\":\"a/../b?c#d\"}", NULL},
        {"cloudwatch", "GetMetricData", "{\"MetricDataQueries\":[],\"StartTime\":\"yesterday\",\"EndTime\":0}",
         "StartTime: expected a time: seconds since 1970, or 2026-11-23T20:17:38Z"},
        {"cloudwatch", "GetMetricData", "{\"MetricDataQueries\":[],\"StartTime\":\"2026-11-23T20:17:38Z\",\"EndTime\":1.5}", NULL},
        {"sts", "GetCallerIdentity", "{\"x\":1}", "input: no member \"x\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error e = {0};
        const char *why = refused(cases[i][0], cases[i][1], cases[i][2], &e);
        if (!text_equal(why, cases[i][3]))
            fail_msg("%s: %s", cases[i][2], why ? why : "taken");
        if (why)
            assert_true(e.kind == ERROR_INPUT && error_is(&e, "ParamValidation"));
    }
}

/* A region may come from an image's address, which whoever deploys has written: it must not lead to a host of theirs. */
static void regions_are_parts_of_names(void **state)
{
    static const char *const bad[] = {"", "xyz/x", "xyz?x", "xyz#x", "x@y", "a:1", "a.b", "us east-1", "us-east-1\r\nx", "\xc3\xa9",
                                      "a-region-of-more-letters-than-any-has"};
    const struct aws_service *ecr = aws_service_find(&aws_table, "ecr");
    struct aws_endpoint endpoint;
    struct aws_config *config;
    (void)state;
    unsetenv("AWS_ENDPOINT_URL");
    setenv("AWS_CONFIG_FILE", "/nonexistent", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent", 1);
    config = aws_config_load();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct error e = {0};
        assert_false(aws_endpoint_resolve(config, "default", ecr, bad[i], NULL, &endpoint, &e));
        assert_true(error_is(&e, "Region"));
    }
    struct error e = {0};
    assert_true(aws_endpoint_resolve(config, "default", ecr, "eu-central-1", NULL, &endpoint, &e));
    assert_string_equal(endpoint.base, "https://api.ecr.eu-central-1.amazonaws.com");
    aws_config_free(config);
}

static void writes_what_cannot_break_out(void **state)
{
    struct aws_request r;
    struct error e = {0};
    const struct aws_service *s = aws_service_find(&aws_table, "eks");
    json_t *input = load("{\"name\":\"a/../b?c#d %2F\"}");
    (void)state;
    assert_true(aws_request_build(&aws_table, s, aws_operation_find(&aws_table, s, "DescribeCluster"), input, &r, &e));
    assert_string_equal(r.path, "/clusters/a%2F..%2Fb%3Fc%23d%20%252F");
    aws_request_free(&r);
    json_decref(input);
    s = aws_service_find(&aws_table, "rds");
    input = load("{\"DBInstanceIdentifier\":\"a&Action=DeleteDBInstance\"}");
    assert_true(aws_request_build(&aws_table, s, aws_operation_find(&aws_table, s, "DescribeDBInstances"), input, &r, &e));
    assert_string_equal(str_text(&r.body), "Action=DescribeDBInstances&Version=2014-10-31&DBInstanceIdentifier=a%26Action%3DDeleteDBInstance");
    aws_request_set_header(&r, "X-Test", "1");
    aws_request_set_header(&r, "x-test", "2");
    assert_string_equal(aws_request_header(&r, "X-TEST"), "2");
    aws_request_free(&r);
    aws_request_free(&r);
    json_decref(input);
    /* A member that goes into a header (sso's token) must not bring a header of its own. */
    s = aws_service_find(&aws_table, "sso");
    input = load("{\"roleName\":\"r\",\"accountId\":\"1\",\"accessToken\":\"t\\r\\nX-Evil: 1\"}");
    assert_false(aws_request_build(&aws_table, s, aws_operation_find(&aws_table, s, "GetRoleCredentials"), input, &r, &e));
    aws_request_free(&r);
    json_decref(input);
}

static void reads_errors(void **state)
{
    static const struct {
        const char *service, *operation;
        int status;
        const char *header, *value, *body;
        enum error_kind kind;
        const char *code, *message, *id;
    } cases[] = {
        {"rds", "DescribeDBInstances", 400, NULL, NULL,
         "<ErrorResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate "
         "exceeded</Message></Error><RequestId>r-1</RequestId></ErrorResponse>", ERROR_SERVICE, "Throttling", "Rate exceeded", "r-1"},
        {"ec2", "DescribeAvailabilityZones", 401, NULL, NULL,
         "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>AuthFailure</Code><Message>AWS was not able</Message></Error>"
         "</Errors><RequestID>r-2</RequestID></Response>", ERROR_SERVICE, "AuthFailure", "AWS was not able", "r-2"},
        {"organizations", "ListAccounts", 400, "x-amzn-RequestId", "r-3",
         "{\"__type\":\"com.amazonaws.organizations#AccessDeniedException:http://internal\",\"Message\":\"You don't have\"}", ERROR_SERVICE,
         "AccessDeniedException", "You don't have", "r-3"},
        {"eks", "DescribeCluster", 404, "x-amzn-errortype", "ResourceNotFoundException:http://x/", "{\"message\":\"No cluster found\"}",
         ERROR_SERVICE, "ResourceNotFoundException", "No cluster found", ""},
        {"cloudwatch", "DescribeAlarms", 400, "x-amzn-query-error", "InvalidNextToken;Sender",
         "{\"__type\":\"x#InvalidNextToken2\",\"message\":\"m\"}", ERROR_SERVICE, "InvalidNextToken", "m", ""},
        {"cloudfront", "ListDistributions", 403, NULL, NULL,
         "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error><RequestId>r-4</RequestId></ErrorResponse>",
         ERROR_SERVICE, "AccessDenied", "no", "r-4"},
        {"sso-oidc", "CreateToken", 400, NULL, NULL, "{\"error\":\"authorization_pending\",\"error_description\":\"wait\"}", ERROR_SERVICE,
         "authorization_pending", "wait", ""},
        /* A gateway that speaks another language, or none. */
        {"rds", "DescribeDBInstances", 503, NULL, NULL, "{\"__type\":\"ServiceUnavailableException\",\"message\":\"later\"}", ERROR_SERVICE,
         "ServiceUnavailableException", "later", ""},
        {"eks", "DescribeCluster", 403, NULL, NULL,
         "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>m</Message></Error></ErrorResponse>", ERROR_SERVICE,
         "SignatureDoesNotMatch", "m", ""},
        {"eks", "DescribeCluster", 502, NULL, NULL, "\r\n<HTML><body>Bad Gateway</body></HTML>", ERROR_PROTOCOL, "BadGateway",
         "an HTML page instead of an answer", ""},
        {"rds", "DescribeDBInstances", 504, NULL, NULL, "<!DOCTYPE html><html></html>", ERROR_PROTOCOL, "GatewayTimeout",
         "an HTML page instead of an answer", ""},
        {"rds", "DescribeDBInstances", 500, NULL, NULL, "", ERROR_SERVICE, "InternalFailure", "", ""},
        {"rds", "DescribeDBInstances", 418, NULL, NULL, "teapot", ERROR_SERVICE, "HTTP418", "", ""},
        {"rds", "DescribeDBInstances", 302, NULL, NULL, "", ERROR_SERVICE, "HTTP302", "", ""},
        {"eks", "DescribeCluster", 400, NULL, NULL, "{\"__type\":7,\"message\":[1]}", ERROR_SERVICE, "BadRequest", "", ""},
        {"eks", "DescribeCluster", 400, NULL, NULL, "{\"__type\":\"#\",\"message\":\"x\"}", ERROR_SERVICE, "BadRequest", "", ""},
        {"eks", "DescribeCluster", 429, NULL, NULL, "[]", ERROR_SERVICE, "TooManyRequests", "", ""},
        {"eks", "DescribeCluster", 400, NULL, NULL, "{\"__type\":\"Evil\\u001b[2J\",\"message\":\"a\\nb\\u202e\"}", ERROR_SERVICE, "Evil?[2J", "a b?",
         ""},
        /* Good by status, bad by contents. */
        {"rds", "DescribeDBInstances", 200, "x-amzn-requestid", "r-5", "<html>", ERROR_PROTOCOL, "BadReply", NULL, "r-5"},
        {"eks", "DescribeCluster", 200, NULL, NULL, "{\"cluster\":", ERROR_PROTOCOL, "BadReply", NULL, ""},
        {"eks", "DescribeCluster", 200, NULL, NULL, "{\"cluster\":{},\"cluster\":{}}", ERROR_PROTOCOL, "BadReply", NULL, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct aws_service *s = aws_service_find(&aws_table, cases[i].service);
        struct http_header headers[] = {{cases[i].header, cases[i].value}, {0}};
        struct http_reply reply = {cases[i].status, cases[i].body, strlen(cases[i].body), headers};
        struct error e = {.code = "stale", .status = 1};
        json_t *output = aws_reply_parse(&aws_table, s, aws_operation_find(&aws_table, s, cases[i].operation), &reply, &e);
        if (output || e.kind != cases[i].kind || strcmp(e.code, cases[i].code) != 0 ||
            (cases[i].message && strcmp(e.message, cases[i].message) != 0) || strcmp(e.request_id, cases[i].id) != 0 || e.status != cases[i].status)
            fail_msg("%s: kind %d, code %s, message %s, id %s, status %d", cases[i].body, (int)e.kind, e.code, e.message, e.request_id, e.status);
    }
}

/* Members of a wrong type are absent; members that the model does not know are passed over. */
static void leaves_out_what_does_not_fit(void **state)
{
    struct error e = {0};
    const struct aws_service *s = aws_service_find(&aws_table, "eks");
    const char *body = "{\"cluster\":{\"name\":7,\"status\":null,\"endpoint\":\"https://x\",\"createdAt\":\"soon\",\"tags\":[],\"new\":{\"a\":1},"
                       "\"resourcesVpcConfig\":\"none\",\"certificateAuthority\":{\"data\":\"UEVN\"}}}";
    struct http_reply reply = {200, body, strlen(body), NULL};
    json_t *out = aws_reply_parse(&aws_table, s, aws_operation_find(&aws_table, s, "DescribeCluster"), &reply, &e);
    (void)state;
    assert_non_null(out);
    assert_string_equal(json_text(out, "cluster.endpoint"), "https://x");
    assert_string_equal(json_text(out, "cluster.certificateAuthority.data"), "UEVN");
    assert_int_equal(json_object_size(json_at(out, "cluster")), 2);
    json_decref(out);
    s = aws_service_find(&aws_table, "rds");
    body = "<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances><DBInstance><MultiAZ>perhaps</MultiAZ><AllocatedStorage>"
           "1e3</AllocatedStorage><BackupRetentionPeriod> 7</BackupRetentionPeriod><DBInstanceIdentifier/><InstanceCreateTime>"
           "2026-11-23T20:17:38.5Z</InstanceCreateTime><New><a/></New></DBInstance></DBInstances></DescribeDBInstancesResult>"
           "</DescribeDBInstancesResponse>";
    reply = (struct http_reply){200, body, strlen(body), NULL};
    out = aws_reply_parse(&aws_table, s, aws_operation_find(&aws_table, s, "DescribeDBInstances"), &reply, &e);
    assert_non_null(out);
    assert_null(json_at(out, "DBInstances.0.MultiAZ"));
    assert_null(json_at(out, "DBInstances.0.AllocatedStorage"));
    assert_string_equal(json_text(out, "DBInstances.0.DBInstanceIdentifier"), "");
    assert_int_equal(json_when(out, "DBInstances.0.InstanceCreateTime"), INT64_C(1795465058500));
    json_decref(out);
}

/* Every reply of the protocol cases, damaged: an output or an error comes of it, never anything else. */
static void survives_damage(void **state)
{
    static const char *const protocols[] = {"query", "ec2", "json", "rest-json", "rest-xml"};
    static const char odd[] = "<>&\"'{}[],:\\/0-\0\xFF\xE2";
    const char *top = getenv("srcdir");
    size_t i, k;
    json_t *suite, *c;
    (void)state;
    srand(9);
    for (size_t p = 0; p < sizeof protocols / sizeof *protocols; p++) {
        struct str path = STR_INIT(STR_TEXT_MAX), text = STR_INIT((size_t)4 << 20);
        struct error e = {0};
        str_addf(&path, "%s/tests/data/protocol/%s.json", top ? top : ".", protocols[p]);
        assert_true(file_read(str_text(&path), text.max, &text, &e));
        json_t *suites = load(str_text(&text));
        json_array_foreach(suites, i, suite)
            json_array_foreach(json_object_get(suite, "cases"), k, c) {
                const struct aws_service *s = aws_service_find(&protocol_table, json_text(suite, "service"));
                const struct aws_operation *o = aws_operation_find(&protocol_table, s, json_text(c, "operation"));
                const char *body = json_text(c, "reply.body");
                size_t len = body ? strlen(body) : 0;
                for (int round = 0; len && round < 60; round++) {
                    char *broken = mem_strdup(body);
                    size_t cut = round % 3 ? len : (size_t)rand() % len;
                    for (int n = 0; n < 1 + round % 3; n++)
                        broken[(size_t)rand() % len] = odd[(size_t)rand() % (sizeof odd - 1)];
                    char *exact = mem_new(cut + 1);
                    memcpy(exact, broken, cut);
                    struct http_reply reply = {round % 5 ? 200 : 400, exact, cut, NULL};
                    json_t *out = aws_reply_parse(&protocol_table, s, o, &reply, &e);
                    assert_int_equal(out == NULL, e.kind != ERROR_NONE);
                    assert_true(out || *e.code);
                    json_decref(out);
                    free(exact);
                    free(broken);
                }
            }
        json_decref(suites);
        str_free(&path);
        str_free(&text);
    }
}

static void finds_shapes(void **state)
{
    const struct aws_service *s = aws_service_find(&aws_table, "rds");
    (void)state;
    assert_null(aws_service_find(&aws_table, "none"));
    assert_null(aws_operation_find(&aws_table, s, "DeleteEverything"));
    const struct aws_operation *o = aws_operation_find(&aws_table, s, "DescribeDBInstances");
    assert_string_equal(aws_name(&aws_table, aws_member_find(&aws_table, o->input, "MaxRecords")->name), "MaxRecords");
    assert_null(aws_member_find(&aws_table, o->input, "x"));
    assert_null(aws_member_find(&aws_table, SHAPE_NONE, "x"));
    for (uint16_t i = 0; i < aws_table.service_count; i++)
        for (uint16_t k = 1; k < aws_table.services[i].operation_count; k++) { /* sorted, as the header says */
            const struct aws_operation *a = &aws_table.operations[aws_table.services[i].first_operation + k];
            assert_true(strcmp(aws_name(&aws_table, a[-1].name), aws_name(&aws_table, a->name)) < 0);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks_input), cmocka_unit_test(regions_are_parts_of_names), cmocka_unit_test(writes_what_cannot_break_out),
        cmocka_unit_test(reads_errors), cmocka_unit_test(leaves_out_what_does_not_fit), cmocka_unit_test(survives_damage),
        cmocka_unit_test(finds_shapes),
    };
    return cmocka_run_group_tests_name("aws_protocol_faults", tests, NULL, NULL);
}
