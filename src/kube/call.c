/* Single objects and lists, and what changes them: tried again, and asked for once where several ask for the same. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "kube/internal.h"

#define ATTEMPTS      3
#define IDLE_MS       20000
#define ITEMS_MAX     ((size_t)256 << 20)
#define ITEMS_IDLE_MS 30000

struct kube_call {
    struct kube *kube;
    struct kube_call *next, *previous;
    char *path;
    char *method, *type, *body; /* all NULL: GET */
    struct kube_request *request;
    struct retry retry;
    struct loop_timer *again;
    uint64_t group;  /* who asks for what is under way already shares the one request */
    kube_item *item; /* NULL: the object as a whole */
    struct table_decoder decoder;
    json_t *head;
    kube_done *done;
    kube_write_done *write_done; /* instead, with a method */
    char request_id[KUBE_REQUEST_ID_SIZE];
    void *arg;
};

static void forget_items(struct kube_call *call)
{
    table_decoder_free(&call->decoder);
    json_decref(call->head);
    call->head = NULL;
}

static bool is_sent(const struct kube_call *call) { return call->request || call->again; }

static struct kube_call *find_group(const struct kube *kube, uint64_t group)
{
    struct kube_call *call = kube->calls;
    while (call && call->group != group)
        call = call->next;
    return call;
}

static void call_free(struct kube_call *call)
{
    if (call->previous)
        call->previous->next = call->next;
    else
        call->kube->calls = call->next;
    if (call->next)
        call->next->previous = call->previous;
    kube_request_cancel(call->request);
    loop_cancel(call->kube->loop, call->again);
    forget_items(call);
    free(call->path);
    free(call->method);
    free(call->type);
    free(call->body);
    free(call);
}

/* Tells all that asked for the same. */
static void call_end(struct kube_call *call, json_t *object, const struct error *error)
{
    struct kube *kube = call->kube;
    uint64_t group = call->group;
    for (; call; call = find_group(kube, group)) {
        kube_done *done = call->done;
        kube_write_done *write_done = call->write_done;
        char request_id[KUBE_REQUEST_ID_SIZE];
        void *arg = call->arg;
        text_copy(request_id, sizeof request_id, call->request_id);
        call_free(call);
        if (write_done)
            write_done(arg, object, request_id, error);
        else
            done(arg, object, error);
    }
}

static void call_send(void *arg);

static bool on_items_head(void *arg, const json_t *head)
{
    ((struct kube_call *)arg)->head = json_incref((json_t *)(uintptr_t)head);
    return true;
}

static void on_item(void *arg, const json_t *item)
{
    struct kube_call *call = arg;
    call->item(call->arg, item);
}

static bool on_items_data(void *arg, const char *data, size_t len) { return table_decoder_feed(&((struct kube_call *)arg)->decoder, data, len); }

static json_t *take_head(struct kube_call *call, struct error *e)
{
    json_t *head = table_decoder_whole(&call->decoder) && text_ends(json_text_or(call->head, "kind", ""), "List") ? call->head : NULL;
    if (head)
        call->head = NULL;
    else
        error_set(e, ERROR_PROTOCOL, "BadReply", "%s is not a whole list", call->path);
    return head;
}

static void call_answered(void *arg, const struct http_reply *reply, const struct error *error)
{
    struct kube_call *call = arg;
    struct error e = {0};
    int64_t wait;
    call->request = NULL;
    if (error && error->kind == ERROR_CANCELLED) { /* the decoder gave up */
        error_set(&e, ERROR_PROTOCOL, "BadReply", "%s is not a list", call->path);
        error = &e;
    }
    if (error && (call->method ? retry_write_again : retry_again)(&call->retry, error, &wait)) {
        call->again = loop_after(call->kube->loop, wait, call_send, call);
        return;
    }
    if (error) {
        struct error copy = *error;
        text_copy(call->request_id, sizeof call->request_id, copy.request_id);
        call_end(call, NULL, &copy);
        return;
    }
    kube_audit_id(reply, call->request_id);
    retry_success(&call->retry);
    json_t *object = call->item ? take_head(call, &e) : json_load_reply(reply->body, reply->len, &e);
    if (object && !json_is_object(object))
        error_set(&e, ERROR_PROTOCOL, "BadReply", "%s is no object", call->path);
    call_end(call, e.kind == ERROR_NONE ? object : NULL, e.kind == ERROR_NONE ? NULL : &e);
    json_decref(object);
}

static void call_send(void *arg)
{
    struct kube_call *call = arg;
    struct kube_request_options options = {.path = call->path,
                                           .accept = "application/json",
                                           .method = call->method,
                                           .type = call->type,
                                           .body = call->body,
                                           .idle_timeout_ms = IDLE_MS};
    call->again = NULL;
    forget_items(call);
    if (call->item) {
        table_decoder_init(&call->decoder, on_items_head, on_item, call);
        call->decoder.array = "items";
        options.max_reply = ITEMS_MAX;
        options.idle_timeout_ms = ITEMS_IDLE_MS;
    }
    call->request = kube_send(call->kube, &options, call->item ? on_items_data : NULL, call_answered, call);
}

struct kube_call *kube_get(struct kube *kube, const char *path, kube_done *done, void *arg) { return kube_get_items(kube, path, NULL, done, arg); }

static struct kube_call *call_new(struct kube *kube, const char *path, void *arg)
{
    struct kube_call *call = mem_new(sizeof *call);
    *call = (struct kube_call){.kube = kube, .next = kube->calls, .path = mem_strdup(path), .arg = arg};
    retry_init(&call->retry, &kube->bucket, ATTEMPTS);
    if (call->next)
        call->next->previous = call;
    kube->calls = call;
    return call;
}

struct kube_call *kube_call_once(struct kube *kube, const struct kube_request_options *options, kube_write_done *done, void *arg)
{
    struct kube_call *call = call_new(kube, options->path, arg);
    call->method = mem_strdup(options->method);
    call->type = mem_strdup(options->type);
    call->body = mem_strdup(options->body);
    call->write_done = done;
    call->group = ++kube->groups;
    call_send(call);
    return call;
}

struct kube_call *kube_get_items(struct kube *kube, const char *path, kube_item *item, kube_done *done, void *arg)
{
    struct kube_call *call = call_new(kube, path, arg);
    call->item = item;
    call->done = done;
    const struct kube_call *asked = call->next;
    while (asked && (item || asked->item || asked->method || !is_sent(asked) || strcmp(asked->path, path) != 0))
        asked = asked->next;
    call->group = asked ? asked->group : ++kube->groups;
    if (!asked)
        call_send(call);
    return call;
}

void kube_cancel(struct kube_call *call)
{
    if (!call)
        return;
    struct kube *kube = call->kube;
    uint64_t group = is_sent(call) ? call->group : 0;
    call_free(call);
    struct kube_call *heir = find_group(kube, group);
    if (heir)
        call_send(heir);
}

void kube_calls_free(struct kube *kube)
{
    while (kube->calls)
        call_free(kube->calls);
}
