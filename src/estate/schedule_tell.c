/* The plan told to people: when, what it saves, and in what EventBridge differs from the profile. */
#include <stdarg.h>
#include <string.h>

#include "base/str.h"
#include "base/when.h"
#include "estate/schedule.h"

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
    char days[40];
    int minutes;
    uint8_t weekdays;
    if (!schedule_cron_read(s->expression, &minutes, &weekdays)) {
        text_format(out, size, "%s %s", s->expression, s->timezone);
        return out;
    }
    text_format(out, size, "%02d:%02d %s %s", minutes / 60, minutes % 60,
                weekdays == 0x7f ? "every day" : schedule_days_text(weekdays, days, sizeof days), s->timezone);
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
        say(c->line, c->arg, SCHEDULE_WRONG, "EventBridge: %s %s %s at %s, not as the profile says at %s %s %s",
            is_of_database(does) ? "database" : "node group", subject, stops ? "stops" : "starts", rhythm(s, when, sizeof when), at, plan->days,
            plan->timezone);
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
