/* Themes: those of the tree, broken ones (one line with file:line:column), and what a poorer terminal makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "ui/theme.h"

static const char *const themes[] = {"default", "light", "high-contrast", "colour-blind-safe", "mono"};

static void load(const char *name, struct theme *theme)
{
    struct error e = {0};
    char path[300];
    text_format(path, sizeof path, "%s/themes/%s.yaml", getenv("srcdir") ? getenv("srcdir") : ".", name);
    if (!theme_load(theme, path, &e))
        fail_msg("%s", e.message);
}

static void every_theme_loads(void **state)
{
    struct theme theme;
    (void)state;
    for (size_t i = 0; i < sizeof themes / sizeof *themes; i++) {
        load(themes[i], &theme);
        assert_string_equal(theme.name, themes[i]);
        assert_true(*theme.description);
    }
    for (int i = 0; i < ROLE_COUNT; i++)
        assert_true(*theme_role_name((enum theme_role)i));
}

static void mono_has_no_colour(void **state)
{
    struct theme theme;
    (void)state;
    load("mono", &theme);
    for (int i = 0; i < ROLE_COUNT; i++) {
        assert_int_equal(theme.style[i].foreground, COLOUR_DEFAULT);
        assert_int_equal(theme.style[i].background, COLOUR_DEFAULT);
    }
}

static void reduces(void **state)
{
    static const int counts[] = {16, 8};
    struct theme theme;
    (void)state;
    for (size_t t = 0; t < sizeof themes / sizeof *themes; t++) {
        for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
            load(themes[t], &theme);
            theme_reduce(&theme, counts[k]);
            for (int i = 0; i < ROLE_COUNT; i++) {
                assert_true(theme.style[i].foreground < counts[k]);
                assert_true(theme.style[i].background < counts[k]);
            }
        }
        load(themes[t], &theme);
        theme_reduce(&theme, 0);
        for (int i = 0; i < ROLE_COUNT; i++)
            assert_int_equal(theme.style[i].foreground, COLOUR_DEFAULT);
        assert_true(theme.style[ROLE_SELECTED].reverse);
        assert_true(theme.style[ROLE_BAD].bold || theme.style[ROLE_BAD].reverse);
    }
}

static void broken_ones_say_where(void **state)
{
    static const struct {
        const char *text, *place, *says;
    } cases[] = {
        {"name: x\nroles:\n  nonsense: 3\n", ":3:3: ", "nonsense"},
        {"name: x\nroles:\n  bad: {foreground: 3, blink: true}\n", ":3:", "blink"},
        {"name: x\nroles:\n  bad: {foreground: 999}\n", ":3:", "999"},
        {"name: x\nroles:\n  bad: {bold: often}\n", ":3:", "often"},
        {"name: x\nroles: 7\n", ":2:", "roles"},
        {"name: x\n", ":1:1: ", "roles"},
        {"name: x\nname: y\nroles: {}\n", ":2:1: ", "name"},
        {"- a\n- b\n", ":1:1: ", "mapping"},
    };
    char path[] = "ui_theme_XXXXXX";
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error e = {0};
        struct theme theme;
        char start[100];
        assert_true(file_write(path, cases[i].text, strlen(cases[i].text), 0600, &e));
        text_format(start, sizeof start, "./%s", path);
        assert_false(theme_load(&theme, start, &e));
        text_format(start, sizeof start, "./%s%s", path, cases[i].place);
        if (!text_starts(e.message, start) || !strstr(e.message, cases[i].says) || strchr(e.message, '\n'))
            fail_msg("case %zu: expected %s… %s, got %s", i, start, cases[i].says, e.message);
    }
    unlink(path);
}

static void unknown_names_tell_the_known(void **state)
{
    struct error e = {0};
    struct theme theme;
    (void)state;
    setenv("TRIVET_DATADIR", getenv("srcdir") ? getenv("srcdir") : ".", 1);
    assert_true(theme_load(&theme, "mono", &e));
    assert_false(theme_load(&theme, "nothing", &e));
    assert_non_null(strstr(e.message, "colour-blind-safe"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_theme_loads), cmocka_unit_test(mono_has_no_colour), cmocka_unit_test(reduces),
                                       cmocka_unit_test(broken_ones_say_where), cmocka_unit_test(unknown_names_tell_the_known)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
