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

static json_t *unit_arn(const struct scenario *s, const char *id)
{
    return call_text("arn:aws:organizations::%s:ou/%s/%s", master(s)->id, s->organization.id, id);
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

static json_t *member(const struct aws_call *call, const struct account *a)
{
    const struct scenario *s = call->sim->scenario;
    return json_pack("{s:s, s:o, s:s, s:s, s:s, s:s, s:s, s:o}", "Id", a->id, "Arn", account_arn(s, a->id), "Email", a->email, "Name", a->name,
                     "Status", a->status, "State", a->status, "JoinedMethod", a == master(s) ? "INVITED" : "CREATED", "JoinedTimestamp",
                     call_time(sim_start(call->sim) - a->age));
}

static json_t *list_accounts(struct aws_call *call)
{
    const struct scenario *s = call->sim->scenario;
    struct call_page p = page;
    if (!managing(call))
        return NULL;
    json_t *all = json_array();
    for (size_t i = 0; i < s->accounts.len; i++)
        json_array_append_new(all, member(call, &s->accounts.at[i]));
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

static const struct unit *unit_named(const struct scenario *s, const char *id)
{
    for (size_t i = 0; i < s->organization.units.len; i++)
        if (strcmp(s->organization.units.at[i].id, id) == 0)
            return &s->organization.units.at[i];
    return NULL;
}

static json_t *target(const struct scenario *s, const char *id)
{
    if (strcmp(id, "root") == 0)
        return json_pack("{s:s, s:o, s:s, s:s}", "TargetId", s->organization.root_id, "Arn",
                         call_text("arn:aws:organizations::%s:root/%s/%s", master(s)->id, s->organization.id, s->organization.root_id), "Name",
                         "Root", "Type", "ROOT");
    const struct unit *unit = unit_named(s, id);
    if (unit)
        return json_pack("{s:s, s:o, s:s, s:s}", "TargetId", id, "Arn", unit_arn(s, id), "Name", unit->name, "Type", "ORGANIZATIONAL_UNIT");
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

/* Which unit an account is in; NULL: none, it is in the root. */
static const struct unit *unit_of(const struct scenario *s, const char *account)
{
    for (size_t i = 0; i < s->organization.units.len; i++)
        for (size_t k = 0; k < s->organization.units.at[i].accounts.len; k++)
            if (strcmp(s->organization.units.at[i].accounts.at[k], account) == 0)
                return &s->organization.units.at[i];
    return NULL;
}

/* The call's ParentId as it is written in the scenario, "root" for the root; NULL, and the call has failed, if there is none. */
static const char *parent_of(struct aws_call *call)
{
    const struct scenario *s = call->sim->scenario;
    const char *id = json_text_or(call->input, "ParentId", "");
    if (!managing(call))
        return NULL;
    if (strcmp(id, s->organization.root_id) == 0)
        return "root";
    if (unit_named(s, id))
        return id;
    call_fail(call, "ParentNotFoundException", "You specified a parent that doesn't exist.");
    return NULL;
}

static json_t *list_accounts_for_parent(struct aws_call *call)
{
    const struct scenario *s = call->sim->scenario;
    const char *parent = parent_of(call);
    struct call_page p = page;
    if (!parent)
        return NULL;
    json_t *all = json_array();
    for (size_t i = 0; i < s->accounts.len; i++) {
        const struct unit *in = unit_of(s, s->accounts.at[i].id);
        if (strcmp(in ? in->id : "root", parent) == 0)
            json_array_append_new(all, member(call, &s->accounts.at[i]));
    }
    p.list = "Accounts";
    return call_page(call, all, &p);
}

static json_t *list_units_for_parent(struct aws_call *call)
{
    const struct scenario *s = call->sim->scenario;
    const char *parent = parent_of(call);
    struct call_page p = page;
    if (!parent)
        return NULL;
    json_t *all = json_array();
    for (size_t i = 0; i < s->organization.units.len; i++) {
        const struct unit *unit = &s->organization.units.at[i];
        if (strcmp(unit->under ? unit->under : "root", parent) == 0)
            json_array_append_new(all, json_pack("{s:s, s:o, s:s}", "Id", unit->id, "Arn", unit_arn(s, unit->id), "Name", unit->name));
    }
    p.list = "OrganizationalUnits";
    return call_page(call, all, &p);
}

const struct aws_handler aws_organizations[] = {{"organizations", "DescribeOrganization", describe_organization},
                                                {"organizations", "ListAccounts", list_accounts},
                                                {"organizations", "ListAccountsForParent", list_accounts_for_parent},
                                                {"organizations", "ListOrganizationalUnitsForParent", list_units_for_parent},
                                                {"organizations", "ListPolicies", list_policies},
                                                {"organizations", "ListTargetsForPolicy", list_targets_for_policy},
                                                {NULL}};
