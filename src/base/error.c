#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"

void error_set(struct error *e, enum error_kind kind, const char *code, const char *format, ...)
{
    char message[2048];
    va_list ap;
    va_start(ap, format);
    vsnprintf(message, sizeof message, format, ap);
    va_end(ap);
    e->kind = kind;
    text_clean(e->code, sizeof e->code, code, strlen(code));
    text_clean(e->message, sizeof e->message, message, strlen(message));
}

void error_prefix(struct error *e, const char *what)
{
    char message[sizeof e->message];
    text_copy(message, sizeof message, e->message);
    text_format(e->message, sizeof e->message, "%s: %s", what, message);
}

void error_clear(struct error *e) { *e = (struct error){0}; }
bool error_is(const struct error *e, const char *code) { return e && strcmp(e->code, code) == 0; }

const char *error_text(const struct error *e, char *out, size_t size)
{
    text_format(out, size, "%s%s%s", e->code, *e->code && *e->message ? ": " : "", e->message);
    return out;
}
