/* The JSON protocols: 1.0, 1.1, and the bodies of rest-json. */
#include <stdlib.h>

#include "aws/wire.h"
#include "base/mem.h"

/* Places in the address and in headers are for the rest protocols; the others put all in the body. */
static bool in_body(const struct wire *w, const struct aws_member *m)
{
    return m->location == LOCATION_BODY || w->service->protocol != AWS_REST_JSON;
}

static json_t *structure_out(const struct wire *w, const struct aws_shape *s, const json_t *value)
{
    json_t *out = json_object();
    for (size_t i = 0; i < s->member_count; i++) {
        const struct aws_member *m = wire_member(w, s, i);
        const json_t *item = json_object_get(value, wire_name(w, m->name));
        if (item && !json_is_null(item) && in_body(w, m))
            json_object_set_new(out, wire_name(w, m->wire_name), json_shape_out(w, m, item));
    }
    return out;
}

static json_t *time_out(const struct wire *w, const struct aws_member *m, const json_t *value)
{
    double seconds = 0;
    enum shape_time time = wire_time(w, m, TIME_UNIX);
    value_seconds(value, &seconds);
    if (time == TIME_UNIX)
        return value_time(seconds);
    struct str text = STR_INIT(64);
    value_add_text(w, wire_shape(w, m->shape), time, value, &text);
    json_t *out = json_string(str_text(&text));
    str_free(&text);
    return out;
}

json_t *json_shape_out(const struct wire *w, const struct aws_member *m, const json_t *value)
{
    const struct aws_shape *s = wire_shape(w, m->shape);
    const char *key;
    json_t *item, *out;
    if (s->flags & SHAPE_DOCUMENT || json_is_null(value))
        return json_deep_copy(value);
    switch (s->type) {
    case SHAPE_STRUCTURE:
        return structure_out(w, s, value);
    case SHAPE_LIST:
        out = json_array();
        for (size_t i = 0; i < json_array_size(value); i++)
            json_array_append_new(out, json_shape_out(w, wire_member(w, s, 0), json_array_get(value, i)));
        return out;
    case SHAPE_MAP:
        out = json_object();
        json_object_foreach((json_t *)(uintptr_t)value, key, item)
            json_object_set_new(out, key, json_shape_out(w, wire_member(w, s, 1), item));
        return out;
    case SHAPE_TIMESTAMP:
        return time_out(w, m, value);
    default:
        return json_copy((json_t *)(uintptr_t)value);
    }
}

bool json_build(const struct wire *w, const json_t *input, struct aws_request *request)
{
    const struct aws_shape *s = wire_shape(w, w->operation->input);
    char target[256];
    request->path = mem_strdup("/");
    text_format(target, sizeof target, "%s.%s", wire_name(w, w->service->target_prefix), wire_name(w, w->operation->name));
    aws_request_set_header(request, "content-type",
                           w->service->protocol == AWS_JSON_1_0 ? "application/x-amz-json-1.0" : "application/x-amz-json-1.1");
    aws_request_set_header(request, "x-amz-target", target);
    if (w->service->query_compatible)
        aws_request_set_header(request, "x-amzn-query-mode", "true");
    json_t *tree = s ? structure_out(w, s, input) : json_object();
    char *text = json_dumps(tree, JSON_COMPACT);
    json_decref(tree);
    bool good = text && str_adds(&request->body, text);
    mem_free_secret(text);
    return good;
}

json_t *json_structure_in(const struct wire *w, const struct aws_shape *s, const json_t *value)
{
    json_t *out = json_object();
    for (size_t i = 0; i < s->member_count; i++) {
        const struct aws_member *m = wire_member(w, s, i);
        const json_t *item = json_object_get(value, wire_name(w, m->wire_name));
        /* A shape may serve requests too: there is no address in a reply. */
        bool here = in_body(w, m) || m->location == LOCATION_URI || m->location == LOCATION_QUERY;
        json_t *read = item && here ? json_shape_in(w, m, item) : NULL;
        if (read)
            json_object_set_new(out, wire_name(w, m->name), read);
    }
    return out;
}

static json_t *map_in(const struct wire *w, const struct aws_shape *s, const json_t *value)
{
    const char *key;
    json_t *item, *out = json_object();
    json_object_foreach((json_t *)(uintptr_t)value, key, item) {
        json_t *read = json_shape_in(w, wire_member(w, s, 1), item);
        if (read)
            json_object_set_new(out, key, read);
    }
    return out;
}

static json_t *list_in(const struct wire *w, const struct aws_shape *s, const json_t *value)
{
    json_t *out = json_array();
    for (size_t i = 0; i < json_array_size(value); i++) {
        json_t *read = json_shape_in(w, wire_member(w, s, 0), json_array_get(value, i));
        json_array_append_new(out, read ? read : json_null());
    }
    return out;
}

/* A value of another type than the model says is left out: the reader must cope with absent members anyhow. */
json_t *json_shape_in(const struct wire *w, const struct aws_member *m, const json_t *value)
{
    const struct aws_shape *s = wire_shape(w, m->shape);
    if (s->flags & SHAPE_DOCUMENT)
        return json_deep_copy(value);
    switch (s->type) {
    case SHAPE_STRUCTURE:
        return json_is_object(value) ? json_structure_in(w, s, value) : NULL;
    case SHAPE_LIST:
        return json_is_array(value) ? list_in(w, s, value) : NULL;
    case SHAPE_MAP:
        return json_is_object(value) ? map_in(w, s, value) : NULL;
    case SHAPE_TIMESTAMP:
        return json_is_number(value) ? value_time(json_number_value(value))
               : json_is_string(value) ? value_from_text(s, wire_time(w, m, TIME_UNIX), json_string_value(value))
                                       : NULL;
    case SHAPE_BOOLEAN:
        return json_is_boolean(value) ? json_copy((json_t *)(uintptr_t)value) : NULL;
    case SHAPE_INTEGER:
    case SHAPE_DOUBLE:
        return json_is_number(value) || (s->type == SHAPE_DOUBLE && json_is_string(value)) ? json_copy((json_t *)(uintptr_t)value) : NULL;
    default:
        return json_is_string(value) ? json_copy((json_t *)(uintptr_t)value) : NULL;
    }
}
