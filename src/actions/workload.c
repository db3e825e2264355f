/* Small changes to what runs in a cluster: restart a Deployment, scale it, delete a pod. */
#include <stdlib.h>
#include <string.h>

#include "actions/kube_steps.h"
#include "actions/workload.h"
#include "base/json.h"
#include "base/when.h"

#define MINUTE_MS     INT64_C(60000)
#define REPLICAS_MAX  1000
#define RESTARTED     "kubectl.kubernetes.io/restartedAt" /* as kubectl rollout restart writes it */

static void look_at_deployment(struct step *s, step_got *got)
{
    char path[1024];
    step_look_kube(s, deployment_step_path(s, path, sizeof path), got);
}

static void found_missing(struct step *s) { step_found(s, FOUND_FAILED, "there is no deployment %s", s->target); }

static void found_settling(struct step *s, const json_t *d)
{
    char words[200];
    bool settled = deployment_settled(d, words, sizeof words);
    step_found(s, settled ? FOUND_DONE : FOUND_UNDERWAY, "%s", words);
}

static const struct pod *seen_pod(const struct action *a)
{
    const struct cluster *cluster = &a->account->cluster;
    for (size_t i = 0; i < cluster->pods.len; i++)
        if (!strcmp(cluster->pods.at[i].ns, a->target.ns) && !strcmp(cluster->pods.at[i].name, a->target.name))
            return &cluster->pods.at[i];
    return NULL;
}

/* What could not be read is looked for by the step itself. */
static bool is_there(const struct action *a, struct error *e)
{
    const struct cluster *cluster = &a->account->cluster;
    bool pod = a->target.kind == TARGET_POD, found = !slice_has_data(&a->account->slices[pod ? FEED_PODS : FEED_DEPLOYMENTS]);
    for (size_t i = 0; !pod && !found && i < cluster->deployments.len; i++)
        found = !strcmp(cluster->deployments.at[i].ns, a->target.ns) && !strcmp(cluster->deployments.at[i].name, a->target.name);
    if (pod && !found)
        found = seen_pod(a);
    if (!found)
        error_set(e, ERROR_INPUT, "target", "%s has no %s %s/%s", a->account->config->name, pod ? "pod" : "deployment", a->target.ns, a->target.name);
    return found;
}

/* The Deployment that the action is about, as its one step. */
static struct step *plan_deployment(struct action *a, const struct step_type *type)
{
    char target[400];
    text_format(target, sizeof target, "%s/%s", a->target.ns, a->target.name);
    return plan_step(a, type, target, deployment_with(a->target.ns, a->target.name));
}

/* Restart. The time that is written marks this restart from any other. */

static void describe_restart(const struct action *a, const struct step *s, struct str *out)
{
    (void)a;
    str_addf(out, "restart deployment %s: its pods are replaced, some at a time", s->target);
}

static void got_restart(struct action *a, struct step *s, const json_t *d)
{
    const char *at = json_string_value(json_object_get(json_at(d, "spec.template.metadata.annotations"), RESTARTED));
    (void)a;
    if (!d)
        found_missing(s);
    else if (!text_equal(at, json_text(s->with, "at")))
        step_found(s, FOUND_TODO, "%lld pods", (long long)json_int(d, "spec.replicas", 1));
    else
        found_settling(s, d);
}

static void look_restart(struct action *a, struct step *s)
{
    (void)a;
    look_at_deployment(s, got_restart);
}

static void call_restart(struct action *a, struct step *s)
{
    char path[1024];
    (void)a;
    step_patch_kube(s, deployment_step_path(s, path, sizeof path),
                    json_pack("{s:{s:{s:{s:{s:s}}}}}", "spec", "template", "metadata", "annotations", RESTARTED, json_text_or(s->with, "at", "")));
}

const struct step_type step_restart = {.name = "deployment-restart",
                                       .api = "kubernetes PATCH deployment",
                                       .describe = describe_restart,
                                       .look = look_restart,
                                       .call = call_restart,
                                       .every_ms = 1000,
                                       .limit_ms = 15 * MINUTE_MS};

static bool plan_restart(struct action *a, struct error *e)
{
    char at[40];
    if (!is_there(a, e))
        return false;
    json_object_set_new(plan_deployment(a, &step_restart)->with, "at", json_string(when_iso(action_now(a), at, sizeof at)));
    return true;
}

const struct action_type action_restart = {.name = "restart",
                                           .verb = "restart",
                                           .key = 'r',
                                           .about = "restart a deployment: its pods are replaced, some at a time",
                                           .on = TARGET_DEPLOYMENT,
                                           .needs = NEEDS_CLUSTER,
                                           .feeds = FEED_BIT(FEED_DEPLOYMENTS),
                                           .plan = plan_restart};

/* Scale. */

static bool replicas_good(const char *value, struct error *e)
{
    char *end;
    long n = strtol(value, &end, 10);
    if (*value >= '0' && *value <= '9' && !*end && n <= REPLICAS_MAX)
        return true;
    return error_set(e, ERROR_INPUT, "value", "scale \"%s\": expected a number of pods, 0 to %d", value, REPLICAS_MAX), false;
}

static void describe_scale(const struct action *a, const struct step *s, struct str *out)
{
    (void)a;
    str_addf(out, "scale deployment %s to %lld", s->target, (long long)json_int(s->with, "replicas", 0));
}

static void got_scale(struct action *a, struct step *s, const json_t *d)
{
    int64_t now = json_int(d, "spec.replicas", 1);
    (void)a;
    if (!d)
        found_missing(s);
    else if (now != json_int(s->with, "replicas", 0))
        step_found(s, FOUND_TODO, "%lld wanted now", (long long)now);
    else
        found_settling(s, d);
}

static void look_scale(struct action *a, struct step *s)
{
    (void)a;
    look_at_deployment(s, got_scale);
}

static void call_scale(struct action *a, struct step *s)
{
    char path[1024];
    (void)a;
    step_patch_kube(s, deployment_step_path(s, path, sizeof path),
                    json_pack("{s:{s:I}}", "spec", "replicas", (json_int_t)json_int(s->with, "replicas", 0)));
}

const struct step_type step_scale = {.name = "deployment-scale",
                                     .api = "kubernetes PATCH deployment",
                                     .describe = describe_scale,
                                     .look = look_scale,
                                     .call = call_scale,
                                     .every_ms = 1000,
                                     .limit_ms = 15 * MINUTE_MS};

static void check_autoscaler(struct action *a)
{
    char target[400];
    long wanted = strtol(a->value, NULL, 10);
    text_format(target, sizeof target, "Deployment/%s", a->target.name);
    for (size_t i = 0; i < a->account->cluster.hpas.len; i++) {
        const struct hpa *h = &a->account->cluster.hpas.at[i];
        bool ours = !strcmp(h->ns, a->target.ns) && !strcmp(h->target, target);
        if (ours && wanted > 0 && h->min >= 0 && (wanted < h->min || wanted > h->max))
            gate_add(&a->gate, "autoscaler", "no autoscaler sets it back", GATE_FAIL, "%s keeps it between %d and %d", h->name, h->min, h->max);
        else if (ours && wanted == 0)
            gate_add(&a->gate, "autoscaler", "no autoscaler sets it back", GATE_PASS, "%s rests while there are none", h->name);
        else if (ours)
            gate_add(&a->gate, "autoscaler", "no autoscaler sets it back", GATE_FAIL, "%s decides by its metrics how many there are", h->name);
        if (ours)
            return;
    }
    if (slice_has_data(&a->account->slices[FEED_HPAS]))
        gate_add(&a->gate, "autoscaler", "no autoscaler sets it back", GATE_PASS, "there is none");
    else
        gate_add(&a->gate, "autoscaler", "no autoscaler sets it back", GATE_UNKNOWN, "the autoscalers could not be read");
}

static void check_not_empty(struct action *a)
{
    if (a->account->config->kind == ACCOUNT_PRODUCTION)
        gate_add(&a->gate, "serving", "production keeps pods", strtol(a->value, NULL, 10) ? GATE_PASS : GATE_FAIL, "%s wanted", a->value);
}

static void check_scale(struct action *a)
{
    check_autoscaler(a);
    check_not_empty(a);
}

static bool plan_scale(struct action *a, struct error *e)
{
    if (!is_there(a, e))
        return false;
    json_object_set_new(plan_deployment(a, &step_scale)->with, "replicas", json_integer(strtol(a->value, NULL, 10)));
    return true;
}

const struct action_type action_scale = {.name = "scale",
                                         .verb = "scale",
                                         .key = 'n',
                                         .about = "scale a deployment to a number of pods",
                                         .on = TARGET_DEPLOYMENT,
                                         .needs = NEEDS_CLUSTER,
                                         .feeds = FEED_BIT(FEED_DEPLOYMENTS) | FEED_BIT(FEED_HPAS),
                                         .asks = "how many pods",
                                         .value_good = replicas_good,
                                         .preflight = check_scale,
                                         .plan = plan_scale};

/* Delete a pod: the one that was looked at, not another of its name, as a StatefulSet makes them. */

/* A list does not tell a pod's uid; but a row that has gone and come again is of another pod. After a crash the list begins anew, and tells
 * nothing. */
static bool is_another(const struct action *a, const struct step *s)
{
    const struct pod *pod = seen_pod(a);
    int64_t made = json_int(s->with, "made", 0);
    return made && !a->resumed && (!pod || pod->created_at != made);
}

enum finding pod_finding(const struct action *a, const struct step *s, const json_t *pod, char *words, size_t size)
{
    const char *uid = json_text_or(pod, "metadata.uid", ""), *known = json_text(s->with, "uid");
    bool ends = json_text(pod, "metadata.deletionTimestamp");
    text_copy(words, size, !pod ? "gone" : ends ? "terminating" : json_text_or(pod, "status.phase", "?"));
    if (pod && known && strcmp(known, uid) != 0)
        text_copy(words, size, "gone; another bears its name");
    else if (pod && !known && is_another(a, s))
        text_copy(words, size, "it has gone since it was looked at; another bears its name");
    else if (pod)
        return ends ? FOUND_UNDERWAY : FOUND_TODO;
    return pod && !known ? FOUND_FAILED : FOUND_DONE;
}

static void describe_delete(const struct action *a, const struct step *s, struct str *out)
{
    (void)a;
    str_addf(out, "delete pod %s; what owns it makes another", s->target);
}

static void got_pod(struct action *a, struct step *s, const json_t *pod)
{
    char words[120];
    enum finding found = pod_finding(a, s, pod, words, sizeof words);
    if (found == FOUND_TODO || found == FOUND_UNDERWAY) /* from now on that one is meant */
        json_object_set_new(s->with, "uid", json_string(json_text_or(pod, "metadata.uid", "")));
    step_found(s, found, "%s", words);
}

static void look_pod(struct action *a, struct step *s)
{
    char path[1024];
    (void)a;
    step_look_kube(s, pod_path(json_text_or(s->with, "ns", ""), json_text_or(s->with, "name", ""), path, sizeof path), got_pod);
}

static void call_delete(struct action *a, struct step *s)
{
    char path[1024];
    (void)a;
    step_delete_kube(s, pod_path(json_text_or(s->with, "ns", ""), json_text_or(s->with, "name", ""), path, sizeof path),
                     json_pack("{s:{s:s}}", "preconditions", "uid", json_text_or(s->with, "uid", "")));
}

const struct step_type step_pod_delete = {.name = "pod-delete",
                                          .api = "kubernetes DELETE pod",
                                          .describe = describe_delete,
                                          .look = look_pod,
                                          .call = call_delete,
                                          .every_ms = 1000,
                                          .limit_ms = 5 * MINUTE_MS};

/* "backend-6c9d7f5b8-8hjlc" → "backend-6c9d7f5b8-": what its like have in common. */
static size_t family_of(const char *name)
{
    const char *last = strrchr(name, '-');
    return last ? (size_t)(last - name) + 1 : strlen(name);
}

/* While it is gone its like have to serve. */
static void check_delete(struct action *a)
{
    size_t family = family_of(a->target.name), ready = 0;
    for (size_t i = 0; i < a->account->cluster.pods.len; i++) {
        const struct pod *pod = &a->account->cluster.pods.at[i];
        ready += !strcmp(pod->ns, a->target.ns) && !strncmp(pod->name, a->target.name, family) && strcmp(pod->name, a->target.name) != 0 &&
                 pod_is_ready(pod);
    }
    if (slice_has_data(&a->account->slices[FEED_PODS]))
        gate_add(&a->gate, "others", "others of its kind are ready", ready ? GATE_PASS : GATE_FAIL,
                 ready ? "%zu" : "none: until it is replaced nobody does its work", ready);
}

static bool plan_delete(struct action *a, struct error *e)
{
    char target[400];
    const struct pod *pod = seen_pod(a);
    if (!is_there(a, e))
        return false;
    text_format(target, sizeof target, "%s/%s", a->target.ns, a->target.name);
    struct step *s = plan_step(a, &step_pod_delete, target, deployment_with(a->target.ns, a->target.name));
    if (pod)
        json_object_set_new(s->with, "made", json_integer(pod->created_at));
    return true;
}

const struct action_type action_delete_pod = {.name = "delete-pod",
                                              .verb = "delete",
                                              .key = 'd',
                                              .about = "delete a pod; what owns it makes another",
                                              .on = TARGET_POD,
                                              .needs = NEEDS_CLUSTER,
                                              .feeds = FEED_BIT(FEED_PODS),
                                              .preflight = check_delete,
                                              .plan = plan_delete};
