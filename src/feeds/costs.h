/* Between the two halves of what Cost Explorer tells: costs.c pays for it, costs_cache.c keeps it on this machine. */
#ifndef TRIVET_FEEDS_COSTS_H
#define TRIVET_FEEDS_COSTS_H

#include <jansson.h>

#include "feeds/internal.h"

struct cost_ask;
struct cost_ask **feeds_cost_ask(struct feeds *feeds); /* where costs.c keeps what it asks */
void cost_ask_cancel(struct feeds *feeds);

/* $XDG_CACHE_HOME/trivet/costs-PROFILE-ACCOUNT.json, mode 0600. */
bool costs_keep(struct feeds *feeds, size_t account, const struct cost_report *report, struct error *e);

#endif
