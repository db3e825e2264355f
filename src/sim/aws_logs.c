/* CloudWatch Logs: log groups, and their events as functions of time, the same for whoever asks and when. */
#include <stdlib.h>
#include <string.h>

#include "sim/aws_world.h"
#include "sim/logs.h"

#define EVENTS_MAX 10000
#define ID_PREFIX  "3871"

static const char *const app_lines[] = {"INFO GET /api/items 200 in %d ms",  "INFO POST /api/orders 201 in %d ms",
                                        "INFO GET /api/basket 200 in %d ms", "INFO pool: %d of 40 connections in use",
                                        "WARN slow query: %d ms in list_orders", "INFO GET /health 200 in %d ms"};
static const char *const web_lines[] = {"10.0.11.37 \"GET / HTTP/1.1\" 200 %d", "10.0.12.84 \"GET /static/app.js HTTP/1.1\" 304 %d",
                                        "10.0.11.37 \"GET /api/items HTTP/1.1\" 200 %d", "10.0.12.84 \"GET /health HTTP/1.1\" 200 %d"};
static const char *const cluster_lines[] = {"I1 httplog.go:%d] verb=GET URI=/api/v1/pods resp=200",
                                            "I1 controller.go:%d] OpenAPI AggregationController: processing",
                                            "{\"kind\":\"Event\",\"level\":\"Metadata\",\"verb\":\"list\",\"code\":%d}",
                                            "I1 leaderelection.go:%d] renewed lease"};
static const char *const database_lines[] = {"UTC::@:[%d]:LOG:  checkpoint starting: time",
                                             "UTC:10.0.11.37:innovate@innovate:[%d]:LOG:  connection authorized",
                                             "UTC::@:[%d]:LOG:  checkpoint complete: wrote buffers"};
/* Now and then: what fails, and what strangers send: terminal titles, cleared screens, reversed and invisible text. */
static const char *const app_seldom[] = {"ERROR GET /api/items 500 in %d ms", "ERROR POST /api/orders 503 in %d ms",
                                         "ERROR POST /api/orders 500 in %d ms"};
static const char *const web_seldom[] = {"198.51.100.7 \"GET /\x1b]0;owned\x07 HTTP/1.1\" 404 %d",
                                         "198.51.100.7 \"GET /\xe2\x80\xaegpj.exe HTTP/1.1\" 404 %d",
                                         "198.51.100.9 \"GET /\x1b[2J\x1b[1;1Hall systems normal HTTP/1.1\" 404 %d",
                                         "198.51.100.9 \"GET /\xc2\x9b" "31m HTTP/1.1\" 404 %d"};
#define SELDOM 97 /* one line of so many */
#define LINES(lines) lines, sizeof lines / sizeof *lines
static const struct {
    const char *const *lines;
    size_t count;
    const char *const *seldom;
    size_t seldom_count;
} pools[] = {[LOG_APP] = {LINES(app_lines), LINES(app_seldom)},
             [LOG_WEB] = {LINES(web_lines), LINES(web_seldom)},
             [LOG_CLUSTER] = {LINES(cluster_lines), NULL, 0},
             [LOG_DATABASE] = {LINES(database_lines), NULL, 0}};

const struct log_group *logs_find(const struct aws_call *call, const char *name)
{
    const struct account_logs *logs = &call->account->logs;
    for (size_t i = 0; strcmp(call->region, call->account->region) == 0 && i < logs->groups.len; i++)
        if (!strcmp(logs->groups.at[i].name, name))
            return &logs->groups.at[i];
    return NULL;
}

static json_t *group_arn(const struct aws_call *call, const char *name, const char *end)
{
    return call_text("arn:aws:logs:%s:%s:log-group:%s%s", call->account->region, call->account->id, name, end);
}

static json_t *describe_log_groups(struct aws_call *call)
{
    static const struct call_page page = {"logGroups", "nextToken", "nextToken", "limit", 1, 50, 50, "InvalidParameterException", NULL};
    const char *prefix = json_text_or(call->input, "logGroupNamePrefix", "");
    json_t *all = json_array();
    for (size_t i = 0; strcmp(call->region, call->account->region) == 0 && i < call->account->logs.groups.len; i++) {
        const struct log_group *g = &call->account->logs.groups.at[i];
        if (!text_starts(g->name, prefix))
            continue;
        json_t *row = json_pack("{s:s, s:I, s:i, s:o, s:I, s:s, s:o}", "logGroupName", g->name, "creationTime",
                                (json_int_t)(sim_start(call->sim) - g->age), "metricFilterCount", 0, "arn", group_arn(call, g->name, ":*"),
                                "storedBytes", (json_int_t)g->mib << 20, "logGroupClass", "STANDARD", "logGroupArn", group_arn(call, g->name, ""));
        if (g->retention_days)
            json_object_set_new(row, "retentionInDays", json_integer(g->retention_days));
        json_array_append_new(all, row);
    }
    return call_page(call, all, &page);
}

int64_t logs_gap(const struct log_group *g)
{
    int64_t gap = (int64_t)(60000 / (g->per_minute > 0 ? g->per_minute : 1));
    return gap < 1 ? 1 : gap;
}

int64_t logs_oldest(const struct log_group *g, int64_t now) { return now - (g->retention_days ? g->retention_days : 30) * DAY_MS; }

/* They come evenly, give or take. */
void logs_event(const struct sim *sim, const struct log_group *g, int64_t n, struct log_event *out)
{
    double chance = sim_noise(sim, g->name, n * 2 + 1);
    int64_t gap = logs_gap(g), which = (int64_t)(chance * 1e9);
    const char *line = pools[g->kind].lines[(size_t)(chance * (double)pools[g->kind].count)];
    if (pools[g->kind].seldom && which % SELDOM == 0)
        line = pools[g->kind].seldom[(size_t)(which / SELDOM) % pools[g->kind].seldom_count];
    const char *number = strstr(line, "%d");
    out->at = n * gap + (int64_t)(sim_noise(sim, g->name, n) * (double)gap);
    text_format(out->message, sizeof out->message, "%.*s%d%s", (int)(number - line), line, (int)(4 + chance * 1931) % 400, number + 2);
    text_format(out->stream, sizeof out->stream, "%s/%d", g->kind == LOG_CLUSTER ? "kube-apiserver" : "backend", (int)(n % 3));
    text_format(out->id, sizeof out->id, ID_PREFIX "%052lld", (long long)n);
}

static json_t *event_json(const struct log_event *e)
{
    return json_pack("{s:s, s:I, s:s, s:I, s:s}", "logStreamName", e->stream, "timestamp", (json_int_t)e->at, "message", e->message, "ingestionTime",
                     (json_int_t)e->at + 900, "eventId", e->id);
}

/* A pattern without its own grammar: words that must all be there. */
static bool matches(const char *pattern, const char *message)
{
    char word[128];
    while (*(pattern += strspn(pattern, " \""))) {
        size_t len = strcspn(pattern, " \"");
        text_format(word, sizeof word, "%.*s", (int)len, pattern);
        if (!strstr(message, word))
            return false;
        pattern += len;
    }
    return true;
}

static json_t *filter_log_events(struct aws_call *call)
{
    const char *name = json_text_or(call->input, "logGroupName", ""), *pattern = json_text_or(call->input, "filterPattern", "");
    const char *token = json_text(call->input, "nextToken");
    const struct log_group *g = logs_find(call, name);
    int64_t from = json_int(call->input, "startTime", 0), to = json_int(call->input, "endTime", call->now),
            limit = json_int(call->input, "limit", EVENTS_MAX);
    size_t skip = 0, seen = 0;
    if (!g)
        return call_fail(call, "ResourceNotFoundException", "The specified log group does not exist.");
    if (limit < 1 || limit > EVENTS_MAX || (token && !call_token_read(call, token, &skip)))
        return call_fail(call, "InvalidParameterException", "limit or nextToken is not valid.");
    int64_t gap = logs_gap(g), oldest = logs_oldest(g, call->now);
    from = from < oldest ? oldest : from;
    to = to > call->now ? call->now : to;
    json_t *events = json_array(), *out = json_pack("{s:o, s:[]}", "events", events, "searchedLogStreams");
    for (int64_t n = from / gap - 1; n <= to / gap && g->per_minute > 0; n++) {
        struct log_event e;
        logs_event(call->sim, g, n, &e);
        if (e.at < from || e.at > to || seen++ < skip)
            continue;
        if ((int64_t)json_array_size(events) == limit) {
            char *next = call_token(call, seen - 1);
            json_object_set_new(out, "nextToken", json_string(next));
            free(next);
            break;
        }
        if (matches(pattern, e.message))
            json_array_append_new(events, event_json(&e));
    }
    return out;
}

const struct aws_handler aws_logs[] = {{"logs", "DescribeLogGroups", describe_log_groups}, {"logs", "FilterLogEvents", filter_log_events},
                                       {"logs", "StartQuery", logs_start_query},           {"logs", "GetQueryResults", logs_get_query_results},
                                       {"logs", "StopQuery", logs_stop_query},             {"logs", "DescribeQueries", logs_describe_queries},
                                       {NULL}};
