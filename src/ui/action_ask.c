/* What a person has to type before an action begins, and before one is cancelled or left running. */
#include <string.h>

#include "base/text.h"
#include "ui/internal.h"

#define CALLED_MAX 6 /* steps that the question before a cancel lists */

static bool is_yes_no(const struct confirmation *wanted) { return !strcmp(wanted->expected, "y") && !wanted->reason; }

bool action_asks_line(const struct console *c)
{
    struct confirmation wanted;
    if (c->prompt != PROMPT_CONFIRM || !c->action)
        return false;
    action_confirmation(c->action, &wanted);
    return !is_yes_no(&wanted);
}

int action_ask_height(const struct console *c)
{
    struct confirmation wanted;
    if (c->mode != MODE_ACTION || !c->action || c->action->state != ACTION_ASKING)
        return 0;
    action_confirmation(c->action, &wanted);
    return is_yes_no(&wanted) ? 2 : wanted.reason ? 4 : 3;
}

/* A line that is typed into: its end stays in sight, and the cursor stands after it. */
static void draw_line(struct console *c, int row, const char *label, const char *text, bool here)
{
    int at = 1 + cells_put(&c->cells, row, 1, 12, here ? ROLE_KEY : ROLE_DIM, label) + 1, room = c->cells.columns - at - 2;
    const char *shown = text_skip(text, (int)text_width(text) - room);
    int used = cells_put(&c->cells, row, at, room, ROLE_PROMPT, shown);
    if (here) {
        c->cursor_row = row;
        c->cursor_column = at + used;
    }
}

void action_draw_ask(struct console *c, int row)
{
    struct confirmation wanted;
    bool failed = action_failed_check(c->action);
    char text[500];
    int width = c->cells.columns - 2;
    action_confirmation(c->action, &wanted);
    cells_fill(&c->cells, row, 0, c->cells.columns, ROLE_BORDER, "─");
    if (is_yes_no(&wanted)) {
        cells_put(&c->cells, row + 1, 1, width, ROLE_WARN, "Go on?   y goes on   n leaves it: nothing is changed");
        return;
    }
    if (!strcmp(wanted.expected, "y"))
        text_copy(text, sizeof text, "To go on, type  y");
    else
        text_format(text, sizeof text, "%s, type  %s", failed ? "A check failed. To go on all the same" : "To go on", wanted.expected);
    cells_put(&c->cells, row + 1, 1, width, failed ? ROLE_BAD : ROLE_WARN, text);
    draw_line(c, row + 2, ">", c->input, !c->on_reason);
    if (wanted.reason)
        draw_line(c, row + 3, "Reason:", c->reason, c->on_reason);
}

static void confirm(struct console *c, const char *typed)
{
    struct error e = {0};
    if (action_confirm(c->action, typed, c->reason, &e)) {
        close_prompt(c);
        c->page_top = 0;
        return;
    }
    if (error_is(&e, "old"))
        close_prompt(c); /* comes again with what is read now */
    console_say(c, ROLE_BAD, "%s", e.message);
}

/* With a line still empty that is wanted, Enter leads to it. */
static void entered(struct console *c)
{
    struct confirmation wanted;
    action_confirmation(c->action, &wanted);
    if (wanted.reason && !c->on_reason && !*c->reason && !strcmp(c->input, wanted.expected))
        c->on_reason = true;
    else
        confirm(c, c->input);
}

static void scroll(struct console *c, long by)
{
    c->page_top += by;
    if (c->page_top < 0)
        c->page_top = 0;
}

static void line_key(struct console *c, const struct key *key)
{
    struct confirmation wanted;
    char *line = c->on_reason ? c->reason : c->input;
    action_confirmation(c->action, &wanted);
    switch (key->code) {
    case KEY_CODE_CHAR:
    case KEY_CODE_PASTE:
        input_type(line, INPUT_MAX, key->ch);
        break;
    case KEY_CODE_BACKSPACE:
        input_erase(line);
        break;
    case KEY_CODE_ENTER:
        entered(c);
        break;
    case KEY_CODE_TAB:
    case KEY_CODE_BACKTAB:
    case KEY_CODE_UP:
    case KEY_CODE_DOWN:
        c->on_reason = wanted.reason && !c->on_reason;
        break;
    case KEY_CODE_CTRL:
        if (key->ch == 'u')
            *line = '\0';
        break;
    default:
        break;
    }
}

void confirm_key(struct console *c, const struct key *key)
{
    bool line = action_asks_line(c), typed = key->code == KEY_CODE_CHAR;
    if (key->code == KEY_CODE_ESCAPE || (key->code == KEY_CODE_CTRL && key->ch == 'c') || (!line && typed && (key->ch == 'n' || key->ch == 'q')))
        go_back(c);
    else if (key->code == KEY_CODE_PAGE_DOWN || key->code == KEY_CODE_WHEEL_DOWN || (!line && key->code == KEY_CODE_DOWN))
        scroll(c, key->code == KEY_CODE_PAGE_DOWN ? c->page_height : 1);
    else if (key->code == KEY_CODE_PAGE_UP || key->code == KEY_CODE_WHEEL_UP || (!line && key->code == KEY_CODE_UP))
        scroll(c, key->code == KEY_CODE_PAGE_UP ? -c->page_height : -1);
    else if (line)
        line_key(c, key);
    else if (typed && key->ch == 'y')
        confirm(c, "y");
}

/* Cancelling what runs. */

bool action_can_cancel(struct console *c) { return c->action && action_is_running(c->action) && !c->action->cancelled; }

static void cancel(struct console *c)
{
    if (c->action && action_is_running(c->action))
        action_cancel(c->action);
}

void action_ask_cancel(struct console *c)
{
    const struct action *a = c->action;
    struct page *page = &c->sure.text;
    size_t called = 0;
    char where[400];
    page_clear(page);
    page_add(page, ROLE_TITLE, "Cancel %s · %s?", a->type->name, place_text(c, &a->target, where, sizeof where));
    for (size_t i = 0; i < a->step_count; i++)
        called += a->steps[i]->called_at != 0;
    page_add(page, ROLE_TEXT, "%s", called ? "Called already, and not undone by this:" : "Nothing has been called yet: nothing is changed then.");
    for (size_t i = 0, shown = 0; i < a->step_count && shown <= CALLED_MAX && called; i++) {
        struct str text = STR_INIT(4096);
        if (!a->steps[i]->called_at)
            continue;
        a->steps[i]->type->describe(a, a->steps[i], &text);
        if (shown++ == CALLED_MAX && called > CALLED_MAX)
            page_add(page, ROLE_WARN, "  and %zu more", called - CALLED_MAX);
        else
            page_add(page, ROLE_WARN, "  %s", str_text(&text));
        str_free(&text);
    }
    page_wrapped(page, ROLE_TEXT, 70, 0,
                 called ? "It goes on by itself, and is not watched any longer. No further call is made." : "No call is made.");
    page_add(page, ROLE_DIM, "y cancels   n lets it run on");
    sure_ask(c, cancel, a->id);
}

/* Leaving while something runs. */

static void leave(struct console *c) { c->done = true; }

void console_quit(struct console *c)
{
    struct action *a = NULL;
    struct page *page = &c->sure.text;
    char where[400];
    size_t count = action_running(c, &a);
    if (!count) {
        c->done = true;
        return;
    }
    page_clear(page);
    page_add(page, ROLE_TITLE, "%s. Leave trivet?", count == 1 ? "An action runs" : "Actions run");
    for (size_t i = 0; i < actions_count(c->options.actions); i++) {
        a = actions_at(c->options.actions, i);
        if (action_is_running(a))
            page_add(page, ROLE_WARN, "  %s · %s", a->type->name, place_text(c, &a->target, where, sizeof where));
    }
    page_wrapped(page, ROLE_TEXT, 70, 0,
                 "What has been called goes on by itself at AWS; what has not been called yet is not. At the next start trivet offers to take it up "
                 "again (key A).");
    page_add(page, ROLE_DIM, "y leaves   n stays");
    sure_ask(c, leave, "");
}

void ask_watch(struct console *c)
{
    if (c->prompt == PROMPT_SURE && ((c->sure.yes == leave && !action_running(c, NULL)) || (c->sure.yes == cancel && !action_can_cancel(c))))
        close_prompt(c);
}
