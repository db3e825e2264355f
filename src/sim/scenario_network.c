/* The section `network:` of an account. */
#include "sim/scenario_network.h"

#include "sim/scenario_fields.h"

static const struct yaml_field vpc_fields[] = {NEED(struct net_vpc, "id", id), TEXT(struct net_vpc, "name", name), NEED(struct net_vpc, "cidr", cidr),
                                               {NULL}};

static const struct yaml_field subnet_fields[] = {
    NEED(struct net_subnet, "id", id), TEXT(struct net_subnet, "name", name), NEED(struct net_subnet, "cidr", cidr),
    NEED(struct net_subnet, "zone", zone),
    TEXT(struct net_subnet, "routes", table), TEXT(struct net_subnet, "acl", acl), FLAG(struct net_subnet, "public", public_addresses), {NULL}};
LIST_READER(subnet, struct net_subnet)

static const struct yaml_field route_fields[] = {NEED(struct net_route, "to", to), NEED(struct net_route, "via", via), {NULL}};
LIST_READER(route, struct net_route)

static const struct yaml_field table_fields[] = {NEED(struct net_table, "id", id), TEXT(struct net_table, "name", name),
                                                 FLAG(struct net_table, "main", main),
                                                 LIST(struct net_table, "routes", routes, read_route), {NULL}};
LIST_READER(table, struct net_table)

static const struct yaml_field endpoint_fields[] = {
    NEED(struct net_endpoint, "id", id), NEED(struct net_endpoint, "service", service), TEXT(struct net_endpoint, "state", state),
    FLAG(struct net_endpoint, "gateway", gateway), FLAG(struct net_endpoint, "private_dns", private_dns),
    LIST(struct net_endpoint, "subnets", subnets, scenario_texts), LIST(struct net_endpoint, "groups", groups, scenario_texts),
    LIST(struct net_endpoint, "tables", tables, scenario_texts), {NULL}};
LIST_READER(endpoint, struct net_endpoint)

static const struct yaml_field acl_rule_fields[] = {
    {"number", YAML_T_INT, offsetof(struct net_acl_rule, number), .required = true, .min = 1, .max = 32766},
    TEXT(struct net_acl_rule, "protocol", protocol),
    NEED(struct net_acl_rule, "cidr", cidr), TEXT(struct net_acl_rule, "ports", ports), FLAG(struct net_acl_rule, "egress", egress),
    FLAG(struct net_acl_rule, "deny", deny), {NULL}};
LIST_READER(acl_rule, struct net_acl_rule)

static const struct yaml_field acl_fields[] = {NEED(struct net_acl, "id", id), TEXT(struct net_acl, "name", name),
                                               FLAG(struct net_acl, "default", is_default),
                                               LIST(struct net_acl, "rules", rules, read_acl_rule), {NULL}};
LIST_READER(acl, struct net_acl)

static const struct yaml_field permission_fields[] = {TEXT(struct net_permission, "protocol", protocol), TEXT(struct net_permission, "ports", ports),
                                                      LIST(struct net_permission, "peers", peers, scenario_texts), {NULL}};
LIST_READER(permission, struct net_permission)

static const struct yaml_field group_fields[] = {
    NEED(struct net_group, "id", id), NEED(struct net_group, "name", name), TEXT(struct net_group, "about", about),
    LIST(struct net_group, "ingress", ingress, read_permission), LIST(struct net_group, "egress", egress, read_permission), {NULL}};
LIST_READER(group, struct net_group)

static const struct yaml_field rule_fields[] = {
    {"priority", YAML_T_INT, offsetof(struct net_rule, priority), .required = true, .min = 1, .max = 50000}, TEXT(struct net_rule, "header", header),
    TEXT(struct net_rule, "value", value), NEED(struct net_rule, "target", target), LIST(struct net_rule, "paths", paths, scenario_texts), {NULL}};
LIST_READER(rule, struct net_rule)

static const struct yaml_field listener_fields[] = {
    NEED(struct net_listener, "id", id), NEED(struct net_listener, "protocol", protocol), TEXT(struct net_listener, "certificate", certificate),
    TEXT(struct net_listener, "policy", policy), TEXT(struct net_listener, "target", target), INT(struct net_listener, "port", port, 1, 65535),
    LIST(struct net_listener, "rules", rules, read_rule), {NULL}};
LIST_READER(listener, struct net_listener)

static const struct yaml_field balancer_fields[] = {
    NEED(struct net_balancer, "name", name), NEED(struct net_balancer, "id", id), TEXT(struct net_balancer, "state", state),
    FLAG(struct net_balancer, "internet_facing", internet_facing), FLAG(struct net_balancer, "cross_zone", cross_zone),
    LIST(struct net_balancer, "subnets", subnets, scenario_texts), LIST(struct net_balancer, "groups", groups, scenario_texts),
    LIST(struct net_balancer, "listeners", listeners, read_listener), {NULL}};
LIST_READER(balancer, struct net_balancer)

static const struct yaml_field target_group_fields[] = {
    NEED(struct net_target_group, "name", name), NEED(struct net_target_group, "id", id), NEED(struct net_target_group, "app", app),
    TEXT(struct net_target_group, "path", path), INT(struct net_target_group, "port", port, 1, 65535),
    FLAG(struct net_target_group, "isolated", isolated), {NULL}};
LIST_READER(target_group, struct net_target_group)

static const struct yaml_field certificate_fields[] = {
    NEED(struct net_certificate, "id", id), NEED(struct net_certificate, "domain", domain), TEXT(struct net_certificate, "status", status),
    SPAN(struct net_certificate, "expires_in", expires_in), {NULL}};
LIST_READER(certificate, struct net_certificate)

const struct yaml_field network_fields[] = {
    {"vpc", YAML_T_MAP, offsetof(struct account_network, vpc), .fields = vpc_fields}, FLAG(struct account_network, "ebs_encryption", ebs_encryption),
    LIST(struct account_network, "subnets", subnets, read_subnet), LIST(struct account_network, "route_tables", tables, read_table),
    LIST(struct account_network, "endpoints", endpoints, read_endpoint), LIST(struct account_network, "acls", acls, read_acl),
    LIST(struct account_network, "groups", groups, read_group), LIST(struct account_network, "load_balancers", balancers, read_balancer),
    LIST(struct account_network, "target_groups", target_groups, read_target_group),
    LIST(struct account_network, "certificates", certificates, read_certificate), {NULL}};

const struct list_type network_list_types[] = {
    {read_subnet, sizeof(struct net_subnet), subnet_fields},
    {read_route, sizeof(struct net_route), route_fields},
    {read_table, sizeof(struct net_table), table_fields},
    {read_endpoint, sizeof(struct net_endpoint), endpoint_fields},
    {read_acl_rule, sizeof(struct net_acl_rule), acl_rule_fields},
    {read_acl, sizeof(struct net_acl), acl_fields},
    {read_permission, sizeof(struct net_permission), permission_fields},
    {read_group, sizeof(struct net_group), group_fields},
    {read_rule, sizeof(struct net_rule), rule_fields},
    {read_listener, sizeof(struct net_listener), listener_fields},
    {read_balancer, sizeof(struct net_balancer), balancer_fields},
    {read_target_group, sizeof(struct net_target_group), target_group_fields},
    {read_certificate, sizeof(struct net_certificate), certificate_fields},
    {NULL, 0, NULL}};
