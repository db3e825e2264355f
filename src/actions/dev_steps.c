#include "actions/dev_steps.h"

#include <stdlib.h>
#include <string.h>

#include "actions/kube_steps.h"
#include "base/json.h"

#define MINUTE_MS     INT64_C(60000)
#define DESIRED_LABEL "trivet.dev/desired"
#define MIN_LABEL     "trivet.dev/min"

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
        json_pack("{s:{s:{s:n}}, s:{s:I}}", "metadata", "annotations", REPLICAS_ANNOTATION, "spec", "replicas", (json_int_t)json_int(s->with, "replicas", 1)));
}

const struct step_type step_deployment_up = {.name = "deployment-up",
                                             .api = "kubernetes PATCH deployment",
                                             .describe = describe_up,
                                             .look = look_up,
                                             .call = call_up,
                                             .every_ms = 1000,
                                             .limit_ms = 20 * MINUTE_MS,
                                             .goes_on = true};

/* Node groups. What they were stands in labels of the group, set by the same call. */

static json_t *group_input(const struct step *s)
{
    return json_pack("{s:s, s:s}", "clusterName", json_text_or(s->with, "cluster", ""), "nodegroupName", json_text_or(s->with, "name", ""));
}

static int64_t label(const json_t *group, const char *name)
{
    const char *text = json_string_value(json_object_get(json_object_get(group, "labels"), name));
    long n = text ? strtol(text, NULL, 10) : -1;
    return n >= 0 && n <= 1000 ? n : -1;
}

static void describe_group_down(const struct action *a, const struct step *s, struct str *out)
{
    (void)a;
    str_addf(out, "scale node group %s to 0, remembering its size", s->target);
}

/* EKS changes one thing at a time; what it does just now is waited for. DEGRADED is ACTIVE with a complaint: it can be changed. */
static bool changing(const json_t *group)
{
    const char *status = json_text_or(group, "status", "");
    return !strcmp(status, "CREATING") || !strcmp(status, "UPDATING") || !strcmp(status, "DELETING");
}

static bool broken(const json_t *group) { return text_ends(json_text_or(group, "status", ""), "_FAILED"); }

static void group_seen(struct step *s, const json_t *group, enum finding finding)
{
    int64_t desired = json_int(group, "scalingConfig.desiredSize", 0);
    step_found(s, finding, "%s, %lld %s wanted", json_text_or(group, "status", "?"), (long long)desired, desired == 1 ? "node" : "nodes");
}

static void got_group_down(struct action *a, struct step *s, const json_t *output)
{
    const json_t *group = json_object_get(output, "nodegroup");
    int64_t desired = json_int(group, "scalingConfig.desiredSize", 0);
    (void)a;
    json_object_set_new(s->with, "desired", json_integer(desired));
    json_object_set_new(s->with, "least", json_integer(json_int(group, "scalingConfig.minSize", 0)));
    if (!group)
        step_found(s, FOUND_DONE, "there is none any more");
    else
        group_seen(s, group, broken(group) ? FOUND_FAILED : changing(group) ? FOUND_UNDERWAY : desired == 0 ? FOUND_DONE : FOUND_TODO);
}

static void look_group_down(struct action *a, struct step *s)
{
    (void)a;
    step_look_aws_or_none(s, "eks", "DescribeNodegroup", group_input(s), NULL, got_group_down);
}

static void call_group_down(struct action *a, struct step *s)
{
    char desired[24], least[24];
    json_t *input = group_input(s);
    (void)a;
    text_format(desired, sizeof desired, "%lld", (long long)json_int(s->with, "desired", 1));
    text_format(least, sizeof least, "%lld", (long long)json_int(s->with, "least", 0));
    json_object_set_new(input, "scalingConfig", json_pack("{s:i, s:i}", "minSize", 0, "desiredSize", 0));
    json_object_set_new(input, "labels", json_pack("{s:{s:s, s:s}}", "addOrUpdateLabels", DESIRED_LABEL, desired, MIN_LABEL, least));
    step_call_aws(s, "eks", "UpdateNodegroupConfig", input, NULL);
}

const struct step_type step_node_group_down = {.name = "node-group-down",
                                               .api = "eks UpdateNodegroupConfig",
                                               .describe = describe_group_down,
                                               .look = look_group_down,
                                               .call = call_group_down,
                                               .every_ms = 5000,
                                               .limit_ms = 20 * MINUTE_MS,
                                               .goes_on = true,
                                               .waits = true};

static void describe_group_up(const struct action *a, const struct step *s, struct str *out)
{
    (void)a;
    str_addf(out, "scale node group %s back to the size it had", s->target);
}

static void got_group_up(struct action *a, struct step *s, const json_t *output)
{
    const json_t *group = json_object_get(output, "nodegroup");
    int64_t desired = json_int(group, "scalingConfig.desiredSize", 0), before = label(group, DESIRED_LABEL), least = label(group, MIN_LABEL);
    int64_t most = json_int(group, "scalingConfig.maxSize", 1), wanted = desired > 0 ? desired : before < most ? before : most;
    (void)a;
    json_object_set_new(s->with, "desired", json_integer(wanted));
    json_object_set_new(s->with, "least", json_integer(least >= 0 && least <= wanted ? least : 0));
    if (!group)
        step_found(s, FOUND_DONE, "there is none any more");
    else if (changing(group) || broken(group))
        group_seen(s, group, broken(group) ? FOUND_FAILED : FOUND_UNDERWAY);
    else if (before > 0) /* the labels go with the call: while they are there it is to be done */
        group_seen(s, group, FOUND_TODO);
    else if (desired == 0)
        step_found(s, FOUND_DONE, "was at 0 before");
    else
        group_seen(s, group, text_equal(json_text(group, "status"), "DEGRADED") ? FOUND_FAILED : FOUND_DONE);
}

static void look_group_up(struct action *a, struct step *s)
{
    (void)a;
    step_look_aws_or_none(s, "eks", "DescribeNodegroup", group_input(s), NULL, got_group_up);
}

static void call_group_up(struct action *a, struct step *s)
{
    json_t *input = group_input(s);
    (void)a;
    json_object_set_new(input, "scalingConfig", json_pack("{s:I, s:I}", "minSize", (json_int_t)json_int(s->with, "least", 0), "desiredSize",
                                                          (json_int_t)json_int(s->with, "desired", 1)));
    json_object_set_new(input, "labels", json_pack("{s:[s, s]}", "removeLabels", DESIRED_LABEL, MIN_LABEL));
    step_call_aws(s, "eks", "UpdateNodegroupConfig", input, NULL);
}

const struct step_type step_node_group_up = {.name = "node-group-up",
                                             .api = "eks UpdateNodegroupConfig",
                                             .describe = describe_group_up,
                                             .look = look_group_up,
                                             .call = call_group_up,
                                             .every_ms = 5000,
                                             .limit_ms = 20 * MINUTE_MS,
                                             .waits = true};

/* Databases. */

static void look_at_database(struct step *s, step_got *got)
{
    step_look_aws_or_none(s, "rds", "DescribeDBInstances", json_pack("{s:s}", "DBInstanceIdentifier", json_text_or(s->with, "id", "")), NULL, got);
}

static const char *database_status(const json_t *output) { return json_text_or(output, "DBInstances.0.DBInstanceStatus", "unknown"); }

/* RDS passes through other states by itself (backing-up, modifying…): what cannot be done now is waited for. */
bool database_step_possible(const char *status)
{
    static const char *const broken[] = {"failed", "storage-full", "inaccessible-encryption-credentials", "incompatible-parameters", "deleting", "unknown"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        if (!strcmp(status, broken[i]))
            return false;
    return true;
}

static enum finding towards(const char *status, const char *wanted, const char *from)
{
    if (!database_step_possible(status))
        return FOUND_FAILED;
    return !strcmp(status, wanted) ? FOUND_DONE : !strcmp(status, from) ? FOUND_TODO : FOUND_UNDERWAY;
}

static void got_stop(struct action *a, struct step *s, const json_t *output)
{
    const char *status = database_status(output);
    (void)a;
    if (!output)
        step_found(s, FOUND_DONE, "there is none any more");
    else
        step_found(s, towards(status, "stopped", "available"), "%s", status);
}

static void look_stop(struct action *a, struct step *s)
{
    (void)a;
    look_at_database(s, got_stop);
}

static void call_stop(struct action *a, struct step *s)
{
    (void)a;
    step_call_aws(s, "rds", "StopDBInstance", json_pack("{s:s}", "DBInstanceIdentifier", json_text_or(s->with, "id", "")), NULL);
}

static void describe_stop(const struct action *a, const struct step *s, struct str *out)
{
    (void)a;
    str_addf(out, "stop database %s", s->target);
}

const struct step_type step_database_stop = {.name = "database-stop",
                                             .api = "rds StopDBInstance",
                                             .describe = describe_stop,
                                             .look = look_stop,
                                             .call = call_stop,
                                             .every_ms = 5000,
                                             .limit_ms = 30 * MINUTE_MS,
                                             .goes_on = true};

static void got_start(struct action *a, struct step *s, const json_t *output)
{
    const char *status = database_status(output);
    (void)a;
    if (!output)
        step_found(s, FOUND_FAILED, "there is none any more");
    else
        step_found(s, strcmp(status, "backing-up") ? towards(status, "available", "stopped") : FOUND_DONE, "%s", status);
}

static void look_start(struct action *a, struct step *s)
{
    (void)a;
    look_at_database(s, got_start);
}

static void call_start(struct action *a, struct step *s)
{
    (void)a;
    step_call_aws(s, "rds", "StartDBInstance", json_pack("{s:s}", "DBInstanceIdentifier", json_text_or(s->with, "id", "")), NULL);
}

static void describe_start(const struct action *a, const struct step *s, struct str *out)
{
    (void)a;
    str_addf(out, "start database %s", s->target);
}

const struct step_type step_database_start = {.name = "database-start",
                                              .api = "rds StartDBInstance",
                                              .describe = describe_start,
                                              .look = look_start,
                                              .call = call_start,
                                              .every_ms = 5000,
                                              .limit_ms = 40 * MINUTE_MS,
                                              .waits = true};
