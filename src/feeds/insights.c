/* CloudWatch Logs Insights: a query is started, asked about each second, and its result fetched. AWS takes money for what it scans, so that a query
 * is started by a person's word alone (feeds_query) and never twice: it is marked BILLED, which keeps the client from sending it again. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

#define AGAIN_MS 1000

struct insights_ask {
    struct feeds *feeds;
    struct insights_request request;
    char id[300];
    int64_t from, to; /* wall ms */
    struct aws_call *call;
    struct loop_timer *again;
    bool stopping;
};

/* From the reply to rows. Columns come in the order in which they are first met: a row leaves out what it does not have. */

static size_t column_of(struct insights_result *r, const char *name)
{
    char clean[128];
    text_clean(clean, sizeof clean, name, strlen(name));
    for (size_t i = 0; i < r->columns.len; i++)
        if (!strcmp(r->columns.at[i], clean))
            return i;
    if (r->columns.len < INSIGHTS_COLUMNS_MAX)
        *vec_add(&r->columns) = mem_strdup(clean);
    else
        r->cut = true;
    return r->columns.len - 1;
}

/* The pointer to the whole event is for machines. */
static bool is_shown(const json_t *field) { return json_text(field, "field") && strcmp(json_text(field, "field"), "@ptr") != 0; }

static void find_columns(const json_t *rows, struct insights_result *r)
{
    size_t i, k;
    json_t *row, *field;
    json_array_foreach(rows, i, row)
        json_array_foreach(row, k, field)
            if (i < INSIGHTS_ROWS_MAX && is_shown(field))
                column_of(r, json_text(field, "field"));
}

static void take_row(const json_t *row, struct insights_result *r)
{
    char clean[INSIGHTS_CELL_MAX], name[128];
    size_t k, first = r->cells.len;
    json_t *field;
    for (size_t i = 0; i < r->columns.len; i++)
        *vec_add(&r->cells) = NULL;
    json_array_foreach(row, k, field) {
        const char *value = json_text(field, "value");
        if (!value || !is_shown(field))
            continue;
        FIELD(name, field, "field");
        size_t column = column_of(r, name);
        if (strcmp(r->columns.at[column], name) != 0)
            continue; /* beyond those that are kept */
        text_clean(clean, sizeof clean, value, strlen(value));
        free(r->cells.at[first + column]);
        r->cells.at[first + column] = mem_strdup(clean);
    }
    r->rows++;
}

void map_insights_scan(const json_t *output, struct insights_scan *scan)
{
    const json_t *s = json_object_get(output, "statistics");
    *scan = (struct insights_scan){.matched = json_int(s, "recordsMatched", -1),
                                   .scanned = json_int(s, "recordsScanned", -1),
                                   .bytes = json_int(s, "bytesScanned", -1)};
}

void map_insights(const json_t *output, struct insights_result *r)
{
    const json_t *rows = json_object_get(output, "results");
    size_t i;
    json_t *row;
    find_columns(rows, r);
    json_array_foreach(rows, i, row)
        if (i < INSIGHTS_ROWS_MAX && r->columns.len)
            take_row(row, r);
    r->cut |= json_array_size(rows) >= INSIGHTS_ROWS_MAX;
    map_insights_scan(output, &r->scan);
}

/* How it goes on and ends. */

static void finish(struct insights_ask *ask, struct insights_result *take, const struct error *error)
{
    struct feeds *feeds = ask->feeds;
    insights_end(feeds_estate(feeds), take, error, loop_wall(feeds_loop(feeds)));
    *feeds_insights_ask(feeds) = NULL;
    free(ask);
}

static void look(void *arg);

static void complete(struct insights_ask *ask, const json_t *output)
{
    struct insights_result result = {.of = ask->request, .from = ask->from, .to = ask->to, .read_at = loop_wall(feeds_loop(ask->feeds))};
    map_insights(output, &result);
    finish(ask, &result, NULL);
}

static void looked(void *arg, json_t *output, const struct error *error)
{
    struct insights_ask *ask = arg;
    struct insights_scan scan;
    struct error ended = {0};
    const char *status = json_text_or(output, "status", "");
    ask->call = NULL;
    if (error) {
        finish(ask, NULL, error);
        return;
    }
    map_insights_scan(output, &scan);
    insights_progress(feeds_estate(ask->feeds), status, &scan, ask->stopping);
    if (!strcmp(status, "Complete")) {
        complete(ask, output);
    } else if (!strcmp(status, "Cancelled")) {
        finish(ask, NULL, NULL);
    } else if (!strcmp(status, "Failed") || !strcmp(status, "Timeout")) {
        error_set(&ended, ERROR_SERVICE, status, "CloudWatch gave the query up");
        finish(ask, NULL, &ended);
    } else {
        ask->again = loop_after(feeds_loop(ask->feeds), AGAIN_MS, look, ask);
    }
}

static void look(void *arg)
{
    struct insights_ask *ask = arg;
    json_t *input = json_pack("{s:s}", "queryId", ask->id);
    ask->again = NULL;
    ask->call = aws_call(feeds_session(ask->feeds, ask->request.account), "logs", "GetQueryResults", input, NULL, looked, ask);
    json_decref(input);
}

static void stopped(void *arg, json_t *output, const struct error *error)
{
    struct insights_ask *ask = arg;
    (void)output;
    ask->call = NULL;
    if (error && !text_equal(error->code, "InvalidParameterException")) /* which is: it has just ended */
        finish(ask, NULL, error);
    else
        look(ask);
}

static void stop(struct insights_ask *ask)
{
    json_t *input = json_pack("{s:s}", "queryId", ask->id);
    ask->call = aws_call(feeds_session(ask->feeds, ask->request.account), "logs", "StopQuery", input, NULL, stopped, ask);
    json_decref(input);
}

static void started(void *arg, json_t *output, const struct error *error)
{
    struct insights_ask *ask = arg;
    ask->call = NULL;
    if (error) {
        finish(ask, NULL, error);
        return;
    }
    FIELD(ask->id, output, "queryId");
    if (ask->stopping)
        stop(ask);
    else
        look(ask);
}

bool feeds_query(struct feeds *feeds, const struct insights_request *request)
{
    struct insights_ask **at = feeds_insights_ask(feeds);
    if (*at)
        return false;
    struct insights_ask *ask = *at = mem_new(sizeof *ask);
    int64_t now = loop_wall(feeds_loop(feeds)) / 1000 * 1000;
    *ask = (struct insights_ask){.feeds = feeds, .request = *request, .from = now - request->since_ms, .to = now};
    json_t *groups = json_array();
    for (size_t i = 0; i < request->group_count; i++)
        json_array_append_new(groups, json_string(request->groups[i]));
    json_t *input = json_pack("{s:o, s:I, s:I, s:s, s:i}", "logGroupNames", groups, "startTime", (json_int_t)(ask->from / 1000), "endTime",
                              (json_int_t)(ask->to / 1000), "queryString", request->query, "limit", INSIGHTS_ROWS_MAX);
    insights_begin(feeds_estate(feeds), request, now);
    ask->call = aws_call(feeds_session(feeds, request->account), "logs", "StartQuery", input, NULL, started, ask);
    json_decref(input);
    return true;
}

/* One whose id has not come yet is stopped when it comes: it may run already. */
void feeds_query_stop(struct feeds *feeds)
{
    struct insights_ask *ask = *feeds_insights_ask(feeds);
    if (!ask || ask->stopping)
        return;
    ask->stopping = true;
    insights_progress(feeds_estate(feeds), feeds_estate(feeds)->insights.status, &feeds_estate(feeds)->insights.scan, true);
    if (!*ask->id)
        return;
    aws_cancel(ask->call);
    loop_cancel(feeds_loop(feeds), ask->again);
    ask->again = NULL;
    stop(ask);
}

void insights_ask_cancel(struct feeds *feeds)
{
    struct insights_ask **at = feeds_insights_ask(feeds);
    if (!*at)
        return;
    aws_cancel((*at)->call);
    loop_cancel(feeds_loop(feeds), (*at)->again);
    free(*at);
    *at = NULL;
}
