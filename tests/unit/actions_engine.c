/* The engine with a procedure made of scripted steps: what it does before, between and after calls, and what becomes of it after a crash. */
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

#include "actions/audit.h"
#include "actions/internal.h"
#include "actions/journal.h"
#include "base/mem.h"
#include "base/str.h"

/* The world: what each step's look finds next, and how often each was called. */
#define STEPS 4
static struct {
    enum finding found[STEPS][16];
    int looked[STEPS], called[STEPS];
    struct error call_error;
    bool check_fails, refuse_plan, never_answers;
    char order[64];
} world;

static size_t place(const struct step *s) { return (size_t)(s->target[0] - 'a'); }

static void describe(const struct action *a, const struct step *s, struct str *out)
{
    (void)a;
    str_addf(out, "do %s", s->target);
}

static void look(struct action *a, struct step *s)
{
    size_t i = place(s);
    int at = world.looked[i]++;
    (void)a;
    while (at > 0 && !world.found[i][at]) /* the last word holds */
        at--;
    step_found(s, world.looked[i] == 1 ? world.found[i][0] : world.found[i][at], "look %d", world.looked[i]);
}

static void call(struct action *a, struct step *s)
{
    size_t len = strlen(world.order);
    (void)a;
    world.called[place(s)]++;
    text_copy(world.order + len, sizeof world.order - len, s->target);
    if (!world.never_answers)
        step_called(s, "req-1", world.call_error.kind != ERROR_NONE ? &world.call_error : NULL);
}

#define TYPE(id, limit, ...) \
    static const struct step_type id = {.name = #id, .api = "fake Call", .describe = describe, .look = look, .call = call, .every_ms = 1, \
                                        .limit_ms = limit, __VA_ARGS__}
TYPE(plain, 60000, .once = false);
TYPE(onward, 60000, .goes_on = true);
TYPE(barrier, 60000, .waits = true);
TYPE(reboot, 60000, .once = true);
TYPE(hasty, 0, .once = false);

static const struct step_type *const step_rows[] = {&plain, &onward, &barrier, &reboot, &hasty};
static const struct step_type *planned[STEPS];

static void preflight(struct action *a) { gate_add(&a->gate, "sound", "it is sound", world.check_fails ? GATE_FAIL : GATE_PASS, "as found"); }

static bool plan(struct action *a, struct error *e)
{
    if (world.refuse_plan)
        return error_set(e, ERROR_INPUT, "Cannot", "it cannot be"), false;
    for (int i = 0; i < STEPS && planned[i]; i++)
        plan_step(a, planned[i], (char[]){(char)('a' + i), '\0'}, NULL);
    return true;
}

static const struct action_type fake = {.name = "fake", .verb = "do", .key = 'f', .about = "a fake", .on = TARGET_ACCOUNT, .preflight = preflight,
                                        .plan = plan};
static const struct action_type dev_only = {.name = "dev-only", .verb = "do", .on = TARGET_ACCOUNT, .kinds = KIND_BIT(ACCOUNT_DEVELOPMENT),
                                            .plan = plan};
const struct action_type *const action_types[] = {&fake, &dev_only, NULL};
const struct action_type *action_type_find(const char *name) { return strcmp(name, "fake") ? NULL : &fake; }
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
    struct estate_config config;
    struct estate *estate;
    struct actions *actions;
};

static void open_engine(struct bench *b, bool read_only)
{
    struct actions_options options = {.loop = b->loop, .estate = b->estate, .state_dir = b->dir, .read_only = read_only};
    b->actions = actions_new(&options);
}

static int begin(void **state)
{
    struct bench *b = mem_new(sizeof *b);
    memset(&world, 0, sizeof world);
    memset(planned, 0, sizeof planned);
    text_copy(b->dir, sizeof b->dir, "/tmp/trivet-engine-XXXXXX");
    assert_non_null(mkdtemp(b->dir));
    b->loop = loop_new();
    *vec_add(&b->config.accounts) = (struct account_config){.name = mem_strdup("dev"), .id = mem_strdup("222222222222"), .kind = ACCOUNT_DEVELOPMENT};
    *vec_add(&b->config.accounts) = (struct account_config){.name = mem_strdup("prod"), .id = mem_strdup("333333333333"), .kind = ACCOUNT_PRODUCTION};
    b->estate = estate_new(&b->config);
    open_engine(b, false);
    *state = b;
    return 0;
}

static int remove_one(const char *path, const struct stat *s, int flag, struct FTW *ftw)
{
    (void)s;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static int end(void **state)
{
    struct bench *b = *state;
    actions_free(b->actions);
    estate_free(b->estate);
    estate_config_free(&b->config);
    loop_free(b->loop);
    nftw(b->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(b);
    return 0;
}

static bool asks(void *arg) { return ((struct action *)arg)->state != ACTION_READING; }
static bool ended(void *arg) { return ((struct action *)arg)->state == ACTION_ENDED; }

static struct action_target target(size_t account)
{
    struct action_target t = {.kind = TARGET_ACCOUNT, .account = account};
    text_copy(t.name, sizeof t.name, account ? "prod" : "dev");
    return t;
}

static struct action *ask(struct bench *b, size_t account)
{
    struct error e = {0};
    struct action_target t = target(account);
    struct action *a = action_new(b->actions, &fake, &t, NULL, &e);
    assert_non_null(a);
    assert_true(loop_run_until(b->loop, asks, a, 10000));
    return a;
}

static void run(struct bench *b, struct action *a, const char *typed, const char *reason)
{
    struct error e = {0};
    assert_true(action_confirm(a, typed, reason, &e));
    assert_true(loop_run_until(b->loop, ended, a, 10000));
}

static void count_unfinished(void *arg, const struct unfinished *one)
{
    assert_string_equal(one->action, "fake");
    ++*(int *)arg;
}

static int unfinished(struct bench *b)
{
    int count = 0;
    struct error e = {0};
    assert_true(actions_unfinished(b->actions, count_unfinished, &count, &e));
    return count;
}

struct phases {
    char text[400];
};
static void add_phase(void *arg, uint64_t line, const json_t *record)
{
    struct phases *p = arg;
    size_t len = strlen(p->text);
    const char *outcome = json_string_value(json_object_get(record, "outcome"));
    (void)line;
    text_format(p->text + len, sizeof p->text - len, "%s%s%s%s", len ? " " : "", json_string_value(json_object_get(record, "phase")),
                outcome ? ":" : "", outcome ? outcome : "");
}

static void assert_audit(struct bench *b, const char *expected)
{
    struct phases p = {""};
    struct audit_report report;
    struct error e = {0};
    assert_true(audit_read(b->dir, add_phase, &p, &e));
    assert_string_equal(p.text, expected);
    assert_true(audit_verify(b->dir, &report, &e));
    assert_int_equal(report.broken, 0);
}

/* Tests. */

static void does_what_is_to_be_done_and_skips_what_is_so(void **state)
{
    struct bench *b = *state;
    planned[0] = planned[1] = planned[2] = &plain;
    world.found[0][0] = FOUND_DONE;
    world.found[1][0] = FOUND_TODO, world.found[1][1] = FOUND_UNDERWAY, world.found[1][2] = FOUND_DONE;
    world.found[2][0] = FOUND_UNDERWAY, world.found[2][1] = FOUND_DONE;
    struct action *a = ask(b, 0);
    assert_int_equal(a->state, ACTION_ASKING);
    assert_int_equal(world.looked[0] + world.called[1], 0); /* nothing before it is confirmed */
    run(b, a, "y", NULL);
    assert_int_equal(a->outcome, OUTCOME_DONE);
    assert_int_equal(a->steps[0]->state, STEP_SKIPPED);
    assert_int_equal(a->steps[1]->state, STEP_DONE);
    assert_string_equal(a->steps[1]->request_id, "req-1");
    assert_int_equal(a->steps[2]->state, STEP_SKIPPED);
    assert_int_equal(world.called[0], 0);
    assert_int_equal(world.called[1], 1);
    assert_int_equal(world.called[2], 0);
    assert_int_equal(unfinished(b), 0);
    assert_audit(b, "begun ended:done");
}

static void confirms_by_consequence(void **state)
{
    struct bench *b = *state;
    struct error e = {0};
    struct confirmation wanted;
    planned[0] = &plain;
    world.found[0][0] = FOUND_DONE;
    struct action *a = ask(b, 1);
    action_confirmation(a, &wanted);
    assert_string_equal(wanted.expected, "prod");
    assert_true(wanted.reason);
    assert_false(action_confirm(a, "y", "because", &e));
    assert_false(action_confirm(a, NULL, "because", &e));
    assert_false(action_confirm(a, "prod", "  ", &e));
    assert_string_equal(e.code, "reason");
    assert_int_equal(a->state, ACTION_ASKING);
    world.check_fails = true;
    struct action *failing = ask(b, 0);
    action_confirmation(failing, &wanted);
    assert_string_equal(wanted.expected, "do dev");
    assert_false(action_confirm(failing, "y", "because", &e));
    run(b, failing, "do dev", "because");
    assert_true(failing->overridden);
    assert_audit(b, "begun ended:done");
}

static void refuses_at_the_engine(void **state)
{
    struct bench *b = *state;
    struct error e = {0};
    struct action_target dev = target(0), prod = target(1);
    assert_null(action_new(b->actions, &dev_only, &prod, NULL, &e));
    assert_string_equal(e.message, "dev-only refused: account prod is of kind production");
    b->config.accounts.at[0].protect = true;
    assert_null(action_new(b->actions, &fake, &dev, NULL, &e));
    assert_string_equal(e.message, "fake refused: the profile protects account dev (protect: true)");
    actions_free(b->actions);
    open_engine(b, true);
    assert_null(action_new(b->actions, &fake, &prod, NULL, &e));
    assert_string_equal(e.message, "fake refused: trivet was started with --read-only");
    assert_audit(b, "refused refused refused");
}

static void holds_its_resource(void **state)
{
    struct bench *b = *state;
    struct error e = {0};
    planned[0] = &plain;
    world.found[0][0] = FOUND_UNDERWAY;
    struct action *a = ask(b, 0), *other = ask(b, 0), *elsewhere = ask(b, 1);
    assert_true(action_confirm(a, "y", NULL, &e));
    assert_false(action_confirm(other, "y", NULL, &e));
    assert_string_equal(e.code, "Held");
    assert_int_equal(other->confirmed_at, 0); /* it has not begun: once given up it is not kept in the list */
    assert_non_null(strstr(e.message, "fake"));
    assert_true(action_confirm(elsewhere, "prod", "another resource", &e));
    action_cancel(a);
    assert_int_equal(a->state, ACTION_ENDED);
    assert_true(action_confirm(other, "y", NULL, &e));
}

static void stops_at_what_fails(void **state)
{
    struct bench *b = *state;
    planned[0] = planned[1] = &plain;
    error_set(&world.call_error, ERROR_SERVICE, "AccessDenied", "not authorised");
    world.call_error.status = 403;
    struct action *a = ask(b, 0);
    run(b, a, "y", NULL);
    assert_int_equal(a->outcome, OUTCOME_FAILED);
    assert_string_equal(a->summary, "AccessDenied: not authorised");
    assert_int_equal(a->steps[1]->state, STEP_WAITING);
    assert_int_equal(world.looked[1], 0);
    assert_audit(b, "begun ended:failed");
}

static void looks_where_no_answer_came(void **state)
{
    struct bench *b = *state;
    planned[0] = &reboot;
    error_set(&world.call_error, ERROR_TIMEOUT, "Timeout", "no answer");
    world.found[0][0] = FOUND_TODO, world.found[0][1] = FOUND_TODO, world.found[0][2] = FOUND_UNDERWAY, world.found[0][3] = FOUND_DONE;
    world.found[0][1] = FOUND_UNDERWAY;
    struct action *a = ask(b, 0);
    run(b, a, "y", NULL);
    assert_int_equal(a->outcome, OUTCOME_DONE);
    assert_int_equal(world.called[0], 1);
}

static void keeps_the_order_of_the_plan(void **state)
{
    struct bench *b = *state;
    planned[0] = planned[1] = &onward;
    planned[2] = &barrier;
    world.found[0][1] = FOUND_UNDERWAY, world.found[0][2] = FOUND_UNDERWAY, world.found[0][3] = FOUND_DONE;
    world.found[1][1] = FOUND_DONE;
    world.found[2][1] = FOUND_DONE;
    struct action *a = ask(b, 0);
    run(b, a, "y", NULL);
    assert_int_equal(a->outcome, OUTCOME_DONE);
    assert_string_equal(world.order, "abc");
    assert_true(a->steps[1]->called_at <= a->steps[0]->ended_at); /* did not wait */
    assert_true(a->steps[2]->called_at >= a->steps[0]->ended_at); /* did */
}

static void leaves_what_was_called_when_cancelled(void **state)
{
    struct bench *b = *state;
    struct error e = {0};
    planned[0] = planned[1] = &plain;
    world.found[0][1] = FOUND_UNDERWAY;
    struct action *a = ask(b, 0);
    assert_true(action_confirm(a, "y", NULL, &e));
    action_cancel(a);
    assert_int_equal(a->state, ACTION_ENDED);
    assert_int_equal(a->outcome, OUTCOME_LEFT);
    assert_int_equal(a->steps[0]->state, STEP_LEFT);
    assert_int_equal(world.called[1], 0);
    struct action *unconfirmed = ask(b, 0);
    action_cancel(unconfirmed);
    assert_int_equal(unconfirmed->outcome, OUTCOME_CANCELLED);
    assert_audit(b, "begun ended:left");
}

/* The console dies right after a call: no result is noted. */
static void resumes_without_a_second_call(void **state)
{
    struct bench *b = *state;
    struct error e = {0};
    char id[40];
    planned[0] = &reboot;
    planned[1] = &plain;
    world.never_answers = true;
    struct action *a = ask(b, 0);
    assert_true(action_confirm(a, "y", NULL, &e));
    assert_int_equal(world.called[0], 1);
    text_copy(id, sizeof id, a->id);
    assert_int_equal(unfinished(b), 0); /* a living process carries it on */
    actions_free(b->actions);
    open_engine(b, false);
    assert_int_equal(unfinished(b), 1);
    world.never_answers = false;
    memset(world.looked, 0, sizeof world.looked);
    world.found[0][0] = FOUND_UNDERWAY, world.found[0][1] = FOUND_DONE;
    world.found[1][0] = FOUND_TODO, world.found[1][1] = FOUND_DONE;
    a = action_resume(b->actions, id, &e);
    assert_non_null(a);
    assert_true(loop_run_until(b->loop, ended, a, 10000));
    assert_int_equal(a->outcome, OUTCOME_DONE);
    assert_int_equal(world.called[0], 1);
    assert_int_equal(world.called[1], 1);
    assert_int_equal(unfinished(b), 0);
    assert_audit(b, "begun resumed ended:done");
}

/* What must not be doubled is not called again although the look sees nothing of it yet. */
static void does_not_repeat_blindly(void **state)
{
    struct bench *b = *state;
    struct error e = {0};
    char id[40];
    planned[0] = &reboot;
    world.never_answers = true;
    struct action *a = ask(b, 0);
    assert_true(action_confirm(a, "y", NULL, &e));
    text_copy(id, sizeof id, a->id);
    actions_free(b->actions);
    open_engine(b, false);
    a = action_resume(b->actions, id, &e);
    assert_non_null(a);
    assert_int_equal(a->steps[0]->state, STEP_LOOKING);
    assert_int_equal(world.called[0], 1);
    a->steps[0]->called_at -= 61000; /* a minute later */
    world.never_answers = false;
    world.found[0][world.looked[0]] = FOUND_TODO;
    world.found[0][world.looked[0] + 1] = FOUND_DONE;
    assert_true(loop_run_until(b->loop, ended, a, 10000));
    assert_int_equal(world.called[0], 2);
    assert_int_equal(a->outcome, OUTCOME_DONE);
}

static void closes_what_nobody_will_carry_on(void **state)
{
    struct bench *b = *state;
    struct error e = {0};
    char id[40];
    planned[0] = &plain;
    world.never_answers = true;
    struct action *a = ask(b, 0);
    assert_true(action_confirm(a, "y", NULL, &e));
    text_copy(id, sizeof id, a->id);
    actions_free(b->actions);
    open_engine(b, false);
    assert_true(action_close(b->actions, id, &e));
    assert_int_equal(unfinished(b), 0);
    assert_int_equal(actions_count(b->actions), 0);
    assert_audit(b, "begun closed");
    assert_null(action_resume(b->actions, id, &e));
}

/* Another profile, or the demonstration, whose account bears the same name. */
static void takes_up_nothing_of_another_account(void **state)
{
    struct bench *b = *state;
    struct error e = {0};
    char id[40], **account_id = &b->config.accounts.at[0].id;
    planned[0] = &plain;
    world.never_answers = true;
    struct action *a = ask(b, 0);
    assert_true(action_confirm(a, "y", NULL, &e));
    text_copy(id, sizeof id, a->id);
    actions_free(b->actions);
    free(*account_id);
    *account_id = mem_strdup("999999999999");
    open_engine(b, false);
    memset(world.looked, 0, sizeof world.looked);
    assert_null(action_resume(b->actions, id, &e));
    assert_non_null(strstr(e.message, "(222222222222), which this profile does not have"));
    assert_false(action_close(b->actions, id, &e));
    assert_int_equal(world.looked[0], 0);
    assert_int_equal(unfinished(b), 1);
    a = ask(b, 0); /* nor does it stand in the way of what is done here */
    gate_busy(a, true);
    assert_string_equal(a->gate.points[1].evidence, "nothing else changes anything there");
}

static void tell_reason(void *arg, const struct unfinished *one) { text_copy(arg, sizeof one->reason, one->reason); }

static void what_a_journal_says_is_cleaned(void **state)
{
    struct bench *b = *state;
    struct error e = {0};
    char reason[sizeof ((struct unfinished *)0)->reason];
    journal_free(journal_begin(b->dir, "left-1", json_pack("{s:s, s:s, s:s}", "action", "fake", "account", "dev", "reason", "a\x1b]0;b\x07"), &e));
    assert_true(actions_unfinished(b->actions, tell_reason, reason, &e));
    assert_string_equal(reason, "a?]0;b?");
}

static void does_nothing_that_it_cannot_write_down(void **state)
{
    struct bench *b = *state;
    struct error e = {0};
    char path[100];
    planned[0] = &plain;
    struct action *a = ask(b, 0);
    text_format(path, sizeof path, "%s/journal", b->dir);
    FILE *in_the_way = fopen(path, "w");
    assert_non_null(in_the_way);
    fclose(in_the_way);
    assert_false(action_confirm(a, "y", NULL, &e));
    assert_int_equal(a->state, ACTION_ASKING);
    assert_int_equal(world.looked[0] + world.called[0], 0);
    assert_int_equal(remove(path), 0);
    world.found[0][1] = FOUND_DONE;
    run(b, a, "y", NULL); /* its lock was given back */
}

static void says_what_there_is_not_to_do(void **state)
{
    struct bench *b = *state;
    struct action *a = ask(b, 0);
    assert_int_equal(a->state, ACTION_ENDED);
    assert_int_equal(a->outcome, OUTCOME_DONE);
    assert_string_equal(a->summary, "nothing to do: all of it is so already");
    world.refuse_plan = true;
    a = ask(b, 0);
    assert_int_equal(a->outcome, OUTCOME_FAILED);
    assert_string_equal(a->summary, "Cannot: it cannot be");
}

static void is_done_when_called_where_nothing_is_to_settle(void **state)
{
    struct bench *b = *state;
    planned[0] = &hasty;
    struct action *a = ask(b, 0);
    run(b, a, "y", NULL);
    assert_int_equal(a->steps[0]->state, STEP_DONE);
    assert_int_equal(world.looked[0], 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(does_what_is_to_be_done_and_skips_what_is_so),
        TEST(confirms_by_consequence),
        TEST(refuses_at_the_engine),
        TEST(holds_its_resource),
        TEST(stops_at_what_fails),
        TEST(looks_where_no_answer_came),
        TEST(keeps_the_order_of_the_plan),
        TEST(leaves_what_was_called_when_cancelled),
        TEST(resumes_without_a_second_call),
        TEST(does_not_repeat_blindly),
        TEST(closes_what_nobody_will_carry_on),
        TEST(takes_up_nothing_of_another_account),
        TEST(what_a_journal_says_is_cleaned),
        TEST(does_nothing_that_it_cannot_write_down),
        TEST(says_what_there_is_not_to_do),
        TEST(is_done_when_called_where_nothing_is_to_settle),
    };
    return cmocka_run_group_tests_name("actions_engine", tests, NULL, NULL);
}
