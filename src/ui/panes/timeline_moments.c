/* Where the timeline's moments come from, a kind each, and which of two that tell the same is shown. */
#include <string.h>

#include "base/text.h"
#include "ui/panes/timeline.h"
#include "ui/value.h"

/* A row is a kind and a place in its list. */
#define KIND_SHIFT 24

struct moment_kind {
    bool of_estate; /* one list for all accounts, each item has its own */
    bool (*find)(const struct pane_view *view, size_t account, size_t i, struct moment *out); /* false: there are no more */
    bool (*hidden)(const struct moment *m);                                                   /* told by another row */
    int64_t (*at)(const struct moment *m); /* 0: not known, so it is not shown */
    uint8_t (*role)(const struct moment *m);
    void (*tell)(const struct moment *m, enum moment_part part, char *out, size_t size);
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

static bool is_run_of(const struct release_set *set, const struct change *c)
{
    char label[120];
    for (size_t i = 0; i < set->runs.len; i++)
        if (set->runs.at[i].updated_at == c->at && !strcmp(release_label(set, &set->runs.at[i], label, sizeof label), c->subject))
            return true;
    return false;
}

static bool is_news(const struct budget *b, const struct budget_notification *n);

static bool is_notice(const struct account *a, const struct change *c)
{
    for (size_t i = 0; i < a->budgets.len; i++)
        for (size_t k = 0; k < a->budgets.at[i].notifications.len; k++)
            if (a->budgets.at[i].updated_at == c->at && !strcmp(a->budgets.at[i].name, c->subject) &&
                is_news(&a->budgets.at[i], &a->budgets.at[i].notifications.at[k]))
                return true;
    return false;
}

/* The turns of alarms stand for themselves, and so does the state that an alarm, a release or a budget is in. */
static bool change_hidden(const struct moment *m)
{
    const struct change *c = m->item;
    switch (c->feed) {
    case FEED_ALARMS:
        return is_turn(m->account, c->subject, c->at) || is_present(m->account, c->subject, c->at);
    case FEED_RELEASES:
        return is_run_of(&m->account->releases, c);
    case FEED_PIPELINES:
        return is_run_of(&m->account->pipelines, c);
    case FEED_BUDGETS:
        return is_notice(m->account, c);
    default:
        return false;
    }
}

static int64_t change_when(const struct moment *m) { return ((const struct change *)m->item)->at; }
static uint8_t change_role(const struct moment *m)
{
    (void)m;
    return ROLE_TEXT;
}
static void tell_change(const struct moment *m, enum moment_part part, char *out, size_t size)
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
    for (size_t i = 0; (c = change_at(m->changes, i)); i++) /* they stand as they were heard of, which is not when all of them happened */
        if (c->at >= p->restarted_at - SPAN_ERROR_MS && c->feed == FEED_PODS && c->account == m->account->index && !strcmp(c->subject, p->name))
            return true; /* seen when it happened */
    return false;
}
static uint8_t pod_role(const struct moment *m) { return pod_is_failing(m->item) ? ROLE_BAD : ROLE_TEXT; }
static void tell_pod(const struct moment *m, enum moment_part part, char *out, size_t size)
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
static void tell_database(const struct moment *m, enum moment_part part, char *out, size_t size)
{
    const struct database_event *e = m->item;
    const char *const parts[] = {"rds", "", e->source, e->message};
    text_copy(out, size, parts[part]);
}

/* CloudTrail. */

FINDS(find_trail, history.trail, FEED_TRAIL_EVENTS)
static int64_t trail_when(const struct moment *m) { return ((const struct trail_event *)m->item)->at; }
static uint8_t trail_role(const struct moment *m) { return *((const struct trail_event *)m->item)->error ? ROLE_BAD : ROLE_TEXT; }
static void tell_trail(const struct moment *m, enum moment_part part, char *out, size_t size)
{
    const struct trail_event *e = m->item;
    const char *const parts[] = {"trail", e->user, e->resource, NULL};
    if (part == PART_WHAT)
        text_format(out, size, "%s %s%s%s", e->source, e->name, *e->error ? " refused: " : "", e->error);
    else
        text_copy(out, size, parts[part]);
}

/* Releases, and runs of pipelines. */

FINDS(find_release, releases.runs, FEED_RELEASES)
FINDS(find_pipeline, pipelines.runs, FEED_PIPELINES)
static int64_t release_when(const struct moment *m) { return ((const struct release *)m->item)->updated_at; }
static uint8_t release_role(const struct moment *m) { return ((const struct release *)m->item)->state == RELEASE_FAILED ? ROLE_BAD : ROLE_TEXT; }
static void tell_release(const struct moment *m, enum moment_part part, char *out, size_t size)
{
    const struct release *r = m->item;
    bool waits = r->state == RELEASE_WAITING && *r->environment;
    if (part == PART_SUBJECT)
        release_label(&m->account->releases, r, out, size);
    else if (part == PART_WHAT)
        text_format(out, size, "%s%s%s: %s%s%s%s", release_state_name(r->state), waits ? " at " : "", waits ? r->environment : "", r->title,
                    *r->reviewed ? " (" : "", r->reviewed, *r->reviewed ? ")" : "");
    else
        text_copy(out, size, part == PART_SOURCE ? "release" : r->actor);
}

/* What was done from here. */

FINDS(find_own, history.own, FEED_OWN_ACTIONS)
static int64_t own_when(const struct moment *m) { return ((const struct own_action *)m->item)->at; }
static uint8_t own_role(const struct moment *m)
{
    const struct own_action *o = m->item;
    return !strcmp(o->outcome, "failed") || !strcmp(o->phase, "refused") ? ROLE_BAD : ROLE_STRONG;
}
static void tell_own(const struct moment *m, enum moment_part part, char *out, size_t size)
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
static void tell_turn(const struct moment *m, enum moment_part part, char *out, size_t size)
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
static void tell_alarm(const struct moment *m, enum moment_part part, char *out, size_t size)
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
/* What every month comes by is none. */
static bool is_news(const struct budget *b, const struct budget_notification *n)
{
    return n->alarm && budget_alarming(b) && !(n->percent && n->threshold < 80);
}
static bool notice_hidden(const struct moment *m) { return !is_news(m->budget, m->item); }
static int64_t notice_when(const struct moment *m) { return m->budget->updated_at; }
static uint8_t notice_role(const struct moment *m)
{
    const struct budget_notification *n = m->item;
    return n->percent && n->threshold < 100 ? ROLE_WARN : ROLE_BAD;
}
static void tell_notice(const struct moment *m, enum moment_part part, char *out, size_t size)
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
static void tell_anomaly(const struct moment *m, enum moment_part part, char *out, size_t size)
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

static const struct moment_kind kinds[] = {
    {true, find_change, change_hidden, change_when, change_role, tell_change},
    {false, find_pod, pod_hidden, pod_when, pod_role, tell_pod},
    {false, find_database, never, database_when, database_role, tell_database},
    {false, find_trail, never, trail_when, trail_role, tell_trail},
    {false, find_release, never, release_when, release_role, tell_release},
    {false, find_pipeline, never, release_when, release_role, tell_release},
    {false, find_own, never, own_when, own_role, tell_own},
    {false, find_turn, never, turn_when, turn_role, tell_turn},
    {false, find_alarm, alarm_hidden, alarm_when, alarm_role, tell_alarm},
    {false, find_notice, notice_hidden, notice_when, notice_role, tell_notice},
    {true, find_anomaly, never, anomaly_when, anomaly_role, tell_anomaly},
};
enum { KIND_COUNT = sizeof kinds / sizeof *kinds };

void moment_find(const struct pane_view *view, struct row_ref row, struct moment *out)
{
    const struct moment_kind *kind = &kinds[row.index >> KIND_SHIFT];
    kind->find(view, row.account, row.index & ((1u << KIND_SHIFT) - 1), out);
    out->kind = kind;
}

int64_t moment_at(const struct moment *m) { return m->kind->at(m); }
uint8_t moment_role(const struct moment *m) { return m->kind->role(m); }
void moment_tell(const struct moment *m, enum moment_part part, char *out, size_t size) { m->kind->tell(m, part, out, size); }

void moment_rows(const struct pane_view *view, row_refs *out)
{
    struct moment m;
    for (size_t k = 0; k < KIND_COUNT; k++)
        for (size_t a = 0; a < (kinds[k].of_estate ? 1 : view->estate->account_count); a++)
            for (size_t i = 0; kinds[k].find(view, a, i, &m); i++)
                if (!kinds[k].hidden(&m) && kinds[k].at(&m))
                    row_add(out, m.account->index, k << KIND_SHIFT | i);
}
