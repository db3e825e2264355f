/* The load balancers as they are set up: scheme, zones, attributes, those of their target groups, listeners with their rules, and the certificates
 * that these show. Part of the reading of feeds/network.c: each answer asks on for what hangs on it. */
#include <stdlib.h>

#include "feeds/fields.h"
#include "feeds/map.h"
#include "feeds/network.h"

#define AT_ONCE 40 /* calls under way; each step adds three at most */

void map_load_balancer(const json_t *row, struct load_balancer *balancer)
{
    size_t i;
    json_t *part;
    *balancer = (struct load_balancer){.cross_zone = -1, .groups_cross_zone = 1};
    FIELD(balancer->arn, row, "LoadBalancerArn");
    FIELD(balancer->name, row, "LoadBalancerName");
    FIELD(balancer->scheme, row, "Scheme");
    FIELD(balancer->type, row, "Type");
    FIELD(balancer->state, row, "State.Code");
    FIELD(balancer->dns, row, "DNSName");
    FIELD(balancer->vpc, row, "VpcId");
    json_array_foreach(json_object_get(row, "AvailabilityZones"), i, part)
        if (i < NETWORK_ZONES)
            FIELD(balancer->zones[i], part, "ZoneName");
    json_array_foreach(json_object_get(row, "SecurityGroups"), i, part)
        if (i < BALANCER_GROUPS)
            FIELD(balancer->groups[i], part, "");
}

/* "…:targetgroup/k8s-innovate-frontend/1cf387c012" → the name. */
static void group_name(const char *arn, char *out, size_t size)
{
    static const char mark[] = ":targetgroup/";
    const char *at = strstr(arn, mark), *name = at ? at + sizeof mark - 1 : arn;
    text_clean(out, size, name, strcspn(name, "/"));
}

static void map_action(const json_t *actions, struct listener_action *action)
{
    size_t count = json_array_size(actions);
    const json_t *last = json_array_get(actions, count ? count - 1 : 0); /* what comes before it asks who it is */
    const char *arn = json_text_or(last, "TargetGroupArn", json_text_or(last, "ForwardConfig.TargetGroups.0.TargetGroupArn", ""));
    FIELD(action->type, last, "Type");
    FIELD(action->status, last, "FixedResponseConfig.StatusCode");
    if (!*action->status)
        FIELD(action->status, last, "RedirectConfig.StatusCode");
    if (*arn)
        group_name(arn, action->target, sizeof action->target);
    else
        FIELD(action->target, last, "RedirectConfig.Protocol");
}

void map_listener(const json_t *row, struct listener *listener)
{
    *listener = (struct listener){.port = (int)json_int(row, "Port", -1)};
    FIELD(listener->arn, row, "ListenerArn");
    FIELD(listener->balancer, row, "LoadBalancerArn");
    FIELD(listener->protocol, row, "Protocol");
    FIELD(listener->policy, row, "SslPolicy");
    FIELD(listener->certificate, row, "Certificates.0.CertificateArn");
    map_action(json_object_get(row, "DefaultActions"), &listener->action);
}

/* Of a header that is asked for, the name is kept; its value is what CloudFront and we alone know. One of the values, or of the regular expressions, has to fit; where anything does, the header is no secret. */
static bool is_secret(const json_t *config)
{
    static const char *const lists[][2] = {{"Values", "*?"}, {"RegexValues", "^.*+?$"}};
    size_t i, count = 0;
    json_t *value;
    for (size_t k = 0; k < 2; k++)
        json_array_foreach(json_object_get(config, lists[k][0]), i, value) {
            const char *text = json_is_string(value) ? json_string_value(value) : "";
            if (!text[strspn(text, lists[k][1])])
                return false;
            count++;
        }
    return count > 0;
}

void map_listener_rule(const json_t *row, const char *listener, struct listener_rule *rule)
{
    size_t i;
    json_t *condition;
    *rule = (struct listener_rule){0};
    text_copy(rule->listener, sizeof rule->listener, listener);
    FIELD(rule->priority, row, "Priority");
    json_array_foreach(json_object_get(row, "Conditions"), i, condition) {
        const char *field = json_text_or(condition, "Field", "");
        if (!strcmp(field, "http-header") && is_secret(json_object_get(condition, "HttpHeaderConfig")))
            FIELD(rule->header, condition, "HttpHeaderConfig.HttpHeaderName");
        else if (!strcmp(field, "path-pattern"))
            FIELD_LIST(rule->paths, json_at(condition, "PathPatternConfig.Values"));
        else if (!strcmp(field, "host-header"))
            FIELD_LIST(rule->hosts, json_at(condition, "HostHeaderConfig.Values"));
    }
    map_action(json_object_get(row, "Actions"), &rule->action);
}

void map_certificate(const json_t *output, struct alb_certificate *certificate)
{
    *certificate = (struct alb_certificate){.expires_at = json_when(output, "Certificate.NotAfter")};
    FIELD(certificate->arn, output, "Certificate.CertificateArn");
    FIELD(certificate->domain, output, "Certificate.DomainName");
    FIELD(certificate->status, output, "Certificate.Status");
}

/* The calls. What hangs on a load balancer or a listener is told by its place in the array, handed on as `arg`. Each answer asks on. */

static void ask_on(struct network_reading *r);

static void got_certificate(struct feed_run *run, json_t *output, void *arg)
{
    struct network_reading *r = run->state;
    (void)arg;
    r->answered[NETWORK_CERTIFICATES]++;
    map_certificate(output, vec_add(&r->network.certificates));
    ask_on(r);
}

static void ask_certificate(struct network_reading *r, const struct listener *listener)
{
    if (!*listener->certificate)
        return;
    for (const struct listener *l = r->network.listeners.at; l < listener; l++)
        if (!strcmp(l->certificate, listener->certificate))
            return;
    network_ask(r, NETWORK_CERTIFICATES, "acm", "DescribeCertificate", json_pack("{s:s}", "CertificateArn", listener->certificate), got_certificate,
                NULL);
}

static void got_rules(struct feed_run *run, json_t *output, void *arg)
{
    struct network_reading *r = run->state;
    size_t i;
    json_t *row;
    r->answered[NETWORK_LISTENERS]++;
    json_array_foreach(json_object_get(output, "Rules"), i, row)
        if (!json_flag(row, "IsDefault", false) && network_room(r, NETWORK_LISTENERS, r->network.listener_rules.len))
            map_listener_rule(row, r->network.listeners.at[(uintptr_t)arg].arn, vec_add(&r->network.listener_rules));
    ask_on(r);
}

static void got_listeners(struct feed_run *run, json_t *output, void *arg)
{
    struct network_reading *r = run->state;
    size_t i;
    json_t *row;
    (void)arg;
    r->answered[NETWORK_LISTENERS]++;
    json_array_foreach(json_object_get(output, "Listeners"), i, row)
        if (network_room(r, NETWORK_LISTENERS, r->network.listeners.len))
            map_listener(row, vec_add(&r->network.listeners));
    ask_on(r);
}

static void got_attributes(struct feed_run *run, json_t *output, void *arg)
{
    struct network_reading *r = run->state;
    size_t i;
    json_t *row;
    r->answered[NETWORK_BALANCERS]++;
    json_array_foreach(json_object_get(output, "Attributes"), i, row)
        if (text_equal(json_text(row, "Key"), "load_balancing.cross_zone.enabled"))
            r->network.balancers.at[(uintptr_t)arg].cross_zone = text_equal(json_text(row, "Value"), "true");
    ask_on(r);
}

/* "true", "false", or what is usual: as the load balancer has it. */
void map_group_attributes(const json_t *output, const char *name, struct load_balancer *balancer)
{
    size_t i;
    json_t *row;
    if (!output && balancer->groups_cross_zone == 1)
        balancer->groups_cross_zone = -1;
    json_array_foreach(json_object_get(output, "Attributes"), i, row) {
        if (!text_equal(json_text(row, "Key"), "load_balancing.cross_zone.enabled") || !text_equal(json_text(row, "Value"), "false"))
            continue;
        balancer->groups_cross_zone = 0;
        if (!*balancer->isolated)
            text_copy(balancer->isolated, sizeof balancer->isolated, name);
    }
}

static void got_group_attributes(struct feed_run *run, json_t *output, void *arg)
{
    struct network_reading *r = run->state;
    const struct balanced_group *group = &r->groups.at[(uintptr_t)arg];
    map_group_attributes(output, group->name, &r->network.balancers.at[group->balancer]);
    ask_on(r);
}

static void got_groups(struct feed_run *run, json_t *output, void *arg)
{
    struct network_reading *r = run->state;
    size_t i;
    json_t *row;
    r->answered[NETWORK_BALANCERS]++;
    json_array_foreach(json_object_get(output, "TargetGroups"), i, row) {
        if (!network_room(r, NETWORK_BALANCERS, r->groups.len))
            break;
        struct balanced_group *group = vec_add(&r->groups);
        group->balancer = (uintptr_t)arg;
        FIELD(group->arn, row, "TargetGroupArn");
        FIELD(group->name, row, "TargetGroupName");
    }
    ask_on(r);
}

static void ask_about_balancer(struct network_reading *r, size_t place)
{
    const char *arn = r->network.balancers.at[place].arn;
    network_ask(r, NETWORK_BALANCERS, "elbv2", "DescribeLoadBalancerAttributes", json_pack("{s:s}", "LoadBalancerArn", arn), got_attributes,
                (void *)(uintptr_t)place);
    network_ask(r, NETWORK_BALANCERS, "elbv2", "DescribeTargetGroups", json_pack("{s:s}", "LoadBalancerArn", arn), got_groups,
                (void *)(uintptr_t)place);
    network_ask(r, NETWORK_LISTENERS, "elbv2", "DescribeListeners", json_pack("{s:s}", "LoadBalancerArn", arn), got_listeners, NULL);
}

static void ask_about_listener(struct network_reading *r, size_t place)
{
    const struct listener *listener = &r->network.listeners.at[place];
    network_ask(r, NETWORK_LISTENERS, "elbv2", "DescribeRules", json_pack("{s:s}", "ListenerArn", listener->arn), got_rules,
                (void *)(uintptr_t)place);
    ask_certificate(r, listener);
}

static void ask_about_group(struct network_reading *r, size_t place)
{
    calls_try(&r->calls, "elbv2", "DescribeTargetGroupAttributes", json_pack("{s:s}", "TargetGroupArn", r->groups.at[place].arn),
              got_group_attributes, (void *)(uintptr_t)place);
}

static void ask_on(struct network_reading *r)
{
    while (r->calls.pending < AT_ONCE && !listeners_all_asked(r))
        if (r->next_listener < r->network.listeners.len)
            ask_about_listener(r, r->next_listener++);
        else if (r->next_group < r->groups.len)
            ask_about_group(r, r->next_group++);
        else
            ask_about_balancer(r, r->next_balancer++);
}

bool listeners_all_asked(const struct network_reading *r)
{
    return r->next_listener == r->network.listeners.len && r->next_group == r->groups.len && r->next_balancer == r->network.balancers.len;
}

static void got_balancers(struct feed_run *run, json_t *output, void *arg)
{
    struct network_reading *r = run->state;
    size_t i;
    json_t *row;
    (void)arg;
    r->answered[NETWORK_BALANCERS]++;
    json_array_foreach(json_object_get(output, "LoadBalancers"), i, row)
        if (network_room(r, NETWORK_BALANCERS, i))
            map_load_balancer(row, vec_add(&r->network.balancers));
    ask_on(r);
}

void listeners_ask(struct feed_run *run)
{
    network_ask(run->state, NETWORK_BALANCERS, "elbv2", "DescribeLoadBalancers", NULL, got_balancers, NULL);
}
