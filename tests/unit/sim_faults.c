/* Fault specifications: what is taken, what is refused, and how often each strikes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sim/faults.h"

static struct fault_effect strike(struct faults *f, const char *service, const char *operation, const char *account)
{
    struct fault_effect effect;
    faults_apply(f, service, operation, account, &effect);
    return effect;
}

static void taken(void **state)
{
    struct error e = {0};
    struct faults *f = faults_new();
    (void)state;
    assert_true(faults_add(f, "latency=50ms", &e) && faults_add(f, "rds:latency=2s", &e) &&
                faults_add(f, "rds.DescribeEvents@333333333333:throttle=2", &e));
    assert_true(faults_add(f, "eks:error=ServerException/500", &e) && faults_add(f, "*.ListAccounts:abort", &e));
    assert_int_equal(strike(f, "sts", "GetCallerIdentity", "").delay_ms, 50);
    assert_int_equal(strike(f, "rds", "DescribeDBInstances", "222222222222").delay_ms, 2050);
    assert_int_equal(strike(f, "rds", "DescribeEvents", "222222222222").kind, FAULT_NONE);
    for (int i = 0; i < 3; i++)
        assert_int_equal(strike(f, "rds", "DescribeEvents", "333333333333").kind, i < 2 ? FAULT_THROTTLE : FAULT_NONE);
    struct fault_effect error = strike(f, "eks", "ListClusters", "333333333333");
    assert_int_equal(error.kind, FAULT_ERROR);
    assert_int_equal(error.status, 500);
    assert_string_equal(error.code, "ServerException");
    assert_int_equal(strike(f, "organizations", "ListAccounts", "").kind, FAULT_ABORT);
    faults_free(f);
}

static void refused(void **state)
{
    static const char *const bad[] = {"",           "latency",       "latency=",        "latency=5m",     "rds",          "rds:",         ":throttle",
                                      "rds:boom",   "rds:error",     "rds:error=",      "rds:error=X/20", "rds:throttle=", "rds:throttle=-1",
                                      "rds:html=x", "rds@1:throttle", "rds:error=X/500=y"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct error e = {0};
        struct faults *f = faults_new();
        if (faults_add(f, bad[i], &e))
            fail_msg("\"%s\" was taken", bad[i]);
        assert_non_null(strstr(e.message, "expected"));
        faults_free(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(taken), cmocka_unit_test(refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
