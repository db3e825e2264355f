/* Reading requests of the rest-json and rest-xml protocols: labels of the path, query string, headers, body. */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/xml.h"
#include "sim/proto.h"

#define TEXT_MAX ((size_t)64 << 10)

/* Steps through template and path together; calls `label` (may be NULL) with each {name} and its text still encoded. */
static bool match(const char *template, const char *path, void (*label)(void *arg, const char *name, size_t name_len, const char *text, size_t len),
                  void *arg)
{
    while (*template && *template != '?') {
        if (*template != '{') {
            if (*template++ != *path++)
                return false;
            continue;
        }
        size_t name_len = strcspn(template, "}") - 1;
        bool greedy = template[name_len] == '+';
        size_t len = strcspn(path, greedy ? "" : "/");
        const char *after = template + name_len + 2;
        if (greedy && *after && *after != '?') { /* gives back what the rest of the template needs */
            size_t tail = strcspn(after, "?");
            len = len > tail ? len - tail : 0;
        }
        if (len == 0)
            return false;
        if (label)
            label(arg, template + 1, name_len - greedy, path, len);
        template = after;
        path += len;
    }
    return *path == '\0' || (path[0] == '/' && path[1] == '\0');
}

/* A template may ask for fixed query parameters: "/x?list-type=2". */
static bool query_fits(const char *template, const struct server_request *request)
{
    const char *question = strchr(template, '?');
    for (const char *p = question ? question + 1 : ""; *p; p += *p == '&') {
        char pair[128], *value, *equals;
        size_t len = strcspn(p, "&");
        if (!text_format(pair, sizeof pair, "%.*s", (int)len, p))
            return false;
        equals = strchr(pair, '=');
        if (equals)
            *equals = '\0';
        value = server_query(request, pair);
        bool fits = value && (!equals || strcmp(value, equals + 1) == 0);
        free(value);
        if (!fits)
            return false;
        p += len;
    }
    return true;
}

bool proto_route_fits(const struct aws_operation *operation, const struct server_request *request)
{
    const char *template = name_at(operation->uri);
    return strcmp(name_at(operation->method), request->method) == 0 && match(template, request->path, NULL, NULL) && query_fits(template, request);
}

struct reading {
    const struct aws_shape *shape;
    const struct server_request *request;
    json_t *out;
    struct proto_fault *fault;
};

static void take_label(void *arg, const char *name, size_t name_len, const char *text, size_t len)
{
    struct reading *r = arg;
    for (uint16_t i = 0; i < r->shape->member_count; i++) {
        const struct aws_member *m = member_at(r->shape, i);
        const char *wire = name_at(m->wire_name);
        if (m->location != LOCATION_URI || strlen(wire) != name_len || memcmp(wire, name, name_len) != 0)
            continue;
        struct str plain = STR_INIT(TEXT_MAX);
        percent_decode(text, len, false, &plain);
        json_object_set_new(r->out, name_at(m->name), proto_scalar(m->shape, m->time, str_text(&plain), name_at(m->name), r->fault));
        str_free(&plain);
    }
}

static const struct aws_member *query_member(const struct aws_shape *shape, const char *name)
{
    for (uint16_t i = 0; i < shape->member_count; i++)
        if (member_at(shape, i)->location == LOCATION_QUERY && strcmp(name_at(member_at(shape, i)->wire_name), name) == 0)
            return member_at(shape, i);
    return NULL;
}

static void take_parameter(struct reading *r, const char *name, const char *value)
{
    const struct aws_member *m = query_member(r->shape, name);
    if (!m)
        return; /* the rest services pass over parameters that they do not know */
    const char *key = name_at(m->name);
    const struct aws_shape *s = shape_at(m->shape);
    if (s->type != SHAPE_LIST) {
        json_object_set_new(r->out, key, proto_scalar(m->shape, m->time, value, key, r->fault));
        return;
    }
    if (!json_object_get(r->out, key))
        json_object_set_new(r->out, key, json_array());
    json_array_append_new(json_object_get(r->out, key), proto_scalar(member_at(s, 0)->shape, TIME_DEFAULT, value, key, r->fault));
}

static void take_query(struct reading *r)
{
    for (const char *p = r->request->query; *p; p += *p == '&') {
        size_t len = strcspn(p, "&"), key_len = strcspn(p, "=&");
        struct str key = STR_INIT(TEXT_MAX), value = STR_INIT(TEXT_MAX);
        percent_decode(p, key_len, true, &key);
        if (key_len < len)
            percent_decode(p + key_len + 1, len - key_len - 1, true, &value);
        take_parameter(r, str_text(&key), str_text(&value));
        str_free(&key);
        str_free(&value);
        p += len;
    }
}

static void take_headers(struct reading *r)
{
    for (uint16_t i = 0; i < r->shape->member_count; i++) {
        const struct aws_member *m = member_at(r->shape, i);
        const char *value = m->location == LOCATION_HEADER ? server_header(r->request, name_at(m->wire_name)) : NULL;
        if (value)
            json_object_set_new(r->out, name_at(m->name), proto_scalar(m->shape, m->time ? m->time : TIME_RFC822, value, name_at(m->name), r->fault));
    }
}

/* XML bodies. */

static json_t *from_xml(const struct aws_member *m, const struct xml *node, const char *path, struct proto_fault *fault);

static json_t *list_from_xml(const struct aws_shape *s, const struct xml *first, const char *name, const char *path, struct proto_fault *fault)
{
    json_t *out = json_array();
    for (const struct xml *node = first; node; node = node->next)
        if (strcmp(node->name, name) == 0)
            json_array_append_new(out, from_xml(member_at(s, 0), node, path, fault));
        else
            proto_wrong(fault, PROTO_UNKNOWN, path, node->name);
    return out;
}

static json_t *structure_from_xml(uint16_t shape, const struct xml *node, const char *path, struct proto_fault *fault)
{
    const struct aws_shape *s = shape_at(shape);
    json_t *out = json_object();
    for (const struct xml *child = node->child; child && fault->problem == PROTO_FINE; child = child->next) {
        const struct aws_member *m = NULL;
        char inner[160];
        for (uint16_t i = 0; i < s->member_count && !m; i++)
            if (member_at(s, i)->location == LOCATION_BODY && strcmp(name_at(member_at(s, i)->wire_name), child->name) == 0)
                m = member_at(s, i);
        text_format(inner, sizeof inner, "%s%s%s", path, *path ? "." : "", child->name);
        if (!m)
            proto_wrong(fault, PROTO_UNKNOWN, path, child->name);
        else
            json_object_set_new(out, name_at(m->name), from_xml(m, child, inner, fault));
    }
    if (fault->problem == PROTO_FINE)
        proto_required(shape, out, path, fault);
    return out;
}

static json_t *from_xml(const struct aws_member *m, const struct xml *node, const char *path, struct proto_fault *fault)
{
    const struct aws_shape *s = shape_at(m->shape);
    if (s->type == SHAPE_STRUCTURE)
        return structure_from_xml(m->shape, node, path, fault);
    if (s->type == SHAPE_LIST)
        return list_from_xml(s, node->child, name_at(member_at(s, 0)->wire_name), path, fault);
    return proto_scalar(m->shape, m->time ? m->time : TIME_ISO8601, node->text, path, fault);
}

static void take_xml(struct reading *r, uint16_t shape)
{
    struct error e = {0};
    struct xml *root = xml_parse(r->request->body, r->request->body_len, &e);
    if (!root) {
        proto_wrong(r->fault, PROTO_BODY, "", "");
        return;
    }
    json_t *body = structure_from_xml(shape, root, "", r->fault);
    json_object_update(r->out, body);
    json_decref(body);
    xml_free(root);
}

static void take_json(struct reading *r, uint16_t shape)
{
    struct error e = {0};
    json_t *body = json_load(r->request->body, r->request->body_len, &e), *value, *from;
    const char *key;
    if (!json_is_object(body)) {
        proto_wrong(r->fault, PROTO_BODY, "", "");
        json_decref(body);
        return;
    }
    json_object_foreach(body, key, from) {
        const struct aws_member *m = NULL;
        for (uint16_t i = 0; i < shape_at(shape)->member_count && !m; i++)
            if (member_at(shape_at(shape), i)->location == LOCATION_BODY && strcmp(name_at(member_at(shape_at(shape), i)->wire_name), key) == 0)
                m = member_at(shape_at(shape), i);
        if (!m) {
            proto_wrong(r->fault, PROTO_UNKNOWN, "", key);
            break;
        }
        if (!json_is_null(from) && (value = proto_from_json(m->shape, m->time, from, key, r->fault)) != NULL)
            json_object_set_new(r->out, name_at(m->name), value);
    }
    json_decref(body);
}

static void take_body(struct reading *r, const struct proto_op *op)
{
    if (r->request->body_len == 0)
        return;
    bool xml = op->service->protocol == AWS_REST_XML, whole = r->shape->payload == SHAPE_NONE;
    uint16_t shape = whole ? op->operation->input : member_at(r->shape, r->shape->payload)->shape;
    json_t *outer = r->out;
    if (!whole)
        r->out = json_object();
    (xml ? take_xml : take_json)(r, shape);
    if (!whole) {
        json_object_set_new(outer, name_at(member_at(r->shape, r->shape->payload)->name), r->out);
        r->out = outer;
    }
}

json_t *proto_read_rest(const struct proto_op *op, const struct server_request *request, struct proto_fault *fault)
{
    if (op->operation->input == SHAPE_NONE)
        return json_object();
    struct reading r = {shape_at(op->operation->input), request, json_object(), fault};
    match(name_at(op->operation->uri), request->path, take_label, &r);
    take_query(&r);
    take_headers(&r);
    take_body(&r, op);
    if (fault->problem == PROTO_FINE)
        proto_required(op->operation->input, r.out, "", fault);
    if (fault->problem == PROTO_FINE)
        return r.out;
    json_decref(r.out);
    return NULL;
}
