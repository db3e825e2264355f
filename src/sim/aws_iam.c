/* IAM: the account in numbers, its roles with their trust policies, identity providers, and the credential report, which is made when it is asked for
 * and lasts four hours. */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/text.h"
#include "base/when.h"
#include "sim/aws_world.h"

#define MAKING_MS   600
#define LASTS_MS    INT64_C(14400000)
#define REPORT_HEAD                                                                                                                               \
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,"                     \
    "access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"     \
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,"     \
    "cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated"

static const struct account_security *security_of(const struct aws_call *call) { return &call->account->security; }

static json_t *get_account_summary(struct aws_call *call)
{
    const struct account_security *s = security_of(call);
    size_t devices = s->root_mfa;
    for (size_t i = 0; i < s->users.len; i++)
        devices += s->users.at[i].mfa;
    return json_pack("{s:{s:I, s:I, s:I, s:I, s:I, s:i, s:i, s:i, s:I}}", "SummaryMap", "Users", (json_int_t)s->users.len, "Roles",
                     (json_int_t)call->account->roles.len, "MFADevices", (json_int_t)devices, "MFADevicesInUse", (json_int_t)devices, "Providers",
                     (json_int_t)s->providers.len, "AccountMFAEnabled", s->root_mfa, "AccountAccessKeysPresent", s->root_keys,
                     "AccountPasswordPresent", 1, "RolesQuota", (json_int_t)1000);
}

/* Roles. */

static json_t *principal_of(const struct role *role)
{
    json_t *principals = json_object();
    for (size_t i = 0; i < role->trust.len; i++) {
        const char *one = role->trust.at[i], *key = text_ends(one, ".amazonaws.com") ? "Service" : "AWS";
        if (!json_object_get(principals, key))
            json_object_set_new(principals, key, json_array());
        json_array_append_new(json_object_get(principals, key), json_string(one));
    }
    return principals;
}

static json_t *people_statement(const struct role *role)
{
    json_t *condition = json_object();
    if (role->mfa || role->mfa_serial)
        json_object_set_new(condition, "Bool", json_pack("{s:s}", "aws:MultiFactorAuthPresent", "true"));
    if (role->external_id)
        json_object_set_new(condition, "StringEquals", json_pack("{s:s}", "sts:ExternalId", role->external_id));
    json_t *statement = json_pack("{s:s, s:o, s:s}", "Effect", "Allow", "Principal", principal_of(role), "Action", "sts:AssumeRole");
    if (json_object_size(condition))
        json_object_set(statement, "Condition", condition);
    json_decref(condition);
    return statement;
}

static json_t *web_statement(const struct account *a, const struct role *role)
{
    const struct web_identity *web = &role->web;
    char subject[300], audience[300];
    text_format(subject, sizeof subject, "%s:sub", web->provider);
    text_format(audience, sizeof audience, "%s:aud", web->provider);
    json_t *statement = json_pack("{s:s, s:{s:o}, s:s, s:{s:{s:s}}}", "Effect", "Allow", "Principal", "Federated",
                                  call_text("arn:aws:iam::%s:oidc-provider/%s", a->id, web->provider), "Action", "sts:AssumeRoleWithWebIdentity",
                                  "Condition", "StringEquals", audience, web->audience);
    if (*web->subject)
        json_object_set_new(json_at(statement, "Condition"), "StringLike", json_pack("{s:s}", subject, web->subject));
    return statement;
}

static json_t *trust_policy(const struct account *a, const struct role *role)
{
    json_t *statements = json_array();
    struct str text = STR_INIT(65536), encoded = STR_INIT(65536);
    if (role->trust.len)
        json_array_append_new(statements, people_statement(role));
    if (role->has_web)
        json_array_append_new(statements, web_statement(a, role));
    json_t *policy = json_pack("{s:s, s:o}", "Version", "2012-10-17", "Statement", statements);
    char *plain = json_dumps(policy, JSON_COMPACT);
    percent_add(&encoded, plain, strlen(plain), false);
    json_t *out = json_string(str_text(&encoded));
    free(plain);
    json_decref(policy);
    str_free(&text);
    str_free(&encoded);
    return out;
}

static json_t *role_row(const struct aws_call *call, const struct role *role)
{
    const struct account *a = call->account;
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:I}", "Path", "/", "RoleName", role->name, "RoleId",
                     call_text("AROA%.4s%013u", a->id, (unsigned)(role - a->roles.at)), "Arn",
                     call_text("arn:aws:iam::%s:role/%s", a->id, role->name), "CreateDate", call_time(sim_start(call->sim) - a->age / 2),
                     "AssumeRolePolicyDocument", trust_policy(a, role), "MaxSessionDuration", (json_int_t)(role->max_session / 1000));
}

static json_t *list_roles(struct aws_call *call)
{
    static const struct call_page pages = {"Roles", "Marker", "Marker", "MaxItems", 1, 1000, 100, "ValidationError", NULL};
    const struct account *a = call->account;
    json_t *all = json_array();
    for (size_t i = 0; i < a->roles.len; i++)
        json_array_append_new(all, role_row(call, &a->roles.at[i]));
    json_t *out = call_page(call, all, &pages);
    if (out)
        json_object_set_new(out, "IsTruncated", json_boolean(json_object_get(out, "Marker") != NULL));
    return out;
}

static json_t *get_role(struct aws_call *call)
{
    const char *name = json_text_or(call->input, "RoleName", "");
    const struct role *role = role_find(call->account, name);
    if (!role)
        return call_fail(call, "NoSuchEntity", "The role with name %s cannot be found.", name);
    json_t *row = role_row(call, role);
    if (role->used)
        json_object_set_new(row, "RoleLastUsed", json_pack("{s:o, s:s}", "LastUsedDate", call_time(sim_start(call->sim) - role->used), "Region",
                                                           call->account->region));
    return json_pack("{s:o}", "Role", row);
}

/* Policies of a role. What they allow is the scenario's; but that the nodes lose what Session Manager's agent calls with is to be seen. */

#define AGENT_POLICY "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"

/* The nodes' role, which the scenario does not name; false with an error if it is none of the account's roles. */
static bool role_meant(struct aws_call *call, bool *of_nodes)
{
    const char *name = json_text_or(call->input, "RoleName", "");
    char nodes[140];
    text_format(nodes, sizeof nodes, "%s-nodes", call->account->cluster.name ? call->account->cluster.name : "");
    *of_nodes = call->account->cluster.name && !strcmp(name, nodes);
    return *of_nodes || role_find(call->account, name) || call_fail(call, "NoSuchEntity", "The role with name %s cannot be found.", name) != NULL;
}

static json_t *attach_role_policy(struct aws_call *call)
{
    bool of_nodes;
    if (!role_meant(call, &of_nodes))
        return NULL;
    if (of_nodes && !strcmp(json_text_or(call->input, "PolicyArn", ""), AGENT_POLICY))
        world_account(call->sim, call->account)->by_hand.agents_lost_at = 0;
    return json_object();
}

static json_t *detach_role_policy(struct aws_call *call)
{
    struct by_hand *h = &world_account(call->sim, call->account)->by_hand;
    const char *policy = json_text_or(call->input, "PolicyArn", "");
    bool of_nodes;
    if (!role_meant(call, &of_nodes))
        return NULL;
    if (!of_nodes || strcmp(policy, AGENT_POLICY) != 0 || h->agents_lost_at)
        return call_fail(call, "NoSuchEntity", "Policy %s was not found.", policy);
    h->agents_lost_at = call->now;
    return json_object();
}

/* Identity providers. */

static json_t *provider_arn(const struct account *a, const struct sec_provider *p)
{
    return call_text("arn:aws:iam::%s:oidc-provider/%s", a->id, p->url);
}

static json_t *list_providers(struct aws_call *call)
{
    json_t *all = json_array();
    for (size_t i = 0; i < security_of(call)->providers.len; i++)
        json_array_append_new(all, json_pack("{s:o}", "Arn", provider_arn(call->account, &security_of(call)->providers.at[i])));
    return json_pack("{s:o}", "OpenIDConnectProviderList", all);
}

static json_t *get_provider(struct aws_call *call)
{
    const char *wanted = json_text_or(call->input, "OpenIDConnectProviderArn", "");
    for (size_t i = 0; i < security_of(call)->providers.len; i++) {
        const struct sec_provider *p = &security_of(call)->providers.at[i];
        json_t *arn = provider_arn(call->account, p), *audiences = json_array();
        bool same = strcmp(json_string_value(arn), wanted) == 0;
        json_decref(arn);
        for (size_t k = 0; k < p->audiences.len; k++)
            json_array_append_new(audiences, json_string(p->audiences.at[k]));
        if (same)
            return json_pack("{s:s, s:o, s:[s], s:o}", "Url", p->url, "ClientIDList", audiences, "ThumbprintList",
                             "2b18947a6a9fc7764fd8b5fb18a863b0c6dac24f", "CreateDate", call_time(sim_start(call->sim) - p->age));
        json_decref(audiences);
    }
    return call_fail(call, "NoSuchEntity", "OpenIDConnect Provider not found for arn %s", wanted);
}

/* The credential report. */

static void add_time(struct str *out, int64_t at, const char *otherwise)
{
    char text[40];
    str_addf(out, ",%s", at ? when_iso(at, text, sizeof text) : otherwise);
}

static void add_keys(struct str *out, const struct sec_user *user, int64_t start)
{
    for (size_t k = 0; k < 2; k++) {
        const struct sec_access_key *key = k < user->keys.len ? &user->keys.at[k] : NULL;
        str_adds(out, key && !key->inactive ? ",true" : ",false");
        add_time(out, key ? start - key->age : 0, "N/A");
        add_time(out, key && key->used ? start - key->used : 0, "N/A");
        str_addf(out, ",%s,%s", key && key->used ? "us-east-1" : "N/A", key && key->used ? (key->service ? key->service : "sts") : "N/A");
    }
    str_adds(out, ",false,N/A,false,N/A");
}

static void add_user(struct str *out, const struct account *a, const struct sec_user *user, int64_t start)
{
    str_addf(out, "\n%s,arn:aws:iam::%s:user/%s", user->name, a->id, user->name);
    add_time(out, start - user->age, "N/A");
    str_adds(out, user->console ? ",true" : ",false");
    add_time(out, user->console && user->signed_in ? start - user->signed_in : 0, user->console ? "no_information" : "N/A");
    add_time(out, user->console ? start - user->age : 0, "N/A");
    str_addf(out, ",N/A,%s", user->mfa ? "true" : "false");
    add_keys(out, user, start);
}

static void write_report(const struct aws_call *call, struct str *out)
{
    const struct account *a = call->account;
    int64_t start = sim_start(call->sim);
    const struct sec_user nobody = {0};
    str_adds(out, REPORT_HEAD);
    str_addf(out, "\n<root_account>,arn:aws:iam::%s:root", a->id);
    add_time(out, start - a->age, "N/A");
    str_addf(out, ",not_supported,no_information,not_supported,not_supported,%s", a->security.root_mfa ? "true" : "false");
    add_keys(out, &nobody, start);
    for (size_t i = 0; i < a->security.users.len; i++)
        add_user(out, a, &a->security.users.at[i], start);
}

static json_t *generate_report(struct aws_call *call)
{
    struct world_account *w = world_account(call->sim, call->account);
    bool there = w->report_at && call->now >= w->report_at && call->now < w->report_at + LASTS_MS;
    if (there)
        return json_pack("{s:s}", "State", "COMPLETE");
    bool under_way = w->report_at > call->now;
    if (!under_way)
        w->report_at = call->now + MAKING_MS;
    return json_pack("{s:s, s:s}", "State", under_way ? "INPROGRESS" : "STARTED", "Description",
                     "No report exists. Starting a new report generation task");
}

static json_t *get_report(struct aws_call *call)
{
    const struct world_account *w = world_account(call->sim, call->account);
    struct str text = STR_INIT((size_t)1 << 20), encoded = STR_INIT((size_t)2 << 20);
    if (!w->report_at)
        return call_fail(call, "ReportNotPresent", "No report exists. Please generate one.");
    if (call->now < w->report_at)
        return call_fail(call, "ReportInProgress", "The report is still being generated.");
    if (call->now >= w->report_at + LASTS_MS)
        return call_fail(call, "ReportExpired", "The report has expired. Please generate another.");
    write_report(call, &text);
    base64_add(&encoded, str_text(&text), text.len);
    json_t *out = json_pack("{s:s, s:s, s:o}", "Content", str_text(&encoded), "ReportFormat", "text/csv", "GeneratedTime", call_time(w->report_at));
    str_free(&text);
    str_free(&encoded);
    return out;
}

const struct aws_handler aws_iam[] = {{"iam", "GetAccountSummary", get_account_summary},
                                      {"iam", "ListRoles", list_roles},
                                      {"iam", "GetRole", get_role},
                                      {"iam", "AttachRolePolicy", attach_role_policy},
                                      {"iam", "DetachRolePolicy", detach_role_policy},
                                      {"iam", "ListOpenIDConnectProviders", list_providers},
                                      {"iam", "GetOpenIDConnectProvider", get_provider},
                                      {"iam", "GenerateCredentialReport", generate_report},
                                      {"iam", "GetCredentialReport", get_report},
                                      {NULL}};
