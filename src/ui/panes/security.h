/* Shared by the files of the Security pane: its rows are of many kinds. */
#ifndef TRIVET_UI_PANES_SECURITY_H
#define TRIVET_UI_PANES_SECURITY_H

#include "ui/pane.h"

enum security_row { ROW_ROOT, ROW_USER, ROW_ROLE, ROW_PROVIDER, ROW_KEY, ROW_SECRET, ROW_SCP, ROW_TRAIL, ROW_BUCKET, ROW_SERVICE_ACCOUNT,
                    ROW_INSTANCE, ROW_GATE, ROW_SCAN, ROW_WORKLOAD, SECURITY_ROWS };
static inline enum security_row security_row_kind(struct row_ref row) { return (enum security_row)(row.index >> 24); }
static inline size_t security_row_at(struct row_ref row) { return row.index & 0xffffff; }

/* Whether a role's trust has what a person should look at: anyone, another account than the profile's, any repository. NULL: nothing. */
const char *role_fault(const struct pane_view *view, const struct account *account, const struct iam_role *role);
/* "user/oncall of root, with MFA": one principal in words. */
const char *trust_words(const struct pane_view *view, const struct role_trust *trust, char *out, size_t size);
const char *security_row_word(enum security_row kind); /* what the column says */
void security_leads(const struct pane_view *view, struct row_ref row, struct leads *out); /* security_leads.c */
bool security_is(const struct pane_view *view, struct row_ref row, const char *word, const char *name);
void security_describe(const struct pane_view *view, struct row_ref row, struct page *out);

#endif
