/* Conformance: whether the live estate still is what the architecture promises. Each promise is a check, one row of a table, a pure function of the
 * estate. A check whose evidence could not be read is unknown, never a pass.
 * To add one: a row in the file of its area (checks/network.c …) and nothing else; pane, `trivet check`, JUnit and SARIF come from the rows. */
#ifndef TRIVET_CHECKS_CHECK_H
#define TRIVET_CHECKS_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"
#include "estate/estate.h"

enum check_verdict { CHECK_PASS, CHECK_FAIL, CHECK_NA /* does not apply to this kind of account */, CHECK_UNKNOWN };
const char *check_verdict_name(enum check_verdict verdict); /* "pass", "fail", "n/a", "unknown" */

struct checking; /* one check of one account, while it is looked at */

struct check {
    const char *id;      /* "net-vpc", as the profile's waivers name it */
    const char *area;    /* "network": how the pane groups them */
    const char *promise; /* one line */
    const char *remedy;  /* one line: how to put it right */
    unsigned kinds;      /* bits of enum account_kind that it applies to: CHECK_ALL, or 1u << ACCOUNT_PRODUCTION … */
    feed_mask feeds;     /* its evidence in the account: any that was never read makes it unknown, with the error */
    feed_mask management_feeds; /* the same in the management account */
    void (*look)(struct checking *checking);
};
#define CHECK_ALL (~0u)
#define CHECK_KIND(kind) (1u << (kind))

/* For look(). A check without any word of these is unknown ("nothing to look at"); one failure makes it fail; else one unknown makes it unknown. */
const struct estate *checking_estate(const struct checking *checking);
const struct account *checking_account(const struct checking *checking);
int64_t checking_now(const struct checking *checking); /* wall ms */
void check_pass(struct checking *checking, const char *resource, const char *format, ...) __attribute__((format(printf, 3, 4)));
void check_fail(struct checking *checking, const char *resource, const char *format, ...) __attribute__((format(printf, 3, 4)));
void check_unknown(struct checking *checking, const char *resource, const char *format, ...) __attribute__((format(printf, 3, 4)));
void check_na(struct checking *checking, const char *format, ...) __attribute__((format(printf, 2, 3))); /* there is nothing here that it is about */
/* fails unless good; the evidence is the same either way */
void check_that(struct checking *checking, bool good, const char *resource, const char *format, ...) __attribute__((format(printf, 4, 5)));

struct check_evidence {
    enum check_verdict verdict;
    char resource[160], value[240]; /* clean */
};

struct check_result {
    const struct check *check;
    size_t account;
    enum check_verdict verdict;
    const struct waiver_config *waiver; /* of the profile, while it holds; NULL: none. The verdict stays what it is */
    VEC(struct check_evidence) evidence; /* failures first, at most CHECK_EVIDENCE_MAX */
    size_t more;                         /* evidence beyond that */
};
#define CHECK_EVIDENCE_MAX 20
typedef VEC(struct check_result) check_results;

extern const struct check *const check_rows[]; /* NULL-terminated, in the order of the document (table.c) */
const struct check *check_find(const char *id);
feed_mask checks_feeds(void); /* of all */

/* Every check in every account. Free with checks_free(). */
void checks_run(const struct estate *estate, int64_t now, check_results *out);
void checks_free(check_results *results);

struct check_counts {
    size_t pass, fail, na, unknown, waived; /* waived: failed, with a waiver that holds; not counted as fail */
};
void checks_count(const check_results *results, struct check_counts *out);

#endif
