#include "base/str.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

void str_init(struct str *s, size_t max) { *s = STR_INIT(max); }

void str_free(struct str *s)
{
    free(s->data);
    *s = STR_INIT(s->max);
}

void str_wipe(struct str *s)
{
    if (s->data)
        mem_wipe(s->data, s->cap);
    str_free(s);
}

void str_clear(struct str *s)
{
    s->len = 0;
    s->overflow = false;
    if (s->data)
        s->data[0] = '\0';
}

/* Room for len more and the NUL. A larger block is a new one, and the old one is wiped: it may have held a secret. */
static bool make_room(struct str *s, size_t len)
{
    if (s->overflow || len > s->max || s->len > s->max - len) {
        s->overflow = true;
        return false;
    }
    size_t need = s->len + len + 1;
    if (need <= s->cap)
        return true;
    size_t cap = s->cap ? s->cap * 2 : 64;
    while (cap < need)
        cap *= 2;
    if (cap > s->max + 1)
        cap = s->max + 1;
    char *data = mem_resize(NULL, cap, 1);
    if (s->data) {
        memcpy(data, s->data, s->len);
        mem_wipe(s->data, s->len);
        free(s->data);
    }
    data[s->len] = '\0';
    s->data = data;
    s->cap = cap;
    return true;
}

bool str_add(struct str *s, const void *bytes, size_t len)
{
    if (!make_room(s, len))
        return false;
    if (len)
        memcpy(s->data + s->len, bytes, len);
    s->len += len;
    s->data[s->len] = '\0';
    return true;
}

bool str_adds(struct str *s, const char *text) { return str_add(s, text, strlen(text)); }
bool str_addc(struct str *s, char c) { return str_add(s, &c, 1); }

bool str_addv(struct str *s, const char *format, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (len < 0 || !make_room(s, (size_t)len))
        return false;
    vsnprintf(s->data + s->len, (size_t)len + 1, format, ap);
    s->len += (size_t)len;
    return true;
}

bool str_addf(struct str *s, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    bool good = str_addv(s, format, ap);
    va_end(ap);
    return good;
}

void str_cut(struct str *s, size_t from, size_t len)
{
    if (from >= s->len)
        return;
    if (len > s->len - from)
        len = s->len - from;
    memmove(s->data + from, s->data + from + len, s->len - from - len + 1);
    s->len -= len;
}

const char *str_text(const struct str *s) { return s->data ? s->data : ""; }

char *str_take(struct str *s)
{
    char *data = s->data ? s->data : mem_strdup("");
    *s = STR_INIT(s->max);
    return data;
}

bool text_copy(char *to, size_t size, const char *from)
{
    size_t len = strlen(from);
    bool fits = len < size;
    if (!fits) {
        len = size - 1;
        while (len > 0 && ((unsigned char)from[len] & 0xC0) == 0x80)
            len--;
    }
    memmove(to, from, len);
    to[len] = '\0';
    return fits;
}

bool text_format(char *to, size_t size, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int len = vsnprintf(to, size, format, ap);
    va_end(ap);
    if (len >= 0 && (size_t)len < size)
        return true;
    /* A character cut in its middle goes whole. */
    size_t end = strlen(to), start = end;
    while (start > 0 && ((unsigned char)to[start - 1] & 0xC0) == 0x80)
        start--;
    if (start > 0 && (unsigned char)to[start - 1] >= 0xC0) {
        unsigned char lead = (unsigned char)to[start - 1];
        size_t whole = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        if (end - (start - 1) < whole)
            to[start - 1] = '\0';
    }
    return false;
}

char *text_decimal(char to[TEXT_DECIMAL], int64_t number)
{
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    size_t len = number < 0 ? 2 : 1;
    for (uint64_t n = left; n >= 10; n /= 10)
        len++;
    to[0] = '-';
    char *digit = to + len;
    *digit = '\0';
    do
        *--digit = (char)('0' + left % 10);
    while ((left /= 10));
    return to + len;
}

const char *text_grouped(double number, char *out, size_t size)
{
    char digits[64];
    if (isnan(number)) {
        text_copy(out, size, "–");
        return out;
    }
    bool small = fabs(number) < 10 && number != floor(number);
    if (small || fabs(number) > 1e15) {
        text_format(out, size, small ? "%.1f" : "%.3g", number);
        return out;
    }
    text_format(digits, sizeof digits, "%.0f", fabs(number));
    size_t len = strlen(digits), at = 0;
    if (number < 0 && at + 1 < size)
        out[at++] = '-';
    for (size_t i = 0; i < len && at + 2 < size; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
    return out;
}

bool text_equal(const char *a, const char *b) { return a == b || (a && b && strcmp(a, b) == 0); }
bool text_starts(const char *s, const char *prefix) { return strncmp(s, prefix, strlen(prefix)) == 0; }

bool text_ends(const char *s, const char *suffix)
{
    size_t a = strlen(s), b = strlen(suffix);
    return a >= b && strcmp(s + a - b, suffix) == 0;
}

bool text_same_case(const char *a, const char *b) { return strcasecmp(a, b) == 0; }

void text_upper(char *s, size_t most)
{
    for (size_t i = 0; i < most && s[i]; i++)
        s[i] = s[i] >= 'a' && s[i] <= 'z' ? (char)(s[i] - 32) : s[i];
}

const char *text_after_last(const char *s, char sign)
{
    const char *last = strrchr(s, sign);
    return last ? last + 1 : s;
}
