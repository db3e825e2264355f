/* A network as the architecture has it, for the tests of estate, checks and ui: every check of it passes until a test bends something. */
#ifndef TRIVET_TESTS_NETWORK_ESTATE_H
#define TRIVET_TESTS_NETWORK_ESTATE_H

#include "estate/write.h"

/* Into an account of kind development (one zone) or production (two); slices are good at `now`. */
void network_build(struct estate *e, size_t account, int64_t now);

#endif
