/* The web ACL at the edge: what it blocks, by rule, and who was blocked. Samples were written by strangers; they came in clean. */
#include <math.h>
#include <string.h>

#include "base/when.h"
#include "ui/panes/panes.h"
#include "ui/value.h"

#define SPARK 20
#define RULE_WIDTH 22 /* for the rule of a sampled request: AWS's managed groups without what they begin with alike */

static const struct waf_rule *rule_of(const struct pane_view *view, struct row_ref row)
{
    return &account_of(view, row)->web_acl.rules.at[row.index];
}
static const struct waf_series *series_of(const struct pane_view *view, struct row_ref row)
{
    return web_acl_series(&account_of(view, row)->web_acl, rule_of(view, row)->metric);
}

static void rule(const struct pane_view *view, struct row_ref row, struct value *out) { value_text(out, ROLE_STRONG, rule_of(view, row)->name); }
static void kind(const struct pane_view *view, struct row_ref row, struct value *out) { value_text(out, ROLE_DIM, rule_of(view, row)->kind); }
static void action(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const char *text = rule_of(view, row)->action;
    value_text(out, !strcmp(text, "count") ? ROLE_WARN : ROLE_TEXT, text);
}
static void priority(const struct pane_view *view, struct row_ref row, struct value *out)
{
    value_count(out, ROLE_DIM, rule_of(view, row)->priority);
}

static void rate(const struct pane_view *view, struct row_ref row, bool blocked, int minutes, struct value *out)
{
    const struct waf_series *series = series_of(view, row);
    char text[64];
    if (value_waits(out, &account_of(view, row)->slices[FEED_WAF_METRICS]))
        return;
    double number = series ? waf_rate(blocked ? series->blocked : series->allowed, minutes) : NAN;
    value_number(out, blocked && number > 0 ? ROLE_WARN : ROLE_TEXT, number, "%s", text_grouped(number, text, sizeof text));
}
static void blocked(const struct pane_view *view, struct row_ref row, struct value *out) { rate(view, row, true, 1, out); }
static void blocked_mean(const struct pane_view *view, struct row_ref row, struct value *out) { rate(view, row, true, 15, out); }
static void allowed(const struct pane_view *view, struct row_ref row, struct value *out) { rate(view, row, false, 1, out); }

static void trend(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct waf_series *series = series_of(view, row);
    char text[SPARK * 4];
    value_text(out, ROLE_SPARK, series ? spark(series->blocked, WAF_POINTS, SPARK, text, sizeof text) : "");
}

static const char *brief_rule(const char *text, char *out, size_t size)
{
    text_copy(out, size, waf_rule_short(text));
    return out;
}

static const struct column columns[] = {
    {"account", "ACCT", 5, 1, .identity = true, .value = value_account},
    {"rule", "RULE", 22, 0, .grow = true, .identity = true, .value = rule, .brief = brief_rule},
    {"kind", "KIND", 10, 2, .value = kind},
    {"action", "ACTION", 7, 0, .value = action},
    {"blocked", "BLOCKED/MIN", 12, 0, .right = true, .value = blocked},
    {"blocked_mean", "15 MIN", 6, 1, .right = true, .value = blocked_mean},
    {"trend", "LAST 20 MIN", SPARK, 1, .screen_only = true, .value = trend},
    {"allowed", "ALLOWED/MIN", 12, 3, .right = true, .value = allowed},
    {"priority", "PRIO", 4, 4, .right = true, .value = priority},
    {0},
};

static void rows(const struct pane_view *view, row_refs *out)
{
    for (size_t a = 0; a < view->estate->account_count; a++)
        for (size_t i = 0; i < view->estate->accounts[a].web_acl.rules.len; i++)
            row_add(out, a, i);
}

/* "203.0.113.7 1h20m", what has expired first of all: it waits for somebody. */
static void blocks_text(const struct pane_view *view, const struct account *account, bool expired, struct str *out)
{
    char span[24];
    for (size_t s = 0; s < BLOCK_SETS; s++)
        for (size_t i = 0; i < account->block_sets[s].blocks.len; i++) {
            const struct waf_block *b = &account->block_sets[s].blocks.at[i];
            bool over = b->until && b->until <= view->now;
            if (over != expired)
                continue;
            str_addf(out, "%s%s", out->len ? "   " : "", b->address);
            if (over)
                str_addf(out, " EXPIRED %s ago", when_span(view->now - b->until, span, sizeof span));
            else if (b->until)
                str_addf(out, " %s left", when_span(b->until - view->now, span, sizeof span));
        }
}

/* The addresses that are blocked by hand. Returns rows used. */
static int draw_blocks(const struct pane_view *view, const struct account *account, struct cells *cells, int row)
{
    struct str expired = STR_INIT(4096), others = STR_INIT(4096);
    int at = 1;
    blocks_text(view, account, true, &expired);
    blocks_text(view, account, false, &others);
    bool any = expired.len || others.len;
    if (any)
        at += cells_put(cells, row, at, cells->columns - 2, ROLE_DIM, "by hand  ");
    if (expired.len)
        at += cells_put(cells, row, at, cells->columns - at - 1, ROLE_BAD, str_text(&expired)) + 3;
    if (others.len)
        cells_put(cells, row, at, cells->columns - at - 1, ROLE_TEXT, str_text(&others));
    str_free(&expired);
    str_free(&others);
    return any;
}

/* Each web ACL in one line: what passes, what does not; below it what is blocked by hand. */
static int draw(const struct pane_view *view, struct cells *cells, int top, int height)
{
    int row = top;
    for (size_t a = 0; a < view->estate->account_count && row < top + height - 1; a++) {
        const struct account *account = &view->estate->accounts[a];
        const struct waf_series *all = web_acl_series(&account->web_acl, "ALL");
        char line[400], trend_text[256], b[64], p[64];
        if (!*account->web_acl.name)
            continue;
        text_format(line, sizeof line, "%s   allowed %s/min   blocked %s/min   ", account->web_acl.name,
                    text_grouped(all ? waf_rate(all->allowed, 1) : NAN, p, sizeof p),
                    text_grouped(all ? waf_rate(all->blocked, 1) : NAN, b, sizeof b));
        int at = 1 + cells_put(cells, row, 1, cells->columns - 2, ROLE_STRONG, line);
        int room = cells->columns - at - 2 < WAF_POINTS ? cells->columns - at - 2 : WAF_POINTS;
        if (all && room > 5)
            cells_put(cells, row, at, room, ROLE_SPARK, spark(all->blocked, WAF_POINTS, (size_t)room, trend_text, sizeof trend_text));
        row++;
        if (row < top + height - 1)
            row += draw_blocks(view, account, cells, row);
    }
    return row > top ? row - top + 1 : 0;
}

static void sample_line(const struct waf_sample *s, char *out, size_t size)
{
    char clock[16];
    text_format(out, size, "%s %-7s %-2s %-15s %-6s %-*.*s %s", when_clock(s->at, clock, sizeof clock), s->action, s->country, s->client, s->method,
                RULE_WIDTH, RULE_WIDTH, waf_rule_short(s->rule), s->uri);
}

static void below(const struct pane_view *view, struct cells *cells, int top, int height)
{
    int row = top + 2;
    char line[800];
    bool any = false;
    if (height < 3)
        return;
    text_format(line, sizeof line, "SAMPLED  ACTION  CC CLIENT          METHOD %-*s URI", RULE_WIDTH, "RULE");
    cells_put(cells, top + 1, 1, cells->columns - 2, ROLE_HEADER, line);
    for (size_t a = 0; a < view->estate->account_count; a++)
        for (size_t i = 0; i < view->estate->accounts[a].web_acl.samples.len && row < top + height; i++) {
            const struct waf_sample *s = &view->estate->accounts[a].web_acl.samples.at[i];
            sample_line(s, line, sizeof line);
            cells_put(cells, row++, 1, cells->columns - 2, !strcmp(s->action, "BLOCK") ? ROLE_TEXT : ROLE_DIM, line);
            any = true;
        }
    if (!any)
        cells_put(cells, row, 1, cells->columns - 2, ROLE_DIM, unread_word(view, FEED_WAF_SAMPLES, "no samples yet"));
}

static bool detail(const struct pane_view *view, struct row_ref row, struct detail_key *out)
{
    *out = (struct detail_key){.kind = DETAIL_WEB_ACL, .account = row.account};
    text_copy(out->name, sizeof out->name, account_of(view, row)->web_acl.name);
    return true;
}

/* Of a rule that blocks by a set of the profile: its addresses. */
static void describe_set(const struct pane_view *view, const struct account *account, const struct waf_rule *r, struct page *out)
{
    char at[64], span[24];
    for (size_t s = 0; s < BLOCK_SETS && *r->set; s++) {
        const struct block_set *set = &account->block_sets[s];
        if (strcmp(set->arn, r->set) != 0)
            continue;
        page_add(out, ROLE_TEXT, " ");
        page_add(out, ROLE_HEADER, "ADDRESSES IN %s", set->wanted);
        for (size_t i = 0; i < set->blocks.len; i++) {
            const struct waf_block *b = &set->blocks.at[i];
            bool over = b->until && b->until <= view->now;
            if (b->until)
                page_add(out, over ? ROLE_BAD : ROLE_TEXT, "%-20s until %s, %s%s", b->address, when_date(b->until, at, sizeof at),
                         when_span(over ? view->now - b->until : b->until - view->now, span, sizeof span), over ? " ago: unblock it" : " left");
            else
                page_add(out, ROLE_DIM, "%-20s without a reminder", b->address);
        }
        if (!set->blocks.len)
            page_add(out, ROLE_DIM, "none");
    }
}

static void describe_distributions(const struct account *account, struct page *out)
{
    for (size_t i = 0; i < account->distributions.len; i++) {
        const struct distribution *d = &account->distributions.at[i];
        if (!i)
            page_add(out, ROLE_TEXT, " ");
        page_add(out, ROLE_TEXT, "distribution %s  %s  %s%s%s", d->id, *d->aliases ? d->aliases : d->domain, d->status,
                 d->enabled ? "" : ", disabled",
                 !*d->web_acl ? ", no web ACL before it" : strcmp(d->web_acl, account->web_acl.arn) ? ", behind another web ACL" : "");
    }
}

static void describe(const struct pane_view *view, struct row_ref row, struct page *out)
{
    const struct waf_rule *r = rule_of(view, row);
    const struct web_acl *acl = &account_of(view, row)->web_acl;
    const struct waf_series *series = series_of(view, row);
    char text[400], line[800];
    bool any = false;
    page_add(out, ROLE_STRONG, "%s   %s, action %s, priority %d, metric %s", r->name, r->kind, r->action, r->priority, r->metric);
    page_add(out, ROLE_TEXT, "of %s, %lld capacity units", acl->name, (long long)acl->capacity);
    if (series)
        page_add(out, ROLE_SPARK, "blocked, last hour  %s", spark(series->blocked, WAF_POINTS, WAF_POINTS, text, sizeof text));
    describe_set(view, account_of(view, row), r, out);
    describe_distributions(account_of(view, row), out);
    page_add(out, ROLE_TEXT, " ");
    page_add(out, ROLE_HEADER, "SAMPLED REQUESTS OF THIS RULE");
    for (size_t i = 0; i < acl->samples.len; i++) {
        const struct waf_sample *s = &acl->samples.at[i];
        if (strcmp(s->rule, r->name) != 0 && strcmp(s->rule, r->metric) != 0)
            continue;
        sample_line(s, line, sizeof line);
        page_add(out, ROLE_TEXT, "%s", line);
        page_add(out, ROLE_DIM, "         weight %.0f   agent %s", s->weight, s->agent);
        any = true;
    }
    if (!any)
        page_add(out, ROLE_DIM, "none in the last three hours");
}

static json_t *blocked_json(const struct pane_view *view)
{
    json_t *list = json_array();
    char at[40];
    for (size_t a = 0; a < view->estate->account_count; a++)
        for (size_t s = 0; s < BLOCK_SETS; s++)
            for (size_t i = 0; i < view->estate->accounts[a].block_sets[s].blocks.len; i++) {
                const struct block_set *set = &view->estate->accounts[a].block_sets[s];
                const struct waf_block *b = &set->blocks.at[i];
                json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s?, s:b}", "account", view->estate->accounts[a].config->name, "set",
                                                      set->wanted, "address", b->address, "until",
                                                      b->until ? when_iso(b->until, at, sizeof at) : NULL, "expired", b->until &&
                                                      b->until <= view->now));
            }
    return list;
}

static void json(const struct pane_view *view, json_t *into)
{
    json_t *samples = json_array();
    char at[40];
    for (size_t a = 0; a < view->estate->account_count; a++)
        for (size_t i = 0; i < view->estate->accounts[a].web_acl.samples.len; i++) {
            const struct waf_sample *s = &view->estate->accounts[a].web_acl.samples.at[i];
            json_array_append_new(samples, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "account",
                                                     view->estate->accounts[a].config->name, "at", when_iso(s->at, at, sizeof at), "client",
                                                     s->client, "country", s->country, "method", s->method, "uri", s->uri, "rule", s->rule, "action",
                                                     s->action, "agent", s->agent));
        }
    json_object_set_new(into, "samples", samples);
    json_object_set_new(into, "blocked", blocked_json(view));
}

static void targets(const struct pane_view *view, struct row_ref row, struct targets *out)
{
    const struct account *account = account_of(view, row);
    target_add(view, out, TARGET_WEB_ACL, row.account, "", account->web_acl.name);
    for (size_t i = 0; i < account->distributions.len; i++)
        if (!strcmp(account->distributions.at[i].web_acl, account->web_acl.arn))
            target_add(view, out, TARGET_DISTRIBUTION, row.account, "", account->distributions.at[i].id);
}

static void leads(const struct pane_view *view, struct row_ref row, struct leads *out)
{
    const struct account *a = account_of(view, row);
    lead_add(out, "edge", row.account, "acl", a->web_acl.arn, "distribution behind it");
    lead_add(out, "alarms", row.account, "WebACL", a->web_acl.metric, "alarms on the web ACL %s", a->web_acl.name);
    for (size_t i = 0; i < a->edge.logs.len; i++) {
        const char *group = strstr(a->edge.logs.at[i].to, ":log-group:");
        if (group && !strcmp(a->edge.logs.at[i].acl, a->web_acl.arn))
            lead_add(out, "logs", row.account, LEAD_CALLED, group + strlen(":log-group:"), "log group %s", group + strlen(":log-group:"));
    }
    lead_add(out, "conformance", row.account, "resource", a->web_acl.name, "checks on the web ACL %s", a->web_acl.name);
    lead_add(out, "timeline", row.account, "subject", a->web_acl.name, "all that happened to the web ACL %s", a->web_acl.name);
}

static bool is(const struct pane_view *view, struct row_ref row, const char *word, const char *name)
{
    const struct web_acl *acl = &account_of(view, row)->web_acl;
    if (!strcmp(word, "metric"))
        return !strcmp(rule_of(view, row)->metric, name);
    return (!strcmp(word, "acl") && !strcmp(acl->arn, name)) || (!strcmp(word, "acl named") && !strcmp(acl->name, name)) ||
           (!strcmp(word, "acl metric") && !strcmp(acl->metric, name));
}

const struct pane pane_waf = {
    .name = "waf",
    .title = "WAF",
    .about = "blocked and allowed by rule, sampled requests",
    .feeds = FEED_BIT(FEED_WEB_ACL) | FEED_BIT(FEED_WAF_METRICS) | FEED_BIT(FEED_WAF_SAMPLES) | FEED_BIT(FEED_BLOCK_SETS) |
             FEED_BIT(FEED_DISTRIBUTIONS),
    .columns = columns,
    .sort = -5,
    .rows = rows,
    .draw = draw,
    .below = below,
    .detail = detail,
    .describe = describe,
    .json = json,
    .targets = targets,
    .leads = leads,
    .lead_feeds = FEED_BIT(FEED_EDGE),
    .is = is,
};
