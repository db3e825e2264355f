/* What EventBridge Scheduler holds of the plan: its schedules by name, what somebody asked for, and what is up of what sleeps. */
#include "estate/scheduled.h"

#include <string.h>

#include "base/digest.h"
#include "base/str.h"
#include "estate/schedule.h"

#define HOUR_MS INT64_C(3600000)

/* Names. */

static const struct {
    const char *name, *text;
} does_words[] = {[SCHEDULED_STOP_DATABASE] = {"stop-database", "the stop of database"},
                  [SCHEDULED_START_DATABASE] = {"start-database", "the start of database"},
                  [SCHEDULED_STOP_NODES] = {"stop-nodes", "the stop of node group"},
                  [SCHEDULED_START_NODES] = {"start-nodes", "the start of node group"},
                  [SCHEDULED_OTHER] = {"other", "something else"}};

const char *scheduled_prefix(const struct account_config *config, char *out, size_t size)
{
    text_format(out, size, "trivet-%s-", config->name);
    return out;
}

const char *scheduled_name(const struct account_config *config, enum scheduled_does does, const char *subject, char out[SCHEDULED_NAME_MAX])
{
    char whole[256], hex[SHA256_HEX_SIZE];
    text_format(whole, sizeof whole, "trivet-%s-%s-%s", config->name, does_words[does].name, subject);
    if (text_copy(out, SCHEDULED_NAME_MAX, whole))
        return out;
    digest_sha256_hex(whole, strlen(whole), hex);
    text_format(out, SCHEDULED_NAME_MAX, "%.55s-%.8s", whole, hex);
    return out;
}

const char *scheduled_text(enum scheduled_does does, const char *subject, char *out, size_t size)
{
    text_format(out, size, "%s %s", does_words[does].text, subject);
    return out;
}

const struct scheduled *scheduled_find(const struct account *account, enum scheduled_does does, const char *subject)
{
    char name[SCHEDULED_NAME_MAX];
    scheduled_name(account->config, does, subject, name);
    for (size_t i = 0; i < account->schedules.len; i++)
        if (!strcmp(account->schedules.at[i].name, name))
            return &account->schedules.at[i];
    return NULL;
}

bool scheduled_stops(const struct scheduled *s) { return s->does == SCHEDULED_STOP_DATABASE || s->does == SCHEDULED_STOP_NODES; }

/* Kept up. */

int64_t schedule_kept_until(const struct account *account, int64_t now)
{
    int64_t until = 0;
    for (size_t i = 0; i < account->schedules.len; i++) {
        const struct scheduled *s = &account->schedules.at[i];
        if (scheduled_stops(s) && s->not_before > now && s->not_before > until)
            until = s->not_before;
    }
    return until;
}

int64_t schedule_keep_until(const struct shutdown_config *plan, int64_t now)
{
    struct schedule_next next, after;
    if (!schedule_next(plan, now, &next) || !schedule_next(plan, next.stop_at, &after))
        return 0;
    return after.start_at < after.stop_at ? after.start_at : next.stop_at + HOUR_MS;
}

bool schedule_next_of(const struct account *account, int64_t now, struct schedule_next *out)
{
    struct schedule_next later;
    int64_t until = schedule_kept_until(account, now);
    if (!schedule_next(&account->config->auto_shutdown, now, out))
        return false;
    if (until && schedule_next(&account->config->auto_shutdown, until, &later))
        out->stop_at = later.stop_at;
    return true;
}

bool schedule_wants_up(const struct account *account, int64_t now)
{
    struct schedule_next next;
    return schedule_kept_until(account, now) || !schedule_next(&account->config->auto_shutdown, now, &next) || next.stop_at < next.start_at;
}

/* Up or down. */

struct counts {
    size_t up, down, changing;
};

static void count(struct counts *c, bool up, bool down)
{
    c->up += up;
    c->down += down;
    c->changing += !up && !down;
}

static void count_databases(const struct account *a, struct counts *c)
{
    static const char *const moving[] = {"stopping", "starting", "creating", "rebooting"};
    for (size_t i = 0; i < a->database.instances.len; i++) {
        const char *status = a->database.instances.at[i].status;
        bool down = !strcmp(status, "stopped"), moves = false;
        for (size_t k = 0; k < sizeof moving / sizeof *moving; k++)
            moves |= !strcmp(status, moving[k]);
        count(c, !down && !moves, down);
    }
}

static void count_cluster(const struct account *a, struct counts *c)
{
    for (size_t i = 0; i < a->cluster.deployments.len; i++) {
        const struct deployment *d = &a->cluster.deployments.at[i];
        bool down = d->desired == 0;
        if (!text_starts(d->ns, "kube-") && !(down && deployment_least(a, d) == 0))
            count(c, !down && d->ready >= d->desired, down);
    }
    for (size_t i = 0; i < a->node_groups.len; i++) {
        const struct node_group *g = &a->node_groups.at[i];
        bool still = !strcmp(g->status, "ACTIVE") || !strcmp(g->status, "DEGRADED");
        if (g->desired > 0 || g->before > 0)
            count(c, still && g->desired > 0, still && g->desired == 0);
    }
}

enum awake account_awake(const struct account *a)
{
    static const enum feed feeds[] = {FEED_DATABASE, FEED_DEPLOYMENTS, FEED_NODE_GROUPS};
    struct counts c = {0};
    for (size_t i = 0; i < sizeof feeds / sizeof *feeds; i++)
        if (a->slices[feeds[i]].state != SLICE_NONE && !slice_has_data(&a->slices[feeds[i]]))
            return AWAKE_UNKNOWN;
    count_databases(a, &c);
    count_cluster(a, &c);
    return c.changing ? AWAKE_CHANGING : c.up && c.down ? AWAKE_PARTLY : c.up ? AWAKE_UP : c.down ? AWAKE_DOWN : AWAKE_UNKNOWN;
}

const char *awake_name(enum awake awake)
{
    static const char *const names[] = {"unknown", "up", "down", "partly up", "on its way"};
    return names[awake];
}
