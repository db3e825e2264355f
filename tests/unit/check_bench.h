/* Three accounts, root, dev and prod, and what the checks say of them: for the tests of checks. */
#ifndef TRIVET_TESTS_CHECK_BENCH_H
#define TRIVET_TESTS_CHECK_BENCH_H

#include "checks/check.h"
#include "estate/write.h"

enum { ROOT, DEV, PROD };

struct bench {
    int64_t now;
    struct estate_config config; /* may still be added to before bench_open() */
    struct estate *estate;
    check_results results;
};

/* Empties it and names the accounts. */
void bench_begin(struct bench *b, int64_t now);
/* An estate of that config, of which nothing has been read. */
void bench_open(struct bench *b);
void bench_end(struct bench *b);

/* Runs all checks; what this one says of the account. Stands until the next. */
const struct check_result *bench_result(struct bench *b, const char *id, size_t account);

#endif
