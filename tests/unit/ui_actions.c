/* Actions in the console: whole screens of actions made by hand, and the keys that lead through a real engine whose steps are scripted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/engine.h"
#include "base/mem.h"
#include "ui_estate.h"
#include "ui_picture.h"

/* A table of our own, so that the screens stand still whatever actions there are. */

static struct {
    bool check_fails, done;
    int calls;
} world;

static void describe_group(const struct action *a, const struct step *s, struct str *out)
{
    (void)a;
    str_addf(out, "scale node group %s to 0, remembering its size", s->target);
}
static void describe_stop(const struct action *a, const struct step *s, struct str *out)
{
    (void)a;
    str_addf(out, "stop database %s", s->target);
}
static void describe_reboot(const struct action *a, const struct step *s, struct str *out)
{
    (void)a;
    (void)s;
    str_adds(out, "reboot with failover to the standby in us-east-1b");
}
static void describe_wait(const struct action *a, const struct step *s, struct str *out)
{
    (void)a;
    str_addf(out, "wait until %s is available in the other zone", s->target);
}
static void look(struct action *a, struct step *s)
{
    (void)a;
    step_found(s, !s->called_at && s->type->api ? FOUND_TODO : world.done ? FOUND_DONE : FOUND_UNDERWAY, world.done ? "stopped" : "stopping");
}
static void call(struct action *a, struct step *s)
{
    (void)a;
    world.calls++;
    step_called(s, "6f1e0a2b-85a5-4d34-9a2c-c300adc81d51", NULL);
}

#define STEP(id, call_name, words) \
    static const struct step_type id = {.name = #id, .api = call_name, .describe = words, .look = look, .call = call, .every_ms = 1, \
                                        .limit_ms = 60000}
STEP(group_down, "eks UpdateNodegroupConfig", describe_group);
STEP(base_stop, "rds StopDBInstance", describe_stop);
STEP(base_reboot, "rds RebootDBInstance", describe_reboot);
STEP(base_wait, NULL, describe_wait);
static const struct step_type *const step_rows[] = {&group_down, &base_stop, &base_reboot, &base_wait};

static void preflight(struct action *a)
{
    gate_add(&a->gate, "multi-az", "Multi-AZ, standby known", GATE_PASS, "1a primary, 1b standby");
    gate_add(&a->gate, "restorable", "restorable lately", GATE_PASS, "2m ago");
    if (world.check_fails)
        gate_add(&a->gate, "alarms", "no alarm in prod", GATE_FAIL,
                 "rds-cpu ALARM since 13:40 (91 %% > 80 %%): a threshold was crossed by three datapoints in a row, the newest at 14:01");
}

static bool plan_nap(struct action *a, struct error *e)
{
    (void)e;
    plan_step(a, &group_down, "addons", NULL);
    plan_step(a, &base_stop, "innovate-dev", NULL);
    return true;
}
static bool plan_failover(struct action *a, struct error *e)
{
    (void)e;
    plan_step(a, &base_reboot, a->target.name, NULL);
    plan_step(a, &base_wait, a->target.name, NULL);
    return true;
}
static bool is_number(const char *value, struct error *e)
{
    if (*value && strspn(value, "0123456789") == strlen(value))
        return true;
    error_set(e, ERROR_INPUT, "value", "\"%s\": expected a number of pods", value);
    return false;
}
static void tell(const struct action *a, bool unicode, tell_line *line, void *arg)
{
    (void)a;
    line(arg, TONE_GOOD, unicode ? "tcp       ████████████████  up" : "tcp       ################  up");
    line(arg, TONE_BAD, "postgres  acknowledged 4,181  last 00:08 ago  writing refused");
}

static const struct action_type nap = {.name = "dev-stop", .verb = "stop", .key = 's',
                                       .about = "stop development: pods to zero, nodes to zero, database stopped",
                                       .on = TARGET_ACCOUNT, .kinds = KIND_BIT(ACCOUNT_DEVELOPMENT), .plan = plan_nap};
static const struct action_type failover = {.name = "failover", .verb = "fail over", .key = 'f',
                                            .about = "fail the database over to its standby, and measure the outage",
                                            .on = TARGET_DATABASE, .preflight = preflight, .plan = plan_failover, .tell = tell};
static const struct action_type scale = {.name = "scale", .verb = "scale", .key = 's', .about = "set how many pods there are",
                                         .on = TARGET_DEPLOYMENT,
                                         .asks = "how many pods", .value_good = is_number, .plan = plan_nap};
static const struct action_type restart = {.name = "restart", .verb = "restart", .key = 'r', .about = "replace its pods, one after the other",
                                           .on = TARGET_DEPLOYMENT, .kinds = KIND_BIT(ACCOUNT_DEVELOPMENT), .plan = plan_nap};
static const struct action_type delete_pod = {.name = "delete-pod", .verb = "delete", .key = 's',
                                              .about = "delete the pod; its Deployment makes another",
                                              .on = TARGET_POD, .plan = plan_nap};
const struct action_type *const action_types[] = {&nap, &failover, &delete_pod, &scale, &restart, NULL};
const struct action_type *action_type_find(const char *name)
{
    for (size_t i = 0; action_types[i]; i++)
        if (!strcmp(action_types[i]->name, name))
            return action_types[i];
    return NULL;
}
const struct step_type *step_type_find(const char *name)
{
    for (size_t i = 0; i < sizeof step_rows / sizeof *step_rows; i++)
        if (!strcmp(step_rows[i]->name, name))
            return step_rows[i];
    return NULL;
}

/* Bench. */

struct bench {
    char dir[64];
    struct loop *loop;
    struct estate *estate;
    struct actions *actions;
    struct console *console;
};

static struct bench *open_bench(void)
{
    struct bench *b = mem_new(sizeof *b);
    memset(&world, 0, sizeof world);
    text_copy(b->dir, sizeof b->dir, "/tmp/trivet-ui-XXXXXX");
    assert_non_null(mkdtemp(b->dir));
    b->loop = loop_new();
    b->estate = ui_estate();
    return b;
}

static void open_engine(struct bench *b, bool read_only)
{
    struct actions_options options = {.loop = b->loop, .estate = b->estate, .state_dir = b->dir, .read_only = read_only};
    b->actions = actions_new(&options);
}

static void open_console(struct bench *b, const char *pane, int rows, int columns, bool unicode, int64_t now)
{
    struct console_options options = {.estate = b->estate, .actions = b->actions, .pane = pane, .unicode = unicode, .rows = rows, .columns = columns,
                                      .now = now};
    b->console = console_new(&options);
    console_draw(b->console, now);
}

static int remove_one(const char *path, const struct stat *s, int flag, struct FTW *ftw)
{
    (void)s;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static void close_bench(struct bench *b)
{
    console_free(b->console);
    actions_free(b->actions);
    ui_estate_free(b->estate);
    loop_free(b->loop);
    nftw(b->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(b);
}

/* An action as it stands in the engine, without having been run by it. */
static struct action *by_hand(struct bench *b, const struct action_type *type, size_t account, const char *name, enum action_state state)
{
    struct error e = {0};
    struct action_target target = {.kind = type->on, .account = account};
    text_copy(target.name, sizeof target.name, name);
    struct action *a = engine_add(b->actions, type, &target);
    text_copy(a->id, sizeof a->id, "0b9c3c6e");
    if (type->preflight)
        type->preflight(a);
    assert_true(type->plan(a, &e));
    a->state = state;
    a->asked_at = a->checked_at = UI_NOW - 60000;
    a->confirmed_at = state > ACTION_ASKING ? UI_NOW - 47000 : 0;
    return a;
}

static void step_is(struct action *a, size_t i, enum step_state state, const char *evidence)
{
    struct step *s = a->steps[i];
    s->state = state;
    text_copy(s->evidence, sizeof s->evidence, evidence);
    if (state != STEP_WAITING)
        s->began_at = UI_NOW - 45000 + (int64_t)i * 8000;
    if (state == STEP_SETTLING || state == STEP_DONE) {
        s->called_at = s->began_at + 200;
        text_copy(s->request_id, sizeof s->request_id, "6f1e0a2b-85a5-4d34-9a2c-c300adc81d51");
    }
    if (state >= STEP_DONE)
        s->ended_at = s->began_at + 31000;
}

/* Scenes: what the engine has, and the keys from there. */

static void nothing(struct bench *b) { (void)b; }
static void gate_failed(struct bench *b)
{
    world.check_fails = true;
    by_hand(b, &failover, PROD, "innovate-prod", ACTION_ASKING);
}
static void gate_production(struct bench *b) { by_hand(b, &failover, PROD, "innovate-prod", ACTION_ASKING); }
static void gate_development(struct bench *b) { by_hand(b, &nap, DEV, "dev", ACTION_ASKING); }
static void reading(struct bench *b) { by_hand(b, &nap, DEV, "dev", ACTION_READING); }
static struct action *a_run(struct bench *b)
{
    struct action *a = by_hand(b, &nap, DEV, "dev", ACTION_RUNNING);
    text_copy(a->operator_arn, sizeof a->operator_arn, "arn:aws:sts::222222222222:assumed-role/TrivetOperator/trivet");
    step_is(a, 0, STEP_DONE, "0 nodes wanted");
    step_is(a, 1, STEP_SETTLING, "stopping");
    return a;
}
static void running(struct bench *b) { a_run(b); }
static void running_production(struct bench *b)
{
    world.check_fails = true;
    struct action *a = by_hand(b, &failover, PROD, "innovate-prod", ACTION_RUNNING);
    step_is(a, 0, STEP_SETTLING, "rebooting");
    a->overridden = true;
    text_copy(a->reason, sizeof a->reason, "yearly drill, agreed with support");
}
static void ended(struct bench *b)
{
    struct action *a = a_run(b);
    step_is(a, 1, STEP_DONE, "stopped");
    a->ended_at = UI_NOW - 3000;
    a->state = ACTION_ENDED;
    a->outcome = OUTCOME_DONE;
    text_copy(a->summary, sizeof a->summary, "all 4 steps");
}
static void failed(struct bench *b)
{
    struct action *a = a_run(b);
    step_is(a, 1, STEP_FAILED, "available");
    error_set(&a->steps[1]->error, ERROR_SERVICE, "AccessDenied",
              "User: arn:aws:sts::222222222222:assumed-role/TrivetOperator/trivet is not authorized to perform: rds:StopDBInstance");
    a->ended_at = UI_NOW - 3000;
    a->state = ACTION_ENDED;
    a->outcome = OUTCOME_FAILED;
    text_copy(a->summary, sizeof a->summary, "AccessDenied: stop database innovate-dev was refused");
}
static void several(struct bench *b)
{
    struct error e = {0};
    ended(b);
    running_production(b);
    journal_free(journal_begin(b->dir, "left-1",
                               json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:I, s:[]}", "action", "dev-stop", "account", "dev", "kind", TARGET_ACCOUNT,
                                         "ns", "", "name", "dev", "reason", "", "at", (json_int_t)UI_NOW - 7200000, "steps"),
                               &e));
    assert_string_equal(e.message, "");
}

struct scene {
    const char *name, *pane, *keys;
    void (*prepare)(struct bench *b);
    bool ascii, read_only;
    int rows, columns;
};
static const struct scene scenes[] = {
    {"action-menu", "pods", "/8hjlc<Enter>a", nothing},
    {"action-menu", "pods", "/8hjlc<Enter>a", nothing, .rows = 40, .columns = 120},
    {"action-menu-read-only", "dev", "a", nothing, .read_only = true},
    {"action-none", "budgets", "a", nothing},
    {"action-value", "pods", "/8hjlc<Enter>a1x", nothing},
    {"action-value-refused", "pods", "/8hjlc<Enter>a1x<Enter>", nothing},
    {"action-reading", "dev", "A<Enter>", reading},
    {"action-gate-failed", "database", "A<Enter>fail over", gate_failed},
    {"action-gate-failed", "database", "A<Enter>fail over innovate-prod<Enter>yearly dri", gate_failed, .rows = 40, .columns = 120},
    {"action-gate-failed-ascii", "database", "A<Enter>", gate_failed, .ascii = true},
    {"action-gate-prod", "database", "A<Enter>", gate_production},
    {"action-gate-wrong", "database", "A<Enter>innovate-dev<Enter>", gate_production},
    {"action-gate-dev", "dev", "A<Enter>", gate_development},
    {"action-running", "dev", "A<Enter>", running},
    {"action-running", "dev", "A<Enter>", running, .rows = 40, .columns = 120},
    {"action-running-behind", "dev", "", running_production},
    {"action-running-prod", "database", "A<Enter>", running_production},
    {"action-cancel", "dev", "A<Enter>c", running},
    {"action-leave", "dev", "q", running},
    {"action-done", "dev", "A<Enter>", ended},
    {"action-failed", "dev", "A<Enter>", failed},
    {"action-unfinished", "dev", "", several},
    {"actions", "dev", "A", several},
    {"actions", "dev", "A<Down><Down>", several, .rows = 40, .columns = 120},
    {"actions-close", "dev", "A<End>x", several},
    {"actions-none", "dev", "A", nothing},
    {"action-command", "dev", ":action dev", nothing},
};

static void show_scene(const struct scene *scene, int rows, int columns, struct str *out)
{
    struct bench *b = open_bench();
    open_engine(b, scene->read_only);
    scene->prepare(b);
    open_console(b, scene->pane, rows, columns, !scene->ascii, UI_NOW);
    type_keys(b->console, scene->keys, UI_NOW);
    cells_text(console_cells(b->console), out);
    close_bench(b);
}

static void screens_are_as_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
        int rows = scenes[i].rows ? scenes[i].rows : 24, columns = scenes[i].columns ? scenes[i].columns : 80;
        struct str text = STR_INIT(SCREEN_MAX);
        show_scene(&scenes[i], rows, columns, &text);
        check_picture(scenes[i].name, rows, columns, &text);
        str_free(&text);
    }
}

/* No text of an action goes over the edge, at any width. */
static void every_size_is_survived(void **state)
{
    static const int sizes[][2] = {{24, 80}, {25, 83}, {60, 200}, {24, 500}};
    (void)state;
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            struct str text = STR_INIT(SCREEN_MAX);
            show_scene(&scenes[i], sizes[s][0], sizes[s][1], &text);
            assert_true(text.len > 0);
            str_free(&text);
        }
}

/* Keys, through the engine. */

static int64_t now_of(struct bench *b) { return loop_wall(b->loop); }

static void keys(struct bench *b, const char *text) { type_keys(b->console, text, now_of(b)); }

static bool shows(struct bench *b, const char *text)
{
    struct str screen = STR_INIT(SCREEN_MAX);
    console_draw(b->console, now_of(b));
    cells_text(console_cells(b->console), &screen);
    bool found = strstr(str_text(&screen), text) != NULL;
    str_free(&screen);
    return found;
}

static void assert_shows(struct bench *b, const char *text)
{
    struct str screen = STR_INIT(SCREEN_MAX);
    if (!shows(b, text)) {
        cells_text(console_cells(b->console), &screen);
        fail_msg("\"%s\" is not on:\n%s", text, str_text(&screen));
    }
}

struct waiting {
    struct bench *b;
    const char *text;
};
static bool is_shown(void *arg)
{
    const struct waiting *w = arg;
    return shows(w->b, w->text);
}
static void wait_for(struct bench *b, const char *text)
{
    struct waiting w = {b, text};
    loop_run_until(b->loop, is_shown, &w, 10000);
    assert_shows(b, text);
}

static struct bench *begin(const char *pane)
{
    struct bench *b = open_bench();
    open_engine(b, false);
    open_console(b, pane, 30, 100, true, now_of(b));
    return b;
}

static void y_or_n(void **state)
{
    struct bench *b = begin("dev");
    (void)state;
    assert_shows(b, "a actions");
    keys(b, "a");
    assert_shows(b, "dev-stop");
    keys(b, "s");
    wait_for(b, "PLAN: 2 CALLS IN dev");
    assert_int_equal(world.calls, 0);
    keys(b, "n");
    assert_shows(b, "nothing was changed");
    assert_int_equal(actions_count(b->actions), 0);
    keys(b, "as");
    wait_for(b, "PLAN");
    keys(b, "x<Enter> Y");
    assert_int_equal(world.calls, 0);
    keys(b, "y");
    wait_for(b, "settling");
    assert_int_equal(world.calls, 1);
    world.done = true;
    wait_for(b, "✓ done     stop database");
    assert_shows(b, "elapsed 00:0");
    close_bench(b);
}

/* A window that shows only that it is too small shows no plan: nobody can have meant it. */
static void what_cannot_be_seen_is_not_confirmed(void **state)
{
    struct bench *b = begin("dev");
    (void)state;
    keys(b, "as");
    wait_for(b, "PLAN: 2 CALLS IN dev");
    console_resize(b->console, 20, 60);
    keys(b, "y");
    assert_shows(b, "trivet needs 80x24");
    assert_int_equal(world.calls, 0);
    console_resize(b->console, 30, 100);
    assert_shows(b, "PLAN: 2 CALLS IN dev");
    console_resize(b->console, 20, 60);
    keys(b, "<Esc>");
    assert_int_equal(actions_count(b->actions), 0);
    close_bench(b);
}

static void what_runs_goes_on_behind_the_panes(void **state)
{
    struct bench *b = begin("dev");
    (void)state;
    keys(b, "as");
    wait_for(b, "PLAN");
    keys(b, "y");
    wait_for(b, "settling");
    keys(b, "q3");
    assert_shows(b, "▶ dev-stop dev 0/2");
    assert_shows(b, "Pods");
    keys(b, "q");
    assert_shows(b, "Leave trivet?");
    keys(b, "n");
    assert_false(console_done(b->console));
    keys(b, ":quit<Enter>");
    assert_shows(b, "Leave trivet?");
    keys(b, "<Esc>");
    assert_false(console_done(b->console));
    world.done = true;
    wait_for(b, "dev-stop in dev: done; A shows it");
    keys(b, "A<Enter>");
    assert_shows(b, "✓ done");
    keys(b, "x");
    assert_int_equal(actions_count(b->actions), 0);
    keys(b, "qq");
    assert_true(console_done(b->console));
    close_bench(b);
}

static void cancel_says_what_was_called(void **state)
{
    struct bench *b = begin("dev");
    (void)state;
    keys(b, "as");
    wait_for(b, "PLAN");
    keys(b, "y");
    wait_for(b, "settling");
    keys(b, "c");
    assert_shows(b, "Called already, and not undone by this:");
    assert_shows(b, "scale node group addons to 0");
    keys(b, "n");
    assert_false(actions_at(b->actions, 0)->cancelled);
    keys(b, "cy");
    wait_for(b, "is not watched any longer");
    assert_int_equal(world.calls, 1);
    keys(b, "c"); /* there is nothing to cancel any more */
    assert_false(shows(b, "Cancel dev-stop"));
    close_bench(b);
}

static void production_is_typed_with_a_reason(void **state)
{
    struct bench *b = begin("database");
    (void)state;
    keys(b, "/prod<Enter>af");
    wait_for(b, "To go on, type  innovate-prod");
    keys(b, "y<Enter>");
    assert_shows(b, "expected \"innovate-prod\"");
    keys(b, "<C-c>");
    assert_int_equal(actions_count(b->actions), 0);
    keys(b, "af");
    wait_for(b, "To go on, type  innovate-prod");
    keys(b, "innovate-prodd<BS><Enter>");
    assert_int_equal(world.calls, 0);
    keys(b, "<Enter>");
    assert_shows(b, "a reason has to be given");
    keys(b, "drill<Enter>");
    wait_for(b, "settling reboot with failover");
    assert_string_equal(actions_at(b->actions, 0)->reason, "drill");
    close_bench(b);
}

static void a_failed_check_is_gone_against_in_words(void **state)
{
    struct bench *b = begin("database");
    (void)state;
    world.check_fails = true;
    keys(b, "/prod<Enter>af");
    wait_for(b, "type  fail over innovate-prod");
    keys(b, "innovate-prod<Tab>because<Enter>");
    assert_shows(b, "expected \"fail over innovate-prod\"");
    assert_int_equal(world.calls, 0);
    keys(b, "<Tab><C-u>fail over innovate-prod<Enter>");
    wait_for(b, "a person has gone on against the others");
    assert_int_equal(world.calls, 1);
    close_bench(b);
}

static void old_checks_are_read_again(void **state)
{
    struct bench *b = begin("dev");
    (void)state;
    keys(b, "as");
    wait_for(b, "PLAN");
    actions_at(b->actions, 0)->checked_at -= 121000;
    keys(b, "y");
    assert_shows(b, "more than two minutes old");
    assert_int_equal(world.calls, 0);
    wait_for(b, "Go on?");
    keys(b, "y");
    wait_for(b, "settling");
    close_bench(b);
}

static void refusals_are_told(void **state)
{
    struct bench *b = open_bench();
    (void)state;
    open_engine(b, true);
    open_console(b, "dev", 30, 100, true, now_of(b));
    assert_false(shows(b, "a actions"));
    keys(b, "a");
    assert_shows(b, "trivet was started with --read-only");
    keys(b, "<Enter>");
    assert_shows(b, "dev-stop refused: trivet was started with --read-only");
    keys(b, "<Esc>:action dev-stop<Enter>");
    assert_shows(b, "refused: trivet was started with --read-only");
    keys(b, ":action scale 3<Enter>");
    assert_shows(b, "scale is not for the selected row");
    keys(b, ":action sacle<Enter>");
    assert_shows(b, "no action \"sacle\"");
    assert_int_equal(actions_count(b->actions), 0);
    close_bench(b);
}

static void a_value_is_checked_first(void **state)
{
    struct bench *b = begin("pods");
    (void)state;
    keys(b, "/8hjlc<Enter>");
    keys(b, ":action scale many<Enter>");
    assert_shows(b, "expected a number of pods");
    keys(b, ":action sc<Tab><Enter>");
    assert_shows(b, "how many pods");
    keys(b, "<Enter>");
    assert_shows(b, "expected how many pods");
    keys(b, "4<Enter>");
    wait_for(b, "scale · PROD / web/backend · 4");
    close_bench(b);
}

/* The row whose details are open moves, then goes, without a drawing in between: what is offered is about it, never about the row that took its
 * place. */
static void an_action_is_never_about_the_row_that_took_its_place(void **state)
{
    struct bench *b = begin("pods");
    (void)state;
    keys(b, "/backend-6c9d7f5b8-8hjlc<Enter><Enter>");
    assert_shows(b, "backend-6c9d7f5b8-8hjlc ▸ details");
    pods_gone(b->estate, PROD, "web", "backend-6c9d7f5b8-2m7rv", now_of(b));
    struct key a = {.code = KEY_CODE_CHAR, .ch = 'a'};
    console_key(b->console, &a, now_of(b));
    console_draw(b->console, now_of(b));
    assert_shows(b, "web/backend-6c9d7f5b8-8hjlc");
    keys(b, "<Esc>");
    pods_gone(b->estate, PROD, "web", "backend-6c9d7f5b8-8hjlc", now_of(b));
    console_key(b->console, &a, now_of(b));
    console_draw(b->console, now_of(b));
    assert_shows(b, "backend-6c9d7f5b8-8hjlc is no longer there");
    assert_shows(b, "there is no action for this row");
    close_bench(b);
}

/* As after kill -9: the journal stays, a new engine and console find it. */
static void left_unfinished_is_found_and_taken_up(void **state)
{
    struct bench *b = begin("dev");
    (void)state;
    keys(b, "as");
    wait_for(b, "PLAN");
    keys(b, "y");
    wait_for(b, "settling");
    console_free(b->console);
    actions_free(b->actions);
    open_engine(b, false);
    open_console(b, "dev", 30, 100, true, now_of(b));
    assert_shows(b, "1 action was left unfinished (dev-stop in dev): A shows it");
    keys(b, "A");
    assert_shows(b, "LEFT UNFINISHED");
    keys(b, "xn");
    assert_shows(b, "LEFT UNFINISHED");
    world.done = true;
    keys(b, "r");
    wait_for(b, "✓ done");
    assert_int_equal(world.calls, 2); /* the first call was not made twice */
    keys(b, "q");
    assert_false(shows(b, "LEFT UNFINISHED"));
    close_bench(b);
}

static void left_unfinished_is_closed(void **state)
{
    struct bench *b = begin("dev");
    (void)state;
    keys(b, "as");
    wait_for(b, "PLAN");
    keys(b, "y");
    wait_for(b, "settling");
    console_free(b->console);
    actions_free(b->actions);
    open_engine(b, false);
    open_console(b, "dev", 30, 100, true, now_of(b));
    keys(b, "Axy");
    assert_shows(b, "closed; the audit log has it");
    assert_false(shows(b, "LEFT UNFINISHED"));
    close_bench(b);
}

static void the_help_tells_each_action_and_where_its_rows_are(void **state)
{
    struct bench *b = open_bench();
    (void)state;
    open_engine(b, false);
    open_console(b, "dev", 200, 160, true, now_of(b));
    keys(b, "?");
    assert_shows(b, "Choose a row, press a, then a letter.");
    assert_shows(b, "  s  dev-stop           stop development: pods to zero, nodes to zero, database stopped (Dev, Accounts)");
    assert_shows(b, "  f  failover           fail the database over to its standby, and measure the outage (Database, Dev)");
    close_bench(b);
}

static void nothing_is_drawn_where_nothing_moved(void **state)
{
    struct bench *b = open_bench();
    (void)state;
    open_engine(b, false);
    running(b);
    open_console(b, "dev", 24, 80, true, UI_NOW);
    assert_false(console_draw(b->console, UI_NOW + 10));
    action_touch(actions_at(b->actions, 0));
    assert_true(console_draw(b->console, UI_NOW + 20));
    assert_false(console_draw(b->console, UI_NOW + 30));
    assert_true(console_draw(b->console, UI_NOW + 1000));
    close_bench(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(screens_are_as_expected),
        cmocka_unit_test(every_size_is_survived),
        cmocka_unit_test(an_action_is_never_about_the_row_that_took_its_place),
        cmocka_unit_test(y_or_n),
        cmocka_unit_test(what_cannot_be_seen_is_not_confirmed),
        cmocka_unit_test(what_runs_goes_on_behind_the_panes),
        cmocka_unit_test(cancel_says_what_was_called),
        cmocka_unit_test(production_is_typed_with_a_reason),
        cmocka_unit_test(a_failed_check_is_gone_against_in_words),
        cmocka_unit_test(old_checks_are_read_again),
        cmocka_unit_test(refusals_are_told),
        cmocka_unit_test(a_value_is_checked_first),
        cmocka_unit_test(left_unfinished_is_found_and_taken_up),
        cmocka_unit_test(left_unfinished_is_closed),
        cmocka_unit_test(the_help_tells_each_action_and_where_its_rows_are),
        cmocka_unit_test(nothing_is_drawn_where_nothing_moved),
    };
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
