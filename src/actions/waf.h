/* An address is blocked at the edge at once, or let in again: it is put into, or taken out of, the IP set by which a rule of the web ACL blocks. */
#ifndef TRIVET_ACTIONS_WAF_H
#define TRIVET_ACTIONS_WAF_H

#include "actions/internal.h"
#include "base/network.h"

/* What they keep: {"set", "id", "address" ("203.0.113.7/32"), "until" (wall ms, of a block)}. */
extern const struct step_type step_waf_block, step_waf_unblock;

/* "203.0.113.7 2h", "203.0.113.0/24 for 90m". Without a time two hours. */
bool waf_block_value(const char *value, struct network *network, int64_t *span, struct error *e);
void waf_forget(struct action *action);

#endif
