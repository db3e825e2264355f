/* The door to what changes something in a cluster. Only actions/ may include this.
 * A call is sent once. It is sent again by itself only if the API server has surely not done it: no connection came about, it was turned away by a
 * limit, or the token was refused (renewed once). After any other error (retry_was_not_done() tells) only looking shows whether it was done. */
#ifndef TRIVET_KUBE_WRITE_H
#define TRIVET_KUBE_WRITE_H

#include "kube/client.h"

#define KUBE_MERGE_PATCH "application/merge-patch+json"

/* object: the reply, borrowed, NULL on error. request_id: the API server's Audit-Id, "" where it gave none; of an error's reply too. Errors as
 * kube_get's. Called once, never before the call returns, never after kube_cancel(), which cannot call back what was sent. */
typedef void kube_write_done(void *arg, json_t *object, const char *request_id, const struct error *error);

/* `body` is borrowed for the call. */
struct kube_call *kube_patch(struct kube *kube, const char *path, const char *content_type, const json_t *body, kube_write_done *done, void *arg);
/* body: DeleteOptions, such as {"preconditions": {"uid": …}}; NULL: none. */
struct kube_call *kube_delete(struct kube *kube, const char *path, const json_t *body, kube_write_done *done, void *arg);

#endif
