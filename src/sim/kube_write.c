/* What changes objects: PATCH, PUT, DELETE, and the scale of Deployments. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "sim/kube.h"

static void conflict(struct kube_call *c)
{
    char resource[96];
    kube_status(
        c, 409, "Conflict", kube_details(c->kind, c->name),
        "Operation cannot be fulfilled on %s \"%s\": the object has been modified; please apply your changes to the latest version and try again",
        kube_resource(c->kind, resource, sizeof resource), c->name);
}

static void invalid(struct kube_call *c, const char *field, const char *reason, const char *message)
{
    char name[160];
    const char *group = kube_types[c->kind].group;
    json_t *details = json_pack("{s:s, s:s, s:[{s:s, s:s, s:s}]}", "name", c->name, "kind", kube_types[c->kind].kind, "causes", "reason", reason,
                                "message", message, "field", field);
    if (*group)
        json_object_set_new(details, "group", json_string(group));
    text_format(name, sizeof name, "%s%s%s", kube_types[c->kind].kind, *group ? "." : "", group);
    kube_status(c, 422, "Invalid", details, "%s \"%s\" is invalid: %s: %s", name, c->name, field, message);
}

static json_t *scale_of(const struct kube_object *o)
{
    struct str selector = STR_INIT(4096);
    const char *key;
    json_t *value, *metadata = kube_json_metadata(o, o->version), *status;
    json_object_del(metadata, "labels");
    json_object_del(metadata, "annotations");
    json_object_del(metadata, "generation");
    json_object_foreach (json_at(o->tree, "spec.selector.matchLabels"), key, value)
        str_addf(&selector, "%s%s=%s", selector.len ? "," : "", key, json_is_string(value) ? json_string_value(value) : "");
    status = json_pack("{s:I, s:s}", "replicas", (json_int_t)json_int(o->tree, "status.replicas", 0), "selector", str_text(&selector));
    str_free(&selector);
    return json_pack("{s:s, s:s, s:o, s:{s:I}, s:o}", "kind", "Scale", "apiVersion", "autoscaling/v1", "metadata", metadata, "spec", "replicas",
                     (json_int_t)json_int(o->tree, "spec.replicas", 1), "status", status);
}

void kube_scale_get(struct kube_call *c)
{
    const struct kube_object *o = kube_find(c->k, c->kind, c->ns, c->name);
    if (o)
        kube_reply_tree(c, scale_of(o));
    else
        kube_not_found(c);
}

/* The common end of PATCH and PUT: checks what may not change, then stores. `tree` is a whole document; it stays the caller's. */

static bool check_metadata(struct kube_call *c, const struct kube_object *old, const json_t *tree)
{
    char version[24];
    text_format(version, sizeof version, "%llu", (unsigned long long)old->version);
    const char *given = json_text(tree, "metadata.resourceVersion"), *uid = json_text(tree, "metadata.uid");
    const char *name = json_text(tree, "metadata.name"), *ns = json_text(tree, "metadata.namespace");
    if (!text_equal(name, old->name))
        kube_status(c, 400, "BadRequest", NULL, "the name of the object (%s) does not match the name on the URL (%s)", name ? name : "", old->name);
    else if (ns && strcmp(ns, old->ns) != 0)
        kube_status(c, 400, "BadRequest", NULL, "the namespace of the provided object does not match the namespace sent on the request");
    else if (given && *given && strcmp(given, version) != 0)
        conflict(c);
    else if (uid && *uid && strcmp(uid, old->uid) != 0)
        kube_status(c, 409, "Conflict", kube_details(c->kind, c->name),
                    "Operation cannot be fulfilled on %s \"%s\": Precondition failed: UID in precondition: %s, "
                    "UID in object meta: %s",
                    kube_types[c->kind].plural, old->name, uid, old->uid);
    else
        return true;
    return false;
}

static bool all_strings(const json_t *map)
{
    const char *key;
    json_t *value;
    if (map && !json_is_object(map))
        return false;
    json_object_foreach ((json_t *)(uintptr_t)map, key, value)
        if (!json_is_string(value))
            return false;
    return true;
}

static bool check_replicas(struct kube_call *c, const json_t *replicas, const char *field)
{
    char message[120];
    if (!json_is_integer(replicas)) {
        kube_status(c, 400, "BadRequest", NULL,
                    "%s in version \"%s\" cannot be handled as a %s: json: cannot unmarshal %s into Go struct field %s of type int32",
                    kube_types[c->kind].kind, kube_types[c->kind].version, kube_types[c->kind].kind, json_is_string(replicas) ? "string" : "value",
                    field);
        return false;
    }
    if (json_integer_value(replicas) >= 0 && json_integer_value(replicas) <= INT32_MAX)
        return true;
    text_format(message, sizeof message, "Invalid value: %lld: must be greater than or equal to 0", (long long)json_integer_value(replicas));
    invalid(c, field, "FieldValueInvalid", message);
    return false;
}

static bool selector_matches(const json_t *selector, const json_t *labels)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)selector, key, value)
        if (!json_equal(value, json_object_get(labels, key)))
            return false;
    return true;
}

static bool check_deployment(struct kube_call *c, const struct kube_object *old, const json_t *tree)
{
    size_t i;
    json_t *container;
    const json_t *containers = json_at(tree, "spec.template.spec.containers");
    if (json_at(tree, "spec.replicas") && !check_replicas(c, json_at(tree, "spec.replicas"), "spec.replicas"))
        return false;
    if (!json_equal(json_at(tree, "spec.selector"), json_at(old->tree, "spec.selector"))) {
        invalid(c, "spec.selector", "FieldValueInvalid", "Invalid value: field is immutable");
        return false;
    }
    if (!selector_matches(json_at(tree, "spec.selector.matchLabels"), json_at(tree, "spec.template.metadata.labels"))) {
        invalid(c, "spec.template.metadata.labels", "FieldValueInvalid", "Invalid value: `selector` does not match template `labels`");
        return false;
    }
    if (!json_is_array(containers) || json_array_size(containers) == 0 || json_array_size(containers) > KUBE_CONTAINERS_MAX) {
        invalid(c, "spec.template.spec.containers", "FieldValueRequired", "Required value");
        return false;
    }
    json_array_foreach (containers, i, container)
        if (!json_text(container, "name") || !json_text(container, "image") || !*json_text(container, "image")) {
            char field[96];
            text_format(field, sizeof field, "spec.template.spec.containers[%zu].%s", i, json_text(container, "name") ? "image" : "name");
            invalid(c, field, "FieldValueRequired", "Required value");
            return false;
        }
    return true;
}

static bool check_hpa(struct kube_call *c, const json_t *tree)
{
    int64_t low = json_int(tree, "spec.minReplicas", 1), high = json_int(tree, "spec.maxReplicas", 0);
    if (!check_replicas(c, json_at(tree, "spec.maxReplicas"), "spec.maxReplicas"))
        return false;
    if (low >= 1 && high >= low)
        return true;
    invalid(c, low < 1 ? "spec.minReplicas" : "spec.maxReplicas", "FieldValueInvalid",
            low < 1 ? "Invalid value: must be greater than or equal to 1" : "Invalid value: must be greater than or equal to `minReplicas`");
    return false;
}

/* Of a pod's spec only images may change. */
static bool check_pod(struct kube_call *c, const json_t *before, const json_t *tree)
{
    json_t *a = json_deep_copy(json_object_get(before, "spec")), *b = json_deep_copy(json_object_get(tree, "spec")), *container;
    size_t i;
    json_array_foreach (json_object_get(a, "containers"), i, container)
        json_object_del(container, "image");
    json_array_foreach (json_object_get(b, "containers"), i, container)
        json_object_del(container, "image");
    bool same = json_equal(a, b);
    json_decref(a);
    json_decref(b);
    if (!same)
        invalid(c, "spec", "FieldValueForbidden",
                "Forbidden: pod updates may not change fields other than "
                "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
                "`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was "
                "previously negative)");
    return same;
}

static void take_pod(struct kube_object *o, const json_t *tree)
{
    json_t *own = json_object(), *images = json_object(), *container;
    size_t i;
    json_object_set_new(own, "labels", json_deep_copy(json_at(tree, "metadata.labels")));
    json_object_set_new(own, "annotations", json_deep_copy(json_at(tree, "metadata.annotations")));
    json_array_foreach (json_at(tree, "spec.containers"), i, container)
        if (json_text(container, "name") && json_text(container, "image"))
            json_object_set(images, json_text(container, "name"), json_object_get(container, "image"));
    json_object_set_new(own, "images", images);
    json_decref(o->tree);
    o->tree = own;
}

/* The document without what is kept apart; the status stays as it was. */
static void take_tree(struct kube_object *o, const json_t *tree)
{
    static const char *const apart[] = {
        "name",          "namespace",  "uid",     "resourceVersion", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
        "managedFields", "generation", "selfLink"};
    json_t *next = json_deep_copy(tree), *metadata = json_object_get(next, "metadata");
    int64_t generation = json_int(o->tree, "metadata.generation", 0);
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++)
        json_object_del(metadata, apart[i]);
    json_object_del(next, "kind");
    json_object_del(next, "apiVersion");
    if (generation)
        json_object_set_new(metadata, "generation",
                            json_integer(generation + !json_equal(json_object_get(next, "spec"), json_object_get(o->tree, "spec"))));
    if (o->kind == KUBE_DEPLOYMENT && !json_at(next, "spec.replicas"))
        json_object_set_new(json_object_get(next, "spec"), "replicas", json_integer(1));
    json_object_set(next, "status", json_object_get(o->tree, "status"));
    json_decref(o->tree);
    o->tree = next;
}

static const struct kube_object *store(struct kube_call *c, const struct kube_object *old, const json_t *tree, struct kube_object **unstored)
{
    struct kube_object *o = kube_edit(old);
    json_t *before = kube_json(old, old->version, true), *after;
    if (o->pod)
        take_pod(o, tree);
    else
        take_tree(o, tree);
    after = kube_json(o, old->version, true);
    bool same = json_equal(before, after);
    json_decref(before);
    json_decref(after);
    if (same || c->dry_run) { /* a change that changes nothing keeps its resourceVersion */
        *unstored = o;
        return o;
    }
    return kube_put(c->k, o);
}

static bool check(struct kube_call *c, const struct kube_object *old, const json_t *before, const json_t *tree)
{
    if (!json_is_object(tree) || !json_is_object(json_object_get(tree, "metadata")) || !json_is_object(json_object_get(tree, "spec")) ||
        !all_strings(json_at(tree, "metadata.labels")) || !all_strings(json_at(tree, "metadata.annotations"))) {
        kube_status(c, 400, "BadRequest", NULL, "%s in version \"%s\" cannot be handled as a %s: json: cannot unmarshal", kube_types[c->kind].kind,
                    kube_types[c->kind].version, kube_types[c->kind].kind);
        return false;
    }
    if (!check_metadata(c, old, tree))
        return false;
    return c->kind == KUBE_DEPLOYMENT ? check_deployment(c, old, tree) : c->kind == KUBE_HPA ? check_hpa(c, tree) : check_pod(c, before, tree);
}

static void finish(struct kube_call *c, const struct kube_object *old, const json_t *before, const json_t *tree)
{
    struct kube_object *unstored = NULL;
    if (!check(c, old, before, tree))
        return;
    const struct kube_object *o = store(c, old, tree, &unstored);
    kube_reply_object(c, o);
    kube_unref(unstored);
}

static void finish_scale(struct kube_call *c, const struct kube_object *old, const json_t *scale)
{
    char version[24];
    const char *given = json_text(scale, "metadata.resourceVersion");
    const json_t *replicas = json_at(scale, "spec.replicas");
    text_format(version, sizeof version, "%llu", (unsigned long long)old->version);
    if (given && *given && strcmp(given, version) != 0) {
        conflict(c);
        return;
    }
    if (!replicas)
        replicas = json_object_get(scale, "spec") ? NULL : json_null();
    json_t *zero = json_integer(0); /* a Scale without replicas means none */
    if (check_replicas(c, replicas ? replicas : zero, "spec.replicas")) {
        json_t *tree = kube_json(old, old->version, true), *changed = json_deep_copy(tree);
        struct kube_object *unstored = NULL;
        json_object_set(json_object_get(changed, "spec"), "replicas", (json_t *)(uintptr_t)(replicas ? replicas : zero));
        const struct kube_object *o = store(c, old, changed, &unstored);
        kube_reply_tree(c, scale_of(o));
        kube_unref(unstored);
        json_decref(tree);
        json_decref(changed);
    }
    json_decref(zero);
}

static json_t *body_of(struct kube_call *c)
{
    struct error e = {0};
    json_t *tree = json_load(c->request->body, c->request->body_len, &e);
    if (!tree)
        kube_status(c, 400, "BadRequest", NULL,
                    "the object provided is unrecognized (must be of type %s): couldn't get version/kind; json parse error: %s",
                    kube_types[c->kind].kind, e.message);
    return tree;
}

static json_t *patched(struct kube_call *c, const json_t *before, const json_t *patch)
{
    const char *type = server_header(c->request, "Content-Type");
    size_t len = type ? strcspn(type, "; ") : 0;
    struct error e = {0};
    json_t *out = NULL;
    bool merge = type && len == 28 && strncmp(type, "application/merge-patch+json", len) == 0;
    bool strategic = type && len == 38 && strncmp(type, "application/strategic-merge-patch+json", len) == 0;
    if (type && len == 27 && strncmp(type, "application/json-patch+json", len) == 0)
        out = kube_patch_json(before, patch, &e);
    else if ((merge || strategic) && !json_is_object(patch))
        error_set(&e, ERROR_SERVICE, "BadRequest", "json: cannot unmarshal array into Go value of type map[string]interface {}");
    else if (merge)
        out = kube_patch_merge(before, patch);
    else if (strategic)
        out = kube_patch_strategic(before, patch, &e);
    else
        kube_status(c, 415, "UnsupportedMediaType", json_object(),
                    "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, "
                    "application/merge-patch+json, "
                    "application/strategic-merge-patch+json");
    if (e.kind != ERROR_NONE)
        kube_status_error(c, &e);
    return out;
}

void kube_patch_handle(struct kube_call *c)
{
    const struct kube_object *old = kube_find(c->k, c->kind, c->ns, c->name);
    if (!old) {
        kube_not_found(c);
        return;
    }
    bool scale = strcmp(c->sub, "scale") == 0;
    json_t *patch = body_of(c);
    json_t *before = patch ? (scale ? scale_of(old) : kube_json(old, old->version, true)) : NULL;
    json_t *after = patch ? patched(c, before, patch) : NULL;
    if (after && scale)
        finish_scale(c, old, after);
    else if (after)
        finish(c, old, before, after);
    json_decref(after);
    json_decref(before);
    json_decref(patch);
}

void kube_put_handle(struct kube_call *c)
{
    const struct kube_object *old = kube_find(c->k, c->kind, c->ns, c->name);
    if (!old) {
        kube_not_found(c);
        return;
    }
    json_t *tree = body_of(c), *before = tree ? kube_json(old, old->version, true) : NULL;
    if (tree && strcmp(c->sub, "scale") == 0)
        finish_scale(c, old, tree);
    else if (tree)
        finish(c, old, before, tree);
    json_decref(tree);
    json_decref(before);
}

/* DeleteOptions come in the body or as parameters. */
void kube_delete_handle(struct kube_call *c)
{
    struct error ignored;
    const struct kube_object *pod = kube_find(c->k, c->kind, c->ns, c->name);
    if (!pod) {
        kube_not_found(c);
        return;
    }
    json_t *options = c->request->body_len ? json_load(c->request->body, c->request->body_len, &ignored) : json_object();
    if (!options) {
        kube_status(c, 400, "BadRequest", NULL, "the body of the request is no DeleteOptions");
        return;
    }
    int64_t grace = json_int(options, "gracePeriodSeconds", kube_query_int(c, "gracePeriodSeconds", -1));
    const char *uid = json_text(options, "preconditions.uid"), *version = json_text(options, "preconditions.resourceVersion");
    char own[24];
    text_format(own, sizeof own, "%llu", (unsigned long long)pod->version);
    if ((uid && strcmp(uid, pod->uid) != 0) || (version && strcmp(version, own) != 0)) {
        kube_status(c, 409, "Conflict", kube_details(c->kind, c->name), "Operation cannot be fulfilled on pods \"%s\": Precondition failed: %s",
                    c->name, uid && strcmp(uid, pod->uid) != 0 ? "UID in precondition" : "ResourceVersion in precondition");
    } else if (c->dry_run) {
        kube_reply_object(c, pod);
    } else {
        struct kube_object *last = kube_ref(kube_find(c->k, c->kind, c->ns, c->name));
        const struct kube_object *now = kube_pod_delete(c->k, last, grace < 0 ? -1 : grace * 1000);
        kube_reply_object(c, now ? now : last);
        kube_unref(last);
    }
    json_decref(options);
}
