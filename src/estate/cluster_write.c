/* Pods, nodes, deployments and autoscalers as lists and watches bring them. Pods are found by a hash of namespace and name: ten
 * thousand of them must cost no more a piece than ten. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "estate/internal.h"
#include "estate/write.h"

#define POD_NAME_MAX 254

struct pod_index {
    uint32_t *slot; /* row + 1; 0 free. cap is a power of two, at most half full */
    size_t cap;
};

static uint64_t pod_hash(const char *ns, const char *name) { return text_hash(name, text_hash(ns, 0)); }

static void index_put(struct pod_index *index, const struct cluster *c, size_t row)
{
    size_t i = pod_hash(c->pods.at[row].ns, c->pods.at[row].name) & (index->cap - 1);
    while (index->slot[i])
        i = (i + 1) & (index->cap - 1);
    index->slot[i] = (uint32_t)row + 1;
}

static void index_rebuild(struct cluster *c)
{
    size_t cap = 64;
    while (cap < c->pods.len * 3)
        cap *= 2;
    if (!c->index)
        c->index = mem_new(sizeof *c->index);
    free(c->index->slot);
    c->index->slot = mem_new_array(cap, sizeof *c->index->slot);
    c->index->cap = cap;
    for (size_t i = 0; i < c->pods.len; i++)
        index_put(c->index, c, i);
}

static struct pod *find_pod(struct cluster *c, const char *ns, const char *name)
{
    if (!c->index)
        return NULL;
    for (size_t i = pod_hash(ns, name) & (c->index->cap - 1); c->index->slot[i]; i = (i + 1) & (c->index->cap - 1)) {
        struct pod *pod = &c->pods.at[c->index->slot[i] - 1];
        if (strcmp(pod->name, name) == 0 && strcmp(pod->ns, ns) == 0)
            return pod;
    }
    return NULL;
}

/* The row goes, the last one takes its place: the index is mended for both, without a sweep over all. */
static void remove_pod(struct cluster *c, struct pod *pod)
{
    size_t row = (size_t)(pod - c->pods.at), last = c->pods.len - 1;
    struct pod_index *index = c->index;
    size_t i = pod_hash(pod->ns, pod->name) & (index->cap - 1);
    while (index->slot[i] != row + 1)
        i = (i + 1) & (index->cap - 1);
    if (row != last) {
        size_t k = pod_hash(c->pods.at[last].ns, c->pods.at[last].name) & (index->cap - 1);
        while (index->slot[k] != last + 1)
            k = (k + 1) & (index->cap - 1);
        index->slot[k] = (uint32_t)row + 1;
    }
    free(pod->name);
    c->pods.at[row] = c->pods.at[last];
    c->pods.len--;
    /* Closing the gap: what was displaced past it moves back (linear probing). */
    index->slot[i] = 0;
    for (size_t k = (i + 1) & (index->cap - 1); index->slot[k]; k = (k + 1) & (index->cap - 1)) {
        size_t moved = index->slot[k] - 1;
        index->slot[k] = 0;
        index_put(index, c, moved);
    }
}

void cluster_clear(struct cluster *c)
{
    for (size_t i = 0; i < c->pods.len; i++)
        free(c->pods.at[i].name);
    for (size_t i = 0; i < c->nodes.len; i++)
        free(c->nodes.at[i].name);
    for (size_t i = 0; i < c->deployments.len; i++)
        free(c->deployments.at[i].name);
    for (size_t i = 0; i < c->hpas.len; i++)
        free(c->hpas.at[i].name);
    vec_free(&c->pods);
    vec_free(&c->nodes);
    vec_free(&c->deployments);
    vec_free(&c->hpas);
    if (c->index)
        free(c->index->slot);
    free(c->index);
    c->index = NULL;
}

static struct cluster *cluster_of(struct estate *e, size_t account)
{
    e->version++;
    return &e->accounts[account].cluster;
}

uint32_t pods_begin(struct estate *e, size_t account) { return ++e->accounts[account].cluster.list; }

static const char *zone_of(const struct cluster *c, const char *node)
{
    for (size_t i = 0; *node && i < c->nodes.len; i++)
        if (strcmp(c->nodes.at[i].name, node) == 0)
            return c->nodes.at[i].zone;
    return "";
}

static void note_pod(struct estate *e, size_t account, const struct pod *old, const struct pod *pod, int64_t now)
{
    if (old->status != pod->status && (pod_is_failing(pod) || pod_is_failing(old)))
        estate_note(e, now, account, FEED_PODS, pod->name, "%s (was %s)", pod->status, old->status);
    else if (old->restarts >= 0 && pod->restarts > old->restarts)
        estate_note(e, now, account, FEED_PODS, pod->name, "restarted, %d times in all", pod->restarts);
}

static struct pod *add_pod(struct cluster *c, const char *ns, const char *name)
{
    struct pod *pod = vec_add(&c->pods);
    pod->name = mem_strdup(name);
    pod->ns = ns;
    pod->zone = "";
    pod->cpu_m = -1;
    pod->memory = -1;
    if (!c->index || c->pods.len * 2 > c->index->cap)
        index_rebuild(c);
    else
        index_put(c->index, c, c->pods.len - 1);
    return pod;
}

void pods_put(struct estate *e, size_t account, const struct pod_row *row, int64_t now)
{
    struct cluster *c = cluster_of(e, account);
    char name[POD_NAME_MAX];
    const char *ns = estate_pool(e, row->ns);
    text_clean(name, sizeof name, row->name, strlen(row->name));
    struct pod *pod = find_pod(c, ns, name);
    bool is_new = !pod;
    if (is_new)
        pod = add_pod(c, ns, name);
    struct pod old = *pod;
    pod->status = estate_pool(e, row->status);
    if (is_new || strcmp(pod->node, row->node ? row->node : "") != 0) {
        pod->node = estate_pool(e, row->node);
        pod->zone = zone_of(c, pod->node);
    }
    text_clean(pod->ip, sizeof pod->ip, row->ip ? row->ip : "", row->ip ? strlen(row->ip) : 0);
    pod->ready = row->ready;
    pod->containers = row->containers;
    pod->restarts = row->restarts;
    pod->restarted_at = row->restarted_at;
    /* The age comes as a span that grows coarser: the first reading is the best one, unless the pod is another. */
    if (is_new || row->created_at > pod->created_at + 86400000)
        pod->created_at = row->created_at;
    pod->seen = c->list;
    if (!is_new)
        note_pod(e, account, &old, pod, now);
}

void pods_gone(struct estate *e, size_t account, const char *ns, const char *name, int64_t now)
{
    struct cluster *c = cluster_of(e, account);
    char clean[POD_NAME_MAX];
    (void)now;
    text_clean(clean, sizeof clean, name, strlen(name));
    struct pod *pod = find_pod(c, estate_pool(e, ns), clean);
    if (pod)
        remove_pod(c, pod);
}

void pods_sweep(struct estate *e, size_t account, const char *ns, uint32_t list, int64_t now)
{
    struct cluster *c = cluster_of(e, account);
    (void)now;
    ns = estate_pool(e, ns);
    for (size_t i = c->pods.len; i-- > 0;)
        if (c->pods.at[i].ns == ns && c->pods.at[i].seen < list)
            remove_pod(c, &c->pods.at[i]);
}

void pods_metrics(struct estate *e, size_t account, const char *ns, const char *name, int cpu_m, int64_t memory)
{
    struct cluster *c = cluster_of(e, account);
    struct pod *pod = find_pod(c, estate_pool(e, ns), name);
    if (!pod)
        return;
    pod->cpu_m = cpu_m;
    pod->memory = memory;
}

/* The zone of a node that has become known, for the pods that wait for it. */
static void spread_zone(struct cluster *c, const struct node *node)
{
    for (size_t i = 0; i < c->pods.len; i++)
        if (!*c->pods.at[i].zone && strcmp(c->pods.at[i].node, node->name) == 0)
            c->pods.at[i].zone = node->zone;
}

void nodes_put(struct estate *e, size_t account, const char *name, const char *zone, const char *status, const char *version, const char *roles,
               int64_t created_at, uint32_t list)
{
    struct cluster *c = cluster_of(e, account);
    struct node *node = NULL;
    char clean[POD_NAME_MAX];
    text_clean(clean, sizeof clean, name, strlen(name));
    for (size_t i = 0; i < c->nodes.len && !node; i++)
        if (strcmp(c->nodes.at[i].name, clean) == 0)
            node = &c->nodes.at[i];
    bool is_new = !node;
    if (is_new) {
        node = vec_add(&c->nodes);
        node->name = mem_strdup(clean);
        node->created_at = created_at;
    }
    node->zone = estate_pool(e, zone);
    node->status = estate_pool(e, status);
    node->version = estate_pool(e, version);
    node->roles = estate_pool(e, roles);
    node->fargate = text_starts(clean, "fargate-");
    node->seen = list;
    if (is_new)
        spread_zone(c, node);
}

void nodes_gone(struct estate *e, size_t account, const char *name)
{
    struct cluster *c = cluster_of(e, account);
    for (size_t i = c->nodes.len; i-- > 0;)
        if (strcmp(c->nodes.at[i].name, name) == 0) {
            free(c->nodes.at[i].name);
            vec_remove(&c->nodes, i);
        }
}

void nodes_sweep(struct estate *e, size_t account, uint32_t list)
{
    struct cluster *c = cluster_of(e, account);
    for (size_t i = c->nodes.len; i-- > 0;)
        if (c->nodes.at[i].seen < list) {
            free(c->nodes.at[i].name);
            vec_remove(&c->nodes, i);
        }
}

/* Deployments and autoscalers differ in their fields alone; both are few. */
#define ROWS(type, rows, gone, sweep) \
    static struct type *rows##_find(struct cluster *c, const char *ns, const char *name) \
    { \
        for (size_t i = 0; i < c->rows.len; i++) \
            if (strcmp(c->rows.at[i].name, name) == 0 && strcmp(c->rows.at[i].ns, ns) == 0) \
                return &c->rows.at[i]; \
        return NULL; \
    } \
    static struct type *rows##_take(struct estate *e, struct cluster *c, const struct type *row, uint32_t list) \
    { \
        char name[POD_NAME_MAX]; \
        text_clean(name, sizeof name, row->name, strlen(row->name)); \
        const char *ns = estate_pool(e, row->ns); \
        struct type *at = rows##_find(c, ns, name); \
        char *kept = at ? at->name : mem_strdup(name); \
        if (!at) \
            at = vec_add(&c->rows); \
        *at = *row; \
        at->name = kept; \
        at->ns = ns; \
        at->seen = list; \
        return at; \
    } \
    void gone(struct estate *e, size_t account, const char *ns, const char *name) \
    { \
        struct cluster *c = cluster_of(e, account); \
        struct type *at = rows##_find(c, ns, name); \
        if (at) { \
            free(at->name); \
            vec_remove(&c->rows, (size_t)(at - c->rows.at)); \
        } \
    } \
    void sweep(struct estate *e, size_t account, const char *ns, uint32_t list) \
    { \
        struct cluster *c = cluster_of(e, account); \
        for (size_t i = c->rows.len; i-- > 0;) \
            if (c->rows.at[i].seen < list && strcmp(c->rows.at[i].ns, ns) == 0) { \
                free(c->rows.at[i].name); \
                vec_remove(&c->rows, i); \
            } \
    }

ROWS(deployment, deployments, deployments_gone, deployments_sweep)
ROWS(hpa, hpas, hpas_gone, hpas_sweep)

void deployments_put(struct estate *e, size_t account, const struct deployment *row, uint32_t list, int64_t now)
{
    struct cluster *c = cluster_of(e, account);
    const struct deployment *old = deployments_find(c, row->ns, row->name);
    if (old && old->desired != row->desired)
        estate_note(e, now, account, FEED_DEPLOYMENTS, row->name, "scaled from %d to %d", old->desired, row->desired);
    else if (old && old->updated == old->desired && row->updated < row->desired)
        estate_note(e, now, account, FEED_DEPLOYMENTS, row->name, "rollout began");
    deployments_take(e, c, row, list);
}

void hpas_put(struct estate *e, size_t account, const struct hpa *row, uint32_t list)
{
    struct hpa *at = hpas_take(e, cluster_of(e, account), row, list);
    at->target = estate_pool(e, row->target);
    at->metrics = estate_pool(e, row->metrics);
}
