/* The three kinds of patch: JSON merge patch (RFC 7386), JSON patch (RFC 6902), and Kubernetes' strategic merge. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "sim/kube.h"

static void refuse(struct error *e, int status, const char *code, const char *what, const char *which)
{
    error_set(e, ERROR_SERVICE, code, "%s%s%.200s", what, *which ? ": " : "", which);
    e->status = status;
}

json_t *kube_patch_merge(const json_t *target, const json_t *patch)
{
    const char *key;
    json_t *value;
    if (!json_is_object(patch))
        return json_deep_copy(patch);
    json_t *out = json_is_object(target) ? json_deep_copy(target) : json_object();
    json_object_foreach ((json_t *)(uintptr_t)patch, key, value)
        if (json_is_null(value))
            json_object_del(out, key);
        else
            json_object_set_new(out, key, kube_patch_merge(json_object_get(out, key), value));
    return out;
}

/* Strategic merge: lists of these names are merged by a key, all other lists are replaced. */
static const struct {
    const char *list, *key;
} merge_keys[] = {
    {"containers", "name"},    {"initContainers", "name"},   {"ephemeralContainers", "name"}, {"volumes", "name"},
    {"env", "name"},           {"imagePullSecrets", "name"}, {"volumeMounts", "mountPath"},   {"ports", "containerPort"},
    {"conditions", "type"},    {"ownerReferences", "uid"},   {"hostAliases", "ip"},           {"topologySpreadConstraints", "topologyKey"},
    {"resourceClaims", "name"}};

static const char *merge_key(const char *list)
{
    for (size_t i = 0; i < sizeof merge_keys / sizeof *merge_keys; i++)
        if (strcmp(merge_keys[i].list, list) == 0)
            return merge_keys[i].key;
    return NULL;
}

static json_t *strategic_object(const json_t *target, const json_t *patch, struct error *e);

static size_t find_by_key(const json_t *list, const char *key, const json_t *value)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_equal(json_object_get(json_array_get(list, i), key), value))
            return i;
    return SIZE_MAX;
}

static json_t *strategic_list(const json_t *target, const json_t *patch, const char *key, struct error *e)
{
    json_t *out = json_is_array(target) ? json_deep_copy(target) : json_array(), *row;
    size_t i;
    json_array_foreach (patch, i, row)
        if (text_equal(json_text(row, "$patch"), "replace"))
            json_array_clear(out);
    json_array_foreach (patch, i, row) {
        const char *directive = json_text(row, "$patch");
        const json_t *id = json_object_get(row, key);
        if (text_equal(directive, "replace"))
            continue;
        if (!id) {
            refuse(e, 400, "BadRequest", "map does not contain declared merge key", key);
            json_decref(out);
            return NULL;
        }
        size_t at = find_by_key(out, key, id);
        if (text_equal(directive, "delete")) {
            if (at != SIZE_MAX)
                json_array_remove(out, at);
            continue;
        }
        json_t *merged = strategic_object(at == SIZE_MAX ? NULL : json_array_get(out, at), row, e);
        if (!merged) {
            json_decref(out);
            return NULL;
        }
        if (at == SIZE_MAX)
            json_array_append_new(out, merged);
        else
            json_array_set_new(out, at, merged);
    }
    return out;
}

static void delete_primitives(json_t *list, const json_t *gone)
{
    size_t k;
    json_t *value;
    json_array_foreach (gone, k, value)
        for (size_t i = json_array_size(list); i-- > 0;)
            if (json_equal(json_array_get(list, i), value))
                json_array_remove(list, i);
}

static json_t *merge_finalizers(const json_t *target, const json_t *patch)
{
    json_t *out = json_is_array(target) ? json_deep_copy(target) : json_array(), *value;
    size_t i, k;
    json_array_foreach (patch, i, value) {
        bool there = false;
        for (k = 0; k < json_array_size(out); k++)
            there |= json_equal(json_array_get(out, k), value);
        if (!there)
            json_array_append_new(out, json_deep_copy(value));
    }
    return out;
}

static json_t *strategic_value(const char *key, const json_t *was, const json_t *value, struct error *e)
{
    if (json_is_object(value))
        return strategic_object(was, value, e);
    if (json_is_array(value) && merge_key(key))
        return strategic_list(was, value, merge_key(key), e);
    if (json_is_array(value) && strcmp(key, "finalizers") == 0)
        return merge_finalizers(was, value);
    return json_deep_copy(value);
}

/* "$retainKeys": what is not named in it goes. */
static void retain(json_t *out, const json_t *keys)
{
    const char *key;
    json_t *value;
    void *next;
    json_object_foreach_safe (out, next, key, value) {
        bool kept = false;
        for (size_t i = 0; i < json_array_size(keys); i++)
            kept |= text_equal(json_string_value(json_array_get(keys, i)), key);
        if (!kept)
            json_object_del(out, key);
    }
}

static json_t *strategic_object(const json_t *target, const json_t *patch, struct error *e)
{
    const char *key, *directive = json_text(patch, "$patch");
    json_t *value;
    bool fresh = !json_is_object(target) || text_equal(directive, "replace");
    json_t *out = fresh ? json_object() : json_deep_copy(target);
    if (text_equal(directive, "delete")) {
        json_object_clear(out);
        return out;
    }
    if (json_is_array(json_object_get(patch, "$retainKeys")))
        retain(out, json_object_get(patch, "$retainKeys"));
    json_object_foreach ((json_t *)(uintptr_t)patch, key, value) {
        if (strncmp(key, "$deleteFromPrimitiveList/", 25) == 0) {
            delete_primitives(json_object_get(out, key + 25), value);
        } else if (*key == '$') {
            continue; /* orders of elements, and what was read above */
        } else if (json_is_null(value)) {
            json_object_del(out, key);
        } else {
            json_t *merged = strategic_value(key, json_object_get(out, key), value, e);
            if (!merged) {
                json_decref(out);
                return NULL;
            }
            json_object_set_new(out, key, merged);
        }
    }
    return out;
}

json_t *kube_patch_strategic(const json_t *target, const json_t *patch, struct error *e) { return strategic_object(target, patch, e); }

/* JSON patch. A place is its parent and the last step's name. */
struct place {
    json_t *parent;
    char name[256];
};

static json_t *step_into(json_t *at, const char *name)
{
    if (json_is_array(at))
        return strspn(name, "0123456789") == strlen(name) && *name ? json_array_get(at, strtoul(name, NULL, 10)) : NULL;
    return json_object_get(at, name);
}

static bool find_place(json_t *root, const char *pointer, struct place *place)
{
    json_t *at = root;
    if (!pointer || *pointer != '/')
        return false;
    while (*pointer == '/') {
        size_t len = 0;
        for (pointer++; *pointer && *pointer != '/' && len + 1 < sizeof place->name; pointer++)
            if (*pointer == '~' && (pointer[1] == '0' || pointer[1] == '1'))
                place->name[len++] = *++pointer == '0' ? '~' : '/';
            else
                place->name[len++] = *pointer;
        place->name[len] = '\0';
        place->parent = at;
        if (*pointer == '/')
            at = step_into(at, place->name);
        if (!at)
            return false;
    }
    return *pointer == '\0';
}

static bool add_at(const struct place *place, const json_t *value)
{
    json_t *copy = json_deep_copy(value);
    if (json_is_object(place->parent))
        return json_object_set_new(place->parent, place->name, copy) == 0;
    if (json_is_array(place->parent) && strcmp(place->name, "-") == 0)
        return json_array_append_new(place->parent, copy) == 0;
    if (json_is_array(place->parent) && *place->name && strspn(place->name, "0123456789") == strlen(place->name))
        return json_array_insert_new(place->parent, strtoul(place->name, NULL, 10), copy) == 0;
    json_decref(copy);
    return false;
}

static bool remove_at(const struct place *place)
{
    if (!step_into(place->parent, place->name))
        return false;
    return json_is_array(place->parent) ? json_array_remove(place->parent, strtoul(place->name, NULL, 10)) == 0
                                        : json_object_del(place->parent, place->name) == 0;
}

static bool move_or_copy(json_t *root, const json_t *operation, const struct place *to, bool move)
{
    struct place from;
    if (!find_place(root, json_text(operation, "from"), &from))
        return false;
    json_t *value = json_deep_copy(step_into(from.parent, from.name));
    bool good = value && (!move || remove_at(&from)) && add_at(to, value);
    json_decref(value);
    return good;
}

static bool apply(json_t *root, const json_t *operation)
{
    struct place place;
    const char *op = json_text_or(operation, "op", "");
    const json_t *value = json_object_get(operation, "value");
    if (!find_place(root, json_text(operation, "path"), &place))
        return false;
    if (strcmp(op, "add") == 0)
        return value && add_at(&place, value);
    if (strcmp(op, "remove") == 0)
        return remove_at(&place);
    if (strcmp(op, "replace") == 0)
        return value && remove_at(&place) && add_at(&place, value);
    if (strcmp(op, "test") == 0)
        return value && json_equal(step_into(place.parent, place.name), value);
    return (strcmp(op, "move") == 0 || strcmp(op, "copy") == 0) && move_or_copy(root, operation, &place, *op == 'm');
}

json_t *kube_patch_json(const json_t *target, const json_t *patch, struct error *e)
{
    size_t i;
    json_t *operation;
    if (!json_is_array(patch)) {
        refuse(e, 400, "BadRequest", "json: cannot unmarshal object into Go value of type jsonpatch.Patch", "");
        return NULL;
    }
    json_t *out = json_deep_copy(target);
    json_array_foreach (patch, i, operation)
        if (!apply(out, operation)) {
            refuse(e, 422, "Invalid", "the server rejected our request due to an error in our request", json_text_or(operation, "path", ""));
            json_decref(out);
            return NULL;
        }
    return out;
}
