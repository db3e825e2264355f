/* What can be done with the selected row: the rows of the engine's table that are for what it stands for, those that are refused with why. */
#include <string.h>

#include "ui/internal.h"

static bool selected_targets(struct console *c, struct targets *out)
{
    struct pane_view view = console_view(c);
    struct row_ref row;
    *out = (struct targets){0};
    if (!c->options.actions || !console_pane(c)->targets || !row_at_hand(c, &row))
        return false;
    console_pane(c)->targets(&view, row, out);
    return out->count > 0;
}

static bool is_taken(const struct action_menu *menu, char key)
{
    for (size_t i = 0; i < menu->count; i++)
        if (menu->at[i].key == key)
            return true;
    return false;
}

/* Two types may have asked for the same letter: the second gets a digit. */
static char free_key(const struct action_menu *menu, char wished)
{
    static const char others[] = "123456789";
    const char *p = others;
    if (!is_taken(menu, wished))
        return wished;
    while (*p && is_taken(menu, *p))
        p++;
    return *p ? *p : '-';
}

static void add_choice(const struct console *c, struct action_menu *menu, const struct action_type *type, const struct action_target *target)
{
    struct error e = {0};
    if (menu->count == MENU_MAX)
        return;
    struct choice choice = {.type = type, .target = *target, .key = free_key(menu, type->key)};
    choice.allowed = action_allowed(c->options.actions, type, target, &e);
    size_t name = strlen(type->name);
    bool named = text_starts(e.message, type->name) && e.message[name] == ' ';
    text_copy(choice.why, sizeof choice.why, e.message + (named ? name + 1 : 0)); /* the name stands in the row already */
    menu->at[menu->count++] = choice;
}

/* What is for the row itself first, then what is for what it belongs to. */
static void fill_menu(struct console *c, struct action_menu *menu)
{
    struct targets targets;
    *menu = (struct action_menu){0};
    if (!selected_targets(c, &targets))
        return;
    for (size_t t = 0; t < targets.count; t++)
        for (size_t i = 0; action_types[i]; i++)
            if (action_types[i]->on == targets.at[t].kind)
                add_choice(c, menu, action_types[i], &targets.at[t]);
}

static size_t first_allowed(const struct action_menu *menu)
{
    for (size_t i = 0; i < menu->count; i++)
        if (menu->at[i].allowed)
            return i;
    return 0;
}

bool menu_has_some(struct console *c)
{
    struct action_menu menu;
    fill_menu(c, &menu);
    return menu.count && menu.at[first_allowed(&menu)].allowed;
}

bool menu_has(struct console *c, const char *name)
{
    struct action_menu menu;
    fill_menu(c, &menu);
    for (size_t i = 0; i < menu.count; i++)
        if (menu.at[i].allowed && !strcmp(menu.at[i].type->name, name))
            return true;
    return false;
}

void open_menu(struct console *c)
{
    fill_menu(c, &c->menu);
    c->menu.selected = first_allowed(&c->menu);
    if (c->menu.count)
        open_prompt(c, PROMPT_MENU, "");
    else
        console_say(c, ROLE_INFO, "there is no action for %s; ? tells which pane has some",
                    console_pane(c)->targets ? "this row" : "the rows of this pane");
}

/* Begins it: first only what it needs is read. */
static bool begin(struct console *c, const struct choice *choice, const char *value, struct error *e)
{
    struct action *a = action_new(c->options.actions, choice->type, &choice->target, value, e);
    if (!a)
        return false;
    if (c->host.focus)
        c->host.focus(c->host.arg, choice->type->feeds | pane_reads(console_pane(c)));
    action_open(c, a);
    return true;
}

static void choose(struct console *c)
{
    const struct choice *choice = &c->menu.at[c->menu.selected];
    struct error e = {0};
    if (!choice->allowed) {
        console_say(c, ROLE_WARN, "%s %s", choice->type->name, choice->why);
        return;
    }
    close_prompt(c);
    if (choice->type->asks)
        open_prompt(c, PROMPT_VALUE, "");
    else if (!begin(c, choice, NULL, &e))
        console_say(c, ROLE_BAD, "%s", e.message);
}

void menu_key(struct console *c, const struct key *key)
{
    struct action_menu *menu = &c->menu;
    for (size_t i = 0; key->code == KEY_CODE_CHAR && i < menu->count; i++)
        if ((uint32_t)(unsigned char)menu->at[i].key == key->ch) {
            menu->selected = i;
            choose(c);
            return;
        }
    if (box_leaves(key))
        close_prompt(c);
    else if (key->code == KEY_CODE_ENTER)
        choose(c);
    else if (key->code != KEY_CODE_CHAR)
        (void)box_moves(key, &menu->selected, menu->count);
}

void value_accept(struct console *c)
{
    struct error e = {0};
    const struct choice choice = c->menu.at[c->menu.selected];
    char value[INPUT_MAX];
    text_copy(value, sizeof value, c->input);
    if (!*value)
        error_set(&e, ERROR_INPUT, "value", "expected %s", choice.type->asks);
    else if (!choice.type->value_good || choice.type->value_good(value, &e)) {
        close_prompt(c);
        if (begin(c, &choice, value, &e))
            return;
    }
    console_say(c, ROLE_BAD, "%s", e.message);
}

bool action_by_name(struct console *c, const char *text, struct error *e)
{
    char name[64];
    size_t len = strcspn(text, " "), i = 0;
    const char *value = text + len + strspn(text + len, " ");
    struct str names = STR_INIT(STR_TEXT_MAX);
    text_format(name, sizeof name, "%.*s", (int)len, text);
    fill_menu(c, &c->menu);
    while (i < c->menu.count && strcmp(c->menu.at[i].type->name, name) != 0)
        i++;
    if (i < c->menu.count) {
        const struct choice choice = c->menu.at[c->menu.selected = i];
        if (choice.allowed && choice.type->asks && !*value) {
            open_prompt(c, PROMPT_VALUE, "");
            return true;
        }
        return begin(c, &choice, *value ? value : NULL, e); /* the engine refuses, and writes it down */
    }
    for (i = 0; i < c->menu.count; i++)
        str_addf(&names, "%s%s", i ? ", " : "", c->menu.at[i].type->name);
    if (!action_type_find(name))
        error_set(e, ERROR_INPUT, "action", "no action \"%s\"; for this row there is %s", name, names.len ? str_text(&names) : "none");
    else
        error_set(e, ERROR_INPUT, "action", "%s is not for the selected row; for it there is %s", name, names.len ? str_text(&names) : "none");
    str_free(&names);
    return false;
}
