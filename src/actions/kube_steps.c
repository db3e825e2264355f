#include "actions/kube_steps.h"

#include <string.h>

#include "base/digest.h"
#include "base/json.h"

static const char *path_of(const char *collection, const char *kind, const char *ns, const char *name, char *out, size_t size)
{
    struct str text = STR_INIT(2048);
    str_addf(&text, "%s/namespaces/", collection);
    percent_add(&text, ns, strlen(ns), false);
    str_addf(&text, "/%s/", kind);
    percent_add(&text, name, strlen(name), false);
    text_copy(out, size, str_text(&text));
    str_free(&text);
    return out;
}

/* "/apis/apps/v1/namespaces/NS/deployments/NAME", names encoded. Returns out. */
static const char *deployment_path(const char *ns, const char *name, char *out, size_t size)
{
    return path_of("/apis/apps/v1", "deployments", ns, name, out, size);
}
const char *pod_path(const char *ns, const char *name, char *out, size_t size) { return path_of("/api/v1", "pods", ns, name, out, size); }

json_t *deployment_with(const char *ns, const char *name) { return json_pack("{s:s, s:s}", "ns", ns, "name", name); }

const char *deployment_step_path(const struct step *s, char *out, size_t size)
{
    return deployment_path(json_text_or(s->with, "ns", ""), json_text_or(s->with, "name", ""), out, size);
}

/* As kubectl rollout status judges it. */
bool deployment_settled(const json_t *d, char *words, size_t size)
{
    int64_t wanted = json_int(d, "spec.replicas", 1), updated = json_int(d, "status.updatedReplicas", 0),
            ready = json_int(d, "status.readyReplicas", 0);
    int64_t all = json_int(d, "status.replicas", 0), available = json_int(d, "status.availableReplicas", 0);
    if (json_int(d, "status.observedGeneration", 0) < json_int(d, "metadata.generation", 0)) {
        text_copy(words, size, "not taken up yet");
        return false;
    }
    if (all > updated)
        text_format(words, size, "%lld of %lld updated, %lld old ones left", (long long)updated, (long long)wanted, (long long)(all - updated));
    else
        text_format(words, size, "%lld of %lld ready", (long long)ready, (long long)wanted);
    return updated == wanted && all == wanted && available == wanted && ready >= wanted;
}
