/* How an account is, in words: every rule that makes someone look. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/when.h"
#include "estate/estate.h"

/* A pod that starts is not a problem yet. */
#define START_GRACE_MS 120000
#define CERTIFICATE_MS (INT64_C(30) * 86400000)

struct report {
    const struct account *account;
    int64_t now;
    struct health_report *out;
    bool wrong, unread;
};

__attribute__((format(printf, 3, 4))) static void add(struct report *r, enum feed feed, const char *format, ...)
{
    struct health_report *out = r->out;
    if (out->count < sizeof out->problem / sizeof *out->problem) {
        char text[sizeof out->problem->text];
        va_list ap;
        va_start(ap, format);
        vsnprintf(text, sizeof text, format, ap);
        va_end(ap);
        out->problem[out->count].feed = feed;
        text_copy(out->problem[out->count].text, sizeof out->problem[out->count].text, text);
    }
    out->count++;
}

#define PROBLEM(r, ...) ((r)->wrong = true, add((r), __VA_ARGS__))

/* Told, but asks nobody to look. */
#define QUIET(r, ...) (add((r), __VA_ARGS__), mark_quiet((r)->out))

static void mark_quiet(struct health_report *out)
{
    if (out->count <= sizeof out->problem / sizeof *out->problem)
        out->problem[out->count - 1].quiet = true;
    out->quiet++;
}

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

static void check_pods(struct report *r)
{
    const struct cluster *cluster = &r->account->cluster;
    int failing = 0, waiting = 0;
    const struct pod *first = NULL;
    for (size_t i = 0; i < cluster->pods.len; i++) {
        const struct pod *pod = &cluster->pods.at[i];
        bool bad = pod_is_failing(pod);
        failing += bad;
        waiting += !bad && !pod_is_ready(pod) && strcmp(pod->status, "Terminating") != 0 && r->now - pod->created_at > START_GRACE_MS;
        if (bad && !first)
            first = pod;
    }
    if (first)
        PROBLEM(r, FEED_PODS, "%d of %zu pods failing: %s %s", failing, cluster->pods.len, first->name, first->status);
    if (waiting)
        PROBLEM(r, FEED_PODS, "%d of %zu pods not ready", waiting, cluster->pods.len);
}

static void check_deployments(struct report *r)
{
    const struct cluster *cluster = &r->account->cluster;
    for (size_t i = 0; i < cluster->deployments.len; i++) {
        const struct deployment *d = &cluster->deployments.at[i];
        if (d->desired > 0 && d->available == 0)
            PROBLEM(r, FEED_DEPLOYMENTS, "deployment %s/%s has none of %d available", d->ns, d->name, d->desired);
    }
}

static void check_databases(struct report *r)
{
    bool development = r->account->config->kind == ACCOUNT_DEVELOPMENT, production = r->account->config->kind == ACCOUNT_PRODUCTION;
    bool may_sleep = development && r->account->config->auto_shutdown.stop;
    for (size_t i = 0; i < r->account->database.instances.len; i++) {
        const struct database *d = &r->account->database.instances.at[i];
        bool resting = may_sleep && (strcmp(d->status, "stopped") == 0 || strcmp(d->status, "stopping") == 0 || strcmp(d->status, "starting") == 0);
        bool working = strcmp(d->status, "available") == 0 || strcmp(d->status, "backing-up") == 0;
        if (!working && !resting)
            PROBLEM(r, FEED_DATABASE, "database %s: %s", d->id, *d->status ? d->status : "status not told");
        if (production && !d->multi_az)
            PROBLEM(r, FEED_DATABASE, "database %s has no standby", d->id);
    }
    if (r->account->config->database && r->account->database.instances.len == 0)
        PROBLEM(r, FEED_DATABASE, "database %s is not there", r->account->config->database);
}

/* Those that start or go away are part of any rollout. */
static void check_targets(struct report *r)
{
    const struct balancing *b = &r->account->balancing;
    int bad = 0;
    const struct balancer_target *first = NULL;
    const struct target_group *of = NULL;
    for (size_t i = 0; i < b->targets.len; i++) {
        const struct balancer_target *t = &b->targets.at[i];
        const struct target_group *group = balancing_group(b, t->group);
        bool counts = target_is_bad(t) && group && *group->balancer;
        bad += counts;
        of = counts && !first ? group : of;
        first = counts && !first ? t : first;
    }
    if (first)
        PROBLEM(r, FEED_LOAD_BALANCERS, "%d of %zu targets unhealthy: %s %s in %s", bad, b->targets.len, of->name, first->id, first->zone);
}

static void check_budgets(struct report *r)
{
    for (size_t i = 0; i < r->account->budgets.len; i++) {
        const struct budget *b = &r->account->budgets.at[i];
        enum budget_state state = budget_state(b);
        if (!budget_alarming(b))
            continue;
        double of = state == BUDGET_FORECAST_OVER ? b->forecast : b->actual;
        PROBLEM(r, FEED_BUDGETS, "budget %s %s: %.0f of %.0f %s", b->name, budget_state_name(state), of, b->limit, b->unit);
    }
}

/* One that somebody has acknowledged is told still, but asks nobody to look. */
static void check_alarms(struct report *r)
{
    for (size_t i = 0; i < r->account->alarms.len; i++) {
        const struct alarm *alarm = &r->account->alarms.at[i];
        if (alarm->state == ALARM_ALARM && *alarm->acknowledged_by)
            QUIET(r, FEED_ALARMS, "alarm %s, acknowledged by %s", alarm->name, alarm->acknowledged_by);
        else if (alarm->state == ALARM_ALARM)
            PROBLEM(r, FEED_ALARMS, "alarm %s", alarm->name);
    }
}

static void check_blocks(struct report *r)
{
    char span[24];
    for (size_t s = 0; s < BLOCK_SETS; s++)
        for (size_t i = 0; i < r->account->block_sets[s].blocks.len; i++) {
            const struct waf_block *block = &r->account->block_sets[s].blocks.at[i];
            if (block->until && block->until <= r->now)
                PROBLEM(r, FEED_BLOCK_SETS, "block of %s has expired %s ago: unblock it", block->address,
                        when_span(r->now - block->until, span, sizeof span));
        }
}

/* Of the certificates that viewers are shown: ACM renews them two months ahead, so one that has a month left has met trouble. */
static void check_certificates(struct report *r)
{
    const struct account_edge *edge = &r->account->edge;
    char span[24];
    for (size_t i = 0; i < edge->distributions.len; i++) {
        const struct edge_certificate *c = edge_certificate(edge, edge->distributions.at[i].certificate);
        if (!c || !c->expires_at || !edge->distributions.at[i].enabled || c->expires_at - r->now > CERTIFICATE_MS)
            continue;
        if (c->expires_at <= r->now)
            PROBLEM(r, FEED_EDGE, "certificate of %s has expired", c->domain);
        else
            PROBLEM(r, FEED_EDGE, "certificate of %s has %s left", c->domain, when_span(c->expires_at - r->now, span, sizeof span));
    }
}

/* An account that is not ACTIVE is seen from the management account. */
static void check_organization(struct report *r)
{
    for (size_t i = 0; i < r->account->organization.accounts.len; i++) {
        const struct member_account *m = &r->account->organization.accounts.at[i];
        if (strcmp(m->status, "ACTIVE") != 0)
            PROBLEM(r, FEED_ORGANIZATION, "account %s (%s): %s", m->name, m->id, m->status);
    }
    if (has(r, FEED_TRAIL) && r->account->trail.present && !r->account->trail.logging)
        PROBLEM(r, FEED_TRAIL, "trail %s is not logging", r->account->trail.name);
}

static void check_slices(struct report *r)
{
    char text[600];
    const struct slice *session = &r->account->slices[FEED_SESSION];
    if (session->state == SLICE_FAILED) {
        /* Everything else has failed for the same reason: said once. How the account is, cannot be told. */
        add(r, FEED_SESSION, "session: %s", error_text(&session->error, text, sizeof text));
        r->unread = true;
        return;
    }
    for (int f = 0; f < FEED_COUNT; f++) {
        const struct slice *slice = &r->account->slices[f];
        if (FEEDS_EXTRA & FEED_BIT(f))
            continue;
        if (slice->state == SLICE_FAILED || (slice->state == SLICE_STALE && slice->error.kind != ERROR_NONE))
            add(r, (enum feed)f, "%s: %s", feed_name((enum feed)f), error_text(&slice->error, text, sizeof text));
        /* What pods use is read only while someone looks at it. */
        bool never = slice->state == SLICE_NEVER && f != FEED_POD_METRICS;
        r->unread |= never || slice->state == SLICE_FAILED || slice->state == SLICE_STALE || slice->state == SLICE_LOADING;
    }
}

static const struct {
    enum feed feed;
    void (*check)(struct report *r);
    bool awake; /* not asked of an account that is asleep */
} checks[] = {{FEED_PODS, check_pods, true},
              {FEED_DEPLOYMENTS, check_deployments, true},
              {FEED_DATABASE, check_databases, false},
              {FEED_ALARMS, check_alarms, false},
              {FEED_BUDGETS, check_budgets, false},
              {FEED_ORGANIZATION, check_organization, false},
              {FEED_BLOCK_SETS, check_blocks, false},
              {FEED_LOAD_BALANCERS, check_targets, true},
              {FEED_EDGE, check_certificates, false}};

void account_health(const struct account *account, int64_t now_ms, struct health_report *out)
{
    struct report report = {.account = account, .now = now_ms, .out = out};
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (has(&report, checks[i].feed) && !(checks[i].awake && account_is_asleep(account)))
            checks[i].check(&report);
    check_slices(&report);
    bool session_known = has(&report, FEED_SESSION);
    out->health = report.wrong ? HEALTH_ATTENTION : report.unread || !session_known ? HEALTH_UNKNOWN : HEALTH_OK;
}
