/* Which numbered rows a server acknowledged, and how that compares with what was found afterwards. Numbers come in ascending order. */
#ifndef TRIVET_ACTIONS_PROBE_ROWS_H
#define TRIVET_ACTIONS_PROBE_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "actions/probe.h"
#include "base/vec.h"

struct row_set {
    VEC(struct probe_range) ranges; /* ascending, apart */
    int64_t count;
};

void rows_add(struct row_set *set, int64_t n); /* greater than every one before */
void rows_free(struct row_set *set);

struct row_verdict {
    int64_t found, lost, extra;
    struct row_set missing; /* the acknowledged ones that are not there */
};

/* `found` ascending. Numbers that are in it twice are counted once. */
void rows_compare(const struct row_set *acknowledged, const int64_t *found, size_t count, struct row_verdict *verdict);

#endif
