#include "ui/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/value.h"

#define COLUMNS_MAX 24

/* One row while the table is sorted: its key is had once, not at each comparison. */
struct sorting {
    struct row_ref row;
    bool known, is_text;
    double number;
    size_t text; /* into the pool */
    size_t order;
};
struct sort_pool {
    struct sorting *rows;
    struct str texts;
};

void table_init(struct table *table, const struct pane *pane)
{
    *table = (struct table){.pane = pane, .sort = pane->sort, .stale = true};
}

void table_free(struct table *table) { vec_free(&table->rows); }

void table_filter(struct table *table, const char *text)
{
    text_copy(table->filter, sizeof table->filter, text);
    table->stale = true;
}

void table_sort(struct table *table, int sort)
{
    table->sort = sort;
    table->stale = true;
}

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
    struct value value;
    if (table->scope.pane && !lead_means(view, table->pane, &table->scope, row))
        return false;
    if (!*table->filter)
        return true;
    for (const struct column *c = table->pane->columns; c->key; c++) {
        if (c->screen_only)
            continue;
        c->value(view, row, &value);
        if (text_contains(value.text, table->filter))
            return true;
    }
    return false;
}

static int compare(const void *a, const void *b, void *pool)
{
    const struct sorting *x = a, *y = b;
    const char *texts = str_text(&((struct sort_pool *)pool)->texts);
    int by = 0;
    if (x->known != y->known) /* what is not known comes last either way */
        return x->known ? -1 : 1;
    if (x->known && x->is_text)
        by = strcmp(texts + x->text, texts + y->text);
    else if (x->known)
        by = x->number < y->number ? -1 : x->number > y->number;
    return by ? by : x->order < y->order ? -1 : 1;
}

static int compare_down(const void *a, const void *b, void *pool)
{
    const struct sorting *x = a, *y = b;
    return x->known && y->known ? compare(b, a, pool) : compare(a, b, pool);
}

static void sort_rows(struct table *table, const struct pane_view *view)
{
    size_t count = table->rows.len;
    int index = abs(table->sort) - 1;
    if (table->sort == 0 || count < 2)
        return;
    struct sort_pool pool = {mem_new_array(count, sizeof *pool.rows), STR_INIT((size_t)256 << 20)};
    const struct column *column = &table->pane->columns[index];
    for (size_t i = 0; i < count; i++) {
        struct value value;
        column->value(view, table->rows.at[i], &value);
        pool.rows[i] = (struct sorting){table->rows.at[i], value.known, value.type == VALUE_TEXT, value.number, pool.texts.len, i};
        if (value.known && value.type == VALUE_TEXT)
            str_add(&pool.texts, value.text, strlen(value.text) + 1);
    }
    qsort_r(pool.rows, count, sizeof *pool.rows, table->sort < 0 ? compare_down : compare, &pool);
    for (size_t i = 0; i < count; i++)
        table->rows.at[i] = pool.rows[i].row;
    free(pool.rows);
    str_free(&pool.texts);
}

/* The selected row may have moved: it is looked for where it was, then everywhere. */
static void find_selected(struct table *table, const struct pane_view *view)
{
    char text[sizeof table->identity];
    size_t count = table->rows.len;
    if (!count) {
        table->selected = 0;
        return;
    }
    for (size_t k = 0; *table->identity && k < count; k++) {
        size_t i = (table->selected + k) % count;
        table_identity(table->pane, view, table->rows.at[i], text, sizeof text);
        if (!strcmp(text, table->identity)) {
            table->selected = i;
            return;
        }
    }
    if (table->selected >= count)
        table->selected = count - 1;
}

void table_update(struct table *table, const struct pane_view *view)
{
    if (!table->stale && table->version == view->estate->version)
        return;
    row_refs all = {0};
    table->pane->rows(view, &all);
    table->all = all.len;
    vec_clear(&table->rows);
    for (size_t i = 0; i < all.len; i++)
        if (passes(table, view, all.at[i]))
            *vec_add(&table->rows) = all.at[i];
    vec_free(&all);
    sort_rows(table, view);
    find_selected(table, view);
    table->version = view->estate->version;
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
    text_copy(table->filter, sizeof table->filter, place->filter);
    text_copy(table->identity, sizeof table->identity, place->identity);
    table->scope = place->scope;
    table->selected = place->selected;
    table->top = place->top;
    table->sort = place->sort;
    table->stale = true;
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

size_t table_row_at(const struct table *table, int top, int row)
{
    size_t at = table->top + (size_t)(row - top - 1);
    return row > top && row - top - 1 < table->height && at < table->rows.len ? at : SIZE_MAX;
}

/* Widths: the least ones of all columns that fit, by priority; those that grow share what is left. */
static void widths(const struct pane *pane, int room, int out[COLUMNS_MAX])
{
    int used = 0, growing = 0, most = 0;
    for (int i = 0; pane->columns[i].key && i < COLUMNS_MAX; i++) {
        out[i] = pane->columns[i].width;
        used += out[i] + 1;
        most = pane->columns[i].priority > most ? pane->columns[i].priority : most;
    }
    for (int priority = most; priority > 0 && used > room; priority--)
        for (int i = COLUMNS_MAX - 1; i >= 0; i--)
            if (i < COLUMNS_MAX && out[i] > 0 && pane->columns[i].priority == priority && used > room) {
                used -= out[i] + 1;
                out[i] = 0;
            }
    for (int i = 0; pane->columns[i].key && i < COLUMNS_MAX; i++)
        growing += out[i] > 0 && pane->columns[i].grow;
    for (int i = 0, left = room - used; pane->columns[i].key && i < COLUMNS_MAX && left > 0 && growing > 0; i++)
        if (out[i] > 0 && pane->columns[i].grow) {
            int share = left / growing--;
            out[i] += share;
            left -= share;
        }
}

static void put(struct cells *cells, int row, int at, int width, bool right, uint8_t role, const char *text)
{
    int have = (int)text_width(text);
    cells_put(cells, row, right && have < width ? at + width - have : at, right && have < width ? have : width, role, text);
}

static void draw_header(const struct table *table, const int wide[], struct cells *cells, int row)
{
    int at = 1;
    for (int i = 0; table->pane->columns[i].key && i < COLUMNS_MAX; i++) {
        const struct column *c = &table->pane->columns[i];
        char title[64];
        if (!wide[i])
            continue;
        text_format(title, sizeof title, "%s%s", c->title, abs(table->sort) != i + 1 ? "" : table->sort > 0 ? "▲" : "▼");
        put(cells, row, at, wide[i] + (c->right && abs(table->sort) != i + 1 ? 0 : c->right ? 0 : 1), c->right, ROLE_HEADER, title);
        at += wide[i] + 1;
    }
}

/* Where the filter's text stands in what is shown of a cell. */
static void mark_match(const struct table *table, struct cells *cells, int row, int at, int width)
{
    size_t len = strlen(table->filter);
    for (int start = at; len && start + (int)len <= at + width; start++) {
        size_t i = 0;
        while (i < len) {
            const char *cell = cells->at[row * cells->columns + start + (int)i].text;
            char a = cell[0], b = table->filter[i];
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

static void draw_row(const struct table *table, const struct pane_view *view, const int wide[], struct cells *cells, int row, struct row_ref ref)
{
    int at = 1;
    for (int i = 0; table->pane->columns[i].key && i < COLUMNS_MAX; i++) {
        const struct column *c = &table->pane->columns[i];
        struct value value;
        if (!wide[i])
            continue;
        c->value(view, ref, &value);
        int width = at + wide[i] < cells->columns ? wide[i] : cells->columns - at;
        put(cells, row, at, width, c->right, value.role, value.text);
        mark_match(table, cells, row, at, width);
        at += wide[i] + 1;
    }
}

void table_draw(struct table *table, const struct pane_view *view, struct cells *cells, int top, int height)
{
    int wide[COLUMNS_MAX] = {0};
    table->height = height - 1 > 0 ? height - 1 : 0;
    widths(table->pane, cells->columns - 1, wide);
    draw_header(table, wide, cells, top);
    size_t fit = (size_t)table->height;
    if (table->selected < table->top)
        table->top = table->selected;
    if (fit && table->selected >= table->top + fit)
        table->top = table->selected - fit + 1;
    if (table->rows.len <= fit)
        table->top = 0;
    else if (table->top + fit > table->rows.len)
        table->top = table->rows.len - fit;
    for (size_t i = 0; i < fit && table->top + i < table->rows.len; i++) {
        int row = top + 1 + (int)i;
        draw_row(table, view, wide, cells, row, table->rows.at[table->top + i]);
        if (table->top + i == table->selected)
            cells_mark(cells, row, 0, cells->columns, CELL_SELECTED);
    }
}
