/* What is likely behind an account's trouble: each rule where it should speak, and where it should rather say nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/str.h"
#include "estate/likely.h"
#include "path_estate.h"

#define MINUTE INT64_C(60000)

static void expect(void (*prepare)(struct estate *e), void (*then)(struct estate *e), const char *wanted)
{
    struct estate *e = ui_estate();
    char said[400];
    prepare(e);
    if (then)
        then(e);
    assert_int_equal(likely_cause(e, PROD, UI_NOW, said, sizeof said), wanted != NULL);
    assert_string_equal(said, wanted ? wanted : "");
    ui_estate_free(e);
}

static struct account *prod(struct estate *e) { return estate_account_write(e, PROD); }

static void nothing_is_said_of_what_is_well(void **state)
{
    (void)state;
    expect(path_well, NULL, NULL);
}

/* Rollouts. */

static void forget_images(struct estate *e) { vec_clear(&estate_account_write(e, ROOT)->images.rows); }
static void forget_runs(struct estate *e) { vec_clear(&prod(e)->releases.runs); }
static void forget_images_not_revisions(struct estate *e)
{
    struct past_image *was = vec_add(&prod(e)->platform.past);
    forget_images(e);
    *was = (struct past_image){.repository = "backend", .digest = "sha256:0123456789abcdef", .at = UI_NOW - 4000 * MINUTE};
}
static void was_long_ago(struct estate *e)
{
    for (size_t i = 0; i < prod(e)->cluster.pods.len; i++)
        prod(e)->cluster.pods.at[i].created_at -= 180 * MINUTE;
}
static void old_ones_fail_too(struct estate *e)
{
    struct pod_row row = {.ns = "web", .name = "backend-6c9d7f5b8-2m7rv", .status = "CrashLoopBackOff", .node = "", .ip = "", .ready = 1,
                          .containers = 2,
                          .created_at = UI_NOW - 3000 * MINUTE};
    pods_put(e, PROD, &row, UI_NOW);
}
static void no_old_ones(struct estate *e)
{
    static const char *const old[] = {"backend-6c9d7f5b8-2m7rv", "backend-6c9d7f5b8-8hjlc", "backend-6c9d7f5b8-x2x7k", "backend-6c9d7f5b8-zz41d"};
    for (size_t i = 0; i < 4; i++)
        pods_gone(e, PROD, "web", old[i], UI_NOW);
    prod(e)->releases.runs.at[0].updated_at = UI_NOW - 9 * MINUTE;
}
static void no_old_ones_and_no_run(struct estate *e)
{
    no_old_ones(e);
    forget_runs(e);
}
static void pods_unread(struct estate *e) { prod(e)->slices[FEED_PODS].state = SLICE_FAILED; }

static void a_rollout_names_its_release_and_images(void **state)
{
    (void)state;
    expect(path_rollout, NULL, "backend image 91ab03c2 (was 77fe1a2b) rolled out 7m ago by release 812");
    expect(path_rollout, no_old_ones, "backend image 91ab03c2 (was 77fe1a2b) rolled out 7m ago by release 812");
    expect(path_rollout, forget_runs, "backend image 91ab03c2 rolled out 7m ago");
    expect(path_rollout, forget_images, "backend image 91ab03c2 rolled out 7m ago");
    expect(path_rollout, forget_images_not_revisions, "backend image 91ab03c2 (was 01234567) rolled out 7m ago");
}

static void no_rollout_is_guessed(void **state)
{
    (void)state;
    expect(path_rollout, was_long_ago, NULL);
    expect(path_rollout, old_ones_fail_too, NULL);
    expect(path_rollout, no_old_ones_and_no_run, NULL); /* pods that were made anew are no rollout */
    expect(path_rollout, pods_unread, NULL);
}

/* Zones. */

static void nothing_answers(struct estate *e)
{
    for (size_t i = 0; i < prod(e)->balancing.targets.len; i++)
        text_copy(prod(e)->balancing.targets.at[i].state, sizeof prod(e)->balancing.targets.at[i].state, "unhealthy");
}
static void one_answers(struct estate *e)
{
    for (size_t i = 0; i < prod(e)->balancing.targets.len; i++)
        if (!strcmp(prod(e)->balancing.targets.at[i].zone, "us-east-1b")) {
            text_copy(prod(e)->balancing.targets.at[i].state, sizeof prod(e)->balancing.targets.at[i].state, "healthy");
            return;
        }
}
static void balancers_unread(struct estate *e) { prod(e)->slices[FEED_LOAD_BALANCERS].state = SLICE_FAILED; }

static void a_zone_is_away_if_another_is_not(void **state)
{
    (void)state;
    expect(path_zone, NULL, "none of the 5 targets in us-east-1b answers, us-east-1a has 5 of 5");
    expect(path_zone, nothing_answers, NULL);
    expect(path_zone, one_answers, NULL);
    expect(path_zone, balancers_unread, NULL);
}

/* Failovers. */

static void event_is_old(struct estate *e) { prod(e)->database.events.at[0].at = UI_NOW - 16 * MINUTE; }
static void event_is_another(struct estate *e) { text_copy(prod(e)->database.events.at[0].category, 9, "backup"); }

static void a_failover_is_told_while_it_is_news(void **state)
{
    (void)state;
    expect(path_failover, NULL, "database innovate-prod 4m ago: Multi-AZ instance failover started.");
    expect(path_failover, event_is_old, NULL);
    expect(path_failover, event_is_another, NULL);
}

/* Surges. */

static void is_as_always(struct estate *e)
{
    struct waf_series *all = &prod(e)->web_acl.series.at[0];
    for (size_t i = 0; i < WAF_POINTS; i++)
        all->blocked[i] = 5200;
}
static void are_few(struct estate *e)
{
    struct waf_series *all = &prod(e)->web_acl.series.at[0];
    for (size_t i = 0; i < WAF_POINTS; i++)
        all->blocked[i] = i < 50 ? 2 : 40;
}
static void usual_is_not_known(struct estate *e)
{
    for (size_t i = 0; i < 30; i++)
        prod(e)->web_acl.series.at[0].blocked[i] = NAN;
}

static void a_surge_is_told_against_what_is_usual(void **state)
{
    (void)state;
    expect(path_surge, NULL, "for 10m the WAF blocks 5,233/min (usually 26), 100% of it by RateLimit");
    expect(path_surge, is_as_always, NULL);
    expect(path_surge, are_few, NULL);
    expect(path_surge, usual_is_not_known, NULL);
}

static void zone_goes_too(struct estate *e)
{
    struct balancing *b = &prod(e)->balancing;
    for (size_t i = 0; i < b->targets.len; i++)
        if (!strcmp(b->targets.at[i].zone, "us-east-1b"))
            text_copy(b->targets.at[i].state, sizeof b->targets.at[i].state, "unhealthy");
}

/* One line, of what tells most. */
static void the_first_rule_that_knows_speaks(void **state)
{
    (void)state;
    expect(path_rollout, zone_goes_too, "backend image 91ab03c2 (was 77fe1a2b) rolled out 7m ago by release 812");
    expect(path_failover, zone_goes_too, "none of the 5 targets in us-east-1b answers, us-east-1a has 5 of 5");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_said_of_what_is_well),
                                       cmocka_unit_test(a_rollout_names_its_release_and_images),
                                       cmocka_unit_test(no_rollout_is_guessed),
                                       cmocka_unit_test(a_zone_is_away_if_another_is_not),
                                       cmocka_unit_test(a_failover_is_told_while_it_is_news),
                                       cmocka_unit_test(a_surge_is_told_against_what_is_usual),
                                       cmocka_unit_test(the_first_rule_that_knows_speaks)};
    return cmocka_run_group_tests_name("estate_likely", tests, NULL, NULL);
}
