#include "base/repair.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/digest.h"
#include "base/text.h"

static const char replacement[] = "\xEF\xBF\xBD";

static void replace(struct str *out) { str_add(out, replacement, sizeof replacement - 1); }

/* One character from `at` on, as it is or replaced; returns the bytes taken. */
static size_t add_character(const char *at, size_t len, bool (*good)(uint32_t c), struct str *out)
{
    size_t used;
    uint32_t c = text_decode(at, len, &used);
    if ((c == 0xFFFD && used == 1) || !good(c))
        replace(out);
    else
        str_add(out, at, used);
    return used;
}

/* The four digits of a \u escape; -1 if it is none. */
static int32_t escaped(const char *at, size_t len)
{
    int32_t value = 0;
    if (len < 6 || at[0] != '\\' || at[1] != 'u')
        return -1;
    for (int i = 2; i < 6; i++) {
        int digit = hex_digit(at[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static size_t add_escape(const char *at, size_t len, struct str *out)
{
    int32_t value = escaped(at, len);
    if (value < 0) { /* \" and \\ as one, so that the string's end is found; others as they are */
        size_t used = len > 1 && (at[1] == '"' || at[1] == '\\') ? 2 : 1;
        str_add(out, at, used);
        return used;
    }
    int32_t next = value >= 0xD800 && value <= 0xDBFF ? escaped(at + 6, len - 6) : -1;
    bool pair = next >= 0xDC00 && next <= 0xDFFF;
    if (pair || (value != 0 && (value < 0xD800 || value > 0xDFFF)))
        str_add(out, at, pair ? 12 : 6);
    else
        replace(out);
    return pair ? 12 : 6;
}

static bool stands_in_json(uint32_t c) { return c >= 0x20; }

void repair_json(const char *text, size_t len, struct str *out)
{
    static const char mark[] = "\xEF\xBB\xBF";
    bool inside = false;
    size_t i = len >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;
    while (i < len) {
        if (text[i] == '"' || !inside) {
            inside = inside != (text[i] == '"');
            str_addc(out, text[i++]);
        } else if (text[i] == '\\') {
            i += add_escape(text + i, len - i, out);
        } else {
            i += add_character(text + i, len - i, stands_in_json, out);
        }
    }
}

static bool stands_in_xml(uint32_t c)
{
    return c == 9 || c == 10 || c == 13 || (c >= 0x20 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

/* "&#x1;", "&#27;": the bytes of a reference to a character that cannot stand there; 0 if it is another thing. */
static size_t bad_reference(const char *at, size_t len)
{
    bool hex = len > 2 && at[2] == 'x';
    size_t i = hex ? 3 : 2, start = i;
    uint32_t value = 0;
    if (len < 4 || at[0] != '&' || at[1] != '#')
        return 0;
    for (; i < len && at[i] != ';'; i++) {
        int digit = hex_digit(at[i]);
        if (digit < 0 || (!hex && digit > 9))
            return 0;
        value = value > 0x10FFFF ? value : value * (hex ? 16 : 10) + (uint32_t)digit;
    }
    return i == len || i == start || stands_in_xml(value) ? 0 : i + 1;
}

void repair_xml(const char *text, size_t len, struct str *out)
{
    for (size_t i = 0; i < len;) {
        size_t reference = bad_reference(text + i, len - i);
        if (reference)
            replace(out);
        i += reference ? reference : add_character(text + i, len - i, stands_in_xml, out);
    }
}
