/* WAFv2: web ACLs and samples of the requests that their rules met. What a stranger sent stays as it was sent. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sim/aws_world.h"
#include "sim/metrics.h"

#define WINDOW INT64_C(10800000) /* samples are kept for three hours */

static json_t *acl_arn(const struct account *a, const struct acl *acl)
{
    return call_text("arn:aws:wafv2:%s:%s:%s/webacl/%s/%s", acl->scope == 0 ? "us-east-1" : a->region, a->id, acl->scope == 0 ? "global" : "regional",
                     acl->name, acl->id);
}

static bool is_arn(const struct account *a, const struct acl *acl, const char *text)
{
    json_t *arn = acl_arn(a, acl);
    bool same = strcmp(json_string_value(arn), text) == 0;
    json_decref(arn);
    return same;
}

/* The lock token changes when the ACL does. */
static json_t *lock_token(const struct acl *acl) { return call_text("%.8s-1a2b-4c3d-8e4f-%.12s", acl->id + 24, acl->id + 24); }

static bool here(const struct aws_call *call, const struct acl *acl, int scope)
{
    return acl->scope == scope && (scope == 0 || strcmp(call->region, call->account->region) == 0);
}

static json_t *list_web_acls(struct aws_call *call)
{
    static const struct call_page page = {"WebACLs", "NextMarker", "NextMarker", "Limit", 1, 100, 100, "WAFInvalidParameterException", NULL};
    int scope;
    if (!waf_scope_good(call, &scope))
        return NULL;
    json_t *all = json_array();
    for (size_t i = 0; i < call->account->acls.len; i++) {
        const struct acl *acl = &call->account->acls.at[i];
        if (here(call, acl, scope))
            json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:o, s:o}", "Name", acl->name, "Id", acl->id, "Description",
                                                 acl->description ? acl->description : "", "LockToken", lock_token(acl), "ARN",
                                                 acl_arn(call->account, acl)));
    }
    return call_page(call, all, &page);
}

/* One ACL with its rules. */

static json_t *visibility(const char *metric)
{
    return json_pack("{s:b, s:b, s:s}", "SampledRequestsEnabled", 1, "CloudWatchMetricsEnabled", 1, "MetricName", metric);
}

static json_t *statement(const struct account *a, const struct waf_rule *rule)
{
    json_t *codes = json_array();
    for (size_t i = 0; i < rule->countries.len; i++)
        json_array_append_new(codes, json_string(rule->countries.at[i]));
    json_t *out;
    if (rule->kind == 0)
        out = json_pack("{s:{s:s, s:s}}", "ManagedRuleGroupStatement", "VendorName", rule->vendor ? rule->vendor : "AWS", "Name",
                        rule->group ? rule->group : rule->name);
    else if (rule->kind == 1)
        out = json_pack("{s:{s:I, s:i, s:s}}", "RateBasedStatement", "Limit", (json_int_t)rule->limit, "EvaluationWindowSec", 300, "AggregateKeyType",
                        "IP");
    else if (rule->kind == 2)
        out = json_pack("{s:{s:O}}", "GeoMatchStatement", "CountryCodes", codes);
    else
        out = json_pack("{s:{s:o}}", "IPSetReferenceStatement", "ARN",
                        waf_ip_set_arn(a, rule->set));
    json_decref(codes);
    return out;
}

static json_t *rule_row(const struct account *a, const struct waf_rule *rule)
{
    json_t *out = json_pack("{s:s, s:I, s:o, s:o}", "Name", rule->name, "Priority", (json_int_t)rule->priority, "Statement", statement(a, rule),
                            "VisibilityConfig", visibility(rule->metric));
    const char *member = rule->kind == 0 ? "OverrideAction" : "Action", *action = rule->action == 1 ? "Count" : rule->kind == 0 ? "None" : "Block";
    json_object_set_new(out, member, json_pack("{s:{}}", action));
    return out;
}

static json_t *get_web_acl(struct aws_call *call)
{
    const char *name = json_text(call->input, "Name"), *id = json_text(call->input, "Id"), *arn = json_text(call->input, "ARN");
    int scope;
    if (!arn && (!name || !id || !json_text(call->input, "Scope")))
        return call_fail(call, "WAFInvalidParameterException",
                         "Error reason: Either ARN, or Name, Scope and Id are needed., field: WEB_ACL, parameter: ");
    if (!waf_scope_good(call, &scope))
        return NULL;
    for (size_t i = 0; i < call->account->acls.len; i++) {
        const struct acl *acl = &call->account->acls.at[i];
        bool meant = arn ? is_arn(call->account, acl, arn) : here(call, acl, scope) && strcmp(acl->name, name) == 0 && strcmp(acl->id, id) == 0;
        if (!meant)
            continue;
        json_t *rules = json_array();
        for (size_t r = 0; r < acl->rules.len; r++)
            json_array_append_new(rules, rule_row(call->account, &acl->rules.at[r]));
        return json_pack("{s:{s:s, s:s, s:o, s:{s:{}}, s:s, s:o, s:o, s:I, s:b}, s:o}", "WebACL", "Name", acl->name, "Id", acl->id, "ARN",
                         acl_arn(call->account, acl), "DefaultAction", "Allow", "Description", acl->description ? acl->description : "", "Rules",
                         rules, "VisibilityConfig", visibility(acl->metric), "Capacity", (json_int_t)acl->capacity, "ManagedByFirewallManager", 0,
                         "LockToken", lock_token(acl));
    }
    return call_fail(call, "WAFNonexistentItemException", "AWS WAF couldn't perform the operation because your resource doesn't exist.");
}

/* Where its log goes; NULL: nowhere. */
static const char *logs_of(const struct aws_call *call, const struct acl *acl)
{
    const json_t *changed = json_object_get(world_account(call->sim, call->account)->by_hand.acl_logs, acl->id);
    return changed ? json_string_value(changed) : acl->logs;
}

static json_t *logging_row(const struct aws_call *call, const struct acl *acl)
{
    return json_pack("{s:o, s:[s], s:b}", "ResourceArn", acl_arn(call->account, acl), "LogDestinationConfigs", logs_of(call, acl),
                     "ManagedByFirewallManager", 0);
}

static const struct acl *acl_by_arn(struct aws_call *call, const char *arn)
{
    for (size_t i = 0; i < call->account->acls.len; i++)
        if (here(call, &call->account->acls.at[i], call->account->acls.at[i].scope) && is_arn(call->account, &call->account->acls.at[i], arn))
            return &call->account->acls.at[i];
    call_fail(call, "WAFNonexistentItemException", "AWS WAF couldn't perform the operation because your resource doesn't exist.");
    return NULL;
}

static void set_logs(struct aws_call *call, const struct acl *acl, json_t *to)
{
    struct by_hand *h = &world_account(call->sim, call->account)->by_hand;
    if (!h->acl_logs)
        h->acl_logs = json_object();
    json_object_set_new(h->acl_logs, acl->id, to);
}

static json_t *put_logging(struct aws_call *call)
{
    const struct acl *acl = acl_by_arn(call, json_text_or(call->input, "LoggingConfiguration.ResourceArn", ""));
    const char *to = json_text_or(call->input, "LoggingConfiguration.LogDestinationConfigs.0", "");
    if (!acl)
        return NULL;
    if (!strstr(to, "aws-waf-logs-"))
        return call_fail(call, "WAFInvalidParameterException",
                         "Error reason: The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by colons or "
                         "slashes., field: LOG_DESTINATION, parameter: %s", to);
    set_logs(call, acl, json_string(to));
    return json_pack("{s:o}", "LoggingConfiguration", logging_row(call, acl));
}

static json_t *delete_logging(struct aws_call *call)
{
    const struct acl *acl = acl_by_arn(call, json_text_or(call->input, "ResourceArn", ""));
    if (acl && !logs_of(call, acl))
        return call_fail(call, "WAFNonexistentItemException", "AWS WAF couldn't perform the operation because your resource doesn't exist.");
    if (acl)
        set_logs(call, acl, json_null());
    return acl ? json_object() : NULL;
}

static json_t *list_logging(struct aws_call *call)
{
    int scope;
    if (!waf_scope_good(call, &scope))
        return NULL;
    json_t *rows = json_array();
    for (size_t i = 0; i < call->account->acls.len; i++) {
        const struct acl *acl = &call->account->acls.at[i];
        if (logs_of(call, acl) && here(call, acl, scope))
            json_array_append_new(rows, logging_row(call, acl));
    }
    return json_pack("{s:o}", "LoggingConfigurations", rows);
}

/* Sampled requests. */

struct sampling {
    struct aws_call *call;
    const struct acl *acl;
    const struct waf_rule *rule; /* NULL: the default action */
    int64_t from, to;            /* whole minutes */
    double population, weight;
};

static double met(const struct sampling *s, int64_t minute)
{
    return s->rule ? waf_met(s->call->sim, s->acl, s->rule, minute) : waf_allowed(s->call->sim, s->acl, minute);
}

/* Of a set's rule one of its addresses, of a surge one of those it comes from, of others any of the attack's network. */
static void sender(const struct sampling *s, const struct attack *attack, double chance, int64_t at, char *ip, size_t size)
{
    if (s->rule && attack == &s->rule->surge.attack) {
        text_copy(ip, size, s->rule->surge.addresses.at[(size_t)(chance * (double)s->rule->surge.addresses.len)]);
        return;
    }
    const char *listed = s->rule && s->rule->kind == 3
                             ? ip_set_address(s->call->sim, s->call->account, s->rule, at / METRIC_MINUTE * METRIC_MINUTE, chance) : NULL;
    if (listed)
        text_format(ip, size, "%.*s", (int)strcspn(listed, "/"), listed);
    else
        text_format(ip, size, "%s%d", attack->network ? attack->network : "203.0.113.", 1 + (int)(chance * 253));
}

/* A rule that comes earlier and blocks a set of addresses has met it already. */
static bool blocked_before(const struct sampling *s, const json_t *row)
{
    const char *ip = json_text_or(row, "Request.ClientIP", "");
    int64_t at = call_ms(row, "Timestamp", 0);
    for (size_t i = 0; i < s->acl->rules.len; i++) {
        const struct waf_rule *r = &s->acl->rules.at[i];
        if (r->kind == 3 && r->action == 0 && r != s->rule && (!s->rule || r->priority < s->rule->priority) &&
            ip_set_holds(s->call->sim, s->call->account, r, ip, at))
            return true;
    }
    return false;
}

/* An address that is blocked, or that an attack comes from, is of one country, whatever it asks for. */
static const char *country_of(const struct sampling *s, const struct attack *attack, const char *ip)
{
    for (size_t i = 0; i < s->acl->rules.len; i++) {
        const struct waf_surge *surge = &s->acl->rules.at[i].surge;
        for (size_t k = 0; k < surge->addresses.len; k++)
            if (!strcmp(surge->addresses.at[k], ip) && surge->attack.country)
                return surge->attack.country;
    }
    if (s->rule && s->rule->kind == 3 && s->rule->attacks.len)
        attack = &s->rule->attacks.at[(size_t)(sim_noise(s->call->sim, ip, 0) * (double)s->rule->attacks.len)];
    return attack->country ? attack->country : "US";
}

static json_t *request(const struct sampling *s, const struct attack *attack, const char *host, const char *key, int64_t at)
{
    static const char *const versions[] = {"HTTP/2.0", "HTTP/1.1"};
    double chance = sim_noise(s->call->sim, key, at + 1);
    char ip[64];
    sender(s, attack, chance, at, ip, sizeof ip);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:[{s:s, s:s}, {s:s, s:s}, {s:s, s:s}]}", "ClientIP", ip, "Country",
                     country_of(s, attack, ip), "URI", attack->uri, "Method", attack->method ? attack->method : "GET", "HTTPVersion",
                     versions[chance > 0.6], "Headers", "Name", "Host", "Value", host, "Name", "User-Agent", "Value",
                     attack->agent ? attack->agent : "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
                     "Name", "Accept", "Value", "*/*");
}

/* Those of a surge in their proportion. */
static const struct attack *choose(const struct sampling *s, const char *key, int64_t minute, int64_t at)
{
    static const struct attack nobody = {.uri = (char *)"/"};
    size_t count = s->rule ? s->rule->attacks.len : s->acl->visitors.len;
    const struct attack *list = s->rule ? s->rule->attacks.at : s->acl->visitors.at;
    double surge = s->rule ? waf_surge(s->call->sim, s->call->account, s->acl, s->rule, minute, false) : 0;
    if (surge > 0 && sim_noise(s->call->sim, key, at + 3) * met(s, minute) < surge)
        return &s->rule->surge.attack;
    return count ? &list[(size_t)(sim_noise(s->call->sim, key, at + 2) * (double)count)] : &nobody;
}

static json_t *sample(const struct sampling *s, int64_t minute, size_t n)
{
    const struct account *a = s->call->account;
    char key[300];
    text_format(key, sizeof key, "%s/%s/sample", s->acl->id, s->rule ? s->rule->metric : "default");
    int64_t at = minute + (int64_t)(sim_noise(s->call->sim, key, minute + (int64_t)n) * 59999);
    const struct attack *attack = choose(s, key, minute, at);
    const char *host = a->distributions.len && a->distributions.at[0].aliases.len ? a->distributions.at[0].aliases.at[0] : "localhost";
    json_t *out = json_pack("{s:o, s:I, s:o, s:s}", "Request", request(s, attack, host, key, at), "Weight", (json_int_t)llround(s->weight),
                            "Timestamp", call_time(at), "Action", !s->rule ? "ALLOW" : s->rule->action == 1 ? "COUNT" : "BLOCK");
    if (s->rule && s->rule->kind == 0 && attack->label) {
        json_object_set_new(out, "RuleNameWithinRuleGroup",
                            call_text("%s#%s#%s", s->rule->vendor ? s->rule->vendor : "AWS", s->rule->group ? s->rule->group : s->rule->name,
                                      strchr(attack->label, ':') ? strchr(attack->label, ':') + 1 : attack->label));
        json_object_set_new(out, "Labels", json_pack("[{s:o}]", "Name", call_text("awswaf:managed:aws:%s", attack->label)));
    }
    if (s->rule && s->rule->action == 0)
        json_object_set_new(out, "ResponseCodeSent", json_integer(403));
    return out;
}

/* Spread evenly over all that was met, newest first. */
static json_t *samples(struct sampling *s, int64_t most)
{
    json_t *list = json_array();
    double step, next, seen = 0;
    s->population = 0;
    for (int64_t m = s->from; m < s->to; m += METRIC_MINUTE)
        s->population += met(s, m);
    s->weight = s->population > (double)most ? s->population / (double)most : 1;
    step = s->weight;
    next = step / 2;
    for (int64_t m = s->to - METRIC_MINUTE; m >= s->from; m -= METRIC_MINUTE) {
        double count = met(s, m);
        for (size_t n = 0; next <= seen + count && (int64_t)json_array_size(list) < most; n++, next += step) {
            json_t *row = sample(s, m, n);
            if (!blocked_before(s, row))
                json_array_append(list, row);
            json_decref(row);
        }
        seen += count;
    }
    return list;
}

static bool find_rule(struct sampling *s, const char *metric)
{
    for (size_t i = 0; i < s->acl->rules.len; i++)
        if (strcmp(s->acl->rules.at[i].metric, metric) == 0) {
            s->rule = &s->acl->rules.at[i];
            return true;
        }
    return strcmp(metric, s->acl->name) == 0; /* the ACL's own metric name: its default action */
}

static json_t *get_sampled_requests(struct aws_call *call)
{
    struct sampling s = {.call = call};
    const char *arn = json_text_or(call->input, "WebAclArn", ""), *metric = json_text_or(call->input, "RuleMetricName", "");
    int64_t from = call_ms(call->input, "TimeWindow.StartTime", 0), to = call_ms(call->input, "TimeWindow.EndTime", 0),
            most = json_int(call->input, "MaxItems", 0);
    int scope;
    if (!waf_scope_good(call, &scope))
        return NULL;
    for (size_t i = 0; i < call->account->acls.len; i++)
        if (here(call, &call->account->acls.at[i], scope) && is_arn(call->account, &call->account->acls.at[i], arn))
            s.acl = &call->account->acls.at[i];
    if (!s.acl || !find_rule(&s, metric))
        return call_fail(call, "WAFNonexistentItemException", "AWS WAF couldn't perform the operation because your resource doesn't exist.");
    if (most < 1 || most > 500 || from > to)
        return call_fail(call, "WAFInvalidParameterException", "Error reason: The parameter value isn't valid., field: %s, parameter: %lld",
                         from > to ? "TIME_WINDOW" : "MAX_ITEMS", (long long)most);
    to = to > call->now ? call->now : to;
    from = from < call->now - WINDOW ? call->now - WINDOW : from;
    s.from = (from + METRIC_MINUTE - 1) / METRIC_MINUTE * METRIC_MINUTE;
    s.to = to / METRIC_MINUTE * METRIC_MINUTE;
    json_t *list = samples(&s, most);
    return json_pack("{s:o, s:I, s:{s:o, s:o}}", "SampledRequests", list, "PopulationSize", (json_int_t)s.population, "TimeWindow", "StartTime",
                     call_time(from / 1000 * 1000), "EndTime", call_time(to / 1000 * 1000));
}

const struct aws_handler aws_wafv2[] = {{"wafv2", "ListWebACLs", list_web_acls},
                                        {"wafv2", "GetWebACL", get_web_acl},
                                        {"wafv2", "GetSampledRequests", get_sampled_requests},
                                        {"wafv2", "ListLoggingConfigurations", list_logging},
                                        {"wafv2", "PutLoggingConfiguration", put_logging},
                                        {"wafv2", "DeleteLoggingConfiguration", delete_logging},
                                        {"wafv2", "ListIPSets", waf_list_ip_sets},
                                        {"wafv2", "GetIPSet", waf_get_ip_set},
                                        {"wafv2", "UpdateIPSet", waf_update_ip_set},
                                        {NULL}};
