/* What else is going on: actions of this console, of others, and those that were left unfinished. */
#include <string.h>

#include "actions/engine.h"
#include "base/json.h"
#include "base/text.h"

struct search {
    const struct action *action;
    bool development; /* that it is put to sleep matters too */
    char found[240];  /* the first; "" none */
};

/* It changes the place itself, or it puts development to sleep, where the image was tried. */
static bool matters(const struct search *search, const char *action, const struct account *account)
{
    return account && (account == search->action->account || (search->development && !strcmp(action, "dev-stop")));
}

static bool is_ours(const struct actions *actions, const char *id)
{
    for (size_t i = 0; i < actions->list.len; i++)
        if (strcmp(actions->list.at[i]->id, id) == 0)
            return true;
    return false;
}

static void look_at_own(struct search *search)
{
    const struct actions *actions = search->action->engine;
    char resource[400];
    for (size_t i = 0; i < actions->list.len && !*search->found; i++) {
        const struct action *a = actions->list.at[i];
        bool runs = a != search->action && a->state >= ACTION_STARTING && a->state < ACTION_ENDED;
        if (runs && matters(search, a->type->name, a->account))
            text_format(search->found, sizeof search->found, "%s on %s runs in this console", a->type->name,
                        target_text(action_estate(a), &a->target, resource, sizeof resource));
    }
}

static void look_at_other(void *arg, const struct journal_found *found)
{
    struct search *search = arg;
    const json_t *plan = json_array_get(found->events, 0);
    const char *action = json_text_or(plan, "action", "?");
    /* By its id: other profiles, and the demonstration, have accounts of the same names. */
    const struct account *account = estate_account(action_estate(search->action), json_text_or(plan, "account_id", ""));
    char text[600];
    if (*search->found || is_ours(search->action->engine, found->id) || (found->events && !matters(search, action, account)))
        return;
    if (!found->events)
        text_format(text, sizeof text, "a journal cannot be read: %s", found->error->message);
    else
        text_format(text, sizeof text, "%s on %s / %s %s", action, account->config->name, json_text_or(plan, "name", "?"),
                    found->held ? "runs in another console" : "was left unfinished: resume or close it");
    text_clean(search->found, sizeof search->found, text, strlen(text));
}

void gate_busy(struct action *a, bool with_development)
{
    static const char key[] = "busy", title[] = "no drill or shutdown running";
    struct search search = {.action = a, .development = with_development};
    struct error e = {0};
    look_at_own(&search);
    if (!*search.found && !journal_list(a->engine->state_dir, look_at_other, &search, &e))
        gate_add(&a->gate, key, title, GATE_UNKNOWN, "%s", e.message);
    else
        gate_add(&a->gate, key, title, *search.found ? GATE_FAIL : GATE_PASS, "%s",
                 *search.found ? search.found : "nothing else changes anything there");
}
