/* Chance that is the same everywhere, for fuzzers: a failing round fails again. */
#ifndef TRIVET_TESTS_CHANCE_H
#define TRIVET_TESTS_CHANCE_H

#include <stdint.h>
#include <stdlib.h>

static uint64_t seed; /* not 0; a round sets its own */

static inline size_t below(size_t limit) /* xorshift; 0 for 0 */
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return limit ? (size_t)(seed % limit) : 0;
}

/* How many rounds: as usual, or as the person asks. */
static inline int rounds(int usual)
{
    const char *given = getenv("TRIVET_FUZZ_ROUNDS");
    return given && atoi(given) > 0 ? atoi(given) : usual;
}

#endif
