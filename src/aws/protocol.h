/* The wire protocols of AWS: a JSON value shaped by the model becomes a request; a reply becomes a JSON value
 * shaped by the model, or a typed error. Pure functions: no network, no clock, no credentials.
 * In JSON values: member names as in the model; timestamps are numbers (seconds since 1970, with fraction; input also takes
 * ISO strings); blobs are base64 strings; maps are objects; absent stays absent. */
#ifndef TRIVET_AWS_PROTOCOL_H
#define TRIVET_AWS_PROTOCOL_H

#include <jansson.h>

#include "aws/shape.h"
#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"
#include "net/http.h"

struct aws_header {
    char *name; /* lower case */
    char *value;
};

struct aws_request {
    char *method;
    char *path;   /* percent-encoded, begins with '/' */
    char *query;  /* percent-encoded "a=b&c", without '?'; "" if none. Order as serialised: signing sorts its own copy */
    char *host_prefix; /* expanded, or NULL */
    VEC(struct aws_header) headers; /* content-type, x-amz-target and header members; not host, date or authorization */
    struct str body;
};

/* Fills `request` (free it also after an error). Checks types and required members: ERROR_INPUT with the member's path. */
bool aws_request_build(const struct aws_table *t, const struct aws_service *service, const struct aws_operation *operation,
                       const json_t *input, struct aws_request *request, struct error *e);
void aws_request_free(struct aws_request *request);
const char *aws_request_header(const struct aws_request *request, const char *name);
void aws_request_set_header(struct aws_request *request, const char *name, const char *value);

/* 2xx: returns the output (a new reference) and leaves e clear. Otherwise NULL, and e is the service's error: code without
 * namespace or URL, message, request id, status. HTML or otherwise unreadable: ERROR_PROTOCOL. */
json_t *aws_reply_parse(const struct aws_table *t, const struct aws_service *service, const struct aws_operation *operation,
                        const struct http_reply *reply, struct error *e);
/* The request's id as the reply's headers say it, cleaned; "" where they do not. */
#define AWS_REQUEST_ID_SIZE (sizeof((struct error *)0)->request_id)
void aws_reply_request_id(const struct http_reply *reply, char out[AWS_REQUEST_ID_SIZE]);

#endif
