/* The gate's points that hang on names, and how a release is found by what people call it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/str.h"
#include "estate/gate.h"
#include "ui_estate.h"

static int start(void **state)
{
    *state = ui_estate();
    return 0;
}

static int end(void **state)
{
    ui_estate_free(*state);
    return 0;
}

static const struct gate_point *point(const struct gate *gate, const char *key)
{
    for (size_t i = 0; i < gate->point_count; i++)
        if (!strcmp(gate->points[i].key, key))
            return &gate->points[i];
    return NULL;
}

static struct gate gate_with_alarm(struct estate *e, const char *name, enum alarm_state state)
{
    struct alarm rows[2] = {{.state = ALARM_OK}, {.state = state}};
    struct gate gate;
    text_copy(rows[0].name, sizeof rows[0].name, "rds-cpu");
    text_copy(rows[1].name, sizeof rows[1].name, name);
    text_copy(rows[1].reason, sizeof rows[1].reason, "14 > 10");
    alarms_set(e, PROD, rows, 2, UI_NOW);
    gate_look(e, PROD, &e->accounts[PROD].releases.runs.at[0], UI_NOW, &gate);
    return gate;
}

static void an_error_budget_is_told_by_the_alarms_name(void **state)
{
    static const char *const names[] = {"checkout-error-budget", "ErrorBudget", "slo", "SLO-api-latency", "api burn-rate 1h"};
    static const char *const others[] = {"slow-queries", "api-slow", "aslope", "alb-5xx", "budget-forecast"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct gate gate = gate_with_alarm(*state, names[i], ALARM_OK);
        assert_non_null(point(&gate, "error-budget"));
        assert_int_equal(point(&gate, "error-budget")->verdict, GATE_PASS);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) { /* nothing is claimed that nobody watches */
        struct gate gate = gate_with_alarm(*state, others[i], ALARM_OK);
        assert_null(point(&gate, "error-budget"));
    }
    struct gate spent = gate_with_alarm(*state, names[0], ALARM_ALARM), blind = gate_with_alarm(*state, names[0], ALARM_NO_DATA);
    assert_int_equal(point(&spent, "error-budget")->verdict, GATE_FAIL);
    assert_string_equal(point(&spent, "error-budget")->evidence, "checkout-error-budget ALARM: 14 > 10");
    assert_int_equal(point(&blind, "error-budget")->verdict, GATE_UNKNOWN);
}

static void a_pipeline_is_asked_about_the_place_alone(void **state)
{
    struct estate *e = *state;
    const struct release *pipeline = release_pipeline(&e->accounts[PROD].pipelines, "infrastructure");
    struct gate gate;
    assert_non_null(pipeline);
    gate_look(e, PROD, pipeline, UI_NOW, &gate);
    assert_int_equal(gate.image_count, 0);
    assert_null(point(&gate, "dev-image"));
    assert_int_equal(point(&gate, "waits")->verdict, GATE_PASS);
    assert_int_equal(point(&gate, "alarms")->verdict, GATE_FAIL);
    assert_int_equal(point(&gate, "freeze")->verdict, GATE_PASS);
}

static void two_workflows_may_have_the_same_number(void **state)
{
    struct release_set set = {0};
    char label[24];
    (void)state;
    *vec_add(&set.runs) = (struct release){.id = 9003, .number = 812, .workflow = 1, .state = RELEASE_SUCCEEDED};
    *vec_add(&set.runs) = (struct release){.id = 9002, .number = 812, .workflow = 2, .state = RELEASE_WAITING};
    *vec_add(&set.runs) = (struct release){.id = 812, .number = 3, .workflow = 3, .state = RELEASE_FAILED};
    assert_int_equal(release_find(&set, 9003)->id, 9003);
    assert_int_equal(release_find(&set, 812)->id, 812); /* an id is exact */
    assert_string_equal(release_label(&set, &set.runs.at[1], label, sizeof label), "9002");
    set.runs.len = 2;
    assert_int_equal(release_find(&set, 812)->id, 9002); /* the one that waits */
    assert_false(release_is_ambiguous(&set, &set.runs.at[1]));
    assert_string_equal(release_label(&set, &set.runs.at[1], label, sizeof label), "812");
    assert_string_equal(release_label(&set, &set.runs.at[0], label, sizeof label), "9003");
    set.runs.at[0].state = RELEASE_WAITING;
    assert_true(release_is_ambiguous(&set, &set.runs.at[1]));
    assert_string_equal(release_label(&set, &set.runs.at[1], label, sizeof label), "9002");
    assert_null(release_find(&set, 811));
    vec_free(&set.runs);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
    const struct CMUnitTest tests[] = {TEST(an_error_budget_is_told_by_the_alarms_name), TEST(a_pipeline_is_asked_about_the_place_alone),
                                       TEST(two_workflows_may_have_the_same_number)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
