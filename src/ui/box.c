/* Boxes over the screen: the menu of actions, a value that one asks for, a question. */
#include <limits.h>
#include <string.h>

#include "base/text.h"
#include "ui/internal.h"

static void edge(struct cells *cells, int row, int left, int width, const char *first, const char *last)
{
    cells_fill(cells, row, left - 1, width + 2, ROLE_TEXT, " ");
    cells_fill(cells, row, left + 1, width - 2, ROLE_BORDER, "─");
    cells_put(cells, row, left, 1, ROLE_BORDER, first);
    cells_put(cells, row, left + width - 1, 1, ROLE_BORDER, last);
}

static void body(struct cells *cells, int row, int left, int width, const struct page_line *line, bool selected)
{
    cells_fill(cells, row, left - 1, width + 2, ROLE_TEXT, " ");
    cells_put(cells, row, left, 1, ROLE_BORDER, "│");
    cells_put(cells, row, left + width - 1, 1, ROLE_BORDER, "│");
    cells_put(cells, row, left + 2, width - 4, line->role, line->text);
    if (selected)
        cells_mark(cells, row, left + 1, width - 2, CELL_SELECTED);
}

void box_draw(struct cells *cells, const struct page *lines, int width, int selected, int until)
{
    int most = cells->rows - 4, count = (int)lines->lines.len < most ? (int)lines->lines.len : most;
    int first = until > count ? until - count : 0;
    int left = (cells->columns - width) / 2, top = (cells->rows - count - 2) / 2;
    edge(cells, top, left, width, "┌", "┐");
    for (int i = 0; i < count; i++)
        body(cells, top + 1 + i, left, width, &lines->lines.at[first + i], first + i >= selected && first + i < until);
    edge(cells, top + 1 + count, left, width, "└", "┘");
}

static int wide(const struct console *c) { return c->cells.columns - 4 < 112 ? c->cells.columns - 4 : 112; }

static bool same_target(const struct action_target *a, const struct action_target *b)
{
    return a->kind == b->kind && a->account == b->account && !strcmp(a->ns, b->ns) && !strcmp(a->name, b->name);
}

static void add_choice(const struct choice *choice, int name_width, int columns, struct page *page)
{
    char text[400];
    text_format(text, sizeof text, "%s  %-*s  %s", choice->allowed ? (char[]){choice->key, '\0'} : "–", name_width, choice->type->name,
                choice->allowed ? choice->type->about : choice->why);
    page_wrapped(page, choice->allowed ? ROLE_TEXT : ROLE_DIM, columns, 5 + name_width, text);
}

/* Under each thing that the row stands for what can be done with it. Returns the line of the selected one, and in *until the one after it. */
static int fill_menu(const struct console *c, int columns, struct page *page, int *until)
{
    const struct action_menu *menu = &c->menu;
    char where[400];
    int name_width = 0, from = 0;
    for (size_t i = 0; i < menu->count; i++)
        name_width = (int)strlen(menu->at[i].type->name) > name_width ? (int)strlen(menu->at[i].type->name) : name_width;
    for (size_t i = 0; i < menu->count; i++) {
        if (!i || !same_target(&menu->at[i].target, &menu->at[i - 1].target))
            page_add(page, ROLE_TITLE, "%s", place_text(c, &menu->at[i].target, where, sizeof where));
        from = i == menu->selected ? (int)page->lines.len : from;
        add_choice(&menu->at[i], name_width, columns, page);
        *until = i == menu->selected ? (int)page->lines.len : *until;
    }
    page_add(page, ROLE_TEXT, " ");
    page_add(page, ROLE_DIM, "%s", menu->at[menu->selected].allowed ? "letter or Enter: checked and shown first, then asked   Esc back" : "Esc back");
    return from;
}

void draw_menu(struct console *c)
{
    struct page page = {0};
    int until = 0, from = fill_menu(c, wide(c) - 4, &page, &until);
    if ((int)page.lines.len > c->cells.rows - 4) { /* rather all of them, each cut, than some of them whole */
        page_clear(&page);
        from = fill_menu(c, INT_MAX, &page, &until);
    }
    box_draw(&c->cells, &page, wide(c), from, until);
    page_free(&page);
}

void draw_value(struct console *c)
{
    const struct choice *choice = &c->menu.at[c->menu.selected];
    struct page page = {0};
    char where[400];
    page_add(&page, ROLE_TITLE, "%s · %s", choice->type->name, place_text(c, &choice->target, where, sizeof where));
    page_add(&page, ROLE_TEXT, "%s:", choice->type->asks);
    page_add(&page, ROLE_PROMPT, "> %s%s", c->input, "▏");
    page_add(&page, ROLE_DIM, "Enter goes on: it is checked first   Esc back");
    box_draw(&c->cells, &page, BOX_WIDTH, 0, 0);
    page_free(&page);
}

void draw_sure(struct console *c) { box_draw(&c->cells, &c->sure.text, wide(c) < 76 ? wide(c) : 76, 0, 0); }

void sure_ask(struct console *c, void (*yes)(struct console *c), const char *id)
{
    c->sure.yes = yes;
    text_copy(c->sure.id, sizeof c->sure.id, id);
    open_prompt(c, PROMPT_SURE, "");
}

void sure_key(struct console *c, const struct key *key)
{
    bool is_char = key->code == KEY_CODE_CHAR;
    if (is_char && (key->ch == 'y' || key->ch == 'Y')) {
        close_prompt(c);
        c->sure.yes(c);
    } else if (key->code == KEY_CODE_ESCAPE || (key->code == KEY_CODE_CTRL && key->ch == 'c') || (is_char && (key->ch == 'n' || key->ch == 'N'))) {
        close_prompt(c);
    }
}

bool box_leaves(const struct key *key)
{
    return key->code == KEY_CODE_ESCAPE || (key->code == KEY_CODE_CTRL && key->ch == 'c') || (key->code == KEY_CODE_CHAR && key->ch == 'q');
}

bool box_moves(const struct key *key, size_t *selected, size_t count)
{
    bool down = key->code == KEY_CODE_DOWN || key->code == KEY_CODE_WHEEL_DOWN || (key->code == KEY_CODE_CHAR && key->ch == 'j');
    bool up = key->code == KEY_CODE_UP || key->code == KEY_CODE_WHEEL_UP || (key->code == KEY_CODE_CHAR && key->ch == 'k');
    *selected += down && *selected + 1 < count;
    *selected -= up && *selected > 0;
    return down || up;
}
