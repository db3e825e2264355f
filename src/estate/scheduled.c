/* The plan of the profile against what EventBridge Scheduler holds of it. */
#include "estate/scheduled.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/str.h"
#include "base/when.h"
#include "estate/schedule.h"

#define HOUR_MS INT64_C(3600000)

static const char *const day_names[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

/* Cron expressions. */

/* Days in a row as a range, from Monday on. */
static void add_days(struct str *out, uint8_t weekdays)
{
    for (int i = 1; i <= 7; i++) {
        int last = i;
        if (!(weekdays >> (i % 7) & 1))
            continue;
        while (last < 7 && (weekdays >> ((last + 1) % 7) & 1))
            last++;
        str_addf(out, "%s%s", out->len ? "," : "", day_names[i % 7]);
        if (last > i)
            str_addf(out, "%c%s", last > i + 1 ? '-' : ',', day_names[last % 7]);
        i = last;
    }
}

const char *schedule_cron(int minutes, uint8_t weekdays, char *out, size_t size)
{
    struct str days = STR_INIT(64);
    add_days(&days, weekdays);
    text_format(out, size, "cron(%d %d ? * %s *)", minutes % 60, minutes / 60, (weekdays & 0x7f) == 0x7f ? "*" : str_text(&days));
    str_free(&days);
    return out;
}

static bool read_number(const char *text, int least, int most, int *out)
{
    size_t len = strlen(text);
    *out = atoi(text);
    return len >= 1 && len <= 2 && strspn(text, "0123456789") == len && *out >= least && *out <= most;
}

/* 0 is Sunday; the service counts from 1. */
static bool read_day(const char *text, int *out)
{
    for (int i = 0; i < 7; i++)
        if (text_same_case(text, day_names[i]))
            return *out = i, true;
    return read_number(text, 1, 7, out) && (--*out, true);
}

static bool read_days(char *text, uint8_t *out)
{
    char *rest = NULL;
    *out = strcmp(text, "*") && strcmp(text, "?") ? 0 : 0x7f;
    for (char *item = *out ? NULL : strtok_r(text, ",", &rest); item; item = strtok_r(NULL, ",", &rest)) {
        int first, last;
        char *dash = strchr(item, '-');
        if (dash)
            *dash = '\0';
        if (!read_day(item, &first) || !(dash ? read_day(dash + 1, &last) : (last = first, true)))
            return false;
        for (int day = first;; day = (day + 1) % 7) {
            *out = (uint8_t)(*out | 1u << day);
            if (day == last)
                break;
        }
    }
    return *out != 0;
}

bool schedule_cron_read(const char *expression, int *minutes, uint8_t *weekdays)
{
    char text[128], *rest = NULL, *field[7] = {0};
    size_t len = strlen(expression), count = 0;
    int hour, minute;
    if (!text_starts(expression, "cron(") || !text_ends(expression, ")") || !text_format(text, sizeof text, "%.*s", (int)len - 6, expression + 5))
        return false;
    for (char *part = strtok_r(text, " ", &rest); part && count < 7; part = strtok_r(NULL, " ", &rest))
        field[count++] = part;
    if (count != 6 || !read_number(field[0], 0, 59, &minute) || !read_number(field[1], 0, 23, &hour))
        return false;
    *minutes = hour * 60 + minute;
    return (!strcmp(field[2], "?") || !strcmp(field[2], "*")) && !strcmp(field[3], "*") && read_days(field[4], weekdays) && !strcmp(field[5], "*");
}

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

/* For people. */

const char *schedule_moment(const struct shutdown_config *plan, int64_t at, char *out, size_t size)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    struct zone_time there;
    zone_local(plan->zone, at, &there);
    text_format(out, size, "%s %02d:%02d %s", days[there.weekday], there.hour, there.minute, plan->timezone);
    return out;
}

__attribute__((format(printf, 4, 5))) static void say(schedule_line *line, void *arg, enum schedule_tone tone, const char *format, ...)
{
    struct str text = STR_INIT(600);
    va_list ap;
    va_start(ap, format);
    str_addv(&text, format, ap);
    va_end(ap);
    line(arg, tone, str_text(&text));
    str_free(&text);
}

static void say_when(const struct account *account, int64_t now, schedule_line *line, void *arg)
{
    const struct shutdown_config *plan = &account->config->auto_shutdown;
    struct schedule_next next;
    char stop[120], start[120], span[2][32], kept[120];
    int64_t until = schedule_kept_until(account, now);
    if (!schedule_next_of(account, now, &next))
        return;
    say(line, arg, SCHEDULE_STRONG, "next stop  %s (in %s)", schedule_moment(plan, next.stop_at, stop, sizeof stop),
        when_span(next.stop_at - now, span[0], sizeof span[0]));
    say(line, arg, SCHEDULE_STRONG, "next start %s (in %s)", schedule_moment(plan, next.start_at, start, sizeof start),
        when_span(next.start_at - now, span[1], sizeof span[1]));
    if (until)
        say(line, arg, SCHEDULE_STRONG, "kept up: nothing stops it before %s", schedule_moment(plan, until, kept, sizeof kept));
}

static void say_saving(const struct account *account, schedule_line *line, void *arg)
{
    struct schedule_next next;
    struct schedule_cost hour;
    if (!schedule_next(&account->config->auto_shutdown, 0, &next))
        return;
    schedule_cost(account, &hour);
    if (hour.databases + hour.pods + hour.nodes <= 0) {
        say(line, arg, SCHEDULE_DIM, "asleep %.0f of 168 hours a week; what that saves is not known yet", next.down_hours);
        return;
    }
    say(line, arg, SCHEDULE_DIM, "asleep %.0f of 168 hours a week: about $%.0f a month saved", next.down_hours, schedule_saving(account));
    say(line, arg, SCHEDULE_DIM, "estimate, list prices an hour: database $%.3f pods $%.3f nodes $%.3f", hour.databases, hour.pods, hour.nodes);
}

/* After seven days RDS starts it, and it has to be stopped again. */
static void say_restarts(const struct account *account, schedule_line *line, void *arg)
{
    char date[40];
    for (size_t i = 0; i < account->database.instances.len; i++) {
        const struct database *d = &account->database.instances.at[i];
        if (d->restarts_at)
            say(line, arg, SCHEDULE_STRONG, "RDS starts %s by itself on %s; stop it again then", d->id, when_date(d->restarts_at, date, sizeof date));
    }
}

void schedule_tell(const struct account *account, int64_t now, schedule_line *line, void *arg)
{
    if (!account->config->auto_shutdown.stop)
        line(arg, SCHEDULE_DIM, "no auto_shutdown in the profile");
    say_when(account, now, line, arg);
    say_restarts(account, line, arg);
    say_saving(account, line, arg);
    schedule_differences(account, line, arg);
}

/* What EventBridge has, against the profile. */

struct comparing {
    const struct account *account;
    schedule_line *line;
    void *arg;
    size_t wrong;
};

static const char *rhythm(const struct scheduled *s, char *out, size_t size)
{
    struct str days = STR_INIT(64);
    int minutes;
    uint8_t weekdays;
    if (!schedule_cron_read(s->expression, &minutes, &weekdays)) {
        text_format(out, size, "%s %s", s->expression, s->timezone);
        return out;
    }
    add_days(&days, weekdays);
    text_format(out, size, "%02d:%02d %s %s", minutes / 60, minutes % 60, weekdays == 0x7f ? "every day" : str_text(&days), s->timezone);
    str_free(&days);
    return out;
}

static bool same_rhythm(const struct scheduled *s, const struct shutdown_config *plan, const char *at)
{
    int minutes;
    uint8_t weekdays;
    return schedule_cron_read(s->expression, &minutes, &weekdays) && minutes == schedule_minutes(at) && weekdays == plan->weekdays &&
           !strcmp(s->timezone, plan->timezone);
}

static bool is_of_database(enum scheduled_does does) { return does == SCHEDULED_STOP_DATABASE || does == SCHEDULED_START_DATABASE; }

static void compare(struct comparing *c, enum scheduled_does does, const char *subject)
{
    const struct shutdown_config *plan = &c->account->config->auto_shutdown;
    const struct scheduled *s = scheduled_find(c->account, does, subject);
    bool stops = does == SCHEDULED_STOP_DATABASE || does == SCHEDULED_STOP_NODES;
    const char *at = stops ? plan->stop : plan->start;
    char what[140], when[240];
    scheduled_text(does, subject, what, sizeof what);
    c->wrong++;
    if (!s)
        say(c->line, c->arg, SCHEDULE_WRONG, "EventBridge: %s is missing", what);
    else if (s->does != does)
        say(c->line, c->arg, SCHEDULE_WRONG, "EventBridge: %s does something else than its name says", s->name);
    else if (!same_rhythm(s, plan, at))
        say(c->line, c->arg, SCHEDULE_WRONG, "EventBridge: %s %s %s at %s, not as the profile says at %s %s %s", is_of_database(does) ? "database" : "node group",
            subject, stops ? "stops" : "starts", rhythm(s, when, sizeof when), at, plan->days, plan->timezone);
    else if (!s->enabled)
        say(c->line, c->arg, SCHEDULE_WRONG, "EventBridge: %s is paused", what);
    else
        c->wrong--;
}

static void compare_size(struct comparing *c, const struct node_group *g)
{
    const struct scheduled *s = scheduled_find(c->account, SCHEDULED_START_NODES, g->name);
    if (!s || s->desired < 0 || s->desired == node_group_size(g))
        return;
    say(c->line, c->arg, SCHEDULE_WRONG, "EventBridge: node group %s starts with %d nodes; awake it has %d", g->name, s->desired, node_group_size(g));
    c->wrong++;
}

static bool has_subject(const struct account *a, const struct scheduled *s)
{
    for (size_t i = 0; i < a->database.instances.len; i++)
        if (!strcmp(a->database.instances.at[i].id, s->subject))
            return true;
    for (size_t i = 0; i < a->node_groups.len; i++)
        if (!strcmp(a->node_groups.at[i].name, s->subject))
            return true;
    return false;
}

static void compare_strangers(struct comparing *c)
{
    for (size_t i = 0; i < c->account->schedules.len; i++) {
        const struct scheduled *s = &c->account->schedules.at[i];
        if (has_subject(c->account, s))
            continue;
        if (s->does == SCHEDULED_OTHER)
            say(c->line, c->arg, SCHEDULE_WRONG, "EventBridge: %s does something that trivet does not know", s->name);
        else
            say(c->line, c->arg, SCHEDULE_WRONG, "EventBridge: %s is for %s, which is not there", s->name, s->subject);
        c->wrong++;
    }
}

static bool all_paused(const struct account *a)
{
    for (size_t i = 0; i < a->schedules.len; i++)
        if (a->schedules.at[i].enabled)
            return false;
    return a->schedules.len > 0;
}

void schedule_differences(const struct account *a, schedule_line *line, void *arg)
{
    struct comparing c = {a, line, arg, 0};
    if (!slice_has_data(&a->slices[FEED_SCHEDULES]) || !a->config->auto_shutdown.stop)
        return;
    if (!a->schedules.len || all_paused(a)) {
        line(arg, SCHEDULE_WRONG, a->schedules.len ? "EventBridge: all schedules are paused: nothing stops or starts it by itself"
                                                   : "EventBridge: no schedules: nothing stops or starts it by itself");
        return;
    }
    for (size_t i = 0; i < a->database.instances.len; i++) {
        compare(&c, SCHEDULED_STOP_DATABASE, a->database.instances.at[i].id);
        compare(&c, SCHEDULED_START_DATABASE, a->database.instances.at[i].id);
    }
    for (size_t i = 0; i < a->node_groups.len; i++) {
        const struct node_group *g = &a->node_groups.at[i];
        if (!node_group_size(g))
            continue;
        compare(&c, SCHEDULED_STOP_NODES, g->name);
        compare(&c, SCHEDULED_START_NODES, g->name);
        compare_size(&c, g);
    }
    if (slice_has_data(&a->slices[FEED_DATABASE]) && a->slices[FEED_NODE_GROUPS].state != SLICE_FAILED)
        compare_strangers(&c);
    if (!c.wrong)
        say(line, arg, SCHEDULE_DIM, "EventBridge: %zu schedules, as the profile says", a->schedules.len);
}
