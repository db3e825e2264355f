#include "base/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/repair.h"
#include "base/text.h"
#include "base/when.h"

static json_t *step_into(const json_t *tree, const char *name, size_t len)
{
    char key[128];
    if (len >= sizeof key)
        return NULL;
    memcpy(key, name, len);
    key[len] = '\0';
    if (json_is_array(tree))
        return strspn(key, "0123456789") == len && len ? json_array_get(tree, strtoul(key, NULL, 10)) : NULL;
    return json_object_get(tree, key);
}

json_t *json_at(const json_t *tree, const char *path)
{
    json_t *at = (json_t *)(uintptr_t)tree;
    while (at && *path) {
        size_t len = strcspn(path, ".");
        at = step_into(at, path, len);
        path += len + (path[len] == '.');
    }
    return at;
}

const char *json_text(const json_t *tree, const char *path) { return json_string_value(json_at(tree, path)); }

const char *json_text_or(const json_t *tree, const char *path, const char *otherwise)
{
    const char *text = json_text(tree, path);
    return text ? text : otherwise;
}

double json_number(const json_t *tree, const char *path, double otherwise)
{
    const json_t *at = json_at(tree, path);
    if (json_is_number(at))
        return json_number_value(at);
    const char *text = json_string_value(at);
    char *end;
    double number = text && *text ? strtod(text, &end) : otherwise;
    return text && *text && *end == '\0' && isfinite(number) ? number : otherwise;
}

int64_t json_int(const json_t *tree, const char *path, int64_t otherwise)
{
    const json_t *at = json_at(tree, path);
    if (json_is_integer(at))
        return json_integer_value(at);
    double number = json_number(tree, path, NAN);
    return number > -9e18 && number < 9e18 ? (int64_t)number : otherwise;
}

bool json_flag(const json_t *tree, const char *path, bool otherwise)
{
    const json_t *at = json_at(tree, path);
    return json_is_boolean(at) ? json_is_true(at) : otherwise;
}

int64_t json_when(const json_t *tree, const char *path)
{
    const json_t *at = json_at(tree, path);
    int64_t ms = 0;
    if (json_is_number(at)) {
        double seconds = json_number_value(at);
        return seconds > -9e15 && seconds < 9e15 ? (int64_t)llround(seconds * 1000) : 0;
    }
    if (json_is_string(at))
        when_parse_iso(json_string_value(at), &ms);
    return ms;
}

json_t *json_load(const char *text, size_t len, struct error *e)
{
    json_error_t why;
    json_t *tree = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    if (!tree)
        error_set(e, ERROR_PROTOCOL, "BadJSON", "line %d column %d: %s", why.line, why.column, why.text);
    return tree;
}

json_t *json_load_reply(const char *text, size_t len, struct error *e)
{
    json_error_t why;
    json_t *tree = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    bool twice = !tree && json_error_code(&why) == json_error_duplicate_key;
    if (!tree && !twice) { /* seldom. Names that differed may be one once they are repaired: the last counts */
        struct str whole = STR_INIT(len * REPAIR_GROWTH);
        repair_json(text, len, &whole);
        tree = json_loadb(str_text(&whole), whole.len, JSON_DECODE_ANY, &why);
        str_wipe(&whole);
    }
    if (!tree)
        error_set(e, ERROR_PROTOCOL, "BadJSON", "line %d column %d: %s", why.line, why.column, why.text);
    return tree;
}

/* May the text stand without quotes and still be read as the same string? */
static bool is_plain(const char *s)
{
    static const char *const words[] = {"null", "true", "false", "yes", "no", "on", "off", "<<"};
    if (!*s || strchr("-?:,[]{}#&*!|>'\"%@` 0123456789+.=~", *s) || s[strlen(s) - 1] == ' ' || strstr(s, ": ") || strstr(s, " #") ||
        text_ends(s, ":"))
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_same_case(s, words[i]))
            return false;
    return true;
}

static void add_string(const char *s, size_t len, struct str *out)
{
    char *clean = mem_new(len * 3 + 4); /* a bad byte becomes three */
    text_clean(clean, len * 3 + 4, s, len);
    if (is_plain(clean)) {
        str_adds(out, clean);
    } else {
        str_addc(out, '"');
        for (const char *p = clean; *p; p++) {
            if (*p == '"' || *p == '\\')
                str_addc(out, '\\');
            str_addc(out, *p);
        }
        str_addc(out, '"');
    }
    free(clean);
}

static void add_node(const json_t *node, size_t depth, bool after_dash, struct str *out);

static void indent(size_t depth, struct str *out)
{
    for (size_t i = 0; i < depth; i++)
        str_adds(out, "  ");
}

static bool is_nested(const json_t *node) { return json_object_size(node) > 0 || json_array_size(node) > 0; }

static void add_scalar(const json_t *node, struct str *out)
{
    if (json_is_string(node))
        add_string(json_string_value(node), json_string_length(node), out);
    else if (json_is_integer(node))
        str_addf(out, "%lld", (long long)json_integer_value(node));
    else if (json_is_real(node))
        str_addf(out, "%.15g", json_real_value(node));
    else
        str_adds(out, json_is_true(node)     ? "true"
                      : json_is_false(node)  ? "false"
                      : json_is_object(node) ? "{}"
                      : json_is_array(node)  ? "[]"
                                             : "null");
    str_addc(out, '\n');
}

static void add_map(const json_t *node, size_t depth, bool after_dash, struct str *out)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)node, key, value) {
        if (!after_dash)
            indent(depth, out);
        after_dash = false;
        add_string(key, strlen(key), out);
        str_addc(out, ':');
        str_addc(out, is_nested(value) ? '\n' : ' ');
        add_node(value, depth + 1, false, out);
    }
}

static void add_node(const json_t *node, size_t depth, bool after_dash, struct str *out)
{
    if (out->overflow)
        return;
    if (!is_nested(node)) {
        add_scalar(node, out);
    } else if (json_is_object(node)) {
        add_map(node, depth, after_dash, out);
    } else {
        for (size_t i = 0; i < json_array_size(node); i++) {
            if (!after_dash)
                indent(depth, out);
            after_dash = false;
            str_adds(out, "- ");
            add_node(json_array_get(node, i), depth + 1, true, out);
        }
    }
}

bool json_to_yaml(const json_t *tree, struct str *out)
{
    add_node(tree, 0, false, out);
    return !out->overflow;
}
