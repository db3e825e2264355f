/* The terminal, by curses: copies cells out, reads keys in, and gives it back as it was on every exit, crash signals included. */
#ifndef TRIVET_UI_TERM_H
#define TRIVET_UI_TERM_H

#include "ui/cell.h"
#include "ui/key.h"
#include "ui/theme.h"

struct term;
struct term *term_open(const struct theme *theme, bool no_color, struct error *e); /* fails if stdin/stdout is no terminal, or TERM is not known */
void term_close(struct term *term); /* NULL is fine */
bool term_unicode(const struct term *term); /* the locale's character set is UTF-8 */
void term_size(struct term *term, int *rows, int *columns); /* asks anew, after SIGWINCH */
bool term_read(struct term *term, struct key *key);         /* false: no more keys now; never blocks */
/* Gives the terminal back and stops the program as Ctrl-Z does elsewhere; returns when it goes on. */
void term_suspend(struct term *term);
/* False where the terminal is not known to take it, or osc_copy() would not. */
bool term_copy(struct term *term, const char *text);
/* Makes what was shown from the row on, from the first column, a link; as long as term_show() is given the same there. */
void term_link(struct term *term, int row, const char *url);
void term_show(struct term *term, const struct cells *cells, int cursor_row, int cursor_column);

#endif
