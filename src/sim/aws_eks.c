/* EKS: where each account's cluster answers. */
#include <string.h>

#include "sim/aws_world.h"

static bool has_cluster(const struct aws_call *call) { return call->account->cluster.name && strcmp(call->region, call->account->region) == 0; }

static json_t *list_clusters(struct aws_call *call)
{
    static const struct call_page page = {"clusters", "nextToken", "nextToken", "maxResults", 1, 100, 100, "InvalidParameterException", NULL};
    json_t *all = json_array();
    if (has_cluster(call))
        json_array_append_new(all, json_string(call->account->cluster.name));
    return call_page(call, all, &page);
}

static json_t *network(const struct cluster *c)
{
    json_t *subnets = json_array();
    for (size_t i = 0; i < c->subnets.len; i++)
        json_array_append_new(subnets, json_string(c->subnets.at[i]));
    return json_pack("{s:o, s:[], s:s, s:s, s:b, s:b, s:[s]}", "subnetIds", subnets, "securityGroupIds", "clusterSecurityGroupId", "sg-0f1e2d3c4b5a69788",
                     "vpcId", c->vpc ? c->vpc : "vpc-0", "endpointPublicAccess", 1, "endpointPrivateAccess", 1, "publicAccessCidrs", "0.0.0.0/0");
}

static json_t *describe_cluster(struct aws_call *call)
{
    const struct account *a = call->account;
    const struct cluster *c = &a->cluster;
    const char *name = json_text_or(call->input, "name", "");
    if (!has_cluster(call) || strcmp(name, c->name) != 0)
        return call_fail(call, "ResourceNotFoundException", "No cluster found for name: %s.", name);
    return json_pack("{s:{s:s, s:o, s:o, s:s, s:o, s:o, s:o, s:{s:s, s:s}, s:s, s:{}, s:s, s:{}, s:{s:s}}}", "cluster", "name", c->name, "arn",
                     call_text("arn:aws:eks:%s:%s:cluster/%s", a->region, a->id, c->name), "createdAt", call_time(sim_start(call->sim) - c->age), "version",
                     c->version, "endpoint", call_text("http://127.0.0.1:%d/k8s/%s/%s", call->sim->port, a->id, c->name), "roleArn",
                     call_text("arn:aws:iam::%s:role/%s-cluster", a->id, c->name), "resourcesVpcConfig", network(c), "kubernetesNetworkConfig",
                     "serviceIpv4Cidr", "172.20.0.0/16", "ipFamily", "ipv4", "status", "ACTIVE", "certificateAuthority", "platformVersion",
                     c->platform ? c->platform : "eks.1", "tags", "accessConfig", "authenticationMode", "API");
}

const struct aws_handler aws_eks[] = {{"eks", "DescribeCluster", describe_cluster},
                                      {"eks", "ListClusters", list_clusters},
                                      {"eks", "ListNodegroups", eks_list_nodegroups},
                                      {"eks", "DescribeNodegroup", eks_describe_nodegroup},
                                      {"eks", "UpdateNodegroupConfig", eks_update_nodegroup_config},
                                      {"eks", "DescribeUpdate", eks_describe_update},
                                      {NULL}};
