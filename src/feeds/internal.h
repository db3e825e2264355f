/* What the files of feeds/ share: one running feed of one account, and how it reports. */
#ifndef TRIVET_FEEDS_INTERNAL_H
#define TRIVET_FEEDS_INTERNAL_H

#include "estate/write.h"
#include "feeds/feeds.h"
#include "kube/client.h"

struct feed_run {          /* one feed of one account */
    struct feeds *feeds;
    size_t account;
    enum feed feed;
    struct aws_session *session;
    const struct account_config *config;
    void *state;           /* the feed's own, between stop and start; freed by its stop */
};

struct feed_type {
    enum feed feed;
    int64_t interval_ms, focus_ms; /* 0: live, keeps itself going */
    bool (*wanted)(const struct account_config *account); /* false: SLICE_NONE. NULL: always */
    void (*start)(struct feed_run *run); /* polled: one refresh, ends in feed_good or feed_failed; live: begins */
    void (*stop)(struct feed_run *run);  /* cancels what is under way */
};

/* A refresh went well, or not: sets the slice and the next time (jitter, back-off). */
void feed_good(struct feed_run *run);
void feed_failed(struct feed_run *run, const struct error *error);

struct estate *feeds_estate(struct feeds *feeds);
struct loop *feeds_loop(struct feeds *feeds);
struct http *feeds_http(struct feeds *feeds);
struct log *feeds_log_file(struct feeds *feeds);
struct kube *feeds_kube(struct feeds *feeds, size_t account); /* made once per account with a cluster; NULL without */

/* Owned by the kube feeds (kube_*.c), called by feeds.c. */
extern const struct feed_type feed_pods, feed_nodes, feed_deployments, feed_hpas, feed_pod_metrics;
void kube_detail(struct feeds *feeds, const struct detail_key *key); /* DETAIL_POD */
void kube_detail_cancel(struct feeds *feeds);
/* Owned by the AWS feeds. */
extern const struct feed_type feed_session, feed_organization, feed_trail, feed_database, feed_database_events, feed_database_backups,
    feed_budgets, feed_web_acl, feed_waf_metrics, feed_waf_samples, feed_alarms;

#endif
