/* What the files of the profile's reader share. */
#ifndef TRIVET_CLI_PROFILE_INTERNAL_H
#define TRIVET_CLI_PROFILE_INTERNAL_H

#include "base/yaml.h"
#include "estate/config.h"

/* A copy of the node's text into *out if it is good; else what was expected, with its place. */
bool profile_text(const struct yaml *node, char **out, bool good, const char *expected, struct error *e);
/* Where the item's `what` stands, for an error about it. */
const struct yaml *profile_place(const struct yaml *item, const char *what);

/* profile_queries.c: `queries:`. check: after the accounts have been read. */
bool profile_queries(const struct yaml *node, void *target, struct error *e);
bool profile_queries_check(const struct yaml *root, const struct estate_config *config, struct error *e);

#endif
