/* The VPC and what is in it, once in ten minutes and only while somebody looks: a dozen calls, none of them paid for, of things that move with a
 * deployment. The parts come from calls of their own: what one may not read does not hide the others. */
#include <stdlib.h>

#include "base/mem.h"
#include "feeds/fields.h"
#include "feeds/map.h"
#include "feeds/network.h"


static const struct aws_call_options pages = {.all_pages = true};

/* A row's tag Name, or else what it is called otherwise. */
static void named(const json_t *row, const char *otherwise, char *out, size_t size)
{
    size_t i;
    json_t *tag;
    field_text(out, size, row, otherwise);
    json_array_foreach(json_object_get(row, "Tags"), i, tag)
        if (text_equal(json_text(tag, "Key"), "Name") && *json_text_or(tag, "Value", ""))
            field_text(out, size, tag, "Value");
}
#define NAMED(to, row, otherwise) named((row), (otherwise), (to), sizeof(to))

void map_vpc(const json_t *row, struct vpc *vpc)
{
    *vpc = (struct vpc){.is_default = json_flag(row, "IsDefault", false)};
    FIELD(vpc->id, row, "VpcId");
    FIELD(vpc->cidr, row, "CidrBlock");
    NAMED(vpc->name, row, "VpcId");
}

void map_subnet(const json_t *row, const struct network_plan *plan, struct subnet *subnet)
{
    *subnet = (struct subnet){.public_addresses = json_flag(row, "MapPublicIpOnLaunch", false),
                              .free = (int)json_int(row, "AvailableIpAddressCount", -1)};
    FIELD(subnet->id, row, "SubnetId");
    FIELD(subnet->vpc, row, "VpcId");
    FIELD(subnet->cidr, row, "CidrBlock");
    FIELD(subnet->zone, row, "AvailabilityZone");
    NAMED(subnet->name, row, "SubnetId");
    subnet->tier = network_tier(plan, subnet->cidr);
}

/* Route tables. */

static void map_route(const json_t *row, struct table_route *route)
{
    FIELD(route->to, row, "DestinationCidrBlock");
    if (!*route->to)
        FIELD(route->to, row, "DestinationIpv6CidrBlock");
    if (!*route->to)
        FIELD(route->to, row, "DestinationPrefixListId");
    FIELD(route->via, row, "GatewayId");
    if (!*route->via)
        FIELD(route->via, row, "NatGatewayId");
    if (!*route->via)
        FIELD(route->via, row, "EgressOnlyInternetGatewayId");
    if (!*route->via)
        FIELD(route->via, row, "TransitGatewayId");
    if (!*route->via)
        FIELD(route->via, row, "VpcPeeringConnectionId");
    if (!*route->via)
        FIELD(route->via, row, "NetworkInterfaceId");
    if (!*route->via)
        FIELD(route->via, row, "CarrierGatewayId");
    route->dead = text_equal(json_text(row, "State"), "blackhole");
}

void map_route_table(const json_t *row, struct account_network *into)
{
    struct route_table *table = vec_add(&into->tables);
    size_t i;
    json_t *part;
    FIELD(table->id, row, "RouteTableId");
    FIELD(table->vpc, row, "VpcId");
    NAMED(table->name, row, "RouteTableId");
    json_array_foreach(json_object_get(row, "Associations"), i, part) {
        table->main |= json_flag(part, "Main", false);
        if (!json_text(part, "SubnetId"))
            continue;
        struct subnet_link *link = vec_add(&into->table_links);
        FIELD(link->subnet, part, "SubnetId");
        FIELD(link->to, row, "RouteTableId");
    }
    json_array_foreach(json_object_get(row, "Routes"), i, part) {
        struct table_route *route = vec_add(&into->routes);
        FIELD(route->table, row, "RouteTableId");
        map_route(part, route);
    }
}

void map_vpc_endpoint(const json_t *row, struct vpc_endpoint *endpoint)
{
    *endpoint = (struct vpc_endpoint){.private_dns = json_flag(row, "PrivateDnsEnabled", false)};
    FIELD(endpoint->id, row, "VpcEndpointId");
    FIELD(endpoint->vpc, row, "VpcId");
    FIELD(endpoint->service, row, "ServiceName");
    FIELD(endpoint->type, row, "VpcEndpointType");
    FIELD(endpoint->state, row, "State");
}

/* "-1" is what EC2 calls all protocols, and numbers are what ACLs call the usual ones. */
static void protocol_words(const char *protocol, char *out, size_t size)
{
    static const char *const words[][2] = {{"-1", "all"}, {"1", "icmp"}, {"6", "tcp"}, {"17", "udp"}, {"58", "icmpv6"}};
    text_clean(out, size, protocol, strlen(protocol));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(protocol, words[i][0]))
            text_copy(out, size, words[i][1]);
}

void map_network_acl(const json_t *row, struct account_network *into)
{
    struct network_acl *acl = vec_add(&into->acls);
    size_t i;
    json_t *part;
    acl->is_default = json_flag(row, "IsDefault", false);
    FIELD(acl->id, row, "NetworkAclId");
    FIELD(acl->vpc, row, "VpcId");
    NAMED(acl->name, row, "NetworkAclId");
    json_array_foreach(json_object_get(row, "Associations"), i, part) {
        struct subnet_link *link = vec_add(&into->acl_links);
        FIELD(link->subnet, part, "SubnetId");
        FIELD(link->to, row, "NetworkAclId");
    }
    json_array_foreach(json_object_get(row, "Entries"), i, part) {
        struct acl_entry *entry = vec_add(&into->entries);
        *entry = (struct acl_entry){.number = (int)json_int(part, "RuleNumber", 0),
                                    .from = (int)json_int(part, "PortRange.From", -1),
                                    .to = (int)json_int(part, "PortRange.To", -1),
                                    .egress = json_flag(part, "Egress", false),
                                    .allow = text_equal(json_text(part, "RuleAction"), "allow")};
        FIELD(entry->acl, row, "NetworkAclId");
        FIELD(entry->cidr, part, "CidrBlock");
        if (!*entry->cidr)
            FIELD(entry->cidr, part, "Ipv6CidrBlock");
        protocol_words(json_text_or(part, "Protocol", ""), entry->protocol, sizeof entry->protocol);
    }
}

/* Security groups: a rule for each peer of each permission. */

static void map_peers(const json_t *peers, const char *member, enum peer_kind kind, const struct group_rule *like, struct account_network *into)
{
    size_t i;
    json_t *peer;
    json_array_foreach(peers, i, peer) {
        struct group_rule *rule = vec_add(&into->rules);
        *rule = *like;
        rule->kind = kind;
        field_text(rule->peer, sizeof rule->peer, peer, member);
    }
}

static void map_permission(const json_t *row, const char *group, bool egress, struct account_network *into)
{
    struct group_rule like = {.from = (int)json_int(row, "FromPort", -1), .to = (int)json_int(row, "ToPort", -1), .egress = egress};
    text_copy(like.group, sizeof like.group, group);
    protocol_words(json_text_or(row, "IpProtocol", ""), like.protocol, sizeof like.protocol);
    map_peers(json_object_get(row, "IpRanges"), "CidrIp", PEER_CIDR, &like, into);
    map_peers(json_object_get(row, "Ipv6Ranges"), "CidrIpv6", PEER_CIDR, &like, into);
    map_peers(json_object_get(row, "UserIdGroupPairs"), "GroupId", PEER_GROUP, &like, into);
    map_peers(json_object_get(row, "PrefixListIds"), "PrefixListId", PEER_LIST, &like, into);
}

void map_security_group(const json_t *row, struct account_network *into)
{
    struct security_group *group = vec_add(&into->groups);
    char id[NETWORK_ID];
    size_t i;
    json_t *permission;
    FIELD(group->id, row, "GroupId");
    FIELD(group->vpc, row, "VpcId");
    FIELD(group->about, row, "Description");
    NAMED(group->name, row, "GroupName");
    text_copy(id, sizeof id, group->id);
    json_array_foreach(json_object_get(row, "IpPermissions"), i, permission)
        map_permission(permission, id, false, into);
    json_array_foreach(json_object_get(row, "IpPermissionsEgress"), i, permission)
        map_permission(permission, id, true, into);
}

void map_reservation(const json_t *row, struct account_network *into)
{
    size_t i;
    json_t *part;
    json_array_foreach(json_object_get(row, "Instances"), i, part) {
        struct ec2_instance *instance = vec_add(&into->instances);
        instance->launched_at = json_when(part, "LaunchTime");
        FIELD(instance->id, part, "InstanceId");
        FIELD(instance->type, part, "InstanceType");
        FIELD(instance->state, part, "State.Name");
        FIELD(instance->zone, part, "Placement.AvailabilityZone");
        FIELD(instance->subnet, part, "SubnetId");
        FIELD(instance->address, part, "PrivateIpAddress");
        NAMED(instance->name, part, "InstanceId");
    }
}

void map_network_interface(const json_t *row, struct network_interface *interface)
{
    struct str addresses = STR_INIT(sizeof interface->addresses - 1);
    size_t i;
    json_t *part;
    FIELD(interface->id, row, "NetworkInterfaceId");
    FIELD(interface->subnet, row, "SubnetId");
    FIELD(interface->about, row, "Description");
    str_add(&addresses, json_text_or(row, "PrivateIpAddress", ""), strlen(json_text_or(row, "PrivateIpAddress", "")));
    json_array_foreach(json_object_get(row, "PrivateIpAddresses"), i, part)
        if (!json_flag(part, "Primary", false))
            str_addf(&addresses, " %s", json_text_or(part, "PrivateIpAddress", ""));
    text_clean(interface->addresses, sizeof interface->addresses, str_text(&addresses), addresses.len);
    str_free(&addresses);
    json_array_foreach(json_object_get(row, "Groups"), i, part)
        if (i < INTERFACE_GROUPS)
            FIELD(interface->groups[i], part, "GroupId");
}

/* The reading. */

void network_ask(struct network_reading *r, enum network_part part, const char *service, const char *operation, json_t *take_input,
                 calls_answer *answer, void *arg)
{
    r->asked[part]++;
    calls_add(&r->calls, service, operation, take_input, &pages, answer, arg);
}

bool network_room(struct network_reading *r, enum network_part part, size_t len)
{
    r->full[part] |= len >= NETWORK_ROWS_MAX;
    return len < NETWORK_ROWS_MAX;
}

static void take_vpc(struct network_reading *r, const json_t *row) { map_vpc(row, vec_add(&r->network.vpcs)); }
static void take_subnet(struct network_reading *r, const json_t *row) { map_subnet(row, &r->plan, vec_add(&r->network.subnets)); }
static void take_table(struct network_reading *r, const json_t *row) { map_route_table(row, &r->network); }
static void take_endpoint(struct network_reading *r, const json_t *row) { map_vpc_endpoint(row, vec_add(&r->network.endpoints)); }
static void take_acl(struct network_reading *r, const json_t *row) { map_network_acl(row, &r->network); }
static void take_group(struct network_reading *r, const json_t *row) { map_security_group(row, &r->network); }
static void take_reservation(struct network_reading *r, const json_t *row) { map_reservation(row, &r->network); }

static void take_interface(struct network_reading *r, const json_t *row) { map_network_interface(row, vec_add(&r->network.interfaces)); }

static const struct list {
    enum network_part part;
    const char *service, *operation, *list;
    void (*take)(struct network_reading *r, const json_t *row);
    bool everywhere; /* in the management account too, which is to have no network of its own */
    bool some;       /* the first of them will do */
} lists[] = {
    {NETWORK_VPCS, "ec2", "DescribeVpcs", "Vpcs", take_vpc, false},
    {NETWORK_SUBNETS, "ec2", "DescribeSubnets", "Subnets", take_subnet, false},
    {NETWORK_ROUTES, "ec2", "DescribeRouteTables", "RouteTables", take_table, false},
    {NETWORK_ENDPOINTS, "ec2", "DescribeVpcEndpoints", "VpcEndpoints", take_endpoint, false},
    {NETWORK_ACLS, "ec2", "DescribeNetworkAcls", "NetworkAcls", take_acl, false},
    {NETWORK_GROUPS, "ec2", "DescribeSecurityGroups", "SecurityGroups", take_group, false},
    {NETWORK_INSTANCES, "ec2", "DescribeInstances", "Reservations", take_reservation, true},
    {NETWORK_INTERFACES, "ec2", "DescribeNetworkInterfaces", "NetworkInterfaces", take_interface, false, true},
};

static void got_list(struct feed_run *run, json_t *output, void *arg)
{
    struct network_reading *r = run->state;
    const struct list *list = arg;
    size_t i;
    json_t *row;
    r->answered[list->part]++;
    json_array_foreach(json_object_get(output, list->list), i, row)
        if (list->some ? i < NETWORK_ROWS_MAX : network_room(r, list->part, i))
            list->take(r, row);
}

static void ask_list(struct network_reading *r, const struct list *list)
{
    static const struct aws_call_options all = {.all_pages = true}, first = {.all_pages = true, .max_items = NETWORK_ROWS_MAX, .some = true};
    r->asked[list->part]++;
    calls_add(&r->calls, list->service, list->operation, NULL, list->some ? &first : &all, got_list, (void *)(uintptr_t)list);
}

static void got_ebs(struct feed_run *run, json_t *output, void *arg)
{
    struct network_reading *r = run->state;
    (void)arg;
    r->answered[NETWORK_EBS]++;
    r->network.ebs_encrypted = json_object_get(output, "EbsEncryptionByDefault") ? json_flag(output, "EbsEncryptionByDefault", false) : -1;
}

/* Every part that was asked for in full; those that were not, into `failed`. Rules and certificates hang on what is before them. */
static void settle_parts(struct network_reading *r)
{
    struct account_network *n = &r->network;
    for (int part = 0; part < NETWORK_PARTS; part++) {
        bool whole = r->asked[part] == r->answered[part] && !r->full[part] && (part < NETWORK_BALANCERS || listeners_all_asked(r));
        bool reached = r->asked[part] > 0 || (part > NETWORK_BALANCERS && (n->known & (1u << (part - 1))));
        if (whole && reached)
            n->known |= 1u << part;
        else if (!whole)
            n->failed |= 1u << part;
    }
}

/* "network ACLs, listeners: …": which parts are missing, and why the first of them is. */
static void tell_parts(const struct network_reading *r, const struct error *cause, struct error *out)
{
    struct str names = STR_INIT(400);
    struct error full = {0};
    error_set(&full, ERROR_PROTOCOL, "TooMany", "more than %d of a kind", NETWORK_ROWS_MAX);
    cause = cause ? cause : &full;
    for (int part = 0; part < NETWORK_PARTS; part++)
        if (r->network.failed & (1u << part))
            str_addf(&names, "%s%s", names.len ? ", " : "", network_part_name((enum network_part)part));
    *out = *cause;
    error_prefix(out, str_text(&names));
    str_free(&names);
}

static void done(struct feed_run *run, const struct error *error)
{
    struct network_reading *r = run->state;
    struct error told = {0};
    run->state = NULL;
    settle_parts(r);
    if (r->network.failed)
        tell_parts(r, error, &told);
    bool any = r->network.known != 0;
    if (any)
        network_set(feeds_estate(run->feeds), run->account, &r->network, loop_wall(feeds_loop(run->feeds)));
    else
        network_free(&r->network);
    vec_free(&r->groups);
    free(r);
    feed_end_partly(run, any, &told);
}

static void start(struct feed_run *run)
{
    struct network_reading *r = run->state = mem_new(sizeof *r);
    bool management = run->config->kind == ACCOUNT_MANAGEMENT;
    network_plan_of(feeds_estate(run->feeds)->config, run->config, &r->plan);
    calls_begin(&r->calls, run, done);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (!management || lists[i].everywhere)
            ask_list(r, &lists[i]);
    network_ask(r, NETWORK_EBS, "ec2", "GetEbsEncryptionByDefault", NULL, got_ebs, NULL);
    if (!management)
        listeners_ask(run);
    calls_end(&r->calls);
}

static void stop(struct feed_run *run)
{
    struct network_reading *r = run->state;
    calls_cancel(&r->calls);
    network_free(&r->network);
    vec_free(&r->groups);
    free(r);
    run->state = NULL;
}

const struct feed_type feed_network = {
    .feed = FEED_NETWORK, .interval_ms = 600000, .focus_ms = 600000, .start = start, .stop = stop, .focus_only = true};
