/* The screen as a plain array of cells: panes draw here, one small file copies it to curses, a test prints it as text. */
#ifndef TRIVET_UI_CELL_H
#define TRIVET_UI_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define CELL_BYTES 12 /* one character with its combining marks */

struct cell {
    char text[CELL_BYTES]; /* UTF-8; "" in the second half of a wide character */
    uint8_t role;          /* enum theme_role */
    uint8_t flags;
};
enum { CELL_SELECTED = 1 }; /* drawn with the selection's background under the role's foreground */

struct cells {
    int rows, columns;
    bool ascii;      /* what is no ASCII is written as its nearest */
    struct cell *at; /* row by row */
};

void cells_init(struct cells *c, int rows, int columns);
void cells_free(struct cells *c);
void cells_resize(struct cells *c, int rows, int columns); /* cleared */
void cells_clear(struct cells *c);
/* The nearest ASCII character: '>' for ▸, '-' for –, '?' for what has none. The one table of glyphs and their fall-backs. */
char glyph_ascii(uint32_t c);
/* Writes clean text from (row, column), cut at `width` columns with '…'. Returns columns used. */
int cells_put(struct cells *c, int row, int column, int width, uint8_t role, const char *text);
/* The same over as many rows as it needs and may have, broken at blanks, further rows a little further in. Returns rows used. */
int cells_put_rows(struct cells *c, int row, int column, int width, int rows, uint8_t role, const char *text);
void cells_fill(struct cells *c, int row, int column, int width, uint8_t role, const char *glyph);
void cells_mark(struct cells *c, int row, int column, int width, uint8_t flags);
/* Each row's text without trailing blanks and a newline; for tests, :save-screen and the mono pictures. */
void cells_text(const struct cells *c, struct str *out);

#endif
