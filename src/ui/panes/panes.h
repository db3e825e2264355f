/* The panes that pane.c lists. */
#ifndef TRIVET_UI_PANES_H
#define TRIVET_UI_PANES_H

#include "ui/pane.h"

extern const struct pane pane_overview, pane_accounts, pane_pods, pane_database, pane_budgets, pane_waf, pane_releases, pane_dev, pane_conformance;
extern const struct pane pane_network;

#endif
