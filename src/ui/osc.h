/* Two sequences that some terminals understand beyond what curses knows: text into the clipboard (OSC 52), and a hyperlink (OSC 8). Built only of
 * bytes that were looked at first, so that nothing foreign can end one early and go on with another. */
#ifndef TRIVET_UI_OSC_H
#define TRIVET_UI_OSC_H

#include "base/str.h"

#define OSC_COPY_MAX ((size_t)100 << 10) /* of base64: what terminals take at most differs, and nobody copies more by a key */

/* Sets the terminal's clipboard. False, nothing added: the text is empty, not clean, or too long. */
bool osc_copy(struct str *out, const char *text);
/* `text` as a link to `url`; pieces with the same url are one link to the terminal. False, nothing added: the URL is not http(s), or either has
 * anything but plain ASCII. */
bool osc_link(struct str *out, const char *url, const char *text);
bool osc_url_good(const char *url);

#endif
