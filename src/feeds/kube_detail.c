/* One pod looked at closely: its containers, events and document; and the one log followed. */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "feeds/fields.h"
#include "feeds/internal.h"

#define YAML_MAX    ((size_t)1 << 20)
#define AGAIN_MS    5000
#define TAIL_LINES  500
#define EVENTS_MAX  100

struct kube_look {
    struct feeds *feeds;
    struct detail_key key;
    struct kube_call *pod, *events;
    struct loop_timer *again;
    struct kube_log *log;
    struct kube_call *naming; /* the pod, read to know which container's log is meant */
    bool previous;
};

static struct kube_look *look_of(struct feeds *feeds)
{
    struct kube_look **at = feeds_kube_look(feeds);
    if (!*at) {
        *at = mem_new(sizeof **at);
        (*at)->feeds = feeds;
    }
    return *at;
}

static void look_release(struct feeds *feeds)
{
    struct kube_look **at = feeds_kube_look(feeds);
    if (*at && !(*at)->pod && !(*at)->events && !(*at)->again && !(*at)->log && !(*at)->naming) {
        free(*at);
        *at = NULL;
    }
}

/* Values in a pod's environment are where passwords stand; they are in what kubectl noted of its manifest too. Names and sources stay. */
static void hide_values(json_t *pod)
{
    static const char *const lists[] = {"initContainers", "containers", "ephemeralContainers"};
    json_t *spec = json_object_get(pod, "spec"), *container, *variable;
    size_t i, k;
    json_object_del(json_object_get(json_object_get(pod, "metadata"), "annotations"), "kubectl.kubernetes.io/last-applied-configuration");
    for (size_t list = 0; list < sizeof lists / sizeof *lists; list++)
        json_array_foreach(json_object_get(spec, lists[list]), i, container)
            json_array_foreach(json_object_get(container, "env"), k, variable)
                if (json_object_get(variable, "value"))
                    json_object_set_new(variable, "value", json_string("(not shown)"));
}

/* The state as kubectl describes it: a waiting or terminated reason where there is one. */
static void container_state(const json_t *status, struct container *out)
{
    const json_t *waiting = json_at(status, "state.waiting"), *ended = json_at(status, "state.terminated"),
                 *running = json_at(status, "state.running");
    const json_t *last = json_at(status, "lastState.terminated");
    if (waiting)
        FIELD(out->state, waiting, "reason");
    else if (ended)
        FIELD(out->state, ended, "reason");
    else
        text_copy(out->state, sizeof out->state, running ? "Running" : "");
    out->since = json_when(ended ? ended : running, ended ? "finishedAt" : "startedAt");
    out->exit_code = (int)json_int(ended ? ended : last, "exitCode", -1);
}

static void take_containers(struct detail *d, const json_t *pod, const char *specs, const char *statuses, bool init)
{
    size_t i, k;
    json_t *spec, *status;
    json_array_foreach(json_at(pod, specs), i, spec) {
        struct container *c = vec_add(&d->containers);
        c->init = init;
        c->restarts = -1;
        c->exit_code = -1;
        FIELD(c->name, spec, "name");
        FIELD(c->image, spec, "image");
        json_array_foreach(json_at(pod, statuses), k, status) {
            if (!text_equal(json_text(status, "name"), json_text(spec, "name")))
                continue;
            c->ready = json_flag(status, "ready", false);
            c->restarts = (int)json_int(status, "restartCount", -1);
            container_state(status, c);
        }
    }
}

static void take_pod(struct detail *d, json_t *pod)
{
    vec_clear(&d->containers);
    take_containers(d, pod, "spec.initContainers", "status.initContainerStatuses", true);
    take_containers(d, pod, "spec.containers", "status.containerStatuses", false);
    FIELD(d->service_account, pod, "spec.serviceAccountName");
    FIELD(d->qos, pod, "status.qosClass");
    FIELD(d->image_digest, pod, "status.containerStatuses.0.imageID");
    d->created_at = json_when(pod, "metadata.creationTimestamp");
    char kind[64], name[sizeof d->owner];
    FIELD(kind, pod, "metadata.ownerReferences.0.kind");
    FIELD(name, pod, "metadata.ownerReferences.0.name");
    text_format(d->owner, sizeof d->owner, "%s%s%s", kind, *kind ? "/" : "", name);
    json_object_del(json_at(pod, "metadata"), "managedFields"); /* bookkeeping that nobody reads */
    hide_values(pod);
    struct str yaml = STR_INIT(YAML_MAX);
    json_to_yaml(pod, &yaml);
    free(d->yaml);
    d->yaml = str_take(&yaml);
}

static void ask(void *arg);

static void got_pod(void *arg, json_t *object, const struct error *error)
{
    struct kube_look *look = arg;
    struct estate *e = feeds_estate(look->feeds);
    look->pod = NULL;
    look->again = loop_after(feeds_loop(look->feeds), AGAIN_MS, ask, look);
    if (!detail_is(e, &look->key))
        return;
    if (error) {
        detail_failed(e, error);
        return;
    }
    struct detail *d = detail_write(e);
    take_pod(d, object);
    d->slice = (struct slice){.state = SLICE_FRESH, .read_at = loop_wall(feeds_loop(look->feeds)), .interval_ms = AGAIN_MS};
    estate_touch(e);
}

static int newest_first(const void *a, const void *b)
{
    int64_t x = ((const struct object_event *)a)->at, y = ((const struct object_event *)b)->at;
    return x < y ? 1 : x > y ? -1 : 0;
}

static void got_events(void *arg, json_t *object, const struct error *error)
{
    struct kube_look *look = arg;
    struct estate *e = feeds_estate(look->feeds);
    struct detail *d = detail_write(e);
    size_t i;
    json_t *row;
    look->events = NULL;
    if (!detail_is(e, &look->key))
        return;
    vec_clear(&d->events);
    if (error) { /* who may read the pod need not be allowed to read its events: that is not the same as none */
        struct object_event *event = vec_add(&d->events);
        event->at = loop_wall(feeds_loop(look->feeds));
        text_copy(event->type, sizeof event->type, "Warning");
        text_format(event->reason, sizeof event->reason, "✗ %s", error->code);
        text_copy(event->message, sizeof event->message, error->message);
        estate_touch(e);
        return;
    }
    json_array_foreach(json_at(object, "items"), i, row) {
        if (i == EVENTS_MAX)
            break;
        struct object_event *event = vec_add(&d->events);
        event->at = json_when(row, "lastTimestamp");
        if (!event->at)
            event->at = json_when(row, "eventTime");
        event->count = (int)json_int(row, "count", 1);
        FIELD(event->type, row, "type");
        FIELD(event->reason, row, "reason");
        FIELD(event->message, row, "message");
    }
    if (d->events.len)
        qsort(d->events.at, d->events.len, sizeof *d->events.at, newest_first);
    estate_touch(e);
}

static void ask(void *arg)
{
    struct kube_look *look = arg;
    struct kube *kube = feeds_kube(look->feeds, look->key.account);
    struct str path = STR_INIT(2048), selector = STR_INIT(1024);
    look->again = NULL;
    str_addf(&path, "/api/v1/namespaces/");
    percent_add(&path, look->key.ns, strlen(look->key.ns), false);
    size_t base = path.len;
    str_adds(&path, "/pods/");
    percent_add(&path, look->key.name, strlen(look->key.name), false);
    look->pod = kube_get(kube, str_text(&path), got_pod, look);
    str_cut(&path, base, path.len - base);
    str_addf(&selector, "involvedObject.name=%s,involvedObject.kind=Pod", look->key.name);
    str_adds(&path, "/events?fieldSelector=");
    percent_add(&path, str_text(&selector), selector.len, false);
    look->events = kube_get(kube, str_text(&path), got_events, look);
    str_free(&path);
    str_free(&selector);
}

void kube_detail(struct feeds *feeds, const struct detail_key *key)
{
    struct kube_look *look = look_of(feeds);
    look->key = *key;
    ask(look);
}

void kube_detail_cancel(struct feeds *feeds)
{
    struct kube_look *look = *feeds_kube_look(feeds);
    if (!look)
        return;
    kube_cancel(look->pod);
    kube_cancel(look->events);
    loop_cancel(feeds_loop(feeds), look->again);
    look->pod = look->events = NULL;
    look->again = NULL;
    look_release(feeds);
}

static void on_line(void *arg, const char *line, size_t len) { log_view_add(feeds_estate(((struct kube_look *)arg)->feeds), line, len); }

static void on_end(void *arg, const struct error *error)
{
    struct kube_look *look = arg;
    log_view_end(feeds_estate(look->feeds), error);
    kube_log_stop(look->log);
    look->log = NULL;
    look_release(look->feeds);
}

static void follow(struct kube_look *look)
{
    const struct log_view *log = &feeds_estate(look->feeds)->log;
    look->log = kube_log_follow(feeds_kube(look->feeds, log->account), log->ns, log->pod, *log->container ? log->container : NULL, TAIL_LINES,
                                look->previous, on_line, on_end, look);
}

/* As kubectl chooses: the annotated container, else the first. The API refuses to guess where there are several. */
static void named(void *arg, json_t *object, const struct error *error)
{
    struct kube_look *look = arg;
    struct estate *e = feeds_estate(look->feeds);
    look->naming = NULL;
    if (error) {
        log_view_end(e, error);
        look_release(look->feeds);
        return;
    }
    const char *chosen = json_string_value(json_object_get(json_at(object, "metadata.annotations"), "kubectl.kubernetes.io/default-container"));
    if (!chosen)
        chosen = json_text_or(object, "spec.containers.0.name", "");
    log_view_container(e, chosen);
    follow(look);
}

void feeds_log(struct feeds *feeds, size_t account, const char *ns, const char *pod, const char *container, bool previous, int64_t since_ms)
{
    struct kube *kube = feeds_kube(feeds, account);
    feeds_log_close(feeds);
    log_view_open(feeds_estate(feeds), account, ns, pod, container);
    if (!*ns) {
        log_tail_open(feeds, account, pod, since_ms);
        return;
    }
    if (!kube)
        return;
    struct kube_look *look = look_of(feeds);
    struct str path = STR_INIT(2048);
    look->previous = previous;
    if (container) {
        follow(look);
        return;
    }
    str_adds(&path, "/api/v1/namespaces/");
    percent_add(&path, ns, strlen(ns), false);
    str_adds(&path, "/pods/");
    percent_add(&path, pod, strlen(pod), false);
    look->naming = kube_get(kube, str_text(&path), named, look);
    str_free(&path);
}

void feeds_log_close(struct feeds *feeds)
{
    struct kube_look *look = *feeds_kube_look(feeds);
    if (look) {
        kube_log_stop(look->log);
        kube_cancel(look->naming);
        look->log = NULL;
        look->naming = NULL;
        look_release(feeds);
    }
    log_tail_close(feeds);
    log_view_close(feeds_estate(feeds));
}
