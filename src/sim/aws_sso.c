/* IAM Identity Center: a cached token is refreshed, and exchanged for role credentials. No request here is signed. */
#include <string.h>

#include "sim/aws.h"

static json_t *create_token(struct aws_call *call)
{
    const struct sso *sso = &call->sim->scenario->sso;
    const char *id = json_text_or(call->input, "clientId", ""), *secret = json_text_or(call->input, "clientSecret", "");
    if (!sso->client_id || strcmp(id, sso->client_id) != 0 || strcmp(secret, sso->client_secret) != 0)
        return call_fail(call, "InvalidClientException", "Client authentication failed");
    if (strcmp(json_text_or(call->input, "grantType", ""), "refresh_token") != 0)
        return call_fail(call, "UnsupportedGrantTypeException", "Only refresh_token is served here");
    if (strcmp(json_text_or(call->input, "refreshToken", ""), sso->refresh_token) != 0)
        return call_fail(call, "InvalidGrantException", "Invalid refresh token provided");
    return json_pack("{s:s, s:s, s:I, s:s}", "accessToken", sso->access_token, "tokenType", "Bearer", "expiresIn",
                     (json_int_t)((sso->lifetime ? sso->lifetime : 28800000) / 1000), "refreshToken", sso->refresh_token);
}

static json_t *get_role_credentials(struct aws_call *call)
{
    const struct scenario *s = call->sim->scenario;
    const char *token = json_text_or(call->input, "accessToken", ""), *name = json_text_or(call->input, "roleName", "");
    bool listed = false;
    if (!s->sso.access_token || strcmp(token, s->sso.access_token) != 0)
        return call_fail(call, "UnauthorizedException", "Session token not found or invalid");
    for (size_t i = 0; i < s->sso.roles.len; i++)
        listed |= strcmp(s->sso.roles.at[i], name) == 0;
    for (size_t i = 0; listed && i < s->accounts.len; i++) {
        const struct role *role = role_find(&s->accounts.at[i], name);
        if (!role || strcmp(s->accounts.at[i].id, json_text_or(call->input, "accountId", "")) != 0)
            continue;
        struct auth_keys keys;
        int64_t expires = (call->now + role->max_session) / 1000 * 1000;
        auth_assume(call->sim->auth, i, role, "oncall", expires, &keys);
        return json_pack("{s:{s:s, s:s, s:s, s:I}}", "roleCredentials", "accessKeyId", keys.key, "secretAccessKey", keys.secret, "sessionToken",
                         keys.token, "expiration", (json_int_t)expires);
    }
    return call_fail(call, "ResourceNotFoundException", "No access");
}

const struct aws_handler aws_sso[] = {
    {"sso", "GetRoleCredentials", get_role_credentials}, {"sso-oidc", "CreateToken", create_token}, {NULL}};
