/* Private to kube/: how a cluster is reached, and requests to it. */
#ifndef TRIVET_KUBE_INTERNAL_H
#define TRIVET_KUBE_INTERNAL_H

#include "base/str.h"
#include "base/vec.h"
#include "kube/client.h"
#include "kube/write.h"
#include "net/child.h"
#include "net/retry.h"

enum token_source { TOKEN_NONE, TOKEN_STATIC, TOKEN_FILE, TOKEN_EKS, TOKEN_EXEC };

struct kube_access {      /* what a request needs; texts owned */
    char *server, *ca_pem, *ca_file, *client_cert, *client_key, *tls_server_name;
    enum token_source source;
    char *token, *token_file;
    char **exec_argv, **exec_env; /* NULL-terminated */
};
void kube_access_free(struct kube_access *access);
/* Reads the context from $KUBECONFIG or ~/.kube/config; NULL or "" is the current one. */
bool kubeconfig_read(struct kube_access *access, const char *context, struct error *e);

struct kube_request;
struct kube {
    struct loop *loop;
    struct http *http;
    struct log *log;
    struct aws_session *session;
    char *name, *region, *context;
    struct kube_access access;
    bool found;              /* access.server and the certificates are known */
    int64_t token_until;     /* wall ms; a token that is not renewed has INT64_MAX */
    struct aws_call *describing, *signing;
    struct child *child;
    struct loop_timer *starting;
    struct retry_bucket bucket;
    struct kube_request *requests;
    struct kube_call *calls;
    uint64_t groups; /* of calls, so far */
    struct kube_table *tables;
    struct kube_log *logs;
};

/* A request: waits for access and a token, is sent, and once sent anew if the token was refused. `done` is told once. */
struct kube_request {
    struct kube *kube;
    struct kube_request *next, *previous;
    char *path, *accept;
    char *method, *type, *body; /* all NULL: GET */
    int64_t total_timeout_ms, idle_timeout_ms;
    size_t max_reply;
    bool renewed; /* the token was refused once already */
    bool waiting; /* for access or a token */
    struct http_call *call;
    http_data *data;
    void (*done)(void *arg, const struct http_reply *reply, const struct error *error);
    void *arg;
};
struct kube_request_options {
    const char *path, *accept;
    const char *method, *type, *body; /* NULL: GET, nothing sent with it */
    int64_t total_timeout_ms, idle_timeout_ms;
    size_t max_reply;
};
/* error is set for a non-2xx reply too: a Status's reason as code. */
struct kube_request *kube_send(struct kube *kube, const struct kube_request_options *options, http_data *data, http_done *done, void *arg);
void kube_request_cancel(struct kube_request *request); /* NULL is fine */
/* What changes something, for write.c: sent once, again only if it was surely not done. */
struct kube_call *kube_call_once(struct kube *kube, const struct kube_request_options *options, kube_write_done *done, void *arg);
void kube_calls_free(struct kube *kube); /* nobody is told */
#define KUBE_REQUEST_ID_SIZE (sizeof((struct error *)0)->request_id)
void kube_audit_id(const struct http_reply *reply, char out[KUBE_REQUEST_ID_SIZE]); /* by which the server's audit log has it */
void kube_status_error(const json_t *status, int http_status, struct error *e);

/* A list's bytes as they come: the part before the rows once, then each row by itself. */
struct table_decoder {
    const char *array;     /* the member that holds the rows: "rows" unless set otherwise */
    struct str head, row;  /* what stands before the rows; the row being read */
    int depth;
    bool in_string, escaped, in_rows, head_told, failed;
    struct str key;        /* the last string at depth 1 */
    bool (*on_head)(void *arg, const json_t *head); /* without rows; false ends it */
    void (*on_row)(void *arg, const json_t *row);
    bool (*on_text)(void *arg, char *row, size_t len); /* NULL, or asked first: false leaves the row, unchanged, to on_row */
    void *arg;
};
void table_decoder_init(struct table_decoder *d, bool (*on_head)(void *arg, const json_t *head), void (*on_row)(void *arg, const json_t *row),
                        void *arg);
void table_decoder_free(struct table_decoder *d);
bool table_decoder_feed(struct table_decoder *d, const char *data, size_t len); /* false once it cannot be a Table */
bool table_decoder_whole(const struct table_decoder *d);

/* Reads a row of cells in place: texts end up NUL-terminated in `text`, null is NULL. False, and nothing changed, if it is not of the usual form. */
#define ROW_CELLS_MAX 32
bool row_scan(char *text, size_t len, const char *cells[], size_t max, size_t *count);

#endif
