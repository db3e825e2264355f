/* Budgets: actual and forecast against limit and thresholds. */
#include <math.h>

#include "base/when.h"
#include "ui/panes/panes.h"
#include "ui/value.h"

#define GAUGE 20

static const struct budget *budget_of(const struct pane_view *view, struct row_ref row) { return &account_of(view, row)->budgets.at[row.index]; }

static void name(const struct pane_view *view, struct row_ref row, struct value *out) { value_text(out, ROLE_STRONG, budget_of(view, row)->name); }

static uint8_t role_of(const struct budget *b)
{
    enum budget_state s = budget_state(b);
    return s == BUDGET_OVER ? ROLE_BAD : budget_alarming(b) ? ROLE_WARN : s == BUDGET_UNKNOWN ? ROLE_UNKNOWN : ROLE_OK;
}

static void state(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct budget *b = budget_of(view, row);
    value_text(out, role_of(b), budget_state_name(budget_state(b)));
}

static void amount(const struct budget *b, double number, uint8_t role, struct value *out)
{
    char text[64];
    value_number(out, role, number, "%s", money(number, b->unit, text, sizeof text));
}
static void limit(const struct pane_view *view, struct row_ref row, struct value *out)
{
    amount(budget_of(view, row), budget_of(view, row)->limit, ROLE_TEXT, out);
}
static void actual(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct budget *b = budget_of(view, row);
    amount(b, b->actual, b->actual > b->limit ? ROLE_BAD : ROLE_TEXT, out);
}
static void forecast(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct budget *b = budget_of(view, row);
    amount(b, b->forecast, b->forecast > b->limit ? ROLE_WARN : ROLE_DIM, out);
}
static void share(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct budget *b = budget_of(view, row);
    double percent = b->limit > 0 ? b->actual / b->limit * 100 : NAN;
    value_number(out, role_of(b), percent, "%.0f%%", percent);
}

static void bar(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct budget *b = budget_of(view, row);
    double marks[16];
    size_t count = 0;
    char text[GAUGE * 4];
    for (size_t i = 0; i < b->notifications.len && count < 16; i++)
        marks[count++] = b->notifications.at[i].percent ? b->limit * b->notifications.at[i].threshold / 100 : b->notifications.at[i].threshold;
    value_text(out, role_of(b), gauge(b->actual, b->forecast, b->limit, marks, count, GAUGE, text, sizeof text));
}

static void thresholds(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct budget *b = budget_of(view, row);
    struct str text = STR_INIT(4096);
    for (size_t i = 0; i < b->notifications.len; i++) {
        const struct budget_notification *n = &b->notifications.at[i];
        str_addf(&text, "%s%.0f%s%s%s", i ? " " : "", n->threshold, n->percent ? "%" : "", n->forecasted ? "f" : "", n->alarm ? "!" : "");
    }
    value_text(out, ROLE_DIM, str_text(&text));
    str_free(&text);
}

static void updated(const struct pane_view *view, struct row_ref row, struct value *out)
{
    value_span(out, ROLE_DIM, budget_of(view, row)->updated_at, view->now);
}

static const struct column columns[] = {
    {"account", "ACCT", 5, 0, .identity = true, .value = value_account},
    {"name", "BUDGET", 14, 0, .grow = true, .identity = true, .value = name},
    {"gauge", "ACTUAL, FORECAST", GAUGE, 0, .screen_only = true, .value = bar},
    {"percent", "USED", 4, 0, .right = true, .value = share},
    {"actual", "ACTUAL", 8, 0, .right = true, .value = actual},
    {"forecast", "FORECAST", 8, 1, .right = true, .value = forecast},
    {"limit", "LIMIT", 8, 0, .right = true, .value = limit},
    {"state", "STATE", 16, 3, .value = state},
    {"thresholds", "TELLS AT", 22, 4, .value = thresholds},
    {"updated", "AWS AGE", 7, 4, .right = true, .value = updated},
    {0},
};

static void rows(const struct pane_view *view, row_refs *out)
{
    for (size_t a = 0; a < view->estate->account_count; a++)
        for (size_t i = 0; i < view->estate->accounts[a].budgets.len; i++)
            row_add(out, a, i);
}

static bool detail(const struct pane_view *view, struct row_ref row, struct detail_key *out)
{
    *out = (struct detail_key){.kind = DETAIL_BUDGET, .account = row.account};
    text_copy(out->name, sizeof out->name, budget_of(view, row)->name);
    return true;
}

static void describe(const struct pane_view *view, struct row_ref row, struct page *out)
{
    const struct budget *b = budget_of(view, row);
    char text[400], when[64];
    double none[1];
    page_add(out, role_of(b), "%s   %s, %s", budget_state_name(budget_state(b)), b->period, b->type);
    page_add(out, ROLE_BAR, "%s", gauge(b->actual, b->forecast, b->limit, none, 0, 60, text, sizeof text));
    page_add(out, ROLE_TEXT, "actual    %s", money(b->actual, b->unit, text, sizeof text));
    page_add(out, ROLE_TEXT, "forecast  %s", money(b->forecast, b->unit, text, sizeof text));
    page_add(out, ROLE_TEXT, "limit     %s", money(b->limit, b->unit, text, sizeof text));
    page_add(out, ROLE_TEXT, "as of     %s: budgets move a few times a day", b->updated_at ? when_date(b->updated_at, when, sizeof when) : "–");
    page_add(out, ROLE_TEXT, " ");
    page_add(out, ROLE_HEADER, "NOTIFICATIONS");
    for (size_t i = 0; i < b->notifications.len; i++) {
        const struct budget_notification *n = &b->notifications.at[i];
        page_add(out, n->alarm ? ROLE_WARN : ROLE_TEXT, "%-10s above %.0f%s   %s", n->forecasted ? "forecast" : "actual", n->threshold,
                 n->percent ? "%" : "", n->alarm ? "told" : "quiet");
    }
}

static void link_of(const struct pane_view *view, struct row_ref row, struct link *out)
{
    link_of_budget(account_of(view, row), budget_of(view, row)->name, out);
}

static bool thing(const struct pane_view *view, struct row_ref row, struct thing *out)
{
    (void)view;
    *out = (struct thing){THING_BUDGET, row.account, row.index};
    return true;
}

static void leads(const struct pane_view *view, struct row_ref row, struct leads *out)
{
    const struct account *a = account_of(view, row);
    lead_add(out, "costs", row.account, "service", "all services", "costs of %s", a->config->name);
    lead_add(out, "costs", row.account, LEAD_ALL, "", "costs of %s by service", a->config->name);
    lead_add(out, "accounts", row.account, LEAD_ALL, "", "account %s", a->config->name);
    lead_add(out, "timeline", row.account, "subject", budget_of(view, row)->name, "all that happened to it");
}

const struct pane pane_budgets = {
    .name = "budgets",
    .title = "Budgets",
    .about = "actual and forecast against limit and thresholds",
    .feeds = FEED_BIT(FEED_BUDGETS),
    .columns = columns,
    .thing = thing,
    .rows = rows,
    .detail = detail,
    .describe = describe,
    .link = link_of,
    .leads = leads,
};
