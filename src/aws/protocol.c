#include "aws/protocol.h"

#include <stdlib.h>
#include <string.h>

#include "aws/wire.h"
#include "base/digest.h"
#include "base/mem.h"

#define BODY_MAX ((size_t)4 << 20)

enum shape_time wire_time(const struct wire *w, const struct aws_member *m, enum shape_time otherwise)
{
    if (m->time)
        return (enum shape_time)m->time;
    const struct aws_shape *s = wire_shape(w, m->shape);
    return s->time ? (enum shape_time)s->time : otherwise;
}

bool wire_flattened(const struct wire *w, const struct aws_member *m)
{
    return (m->flags & MEMBER_FLATTENED) || (wire_shape(w, m->shape)->flags & SHAPE_FLATTENED);
}

void aws_request_free(struct aws_request *request)
{
    free(request->method);
    free(request->path);
    mem_free_secret(request->query); /* a presigned one is as good as the keys while it lasts */
    free(request->host_prefix);
    for (size_t i = 0; i < request->headers.len; i++) {
        free(request->headers.at[i].name);
        mem_free_secret(request->headers.at[i].value);
    }
    vec_free(&request->headers);
    str_wipe(&request->body);
    *request = (struct aws_request){0};
}

const char *aws_request_header(const struct aws_request *request, const char *name)
{
    for (size_t i = 0; i < request->headers.len; i++)
        if (text_same_case(request->headers.at[i].name, name))
            return request->headers.at[i].value;
    return NULL;
}

void aws_request_set_header(struct aws_request *request, const char *name, const char *value)
{
    for (size_t i = 0; i < request->headers.len; i++)
        if (text_same_case(request->headers.at[i].name, name)) {
            mem_free_secret(request->headers.at[i].value);
            request->headers.at[i].value = mem_strdup(value);
            return;
        }
    struct aws_header *header = vec_add(&request->headers);
    header->name = mem_strdup(name);
    for (char *c = header->name; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + 32);
    header->value = mem_strdup(value);
}

/* Checking the input against the model, whatever the protocol: a wrong member is named by its path. */

struct check {
    const struct wire *w;
    struct str path;
    struct error *e;
};

static bool refuse(struct check *c, const char *what)
{
    error_set(c->e, ERROR_INPUT, "ParamValidation", "%s: %s", c->path.len ? str_text(&c->path) : "input", what);
    return false;
}

static bool check_value(struct check *c, const struct aws_shape *s, const json_t *value);

static bool check_at(struct check *c, const struct aws_shape *s, const json_t *value, const char *step)
{
    size_t len = c->path.len;
    str_addf(&c->path, "%s%s", len && *step != '[' ? "." : "", step);
    bool good = check_value(c, s, value);
    str_cut(&c->path, len, c->path.len - len);
    return good;
}

static bool check_structure(struct check *c, const struct aws_shape *s, const json_t *value)
{
    const char *key;
    json_t *item;
    uint16_t index = (uint16_t)(s - c->w->t->shapes);
    if (!json_is_object(value))
        return refuse(c, "expected an object");
    json_object_foreach((json_t *)(uintptr_t)value, key, item) {
        const struct aws_member *m = aws_member_find(c->w->t, index, key);
        struct str what = STR_INIT(STR_TEXT_MAX);
        str_addf(&what, "no member \"%s\"", key);
        bool good = m ? json_is_null(item) || check_at(c, wire_shape(c->w, m->shape), item, key) : refuse(c, str_text(&what));
        str_free(&what);
        if (!good)
            return false;
    }
    for (size_t i = 0; i < s->member_count; i++) {
        const struct aws_member *m = wire_member(c->w, s, i);
        const char *name = wire_name(c->w, m->name);
        const json_t *given = json_object_get(value, name);
        if ((m->flags & MEMBER_REQUIRED) && (!given || json_is_null(given))) {
            struct str what = STR_INIT(STR_TEXT_MAX);
            str_addf(&what, "required member \"%s\" is missing", name);
            refuse(c, str_text(&what));
            str_free(&what);
            return false;
        }
    }
    return true;
}

static bool check_list(struct check *c, const struct aws_shape *s, const json_t *value)
{
    if (!json_is_array(value))
        return refuse(c, "expected a list");
    for (size_t i = 0; i < json_array_size(value); i++) {
        char step[32];
        text_format(step, sizeof step, "[%zu]", i);
        const json_t *item = json_array_get(value, i);
        if (!json_is_null(item) && !check_at(c, wire_shape(c->w, wire_member(c->w, s, 0)->shape), item, step))
            return false;
    }
    return true;
}

static bool check_map(struct check *c, const struct aws_shape *s, const json_t *value)
{
    const char *key;
    json_t *item;
    if (!json_is_object(value))
        return refuse(c, "expected an object");
    json_object_foreach((json_t *)(uintptr_t)value, key, item)
        if (!json_is_null(item) && !check_at(c, wire_shape(c->w, wire_member(c->w, s, 1)->shape), item, key))
            return false;
    return true;
}

/* JSON has no spelling of its own for these. */
static bool is_named_number(const char *text) { return text_equal(text, "NaN") || text_equal(text, "Infinity") || text_equal(text, "-Infinity"); }

static bool is_base64(const json_t *value)
{
    struct str bytes = STR_INIT(BODY_MAX);
    bool good = json_is_string(value) && base64_decode(json_string_value(value), json_string_length(value), &bytes);
    str_wipe(&bytes);
    return good;
}

static bool check_value(struct check *c, const struct aws_shape *s, const json_t *value)
{
    double seconds;
    if (s->flags & SHAPE_DOCUMENT)
        return true;
    switch (s->type) {
    case SHAPE_STRUCTURE:
        return check_structure(c, s, value);
    case SHAPE_LIST:
        return check_list(c, s, value);
    case SHAPE_MAP:
        return check_map(c, s, value);
    case SHAPE_BOOLEAN:
        return json_is_boolean(value) || refuse(c, "expected true or false");
    case SHAPE_INTEGER:
        return json_is_integer(value) || refuse(c, "expected a whole number");
    case SHAPE_DOUBLE:
        return json_is_number(value) || is_named_number(json_string_value(value)) || refuse(c, "expected a number");
    case SHAPE_TIMESTAMP:
        return value_seconds(value, &seconds) || refuse(c, "expected a time: seconds since 1970, or 2026-11-23T20:17:38Z");
    case SHAPE_BLOB:
        return is_base64(value) || refuse(c, "expected bytes as base64");
    default:
        return json_is_string(value) || refuse(c, "expected a text");
    }
}

/* A copy of the input with tokens where the model wants one and none was given. */
static json_t *with_tokens(const struct wire *w, const json_t *input)
{
    json_t *copy = input ? json_copy((json_t *)(uintptr_t)input) : json_object();
    const struct aws_shape *s = wire_shape(w, w->operation->input);
    for (size_t i = 0; s && i < s->member_count; i++) {
        const struct aws_member *m = wire_member(w, s, i);
        if ((m->flags & MEMBER_IDEMPOTENCY) && !json_object_get(copy, wire_name(w, m->name))) {
            char token[37];
            random_uuid(token);
            json_object_set_new(copy, wire_name(w, m->name), json_string(token));
        }
    }
    return copy;
}

/* "{account}.data-" with members of the input put in; they must be one DNS label. */
static bool expand_host_prefix(const struct wire *w, const json_t *input, struct aws_request *request, struct error *e)
{
    const char *p = wire_name(w, w->operation->host_prefix);
    struct str out = STR_INIT(256);
    while (*p) {
        size_t plain = strcspn(p, "{");
        str_add(&out, p, plain);
        p += plain;
        if (!*p)
            break;
        size_t len = strcspn(p, "}");
        char name[80];
        text_format(name, sizeof name, "%.*s", (int)len - 1, p + 1);
        const char *value = json_string_value(json_object_get(input, name));
        if (!value || !*value || strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") != strlen(value)) {
            error_set(e, ERROR_INPUT, "ParamValidation", "%s: expected letters, digits and hyphens", name);
            str_free(&out);
            return false;
        }
        str_adds(&out, value);
        p += len + (p[len] == '}');
    }
    request->host_prefix = str_take(&out);
    return true;
}

static bool build(const struct wire *w, const json_t *input, struct aws_request *request, struct error *e)
{
    if (w->operation->host_prefix && !expand_host_prefix(w, input, request, e))
        return false;
    switch ((enum aws_protocol)w->service->protocol) {
    case AWS_QUERY:
    case AWS_EC2:
        return query_build(w, input, request);
    case AWS_JSON_1_0:
    case AWS_JSON_1_1:
        return json_build(w, input, request);
    default:
        return rest_build(w, input, request, e);
    }
}

bool aws_request_build(const struct aws_table *t, const struct aws_service *service, const struct aws_operation *operation, const json_t *input,
                       struct aws_request *request, struct error *e)
{
    struct wire w = {t, service, operation};
    struct check check = {&w, STR_INIT(4096), e};
    *request = (struct aws_request){.method = mem_strdup(aws_name(t, operation->method))};
    str_init(&request->body, BODY_MAX);
    json_t *whole = with_tokens(&w, input);
    const struct aws_shape *s = wire_shape(&w, operation->input);
    bool good = s ? check_value(&check, s, whole) : json_object_size(whole) == 0 || refuse(&check, "the operation takes no input");
    str_free(&check.path);
    if (good)
        error_clear(e);
    good = good && build(&w, whole, request, e);
    json_decref(whole);
    if (good && request->body.overflow)
        good = false;
    if (!good && e->kind == ERROR_NONE)
        error_set(e, ERROR_INPUT, "ParamValidation", "the request is larger than %zu bytes, or a value cannot be written", BODY_MAX);
    if (!request->path)
        request->path = mem_strdup("/");
    if (!request->query)
        request->query = mem_strdup("");
    return good;
}
