/* How an account is, in words: every rule that makes someone look. Those of the hops of a request's way are in health_path.c. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "base/when.h"
#include "estate/health.h"

/* What happens now stands before what stands. */
static void keep_of_hop(struct problem *kept, const struct problem *p)
{
    if (!*kept->text || (kept->standing && !p->standing))
        *kept = *p;
}

void problem_add(struct report *r, enum feed feed, enum urgency urgency, enum path_hop hop, const char *word, const char *format, ...)
{
    struct health_report *out = r->out;
    struct problem p = {.feed = feed, .quiet = urgency == QUIET, .standing = urgency == STANDING};
    char text[2 * sizeof p.text];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    text_copy(p.text, sizeof p.text, text);
    text_copy(p.word, sizeof p.word, word);
    if (out->count < PROBLEMS_KEPT)
        out->problem[out->count] = p;
    out->count++;
    out->quiet += p.quiet;
    r->wrong |= urgency == NOW || urgency == STANDING;
    r->unread |= urgency == UNREAD;
    if (hop != HOPS)
        keep_of_hop(&out->hop[hop], &p);
}

size_t problems_kept(const struct health_report *report) { return report->count < PROBLEMS_KEPT ? report->count : PROBLEMS_KEPT; }

static bool has(const struct report *r, enum feed feed) { return slice_has_data(&r->account->slices[feed]); }

bool account_is_asleep(const struct account *account)
{
    bool any = false;
    if (account->config->kind != ACCOUNT_DEVELOPMENT || !account->config->auto_shutdown.stop || !slice_has_data(&account->slices[FEED_DEPLOYMENTS]))
        return false;
    for (size_t i = 0; i < account->cluster.deployments.len; i++) {
        const struct deployment *d = &account->cluster.deployments.at[i];
        if (text_starts(d->ns, "kube-"))
            continue;
        if (d->desired != 0)
            return false;
        any = true;
    }
    return any;
}

static void check_budgets(struct report *r)
{
    for (size_t i = 0; i < r->account->budgets.len; i++) {
        const struct budget *b = &r->account->budgets.at[i];
        enum budget_state state = budget_state(b);
        if (!budget_alarming(b))
            continue;
        double of = state == BUDGET_FORECAST_OVER ? b->forecast : b->actual;
        char is[64], limit[64];
        problem_add(r, FEED_BUDGETS, NOW, HOPS, "", "budget %s %s: %s of %s %s", b->name, budget_state_name(state),
                    text_grouped(round(of), is, sizeof is), text_grouped(round(b->limit), limit, sizeof limit), b->unit);
    }
}

/* Whose metrics they are. Whoever set an alarm on one of a hop has said what is too much for it. */
static enum path_hop hop_of(const struct alarm *alarm)
{
    static const struct {
        const char *space;
        enum path_hop hop;
    } spaces[] = {{"AWS/Route53", HOP_NAMES},           {"AWS/CloudFront", HOP_CDN},     {"AWS/WAFV2", HOP_WAF},
                  {"AWS/ApplicationELB", HOP_BALANCER}, {"ContainerInsights", HOP_PODS}, {"AWS/RDS", HOP_DATABASE}};
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
        if (!strcmp(alarm->namespace_, spaces[i].space))
            return spaces[i].hop;
    return HOPS;
}

/* One that somebody has acknowledged is told still, but asks nobody to look. */
static void check_alarms(struct report *r)
{
    char reason[240];
    for (size_t i = 0; i < r->account->alarms.len; i++) {
        const struct alarm *alarm = &r->account->alarms.at[i];
        if (alarm->state == ALARM_ALARM && *alarm->acknowledged_by)
            problem_add(r, FEED_ALARMS, QUIET, HOPS, "", "alarm %s, acknowledged by %s", alarm->name, alarm->acknowledged_by);
        else if (alarm->state == ALARM_ALARM)
            problem_add(r, FEED_ALARMS, NOW, hop_of(alarm), alarm->name, "alarm %s%s%s", alarm->name, *alarm->reason ? ": " : "",
                        alarm_reason_brief(alarm->reason, reason, sizeof reason));
    }
}

static void check_blocks(struct report *r)
{
    char span[24];
    for (size_t s = 0; s < BLOCK_SETS; s++)
        for (size_t i = 0; i < r->account->block_sets[s].blocks.len; i++) {
            const struct waf_block *block = &r->account->block_sets[s].blocks.at[i];
            if (block->until && block->until <= r->now)
                problem_add(r, FEED_BLOCK_SETS, NOW, HOPS, "", "block of %s has expired %s ago: unblock it", block->address,
                            when_span(r->now - block->until, span, sizeof span));
        }
}

/* An account that is not ACTIVE is seen from the management account. */
static void check_organization(struct report *r)
{
    for (size_t i = 0; i < r->account->organization.accounts.len; i++) {
        const struct member_account *m = &r->account->organization.accounts.at[i];
        if (strcmp(m->status, "ACTIVE") != 0)
            problem_add(r, FEED_ORGANIZATION, NOW, HOPS, "", "account %s (%s): %s", m->name, m->id, m->status);
    }
    if (has(r, FEED_TRAIL) && r->account->trail.present && !r->account->trail.logging)
        problem_add(r, FEED_TRAIL, NOW, HOPS, "", "trail %s is not logging", r->account->trail.name);
}

enum slice_state edge_state(const struct account *a, unsigned parts, int64_t now)
{
    const struct slice *slice = &a->slices[FEED_EDGE];
    if (slice->state != SLICE_STALE || slice->error.kind == ERROR_NONE)
        return slice->state;
    if (parts & ~a->edge.known)
        return SLICE_FAILED;
    bool others = a->edge.failed && !(parts & a->edge.failed); /* only of these the last reading did not succeed */
    return others && now - slice->read_at <= 2 * slice->interval_ms ? SLICE_FRESH : SLICE_STALE;
}

static bool alike(const struct error *a, const struct error *b) { return text_equal(a->code, b->code) && text_equal(a->message, b->message); }

static void tell_unread(struct report *r, enum feed feed)
{
    char text[600];
    problem_add(r, feed, UNREAD, HOPS, "", "%s: %s", feed_name(feed), error_text(&r->account->slices[feed].error, text, sizeof text));
}

/* Where the session has failed, all else fails for the same reason: said once. */
static void check_slices(struct report *r)
{
    const struct slice *session = &r->account->slices[FEED_SESSION];
    bool out_of_reach = session->state != SLICE_NONE && session->error.kind != ERROR_NONE;
    if (out_of_reach)
        tell_unread(r, FEED_SESSION);
    for (int f = 0; f < FEED_COUNT; f++) {
        const struct slice *slice = &r->account->slices[f];
        enum slice_state state = f == FEED_EDGE ? edge_state(r->account, EDGE_NAMES | 1u << EDGE_CERTIFICATES, r->now) : slice->state;
        bool failed = state == SLICE_FAILED || (state == SLICE_STALE && slice->error.kind != ERROR_NONE);
        if (FEEDS_EXTRA & FEED_BIT(f))
            continue;
        if (failed && !(out_of_reach && (session->state == SLICE_FAILED || alike(&slice->error, &session->error))))
            tell_unread(r, (enum feed)f);
        r->unread |= state != SLICE_NONE && state != SLICE_FRESH;
    }
}

static const struct health_check checks[] = {{FEED_ALARMS, check_alarms, false},
                                             {FEED_BUDGETS, check_budgets, false},
                                             {FEED_ORGANIZATION, check_organization, false},
                                             {FEED_BLOCK_SETS, check_blocks, false},
                                             {0}};

static void ask(struct report *r, const struct health_check *list)
{
    for (; list->check; list++)
        if (has(r, list->feed) && !(list->awake && account_is_asleep(r->account)))
            list->check(r);
}

void account_health(const struct account *account, int64_t now_ms, struct health_report *out)
{
    struct report report = {.account = account, .now = now_ms, .out = out};
    out->count = out->quiet = 0;
    for (int hop = 0; hop < HOPS; hop++)
        *out->hop[hop].text = '\0';
    ask(&report, path_checks);
    ask(&report, checks);
    check_slices(&report);
    bool session_known = has(&report, FEED_SESSION);
    out->health = report.wrong ? HEALTH_ATTENTION : report.unread || !session_known ? HEALTH_UNKNOWN : HEALTH_OK;
}
