/* HTTP over curl_multi: HTTP/2 and keep-alive, proxies and CA bundles as libcurl reads them from the
 * environment, time limits, a cap on every reply, streaming, cancellation. One `struct http` a process,
 * so that connections are shared. A plain http:// address is refused unless it is on loopback. */
#ifndef TRIVET_NET_HTTP_H
#define TRIVET_NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/log.h"
#include "net/loop.h"

struct http;
struct http_call;

struct http_options {
    const char *ca_bundle;   /* AWS_CA_BUNDLE; NULL for the system's */
    const char *user_agent;
    int max_connections;     /* in all; 0 means 64 */
    struct log *log;
};

struct http_header {
    const char *name;
    const char *value;
};

struct http_request {
    const char *method; /* "GET" */
    const char *url;    /* sent as given: already encoded */
    const struct http_header *headers; /* terminated by a NULL name; may be NULL. A control character in one fails the call: BadHeader */
    const void *body;
    size_t body_len;
    int64_t connect_timeout_ms; /* 0 means 5 s */
    int64_t total_timeout_ms;   /* 0 means 60 s; -1 none (watches) */
    int64_t idle_timeout_ms;    /* no byte for so long fails it, within five seconds more: curl looks at the mean; 0 means none */
    size_t max_reply;           /* 0 means 16 MiB, for what is streamed no end; counts the body, decompressed */
    bool compressed;            /* offer gzip/br */
    bool once;                  /* it changes something: a connection of its own, for on one used before curl would send it again by itself */
    const char *ca_file;        /* for this request (a cluster's CA); NULL for the usual */
    const char *ca_pem;         /* the same from memory; wins over ca_file */
    const char *client_cert_pem, *client_key_pem; /* mutual TLS from memory, or NULL */
    const char *tls_server_name;                  /* kubeconfig's tls-server-name, or NULL */
    bool alone;                 /* it stays open for minutes, and until the reply shows HTTP/2 a connection is taken to be held by it */
    bool metadata;              /* plain http:// may also go to http_url_metadata() addresses; never by way of a proxy */
    const char *label;          /* for the log: "rds DescribeDBInstances" */
};

struct http_reply {
    int status;
    const char *body; /* NUL-terminated; empty for streamed calls */
    size_t len;
    const struct http_header *headers; /* terminated by a NULL name; names in lower case */
    bool shared;      /* by HTTP/2: further calls to the same place share the connection */
};

/* Called exactly once, unless the call was cancelled: then never. `error` is NULL whenever an HTTP reply arrived,
 * whatever its status; otherwise `reply` is NULL. Both are borrowed for the call. */
typedef void http_done(void *arg, const struct http_reply *reply, const struct error *error);
/* Streaming: body bytes of a 2xx reply as they come (other statuses are collected and given to done).
 * First of all told with len 0: a 2xx reply has begun. Returning false ends the transfer (done is called with ERROR_CANCELLED). */
typedef bool http_data(void *arg, const char *data, size_t len);

struct http *http_new(struct loop *loop, const struct http_options *options);
void http_free(struct http *http); /* cancels what is under way, without calls */

/* Everything in the request is copied. Never calls back before it returns. `data` may be NULL. */
struct http_call *http_send(struct http *http, const struct http_request *request, http_data *data, http_done *done, void *arg);
void http_cancel(struct http_call *call); /* NULL is fine */
size_t http_pending(const struct http *http); /* calls whose reply is awaited; those that stay open for minutes (watches, logs) are not counted */

/* Calls that stay open for minutes and hold a connection for themselves: over HTTP/2 they share one. */
size_t http_held_connections(const struct http *http);
/* One more such call is about to be sent, and counts already; or, with false, it has been sent or will not be. */
void http_expect_held(struct http *http, bool more);

const char *http_header_of(const struct http_reply *reply, const char *name); /* any case; NULL if absent */
/* Retry-After in ms from seconds or a date; 0 if absent or unreadable, and never more than a minute: whoever looks at a pane would
 * take an hour's wait for a console that hangs. */
int http_retry_after(const struct http_reply *reply, int64_t wall_ms);
/* True for http:// with a host on loopback (127/8, ::1, localhost) and for any https:// address. */
bool http_url_allowed(const char *url);
/* True for http:// with one of the link-local addresses where EC2, ECS and EKS hand out credentials (net/metadata.c). */
bool http_url_metadata(const char *url);

#endif
