#include "base/markdown.h"

#include <string.h>
#include <strings.h>

/* "https://…" and "www.…" become links where GitHub's Markdown is read. */
static bool begins_link(const char *text, const char *at)
{
    return text_starts(at, "://") || (*at == '.' && at - text >= 3 && strncasecmp(at - 3, "www", 3) == 0);
}

void markdown_add(struct str *out, const char *text)
{
    for (const char *at = text; *at; at++) {
        if (strchr("\\`*_[]<>|#~!&", *at) || begins_link(text, at))
            str_addc(out, '\\');
        str_addc(out, *at);
    }
}
