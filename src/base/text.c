#include "base/text.h"

#include <string.h>

#include "base/text_width.h"

uint32_t text_decode(const char *s, size_t len, size_t *used)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *p = (const unsigned char *)s;
    size_t need = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF5 ? 4 : 0;
    *used = 1;
    if (need == 1)
        return p[0];
    if (need == 0 || need > len)
        return 0xFFFD;
    uint32_t c = p[0] & (0x7Fu >> need);
    for (size_t i = 1; i < need; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0xFFFD;
        c = c << 6 | (p[i] & 0x3Fu);
    }
    if (c < least[need] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return 0xFFFD;
    *used = need;
    return c;
}

size_t text_encode(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = len; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    static const unsigned lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(lead[len] | c);
    return len;
}

static bool in_ranges(uint32_t c, const struct text_range *ranges, size_t count)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (c > ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && c >= ranges[low].first;
}

int text_char_width(uint32_t c)
{
    if (c < 0x300)
        return c >= 0x20 && c != 0x7F ? 1 : 0;
    if (in_ranges(c, text_zero_width, sizeof text_zero_width / sizeof *text_zero_width))
        return 0;
    return in_ranges(c, text_wide, sizeof text_wide / sizeof *text_wide) ? 2 : 1;
}

/* How many bytes from the start are plain ASCII: nearly all that ever comes. */
static size_t plain_run(const char *s, size_t len)
{
    size_t i = 0;
    while (i < len && s[i] >= ' ' && s[i] < 0x7F)
        i++;
    return i;
}

size_t text_width(const char *s)
{
    size_t left = strlen(s), width = plain_run(s, left), used;
    left -= width;
    s += width;
    for (; left; s += used, left -= used)
        width += (size_t)text_char_width(text_decode(s, left, &used));
    return width;
}

/* What a terminal could take as an order, or what makes text read otherwise than it is stored. */
static bool is_hidden(uint32_t c)
{
    /* Controls; what Unicode calls default-ignorable, but for the variation selectors that emoji have; separators of lines; marks of annotations. */
    static const struct text_range hidden[] = {
        {0x0, 0x1F},         {0x7F, 0x9F},       {0xAD, 0xAD},       {0x34F, 0x34F},     {0x61C, 0x61C},     {0x115F, 0x1160},
        {0x17B4, 0x17B5},    {0x180B, 0x180F},   {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},   {0x3164, 0x3164},
        {0xFEFF, 0xFEFF},    {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},   {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
    };
    return (c < 0x20 || c >= 0x7F) && (in_ranges(c, hidden, sizeof hidden / sizeof *hidden) || (c & 0xFFFE) == 0xFFFE);
}

bool text_clean(char *to, size_t size, const char *from, size_t len)
{
    size_t at = 0, used, last = 0;
    bool same = true;
    if (len < size && plain_run(from, len) == len) {
        memcpy(to, from, len);
        to[len] = '\0';
        return true;
    }
    for (size_t i = 0; i < len; i += used) {
        uint32_t c = text_decode(from + i, len - i, &used);
        char bytes[4];
        bool space = c == '\t' || c == '\n' || c == '\r';
        size_t n = text_encode(space ? ' ' : is_hidden(c) ? '?' : c, bytes);
        same = same && n == used && memcmp(bytes, from + i, n) == 0;
        if (at + n + 1 > size) {
            /* Back to where the mark of a cut still fits. */
            static const char mark[] = "…";
            at = last;
            if (at + sizeof mark <= size) {
                memcpy(to + at, mark, sizeof mark - 1);
                at += sizeof mark - 1;
            }
            same = false;
            break;
        }
        memcpy(to + at, bytes, n);
        at += n;
        if (at + sizeof "…" <= size)
            last = at;
    }
    to[at] = '\0';
    return same;
}

bool text_is_clean(const char *s, size_t len)
{
    size_t used;
    for (size_t i = 0; i < len; i += used) {
        uint32_t c = text_decode(s + i, len - i, &used);
        if (is_hidden(c) || (c == 0xFFFD && used == 1))
            return false;
    }
    return true;
}

size_t text_fit(char *to, size_t size, const char *from, size_t columns)
{
    size_t width = 0, at = 0, used, left = strlen(from);
    bool cut = text_width(from) > columns;
    size_t room = cut && columns ? columns - 1 : columns;
    for (; left; from += used, left -= used) {
        size_t wide = (size_t)text_char_width(text_decode(from, left, &used));
        if (width + wide > room || at + used + sizeof "…" > size)
            break;
        memcpy(to + at, from, used);
        at += used;
        width += wide;
    }
    if (cut && columns && at + sizeof "…" <= size) {
        memcpy(to + at, "…", sizeof "…" - 1);
        at += sizeof "…" - 1;
        width++;
    }
    to[at] = '\0';
    return width;
}

const char *text_skip(const char *s, int columns)
{
    size_t used, len = strlen(s);
    while (columns > 0 && len > 0) {
        columns -= text_char_width(text_decode(s, len, &used));
        s += used;
        len -= used;
    }
    return s;
}

size_t text_break(const char *s, size_t columns)
{
    size_t width = 0, at = 0, blank = 0, used, len = strlen(s);
    for (; at < len; at += used) {
        width += (size_t)text_char_width(text_decode(s + at, len - at, &used));
        if (width > columns)
            return s[at] == ' ' ? at : blank ? blank : at;
        if (s[at] == ' ')
            blank = at;
    }
    return at;
}

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

/* Short texts, by the hundred thousand: strcasestr() prepares itself for longer than it would take. */
bool text_contains(const char *haystack, const char *needle)
{
    char first = lower(*needle);
    if (!first)
        return true;
    for (; *haystack; haystack++) {
        size_t i = 1;
        if (lower(*haystack) != first)
            continue;
        while (needle[i] && lower(haystack[i]) == lower(needle[i]))
            i++;
        if (!needle[i])
            return true;
    }
    return false;
}
