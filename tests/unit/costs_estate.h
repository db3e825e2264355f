/* Costs, log groups and an alarm's points, for the tests that need an estate with them. */
#ifndef TRIVET_TESTS_COSTS_ESTATE_H
#define TRIVET_TESTS_COSTS_ESTATE_H

#include "estate/write.h"

void costs_build(struct estate *e, size_t management, int64_t now); /* log groups too, in all accounts */
void alarm_points_build(struct estate *e, int64_t now);             /* into the open detail */

/* What Logs Insights was asked, in a state as the service says it; Complete: with a result of hostile and long values. "Failed": it was malformed. */
void insights_build(struct estate *e, size_t account, const char *status, int64_t now);

#endif
