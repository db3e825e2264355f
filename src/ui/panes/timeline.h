/* A moment of the timeline: what a row of it stands for. */
#ifndef TRIVET_UI_PANES_TIMELINE_H
#define TRIVET_UI_PANES_TIMELINE_H

#include "ui/panes/panes.h"

enum moment_part { PART_SOURCE, PART_WHO, PART_SUBJECT, PART_WHAT };

struct moment_kind;
struct moment {
    const struct moment_kind *kind;
    const struct account *account;
    const void *item;
    const struct budget *budget; /* whose notification the item is */
    const struct change_feed *changes;
    enum feed feed;              /* that it is of */
};

void moment_rows(const struct pane_view *view, row_refs *out); /* all of them, those of one kind newest first */
void moment_find(const struct pane_view *view, struct row_ref row, struct moment *out);
int64_t moment_at(const struct moment *m);
uint8_t moment_role(const struct moment *m);
/* Each column asks for its own part, and no other is made. */
void moment_tell(const struct moment *m, enum moment_part part, char *out, size_t size);

#endif
