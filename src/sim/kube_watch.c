/* Watches: changes as they happen, from a resourceVersion that the ring still remembers. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "sim/kube.h"

#define BOOKMARK_EVERY_MS 60000
#define TIMEOUT_MS        1800000

struct kube_watcher {
    struct kube_sim *k;
    struct kube_watcher *next, *previous;
    struct server_stream *stream;
    enum kube_kind kind;
    char *ns;
    struct kube_selector *labels, *fields;
    struct kube_format format;
    bool bookmarks, headers_sent, ended;
    int64_t until, bookmark_at;
};

static void closed(void *arg)
{
    struct kube_watcher *w = arg;
    if (w->previous)
        w->previous->next = w->next;
    else if (w->k)
        w->k->watchers = w->next;
    if (w->next)
        w->next->previous = w->previous;
    kube_selector_free(w->labels);
    kube_selector_free(w->fields);
    free(w->ns);
    free(w);
}

static void send_line(struct kube_watcher *w, struct str *line)
{
    str_addc(line, '\n');
    server_stream_write(w->stream, str_text(line), line->len);
}

static void send_event(struct kube_watcher *w, const char *type, const struct kube_object *o, uint64_t version)
{
    struct str line = STR_INIT((size_t)16 << 20);
    str_addf(&line, "{\"type\":\"%s\",\"object\":", type);
    kube_write_one(w->k, o, version, w->format, !w->headers_sent, &line);
    str_addc(&line, '}');
    w->headers_sent = true;
    send_line(w, &line);
    str_free(&line);
}

static void send_bookmark(struct kube_watcher *w)
{
    struct str line = STR_INIT(65536);
    const char *kind = kube_types[w->kind].kind, *version = kube_api_version(w->kind);
    unsigned long long revision = w->k->revision;
    str_adds(&line, "{\"type\":\"BOOKMARK\",\"object\":");
    if (w->format.form == FORM_TABLE) {
        str_addf(&line, "{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{\"resourceVersion\":\"%llu\"},\"columnDefinitions\":",
                 revision);
        if (w->headers_sent)
            str_adds(&line, "null");
        else
            kube_table_columns(w->kind, &line);
        w->headers_sent = true;
        str_adds(&line, ",\"rows\":[");
        kube_table_blank_row(w->kind, w->format.include, w->k->revision, &line);
        str_adds(&line, "]}");
    } else {
        str_addf(&line, "{\"kind\":\"%s\",\"apiVersion\":\"%s\",\"metadata\":{\"resourceVersion\":\"%llu\",\"creationTimestamp\":null}%s}",
                 w->format.form == FORM_PARTIAL ? "PartialObjectMetadata" : kind, w->format.form == FORM_PARTIAL ? "meta.k8s.io/v1" : version,
                 revision, w->format.form == FORM_JSON && w->kind == KUBE_POD ? ",\"spec\":{\"containers\":null},\"status\":{}" : "");
    }
    str_addc(&line, '}');
    send_line(w, &line);
    str_free(&line);
}

static bool wanted(const struct kube_watcher *w, const struct kube_object *o)
{
    return o && (!*w->ns || strcmp(w->ns, o->ns) == 0) && kube_labels_match(w->labels, kube_selects_all(w->labels) ? NULL : kube_labels(o)) &&
           kube_fields_match(w->fields, o);
}

/* What a change means to one watcher: an object that stops matching is deleted as far as it is concerned. */
static void tell(struct kube_watcher *w, const struct kube_past *past)
{
    if ((past->object ? past->object : past->previous)->kind != w->kind)
        return;
    bool was = wanted(w, past->previous), is = wanted(w, past->object);
    if (is)
        send_event(w, was ? "MODIFIED" : "ADDED", past->object, past->version);
    else if (was)
        send_event(w, "DELETED", past->previous, past->version);
}

void kube_watch_tell(struct kube_sim *k, const struct kube_past *past)
{
    for (struct kube_watcher *w = k->watchers; w; w = w->next)
        if (!w->ended)
            tell(w, past);
}

static void send_expired(struct kube_call *c, uint64_t version)
{
    str_addf(reply_body(c->reply),
             "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\",\"message\":\"too old "
             "resource "
             "version: %llu (%llu)\",\"reason\":\"Expired\",\"code\":410}}\n",
             (unsigned long long)version, (unsigned long long)c->k->ring_floor + 1);
}

static void send_past(struct kube_watcher *w, uint64_t version)
{
    struct kube_sim *k = w->k;
    for (size_t i = 0; i < k->ring_len; i++) {
        const struct kube_past *past = &k->ring[(k->ring_first + i) % (size_t)k->watch_window];
        if (past->version > version)
            tell(w, past);
    }
}

static void send_all(struct kube_watcher *w)
{
    for (size_t i = 0; i < w->k->store[w->kind].len; i++)
        if (wanted(w, w->k->store[w->kind].at[i]))
            send_event(w, "ADDED", w->k->store[w->kind].at[i], w->k->store[w->kind].at[i]->version);
}

void kube_watch(struct kube_call *c, struct kube_selector *labels, struct kube_selector *fields, const char *text)
{
    struct kube_sim *k = c->k;
    char *end;
    uint64_t version = *text ? strtoull(text, &end, 10) : 0;
    int64_t timeout = kube_query_int(c, "timeoutSeconds", 0) * 1000;
    if (*text && *end) {
        kube_status(c, 400, "BadRequest", NULL, "resourceVersion: Invalid value: \"%.100s\": strconv.ParseUint: parsing \"%.100s\": invalid syntax",
                    text, text);
        kube_selector_free(labels);
        kube_selector_free(fields);
        return;
    }
    reply_header(c->reply, "Content-Type", "application/json");
    if (version && version < k->ring_floor) {
        send_expired(c, version);
        kube_selector_free(labels);
        kube_selector_free(fields);
        return;
    }
    struct kube_watcher *w = mem_new(sizeof *w);
    *w = (struct kube_watcher){.k = k,
                               .next = k->watchers,
                               .kind = c->kind,
                               .ns = mem_strdup(c->ns),
                               .labels = labels,
                               .fields = fields,
                               .format = c->format,
                               .bookmarks = kube_query_flag(c, "allowWatchBookmarks"),
                               .until = k->now + (timeout > 0 ? timeout : TIMEOUT_MS + (int64_t)(kube_random(k) * TIMEOUT_MS)),
                               .bookmark_at = k->now + BOOKMARK_EVERY_MS};
    if (w->next)
        w->next->previous = w;
    k->watchers = w;
    w->stream = reply_stream(c->reply, closed, w);
    if (version)
        send_past(w, version);
    else
        send_all(w);
}

void kube_watch_step(struct kube_sim *k)
{
    for (struct kube_watcher *w = k->watchers, *next; w; w = next) {
        next = w->next;
        bool over = k->now >= w->until;
        if (w->ended)
            continue;
        if (w->bookmarks && (over || k->now >= w->bookmark_at)) {
            send_bookmark(w);
            w->bookmark_at = k->now + BOOKMARK_EVERY_MS;
        }
        w->ended = over;
        if (over)
            server_stream_end(w->stream); /* closed() is called once the client has it all */
    }
}

/* Streams that are still open are closed later, by the server: they must not look for the cluster then. */
void kube_watch_free(struct kube_sim *k)
{
    for (struct kube_watcher *w = k->watchers, *next; w; w = next) {
        next = w->next;
        w->k = NULL;
        w->next = w->previous = NULL;
        server_stream_end(w->stream);
    }
    k->watchers = NULL;
}
