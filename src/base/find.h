/* Where profiles, themes and scenarios are found by name: the user's own (~/.config/trivet/WHICH), then the
 * installed ones (TRIVET_DATADIR/WHICH; the environment variable of that name stands before the built-in path, so that a
 * build tree can be used in place). */
#ifndef TRIVET_BASE_FIND_H
#define TRIVET_BASE_FIND_H

#include "base/error.h"

/* The path for a name ("mono", with which "themes" and suffix ".yaml"), or `name` itself if it is a path (has a '/' or ends
 * in the suffix). The caller frees. NULL with one line that gives the names there are. */
char *file_find(const char *which, const char *name, const char *suffix, struct error *e);

#endif
