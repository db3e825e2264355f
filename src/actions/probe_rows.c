#include "actions/probe_rows.h"

void rows_add(struct row_set *set, int64_t n)
{
    struct probe_range *last = set->ranges.len ? &set->ranges.at[set->ranges.len - 1] : NULL;
    if (last && last->last == n - 1)
        last->last = n;
    else
        *vec_add(&set->ranges) = (struct probe_range){n, n};
    set->count++;
}

void rows_free(struct row_set *set)
{
    vec_free(&set->ranges);
    set->count = 0;
}

void rows_compare(const struct row_set *acknowledged, const int64_t *found, size_t count, struct row_verdict *verdict)
{
    size_t f = 0;
    *verdict = (struct row_verdict){0};
    for (size_t i = 0; i < count; i++)
        verdict->found += i == 0 || found[i] != found[i - 1];
    for (size_t r = 0; r < acknowledged->ranges.len; r++)
        for (int64_t n = acknowledged->ranges.at[r].first; n <= acknowledged->ranges.at[r].last; n++) {
            while (f < count && found[f] < n)
                f++;
            if (f == count || found[f] != n)
                rows_add(&verdict->missing, n);
        }
    verdict->lost = verdict->missing.count;
    verdict->extra = verdict->found - (acknowledged->count - verdict->lost);
}
