/* The controllers: a Deployment keeps one ReplicaSet a template and rolls from the old to the new; a ReplicaSet keeps its number of pods. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "sim/kube.h"

static json_t *borrow(const json_t *value) { return json_incref((json_t *)(uintptr_t)value); }

static void template_hash(const json_t *template, char out[12])
{
    static const char letters[] = "bcdfghjklmnpqrstvwxz2456789";
    struct str text = STR_INIT(STR_TEXT_MAX);
    kube_dump(template, &text);
    uint64_t hash = (uint64_t)kube_hash(str_text(&text), 1) << 20 ^ kube_hash(str_text(&text), 2);
    for (int i = 0; i < 10; i++, hash /= 27)
        out[i] = letters[hash % 27];
    out[10] = '\0';
    str_free(&text);
}

static json_t *owner_reference(const struct kube_object *o)
{
    return json_pack("[{s:s, s:s, s:s, s:s, s:b, s:b}]", "apiVersion", kube_api_version(o->kind), "kind", kube_types[o->kind].kind, "name", o->name,
                     "uid", o->uid, "controller", 1, "blockOwnerDeletion", 1);
}

static struct kube_object *replica_set_new(struct kube_sim *k, const struct kube_app *app, const struct kube_object *deployment, const char *name,
                                           const char *hash, int number)
{
    struct kube_object *o = kube_object_new(k, KUBE_REPLICASET, deployment->ns, name);
    json_t *template = json_deep_copy(json_at(deployment->tree, "spec.template")), *labels = json_deep_copy(json_at(template, "metadata.labels"));
    json_t *selector = json_deep_copy(json_at(deployment->tree, "spec.selector"));
    char text[12];
    text_format(text, sizeof text, "%d", number);
    json_object_set_new(json_at(template, "metadata.labels"), "pod-template-hash", json_string(hash));
    json_object_set_new(labels, "pod-template-hash", json_string(hash));
    json_object_set_new(json_object_get(selector, "matchLabels"), "pod-template-hash", json_string(hash));
    o->created_at = !k->loading ? k->now : app->rolled ? k->now - app->rolled : deployment->created_at;
    o->tree = json_pack("{s:{s:i, s:o, s:{s:s}, s:o}, s:{s:i, s:o, s:o}, s:{s:i}}", "metadata", "generation", 1, "labels", labels, "annotations",
                        "deployment.kubernetes.io/revision", text, "ownerReferences", owner_reference(deployment), "spec", "replicas", 0, "selector",
                        selector, "template", template, "status", "replicas", 0);
    return o;
}

static void make_current(struct kube_sim *k, struct kube_app *app, size_t at)
{
    struct kube_revision chosen = app->revisions.at[at];
    char number[12];
    chosen.number = app->revisions.at[app->revisions.len - 1].number + 1;
    vec_remove(&app->revisions, at);
    *vec_add(&app->revisions) = chosen;
    app->progress_at = k->now;
    app->late = false;
    const struct kube_object *old = kube_find(k, KUBE_REPLICASET, app->ns, chosen.name);
    text_format(number, sizeof number, "%d", chosen.number);
    struct kube_object *set = kube_edit(old);
    json_object_set_new(json_at(set->tree, "metadata.annotations"), "deployment.kubernetes.io/revision", json_string(number));
    kube_put(k, set);
}

/* The revision of the template that the Deployment has now; made if there is none. */
struct kube_revision *kube_revision_of(struct kube_sim *k, struct kube_app *app, const struct kube_object *deployment)
{
    char hash[12];
    template_hash(json_at(deployment->tree, "spec.template"), hash);
    for (size_t i = 0; i < app->revisions.len; i++)
        if (strcmp(app->revisions.at[i].hash, hash) == 0) {
            if (i + 1 < app->revisions.len)
                make_current(k, app, i);
            return &app->revisions.at[app->revisions.len - 1];
        }
    struct str name = STR_INIT(512);
    struct kube_revision *revision = vec_add(&app->revisions);
    str_addf(&name, "%s-%s", app->name, hash);
    text_copy(revision->hash, sizeof revision->hash, hash);
    revision->number = app->revisions.len > 1 ? app->revisions.at[app->revisions.len - 2].number + 1 : 1;
    revision->name = str_take(&name);
    const struct kube_object *set = kube_put(k, replica_set_new(k, app, deployment, revision->name, hash, revision->number));
    revision->template = kube_template_new(k, app, set);
    revision->wanted = k->loading ? (int)app->replicas : -1; /* a rollout begins from none */
    app->progress_at = k->now;
    app->late = false;
    return revision;
}

static int part_of(const json_t *value, int whole, bool up)
{
    if (json_is_integer(value))
        return (int)json_integer_value(value);
    int percent = json_is_string(value) ? atoi(json_string_value(value)) : 25;
    return (whole * percent + (up ? 99 : 0)) / 100;
}

static void count_pods(struct kube_sim *k)
{
    for (size_t a = 0; a < k->apps.len; a++)
        for (size_t r = 0; r < k->apps.at[a]->revisions.len; r++) {
            struct kube_template *t = k->apps.at[a]->revisions.at[r].template;
            t->live = t->ready = 0;
        }
    for (size_t i = 0; i < k->store[KUBE_POD].len; i++) {
        const struct kube_object *o = k->store[KUBE_POD].at[i];
        if (o->deletion_at)
            continue;
        o->pod->template->live++;
        o->pod->template->ready += kube_pod_ready(o);
    }
}

static int min_int(int a, int b) { return a < b ? a : b; }

struct totals {
    int live, ready, wanted;
};

static struct totals totals_of(const struct kube_app *app)
{
    struct totals sum = {0};
    for (size_t r = 0; r < app->revisions.len; r++) {
        sum.live += app->revisions.at[r].template->live;
        sum.ready += app->revisions.at[r].template->ready;
        sum.wanted += app->revisions.at[r].wanted;
    }
    return sum;
}

/* How many pods each ReplicaSet shall have: surge above, then take from the old as the new become available. */
static void roll(struct kube_app *app, const json_t *spec, int replicas)
{
    struct kube_revision *current = &app->revisions.at[app->revisions.len - 1];
    const json_t *rolling = json_at(spec, "strategy.rollingUpdate");
    bool recreate = text_equal(json_text(spec, "strategy.type"), "Recreate");
    int surge = recreate ? 0 : part_of(json_object_get(rolling, "maxSurge"), replicas, true);
    int unavailable = recreate ? replicas : part_of(json_object_get(rolling, "maxUnavailable"), replicas, false);
    if (surge == 0 && unavailable == 0)
        unavailable = 1;
    if (current->wanted < 0)
        current->wanted = 0;
    struct totals sum = totals_of(app);
    if (sum.wanted == current->wanted) { /* no older one has any */
        current->wanted = replicas;
        return;
    }
    if (current->wanted > replicas)
        current->wanted = replicas;
    int room = replicas + surge - sum.wanted;
    if (room > 0 && (!recreate || sum.live == current->template->live))
        current->wanted += min_int(room, replicas - current->wanted);
    int spare = sum.ready - (replicas - unavailable);
    for (size_t r = 0; r + 1 < app->revisions.len; r++) { /* what is not ready anyway goes first */
        struct kube_revision *old = &app->revisions.at[r];
        int broken = old->wanted - old->template->ready;
        if (broken > 0 && old->wanted > 0)
            old->wanted -= min_int(broken, old->wanted);
    }
    for (size_t r = 0; r + 1 < app->revisions.len && spare > 0; r++) {
        struct kube_revision *old = &app->revisions.at[r];
        int take = min_int(spare, old->wanted);
        old->wanted -= take;
        spare -= take;
    }
}

/* Which pod goes first: one that is not scheduled, not ready, then the youngest. */
static bool goes_before(const struct kube_object *a, const struct kube_object *b)
{
    bool placed_a = *a->pod->node != '\0', placed_b = *b->pod->node != '\0', ready_a = kube_pod_ready(a), ready_b = kube_pod_ready(b);
    if (placed_a != placed_b)
        return !placed_a;
    if (ready_a != ready_b)
        return !ready_a;
    return a->created_at > b->created_at;
}

static void delete_one(struct kube_sim *k, struct kube_template *t)
{
    const struct kube_object *chosen = NULL;
    for (size_t i = 0; i < k->store[KUBE_POD].len; i++) {
        const struct kube_object *o = k->store[KUBE_POD].at[i];
        if (o->pod->template == t && !o->deletion_at && (!chosen || goes_before(o, chosen)))
            chosen = o;
    }
    if (!chosen)
        return;
    const struct kube_object *set = kube_find(k, KUBE_REPLICASET, t->ns, t->owner_name);
    if (set)
        kube_event(k, set, NULL, "Normal", "SuccessfulDelete", "replicaset-controller", "Deleted pod: %s", chosen->name);
    kube_pod_delete(k, chosen, -1);
}

static void store_if_changed(struct kube_sim *k, const struct kube_object *old, json_t *spec_replicas, json_t *status)
{
    bool same = json_equal(json_object_get(old->tree, "status"), status) &&
                (!spec_replicas || json_equal(json_at(old->tree, "spec.replicas"), spec_replicas));
    if (same) {
        json_decref(spec_replicas);
        json_decref(status);
        return;
    }
    struct kube_object *o = kube_edit(old);
    if (spec_replicas && !json_equal(json_at(o->tree, "spec.replicas"), spec_replicas))
        json_object_set_new(json_object_get(o->tree, "metadata"), "generation", json_integer(json_int(o->tree, "metadata.generation", 1) + 1));
    if (spec_replicas)
        json_object_set_new(json_object_get(o->tree, "spec"), "replicas", spec_replicas);
    json_object_set_new(o->tree, "status", status);
    kube_put(k, o);
}

static void keep_replicas(struct kube_sim *k, struct kube_revision *r)
{
    for (int i = r->template->live; i < r->wanted; i++)
        kube_pod_create(k, r->template);
    for (int i = r->wanted; i < r->template->live; i++)
        delete_one(k, r->template);
    r->template->live = r->wanted;
    const struct kube_object *set = kube_find(k, KUBE_REPLICASET, r->template->ns, r->name);
    if (!set)
        return;
    int ready = min_int(r->template->ready, r->wanted);
    json_t *status = json_pack("{s:i, s:i, s:i, s:i, s:I}", "replicas", r->wanted, "fullyLabeledReplicas", r->wanted, "readyReplicas", ready,
                               "availableReplicas", ready, "observedGeneration", (json_int_t)json_int(set->tree, "metadata.generation", 1));
    store_if_changed(k, set, json_integer(r->wanted), status);
}

static json_t *deployment_condition(const struct kube_object *old, const char *type, bool yes, const char *reason, const char *message, int64_t now)
{
    size_t i;
    json_t *was;
    json_array_foreach (json_at(old->tree, "status.conditions"), i, was)
        if (text_equal(json_text(was, "type"), type) && text_equal(json_text(was, "reason"), reason) &&
            text_equal(json_text(was, "message"), message))
            return borrow(was);
    return json_pack("{s:s, s:s, s:o, s:o, s:s, s:s}", "type", type, "status", yes ? "True" : "False", "lastUpdateTime", kube_stamp(now),
                     "lastTransitionTime", kube_stamp(now), "reason", reason, "message", message);
}

static json_t *conditions(struct kube_sim *k, struct kube_app *app, const struct kube_object *d, int replicas, int available, bool complete)
{
    const struct kube_revision *current = &app->revisions.at[app->revisions.len - 1];
    int unavailable = part_of(json_at(d->tree, "spec.strategy.rollingUpdate.maxUnavailable"), replicas, false);
    int64_t limit = json_int(d->tree, "spec.progressDeadlineSeconds", 600) * 1000;
    bool enough = available >= replicas - unavailable, late = !complete && (app->late || k->now - app->progress_at > limit);
    app->late = late;
    char message[400];
    text_format(message, sizeof message, "ReplicaSet \"%s\" %s", current->name,
                complete ? "has successfully progressed."
                : late   ? "has timed out progressing."
                         : "is progressing.");
    json_t *list = json_array();
    json_array_append_new(
        list, deployment_condition(d, "Available", enough, enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                                   enough ? "Deployment has minimum availability." : "Deployment does not have minimum availability.", k->now));
    json_array_append_new(list, deployment_condition(d, "Progressing", !late,
                                                     complete ? "NewReplicaSetAvailable"
                                                     : late   ? "ProgressDeadlineExceeded"
                                                              : "ReplicaSetUpdated",
                                                     message, k->now));
    return list;
}

static void set_status(struct kube_sim *k, struct kube_app *app, int replicas)
{
    const struct kube_object *d = kube_find(k, KUBE_DEPLOYMENT, app->ns, app->name);
    const struct kube_revision *current = &app->revisions.at[app->revisions.len - 1];
    struct totals sum = totals_of(app);
    int updated = current->template->live, missing = replicas - sum.ready;
    bool complete = updated == replicas && sum.live == replicas && sum.ready == replicas;
    json_t *status = json_pack("{s:I}", "observedGeneration", (json_int_t)json_int(d->tree, "metadata.generation", 1));
    const struct {
        const char *name;
        int value;
    } counts[] = {{"replicas", sum.live},
                  {"updatedReplicas", updated},
                  {"readyReplicas", sum.ready},
                  {"availableReplicas", sum.ready},
                  {"unavailableReplicas", missing}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (counts[i].value > 0)
            json_object_set_new(status, counts[i].name, json_integer(counts[i].value));
    json_object_set_new(status, "conditions", conditions(k, app, d, replicas, sum.ready, complete));
    store_if_changed(k, d, NULL, status);
}

static void set_revision(struct kube_sim *k, const struct kube_app *app, const struct kube_object *d)
{
    char number[12];
    text_format(number, sizeof number, "%d", app->revisions.at[app->revisions.len - 1].number);
    const json_t *annotations = json_at(d->tree, "metadata.annotations");
    if (text_equal(json_string_value(json_object_get(annotations, "deployment.kubernetes.io/revision")), number))
        return;
    struct kube_object *o = kube_edit(d);
    json_t *metadata = json_object_get(o->tree, "metadata");
    if (!json_object_get(metadata, "annotations"))
        json_object_set_new(metadata, "annotations", json_object());
    json_object_set_new(json_object_get(metadata, "annotations"), "deployment.kubernetes.io/revision", json_string(number));
    kube_put(k, o);
}

/* Every pod of the current template, as many as wanted, and ready. */
static bool settled(const struct kube_app *app, int replicas)
{
    struct totals sum = totals_of(app);
    const struct kube_template *current = app->revisions.len ? app->revisions.at[app->revisions.len - 1].template : NULL;
    return current && sum.live == replicas && sum.ready == replicas && sum.wanted == replicas && current->live == replicas;
}

static void reconcile(struct kube_sim *k, struct kube_app *app)
{
    const struct kube_object *d = kube_find(k, KUBE_DEPLOYMENT, app->ns, app->name);
    if (!d || json_flag(d->tree, "spec.paused", false))
        return;
    bool calm = settled(app, (int)json_int(d->tree, "spec.replicas", 1));
    if (calm && d->version == app->settled_version)
        return;
    app->settled_version = 0;
    if (d->version != app->seen_version) {
        kube_revision_of(k, app, d);
        set_revision(k, app, d);
        d = kube_find(k, KUBE_DEPLOYMENT, app->ns, app->name);
        app->seen_version = d->version;
    }
    int replicas = (int)json_int(d->tree, "spec.replicas", 1);
    struct kube_revision *current = &app->revisions.at[app->revisions.len - 1];
    int before = current->wanted;
    roll(app, json_object_get(d->tree, "spec"), replicas);
    if (current->wanted != before && !k->loading) {
        kube_event(k, d, NULL, "Normal", "ScalingReplicaSet", "deployment-controller", "Scaled %s replica set %s from %d to %d",
                   current->wanted > before ? "up" : "down", current->name, before < 0 ? 0 : before, current->wanted);
        app->progress_at = k->now;
    }
    for (size_t r = 0; r < app->revisions.len; r++)
        keep_replicas(k, &app->revisions.at[r]);
    set_status(k, app, replicas);
    if (calm)
        app->settled_version = kube_find(k, KUBE_DEPLOYMENT, app->ns, app->name)->version;
}

void kube_reconcile(struct kube_sim *k)
{
    for (int pass = 0; pass < 4 && k->reconciled != k->revision; pass++) {
        k->reconciled = k->revision;
        count_pods(k);
        for (size_t a = 0; a < k->apps.len; a++)
            reconcile(k, k->apps.at[a]);
    }
}
