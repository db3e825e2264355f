/* UTF-8 and foreign text. Attackers write into our data (sampled requests, pod names, log lines), so
 * everything foreign passes text_clean() before it meets a terminal, a file name or a log. */
#ifndef TRIVET_BASE_TEXT_H
#define TRIVET_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes one character at s (at most len bytes); sets *used to the bytes taken, always >= 1 when len > 0.
 * Bytes that are no UTF-8 (overlong, surrogate, cut) give U+FFFD and take one byte. */
uint32_t text_decode(const char *s, size_t len, size_t *used);
size_t text_encode(uint32_t c, char out[4]); /* bytes written */

/* Columns on a terminal: 0 for combining marks, 2 for wide, 1 otherwise. Own table, independent of locale. */
int text_char_width(uint32_t c);
size_t text_width(const char *s);

/* Copies into `to` what may be shown: control characters (C0, C1, DEL), bidirectional controls and
 * marks, zero-width and other invisible format characters, and line separators become one '?' (tab and newline
 * become a space); invalid UTF-8 becomes U+FFFD. Cuts at `size`, on a character's border, ending
 * with '…' if cut. Returns true if the copy is the original unchanged. */
bool text_clean(char *to, size_t size, const char *from, size_t len);
bool text_is_clean(const char *s, size_t len);

/* Cuts to at most `columns`, with '…' as the last column if anything was cut. Returns columns used. */
size_t text_fit(char *to, size_t size, const char *from, size_t columns);

/* What is left of the text after its first columns; negative: all of it. */
const char *text_skip(const char *s, int columns);

/* The bytes of the first line where `columns` are to be had: up to a blank if there is one, else in the middle of a word. 0 only of "" or no
 * columns. */
size_t text_break(const char *s, size_t columns);

/* ASCII case-insensitive search. */
bool text_contains(const char *haystack, const char *needle);

#endif
