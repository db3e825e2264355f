#include "estate/block.h"

#include <string.h>

#include "base/str.h"
#include "base/when.h"

#define WORD_MAX 64
#define BLANKS   " \t,"
#define UNTIL    "until"

/* The next word; false at the end. Words are parted by blanks and commas. */
static bool next_word(const char **at, const char **begin, char *word)
{
    *begin = *at + strspn(*at, BLANKS);
    size_t len = strcspn(*begin, BLANKS);
    *at = *begin + len;
    if (!len)
        return false;
    text_format(word, WORD_MAX, "%.*s", (int)(len < WORD_MAX ? len : WORD_MAX - 1), *begin);
    return true;
}

/* "203.0.113.7 until 2026-11-24T17:43:00Z" at its first word; *after: behind it. */
static bool read_reminder(const char *at, struct reminder *out, const char **after)
{
    char word[WORD_MAX];
    const char *begin;
    return next_word(&at, &begin, word) && network_read(word, &out->network) && next_word(&at, &begin, word) && !strcmp(word, UNTIL) &&
           next_word(&at, &begin, word) && when_parse_iso(word, &out->until) && (*after = at);
}

static void add_text(struct reminders *r, const char *text, size_t len)
{
    size_t have = strlen(r->text), skip = strspn(text, BLANKS);
    skip = skip < len ? skip : len;
    text += skip;
    len -= skip;
    while (len && strchr(BLANKS, text[len - 1]))
        len--;
    if (len)
        text_format(r->text + have, sizeof r->text - have, "%s%.*s", have ? ", " : "", (int)len, text);
}

void reminders_read(const char *description, struct reminders *out)
{
    const char *from = description, *next = description, *begin, *after;
    char word[WORD_MAX];
    struct reminder one;
    *out = (struct reminders){0};
    while (next_word(&next, &begin, word))
        if (read_reminder(begin, &one, &after)) {
            add_text(out, from, (size_t)(begin - from));
            *vec_add(&out->list) = one;
            from = next = after;
        }
    add_text(out, from, strlen(from));
}

void reminders_free(struct reminders *r) { vec_free(&r->list); }

int64_t reminders_until(const struct reminders *r, const struct network *network)
{
    for (size_t i = 0; i < r->list.len; i++)
        if (network_same(&r->list.at[i].network, network))
            return r->list.at[i].until;
    return 0;
}

void reminders_set(struct reminders *r, const struct network *network, int64_t until)
{
    for (size_t i = r->list.len; i-- > 0;)
        if (network_same(&r->list.at[i].network, network))
            vec_remove(&r->list, i);
    if (until)
        *vec_add(&r->list) = (struct reminder){*network, until};
}

bool reminders_write(const struct reminders *r, char *out, size_t size)
{
    struct str text = STR_INIT(4096);
    char address[NETWORK_TEXT_SIZE], at[40];
    str_adds(&text, r->text);
    for (size_t i = 0; i < r->list.len; i++)
        str_addf(&text, "%s%s " UNTIL " %s", text.len ? ", " : "", network_text(&r->list.at[i].network, false, address, sizeof address),
                 when_iso(r->list.at[i].until, at, sizeof at));
    if (!text.len)
        str_adds(&text, "Addresses blocked by hand");
    bool fits = !text.overflow && text.len <= SET_DESCRIPTION_MAX && text_copy(out, size, str_text(&text));
    str_free(&text);
    return fits;
}
