/* Writing replies: JSON or XML by the output shape. A member that the shape has not, or a required one that is not there, is a mistake of the
 * handler and shows as one. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "base/xml.h"
#include "sim/proto.h"

char *proto_time(const json_t *seconds, enum shape_time format)
{
    int64_t ms = llround(json_number_value(seconds) * 1000);
    char text[48];
    if (format == TIME_UNIX)
        text_format(text, sizeof text, "%.3f", (double)ms / 1000);
    else if (format == TIME_RFC822)
        when_http(ms, text, sizeof text);
    else if (ms % 1000)
        when_iso_ms(ms, text, sizeof text);
    else
        when_iso(ms, text, sizeof text);
    return mem_strdup(text);
}

static const struct aws_member *find(const struct aws_shape *s, const char *name)
{
    for (uint16_t i = 0; i < s->member_count; i++)
        if (strcmp(name_at(member_at(s, i)->name), name) == 0)
            return member_at(s, i);
    return NULL;
}

/* The value is what the shape says, down to the scalars' types. */
static bool check(uint16_t shape, const json_t *value, const char *path, struct proto_fault *fault)
{
    const struct aws_shape *s = shape_at(shape);
    json_t *child;
    const char *key;
    char inner[160];
    size_t i;
    bool good = true;
    switch ((enum shape_type)s->type) {
    case SHAPE_STRUCTURE:
        json_object_foreach((json_t *)value, key, child) {
            const struct aws_member *m = find(s, key);
            if (!m)
                return proto_wrong(fault, PROTO_UNKNOWN, path, key) != NULL;
            text_format(inner, sizeof inner, "%s%s%s", path, *path ? "." : "", key);
            if (!check(m->shape, child, inner, fault))
                return false;
        }
        good = json_is_object(value) && proto_required(shape, value, path, fault);
        break;
    case SHAPE_LIST:
        json_array_foreach(value, i, child)
            if (!check(member_at(s, 0)->shape, child, path, fault))
                return false;
        good = json_is_array(value);
        break;
    case SHAPE_MAP:
        json_object_foreach((json_t *)value, key, child)
            if (!check(member_at(s, 1)->shape, child, path, fault))
                return false;
        good = json_is_object(value);
        break;
    case SHAPE_BOOLEAN:
        good = json_is_boolean(value);
        break;
    case SHAPE_INTEGER:
        good = json_is_integer(value);
        break;
    case SHAPE_DOUBLE:
    case SHAPE_TIMESTAMP:
        good = json_is_number(value);
        break;
    case SHAPE_STRING:
    case SHAPE_BLOB:
        good = json_is_string(value);
        break;
    }
    return good || proto_wrong(fault, PROTO_TYPE, path, "") != NULL;
}

/* JSON. */

static json_t *to_json(uint16_t shape, uint8_t time, const json_t *value, bool body_only)
{
    const struct aws_shape *s = shape_at(shape);
    uint8_t format = time ? time : s->time;
    json_t *out, *child;
    const char *key;
    size_t i;
    if (s->type == SHAPE_STRUCTURE) {
        out = json_object();
        json_object_foreach((json_t *)value, key, child) {
            const struct aws_member *m = find(s, key);
            if (!body_only || m->location == LOCATION_BODY)
                json_object_set_new(out, name_at(m->wire_name), to_json(m->shape, m->time, child, false));
        }
        return out;
    }
    if (s->type == SHAPE_LIST) {
        out = json_array();
        json_array_foreach(value, i, child)
            json_array_append_new(out, to_json(member_at(s, 0)->shape, member_at(s, 0)->time, child, false));
        return out;
    }
    if (s->type == SHAPE_MAP) {
        out = json_object();
        json_object_foreach((json_t *)value, key, child)
            json_object_set_new(out, key, to_json(member_at(s, 1)->shape, member_at(s, 1)->time, child, false));
        return out;
    }
    if (s->type == SHAPE_TIMESTAMP && format != TIME_DEFAULT && format != TIME_UNIX) {
        char *text = proto_time(value, format);
        out = json_string(text);
        free(text);
        return out;
    }
    return json_incref((json_t *)value);
}

static void add_json(struct str *out, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    str_adds(out, text);
    free(text);
}

/* XML. */

static void add_scalar(struct str *out, const struct aws_shape *s, uint8_t time, const json_t *value)
{
    char *text;
    if (s->type == SHAPE_TIMESTAMP)
        text = proto_time(value, time ? time : s->time ? s->time : TIME_ISO8601);
    else if (json_is_string(value))
        text = mem_strdup(json_string_value(value));
    else
        text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    xml_escape(out, text);
    free(text);
}

static void add_xml(struct str *out, const struct aws_member *m, const json_t *value);

static void add_element(struct str *out, const char *name, const struct aws_member *m, const json_t *value)
{
    str_addf(out, "<%s>", name);
    add_xml(out, m, value);
    str_addf(out, "</%s>", name);
}

static void add_members(struct str *out, const struct aws_shape *s, const json_t *value)
{
    for (uint16_t i = 0; i < s->member_count; i++) {
        const struct aws_member *m = member_at(s, i);
        const struct aws_shape *inner = shape_at(m->shape);
        const json_t *child = json_object_get(value, name_at(m->name));
        if (!child || m->location != LOCATION_BODY)
            continue;
        if (inner->type == SHAPE_LIST && ((inner->flags & SHAPE_FLATTENED) || (m->flags & MEMBER_FLATTENED))) {
            const struct aws_member *element = member_at(inner, 0);
            const char *name = name_at(element->wire_name != element->name ? element->wire_name : m->wire_name);
            for (size_t k = 0; k < json_array_size(child); k++)
                add_element(out, name, element, json_array_get(child, k));
        } else {
            add_element(out, name_at(m->wire_name), m, child);
        }
    }
}

static void add_map(struct str *out, const struct aws_shape *s, const json_t *value)
{
    json_t *child;
    const char *key, *key_name = name_at(member_at(s, 0)->wire_name);
    json_object_foreach((json_t *)value, key, child) {
        str_addf(out, "<entry><%s>", key_name);
        xml_escape(out, key);
        str_addf(out, "</%s>", key_name);
        add_element(out, name_at(member_at(s, 1)->wire_name), member_at(s, 1), child);
        str_adds(out, "</entry>");
    }
}

static void add_xml(struct str *out, const struct aws_member *m, const json_t *value)
{
    const struct aws_shape *s = shape_at(m->shape);
    if (s->type == SHAPE_STRUCTURE)
        add_members(out, s, value);
    else if (s->type == SHAPE_LIST)
        for (size_t i = 0; i < json_array_size(value); i++)
            add_element(out, name_at(member_at(s, 0)->wire_name), member_at(s, 0), json_array_get(value, i));
    else if (s->type == SHAPE_MAP)
        add_map(out, s, value);
    else
        add_scalar(out, s, m->time, value);
}

static void write_query(const struct proto_op *op, const json_t *output, const char *request_id, struct str *out)
{
    const char *name = name_at(op->operation->name), *wrapper = name_at(op->operation->result_wrapper);
    str_addf(out, "<%sResponse xmlns=\"%s\">", name, name_at(op->service->xml_namespace));
    if (op->operation->output != SHAPE_NONE) {
        str_addf(out, *wrapper ? "<%s>" : "%s", wrapper);
        add_members(out, shape_at(op->operation->output), output);
        str_addf(out, *wrapper ? "</%s>" : "%s", wrapper);
    }
    str_addf(out, "<ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></%sResponse>", request_id, name);
}

static void write_ec2(const struct proto_op *op, const json_t *output, const char *request_id, struct str *out)
{
    const char *name = name_at(op->operation->name);
    str_addf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%sResponse xmlns=\"%s\"><requestId>%s</requestId>", name,
             name_at(op->service->xml_namespace), request_id);
    if (op->operation->output != SHAPE_NONE)
        add_members(out, shape_at(op->operation->output), output);
    str_addf(out, "</%sResponse>", name);
}

/* rest: what goes into headers, and what the body is. */

static void write_headers(const struct aws_shape *s, const json_t *output, struct server_reply *reply)
{
    for (uint16_t i = 0; i < s->member_count; i++) {
        const struct aws_member *m = member_at(s, i);
        const json_t *value = json_object_get(output, name_at(m->name));
        struct str text = STR_INIT(8192);
        if (!value || m->location != LOCATION_HEADER)
            continue;
        if (shape_at(m->shape)->type == SHAPE_TIMESTAMP) {
            char *time = proto_time(value, m->time ? m->time : TIME_RFC822);
            str_adds(&text, time);
            free(time);
        } else if (json_is_string(value)) {
            str_adds(&text, json_string_value(value));
        } else {
            add_json(&text, value);
        }
        reply_header(reply, name_at(m->wire_name), str_text(&text));
        str_free(&text);
    }
}

static void write_rest(const struct proto_op *op, const json_t *output, struct server_reply *reply)
{
    const struct aws_shape *s = shape_at(op->operation->output);
    bool xml = op->service->protocol == AWS_REST_XML, whole = s->payload == SHAPE_NONE;
    const struct aws_member *payload = whole ? NULL : member_at(s, s->payload);
    const json_t *body = whole ? output : json_object_get(output, name_at(payload->name));
    struct str *out = reply_body(reply);
    write_headers(s, output, reply);
    if (!body)
        return;
    if (!xml) {
        json_t *value = to_json(whole ? op->operation->output : payload->shape, TIME_DEFAULT, body, whole);
        add_json(out, value);
        json_decref(value);
        return;
    }
    const char *root = name_at(whole ? s->name : payload->wire_name), *space = name_at(whole ? s->xml_namespace : payload->xml_namespace);
    str_addf(out, "<?xml version=\"1.0\"?>\n<%s", root);
    if (*space)
        str_addf(out, " xmlns=\"%s\"", space);
    str_adds(out, ">");
    add_members(out, whole ? s : shape_at(payload->shape), body);
    str_addf(out, "</%s>", root);
}

static void write_json(const struct proto_op *op, const json_t *output, struct server_reply *reply)
{
    json_t *value = op->operation->output == SHAPE_NONE ? json_object() : to_json(op->operation->output, TIME_DEFAULT, output, false);
    add_json(reply_body(reply), value);
    json_decref(value);
}

static const char *content_type(const struct aws_service *service)
{
    static const char *const types[] = {[AWS_QUERY] = "text/xml",
                                        [AWS_EC2] = "text/xml;charset=UTF-8",
                                        [AWS_JSON_1_0] = "application/x-amz-json-1.0",
                                        [AWS_JSON_1_1] = "application/x-amz-json-1.1",
                                        [AWS_REST_JSON] = "application/json",
                                        [AWS_REST_XML] = "text/xml"};
    return types[service->protocol];
}

bool proto_write(const struct proto_op *op, const json_t *output, const char *request_id, struct server_reply *reply, struct proto_fault *fault)
{
    *fault = (struct proto_fault){0};
    if (op->operation->output != SHAPE_NONE && !check(op->operation->output, output, "", fault))
        return false;
    reply_status(reply, op->operation->status ? (int)op->operation->status : 200);
    reply_header(reply, "Content-Type", content_type(op->service));
    reply_header(reply, "x-amzn-RequestId", request_id);
    switch ((enum aws_protocol)op->service->protocol) {
    case AWS_QUERY:
        write_query(op, output, request_id, reply_body(reply));
        break;
    case AWS_EC2:
        write_ec2(op, output, request_id, reply_body(reply));
        break;
    case AWS_JSON_1_0:
    case AWS_JSON_1_1:
        write_json(op, output, reply);
        break;
    case AWS_REST_JSON:
    case AWS_REST_XML:
        if (op->operation->output != SHAPE_NONE)
            write_rest(op, output, reply);
        break;
    }
    return true;
}

/* Errors, each in its protocol's envelope. */

static void add_xml_text(struct str *out, const char *name, const char *text)
{
    str_addf(out, "<%s>", name);
    xml_escape(out, text);
    str_addf(out, "</%s>", name);
}

/* "message" or "Message", as the error's own shape has it. */
static const char *message_name(const struct proto_op *op, const char *code)
{
    for (uint16_t i = 0; op->operation && i < op->operation->error_count; i++) {
        const struct aws_error *e = &aws_table.errors[op->operation->first_error + i];
        const struct aws_shape *s = shape_at(e->shape);
        if (strcmp(name_at(e->code), code) == 0)
            for (uint16_t k = 0; k < s->member_count; k++)
                if (text_same_case(name_at(member_at(s, k)->wire_name), "message"))
                    return name_at(member_at(s, k)->wire_name);
    }
    return "message";
}

static void write_json_error(const struct proto_op *op, const struct error *e, bool typed, struct str *out)
{
    json_t *body = json_pack("{s:s}", message_name(op, e->code), e->message);
    if (typed)
        json_object_set_new(body, "__type", json_string(e->code));
    add_json(out, body);
    json_decref(body);
}

void proto_error(const struct proto_op *op, const struct error *e, const char *request_id, struct server_reply *reply)
{
    struct str *out = reply_body(reply);
    str_clear(out);
    reply_status(reply, e->status);
    reply_header(reply, "Content-Type", content_type(op->service));
    reply_header(reply, "x-amzn-RequestId", request_id);
    switch ((enum aws_protocol)op->service->protocol) {
    case AWS_QUERY:
    case AWS_REST_XML:
        str_addf(out, "<ErrorResponse xmlns=\"%s\"><Error><Type>%s</Type>", name_at(op->service->xml_namespace),
                 e->status < 500 ? "Sender" : "Receiver");
        add_xml_text(out, "Code", e->code);
        add_xml_text(out, "Message", e->message);
        str_addf(out, "</Error><RequestId>%s</RequestId></ErrorResponse>", request_id);
        break;
    case AWS_EC2:
        str_adds(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error>");
        add_xml_text(out, "Code", e->code);
        add_xml_text(out, "Message", e->message);
        str_addf(out, "</Error></Errors><RequestID>%s</RequestID></Response>", request_id);
        break;
    case AWS_JSON_1_0:
    case AWS_JSON_1_1:
        write_json_error(op, e, true, out);
        break;
    case AWS_REST_JSON:
        reply_header(reply, "x-amzn-ErrorType", e->code);
        write_json_error(op, e, false, out);
        break;
    }
}
