/* The sections `distributions:`, `cache_policies:` and `hosted_zones:` of an account. */
#include "sim/scenario_edge.h"

#include "sim/scenario_fields.h"

static const struct yaml_field behaviour_fields[] = {
    TEXT(struct edge_behaviour, "path", path), TEXT(struct edge_behaviour, "viewer", viewer), TEXT(struct edge_behaviour, "cache_policy", policy),
    FLAG(struct edge_behaviour, "compress", compress), {NULL}};
LIST_READER(behaviour, struct edge_behaviour)

static const struct yaml_field invalidation_fields[] = {SPAN(struct edge_invalidation, "ago", ago),
                                                        LIST(struct edge_invalidation, "paths", paths, scenario_texts), {NULL}};
LIST_READER(invalidation, struct edge_invalidation)

static const struct yaml_field distribution_fields[] = {
    NEED(struct distribution, "id", id), NEED(struct distribution, "domain", domain), NEED(struct distribution, "origin", origin),
    TEXT(struct distribution, "comment", comment), TEXT(struct distribution, "certificate", certificate), TEXT(struct distribution, "web_acl", acl),
    TEXT(struct distribution, "tls", tls), TEXT(struct distribution, "vpc_origin", vpc_origin), TEXT(struct distribution, "load_balancer", balancer),
    TEXT(struct distribution, "header", header), TEXT(struct distribution, "header_value", header_value),
    FLAG(struct distribution, "disabled", disabled), LIST(struct distribution, "aliases", aliases, scenario_texts),
    {"default", YAML_T_MAP, offsetof(struct distribution, standard), .fields = behaviour_fields},
    LIST(struct distribution, "behaviours", behaviours, read_behaviour), LIST(struct distribution, "invalidations", invalidations, read_invalidation),
    {NULL}};

static const struct yaml_field policy_fields[] = {
    NEED(struct cache_policy, "id", id), NEED(struct cache_policy, "name", name), SPAN(struct cache_policy, "min", least),
    SPAN(struct cache_policy, "default", usual), SPAN(struct cache_policy, "max", most), {NULL}};

static const struct yaml_field record_fields[] = {
    NEED(struct zone_record, "name", name), NEED(struct zone_record, "type", type), TEXT(struct zone_record, "alias", alias),
    SPAN(struct zone_record, "ttl", ttl), LIST(struct zone_record, "values", values, scenario_texts), {NULL}};
LIST_READER(record, struct zone_record)

static const struct yaml_field zone_fields[] = {NEED(struct hosted_zone, "id", id), NEED(struct hosted_zone, "name", name),
                                                FLAG(struct hosted_zone, "private", is_private),
                                                LIST(struct hosted_zone, "records", records, read_record), {NULL}};

bool scenario_distributions(const struct yaml *node, void *target, struct error *e)
{
    return scenario_list(node, target, sizeof(struct distribution), distribution_fields, e);
}
bool scenario_cache_policies(const struct yaml *node, void *target, struct error *e)
{
    return scenario_list(node, target, sizeof(struct cache_policy), policy_fields, e);
}
bool scenario_zones(const struct yaml *node, void *target, struct error *e)
{
    return scenario_list(node, target, sizeof(struct hosted_zone), zone_fields, e);
}

const struct list_type edge_list_types[] = {
    {read_behaviour, sizeof(struct edge_behaviour), behaviour_fields},
    {read_invalidation, sizeof(struct edge_invalidation), invalidation_fields},
    {read_record, sizeof(struct zone_record), record_fields},
    {scenario_distributions, sizeof(struct distribution), distribution_fields},
    {scenario_cache_policies, sizeof(struct cache_policy), policy_fields},
    {scenario_zones, sizeof(struct hosted_zone), zone_fields},
    {NULL, 0, NULL}};
