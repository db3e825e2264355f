#include "estate/write.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "estate/internal.h"

#define POOL_TEXT_MAX 256
#define POOL_MAX      65536 /* different texts; what is more shares one word */
#define EVENTS_MAX    500

uint64_t text_hash(const char *s, uint64_t seed)
{
    uint64_t h = seed ^ UINT64_C(0xcbf29ce484222325);
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
    return h;
}

struct account *estate_account_write(struct estate *e, size_t account) { return &e->accounts[account]; }
void estate_touch(struct estate *e) { e->version++; }

/* Slices. */

static struct slice *slice_at(struct estate *e, size_t account, enum feed feed)
{
    e->version++;
    return &e->accounts[account].slices[feed];
}

void slice_none(struct estate *e, size_t account, enum feed feed) { slice_at(e, account, feed)->state = SLICE_NONE; }

void slice_loading(struct estate *e, size_t account, enum feed feed)
{
    struct slice *slice = slice_at(e, account, feed);
    slice->loading = true;
    if (slice->state == SLICE_NEVER)
        slice->state = SLICE_LOADING;
}

void slice_good(struct estate *e, size_t account, enum feed feed, int64_t now, int64_t interval_ms, int64_t due_at)
{
    *slice_at(e, account, feed) = (struct slice){.state = SLICE_FRESH, .read_at = now, .interval_ms = interval_ms, .due_at = due_at};
}

void slice_part(struct estate *e, size_t account, enum feed feed) { slice_at(e, account, feed)->part = true; }

void slice_failed(struct estate *e, size_t account, enum feed feed, const struct error *error, int64_t due_at)
{
    struct slice *slice = slice_at(e, account, feed);
    slice->state = slice_has_data(slice) ? SLICE_STALE : SLICE_FAILED;
    slice->loading = false;
    slice->error = *error;
    slice->due_at = due_at;
    slice->failures++;
}

bool slices_age(struct estate *e, int64_t now)
{
    bool changed = false;
    for (size_t a = 0; a < e->account_count; a++)
        for (int f = 0; f < FEED_COUNT; f++) {
            struct slice *slice = &e->accounts[a].slices[f];
            if (slice->state == SLICE_FRESH && slice->interval_ms && now - slice->read_at > 2 * slice->interval_ms) {
                slice->state = SLICE_STALE;
                changed = true;
            }
        }
    e->version += changed;
    return changed;
}

void estate_note(struct estate *e, int64_t at, size_t account, enum feed feed, const char *subject, const char *format, ...)
{
    char text[512];
    struct change *change = &e->changes.ring[e->changes.count++ % CHANGES_MAX];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    *change = (struct change){.at = at, .account = account, .feed = feed};
    text_clean(change->subject, sizeof change->subject, subject, strlen(subject));
    text_clean(change->text, sizeof change->text, text, strlen(text));
    e->version++;
}

/* The pool. */

static void pool_put(struct text_pool *pool, char *text)
{
    size_t i = text_hash(text, 0) & (pool->cap - 1);
    while (pool->at[i])
        i = (i + 1) & (pool->cap - 1);
    pool->at[i] = text;
    pool->len++;
}

static void pool_grow(struct text_pool *pool)
{
    struct text_pool larger = {.cap = pool->cap ? pool->cap * 2 : 256};
    larger.at = mem_new_array(larger.cap, sizeof *larger.at);
    for (size_t i = 0; i < pool->cap; i++)
        if (pool->at[i])
            pool_put(&larger, pool->at[i]);
    free(pool->at);
    *pool = larger;
}

const char *estate_pool(struct estate *e, const char *text)
{
    struct text_pool *pool = &((struct whole *)e)->pool;
    char clean[POOL_TEXT_MAX];
    if (!text || !*text)
        return "";
    text_clean(clean, sizeof clean, text, strlen(text));
    if (pool->len * 2 >= pool->cap)
        pool_grow(pool);
    for (size_t i = text_hash(clean, 0) & (pool->cap - 1); pool->at[i]; i = (i + 1) & (pool->cap - 1))
        if (strcmp(pool->at[i], clean) == 0)
            return pool->at[i];
    if (pool->len >= POOL_MAX)
        return "…";
    char *kept = mem_strdup(clean);
    pool_put(pool, kept);
    return kept;
}

/* Whole families. */

void session_set(struct estate *e, size_t account, const struct session *session, int64_t now)
{
    struct session *old = &e->accounts[account].session;
    if (session->state == SESSION_FAILED && old->state == SESSION_READY)
        estate_note(e, now, account, FEED_SESSION, e->accounts[account].config->name, "session lost");
    else if (session->state == SESSION_READY && old->state == SESSION_FAILED)
        estate_note(e, now, account, FEED_SESSION, e->accounts[account].config->name, "session back");
    *old = *session;
    e->version++;
}

void organization_set(struct estate *e, size_t account, struct organization *take)
{
    struct organization *o = &e->accounts[account].organization;
    organization_clear(o);
    *o = *take;
    *take = (struct organization){0};
    e->version++;
}

void trail_set(struct estate *e, size_t account, const struct trail *trail)
{
    e->accounts[account].trail = *trail;
    e->version++;
}

static const struct database *find_database(const struct database_set *set, const char *id)
{
    for (size_t i = 0; i < set->instances.len; i++)
        if (strcmp(set->instances.at[i].id, id) == 0)
            return &set->instances.at[i];
    return NULL;
}

static void note_database(struct estate *e, size_t account, const struct database *old, const struct database *now_is, int64_t now)
{
    if (strcmp(old->status, now_is->status) != 0)
        estate_note(e, now, account, FEED_DATABASE, now_is->id, "%s (was %s)", now_is->status, old->status);
    if (strcmp(old->zone, now_is->zone) != 0)
        estate_note(e, now, account, FEED_DATABASE, now_is->id, "primary moved from %s to %s", old->zone, now_is->zone);
    if (old->multi_az != now_is->multi_az)
        estate_note(e, now, account, FEED_DATABASE, now_is->id, now_is->multi_az ? "now Multi-AZ" : "no longer Multi-AZ");
}

void node_groups_set(struct estate *e, size_t account, const struct node_group *rows, size_t count, int64_t now)
{
    struct account *a = &e->accounts[account];
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < a->node_groups.len; k++)
            if (strcmp(rows[i].name, a->node_groups.at[k].name) == 0 && rows[i].desired != a->node_groups.at[k].desired)
                estate_note(e, now, account, FEED_NODE_GROUPS, rows[i].name, "%d nodes wanted (was %d)", rows[i].desired,
                            a->node_groups.at[k].desired);
    vec_clear(&a->node_groups);
    for (size_t i = 0; i < count; i++)
        *vec_add(&a->node_groups) = rows[i];
    e->version++;
}

static const struct scheduled *find_scheduled(const struct account *a, const char *name)
{
    for (size_t i = 0; i < a->schedules.len; i++)
        if (strcmp(a->schedules.at[i].name, name) == 0)
            return &a->schedules.at[i];
    return NULL;
}

void schedules_set(struct estate *e, size_t account, const struct scheduled *rows, size_t count, int64_t now)
{
    struct account *a = &e->accounts[account];
    bool first = !slice_has_data(&a->slices[FEED_SCHEDULES]);
    for (size_t i = 0; i < count && !first; i++) {
        const struct scheduled *old = find_scheduled(a, rows[i].name);
        if (!old)
            estate_note(e, now, account, FEED_SCHEDULES, rows[i].name, "new: %s %s", rows[i].expression, rows[i].timezone);
        else if (old->enabled != rows[i].enabled)
            estate_note(e, now, account, FEED_SCHEDULES, rows[i].name, rows[i].enabled ? "goes on" : "paused");
        else if (strcmp(old->expression, rows[i].expression) != 0)
            estate_note(e, now, account, FEED_SCHEDULES, rows[i].name, "%s (was %s)", rows[i].expression, old->expression);
    }
    vec_clear(&a->schedules);
    for (size_t i = 0; i < count; i++)
        *vec_add(&a->schedules) = rows[i];
    e->version++;
}

void databases_set(struct estate *e, size_t account, const struct database *rows, size_t count, int64_t now)
{
    struct database_set *set = &e->accounts[account].database;
    bool first = !slice_has_data(&e->accounts[account].slices[FEED_DATABASE]);
    for (size_t i = 0; i < count; i++) {
        const struct database *old = find_database(set, rows[i].id);
        if (old)
            note_database(e, account, old, &rows[i], now);
        else if (!first)
            estate_note(e, now, account, FEED_DATABASE, rows[i].id, "new: %s", rows[i].status);
    }
    vec_clear(&set->instances);
    for (size_t i = 0; i < count; i++)
        *vec_add(&set->instances) = rows[i];
    e->version++;
}

void database_loads_set(struct estate *e, size_t account, const struct database_load *rows, size_t count)
{
    struct database_set *set = &e->accounts[account].database;
    vec_clear(&set->loads);
    for (size_t i = 0; i < count; i++)
        *vec_add(&set->loads) = rows[i];
    e->version++;
}

static bool same_event(const struct database_event *a, const struct database_event *b)
{
    return a->at == b->at && strcmp(a->source, b->source) == 0 && strcmp(a->message, b->message) == 0;
}

static int newest_first(const void *a, const void *b)
{
    int64_t x = ((const struct database_event *)a)->at, y = ((const struct database_event *)b)->at;
    return x < y ? 1 : x > y ? -1 : 0;
}

void database_events_add(struct estate *e, size_t account, const struct database_event *rows, size_t count)
{
    struct database_set *set = &e->accounts[account].database;
    size_t before = set->events.len;
    for (size_t i = 0; i < count; i++) {
        bool known = false;
        for (size_t k = 0; k < set->events.len && !known; k++)
            known = same_event(&set->events.at[k], &rows[i]);
        if (!known)
            *vec_add(&set->events) = rows[i];
    }
    if (set->events.len == before)
        return;
    qsort(set->events.at, set->events.len, sizeof *set->events.at, newest_first);
    if (set->events.len > EVENTS_MAX)
        set->events.len = EVENTS_MAX;
    e->version++;
}

void database_backups_set(struct estate *e, size_t account, const struct database_backup *rows, size_t count)
{
    struct database_set *set = &e->accounts[account].database;
    vec_clear(&set->backups);
    for (size_t i = 0; i < count; i++)
        *vec_add(&set->backups) = rows[i];
    e->version++;
}

void database_backups_unread(struct estate *e, size_t account, bool here, bool there)
{
    e->accounts[account].database.backups_here_unread = here;
    e->accounts[account].database.backups_there_unread = there;
    e->version++;
}

void drills_set(struct estate *e, size_t account, struct drill *take, size_t count)
{
    struct database_set *set = &e->accounts[account].database;
    bool same = set->drills.len == count;
    for (size_t i = 0; same && i < count; i++)
        same = !strcmp(set->drills.at[i].path, take[i].path);
    drills_clear(set);
    for (size_t i = 0; i < count; i++) {
        *vec_add(&set->drills) = take[i];
        take[i].text = NULL;
    }
    if (!same)
        e->version++;
}

/* Whom a notification tells stays known where it was not asked this time. */
static void keep_subscribers(struct budget *b, const struct budget *old)
{
    for (size_t i = 0; i < b->notifications.len; i++)
        for (size_t k = 0; k < old->notifications.len && b->notifications.at[i].subscribers < 0; k++) {
            const struct budget_notification *n = &b->notifications.at[i], *was = &old->notifications.at[k];
            if (n->forecasted == was->forecasted && n->percent == was->percent && !(n->threshold < was->threshold) &&
                !(n->threshold > was->threshold))
                b->notifications.at[i].subscribers = was->subscribers;
        }
}

void budgets_set(struct estate *e, size_t account, struct budget *take, size_t count, int64_t now)
{
    struct account *a = &e->accounts[account];
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < a->budgets.len; k++) {
            enum budget_state state = budget_state(&take[i]);
            if (strcmp(a->budgets.at[k].name, take[i].name) != 0)
                continue;
            keep_subscribers(&take[i], &a->budgets.at[k]);
            if (state > BUDGET_OK && state != budget_state(&a->budgets.at[k]))
                estate_note(e, take[i].updated_at ? take[i].updated_at : now, account, FEED_BUDGETS, take[i].name, "%s: %.0f of %.0f %s",
                            budget_state_name(state), take[i].actual, take[i].limit, take[i].unit);
        }
    budgets_clear(a);
    for (size_t i = 0; i < count; i++) {
        *vec_add(&a->budgets) = take[i];
        take[i] = (struct budget){0};
    }
    e->version++;
}

static const struct waf_rule *find_rule(const struct web_acl *acl, const char *name)
{
    for (size_t i = 0; i < acl->rules.len; i++)
        if (!strcmp(acl->rules.at[i].name, name))
            return &acl->rules.at[i];
    return NULL;
}

static void note_web_acl(struct estate *e, size_t account, const struct web_acl *old, const struct web_acl *acl, int64_t now)
{
    if (strcmp(old->default_action, acl->default_action) != 0)
        estate_note(e, now, account, FEED_WEB_ACL, acl->name, "what no rule decides: %s (was %s)", acl->default_action, old->default_action);
    for (size_t i = 0; i < acl->rules.len; i++) {
        const struct waf_rule *rule = &acl->rules.at[i], *was = find_rule(old, rule->name);
        if (!was)
            estate_note(e, now, account, FEED_WEB_ACL, rule->name, "new rule: %s", rule->action);
        else if (strcmp(was->action, rule->action) != 0)
            estate_note(e, now, account, FEED_WEB_ACL, rule->name, "%s (was %s)", rule->action, was->action);
        else if (was->limit != rule->limit)
            estate_note(e, now, account, FEED_WEB_ACL, rule->name, "from %lld requests on (was %lld)", (long long)rule->limit, (long long)was->limit);
    }
    for (size_t i = 0; i < old->rules.len; i++)
        if (!find_rule(acl, old->rules.at[i].name))
            estate_note(e, now, account, FEED_WEB_ACL, old->rules.at[i].name, "the rule is gone (was %s)", old->rules.at[i].action);
}

void web_acl_set(struct estate *e, size_t account, struct web_acl *take, int64_t now)
{
    struct web_acl *acl = &e->accounts[account].web_acl;
    struct web_acl old = *acl;
    if (*old.arn && !strcmp(old.arn, take->arn))
        note_web_acl(e, account, &old, take, now);
    *acl = *take;
    acl->series.at = old.series.at, acl->series.len = old.series.len, acl->series.cap = old.series.cap;
    acl->samples.at = old.samples.at, acl->samples.len = old.samples.len, acl->samples.cap = old.samples.cap;
    acl->series_end = old.series_end;
    vec_free(&old.rules);
    *take = (struct web_acl){0};
    e->version++;
}

void waf_series_set(struct estate *e, size_t account, const struct waf_series *rows, size_t count, int64_t end)
{
    struct web_acl *acl = &e->accounts[account].web_acl;
    vec_clear(&acl->series);
    for (size_t i = 0; i < count; i++)
        *vec_add(&acl->series) = rows[i];
    acl->series_end = end;
    e->version++;
}

void waf_samples_set(struct estate *e, size_t account, const struct waf_sample *rows, size_t count)
{
    struct web_acl *acl = &e->accounts[account].web_acl;
    vec_free(&acl->samples);
    if (count) { /* a kilobyte each: no room for more than there are */
        acl->samples.at = mem_new_array(count, sizeof *rows);
        acl->samples.len = acl->samples.cap = count;
        memcpy(acl->samples.at, rows, count * sizeof *rows);
    }
    e->version++;
}

static bool is_blocked(const struct block_set *set, const char *address)
{
    for (size_t i = 0; i < set->blocks.len; i++)
        if (strcmp(set->blocks.at[i].address, address) == 0)
            return true;
    return false;
}

static void note_blocks(struct estate *e, size_t account, const struct block_set *from, const struct block_set *to, const char *what, int64_t now)
{
    for (size_t i = 0; i < from->blocks.len; i++)
        if (!is_blocked(to, from->blocks.at[i].address))
            estate_note(e, now, account, FEED_BLOCK_SETS, from->blocks.at[i].address, "%s", what);
}

void block_set_put(struct estate *e, size_t account, bool six, struct block_set *take, int64_t now)
{
    struct block_set *set = &e->accounts[account].block_sets[six ? BLOCK_SET_IPV6 : BLOCK_SET_IPV4];
    if (set->found && take->found) {
        note_blocks(e, account, take, set, "blocked", now);
        note_blocks(e, account, set, take, "no longer blocked", now);
    }
    vec_free(&set->blocks);
    *set = *take;
    *take = (struct block_set){0};
    e->version++;
}

void distributions_set(struct estate *e, size_t account, const struct distribution *rows, size_t count)
{
    struct account *a = &e->accounts[account];
    vec_clear(&a->distributions);
    for (size_t i = 0; i < count; i++)
        *vec_add(&a->distributions) = rows[i];
    e->version++;
}

void trail_events_set(struct estate *e, size_t account, const struct trail_event *rows, size_t count)
{
    struct history *h = &e->accounts[account].history;
    vec_clear(&h->trail);
    for (size_t i = 0; i < count && i < TRAIL_EVENTS_MAX; i++)
        *vec_add(&h->trail) = rows[i];
    e->version++;
}

void alarm_turns_set(struct estate *e, size_t account, const struct alarm_turn *rows, size_t count)
{
    struct history *h = &e->accounts[account].history;
    vec_clear(&h->alarms);
    for (size_t i = 0; i < count && i < ALARM_TURNS_MAX; i++)
        *vec_add(&h->alarms) = rows[i];
    e->version++;
}

void own_actions_set(struct estate *e, size_t account, const struct own_action *rows, size_t count)
{
    struct history *h = &e->accounts[account].history;
    vec_clear(&h->own);
    for (size_t i = 0; i < count && i < OWN_ACTIONS_MAX; i++)
        *vec_add(&h->own) = rows[i];
    e->version++;
}

void alarms_set(struct estate *e, size_t account, const struct alarm *rows, size_t count, int64_t now)
{
    struct account *a = &e->accounts[account];
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < a->alarms.len; k++)
            if (strcmp(a->alarms.at[k].name, rows[i].name) == 0 && a->alarms.at[k].state != rows[i].state)
                estate_note(e, rows[i].since ? rows[i].since : now, account, FEED_ALARMS, rows[i].name, "%s (was %s) %s",
                            alarm_state_name(rows[i].state), alarm_state_name(a->alarms.at[k].state), rows[i].reason);
    vec_clear(&a->alarms);
    for (size_t i = 0; i < count; i++)
        *vec_add(&a->alarms) = rows[i];
    e->version++;
}

void alarm_trends_set(struct estate *e, size_t account, const struct alarm_trend *rows, size_t count)
{
    struct account *a = &e->accounts[account];
    vec_clear(&a->alarm_trends);
    for (size_t i = 0; i < count; i++)
        *vec_add(&a->alarm_trends) = rows[i];
    e->version++;
}

/* Detail and log. */

void detail_clear(struct detail *d)
{
    free(d->yaml);
    vec_free(&d->containers);
    vec_free(&d->events);
    *d = (struct detail){0};
}

void detail_open(struct estate *e, const struct detail_key *key)
{
    detail_clear(&e->detail);
    e->detail.key = *key;
    e->detail.slice.state = SLICE_LOADING;
    e->version++;
}

bool detail_is(const struct estate *e, const struct detail_key *key)
{
    const struct detail_key *open = &e->detail.key;
    return open->kind == key->kind && open->account == key->account && strcmp(open->ns, key->ns) == 0 && strcmp(open->name, key->name) == 0;
}

struct detail *detail_write(struct estate *e) { return &e->detail; }

void detail_failed(struct estate *e, const struct error *error)
{
    struct slice *slice = &e->detail.slice;
    slice->state = slice_has_data(slice) ? SLICE_STALE : SLICE_FAILED;
    slice->error = *error;
    e->version++;
}

void detail_close(struct estate *e)
{
    detail_clear(&e->detail);
    e->version++;
}

void log_view_clear(struct log_view *l)
{
    for (size_t i = 0; i < LOG_LINES_MAX; i++)
        free(l->lines[i]);
    memset(l, 0, sizeof *l);
}

void log_view_open(struct estate *e, size_t account, const char *ns, const char *pod, const char *container)
{
    log_view_clear(&e->log);
    e->log.open = true;
    e->log.account = account;
    text_clean(e->log.ns, sizeof e->log.ns, ns, strlen(ns));
    text_clean(e->log.pod, sizeof e->log.pod, pod, strlen(pod));
    text_clean(e->log.container, sizeof e->log.container, container ? container : "", container ? strlen(container) : 0);
    e->version++;
}

void log_view_container(struct estate *e, const char *container)
{
    text_clean(e->log.container, sizeof e->log.container, container, strlen(container));
    e->version++;
}

void log_view_add(struct estate *e, const char *line, size_t len)
{
    char clean[1024];
    text_clean(clean, sizeof clean, line, len);
    char **at = &e->log.lines[e->log.count++ % LOG_LINES_MAX];
    free(*at);
    *at = mem_strdup(clean);
    e->version++;
}

void log_view_end(struct estate *e, const struct error *error)
{
    e->log.ended = true;
    e->log.error = error ? *error : (struct error){0};
    e->version++;
}

void log_view_resume(struct estate *e)
{
    e->log.ended = false;
    error_clear(&e->log.error);
    e->version++;
}

void log_view_close(struct estate *e)
{
    log_view_clear(&e->log);
    e->version++;
}
