#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "cli/options.h"

static int nothing(const struct options *options) { return options->json; }

const struct command commands[] = {{NULL, "", "", 0, 0, nothing}, {"show", "PANE", "", 1, 1, nothing}, {0}};

#define READ(options, e, ...) \
    options_read(sizeof((char *[]){"trivet", __VA_ARGS__}) / sizeof(char *), (char *[]){"trivet", __VA_ARGS__, NULL}, options, e)

static void options_and_words_mix(void **state)
{
    (void)state;
    struct options o;
    struct error e = {0};
    assert_true(READ(&o, &e, "show", "--json", "pods", "--profile=x.yaml"));
    assert_string_equal(o.command->name, "show");
    assert_int_equal(o.argument_count, 1);
    assert_string_equal(o.arguments[0], "pods");
    assert_string_equal(o.profile, "x.yaml");
    assert_true(o.json);
}

static void mistakes_are_told_in_one_line(void **state)
{
    (void)state;
    struct options o;
    struct error e = {0};
    assert_false(READ(&o, &e, "shw"));
    assert_string_equal(e.message, "shw: unknown command: expected one of show");
    assert_false(READ(&o, &e, "show"));
    assert_string_equal(e.message, "show: expected trivet show PANE");
    assert_false(READ(&o, &e, "--profile"));
    assert_string_equal(e.message, "--profile: needs a value");
    assert_false(READ(&o, &e, "--colour"));
    assert_non_null(strstr(e.message, "--colour: unknown option: expected one of --profile"));
}

static void help_needs_no_command(void **state)
{
    (void)state;
    struct options o;
    struct error e = {0};
    assert_true(READ(&o, &e, "--help", "nonsense"));
    assert_true(o.help);
    assert_true(READ(&o, &e, "-V"));
    assert_true(o.version);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(options_and_words_mix), cmocka_unit_test(mistakes_are_told_in_one_line),
                                       cmocka_unit_test(help_needs_no_command)};
    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
