/* Development beside production: what differs, what is meant to, what is not known; and two rows side by side in the console. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "platform_estate.h"
#include "ui/compare.h"
#include "ui/console.h"
#include "ui/panes/panes.h"
#include "ui_estate.h"
#include "ui_picture.h"

struct bench {
    struct estate *estate;
    struct pane_view view;
};

static int begin(void **state)
{
    struct bench *b = mem_new(sizeof *b);
    b->estate = ui_estate();
    platform_build(b->estate, DEV, UI_NOW);
    platform_build(b->estate, PROD, UI_NOW);
    b->view = (struct pane_view){.estate = b->estate, .now = UI_NOW, .unicode = true, .account = SIZE_MAX};
    *state = b;
    return 0;
}

static int end(void **state)
{
    ui_estate_free(((struct bench *)*state)->estate);
    free(*state);
    return 0;
}

static struct account *write(struct bench *b, size_t account)
{
    estate_touch(b->estate);
    return estate_account_write(b->estate, account);
}
static struct database *database(struct bench *b, size_t account) { return &write(b, account)->database.instances.at[0]; }

static struct difference fact_of(struct bench *b, const struct thing *dev, const struct thing *prod, const char *label)
{
    struct difference d;
    for (size_t i = 0; i < thing_fact_count(dev->kind); i++) {
        compare_fact(&b->view, dev, prod, i, &d);
        if (!strcmp(d.label, label))
            return d;
    }
    fail_msg("no fact \"%s\"", label);
    return (struct difference){0};
}

static struct difference database_fact(struct bench *b, const char *label)
{
    return fact_of(b, &(struct thing){THING_DATABASE, DEV, 0}, &(struct thing){THING_DATABASE, PROD, 0}, label);
}

static void a_fact_is_the_same_or_differs_or_is_meant_to(void **state)
{
    struct bench *b = *state;
    assert_int_equal(database_fact(b, "engine").verdict, COMPARE_SAME);
    struct difference d = database_fact(b, "Multi-AZ");
    assert_int_equal(d.verdict, COMPARE_BY_DESIGN);
    assert_string_equal(d.value[0].text, "no");
    assert_string_equal(d.value[1].text, "yes");
    assert_string_equal(d.why, "dev is single-AZ");
    text_copy(database(b, PROD)->version, 24, "17.1");
    d = database_fact(b, "engine");
    assert_int_equal(d.verdict, COMPARE_DIFFERS);
    assert_string_equal(d.why, "");
}

/* The design has a direction. */
static void the_other_way_round_is_no_design(void **state)
{
    struct bench *b = *state;
    database(b, DEV)->multi_az = true;
    database(b, PROD)->multi_az = false;
    assert_int_equal(database_fact(b, "Multi-AZ").verdict, COMPARE_DIFFERS);
    database(b, DEV)->backup_days = 14;
    assert_int_equal(database_fact(b, "backups kept").verdict, COMPARE_DIFFERS);
    text_copy(database(b, DEV)->class, 32, "db.r6g.2xlarge");
    text_copy(database(b, PROD)->class, 32, "db.r6g.xlarge");
    assert_int_equal(database_fact(b, "class").verdict, COMPARE_DIFFERS);
    text_copy(database(b, DEV)->class, 32, "db.t4g.large");
    assert_int_equal(database_fact(b, "class").verdict, COMPARE_BY_DESIGN);
    text_copy(database(b, PROD)->class, 32, "whatever");
    assert_int_equal(database_fact(b, "class").verdict, COMPARE_DIFFERS);
}

static void only_development_sleeps(void **state)
{
    struct bench *b = *state;
    text_copy(database(b, DEV)->status, 40, "stopped");
    assert_int_equal(database_fact(b, "status").verdict, COMPARE_BY_DESIGN);
    text_copy(database(b, DEV)->status, 40, "available");
    text_copy(database(b, PROD)->status, 40, "stopped");
    assert_int_equal(database_fact(b, "status").verdict, COMPARE_DIFFERS);
}

static void what_was_not_read_is_neither_the_same_nor_different(void **state)
{
    struct bench *b = *state;
    database(b, PROD)->storage_gib = -1;
    struct difference d = database_fact(b, "storage");
    assert_int_equal(d.verdict, COMPARE_UNKNOWN);
    assert_false(d.value[1].known);
    assert_string_equal(d.why, "prod: not told");
    write(b, PROD)->slices[FEED_DATABASE_BACKUPS] = (struct slice){.state = SLICE_NEVER};
    ui_fail(b->estate, PROD, FEED_DATABASE_BACKUPS, "AccessDenied", "no");
    d = database_fact(b, "copied to");
    assert_int_equal(d.verdict, COMPARE_UNKNOWN);
    assert_string_equal(d.why, "prod: AccessDenied");
    write(b, DEV)->slices[FEED_DATABASE_BACKUPS] = (struct slice){.state = SLICE_LOADING};
    assert_string_equal(database_fact(b, "copied to").why, "dev: being read");
}

/* An account's own name in a name is no difference; another's is one. */
static void names_differ_by_more_than_their_account(void **state)
{
    struct bench *b = *state;
    const struct thing dev = {THING_DEPLOYMENT, DEV, 0}, prod = {THING_DEPLOYMENT, PROD, 0};
    struct account *d = write(b, DEV), *p = write(b, PROD);
    char stem[300];
    text_copy(d->platform.identities.at[2].role, 200, "arn:aws:iam::222222222222:role/innovate-dev-backend");
    assert_int_equal(fact_of(b, &dev, &prod, "role").verdict, COMPARE_SAME);
    text_copy(p->platform.identities.at[2].role, 200, "arn:aws:iam::333333333333:role/innovate-product-backend");
    assert_int_equal(fact_of(b, &dev, &prod, "role").verdict, COMPARE_DIFFERS);
    thing_stem(b->estate, &(struct thing){THING_DATABASE, PROD, 0}, stem, sizeof stem);
    assert_string_equal(stem, "innovate-*");
}

static void the_counterpart_is_found_by_name_then_by_being_the_only_one(void **state)
{
    struct bench *b = *state;
    struct thing other;
    char name[300];
    thing_counterpart(b->estate, &(struct thing){THING_BUDGET, PROD, 0}, DEV, &other);
    assert_int_equal(other.kind, THING_BUDGET);
    assert_string_equal(thing_name(b->estate, &other, name, sizeof name), "dev-monthly");
    text_copy(write(b, PROD)->budgets.at[0].name, 104, "shop");
    thing_counterpart(b->estate, &(struct thing){THING_BUDGET, PROD, 0}, DEV, &other);
    assert_int_equal(other.kind, THING_NONE); /* budgets are not the same for being alone */
    text_copy(database(b, PROD)->id, 64, "orders");
    thing_counterpart(b->estate, &(struct thing){THING_DATABASE, PROD, 0}, DEV, &other);
    assert_int_equal(other.kind, THING_DATABASE);
    *vec_add(&write(b, PROD)->database.instances) = *database(b, PROD);
    thing_counterpart(b->estate, &(struct thing){THING_DATABASE, PROD, 0}, DEV, &other);
    assert_int_equal(other.kind, THING_NONE); /* two: which is it? */
}

static void lists_tell_what_only_one_has(void **state)
{
    struct bench *b = *state;
    const struct thing dev = {THING_DEPLOYMENT, DEV, 0}, prod = {THING_DEPLOYMENT, PROD, 0};
    struct workload *mine = &write(b, DEV)->platform.workloads.at[2], *theirs = &write(b, PROD)->platform.workloads.at[2];
    text_copy(mine->variables, sizeof mine->variables, "APP_NAME AWS_REGION FEATURE_BASKET");
    text_copy(theirs->variables, sizeof theirs->variables, "AWS_REGION APP_NAME");
    struct difference d = fact_of(b, &dev, &prod, "variables");
    assert_int_equal(d.verdict, COMPARE_DIFFERS);
    assert_string_equal(d.value[0].text, "2 alike + FEATURE_BASKET");
    assert_string_equal(d.value[1].text, "2 alike");
    text_copy(mine->variables, sizeof mine->variables, "APP_NAME AWS_REGION");
    d = fact_of(b, &dev, &prod, "variables"); /* in whatever order */
    assert_int_equal(d.verdict, COMPARE_SAME);
    text_copy(theirs->variables, sizeof theirs->variables, "");
    d = fact_of(b, &dev, &prod, "variables");
    assert_string_equal(d.value[1].text, "none");
    theirs->more_variables = true;
    assert_int_equal(fact_of(b, &dev, &prod, "variables").verdict, COMPARE_UNKNOWN);
}

/* Production runs what development ran: a release. What never ran there came another way. */
static void images_are_promoted(void **state)
{
    struct bench *b = *state;
    const struct thing dev = {THING_DEPLOYMENT, DEV, 0}, prod = {THING_DEPLOYMENT, PROD, 0};
    struct platform *p = &write(b, DEV)->platform;
    const char *running = strstr(b->estate->accounts[PROD].cluster.deployments.at[0].images, "sha256:");
    struct difference d = fact_of(b, &dev, &prod, "image");
    assert_int_equal(d.verdict, COMPARE_DIFFERS);
    assert_string_equal(d.why, "prod's never ran in dev");
    text_copy(p->past.at[0].digest, 80, running);
    d = fact_of(b, &dev, &prod, "image");
    assert_int_equal(d.verdict, COMPARE_BY_DESIGN);
    assert_string_equal(d.why, "prod follows dev");
}

/* The pane. */

static bool row_is(struct bench *b, struct row_ref row, const char *key, const char *text)
{
    struct value value;
    for (const struct column *c = pane_compare.columns; c->key; c++)
        if (!strcmp(c->key, key)) {
            c->value(&b->view, row, &value);
            return !strcmp(value.text, text);
        }
    return false;
}

static const struct row_ref *find_row(struct bench *b, const row_refs *rows, const char *thing, const char *fact)
{
    for (size_t i = 0; i < rows->len; i++)
        if (row_is(b, rows->at[i], "thing", thing) && row_is(b, rows->at[i], "fact", fact))
            return &rows->at[i];
    return NULL;
}

static void what_differs_unexpectedly_stands_first(void **state)
{
    struct bench *b = *state;
    static const char *const order[] = {"differs", "not known", "by design", "same"};
    row_refs rows = {0};
    size_t at = 0;
    pane_compare.rows(&b->view, &rows);
    assert_true(rows.len > 50);
    for (size_t i = 0; i < rows.len; i++) {
        while (at < 4 && !row_is(b, rows.at[i], "verdict", order[at]))
            at++;
        assert_true(at < 4);
    }
    assert_int_equal(at, 3);
    vec_free(&rows);
}

static void what_only_one_has_is_a_row(void **state)
{
    struct bench *b = *state;
    row_refs rows = {0};
    struct deployment d = {.name = (char[]){"basket"}, .ns = "web", .ready = 1, .desired = 1, .updated = 1, .available = 1, .images = "basket:1"};
    deployments_put(b->estate, DEV, &d, 1, UI_NOW);
    pane_compare.rows(&b->view, &rows);
    const struct row_ref *basket = find_row(b, &rows, "deployment web/basket", "there"), *acl = find_row(b, &rows, "web ACL innovate-edge", "there");
    assert_non_null(basket);
    assert_int_equal(basket->account, DEV);
    assert_true(row_is(b, *basket, "verdict", "differs"));
    assert_true(row_is(b, *basket, "dev", "yes"));
    assert_true(row_is(b, *basket, "prod", "none"));
    assert_non_null(acl);
    assert_true(row_is(b, *acl, "verdict", "by design"));
    assert_null(find_row(b, &rows, "budget organization", "there")); /* the management account's is nobody's counterpart */
    vec_free(&rows);
}

/* One account's list was not read: whether it has such a thing is not known. */
static void an_unread_list_has_neither_much_nor_little(void **state)
{
    struct bench *b = *state;
    row_refs rows = {0};
    struct account *dev = write(b, DEV);
    for (size_t i = 0; i < dev->budgets.len; i++)
        vec_free(&dev->budgets.at[i].notifications);
    vec_clear(&dev->budgets);
    dev->slices[FEED_BUDGETS] = (struct slice){.state = SLICE_NEVER};
    ui_fail(b->estate, DEV, FEED_BUDGETS, "AccessDenied", "no");
    pane_compare.rows(&b->view, &rows);
    const struct row_ref *row = find_row(b, &rows, "budget *-monthly", "there");
    assert_non_null(row);
    assert_true(row_is(b, *row, "verdict", "not known"));
    assert_true(row_is(b, *row, "why", "dev: AccessDenied"));
    vec_free(&rows);
}

static void the_pane_reads_what_its_facts_ask_for(void **state)
{
    (void)state;
    assert_true(pane_feeds(&pane_compare) == compare_feeds());
    assert_true(pane_feeds(&pane_compare) & FEED_BIT(FEED_DATABASE_PARAMETERS));
    for (int kind = 1; kind < THING_KINDS; kind++)
        assert_true(thing_fact_count((enum thing_kind)kind) > 0 && thing_fact_count((enum thing_kind)kind) < FACT_THERE);
}

/* With several accounts of a kind the names say which belong together. */
static void accounts_pair_by_their_names(void **state)
{
    static char *names[] = {"main", "shop-dev", "shop-prod", "blog-dev", "blog-prod", "old-dev"};
    static const int kinds[] = {ACCOUNT_MANAGEMENT, ACCOUNT_DEVELOPMENT, ACCOUNT_PRODUCTION, ACCOUNT_DEVELOPMENT, ACCOUNT_PRODUCTION,
                                ACCOUNT_DEVELOPMENT};
    struct estate_config config = {0};
    (void)state;
    for (size_t i = 0; i < 6; i++)
        *vec_add(&config.accounts) = (struct account_config){.name = names[i], .id = (char[]){"1"}, .kind = kinds[i]};
    struct estate *e = estate_new(&config);
    assert_true(compare_account(e, 0) == SIZE_MAX);
    assert_int_equal(compare_account(e, 1), 2);
    assert_int_equal(compare_account(e, 2), 1);
    assert_int_equal(compare_account(e, 3), 4);
    assert_int_equal(compare_account(e, 4), 3);
    assert_true(compare_account(e, 5) == 2 || compare_account(e, 5) == 4);
    estate_free(e);
    config.accounts.len = 2;
    e = estate_new(&config);
    assert_true(compare_account(e, 1) == SIZE_MAX);
    struct pane_view view = {.estate = e, .now = UI_NOW, .account = SIZE_MAX};
    row_refs rows = {0};
    pane_compare.rows(&view, &rows);
    assert_int_equal(rows.len, 0);
    estate_free(e);
    vec_free(&config.accounts);
}

/* The console. */

static void on_focus(void *arg, feed_mask feeds) { *(feed_mask *)arg = feeds; }

static struct console *console_of(struct bench *b, const char *pane, feed_mask *focus)
{
    struct console_host host = {.focus = on_focus, .arg = focus};
    struct console_options options = {.estate = b->estate, .host = &host, .pane = pane, .unicode = true, .rows = 24, .columns = 100, .now = UI_NOW};
    struct console *c = console_new(&options);
    console_draw(c, UI_NOW);
    return c;
}

static bool shows(struct console *c, const char *text)
{
    struct str all = STR_INIT(SCREEN_MAX);
    console_draw(c, UI_NOW);
    cells_text(console_cells(c), &all);
    bool found = strstr(str_text(&all), text) != NULL;
    str_free(&all);
    return found;
}

static void one_key_shows_the_counterpart(void **state)
{
    struct bench *b = *state;
    feed_mask focus = 0;
    struct console *c = console_of(b, "database", &focus);
    type_keys(c, "<Home>=", UI_NOW);
    assert_true(shows(c, "dev innovate-dev") && shows(c, "PROD innovate-prod") && shows(c, "Multi-AZ"));
    assert_true(shows(c, "engine"));
    assert_true((focus & thing_feeds(THING_DATABASE)) == thing_feeds(THING_DATABASE));
    type_keys(c, "=", UI_NOW);
    assert_true(shows(c, "Multi-AZ") && !shows(c, "engine"));
    type_keys(c, "d", UI_NOW);
    assert_true(shows(c, "engine"));
    write(b, PROD)->database.instances.at[0].backup_days = 21; /* it lives on */
    assert_true(shows(c, "21 d"));
    type_keys(c, "<Esc>", UI_NOW);
    assert_true(focus == pane_database.feeds && shows(c, "RESTORABLE"));
    console_free(c);
}

static void a_row_without_its_like_says_so(void **state)
{
    struct bench *b = *state;
    feed_mask focus = 0;
    struct console *c = console_of(b, "waf", &focus);
    type_keys(c, "=", UI_NOW);
    assert_true(shows(c, "dev has no web ACL like innovate-edge") && shows(c, "BLOCKED/MIN"));
    console_free(c);
    c = console_of(b, "releases", &focus);
    type_keys(c, "=", UI_NOW);
    assert_true(shows(c, "no other account has this row's like"));
    console_free(c);
    c = console_of(b, "budgets", &focus);
    type_keys(c, "/organization<Enter>=", UI_NOW);
    assert_true(shows(c, "root has no account to be compared with"));
    console_free(c);
}

static void the_overview_compares_everything(void **state)
{
    feed_mask focus = 0;
    struct console *c = console_of(*state, "overview", &focus);
    type_keys(c, "=", UI_NOW);
    assert_true(focus == compare_feeds() && shows(c, "dev ⇄ PROD") && shows(c, "deployment web/backend"));
    type_keys(c, "/scales to<Enter><Enter>", UI_NOW);
    assert_true(shows(c, "deployment web/backend ▸ compared") && shows(c, "scales at"));
    console_free(c);
}

/* A mark is on the row, not on its place. */
static void a_mark_follows_its_row(void **state)
{
    struct bench *b = *state;
    feed_mask focus = 0;
    struct console *c = console_of(b, "pods", &focus);
    type_keys(c, "/q9wsx<Enter>m<Esc>", UI_NOW);
    assert_true(shows(c, "•dev   web         backend-7f6d5c4b8-q9wsx"));
    ui_pods(b->estate, ROOT, 5);
    type_keys(c, "S", UI_NOW);
    assert_true(shows(c, "•dev   web         backend-7f6d5c4b8-q9wsx"));
    type_keys(c, "/8hjlc<Enter>=", UI_NOW);
    assert_true(shows(c, "q9wsx") && shows(c, "8hjlc") && shows(c, "STATUS") && shows(c, "CrashLoopBackOff"));
    type_keys(c, "<End>", UI_NOW);
    assert_true(shows(c, "replicas") && shows(c, "prod runs more")); /* of the Deployments that they belong to */
    type_keys(c, "<Esc><Esc>/q9wsx<Enter>m<Esc>", UI_NOW);
    assert_false(shows(c, "•dev"));
    console_free(c);
}

static void a_marked_row_that_is_gone_is_told(void **state)
{
    struct bench *b = *state;
    feed_mask focus = 0;
    struct console *c = console_of(b, "pods", &focus);
    type_keys(c, "/q9wsx<Enter>m<Esc>/8hjlc<Enter>", UI_NOW);
    pods_sweep(b->estate, DEV, "web", pods_begin(b->estate, DEV), UI_NOW);
    type_keys(c, "=", UI_NOW);
    assert_true(shows(c, "the marked row is no longer there"));
    type_keys(c, "=", UI_NOW); /* and then it is as if nothing was marked */
    assert_true(shows(c, "deployment web/backend ▸ compared"));
    console_free(c);
}

static void a_row_that_goes_while_it_is_compared_is_told(void **state)
{
    struct bench *b = *state;
    feed_mask focus = 0;
    struct console *c = console_of(b, "pods", &focus);
    type_keys(c, "/q9wsx<Enter>m<Esc>/8hjlc<Enter>=", UI_NOW);
    assert_true(shows(c, "CrashLoopBackOff"));
    pods_sweep(b->estate, DEV, "web", pods_begin(b->estate, DEV), UI_NOW);
    assert_true(shows(c, "is no longer there") && !shows(c, "CrashLoopBackOff"));
    console_free(c);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {TEST(a_fact_is_the_same_or_differs_or_is_meant_to),
                                       TEST(the_other_way_round_is_no_design),
                                       TEST(only_development_sleeps),
                                       TEST(what_was_not_read_is_neither_the_same_nor_different),
                                       TEST(names_differ_by_more_than_their_account),
                                       TEST(the_counterpart_is_found_by_name_then_by_being_the_only_one),
                                       TEST(lists_tell_what_only_one_has),
                                       TEST(images_are_promoted),
                                       TEST(what_differs_unexpectedly_stands_first),
                                       TEST(what_only_one_has_is_a_row),
                                       TEST(an_unread_list_has_neither_much_nor_little),
                                       TEST(the_pane_reads_what_its_facts_ask_for),
                                       TEST(accounts_pair_by_their_names),
                                       TEST(one_key_shows_the_counterpart),
                                       TEST(a_row_without_its_like_says_so),
                                       TEST(the_overview_compares_everything),
                                       TEST(a_mark_follows_its_row),
                                       TEST(a_marked_row_that_is_gone_is_told),
                                       TEST(a_row_that_goes_while_it_is_compared_is_told)};
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
