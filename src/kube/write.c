#include "kube/write.h"

#include <stdlib.h>

#include "kube/internal.h"

static struct kube_call *write_call(struct kube *kube, const char *method, const char *path, const char *type, const json_t *body,
                                    kube_write_done *done, void *arg)
{
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    struct kube_request_options options = {.method = method, .path = path, .type = text ? type : NULL, .body = text};
    struct kube_call *call = kube_call_once(kube, &options, done, arg);
    free(text);
    return call;
}

struct kube_call *kube_patch(struct kube *kube, const char *path, const char *content_type, const json_t *body, kube_write_done *done, void *arg)
{
    return write_call(kube, "PATCH", path, content_type, body, done, arg);
}

struct kube_call *kube_delete(struct kube *kube, const char *path, const json_t *body, kube_write_done *done, void *arg)
{
    return write_call(kube, "DELETE", path, "application/json", body, done, arg);
}
