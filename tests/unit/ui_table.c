/* A table of ten thousand rows: right after whatever happens to them, and asking no more of their columns than what happened calls for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "ui/table.h"
#include "ui/value.h"
#include "ui_estate.h"

enum { COUNT = 10000, ROWS = 40, COLUMNS = 100 };

static size_t asked; /* values, by the columns below */

static const struct pod *pod_of(const struct pane_view *view, struct row_ref row)
{
    return &view->estate->accounts[row.account].cluster.pods.at[row.index];
}

static void name(const struct pane_view *view, struct row_ref row, struct value *out)
{
    asked++;
    value_text(out, ROLE_TEXT, pod_of(view, row)->name);
}

static void status(const struct pane_view *view, struct row_ref row, struct value *out)
{
    asked++;
    value_text(out, ROLE_TEXT, pod_of(view, row)->status);
}

static void restarts(const struct pane_view *view, struct row_ref row, struct value *out)
{
    asked++;
    value_count(out, ROLE_TEXT, pod_of(view, row)->restarts);
}

static const struct column columns[] = {{"name", "NAME", 20, 0, .identity = true, .value = name},
                                        {"status", "STATUS", 20, 0, .value = status},
                                        {"restarts", "RST", 6, 0, .value = restarts},
                                        {0}};
enum { BY_NAME = 1, BY_STATUS, BY_RESTARTS };

static void rows(const struct pane_view *view, row_refs *out)
{
    for (size_t a = 0; a < view->estate->account_count; a++)
        for (size_t i = 0; i < view->estate->accounts[a].cluster.pods.len; i++)
            row_add(out, a, i);
}

static uint64_t stamp(const struct pane_view *view, struct row_ref row) { return pod_of(view, row)->stamp; }

static const struct pane pane = {.name = "many", .title = "Many", .columns = columns, .rows = rows, .stamp = stamp};

struct bench {
    struct estate *estate;
    struct pane_view view;
    struct table table;
    struct cells cells;
};

static struct bench *open_bench(size_t count)
{
    struct bench *b = mem_new(sizeof *b);
    b->estate = ui_estate_bare();
    ui_pods(b->estate, PROD, count);
    b->view = (struct pane_view){.estate = b->estate, .now = UI_NOW, .account = SIZE_MAX};
    table_init(&b->table, &pane);
    cells_init(&b->cells, ROWS, COLUMNS);
    table_filter(&b->table, "worker");
    table_sort(&b->table, BY_STATUS);
    table_update(&b->table, &b->view);
    asked = 0;
    return b;
}

static void close_bench(struct bench *b)
{
    table_free(&b->table);
    cells_free(&b->cells);
    ui_estate_free(b->estate);
    free(b);
}

/* What a pass of the console does. */
static size_t cost_of_draw(struct bench *b)
{
    asked = 0;
    table_update(&b->table, &b->view);
    table_draw(&b->table, &b->view, &b->cells, 0, ROWS);
    return asked;
}

static void put_pod(struct estate *e, size_t account, const char *of, const char *state, int count)
{
    struct pod_row row = {.ns = "web", .name = of, .status = state, .node = "n", .ip = "", .ready = 1, .containers = 1, .restarts = count,
                          .created_at = UI_NOW};
    pods_put(e, account, &row, UI_NOW);
}

enum { SCREEN = ROWS * 3, /* values of the rows that are shown */
       PLACE = 14 + 1 + 3 /* the binary search for a row's place, and the filter */ };

static void what_moves_elsewhere_costs_no_row(void **state)
{
    struct bench *b = open_bench(COUNT);
    (void)state;
    table_select(&b->table, &b->view, COUNT / 2);
    assert_true(cost_of_draw(b) <= SCREEN);
    slice_loading(b->estate, DEV, FEED_BUDGETS);
    assert_true(cost_of_draw(b) <= SCREEN + 1);
    b->view.now += 1000; /* a second with nothing in it */
    assert_true(cost_of_draw(b) <= SCREEN);
    close_bench(b);
}

static void a_key_looks_at_no_row_but_those_shown(void **state)
{
    struct bench *b = open_bench(COUNT);
    (void)state;
    table_move(&b->table, &b->view, 1);
    assert_true(asked <= 1);
    assert_true(cost_of_draw(b) <= SCREEN);
    table_move(&b->table, &b->view, COUNT);
    assert_true(cost_of_draw(b) <= SCREEN);
    close_bench(b);
}

static void a_change_costs_its_own_row(void **state)
{
    struct bench *b = open_bench(COUNT);
    (void)state;
    table_select(&b->table, &b->view, COUNT / 2);
    put_pod(b->estate, PROD, "worker-00001", "CrashLoopBackOff", 3);
    assert_true(cost_of_draw(b) <= SCREEN + PLACE + 1);
    const struct pod *last = &b->estate->accounts[PROD].cluster.pods.at[COUNT - 1];
    pods_gone(b->estate, PROD, last->ns, last->name, UI_NOW);
    assert_true(cost_of_draw(b) <= SCREEN + PLACE + 1);
    assert_int_equal(b->table.all, COUNT - 1);
    close_bench(b);
}

static void another_order_asks_the_filter_nothing(void **state)
{
    struct bench *b = open_bench(COUNT);
    (void)state;
    table_sort(&b->table, -BY_NAME);
    assert_true(cost_of_draw(b) <= COUNT + SCREEN);
    close_bench(b);
}

/* As a table that has seen none of the past. */
static void check_against_fresh(struct bench *b, int step)
{
    struct table fresh;
    table_update(&b->table, &b->view);
    table_init(&fresh, &pane);
    table_filter(&fresh, b->table.filter);
    table_sort(&fresh, b->table.sort);
    table_update(&fresh, &b->view);
    if (fresh.rows.len != b->table.rows.len || fresh.all != b->table.all)
        fail_msg("step %d: %zu of %zu rows, not %zu of %zu", step, b->table.rows.len, b->table.all, fresh.rows.len, fresh.all);
    for (size_t i = 0; i < fresh.rows.len; i++)
        if (memcmp(&fresh.rows.at[i], &b->table.rows.at[i], sizeof *fresh.rows.at) != 0)
            fail_msg("step %d: row %zu is %s, not %s", step, i, pod_of(&b->view, b->table.rows.at[i])->name,
                     pod_of(&b->view, fresh.rows.at[i])->name);
    table_free(&fresh);
}

static uint32_t next_random(uint32_t *seed) { return (*seed = *seed * 1664525 + 1013904223) >> 8; }

/* One thing that may happen between two looks. */
static void happen(struct bench *b, uint32_t *seed)
{
    static const char *const states[] = {"Running", "Error", "Pending", "Completed"};
    char of[32];
    size_t account = next_random(seed) % 2 ? PROD : DEV;
    struct cluster *c = &b->estate->accounts[account].cluster;
    uint32_t what = next_random(seed) % 8;
    if (what < 3) {
        text_format(of, sizeof of, "worker-%05u", next_random(seed) % 400);
        put_pod(b->estate, account, of, states[next_random(seed) % 4], (int)(next_random(seed) % 5));
    } else if (what < 6 && c->pods.len) {
        const struct pod *pod = &c->pods.at[next_random(seed) % c->pods.len];
        text_copy(of, sizeof of, pod->name);
        pods_gone(b->estate, account, pod->ns, of, UI_NOW);
    } else if (what == 6 && next_random(seed) % 8 == 0) {
        static const char *const filters[] = {"worker", "", "run", "1"};
        table_filter(&b->table, filters[next_random(seed) % 4]);
    } else if (what == 7 && next_random(seed) % 8 == 0) {
        table_sort(&b->table, (int)(next_random(seed) % 7) - 3);
    }
}

static void is_right_whatever_happens(void **state)
{
    uint32_t seed = 7;
    struct bench *b = open_bench(300);
    (void)state;
    for (int step = 0; step < 2000; step++) {
        for (uint32_t i = 0, count = next_random(&seed) % 4; i < count; i++)
            happen(b, &seed);
        check_against_fresh(b, step);
    }
    close_bench(b);
}

/* Those around it come and go; gone itself, what stands there now is selected. */
static void selection_stays_on_its_row(void **state)
{
    struct bench *b = open_bench(300);
    struct row_ref row;
    char at[32], gone[32];
    (void)state;
    table_sort(&b->table, BY_NAME);
    table_update(&b->table, &b->view);
    table_select(&b->table, &b->view, 150);
    for (int k = 0; k < 100; k++) {
        assert_true(table_selected(&b->table, &row));
        text_copy(at, sizeof at, pod_of(&b->view, row)->name);
        const struct pod *pod = pod_of(&b->view, b->table.rows.at[k % 2 ? b->table.selected - 1 : b->table.selected + 1]);
        text_copy(gone, sizeof gone, pod->name);
        pods_gone(b->estate, PROD, pod->ns, gone, UI_NOW);
        assert_true(cost_of_draw(b) <= SCREEN + PLACE + 3); /* the last pod takes the place of the one that went */
        assert_true(table_selected(&b->table, &row));
        assert_string_equal(pod_of(&b->view, row)->name, at);
    }
    size_t place = b->table.selected;
    pods_gone(b->estate, PROD, pod_of(&b->view, row)->ns, at, UI_NOW);
    table_update(&b->table, &b->view);
    assert_int_equal(b->table.selected, place);
    close_bench(b);
}

/* A filter may mean an age, which moves by itself. */
static void every_row_is_looked_at_once_a_minute(void **state)
{
    struct bench *b = open_bench(300);
    (void)state;
    b->view.now += 60000;
    slice_loading(b->estate, DEV, FEED_BUDGETS);
    assert_true(cost_of_draw(b) >= 300);
    slice_loading(b->estate, DEV, FEED_BUDGETS);
    assert_true(cost_of_draw(b) <= SCREEN + 1);
    close_bench(b);
}

/* Also where one was on the same pane meanwhile, with another filter. */
static void one_comes_back_to_the_rows_that_were_filtered(void **state)
{
    struct bench *b = open_bench(300);
    struct table_place place;
    char first[80];
    (void)state;
    text_copy(first, sizeof first, pod_of(&b->view, b->table.rows.at[0])->name);
    table_filter(&b->table, first);
    table_update(&b->table, &b->view);
    table_select(&b->table, &b->view, 0);
    size_t filtered = b->table.rows.len;
    assert_true(filtered < 300);
    table_keep(&b->table, &place);
    table_filter(&b->table, "");
    table_update(&b->table, &b->view);
    assert_true(b->table.rows.len > filtered);
    assert_true(table_return(&b->table, &b->view, &place));
    assert_string_equal(b->table.filter, first);
    assert_int_equal(b->table.rows.len, filtered);
    close_bench(b);
}

/* Names cut off beside blanks: where the window has room a column has it, and keeps it when shorter ones are shown. */
static void columns_are_as_wide_as_their_texts(void **state)
{
    struct bench *b = open_bench(3);
    char line[256];
    (void)state;
    put_pod(b->estate, PROD, "worker-with-a-name-of-some-length-0", "Running", 0);
    (void)cost_of_draw(b);
    assert_int_equal(b->table.need[0], strlen("worker-with-a-name-of-some-length-0"));
    b->table.top = 0;
    bool whole = false;
    for (int row = 1; row < 6; row++) {
        *line = '\0';
        for (int i = 1; i < COLUMNS && i < 60; i++)
            text_format(line + strlen(line), sizeof line - strlen(line), "%s", b->cells.at[row * COLUMNS + i].text);
        whole |= strstr(line, "worker-with-a-name-of-some-length-0") != NULL;
    }
    assert_true(whole);
    pods_gone(b->estate, PROD, "web", "worker-with-a-name-of-some-length-0", UI_NOW);
    (void)cost_of_draw(b);
    assert_int_equal(b->table.need[0], strlen("worker-with-a-name-of-some-length-0"));
    close_bench(b);
}

/* Down or up: what is equal stays as its pane lists it. */
static void what_is_equal_keeps_its_order(void **state)
{
    struct bench *b = open_bench(0);
    static const char *const wanted[2][3] = {{"worker-c", "worker-a", "worker-b"}, {"worker-a", "worker-b", "worker-c"}};
    (void)state;
    put_pod(b->estate, PROD, "worker-a", "Running", 1);
    put_pod(b->estate, PROD, "worker-b", "Running", 1);
    put_pod(b->estate, PROD, "worker-c", "Running", 5);
    for (int up = 0; up < 2; up++) {
        table_sort(&b->table, up ? BY_RESTARTS : -BY_RESTARTS);
        table_update(&b->table, &b->view);
        for (size_t i = 0; i < 3; i++)
            assert_string_equal(pod_of(&b->view, b->table.rows.at[i])->name, wanted[up][i]);
    }
    close_bench(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_moves_elsewhere_costs_no_row), cmocka_unit_test(a_key_looks_at_no_row_but_those_shown),
                                       cmocka_unit_test(a_change_costs_its_own_row), cmocka_unit_test(another_order_asks_the_filter_nothing),
                                       cmocka_unit_test(is_right_whatever_happens), cmocka_unit_test(selection_stays_on_its_row),
                                       cmocka_unit_test(every_row_is_looked_at_once_a_minute),
                                       cmocka_unit_test(one_comes_back_to_the_rows_that_were_filtered),
                                       cmocka_unit_test(columns_are_as_wide_as_their_texts),
                                       cmocka_unit_test(what_is_equal_keeps_its_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
