/* The console: takes keys, size and time, and draws the estate into cells. No network, no clock, no terminal of its own, so that
 * a test can drive all of it. */
#ifndef TRIVET_UI_CONSOLE_H
#define TRIVET_UI_CONSOLE_H

#include "actions/action.h"
#include "ui/cell.h"
#include "ui/host.h"
#include "ui/key.h"
#include "ui/pane.h"

struct console;

struct console_options {
    const struct estate *estate;
    const struct console_host *host;
    struct actions *actions; /* NULL: none can be done */
    const char *pane;     /* name of the first pane; NULL: overview */
    bool unicode;         /* false: ASCII only */
    bool read_only;
    int rows, columns;
    const json_t *last_checks; /* borrowed; NULL: there was no run before */
    int64_t now;          /* wall ms */
};

struct console *console_new(const struct console_options *options);
void console_free(struct console *console);
void console_key(struct console *console, const struct key *key, int64_t now);
void console_resize(struct console *console, int rows, int columns);
bool console_command(struct console *console, const char *line, struct error *e); /* what follows ':' */
bool console_done(const struct console *console);                                 /* the person has quit */
/* Draws if the estate, the state or the second has moved since; returns true if cells may differ from last time. */
bool console_draw(struct console *console, int64_t now);
const struct cells *console_cells(const struct console *console);
/* A link that is shown from the row on, whole and from the first column; NULL if none is. Borrowed. */
const char *console_link(const struct console *c, int *row);
void console_cursor(const struct console *console, int *row, int *column); /* row -1: hidden */
/* When must it be drawn again though nothing happens (the clock, ages)? Wall ms. */
int64_t console_next_draw(const struct console *console);
bool console_settled(const struct console *console); /* all feeds of the visible pane have answered: `:wait fresh` */

#endif
