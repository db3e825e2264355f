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

static bool same_identity(const struct table *table, const struct pane_view *view, struct row_ref row, const char *identity)
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
        if (from + k < count && same_identity(table, view, table->rows.at[from + k], table->identity)) {
            table->selected = from + k;
            return;
        }
        if (k && k <= from && same_identity(table, view, table->rows.at[from - k], table->identity)) {
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
        found = same_identity(table, view, all.at[i], identity);
        *out = all.at[i];
    }
    vec_free(&all);
    return found;
}

/* A mark before the row that another is to be compared with. */
static void draw_mark(const struct table *table, const struct pane_view *view, struct cells *cells, int row, struct row_ref ref)
{
    if (*table->marked && same_identity(table, view, ref, table->marked))
        cells_put(cells, row, 0, 1, ROLE_INFO, "•");
}

size_t table_row_at(const struct table *table, int top, int row)
{
    size_t at = table->top + (size_t)(row - top - 1);
    return row > top && row - top - 1 < table->height && at < table->rows.len ? at : SIZE_MAX;
}

/* The least widths of all columns that fit, by priority; 0: it does not. What they leave of the room. */
static int least_widths(const struct pane *pane, int room, int out[TABLE_COLUMNS_MAX])
{
    int used = 0, most = 0;
    for (int i = 0; pane->columns[i].key && i < TABLE_COLUMNS_MAX; i++) {
        out[i] = pane->columns[i].width;
        used += out[i] + 1;
        most = pane->columns[i].priority > most ? pane->columns[i].priority : most;
    }
    for (int priority = most; priority > 0 && used > room; priority--)
        for (int i = TABLE_COLUMNS_MAX - 1; i >= 0; i--)
            if (out[i] > 0 && pane->columns[i].priority == priority && used > room) {
                used -= out[i] + 1;
                out[i] = 0;
            }
    return room - used;
}

/* A column more for each that is narrower than its texts, those that grow first; false: none is. */
static bool widen_each(const struct table *table, int *left, int out[TABLE_COLUMNS_MAX])
{
    bool any = false;
    for (int grow = 1; grow >= 0; grow--)
        for (int i = 0; table->pane->columns[i].key && i < TABLE_COLUMNS_MAX && *left > 0; i++)
            if (table->pane->columns[i].grow == grow && out[i] > 0 && out[i] < table->need[i]) {
                out[i]++;
                --*left;
                any = true;
            }
    return any;
}

/* What is left of the room: first to texts that are cut, in turn, then to the columns that grow. */
static void widen(const struct table *table, int left, int out[TABLE_COLUMNS_MAX])
{
    const struct column *columns = table->pane->columns;
    int growing = 0;
    while (left > 0 && widen_each(table, &left, out))
        ;
    for (int i = 0; columns[i].key && i < TABLE_COLUMNS_MAX; i++)
        growing += out[i] > 0 && columns[i].grow;
    for (int i = 0; columns[i].key && i < TABLE_COLUMNS_MAX && left > 0 && growing > 0; i++)
        if (out[i] > 0 && columns[i].grow) {
            int share = left / growing--;
            out[i] += share;
            left -= share;
        }
}

/* A value as the table shows it. */
static void shown_value(const struct column *column, const struct pane_view *view, struct row_ref row, struct value *out)
{
    char text[sizeof out->text];
    column->value(view, row, out);
    if (column->brief && out->known)
        text_copy(out->text, sizeof out->text, column->brief(out->text, text, sizeof text));
}

/* What the rows on the screen show, each value asked for once; TABLE_COLUMNS_MAX a row. Their widths are noted. */
static struct value *shown_values(struct table *table, const struct pane_view *view, const int wide[], size_t rows)
{
    struct value *values = mem_new_array(rows * TABLE_COLUMNS_MAX, sizeof *values);
    for (size_t k = 0; k < rows; k++)
        for (int i = 0; table->pane->columns[i].key && i < TABLE_COLUMNS_MAX; i++) {
            struct value *value = &values[k * TABLE_COLUMNS_MAX + (size_t)i];
            if (!wide[i])
                continue;
            shown_value(&table->pane->columns[i], view, table->rows.at[table->top + k], value);
            int width = (int)text_width(value->text);
            table->need[i] = width > table->need[i] ? width : table->need[i];
        }
    return values;
}

static void put(struct cells *cells, int row, int at, int width, bool right, uint8_t role, const char *text)
{
    int have = (int)text_width(text);
    cells_put(cells, row, right && have < width ? at + width - have : at, right && have < width ? have : width, role, text);
}

static void draw_header(const struct table *table, const int wide[], struct cells *cells, int row)
{
    int at = 1;
    for (int i = 0; table->pane->columns[i].key && i < TABLE_COLUMNS_MAX; i++) {
        const struct column *c = &table->pane->columns[i];
        char title[64];
        if (!wide[i])
            continue;
        text_format(title, sizeof title, "%s%s", c->title, abs(table->sort) != i + 1 ? "" : table->sort > 0 ? "▲" : "▼");
        put(cells, row, at, wide[i] + (c->right && abs(table->sort) != i + 1 ? 0 : c->right ? 0 : 1), c->right, ROLE_HEADER, title);
        at += wide[i] + 1;
    }
}

/* Where a text of the filter stands in what is shown of a cell. */
static void mark_text(const char *text, struct cells *cells, int row, int at, int width)
{
    size_t len = strlen(text);
    for (int start = at; len && start + (int)len <= at + width; start++) {
        size_t i = 0;
        while (i < len) {
            const char *cell = cells->at[row * cells->columns + start + (int)i].text;
            char a = cell[0], b = text[i];
            a = a >= 'A' && a <= 'Z' ? (char)(a + 32) : a;
            b = b >= 'A' && b <= 'Z' ? (char)(b + 32) : b;
            if (a != b || cell[1])
                break;
            i++;
        }
        if (i == len) {
            for (i = 0; i < len; i++)
                cells->at[row * cells->columns + start + (int)i].role = ROLE_MATCH;
            start += (int)len - 1;
        }
    }
}

static void mark_match(const struct filter *by, const struct column *column, struct cells *cells, int row, int at, int width)
{
    mark_text(by->text, cells, row, at, width);
    for (size_t i = 0; i < by->count; i++)
        if (by->terms[i].column == column)
            mark_text(by->terms[i].text, cells, row, at, width);
}

static void draw_row(const struct table *table, const struct value *values, const int wide[], struct cells *cells, int row)
{
    int at = 1;
    for (int i = 0; table->pane->columns[i].key && i < TABLE_COLUMNS_MAX; i++) {
        const struct column *c = &table->pane->columns[i];
        const struct value *value = &values[i];
        if (!wide[i])
            continue;
        int width = at + wide[i] < cells->columns ? wide[i] : cells->columns - at;
        put(cells, row, at, width, c->right, value->role, value->text);
        for (int k = 0; k < width && k < 64 && value->marked; k++)
            if (value->marked >> k & 1)
                cells->at[row * cells->columns + at + k].role = value->mark_role;
        mark_match(&table->by, c, cells, row, at, width);
        at += wide[i] + 1;
    }
}

void table_draw(struct table *table, const struct pane_view *view, struct cells *cells, int top, int height)
{
    int wide[TABLE_COLUMNS_MAX] = {0};
    table->height = height - 1 > 0 ? height - 1 : 0;
    size_t fit = (size_t)table->height;
    if (table->selected < table->top)
        table->top = table->selected;
    if (fit && table->selected >= table->top + fit)
        table->top = table->selected - fit + 1;
    if (table->rows.len <= fit)
        table->top = 0;
    else if (table->top + fit > table->rows.len)
        table->top = table->rows.len - fit;
    int left = least_widths(table->pane, cells->columns - 1, wide);
    size_t shown = table->rows.len - table->top < fit ? table->rows.len - table->top : fit;
    struct value *values = shown_values(table, view, wide, shown);
    widen(table, left, wide);
    draw_header(table, wide, cells, top);
    for (size_t i = 0; i < shown; i++) {
        int row = top + 1 + (int)i;
        draw_row(table, &values[i * TABLE_COLUMNS_MAX], wide, cells, row);
        draw_mark(table, view, cells, row, table->rows.at[table->top + i]);
        if (table->top + i == table->selected)
            cells_mark(cells, row, 0, cells->columns, CELL_SELECTED);
    }
    free(values);
}
