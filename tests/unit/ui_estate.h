/* A believable estate of three accounts at a fixed time, for the tests of ui. */
#ifndef TRIVET_TESTS_UI_ESTATE_H
#define TRIVET_TESTS_UI_ESTATE_H

#include "estate/write.h"

#define UI_NOW INT64_C(1795528931000) /* 2026-11-24T14:02:11Z */
enum { ROOT, DEV, PROD, ACCOUNTS };

/* Nothing read yet: every feed never asked, those that an account has not set to none. The config is the estate's own; ui_estate_free frees both. */
struct estate *ui_estate_bare(void);
/* The same in the middle of an incident: production's backend crashes in one zone, the rest is well. */
struct estate *ui_estate(void);
void ui_estate_free(struct estate *e);
void ui_fail(struct estate *e, size_t account, enum feed feed, const char *code, const char *message);
void ui_pods(struct estate *e, size_t account, size_t count); /* that many more pods, of all states */

#endif
