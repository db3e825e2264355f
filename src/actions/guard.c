/* May it be done, and does a person really want it: refusals, confirmation by consequence, one running action per resource. */
#include <string.h>

#include "actions/engine.h"
#include "actions/lock.h"
#include "base/text.h"

#define CHECKS_OLD_MS 120000

/* May it be? */

static bool has_operator(const struct account_config *config) { return config->operator_role || !config->role; }

bool action_allowed(const struct actions *actions, const struct action_type *type, const struct action_target *target, struct error *e)
{
    const struct account_config *config = actions->options.estate->accounts[target->account].config;
    if (actions->options.read_only)
        error_set(e, ERROR_INPUT, "ReadOnly", "%s refused: trivet was started with --read-only", type->name);
    else if (config->protect && !type->local)
        error_set(e, ERROR_INPUT, "Protected", "%s refused: the profile protects account %s (protect: true)", type->name, config->name);
    else if (type->kinds && !(type->kinds & KIND_BIT(config->kind)))
        error_set(e, ERROR_INPUT, "WrongAccount", "%s refused: account %s is of kind %s", type->name, config->name,
                  account_kind_name((enum account_kind)config->kind));
    else if (target->kind != type->on)
        error_set(e, ERROR_INPUT, "WrongTarget", "%s is for something else", type->name);
    else if ((type->needs & (NEEDS_OPERATOR | NEEDS_CLUSTER)) && !has_operator(config))
        error_set(e, ERROR_INPUT, "NoOperator", "%s refused: the profile names no operator_role for account %s", type->name, config->name);
    else if ((type->needs & NEEDS_CLUSTER) && !config->cluster.name)
        error_set(e, ERROR_INPUT, "NoCluster", "%s refused: the profile names no cluster for account %s", type->name, config->name);
    else if ((type->needs & NEEDS_GITHUB) && !actions->options.github)
        error_set(e, ERROR_INPUT, "NoRepository", "%s refused: the profile names no repository on GitHub", type->name);
    else if (!actions->state_dir)
        error_set(e, ERROR_INPUT, "NoState", "%s refused: no place for its journal: set HOME or XDG_STATE_HOME", type->name);
    else
        return true;
    return false;
}

void guard_refused(struct actions *actions, const struct action_type *type, const struct action_target *target, const struct error *why)
{
    struct action a = {.engine = actions, .type = type, .target = *target, .account = &actions->options.estate->accounts[target->account]};
    struct error unwritten = {0};
    if (error_is(why, "NoState"))
        return;
    audit_action(&a, "refused", json_pack("{s:s}", "why", why->message), &unwritten);
}

bool action_failed_check(const struct action *a)
{
    for (size_t i = 0; i < a->gate.point_count; i++)
        if (a->gate.points[i].verdict != GATE_PASS)
            return true;
    return false;
}

void action_confirmation(const struct action *a, struct confirmation *out)
{
    bool failed = action_failed_check(a), production = a->account->config->kind == ACCOUNT_PRODUCTION && !a->type->local;
    *out = (struct confirmation){.reason = failed || production || a->type->needs_reason};
    if (failed)
        text_format(out->expected, sizeof out->expected, "%s %s", a->type->verb, a->target.name);
    else
        text_copy(out->expected, sizeof out->expected, production ? a->target.name : "y");
}

static bool is_confirmed(struct action *a, const char *typed, const char *reason, struct error *e)
{
    struct confirmation wanted;
    action_confirmation(a, &wanted);
    if (!typed || strcmp(typed, wanted.expected) != 0)
        return error_set(e, ERROR_INPUT, "confirm", "not confirmed: expected \"%s\"", wanted.expected), false;
    if (wanted.reason && (!reason || strspn(reason, " ") == strlen(reason)))
        return error_set(e, ERROR_INPUT, "reason", "not confirmed: a reason has to be given"), false;
    return true;
}

bool guard_take(struct action *a, struct error *e)
{
    char resource[400];
    target_text(action_estate(a), &a->target, resource, sizeof resource);
    json_t *holder = json_pack("{s:s, s:s, s:s}", "action", a->type->name, "account", a->account->config->name, "id", a->id);
    return (a->lock = lock_take(a->engine->state_dir, resource, action_now(a), holder, e)) != NULL;
}

static bool write_down(struct action *a, const char *phase, struct error *e)
{
    return audit_action(a, phase, NULL, e) && (a->journal = journal_begin(a->engine->state_dir, a->id, action_journal_plan(a), e));
}

bool action_confirm(struct action *a, const char *typed, const char *reason, struct error *e)
{
    if (a->state != ACTION_ASKING)
        return error_set(e, ERROR_INPUT, "confirm", "%s waits for no confirmation", a->type->name), false;
    if (!action_allowed(a->engine, a->type, &a->target, e) || !is_confirmed(a, typed, reason, e))
        return false;
    if (action_now(a) - a->checked_at > CHECKS_OLD_MS) {
        error_set(e, ERROR_INPUT, "old", "the checks are more than two minutes old: they are read again");
        engine_read(a);
        return false;
    }
    text_clean(a->reason, sizeof a->reason, reason ? reason : "", reason ? strlen(reason) : 0);
    a->overridden = action_failed_check(a);
    a->confirmed_at = action_now(a); /* which is written down */
    if (!guard_take(a, e) || !write_down(a, "begun", e)) {
        lock_release(a->lock);
        a->lock = NULL;
        a->confirmed_at = 0;
        return false;
    }
    operator_start(a);
    return true;
}
