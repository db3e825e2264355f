#include "cli/act.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/ask.h"

#define LIMIT_MS (INT64_C(4) * 3600 * 1000) /* of the whole; each step has a limit of its own */

struct acting {
    struct app *app;
    struct action *action;
    enum step_state *shown; /* what has been printed of each step */
    char (*waits)[240];     /* the same, of what it waits for */
};

static void print_checks(const struct action *a)
{
    static const char marks[] = {[GATE_PASS] = '+', [GATE_FAIL] = 'x', [GATE_UNKNOWN] = '?'};
    if (a->gate.point_count)
        puts("checks:");
    for (size_t i = 0; i < a->gate.point_count; i++)
        printf("  %c %-31s %s\n", marks[a->gate.points[i].verdict], a->gate.points[i].title, a->gate.points[i].evidence);
}

static void print_telling(void *arg, enum tone tone, const char *text)
{
    (void)arg;
    (void)tone;
    printf("    %s\n", text);
}

static void print_plan(const struct app *app, const struct action *a)
{
    char resource[400];
    printf("%s  %s (%s)\n", a->type->name, target_text(app->estate, &a->target, resource, sizeof resource), a->account->config->id);
    if (a->type->introduce)
        a->type->introduce(a, false, print_telling, NULL);
    print_checks(a);
    puts("plan:");
    for (size_t i = 0; i < a->step_count; i++) {
        struct str text = STR_INIT(4096);
        a->steps[i]->type->describe(a, a->steps[i], &text);
        printf("  %zu. %s%s%s%s\n", i + 1, str_text(&text), a->steps[i]->type->api ? "  [" : "", a->steps[i]->type->api ? a->steps[i]->type->api : "",
               a->steps[i]->type->api ? "]" : "");
        str_free(&text);
    }
}

/* A line whenever a step has gone from one state to another, or something else is seen of what it waits for. */
static void print_progress(struct acting *acting)
{
    const struct action *a = acting->action;
    for (size_t i = 0; i < a->step_count && acting->shown; i++) {
        const struct step *s = a->steps[i];
        if (s->state == acting->shown[i])
            continue;
        acting->shown[i] = s->state;
        text_copy(acting->waits[i], sizeof *acting->waits, s->evidence);
        printf("  %-9s %s %s%s%s\n", step_state_name(s->state), s->type->name, s->target, *s->evidence ? ": " : "", s->evidence);
    }
    fflush(stdout);
}

static bool has_read(void *arg)
{
    struct acting *acting = arg;
    ask_codes(acting->app);
    return acting->action->state != ACTION_READING;
}

/* What a step waits for, each time it looks otherwise than before. */
static void print_waiting(struct acting *acting)
{
    const struct action *a = acting->action;
    for (size_t i = 0; i < a->step_count && acting->shown; i++) {
        const struct step *s = a->steps[i];
        if (s->state != STEP_SETTLING || !strcmp(acting->waits[i], s->evidence))
            continue;
        text_copy(acting->waits[i], sizeof *acting->waits, s->evidence);
        printf("  %-9s %s %s: %s\n", "", s->type->name, s->target, s->evidence);
    }
    fflush(stdout);
}

static bool has_ended(void *arg)
{
    struct acting *acting = arg;
    ask_operator_code(acting->action);
    print_progress(acting);
    print_waiting(acting);
    return acting->action->state == ACTION_ENDED;
}

static void interrupted(void *arg, int signo)
{
    (void)signo;
    action_cancel(((struct acting *)arg)->action);
}

static int verdict(const struct action *a) { return a->outcome == OUTCOME_DONE ? EXIT_GOOD : EXIT_ATTENTION; }

static int run(struct acting *acting)
{
    struct action *a = acting->action;
    bool json = acting->app->options->json;
    acting->shown = json ? NULL : mem_new_array(a->step_count + 1, sizeof *acting->shown);
    acting->waits = json ? NULL : mem_new_array(a->step_count + 1, sizeof *acting->waits);
    loop_signal(acting->app->loop, SIGINT, interrupted, acting);
    loop_signal(acting->app->loop, SIGTERM, interrupted, acting);
    if (!json)
        puts("progress:");
    loop_run_until(acting->app->loop, has_ended, acting, LIMIT_MS);
    free(acting->shown);
    free(acting->waits);
    if (!json && a->type->tell)
        a->type->tell(a, false, print_telling, NULL);
    if (json)
        print_json(action_json(a), 0);
    else
        printf("%s: %s\n%s%s%s", action_outcome_name(a->outcome), a->summary, *a->report ? "report: " : "", a->report, *a->report ? "\n" : "");
    return verdict(a);
}

/* What the person would have typed: from the options, or asked for on the terminal. */
static bool confirm(struct acting *acting, const struct act *what, struct error *e)
{
    const struct options *o = acting->app->options;
    struct confirmation wanted;
    char line[400] = "", reason[400] = "", prompt[500];
    action_confirmation(acting->action, &wanted);
    const char *typed = o->confirm ? o->confirm : !strcmp(wanted.expected, "y") ? (o->yes ? "y" : NULL) : what->named, *why = o->reason;
    bool terminal = isatty(STDIN_FILENO) && !o->json;
    text_format(prompt, sizeof prompt, "Type %s to go on: ", wanted.expected);
    if ((!typed || strcmp(typed, wanted.expected) != 0) && !o->confirm && terminal && ask_line(prompt, line, sizeof line))
        typed = line;
    if (wanted.reason && !why && terminal && ask_line("Reason: ", reason, sizeof reason))
        why = reason;
    if (action_confirm(acting->action, typed, why, e))
        return true;
    if (error_is(e, "confirm"))
        error_set(e, ERROR_INPUT, "confirm", "%snot confirmed: give %s%s%s", action_failed_check(acting->action) ? "a check failed; " : "",
                  !strcmp(wanted.expected, "y") ? "--yes" : "--confirm \"", !strcmp(wanted.expected, "y") ? "" : wanted.expected,
                  !strcmp(wanted.expected, "y") ? "" : "\"");
    else if (error_is(e, "reason"))
        error_set(e, ERROR_INPUT, "reason", "not confirmed: give --reason TEXT");
    return false;
}

static void read_for(struct app *app, const struct action_type *type)
{
    feeds_focus(app->feeds, type->feeds);
    feeds_start(app->feeds, type->feeds | FEED_BIT(FEED_SESSION), 0);
}

int act(struct app *app, const struct act *what)
{
    struct error e = {0};
    struct acting acting = {.app = app};
    read_for(app, what->type);
    acting.action = action_new(app->actions, what->type, &what->target, what->value, &e);
    if (!acting.action)
        return app_complain(&e);
    loop_run_until(app->loop, has_read, &acting, SETTLE_MS);
    if (acting.action->state == ACTION_ENDED) {
        if (app->options->json)
            print_json(action_json(acting.action), 0);
        else
            printf("%s: %s\n", action_outcome_name(acting.action->outcome), acting.action->summary);
        return acting.action->outcome == OUTCOME_DONE ? EXIT_GOOD : EXIT_TROUBLE;
    }
    if (!app->options->json)
        print_plan(app, acting.action);
    if (app->options->dry_run) {
        if (app->options->json)
            print_json(action_json(acting.action), 0);
        return action_failed_check(acting.action) ? EXIT_ATTENTION : EXIT_GOOD;
    }
    return confirm(&acting, what, &e) ? run(&acting) : app_complain(&e);
}

int act_resume(struct app *app, const char *id)
{
    struct error e = {0};
    struct acting acting = {.app = app, .action = action_resume(app->actions, id, &e)};
    if (!acting.action)
        return app_complain(&e);
    read_for(app, acting.action->type);
    return run(&acting);
}
