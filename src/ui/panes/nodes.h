/* Private to nodes.c and nodes_detail.c: the rows of the nodes pane are of several kinds. */
#ifndef TRIVET_UI_PANES_NODES_H
#define TRIVET_UI_PANES_NODES_H

#include "ui/pane.h"

enum nodes_row {
    ROW_CLUSTER,
    ROW_GROUP,   /* managed node group */
    ROW_NODE,
    ROW_PROFILE, /* of Fargate */
    ROW_ADDON,   /* one that the architecture names; ADDONS itself stands for the roles of service accounts */
    ROW_MANAGED, /* by EKS */
    ROW_DAEMON,
    ROW_HPA,
    NODES_ROWS
};
static inline enum nodes_row nodes_row_kind(struct row_ref row) { return (enum nodes_row)(row.index >> 24); }
static inline size_t nodes_row_at(struct row_ref row) { return row.index & 0xffffff; }

struct readiness {
    int ready, desired; /* -1 not known */
};
/* of all its Deployments and daemons; desired 0: it is not there, -1: not known */
struct readiness addon_readiness(const struct account *account, enum addon addon);
struct readiness irsa_readiness(const struct account *account);                   /* service accounts with a role, of those that workloads run as */
int node_pods(const struct account *account, const char *node); /* -1 not known */
bool hpa_reads(const struct hpa *hpa);
bool hpa_pinned(const struct hpa *hpa);
void nodes_row_name(const struct pane_view *view, struct row_ref row, char *out, size_t size);
const char *nodes_row_word(enum nodes_row kind); /* what the column says */
void nodes_leads(const struct pane_view *view, struct row_ref row, struct leads *out); /* nodes_leads.c */
bool nodes_is(const struct pane_view *view, struct row_ref row, const char *word, const char *name);
void nodes_describe(const struct pane_view *view, struct row_ref row, struct page *out);

#endif
