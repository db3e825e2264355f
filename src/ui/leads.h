/* What a row belongs with: the rows of other panes (or its own) that `→` goes to, and `←` comes back from.
 * A lead names a pane, an account, and in two words what is meant there: "subnet" "subnet-0a1". The pane answers by its is() which of its rows
 * that is, when one goes there and as long as it is not there yet. So nothing here holds places of rows, and a pane need not know how another
 * lists its own.
 * To add one: a line in the leads() of the pane that it begins in, and where the other pane's is() does not know the word yet, a line there. */
#ifndef TRIVET_UI_LEADS_H
#define TRIVET_UI_LEADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "estate/slice.h"

struct pane;
struct pane_view;
struct row_ref;

#define LEADS_MAX   32
#define LEAD_ANY    SIZE_MAX /* the rows of every account */
#define LEAD_ALL    ""       /* the word for: all rows of the account, whatever they are */
#define LEAD_CALLED "called" /* the word for: a row of which one column is exactly this. Every pane knows it */

struct lead {
    const char *pane;
    const char *word;
    size_t account;
    char name[256];
    char label[160]; /* the thing, as the menu calls it: "subnet app-1a 10.0.11.0/24" */
    size_t count;    /* of rows that it leads to; 0: not read yet */
};

struct leads {
    struct lead at[LEADS_MAX];
    size_t count;
};

/* For a pane's leads(). Nothing is added where the name is "" or NULL (it is not known; but for LEAD_ALL), or where the same stands there already. */
void lead_add(struct leads *to, const char *pane, size_t account, const char *word, const char *name, const char *label, ...)
    __attribute__((format(printf, 6, 7)));

struct release;
/* "built by run 811 …" */
void lead_run(const struct pane_view *view, struct leads *to, size_t account, const struct release *run, const char *relation);
void lead_images(const struct pane_view *view, struct leads *to, const char *references); /* of a Deployment: those of them that the registry has */

/* Where the row leads: without what is known not to be there, and without what would lead to the row itself alone. `any`: the first is enough. */
void leads_of(const struct pane_view *view, const struct pane *pane, struct row_ref row, bool any, struct leads *out);
bool lead_same(const struct lead *a, const struct lead *b);
bool lead_means(const struct pane_view *view, const struct pane *pane, const struct lead *lead, struct row_ref row);
/* How many rows of the lead's pane it means; the first of them into *first. */
size_t lead_count(const struct pane_view *view, const struct lead *lead, struct row_ref *first);
/* Is there still one of these feeds, in the account or in all, that has never answered? */
bool leads_pending(const struct pane_view *view, feed_mask feeds, size_t account);
bool lead_is_pending(const struct pane_view *view, const struct lead *lead);
/* Has all been read in which it could be? False also where that failed. */
bool lead_is_known(const struct pane_view *view, const struct lead *lead);

#endif
