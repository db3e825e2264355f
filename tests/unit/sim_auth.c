/* The simulator's verifier takes every request of the public Signature Version 4 vectors, in both forms, and none that was touched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/when.h"
#include "sim/auth.h"

struct header {
    const char *name;
    char *value;
};

struct request {
    struct header headers[40];
    size_t count;
};

static bool header_of(const void *context, const char *name, struct str *value)
{
    const struct request *r = context;
    bool found = false;
    for (size_t i = 0; i < r->count; i++)
        if (text_same_case(r->headers[i].name, name)) {
            str_addf(value, "%s%s", found ? "," : "", r->headers[i].value);
            found = true;
        }
    return found;
}

static void add(struct request *r, const char *name, const char *value) { r->headers[r->count++] = (struct header){name, mem_strdup(value)}; }

static void release(struct request *r)
{
    for (size_t i = 0; i < r->count; i++)
        free(r->headers[i].value);
    r->count = 0;
}

/* The names of signed headers stand in the canonical request's last line but one. */
static char *signed_headers(const char *canonical)
{
    const char *end = strrchr(canonical, '\n'), *start = end;
    while (start > canonical && start[-1] != '\n')
        start--;
    return mem_strndup(start, (size_t)(end - start));
}

/* The services see the path as it went over the wire: encoded once, and then twice in the signature; the vectors encode once. So only plain paths. */
static bool usable(const json_t *test)
{
    const char *path = json_text(test, "path");
    return json_flag(test, "normalize", true) && !json_text(test, "token") && !strpbrk(path, " %") && (unsigned char)path[strspn(path, "/")] < 0x80;
}

static void fill(const json_t *test, struct request *r, struct auth_input *in)
{
    size_t i;
    json_t *pair;
    *in = (struct auth_input){.method = json_text(test, "method"), .path = json_text(test, "path"), .query = json_text(test, "query"),
                              .body = json_text(test, "body"), .body_len = strlen(json_text(test, "body")), .header = header_of, .context = r};
    json_array_foreach(json_object_get(test, "headers"), i, pair)
        add(r, json_text(pair, "0"), json_text(pair, "1"));
}

struct world {
    struct scenario scenario;
    struct account account;
    struct auth *auth;
};

static void world_open(struct world *w, const json_t *test)
{
    memset(w, 0, sizeof *w);
    w->account.id = (char *)(uintptr_t) "111111111111";
    w->scenario.accounts.at = &w->account;
    w->scenario.accounts.len = 1;
    w->scenario.user = (struct user){.arn = (char *)(uintptr_t) "arn:aws:iam::111111111111:user/u", .id = (char *)(uintptr_t) "AIDA",
                                     .access_key_id = mem_strdup(json_text(test, "access_key_id")),
                                     .secret_access_key = mem_strdup(json_text(test, "secret_access_key"))};
    w->auth = auth_new(&w->scenario);
}

static void world_close(struct world *w)
{
    auth_free(w->auth);
    free(w->scenario.user.access_key_id);
    free(w->scenario.user.secret_access_key);
}

static enum auth_result verify(const struct world *w, const struct auth_input *in, int64_t wall)
{
    struct identity who;
    struct str message = STR_INIT(4096);
    enum auth_result result = auth_verify(w->auth, in, wall, wall, 0, &who, &message);
    str_free(&message);
    return result;
}

static void check_header_form(const struct world *w, const json_t *test, int64_t at)
{
    struct request r = {0};
    struct auth_input in;
    struct str authorization = STR_INIT(4096);
    char date[20], hash[SHA256_HEX_SIZE];
    char *names = signed_headers(json_text(test, "header.canonical"));
    fill(test, &r, &in);
    add(&r, "X-Amz-Date", when_amz(at, date, sizeof date));
    if (json_flag(test, "sign_body", false)) {
        digest_sha256_hex(in.body, in.body_len, hash);
        add(&r, "x-amz-content-sha256", hash);
    }
    str_addf(&authorization, "AWS4-HMAC-SHA256 Credential=%s/%.8s/%s/%s/aws4_request, SignedHeaders=%s, Signature=%s",
             json_text(test, "access_key_id"), date, json_text(test, "region"), json_text(test, "service"), names,
             json_text(test, "header.signature"));
    add(&r, "Authorization", str_text(&authorization));
    if (verify(w, &in, at) != AUTH_OK)
        fail_msg("%s: the header form is refused", json_text(test, "name"));
    assert_int_equal(verify(w, &in, at + 6 * 60000), AUTH_SKEWED);
    assert_int_equal(verify(w, &in, at - 6 * 60000), AUTH_SKEWED);
    in.method = "PUT";
    assert_int_equal(verify(w, &in, at), AUTH_BAD_SIGNATURE);
    free(names);
    str_free(&authorization);
    release(&r);
}

static void check_query_form(const struct world *w, const json_t *test, int64_t at)
{
    struct request r = {0};
    struct auth_input in;
    struct str query = STR_INIT(8192);
    char date[20], *names = signed_headers(json_text(test, "query_form.canonical"));
    long long expires = (long long)json_int(test, "expires", 3600);
    fill(test, &r, &in);
    when_amz(at, date, sizeof date);
    str_addf(&query, "%s%sX-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=%s%%2F%.8s%%2F%s%%2F%s%%2Faws4_request&X-Amz-Date=%s&X-Amz-Expires=%lld"
                     "&X-Amz-SignedHeaders=",
             in.query, *in.query ? "&" : "", json_text(test, "access_key_id"), date, json_text(test, "region"), json_text(test, "service"), date,
             expires);
    percent_add(&query, names, strlen(names), false);
    str_addf(&query, "&X-Amz-Signature=%s", json_text(test, "query_form.signature"));
    in.query = str_text(&query);
    if (json_flag(test, "sign_body", false)) {
        char hash[SHA256_HEX_SIZE];
        digest_sha256_hex(in.body, in.body_len, hash);
        add(&r, "x-amz-content-sha256", hash);
    }
    if (verify(w, &in, at) != AUTH_OK)
        fail_msg("%s: the query form is refused", json_text(test, "name"));
    assert_int_equal(verify(w, &in, at + (expires + 1) * 1000), AUTH_SKEWED);
    in.path = "/else";
    assert_int_equal(verify(w, &in, at), AUTH_BAD_SIGNATURE);
    free(names);
    str_free(&query);
    release(&r);
}

static void vectors(void **state)
{
    size_t i, used = 0;
    json_t *test;
    json_array_foreach((json_t *)*state, i, test) {
        struct world w;
        int64_t at = 0;
        if (!usable(test))
            continue;
        assert_true(when_parse_iso(json_text(test, "at"), &at));
        world_open(&w, test);
        check_header_form(&w, test, at);
        check_query_form(&w, test, at);
        world_close(&w);
        used++;
    }
    assert_true(used >= 20);
}

static void permissions(void **state)
{
    char *patterns[] = {(char *)(uintptr_t) "rds:Describe*", (char *)(uintptr_t) "sts:AssumeRole"};
    texts allow = {patterns, 2, 2};
    struct identity who = {.allow = &allow};
    (void)state;
    assert_true(auth_may(&who, "rds", "DescribeEvents"));
    assert_true(auth_may(&who, "sts", "AssumeRole"));
    assert_false(auth_may(&who, "sts", "AssumeRoleWithSAML"));
    assert_false(auth_may(&who, "rds", "RebootDBInstance"));
    assert_false(auth_may(&who, "ec2", "DescribeRegions"));
}

static int setup(void **state)
{
    const char *dir = getenv("srcdir");
    struct str path = STR_INIT(4096), text = STR_INIT((size_t)1 << 22);
    struct error e = {0};
    str_addf(&path, "%s/tests/data/sigv4/vectors.json", dir ? dir : ".");
    if (!file_read(str_text(&path), (size_t)1 << 22, &text, &e) || !(*state = json_load(str_text(&text), text.len, &e)))
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(vectors, setup, teardown), cmocka_unit_test(permissions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
