/* Times and spans, read strictly and written as AWS, HTTP and kubectl write them; digests, base64 and percent signs against published vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/digest.h"
#include "base/when.h"

#define T INT64_C(1795465058) /* 2026-11-23T20:17:38Z */

static void reads_iso(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {{"2026-11-23T20:17:38Z", T * 1000},           {"2026-11-23T20:17:38.123Z", T * 1000 + 123},
                {"2026-11-23T20:17:38.123456789Z", T * 1000 + 123}, {"2026-11-23T21:17:38+01:00", T * 1000}, {"2026-11-23T14:47:38-0530", T * 1000},
                {"2026-11-23t20:17:38z", T * 1000}, {"2026-11-23 20:17:38", T * 1000}, {"2026-11-23T20:17:38.5+00:00", T * 1000 + 500},
                {"1970-01-01T00:00:00Z", 0}, {"2024-02-29", INT64_C(1709164800000)}, {"9999-12-31T23:59:59Z", INT64_C(253402300799000)},
                {"2016-12-31T23:59:60Z", INT64_C(1483228800000)}};
    static const char *const bad[] = {"", "2026", "2026-11-23T", "2026-11-23T20:17", "2026-11-23T20:17:38ZZ", "2026-13-01T00:00:00Z",
                                      "2026-02-29T00:00:00Z", "2026-11-31", "2026-00-10", "2026-11-23T24:00:00Z", "2026-11-23T20:60:00Z",
                                      "2026-11-23T20:17:61Z", "2026-1-23T20:17:38Z", "2026- 1-23", "+026-11-23", "2026-11-23T20:17:38.",
                                      "2026-11-23T20:17:38.Z", "2026-11-23T20:17:38+1:00", "2026-11-23T20:17:38+24:00", "2026-11-23T20:17:38+01:60",
                                      "2026-11-23T 9:17:38Z", "1969-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "<unknown>", "2026-11-23T20:17:38 Z",
                                      "2026-11-23T20:17:38+01:00x"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t ms = -1;
        if (!when_parse_iso(good[i].text, &ms) || ms != good[i].ms)
            fail_msg("%s: %lld", good[i].text, (long long)ms);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t ms = -1;
        if (when_parse_iso(bad[i], &ms) || ms != -1)
            fail_msg("\"%s\" was taken: %lld", bad[i], (long long)ms);
    }
}

static void reads_http_dates(void **state)
{
    int64_t ms = -1;
    (void)state;
    assert_true(when_parse_http("Mon, 23 Nov 2026 20:17:38 GMT", &ms));
    assert_int_equal(ms, T * 1000);
    assert_true(when_parse_http("Sun, 02 Jan 2000 20:34:56.456 GMT", &ms));
    assert_int_equal(ms, INT64_C(946845296456));
    assert_true(when_parse_http("Thu, 01 Jan 1970 00:00:00 GMT", &ms));
    assert_int_equal(ms, 0);
    static const char *const bad[] = {"", ",", "Mon, 23 Nov 2026 20:17:38", "Mon, 23 Nob 2026 20:17:38 GMT", "Mon, 31 Nov 2026 20:17:38 GMT",
                                      "Mon, 23 Nov 2026 20:17:38 CET", "Mon, 23 anF 2026 20:17:38 GMT", "Mon, 23", "Mon, 23 Nov 2026 20:17:38 GMTx",
                                      "120"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ms = -1;
        if (when_parse_http(bad[i], &ms) || ms != -1)
            fail_msg("\"%s\" was taken", bad[i]);
    }
}

static void writes_times(void **state)
{
    char out[40], small[5];
    (void)state;
    assert_string_equal(when_iso(T * 1000 + 999, out, sizeof out), "2026-11-23T20:17:38Z");
    assert_string_equal(when_iso_ms(T * 1000 + 7, out, sizeof out), "2026-11-23T20:17:38.007Z");
    assert_string_equal(when_iso_ms(-1, out, sizeof out), "1969-12-31T23:59:59.999Z");
    assert_string_equal(when_amz(T * 1000, out, sizeof out), "20261123T201738Z");
    assert_string_equal(when_http(T * 1000, out, sizeof out), "Mon, 23 Nov 2026 20:17:38 GMT");
    assert_string_equal(when_iso(T * 1000, small, sizeof small), "");
    setenv("TZ", "America/New_York", 1);
    tzset();
    assert_string_equal(when_clock(T * 1000, out, sizeof out), "15:17:38");
    assert_string_equal(when_date(T * 1000, out, sizeof out), "2026-11-23 15:17");
    setenv("TZ", "UTC", 1);
    tzset();
    assert_true(when_wall() > T * 1000 - INT64_C(100000000000) && when_monotonic() > 0);
    for (int64_t ms = 0; ms < T * 1000; ms += INT64_C(86399999) * 31) { /* there and back */
        int64_t back = -1;
        assert_true(when_parse_iso(when_iso_ms(ms, out, sizeof out), &back) && back == ms);
        assert_true(when_parse_http(when_http(ms, out, sizeof out), &back) && back == ms - ms % 1000);
    }
}

static void writes_spans_as_kubectl(void **state)
{
    /* From apimachinery's duration_test.go: HumanDuration. */
    static const struct {
        int64_t seconds;
        const char *text;
    } cases[] = {{0, "0s"}, {1, "1s"}, {70, "70s"}, {119, "119s"}, {190, "3m10s"}, {600, "10m"}, {2820, "47m"}, {180 * 60, "3h"},
                 {3 * 3600 + 60, "3h1m"}, {8 * 3600, "8h"}, {26 * 3600, "26h"}, {47 * 3600 + 3599, "47h"}, {48 * 3600, "2d"}, {49 * 3600, "2d1h"},
                 {8 * 86400, "8d"}, {9 * 86400, "9d"}, {365 * 86400, "365d"}, {INT64_C(2) * 365 * 86400, "2y"}, {INT64_C(761) * 86400, "2y31d"},
                 {INT64_C(8) * 365 * 86400, "8y"}, {INT64_C(9) * 365 * 86400 + 86400 * 300, "9y"}, {-5, "0s"}};
    char out[32];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(when_span(cases[i].seconds * 1000, out, sizeof out), cases[i].text);
    assert_string_equal(when_span(INT64_MAX, out, sizeof out), "292471208y");
    assert_string_equal(when_short(99000, out, sizeof out), "99s");
    assert_string_equal(when_short(100000, out, sizeof out), "1m");
    assert_string_equal(when_short(INT64_C(47) * 3600000, out, sizeof out), "47h");
    assert_string_equal(when_short(INT64_C(48) * 3600000, out, sizeof out), "2d");
    assert_string_equal(when_short(-1, out, sizeof out), "0s");
}

static void reads_spans(void **state)
{
    int64_t ms = -1;
    (void)state;
    assert_true(when_parse_span("5d3h", &ms));
    assert_int_equal(ms, INT64_C(5) * 86400000 + 3 * 3600000);
    assert_true(when_parse_span("3m12s", &ms));
    assert_int_equal(ms, 192000);
    assert_true(when_parse_span("1h30m", &ms));
    assert_int_equal(ms, 5400000);
    static const char *const bad[] = {"", "5", "s", "<invalid>", "-5s", "5 s", "1.5h", "5x", "1234567890s", "999999999y",
                                      "290000000y999999999s999999999y", "5s "};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ms = -7;
        if (when_parse_span(bad[i], &ms) || ms != -7)
            fail_msg("\"%s\" was taken: %lld", bad[i], (long long)ms);
    }
}

static void digests(void **state)
{
    char hex[SHA256_HEX_SIZE], sha1[41];
    uint8_t mac[SHA256_SIZE];
    (void)state;
    digest_sha256_hex("abc", 3, hex); /* FIPS 180-2 */
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_sha256_hex("", 0, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    digest_sha1_hex("abc", 3, sha1);
    assert_string_equal(sha1, "a9993e364706816aba3e25717850c26c9cd0d89d");
    digest_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, mac); /* RFC 4231, case 2 */
    digest_hex(mac, sizeof mac, hex);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void base64(void **state)
{
    /* RFC 4648, section 10. */
    static const char *const pairs[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"}};
    struct str out = STR_INIT(1000);
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        str_clear(&out);
        assert_true(base64_add(&out, pairs[i][0], strlen(pairs[i][0])));
        assert_string_equal(str_text(&out), pairs[i][1]);
        str_clear(&out);
        assert_true(base64_decode(pairs[i][1], strlen(pairs[i][1]), &out));
        assert_string_equal(str_text(&out), pairs[i][0]);
        str_clear(&out);
        assert_true(base64_decode(pairs[i][1], strcspn(pairs[i][1], "="), &out));
        assert_string_equal(str_text(&out), pairs[i][0]);
    }
    str_clear(&out);
    assert_true(base64url_add(&out, "\xFB\xFF\xFE\xFB", 4));
    assert_string_equal(str_text(&out), "-__--w");
    str_clear(&out);
    assert_true(base64_decode("-__-\n+w==\r\n", 11, &out));
    assert_memory_equal(out.data, "\xFB\xFF\xFE\xFB", 4);
    static const char *const bad[] = {"Zg==Zg==", "Z", "Zm9vY", "Zm9*", "Zg=x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        str_clear(&out);
        assert_false(base64_decode(bad[i], strlen(bad[i]), &out));
    }
    str_free(&out);
    struct str small = STR_INIT(2);
    assert_false(base64_decode("Zm9v", 4, &small));
    assert_false(base64_add(&small, "abc", 3));
    str_free(&small);
}

static void percent(void **state)
{
    struct str out = STR_INIT(1000);
    (void)state;
    assert_true(percent_add(&out, "a b/c~é*'()", 12, false));
    assert_string_equal(str_text(&out), "a%20b%2Fc~%C3%A9%2A%27%28%29");
    str_clear(&out);
    assert_true(percent_add(&out, "a/b\0", 4, true));
    assert_string_equal(str_text(&out), "a/b%00");
    str_clear(&out);
    assert_true(percent_decode("a%20b+%c3%A9", 12, false, &out));
    assert_string_equal(str_text(&out), "a b+é");
    str_clear(&out);
    assert_true(percent_decode("a+b", 3, true, &out));
    assert_string_equal(str_text(&out), "a b");
    static const char *const bad[] = {"%", "%2", "%zz", "%2g", "a%"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(percent_decode(bad[i], strlen(bad[i]), false, &out));
    str_free(&out);
}

static void uuids(void **state)
{
    char a[37], b[37];
    (void)state;
    random_uuid(a);
    random_uuid(b);
    assert_string_not_equal(a, b);
    assert_int_equal(strlen(a), 36);
    assert_int_equal(strspn(a, "0123456789abcdef-"), 36);
    assert_true(a[14] == '4' && strchr("89ab", a[19]) && a[8] == '-' && a[23] == '-');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_iso),   cmocka_unit_test(reads_http_dates), cmocka_unit_test(writes_times), cmocka_unit_test(writes_spans_as_kubectl),
        cmocka_unit_test(reads_spans), cmocka_unit_test(digests),          cmocka_unit_test(base64),       cmocka_unit_test(percent),
        cmocka_unit_test(uuids),
    };
    return cmocka_run_group_tests_name("base_when", tests, NULL, NULL);
}
