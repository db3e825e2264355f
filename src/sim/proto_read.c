/* Reading requests of the query, ec2 and json protocols. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "sim/proto.h"

#define VALUE_MAX ((size_t)1 << 20)

void *proto_wrong(struct proto_fault *fault, enum proto_problem problem, const char *path, const char *member)
{
    if (fault->problem == PROTO_FINE) {
        char text[sizeof fault->member];
        fault->problem = problem;
        text_format(text, sizeof text, "%s%s%s", path, *path && *member ? "." : "", member);
        text_clean(fault->member, sizeof fault->member, text, strlen(text));
    }
    return NULL;
}

/* Scalars. */

static json_t *time_from_text(uint8_t format, const char *text)
{
    int64_t ms;
    char *end;
    if (format != TIME_UNIX && (when_parse_iso(text, &ms) || when_parse_http(text, &ms)))
        return json_real((double)ms / 1000);
    double seconds = strtod(text, &end);
    return *text && *end == '\0' && isfinite(seconds) ? json_real(seconds) : NULL;
}

static json_t *number_from_text(enum shape_type type, const char *text)
{
    char *end;
    errno = 0;
    if (type == SHAPE_INTEGER) {
        long long number = strtoll(text, &end, 10);
        return *text && *end == '\0' && errno == 0 ? json_integer(number) : NULL;
    }
    double number = strtod(text, &end);
    return *text && *end == '\0' && isfinite(number) ? json_real(number) : NULL;
}

json_t *proto_scalar(uint16_t shape, uint8_t time, const char *text, const char *path, struct proto_fault *fault)
{
    const struct aws_shape *s = shape_at(shape);
    struct str bytes = STR_INIT(VALUE_MAX);
    json_t *value = NULL;
    switch ((enum shape_type)s->type) {
    case SHAPE_BOOLEAN:
        if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
            value = json_boolean(*text == 't');
        break;
    case SHAPE_INTEGER:
    case SHAPE_DOUBLE:
        value = number_from_text(s->type, text);
        break;
    case SHAPE_TIMESTAMP:
        value = time_from_text(time ? time : s->time, text);
        break;
    case SHAPE_BLOB:
        value = base64_decode(text, strlen(text), &bytes) ? json_string(text) : NULL;
        break;
    case SHAPE_STRING:
        value = json_string(text); /* NULL if it is no UTF-8 */
        break;
    default:
        break;
    }
    str_free(&bytes);
    return value ? value : proto_wrong(fault, PROTO_TYPE, path, "");
}

bool proto_required(uint16_t structure, const json_t *value, const char *path, struct proto_fault *fault)
{
    const struct aws_shape *s = shape_at(structure);
    for (uint16_t i = 0; i < s->member_count; i++) {
        const struct aws_member *m = member_at(s, i);
        if ((m->flags & MEMBER_REQUIRED) && !json_object_get(value, name_at(m->name)))
            return proto_wrong(fault, PROTO_MISSING, path, name_at(m->name)) != NULL;
    }
    return true;
}

/* JSON. */

static json_t *structure_from_json(uint16_t shape, const json_t *value, const char *path, struct proto_fault *fault)
{
    const struct aws_shape *s = shape_at(shape);
    json_t *out = json_object(), *child;
    const char *key;
    char inner[160];
    json_object_foreach((json_t *)value, key, child) {
        const struct aws_member *m = NULL;
        for (uint16_t i = 0; i < s->member_count && !m; i++)
            if (strcmp(name_at(member_at(s, i)->wire_name), key) == 0 && member_at(s, i)->location == LOCATION_BODY)
                m = member_at(s, i);
        if (!m) {
            proto_wrong(fault, PROTO_UNKNOWN, path, key);
            break;
        }
        text_format(inner, sizeof inner, "%s%s%s", path, *path ? "." : "", key);
        if (!json_is_null(child))
            json_object_set_new(out, name_at(m->name), proto_from_json(m->shape, m->time, child, inner, fault));
    }
    if (fault->problem == PROTO_FINE)
        return out;
    json_decref(out);
    return NULL;
}

static json_t *list_from_json(const struct aws_shape *s, const json_t *value, const char *path, struct proto_fault *fault)
{
    json_t *out = json_array();
    char inner[160];
    for (size_t i = 0; i < json_array_size(value) && fault->problem == PROTO_FINE; i++) {
        text_format(inner, sizeof inner, "%s.%zu", path, i + 1);
        json_array_append_new(out, proto_from_json(member_at(s, 0)->shape, member_at(s, 0)->time, json_array_get(value, i), inner, fault));
    }
    return out;
}

static json_t *map_from_json(const struct aws_shape *s, const json_t *value, const char *path, struct proto_fault *fault)
{
    json_t *out = json_object(), *child;
    const char *key;
    json_object_foreach((json_t *)value, key, child)
        json_object_set_new(out, key, proto_from_json(member_at(s, 1)->shape, member_at(s, 1)->time, child, path, fault));
    return out;
}

json_t *proto_from_json(uint16_t shape, uint8_t time, const json_t *value, const char *path, struct proto_fault *fault)
{
    const struct aws_shape *s = shape_at(shape);
    uint8_t effective = time ? time : s->time;
    json_t *out = NULL;
    if (s->flags & SHAPE_DOCUMENT)
        return json_deep_copy(value);
    switch ((enum shape_type)s->type) {
    case SHAPE_STRUCTURE:
        if (!json_is_object(value))
            break;
        out = structure_from_json(shape, value, path, fault);
        if (out)
            proto_required(shape, out, path, fault);
        break;
    case SHAPE_LIST:
        out = json_is_array(value) ? list_from_json(s, value, path, fault) : NULL;
        break;
    case SHAPE_MAP:
        out = json_is_object(value) ? map_from_json(s, value, path, fault) : NULL;
        break;
    case SHAPE_BOOLEAN:
        out = json_is_boolean(value) ? json_incref((json_t *)value) : NULL;
        break;
    case SHAPE_INTEGER:
        out = json_is_integer(value) ? json_incref((json_t *)value) : NULL;
        break;
    case SHAPE_DOUBLE:
        out = json_is_number(value) ? json_real(json_number_value(value)) : NULL;
        break;
    case SHAPE_TIMESTAMP:
        if (json_is_string(value) && effective != TIME_DEFAULT && effective != TIME_UNIX)
            out = time_from_text(effective, json_string_value(value));
        else if (json_is_number(value))
            out = json_real(json_number_value(value));
        break;
    case SHAPE_STRING:
    case SHAPE_BLOB:
        out = json_is_string(value) ? proto_scalar(shape, time, json_string_value(value), path, fault) : NULL;
        break;
    }
    if (fault->problem == PROTO_FINE && !out)
        proto_wrong(fault, PROTO_TYPE, path, "");
    if (fault->problem == PROTO_FINE)
        return out;
    json_decref(out);
    return NULL;
}

static json_t *read_json(const struct proto_op *op, const struct server_request *request, struct proto_fault *fault)
{
    struct error e = {0};
    json_t *body = request->body_len ? json_load(request->body, request->body_len, &e) : json_object();
    if (!json_is_object(body)) {
        json_decref(body);
        return proto_wrong(fault, PROTO_BODY, "", "");
    }
    json_t *out = NULL;
    if (op->operation->input != SHAPE_NONE)
        out = proto_from_json(op->operation->input, TIME_DEFAULT, body, "", fault);
    else if (json_object_size(body) > 0)
        proto_wrong(fault, PROTO_UNKNOWN, "", json_object_iter_key(json_object_iter(body)));
    else
        out = json_object();
    json_decref(body);
    return out;
}

/* Query and ec2: "Filters.Filter.1.Name=x" becomes a tree of objects, each value under the key "". */

#define DEPTH_MAX 32 /* parts of a key; no input shape goes as deep */

static bool put(json_t *tree, const char *key, const char *value)
{
    char part[256];
    for (int depth = 0; *key; depth++) {
        size_t len = strcspn(key, ".");
        if (depth == DEPTH_MAX || !text_format(part, sizeof part, "%.*s", (int)len, key))
            return false;
        json_t *next = json_object_get(tree, part);
        if (!next)
            json_object_set_new(tree, part, next = json_object());
        tree = next;
        key += len + (key[len] == '.');
    }
    return json_object_set_new(tree, "", json_string(value)) == 0;
}

static bool add_form(json_t *tree, const char *form)
{
    for (const char *p = form; *p; p += *p == '&') {
        size_t len = strcspn(p, "&"), key_len = strcspn(p, "=&");
        struct str key = STR_INIT(VALUE_MAX), value = STR_INIT(VALUE_MAX);
        bool good = percent_decode(p, key_len, true, &key) && (key_len >= len || percent_decode(p + key_len + 1, len - key_len - 1, true, &value));
        good = good && json_object_size(tree) < 2000 && strlen(str_text(&value)) == value.len;
        good = good && (len == 0 || put(tree, str_text(&key), str_text(&value)));
        str_free(&key);
        str_free(&value);
        if (!good)
            return false;
        p += len;
    }
    return true;
}

struct query_reader {
    bool ec2;
    struct proto_fault *fault;
};

static json_t *from_query(const struct query_reader *r, uint16_t shape, uint8_t time, bool flat, json_t *node, const char *path);

static const char *element_name(const struct aws_member *element) { return name_at(element->wire_name); }
static bool named(const struct aws_member *element) { return element->wire_name != element->name; }

/* As the client must spell a member; ec2 has a rule of its own. */
static void query_name(const struct query_reader *r, const struct aws_member *m, bool flat_list, char out[128])
{
    const struct aws_shape *s = shape_at(m->shape);
    if (!r->ec2) {
        bool element = flat_list && s->type == SHAPE_LIST && named(member_at(s, 0));
        text_copy(out, 128, element ? element_name(member_at(s, 0)) : name_at(m->wire_name));
        return;
    }
    text_copy(out, 128, name_at(m->query_name ? m->query_name : m->wire_name));
    if (!m->query_name && m->wire_name != m->name && out[0] >= 'a' && out[0] <= 'z')
        out[0] = (char)(out[0] - 32);
}

static json_t *structure_from_query(const struct query_reader *r, uint16_t shape, json_t *node, const char *path)
{
    const struct aws_shape *s = shape_at(shape);
    json_t *out = json_object();
    char name[128], inner[160];
    for (uint16_t i = 0; i < s->member_count && r->fault->problem == PROTO_FINE; i++) {
        const struct aws_member *m = member_at(s, i);
        bool flat = r->ec2 || (m->flags & MEMBER_FLATTENED) || (shape_at(m->shape)->flags & SHAPE_FLATTENED);
        query_name(r, m, flat, name);
        json_t *child = json_incref(json_object_get(node, name));
        if (child) {
            json_object_del(node, name);
            text_format(inner, sizeof inner, "%s%s%s", path, *path ? "." : "", name);
            json_object_set_new(out, name_at(m->name), from_query(r, m->shape, m->time, flat, child, inner));
        }
        json_decref(child);
    }
    if (r->fault->problem == PROTO_FINE && json_object_size(node) > 0)
        proto_wrong(r->fault, PROTO_UNKNOWN, path, json_object_iter_key(json_object_iter(node)));
    if (r->fault->problem == PROTO_FINE)
        proto_required(shape, out, path, r->fault);
    return out;
}

/* Elements are numbered from 1 without gaps. */
static json_t *list_from_query(const struct query_reader *r, const struct aws_shape *s, bool flat, json_t *node, const char *path)
{
    const struct aws_member *element = member_at(s, 0);
    const char *wrapper = element_name(element);
    json_t *out = json_array();
    size_t used = 0;
    char index[16], inner[160];
    const char *empty = json_string_value(json_object_get(node, ""));
    if (empty && !*empty && json_object_size(node) == 1)
        return out;
    json_t *items = flat ? node : json_object_get(node, wrapper);
    size_t size = json_object_size(items);
    if (!items || (!flat && json_object_size(node) != 1)) {
        proto_wrong(r->fault, PROTO_UNKNOWN, path, json_object_iter_key(json_object_iter(node)));
        return out;
    }
    for (; used < size && r->fault->problem == PROTO_FINE; used++) {
        text_format(index, sizeof index, "%zu", used + 1);
        json_t *item = json_object_get(items, index);
        text_format(inner, sizeof inner, "%s.%s", path, index);
        if (!item)
            proto_wrong(r->fault, PROTO_UNKNOWN, path, json_object_iter_key(json_object_iter(items)));
        else
            json_array_append_new(out, from_query(r, element->shape, element->time, false, item, inner));
    }
    return out;
}

static json_t *map_from_query(const struct query_reader *r, const struct aws_shape *s, bool flat, json_t *node, const char *path)
{
    json_t *out = json_object(), *items = flat ? node : json_object_get(node, "entry"), *entry;
    const char *index;
    json_object_foreach(items, index, entry) {
        json_t *value = json_object_get(entry, name_at(member_at(s, 1)->wire_name));
        const char *key = json_string_value(json_object_get(json_object_get(entry, name_at(member_at(s, 0)->wire_name)), ""));
        if (!key || !value) {
            proto_wrong(r->fault, PROTO_UNKNOWN, path, index);
            break;
        }
        json_object_set_new(out, key, from_query(r, member_at(s, 1)->shape, member_at(s, 1)->time, false, value, path));
    }
    return out;
}

static json_t *from_query(const struct query_reader *r, uint16_t shape, uint8_t time, bool flat, json_t *node, const char *path)
{
    const struct aws_shape *s = shape_at(shape);
    json_t *out;
    if (s->type == SHAPE_STRUCTURE) {
        out = structure_from_query(r, shape, node, path);
    } else if (s->type == SHAPE_LIST) {
        out = list_from_query(r, s, flat || (s->flags & SHAPE_FLATTENED), node, path);
    } else if (s->type == SHAPE_MAP) {
        out = map_from_query(r, s, flat || (s->flags & SHAPE_FLATTENED), node, path);
    } else {
        const char *text = json_string_value(json_object_get(node, ""));
        if (!text || json_object_size(node) != 1)
            return proto_wrong(r->fault, PROTO_UNKNOWN, path, "");
        return proto_scalar(shape, time, text, path, r->fault);
    }
    if (r->fault->problem == PROTO_FINE)
        return out;
    json_decref(out);
    return NULL;
}

static json_t *read_query(const struct proto_op *op, const struct server_request *request, struct proto_fault *fault)
{
    struct query_reader r = {op->service->protocol == AWS_EC2, fault};
    json_t *tree = json_object(), *out = NULL, *child;
    const char *key;
    void *next;
    if (add_form(tree, request->query) && add_form(tree, request->body)) {
        json_object_del(tree, "Action");
        json_object_del(tree, "Version");
        json_object_foreach_safe(tree, next, key, child)
            if (text_starts(key, "X-Amz-"))
                json_object_del(tree, key);
        if (op->operation->input != SHAPE_NONE)
            out = structure_from_query(&r, op->operation->input, tree, "");
        else if (json_object_size(tree) > 0)
            proto_wrong(fault, PROTO_UNKNOWN, "", json_object_iter_key(json_object_iter(tree)));
        else
            out = json_object();
    } else {
        proto_wrong(fault, PROTO_BODY, "", "");
    }
    json_decref(tree);
    if (fault->problem == PROTO_FINE)
        return out;
    json_decref(out);
    return NULL;
}

json_t *proto_read(const struct proto_op *op, const struct server_request *request, struct proto_fault *fault)
{
    *fault = (struct proto_fault){0};
    switch ((enum aws_protocol)op->service->protocol) {
    case AWS_QUERY:
    case AWS_EC2:
        return read_query(op, request, fault);
    case AWS_JSON_1_0:
    case AWS_JSON_1_1:
        return read_json(op, request, fault);
    case AWS_REST_JSON:
    case AWS_REST_XML:
        return proto_read_rest(op, request, fault);
    }
    return NULL;
}

/* Which operation. */

static char *form_value(const struct server_request *request, const char *name)
{
    struct server_request body = *request;
    char *value = server_query(request, name);
    body.query = request->body;
    return value ? value : server_query(&body, name);
}

static const struct aws_operation *query_operation(const struct aws_service *service, const struct server_request *request, char *name, size_t size)
{
    char *action = form_value(request, "Action"), *version = form_value(request, "Version");
    text_copy(name, size, action ? action : "");
    bool current = version && strcmp(version, name_at(service->api_version)) == 0;
    free(action);
    free(version);
    return current ? aws_operation_find(&aws_table, service, name) : NULL;
}

static const struct aws_operation *json_operation(const struct aws_service *service, const struct server_request *request, char *name, size_t size)
{
    const char *target = server_header(request, "X-Amz-Target"), *prefix = name_at(service->target_prefix);
    size_t len = strlen(prefix);
    text_copy(name, size, target ? target : "");
    if (!target || strncmp(target, prefix, len) != 0 || target[len] != '.' || strcmp(request->method, "POST") != 0)
        return NULL;
    text_copy(name, size, target + len + 1);
    return aws_operation_find(&aws_table, service, name);
}

const struct aws_operation *proto_operation(const struct aws_service *service, const struct server_request *request, char *name, size_t size)
{
    switch ((enum aws_protocol)service->protocol) {
    case AWS_QUERY:
    case AWS_EC2:
        return query_operation(service, request, name, size);
    case AWS_JSON_1_0:
    case AWS_JSON_1_1:
        return json_operation(service, request, name, size);
    default:
        break;
    }
    text_format(name, size, "%s %s", request->method, request->path);
    for (uint16_t i = 0; i < service->operation_count; i++) {
        const struct aws_operation *operation = &aws_table.operations[service->first_operation + i];
        if (proto_route_fits(operation, request)) {
            text_copy(name, size, name_at(operation->name));
            return operation;
        }
    }
    return NULL;
}
