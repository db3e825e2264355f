/* A growing byte string, always NUL-terminated, with a size limit set at birth: nothing that comes
 * from outside grows without bound. Once an append would pass the limit, nothing of it is added,
 * `overflow` stays set, and every later append is refused, so one check at the end is enough. */
#ifndef TRIVET_BASE_STR_H
#define TRIVET_BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
    char *data; /* NULL while empty; use str_text() to read it */
    size_t len;
    size_t cap;
    size_t max;
    bool overflow;
};

#define TEXT_DECIMAL 21 /* room for any int64_t */
#define STR_INIT(limit) ((struct str){.max = (limit)})
#define STR_TEXT_MAX ((size_t)1 << 20) /* a usual limit for text that we make ourselves */

void str_init(struct str *s, size_t max);
void str_free(struct str *s); /* a freed or zeroed string may be freed again */
void str_wipe(struct str *s); /* zeroes the bytes, then frees */
void str_clear(struct str *s); /* len = 0, keeps the memory and the limit */
bool str_add(struct str *s, const void *bytes, size_t len);
bool str_adds(struct str *s, const char *text);
bool str_addc(struct str *s, char c);
bool str_addf(struct str *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool str_addv(struct str *s, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));
void str_cut(struct str *s, size_t from, size_t len); /* removes bytes from the middle */
const char *str_text(const struct str *s);            /* "" while empty; borrowed */
char *str_take(struct str *s);                        /* the caller frees; the string is empty again */

/* Fixed buffers: copies what fits, always terminated, never splits a UTF-8 character. Returns false if cut. */
bool text_copy(char *to, size_t size, const char *from);
bool text_format(char *to, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
char *text_decimal(char to[TEXT_DECIMAL], int64_t number); /* terminated; returns its end. For tables of thousands: printf takes five times as long */
const char *text_grouped(double number, char *out, size_t size); /* 1234.5 → "1,235"; with decimals below ten. NAN gives "–". Returns out */
bool text_equal(const char *a, const char *b); /* NULL equals only NULL */
bool text_starts(const char *s, const char *prefix);
bool text_ends(const char *s, const char *suffix);
bool text_same_case(const char *a, const char *b); /* ASCII case-insensitive equality */
void text_upper(char *s, size_t most);             /* the first bytes of it, if they are ASCII letters */
const char *text_after_last(const char *s, char sign); /* all of it where the sign is not in it; borrowed */

#endif
