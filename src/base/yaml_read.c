/* Reading a mapping into a struct by a table of fields. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/when.h"
#include "base/yaml.h"

/* "accounts[0].cluster", from the root down; "" for the root. */
static void add_path(struct str *out, const struct yaml *node)
{
    if (!node->parent)
        return;
    add_path(out, node->parent);
    if (node->key)
        str_addf(out, "%s%s", out->len ? "." : "", node->key);
    else
        str_addf(out, "[%zu]", node->index);
}

bool yaml_expected(struct error *e, const struct yaml *node, const char *expected)
{
    static const char *const kinds[] = {[YAML_LIST] = "a list", [YAML_MAP] = "a mapping"};
    struct str path = STR_INIT(STR_TEXT_MAX);
    add_path(&path, node);
    const char *quote = node->kind == YAML_SCALAR ? "\"" : "";
    yaml_error(e, node, "%s: expected %s, found %s%s%s", str_text(&path), expected, quote, node->kind == YAML_SCALAR ? node->text : kinds[node->kind],
               quote);
    str_free(&path);
    return false;
}

static bool read_int(const struct yaml *node, const struct yaml_field *field, int64_t *out, struct error *e)
{
    char *end, expected[80];
    bool bounded = field->max > field->min;
    errno = 0;
    long long n = node->kind == YAML_SCALAR && !node->quoted && *node->text ? strtoll(node->text, &end, 10) : (end = "?", 0);
    if (*end == '\0' && errno == 0 && (!bounded || (n >= field->min && n <= field->max))) {
        *out = n;
        return true;
    }
    if (bounded)
        text_format(expected, sizeof expected, "a whole number from %lld to %lld", (long long)field->min, (long long)field->max);
    else
        text_format(expected, sizeof expected, "a whole number");
    return yaml_expected(e, node, expected);
}

static bool parse_double(const struct yaml *node, const char *suffix, double *out)
{
    char *end;
    if (node->kind != YAML_SCALAR || !*node->text || strspn(node->text, "+-.0123456789eE%") != strlen(node->text))
        return false;
    double number = strtod(node->text, &end);
    if (end == node->text || strcmp(end, suffix) != 0)
        return false;
    *out = number;
    return true;
}

static bool read_choice(const struct yaml *node, const struct yaml_field *field, int *out, struct error *e)
{
    struct str expected = STR_INIT(STR_TEXT_MAX);
    for (int i = 0; field->choices[i]; i++) {
        if (node->kind == YAML_SCALAR && strcmp(node->text, field->choices[i]) == 0) {
            str_free(&expected);
            *out = i;
            return true;
        }
        str_addf(&expected, "%s%s", i == 0 ? "" : field->choices[i + 1] ? ", " : " or ", field->choices[i]);
    }
    yaml_expected(e, node, str_text(&expected));
    str_free(&expected);
    return false;
}

static bool read_text(const struct yaml *node, char **out, struct error *e)
{
    if (node->kind != YAML_SCALAR || (!*node->text && !node->quoted))
        return yaml_expected(e, node, "text");
    free(*out);
    *out = mem_strdup(node->text);
    return true;
}

static bool read_value(const struct yaml *node, const struct yaml_field *field, void *base, struct error *e)
{
    void *target = (char *)base + field->offset;
    bool scalar = node->kind == YAML_SCALAR;
    switch (field->type) {
    case YAML_T_TEXT:
        return read_text(node, target, e);
    case YAML_T_INT:
        return read_int(node, field, target, e);
    case YAML_T_DOUBLE:
        return parse_double(node, "", target) || yaml_expected(e, node, "a number");
    case YAML_T_PERCENT:
        if (!parse_double(node, "%", target) || *(double *)target < 0 || *(double *)target > 100)
            return yaml_expected(e, node, "a percentage such as 70%");
        *(double *)target /= 100;
        return true;
    case YAML_T_BOOL:
        if (!scalar || node->quoted || (strcmp(node->text, "true") != 0 && strcmp(node->text, "false") != 0))
            return yaml_expected(e, node, "true or false");
        *(bool *)target = *node->text == 't';
        return true;
    case YAML_T_DURATION:
        return (scalar && when_parse_span(node->text, target)) || yaml_expected(e, node, "a duration such as 120s, 5m or 1h30m");
    case YAML_T_CHOICE:
        return read_choice(node, field, target, e);
    case YAML_T_MAP:
        return node->kind == YAML_MAP ? yaml_read(node, field->fields, target, e) : yaml_expected(e, node, "a mapping");
    case YAML_T_CUSTOM:
        return field->read(node, target, e);
    }
    return false;
}

static bool unknown_key(struct error *e, const struct yaml *map, size_t i, const struct yaml_field *fields)
{
    struct str valid = STR_INIT(STR_TEXT_MAX), path = STR_INIT(STR_TEXT_MAX);
    add_path(&path, map->items[i]);
    for (const struct yaml_field *f = fields; f->key; f++)
        str_addf(&valid, "%s%s", f == fields ? "" : ", ", f->key);
    yaml_error(e, map->key_nodes[i], "%s: unknown key; expected one of %s", str_text(&path), str_text(&valid));
    str_free(&valid);
    str_free(&path);
    return false;
}

static bool missing_key(struct error *e, const struct yaml *map, const char *key)
{
    struct str path = STR_INIT(STR_TEXT_MAX);
    add_path(&path, map);
    yaml_error(e, map, "%s%s%s: missing", str_text(&path), path.len ? "." : "", key);
    str_free(&path);
    return false;
}

bool yaml_read(const struct yaml *map, const struct yaml_field *fields, void *base, struct error *e)
{
    if (map->kind != YAML_MAP)
        return map->parent ? yaml_expected(e, map, "a mapping") : yaml_error(e, map, "expected a mapping");
    for (size_t i = 0; i < map->count; i++) {
        const struct yaml_field *field = fields;
        while (field->key && strcmp(field->key, map->keys[i]) != 0)
            field++;
        if (!field->key)
            return unknown_key(e, map, i, fields);
        if (!read_value(map->items[i], field, base, e))
            return false;
    }
    for (const struct yaml_field *field = fields; field->key; field++)
        if (field->required && !yaml_get(map, field->key))
            return missing_key(e, map, field->key);
    return true;
}
