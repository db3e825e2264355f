/* What the columns share: values with their role, and texts that are small drawings. */
#ifndef TRIVET_UI_VALUE_H
#define TRIVET_UI_VALUE_H

#include "ui/pane.h"

void value_text(struct value *out, uint8_t role, const char *text);                  /* "" counts as known */
void value_format(struct value *out, uint8_t role, const char *format, ...) __attribute__((format(printf, 3, 4)));
void value_number(struct value *out, uint8_t role, double number, const char *format, ...) __attribute__((format(printf, 4, 5)));
void value_count(struct value *out, uint8_t role, int64_t count);                    /* negative: not known */
void value_flag(struct value *out, bool flag);                                       /* yes, no */
void value_span(struct value *out, uint8_t role, int64_t at, int64_t now);           /* as a span back from now; 0: not known */
void value_unknown(struct value *out);                                               /* "–" */
/* Not known because the slice has no data: "…" while it loads, "–" otherwise. True if it did so. */
bool value_waits(struct value *out, const struct slice *slice);

const char *money(double amount, const char *unit, char *out, size_t size);          /* "$3,100", "250 EUR" */
const char *money_short(double amount, const char *unit, char *out, size_t size);    /* "$412", "$3.1k" */
const char *percent_text(double value, int decimals, char *out, size_t size);        /* "3.9%"; NAN gives "–" */
/* The last `width` points scaled to their greatest, in eighths; a blank where there is no datum. */
const char *spark(const double *points, size_t count, size_t width, char *out, size_t size);
/* The same, scaled to `most` where that is greater: what is little looks little, and a limit above all of it has its place. */
const char *spark_to(const double *points, size_t count, size_t width, double most, char *out, size_t size);
/* A gauge of `width` columns: actual, forecast beyond it, thresholds as marks; its end is the limit. */
const char *gauge(double actual, double forecast, double limit, const double *marks, size_t mark_count, size_t width, char *out, size_t size);
const char *bytes_text(int64_t bytes, char *out, size_t size);                       /* 312Mi */

const struct budget *budget_widest(const struct account *account); /* narrower ones are parts of it; NULL: there is none */
uint8_t spend_role(const struct account *account);               /* by the worst of its budgets */
bool down_until(const struct account *account, int64_t now, char *out, size_t size); /* "down until 08:00"; false: it is not asleep */
uint8_t kind_role(int kind);     /* enum account_kind → ROLE_ROOT, ROLE_DEV, ROLE_PROD */
uint8_t health_role(enum health health);
/* `none` if every account that has the feed has been read; else what keeps us from saying so. */
const char *unread_word(const struct pane_view *view, enum feed feed, const char *none);
/* The account's name; production in capitals, so that it is another thing without colour too. */
const char *account_name(const struct account_config *account, char *out, size_t size);
void value_account(const struct pane_view *view, struct row_ref row, struct value *out);
/* The account's role session: "ready, 41m left", or what keeps it from being so. */
void value_session(const struct pane_view *view, struct row_ref row, struct value *out);
/* The account of a row. */
static inline const struct account *account_of(const struct pane_view *view, struct row_ref row) { return &view->estate->accounts[row.account]; }
/* Every account's index as a row: for panes of one row an account. */
void rows_of_accounts(const struct pane_view *view, row_refs *out);
/* ns and name "" where there is none; name "" of an account: its own. */
void target_add(const struct pane_view *view, struct targets *to, enum target_kind kind, size_t account, const char *ns, const char *name);
void row_add(row_refs *out, size_t account, size_t index);
/* How a pane lists the worst first, by its order(): the role of the value that says how a row is. Bad comes first, then doubtful, then not known. */
int rank_of_role(uint8_t role);

#endif
