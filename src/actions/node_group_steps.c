/* Node groups. What they were stands in labels of the group, set by the same call. */
#include "actions/dev_steps.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

#define MINUTE_MS     INT64_C(60000)
#define DESIRED_LABEL "trivet.dev/desired"
#define MIN_LABEL     "trivet.dev/min"

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
