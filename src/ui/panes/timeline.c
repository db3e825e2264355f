/* Timeline: what has changed, newest first, over all accounts: what the feeds saw change, RDS's events, writes that CloudTrail recorded, releases,
 * how alarms have turned, thresholds that budgets have passed, costs out of the ordinary, and what was done from here. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "ui/panes/timeline.h"
#include "ui/value.h"

#define DAY_MS INT64_C(86400000)

size_t timeline_newest(const struct pane_view *view, struct row_ref *out, size_t most)
{
    row_refs all = {0};
    struct moment m;
    size_t count = 0;
    int64_t *when = mem_new_array(most + 1, sizeof *when);
    moment_rows(view, &all);
    for (size_t i = 0; i < all.len; i++) {
        moment_find(view, all.at[i], &m);
        int64_t at = moment_at(&m);
        size_t place = count;
        if (at <= view->now - DAY_MS || (count == most && at <= when[count - 1]))
            continue;
        count += count < most;
        place = place < count ? place : count - 1;
        for (; place && when[place - 1] < at; place--) {
            when[place] = when[place - 1];
            out[place] = out[place - 1];
        }
        when[place] = at;
        out[place] = all.at[i];
    }
    free(when);
    vec_free(&all);
    return count;
}

/* Of an alarm's turn the numbers, which stand at the end of what CloudWatch says. */
static const char *brief_what(const struct pane_view *view, struct row_ref row, const char *text, char *out, size_t size)
{
    const char *reason = strstr(text, "Threshold Crossed: ");
    char brief[256];
    (void)view, (void)row;
    if (!reason)
        return text;
    text_format(out, size, "%.*s%s", (int)(reason - text), text, alarm_reason_brief(reason, brief, sizeof brief));
    return out;
}

uint8_t timeline_line(const struct pane_view *view, struct row_ref row, char *out, size_t size)
{
    struct moment m;
    char subject[256], what[512], brief[512], clock[16];
    moment_find(view, row, &m);
    moment_tell(&m, PART_SUBJECT, subject, sizeof subject);
    moment_tell(&m, PART_WHAT, what, sizeof what);
    text_format(out, size, "%s  %-5s %s%s  %s", when_clock(moment_at(&m), clock, sizeof clock), m.account->config->name,
                m.feed == FEED_RELEASES ? "release " : "", subject, brief_what(view, row, what, brief, sizeof brief));
    return moment_role(&m);
}

static void at(const struct pane_view *view, struct row_ref row, struct value *out)
{
    struct moment m;
    char day[40], clock[16];
    moment_find(view, row, &m);
    int64_t when = moment_at(&m);
    bool today = view->now - when < INT64_C(12) * 3600000;
    value_text(out, ROLE_TEXT, today ? when_clock(when, clock, sizeof clock) : when_date(when, day, sizeof day));
    out->type = VALUE_TIME;
    out->number = (double)when;
}

static void part(const struct pane_view *view, struct row_ref row, enum moment_part part, uint8_t role, struct value *out)
{
    struct moment m;
    char text[sizeof out->text];
    moment_find(view, row, &m);
    moment_tell(&m, part, text, sizeof text);
    value_text(out, role, text);
}

static void source(const struct pane_view *view, struct row_ref row, struct value *out) { part(view, row, PART_SOURCE, ROLE_DIM, out); }
static void who(const struct pane_view *view, struct row_ref row, struct value *out) { part(view, row, PART_WHO, ROLE_TEXT, out); }
static void subject(const struct pane_view *view, struct row_ref row, struct value *out) { part(view, row, PART_SUBJECT, ROLE_STRONG, out); }
static void what(const struct pane_view *view, struct row_ref row, struct value *out)
{
    struct moment m;
    moment_find(view, row, &m);
    part(view, row, PART_WHAT, moment_role(&m), out);
}

static const struct column columns[] = {
    {"at", "WHEN", 16, 0, .identity = true, .value = at},
    {"account", "ACCT", 5, 0, .identity = true, .value = value_account},
    {"source", "SOURCE", 11, 1, .identity = true, .value = source},
    {"who", "WHO", 14, 2, .value = who},
    {"subject", "RESOURCE", 20, 0, .grow = true, .identity = true, .value = subject},
    {"what", "WHAT", 24, 0, .grow = true, .identity = true, .value = what, .brief = brief_what},
    {0},
};

#define TELL_MAX 512

/* Whose session it was that CloudTrail tells of; "" none, or not told. */
static const char *role_behind(const struct moment *m)
{
    return m->feed == FEED_TRAIL_EVENTS ? ((const struct trail_event *)m->item)->role : "";
}

static void describe(const struct pane_view *view, struct row_ref row, struct page *out)
{
    struct moment m;
    char date[40], text[TELL_MAX];
    moment_find(view, row, &m);
    moment_tell(&m, PART_SOURCE, text, sizeof text);
    page_add(out, ROLE_STRONG, "%s  %s  %s", when_date(moment_at(&m), date, sizeof date), m.account->config->name, text);
    moment_tell(&m, PART_SUBJECT, text, sizeof text);
    page_wrap(out, ROLE_TEXT, "resource  ", text);
    moment_tell(&m, PART_WHO, text, sizeof text);
    if (*text)
        page_add(out, ROLE_TEXT, "who       %s%s%s", text, *role_behind(&m) ? ", as " : "", role_behind(&m));
    moment_tell(&m, PART_WHAT, text, sizeof text);
    page_wrap(out, moment_role(&m), "what      ", text);
}

/* What a change is of: the pane, and what its row is called there by is(). */
static const struct {
    enum feed feed;
    const char *pane, *word;
} places[] = {
    {FEED_PODS, "pods", "pod"},
    {FEED_DEPLOYMENTS, "pods", "deployment"},
    {FEED_NODES, "nodes", "node"},
    {FEED_HPAS, "nodes", "hpa named"},
    {FEED_PLATFORM, "nodes", LEAD_CALLED},
    {FEED_NODE_GROUPS, "nodes", "group"},
    {FEED_DATABASE, "database", "database"},
    {FEED_BUDGETS, "budgets", LEAD_CALLED},
    {FEED_ALARMS, "alarms", "alarm"},
    {FEED_RELEASES, "releases", "run"},
    {FEED_PIPELINES, "releases", "pipeline"},
    {FEED_WEB_ACL, "waf", LEAD_CALLED},
    {FEED_BLOCK_SETS, "waf", LEAD_ALL},
    {FEED_SCHEDULES, "dev", LEAD_ALL},
    {FEED_EDGE, "edge", "named"},
    {FEED_NETWORK, "network", "group named"},
    {FEED_LOAD_BALANCERS, "network", LEAD_CALLED},
    {FEED_COSTS, "costs", LEAD_CALLED},
    {FEED_LOG_GROUPS, "logs", LEAD_CALLED},
    {FEED_IDENTITY, "security", LEAD_CALLED},
    {FEED_CREDENTIALS, "security", LEAD_CALLED},
    {FEED_SECRETS, "security", "secret"},
    {FEED_SESSION, "accounts", LEAD_ALL},
};

/* Of "arn:aws:ecr:us-east-1:1:repository/backend" the last: "backend"; of a name all of it. */
static const char *last_of(const char *resource)
{
    const char *tail = text_starts(resource, "arn:") ? text_after_last(resource, ':') : resource;
    return tail != resource && *tail != '/' && strchr(tail, '/') ? strchr(tail, '/') + 1 : tail;
}

static void lead_if_there(const struct pane_view *view, size_t account, const char *pane, const char *word, const char *name, struct leads *out)
{
    struct lead lead = {.pane = pane, .word = word, .account = account};
    struct row_ref first;
    text_copy(lead.name, sizeof lead.name, name);
    if (*name && lead_count(view, &lead, &first))
        lead_add(out, pane, account, word, name, "%s", name);
}

/* CloudTrail names a resource by id, name or ARN, and does not tell of what kind it is. */
static void lead_of_resource(const struct pane_view *view, struct row_ref row, const char *resource, struct leads *out)
{
    static const char *const at[][2] = {
        {"database", "database"}, {"network", "id"},        {"network", "balancer"}, {"network", "targets"}, {"edge", "id"},
        {"edge", "certificate"},  {"security", LEAD_CALLED}, {"security", "role"},    {"security", "key"},    {"security", "secret"},
        {"alarms", "alarm"},      {"nodes", LEAD_CALLED},   {"logs", LEAD_CALLED},   {"waf", LEAD_CALLED},   {"waf", "acl named"},
        {"waf", "acl"},           {"pods", "deployment"},   {"images", "repository"}, {"budgets", LEAD_CALLED}, {"releases", "run"}};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        lead_if_there(view, row.account, at[i][0], at[i][1], resource, out);
        if (last_of(resource) != resource)
            lead_if_there(view, row.account, at[i][0], at[i][1], last_of(resource), out);
    }
}

/* What the audit log names "prod / innovate-prod", without the account. */
static const char *own_resource(const char *resource)
{
    const char *slash = strstr(resource, " / ");
    return slash ? slash + strlen(" / ") : resource;
}

static const char *name_of(const struct moment *m, const char *subject) { return m->feed == FEED_OWN_ACTIONS ? own_resource(subject) : subject; }

static bool any_is_there(const struct pane_view *view, const struct leads *leads)
{
    struct row_ref first;
    for (size_t i = 0; i < leads->count; i++)
        if (lead_count(view, &leads->at[i], &first))
            return true;
    return false;
}

static void leads(const struct pane_view *view, struct row_ref row, struct leads *out)
{
    struct moment m;
    char subject[TELL_MAX], who[TELL_MAX];
    moment_find(view, row, &m);
    moment_tell(&m, PART_SUBJECT, subject, sizeof subject);
    moment_tell(&m, PART_WHO, who, sizeof who);
    const char *name = name_of(&m, subject);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (places[i].feed == m.feed)
            lead_add(out, places[i].pane, row.account, places[i].word, name, "%s", name);
    if (m.feed == FEED_TRAIL_EVENTS || m.feed == FEED_OWN_ACTIONS)
        lead_of_resource(view, row, name, out);
    lead_add(out, "security", row.account, "role", role_behind(&m), "role %s, that did it", role_behind(&m));
    if (m.feed == FEED_TRAIL_EVENTS)
        lead_add(out, "security", LEAD_ANY, "user", who, "user %s", who);
    if (!any_is_there(view, out)) /* a pod that is gone: what else is known of it */
        lead_add(out, "timeline", row.account, "subject", name, "all that happened to %s", name);
}

/* "web/backend", as an action has it, is called backend elsewhere; an ARN ends with what it is of. */
static bool is_about(const struct moment *m, const char *subject, const char *name)
{
    if (m->feed == FEED_OWN_ACTIONS && !strcmp(text_after_last(own_resource(subject), '/'), name))
        return true;
    return !strcmp(name_of(m, subject), name) || (m->feed == FEED_TRAIL_EVENTS && !strcmp(last_of(subject), name));
}

static bool is(const struct pane_view *view, struct row_ref row, const char *word, const char *name)
{
    struct moment m;
    char text[TELL_MAX];
    moment_find(view, row, &m);
    bool user = !strcmp(word, "user"), subject = !strcmp(word, "subject");
    if (!strcmp(word, "role"))
        return !strcmp(role_behind(&m), name);
    if (!subject && strcmp(word, "source") != 0 && !(user && m.feed == FEED_TRAIL_EVENTS && !*role_behind(&m)))
        return false;
    moment_tell(&m, user ? PART_WHO : subject ? PART_SUBJECT : PART_SOURCE, text, sizeof text);
    return subject ? is_about(&m, text, name) : !strcmp(text, name);
}

const struct pane pane_timeline = {
    .name = "timeline",
    .title = "Timeline",
    .about = "what has changed, newest first, over all accounts, and who did it",
    .feeds = FEED_BIT(FEED_TRAIL_EVENTS) | FEED_BIT(FEED_OWN_ACTIONS) | FEED_BIT(FEED_DATABASE_EVENTS) | FEED_BIT(FEED_RELEASES) |
             FEED_BIT(FEED_PIPELINES) | FEED_BIT(FEED_ALARMS) | FEED_BIT(FEED_ALARM_HISTORY) | FEED_BIT(FEED_BUDGETS) |
             FEED_BIT(FEED_BUDGET_SUBSCRIBERS) | FEED_BIT(FEED_COSTS) | FEED_BIT(FEED_PODS),
    .columns = columns,
    .sort = -1,
    .rows = moment_rows,
    .describe = describe,
    .leads = leads,
    .is = is,
};
