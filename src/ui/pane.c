#include "ui/pane.h"

#include <stddef.h>

#include "ui/compare.h"
#include "ui/panes/panes.h"

/* The first nine have a digit; the rest are reached by name and Tab. */
const struct pane *const panes[] = {
    &pane_overview,
    &pane_accounts,
    &pane_pods,
    &pane_database,
    &pane_budgets,
    &pane_waf,
    &pane_releases,
    &pane_dev,
    &pane_alarms,
    &pane_timeline,
    &pane_conformance,
    &pane_images,
    &pane_costs,
    &pane_logs,
    &pane_network,
    &pane_security,
    &pane_edge,
    &pane_nodes,
    &pane_compare,
    NULL,
};

size_t pane_place(const char *name)
{
    for (size_t i = 0; panes[i]; i++)
        if (text_equal(panes[i]->name, name))
            return i;
    return SIZE_MAX;
}

const struct pane *pane_find(const char *name)
{
    size_t place = pane_place(name);
    return place == SIZE_MAX ? NULL : panes[place];
}

feed_mask pane_feeds(const struct pane *pane) { return pane->checks ? checks_feeds() : pane->compares ? compare_feeds() : pane->feeds; }

feed_mask pane_reads(const struct pane *pane) { return pane_feeds(pane) | pane->also; }

void pane_names(struct str *out)
{
    for (size_t i = 0; panes[i]; i++)
        str_addf(out, "%s%s", i ? ", " : "", panes[i]->name);
}
