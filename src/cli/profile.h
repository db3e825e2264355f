/* The profile: which estate, which accounts. YAML; doc/trivet.1 has every key. */
#ifndef TRIVET_CLI_PROFILE_H
#define TRIVET_CLI_PROFILE_H

#include "base/error.h"
#include "estate/config.h"

/* A name (of the user's profiles, then the installed ones) or a path; NULL: the default profile, which the user's config.yaml
 * names as `profile`, else $TRIVET_PROFILE. Errors in one line, with place and expectation. Free with estate_config_free() in any case. */
bool profile_load(const char *name_or_path, struct estate_config *config, struct error *e);
/* `theme` of config.yaml, into out; "default" otherwise. */
bool settings_theme(char *out, size_t size, struct error *e);

#endif
