/* Managed node groups of a cluster: names, then each by itself. */
#include <stdlib.h>

#include "base/mem.h"
#include "feeds/fields.h"
#include "feeds/internal.h"

typedef VEC(struct node_group) node_groups;

struct reading {
    struct calls calls;
    node_groups rows;
};

static void end(struct feed_run *run)
{
    struct reading *r = run->state;
    vec_free(&r->rows);
    free(r);
    run->state = NULL;
}

/* A cluster by its server's address need be none of EKS. */
static bool is_none_of_eks(const struct feed_run *run, const struct error *error)
{
    return run->config->cluster.server && error_is(error, "ResourceNotFoundException");
}

static void finish(struct feed_run *run, const struct error *error)
{
    struct reading *r = run->state;
    error = is_none_of_eks(run, error) ? NULL : error;
    if (!error)
        node_groups_set(feeds_estate(run->feeds), run->account, r->rows.at, r->rows.len, loop_wall(feeds_loop(run->feeds)));
    end(run);
    feed_end(run, error);
}

/* A label that trivet has set when it scaled the group to zero; -1: there is none. */
static int label_number(const json_t *group, const char *name)
{
    const char *text = json_string_value(json_object_get(json_object_get(group, "labels"), name));
    long n = text ? strtol(text, NULL, 10) : -1;
    return n >= 0 && n <= 1000 ? (int)n : -1;
}

static void got_group(struct feed_run *run, json_t *output, void *arg)
{
    const json_t *row = json_at(output, "nodegroup");
    struct node_group *group = vec_add(&((struct reading *)run->state)->rows);
    (void)arg;
    *group = (struct node_group){.desired = (int)json_int(row, "scalingConfig.desiredSize", -1),
                                 .min = (int)json_int(row, "scalingConfig.minSize", -1),
                                 .max = (int)json_int(row, "scalingConfig.maxSize", -1),
                                 .before = label_number(row, "trivet.dev/desired"),
                                 .min_before = label_number(row, "trivet.dev/min")};
    FIELD(group->name, row, "nodegroupName");
    FIELD(group->status, row, "status");
    FIELD_LIST(group->types, json_at(row, "instanceTypes"));
    FIELD(group->version, row, "version");
    FIELD(group->release, row, "releaseVersion");
    FIELD(group->image, row, "amiType");
    FIELD(group->capacity, row, "capacityType");
}

static void got_names(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    size_t i;
    json_t *name;
    (void)arg;
    json_array_foreach(json_at(output, "nodegroups"), i, name)
        calls_each(&r->calls, "eks", "DescribeNodegroup",
                   json_pack("{s:s, s:O}", "clusterName", run->config->cluster.name, "nodegroupName", name), NULL, got_group, NULL);
}

static void start(struct feed_run *run)
{
    static const struct aws_call_options pages = {.all_pages = true};
    struct reading *r = mem_new(sizeof *r);
    run->state = r;
    calls_begin(&r->calls, run, finish);
    calls_add(&r->calls, "eks", "ListNodegroups", json_pack("{s:s}", "clusterName", run->config->cluster.name), &pages, got_names, NULL);
    calls_end(&r->calls);
}

static void stop(struct feed_run *run)
{
    if (!run->state)
        return;
    calls_cancel(&((struct reading *)run->state)->calls);
    end(run);
}

static bool wanted(const struct account_config *account)
{
    return account->cluster.name && !account->cluster.context;
}

/* What goes to sleep is looked at more often than what does not. */
static int stretch(const struct account *account) { return account->config->kind == ACCOUNT_DEVELOPMENT ? 1 : 5; }

const struct feed_type feed_node_groups = {
    .feed = FEED_NODE_GROUPS, .interval_ms = 120000, .focus_ms = 20000, .wanted = wanted, .start = start, .stop = stop, .stretch = stretch};
