/* How far a rollout has come: judged from rows of the estate, on an account that the test moves by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "actions/rollout.h"
#include "base/json.h"
#include "ui_estate.h"

#define REGISTRY "111111111111.dkr.ecr.us-east-1.amazonaws.com/"
#define OLD      "sha256:77fe1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7"
#define NEW      "sha256:91ab03c2d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5a6b7c8d9e0f1a2"
#define SECOND   INT64_C(1000)

/* Production with one Deployment of three pods, made from the template 5d8f. */
struct world {
    struct estate *e;
    struct gate gate;
    json_t *plan;
};

static void put_deployment(struct world *w, const char *name, const char *images, int updated, int ready, int desired)
{
    char copy[64];
    text_copy(copy, sizeof copy, name);
    struct deployment d = {.name = copy, .ns = "app", .ready = ready, .desired = desired, .updated = updated, .available = ready, .images = images};
    deployments_put(w->e, PROD, &d, 9, UI_NOW);
}

static void put_pod(struct world *w, const char *name, const char *status, int ready, int restarts)
{
    struct pod_row row = {.ns = "app", .name = name, .status = status, .node = "", .ip = "", .ready = ready, .containers = 1, .restarts = restarts,
                          .created_at = UI_NOW};
    pods_put(w->e, PROD, &row, UI_NOW);
}

static void put_alarm(struct world *w, const char *name, enum alarm_state state, int64_t since)
{
    struct alarm alarm = {.state = state, .since = since};
    text_copy(alarm.name, sizeof alarm.name, name);
    text_copy(alarm.reason, sizeof alarm.reason, "212 > 20");
    alarms_set(w->e, PROD, &alarm, 1, UI_NOW);
}

static int start(void **state)
{
    static struct world world;
    struct world *w = *state = &world;
    *w = (struct world){.e = ui_estate_bare()};
    put_deployment(w, "backend", REGISTRY "backend@" OLD, 3, 3, 3);
    put_deployment(w, "backend-worker", REGISTRY "worker@" OLD, 1, 1, 1);
    put_pod(w, "backend-5d8f-aaaaa", "Running", 1, 0);
    put_pod(w, "backend-5d8f-bbbbb", "Running", 1, 0);
    put_pod(w, "backend-5d8f-ccccc", "Running", 1, 0);
    put_pod(w, "backend-worker-7b6c-ddddd", "Running", 1, 0);
    put_alarm(w, "rds-cpu", ALARM_ALARM, UI_NOW - 9000);
    w->gate = (struct gate){.image_count = 2};
    text_copy(w->gate.images[0].repository, sizeof w->gate.images[0].repository, "backend");
    text_copy(w->gate.images[0].digest, sizeof w->gate.images[0].digest, NEW);
    text_copy(w->gate.images[1].repository, sizeof w->gate.images[1].repository, "worker"); /* not built for this commit */
    w->plan = rollout_plan(&w->e->accounts[PROD], &w->gate);
    return 0;
}

static int end(void **state)
{
    struct world *w = *state;
    json_decref(w->plan);
    ui_estate_free(w->e);
    return 0;
}

static struct rollout look(struct world *w)
{
    struct rollout rollout;
    rollout_look(&w->e->accounts[PROD], w->plan, &rollout);
    return rollout;
}

static void the_plan_keeps_what_was_there(void **state)
{
    struct world *w = *state;
    char back[80];
    assert_int_equal(json_array_size(json_object_get(w->plan, "parts")), 1);
    assert_string_equal(json_text(w->plan, "parts.0.name"), "backend");
    assert_string_equal(json_text(w->plan, "parts.0.from"), OLD);
    assert_string_equal(json_text(w->plan, "parts.0.to"), NEW);
    assert_int_equal(json_array_size(json_at(w->plan, "parts.0.hashes")), 1);
    assert_string_equal(json_text(w->plan, "parts.0.hashes.0"), "5d8f");
    assert_int_equal(json_int(w->plan, "alarms.rds-cpu", 0), UI_NOW - 9000);
    assert_string_equal(rollout_back(w->plan, back, sizeof back), "backend 77fe1a2b");
    w->gate.images[0].digest[0] = '\0';
    assert_null(rollout_plan(&w->e->accounts[PROD], &w->gate)); /* no image of it at all */
}

static void counts_go_from_old_to_new(void **state)
{
    struct world *w = *state;
    struct rollout r = look(w);
    assert_false(r.changed || r.settled);
    assert_string_equal(r.words, "backend still told to run 77fe1a2b");
    put_deployment(w, "backend", REGISTRY "backend@" NEW, 1, 3, 3);
    put_pod(w, "backend-6c9d-eeeee", "ContainerCreating", 0, 0);
    r = look(w);
    assert_true(r.changed && !r.settled);
    assert_int_equal(r.parts[0].old, 3);
    assert_int_equal(r.parts[0].fresh, 1);
    assert_int_equal(r.parts[0].ready, 0);
    put_pod(w, "backend-6c9d-eeeee", "Running", 1, 0);
    put_pod(w, "backend-5d8f-aaaaa", "Terminating", 1, 0);
    r = look(w);
    assert_string_equal(r.words, "backend 1 of 3 ready with 91ab03c2, 2 old");
    put_deployment(w, "backend", REGISTRY "backend@" NEW, 3, 3, 3);
    put_pod(w, "backend-6c9d-fffff", "Running", 1, 0);
    put_pod(w, "backend-6c9d-ggggg", "Running", 1, 0);
    assert_false(look(w).settled); /* two old ones still serve */
    pods_gone(w->e, PROD, "app", "backend-5d8f-bbbbb", UI_NOW);
    put_pod(w, "backend-5d8f-ccccc", "Evicted", 0, 0);
    r = look(w);
    assert_true(r.settled);
    assert_string_equal(r.words, "backend 3 of 3 ready with 91ab03c2");
}

static void new_pods_that_fail_are_named(void **state)
{
    struct world *w = *state;
    put_pod(w, "backend-5d8f-aaaaa", "CrashLoopBackOff", 0, 40);          /* an old one */
    put_pod(w, "backend-worker-7b6c-ddddd", "ImagePullBackOff", 0, 0);    /* another's */
    put_deployment(w, "backend", REGISTRY "backend@" NEW, 1, 2, 3);
    put_pod(w, "backend-6c9d-eeeee", "Error", 0, 1); /* it may come up the second time */
    assert_string_equal(look(w).wrong, "");
    put_pod(w, "backend-6c9d-eeeee", "Init:CrashLoopBackOff", 0, 2);
    assert_string_equal(look(w).wrong, "pod backend-6c9d-eeeee, of the new image 91ab03c2: Init:CrashLoopBackOff");
    put_pod(w, "backend-6c9d-eeeee", "Running", 0, 3);
    assert_string_equal(look(w).wrong, "pod backend-6c9d-eeeee, of the new image 91ab03c2: Running, started again and again");
    put_pod(w, "backend-6c9d-eeeee", "Running", 1, 3); /* ready after all */
    assert_string_equal(look(w).wrong, "");
}

static void only_alarms_since_count(void **state)
{
    struct world *w = *state;
    assert_string_equal(look(w).wrong, "");
    put_alarm(w, "rds-cpu", ALARM_ALARM, UI_NOW + 5); /* it was well again, and went off again */
    assert_string_equal(look(w).wrong, "alarm rds-cpu has gone off since: 212 > 20");
    put_alarm(w, "alb-5xx", ALARM_NO_DATA, UI_NOW + 5);
    assert_string_equal(look(w).wrong, "");
    put_alarm(w, "alb-5xx", ALARM_ALARM, UI_NOW - 1);
    assert_string_equal(look(w).wrong, "alarm alb-5xx has gone off since: 212 > 20");
}

static void what_runs_the_candidate_already_is_new(void **state)
{
    struct world *w = *state;
    put_deployment(w, "backend", REGISTRY "backend@" NEW, 3, 3, 3);
    json_decref(w->plan);
    w->plan = rollout_plan(&w->e->accounts[PROD], &w->gate);
    assert_true(look(w).settled);
}

/* The judge, with its own clock. */

static enum rollout_verdict at(struct rollout_watch *w, int64_t seconds, struct rollout r, enum rollout_run run, int64_t alarms_s)
{
    char words[240];
    return rollout_judge(&r, w, run, alarms_s == INT64_MAX ? INT64_MAX : alarms_s * SECOND, seconds * SECOND, words, sizeof words);
}

static const struct rollout untouched = {0}, rolling = {.changed = true}, settled = {.changed = true, .settled = true};

static void it_has_settled_after_a_quiet_while(void **state)
{
    struct rollout_watch w = {0};
    (void)state;
    assert_int_equal(at(&w, 10, untouched, ROLLOUT_RUN_GOES_ON, 5), ROLLOUT_UNDER_WAY);
    assert_int_equal(at(&w, 20, settled, ROLLOUT_RUN_GOES_ON, 5), ROLLOUT_UNDER_WAY);
    assert_int_equal(at(&w, 49, settled, ROLLOUT_RUN_DONE, 45), ROLLOUT_UNDER_WAY);
    assert_int_equal(at(&w, 50, settled, ROLLOUT_RUN_DONE, 19), ROLLOUT_UNDER_WAY); /* the alarms are from before */
    assert_int_equal(at(&w, 50, settled, ROLLOUT_RUN_DONE, 20), ROLLOUT_SETTLED);
    w = (struct rollout_watch){0};
    assert_int_equal(at(&w, 20, settled, ROLLOUT_RUN_DONE, INT64_MAX), ROLLOUT_UNDER_WAY);
    assert_int_equal(at(&w, 40, rolling, ROLLOUT_RUN_DONE, INT64_MAX), ROLLOUT_UNDER_WAY); /* one went away: it begins anew */
    assert_int_equal(at(&w, 41, settled, ROLLOUT_RUN_DONE, INT64_MAX), ROLLOUT_UNDER_WAY);
    assert_int_equal(at(&w, 70, settled, ROLLOUT_RUN_DONE, INT64_MAX), ROLLOUT_UNDER_WAY);
    assert_int_equal(at(&w, 71, settled, ROLLOUT_RUN_DONE, INT64_MAX), ROLLOUT_SETTLED);
}

static void it_fails(void **state)
{
    struct rollout_watch w = {0};
    struct rollout wrong = settled;
    (void)state;
    text_copy(wrong.wrong, sizeof wrong.wrong, "pod x: CrashLoopBackOff");
    assert_int_equal(at(&w, 10, wrong, ROLLOUT_RUN_GOES_ON, 10), ROLLOUT_FAILING);
    assert_int_equal(at(&w, 10, rolling, ROLLOUT_RUN_FAILED, 10), ROLLOUT_FAILING);
    w = (struct rollout_watch){0}; /* the clock begins when the cluster changes, not while the run is queued */
    assert_int_equal(at(&w, 10, untouched, ROLLOUT_RUN_GOES_ON, 10), ROLLOUT_UNDER_WAY);
    assert_int_equal(at(&w, 5000, rolling, ROLLOUT_RUN_GOES_ON, 10), ROLLOUT_UNDER_WAY);
    assert_int_equal(at(&w, 5900, rolling, ROLLOUT_RUN_GOES_ON, 10), ROLLOUT_UNDER_WAY);
    assert_int_equal(at(&w, 5901, rolling, ROLLOUT_RUN_GOES_ON, 10), ROLLOUT_FAILING);
    w = (struct rollout_watch){0}; /* a run that has succeeded, and nothing has come of it */
    assert_int_equal(at(&w, 10, untouched, ROLLOUT_RUN_DONE, 10), ROLLOUT_UNDER_WAY);
    assert_int_equal(at(&w, 131, untouched, ROLLOUT_RUN_DONE, 10), ROLLOUT_FAILING);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
    const struct CMUnitTest tests[] = {TEST(the_plan_keeps_what_was_there), TEST(counts_go_from_old_to_new), TEST(new_pods_that_fail_are_named),
                                       TEST(only_alarms_since_count),       TEST(what_runs_the_candidate_already_is_new),
                                       TEST(it_has_settled_after_a_quiet_while), TEST(it_fails)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
