/* Private to estate/: the pool of shared texts behind the estate, and how its parts are emptied. */
#ifndef TRIVET_ESTATE_INTERNAL_H
#define TRIVET_ESTATE_INTERNAL_H

#include "estate/estate.h"

struct text_pool { /* open addressing; cap is a power of two */
    char **at;
    size_t cap, len;
};

struct whole {
    struct estate estate; /* first: what others hold a pointer to */
    struct text_pool pool;
};

void organization_clear(struct organization *o);
void budgets_clear(struct account *a);
void cluster_clear(struct cluster *c);
void detail_clear(struct detail *d);
void log_view_clear(struct log_view *l);

uint64_t text_hash(const char *s, uint64_t seed); /* FNV-1a */

#endif
