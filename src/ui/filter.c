#include "ui/filter.h"

#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "base/when.h"

static const struct column *find_column(const struct pane *pane, const char *name)
{
    for (const struct column *c = pane->columns; c->key; c++)
        if (!c->screen_only && (text_same_case(c->key, name) || text_same_case(c->title, name)))
            return c;
    return NULL;
}

/* How long the word is: to the next blank, or to the end of what is in quotes behind its sign. */
static size_t word_length(const char *word)
{
    size_t sign = strcspn(word, ":= ");
    if (word[sign] && word[sign] != ' ' && word[sign + 1] == '"') {
        const char *end = strchr(word + sign + 2, '"');
        return end ? (size_t)(end + 1 - word) : strlen(word);
    }
    return strcspn(word, " ");
}

static void copy_value(const char *value, size_t len, char *out, size_t size)
{
    if (len && *value == '"') {
        value++;
        len -= len > 1 && value[len - 2] == '"' ? 2 : 1;
    }
    text_format(out, size, "%.*s", (int)len, value);
}

static bool read_term(const char *word, size_t len, const struct pane *pane, struct filter *out)
{
    char name[40], value[FILTER_MAX];
    size_t sign = strcspn(word, ":=");
    int64_t span;
    if (sign >= len || sign >= sizeof name)
        return false;
    text_format(name, sizeof name, "%.*s", (int)sign, word);
    copy_value(word + sign + 1, len - sign - 1, value, sizeof value);
    if (text_same_case(name, "since") && when_parse_span(value, &span) && span > 0) {
        out->since_ms = span;
        return true;
    }
    const struct column *column = find_column(pane, name);
    if (!column || out->count == FILTER_TERMS)
        return false;
    struct filter_term *term = &out->terms[out->count++];
    *term = (struct filter_term){.column = column, .whole = word[sign] == '='};
    text_copy(term->text, sizeof term->text, value);
    return true;
}

/* The text keeps its blanks, but for those around what was taken out of it. */
void filter_read(const char *words, const struct pane *pane, struct filter *out)
{
    struct str text = STR_INIT(FILTER_MAX - 1);
    bool parted = false; /* by a term from what comes */
    *out = (struct filter){0};
    for (const char *at = words; *at;) {
        size_t blanks = strspn(at, " "), len = word_length(at + blanks);
        if (len && read_term(at + blanks, len, pane, out))
            parted = true;
        else if (parted && !text.len)
            str_add(&text, at + blanks, len);
        else
            str_add(&text, at, blanks + len);
        at += blanks + len;
    }
    if (parted)
        while (text.len && text.data[text.len - 1] == ' ')
            str_cut(&text, text.len - 1, 1);
    text_copy(out->text, sizeof out->text, str_text(&text));
    str_free(&text);
}

static bool fits(const struct filter_term *term, const struct pane_view *view, struct row_ref row)
{
    struct value value;
    term->column->value(view, row, &value);
    return term->whole ? text_same_case(value.text, term->text) : text_contains(value.text, term->text);
}

/* By the first of the row's times. */
static bool is_new(int64_t since_ms, const struct pane *pane, const struct pane_view *view, struct row_ref row)
{
    struct value value;
    for (const struct column *c = pane->columns; c->key; c++) {
        c->value(view, row, &value);
        if (value.known && value.type == VALUE_TIME)
            return value.number >= (double)(view->now - since_ms);
    }
    return false;
}

static bool has(const char *text, const struct pane *pane, const struct pane_view *view, struct row_ref row)
{
    struct value value;
    for (const struct column *c = pane->columns; c->key; c++) {
        if (c->screen_only)
            continue;
        c->value(view, row, &value);
        if (text_contains(value.text, text))
            return true;
    }
    return false;
}

bool filter_passes(const struct filter *filter, const struct pane *pane, const struct pane_view *view, struct row_ref row)
{
    for (size_t i = 0; i < filter->count; i++)
        if (!fits(&filter->terms[i], view, row))
            return false;
    return (!filter->since_ms || is_new(filter->since_ms, pane, view, row)) && (!*filter->text || has(filter->text, pane, view, row));
}
