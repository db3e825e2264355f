/* Allocation that cannot fail from the caller's view: out of memory ends the program with one line.
 * Memory is released with free(). */
#ifndef TRIVET_BASE_MEM_H
#define TRIVET_BASE_MEM_H

#include <stddef.h>

void *mem_new(size_t size);                              /* zeroed */
void *mem_new_array(size_t count, size_t size);          /* zeroed; overflow is checked */
void *mem_resize(void *old, size_t count, size_t size);  /* new part not zeroed; overflow is checked */
char *mem_strdup(const char *s);                         /* NULL gives NULL */
char *mem_strndup(const char *s, size_t len);
void mem_wipe(void *p, size_t len);                      /* zeroes, never optimised away */
void mem_free_secret(char *s);                           /* wipes a string, then frees it; NULL is fine */
void mem_give_back(void);                                /* what free() has kept goes back to the system; takes a part of a millisecond */

#endif
