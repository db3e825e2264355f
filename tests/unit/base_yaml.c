/* Files that people write: where each mistake is told, and what a broken or hostile file cannot do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "base/yaml.h"
#include "growth.h"

struct inner {
    char *id;
    int kind;
};
struct outer {
    char *name;
    int64_t count, pause;
    double rate, share;
    bool on;
    struct inner inner;
    size_t items;
};

static bool read_items(const struct yaml *node, void *target, struct error *e)
{
    if (node->kind != YAML_LIST)
        return yaml_error(e, node, "expected a list");
    *(size_t *)target = node->count;
    return true;
}

static const char *const kinds[] = {"management", "development", "production", NULL};
static const struct yaml_field inner_fields[] = {{"id", YAML_T_TEXT, offsetof(struct inner, id), .required = true},
                                                 {"kind", YAML_T_CHOICE, offsetof(struct inner, kind), .choices = kinds},
                                                 {0}};
static const struct yaml_field fields[] = {{"name", YAML_T_TEXT, offsetof(struct outer, name), .required = true},
                                           {"count", YAML_T_INT, offsetof(struct outer, count), .min = 1, .max = 10},
                                           {"pause", YAML_T_DURATION, offsetof(struct outer, pause)},
                                           {"rate", YAML_T_DOUBLE, offsetof(struct outer, rate)},
                                           {"share", YAML_T_PERCENT, offsetof(struct outer, share)},
                                           {"on", YAML_T_BOOL, offsetof(struct outer, on)},
                                           {"inner", YAML_T_MAP, offsetof(struct outer, inner), .fields = inner_fields},
                                           {"items", YAML_T_CUSTOM, offsetof(struct outer, items), .read = read_items},
                                           {0}};

static void outer_free(struct outer *o)
{
    free(o->name);
    free(o->inner.id);
}

static bool read_text(const char *text, struct outer *out, struct error *e)
{
    struct yaml_doc *doc = yaml_load_text(text, strlen(text), "p.yaml", e);
    bool good = doc && yaml_read(yaml_root(doc), fields, out, e);
    yaml_doc_free(doc);
    return good;
}

static void reads_a_profile(void **state)
{
    struct outer o = {.count = 5};
    struct error e = {0};
    (void)state;
    assert_true(read_text("# comment\nname: \"x: y\"\npause: 1h30m\nrate: -1.5e2\nshare: 70%\non: true\ninner: {id: '007', kind: production}\n"
                          "items: [a, b, &x c, *x]\n", &o, &e));
    assert_string_equal(o.name, "x: y");
    assert_int_equal(o.count, 5); /* absent keys leave what is there */
    assert_int_equal(o.pause, 5400000);
    assert_float_equal(o.rate, -150, 0);
    assert_float_equal(o.share, 0.7, 1e-9);
    assert_true(o.on);
    assert_string_equal(o.inner.id, "007");
    assert_int_equal(o.inner.kind, 2);
    assert_int_equal(o.items, 4);
    outer_free(&o);
}

static void tells_each_mistake_with_its_place(void **state)
{
    static const char *const cases[][2] = {
        {"name: [a]\n", "p.yaml:1:7: name: expected text, found a list"},
        {"name:\n", "p.yaml:1:6: name: expected text, found \"\""},
        {"nam: a\n", "p.yaml:1:1: nam: unknown key; expected one of name, count, pause, rate, share, on, inner, items"},
        {"count: 3\n", "p.yaml:1:1: name: missing"},
        {"name: a\nname: b\n", "p.yaml:2:1: name: the key stands twice; first on line 1"},
        {"name: a\ncount: 11\n", "p.yaml:2:8: count: expected a whole number from 1 to 10, found \"11\""},
        {"name: a\ncount: 1x\n", "p.yaml:2:8: count: expected a whole number from 1 to 10, found \"1x\""},
        {"name: a\ncount: \"3\"\n", "p.yaml:2:8: count: expected a whole number from 1 to 10, found \"3\""},
        {"name: a\ncount: 99999999999999999999\n", "p.yaml:2:8: count: expected a whole number from 1 to 10, found \"99999999999999999999\""},
        {"name: a\npause: 120\n", "p.yaml:2:8: pause: expected a duration such as 120s, 5m or 1h30m, found \"120\""},
        {"name: a\nrate: nan\n", "p.yaml:2:7: rate: expected a number, found \"nan\""},
        {"name: a\nrate: 1..5\n", "p.yaml:2:7: rate: expected a number, found \"1..5\""},
        {"name: a\nshare: 0.7\n", "p.yaml:2:8: share: expected a percentage such as 70%, found \"0.7\""},
        {"name: a\nshare: 101%\n", "p.yaml:2:8: share: expected a percentage such as 70%, found \"101%\""},
        {"name: a\non: yes\n", "p.yaml:2:5: on: expected true or false, found \"yes\""},
        {"name: a\ninner: x\n", "p.yaml:2:8: inner: expected a mapping, found \"x\""},
        {"name: a\ninner:\n  id: 1\n  kind: prd\n", "p.yaml:4:9: inner.kind: expected management, development or production, found \"prd\""},
        {"name: a\ninner:\n  kind: production\n", "p.yaml:3:3: inner.id: missing"},
        {"name: a\ninner: {id: 1, x: 2}\n", "p.yaml:2:16: inner.x: unknown key; expected one of id, kind"},
        {"name: a\nitems: {}\n", "p.yaml:2:8: expected a list"},
        {"- a\n", "p.yaml:1:1: expected a mapping"},
        {"just text\n", "p.yaml:1:1: expected a mapping"},
        {"", "p.yaml:1:1: the file is empty; expected a mapping"},
        {"# nothing\n", "p.yaml:1:1: the file is empty; expected a mapping"},
        {"name: a\n---\nname: b\n", "p.yaml:3:1: a second document; expected one"},
        {"name: &a [*a]\n", "p.yaml:1:7: an alias stands inside its own anchor"},
        {"name: &a {b: {c: *a}}\n", "p.yaml:1:7: an alias stands inside its own anchor"},
        {"name: *none\n", "p.yaml:1:7: found undefined alias"},
        {"{[a]: b}\n", "p.yaml:1:2: expected a plain key"},
        {"name: \"a\\0b\"\n", "p.yaml:1:7: a NUL character is not expected"},
        {"name: \xFF\n", "p.yaml:1:1: not UTF-8 text: invalid leading UTF-8 octet at byte 6"},
        {"name: a\x01\n", "p.yaml:1:1: not UTF-8 text: control characters are not allowed at byte 7"},
        {"name: \xC3(\n", "p.yaml:1:1: not UTF-8 text: invalid trailing UTF-8 octet at byte 7"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct outer o = {0};
        struct error e = {0};
        if (read_text(cases[i][0], &o, &e))
            fail_msg("taken: %s", cases[i][0]);
        assert_int_equal(e.kind, ERROR_INPUT);
        assert_string_equal(e.message, cases[i][1]);
        outer_free(&o);
    }
    struct outer o = {0};
    struct error e = {0};
    assert_false(read_text("name: a\n  bad: indent\n", &o, &e));
    assert_true(text_starts(e.message, "p.yaml:2:6: "));
    outer_free(&o);
}

/* The search for keys that stand twice. */
static void load_many_keys(void *arg, size_t count)
{
    struct str text = STR_INIT((size_t)1 << 20);
    struct error e = {0};
    char expected[80];
    (void)arg;
    for (size_t i = 0; i < count; i++)
        str_addf(&text, "k%zu: v\n", i);
    str_adds(&text, "k17: again\nk3: again\n");
    assert_null(yaml_load_text(str_text(&text), text.len, "keys", &e));
    snprintf(expected, sizeof expected, "keys:%zu:1: k17: the key stands twice; first on line 18", count + 1);
    assert_string_equal(e.message, expected);
    str_free(&text);
}

static void keeps_within_bounds(void **state)
{
    struct str text = STR_INIT((size_t)32 << 20);
    struct error e = {0};
    (void)state;
    /* A bomb of aliases. */
    str_adds(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 10; i++)
        str_addf(&text, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1,
                 i - 1, i - 1, i - 1, i - 1);
    assert_null(yaml_load_text(str_text(&text), text.len, "bomb", &e));
    assert_non_null(strstr(e.message, "too many nodes"));
    str_clear(&text);
    for (int i = 0; i < 10000; i++)
        str_addc(&text, '[');
    assert_null(yaml_load_text(str_text(&text), text.len, "deep", &e));
    str_clear(&text);
    for (int i = 0; i < 70; i++)
        str_adds(&text, "[");
    for (int i = 0; i < 70; i++)
        str_adds(&text, "]");
    assert_null(yaml_load_text(str_text(&text), text.len, "deep", &e));
    assert_non_null(strstr(e.message, "nested too deep"));
    str_clear(&text);
    assert_false(growth_is_square(load_many_keys, NULL, 11250));
    for (int i = 0; i < 10 << 20; i++)
        str_addc(&text, 'x');
    assert_null(yaml_load_text(str_text(&text), text.len, "big", &e));
    assert_non_null(strstr(e.message, "larger than 1 MiB"));
    char path[] = "/tmp/trivet-yaml-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, str_text(&text), text.len) == (ssize_t)text.len);
    close(fd);
    assert_null(yaml_load_file(path, &e));
    assert_non_null(strstr(e.message, "larger than"));
    unlink(path);
    assert_null(yaml_load_file(path, &e));
    assert_non_null(strstr(e.message, "No such file"));
    str_clear(&text);
    for (int i = 0; i < 100000; i++) /* binary */
        str_addc(&text, (char)(i * 7919 >> 3));
    assert_null(yaml_load_text(str_text(&text), text.len, "binary", &e));
    str_free(&text);
}

/* Every prefix of a good file, and every file with one byte put wrong, is read or refused; nothing else. */
static void survives_damage(void **state)
{
    static const char good[] = "name: 'a b'\ncount: 3\ninner: &i {id: x, kind: production}\nitems:\n  - *i\n  - \"q\\u00e9\"\n  - |\n    block\n";
    char broken[sizeof good];
    (void)state;
    for (size_t i = 0; i < sizeof good; i++) {
        struct error e = {0};
        struct yaml_doc *doc = yaml_load_text(good, i, "x", &e);
        assert_true(doc || *e.message);
        yaml_doc_free(doc);
        for (const char *c = "\t:{[\"*&\xFF"; *c && i + 1 < sizeof good; c++) {
            struct outer o = {0};
            memcpy(broken, good, sizeof good);
            broken[i] = *c;
            struct error why = {0};
            assert_true(read_text(broken, &o, &why) || *why.message);
            outer_free(&o);
        }
    }
}

static void nodes_know_their_place(void **state)
{
    struct error e = {0};
    (void)state;
    struct yaml_doc *doc = yaml_load_text("a:\n  - b: 1\n  - c\n", 18, "f", &e);
    const struct yaml *list = yaml_get(yaml_root(doc), "a"), *map = list->items[0];
    assert_int_equal(list->line, 2);
    assert_string_equal(list->key, "a");
    assert_ptr_equal(map->parent, list);
    assert_int_equal(list->items[1]->index, 1);
    assert_string_equal(yaml_get(map, "b")->text, "1");
    assert_null(yaml_get(map, "x"));
    assert_null(yaml_get(list, "b"));
    assert_null(yaml_get(NULL, "b"));
    assert_int_equal(map->key_nodes[0]->column, 5);
    yaml_doc_free(doc);
    yaml_doc_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_profile), cmocka_unit_test(tells_each_mistake_with_its_place), cmocka_unit_test(keeps_within_bounds),
        cmocka_unit_test(survives_damage), cmocka_unit_test(nodes_know_their_place),
    };
    return cmocka_run_group_tests_name("base_yaml", tests, NULL, NULL);
}
