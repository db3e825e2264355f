#include "sim/scenario.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sim/scenario_fields.h"

/* Lists: a reader for each kind of element, and one table that knows how to release them. */

typedef VEC(char) __attribute__((may_alias)) any_vec; /* any list, by its element size */

bool scenario_list(const struct yaml *node, void *vec, size_t size, const struct yaml_field *fields, struct error *e)
{
    any_vec *list = vec;
    if (node->kind != YAML_LIST)
        return yaml_error(e, node, "%s: expected a list", node->key ? node->key : "item");
    list->at = mem_new_array(node->count ? node->count : 1, size);
    list->cap = node->count;
    for (size_t i = 0; i < node->count; i++) {
        list->len = i + 1;
        if (!yaml_read(node->items[i], fields, list->at + i * size, e))
            return false;
    }
    return true;
}

bool scenario_texts(const struct yaml *node, void *target, struct error *e)
{
    texts *list = target;
    if (node->kind != YAML_LIST)
        return yaml_error(e, node, "%s: expected a list of texts", node->key ? node->key : "item");
    for (size_t i = 0; i < node->count; i++) {
        if (node->items[i]->kind != YAML_SCALAR)
            return yaml_error(e, node->items[i], "expected text");
        *vec_add(list) = mem_strdup(node->items[i]->text);
    }
    return true;
}

static bool read_pairs(const struct yaml *node, void *target, struct error *e)
{
    VEC(struct pair) *list = target;
    if (node->kind != YAML_MAP)
        return yaml_error(e, node, "%s: expected a mapping of names to texts", node->key ? node->key : "item");
    for (size_t i = 0; i < node->count; i++) {
        if (node->items[i]->kind != YAML_SCALAR)
            return yaml_error(e, node->items[i], "%s: expected text", node->keys[i]);
        *vec_add(list) = (struct pair){mem_strdup(node->keys[i]), mem_strdup(node->items[i]->text)};
    }
    return true;
}

static bool read_node(const struct yaml *node, void *target, struct error *e)
{
    (void)e;
    *(const struct yaml **)target = node;
    return true;
}

static bool read_account_id(const struct yaml *node, void *target, struct error *e)
{
    if (node->kind != YAML_SCALAR || strlen(node->text) != 12 || strspn(node->text, "0123456789") != 12)
        return yaml_error(e, node, "id: expected twelve digits");
    *(char **)target = mem_strdup(node->text);
    return true;
}

static const struct yaml_field web_fields[] = {
    NEED(struct web_identity, "provider", provider), NEED(struct web_identity, "audience", audience), NEED(struct web_identity, "subject", subject),
    NEED(struct web_identity, "token", token), {NULL}};

static const struct yaml_field role_fields[] = {
    NEED(struct role, "name", name), LIST(struct role, "trust", trust, scenario_texts), TEXT(struct role, "external_id", external_id),
    TEXT(struct role, "mfa_serial", mfa_serial), TEXT(struct role, "mfa_code", mfa_code), SPAN(struct role, "max_session", max_session),
    FLAG(struct role, "mfa", mfa), SPAN(struct role, "used", used),
    LIST(struct role, "allow", allow, scenario_texts), {"web_identity", YAML_T_MAP, offsetof(struct role, web), .fields = web_fields}, {NULL}};
LIST_READER(role, struct role)

static const struct yaml_field trail_event_fields[] = {
    {"ago", YAML_T_DURATION, offsetof(struct trail_event, ago), .required = true}, NEED(struct trail_event, "name", name),
    NEED(struct trail_event, "source", source), NEED(struct trail_event, "user", user), TEXT(struct trail_event, "resource", resource),
    TEXT(struct trail_event, "error", error), TEXT(struct trail_event, "role", role), {NULL}};
LIST_READER(trail_event, struct trail_event)

static const struct yaml_field trail_fields[] = {
    NEED(struct trail, "name", name), NEED(struct trail, "bucket", bucket), FLAG(struct trail, "organization", organization),
    FLAG(struct trail, "multi_region", multi_region), FLAG(struct trail, "validated", validated), FLAG(struct trail, "logging", logging),
    TEXT(struct trail, "delivery_error", delivery_error), {NULL}};
LIST_READER(trail, struct trail)

static const struct yaml_field db_event_fields[] = {{"ago", YAML_T_DURATION, offsetof(struct db_event, ago), .required = true},
                                                    NEED(struct db_event, "message", message), NEED(struct db_event, "category", category), {NULL}};
LIST_READER(db_event, struct db_event)

static const struct yaml_field maintenance_fields[] = {
    NEED(struct db_maintenance, "action", action), NEED(struct db_maintenance, "description", description),
    SPAN(struct db_maintenance, "forced_in", forced_in), {NULL}};
LIST_READER(maintenance, struct db_maintenance)

static const struct yaml_field database_fields[] = {
    NEED(struct db_instance, "id", id), NEED(struct db_instance, "class", class), NEED(struct db_instance, "engine", engine),
    NEED(struct db_instance, "version", version), NEED(struct db_instance, "db_name", db_name), NEED(struct db_instance, "user", user),
    NEED(struct db_instance, "resource_id", resource_id), TEXT(struct db_instance, "parameter_group", parameter_group),
    TEXT(struct db_instance, "status", status), SPAN(struct db_instance, "stopped", stopped),
    NEED(struct db_instance, "zone", zone), TEXT(struct db_instance, "standby_zone", standby_zone),
    NEED(struct db_instance, "backup_window", backup_window), TEXT(struct db_instance, "replicate_to", replicate_to),
    INT(struct db_instance, "storage_gib", storage_gib, 5, 65536), INT(struct db_instance, "iops", iops, 0, 256000),
    INT(struct db_instance, "backup_days", backup_days, 0, 35), SPAN(struct db_instance, "age", age), FLAG(struct db_instance, "multi_az", multi_az),
    FLAG(struct db_instance, "encrypted", encrypted), FLAG(struct db_instance, "iam_auth", iam_auth),
    FLAG(struct db_instance, "force_ssl", force_ssl), TEXT(struct db_instance, "key", key),
    FLAG(struct db_instance, "public_access", public_access), FLAG(struct db_instance, "deletion_protection", deletion_protection),
    TEXT(struct db_instance, "endpoint", endpoint), INT(struct db_instance, "port", port, 1, 65535),
    LIST(struct db_instance, "subnets", subnets, scenario_texts), LIST(struct db_instance, "groups", groups, scenario_texts),
    LIST(struct db_instance, "events", events, read_db_event), LIST(struct db_instance, "maintenance", maintenance, read_maintenance), {NULL}};
LIST_READER(database, struct db_instance)

static const char *const alert_kinds[] = {"actual", "forecasted", NULL};
static const struct yaml_field alert_fields[] = {PICK(struct budget_alert, "kind", kind, alert_kinds),
                                                 {"threshold", YAML_T_DOUBLE, offsetof(struct budget_alert, threshold), .required = true},
                                                 FLAG(struct budget_alert, "absolute", absolute),
                                                 LIST(struct budget_alert, "subscribers", subscribers, scenario_texts), {NULL}};
LIST_READER(alert, struct budget_alert)

static const struct yaml_field budget_fields[] = {
    NEED(struct budget, "name", name), TEXT(struct budget, "service", service),
    {"limit", YAML_T_DOUBLE, offsetof(struct budget, limit), .required = true},
    REAL(struct budget, "pace", pace), LIST(struct budget, "notifications", notifications, read_alert), {NULL}};
LIST_READER(budget, struct budget)

static const struct yaml_field attack_fields[] = {
    TEXT(struct attack, "method", method), NEED(struct attack, "uri", uri), TEXT(struct attack, "agent", agent),
    TEXT(struct attack, "country", country), TEXT(struct attack, "network", network), TEXT(struct attack, "label", label), {NULL}};
LIST_READER(attack, struct attack)

static const struct yaml_field surge_fields[] = {
    SPAN(struct waf_surge, "at", at), {"per_minute", YAML_T_DOUBLE, offsetof(struct waf_surge, per_minute), .required = true},
    LIST(struct waf_surge, "addresses", addresses, scenario_texts),
    {"attack", YAML_T_MAP, offsetof(struct waf_surge, attack), .required = true, .fields = attack_fields}, {NULL}};

static const char *const rule_kinds[] = {"managed", "rate", "geo", "ip-set", NULL}, *const rule_actions[] = {"block", "count", NULL};
static const struct yaml_field waf_rule_fields[] = {
    NEED(struct waf_rule, "name", name), TEXT(struct waf_rule, "metric", metric), INT(struct waf_rule, "priority", priority, 0, 100000),
    PICK(struct waf_rule, "kind", kind, rule_kinds), TEXT(struct waf_rule, "vendor", vendor), TEXT(struct waf_rule, "group", group),
    TEXT(struct waf_rule, "set", set), LIST(struct waf_rule, "countries", countries, scenario_texts),
    INT(struct waf_rule, "limit", limit, 10, 2000000000), PICK(struct waf_rule, "action", action, rule_actions),
    REAL(struct waf_rule, "blocked_per_minute", blocked), SPAN(struct waf_rule, "burst_every", burst_every),
    SPAN(struct waf_rule, "burst_length", burst_length), REAL(struct waf_rule, "burst", burst),
    LIST(struct waf_rule, "attacks", attacks, read_attack),
    {"surge", YAML_T_MAP, offsetof(struct waf_rule, surge), .fields = surge_fields}, {NULL}};
LIST_READER(waf_rule, struct waf_rule)

static const char *const scopes[] = {"cloudfront", "regional", NULL};
static const struct yaml_field acl_fields[] = {
    NEED(struct acl, "name", name), NEED(struct acl, "id", id), TEXT(struct acl, "description", description), TEXT(struct acl, "metric", metric),
    TEXT(struct acl, "logs", logs),
    PICK(struct acl, "scope", scope, scopes),
    INT(struct acl, "capacity", capacity, 0, 5000), REAL(struct acl, "allowed_per_minute", allowed), LIST(struct acl, "rules", rules, read_waf_rule),
    LIST(struct acl, "visitors", visitors, read_attack), {NULL}};
LIST_READER(acl, struct acl)

static const struct yaml_field metric_fields[] = {
    NEED(struct metric, "namespace", space), NEED(struct metric, "name", name), TEXT(struct metric, "unit", unit),
    LIST(struct metric, "dimensions", dimensions, read_pairs), {"mean", YAML_T_DOUBLE, offsetof(struct metric, mean), .required = true},
    REAL(struct metric, "daily", daily), REAL(struct metric, "noise", noise), REAL(struct metric, "maximum", maximum),
    FLAG(struct metric, "counts", counts), {NULL}};
LIST_READER(metric, struct metric)

static const char *const comparisons[] = {"GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold",
                                          NULL},
                        *const statistics[] = {"Average", "Sum", "Maximum", "Minimum", NULL};
static const struct yaml_field alarm_fields[] = {
    NEED(struct alarm, "name", name), TEXT(struct alarm, "description", description), NEED(struct alarm, "metric", metric),
    TEXT(struct alarm, "action", action), TEXT(struct alarm, "state", state), SPAN(struct alarm, "period", period),
    INT(struct alarm, "periods", periods, 1, 60), {"threshold", YAML_T_DOUBLE, offsetof(struct alarm, threshold), .required = true},
    PICK(struct alarm, "comparison", comparison, comparisons), PICK(struct alarm, "statistic", statistic, statistics), {NULL}};
LIST_READER(alarm, struct alarm)

static const struct yaml_field ip_set_fields[] = {
    NEED(struct ip_set, "name", name), NEED(struct ip_set, "id", id), TEXT(struct ip_set, "description", description),
    PICK(struct ip_set, "scope", scope, scopes), LIST(struct ip_set, "addresses", addresses, scenario_texts), {NULL}};
LIST_READER(ip_set, struct ip_set)

static const char *const severities[] = {"INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL", "UNDEFINED", NULL};
static const struct yaml_field finding_fields[] = {
    NEED(struct finding, "name", name), PICK(struct finding, "severity", severity, severities), TEXT(struct finding, "description", description),
    NEED(struct finding, "package", package), NEED(struct finding, "version", version), {NULL}};
LIST_READER(finding, struct finding)

static const struct yaml_field image_fields[] = {
    NEED(struct image, "digest", digest), TEXT(struct image, "scan", scan), TEXT(struct image, "fault", fault),
    TEXT(struct image, "fault_in", fault_in), LIST(struct image, "tags", tags, scenario_texts),
    {"pushed", YAML_T_DURATION, offsetof(struct image, pushed), .required = true}, INT(struct image, "mib", mib, 1, 100000),
    LIST(struct image, "findings", findings, read_finding), {NULL}};
LIST_READER(image, struct image)

static const struct yaml_field repository_fields[] = {
    NEED(struct repository, "name", name), TEXT(struct repository, "policy", policy), TEXT(struct repository, "lifecycle", lifecycle),
    LIST(struct repository, "mutable_tags", mutable_tags, scenario_texts), FLAG(struct repository, "scan_on_push", scan_on_push),
    FLAG(struct repository, "mutable", mutable),
    LIST(struct repository, "images", images, read_image), {NULL}};
LIST_READER(repository, struct repository)

static const struct yaml_field pipeline_fields[] = {
    NEED(struct pipeline, "name", name), NEED(struct pipeline, "revision", revision), TEXT(struct pipeline, "summary", summary),
    TEXT(struct pipeline, "link", link), {"waiting", YAML_T_DURATION, offsetof(struct pipeline, waiting), .required = true},
    INT(struct pipeline, "version", version, 1, 100000), {NULL}};
LIST_READER(pipeline, struct pipeline)

static const struct yaml_field node_group_fields[] = {INT(struct node_group, "min", min, 0, 450), INT(struct node_group, "max", max, 1, 450), {NULL}};
static const struct yaml_field profile_fields[] = {
    NEED(struct fargate_profile, "name", name), TEXT(struct fargate_profile, "status", status),
    LIST(struct fargate_profile, "namespaces", namespaces, scenario_texts), {NULL}};
LIST_READER(profile, struct fargate_profile)

static const struct yaml_field addon_fields[] = {NEED(struct addon, "name", name), NEED(struct addon, "version", version),
                                                 TEXT(struct addon, "status", status), TEXT(struct addon, "issue", issue), {NULL}};
LIST_READER(addon, struct addon)

static const struct yaml_field cluster_fields[] = {
    NEED(struct cluster, "issuer", issuer), SPAN(struct cluster, "support", support), TEXT(struct cluster, "secrets_key", secrets_key),
    LIST(struct cluster, "logs", logs, scenario_texts),
    LIST(struct cluster, "public_from", public_from, scenario_texts), FLAG(struct cluster, "no_private_endpoint", no_private_endpoint),
    LIST(struct cluster, "fargate_profiles", profiles, read_profile), LIST(struct cluster, "addons", addons, read_addon),
    NEED(struct cluster, "name", name), NEED(struct cluster, "version", version), TEXT(struct cluster, "platform", platform),
    TEXT(struct cluster, "vpc", vpc), LIST(struct cluster, "subnets", subnets, scenario_texts), SPAN(struct cluster, "age", age),
    {"node_group", YAML_T_MAP, offsetof(struct cluster, nodes), .fields = node_group_fields}, {NULL}};

static const struct yaml_field happening_fields[] = {{"at", YAML_T_DURATION, offsetof(struct happening, at), .required = true},
                                                     TEXT(struct happening, "zone_fails", zone_fails),
                                                     TEXT(struct happening, "zone_returns", zone_returns), {NULL}};
LIST_READER(happening, struct happening)

static const char *const kinds[] = {"management", "development", "production", NULL};
static const struct yaml_field account_fields[] = {
    {"id", YAML_T_CUSTOM, offsetof(struct account, id), .required = true, .read = read_account_id}, NEED(struct account, "name", name),
    PICK(struct account, "kind", kind, kinds), TEXT(struct account, "region", region), NEED(struct account, "email", email),
    TEXT(struct account, "status", status), SPAN(struct account, "age", age), LIST(struct account, "zones", zones, scenario_texts),
    LIST(struct account, "roles", roles, read_role), LIST(struct account, "trails", trails, read_trail),
    LIST(struct account, "trail_events", trail_events, read_trail_event),
    LIST(struct account, "databases", databases, read_database), LIST(struct account, "budgets", budgets, read_budget),
    LIST(struct account, "web_acls", acls, read_acl), LIST(struct account, "metrics", metrics, read_metric),
    LIST(struct account, "alarms", alarms, read_alarm), LIST(struct account, "distributions", distributions, scenario_distributions),
    LIST(struct account, "cache_policies", cache_policies, scenario_cache_policies),
    LIST(struct account, "hosted_zones", zones_of_dns, scenario_zones), LIST(struct account, "ip_sets", ip_sets, read_ip_set),
    LIST(struct account, "repositories", repositories, read_repository), LIST(struct account, "pipelines", pipelines, read_pipeline),
    {"cluster", YAML_T_MAP, offsetof(struct account, cluster), .fields = cluster_fields},
    {"security", YAML_T_MAP, offsetof(struct account, security), .fields = security_fields},
    {"network", YAML_T_MAP, offsetof(struct account, network), .fields = network_fields},
    {"costs", YAML_T_MAP, offsetof(struct account, costs), .fields = costs_fields},
    {"logs", YAML_T_MAP, offsetof(struct account, logs), .fields = logs_fields},
    {"scheduler", YAML_T_MAP, offsetof(struct account, scheduler), .fields = scheduler_fields},
    LIST(struct account, "happens", happens, read_happening),
    LIST(struct account, "kubernetes", kubernetes, read_node), {NULL}};
LIST_READER(account, struct account)

static const struct yaml_field policy_fields[] = {
    NEED(struct policy, "id", id), NEED(struct policy, "name", name), TEXT(struct policy, "description", description),
    FLAG(struct policy, "aws_managed", aws_managed), LIST(struct policy, "targets", targets, scenario_texts),
    LIST(struct policy, "deny", deny, scenario_texts), {NULL}};
LIST_READER(policy, struct policy)

static const struct yaml_field unit_fields[] = {NEED(struct unit, "id", id), NEED(struct unit, "name", name), TEXT(struct unit, "under", under),
                                                LIST(struct unit, "accounts", accounts, scenario_texts), {NULL}};
LIST_READER(unit, struct unit)

static const struct yaml_field organization_fields[] = {NEED(struct organization, "id", id), NEED(struct organization, "root_id", root_id),
                                                        LIST(struct organization, "policies", policies, read_policy),
                                                        LIST(struct organization, "units", units, read_unit), {NULL}};
static const struct yaml_field user_fields[] = {
    NEED(struct user, "arn", arn), NEED(struct user, "id", id), NEED(struct user, "access_key_id", access_key_id),
    NEED(struct user, "secret_access_key", secret_access_key), FLAG(struct user, "mfa", mfa), LIST(struct user, "allow", allow, scenario_texts),
    {NULL}};
static const struct yaml_field sso_fields[] = {
    NEED(struct sso, "client_id", client_id), NEED(struct sso, "client_secret", client_secret), NEED(struct sso, "access_token", access_token),
    NEED(struct sso, "refresh_token", refresh_token), LIST(struct sso, "roles", roles, scenario_texts), SPAN(struct sso, "lifetime", lifetime),
    {NULL}};

static const struct yaml_field scenario_fields[] = {
    NEED(struct scenario, "name", name), TEXT(struct scenario, "like", like), INT(struct scenario, "seed", seed, 0, INT64_MAX),
    SPAN(struct scenario, "begun", begun), TEXT(struct scenario, "github_token", github_token),
    {"user", YAML_T_MAP, offsetof(struct scenario, user), .required = true, .fields = user_fields},
    {"organization", YAML_T_MAP, offsetof(struct scenario, organization), .required = true, .fields = organization_fields},
    {"sso", YAML_T_MAP, offsetof(struct scenario, sso), .fields = sso_fields},
    {"accounts", YAML_T_CUSTOM, offsetof(struct scenario, accounts), .required = true, .read = read_account},
    LIST(struct scenario, "github", github, read_node), {NULL}};

/* Releasing by the same tables. */

static const struct list_type list_types[] = {
    {read_role, sizeof(struct role), role_fields},           {read_trail, sizeof(struct trail), trail_fields},
    {read_trail_event, sizeof(struct trail_event), trail_event_fields},
    {read_db_event, sizeof(struct db_event), db_event_fields}, {read_database, sizeof(struct db_instance), database_fields},
    {read_alert, sizeof(struct budget_alert), alert_fields}, {read_budget, sizeof(struct budget), budget_fields},
    {read_attack, sizeof(struct attack), attack_fields},     {read_waf_rule, sizeof(struct waf_rule), waf_rule_fields},
    {read_acl, sizeof(struct acl), acl_fields},              {read_metric, sizeof(struct metric), metric_fields},
    {read_alarm, sizeof(struct alarm), alarm_fields},
    {read_maintenance, sizeof(struct db_maintenance), maintenance_fields},
    {read_ip_set, sizeof(struct ip_set), ip_set_fields},     {read_finding, sizeof(struct finding), finding_fields},
    {read_image, sizeof(struct image), image_fields},        {read_repository, sizeof(struct repository), repository_fields},
    {read_pipeline, sizeof(struct pipeline), pipeline_fields},
    {read_profile, sizeof(struct fargate_profile), profile_fields}, {read_addon, sizeof(struct addon), addon_fields},
    {read_happening, sizeof(struct happening), happening_fields},
    {read_account, sizeof(struct account), account_fields},  {read_policy, sizeof(struct policy), policy_fields},
    {read_unit, sizeof(struct unit), unit_fields},
};

static void release(const struct yaml_field *fields, void *base);

static const struct list_type *find_type(const struct list_type *types, size_t count, const struct yaml_field *field)
{
    for (size_t i = 0; i < count && types[i].read; i++)
        if (field->read == types[i].read)
            return &types[i];
    return NULL;
}

static void release_list(const struct yaml_field *field, void *target)
{
    if (field->read == read_account_id) {
        free(*(char **)target);
    } else if (field->read == scenario_texts) {
        texts *list = target;
        for (size_t i = 0; i < list->len; i++)
            free(list->at[i]);
        vec_free(list);
    } else if (field->read == read_pairs) {
        VEC(struct pair) *list = target;
        for (size_t i = 0; i < list->len; i++) {
            free(list->at[i].name);
            free(list->at[i].value);
        }
        vec_free(list);
    }
    const struct list_type *type = find_type(list_types, sizeof list_types / sizeof *list_types, field);
    type = type ? type : find_type(network_list_types, SIZE_MAX, field);
    type = type ? type : find_type(costs_list_types, SIZE_MAX, field);
    type = type ? type : find_type(security_list_types, SIZE_MAX, field);
    type = type ? type : find_type(edge_list_types, SIZE_MAX, field);
    if (!type)
        return;
    any_vec *list = target;
    for (size_t i = 0; i < list->len; i++)
        release(type->fields, list->at + i * type->size);
    vec_free(list);
}

static void release(const struct yaml_field *fields, void *base)
{
    for (const struct yaml_field *f = fields; f->key; f++) {
        void *target = (char *)base + f->offset;
        if (f->type == YAML_T_TEXT)
            free(*(char **)target);
        else if (f->type == YAML_T_MAP)
            release(f->fields, target);
        else if (f->type == YAML_T_CUSTOM)
            release_list(f, target);
    }
}

/* What the tables cannot say. */

static void fill_in(struct account *a)
{
    if (!a->region)
        a->region = mem_strdup("us-east-1");
    if (!a->status)
        a->status = mem_strdup("ACTIVE");
    for (size_t i = 0; i < a->roles.len; i++) {
        struct role *role = &a->roles.at[i];
        role->has_web = role->web.token != NULL;
        if (!role->max_session)
            role->max_session = 3600000;
    }
    for (size_t i = 0; i < a->databases.len; i++) {
        struct db_instance *db = &a->databases.at[i];
        if (!db->status)
            db->status = mem_strdup("available");
        db->port = db->port ? db->port : 5432;
    }
    for (size_t i = 0; i < a->acls.len; i++) {
        struct acl *acl = &a->acls.at[i];
        if (!acl->metric)
            acl->metric = mem_strdup(acl->name);
        for (size_t r = 0; r < acl->rules.len; r++)
            if (!acl->rules.at[r].metric)
                acl->rules.at[r].metric = mem_strdup(acl->rules.at[r].name);
    }
    for (size_t i = 0; i < a->alarms.len; i++) {
        struct alarm *alarm = &a->alarms.at[i];
        alarm->period = alarm->period ? alarm->period : 60000;
        alarm->periods = alarm->periods ? alarm->periods : 5;
    }
}

static bool zone_known(const struct account *a, const char *zone, const struct yaml *at, struct error *e)
{
    for (size_t i = 0; i < a->zones.len; i++)
        if (strcmp(a->zones.at[i], zone) == 0)
            return true;
    return yaml_error(e, at, "happens: \"%s\" is not among the account's zones", zone);
}

static bool zones_known(const struct account *a, const struct yaml *at, struct error *e)
{
    const struct yaml *list = yaml_get(at, "happens");
    for (size_t i = 0; i < a->happens.len; i++) {
        const struct happening *h = &a->happens.at[i];
        if ((h->zone_fails && !zone_known(a, h->zone_fails, list->items[i], e)) ||
            (h->zone_returns && !zone_known(a, h->zone_returns, list->items[i], e)))
            return false;
    }
    return true;
}

static bool check(const struct scenario *s, struct error *e)
{
    const struct yaml *root = yaml_root(s->doc), *accounts = yaml_get(root, "accounts");
    if (s->accounts.len == 0)
        return yaml_error(e, accounts, "accounts: expected at least one");
    for (size_t i = 0; i < s->accounts.len; i++) {
        const struct account *a = &s->accounts.at[i];
        for (size_t k = 0; k < i; k++)
            if (strcmp(a->id, s->accounts.at[k].id) == 0 || strcmp(a->name, s->accounts.at[k].name) == 0)
                return yaml_error(e, accounts->items[i], "accounts[%zu]: the id or name of accounts[%zu] again", i, k);
        if (!zones_known(a, accounts->items[i], e))
            return false;
        if (a->kubernetes && !a->cluster.name)
            return yaml_error(e, a->kubernetes, "accounts[%zu].kubernetes: needs a cluster: with its name and version", i);
    }
    return true;
}

struct scenario *scenario_load(const char *path, struct error *e)
{
    struct scenario *s = mem_new(sizeof *s);
    s->seed = 1;
    s->doc = scenario_document(path, e);
    bool good = s->doc && yaml_read(yaml_root(s->doc), scenario_fields, s, e);
    for (size_t i = 0; good && i < s->accounts.len; i++)
        fill_in(&s->accounts.at[i]);
    if (good && check(s, e))
        return s;
    scenario_free(s);
    return NULL;
}

void scenario_free(struct scenario *s)
{
    if (!s)
        return;
    release(scenario_fields, s);
    yaml_doc_free(s->doc);
    free(s);
}
