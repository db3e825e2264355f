/* Private to the request's path: what is known of each hop, in figures. What is wrong with it, in words, is the account's health's to say
 * (estate/health_path.c). The table that lists the hops is in request_hops.c; each looks at one account by a function of its own, in hops_edge.c and
 * hops_inner.c. */
#ifndef TRIVET_UI_HOPS_H
#define TRIVET_UI_HOPS_H

#include "ui/panes/request_path.h"

struct hop_look {
    const struct pane_view *view;
    const struct account *account;
    size_t trend;
    struct hop *hop;
};

bool hop_has(const struct hop_look *l, enum feed feed);
void hop_figure(const struct hop_look *l, uint8_t rank, uint8_t role, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* most: what fills its height at least. */
void hop_trend(const struct hop_look *l, uint8_t rank, const double *points, size_t count, double most);
void hop_is(const struct hop_look *l, enum hop_state state, const char *word); /* what is bad, or not known any more, stays so */
void hop_moves(const struct hop_look *l, const char *word);                    /* well, but on its way somewhere */
/* A part of it that comes from another feed: by the service's own word where it could not be read. True: it is there. */
bool hop_part(const struct hop_look *l, enum feed feed, const char *what);

void hop_names(const struct hop_look *l);        /* Route 53 */
void hop_distribution(const struct hop_look *l); /* CloudFront: the busiest, or one that fails */
void hop_web_acl(const struct hop_look *l);
void hop_balancer(const struct hop_look *l);
void hop_pods(const struct hop_look *l);
void hop_database(const struct hop_look *l);

#endif
