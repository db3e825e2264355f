/* JSON read strictly and shown as YAML; XML, also when it is hostile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/xml.h"
#include "base/yaml.h"
#include "growth.h"

static json_t *load(const char *text)
{
    struct error e = {0};
    json_t *tree = json_load(text, strlen(text), &e);
    if (!tree)
        fail_msg("%s: %s", text, e.message);
    return tree;
}

static void reads_paths(void **state)
{
    (void)state;
    json_t *t = load("{\"a\":[{\"b\":\"x\"},{\"b\":\"12.5\"}],\"n\":7,\"r\":1.5,\"yes\":true,\"null\":null,\"when\":1795465058.25,"
                     "\"iso\":\"2026-11-23T20:17:38Z\",\"big\":1e300,\"deep\":{\"0\":\"zero\"}}");
    assert_string_equal(json_text(t, "a.0.b"), "x");
    assert_null(json_text(t, "a.2.b"));
    assert_null(json_text(t, "a.x.b"));
    assert_null(json_text(t, "a..b"));
    assert_null(json_text(t, "a.-1.b"));
    assert_null(json_text(t, "a.99999999999999999999.b"));
    assert_null(json_text(t, "n"));
    assert_string_equal(json_text(t, "deep.0"), "zero");
    assert_string_equal(json_text_or(t, "none", "-"), "-");
    assert_ptr_equal(json_at(t, ""), t);
    assert_null(json_at(NULL, "a"));
    assert_float_equal(json_number(t, "a.1.b", 0), 12.5, 0);
    assert_float_equal(json_number(t, "a.0.b", 3), 3, 0);
    assert_true(isnan(json_number(t, "none", NAN)));
    assert_int_equal(json_int(t, "n", 0), 7);
    assert_int_equal(json_int(t, "r", 0), 1);
    assert_int_equal(json_int(t, "big", -1), -1);
    assert_true(json_flag(t, "yes", false));
    assert_true(json_flag(t, "null", true));
    assert_int_equal(json_when(t, "when"), INT64_C(1795465058250));
    assert_int_equal(json_when(t, "iso"), INT64_C(1795465058000));
    assert_int_equal(json_when(t, "big"), 0);
    assert_int_equal(json_when(t, "a"), 0);
    char *key = mem_new(300);
    memset(key, 'k', 299);
    assert_null(json_at(t, key));
    free(key);
    json_decref(t);
}

static void refuses_loose_json(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
    } bad[] = {{"{\"a\":1,\"a\":2}", 13}, {"{\"a\":1} x", 9}, {"{\"a\":\"\\u0000\"}", 14}, {"{\"a\":\"\0\"}", 9}, {"", 0}, {"{", 1},
               {"{\"a\":\"\xFF\"}", 9}, {"[1,]", 4}, {"{'a':1}", 7}, {"NaN", 3}, {"\"\\ud800\"", 8}, {"{\"a\":1}\0", 8}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct error e = {0};
        assert_null(json_load(bad[i].text, bad[i].len, &e));
        assert_int_equal(e.kind, ERROR_PROTOCOL);
        assert_non_null(strstr(e.message, "line 1"));
    }
    struct error e = {0};
    size_t depth = 200000;
    char *deep = mem_new(depth + 1);
    memset(deep, '[', depth);
    assert_null(json_load(deep, depth, &e));
    free(deep);
    json_t *scalar = json_load("12", 2, &e);
    assert_true(json_is_integer(scalar));
    json_decref(scalar);
}

static bool same_tree(const json_t *json, const struct yaml *yaml)
{
    const char *key;
    json_t *value;
    size_t i = 0;
    if (json_is_object(json)) {
        bool same = json_object_size(json) == yaml->count && (yaml->kind == YAML_MAP || !yaml->count);
        json_object_foreach((json_t *)(uintptr_t)json, key, value)
            same = same && yaml_get(yaml, key) && same_tree(value, yaml_get(yaml, key));
        return same;
    }
    if (json_is_array(json)) {
        if (json_array_size(json) != yaml->count || yaml->kind == YAML_SCALAR)
            return false;
        json_array_foreach(json, i, value)
            if (!same_tree(value, yaml->items[i]))
                return false;
        return true;
    }
    if (yaml->kind != YAML_SCALAR)
        return false;
    if (json_is_string(json)) /* and a plain one must not be read as something else */
        return strcmp(json_string_value(json), yaml->text) == 0 && (yaml->quoted || !strspn(yaml->text, "0123456789.+-~"));
    return !yaml->quoted;
}

static void shows_yaml(void **state)
{
    static const char *const texts[] = {
        "{\"a\":1,\"b\":\"two\",\"c\":[1,\"x\",{\"d\":null,\"e\":[]},[\"n\",[\"m\"]]],\"f\":{},\"g\":{\"h\":{\"i\":true}}}",
        "[\"yes\",\"no\",\"NULL\",\"~\",\"1\",\"0x10\",\"1e3\",\"-\",\"- x\",\"a: b\",\"a:\",\"a #b\",\"#a\",\" a\",\"a \",\"\",\"'\",\"\\\"\","
        "\"a\\\\b\",\"*a\",\"&a\",\"!t\",\"|\",\">\",\"%x\",\"@x\",\"`x\",\"{\",\"[\",\"a,b\",\"?\",\"? a\",\"<<\",\"=\",\"...\",\"---\",\"on\","
        "\"Off\",\".inf\",\"2026-11-23\",\"a\\\"b\",\"é€😀\"]", "{\"<<\":{\"a\":\"b\"},\"x y\":1,\"a: b\":2,\"\":3,\"1\":4,\"true\":5}",
        "\"text\"",
        "[[[[[\"deep\"]]]]]",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        json_t *tree = load(texts[i]);
        struct str out = STR_INIT(STR_TEXT_MAX);
        struct error e = {0};
        assert_true(json_to_yaml(tree, &out));
        struct yaml_doc *doc = yaml_load_text(str_text(&out), out.len, "y", &e);
        if (!doc || !same_tree(tree, yaml_root(doc)))
            fail_msg("%s\n%s\n%s", e.message, texts[i], str_text(&out));
        yaml_doc_free(doc);
        str_free(&out);
        json_decref(tree);
    }
    json_t *tree = load("{\"a\":[{\"b\":1,\"c\":[2,3]}],\"evil\":\"\\u001b[2J\\u202e\"}");
    struct str out = STR_INIT(STR_TEXT_MAX), small = STR_INIT(20);
    assert_true(json_to_yaml(tree, &out));
    assert_string_equal(str_text(&out), "a:\n  - b: 1\n    c:\n      - 2\n      - 3\nevil: \"?[2J?\"\n");
    assert_false(json_to_yaml(tree, &small));
    str_free(&out);
    str_free(&small);
    json_decref(tree);
}

static struct xml *parse(const char *text)
{
    struct error e = {0};
    struct xml *root = xml_parse(text, strlen(text), &e);
    if (!root)
        fail_msg("%s", e.message);
    return root;
}

static void reads_xml(void **state)
{
    (void)state;
    struct xml *root = parse("<?xml version=\"1.0\"?><r xmlns=\"u\" xmlns:x=\"v\"> a <x:b k=\"1\" x:l=\"&lt;2\">t&amp;<![CDATA[<c>]]></x:b> b <b/>"
                             "<!-- no --><e>&#233;</e></r>");
    assert_string_equal(root->name, "r");
    assert_string_equal(root->text, " a  b ");
    assert_string_equal(xml_child_text(root, "b"), "t&<c>");
    assert_string_equal(xml_attribute(xml_child(root, "b"), "k"), "1");
    assert_string_equal(xml_attribute(xml_child(root, "b"), "x:l"), "<2");
    assert_null(xml_attribute(xml_child(root, "b"), "l"));
    assert_string_equal(xml_child(root, "b")->next->text, "");
    assert_string_equal(xml_child_text(root, "e"), "é");
    assert_null(xml_child(root, "none"));
    assert_null(xml_child_text(NULL, "none"));
    assert_null(root->parent);
    assert_ptr_equal(root->child->parent, root);
    xml_free(root);
    xml_free(NULL);
}

static void refuses_bad_xml(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "<a>", "<a></b>", "<a/><b/>", "text", "<a>&nope;</a>", "<a>\x01</a>", "<a>\xFF</a>", "<a b='1' b='2'/>", "<a",
        "<!DOCTYPE a [<!ENTITY x \"lol\"><!ENTITY y \"&x;&x;&x;&x;&x;&x;&x;&x;&x;&x;\">]><a>&y;</a>",
        "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct error e = {0};
        assert_null(xml_parse(bad[i], strlen(bad[i]), &e));
        assert_int_equal(e.kind, ERROR_PROTOCOL);
        assert_true(*e.message);
    }
}

static struct xml *repeated(const char *before, const char *middle, size_t times, const char *after, struct error *e)
{
    struct str text = STR_INIT((size_t)64 << 20);
    str_adds(&text, before);
    for (size_t i = 0; i < times; i++)
        str_adds(&text, middle);
    str_adds(&text, after);
    struct xml *root = xml_parse(str_text(&text), text.len, e);
    str_free(&text);
    return root;
}

static void escapes_xml(void **state)
{
    static const char *const texts[] = {"", "plain ü", "a<b> & \"c\" \r\n\t'd'", "]]> &amp;"};
    struct error e = {0};
    struct str text = STR_INIT(1000);
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) { /* is read back as it was */
        str_clear(&text);
        str_adds(&text, "<a b=\"");
        xml_escape(&text, texts[i]);
        str_adds(&text, "\">");
        xml_escape(&text, texts[i]);
        str_adds(&text, "</a>");
        struct xml *root = xml_parse(str_text(&text), text.len, &e);
        assert_non_null(root);
        assert_string_equal(root->text, texts[i]);
        if (!strpbrk(texts[i], "\n\t")) /* white space in an attribute becomes spaces */
            assert_string_equal(xml_attribute(root, "b"), texts[i]);
        xml_free(root);
    }
    str_clear(&text);
    xml_escape(&text, "\x1b[2J\x01");
    assert_string_equal(str_text(&text), "?[2J?");
    str_free(&text);
}

/* Text between many children. */
static void parse_many(void *arg, size_t count)
{
    struct error e = {0};
    struct xml *root = repeated("<a>", "\n        <b>x</b>", count, "</a>", &e);
    (void)arg;
    assert_non_null(root);
    assert_int_equal(strlen(root->text), count * 9);
    xml_free(root);
}

static void bounds_xml(void **state)
{
    struct error e = {0};
    (void)state;
    assert_null(repeated("", "<a>", 1000000, "", &e));
    assert_string_equal(strrchr(e.message, ':'), ": nested too deep");
    assert_null(repeated("<a><b><c><d>", "<e>", 60, "<f/>", &e)); /* stopped in an empty element */
    assert_string_equal(strrchr(e.message, ':'), ": nested too deep");
    assert_null(repeated("<a>", "<b/>", 600000, "</a>", &e));
    assert_string_equal(strrchr(e.message, ':'), ": too many elements");
    assert_false(growth_is_square(parse_many, NULL, 20000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_paths), cmocka_unit_test(refuses_loose_json), cmocka_unit_test(shows_yaml),
        cmocka_unit_test(reads_xml),   cmocka_unit_test(refuses_bad_xml),    cmocka_unit_test(bounds_xml),
        cmocka_unit_test(escapes_xml),
    };
    return cmocka_run_group_tests_name("base_trees", tests, NULL, NULL);
}
