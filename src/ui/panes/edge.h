/* Private to edge.c and edge_detail.c: the rows of the edge pane are of several kinds. */
#ifndef TRIVET_UI_PANES_EDGE_H
#define TRIVET_UI_PANES_EDGE_H

#include "ui/pane.h"

enum edge_row { ROW_CDN, ROW_BEHAVIOUR, ROW_ORIGIN, ROW_RECORD, ROW_CERTIFICATE, ROW_CLEARED /* an invalidation */, EDGE_ROWS };
static inline enum edge_row edge_row_kind(struct row_ref row) { return (enum edge_row)(row.index >> 24); }
static inline size_t edge_row_at(struct row_ref row) { return row.index & 0xffffff; }

/* "187d", "expired", "–", with the role that it has by how near that is. */
const char *edge_days_left(const struct edge_certificate *certificate, int64_t now, uint8_t *role, char *out, size_t size);
/* "not cached", "cached up to 1y", "caching not known" */
const char *edge_cache_words(const struct account_edge *edge, const struct edge_behaviour *behaviour, char *out, size_t size);
void edge_leads(const struct pane_view *view, struct row_ref row, struct leads *out); /* edge_leads.c */
bool edge_is(const struct pane_view *view, struct row_ref row, const char *word, const char *name);
void edge_describe(const struct pane_view *view, struct row_ref row, struct page *out);

#endif
