/* What a person filters a table by. `column:text` looks in that column alone and `column=text` wants all of it, by the column's title or its key in
 * JSON; `since:2h` leaves rows whose time is that new; a text with blanks stands in quotes. What remains is looked for in every column. All have to
 * fit. A word is plain text where the pane has no such column. */
#ifndef TRIVET_UI_FILTER_H
#define TRIVET_UI_FILTER_H

#include "ui/pane.h"

#define FILTER_MAX   256
#define FILTER_TERMS 8

struct filter_term {
    const struct column *column;
    bool whole;
    char text[FILTER_MAX];
};

struct filter {
    struct filter_term terms[FILTER_TERMS];
    size_t count;
    int64_t since_ms; /* 0: any time */
    char text[FILTER_MAX];
};

void filter_read(const char *words, const struct pane *pane, struct filter *out);
bool filter_passes(const struct filter *filter, const struct pane *pane, const struct pane_view *view, struct row_ref row);

#endif
