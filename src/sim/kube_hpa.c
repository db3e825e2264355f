/* The load of applications as time goes on, and the autoscalers that follow it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "sim/kube.h"

#define EVERY_MS  15000
#define STABLE_MS 300000
#define TOLERANCE 0.1
#define SWING_MS  1020000.0

double kube_quantity(const char *text)
{
    static const struct {
        const char *suffix;
        double factor;
    } units[] = {{"m", 1e-3}, {"n", 1e-9}, {"Ki", 1024.0}, {"Mi", 1048576.0}, {"Gi", 1073741824.0}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"", 1}};
    char *end;
    double value = strtod(text, &end);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(end, units[i].suffix) == 0)
            return value * units[i].factor;
    return 0;
}

/* A slow swing with a little noise, the same for the same time. */
double kube_app_load(const struct kube_sim *k, const struct kube_app *app)
{
    int64_t slot = k->now / EVERY_MS;
    double noise = kube_hash(app->name, (uint64_t)slot) / 4294967296.0 - 0.5;
    double phase = kube_hash(app->name, 7) / 4294967296.0 * 6.283185307;
    return app->load * (1 + 0.04 * sin((double)k->now / SWING_MS * 6.283185307 + phase) + 0.03 * noise);
}

static json_t *target_metric(double target)
{
    return json_pack("{s:s, s:{s:s, s:{s:s, s:i}}}", "type", "Resource", "resource", "name", "cpu", "target", "type", "Utilization",
                     "averageUtilization", (int)lround(target * 100));
}

void kube_hpa_create(struct kube_sim *k, struct kube_app *app)
{
    struct kube_object *o = kube_object_new(k, KUBE_HPA, app->ns, app->name);
    o->created_at = k->now - app->age;
    o->tree = json_pack("{s:{s:{s:s}}, s:{s:{s:s, s:s, s:s}, s:I, s:I, s:[o]}, s:{s:I, s:I, s:n}}", "metadata", "labels", "app", app->name, "spec",
                        "scaleTargetRef", "kind", "Deployment", "name", app->name, "apiVersion", "apps/v1", "minReplicas", (json_int_t)app->hpa_min,
                        "maxReplicas", (json_int_t)app->hpa_max, "metrics", target_metric(app->hpa_target), "status", "currentReplicas",
                        (json_int_t)app->replicas, "desiredReplicas", (json_int_t)app->replicas, "currentMetrics");
    kube_put(k, o);
}

static struct kube_app *app_of(const struct kube_sim *k, const struct kube_object *hpa)
{
    const char *name = json_text_or(hpa->tree, "spec.scaleTargetRef.name", "");
    for (size_t i = 0; i < k->apps.len; i++)
        if (strcmp(k->apps.at[i]->ns, hpa->ns) == 0 && strcmp(k->apps.at[i]->name, name) == 0)
            return k->apps.at[i];
    return NULL;
}

static int ready_pods(const struct kube_app *app)
{
    int ready = 0;
    for (size_t r = 0; r < app->revisions.len; r++)
        ready += app->revisions.at[r].template->ready;
    return ready;
}

static int clamp(int value, int low, int high) { return value < low ? low : value > high ? high : value; }

static json_t *condition(const struct kube_object *old, const char *type, bool yes, const char *reason, const char *message, int64_t now)
{
    size_t i;
    json_t *was;
    json_array_foreach (json_at(old->tree, "status.conditions"), i, was)
        if (text_equal(json_text(was, "type"), type) && text_equal(json_text(was, "reason"), reason))
            return json_incref(was);
    return json_pack("{s:s, s:s, s:o, s:s, s:s}", "type", type, "status", yes ? "True" : "False", "lastTransitionTime", kube_stamp(now), "reason",
                     reason, "message", message);
}

static json_t *conditions(const struct kube_object *hpa, bool disabled, bool known, int64_t now)
{
    json_t *list = json_array();
    json_array_append_new(
        list, condition(hpa, "AbleToScale", true, disabled ? "SucceededGetScale" : "ReadyForNewScale",
                        disabled ? "the HPA controller was able to get the target's current scale" : "recommended size matches current size", now));
    if (disabled)
        json_array_append_new(list, condition(hpa, "ScalingActive", false, "ScalingDisabled",
                                              "scaling is disabled since the replica count of the target is zero", now));
    else if (known)
        json_array_append_new(
            list, condition(hpa, "ScalingActive", true, "ValidMetricFound",
                            "the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)", now));
    else
        json_array_append_new(list, condition(hpa, "ScalingActive", false, "FailedGetResourceMetric",
                                              "the HPA was unable to compute the replica count: no metrics returned from resource metrics API", now));
    return list;
}

static void rescale(struct kube_sim *k, const struct kube_object *hpa, const struct kube_object *deployment, int wanted, bool above)
{
    struct kube_object *o = kube_edit(deployment);
    json_object_set_new(json_object_get(o->tree, "spec"), "replicas", json_integer(wanted));
    json_object_set_new(json_object_get(o->tree, "metadata"), "generation", json_integer(json_int(o->tree, "metadata.generation", 1) + 1));
    kube_put(k, o);
    kube_event(k, hpa, NULL, "Normal", "SuccessfulRescale", "horizontal-pod-autoscaler", "New size: %d; reason: %s", wanted,
               above ? "cpu resource utilization (percentage of request) above target" : "All metrics below target");
}

static void follow(struct kube_sim *k, const struct kube_object *hpa, struct kube_app *app)
{
    const struct kube_object *d = kube_find(k, KUBE_DEPLOYMENT, app->ns, app->name);
    if (!d)
        return;
    int replicas = (int)json_int(d->tree, "spec.replicas", 1), ready = ready_pods(app), wanted = replicas;
    int low = (int)json_int(hpa->tree, "spec.minReplicas", 1), high = (int)json_int(hpa->tree, "spec.maxReplicas", 1);
    double target = (double)json_int(hpa->tree, "spec.metrics.0.resource.target.averageUtilization", 80) / 100;
    bool disabled = replicas == 0, known = ready > 0;
    double used = known ? kube_app_load(k, app) / ready / kube_quantity(app->cpu) : 0;
    if (used > 2)
        used = 2; /* a pod cannot use more than its node has */
    if (!disabled && known && fabs(used / target - 1) > TOLERANCE)
        wanted = (int)ceil(ready * used / target);
    wanted = disabled ? 0 : clamp(wanted, low, high);
    if (wanted >= replicas)
        app->low_since = 0;
    else if (!app->low_since)
        app->low_since = k->now;
    if (wanted < replicas && k->now - app->low_since < STABLE_MS)
        wanted = replicas < high ? replicas : high;
    struct kube_object *o = kube_edit(hpa);
    json_t *status = json_pack("{s:i, s:i, s:o}", "currentReplicas", (int)(app->revisions.len ? json_int(d->tree, "status.replicas", 0) : 0),
                               "desiredReplicas", wanted, "conditions", conditions(hpa, disabled, known, k->now));
    if (known && !disabled) {
        char average[24];
        text_format(average, sizeof average, "%dm", (int)lround(used * kube_quantity(app->cpu) * 1000));
        json_object_set_new(status, "currentMetrics",
                            json_pack("[{s:s, s:{s:s, s:{s:i, s:s}}}]", "type", "Resource", "resource", "name", "cpu", "current",
                                      "averageUtilization", (int)lround(used * 100), "averageValue", average));
    } else {
        json_object_set_new(status, "currentMetrics", json_null());
    }
    if (json_equal(status, json_object_get(o->tree, "status"))) {
        json_decref(status);
        kube_unref(o);
    } else {
        json_object_set_new(o->tree, "status", status);
        hpa = kube_put(k, o);
    }
    if (wanted != replicas)
        rescale(k, hpa, kube_find(k, KUBE_DEPLOYMENT, app->ns, app->name), wanted, wanted > replicas);
}

void kube_hpa_step(struct kube_sim *k)
{
    if (k->now < k->hpa_at)
        return;
    k->hpa_at = k->now + EVERY_MS;
    for (size_t i = 0; i < k->store[KUBE_HPA].len; i++) {
        struct kube_app *app = app_of(k, k->store[KUBE_HPA].at[i]);
        if (app)
            follow(k, k->store[KUBE_HPA].at[i], app);
    }
}
