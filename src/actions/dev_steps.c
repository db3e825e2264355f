#include "actions/dev_steps.h"

#include <stdlib.h>
#include <string.h>

#include "actions/kube_steps.h"
#include "base/json.h"

#define MINUTE_MS INT64_C(60000)

/* Deployments. How many there were stands in an annotation of the same patch, so that neither is ever without the other. With replicas at zero an
 * autoscaler rests, and goes on by itself once there are some again. */

static void describe_down(const struct action *a, const struct step *s, struct str *out)
{
    (void)a;
    str_addf(out, "scale deployment %s to 0, remembering how many there are", s->target);
}

static int64_t remembered(const json_t *d)
{
    const char *text = json_string_value(json_object_get(json_at(d, "metadata.annotations"), REPLICAS_ANNOTATION));
    long n = text ? strtol(text, NULL, 10) : -1;
    return n > 0 && n <= 10000 ? n : -1;
}

static void got_down(struct action *a, struct step *s, const json_t *d)
{
    int64_t wanted = json_int(d, "spec.replicas", 1), left = json_int(d, "status.replicas", 0);
    (void)a;
    if (!d)
        step_found(s, FOUND_DONE, "there is none any more");
    else if (wanted == 0)
        step_found(s, left ? FOUND_UNDERWAY : FOUND_DONE, left ? "%lld pods left" : "no pods", (long long)left);
    else {
        json_object_set_new(s->with, "replicas", json_integer(wanted));
        step_found(s, FOUND_TODO, wanted == 1 ? "1 pod" : "%lld pods", (long long)wanted);
    }
}

static void look_down(struct action *a, struct step *s)
{
    char path[1024];
    (void)a;
    step_look_kube(s, deployment_step_path(s, path, sizeof path), got_down);
}

static void call_down(struct action *a, struct step *s)
{
    char path[1024], replicas[24];
    (void)a;
    text_format(replicas, sizeof replicas, "%lld", (long long)json_int(s->with, "replicas", 1));
    step_patch_kube(s, deployment_step_path(s, path, sizeof path),
                    json_pack("{s:{s:{s:s}}, s:{s:i}}", "metadata", "annotations", REPLICAS_ANNOTATION, replicas, "spec", "replicas", 0));
}

const struct step_type step_deployment_down = {.name = "deployment-down",
                                               .api = "kubernetes PATCH deployment",
                                               .describe = describe_down,
                                               .look = look_down,
                                               .call = call_down,
                                               .every_ms = 1000,
                                               .limit_ms = 10 * MINUTE_MS,
                                               .goes_on = true};

static void describe_up(const struct action *a, const struct step *s, struct str *out)
{
    (void)a;
    str_addf(out, "scale deployment %s back to as many as it had", s->target);
}

static void got_up(struct action *a, struct step *s, const json_t *d)
{
    char words[200];
    int64_t before = remembered(d), least = json_int(s->with, "min", 0), wanted = json_int(d, "spec.replicas", 1);
    (void)a;
    if (!d)
        step_found(s, FOUND_DONE, "there is none any more");
    else if (wanted == 0 && before < 0)
        step_found(s, FOUND_DONE, "was at 0 before");
    else if (before > 0) { /* scaled up by somebody meanwhile it stays as it is; what is remembered goes, or a later start would believe it */
        json_object_set_new(s->with, "replicas", json_integer(wanted ? wanted : before > least ? before : least));
        step_found(s, FOUND_TODO, "%lld pods wanted, %lld before", (long long)wanted, (long long)before);
    } else {
        bool settled = deployment_settled(d, words, sizeof words);
        step_found(s, settled ? FOUND_DONE : FOUND_UNDERWAY, "%s", words);
    }
}

static void look_up(struct action *a, struct step *s)
{
    char path[1024];
    (void)a;
    step_look_kube(s, deployment_step_path(s, path, sizeof path), got_up);
}

static void call_up(struct action *a, struct step *s)
{
    char path[1024];
    (void)a;
    step_patch_kube(
        s, deployment_step_path(s, path, sizeof path),
        json_pack("{s:{s:{s:n}}, s:{s:I}}", "metadata", "annotations", REPLICAS_ANNOTATION, "spec", "replicas",
                  (json_int_t)json_int(s->with, "replicas", 1)));
}

const struct step_type step_deployment_up = {.name = "deployment-up",
                                             .api = "kubernetes PATCH deployment",
                                             .describe = describe_up,
                                             .look = look_up,
                                             .call = call_up,
                                             .every_ms = 1000,
                                             .limit_ms = 20 * MINUTE_MS,
                                             .goes_on = true};
