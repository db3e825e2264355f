/* Boxes over the screen: an MFA code, the menu of actions, a value that one asks for, a question. */
#include <string.h>

#include "base/text.h"
#include "ui/internal.h"

#define WIDTH 70

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

void draw_mfa(struct console *c)
{
    struct page page = {0};
    char refused[sizeof ((struct error *)0)->message];
    int typed = (int)strlen(c->input);
    const struct account *account = c->mfa_action ? c->mfa_action->account : &c->options.estate->accounts[c->mfa_account];
    const char *serial = c->mfa_action ? action_wants_mfa(c->mfa_action) : account->session.mfa_serial;
    if (c->mfa_action)
        page_add(&page, ROLE_TITLE, "MFA code for the operator role in %s (%s), for %s", account->config->name, account->config->id, c->mfa_action->type->name);
    else
        page_add(&page, ROLE_TITLE, "MFA code for %s (%s)", account->config->name, account->config->id);
    page_add(&page, ROLE_DIM, "%s", serial ? serial : "");
    page_add(&page, ROLE_BAD, "%s", c->mfa_action ? action_mfa_refused(c->mfa_action, refused, sizeof refused) : account->session.refused);
    page_add(&page, ROLE_PROMPT, "code: %.*s%.*s", typed, "******", 6 - typed, "______");
    page_add(&page, ROLE_DIM, "%s", c->mfa_action ? "Enter sends it   Esc gives the action up: nothing has been done yet"
                                                  : "Enter sends it   Esc goes on without the account; r asks again");
    box_draw(&c->cells, &page, WIDTH, 0, 0);
    page_free(&page);
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

/* Under each thing that the row stands for what can be done with it. */
void draw_menu(struct console *c)
{
    const struct action_menu *menu = &c->menu;
    struct page page = {0};
    char where[400];
    int name_width = 0, from = 0, until = 0;
    for (size_t i = 0; i < menu->count; i++)
        name_width = (int)strlen(menu->at[i].type->name) > name_width ? (int)strlen(menu->at[i].type->name) : name_width;
    for (size_t i = 0; i < menu->count; i++) {
        if (!i || !same_target(&menu->at[i].target, &menu->at[i - 1].target))
            page_add(&page, ROLE_TITLE, "%s", place_text(c, &menu->at[i].target, where, sizeof where));
        from = i == menu->selected ? (int)page.lines.len : from;
        add_choice(&menu->at[i], name_width, wide(c) - 4, &page);
        until = i == menu->selected ? (int)page.lines.len : until;
    }
    page_add(&page, ROLE_TEXT, " ");
    page_add(&page, ROLE_DIM, "%s", menu->at[menu->selected].allowed ? "letter or ↵: checked and shown first, then asked   Esc back" : "Esc back");
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
    box_draw(&c->cells, &page, WIDTH, 0, 0);
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
