/* Is it us, and where? The way of a request through one account, what is wrong in all of them, and the accounts side by side. */
#include <math.h>
#include <string.h>

#include "base/when.h"
#include "ui/panes/panes.h"
#include "ui/panes/request_path.h"
#include "ui/trouble.h"
#include "ui/value.h"

#define LEAST_WIDTH 26
#define LABEL       9
#define CARD_ROWS   9

static void id(const struct pane_view *view, struct row_ref row, struct value *out) { value_text(out, ROLE_DIM, account_of(view, row)->config->id); }

static void health(const struct pane_view *view, struct row_ref row, struct value *out)
{
    static const char *const names[] = {"unknown", "ok", "attention"};
    struct health_report report;
    account_health(account_of(view, row), view->now, &report);
    value_text(out, health_role(report.health), names[report.health]);
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
    bool good = database_works(d);
    if (a->database.instances.len > 1)
        value_format(out, good ? ROLE_OK : ROLE_WARN, "%s +%zu", d->status, a->database.instances.len - 1);
    else if (*d->standby_zone)
        value_format(out, good ? ROLE_OK : ROLE_WARN, "%s %s⇄%s", d->status, zone_short(d->zone), zone_short(d->standby_zone));
    else
        value_format(out, good ? ROLE_OK : ROLE_WARN, "%s %s", d->status, zone_short(d->zone));
}

static void spend(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct account *a = account_of(view, row);
    const struct budget *b = budget_widest(a);
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
    const struct budget *b = budget_widest(a);
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

static const struct waf_series *edge(const struct pane_view *view, struct row_ref row)
{
    return web_acl_series(&account_of(view, row)->web_acl, "ALL");
}

static void blocked(const struct pane_view *view, struct row_ref row, struct value *out)
{
    char text[64];
    if (missing(view, row, FEED_WAF_METRICS, out))
        return;
    double number = edge(view, row) ? waf_rate(edge(view, row)->blocked, 1) : NAN;
    value_number(out, ROLE_TEXT, number, "%s/min", text_grouped(number, text, sizeof text));
}

static void blocks(const struct pane_view *view, struct row_ref row, struct value *out)
{
    char trend[64], text[64];
    if (missing(view, row, FEED_WAF_METRICS, out))
        return;
    const struct waf_series *series = edge(view, row);
    double number = series ? waf_rate(series->blocked, 1) : NAN;
    value_format(out, ROLE_SPARK, "%s/m %s", text_grouped(number, text, sizeof text),
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
    {"session", "SESSION", 16, 1, .value = value_session},
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
} lines[] = {{"session", value_session}, {"pods", pods}, {"database", database}, {"spend", spend}, {"", budget_bar}, {"alarms", alarms},
             {"blocks", blocks}};

static int draw_account(const struct pane_view *view, struct row_ref row, struct cells *cells, int top, int left, int width, int height)
{
    const struct account *account = account_of(view, row);
    struct health_report report;
    struct value value;
    char title[128];
    int at = top;
    account_health(account, view->now, &report);
    text_format(title, sizeof title, " %s ", account->config->name);
    text_upper(title, SIZE_MAX);
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

/* Where the drawing goes on, and where it has to end. */
struct space {
    const struct pane_view *view;
    struct cells *cells;
    int row, end;
    size_t left_out; /* lines for which there was no room */
    size_t account;  /* whose path is drawn; SIZE_MAX: none */
    struct hop hops[HOPS];
};

#define SESSION_ROWS 6
#define LATELY_MAX   20
#define LATELY_ROWS  3 /* at least, with a blank row before them */
#define LIKELY_ROWS  2
#define AIRY_ROWS    24 /* with so many there is room between the hops */

static void put_line(struct space *s, uint8_t role, const char *text)
{
    if (s->row < s->end)
        cells_put(s->cells, s->row++, 1, s->cells->columns - 2, role, text);
    else
        s->left_out++;
}

static void put_session(struct space *s, const char *line)
{
    char text[1100];
    int rows = s->end - s->row;
    text_format(text, sizeof text, "✗ %s", line);
    s->row += cells_put_rows(s->cells, s->row, 1, s->cells->columns - 2, rows < SESSION_ROWS ? rows : SESSION_ROWS, ROLE_BAD, text);
}

static void put_problems(struct space *s, size_t a)
{
    const struct account *account = &s->view->estate->accounts[a];
    struct health_report report;
    char text[1100];
    if (account->slices[FEED_SESSION].state == SLICE_FAILED) { /* said once for all that failed alike */
        if (trouble_session(s->view->estate, a, text, sizeof text))
            put_session(s, text);
        return;
    }
    account_health(account, s->view->now, &report);
    for (size_t i = 0; i < problems_kept(&report); i++) {
        bool quiet = report.problem[i].quiet;
        text_format(text, sizeof text, "%s %-5s %s", quiet ? "·" : "✗", account->config->name, report.problem[i].text);
        put_line(s, quiet ? ROLE_DIM : report.health == HEALTH_ATTENTION ? ROLE_BAD : ROLE_UNKNOWN, text);
    }
    s->left_out += report.count - problems_kept(&report);
}

/* What is wrong, in words, production first. */
static void draw_problems(struct space *s)
{
    char text[80];
    for (int kind = ACCOUNT_PRODUCTION; kind >= ACCOUNT_MANAGEMENT; kind--)
        for (size_t a = 0; a < s->view->estate->account_count; a++)
            if (s->view->estate->accounts[a].config->kind == (int)kind)
                put_problems(s, a);
    if (!s->left_out)
        return;
    text_format(text, sizeof text, "and %zu more: trivet status has them", s->left_out + (s->row == s->end));
    s->row -= s->row == s->end;
    cells_fill(s->cells, s->row, 0, s->cells->columns, ROLE_TEXT, " ");
    cells_put(s->cells, s->row++, 1, s->cells->columns - 2, ROLE_BAD, text);
}

static void draw_likely(struct space *s)
{
    char cause[300], text[320];
    if (s->account == SIZE_MAX || !request_path_likely(s->view, s->account, s->hops, cause, sizeof cause))
        return;
    text_format(text, sizeof text, "Likely: %s", cause);
    s->row += cells_put_rows(s->cells, s->row, 1, s->cells->columns - 2, LIKELY_ROWS, ROLE_STRONG, text);
}

/* As many columns as fit; further accounts stand in further bands below. Nothing where not even one band fits. */
static void draw_cards(struct space *s)
{
    size_t count = s->view->estate->account_count;
    int fit = (s->cells->columns - 1) / LEAST_WIDTH;
    int across = fit < 1 ? 1 : (size_t)fit > count ? (int)count : fit;
    int width = across ? (s->cells->columns - 1) / across : 0;
    for (size_t first = 0; first < count && s->row + CARD_ROWS <= s->end; first += (size_t)across) {
        int deepest = 0;
        for (int i = 0; i < across && first + (size_t)i < count; i++) {
            struct row_ref row = {(uint32_t)(first + (size_t)i), 0};
            int deep = draw_account(s->view, row, s->cells, s->row, 1 + i * width, width - 2, CARD_ROWS);
            deepest = deep > deepest ? deep : deepest;
        }
        s->row += deepest + 1;
    }
}

/* Has all been read that may tell of a change? */
static const char *nothing_changed(const struct pane_view *view)
{
    static const enum feed feeds[] = {FEED_PODS, FEED_DATABASE_EVENTS, FEED_ALARM_HISTORY};
    for (size_t a = 0; a < view->estate->account_count; a++)
        for (size_t i = 0; i < sizeof feeds / sizeof *feeds; i++) {
            enum slice_state state = view->estate->accounts[a].slices[feeds[i]].state;
            if (state == SLICE_NEVER || state == SLICE_LOADING)
                return "reading…";
        }
    return "nothing has changed in the last day, as far as is read here";
}

static void draw_changes(struct space *s)
{
    if (s->end - s->row < 2)
        return;
    struct row_ref newest[LATELY_MAX];
    char text[800];
    size_t room = (size_t)(s->end - s->row - 1), count = timeline_newest(s->view, newest, room < LATELY_MAX ? room : LATELY_MAX);
    put_line(s, ROLE_HEADER, "LATELY");
    if (!count)
        put_line(s, ROLE_DIM, nothing_changed(s->view));
    for (size_t i = 0; i < count; i++) {
        uint8_t role = timeline_line(s->view, newest[i], text, sizeof text);
        put_line(s, role, text);
    }
}

/* The path of a request first, whatever else there is; then what is likely, what is wrong, the accounts where the window is tall, and what has
 * changed. */
static int draw(const struct pane_view *view, struct cells *cells, int top, int height)
{
    struct space s = {.view = view, .cells = cells, .row = top, .end = top + height, .account = request_path_account(view)};
    if (s.account != SIZE_MAX) {
        request_path_look(view, s.account, request_path_trend(cells), s.hops);
        s.row += request_path_draw(view, s.account, s.hops, cells, top, height >= AIRY_ROWS) + 1;
    }
    int words = s.row;
    s.end -= LATELY_ROWS;
    draw_likely(&s);
    draw_problems(&s);
    s.row += s.row > words;
    draw_cards(&s);
    s.end += LATELY_ROWS;
    draw_changes(&s);
    return height;
}

/* On the screen the hops that there are are its rows, headless the accounts. */
static void rows(const struct pane_view *view, row_refs *out)
{
    struct hop hops[HOPS];
    size_t account = request_path_account(view);
    if (!view->drawn) {
        rows_of_accounts(view, out);
        return;
    }
    if (account == SIZE_MAX)
        return;
    request_path_look(view, account, 0, hops);
    for (size_t i = 0; i < HOPS; i++)
        if (hops[i].state != HOP_NONE)
            row_add(out, account, i);
}

/* A hop leads to its pane, to the rows of the account. */
static void leads(const struct pane_view *view, struct row_ref row, struct leads *out)
{
    const char *pane = request_path_pane(row.index);
    if (view->drawn)
        lead_add(out, pane, row.account, LEAD_ALL, "", "%s of %s", pane_find(pane)->title, account_of(view, row)->config->name);
}

static void text(const struct pane_view *view, struct str *out) { request_path_text(view, out); }
static void json(const struct pane_view *view, json_t *into) { json_object_set_new(into, "path", request_path_json(view)); }

static bool detail(const struct pane_view *view, struct row_ref row, struct detail_key *out) { return pane_accounts.detail(view, row, out); }
static void describe(const struct pane_view *view, struct row_ref row, struct page *out) { pane_accounts.describe(view, row, out); }

const struct pane pane_overview = {
    .name = "overview",
    .title = "Overview",
    .about = "the way of a request, hop by hop; what is wrong, and what has changed",
    .feeds = FEED_BIT(FEED_SESSION) | FEED_BIT(FEED_PODS) | FEED_BIT(FEED_DEPLOYMENTS) | FEED_BIT(FEED_DATABASE) | FEED_BIT(FEED_DATABASE_LOAD) |
             FEED_BIT(FEED_BUDGETS) | FEED_BIT(FEED_LOAD_BALANCERS) | FEED_BIT(FEED_EDGE) | FEED_BIT(FEED_EDGE_METRICS) | FEED_BIT(FEED_ALARMS) |
             FEED_BIT(FEED_WEB_ACL) | FEED_BIT(FEED_WAF_METRICS),
    .also = FEED_BIT(FEED_NODES) | FEED_BIT(FEED_ALARM_HISTORY) | FEED_BIT(FEED_DATABASE_EVENTS) | FEED_BIT(FEED_RELEASES) | FEED_BIT(FEED_PIPELINES) |
            FEED_BIT(FEED_IMAGES),
    .columns = columns,
    .rows = rows,
    .draw = draw,
    .detail = detail,
    .describe = describe,
    .json = json,
    .text = text,
    .leads = leads,
    .next = request_path_next,
    .health = true,
    .drawing_only = true,
    .compares_all = true,
};
