/* The network of an account: VPC, subnets by tier and zone, routes, endpoints, who may talk to whom, and the load balancers with the health of
 * their targets. Flat arrays, tied by ids. `network` moves seldom (feeds/network.c), `balancing` all the time (feeds/balancers.c). */
#ifndef TRIVET_ESTATE_NETWORK_H
#define TRIVET_ESTATE_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"
#include "estate/config.h"
#include "estate/waf.h"

#define NETWORK_ID      32
#define NETWORK_ARN     256
#define NETWORK_NAME    72
#define NETWORK_CIDR    48 /* IPv6 too */
#define NETWORK_ZONES   8
#define BALANCER_GROUPS 8
#define BALANCER_POINTS WAF_POINTS

/* What is read by calls of its own, and can be missing alone. */
enum network_part {
    NETWORK_VPCS,
    NETWORK_SUBNETS,
    NETWORK_ROUTES,
    NETWORK_ENDPOINTS,
    NETWORK_ACLS,
    NETWORK_GROUPS,
    NETWORK_INSTANCES,
    NETWORK_INTERFACES, /* the first of them, where there are very many */
    NETWORK_EBS,
    NETWORK_BALANCERS, /* with their attributes */
    NETWORK_LISTENERS, /* with their rules */
    NETWORK_CERTIFICATES,
    NETWORK_PARTS
};
const char *network_part_name(enum network_part part); /* "network ACLs" */

enum subnet_tier { TIER_OTHER, TIER_APP, TIER_DB };
const char *subnet_tier_name(enum subnet_tier tier); /* "other", "app", "db" */

struct vpc {
    char id[NETWORK_ID], name[NETWORK_NAME], cidr[NETWORK_CIDR];
    bool is_default;
};

struct subnet {
    char id[NETWORK_ID], vpc[NETWORK_ID], name[NETWORK_NAME], cidr[NETWORK_CIDR], zone[24];
    enum subnet_tier tier;
    bool public_addresses; /* hands them out at launch */
    int free;              /* addresses left; -1 not known */
};

struct route_table {
    char id[NETWORK_ID], vpc[NETWORK_ID], name[NETWORK_NAME];
    bool main; /* of all subnets of the VPC that name no other */
};
struct table_route {
    char table[NETWORK_ID], to[NETWORK_CIDR], via[64]; /* local, igw-…, nat-…, vpce-… */
    bool dead;                                         /* blackhole */
};
struct subnet_link { /* a subnet's route table, or its network ACL */
    char subnet[NETWORK_ID], to[NETWORK_ID];
};

struct vpc_endpoint {
    char id[NETWORK_ID], vpc[NETWORK_ID], service[96], type[24], state[24];
    bool private_dns;
};

struct security_group {
    char id[NETWORK_ID], vpc[NETWORK_ID], name[NETWORK_NAME], about[96]; /* name: its tag Name, or its group name */
};
enum peer_kind { PEER_CIDR, PEER_GROUP, PEER_LIST };
struct group_rule { /* one peer of one permission */
    char group[NETWORK_ID], peer[64], protocol[12]; /* protocol: tcp, udp, icmp, "all" */
    int from, to;                                   /* ports; -1: all */
    enum peer_kind kind;
    bool egress;
};

struct network_acl {
    char id[NETWORK_ID], vpc[NETWORK_ID], name[NETWORK_NAME];
    bool is_default;
};
struct acl_entry {
    char acl[NETWORK_ID], cidr[NETWORK_CIDR], protocol[12];
    int number, from, to; /* ports; -1: all */
    bool egress, allow;
};

struct ec2_instance {
    char id[NETWORK_ID], name[NETWORK_NAME], type[24], state[20], zone[24], subnet[NETWORK_ID], address[46];
    int64_t launched_at;
};

/* What ties an address to its subnet and to its security groups: a pod on Fargate has one of its own, those of a node have the node's. */
#define INTERFACE_GROUPS 5
struct network_interface {
    char id[NETWORK_ID], subnet[NETWORK_ID], about[112]; /* about: as its maker says: "ELB app/innovate/6c8f…" */
    char addresses[400];                                 /* the first is its own; separated by blanks */
    char groups[INTERFACE_GROUPS][NETWORK_ID];           /* "" beyond */
};

struct load_balancer {
    char arn[NETWORK_ARN], name[NETWORK_NAME], scheme[20], type[16], state[24], dns[160], vpc[NETWORK_ID];
    char zones[NETWORK_ZONES][24];
    char groups[BALANCER_GROUPS][NETWORK_ID];
    int cross_zone; /* 1 on, 0 off, -1 not known */
};

/* What is done with a request: an action in words. The value of a header that a rule asks for is a secret and is not kept. */
struct listener_action {
    char type[24];   /* forward, fixed-response, redirect… */
    char status[8];  /* of a fixed response or redirect */
    char target[80]; /* target group's name, or where a redirect leads */
};
struct listener {
    char arn[NETWORK_ARN], balancer[NETWORK_ARN], protocol[12], policy[80], certificate[NETWORK_ARN];
    int port;
    struct listener_action action; /* where no rule fits */
};
struct listener_rule {
    char listener[NETWORK_ARN], priority[12], header[64], paths[160], hosts[160]; /* header: the name that it asks for; "" none */
    struct listener_action action;
};
struct alb_certificate {
    char arn[NETWORK_ARN], domain[200], status[24];
    int64_t expires_at; /* 0 not known */
};

struct account_network {
    unsigned known;           /* bits of enum network_part that could be read; of others nothing is known, or only what was before */
    unsigned failed;          /* bits of those that could not be read the last time */
    int ebs_encrypted;        /* encryption by default; 1, 0, -1 not known */
    VEC(struct vpc) vpcs;
    VEC(struct subnet) subnets;
    VEC(struct route_table) tables;
    VEC(struct table_route) routes;
    VEC(struct subnet_link) table_links, acl_links;
    VEC(struct vpc_endpoint) endpoints;
    VEC(struct network_acl) acls;
    VEC(struct acl_entry) entries;
    VEC(struct security_group) groups;
    VEC(struct group_rule) rules;
    VEC(struct ec2_instance) instances;
    VEC(struct network_interface) interfaces;
    VEC(struct load_balancer) balancers;
    VEC(struct listener) listeners;
    VEC(struct listener_rule) listener_rules; /* the default ones are in the listeners */
    VEC(struct alb_certificate) certificates;
};

struct target_group {
    char arn[NETWORK_ARN], name[NETWORK_NAME], balancer[80]; /* balancer: "app/innovate/6c8f…", as its metrics name it; "" none uses it */
    char protocol[12], type[12], path[128], matcher[24];     /* path, matcher: of the health check */
    int port;
};
struct balancer_target {
    char group[NETWORK_ARN], id[64], zone[24], state[24], reason[64]; /* zone: "" where nothing tells it */
    int port;
};
struct balancer_series {
    char balancer[80];
    double requests[BALANCER_POINTS], target_5xx[BALANCER_POINTS], balancer_5xx[BALANCER_POINTS]; /* a minute, oldest first; NAN: no datum */
    double latency[BALANCER_POINTS];                                                              /* seconds, on average */
};

struct balancing {
    VEC(struct target_group) groups;
    VEC(struct balancer_target) targets;
    VEC(struct balancer_series) series;
    int64_t series_end; /* wall ms of the end of the last minute in the series; 0: none yet */
};

void network_free(struct account_network *network); /* the rows; not the struct itself */
void balancing_free(struct balancing *balancing);

/* Addresses. */
bool cidr_within(const char *inner, const char *outer); /* IPv4 and IPv6; equal counts; false if either is none */
bool cidr_is_all(const char *cidr);                     /* 0.0.0.0/0, ::/0 */

/* What is promised of an account's network: the profile's figures, or else the architecture's. Borrowed from the profile. */
struct network_plan {
    const char *vpc;
    const char *app[NETWORK_ZONES], *db[NETWORK_ZONES];
    size_t apps, dbs;
    size_t zones; /* how many of each tier this account is to have: one in development */
};
void network_plan_of(const struct estate_config *estate, const struct account_config *account, struct network_plan *out);
enum subnet_tier network_tier(const struct network_plan *plan, const char *cidr);

/* Ties. NULL: none. */
bool network_knows(const struct account_network *network, enum network_part part);
const struct route_table *network_table_of(const struct account_network *network, const struct subnet *subnet); /* its own, or the VPC's main one */
const struct network_acl *network_acl_of(const struct account_network *network, const struct subnet *subnet);
const struct subnet *network_subnet(const struct account_network *network, const char *id);
const struct security_group *network_group(const struct account_network *network, const char *id);
const struct subnet *network_subnet_with(const struct account_network *network, const char *address); /* whose range the address is of */
const struct network_interface *network_interface_with(const struct account_network *network, const char *address);
bool interface_is_in(const struct network_interface *interface, const char *group);
/* May what is in a subnet's range, or has an address, come in by the rule? By the range that the rule names; a rule for everybody counts. */
bool rule_admits(const struct group_rule *rule, const char *cidr);
/* Does the security group let the address in at the port, by its range or by a group that it is in? */
bool network_admits(const struct account_network *network, const char *group, const char *address, int port);
const char *balancer_key(const char *arn); /* "app/innovate/6c8f…" of an ARN; "" if it is none */
/* Ports in words: "443", "8000-8010", "all". */
const char *port_words(int from, int to, char *out, size_t size);

bool target_is_bad(const struct balancer_target *target); /* a person should look: not one that starts or goes away */
const struct target_group *balancing_group(const struct balancing *balancing, const char *arn);
/* Targets of a group (NULL: of all that a load balancer uses) by zone, in the order of the zones' names. Those that go away are not counted. */
struct zone_health {
    char zone[24];
    int healthy, total;
};
/* The row of a zone, in the order of the zones' names; a new one if it has none yet. NULL: there are too many. */
struct zone_health *zone_health_of(struct zone_health *zones, size_t *count, size_t most, const char *zone);
size_t balancing_zones(const struct balancing *balancing, const char *group, struct zone_health *out, size_t most);
/* By the minute: answers in all, and those with 5xx. What the load balancer refuses before it has a target is no request by its count. NAN: nothing
 * was counted. */
void balancer_answers(const struct balancer_series *series, double all[BALANCER_POINTS], double failed[BALANCER_POINTS]);
const char *zone_short(const char *zone); /* "us-east-1a" → "1a"; borrowed */
bool balancing_is_used(const struct balancing *balancing); /* does a load balancer name any of the groups? */
const struct balancer_series *balancing_series(const struct balancing *balancing, const char *balancer); /* NULL */

#endif
