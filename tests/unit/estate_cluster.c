/* Pods, nodes, deployments and autoscalers as lists and watches bring them; ten thousand of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "estate/write.h"
#include "growth.h"

#define NOW   INT64_C(1795465058000)
#define HOUR  INT64_C(3600000)

static struct estate_config config;

static int make_estate(void **state)
{
    memset(&config, 0, sizeof config);
    struct account_config *account = vec_add(&config.accounts);
    account->name = mem_strdup("prod");
    account->id = mem_strdup("333333333333");
    account->kind = ACCOUNT_PRODUCTION;
    *state = estate_new(&config);
    return 0;
}

static int drop_estate(void **state)
{
    estate_free(*state);
    estate_config_free(&config);
    return 0;
}

static const struct cluster *cluster(const struct estate *e) { return &e->accounts[0].cluster; }

static const struct pod *pod_named(const struct estate *e, const char *ns, const char *name)
{
    for (size_t i = 0; i < cluster(e)->pods.len; i++)
        if (strcmp(cluster(e)->pods.at[i].name, name) == 0 && strcmp(cluster(e)->pods.at[i].ns, ns) == 0)
            return &cluster(e)->pods.at[i];
    return NULL;
}

static void put(struct estate *e, const char *ns, const char *name, const char *status, const char *node, int restarts, int64_t created)
{
    struct pod_row row = {.ns = ns, .name = name, .status = status, .node = node, .ip = "10.0.0.1", .ready = 1, .containers = 1, .restarts = restarts,
                          .created_at = created};
    pods_put(e, 0, &row, NOW);
}

static const char *newest(const struct estate *e)
{
    const struct change *change = change_at(&e->changes, 0);
    return change ? change->text : "";
}

static void puts_and_replaces(void **state)
{
    struct estate *e = *state;
    uint64_t version = e->version;
    put(e, "app", "web-1", "Running", "n1", 0, NOW - HOUR);
    assert_true(e->version > version);
    put(e, "app", "web-1", "Running", "n1", 0, NOW - HOUR);
    put(e, "other", "web-1", "Running", NULL, 0, NOW - HOUR);
    assert_int_equal(cluster(e)->pods.len, 2);
    const struct pod *pod = pod_named(e, "app", "web-1");
    assert_int_equal(pod->cpu_m, -1);
    assert_int_equal(pod->memory, -1);
    assert_string_equal(pod->zone, "");
    assert_string_equal(pod_named(e, "other", "web-1")->node, "");
    assert_int_equal(e->changes.count, 0);
    pods_metrics(e, 0, "app", "web-1", 250, 1 << 20);
    pods_metrics(e, 0, "app", "none", 1, 1);
    assert_int_equal(pod_named(e, "app", "web-1")->cpu_m, 250);
    pods_gone(e, 0, "app", "web-1", NOW);
    pods_gone(e, 0, "app", "web-1", NOW);
    assert_null(pod_named(e, "app", "web-1"));
    assert_non_null(pod_named(e, "other", "web-1"));
}

static void notes_changes(void **state)
{
    struct estate *e = *state;
    put(e, "app", "p", "Running", "n", 2, NOW - HOUR);
    put(e, "app", "p", "CrashLoopBackOff", "n", 3, NOW - HOUR);
    assert_string_equal(newest(e), "CrashLoopBackOff (was Running)");
    put(e, "app", "p", "Running", "n", 3, NOW - HOUR);
    assert_string_equal(newest(e), "Running (was CrashLoopBackOff)");
    put(e, "app", "p", "Running", "n", 4, NOW - HOUR);
    assert_string_equal(newest(e), "restarted, 4 times in all");
    assert_int_equal(e->changes.count, 3);
    put(e, "app", "p", "Running", "n", -1, NOW - HOUR); /* not told: not a change */
    put(e, "app", "p", "Running", "n", 4, NOW - HOUR);
    assert_int_equal(e->changes.count, 3);
    put(e, "app", "\x1B[2Jevil", "Ru\nnning", "n", 0, 0);
    assert_non_null(pod_named(e, "app", "?[2Jevil"));
    assert_string_equal(pod_named(e, "app", "?[2Jevil")->status, "Ru nning");
    pods_gone(e, 0, "app", "\x1B[2Jevil", NOW);
    assert_null(pod_named(e, "app", "?[2Jevil"));
    for (int i = 0; i < CHANGES_MAX + 10; i++)
        estate_note(e, i, 0, FEED_PODS, "s", "%d", i);
    assert_int_equal(change_at(&e->changes, 0)->at, CHANGES_MAX + 9);
    assert_int_equal(change_at(&e->changes, CHANGES_MAX - 1)->at, 10);
    assert_null(change_at(&e->changes, CHANGES_MAX));
}

static void keeps_the_finest_age(void **state)
{
    struct estate *e = *state;
    put(e, "app", "p", "Running", "n", 0, NOW - 3 * HOUR - 61000);
    put(e, "app", "p", "Running", "n", 0, NOW - 3 * HOUR); /* "3h": coarser, not younger */
    assert_int_equal(pod_named(e, "app", "p")->created_at, NOW - 3 * HOUR - 61000);
    put(e, "app", "p", "Running", "n", 0, NOW - 30000); /* another pod of the same name */
    assert_int_equal(pod_named(e, "app", "p")->created_at, NOW - 30000);
    put(e, "app", "q", "Running", "n", 0, NOW - 9 * 24 * HOUR);
    put(e, "app", "q", "Running", "n", 0, NOW - 9 * 24 * HOUR + 23 * HOUR);
    assert_int_equal(pod_named(e, "app", "q")->created_at, NOW - 9 * 24 * HOUR);
    put(e, "app", "r", "Running", "n", 0, 0);
    put(e, "app", "r", "Running", "n", 0, NOW - HOUR);
    assert_int_equal(pod_named(e, "app", "r")->created_at, NOW - HOUR);
}

static int64_t restarted(struct estate *e, int restarts, int64_t at, int64_t created)
{
    struct pod_row row = {.ns = "app", .name = "p", .status = "Running", .restarts = restarts, .restarted_at = at, .created_at = created};
    pods_put(e, 0, &row, NOW);
    return pod_named(e, "app", "p")->restarted_at;
}

/* "(5d3h ago)", later "(5d ago)": one restart does not wander, or the timeline would tell of it again and again. */
static void keeps_when_a_pod_restarted(void **state)
{
    struct estate *e = *state;
    const int64_t first = NOW - 5 * 24 * HOUR - 3 * HOUR, born = NOW - 9 * 24 * HOUR;
    assert_true(restarted(e, 2, first, born) == first);
    assert_true(restarted(e, 2, NOW - 5 * 24 * HOUR, born) == first);
    assert_true(restarted(e, 3, NOW - 10000, born) == NOW - 10000);
    assert_true(restarted(e, 3, NOW - 8000, NOW - 20000) == NOW - 8000); /* another pod of the same name */
    assert_true(restarted(e, 0, 0, NOW - 20000) == 0);
}

/* A node that is nobody's to look after comes and goes with its pod. */
static void nodes_tell_what_became_of_them(void **state)
{
    struct estate *e = *state;
    nodes_put(e, 0, "ip-10-0-11-5", "us-east-1a", "Ready", "v1.31", "", NOW, 1, NOW);
    nodes_put(e, 0, "fargate-ip-10-0-0-1", "us-east-1a", "Ready", "v1.31", "", NOW, 1, NOW);
    assert_int_equal(e->changes.count, 0);
    nodes_put(e, 0, "fargate-ip-10-0-0-1", "us-east-1a", "NotReady", "v1.31", "", NOW, 1, NOW);
    nodes_put(e, 0, "ip-10-0-11-5", "us-east-1a", "NotReady", "v1.31", "", NOW, 1, NOW + 5);
    nodes_put(e, 0, "ip-10-0-11-5", "us-east-1a", "NotReady", "v1.31", "", NOW, 1, NOW + 9);
    assert_int_equal(e->changes.count, 1);
    assert_string_equal(newest(e), "NotReady (was Ready)");
    assert_string_equal(change_at(&e->changes, 0)->subject, "ip-10-0-11-5");
    assert_true(change_at(&e->changes, 0)->at == NOW + 5);
}

static void sweeps_a_namespace(void **state)
{
    struct estate *e = *state;
    uint32_t list = pods_begin(e, 0);
    put(e, "app", "a", "Running", "n", 0, 0);
    put(e, "app", "b", "Running", "n", 0, 0);
    put(e, "web", "a", "Running", "n", 0, 0);
    pods_sweep(e, 0, "app", list, NOW);
    assert_int_equal(cluster(e)->pods.len, 3);
    list = pods_begin(e, 0);
    put(e, "app", "b", "Running", "n", 0, 0);
    pods_begin(e, 0); /* another table's list begins in between */
    put(e, "app", "c", "Running", "n", 0, 0);
    pods_sweep(e, 0, "app", list, NOW);
    assert_null(pod_named(e, "app", "a"));
    assert_non_null(pod_named(e, "app", "b"));
    assert_non_null(pod_named(e, "app", "c"));
    assert_non_null(pod_named(e, "web", "a"));
    pods_sweep(e, 0, "web", UINT32_MAX, NOW); /* the namespace is gone */
    assert_int_equal(cluster(e)->pods.len, 2);
}

static void places_pods_in_zones(void **state)
{
    struct estate *e = *state;
    uint32_t list = pods_begin(e, 0);
    put(e, "app", "early", "Running", "n1", 0, 0);
    put(e, "app", "early2", "Running", "n1", 0, 0);
    put(e, "app", "unplaced", "Pending", "", 0, 0);
    nodes_put(e, 0, "n1", NULL, "Ready", "v1.31", "", NOW, list, NOW); /* its label is not there yet */
    assert_string_equal(pod_named(e, "app", "early")->zone, "");
    nodes_put(e, 0, "n1", "us-east-1a", "Ready", "v1.31", "", NOW, list, NOW);
    nodes_put(e, 0, "fargate-ip-10-0-0-1", "us-east-1b", "Ready", "v1.31", "", NOW, list, NOW);
    assert_int_equal(cluster(e)->nodes.len, 2);
    assert_false(cluster(e)->nodes.at[0].fargate);
    assert_true(cluster(e)->nodes.at[1].fargate);
    assert_string_equal(pod_named(e, "app", "early")->zone, "us-east-1a");
    assert_string_equal(pod_named(e, "app", "early2")->zone, "us-east-1a");
    put(e, "app", "late", "Running", "fargate-ip-10-0-0-1", 0, 0);
    assert_string_equal(pod_named(e, "app", "late")->zone, "us-east-1b");
    put(e, "app", "unplaced", "Running", "n2", 0, 0);
    put(e, "app", "waiting", "Running", "n2", 0, 0);
    pods_gone(e, 0, "app", "early", NOW); /* rows move while some wait */
    put(e, "app", "waiting", "Running", "n3", 0, 0);
    nodes_put(e, 0, "n2", "us-east-1c", "Ready", "v1.31", "", NOW, list, NOW);
    assert_string_equal(pod_named(e, "app", "unplaced")->zone, "us-east-1c");
    assert_string_equal(pod_named(e, "app", "waiting")->zone, "");
    nodes_gone(e, 0, "n1");
    nodes_gone(e, 0, "n1");
    assert_int_equal(cluster(e)->nodes.len, 2);
    nodes_sweep(e, 0, list + 1);
    assert_int_equal(cluster(e)->nodes.len, 0);
    put(e, "app", "late", "Running", "n2", 0, 0);
    assert_string_equal(pod_named(e, "app", "late")->zone, "");
}

/* Against a plain array, with everything that can happen in any order. */
static void agrees_with_a_plain_list(void **state)
{
    enum { NAMES = 60, NODES = 12 };
    struct estate *e = *state;
    bool there[NAMES] = {0}, known[NODES] = {0};
    int node_of[NAMES] = {0};
    char name[16], node[16], zone[16];
    srand(11);
    for (int round = 0; round < 20000; round++) {
        int i = rand() % NAMES, n = rand() % NODES;
        snprintf(name, sizeof name, "p%d", i);
        snprintf(node, sizeof node, "n%d", n);
        snprintf(zone, sizeof zone, "z%d", n);
        switch (rand() % 5) {
        case 0:
            pods_gone(e, 0, "ns", name, NOW);
            there[i] = false;
            break;
        case 1:
            nodes_put(e, 0, node, zone, "Ready", "v", "", NOW, 1, NOW);
            known[n] = true;
            break;
        case 2:
            if (rand() % 4 == 0) {
                nodes_gone(e, 0, node);
                known[n] = false;
            }
            break;
        default:
            put(e, "ns", name, "Running", node, 0, 0);
            there[i] = true;
            node_of[i] = n;
        }
        if (round % 50)
            continue;
        size_t pods = 0, nodes = 0;
        for (int k = 0; k < NODES; k++)
            nodes += known[k];
        for (int k = 0; k < NAMES; k++) {
            snprintf(name, sizeof name, "p%d", k);
            const struct pod *pod = pod_named(e, "ns", name);
            assert_int_equal(pod != NULL, there[k]);
            pods += there[k];
            if (!pod)
                continue;
            snprintf(node, sizeof node, "n%d", node_of[k]);
            snprintf(zone, sizeof zone, "z%d", node_of[k]);
            assert_string_equal(pod->node, node);
            assert_true(strcmp(pod->zone, zone) == 0 || (!known[node_of[k]] && !*pod->zone));
        }
        assert_int_equal(cluster(e)->pods.len, pods);
        assert_int_equal(cluster(e)->nodes.len, nodes);
    }
}

/* Fargate: a node for each pod. Pods first, so that every one waits for its node. */
static void come_and_go(void *arg, size_t count)
{
    struct estate *e = arg;
    char name[64], node[64];
    uint32_t list = pods_begin(e, 0);
    for (int i = 0; i < (int)count; i++) {
        snprintf(name, sizeof name, "backend-6d5f8c7b9d-%05d", i);
        snprintf(node, sizeof node, "fargate-ip-10-%d-%d-%d.ec2.internal", i / 65536, i / 256 % 256, i % 256);
        put(e, "app", name, "Running", node, 0, NOW);
    }
    for (int i = 0; i < (int)count; i++) {
        snprintf(node, sizeof node, "fargate-ip-10-%d-%d-%d.ec2.internal", i / 65536, i / 256 % 256, i % 256);
        nodes_put(e, 0, node, i % 2 ? "us-east-1a" : "us-east-1b", "Ready", "v1.31.2", "", NOW, list, NOW);
    }
    for (size_t i = 0; i < count; i++)
        assert_true(*cluster(e)->pods.at[i].zone);
    for (int i = 0; i < (int)count; i++) {
        snprintf(name, sizeof name, "backend-6d5f8c7b9d-%05d", i);
        pods_metrics(e, 0, "app", name, i, i);
    }
    pods_sweep(e, 0, "app", list + 1, NOW);
    nodes_sweep(e, 0, list + 1);
    assert_int_equal(cluster(e)->pods.len + cluster(e)->nodes.len, 0);
}

static void ten_thousand_are_quick(void **state) { assert_false(growth_is_square(come_and_go, *state, 2500)); }

/* Lists of several namespaces come as they like. */
static void deployments_stand_by_namespace_and_name(void **state)
{
    static const char *const come[][2] = {{"jobs", "batch"}, {"app", "web"}, {"kube-system", "coredns"}, {"app", "api"}, {"app", "web"}};
    static const char *const stand[] = {"api", "web", "batch", "coredns"};
    struct estate *e = *state;
    for (size_t i = 0; i < sizeof come / sizeof *come; i++) {
        struct deployment d = {.ns = come[i][0], .name = (char *)(uintptr_t)come[i][1], .ready = 1, .desired = 1, .images = "i"};
        deployments_put(e, 0, &d, 1, NOW);
    }
    assert_int_equal(cluster(e)->deployments.len, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(cluster(e)->deployments.at[i].name, stand[i]);
}

/* Deployments come and go for as long as the console runs: names of nodes and numbers of autoscalers must not use up the pool. */
static void the_pool_does_not_fill(void **state)
{
    struct estate *e = *state;
    char name[64], text[64];
    for (int i = 0; i < 150000; i++) {
        snprintf(name, sizeof name, "fargate-%d", i);
        put(e, "app", "web", "Running", name, 0, NOW);
        snprintf(text, sizeof text, "cpu: %d%%/60%%", i);
        hpas_put(e, 0, &(struct hpa){.name = (char[]){"web"}, .ns = "app", .target = "Deployment/web", .metrics = text}, 1, NOW);
    }
    assert_string_equal(pod_named(e, "app", "web")->node, "fargate-149999");
    assert_string_equal(cluster(e)->hpas.at[0].metrics, "cpu: 149999%/60%");
    assert_string_equal(estate_pool(e, "a new text"), "a new text");
    assert_ptr_equal(estate_pool(e, "a new text"), estate_pool(e, "a new text"));
    assert_string_equal(estate_pool(e, NULL), "");
    for (int i = 0; i < 70000; i++) { /* if it does all the same: one word for what does not fit */
        snprintf(text, sizeof text, "text %d", i);
        estate_pool(e, text);
    }
    assert_string_equal(estate_pool(e, "one more"), "…");
    assert_string_equal(estate_pool(e, "a new text"), "a new text");
}

static void deployments_and_autoscalers(void **state)
{
    struct estate *e = *state;
    struct deployment row = {.name = (char[]){"web"}, .ns = "app", .ready = 3, .desired = 3, .updated = 3, .available = 3};
    deployments_put(e, 0, &row, 1, NOW);
    row.updated = 1;
    deployments_put(e, 0, &row, 1, NOW);
    assert_string_equal(newest(e), "rollout began");
    row.desired = 5;
    deployments_put(e, 0, &row, 1, NOW);
    assert_string_equal(newest(e), "scaled from 3 to 5");
    row.desired = -1;
    deployments_put(e, 0, &row, 1, NOW);
    assert_int_equal(e->changes.count, 2);
    row.ns = "other";
    deployments_put(e, 0, &row, 2, NOW);
    assert_int_equal(cluster(e)->deployments.len, 2);
    deployments_sweep(e, 0, "app", 2);
    assert_int_equal(cluster(e)->deployments.len, 1);
    deployments_gone(e, 0, "other", "none");
    deployments_gone(e, 0, "other", "web");
    assert_int_equal(cluster(e)->deployments.len, 0);
    struct hpa hpa = {.name = (char[]){"web"}, .ns = "app", .target = "Deployment/web", .metrics = "cpu: 31%/60%", .min = 2, .max = 10,
                      .replicas = 3};
    hpas_put(e, 0, &hpa, 1, NOW);
    hpa.metrics = NULL;
    hpas_put(e, 0, &hpa, 1, NOW);
    assert_string_equal(cluster(e)->hpas.at[0].metrics, "");
    assert_string_equal(cluster(e)->hpas.at[0].target, "Deployment/web");
    assert_int_equal(e->changes.count, 2);
    hpa.metrics = "cpu: 91%/60%";
    hpa.replicas = 10;
    hpas_put(e, 0, &hpa, 1, NOW);
    assert_string_equal(newest(e), "at its maximum of 10 pods: cpu: 91%/60%");
    hpa.max = 12;
    hpas_put(e, 0, &hpa, 1, NOW);
    assert_string_equal(newest(e), "below its maximum of 12 pods: cpu: 91%/60%");
    assert_string_equal(change_at(&e->changes, 1)->text, "scales from 2 to 12 (was 2 to 10)");
    hpas_put(e, 0, &(struct hpa){.name = (char[]){"b"}, .ns = "app"}, 2, NOW);
    hpas_sweep(e, 0, "app", 2);
    assert_int_equal(cluster(e)->hpas.len, 1);
    hpas_gone(e, 0, "app", "b");
    assert_int_equal(cluster(e)->hpas.len, 0);
}

static void counts_pods(void **state)
{
    static const struct {
        const char *status;
        int ready, containers;
        bool is_ready, is_failing;
    } cases[] = {{"Running", 1, 1, true, false},      {"Running", 1, 2, false, false}, {"Completed", 0, 1, true, false},
                 {"Succeeded", 0, 1, true, false}, {"CrashLoopBackOff", 0, 1, false, true}, {"Init:CrashLoopBackOff", 0, 1, false, true},
                 {"Init:0/2", 0, 1, false, false}, {"ExitCode:3", 0, 1, false, true}, {"Init:ExitCode:1", 0, 1, false, true},
                 {"Signal:9", 0, 1, false, true}, {"OOMKilled", 0, 1, false, true}, {"Terminating", 0, 1, false, false},
                 {"Pending", -1, -1, false, false}};
    struct estate *e = *state;
    char name[16];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(name, sizeof name, "p%zu", i);
        pods_put(e, 0, &(struct pod_row){.ns = "a", .name = name, .status = cases[i].status, .ready = cases[i].ready,
                                         .containers = cases[i].containers}, NOW);
        assert_int_equal(pod_is_ready(pod_named(e, "a", name)), cases[i].is_ready);
        assert_int_equal(pod_is_failing(pod_named(e, "a", name)), cases[i].is_failing);
    }
    struct pod_counts counts = cluster_count(cluster(e));
    assert_int_equal(counts.total, 13);
    assert_int_equal(counts.ready, 3);
    assert_int_equal(counts.failing, 6);
    assert_int_equal(counts.pending, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_estate, drop_estate)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(puts_and_replaces),      TEST(notes_changes),        TEST(keeps_the_finest_age),        TEST(keeps_when_a_pod_restarted),
        TEST(nodes_tell_what_became_of_them), TEST(sweeps_a_namespace),
        TEST(places_pods_in_zones), TEST(agrees_with_a_plain_list), TEST(ten_thousand_are_quick), TEST(the_pool_does_not_fill),
        TEST(deployments_stand_by_namespace_and_name), TEST(deployments_and_autoscalers), TEST(counts_pods),
    };
    return cmocka_run_group_tests_name("estate_cluster", tests, NULL, NULL);
}
