/* The verdicts of a run as documents: text for people, JSON (doc/check.schema.json), JUnit XML for CI, SARIF 2.1.0 for code
 * scanning, which has what is not well. And what has
 * changed since an earlier run, whose JSON is kept. */
#ifndef TRIVET_CHECKS_REPORT_H
#define TRIVET_CHECKS_REPORT_H

#include <jansson.h>

#include "base/str.h"
#include "checks/check.h"

struct check_run {
    const struct estate *estate;
    const check_results *results;
    const json_t *last; /* the JSON of the run before; NULL: there is none */
    int64_t now;        /* wall ms */
};

/* The verdict that an earlier run had of the same check and account; false if it had none. */
bool check_before(const json_t *last, const struct estate *estate, const struct check_result *result, enum check_verdict *out);

void check_report_text(const struct check_run *run, struct str *out);
json_t *check_report_json(const struct check_run *run); /* a new reference */
void check_report_junit(const struct check_run *run, struct str *out);
json_t *check_report_sarif(const struct check_run *run, const char *version); /* a new reference; version: of trivet */

#endif
