/* Feeds: each asks a client on its own interval and writes what it hears into the estate. One table (feeds.c) has every
 * feed's interval, interval in focus, jitter, back-off and function. The only writer of the estate.
 * Files: feeds.c (scheduler), session.c, organization.c, database.c, budgets.c, waf.c, edge.c, alarms.c, images.c, pipelines.c, identity.c,
 * credentials.c, secrets.c, state_bucket.c (AWS); releases.c, deploy_gate.c (GitHub); kube_*.c (clusters); insights.c, log_tail.c (one at a time, by
 * the console); drills.c (reports on this machine); detail.c. */
#ifndef TRIVET_FEEDS_FEEDS_H
#define TRIVET_FEEDS_FEEDS_H

#include "aws/client.h"
#include "base/log.h"
#include "estate/estate.h"
#include "github/client.h"
#include "net/http.h"
#include "net/loop.h"

struct feeds;

struct feeds_options {
    struct loop *loop;
    struct http *http;
    struct aws *aws;
    struct github *github; /* NULL where the profile names no repository */
    struct estate *estate; /* borrowed; its config says which accounts */
    struct log *log;
    const char *cache_dir; /* where paid answers are kept; NULL: nowhere. Borrowed */
    const char *state_dir; /* where drills leave their reports; NULL: nowhere. Borrowed */
    int64_t patience_ms;   /* for so long at most lets what nobody looks at the rest go first; 0: half a minute */
};

/* Makes a session per account (role assumed from the base session; without `role` in the profile, the base session itself). */
struct feeds *feeds_new(const struct feeds_options *options);
void feeds_free(struct feeds *feeds);

/* FEED_BITs to run; everything due goes out at once, all accounts in parallel. Of those that are read only while somebody looks, `ahead` are read
 * once all the same: a pane that will surely be looked at has them when it is. */
void feeds_start(struct feeds *feeds, feed_mask mask, feed_mask ahead);
void feeds_focus(struct feeds *feeds, feed_mask mask);  /* those that a visible pane shows: refreshed sooner */
void feeds_refresh(struct feeds *feeds, feed_mask mask); /* now; who declined to give an MFA code is asked again */
/* Has each feed of the mask, in every account, answered (well or not) at least once since it was started? */
bool feeds_settled(const struct feeds *feeds, feed_mask mask);
struct aws_session *feeds_session(struct feeds *feeds, size_t account);
void feeds_mfa(struct feeds *feeds, size_t account, const char *code); /* NULL: declined */

/* Asks Cost Explorer, in the management account: COST_REQUESTS requests and more where lists go on, at USD 0.01 each. Only by a person's word. The
 * estate's cost_asking tells when it is over. */
void feeds_costs_ask(struct feeds *feeds);

/* Details and logs, for the console. */
void feeds_detail(struct feeds *feeds, const struct detail_key *key);
void feeds_detail_close(struct feeds *feeds);
/* ns "": `pod` is a log group, followed from so long ago (0: ten minutes). */
void feeds_log(struct feeds *feeds, size_t account, const char *ns, const char *pod, const char *container, bool previous, int64_t since_ms);
void feeds_log_close(struct feeds *feeds);

/* Logs Insights: AWS takes INSIGHTS_GB_DOLLARS for each GB that a query scans. Only by a person's word. The estate's `insights` tells how far it is;
 * one at a time: false, with nothing asked, while one is under way. */
bool feeds_query(struct feeds *feeds, const struct insights_request *request);
void feeds_query_stop(struct feeds *feeds);

#endif
