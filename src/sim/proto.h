/* The AWS wire protocols from the server's side: requests read into JSON by the operation's input shape, replies and errors
 * written by its output shape. Written apart from the client's, which must agree with AWS and not with us.
 * In JSON a timestamp is seconds since 1970 (a number), a blob is base64, members have their model's names. */
#ifndef TRIVET_SIM_PROTO_H
#define TRIVET_SIM_PROTO_H

#include <jansson.h>

#include "aws/shape.h"
#include "base/error.h"
#include "sim/server.h"

enum proto_problem {
    PROTO_FINE,
    PROTO_MISSING, /* a required member */
    PROTO_UNKNOWN, /* a member that the operation has not */
    PROTO_TYPE,    /* a value of the wrong type */
    PROTO_BODY,    /* the body cannot be read at all */
};

struct proto_fault {
    enum proto_problem problem;
    char member[160]; /* "Filters.1.Name" */
};

struct proto_op {
    const struct aws_service *service;
    const struct aws_operation *operation;
};

/* The operation that a request names, by the service's protocol; NULL if it names none or one that is not in the table. `name` gets
 * what was asked for. */
const struct aws_operation *proto_operation(const struct aws_service *service, const struct server_request *request, char *name, size_t size);
/* For rest protocols: does the path fit? */
bool proto_route_fits(const struct aws_operation *operation, const struct server_request *request);

/* The caller owns the input. NULL with `fault`. */
json_t *proto_read(const struct proto_op *op, const struct server_request *request, struct proto_fault *fault);
/* Writes the whole reply. False with the member that the output shape has not: a mistake of ours. */
bool proto_write(const struct proto_op *op, const json_t *output, const char *request_id, struct server_reply *reply, struct proto_fault *fault);
/* `op.operation` may be NULL; e has status, code, message. */
void proto_error(const struct proto_op *op, const struct error *e, const char *request_id, struct server_reply *reply);

/* Pieces (proto_read.c) for proto_rest.c. */
json_t *proto_scalar(uint16_t shape, uint8_t time, const char *text, const char *path, struct proto_fault *fault);
json_t *proto_from_json(uint16_t shape, uint8_t time, const json_t *value, const char *path, struct proto_fault *fault);
bool proto_required(uint16_t structure, const json_t *value, const char *path, struct proto_fault *fault);
json_t *proto_read_rest(const struct proto_op *op, const struct server_request *request, struct proto_fault *fault);
void *proto_wrong(struct proto_fault *fault, enum proto_problem problem, const char *path, const char *member);
/* proto_write.c */
char *proto_time(const json_t *seconds, enum shape_time format);

static inline const struct aws_shape *shape_at(uint16_t shape) { return &aws_table.shapes[shape]; }
static inline const struct aws_member *member_at(const struct aws_shape *shape, uint16_t i) { return &aws_table.members[shape->members + i]; }
static inline const char *name_at(uint32_t offset) { return aws_name(&aws_table, offset); }

#endif
