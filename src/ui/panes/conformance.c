/* Conformance: each promise of the architecture in each account, with verdict, evidence and what puts it right. Failures first. */
#include <string.h>

#include "base/when.h"
#include "checks/report.h"
#include "ui/panes/panes.h"
#include "ui/value.h"

static const struct check_result *result_of(const struct pane_view *view, struct row_ref row) { return &view->checks->at[row.index]; }

static bool is_waived(const struct check_result *r) { return r->verdict == CHECK_FAIL && r->waiver; }

static void verdict(const struct pane_view *view, struct row_ref row, struct value *out)
{
    static const uint8_t roles[] = {ROLE_OK, ROLE_BAD, ROLE_DIM, ROLE_UNKNOWN};
    static const char *const marks[] = {"✓", "✗", "·", "?"};
    const struct check_result *r = result_of(view, row);
    if (is_waived(r))
        value_format(out, ROLE_DIM, "~ waived");
    else
        value_format(out, roles[r->verdict], "%s %s", marks[r->verdict], check_verdict_name(r->verdict));
}

/* Failures first, then what is not known, what is waived, what is well. */
static void order(const struct pane_view *view, struct row_ref row, struct value *out)
{
    static const int ranks[] = {3, 0, 4, 1};
    const struct check_result *r = result_of(view, row);
    value_count(out, ROLE_TEXT, is_waived(r) ? 2 : ranks[r->verdict]);
}

static void area(const struct pane_view *view, struct row_ref row, struct value *out)
{
    value_text(out, ROLE_DIM, result_of(view, row)->check->area);
}
static void id(const struct pane_view *view, struct row_ref row, struct value *out) { value_text(out, ROLE_STRONG, result_of(view, row)->check->id); }

static void evidence(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct check_result *r = result_of(view, row);
    if (!r->evidence.len)
        value_text(out, ROLE_DIM, "");
    else
        value_format(out, r->verdict == CHECK_FAIL && !r->waiver ? ROLE_TEXT : ROLE_DIM, "%s%s%s", r->evidence.at[0].resource,
                     *r->evidence.at[0].resource ? ": " : "", r->evidence.at[0].value);
}

static void before(const struct pane_view *view, struct row_ref row, struct value *out)
{
    enum check_verdict was;
    const struct check_result *r = result_of(view, row);
    if (check_before(view->last_checks, view->estate, r, &was) && was != r->verdict)
        value_format(out, ROLE_WARN, "was %s", check_verdict_name(was));
    else
        value_text(out, ROLE_DIM, "");
}

static const struct column columns[] = {
    {"verdict", "VERDICT", 9, 0, .value = verdict},
    {"account", "ACCT", 5, 0, .identity = true, .value = value_account},
    {"check", "CHECK", 15, 0, .identity = true, .value = id},
    {"evidence", "EVIDENCE", 40, 0, .grow = true, .value = evidence},
    {"before", "BEFORE", 11, 2, .value = before},
    {"area", "AREA", 10, 1, .value = area},
    {0},
};

static void rows(const struct pane_view *view, row_refs *out)
{
    for (size_t i = 0; view->checks && i < view->checks->len; i++)
        if (view->checks->at[i].verdict != CHECK_NA)
            row_add(out, view->checks->at[i].account, i);
}

static int draw(const struct pane_view *view, struct cells *cells, int top, int height)
{
    struct check_counts n = {0};
    char text[200];
    if (!view->checks || height < 3)
        return 0;
    checks_count(view->checks, &n);
    text_format(text, sizeof text, "%zu pass   %zu fail   %zu unknown   %zu waived", n.pass, n.fail, n.unknown, n.waived);
    cells_put(cells, top, 1, cells->columns - 2, n.fail ? ROLE_BAD : n.unknown ? ROLE_UNKNOWN : ROLE_OK, text);
    return 2;
}

static void describe(const struct pane_view *view, struct row_ref row, struct page *out)
{
    static const uint8_t roles[] = {ROLE_OK, ROLE_BAD, ROLE_DIM, ROLE_UNKNOWN};
    const struct check_result *r = result_of(view, row);
    char day[40];
    page_add(out, ROLE_STRONG, "%s in %s: %s", r->check->id, view->estate->accounts[r->account].config->name, check_verdict_name(r->verdict));
    page_wrap(out, ROLE_TEXT, "promise  ", r->check->promise);
    page_wrap(out, ROLE_TEXT, "remedy   ", r->check->remedy);
    if (r->waiver)
        page_add(out, ROLE_WARN, "waived   until %.10s: %s", when_iso(r->waiver->until - 1, day, sizeof day), r->waiver->reason);
    page_add(out, ROLE_TEXT, " ");
    page_add(out, ROLE_HEADER, "EVIDENCE");
    for (size_t i = 0; i < r->evidence.len; i++) {
        const struct check_evidence *e = &r->evidence.at[i];
        char line[500];
        text_format(line, sizeof line, "%s%s%s", e->resource, *e->resource ? ": " : "", e->value);
        page_wrap(out, roles[e->verdict], e->verdict == CHECK_FAIL ? "✗ " : e->verdict == CHECK_PASS ? "✓ " : "? ", line);
    }
    if (r->more)
        page_add(out, ROLE_DIM, "and %zu more", r->more);
}

static void json(const struct pane_view *view, json_t *into)
{
    struct check_counts n = {0};
    if (!view->checks)
        return;
    checks_count(view->checks, &n);
    json_object_set_new(into, "counts", json_pack("{s:I, s:I, s:I, s:I}", "pass", (json_int_t)n.pass, "fail", (json_int_t)n.fail, "unknown",
                                                  (json_int_t)n.unknown, "waived", (json_int_t)n.waived));
}

/* Where what a check is about is looked at: the row there that is called as in the evidence. */
static const struct {
    const char *area, *panes[4];
} places[] = {
    {"network", {"network", "accounts"}},   {"cluster", {"nodes", "pods", "security"}}, {"images", {"images", "pods"}},
    {"database", {"database", "security"}}, {"edge", {"edge", "waf", "network"}},        {"security", {"security", "accounts", "nodes"}},
    {"monitoring", {"alarms", "logs", "security"}}, {"costs", {"budgets", "costs", "dev", "accounts"}},
};

static void leads(const struct pane_view *view, struct row_ref row, struct leads *out)
{
    const struct check_result *r = result_of(view, row);
    for (size_t p = 0; p < sizeof places / sizeof *places; p++)
        for (size_t k = 0; !strcmp(places[p].area, r->check->area) && k < 4 && places[p].panes[k]; k++)
            for (size_t i = 0; i < r->evidence.len; i++)
                lead_add(out, places[p].panes[k], row.account, LEAD_CALLED, r->evidence.at[i].resource, "%s", r->evidence.at[i].resource);
}

static bool is(const struct pane_view *view, struct row_ref row, const char *word, const char *called)
{
    const struct check_result *r = result_of(view, row);
    for (size_t i = 0; !strcmp(word, "resource") && i < r->evidence.len; i++)
        if (!strcmp(r->evidence.at[i].resource, called))
            return true;
    return false;
}

const struct pane pane_conformance = {
    .name = "conformance",
    .title = "Conformance",
    .about = "whether the estate is what the architecture promises, check by check",
    .columns = columns,
    .rows = rows,
    .order = order,
    .draw = draw,
    .describe = describe,
    .json = json,
    .checks = true,
    .leads = leads,
    .is = is,
};
