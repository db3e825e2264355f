/* How fresh what a pane shows of an account is, in one word or one line. */
#ifndef TRIVET_UI_FRESH_H
#define TRIVET_UI_FRESH_H

#include "ui/pane.h"

struct fresh {
    enum slice_state state;      /* the worst among the pane's feeds that the account has; SLICE_NONE: it has none of them */
    const struct slice *slice;   /* the one that is worst */
    enum feed feed;
    bool live;                   /* kept up by watches */
};
void fresh_look(const struct pane *pane, const struct account *account, struct fresh *out);
/* "live", "now", "10s", "reading", "stale 3m", "failed". */
const char *fresh_word(const struct fresh *fresh, int64_t now, char *out, size_t size);
uint8_t fresh_role(const struct fresh *fresh);

#endif
