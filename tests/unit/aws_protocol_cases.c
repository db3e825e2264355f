/* botocore's public cases of the AWS wire protocols (tests/data/protocol), each a test of its own. Bodies are compared by value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "aws/protocol.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/xml.h"

extern const struct aws_table protocol_table; /* tests/data/protocol/table.gen.c */

/* What is not supported in requests, and why; an id stands for all that begin with it. What stands here must fail: once it passes it is struck off.
 * The event streams of other suites and the protocol of CBOR are not among the cases: no operation of ours has one. */
static const struct {
    const char *id, *why;
} skipped[] = {
    {"SDKApp", "bodies of requests are not compressed; a service takes them as they are, too"},
    {"RestJsonHttpChecksumRequired", "no MD5 of bodies: gen-aws-table refuses an operation that asks for it"},
    {"BodyWithXmlName", "the case names its root twice; where botocore's models do, the operation's name holds, as it does in botocore"},
    {NULL, NULL},
};

struct test_case {
    const char *protocol;
    const struct aws_service *service;
    const struct aws_operation *operation;
    const char *host;
    json_t *tree;
};

static char said[4096]; /* the first difference of the case under way */

static bool differ(const char *what, const char *expected, const char *found)
{
    text_format(said, sizeof said, "%s: expected %s, found %s", what, expected ? expected : "(none)", found ? found : "(none)");
    return false;
}

/* Numbers by value: 1 is 1.0. */
static bool same_json(const json_t *a, const json_t *b)
{
    const char *key;
    json_t *item;
    if (json_is_number(a) && json_is_number(b))
        return fabs(json_number_value(a) - json_number_value(b)) <= 1e-6 * fmax(1, fabs(json_number_value(a)));
    if (json_is_array(a) && json_is_array(b)) {
        bool same = json_array_size(a) == json_array_size(b);
        for (size_t i = 0; same && i < json_array_size(a); i++)
            same = same_json(json_array_get(a, i), json_array_get(b, i));
        return same;
    }
    if (json_is_object(a) && json_is_object(b)) {
        bool same = json_object_size(a) == json_object_size(b);
        json_object_foreach((json_t *)(uintptr_t)a, key, item)
            same = same && same_json(item, json_object_get(b, key));
        return same;
    }
    return json_equal(a, b);
}

static bool check_json(const char *what, const json_t *expected, const json_t *found)
{
    if (same_json(expected, found))
        return true;
    char *a = json_dumps(expected, JSON_ENCODE_ANY | JSON_COMPACT), *b = json_dumps(found, JSON_ENCODE_ANY | JSON_COMPACT);
    differ(what, a, b);
    free(a);
    free(b);
    return false;
}

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* "b=1&a=2&b=0" as "a=2&b=1&b=0": names sorted, values of one name in their order. The caller frees. */
static char *sorted_pairs(const char *text)
{
    VEC(char *) pairs = {0};
    struct str out = STR_INIT(STR_TEXT_MAX);
    for (int i = 0; *text; i++) {
        size_t len = strcspn(text, "&"), name = strcspn(text, "=&");
        struct str pair = STR_INIT(STR_TEXT_MAX);
        /* A counter behind the name keeps the order; a name without a value is one with an empty value. */
        str_addf(&pair, "%.*s\x01%04d=%.*s", (int)name, text, i, len > name ? (int)(len - name - 1) : 0, text + name + (len > name));
        *vec_add(&pairs) = str_take(&pair);
        text += len + (text[len] == '&');
    }
    if (pairs.len)
        qsort(pairs.at, pairs.len, sizeof *pairs.at, by_text);
    for (size_t i = 0; i < pairs.len; i++) {
        const char *mark = strchr(pairs.at[i], '\x01');
        str_addf(&out, "%s%.*s%s", i ? "&" : "", (int)(mark - pairs.at[i]), pairs.at[i], mark + 5);
        free(pairs.at[i]);
    }
    vec_free(&pairs);
    return str_take(&out);
}

static bool check_pairs(const char *what, const char *expected, const char *found)
{
    char *a = sorted_pairs(expected), *b = sorted_pairs(found);
    bool same = strcmp(a, b) == 0 || differ(what, a, b);
    free(a);
    free(b);
    return same;
}

/* A tree in one spelling: attributes sorted, blanks around text dropped. */
static void spell(const struct xml *node, struct str *out)
{
    VEC(char *) attributes = {0};
    str_addf(out, "<%s", node->name);
    for (char **a = node->attributes; a && *a; a += 2) {
        struct str one = STR_INIT(STR_TEXT_MAX);
        str_addf(&one, " %s='%s'", a[0], a[1]);
        *vec_add(&attributes) = str_take(&one);
    }
    if (attributes.len)
        qsort(attributes.at, attributes.len, sizeof *attributes.at, by_text);
    for (size_t i = 0; i < attributes.len; i++) {
        str_adds(out, attributes.at[i]);
        free(attributes.at[i]);
    }
    vec_free(&attributes);
    str_addc(out, '>');
    const char *text = node->text + strspn(node->text, " \n\r\t");
    size_t len = strlen(text);
    while (len && strchr(" \n\r\t", text[len - 1]))
        len--;
    str_add(out, text, len);
    for (const struct xml *child = node->child; child; child = child->next)
        spell(child, out);
    str_addf(out, "</%s>", node->name);
}

static bool check_xml(const char *expected, const char *found)
{
    struct error e = {0};
    struct str a = STR_INIT(STR_TEXT_MAX), b = STR_INIT(STR_TEXT_MAX);
    struct xml *one = xml_parse(expected, strlen(expected), &e), *other = xml_parse(found, strlen(found), &e);
    if (one && other) {
        spell(one, &a);
        spell(other, &b);
    }
    bool same = one && other ? strcmp(str_text(&a), str_text(&b)) == 0 || differ("body", str_text(&a), str_text(&b))
                             : strcmp(expected, found) == 0 || differ("body", expected, found);
    xml_free(one);
    xml_free(other);
    str_free(&a);
    str_free(&b);
    return same;
}

static bool check_body(const struct test_case *c, const char *expected, const struct aws_request *request)
{
    const char *found = str_text(&request->body);
    struct error e;
    if (c->service->protocol == AWS_QUERY || c->service->protocol == AWS_EC2)
        return check_pairs("body", expected, found);
    if (c->service->protocol == AWS_REST_XML)
        return check_xml(expected, found);
    json_t *a = json_load(expected, strlen(expected), &e), *b = json_load(found, request->body.len, &e);
    bool same = a && b ? check_json("body", a, b) : strcmp(expected, found) == 0 || differ("body", expected, found);
    json_decref(a);
    json_decref(b);
    return same;
}

/* The form's charset is written out by some clients and not by others. */
static bool same_header(const char *name, const char *expected, const char *found)
{
    if (!found)
        return false;
    size_t len = text_same_case(name, "content-type") ? strcspn(found, ";") : strlen(found);
    return strcmp(found, expected) == 0 || (strlen(expected) == len && strncmp(found, expected, len) == 0);
}

static bool check_headers(const json_t *expected, const struct aws_request *request)
{
    const char *name;
    json_t *value;
    size_t i;
    json_object_foreach(json_object_get(expected, "headers"), name, value)
        if (!same_header(name, json_string_value(value), aws_request_header(request, name)))
            return differ(name, json_string_value(value), aws_request_header(request, name));
    json_array_foreach(json_object_get(expected, "forbid"), i, value)
        if (aws_request_header(request, json_string_value(value)))
            return differ(json_string_value(value), NULL, aws_request_header(request, json_string_value(value)));
    json_array_foreach(json_object_get(expected, "require"), i, value)
        if (!text_same_case(json_string_value(value), "content-length") && !aws_request_header(request, json_string_value(value)))
            return differ(json_string_value(value), "one", NULL);
    return true;
}

/* The cases stand on the token 00000000-0000-4000-8000-000000000000 where the model asks for a fresh one. */
static void settle_tokens(char *text)
{
    static const char like[] = "00000000-0000-4000-8000-000000000000";
    size_t len = strlen(text);
    for (size_t i = 0; i + sizeof like - 1 <= len; i++) {
        size_t k = 0;
        while (like[k] && (like[k] == '-' ? text[i + k] == '-' : strchr("0123456789abcdef", text[i + k]) != NULL))
            k++;
        if (!like[k] && text[i + 14] == '4' && strncmp(text + i, like, 24) != 0) /* one like the cases' own was given */
            memcpy(text + i, like, sizeof like - 1);
    }
}

static bool check_request(const struct test_case *c, struct aws_request *request)
{
    const json_t *expected = json_object_get(c->tree, "request");
    struct str host = STR_INIT(STR_TEXT_MAX), path = STR_INIT(STR_TEXT_MAX);
    const char *base = strchr(c->host, '/'); /* an endpoint with a path: whoever sends puts it in front */
    str_addf(&host, "%s%s", request->host_prefix ? request->host_prefix : "", c->host);
    str_addf(&path, "%s%s", base ? base : "", request->path);
    settle_tokens(request->query);
    if (request->body.len)
        settle_tokens(request->body.data);
    bool same = strcmp(json_text(expected, "method"), request->method) == 0 || differ("method", json_text(expected, "method"), request->method);
    same = same && (strcmp(json_text(expected, "path"), str_text(&path)) == 0 || differ("path", json_text(expected, "path"), str_text(&path)));
    same = same && check_pairs("query", json_text(expected, "query"), request->query) && check_headers(expected, request);
    same = same && (!json_text(expected, "body") || check_body(c, json_text(expected, "body"), request));
    const char *wanted = json_text(expected, "host");
    same = same && (!wanted || strcmp(wanted, str_text(&host)) == 0 || differ("host", wanted, str_text(&host)));
    str_free(&host);
    str_free(&path);
    return same;
}

static bool run_input(const struct test_case *c)
{
    struct aws_request request;
    struct error e = {0};
    bool good = aws_request_build(&protocol_table, c->service, c->operation, json_object_get(c->tree, "params"), &request, &e);
    good = good ? check_request(c, &request) : differ("build", "success", e.message);
    aws_request_free(&request);
    return good;
}

static bool check_error(const json_t *expected, const json_t *output, const struct error *e)
{
    const char *message = json_text(expected, "message");
    if (output)
        return differ("error", json_text(expected, "code"), "success");
    if (e->kind != ERROR_SERVICE || !error_is(e, json_text(expected, "code")))
        return differ("code", json_text(expected, "code"), e->code);
    return !message || strcmp(message, e->message) == 0 || differ("message", message, e->message);
}

static bool run_output(const struct test_case *c)
{
    const json_t *given = json_object_get(c->tree, "reply"), *failure = json_object_get(c->tree, "error");
    const char *body = json_text(given, "body"), *name;
    struct http_header headers[32] = {0};
    struct error e = {0};
    size_t count = 0;
    json_t *value;
    json_object_foreach(json_object_get(given, "headers"), name, value)
        headers[count++] = (struct http_header){name, json_string_value(value)};
    struct http_reply reply = {(int)json_int(given, "status", 0), body, strlen(body), headers};
    json_t *output = aws_reply_parse(&protocol_table, c->service, c->operation, &reply, &e);
    bool good = failure  ? check_error(failure, output, &e)
                : output ? check_json("result", json_object_get(c->tree, "result"), output)
                         : differ("result", "one", e.message);
    json_decref(output);
    return good;
}

static void run_case(void **state)
{
    const struct test_case *c = *state;
    const char *id = json_text(c->tree, "id");
    bool input = json_object_get(c->tree, "params") != NULL, good = input ? run_input(c) : run_output(c);
    for (size_t i = 0; input && skipped[i].id; i++)
        if (text_starts(id, skipped[i].id)) {
            if (good)
                fail_msg("passes, though it is listed as not supported: %s", skipped[i].why);
            print_message("not supported: %s\n", skipped[i].why);
            skip();
        }
    if (!good)
        fail_msg("%s", said);
}

struct all {
    VEC(struct test_case *) cases;
    VEC(struct CMUnitTest) tests;
    VEC(json_t *) files;
};

static void add_suite(struct all *all, const char *protocol, const json_t *suite)
{
    size_t i;
    json_t *tree;
    const struct aws_service *service = aws_service_find(&protocol_table, json_text(suite, "service"));
    json_array_foreach(json_object_get(suite, "cases"), i, tree) {
        struct test_case *c = mem_new(sizeof *c);
        struct str name = STR_INIT(STR_TEXT_MAX);
        *c = (struct test_case){protocol, service, aws_operation_find(&protocol_table, service, json_text(tree, "operation")),
                                json_text(suite, "host"), tree};
        str_addf(&name, "%s %s", json_text(suite, "service"), json_text(tree, "id"));
        *vec_add(&all->cases) = c;
        *vec_add(&all->tests) = (struct CMUnitTest){str_take(&name), run_case, NULL, NULL, c};
    }
}

static bool add_file(struct all *all, const char *protocol)
{
    const char *top = getenv("srcdir");
    struct str path = STR_INIT(STR_TEXT_MAX), text = STR_INIT((size_t)4 << 20);
    struct error e = {0};
    str_addf(&path, "%s/tests/data/protocol/%s.json", top ? top : ".", protocol);
    json_t *suites = file_read(str_text(&path), text.max, &text, &e) ? json_load(str_text(&text), text.len, &e) : NULL;
    size_t i;
    json_t *suite;
    json_array_foreach(suites, i, suite)
        add_suite(all, protocol, suite);
    if (suites)
        *vec_add(&all->files) = suites;
    else
        print_error("%s\n", e.message);
    str_free(&path);
    str_free(&text);
    return suites != NULL;
}

int main(void)
{
    static const char *const protocols[] = {"query", "ec2", "json", "rest-json", "rest-xml"};
    struct all all = {0};
    bool good = true;
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++)
        good = add_file(&all, protocols[i]) && good;
    int failed = _cmocka_run_group_tests("aws_protocol_cases", all.tests.at, all.tests.len, NULL, NULL);
    for (size_t i = 0; i < all.tests.len; i++) {
        free((void *)(uintptr_t)all.tests.at[i].name);
        free(all.cases.at[i]);
    }
    for (size_t i = 0; i < all.files.len; i++)
        json_decref(all.files.at[i]);
    vec_free(&all.tests);
    vec_free(&all.cases);
    vec_free(&all.files);
    return failed || !good;
}
