/* The query protocol and its EC2 dialect: a form of name=value pairs, nested names joined by points. */
#include <string.h>

#include "aws/wire.h"
#include "base/digest.h"
#include "base/mem.h"

struct form {
    const struct wire *w;
    bool ec2;
    struct str prefix;
    struct str *out;
};

static void add_pair(struct form *f, const char *value, size_t len)
{
    str_adds(f->out, f->out->len ? "&" : "");
    percent_add(f->out, str_text(&f->prefix), f->prefix.len, false);
    str_addc(f->out, '=');
    percent_add(f->out, value, len, false);
}

static bool add_value(struct form *f, const struct aws_member *m, const json_t *value);

/* With one more step in the name. */
static bool add_under(struct form *f, const char *step, const struct aws_member *m, const json_t *value)
{
    size_t len = f->prefix.len;
    str_addf(&f->prefix, "%s%s", len ? "." : "", step);
    bool good = add_value(f, m, value);
    str_cut(&f->prefix, len, f->prefix.len - len);
    return good;
}

/* EC2 takes queryName, else locationName with a capital. */
static void member_name(const struct form *f, const struct aws_member *m, char *out, size_t size)
{
    bool own = f->ec2 && m->query_name;
    text_copy(out, size, wire_name(f->w, own ? m->query_name : m->wire_name));
    if (f->ec2 && !own && *out >= 'a' && *out <= 'z')
        *out = (char)(*out - 32);
}

static bool add_structure(struct form *f, const struct aws_shape *s, const json_t *value)
{
    for (size_t i = 0; i < s->member_count; i++) {
        const struct aws_member *m = wire_member(f->w, s, i);
        const json_t *item = json_object_get(value, wire_name(f->w, m->name));
        char name[160];
        member_name(f, m, name, sizeof name);
        if (item && !json_is_null(item) && !add_under(f, name, m, item))
            return false;
    }
    return true;
}

/* A flattened list's own last step gives way to its element's name, where the model names the element and not the list. */
static void flatten_name(struct form *f, const struct aws_member *list, const struct aws_member *element)
{
    const char *name = wire_name(f->w, element->wire_name);
    if (list->wire_name != list->name || strcmp(name, "member") == 0)
        return;
    const char *text = str_text(&f->prefix), *point = strrchr(text, '.');
    size_t keep = point ? (size_t)(point - text) + 1 : 0;
    str_cut(&f->prefix, keep, f->prefix.len - keep);
    str_adds(&f->prefix, name);
}

static bool add_list(struct form *f, const struct aws_member *m, const json_t *value)
{
    const struct aws_member *element = wire_member(f->w, wire_shape(f->w, m->shape), 0);
    if (json_array_size(value) == 0) {
        if (!f->ec2)
            add_pair(f, "", 0);
        return true;
    }
    char *before = mem_strdup(str_text(&f->prefix));
    if (!f->ec2 && wire_flattened(f->w, m))
        flatten_name(f, m, element);
    else if (!f->ec2)
        str_addf(&f->prefix, ".%s", wire_name(f->w, element->wire_name));
    bool good = true;
    for (size_t i = 0; good && i < json_array_size(value); i++) {
        char step[24];
        text_format(step, sizeof step, "%zu", i + 1);
        good = add_under(f, step, element, json_array_get(value, i));
    }
    str_clear(&f->prefix);
    str_adds(&f->prefix, before);
    mem_free_secret(before);
    return good;
}

static bool add_map(struct form *f, const struct aws_member *m, const json_t *value)
{
    const struct aws_shape *s = wire_shape(f->w, m->shape);
    const struct aws_member *key_member = wire_member(f->w, s, 0), *value_member = wire_member(f->w, s, 1);
    const char *key;
    json_t *item;
    int i = 0;
    json_object_foreach((json_t *)(uintptr_t)value, key, item) {
        char step[160];
        const char *entry = wire_flattened(f->w, m) ? "" : "entry.";
        json_t *text = json_string(key);
        text_format(step, sizeof step, "%s%d.%s", entry, ++i, wire_name(f->w, key_member->wire_name));
        bool good = add_under(f, step, key_member, text);
        json_decref(text);
        text_format(step, sizeof step, "%s%d.%s", entry, i, wire_name(f->w, value_member->wire_name));
        if (!good || !add_under(f, step, value_member, item))
            return false;
    }
    return true;
}

static bool add_value(struct form *f, const struct aws_member *m, const json_t *value)
{
    const struct aws_shape *s = wire_shape(f->w, m->shape);
    if (s->type == SHAPE_STRUCTURE)
        return add_structure(f, s, value);
    if (s->type == SHAPE_LIST)
        return add_list(f, m, value);
    if (s->type == SHAPE_MAP)
        return add_map(f, m, value);
    struct str text = STR_INIT(f->out->max);
    bool good = value_add_text(f->w, s, wire_time(f->w, m, TIME_ISO8601), value, &text);
    add_pair(f, str_text(&text), text.len);
    str_wipe(&text);
    return good;
}

bool query_build(const struct wire *w, const json_t *input, struct aws_request *request)
{
    struct form form = {w, w->service->protocol == AWS_EC2, STR_INIT(4096), &request->body};
    const struct aws_shape *s = wire_shape(w, w->operation->input);
    request->path = mem_strdup("/");
    aws_request_set_header(request, "content-type", "application/x-www-form-urlencoded; charset=utf-8");
    str_addf(&request->body, "Action=%s&Version=%s", wire_name(w, w->operation->name), wire_name(w, w->service->api_version));
    bool good = (!s || add_structure(&form, s, input)) && !form.prefix.overflow;
    str_free(&form.prefix);
    return good;
}
