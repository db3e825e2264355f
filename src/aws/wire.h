/* Private to the protocol files: what the wire formats share. */
#ifndef TRIVET_AWS_WIRE_H
#define TRIVET_AWS_WIRE_H

#include "aws/protocol.h"
#include "base/xml.h"

struct wire {
    const struct aws_table *t;
    const struct aws_service *service;
    const struct aws_operation *operation;
};

static inline const char *wire_name(const struct wire *w, uint32_t offset) { return aws_name(w->t, offset); }
static inline const struct aws_shape *wire_shape(const struct wire *w, uint16_t index) { return index == SHAPE_NONE ? NULL : &w->t->shapes[index]; }
static inline const struct aws_member *wire_member(const struct wire *w, const struct aws_shape *s, size_t i)
{
    return &w->t->members[s->members + i];
}
/* The format that holds for a member: its own, else its shape's, else `otherwise`. */
enum shape_time wire_time(const struct wire *w, const struct aws_member *m, enum shape_time otherwise);
/* Is the list or map flattened, on the shape or on the member that refers to it? */
bool wire_flattened(const struct wire *w, const struct aws_member *m);

/* value.c: scalars as text and back. */
bool value_seconds(const json_t *value, double *seconds); /* a number, or an ISO or HTTP date */
bool value_add_text(const struct wire *w, const struct aws_shape *s, enum shape_time time, const json_t *value, struct str *out);
json_t *value_time(double seconds);                       /* NULL if it is no number */
json_t *value_from_text(const struct aws_shape *s, enum shape_time time, const char *text); /* NULL if it is none of the type */

/* Request bodies and the rest of the request. `input` has been checked. */
bool query_build(const struct wire *w, const json_t *input, struct aws_request *request);
bool json_build(const struct wire *w, const json_t *input, struct aws_request *request);
bool rest_build(const struct wire *w, const json_t *input, struct aws_request *request, struct error *e);
json_t *json_shape_out(const struct wire *w, const struct aws_member *m, const json_t *value); /* model names → wire names */
bool xml_shape_out(const struct wire *w, const struct aws_member *m, const char *name, const json_t *value, struct str *out);
/* The operation's input as the document's root: in its own element, or the one that its shape names. */
bool xml_root_out(const struct wire *w, const struct aws_shape *s, const struct aws_member *m, const json_t *value, struct str *out);

/* Replies. */
json_t *json_shape_in(const struct wire *w, const struct aws_member *m, const json_t *value); /* wire names → model names; NULL for null */
json_t *json_structure_in(const struct wire *w, const struct aws_shape *s, const json_t *value);
json_t *xml_structure_in(const struct wire *w, const struct aws_shape *s, const struct xml *node);
json_t *xml_shape_in(const struct wire *w, const struct aws_member *m, const struct xml *node);
void rest_headers_in(const struct wire *w, const struct aws_shape *s, const struct http_reply *reply, json_t *output);
void reply_error(const struct wire *w, const struct http_reply *reply, struct error *e);

#endif
