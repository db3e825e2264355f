/* The door through which the estate is written. Only feeds/ (and tests' builders) may include this.
 * Every function bumps estate->version if it changed something that can be seen. Texts given as such are cleaned and cut on their way in; those in
 * structs have been by who filled them (feeds/fields.h). */
#ifndef TRIVET_ESTATE_WRITE_H
#define TRIVET_ESTATE_WRITE_H

#include "estate/estate.h"

/* Slices. */
void slice_none(struct estate *e, size_t account, enum feed feed);
void slice_loading(struct estate *e, size_t account, enum feed feed);
void slice_good(struct estate *e, size_t account, enum feed feed, int64_t now, int64_t interval_ms, int64_t due_at);
void slice_part(struct estate *e, size_t account, enum feed feed); /* after slice_good(): there is more than was read */
/* Keeps the data; state becomes stale if there is any, else failed. */
void slice_failed(struct estate *e, size_t account, enum feed feed, const struct error *error, int64_t due_at);
/* Marks fresh slices stale whose data are older than twice their interval. Returns true if any changed. */
bool slices_age(struct estate *e, int64_t now);

void estate_touch(struct estate *e); /* bump version after writing fields directly */
void estate_note(struct estate *e, int64_t at, size_t account, enum feed feed, const char *subject, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

const char *estate_pool(struct estate *e, const char *text); /* pooled copy, cleaned, lives as long as the estate; "" for NULL */

/* Cluster rows: put adds or replaces by (ns, name) and notes what changed (restarts, status, ready); begin/sweep bracket a list. */
struct pod_row { /* borrowed texts, from the wire */
    const char *ns, *name, *status, *node, *ip;
    int ready, containers, restarts;
    int64_t restarted_at, created_at;
};
uint32_t pods_begin(struct estate *e, size_t account);
void pods_put(struct estate *e, size_t account, const struct pod_row *row, int64_t now);
void pods_gone(struct estate *e, size_t account, const char *ns, const char *name, int64_t now);
void pods_sweep(struct estate *e, size_t account, const char *ns, uint32_t list, int64_t now); /* removes rows of ns not seen since begin */
void pods_metrics(struct estate *e, size_t account, const char *ns, const char *name, int cpu_m, int64_t memory);
void nodes_put(struct estate *e, size_t account, const char *name, const char *zone, const char *status, const char *version,
               const char *roles, int64_t created_at, uint32_t list, int64_t now);
void nodes_gone(struct estate *e, size_t account, const char *name);
void nodes_sweep(struct estate *e, size_t account, uint32_t list);
void deployments_put(struct estate *e, size_t account, const struct deployment *row, uint32_t list, int64_t now); /* copies */
void deployments_gone(struct estate *e, size_t account, const char *ns, const char *name);
void deployments_sweep(struct estate *e, size_t account, const char *ns, uint32_t list);
void hpas_put(struct estate *e, size_t account, const struct hpa *row, uint32_t list, int64_t now);
void hpas_gone(struct estate *e, size_t account, const char *ns, const char *name);
void hpas_sweep(struct estate *e, size_t account, const char *ns, uint32_t list);

/* For the rest, feeds fill a new struct and hand it over whole; what it replaces is freed, and differences become changes. */
struct account *estate_account_write(struct estate *e, size_t account);
void session_set(struct estate *e, size_t account, const struct session *session, int64_t now);
void organization_set(struct estate *e, size_t account, struct organization *take); /* moved from; also frees */
void trail_set(struct estate *e, size_t account, const struct trail *trail);
void databases_set(struct estate *e, size_t account, const struct database *rows, size_t count, int64_t now);
void database_events_add(struct estate *e, size_t account, const struct database_event *rows, size_t count); /* deduplicated */
void database_backups_set(struct estate *e, size_t account, const struct database_backup *rows, size_t count);
/* After it: of which regions they could not be read. What was known of one stays. */
void database_backups_unread(struct estate *e, size_t account, bool here, bool there);
void drills_set(struct estate *e, size_t account, struct drill *take, size_t count); /* newest first; texts moved */
void budgets_set(struct estate *e, size_t account, struct budget *take, size_t count, int64_t now); /* notifications moved */
void web_acl_set(struct estate *e, size_t account, struct web_acl *take, int64_t now); /* rules moved; series and samples kept */
void waf_series_set(struct estate *e, size_t account, const struct waf_series *rows, size_t count, int64_t end);
void block_set_put(struct estate *e, size_t account, bool six, struct block_set *take, int64_t now); /* blocks moved */
void distributions_set(struct estate *e, size_t account, const struct distribution *rows, size_t count);
void waf_samples_set(struct estate *e, size_t account, const struct waf_sample *rows, size_t count);
void node_groups_set(struct estate *e, size_t account, const struct node_group *rows, size_t count, int64_t now);
void schedules_set(struct estate *e, size_t account, const struct scheduled *rows, size_t count, int64_t now);
void database_loads_set(struct estate *e, size_t account, const struct database_load *rows, size_t count);
void database_parameters_set(struct estate *e, size_t account, const struct database_parameters *rows, size_t count);
void costs_set(struct estate *e, size_t account, struct cost_report *take); /* moved from */
void cost_asking_set(struct estate *e, size_t account, const struct cost_asking *asking);
void cost_watch_set(struct estate *e, size_t account, struct cost_watch *take); /* moved from */
void log_groups_set(struct estate *e, size_t account, const struct log_group *rows, size_t count, int64_t now);
void alarm_turns_set(struct estate *e, size_t account, const struct alarm_turn *rows, size_t count);
void trail_events_set(struct estate *e, size_t account, const struct trail_event *rows, size_t count);
void own_actions_set(struct estate *e, size_t account, const struct own_action *rows, size_t count);
void alarms_set(struct estate *e, size_t account, const struct alarm *rows, size_t count, int64_t now);
void alarm_trends_set(struct estate *e, size_t account, const struct alarm_trend *rows, size_t count);
/* Parts that are not known in `take` stay as they were. */
void network_set(struct estate *e, size_t account, struct account_network *take, int64_t now); /* moved from */
void targets_set(struct estate *e, size_t account, struct balancing *take, int64_t now); /* groups and targets moved from; series stay */
void balancer_series_set(struct estate *e, size_t account, const struct balancer_series *rows, size_t count, int64_t end);
void edge_set(struct estate *e, size_t account, struct account_edge *take, int64_t now); /* moved from; parts that are not known stay */
void edge_series_set(struct estate *e, size_t account, const struct edge_series *rows, size_t count, int64_t end, int64_t day_end);
void releases_set(struct estate *e, size_t account, struct release_set *take, int64_t now); /* moved from */
void pipelines_set(struct estate *e, size_t account, struct release_set *take, int64_t now); /* moved from */
void identity_set(struct estate *e, size_t account, struct identity_set *take, int64_t now);     /* moved from */
void identity_clear(struct identity_set *set);
void credentials_set(struct estate *e, size_t account, struct credential_set *take, int64_t now); /* moved from */
void keys_set(struct estate *e, size_t account, const struct kms_key *rows, size_t count);
void secrets_set(struct estate *e, size_t account, const struct secret *rows, size_t count, int64_t now);
void instances_set(struct estate *e, size_t account, const struct managed_instance *rows, size_t count);
void service_accounts_set(struct estate *e, size_t account, const struct service_account *rows, size_t count);
void workloads_set(struct estate *e, size_t account, const struct root_workload *rows, size_t count, const char *unread);
void buckets_set(struct estate *e, size_t account, const struct bucket buckets[BUCKETS]);
void deploy_gate_set(struct estate *e, size_t account, const struct deploy_gate *gate);
void images_set(struct estate *e, size_t account, const struct image *rows, size_t count);
void images_unread_set(struct estate *e, size_t account, const struct image_unread *rows, size_t count);
void image_findings_set(struct estate *e, size_t account, const struct image_finding *rows, size_t count);
void registry_set(struct estate *e, size_t account, const struct ecr_repository *rows, size_t count);
void platform_set(struct estate *e, size_t account, struct platform *take, int64_t now); /* moved from */

/* Detail and log. open replaces whatever was there; fill only if the key is still the one open. */
void detail_open(struct estate *e, const struct detail_key *key);
bool detail_is(const struct estate *e, const struct detail_key *key);
struct detail *detail_write(struct estate *e); /* then estate_touch() */
void detail_failed(struct estate *e, const struct error *error);
void detail_close(struct estate *e);
void log_view_open(struct estate *e, size_t account, const char *ns, const char *pod, const char *container);
void log_view_container(struct estate *e, const char *container); /* once it is known which */
void log_view_add(struct estate *e, const char *line, size_t len);
void log_view_end(struct estate *e, const struct error *error);
void log_view_resume(struct estate *e); /* it goes on after an error */
void log_view_close(struct estate *e);

/* A query of Logs Insights (insights.c). end: `take` is moved from, and NULL keeps the result of before; error NULL: it went well, or was stopped. */
void insights_begin(struct estate *e, const struct insights_request *request, int64_t now);
void insights_progress(struct estate *e, const char *status, const struct insights_scan *scan, bool stopping);
void insights_end(struct estate *e, struct insights_result *take, const struct error *error, int64_t now);

#endif
