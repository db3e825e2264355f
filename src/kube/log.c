/* A container's log, followed line by line. */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "kube/internal.h"

#define LINE_MAX_BYTES ((size_t)16384)

struct kube_log {
    struct kube *kube;
    struct kube_log *next, *previous;
    struct kube_request *request;
    struct str line;
    kube_log_line *on_line;
    kube_log_end *on_end;
    void *arg;
};

static bool on_data(void *arg, const char *data, size_t len)
{
    struct kube_log *log = arg;
    while (len) {
        const char *end = memchr(data, '\n', len);
        size_t part = end ? (size_t)(end - data) : len;
        size_t room = LINE_MAX_BYTES - log->line.len;
        str_add(&log->line, data, part < room ? part : room); /* the rest of an endless line is left out */
        if (end) {
            log->on_line(log->arg, str_text(&log->line), log->line.len);
            str_clear(&log->line);
        }
        part += end != NULL;
        data += part;
        len -= part;
    }
    return true;
}

static void on_done(void *arg, const struct http_reply *reply, const struct error *error)
{
    struct kube_log *log = arg;
    (void)reply;
    log->request = NULL;
    if (log->line.len)
        log->on_line(log->arg, str_text(&log->line), log->line.len);
    log->on_end(log->arg, error);
}

static void add_parameter(struct str *path, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    str_addf(path, "&%s=", name);
    percent_add(path, value, strlen(value), false);
}

struct kube_log *kube_log_follow(struct kube *kube, const char *ns, const char *pod, const char *container, int tail, bool previous,
                                 kube_log_line *line, kube_log_end *end, void *arg)
{
    struct kube_log *log = mem_new(sizeof *log);
    struct str path = STR_INIT(4096);
    *log = (struct kube_log){.kube = kube, .next = kube->logs, .line = STR_INIT(LINE_MAX_BYTES), .on_line = line, .on_end = end, .arg = arg};
    if (log->next)
        log->next->previous = log;
    kube->logs = log;
    str_adds(&path, "/api/v1/namespaces/");
    percent_add(&path, ns, strlen(ns), false);
    str_adds(&path, "/pods/");
    percent_add(&path, pod, strlen(pod), false);
    str_addf(&path, "/log?tailLines=%d%s", tail, previous ? "&previous=true" : "&follow=true");
    add_parameter(&path, "container", container);
    struct kube_request_options options = {.path = str_text(&path), .accept = "*/*", .total_timeout_ms = -1};
    log->request = kube_send(kube, &options, on_data, on_done, log);
    str_free(&path);
    return log;
}

void kube_log_stop(struct kube_log *log)
{
    if (!log)
        return;
    if (log->previous)
        log->previous->next = log->next;
    else
        log->kube->logs = log->next;
    if (log->next)
        log->next->previous = log->previous;
    kube_request_cancel(log->request);
    str_free(&log->line);
    free(log);
}
