/* The usual row of a Table without objects, `{"cells":["a","1/1",0],"object":null}`, read without building a tree: of ten thousand rows a tree each
 * is most of the work. Whatever is not written just so is left to the JSON reader. */
#include <string.h>

#include "kube/internal.h"

struct span {
    char *at;
    size_t len;
    bool escaped, null;
};

static int hex(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; }

/* The length of the escape at `p` ("\n", "\u003c"), and what it stands for; 0 unless that is one plain byte. */
static size_t escape(const char *p, const char *end, char *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *known = end - p >= 2 && p[1] ? strchr(from, p[1]) : NULL;
    if (known) {
        *out = to[known - from];
        return 2;
    }
    if (end - p < 6 || p[1] != 'u' || p[2] != '0' || p[3] != '0' || hex(p[4]) < 0 || hex(p[4]) > 7 || hex(p[5]) < 0)
        return 0;
    *out = (char)(hex(p[4]) * 16 + hex(p[5]));
    return *out ? 6 : 0;
}

static bool scan_string(char **p, const char *end, struct span *out)
{
    char *c = *p + 1, ignored;
    *out = (struct span){.at = c};
    while (c < end && *c != '"') {
        size_t step = *c != '\\' ? (*c >= ' ' && *c < 127) : escape(c, end, &ignored);
        if (!step)
            return false;
        out->escaped |= *c == '\\';
        c += step;
    }
    out->len = (size_t)(c - out->at);
    *p = c + 1;
    return c < end;
}

static bool scan_cell(char **p, const char *end, struct span *out)
{
    char *c = *p;
    if (c < end && *c == '"')
        return scan_string(p, end, out);
    *out = (struct span){.at = c};
    if (end - c > 4 && memcmp(c, "null", 4) == 0) {
        out->null = true;
        *p = c + 4;
        return true;
    }
    c += *c == '-';
    char *digits = c;
    while (c < end && *c >= '0' && *c <= '9')
        c++;
    out->len = (size_t)(c - out->at);
    *p = c;
    return c > digits && (*digits != '0' || c == digits + 1);
}

static bool skip(char **p, const char *end, const char *text)
{
    size_t len = strlen(text);
    if ((size_t)(end - *p) < len || memcmp(*p, text, len) != 0)
        return false;
    *p += len;
    return true;
}

static const char *terminate(const struct span *span)
{
    char *to = span->at;
    if (span->null)
        return NULL;
    for (const char *from = span->at, *end = from + span->len; span->escaped && from < end;) {
        size_t step = *from == '\\' ? escape(from, end, to) : 0;
        if (!step)
            *to = *from;
        from += step ? step : 1;
        to++;
    }
    *(span->escaped ? to : span->at + span->len) = '\0';
    return span->at;
}

bool row_scan(char *text, size_t len, const char *cells[], size_t max, size_t *count)
{
    struct span spans[ROW_CELLS_MAX];
    char *p = text;
    const char *end = text + len;
    size_t n = 0;
    if (!skip(&p, end, "{\"cells\":["))
        return false;
    do {
        if (n == max || n == ROW_CELLS_MAX || p >= end || !scan_cell(&p, end, &spans[n++]))
            return false;
    } while (p < end && *p == ',' && p++);
    if (!skip(&p, end, "]") || (skip(&p, end, ",\"object\":null"), !skip(&p, end, "}")) || p != end)
        return false;
    for (size_t i = 0; i < n; i++)
        cells[i] = terminate(&spans[i]);
    *count = n;
    return true;
}
