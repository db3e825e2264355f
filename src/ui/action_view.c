/* One action: its head line, the word of it in the console's header, opening its page and leaving it. */
#include <string.h>

#include "base/text.h"
#include "ui/internal.h"
#include "ui/value.h"

const char *elapsed_text(int64_t ms, char *out, size_t size)
{
    int64_t s = ms > 0 ? ms / 1000 : 0;
    if (s >= 3600)
        text_format(out, size, "%lld:%02d:%02d", (long long)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
    else
        text_format(out, size, "%02d:%02d", (int)(s / 60), (int)(s % 60));
    return out;
}

const char *place_text(const struct console *c, const struct action_target *target, char *out, size_t size)
{
    const struct account_config *config = c->options.estate->accounts[target->account].config;
    target_text(c->options.estate, target, out, size);
    if (config->kind == ACCOUNT_PRODUCTION)
        text_upper(out, strlen(config->name));
    return out;
}

bool action_is_running(const struct action *a) { return a->state == ACTION_STARTING || a->state == ACTION_RUNNING || a->state == ACTION_FINISHING; }

size_t action_running(const struct console *c, struct action **last)
{
    size_t count = 0;
    for (size_t i = 0; c->options.actions && i < actions_count(c->options.actions); i++)
        if (action_is_running(actions_at(c->options.actions, i))) {
            count++;
            if (last)
                *last = actions_at(c->options.actions, i);
        }
    return count;
}

static size_t steps_over(const struct action *a)
{
    size_t over = 0;
    for (size_t i = 0; i < a->step_count; i++)
        over += step_is_over(a->steps[i]);
    return over;
}

static int64_t elapsed(const struct action *a, int64_t now)
{
    return (a->ended_at ? a->ended_at : now) - (a->confirmed_at ? a->confirmed_at : a->asked_at);
}

bool action_indicator(const struct console *c, char *out, size_t size, uint8_t *role)
{
    struct action *a = NULL;
    char time[24], more[24] = "", account[80];
    size_t count = action_running(c, &a);
    if (!count)
        return false;
    if (count > 1)
        text_format(more, sizeof more, " +%zu", count - 1);
    text_format(out, size, "▶ %s %s %zu/%zu %s%s", a->type->name, account_name(a->account->config, account, sizeof account), steps_over(a),
                a->step_count, elapsed_text(elapsed(a, c->now), time, sizeof time), more);
    *role = ROLE_INFO;
    for (size_t i = 0; i < actions_count(c->options.actions); i++)
        if (action_is_running(actions_at(c->options.actions, i)) && actions_at(c->options.actions, i)->account->config->kind == ACCOUNT_PRODUCTION)
            *role = ROLE_PROD;
    return true;
}

/* "  PROD  drill · prod / innovate-prod · 3                      elapsed 00:47" */
void action_head(struct console *c, int row)
{
    const struct action *a = c->action;
    char text[700], name[84], account[80], where[400], time[40], span[24];
    text_format(name, sizeof name, " %s ", account_name(a->account->config, account, sizeof account));
    int at = 1 + cells_put(&c->cells, row, 1, c->cells.columns - 2, kind_role(a->account->config->kind), name) + 1;
    if (a->state == ACTION_READING || a->state == ACTION_ASKING)
        *time = '\0';
    else
        text_format(time, sizeof time, "elapsed %s", elapsed_text(elapsed(a, c->now), span, sizeof span));
    int right = c->cells.columns - 1 - (int)text_width(time);
    place_text(c, &a->target, where, sizeof where);
    text_format(text, sizeof text, "%s · %s%s%s · %s", a->type->name, where, *a->value ? " · " : "", a->value, a->type->about);
    cells_put(&c->cells, row, at, right - at - 2, ROLE_STRONG, text);
    cells_put(&c->cells, row, right, c->cells.columns - right, ROLE_DIM, time);
}

/* Coming and going. */

void action_open(struct console *c, struct action *a)
{
    enum mode under = c->mode == MODE_ACTIONS ? MODE_ACTIONS : MODE_TABLE;
    go_to_table(c);
    open_mode(c, MODE_ACTION);
    c->under = under;
    c->action = a;
    c->reason[0] = '\0';
    c->on_reason = false;
}

static void forget(struct console *c, struct action *a)
{
    if (c->mfa_action == a)
        c->mfa_action = NULL;
    action_dismiss(a);
}

void action_leave(struct console *c)
{
    struct action *a = c->action;
    c->action = NULL;
    if (c->prompt == PROMPT_CONFIRM)
        close_prompt(c);
    if (!a)
        return;
    if (a->state == ACTION_READING || a->state == ACTION_ASKING) {
        action_cancel(a);
        console_say(c, ROLE_INFO, "%s: given up before it began; nothing was changed", a->type->name);
    }
    if (a->state == ACTION_ENDED && !a->confirmed_at)
        forget(c, a);
    if (c->host.focus)
        c->host.focus(c->host.arg, pane_reads(console_pane(c)));
}

bool action_has_ended(struct console *c) { return c->action && c->action->state == ACTION_ENDED; }

void action_put_away(struct console *c)
{
    struct action *a = c->action;
    bool kept = a->confirmed_at != 0;
    go_back(c);
    if (kept)
        forget(c, a);
}

/* What has ended while the person looked at something else is told once. */
static void tell_ended(struct console *c)
{
    int64_t until = c->told_until;
    for (size_t i = 0; i < actions_count(c->options.actions); i++) {
        const struct action *a = actions_at(c->options.actions, i);
        if (a->state != ACTION_ENDED || a->ended_at <= c->told_until)
            continue;
        until = a->ended_at > until ? a->ended_at : until;
        if (a != c->action)
            console_say(c, a->outcome == OUTCOME_DONE ? ROLE_OK : ROLE_BAD, "%s in %s: %s; A shows it", a->type->name, a->account->config->name,
                        action_outcome_name(a->outcome));
    }
    c->told_until = until;
}

void action_watch(struct console *c)
{
    if (!c->options.actions)
        return;
    ask_watch(c);
    tell_ended(c);
    bool asks = c->mode == MODE_ACTION && c->action && c->action->state == ACTION_ASKING;
    if (asks && c->prompt == PROMPT_NONE) {
        c->on_reason = false;
        open_prompt(c, PROMPT_CONFIRM, "");
    } else if (!asks && c->prompt == PROMPT_CONFIRM) {
        close_prompt(c);
    }
}
