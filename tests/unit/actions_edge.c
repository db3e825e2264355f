/* What is typed at the edge's actions, read strictly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "actions/edge.h"
#include "actions/waf.h"

#define MINUTE INT64_C(60000)

static void an_address_and_how_long(void **state)
{
    static const struct {
        const char *text, *address;
        int64_t span;
    } good[] = {{"203.0.113.7", "203.0.113.7", 120 * MINUTE},          {"203.0.113.7 45m", "203.0.113.7", 45 * MINUTE},
                {"203.0.113.0/24 for 1d12h", "203.0.113.0/24", 36 * 60 * MINUTE}, {"  2001:db8::1   2h ", "2001:db8::1", 120 * MINUTE},
                {"203.0.113.7 30d", "203.0.113.7", 30 * 24 * 60 * MINUTE}, {"10.0.0.0/16 1m", "10.0.0.0/16", MINUTE}};
    static const char *const bad[] = {"", " ", "for 2h", "203.0.113.7 for", "203.0.113.7 2", "203.0.113.7 2h 3h", "203.0.113.7 59s",
                                      "203.0.113.7 31d", "203.0.113.7 -2h", "203.0.113.7,203.0.113.8", "203.0.113.7\t2h", "0.0.0.0/0", "203.0.0.0/15",
                                      "::/0", "2001:db8::/47", "127.0.0.1", "0.0.0.0", "224.0.0.5", "169.254.1.1", "fe80::1", "::ffff:203.0.113.7"};
    struct network n;
    char text[NETWORK_TEXT_SIZE];
    int64_t span;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct error e = {0};
        assert_true(waf_block_value(good[i].text, &n, &span, &e));
        assert_string_equal(network_text(&n, false, text, sizeof text), good[i].address);
        assert_int_equal(span, good[i].span);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct error e = {0};
        if (waf_block_value(bad[i], &n, &span, &e))
            fail_msg("\"%s\" was taken", bad[i]);
        assert_int_equal(e.kind, ERROR_INPUT);
    }
}

static void paths(void **state)
{
    static const char *const bad[] = {"", "  ", "index.html", "/a /b c", "/a*b", "/*/x", "/a\"", "/<x>", "/\xc3\xa4", "/a\tb", "/a\\b", "*"};
    struct error e = {0};
    (void)state;
    json_t *list = invalidation_paths("/index.html   /static/* /index.html", &e);
    assert_int_equal(json_array_size(list), 2);
    assert_string_equal(json_string_value(json_array_get(list, 1)), "/static/*");
    json_decref(list);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        e = (struct error){0};
        if (invalidation_paths(bad[i], &e))
            fail_msg("\"%s\" was taken", bad[i]);
        assert_int_equal(e.kind, ERROR_INPUT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(an_address_and_how_long), cmocka_unit_test(paths)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
