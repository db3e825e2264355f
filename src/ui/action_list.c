/* The actions of this console, running and ended, and those that a console which is gone has left unfinished. */
#include <string.h>

#include "base/when.h"
#include "ui/internal.h"

struct entry { /* one or the other */
    struct action *action;
    const struct unfinished *unfinished;
};

static size_t count_actions(const struct console *c) { return c->options.actions ? actions_count(c->options.actions) : 0; }

/* Newest first; the unfinished ones after them. */
static bool entry_at(const struct console *c, size_t i, struct entry *out)
{
    size_t count = count_actions(c);
    *out = (struct entry){0};
    if (i < count)
        out->action = actions_at(c->options.actions, count - 1 - i);
    else if (i - count < c->unfinished.len)
        out->unfinished = &c->unfinished.at[i - count];
    return out->action || out->unfinished;
}

static void found(void *arg, const struct unfinished *one)
{
    struct console *c = arg;
    *vec_add(&c->unfinished) = *one;
}

void find_unfinished(struct console *c)
{
    struct error e = {0};
    vec_clear(&c->unfinished);
    if (c->options.actions && !actions_unfinished(c->options.actions, found, c, &e))
        console_say(c, ROLE_BAD, "%s", e.message);
}

void open_actions(struct console *c)
{
    go_to_table(c);
    find_unfinished(c);
    open_mode(c, MODE_ACTIONS);
    c->chosen = 0;
}

static void add_action(const struct console *c, const struct action *a, struct page *page)
{
    static const uint8_t roles[] = {[OUTCOME_NONE] = ROLE_TEXT, [OUTCOME_DONE] = ROLE_OK, [OUTCOME_FAILED] = ROLE_BAD,
                                    [OUTCOME_CANCELLED] = ROLE_WARN, [OUTCOME_LEFT] = ROLE_WARN};
    char where[400], span[40], time[24];
    size_t over = 0;
    place_text(c, &a->target, where, sizeof where);
    for (size_t i = 0; i < a->step_count; i++)
        over += step_is_over(a->steps[i]);
    if (a->state == ACTION_ENDED)
        page_add(page, roles[a->outcome], "%s %-16s %-28s %s %s ago: %s", a->outcome == OUTCOME_DONE ? "✓" : a->outcome == OUTCOME_LEFT ? "?" : "✗",
                 a->type->name, where, action_outcome_name(a->outcome), when_span(c->now - a->ended_at, span, sizeof span),
                 a->summary);
    else
        page_add(page, a->account->config->kind == ACCOUNT_PRODUCTION ? ROLE_WARN : ROLE_INFO, "▶ %-16s %-28s %zu of %zu steps over, %s",
                 a->type->name, where, over, a->step_count, elapsed_text(c->now - a->confirmed_at, time, sizeof time));
}

static void add_unfinished(const struct unfinished *one, struct page *page)
{
    char where[400], at[40];
    text_format(where, sizeof where, "%s / %s", one->account, one->resource);
    page_add(page, ROLE_WARN, "? %-16s %-28s begun %s%s%s", one->action, strcmp(one->account, one->resource) ? where : one->account,
             when_date(one->at, at, sizeof at), *one->reason ? ": " : "", one->reason);
}

void list_fill(struct console *c, struct page *page, long *selected)
{
    struct entry entry;
    size_t count = 0;
    *selected = -1;
    while (entry_at(c, count, &entry))
        count++;
    if (c->chosen >= count)
        c->chosen = count ? count - 1 : 0;
    page_add(page, ROLE_HEADER, "ACTIONS OF THIS CONSOLE");
    if (!count_actions(c))
        page_add(page, ROLE_DIM, "none: `a` on a row begins one");
    for (size_t i = 0; i < count; i++) {
        entry_at(c, i, &entry);
        if (i == count_actions(c)) {
            page_add(page, ROLE_TEXT, " ");
            page_add(page, ROLE_HEADER, "LEFT UNFINISHED BY A CONSOLE THAT IS GONE");
            page_add(page, ROLE_DIM, "r takes one up where the live state says it is; x closes it");
        }
        if (i == c->chosen)
            *selected = (long)page->lines.len;
        if (entry.action)
            add_action(c, entry.action, page);
        else
            add_unfinished(entry.unfinished, page);
    }
}

void list_move(struct console *c, long by)
{
    long at = (long)c->chosen + by, last = (long)(count_actions(c) + c->unfinished.len) - 1;
    c->chosen = (size_t)(at < 0 || last < 0 ? 0 : at > last ? last : at);
}

bool list_has_some(struct console *c) { return count_actions(c) + c->unfinished.len > 0; }
bool list_can_open(struct console *c)
{
    struct entry entry;
    return entry_at(c, c->chosen, &entry) && entry.action;
}
bool list_can_resume(struct console *c)
{
    struct entry entry;
    return entry_at(c, c->chosen, &entry) && entry.unfinished;
}
bool list_can_close(struct console *c)
{
    struct entry entry;
    return entry_at(c, c->chosen, &entry) && (entry.unfinished || entry.action->state == ACTION_ENDED);
}

void list_open(struct console *c)
{
    struct entry entry;
    if (entry_at(c, c->chosen, &entry) && entry.action)
        action_open(c, entry.action);
}

void list_resume(struct console *c)
{
    struct entry entry;
    struct error e = {0};
    if (!entry_at(c, c->chosen, &entry) || !entry.unfinished)
        return;
    struct action *a = action_resume(c->options.actions, entry.unfinished->id, &e);
    if (a)
        action_open(c, a);
    else
        console_say(c, ROLE_BAD, "%s", e.message);
    find_unfinished(c);
}

static void close_unfinished(struct console *c)
{
    struct error e = {0};
    if (action_close(c->options.actions, c->sure.id, &e))
        console_say(c, ROLE_INFO, "closed; the audit log has it");
    else
        console_say(c, ROLE_BAD, "%s", e.message);
    find_unfinished(c);
}

void list_close(struct console *c)
{
    struct entry entry;
    struct page *page = &c->sure.text;
    if (!entry_at(c, c->chosen, &entry))
        return;
    if (entry.action) {
        action_dismiss(entry.action);
        return;
    }
    page_clear(page);
    page_add(page, ROLE_TITLE, "Close %s · %s?", entry.unfinished->action, entry.unfinished->account);
    page_wrapped(page, ROLE_TEXT, 70, 0,
                 "Nobody will take it up again. Nothing is called and nothing undone: what had been done by then stays as it is.");
    page_add(page, ROLE_DIM, "y closes it   n leaves it in the list");
    sure_ask(c, close_unfinished, entry.unfinished->id);
}
