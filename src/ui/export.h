/* A pane's rows without a terminal: what `trivet show` prints. Same columns, same values. Schema: doc/show.schema.json. */
#ifndef TRIVET_UI_EXPORT_H
#define TRIVET_UI_EXPORT_H

#include "ui/pane.h"

/* {"pane", "generated", "accounts":[{"name","id","kind","feeds":[{"feed","state","read_at","error":{…}|null}]}],
 *  "columns":[{"key","title"}], "rows":[{"account":…, key: value…}]}; a new reference. */
json_t *pane_json(const struct pane *pane, const struct pane_view *view);
/* An aligned table, then one line for each feed that failed or is stale. */
void pane_text(const struct pane *pane, const struct pane_view *view, struct str *out);
/* The same as a Markdown table under a heading: for a report. */
void pane_markdown(const struct pane *pane, const struct pane_view *view, struct str *out);
/* `trivet status`: {"health":"ok|attention|unknown","accounts":[{…"health","problems":[{"feed","text"}], "session", "pods", "database", "budget",
 * "alarms"}]} */
json_t *status_json(const struct pane_view *view);
void status_text(const struct pane_view *view, struct str *out);

#endif
