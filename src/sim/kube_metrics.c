/* metrics.k8s.io: what pods and nodes use now. Worked out when asked for, the same within one scrape. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "sim/kube.h"

#define SCRAPE_MS 15000

struct usage {
    double cpu, memory;
}; /* cores, bytes */

static bool measured(const struct kube_sim *k, const struct kube_object *pod)
{
    const struct kube_container *c = &pod->pod->at[pod->pod->template->init_count];
    return c->state == CONTAINER_RUNNING && k->now - c->started_at > SCRAPE_MS;
}

static struct usage pod_usage(const struct kube_sim *k, const struct kube_object *pod)
{
    const struct kube_app *app = pod->pod->template->app;
    int ready = 0;
    double request = kube_quantity(app->cpu);
    for (size_t r = 0; r < app->revisions.len; r++)
        ready += app->revisions.at[r].template->ready;
    double share = app->load > 0 && ready ? kube_app_load(k, app) / ready : request / 10;
    if (share > 2 * request)
        share = 2 * request;
    double noise = kube_hash(pod->uid, (uint64_t)(k->now / SCRAPE_MS)) / 4294967296.0 - 0.5;
    double slow = kube_hash(pod->uid, (uint64_t)(k->now / (40 * SCRAPE_MS))) / 4294967296.0 - 0.5;
    return (struct usage){share * (1 + 0.24 * noise), kube_quantity(app->memory) * app->memory_usage * (1 + 0.1 * slow + 0.01 * noise)};
}

static json_t *usage_json(struct usage u)
{
    char cpu[32], memory[32];
    text_format(cpu, sizeof cpu, "%lldn", (long long)(u.cpu * 1e9));
    text_format(memory, sizeof memory, "%lldKi", (long long)(u.memory / 1024));
    return json_pack("{s:s, s:s}", "cpu", cpu, "memory", memory);
}

static json_t *containers(const struct kube_object *pod, struct usage u)
{
    json_t *list = json_array(), *spec;
    const json_t *specs = json_object_get(pod->pod->template->spec, "containers");
    size_t count = json_array_size(specs), i;
    json_array_foreach (specs, i, spec) {
        double part = count == 1 ? 1 : i == 0 ? 0.9 : 0.1 / (double)(count - 1);
        json_array_append_new(list, json_pack("{s:s, s:o}", "name", json_text_or(spec, "name", ""), "usage",
                                              usage_json((struct usage){u.cpu * part, u.memory * part})));
    }
    return list;
}

static json_t *document(const struct kube_call *c, const struct kube_object *o, struct usage u)
{
    int64_t scraped = c->k->now / SCRAPE_MS * SCRAPE_MS;
    json_t *metadata = json_pack("{s:s}", "name", o->name);
    if (*o->ns)
        json_object_set_new(metadata, "namespace", json_string(o->ns));
    json_object_set_new(metadata, "creationTimestamp", kube_stamp(c->k->now));
    json_object_set(metadata, "labels", (json_t *)(uintptr_t)kube_labels(o));
    json_t *d = json_pack("{s:s, s:s, s:o, s:o, s:s}", "kind", kube_types[c->kind].kind, "apiVersion", kube_api_version(c->kind), "metadata",
                          metadata, "timestamp", kube_stamp(scraped), "window", "15.021s");
    if (o->pod)
        json_object_set_new(d, "containers", containers(o, u));
    else
        json_object_set_new(d, "usage", usage_json(u));
    return d;
}

static struct usage node_usage(const struct kube_sim *k, const struct kube_object *node)
{
    struct usage sum = {0.06, 4.2e8};
    for (size_t i = 0; i < k->store[KUBE_POD].len; i++) {
        const struct kube_object *pod = k->store[KUBE_POD].at[i];
        if (strcmp(pod->pod->node, node->name) != 0 || !measured(k, pod))
            continue;
        struct usage u = pod_usage(k, pod);
        sum.cpu += u.cpu;
        sum.memory += u.memory;
    }
    return sum;
}

static void table_row(const struct kube_call *c, const struct kube_object *o, struct usage u, struct str *out)
{
    str_addf(out, "{\"cells\":[\"%s\",\"%lldm\",\"%lldMi\",\"15.021s\"],\"object\":", o->name, (long long)(u.cpu * 1000 + 0.5),
             (long long)(u.memory / 1048576));
    if (c->format.include == INCLUDE_NONE) {
        str_adds(out, "null}");
        return;
    }
    json_t *d = document(c, o, u);
    if (c->format.include == INCLUDE_METADATA) {
        json_t *partial =
            json_pack("{s:s, s:s, s:O}", "kind", "PartialObjectMetadata", "apiVersion", "meta.k8s.io/v1", "metadata", json_object_get(d, "metadata"));
        json_decref(d);
        d = partial;
    }
    kube_dump(d, out);
    json_decref(d);
    str_addc(out, '}');
}

#define COLUMN(name, type, format) "{\"name\":\"" name "\",\"type\":\"" type "\",\"format\":\"" format "\",\"description\":\"\",\"priority\":0}"

static void head(const struct kube_call *c, bool list, struct str *out)
{
    if (c->format.form == FORM_TABLE)
        str_adds(out, "{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{},\"columnDefinitions\":[" COLUMN(
                          "Name", "string", "name") "," COLUMN("cpu", "string", "") "," COLUMN("memory", "string", "") "," COLUMN("Window", "string",
                                                                                                                                  "") "],\"rows\":[");
    else if (list)
        str_addf(out, "{\"kind\":\"%sList\",\"apiVersion\":\"%s\",\"metadata\":{},\"items\":[", kube_types[c->kind].kind, kube_api_version(c->kind));
}

static void write_one(const struct kube_call *c, const struct kube_object *o, struct str *out)
{
    struct usage u = o->pod ? pod_usage(c->k, o) : node_usage(c->k, o);
    if (c->format.form == FORM_TABLE) {
        table_row(c, o, u, out);
        return;
    }
    json_t *d = document(c, o, u);
    kube_dump(d, out);
    json_decref(d);
}

static void write_list(const struct kube_call *c, const struct kube_selector *labels, struct str *out)
{
    enum kube_kind kind = c->kind == KUBE_POD_METRICS ? KUBE_POD : KUBE_NODE;
    bool first = true;
    head(c, true, out);
    for (size_t i = 0; i < c->k->store[kind].len; i++) {
        const struct kube_object *o = c->k->store[kind].at[i];
        if ((*c->ns && strcmp(c->ns, o->ns) != 0) || (o->pod && !measured(c->k, o)) || !kube_labels_match(labels, kube_labels(o)))
            continue;
        if (!first)
            str_addc(out, ',');
        first = false;
        write_one(c, o, out);
    }
    str_adds(out, "]}\n");
}

void kube_metrics(struct kube_call *c)
{
    enum kube_kind kind = c->kind == KUBE_POD_METRICS ? KUBE_POD : KUBE_NODE;
    struct error e = {0};
    if (kube_query_flag(c, "watch")) {
        kube_status(c, 405, "MethodNotAllowed", json_object(), "the server does not allow this method on the requested resource");
        return;
    }
    reply_header(c->reply, "Content-Type", "application/json");
    if (*c->name) {
        const struct kube_object *o = kube_find(c->k, kind, c->ns, c->name);
        if (!o || (o->pod && !measured(c->k, o))) {
            kube_not_found(c);
            return;
        }
        head(c, false, reply_body(c->reply));
        write_one(c, o, reply_body(c->reply));
        str_adds(reply_body(c->reply), c->format.form == FORM_TABLE ? "]}\n" : "\n");
        return;
    }
    char *text = server_query(c->request, "labelSelector");
    struct kube_selector *labels = kube_labels_parse(text, &e);
    free(text);
    if (!labels)
        kube_status_error(c, &e);
    else
        write_list(c, labels, reply_body(c->reply));
    kube_selector_free(labels);
}
