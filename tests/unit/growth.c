#include <stdio.h>
#include <time.h>

#include "growth.h"

static double processor_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* The least of three: what disturbs only adds. */
static double least_ms(growth_work *work, void *arg, size_t count)
{
    double least = 0;
    for (int i = 0; i < 3; i++) {
        double began = processor_ms();
        work(arg, count);
        double took = processor_ms() - began;
        least = i == 0 || took < least ? took : least;
    }
    return least;
}

bool growth_is_square(growth_work *work, void *arg, size_t count)
{
    double one = least_ms(work, arg, count), four = least_ms(work, arg, 4 * count);
    printf("%zu: %.2f ms, %zu: %.2f ms\n", count, one, 4 * count, four);
    return four > 10 * one;
}
