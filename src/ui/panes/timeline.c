/* Timeline: what has changed, newest first, over all accounts: what the feeds saw change, RDS's events, writes that CloudTrail recorded, releases, and what
 * was done from here. */
#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "ui/panes/panes.h"
#include "ui/value.h"

/* A row is a source and a place in its list. */
enum source { SOURCE_CHANGE, SOURCE_DATABASE, SOURCE_TRAIL, SOURCE_RELEASE, SOURCE_OWN };
#define SOURCE_SHIFT 24

struct moment {
    int64_t at;
    char source[24], who[80], subject[256], text[400];
    enum feed feed; /* that it is of, or FEED_COUNT */
    char role[68];  /* whose session it was; "" none, or not told */
    uint8_t tone; /* enum theme_role */
};

static enum source source_of(struct row_ref row) { return (enum source)(row.index >> SOURCE_SHIFT); }
static size_t place_of(struct row_ref row) { return row.index & ((1u << SOURCE_SHIFT) - 1); }

/* What a change is of: the pane, and what its row is called there by is(). */
static const struct {
    enum feed feed;
    const char *pane, *word;
} places[] = {
    {FEED_PODS, "pods", "pod"},
    {FEED_DEPLOYMENTS, "pods", "deployment"},
    {FEED_NODES, "nodes", "node"},
    {FEED_PLATFORM, "nodes", LEAD_CALLED},
    {FEED_NODE_GROUPS, "nodes", "group"},
    {FEED_DATABASE, "database", "database"},
    {FEED_DATABASE_EVENTS, "database", "database"},
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

static void of_change(const struct change *c, struct moment *out)
{
    out->at = c->at;
    out->feed = c->feed;
    text_copy(out->source, sizeof out->source, feed_name(c->feed));
    text_copy(out->subject, sizeof out->subject, c->subject);
    text_copy(out->text, sizeof out->text, c->text);
}

static void of_database(const struct database_event *e, struct moment *out)
{
    out->at = e->at;
    out->feed = FEED_DATABASE;
    out->tone = strstr(e->category, "failover") ? ROLE_WARN : ROLE_TEXT;
    text_copy(out->source, sizeof out->source, "rds");
    text_copy(out->subject, sizeof out->subject, e->source);
    text_copy(out->text, sizeof out->text, e->message);
}

static void of_trail(const struct trail_event *e, struct moment *out)
{
    out->at = e->at;
    out->tone = *e->error ? ROLE_BAD : ROLE_TEXT;
    text_format(out->source, sizeof out->source, "trail");
    text_copy(out->who, sizeof out->who, e->user);
    text_copy(out->role, sizeof out->role, e->role);
    text_copy(out->subject, sizeof out->subject, e->resource);
    text_format(out->text, sizeof out->text, "%s %s%s%s", e->source, e->name, *e->error ? " refused: " : "", e->error);
}

static void of_release(const struct release *r, struct moment *out)
{
    out->at = r->updated_at;
    out->feed = FEED_RELEASES;
    out->tone = r->state == RELEASE_FAILED ? ROLE_BAD : ROLE_TEXT;
    text_copy(out->source, sizeof out->source, "release");
    text_copy(out->who, sizeof out->who, r->actor);
    text_format(out->subject, sizeof out->subject, "%lld", (long long)r->number);
    text_format(out->text, sizeof out->text, "%s: %s", release_state_name(r->state), r->title);
}

static void of_own(const struct own_action *o, struct moment *out)
{
    out->at = o->at;
    out->tone = !strcmp(o->outcome, "failed") || !strcmp(o->phase, "refused") ? ROLE_BAD : ROLE_STRONG;
    text_copy(out->source, sizeof out->source, "trivet");
    text_copy(out->who, sizeof out->who, o->who);
    text_copy(out->subject, sizeof out->subject, o->resource);
    text_format(out->text, sizeof out->text, "%s %s%s%s%s%s%s", o->action, o->phase, *o->outcome ? ": " : "", o->outcome, *o->reason ? " (reason: " : "", o->reason,
                *o->reason ? ")" : "");
}

static void moment_of(const struct pane_view *view, struct row_ref row, struct moment *out)
{
    const struct account *account = account_of(view, row);
    size_t i = place_of(row);
    *out = (struct moment){.tone = ROLE_TEXT, .feed = FEED_COUNT};
    switch (source_of(row)) {
    case SOURCE_CHANGE:
        of_change(change_at(&view->estate->changes, i), out);
        break;
    case SOURCE_DATABASE:
        of_database(&account->database.events.at[i], out);
        break;
    case SOURCE_TRAIL:
        of_trail(&account->history.trail.at[i], out);
        break;
    case SOURCE_RELEASE:
        of_release(&account->releases.runs.at[i], out);
        break;
    case SOURCE_OWN:
        of_own(&account->history.own.at[i], out);
        break;
    }
}

static void add(const struct pane_view *view, row_refs *out, size_t account, enum source source, size_t i)
{
    struct row_ref row = {(uint32_t)account, (uint32_t)((size_t)source << SOURCE_SHIFT | i)};
    struct moment m;
    moment_of(view, row, &m);
    if (m.at && (!view->since || m.at >= view->since))
        row_add(out, account, row.index);
}

static void rows(const struct pane_view *view, row_refs *out)
{
    const struct change *change;
    for (size_t i = 0; (change = change_at(&view->estate->changes, i)); i++)
        if (change->feed != FEED_DATABASE_EVENTS) /* stand among RDS's own */
            add(view, out, change->account, SOURCE_CHANGE, i);
    for (size_t a = 0; a < view->estate->account_count; a++) {
        const struct account *account = &view->estate->accounts[a];
        for (size_t i = 0; i < account->database.events.len; i++)
            add(view, out, a, SOURCE_DATABASE, i);
        for (size_t i = 0; i < account->history.trail.len; i++)
            add(view, out, a, SOURCE_TRAIL, i);
        for (size_t i = 0; i < account->releases.runs.len; i++)
            add(view, out, a, SOURCE_RELEASE, i);
        for (size_t i = 0; i < account->history.own.len; i++)
            add(view, out, a, SOURCE_OWN, i);
    }
}

static void at(const struct pane_view *view, struct row_ref row, struct value *out)
{
    struct moment m;
    char day[40], clock[16];
    moment_of(view, row, &m);
    bool today = view->now - m.at < INT64_C(12) * 3600000;
    value_text(out, ROLE_TEXT, today ? when_clock(m.at, clock, sizeof clock) : when_date(m.at, day, sizeof day));
    out->type = VALUE_TIME;
    out->number = (double)m.at;
}

static void source(const struct pane_view *view, struct row_ref row, struct value *out)
{
    struct moment m;
    moment_of(view, row, &m);
    value_text(out, ROLE_DIM, m.source);
}

static void who(const struct pane_view *view, struct row_ref row, struct value *out)
{
    struct moment m;
    moment_of(view, row, &m);
    value_text(out, ROLE_TEXT, m.who);
}

static void subject(const struct pane_view *view, struct row_ref row, struct value *out)
{
    struct moment m;
    moment_of(view, row, &m);
    value_text(out, ROLE_STRONG, m.subject);
}

static void what(const struct pane_view *view, struct row_ref row, struct value *out)
{
    struct moment m;
    moment_of(view, row, &m);
    value_text(out, m.tone, m.text);
}

static const struct column columns[] = {
    {"at", "WHEN", 16, 0, .identity = true, .value = at},
    {"account", "ACCT", 5, 0, .identity = true, .value = value_account},
    {"source", "SOURCE", 11, 1, .identity = true, .value = source},
    {"who", "WHO", 14, 2, .value = who},
    {"subject", "RESOURCE", 20, 0, .grow = true, .identity = true, .value = subject},
    {"what", "WHAT", 24, 0, .grow = true, .identity = true, .value = what},
    {0},
};

static void describe(const struct pane_view *view, struct row_ref row, struct page *out)
{
    struct moment m;
    char date[40];
    moment_of(view, row, &m);
    page_add(out, ROLE_STRONG, "%s  %s  %s", when_date(m.at, date, sizeof date), account_of(view, row)->config->name, m.source);
    page_wrap(out, ROLE_TEXT, "resource  ", m.subject);
    if (*m.who)
        page_add(out, ROLE_TEXT, "who       %s%s%s", m.who, *m.role ? ", as " : "", m.role);
    page_wrap(out, m.tone, "what      ", m.text);
}

/* CloudTrail names a resource by id or name, and does not tell of what kind it is. */
static void lead_of_resource(const struct pane_view *view, struct row_ref row, const struct moment *m, struct leads *out)
{
    static const char *const at[][2] = {{"database", "database"}, {"network", "id"}, {"edge", "id"}, {"security", LEAD_CALLED}, {"alarms", "alarm"},
                                        {"nodes", LEAD_CALLED},   {"logs", LEAD_CALLED}, {"waf", LEAD_CALLED}, {"pods", "deployment"}};
    struct row_ref first;
    for (size_t i = 0; i < sizeof at / sizeof *at && *m->subject; i++) {
        struct lead lead = {.pane = at[i][0], .word = at[i][1], .account = row.account};
        text_copy(lead.name, sizeof lead.name, m->subject);
        if (lead_count(view, &lead, &first))
            lead_add(out, lead.pane, lead.account, lead.word, lead.name, "%s", m->subject);
    }
}

/* "prod / innovate-prod", as the audit log names what an action was on. */
static const char *own_resource(const char *resource)
{
    const char *slash = strstr(resource, " / ");
    return slash ? slash + strlen(" / ") : resource;
}

static void leads(const struct pane_view *view, struct row_ref row, struct leads *out)
{
    struct moment m;
    moment_of(view, row, &m);
    if (source_of(row) == SOURCE_OWN)
        text_copy(m.subject, sizeof m.subject, own_resource(account_of(view, row)->history.own.at[place_of(row)].resource));
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (places[i].feed == m.feed)
            lead_add(out, places[i].pane, row.account, places[i].word, m.subject, "%s", m.subject);
    if (source_of(row) == SOURCE_TRAIL || source_of(row) == SOURCE_OWN)
        lead_of_resource(view, row, &m, out);
    lead_add(out, "security", row.account, "role", m.role, "role %s, that did it", m.role);
    if (source_of(row) == SOURCE_TRAIL)
        lead_add(out, "security", LEAD_ANY, "user", m.who, "user %s", m.who);
    if (!out->count)
        lead_add(out, "timeline", row.account, "subject", m.subject, "all that happened to %s", m.subject);
}

static bool is(const struct pane_view *view, struct row_ref row, const char *word, const char *name)
{
    struct moment m;
    moment_of(view, row, &m);
    if (!strcmp(word, "subject"))
        return !strcmp(m.subject, name);
    if (!strcmp(word, "source"))
        return !strcmp(m.source, name);
    if (!strcmp(word, "role"))
        return !strcmp(m.role, name);
    return !strcmp(word, "user") && source_of(row) == SOURCE_TRAIL && !*m.role && !strcmp(m.who, name);
}

const struct pane pane_timeline = {
    .name = "timeline",
    .title = "Timeline",
    .about = "what has changed, newest first, over all accounts, and who did it",
    .feeds = FEED_BIT(FEED_TRAIL_EVENTS) | FEED_BIT(FEED_OWN_ACTIONS) | FEED_BIT(FEED_DATABASE_EVENTS) | FEED_BIT(FEED_RELEASES) | FEED_BIT(FEED_ALARMS),
    .columns = columns,
    .sort = -1,
    .rows = rows,
    .describe = describe,
    .leads = leads,
    .is = is,
};
