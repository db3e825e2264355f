/* What a drill observes itself while RDS fails over: the probes, the address that the endpoint's name leads to, and the timeline of all changes. */
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "actions/drill.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "net/resolve.h"

#define EVERY_MS    1000
#define BASELINE_MS 5000  /* each probe has to be good once within this */
#define VERIFY_MS   30000 /* reading rows back */
#define ALIVE_MS    5000  /* as often the journal learns that somebody watches */
#define BAR_CELLS   24

struct noted { /* what the timeline has of a probe: that it answered, and how many of its outages */
    bool answered;
    size_t begun, ended;
};

struct drill_watch {
    struct action *action;
    struct drill_record record;
    VEC(struct probe *) probes;
    VEC(struct noted) noted; /* of each probe */
    struct loop_timer *timer;
    struct resolve *resolve;
    int64_t started_at, alive_at, recalled_to;
    bool baseline;
    void (*ready)(struct action *action, const struct error *error);
    void (*stopped)(struct action *action);
    size_t stopping;
    struct error refusal; /* of the start, told once the probes have ended */
};

struct drill_record *drill_watch_record(struct drill_watch *w) { return &w->record; }

/* The timeline. */

/* An event comes again with each reading of the list; other things are as they were until they are told to be different. */
static bool is_known(const struct drill_record *r, const char *what, const char *text)
{
    bool event = !strcmp(what, "event");
    for (size_t i = r->entries.len; i-- > 0;)
        if (!strcmp(r->entries.at[i].what, what)) {
            if (!strcmp(r->entries.at[i].text, text))
                return true;
            if (!event)
                return false;
        }
    return false;
}

void drill_watch_note(struct drill_watch *w, const char *what, const char *text)
{
    int64_t now = action_now(w->action);
    char clean[200];
    text_clean(clean, sizeof clean, text, strlen(text));
    if (!*clean || is_known(&w->record, what, clean))
        return;
    drill_note(&w->record, now, what, clean);
    action_jot(w->action, json_pack("{s:s, s:I, s:s, s:s}", "event", "seen", "at", (json_int_t)now, "what", what, "text", clean));
    action_touch(w->action);
}

void drill_watch_recall(struct drill_watch *w, const json_t *events)
{
    size_t i;
    json_t *row;
    int64_t last = 0;
    json_array_foreach(events, i, row)
    {
        const char *event = json_text_or(row, "event", "");
        int64_t at = json_int(row, "at", 0);
        bool seen = !strcmp(event, "seen"), gap = !strcmp(event, "unobserved");
        if (seen)
            drill_note(&w->record, at, json_text_or(row, "what", ""), json_text_or(row, "text", ""));
        if (gap)
            *vec_add(&w->record.gaps) = (struct drill_gap){json_int(row, "from", 0), at};
        if (seen && !strcmp(json_text_or(row, "what", ""), "endpoint") && !*w->record.address_before)
            text_copy(w->record.address_before, sizeof w->record.address_before, json_text_or(row, "text", ""));
        if (seen || gap || !strcmp(event, "watching"))
            last = at > last ? at : last;
    }
    w->recalled_to = last;
}

/* The endpoint's address. */

static void got_addresses(void *arg, const struct resolve_address *addresses, size_t count, const struct error *error)
{
    struct drill_watch *w = arg;
    char text[160] = "", one[80];
    w->resolve = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(text);
        if (!getnameinfo((const struct sockaddr *)&addresses[i].at, addresses[i].len, one, sizeof one, NULL, 0, NI_NUMERICHOST))
            text_format(text + len, sizeof text - len, "%s%s", len ? ", " : "", one);
    }
    drill_watch_note(w, "endpoint", error ? "its name leads nowhere" : text);
    if (error)
        return;
    if (!*w->record.address_before)
        text_copy(w->record.address_before, sizeof w->record.address_before, text);
    text_copy(w->record.address_after, sizeof w->record.address_after, text);
}

/* The probes. */

/* By outages, not by how it is just now: one may begin and end between two looks. */
static void note_probe(struct drill_watch *w, size_t i)
{
    const struct probe_view *v = probe_view(w->probes.at[i]);
    struct noted *noted = &w->noted.at[i];
    char text[600], what[12], at[40];
    text_format(what, sizeof what, "probe %zu", i + 1);
    if (!noted->answered && v->attempts > v->failures) {
        noted->answered = true;
        text_format(text, sizeof text, "%s %s: answers", probe_kind_name(v->kind), v->target);
        drill_watch_note(w, what, text);
    }
    for (size_t k = noted->ended; k < v->outage_count; k++) {
        const struct probe_outage *o = &v->outages[k];
        if (k == noted->begun) {
            noted->begun++;
            text_format(text, sizeof text, "%s: no answer since %s%s%s", probe_kind_name(v->kind), when_iso_ms(o->from_ms, at, sizeof at),
                        v->error ? ": " : "", v->error ? v->error : "");
            drill_watch_note(w, what, text);
        }
        if (!o->to_ms)
            break;
        noted->ended++;
        text_format(text, sizeof text, "%s: answers again at %s, after %.1f s", probe_kind_name(v->kind), when_iso_ms(o->to_ms, at, sizeof at),
                    (double)(o->to_ms - o->from_ms) / 1000);
        drill_watch_note(w, what, text);
    }
}

bool drill_watch_good(struct drill_watch *w)
{
    for (size_t i = 0; i < w->probes.len; i++)
        if (probe_view(w->probes.at[i])->state != PROBE_UP)
            return false;
    return true;
}

static void tell_ready(struct drill_watch *w, const struct error *error)
{
    void (*ready)(struct action *, const struct error *) = w->ready;
    w->ready = NULL;
    struct error copy = error ? *error : (struct error){0}; /* the watch may end with it */
    ready(w->action, error ? &copy : NULL);
}

static bool every_was_good(struct drill_watch *w)
{
    for (size_t i = 0; i < w->probes.len; i++)
        if (probe_view(w->probes.at[i])->failures == probe_view(w->probes.at[i])->attempts)
            return false;
    return true;
}

/* Nothing is called as long as it is not sure that an outage could be seen. */
static void wait_for_baseline(struct drill_watch *w)
{
    for (size_t i = 0; i < w->probes.len; i++) {
        const struct probe_view *v = probe_view(w->probes.at[i]);
        if (v->state == PROBE_UP && v->failures < v->attempts)
            continue;
        error_set(&w->refusal, ERROR_INPUT, "ProbeNotGood", "the %s probe of %s is not good before the failover: %s; nothing was called",
                  probe_kind_name(v->kind), v->target,
                  v->unusable ? v->unusable
                  : v->error  ? v->error
                              : "no answer within 5 s");
        drill_watch_stop(w, NULL);
        return;
    }
    tell_ready(w, NULL);
}

static void each_second(void *arg)
{
    struct drill_watch *w = arg;
    int64_t now = action_now(w->action);
    w->timer = loop_after(action_loop(w->action), EVERY_MS, each_second, w);
    for (size_t i = 0; i < w->probes.len; i++)
        note_probe(w, i);
    if (!w->resolve && *w->record.endpoint)
        w->resolve = resolve_start(action_loop(w->action), w->record.endpoint, NULL, got_addresses, w);
    if (now - w->alive_at >= ALIVE_MS) {
        action_jot(w->action, json_pack("{s:s, s:I}", "event", "watching", "at", (json_int_t)now));
        w->alive_at = now;
    }
    action_touch(w->action);
    if (w->ready && w->refusal.kind == ERROR_NONE && (!w->baseline || every_was_good(w) || now - w->started_at >= BASELINE_MS)) {
        if (w->baseline)
            wait_for_baseline(w);
        else
            tell_ready(w, NULL);
    }
}

struct drill_watch *drill_watch_new(struct action *a, const char *endpoint, int port)
{
    struct drill_watch *w = mem_new(sizeof *w);
    w->action = a;
    text_copy(w->record.endpoint, sizeof w->record.endpoint, endpoint);
    w->record.port = port;
    return w;
}

void drill_watch_start(struct drill_watch *w, bool baseline, void (*ready)(struct action *, const struct error *))
{
    const struct account_config *config = w->action->account->config;
    char run[37];
    w->started_at = w->alive_at = action_now(w->action);
    w->ready = ready;
    w->baseline = baseline;
    if (w->recalled_to) {
        *vec_add(&w->record.gaps) = (struct drill_gap){w->recalled_to, w->started_at};
        action_jot(w->action,
                   json_pack("{s:s, s:I, s:I}", "event", "unobserved", "from", (json_int_t)w->recalled_to, "at", (json_int_t)w->started_at));
    } else {
        action_jot(w->action, json_pack("{s:s, s:I}", "event", "watching", "at", (json_int_t)w->started_at));
    }
    for (size_t i = 0; i < config->probes.len; i++) {
        random_uuid(run); /* rows of each start are told apart: those of a start that was killed are nobody's to judge */
        struct probe *probe = probe_new(action_loop(w->action), action_http(w->action), &config->probes.at[i], run);
        *vec_add(&w->probes) = probe;
        *vec_add(&w->noted) = (struct noted){0};
        probe_start(probe);
    }
    w->timer = loop_after(action_loop(w->action), 0, each_second, w);
}

/* The end. */

static void keep_rows(struct drill_probe *p, const struct probe_rows *rows)
{
    p->has_rows = true;
    p->verified = rows->verified;
    p->removed = rows->removed;
    p->sent = rows->sent;
    p->acknowledged = rows->acknowledged;
    p->found = rows->found;
    p->lost = rows->lost;
    p->extra = rows->extra;
    text_copy(p->rows_error, sizeof p->rows_error, rows->error ? rows->error : "");
    for (size_t i = 0; i < rows->lost_range_count; i++) {
        size_t len = strlen(p->lost_ranges);
        long long first = (long long)rows->lost_ranges[i].first, last = (long long)rows->lost_ranges[i].last;
        text_format(p->lost_ranges + len, sizeof p->lost_ranges - len, first == last ? "%s%lld" : "%s%lld-%lld", len ? ", " : "", first, last);
    }
}

static void keep_probe(struct drill_watch *w, struct probe *probe)
{
    const struct probe_view *v = probe_view(probe);
    struct drill_probe *p = vec_add(&w->record.probes);
    *p = (struct drill_probe){.good = v->error == NULL && v->attempts > 0,
                              .attempts = v->attempts,
                              .failures = v->failures,
                              .started_at = v->started_ms,
                              .stopped_at = v->stopped_ms};
    text_copy(p->kind, sizeof p->kind, probe_kind_name(v->kind));
    text_copy(p->target, sizeof p->target, v->target);
    text_copy(p->error, sizeof p->error, v->error ? v->error : v->unusable ? v->unusable : "");
    for (size_t i = 0; i < v->outage_count; i++)
        *vec_add(&p->outages) = v->outages[i];
    if (v->kind == PROBE_POSTGRES)
        keep_rows(p, &v->rows);
}

static void all_stopped(struct drill_watch *w)
{
    loop_cancel(action_loop(w->action), w->timer);
    w->timer = NULL;
    for (size_t i = 0; i < w->probes.len; i++)
        keep_probe(w, w->probes.at[i]);
    if (w->stopped)
        w->stopped(w->action);
    else
        tell_ready(w, &w->refusal);
}

static void one_stopped(void *arg, struct probe *probe)
{
    struct drill_watch *w = arg;
    (void)probe;
    if (--w->stopping == 0)
        all_stopped(w);
}

static void none_to_stop(void *arg) { all_stopped(arg); }

void drill_watch_stop(struct drill_watch *w, void (*stopped)(struct action *))
{
    for (size_t i = 0; i < w->probes.len; i++)
        note_probe(w, i);
    w->stopped = stopped;
    w->stopping = w->probes.len;
    for (size_t i = 0; i < w->probes.len; i++)
        probe_stop(w->probes.at[i], VERIFY_MS, one_stopped, w);
    if (!w->probes.len) {
        loop_cancel(action_loop(w->action), w->timer);
        w->timer = loop_after(action_loop(w->action), 0, none_to_stop, w);
    }
}

void drill_watch_free(struct drill_watch *w)
{
    if (!w)
        return;
    loop_cancel(action_loop(w->action), w->timer);
    resolve_cancel(w->resolve);
    for (size_t i = 0; i < w->probes.len; i++)
        probe_free(w->probes.at[i]);
    vec_free(&w->probes);
    vec_free(&w->noted);
    drill_record_free(&w->record);
    free(w);
}

/* Before it begins. */

void drill_unprobed(struct loop *loop, struct http *http, const struct account_config *config, char *out, size_t size)
{
    *out = '\0';
    if (!config->probes.len)
        text_copy(out, size, "no probe in the profile: the outage could not be measured");
    for (size_t i = 0; i < config->probes.len && !*out; i++) {
        struct probe *probe = probe_new(loop, http, &config->probes.at[i], "none");
        const struct probe_view *v = probe_view(probe);
        if (v->unusable)
            text_format(out, size, "the %s probe of %s cannot run: %s", probe_kind_name(v->kind), v->target, v->unusable);
        probe_free(probe);
    }
}

/* On the screen. */

static void bar(const struct probe_view *v, int64_t from, int64_t now, bool unicode, char *out, size_t size)
{
    struct drill_probe p = {.started_at = v->started_ms, .stopped_at = v->stopped_ms};
    char steps[BAR_CELLS + 1];
    struct str text = STR_INIT(size - 1);
    int64_t each = (now - from) / BAR_CELLS + 1;
    for (size_t i = 0; i < v->outage_count; i++)
        *vec_add(&p.outages) = v->outages[i];
    drill_bar(&p, from, now, each < 1000 ? 1000 : each, steps, sizeof steps);
    for (const char *s = steps; *s; s++)
        str_adds(&text, *s == '+' ? (unicode ? "█" : "#") : *s == 'x' ? (unicode ? "░" : ".") : " ");
    text_copy(out, size, str_text(&text));
    str_free(&text);
    vec_free(&p.outages);
}

static void tell_rows(const struct probe_view *v, int64_t from, struct str *line)
{
    if (v->kind != PROBE_POSTGRES)
        return;
    str_addf(line, "  acknowledged %lld", (long long)v->rows.acknowledged);
    if (v->rows.last_ms > from)
        str_addf(line, "  last %02lld:%02lld", (long long)((v->rows.last_ms - from) / 60000), (long long)((v->rows.last_ms - from) / 1000 % 60));
    if (v->rows.verified)
        str_addf(line, "  lost %lld", (long long)v->rows.lost);
}

void drill_watch_tell(struct drill_watch *w, bool unicode, int64_t now, tell_line *line, void *arg)
{
    int64_t from = w->record.called_at ? w->record.called_at - 5000 : w->started_at;
    char cells[BAR_CELLS * 4];
    for (size_t i = 0; i < w->probes.len; i++) {
        const struct probe_view *v = probe_view(w->probes.at[i]);
        struct str text = STR_INIT(2000);
        bool good = v->error == NULL;
        bar(v, from < w->started_at ? w->started_at : from, now, unicode, cells, sizeof cells);
        str_addf(&text, "%s  %-8s %s", i ? "        " : "probes  ", probe_kind_name(v->kind), cells);
        str_addf(&text, v->down_ms ? "  down %lld s" : "  no outage", (long long)((v->down_ms + 999) / 1000));
        tell_rows(v, w->record.called_at ? w->record.called_at : w->started_at, &text);
        if (v->state == PROBE_VERIFYING)
            str_adds(&text, "  reading back…");
        else if (!good)
            str_addf(&text, "  %s", v->error);
        line(arg, good ? TONE_GOOD : TONE_BAD, str_text(&text));
        str_free(&text);
    }
}
