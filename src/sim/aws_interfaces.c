/* EC2's network interfaces: of pods on Fargate, of nodes with the addresses of their other pods, of load balancers, databases and endpoints. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "sim/aws.h"

#define PODS_MAX      20000
#define INSTANCES_MAX 64

struct listing {
    const struct aws_call *call;
    json_t *all;
    int next; /* of the addresses that nobody else names */
};

struct card { /* an interface */
    const char *subnet, *address, *about, *instance; /* address: NULL: one of the subnet's; instance: NULL: none */
    json_t *groups, *more;                           /* ids; further addresses. Taken */
};

static const struct net_subnet *subnet_called(const struct account *a, const char *id)
{
    for (size_t i = 0; i < a->network.subnets.len; i++)
        if (text_equal(a->network.subnets.at[i].id, id))
            return &a->network.subnets.at[i];
    return NULL;
}

static const char *address_in(struct listing *l, const struct net_subnet *subnet, char *out, size_t size)
{
    const char *last = strrchr(subnet->cidr, '.');
    text_format(out, size, "%.*s.%d", (int)(last ? last - subnet->cidr : 0), subnet->cidr, 250 - l->next++ % 60);
    return out;
}

static json_t *group_rows(const struct account *a, const json_t *ids)
{
    json_t *rows = json_array();
    size_t i;
    json_t *id;
    json_array_foreach(ids, i, id) {
        const char *name = "";
        for (size_t k = 0; k < a->network.groups.len; k++)
            name = text_equal(a->network.groups.at[k].id, json_string_value(id)) ? a->network.groups.at[k].name : name;
        json_array_append_new(rows, json_pack("{s:O, s:s}", "GroupId", id, "GroupName", name));
    }
    return rows;
}

static json_t *address_rows(const char *own, const json_t *more)
{
    json_t *rows = json_pack("[{s:b, s:s}]", "Primary", 1, "PrivateIpAddress", own);
    size_t i;
    json_t *one;
    json_array_foreach(more, i, one)
        json_array_append_new(rows, json_pack("{s:b, s:O}", "Primary", 0, "PrivateIpAddress", one));
    return rows;
}

static void add(struct listing *l, const struct card *c)
{
    const struct account *a = l->call->account;
    const struct net_subnet *subnet = subnet_called(a, c->subnet);
    char own[20] = "", id[40];
    unsigned hash = 2166136261u;
    if (subnet) {
        const char *address = c->address ? c->address : address_in(l, subnet, own, sizeof own);
        for (const char *p = address; *p; p++)
            hash = (hash ^ (unsigned char)*p) * 16777619u;
        text_format(id, sizeof id, "eni-0%08x%08x", hash, hash * 2654435761u);
        json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:[], s:b}", "NetworkInterfaceId", id, "SubnetId", subnet->id, "VpcId",
                                a->network.vpc.id, "AvailabilityZone", subnet->zone, "Description", c->about, "Status", "in-use", "PrivateIpAddress",
                                address, "PrivateIpAddresses", address_rows(address, c->more), "Groups", group_rows(a, c->groups), "TagSet",
                                "RequesterManaged",
                                c->instance == NULL);
        if (c->instance)
            json_object_set_new(row, "Attachment", json_pack("{s:s, s:i, s:s}", "InstanceId", c->instance, "DeviceIndex", 0, "Status", "attached"));
        bool wanted = call_in(json_object_get(l->call->input, "NetworkInterfaceIds"), id) && call_filter(l->call->input, "subnet-id", subnet->id) &&
                      call_filter(l->call->input, "network-interface-id", id);
        if (wanted)
            json_array_append(l->all, row);
        json_decref(row);
    }
    json_decref(c->groups);
    json_decref(c->more);
}

static json_t *ids_of(const network_texts *list)
{
    json_t *out = json_array();
    for (size_t i = 0; i < list->len; i++)
        json_array_append_new(out, json_string(list->at[i]));
    return out;
}

static json_t *one_id(const char *id) { return json_pack("[s]", id ? id : EKS_GROUP); }

static void add_nodes(struct listing *l, const struct kube_sim *cluster, const struct sim_pod_address *pods, size_t count)
{
    struct sim_instance *found = mem_new_array(INSTANCES_MAX, sizeof *found);
    size_t nodes = kube_sim_instances(cluster, found, INSTANCES_MAX);
    for (size_t i = 0; i < nodes; i++) {
        json_t *more = json_array();
        for (size_t k = 0; k < count; k++)
            if (!pods[k].own && !strcmp(pods[k].node, found[i].name) && strcmp(pods[k].ip, found[i].address) != 0)
                json_array_append_new(more, json_string(pods[k].ip));
        add(l, &(struct card){.subnet = network_subnet_in(l->call->account, found[i].zone), .address = found[i].address, .about = "",
                              .instance = found[i].id, .groups = one_id(NULL), .more = more});
    }
    free(found);
}

static void add_cluster(struct listing *l)
{
    const struct account *a = l->call->account;
    const struct kube_sim *cluster = l->call->sim->clusters[a - l->call->sim->scenario->accounts.at];
    if (!cluster)
        return;
    struct sim_pod_address *pods = mem_resize(NULL, PODS_MAX, sizeof *pods);
    size_t count = kube_sim_addresses(cluster, pods, PODS_MAX);
    add_nodes(l, cluster, pods, count);
    for (size_t i = 0; i < count; i++)
        if (pods[i].own)
            add(l, &(struct card){.subnet = network_subnet_in(a, pods[i].zone), .address = pods[i].ip, .about = "", .groups = one_id(pods[i].group)});
    free(pods);
}

static void add_balancers(struct listing *l)
{
    const struct account_network *n = &l->call->account->network;
    char about[140];
    for (size_t i = 0; i < n->balancers.len; i++)
        for (size_t k = 0; k < n->balancers.at[i].subnets.len; k++) {
            text_format(about, sizeof about, "ELB app/%s/%s", n->balancers.at[i].name, n->balancers.at[i].id);
            add(l, &(struct card){.subnet = n->balancers.at[i].subnets.at[k], .about = about, .groups = ids_of(&n->balancers.at[i].groups)});
        }
    for (size_t i = 0; i < n->endpoints.len; i++)
        for (size_t k = 0; !n->endpoints.at[i].gateway && k < n->endpoints.at[i].subnets.len; k++) {
            text_format(about, sizeof about, "VPC Endpoint Interface %s", n->endpoints.at[i].id);
            add(l, &(struct card){.subnet = n->endpoints.at[i].subnets.at[k], .about = about, .groups = ids_of(&n->endpoints.at[i].groups)});
        }
}

/* One where its primary is, one where its standby is. */
static void add_databases(struct listing *l)
{
    const struct account *a = l->call->account;
    for (size_t i = 0; i < a->databases.len; i++) {
        const struct db_instance *db = &a->databases.at[i];
        for (size_t k = 0; k < db->subnets.len; k++) {
            const struct net_subnet *subnet = subnet_called(a, db->subnets.at[k]);
            json_t *groups = json_array();
            for (size_t g = 0; g < db->groups.len; g++)
                json_array_append_new(groups, json_string(db->groups.at[g]));
            if (subnet && (text_equal(subnet->zone, db->zone) || text_equal(subnet->zone, db->standby_zone)))
                add(l, &(struct card){.subnet = subnet->id, .about = "RDSNetworkInterface", .groups = json_incref(groups)});
            json_decref(groups);
        }
    }
}

static json_t *describe_network_interfaces(struct aws_call *call)
{
    static const struct call_page page = {"NetworkInterfaces", "NextToken", "NextToken", "MaxResults", 5, 1000, 1000, "InvalidParameterValue", NULL};
    struct listing l = {.call = call, .all = json_array()};
    const json_t *named = json_object_get(call->input, "NetworkInterfaceIds");
    if (strcmp(call->region, call->account->region) == 0 && call->account->network.vpc.id) {
        add_cluster(&l);
        add_balancers(&l);
        add_databases(&l);
    }
    if (json_array_size(named) > json_array_size(l.all)) {
        json_decref(l.all);
        return call_fail(call, "InvalidNetworkInterfaceID.NotFound", "The networkInterface ID '%s' does not exist",
                         json_string_value(json_array_get(named, 0)));
    }
    return call_page(call, l.all, &page);
}

const struct aws_handler aws_interfaces[] = {{"ec2", "DescribeNetworkInterfaces", describe_network_interfaces}, {NULL}};
