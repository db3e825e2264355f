/* What IAM says of an account, its roles and who may assume them. */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/str.h"
#include "feeds/fields.h"
#include "feeds/map.h"

#define POLICY_MAX   ((size_t)64 << 10)
#define TRUSTS_MAX   60
#define SUBJECTS_MAX 40

void map_summary(const json_t *output, struct account_summary *s)
{
    *s = (struct account_summary){.root_mfa = (int)json_int(output, "SummaryMap.AccountMFAEnabled", -1),
                                  .root_keys = (int)json_int(output, "SummaryMap.AccountAccessKeysPresent", -1),
                                  .root_password = (int)json_int(output, "SummaryMap.AccountPasswordPresent", -1),
                                  .users = (int)json_int(output, "SummaryMap.Users", -1),
                                  .roles = (int)json_int(output, "SummaryMap.Roles", -1),
                                  .mfa_devices = (int)json_int(output, "SummaryMap.MFADevicesInUse", -1)};
}

void map_provider(const json_t *output, struct oidc_provider *p)
{
    struct str text = STR_INIT(4096);
    size_t i;
    json_t *id;
    FIELD(p->url, output, "Url");
    if (text_starts(p->url, "https://"))
        memmove(p->url, p->url + 8, strlen(p->url + 8) + 1);
    json_array_foreach(json_object_get(output, "ClientIDList"), i, id)
        str_addf(&text, "%s%s", i ? ", " : "", json_is_string(id) ? json_string_value(id) : "?");
    text_clean(p->audiences, sizeof p->audiences, str_text(&text), text.len);
    p->created_at = json_when(output, "CreateDate");
    str_free(&text);
}

static bool has_text(const json_t *value, const char *text)
{
    for (size_t i = 0; i < texts_count(value); i++)
        if (text_same_case(texts_at(value, i), text))
            return true;
    return false;
}
static bool is_flag(const json_t *value, bool wanted)
{
    const json_t *one = json_is_array(value) ? json_array_get(value, 0) : value;
    return texts_count(value) == 1 &&
           (json_is_boolean(one) ? json_is_true(one) == wanted : text_same_case(texts_at(value, 0), wanted ? "true" : "false"));
}

/* Condition keys are compared without regard to case. NULL if the operator has no such key. */
static const json_t *condition(const json_t *statement, const char *operator, const char *key)
{
    const char *name, *inner;
    json_t *keys, *value;
    json_object_foreach(json_object_get(statement, "Condition"), name, keys) {
        if (text_same_case(name, operator))
            json_object_foreach(keys, inner, value)
                if (text_same_case(inner, key))
                    return value;
    }
    return NULL;
}

/* An "IfExists" on an Allow lets keys pass that carry no word about MFA at all: that is no demand. */
static bool demands_mfa(const json_t *statement)
{
    return is_flag(condition(statement, "Bool", "aws:MultiFactorAuthPresent"), true) ||
           condition(statement, "NumericLessThan", "aws:MultiFactorAuthAge") ||
           condition(statement, "NumericLessThanEquals", "aws:MultiFactorAuthAge") ||
           is_flag(condition(statement, "Null", "aws:MultiFactorAuthAge"), false);
}

static bool acts_on_assuming(const json_t *statement)
{
    const json_t *action = json_object_get(statement, "Action");
    for (size_t i = 0; i < texts_count(action); i++)
        if (text_same_case(texts_at(action, i), "*") || text_same_case(texts_at(action, i), "sts:*") || text_contains(texts_at(action, i), "sts:Assume"))
            return true;
    return json_object_get(statement, "NotAction") != NULL;
}

/* A Deny to all who come without: the other way round to demand it. */
static bool denies_without_mfa(const json_t *statement)
{
    const json_t *principal = json_object_get(statement, "Principal");
    bool all = has_text(principal, "*") || has_text(json_object_get(principal, "AWS"), "*");
    return all && json_object_size(json_object_get(statement, "Condition")) == 1 && acts_on_assuming(statement) &&
           is_flag(condition(statement, "BoolIfExists", "aws:MultiFactorAuthPresent"), false);
}

/* False: not all of them were kept, or not as they stand there. */
static bool take_subjects(const json_t *value, struct role_trust *trust)
{
    bool whole = texts_count(value) <= SUBJECTS_MAX;
    for (size_t i = 0; i < texts_count(value) && trust->subjects.len < SUBJECTS_MAX; i++) {
        char clean[300];
        const char *text = texts_at(value, i);
        whole &= text_clean(clean, sizeof clean, text, strlen(text));
        *vec_add(&trust->subjects) = mem_strdup(clean);
    }
    return whole;
}

static bool add_subjects(const json_t *statement, const char *provider, struct role_trust *trust)
{
    static const char *const operators[] = {"StringEquals", "StringLike", "ForAnyValue:StringLike", "ForAnyValue:StringEquals",
                                            "StringEqualsIgnoreCase"};
    const char *slash = strstr(provider, "oidc-provider/");
    char key[300];
    bool whole = true;
    text_format(key, sizeof key, "%s:sub", slash ? slash + strlen("oidc-provider/") : provider);
    for (size_t i = 0; i < sizeof operators / sizeof *operators && !trust->subjects.len; i++)
        whole &= take_subjects(condition(statement, operators[i], key), trust);
    return whole;
}

static void add_trust(const json_t *statement, enum trust_kind kind, const char *principal, struct iam_role *role)
{
    if (role->trust.len == TRUSTS_MAX) {
        role->unread = true;
        return;
    }
    struct role_trust *trust = vec_add(&role->trust);
    bool saml = kind == TRUST_WEB && strstr(principal, ":saml-provider/");
    trust->kind = !strcmp(principal, "*") ? TRUST_ANYONE : saml ? TRUST_SAML : kind;
    trust->mfa = demands_mfa(statement);
    trust->external_id = condition(statement, "StringEquals", "sts:ExternalId") != NULL;
    if (!text_clean(trust->principal, sizeof trust->principal, principal, strlen(principal)))
        role->unread = true;
    if (trust->kind == TRUST_WEB && !add_subjects(statement, principal, trust))
        role->unread = true;
}

static void add_statement(const json_t *statement, struct iam_role *role)
{
    static const struct {
        const char *key;
        enum trust_kind kind;
    } kinds[] = {{"AWS", TRUST_PRINCIPAL}, {"Federated", TRUST_WEB}, {"Service", TRUST_SERVICE}, {"CanonicalUser", TRUST_PRINCIPAL}};
    const json_t *principal = json_object_get(statement, "Principal");
    if (!acts_on_assuming(statement))
        return;
    if (json_is_string(principal))
        add_trust(statement, TRUST_PRINCIPAL, json_string_value(principal), role);
    else if (!json_is_object(principal)) /* NotPrincipal: nearly everyone */
        add_trust(statement, TRUST_ANYONE, "*", role);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        const json_t *list = json_object_get(principal, kinds[k].key);
        for (size_t i = 0; i < texts_count(list); i++)
            add_trust(statement, kinds[k].kind, texts_at(list, i), role);
    }
}

static void read_policy(const json_t *policy, struct iam_role *role)
{
    const json_t *statements = json_object_get(policy, "Statement");
    bool denied = false;
    for (size_t i = 0; i < (json_is_array(statements) ? json_array_size(statements) : 1); i++) {
        const json_t *statement = json_is_array(statements) ? json_array_get(statements, i) : statements;
        const char *effect = json_text_or(statement, "Effect", "");
        if (text_same_case(effect, "Allow"))
            add_statement(statement, role);
        else if (text_same_case(effect, "Deny"))
            denied |= denies_without_mfa(statement);
        else
            role->unread = true;
    }
    for (size_t i = 0; denied && i < role->trust.len; i++)
        role->trust.at[i].mfa = true;
}

void map_trust(const char *document, struct iam_role *role)
{
    struct str text = STR_INIT(POLICY_MAX);
    struct error e = {0};
    json_t *policy = document && percent_decode(document, strlen(document), false, &text) ? json_load(str_text(&text), text.len, &e) : NULL;
    if (policy)
        read_policy(policy, role);
    else
        role->unread = true;
    json_decref(policy);
    str_free(&text);
}

void map_role(const json_t *row, struct iam_role *role)
{
    *role = (struct iam_role){.created_at = json_when(row, "CreateDate"), .session_s = (int)json_int(row, "MaxSessionDuration", -1)};
    FIELD(role->name, row, "RoleName");
    FIELD(role->arn, row, "Arn");
    map_trust(json_text(row, "AssumeRolePolicyDocument"), role);
}
