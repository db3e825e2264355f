/* Cells (wide and combining characters, cuts, ASCII, edges) and the spelling of keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "ui/cell.h"
#include "ui/key.h"
#include "ui/theme.h"

static const char *row_of(const struct cells *c, int row, char *out, size_t size)
{
    struct str text = STR_INIT(STR_TEXT_MAX);
    const char *p;
    cells_text(c, &text);
    for (p = str_text(&text); row > 0; row--)
        p = strchr(p, '\n') + 1;
    text_format(out, size, "%.*s", (int)strcspn(p, "\n"), p);
    str_free(&text);
    return out;
}

static void puts_and_cuts(void **state)
{
    struct cells c;
    char text[200];
    (void)state;
    cells_init(&c, 3, 12);
    assert_int_equal(cells_put(&c, 0, 0, 12, ROLE_OK, "frontend"), 8);
    assert_int_equal(cells_put(&c, 1, 0, 6, ROLE_OK, "frontend"), 6);
    assert_int_equal(cells_put(&c, 2, 2, 4, ROLE_OK, "four"), 4);
    assert_string_equal(row_of(&c, 0, text, sizeof text), "frontend");
    assert_string_equal(row_of(&c, 1, text, sizeof text), "front…");
    assert_string_equal(row_of(&c, 2, text, sizeof text), "  four");
    assert_int_equal(c.at[0].role, ROLE_OK);
    assert_int_equal(cells_put(&c, 0, 0, 0, ROLE_OK, "x"), 0);
    cells_free(&c);
}

/* Texts come clean; should one not, no cell holds what a terminal obeys or what turns its neighbours round. */
static void what_is_hidden_is_a_question_mark(void **state)
{
    struct cells c;
    char text[200];
    (void)state;
    cells_init(&c, 1, 12);
    assert_int_equal(cells_put(&c, 0, 0, 12, ROLE_TEXT, "a\x1b[\xc2\x9b" "b\xe2\x80\xae\xe2\x80\x8b\xff" "c"), 9);
    assert_string_equal(row_of(&c, 0, text, sizeof text), "a?[?b???c");
    cells_free(&c);
}

static void wide_and_combining(void **state)
{
    struct cells c;
    char text[200];
    (void)state;
    cells_init(&c, 2, 10);
    assert_int_equal(cells_put(&c, 0, 0, 10, ROLE_TEXT, "日本x"), 5);
    assert_string_equal(c.at[1].text, "");
    assert_string_equal(row_of(&c, 0, text, sizeof text), "日本x");
    assert_int_equal(cells_put(&c, 1, 0, 4, ROLE_TEXT, "日本語"), 3); /* half a character is not shown */
    assert_string_equal(row_of(&c, 1, text, sizeof text), "日…");
    cells_clear(&c);
    assert_int_equal(cells_put(&c, 0, 0, 10, ROLE_TEXT, "e\xcc\x81t"), 2);
    assert_string_equal(c.at[0].text, "e\xcc\x81");
    /* more marks than a cell holds */
    cells_put(&c, 1, 0, 10, ROLE_TEXT, "a\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81");
    assert_true(strlen(c.at[10].text) < CELL_BYTES);
    cells_free(&c);
}

static void ascii_stands_for_the_rest(void **state)
{
    struct cells c;
    char text[200];
    (void)state;
    cells_init(&c, 2, 10);
    c.ascii = true;
    cells_put(&c, 0, 0, 10, ROLE_TEXT, "a ▸ b – é");
    assert_string_equal(row_of(&c, 0, text, sizeof text), "a > b - ?");
    cells_put(&c, 1, 0, 4, ROLE_TEXT, "cut off");
    assert_string_equal(row_of(&c, 1, text, sizeof text), "cut~");
    cells_free(&c);
}

static void edges(void **state)
{
    struct cells c;
    (void)state;
    cells_init(&c, 2, 5);
    cells_put(&c, -1, 0, 5, ROLE_TEXT, "x");
    cells_put(&c, 2, 0, 5, ROLE_TEXT, "x");
    cells_put(&c, 0, 99, 5, ROLE_TEXT, "x");
    cells_put(&c, -1, 0, 5, ROLE_TEXT, "漢字");
    cells_put(&c, 2, 0, 5, ROLE_TEXT, "漢字");
    cells_put(&c, 0, -7, 20, ROLE_TEXT, "漢字漢字漢字");
    cells_put(&c, 0, 3, 50, ROLE_TEXT, "longer than the row");
    cells_fill(&c, 1, 3, 50, ROLE_TEXT, "─");
    cells_mark(&c, 1, -2, 50, CELL_SELECTED);
    assert_int_equal(c.at[5].flags, CELL_SELECTED);
    cells_resize(&c, 0, 0);
    cells_put(&c, 0, 0, 5, ROLE_TEXT, "x");
    cells_free(&c);
    cells_free(&c);
}

static void keys_spell_both_ways(void **state)
{
    static const char *const spelled[] = {"<Enter>", "<Esc>", "<Tab>", "<Up>", "<Down>", "<Home>", "<End>", "<PageUp>", "<PageDown>", "<BS>", "<C-c>",
                                          "<Space>", "<lt>", "j", "é"};
    struct key key;
    char text[20];
    (void)state;
    for (size_t i = 0; i < sizeof spelled / sizeof *spelled; i++) {
        assert_int_equal(key_parse(spelled[i], &key), strlen(spelled[i]));
        assert_string_equal(key_text(&key, text, sizeof text), spelled[i]);
    }
    assert_int_equal(key_parse("<lt>x", &key), 4);
    assert_int_equal(key.ch, '<');
    assert_int_equal(key_parse("", &key), 0);
    assert_int_equal(key_parse("<Nothing>", &key), 0);
    assert_int_equal(key_parse("<C-c", &key), 0);
    assert_int_equal(key_parse("<", &key), 0);
}

static void rows_break_at_blanks(void **state)
{
    struct cells c;
    struct str out = STR_INIT(4096);
    (void)state;
    cells_init(&c, 5, 12);
    assert_int_equal(cells_put_rows(&c, 0, 0, 12, 5, ROLE_TEXT, "one two three four"), 2);
    assert_int_equal(cells_put_rows(&c, 2, 0, 12, 2, ROLE_TEXT, "averyverylongword and what does not fit"), 2);
    assert_int_equal(cells_put_rows(&c, 4, 0, 12, 1, ROLE_TEXT, ""), 0);
    cells_text(&c, &out);
    assert_string_equal(str_text(&out), "one two\n  three four\naveryverylon\n  gword and…\n\n");
    str_free(&out);
    cells_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(puts_and_cuts), cmocka_unit_test(what_is_hidden_is_a_question_mark),
                                       cmocka_unit_test(wide_and_combining), cmocka_unit_test(ascii_stands_for_the_rest), cmocka_unit_test(edges),
                                       cmocka_unit_test(rows_break_at_blanks), cmocka_unit_test(keys_spell_both_ways)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
