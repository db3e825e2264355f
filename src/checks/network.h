/* Private to network.c and balancers.c. */
#ifndef TRIVET_CHECKS_NETWORK_H
#define TRIVET_CHECKS_NETWORK_H

#include "checks/check.h"

/* Could this part of the account's network be read? If not the check is unknown, and says why. */
bool check_knows(struct checking *checking, enum network_part part);

#endif
