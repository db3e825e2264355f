/* What changes on the AWS side: databases that stop and fail over, node groups, schedules, sets of addresses, invalidations, approvals.
 * An agenda carries out what is due, in order and each thing at its own time, however seldom it is stepped: a run is the same at any speed. */
#ifndef TRIVET_SIM_AWS_WORLD_H
#define TRIVET_SIM_AWS_WORLD_H

#include "base/vec.h"
#include "sim/aws.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS INT64_C(60000)
#define DAY_MS    INT64_C(86400000)

typedef void world_task(struct sim *sim, void *what, int64_t at);

struct aws_world *world_new(struct sim *sim); /* after the clusters */
void world_free(struct sim *sim);
void world_step(struct sim *sim, int64_t now);
void world_at(struct sim *sim, int64_t at, world_task *task, void *what); /* `what` lives as long as the world */
/* From the seed: the same for the same name and turn. */
int64_t world_span(const struct sim *sim, const char *what, int64_t turn, int64_t least, int64_t most);
void world_uuid(const struct sim *sim, const char *what, int64_t turn, char out[37]);

struct db_moment {
    int64_t at;
    const char *message, *category; /* constants */
};

struct span {
    int64_t from, to; /* to 0: not over */
};

struct db_course;

struct db_state {
    struct sim *sim;
    const struct db_instance *db;
    const char *status;
    const char *zone, *standby; /* as described: after a failover they swap late */
    int64_t stopped_at, restart_at; /* 0: it is not stopped */
    int64_t failed_over_at, turn;
    const struct db_course *course; /* the step that is next */
    VEC(struct db_moment) moments;
    VEC(struct span) stopped, away; /* away: no connection is answered */
};

struct node_update {
    char id[37], *token;
    int64_t at;
    bool done;
    json_t *params;
};

struct node_group_state {
    struct sim *sim;
    size_t account;
    bool there, busy;
    int64_t min, max, desired, created, modified;
    json_t *labels;
    VEC(struct node_update *) updates;
};

struct schedule;

/* What a budget counts between two times; no two days cost the same (aws_budgets.c). */
double budget_spent(const struct aws_call *call, const struct budget *b, int64_t from, int64_t until);

struct set_address {
    char *cidr;
    struct span in;
};

struct ip_set_state {
    const struct ip_set *set;
    char *description;
    int64_t version;
    VEC(struct set_address) addresses;
};

struct invalidation {
    char id[24];
    const struct distribution *distribution;
    int64_t at, done_at;
    json_t *batch;
};

enum pipeline_step { PIPELINE_WAITS, PIPELINE_DEPLOYS, PIPELINE_DONE, PIPELINE_REJECTED, PIPELINE_EXPIRED };

struct pipeline_state {
    struct sim *sim;
    const struct pipeline *pipeline;
    enum pipeline_step step;
    char execution[37], token[37], by[300], *summary;
    int64_t since, changed_at;
};

struct elb_state;
struct logs_query;

/* What somebody has changed by hand since the beginning, where no part of its own keeps it. NULL, 0: it is as the scenario has it. */
struct by_hand {
    json_t *acl_logs;               /* by a web ACL's id: where its log goes; null: nowhere */
    json_t *subscriptions;          /* of Cost Anomaly Detection: all there are */
    json_t *endpoint, *log_kinds;   /* of the cluster: members of its resourcesVpcConfig; kinds of logs that are on */
    VEC(int64_t) cluster_updates;   /* when each was asked for */
    int64_t agents_lost_at;         /* since when the nodes' role lacks what Session Manager's agent needs */
};

struct world_account {
    struct by_hand by_hand;
    struct db_state *databases;     /* as many as the scenario's */
    struct node_group_state nodes;
    VEC(struct schedule *) schedules; /* what was deleted stays, marked: the agenda may name it */
    struct ip_set_state *ip_sets;   /* as many as the scenario's */
    VEC(struct invalidation *) invalidations;
    struct pipeline_state *pipelines; /* as many as the scenario's */
    struct elb_state *elb;
    VEC(struct logs_query *) log_queries;
    int64_t report_at; /* when the credential report is, or was, made; 0: none was asked for */
};
struct world_account *world_account(const struct sim *sim, const struct account *account);

/* Each part's beginning and end. */
void db_states_begin(struct sim *sim, const struct account *account, struct world_account *state);
void node_group_begin(struct sim *sim, size_t account, struct world_account *state);
void ip_sets_begin(struct sim *sim, const struct account *account, struct world_account *state);
void pipelines_begin(struct sim *sim, const struct account *account, struct world_account *state);
void schedules_begin(struct sim *sim, const struct account *account, struct world_account *state);
void happenings_begin(struct sim *sim, const struct account *account); /* happenings.c */
void schedule_free(struct schedule *schedule);
void elb_begin(struct sim *sim, const struct account *account, struct world_account *state);
void elb_free(struct world_account *state);

/* Load balancing (aws_elb_world.c). Targets of a group in a minute, in one zone (an index of the account's) or in all (-1). */
#define ELB_ZONES 4
double elb_hosts(const struct sim *sim, const struct account *a, const struct net_target_group *group, bool healthy, int zone, int64_t minute);
/* What of so many requests met an error because targets failed: the targets' 5xx, or the load balancer's own. */
double elb_errors(const struct sim *sim, const struct account *a, double requests, bool own, int64_t minute);
int elb_zone(const struct account *a, const char *zone); /* -1: none */

json_t *acm_arn(const struct account *a, const char *id); /* aws_acm.c */

/* CloudFront (aws_cloudfront.c, aws_cloudfront_config.c). */
void cloudfront_begin(struct sim *sim, const struct account *account, struct world_account *state);
const struct distribution *cloudfront_find(struct aws_call *call, const char *id); /* NULL with an error */
json_t *cloudfront_parts(const struct aws_call *call, const struct distribution *d); /* what a summary and a configuration have in common */
json_t *cloudfront_get_config(struct aws_call *call);
json_t *cloudfront_get_cache_policy(struct aws_call *call);
json_t *cloudfront_get_vpc_origin(struct aws_call *call);

/* RDS (aws_rds.c, aws_rds_course.c). */
json_t *rds_instance(const struct aws_call *call, const struct db_state *state);
json_t *rds_stop(struct aws_call *call);
json_t *rds_start(struct aws_call *call);
json_t *rds_reboot(struct aws_call *call);
void db_zone(struct sim *sim, const struct account *account, const char *zone, bool there, int64_t at); /* goes away, or comes back */
bool db_answers(const struct db_state *state, int64_t at); /* connections */
bool span_covers(const struct span *spans, size_t count, int64_t at);

/* EKS (aws_node_group.c). */
json_t *eks_list_nodegroups(struct aws_call *call);
json_t *eks_describe_nodegroup(struct aws_call *call);
json_t *eks_update_nodegroup_config(struct aws_call *call);
json_t *eks_describe_update(struct aws_call *call);
json_t *eks_cluster_update(const struct aws_call *call, const char *id); /* of the cluster itself (aws_eks.c); NULL: none by that id */

/* WAF (aws_ip_set.c). */
json_t *waf_list_ip_sets(struct aws_call *call);
json_t *waf_get_ip_set(struct aws_call *call);
json_t *waf_update_ip_set(struct aws_call *call);
bool waf_scope_good(struct aws_call *call, int *scope);
json_t *waf_ip_set_arn(const struct account *a, const char *name);
/* What an ip-set rule met in this minute; one of the addresses, by chance (0..1), or NULL. */
double ip_set_met(const struct sim *sim, const struct account *a, const struct waf_rule *rule, int64_t minute);
const char *ip_set_address(const struct sim *sim, const struct account *a, const struct waf_rule *rule, int64_t minute, double chance);
bool ip_set_holds(const struct sim *sim, const struct account *a, const struct waf_rule *rule, const char *ip, int64_t at);

/* What an attack sends to a rule in this minute (aws_waf_surge.c): from addresses that no set blocks, or that one does. And that of all rules. */
double waf_surge(const struct sim *sim, const struct account *a, const struct acl *acl, const struct waf_rule *rule, int64_t minute, bool held);
double waf_surges(const struct sim *sim, const struct account *a, const struct acl *acl, int64_t minute);

/* When a schedule is due (aws_schedule_time.c). False if the expression or the time zone is not good, with what is wrong. */
bool schedule_time_good(const char *expression, const char *zone, const char **wrong);
/* The first time after `after`; 0: never again. `start`: what rate() counts from. */
int64_t schedule_time_next(const char *expression, const char *zone, int64_t start, int64_t after);

#endif
