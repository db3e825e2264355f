/* Rows found by hash: pods by namespace and name, nodes by name, and the pods whose node's zone is not known yet by that node. Ten thousand
 * of each must cost no more a piece than ten: on Fargate every pod has a node of its own. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "estate/internal.h"

struct table { /* linear probing; holds row + 1, 0 where free. cap is a power of two, at most half full */
    uint32_t *slot;
    size_t cap, used;
};

struct pod_index {
    struct table tables[CLUSTER_KEYS];
};

static uint64_t pod_hash(const char *ns, const char *name) { return text_hash(name, text_hash(ns, 0)); }

static uint64_t row_hash(const struct cluster *c, enum cluster_key key, size_t row)
{
    if (key == KEY_POD)
        return pod_hash(c->pods.at[row].ns, c->pods.at[row].name);
    return text_hash(key == KEY_NODE ? c->nodes.at[row].name : c->pods.at[row].node, 0);
}

static bool row_is(const struct cluster *c, enum cluster_key key, size_t row, const char *ns, const char *name)
{
    if (key == KEY_POD)
        return strcmp(c->pods.at[row].name, name) == 0 && strcmp(c->pods.at[row].ns, ns) == 0;
    return strcmp(key == KEY_NODE ? c->nodes.at[row].name : c->pods.at[row].node, name) == 0;
}

static void put(struct table *t, uint64_t hash, uint32_t entry)
{
    size_t i = hash & (t->cap - 1);
    while (t->slot[i])
        i = (i + 1) & (t->cap - 1);
    t->slot[i] = entry;
}

static void grow(const struct cluster *c, enum cluster_key key, struct table *t)
{
    struct table larger = {.cap = t->cap ? t->cap * 2 : 64, .used = t->used};
    larger.slot = mem_new_array(larger.cap, sizeof *larger.slot);
    for (size_t i = 0; i < t->cap; i++)
        if (t->slot[i])
            put(&larger, row_hash(c, key, t->slot[i] - 1), t->slot[i]);
    free(t->slot);
    *t = larger;
}

void index_add(struct cluster *c, enum cluster_key key, size_t row)
{
    if (!c->index)
        c->index = mem_new(sizeof *c->index);
    struct table *t = &c->index->tables[key];
    if ((t->used + 1) * 2 > t->cap)
        grow(c, key, t);
    put(t, row_hash(c, key, row), (uint32_t)row + 1);
    t->used++;
}

/* The slot of a row that is in the table. */
static size_t slot_of(const struct cluster *c, enum cluster_key key, size_t row)
{
    const struct table *t = &c->index->tables[key];
    size_t i = row_hash(c, key, row) & (t->cap - 1);
    while (t->slot[i] != row + 1)
        i = (i + 1) & (t->cap - 1);
    return i;
}

void index_remove(struct cluster *c, enum cluster_key key, size_t row)
{
    struct table *t = &c->index->tables[key];
    size_t i = slot_of(c, key, row);
    t->slot[i] = 0;
    t->used--;
    /* What was displaced past the gap moves back. */
    for (size_t k = (i + 1) & (t->cap - 1); t->slot[k]; k = (k + 1) & (t->cap - 1)) {
        uint32_t moved = t->slot[k];
        t->slot[k] = 0;
        put(t, row_hash(c, key, moved - 1), moved);
    }
}

void index_move(struct cluster *c, enum cluster_key key, size_t from, size_t to)
{
    c->index->tables[key].slot[slot_of(c, key, from)] = (uint32_t)to + 1;
}

bool index_find(const struct cluster *c, enum cluster_key key, const char *ns, const char *name, size_t *row)
{
    const struct table *t = c->index ? &c->index->tables[key] : NULL;
    if (!t || !t->cap)
        return false;
    uint64_t hash = key == KEY_POD ? pod_hash(ns, name) : text_hash(name, 0);
    for (size_t i = hash & (t->cap - 1); t->slot[i]; i = (i + 1) & (t->cap - 1))
        if (row_is(c, key, t->slot[i] - 1, ns, name)) {
            *row = t->slot[i] - 1;
            return true;
        }
    return false;
}

void index_free(struct cluster *c)
{
    for (int key = 0; c->index && key < CLUSTER_KEYS; key++)
        free(c->index->tables[key].slot);
    free(c->index);
    c->index = NULL;
}
