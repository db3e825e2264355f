/* What a cluster stands on, as EKS tells it, and with it what kube_platform.c reads of the cluster itself. Some ten calls, once in ten minutes and
 * only while somebody looks; none is paid for. */
#include "feeds/platform.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "feeds/fields.h"
#include "feeds/map.h"

#define EACH_MAX 40 /* profiles, add-ons */

/* Mapping. */

static void map_logs(const json_t *setups, char *out, size_t size)
{
    struct str all = STR_INIT(4096);
    size_t i, k;
    json_t *setup, *kind;
    json_array_foreach(setups, i, setup)
        if (json_flag(setup, "enabled", false))
            json_array_foreach(json_object_get(setup, "types"), k, kind)
                str_addf(&all, "%s%s", all.len ? " " : "", json_is_string(kind) ? json_string_value(kind) : "");
    text_clean(out, size, str_text(&all), all.len);
    str_free(&all);
}

static void map_encryption(const json_t *configs, char *out, size_t size)
{
    size_t i, k;
    json_t *config, *resource;
    *out = '\0';
    json_array_foreach(configs, i, config)
        json_array_foreach(json_object_get(config, "resources"), k, resource)
            if (text_equal(json_string_value(resource), "secrets"))
                field_text(out, size, config, "provider.keyArn");
}

void map_cluster(const json_t *row, struct cluster_settings *c)
{
    *c = (struct cluster_settings){.private_endpoint = json_flag(row, "resourcesVpcConfig.endpointPrivateAccess", false),
                                   .public_endpoint = json_flag(row, "resourcesVpcConfig.endpointPublicAccess", false),
                                   .created_at = json_when(row, "createdAt")};
    FIELD(c->status, row, "status");
    FIELD(c->version, row, "version");
    FIELD(c->platform, row, "platformVersion");
    FIELD(c->group, row, "resourcesVpcConfig.clusterSecurityGroupId");
    FIELD(c->issuer, row, "identity.oidc.issuer");
    FIELD_LIST(c->public_from, json_at(row, "resourcesVpcConfig.publicAccessCidrs"));
    map_logs(json_at(row, "logging.clusterLogging"), c->logs, sizeof c->logs);
    map_encryption(json_at(row, "encryptionConfig"), c->secrets_key, sizeof c->secrets_key);
}

static void add_labels(const json_t *selector, struct str *out)
{
    const char *key, *between = "{";
    json_t *value;
    json_object_foreach(json_object_get(selector, "labels"), key, value) {
        str_addf(out, "%s%s=%s", between, key, json_is_string(value) ? json_string_value(value) : "");
        between = ",";
    }
    if (*between == ',')
        str_addc(out, '}');
}

void map_fargate_profile(const json_t *row, struct fargate_profile *p)
{
    struct str all = STR_INIT(16384);
    size_t i;
    json_t *selector;
    *p = (struct fargate_profile){.created_at = json_when(row, "createdAt")};
    FIELD(p->name, row, "fargateProfileName");
    FIELD(p->status, row, "status");
    FIELD_LIST(p->subnets, json_at(row, "subnets"));
    json_array_foreach(json_at(row, "selectors"), i, selector) {
        str_addf(&all, "%s%s", all.len ? " " : "", json_text_or(selector, "namespace", ""));
        add_labels(selector, &all);
    }
    text_clean(p->namespaces, sizeof p->namespaces, str_text(&all), all.len);
    str_free(&all);
}

void map_addon(const json_t *row, struct managed_addon *a)
{
    *a = (struct managed_addon){.created_at = json_when(row, "createdAt")};
    FIELD(a->name, row, "addonName");
    FIELD(a->version, row, "addonVersion");
    FIELD(a->status, row, "status");
    FIELD(a->issue, row, "health.issues.0.message");
}

/* Calls. */

struct platform_call *platform_call_new(struct platform_reading *r, enum platform_part part)
{
    struct platform_call *call = mem_new(sizeof *call);
    *call = (struct platform_call){.reading = r, .part = part};
    *vec_add(&r->calls) = call;
    return call;
}

static void free_reading(struct platform_reading *r)
{
    for (size_t i = 0; i < r->calls.len; i++) {
        aws_cancel(r->calls.at[i]->aws);
        kube_cancel(r->calls.at[i]->kube);
        free(r->calls.at[i]);
    }
    vec_free(&r->calls);
    platform_free(&r->platform);
    free(r);
}

/* Both kinds begin with their names. They are asked for one by one, and the answers come in no order. */
static int by_name(const void *a, const void *b) { return strcmp(a, b); }
_Static_assert(!offsetof(struct managed_addon, name) && !offsetof(struct fargate_profile, name), "by_name");

static void sort_by_name(struct platform *p)
{
    if (p->addons.len)
        qsort(p->addons.at, p->addons.len, sizeof *p->addons.at, by_name);
    if (p->profiles.len)
        qsort(p->profiles.at, p->profiles.len, sizeof *p->profiles.at, by_name);
}

static void finish(struct platform_reading *r)
{
    struct feed_run *run = r->run;
    struct error first = r->first;
    bool any = false;
    run->state = NULL;
    sort_by_name(&r->platform);
    for (int part = 0; part < PLATFORM_PARTS; part++) {
        if (*r->platform.trouble[part])
            r->platform.known &= ~(1u << part);
        any |= platform_knows(&r->platform, (enum platform_part)part);
    }
    if (any)
        platform_set(feeds_estate(run->feeds), run->account, &r->platform, loop_wall(feeds_loop(run->feeds)));
    free_reading(r);
    feed_end_partly(run, any, &first);
}

/* That a cluster by its server's address is none of EKS is no mistake. That an EKS does not tell of versions is none either. */
static bool is_mistake(const struct platform_call *call, const struct error *error)
{
    bool elsewhere = call->reading->run->config->cluster.server && call->aws && error_is(error, "ResourceNotFoundException");
    return call->part != PLATFORM_SUPPORT && !elsewhere;
}

void platform_call_end(struct platform_call *call, const struct error *error)
{
    struct platform_reading *r = call->reading;
    char *trouble = r->platform.trouble[call->part];
    if (error && !*trouble)
        error_text(error, trouble, sizeof r->platform.trouble[0]);
    if (error && r->first.kind == ERROR_NONE && is_mistake(call, error)) {
        r->first = *error;
        error_prefix(&r->first, platform_part_name(call->part));
    }
    r->platform.known |= 1u << call->part; /* a trouble takes it away at the end */
    for (size_t i = 0; i < r->calls.len; i++)
        if (r->calls.at[i] == call) {
            vec_remove(&r->calls, i);
            break;
        }
    free(call);
    if (!r->calls.len)
        finish(r);
}

static void answered(void *arg, json_t *output, const struct error *error)
{
    struct platform_call *call = arg;
    if (output)
        call->take(call->reading, output);
    platform_call_end(call, error);
}

static void ask(struct platform_reading *r, enum platform_part part, const char *service, const char *operation, json_t *take_input,
                void (*take)(struct platform_reading *, json_t *))
{
    static const struct aws_call_options pages = {.all_pages = true};
    struct platform_call *call = platform_call_new(r, part);
    call->take = take;
    call->aws = aws_call(r->run->session, service, operation, take_input, text_starts(operation, "List") ? &pages : NULL, answered, call);
    json_decref(take_input);
}

static void take_support(struct platform_reading *r, json_t *output)
{
    size_t i;
    json_t *row;
    json_array_foreach(json_at(output, "clusterVersions"), i, row) {
        if (!text_equal(json_text(row, "clusterVersion"), r->platform.cluster.version))
            continue;
        FIELD(r->platform.cluster.support, row, "versionStatus");
        r->platform.cluster.support_ends = json_when(row, "endOfStandardSupportDate");
    }
}

static void take_cluster(struct platform_reading *r, json_t *output)
{
    map_cluster(json_at(output, "cluster"), &r->platform.cluster);
    ask(r, PLATFORM_SUPPORT, "eks", "DescribeClusterVersions", json_pack("{s:[s]}", "clusterVersions", r->platform.cluster.version), take_support);
}

static void take_profile(struct platform_reading *r, json_t *output)
{
    map_fargate_profile(json_at(output, "fargateProfile"), vec_add(&r->platform.profiles));
}

static void take_addon(struct platform_reading *r, json_t *output) { map_addon(json_at(output, "addon"), vec_add(&r->platform.addons)); }

static bool has_room(struct platform_reading *r, size_t count)
{
    if (count >= EACH_MAX)
        feed_more(r->run);
    return count < EACH_MAX;
}

static void take_profiles(struct platform_reading *r, json_t *output)
{
    size_t i;
    json_t *name;
    json_array_foreach(json_at(output, "fargateProfileNames"), i, name)
        if (has_room(r, i))
            ask(r, PLATFORM_FARGATE, "eks", "DescribeFargateProfile",
                json_pack("{s:s, s:O}", "clusterName", r->run->config->cluster.name, "fargateProfileName", name), take_profile);
}

static void take_addons(struct platform_reading *r, json_t *output)
{
    size_t i;
    json_t *name;
    json_array_foreach(json_at(output, "addons"), i, name)
        if (has_room(r, i))
            ask(r, PLATFORM_ADDONS, "eks", "DescribeAddon", json_pack("{s:s, s:O}", "clusterName", r->run->config->cluster.name, "addonName", name),
                take_addon);
}

static void ask_eks(struct platform_reading *r)
{
    const char *name = r->run->config->cluster.name;
    ask(r, PLATFORM_CLUSTER, "eks", "DescribeCluster", json_pack("{s:s}", "name", name), take_cluster);
    ask(r, PLATFORM_FARGATE, "eks", "ListFargateProfiles", json_pack("{s:s}", "clusterName", name), take_profiles);
    ask(r, PLATFORM_ADDONS, "eks", "ListAddons", json_pack("{s:s}", "clusterName", name), take_addons);
}

static void start(struct feed_run *run)
{
    struct platform_reading *r = run->state = mem_new(sizeof *r);
    r->run = run;
    if (!run->config->cluster.context)
        ask_eks(r);
    else
        for (int part = PLATFORM_CLUSTER; part <= PLATFORM_ADDONS; part++)
            text_copy(r->platform.trouble[part], sizeof r->platform.trouble[part], "the cluster is known by a context of kubeconfig alone");
    kube_platform_ask(r);
}

static void stop(struct feed_run *run)
{
    if (run->state)
        free_reading(run->state);
    run->state = NULL;
}

static bool wanted(const struct account_config *account) { return account->cluster.name != NULL; }

const struct feed_type feed_platform = {
    .feed = FEED_PLATFORM, .interval_ms = 600000, .focus_ms = 60000, .wanted = wanted, .start = start, .stop = stop, .focus_only = true};
