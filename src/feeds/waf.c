/* The CloudFront web ACL: its rules, blocked and allowed requests by rule in one GetMetricData call, sampled requests. All of it lives in
 * us-east-1. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "feeds/fields.h"
#include "feeds/map.h"
#include "feeds/series.h"

#define REGION     "us-east-1"
#define SAMPLE_MS  (3 * 3600 * INT64_C(1000)) /* no further back, says GetSampledRequests */
#define SAMPLES    100
#define RULES_MAX  40

static const struct aws_call_options here = {.region = REGION}, pages = {.region = REGION, .all_pages = true};

static bool wanted(const struct account_config *account) { return account->web_acl != NULL; }

struct reading {
    struct calls calls;
    struct web_acl acl;
    struct series series; /* into the ACL's */
    VEC(struct waf_sample) samples;
    bool found;
    void (*next)(struct feed_run *run); /* once the ACL is known */
    void (*done)(struct feed_run *run, const struct error *error);
};

static void finish(struct feed_run *run, const struct error *error)
{
    struct reading *r = run->state;
    struct error missing = {0};
    run->state = NULL;
    if (!error && !r->found) {
        error_set(&missing, ERROR_SERVICE, "WAFNonexistentItemException", "no CLOUDFRONT web ACL named %s", run->config->web_acl);
        error = &missing;
    }
    vec_free(&r->acl.rules);
    vec_free(&r->acl.series);
    vec_free(&r->samples);
    free(r);
    feed_end(run, error);
}

static void stop(struct feed_run *run)
{
    struct reading *r = run->state;
    if (!r)
        return;
    calls_cancel(&r->calls);
    vec_free(&r->acl.rules);
    vec_free(&r->acl.series);
    vec_free(&r->samples);
    free(r);
    run->state = NULL;
}

/* The rules. */

static bool looks_for_sql(const json_t *statement)
{
    static const char *const several[] = {"AndStatement", "OrStatement"};
    size_t i;
    json_t *one;
    for (size_t k = 0; k < sizeof several / sizeof *several; k++)
        json_array_foreach(json_object_get(json_object_get(statement, several[k]), "Statements"), i, one)
            if (looks_for_sql(one))
                return true;
    const json_t *denied = json_at(statement, "NotStatement.Statement");
    return json_object_get(statement, "SqliMatchStatement") || (denied && looks_for_sql(denied));
}

/* Of several statements of which any will do, each decides as it would alone. */
static bool is_any_sql(const json_t *statement)
{
    size_t i;
    json_t *one;
    json_array_foreach(json_at(statement, "OrStatement.Statements"), i, one)
        if (json_object_get(one, "SqliMatchStatement") || is_any_sql(one))
            return true;
    return false;
}

static const char *statement_kind(const json_t *statement)
{
    static const char *const kinds[][2] = {{"ManagedRuleGroupStatement", "managed"}, {"RuleGroupReferenceStatement", "group"},
                                           {"RateBasedStatement", "rate-based"},     {"IPSetReferenceStatement", "ip-set"},
                                           {"GeoMatchStatement", "geo"},             {"SqliMatchStatement", "sqli"},
                                           {"XssMatchStatement", "xss"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (json_object_get(statement, kinds[i][0]))
            return kinds[i][1];
    return is_any_sql(statement) ? "sqli" : "match";
}

static const char *action_name(const json_t *rule)
{
    static const char *const names[][2] = {
        {"Block", "block"}, {"Allow", "allow"}, {"Count", "count"}, {"Captcha", "captcha"}, {"Challenge", "challenge"}};
    const json_t *action = json_object_get(rule, "Action");
    for (size_t i = 0; action && i < sizeof names / sizeof *names; i++)
        if (json_object_get(action, names[i][0]))
            return names[i][1];
    return json_at(rule, "OverrideAction.Count") ? "count" : "managed";
}

void map_waf_rule(const json_t *row, struct waf_rule *rule)
{
    const json_t *own = json_object_get(row, "Statement"), *statement = own ? own : json_object_get(row, "FirewallManagerStatement");
    *rule = (struct waf_rule){.priority = (int)json_int(row, "Priority", 0), .limit = json_int(statement, "RateBasedStatement.Limit", 0)};
    FIELD(rule->name, row, "Name");
    FIELD(rule->metric, row, "VisibilityConfig.MetricName");
    FIELD(rule->group, statement, "ManagedRuleGroupStatement.Name");
    FIELD(rule->set, statement, "IPSetReferenceStatement.ARN");
    text_copy(rule->action, sizeof rule->action, action_name(row));
    text_copy(rule->kind, sizeof rule->kind, statement_kind(statement));
    rule->sql_within = strcmp(rule->kind, "sqli") && looks_for_sql(statement);
}

static int by_priority(const void *a, const void *b)
{
    int x = ((const struct waf_rule *)a)->priority, y = ((const struct waf_rule *)b)->priority;
    return (x > y) - (x < y);
}

/* False: there are more than there is room for. */
static bool map_rules(const json_t *rows, struct web_acl *acl)
{
    size_t first = acl->rules.len, i;
    json_t *row;
    json_array_foreach(rows, i, row)
        if (acl->rules.len < RULES_MAX)
            map_waf_rule(row, vec_add(&acl->rules));
    if (acl->rules.len > first)
        qsort(acl->rules.at + first, acl->rules.len - first, sizeof *acl->rules.at, by_priority);
    return acl->rules.len - first == json_array_size(rows);
}

/* Firewall Manager's groups come before all rules of the ACL's own, or after them, whatever their priorities are. */
bool map_web_acl(const json_t *output, struct web_acl *acl)
{
    FIELD(acl->name, output, "WebACL.Name");
    FIELD(acl->metric, output, "WebACL.VisibilityConfig.MetricName");
    if (!*acl->metric)
        text_copy(acl->metric, sizeof acl->metric, acl->name);
    FIELD(acl->id, output, "WebACL.Id");
    FIELD(acl->arn, output, "WebACL.ARN");
    acl->capacity = json_int(output, "WebACL.Capacity", -1);
    text_copy(acl->default_action, sizeof acl->default_action,
              json_at(output, "WebACL.DefaultAction.Allow") ? "allow" : json_at(output, "WebACL.DefaultAction.Block") ? "block" : "");
    bool before = map_rules(json_at(output, "WebACL.PreProcessFirewallManagerRuleGroups"), acl), own = map_rules(json_at(output, "WebACL.Rules"), acl);
    return map_rules(json_at(output, "WebACL.PostProcessFirewallManagerRuleGroups"), acl) && before && own;
}

static void got_acl(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    (void)arg;
    r->found = true;
    if (!map_web_acl(output, &r->acl))
        feed_more(run);
    if (r->next)
        r->next(run);
}

static void got_list(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    size_t i;
    json_t *row;
    (void)arg;
    json_array_foreach(json_at(output, "WebACLs"), i, row)
        if (text_equal(json_text(row, "Name"), run->config->web_acl))
            calls_each(&r->calls, "wafv2", "GetWebACL",
                       json_pack("{s:s, s:s, s:s}", "Name", run->config->web_acl, "Scope", "CLOUDFRONT", "Id", json_text_or(row, "Id", "")), &here,
                       got_acl, NULL);
}

static void list_acls(struct feed_run *run)
{
    struct reading *r = run->state;
    calls_begin(&r->calls, run, r->done);
    calls_add(&r->calls, "wafv2", "ListWebACLs", json_pack("{s:s}", "Scope", "CLOUDFRONT"), &pages, got_list, NULL);
    calls_end(&r->calls);
}

/* With the ACL as its own feed has read it; looked for anew only where that one did not find it. */
static void use_acl(struct feed_run *run)
{
    struct reading *r = run->state;
    const struct account *account = &feeds_estate(run->feeds)->accounts[run->account];
    if (account->slices[FEED_WEB_ACL].state != SLICE_FRESH) {
        list_acls(run);
        return;
    }
    const struct web_acl *known = &account->web_acl;
    text_copy(r->acl.name, sizeof r->acl.name, known->name);
    text_copy(r->acl.metric, sizeof r->acl.metric, known->metric);
    text_copy(r->acl.id, sizeof r->acl.id, known->id);
    text_copy(r->acl.arn, sizeof r->acl.arn, known->arn);
    for (size_t i = 0; i < known->rules.len; i++)
        *vec_add(&r->acl.rules) = known->rules.at[i];
    r->found = true;
    calls_begin(&r->calls, run, r->done);
    r->next(run);
    calls_end(&r->calls);
}

static struct reading *reading_new(struct feed_run *run, void (*next)(struct feed_run *), void (*done)(struct feed_run *, const struct error *))
{
    struct reading *r = run->state = mem_new(sizeof *r);
    r->next = next;
    r->done = done;
    return r;
}

static void read_about_acl(struct feed_run *run, void (*next)(struct feed_run *), void (*done)(struct feed_run *, const struct error *))
{
    reading_new(run, next, done);
    if (!feed_await(run, FEED_WEB_ACL, use_acl))
        use_acl(run);
}

static void acl_done(struct feed_run *run, const struct error *error)
{
    struct reading *r = run->state;
    if (!error && r->found)
        web_acl_set(feeds_estate(run->feeds), run->account, &r->acl, loop_wall(feeds_loop(run->feeds)));
    finish(run, error);
}

static void start_acl(struct feed_run *run)
{
    reading_new(run, NULL, acl_done);
    list_acls(run);
}

const struct feed_type feed_web_acl = {
    .feed = FEED_WEB_ACL, .interval_ms = 300000, .focus_ms = 60000, .wanted = wanted, .start = start_acl, .stop = stop};

/* The series: blocked and allowed of the whole ACL, then of each rule. */

static const struct series_metric metrics[] = {{'b', "BlockedRequests", "Sum", offsetof(struct waf_series, blocked)},
                                               {'a', "AllowedRequests", "Sum", offsetof(struct waf_series, allowed)}};
static const struct series_kind kind = {.region = REGION,
                                        .namespace = "AWS/WAFV2",
                                        .dimension = "Rule",
                                        .other = "WebACL",
                                        .metrics = metrics,
                                        .metric_count = sizeof metrics / sizeof *metrics,
                                        .points = WAF_POINTS,
                                        .period_ms = SERIES_MINUTE,
                                        .row_size = sizeof(struct waf_series),
                                        .row_value = offsetof(struct waf_series, rule)};

/* A metric that was never written has no datum: no request of that kind. Where the ACL's own series has data, silence means zero. */
static void fill_gaps(struct waf_series *rows, size_t count)
{
    for (size_t k = 0; k < WAF_POINTS; k++) {
        bool known = false;
        for (size_t i = 0; i < count; i++)
            known |= !isnan(rows[i].blocked[k]) || !isnan(rows[i].allowed[k]);
        for (size_t i = 0; known && i < count; i++) {
            if (isnan(rows[i].blocked[k]))
                rows[i].blocked[k] = 0;
            if (isnan(rows[i].allowed[k]))
                rows[i].allowed[k] = 0;
        }
    }
}

static void got_series(struct feed_run *run)
{
    struct reading *r = run->state;
    fill_gaps(r->acl.series.at, r->acl.series.len);
    waf_series_set(feeds_estate(run->feeds), run->account, r->acl.series.at, r->acl.series.len, r->series.end);
}

static void ask_series(struct feed_run *run)
{
    struct reading *r = run->state;
    for (size_t i = 0; i <= r->acl.rules.len; i++) {
        struct waf_series *row = vec_add(&r->acl.series);
        text_copy(row->rule, sizeof row->rule, i ? r->acl.rules.at[i - 1].metric : "ALL");
        series_blank(&kind, row);
    }
    r->series = (struct series){.kind = &kind, .rows = r->acl.series.at, .count = r->acl.series.len, .other = r->acl.metric,
                                .end = series_minute(run), .taken = got_series};
    series_ask(&r->calls, &r->series);
}

static void start_series(struct feed_run *run) { read_about_acl(run, ask_series, finish); }

/* A datum a minute: who asks more often pays for the same again. */
const struct feed_type feed_waf_metrics = {
    .feed = FEED_WAF_METRICS, .interval_ms = 60000, .focus_ms = 60000, .wanted = wanted, .start = start_series, .stop = stop};

/* Samples, rule by rule. */

void map_waf_sample(const json_t *row, const char *rule, struct waf_sample *sample)
{
    *sample = (struct waf_sample){.at = json_when(row, "Timestamp"), .weight = json_number(row, "Weight", 1)};
    FIELD(sample->client, row, "Request.ClientIP");
    FIELD(sample->country, row, "Request.Country");
    FIELD(sample->method, row, "Request.Method");
    FIELD(sample->uri, row, "Request.URI");
    FIELD(sample->action, row, "Action");
    text_copy(sample->rule, sizeof sample->rule, rule);
    size_t i;
    json_t *header;
    json_array_foreach(json_at(row, "Request.Headers"), i, header)
        if (text_same_case(json_text_or(header, "Name", ""), "user-agent"))
            FIELD(sample->agent, header, "Value");
}

static void got_samples(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    size_t i;
    json_t *row;
    json_array_foreach(json_at(output, "SampledRequests"), i, row)
        if (i < SAMPLES) /* what was asked for */
            map_waf_sample(row, r->acl.rules.at[(uintptr_t)arg].name, vec_add(&r->samples));
}

static void ask_samples(struct feed_run *run)
{
    struct reading *r = run->state;
    int64_t now = loop_wall(feeds_loop(run->feeds));
    for (size_t i = 0; i < r->acl.rules.len; i++) {
        json_t *window = json_pack("{s:I, s:I}", "StartTime", (json_int_t)((now - SAMPLE_MS) / 1000), "EndTime", (json_int_t)(now / 1000));
        calls_each(&r->calls, "wafv2", "GetSampledRequests",
                   json_pack("{s:s, s:s, s:s, s:o, s:i}", "WebAclArn", r->acl.arn, "RuleMetricName", r->acl.rules.at[i].metric, "Scope", "CLOUDFRONT",
                             "TimeWindow", window, "MaxItems", SAMPLES),
                   &here, got_samples, (void *)(uintptr_t)i);
    }
}

static int newest_first(const void *a, const void *b)
{
    int64_t x = ((const struct waf_sample *)a)->at, y = ((const struct waf_sample *)b)->at;
    return x < y ? 1 : x > y ? -1 : 0;
}

static void samples_done(struct feed_run *run, const struct error *error)
{
    struct reading *r = run->state;
    if (!error && r->samples.len)
        qsort(r->samples.at, r->samples.len, sizeof *r->samples.at, newest_first);
    if (!error)
        waf_samples_set(feeds_estate(run->feeds), run->account, r->samples.at, r->samples.len);
    finish(run, error);
}

static void read_samples(struct feed_run *run) { read_about_acl(run, ask_samples, samples_done); }

/* Half a megabyte that nobody looks at yet comes after the pods. */
static void start_samples(struct feed_run *run)
{
    if (feed_in_focus(run) || !feed_await(run, FEED_PODS, read_samples))
        read_samples(run);
}

const struct feed_type feed_waf_samples = {
    .feed = FEED_WAF_SAMPLES, .interval_ms = 300000, .focus_ms = 15000, .wanted = wanted, .start = start_samples, .stop = stop};
