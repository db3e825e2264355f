/* CloudFront forgets what it keeps of some paths, and asks the origin for them anew. */
#ifndef TRIVET_ACTIONS_EDGE_H
#define TRIVET_ACTIONS_EDGE_H

#include "actions/internal.h"

extern const struct step_type step_invalidate; /* keeps {"distribution", "paths", "reference"}, and "invalidation" once there is one */

/* Paths parted by blanks as a list; the caller decrefs. NULL with why not. */
json_t *invalidation_paths(const char *value, struct error *e);

#endif
