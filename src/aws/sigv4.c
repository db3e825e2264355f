#include "aws/sigv4.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/when.h"

#define CANONICAL_MAX ((size_t)1 << 20)

void aws_keys_free(struct aws_keys *keys)
{
    mem_free_secret(keys->access_key_id);
    mem_free_secret(keys->secret_access_key);
    mem_free_secret(keys->session_token);
    *keys = (struct aws_keys){0};
}

bool aws_keys_copy(struct aws_keys *to, const struct aws_keys *from)
{
    aws_keys_free(to);
    *to = (struct aws_keys){.access_key_id = mem_strdup(from->access_key_id),
                            .secret_access_key = mem_strdup(from->secret_access_key),
                            .session_token = mem_strdup(from->session_token),
                            .expires_at = from->expires_at};
    return to->access_key_id && to->secret_access_key;
}

/* A list of texts that are sorted by name, then value (the order of canonical queries and headers). */
struct pair {
    char *name, *value;
};
typedef VEC(struct pair) pairs;

static int pair_compare(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    int by_name = strcmp(x->name, y->name);
    return by_name ? by_name : strcmp(x->value, y->value);
}

static void pairs_free(pairs *list)
{
    for (size_t i = 0; i < list->len; i++) {
        free(list->at[i].name);
        mem_free_secret(list->at[i].value);
    }
    vec_free(list);
}

/* Removes empty segments, "." and ".." as RFC 3986 does; a closing slash stays. */
static void normalize_path(const char *path, struct str *out)
{
    const char *p = path;
    str_addc(out, '/');
    while (*p) {
        while (*p == '/')
            p++;
        size_t len = strcspn(p, "/");
        bool last = p[len] == '\0';
        if (len == 2 && !strncmp(p, "..", 2)) {
            if (out->len > 1)
                str_cut(out, out->len - 1, 1);
            while (out->len > 1 && out->data[out->len - 1] != '/')
                str_cut(out, out->len - 1, 1);
        } else if (len > 0 && !(len == 1 && *p == '.')) {
            str_add(out, p, len);
            if (!last)
                str_addc(out, '/');
        }
        p += len;
    }
}

static void canonical_path(const struct sigv4 *s, const char *path, struct str *out)
{
    struct str clean = STR_INIT(CANONICAL_MAX);
    if (s->normalize)
        normalize_path(path, &clean);
    else
        str_adds(&clean, *path ? path : "/");
    if (s->single_encode)
        str_adds(out, str_text(&clean));
    else
        percent_add(out, str_text(&clean), clean.len, true);
    str_free(&clean);
}

/* Decoded and encoded again, so that any spelling of the same query signs alike. */
static char *recode(const char *text, size_t len)
{
    struct str plain = STR_INIT(CANONICAL_MAX), out = STR_INIT(CANONICAL_MAX);
    if (!percent_decode(text, len, false, &plain)) {
        str_clear(&plain);
        str_add(&plain, text, len);
    }
    percent_add(&out, str_text(&plain), plain.len, false);
    str_wipe(&plain);
    char *taken = mem_strdup(str_text(&out));
    str_wipe(&out);
    return taken;
}

static void canonical_query(const char *query, struct str *out)
{
    pairs list = {0};
    for (const char *p = query; *p;) {
        size_t len = strcspn(p, "&"), name = strcspn(p, "=&");
        if (len) {
            struct pair *pair = vec_add(&list);
            pair->name = recode(p, name);
            pair->value = name < len ? recode(p + name + 1, len - name - 1) : mem_strdup("");
        }
        p += len + (p[len] == '&');
    }
    if (list.len)
        qsort(list.at, list.len, sizeof *list.at, pair_compare);
    for (size_t i = 0; i < list.len; i++)
        str_addf(out, "%s%s=%s", i ? "&" : "", list.at[i].name, list.at[i].value);
    pairs_free(&list);
}

static void add_trimmed(struct str *out, const char *value)
{
    bool space = false, any = false;
    for (; *value; value++) {
        if (*value == ' ' || *value == '\t' || *value == '\n' || *value == '\r') {
            space = true;
            continue;
        }
        if (space && any)
            str_addc(out, ' ');
        str_addc(out, *value);
        space = false;
        any = true;
    }
}

/* Header names in order, each once: the n-th distinct name in sorted order, or NULL. */
static const char *next_name(const struct aws_request *request, const char *after)
{
    const char *best = NULL;
    for (size_t i = 0; i < request->headers.len; i++) {
        const char *name = request->headers.at[i].name;
        if ((!after || strcmp(name, after) > 0) && (!best || strcmp(name, best) < 0))
            best = name;
    }
    return best;
}

static void signed_headers(const struct aws_request *request, struct str *out)
{
    for (const char *name = next_name(request, NULL); name; name = next_name(request, name))
        str_addf(out, "%s%s", out->len ? ";" : "", name);
}

static void canonical_headers(const struct aws_request *request, struct str *out)
{
    for (const char *name = next_name(request, NULL); name; name = next_name(request, name)) {
        bool first = true;
        str_addf(out, "%s:", name);
        for (size_t i = 0; i < request->headers.len; i++)
            if (!strcmp(request->headers.at[i].name, name)) {
                if (!first)
                    str_addc(out, ',');
                add_trimmed(out, request->headers.at[i].value);
                first = false;
            }
        str_addc(out, '\n');
    }
}

bool sigv4_canonical_request(const struct sigv4 *s, const struct aws_request *request, const char *payload_hash, struct str *out)
{
    struct str names = STR_INIT(CANONICAL_MAX);
    str_addf(out, "%s\n", request->method);
    canonical_path(s, request->path, out);
    str_addc(out, '\n');
    canonical_query(request->query ? request->query : "", out);
    str_addc(out, '\n');
    canonical_headers(request, out);
    signed_headers(request, &names);
    str_addf(out, "\n%s\n%s", str_text(&names), payload_hash);
    str_free(&names);
    return !out->overflow;
}

static void scope_of(const struct sigv4 *s, char *out, size_t size)
{
    char stamp[32];
    text_format(out, size, "%.8s/%s/%s/aws4_request", when_amz(s->at, stamp, sizeof stamp), s->region, s->service);
}

bool sigv4_string_to_sign(const struct sigv4 *s, const char *canonical_request, struct str *out)
{
    char hash[SHA256_HEX_SIZE], scope[160], stamp[32];
    digest_sha256_hex(canonical_request, strlen(canonical_request), hash);
    scope_of(s, scope, sizeof scope);
    return str_addf(out, "AWS4-HMAC-SHA256\n%s\n%s\n%s", when_amz(s->at, stamp, sizeof stamp), scope, hash);
}

void sigv4_signature(const struct sigv4 *s, const char *string_to_sign, char out[65])
{
    uint8_t key[SHA256_SIZE], next[SHA256_SIZE];
    char stamp[32], day[9];
    struct str secret = STR_INIT(4096);
    text_copy(day, sizeof day, when_amz(s->at, stamp, sizeof stamp));
    str_addf(&secret, "AWS4%s", s->keys->secret_access_key);
    digest_hmac_sha256(str_text(&secret), secret.len, day, strlen(day), key);
    str_wipe(&secret);
    const char *const steps[] = {s->region, s->service, "aws4_request"};
    for (size_t i = 0; i < 3; i++) {
        digest_hmac_sha256(key, sizeof key, steps[i], strlen(steps[i]), next);
        memcpy(key, next, sizeof key);
    }
    digest_hmac_sha256(key, sizeof key, string_to_sign, strlen(string_to_sign), next);
    digest_hex(next, sizeof next, out);
    mem_wipe(key, sizeof key);
    mem_wipe(next, sizeof next);
}

static bool signature_of(const struct sigv4 *s, const struct aws_request *request, const char *payload_hash, char out[65])
{
    struct str canonical = STR_INIT(CANONICAL_MAX), to_sign = STR_INIT(CANONICAL_MAX);
    bool good = sigv4_canonical_request(s, request, payload_hash, &canonical) && sigv4_string_to_sign(s, str_text(&canonical), &to_sign);
    if (good)
        sigv4_signature(s, str_text(&to_sign), out);
    str_wipe(&canonical);
    str_free(&to_sign);
    return good;
}

bool sigv4_sign(const struct sigv4 *s, struct aws_request *request)
{
    char stamp[32], hash[SHA256_HEX_SIZE], signature[65], scope[160];
    digest_sha256_hex(str_text(&request->body), request->body.len, hash);
    aws_request_set_header(request, "x-amz-date", when_amz(s->at, stamp, sizeof stamp));
    if (s->sign_body_header)
        aws_request_set_header(request, "x-amz-content-sha256", hash);
    if (s->keys->session_token && !s->omit_token)
        aws_request_set_header(request, "x-amz-security-token", s->keys->session_token);
    if (!signature_of(s, request, hash, signature))
        return false;
    struct str names = STR_INIT(CANONICAL_MAX), value = STR_INIT(CANONICAL_MAX);
    signed_headers(request, &names);
    scope_of(s, scope, sizeof scope);
    str_addf(&value, "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s", s->keys->access_key_id, scope, str_text(&names), signature);
    if (s->keys->session_token && s->omit_token)
        aws_request_set_header(request, "x-amz-security-token", s->keys->session_token);
    aws_request_set_header(request, "authorization", str_text(&value));
    str_free(&names);
    str_wipe(&value);
    return true;
}

static void query_add(struct str *query, const char *name, const char *value)
{
    str_addf(query, "%s%s=", query->len ? "&" : "", name);
    percent_add(query, value, strlen(value), false);
}

static void set_query(struct aws_request *request, struct str *query)
{
    mem_free_secret(request->query);
    request->query = mem_strdup(str_text(query));
}

bool sigv4_presign(const struct sigv4 *s, struct aws_request *request, int64_t expires_s)
{
    char stamp[32], hash[SHA256_HEX_SIZE], signature[65], scope[160], credential[320], seconds[24];
    struct str names = STR_INIT(CANONICAL_MAX), query = STR_INIT(CANONICAL_MAX);
    signed_headers(request, &names);
    scope_of(s, scope, sizeof scope);
    text_format(credential, sizeof credential, "%s/%s", s->keys->access_key_id, scope);
    text_format(seconds, sizeof seconds, "%lld", (long long)expires_s);
    str_adds(&query, request->query ? request->query : "");
    query_add(&query, "X-Amz-Algorithm", "AWS4-HMAC-SHA256");
    query_add(&query, "X-Amz-Credential", credential);
    query_add(&query, "X-Amz-Date", when_amz(s->at, stamp, sizeof stamp));
    query_add(&query, "X-Amz-Expires", seconds);
    query_add(&query, "X-Amz-SignedHeaders", str_text(&names));
    if (s->keys->session_token && !s->omit_token)
        query_add(&query, "X-Amz-Security-Token", s->keys->session_token);
    set_query(request, &query);
    digest_sha256_hex(str_text(&request->body), request->body.len, hash);
    bool good = !query.overflow && signature_of(s, request, hash, signature);
    if (good) {
        if (s->keys->session_token && s->omit_token)
            query_add(&query, "X-Amz-Security-Token", s->keys->session_token);
        query_add(&query, "X-Amz-Signature", signature);
        set_query(request, &query);
    }
    str_free(&names);
    str_wipe(&query);
    return good;
}
