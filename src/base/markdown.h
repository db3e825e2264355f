#ifndef TRIVET_BASE_MARKDOWN_H
#define TRIVET_BASE_MARKDOWN_H

#include "base/str.h"

/* Adds what strangers wrote as the text that it is: no markup, no HTML, and no address that becomes a link by itself. */
void markdown_add(struct str *out, const char *text);

#endif
