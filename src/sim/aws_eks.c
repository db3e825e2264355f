/* EKS: where each account's cluster answers, how it is set up, its Fargate profiles and managed add-ons. */
#include <string.h>

#include "sim/aws_world.h"

static json_t *text_list(const texts *list)
{
    json_t *out = json_array();
    for (size_t i = 0; i < list->len; i++)
        json_array_append_new(out, json_string(list->at[i]));
    return out;
}

static bool has_cluster(const struct aws_call *call) { return call->account->cluster.name && strcmp(call->region, call->account->region) == 0; }

static json_t *list_clusters(struct aws_call *call)
{
    static const struct call_page page = {"clusters", "nextToken", "nextToken", "maxResults", 1, 100, 100, "InvalidParameterException", NULL};
    json_t *all = json_array();
    if (has_cluster(call))
        json_array_append_new(all, json_string(call->account->cluster.name));
    return call_page(call, all, &page);
}

static json_t *network(const struct aws_call *call)
{
    const struct cluster *c = &call->account->cluster;
    json_t *from = text_list(&c->public_from);
    if (!c->public_from.len)
        json_array_append_new(from, json_string("0.0.0.0/0"));
    json_t *out = json_pack("{s:o, s:[], s:s, s:s, s:b, s:b, s:o}", "subnetIds", text_list(&c->subnets), "securityGroupIds",
                            "clusterSecurityGroupId", EKS_GROUP, "vpcId", c->vpc ? c->vpc : "vpc-0", "endpointPublicAccess", 1,
                            "endpointPrivateAccess", !c->no_private_endpoint, "publicAccessCidrs", from);
    json_object_update(out, world_account(call->sim, call->account)->by_hand.endpoint);
    return out;
}

static json_t *log_kinds(const struct aws_call *call)
{
    json_t *changed = world_account(call->sim, call->account)->by_hand.log_kinds;
    return changed ? json_copy(changed) : text_list(&call->account->cluster.logs);
}

static const char *const kinds[] = {"api", "audit", "authenticator", "controllerManager", "scheduler"};
#define KINDS (sizeof kinds / sizeof *kinds)

/* Kinds of logs that are on, and those that are off. */
static json_t *logging(const struct aws_call *call)
{
    json_t *on = log_kinds(call), *off = json_array();
    for (size_t i = 0; i < KINDS; i++)
        if (!json_array_size(on) || !call_in(on, kinds[i]))
            json_array_append_new(off, json_string(kinds[i]));
    return json_pack("{s:[{s:o, s:b}, {s:o, s:b}]}", "clusterLogging", "types", on, "enabled", 1, "types", off, "enabled", 0);
}

/* What hangs on the scenario's settings. */
static void settle(const struct aws_call *call, json_t *cluster)
{
    const struct cluster *c = &call->account->cluster;
    json_object_set_new(cluster, "identity", json_pack("{s:{s:o}}", "oidc", "issuer", call_text("https://%s", c->issuer)));
    json_object_set_new(cluster, "logging", logging(call));
    if (c->secrets_key)
        json_object_set_new(cluster, "encryptionConfig",
                            json_pack("[{s:[s], s:{s:s}}]", "resources", "secrets", "provider", "keyArn", c->secrets_key));
}

static json_t *describe_cluster(struct aws_call *call)
{
    const struct account *a = call->account;
    const struct cluster *c = &a->cluster;
    const char *name = json_text_or(call->input, "name", "");
    if (!has_cluster(call) || strcmp(name, c->name) != 0)
        return call_fail(call, "ResourceNotFoundException", "No cluster found for name: %s.", name);
    json_t *out = json_pack("{s:{s:s, s:o, s:o, s:s, s:o, s:o, s:o, s:{s:s, s:s}, s:s, s:{}, s:s, s:{}, s:{s:s}}}", "cluster", "name", c->name, "arn",
                     call_text("arn:aws:eks:%s:%s:cluster/%s", a->region, a->id, c->name), "createdAt", call_time(sim_start(call->sim) - c->age),
                     "version",
                     c->version, "endpoint", call_text("http://127.0.0.1:%d/k8s/%s/%s", call->sim->port, a->id, c->name), "roleArn",
                     call_text("arn:aws:iam::%s:role/%s-cluster", a->id, c->name), "resourcesVpcConfig", network(call), "kubernetesNetworkConfig",
                     "serviceIpv4Cidr", "172.20.0.0/16", "ipFamily", "ipv4", "status", "ACTIVE", "certificateAuthority", "platformVersion",
                     c->platform ? c->platform : "eks.1", "tags", "accessConfig", "authenticationMode", "API");
    settle(call, json_object_get(out, "cluster"));
    return out;
}

/* Versions: what this account's cluster runs. */

#define SUPPORT_MS INT64_C(20736000000) /* 240 days */

static json_t *describe_cluster_versions(struct aws_call *call)
{
    static const struct call_page page = {"clusterVersions", "nextToken", "nextToken", "maxResults", 1, 100, 100, "InvalidParameterException", NULL};
    const struct cluster *c = &call->account->cluster;
    json_t *all = json_array();
    int64_t ends = sim_start(call->sim) + (c->support ? c->support : SUPPORT_MS);
    if (has_cluster(call) && call_in(json_object_get(call->input, "clusterVersions"), c->version))
        json_array_append_new(all, json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:s, s:s}", "clusterVersion", c->version, "clusterType", "eks",
                                             "defaultVersion", 1, "releaseDate", call_time(ends - SUPPORT_MS * 2), "endOfStandardSupportDate",
                                             call_time(ends), "endOfExtendedSupportDate", call_time(ends + INT64_C(31536000000)), "versionStatus",
                                             call->now < ends ? "STANDARD_SUPPORT" : "EXTENDED_SUPPORT", "kubernetesPatchVersion", c->version));
    return call_page(call, all, &page);
}

/* Fargate profiles. */

static bool cluster_meant(struct aws_call *call)
{
    const char *name = json_text_or(call->input, "clusterName", "");
    return (has_cluster(call) && !strcmp(name, call->account->cluster.name)) ||
           call_fail(call, "ResourceNotFoundException", "No cluster found for name: %s.", name) != NULL;
}

static json_t *list_fargate_profiles(struct aws_call *call)
{
    static const struct call_page page = {"fargateProfileNames", "nextToken", "nextToken", "maxResults", 1, 100, 100, "InvalidParameterException",
                                          NULL};
    json_t *all;
    if (!cluster_meant(call))
        return NULL;
    all = json_array();
    for (size_t i = 0; i < call->account->cluster.profiles.len; i++)
        json_array_append_new(all, json_string(call->account->cluster.profiles.at[i].name));
    return call_page(call, all, &page);
}

static json_t *profile_row(const struct aws_call *call, const struct fargate_profile *p)
{
    const struct account *a = call->account;
    json_t *selectors = json_array();
    char id[37];
    world_uuid(call->sim, p->name, -1, id);
    for (size_t i = 0; i < p->namespaces.len; i++)
        json_array_append_new(selectors, json_pack("{s:s}", "namespace", p->namespaces.at[i]));
    return json_pack("{s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:s, s:{}}", "fargateProfileName", p->name, "fargateProfileArn",
                     call_text("arn:aws:eks:%s:%s:fargateprofile/%s/%s/%s", a->region, a->id, a->cluster.name, p->name, id), "clusterName",
                     a->cluster.name, "createdAt", call_time(sim_start(call->sim) - a->cluster.age), "podExecutionRoleArn",
                     call_text("arn:aws:iam::%s:role/%s-fargate", a->id, a->cluster.name), "subnets", text_list(&a->cluster.subnets), "selectors",
                     selectors, "status", p->status ? p->status : "ACTIVE", "tags");
}

static json_t *describe_fargate_profile(struct aws_call *call)
{
    const char *name = json_text_or(call->input, "fargateProfileName", "");
    if (!cluster_meant(call))
        return NULL;
    for (size_t i = 0; i < call->account->cluster.profiles.len; i++)
        if (!strcmp(call->account->cluster.profiles.at[i].name, name))
            return json_pack("{s:o}", "fargateProfile", profile_row(call, &call->account->cluster.profiles.at[i]));
    return call_fail(call, "ResourceNotFoundException", "No Fargate Profile found with name: %s.", name);
}

/* Add-ons that EKS manages. */

static json_t *list_addons(struct aws_call *call)
{
    static const struct call_page page = {"addons", "nextToken", "nextToken", "maxResults", 1, 100, 100, "InvalidParameterException", NULL};
    json_t *all;
    if (!cluster_meant(call))
        return NULL;
    all = json_array();
    for (size_t i = 0; i < call->account->cluster.addons.len; i++)
        json_array_append_new(all, json_string(call->account->cluster.addons.at[i].name));
    return call_page(call, all, &page);
}

static json_t *addon_row(const struct aws_call *call, const struct addon *addon)
{
    const struct account *a = call->account;
    json_t *issues = json_array();
    char id[37];
    world_uuid(call->sim, addon->name, -1, id);
    if (addon->issue)
        json_array_append_new(issues, json_pack("{s:s, s:s, s:[]}", "code", "InsufficientNumberOfReplicas", "message", addon->issue, "resourceIds"));
    return json_pack("{s:s, s:s, s:s, s:s, s:{s:o}, s:o, s:o, s:o, s:{}}", "addonName", addon->name, "clusterName", a->cluster.name, "status",
                     addon->status ? addon->status : "ACTIVE", "addonVersion", addon->version, "health", "issues", issues, "addonArn",
                     call_text("arn:aws:eks:%s:%s:addon/%s/%s/%s", a->region, a->id, a->cluster.name, addon->name, id), "createdAt",
                     call_time(sim_start(call->sim) - a->cluster.age), "modifiedAt", call_time(sim_start(call->sim) - a->cluster.age / 7), "tags");
}

static json_t *describe_addon(struct aws_call *call)
{
    const char *name = json_text_or(call->input, "addonName", "");
    if (!cluster_meant(call))
        return NULL;
    for (size_t i = 0; i < call->account->cluster.addons.len; i++)
        if (!strcmp(call->account->cluster.addons.at[i].name, name))
            return json_pack("{s:o}", "addon", addon_row(call, &call->account->cluster.addons.at[i]));
    return call_fail(call, "ResourceNotFoundException", "No addon: %s found in cluster: %s", name, call->account->cluster.name);
}

/* What is asked for holds at once; that it is done is said a little later. */

#define UPDATE_MS (90 * SECOND_MS)

static json_t *update_row(const struct aws_call *call, size_t at)
{
    int64_t asked = world_account(call->sim, call->account)->by_hand.cluster_updates.at[at];
    char id[37];
    world_uuid(call->sim, call->account->cluster.name, -2 - (int64_t)at, id);
    return json_pack("{s:{s:s, s:s, s:s, s:[], s:o, s:[]}}", "update", "id", id, "status",
                     call->now < asked + UPDATE_MS ? "InProgress" : "Successful", "type", "ConfigUpdate", "params", "createdAt",
                     call_time(asked), "errors");
}

json_t *eks_cluster_update(const struct aws_call *call, const char *id)
{
    for (size_t i = 0; i < world_account(call->sim, call->account)->by_hand.cluster_updates.len; i++) {
        json_t *row = update_row(call, i);
        if (text_equal(json_text(row, "update.id"), id))
            return row;
        json_decref(row);
    }
    return NULL;
}

static void set_log_kinds(const struct aws_call *call, const json_t *setups)
{
    struct by_hand *h = &world_account(call->sim, call->account)->by_hand;
    json_t *before = log_kinds(call), *after = json_array(), *setup;
    for (size_t k = 0, i; k < KINDS; k++) {
        bool on = json_array_size(before) && call_in(before, kinds[k]);
        json_array_foreach(setups, i, setup)
            if (json_array_size(json_object_get(setup, "types")) && call_in(json_object_get(setup, "types"), kinds[k]))
                on = json_flag(setup, "enabled", false);
        if (on)
            json_array_append_new(after, json_string(kinds[k]));
    }
    json_decref(before);
    json_decref(h->log_kinds);
    h->log_kinds = after;
}

static json_t *update_cluster_config(struct aws_call *call)
{
    static const char *const members[] = {"endpointPublicAccess", "endpointPrivateAccess", "publicAccessCidrs"};
    struct by_hand *h = &world_account(call->sim, call->account)->by_hand;
    const json_t *vpc = json_object_get(call->input, "resourcesVpcConfig"), *logs = json_at(call->input, "logging.clusterLogging");
    const char *name = json_text_or(call->input, "name", "");
    if (!has_cluster(call) || strcmp(name, call->account->cluster.name) != 0)
        return call_fail(call, "ResourceNotFoundException", "No cluster found for name: %s.", name);
    if (!vpc == !logs)
        return call_fail(call, "InvalidParameterException", "Only one type of update can be allowed.");
    if (h->cluster_updates.len && call->now < h->cluster_updates.at[h->cluster_updates.len - 1] + UPDATE_MS)
        return call_fail(call, "ResourceInUseException", "Cannot %s because cluster %s currently has an update in progress", "ConfigUpdate", name);
    if (logs)
        set_log_kinds(call, logs);
    if (vpc && !h->endpoint)
        h->endpoint = json_object();
    for (size_t i = 0; vpc && i < sizeof members / sizeof *members; i++)
        if (json_object_get(vpc, members[i]))
            json_object_set(h->endpoint, members[i], json_object_get(vpc, members[i]));
    *vec_add(&h->cluster_updates) = call->now;
    return update_row(call, h->cluster_updates.len - 1);
}

const struct aws_handler aws_eks[] = {{"eks", "DescribeCluster", describe_cluster},
                                      {"eks", "ListClusters", list_clusters},
                                      {"eks", "UpdateClusterConfig", update_cluster_config},
                                      {"eks", "DescribeClusterVersions", describe_cluster_versions},
                                      {"eks", "ListFargateProfiles", list_fargate_profiles},
                                      {"eks", "DescribeFargateProfile", describe_fargate_profile},
                                      {"eks", "ListAddons", list_addons},
                                      {"eks", "DescribeAddon", describe_addon},
                                      {"eks", "ListNodegroups", eks_list_nodegroups},
                                      {"eks", "DescribeNodegroup", eks_describe_nodegroup},
                                      {"eks", "UpdateNodegroupConfig", eks_update_nodegroup_config},
                                      {"eks", "DescribeUpdate", eks_describe_update},
                                      {NULL}};
