/* Scenario files that say only how they differ from another one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "sim/scenario.h"

static char folder[64];

static int setup(void **state)
{
    (void)state;
    text_copy(folder, sizeof folder, "/tmp/trivet-scenario-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static const char *put(const char *name, const char *text)
{
    static char path[200];
    text_format(path, sizeof path, "%s/%s.yaml", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    return path;
}

static int teardown(void **state)
{
    static const char *const names[] = {"base", "middle", "top"};
    char path[200];
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        text_format(path, sizeof path, "%s/%s.yaml", folder, names[i]);
        unlink(path);
    }
    return rmdir(folder);
}

static const char base[] = "name: base\n"
                           "limits: {low: 1, high: 9}\n"
                           "accounts:\n"
                           "  - {id: a, name: one, tags: [x, y], metrics: [{namespace: N, name: M, mean: 1}, {namespace: O, name: M, mean: 2}]}\n"
                           "  - {id: b, name: two}\n"
                           "  - {id: c, name: three}\n"
                           "steps: [{at: 1s}, {at: 2s}]\n";

static const char *text_at(const struct yaml *node, const char *key)
{
    const struct yaml *value = yaml_get(node, key);
    return value && value->kind == YAML_SCALAR ? value->text : "";
}

static struct yaml_doc *top(const char *text)
{
    struct error e = {0};
    put("base", base);
    struct yaml_doc *doc = scenario_document(put("top", text), &e);
    if (!doc)
        fail_msg("%s", e.message);
    return doc;
}

static void assert_refused(const char *text, const char *expected)
{
    struct error e = {0};
    put("base", base);
    assert_null(scenario_document(put("top", text), &e));
    assert_non_null(strstr(e.message, "top.yaml:"));
    assert_non_null(strstr(e.message, expected));
}

static void test_maps_are_merged_by_key(void **state)
{
    (void)state;
    struct yaml_doc *doc = top("like: base\nname: top\nlimits: {high: 5, middle: 3}\n");
    const struct yaml *root = yaml_root(doc), *limits = yaml_get(root, "limits");
    assert_string_equal(text_at(root, "name"), "top");
    assert_string_equal(text_at(limits, "low"), "1");
    assert_string_equal(text_at(limits, "high"), "5");
    assert_string_equal(text_at(limits, "middle"), "3");
    assert_int_equal(yaml_get(root, "accounts")->count, 3);
    yaml_doc_free(doc);
}

static void test_lists_of_what_is_named_are_merged(void **state)
{
    (void)state;
    struct yaml_doc *doc =
        top("like: base\naccounts:\n  - {name: one, tags: [z], metrics: [{namespace: O, name: M, mean: 7}]}\n  - {id: b, absent: true}\n"
                               "  - {id: d, name: four}\n");
    const struct yaml *accounts = yaml_get(yaml_root(doc), "accounts"), *one = accounts->items[0], *metrics = yaml_get(one, "metrics");
    assert_int_equal(accounts->count, 3);
    assert_string_equal(text_at(one, "id"), "a");
    assert_int_equal(yaml_get(one, "tags")->count, 1);
    assert_string_equal(text_at(metrics->items[0], "mean"), "1");
    assert_string_equal(text_at(metrics->items[1], "mean"), "7");
    assert_string_equal(text_at(accounts->items[1], "name"), "three");
    assert_string_equal(text_at(accounts->items[2], "name"), "four");
    assert_int_equal(accounts->items[1]->index, 1);
    assert_ptr_equal(accounts->items[2]->parent, accounts);
    yaml_doc_free(doc);
}

static void test_keys_go_and_nameless_lists_are_replaced(void **state)
{
    (void)state;
    struct yaml_doc *doc = top("like: base\nlimits: {low: ~}\nsteps: [{at: 3s}]\n");
    const struct yaml *root = yaml_root(doc);
    assert_null(yaml_get(yaml_get(root, "limits"), "low"));
    assert_string_equal(text_at(yaml_get(root, "limits"), "high"), "9");
    assert_int_equal(yaml_get(root, "steps")->count, 1);
    yaml_doc_free(doc);
}

static void test_what_differs_can_be_a_base_itself(void **state)
{
    (void)state;
    put("middle", "like: base\nlimits: {low: 2}\n");
    struct yaml_doc *doc = top("like: middle\nlimits: {high: 4}\n");
    const struct yaml *limits = yaml_get(yaml_root(doc), "limits");
    assert_string_equal(text_at(limits, "low"), "2");
    assert_string_equal(text_at(limits, "high"), "4");
    assert_non_null(strstr(yaml_get(limits, "low")->file, "middle.yaml")); /* a mistake is told where it stands */
    assert_non_null(strstr(yaml_get(limits, "high")->file, "top.yaml"));
    yaml_doc_free(doc);
}

static void test_what_cannot_be(void **state)
{
    (void)state;
    assert_refused("like: nowhere-at-all\n", "top.yaml:1:7: like: no \"nowhere-at-all\"");
    assert_refused("like: [a]\n", "like: expected the name of a scenario");
    assert_refused("like: ./gone.yaml\n", "cannot be read");
    assert_refused("like: top\n", "is like itself");
    put("middle", "like: top\n");
    struct error e = {0};
    assert_null(scenario_document(put("top", "like: middle\n"), &e));
    assert_non_null(strstr(e.message, "middle.yaml:1:7: like:"));
    assert_refused("like: base\nnone: ~\n", "top.yaml:2:7: none: there is no such key to take away");
    assert_refused("like: base\naccounts:\n  - {id: z, absent: true}\n", "top.yaml:3:5: there is no such entry");
    assert_refused("like: base\naccounts:\n  - {id: a, absent: perhaps}\n", "absent: expected true");
    assert_refused("like: base\naccounts:\n  - {name: one, metrics: [{name: M, mean: 3}]}\n", "2 entries are meant by this");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_maps_are_merged_by_key), cmocka_unit_test(test_lists_of_what_is_named_are_merged),
                                       cmocka_unit_test(test_keys_go_and_nameless_lists_are_replaced),
                                       cmocka_unit_test(test_what_differs_can_be_a_base_itself), cmocka_unit_test(test_what_cannot_be)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
