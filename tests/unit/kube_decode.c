/* The table decoder, fed in pieces of every size and with what is no table; kubeconfig files, good and broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "kube/internal.h"
#include "growth.h"

struct heard {
    int heads, rows;
    bool stop;
    struct str text; /* the version, then each row's first cell */
};

static bool on_head(void *arg, const json_t *head)
{
    struct heard *h = arg;
    h->heads++;
    assert_int_equal(json_array_size(json_object_get(head, "rows")), 0);
    str_addf(&h->text, "[%s]", json_text_or(head, "metadata.resourceVersion", "-"));
    return !h->stop;
}

static void on_row(void *arg, const json_t *row)
{
    struct heard *h = arg;
    h->rows++;
    str_addf(&h->text, " %s", json_text_or(row, "cells.0", "?"));
}

/* Feeds the text in pieces of at most `piece` bytes (0: of random sizes); whole tells if it was a table to the end. */
static struct heard decode(const char *text, size_t len, size_t piece, bool *good, bool *whole)
{
    struct heard h = {.text = STR_INIT(STR_TEXT_MAX)};
    struct table_decoder d;
    table_decoder_init(&d, on_head, on_row, &h);
    *good = true;
    for (size_t at = 0; at < len && *good;) {
        size_t n = piece ? piece : 1 + (size_t)rand() % 40;
        n = n < len - at ? n : len - at;
        char *copy = mem_strndup("", 0);
        copy = mem_resize(copy, n, 1);
        memcpy(copy, text + at, n); /* a block of its own: reading past it would be seen */
        *good = table_decoder_feed(&d, copy, n);
        free(copy);
        at += n;
    }
    *whole = table_decoder_whole(&d);
    table_decoder_free(&d);
    return h;
}

static const char table[] =
    "{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{\"resourceVersion\":\"42\",\"continue\":\"{\\\"rows\\\":[}\"},\n"
    " \"columnDefinitions\":[{\"name\":\"Name\",\"description\":\"a \\\"rows\\\": [ { \\\\\"},{\"name\":\"rows\"}],\n"
    " \"rows\" : [ {\"cells\":[\"a]}{[\\\"\",null,1.5,true],\"object\":{\"metadata\":{\"name\":\"x\"}}} , {\"cells\":[\"\\\\\"]},"
    "{\"cells\":[\"ü\\u00e9😀\"]} ] }\n";

static void decodes_in_any_pieces(void **state)
{
    bool good, whole;
    (void)state;
    srand(3);
    for (size_t piece = 0; piece <= sizeof table; piece++)
        for (int round = 0; round < (piece ? 1 : 200); round++) {
            struct heard h = decode(table, sizeof table - 1, piece, &good, &whole);
            assert_true(good && whole);
            assert_int_equal(h.heads, 1);
            assert_int_equal(h.rows, 3);
            assert_string_equal(str_text(&h.text), "[42] a]}{[\" \\ üé😀");
            str_free(&h.text);
        }
}

static void knows_a_cut_table(void **state)
{
    bool good, whole;
    (void)state;
    for (size_t len = 0; len < sizeof table - 3; len++) {
        struct heard h = decode(table, len, 7, &good, &whole);
        assert_false(whole);
        str_free(&h.text);
    }
}

static void decodes_odd_tables(void **state)
{
    static const struct {
        const char *text, *heard;
        bool good, whole;
    } cases[] = {
        {"{\"kind\":\"Table\",\"rows\":[]}", "[-]", true, true},
        {"{\"kind\":\"Table\",\"metadata\":{\"resourceVersion\":\"7\"}}", "[7]", true, true}, /* without rows at all */
        {"{\"kind\":\"Table\",\"rows\":null}", "[-]", true, true},
        {"{\"rows\":[{\"cells\":[\"a\"]}],\"kind\":\"Table\",\"more\":{\"rows\":[{\"cells\":[\"no\"]}]}}", "[-] a", true, true},
        {"{\"metadata\":{\"rows\":[{\"cells\":[\"no\"]}]},\"rows\":[{\"cells\":[\"a\"]}]}", "[-] a", true, true},
        {"{\"kind\":\"rows\",\"x\":[{\"cells\":[\"no\"]}],\"rows\":[{\"cells\":[\"a\"]}]}", "[-] a", true, true},
        {"{\"rows\":[\"text\",7,{\"cells\":[\"a\"]}]}", "[-] a", true, true},
        {"{\"kind\":\"Status\",\"message\":\"no\"}", "[-]", true, true},
        {"{}", "[-]", true, true},
        {"", "", true, false},
        {"   ", "", true, false},
        {"<html>{}</html>", "", false, false},
        {"null", "", true, false},
        {"[]", "[-]", true, true}, /* whoever hears the head sees that it is none */
        {"}", "", false, false},
        {"{\"rows\":[{\"cells\":[\"a\"]},{]}", "[-] a", false, false},
        {"{\"rows\":[{\"a\":1,\"a\":2}]}", "[-]", false, false},
        {"{\"rows\":[{\"cells\":[\"\\u0000\"]},{\"cells\":[\"\xFF\"]}]}", "[-] \uFFFD \uFFFD", true, true}, /* a stranger's bytes hide nothing */
        {"{\"kind\" \"Table\",\"rows\":[", "", false, false},
        {"{\"rows\":[]}}}", "[-]", false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t piece = 1; piece < 9; piece += 7) {
            bool good, whole;
            struct heard h = decode(cases[i].text, strlen(cases[i].text), piece, &good, &whole);
            if (strcmp(str_text(&h.text), cases[i].heard) != 0 || good != cases[i].good || whole != cases[i].whole)
                fail_msg("%s: heard \"%s\", %d %d", cases[i].text, str_text(&h.text), good, whole);
            str_free(&h.text);
        }
}

static void survives_damaged_tables(void **state)
{
    char broken[sizeof table];
    bool good, whole;
    (void)state;
    srand(5);
    for (int round = 0; round < 20000; round++) {
        memcpy(broken, table, sizeof table);
        for (int k = 0; k < 1 + round % 4; k++)
            broken[(size_t)rand() % (sizeof table - 1)] = (char)(rand() % 2 ? "{}[]\",:\\\0\xFF"[rand() % 10] : rand());
        struct heard h = decode(broken, sizeof table - 1, 0, &good, &whole);
        assert_true(h.heads <= 1);
        str_free(&h.text);
    }
}

static void decode_rows(void *arg, size_t count)
{
    struct str text = STR_INIT((size_t)64 << 20);
    bool good, whole;
    (void)arg;
    str_adds(&text, "{\"kind\":\"Table\",\"rows\":[");
    for (size_t i = 0; i < count; i++)
        str_addf(&text, "%s{\"cells\":[\"backend-6d5f8c7b9d-%05zu\",\"1/1\",\"Running\",\"0\",\"3h\",\"10.0.0.1\",\"ip-10-0-0-1\"]}", i ? "," : "",
                 i);
    str_adds(&text, "]}");
    struct heard h = decode(str_text(&text), text.len, 16384, &good, &whole);
    assert_true(good && whole && h.rows == (int)count);
    str_free(&h.text);
    str_free(&text);
}

static void bounds_a_table(void **state)
{
    struct str text = STR_INIT((size_t)64 << 20);
    bool good, whole;
    (void)state;
    str_adds(&text, "{\"rows\":[{\"cells\":[\"");
    for (int i = 0; i < 5 << 20; i++)
        str_addc(&text, 'x');
    str_adds(&text, "\"]}]}");
    struct heard h = decode(str_text(&text), text.len, 65536, &good, &whole);
    assert_false(good);
    str_free(&h.text);
    str_free(&text);
    assert_false(growth_is_square(decode_rows, NULL, 5000));
}

/* kubeconfig */

struct place {
    char top[64];
};

static int make_place(void **state)
{
    struct place *p = mem_new(sizeof *p);
    text_copy(p->top, sizeof p->top, "/tmp/trivet-kube-XXXXXX");
    *state = p;
    return mkdtemp(p->top) ? 0 : -1;
}

static int drop_place(void **state)
{
    static const char *const names[] = {"a.yaml", "b.yaml", "ca.pem", NULL};
    struct place *p = *state;
    for (size_t i = 0; names[i]; i++) {
        char *path = file_join(p->top, names[i]);
        unlink(path);
        free(path);
    }
    rmdir(p->top);
    free(p);
    return 0;
}

static void put(const struct place *p, const char *name, const char *text)
{
    struct error e = {0};
    char *path = file_join(p->top, name);
    assert_true(file_write(path, text, strlen(text), 0600, &e));
    free(path);
}

static void use(const struct place *p, const char *list)
{
    struct str out = STR_INIT(STR_TEXT_MAX);
    for (; *list; list++) /* % stands for the folder */
        *list == '%' ? str_adds(&out, p->top) : str_addc(&out, *list);
    setenv("KUBECONFIG", str_text(&out), 1);
    str_free(&out);
}

static const char config_a[] = "apiVersion: v1\nkind: Config\ncurrent-context: dev\nunknown: {x: [1]}\n"
                               "contexts:\n- name: dev\n  context: {cluster: c1, user: u1, namespace: app}\n"
                               "- name: cert\n  context: {cluster: c1, user: u2}\n- name: none\n  context: {cluster: c1}\n"
                               "- name: exec\n  context: {cluster: c2, user: u3}\n"
                               "clusters:\n- name: c1\n  cluster: {server: \"https://one.example:6443\", certificate-authority: ca.pem, "
                               "tls-server-name: inner}\nusers:\n- name: u1\n  user: {token: secret, tokenFile: tok}\n"
                               "- name: u2\n  user: {client-certificate-data: Q0VSVA==, client-key-data: S0VZ}\n";
static const char config_b[] = "current-context: exec\nclusters:\n- name: c1\n  cluster: {server: \"https://ignored\"}\n"
                               "- name: c2\n  cluster: {server: \"https://two.example\", certificate-authority-data: UEVN}\n"
                               "users:\n- name: u3\n  user:\n    exec:\n      apiVersion: client.authentication.k8s.io/v1\n      command: "
                               "./bin/plugin\n      args: [get, \"a b\"]\n      env:\n      - {name: AWS_PROFILE, value: x}\n      - {value: no "
                               "name}\n";

static void reads_contexts(void **state)
{
    const struct place *p = *state;
    struct kube_access a = {0};
    struct error e = {0};
    put(p, "a.yaml", config_a);
    put(p, "b.yaml", config_b);
    put(p, "ca.pem", "PEM text\n");
    use(p, "%/none.yaml::%/a.yaml:%/b.yaml");
    assert_true(kubeconfig_read(&a, NULL, &e));
    assert_string_equal(a.server, "https://one.example:6443");
    assert_string_equal(a.ca_pem, "PEM text\n");
    assert_string_equal(a.tls_server_name, "inner");
    assert_int_equal(a.source, TOKEN_FILE);
    assert_true(text_starts(a.token_file, p->top) && text_ends(a.token_file, "/tok"));
    kube_access_free(&a);
    assert_true(kubeconfig_read(&a, "cert", &e));
    assert_int_equal(a.source, TOKEN_NONE);
    assert_string_equal(a.client_cert, "CERT");
    assert_string_equal(a.client_key, "KEY");
    kube_access_free(&a);
    assert_true(kubeconfig_read(&a, "none", &e));
    assert_int_equal(a.source, TOKEN_NONE);
    kube_access_free(&a);
    assert_true(kubeconfig_read(&a, "exec", &e)); /* the context of one file, the rest of another */
    assert_string_equal(a.server, "https://two.example");
    assert_string_equal(a.ca_pem, "PEM");
    assert_int_equal(a.source, TOKEN_EXEC);
    assert_true(text_starts(a.exec_argv[0], p->top) && text_ends(a.exec_argv[0], "/./bin/plugin"));
    assert_string_equal(a.exec_argv[2], "a b");
    assert_null(a.exec_argv[3]);
    assert_string_equal(a.exec_env[0], "AWS_PROFILE=x");
    assert_true(text_starts(a.exec_env[1], "KUBERNETES_EXEC_INFO={\"apiVersion\":\"client.authentication.k8s.io/v1\""));
    assert_null(a.exec_env[2]);
    kube_access_free(&a);
    /* A file as kubectl writes it in JSON. */
    put(p, "a.yaml", "{\"current-context\":\"x\",\"contexts\":[{\"name\":\"x\",\"context\":{\"cluster\":\"c\",\"user\":\"u\"}}],"
                     "\"clusters\":[{\"name\":\"c\",\"cluster\":{\"server\":\"https://j\"}}],\"users\":[{\"name\":\"u\",\"user\":{\"token\":\"t\"}}"
                     "]}");
    use(p, "%/a.yaml");
    assert_true(kubeconfig_read(&a, "", &e));
    assert_int_equal(a.source, TOKEN_STATIC);
    assert_string_equal(a.token, "t");
    kube_access_free(&a);
}

#define ONE(cluster, user) \
    "current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]\n" \
    "clusters: [{name: c, cluster: " cluster "}]\nusers: [{name: u, user: " user "}]\n"

static void tells_what_is_wrong(void **state)
{
    static const char *const cases[][2] = {
        {"", "the file is empty"},
        {"contexts: [", "a.yaml:2:1: "},
        {"current-context: nope\n", "no context \"nope\""},
        {"contexts: []\n", "no context \"\""},
        {"- a\n", "no context \"\""},
        {"current-context: x\ncontexts: {x: y}\n", "no context \"x\""},
        {"current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\n", "no cluster \"c\""},
        {"current-context: x\ncontexts: [{name: x}]\n", "no context \"x\""},
        {"current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: s}}]\n", "no user \"u\""},
        {ONE("{}", "{}"), "a cluster needs a \"server\""},
        {ONE("{server: s, insecure-skip-tls-verify: true}", "{}"), "insecure-skip-tls-verify"},
        {ONE("{server: s, certificate-authority-data: '*'}", "{}"), "not base64: \"certificate-authority-data\""},
        {ONE("{server: s, certificate-authority: none.pem}", "{}"), "none.pem: No such file"},
        {ONE("{server: s}", "{client-key-data: '!'}"), "not base64: \"client-key-data\""},
        {ONE("{server: s}", "{exec: {command: x, apiVersion: v1}}"), "found \"v1\""},
        {ONE("{server: s}", "{exec: {apiVersion: client.authentication.k8s.io/v1}}"), "expected a command"},
        {ONE("{server: s}", "{auth-provider: {name: gcp}}"), "found \"auth-provider\""},
        {ONE("{server: s}", "{username: a, password: b}"), "found \"username\""},
    };
    const struct place *p = *state;
    use(p, "%/a.yaml");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct kube_access a = {0};
        struct error e = {0};
        put(p, "a.yaml", cases[i][0]);
        if (kubeconfig_read(&a, NULL, &e) || !strstr(e.message, cases[i][1]))
            fail_msg("%s: \"%s\"", cases[i][0], e.message);
        assert_null(a.server); /* nothing half read is left */
    }
    struct kube_access a = {0};
    struct error e = {0};
    put(p, "a.yaml", "contexts: [");
    put(p, "b.yaml", config_a);
    use(p, "%/a.yaml:%/b.yaml");
    assert_false(kubeconfig_read(&a, NULL, &e)); /* a broken file is told even if another one is good */
    assert_non_null(strstr(e.message, "a.yaml"));
    use(p, "%/none");
    assert_false(kubeconfig_read(&a, NULL, &e));
    assert_non_null(strstr(e.message, "there is no file"));
    unsetenv("KUBECONFIG");
    setenv("HOME", p->top, 1);
    assert_false(kubeconfig_read(&a, NULL, &e));
    unsetenv("HOME");
    assert_false(kubeconfig_read(&a, NULL, &e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_in_any_pieces),  cmocka_unit_test(knows_a_cut_table), cmocka_unit_test(decodes_odd_tables),
        cmocka_unit_test(survives_damaged_tables), cmocka_unit_test(bounds_a_table),
        cmocka_unit_test_setup_teardown(reads_contexts, make_place, drop_place),
        cmocka_unit_test_setup_teardown(tells_what_is_wrong, make_place, drop_place),
    };
    return cmocka_run_group_tests_name("kube_decode", tests, NULL, NULL);
}
