/* What the architecture promises of the clusters (section 4): EKS, Fargate, the node group for add-ons, autoscalers, identities. */
#include "estate/platform.h"

#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "base/when.h"
#include "checks/rows.h"
#include "estate/schedule.h"

#define NODES_FEW 4 /* "small managed node group" */

static bool knows(struct checking *c, enum platform_part part)
{
    const struct account *a = checking_account(c);
    const char *why = a->platform.trouble[part];
    if (platform_knows(&a->platform, part))
        return true;
    check_unknown(c, a->config->name, "%s: %s", platform_part_name(part), *why ? why : "not read");
    return false;
}

static bool has_cluster(struct checking *c)
{
    if (!checking_account(c)->config->cluster.name)
        check_fail(c, checking_account(c)->config->name, "the profile names no cluster");
    return checking_account(c)->config->cluster.name;
}

static const char *cluster_name(const struct checking *c) { return checking_account(c)->config->cluster.name; }

static bool is_application(const struct deployment *d) { return !namespace_is_system(d->ns); }

/* Development that sleeps keeps no promise, and breaks none. */
static bool sleeps(struct checking *c)
{
    const struct account *a = checking_account(c);
    int nodes = 0;
    if (a->config->kind != ACCOUNT_DEVELOPMENT)
        return false;
    for (size_t i = 0; i < a->node_groups.len; i++)
        nodes += a->node_groups.at[i].desired;
    enum awake awake = account_awake(a);
    bool down = awake == AWAKE_DOWN || awake == AWAKE_CHANGING || (a->node_groups.len && !nodes);
    if (down)
        check_na(c, "development is %s", awake == AWAKE_CHANGING ? "on its way up or down" : "down");
    return down;
}

/* The cluster. */

static void look_version(struct checking *c, const struct cluster_settings *s)
{
    char day[40];
    if (!knows(c, PLATFORM_SUPPORT))
        return;
    if (!*s->support)
        check_unknown(c, cluster_name(c), "version %s: EKS does not tell of its support", s->version);
    else
        check_that(c, text_contains(s->support, "standard"), cluster_name(c), "version %s, %s%s%.10s", s->version, s->support,
                   s->support_ends ? ", standard until " : "", s->support_ends ? when_iso(s->support_ends, day, sizeof day) : "");
}

static void look_cluster(struct checking *c)
{
    static const char *const wanted[] = {"api", "audit", "authenticator"};
    const struct cluster_settings *s = &checking_account(c)->platform.cluster;
    bool logs = true;
    if (!has_cluster(c) || !knows(c, PLATFORM_CLUSTER))
        return;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        logs &= text_has_word(s->logs, wanted[i]);
    bool open = s->public_endpoint && (text_has_word(s->public_from, "0.0.0.0/0") || text_has_word(s->public_from, "::/0"));
    check_that(c, !strcmp(s->status, "ACTIVE"), cluster_name(c), "%s", s->status);
    check_that(c, s->private_endpoint && !open, cluster_name(c), "private endpoint %s, public one %s", s->private_endpoint ? "on" : "off",
               !s->public_endpoint ? "off" : *s->public_from ? s->public_from : "on");
    check_that(c, logs, cluster_name(c), "logs: %s", *s->logs ? s->logs : "none");
    /* without one EKS has used a key of AWS's own since version 1.28: that nobody here can take away or look after */
    check_that(c, *s->secrets_key, cluster_name(c), "secrets encrypted with %s", *s->secrets_key ? s->secrets_key : "no key of the account's own");
    look_version(c, s);
}

/* Fargate. */

static const struct fargate_profile *profile_of(const struct platform *p, const char *ns)
{
    const struct fargate_profile *found = NULL;
    for (size_t i = 0; i < p->profiles.len; i++)
        if (fargate_covers(&p->profiles.at[i], ns) && (!found || strcmp(found->status, "ACTIVE") != 0))
            found = &p->profiles.at[i];
    return found;
}

static bool seen_before(const struct cluster *cluster, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (!strcmp(cluster->deployments.at[i].ns, cluster->deployments.at[at].ns))
            return true;
    return false;
}

static bool runs_on_fargate(const struct pod *pod) { return text_starts(pod->node, "fargate-"); }

static void look_fargate_pods(struct checking *c)
{
    const struct cluster *cluster = &checking_account(c)->cluster;
    size_t good = 0;
    for (size_t i = 0; i < cluster->pods.len; i++) {
        const struct pod *pod = &cluster->pods.at[i];
        if (namespace_is_system(pod->ns) || !*pod->node)
            continue;
        good += runs_on_fargate(pod);
        if (!runs_on_fargate(pod))
            check_fail(c, pod->name, "runs on %s", pod->node);
    }
    if (good)
        check_pass(c, cluster_name(c), "%zu application pods on Fargate", good);
}

static void look_fargate(struct checking *c)
{
    const struct account *a = checking_account(c);
    bool any = false;
    if (!has_cluster(c) || !knows(c, PLATFORM_FARGATE))
        return;
    for (size_t i = 0; i < a->cluster.deployments.len; i++) {
        const struct deployment *d = &a->cluster.deployments.at[i];
        if (!is_application(d) || seen_before(&a->cluster, i))
            continue;
        const struct fargate_profile *p = profile_of(&a->platform, d->ns);
        any = true;
        check_that(c, p && !strcmp(p->status, "ACTIVE"), d->ns, "%s%s%s", p ? "profile " : "no Fargate profile selects it", p ? p->name : "",
                   p && strcmp(p->status, "ACTIVE") ? ", which is not active" : "");
    }
    if (!any)
        check_fail(c, cluster_name(c), "there is no application");
    look_fargate_pods(c);
}

/* Spread. */

static bool is_of(const struct pod *pod, const struct deployment *d)
{
    size_t len = strlen(d->name);
    const char *rest = pod->name + len;
    if (strcmp(pod->ns, d->ns) != 0 || strncmp(pod->name, d->name, len) != 0 || *rest != '-')
        return false;
    const char *last = strrchr(rest, '-'); /* name-HASH-POD: another Deployment's name may begin the same */
    return last > rest && !memchr(rest + 1, '-', (size_t)(last - rest - 1));
}

static void spread_of(struct checking *c, const struct deployment *d)
{
    const struct cluster *cluster = &checking_account(c)->cluster;
    const char *zones[8];
    size_t count = 0, ready = 0;
    char text[200] = "";
    for (size_t i = 0; i < cluster->pods.len; i++) {
        const struct pod *pod = &cluster->pods.at[i];
        size_t z = 0;
        if (!is_of(pod, d) || !pod_is_ready(pod) || !*pod->zone)
            continue;
        ready++;
        while (z < count && strcmp(zones[z], pod->zone) != 0)
            z++;
        if (z == count && count < 8) {
            text_format(text + strlen(text), sizeof text - strlen(text), "%s%s", count ? ", " : "", pod->zone);
            zones[count++] = pod->zone;
        }
    }
    check_that(c, count >= 2, d->name, "%zu ready in %s", ready, count ? text : "no zone");
}

/* The two that the architecture names. */
static bool is_tier(const struct deployment *d)
{
    return is_application(d) && (text_contains(d->name, "frontend") || text_contains(d->name, "backend"));
}

static void for_each_tier(struct checking *c, void (*each)(struct checking *c, const struct deployment *d))
{
    const struct cluster *cluster = &checking_account(c)->cluster;
    bool any = false;
    for (size_t i = 0; i < cluster->deployments.len; i++)
        if (is_tier(&cluster->deployments.at[i])) {
            each(c, &cluster->deployments.at[i]);
            any = true;
        }
    if (!any)
        check_fail(c, checking_account(c)->config->name, "no Deployment is called frontend or backend");
}

static void look_spread(struct checking *c)
{
    if (has_cluster(c))
        for_each_tier(c, spread_of);
}

/* The managed nodes. */

static bool types_small(const char *types)
{
    static const char *const sizes[] = {"nano", "micro", "small", "medium", "large"};
    for (const char *at = types + strspn(types, " "); *at; at += strcspn(at, " "), at += strspn(at, " ")) {
        size_t len = strcspn(at, " "), i = 0;
        const char *dot = memchr(at, '.', len);
        size_t size = dot ? len - (size_t)(dot + 1 - at) : 0;
        while (i < 5 && (strlen(sizes[i]) != size || strncmp(dot + 1, sizes[i], size) != 0))
            i++;
        if (i == 5)
            return false;
    }
    return true;
}

static void look_node_pods(struct checking *c)
{
    const struct cluster *cluster = &checking_account(c)->cluster;
    size_t system_pods = 0;
    for (size_t i = 0; i < cluster->pods.len; i++) {
        const struct pod *pod = &cluster->pods.at[i];
        if (!*pod->node || runs_on_fargate(pod))
            continue;
        if (namespace_is_system(pod->ns))
            system_pods++;
        else
            check_fail(c, pod->name, "of %s runs on the managed node %s", pod->ns, pod->node);
    }
    if (system_pods)
        check_pass(c, cluster_name(c), "%zu pods of add-ons on managed nodes", system_pods);
}

static void look_nodes(struct checking *c)
{
    const struct account *a = checking_account(c);
    if (!has_cluster(c))
        return;
    if (a->slices[FEED_NODE_GROUPS].state == SLICE_NONE) {
        check_unknown(c, cluster_name(c), "node groups: the cluster is known by a context of kubeconfig alone");
        return;
    }
    for (size_t i = 0; i < a->node_groups.len; i++) {
        const struct node_group *g = &a->node_groups.at[i];
        check_that(c, g->desired >= 0 && g->desired <= NODES_FEW && types_small(g->types), g->name, "%d of %s, at most %d", g->desired,
                   *g->types ? g->types : "instances", g->max);
    }
    if (a->node_groups.len != 1)
        check_fail(c, cluster_name(c), "%zu managed node groups", a->node_groups.len);
    look_node_pods(c);
}

/* Add-ons. */

static bool look_addon(struct checking *c, enum addon addon)
{
    const struct account *a = checking_account(c);
    bool found = false;
    for (size_t i = 0; i < a->cluster.deployments.len; i++) {
        const struct deployment *d = &a->cluster.deployments.at[i];
        if (!addon_is(addon, d->name))
            continue;
        found = true;
        check_that(c, d->desired > 0 && d->ready >= d->desired, d->name, "%d/%d ready", d->ready, d->desired);
    }
    for (size_t i = 0; i < a->platform.daemons.len; i++) {
        const struct daemon_set *d = &a->platform.daemons.at[i];
        if (!addon_is(addon, d->name))
            continue;
        found = true;
        check_that(c, d->desired > 0 && d->ready >= d->desired, d->name, "on %d/%d nodes", d->ready, d->desired);
    }
    return found;
}

static void look_addons(struct checking *c)
{
    if (!has_cluster(c) || sleeps(c))
        return;
    for (int addon = 0; addon < ADDONS; addon++)
        if (!look_addon(c, (enum addon)addon)) {
            if (addon != ADDON_SECRETS || platform_knows(&checking_account(c)->platform, PLATFORM_DAEMONS))
                check_fail(c, addon_title((enum addon)addon), "is not there");
        }
    knows(c, PLATFORM_DAEMONS);
}

/* Autoscalers. */

static void hpa_of(struct checking *c, const struct deployment *d)
{
    const struct cluster *cluster = &checking_account(c)->cluster;
    char target[160];
    text_format(target, sizeof target, "Deployment/%s", d->name);
    for (size_t i = 0; i < cluster->hpas.len; i++) {
        const struct hpa *h = &cluster->hpas.at[i];
        if (strcmp(h->ns, d->ns) != 0 || strcmp(h->target, target) != 0)
            continue;
        bool reads = *h->metrics && !strstr(h->metrics, "<unknown>"), pinned = h->replicas >= h->max;
        check_that(c, reads && !pinned, d->name, "%s, %d of %d to %d%s", *h->metrics ? h->metrics : "no metric", h->replicas, h->min, h->max,
                   pinned ? ": pinned at its maximum" : reads ? "" : ": does not read its metrics");
        return;
    }
    check_fail(c, d->name, "has no autoscaler");
}

static void look_hpa(struct checking *c)
{
    if (has_cluster(c) && !sleeps(c))
        for_each_tier(c, hpa_of);
}

/* Identities. */

static void look_roles(struct checking *c)
{
    /* the metrics server calls nobody; the driver calls as the pods that it serves */
    static const enum addon callers[] = {ADDON_BALANCER, ADDON_DNS};
    const struct platform *p = &checking_account(c)->platform;
    for (size_t k = 0; k < sizeof callers / sizeof *callers; k++)
        for (size_t i = 0; i < p->workloads.len; i++) {
            const struct workload *w = &p->workloads.at[i];
            if (!addon_is(callers[k], w->name))
                continue;
            const struct service_identity *s = platform_identity(p, w->ns, w->service_account);
            check_that(c, s && *s->role, w->name, "%s/%s %s%s", w->ns, w->service_account, s && *s->role ? "is " : "stands for no role",
                       s ? s->role : "");
        }
}

static void look_keys(struct checking *c)
{
    const struct platform *p = &checking_account(c)->platform;
    size_t clean = 0;
    for (size_t i = 0; i < p->workloads.len; i++) {
        const struct workload *w = &p->workloads.at[i];
        clean += !*w->static_key;
        if (*w->static_key)
            check_fail(c, w->name, "%s/%s: container %s has %s in its environment", w->ns, w->name, w->container, w->static_key);
    }
    if (clean)
        check_pass(c, cluster_name(c), "%zu workloads without keys of their own", clean);
}

/* A role by a service account's token is to be had only where IAM knows who signs it. */
static void look_issuer(struct checking *c, const char *issuer)
{
    bool trusted = security_trusts(&checking_account(c)->security, issuer);
    if (!trusted && checking_account(c)->security.identity.providers_unread) {
        check_unknown(c, cluster_name(c), "IAM's identity providers could not be read");
        return;
    }
    check_that(c, trusted, cluster_name(c), "issuer of tokens: %s%s", *issuer ? issuer : "none",
               trusted || !*issuer ? "" : ", which is no identity provider in IAM");
}

static void look_irsa(struct checking *c)
{
    const struct platform *p = &checking_account(c)->platform;
    if (!has_cluster(c))
        return;
    if (knows(c, PLATFORM_CLUSTER))
        look_issuer(c, p->cluster.issuer);
    if (!knows(c, PLATFORM_WORKLOADS))
        return;
    if (knows(c, PLATFORM_IDENTITIES))
        look_roles(c);
    look_keys(c);
}

#define WORKLOADS  (CHECK_KIND(ACCOUNT_DEVELOPMENT) | CHECK_KIND(ACCOUNT_PRODUCTION))
#define PRODUCTION CHECK_KIND(ACCOUNT_PRODUCTION)
#define PLATFORM   FEED_BIT(FEED_PLATFORM)
#define PODS       (FEED_BIT(FEED_PODS) | FEED_BIT(FEED_DEPLOYMENTS))
#define SLEEP      (FEED_BIT(FEED_DATABASE) | FEED_BIT(FEED_NODE_GROUPS))
#define ROW(name, id_, kinds_, feeds_, promise_, remedy_) \
    const struct check check_eks_##name = {.id = id_, .area = "cluster", .promise = promise_, .remedy = remedy_, .kinds = kinds_, .feeds = feeds_, \
                                           .look = look_##name}

ROW(cluster, "eks-cluster", WORKLOADS, PLATFORM, "the cluster is active, in support, private, logged, its secrets encrypted with a key of its own",
    "UpdateClusterVersion, UpdateClusterConfig, AssociateEncryptionConfig");
ROW(fargate, "eks-fargate", WORKLOADS, PLATFORM | PODS, "Fargate profiles cover the applications' namespaces, and their pods run on Fargate",
    "CreateFargateProfile for the namespace, then restart its Deployments");
ROW(spread, "eks-spread", PRODUCTION, PODS | FEED_BIT(FEED_NODES), "frontend and backend are ready in two zones",
    "spread the pods by topology.kubernetes.io/zone, and give the Fargate profile a subnet in each zone");
ROW(nodes, "eks-nodes", WORKLOADS, PODS | FEED_BIT(FEED_NODE_GROUPS), "there is one small managed node group, for add-ons only",
    "move applications to namespaces that a Fargate profile selects; remove other node groups");
ROW(addons, "eks-addons", WORKLOADS, PLATFORM | PODS | SLEEP, "load balancer controller, ExternalDNS, metrics server and secrets driver are ready",
    "install what is missing; look at the pods of what is not ready");
ROW(hpa, "eks-hpa", WORKLOADS, PODS | FEED_BIT(FEED_HPAS) | SLEEP, "frontend and backend have autoscalers that read their metrics and have room",
    "raise its maximum, or see to the metrics server");
ROW(irsa, "eks-irsa", WORKLOADS, PLATFORM | FEED_BIT(FEED_IDENTITY), "workloads have roles by their service accounts, and no keys of their own",
    "CreateOpenIDConnectProvider for the cluster's issuer; annotate the service account with eks.amazonaws.com/role-arn; take the keys out of the "
    "pod's environment");
