/* One running action a resource, over all of the user's consoles: a file STATE/locks/HASH that is held by flock, so that the kernel frees it when
 * its process dies, and that says who holds it. The files stay; there is one for each resource that an action was ever run on. */
#ifndef TRIVET_ACTIONS_LOCK_H
#define TRIVET_ACTIONS_LOCK_H

#include <jansson.h>
#include <stdint.h>

#include "base/error.h"

struct lock;

/* key: the resource as people name it, "dev / innovate-dev". take_holder: an object with "action" and whatever else is worth knowing; key, pid,
 * user, host and since are added. NULL with why, code "Held" where it is another's: "dev / innovate-dev: dev-stop by jo@host, pid 123, since
 * 14:02:11". */
struct lock *lock_take(const char *state_dir, const char *key, int64_t now_ms, json_t *take_holder, struct error *e);
void lock_release(struct lock *lock); /* NULL is fine */

#endif
