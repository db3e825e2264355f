#include "ui/page.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "ui/theme.h"

#define LINE_MAX_BYTES 4096
#define WRAP_COLUMNS   78
#define LABEL_COLUMNS  24 /* a label is no wider, with the blanks after it */

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

/* Where the first line ends: not at a blank before what stands at the indent, for a label would stand there alone. */
static size_t first_break(const char *text, size_t columns, size_t indent)
{
    size_t len = text_break(text, columns), label = 0, used;
    for (size_t width = 0; width < indent && text[label]; label += used)
        width += (size_t)text_char_width(text_decode(text + label, strlen(text + label), &used));
    if (text[len] && text[label] && len <= label)
        len = label + text_break(text + label, columns - indent);
    return len;
}

void page_wrapped(struct page *page, uint8_t role, int columns, int indent, const char *text)
{
    int before = 0;
    do {
        size_t room = (size_t)(columns > before + 8 ? columns - before : 8);
        size_t len = before ? text_break(text, room) : first_break(text, room, indent + 8 < columns ? (size_t)indent : 0);
        page_add(page, role, "%*s%.*s", before, "", (int)len, text);
        text += len;
        text += strspn(text, " ");
        before = indent;
    } while (*text);
}

/* "reason     Threshold …": where the text after a label begins; of a line without one, where it begins itself, and a bit. */
static int indent_of(const char *text)
{
    size_t start = strspn(text, " "), label = start + strcspn(text + start, " "), after = label + strspn(text + label, " ");
    return (int)(after - label >= 2 && after <= LABEL_COLUMNS && text_width(text) > after ? after : start + 2);
}

void page_fold(struct page *page, int columns)
{
    struct page folded = {0};
    for (size_t i = 0; i < page->lines.len; i++) {
        struct page_line *line = &page->lines.at[i];
        if (line->role == ROLE_SPARK || text_width(line->text) <= (size_t)columns) {
            *vec_add(&folded.lines) = *line;
            continue;
        }
        page_wrapped(&folded, line->role, columns, indent_of(line->text), line->text);
        free(line->text);
    }
    vec_free(&page->lines);
    *page = folded;
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
