/* What the person promised in the profile: which accounts, and what belongs to each. Filled by cli/profile,
 * read by everyone; owned by whoever made it, and it outlives the estate. Absent texts are NULL. */
#ifndef TRIVET_ESTATE_CONFIG_H
#define TRIVET_ESTATE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"
#include "base/zone.h"

enum account_kind { ACCOUNT_MANAGEMENT, ACCOUNT_DEVELOPMENT, ACCOUNT_PRODUCTION };
const char *account_kind_name(enum account_kind kind); /* "management", … */

struct cluster_config {
    char *name; /* EKS name; NULL: the account has no cluster */
    char *server, *ca_file, *token_file, *context; /* see kube/client.h */
};

enum probe_kind { PROBE_TCP, PROBE_HTTP, PROBE_POSTGRES };
struct probe_config {
    int kind; /* enum probe_kind */
    char *target;
};

struct shutdown_config {
    char *timezone, *stop, *start, *days; /* "America/New_York", "20:00", "08:00", "mon-fri"; stop NULL: no schedule */
    struct zone *zone;                    /* of `timezone`, loaded; UTC where the profile gives none */
    uint8_t weekdays;                     /* of `days`: bit 0 is Sunday */
    char *scheduler_role;                 /* as whom EventBridge Scheduler calls; NULL: TrivetScheduler */
};

/* The VPC and its subnets as promised; what is absent is the architecture's (estate/network.h). */
struct network_config {
    char *vpc;
    VEC(char *) app, db;
};

struct account_config {
    char *name, *id, *role, *operator_role, *external_id, *mfa_serial, *session_name, *region;
    int64_t session_ms; /* how long a role session lasts; 0: the usual hour */
    int kind; /* enum account_kind */
    bool protect;
    /* takes part in releases: the profile names a repository on GitHub, and this is where they go, or whose registry they come from */
    bool releases;
    bool pipelines;   /* its pipelines of CodePipeline are releases too */
    struct cluster_config cluster;
    char *state_bucket;    /* where Terraform keeps its state; NULL: not in this account */
    char *static_bucket;   /* of static images; NULL: not in this account */
    char *database_secret; /* name of the database's secret; NULL: known by who manages it, or by the database's name in it */
    char *database;   /* instance id; NULL: every instance of the account is shown */
    char *backup_region; /* where automated backups are replicated to; NULL: us-west-2 */
    char *web_acl;    /* name, CLOUDFRONT scope */
    char *block_set, *block_set_ipv6; /* IP sets for addresses to be blocked at once; NULL: trivet-blocked, trivet-blocked-ipv6 */
    struct shutdown_config auto_shutdown;
    struct network_config network; /* where it is not as in the others */
    VEC(struct probe_config) probes;
};

struct freeze_config {
    int64_t from, to; /* wall ms; `to` is the first moment after it */
    char *reason;     /* NULL if none */
};

/* A check that is known to fail, and is let be for a while. */
struct waiver_config {
    char *check, *account, *reason; /* account NULL: in each */
    int64_t until;                  /* wall ms; the first moment after it */
};

#define QUERY_NAME_MAX 60
#define QUERY_TEXT_MAX 4000

/* A query of CloudWatch Logs Insights that the profile keeps. */
struct query_config {
    char *name, *query, *account; /* account NULL: the one that is looked at */
    VEC(char *) groups;           /* names of log groups, or how they begin; none: the one that is looked at */
    int64_t since_ms;             /* how far back; 0: an hour */
};

struct estate_config {
    char *name, *region;
    int64_t failover_ms; /* objective; 120 s by default */
    double cache_hit;    /* objective, 0..1; 0.7 by default */
    int64_t key_age_ms;  /* objective: how old an access key may become; 90 days by default */
    char *github_repository, *github_environment;
    struct network_config network;
    VEC(struct query_config) queries;
    VEC(struct waiver_config) waivers;
    VEC(struct freeze_config) freeze; /* when nothing is to be released */
    VEC(struct account_config) accounts;
};

/* "TrivetReader" in account 333333333333 is arn:aws:iam::333333333333:role/TrivetReader, in the partition of its region; an ARN stands as it is. */
const char *account_role_arn(const struct account_config *account, const char *role, char *out, size_t size);

/* The name of the IP set for addresses to be blocked at once. */
const char *account_block_set(const struct account_config *account, bool six);

void estate_config_free(struct estate_config *config); /* the contents; not the struct itself */

#endif
