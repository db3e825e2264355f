/* A live table: listed page by page, then watched; listed anew when the server has forgotten the place (410), watched anew when a watch ends. */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/mem.h"
#include "kube/internal.h"

#define PAGE_DEFAULT  500
#define COLUMNS_MAX   ROW_CELLS_MAX
#define LIST_MAX      ((size_t)256 << 20)
#define EVENT_MAX     ((size_t)4 << 20)
#define WATCH_MIN_S   300
#define IDLE_MS       90000 /* bookmarks come about once a minute, where they come: no server owes any */
#define LASTED_MS     30000 /* a watch that held so long was one that works */
#define BACKOFF_MS    500
#define BACKOFF_CAP   30000
#define AGAIN_MS      100   /* between a watch that ended in peace and the next */
#define WATCH_MAX_MS  660000 /* a server that never ends one is left: it may have been forgotten on the way */
#define WATCHES_MAX   32     /* that hold a connection each, of 64: the other half is everybody else's */
#define POLL_MS       15000  /* where there is none left: for each page of the list */
#define POLL_PAGES    8
#define PAGES_MAX     1000  /* of one list; clusters end at a third of that */
#define SLICE         16384 /* decoded at once; between two the request for the next page goes out, and keys come in */
#define ACCEPT        "application/json;as=Table;g=meta.k8s.io;v=v1, application/json"

/* One page of a list. The next is asked for as soon as this one's head tells how: while its rows are read, the server is at work. */
struct list_page {
    struct kube_table *table;
    struct table_decoder decoder;
    struct kube_request *request; /* NULL: all of it is in */
    struct str bytes;             /* what came and is not decoded yet, from `decoded` on */
    size_t decoded;
};

struct kube_table {
    struct kube *kube;
    struct kube_table *next, *previous;
    char *path, *selector;
    bool metadata, lesser;
    int page;
    struct kube_table_handler handler;
    void *arg;
    struct kube_request *request;
    struct loop_timer *again;
    int failures, pages;
    char *columns[COLUMNS_MAX];
    size_t column_count, name_column;
    /* listing */
    struct list_page *current, *ahead;
    struct loop_timer *decoding;
    bool began;
    struct str cont, version; /* cont: how to go on after the page that was asked for last, once its head is here */
    /* watching */
    struct str line;
    bool expired; /* the watch said 410 */
    struct error told; /* what else it said */
    bool open;    /* the watch's reply has begun */
    int64_t opened_at;
    bool heard;   /* it has brought something */
    bool failing; /* a fault has been told, and not yet that it is over */
};

static void watch(void *arg);

static void clear_columns(struct kube_table *t)
{
    for (size_t i = 0; i < t->column_count; i++)
        free(t->columns[i]);
    t->column_count = 0;
    t->name_column = SIZE_MAX;
}

static void take_columns(struct kube_table *t, const json_t *definitions)
{
    size_t i;
    json_t *row;
    if (json_array_size(definitions) == 0)
        return;
    clear_columns(t);
    json_array_foreach(definitions, i, row) {
        if (i == COLUMNS_MAX)
            break;
        t->columns[t->column_count++] = mem_strdup(json_text_or(row, "name", ""));
        if (t->name_column == SIZE_MAX && (text_equal(json_text(row, "format"), "name") || text_same_case(json_text_or(row, "name", ""), "name")))
            t->name_column = i;
    }
    t->handler.columns(t->arg, (const char *const *)t->columns, t->column_count);
}

/* A cell as text; numbers are written into `buffer`. */
static const char *cell_text(const json_t *cell, char *buffer, size_t size)
{
    if (json_is_string(cell))
        return json_string_value(cell);
    if (json_is_integer(cell))
        text_format(buffer, size, "%lld", (long long)json_integer_value(cell));
    else if (json_is_real(cell))
        text_format(buffer, size, "%g", json_real_value(cell));
    else if (json_is_boolean(cell))
        text_format(buffer, size, "%s", json_is_true(cell) ? "true" : "false");
    else
        return NULL;
    return buffer;
}

static void tell_cells(struct kube_table *t, const char *const cells[], size_t count, const json_t *object, const char *type)
{
    const char *name = t->name_column < count ? cells[t->name_column] : json_text(object, "metadata.name");
    if (!name)
        return;
    struct kube_row out = {name, cells, count, t->metadata && json_is_object(object) ? object : NULL};
    if (strcmp(type, "DELETED") == 0)
        t->handler.gone(t->arg, name);
    else
        t->handler.row(t->arg, &out, strcmp(type, "MODIFIED") == 0);
}

static void tell_row(struct kube_table *t, const json_t *row, const char *type)
{
    const char *cells[COLUMNS_MAX] = {0};
    char numbers[COLUMNS_MAX][24];
    const json_t *list_of = json_object_get(row, "cells"), *object = json_object_get(row, "object");
    size_t count = json_array_size(list_of) < t->column_count ? json_array_size(list_of) : t->column_count;
    for (size_t i = 0; i < count; i++)
        cells[i] = cell_text(json_array_get(list_of, i), numbers[i], sizeof numbers[i]);
    tell_cells(t, cells, count, object, type);
}

static void fail(struct kube_table *t, const struct error *error, void (*then)(void *))
{
    struct error copy = *error;
    int64_t wait = retry_backoff(t->failures++, BACKOFF_MS, BACKOFF_CAP) + BACKOFF_MS / 2;
    if (copy.retry_after_ms > wait)
        wait = copy.retry_after_ms;
    if (copy.kind == ERROR_SERVICE && (copy.status == 401 || copy.status == 403 || copy.status == 404) && wait < BACKOFF_CAP)
        wait = BACKOFF_CAP; /* a refusal does not go away by asking often */
    t->again = loop_after(t->kube->loop, wait, then, t);
    t->failing = true;
    t->handler.failed(t->arg, &copy);
}

/* Listing. */

static void list(void *arg);
static struct list_page *ask_page(struct kube_table *t);

static void page_free(struct list_page *page)
{
    if (!page)
        return;
    kube_request_cancel(page->request);
    table_decoder_free(&page->decoder);
    str_free(&page->bytes);
    free(page);
}

static void forget_pages(struct kube_table *t)
{
    page_free(t->current);
    page_free(t->ahead);
    t->current = t->ahead = NULL;
    loop_cancel(t->kube->loop, t->decoding);
    t->decoding = NULL;
    t->began = false;
    str_clear(&t->cont);
}

static bool on_head(void *arg, const json_t *head)
{
    struct list_page *page = arg;
    struct kube_table *t = page->table;
    if (!text_equal(json_text(head, "kind"), "Table"))
        return false;
    str_clear(&t->version);
    if (!str_adds(&t->cont, json_text_or(head, "metadata.continue", "")) || ++t->pages > PAGES_MAX)
        return false; /* half of a list must not pass for the whole */
    str_adds(&t->version, json_text_or(head, "metadata.resourceVersion", ""));
    if (!t->began)
        t->handler.begin(t->arg);
    t->began = true;
    take_columns(t, json_object_get(head, "columnDefinitions"));
    if (page == t->current && t->cont.len)
        t->ahead = ask_page(t);
    return true;
}

static void on_row(void *arg, const json_t *row) { tell_row(((struct list_page *)arg)->table, row, "ADDED"); }

static bool on_row_text(void *arg, char *row, size_t len)
{
    struct kube_table *t = ((struct list_page *)arg)->table;
    const char *cells[ROW_CELLS_MAX];
    size_t count;
    if (!row_scan(row, len, cells, ROW_CELLS_MAX, &count))
        return false;
    tell_cells(t, cells, count < t->column_count ? count : t->column_count, NULL, "ADDED");
    return true;
}

static void decode(void *arg);

static void decode_soon(struct kube_table *t)
{
    if (!t->decoding)
        t->decoding = loop_after(t->kube->loop, 0, decode, t);
}

static bool on_list_data(void *arg, const char *data, size_t len)
{
    struct list_page *page = arg;
    decode_soon(page->table);
    return str_add(&page->bytes, data, len);
}

static void list_failed(struct kube_table *t, const struct error *error, bool going_on)
{
    struct error copy = *error;
    forget_pages(t);
    if (copy.status == 410 && going_on) /* the continue token is too old: from the start */
        t->again = loop_after(t->kube->loop, 0, list, t);
    else
        fail(t, &copy, list);
}

static void list_is_bad(struct kube_table *t, const char *what)
{
    struct error bad = {0};
    error_set(&bad, ERROR_PROTOCOL, "BadReply", "the list of %s is %s", t->path, what);
    list_failed(t, &bad, false);
}

static void list_is_over(struct kube_table *t)
{
    t->began = t->failing = false;
    t->handler.synced(t->arg);
    if (!t->again && !t->request)
        t->again = loop_after(t->kube->loop, 0, watch, t);
}

/* The next slice of the current page; a page that is in and decoded makes room for the one after it. */
static void decode(void *arg)
{
    struct kube_table *t = arg;
    struct list_page *page = t->current;
    size_t left = page->bytes.len - page->decoded, len = left < SLICE ? left : SLICE;
    t->decoding = NULL;
    const char *from = str_text(&page->bytes) + page->decoded;
    page->decoded += len;
    if (len && !table_decoder_feed(&page->decoder, from, len)) {
        list_is_bad(t, "not a Table");
    } else if (page->decoded < page->bytes.len) {
        decode_soon(t);
    } else if (!page->request && !table_decoder_whole(&page->decoder)) {
        list_is_bad(t, "not a whole Table");
    } else if (!page->request) {
        t->current = t->ahead;
        t->ahead = NULL;
        page_free(page);
        if (t->current)
            decode_soon(t);
        else
            list_is_over(t);
    }
}

static void on_list_done(void *arg, const struct http_reply *reply, const struct error *error)
{
    struct list_page *page = arg;
    struct kube_table *t = page->table;
    (void)reply;
    page->request = NULL;
    if (error)
        list_failed(t, error, t->began);
    else
        decode_soon(t);
}

static void add_common(const struct kube_table *t, struct str *path)
{
    str_addf(path, "%sincludeObject=%s", strchr(str_text(path), '?') ? "&" : "?", t->metadata ? "Metadata" : "None");
    if (t->selector) {
        str_adds(path, "&labelSelector=");
        percent_add(path, t->selector, strlen(t->selector), false);
    }
}

/* The page that `cont` leads to; empty, the first. */
static struct list_page *ask_page(struct kube_table *t)
{
    struct str path = STR_INIT(16384);
    struct list_page *page = mem_new(sizeof *page);
    str_adds(&path, t->path);
    add_common(t, &path);
    str_addf(&path, "&limit=%d", t->page);
    if (t->cont.len) {
        str_adds(&path, "&continue=");
        percent_add(&path, str_text(&t->cont), t->cont.len, false);
    }
    str_clear(&t->cont);
    page->table = t;
    str_init(&page->bytes, LIST_MAX);
    table_decoder_init(&page->decoder, on_head, on_row, page);
    page->decoder.on_text = t->metadata ? NULL : on_row_text;
    struct kube_request_options options = {.path = str_text(&path), .accept = ACCEPT, .max_reply = LIST_MAX, .idle_timeout_ms = 30000};
    page->request = kube_send(t->kube, &options, on_list_data, on_list_done, page);
    str_free(&path);
    return page;
}

static void list(void *arg)
{
    struct kube_table *t = arg;
    t->again = NULL;
    t->pages = 0;
    t->began = false;
    t->current = ask_page(t);
}

/* Watching. */

/* A watch that works again goes on where the last one was: what is shown is whole, though nothing may happen for long. */
static void opened(struct kube_table *t)
{
    t->open = true;
    t->opened_at = loop_now(t->kube->loop);
    if (!t->failing)
        return;
    t->failing = false;
    t->handler.synced(t->arg);
}

static void on_watch_event(struct kube_table *t, const json_t *event)
{
    const char *type = json_text_or(event, "type", "");
    const json_t *object = json_object_get(event, "object"), *rows = json_object_get(object, "rows");
    size_t i;
    json_t *row;
    if (strcmp(type, "ERROR") == 0) {
        kube_status_error(object, (int)json_int(object, "code", 0) & 0xFFF, &t->told);
        t->expired = t->told.status == 410;
        return;
    }
    const char *version = json_text(object, "metadata.resourceVersion");
    if (!version)
        version = json_text(json_array_get(rows, 0), "object.metadata.resourceVersion");
    if (version && *version) {
        str_clear(&t->version);
        str_adds(&t->version, version);
    }
    t->heard = true;
    if (strcmp(type, "BOOKMARK") == 0)
        return;
    take_columns(t, json_object_get(object, "columnDefinitions"));
    json_array_foreach(rows, i, row)
        tell_row(t, row, type);
}

static bool on_watch_data(void *arg, const char *data, size_t len)
{
    struct kube_table *t = arg;
    if (!t->open)
        opened(t);
    while (len) {
        const char *end = memchr(data, '\n', len);
        size_t part = end ? (size_t)(end - data) : len;
        if (!str_add(&t->line, data, part))
            return false;
        if (end && t->line.len) {
            struct error ignored;
            json_t *event = json_load_reply(str_text(&t->line), t->line.len, &ignored);
            str_clear(&t->line);
            if (!event)
                return false;
            on_watch_event(t, event);
            json_decref(event);
        }
        part += end != NULL;
        data += part;
        len -= part;
    }
    return true;
}

static void on_watch_done(void *arg, const struct http_reply *reply, const struct error *error)
{
    struct kube_table *t = arg;
    (void)reply;
    t->request = NULL;
    if (t->heard || (t->open && loop_now(t->kube->loop) - t->opened_at > LASTED_MS))
        t->failures = 0;
    if (t->expired || (error && error->status == 410)) {
        log_line(t->kube->log, "kube", "%s: the watch's place is gone (410), listing again", t->path);
        t->again = loop_after(t->kube->loop, retry_backoff(t->failures++, BACKOFF_MS, BACKOFF_CAP), list, t);
    /* an event that we cannot read: going on would meet it again */
    } else if (t->told.kind != ERROR_NONE || (error && error->kind == ERROR_CANCELLED)) {
        if (t->told.kind == ERROR_NONE)
            error_set(&t->told, ERROR_PROTOCOL, "BadReply", "the watch of %s brought what is no event", t->path);
        fail(t, &t->told, list);
    } else if (!error || (error->kind == ERROR_TIMEOUT && t->open)) {
        t->again = loop_after(t->kube->loop, t->heard ? AGAIN_MS : BACKOFF_MS, watch, t); /* its time was up, or nothing happened: usual */
    /* Connections end, at HTTP/2 with all watches at once. That is worth a word if the next one does not come about. */
    } else if (error->kind == ERROR_NETWORK && t->open && t->failures == 0) {
        log_line(t->kube->log, "kube", "%s: the watch was lost (%s), going on", t->path, error->code);
        t->again = loop_after(t->kube->loop, AGAIN_MS + retry_backoff(t->failures++, BACKOFF_MS, BACKOFF_CAP), watch, t);
    } else {
        fail(t, error, watch);
    }
}

static bool may_watch(const struct kube_table *t)
{
    return http_held_connections(t->kube->http) < (t->lesser ? WATCHES_MAX / 2 : WATCHES_MAX);
}

static void watch(void *arg)
{
    struct kube_table *t = arg;
    struct str path = STR_INIT(16384);
    t->again = NULL;
    if (!may_watch(t)) {
        int64_t wait = POLL_MS * (t->pages < POLL_PAGES ? t->pages : POLL_PAGES);
        t->again = loop_after(t->kube->loop, wait / 2 + retry_backoff(0, wait, wait), list, t);
        return;
    }
    t->expired = t->heard = t->open = false;
    t->told = (struct error){0};
    str_clear(&t->line);
    str_adds(&path, t->path);
    add_common(t, &path);
    str_addf(&path, "&watch=1&allowWatchBookmarks=true&timeoutSeconds=%lld&resourceVersion=", (long long)(WATCH_MIN_S + retry_backoff(0, 300, 300)));
    percent_add(&path, str_text(&t->version), t->version.len, false);
    struct kube_request_options options = {.path = str_text(&path), .accept = ACCEPT, .total_timeout_ms = WATCH_MAX_MS, .idle_timeout_ms = IDLE_MS};
    t->request = kube_send(t->kube, &options, on_watch_data, on_watch_done, t);
    str_free(&path);
}

struct kube_table *kube_table_start(struct kube *kube, const struct kube_table_options *options, const struct kube_table_handler *handler, void *arg)
{
    struct kube_table *t = mem_new(sizeof *t);
    *t = (struct kube_table){.kube = kube,
                             .next = kube->tables,
                             .path = mem_strdup(options->path),
                             .selector = mem_strdup(options->selector),
                             .metadata = options->metadata,
                             .lesser = options->lesser,
                             .page = options->page ? options->page : PAGE_DEFAULT,
                             .handler = *handler,
                             .arg = arg,
                             .name_column = SIZE_MAX,
                             .cont = STR_INIT(16384),
                             .version = STR_INIT(256),
                             .line = STR_INIT(EVENT_MAX)};
    if (t->next)
        t->next->previous = t;
    kube->tables = t;
    list(t);
    return t;
}

void kube_table_stop(struct kube_table *t)
{
    if (!t)
        return;
    if (t->previous)
        t->previous->next = t->next;
    else
        t->kube->tables = t->next;
    if (t->next)
        t->next->previous = t->previous;
    kube_request_cancel(t->request);
    loop_cancel(t->kube->loop, t->again);
    forget_pages(t);
    clear_columns(t);
    str_free(&t->cont);
    str_free(&t->version);
    str_free(&t->line);
    free(t->path);
    free(t->selector);
    free(t);
}
