/* Releases: Deployments are given another image of a repository, as a pipeline's `kubectl set image` does, and how far that has come. */
#include <string.h>

#include "base/json.h"
#include "sim/kube.h"

static bool is_of(const char *image, const char *repository)
{
    size_t len = strlen(repository);
    return strncmp(image, repository, len) == 0 && (image[len] == '\0' || image[len] == ':' || image[len] == '@');
}

static size_t set_images(json_t *containers, const char *repository, const char *image)
{
    size_t i, count = 0;
    json_t *container;
    json_array_foreach (containers, i, container) {
        const char *has = json_text_or(container, "image", "");
        if (!is_of(has, repository) || strcmp(has, image) == 0)
            continue;
        json_object_set_new(container, "image", json_string(image));
        count++;
    }
    return count;
}

void kube_sim_set_image(struct kube_sim *k, const char *repository, const char *image)
{
    for (size_t i = 0; i < k->store[KUBE_DEPLOYMENT].len; i++) {
        struct kube_object *o = kube_edit(k->store[KUBE_DEPLOYMENT].at[i]);
        json_t *spec = json_at(o->tree, "spec.template.spec");
        size_t changed = set_images(json_object_get(spec, "containers"), repository, image);
        changed += set_images(json_object_get(spec, "initContainers"), repository, image);
        if (!changed) {
            kube_unref(o);
            continue;
        }
        json_object_set_new(json_object_get(o->tree, "metadata"), "generation", json_integer(json_int(o->tree, "metadata.generation", 1) + 1));
        kube_put(k, o);
    }
}

static bool runs(const struct kube_object *deployment, const char *image)
{
    size_t i;
    json_t *container;
    json_array_foreach (json_at(deployment->tree, "spec.template.spec.containers"), i, container)
        if (strcmp(json_text_or(container, "image", ""), image) == 0)
            return true;
    return false;
}

/* What the controller last said of it; not yet looked at since the change: under way. */
static enum sim_rollout state_of(const struct kube_object *d)
{
    size_t i;
    json_t *condition;
    if (json_int(d->tree, "status.observedGeneration", 0) < json_int(d->tree, "metadata.generation", 1))
        return SIM_ROLLOUT_UNDER_WAY;
    json_array_foreach (json_at(d->tree, "status.conditions"), i, condition) {
        const char *reason = json_text_or(condition, "reason", "");
        if (strcmp(reason, "NewReplicaSetAvailable") == 0)
            return SIM_ROLLOUT_DONE;
        if (strcmp(reason, "ProgressDeadlineExceeded") == 0)
            return SIM_ROLLOUT_FAILED;
    }
    return SIM_ROLLOUT_UNDER_WAY;
}

enum sim_rollout kube_sim_rollout(const struct kube_sim *k, const char *image)
{
    enum sim_rollout worst = SIM_ROLLOUT_NONE;
    for (size_t i = 0; i < k->store[KUBE_DEPLOYMENT].len; i++) {
        const struct kube_object *d = k->store[KUBE_DEPLOYMENT].at[i];
        enum sim_rollout state = runs(d, image) ? state_of(d) : SIM_ROLLOUT_NONE;
        worst = state > worst ? state : worst;
    }
    return worst;
}
