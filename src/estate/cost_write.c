/* Setters of costs, of who watches them, of log groups, and of databases' parameters. */
#include <string.h>

#include "estate/write.h"

void costs_set(struct estate *e, size_t account, struct cost_report *take)
{
    struct cost_report *to = &e->accounts[account].costs;
    cost_report_free(to);
    *to = *take;
    *take = (struct cost_report){0};
    e->version++;
}

void cost_asking_set(struct estate *e, size_t account, const struct cost_asking *asking)
{
    e->accounts[account].cost_asking = *asking;
    e->version++;
}

void cost_watch_set(struct estate *e, size_t account, struct cost_watch *take)
{
    struct cost_watch *to = &e->accounts[account].cost_watch;
    vec_free(&to->monitors);
    vec_free(&to->subscriptions);
    *to = *take;
    *take = (struct cost_watch){0};
    e->version++;
}

static const struct log_group *find_group(const struct account *a, const char *name)
{
    for (size_t i = 0; i < a->log_groups.len; i++)
        if (!strcmp(a->log_groups.at[i].name, name))
            return &a->log_groups.at[i];
    return NULL;
}

void log_groups_set(struct estate *e, size_t account, const struct log_group *rows, size_t count, int64_t now)
{
    struct account *a = &e->accounts[account];
    for (size_t i = 0; i < count; i++) {
        const struct log_group *old = find_group(a, rows[i].name);
        if (old && old->retention_days != rows[i].retention_days)
            estate_note(e, now, account, FEED_LOG_GROUPS, rows[i].name, "kept %d days (was %d; 0 is for ever)", rows[i].retention_days,
                        old->retention_days);
    }
    vec_clear(&a->log_groups);
    for (size_t i = 0; i < count; i++)
        *vec_add(&a->log_groups) = rows[i];
    e->version++;
}

void database_parameters_set(struct estate *e, size_t account, const struct database_parameters *rows, size_t count)
{
    struct database_set *set = &e->accounts[account].database;
    vec_clear(&set->parameters);
    for (size_t i = 0; i < count; i++)
        *vec_add(&set->parameters) = rows[i];
    e->version++;
}
