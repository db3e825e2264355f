/* Queries of Logs Insights: each is scheduled, runs over the groups' events as simulated time goes by, and is complete, or stopped. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sim/insights.h"
#include "sim/logs.h"

#define SCHEDULED_MS 400
#define LEAST_MS     1200 /* until it is complete */
#define EACH_MS      100  /* records that are scanned in a millisecond */
#define KEPT         50   /* of an account; older ones go */
#define GROUPS_MAX   50
#define LIMIT        10000

struct logs_query {
    char id[37];
    char *text;
    int64_t created, from, to; /* ms */
    size_t limit;
    VEC(const struct log_group *) groups;
    size_t group;              /* the one that is scanned, and its next event: */
    int64_t next;
    struct insights_plan *plan;
    json_t *rows;              /* once it is complete */
    bool stopped, failed;
    int64_t scanned, bytes;
};

static void query_free(struct logs_query *q)
{
    insights_free(q->plan);
    json_decref(q->rows);
    vec_free(&q->groups);
    free(q->text);
    free(q);
}

void logs_free(struct world_account *state)
{
    for (size_t i = 0; i < state->log_queries.len; i++)
        query_free(state->log_queries.at[i]);
    vec_free(&state->log_queries);
}

/* Running. */

static void begin_group(struct logs_query *q)
{
    if (q->group < q->groups.len)
        q->next = q->from / logs_gap(q->groups.at[q->group]) - 1;
}

static void scan(const struct sim *sim, struct logs_query *q)
{
    const struct log_group *g = q->groups.at[q->group];
    struct log_event e;
    int64_t oldest = logs_oldest(g, q->created);
    logs_event(sim, g, q->next++, &e);
    if (g->per_minute <= 0 || e.at > q->to) {
        q->group++;
        begin_group(q);
        return;
    }
    if (e.at < q->from || e.at < oldest)
        return;
    struct insights_event event = {e.at, e.message, e.stream, g->name, e.id};
    insights_feed(q->plan, &event);
    q->scanned++;
    q->bytes += (int64_t)strlen(e.message) + 26;
}

/* As far as it has come by now. */
static void run(const struct aws_call *call, struct logs_query *q)
{
    int64_t may = (call->now - q->created - SCHEDULED_MS) * EACH_MS;
    while (!q->rows && !q->stopped && !q->failed && q->group < q->groups.len && q->scanned < may) {
        scan(call->sim, q);
        q->failed = insights_is_full(q->plan);
    }
    if (!q->rows && !q->stopped && !q->failed && q->group == q->groups.len && call->now - q->created >= LEAST_MS)
        q->rows = insights_rows(q->plan, q->limit);
}

static const char *status_of(const struct aws_call *call, const struct logs_query *q)
{
    return q->stopped ? "Cancelled" : q->failed ? "Failed" : q->rows ? "Complete" : call->now - q->created < SCHEDULED_MS ? "Scheduled" : "Running";
}

/* StartQuery. */

static bool add_group(struct aws_call *call, struct logs_query *q, const char *name)
{
    const struct log_group *g = logs_find(call, name);
    if (!g)
        return call_fail(call, "ResourceNotFoundException", "Log group '%s' does not exist for account ID '%s'", name, call->account->id) != NULL;
    *vec_add(&q->groups) = g;
    return true;
}

/* One way of naming them, and one alone. */
static bool read_groups(struct aws_call *call, struct logs_query *q)
{
    const json_t *names = json_object_get(call->input, "logGroupNames"), *ids = json_object_get(call->input, "logGroupIdentifiers");
    const char *single = json_text(call->input, "logGroupName"), *arn;
    size_t i;
    json_t *one;
    if ((names != NULL) + (ids != NULL) + (single != NULL) != 1)
        return call_fail(call, "InvalidParameterException", "Exactly one of logGroupName, logGroupNames and logGroupIdentifiers is needed.") != NULL;
    if (json_array_size(names) > GROUPS_MAX || json_array_size(ids) > GROUPS_MAX)
        return call_fail(call, "InvalidParameterException", "At most %d log groups can be queried.", GROUPS_MAX) != NULL;
    if (single)
        return add_group(call, q, single);
    json_array_foreach(names ? names : ids, i, one) {
        arn = strstr(json_string_value(one), ":log-group:");
        if (!add_group(call, q, arn ? arn + strlen(":log-group:") : json_string_value(one)))
            return false;
    }
    return q->groups.len || call_fail(call, "InvalidParameterException", "No log group was given.");
}

static bool read_query(struct aws_call *call, struct logs_query *q)
{
    char wrong[1200];
    int64_t limit = json_int(call->input, "limit", LIMIT);
    q->text = mem_strdup(json_text_or(call->input, "queryString", ""));
    q->from = json_int(call->input, "startTime", 0) * SECOND_MS;
    q->to = json_int(call->input, "endTime", 0) * SECOND_MS;
    q->limit = (size_t)limit;
    if (q->from > q->to || q->from < 0 || limit < 1 || limit > LIMIT)
        return call_fail(call, "InvalidParameterException", "Start time, end time or limit is not valid.") != NULL;
    if (!read_groups(call, q))
        return false;
    q->plan = insights_compile(q->text, wrong, sizeof wrong);
    return q->plan || call_fail(call, "MalformedQueryException", "%s", wrong);
}

json_t *logs_start_query(struct aws_call *call)
{
    struct world_account *w = world_account(call->sim, call->account);
    struct logs_query *q = mem_new(sizeof *q);
    char what[80];
    q->created = call->now;
    text_format(what, sizeof what, "query %s", call->account->id);
    world_uuid(call->sim, what, call->now * 64 + (int64_t)w->log_queries.len, q->id);
    if (!read_query(call, q)) {
        query_free(q);
        return NULL;
    }
    begin_group(q);
    if (w->log_queries.len == KEPT) {
        query_free(w->log_queries.at[0]);
        vec_remove(&w->log_queries, 0);
    }
    *vec_add(&w->log_queries) = q;
    return json_pack("{s:s}", "queryId", q->id);
}

/* The others. */

static struct logs_query *find(struct aws_call *call)
{
    const struct world_account *w = world_account(call->sim, call->account);
    const char *id = json_text_or(call->input, "queryId", "");
    for (size_t i = 0; i < w->log_queries.len; i++)
        if (!strcmp(w->log_queries.at[i]->id, id))
            return w->log_queries.at[i];
    call_fail(call, "ResourceNotFoundException", "Query with ID '%s' does not exist.", id);
    return NULL;
}

json_t *logs_get_query_results(struct aws_call *call)
{
    struct logs_query *q = find(call);
    if (!q)
        return NULL;
    run(call, q);
    return json_pack("{s:s, s:o, s:{s:f, s:f, s:f}, s:s}", "queryLanguage", "CWLI", "results", q->rows ? json_incref(q->rows) : json_array(),
                     "statistics", "recordsMatched", (double)insights_matched(q->plan), "recordsScanned", (double)q->scanned, "bytesScanned",
                     (double)q->bytes, "status", status_of(call, q));
}

json_t *logs_stop_query(struct aws_call *call)
{
    struct logs_query *q = find(call);
    if (!q)
        return NULL;
    run(call, q);
    if (q->rows || q->stopped || q->failed)
        return call_fail(call, "InvalidParameterException", "Query with ID '%s' is not running: it is %s.", q->id, status_of(call, q));
    q->stopped = true;
    return json_pack("{s:b}", "success", 1);
}

json_t *logs_describe_queries(struct aws_call *call)
{
    static const struct call_page page = {"queries", "nextToken", "nextToken", "maxResults", 1, 1000, 1000, "InvalidParameterException", NULL};
    const struct world_account *w = world_account(call->sim, call->account);
    const char *group = json_text(call->input, "logGroupName"), *status = json_text(call->input, "status");
    json_t *all = json_array();
    for (size_t i = w->log_queries.len; i-- > 0;) {
        struct logs_query *q = w->log_queries.at[i];
        run(call, q);
        for (size_t k = 0; k < q->groups.len && (!status || !strcmp(status, status_of(call, q))); k++)
            if (!group || !strcmp(group, q->groups.at[k]->name))
                json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:s, s:I, s:s}", "queryLanguage", "CWLI", "queryId", q->id, "queryString",
                                                     q->text, "status", status_of(call, q), "createTime", (json_int_t)q->created, "logGroupName",
                                                     q->groups.at[k]->name));
    }
    return call_page(call, all, &page);
}
