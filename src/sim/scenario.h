/* What a scenario file says, as plain structs: the simulated world's beginning. Texts are owned by the scenario; optional ones are NULL. */
#ifndef TRIVET_SIM_SCENARIO_H
#define TRIVET_SIM_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vec.h"
#include "base/yaml.h"
#include "sim/scenario_edge.h"
#include "sim/scenario_costs.h"
#include "sim/scenario_network.h"
#include "sim/scenario_security.h"

typedef network_texts texts;

struct pair {
    char *name, *value;
};

struct web_identity {
    char *provider, *audience, *subject;
    char *token; /* the one token that the provider vouches for */
};

struct role {
    char *name;
    texts trust; /* ARNs that may assume it; an account's root ARN stands for all of that account */
    char *external_id, *mfa_serial, *mfa_code;
    bool mfa; /* only who signed in with MFA */
    int64_t used; /* ms before the start; 0: never */
    int64_t max_session; /* ms */
    texts allow;         /* "rds:Describe*" */
    struct web_identity web;
    bool has_web;
};

struct trail_event { /* a call that CloudTrail has recorded before the simulation's start */
    int64_t ago;
    char *name, *source, *user, *resource, *error;
    char *role; /* whose session it was; NULL: a user's call */
};

struct trail {
    char *name, *bucket;
    bool organization, multi_region, validated, logging;
    char *delivery_error;
};

struct db_event {
    int64_t ago; /* ms before the simulation's start */
    char *message, *category;
};

struct db_maintenance {
    char *action, *description;
    int64_t forced_in; /* ms after the simulation's start; 0: never */
};

struct db_instance {
    char *id, *class, *engine, *version, *db_name, *user, *resource_id, *parameter_group;
    char *status, *zone, *standby_zone, *backup_window, *replicate_to;
    char *key; /* id or alias of one of the account's keys; NULL: RDS's own */
    int64_t storage_gib, iops, backup_days, age, stopped; /* stopped: for so long already, where its status says so */
    bool multi_az, encrypted, iam_auth, public_access, deletion_protection, force_ssl;
    char *endpoint; /* NULL: as RDS would name it */
    int64_t port;
    texts subnets, groups; /* of the network: where it is, and who may reach it */
    VEC(struct db_event) events;
    VEC(struct db_maintenance) maintenance;
};

struct budget_alert {
    int kind; /* 0 ACTUAL, 1 FORECASTED */
    double threshold;
    bool absolute; /* else a percentage */
    texts subscribers; /* addresses */
};

struct budget {
    char *name, *service; /* service: a cost filter, NULL for all */
    double limit;
    double pace; /* what the month ends at, as a part of the limit */
    VEC(struct budget_alert) notifications;
};

struct attack { /* a request as a stranger sends it; not cleaned */
    char *method, *uri, *agent, *country, *network, *label;
};

/* More of them from some time on, out of few addresses. What of these is in a set that blocks gives up after some minutes. */
struct waf_surge {
    int64_t at;        /* ms after the simulation's start */
    double per_minute; /* all addresses together */
    texts addresses;
    struct attack attack;
};

struct waf_rule {
    char *name, *metric;
    int64_t priority;
    int kind;        /* 0 managed, 1 rate, 2 geo, 3 ip-set */
    char *vendor, *group;
    char *set; /* of an ip-set rule: the set's name */
    texts countries;
    int64_t limit;   /* of a rate rule, per five minutes */
    int action;      /* 0 block, 1 count */
    double blocked;  /* a minute, on average */
    int64_t burst_every, burst_length; /* ms; 0 none */
    double burst;    /* times as many in a burst */
    VEC(struct attack) attacks;
    struct waf_surge surge; /* per_minute 0: none */
};

struct acl {
    char *name, *id, *description, *metric, *logs; /* logs: ARN of where its log goes; NULL: nowhere */
    int scope; /* 0 CLOUDFRONT, 1 REGIONAL */
    int64_t capacity;
    double allowed; /* a minute, on average */
    VEC(struct waf_rule) rules;
    VEC(struct attack) visitors; /* what is allowed */
};

struct metric {
    char *space, *name, *unit;
    VEC(struct pair) dimensions;
    double mean, daily, noise; /* daily swing and noise as parts of the mean */
    double maximum;            /* 0: none */
    bool counts;               /* a count a minute: Sum grows with the period */
};

struct alarm {
    char *name, *description, *metric, *action, *state;
    int64_t period, periods;
    double threshold;
    int comparison, statistic;
};

struct node_group { /* the managed one; as many nodes as the cluster begins with */
    int64_t min, max;
};

struct fargate_profile {
    char *name, *status;
    texts namespaces;
};

struct addon { /* one that EKS manages */
    char *name, *version, *status, *issue;
};

struct cluster {
    char *name, *version, *platform, *vpc;
    texts subnets;
    int64_t age;
    int64_t support;        /* how long its version stays in standard support; 0: for the usual time */
    char *issuer;           /* of the tokens of service accounts, without "https://" */
    char *secrets_key;      /* KMS key of the Secrets */
    texts logs, public_from; /* public_from: none is everywhere */
    bool no_private_endpoint;
    VEC(struct fargate_profile) profiles;
    VEC(struct addon) addons;
    struct node_group nodes;
};

struct ip_set {
    char *name, *id, *description;
    int scope; /* 0 CLOUDFRONT, 1 REGIONAL */
    texts addresses;
};

struct finding {
    char *name, *description, *package, *version;
    int severity;
};

struct image {
    char *digest, *scan;
    char *fault; /* how its containers fail: crash, oom, image, unready */
    char *fault_in; /* only in this account; NULL: wherever they run */
    texts tags;
    int64_t pushed; /* ms before the simulation's start */
    int64_t mib;
    VEC(struct finding) findings;
};

struct repository {
    char *name, *policy, *lifecycle;
    texts mutable_tags; /* patterns of tags that may move */
    bool scan_on_push, mutable;
    VEC(struct image) images;
};

struct pipeline { /* Source, Approve, Deploy */
    char *name, *revision, *summary, *link;
    int64_t waiting; /* ms before the start since when it waits for approval */
    int64_t version;
};

struct happening {
    int64_t at; /* ms after the simulation's start */
    char *zone_fails, *zone_returns;
};

struct account {
    char *id, *name, *region, *email, *status;
    int kind;
    int64_t age;
    VEC(struct role) roles;
    VEC(struct trail) trails;
    VEC(struct trail_event) trail_events;
    VEC(struct db_instance) databases;
    VEC(struct budget) budgets;
    VEC(struct acl) acls;
    VEC(struct metric) metrics;
    VEC(struct alarm) alarms;
    VEC(struct distribution) distributions;
    VEC(struct cache_policy) cache_policies;
    VEC(struct hosted_zone) zones_of_dns;
    VEC(struct ip_set) ip_sets;
    VEC(struct repository) repositories;
    VEC(struct pipeline) pipelines;
    struct cluster cluster;
    struct account_network network;
    struct account_costs costs;
    struct account_logs logs;
    struct account_scheduler scheduler;
    struct account_security security;
    const struct yaml *kubernetes; /* NULL: no cluster */
    texts zones;
    VEC(struct happening) happens;
};

struct policy {
    char *id, *name, *description;
    bool aws_managed;
    texts targets; /* ids of accounts and units, or "root" */
    texts deny;    /* "cloudtrail:StopLogging": what it denies to all principals of its targets */
};

struct unit {
    char *id, *name, *under; /* under: another unit's id; NULL: the root */
    texts accounts;          /* ids; an account that is in no unit is in the root */
};

struct organization {
    char *id, *root_id;
    VEC(struct policy) policies;
    VEC(struct unit) units;
};

struct user {
    char *arn, *id, *access_key_id, *secret_access_key;
    bool mfa; /* the keys are of a session that was opened with a code */
    texts allow;
};

struct sso {
    char *client_id, *client_secret, *access_token, *refresh_token;
    texts roles;
    int64_t lifetime;
};

struct scenario {
    char *name, *like; /* like: what its file was laid over, or NULL */
    int64_t seed;
    int64_t begun; /* for so long it has been running when it is first asked, ms */
    struct user user;
    struct organization organization;
    struct sso sso;
    VEC(struct account) accounts;
    char *github_token;
    const struct yaml *github;
    struct yaml_doc *doc;
};

/* A file, laid over the one that it is like, if it says so (scenario_like.c). */
struct yaml_doc *scenario_document(const char *path, struct error *e);

/* NULL on error, with e->message the whole line. */
struct scenario *scenario_load(const char *path, struct error *e);
void scenario_free(struct scenario *scenario);

#endif
