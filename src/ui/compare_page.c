/* Two rows side by side, a fact in each line: the row and its counterpart in the other account, or the marked row and the selected one. */
#include "ui/compare.h"

#include <string.h>

#include "base/text.h"
#include "ui/internal.h"

#define LABEL_MAX 18
#define WHY_MIN   22 /* columns that the reason gets at least */
#define GAP       2

/* What the row stands for. */

static bool thing_of_targets(const struct pane_view *view, const struct pane *pane, struct row_ref row, struct thing *out)
{
    static const enum thing_kind kinds[] = {
        [TARGET_DATABASE] = THING_DATABASE, [TARGET_DEPLOYMENT] = THING_DEPLOYMENT, [TARGET_WEB_ACL] = THING_WEB_ACL, [TARGET_ALARM] = THING_ALARM};
    struct targets targets = {0};
    char name[330];
    if (pane->targets)
        pane->targets(view, row, &targets);
    for (size_t i = 0; i < targets.count; i++) {
        const struct action_target *t = &targets.at[i];
        text_format(name, sizeof name, "%s%s%s", t->ns, *t->ns ? "/" : "", t->name);
        if (t->kind < sizeof kinds / sizeof *kinds && kinds[t->kind] && thing_find(view->estate, kinds[t->kind], t->account, name, out))
            return true;
    }
    return false;
}

static bool row_thing(const struct pane_view *view, const struct pane *pane, struct row_ref row, struct thing *out)
{
    return pane->thing ? pane->thing(view, row, out) : thing_of_targets(view, pane, row, out);
}

static bool own_row(struct console *c, struct row_ref *row)
{
    return row_at_hand(c, row) && !console_pane(c)->drawing_only;
}

/* Is a row marked that is not the selected one? */
static bool has_other_mark(struct console *c, struct row_ref row)
{
    struct pane_view view = console_view(c);
    char identity[sizeof console_table(c)->marked];
    table_identity(console_pane(c), &view, row, identity, sizeof identity);
    return *console_table(c)->marked && strcmp(identity, console_table(c)->marked) != 0;
}

bool compare_has_mark(struct console *c)
{
    struct row_ref row;
    return own_row(c, &row) && has_other_mark(c, row);
}

/* Does another account have its like? */
static bool has_like(struct console *c)
{
    struct pane_view view = console_view(c);
    struct row_ref row;
    struct thing thing, other;
    if (console_pane(c)->compares_all)
        return true;
    if (!own_row(c, &row))
        return false;
    size_t account = row_thing(&view, console_pane(c), row, &thing) ? compare_account(view.estate, thing.account) : SIZE_MAX;
    if (account == SIZE_MAX)
        return false;
    thing_counterpart(view.estate, &thing, account, &other);
    return other.kind != THING_NONE;
}

bool compare_is_all(struct console *c) { return console_pane(c)->thing && !console_pane(c)->describe && !console_pane(c)->logs && has_like(c); }
bool compare_can(struct console *c) { return !compare_has_mark(c) && !compare_is_all(c) && has_like(c); }

/* Opening. */

static void open_comparison(struct console *c, enum thing_kind kind)
{
    c->comparing.kind = kind;
    if (c->mode == MODE_DETAIL)
        go_to_table(c);
    open_mode(c, MODE_COMPARE);
    if (c->host.focus)
        c->host.focus(c->host.arg, pane_feeds(console_pane(c)) | thing_feeds(kind));
}

static void open_rows(struct console *c, struct row_ref row)
{
    struct pane_view view = console_view(c);
    const struct pane *pane = console_pane(c);
    struct table *table = console_table(c);
    struct row_ref marked;
    struct thing a, b;
    if (!table_find(table, &view, table->marked, &marked)) {
        table->marked[0] = '\0';
        console_say(c, ROLE_WARN, "the marked row is no longer there; m marks another");
        return;
    }
    c->comparing = (struct comparing){.rows = true};
    text_copy(c->comparing.side[0].identity, sizeof c->comparing.side[0].identity, table->marked);
    table_identity(pane, &view, row, c->comparing.side[1].identity, sizeof c->comparing.side[1].identity);
    bool alike = row_thing(&view, pane, marked, &a) && row_thing(&view, pane, row, &b) && a.kind == b.kind;
    alike = alike && (a.account != b.account || a.index != b.index); /* two pods of one Deployment: nothing of that differs */
    open_comparison(c, alike ? a.kind : THING_NONE);
}

/* Why there is nothing to set it beside. */
static void say_alone(struct console *c, const struct thing *thing, size_t account)
{
    const struct account *other = &c->options.estate->accounts[account];
    const struct slice *slice = &other->slices[thing_types[thing->kind].feed];
    char name[300];
    thing_name(c->options.estate, thing, name, sizeof name);
    if (slice->state == SLICE_NONE || slice_has_data(slice))
        console_say(c, ROLE_INFO, "%s has no %s like %s", other->config->name, thing_types[thing->kind].name, name);
    else
        console_say(c, ROLE_WARN, "%s of %s: %s", feed_name(thing_types[thing->kind].feed), other->config->name,
                    slice->state == SLICE_FAILED ? slice->error.code : "not read yet");
}

static void open_counterpart(struct console *c, const struct thing *thing)
{
    const struct estate *e = c->options.estate;
    size_t account = compare_account(e, thing->account);
    bool mine_is_dev = e->accounts[thing->account].config->kind == ACCOUNT_DEVELOPMENT;
    struct thing other;
    if (account == SIZE_MAX) {
        console_say(c, ROLE_INFO, "%s has no account to be compared with", e->accounts[thing->account].config->name);
        return;
    }
    thing_counterpart(e, thing, account, &other);
    if (!other.kind) {
        say_alone(c, thing, account);
        return;
    }
    c->comparing = (struct comparing){0};
    for (size_t i = 0; i < 2; i++) {
        const struct thing *one = (i == 0) == mine_is_dev ? thing : &other;
        c->comparing.side[i].account = one->account;
        thing_name(e, one, c->comparing.side[i].name, sizeof c->comparing.side[i].name);
    }
    open_comparison(c, thing->kind);
}

void compare_open(struct console *c)
{
    struct pane_view view = console_view(c);
    struct row_ref row;
    struct thing thing;
    if (console_pane(c)->compares_all) {
        trail_go(c, pane_place("compare"));
        return;
    }
    if (!own_row(c, &row))
        return;
    if (has_other_mark(c, row))
        open_rows(c, row);
    else if (row_thing(&view, console_pane(c), row, &thing))
        open_counterpart(c, &thing);
    else
        console_say(c, ROLE_INFO, "such a row has no like in another account; m marks it, and = sets another beside it");
}

void compare_mark(struct console *c)
{
    struct pane_view view = console_view(c);
    struct table *table = console_table(c);
    struct row_ref row;
    char identity[sizeof table->marked];
    if (!table_selected(table, &row))
        return;
    table_identity(console_pane(c), &view, row, identity, sizeof identity);
    if (strcmp(identity, table->marked) != 0) {
        text_copy(table->marked, sizeof table->marked, identity);
        console_say(c, ROLE_INFO, "marked; = on another row sets the two side by side");
    } else {
        table->marked[0] = '\0';
        console_say(c, ROLE_INFO, "no row is marked");
    }
}

void compare_only(struct console *c) { c->comparing.only = !c->comparing.only; }

/* What is compared, found again. */

struct sides {
    struct row_ref row[2];
    struct thing thing[2];
};

/* The name of one that is gone, or NULL. */
static const char *find_sides(struct console *c, const struct pane_view *view, struct sides *out)
{
    for (size_t i = 0; i < 2; i++) {
        const struct comparing *cmp = &c->comparing;
        bool found = cmp->rows ? table_find(console_table(c), view, cmp->side[i].identity, &out->row[i])
                               : thing_find(view->estate, cmp->kind, cmp->side[i].account, cmp->side[i].name, &out->thing[i]);
        if (!found)
            return cmp->rows ? strchr(cmp->side[i].identity, '\t') ? strchr(cmp->side[i].identity, '\t') + 1 : "the row" : cmp->side[i].name;
        if (cmp->rows && cmp->kind && !row_thing(view, console_pane(c), out->row[i], &out->thing[i]))
            return "the row";
    }
    return NULL;
}

typedef VEC(struct difference) differences;

static void compare_columns(const struct console *c, const struct pane_view *view, const struct sides *s, differences *out)
{
    for (const struct column *column = console_pane(c)->columns; column->key; column++) {
        if (column->screen_only)
            continue;
        struct difference *d = vec_add(out);
        d->label = column->title;
        for (size_t i = 0; i < 2; i++) {
            d->of[i] = (struct subject){view, &view->estate->accounts[s->row[i].account], s->row[i].index};
            column->value(view, s->row[i], &d->value[i]);
        }
        compare_values(d);
    }
}

static void compare_things(const struct comparing *cmp, const struct pane_view *view, const struct sides *s, differences *out)
{
    size_t count = cmp->kind ? thing_fact_count(cmp->kind) : 0;
    for (size_t f = 0; f < count; f++)
        compare_fact(view, &s->thing[0], &s->thing[1], f, vec_add(out));
}

/* Lines. */

struct layout {
    size_t label, side, why;
};

static size_t widest(size_t now, const char *text) { return text_width(text) > now ? text_width(text) : now; }

/* Values get what they need, as far as the reason keeps its least; what is longer goes on in the next line. */
static void lay_out(const struct console *c, const differences *all, const char *const heads[2], struct layout *out)
{
    size_t room = (size_t)c->cells.columns - 2;
    bool any = false;
    *out = (struct layout){.label = 4, .side = widest(text_width(heads[0]), heads[1])};
    for (size_t i = 0; i < all->len; i++) {
        out->label = widest(out->label, all->at[i].label);
        any |= *all->at[i].why != '\0';
        for (size_t k = 0; k < 2; k++)
            out->side = widest(out->side, all->at[i].value[k].text);
    }
    out->label = out->label > LABEL_MAX ? LABEL_MAX : out->label;
    size_t most = (room - 2 - out->label - 3 * GAP - (any ? WHY_MIN : 0)) / 2;
    out->side = out->side > most ? most : out->side;
    out->why = room - 2 - out->label - 2 * out->side - 3 * GAP;
}

/* The next line of a cell, padded; what is left of it stays in `text`. */
static void add_cell(struct str *line, const char **text, size_t columns, size_t gap)
{
    size_t len = text_break(*text, columns);
    char part[600];
    text_format(part, sizeof part, "%.*s", (int)len, *text);
    str_addf(line, "%s%*s", part, (int)(columns - text_width(part) + gap), "");
    *text += len;
    *text += strspn(*text, " ");
}

static void add_line(struct page *page, const struct layout *lay, uint8_t role, const char *mark, const char *label, const char *a, const char *b,
                     const char *why)
{
    const char *cells[] = {mark, label, a, b, why};
    const size_t wide[] = {1, lay->label, lay->side, lay->side, lay->why}, gaps[] = {1, GAP, GAP, GAP, 0};
    do {
        struct str line = STR_INIT(4096);
        for (size_t i = 0; i < 5; i++)
            add_cell(&line, &cells[i], wide[i], gaps[i]);
        while (line.len && line.data[line.len - 1] == ' ')
            str_cut(&line, line.len - 1, 1);
        page_add(page, role, "%s", str_text(&line));
        str_free(&line);
    } while (*cells[1] || *cells[2] || *cells[3] || *cells[4]);
}

/* Are they called the same in both accounts? Then the title says so once. */
static bool one_name(const struct comparing *cmp) { return !strcmp(cmp->side[0].name, cmp->side[1].name); }

/* "prod innovate-prod": the account, and what tells the two apart in it. */
static void head_of(const struct console *c, const struct pane_view *view, const struct difference *d, size_t i, char *out, size_t size)
{
    const struct comparing *cmp = &c->comparing;
    struct value account;
    value_account(view, (struct row_ref){(uint32_t)d->of[i].account->index, 0}, &account);
    const char *name = cmp->rows ? strrchr(cmp->side[i].identity, '\t') : cmp->side[i].name;
    if (cmp->rows)
        text_format(out, size, "%s %s", account.text, name ? name + 1 : "");
    else
        text_format(out, size, "%s%s%s", account.text, one_name(cmp) ? "" : " ", one_name(cmp) ? "" : name);
}

static void summary(const struct comparing *cmp, const differences *all, struct page *page)
{
    size_t n[COMPARISONS] = {0};
    for (size_t i = 0; i < all->len; i++)
        n[all->at[i].verdict]++;
    page_add(page, n[COMPARE_DIFFERS] ? ROLE_WARN : n[COMPARE_UNKNOWN] ? ROLE_UNKNOWN : ROLE_OK,
             "≠ %zu differ   ? %zu not known   · %zu by design   %zu the same%s", n[COMPARE_DIFFERS], n[COMPARE_UNKNOWN], n[COMPARE_BY_DESIGN],
             n[COMPARE_SAME], cmp->only && n[COMPARE_SAME] ? " (not shown)" : "");
    page_add(page, ROLE_TEXT, " ");
}

void compare_fill(struct console *c, struct page *page)
{
    struct pane_view view = console_view(c);
    struct sides sides = {0};
    differences all = {0};
    struct layout lay;
    char heads[2][340];
    const char *gone = find_sides(c, &view, &sides);
    if (gone) {
        page_add(page, ROLE_WARN, "%s is no longer there", gone);
        return;
    }
    if (c->comparing.rows)
        compare_columns(c, &view, &sides, &all);
    compare_things(&c->comparing, &view, &sides, &all);
    for (size_t i = 0; i < 2; i++)
        head_of(c, &view, &all.at[0], i, heads[i], sizeof heads[i]);
    lay_out(c, &all, (const char *const[]){heads[0], heads[1]}, &lay);
    summary(&c->comparing, &all, page);
    add_line(page, &lay, ROLE_HEADER, "", "FACT", heads[0], heads[1], "");
    for (size_t i = 0; i < all.len; i++) {
        const struct difference *d = &all.at[i];
        if (c->comparing.only && d->verdict == COMPARE_SAME)
            continue;
        add_line(page, &lay, comparison_role(d->verdict), comparison_mark(d->verdict), d->label, d->value[0].text, d->value[1].text, d->why);
    }
    vec_free(&all);
}

const char *compare_title(const struct console *c, char *out, size_t size)
{
    const struct comparing *cmp = &c->comparing;
    bool named = !cmp->rows && one_name(cmp) && *cmp->side[0].name;
    text_format(out, size, "%s%s%s", cmp->rows ? "two rows" : thing_types[cmp->kind].name, named ? " " : "", named ? cmp->side[0].name : "");
    return out;
}
