/* CloudWatch Logs: log groups, and their events as functions of time, the same for whoever asks and when. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sim/aws_world.h"

#define EVENTS_MAX 10000
#define ID_PREFIX  "3871"

static const char *const app_lines[] = {"INFO  GET /api/items 200 in %d ms",        "INFO  POST /api/orders 201 in %d ms",  "INFO  GET /api/basket 200 in %d ms",
                                        "INFO  pool: %d of 40 connections in use",  "WARN  slow query: %d ms in list_orders", "INFO  GET /health 200 in %d ms"};
static const char *const web_lines[] = {"10.0.11.37 \"GET / HTTP/1.1\" 200 %d", "10.0.12.84 \"GET /static/app.js HTTP/1.1\" 304 %d",
                                        "10.0.11.37 \"GET /api/items HTTP/1.1\" 200 %d", "10.0.12.84 \"GET /health HTTP/1.1\" 200 %d"};
static const char *const cluster_lines[] = {"I1 httplog.go:%d] verb=GET URI=/api/v1/pods resp=200", "I1 controller.go:%d] OpenAPI AggregationController: processing",
                                            "{\"kind\":\"Event\",\"level\":\"Metadata\",\"verb\":\"list\",\"code\":%d}", "I1 leaderelection.go:%d] renewed lease"};
static const char *const database_lines[] = {"UTC::@:[%d]:LOG:  checkpoint starting: time", "UTC:10.0.11.37:innovate@innovate:[%d]:LOG:  connection authorized",
                                             "UTC::@:[%d]:LOG:  checkpoint complete: wrote buffers"};
#define POOL(lines) {lines, sizeof lines / sizeof *lines}
static const struct {
    const char *const *lines;
    size_t count;
} pools[] = {[LOG_APP] = POOL(app_lines), [LOG_WEB] = POOL(web_lines), [LOG_CLUSTER] = POOL(cluster_lines), [LOG_DATABASE] = POOL(database_lines)};

static const struct log_group *find(const struct aws_call *call, const char *name)
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
        json_t *row = json_pack("{s:s, s:I, s:i, s:o, s:I, s:s, s:o}", "logGroupName", g->name, "creationTime", (json_int_t)(sim_start(call->sim) - g->age),
                                "metricFilterCount", 0, "arn", group_arn(call, g->name, ":*"), "storedBytes", (json_int_t)g->mib << 20, "logGroupClass",
                                "STANDARD", "logGroupArn", group_arn(call, g->name, ""));
        if (g->retention_days)
            json_object_set_new(row, "retentionInDays", json_integer(g->retention_days));
        json_array_append_new(all, row);
    }
    return call_page(call, all, &page);
}

/* The n-th event since 1970: they come evenly, give or take. */
static int64_t event_time(const struct aws_call *call, const struct log_group *g, int64_t gap, int64_t n)
{
    return n * gap + (int64_t)(sim_noise(call->sim, g->name, n) * (double)gap);
}

static json_t *event(const struct aws_call *call, const struct log_group *g, int64_t at, int64_t n)
{
    char text[400];
    double chance = sim_noise(call->sim, g->name, n * 2 + 1);
    size_t which = (size_t)(chance * (double)pools[g->kind].count);
    const char *line = pools[g->kind].lines[which], *number = strstr(line, "%d");
    text_format(text, sizeof text, "%.*s%d%s", (int)(number - line), line, (int)(4 + chance * 1931) % 400, number + 2);
    return json_pack("{s:o, s:I, s:s, s:I, s:o}", "logStreamName", call_text("%s/%d", g->kind == LOG_CLUSTER ? "kube-apiserver" : "backend", (int)(n % 3)),
                     "timestamp", (json_int_t)at, "message", text, "ingestionTime", (json_int_t)at + 900, "eventId",
                     call_text(ID_PREFIX "%052lld", (long long)n));
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
    const struct log_group *g = find(call, name);
    int64_t from = json_int(call->input, "startTime", 0), to = json_int(call->input, "endTime", call->now), limit = json_int(call->input, "limit", EVENTS_MAX);
    size_t skip = 0, seen = 0;
    if (!g)
        return call_fail(call, "ResourceNotFoundException", "The specified log group does not exist.");
    if (limit < 1 || limit > EVENTS_MAX || (token && !call_token_read(call, token, &skip)))
        return call_fail(call, "InvalidParameterException", "limit or nextToken is not valid.");
    int64_t gap = (int64_t)(60000 / (g->per_minute > 0 ? g->per_minute : 1)), oldest = call->now - (g->retention_days ? g->retention_days : 30) * DAY_MS;
    gap = gap < 1 ? 1 : gap;
    from = from < oldest ? oldest : from;
    to = to > call->now ? call->now : to;
    json_t *events = json_array(), *out = json_pack("{s:o, s:[]}", "events", events, "searchedLogStreams");
    for (int64_t n = from / gap - 1; n <= to / gap && g->per_minute > 0; n++) {
        int64_t at = event_time(call, g, gap, n);
        if (at < from || at > to || seen++ < skip)
            continue;
        if ((int64_t)json_array_size(events) == limit) {
            char *next = call_token(call, seen - 1);
            json_object_set_new(out, "nextToken", json_string(next));
            free(next);
            break;
        }
        json_t *row = event(call, g, at, n);
        if (matches(pattern, json_text_or(row, "message", "")))
            json_array_append_new(events, row);
        else
            json_decref(row);
    }
    return out;
}

const struct aws_handler aws_logs[] = {{"logs", "DescribeLogGroups", describe_log_groups}, {"logs", "FilterLogEvents", filter_log_events}, {NULL}};
