/* The panes that pane.c lists. */
#ifndef TRIVET_UI_PANES_H
#define TRIVET_UI_PANES_H

#include "ui/pane.h"

/* query_view.c: what Logs Insights was asked last, in a line; false: nothing was. */
bool query_line(const struct estate *estate, int64_t now, char *out, size_t size);

/* timeline.c: the newest moments of the last day, at most so many; returns how many. And one of them as a line, cut nowhere. */
size_t timeline_newest(const struct pane_view *view, struct row_ref *out, size_t most);
uint8_t timeline_line(const struct pane_view *view, struct row_ref row, char *out, size_t size); /* its role */

extern const struct pane pane_overview;
extern const struct pane pane_accounts;
extern const struct pane pane_pods;
extern const struct pane pane_database;
extern const struct pane pane_budgets;
extern const struct pane pane_waf;
extern const struct pane pane_releases;
extern const struct pane pane_dev;
extern const struct pane pane_alarms;
extern const struct pane pane_timeline;
extern const struct pane pane_conformance;
extern const struct pane pane_edge;
extern const struct pane pane_images;
extern const struct pane pane_nodes;
extern const struct pane pane_compare;
extern const struct pane pane_costs;
extern const struct pane pane_logs;
extern const struct pane pane_network;
extern const struct pane pane_security;

#endif
