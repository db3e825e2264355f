/* Events: what happened to an object, told once and counted when it happens again; forgotten after an hour. */
#include <stdarg.h>
#include <string.h>

#include "base/json.h"
#include "sim/kube.h"

#define EVENT_LIFE_MS 3600000

static const struct kube_object *find_same(const struct kube_sim *k, const struct kube_object *about, const char *reason, const char *message)
{
    for (size_t i = 0; i < k->store[KUBE_EVENT].len; i++) {
        const struct kube_object *e = k->store[KUBE_EVENT].at[i];
        if (text_equal(json_text(e->tree, "involvedObject.uid"), about->uid) && text_equal(json_text(e->tree, "reason"), reason) &&
            text_equal(json_text(e->tree, "message"), message))
            return e;
    }
    return NULL;
}

static json_t *involved(const struct kube_object *about, const char *field_path)
{
    char version[24];
    text_format(version, sizeof version, "%llu", (unsigned long long)about->version);
    json_t *o = json_pack("{s:s}", "kind", kube_types[about->kind].kind);
    if (*about->ns)
        json_object_set_new(o, "namespace", json_string(about->ns));
    json_object_update_new(o, json_pack("{s:s, s:s, s:s, s:s}", "name", about->name, "uid", about->uid, "apiVersion", kube_api_version(about->kind),
                                        "resourceVersion", version));
    if (field_path)
        json_object_set_new(o, "fieldPath", json_string(field_path));
    return o;
}

static json_t *source_of(const struct kube_object *about, const char *component)
{
    json_t *source = json_pack("{s:s}", "component", component);
    if (strcmp(component, "kubelet") == 0 && about->pod && *about->pod->node)
        json_object_set_new(source, "host", json_string(about->pod->node));
    return source;
}

void kube_event(struct kube_sim *k, const struct kube_object *about, const char *field_path, const char *type, const char *reason,
                const char *component, const char *format, ...)
{
    char message[1024], name[320];
    va_list ap;
    struct str text = STR_INIT(sizeof message - 1);
    va_start(ap, format);
    str_addv(&text, format, ap);
    va_end(ap);
    text_copy(message, sizeof message, str_text(&text));
    str_free(&text);
    const struct kube_object *same = find_same(k, about, reason, message);
    if (same) {
        struct kube_object *again = kube_edit(same);
        json_object_set_new(again->tree, "count", json_integer(json_int(again->tree, "count", 1) + 1));
        json_object_set_new(again->tree, "lastTimestamp", kube_stamp(k->now));
        kube_put(k, again);
        return;
    }
    text_format(name, sizeof name, "%.250s.%08x%08x", about->name, (unsigned)(k->now / 1000), (unsigned)(kube_random(k) * 4294967295.0));
    struct kube_object *event = kube_object_new(k, KUBE_EVENT, *about->ns ? about->ns : "default", name);
    event->tree = json_pack("{s:{}, s:o, s:s, s:s, s:o, s:o, s:o, s:i, s:s, s:n, s:s, s:s}", "metadata", "involvedObject",
                            involved(about, field_path), "reason", reason, "message", message, "source", source_of(about, component),
                            "firstTimestamp", kube_stamp(k->now), "lastTimestamp", kube_stamp(k->now), "count", 1, "type", type, "eventTime",
                            "reportingComponent", component, "reportingInstance", about->pod ? about->pod->node : "");
    kube_put(k, event);
}

void kube_events_tidy(struct kube_sim *k)
{
    for (size_t i = k->store[KUBE_EVENT].len; i-- > 0;)
        if (json_when(k->store[KUBE_EVENT].at[i]->tree, "lastTimestamp") + EVENT_LIFE_MS < k->now)
            kube_remove(k, k->store[KUBE_EVENT].at[i]);
}
