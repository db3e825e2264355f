/* The way of a request through an account, hop by hop as the architecture draws it: what each hop does now, and a word: ok, or what fails.
 * The hops themselves are in hops.h. */
#ifndef TRIVET_UI_REQUEST_PATH_H
#define TRIVET_UI_REQUEST_PATH_H

#include "ui/pane.h"

enum hop_state {
    HOP_OK,
    HOP_BAD,     /* a person should look */
    HOP_UNKNOWN, /* not read, not read any more, or only a part of it */
    HOP_ASLEEP,  /* put to sleep: nothing is wrong */
    HOP_NONE,    /* the account has no such thing */
};
const char *hop_state_name(enum hop_state state); /* "ok", "bad", … as in JSON */

struct figure {
    char text[120];
    uint8_t role;
    uint8_t rank; /* 0 stays; the higher ones go first where there is no room */
    bool near;    /* stands by the figure before it */
    bool drawing; /* a sparkline: not in JSON */
};

#define HOP_FIGURES 20
struct hop {
    const char *name, *pane; /* pane: where it is looked at closely */
    enum hop_state state;
    bool standing;           /* of how it is set up: nothing that happens now */
    uint8_t role;            /* of the word */
    char word[48];           /* "ok", "targets 1b", "AccessDenied", "stale 9m" */
    char why[640];           /* in words, as the account's health says it; "" if nothing is wrong */
    struct figure figures[HOP_FIGURES];
    size_t count;
};

/* Which account's: the one that the view shows, else production, else the first with a path: the profile names a cluster, a web ACL or a database of
 * it. SIZE_MAX: there is none. */
size_t request_path_account(const struct pane_view *view);
/* The next account with a path; SIZE_MAX: there is no other. */
size_t request_path_next(const struct pane_view *view);
const char *request_path_pane(size_t which);
/* trend: columns of a sparkline; 0: none is made. */
void request_path_look(const struct pane_view *view, size_t account, size_t trend, struct hop out[HOPS]);
/* What is likely behind it, if a hop is bad and something is known. */
bool request_path_likely(const struct pane_view *view, size_t account, const struct hop hops[HOPS], char *out, size_t size);
/* Title and hops; airy: with a row between them. Returns rows used. */
int request_path_draw(const struct pane_view *view, size_t account, const struct hop hops[HOPS], struct cells *cells, int top, bool airy);
size_t request_path_trend(const struct cells *cells);
void request_path_text(const struct pane_view *view, struct str *out); /* nothing where no account has one */
json_t *request_path_json(const struct pane_view *view); /* null where no account has one */

#endif
