/* The objects of a cluster, their versions, and the ring of past changes. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sim/kube.h"

double kube_random(struct kube_sim *k) { return sim_random(k->sim); }

int64_t kube_around(struct kube_sim *k, int64_t ms) { return (int64_t)((double)ms * (0.6 + 0.8 * kube_random(k))); }

uint32_t kube_hash(const char *text, uint64_t salt)
{
    uint64_t h = 1469598103934665603u ^ (salt * 0x9e3779b97f4a7c15u);
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 1099511628211u;
    h ^= h >> 33;
    h *= 0xff51afd7ed558ccdu;
    h ^= h >> 33;
    return (uint32_t)(h ^ (h >> 29));
}

static const char *kube_intern(struct kube_sim *k, const char *ns)
{
    for (size_t i = 0; i < k->names.len; i++)
        if (strcmp(k->names.at[i], ns) == 0)
            return k->names.at[i];
    char *copy = mem_strdup(ns);
    *vec_add(&k->names) = copy;
    return copy;
}

int kube_compare(const char *ns_a, const char *name_a, const char *ns_b, const char *name_b)
{
    int order = ns_a == ns_b ? 0 : strcmp(ns_a, ns_b);
    return order ? order : strcmp(name_a, name_b);
}

static void make_uid(struct kube_sim *k, char out[37])
{
    unsigned part[4];
    for (int i = 0; i < 4; i++)
        part[i] = (unsigned)(kube_random(k) * 4294967296.0);
    text_format(out, 37, "%08x-%04x-4%03x-%04x-%04x%08x", part[0], part[1] >> 16, part[1] & 0xfff, 0x8000 | (part[2] >> 18), part[2] & 0xffff,
                part[3]);
}

struct kube_object *kube_object_new(struct kube_sim *k, enum kube_kind kind, const char *ns, const char *name)
{
    struct kube_object *o = mem_new(sizeof *o);
    *o = (struct kube_object){.refs = 1, .kind = (uint8_t)kind, .ns = kube_intern(k, ns), .name = mem_strdup(name), .created_at = k->now};
    make_uid(k, o->uid);
    return o;
}

struct kube_object *kube_ref(struct kube_object *o)
{
    if (o)
        o->refs++;
    return o;
}

void kube_unref(struct kube_object *o)
{
    if (!o || --o->refs)
        return;
    if (o->pod)
        kube_template_unref(o->pod->template);
    free(o->pod);
    json_decref(o->tree);
    free(o->name);
    free(o);
}

struct kube_object *kube_edit(const struct kube_object *o)
{
    struct kube_object *copy = mem_new(sizeof *copy);
    *copy = *o;
    copy->refs = 1;
    copy->name = mem_strdup(o->name);
    copy->tree = o->tree ? json_deep_copy(o->tree) : NULL;
    if (o->pod) {
        size_t size = sizeof *o->pod + (o->pod->template->init_count + o->pod->template->container_count) * sizeof *o->pod->at;
        copy->pod = mem_new(size);
        memcpy(copy->pod, o->pod, size);
        copy->pod->template->refs++;
    }
    return copy;
}

/* Where it is, or where it would stand. */
static bool locate(struct kube_object *const *at, size_t len, const char *ns, const char *name, size_t *place)
{
    size_t low = 0, high = len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = kube_compare(at[middle]->ns, at[middle]->name, ns, name);
        if (order == 0) {
            *place = middle;
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *place = low;
    return false;
}

struct kube_object *kube_find(const struct kube_sim *k, enum kube_kind kind, const char *ns, const char *name)
{
    size_t place;
    return locate(k->store[kind].at, k->store[kind].len, ns, name, &place) ? k->store[kind].at[place] : NULL;
}

/* Takes both references over. */
static void remember(struct kube_sim *k, enum kube_change change, struct kube_object *object, struct kube_object *previous)
{
    size_t size = (size_t)k->watch_window;
    struct kube_past past = {k->revision, change, object, previous};
    if (k->loading) {
        kube_unref(object);
        kube_unref(previous);
        k->ring_floor = k->revision;
        return;
    }
    if (k->ring_len == size) {
        struct kube_past *oldest = &k->ring[k->ring_first];
        k->ring_floor = oldest->version;
        kube_unref(oldest->object);
        kube_unref(oldest->previous);
        k->ring_first = (k->ring_first + 1) % size;
        k->ring_len--;
    }
    k->ring[(k->ring_first + k->ring_len++) % size] = past;
    kube_watch_tell(k, &past);
}

static void insert(kube_objects *list, size_t place, struct kube_object *o)
{
    (void)vec_add(list);
    memmove(&list->at[place + 1], &list->at[place], (list->len - 1 - place) * sizeof *list->at);
    list->at[place] = o;
}

const struct kube_object *kube_put(struct kube_sim *k, struct kube_object *o)
{
    kube_objects *list = &k->store[o->kind];
    size_t place;
    o->version = ++k->revision;
    if (locate(list->at, list->len, o->ns, o->name, &place)) {
        struct kube_object *previous = list->at[place];
        list->at[place] = o;
        remember(k, KUBE_MODIFIED, kube_ref(o), previous);
    } else {
        insert(list, place, o);
        remember(k, KUBE_ADDED, kube_ref(o), NULL);
    }
    return o;
}

void kube_remove(struct kube_sim *k, struct kube_object *o)
{
    kube_objects *list = &k->store[o->kind];
    size_t place;
    if (!locate(list->at, list->len, o->ns, o->name, &place))
        return;
    struct kube_object *stored = list->at[place];
    vec_remove(list, place);
    k->revision++;
    remember(k, KUBE_DELETED, NULL, stored);
}

void kube_objects_free(kube_objects *objects)
{
    for (size_t i = 0; i < objects->len; i++)
        kube_unref(objects->at[i]);
    vec_free(objects);
}

static void undo(kube_objects *list, const struct kube_past *past)
{
    const struct kube_object *about = past->object ? past->object : past->previous;
    size_t place;
    bool there = locate(list->at, list->len, about->ns, about->name, &place);
    if (there) {
        kube_unref(list->at[place]);
        if (past->previous)
            list->at[place] = kube_ref(past->previous);
        else
            vec_remove(list, place);
    } else if (past->previous) {
        insert(list, place, kube_ref(past->previous));
    }
}

bool kube_rewind(const struct kube_sim *k, enum kube_kind kind, uint64_t version, kube_objects *out)
{
    *out = (kube_objects){0};
    if (version < k->ring_floor)
        return false;
    size_t len = k->store[kind].len;
    out->at = mem_new_array(len + 8, sizeof *out->at);
    out->cap = len + 8;
    out->len = len;
    for (size_t i = 0; i < len; i++)
        out->at[i] = kube_ref(k->store[kind].at[i]);
    for (size_t i = k->ring_len; i-- > 0;) {
        const struct kube_past *past = &k->ring[(k->ring_first + i) % (size_t)k->watch_window];
        if (past->version <= version)
            break;
        if ((past->object ? past->object : past->previous)->kind == kind)
            undo(out, past);
    }
    return true;
}

void kube_store_free(struct kube_sim *k)
{
    for (size_t i = 0; i < k->ring_len; i++) {
        struct kube_past *past = &k->ring[(k->ring_first + i) % (size_t)k->watch_window];
        kube_unref(past->object);
        kube_unref(past->previous);
    }
    free(k->ring);
    for (size_t kind = 0; kind < KUBE_STORED; kind++)
        kube_objects_free(&k->store[kind]);
}
