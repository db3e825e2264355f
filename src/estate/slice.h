/* A slice: what one feed knows of one account, and how fresh that is. A failed refresh keeps the last good data. */
#ifndef TRIVET_ESTATE_SLICE_H
#define TRIVET_ESTATE_SLICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum feed {
    FEED_SESSION,      /* role session and identity */
    FEED_ORGANIZATION, /* organisation, its accounts, SCPs (management account) */
    FEED_TRAIL,
    FEED_PODS,
    FEED_NODES,
    FEED_DEPLOYMENTS,
    FEED_HPAS,
    FEED_POD_METRICS,
    FEED_DATABASE,
    FEED_DATABASE_EVENTS,
    FEED_DATABASE_BACKUPS,
    FEED_BUDGETS,
    FEED_BUDGET_SUBSCRIBERS, /* whom the budgets' notifications tell: a call each */
    FEED_WEB_ACL,
    FEED_WAF_METRICS,
    FEED_WAF_SAMPLES,
    FEED_BLOCK_SETS,    /* addresses blocked by hand, and until when */
    FEED_DISTRIBUTIONS, /* CloudFront (where there is a web ACL) */
    FEED_ALARMS,
    FEED_RELEASES,     /* workflow runs on GitHub (production account) */
    FEED_IMAGES,       /* what the registry has of the clusters' images (management account) */
    FEED_NODE_GROUPS,  /* EKS managed node groups */
    FEED_SCHEDULES,    /* EventBridge Scheduler: stops and starts (development) */
    FEED_DRILLS,       /* reports of failover drills, from the state directory */
    FEED_PIPELINES,    /* CodePipeline's approvals (where the profile asks for them) */
    FEED_REGISTRY,     /* ECR's repositories and their policies */
    FEED_PLATFORM,     /* what clusters stand on: settings, Fargate, add-ons, identities */
    FEED_TRAIL_EVENTS, /* what CloudTrail recorded of writes */
    FEED_OWN_ACTIONS,  /* the audit log of this machine */
    FEED_IDENTITY,     /* IAM: root, roles, OIDC providers */
    FEED_CREDENTIALS,  /* IAM's credential report */
    FEED_KEYS,         /* KMS: the customer's keys */
    FEED_SECRETS,      /* Secrets Manager: names and rotation, never what is in them */
    FEED_INSTANCES,    /* what Session Manager reaches (clusters) */
    FEED_STATE_BUCKET, /* buckets of Terraform's state and of static images (where the profile names them) */
    FEED_SERVICE_ACCOUNTS, /* of the cluster, those with a role */
    FEED_WORKLOADS,    /* clusters, databases and instances of the management account, which should have none */
    FEED_DEPLOY_GATE,  /* the GitHub environment (production account) */
    /* VPC, subnets, routes, endpoints, groups, ACLs, listeners: what moves seldom; in the management account only its instances */
    FEED_NETWORK,
    FEED_LOAD_BALANCERS, /* target groups, their targets' health, the load balancers' metrics */
    FEED_EDGE,           /* DNS, distributions, certificates, invalidations (where the profile names a web ACL) */
    FEED_EDGE_METRICS,   /* what the distributions count */
    FEED_DATABASE_PARAMETERS, /* of the instances' parameter groups */
    FEED_DATABASE_LOAD, /* CPU, connections and free storage of the instances */
    FEED_COSTS,        /* what Cost Explorer was last paid for, from the cache (management account) */
    FEED_COST_WATCH,   /* anomaly monitors and subscriptions (management account) */
    FEED_LOG_GROUPS,
    FEED_ALARM_METRICS, /* what the alarms watch, over the last hours */
    FEED_ALARM_HISTORY, /* how alarms have turned in the last day */
    FEED_COUNT
};
typedef uint64_t feed_mask; /* a set of feeds */
#define FEED_BIT(feed) (UINT64_C(1) << (feed))
#define FEEDS_SECURITY                                                                                                                       \
    (FEED_BIT(FEED_IDENTITY) | FEED_BIT(FEED_CREDENTIALS) | FEED_BIT(FEED_KEYS) | FEED_BIT(FEED_SECRETS) | FEED_BIT(FEED_INSTANCES) |          \
     FEED_BIT(FEED_STATE_BUCKET) | FEED_BIT(FEED_SERVICE_ACCOUNTS) | FEED_BIT(FEED_WORKLOADS) | FEED_BIT(FEED_DEPLOY_GATE))
/* Read only while somebody looks, or seldom: whether an account is well does not hang on them. One a line, in the order above. */
#define FEEDS_EXTRA \
    (FEEDS_SECURITY \
     | FEED_BIT(FEED_POD_METRICS) \
     | FEED_BIT(FEED_WAF_SAMPLES) \
     | FEED_BIT(FEED_BLOCK_SETS) \
     | FEED_BIT(FEED_DISTRIBUTIONS) \
     | FEED_BIT(FEED_RELEASES) \
     | FEED_BIT(FEED_IMAGES) \
     | FEED_BIT(FEED_NODE_GROUPS) \
     | FEED_BIT(FEED_SCHEDULES) \
     | FEED_BIT(FEED_DRILLS) \
     | FEED_BIT(FEED_PIPELINES) \
     | FEED_BIT(FEED_REGISTRY) \
     | FEED_BIT(FEED_PLATFORM) \
     | FEED_BIT(FEED_TRAIL_EVENTS) \
     | FEED_BIT(FEED_OWN_ACTIONS) \
     | FEED_BIT(FEED_NETWORK) \
     | FEED_BIT(FEED_DATABASE_PARAMETERS) \
     | FEED_BIT(FEED_DATABASE_LOAD) \
     | FEED_BIT(FEED_COSTS) \
     | FEED_BIT(FEED_COST_WATCH) \
     | FEED_BIT(FEED_BUDGET_SUBSCRIBERS) \
     | FEED_BIT(FEED_LOG_GROUPS) \
     | FEED_BIT(FEED_ALARM_METRICS) \
     | FEED_BIT(FEED_ALARM_HISTORY) \
    )
#define FEEDS_ALL      (~UINT64_C(0) >> (64 - FEED_COUNT))
const char *feed_name(enum feed feed); /* "database-events": stable, used in JSON and the log */

enum slice_state {
    SLICE_NONE,    /* the account has no such thing (no cluster, no web ACL in the profile) */
    SLICE_NEVER,   /* not asked yet */
    SLICE_LOADING, /* asked for the first time, no answer yet */
    SLICE_FRESH,
    SLICE_STALE,   /* older than twice its interval, or its last refresh failed: last good data is shown with its age */
    SLICE_FAILED,  /* never read, and the last try failed */
};
const char *slice_state_name(enum slice_state state);

struct slice {
    enum slice_state state;
    bool loading;        /* a refresh is under way */
    int64_t read_at;     /* wall ms of the last good read; 0: never */
    int64_t due_at;      /* wall ms of the next one; 0: live (a watch), or not before somebody looks */
    int64_t interval_ms; /* how often it is read now; 0: live */
    int failures;        /* in a row */
    struct error error;  /* of the last try; kind ERROR_NONE if it went well */
};

/* Is there data to show (fresh or stale)? */
bool slice_has_data(const struct slice *slice);

#endif
