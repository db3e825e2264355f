/* Runs one probe for a test and tells it in JSON lines what it saw: one line an attempt, and the whole when it has ended.
 *     probe_runner tcp|http|postgres TARGET RUN_ID
 * Ends the probe at a line "stop" (or "stop MS": how long it may read back) or the end of its input. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actions/probe.h"
#include "base/json.h"
#include "base/str.h"

struct runner {
    struct loop *loop;
    struct probe *probe;
    struct loop_watch *input;
    int64_t told;
    bool over;
};

static void print(json_t *line)
{
    char *text = json_dumps(line, JSON_COMPACT);
    puts(text);
    fflush(stdout);
    free(text);
    json_decref(line);
}

static json_t *text_of(const char *text) { return text ? json_string(text) : json_null(); }

static json_t *rows_of(const struct probe_rows *rows)
{
    json_t *lost = json_array();
    for (size_t i = 0; i < rows->lost_range_count; i++)
        json_array_append_new(lost, json_pack("[II]", (json_int_t)rows->lost_ranges[i].first, (json_int_t)rows->lost_ranges[i].last));
    return json_pack("{sI sI sI sI sb sI sI sI so sb so}", "sent", (json_int_t)rows->sent, "acknowledged", (json_int_t)rows->acknowledged, "last",
                     (json_int_t)rows->last, "last_ms", (json_int_t)rows->last_ms, "verified", rows->verified, "found", (json_int_t)rows->found, "lost",
                     (json_int_t)rows->lost, "extra", (json_int_t)rows->extra, "lost_ranges", lost, "removed", rows->removed, "error",
                     text_of(rows->error));
}

static json_t *line_of(const struct probe_view *v)
{
    json_t *outages = json_array();
    for (size_t i = 0; i < v->outage_count; i++)
        json_array_append_new(outages, json_pack("[II]", (json_int_t)v->outages[i].from_ms, (json_int_t)v->outages[i].to_ms));
    return json_pack("{ss ss so so sI sI sI sI so so}", "state", probe_state_name(v->state), "target", v->target, "unusable", text_of(v->unusable), "error",
                     text_of(v->error), "attempts", (json_int_t)v->attempts, "failures", (json_int_t)v->failures, "longest_ms", (json_int_t)v->longest_ms,
                     "down_ms", (json_int_t)v->down_ms, "outages", outages, "rows", rows_of(&v->rows));
}

static void each_pass(void *arg)
{
    struct runner *r = arg;
    const struct probe_view *view = probe_view(r->probe);
    if (view->attempts > r->told)
        print(line_of(view));
    r->told = view->attempts;
}

static void ended(void *arg, struct probe *probe)
{
    struct runner *r = arg;
    print(line_of(probe_view(probe)));
    r->over = true;
    loop_stop(r->loop);
}

static void on_input(void *arg, short revents)
{
    struct runner *r = arg;
    char line[64];
    ssize_t n = read(STDIN_FILENO, line, sizeof line - 1);
    (void)revents;
    line[n > 0 ? n : 0] = '\0';
    if (n > 0 && !text_starts(line, "stop"))
        return;
    int64_t limit = n > 5 ? strtoll(line + 5, NULL, 10) : 0;
    loop_unwatch(r->loop, r->input);
    probe_stop(r->probe, limit > 0 ? limit : PROBE_VERIFY_MS, ended, r);
}

static int kind_of(const char *name)
{
    for (int kind = PROBE_TCP; kind <= PROBE_POSTGRES; kind++)
        if (!strcmp(probe_kind_name((enum probe_kind)kind), name))
            return kind;
    return -1;
}

int main(int argc, char **argv)
{
    struct probe_config config = {.kind = argc == 4 ? kind_of(argv[1]) : -1, .target = argc == 4 ? argv[2] : NULL};
    if (config.kind < 0) {
        fputs("usage: probe_runner tcp|http|postgres TARGET RUN_ID\n", stderr);
        return 2;
    }
    struct runner r = {.loop = loop_new()};
    struct http *http = http_new(r.loop, &(struct http_options){0});
    r.probe = probe_new(r.loop, http, &config, argv[3]);
    r.input = loop_watch(r.loop, STDIN_FILENO, POLLIN, on_input, &r);
    loop_on_pass(r.loop, each_pass, &r);
    probe_start(r.probe);
    loop_run(r.loop);
    probe_free(r.probe);
    http_free(http);
    loop_free(r.loop);
    return r.over ? 0 : 1;
}
