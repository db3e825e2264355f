/* An account as the architecture wants it: root with MFA, roles that few may assume, keys and secrets that rotate. For tests, which bend it. */
#ifndef TRIVET_TESTS_SECURITY_ESTATE_H
#define TRIVET_TESTS_SECURITY_ESTATE_H

#include "estate/write.h"

/* All that security.h has, with its slices fresh. Users stand in the management account; pods' roles, secrets and instances in the others. */
void security_build(struct estate *e, size_t account, int64_t now);

#endif
