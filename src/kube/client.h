/* Kubernetes' API: tables kept live by list and watch, single objects, logs. Table replies without objects carry the
 * server's own kubectl columns at a twentieth of the bytes (doc/HACKING.md has the figures).
 * Reading only; kube/write.h has what changes something. */
#ifndef TRIVET_KUBE_CLIENT_H
#define TRIVET_KUBE_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "aws/client.h"
#include "base/error.h"
#include "base/log.h"
#include "net/http.h"
#include "net/loop.h"

struct kube;

struct kube_options {
    const char *name;       /* EKS cluster; its endpoint and CA come from DescribeCluster unless server is given */
    const char *server;     /* https://… or loopback http:// */
    const char *ca_file;
    const char *token_file; /* re-read when it changes */
    const char *context;    /* of $KUBECONFIG or ~/.kube/config; certificates, token, tokenFile and exec are understood */
    struct aws_session *session; /* for the EKS token and DescribeCluster; may be NULL with server + token_file or context */
    const char *region;
    struct log *log;
};

struct kube *kube_new(struct loop *loop, struct http *http, const struct kube_options *options); /* copies; never fails */
void kube_free(struct kube *kube); /* stops its tables, cancels its calls */

/* One GET; the reply's JSON is borrowed. Errors carry the Status reply's reason as code ("NotFound", "Forbidden"). Retries transient faults. */
typedef void kube_done(void *arg, json_t *object, const struct error *error);
struct kube_call *kube_get(struct kube *kube, const char *path, kube_done *done, void *arg);
/* The same for a list, its items told one by one as they come: a long one never stands in memory. The object is then what stood before them. A
 * call that is tried again begins with the first item again. Not cancelled from inside an item. */
typedef void kube_item(void *arg, const json_t *item);
struct kube_call *kube_get_items(struct kube *kube, const char *path, kube_item *item, kube_done *done, void *arg);
void kube_cancel(struct kube_call *call);

/* A live table. The order of events: `columns` once per list; `row` for each; `synced` when a whole list is in (rows not
 * seen since the list began are gone: the receiver sweeps); after that `row` and `gone` as the watch tells. On a fault `failed`, then back-off and
 * list or watch again: what was shown stays shown; `synced` once more when it works again. 410 lists again. A table is not stopped from
 * inside its own events. Where each watch would hold a connection of its own (HTTP/1.1), so many are watched that others get their turn; the rest is
 * listed again and again. */
struct kube_row {
    const char *name;          /* NULL for a row whose name column is missing */
    const char *const *cells;  /* text of each cell as the server wrote it; NULL for null. Lives for the call */
    size_t cell_count;
    const json_t *object;      /* with `metadata`: PartialObjectMetadata, else NULL */
};
struct kube_table_handler {
    void (*columns)(void *arg, const char *const *names, size_t count);
    void (*begin)(void *arg);  /* a list starts */
    void (*row)(void *arg, const struct kube_row *row, bool modified);
    void (*gone)(void *arg, const char *name);
    void (*synced)(void *arg);
    void (*failed)(void *arg, const struct error *error); /* will be tried again */
};
struct kube_table_options {
    const char *path;     /* "/api/v1/namespaces/app/pods" */
    const char *selector; /* label selector, or NULL */
    bool metadata;        /* includeObject=Metadata instead of None */
    int page;             /* limit of each list page; 0: 500 */
    bool lesser;          /* where connections are few, others are watched first */
};
struct kube_table *kube_table_start(struct kube *kube, const struct kube_table_options *options, const struct kube_table_handler *handler, void *arg);
void kube_table_stop(struct kube_table *table); /* NULL is fine */

/* Follows a container's log: each line (without newline, not cleaned), then ended (error NULL at a clean end). Not stopped from inside a line. */
typedef void kube_log_line(void *arg, const char *line, size_t len);
typedef void kube_log_end(void *arg, const struct error *error);
struct kube_log *kube_log_follow(struct kube *kube, const char *ns, const char *pod, const char *container, int tail, bool previous,
                                 kube_log_line *line, kube_log_end *end, void *arg);
void kube_log_stop(struct kube_log *log); /* NULL is fine */

#endif
