/* What the durable parts share: files under the state directory that are the user's alone, locked, and read line by line. */
#ifndef TRIVET_ACTIONS_STATE_H
#define TRIVET_ACTIONS_STATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "base/str.h"

/* $XDG_STATE_HOME/trivet or ~/.local/state/trivet; NULL without a home. The caller frees. */
char *state_directory(void);
/* STATE, or STATE/name; made 0700 with what leads to it. One that is somebody else's, or that others may write into, is refused. */
bool state_make(const char *state_dir, const char *name, struct error *e);
/* Opens with `flags` (O_CREAT makes it 0600). A symbolic link, what is no plain file, another's file and one that others may read or write are
 * refused, with words. -1 with errno. */
int state_open(const char *path, int flags, struct error *e);
/* flock, LOCK_SH or LOCK_EX; false if another holds it for longer than wait_ms. */
bool state_lock(int fd, int how, int wait_ms);

/* Adds the next line to `line` (emptied first), without its newline. False at the end. Of a line above line->max only overflow is set, and it is
 * passed over. *whole: it ended in a newline. */
bool state_next_line(FILE *from, struct str *line, bool *whole);
/* One object, compact, keys sorted, ASCII: the same bytes for the same object, and nothing in them that a terminal would obey. NULL if it cannot be
 * written or would have more than `max` bytes. The caller frees. */
char *state_line(const json_t *object, size_t max);

#endif
