/* XML bodies: written for rest-xml, read for rest-xml, query and EC2. */
#include <string.h>

#include "aws/wire.h"

static void add_escaped(struct str *out, const char *text, size_t len)
{
    static const struct {
        char c;
        const char *as;
    } table[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\r', "&#xD;"}, {'\n', "&#xA;"}};
    for (size_t i = 0; i < len; i++) {
        const char *as = NULL;
        for (size_t k = 0; k < sizeof table / sizeof *table; k++)
            if (table[k].c == text[i])
                as = table[k].as;
        if (as)
            str_adds(out, as);
        else
            str_addc(out, text[i]);
    }
}

static void add_namespace(const struct wire *w, uint32_t uri, uint32_t prefix, struct str *out)
{
    if (uri)
        str_addf(out, " xmlns%s%s=\"%s\"", prefix ? ":" : "", wire_name(w, prefix), wire_name(w, uri));
}

static bool add_attributes(const struct wire *w, const struct aws_shape *s, const json_t *value, struct str *out)
{
    for (size_t i = 0; i < s->member_count; i++) {
        const struct aws_member *m = wire_member(w, s, i);
        const json_t *item = json_object_get(value, wire_name(w, m->name));
        if (!(m->flags & MEMBER_XML_ATTRIBUTE) || !item || json_is_null(item))
            continue;
        struct str text = STR_INIT(out->max);
        bool good = value_add_text(w, wire_shape(w, m->shape), wire_time(w, m, TIME_ISO8601), item, &text);
        str_addf(out, " %s=\"", wire_name(w, m->wire_name));
        add_escaped(out, str_text(&text), text.len);
        str_addc(out, '"');
        str_free(&text);
        if (!good)
            return false;
    }
    return true;
}

static bool add_members(const struct wire *w, const struct aws_shape *s, const json_t *value, struct str *out)
{
    for (size_t i = 0; i < s->member_count; i++) {
        const struct aws_member *m = wire_member(w, s, i);
        const json_t *item = json_object_get(value, wire_name(w, m->name));
        if (item && !json_is_null(item) && m->location == LOCATION_BODY && !(m->flags & MEMBER_XML_ATTRIBUTE) &&
            !xml_shape_out(w, m, wire_name(w, m->wire_name), item, out))
            return false;
    }
    return true;
}

static bool list_out(const struct wire *w, const struct aws_member *m, const char *name, const json_t *value, struct str *out)
{
    const struct aws_member *element = wire_member(w, wire_shape(w, m->shape), 0);
    bool flat = wire_flattened(w, m), good = true;
    if (!flat) {
        str_addf(out, "<%s", name);
        add_namespace(w, m->xml_namespace, m->xml_prefix, out);
        str_addc(out, '>');
    }
    for (size_t i = 0; good && i < json_array_size(value); i++)
        good = xml_shape_out(w, element, flat ? name : wire_name(w, element->wire_name), json_array_get(value, i), out);
    if (!flat)
        str_addf(out, "</%s>", name);
    return good;
}

static bool map_out(const struct wire *w, const struct aws_member *m, const char *name, const json_t *value, struct str *out)
{
    const struct aws_shape *s = wire_shape(w, m->shape);
    const struct aws_member *key_member = wire_member(w, s, 0), *value_member = wire_member(w, s, 1);
    bool flat = wire_flattened(w, m), good = true;
    const char *key, *entry = flat ? name : "entry";
    json_t *item;
    if (!flat) {
        str_addf(out, "<%s", name);
        add_namespace(w, m->xml_namespace, m->xml_prefix, out);
        str_addc(out, '>');
    }
    json_object_foreach((json_t *)(uintptr_t)value, key, item) {
        json_t *text = json_string(key);
        str_addf(out, "<%s>", entry);
        good = good && xml_shape_out(w, key_member, wire_name(w, key_member->wire_name), text, out) &&
               xml_shape_out(w, value_member, wire_name(w, value_member->wire_name), item, out);
        str_addf(out, "</%s>", entry);
        json_decref(text);
    }
    if (!flat)
        str_addf(out, "</%s>", name);
    return good;
}

bool xml_shape_out(const struct wire *w, const struct aws_member *m, const char *name, const json_t *value, struct str *out)
{
    const struct aws_shape *s = wire_shape(w, m->shape);
    bool good;
    if (s->type == SHAPE_LIST)
        return list_out(w, m, name, value, out);
    if (s->type == SHAPE_MAP)
        return map_out(w, m, name, value, out);
    str_addf(out, "<%s", name);
    add_namespace(w, m->xml_namespace ? m->xml_namespace : s->xml_namespace, m->xml_prefix, out);
    if (s->type == SHAPE_STRUCTURE) {
        good = add_attributes(w, s, value, out);
        str_addc(out, '>');
        good = good && add_members(w, s, value, out);
    } else {
        struct str text = STR_INIT(out->max);
        good = value_add_text(w, s, wire_time(w, m, TIME_ISO8601), value, &text);
        str_addc(out, '>');
        add_escaped(out, str_text(&text), text.len);
        str_wipe(&text);
    }
    str_addf(out, "</%s>", name);
    return good;
}

bool xml_root_out(const struct wire *w, const struct aws_shape *s, const struct aws_member *m, const json_t *value, struct str *out)
{
    uint32_t own = s->wire_name ? s->wire_name : s->name;
    const char *name = wire_name(w, m && strcmp(wire_name(w, m->wire_name), wire_name(w, m->name)) != 0 ? m->wire_name : own);
    uint32_t space = m && m->xml_namespace ? m->xml_namespace : s->xml_namespace ? s->xml_namespace : w->service->xml_namespace;
    str_addf(out, "<%s", name);
    add_namespace(w, space, m ? m->xml_prefix : 0, out);
    bool good = add_attributes(w, s, value, out);
    str_addc(out, '>');
    good = good && add_members(w, s, value, out);
    str_addf(out, "</%s>", name);
    return good;
}

/* Reading. */

static json_t *list_in(const struct wire *w, const struct aws_member *m, const struct xml *node)
{
    const struct aws_member *element = wire_member(w, wire_shape(w, m->shape), 0);
    json_t *out = json_array();
    for (const struct xml *child = node->child; child; child = child->next) {
        json_t *item = xml_shape_in(w, element, child);
        if (item)
            json_array_append_new(out, item);
    }
    return out;
}

static void map_entry_in(const struct wire *w, const struct aws_shape *s, const struct xml *entry, json_t *out)
{
    const struct aws_member *value_member = wire_member(w, s, 1);
    const char *key = xml_child_text(entry, wire_name(w, wire_member(w, s, 0)->wire_name));
    const struct xml *value = xml_child(entry, wire_name(w, value_member->wire_name));
    json_t *item = key && value ? xml_shape_in(w, value_member, value) : NULL;
    if (item)
        json_object_set_new(out, key, item);
}

/* Elements of the same name side by side. */
static json_t *flat_in(const struct wire *w, const struct aws_member *m, const char *name, const struct xml *parent)
{
    const struct aws_shape *s = wire_shape(w, m->shape);
    json_t *out = NULL;
    for (const struct xml *child = parent->child; child; child = child->next) {
        if (strcmp(child->name, name) != 0)
            continue;
        if (!out)
            out = s->type == SHAPE_MAP ? json_object() : json_array();
        if (s->type == SHAPE_MAP) {
            map_entry_in(w, s, child, out);
        } else {
            json_t *item = xml_shape_in(w, wire_member(w, s, 0), child);
            if (item)
                json_array_append_new(out, item);
        }
    }
    return out;
}

static json_t *member_in(const struct wire *w, const struct aws_member *m, const struct xml *node)
{
    const struct aws_shape *s = wire_shape(w, m->shape);
    const char *name = wire_name(w, m->wire_name);
    if (m->flags & MEMBER_XML_ATTRIBUTE) {
        const char *text = xml_attribute(node, name);
        return text ? value_from_text(s, wire_time(w, m, TIME_ISO8601), text) : NULL;
    }
    if ((s->type == SHAPE_LIST || s->type == SHAPE_MAP) && wire_flattened(w, m)) {
        /* A flattened list's elements carry the element's own name, where the model gives it one. */
        const char *own = wire_name(w, wire_member(w, s, 0)->wire_name);
        bool named = s->type == SHAPE_LIST && strcmp(own, "member") != 0 && xml_child(node, own);
        return flat_in(w, m, named ? own : name, node);
    }
    const struct xml *child = xml_child(node, name);
    return child ? xml_shape_in(w, m, child) : NULL;
}

json_t *xml_structure_in(const struct wire *w, const struct aws_shape *s, const struct xml *node)
{
    json_t *out = json_object();
    for (size_t i = 0; i < s->member_count; i++) {
        const struct aws_member *m = wire_member(w, s, i);
        bool elsewhere = m->location == LOCATION_HEADER || m->location == LOCATION_HEADERS || m->location == LOCATION_STATUS;
        json_t *item = elsewhere ? NULL : member_in(w, m, node);
        if (item)
            json_object_set_new(out, wire_name(w, m->name), item);
    }
    return out;
}

json_t *xml_shape_in(const struct wire *w, const struct aws_member *m, const struct xml *node)
{
    const struct aws_shape *s = wire_shape(w, m->shape);
    if (s->type == SHAPE_STRUCTURE)
        return xml_structure_in(w, s, node);
    if (s->type == SHAPE_LIST)
        return list_in(w, m, node);
    if (s->type != SHAPE_MAP)
        return value_from_text(s, wire_time(w, m, TIME_ISO8601), node->text);
    json_t *out = json_object();
    for (const struct xml *entry = node->child; entry; entry = entry->next)
        map_entry_in(w, s, entry, out);
    return out;
}
