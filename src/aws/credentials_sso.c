/* IAM Identity Center: the token that `aws sso login` left in ~/.aws/sso/cache, refreshed when it is old, then GetRoleCredentials. */
#include <stdlib.h>
#include <string.h>

#include "aws/credentials_steps.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/when.h"

#define CACHE_MAX   ((size_t)256 << 10)
#define EARLY_MS    60000
#define YEAR_S      31536000

static const char *get(const struct credentials *c, enum config_kind kind, const char *section, const char *key)
{
    const char *value = aws_config_get(c->core->config, kind, section, key);
    return value && *value ? value : NULL;
}

static const char *session_of(const struct credentials *c) { return get(c, CONFIG_PROFILE, c->profile, "sso_session"); }

static const char *setting(const struct credentials *c, const char *key)
{
    const char *session = session_of(c), *value = session ? get(c, CONFIG_SSO_SESSION, session, key) : NULL;
    return value ? value : get(c, CONFIG_PROFILE, c->profile, key);
}

static void login_again(struct credentials *c, const char *why)
{
    credentials_fault(c, "SSOTokenExpired", "profile %s: %s: run aws sso login --profile %s", c->profile, why, c->profile);
}

static void role_done(void *arg, json_t *output, const struct error *error)
{
    struct credentials *c = arg;
    c->exchange = NULL;
    const json_t *r = output ? json_at(output, "roleCredentials") : NULL;
    int64_t until = json_int(r, "expiration", 0);
    const char *id = json_text(r, "accessKeyId"), *secret = json_text(r, "secretAccessKey"), *token = json_text(r, "sessionToken");
    if (error && error_is(error, "UnauthorizedException"))
        login_again(c, "the session has ended");
    else if (error)
        credentials_failed(c, error);
    else if (!id || !secret)
        credentials_fault(c, "NoCredentials", "GetRoleCredentials answered without keys");
    else {
        c->keys = (struct aws_keys){mem_strdup(id), mem_strdup(secret), mem_strdup(token), until > 0 && until < INT64_MAX / 2 ? until : 0};
        credentials_good(c);
    }
}

static void get_role(struct credentials *c)
{
    const char *account = get(c, CONFIG_PROFILE, c->profile, "sso_account_id"), *role = get(c, CONFIG_PROFILE, c->profile, "sso_role_name");
    if (!account || !role) {
        credentials_fault(c, "ProfileIncomplete", "profile %s: sso_account_id and sso_role_name are needed", c->profile);
        return;
    }
    json_t *input = json_pack("{s:s, s:s, s:s}", "accountId", account, "roleName", role, "accessToken", json_text_or(c->sso, "accessToken", ""));
    struct exchange_request request = {.service = "sso", .operation = "GetRoleCredentials", .input = input, .region = setting(c, "sso_region")};
    c->exchange = exchange_start(c->core, &request, role_done, c);
    json_decref(input);
}

static void save(const struct credentials *c)
{
    struct error e = {0};
    char *text = json_dumps(c->sso, JSON_INDENT(2));
    if (text && !file_write(c->address, text, strlen(text), 0600, &e))
        log_line(c->core->log, "aws", "SSO cache: %s", e.message);
    mem_free_secret(text);
}

static void refreshed(void *arg, json_t *output, const struct error *error)
{
    struct credentials *c = arg;
    char until[40];
    c->exchange = NULL;
    if (error || !json_text(output, "accessToken")) {
        login_again(c, error ? error->code : "no new token was given");
        return;
    }
    int64_t seconds = json_int(output, "expiresIn", 0), ms = loop_wall(c->core->loop) + (seconds > 0 && seconds < YEAR_S ? seconds : 0) * 1000;
    json_object_set(c->sso, "accessToken", json_at(output, "accessToken"));
    if (json_text(output, "refreshToken"))
        json_object_set(c->sso, "refreshToken", json_at(output, "refreshToken"));
    json_object_set_new(c->sso, "expiresAt", json_string(when_iso(ms, until, sizeof until)));
    save(c);
    get_role(c);
}

static void refresh(struct credentials *c)
{
    json_t *input = json_pack("{s:s, s:s, s:s, s:s}", "clientId", json_text_or(c->sso, "clientId", ""), "clientSecret",
                              json_text_or(c->sso, "clientSecret", ""), "grantType", "refresh_token", "refreshToken",
                              json_text_or(c->sso, "refreshToken", ""));
    struct exchange_request request = {.service = "sso-oidc", .operation = "CreateToken", .input = input, .region = setting(c, "sso_region")};
    c->exchange = exchange_start(c->core, &request, refreshed, c);
    json_decref(input);
}

static bool load(struct credentials *c)
{
    const char *home = getenv("HOME"), *name = session_of(c) ? session_of(c) : setting(c, "sso_start_url");
    char hex[41];
    struct str text = STR_INIT(CACHE_MAX);
    struct error e = {0};
    digest_sha1_hex(name, strlen(name), hex);
    text_format(c->address, sizeof c->address, "%s/.aws/sso/cache/%s.json", home ? home : "", hex);
    if (file_read(c->address, CACHE_MAX, &text, &e))
        c->sso = json_load(str_text(&text), text.len, &e);
    str_wipe(&text);
    return json_is_object(c->sso) && json_text(c->sso, "accessToken");
}

bool sso_start(struct credentials *c, const char *profile)
{
    text_copy(c->profile, sizeof c->profile, profile);
    if (!session_of(c) && !get(c, CONFIG_PROFILE, profile, "sso_start_url"))
        return false;
    text_format(c->source_name, sizeof c->source_name, "profile %s (sso)", profile);
    if (!setting(c, "sso_start_url") || !setting(c, "sso_region"))
        credentials_fault(c, "ProfileIncomplete", "profile %s: sso_start_url and sso_region are needed", profile);
    else if (!load(c))
        login_again(c, "not logged in");
    else if (json_when(c->sso, "expiresAt") > loop_wall(c->core->loop) + EARLY_MS)
        get_role(c);
    else if (json_text(c->sso, "refreshToken") && json_text(c->sso, "clientId"))
        refresh(c);
    else
        login_again(c, "the session has ended");
    return true;
}
