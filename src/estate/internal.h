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
void drills_clear(struct database_set *set);
void budgets_clear(struct account *a);
void release_set_clear(struct release_set *set);
void security_clear(struct security *s);
void cluster_clear(struct cluster *c);
void detail_clear(struct detail *d);
void log_view_clear(struct log_view *l);

uint64_t text_hash(const char *s, uint64_t seed); /* FNV-1a */

/* cluster_index.c. A row is added after its texts are set, and removed or moved before they change. */
enum cluster_key { KEY_POD, KEY_NODE, KEY_WAITING /* pods by node, while that node's zone is not known */, CLUSTER_KEYS };
void index_add(struct cluster *c, enum cluster_key key, size_t row);
void index_remove(struct cluster *c, enum cluster_key key, size_t row);
void index_move(struct cluster *c, enum cluster_key key, size_t from, size_t to); /* the row at `from` is about to stand at `to` */
bool index_find(const struct cluster *c, enum cluster_key key, const char *ns, const char *name, size_t *row); /* ns for KEY_POD only */
void index_free(struct cluster *c);

#endif
