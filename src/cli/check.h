/* The verdicts that the last `trivet check` left. */
#ifndef TRIVET_CLI_CHECK_H
#define TRIVET_CLI_CHECK_H

#include <jansson.h>

json_t *check_last_run(const char *profile); /* a new reference; NULL: none, or it cannot be read */

#endif
