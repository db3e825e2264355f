/* Carries out the steps. Each is looked at first; what is so already is skipped, what is under way is watched, what is to be done is journaled and
 * called, then looked at until it has settled. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/engine.h"
#include "base/mem.h"
#include "base/text.h"
#include "net/retry.h"

#define UNSURE_MS 60000 /* a call without an answer, or one before a crash, may show its effect as late as this */
#define AGAIN_MS  1000
#define SOON_MS   250
#define TRIES_MAX 5

const char *step_state_name(enum step_state state)
{
    static const char *const names[] = {"waiting", "looking", "calling", "settling", "done", "skipped", "failed", "left"};
    return names[state];
}

bool step_is_over(const struct step *s) { return s->state >= STEP_DONE; }

static bool is_busy(const struct step *s) { return s->state == STEP_LOOKING || s->state == STEP_CALLING; }

struct step *plan_step(struct action *a, const struct step_type *type, const char *target, json_t *take_with)
{
    struct step *s = mem_new(sizeof *s);
    s->type = type;
    s->action = a;
    s->with = take_with ? take_with : json_object();
    text_copy(s->target, sizeof s->target, target);
    a->steps = mem_resize(a->steps, a->step_count + 1, sizeof *a->steps);
    a->steps[a->step_count++] = s;
    return s;
}

void step_stop(struct step *s)
{
    aws_cancel(s->aws);
    kube_cancel(s->kube);
    github_cancel(s->github);
    loop_cancel(action_loop(s->action), s->timer);
    s->aws = NULL;
    s->kube = NULL;
    s->github = NULL;
    s->timer = NULL;
}

void step_free(struct step *s)
{
    step_stop(s);
    json_decref(s->with);
    free(s);
}

static size_t index_of(const struct step *s)
{
    size_t i = 0;
    while (s->action->steps[i] != s)
        i++;
    return i;
}

static bool note(struct step *s, const char *event, json_t *take_more)
{
    json_t *line = json_pack("{s:s, s:I, s:s, s:s}", "event", event, "step", (json_int_t)index_of(s), "type", s->type->name, "target", s->target);
    json_object_update(line, take_more);
    json_decref(take_more);
    return action_note(s->action, line);
}

static void look(struct step *s, enum step_state state)
{
    s->state = state;
    action_touch(s->action);
    s->type->look(s->action, s);
}

static void look_again(void *arg)
{
    struct step *s = arg;
    s->timer = NULL;
    look(s, s->state);
}

static void wait_to_look(struct step *s, int64_t ms)
{
    loop_cancel(action_loop(s->action), s->timer);
    s->timer = loop_after(action_loop(s->action), ms, look_again, s);
}

static void over(struct step *s, enum step_state state)
{
    s->state = state;
    s->ended_at = action_now(s->action);
    if (state != STEP_FAILED)
        s->error = (struct error){0}; /* what it gave for unsure has turned out well */
    action_touch(s->action);
    if (note(s, "over", json_pack("{s:s, s:s}", "state", step_state_name(state), "evidence", s->evidence)))
        action_advance(s->action);
}

static void fail(struct step *s, const struct error *e)
{
    s->error = *e;
    if (s->action->error.kind == ERROR_NONE)
        s->action->error = *e;
    over(s, STEP_FAILED);
}

/* Sooner at first: much settles within seconds, and what takes minutes is not asked after each second. */
static int64_t until_next_look(const struct step *s)
{
    int64_t most = s->type->every_ms ? s->type->every_ms : AGAIN_MS, since = action_now(s->action) - (s->called_at ? s->called_at : s->began_at);
    int64_t wait = since / 2 > SOON_MS ? since / 2 : SOON_MS;
    return wait < most ? wait : most;
}

static void settle(struct step *s)
{
    s->state = STEP_SETTLING;
    wait_to_look(s, until_next_look(s));
    action_touch(s->action);
    action_advance(s->action);
}

static void call(struct step *s)
{
    int64_t now = action_now(s->action);
    if (!note(s, "intent", json_pack("{s:I, s:O}", "at", (json_int_t)now, "with", s->with)))
        return;
    s->called_at = now;
    s->state = STEP_CALLING;
    action_touch(s->action);
    s->type->call(s->action, s);
}

/* Called before a crash without a result, what must not be done twice is given a minute to show. */
static bool may_call(const struct step *s) { return !s->called_at || !s->type->once || action_now(s->action) - s->called_at > UNSURE_MS; }

static void found_before(struct step *s, enum finding finding)
{
    struct error e = {0};
    if (finding == FOUND_DONE) {
        over(s, s->called_at ? STEP_DONE : STEP_SKIPPED);
    } else if (finding == FOUND_FAILED) {
        error_set(&e, ERROR_SERVICE, "", "%s", s->evidence);
        fail(s, &e);
    } else if (finding == FOUND_UNDERWAY || !s->type->api) {
        settle(s);
    } else if (s->action->cancelled) {
        s->state = STEP_WAITING;
        action_advance(s->action);
    } else if (may_call(s)) {
        call(s);
    } else {
        wait_to_look(s, AGAIN_MS);
    }
}

static void found_after(struct step *s, enum finding finding)
{
    struct error e = {0};
    int64_t since = action_now(s->action) - (s->called_at ? s->called_at : s->began_at);
    if (finding == FOUND_DONE) {
        over(s, s->called_at || !s->type->api ? STEP_DONE : STEP_SKIPPED);
        return;
    }
    bool again = s->unsure && s->type->repeats && s->tries++ < TRIES_MAX;
    if (finding == FOUND_TODO && (!s->called_at || again) && s->type->api && !s->action->cancelled) { /* what stood in the way is over */
        call(s);
        return;
    }
    if (finding == FOUND_FAILED)
        error_set(&e, ERROR_SERVICE, "", "%s", s->evidence);
    else if (s->refused || (finding == FOUND_TODO && s->unsure && since > UNSURE_MS))
        e = s->error;
    else if (since > s->type->limit_ms)
        error_set(&e, ERROR_TIMEOUT, "NotSettled", "%s: not settled after %lld minutes: %s", s->target, (long long)(since / 60000), s->evidence);
    if (e.kind != ERROR_NONE)
        fail(s, &e);
    else
        settle(s);
}

void step_found(struct step *s, enum finding finding, const char *format, ...)
{
    char text[600];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    text_clean(s->evidence, sizeof s->evidence, text, strlen(text));
    if (finding != FOUND_TODO)
        s->unsure = false;
    if (s->action->type->seen)
        s->action->type->seen(s->action, s);
    action_touch(s->action);
    if (s->state == STEP_LOOKING)
        found_before(s, finding);
    else if (s->state == STEP_SETTLING)
        found_after(s, finding);
}

void step_unseen(struct step *s, const struct error *error)
{
    char text[600];
    bool denied = error->kind == ERROR_SERVICE && (error->status == 401 || error->status == 403) && !error_is(error, "RateLimited");
    bool before = s->state == STEP_LOOKING && s->type->api && !s->called_at; /* nothing has been done yet */
    if (!s->refused && (before || denied)) {
        fail(s, error);
        return;
    }
    text_format(s->evidence, sizeof s->evidence, "cannot be seen: %s", error_text(error, text, sizeof text));
    if (s->action->type->seen)
        s->action->type->seen(s->action, s);
    if (s->state == STEP_LOOKING)
        found_before(s, FOUND_UNDERWAY);
    else
        found_after(s, FOUND_UNDERWAY);
}

/* The refusal stands, unless a look finds what was wanted done, or why it cannot be. */
static void refuse(struct step *s, const struct error *e)
{
    bool moved = false;
    for (const char *const *code = s->type->moved; code && *code; code++)
        moved |= error_is(e, *code);
    if (!moved) {
        fail(s, e);
        return;
    }
    s->refused = true;
    s->error = *e;
    look(s, STEP_SETTLING);
}

void step_called(struct step *s, const char *request_id, const struct error *error)
{
    char text[600];
    struct error meant = {0};
    json_t *result = json_object();
    if (error && retry_was_not_done(error) && s->type->explain) {
        meant = *error;
        s->type->explain(s->action, s, &meant);
        error = &meant;
    }
    text_clean(s->request_id, sizeof s->request_id, request_id ? request_id : "", request_id ? strlen(request_id) : 0);
    json_object_set_new(result, "request_id", json_string(s->request_id));
    if (error)
        json_object_set_new(result, "error", json_string(error_text(error, text, sizeof text)));
    else if (s->type->replied)
        json_object_set(result, "with", s->with);
    if (!note(s, "result", result))
        return;
    if (s->action->type->seen)
        s->action->type->seen(s->action, s);
    if (error && s->type->again && error_is(error, s->type->again) && ++s->tries < TRIES_MAX) {
        look(s, STEP_LOOKING);
        return;
    }
    if (error && retry_was_not_done(error)) {
        refuse(s, error);
        return;
    }
    s->unsure = error != NULL;
    if (error)
        s->error = *error;
    if (!error && !s->type->limit_ms)
        over(s, STEP_DONE);
    else
        settle(s);
}

/* Which may start, and is it over? */

static void leave_unwatched(struct action *a)
{
    for (size_t i = 0; i < a->step_count; i++)
        if (a->steps[i]->state == STEP_SETTLING || a->steps[i]->state == STEP_LOOKING) {
            step_stop(a->steps[i]);
            a->steps[i]->state = a->steps[i]->called_at ? STEP_LEFT : STEP_WAITING;
        }
}

static void conclude(struct action *a)
{
    bool called = false, failed = false;
    for (size_t i = 0; i < a->step_count; i++) {
        called |= a->steps[i]->called_at != 0;
        failed |= a->steps[i]->state == STEP_FAILED;
    }
    action_finish(a, failed ? OUTCOME_FAILED : !a->cancelled ? OUTCOME_DONE : called ? OUTCOME_LEFT : OUTCOME_CANCELLED);
}

void action_advance(struct action *a)
{
    bool open = false, failed = false;
    if (a->state != ACTION_RUNNING)
        return;
    if (a->cancelled)
        leave_unwatched(a);
    for (size_t i = 0; i < a->step_count; i++)
        failed |= a->steps[i]->state == STEP_FAILED;
    for (size_t i = 0; i < a->step_count; i++) {
        struct step *s = a->steps[i];
        if (is_busy(s))
            return;
        if (s->state == STEP_WAITING) {
            if (a->cancelled || failed)
                break;
            if (s->type->waits && open)
                return;
            s->began_at = action_now(a);
            look(s, STEP_LOOKING);
            return;
        }
        open |= s->state == STEP_SETTLING;
        if (s->state == STEP_SETTLING && !s->type->goes_on && !failed)
            return;
    }
    if (!open)
        conclude(a);
}
