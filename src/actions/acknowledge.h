/* An alarm is acknowledged on this machine: it is told still, but asks nobody to look until it changes its state. */
#ifndef TRIVET_ACTIONS_ACKNOWLEDGE_H
#define TRIVET_ACTIONS_ACKNOWLEDGE_H

#include "actions/internal.h"

extern const struct step_type step_acknowledge; /* keeps {"name", "since"} */

#endif
