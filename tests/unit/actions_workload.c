/* Which pod is deleted: the one that was looked at when the plan was made, not another of its name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "actions/workload.h"
#include "ui_estate.h"

#define NAME "queue-0"

struct stage {
    struct estate *e;
    struct action action;
};

static void put_pod(struct estate *e, int64_t created_at, int64_t now)
{
    struct pod_row row = {.ns = "app", .name = NAME, .status = "Running", .node = "", .ip = "", .ready = 1, .containers = 1,
                          .created_at = created_at};
    pods_put(e, PROD, &row, now);
}

static int begin(void **state)
{
    static struct stage stage;
    struct error e = {0};
    stage = (struct stage){.e = ui_estate_bare()};
    put_pod(stage.e, UI_NOW - 20000, UI_NOW);
    slice_good(stage.e, PROD, FEED_PODS, UI_NOW, 0, 0);
    stage.action = (struct action){.account = &stage.e->accounts[PROD], .target = {.kind = TARGET_POD, .account = PROD, .ns = "app", .name = NAME}};
    assert_true(action_delete_pod.plan(&stage.action, &e));
    assert_int_equal(stage.action.step_count, 1);
    *state = &stage;
    return 0;
}

static int end(void **state)
{
    struct stage *s = *state;
    json_decref(s->action.steps[0]->with);
    free(s->action.steps[0]);
    free(s->action.steps);
    ui_estate_free(s->e);
    return 0;
}

/* What a look finds, with "ending" in the middle of its end. */
static enum finding look(struct stage *s, const char *uid, bool ending)
{
    char words[120];
    json_t *pod = uid ? json_pack("{s:{s:s, s:s*}, s:{s:s}}", "metadata", "uid", uid, "deletionTimestamp", ending ? "2026-11-24T14:02:11Z" : NULL,
                                  "status", "phase", "Running") : NULL;
    enum finding found = pod_finding(&s->action, s->action.steps[0], pod, words, sizeof words);
    assert_true(*words);
    json_decref(pod);
    return found;
}

static void the_one_that_was_seen(void **state)
{
    struct stage *s = *state;
    assert_int_equal(look(s, "one", false), FOUND_TODO);
    assert_int_equal(look(s, "one", true), FOUND_UNDERWAY);
    assert_int_equal(look(s, NULL, false), FOUND_DONE);
    put_pod(s->e, UI_NOW - 21000, UI_NOW + 5000); /* told of again */
    assert_int_equal(look(s, "one", false), FOUND_TODO);
}

static void another_of_its_name_is_left_alone(void **state)
{
    struct stage *s = *state;
    pods_gone(s->e, PROD, "app", NAME, UI_NOW + 5000);
    assert_int_equal(look(s, "two", false), FOUND_FAILED);
    put_pod(s->e, UI_NOW + 6000, UI_NOW + 6000);
    assert_int_equal(look(s, "two", false), FOUND_FAILED);
    s->action.resumed = true; /* a console that was not there when the plan was made has a list of its own */
    assert_int_equal(look(s, "two", false), FOUND_TODO);
}

static void once_it_was_looked_at_its_uid_counts(void **state)
{
    struct stage *s = *state;
    json_object_set_new(s->action.steps[0]->with, "uid", json_string("one"));
    pods_gone(s->e, PROD, "app", NAME, UI_NOW + 5000);
    assert_int_equal(look(s, "one", true), FOUND_UNDERWAY);
    assert_int_equal(look(s, "two", false), FOUND_DONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(the_one_that_was_seen, begin, end),
                                       cmocka_unit_test_setup_teardown(another_of_its_name_is_left_alone, begin, end),
                                       cmocka_unit_test_setup_teardown(once_it_was_looked_at_its_uid_counts, begin, end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
