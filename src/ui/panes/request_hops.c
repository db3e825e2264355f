/* What the hops have in common: what stands in one, and the table of the six. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/when.h"
#include "ui/panes/hops.h"
#include "ui/value.h"

bool hop_has(const struct hop_look *l, enum feed feed) { return slice_has_data(&l->account->slices[feed]); }

void hop_figure(const struct hop_look *l, uint8_t rank, uint8_t role, const char *format, ...)
{
    struct hop *hop = l->hop;
    char text[2 * sizeof hop->figures->text];
    va_list ap;
    if (hop->count == HOP_FIGURES)
        return;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    struct figure *f = &hop->figures[hop->count++];
    *f = (struct figure){.rank = rank, .role = role};
    text_copy(f->text, sizeof f->text, text);
}

/* most: what fills its height at least. */
void hop_trend(const struct hop_look *l, uint8_t rank, const double *points, size_t count, double most)
{
    char text[sizeof l->hop->figures->text];
    size_t before = l->hop->count, known = count;
    while (known && isnan(points[known - 1])) /* what comes late leaves no hole at the end */
        known--;
    if (!l->trend || !known)
        return;
    hop_figure(l, rank, ROLE_SPARK, "%s", spark_to(points, known, l->trend, most, text, sizeof text));
    if (l->hop->count > before)
        l->hop->figures[before].drawing = l->hop->figures[before].near = true;
}

/* The first that is found wrong stands. `told`: the account's problems say so too. */
void hop_fails(const struct hop_look *l, bool told, const char *word, const char *format, ...)
{
    char why[2 * sizeof l->hop->why];
    va_list ap;
    if (l->hop->state == HOP_BAD)
        return;
    l->hop->state = HOP_BAD;
    l->hop->role = ROLE_BAD;
    l->hop->told = told;
    text_copy(l->hop->word, sizeof l->hop->word, word);
    va_start(ap, format);
    vsnprintf(why, sizeof why, format, ap);
    va_end(ap);
    text_copy(l->hop->why, sizeof l->hop->why, why);
}

/* What is bad, or not known any more, stays so. */
void hop_is(const struct hop_look *l, enum hop_state state, const char *word)
{
    if (l->hop->state != HOP_OK)
        return;
    l->hop->state = state;
    text_copy(l->hop->word, sizeof l->hop->word, word);
}

/* Well, but on its way somewhere. */
void hop_moves(const struct hop_look *l, const char *word)
{
    if (l->hop->state != HOP_OK)
        return;
    l->hop->role = ROLE_WARN;
    text_copy(l->hop->word, sizeof l->hop->word, word);
}

/* A part of it that comes from another feed: by the service's own word where it could not be read. True: it is there. */
bool hop_part(const struct hop_look *l, enum feed feed, const char *what)
{
    const struct slice *slice = &l->account->slices[feed];
    char age[24];
    if (slice->state == SLICE_FAILED)
        hop_figure(l, 0, ROLE_BAD, "%s %s", what, slice->error.code);
    else if (slice->state == SLICE_NEVER || slice->state == SLICE_LOADING)
        hop_figure(l, 1, ROLE_UNKNOWN, "%s …", what);
    else if (slice->state == SLICE_STALE)
        hop_figure(l, 0, ROLE_STALE, "%s %s old", what, when_short(l->view->now - slice->read_at, age, sizeof age));
    return slice_has_data(slice);
}

/* The table of hops: the feeds without which it is not known, whose problems are its own and what they are called, and whose alarms are. */
static const struct {
    const char *name, *pane;
    feed_mask feeds, problems;
    const char *word;
    const char *space; /* namespace of its metrics */
    void (*look)(const struct hop_look *l);
} hops[HOPS] = {
    {"Route 53", "edge", FEED_BIT(FEED_EDGE), 0, NULL, NULL, hop_names},
    {"CloudFront", "edge", FEED_BIT(FEED_EDGE_METRICS), FEED_BIT(FEED_EDGE), "certificate", "AWS/CloudFront", hop_distribution},
    {"WAF", "waf", FEED_BIT(FEED_WAF_METRICS), 0, NULL, "AWS/WAFV2", hop_web_acl},
    {"ALB", "network", FEED_BIT(FEED_LOAD_BALANCERS), FEED_BIT(FEED_LOAD_BALANCERS), "targets", "AWS/ApplicationELB", hop_balancer},
    {"Pods", "pods", FEED_BIT(FEED_DEPLOYMENTS) | FEED_BIT(FEED_PODS), FEED_BIT(FEED_DEPLOYMENTS) | FEED_BIT(FEED_PODS), "not ready",
     "ContainerInsights", hop_pods},
    {"RDS", "database", FEED_BIT(FEED_DATABASE), FEED_BIT(FEED_DATABASE), "attention", "AWS/RDS", hop_database},
};

const char *request_path_pane(size_t which) { return hops[which].pane; }

const char *hop_state_name(enum hop_state state)
{
    static const char *const names_of[] = {"ok", "bad", "unknown", "asleep", "none"};
    return names_of[state];
}

/* The worst of the feeds without which it is not known. */
static enum feed worst_of(const struct account *a, feed_mask feeds)
{
    static const int order[] = {[SLICE_FRESH] = 0, [SLICE_STALE] = 1, [SLICE_NEVER] = 2, [SLICE_LOADING] = 2, [SLICE_FAILED] = 3, [SLICE_NONE] = 4};
    enum feed worst = FEED_COUNT;
    for (int f = 0; f < FEED_COUNT; f++)
        if ((feeds & FEED_BIT(f)) && (worst == FEED_COUNT || order[a->slices[f].state] > order[a->slices[worst].state]))
            worst = (enum feed)f;
    return worst;
}

/* Before a look: unless all of it was read lately, its word says how that stands. */
static void begin(const struct hop_look *l, enum feed feed)
{
    const struct slice *slice = &l->account->slices[feed];
    char age[24], word[48];
    l->hop->told = !(FEEDS_EXTRA & FEED_BIT(feed));
    switch (slice->state) {
    case SLICE_NONE:
        hop_is(l, HOP_NONE, "none");
        break;
    case SLICE_NEVER:
    case SLICE_LOADING:
        hop_is(l, HOP_UNKNOWN, "…");
        break;
    case SLICE_FAILED:
        hop_is(l, HOP_UNKNOWN, slice->error.code);
        break;
    case SLICE_STALE:
        text_format(word, sizeof word, "stale %s", when_short(l->view->now - slice->read_at, age, sizeof age));
        hop_is(l, HOP_UNKNOWN, word);
        break;
    case SLICE_FRESH:
        hop_is(l, HOP_OK, "ok");
    }
    if (slice->error.kind != ERROR_NONE && slice->state != SLICE_NONE)
        error_text(&slice->error, l->hop->why, sizeof l->hop->why);
}

/* A hop is not well while the account's problems tell of it. Not those that say what could not be read: its word does. */
static void check_problems(const struct hop_look *l, const struct health_report *report, feed_mask feeds, const char *word)
{
    for (size_t i = 0; i < report->count && i < sizeof report->problem / sizeof *report->problem; i++) {
        enum feed feed = report->problem[i].feed;
        bool unread = l->account->slices[feed].error.kind != ERROR_NONE && !(FEEDS_EXTRA & FEED_BIT(feed));
        if ((feeds & FEED_BIT(feed)) && !report->problem[i].quiet && !unread)
            hop_fails(l, true, word, "%s", report->problem[i].text);
    }
}

/* Whoever set an alarm on a hop's metric has said what is too much for it. */
static void check_alarms(const struct hop_look *l, const char *space)
{
    for (size_t i = 0; space && hop_has(l, FEED_ALARMS) && i < l->account->alarms.len; i++) {
        const struct alarm *alarm = &l->account->alarms.at[i];
        if (alarm->state == ALARM_ALARM && !*alarm->acknowledged_by && !strcmp(alarm->namespace_, space))
            hop_fails(l, true, alarm->name, "alarm %s: %s", alarm->name, alarm->reason);
    }
}

static uint8_t word_role(const struct hop *hop, const struct slice *slice)
{
    static const uint8_t roles[] = {[HOP_OK] = ROLE_OK, [HOP_BAD] = ROLE_BAD, [HOP_UNKNOWN] = ROLE_UNKNOWN, [HOP_ASLEEP] = ROLE_DIM,
                                    [HOP_NONE] = ROLE_DIM};
    if (hop->state != HOP_UNKNOWN)
        return roles[hop->state];
    return slice->state == SLICE_FAILED ? ROLE_BAD : slice->state == SLICE_STALE ? ROLE_STALE : ROLE_UNKNOWN;
}

static void look(const struct hop_look *l, size_t which, const struct health_report *report)
{
    struct hop *out = l->hop;
    enum feed feed = worst_of(l->account, hops[which].feeds);
    const struct slice *slice = &l->account->slices[feed];
    char age[24];
    *out = (struct hop){.name = hops[which].name, .pane = hops[which].pane};
    begin(l, feed);
    if (slice->state != SLICE_NONE)
        hops[which].look(l);
    check_problems(l, report, hops[which].problems, hops[which].word);
    check_alarms(l, hops[which].space);
    if (out->state == HOP_BAD && slice->state == SLICE_STALE)
        hop_figure(l, 0, ROLE_STALE, "%s old", when_short(l->view->now - slice->read_at, age, sizeof age));
    bool reading = slice->state == SLICE_NEVER || slice->state == SLICE_LOADING;
    if (!out->count)
        hop_figure(l, 0, slice->state == SLICE_NONE ? ROLE_DIM : ROLE_UNKNOWN, "%s",
            slice->state == SLICE_NONE ? "not in the profile" : reading ? "reading…" : "not known");
    out->role = out->role ? out->role : word_role(out, slice);
}

void request_path_look(const struct pane_view *view, size_t account, size_t trend, struct hop out[HOPS])
{
    struct health_report report;
    account_health(&view->estate->accounts[account], view->now, &report);
    for (size_t i = 0; i < HOPS; i++)
        look(&(struct hop_look){view, &view->estate->accounts[account], trend, &out[i]}, i, &report);
}
