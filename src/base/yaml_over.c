/* One YAML document over another. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/yaml_tree.h"

/* By what an entry of a list is known. */
static const char *const names[] = {"id", "name", "namespace", "digest", "sha", "login", "dimensions"};
#define NAMES (sizeof names / sizeof *names)

static bool lay(struct yaml *under, struct yaml *over, struct error *e);

static bool same(const struct yaml *a, const struct yaml *b)
{
    if (a->kind != b->kind || a->count != b->count || (a->kind == YAML_SCALAR && strcmp(a->text, b->text) != 0))
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct yaml *other = a->kind == YAML_MAP ? yaml_get(b, a->keys[i]) : b->items[i];
        if (!other || !same(a->items[i], other))
            return false;
    }
    return true;
}

static bool is_named(const struct yaml *node)
{
    bool found = false;
    for (size_t i = 0; i < NAMES; i++)
        found |= yaml_get(node, names[i]) != NULL;
    return found;
}

static bool all_named(const struct yaml *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (!is_named(list->items[i]))
            return false;
    return list->count > 0;
}

/* What both say of their names is the same, and there is some of it. */
static bool is_meant(const struct yaml *entry, const struct yaml *by)
{
    bool found = false;
    for (size_t i = 0; i < NAMES; i++) {
        const struct yaml *has = yaml_get(entry, names[i]), *wanted = yaml_get(by, names[i]);
        if (has && wanted && !same(has, wanted))
            return false;
        found |= has && wanted;
    }
    return found;
}

static void renumber(struct yaml *parent, size_t from)
{
    for (size_t i = from; i < parent->count; i++) {
        parent->items[i]->parent = parent;
        parent->items[i]->index = i;
        parent->items[i]->key = parent->kind == YAML_MAP ? parent->keys[i] : NULL;
    }
}

static void take_away(struct yaml *from, size_t i)
{
    size_t behind = from->count - i - 1;
    yaml_node_free(from->items[i]);
    memmove(from->items + i, from->items + i + 1, behind * sizeof *from->items);
    if (from->kind == YAML_MAP) {
        free(from->keys[i]);
        yaml_node_free((struct yaml *)(uintptr_t)from->key_nodes[i]);
        memmove(from->keys + i, from->keys + i + 1, behind * sizeof *from->keys);
        memmove(from->key_nodes + i, from->key_nodes + i + 1, behind * sizeof *from->key_nodes);
    }
    from->count--;
    renumber(from, i);
}

/* Moves the i-th item of `from`, which keeps a hole, to the end of `to`. */
static void append(struct yaml *to, struct yaml *from, size_t i)
{
    to->items = mem_resize(to->items, to->count + 1, sizeof *to->items);
    to->items[to->count] = from->items[i];
    from->items[i] = NULL;
    if (to->kind == YAML_MAP) {
        to->keys = mem_resize(to->keys, to->count + 1, sizeof *to->keys);
        to->key_nodes = mem_resize(to->key_nodes, to->count + 1, sizeof *to->key_nodes);
        to->keys[to->count] = from->keys[i];
        to->key_nodes[to->count] = from->key_nodes[i];
        from->keys[i] = NULL;
        from->key_nodes[i] = NULL;
    }
    to->count++;
    renumber(to, to->count - 1);
}

static void replace(struct yaml *in, size_t at, struct yaml *from, size_t i)
{
    yaml_node_free(in->items[at]);
    in->items[at] = from->items[i];
    from->items[i] = NULL;
    renumber(in, at);
}

static bool lay_entry(struct yaml *under, struct yaml *over, size_t i, struct error *e)
{
    struct yaml *entry = over->items[i];
    const struct yaml *absent = yaml_get(entry, "absent");
    size_t found = 0, at = 0;
    for (size_t k = 0; k < under->count; k++)
        if (is_meant(under->items[k], entry)) {
            at = k;
            found++;
        }
    if (found > 1)
        return yaml_error(e, entry, "%zu entries are meant by this; say more of them", found);
    if (absent && (absent->kind != YAML_SCALAR || strcmp(absent->text, "true") != 0))
        return yaml_error(e, absent, "absent: expected true");
    if (absent && !found)
        return yaml_error(e, entry, "there is no such entry to take away");
    if (absent)
        take_away(under, at);
    else if (!found)
        append(under, over, i);
    else
        return lay(under->items[at], entry, e);
    return true;
}

static bool lay_pair(struct yaml *under, struct yaml *over, size_t i, struct error *e)
{
    const struct yaml *value = over->items[i];
    bool nothing = value->kind == YAML_SCALAR && !value->quoted && strcmp(value->text, "~") == 0;
    size_t at = 0;
    while (at < under->count && strcmp(under->keys[at], over->keys[i]) != 0)
        at++;
    if (nothing && at == under->count)
        return yaml_error(e, value, "%s: there is no such key to take away", over->keys[i]);
    if (nothing)
        take_away(under, at);
    else if (at == under->count)
        append(under, over, i);
    else if (value->kind == YAML_MAP && under->items[at]->kind == YAML_MAP)
        return lay(under->items[at], over->items[i], e);
    else if (value->kind == YAML_LIST && under->items[at]->kind == YAML_LIST && all_named(value) && all_named(under->items[at]))
        return lay(under->items[at], over->items[i], e);
    else
        replace(under, at, over, i);
    return true;
}

/* Two mappings, or two lists of what is named. */
static bool lay(struct yaml *under, struct yaml *over, struct error *e)
{
    for (size_t i = 0; i < over->count; i++)
        if (!(under->kind == YAML_MAP ? lay_pair(under, over, i, e) : lay_entry(under, over, i, e)))
            return false;
    return true;
}

bool yaml_lay_over(struct yaml_doc *doc, struct yaml_doc *over, struct error *e)
{
    struct yaml_doc *last = doc;
    while (last->over)
        last = last->over;
    last->over = over;
    if (doc->root->kind != YAML_MAP || over->root->kind != YAML_MAP)
        return yaml_error(e, over->root->kind != YAML_MAP ? over->root : doc->root, "expected a mapping");
    return lay(doc->root, over->root, e);
}
