/* The way of a request through production, hop by hop as the architecture draws it, each with what it does now and a word: ok, or what fails. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "ui/panes/panes.h"
#include "ui/panes/request_path.h"
#include "ui/value.h"

#define ERRORS_MANY 5 /* 5xx a minute, over five minutes */
#define EDGE_ERRORS_MANY 1.0 /* per cent */
#define EDGE_LATE   15  /* minutes: CloudFront counts late */
#define LABEL       12
#define TREND       9

struct hop {
    char text[300], wrong[80]; /* wrong: "" if it is well */
    uint8_t role;              /* of the word at the end */
};

static bool is_unread(const struct pane_view *view, const struct account *account, enum feed feed, struct hop *out)
{
    const struct slice *slice = &account->slices[feed];
    (void)view;
    if (slice_has_data(slice))
        return false;
    out->role = slice->state == SLICE_FAILED ? ROLE_BAD : ROLE_UNKNOWN;
    text_copy(out->text, sizeof out->text, slice->state == SLICE_NONE ? "nothing in the profile tells it" : slice->state == SLICE_FAILED ? "not known" : "…");
    if (slice->state == SLICE_FAILED)
        text_copy(out->wrong, sizeof out->wrong, slice->error.code);
    return true;
}

/* "hit 88%": what CloudFront does not count is said so. */
static void cloudfront(const struct pane_view *view, const struct account *a, struct hop *out)
{
    char trend[64], hit[32] = "", late[40] = "";
    if (is_unread(view, a, FEED_EDGE_METRICS, out) || !a->edge_traffic.series.len)
        return;
    const struct edge_series *s = &a->edge_traffic.series.at[0];
    double hits = edge_latest(s->hits, EDGE_LATE), failed = edge_latest(s->errors_5xx, EDGE_LATE), latency = edge_latest(s->latency, EDGE_LATE);
    if (!isnan(hits))
        text_format(hit, sizeof hit, "hit %.0f%%   ", hits);
    else if (!edge_more_metrics(s))
        text_copy(hit, sizeof hit, "hits not counted   ");
    if (!isnan(latency))
        text_format(late, sizeof late, "   p99 %.0f ms", latency);
    text_format(out->text, sizeof out->text, "%s4xx %.1f%%   5xx %.1f%% %s%s", hit, edge_latest(s->errors_4xx, EDGE_LATE), failed,
                spark(s->errors_5xx, EDGE_POINTS, TREND, trend, sizeof trend), late);
    if (failed >= EDGE_ERRORS_MANY)
        text_copy(out->wrong, sizeof out->wrong, "5xx");
}

static void web_acl(const struct pane_view *view, const struct account *a, struct hop *out)
{
    char allowed[40], blocked[40], trend[64];
    const struct waf_series *s = web_acl_series(&a->web_acl, "ALL");
    if (is_unread(view, a, FEED_WAF_METRICS, out) || !s)
        return;
    text_format(out->text, sizeof out->text, "%s/min allowed   blocked %s/min %s", grouped(waf_rate(s->allowed, 1), allowed, sizeof allowed),
                grouped(waf_rate(s->blocked, 1), blocked, sizeof blocked), spark(s->blocked, WAF_POINTS, TREND, trend, sizeof trend));
}

/* Of all load balancers, the last five minutes; NAN: no datum. */
static double errors_per_minute(const struct balancing *b)
{
    double sum = NAN;
    for (size_t i = 0; i < b->series.len; i++)
        for (int k = BALANCER_POINTS - 5; k < BALANCER_POINTS; k++) {
            double both = (isnan(b->series.at[i].target_5xx[k]) ? 0 : b->series.at[i].target_5xx[k]) +
                          (isnan(b->series.at[i].balancer_5xx[k]) ? 0 : b->series.at[i].balancer_5xx[k]);
            sum = (isnan(sum) ? 0 : sum) + both;
        }
    return sum / 5;
}

static void balancer(const struct pane_view *view, const struct account *a, struct hop *out)
{
    struct zone_health zones[NETWORK_ZONES];
    char errors[40];
    if (is_unread(view, a, FEED_LOAD_BALANCERS, out))
        return;
    size_t count = balancing_zones(&a->balancing, NULL, zones, NETWORK_ZONES), len = 0;
    double rate = errors_per_minute(&a->balancing);
    for (size_t i = 0; i < count; i++) {
        text_format(out->text + len, sizeof out->text - len, "%s %s %d/%d", i ? "  " : "healthy", zone_short(zones[i].zone), zones[i].healthy, zones[i].total);
        len = strlen(out->text);
        if (zones[i].healthy < zones[i].total && !*out->wrong)
            text_format(out->wrong, sizeof out->wrong, "targets %s", zone_short(zones[i].zone));
    }
    if (!count)
        text_copy(out->text, sizeof out->text, "no target");
    len = strlen(out->text);
    if (!isnan(rate))
        text_format(out->text + len, sizeof out->text - len, "   5xx %s/min", grouped(rate, errors, sizeof errors));
    if (rate >= ERRORS_MANY && !*out->wrong)
        text_copy(out->wrong, sizeof out->wrong, "5xx");
}

/* "  (1b: 3 CrashLoopBackOff)": where the failing ones are, and what the first says. */
static void add_failing(const struct account *a, struct hop *out)
{
    size_t len = strlen(out->text);
    int failing = 0;
    const struct pod *first = NULL;
    for (size_t i = 0; i < a->cluster.pods.len; i++) {
        const struct pod *pod = &a->cluster.pods.at[i];
        failing += pod_is_failing(pod);
        first = !first && pod_is_failing(pod) ? pod : first;
    }
    if (!first)
        return;
    text_format(out->text + len, sizeof out->text - len, "  (%s%s%d %s)", zone_short(first->zone), *first->zone ? ": " : "", failing, first->status);
    if (!*out->wrong)
        text_copy(out->wrong, sizeof out->wrong, "failing pods");
}

static void pods(const struct pane_view *view, const struct account *a, struct hop *out)
{
    size_t len = 0;
    if (is_unread(view, a, FEED_DEPLOYMENTS, out))
        return;
    for (size_t i = 0; i < a->cluster.deployments.len; i++) {
        const struct deployment *d = &a->cluster.deployments.at[i];
        if (text_starts(d->ns, "kube-"))
            continue;
        text_format(out->text + len, sizeof out->text - len, "%s%s %d/%d", len ? "   " : "", d->name, d->ready, d->desired);
        len = strlen(out->text);
        if (d->ready < d->desired && !*out->wrong)
            text_copy(out->wrong, sizeof out->wrong, d->name);
    }
    add_failing(a, out);
}

static void database(const struct pane_view *view, const struct account *a, struct hop *out)
{
    char span[32];
    if (is_unread(view, a, FEED_DATABASE, out) || !a->database.instances.len)
        return;
    const struct database *d = &a->database.instances.at[0];
    text_format(out->text, sizeof out->text, "%s   %s%s%s", d->status, zone_short(d->zone), *d->standby_zone ? " ⇄ " : "", zone_short(d->standby_zone));
    size_t len = strlen(out->text);
    if (d->restorable_at)
        text_format(out->text + len, sizeof out->text - len, "   restorable to %s ago", when_span(view->now - d->restorable_at, span, sizeof span));
    if (strcmp(d->status, "available") != 0 && strcmp(d->status, "backing-up") != 0)
        text_copy(out->wrong, sizeof out->wrong, d->status);
    else if (!*d->standby_zone)
        text_copy(out->wrong, sizeof out->wrong, "no standby");
}

static const struct {
    const char *label;
    void (*look)(const struct pane_view *view, const struct account *account, struct hop *out);
} hops[] = {{"CloudFront", cloudfront}, {"WAF", web_acl}, {"ALB", balancer}, {"Pods", pods}, {"RDS", database}};
#define HOPS ((int)(sizeof hops / sizeof *hops))

static const struct account *production(const struct estate *estate)
{
    for (size_t i = 0; i < estate->account_count; i++)
        if (estate->accounts[i].config->kind == ACCOUNT_PRODUCTION && estate->accounts[i].config->cluster.name)
            return &estate->accounts[i];
    return NULL;
}

static void put_hop(const struct hop *hop, const char *label, struct cells *cells, int row)
{
    char word[100];
    text_format(word, sizeof word, "%s%s", *hop->wrong ? "✗ " : "", *hop->wrong ? hop->wrong : hop->role == ROLE_UNKNOWN ? "" : "ok");
    int width = (int)text_width(word), right = cells->columns - 1 - width;
    cells_put(cells, row, 1, LABEL, ROLE_HEADER, label);
    cells_put(cells, row, 1 + LABEL, right - LABEL - 3, ROLE_TEXT, hop->text);
    cells_put(cells, row, right, width, *hop->wrong ? ROLE_BAD : hop->role == ROLE_UNKNOWN ? ROLE_UNKNOWN : ROLE_OK, word);
}

int request_path_draw(const struct pane_view *view, struct cells *cells, int top, int height)
{
    const struct account *account = production(view->estate);
    char title[80];
    if (!account || height < HOPS + 1)
        return 0;
    text_format(title, sizeof title, "THE WAY OF A REQUEST IN %s", account->config->name);
    cells_put(cells, top, 1, cells->columns - 2, ROLE_HEADER, title);
    for (int i = 0; i < HOPS; i++) {
        struct hop hop = {.role = ROLE_OK};
        hops[i].look(view, account, &hop);
        put_hop(&hop, hops[i].label, cells, top + 1 + i);
    }
    return height > HOPS + 1 ? HOPS + 2 : HOPS + 1;
}
