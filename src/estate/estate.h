/* The model of the live estate: accounts, and what each has. Plain arrays, typed fields, no I/O. Only feeds/ writes it
 * (estate/write.h); everyone else holds a const pointer.
 * Numbers not known yet are -1 (counts, bytes) or NAN (money, rates), texts NULL or "", times 0: never zero passed off as a reading. */
#ifndef TRIVET_ESTATE_ESTATE_H
#define TRIVET_ESTATE_ESTATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"
#include "estate/alarm.h"
#include "estate/block.h"
#include "estate/budget.h"
#include "estate/change.h"
#include "estate/cluster.h"
#include "estate/config.h"
#include "estate/cost.h"
#include "estate/database.h"
#include "estate/detail.h"
#include "estate/distribution.h"
#include "estate/history.h"
#include "estate/edge.h"
#include "estate/insights.h"
#include "estate/log_group.h"
#include "estate/network.h"
#include "estate/organization.h"
#include "estate/platform.h"
#include "estate/registry.h"
#include "estate/release.h"
#include "estate/scheduled.h"
#include "estate/security.h"
#include "estate/session.h"
#include "estate/slice.h"
#include "estate/waf.h"

struct account {
    const struct account_config *config;
    size_t index;
    struct slice slices[FEED_COUNT];
    struct session session;
    struct organization organization; /* filled for the management account only */
    struct trail trail;
    struct history history;
    struct cluster cluster;
    VEC(struct node_group) node_groups;
    VEC(struct scheduled) schedules;
    struct database_set database;
    VEC(struct budget) budgets;
    struct cost_report costs;       /* filled for the management account only, of all accounts */
    struct cost_asking cost_asking; /* likewise */
    struct cost_watch cost_watch;   /* likewise */
    VEC(struct log_group) log_groups;
    struct web_acl web_acl;
    struct block_set block_sets[BLOCK_SETS]; /* filled where the profile names a web ACL, as the distributions are */
    VEC(struct distribution) distributions;
    VEC(struct alarm) alarms;
    VEC(struct alarm_trend) alarm_trends; /* read only while a pane shows them */
    struct account_network network;
    struct balancing balancing;
    struct account_edge edge;    /* filled where the profile names a web ACL, as its traffic is */
    struct edge_traffic edge_traffic;
    struct release_set releases; /* filled for production accounts */
    struct release_set pipelines; /* of CodePipeline, where the profile asks for them */
    struct image_set images;     /* filled for the management account only */
    struct security security;
    struct registry registry;
    struct platform platform;    /* where the profile names a cluster */
};

struct estate {
    const struct estate_config *config;
    struct account *accounts; /* in the profile's order */
    size_t account_count;
    struct change_feed changes;
    struct detail detail;     /* the one thing looked at closely */
    struct log_view log;      /* the one log followed */
    struct insights insights; /* the one query of logs, and the last result */
    uint64_t version;         /* moves with every write: what is drawn may be old */
};

struct estate *estate_new(const struct estate_config *config); /* config is borrowed */
void estate_free(struct estate *estate);
const struct account *estate_account(const struct estate *estate, const char *name); /* by name or id; NULL */
const struct account *estate_management(const struct estate *estate);                /* first of that kind; NULL */

/* The hops of a request's way through an account, as the architecture draws it. */
enum path_hop { HOP_NAMES, HOP_CDN, HOP_WAF, HOP_BALANCER, HOP_PODS, HOP_DATABASE, HOPS };

/* How an account is, in one word, from all its slices; what the strip, `status`, the request's path and exit codes say. */
enum health { HEALTH_UNKNOWN, HEALTH_OK, HEALTH_ATTENTION };
#define PROBLEMS_KEPT 32
struct problem {
    enum feed feed;
    bool quiet;       /* asks nobody to look: an alarm that somebody has acknowledged */
    bool standing;    /* of how things are set up, not of what happens now */
    char word[48];    /* of a hop's problem: "5xx", "targets 1b" */
    char text[640];   /* "3 of 12 pods not ready", "database: stopped", "alarm alb-5xx", "budgets: AccessDenied: …" */
};
struct health_report {
    enum health health;
    size_t count;     /* problems found, also beyond those kept */
    size_t quiet;     /* how many of them are */
    struct problem problem[PROBLEMS_KEPT];
    struct problem hop[HOPS]; /* of each hop the first, what happens now before what stands; text "": none */
};
/* Unknown if something that should be known is not (a failed or never-read slice) and nothing is known to be wrong. */
void account_health(const struct account *account, int64_t now_ms, struct health_report *out);
size_t problems_kept(const struct health_report *report); /* how many of them have a text */
/* Development, put to sleep: it has a plan for that, and no app Deployment is to have a pod. Add-ons without nodes are no problem then. */
bool account_is_asleep(const struct account *account);
/* A database that is stopped, or on its way there or back, where a plan may put it to sleep. */
bool database_rests(const struct account *account, const struct database *database);
/* Answers with 5xx that a person should look at: so many a minute, and so great a part of all. */
#define ERRORS_LEAST 5
#define ERRORS_BAD   1.0 /* per cent */
#define RATE_OVER    5   /* minutes, of load balancers */
bool edge_fails(const struct edge_series *series);
bool balancer_fails(const struct balancer_series *series);
/* How the edge stands as far as these parts of it go (bits): fresh where only others could not be read, failed where one of them never could. */
enum slice_state edge_state(const struct account *account, unsigned parts, int64_t now_ms);

#endif
