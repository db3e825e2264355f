/* An edge as the architecture has it, for the tests of checks and ui: every check of it passes until a test bends something. */
#ifndef TRIVET_TESTS_EDGE_ESTATE_H
#define TRIVET_TESTS_EDGE_ESTATE_H

#include "estate/write.h"

#define EDGE_BUILD_ACL "arn:aws:wafv2:us-east-1:333333333333:global/webacl/innovate-edge/7d0f"

/* Distribution, names, certificates, invalidations and an hour's and a day's counts; slices are good at `now`. */
void edge_build(struct estate *e, size_t account, int64_t now);
/* The web ACL that it asks for, with its rules. */
void edge_build_acl(struct estate *e, size_t account, int64_t now);

#endif
