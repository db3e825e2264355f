/* Replies that a stranger has written into are read all the same; files are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/repair.h"
#include "base/text.h"
#include "base/xml.h"

#define FFFD "\xEF\xBF\xBD"

struct example {
    const char *text;
    size_t len;
    const char *expected; /* of the string "a"; NULL: stays unreadable */
};
#define EXAMPLE(text, expected) {text, sizeof text - 1, expected}

static void reads_hostile_json(void **state)
{
    static const struct example examples[] = {
        EXAMPLE("{\"a\":\"x\\u0000y\"}", "x" FFFD "y"),
        EXAMPLE("{\"a\":\"\\\\u0000\"}", "\\u0000"),
        EXAMPLE("{\"a\":\"\\\\\\u0000\"}", "\\" FFFD),
        EXAMPLE("{\"a\":\"\\\"\\u0000\\\"\"}", "\"" FFFD "\""),
        EXAMPLE("{\"a\":\"x\xFFy\"}", "x" FFFD "y"),
        EXAMPLE("{\"a\":\"\xC0\x80\"}", FFFD FFFD),
        EXAMPLE("{\"a\":\"\xED\xA0\x80\"}", FFFD FFFD FFFD),
        EXAMPLE("{\"a\":\"cut \xE2\x82\"}", "cut " FFFD FFFD),
        EXAMPLE("{\"a\":\"\\ud800\"}", FFFD),
        EXAMPLE("{\"a\":\"\\udc00\\ud800x\"}", FFFD FFFD "x"),
        EXAMPLE("{\"a\":\"\\ud83d\\ude00\\u0000\"}", "\xF0\x9F\x98\x80" FFFD),
        EXAMPLE("{\"a\":\"\\ud83d\\u0041\"}", FFFD "A"),
        EXAMPLE("{\"a\":\"one\0two\nthree\x1B[31m\"}", "one" FFFD "two" FFFD "three" FFFD "[31m"),
        EXAMPLE("\xEF\xBB\xBF{\"a\":\"x\"}", "x"),
        EXAMPLE("{\"a\":\"x\",\"\\u0000\":1,\"b\xFF\":2}", "x"),
        EXAMPLE("{\"a\":\"x\",\"b\xFF\":1,\"b\xFE\":2}", "x"),
        EXAMPLE("{\"a\":\"x\",\"a\":\"y\"}", NULL),
        EXAMPLE("{\"a\":\"good \xE2\x82\xAC\"}", "good \xE2\x82\xAC"),
        EXAMPLE("{\"a\":\"\\u00\"}", NULL),
        EXAMPLE("{\"a\":\"\xFF", NULL),
        EXAMPLE("{\"a\":\"\\", NULL),
        EXAMPLE("{\"a\":\"\\ud800\\u", NULL),
        EXAMPLE("{\xFF\"a\":1}", NULL),
        EXAMPLE("", NULL),
        EXAMPLE("\xEF\xBB\xBF", NULL),
        EXAMPLE("<html></html>", NULL),
    };
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        struct error e = {0};
        json_t *tree = json_load_reply(examples[i].text, examples[i].len, &e);
        if (!examples[i].expected) {
            assert_null(tree);
            assert_int_equal(e.kind, ERROR_PROTOCOL);
            continue;
        }
        if (!tree)
            fail_msg("%s: %s", examples[i].text, e.message);
        assert_int_equal(e.kind, ERROR_NONE);
        assert_string_equal(json_text(tree, "a"), examples[i].expected);
        assert_int_equal(json_string_length(json_at(tree, "a")), strlen(examples[i].expected));
        json_decref(tree);
    }
}

static void reads_hostile_xml(void **state)
{
    static const struct example examples[] = {
        EXAMPLE("<r><a>x&#0;y</a></r>", "x" FFFD "y"),
        EXAMPLE("<r><a>&#x1b;[31m</a></r>", FFFD "[31m"),
        EXAMPLE("<r><a>&#xD800;&#x110000;&#99999999999999999999;&#xFFFE;</a></r>", FFFD FFFD FFFD FFFD),
        EXAMPLE("<r><a>x\xFFy\x01z</a></r>", "x" FFFD "y" FFFD "z"),
        EXAMPLE("<r><a>x\0y</a></r>", "x" FFFD "y"),
        EXAMPLE("<r><a>\xEF\xBF\xBF</a></r>", FFFD),
        EXAMPLE("<r><a>&#9;&#x41;&amp;#0;\xFF</a></r>", "\tA&#0;" FFFD),
        EXAMPLE("<r><a>good</a></r>", "good"),
        EXAMPLE("<r><a>&#;</a></r>", NULL),
        EXAMPLE("<r><a>&#x", NULL),
        EXAMPLE("<r><a>&#0</a></r>", NULL),
        EXAMPLE("<r><a>\xFF</b></r>", NULL),
        EXAMPLE("<!DOCTYPE r SYSTEM \"file:///etc/passwd\"><r><a>\xFF</a></r>", NULL),
    };
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        struct error e = {0};
        struct xml *root = xml_parse_reply(examples[i].text, examples[i].len, &e);
        if (!examples[i].expected) {
            assert_null(root);
            assert_int_equal(e.kind, ERROR_PROTOCOL);
            continue;
        }
        if (!root)
            fail_msg("%s: %s", examples[i].text, e.message);
        assert_int_equal(e.kind, ERROR_NONE);
        assert_string_equal(xml_child_text(root, "a"), examples[i].expected);
        xml_free(root);
    }
}

/* Nothing grows beyond what is promised, and what comes out is UTF-8. */
static void stays_within_its_growth(void **state)
{
    char bytes[512];
    (void)state;
    for (size_t len = 0; len <= sizeof bytes; len++) {
        struct str json = STR_INIT(len * REPAIR_GROWTH), xml = STR_INIT(len * REPAIR_GROWTH);
        for (size_t i = 0; i < len; i++)
            bytes[i] = (char)(i % 3 ? 0xFF - i % 7 : i % 5 ? 0x01 : '\\');
        if (len)
            bytes[0] = '"';
        repair_json(bytes, len, &json);
        repair_xml(bytes, len, &xml);
        assert_false(json.overflow || xml.overflow);
        for (size_t i = 0, used; i < json.len; i += used)
            assert_true(text_decode(json.data + i, json.len - i, &used) != 0xFFFD || used == 3);
        str_free(&json);
        str_free(&xml);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_hostile_json), cmocka_unit_test(reads_hostile_xml),
                                       cmocka_unit_test(stays_within_its_growth)};
    return cmocka_run_group_tests_name("base_repair", tests, NULL, NULL);
}
