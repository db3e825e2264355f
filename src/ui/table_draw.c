/* The table on the screen: how wide its columns are, and what stands in them. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/table.h"
#include "ui/value.h"

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
        text_copy(out->text, sizeof out->text, column->brief(view, row, out->text, text, sizeof text));
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

/* A mark before the row that another is to be compared with. */
static void draw_mark(const struct table *table, const struct pane_view *view, struct cells *cells, int row, struct row_ref ref)
{
    if (*table->marked && table_is_row(table, view, ref, table->marked))
        cells_put(cells, row, 0, 1, ROLE_INFO, "•");
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
