/* Replies of services carry texts that strangers wrote: a request's path, a log line, a tag. One byte that is no UTF-8, or one escaped NUL,
 * makes a strict parser refuse the whole reply, and so hides everything else in it. Here such places become U+FFFD. Files of the user
 * are not repaired: they are told to be wrong. */
#ifndef TRIVET_BASE_REPAIR_H
#define TRIVET_BASE_REPAIR_H

#include <stddef.h>

#include "base/str.h"

#define REPAIR_GROWTH 3 /* one byte becomes at most so many */

/* Inside strings: bytes that are no UTF-8, raw control characters, \u0000 and halves of pairs. A byte order mark goes. */
void repair_json(const char *text, size_t len, struct str *out);
/* Anywhere: bytes that are no UTF-8, characters that XML 1.0 does not have, and numeric references to them. */
void repair_xml(const char *text, size_t len, struct str *out);

#endif
