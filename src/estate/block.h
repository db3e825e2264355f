/* Addresses that a person has blocked in an emergency: they stand in an IP set of WAF by which a rule blocks. Until when each was meant to stay is
 * written into the set's own description, where everybody who works with the set finds it: "…, 203.0.113.7 until 2026-11-24T17:43:00Z". What others
 * have written there stays in front. */
#ifndef TRIVET_ESTATE_BLOCK_H
#define TRIVET_ESTATE_BLOCK_H

#include <stdint.h>

#include "base/network.h"
#include "base/vec.h"

#define SET_DESCRIPTION_MAX 256 /* characters, says WAF */

struct waf_block {
    char address[NETWORK_TEXT_SIZE]; /* without "/32" */
    int64_t until;                   /* wall ms; 0: nobody has said */
};

struct block_set {
    char wanted[132];   /* the name by the profile */
    bool found;         /* there is such a set */
    char id[40], arn[200];
    bool six;           /* it holds IPv6 */
    char description[SET_DESCRIPTION_MAX + 4];
    VEC(struct waf_block) blocks;
};
enum { BLOCK_SET_IPV4, BLOCK_SET_IPV6, BLOCK_SETS };

/* A description, taken apart. */
struct reminder {
    struct network network;
    int64_t until;
};
struct reminders {
    char text[SET_DESCRIPTION_MAX + 4]; /* what others wrote */
    VEC(struct reminder) list;
};
void reminders_read(const char *description, struct reminders *out); /* free it also then */
void reminders_free(struct reminders *r);
int64_t reminders_until(const struct reminders *r, const struct network *network); /* 0: none */
void reminders_set(struct reminders *r, const struct network *network, int64_t until); /* 0: takes it away */
/* False if that is longer than WAF takes; never empty. */
bool reminders_write(const struct reminders *r, char *out, size_t size);

#endif
