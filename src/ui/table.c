/* A pane's rows: which pass the filter, in what order, and which is selected. */
#include "ui/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/value.h"

/* What a row is sorted by. Of many it is had once each, not at each comparison. */
struct sort_key {
    bool known, is_text;
    double number;
    const char *text;
    size_t order; /* of those that are equal */
};
struct sorting {
    struct row_ref row;
    struct sort_key key;
    size_t text; /* into the pool of texts */
};

void table_init(struct table *table, const struct pane *pane)
{
    *table = (struct table){.pane = pane, .sort = pane->sort, .stale = true};
}

void table_free(struct table *table)
{
    vec_free(&table->rows);
    kept_free(&table->kept);
}

void table_filter(struct table *table, const char *text)
{
    text_copy(table->filter, sizeof table->filter, text);
    filter_read(table->filter, table->pane, &table->by);
    memset(table->need, 0, sizeof table->need);
    table->stale = true;
}

void table_list(struct table *table, const struct pane *pane, const struct pane_view *view)
{
    table_init(table, pane);
    if (view->filter)
        table_filter(table, view->filter);
    table_update(table, view);
}

void table_sort(struct table *table, int sort) { table->sort = sort; }

void table_identity(const struct pane *pane, const struct pane_view *view, struct row_ref row, char *out, size_t size)
{
    struct value value;
    size_t len;
    text_format(out, size, "%u", row.account);
    for (const struct column *c = pane->columns; c->key; c++)
        if (c->identity) {
            c->value(view, row, &value);
            len = strlen(out);
            text_format(out + len, size - len, "\t%s", value.text);
        }
}

static bool passes(const struct table *table, const struct pane_view *view, struct row_ref row)
{
    return (!table->scope.pane || lead_means(view, table->pane, &table->scope, row)) && filter_passes(&table->by, table->pane, view, row);
}

static struct sort_key key_of(const struct value *value, size_t order)
{
    return (struct sort_key){value->known, value->type == VALUE_TEXT, value->number, value->text, order};
}

static int compare_keys(const struct sort_key *x, const struct sort_key *y, bool down)
{
    int by = 0;
    if (x->known != y->known) /* what is not known comes last either way */
        return x->known ? -1 : 1;
    if (x->known)
        by = x->number < y->number ? -1 : x->number > y->number;
    if (!by && x->known && x->is_text)
        by = strcmp(x->text, y->text);
    if (!by) /* in the order of the list either way: a list of what happened has the newest first */
        return x->order < y->order ? -1 : 1;
    return down ? -by : by;
}

static int compare(const void *a, const void *b, void *down)
{
    return compare_keys(&((const struct sorting *)a)->key, &((const struct sorting *)b)->key, *(const bool *)down);
}

static bool is_sorted(const struct table *table) { return table->sort || table->pane->order; }

static void sort_value(const struct table *table, const struct pane_view *view, struct row_ref row, struct value *out)
{
    if (table->sort)
        table->pane->columns[abs(table->sort) - 1].value(view, row, out);
    else
        table->pane->order(view, row, out);
}

static void sort_rows(struct table *table, const struct pane_view *view)
{
    size_t count = table->rows.len;
    bool down = table->sort < 0;
    if (!is_sorted(table) || count < 2)
        return;
    struct sorting *all = mem_new_array(count, sizeof *all);
    struct str texts = STR_INIT((size_t)256 << 20);
    for (size_t i = 0; i < count; i++) {
        struct value value;
        sort_value(table, view, table->rows.at[i], &value);
        all[i] = (struct sorting){table->rows.at[i], key_of(&value, i), texts.len};
        if (value.known && value.type == VALUE_TEXT)
            str_add(&texts, value.text, strlen(value.text) + 1);
    }
    for (size_t i = 0; i < count; i++) /* where they are to stay */
        all[i].key.text = str_text(&texts) + all[i].text;
    qsort_r(all, count, sizeof *all, compare, &down);
    for (size_t i = 0; i < count; i++)
        table->rows.at[i] = all[i].row;
    free(all);
    str_free(&texts);
}

/* Into the rows that are in order. */
static void insert_row(struct table *table, const struct pane_view *view, struct row_ref row)
{
    struct value value, other;
    sort_value(table, view, row, &value);
    struct sort_key key = key_of(&value, kept_at(&table->kept, row)->order);
    size_t low = 0, high = table->rows.len;
    while (low < high) {
        size_t middle = (low + high) / 2;
        struct row_ref at = table->rows.at[middle];
        sort_value(table, view, at, &other);
        struct sort_key there = key_of(&other, kept_at(&table->kept, at)->order);
        if (compare_keys(&there, &key, table->sort < 0) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    (void)vec_add(&table->rows);
    memmove(&table->rows.at[low + 1], &table->rows.at[low], (table->rows.len - 1 - low) * sizeof row);
    table->rows.at[low] = row;
}

/* Those that have not changed stay in the order that they are in; the others find their places. */
static void place_changed(struct table *table, const struct pane_view *view, const row_refs *passing)
{
    size_t stay = 0;
    for (size_t i = 0; i < table->rows.len; i++) {
        const struct kept *kept = kept_at(&table->kept, table->rows.at[i]);
        if (kept->look == table->kept.look && !kept->changed)
            table->rows.at[stay++] = table->rows.at[i];
    }
    table->rows.len = stay;
    for (size_t i = 0; i < passing->len; i++)
        if (kept_at(&table->kept, passing->at[i])->changed)
            insert_row(table, view, passing->at[i]);
}

bool table_is_row(const struct table *table, const struct pane_view *view, struct row_ref row, const char *identity)
{
    char number[16];
    struct value value;
    const char *at = identity, *part = number;
    text_format(number, sizeof number, "%u", row.account);
    for (const struct column *c = table->pane->columns;; c++) {
        size_t len = strlen(part);
        if (strncmp(at, part, len) != 0 || (at[len] != '\t' && at[len] != '\0'))
            return false;
        at += len;
        while (c->key && !c->identity)
            c++;
        if (!c->key || !*at)
            return !c->key && !*at;
        at++;
        c->value(view, row, &value);
        part = value.text;
    }
}

/* The selected row may have moved: it is looked for where it was, then further and further away. */
static void find_selected(struct table *table, const struct pane_view *view)
{
    size_t count = table->rows.len, from = table->selected < count ? table->selected : count ? count - 1 : 0;
    for (size_t k = 0; *table->identity && k < count; k++) {
        if (from + k < count && table_is_row(table, view, table->rows.at[from + k], table->identity)) {
            table->selected = from + k;
            return;
        }
        if (k && k <= from && table_is_row(table, view, table->rows.at[from - k], table->identity)) {
            table->selected = from - k;
            return;
        }
    }
    table->selected = from;
}

/* Where there is neither filter nor sort, a row costs no more than what is known of it. What a lead means hangs on other rows too. */
static bool keeps(const struct table *table) { return table->pane->stamp && !table->scope.pane && (*table->filter || is_sorted(table)); }

/* Looks at a row, if it has to; true if it passes. */
static bool look(struct table *table, const struct pane_view *view, struct row_ref row, size_t order, size_t *changed)
{
    if (!keeps(table))
        return passes(table, view, row);
    struct kept *kept = kept_at(&table->kept, row);
    uint64_t stamp = table->pane->stamp(view, row);
    kept->changed = table->stale || kept->stamp != stamp;
    if (kept->changed)
        *kept = (struct kept){.stamp = stamp, .passes = passes(table, view, row), .changed = true};
    kept->look = table->kept.look;
    kept->order = (uint32_t)order;
    *changed += kept->changed;
    return kept->passes;
}

/* Ages change by themselves, and a filter may mean one: once a minute every row is looked at. */
static bool is_minute_over(const struct table *table, const struct pane_view *view) { return *table->filter && view->now / 60000 != table->minute; }

void table_update(struct table *table, const struct pane_view *view)
{
    row_refs all = {0}, passing = {0};
    size_t changed = 0;
    if (!table->stale && table->version == view->estate->version && table->sorted == table->sort)
        return;
    table->stale |= table->scope.pane || is_minute_over(table, view); /* what a row belongs with, its own stamp does not tell */
    table->kept.look++;
    table->pane->rows(view, &all);
    table->all = all.len;
    for (size_t i = 0; i < all.len; i++)
        if (look(table, view, all.at[i], i, &changed))
            *vec_add(&passing) = all.at[i];
    if (keeps(table) && is_sorted(table) && table->sort == table->sorted && changed < all.len / 16) {
        place_changed(table, view, &passing);
    } else {
        vec_free(&table->rows);
        table->rows = passing;
        passing = (row_refs){0};
        sort_rows(table, view);
    }
    vec_free(&all);
    vec_free(&passing);
    find_selected(table, view);
    table->minute = view->now / 60000;
    table->version = view->estate->version;
    table->sorted = table->sort;
    table->stale = false;
}

void table_select(struct table *table, const struct pane_view *view, size_t row)
{
    table->selected = row < table->rows.len ? row : table->rows.len ? table->rows.len - 1 : 0;
    if (table->rows.len)
        table_identity(table->pane, view, table->rows.at[table->selected], table->identity, sizeof table->identity);
}

void table_move(struct table *table, const struct pane_view *view, long by)
{
    long at = (long)table->selected + by, last = (long)table->rows.len - 1;
    table_select(table, view, (size_t)(at < 0 ? 0 : at > last ? (last < 0 ? 0 : last) : at));
}

bool table_select_row(struct table *table, const struct pane_view *view, struct row_ref row)
{
    for (size_t i = 0; i < table->rows.len; i++)
        if (table->rows.at[i].account == row.account && table->rows.at[i].index == row.index) {
            table_select(table, view, i);
            return true;
        }
    return false;
}

void table_scope(struct table *table, const struct lead *scope)
{
    table->scope = scope ? *scope : (struct lead){.pane = NULL};
    table->stale = true;
}

void table_keep(const struct table *table, struct table_place *place)
{
    *place = (struct table_place){.scope = table->scope, .selected = table->selected, .top = table->top, .sort = table->sort};
    text_copy(place->filter, sizeof place->filter, table->filter);
    text_copy(place->identity, sizeof place->identity, table->identity);
}

bool table_return(struct table *table, const struct pane_view *view, const struct table_place *place)
{
    char text[sizeof table->identity] = "";
    struct row_ref row;
    table_filter(table, place->filter);
    text_copy(table->identity, sizeof table->identity, place->identity);
    table->scope = place->scope;
    table->selected = place->selected;
    table->top = place->top;
    table->sort = place->sort;
    table_update(table, view);
    if (table_selected(table, &row))
        table_identity(table->pane, view, row, text, sizeof text);
    return !*place->identity || !strcmp(text, place->identity);
}

bool table_selected(const struct table *table, struct row_ref *out)
{
    if (table->selected >= table->rows.len)
        return false;
    *out = table->rows.at[table->selected];
    return true;
}

bool table_find(const struct table *table, const struct pane_view *view, const char *identity, struct row_ref *out)
{
    row_refs all = {0};
    bool found = false;
    table->pane->rows(view, &all);
    for (size_t i = 0; *identity && i < all.len && !found; i++) {
        found = table_is_row(table, view, all.at[i], identity);
        *out = all.at[i];
    }
    vec_free(&all);
    return found;
}

size_t table_row_at(const struct table *table, int top, int row)
{
    size_t at = table->top + (size_t)(row - top - 1);
    return row > top && row - top - 1 < table->height && at < table->rows.len ? at : SIZE_MAX;
}
