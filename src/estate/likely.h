/* What most likely is behind an account's trouble, in one line. A few rules over what is known, tried in order; each would rather say nothing than
 * guess. */
#ifndef TRIVET_ESTATE_LIKELY_H
#define TRIVET_ESTATE_LIKELY_H

#include "estate/estate.h"

/* "backend image 6aaa8c37 (was 6f76676f) rolled out 8m ago by release 407". For an account in which something is wrong; false: not known. */
bool likely_cause(const struct estate *estate, size_t account, int64_t now, char *out, size_t size);

#endif
