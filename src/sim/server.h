/* The simulator's HTTP server, over libmicrohttpd on loopback: one thread, one poll. A handler gets a whole request and fills in a reply,
 * which may be delayed or may go on as a stream (watches, followed logs). Nothing here knows AWS or Kubernetes. */
#ifndef TRIVET_SIM_SERVER_H
#define TRIVET_SIM_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

struct server;
struct server_stream;

struct server_request {
    const char *method;
    const char *path;  /* as sent: still percent-encoded, without the query */
    const char *query; /* as sent, without '?'; "" if none */
    const char *body;  /* NUL-terminated */
    size_t body_len;
    const void *headers; /* for server_header() */
};
/* Case-insensitive; NULL if absent. Borrowed for the request. */
const char *server_header(const struct server_request *request, const char *name);
/* Calls `each` for every header in the order received. */
void server_headers(const struct server_request *request, void (*each)(void *arg, const char *name, const char *value), void *arg);
/* One query parameter, decoded; the caller frees; NULL if absent. "a" without '=' gives "". */
char *server_query(const struct server_request *request, const char *name);

struct server_reply; /* status 200, no headers, empty body until set */
void reply_status(struct server_reply *reply, int status);
void reply_header(struct server_reply *reply, const char *name, const char *value); /* replaces one of that name */
struct str *reply_body(struct server_reply *reply);                                /* append to it */
void reply_delay(struct server_reply *reply, int64_t ms);                          /* real time; sent no sooner */
void reply_abort(struct server_reply *reply);                                      /* close the connection without an answer */
void reply_truncate(struct server_reply *reply);                                   /* break off half way through the body */
int reply_status_of(const struct server_reply *reply);
/* The reply goes on after the body as chunks until server_stream_end(). `closed` is called once, whoever ended it; the stream is void then. */
struct server_stream *reply_stream(struct server_reply *reply, void (*closed)(void *arg), void *arg);
void server_stream_write(struct server_stream *stream, const void *data, size_t len);
void server_stream_end(struct server_stream *stream);

typedef void server_handler(void *arg, const struct server_request *request, struct server_reply *reply);
/* Binds 127.0.0.1:port; 0 takes a free one. */
struct server *server_new(int port, server_handler *handle, void *arg, struct error *e);
void server_free(struct server *server);
int server_port(const struct server *server);
/* One pass: waits at most timeout_ms, answers what there is. extra_fd (or -1) also ends the wait; returns true if it is readable or closed. */
bool server_run(struct server *server, int timeout_ms, int extra_fd);

#endif
