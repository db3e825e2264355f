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
    const char *pane; /* where it is looked at; NULL: nowhere */
    uint8_t role;
};

static enum source source_of(struct row_ref row) { return (enum source)(row.index >> SOURCE_SHIFT); }
static size_t place_of(struct row_ref row) { return row.index & ((1u << SOURCE_SHIFT) - 1); }

static const char *pane_of_feed(enum feed feed)
{
    switch (feed) {
    case FEED_PODS:
    case FEED_NODES:
    case FEED_DEPLOYMENTS:
    case FEED_HPAS:
        return "pods";
    case FEED_DATABASE:
    case FEED_DATABASE_EVENTS:
    case FEED_DATABASE_BACKUPS:
        return "database";
    case FEED_BUDGETS:
        return "budgets";
    case FEED_ALARMS:
        return "alarms";
    case FEED_RELEASES:
    case FEED_PIPELINES:
        return "releases";
    case FEED_WEB_ACL:
    case FEED_BLOCK_SETS:
        return "waf";
    case FEED_NODE_GROUPS:
    case FEED_SCHEDULES:
        return "dev";
    default:
        return "accounts";
    }
}

static void of_change(const struct change *c, struct moment *out)
{
    out->at = c->at;
    out->pane = pane_of_feed(c->feed);
    text_copy(out->source, sizeof out->source, feed_name(c->feed));
    text_copy(out->subject, sizeof out->subject, c->subject);
    text_copy(out->text, sizeof out->text, c->text);
}

static void of_database(const struct database_event *e, struct moment *out)
{
    out->at = e->at;
    out->pane = "database";
    out->role = strstr(e->category, "failover") ? ROLE_WARN : ROLE_TEXT;
    text_copy(out->source, sizeof out->source, "rds");
    text_copy(out->subject, sizeof out->subject, e->source);
    text_copy(out->text, sizeof out->text, e->message);
}

static void of_trail(const struct trail_event *e, struct moment *out)
{
    out->at = e->at;
    out->role = *e->error ? ROLE_BAD : ROLE_TEXT;
    text_format(out->source, sizeof out->source, "trail");
    text_copy(out->who, sizeof out->who, e->user);
    text_copy(out->subject, sizeof out->subject, e->resource);
    text_format(out->text, sizeof out->text, "%s %s%s%s", e->source, e->name, *e->error ? " refused: " : "", e->error);
}

static void of_release(const struct release *r, struct moment *out)
{
    out->at = r->updated_at;
    out->pane = "releases";
    out->role = r->state == RELEASE_FAILED ? ROLE_BAD : ROLE_TEXT;
    text_copy(out->source, sizeof out->source, "release");
    text_copy(out->who, sizeof out->who, r->actor);
    text_format(out->subject, sizeof out->subject, "%lld", (long long)r->number);
    text_format(out->text, sizeof out->text, "%s: %s", release_state_name(r->state), r->title);
}

static void of_own(const struct own_action *o, struct moment *out)
{
    out->at = o->at;
    out->role = !strcmp(o->outcome, "failed") || !strcmp(o->phase, "refused") ? ROLE_BAD : ROLE_STRONG;
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
    *out = (struct moment){.role = ROLE_TEXT};
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
    value_text(out, m.role, m.text);
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
        page_add(out, ROLE_TEXT, "who       %s", m.who);
    page_wrap(out, m.role, "what      ", m.text);
}

static bool leads(const struct pane_view *view, struct row_ref row, struct lead *out)
{
    struct moment m;
    moment_of(view, row, &m);
    if (!m.pane)
        return false;
    out->pane = m.pane;
    text_copy(out->filter, sizeof out->filter, m.subject);
    return true;
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
};
