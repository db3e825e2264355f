#include "ui/osc.h"

#include <string.h>

#include "base/digest.h"
#include "base/text.h"

#define BEL "\a"
#define ST  "\033\\"
#define OSC "\033]"
#define URL_MAX_BYTES 2000

bool osc_copy(struct str *out, const char *text)
{
    size_t len = strlen(text);
    if (len == 0 || (len + 2) / 3 * 4 > OSC_COPY_MAX || !text_is_clean(text, len))
        return false;
    str_adds(out, OSC "52;c;");
    base64_add(out, text, len);
    return str_adds(out, BEL);
}

static bool is_plain(const char *text)
{
    for (; *text; text++)
        if (*text <= ' ' || *text > '~')
            return false;
    return true;
}

bool osc_url_good(const char *url)
{
    size_t len = strlen(url);
    return len <= URL_MAX_BYTES && (text_starts(url, "https://") || text_starts(url, "http://")) && is_plain(url) && !strpbrk(url, "\"'<>\\^`{|}");
}

static unsigned hash(const char *text)
{
    unsigned h = 5381;
    for (; *text; text++)
        h = h * 33 + (unsigned char)*text;
    return h;
}

bool osc_link(struct str *out, const char *url, const char *text)
{
    if (!osc_url_good(url) || !is_plain(text))
        return false;
    return str_addf(out, OSC "8;id=%08x;%s" ST "%s" OSC "8;;" ST, hash(url), url, text);
}
