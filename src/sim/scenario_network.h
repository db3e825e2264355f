/* An account's network as a scenario tells it: one VPC with all that is in it, and the load balancers. */
#ifndef TRIVET_SIM_SCENARIO_NETWORK_H
#define TRIVET_SIM_SCENARIO_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"

typedef VEC(char *) network_texts;

struct net_vpc {
    char *id, *name, *cidr;
};

struct net_subnet {
    char *id, *name, *cidr, *zone, *table, *acl; /* table, acl: NULL: the main one, the default one */
    bool public_addresses;
};

struct net_route {
    char *to, *via; /* CIDR or prefix list; local, igw-…, nat-…, vpce-… */
};

struct net_table {
    char *id, *name;
    bool main;
    VEC(struct net_route) routes;
};

struct net_endpoint {
    char *id, *service, *state; /* service: "ecr.dkr" */
    bool gateway, private_dns;
    network_texts subnets, groups, tables;
};

struct net_acl_rule {
    char *protocol, *cidr, *ports; /* "tcp"; ports "443" or "1024-65535"; NULL: all */
    int64_t number;
    bool egress, deny;
};

struct net_acl {
    char *id, *name;
    bool is_default;
    VEC(struct net_acl_rule) rules;
};

struct net_permission {
    char *protocol, *ports;
    network_texts peers; /* CIDRs, ids of groups and of prefix lists */
};

struct net_group {
    char *id, *name, *about;
    VEC(struct net_permission) ingress, egress;
};

struct net_rule {
    int64_t priority;
    char *header, *value, *target; /* a header that is asked for; target: a target group's name */
    network_texts paths;
};

struct net_listener {
    char *id, *protocol, *certificate, *policy, *target; /* target: where no rule fits; NULL: refused with 403 */
    int64_t port;
    VEC(struct net_rule) rules;
};

struct net_balancer {
    char *name, *id, *state;
    bool internet_facing, cross_zone;
    network_texts subnets, groups;
    VEC(struct net_listener) listeners;
};

struct net_target_group {
    char *name, *id, *app, *path; /* app: "innovate/backend", the Deployment whose pods it has */
    int64_t port;
    bool isolated; /* each zone's requests stay in it */
};

struct net_certificate {
    char *id, *domain, *status;
    int64_t expires_in; /* ms after the start */
};

struct account_network {
    struct net_vpc vpc; /* id NULL: the account has none */
    bool ebs_encryption;
    VEC(struct net_subnet) subnets;
    VEC(struct net_table) tables;
    VEC(struct net_endpoint) endpoints;
    VEC(struct net_acl) acls;
    VEC(struct net_group) groups;
    VEC(struct net_balancer) balancers;
    VEC(struct net_target_group) target_groups;
    VEC(struct net_certificate) certificates;
};

#endif
