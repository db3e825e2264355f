/* Addresses and networks as people type them: strictly read, written the short way, compared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/network.h"

static void reads(void **state)
{
    static const struct {
        const char *text, *shown, *cidr;
    } good[] = {{"203.0.113.7", "203.0.113.7", "203.0.113.7/32"},
                {"203.0.113.7/32", "203.0.113.7", "203.0.113.7/32"},
                {"203.0.113.77/24", "203.0.113.0/24", "203.0.113.0/24"},
                {"198.51.100.63/28", "198.51.100.48/28", "198.51.100.48/28"},
                {"0.0.0.0/0", "0.0.0.0/0", "0.0.0.0/0"},
                {"2001:db8::1", "2001:db8::1", "2001:db8::1/128"},
                {"2001:0DB8:0000:0000:0000:0000:0000:0001/128", "2001:db8::1", "2001:db8::1/128"},
                {"2001:db8:1:2::ff/49", "2001:db8:1::/49", "2001:db8:1::/49"}};
    static const char *const bad[] = {"", "/", "203.0.113", "203.0.113.256", "203.0.113.07x", "203.0.113.7/", "203.0.113.7/33", "203.0.113.7/-1",
                                      "203.0.113.7/+8", "203.0.113.7/ 8", "203.0.113.7/1e1", "203.0.113.7 ", " 203.0.113.7", "203.0.113.7/24/8",
                                      "2001:db8::1/129", "2001:db8::1::2", "2001:db8::1%eth0", "::ffff:203.0.113.7/999", "example.com", "0x7f.1",
                                      "2001:0db8:0000:0000:0000:0000:0000:0001:0000:0000:0000:0000:0000"};
    struct network n;
    char text[NETWORK_TEXT_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(network_read(good[i].text, &n));
        assert_string_equal(network_text(&n, false, text, sizeof text), good[i].shown);
        assert_string_equal(network_text(&n, true, text, sizeof text), good[i].cidr);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (network_read(bad[i], &n))
            fail_msg("\"%s\" was read", bad[i]);
}

static bool covers(const char *a, const char *b)
{
    struct network x, y;
    return network_read(a, &x) && network_read(b, &y) && network_covers(&x, &y);
}

static void covers_what_is_within(void **state)
{
    (void)state;
    assert_true(covers("203.0.113.0/24", "203.0.113.7"));
    assert_true(covers("203.0.113.0/24", "203.0.113.128/25"));
    assert_true(covers("203.0.113.7", "203.0.113.7/32"));
    assert_true(covers("198.51.100.48/28", "198.51.100.63"));
    assert_false(covers("198.51.100.48/28", "198.51.100.64"));
    assert_false(covers("203.0.113.128/25", "203.0.113.0/24"));
    assert_true(covers("0.0.0.0/0", "255.255.255.255"));
    assert_false(covers("0.0.0.0/0", "::1"));
    assert_true(covers("2001:db8::/33", "2001:db8:7fff::1"));
    assert_false(covers("2001:db8::/33", "2001:db8:8000::1"));
}

static const char *special(const char *text)
{
    struct network n;
    assert_true(network_read(text, &n));
    const char *name = network_special(&n);
    return name ? name : "";
}

static void knows_what_no_host_has(void **state)
{
    (void)state;
    assert_string_equal(special("127.0.0.1"), "loopback");
    assert_string_equal(special("::1"), "loopback");
    assert_string_equal(special("10.1.2.0/24"), "private");
    assert_string_equal(special("172.31.255.255"), "private");
    assert_string_equal(special("172.32.0.0"), "");
    assert_string_equal(special("192.168.1.1"), "private");
    assert_string_equal(special("fd00::1"), "private");
    assert_string_equal(special("169.254.169.254"), "link-local");
    assert_string_equal(special("239.1.1.1"), "multicast or reserved");
    assert_string_equal(special("255.255.255.255"), "multicast or reserved");
    assert_string_equal(special("::ffff:203.0.113.7"), "IPv4 within IPv6");
    assert_string_equal(special("203.0.113.7"), "");
    assert_string_equal(special("2001:db8::1"), "");
    assert_string_equal(special("128.0.0.0/1"), "link-local"); /* wider than a range: it has some of it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads), cmocka_unit_test(covers_what_is_within), cmocka_unit_test(knows_what_no_host_has)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
