/* The door to what changes something on GitHub. Only actions/ may include this. */
#ifndef TRIVET_GITHUB_WRITE_H
#define TRIVET_GITHUB_WRITE_H

#include "github/client.h"

/* Approves or rejects what of a run waits at an environment. Sent once, never again by itself. 403: may not; 422: nothing of that environment
 * waits any more. The document is an array of deployments. */
struct github_call *github_review(struct github *github, const char *repository, int64_t run, int64_t environment, bool approved, const char *comment,
                                  github_done *done, void *arg);

#endif
