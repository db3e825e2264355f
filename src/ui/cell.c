#include "ui/cell.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/theme.h"

/* The glyphs that we draw with, and what stands for each where only ASCII does. */
static const struct {
    uint32_t glyph;
    char ascii;
} glyphs[] = {
    {0x2026 /* … */, '~'}, {0x2013 /* – */, '-'}, {0x25b8 /* ▸ */, '>'}, {0x25b6 /* ▶ */, '>'}, {0x2500 /* ─ */, '-'}, {0x2502 /* │ */, '|'},
    {0x21c4 /* ⇄ */, '='},
    {0x2713 /* ✓ */, '+'}, {0x2717 /* ✗ */, 'x'}, {0x250c /* ┌ */, '+'}, {0x2510 /* ┐ */, '+'}, {0x2514 /* └ */, '+'}, {0x2518 /* ┘ */, '+'},
    {0x25b2 /* ▲ */, '^'}, {0x25bc /* ▼ */, 'v'}, {0x21b5 /* ↵ */, '<'}, {0x2190 /* ← */, '<'}, {0x2191 /* ↑ */, '^'},
    {0x2193 /* ↓ */, 'v'}, {0x2192 /* → */, '>'}, {0x00b7 /* · */, '.'}, {0x2022 /* • */, '*'}, {0x2588 /* █ */, '#'}, {0x2592 /* ▒ */, '='},
    {0x2581 /* ▁ */, '.'}, {0x2582 /* ▂ */, '_'}, {0x2583 /* ▃ */, ':'}, {0x2584 /* ▄ */, '-'}, {0x2585 /* ▅ */, '='}, {0x2586 /* ▆ */, '+'},
    {0x2587 /* ▇ */, '*'}, {0x258f /* ▏ */, '|'}, {0x2260 /* ≠ */, '!'}, {0xfffd, '?'},
};

char glyph_ascii(uint32_t c)
{
    if (c < 0x80)
        return (char)c;
    for (size_t i = 0; i < sizeof glyphs / sizeof *glyphs; i++)
        if (glyphs[i].glyph == c)
            return glyphs[i].ascii;
    return '?';
}

void cells_init(struct cells *c, int rows, int columns)
{
    *c = (struct cells){0};
    cells_resize(c, rows, columns);
}

void cells_free(struct cells *c)
{
    free(c->at);
    *c = (struct cells){0};
}

void cells_resize(struct cells *c, int rows, int columns)
{
    c->rows = rows > 0 ? rows : 0;
    c->columns = columns > 0 ? columns : 0;
    free(c->at);
    c->at = mem_new_array((size_t)c->rows * (size_t)c->columns + 1, sizeof *c->at);
    cells_clear(c);
}

void cells_clear(struct cells *c)
{
    for (size_t i = 0; i < (size_t)c->rows * (size_t)c->columns; i++)
        c->at[i] = (struct cell){.text = " ", .role = ROLE_TEXT};
}

static struct cell *cell_at(const struct cells *c, int row, int column)
{
    return row >= 0 && row < c->rows && column >= 0 && column < c->columns ? &c->at[row * c->columns + column] : NULL;
}

/* Half a wide character cannot stay: what is left of it becomes a blank. */
static void mend(const struct cells *c, int row, int column)
{
    struct cell *cell = cell_at(c, row, column), *left = cell_at(c, row, column - 1), *right = cell_at(c, row, column + 1);
    if (!*cell->text && left)
        text_copy(left->text, CELL_BYTES, " ");
    if (*cell->text && right && !*right->text)
        text_copy(right->text, CELL_BYTES, " ");
}

static void set(const struct cells *c, int row, int column, uint8_t role, const char *bytes, size_t len)
{
    struct cell *cell = cell_at(c, row, column);
    if (!cell || len >= CELL_BYTES)
        return;
    mend(c, row, column);
    memset(cell->text, 0, CELL_BYTES);
    memcpy(cell->text, bytes, len);
    cell->role = role;
    cell->flags = 0;
}

static void combine(const struct cells *c, int row, int column, const char *bytes, size_t len)
{
    struct cell *cell = cell_at(c, row, column);
    size_t have = cell ? strlen(cell->text) : 0;
    if (cell && have + len < CELL_BYTES)
        memcpy(cell->text + have, bytes, len);
}

int cells_put(struct cells *c, int row, int column, int width, uint8_t role, const char *text)
{
    size_t len = strlen(text), used;
    int at = 0;
    bool cut = text_width(text) > (size_t)(width > 0 ? width : 0);
    int room = cut ? width - 1 : width;
    for (const char *p = text; len > 0; p += used, len -= used) {
        uint32_t ch = text_decode(p, len, &used);
        if (ch < 0x20 || (ch >= 0x7f && !text_is_clean(p, used))) /* nothing that a terminal obeys, or that turns what stands beside it round */
            ch = 0xfffd;
        int wide = c->ascii && ch >= 0x80 ? (text_char_width(ch) ? 1 : 0) : text_char_width(ch);
        char byte = glyph_ascii(ch);
        if (wide == 0) {
            if (at > 0 && !c->ascii)
                combine(c, row, column + at - 1, p, used);
            continue;
        }
        if (at + wide > room || column + at + wide > c->columns)
            break;
        set(c, row, column + at, role, c->ascii ? &byte : ch == 0xfffd ? "?" : p, c->ascii || ch == 0xfffd ? 1 : used);
        struct cell *half = wide == 2 ? cell_at(c, row, column + at + 1) : NULL;
        if (half && cell_at(c, row, column + at)) {
            if (*half->text)
                mend(c, row, column + at + 1);
            *half = (struct cell){.role = role};
        }
        at += wide;
    }
    if (cut && width > 0) {
        set(c, row, column + at, role, c->ascii ? "~" : "…", c->ascii ? 1 : strlen("…"));
        at++;
    }
    return at;
}

#define HANGING 2

int cells_put_rows(struct cells *c, int row, int column, int width, int rows, uint8_t role, const char *text)
{
    char line[1024];
    int used = 0;
    while (*text && used < rows) {
        int in = used ? HANGING : 0;
        size_t len = used + 1 < rows && width > in ? text_break(text, (size_t)(width - in)) : strlen(text);
        if (!len)
            break;
        text_format(line, sizeof line, "%.*s", (int)len, text);
        cells_put(c, row + used++, column + in, width - in, role, line);
        for (text += len; *text == ' '; text++)
            ;
    }
    return used;
}

void cells_fill(struct cells *c, int row, int column, int width, uint8_t role, const char *glyph)
{
    for (int i = 0; i < width; i++)
        cells_put(c, row, column + i, 1, role, glyph);
}

void cells_mark(struct cells *c, int row, int column, int width, uint8_t flags)
{
    for (int i = 0; i < width; i++) {
        struct cell *cell = cell_at(c, row, column + i);
        if (cell)
            cell->flags |= flags;
    }
}

void cells_text(const struct cells *c, struct str *out)
{
    for (int row = 0; row < c->rows; row++) {
        size_t end = out->len;
        for (int column = 0; column < c->columns; column++) {
            const char *text = cell_at(c, row, column)->text;
            str_adds(out, text);
            if (*text && strcmp(text, " ") != 0)
                end = out->len;
        }
        str_cut(out, end, out->len - end);
        str_addc(out, '\n');
    }
}
