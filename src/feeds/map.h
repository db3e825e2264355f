/* From a row of a reply to a row of the estate: pure functions, so that a test can hand them any JSON. */
#ifndef TRIVET_FEEDS_MAP_H
#define TRIVET_FEEDS_MAP_H

#include <jansson.h>

#include "estate/estate.h"

void map_database(const json_t *row, struct database *d);
void map_maintenance(const json_t *row, struct database *rows, size_t count); /* into `pending` of the row that it is for */
void map_database_event(const json_t *row, struct database_event *event);
void map_database_backup(const json_t *row, struct database_backup *backup);
void map_drill(const json_t *report, struct drill *drill); /* report.json as actions/drill_report.c writes it; all but path and text */
void map_budget(const json_t *row, struct budget *b);
void map_budget_notification(const json_t *row, struct budget_notification *n);
void map_waf_rule(const json_t *row, struct waf_rule *rule);
bool map_web_acl(const json_t *output, struct web_acl *acl); /* of GetWebACL; false: more rules than there is room for */
void map_waf_sample(const json_t *row, const char *rule, struct waf_sample *sample);
void map_block_set(const json_t *row, struct block_set *set); /* all but its name */
void map_distribution(const json_t *row, struct distribution *d);
void map_edge_distribution(const json_t *row, struct account_edge *edge); /* of ListDistributions: with aliases, origins and behaviours */
void map_edge_policy(const json_t *output, struct edge_policy *policy);
void map_edge_vpc_origin(const json_t *output, struct edge_vpc_origin *origin);
void map_edge_invalidation(const json_t *row, const char *distribution, struct edge_invalidation *invalidation);
void map_edge_zone(const json_t *row, struct edge_zone *zone);
void map_edge_record(const json_t *row, const char *zone, struct edge_record *record);
void map_edge_certificate(const json_t *row, struct edge_certificate *certificate); /* of ListCertificates */
void map_edge_log(const json_t *row, struct edge_log *log);
void map_scheduled(const json_t *row, struct scheduled *out);
void map_database_parameter(const json_t *row, struct database_parameters *p);
/* Of GetCostAndUsage, by day, account and service; added to the lines. Returns what belongs to days of this month that are over. */
double map_cost_usage(const json_t *output, struct cost_report *r);
void map_cost_anomaly(const json_t *row, struct cost_anomaly *n);
bool map_kept_costs(const json_t *tree, struct cost_report *r); /* what costs_cache.c wrote; false if it is not that */
void map_cost_monitor(const json_t *row, struct cost_monitor *m);
void map_cost_subscription(const json_t *row, struct cost_subscription *s);
void map_log_group(const json_t *row, struct log_group *g);
void map_log_event(const json_t *row, char *line, size_t size); /* time and message; cleaned when it is added to the view */
void map_insights_scan(const json_t *output, struct insights_scan *scan);
/* of GetQueryResults: columns, cells, what was scanned; added to an empty one */
void map_insights(const json_t *output, struct insights_result *result);
/* Of an alarm's metric (alarm_points.c): what GetMetricData is asked for, by the alarm's own statistic and period; NULL: it watches no single
 * metric. */
int alarm_period(const json_t *alarm); /* seconds, as CloudWatch keeps data; 0 likewise */
json_t *alarm_query(const json_t *alarm, const char *id);
json_t *alarm_points_input(const json_t *alarm, int64_t now, struct detail *detail); /* of the one looked at */
void map_alarm_points(const json_t *output, struct detail *detail);
/* whose cells are there, NAN at first */
void map_alarm_trend(const json_t *result, const struct alarm *alarm, int64_t end_s, struct alarm_trend *trend);
void map_alarm_turn(const json_t *row, struct alarm_turn *turn);
void map_trail_event(const json_t *row, struct trail_event *event);
/* What machines write by themselves, each of them every few minutes all day, done or refused: nobody has changed anything. */
bool trail_event_is_heartbeat(const struct trail_event *event);
void map_own_action(const json_t *record, struct own_action *action);
void map_alarm(const json_t *row, struct alarm *alarm);
/* Of the network. The plural ones add to what they are given: one row of the reply is several of the estate. */
void map_vpc(const json_t *row, struct vpc *vpc);
void map_subnet(const json_t *row, const struct network_plan *plan, struct subnet *subnet);
void map_route_table(const json_t *row, struct account_network *into);
void map_vpc_endpoint(const json_t *row, struct vpc_endpoint *endpoint);
void map_network_acl(const json_t *row, struct account_network *into);
void map_security_group(const json_t *row, struct account_network *into);
void map_reservation(const json_t *row, struct account_network *into); /* its instances */
void map_network_interface(const json_t *row, struct network_interface *interface);
void map_load_balancer(const json_t *row, struct load_balancer *balancer);
/* of DescribeTargetGroupAttributes, of the group of that name; output NULL: it could not be read */
void map_group_attributes(const json_t *output, const char *name, struct load_balancer *balancer);
void map_listener(const json_t *row, struct listener *listener);
void map_listener_rule(const json_t *row, const char *listener, struct listener_rule *rule);
void map_certificate(const json_t *output, struct alb_certificate *certificate); /* of DescribeCertificate */
void map_target_group(const json_t *row, struct target_group *group);
void map_balancer_target(const json_t *row, const char *group, struct balancer_target *target);
void map_release(const json_t *row, struct release *r);
void map_release_gate(const json_t *gates, const char *environment, struct release *r); /* pending_deployments; environment NULL: the first */
/* approvals: how many of the environment ("": of any), and the last in words. */
void map_release_reviews(const json_t *reviews, const char *environment, struct release *r);
void map_pipeline(const json_t *output, struct release *r); /* of GetPipelineState */
void map_release_commit(const json_t *row, struct release_commit *c);
void map_member_account(const json_t *row, struct member_account *account); /* of ListAccounts: all but the units it is in */
void map_trail(const json_t *row, struct trail *trail); /* of DescribeTrails: all but its status */
/* NULL: there is none. The one that keeps most of what is promised of an organisation's. */
const struct trail *trail_best(const struct trail *trails, size_t count);
/* trust: the policy document as IAM sends it, percent-encoded JSON. The role's trust and `unread` are filled; what was there is not freed. */
void map_role(const json_t *row, struct iam_role *role);
void map_trust(const char *document, struct iam_role *role);
void map_summary(const json_t *output, struct account_summary *summary);
void map_provider(const json_t *output, struct oidc_provider *provider); /* all but its ARN */
/* The credential report, comma-separated; false with e if a line does not fit the head. */
bool map_credentials(const char *text, size_t len, struct credential_set *set, struct error *e);
void map_key(const json_t *row, struct kms_key *key); /* of DescribeKey */
void map_secret(const json_t *row, struct secret *secret);
void map_instance(const json_t *row, struct managed_instance *instance);
bool map_service_account(const json_t *item, struct service_account *account); /* false: it has no role */
void map_deploy_gate(const json_t *document, struct deploy_gate *gate);
bool map_scan(const json_t *jobs, struct deploy_gate *gate); /* of one run, GitHub's document; false: it deployed nothing */
void map_image(const json_t *row, struct image *image);
void map_image_finding(const json_t *row, const char *digest, struct image_finding *finding);
void map_enhanced_finding(const json_t *row, const char *digest, struct image_finding *finding);
void map_scan_rules(const json_t *output, struct ecr_repository *repository); /* of GetRegistryScanningConfiguration; after its row */
void map_repository(const json_t *row, struct ecr_repository *repository);
bool map_repository_policy(const json_t *policy, struct ecr_repository *repository); /* the document itself; false: there was more than fits */
void map_cluster(const json_t *row, struct cluster_settings *cluster);
void map_fargate_profile(const json_t *row, struct fargate_profile *profile);
void map_addon(const json_t *row, struct managed_addon *addon);
void map_daemon_set(const json_t *row, struct daemon_set *daemon);
void map_workload(const json_t *row, const char *kind, struct workload *workload);
void map_service_identity(const json_t *row, struct service_identity *identity);

#endif
