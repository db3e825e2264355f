/* A pane's table on the screen: filtered, sorted, scrolled; the selection stays on its row however the rows move. */
#ifndef TRIVET_UI_TABLE_H
#define TRIVET_UI_TABLE_H

#include "ui/filter.h"
#include "ui/kept.h"
#include "ui/pane.h"

#define IDENTITY_MAX 600 /* of what tells a row from others */
#define TABLE_COLUMNS_MAX 24

struct table {
    const struct pane *pane;
    row_refs rows;         /* those that pass the filter, in order */
    size_t all;            /* before the filter */
    char filter[FILTER_MAX];
    struct filter by;      /* the same, read */
    struct lead scope;     /* only the rows that it means, before the filter; its pane NULL: all */
    int sort;              /* column index + 1; negative: descending */
    size_t selected, top;
    char identity[IDENTITY_MAX]; /* of the selected row; "" before there is one */
    char marked[IDENTITY_MAX];   /* identity of the row that another is to be compared with; "": none is */
    int need[TABLE_COLUMNS_MAX]; /* columns of the widest text that was shown since the filter was set: what has grown stays so */
    int height;            /* rows shown at the last draw */
    uint64_t version;      /* of the estate that the rows are of */
    int64_t minute;        /* in which all of them were looked at */
    int sorted;            /* the sort that they are in */
    bool stale;            /* the filter or the scope has changed since */
    struct kept_rows kept;
};

/* What one comes back to. */
struct table_place {
    char filter[FILTER_MAX], identity[IDENTITY_MAX];
    struct lead scope;
    size_t selected, top;
    int sort;
};

/* What tells a row from others, also after a refresh: the account and the identity columns. */
void table_identity(const struct pane *pane, const struct pane_view *view, struct row_ref row, char *out, size_t size);
bool table_is_row(const struct table *table, const struct pane_view *view, struct row_ref row, const char *identity);
void table_init(struct table *table, const struct pane *pane);
void table_free(struct table *table);
/* Headless: a new one with the rows that pass the view's filter. */
void table_list(struct table *table, const struct pane *pane, const struct pane_view *view);
/* Lists, filters and sorts anew if anything has moved. */
void table_update(struct table *table, const struct pane_view *view);
void table_filter(struct table *table, const char *text);
void table_sort(struct table *table, int sort);
void table_move(struct table *table, const struct pane_view *view, long by); /* negative: up; cut at the ends */
void table_select(struct table *table, const struct pane_view *view, size_t row);
bool table_select_row(struct table *table, const struct pane_view *view, struct row_ref row); /* false: it is not among those that are shown */
void table_scope(struct table *table, const struct lead *scope); /* NULL: all rows */
void table_keep(const struct table *table, struct table_place *place);
bool table_return(struct table *table, const struct pane_view *view, const struct table_place *place); /* false: the row that was selected is gone */
bool table_selected(const struct table *table, struct row_ref *out);
/* The row of an identity, also where the filter hides it; false: it is not there any more. */
bool table_find(const struct table *table, const struct pane_view *view, const char *identity, struct row_ref *out);
/* Header and as many rows as fit `height` (table_draw.c). */
void table_draw(struct table *table, const struct pane_view *view, struct cells *cells, int top, int height);
/* Which row stands at a screen row; SIZE_MAX: none. */
size_t table_row_at(const struct table *table, int top, int row);

#endif
