/* MFA codes: of the accounts' readers, and of the operator roles that actions assume. */
#include <string.h>

#include "ui/internal.h"

static bool still_waits(const struct console *c)
{
    if (c->mfa_action)
        return action_wants_mfa(c->mfa_action) != NULL;
    return c->options.estate->accounts[c->mfa_account].session.state == SESSION_MFA;
}

/* The first action whose operator role waits for a code. */
static struct action *waiting_action(const struct console *c)
{
    for (size_t i = 0; c->options.actions && i < actions_count(c->options.actions); i++)
        if (action_wants_mfa(actions_at(c->options.actions, i)))
            return actions_at(c->options.actions, i);
    return NULL;
}

/* The account whose session waits for a code, the first that does; or an action. */
void mfa_watch(struct console *c)
{
    const struct estate *e = c->options.estate;
    if (c->prompt == PROMPT_MFA) {
        if (!still_waits(c))
            close_prompt(c);
        return;
    }
    if (c->prompt == PROMPT_NONE && (c->mfa_action = waiting_action(c)) != NULL)
        open_prompt(c, PROMPT_MFA, "");
    if (c->mfa_answered < e->account_count && e->accounts[c->mfa_answered].session.state != SESSION_MFA)
        c->mfa_answered = SIZE_MAX;
    for (size_t a = 0; a < e->account_count && c->prompt == PROMPT_NONE; a++)
        if (e->accounts[a].session.state == SESSION_MFA && a != c->mfa_answered) {
            c->mfa_account = a;
            open_prompt(c, PROMPT_MFA, "");
        }
}

void mfa_answer(struct console *c, const char *code)
{
    if (c->mfa_action) {
        action_mfa(c->mfa_action, code);
        c->mfa_action = NULL;
        return;
    }
    c->mfa_answered = c->mfa_account;
    if (c->host.mfa)
        c->host.mfa(c->host.arg, c->mfa_account, code);
}

void draw_mfa(struct console *c)
{
    struct page page = {0};
    char refused[sizeof ((struct error *)0)->message];
    int typed = (int)strlen(c->input);
    const struct account *account = c->mfa_action ? c->mfa_action->account : &c->options.estate->accounts[c->mfa_account];
    const char *serial = c->mfa_action ? action_wants_mfa(c->mfa_action) : account->session.mfa_serial;
    if (c->mfa_action)
        page_add(&page, ROLE_TITLE, "MFA code for the operator role in %s (%s), for %s", account->config->name, account->config->id,
                 c->mfa_action->type->name);
    else
        page_add(&page, ROLE_TITLE, "MFA code for %s (%s)", account->config->name, account->config->id);
    page_add(&page, ROLE_DIM, "%s", serial ? serial : "");
    page_add(&page, ROLE_BAD, "%s", c->mfa_action ? action_mfa_refused(c->mfa_action, refused, sizeof refused) : account->session.refused);
    page_add(&page, ROLE_PROMPT, "code: %.*s%.*s", typed, "******", 6 - typed, "______");
    page_add(&page, ROLE_DIM, "%s", c->mfa_action ? "Enter sends it   Esc gives the action up: nothing has been done yet"
                                                  : "Enter sends it   Esc goes on without the account; r asks again");
    box_draw(&c->cells, &page, BOX_WIDTH, 0, 0);
    page_free(&page);
}
