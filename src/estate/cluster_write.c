/* Pods, nodes, deployments and autoscalers as lists and watches bring them. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "estate/internal.h"
#include "estate/write.h"

#define NAME_MAX_BYTES   254
#define IMAGES_MAX_BYTES 1024

static void free_text(const char *text) { free((void *)(uintptr_t)text); }

static char *clean_copy(const char *text, char clean[NAME_MAX_BYTES])
{
    text_clean(clean, NAME_MAX_BYTES, text ? text : "", text ? strlen(text) : 0);
    return mem_strdup(clean);
}

static bool waits(const struct pod *pod) { return *pod->node && !*pod->zone; }

/* The row goes, the last one takes its place. */
static void remove_pod(struct cluster *c, size_t row)
{
    struct pod *pod = &c->pods.at[row];
    size_t last = c->pods.len - 1;
    index_remove(c, KEY_POD, row);
    if (waits(pod))
        index_remove(c, KEY_WAITING, row);
    if (row != last) {
        index_move(c, KEY_POD, last, row);
        if (waits(&c->pods.at[last]))
            index_move(c, KEY_WAITING, last, row);
    }
    free(pod->name);
    free_text(pod->node);
    *pod = c->pods.at[last];
    c->pods.len--;
}

static void remove_node(struct cluster *c, size_t row)
{
    size_t last = c->nodes.len - 1;
    index_remove(c, KEY_NODE, row);
    if (row != last)
        index_move(c, KEY_NODE, last, row);
    free(c->nodes.at[row].name);
    c->nodes.at[row] = c->nodes.at[last];
    c->nodes.len--;
}

static void free_deployment(struct deployment *row)
{
    free(row->name);
    free_text(row->images);
}

void cluster_clear(struct cluster *c)
{
    for (size_t i = 0; i < c->pods.len; i++) {
        free(c->pods.at[i].name);
        free_text(c->pods.at[i].node);
    }
    for (size_t i = 0; i < c->nodes.len; i++)
        free(c->nodes.at[i].name);
    for (size_t i = 0; i < c->deployments.len; i++)
        free_deployment(&c->deployments.at[i]);
    for (size_t i = 0; i < c->hpas.len; i++) {
        free(c->hpas.at[i].name);
        free_text(c->hpas.at[i].metrics);
    }
    vec_free(&c->pods);
    vec_free(&c->nodes);
    vec_free(&c->deployments);
    vec_free(&c->hpas);
    index_free(c);
}

static struct cluster *cluster_of(struct estate *e, size_t account)
{
    e->version++;
    return &e->accounts[account].cluster;
}

uint32_t pods_begin(struct estate *e, size_t account) { return ++e->accounts[account].cluster.list; }

static void note_pod(struct estate *e, size_t account, const struct pod *old, const struct pod *pod, int64_t now)
{
    if (old->status != pod->status && (pod_is_failing(pod) || pod_is_failing(old)))
        estate_note(e, now, account, FEED_PODS, pod->name, "%s (was %s)", pod->status, old->status);
    else if (old->restarts >= 0 && pod->restarts > old->restarts)
        estate_note(e, now, account, FEED_PODS, pod->name, "restarted, %d times in all", pod->restarts);
}

static size_t add_pod(struct cluster *c, const char *ns, const char *name)
{
    struct pod *pod = vec_add(&c->pods);
    pod->name = mem_strdup(name);
    pod->ns = ns;
    pod->node = mem_strdup("");
    pod->zone = "";
    pod->cpu_m = -1;
    pod->memory = -1;
    index_add(c, KEY_POD, c->pods.len - 1);
    return c->pods.len - 1;
}

static void place_pod(struct cluster *c, size_t row, const char *node)
{
    struct pod *pod = &c->pods.at[row];
    char clean[NAME_MAX_BYTES];
    size_t at;
    char *placed = clean_copy(node, clean);
    if (strcmp(pod->node, placed) == 0) {
        free(placed);
        return;
    }
    if (waits(pod))
        index_remove(c, KEY_WAITING, row);
    free_text(pod->node);
    pod->node = placed;
    pod->zone = index_find(c, KEY_NODE, NULL, placed, &at) ? c->nodes.at[at].zone : "";
    if (waits(pod))
        index_add(c, KEY_WAITING, row);
}

/* How far a span as kubectl writes it may be from the truth: what its last unit hides, and the way from the server to here. */
static int64_t span_error(int64_t span)
{
    static const int64_t second = 1000, minute = 60 * second, hour = 60 * minute, day = 24 * hour;
    return 30 * second + (span < 10 * minute ? second : span < 8 * hour ? minute : span < 8 * day ? hour : span < 8 * 365 * day ? day : 365 * day);
}

void pods_put(struct estate *e, size_t account, const struct pod_row *row, int64_t now)
{
    struct cluster *c = cluster_of(e, account);
    char name[NAME_MAX_BYTES];
    size_t at;
    const char *ns = estate_pool(e, row->ns);
    text_clean(name, sizeof name, row->name, strlen(row->name));
    bool is_new = !index_find(c, KEY_POD, ns, name, &at);
    if (is_new)
        at = add_pod(c, ns, name);
    place_pod(c, at, row->node);
    struct pod *pod = &c->pods.at[at], old = *pod;
    pod->status = estate_pool(e, row->status);
    pod->failing = pod_status_fails(pod->status);
    text_clean(pod->ip, sizeof pod->ip, row->ip ? row->ip : "", row->ip ? strlen(row->ip) : 0);
    pod->ready = row->ready;
    pod->containers = row->containers;
    pod->restarts = row->restarts;
    /* Both come as spans that grow coarser: the first reading is the best one, unless the pod is another of the same name. */
    bool is_other = is_new || row->created_at > pod->created_at + span_error(now - row->created_at);
    if (is_other || row->restarts != old.restarts || !row->restarted_at || !old.restarted_at)
        pod->restarted_at = row->restarted_at;
    if (is_other)
        pod->created_at = row->created_at;
    pod->seen = c->list;
    pod->stamp = e->version;
    if (!is_new)
        note_pod(e, account, &old, pod, now);
}

void pods_gone(struct estate *e, size_t account, const char *ns, const char *name, int64_t now)
{
    struct cluster *c = cluster_of(e, account);
    char clean[NAME_MAX_BYTES];
    size_t at;
    (void)now;
    text_clean(clean, sizeof clean, name, strlen(name));
    if (index_find(c, KEY_POD, estate_pool(e, ns), clean, &at))
        remove_pod(c, at);
}

void pods_sweep(struct estate *e, size_t account, const char *ns, uint32_t list, int64_t now)
{
    struct cluster *c = cluster_of(e, account);
    (void)now;
    ns = estate_pool(e, ns);
    for (size_t i = c->pods.len; i-- > 0;)
        if (c->pods.at[i].seen < list && strcmp(c->pods.at[i].ns, ns) == 0)
            remove_pod(c, i);
}

void pods_metrics(struct estate *e, size_t account, const char *ns, const char *name, int cpu_m, int64_t memory)
{
    struct cluster *c = cluster_of(e, account);
    size_t at;
    if (!index_find(c, KEY_POD, estate_pool(e, ns), name, &at))
        return;
    struct pod *pod = &c->pods.at[at];
    pod->cpu_m = cpu_m;
    pod->memory = memory;
    pod->stamp = e->version;
}

/* The zone of a node that has become known, for the pods that wait for it. */
static void spread_zone(struct estate *e, struct cluster *c, const struct node *node)
{
    size_t row;
    while (*node->zone && index_find(c, KEY_WAITING, NULL, node->name, &row)) {
        index_remove(c, KEY_WAITING, row);
        c->pods.at[row].zone = node->zone;
        c->pods.at[row].stamp = ++e->version;
    }
}

void nodes_put(struct estate *e, size_t account, const char *name, const char *zone, const char *status, const char *version, const char *roles,
               int64_t created_at, uint32_t list, int64_t now)
{
    struct cluster *c = cluster_of(e, account);
    char clean[NAME_MAX_BYTES];
    size_t at;
    text_clean(clean, sizeof clean, name, strlen(name));
    if (!index_find(c, KEY_NODE, NULL, clean, &at)) {
        struct node *added = vec_add(&c->nodes);
        added->name = mem_strdup(clean);
        added->created_at = created_at;
        at = c->nodes.len - 1;
        index_add(c, KEY_NODE, at);
    }
    struct node *node = &c->nodes.at[at];
    const char *was = node->status;
    node->zone = estate_pool(e, zone);
    node->status = estate_pool(e, status);
    node->version = estate_pool(e, version);
    node->roles = estate_pool(e, roles);
    node->fargate = text_starts(clean, "fargate-");
    node->seen = list;
    if (was && was != node->status && !node->fargate) /* of Fargate's the one pod on it tells */
        estate_note(e, now, account, FEED_NODES, node->name, "%s (was %s)", node->status, was);
    spread_zone(e, c, node);
}

void nodes_gone(struct estate *e, size_t account, const char *name)
{
    struct cluster *c = cluster_of(e, account);
    char clean[NAME_MAX_BYTES];
    size_t at;
    text_clean(clean, sizeof clean, name, strlen(name));
    if (index_find(c, KEY_NODE, NULL, clean, &at))
        remove_node(c, at);
}

void nodes_sweep(struct estate *e, size_t account, uint32_t list)
{
    struct cluster *c = cluster_of(e, account);
    for (size_t i = c->nodes.len; i-- > 0;)
        if (c->nodes.at[i].seen < list)
            remove_node(c, i);
}

static bool stands_before(const char *ns, const char *name, const char *other_ns, const char *other_name)
{
    int order = strcmp(ns, other_ns);
    return order < 0 || (order == 0 && strcmp(name, other_name) < 0);
}

/* Deployments and autoscalers differ in their fields alone; both are few. They stand by namespace and name, whichever namespace's list came first. */
#define ROWS(type, rows, gone, sweep, free_row) \
    static struct type *rows##_find(struct cluster *c, const char *ns, const char *name) \
    { \
        for (size_t i = 0; i < c->rows.len; i++) \
            if (strcmp(c->rows.at[i].name, name) == 0 && strcmp(c->rows.at[i].ns, ns) == 0) \
                return &c->rows.at[i]; \
        return NULL; \
    } \
    static struct type *rows##_take(struct estate *e, struct cluster *c, const struct type *row, uint32_t list) \
    { \
        char name[NAME_MAX_BYTES]; \
        text_clean(name, sizeof name, row->name, strlen(row->name)); \
        const char *ns = estate_pool(e, row->ns); \
        struct type *at = rows##_find(c, ns, name); \
        char *kept = at ? at->name : mem_strdup(name); \
        if (!at) \
            for (at = vec_add(&c->rows); at > c->rows.at && stands_before(ns, name, at[-1].ns, at[-1].name); at--) \
                *at = at[-1]; \
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
            free_row(at); \
            vec_remove(&c->rows, (size_t)(at - c->rows.at)); \
        } \
    } \
    void sweep(struct estate *e, size_t account, const char *ns, uint32_t list) \
    { \
        struct cluster *c = cluster_of(e, account); \
        for (size_t i = c->rows.len; i-- > 0;) \
            if (c->rows.at[i].seen < list && strcmp(c->rows.at[i].ns, ns) == 0) { \
                free_row(&c->rows.at[i]); \
                vec_remove(&c->rows, i); \
            } \
    }

static void free_hpa(struct hpa *row)
{
    free(row->name);
    free_text(row->metrics);
}

ROWS(deployment, deployments, deployments_gone, deployments_sweep, free_deployment)
ROWS(hpa, hpas, hpas_gone, hpas_sweep, free_hpa)

void deployments_put(struct estate *e, size_t account, const struct deployment *row, uint32_t list, int64_t now)
{
    struct cluster *c = cluster_of(e, account);
    const struct deployment *old = deployments_find(c, row->ns, row->name);
    if (old && old->desired != row->desired && old->desired >= 0 && row->desired >= 0)
        estate_note(e, now, account, FEED_DEPLOYMENTS, row->name, "scaled from %d to %d", old->desired, row->desired);
    else if (old && old->updated == old->desired && row->updated < row->desired)
        estate_note(e, now, account, FEED_DEPLOYMENTS, row->name, "rollout began");
    if (old && old->images && *old->images && row->images && *row->images && strncmp(old->images, row->images, strlen(old->images)) != 0)
        estate_note(e, now, account, FEED_DEPLOYMENTS, row->name, "is to run another image");
    char images[IMAGES_MAX_BYTES];
    text_clean(images, sizeof images, row->images ? row->images : "", row->images ? strlen(row->images) : 0);
    if (old)
        free_text(old->images);
    deployments_take(e, c, row, list)->images = mem_strdup(images);
}

/* How far it has scaled its Deployment stands there; here, that it has come to its end, or that somebody has moved that. */
static void note_hpa(struct estate *e, size_t account, const struct hpa *old, const struct hpa *row, int64_t now)
{
    bool was_full = old->max > 0 && old->replicas >= old->max, is_full = row->max > 0 && row->replicas >= row->max;
    if (old->min != row->min || old->max != row->max)
        estate_note(e, now, account, FEED_HPAS, row->name, "scales from %d to %d (was %d to %d)", row->min, row->max, old->min, old->max);
    if (was_full != is_full)
        estate_note(e, now, account, FEED_HPAS, row->name, is_full ? "at its maximum of %d pods: %s" : "below its maximum of %d pods: %s", row->max,
                    row->metrics ? row->metrics : "");
}

void hpas_put(struct estate *e, size_t account, const struct hpa *row, uint32_t list, int64_t now)
{
    struct cluster *c = cluster_of(e, account);
    char clean[NAME_MAX_BYTES];
    text_clean(clean, sizeof clean, row->name, strlen(row->name));
    const struct hpa *old = hpas_find(c, estate_pool(e, row->ns), clean);
    if (old) {
        note_hpa(e, account, old, row, now);
        free_text(old->metrics);
    }
    struct hpa *at = hpas_take(e, c, row, list);
    at->target = estate_pool(e, row->target);
    at->metrics = clean_copy(row->metrics, clean);
}
