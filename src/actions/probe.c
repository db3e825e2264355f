#include "actions/probe.h"

#include <stdarg.h>
#include <stdlib.h>

#include "actions/probe_internal.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"

const char *probe_kind_name(enum probe_kind kind)
{
    static const char *const names[] = {[PROBE_TCP] = "tcp", [PROBE_HTTP] = "http", [PROBE_POSTGRES] = "postgres"};
    return names[kind];
}

const char *probe_state_name(enum probe_state state)
{
    static const char *const names[] = {[PROBE_IDLE] = "idle", [PROBE_UNKNOWN] = "unknown",     [PROBE_UP] = "up",
                                        [PROBE_DOWN] = "down", [PROBE_VERIFYING] = "verifying", [PROBE_STOPPED] = "stopped"};
    return names[state];
}

struct probe *probe_new(struct loop *loop, struct http *http, const struct probe_config *config, const char *run_id)
{
    static const struct probe_type *const types[] = {[PROBE_TCP] = &probe_tcp, [PROBE_HTTP] = &probe_http, [PROBE_POSTGRES] = &probe_postgres};
    struct probe *probe = mem_new(sizeof *probe);
    probe->loop = loop;
    probe->http = http;
    probe->kind = (enum probe_kind)config->kind;
    probe->type = types[probe->kind];
    probe->target = mem_strdup(config->target);
    probe->run_id = mem_strdup(run_id);
    probe->wall = loop_wall(loop);
    probe->monotonic = loop_now(loop);
    probe->own = probe->type->open(probe);
    return probe;
}

void probe_free(struct probe *probe)
{
    if (!probe)
        return;
    probe->type->close(probe->own);
    loop_cancel(probe->loop, probe->telling);
    record_free(&probe->record);
    mem_free_secret(probe->target);
    free(probe->run_id);
    free(probe);
}

void probe_refuse(struct probe *probe, const char *format, ...)
{
    struct str text = STR_INIT(STR_TEXT_MAX);
    va_list ap;
    va_start(ap, format);
    str_addv(&text, format, ap);
    va_end(ap);
    text_clean(probe->unusable, sizeof probe->unusable, str_text(&text), text.len);
    str_free(&text);
}

int64_t probe_now(const struct probe *probe) { return probe->wall + loop_now(probe->loop) - probe->monotonic; }

void probe_start(struct probe *probe)
{
    if (*probe->unusable || probe->state != PROBE_IDLE)
        return;
    probe->state = PROBE_UNKNOWN;
    probe->started = probe_now(probe);
    record_start(&probe->record, probe->started);
    probe->type->start(probe->own);
}

void probe_stop(struct probe *probe, int64_t verify_ms, probe_done *done, void *arg)
{
    bool running = probe->state == PROBE_UNKNOWN;
    probe->done = done;
    probe->done_arg = arg;
    probe->verify_ms = verify_ms;
    probe->stopped = probe_now(probe);
    probe->state = PROBE_VERIFYING;
    if (running)
        probe->type->stop(probe->own);
    else
        probe_ended(probe);
}

static void tell(void *arg)
{
    struct probe *probe = arg;
    probe->telling = NULL;
    probe->done(probe->done_arg, probe);
}

void probe_ended(struct probe *probe)
{
    probe->state = PROBE_STOPPED;
    probe->telling = loop_after(probe->loop, 0, tell, probe);
}

void probe_begin(struct probe *probe) { probe->began = loop_now(probe->loop); }

int64_t probe_rest(const struct probe *probe, int64_t interval)
{
    int64_t rest = probe->began + interval - loop_now(probe->loop);
    return rest > 0 ? rest : 0;
}

static int latency(const struct probe *probe) { return (int)(loop_now(probe->loop) - probe->began); }

void probe_good(struct probe *probe) { record_good(&probe->record, probe_now(probe), latency(probe)); }

void probe_bad(struct probe *probe, const char *error) { record_bad(&probe->record, probe_now(probe), latency(probe), error); }

static enum probe_state state_of(const struct probe *probe)
{
    if (probe->state != PROBE_UNKNOWN || probe->record.attempts == 0)
        return probe->state;
    return probe->record.down ? PROBE_DOWN : PROBE_UP;
}

const struct probe_view *probe_view(struct probe *probe)
{
    struct probe_view *view = &probe->view;
    *view = (struct probe_view){.kind = probe->kind, .state = state_of(probe), .target = probe->shown, .started_ms = probe->started,
                                .stopped_ms = probe->stopped, .rows = probe->rows};
    view->unusable = *probe->unusable ? probe->unusable : NULL;
    record_view(&probe->record, probe->stopped ? probe->stopped : probe_now(probe), view);
    return view;
}
