/* The `kubernetes:` section of a scenario, and the cluster that it describes. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "sim/kube.h"

#define DAY_MS     86400000
#define ROLLOUT_MS 90000

static const char *const fails[] = {"none", "crash", "oom", "image", "pending", "unready", NULL};
static const char *const styles[] = {"nginx", "flask", "klog", NULL};

#define AT(type, key, kind, member) \
    { \
        key, kind, offsetof(type, member) \
    }

static const struct yaml_field hpa_fields[] = {{"min", YAML_T_INT, offsetof(struct kube_app, hpa_min), true, 1, 10000},
                                               {"max", YAML_T_INT, offsetof(struct kube_app, hpa_max), true, 1, 10000},
                                               {"target", YAML_T_PERCENT, offsetof(struct kube_app, hpa_target), true},
                                               {NULL}};

static bool read_hpa(const struct yaml *node, void *target, struct error *e)
{
    struct kube_app *app = (struct kube_app *)(void *)((char *)target - offsetof(struct kube_app, has_hpa));
    app->has_hpa = true;
    if (!yaml_read(node, hpa_fields, app, e))
        return false;
    return app->hpa_min <= app->hpa_max || yaml_error(e, node, "hpa: min is above max");
}

static bool read_formers(const struct yaml *node, void *target, struct error *e)
{
    static const struct yaml_field former_fields[] = {{"image", YAML_T_TEXT, offsetof(struct kube_former, image), true},
                                                      {"ago", YAML_T_DURATION, offsetof(struct kube_former, ago), true},
                                                      {NULL}};
    struct kube_app *app = (struct kube_app *)(void *)((char *)target - offsetof(struct kube_app, formers));
    if (node->kind != YAML_LIST)
        return yaml_error(e, node, "formerly: expected a list");
    for (size_t i = 0; i < node->count; i++)
        if (!yaml_read(node->items[i], former_fields, vec_add(&app->formers), e))
            return false;
    return true;
}

static const struct yaml_field app_fields[] = {{"name", YAML_T_TEXT, offsetof(struct kube_app, name), true},
                                               AT(struct kube_app, "namespace", YAML_T_TEXT, ns),
                                               {"replicas", YAML_T_INT, offsetof(struct kube_app, replicas), false, 0, 100000},
                                               {"image", YAML_T_TEXT, offsetof(struct kube_app, image), true},
                                               AT(struct kube_app, "init_image", YAML_T_TEXT, init_image),
                                               AT(struct kube_app, "sidecar", YAML_T_TEXT, sidecar),
                                               AT(struct kube_app, "command", YAML_T_TEXT, command),
                                               AT(struct kube_app, "service_account", YAML_T_TEXT, service_account),
                                               AT(struct kube_app, "role", YAML_T_TEXT, role),
                                               AT(struct kube_app, "security_group", YAML_T_TEXT, group),
                                               AT(struct kube_app, "secret", YAML_T_TEXT, secret),
                                               AT(struct kube_app, "cpu", YAML_T_TEXT, cpu),
                                               AT(struct kube_app, "memory", YAML_T_TEXT, memory),
                                               {"port", YAML_T_INT, offsetof(struct kube_app, port), false, 1, 65535},
                                               AT(struct kube_app, "age", YAML_T_DURATION, age),
                                               AT(struct kube_app, "rolled", YAML_T_DURATION, rolled),
                                               {"restarts", YAML_T_INT, offsetof(struct kube_app, restarts), false, 0, 10000},
                                               AT(struct kube_app, "fargate", YAML_T_BOOL, fargate),
                                               AT(struct kube_app, "readiness_gate", YAML_T_TEXT, gate),
                                               AT(struct kube_app, "usage", YAML_T_PERCENT, usage),
                                               AT(struct kube_app, "memory_usage", YAML_T_PERCENT, memory_usage),
                                               {"log", YAML_T_CHOICE, offsetof(struct kube_app, log), false, 0, 0, styles},
                                               {"fail", YAML_T_CHOICE, offsetof(struct kube_app, fail), false, 0, 0, fails},
                                               {"hpa", YAML_T_CUSTOM, offsetof(struct kube_app, has_hpa), .read = read_hpa},
                                               {"formerly", YAML_T_CUSTOM, offsetof(struct kube_app, formers), .read = read_formers},
                                               {NULL}};

int kube_fail_read(const char *name)
{
    for (int i = 0; fails[i]; i++)
        if (strcmp(fails[i], name) == 0)
            return i;
    return FAIL_NONE;
}

static struct kube_app *app_new(struct kube_sim *k)
{
    struct kube_app *app = mem_new(sizeof *app);
    *app = (struct kube_app){.replicas = 1, .port = 8080, .age = 10 * DAY_MS, .usage = 0.5, .memory_usage = 0.6, .log = LOG_KLOG};
    *vec_add(&k->apps) = app;
    return app;
}

static void default_text(char **at, const char *text)
{
    if (!*at)
        *at = mem_strdup(text);
}

static void finish_app(struct kube_app *app)
{
    default_text(&app->ns, "default");
    default_text(&app->cpu, "250m");
    default_text(&app->memory, "512Mi");
    default_text(&app->service_account, app->name);
    app->load = app->usage * kube_quantity(app->cpu) * (double)app->replicas;
}

void kube_app_free(struct kube_app *app)
{
    char *const texts[] = {app->ns,      app->name,    app->image, app->init_image, app->cpu, app->memory, app->service_account,
                           app->command, app->sidecar, app->gate, app->role, app->secret, app->group};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    for (size_t i = 0; i < app->revisions.len; i++) {
        free(app->revisions.at[i].name);
        kube_template_unref(app->revisions.at[i].template);
    }
    for (size_t i = 0; i < app->formers.len; i++)
        free(app->formers.at[i].image);
    vec_free(&app->formers);
    vec_free(&app->revisions);
    free(app);
}

static bool each(const struct yaml *node, struct error *e, bool (*read)(struct kube_sim *, const struct yaml *, struct error *), struct kube_sim *k)
{
    if (node->kind != YAML_LIST)
        return yaml_error(e, node, "%s: expected a list", node->key ? node->key : "");
    for (size_t i = 0; i < node->count; i++)
        if (!read(k, node->items[i], e))
            return false;
    return true;
}

#define LIST_OF(name, member) \
    static bool name##_list(const struct yaml *node, void *target, struct error *e) \
    { \
        struct kube_sim *k = (struct kube_sim *)(void *)((char *)target - offsetof(struct kube_sim, member)); \
        return each(node, e, name, k); \
    }

static bool read_app(struct kube_sim *k, const struct yaml *node, struct error *e)
{
    struct kube_app *app = app_new(k);
    if (!yaml_read(node, app_fields, app, e))
        return false;
    finish_app(app);
    for (size_t i = 0; i + 1 < k->apps.len; i++)
        if (strcmp(k->apps.at[i]->ns, app->ns) == 0 && strcmp(k->apps.at[i]->name, app->name) == 0)
            return yaml_error(e, node, "deployments: %s/%s stands there twice", app->ns, app->name);
    return true;
}
LIST_OF(read_app, apps)

static bool subnet_read(const char *text, uint32_t *base)
{
    uint32_t ip = 0;
    for (int i = 0; i < 4; i++) {
        char *end;
        unsigned long part = strtoul(text, &end, 10);
        if (end == text || part > 255 || *end != (i < 3 ? '.' : '/'))
            return false;
        ip = ip << 8 | (uint32_t)part;
        text = end + 1;
    }
    *base = ip;
    return true;
}

static bool read_zone(struct kube_sim *k, const struct yaml *node, struct error *e)
{
    static const struct yaml_field fields[] = {
        {"name", YAML_T_TEXT, offsetof(struct kube_zone, name), true}, {"subnet", YAML_T_TEXT, offsetof(struct kube_zone, subnet), true}, {NULL}};
    struct kube_zone *zone = vec_add(&k->zones);
    if (!yaml_read(node, fields, zone, e))
        return false;
    return subnet_read(zone->subnet, &zone->base) ||
           yaml_error(e, node, "zones: subnet: expected an address range like 10.0.11.0/24, found \"%s\"", zone->subnet);
}
LIST_OF(read_zone, zones)

static bool read_node(struct kube_sim *k, const struct yaml *node, struct error *e)
{
    static const struct yaml_field fields[] = {{"zone", YAML_T_TEXT, offsetof(struct kube_node_config, zone), true},
                                               {"type", YAML_T_TEXT, offsetof(struct kube_node_config, type)},
                                               {"age", YAML_T_DURATION, offsetof(struct kube_node_config, age)},
                                               {NULL}};
    struct kube_node_config *config = vec_add(&k->nodes);
    config->age = 30 * (int64_t)DAY_MS;
    return yaml_read(node, fields, config, e);
}
LIST_OF(read_node, nodes)

static bool read_daemon(struct kube_sim *k, const struct yaml *node, struct error *e)
{
    static const struct yaml_field daemon_fields[] = {{"name", YAML_T_TEXT, offsetof(struct kube_daemon, name), true},
                                                      {"namespace", YAML_T_TEXT, offsetof(struct kube_daemon, ns), true},
                                                      {"image", YAML_T_TEXT, offsetof(struct kube_daemon, image), true},
                                                      {"broken", YAML_T_BOOL, offsetof(struct kube_daemon, broken)},
                                                      {NULL}};
    return yaml_read(node, daemon_fields, vec_add(&k->daemons), e);
}
LIST_OF(read_daemon, daemons)

static bool read_repository(struct kube_sim *k, const struct yaml *node, struct error *e)
{
    if (node->kind != YAML_SCALAR)
        return yaml_error(e, node, "repositories: expected a name");
    char *copy = mem_strdup(node->text);
    *vec_add(&k->repositories) = copy;
    return true;
}
LIST_OF(read_repository, repositories)

static const struct yaml_field timing_fields[] = {
    AT(struct kube_timing, "schedule", YAML_T_DURATION, schedule),     AT(struct kube_timing, "start", YAML_T_DURATION, start),
    AT(struct kube_timing, "ready", YAML_T_DURATION, ready),           AT(struct kube_timing, "stop", YAML_T_DURATION, stop),
    AT(struct kube_timing, "restart_every", YAML_T_DURATION, restart), {NULL}};

static const struct yaml_field generate_fields[] = {{"pods", YAML_T_INT, offsetof(struct kube_sim, generate_pods), true, 0, 200000},
                                                    {"nodes", YAML_T_INT, offsetof(struct kube_sim, generate_nodes), false, 1, 5000},
                                                    {"namespace", YAML_T_TEXT, offsetof(struct kube_sim, generate_namespace)},
                                                    {NULL}};

static bool read_generate(const struct yaml *node, void *target, struct error *e)
{
    return yaml_read(node, generate_fields, (char *)target - offsetof(struct kube_sim, generate_pods), e);
}

static const struct yaml_field fields[] = {{"watch_window", YAML_T_INT, offsetof(struct kube_sim, watch_window), false, 1, 1000000},
                                           {"zones", YAML_T_CUSTOM, offsetof(struct kube_sim, zones), true, .read = read_zone_list},
                                           {"nodes", YAML_T_CUSTOM, offsetof(struct kube_sim, nodes), .read = read_node_list},
                                           {"timing", YAML_T_MAP, offsetof(struct kube_sim, timing), .fields = timing_fields},
                                           {"repositories", YAML_T_CUSTOM, offsetof(struct kube_sim, repositories), .read = read_repository_list},
                                           {"deployments", YAML_T_CUSTOM, offsetof(struct kube_sim, apps), .read = read_app_list},
                                           {"daemons", YAML_T_CUSTOM, offsetof(struct kube_sim, daemons), .read = read_daemon_list},
                                           {"generate", YAML_T_CUSTOM, offsetof(struct kube_sim, generate_pods), .read = read_generate},
                                           {NULL}};

/* An image without its tag or digest. */
static void know_image(struct kube_sim *k, const char *image)
{
    if (!image)
        return;
    const char *slash = strrchr(image, '/');
    size_t len = (size_t)((slash ? slash : image) - image) + strcspn(slash ? slash : image, ":@");
    char *copy = mem_strndup(image, len);
    *vec_add(&k->repositories) = copy;
}

bool kube_scenario_read(struct kube_sim *k, const struct yaml *section, struct error *e)
{
    const struct yaml *version = yaml_get(yaml_get(section->parent, "cluster"), "version");
    k->watch_window = 1000;
    k->timing = (struct kube_timing){.schedule = 20000, .start = 6000, .ready = 6000, .stop = 5000, .restart = 25 * 60000};
    if (!yaml_read(section, fields, k, e))
        return false;
    if (k->zones.len == 0)
        return yaml_error(e, section, "zones: expected at least one");
    for (size_t i = 0; i < k->nodes.len; i++) {
        size_t z = 0;
        while (z < k->zones.len && strcmp(k->zones.at[z].name, k->nodes.at[i].zone) != 0)
            z++;
        if (z == k->zones.len)
            return yaml_error(e, section, "nodes[%zu].zone: \"%s\" is not among the zones", i, k->nodes.at[i].zone);
    }
    k->version = mem_strdup(version && version->kind == YAML_SCALAR ? version->text : "1.34");
    for (size_t i = 0; i < k->apps.len; i++) {
        know_image(k, k->apps.at[i]->image);
        know_image(k, k->apps.at[i]->init_image);
        know_image(k, k->apps.at[i]->sidecar);
    }
    return true;
}

/* Building. */

static void add_namespace(struct kube_sim *k, const char *name, int64_t age)
{
    if (kube_find(k, KUBE_NAMESPACE, "", name))
        return;
    struct kube_object *o = kube_object_new(k, KUBE_NAMESPACE, "", name);
    o->created_at = k->now - age;
    o->tree = json_pack("{s:{s:{s:s}}, s:{s:[s]}, s:{s:s}}", "metadata", "labels", "kubernetes.io/metadata.name", name, "spec", "finalizers",
                        "kubernetes", "status", "phase", "Active");
    kube_put(k, o);
}

void kube_service_account_add(struct kube_sim *k, const char *ns, const char *name, const char *role, int64_t age)
{
    if (kube_find(k, KUBE_SERVICE_ACCOUNT, ns, name))
        return;
    struct kube_object *o = kube_object_new(k, KUBE_SERVICE_ACCOUNT, ns, name);
    o->created_at = k->now - age;
    o->tree = json_pack("{s:{}}", "metadata");
    if (role)
        json_object_set_new(json_object_get(o->tree, "metadata"), "annotations", json_pack("{s:s}", "eks.amazonaws.com/role-arn", role));
    kube_put(k, o);
}

static json_t *container(const struct kube_app *app, const char *name, const char *image)
{
    json_t *c = json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", name, "image", image, "imagePullPolicy", "IfNotPresent", "terminationMessagePath",
                          "/dev/termination-log", "terminationMessagePolicy", "File");
    json_object_set_new(c, "resources",
                        json_pack("{s:{s:s, s:s}, s:{s:s}}", "requests", "cpu", app->cpu, "memory", app->memory, "limits", "memory", app->memory));
    return c;
}

static json_t *main_container(const struct kube_app *app)
{
    json_t *c = container(app, app->name, app->image);
    if (app->command)
        json_object_set_new(c, "command", json_pack("[s, s, s]", "/bin/sh", "-c", app->command));
    json_object_set_new(c, "ports", json_pack("[{s:s, s:I, s:s}]", "name", "http", "containerPort", (json_int_t)app->port, "protocol", "TCP"));
    json_object_set_new(c, "readinessProbe",
                        json_pack("{s:{s:s, s:s, s:s}, s:i, s:i, s:i, s:i}", "httpGet", "path", "/healthz", "port", "http", "scheme", "HTTP",
                                  "timeoutSeconds", 1, "periodSeconds", 10, "successThreshold", 1, "failureThreshold", 3));
    json_object_set_new(c, "env",
                        json_pack("[{s:s, s:s}, {s:s, s:s}]", "name", "APP_NAME", "value", app->name, "name", "AWS_REGION", "value", "us-east-1"));
    if (app->secret)
        json_array_append_new(json_object_get(c, "env"), json_pack("{s:s, s:{s:{s:s, s:s}}}", "name", app->secret, "valueFrom", "secretKeyRef",
                                                                   "name", app->name, "key", app->secret));
    return c;
}

static json_t *pod_spec(const struct kube_app *app)
{
    json_t *containers = json_array(), *spec = json_object();
    json_array_append_new(containers, main_container(app));
    if (app->sidecar)
        json_array_append_new(containers, container(app, "sidecar", app->sidecar));
    if (app->init_image)
        json_object_set_new(spec, "initContainers", json_pack("[o]", container(app, "migrate", app->init_image)));
    json_object_set_new(spec, "containers", containers);
    json_object_update_new(spec,
                           json_pack("{s:s, s:i, s:s, s:s, s:s, s:{}, s:s}", "restartPolicy", "Always", "terminationGracePeriodSeconds", 30,
                                     "dnsPolicy", "ClusterFirst", "serviceAccountName", app->service_account, "serviceAccount", app->service_account,
                                     "securityContext", "schedulerName", app->fargate ? "fargate-scheduler" : "default-scheduler"));
    if (app->gate)
        json_object_set_new(spec, "readinessGates", json_pack("[{s:s}]", "conditionType", app->gate));
    json_object_set_new(spec, "topologySpreadConstraints",
                        json_pack("[{s:i, s:s, s:s, s:{s:{s:s}}}]", "maxSkew", 1, "topologyKey", "topology.kubernetes.io/zone", "whenUnsatisfiable",
                                  "ScheduleAnyway", "labelSelector", "matchLabels", "app", app->name));
    return spec;
}

/* A rollout's pods come one after the other; those of an old one have been moved since. */
static int64_t pod_age(struct kube_sim *k, const struct kube_app *app)
{
    if (app->rolled)
        return app->rolled - (int64_t)(kube_random(k) * (double)(app->rolled < ROLLOUT_MS ? app->rolled : ROLLOUT_MS));
    return app->age / 2 + (int64_t)(kube_random(k) * (double)app->age / 2);
}

/* A revision that it had before, without a pod of its own now. */
static void add_former(struct kube_sim *k, struct kube_app *app, const struct kube_object *deployment, const struct kube_former *former)
{
    static const char *const lists[] = {"spec.template.spec.containers", "spec.template.spec.initContainers"};
    struct kube_object *o = kube_edit(deployment);
    int64_t rolled = app->rolled;
    size_t i;
    json_t *c;
    for (size_t l = 0; l < sizeof lists / sizeof *lists; l++)
        json_array_foreach(json_at(o->tree, lists[l]), i, c)
            if (text_equal(json_text(c, "image"), app->image))
                json_object_set_new(c, "image", json_string(former->image));
    app->rolled = former->ago;
    kube_revision_of(k, app, o)->wanted = 0;
    app->rolled = rolled;
    kube_unref(o);
}

static void add_deployment(struct kube_sim *k, struct kube_app *app)
{
    struct kube_object *o = kube_object_new(k, KUBE_DEPLOYMENT, app->ns, app->name);
    o->created_at = k->now - app->age;
    json_t *spec =
        json_pack("{s:I, s:{s:{s:s}}, s:{s:{s:n, s:{s:s, s:s}}, s:o}, s:{s:s, s:{s:s, s:s}}, s:i, s:i}", "replicas", (json_int_t)app->replicas,
                  "selector", "matchLabels", "app", app->name, "template", "metadata", "creationTimestamp", "labels", "app", app->name,
                  "app.kubernetes.io/name", app->name, "spec", pod_spec(app), "strategy", "type", "RollingUpdate", "rollingUpdate", "maxUnavailable",
                  "25%", "maxSurge", "25%", "revisionHistoryLimit", 10, "progressDeadlineSeconds", 600);
    o->tree = json_pack("{s:{s:i, s:{s:s}, s:{s:s}}, s:o, s:{}}", "metadata", "generation", 1, "labels", "app", app->name, "annotations",
                        "deployment.kubernetes.io/revision", "1", "spec", spec, "status");
    const struct kube_object *stored = kube_put(k, o);
    for (size_t i = 0; i < app->formers.len; i++)
        add_former(k, app, stored, &app->formers.at[i]);
    struct kube_revision *revision = kube_revision_of(k, app, stored);
    for (int64_t i = 0; i < app->replicas; i++) {
        int64_t age = pod_age(k, app);
        int64_t restarts = app->restarts ? (int64_t)(kube_random(k) * (double)(app->restarts + 1)) : 0;
        kube_pod_create_running(k, revision->template, k->now - age, (int)restarts);
    }
    if (app->has_hpa)
        kube_hpa_create(k, app);
}

static void generate(struct kube_sim *k)
{
    const char *ns = k->generate_namespace ? k->generate_namespace : "load";
    int64_t nodes = k->generate_nodes ? k->generate_nodes : k->generate_pods / 100 + 1, left = k->generate_pods;
    for (int64_t i = 0; i < nodes; i++) {
        struct kube_node_config *node = vec_add(&k->nodes);
        node->zone = mem_strdup(k->zones.at[(size_t)i % k->zones.len].name);
        node->type = mem_strdup("m7i.4xlarge");
        node->age = 5 * (int64_t)DAY_MS;
        node->spare = true;
    }
    for (int n = 0; left > 0; n++) {
        char name[32];
        struct kube_app *app = app_new(k);
        text_format(name, sizeof name, "load-%03d", n);
        app->name = mem_strdup(name);
        app->ns = mem_strdup(ns);
        app->image = mem_strdup("public.ecr.aws/docker/library/busybox:1.37");
        app->replicas = left < 1000 ? left : 1000;
        app->spare = true;
        app->restarts = 1;
        left -= app->replicas;
        finish_app(app);
        know_image(k, app->image);
    }
}

static void add_nodes(struct kube_sim *k)
{
    for (size_t i = 0; i < k->nodes.len; i++) {
        struct kube_node_config *node = &k->nodes.at[i];
        size_t zone = 0;
        char name[64];
        while (zone + 1 < k->zones.len && strcmp(k->zones.at[zone].name, node->zone) != 0)
            zone++;
        node->ip = kube_next_ip(k, zone);
        text_format(name, sizeof name, "ip-%u-%u-%u-%u.ec2.internal", node->ip >> 24, (node->ip >> 16) & 255, (node->ip >> 8) & 255, node->ip & 255);
        node->name = mem_strdup(name);
        kube_node_create(k, name, node->ip, node->zone, node->type ? node->type : "t3.medium", false, k->now - node->age);
    }
}

void kube_scenario_build(struct kube_sim *k)
{
    static const char *const usual[] = {"default", "kube-node-lease", "kube-public", "kube-system"};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        add_namespace(k, usual[i], 90 * (int64_t)DAY_MS);
    if (k->generate_pods)
        generate(k);
    add_nodes(k);
    for (size_t i = 0; i < k->apps.len; i++) {
        add_namespace(k, k->apps.at[i]->ns, 90 * (int64_t)DAY_MS);
        kube_service_account_add(k, k->apps.at[i]->ns, k->apps.at[i]->service_account, k->apps.at[i]->role, k->apps.at[i]->age);
        add_deployment(k, k->apps.at[i]);
    }
    kube_daemons_build(k);
}
