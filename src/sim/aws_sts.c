/* Security Token Service: who am I, and role sessions. */
#include <string.h>

#include "base/text.h"
#include "sim/aws.h"

#define CHAINED_MS INT64_C(3600000) /* a role assumed by a role: an hour at most */

static json_t *get_caller_identity(struct aws_call *call)
{
    return json_pack("{s:s, s:s, s:s}", "UserId", call->who->user_id, "Account", call->account->id, "Arn", call->who->arn);
}

/* arn:aws:iam::222222222222:role/TrivetReader; NULL if there is no such role. */
static const struct role *find_role(const struct scenario *s, const char *arn, size_t *account)
{
    for (size_t i = 0; i < s->accounts.len; i++) {
        char prefix[64];
        text_format(prefix, sizeof prefix, "arn:aws:iam::%s:role/", s->accounts.at[i].id);
        *account = i;
        if (text_starts(arn, prefix))
            return role_find(&s->accounts.at[i], arn + strlen(prefix));
    }
    return NULL;
}

static bool session_name_good(const char *name)
{
    size_t len = strlen(name);
    return len >= 2 && len <= 64 &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-") == len;
}

static bool check_form(struct aws_call *call)
{
    const char *name = json_text_or(call->input, "RoleSessionName", ""), *arn = json_text_or(call->input, "RoleArn", "");
    int64_t seconds = json_int(call->input, "DurationSeconds", 3600);
    if (!session_name_good(name))
        return call_fail(call, "ValidationError",
                         "1 validation error detected: Value '%s' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular "
                         "expression pattern: [\\w+=,.@-]*",
                         name) != NULL;
    if (seconds < 900)
        return call_fail(call, "ValidationError",
                         "1 validation error detected: Value '%lld' at 'durationSeconds' failed to satisfy constraint: Member must have value "
                         "greater than or equal to 900",
                         (long long)seconds) != NULL;
    if (seconds > 43200)
        return call_fail(call, "ValidationError",
                         "1 validation error detected: Value '%lld' at 'durationSeconds' failed to satisfy constraint: Member must have value less "
                         "than or equal to 43200",
                         (long long)seconds) != NULL;
    if (!text_starts(arn, "arn:aws:iam::"))
        return call_fail(call, "ValidationError", "%s is invalid", arn) != NULL;
    return true;
}

static bool check_duration(struct aws_call *call, const struct role *role, int64_t *ms)
{
    bool chained = call->who && call->who->role;
    *ms = json_int(call->input, "DurationSeconds", 3600) * 1000;
    if (chained && *ms > CHAINED_MS)
        return call_fail(call, "ValidationError",
                         "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining") != NULL;
    if (*ms > role->max_session)
        return call_fail(call, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.") != NULL;
    return true;
}

static json_t *session(struct aws_call *call, size_t account, const struct role *role, int64_t ms)
{
    struct auth_keys keys;
    int64_t expires = (call->now + ms) / 1000 * 1000;
    auth_assume(call->sim->auth, account, role, json_text_or(call->input, "RoleSessionName", ""), expires, &keys);
    return json_pack("{s:{s:s, s:s, s:s, s:o}, s:{s:s, s:s}}", "Credentials", "AccessKeyId", keys.key, "SecretAccessKey", keys.secret, "SessionToken",
                     keys.token, "Expiration", call_time(expires), "AssumedRoleUser", "AssumedRoleId", keys.who.user_id, "Arn", keys.who.arn);
}

static bool mfa_good(struct aws_call *call, const struct role *role, bool *wrong_code)
{
    const char *serial = json_text(call->input, "SerialNumber"), *code = json_text(call->input, "TokenCode");
    *wrong_code = role->mfa_serial && serial && code && strcmp(serial, role->mfa_serial) == 0 && !text_equal(code, role->mfa_code);
    if (role->mfa && !(call->who && !call->who->role && call->sim->scenario->user.mfa))
        return false;
    return !role->mfa_serial || (text_equal(serial, role->mfa_serial) && text_equal(code, role->mfa_code));
}

static json_t *assume_role(struct aws_call *call)
{
    const char *arn = json_text_or(call->input, "RoleArn", "");
    size_t account;
    int64_t ms;
    bool wrong_code;
    if (!check_form(call))
        return NULL;
    const struct role *role = find_role(call->sim->scenario, arn, &account);
    if (!role || !auth_trusts(call->sim->scenario, role, call->who))
        return call_denied(call, arn);
    if (role->external_id && !text_equal(role->external_id, json_text(call->input, "ExternalId")))
        return call_denied(call, arn);
    if (!mfa_good(call, role, &wrong_code)) {
        call_denied(call, arn);
        if (wrong_code)
            text_copy(call->error->message, sizeof call->error->message, "MultiFactorAuthentication failed with invalid MFA one time pass code. ");
        return NULL;
    }
    return check_duration(call, role, &ms) ? session(call, account, role, ms) : NULL;
}

static json_t *assume_role_with_web_identity(struct aws_call *call)
{
    const char *arn = json_text_or(call->input, "RoleArn", ""), *token = json_text_or(call->input, "WebIdentityToken", "");
    size_t account;
    int64_t ms;
    if (!check_form(call))
        return NULL;
    const struct role *role = find_role(call->sim->scenario, arn, &account);
    if (!role || !role->has_web) {
        call_fail(call, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity");
        call->error->status = 403;
        return NULL;
    }
    if (strcmp(token, role->web.token) != 0)
        return call_fail(call, "InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider, please reference "
                                                       "AssumeRoleWithWebIdentity documentation for requirements");
    if (!check_duration(call, role, &ms))
        return NULL;
    json_t *out = session(call, account, role, ms);
    json_object_set_new(out, "Provider", json_string(role->web.provider));
    json_object_set_new(out, "Audience", json_string(role->web.audience));
    json_object_set_new(out, "SubjectFromWebIdentityToken", json_string(role->web.subject));
    return out;
}

const struct aws_handler aws_sts[] = {{"sts", "AssumeRole", assume_role},
                                      {"sts", "AssumeRoleWithWebIdentity", assume_role_with_web_identity},
                                      {"sts", "GetCallerIdentity", get_caller_identity},
                                      {NULL}};
