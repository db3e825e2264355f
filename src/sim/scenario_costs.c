/* The sections `costs:`, `logs:` and `scheduler:` of an account. */
#include "sim/scenario_costs.h"

#include "sim/scenario_fields.h"

static const struct yaml_field monitor_fields[] = {NEED(struct cost_monitor, "id", id), NEED(struct cost_monitor, "name", name),
                                                   TEXT(struct cost_monitor, "dimension", dimension), {NULL}};
LIST_READER(monitor, struct cost_monitor)

static const struct yaml_field subscription_fields[] = {
    NEED(struct cost_subscription, "id", id), NEED(struct cost_subscription, "name", name), TEXT(struct cost_subscription, "frequency", frequency),
    LIST(struct cost_subscription, "monitors", monitors, scenario_texts), LIST(struct cost_subscription, "emails", emails, scenario_texts),
    REAL(struct cost_subscription, "threshold", threshold), {NULL}};
LIST_READER(subscription, struct cost_subscription)

static const struct yaml_field anomaly_fields[] = {
    NEED(struct cost_anomaly, "service", service), TEXT(struct cost_anomaly, "region", region), TEXT(struct cost_anomaly, "account", account),
    {"ago", YAML_T_DURATION, offsetof(struct cost_anomaly, ago), .required = true}, SPAN(struct cost_anomaly, "lasts", lasts),
    REAL(struct cost_anomaly, "impact", impact), REAL(struct cost_anomaly, "expected", expected), {NULL}};
LIST_READER(anomaly, struct cost_anomaly)

const struct yaml_field costs_fields[] = {LIST(struct account_costs, "monitors", monitors, read_monitor),
                                          LIST(struct account_costs, "subscriptions", subscriptions, read_subscription),
                                          LIST(struct account_costs, "anomalies", anomalies, read_anomaly), {NULL}};

static const char *const log_kinds[] = {"app", "web", "cluster", "database", NULL};
static const struct yaml_field group_fields[] = {
    NEED(struct log_group, "name", name), INT(struct log_group, "retention_days", retention_days, 0, 3653),
    INT(struct log_group, "mib", mib, 0, INT64_C(1) << 40), SPAN(struct log_group, "age", age), PICK(struct log_group, "kind", kind, log_kinds),
    REAL(struct log_group, "per_minute", per_minute), {NULL}};
LIST_READER(group, struct log_group)

const struct yaml_field logs_fields[] = {LIST(struct account_logs, "groups", groups, read_group), {NULL}};

static const struct yaml_field schedule_fields[] = {
    NEED(struct schedule_row, "name", name), NEED(struct schedule_row, "expression", expression), NEED(struct schedule_row, "timezone", timezone),
    NEED(struct schedule_row, "api", api), NEED(struct schedule_row, "input", input), NEED(struct schedule_row, "role", role),
    TEXT(struct schedule_row, "kept_until", kept_until), {NULL}};
LIST_READER(schedule, struct schedule_row)

const struct yaml_field scheduler_fields[] = {LIST(struct account_scheduler, "schedules", schedules, read_schedule), {NULL}};

const struct list_type costs_list_types[] = {{read_monitor, sizeof(struct cost_monitor), monitor_fields},
                                             {read_subscription, sizeof(struct cost_subscription), subscription_fields},
                                             {read_anomaly, sizeof(struct cost_anomaly), anomaly_fields},
                                             {read_group, sizeof(struct log_group), group_fields},
                                             {read_schedule, sizeof(struct schedule_row), schedule_fields},
                                             {NULL, 0, NULL}};
