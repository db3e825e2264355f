#include "base/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "base/vec.h"
#include "base/yaml_tree.h"

#define DEPTH_MAX 64

static bool fail_at(struct error *e, const char *file, size_t line, size_t column, const char *text)
{
    error_set(e, ERROR_INPUT, "yaml", "%s:%zu:%zu: %s", file, line, column, text);
    return false;
}

bool yaml_error(struct error *e, const struct yaml *at, const char *format, ...)
{
    char text[400];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    return fail_at(e, at->file, at->line, at->column, text);
}

void yaml_node_free(struct yaml *node)
{
    if (!node)
        return;
    for (size_t i = 0; i < node->count; i++) {
        yaml_node_free(node->items[i]);
        if (node->kind == YAML_MAP) {
            free(node->keys[i]);
            yaml_node_free((struct yaml *)(uintptr_t)node->key_nodes[i]);
        }
    }
    free(node->items);
    free(node->keys);
    free(node->key_nodes);
    free(node->text);
    free(node);
}

static struct yaml *copy(struct yaml_doc *doc, int id, int depth, struct error *e);

static struct yaml *node_new(struct yaml_doc *doc, const yaml_node_t *from, size_t room)
{
    struct yaml *node = mem_new(sizeof *node);
    node->file = doc->name;
    node->line = (unsigned)from->start_mark.line + 1;
    node->column = (unsigned)from->start_mark.column + 1;
    node->items = room ? mem_new_array(room, sizeof *node->items) : NULL;
    return node;
}

static struct yaml *copy_scalar(struct yaml_doc *doc, const yaml_node_t *from, struct error *e)
{
    struct yaml *node = node_new(doc, from, 0);
    const char *text = (const char *)from->data.scalar.value;
    node->kind = YAML_SCALAR;
    node->quoted = from->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    if (memchr(text, '\0', from->data.scalar.length)) {
        yaml_error(e, node, "a NUL character is not expected");
        yaml_node_free(node);
        return NULL;
    }
    node->text = mem_strndup(text, from->data.scalar.length);
    return node;
}

static bool add_item(struct yaml *node, struct yaml *item)
{
    if (!item)
        return false;
    item->parent = node;
    item->index = node->count;
    node->items[node->count] = item;
    return true;
}

static struct yaml *copy_list(struct yaml_doc *doc, const yaml_node_t *from, int depth, struct error *e)
{
    const yaml_node_item_t *start = from->data.sequence.items.start;
    size_t count = (size_t)(from->data.sequence.items.top - start);
    struct yaml *node = node_new(doc, from, count);
    node->kind = YAML_LIST;
    for (size_t i = 0; i < count; i++) {
        if (!add_item(node, copy(doc, start[i], depth + 1, e))) {
            yaml_node_free(node);
            return NULL;
        }
        node->count++;
    }
    return node;
}

static bool copy_pair(struct yaml_doc *doc, struct yaml *node, const yaml_node_pair_t *pair, int depth, struct error *e)
{
    struct yaml *key = copy(doc, pair->key, depth + 1, e);
    if (!key)
        return false;
    bool good = key->kind == YAML_SCALAR;
    if (!good)
        yaml_error(e, key, "expected a plain key");
    good = good && add_item(node, copy(doc, pair->value, depth + 1, e));
    if (!good) {
        yaml_node_free(key);
        return false;
    }
    node->keys[node->count] = mem_strdup(key->text);
    node->key_nodes[node->count] = key;
    node->items[node->count]->key = node->keys[node->count];
    node->count++;
    return true;
}

static int by_key(const void *a, const void *b)
{
    const struct yaml *x = *(const struct yaml *const *)a, *y = *(const struct yaml *const *)b;
    int order = strcmp(x->text, y->text);
    return order ? order : x->line != y->line ? (x->line > y->line) - (x->line < y->line) : (x->column > y->column) - (x->column < y->column);
}

/* By sorting: a file may have tens of thousands of keys. Of several, the first that repeats one is told. */
static bool keys_differ(const struct yaml *node, struct error *e)
{
    const struct yaml **sorted = mem_new_array(node->count, sizeof *sorted), *again = NULL, *first = NULL;
    if (node->count) {
        memcpy(sorted, node->key_nodes, node->count * sizeof *sorted);
        qsort(sorted, node->count, sizeof *sorted, by_key);
    }
    for (size_t i = 1; i < node->count; i++)
        if (strcmp(sorted[i - 1]->text, sorted[i]->text) == 0 &&
            (!again || sorted[i]->line < again->line || (sorted[i]->line == again->line && sorted[i]->column < again->column)))
            first = sorted[i - 1], again = sorted[i];
    free(sorted);
    return !again || yaml_error(e, again, "%s: the key stands twice; first on line %u", again->text, first->line);
}

static struct yaml *copy_map(struct yaml_doc *doc, const yaml_node_t *from, int depth, struct error *e)
{
    const yaml_node_pair_t *start = from->data.mapping.pairs.start;
    size_t count = (size_t)(from->data.mapping.pairs.top - start);
    struct yaml *node = node_new(doc, from, count);
    node->kind = YAML_MAP;
    node->keys = mem_new_array(count, sizeof *node->keys);
    node->key_nodes = mem_new_array(count, sizeof *node->key_nodes);
    bool good = true;
    for (size_t i = 0; good && i < count; i++)
        good = copy_pair(doc, node, &start[i], depth, e);
    if (good && keys_differ(node, e))
        return node;
    yaml_node_free(node);
    return NULL;
}

/* libyaml's node by its number, as a tree of its own: what aliases share is copied, within the limits. */
static struct yaml *copy(struct yaml_doc *doc, int id, int depth, struct error *e)
{
    const yaml_node_t *from = yaml_document_get_node(doc->source, id);
    size_t line = from->start_mark.line + 1, column = from->start_mark.column + 1;
    const char *wrong = doc->open[id]                   ? "an alias stands inside its own anchor"
                        : ++doc->nodes > YAML_NODE_MAX ? "too many nodes; aliases count each time"
                        : depth > DEPTH_MAX            ? "nested too deep"
                                                       : NULL;
    if (wrong) {
        fail_at(e, doc->name, line, column, wrong);
        return NULL;
    }
    doc->open[id] = true;
    struct yaml *node = from->type == YAML_SCALAR_NODE     ? copy_scalar(doc, from, e)
                        : from->type == YAML_SEQUENCE_NODE ? copy_list(doc, from, depth, e)
                                                           : copy_map(doc, from, depth, e);
    doc->open[id] = false;
    return node;
}

static bool parser_failed(const yaml_parser_t *parser, const char *name, struct error *e)
{
    /* A reader's fault (bad UTF-8, a control character) has an offset but no mark. */
    if (parser->error == YAML_READER_ERROR) {
        error_set(e, ERROR_INPUT, "yaml", "%s:1:1: not UTF-8 text: %s at byte %zu", name, parser->problem, parser->problem_offset);
        return false;
    }
    char text[300];
    text_format(text, sizeof text, "%s%s%s", parser->problem ? parser->problem : "not YAML", parser->context ? " " : "",
                parser->context ? parser->context : "");
    return fail_at(e, name, parser->problem_mark.line + 1, parser->problem_mark.column + 1, text);
}

static bool load_document(struct yaml_doc *doc, yaml_parser_t *parser, struct error *e)
{
    yaml_document_t source;
    if (!yaml_parser_load(parser, &source))
        return parser_failed(parser, doc->name, e);
    bool good = yaml_document_get_root_node(&source) != NULL;
    if (!good)
        fail_at(e, doc->name, 1, 1, "the file is empty; expected a mapping");
    if (good) {
        size_t count = (size_t)(source.nodes.top - source.nodes.start);
        doc->source = &source;
        doc->open = mem_new_array(count + 1, sizeof *doc->open);
        doc->root = copy(doc, 1, 0, e);
        free(doc->open);
        good = doc->root != NULL;
    }
    yaml_document_delete(&source);
    return good;
}

static bool nothing_follows(struct yaml_doc *doc, yaml_parser_t *parser, struct error *e)
{
    yaml_document_t next;
    if (!yaml_parser_load(parser, &next))
        return parser_failed(parser, doc->name, e);
    const yaml_node_t *root = yaml_document_get_root_node(&next);
    bool good = !root;
    if (root)
        fail_at(e, doc->name, root->start_mark.line + 1, root->start_mark.column + 1, "a second document; expected one");
    yaml_document_delete(&next);
    return good;
}

/* libyaml's time for brackets in brackets goes with their square: what is nested too deep is found before it reads on. Other faults are left
 * to the loader. */
static bool nests_sanely(const char *text, size_t len, const char *name, struct error *e)
{
    yaml_parser_t parser;
    yaml_event_t event;
    int depth = 0;
    bool over = false, good = true;
    yaml_parser_initialize(&parser);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
    while (good && !over && yaml_parser_parse(&parser, &event)) {
        depth += event.type == YAML_SEQUENCE_START_EVENT || event.type == YAML_MAPPING_START_EVENT;
        depth -= event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT;
        over = event.type == YAML_STREAM_END_EVENT;
        good = depth <= DEPTH_MAX + 1 || fail_at(e, name, event.start_mark.line + 1, event.start_mark.column + 1, "nested too deep");
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return good;
}

struct yaml_doc *yaml_load_text(const char *text, size_t len, const char *name, struct error *e)
{
    struct yaml_doc *doc = mem_new(sizeof *doc);
    yaml_parser_t parser;
    doc->name = mem_strdup(name);
    yaml_parser_initialize(&parser);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
    bool good = len <= YAML_FILE_MAX || fail_at(e, name, 1, 1, "larger than 1 MiB");
    good = good && nests_sanely(text, len, name, e) && load_document(doc, &parser, e) && nothing_follows(doc, &parser, e);
    yaml_parser_delete(&parser);
    if (good)
        return doc;
    yaml_doc_free(doc);
    return NULL;
}

struct yaml_doc *yaml_load_file(const char *path, struct error *e)
{
    struct str text = STR_INIT(YAML_FILE_MAX + 1);
    struct yaml_doc *doc = file_read(path, YAML_FILE_MAX, &text, e) ? yaml_load_text(str_text(&text), text.len, path, e) : NULL;
    str_free(&text);
    return doc;
}

const struct yaml *yaml_root(const struct yaml_doc *doc) { return doc->root; }

void yaml_doc_free(struct yaml_doc *doc)
{
    if (!doc)
        return;
    yaml_node_free(doc->root);
    yaml_doc_free(doc->over);
    free(doc->name);
    free(doc);
}

const struct yaml *yaml_get(const struct yaml *map, const char *key)
{
    for (size_t i = 0; map && map->kind == YAML_MAP && i < map->count; i++)
        if (strcmp(map->keys[i], key) == 0)
            return map->items[i];
    return NULL;
}
