/* From the wish to the plan: what the checks need is read, checked, planned; and the end of every action. */
#include <stdlib.h>
#include <string.h>

#include "actions/engine.h"
#include "actions/lock.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/when.h"

#define POLL_MS   50
#define READ_MS   20000 /* the checks wait no longer for what they need; what has not come by then is unknown */
#define RECENT_MS 5000  /* read as lately as this: not asked for again */

int64_t action_now(const struct action *a) { return loop_wall(a->engine->options.loop); }
struct loop *action_loop(const struct action *a) { return a->engine->options.loop; }
struct http *action_http(const struct action *a) { return a->engine->options.http; }
const struct estate *action_estate(const struct action *a) { return a->engine->options.estate; }
void action_touch(struct action *a) { a->engine->version++; }

struct actions *actions_new(const struct actions_options *options)
{
    struct actions *actions = mem_new(sizeof *actions);
    actions->options = *options;
    actions->options.state_dir = actions->state_dir = mem_strdup(options->state_dir);
    actions->operators = mem_new_array(options->estate->account_count + 1, sizeof *actions->operators);
    return actions;
}

static void release_action(struct action *a);

void actions_free(struct actions *actions)
{
    if (!actions)
        return;
    while (actions->list.len)
        release_action(actions->list.at[actions->list.len - 1]);
    operator_sweep(actions);
    vec_free(&actions->list);
    free(actions->operators);
    free(actions->state_dir);
    free(actions);
}

size_t actions_count(const struct actions *actions) { return actions->list.len; }
struct action *actions_at(const struct actions *actions, size_t i) { return actions->list.at[i]; }
uint64_t actions_version(const struct actions *actions) { return actions->version; }
const char *actions_state_dir(const struct actions *actions) { return actions->state_dir; }

const char *target_text(const struct estate *estate, const struct action_target *t, char *out, size_t size)
{
    const char *account = estate->accounts[t->account].config->name;
    if (t->kind == TARGET_ACCOUNT)
        text_copy(out, size, account);
    else
        text_format(out, size, "%s / %s%s%s", account, t->ns, *t->ns ? "/" : "", t->name);
    return out;
}

/* The checks. */

static bool has_answered(const struct slice *slice, int64_t asked_at)
{
    if (slice->state == SLICE_NONE || slice->state == SLICE_NEVER)
        return slice->state == SLICE_NONE;
    if (slice->interval_ms == 0 && slice->state == SLICE_FRESH) /* a watch */
        return true;
    return !slice->loading && (slice->read_at >= asked_at - RECENT_MS || slice->error.kind != ERROR_NONE);
}

static bool all_answered(const struct action *a)
{
    const struct estate *estate = action_estate(a);
    for (size_t i = 0; i < estate->account_count; i++)
        for (int f = 0; f < FEED_COUNT; f++)
            if ((a->type->feeds & FEED_BIT(f)) && !has_answered(&estate->accounts[i].slices[f], a->asked_at))
                return false;
    return true;
}

/* What the account's checks stand on could not be read just now: said once, by name. */
static void check_freshness(struct action *a)
{
    char text[600], span[32];
    for (int f = 0; f < FEED_COUNT; f++) {
        const struct slice *slice = &a->account->slices[f];
        if (!(a->type->feeds & FEED_BIT(f)) || slice->state == SLICE_NONE || slice->state == SLICE_FRESH)
            continue;
        if (slice->state == SLICE_STALE)
            gate_add(&a->gate, "fresh", "read just now", GATE_UNKNOWN, "%s is %s old: %s", feed_name((enum feed)f),
                     when_short(action_now(a) - slice->read_at, span, sizeof span), error_text(&slice->error, text, sizeof text));
        else
            gate_add(&a->gate, "fresh", "read just now", GATE_UNKNOWN, "%s: %s", feed_name((enum feed)f),
                     slice->error.kind != ERROR_NONE ? error_text(&slice->error, text, sizeof text) : "no answer yet");
        return;
    }
}

static void drop_plan(struct action *a)
{
    for (size_t i = 0; i < a->step_count; i++)
        step_free(a->steps[i]);
    a->step_count = 0;
}

static void check_and_plan(struct action *a)
{
    struct error e = {0};
    a->gate = (struct gate){0};
    drop_plan(a);
    if (a->type->preflight)
        a->type->preflight(a);
    check_freshness(a);
    a->checked_at = action_now(a);
    if (!a->type->plan(a, &e)) {
        a->error = e;
        action_end(a, OUTCOME_FAILED);
    } else if (a->step_count == 0) {
        action_end(a, OUTCOME_DONE);
    } else {
        a->state = ACTION_ASKING;
        action_touch(a);
    }
}

static void poll_reading(void *arg)
{
    struct action *a = arg;
    a->timer = NULL;
    if (all_answered(a) || action_now(a) - a->asked_at > READ_MS)
        check_and_plan(a);
    else
        a->timer = loop_after(action_loop(a), POLL_MS, poll_reading, a);
}

void engine_read(struct action *a)
{
    a->state = ACTION_READING;
    a->asked_at = action_now(a);
    if (!all_answered(a) && a->engine->options.refresh)
        a->engine->options.refresh(a->engine->options.arg, a->type->feeds);
    a->timer = loop_after(action_loop(a), POLL_MS, poll_reading, a);
    action_touch(a);
}

struct action *engine_add(struct actions *actions, const struct action_type *type, const struct action_target *target)
{
    struct action *a = mem_new(sizeof *a);
    *a = (struct action){.engine = actions, .type = type, .target = *target, .account = &actions->options.estate->accounts[target->account]};
    random_uuid(a->id);
    *vec_add(&actions->list) = a;
    return a;
}

struct action *action_new(struct actions *actions, const struct action_type *type, const struct action_target *target, const char *value,
                          struct error *e)
{
    if (!action_allowed(actions, type, target, e)) {
        guard_refused(actions, type, target, e);
        return NULL;
    }
    if (type->asks && (!value || !*value)) {
        error_set(e, ERROR_INPUT, "value", "%s: expected %s", type->name, type->asks);
        return NULL;
    }
    if (type->asks && strlen(value) >= sizeof ((struct action *)0)->value) {
        error_set(e, ERROR_INPUT, "value", "%s: the value is longer than %zu bytes", type->name, sizeof ((struct action *)0)->value - 1);
        return NULL;
    }
    if (type->asks && type->value_good && !type->value_good(value, e))
        return NULL;
    struct action *a = engine_add(actions, type, target);
    text_copy(a->value, sizeof a->value, value && (type->asks || type->takes) ? value : "");
    engine_read(a);
    return a;
}

/* The end. */

/* Stops everything under way, and gives back what was held. */
static void let_go(struct action *a)
{
    for (size_t i = 0; i < a->step_count; i++)
        step_stop(a->steps[i]);
    loop_cancel(action_loop(a), a->timer);
    if (a->type->forget)
        a->type->forget(a);
    operator_end(a);
    journal_free(a->journal);
    lock_release(a->lock);
    a->timer = NULL;
    a->journal = NULL;
    a->lock = NULL;
    a->own = NULL;
}

static void release_action(struct action *a)
{
    struct actions *actions = a->engine;
    let_go(a);
    drop_plan(a);
    free(a->steps);
    for (size_t i = 0; i < actions->list.len; i++)
        if (actions->list.at[i] == a)
            vec_remove(&actions->list, i);
    free(a);
    actions->version++;
}

/* One call is told by what it has come to; many are counted. */
static void say_done(struct action *a)
{
    size_t skipped = 0, calls = 0;
    const struct step *last = NULL;
    for (size_t i = 0; i < a->step_count; i++) {
        skipped += a->steps[i]->state == STEP_SKIPPED;
        calls += a->steps[i]->type->api != NULL;
        last = a->steps[i];
    }
    if (skipped == a->step_count)
        text_copy(a->summary, sizeof a->summary, "nothing to do: all of it is so already");
    else if (calls == 1 && last && *last->evidence)
        text_format(a->summary, sizeof a->summary, "%s: %s", last->target, last->evidence);
    else if (skipped)
        text_format(a->summary, sizeof a->summary, "%zu of %zu steps; the others were so already", a->step_count - skipped, a->step_count);
    else
        text_format(a->summary, sizeof a->summary, "all %zu steps", a->step_count);
}

static void say_outcome(struct action *a)
{
    char text[600];
    if (*a->summary)
        return;
    if (a->outcome == OUTCOME_FAILED)
        text_copy(a->summary, sizeof a->summary, error_text(&a->error, text, sizeof text));
    else if (a->outcome == OUTCOME_CANCELLED)
        text_copy(a->summary, sizeof a->summary, "cancelled; nothing was changed");
    else if (a->outcome == OUTCOME_LEFT)
        text_copy(a->summary, sizeof a->summary, "left: what was called goes on by itself and is not watched any longer");
    else
        say_done(a);
}

void action_end(struct action *a, enum action_outcome outcome)
{
    struct error e = {0};
    a->outcome = outcome;
    a->ended_at = action_now(a);
    a->state = ACTION_ENDED;
    say_outcome(a);
    if (a->journal && audit_action(a, "ended", NULL, &e)) {
        journal_end(a->journal, NULL, &e);
        a->journal = NULL;
    }
    if (e.kind != ERROR_NONE) { /* the journal stays, so that it is not lost */
        a->error = e;
        text_format(a->summary, sizeof a->summary, "%s; but the record of it could not be ended: %s", action_outcome_name(outcome), e.message);
    }
    let_go(a);
    if (a->confirmed_at && a->engine->options.refresh) /* what it has changed is shown soon */
        a->engine->options.refresh(a->engine->options.arg, a->type->feeds);
    action_touch(a);
}

void action_finish(struct action *a, enum action_outcome outcome)
{
    a->outcome = outcome;
    if (a->type->finish && a->state == ACTION_RUNNING) {
        a->state = ACTION_FINISHING;
        action_touch(a);
        a->type->finish(a);
    } else {
        action_end(a, outcome);
    }
}

void action_finished(struct action *a) { action_end(a, a->outcome); }

void action_cancel(struct action *a)
{
    a->cancelled = true;
    if (a->state == ACTION_READING || a->state == ACTION_ASKING || a->state == ACTION_STARTING)
        action_end(a, OUTCOME_CANCELLED);
    else if (a->state == ACTION_RUNNING)
        action_advance(a);
    else if (a->state == ACTION_FINISHING)
        action_end(a, a->outcome);
}

void action_dismiss(struct action *a)
{
    if (a && a->state == ACTION_ENDED)
        release_action(a);
}

bool action_note(struct action *a, json_t *take_event)
{
    struct error e = {0};
    if (!a->journal || journal_note(a->journal, take_event, &e))
        return true;
    a->error = e;
    action_finish(a, OUTCOME_FAILED);
    return false;
}

void action_jot(struct action *a, json_t *take_event)
{
    struct error e = {0};
    if (a->journal)
        journal_note(a->journal, take_event, &e);
    else
        json_decref(take_event);
}

/* After a crash. */

struct action *action_resume(struct actions *actions, const char *id, struct error *e)
{
    json_t *events = NULL;
    struct journal *journal = journal_open(actions->state_dir, id, &events, e);
    struct action *a = journal ? action_from_journal(actions, id, events, e) : NULL;
    if (a && a->type->recall)
        a->type->recall(a, events);
    json_decref(events);
    if (!a) {
        journal_free(journal);
        return NULL;
    }
    a->journal = journal;
    a->resumed = true;
    if (!action_allowed(actions, a->type, &a->target, e) || !guard_take(a, e) || !audit_action(a, "resumed", NULL, e)) {
        release_action(a);
        return NULL;
    }
    operator_start(a);
    return a;
}

bool action_close(struct actions *actions, const char *id, struct error *e)
{
    json_t *events = NULL;
    struct journal *journal = journal_open(actions->state_dir, id, &events, e);
    struct action *a = journal ? action_from_journal(actions, id, events, e) : NULL;
    bool good = a && audit_action(a, "closed", NULL, e);
    json_decref(events);
    if (good)
        good = journal_end(journal, NULL, e);
    else
        journal_free(journal);
    if (a)
        release_action(a);
    return good;
}
