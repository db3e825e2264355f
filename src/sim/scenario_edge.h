/* An account's edge as a scenario tells it: CloudFront's distributions with what hangs on them, and Route 53's zones. */
#ifndef TRIVET_SIM_SCENARIO_EDGE_H
#define TRIVET_SIM_SCENARIO_EDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/scenario_network.h"

struct edge_behaviour {
    char *path, *viewer, *policy; /* path NULL: the default one; viewer NULL: redirect-to-https; policy NULL: CachingOptimized */
    bool compress;
};

struct edge_invalidation {
    int64_t ago; /* ms before the simulation's start */
    network_texts paths;
};

struct distribution {
    char *id, *domain, *origin, *comment, *certificate, *acl, *tls;
    char *vpc_origin, *balancer;   /* the origin is this load balancer, by way of a VPC origin; NULL: a custom origin */
    char *header, *header_value;   /* what it sends to the origin */
    bool disabled;
    network_texts aliases;
    struct edge_behaviour standard;
    VEC(struct edge_behaviour) behaviours;
    VEC(struct edge_invalidation) invalidations; /* newest first */
};

struct cache_policy {
    char *id, *name;
    int64_t least, usual, most; /* ms */
};

struct zone_record {
    char *name, *type, *alias; /* alias: of what; NULL: it has values */
    int64_t ttl;               /* ms */
    network_texts values;
};

struct hosted_zone {
    char *id, *name;
    bool is_private;
    VEC(struct zone_record) records;
};

#endif
