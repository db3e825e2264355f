#include "feeds/feeds.h"

#include <stdlib.h>

#include "base/mem.h"
#include "feeds/costs.h"
#include "feeds/internal.h"
#include "net/retry.h"

#define BACKOFF_BASE_MS 2000
#define BACKOFF_CAP_MS  300000
#define REFUSED_MS      60000 /* a refusal does not go away by asking often */
#define AGE_MS          5000
#define YIELD_MS        50
#define YIELD_PENDING   56 /* calls on the way, of 64 connections: with more, what nobody looks at only stands in the way of what somebody does */

static const struct feed_type *const types[FEED_COUNT] = {
    [FEED_SESSION] = &feed_session,
    [FEED_ORGANIZATION] = &feed_organization,
    [FEED_TRAIL] = &feed_trail,
    [FEED_PODS] = &feed_pods,
    [FEED_NODES] = &feed_nodes,
    [FEED_DEPLOYMENTS] = &feed_deployments,
    [FEED_HPAS] = &feed_hpas,
    [FEED_POD_METRICS] = &feed_pod_metrics,
    [FEED_DATABASE] = &feed_database,
    [FEED_DATABASE_EVENTS] = &feed_database_events,
    [FEED_DATABASE_BACKUPS] = &feed_database_backups,
    [FEED_BUDGETS] = &feed_budgets,
    [FEED_BUDGET_SUBSCRIBERS] = &feed_budget_subscribers,
    [FEED_WEB_ACL] = &feed_web_acl,
    [FEED_WAF_METRICS] = &feed_waf_metrics,
    [FEED_WAF_SAMPLES] = &feed_waf_samples,
    [FEED_BLOCK_SETS] = &feed_block_sets,
    [FEED_DISTRIBUTIONS] = &feed_distributions,
    [FEED_ALARMS] = &feed_alarms,
    [FEED_RELEASES] = &feed_releases,
    [FEED_IMAGES] = &feed_images,
    [FEED_NODE_GROUPS] = &feed_node_groups,
    [FEED_SCHEDULES] = &feed_schedules,
    [FEED_DRILLS] = &feed_drills,
    [FEED_PIPELINES] = &feed_pipelines,
    [FEED_REGISTRY] = &feed_registry,
    [FEED_PLATFORM] = &feed_platform,
    [FEED_DATABASE_PARAMETERS] = &feed_database_parameters,
    [FEED_DATABASE_LOAD] = &feed_database_load,
    [FEED_COSTS] = &feed_costs,
    [FEED_COST_WATCH] = &feed_cost_watch,
    [FEED_LOG_GROUPS] = &feed_log_groups,
    [FEED_ALARM_METRICS] = &feed_alarm_metrics,
    [FEED_ALARM_HISTORY] = &feed_alarm_history,
    [FEED_TRAIL_EVENTS] = &feed_trail_events,
    [FEED_OWN_ACTIONS] = &feed_own_actions,
    [FEED_IDENTITY] = &feed_identity,
    [FEED_CREDENTIALS] = &feed_credentials,
    [FEED_KEYS] = &feed_keys,
    [FEED_SECRETS] = &feed_secrets,
    [FEED_INSTANCES] = &feed_instances,
    [FEED_STATE_BUCKET] = &feed_state_bucket,
    [FEED_SERVICE_ACCOUNTS] = &feed_service_accounts,
    [FEED_WORKLOADS] = &feed_workloads,
    [FEED_DEPLOY_GATE] = &feed_deploy_gate,
    [FEED_NETWORK] = &feed_network,
    [FEED_LOAD_BALANCERS] = &feed_load_balancers,
    [FEED_EDGE] = &feed_edge,
    [FEED_EDGE_METRICS] = &feed_edge_metrics,
};

struct slot {
    struct feed_run run;
    struct loop_timer *timer;
    bool running; /* polled: a refresh is under way; live: it goes */
    bool answered;
    bool again;   /* asked to refresh while one was under way */
    bool yields;  /* to be read once less is on the way */
    enum feed awaited;
    void (*go)(struct feed_run *run); /* NULL: waits for no other */
};

struct feeds {
    struct feeds_options options;
    struct slot *slots; /* account × FEED_COUNT */
    struct aws_session **sessions;
    struct kube **kubes;
    struct loop_timer *aging, *yielding;
    struct detail_call *detail;
    struct kube_look *look;
    struct cost_ask *cost_ask;
    struct log_tail *log_tail;
    struct insights_ask *insights_ask;
    feed_mask started, focus;
    int64_t focus_at; /* monotonic */
    bool heard; /* something has been read since memory was last given back */
};

static struct slot *slot_at(const struct feeds *feeds, size_t account, int feed) { return &feeds->slots[account * FEED_COUNT + (size_t)feed]; }
static struct slot *slot_of(struct feed_run *run) { return slot_at(run->feeds, run->account, (int)run->feed); }

struct estate *feeds_estate(struct feeds *feeds) { return feeds->options.estate; }
struct loop *feeds_loop(struct feeds *feeds) { return feeds->options.loop; }
struct github *feeds_github(struct feeds *feeds) { return feeds->options.github; }
const char *feeds_state_dir(struct feeds *feeds) { return feeds->options.state_dir; }
const char *feeds_cache_dir(struct feeds *feeds) { return feeds->options.cache_dir; }
struct aws_session *feeds_session(struct feeds *feeds, size_t account) { return feeds->sessions[account]; }

struct detail_call **feeds_detail_call(struct feeds *feeds) { return &feeds->detail; }
struct kube_look **feeds_kube_look(struct feeds *feeds) { return &feeds->look; }
struct cost_ask **feeds_cost_ask(struct feeds *feeds) { return &feeds->cost_ask; }
struct log_tail **feeds_log_tail(struct feeds *feeds) { return &feeds->log_tail; }
struct insights_ask **feeds_insights_ask(struct feeds *feeds) { return &feeds->insights_ask; }

static bool is_wanted(const struct feed_run *run)
{
    const struct feed_type *type = types[run->feed];
    return !type->wanted || type->wanted(run->config);
}

bool feed_in_focus(const struct feed_run *run) { return run->feeds->focus & FEED_BIT(run->feed); }

static int64_t interval_of(const struct feed_run *run)
{
    const struct feed_type *type = types[run->feed];
    int times = type->stretch ? type->stretch(&feeds_estate(run->feeds)->accounts[run->account]) : 1;
    return times * (feed_in_focus(run) && type->focus_ms ? type->focus_ms : type->interval_ms);
}

static void begin(struct slot *slot)
{
    struct feed_run *run = &slot->run;
    slot->yields = false;
    slot->running = true;
    slot->again = false;
    types[run->feed]->start(run);
}

static bool is_extra(const struct slot *slot) { return FEEDS_EXTRA & FEED_BIT(slot->run.feed); }

/* In a console that has been started just now, or woken up, everything is due at once. What is looked at goes first; then, where it is known who we
 * are, what tells how an account is; then the rest, but for the moment that a pane which has just been opened has for itself. */
static bool must_yield(const struct slot *slot)
{
    const struct feeds *feeds = slot->run.feeds;
    enum session_state session = feeds->options.estate->accounts[slot->run.account].session.state;
    if (!feeds->focus || feed_in_focus(&slot->run) || slot->run.feed == FEED_SESSION)
        return false;
    if (is_extra(slot) && loop_now(feeds->options.loop) - feeds->focus_at < YIELD_MS)
        return true;
    return session == SESSION_NEVER || session == SESSION_LOADING || http_pending(feeds->options.http) >= YIELD_PENDING;
}

static bool begin_those(struct feeds *feeds, bool extra)
{
    bool any = false;
    for (size_t i = 0; i < feeds->options.estate->account_count * FEED_COUNT; i++) {
        struct slot *slot = &feeds->slots[i];
        if (slot->yields && is_extra(slot) == extra && !must_yield(slot))
            begin(slot);
        any |= slot->yields;
    }
    return any;
}

static void begin_yielding(void *arg)
{
    struct feeds *feeds = arg;
    feeds->yielding = NULL;
    (void)begin_those(feeds, false);
    if (begin_those(feeds, true) && !feeds->yielding)
        feeds->yielding = loop_after(feeds->options.loop, YIELD_MS, begin_yielding, feeds);
}

/* Something has changed that they may have waited for. */
static void hurry(struct feeds *feeds)
{
    if (!feeds->yielding)
        return;
    loop_cancel(feeds->options.loop, feeds->yielding);
    begin_yielding(feeds);
}

static void refresh(void *arg)
{
    struct slot *slot = arg;
    struct feeds *feeds = slot->run.feeds;
    slot->timer = NULL;
    slice_loading(feeds->options.estate, slot->run.account, slot->run.feed);
    slot->yields = must_yield(slot);
    if (!slot->yields)
        begin(slot);
    else if (!feeds->yielding)
        feeds->yielding = loop_after(feeds->options.loop, YIELD_MS, begin_yielding, feeds);
}

static void schedule(struct slot *slot, int64_t delay_ms)
{
    struct loop *loop = feeds_loop(slot->run.feeds);
    loop_cancel(loop, slot->timer);
    slot->timer = loop_after(loop, delay_ms, refresh, slot);
}

/* Not on its own again: it is live, or only for who looks, and nobody does any more. */
static bool has_no_next(const struct slot *slot)
{
    const struct feed_type *type = types[slot->run.feed];
    return type->interval_ms == 0 || (type->focus_only && !feed_in_focus(&slot->run));
}

/* A refresh is over; there is room now for what has yielded. */
static void refreshed(struct slot *slot, int64_t wait_ms)
{
    struct feeds *feeds = slot->run.feeds;
    slot->running = types[slot->run.feed]->interval_ms == 0;
    if (!has_no_next(slot))
        schedule(slot, wait_ms);
    if (feeds->yielding) {
        loop_cancel(feeds->options.loop, feeds->yielding);
        feeds->yielding = loop_after(feeds->options.loop, 0, begin_yielding, feeds);
    }
}

/* Ten percent either way, so that many accounts do not march in step. */
static int64_t jittered(int64_t ms) { return ms - ms / 10 + retry_backoff(0, ms / 5, ms / 5); }

bool feed_await(struct feed_run *run, enum feed other, void (*go)(struct feed_run *))
{
    struct slot *on = slot_at(run->feeds, run->account, (int)other), *slot = slot_of(run);
    if ((!on->running && !on->yields) || on->answered)
        return false;
    if (on->yields && !must_yield(slot))
        begin(on);
    slot->awaited = other;
    slot->go = go;
    return true;
}

static void first_answer(struct slot *slot)
{
    slot->run.feeds->heard = true;
    if (slot->answered)
        return;
    slot->answered = true;
    for (int f = 0; f < FEED_COUNT; f++) {
        struct slot *waiting = slot_at(slot->run.feeds, slot->run.account, f);
        void (*go)(struct feed_run *) = waiting->go;
        if (!go || waiting->awaited != slot->run.feed)
            continue;
        waiting->go = NULL;
        go(&waiting->run);
    }
}

void feed_good(struct feed_run *run)
{
    struct slot *slot = slot_of(run);
    int64_t now = loop_wall(feeds_loop(run->feeds)), interval = interval_of(run), wait = slot->again ? 0 : jittered(interval);
    slice_good(feeds_estate(run->feeds), run->account, run->feed, now, interval, has_no_next(slot) ? 0 : now + wait);
    refreshed(slot, wait);
    first_answer(slot);
}

void feed_failed(struct feed_run *run, const struct error *error)
{
    struct slot *slot = slot_of(run);
    const struct slice *slice = &feeds_estate(run->feeds)->accounts[run->account].slices[run->feed];
    int64_t now = loop_wall(feeds_loop(run->feeds));
    int64_t wait =
        retry_is_transient(error) ? BACKOFF_BASE_MS + retry_backoff(slice->failures, BACKOFF_BASE_MS, BACKOFF_CAP_MS) : jittered(REFUSED_MS);
    if (error->retry_after_ms > wait)
        wait = error->retry_after_ms;
    if (slot->again)
        wait = 0;
    log_line(run->feeds->options.log, "feeds", "%s %s %s: %s", run->config->name, feed_name(run->feed), error->code, error->message);
    slice_failed(feeds_estate(run->feeds), run->account, run->feed, error, has_no_next(slot) ? 0 : now + wait);
    refreshed(slot, wait);
    first_answer(slot);
}

void feed_end(struct feed_run *run, const struct error *error)
{
    if (error)
        feed_failed(run, error);
    else
        feed_good(run);
}

void feed_end_partly(struct feed_run *run, bool any, const struct error *error)
{
    struct error kept = error ? *error : (struct error){0};
    if (any)
        feed_good(run);
    if (kept.kind != ERROR_NONE)
        feed_failed(run, &kept);
}

/* What failed for want of keys is read now that there are some, not when it would have been its turn. */
static void wake_account(struct feeds *feeds, size_t account)
{
    struct aws_session_info info;
    aws_session_look(feeds->sessions[account], &info);
    for (int f = 0; f < FEED_COUNT && info.state == AWS_SESSION_READY; f++) {
        struct slot *slot = slot_at(feeds, account, f);
        if (slot->timer && feeds->options.estate->accounts[account].slices[f].error.kind == ERROR_AUTH)
            schedule(slot, 0);
    }
}

static void on_session(void *arg, struct aws_session *session)
{
    struct feeds *feeds = arg;
    for (size_t a = 0; a < feeds->options.estate->account_count; a++)
        if (feeds->sessions[a] == session) {
            session_changed(&slot_at(feeds, a, FEED_SESSION)->run);
            wake_account(feeds, a);
        }
    hurry(feeds);
}

static void age(void *arg)
{
    struct feeds *feeds = arg;
    if (feeds->heard) /* large replies leave holes behind */
        mem_give_back();
    feeds->heard = false;
    slices_age(feeds->options.estate, loop_wall(feeds->options.loop));
    feeds->aging = loop_after(feeds->options.loop, AGE_MS, age, feeds);
}

static struct aws_session *open_session(struct feeds *feeds, const struct account_config *config)
{
    if (!config->role)
        return aws_session_base(feeds->options.aws);
    char arn[256];
    struct aws_role role = {.role_arn = account_role_arn(config, config->role, arn, sizeof arn),
                            .external_id = config->external_id,
                            .session_name = config->session_name,
                            .duration_s = (int)(config->session_ms / 1000),
                            .mfa_serial = config->mfa_serial,
                            .region = config->region};
    return aws_session_assume(feeds->options.aws, &role);
}

struct feeds *feeds_new(const struct feeds_options *options)
{
    struct feeds *feeds = mem_new(sizeof *feeds);
    size_t count = options->estate->account_count;
    feeds->options = *options;
    feeds->slots = mem_new_array(count * FEED_COUNT, sizeof *feeds->slots);
    feeds->sessions = mem_new_array(count, sizeof *feeds->sessions);
    feeds->kubes = mem_new_array(count, sizeof *feeds->kubes);
    for (size_t a = 0; a < count; a++) {
        const struct account_config *config = options->estate->accounts[a].config;
        feeds->sessions[a] = open_session(feeds, config);
        for (int f = 0; f < FEED_COUNT; f++) {
            slot_at(feeds, a, f)->run =
                (struct feed_run){.feeds = feeds, .account = a, .feed = (enum feed)f, .session = feeds->sessions[a], .config = config};
            if (!is_wanted(&slot_at(feeds, a, f)->run))
                slice_none(options->estate, a, (enum feed)f);
        }
    }
    aws_on_session(options->aws, on_session, feeds);
    feeds->aging = loop_after(options->loop, AGE_MS, age, feeds);
    return feeds;
}

void feeds_free(struct feeds *feeds)
{
    if (!feeds)
        return;
    struct loop *loop = feeds->options.loop;
    aws_on_session(feeds->options.aws, NULL, NULL);
    loop_cancel(loop, feeds->aging);
    loop_cancel(loop, feeds->yielding);
    detail_cancel(feeds);
    cost_ask_cancel(feeds);
    insights_ask_cancel(feeds);
    feeds_log_close(feeds);
    for (size_t i = 0; i < feeds->options.estate->account_count * FEED_COUNT; i++) {
        struct slot *slot = &feeds->slots[i];
        loop_cancel(loop, slot->timer);
        if (slot->running)
            types[slot->run.feed]->stop(&slot->run);
    }
    for (size_t a = 0; a < feeds->options.estate->account_count; a++)
        kube_free(feeds->kubes[a]);
    free(feeds->kubes);
    free(feeds->sessions);
    free(feeds->slots);
    free(feeds);
}

void feeds_start(struct feeds *feeds, feed_mask mask, feed_mask ahead)
{
    feeds->started |= mask;
    for (size_t a = 0; a < feeds->options.estate->account_count; a++)
        for (int f = 0; f < FEED_COUNT; f++) {
            struct slot *slot = slot_at(feeds, a, f);
            bool waits = types[f]->focus_only && !feed_in_focus(&slot->run) && !(ahead & FEED_BIT(f));
            if ((mask & FEED_BIT(f)) && is_wanted(&slot->run) && !slot->running && !slot->yields && !slot->timer && !waits)
                refresh(slot);
        }
}

/* What is now in focus is read at once if it is older than its interval in focus allows. */
void feeds_focus(struct feeds *feeds, feed_mask mask)
{
    feed_mask gained = mask & ~feeds->focus, lost = feeds->focus & ~mask;
    int64_t now = loop_wall(feeds->options.loop);
    feeds->focus = mask;
    feeds->focus_at = loop_now(feeds->options.loop);
    hurry(feeds);
    for (size_t a = 0; a < feeds->options.estate->account_count; a++)
        for (int f = 0; f < FEED_COUNT; f++) {
            struct slot *slot = slot_at(feeds, a, f);
            const struct slice *slice = &feeds->options.estate->accounts[a].slices[f];
            bool polled = types[f]->interval_ms > 0, started = feeds->started & FEED_BIT(f);
            if (!polled || !started || slot->running || slot->yields || !is_wanted(&slot->run))
                continue;
            int64_t left = slice->read_at + interval_of(&slot->run) - now;
            if (gained & FEED_BIT(f) && (slot->timer || types[f]->focus_only) && slice->error.kind == ERROR_NONE)
                schedule(slot, left > 0 ? left : 0);
            else if (lost & FEED_BIT(f) && types[f]->focus_only) {
                loop_cancel(feeds->options.loop, slot->timer);
                slot->timer = NULL;
            }
        }
}

void feeds_refresh(struct feeds *feeds, feed_mask mask)
{
    aws_session_ask_again(aws_session_base(feeds->options.aws));
    for (size_t a = 0; a < feeds->options.estate->account_count; a++)
        aws_session_ask_again(feeds->sessions[a]);
    for (size_t a = 0; a < feeds->options.estate->account_count; a++)
        for (int f = 0; f < FEED_COUNT; f++) {
            struct slot *slot = slot_at(feeds, a, f);
            if (!(mask & feeds->started & FEED_BIT(f)) || !is_wanted(&slot->run) || types[f]->interval_ms == 0)
                continue;
            if (slot->running)
                slot->again = true;
            else if (!slot->yields) /* its turn comes by itself: with a timer too it would be begun twice */
                schedule(slot, 0);
        }
}

bool feeds_settled(const struct feeds *feeds, feed_mask mask)
{
    for (size_t a = 0; a < feeds->options.estate->account_count; a++)
        for (int f = 0; f < FEED_COUNT; f++) {
            const struct slot *slot = slot_at(feeds, a, f);
            if ((mask & FEED_BIT(f)) && is_wanted(&slot->run) && !slot->answered)
                return false;
        }
    return true;
}

void feeds_mfa(struct feeds *feeds, size_t account, const char *code) { aws_session_mfa(feeds->sessions[account], code); }

struct kube *feeds_kube(struct feeds *feeds, size_t account)
{
    const struct account_config *config = feeds->options.estate->accounts[account].config;
    if (!config->cluster.name)
        return NULL;
    if (!feeds->kubes[account]) {
        struct kube_options options = {.name = config->cluster.name,
                                       .server = config->cluster.server,
                                       .ca_file = config->cluster.ca_file,
                                       .token_file = config->cluster.token_file,
                                       .context = config->cluster.context,
                                       .session = feeds->sessions[account],
                                       .region = config->region,
                                       .log = feeds->options.log};
        feeds->kubes[account] = kube_new(feeds->options.loop, feeds->options.http, &options);
    }
    return feeds->kubes[account];
}
