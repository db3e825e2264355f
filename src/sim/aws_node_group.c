/* EKS: the cluster's managed node group and the updates of its configuration. The nodes themselves come and go in the cluster. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sim/aws_world.h"

#define NAME "addons" /* as the nodes' label eks.amazonaws.com/nodegroup says */

void node_group_begin(struct sim *sim, size_t account, struct world_account *state)
{
    const struct account *a = &sim->scenario->accounts.at[account];
    struct node_group_state *group = &state->nodes;
    int64_t size = sim->clusters[account] ? (int64_t)kube_sim_nodes(sim->clusters[account]) : 0;
    *group = (struct node_group_state){.sim = sim, .account = account, .there = size > 0 || a->cluster.nodes.max > 0, .desired = size};
    group->min = a->cluster.nodes.max ? a->cluster.nodes.min : size;
    group->max = a->cluster.nodes.max ? a->cluster.nodes.max : size;
    group->created = group->modified = sim_start(sim) - a->cluster.age / 2;
    group->labels = json_pack("{s:s}", "role", NAME);
}

static struct node_group_state *find(struct aws_call *call, const char *cluster, const char *name)
{
    const struct account *a = call->account;
    struct node_group_state *group = &world_account(call->sim, a)->nodes;
    if (!a->cluster.name || strcmp(call->region, a->region) != 0 || strcmp(cluster, a->cluster.name) != 0)
        call_fail(call, "ResourceNotFoundException", "No cluster found for name: %s.", cluster);
    else if (name && (!group->there || strcmp(name, NAME) != 0))
        call_fail(call, "ResourceNotFoundException", "No node group found for name: %s.", name);
    else
        return group;
    return NULL;
}

json_t *eks_list_nodegroups(struct aws_call *call)
{
    static const struct call_page page = {"nodegroups", "nextToken", "nextToken", "maxResults", 1, 100, 100, "InvalidParameterException", NULL};
    const struct node_group_state *group = find(call, json_text_or(call->input, "clusterName", ""), NULL);
    if (!group)
        return NULL;
    return call_page(call, group->there ? json_pack("[s]", NAME) : json_array(), &page);
}

static json_t *subnets(const struct cluster *c)
{
    json_t *list = json_array();
    for (size_t i = 0; i < c->subnets.len; i++)
        json_array_append_new(list, json_string(c->subnets.at[i]));
    return list;
}

static json_t *scaling(const struct node_group_state *g)
{
    return json_pack("{s:I, s:I, s:I}", "minSize", (json_int_t)g->min, "maxSize", (json_int_t)g->max, "desiredSize", (json_int_t)g->desired);
}

json_t *eks_describe_nodegroup(struct aws_call *call)
{
    const struct account *a = call->account;
    const struct cluster *c = &a->cluster;
    const struct node_group_state *g =
        find(call, json_text_or(call->input, "clusterName", ""), json_text_or(call->input, "nodegroupName", ""));
    char id[37];
    if (!g)
        return NULL;
    world_uuid(call->sim, c->name, -1, id);
    return json_pack("{s:{s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:s, s:s, s:o, s:[s], s:o, s:s, s:o, s:O, s:{s:[{s:o}]}, s:i, s:{s:[]}, s:{s:i}, s:{}}}",
                     "nodegroup", "nodegroupName", NAME, "nodegroupArn",
                     call_text("arn:aws:eks:%s:%s:nodegroup/%s/%s/%s", a->region, a->id, c->name, NAME, id), "clusterName", c->name, "version",
                     c->version, "releaseVersion", call_text("%s.1-20251117", c->version), "createdAt", call_time(g->created), "modifiedAt",
                     call_time(g->modified), "status", g->busy ? "UPDATING" : "ACTIVE", "capacityType", "ON_DEMAND", "scalingConfig", scaling(g),
                     "instanceTypes", "t3.medium", "subnets", subnets(c), "amiType", "AL2023_x86_64_STANDARD", "nodeRole",
                     call_text("arn:aws:iam::%s:role/%s-nodes", a->id, c->name), "labels", g->labels, "resources", "autoScalingGroups", "name",
                     call_text("eks-%s-%s", NAME, id), "diskSize", 20, "health", "issues", "updateConfig", "maxUnavailable", 1, "tags");
}

/* Updates. */

static json_t *update_row(const struct node_update *u)
{
    return json_pack("{s:{s:s, s:s, s:s, s:O, s:o, s:[]}}", "update", "id", u->id, "status", u->done ? "Successful" : "InProgress", "type",
                     "ConfigUpdate", "params", u->params, "createdAt", call_time(u->at), "errors");
}

static void update_done(struct sim *sim, void *what, int64_t at)
{
    struct node_group_state *g = what;
    (void)sim;
    g->updates.at[g->updates.len - 1]->done = true;
    g->busy = false;
    g->modified = at;
}

static bool sizes_good(struct aws_call *call, int64_t min, int64_t max, int64_t desired)
{
    if (min < 0 || max < 1 || desired < 0)
        return call_fail(call, "InvalidParameterException", "Sizes must not be negative, and the maximum must be at least 1") != NULL;
    if (min > max)
        return call_fail(call, "InvalidParameterException", "Minimum capacity %lld can't be greater than maximum size %lld", (long long)min,
                         (long long)max) != NULL;
    if (min > desired)
        return call_fail(call, "InvalidParameterException", "Minimum capacity %lld can't be greater than desired size %lld", (long long)min,
                         (long long)desired) != NULL;
    if (desired > max)
        return call_fail(call, "InvalidParameterException", "desired capacity %lld can't be greater than max size %lld", (long long)desired,
                         (long long)max) != NULL;
    return true;
}

static void add_param(json_t *params, const char *type, const json_t *value)
{
    if (json_is_integer(value))
        json_array_append_new(params, json_pack("{s:s, s:o}", "type", type, "value", call_text("%lld", (long long)json_integer_value(value))));
}

static struct node_update *new_update(struct aws_call *call, struct node_group_state *g, const json_t *sizes)
{
    struct node_update *u = mem_new(sizeof *u);
    *vec_add(&g->updates) = u;
    world_uuid(call->sim, call->account->cluster.name, (int64_t)g->updates.len, u->id);
    u->token = mem_strdup(json_text(call->input, "clientRequestToken"));
    u->at = call->now;
    u->params = json_array();
    add_param(u->params, "MinSize", json_object_get(sizes, "minSize"));
    add_param(u->params, "MaxSize", json_object_get(sizes, "maxSize"));
    add_param(u->params, "DesiredSize", json_object_get(sizes, "desiredSize"));
    return u;
}

static void take_labels(struct node_group_state *g, const json_t *labels)
{
    size_t i;
    json_t *name;
    json_object_update(g->labels, json_object_get(labels, "addOrUpdateLabels"));
    json_array_foreach(json_object_get(labels, "removeLabels"), i, name)
        json_object_del(g->labels, json_string_value(name));
}

/* The group says ACTIVE again before the last instance has come or gone: it is done once its Auto Scaling group knows. */
json_t *eks_update_nodegroup_config(struct aws_call *call)
{
    const json_t *sizes = json_object_get(call->input, "scalingConfig");
    const char *token = json_text(call->input, "clientRequestToken");
    struct node_group_state *g = find(call, json_text_or(call->input, "clusterName", ""), json_text_or(call->input, "nodegroupName", ""));
    if (!g)
        return NULL;
    for (size_t i = 0; token && i < g->updates.len; i++)
        if (g->updates.at[i]->token && strcmp(g->updates.at[i]->token, token) == 0)
            return update_row(g->updates.at[i]);
    if (g->busy)
        return call_fail(call, "ResourceInUseException", "Nodegroup cannot be updated as it is currently not in Active State");
    int64_t min = json_int(sizes, "minSize", g->min), max = json_int(sizes, "maxSize", g->max), desired = json_int(sizes, "desiredSize", g->desired);
    if (!sizes_good(call, min, max, desired))
        return NULL;
    struct node_update *u = new_update(call, g, sizes);
    take_labels(g, json_object_get(call->input, "labels"));
    g->min = min;
    g->max = max;
    g->desired = desired;
    g->busy = true;
    g->modified = call->now;
    kube_sim_scale_nodes(call->sim->clusters[g->account], (size_t)desired);
    world_at(call->sim, call->now + world_span(call->sim, u->id, 0, 20, 45) * SECOND_MS, update_done, g);
    return update_row(u);
}

json_t *eks_describe_update(struct aws_call *call)
{
    const char *id = json_text_or(call->input, "updateId", "");
    const struct node_group_state *g = find(call, json_text_or(call->input, "name", ""), json_text(call->input, "nodegroupName"));
    for (size_t i = 0; g && json_text(call->input, "nodegroupName") && i < g->updates.len; i++)
        if (strcmp(g->updates.at[i]->id, id) == 0)
            return update_row(g->updates.at[i]);
    json_t *own = g && !json_text(call->input, "nodegroupName") ? eks_cluster_update(call, id) : NULL;
    return own || !g ? own : call_fail(call, "ResourceNotFoundException", "No update found for ID: %s", id);
}
