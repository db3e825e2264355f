/* Roles of the chain: those that profiles chain by role_arn, and web identity. */
#include <stdlib.h>
#include <string.h>

#include "aws/credentials_steps.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"

#define TOKEN_MAX ((size_t)64 << 10)

static const char *get(const struct credentials *c, const char *key)
{
    const char *value = aws_config_get(c->core->config, CONFIG_PROFILE, c->roles.at[c->roles.len - 1], key);
    return value && *value ? value : NULL;
}

static void assumed(void *arg, json_t *output, const struct error *error)
{
    struct credentials *c = arg;
    c->exchange = NULL;
    if (error && c->mfa_code && error_is(error, "AccessDenied")) { /* most likely the code: ask once more */
        mem_free_secret(c->mfa_code);
        c->mfa_code = NULL;
        c->handler->mfa(c->arg, get(c, "mfa_serial"), error);
        return;
    }
    mem_free_secret(c->mfa_code);
    c->mfa_code = NULL;
    if (error) {
        credentials_failed(c, error);
        return;
    }
    if (!keys_from_json(json_at(output, "Credentials"), &c->keys)) {
        credentials_fault(c, "NoCredentials", "AssumeRole answered without keys");
        return;
    }
    free(c->roles.at[--c->roles.len]);
    credentials_good(c);
}

static void ask_sts(struct credentials *c)
{
    char name[80];
    const char *given = get(c, "role_session_name"), *external = get(c, "external_id"), *serial = get(c, "mfa_serial");
    const char *seconds = get(c, "duration_seconds");
    json_t *input = json_pack("{s:s, s:s}", "RoleArn", get(c, "role_arn"), "RoleSessionName", given ? given : usual_session_name(name, sizeof name));
    if (external)
        json_object_set_new(input, "ExternalId", json_string(external));
    if (seconds)
        json_object_set_new(input, "DurationSeconds", json_integer(atoi(seconds)));
    if (serial) {
        json_object_set_new(input, "SerialNumber", json_string(serial));
        json_object_set_new(input, "TokenCode", json_string(c->mfa_code));
    }
    struct exchange_request request = {.service = "sts", .operation = "AssumeRole", .input = input, .keys = &c->keys,
                                       .region = get(c, "region")};
    c->exchange = exchange_start(c->core, &request, assumed, c);
    json_decref(input);
}

static void ask_person(void *arg)
{
    struct credentials *c = arg;
    c->timer = NULL;
    c->handler->mfa(c->arg, get(c, "mfa_serial"), NULL);
}

void assume_next(struct credentials *c)
{
    if (get(c, "mfa_serial") && !c->mfa_code)
        c->timer = loop_after(c->core->loop, 0, ask_person, c);
    else
        ask_sts(c);
}

void credentials_mfa(struct credentials *c, const char *code)
{
    if (!code) {
        credentials_fault(c, "MFADeclined", "no MFA code was given");
        return;
    }
    mem_free_secret(c->mfa_code);
    c->mfa_code = mem_strdup(code);
    ask_sts(c);
}

static void web_identity_done(void *arg, json_t *output, const struct error *error)
{
    struct credentials *c = arg;
    c->exchange = NULL;
    if (error)
        credentials_failed(c, error);
    else if (keys_from_json(json_at(output, "Credentials"), &c->keys))
        credentials_good(c);
    else
        credentials_fault(c, "NoCredentials", "AssumeRoleWithWebIdentity answered without keys");
}

void assume_web_identity(struct credentials *c, const char *role_arn, const char *token_file, const char *session_name)
{
    struct str token = STR_INIT(TOKEN_MAX);
    struct error e = {0};
    char name[80];
    if (!file_read(token_file, TOKEN_MAX, &token, &e)) {
        credentials_fault(c, "WebIdentityToken", "%s", e.message);
        return;
    }
    while (token.len && (token.data[token.len - 1] == '\n' || token.data[token.len - 1] == '\r'))
        str_cut(&token, token.len - 1, 1);
    json_t *input = json_pack("{s:s, s:s, s:s}", "RoleArn", role_arn, "RoleSessionName",
                              session_name ? session_name : usual_session_name(name, sizeof name), "WebIdentityToken", str_text(&token));
    struct exchange_request request = {.service = "sts", .operation = "AssumeRoleWithWebIdentity", .input = input};
    c->exchange = exchange_start(c->core, &request, web_identity_done, c);
    json_decref(input);
    str_wipe(&token);
}

bool source_web_identity(struct credentials *c)
{
    const char *file = getenv("AWS_WEB_IDENTITY_TOKEN_FILE"), *role = getenv("AWS_ROLE_ARN");
    if (!file || !*file || !role || !*role) {
        passed_over(c, !file || !*file ? "AWS_WEB_IDENTITY_TOKEN_FILE is not set" : "AWS_ROLE_ARN is not set");
        return false;
    }
    assume_web_identity(c, role, file, getenv("AWS_ROLE_SESSION_NAME"));
    return true;
}
