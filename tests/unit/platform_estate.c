#include "platform_estate.h"

#include <string.h>

#include "base/str.h"
#include "put.h"

#define DAY  INT64_C(86400000)
#define HOUR INT64_C(3600000)

static void add_workload(struct platform *p, const char *ns, const char *name, const char *role)
{
    struct workload *w = vec_add(&p->workloads);
    struct service_identity *s = vec_add(&p->identities);
    PUT(w->ns, ns);
    PUT(w->name, name);
    PUT(w->kind, "Deployment");
    PUT(w->service_account, name);
    PUT(s->ns, ns);
    PUT(s->name, name);
    PUT(s->role, role);
}

static void add_daemon(struct platform *p, const char *name, int64_t now)
{
    struct daemon_set *d = vec_add(&p->daemons);
    *d = (struct daemon_set){.desired = 2, .ready = 2, .created_at = now - 60 * DAY};
    PUT(d->ns, "kube-system");
    PUT(d->name, name);
}

static void add_past(struct platform *p, const char *repository, const char *digest, int64_t at)
{
    struct past_image *past = vec_add(&p->past);
    past->at = at;
    PUT(past->repository, repository);
    PUT(past->digest, digest);
}

static void fill_cluster(struct cluster_settings *c, int64_t now)
{
    *c = (struct cluster_settings){.private_endpoint = true, .public_endpoint = true, .created_at = now - 398 * DAY, .support_ends = now + 200 * DAY};
    PUT(c->status, "ACTIVE");
    PUT(c->version, "1.34");
    PUT(c->platform, "eks.9");
    PUT(c->logs, "api audit authenticator");
    PUT(c->secrets_key, "arn:aws:kms:us-east-1:333333333333:key/2a9e6d31");
    PUT(c->issuer, "https://oidc.eks.us-east-1.amazonaws.com/id/9A8B7C6D");
    PUT(c->public_from, "203.0.113.0/24");
    PUT(c->support, "STANDARD_SUPPORT");
}

void platform_build(struct estate *e, size_t account, int64_t now)
{
    struct platform p = {.known = (1u << PLATFORM_PARTS) - 1};
    struct fargate_profile *profile = vec_add(&p.profiles);
    struct managed_addon *addon = vec_add(&p.addons);
    struct node_group group = {.desired = 2, .min = 2, .max = 4, .before = -1, .min_before = -1};
    fill_cluster(&p.cluster, now);
    profile->created_at = addon->created_at = now - 398 * DAY;
    PUT(profile->name, "applications");
    PUT(profile->status, "ACTIVE");
    PUT(profile->namespaces, "web batch");
    PUT(profile->subnets, "subnet-app-1a subnet-app-1b");
    PUT(addon->name, "vpc-cni");
    PUT(addon->version, "v1.20.4-eksbuild.1");
    PUT(addon->status, "ACTIVE");
    add_workload(&p, "kube-system", "aws-load-balancer-controller", "arn:aws:iam::333333333333:role/innovate-prod-load-balancers");
    add_workload(&p, "kube-system", "external-dns", "arn:aws:iam::333333333333:role/innovate-prod-dns");
    add_workload(&p, "web", "backend", "arn:aws:iam::333333333333:role/innovate-prod-backend");
    add_workload(&p, "web", "frontend", "");
    add_daemon(&p, "csi-secrets-store-provider-aws", now);
    add_past(&p, "backend", BUILD_OLD, now - 50 * HOUR);
    add_past(&p, "frontend", BUILD_OLD, now - 50 * HOUR);
    PUT(group.name, "addons");
    PUT(group.status, "ACTIVE");
    PUT(group.types, "t3.medium");
    platform_set(e, account, &p, now);
    node_groups_set(e, account, &group, 1, now);
    slice_good(e, account, FEED_PLATFORM, now, 600000, now + 600000);
    slice_good(e, account, FEED_NODE_GROUPS, now, 600000, now + 600000);
}

void registry_build(struct estate *e, size_t account, int64_t now)
{
    struct ecr_repository rows[2] = {{.scan_on_push = true, .lifecycle = 1, .policy = 1, .created_at = now - 400 * DAY}};
    PUT(rows[0].name, "backend");
    PUT(rows[0].mutability, "IMMUTABLE_WITH_EXCLUSION");
    PUT(rows[0].excluded, "cache-* *-latest");
    PUT(rows[0].principals, "arn:aws:iam::222222222222:root arn:aws:iam::333333333333:root");
    rows[1] = rows[0];
    PUT(rows[1].name, "frontend");
    registry_set(e, account, rows, 2);
    slice_good(e, account, FEED_REGISTRY, now, 1800000, now + 1800000);
}

void images_build(struct estate *e, size_t account, int64_t now)
{
    struct image rows[4] = {{.pushed_at = now - 3 * HOUR, .medium = 1}, {.pushed_at = now - 51 * HOUR, .medium = 1, .low = 2}};
    struct image_finding finding = {0};
    PUT(rows[0].digest, BUILD_NEW);
    PUT(rows[0].tags, "sha-4f2c91e dev-latest");
    PUT(rows[1].digest, BUILD_OLD);
    PUT(rows[1].tags, "v1.8.2 sha-0c4d5e6 prod-latest");
    for (size_t i = 0; i < 2; i++) {
        PUT(rows[i].repository, "backend");
        PUT(rows[i].scan, "COMPLETE");
        rows[2 + i] = rows[i];
        PUT(rows[2 + i].repository, "frontend");
    }
    PUT(finding.digest, BUILD_OLD);
    PUT(finding.name, "CVE-2025-23419");
    PUT(finding.severity, "MEDIUM");
    PUT(finding.package, "nginx");
    PUT(finding.version, "1.26.2-r0");
    images_set(e, account, rows, 4);
    image_findings_set(e, account, &finding, 1);
    slice_good(e, account, FEED_IMAGES, now, 300000, now + 300000);
}

static void add_deployment(struct estate *e, size_t account, const char *ns, const char *name, int replicas, const char *images, int64_t now)
{
    char own[80];
    struct deployment d = {.name = own, .ns = ns, .ready = replicas, .desired = replicas, .updated = replicas, .available = replicas,
                           .images = images,
                           .created_at = now - 398 * DAY};
    text_copy(own, sizeof own, name);
    deployments_put(e, account, &d, 1, now);
}

/* One in each zone. */
static void add_pods(struct estate *e, size_t account, const char *name, int64_t now)
{
    bool backend = !strcmp(name, "backend");
    for (int z = 0; z < 2; z++) {
        char pod[120], node[80], zone[20], ip[20];
        text_format(ip, sizeof ip, "10.0.1%d.%d", z + 1, backend ? 20 + 3 * z : 50 + 2 * z); /* as targets of network_build() */
        text_format(pod, sizeof pod, "%s-7d9c5b6f4-%cx2vk", name, 'a' + z);
        text_format(node, sizeof node, "fargate-ip-10-0-1%d-%d.ec2.internal", z + 1, backend ? 20 + 3 * z : 50 + 2 * z);
        text_format(zone, sizeof zone, "us-east-1%c", 'a' + z);
        nodes_put(e, account, node, zone, "Ready", "v1.34.1-eks-113cf36", "", now - 2 * DAY, 1, now);
        struct pod_row row = {.ns = "web", .name = pod, .status = "Running", .node = node, .ip = ip, .ready = 1, .containers = 1,
                              .created_at = now - 2 * DAY};
        pods_put(e, account, &row, now);
    }
}

static void add_hpa(struct estate *e, size_t account, const char *name, const char *target, int64_t now)
{
    char own[80];
    struct hpa h = {.name = own, .ns = "web", .target = target, .metrics = "cpu: 61%/70%", .min = 2, .max = 6, .replicas = 2,
                    .created_at = now - 398 * DAY};
    text_copy(own, sizeof own, name);
    hpas_put(e, account, &h, 1, now);
}

static void add_managed(struct estate *e, size_t account, int64_t now)
{
    struct pod_row row = {.ns = "kube-system", .name = "external-dns-6b8d-x2vkq", .status = "Running", .node = "ip-10-0-11-5.ec2.internal",
                          .ip = "10.0.11.9",
                          .ready = 1, .containers = 1, .created_at = now - 60 * DAY};
    nodes_put(e, account, "ip-10-0-11-5.ec2.internal", "us-east-1a", "Ready", "v1.34.1-eks-113cf36", "", now - 61 * DAY, 1, now);
    nodes_put(e, account, "ip-10-0-12-8.ec2.internal", "us-east-1b", "Ready", "v1.34.1-eks-113cf36", "", now - 61 * DAY, 1, now);
    pods_put(e, account, &row, now);
    add_deployment(e, account, "kube-system", "aws-load-balancer-controller", 2, BUILD_REGISTRY "mirror/aws-load-balancer-controller:v2.14.1", now);
    add_deployment(e, account, "kube-system", "external-dns", 1, BUILD_REGISTRY "mirror/external-dns:v0.19.0", now);
    add_deployment(e, account, "kube-system", "metrics-server", 2, BUILD_REGISTRY "mirror/metrics-server:v0.8.0", now);
}

void workload_build(struct estate *e, size_t account, const char *digest, int64_t now)
{
    static const enum feed feeds[] = {FEED_PODS, FEED_NODES, FEED_DEPLOYMENTS, FEED_HPAS};
    char backend[200], frontend[200];
    text_format(backend, sizeof backend, "%sbackend@%s", BUILD_REGISTRY, digest);
    text_format(frontend, sizeof frontend, "%sfrontend@%s", BUILD_REGISTRY, digest);
    add_deployment(e, account, "web", "backend", 2, backend, now);
    add_deployment(e, account, "web", "frontend", 2, frontend, now);
    add_pods(e, account, "backend", now);
    add_pods(e, account, "frontend", now);
    add_hpa(e, account, "backend", "Deployment/backend", now);
    add_hpa(e, account, "frontend", "Deployment/frontend", now);
    add_managed(e, account, now);
    for (size_t i = 0; i < sizeof feeds / sizeof *feeds; i++)
        slice_good(e, account, feeds[i], now, 0, 0);
}
