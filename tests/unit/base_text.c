/* Growing strings and their limit; fixed buffers; UTF-8; what hostile text becomes before it meets a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/markdown.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "base/vec.h"

static void str_keeps_its_limit(void **state)
{
    (void)state;
    struct str s = STR_INIT(10);
    assert_string_equal(str_text(&s), "");
    assert_true(str_adds(&s, "0123456789"));
    assert_false(s.overflow);
    assert_false(str_addc(&s, 'x'));
    assert_true(s.overflow);
    assert_false(str_adds(&s, "")); /* once over, always over */
    assert_string_equal(str_text(&s), "0123456789");
    str_clear(&s);
    assert_false(s.overflow);
    assert_false(str_addf(&s, "%s", "eleven bytes"));
    assert_string_equal(str_text(&s), ""); /* nothing of it was added */
    str_clear(&s);
    assert_true(str_addf(&s, "%d-%s", 12, "ab"));
    str_cut(&s, 1, 2);
    assert_string_equal(str_text(&s), "1ab");
    str_cut(&s, 2, 100);
    str_cut(&s, 100, 1);
    assert_string_equal(str_text(&s), "1a");
    char *taken = str_take(&s);
    assert_string_equal(taken, "1a");
    assert_int_equal(s.len, 0);
    assert_int_equal(s.max, 10);
    free(taken);
    taken = str_take(&s);
    assert_string_equal(taken, "");
    free(taken);
    str_free(&s);
    str_free(&s);
}

static void str_holds_any_bytes(void **state)
{
    (void)state;
    struct str s = STR_INIT(1000000);
    for (int i = 0; i < 100000; i++)
        assert_true(str_add(&s, "a\0b", 3));
    assert_int_equal(s.len, 300000);
    assert_memory_equal(s.data + 299997, "a\0b\0", 4);
    str_wipe(&s);
    assert_int_equal(s.len, 0);
    struct str none = STR_INIT(0);
    assert_true(str_add(&none, NULL, 0));
    assert_false(str_addc(&none, 'x'));
    str_free(&none);
}

static void fixed_buffers_cut_whole_characters(void **state)
{
    (void)state;
    char b[6];
    assert_true(text_copy(b, sizeof b, "12345"));
    assert_false(text_copy(b, sizeof b, "123456"));
    assert_string_equal(b, "12345");
    assert_false(text_copy(b, sizeof b, "1234é"));
    assert_string_equal(b, "1234");
    assert_false(text_copy(b, sizeof b, "12😀x"));
    assert_string_equal(b, "12");
    assert_true(text_format(b, sizeof b, "%s", "é€"));
    assert_string_equal(b, "é€");
    assert_false(text_format(b, sizeof b, "%s", "12€€"));
    assert_string_equal(b, "12€");
    assert_false(text_format(b, sizeof b, "%s", "123€"));
    assert_string_equal(b, "123");
    assert_false(text_format(b, 1, "%s", "a"));
    assert_string_equal(b, "");
}

static void small_questions(void **state)
{
    (void)state;
    assert_true(text_equal(NULL, NULL));
    assert_false(text_equal("", NULL));
    assert_true(text_starts("abc", ""));
    assert_true(text_ends("abc", "bc"));
    assert_false(text_ends("c", "bc"));
    assert_true(text_same_case("AbC", "aBc"));
    assert_true(text_has_word("a bc", "bc") && text_has_word(" a  b ", "a"));
    assert_false(text_has_word("abc", "ab") || text_has_word("a bc", "b") || text_has_word("", "") || text_has_word("a b", "a b"));
    assert_true(text_fits("ecr:GetImage", "ecr:*Image") && text_fits("", "*") && text_fits("abc", "a?c") && text_fits("aXbXc", "a*X*c"));
    assert_false(text_fits("abc", "ab") || text_fits("ab", "abc") || text_fits("", "?") || text_fits("Abc", "abc") || text_fits("abd", "*c"));
    assert_string_equal(text_after_last("arn:aws:iam::1:user/a/b", '/'), "b");
    assert_string_equal(text_after_last("b", '/'), "b");
    assert_string_equal(text_after_last("b/", '/'), "");
    char upper[] = "prod-é / a";
    text_upper(upper, 6);
    assert_string_equal(upper, "PROD-é / a");
    text_upper(upper, SIZE_MAX);
    assert_string_equal(upper, "PROD-é / A");
    assert_true(text_contains("ImagePullBackOff", "pull"));
    assert_false(text_contains("Running", "pull"));
}

static uint32_t decode(const char *bytes, size_t len, size_t expected)
{
    size_t used = 0;
    uint32_t c = text_decode(bytes, len, &used);
    assert_int_equal(used, expected);
    return c;
}

static void decodes_only_utf8(void **state)
{
    (void)state;
    assert_int_equal(decode("A", 1, 1), 'A');
    assert_int_equal(decode("é", 2, 2), 0xE9);
    assert_int_equal(decode("€", 3, 3), 0x20AC);
    assert_int_equal(decode("😀", 4, 4), 0x1F600);
    assert_int_equal(decode("\xF4\x8F\xBF\xBF", 4, 4), 0x10FFFF);
    assert_int_equal(decode("\0", 1, 1), 0);
    static const char *const bad[] = {"\x80",         "\xBF",         "\xC0\x80",     "\xC1\xBF",         "\xE0\x80\x80", "\xE0\x9F\xBF",
                                      "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF",
                                      "\xE2\x82",     "\xF0\x9F\x98", "\xC3",         "\xC3(",            "\xE2\x82(",    "\xE2(\xAC"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(decode(bad[i], strlen(bad[i]), 1), 0xFFFD);
    for (uint32_t c = 0; c <= 0x10FFFF; c += c < 0x3000 ? 1 : 97) {
        char bytes[4];
        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        size_t len = text_encode(c, bytes);
        assert_int_equal(decode(bytes, len, len), c);
    }
}

static void knows_widths(void **state)
{
    (void)state;
    assert_int_equal(text_char_width('a'), 1);
    assert_int_equal(text_char_width(0x301), 0);   /* combining acute */
    assert_int_equal(text_char_width(0x4E2D), 2);  /* CJK */
    assert_int_equal(text_char_width(0x1F600), 2);
    assert_int_equal(text_char_width(0x2502), 1);  /* box drawing */
    assert_int_equal(text_char_width(0x200B), 0);
    assert_int_equal(text_width("e\xCC\x81中😀…"), 6);
    assert_int_equal(text_width(""), 0);
}

static void check_clean(const char *from, const char *expected)
{
    char to[200];
    bool same = text_clean(to, sizeof to, from, strlen(from));
    assert_string_equal(to, expected);
    assert_int_equal(same, strcmp(from, expected) == 0);
    assert_true(text_is_clean(to, strlen(to)) || strstr(to, "\xEF\xBF\xBD"));
}

static void cleans_what_a_terminal_could_obey(void **state)
{
    (void)state;
    check_clean("plain äöü 中文 😀", "plain äöü 中文 😀");
    check_clean("\x1B[2J\x1B]0;title\x07", "?[2J?]0;title?");
    check_clean("a\tb\nc\rd", "a b c d");
    check_clean("\x7F\x01", "??");
    check_clean("\xC2\x9B" "31m", "?31m");          /* C1 CSI */
    check_clean("user\xE2\x80\xAEgpj.exe", "user?gpj.exe"); /* right-to-left override */
    check_clean("\xE2\x81\xA6x\xE2\x81\xA9", "?x?");  /* isolates */
    check_clean("a\xE2\x80\x8B" "b\xEF\xBB\xBF", "a?b?"); /* zero width space, BOM */
    check_clean("a\xE2\x80\xA8" "b", "a?b");             /* line separator */
    check_clean("a\xC2\xAD" "b", "a?b");                 /* soft hyphen */
    check_clean("\xE3\x85\xA4\xEF\xBE\xA0\xE1\x85\x9F", "???"); /* Hangul fillers */
    check_clean("\xF3\xA0\x81\x81", "?");                /* tag characters */
    check_clean("\xFF\xC0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    char to[8];
    assert_false(text_clean(to, sizeof to, "a\0b", 3));
    assert_string_equal(to, "a?b");
    assert_true(text_clean(to, sizeof to, "", 0));
    assert_string_equal(to, "");
}

static void cleaning_cuts_with_a_mark(void **state)
{
    (void)state;
    char to[9];
    assert_true(text_clean(to, sizeof to, "12345678", 8));
    assert_false(text_clean(to, sizeof to, "123456789", 9));
    assert_string_equal(to, "12345…");
    assert_false(text_clean(to, sizeof to, "1234éééé", 12));
    assert_string_equal(to, "1234…");
    assert_false(text_clean(to, 3, "123", 3));
    assert_string_equal(to, "");
    assert_false(text_clean(to, 1, "123", 3));
    assert_string_equal(to, "");
    /* Whatever comes in, at whatever size: valid, terminated, clean. */
    srand(7);
    for (int round = 0; round < 20000; round++) {
        char from[40], out[40];
        size_t len = (size_t)rand() % sizeof from, size = 1 + (size_t)rand() % sizeof out, used;
        for (size_t i = 0; i < len; i++)
            from[i] = (char)(rand() % 3 ? rand() : (int)"\xE2\x80\xAE\xF0\x9F\x98"[rand() % 6]);
        text_clean(out, size, from, len);
        size_t n = strlen(out);
        assert_true(n < size);
        for (size_t i = 0; i < n; i += used) {
            uint32_t c = text_decode(out + i, n - i, &used);
            assert_true(c >= 0x20 && (c != 0xFFFD || used == 3));
        }
        char again[160];
        assert_true(text_clean(again, sizeof again, out, n));
    }
}

static void fits_columns(void **state)
{
    (void)state;
    char to[32];
    assert_int_equal(text_break("ab cd", 5), 5);
    assert_int_equal(text_break("ab cd", 4), 2);
    assert_int_equal(text_break("ab cd", 2), 2);
    assert_int_equal(text_break("abcd", 3), 3);
    assert_int_equal(text_break("中文字", 5), 6);
    assert_int_equal(text_break("中", 1), 0);
    assert_int_equal(text_break("", 5), 0);
    assert_int_equal(text_fit(to, sizeof to, "abcdef", 6), 6);
    assert_string_equal(to, "abcdef");
    assert_int_equal(text_fit(to, sizeof to, "abcdef", 5), 5);
    assert_string_equal(to, "abcd…");
    assert_int_equal(text_fit(to, sizeof to, "中文字", 4), 3); /* a wide one does not fit into the last column */
    assert_string_equal(to, "中…");
    assert_int_equal(text_fit(to, sizeof to, "abc", 1), 1);
    assert_string_equal(to, "…");
    assert_int_equal(text_fit(to, sizeof to, "abc", 0), 0);
    assert_string_equal(to, "");
    char small[5];
    text_fit(small, sizeof small, "aaaaaaaaaa", 10);
    assert_true(strlen(small) < sizeof small);
}

static void errors_are_one_clean_line(void **state)
{
    (void)state;
    struct error e = {0};
    char text[600], small[8];
    error_set(&e, ERROR_SERVICE, "Access\x1B" "Denied", "no\nway %s", "\x9B");
    assert_string_equal(e.code, "Access?Denied");
    assert_string_equal(e.message, "no way \xEF\xBF\xBD");
    assert_true(error_is(&e, "Access?Denied"));
    assert_false(error_is(NULL, ""));
    assert_string_equal(error_text(&e, text, sizeof text), "Access?Denied: no way \xEF\xBF\xBD");
    assert_int_equal(strlen(error_text(&e, small, sizeof small)), 7);
    error_set(&e, ERROR_INPUT, "x", "%s", "");
    assert_string_equal(error_text(&e, text, sizeof text), "x");
    char *long_text = mem_new(5000);
    memset(long_text, 'x', 4999);
    error_set(&e, ERROR_INPUT, long_text, "%s", long_text);
    assert_true(text_ends(e.message, "…") && text_ends(e.code, "…"));
    free(long_text);
    error_clear(&e);
    assert_int_equal(e.kind, ERROR_NONE);
}

static void vectors_grow(void **state)
{
    (void)state;
    VEC(int) v = {0};
    for (int i = 0; i < 1000; i++)
        *vec_add(&v) = i;
    vec_remove(&v, 0);
    vec_remove(&v, 998);
    assert_int_equal(v.len, 998);
    assert_int_equal(v.at[0], 1);
    assert_int_equal(v.at[997], 998);
    vec_clear(&v);
    assert_int_equal(*vec_add(&v), 0); /* zeroed though used before */
    vec_free(&v);
    char *secret = mem_strndup("secretive", 6);
    assert_string_equal(secret, "secret");
    mem_free_secret(secret);
    mem_free_secret(NULL);
    assert_null(mem_strdup(NULL));
}

static void numbers_as_printf_writes_them(void **state)
{
    const int64_t numbers[] = {0, 9, 10, 99, 100, -1, -10, 1234567890123, INT64_MAX, INT64_MIN};
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char ours[TEXT_DECIMAL], theirs[TEXT_DECIMAL];
        const char *end = text_decimal(ours, numbers[i]);
        text_format(theirs, sizeof theirs, "%lld", (long long)numbers[i]);
        assert_string_equal(ours, theirs);
        assert_ptr_equal(end, ours + strlen(ours));
    }
}

/* Held against cmark-gfm: none of these becomes a link, an emphasis, a picture, a cell or an entity. */
static void strangers_write_no_markdown(void **state)
{
    static const char *const cases[][2] = {
        {"a.b at 14:02, c@d", "a.b at 14:02, c@d"},
        {"<b>*x*_y_|`z`", "\\<b\\>\\*x\\*\\_y\\_\\|\\`z\\`"},
        {"![p](u) \\# &lt; ~~s~~", "\\!\\[p\\](u) \\\\\\# \\&lt; \\~\\~s\\~\\~"},
        {"https://evil.example/x", "https\\://evil.example/x"},
        {"(www.evil.example) WWW.x w.w", "(www\\.evil.example) WWW\\.x w.w"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str out = STR_INIT(1000);
        markdown_add(&out, cases[i][0]);
        assert_string_equal(str_text(&out), cases[i][1]);
        str_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(str_keeps_its_limit),   cmocka_unit_test(str_holds_any_bytes),       cmocka_unit_test(fixed_buffers_cut_whole_characters),
        cmocka_unit_test(small_questions),       cmocka_unit_test(numbers_as_printf_writes_them), cmocka_unit_test(decodes_only_utf8),
        cmocka_unit_test(knows_widths), cmocka_unit_test(cleans_what_a_terminal_could_obey), cmocka_unit_test(cleaning_cuts_with_a_mark),
        cmocka_unit_test(fits_columns), cmocka_unit_test(errors_are_one_clean_line), cmocka_unit_test(vectors_grow),
        cmocka_unit_test(strangers_write_no_markdown),
    };
    return cmocka_run_group_tests_name("base_text", tests, NULL, NULL);
}
