/* Timeline: what has changed, newest first, over all accounts: what the feeds saw change, RDS's events, writes that CloudTrail recorded, releases,
 * how alarms have turned, thresholds that budgets have passed, costs out of the ordinary, and what was done from here. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "ui/panes/panes.h"
#include "ui/value.h"

/* A row is a kind and a place in its list. Each column asks for its own part of it, and no other is made. */
#define KIND_SHIFT 24
enum part { PART_SOURCE, PART_WHO, PART_SUBJECT, PART_WHAT };

struct moment {
    const struct account *account;
    const void *item;
    const struct budget *budget; /* whose notification the item is */
    const struct change_feed *changes;
    enum feed feed;              /* that it is of; FEED_COUNT: none */
};

struct kind {
    bool of_estate; /* one list for all accounts, each item has its own */
    bool (*find)(const struct pane_view *view, size_t account, size_t i, struct moment *out); /* false: there are no more */
    bool (*hidden)(const struct moment *m);                                                   /* told by another row */
    int64_t (*at)(const struct moment *m); /* 0: not known, so it is not shown */
    uint8_t (*role)(const struct moment *m);
    void (*tell)(const struct moment *m, enum part part, char *out, size_t size);
};

#define FINDS(name, list, feed_)                                                                                       \
    static bool name(const struct pane_view *view, size_t account, size_t i, struct moment *out)                       \
    {                                                                                                                  \
        const struct account *a = &view->estate->accounts[account];                                                    \
        if (i >= a->list.len)                                                                                          \
            return false;                                                                                              \
        *out = (struct moment){.account = a, .item = &a->list.at[i], .feed = feed_, .changes = &view->estate->changes}; \
        return true;                                                                                                   \
    }

static bool never(const struct moment *m)
{
    (void)m;
    return false;
}

/* What the feeds saw change. */

static bool find_change(const struct pane_view *view, size_t account, size_t i, struct moment *out)
{
    const struct change *c = change_at(&view->estate->changes, i);
    (void)account;
    if (c)
        *out = (struct moment){.account = &view->estate->accounts[c->account], .item = c, .feed = c->feed};
    return c;
}

#define SAME_TURN_MS 5000 /* two clocks of CloudWatch's for one turn of an alarm */

static bool is_turn(const struct account *a, const char *alarm, int64_t at)
{
    for (size_t i = 0; i < a->history.alarms.len; i++) {
        const struct alarm_turn *t = &a->history.alarms.at[i];
        if (t->at - at < SAME_TURN_MS && at - t->at < SAME_TURN_MS && !strcmp(t->name, alarm))
            return true;
    }
    return false;
}

static bool is_present(const struct account *a, const char *alarm, int64_t at)
{
    for (size_t i = 0; i < a->alarms.len; i++)
        if (a->alarms.at[i].state != ALARM_OK && a->alarms.at[i].since == at && !strcmp(a->alarms.at[i].name, alarm))
            return true;
    return false;
}

/* RDS's own events stand for themselves, and so do the turns of alarms, and the state that one is in. */
static bool change_hidden(const struct moment *m)
{
    const struct change *c = m->item;
    if (c->feed == FEED_ALARMS)
        return is_turn(m->account, c->subject, c->at) || is_present(m->account, c->subject, c->at);
    return c->feed == FEED_DATABASE_EVENTS;
}

static int64_t change_when(const struct moment *m) { return ((const struct change *)m->item)->at; }
static uint8_t change_role(const struct moment *m)
{
    (void)m;
    return ROLE_TEXT;
}
static void tell_change(const struct moment *m, enum part part, char *out, size_t size)
{
    const struct change *c = m->item;
    const char *const parts[] = {feed_name(c->feed), "", c->subject, c->text};
    text_copy(out, size, parts[part]);
}

/* Restarts of before the console looked. A pod tells of its last one. */

#define SPAN_ERROR_MS 60000 /* it comes as a span: "3m ago" */

FINDS(find_pod, cluster.pods, FEED_PODS)
static int64_t pod_when(const struct moment *m) { return ((const struct pod *)m->item)->restarted_at; }
static bool pod_hidden(const struct moment *m)
{
    const struct pod *p = m->item;
    const struct change *c;
    if (!p->restarted_at || p->restarts <= 0)
        return true;
    for (size_t i = 0; (c = change_at(m->changes, i)) && c->at >= p->restarted_at - SPAN_ERROR_MS; i++)
        if (c->feed == FEED_PODS && c->account == m->account->index && !strcmp(c->subject, p->name))
            return true; /* seen when it happened */
    return false;
}
static uint8_t pod_role(const struct moment *m) { return pod_is_failing(m->item) ? ROLE_BAD : ROLE_TEXT; }
static void tell_pod(const struct moment *m, enum part part, char *out, size_t size)
{
    const struct pod *p = m->item;
    const char *const parts[] = {feed_name(FEED_PODS), "", p->name, NULL};
    if (part == PART_WHAT)
        text_format(out, size, "restarted, %d time%s in all; now %s", p->restarts, p->restarts == 1 ? "" : "s", p->status);
    else
        text_copy(out, size, parts[part]);
}

/* RDS. */

FINDS(find_database, database.events, FEED_DATABASE)
static int64_t database_when(const struct moment *m) { return ((const struct database_event *)m->item)->at; }
static uint8_t database_role(const struct moment *m)
{
    return strstr(((const struct database_event *)m->item)->category, "failover") ? ROLE_WARN : ROLE_TEXT;
}
static void tell_database(const struct moment *m, enum part part, char *out, size_t size)
{
    const struct database_event *e = m->item;
    const char *const parts[] = {"rds", "", e->source, e->message};
    text_copy(out, size, parts[part]);
}

/* CloudTrail. */

FINDS(find_trail, history.trail, FEED_COUNT)
static int64_t trail_when(const struct moment *m) { return ((const struct trail_event *)m->item)->at; }
static uint8_t trail_role(const struct moment *m) { return *((const struct trail_event *)m->item)->error ? ROLE_BAD : ROLE_TEXT; }
static void tell_trail(const struct moment *m, enum part part, char *out, size_t size)
{
    const struct trail_event *e = m->item;
    const char *const parts[] = {"trail", e->user, e->resource, NULL};
    if (part == PART_WHAT)
        text_format(out, size, "%s %s%s%s", e->source, e->name, *e->error ? " refused: " : "", e->error);
    else
        text_copy(out, size, parts[part]);
}

/* Releases. */

FINDS(find_release, releases.runs, FEED_RELEASES)
static int64_t release_when(const struct moment *m) { return ((const struct release *)m->item)->updated_at; }
static uint8_t release_role(const struct moment *m) { return ((const struct release *)m->item)->state == RELEASE_FAILED ? ROLE_BAD : ROLE_TEXT; }
static void tell_release(const struct moment *m, enum part part, char *out, size_t size)
{
    const struct release *r = m->item;
    if (part == PART_SUBJECT)
        text_format(out, size, "%lld", (long long)r->number);
    else if (part == PART_WHAT)
        text_format(out, size, "%s: %s%s%s%s", release_state_name(r->state), r->title, *r->reviewed ? " (" : "", r->reviewed,
                    *r->reviewed ? ")" : "");
    else
        text_copy(out, size, part == PART_SOURCE ? "release" : r->actor);
}

/* What was done from here. */

FINDS(find_own, history.own, FEED_COUNT)
static int64_t own_when(const struct moment *m) { return ((const struct own_action *)m->item)->at; }
static uint8_t own_role(const struct moment *m)
{
    const struct own_action *o = m->item;
    return !strcmp(o->outcome, "failed") || !strcmp(o->phase, "refused") ? ROLE_BAD : ROLE_STRONG;
}
static void tell_own(const struct moment *m, enum part part, char *out, size_t size)
{
    const struct own_action *o = m->item;
    const char *const parts[] = {"trivet", o->who, o->resource, NULL};
    if (part == PART_WHAT)
        text_format(out, size, "%s %s%s%s%s%s%s", o->action, o->phase, *o->outcome ? ": " : "", o->outcome, *o->reason ? " (reason: " : "", o->reason,
                    *o->reason ? ")" : "");
    else
        text_copy(out, size, parts[part]);
}

/* How alarms have turned in the last day, and since when they fire, or have no data, where that is longer ago. */

FINDS(find_turn, history.alarms, FEED_ALARMS)
static int64_t turn_when(const struct moment *m) { return ((const struct alarm_turn *)m->item)->at; }
static uint8_t turn_role(const struct moment *m) { return strcmp(((const struct alarm_turn *)m->item)->to, "ALARM") != 0 ? ROLE_TEXT : ROLE_BAD; }
static void tell_turn(const struct moment *m, enum part part, char *out, size_t size)
{
    const struct alarm_turn *t = m->item;
    const char *const parts[] = {feed_name(FEED_ALARMS), "", t->name, NULL};
    if (part == PART_WHAT)
        text_format(out, size, "%s%s%s%s%s", t->to, *t->from ? " after " : "", t->from, *t->reason ? ": " : "", t->reason);
    else
        text_copy(out, size, parts[part]);
}

FINDS(find_alarm, alarms, FEED_ALARMS)
static int64_t alarm_when(const struct moment *m) { return ((const struct alarm *)m->item)->since; }
static bool alarm_hidden(const struct moment *m)
{
    const struct alarm *a = m->item;
    return a->state == ALARM_OK || is_turn(m->account, a->name, a->since);
}
static uint8_t alarm_role(const struct moment *m)
{
    enum alarm_state state = ((const struct alarm *)m->item)->state;
    return state == ALARM_ALARM ? ROLE_BAD : state == ALARM_OK ? ROLE_TEXT : ROLE_UNKNOWN;
}
static void tell_alarm(const struct moment *m, enum part part, char *out, size_t size)
{
    const struct alarm *a = m->item;
    const char *const parts[] = {feed_name(FEED_ALARMS), "", a->name, NULL};
    if (part == PART_WHAT)
        text_format(out, size, "%s%s%s", alarm_state_name(a->state), *a->reason ? ": " : "", a->reason);
    else
        text_copy(out, size, parts[part]);
}

/* Thresholds that budgets have passed. AWS does not tell when: the row has the time of the figures. */

static bool find_notice(const struct pane_view *view, size_t account, size_t i, struct moment *out)
{
    const struct account *a = &view->estate->accounts[account];
    for (size_t b = 0; b < a->budgets.len; i -= a->budgets.at[b++].notifications.len)
        if (i < a->budgets.at[b].notifications.len) {
            *out = (struct moment){.account = a, .item = &a->budgets.at[b].notifications.at[i], .budget = &a->budgets.at[b], .feed = FEED_BUDGETS};
            return true;
        }
    return false;
}
/* What every month comes by is no news. */
static bool notice_hidden(const struct moment *m)
{
    const struct budget_notification *n = m->item;
    return !n->alarm || !budget_alarming(m->budget) || (n->percent && n->threshold < 80);
}
static int64_t notice_when(const struct moment *m) { return m->budget->updated_at; }
static uint8_t notice_role(const struct moment *m)
{
    const struct budget_notification *n = m->item;
    return n->percent && n->threshold < 100 ? ROLE_WARN : ROLE_BAD;
}
static void tell_notice(const struct moment *m, enum part part, char *out, size_t size)
{
    const struct budget_notification *n = m->item;
    const struct budget *b = m->budget;
    const char *const parts[] = {feed_name(FEED_BUDGETS), "", b->name, NULL};
    char spent[40], limit[40], over[40], told[40] = "";
    if (part != PART_WHAT) {
        text_copy(out, size, parts[part]);
        return;
    }
    if (n->percent)
        text_format(over, sizeof over, "%.0f %%", n->threshold);
    else
        money(n->threshold, b->unit, over, sizeof over);
    if (n->subscribers == 0)
        text_copy(told, sizeof told, ", tells nobody");
    else if (n->subscribers > 0)
        text_format(told, sizeof told, ", tells %d", n->subscribers);
    text_format(out, size, "%s over %s: %s of %s%s", n->forecasted ? "forecast" : "spent", over,
                money(n->forecasted ? b->forecast : b->actual, b->unit, spent, sizeof spent), money(b->limit, b->unit, limit, sizeof limit), told);
}

/* Costs out of the ordinary, as Cost Explorer was last paid to tell. */

static bool find_anomaly(const struct pane_view *view, size_t account, size_t i, struct moment *out)
{
    const struct account *management = estate_management(view->estate);
    (void)account;
    if (!management || i >= management->costs.anomalies.len)
        return false;
    const struct cost_anomaly *n = &management->costs.anomalies.at[i];
    const struct account *owner = estate_account(view->estate, n->account);
    *out = (struct moment){.account = owner ? owner : management, .item = n, .feed = FEED_COSTS};
    return true;
}
static int64_t anomaly_when(const struct moment *m) { return ((const struct cost_anomaly *)m->item)->from; }
static uint8_t anomaly_role(const struct moment *m)
{
    (void)m;
    return ROLE_WARN;
}
static void tell_anomaly(const struct moment *m, enum part part, char *out, size_t size)
{
    const struct cost_anomaly *n = m->item;
    const char *const parts[] = {feed_name(FEED_COSTS), "", n->service, NULL};
    char beyond[40], expected[40];
    if (part == PART_WHAT)
        text_format(out, size, "anomaly: %s beyond the %s expected%s%s", money(n->impact, "USD", beyond, sizeof beyond),
                    money(n->expected, "USD", expected, sizeof expected), *n->region ? ", " : "", n->region);
    else
        text_copy(out, size, parts[part]);
}

static const struct kind kinds[] = {
    {true, find_change, change_hidden, change_when, change_role, tell_change},
    {false, find_pod, pod_hidden, pod_when, pod_role, tell_pod},
    {false, find_database, never, database_when, database_role, tell_database},
    {false, find_trail, never, trail_when, trail_role, tell_trail},
    {false, find_release, never, release_when, release_role, tell_release},
    {false, find_own, never, own_when, own_role, tell_own},
    {false, find_turn, never, turn_when, turn_role, tell_turn},
    {false, find_alarm, alarm_hidden, alarm_when, alarm_role, tell_alarm},
    {false, find_notice, notice_hidden, notice_when, notice_role, tell_notice},
    {true, find_anomaly, never, anomaly_when, anomaly_role, tell_anomaly},
};
enum { KIND_COUNT = sizeof kinds / sizeof *kinds };

static const struct kind *look(const struct pane_view *view, struct row_ref row, struct moment *out)
{
    const struct kind *kind = &kinds[row.index >> KIND_SHIFT];
    kind->find(view, row.account, row.index & ((1u << KIND_SHIFT) - 1), out);
    return kind;
}

static void rows(const struct pane_view *view, row_refs *out)
{
    struct moment m;
    for (size_t k = 0; k < KIND_COUNT; k++)
        for (size_t a = 0; a < (kinds[k].of_estate ? 1 : view->estate->account_count); a++)
            for (size_t i = 0; kinds[k].find(view, a, i, &m); i++)
                if (!kinds[k].hidden(&m) && kinds[k].at(&m))
                    row_add(out, m.account->index, k << KIND_SHIFT | i);
}

#define DAY_MS INT64_C(86400000)

size_t timeline_newest(const struct pane_view *view, struct row_ref *out, size_t most)
{
    row_refs all = {0};
    struct moment m;
    size_t count = 0;
    int64_t *when = mem_new_array(most + 1, sizeof *when);
    rows(view, &all);
    for (size_t i = 0; i < all.len; i++) {
        int64_t at = look(view, all.at[i], &m)->at(&m);
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

uint8_t timeline_line(const struct pane_view *view, struct row_ref row, char *out, size_t size)
{
    struct moment m;
    char subject[256], what[512], clock[16];
    const struct kind *kind = look(view, row, &m);
    kind->tell(&m, PART_SUBJECT, subject, sizeof subject);
    kind->tell(&m, PART_WHAT, what, sizeof what);
    text_format(out, size, "%s  %-5s %s  %s", when_clock(kind->at(&m), clock, sizeof clock), m.account->config->name, subject, what);
    return kind->role(&m);
}

static void at(const struct pane_view *view, struct row_ref row, struct value *out)
{
    struct moment m;
    char day[40], clock[16];
    int64_t when = look(view, row, &m)->at(&m);
    bool today = view->now - when < INT64_C(12) * 3600000;
    value_text(out, ROLE_TEXT, today ? when_clock(when, clock, sizeof clock) : when_date(when, day, sizeof day));
    out->type = VALUE_TIME;
    out->number = (double)when;
}

static void part(const struct pane_view *view, struct row_ref row, enum part part, uint8_t role, struct value *out)
{
    struct moment m;
    char text[sizeof out->text];
    look(view, row, &m)->tell(&m, part, text, sizeof text);
    value_text(out, role, text);
}

static void source(const struct pane_view *view, struct row_ref row, struct value *out) { part(view, row, PART_SOURCE, ROLE_DIM, out); }
static void who(const struct pane_view *view, struct row_ref row, struct value *out) { part(view, row, PART_WHO, ROLE_TEXT, out); }
static void subject(const struct pane_view *view, struct row_ref row, struct value *out) { part(view, row, PART_SUBJECT, ROLE_STRONG, out); }
static void what(const struct pane_view *view, struct row_ref row, struct value *out)
{
    struct moment m;
    part(view, row, PART_WHAT, look(view, row, &m)->role(&m), out);
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

#define TELL_MAX 512

/* Whose session it was that CloudTrail tells of; "" none, or not told. */
static const char *role_behind(const struct kind *kind, const struct moment *m)
{
    return kind->find == find_trail ? ((const struct trail_event *)m->item)->role : "";
}

static void describe(const struct pane_view *view, struct row_ref row, struct page *out)
{
    struct moment m;
    char date[40], text[TELL_MAX];
    const struct kind *kind = look(view, row, &m);
    kind->tell(&m, PART_SOURCE, text, sizeof text);
    page_add(out, ROLE_STRONG, "%s  %s  %s", when_date(kind->at(&m), date, sizeof date), m.account->config->name, text);
    kind->tell(&m, PART_SUBJECT, text, sizeof text);
    page_wrap(out, ROLE_TEXT, "resource  ", text);
    kind->tell(&m, PART_WHO, text, sizeof text);
    if (*text)
        page_add(out, ROLE_TEXT, "who       %s%s%s", text, *role_behind(kind, &m) ? ", as " : "", role_behind(kind, &m));
    kind->tell(&m, PART_WHAT, text, sizeof text);
    page_wrap(out, kind->role(&m), "what      ", text);
}

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

/* CloudTrail names a resource by id or name, and does not tell of what kind it is. */
static void lead_of_resource(const struct pane_view *view, struct row_ref row, const char *subject, struct leads *out)
{
    static const char *const at[][2] = {{"database", "database"}, {"network", "id"}, {"edge", "id"}, {"security", LEAD_CALLED}, {"alarms", "alarm"},
                                        {"nodes", LEAD_CALLED},   {"logs", LEAD_CALLED}, {"waf", LEAD_CALLED}, {"pods", "deployment"}};
    struct row_ref first;
    for (size_t i = 0; i < sizeof at / sizeof *at && *subject; i++) {
        struct lead lead = {.pane = at[i][0], .word = at[i][1], .account = row.account};
        text_copy(lead.name, sizeof lead.name, subject);
        if (lead_count(view, &lead, &first))
            lead_add(out, lead.pane, lead.account, lead.word, lead.name, "%s", subject);
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
    char subject[TELL_MAX], who[TELL_MAX];
    const struct kind *kind = look(view, row, &m);
    const char *role = role_behind(kind, &m), *name = subject;
    kind->tell(&m, PART_SUBJECT, subject, sizeof subject);
    kind->tell(&m, PART_WHO, who, sizeof who);
    if (kind->find == find_own)
        name = own_resource(subject);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (places[i].feed == m.feed)
            lead_add(out, places[i].pane, row.account, places[i].word, name, "%s", name);
    if (m.feed == FEED_COUNT)
        lead_of_resource(view, row, name, out);
    lead_add(out, "security", row.account, "role", role, "role %s, that did it", role);
    if (kind->find == find_trail)
        lead_add(out, "security", LEAD_ANY, "user", who, "user %s", who);
    if (!out->count)
        lead_add(out, "timeline", row.account, "subject", name, "all that happened to %s", name);
}

static bool is(const struct pane_view *view, struct row_ref row, const char *word, const char *name)
{
    struct moment m;
    char text[TELL_MAX];
    const struct kind *kind = look(view, row, &m);
    bool user = !strcmp(word, "user");
    if (!strcmp(word, "role"))
        return !strcmp(role_behind(kind, &m), name);
    if (strcmp(word, "subject") != 0 && strcmp(word, "source") != 0 && !(user && kind->find == find_trail && !*role_behind(kind, &m)))
        return false;
    kind->tell(&m, user ? PART_WHO : !strcmp(word, "source") ? PART_SOURCE : PART_SUBJECT, text, sizeof text);
    return !strcmp(text, name);
}

const struct pane pane_timeline = {
    .name = "timeline",
    .title = "Timeline",
    .about = "what has changed, newest first, over all accounts, and who did it",
    .feeds = FEED_BIT(FEED_TRAIL_EVENTS) | FEED_BIT(FEED_OWN_ACTIONS) | FEED_BIT(FEED_DATABASE_EVENTS) | FEED_BIT(FEED_RELEASES) |
             FEED_BIT(FEED_ALARMS) | FEED_BIT(FEED_ALARM_HISTORY) | FEED_BIT(FEED_BUDGETS) | FEED_BIT(FEED_BUDGET_SUBSCRIBERS) |
             FEED_BIT(FEED_COSTS) | FEED_BIT(FEED_PODS),
    .columns = columns,
    .sort = -1,
    .rows = rows,
    .describe = describe,
    .leads = leads,
    .is = is,
};
