/* Text to scroll through: help, details, YAML, logs. Lines with a role each. */
#ifndef TRIVET_UI_PAGE_H
#define TRIVET_UI_PAGE_H

#include <stdint.h>

#include "base/vec.h"

struct page_line {
    uint8_t role; /* enum theme_role */
    char *text;   /* owned; clean */
};
struct page {
    VEC(struct page_line) lines;
};

void page_add(struct page *page, uint8_t role, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* In as many lines as `columns` ask for, broken at blanks; those after the first are indented. Nothing is cut off. */
void page_wrapped(struct page *page, uint8_t role, int columns, int indent, const char *text);
void page_text(struct page *page, uint8_t role, const char *text); /* split at newlines */
/* In lines that the narrowest screen has room for, broken at blanks; `mark` before the first, as many blanks before the others. */
void page_wrap(struct page *page, uint8_t role, const char *mark, const char *text);
/* Lines that are wider than the window go on below, under the text that a label stands before; drawings stay as they are. */
void page_fold(struct page *page, int columns);
void page_clear(struct page *page);
void page_free(struct page *page);

#endif
