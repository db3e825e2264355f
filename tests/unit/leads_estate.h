/* What ui_estate() has, and clusters, images and what ties all of it together: interfaces, dimensions, keys, recorded calls. For tests of leads. */
#ifndef TRIVET_TESTS_LEADS_ESTATE_H
#define TRIVET_TESTS_LEADS_ESTATE_H

#include "estate/write.h"

void leads_build(struct estate *e); /* on top of ui_estate() */

#endif
