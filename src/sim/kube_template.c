/* What pods are made from: the template of a ReplicaSet, and whether its images can be had and what is wrong with them. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "sim/kube.h"

/* The repository of an image must be one that the scenario knows. */
static char *image_error(const struct kube_sim *k, const json_t *containers)
{
    size_t i;
    json_t *container;
    json_array_foreach (containers, i, container) {
        const char *image = json_text_or(container, "image", "");
        bool known = false;
        for (size_t r = 0; r < k->repositories.len && !known; r++) {
            size_t len = strlen(k->repositories.at[r]);
            known = strncmp(image, k->repositories.at[r], len) == 0 && (image[len] == '\0' || image[len] == ':' || image[len] == '@');
        }
        if (!known) {
            struct str text = STR_INIT(2048);
            str_addf(&text, "failed to pull and unpack image \"%.500s\": failed to resolve reference \"%.500s\": %.500s: not found", image, image,
                     image);
            return str_take(&text);
        }
    }
    return NULL;
}

static int fail_of(const struct kube_sim *k, const struct kube_app *app, const json_t *containers)
{
    size_t i;
    json_t *container;
    json_array_foreach (containers, i, container) {
        const char *fault = sim_image_fault(k->sim, k->account, json_text_or(container, "image", ""));
        if (fault)
            return kube_fail_read(fault);
    }
    return app->fail;
}

struct kube_template *kube_template_new(struct kube_sim *k, struct kube_app *app, const struct kube_object *replica_set)
{
    struct kube_template *t = mem_new(sizeof *t);
    const json_t *source = json_at(replica_set->tree, "spec.template");
    struct str name = STR_INIT(512);
    str_addf(&name, "%s-", replica_set->name);
    *t = (struct kube_template){.refs = 1, .app = app, .ns = mem_strdup(replica_set->ns), .generate_name = str_take(&name)};
    t->owner_name = mem_strdup(replica_set->name);
    text_copy(t->owner_uid, sizeof t->owner_uid, replica_set->uid);
    t->spec = json_deep_copy(json_object_get(source, "spec"));
    t->labels = json_deep_copy(json_at(source, "metadata.labels"));
    t->annotations = json_deep_copy(json_at(source, "metadata.annotations"));
    if (!t->annotations)
        t->annotations = json_object();
    if (app->fargate) {
        json_object_set_new(t->labels, "eks.amazonaws.com/fargate-profile", json_string("applications"));
        json_object_set_new(t->annotations, "CapacityProvisioned", json_string("0.5vCPU 1GB"));
        json_object_set_new(t->annotations, "Logging", json_string("LoggingEnabled: LOGGING_CONFIGMAP_FOUND"));
    }
    t->init_count = json_array_size(json_object_get(t->spec, "initContainers"));
    t->container_count = json_array_size(json_object_get(t->spec, "containers"));
    t->gate_count = json_array_size(json_object_get(t->spec, "readinessGates"));
    t->image_error = image_error(k, json_object_get(t->spec, "containers"));
    t->fail = fail_of(k, app, json_object_get(t->spec, "containers"));
    return t;
}

void kube_template_unref(struct kube_template *t)
{
    if (!t || --t->refs)
        return;
    json_decref(t->labels);
    json_decref(t->annotations);
    json_decref(t->spec);
    free(t->ns);
    free(t->generate_name);
    free(t->owner_name);
    free(t->image_error);
    free(t);
}
