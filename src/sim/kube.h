/* Private to kube_*.c: one simulated Kubernetes cluster. Objects are immutable once stored: a change stores a new version beside
 * the old one, which lives on in the ring of past events, so that watches and pages of older lists see what was true then.
 * Pods are small structs over a shared template, their documents are made on demand; all other kinds are jansson trees. */
#ifndef TRIVET_SIM_KUBE_H
#define TRIVET_SIM_KUBE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"
#include "sim/sim.h"

#define KUBE_CONTAINERS_MAX 8
#define KUBE_NEVER          INT64_MAX

enum kube_kind {
    KUBE_POD,
    KUBE_NODE,
    KUBE_EVENT,
    KUBE_NAMESPACE,
    KUBE_DEPLOYMENT,
    KUBE_REPLICASET,
    KUBE_HPA,
    KUBE_DAEMONSET,
    KUBE_SERVICE_ACCOUNT,
    KUBE_STORED, /* the kinds above are stored; the following are worked out when asked for */
    KUBE_POD_METRICS = KUBE_STORED,
    KUBE_NODE_METRICS,
    KUBE_KIND_COUNT
};

struct kube_type {
    const char *kind, *plural, *singular, *short_name, *group, *version;
    bool namespaced;
    const char *verbs; /* space-separated */
};
extern const struct kube_type kube_types[KUBE_KIND_COUNT];
const char *kube_api_version(enum kube_kind kind); /* "v1", "apps/v1" */

/* What pods of one revision of a Deployment have in common. */
struct kube_template {
    unsigned refs;
    struct kube_app *app; /* how they behave; borrowed */
    char *ns, *generate_name, *owner_name, owner_uid[37];
    json_t *labels, *annotations, *spec;
    size_t init_count, container_count, gate_count;
    char *image_error;        /* why the images cannot be pulled, or NULL */
    int fail;                 /* enum kube_fail: the application's, or its image's */
    int live, ready, updated; /* counted by the controller on each pass */
};

enum kube_container_state { CONTAINER_WAITING, CONTAINER_RUNNING, CONTAINER_TERMINATED };

struct kube_container {
    uint8_t state;
    bool ready;
    int restarts, exit_code, last_exit_code;
    const char *reason, *last_reason; /* constants; last_reason NULL: it never ended */
    int64_t started_at, finished_at, last_started_at, last_finished_at;
};

enum kube_pod_step { POD_UNSCHEDULED, POD_PULLING, POD_INIT, POD_CREATING, POD_STARTED, POD_READY, POD_CRASHED, POD_BACKOFF };

struct kube_pod {
    struct kube_template *template;
    uint8_t step;
    bool cut_off; /* its node is not heard of */
    char node[64];
    uint32_t ip, host_ip; /* 0: none yet */
    int64_t scheduled_at, initialized_at, ready_at;
    int64_t next_at;            /* when the next step is due */
    int64_t gone_at;            /* being deleted: when it is gone */
    struct kube_container at[]; /* init containers first */
};

struct kube_object {
    unsigned refs;
    uint8_t kind;
    const char *ns; /* interned by the cluster; "" for what is in no namespace */
    char *name;
    uint64_t version;
    char uid[37];
    int64_t created_at;
    int64_t deletion_at; /* deletionTimestamp; 0 while it is not being deleted */
    json_t *tree;        /* not of pods: the document, without resourceVersion. Pods: labels, annotations, images that were patched, or NULL */
    struct kube_pod *pod;
};

typedef VEC(struct kube_object *) kube_objects;

enum kube_change { KUBE_ADDED, KUBE_MODIFIED, KUBE_DELETED };

struct kube_past {
    uint64_t version;
    enum kube_change change;
    struct kube_object *object, *previous; /* previous: NULL when added. Deleted: object is NULL */
};

enum kube_fail { FAIL_NONE, FAIL_CRASH, FAIL_OOM, FAIL_IMAGE, FAIL_PENDING, FAIL_UNREADY };
enum kube_log_style { LOG_NGINX, LOG_FLASK, LOG_KLOG };

struct kube_revision {
    char hash[12];
    int number;
    char *name; /* the ReplicaSet's */
    struct kube_template *template;
    int wanted;
};

struct kube_former { /* an image that a Deployment had before */
    char *image;
    int64_t ago; /* when it got it */
};

struct kube_daemon { /* on every node of the managed group; its pods are not told one by one */
    char *ns, *name, *image;
    bool broken; /* none of it becomes ready */
};

struct kube_app { /* a Deployment of the scenario */
    char *ns, *name, *image, *init_image, *cpu, *memory, *service_account, *command;
    char *role;    /* ARN that its service account stands for, or NULL */
    char *group;   /* id of the security group that a SecurityGroupPolicy gives its pods; NULL: the cluster's */
    char *secret;  /* a variable of its environment that comes from a Secret, or NULL */
    VEC(struct kube_former) formers; /* the oldest first */
    char *sidecar; /* image, or NULL */
    char *gate;    /* readiness gate, or NULL */
    int64_t replicas, port, age, restarts;
    int64_t rolled; /* ago, when it got the image that it has; 0: as old as itself */
    bool fargate;
    int log, fail;
    double usage, memory_usage;
    bool has_hpa;
    int64_t hpa_min, hpa_max;
    double hpa_target;
    bool spare;            /* generated for load: nothing happens to its pods by itself */
    uint64_t seen_version;    /* of the Deployment whose template was last looked at */
    uint64_t settled_version; /* of the Deployment when all was as it should be; nothing to do while it and the pods stay so */
    int64_t low_since;     /* the autoscaler wants fewer since then */
    int64_t progress_at;
    bool late; /* its rollout has passed the deadline: that stays so until it completes or another begins */
    double load;                         /* CPU that all pods together use, in cores */
    VEC(struct kube_revision) revisions; /* the last one is current */
};

struct kube_watcher;
struct kube_follower;

struct kube_timing {
    int64_t schedule, start, ready, stop, restart;
};

struct kube_node_config {
    char *name, *zone, *type;
    int64_t age;
    uint32_t ip;
    bool spare;
    int64_t gone_at; /* it is being drained; 0: it stays */
};

struct kube_zone {
    char *name, *subnet;
    uint32_t base, used;
    int64_t failed_at; /* it has gone away; 0: it is there */
    bool noticed, given_up;
};

struct kube_sim {
    struct sim *sim;
    size_t account;
    char *version;
    VEC(struct kube_zone) zones;
    VEC(char *) names; /* interned namespaces */
    VEC(struct kube_node_config) nodes;
    VEC(struct kube_app *) apps;
    VEC(struct kube_daemon) daemons;
    VEC(char *) repositories; /* images can be pulled from these */
    struct kube_timing timing;
    int64_t generate_pods, generate_nodes;
    char *generate_namespace;
    int64_t watch_window;
    uint64_t revision; /* the last resourceVersion given out */
    uint64_t reconciled;
    kube_objects store[KUBE_STORED]; /* sorted by namespace, name */
    struct kube_past *ring;
    size_t ring_first, ring_len;
    uint64_t ring_floor; /* changes after this one are all in the ring */
    struct kube_watcher *watchers;
    struct kube_follower *followers;
    int64_t now, restart_at, hpa_at, tidy_at, bookmark_at;
    bool nodes_scaled; /* the managed group has been given another size: */
    size_t nodes_wanted;
    int64_t node_due; /* when the next of the missing nodes joins; 0: none is awaited */
    size_t zones_failed;
    bool loading;
};

double kube_random(struct kube_sim *k);              /* 0 ≤ x < 1 */
int64_t kube_around(struct kube_sim *k, int64_t ms); /* ±40% */
uint32_t kube_hash(const char *text, uint64_t salt); /* the same for the same input */

/* kube_store.c */
int kube_compare(const char *ns_a, const char *name_a, const char *ns_b, const char *name_b);
struct kube_object *kube_object_new(struct kube_sim *k, enum kube_kind kind, const char *ns,
                                    const char *name); /* one reference; uid and creation set */
struct kube_object *kube_ref(struct kube_object *o);
void kube_unref(struct kube_object *o);
struct kube_object *kube_edit(const struct kube_object *o);                                                     /* a copy to change and put */
struct kube_object *kube_find(const struct kube_sim *k, enum kube_kind kind, const char *ns, const char *name); /* borrowed */
const struct kube_object *kube_put(struct kube_sim *k, struct kube_object *o);                                  /* takes the reference over */
void kube_remove(struct kube_sim *k, struct kube_object *o);
void kube_store_free(struct kube_sim *k);
/* Objects of a kind as they were at `version`, sorted; false if that is no longer known. The caller unrefs each and frees the array. */
bool kube_rewind(const struct kube_sim *k, enum kube_kind kind, uint64_t version, kube_objects *out);
void kube_objects_free(kube_objects *objects);

/* kube_pod.c: templates, birth, life and death of pods. */
struct kube_template *kube_template_new(struct kube_sim *k, struct kube_app *app, const struct kube_object *replica_set);
void kube_template_unref(struct kube_template *t);
void kube_pod_create(struct kube_sim *k, struct kube_template *t);
/* As if it had run since `at`. */
void kube_pod_create_running(struct kube_sim *k, struct kube_template *t, int64_t at, int restarts);
const struct kube_object *kube_pod_delete(struct kube_sim *k, const struct kube_object *pod,
                                          int64_t grace_ms); /* grace 0: gone at once; -1: the pod's own */
void kube_pods_step(struct kube_sim *k);
uint32_t kube_next_ip(struct kube_sim *k, size_t zone);
bool kube_pod_ready(const struct kube_object *pod);

/* kube_json.c: whole documents. */
const char *kube_pod_phase(const struct kube_object *pod);
json_t *kube_json(const struct kube_object *o, uint64_t version, bool with_type); /* new reference */
json_t *kube_json_metadata(const struct kube_object *o, uint64_t version);        /* new reference */
const json_t *kube_labels(const struct kube_object *o);                           /* borrowed; NULL if none */
json_t *kube_stamp(int64_t ms);                                                   /* seconds, or null for 0 */
void kube_ip(uint32_t ip, char out[16]);
void kube_dump(const json_t *tree, struct str *out);
void kube_add_string(struct str *out, const char *text); /* quoted and escaped */

/* kube_node.c */
void kube_node_create(struct kube_sim *k, const char *name, uint32_t ip, const char *zone, const char *type, bool fargate, int64_t created_at);
const char *kube_node_zone(const struct kube_sim *k, const char *name); /* "" if it is not known */
void kube_nodes_step(struct kube_sim *k);
bool kube_node_there(const struct kube_sim *k); /* one of the managed group that takes pods */

/* kube_daemon.c: daemons, and the accounts that applications run as. */
void kube_daemons_build(struct kube_sim *k);
void kube_service_account_add(struct kube_sim *kube, const char *ns, const char *name, const char *role, int64_t age); /* none if it is there */
void kube_daemons_step(struct kube_sim *k);
void kube_daemons_free(struct kube_sim *k);
/* kube_zone.c */
void kube_zones_step(struct kube_sim *k);
int64_t kube_pod_lost(const struct kube_sim *k, const struct kube_object *pod); /* since when, with its zone; 0: it is not */
bool kube_zone_there(const struct kube_sim *k, const char *zone);

/* kube_event.c */
void kube_event(struct kube_sim *k, const struct kube_object *about, const char *field_path, const char *type, const char *reason,
                const char *component, const char *format, ...) __attribute__((format(printf, 7, 8)));
void kube_events_tidy(struct kube_sim *k);

/* kube_scenario.c */
bool kube_scenario_read(struct kube_sim *k, const struct yaml *section, struct error *e);
void kube_scenario_build(struct kube_sim *k);
void kube_app_free(struct kube_app *app);
int kube_fail_read(const char *name); /* "crash"; FAIL_NONE if it is none */

/* kube_control.c, kube_hpa.c */
void kube_reconcile(struct kube_sim *k);
struct kube_revision *kube_revision_of(struct kube_sim *k, struct kube_app *app, const struct kube_object *deployment);
void kube_hpa_create(struct kube_sim *k, struct kube_app *app);
void kube_hpa_step(struct kube_sim *k);
double kube_app_load(const struct kube_sim *k, const struct kube_app *app); /* cores, at this time */
double kube_quantity(const char *text);                                     /* "250m", "512Mi" */

/* kube_select.c */
struct kube_selector;
struct kube_selector *kube_labels_parse(const char *text, struct error *e); /* NULL text: selects all. NULL on error */
struct kube_selector *kube_fields_parse(enum kube_kind kind, const char *text, struct error *e);
bool kube_selects_all(const struct kube_selector *s);
bool kube_labels_match(const struct kube_selector *s, const json_t *labels);
bool kube_fields_match(const struct kube_selector *s, const struct kube_object *o);
void kube_selector_free(struct kube_selector *s);

/* kube_table.c: replies as tables. */
enum kube_form { FORM_JSON, FORM_TABLE, FORM_PARTIAL };
enum kube_include { INCLUDE_METADATA, INCLUDE_NONE, INCLUDE_OBJECT };
struct kube_format {
    enum kube_form form;
    enum kube_include include;
};
void kube_table_columns(enum kube_kind kind, struct str *out); /* the array */
void kube_table_row(const struct kube_sim *k, const struct kube_object *o, uint64_t version, enum kube_include include, struct str *out);
void kube_table_blank_row(enum kube_kind kind, enum kube_include include, uint64_t version, struct str *out); /* a bookmark's */
/* The document of one object in this form (not list). */
void kube_write_one(const struct kube_sim *k, const struct kube_object *o, uint64_t version, struct kube_format format, bool columns,
                    struct str *out);

/* kube_http.c */
struct kube_call {
    struct kube_sim *k;
    const struct server_request *request;
    struct server_reply *reply;
    enum kube_kind kind;
    char *ns, *name, *sub; /* "" where not given */
    struct kube_format format;
    bool dry_run, may_write;
    const char *user;
};
void kube_status(struct kube_call *c, int code, const char *reason, json_t *details, const char *format, ...) __attribute__((format(printf, 5, 6)));
void kube_status_error(struct kube_call *c, const struct error *e); /* e->status, e->code */
json_t *kube_details(enum kube_kind kind, const char *name);
const char *kube_resource(enum kube_kind kind, char *out, size_t size); /* "pods", "deployments.apps" */
void kube_not_found(struct kube_call *c);
void kube_reply_object(struct kube_call *c, const struct kube_object *o);
void kube_reply_tree(struct kube_call *c, json_t *tree); /* takes it over */
int64_t kube_query_int(struct kube_call *c, const char *name, int64_t otherwise);
bool kube_query_flag(struct kube_call *c, const char *name);

/* kube_list.c, kube_watch.c, kube_write.c, kube_log.c, kube_metrics.c */
void kube_list(struct kube_call *c);
void kube_watch(struct kube_call *c, struct kube_selector *labels, struct kube_selector *fields, const char *version); /* takes selectors over */
void kube_watch_tell(struct kube_sim *k, const struct kube_past *past);
void kube_watch_step(struct kube_sim *k);
void kube_watch_free(struct kube_sim *k);
void kube_patch_handle(struct kube_call *c);
void kube_put_handle(struct kube_call *c);
void kube_delete_handle(struct kube_call *c);
void kube_scale_get(struct kube_call *c);
void kube_log_get(struct kube_call *c);
void kube_log_step(struct kube_sim *k);
void kube_log_free(struct kube_sim *k);
void kube_metrics(struct kube_call *c);

/* kube_patch.c: each returns a new tree, or NULL with e->status (400, 422). */
json_t *kube_patch_merge(const json_t *target, const json_t *patch);
json_t *kube_patch_strategic(const json_t *target, const json_t *patch, struct error *e);
json_t *kube_patch_json(const json_t *target, const json_t *patch, struct error *e);

#endif
