/* What is compared of a cluster: its settings, node groups, Fargate profiles, add-ons, and Deployments with what they run as. */
#include <string.h>

#include "estate/promotion.h"
#include "ui/compare.h"

static const struct platform *platform_of(const struct subject *of) { return &of->account->platform; }

static bool unread(const struct subject *of, enum platform_part part, struct value *out)
{
    if (platform_knows(platform_of(of), part))
        return false;
    value_unknown(out);
    return true;
}

/* A text of words, a line each. */
static void words(const char *text, struct str *out)
{
    for (text += strspn(text, " "); *text; text += strcspn(text, " "), text += strspn(text, " "))
        str_addf(out, "%.*s\n", (int)strcspn(text, " "), text);
}

/* Clusters. */

static void cluster_version(const struct subject *of, struct value *out)
{
    if (!unread(of, PLATFORM_CLUSTER, out))
        value_or_none(out, platform_of(of)->cluster.version);
}
static void cluster_platform(const struct subject *of, struct value *out)
{
    if (!unread(of, PLATFORM_CLUSTER, out))
        value_or_none(out, platform_of(of)->cluster.platform);
}
static void cluster_private(const struct subject *of, struct value *out)
{
    if (!unread(of, PLATFORM_CLUSTER, out))
        value_flag(out, platform_of(of)->cluster.private_endpoint);
}
static void cluster_public(const struct subject *of, struct value *out)
{
    if (!unread(of, PLATFORM_CLUSTER, out))
        value_flag(out, platform_of(of)->cluster.public_endpoint);
}
static void cluster_secrets(const struct subject *of, struct value *out)
{
    if (!unread(of, PLATFORM_CLUSTER, out))
        value_flag(out, *platform_of(of)->cluster.secrets_key);
}
static void cluster_support(const struct subject *of, struct value *out)
{
    if (!unread(of, PLATFORM_SUPPORT, out))
        value_or_none(out, platform_of(of)->cluster.support);
}
static void cluster_from(const struct subject *of, struct str *out)
{
    out->overflow |= !platform_knows(platform_of(of), PLATFORM_CLUSTER);
    words(platform_of(of)->cluster.public_from, out);
}
static void cluster_logs(const struct subject *of, struct str *out)
{
    out->overflow |= !platform_knows(platform_of(of), PLATFORM_CLUSTER);
    words(platform_of(of)->cluster.logs, out);
}

const struct fact facts_of_cluster[] = {
    {"version", FEED_PLATFORM, cluster_version},
    {"platform", FEED_PLATFORM, cluster_platform},
    {"support", FEED_PLATFORM, cluster_support},
    {"private access", FEED_PLATFORM, cluster_private},
    {"public access", FEED_PLATFORM, cluster_public},
    {"public from", FEED_PLATFORM, .list = cluster_from},
    {"secrets under KMS", FEED_PLATFORM, cluster_secrets},
    {"control-plane logs", FEED_PLATFORM, .list = cluster_logs},
    {0},
};

/* Node groups. */

static const struct node_group *group_of(const struct subject *of) { return &of->account->node_groups.at[of->index]; }
static void group_types(const struct subject *of, struct value *out) { value_or_none(out, group_of(of)->types); }
static void group_capacity(const struct subject *of, struct value *out) { value_or_none(out, group_of(of)->capacity); }
static void group_version(const struct subject *of, struct value *out) { value_or_none(out, group_of(of)->version); }
static void group_image(const struct subject *of, struct value *out) { value_or_none(out, group_of(of)->image); }
static void group_release(const struct subject *of, struct value *out) { value_or_none(out, group_of(of)->release); }
static void group_min(const struct subject *of, struct value *out) { value_count(out, ROLE_TEXT, group_of(of)->min); }
static void group_max(const struct subject *of, struct value *out) { value_count(out, ROLE_TEXT, group_of(of)->max); }

const struct fact facts_of_node_group[] = {
    {"instances", FEED_NODE_GROUPS, group_types, .meant = meant_smaller, .because = "dev is smaller"},
    {"capacity", FEED_NODE_GROUPS, group_capacity},
    {"version", FEED_NODE_GROUPS, group_version},
    {"AMI", FEED_NODE_GROUPS, group_image},
    {"AMI release", FEED_NODE_GROUPS, group_release},
    {"at least", FEED_NODE_GROUPS, group_min, .meant = meant_more, .because = "dev is smaller"},
    {"at most", FEED_NODE_GROUPS, group_max, .meant = meant_more, .because = "dev is smaller"},
    {0},
};

/* Fargate profiles and add-ons. */

static const struct fargate_profile *profile_of(const struct subject *of) { return &platform_of(of)->profiles.at[of->index]; }
static void fargate_namespaces(const struct subject *of, struct str *out) { words(profile_of(of)->namespaces, out); }
static void fargate_status(const struct subject *of, struct value *out) { value_or_none(out, profile_of(of)->status); }

const struct fact facts_of_fargate[] = {
    {"namespaces", FEED_PLATFORM, .list = fargate_namespaces},
    {"status", FEED_PLATFORM, fargate_status},
    {0},
};

static void addon_version(const struct subject *of, struct value *out) { value_or_none(out, platform_of(of)->addons.at[of->index].version); }
static void addon_status(const struct subject *of, struct value *out) { value_or_none(out, platform_of(of)->addons.at[of->index].status); }

const struct fact facts_of_addon[] = {
    {"version", FEED_PLATFORM, addon_version},
    {"status", FEED_PLATFORM, addon_status},
    {0},
};

/* Deployments. */

static const struct deployment *deployment_of(const struct subject *of) { return &of->account->cluster.deployments.at[of->index]; }
static const struct workload *workload_of(const struct subject *of)
{
    return platform_knows(platform_of(of), PLATFORM_WORKLOADS) ? platform_workload(platform_of(of), deployment_of(of)->ns,
                                                                                   deployment_of(of)->name) : NULL;
}

/* Of the management account's registry, as it should be, only the image; of another all of it. A digest is as long as it needs to be told from
 * others. */
struct image_list {
    const struct subject *of;
    struct str *out;
};
static void add_image(void *arg, const struct deployment *d, const char *reference)
{
    const struct image_list *list = arg;
    const struct account *management = estate_management(list->of->view->estate);
    bool central = management && image_is_from(reference, management->config->id) && strchr(reference, '/');
    const char *from = central ? strchr(reference, '/') + 1 : reference, *digest = strstr(from, "@sha256:");
    (void)d;
    if (digest)
        str_addf(list->out, "%.*s@%.12s\n", (int)(digest - from), from, digest + strlen("@sha256:"));
    else
        str_addf(list->out, "%s\n", from);
}

static void deployment_image(const struct subject *of, struct str *out)
{
    struct image_list list = {of, out};
    deployment_images(deployment_of(of), add_image, &list);
    out->overflow |= !out->len;
}

/* How an image of production came there, the worst of all its containers. */
struct promotion_look {
    const struct account *development, *registry;
    enum promotion worst;
};
static void look_at_image(void *arg, const struct deployment *d, const char *reference)
{
    struct promotion_look *look = arg;
    struct image bare = {0};
    const struct image *image = &bare;
    (void)d;
    image_parse(reference, bare.repository, sizeof bare.repository, bare.digest, sizeof bare.digest);
    for (size_t i = 0; look->registry && i < look->registry->images.rows.len; i++)
        if (image_is_meant(&look->registry->images.rows.at[i], reference))
            image = &look->registry->images.rows.at[i];
    enum promotion way = *image->digest ? image_promotion(look->development, image, NULL) : PROMOTION_UNKNOWN;
    look->worst = way > look->worst ? way : look->worst;
}

/* Production runs what development ran before: that is how releases go. */
static bool meant_promoted(struct difference *d, size_t dev)
{
    struct promotion_look look = {d->of[dev].account, estate_management(d->of[dev].view->estate), PROMOTION_RUNS};
    deployment_images(deployment_of(&d->of[!dev]), look_at_image, &look);
    if (look.worst == PROMOTION_NEVER)
        text_copy(d->why, sizeof d->why, "prod's never ran in dev");
    if (look.worst == PROMOTION_UNKNOWN)
        text_copy(d->why, sizeof d->why, "not known whether it ran in dev");
    return look.worst <= PROMOTION_RAN;
}

static void deployment_replicas(const struct subject *of, struct value *out) { value_count(out, ROLE_TEXT, deployment_of(of)->desired); }

static const struct hpa *hpa_of(const struct subject *of)
{
    const struct cluster *c = &of->account->cluster;
    char target[200];
    text_format(target, sizeof target, "Deployment/%s", deployment_of(of)->name);
    for (size_t i = 0; i < c->hpas.len; i++)
        if (!strcmp(c->hpas.at[i].ns, deployment_of(of)->ns) && !strcmp(c->hpas.at[i].target, target))
            return &c->hpas.at[i];
    return NULL;
}

static void scales(const struct hpa *h, int number, struct value *out)
{
    if (h)
        value_count(out, ROLE_TEXT, number);
    else
        value_text(out, ROLE_TEXT, "none");
}
static void scales_from(const struct subject *of, struct value *out) { scales(hpa_of(of), hpa_of(of) ? hpa_of(of)->min : 0, out); }
static void scales_to(const struct subject *of, struct value *out) { scales(hpa_of(of), hpa_of(of) ? hpa_of(of)->max : 0, out); }

/* Of "cpu: 31%/60%, memory: 40%/80%" what is aimed at: "cpu 60%, memory 80%". */
static void scales_at(const struct subject *of, struct value *out)
{
    const struct hpa *h = hpa_of(of);
    struct str text = STR_INIT(1024);
    for (const char *at = h ? h->metrics : ""; *at; at += strcspn(at, ","), at += strspn(at, ", ")) {
        size_t len = strcspn(at, ","), name = strcspn(at, ":"), slash = strcspn(at, "/");
        if (name < len && slash < len)
            str_addf(&text, "%s%.*s %.*s", text.len ? ", " : "", (int)name, at, (int)(len - slash - 1), at + slash + 1);
    }
    value_or_none(out, str_text(&text));
    str_free(&text);
}

static void cores(const struct workload *w, int64_t milli, struct value *out)
{
    if (!w)
        value_unknown(out);
    else if (milli)
        value_number(out, ROLE_TEXT, (double)milli, "%lldm", (long long)milli);
    else
        value_text(out, ROLE_TEXT, "none");
}
static void memory(const struct workload *w, int64_t bytes, struct value *out)
{
    char text[32];
    if (!w)
        value_unknown(out);
    else if (bytes)
        value_number(out, ROLE_TEXT, (double)bytes, "%s", bytes_text(bytes, text, sizeof text));
    else
        value_text(out, ROLE_TEXT, "none");
}
static void cpu_asked(const struct subject *of, struct value *out) { cores(workload_of(of), workload_of(of) ? workload_of(of)->cpu_m : 0, out); }
static void cpu_limit(const struct subject *of, struct value *out)
{
    cores(workload_of(of), workload_of(of) ? workload_of(of)->cpu_limit_m : 0, out);
}
static void memory_asked(const struct subject *of, struct value *out) { memory(workload_of(of), workload_of(of) ? workload_of(of)->memory : 0, out); }
static void memory_limit(const struct subject *of, struct value *out)
{
    memory(workload_of(of), workload_of(of) ? workload_of(of)->memory_limit : 0, out);
}

static void variables(const struct subject *of, struct str *out)
{
    const struct workload *w = workload_of(of);
    out->overflow |= !w || w->more_variables;
    words(w ? w->variables : "", out);
}

static void service_account(const struct subject *of, struct value *out)
{
    if (workload_of(of))
        value_text(out, ROLE_TEXT, workload_of(of)->service_account);
    else
        value_unknown(out);
}

static void role_of(const struct subject *of, struct value *out)
{
    const struct workload *w = workload_of(of);
    if (!w || unread(of, PLATFORM_IDENTITIES, out)) {
        value_unknown(out);
        return;
    }
    const struct service_identity *s = platform_identity(platform_of(of), w->ns, w->service_account);
    value_or_none(out, s ? text_after_last(s->role, '/') : "");
}

const struct fact facts_of_deployment[] = {
    {"image", FEED_DEPLOYMENTS, .list = deployment_image, .meant = meant_promoted, .because = "prod follows dev"},
    {"replicas", FEED_DEPLOYMENTS, deployment_replicas, .meant = meant_more, .because = "prod runs more"},
    {"scales from", FEED_HPAS, scales_from, .meant = meant_more, .because = "prod runs more"},
    {"scales to", FEED_HPAS, scales_to, .meant = meant_more, .because = "prod runs more"},
    {"scales at", FEED_HPAS, scales_at},
    {"CPU asked", FEED_PLATFORM, cpu_asked},
    {"CPU limit", FEED_PLATFORM, cpu_limit},
    {"memory asked", FEED_PLATFORM, memory_asked},
    {"memory limit", FEED_PLATFORM, memory_limit},
    {"variables", FEED_PLATFORM, .list = variables},
    {"service account", FEED_PLATFORM, service_account},
    {"role", FEED_PLATFORM, role_of},
    {0},
};
