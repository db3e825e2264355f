#include "sim/auth.h"

#include <fnmatch.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"

#define SKEW_MS     (5 * 60000)
#define CANON_MAX   ((size_t)1 << 20)
#define ALGORITHM   "AWS4-HMAC-SHA256"
#define SESSIONS_MAX 4096 /* the oldest gives way */

struct session {
    char key[24], secret[48];
    char token[360];
    int64_t expires;
    struct identity who;
};

struct auth {
    const struct scenario *scenario;
    struct identity user;
    VEC(struct session *) sessions;
};

struct auth *auth_new(const struct scenario *scenario)
{
    struct auth *auth = mem_new(sizeof *auth);
    auth->scenario = scenario;
    auth->user.allow = &scenario->user.allow;
    text_copy(auth->user.arn, sizeof auth->user.arn, scenario->user.arn);
    text_copy(auth->user.user_id, sizeof auth->user.user_id, scenario->user.id);
    for (size_t i = 0; i < scenario->accounts.len; i++)
        if (strstr(scenario->user.arn, scenario->accounts.at[i].id))
            auth->user.account = i;
    return auth;
}

void auth_free(struct auth *auth)
{
    if (!auth)
        return;
    for (size_t i = 0; i < auth->sessions.len; i++)
        free(auth->sessions.at[i]);
    vec_free(&auth->sessions);
    free(auth);
}

/* Sessions. */

static void random_word(char *out, size_t len, const char *alphabet)
{
    uint8_t bytes[64];
    size_t letters = strlen(alphabet);
    random_bytes(bytes, sizeof bytes);
    for (size_t i = 0; i < len; i++)
        out[i] = alphabet[bytes[i] % letters];
    out[len] = '\0';
}

/* AROA… as AWS gives each role one: made from its name, so that it stays. */
static void role_id(const struct account *account, const struct role *role, char out[24])
{
    char hex[SHA256_HEX_SIZE], name[256];
    text_format(name, sizeof name, "%s/%s", account->id, role->name);
    digest_sha256_hex(name, strlen(name), hex);
    for (char *c = hex; *c; c++)
        *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
    text_format(out, 24, "AROA%.17s", hex);
}

void auth_assume(struct auth *auth, size_t account, const struct role *role, const char *session, int64_t expires, struct auth_keys *out)
{
    static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const struct account *a = &auth->scenario->accounts.at[account];
    struct session *s = mem_new(sizeof *s);
    char id[24];
    struct str token = STR_INIT(sizeof s->token - 1);
    uint8_t bytes[250];
    if (auth->sessions.len >= SESSIONS_MAX) {
        free(auth->sessions.at[0]);
        vec_remove(&auth->sessions, 0);
    }
    *vec_add(&auth->sessions) = s;
    text_copy(s->key, sizeof s->key, "ASIA");
    random_word(s->key + 4, 16, base32);
    random_word(s->secret, 40, base64);
    random_bytes(bytes, sizeof bytes);
    base64_add(&token, bytes, sizeof bytes);
    text_copy(s->token, sizeof s->token, str_text(&token));
    str_free(&token);
    s->expires = expires;
    role_id(a, role, id);
    s->who = (struct identity){.account = account, .role = role, .allow = &role->allow};
    text_format(s->who.arn, sizeof s->who.arn, "arn:aws:sts::%s:assumed-role/%s/%s", a->id, role->name, session);
    text_format(s->who.user_id, sizeof s->who.user_id, "%s:%s", id, session);
    *out = (struct auth_keys){s->key, s->secret, s->token, s->who};
}

static struct session *find_session(struct auth *auth, const char *key)
{
    for (size_t i = 0; i < auth->sessions.len; i++)
        if (strcmp(auth->sessions.at[i]->key, key) == 0)
            return auth->sessions.at[i];
    return NULL;
}

/* What a request says of its signature. */

struct parts {
    struct auth_scope scope;
    char signed_headers[512], signature[72], date[20], token[2048];
    int64_t expires_ms; /* presigned: of X-Amz-Expires */
};

static bool query_value(const char *query, const char *name, char *to, size_t size)
{
    for (const char *p = query; *p; p += *p == '&') {
        size_t len = strcspn(p, "&"), key = strcspn(p, "=&");
        if (key == strlen(name) && key < len && memcmp(p, name, key) == 0) {
            struct str value = STR_INIT(size - 1);
            bool good = percent_decode(p + key + 1, len - key - 1, false, &value) && !value.overflow;
            text_copy(to, size, str_text(&value));
            str_free(&value);
            return good;
        }
        p += len;
    }
    return false;
}

static bool header_value(const struct auth_input *input, const char *name, char *to, size_t size)
{
    struct str value = STR_INIT(size - 1);
    bool found = input->header(input->context, name, &value) && !value.overflow;
    text_copy(to, size, str_text(&value));
    str_free(&value);
    return found;
}

/* KEY/20261123/us-east-1/rds/aws4_request */
static bool read_credential(const char *text, struct auth_scope *scope)
{
    char copy[280], *part[5], *p = copy;
    if (!text_copy(copy, sizeof copy, text))
        return false;
    for (int i = 0; i < 5; i++) {
        part[i] = p;
        char *slash = strchr(p, '/');
        if (!slash != (i == 4))
            return false;
        if (slash) {
            *slash = '\0';
            p = slash + 1;
        }
    }
    return strcmp(part[4], "aws4_request") == 0 && text_copy(scope->key, sizeof scope->key, part[0]) &&
           text_copy(scope->date, sizeof scope->date, part[1]) && text_copy(scope->region, sizeof scope->region, part[2]) &&
           text_copy(scope->service, sizeof scope->service, part[3]) && *part[0] && *part[2] && *part[3];
}

/* One `Name=value` of the Authorization header, up to ',' or the end. */
static bool authorization_part(const char *header, const char *name, char *to, size_t size)
{
    size_t len = strlen(name);
    for (const char *p = header; *p; p++)
        if ((p == header || p[-1] == ' ' || p[-1] == ',') && strncmp(p, name, len) == 0 && p[len] == '=')
            return text_format(to, size, "%.*s", (int)strcspn(p + len + 1, ", "), p + len + 1) && *to;
    return false;
}

static enum auth_result read_query_parts(const struct auth_input *in, struct parts *p)
{
    char credential[300], expires[16], algorithm[32];
    p->scope.presigned = true;
    if (!query_value(in->query, "X-Amz-Algorithm", algorithm, sizeof algorithm) || strcmp(algorithm, ALGORITHM) != 0)
        return AUTH_MISSING;
    bool good = query_value(in->query, "X-Amz-Credential", credential, sizeof credential) && read_credential(credential, &p->scope);
    good &= query_value(in->query, "X-Amz-SignedHeaders", p->signed_headers, sizeof p->signed_headers);
    good &= query_value(in->query, "X-Amz-Signature", p->signature, sizeof p->signature);
    good &= query_value(in->query, "X-Amz-Date", p->date, sizeof p->date);
    good &= query_value(in->query, "X-Amz-Expires", expires, sizeof expires);
    query_value(in->query, "X-Amz-Security-Token", p->token, sizeof p->token);
    p->expires_ms = good ? strtoll(expires, NULL, 10) * 1000 : 0;
    return good && p->expires_ms > 0 && p->expires_ms <= INT64_C(604800000) ? AUTH_OK : AUTH_INCOMPLETE;
}

static enum auth_result read_parts(const struct auth_input *in, struct parts *p)
{
    char header[1400], credential[300], when[40];
    int64_t ms;
    if (!header_value(in, "authorization", header, sizeof header))
        return read_query_parts(in, p);
    if (!text_starts(header, ALGORITHM " "))
        return AUTH_INCOMPLETE;
    bool good = authorization_part(header, "Credential", credential, sizeof credential) && read_credential(credential, &p->scope);
    good &= authorization_part(header, "SignedHeaders", p->signed_headers, sizeof p->signed_headers);
    good &= authorization_part(header, "Signature", p->signature, sizeof p->signature);
    if (!header_value(in, "x-amz-date", p->date, sizeof p->date)) {
        good &= header_value(in, "date", when, sizeof when) && when_parse_http(when, &ms);
        if (good)
            when_amz(ms, p->date, sizeof p->date);
    }
    header_value(in, "x-amz-security-token", p->token, sizeof p->token);
    return good ? AUTH_OK : AUTH_INCOMPLETE;
}

bool auth_scope_read(const struct auth_input *input, struct auth_scope *scope)
{
    struct parts parts = {0};
    enum auth_result result = read_parts(input, &parts);
    *scope = parts.scope;
    return result == AUTH_OK || *scope->service;
}

/* 20261123T201738Z */
static bool parse_amz(const char *date, int64_t *ms)
{
    char iso[32];
    if (strlen(date) != 16 || date[8] != 'T' || date[15] != 'Z' || strspn(date, "0123456789") != 8)
        return false;
    text_format(iso, sizeof iso, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", date, date + 4, date + 6, date + 9, date + 11, date + 13);
    return when_parse_iso(iso, ms);
}

/* The canonical request. */

struct param {
    char *key, *value;
};

static int by_key(const void *a, const void *b)
{
    const struct param *x = a, *y = b;
    int order = strcmp(x->key, y->key);
    return order ? order : strcmp(x->value, y->value);
}

static char *recode(const char *text, size_t len)
{
    struct str plain = STR_INIT(CANON_MAX), out = STR_INIT(CANON_MAX);
    percent_decode(text, len, false, &plain);
    percent_add(&out, str_text(&plain), plain.len, false);
    str_free(&plain);
    return out.data ? str_take(&out) : mem_strdup("");
}

static void add_query(struct str *out, const char *query)
{
    VEC(struct param) params = {0};
    for (const char *p = query; *p; p += *p == '&') {
        size_t len = strcspn(p, "&"), key = strcspn(p, "=&");
        if (len > 0 && !(key == 15 && memcmp(p, "X-Amz-Signature", 15) == 0))
            *vec_add(&params) = (struct param){recode(p, key), key < len ? recode(p + key + 1, len - key - 1) : mem_strdup("")};
        p += len;
    }
    if (params.len)
        qsort(params.at, params.len, sizeof *params.at, by_key);
    for (size_t i = 0; i < params.len; i++) {
        str_addf(out, "%s%s=%s", i ? "&" : "", params.at[i].key, params.at[i].value);
        free(params.at[i].key);
        free(params.at[i].value);
    }
    vec_free(&params);
}

/* Empty and dot segments fall away, then what is encoded already is encoded once more, as all services but S3 want it. */
static void add_path(struct str *out, const char *path)
{
    struct str plain = STR_INIT(CANON_MAX);
    for (const char *p = path; *p;) {
        size_t len = strcspn(++p, "/");
        bool last = p[len] == '\0', dot = len == 1 && *p == '.', dots = len == 2 && p[0] == '.' && p[1] == '.';
        if (dots)
            while (plain.len > 0 && plain.data[plain.len - 1] != '/')
                str_cut(&plain, plain.len - 1, 1);
        if (dots && plain.len > 0)
            str_cut(&plain, plain.len - 1, 1);
        if (len > 0 && !dot && !dots)
            str_addf(&plain, "/%.*s", (int)len, p);
        if (last && (len == 0 || dot || dots))
            str_addc(&plain, '/');
        p += len;
    }
    percent_add(out, plain.len ? str_text(&plain) : "/", plain.len ? plain.len : 1, true);
    str_free(&plain);
}

static bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/* Trimmed, and runs of blanks inside become one. */
static void add_folded(struct str *out, const char *value)
{
    while (blank(*value))
        value++;
    for (; *value; value++) {
        if (!blank(*value))
            str_addc(out, *value);
        else if (value[1] && !blank(value[1]))
            str_addc(out, ' ');
    }
}

static bool add_headers(struct str *out, const struct auth_input *in, const char *names)
{
    bool host = false;
    for (const char *p = names; *p; p += *p == ';') {
        char name[128];
        size_t len = strcspn(p, ";");
        struct str value = STR_INIT(CANON_MAX);
        bool found = text_format(name, sizeof name, "%.*s", (int)len, p) && in->header(in->context, name, &value);
        host |= strcmp(name, "host") == 0;
        str_addf(out, "%s:", name);
        add_folded(out, str_text(&value));
        str_addc(out, '\n');
        str_free(&value);
        if (!found)
            return false;
        p += len;
    }
    return host;
}

static bool add_payload(struct str *out, const struct auth_input *in)
{
    char sent[80], hex[SHA256_HEX_SIZE];
    digest_sha256_hex(in->body_len ? in->body : "", in->body_len, hex);
    if (!header_value(in, "x-amz-content-sha256", sent, sizeof sent))
        return str_adds(out, hex);
    str_adds(out, sent);
    return strcmp(sent, "UNSIGNED-PAYLOAD") == 0 || text_same_case(sent, hex);
}

static bool canonical_request(const struct auth_input *in, const struct parts *p, struct str *out)
{
    str_addf(out, "%s\n", in->method);
    add_path(out, in->path);
    str_addc(out, '\n');
    add_query(out, in->query);
    str_addc(out, '\n');
    bool good = add_headers(out, in, p->signed_headers);
    str_addf(out, "\n%s\n", p->signed_headers);
    return add_payload(out, in) && good && !out->overflow;
}

static void sign(const struct parts *p, const char *secret, const struct str *canonical, char out[SHA256_HEX_SIZE])
{
    char hex[SHA256_HEX_SIZE], first[80];
    uint8_t key[SHA256_SIZE];
    struct str to_sign = STR_INIT(4096);
    const char *steps[] = {p->scope.date, p->scope.region, p->scope.service, "aws4_request"};
    digest_sha256_hex(str_text(canonical), canonical->len, hex);
    str_addf(&to_sign, ALGORITHM "\n%s\n%s/%s/%s/aws4_request\n%s", p->date, p->scope.date, p->scope.region, p->scope.service, hex);
    text_format(first, sizeof first, "AWS4%s", secret);
    digest_hmac_sha256(first, strlen(first), steps[0], strlen(steps[0]), key);
    for (size_t i = 1; i < 4; i++)
        digest_hmac_sha256(key, sizeof key, steps[i], strlen(steps[i]), key);
    digest_hmac_sha256(key, sizeof key, str_text(&to_sign), to_sign.len, key);
    digest_hex(key, sizeof key, out);
    str_free(&to_sign);
}

/* Verifying, in the services' own order: form, key, time, signature, session. */

static enum auth_result check_time(const struct parts *p, int64_t wall, int64_t presigned_ms, struct str *message)
{
    int64_t at, window = p->scope.presigned ? (presigned_ms ? presigned_ms : p->expires_ms) : SKEW_MS;
    char now[20], edge[20];
    if (!parse_amz(p->date, &at)) {
        str_addf(message, "Date must be in ISO-8601 'basic format'. Got '%s'. See http://en.wikipedia.org/wiki/ISO_8601", p->date);
        return AUTH_INCOMPLETE;
    }
    if (strncmp(p->date, p->scope.date, 8) != 0) {
        str_addf(message, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%.8s', from '%s'.",
                 p->scope.date, p->date, p->date);
        return AUTH_BAD_SIGNATURE;
    }
    when_amz(wall, now, sizeof now);
    if (wall - at > window) {
        str_addf(message, "Signature expired: %s is now earlier than %s (%s - %lld min.)", p->date, when_amz(wall - window, edge, sizeof edge), now,
                 (long long)(window / 60000));
        return AUTH_SKEWED;
    }
    if (at - wall > SKEW_MS) {
        str_addf(message, "Signature not yet current: %s is still later than %s (%s + 5 min.)", p->date, when_amz(wall + SKEW_MS, edge, sizeof edge),
                 now);
        return AUTH_SKEWED;
    }
    return AUTH_OK;
}

/* A session token that travels in a header must be covered by the signature. */
static bool token_signed(const struct parts *p) { return p->scope.presigned || !*p->token || strstr(p->signed_headers, "x-amz-security-token"); }

static enum auth_result fail(enum auth_result result, struct str *message, const char *text)
{
    str_adds(message, text);
    return result;
}

enum auth_result auth_verify(struct auth *auth, const struct auth_input *in, int64_t wall, int64_t now, int64_t presigned_ms, struct identity *who,
                             struct str *message)
{
    struct parts p = {0};
    char expected[SHA256_HEX_SIZE];
    enum auth_result result = read_parts(in, &p);
    if (result == AUTH_MISSING)
        return fail(result, message, "Request is missing Authentication Token");
    if (result != AUTH_OK)
        return fail(result, message,
                    "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters and either an 'X-Amz-Date' or a 'Date' "
                    "header.");
    struct session *session = find_session(auth, p.scope.key);
    bool user = strcmp(p.scope.key, auth->scenario->user.access_key_id) == 0;
    if (!session && !user)
        return fail(AUTH_UNKNOWN_KEY, message, "The security token included in the request is invalid.");
    if (user ? *p.token != '\0' : strcmp(p.token, session->token) != 0)
        return fail(AUTH_BAD_TOKEN, message, "The security token included in the request is invalid.");
    result = check_time(&p, wall, presigned_ms, message);
    if (result != AUTH_OK)
        return result;
    struct str canonical = STR_INIT(CANON_MAX);
    bool complete = canonical_request(in, &p, &canonical) && token_signed(&p);
    sign(&p, user ? auth->scenario->user.secret_access_key : session->secret, &canonical, expected);
    str_free(&canonical);
    if (!complete || strlen(p.signature) != 64 || CRYPTO_memcmp(p.signature, expected, 64) != 0)
        return fail(AUTH_BAD_SIGNATURE, message,
                    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing "
                    "method. Consult the service documentation for details.");
    if (session && now >= session->expires)
        return fail(AUTH_EXPIRED, message, "The security token included in the request is expired");
    *who = user ? auth->user : session->who;
    return AUTH_OK;
}

/* Permissions. */

bool auth_matches(const texts *actions, const char *service, const char *operation)
{
    char action[160];
    text_format(action, sizeof action, "%s:%s", service, operation);
    for (size_t i = 0; i < actions->len; i++)
        if (fnmatch(actions->at[i], action, FNM_CASEFOLD) == 0)
            return true;
    return false;
}

bool auth_may(const struct identity *who, const char *service, const char *operation) { return auth_matches(who->allow, service, operation); }

bool auth_trusts(const struct scenario *scenario, const struct role *role, const struct identity *who)
{
    const char *account = scenario->accounts.at[who->account].id;
    char root[64], role_arn[200] = "";
    text_format(root, sizeof root, "arn:aws:iam::%s:root", account);
    if (who->role)
        text_format(role_arn, sizeof role_arn, "arn:aws:iam::%s:role/%s", account, who->role->name);
    for (size_t i = 0; i < role->trust.len; i++) {
        const char *principal = role->trust.at[i];
        if (strcmp(principal, root) == 0 || strcmp(principal, who->arn) == 0 || strcmp(principal, account) == 0 || strcmp(principal, role_arn) == 0)
            return true;
    }
    return false;
}

const struct role *role_find(const struct account *account, const char *name)
{
    for (size_t i = 0; i < account->roles.len; i++)
        if (strcmp(account->roles.at[i].name, name) == 0)
            return &account->roles.at[i];
    return NULL;
}
