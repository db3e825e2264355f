/* All accounts side by side, each in a column: is it us, and where? */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "ui/panes/panes.h"
#include "ui/panes/request_path.h"
#include "ui/trouble.h"
#include "ui/value.h"

#define LEAST_WIDTH 26
#define LABEL       9

static void id(const struct pane_view *view, struct row_ref row, struct value *out) { value_text(out, ROLE_DIM, account_of(view, row)->config->id); }

static void health(const struct pane_view *view, struct row_ref row, struct value *out)
{
    static const char *const names[] = {"unknown", "ok", "attention"};
    struct health_report report;
    account_health(account_of(view, row), view->now, &report);
    value_text(out, health_role(report.health), names[report.health]);
}

static void session(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct session *s = &account_of(view, row)->session;
    const struct slice *slice = &account_of(view, row)->slices[FEED_SESSION];
    char left[24];
    if (s->state == SESSION_MFA)
        value_text(out, ROLE_WARN, "needs MFA code");
    else if (slice->state == SLICE_FAILED)
        value_text(out, ROLE_BAD, slice->error.code);
    else if (!value_waits(out, slice)) {
        bool soon = s->expires_at && s->expires_at - view->now < 300000;
        value_format(out, soon ? ROLE_WARN : ROLE_OK, s->expires_at ? "ready, %s left" : "ready%s",
                     s->expires_at ? when_short(s->expires_at - view->now, left, sizeof left) : "");
    }
}

/* A part that could not be read says so by the service's own word. */
static bool missing(const struct pane_view *view, struct row_ref row, enum feed feed, struct value *out)
{
    const struct slice *slice = &account_of(view, row)->slices[feed];
    if (!value_waits(out, slice))
        return false;
    if (slice->state == SLICE_FAILED) {
        out->role = ROLE_BAD;
        text_copy(out->text, sizeof out->text, slice->error.code);
    } else if (slice->state == SLICE_NONE) {
        text_copy(out->text, sizeof out->text, "none");
    }
    return true;
}

static void pods(const struct pane_view *view, struct row_ref row, struct value *out)
{
    if (missing(view, row, FEED_PODS, out))
        return;
    struct pod_counts c = cluster_count(&account_of(view, row)->cluster);
    if (c.failing)
        value_format(out, ROLE_BAD, "%d/%d, %d failing", c.ready, c.total, c.failing);
    else
        value_format(out, c.ready < c.total ? ROLE_WARN : ROLE_OK, "%d/%d ready", c.ready, c.total);
}

static void database(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct account *a = account_of(view, row);
    if (missing(view, row, FEED_DATABASE, out))
        return;
    if (!a->database.instances.len) {
        value_text(out, ROLE_DIM, "no instance");
        return;
    }
    const struct database *d = &a->database.instances.at[0];
    bool good = !strcmp(d->status, "available") || !strcmp(d->status, "backing-up");
    if (a->database.instances.len > 1)
        value_format(out, good ? ROLE_OK : ROLE_WARN, "%s +%zu", d->status, a->database.instances.len - 1);
    else if (*d->standby_zone)
        value_format(out, good ? ROLE_OK : ROLE_WARN, "%s %s⇄%s", d->status, zone_short(d->zone), zone_short(d->standby_zone));
    else
        value_format(out, good ? ROLE_OK : ROLE_WARN, "%s %s", d->status, zone_short(d->zone));
}

/* The account's widest budget: narrower ones are parts of it. */
static const struct budget *widest(const struct account *a)
{
    const struct budget *found = NULL;
    for (size_t i = 0; i < a->budgets.len; i++)
        if (!found || a->budgets.at[i].limit > found->limit)
            found = &a->budgets.at[i];
    return found;
}

static uint8_t spend_role(const struct account *a)
{
    uint8_t role = ROLE_OK;
    for (size_t i = 0; i < a->budgets.len; i++) {
        if (budget_state(&a->budgets.at[i]) == BUDGET_OVER)
            return ROLE_BAD;
        if (budget_alarming(&a->budgets.at[i]))
            role = ROLE_WARN;
    }
    return role;
}

static void spend(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct account *a = account_of(view, row);
    const struct budget *b = widest(a);
    char spent[64], of[64];
    if (missing(view, row, FEED_BUDGETS, out))
        return;
    if (!b)
        value_text(out, ROLE_DIM, "no budget");
    else
        value_format(out, spend_role(a), "%s/%s", money(b->actual, b->unit, spent, sizeof spent), money(b->limit, b->unit, of, sizeof of));
}

static void budget_bar(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct account *a = account_of(view, row);
    const struct budget *b = widest(a);
    double none[1];
    char text[128];
    if (b && slice_has_data(&a->slices[FEED_BUDGETS]))
        value_text(out, spend_role(a), gauge(b->actual, b->forecast, b->limit, none, 0, 15, text, sizeof text));
    else
        value_text(out, ROLE_DIM, "");
}

static void alarms(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct account *a = account_of(view, row);
    const struct alarm *first = NULL, *known = NULL; /* known: acknowledged */
    size_t firing = 0, silent = 0;
    if (missing(view, row, FEED_ALARMS, out))
        return;
    for (size_t i = 0; i < a->alarms.len; i++) {
        bool fires = a->alarms.at[i].state == ALARM_ALARM;
        firing += fires;
        silent += a->alarms.at[i].state == ALARM_NO_DATA;
        if (fires && *a->alarms.at[i].acknowledged_by)
            known = known ? known : &a->alarms.at[i];
        else if (fires && !first)
            first = &a->alarms.at[i];
    }
    if (known && !first)
        value_format(out, ROLE_WARN, firing > 1 ? "%s +%zu, acked" : "%s, acked", known->name, firing - 1);
    else if (first)
        value_format(out, ROLE_BAD, firing > 1 ? "%s +%zu" : "%s", first->name, firing - 1);
    else if (silent)
        value_format(out, ROLE_WARN, "%zu of %zu no data", silent, a->alarms.len);
    else
        value_format(out, a->alarms.len ? ROLE_OK : ROLE_DIM, a->alarms.len ? "none of %zu" : "none set", a->alarms.len);
}

static const struct waf_series *edge(const struct pane_view *view, struct row_ref row) { return web_acl_series(&account_of(view, row)->web_acl, "ALL"); }

static void blocked(const struct pane_view *view, struct row_ref row, struct value *out)
{
    char text[64];
    if (missing(view, row, FEED_WAF_METRICS, out))
        return;
    double number = edge(view, row) ? waf_rate(edge(view, row)->blocked, 1) : NAN;
    value_number(out, ROLE_TEXT, number, "%s/min", grouped(number, text, sizeof text));
}

static void blocks(const struct pane_view *view, struct row_ref row, struct value *out)
{
    char trend[64], text[64];
    if (missing(view, row, FEED_WAF_METRICS, out))
        return;
    const struct waf_series *series = edge(view, row);
    double number = series ? waf_rate(series->blocked, 1) : NAN;
    value_format(out, ROLE_SPARK, "%s/m %s", grouped(number, text, sizeof text),
                 series ? spark(series->blocked, WAF_POINTS, 9, trend, sizeof trend) : "");
}

static void problems(const struct pane_view *view, struct row_ref row, struct value *out)
{
    struct health_report report;
    account_health(account_of(view, row), view->now, &report);
    value_count(out, report.count > report.quiet ? ROLE_BAD : ROLE_OK, (int64_t)(report.count - report.quiet));
}

static const struct column columns[] = {
    {"account", "ACCOUNT", 8, 0, .identity = true, .value = value_account},
    {"id", "ID", 12, 1, .value = id},
    {"health", "HEALTH", 10, 0, .value = health},
    {"problems", "PROBLEMS", 8, 0, .right = true, .value = problems},
    {"session", "SESSION", 16, 1, .value = session},
    {"pods", "PODS", 18, 0, .value = pods},
    {"database", "DATABASE", 18, 0, .value = database},
    {"spend", "SPEND", 18, 0, .value = spend},
    {"alarms", "ALARMS", 16, 0, .grow = true, .value = alarms},
    {"blocked", "BLOCKED", 10, 2, .right = true, .value = blocked},
    {0},
};

/* One line of an account's column; those without a value are left out. */
static const struct {
    const char *label;
    void (*value)(const struct pane_view *view, struct row_ref row, struct value *out);
} lines[] = {{"session", session}, {"pods", pods}, {"database", database}, {"spend", spend}, {"", budget_bar}, {"alarms", alarms}, {"blocks", blocks}};

static int draw_account(const struct pane_view *view, struct row_ref row, struct cells *cells, int top, int left, int width, int height)
{
    const struct account *account = account_of(view, row);
    struct health_report report;
    struct value value;
    char title[128];
    int at = top;
    account_health(account, view->now, &report);
    text_format(title, sizeof title, " %s ", account->config->name);
    for (char *c = title; *c; c++)
        *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
    int used = cells_put(cells, at, left, width, kind_role(account->config->kind), title);
    health(view, row, &value);
    if (account->slices[FEED_SESSION].state == SLICE_FAILED)
        value_text(&value, ROLE_BAD, "no session");
    cells_put(cells, at++, left + used + 1, width - used - 1, value.role, value.text);
    cells_put(cells, at++, left, width, ROLE_DIM, account->config->id);
    for (size_t i = 0; i < sizeof lines / sizeof *lines && at < top + height; i++) {
        lines[i].value(view, row, &value);
        if (!strcmp(lines[i].label, "blocks") && account->slices[FEED_WAF_METRICS].state == SLICE_NONE)
            continue;
        cells_put(cells, at, left, LABEL, ROLE_DIM, lines[i].label);
        cells_put(cells, at++, left + LABEL, width - LABEL, value.role, value.text);
    }
    return at - top;
}

#define SESSION_ROWS 6
#define LATELY_ROWS  2 /* at least */

static int draw_session(struct cells *cells, int row, int rows, const char *line)
{
    char text[1100];
    text_format(text, sizeof text, "✗ %s", line);
    return cells_put_rows(cells, row, 1, cells->columns - 2, rows < SESSION_ROWS ? rows : SESSION_ROWS, ROLE_BAD, text);
}

/* What is wrong, in words, production first. Returns rows used. */
static int draw_problems(const struct pane_view *view, struct cells *cells, int top, int height)
{
    int row = top, end = top + height;
    char text[1100];
    for (int kind = ACCOUNT_PRODUCTION; kind >= ACCOUNT_MANAGEMENT; kind--)
        for (size_t a = 0; a < view->estate->account_count; a++) {
            const struct account *account = &view->estate->accounts[a];
            struct health_report report;
            if (account->config->kind != kind)
                continue;
            if (account->slices[FEED_SESSION].state == SLICE_FAILED) { /* said once for all that failed alike */
                if (trouble_session(view->estate, a, text, sizeof text) && row < end)
                    row += draw_session(cells, row, end - row, text);
                continue;
            }
            account_health(account, view->now, &report);
            for (size_t i = 0; i < report.count && i < sizeof report.problem / sizeof *report.problem && row < end; i++) {
                bool quiet = report.problem[i].quiet;
                text_format(text, sizeof text, "%s %-5s %s", quiet ? "·" : "✗", account->config->name, report.problem[i].text);
                cells_put(cells, row++, 1, cells->columns - 2, quiet ? ROLE_DIM : report.health == HEALTH_ATTENTION ? ROLE_BAD : ROLE_UNKNOWN, text);
            }
        }
    return row > top ? row - top + 1 : 0;
}

static void draw_changes(const struct pane_view *view, struct cells *cells, int top, int height)
{
    if (height < 2)
        return;
    cells_put(cells, top, 1, cells->columns - 2, ROLE_HEADER, "LATELY");
    for (int i = 0; i < height - 1; i++) {
        const struct change *c = change_at(&view->estate->changes, (size_t)i);
        char text[400], clock[16];
        if (!c) {
            if (i == 0)
                cells_put(cells, top + 1, 1, cells->columns - 2, ROLE_DIM, "nothing has changed since the start");
            return;
        }
        text_format(text, sizeof text, "%s  %-5s %s  %s", when_clock(c->at, clock, sizeof clock), view->estate->accounts[c->account].config->name, c->subject,
                    c->text);
        cells_put(cells, top + 1 + i, 1, cells->columns - 2, ROLE_TEXT, text);
    }
}

/* As many columns as fit; further accounts stand in further bands below. */
static int draw(const struct pane_view *view, struct cells *cells, int top, int height)
{
    size_t count = view->estate->account_count;
    int fit = (cells->columns - 1) / LEAST_WIDTH;
    int across = fit < 1 ? 1 : (size_t)fit > count ? (int)count : fit;
    int width = across ? (cells->columns - 1) / across : 0, at = top;
    for (size_t first = 0; first < count && at + 3 < top + height; first += (size_t)across) {
        int deepest = 0;
        for (int i = 0; i < across && first + (size_t)i < count; i++) {
            int deep = draw_account(view, (struct row_ref){(uint32_t)(first + (size_t)i), 0}, cells, at, 1 + i * width, width - 2, top + height - at);
            deepest = deep > deepest ? deep : deepest;
        }
        at += deepest + 1;
    }
    int left = top + height - at;
    at += draw_problems(view, cells, at, left > 8 ? left - 5 : left);
    at += request_path_draw(view, cells, at, top + height - at - LATELY_ROWS);
    draw_changes(view, cells, at, top + height - at);
    return height;
}

static bool detail(const struct pane_view *view, struct row_ref row, struct detail_key *out) { return pane_accounts.detail(view, row, out); }
static void describe(const struct pane_view *view, struct row_ref row, struct page *out) { pane_accounts.describe(view, row, out); }

const struct pane pane_overview = {
    .name = "overview",
    .title = "Overview",
    .about = "all accounts side by side",
    .feeds = FEED_BIT(FEED_SESSION) | FEED_BIT(FEED_PODS) | FEED_BIT(FEED_DEPLOYMENTS) | FEED_BIT(FEED_DATABASE) | FEED_BIT(FEED_BUDGETS) |
             FEED_BIT(FEED_LOAD_BALANCERS) | FEED_BIT(FEED_EDGE_METRICS) | FEED_BIT(FEED_ALARMS) | FEED_BIT(FEED_WEB_ACL) | FEED_BIT(FEED_WAF_METRICS),
    .columns = columns,
    .rows = rows_of_accounts,
    .draw = draw,
    .detail = detail,
    .describe = describe,
    .health = true,
    .drawing_only = true,
    .compares_all = true,
};
