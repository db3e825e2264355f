/* What the files of feeds/ share: one running feed of one account, and how it reports. */
#ifndef TRIVET_FEEDS_INTERNAL_H
#define TRIVET_FEEDS_INTERNAL_H

#include "estate/write.h"
#include "feeds/feeds.h"
#include "github/client.h"
#include "kube/client.h"

struct feed_run {          /* one feed of one account */
    struct feeds *feeds;
    size_t account;
    enum feed feed;
    struct aws_session *session;
    const struct account_config *config;
    void *state;           /* the feed's own, between stop and start; freed by its stop */
};

struct feed_type {
    enum feed feed;
    int64_t interval_ms, focus_ms; /* 0: live, keeps itself going */
    bool (*wanted)(const struct account_config *account); /* false: SLICE_NONE. NULL: always */
    void (*start)(struct feed_run *run); /* polled: one refresh, ends in feed_good or feed_failed; live: begins */
    void (*stop)(struct feed_run *run);  /* cancels what is under way */
    bool focus_only;       /* runs only while a pane shows it */
    bool keyless;          /* asks AWS nothing: whose keys there are does not matter */
    int (*stretch)(const struct account *account); /* how many times as seldom, where what is read grows with the account. NULL: once */
};

/* A refresh went well, or not: sets the slice and the next time (jitter, back-off). */
void feed_good(struct feed_run *run);
void feed_failed(struct feed_run *run, const struct error *error);
void feed_end(struct feed_run *run, const struct error *error); /* NULL: it went well */
/* What was read stands even though a part of it could not be: `any` tells whether there is something. */
void feed_end_partly(struct feed_run *run, bool any, const struct error *error);
/* There is more of it than this refresh reads: the slice will say so, however it ends. */
void feed_more(struct feed_run *run);
/* Goes on once another feed of the same account has had its first answer, good or bad. False: it has had one, or is not under way. */
bool feed_await(struct feed_run *run, enum feed other, void (*go)(struct feed_run *run));
/* False of a session where nothing but whose keys they are was to be found out: it has nobody to tell of another failure, the feeds meet it too. */
bool feed_is_asked_for(const struct feed_run *run);
bool feed_in_focus(const struct feed_run *run); /* a pane shows it */

struct estate *feeds_estate(struct feeds *feeds);
struct loop *feeds_loop(struct feeds *feeds);
struct github *feeds_github(struct feeds *feeds);
const char *feeds_cache_dir(struct feeds *feeds); /* NULL: there is none */
const char *feeds_state_dir(struct feeds *feeds); /* NULL: there is none */
struct kube *feeds_kube(struct feeds *feeds, size_t account); /* made once per account with a cluster; NULL without */

#define WRONG_ACCOUNT "WrongAccount" /* the session's, where the keys are not those of the profile's account: no other feed asks with them */
/* The session of the run's account has changed state (session.c). */
void session_changed(struct feed_run *run);
void detail_cancel(struct feeds *feeds); /* detail.c */
struct detail_call;
struct detail_call **feeds_detail_call(struct feeds *feeds); /* where detail.c keeps its call */
struct kube_look;
struct kube_look **feeds_kube_look(struct feeds *feeds);     /* where kube_detail.c keeps what it reads and follows */

struct log_tail;
struct log_tail **feeds_log_tail(struct feeds *feeds);       /* where log_tail.c keeps what it follows */
void log_tail_open(struct feeds *feeds, size_t account, const char *group, int64_t since_ms);
void log_tail_close(struct feeds *feeds);
struct insights_ask;
struct insights_ask **feeds_insights_ask(struct feeds *feeds); /* where insights.c keeps the query under way */
void insights_ask_cancel(struct feeds *feeds);

/* A refresh that is one call: `take` reads the answer into the estate, and it has gone well; an error fails it. The feed's stop is feed_call_stop. */
void feed_call(struct feed_run *run, const char *service, const char *operation, json_t *take_input, const struct aws_call_options *options,
               void (*take)(struct feed_run *run, json_t *output));
void feed_call_stop(struct feed_run *run);

/* A set of calls that together make one refresh. Each is asked for by calls_add; when the last has answered, `done` is called with the
 * first error, if any. A part can go on with further calls from inside its answer. So many go out at once; the others wait in line. */
#define CALLS_AT_ONCE 64
struct calls {
    struct feed_run *run;
    void (*done)(struct feed_run *run, const struct error *error);
    struct calls_one *first, **last; /* under way, and in line behind them */
    int pending, sent;               /* all of them; those under way */
    bool adding;
    struct error error; /* the first */
};
typedef void calls_answer(struct feed_run *run, json_t *output, void *arg);
/* arg is handed to answer; borrowed. What `options` points to must last as long as the reading. The calls struct must stay where it is until done is
 * called or calls_cancel(). */
void calls_begin(struct calls *calls, struct feed_run *run, void (*done)(struct feed_run *run, const struct error *error));
void calls_add(struct calls *calls, const char *service, const char *operation, json_t *take_input, const struct aws_call_options *options,
               calls_answer *answer, void *arg);
/* One of many that a list has just told of. If it has been deleted meanwhile, nothing is amiss: answer is then not called. */
void calls_each(struct calls *calls, const char *service, const char *operation, json_t *take_input, const struct aws_call_options *options,
                calls_answer *answer, void *arg);
/* One that makes up a part of its own, and keeps what the other parts told: of what could not be read answer is handed NULL, and the refresh has that
 * error; of what has been deleted, {}. */
void calls_part(struct calls *calls, const char *service, const char *operation, json_t *take_input, const struct aws_call_options *options,
                calls_answer *answer, void *arg);
/* One of the account's region, and one of the region in which its global services (CloudFront, WAF, billing, IAM) leave what they have to tell, if
 * that is another: answer's arg is true for the account's own. */
void calls_both(struct calls *calls, const char *service, const char *operation, json_t *take_input, const struct aws_call_options *options,
                calls_answer *answer);
/* One that may fail without failing the refresh: answer is then handed NULL. */
void calls_try(struct calls *calls, const char *service, const char *operation, json_t *take_input, calls_answer *answer, void *arg);
void calls_end(struct calls *calls);  /* after the first calls were added */
void calls_cancel(struct calls *calls);

/* Owned by the kube feeds (kube_*.c), called by feeds.c. */
extern const struct feed_type feed_pods, feed_nodes, feed_deployments, feed_hpas, feed_pod_metrics;
void kube_detail(struct feeds *feeds, const struct detail_key *key); /* DETAIL_POD */
void kube_detail_cancel(struct feeds *feeds);
/* Owned by the AWS feeds. */
extern const struct feed_type feed_node_groups, feed_schedules, feed_session, feed_organization, feed_trail, feed_database, feed_database_events,
    feed_database_backups, feed_identity, feed_credentials, feed_keys, feed_secrets, feed_instances, feed_state_bucket, feed_service_accounts,
    feed_workloads, feed_deploy_gate, feed_budgets, feed_budget_subscribers, feed_web_acl, feed_waf_metrics, feed_waf_samples, feed_block_sets,
    feed_distributions, feed_alarms, feed_releases, feed_images, feed_pipelines;
extern const struct feed_type feed_database_parameters, feed_database_load, feed_costs, feed_cost_watch, feed_log_groups, feed_alarm_metrics;
extern const struct feed_type feed_registry, feed_platform;
extern const struct feed_type feed_network, feed_load_balancers, feed_edge, feed_edge_metrics;
/* Of what is kept on this machine. */
extern const struct feed_type feed_own_actions;
extern const struct feed_type feed_alarm_history;
extern const struct feed_type feed_trail_events;
extern const struct feed_type feed_drills;

#endif
