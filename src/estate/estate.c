#include "estate/estate.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "estate/internal.h"

static void network_config_free(struct network_config *n)
{
    for (size_t i = 0; i < n->app.len; i++)
        free(n->app.at[i]);
    for (size_t i = 0; i < n->db.len; i++)
        free(n->db.at[i]);
    free(n->vpc);
    vec_free(&n->app);
    vec_free(&n->db);
}

void estate_config_free(struct estate_config *config)
{
    for (size_t i = 0; i < config->accounts.len; i++) {
        struct account_config *a = &config->accounts.at[i];
        char *const texts[] = {a->name, a->id, a->role, a->operator_role, a->external_id, a->mfa_serial, a->session_name, a->region, a->cluster.name,
                               a->cluster.server, a->cluster.ca_file, a->cluster.token_file, a->cluster.context, a->database, a->backup_region,
                               a->web_acl, a->block_set, a->block_set_ipv6, a->auto_shutdown.timezone, a->auto_shutdown.stop, a->auto_shutdown.start,
                               a->auto_shutdown.days, a->auto_shutdown.scheduler_role, a->state_bucket, a->static_bucket, a->database_secret};
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
            free(texts[k]);
        for (size_t k = 0; k < a->probes.len; k++)
            free(a->probes.at[k].target);
        vec_free(&a->probes);
        network_config_free(&a->network);
        zone_free(a->auto_shutdown.zone);
    }
    vec_free(&config->accounts);
    for (size_t i = 0; i < config->freeze.len; i++)
        free(config->freeze.at[i].reason);
    vec_free(&config->freeze);
    for (size_t i = 0; i < config->queries.len; i++) {
        struct query_config *query = &config->queries.at[i];
        free(query->name);
        free(query->query);
        free(query->account);
        for (size_t k = 0; k < query->groups.len; k++)
            free(query->groups.at[k]);
        vec_free(&query->groups);
    }
    vec_free(&config->queries);
    for (size_t i = 0; i < config->waivers.len; i++) {
        free(config->waivers.at[i].check);
        free(config->waivers.at[i].account);
        free(config->waivers.at[i].reason);
    }
    vec_free(&config->waivers);
    network_config_free(&config->network);
    free(config->name);
    free(config->region);
    free(config->github_repository);
    free(config->github_environment);
    *config = (struct estate_config){0};
}

struct estate *estate_new(const struct estate_config *config)
{
    struct whole *whole = mem_new(sizeof *whole);
    struct estate *estate = &whole->estate;
    estate->config = config;
    estate->account_count = config->accounts.len;
    estate->accounts = mem_new_array(config->accounts.len, sizeof *estate->accounts);
    for (size_t i = 0; i < estate->account_count; i++) {
        estate->accounts[i].config = &config->accounts.at[i];
        estate->accounts[i].index = i;
        for (int f = 0; f < FEED_COUNT; f++)
            estate->accounts[i].slices[f].state = SLICE_NEVER;
    }
    estate->version = 1;
    return estate;
}

void organization_clear(struct organization *o)
{
    for (size_t i = 0; i < o->scps.len; i++) {
        for (size_t k = 0; k < o->scps.at[i].targets.len; k++)
            free(o->scps.at[i].targets.at[k]);
        vec_free(&o->scps.at[i].targets);
    }
    vec_free(&o->scps);
    vec_free(&o->accounts);
}

void budgets_clear(struct account *a)
{
    for (size_t i = 0; i < a->budgets.len; i++)
        vec_free(&a->budgets.at[i].notifications);
    vec_free(&a->budgets);
}

void drills_clear(struct database_set *set)
{
    for (size_t i = 0; i < set->drills.len; i++)
        free(set->drills.at[i].text);
    vec_free(&set->drills);
}

const struct database_load *database_load_of(const struct database_set *set, const char *database)
{
    for (size_t i = 0; i < set->loads.len; i++)
        if (!strcmp(set->loads.at[i].database, database))
            return &set->loads.at[i];
    return NULL;
}

const struct drill *drill_last(const struct database_set *set, const char *database)
{
    for (size_t i = 0; i < set->drills.len; i++)
        if (!strcmp(set->drills.at[i].database, database))
            return &set->drills.at[i];
    return NULL;
}

static void account_clear(struct account *a)
{
    cluster_clear(&a->cluster);
    organization_clear(&a->organization);
    budgets_clear(a);
    vec_free(&a->database.instances);
    vec_free(&a->database.events);
    vec_free(&a->database.backups);
    vec_free(&a->database.parameters);
    vec_free(&a->database.loads);
    cost_report_free(&a->costs);
    vec_free(&a->cost_watch.monitors);
    vec_free(&a->cost_watch.subscriptions);
    vec_free(&a->log_groups);
    drills_clear(&a->database);
    vec_free(&a->web_acl.rules);
    vec_free(&a->web_acl.series);
    vec_free(&a->web_acl.samples);
    for (size_t i = 0; i < BLOCK_SETS; i++)
        vec_free(&a->block_sets[i].blocks);
    vec_free(&a->distributions);
    vec_free(&a->alarms);
    vec_free(&a->alarm_trends);
    vec_free(&a->history.trail);
    vec_free(&a->history.own);
    vec_free(&a->history.alarms);
    network_free(&a->network);
    balancing_free(&a->balancing);
    edge_free(&a->edge);
    vec_free(&a->edge_traffic.series);
    vec_free(&a->node_groups);
    vec_free(&a->schedules);
    release_set_clear(&a->releases);
    release_set_clear(&a->pipelines);
    vec_free(&a->images.rows);
    vec_free(&a->images.unread);
    security_clear(&a->security);
    vec_free(&a->images.findings);
    vec_free(&a->registry.repositories);
    platform_free(&a->platform);
}

void estate_free(struct estate *estate)
{
    if (!estate)
        return;
    struct whole *whole = (struct whole *)estate;
    for (size_t i = 0; i < estate->account_count; i++)
        account_clear(&estate->accounts[i]);
    free(estate->accounts);
    insights_result_free(&estate->insights.result);
    detail_clear(&estate->detail);
    log_view_clear(&estate->log);
    for (size_t i = 0; i < whole->pool.cap; i++)
        free(whole->pool.at[i]);
    free(whole->pool.at);
    free(whole);
}

const struct account *estate_account(const struct estate *estate, const char *name)
{
    for (size_t i = 0; i < estate->account_count; i++)
        if (text_equal(estate->accounts[i].config->name, name) || text_equal(estate->accounts[i].config->id, name))
            return &estate->accounts[i];
    return NULL;
}

const struct account *estate_management(const struct estate *estate)
{
    for (size_t i = 0; i < estate->account_count; i++)
        if (estate->accounts[i].config->kind == ACCOUNT_MANAGEMENT)
            return &estate->accounts[i];
    return NULL;
}
