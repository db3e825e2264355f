/* Keys that take a row out of trivet: its id into the clipboard, its page as a link. */
#include <string.h>

#include "base/text.h"
#include "ui/internal.h"
#include "ui/osc.h"

/* Of the selected row, or of the one whose details are open. */
static bool row_link(struct console *c, struct link *out)
{
    struct pane_view view = console_view(c);
    struct row_ref row;
    struct targets targets = {0};
    const struct pane *pane = console_pane(c);
    *out = (struct link){0};
    if (pane->drawing_only || !row_at_hand(c, &row))
        return false;
    if (pane->link) {
        pane->link(&view, row, out);
        return true;
    }
    if (!pane->targets)
        return false;
    pane->targets(&view, row, &targets);
    if (targets.count)
        link_of_target(view.estate, &targets.at[0], out);
    return targets.count > 0;
}

bool copy_has_id(struct console *c)
{
    struct link link;
    return row_link(c, &link) && *link.id;
}

bool copy_has_page(struct console *c)
{
    struct link link;
    return row_link(c, &link) && *link.url;
}

static void copy(struct console *c, const char *text)
{
    if (c->host.copy && c->host.copy(c->host.arg, text))
        console_say(c, ROLE_INFO, "copied %s", text);
    else
        console_say(c, ROLE_WARN, "this terminal takes nothing into its clipboard: %s", text);
}

void copy_id(struct console *c)
{
    struct link link;
    if (row_link(c, &link) && *link.id)
        copy(c, link.id);
}

void open_link(struct console *c)
{
    if (row_link(c, &c->link) && *c->link.url)
        open_prompt(c, PROMPT_LINK, "");
}

void link_key(struct console *c, const struct key *key)
{
    close_prompt(c);
    if (key->code == KEY_CODE_CHAR && key->ch == 'c')
        copy(c, c->link.url);
}

static int rows_of(const struct console *c) { return ((int)strlen(c->link.url) + c->cells.columns - 1) / c->cells.columns; }

/* Whole and from the first column on, without a border, so that it can be selected by mouse too. */
void draw_link(struct console *c)
{
    int columns = c->cells.columns, rows = rows_of(c), top = c->cells.rows - rows;
    cells_fill(&c->cells, top - 2, 0, columns, ROLE_BORDER, "─");
    cells_fill(&c->cells, top - 1, 0, columns, ROLE_TEXT, " ");
    cells_put(&c->cells, top - 1, 1, columns - 2, ROLE_DIM, "a link, where the terminal knows them   c copies it   any other key goes back");
    for (int i = 0; i < rows; i++) {
        char line[1024];
        text_format(line, sizeof line, "%.*s", columns, c->link.url + (size_t)i * (size_t)columns);
        cells_fill(&c->cells, top + i, 0, columns, ROLE_TEXT, " ");
        cells_put(&c->cells, top + i, 0, columns, ROLE_PROMPT, line);
    }
}

const char *console_link(const struct console *c, int *row)
{
    *row = c->cells.rows - rows_of(c);
    return c->prompt == PROMPT_LINK && c->cells.rows >= 24 && c->cells.columns >= 80 ? c->link.url : NULL;
}
