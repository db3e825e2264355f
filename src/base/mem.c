#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

static void *checked(void *p)
{
    if (p)
        return p;
    fputs("trivet: out of memory\n", stderr);
    abort();
}

void *mem_new(size_t size) { return checked(calloc(1, size ? size : 1)); }
void *mem_new_array(size_t count, size_t size) { return checked(calloc(count ? count : 1, size ? size : 1)); }

void *mem_resize(void *old, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        return checked(NULL);
    size_t bytes = count * size;
    return checked(realloc(old, bytes ? bytes : 1));
}

char *mem_strdup(const char *s) { return s ? checked(strdup(s)) : NULL; }
char *mem_strndup(const char *s, size_t len) { return checked(strndup(s, len)); }
void mem_wipe(void *p, size_t len)
{
    if (len)
        explicit_bzero(p, len);
}

void mem_free_secret(char *s)
{
    if (s)
        mem_wipe(s, strlen(s));
    free(s);
}

void mem_give_back(void)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
