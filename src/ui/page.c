#include "ui/page.h"

#include <stdarg.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"

#define LINE_MAX_BYTES 4096
#define WRAP_COLUMNS   78

void page_add(struct page *page, uint8_t role, const char *format, ...)
{
    struct str text = STR_INIT(LINE_MAX_BYTES);
    va_list ap;
    va_start(ap, format);
    str_addv(&text, format, ap);
    va_end(ap);
    struct page_line *line = vec_add(&page->lines);
    line->role = role;
    line->text = mem_strdup(str_text(&text));
    str_free(&text);
}

void page_wrapped(struct page *page, uint8_t role, int columns, int indent, const char *text)
{
    int before = 0;
    do {
        size_t len = text_break(text, (size_t)(columns > before + 8 ? columns - before : 8));
        page_add(page, role, "%*s%.*s", before, "", (int)len, text);
        text += len;
        text += strspn(text, " ");
        before = indent;
    } while (*text);
}

void page_text(struct page *page, uint8_t role, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        struct page_line *line = vec_add(&page->lines);
        line->role = role;
        line->text = mem_strndup(text, len);
        text += len + (text[len] == '\n');
    }
}

void page_wrap(struct page *page, uint8_t role, const char *mark, const char *text)
{
    struct str line = STR_INIT(LINE_MAX_BYTES);
    str_addf(&line, "%s%s", mark, text);
    page_wrapped(page, role, WRAP_COLUMNS, (int)text_width(mark), str_text(&line));
    str_free(&line);
}

void page_clear(struct page *page)
{
    for (size_t i = 0; i < page->lines.len; i++)
        free(page->lines.at[i].text);
    vec_clear(&page->lines);
}

void page_free(struct page *page)
{
    page_clear(page);
    vec_free(&page->lines);
}
