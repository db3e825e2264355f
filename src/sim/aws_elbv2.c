/* Elastic Load Balancing, and the certificates that its listeners show. Targets are the pods of the account's cluster. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sim/aws_world.h"

#define TARGETS_MAX 2000

static const struct call_page page = {.token_in = "Marker", .token_out = "NextMarker", .limit_in = "PageSize", .least = 1, .most = 400, .usual = 400,
                                      .bad_token = "ValidationError"};

static bool home(const struct aws_call *call) { return strcmp(call->region, call->account->region) == 0; }

static json_t *arn(const struct account *a, const char *what) { return call_text("arn:aws:elasticloadbalancing:%s:%s:%s", a->region, a->id, what); }

static json_t *balancer_arn(const struct account *a, const struct net_balancer *b)
{
    char what[200];
    text_format(what, sizeof what, "loadbalancer/app/%s/%s", b->name, b->id);
    return arn(a, what);
}

static json_t *listener_arn(const struct account *a, const struct net_balancer *b, const struct net_listener *l)
{
    char what[200];
    text_format(what, sizeof what, "listener/app/%s/%s/%s", b->name, b->id, l->id);
    return arn(a, what);
}

static json_t *group_arn(const struct account *a, const char *name)
{
    char what[200];
    const char *id = "0000000000000000";
    for (size_t i = 0; i < a->network.target_groups.len; i++)
        if (strcmp(a->network.target_groups.at[i].name, name) == 0)
            id = a->network.target_groups.at[i].id;
    text_format(what, sizeof what, "targetgroup/%s/%s", name, id);
    return arn(a, what);
}

/* Takes the ARN. */
static bool is(json_t *take_arn, const char *text)
{
    bool same = strcmp(json_string_value(take_arn), text) == 0;
    json_decref(take_arn);
    return same;
}

/* Is it in the list of the request (or is there none)? Takes the ARN. */
static bool among(json_t *take_arn, const json_t *list)
{
    bool in = call_in(list, json_string_value(take_arn));
    json_decref(take_arn);
    return in;
}

static const struct net_balancer *find_balancer(struct aws_call *call, const char *text)
{
    const struct account_network *n = &call->account->network;
    for (size_t i = 0; home(call) && i < n->balancers.len; i++)
        if (is(balancer_arn(call->account, &n->balancers.at[i]), text))
            return &n->balancers.at[i];
    call_fail(call, "LoadBalancerNotFound", "One or more load balancers not found");
    return NULL;
}

/* Load balancers. */

static json_t *zones(const struct account *a, const struct net_balancer *b)
{
    json_t *out = json_array();
    for (size_t i = 0; i < b->subnets.len; i++)
        for (size_t k = 0; k < a->network.subnets.len; k++)
            if (strcmp(a->network.subnets.at[k].id, b->subnets.at[i]) == 0)
                json_array_append_new(out, json_pack("{s:s, s:s, s:[]}", "ZoneName", a->network.subnets.at[k].zone, "SubnetId", b->subnets.at[i],
                                                     "LoadBalancerAddresses"));
    return out;
}

static json_t *balancer_row(const struct aws_call *call, const struct net_balancer *b)
{
    const struct account *a = call->account;
    json_t *groups = json_array();
    for (size_t i = 0; i < b->groups.len; i++)
        json_array_append_new(groups, json_string(b->groups.at[i]));
    return json_pack("{s:o, s:o, s:s, s:o, s:s, s:s, s:s, s:{s:s}, s:s, s:o, s:o, s:s}", "LoadBalancerArn", balancer_arn(a, b), "DNSName",
                     call_text("%s%s-%.10s.%s.elb.amazonaws.com", b->internet_facing ? "" : "internal-", b->name, b->id, a->region),
                     "CanonicalHostedZoneId", "Z35SXDOTRQ7X7K", "CreatedTime", call_time((sim_start(call->sim) - a->cluster.age) / 1000 * 1000),
                     "LoadBalancerName", b->name, "Scheme", b->internet_facing ? "internet-facing" : "internal", "VpcId", a->network.vpc.id, "State",
                     "Code", b->state ? b->state : "active", "Type", "application", "AvailabilityZones", zones(a, b), "SecurityGroups", groups,
                     "IpAddressType", "ipv4");
}

static json_t *describe_load_balancers(struct aws_call *call)
{
    const struct account_network *n = &call->account->network;
    struct call_page p = page;
    json_t *all = json_array();
    const json_t *arns = json_object_get(call->input, "LoadBalancerArns"), *names = json_object_get(call->input, "Names");
    for (size_t i = 0; home(call) && i < n->balancers.len; i++)
        if (among(balancer_arn(call->account, &n->balancers.at[i]), arns) && call_in(names, n->balancers.at[i].name))
            json_array_append_new(all, balancer_row(call, &n->balancers.at[i]));
    if (json_array_size(arns) + json_array_size(names) > 0 && json_array_size(all) == 0) {
        json_decref(all);
        return call_fail(call, "LoadBalancerNotFound", "One or more load balancers not found");
    }
    p.list = "LoadBalancers";
    return call_page(call, all, &p);
}

static json_t *describe_load_balancer_attributes(struct aws_call *call)
{
    const struct net_balancer *b = find_balancer(call, json_text_or(call->input, "LoadBalancerArn", ""));
    return b ? json_pack("{s:[{s:s, s:s}, {s:s, s:s}, {s:s, s:s}, {s:s, s:s}]}", "Attributes", "Key", "load_balancing.cross_zone.enabled", "Value",
                         b->cross_zone ? "true" : "false", "Key", "deletion_protection.enabled", "Value", "true", "Key",
                         "routing.http.drop_invalid_header_fields.enabled", "Value", "true", "Key", "idle_timeout.timeout_seconds", "Value", "60")
             : NULL;
}

/* Listeners and rules. */

static json_t *actions(const struct account *a, const char *target)
{
    if (!target)
        return json_pack("[{s:s, s:i, s:{s:s, s:s, s:s}}]", "Type", "fixed-response", "Order", 1, "FixedResponseConfig", "StatusCode", "403",
                         "ContentType", "text/plain", "MessageBody", "Forbidden");
    return json_pack("[{s:s, s:i, s:o, s:{s:[{s:o, s:i}], s:{s:b}}}]", "Type", "forward", "Order", 1, "TargetGroupArn", group_arn(a, target),
                     "ForwardConfig", "TargetGroups", "TargetGroupArn", group_arn(a, target), "Weight", 1, "TargetGroupStickinessConfig", "Enabled",
                     0);
}

static json_t *listener_row(const struct account *a, const struct net_balancer *b, const struct net_listener *l)
{
    json_t *out = json_pack("{s:o, s:o, s:I, s:s, s:o}", "ListenerArn", listener_arn(a, b, l), "LoadBalancerArn", balancer_arn(a, b), "Port",
                            (json_int_t)l->port, "Protocol", l->protocol, "DefaultActions", actions(a, l->target));
    if (l->certificate)
        json_object_set_new(out, "Certificates", json_pack("[{s:o}]", "CertificateArn", acm_arn(a, l->certificate)));
    if (l->policy)
        json_object_set_new(out, "SslPolicy", json_string(l->policy));
    return out;
}

static json_t *describe_listeners(struct aws_call *call)
{
    const struct account_network *n = &call->account->network;
    const char *of = json_text(call->input, "LoadBalancerArn");
    const json_t *arns = json_object_get(call->input, "ListenerArns");
    struct call_page p = page;
    if (!of && !arns)
        return call_fail(call, "ValidationError", "You must specify either listener ARNs or a load balancer ARN");
    if (of && !find_balancer(call, of))
        return NULL;
    json_t *all = json_array();
    for (size_t i = 0; home(call) && i < n->balancers.len; i++)
        for (size_t k = 0; k < n->balancers.at[i].listeners.len; k++) {
            const struct net_balancer *b = &n->balancers.at[i];
            if ((!of || is(balancer_arn(call->account, b), of)) && among(listener_arn(call->account, b, &b->listeners.at[k]), arns))
                json_array_append_new(all, listener_row(call->account, b, &b->listeners.at[k]));
        }
    p.list = "Listeners";
    return call_page(call, all, &p);
}

static json_t *conditions(const struct net_rule *rule)
{
    json_t *out = json_array(), *paths = json_array();
    for (size_t i = 0; i < rule->paths.len; i++)
        json_array_append_new(paths, json_string(rule->paths.at[i]));
    if (rule->paths.len)
        json_array_append_new(out, json_pack("{s:s, s:O, s:{s:O}}", "Field", "path-pattern", "Values", paths, "PathPatternConfig", "Values", paths));
    if (rule->header)
        json_array_append_new(out, json_pack("{s:s, s:{s:s, s:[s]}}", "Field", "http-header", "HttpHeaderConfig", "HttpHeaderName", rule->header,
                                             "Values", rule->value ? rule->value : ""));
    json_decref(paths);
    return out;
}

static json_t *rules_of(const struct account *a, const struct net_balancer *b, const struct net_listener *l)
{
    json_t *all = json_array();
    char what[300];
    for (size_t i = 0; i <= l->rules.len; i++) {
        const struct net_rule *rule = i < l->rules.len ? &l->rules.at[i] : NULL;
        text_format(what, sizeof what, "listener-rule/app/%s/%s/%s/%012zx", b->name, b->id, l->id, i + 1);
        json_array_append_new(all, json_pack("{s:o, s:o, s:o, s:o, s:b}", "RuleArn", arn(a, what), "Priority",
                                             rule ? call_text("%lld", (long long)rule->priority) : json_string("default"), "Conditions",
                                             rule ? conditions(rule) : json_array(), "Actions", actions(a, rule ? rule->target : l->target),
                                             "IsDefault", !rule));
    }
    return all;
}

static json_t *describe_rules(struct aws_call *call)
{
    const struct account_network *n = &call->account->network;
    const char *of = json_text_or(call->input, "ListenerArn", "");
    struct call_page p = page;
    p.list = "Rules";
    for (size_t i = 0; home(call) && i < n->balancers.len; i++)
        for (size_t k = 0; k < n->balancers.at[i].listeners.len; k++) {
            const struct net_balancer *b = &n->balancers.at[i];
            if (is(listener_arn(call->account, b, &b->listeners.at[k]), of))
                return call_page(call, rules_of(call->account, b, &b->listeners.at[k]), &p);
        }
    return call_fail(call, "ListenerNotFound", "One or more listeners not found");
}

/* Target groups and targets. */

static bool uses(const struct net_balancer *b, const char *group)
{
    for (size_t i = 0; i < b->listeners.len; i++) {
        const struct net_listener *l = &b->listeners.at[i];
        if (text_equal(l->target, group))
            return true;
        for (size_t k = 0; k < l->rules.len; k++)
            if (strcmp(l->rules.at[k].target, group) == 0)
                return true;
    }
    return false;
}

static json_t *group_row(const struct account *a, const struct net_target_group *g)
{
    json_t *balancers = json_array();
    for (size_t i = 0; i < a->network.balancers.len; i++)
        if (uses(&a->network.balancers.at[i], g->name))
            json_array_append_new(balancers, balancer_arn(a, &a->network.balancers.at[i]));
    return json_pack("{s:o, s:s, s:s, s:I, s:s, s:s, s:s, s:b, s:i, s:i, s:i, s:i, s:s, s:{s:s}, s:o, s:s, s:s, s:s}", "TargetGroupArn",
                     group_arn(a, g->name),
                     "TargetGroupName", g->name, "Protocol", "HTTP", "Port", (json_int_t)g->port, "VpcId", a->network.vpc.id, "HealthCheckProtocol",
                     "HTTP", "HealthCheckPort", "traffic-port", "HealthCheckEnabled", 1, "HealthCheckIntervalSeconds", 15,
                     "HealthCheckTimeoutSeconds", 5, "HealthyThresholdCount", 2, "UnhealthyThresholdCount", 2, "HealthCheckPath",
                     g->path ? g->path : "/", "Matcher", "HttpCode", "200", "LoadBalancerArns", balancers, "TargetType", "ip", "ProtocolVersion",
                     "HTTP1", "IpAddressType", "ipv4");
}

static json_t *describe_target_groups(struct aws_call *call)
{
    const struct account *a = call->account;
    const char *of = json_text(call->input, "LoadBalancerArn");
    const json_t *arns = json_object_get(call->input, "TargetGroupArns"), *names = json_object_get(call->input, "Names");
    const struct net_balancer *b = of ? find_balancer(call, of) : NULL;
    struct call_page p = page;
    if (of && !b)
        return NULL;
    json_t *all = json_array();
    for (size_t i = 0; home(call) && i < a->network.target_groups.len; i++) {
        const struct net_target_group *g = &a->network.target_groups.at[i];
        if ((!b || uses(b, g->name)) && among(group_arn(a, g->name), arns) && call_in(names, g->name))
            json_array_append_new(all, group_row(a, g));
    }
    if (json_array_size(arns) + json_array_size(names) > 0 && json_array_size(all) == 0) {
        json_decref(all);
        return call_fail(call, "TargetGroupNotFound", "One or more target groups not found");
    }
    p.list = "TargetGroups";
    return call_page(call, all, &p);
}

static json_t *health(enum sim_target_state state)
{
    static const char *const words[][3] = {
        [SIM_TARGET_INITIAL] = {"initial", "Elb.InitialHealthChecking", "Initial health checks in progress"},
        [SIM_TARGET_HEALTHY] = {"healthy", NULL, NULL},
        [SIM_TARGET_UNHEALTHY] = {"unhealthy", "Target.FailedHealthChecks", "Health checks failed"},
        [SIM_TARGET_DRAINING] = {"draining", "Target.DeregistrationInProgress", "Target deregistration is in progress"}};
    json_t *out = json_pack("{s:s}", "State", words[state][0]);
    if (words[state][1]) {
        json_object_set_new(out, "Reason", json_string(words[state][1]));
        json_object_set_new(out, "Description", json_string(words[state][2]));
    }
    return out;
}

static json_t *targets_of(struct aws_call *call, const struct net_target_group *g)
{
    const struct kube_sim *cluster = call->sim->clusters[call->account - call->sim->scenario->accounts.at];
    struct sim_target *found = mem_new_array(TARGETS_MAX, sizeof *found);
    size_t count = cluster ? kube_sim_targets(cluster, g->app, found, TARGETS_MAX) : 0;
    json_t *rows = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(rows, json_pack("{s:{s:s, s:I, s:s}, s:o, s:o}", "Target", "Id", found[i].ip, "Port", (json_int_t)g->port,
                                              "AvailabilityZone", found[i].zone, "HealthCheckPort", call_text("%lld", (long long)g->port),
                                              "TargetHealth", health(found[i].state)));
    free(found);
    return json_pack("{s:o}", "TargetHealthDescriptions", rows);
}

static const struct net_target_group *find_group(struct aws_call *call)
{
    const struct account *a = call->account;
    for (size_t i = 0; home(call) && i < a->network.target_groups.len; i++)
        if (is(group_arn(a, a->network.target_groups.at[i].name), json_text_or(call->input, "TargetGroupArn", "")))
            return &a->network.target_groups.at[i];
    call_fail(call, "TargetGroupNotFound", "One or more target groups not found");
    return NULL;
}

static json_t *describe_target_health(struct aws_call *call)
{
    const struct net_target_group *g = find_group(call);
    return g ? targets_of(call, g) : NULL;
}

/* As the load balancer has it, unless the scenario keeps the zones apart. */
static json_t *describe_target_group_attributes(struct aws_call *call)
{
    const struct net_target_group *g = find_group(call);
    return g ? json_pack("{s:[{s:s, s:s}, {s:s, s:s}]}", "Attributes", "Key", "deregistration_delay.timeout_seconds", "Value", "300", "Key",
                         "load_balancing.cross_zone.enabled", "Value", g->isolated ? "false" : "use_load_balancer_configuration")
             : NULL;
}

const struct aws_handler aws_elbv2[] = {{"elbv2", "DescribeLoadBalancers", describe_load_balancers},
                                        {"elbv2", "DescribeLoadBalancerAttributes", describe_load_balancer_attributes},
                                        {"elbv2", "DescribeListeners", describe_listeners},
                                        {"elbv2", "DescribeRules", describe_rules},
                                        {"elbv2", "DescribeTargetGroups", describe_target_groups},
                                        {"elbv2", "DescribeTargetGroupAttributes", describe_target_group_attributes},
                                        {"elbv2", "DescribeTargetHealth", describe_target_health},
                                        {NULL}};
