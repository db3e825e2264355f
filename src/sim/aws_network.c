/* EC2: the VPC and what is in it, and the instances of the managed node group. */
#include <stdlib.h>
#include <string.h>

#include "sim/aws.h"

#define INSTANCES_MAX 64

static const struct account_network *network_of(const struct aws_call *call)
{
    const struct account_network *n = &call->account->network;
    return strcmp(call->region, call->account->region) == 0 && n->vpc.id ? n : NULL;
}

static json_t *tags(const char *name) { return name ? json_pack("[{s:s, s:s}]", "Key", "Name", "Value", name) : json_array(); }

static json_t *strings(const texts *list)
{
    json_t *out = json_array();
    for (size_t i = 0; i < list->len; i++)
        json_array_append_new(out, json_string(list->at[i]));
    return out;
}

/* Does the request want a row of this id, in the VPC? Asked for by name and not there is an error of EC2's own. */
static bool wanted(const struct aws_call *call, const char *ids, const char *filter, const char *id)
{
    return call_in(json_object_get(call->input, ids), id) && call_filter(call->input, filter, id) &&
           call_filter(call->input, "vpc-id", call->account->network.vpc.id);
}

static json_t *page_of(struct aws_call *call, json_t *all, const char *list, const char *ids, const char *missing)
{
    const struct call_page page = {list, "NextToken", "NextToken", "MaxResults", 5, 1000, 1000, "InvalidParameterValue", NULL};
    const json_t *named = json_object_get(call->input, ids);
    if (json_array_size(named) > json_array_size(all)) {
        json_decref(all);
        return call_fail(call, missing, "The ID '%s' does not exist", json_string_value(json_array_get(named, 0)));
    }
    return call_page(call, all, &page);
}

static json_t *describe_vpcs(struct aws_call *call)
{
    const struct account_network *n = network_of(call);
    json_t *all = json_array();
    if (n && wanted(call, "VpcIds", "vpc-id", n->vpc.id))
        json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:[{s:s, s:s, s:{s:s}}], s:o}", "VpcId", n->vpc.id, "OwnerId",
                                             call->account->id, "State", "available", "CidrBlock", n->vpc.cidr, "DhcpOptionsId",
                                             "dopt-0a1b2c3d4e5f60718", "InstanceTenancy", "default", "IsDefault", 0, "CidrBlockAssociationSet",
                                             "AssociationId", "vpc-cidr-assoc-0a1b2c3d4e5f60718", "CidrBlock", n->vpc.cidr, "CidrBlockState", "State",
                                             "associated", "Tags", tags(n->vpc.name)));
    return page_of(call, all, "Vpcs", "VpcIds", "InvalidVpcID.NotFound");
}

/* AWS keeps five addresses of a subnet for itself; what else is taken is the scenario's guess. */
static int64_t free_addresses(const struct net_subnet *s)
{
    const char *slash = strchr(s->cidr, '/');
    int64_t bits = slash ? atoi(slash + 1) : 24, size = INT64_C(1) << (32 - (bits > 16 && bits < 29 ? bits : 24));
    return size - 5 - size / 16;
}

static json_t *describe_subnets(struct aws_call *call)
{
    const struct account_network *n = network_of(call);
    const struct account *a = call->account;
    json_t *all = json_array();
    for (size_t i = 0; n && i < n->subnets.len; i++) {
        const struct net_subnet *s = &n->subnets.at[i];
        if (wanted(call, "SubnetIds", "subnet-id", s->id) && call_filter(call->input, "availability-zone", s->zone))
            json_array_append_new(
                all, json_pack("{s:s, s:o, s:s, s:s, s:s, s:s, s:s, s:I, s:b, s:b, s:b, s:[], s:o}", "SubnetId", s->id, "SubnetArn",
                               call_text("arn:aws:ec2:%s:%s:subnet/%s", a->region, a->id, s->id), "OwnerId", a->id, "VpcId", n->vpc.id, "State",
                               "available", "CidrBlock", s->cidr, "AvailabilityZone", s->zone, "AvailableIpAddressCount",
                               (json_int_t)free_addresses(s), "DefaultForAz", 0, "MapPublicIpOnLaunch", s->public_addresses,
                               "AssignIpv6AddressOnCreation", 0, "Ipv6CidrBlockAssociationSet", "Tags", tags(s->name)));
    }
    return page_of(call, all, "Subnets", "SubnetIds", "InvalidSubnetID.NotFound");
}

/* Route tables. */

static json_t *route(const struct net_route *r)
{
    json_t *out = json_pack("{s:s, s:s}", "State", "active", "Origin", strcmp(r->via, "local") == 0 ? "CreateRouteTable" : "CreateRoute");
    const char *to = text_starts(r->to, "pl-") ? "DestinationPrefixListId" : strchr(r->to, ':') ? "DestinationIpv6CidrBlock" : "DestinationCidrBlock";
    const char *via = text_starts(r->via, "nat-") ? "NatGatewayId" : text_starts(r->via, "eigw-") ? "EgressOnlyInternetGatewayId" : "GatewayId";
    json_object_set_new(out, to, json_string(r->to));
    json_object_set_new(out, via, json_string(r->via));
    return out;
}

static json_t *associations(const struct account_network *n, const struct net_table *t)
{
    json_t *out = json_array();
    if (t->main)
        json_array_append_new(out, json_pack("{s:b, s:o, s:s, s:{s:s}}", "Main", 1, "RouteTableAssociationId", call_text("rtbassoc-%s", t->id + 4),
                                             "RouteTableId", t->id, "AssociationState", "State", "associated"));
    for (size_t i = 0; i < n->subnets.len; i++)
        if (text_equal(n->subnets.at[i].table, t->id))
            json_array_append_new(out, json_pack("{s:b, s:o, s:s, s:s, s:{s:s}}", "Main", 0, "RouteTableAssociationId",
                                                 call_text("rtbassoc-%s", n->subnets.at[i].id + 7), "RouteTableId", t->id, "SubnetId",
                                                 n->subnets.at[i].id, "AssociationState", "State", "associated"));
    return out;
}

static json_t *describe_route_tables(struct aws_call *call)
{
    const struct account_network *n = network_of(call);
    json_t *all = json_array();
    for (size_t i = 0; n && i < n->tables.len; i++) {
        const struct net_table *t = &n->tables.at[i];
        json_t *routes = json_array();
        for (size_t k = 0; k < t->routes.len; k++)
            json_array_append_new(routes, route(&t->routes.at[k]));
        if (wanted(call, "RouteTableIds", "route-table-id", t->id))
            json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:o, s:O, s:[], s:o}", "RouteTableId", t->id, "VpcId", n->vpc.id, "OwnerId",
                                                 call->account->id, "Associations", associations(n, t), "Routes", routes, "PropagatingVgws", "Tags",
                                                 tags(t->name)));
        json_decref(routes);
    }
    return page_of(call, all, "RouteTables", "RouteTableIds", "InvalidRouteTableID.NotFound");
}

/* Endpoints. */

static json_t *endpoint_row(const struct aws_call *call, const struct account_network *n, const struct net_endpoint *e)
{
    json_t *groups = json_array();
    for (size_t i = 0; i < e->groups.len; i++)
        json_array_append_new(groups, json_pack("{s:s, s:s}", "GroupId", e->groups.at[i], "GroupName", "endpoints"));
    return json_pack("{s:s, s:s, s:s, s:o, s:s, s:b, s:b, s:o, s:o, s:o, s:s, s:o, s:[]}", "VpcEndpointId", e->id, "VpcEndpointType",
                     e->gateway ? "Gateway" : "Interface", "VpcId", n->vpc.id, "ServiceName",
                     call_text("com.amazonaws.%s.%s", call->account->region, e->service), "State", e->state ? e->state : "available",
                     "PrivateDnsEnabled", e->private_dns, "RequesterManaged", 0, "RouteTableIds", strings(&e->tables), "SubnetIds",
                     strings(&e->subnets), "Groups", groups, "OwnerId", call->account->id, "CreationTimestamp",
                     call_time((sim_start(call->sim) - call->account->age / 2) / 1000 * 1000), "Tags");
}

static json_t *describe_vpc_endpoints(struct aws_call *call)
{
    const struct account_network *n = network_of(call);
    json_t *all = json_array();
    for (size_t i = 0; n && i < n->endpoints.len; i++)
        if (wanted(call, "VpcEndpointIds", "vpc-endpoint-id", n->endpoints.at[i].id))
            json_array_append_new(all, endpoint_row(call, n, &n->endpoints.at[i]));
    return page_of(call, all, "VpcEndpoints", "VpcEndpointIds", "InvalidVpcEndpointId.NotFound");
}

/* "443", "1024-65535" */
static bool ports_read(const char *ports, int64_t *from, int64_t *to)
{
    const char *dash = ports ? strchr(ports, '-') : NULL;
    *from = ports ? atoi(ports) : 0;
    *to = dash ? atoi(dash + 1) : *from;
    return ports != NULL;
}

/* Network ACLs: the last entry, which refuses what no other took, is in each. */

static json_t *entry(const struct net_acl_rule *r)
{
    static const char *const numbers[][2] = {{"tcp", "6"}, {"udp", "17"}, {"icmp", "1"}};
    const char *protocol = "-1";
    int64_t from, to;
    for (size_t i = 0; r->protocol && i < 3; i++)
        protocol = strcmp(r->protocol, numbers[i][0]) == 0 ? numbers[i][1] : protocol;
    json_t *out = json_pack("{s:s, s:b, s:s, s:s, s:I}", strchr(r->cidr, ':') ? "Ipv6CidrBlock" : "CidrBlock", r->cidr, "Egress", r->egress,
                            "Protocol", protocol, "RuleAction", r->deny ? "deny" : "allow", "RuleNumber", (json_int_t)r->number);
    if (ports_read(r->ports, &from, &to))
        json_object_set_new(out, "PortRange", json_pack("{s:I, s:I}", "From", (json_int_t)from, "To", (json_int_t)to));
    return out;
}

static json_t *entries(const struct net_acl *acl)
{
    char everyone[] = "0.0.0.0/0";
    struct net_acl_rule last = {.cidr = everyone, .number = 32767, .deny = true};
    json_t *out = json_array();
    for (size_t i = 0; i < acl->rules.len; i++)
        json_array_append_new(out, entry(&acl->rules.at[i]));
    json_array_append_new(out, entry(&last));
    last.egress = true;
    json_array_append_new(out, entry(&last));
    return out;
}

static json_t *describe_network_acls(struct aws_call *call)
{
    const struct account_network *n = network_of(call);
    json_t *all = json_array();
    for (size_t i = 0; n && i < n->acls.len; i++) {
        const struct net_acl *acl = &n->acls.at[i];
        json_t *links = json_array();
        for (size_t k = 0; k < n->subnets.len; k++)
            if (n->subnets.at[k].acl ? strcmp(n->subnets.at[k].acl, acl->id) == 0 : acl->is_default)
                json_array_append_new(links, json_pack("{s:o, s:s, s:s}", "NetworkAclAssociationId",
                                                       call_text("aclassoc-%s", n->subnets.at[k].id + 7),
                                                       "NetworkAclId", acl->id, "SubnetId", n->subnets.at[k].id));
        if (wanted(call, "NetworkAclIds", "network-acl-id", acl->id))
            json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:b, s:O, s:o, s:o}", "NetworkAclId", acl->id, "VpcId", n->vpc.id, "OwnerId",
                                                 call->account->id, "IsDefault", acl->is_default, "Associations", links, "Entries", entries(acl),
                                                 "Tags", tags(acl->name)));
        json_decref(links);
    }
    return page_of(call, all, "NetworkAcls", "NetworkAclIds", "InvalidNetworkAclID.NotFound");
}

/* Security groups. */

static json_t *permission(const struct aws_call *call, const struct net_permission *p)
{
    json_t *ranges = json_array(), *ranges6 = json_array(), *groups = json_array(), *lists = json_array();
    int64_t from, to;
    for (size_t i = 0; i < p->peers.len; i++) {
        const char *peer = p->peers.at[i];
        if (text_starts(peer, "sg-"))
            json_array_append_new(groups, json_pack("{s:s, s:s}", "GroupId", peer, "UserId", call->account->id));
        else if (text_starts(peer, "pl-"))
            json_array_append_new(lists, json_pack("{s:s}", "PrefixListId", peer));
        else if (strchr(peer, ':'))
            json_array_append_new(ranges6, json_pack("{s:s}", "CidrIpv6", peer));
        else
            json_array_append_new(ranges, json_pack("{s:s}", "CidrIp", peer));
    }
    json_t *out = json_pack("{s:s, s:o, s:o, s:o, s:o}", "IpProtocol", p->protocol ? p->protocol : p->ports ? "tcp" : "-1", "IpRanges", ranges,
                            "Ipv6Ranges", ranges6, "UserIdGroupPairs", groups, "PrefixListIds", lists);
    if (ports_read(p->ports, &from, &to)) {
        json_object_set_new(out, "FromPort", json_integer((json_int_t)from));
        json_object_set_new(out, "ToPort", json_integer((json_int_t)to));
    }
    return out;
}

static json_t *group_row(const struct aws_call *call, const struct account_network *n, const struct net_group *g)
{
    json_t *in = json_array(), *out = json_array();
    for (size_t i = 0; i < g->ingress.len; i++)
        json_array_append_new(in, permission(call, &g->ingress.at[i]));
    for (size_t i = 0; i < g->egress.len; i++)
        json_array_append_new(out, permission(call, &g->egress.at[i]));
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "GroupId", g->id, "GroupName", g->name, "Description", g->about ? g->about : g->name,
                     "VpcId", n->vpc.id, "OwnerId", call->account->id, "IpPermissions", in, "IpPermissionsEgress", out, "Tags", tags(NULL));
}

static json_t *describe_security_groups(struct aws_call *call)
{
    const struct account_network *n = network_of(call);
    json_t *all = json_array();
    for (size_t i = 0; n && i < n->groups.len; i++)
        if (wanted(call, "GroupIds", "group-id", n->groups.at[i].id) && call_filter(call->input, "group-name", n->groups.at[i].name))
            json_array_append_new(all, group_row(call, n, &n->groups.at[i]));
    return page_of(call, all, "SecurityGroups", "GroupIds", "InvalidGroup.NotFound");
}

/* Instances: the nodes of the managed group. */

const char *network_subnet_in(const struct account *a, const char *zone)
{
    for (size_t i = 0; i < a->network.subnets.len; i++)
        if (strcmp(a->network.subnets.at[i].zone, zone) == 0)
            return a->network.subnets.at[i].id;
    return "subnet-0";
}

static json_t *instance_row(const struct aws_call *call, const struct sim_instance *i)
{
    const struct account *a = call->account;
    return json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:s, s:{s:i, s:s}, s:{s:s, s:s}, s:[{s:s, s:s}, {s:s, s:s}]}", "InstanceId", i->id,
                     "InstanceType", i->type, "LaunchTime", call_time(i->launched_at / 1000 * 1000), "PrivateIpAddress", i->address, "PrivateDnsName",
                     i->name, "SubnetId", network_subnet_in(a, i->zone), "VpcId", a->network.vpc.id ? a->network.vpc.id : "vpc-0", "State", "Code",
                     16, "Name", "running", "Placement", "AvailabilityZone", i->zone, "Tenancy", "default", "Tags", "Key", "Name", "Value", i->name,
                     "Key", "eks:nodegroup-name", "Value", "addons");
}

static json_t *describe_instances(struct aws_call *call)
{
    const struct account *a = call->account;
    const struct kube_sim *cluster = call->sim->clusters[a - call->sim->scenario->accounts.at];
    struct sim_instance *found = mem_new_array(INSTANCES_MAX, sizeof *found);
    size_t count = cluster && strcmp(call->region, a->region) == 0 ? kube_sim_instances(cluster, found, INSTANCES_MAX) : 0;
    json_t *all = json_array();
    for (size_t i = 0; i < count; i++)
        if (call_in(json_object_get(call->input, "InstanceIds"), found[i].id) && call_filter(call->input, "instance-id", found[i].id) &&
            call_filter(call->input, "instance-state-name", "running"))
            json_array_append_new(all, json_pack("{s:o, s:s, s:[o]}", "ReservationId", call_text("r-%s", found[i].id + 2), "OwnerId", a->id,
                                                 "Instances", instance_row(call, &found[i])));
    free(found);
    return page_of(call, all, "Reservations", "InstanceIds", "InvalidInstanceID.NotFound");
}

static json_t *get_ebs_encryption_by_default(struct aws_call *call)
{
    return json_pack("{s:b, s:s}", "EbsEncryptionByDefault", call->account->network.ebs_encryption, "SseType",
                     call->account->network.ebs_encryption ? "sse-kms" : "none");
}

const struct aws_handler aws_network[] = {{"ec2", "DescribeVpcs", describe_vpcs},
                                          {"ec2", "DescribeSubnets", describe_subnets},
                                          {"ec2", "DescribeRouteTables", describe_route_tables},
                                          {"ec2", "DescribeVpcEndpoints", describe_vpc_endpoints},
                                          {"ec2", "DescribeNetworkAcls", describe_network_acls},
                                          {"ec2", "DescribeSecurityGroups", describe_security_groups},
                                          {"ec2", "DescribeInstances", describe_instances},
                                          {"ec2", "GetEbsEncryptionByDefault", get_ebs_encryption_by_default},
                                          {NULL}};
