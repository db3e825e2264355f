#include "estate/insights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "estate/estate.h"
#include "estate/write.h"

const struct query_config *query_named(const struct estate_config *config, const char *name)
{
    for (size_t i = 0; i < config->queries.len; i++)
        if (!strcmp(config->queries.at[i].name, name))
            return &config->queries.at[i];
    return NULL;
}

static void add_group(struct insights_request *request, const char *name)
{
    for (size_t i = 0; i < request->group_count; i++)
        if (!strcmp(request->groups[i], name))
            return;
    if (request->group_count < INSIGHTS_GROUPS_MAX)
        text_copy(request->groups[request->group_count++], sizeof request->groups[0], name);
    else
        request->more_groups++;
}

size_t insights_group(const struct estate *estate, struct insights_request *request, const char *name)
{
    const struct account *account = &estate->accounts[request->account];
    size_t before = request->group_count;
    for (size_t i = 0; i < account->log_groups.len; i++)
        if (text_starts(account->log_groups.at[i].name, name))
            add_group(request, account->log_groups.at[i].name);
    if (!slice_has_data(&account->slices[FEED_LOG_GROUPS]))
        add_group(request, name);
    return request->group_count - before;
}

bool insights_saved(const struct estate *estate, const struct query_config *saved, size_t account, const char *group, struct insights_request *out,
                    struct error *e)
{
    const struct account *own = saved->account                  ? estate_account(estate, saved->account)
                                : account < estate->account_count ? &estate->accounts[account]
                                                                  : NULL;
    *out = (struct insights_request){.since_ms = saved->since_ms ? saved->since_ms : INSIGHTS_SINCE_MS};
    if (!own)
        return error_set(e, ERROR_INPUT, "account", "%s: choose an account: the query names none", saved->name), false;
    out->account = own->index;
    text_copy(out->name, sizeof out->name, saved->name);
    text_copy(out->query, sizeof out->query, saved->query);
    for (size_t i = 0; i < saved->groups.len; i++)
        insights_group(estate, out, saved->groups.at[i]);
    if (!saved->groups.len && *group && own->index == account)
        add_group(out, group);
    if (!out->group_count)
        return error_set(e, ERROR_INPUT, "group",
                         saved->groups.len ? "%s: %s has no log group of that name" : "%s: choose a log group of %s: the query names none",
                         saved->name, own->config->name),
               false;
    return true;
}

const char *insights_span(int64_t ms, char *out, size_t size)
{
    int64_t minutes = ms / 60000;
    if (minutes % 1440 == 0 && minutes > 1440)
        text_format(out, size, "%lldd", (long long)(minutes / 1440));
    else if (minutes % 60 == 0)
        text_format(out, size, "%lldh", (long long)(minutes / 60));
    else
        text_format(out, size, "%lldm", (long long)minutes);
    return out;
}

double insights_cost(int64_t bytes) { return bytes < 0 ? NAN : (double)bytes / 1e9 * INSIGHTS_GB_DOLLARS; }

const char *insights_cost_text(int64_t bytes, char *out, size_t size)
{
    double cost = insights_cost(bytes);
    if (isnan(cost))
        text_copy(out, size, "–");
    else if (cost < 0.01)
        text_copy(out, size, "less than $0.01");
    else
        text_format(out, size, "about $%.2f", cost);
    return out;
}

void insights_result_free(struct insights_result *r)
{
    for (size_t i = 0; i < r->columns.len; i++)
        free(r->columns.at[i]);
    for (size_t i = 0; i < r->cells.len; i++)
        free(r->cells.at[i]);
    vec_free(&r->columns);
    vec_free(&r->cells);
    r->rows = 0;
}

/* Written by feeds/insights.c. */

void insights_begin(struct estate *e, const struct insights_request *request, int64_t now)
{
    struct insights *i = &e->insights;
    i->asked = *request;
    i->under_way = true;
    i->stopping = false;
    i->status[0] = '\0';
    i->started_at = now;
    i->ended_at = 0;
    i->scan = (struct insights_scan){-1, -1, -1};
    i->error = (struct error){0};
    e->version++;
}

void insights_progress(struct estate *e, const char *status, const struct insights_scan *scan, bool stopping)
{
    struct insights *i = &e->insights;
    text_clean(i->status, sizeof i->status, status, strlen(status));
    i->scan = *scan;
    i->stopping = stopping;
    e->version++;
}

void insights_end(struct estate *e, struct insights_result *take, const struct error *error, int64_t now)
{
    struct insights *i = &e->insights;
    i->under_way = i->stopping = false;
    i->ended_at = now;
    i->error = error ? *error : (struct error){0};
    if (take) {
        insights_result_free(&i->result);
        i->result = *take;
        *take = (struct insights_result){0};
    }
    e->version++;
}
