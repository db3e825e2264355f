/* The public Signature Version 4 vectors (tests/data/sigv4), stage by stage, in both forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws/sigv4.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/when.h"


static int setup(void **state)
{
    const char *dir = getenv("srcdir");
    struct str path = STR_INIT(4096), text = STR_INIT((size_t)1 << 22);
    struct error e = {0};
    str_addf(&path, "%s/tests/data/sigv4/vectors.json", dir ? dir : ".");
    if (!file_read(str_text(&path), (size_t)1 << 22, &text, &e))
        fail_msg("%s", e.message);
    *state = json_load(str_text(&text), text.len, &e);
    if (!*state)
        fail_msg("%s", e.message);
    str_free(&path);
    str_free(&text);
    return 0;
}

static int teardown(void **state)
{
    json_decref(*state);
    return 0;
}

static void request_of(const json_t *test, struct aws_request *request)
{
    size_t i;
    json_t *pair;
    *request = (struct aws_request){.method = mem_strdup(json_text(test, "method")), .path = mem_strdup(json_text(test, "path")),
                                    .query = mem_strdup(json_text(test, "query"))};
    str_init(&request->body, 1 << 20);
    str_adds(&request->body, json_text(test, "body"));
    json_array_foreach(json_object_get(test, "headers"), i, pair) {
        struct aws_header *header = vec_add(&request->headers);
        header->name = mem_strdup(json_text(pair, "0"));
        header->value = mem_strdup(json_text(pair, "1"));
    }
}

static struct sigv4 signer_of(const json_t *test, struct aws_keys *keys)
{
    int64_t at = 0;
    assert_true(when_parse_iso(json_text(test, "at"), &at));
    *keys = (struct aws_keys){mem_strdup(json_text(test, "access_key_id")), mem_strdup(json_text(test, "secret_access_key")),
                              mem_strdup(json_text(test, "token")), 0};
    return (struct sigv4){.keys = keys, .region = json_text(test, "region"), .service = json_text(test, "service"), .at = at,
                          .normalize = json_flag(test, "normalize", true), .sign_body_header = json_flag(test, "sign_body", false),
                          .omit_token = json_flag(test, "omit_token", false)};
}

static void remove_header(struct aws_request *request, const char *name)
{
    for (size_t i = 0; i < request->headers.len; i++)
        if (!strcmp(request->headers.at[i].name, name)) {
            free(request->headers.at[i].name);
            free(request->headers.at[i].value);
            vec_remove(&request->headers, i);
            return;
        }
}

static void same(const char *name, const char *stage, const char *got, const char *expected)
{
    if (strcmp(got, expected) != 0)
        fail_msg("%s, %s:\n--- got\n%s\n--- expected\n%s", name, stage, got, expected);
}

static void check_stages(const struct sigv4 *s, const struct aws_request *request, const json_t *test, const json_t *expected, const char *signature)
{
    char hash[SHA256_HEX_SIZE], computed[65];
    struct str canonical = STR_INIT(1 << 20), to_sign = STR_INIT(1 << 20);
    const char *name = json_text(test, "name");
    digest_sha256_hex(str_text(&request->body), request->body.len, hash);
    assert_true(sigv4_canonical_request(s, request, hash, &canonical));
    same(name, "canonical request", str_text(&canonical), json_text(expected, "canonical"));
    assert_true(sigv4_string_to_sign(s, str_text(&canonical), &to_sign));
    same(name, "string to sign", str_text(&to_sign), json_text(expected, "to_sign"));
    sigv4_signature(s, str_text(&to_sign), computed);
    same(name, "signature", computed, json_text(expected, "signature"));
    same(name, "signature sent", signature, json_text(expected, "signature"));
    str_free(&canonical);
    str_free(&to_sign);
}

static void headers_form(void **state)
{
    size_t i;
    json_t *test;
    assert_true(json_array_size(*state) >= 38);
    json_array_foreach(*state, i, test) {
        struct aws_request request;
        struct aws_keys keys;
        struct sigv4 s = signer_of(test, &keys);
        request_of(test, &request);
        assert_true(sigv4_sign(&s, &request));
        char *sent = mem_strdup(aws_request_header(&request, "authorization"));
        remove_header(&request, "authorization");
        if (s.omit_token)
            remove_header(&request, "x-amz-security-token");
        check_stages(&s, &request, test, json_object_get(test, "header"), strstr(sent, "Signature=") + 10);
        free(sent);
        aws_request_free(&request);
        aws_keys_free(&keys);
    }
}

static void query_form(void **state)
{
    size_t i;
    json_t *test;
    json_array_foreach(*state, i, test) {
        struct aws_request request;
        struct aws_keys keys;
        struct sigv4 s = signer_of(test, &keys);
        request_of(test, &request);
        assert_true(sigv4_presign(&s, &request, json_int(test, "expires", 0)));
        char *cut = strstr(request.query, s.omit_token && keys.session_token ? "&X-Amz-Security-Token=" : "&X-Amz-Signature=");
        char *sent = mem_strdup(strstr(request.query, "X-Amz-Signature=") + 16);
        assert_non_null(cut);
        *cut = '\0';
        check_stages(&s, &request, test, json_object_get(test, "query_form"), sent);
        free(sent);
        aws_request_free(&request);
        aws_keys_free(&keys);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(headers_form), cmocka_unit_test(query_form)};
    return cmocka_run_group_tests_name("sigv4 vectors", tests, setup, teardown);
}
