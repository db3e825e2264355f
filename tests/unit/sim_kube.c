/* Patches by the cases of their RFCs, Kubernetes' own merge by the cases of its documentation, and selectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/json.h"
#include "sim/kube.h"

static json_t *parse(const char *text)
{
    json_t *tree = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(tree);
    return tree;
}

struct row {
    const char *target, *patch, *expected; /* expected NULL: refused */
};

static void check(const struct row *row, json_t *(*apply)(const json_t *, const json_t *, struct error *))
{
    struct error e = {0};
    json_t *target = parse(row->target), *kept = json_deep_copy(target), *patch = parse(row->patch), *out = apply(target, patch, &e);
    json_t *expected = row->expected ? parse(row->expected) : NULL;
    if (expected ? !json_equal(out, expected) : out != NULL)
        fail_msg("%s with %s gave %s", row->target, row->patch, out ? json_dumps(out, JSON_ENCODE_ANY) : "nothing");
    assert_true(json_equal(target, kept)); /* the target is left alone */
    assert_true(expected || e.status >= 400);
    json_decref(target);
    json_decref(kept);
    json_decref(patch);
    json_decref(out);
    json_decref(expected);
}

static json_t *merge(const json_t *target, const json_t *patch, struct error *e)
{
    (void)e;
    return kube_patch_merge(target, patch);
}

static void test_merge(void **state)
{
    static const struct row rows[] = { /* RFC 7386, appendix A */
        {"{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
        {"{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"},
        {"{\"a\":\"b\"}", "{\"a\":null}", "{}"},
        {"{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"},
        {"{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
        {"{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}"},
        {"{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}"},
        {"[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]"},
        {"{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}"},
        {"[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}"},
        {"{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(&rows[i], merge);
}

static void test_json_patch(void **state)
{
    static const struct row rows[] = { /* RFC 6902, appendix A */
        {"{\"foo\":\"bar\"}", "[{\"op\":\"add\",\"path\":\"/baz\",\"value\":\"qux\"}]", "{\"baz\":\"qux\",\"foo\":\"bar\"}"},
        {"{\"foo\":[\"bar\",\"baz\"]}", "[{\"op\":\"add\",\"path\":\"/foo/1\",\"value\":\"qux\"}]", "{\"foo\":[\"bar\",\"qux\",\"baz\"]}"},
        {"{\"baz\":\"qux\",\"foo\":\"bar\"}", "[{\"op\":\"remove\",\"path\":\"/baz\"}]", "{\"foo\":\"bar\"}"},
        {"{\"foo\":[\"bar\",\"qux\",\"baz\"]}", "[{\"op\":\"remove\",\"path\":\"/foo/1\"}]", "{\"foo\":[\"bar\",\"baz\"]}"},
        {"{\"baz\":\"qux\",\"foo\":\"bar\"}", "[{\"op\":\"replace\",\"path\":\"/baz\",\"value\":\"boo\"}]", "{\"baz\":\"boo\",\"foo\":\"bar\"}"},
        {"{\"foo\":{\"bar\":\"baz\",\"waldo\":\"fred\"},\"qux\":{\"corge\":\"grault\"}}",
         "[{\"op\":\"move\",\"from\":\"/foo/waldo\",\"path\":\"/qux/thud\"}]",
         "{\"foo\":{\"bar\":\"baz\"},\"qux\":{\"corge\":\"grault\",\"thud\":\"fred\"}}"},
        {"{\"foo\":[\"all\",\"grass\",\"cows\",\"eat\"]}", "[{\"op\":\"move\",\"from\":\"/foo/1\",\"path\":\"/foo/3\"}]",
         "{\"foo\":[\"all\",\"cows\",\"eat\",\"grass\"]}"},
        {"{\"baz\":\"qux\",\"foo\":[\"a\",2,\"c\"]}",
         "[{\"op\":\"test\",\"path\":\"/baz\",\"value\":\"qux\"},{\"op\":\"test\",\"path\":\"/foo/1\",\"value\":2}]",
         "{\"baz\":\"qux\",\"foo\":[\"a\",2,\"c\"]}"},
        {"{\"baz\":\"qux\"}", "[{\"op\":\"test\",\"path\":\"/baz\",\"value\":\"bar\"}]", NULL},
        {"{\"foo\":\"bar\"}", "[{\"op\":\"add\",\"path\":\"/child\",\"value\":{\"grandchild\":{}}}]",
         "{\"foo\":\"bar\",\"child\":{\"grandchild\":{}}}"},
        {"{\"foo\":\"bar\"}", "[{\"op\":\"add\",\"path\":\"/baz/bat\",\"value\":\"qux\"}]", NULL},
        {"{\"/\":9,\"~1\":10}", "[{\"op\":\"test\",\"path\":\"/~01\",\"value\":10}]", "{\"/\":9,\"~1\":10}"},
        {"{\"foo\":[\"bar\"]}", "[{\"op\":\"add\",\"path\":\"/foo/-\",\"value\":[\"abc\",\"def\"]}]", "{\"foo\":[\"bar\",[\"abc\",\"def\"]]}"},
        {"{\"a\":1}", "[{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/b\"}]", "{\"a\":1,\"b\":1}"},
        {"{\"a\":1}", "{\"a\":2}", NULL},
        {"{\"a\":1}", "[{\"op\":\"jump\",\"path\":\"/a\"}]", NULL},
        {"{\"a\":1}", "[{\"op\":\"remove\",\"path\":\"a\"}]", NULL},
        {"{\"a\":1}", "[{\"op\":\"remove\"}]", NULL},
        {"{\"a\":1}", "[7]", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(&rows[i], kube_patch_json);
}

static void test_strategic(void **state)
{
    static const struct row rows[] = {
        {"{\"containers\":[{\"name\":\"a\",\"image\":\"1\"},{\"name\":\"b\",\"image\":\"1\"}]}",
         "{\"containers\":[{\"name\":\"b\",\"image\":\"2\"}]}",
         "{\"containers\":[{\"name\":\"a\",\"image\":\"1\"},{\"name\":\"b\",\"image\":\"2\"}]}"},
        {"{\"containers\":[{\"name\":\"a\"}]}", "{\"containers\":[{\"name\":\"b\"}]}", "{\"containers\":[{\"name\":\"a\"},{\"name\":\"b\"}]}"},
        {"{\"containers\":[{\"name\":\"a\"},{\"name\":\"b\"}]}", "{\"containers\":[{\"name\":\"a\",\"$patch\":\"delete\"}]}",
         "{\"containers\":[{\"name\":\"b\"}]}"},
        {"{\"containers\":[{\"name\":\"a\"}]}", "{\"containers\":[{\"name\":\"b\"},{\"$patch\":\"replace\"}]}",
         "{\"containers\":[{\"name\":\"b\"}]}"},
        {"{\"containers\":[{\"name\":\"a\"}]}", "{\"containers\":[{\"image\":\"x\"}]}", NULL},
        {"{\"tolerations\":[{\"key\":\"a\"}]}", "{\"tolerations\":[{\"key\":\"b\"}]}", "{\"tolerations\":[{\"key\":\"b\"}]}"},
        {"{\"strategy\":{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"maxSurge\":1}}}",
         "{\"strategy\":{\"$retainKeys\":[\"type\"],\"type\":\"Recreate\"}}", "{\"strategy\":{\"type\":\"Recreate\"}}"},
        {"{\"selector\":{\"a\":\"1\",\"b\":\"2\"}}", "{\"selector\":{\"$patch\":\"replace\",\"c\":\"3\"}}", "{\"selector\":{\"c\":\"3\"}}"},
        {"{\"finalizers\":[\"a\",\"b\"]}", "{\"$deleteFromPrimitiveList/finalizers\":[\"a\"],\"$setElementOrder/finalizers\":[\"b\"]}",
         "{\"finalizers\":[\"b\"]}"},
        {"{\"finalizers\":[\"a\"]}", "{\"finalizers\":[\"a\",\"c\"]}", "{\"finalizers\":[\"a\",\"c\"]}"},
        {"{\"labels\":{\"a\":\"1\"}}", "{\"labels\":{\"a\":null,\"b\":\"2\"}}", "{\"labels\":{\"b\":\"2\"}}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(&rows[i], kube_patch_strategic);
}

static void test_labels(void **state)
{
    static const struct {
        const char *selector;
        int expected; /* -1: refused */
    } rows[] = {{"", 1},          {"app=web", 1},        {"app==web", 1},       {"app = web", 1},      {"app!=web", 0},  {"other!=web", 1},
                {"app", 1},       {"!app", 0},           {"! other", 1},        {"app in (web)", 1},   {"app in (a,b)", 0}, {"app notin (a, b)", 1},
                {"app=web,tier", 1}, {"app=web,!tier", 0}, {"tier in (front,back),app=web", 1}, {"example.com/x=1", 0}, {"app in web", -1},
                {"app in (web", -1}, {"=web", -1}, {"app web", -1}, {"-app", -1}, {"app=web extra", -1}, {"!", -1}};
    json_t *labels = parse("{\"app\":\"web\",\"tier\":\"front\"}");
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error e = {0};
        struct kube_selector *s = kube_labels_parse(rows[i].selector, &e);
        int found = s ? kube_labels_match(s, labels) : -1;
        if (found != rows[i].expected)
            fail_msg("\"%s\": %d", rows[i].selector, found);
        assert_true(s || e.status == 400);
        kube_selector_free(s);
    }
    json_decref(labels);
}

static void test_fields(void **state)
{
    struct error e = {0};
    (void)state;
    struct kube_selector *s = kube_fields_parse(KUBE_POD, "metadata.name=a,status.phase!=Running", &e);
    assert_non_null(s);
    kube_selector_free(s);
    static const char *const bad[] = {"metadata.name", "colour=red", "metadata.name!a", "=x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        e = (struct error){0};
        assert_null(kube_fields_parse(KUBE_POD, bad[i], &e));
        assert_int_equal(e.status, 400);
    }
    assert_null(kube_fields_parse(KUBE_NODE, "metadata.namespace=x", &e)); /* nodes are in none */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_merge), cmocka_unit_test(test_json_patch), cmocka_unit_test(test_strategic),
                                       cmocka_unit_test(test_labels), cmocka_unit_test(test_fields)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
