/* A pane: a title, the feeds it shows, a table of columns over rows of the estate, and where it has one a drawing of its own.
 * One file in ui/panes/ and one row in pane.c's table. Screen, help, `:` palette, `trivet show` text and JSON all come from these rows.
 * To add one: copy the smallest file in ui/panes/, list it in pane.c and ui/local.mk. */
#ifndef TRIVET_UI_PANE_H
#define TRIVET_UI_PANE_H

#include <jansson.h>

#include "actions/action.h"
#include "base/str.h"
#include "checks/check.h"
#include "estate/estate.h"
#include "ui/cell.h"
#include "ui/leads.h"
#include "ui/links.h"
#include "ui/page.h"
#include "ui/thing.h"
#include "ui/theme.h"

/* One value of a row: what a person reads, and what a script reads. */
struct value {
    char text[256];
    uint8_t role;       /* enum theme_role */
    bool known;         /* false: shown as "–" (text says why where it can), JSON null */
    enum { VALUE_TEXT, VALUE_NUMBER, VALUE_TIME, VALUE_FLAG } type;
    uint64_t marked;    /* columns of the text, bit by bit, that have a role of their own: a drawing's */
    uint8_t mark_role;
    double number;      /* VALUE_NUMBER, VALUE_FLAG; VALUE_TIME in ms: what sorting and JSON use. Of a VALUE_TEXT 0, but where order() puts groups
                         * before texts */
};

struct row_ref {        /* a row: which account, which element of its array */
    uint32_t account, index;
};

struct pane_view {      /* what a pane is told when it lists or draws */
    const struct estate *estate;
    int64_t now;        /* wall ms */
    bool unicode;
    size_t account;     /* where the pane shows one account; SIZE_MAX: all */
    const char *filter; /* headless: what to filter by; NULL: nothing */
    bool drawn;         /* for the screen: the rows of a drawing are what can be chosen in it */
    size_t shown;       /* the account that a drawing is of, its index + 1; 0: the pane's own choice */
    const struct row_ref *chosen; /* the selected row, for a drawing; NULL otherwise */
    const check_results *checks; /* the verdicts, for a pane that asks for them; NULL otherwise */
    const json_t *last_checks;   /* of the run before, as `trivet check` kept it; NULL: none */
};

struct column {
    const char *key;    /* JSON name, stable: "restarts" */
    const char *title;  /* "RESTARTS" */
    int width;          /* least columns; it gets what its texts need where there is room, and the one with grow takes the rest */
    int priority;       /* 0 always shown; higher ones go first when the window is narrow */
    bool right, grow;
    bool identity;      /* those columns together, with the account, tell a row from others, also after a refresh */
    bool screen_only;   /* a drawing: not in JSON */
    void (*value)(const struct pane_view *view, struct row_ref row, struct value *out);
    /* what the table shows of that text: the essential first, or less of it; NULL: the text itself */
    const char *(*brief)(const struct pane_view *view, struct row_ref row, const char *text, char *out, size_t size);
};

typedef VEC(struct row_ref) row_refs;

/* What a row stands for, for actions: itself first, then what it belongs to. */
#define TARGETS_MAX 4
struct targets {
    struct action_target at[TARGETS_MAX];
    size_t count;
};

struct pane {
    const char *name;   /* "pods": `:pods`, --pane, `trivet show pods` */
    const char *title;
    const char *about;  /* one line for the help */
    feed_mask feeds;     /* FEED_BITs */
    feed_mask also;      /* read too while somebody looks, never for `show` or a check: the pane does without them where they cannot be read */
    const struct column *columns; /* terminated by a NULL key */
    int sort;           /* default column; negative of (index+1): descending */
    void (*rows)(const struct pane_view *view, row_refs *out); /* unsorted, unfiltered */
    /* What rows stand in order by, before anybody sorts them: its number, then its text. NULL: as rows() lists them. */
    void (*order)(const struct pane_view *view, struct row_ref row, struct value *out);
    /* For tables of thousands: never 0, another one whenever what the row's columns show has changed (but for the time that passes), and no two rows
     * of an account share one. NULL: all rows are looked at anew whenever the estate has moved. */
    uint64_t (*stamp)(const struct pane_view *view, struct row_ref row);
    bool (*detail)(const struct pane_view *view, struct row_ref row, struct detail_key *out); /* NULL: Enter does nothing */
    /* Above the table, if the pane has a drawing (overview's columns, budgets' bars, WAF's sparkline): rows used. `height` is what may be used at
     * most. */
    int (*draw)(const struct pane_view *view, struct cells *cells, int top, int height);
    /* Below the table, in what is left (WAF's samples); NULL: nothing. */
    void (*below)(const struct pane_view *view, struct cells *cells, int top, int height);
    void (*describe)(const struct pane_view *view, struct row_ref row, struct page *out); /* what Enter shows */
    void (*json)(const struct pane_view *view, json_t *into);                             /* members beside the rows; NULL: none */
    void (*text)(const struct pane_view *view, struct str *out); /* headless, what stands below the rows, in lines; NULL: nothing */
    /* adds by target_add(); NULL: no action is for its rows */
    void (*targets)(const struct pane_view *view, struct row_ref row, struct targets *out);
    void (*link)(const struct pane_view *view, struct row_ref row, struct link *out);        /* id and page; NULL: those of its first target */
    bool drawing_only;  /* the table is for `show` only */
    size_t (*next)(const struct pane_view *view); /* the account that its drawing would show next; SIZE_MAX: there is no other. NULL: it draws all */
    /* What the row stands for, to be compared with another account's; NULL: what its targets tell. False: nothing. */
    bool (*thing)(const struct pane_view *view, struct row_ref row, struct thing *out);
    void (*leads)(const struct pane_view *view, struct row_ref row, struct leads *out); /* what the row belongs with, by lead_add(); NULL: nothing */
    feed_mask lead_feeds; /* by which those are found, beside its own feeds: read while their menu is open */
    /* Is the row what a lead means by that? NULL: no row ever is. */
    bool (*is)(const struct pane_view *view, struct row_ref row, const char *word, const char *name);
    bool checks;        /* shows the verdicts of conformance */
    bool health;        /* shows how accounts are: headless, every feed is read for it */
    bool logs;          /* `l` follows the row's log; Enter too, where there is no describe() */
    bool queries;       /* its rows are log groups: `Q` asks Logs Insights about them */
    bool compares;      /* shows what is compared: reads what that stands on */
    bool compares_all;  /* `=` compares everything from here */
    bool paid;          /* `R` asks for what costs money, after a question */
};

extern const struct pane *const panes[]; /* NULL-terminated, in the order of the digits */
size_t pane_place(const char *name);                            /* in that order; SIZE_MAX if there is none */
const struct pane *pane_find(const char *name);                 /* NULL if none */
feed_mask pane_feeds(const struct pane *pane);                  /* what it shows; of verdicts and comparisons: all that they stand on */
feed_mask pane_reads(const struct pane *pane);                  /* what is read while somebody looks at it */
void pane_names(struct str *out);                               /* "overview, accounts, …" for error messages */

#endif
