/* trivet dev: development put to sleep and woken, now or by schedules of EventBridge Scheduler; for people, timers and CI jobs. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "base/when.h"
#include "cli/act.h"
#include "cli/commands.h"
#include "estate/schedule.h"
#include "ui/export.h"

#define STATUS_FEEDS                                                                                                                    \
    (FEED_BIT(FEED_SESSION) | FEED_BIT(FEED_DATABASE) | FEED_BIT(FEED_DEPLOYMENTS) | FEED_BIT(FEED_HPAS) | FEED_BIT(FEED_NODE_GROUPS) | \
     FEED_BIT(FEED_SCHEDULES))

/* Which account. */

static const struct account *only_development(const struct app *app, struct error *e)
{
    const struct account *found = NULL;
    struct str names = STR_INIT(STR_TEXT_MAX);
    size_t count = 0;
    for (size_t i = 0; i < app->estate->account_count; i++)
        if (app->estate->accounts[i].config->kind == ACCOUNT_DEVELOPMENT) {
            found = &app->estate->accounts[i];
            str_addf(&names, "%s%s", count++ ? ", " : "", found->config->name);
        }
    if (count != 1)
        error_set(e, ERROR_INPUT, "account",
                  count ? "which account: give --account with one of %s" : "the profile has no account of kind development%s", str_text(&names));
    str_free(&names);
    return count == 1 ? found : NULL;
}

static const struct account *account_asked_for(const struct app *app, struct error *e)
{
    if (!app->options->account)
        return only_development(app, e);
    size_t i = app_account(app, app->options->account, e);
    return i == SIZE_MAX ? NULL : &app->estate->accounts[i];
}

/* Status. */

static struct pane_view view_of(const struct app *app, const struct account *account)
{
    return (struct pane_view){.estate = app->estate, .now = loop_wall(app->loop), .account = account->index};
}

/* Does it sleep when it should, and only then? */
static bool as_planned(const struct account *account, int64_t now)
{
    enum awake awake = account_awake(account);
    return !account->config->auto_shutdown.stop ? awake != AWAKE_UNKNOWN : awake == (schedule_wants_up(account, now) ? AWAKE_UP : AWAKE_DOWN);
}

static void print_line(void *arg, enum schedule_tone tone, const char *text)
{
    (void)arg;
    printf("  %s%s\n", tone == SCHEDULE_WRONG ? "! " : "", text);
}

static void print_status(const struct app *app, const struct account *account)
{
    struct pane_view view = view_of(app, account);
    struct str text = STR_INIT((size_t)16 << 20);
    bool planned = as_planned(account, view.now), has_plan = account->config->auto_shutdown.stop;
    printf("%s (%s) is %s%s\n", account->config->name, account->config->id, awake_name(account_awake(account)),
           !has_plan                              ? ""
           : planned                              ? ", as planned"
           : schedule_wants_up(account, view.now) ? "; by the plan it should be up"
                                                  : "; by the plan it should be down");
    schedule_tell(account, view.now, print_line, NULL);
    pane_text(pane_find("dev"), &view, &text);
    printf("\n%s", str_text(&text));
    str_free(&text);
}

static bool all_read(const struct account *account)
{
    for (int f = 0; f < FEED_COUNT; f++)
        if ((STATUS_FEEDS & FEED_BIT(f)) && account->slices[f].state != SLICE_NONE && account->slices[f].state != SLICE_FRESH)
            return false;
    return true;
}

static int status(struct app *app, const struct account *account)
{
    int64_t now = loop_wall(app->loop);
    app_settle(app, STATUS_FEEDS);
    if (app->options->json) {
        struct pane_view view = view_of(app, account);
        json_t *out = pane_json(pane_find("dev"), &view);
        json_object_set_new(out, "state", json_string(awake_name(account_awake(account))));
        json_object_set_new(out, "as_planned", json_boolean(as_planned(account, now)));
        print_json(out, 0);
    } else {
        print_status(app, account);
    }
    return !all_read(account) || account_awake(account) == AWAKE_UNKNOWN ? EXIT_TROUBLE : as_planned(account, now) ? EXIT_GOOD : EXIT_ATTENTION;
}

/* Schedules. */

static void count_wrong(void *arg, enum schedule_tone tone, const char *text)
{
    (void)text;
    *(size_t *)arg += tone == SCHEDULE_WRONG;
}

static void print_schedules(const struct account *account, int64_t now)
{
    char moment[120];
    for (size_t i = 0; i < account->schedules.len; i++) {
        const struct scheduled *s = &account->schedules.at[i];
        bool kept = s->not_before > now && account->config->auto_shutdown.zone;
        printf("%-7s %-28s %-20s %s%s%s\n", s->enabled ? "on" : "paused", s->expression, s->timezone, s->name, kept ? "  not before " : "",
               kept ? schedule_moment(&account->config->auto_shutdown, s->not_before, moment, sizeof moment) : "");
    }
    schedule_tell(account, now, print_line, NULL);
}

static int show_schedules(struct app *app, const struct account *account)
{
    const struct slice *slice = &account->slices[FEED_SCHEDULES];
    struct error e = {0};
    size_t wrong = 0;
    app_settle(app, STATUS_FEEDS);
    if (!slice_has_data(slice)) {
        char text[600];
        if (slice->error.kind == ERROR_NONE)
            error_set(&e, ERROR_INPUT, "WrongAccount", "account %s is not of kind development", account->config->name);
        else
            error_set(&e, slice->error.kind, slice->error.code, "%s", error_text(&slice->error, text, sizeof text));
        return app_complain(&e);
    }
    if (app->options->json) {
        struct pane_view view = view_of(app, account);
        json_t *out = pane_json(pane_find("dev"), &view);
        print_json(json_pack("{s:s, s:O}", "account", account->config->name, "schedules", json_object_get(out, "schedules")), 0);
        json_decref(out);
    } else {
        print_schedules(account, loop_wall(app->loop));
    }
    schedule_differences(account, count_wrong, &wrong);
    return wrong ? EXIT_ATTENTION : EXIT_GOOD;
}

/* Actions. */

static int carry_out(struct app *app, const struct account *account, const char *name)
{
    struct act what = {.type = action_type_find(name), .target = {.kind = TARGET_ACCOUNT, .account = account->index}};
    text_copy(what.target.name, sizeof what.target.name, account->config->name);
    return act(app, &what);
}

/* A timer that says --yes is no person to ask: what somebody wants kept up stays up, with one line. */
static int stop(struct app *app, const struct account *account)
{
    char moment[120];
    int64_t until;
    if (!app->options->yes || app->options->confirm || app->options->dry_run || account->config->kind != ACCOUNT_DEVELOPMENT)
        return carry_out(app, account, "dev-stop");
    app_settle(app, FEED_BIT(FEED_SESSION) | FEED_BIT(FEED_SCHEDULES));
    until = schedule_kept_until(account, loop_wall(app->loop));
    if (!until)
        return carry_out(app, account, "dev-stop");
    printf("not stopped: somebody asked to keep %s up until %s\n", account->config->name,
           account->config->auto_shutdown.zone ? schedule_moment(&account->config->auto_shutdown, until, moment, sizeof moment)
                                               : when_iso(until, moment, sizeof moment));
    return EXIT_ATTENTION;
}

static int start(struct app *app, const struct account *account) { return carry_out(app, account, "dev-start"); }
static int keep_up(struct app *app, const struct account *account) { return carry_out(app, account, "dev-keep-up"); }
static int create(struct app *app, const struct account *account) { return carry_out(app, account, "schedule-create"); }
static int pause_all(struct app *app, const struct account *account) { return carry_out(app, account, "schedule-pause"); }
static int resume_all(struct app *app, const struct account *account) { return carry_out(app, account, "schedule-resume"); }
static int remove_all(struct app *app, const struct account *account) { return carry_out(app, account, "schedule-remove"); }

static const struct verb {
    const char *word, *second;
    int (*run)(struct app *app, const struct account *account);
} verbs[] = {{"stop", NULL, stop},
             {"start", NULL, start},
             {"status", NULL, status},
             {"keep-up", NULL, keep_up},
             {"schedule", NULL, show_schedules},
             {"schedule", "show", show_schedules},
             {"schedule", "create", create},
             {"schedule", "pause", pause_all},
             {"schedule", "resume", resume_all},
             {"schedule", "remove", remove_all}};

static const struct verb *find_verb(const struct options *options, struct error *e)
{
    const char *word = options->arguments[0], *second = options->argument_count > 1 ? options->arguments[1] : NULL;
    bool schedule = !strcmp(word, "schedule");
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (!strcmp(verbs[i].word, word) && text_equal(verbs[i].second, second))
            return &verbs[i];
    error_set(e, ERROR_INPUT, "usage", "dev%s: \"%s\": expected %s", schedule ? " schedule" : "", second ? second : word,
              schedule ? "one of create, pause, resume, remove, show" : second ? "no more words" : "one of stop, start, status, schedule, keep-up");
    return NULL;
}

int command_dev(const struct options *options)
{
    struct app app = {0};
    struct error e = {0};
    const struct verb *verb = find_verb(options, &e);
    const struct account *account = verb && app_open(&app, options, &e) ? account_asked_for(&app, &e) : NULL;
    int status = account ? verb->run(&app, account) : app_complain(&e);
    if (verb)
        app_close(&app);
    return status;
}
