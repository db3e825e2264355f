/* The raw document of what is looked at, read anew, as YAML. Pods are kube_detail.c's. */
#include <stdlib.h>

#include "base/digest.h"
#include "base/mem.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

#define YAML_MAX ((size_t)1 << 20)

struct source {
    enum detail_kind kind;
    const char *service, *operation;
    const char *member;   /* of the input: takes the name */
    const char *output;   /* what of the reply is the document */
    const char *ns;       /* only for keys of this kind of row; NULL: for all */
};

static const struct source sources[] = {
    {DETAIL_ACCOUNT, "organizations", "DescribeOrganization", NULL, "Organization", NULL},
    {DETAIL_DATABASE, "rds", "DescribeDBInstances", "DBInstanceIdentifier", "DBInstances.0", NULL},
    {DETAIL_BUDGET, "budgets", "DescribeBudgets", NULL, "Budgets", NULL},
    {DETAIL_WEB_ACL, "wafv2", "GetWebACL", "Name", "WebACL", NULL},
    {DETAIL_PIPELINE, "codepipeline", "GetPipelineState", "name", NULL, NULL},
    {DETAIL_LOG_GROUP, "logs", "DescribeLogGroups", "logGroupNamePrefix", "logGroups.0"},
    {DETAIL_ALARM, "cloudwatch", "DescribeAlarms", "AlarmNames", NULL, NULL},
    {DETAIL_NETWORK, "elbv2", "DescribeTargetHealth", "TargetGroupArn", NULL, "targets"},
    {DETAIL_NETWORK, "elbv2", "DescribeLoadBalancers", "LoadBalancerArns", "LoadBalancers.0", "balancer"},
    {DETAIL_NETWORK, "ec2", "DescribeVpcs", "VpcIds", "Vpcs.0", "vpc"},
    {DETAIL_NETWORK, "ec2", "DescribeSubnets", "SubnetIds", "Subnets.0", "subnet"},
    {DETAIL_NETWORK, "ec2", "DescribeRouteTables", "RouteTableIds", "RouteTables.0", "routes"},
    {DETAIL_NETWORK, "ec2", "DescribeVpcEndpoints", "VpcEndpointIds", "VpcEndpoints.0", "endpoint"},
    {DETAIL_NETWORK, "ec2", "DescribeNetworkAcls", "NetworkAclIds", "NetworkAcls.0", "acl"},
    {DETAIL_NETWORK, "ec2", "DescribeSecurityGroups", "GroupIds", "SecurityGroups.0", "allows"},
    {DETAIL_NETWORK, "ec2", "DescribeSecurityGroups", "GroupIds", "SecurityGroups.0", "group"},
    {DETAIL_EDGE, "cloudfront", "GetDistributionConfig", "Id", "DistributionConfig", "cdn"},
    {DETAIL_EDGE, "cloudfront", "GetDistributionConfig", "Id", "DistributionConfig", "behaviour"},
    {DETAIL_EDGE, "cloudfront", "GetDistributionConfig", "Id", "DistributionConfig", "origin"},
    {DETAIL_EDGE, "route53", "ListResourceRecordSets", "HostedZoneId", "ResourceRecordSets", "record"},
    {DETAIL_EDGE, "acm", "DescribeCertificate", "CertificateArn", "Certificate", "certificate"},
    {DETAIL_EDGE, "cloudfront", "GetInvalidation", "DistributionId", "Invalidation", "cleared"},
    {DETAIL_NETWORK, "ec2", "DescribeInstances", "InstanceIds", "Reservations.0.Instances.0", "instance"},
    {DETAIL_SECURITY, "iam", "GetAccountSummary", NULL, "SummaryMap", "root"},
    {DETAIL_SECURITY, "iam", "GetRole", "RoleName", "Role", "role"},
    {DETAIL_SECURITY, "iam", "GetOpenIDConnectProvider", "OpenIDConnectProviderArn", NULL, "provider"},
    {DETAIL_SECURITY, "kms", "DescribeKey", "KeyId", "KeyMetadata", "key"},
    {DETAIL_SECURITY, "cloudtrail", "GetTrailStatus", "Name", NULL, "trail"},
    {DETAIL_SECURITY, "s3", "GetBucketEncryption", "Bucket", "ServerSideEncryptionConfiguration", "bucket"},
    {DETAIL_IMAGE, "ecr", "DescribeImages", NULL, "imageDetails.0", NULL},
};

struct detail_call {
    struct feeds *feeds;
    struct detail_key key;
    const struct source *source;
    char region[32]; /* "": the account's */
    struct aws_call *call;
    struct github_call *github;
    struct kube_call *kube;
};

static json_t *budget_named(json_t *list, const char *name)
{
    size_t i;
    json_t *row;
    json_array_foreach(list, i, row)
        if (text_equal(json_text(row, "BudgetName"), name))
            return row;
    return list;
}

static void show(const struct detail_call *call, const json_t *document)
{
    struct estate *e = feeds_estate(call->feeds);
    struct str yaml = STR_INIT(YAML_MAX);
    json_to_yaml(document, &yaml);
    struct detail *detail = detail_write(e);
    free(detail->yaml);
    detail->yaml = str_take(&yaml);
    detail->slice.state = SLICE_FRESH;
    detail->slice.read_at = loop_wall(feeds_loop(call->feeds));
    estate_touch(e);
}

/* Whoever has a pipeline's token may answer its approval. */
static void hide_tokens(json_t *tree)
{
    const char *name;
    json_t *member;
    size_t i;
    json_object_del(tree, "token");
    json_object_foreach(tree, name, member)
        hide_tokens(member);
    json_array_foreach(tree, i, member)
        hide_tokens(member);
}

/* Whoever knows what an origin is sent may speak to it past the edge. */
static void hide_headers(json_t *origins)
{
    size_t i, k;
    json_t *origin, *header;
    json_array_foreach(origins, i, origin)
        json_array_foreach(json_at(origin, "CustomHeaders.Items"), k, header)
            json_object_del(header, "HeaderValue");
}

static void got_points(void *arg, json_t *output, const struct error *error)
{
    struct detail_call *call = arg;
    struct estate *e = feeds_estate(call->feeds);
    call->call = NULL;
    if (!detail_is(e, &call->key))
        return;
    if (error)
        detail_write(e)->points_error = *error;
    else
        map_alarm_points(output, detail_write(e));
    estate_touch(e);
}

/* The metric comes after the alarm, by a call of its own. */
static void ask_points(struct detail_call *call, const json_t *alarm)
{
    json_t *input = alarm_points_input(alarm, loop_wall(feeds_loop(call->feeds)), detail_write(feeds_estate(call->feeds)));
    struct aws_call_options options = {.region = *call->region ? call->region : NULL};
    if (input)
        call->call = aws_call(feeds_session(call->feeds, call->key.account), "cloudwatch", "GetMetricData", input, &options, got_points, call);
    json_decref(input);
}

static void answered(void *arg, json_t *output, const struct error *error)
{
    struct detail_call *call = arg;
    struct estate *e = feeds_estate(call->feeds);
    call->call = NULL;
    if (!detail_is(e, &call->key))
        return;
    if (error) {
        detail_failed(e, error);
        return;
    }
    if (call->key.kind == DETAIL_PIPELINE)
        hide_tokens(output);
    if (call->key.kind == DETAIL_EDGE)
        hide_headers(json_at(output, "DistributionConfig.Origins.Items"));
    json_t *document = call->source->output ? json_at(output, call->source->output) : output;
    if (call->key.kind == DETAIL_BUDGET)
        document = budget_named(document, call->key.name);
    show(call, document ? document : output);
    if (call->key.kind == DETAIL_ALARM)
        ask_points(call, json_at(output, "MetricAlarms.0"));
}

static void got_release(void *arg, json_t *document, const struct error *error)
{
    struct detail_call *call = arg;
    call->github = NULL;
    if (!detail_is(feeds_estate(call->feeds), &call->key))
        return;
    if (error)
        detail_failed(feeds_estate(call->feeds), error);
    else
        show(call, document);
}

static void ask_release(struct detail_call *call)
{
    struct estate *e = feeds_estate(call->feeds);
    const struct release *release = release_find(&e->accounts[call->key.account].releases, strtoll(call->key.name, NULL, 10));
    if (release)
        call->github = github_run(feeds_github(call->feeds), e->config->github_repository, release->id, got_release, call);
}

/* Rows of the nodes pane: documents of EKS, or of the cluster; some rows are sums, and have none. */

static const struct platform_source {
    const char *row;
    struct source source;
    const char *path; /* of the cluster's API; takes "name" or "namespace/name" */
} platform_sources[] = {
    {"cluster", {DETAIL_PLATFORM, "eks", "DescribeCluster", "name", "cluster", NULL}, NULL},
    {"group", {DETAIL_PLATFORM, "eks", "DescribeNodegroup", "nodegroupName", "nodegroup", NULL}, NULL},
    {"fargate", {DETAIL_PLATFORM, "eks", "DescribeFargateProfile", "fargateProfileName", "fargateProfile", NULL}, NULL},
    {"managed", {DETAIL_PLATFORM, "eks", "DescribeAddon", "addonName", "addon", NULL}, NULL},
    {"node", {DETAIL_PLATFORM, NULL, NULL, NULL, NULL, NULL}, "/api/v1/nodes/%s%s"},
    {"hpa", {DETAIL_PLATFORM, NULL, NULL, NULL, NULL, NULL}, "/apis/autoscaling/v2/namespaces/%s/horizontalpodautoscalers/%s"},
    {"daemon", {DETAIL_PLATFORM, NULL, NULL, NULL, NULL, NULL}, "/apis/apps/v1/namespaces/%s/daemonsets/%s"},
};

static void got_object(void *arg, json_t *object, const struct error *error)
{
    struct detail_call *call = arg;
    call->kube = NULL;
    if (!detail_is(feeds_estate(call->feeds), &call->key))
        return;
    if (error)
        detail_failed(feeds_estate(call->feeds), error);
    else
        show(call, object);
}

static void ask_object(struct detail_call *call, const char *format)
{
    struct str first = STR_INIT(1024), second = STR_INIT(1024), path = STR_INIT(4096);
    const char *slash = strchr(call->key.name, '/'), *place = strstr(format, "%s"), *next = place + 2, *last = strstr(next, "%s");
    percent_add(&first, call->key.name, slash ? (size_t)(slash - call->key.name) : strlen(call->key.name), false);
    if (slash)
        percent_add(&second, slash + 1, strlen(slash + 1), false);
    str_add(&path, format, (size_t)(place - format));
    str_adds(&path, str_text(&first));
    str_add(&path, next, (size_t)(last - next));
    str_adds(&path, str_text(&second));
    call->kube = kube_get(feeds_kube(call->feeds, call->key.account), str_text(&path), got_object, call);
    str_free(&first);
    str_free(&second);
    str_free(&path);
}

static void ask_platform(struct detail_call *call)
{
    const char *cluster = feeds_estate(call->feeds)->accounts[call->key.account].config->cluster.name;
    for (size_t i = 0; i < sizeof platform_sources / sizeof *platform_sources; i++) {
        const struct platform_source *p = &platform_sources[i];
        if (strcmp(p->row, call->key.ns) != 0)
            continue;
        if (p->path) {
            ask_object(call, p->path);
            return;
        }
        json_t *input = json_pack("{s:s}", p->source.member, call->key.name);
        if (strcmp(p->row, "cluster") != 0)
            json_object_set_new(input, "clusterName", json_string(cluster));
        call->source = &p->source;
        call->call = aws_call(feeds_session(call->feeds, call->key.account), p->source.service, p->source.operation, input, NULL, answered, call);
        json_decref(input);
        return;
    }
    json_t *none = json_object();
    json_object_set_new(none, "document", json_string("none: this row is made of several things"));
    show(call, none);
    json_decref(none);
}

/* "backend@sha256:…" */
static json_t *image_input(const char *name)
{
    const char *at = strchr(name, '@');
    char repository[256];
    text_format(repository, sizeof repository, "%.*s", (int)(at ? (size_t)(at - name) : strlen(name)), name);
    return json_pack("{s:s, s:[{s:s}]}", "repositoryName", repository, "imageIds", "imageDigest", at ? at + 1 : "");
}

/* A row of the network is called after its id; a load balancer and a target group after the end of their ARN, a rule after its group first. */
static const char *network_id(const struct account *account, const char *name, char *out, size_t size)
{
    const struct balancing *b = &account->balancing;
    text_format(out, size, "%.*s", (int)strcspn(name, " "), name);
    for (size_t i = 0; i < b->groups.len; i++)
        if (text_ends(b->groups.at[i].arn, name))
            text_copy(out, size, b->groups.at[i].arn);
    for (size_t i = 0; i < account->network.balancers.len; i++)
        if (text_ends(account->network.balancers.at[i].arn, name))
            text_copy(out, size, account->network.balancers.at[i].arn);
    return out;
}

/* A row of the edge is called after the id of what it is part of, then its own name. */
static json_t *edge_input(const struct detail_call *call)
{
    const char *name = call->key.name, *rest = strchr(name, ' ') ? strchr(name, ' ') + 1 : "";
    char id[256], own[256];
    text_format(id, sizeof id, "%.*s", (int)strcspn(name, " "), name);
    text_format(own, sizeof own, "%.*s", (int)strcspn(rest, " "), rest);
    if (!strcmp(call->key.ns, "record"))
        return json_pack("{s:s, s:s, s:s}", "HostedZoneId", id, "StartRecordName", own, "MaxItems", "4");
    if (!strcmp(call->key.ns, "cleared"))
        return json_pack("{s:s, s:s}", "DistributionId", id, "Id", own);
    return json_pack("{s:s}", call->source->member, id);
}

/* Alarms on what the edge counts are in another region than the account; their ARNs say so: arn:aws:cloudwatch:us-east-1:… */
static void find_region(struct detail_call *call)
{
    const struct account *account = &feeds_estate(call->feeds)->accounts[call->key.account];
    if (call->key.kind == DETAIL_WEB_ACL || call->key.kind == DETAIL_EDGE)
        text_copy(call->region, sizeof call->region, "us-east-1");
    for (size_t i = 0; call->key.kind == DETAIL_ALARM && i < account->alarms.len; i++) {
        const char *part = account->alarms.at[i].arn;
        for (int colons = 0; part && colons < 3; colons++)
            part = strchr(part, ':') ? strchr(part, ':') + 1 : NULL;
        if (part && !strcmp(account->alarms.at[i].name, call->key.name))
            text_format(call->region, sizeof call->region, "%.*s", (int)strcspn(part, ":"), part);
    }
}

static json_t *input_of(const struct detail_call *call)
{
    const struct account *account = &feeds_estate(call->feeds)->accounts[call->key.account];
    char id[256];
    switch (call->key.kind) {
    case DETAIL_BUDGET:
        return json_pack("{s:s}", "AccountId", account->config->id);
    case DETAIL_WEB_ACL:
        return json_pack("{s:s, s:s, s:s}", "Name", account->web_acl.name, "Scope", "CLOUDFRONT", "Id", account->web_acl.id);
    case DETAIL_IMAGE:
        return image_input(call->key.name);
    case DETAIL_ALARM:
        return json_pack("{s:[s], s:[s, s]}", "AlarmNames", call->key.name, "AlarmTypes", "MetricAlarm", "CompositeAlarm");
    case DETAIL_EDGE:
        return edge_input(call);
    case DETAIL_NETWORK: /* lists of ids, but for one */
        network_id(account, call->key.name, id, sizeof id);
        if (!text_ends(call->source->member, "s"))
            return json_pack("{s:s}", call->source->member, id);
        return json_pack("{s:[s]}", call->source->member, id);
    default:
        return call->source->member ? json_pack("{s:s}", call->source->member, call->key.name) : json_object();
    }
}

void detail_cancel(struct feeds *feeds)
{
    struct detail_call **call = feeds_detail_call(feeds);
    kube_detail_cancel(feeds);
    if (*call) {
        aws_cancel((*call)->call);
        github_cancel((*call)->github);
        kube_cancel((*call)->kube);
    }
    free(*call);
    *call = NULL;
}

/* Rows that came out of a list, or of a report, have no document of their own. */
static void no_document(struct feeds *feeds)
{
    struct error error = {0};
    error_set(&error, ERROR_INPUT, "NoDocument", "what is known of this row is all in its details");
    detail_failed(feeds_estate(feeds), &error);
}

void feeds_detail(struct feeds *feeds, const struct detail_key *key)
{
    struct detail_call **at = feeds_detail_call(feeds);
    detail_cancel(feeds);
    detail_open(feeds_estate(feeds), key);
    if (key->kind == DETAIL_POD) {
        kube_detail(feeds, key);
        return;
    }
    if (key->kind == DETAIL_RELEASE) {
        *at = mem_new(sizeof **at);
        **at = (struct detail_call){.feeds = feeds, .key = *key};
        ask_release(*at);
        return;
    }
    if (key->kind == DETAIL_PLATFORM) {
        *at = mem_new(sizeof **at);
        **at = (struct detail_call){.feeds = feeds, .key = *key};
        ask_platform(*at);
        return;
    }
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        if (sources[i].kind != key->kind || (sources[i].ns && strcmp(sources[i].ns, key->ns) != 0))
            continue;
        struct detail_call *call = *at = mem_new(sizeof *call);
        *call = (struct detail_call){.feeds = feeds, .key = *key, .source = &sources[i]};
        json_t *input = input_of(call);
        find_region(call);
        struct aws_call_options options = {.region = *call->region ? call->region : NULL, .all_pages = key->kind == DETAIL_BUDGET};
        call->call = aws_call(feeds_session(feeds, key->account), call->source->service, call->source->operation, input, &options, answered, call);
        json_decref(input);
        return;
    }
    no_document(feeds);
}

void feeds_detail_close(struct feeds *feeds)
{
    detail_cancel(feeds);
    detail_close(feeds_estate(feeds));
}
