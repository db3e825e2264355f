/* Private to network.c and network_*.c: the rows of the network pane are of several kinds. */
#ifndef TRIVET_UI_PANES_NETWORK_H
#define TRIVET_UI_PANES_NETWORK_H

#include "ui/pane.h"

enum network_row {
    ROW_TARGETS, /* a target group */
    ROW_BALANCER,
    ROW_VPC,
    ROW_SUBNET,
    ROW_TABLE,
    ROW_ENDPOINT,
    ROW_ACL,
    ROW_RULE,  /* who may talk to whom: what a security group lets in */
    ROW_GROUP, /* a security group that lets nobody in */
    ROW_INSTANCE,
    NETWORK_ROWS
};
static inline enum network_row network_row_kind(struct row_ref row) { return (enum network_row)(row.index >> 24); }
static inline size_t network_row_at(struct row_ref row) { return row.index & 0xffffff; }

/* "ecr.dkr" of "com.amazonaws.us-east-1.ecr.dkr"; borrowed. */
const char *service_short(const char *service);
uint8_t target_role(const struct balancer_target *target);
/* The peer of a rule: a group's name, or what stands there. */
const char *peer_words(const struct account_network *network, const struct group_rule *rule);
const char *network_row_id(const struct account *account, struct row_ref row); /* "" of what a security group lets in */
const char *network_row_word(enum network_row kind); /* what the column says */
/* How the targets of a group are: "1a 2/2  1b 1/2", and all of them together. */
void network_zones(const struct balancing *balancing, const char *group, char *out, size_t size);
void network_targets_state(const struct balancing *balancing, const struct target_group *group, struct value *out);
int network_draw(const struct pane_view *view, struct cells *cells, int top, int height); /* network_draw.c */
void network_leads(const struct pane_view *view, struct row_ref row, struct leads *out); /* network_leads.c */
bool network_is(const struct pane_view *view, struct row_ref row, const char *word, const char *name);
void network_describe(const struct pane_view *view, struct row_ref row, struct page *out);
void network_json(const struct pane_view *view, json_t *into); /* network_json.c */

#endif
