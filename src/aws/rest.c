/* rest-json and rest-xml: members go into the URI, the query string, headers and the body, as the model says. */
#include <stdlib.h>
#include <string.h>

#include "aws/wire.h"
#include "base/digest.h"
#include "base/mem.h"

#define TEXT_MAX ((size_t)64 << 10)

static const struct aws_member *find_label(const struct wire *w, const struct aws_shape *s, const char *label, size_t len)
{
    for (size_t i = 0; s && i < s->member_count; i++) {
        const struct aws_member *m = wire_member(w, s, i);
        const char *name = wire_name(w, m->wire_name);
        if (m->location == LOCATION_URI && strlen(name) == len && memcmp(name, label, len) == 0)
            return m;
    }
    return NULL;
}

static bool add_label(const struct wire *w, const struct aws_shape *s, const char *label, size_t len, const json_t *input, struct str *out,
                      struct error *e)
{
    bool greedy = len && label[len - 1] == '+';
    const struct aws_member *m = find_label(w, s, label, greedy ? len - 1 : len);
    const json_t *value = m ? json_object_get(input, wire_name(w, m->name)) : NULL;
    struct str text = STR_INIT(TEXT_MAX);
    bool good = value && value_add_text(w, wire_shape(w, m->shape), wire_time(w, m, TIME_ISO8601), value, &text) && text.len > 0;
    if (good)
        percent_add(out, str_text(&text), text.len, greedy);
    else
        error_set(e, ERROR_INPUT, "ParamValidation", "%.*s: must not be empty, it is part of the address", (int)len, label);
    str_free(&text);
    return good;
}

/* "/a/{Name}/{Rest+}?fixed=1": the path with its labels filled in; what follows '?' begins the query string. */
static bool add_path(const struct wire *w, const struct aws_shape *s, const json_t *input, struct str *path, struct str *query, struct error *e)
{
    const char *p = wire_name(w, w->operation->uri), *fixed = strchr(p, '?');
    const char *end = fixed ? fixed : p + strlen(p);
    if (fixed)
        str_adds(query, fixed + 1);
    while (p < end) {
        const char *open = memchr(p, '{', (size_t)(end - p)), *close = open ? memchr(open, '}', (size_t)(end - open)) : NULL;
        if (!close) {
            str_add(path, p, (size_t)(end - p));
            break;
        }
        str_add(path, p, (size_t)(open - p));
        if (!add_label(w, s, open + 1, (size_t)(close - open - 1), input, path, e))
            return false;
        p = close + 1;
    }
    return true;
}

static bool add_query(const struct wire *w, const char *name, const struct aws_shape *s, enum shape_time time, const json_t *value, struct str *out)
{
    struct str text = STR_INIT(TEXT_MAX);
    bool good = value_add_text(w, s, time, value, &text);
    str_adds(out, out->len ? "&" : "");
    percent_add(out, name, strlen(name), false);
    str_addc(out, '=');
    percent_add(out, str_text(&text), text.len, false);
    str_free(&text);
    return good;
}

/* Has a member of its own put the name into the query string? It goes before the same name in a map of parameters. */
static bool query_names(const struct wire *w, const char *name, const json_t *input)
{
    const struct aws_shape *s = wire_shape(w, w->operation->input);
    for (size_t i = 0; i < s->member_count; i++) {
        const struct aws_member *m = wire_member(w, s, i);
        const json_t *value = json_object_get(input, wire_name(w, m->name));
        if (m->location == LOCATION_QUERY && wire_shape(w, m->shape)->type != SHAPE_MAP && value && !json_is_null(value) &&
            strcmp(wire_name(w, m->wire_name), name) == 0)
            return true;
    }
    return false;
}

static bool add_query_member(const struct wire *w, const struct aws_member *m, const char *name, const json_t *value, const json_t *input,
                             struct str *out)
{
    const struct aws_shape *s = wire_shape(w, m->shape);
    const char *key;
    json_t *item;
    bool good = true;
    if (s->type == SHAPE_LIST) {
        for (size_t i = 0; good && i < json_array_size(value); i++)
            good = add_query_member(w, wire_member(w, s, 0), name, json_array_get(value, i), input, out);
        return good;
    }
    if (s->type != SHAPE_MAP)
        return add_query(w, name, s, wire_time(w, m, TIME_ISO8601), value, out);
    json_object_foreach((json_t *)(uintptr_t)value, key, item)
        good = good && (query_names(w, key, input) || add_query_member(w, wire_member(w, s, 1), key, item, input, out));
    return good;
}

/* A list in a header: joined by commas; an item that has a comma or a quote is quoted. */
static bool add_header_list(const struct wire *w, const struct aws_shape *s, const json_t *value, struct str *out)
{
    const struct aws_member *element = wire_member(w, s, 0);
    const struct aws_shape *item_shape = wire_shape(w, element->shape);
    for (size_t i = 0; i < json_array_size(value); i++) {
        struct str text = STR_INIT(TEXT_MAX);
        bool good = value_add_text(w, item_shape, wire_time(w, element, TIME_RFC822), json_array_get(value, i), &text);
        bool quote = item_shape->type == SHAPE_STRING && strpbrk(str_text(&text), ",\"");
        str_adds(out, i ? ", " : "");
        str_adds(out, quote ? "\"" : "");
        for (size_t k = 0; k < text.len; k++) {
            if (quote && (text.data[k] == '"' || text.data[k] == '\\'))
                str_addc(out, '\\');
            str_addc(out, text.data[k]);
        }
        str_adds(out, quote ? "\"" : "");
        str_free(&text);
        if (!good)
            return false;
    }
    return true;
}

static bool add_header(const struct wire *w, const struct aws_member *m, const json_t *value, struct aws_request *request)
{
    const struct aws_shape *s = wire_shape(w, m->shape);
    struct str text = STR_INIT(TEXT_MAX);
    bool good;
    if (m->flags & MEMBER_JSON_VALUE) {
        const char *plain = json_string_value(value);
        good = plain && base64_add(&text, plain, strlen(plain));
    } else if (s->type == SHAPE_LIST) {
        good = add_header_list(w, s, value, &text);
    } else {
        good = value_add_text(w, s, wire_time(w, m, TIME_RFC822), value, &text);
    }
    /* A line break would end the header and begin another. */
    good = good && !strpbrk(str_text(&text), "\r\n") && strlen(str_text(&text)) == text.len;
    if (good)
        aws_request_set_header(request, wire_name(w, m->wire_name), str_text(&text));
    str_wipe(&text);
    return good;
}

static bool add_prefix_headers(const struct wire *w, const struct aws_member *m, const json_t *value, struct aws_request *request)
{
    const char *key;
    json_t *item;
    json_object_foreach((json_t *)(uintptr_t)value, key, item) {
        char name[256];
        const char *text = json_string_value(item);
        if (!text || strpbrk(text, "\r\n") || strpbrk(key, "\r\n: ") ||
            !text_format(name, sizeof name, "%s%s", strcmp(wire_name(w, m->wire_name), wire_name(w, m->name)) ? wire_name(w, m->wire_name) : "", key))
            return false;
        aws_request_set_header(request, name, text);
    }
    return true;
}

static bool add_placed(const struct wire *w, const struct aws_shape *s, const json_t *input, struct str *query, struct aws_request *request)
{
    bool good = true;
    for (size_t i = 0; good && s && i < s->member_count; i++) {
        const struct aws_member *m = wire_member(w, s, i);
        const json_t *value = json_object_get(input, wire_name(w, m->name));
        if (!value || json_is_null(value))
            continue;
        if (m->location == LOCATION_QUERY)
            good = add_query_member(w, m, wire_name(w, m->wire_name), value, input, query);
        else if (m->location == LOCATION_HEADER)
            good = add_header(w, m, value, request);
        else if (m->location == LOCATION_HEADERS)
            good = add_prefix_headers(w, m, value, request);
    }
    return good;
}

static bool has_body_member(const struct wire *w, const struct aws_shape *s, const json_t *input)
{
    for (size_t i = 0; s && i < s->member_count; i++) {
        const struct aws_member *m = wire_member(w, s, i);
        if (m->location == LOCATION_BODY && (!input || json_object_get(input, wire_name(w, m->name))))
            return true;
    }
    return false;
}

static bool add_json(json_t *steal, struct aws_request *request)
{
    char *text = json_dumps(steal, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(steal);
    bool good = text && str_adds(&request->body, text);
    mem_free_secret(text);
    if (!aws_request_header(request, "content-type"))
        aws_request_set_header(request, "content-type", "application/json");
    return good;
}

static bool add_xml(const struct wire *w, const struct aws_shape *s, const struct aws_member *m, const json_t *value, struct aws_request *request)
{
    if (!aws_request_header(request, "content-type"))
        aws_request_set_header(request, "content-type", "application/xml");
    return xml_root_out(w, s, m, value, &request->body);
}

static bool add_payload(const struct wire *w, const struct aws_member *m, const json_t *value, struct aws_request *request)
{
    const struct aws_shape *s = wire_shape(w, m->shape);
    bool json = w->service->protocol == AWS_REST_JSON;
    if (s->type == SHAPE_STRUCTURE || s->flags & SHAPE_DOCUMENT) {
        if (!value || json_is_null(value))
            return json && !(s->flags & SHAPE_UNION) ? add_json(json_object(), request) : true;
        return json ? add_json(json_shape_out(w, m, value), request) : add_xml(w, s, m, value, request);
    }
    if (!value || json_is_null(value))
        return true;
    if (!aws_request_header(request, "content-type"))
        aws_request_set_header(request, "content-type", s->type == SHAPE_BLOB ? "application/octet-stream" : "text/plain");
    return s->type == SHAPE_BLOB ? base64_decode(json_string_value(value), json_string_length(value), &request->body)
                                 : str_add(&request->body, json_string_value(value), json_string_length(value));
}

static bool add_body(const struct wire *w, const struct aws_shape *s, const json_t *input, struct aws_request *request)
{
    if (!s)
        return true;
    if (s->payload != SHAPE_NONE) {
        const struct aws_member *m = wire_member(w, s, s->payload);
        return add_payload(w, m, json_object_get(input, wire_name(w, m->name)), request);
    }
    if (w->service->protocol == AWS_REST_JSON) {
        if (!has_body_member(w, s, NULL))
            return true;
        struct aws_member whole = {.shape = w->operation->input};
        return add_json(json_shape_out(w, &whole, input), request);
    }
    return !has_body_member(w, s, input) || add_xml(w, s, NULL, input, request);
}

bool rest_build(const struct wire *w, const json_t *input, struct aws_request *request, struct error *e)
{
    const struct aws_shape *s = wire_shape(w, w->operation->input);
    struct str path = STR_INIT(TEXT_MAX), query = STR_INIT(TEXT_MAX);
    bool good = add_path(w, s, input, &path, &query, e) && add_placed(w, s, input, &query, request) && add_body(w, s, input, request);
    good = good && !path.overflow && !query.overflow;
    request->path = str_take(&path);
    request->query = str_take(&query);
    return good;
}

/* A list in a header of a reply: split at commas outside quotes; dates have a comma of their own. */
static json_t *header_list_in(const struct wire *w, const struct aws_shape *s, const char *text)
{
    const struct aws_member *element = wire_member(w, s, 0);
    const struct aws_shape *item_shape = wire_shape(w, element->shape);
    enum shape_time time = wire_time(w, element, TIME_RFC822);
    bool dates = item_shape->type == SHAPE_TIMESTAMP && time == TIME_RFC822;
    json_t *out = json_array();
    while (*text) {
        struct str item = STR_INIT(TEXT_MAX);
        bool quoted = false;
        int commas = 0;
        text += strspn(text, " ");
        for (; *text && (quoted || *text != ',' || (dates && commas++ == 0)); text++) {
            if (*text == '"')
                quoted = !quoted;
            else if (*text == '\\' && quoted && text[1])
                str_addc(&item, *++text);
            else
                str_addc(&item, *text);
        }
        text += *text == ',';
        json_t *value = value_from_text(item_shape, time, str_text(&item));
        if (value)
            json_array_append_new(out, value);
        str_free(&item);
    }
    return out;
}

static json_t *header_in(const struct wire *w, const struct aws_member *m, const char *text)
{
    const struct aws_shape *s = wire_shape(w, m->shape);
    if (s->type == SHAPE_LIST)
        return header_list_in(w, s, text);
    if (!(m->flags & MEMBER_JSON_VALUE))
        return value_from_text(s, wire_time(w, m, TIME_RFC822), text);
    struct str plain = STR_INIT(TEXT_MAX);
    json_t *value = base64_decode(text, strlen(text), &plain) ? json_string(str_text(&plain)) : NULL;
    str_free(&plain);
    return value;
}

static json_t *prefix_headers_in(const struct wire *w, const struct aws_member *m, const struct http_reply *reply)
{
    const char *prefix = strcmp(wire_name(w, m->wire_name), wire_name(w, m->name)) ? wire_name(w, m->wire_name) : "";
    size_t len = strlen(prefix);
    json_t *out = json_object();
    for (const struct http_header *h = reply->headers; h && h->name; h++) {
        char start[256];
        text_format(start, sizeof start, "%.*s", (int)len, h->name);
        if (text_same_case(start, prefix))
            json_object_set_new(out, h->name + len, json_string(h->value));
    }
    return out;
}

void rest_headers_in(const struct wire *w, const struct aws_shape *s, const struct http_reply *reply, json_t *output)
{
    for (size_t i = 0; i < s->member_count; i++) {
        const struct aws_member *m = wire_member(w, s, i);
        json_t *value = NULL;
        const char *text = m->location == LOCATION_HEADER ? http_header_of(reply, wire_name(w, m->wire_name)) : NULL;
        if (text)
            value = header_in(w, m, text);
        else if (m->location == LOCATION_HEADERS)
            value = prefix_headers_in(w, m, reply);
        else if (m->location == LOCATION_STATUS)
            value = json_integer(reply->status);
        if (value)
            json_object_set_new(output, wire_name(w, m->name), value);
    }
}
