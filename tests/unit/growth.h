/* Whether some work grows with the square of its size. Told by the processor's time and by comparison with itself, so that neither a slow machine
 * nor a busy one decides. */
#ifndef TRIVET_TESTS_GROWTH_H
#define TRIVET_TESTS_GROWTH_H

#include <stdbool.h>
#include <stddef.h>

typedef void growth_work(void *arg, size_t count);

/* Does it for so many and for four times as many, and prints what each took: about four times as long is good, sixteen times is a square. */
bool growth_is_square(growth_work *work, void *arg, size_t count);

#endif
