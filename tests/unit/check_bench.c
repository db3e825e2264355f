#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "check_bench.h"

void bench_begin(struct bench *b, int64_t now)
{
    static const char *const names[] = {"root", "dev", "prod"}, *const ids[] = {"111111111111", "222222222222", "333333333333"};
    *b = (struct bench){.now = now};
    for (int i = 0; i < 3; i++)
        *vec_add(&b->config.accounts) =
            (struct account_config){.name = mem_strdup(names[i]), .id = mem_strdup(ids[i]), .region = mem_strdup("us-east-1"), .kind = i};
}

void bench_open(struct bench *b) { b->estate = estate_new(&b->config); }

void bench_end(struct bench *b)
{
    checks_free(&b->results);
    estate_free(b->estate);
    estate_config_free(&b->config);
}

const struct check_result *bench_result(struct bench *b, const char *id, size_t account)
{
    checks_free(&b->results);
    checks_run(b->estate, b->now, &b->results);
    for (size_t i = 0; i < b->results.len; i++)
        if (!strcmp(b->results.at[i].check->id, id) && b->results.at[i].account == account)
            return &b->results.at[i];
    fail_msg("no result of %s", id);
    return NULL;
}
