/* The cluster's own part of a platform: daemons, what workloads run as, service accounts, older revisions. Lists in pages, item by item, so that a
 * large cluster's never stands in memory. */
#include <string.h>

#include "base/digest.h"
#include "feeds/fields.h"
#include "feeds/map.h"
#include "feeds/platform.h"

#define PAGE      "200"
#define PAGES_MAX 25
#define ROWS_MAX  3000 /* of a kind */

void map_daemon_set(const json_t *row, struct daemon_set *d)
{
    *d = (struct daemon_set){.desired = (int)json_int(row, "status.desiredNumberScheduled", -1),
                             .ready = (int)json_int(row, "status.numberReady", -1),
                             .created_at = json_when(row, "metadata.creationTimestamp")};
    FIELD(d->ns, row, "metadata.namespace");
    FIELD(d->name, row, "metadata.name");
}

void map_service_identity(const json_t *row, struct service_identity *s)
{
    const json_t *annotations = json_at(row, "metadata.annotations");
    *s = (struct service_identity){0};
    FIELD(s->ns, row, "metadata.namespace");
    FIELD(s->name, row, "metadata.name");
    const char *role = json_string_value(json_object_get(annotations, "eks.amazonaws.com/role-arn"));
    text_clean(s->role, sizeof s->role, role ? role : "", role ? strlen(role) : 0);
}

static bool has_room(struct platform_reading *r, size_t count)
{
    if (count >= ROWS_MAX)
        feed_more(r->run);
    return count < ROWS_MAX;
}

/* A call that is tried again tells its first items again: what is there is not added twice. */

static void take_workload(struct platform_reading *r, const json_t *item, const char *kind)
{
    struct workload w;
    map_workload(item, kind, &w);
    const struct workload *old = platform_workload(&r->platform, w.ns, w.name);
    if ((!old || strcmp(old->kind, kind) != 0) && has_room(r, r->platform.workloads.len))
        *vec_add(&r->platform.workloads) = w;
}

static void take_deployment(struct platform_reading *r, const json_t *item) { take_workload(r, item, "Deployment"); }

static void take_daemon(struct platform_reading *r, const json_t *item)
{
    struct daemon_set d;
    map_daemon_set(item, &d);
    take_workload(r, item, "DaemonSet");
    for (size_t i = 0; i < r->platform.daemons.len; i++)
        if (!strcmp(r->platform.daemons.at[i].ns, d.ns) && !strcmp(r->platform.daemons.at[i].name, d.name))
            return;
    if (has_room(r, r->platform.daemons.len))
        *vec_add(&r->platform.daemons) = d;
}

static void take_identity(struct platform_reading *r, const json_t *item)
{
    struct service_identity s;
    map_service_identity(item, &s);
    if (!platform_identity(&r->platform, s.ns, s.name) && has_room(r, r->platform.identities.len))
        *vec_add(&r->platform.identities) = s;
}

static void take_past_image(struct platform_reading *r, const char *reference, int64_t at)
{
    struct past_image p = {.at = at};
    image_parse(reference, p.repository, sizeof p.repository, p.digest, sizeof p.digest);
    if (!*p.digest)
        return;
    for (size_t i = 0; i < r->platform.past.len; i++) {
        struct past_image *old = &r->platform.past.at[i];
        if (strcmp(old->repository, p.repository) != 0 || strcmp(old->digest, p.digest) != 0)
            continue;
        old->at = at < old->at ? at : old->at;
        return;
    }
    if (has_room(r, r->platform.past.len))
        *vec_add(&r->platform.past) = p;
}

static void take_replica_set(struct platform_reading *r, const json_t *item)
{
    size_t i;
    json_t *container;
    if (namespace_is_system(json_text_or(item, "metadata.namespace", "")))
        return;
    json_array_foreach(json_at(item, "spec.template.spec.containers"), i, container)
        take_past_image(r, json_text_or(container, "image", ""), json_when(item, "metadata.creationTimestamp"));
}

static const struct kube_list {
    enum platform_part part;
    const char *path;
    void (*take)(struct platform_reading *reading, const json_t *item);
} lists[] = {
    {PLATFORM_DAEMONS, "/apis/apps/v1/daemonsets", take_daemon},
    {PLATFORM_WORKLOADS, "/apis/apps/v1/deployments", take_deployment},
    {PLATFORM_IDENTITIES, "/api/v1/serviceaccounts", take_identity},
    {PLATFORM_PAST, "/apis/apps/v1/replicasets", take_replica_set},
};

static void got_item(void *arg, const json_t *item)
{
    struct platform_call *call = arg;
    ((const struct kube_list *)call->list)->take(call->reading, item);
}

static void ask_page(struct platform_call *call, const char *token);

static void got_page(void *arg, json_t *head, const struct error *error)
{
    struct platform_call *call = arg;
    const char *token = json_text_or(head, "metadata.continue", "");
    struct error many = {0};
    call->kube = NULL;
    if (!error && *token && ++call->page >= PAGES_MAX) { /* part of a list must not pass for the whole */
        error_set(&many, ERROR_PROTOCOL, "TooMany", "more than %d pages of " PAGE, PAGES_MAX);
        error = &many;
    }
    if (error || !*token)
        platform_call_end(call, error);
    else
        ask_page(call, token);
}

static void ask_page(struct platform_call *call, const char *token)
{
    const struct kube_list *list = call->list;
    struct str path = STR_INIT(16384);
    str_addf(&path, "%s?limit=" PAGE, list->path);
    if (*token) {
        str_adds(&path, "&continue=");
        percent_add(&path, token, strlen(token), false);
    }
    call->kube = kube_get_items(feeds_kube(call->reading->run->feeds, call->reading->run->account), str_text(&path), got_item, got_page, call);
    str_free(&path);
}

void kube_platform_ask(struct platform_reading *r)
{
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct platform_call *call = platform_call_new(r, lists[i].part);
        call->list = &lists[i];
        ask_page(call, "");
    }
}
