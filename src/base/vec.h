/* A typed growing array:  VEC(struct pod) pods = {0};  *vec_add(&pods) = pod;  vec_free(&pods);
 * Elements move when it grows, so keep indices or ids, not pointers. */
#ifndef TRIVET_BASE_VEC_H
#define TRIVET_BASE_VEC_H

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define VEC(type) \
    struct { \
        type *at; \
        size_t len; \
        size_t cap; \
    }

/* Makes room for one more; a macro of its own so that vec_add stays an expression. */
#define vec_grow(v) \
    ((v)->len < (v)->cap \
         ? (void)0 \
         : (void)((v)->at = mem_resize((v)->at, (v)->cap ? (v)->cap * 2 : 8, sizeof *(v)->at), \
                  (v)->cap = (v)->cap ? (v)->cap * 2 : 8))
/* A pointer to a new, zeroed last element. */
#define vec_add(v) (vec_grow(v), memset(&(v)->at[(v)->len], 0, sizeof *(v)->at), &(v)->at[(v)->len++])
#define vec_remove(v, i) \
    (memmove(&(v)->at[i], &(v)->at[(i) + 1], ((v)->len - (i)-1) * sizeof *(v)->at), (v)->len--)
/* Two of one type change what they hold. */
#define vec_swap(a, b)                                                                     \
    do {                                                                                   \
        struct {                                                                           \
            void *at;                                                                      \
            size_t len, cap;                                                               \
        } vec_old = {(a)->at, (a)->len, (a)->cap};                                         \
        (a)->at = (b)->at, (a)->len = (b)->len, (a)->cap = (b)->cap;                       \
        (b)->at = vec_old.at, (b)->len = vec_old.len, (b)->cap = vec_old.cap;              \
    } while (0)
#define vec_clear(v) ((v)->len = 0)
#define vec_free(v) (free((v)->at), (v)->at = NULL, (v)->len = (v)->cap = 0)

#endif
