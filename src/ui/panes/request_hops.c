/* What the hops have in common: what stands in one, and the table of the six. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/when.h"
#include "ui/panes/hops.h"
#include "ui/value.h"

static enum slice_state hop_slice(const struct hop_look *l, enum feed feed)
{
    return feed == FEED_EDGE ? edge_state(l->account, EDGE_NAMES, l->view->now) : l->account->slices[feed].state;
}

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

/* The table of hops, and the feeds without which it is not known how one is. */
static const struct {
    const char *name, *pane;
    feed_mask feeds;
    void (*look)(const struct hop_look *l);
} hops[HOPS] = {
    [HOP_NAMES] = {"Route 53", "edge", FEED_BIT(FEED_EDGE), hop_names},
    [HOP_CDN] = {"CloudFront", "edge", FEED_BIT(FEED_EDGE_METRICS), hop_distribution},
    [HOP_WAF] = {"WAF", "waf", FEED_BIT(FEED_WAF_METRICS), hop_web_acl},
    [HOP_BALANCER] = {"ALB", "network", FEED_BIT(FEED_LOAD_BALANCERS), hop_balancer},
    [HOP_PODS] = {"Pods", "pods", FEED_BIT(FEED_DEPLOYMENTS) | FEED_BIT(FEED_PODS), hop_pods},
    [HOP_DATABASE] = {"RDS", "database", FEED_BIT(FEED_DATABASE), hop_database},
};

const char *request_path_pane(size_t which) { return hops[which].pane; }

const char *hop_state_name(enum hop_state state)
{
    static const char *const names_of[] = {"ok", "bad", "unknown", "asleep", "none"};
    return names_of[state];
}

/* The worst of the feeds without which it is not known. */
static enum feed worst_of(const struct hop_look *l, feed_mask feeds)
{
    static const int order[] = {[SLICE_FRESH] = 0, [SLICE_STALE] = 1, [SLICE_NEVER] = 2, [SLICE_LOADING] = 2, [SLICE_FAILED] = 3, [SLICE_NONE] = 4};
    enum feed worst = FEED_COUNT;
    for (int f = 0; f < FEED_COUNT; f++)
        if ((feeds & FEED_BIT(f)) && (worst == FEED_COUNT || order[hop_slice(l, (enum feed)f)] > order[hop_slice(l, worst)]))
            worst = (enum feed)f;
    return worst;
}

/* Before a look: unless all of it was read lately, its word says how that stands. */
static void begin(const struct hop_look *l, enum feed feed)
{
    const struct slice *slice = &l->account->slices[feed];
    enum slice_state state = hop_slice(l, feed);
    char age[24], word[48];
    switch (state) {
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
    if (slice->error.kind != ERROR_NONE && state != SLICE_NONE && state != SLICE_FRESH)
        error_text(&slice->error, l->hop->why, sizeof l->hop->why);
}

/* A hop is not well while the account's problems tell of it, however much else of it is known. */
static void take_problem(const struct hop_look *l, const struct problem *p)
{
    if (!*p->text)
        return;
    l->hop->state = HOP_BAD;
    l->hop->standing = p->standing;
    text_copy(l->hop->word, sizeof l->hop->word, p->word);
    text_copy(l->hop->why, sizeof l->hop->why, p->text);
}

static uint8_t word_role(const struct hop *hop, enum slice_state state)
{
    static const uint8_t roles[] = {[HOP_OK] = ROLE_OK, [HOP_BAD] = ROLE_BAD, [HOP_UNKNOWN] = ROLE_UNKNOWN, [HOP_ASLEEP] = ROLE_DIM,
                                    [HOP_NONE] = ROLE_DIM};
    if (hop->state != HOP_UNKNOWN)
        return roles[hop->state];
    return state == SLICE_FAILED ? ROLE_BAD : state == SLICE_STALE ? ROLE_STALE : ROLE_UNKNOWN;
}

static void look(const struct hop_look *l, size_t which, const struct problem *problem)
{
    struct hop *out = l->hop;
    enum feed feed = worst_of(l, hops[which].feeds);
    enum slice_state state = hop_slice(l, feed);
    char age[24];
    *out = (struct hop){.name = hops[which].name, .pane = hops[which].pane};
    begin(l, feed);
    take_problem(l, problem);
    if (state != SLICE_NONE)
        hops[which].look(l);
    if (out->state == HOP_BAD && state == SLICE_STALE)
        hop_figure(l, 0, ROLE_STALE, "%s old", when_short(l->view->now - l->account->slices[feed].read_at, age, sizeof age));
    bool reading = state == SLICE_NEVER || state == SLICE_LOADING;
    if (!out->count)
        hop_figure(l, 0, state == SLICE_NONE ? ROLE_DIM : ROLE_UNKNOWN, "%s",
            state == SLICE_NONE ? "not in the profile" : reading ? "reading…" : "not known");
    out->role = out->role ? out->role : word_role(out, state);
}

void request_path_look(const struct pane_view *view, size_t account, size_t trend, struct hop out[HOPS])
{
    struct health_report report;
    account_health(&view->estate->accounts[account], view->now, &report);
    for (size_t i = 0; i < HOPS; i++)
        look(&(struct hop_look){view, &view->estate->accounts[account], trend, &out[i]}, i, &report.hop[i]);
}
