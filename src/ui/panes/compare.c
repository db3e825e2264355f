/* What is different in production: each fact of each thing that development and production have, what differs unexpectedly first. */
#include "ui/compare.h"

#include <string.h>

#include "ui/panes/panes.h"

/* A row is a fact of a thing: the row's account is production's, or development's where production has no such thing. */
#define KIND_SHIFT 27
#define FACT_SHIFT 22

static struct row_ref row_of(const struct thing *t, size_t fact)
{
    return (struct row_ref){(uint32_t)t->account, (uint32_t)t->kind << KIND_SHIFT | (uint32_t)fact << FACT_SHIFT | (uint32_t)t->index};
}
static size_t fact_of(struct row_ref row) { return row.index >> FACT_SHIFT & 31; }
static bool thing(const struct pane_view *view, struct row_ref row, struct thing *out)
{
    (void)view;
    *out = (struct thing){(enum thing_kind)(row.index >> KIND_SHIFT), row.account, row.index & ((1u << FACT_SHIFT) - 1)};
    return true;
}

/* Development first. */
static void look_at(const struct pane_view *view, const struct thing *own, const struct thing *other, size_t fact, struct difference *out)
{
    bool first = view->estate->accounts[own->account].config->kind == ACCOUNT_DEVELOPMENT;
    compare_fact(view, first ? own : other, first ? other : own, fact, out);
}

static void look(const struct pane_view *view, struct row_ref row, struct difference *out)
{
    struct thing own, other;
    thing(view, row, &own);
    thing_counterpart(view->estate, &own, compare_account(view->estate, own.account), &other);
    look_at(view, &own, &other, fact_of(row), out);
}

static void mark(const struct pane_view *view, struct row_ref row, struct value *out)
{
    struct difference d;
    look(view, row, &d);
    value_text(out, comparison_role(d.verdict), comparison_mark(d.verdict));
}
static void verdict(const struct pane_view *view, struct row_ref row, struct value *out)
{
    struct difference d;
    look(view, row, &d);
    value_text(out, comparison_role(d.verdict), comparison_name(d.verdict));
}

static void what(const struct pane_view *view, struct row_ref row, struct value *out)
{
    struct thing own;
    char stem[256];
    thing(view, row, &own);
    thing_stem(view->estate, &own, stem, sizeof stem);
    value_format(out, ROLE_STRONG, "%s%s%s", thing_types[own.kind].name, *stem ? " " : "", stem);
}

static void fact(const struct pane_view *view, struct row_ref row, struct value *out)
{
    struct thing own;
    thing(view, row, &own);
    value_text(out, ROLE_TEXT, fact_of(row) == FACT_THERE ? "there" : thing_types[own.kind].facts[fact_of(row)].label);
}

/* As text whatever it is, so that one column has one type. */
static void side(const struct pane_view *view, struct row_ref row, size_t i, struct value *out)
{
    struct difference d;
    look(view, row, &d);
    *out = d.value[i];
    out->type = VALUE_TEXT;
    if (out->known)
        out->role = comparison_role(d.verdict);
}
static void dev(const struct pane_view *view, struct row_ref row, struct value *out) { side(view, row, 0, out); }
static void prod(const struct pane_view *view, struct row_ref row, struct value *out) { side(view, row, 1, out); }

static void why(const struct pane_view *view, struct row_ref row, struct value *out)
{
    struct difference d;
    look(view, row, &d);
    value_text(out, ROLE_DIM, d.why);
}

static const struct column columns[] = {
    {"mark", "", 1, 0, .screen_only = true, .value = mark},
    {"account", "ACCT", 5, 3, .identity = true, .value = value_account},
    {"thing", "THING", 28, 0, .identity = true, .grow = true, .value = what},
    {"fact", "FACT", 14, 0, .identity = true, .value = fact},
    {"dev", "DEV", 14, 0, .grow = true, .value = dev},
    {"prod", "PROD", 14, 0, .grow = true, .value = prod},
    {"verdict", "VERDICT", 9, 1, .value = verdict},
    {"why", "WHY", 29, 2, .grow = true, .value = why},
    {0},
};

/* Each pair once: production's development; SIZE_MAX of any other account. */
static size_t partner(const struct estate *e, size_t account)
{
    return e->accounts[account].config->kind == ACCOUNT_PRODUCTION ? compare_account(e, account) : SIZE_MAX;
}

typedef row_refs sorted[COMPARISONS];

static void add_facts(const struct pane_view *view, const struct thing *own, const struct thing *other, sorted out)
{
    bool both = own->kind && other->kind;
    size_t count = both ? thing_fact_count(own->kind) : 1;
    for (size_t f = 0; f < count; f++) {
        struct difference d;
        size_t fact_at = both ? f : FACT_THERE;
        look_at(view, own, other, fact_at, &d);
        *vec_add(&out[d.verdict]) = row_of(own, fact_at);
    }
}

/* Everything that production has; with `missing`, what development has and production has not. */
static void add_things(const struct pane_view *view, size_t account, size_t other, bool missing, enum thing_kind kind, sorted out)
{
    size_t count = thing_types[kind].count(&view->estate->accounts[account]);
    for (size_t i = 0; i < count; i++) {
        struct thing own = {kind, account, i}, there;
        thing_counterpart(view->estate, &own, other, &there);
        if (!missing || !there.kind)
            add_facts(view, &own, &there, out);
    }
}

static void sort_out(const struct pane_view *view, sorted out)
{
    const struct estate *e = view->estate;
    for (int kind = 1; kind < THING_KINDS; kind++)
        for (size_t a = 0; a < e->account_count; a++) {
            size_t other = partner(e, a);
            if (other == SIZE_MAX)
                continue;
            add_things(view, a, other, false, (enum thing_kind)kind, out);
            if (compare_account(e, other) == a)
                add_things(view, other, a, true, (enum thing_kind)kind, out);
        }
}

static void rows(const struct pane_view *view, row_refs *out)
{
    sorted all = {{0}};
    sort_out(view, all);
    for (int c = 0; c < COMPARISONS; c++) {
        for (size_t i = 0; i < all[c].len; i++)
            *vec_add(out) = all[c].at[i];
        vec_free(&all[c]);
    }
}

static void count(const struct pane_view *view, size_t counts[COMPARISONS])
{
    sorted all = {{0}};
    sort_out(view, all);
    for (int c = 0; c < COMPARISONS; c++) {
        counts[c] = all[c].len;
        vec_free(&all[c]);
    }
}

static const char *pairs_text(const struct estate *e, char *out, size_t size)
{
    *out = '\0';
    for (size_t a = 0; a < e->account_count; a++) {
        size_t other = partner(e, a);
        char name[80];
        if (other != SIZE_MAX)
            text_format(out + strlen(out), size - strlen(out), "%s%s ⇄ %s", *out ? ", " : "", e->accounts[other].config->name,
                        account_name(e->accounts[a].config, name, sizeof name));
    }
    return out;
}

static int draw(const struct pane_view *view, struct cells *cells, int top, int height)
{
    size_t n[COMPARISONS];
    char text[300], pairs[160];
    if (height < 4)
        return 0;
    count(view, n);
    if (!*pairs_text(view->estate, pairs, sizeof pairs))
        text_copy(text, sizeof text, "the profile has not both a development and a production account: nothing can be compared");
    else
        text_format(text, sizeof text, "%s   ≠ %zu differ   ? %zu not known   · %zu by design   %zu the same", pairs, n[COMPARE_DIFFERS],
                    n[COMPARE_UNKNOWN], n[COMPARE_BY_DESIGN], n[COMPARE_SAME]);
    cells_put(cells, top, 1, cells->columns - 2, n[COMPARE_DIFFERS] ? ROLE_WARN : n[COMPARE_UNKNOWN] ? ROLE_UNKNOWN : ROLE_OK, text);
    return 2;
}

static void json(const struct pane_view *view, json_t *into)
{
    const struct estate *e = view->estate;
    size_t n[COMPARISONS];
    json_t *pairs = json_array();
    count(view, n);
    for (size_t a = 0; a < e->account_count; a++) {
        size_t other = partner(e, a);
        if (other != SIZE_MAX)
            json_array_append_new(pairs,
                                  json_pack("{s:s, s:s}", "development", e->accounts[other].config->name, "production", e->accounts[a].config->name));
    }
    json_object_set_new(into, "pairs", pairs);
    json_object_set_new(into, "counts", json_pack("{s:I, s:I, s:I, s:I}", "differs", (json_int_t)n[COMPARE_DIFFERS], "not_known",
                                                  (json_int_t)n[COMPARE_UNKNOWN], "by_design", (json_int_t)n[COMPARE_BY_DESIGN], "same",
                                                  (json_int_t)n[COMPARE_SAME]));
}

/* Where each kind has its own rows. */
static const struct {
    const char *pane, *word;
} places[THING_KINDS] = {
    [THING_DATABASE] = {"database", "database"}, [THING_DEPLOYMENT] = {"pods", "deployment"}, [THING_CLUSTER] = {"nodes", "cluster"},
    [THING_NODE_GROUP] = {"nodes", "group"},     [THING_FARGATE] = {"nodes", LEAD_CALLED},    [THING_ADDON] = {"nodes", LEAD_CALLED},
    [THING_WEB_ACL] = {"waf", "acl named"},      [THING_BALANCER] = {"network", LEAD_CALLED}, [THING_NETWORK] = {"network", LEAD_ALL},
    [THING_SECRET] = {"security", "secret"},     [THING_ALARM] = {"alarms", "alarm"},         [THING_LOG_GROUP] = {"logs", LEAD_CALLED},
    [THING_BUDGET] = {"budgets", LEAD_CALLED},   [THING_ACCOUNT] = {"accounts", LEAD_ALL},
};

static void leads(const struct pane_view *view, struct row_ref row, struct leads *out)
{
    struct thing both[2];
    char name[300];
    thing(view, row, &both[0]);
    thing_counterpart(view->estate, &both[0], compare_account(view->estate, row.account), &both[1]);
    for (size_t i = 0; i < 2; i++) {
        const struct thing *t = &both[i];
        if (t->kind == THING_NONE)
            continue;
        thing_name(view->estate, t, name, sizeof name);
        lead_add(out, places[t->kind].pane, t->account, places[t->kind].word, name, "%s %s of %s", thing_types[t->kind].name, name,
                 view->estate->accounts[t->account].config->name);
    }
}

const struct pane pane_compare = {
    .name = "compare",
    .title = "Compare",
    .about = "development and production side by side: what is different in prod",
    .compares = true,
    .columns = columns,
    .rows = rows,
    .draw = draw,
    .json = json,
    .thing = thing,
    .leads = leads,
};
