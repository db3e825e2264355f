/* Organizations: all but DescribeOrganization answer the management account alone. */
#include <string.h>

#include "base/text.h"
#include "sim/aws.h"

static const struct account *master(const struct scenario *s)
{
    for (size_t i = 0; i < s->accounts.len; i++)
        if (s->accounts.at[i].kind == 0)
            return &s->accounts.at[i];
    return &s->accounts.at[0];
}

static json_t *account_arn(const struct scenario *s, const char *id)
{
    return call_text("arn:aws:organizations::%s:account/%s/%s", master(s)->id, s->organization.id, id);
}

static bool managing(struct aws_call *call)
{
    if (call->account == master(call->sim->scenario))
        return true;
    return call_fail(call, "AccessDeniedException", "You don't have permissions to access this resource.") != NULL;
}

static const struct call_page page = {.token_in = "NextToken", .token_out = "NextToken", .limit_in = "MaxResults", .least = 1, .most = 20,
                                      .usual = 20,
                                      .bad_token = "InvalidInputException"};

static json_t *describe_organization(struct aws_call *call)
{
    const struct scenario *s = call->sim->scenario;
    const struct account *m = master(s);
    return json_pack("{s:{s:s, s:o, s:s, s:o, s:s, s:s, s:[{s:s, s:s}]}}", "Organization", "Id", s->organization.id, "Arn",
                     call_text("arn:aws:organizations::%s:organization/%s", m->id, s->organization.id), "FeatureSet", "ALL", "MasterAccountArn",
                     account_arn(s, m->id), "MasterAccountId", m->id, "MasterAccountEmail", m->email, "AvailablePolicyTypes", "Type",
                     "SERVICE_CONTROL_POLICY", "Status", "ENABLED");
}

static json_t *list_accounts(struct aws_call *call)
{
    const struct scenario *s = call->sim->scenario;
    struct call_page p = page;
    if (!managing(call))
        return NULL;
    json_t *all = json_array();
    for (size_t i = 0; i < s->accounts.len; i++) {
        const struct account *a = &s->accounts.at[i];
        json_array_append_new(all, json_pack("{s:s, s:o, s:s, s:s, s:s, s:s, s:s, s:o}", "Id", a->id, "Arn", account_arn(s, a->id), "Email", a->email,
                                             "Name", a->name, "Status", a->status, "State", a->status, "JoinedMethod",
                                             a == master(s) ? "INVITED" : "CREATED", "JoinedTimestamp", call_time(sim_start(call->sim) - a->age)));
    }
    p.list = "Accounts";
    return call_page(call, all, &p);
}

static json_t *list_policies(struct aws_call *call)
{
    static const char *const types[] = {"SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY", "TAG_POLICY", "BACKUP_POLICY",
                                        "AISERVICES_OPT_OUT_POLICY"};
    const struct scenario *s = call->sim->scenario;
    const char *filter = json_text_or(call->input, "Filter", "");
    struct call_page p = page;
    bool known = false;
    if (!managing(call))
        return NULL;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        known |= strcmp(filter, types[i]) == 0;
    if (!known)
        return call_fail(call, "InvalidInputException", "You specified an invalid value for policy type.");
    json_t *all = json_array();
    for (size_t i = 0; strcmp(filter, types[0]) == 0 && i < s->organization.policies.len; i++) {
        const struct policy *policy = &s->organization.policies.at[i];
        json_t *arn = policy->aws_managed ? call_text("arn:aws:organizations::aws:policy/service_control_policy/%s", policy->id)
                                          : call_text("arn:aws:organizations::%s:policy/%s/service_control_policy/%s", master(s)->id,
                                                      s->organization.id, policy->id);
        json_array_append_new(all, json_pack("{s:s, s:o, s:s, s:s, s:s, s:b}", "Id", policy->id, "Arn", arn, "Name", policy->name, "Description",
                                             policy->description ? policy->description : "", "Type", filter, "AwsManaged", policy->aws_managed));
    }
    p.list = "Policies";
    return call_page(call, all, &p);
}

static json_t *target(const struct scenario *s, const char *id)
{
    if (strcmp(id, "root") == 0)
        return json_pack("{s:s, s:o, s:s, s:s}", "TargetId", s->organization.root_id, "Arn",
                         call_text("arn:aws:organizations::%s:root/%s/%s", master(s)->id, s->organization.id, s->organization.root_id), "Name",
                         "Root", "Type", "ROOT");
    const char *name = id;
    for (size_t i = 0; i < s->accounts.len; i++)
        if (strcmp(s->accounts.at[i].id, id) == 0)
            name = s->accounts.at[i].name;
    return json_pack("{s:s, s:o, s:s, s:s}", "TargetId", id, "Arn", account_arn(s, id), "Name", name, "Type", "ACCOUNT");
}

static json_t *list_targets_for_policy(struct aws_call *call)
{
    const struct scenario *s = call->sim->scenario;
    struct call_page p = page;
    if (!managing(call))
        return NULL;
    for (size_t i = 0; i < s->organization.policies.len; i++) {
        const struct policy *policy = &s->organization.policies.at[i];
        if (strcmp(policy->id, json_text_or(call->input, "PolicyId", "")) != 0)
            continue;
        json_t *all = json_array();
        for (size_t t = 0; t < policy->targets.len; t++)
            json_array_append_new(all, target(s, policy->targets.at[t]));
        p.list = "Targets";
        return call_page(call, all, &p);
    }
    return call_fail(call, "PolicyNotFoundException", "You specified a policy that doesn't exist.");
}

static json_t *list_parents(struct aws_call *call)
{
    const struct scenario *s = call->sim->scenario;
    const char *child = json_text_or(call->input, "ChildId", "");
    struct call_page p = page;
    if (!managing(call))
        return NULL;
    for (size_t i = 0; i < s->accounts.len; i++)
        if (strcmp(s->accounts.at[i].id, child) == 0) {
            p.list = "Parents";
            return call_page(call, json_pack("[{s:s, s:s}]", "Id", s->organization.root_id, "Type", "ROOT"), &p);
        }
    return call_fail(call, "ChildNotFoundException", "You specified a child that doesn't exist.");
}

const struct aws_handler aws_organizations[] = {{"organizations", "DescribeOrganization", describe_organization},
                                                {"organizations", "ListAccounts", list_accounts},
                                                {"organizations", "ListParents", list_parents},
                                                {"organizations", "ListPolicies", list_policies},
                                                {"organizations", "ListTargetsForPolicy", list_targets_for_policy},
                                                {NULL}};
