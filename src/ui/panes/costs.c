/* Costs: what each account and service has cost this month, the last seven days, the forecast, what was out of the ordinary, and what development's
 * nights save. Budgets' figures cost nothing and are read all the time; Cost Explorer's cost money and are those of the last time that somebody asked
 * (R). */
#include <math.h>
#include <string.h>

#include "base/when.h"
#include "estate/schedule.h"
#include "ui/panes/panes.h"
#include "ui/value.h"

#define TOTAL 0 /* a row's index: the account's sum; k + 1: line k of the report */

static const struct account *management(const struct pane_view *view) { return estate_management(view->estate); }

static const struct cost_report *report_of(const struct pane_view *view)
{
    static const struct cost_report none = {.forecast = NAN};
    const struct account *m = management(view);
    return m ? &m->costs : &none;
}

static const struct cost_line *line_of(const struct pane_view *view, struct row_ref row)
{
    return row.index == TOTAL ? NULL : &report_of(view)->lines.at[row.index - 1];
}

/* The budget for all that an account costs: the largest that has no filter. */
static const struct budget *budget_of(const struct account *account)
{
    const struct budget *best = NULL;
    for (size_t i = 0; i < account->budgets.len; i++) {
        const struct budget *b = &account->budgets.at[i];
        if (!b->part && (!best || b->limit > best->limit))
            best = b;
    }
    return best;
}

static double month_of(const struct pane_view *view, struct row_ref row)
{
    const struct cost_line *line = line_of(view, row);
    return line ? line->month : cost_month(report_of(view), account_of(view, row)->config->id);
}

static void days_of(const struct pane_view *view, struct row_ref row, double out[COST_DAYS])
{
    const struct cost_line *line = line_of(view, row);
    if (line)
        memcpy(out, line->days, sizeof line->days);
    else
        cost_days(report_of(view), account_of(view, row)->config->id, out);
}

static void dollars(struct value *out, uint8_t role, double amount)
{
    char text[64];
    value_number(out, role, amount, "%s", money(amount, "USD", text, sizeof text));
}

static void service(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct cost_line *line = line_of(view, row);
    if (!line)
        value_text(out, ROLE_STRONG, "all services");
    else if (strcmp(line->account, account_of(view, row)->config->id) != 0) /* an account that the profile does not name */
        value_format(out, ROLE_TEXT, "%s: %s", line->account, line->service);
    else
        value_text(out, ROLE_TEXT, line->service);
}
static void month(const struct pane_view *view, struct row_ref row, struct value *out)
{
    dollars(out, row.index == TOTAL ? ROLE_STRONG : ROLE_TEXT, month_of(view, row));
}
static void share(const struct pane_view *view, struct row_ref row, struct value *out)
{
    double all = cost_month(report_of(view), NULL), percent = all > 0 ? month_of(view, row) / all * 100 : NAN;
    value_number(out, ROLE_DIM, percent, "%.0f%%", percent);
}
static void bars(const struct pane_view *view, struct row_ref row, struct value *out)
{
    double days[COST_DAYS];
    char text[64];
    days_of(view, row, days);
    value_text(out, ROLE_SPARK, spark(days, COST_DAYS, COST_DAYS, text, sizeof text));
}
static void yesterday(const struct pane_view *view, struct row_ref row, struct value *out)
{
    double days[COST_DAYS];
    days_of(view, row, days);
    dollars(out, ROLE_TEXT, days[COST_DAYS - 1]);
}
static void spent(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct budget *b = row.index == TOTAL ? budget_of(account_of(view, row)) : NULL;
    dollars(out, ROLE_TEXT, b ? b->actual : NAN);
}
static void forecast(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct budget *b = row.index == TOTAL ? budget_of(account_of(view, row)) : NULL;
    dollars(out, b && b->forecast > b->limit ? ROLE_WARN : ROLE_DIM, b ? b->forecast : NAN);
}
static void limit(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct budget *b = row.index == TOTAL ? budget_of(account_of(view, row)) : NULL;
    dollars(out, ROLE_DIM, b ? b->limit : NAN);
}
static void asked(const struct pane_view *view, struct row_ref row, struct value *out)
{
    (void)row;
    value_span(out, ROLE_DIM, report_of(view)->asked_at, view->now);
}
static void told(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct budget *b = row.index == TOTAL ? budget_of(account_of(view, row)) : NULL;
    value_span(out, ROLE_DIM, b ? b->updated_at : 0, view->now);
}

static const struct column columns[] = {
    {"account", "ACCT", 5, 0, .identity = true, .value = value_account},
    {"service", "SERVICE", 18, 0, .grow = true, .identity = true, .value = service},
    {"month", "MONTH", 8, 0, .right = true, .value = month},
    {"share", "PART", 4, 2, .right = true, .value = share},
    {"bars", "7 DAYS", COST_DAYS, 0, .screen_only = true, .value = bars},
    {"yesterday", "DAY", 7, 1, .right = true, .value = yesterday},
    {"asked", "AGE", 6, 0, .right = true, .value = asked},
    {"budget_actual", "BUDGET'S", 8, 5, .right = true, .value = spent},
    {"budget_forecast", "FORECAST", 8, 3, .right = true, .value = forecast},
    {"budget_limit", "LIMIT", 8, 4, .right = true, .value = limit},
    {"budget_age", "AWS AGE", 7, 3, .right = true, .value = told},
    {0},
};

static const struct account *account_with(const struct pane_view *view, const char *id)
{
    for (size_t a = 0; a < view->estate->account_count; a++)
        if (!strcmp(view->estate->accounts[a].config->id, id))
            return &view->estate->accounts[a];
    return management(view);
}

static void rows(const struct pane_view *view, row_refs *out)
{
    const struct cost_report *r = report_of(view);
    for (size_t a = 0; a < view->estate->account_count; a++)
        if (r->lines.len || budget_of(&view->estate->accounts[a]))
            row_add(out, a, TOTAL);
    for (size_t i = 0; i < r->lines.len; i++)
        if (r->lines.at[i].month >= 0.005 || r->lines.at[i].month <= -0.005)
            row_add(out, account_with(view, r->lines.at[i].account)->index, i + 1);
}

/* In words. */

static void say_explorer(const struct pane_view *view, struct page *page)
{
    const struct account *m = management(view);
    const struct cost_report *r = report_of(view);
    char sum[64], end[64], span[24], text[600];
    if (!m) {
        page_add(page, ROLE_DIM, "the profile names no management account: Cost Explorer is not asked");
        return;
    }
    if (m->cost_asking.under_way)
        page_add(page, ROLE_WARN, "Cost Explorer is being asked…");
    if (m->cost_asking.error.kind != ERROR_NONE)
        page_add(page, ROLE_BAD, "✗ Cost Explorer: %s", error_text(&m->cost_asking.error, text, sizeof text));
    if (!r->asked_at) {
        page_add(page, ROLE_DIM, "Cost Explorer was never asked from here. R asks it: %d requests, $0.%02d", COST_REQUESTS,
                 COST_REQUESTS * COST_CENTS);
        return;
    }
    page_add(page, ROLE_STRONG, "month to date %s   forecast %s", money(cost_month(r, NULL), "USD", sum, sizeof sum),
             money(r->forecast, "USD", end, sizeof end));
    page_add(page, ROLE_DIM, "Cost Explorer, asked %s ago, %d requests paid%s   R asks again", when_span(view->now - r->asked_at, span, sizeof span),
             r->requests, r->complete ? "" : "; there is more than was asked for");
}

static void say_budgets(const struct pane_view *view, struct page *page)
{
    for (size_t a = 0; a < view->estate->account_count; a++) {
        const struct budget *b = budget_of(&view->estate->accounts[a]);
        char actual[64], ahead[64], most[64], span[24];
        if (!b)
            continue;
        page_add(page, budget_alarming(b) ? ROLE_WARN : ROLE_TEXT, "%-5s budget: %s so far, forecast %s of %s   AWS age %s",
                 view->estate->accounts[a].config->name, money(b->actual, b->unit, actual, sizeof actual),
                 money(b->forecast, b->unit, ahead, sizeof ahead), money(b->limit, b->unit, most, sizeof most),
                 b->updated_at ? when_span(view->now - b->updated_at, span, sizeof span) : "–");
    }
}

static void say_anomalies(const struct pane_view *view, struct page *page)
{
    const struct cost_report *r = report_of(view);
    for (size_t i = 0; i < r->anomalies.len && i < 3; i++) {
        const struct cost_anomaly *n = &r->anomalies.at[i];
        char amount[64], from[64];
        page_add(page, n->to > r->asked_at - INT64_C(2) * 86400000 ? ROLE_WARN : ROLE_DIM, "anomaly: %s in %s, %s beyond the usual, from %.10s on",
                 n->service, account_with(view, n->account)->config->name, money(n->impact, "USD", amount, sizeof amount),
                 when_date(n->from, from, sizeof from));
    }
    if (r->asked_at && !r->anomalies.len)
        page_add(page, ROLE_DIM, "no anomaly in the 30 days before");
}

/* Of what is told of its nights: the saving alone. */
static void say_saving(const struct pane_view *view, struct page *page)
{
    for (size_t a = 0; a < view->estate->account_count; a++) {
        double saving = schedule_saving(&view->estate->accounts[a]);
        if (saving > 0)
            page_add(page, ROLE_DIM, "%-5s asleep by plan: about $%.0f a month saved (estimate, list prices)", view->estate->accounts[a].config->name,
                     saving);
    }
}

static int draw(const struct pane_view *view, struct cells *cells, int top, int height)
{
    struct page page = {0};
    int row = top;
    say_explorer(view, &page);
    say_budgets(view, &page);
    say_anomalies(view, &page);
    say_saving(view, &page);
    for (size_t i = 0; i < page.lines.len && row < top + height - 1; i++)
        cells_put(cells, row++, 1, cells->columns - 2, page.lines.at[i].role, page.lines.at[i].text);
    page_free(&page);
    return row > top ? row - top + 1 : 0;
}

static void describe(const struct pane_view *view, struct row_ref row, struct page *out)
{
    const struct cost_report *r = report_of(view);
    struct value name;
    double days[COST_DAYS];
    char amount[64], from[64];
    service(view, row, &name);
    page_add(out, ROLE_STRONG, "%s in %s", name.text, account_of(view, row)->config->name);
    page_add(out, ROLE_TEXT, "this month  %s", money(month_of(view, row), "USD", amount, sizeof amount));
    page_add(out, ROLE_TEXT, " ");
    page_add(out, ROLE_HEADER, "DAYS (UTC)");
    days_of(view, row, days);
    for (int d = COST_DAYS; d-- > 0 && r->asked_at;)
        page_add(out, ROLE_TEXT, "%.10s  %s", when_iso(r->days_end - (int64_t)(COST_DAYS - d) * 86400000, from, sizeof from),
                 money(days[d], "USD", amount, sizeof amount));
    page_add(out, ROLE_TEXT, " ");
    say_explorer(view, out);
    say_budgets(view, out);
    say_anomalies(view, out);
    say_saving(view, out);
}

static json_t *real(double number) { return isnan(number) ? json_null() : json_real(number); }

static json_t *moment(int64_t at)
{
    char text[40];
    return at ? json_string(when_iso(at, text, sizeof text)) : json_null();
}

static void json(const struct pane_view *view, json_t *into)
{
    const struct cost_report *r = report_of(view);
    const struct account *m = management(view);
    json_t *anomalies = json_array(), *savings = json_object();
    for (size_t i = 0; i < r->anomalies.len; i++) {
        const struct cost_anomaly *n = &r->anomalies.at[i];
        json_array_append_new(anomalies, json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "account", n->account, "service", n->service, "region",
                                                   n->region, "from", moment(n->from), "to", moment(n->to), "impact", real(n->impact)));
    }
    for (size_t a = 0; a < view->estate->account_count; a++) {
        double saving = schedule_saving(&view->estate->accounts[a]);
        if (saving > 0)
            json_object_set_new(savings, view->estate->accounts[a].config->name, json_real(saving));
    }
    json_object_set_new(into, "explorer", json_pack("{s:o, s:i, s:b, s:o, s:o, s:o}", "asked_at", moment(r->asked_at), "requests", r->requests,
                                                    "complete", r->asked_at && r->complete, "month", real(cost_month(r, NULL)), "forecast",
                                                    real(r->forecast), "error",
                                                    m && m->cost_asking.error.kind != ERROR_NONE ? json_string(m->cost_asking.error.message) :
                                                    json_null()));
    json_object_set_new(into, "anomalies", anomalies);
    json_object_set_new(into, "month_saved_by_shutdown", savings);
}

static void leads(const struct pane_view *view, struct row_ref row, struct leads *out)
{
    const struct account *a = account_of(view, row);
    const struct budget *b = budget_of(a);
    struct value called;
    lead_add(out, "budgets", row.account, LEAD_CALLED, b ? b->name : "", "budget %s", b ? b->name : "");
    lead_add(out, "budgets", row.account, LEAD_ALL, "", "budgets of %s", a->config->name);
    lead_add(out, "costs", row.account, "service", "all services", "all of %s", a->config->name);
    if (row.index == TOTAL)
        lead_add(out, "costs", row.account, LEAD_ALL, "", "by service");
    lead_add(out, "accounts", row.account, LEAD_ALL, "", "account %s", a->config->name);
    service(view, row, &called);
    lead_add(out, "timeline", row.account, "subject", called.text, "all that happened to it");
}

static bool is(const struct pane_view *view, struct row_ref row, const char *word, const char *name)
{
    struct value called;
    service(view, row, &called);
    return !strcmp(word, "service") && !strcmp(called.text, name);
}

const struct pane pane_costs = {
    .name = "costs",
    .title = "Costs",
    .about = "this month by account and service, forecast, anomalies, saving",
    .feeds = FEED_BIT(FEED_COSTS) | FEED_BIT(FEED_COST_WATCH) | FEED_BIT(FEED_BUDGETS) | FEED_BIT(FEED_DATABASE) | FEED_BIT(FEED_DEPLOYMENTS) |
             FEED_BIT(FEED_NODE_GROUPS),
    .columns = columns,
    .sort = -3,
    .rows = rows,
    .draw = draw,
    .describe = describe,
    .json = json,
    .paid = true,
    .leads = leads,
    .is = is,
};
