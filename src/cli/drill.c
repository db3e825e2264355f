/* trivet drill: fail a database over and measure what that does; and the drills of before. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/internal.h"
#include "base/file.h"
#include "base/text.h"
#include "base/when.h"
#include "cli/act.h"
#include "cli/commands.h"

/* A drill of before. */

static json_t *drill_row(const struct account *account, const struct drill *d)
{
    char at[40];
    json_t *out = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s}", "account", account->config->name, "database", d->database, "at",
                            when_iso(d->at, at, sizeof at), "verdict", d->verdict, "why", d->why, "objective_ms", (json_int_t)d->objective_ms,
                            "reason", d->reason, "who", d->who, "report", d->path);
    json_object_set_new(out, "outage_ms", d->outage_ms < 0 ? json_null() : json_integer(d->outage_ms));
    json_object_set_new(out, "acknowledged", d->acknowledged < 0 ? json_null() : json_integer(d->acknowledged));
    json_object_set_new(out, "lost", d->lost < 0 ? json_null() : json_integer(d->lost));
    return out;
}

static void print_drill(const struct account *account, const struct drill *d)
{
    char at[40], outage[40] = "not known", lost[40] = "not known";
    if (d->outage_ms >= 0)
        text_format(outage, sizeof outage, "%.1f s", (double)d->outage_ms / 1000);
    if (d->lost >= 0)
        text_format(lost, sizeof lost, "%lld", (long long)d->lost);
    printf("%s  %-10s %s / %s  outage %s, rows lost %s%s%s\n    %s\n", when_iso(d->at, at, sizeof at), d->verdict, account->config->name, d->database,
           outage, lost, *d->why ? "  " : "", d->why, d->path);
}

/* False: they could not be read. */
static bool list_account(const struct account *account, json_t *into, size_t *count, struct error *e)
{
    const struct slice *slice = &account->slices[FEED_DRILLS];
    if (slice->state != SLICE_NONE && !slice_has_data(slice)) {
        *e = slice->error;
        return false;
    }
    for (size_t i = 0; i < account->database.drills.len; i++, (*count)++) {
        if (into)
            json_array_append_new(into, drill_row(account, &account->database.drills.at[i]));
        else
            print_drill(account, &account->database.drills.at[i]);
    }
    return true;
}

static int list(struct app *app)
{
    struct error e = {0};
    json_t *rows = app->options->json ? json_array() : NULL;
    size_t count = 0;
    bool good = true;
    app_settle(app, FEED_BIT(FEED_DRILLS));
    for (size_t i = 0; i < app->estate->account_count && good; i++)
        good = list_account(&app->estate->accounts[i], rows, &count, &e);
    if (good && rows) {
        print_json(json_incref(rows), 0);
    } else if (good && !count) {
        puts("no drill is on record here");
    }
    json_decref(rows);
    return good ? EXIT_GOOD : app_complain(&e);
}

/* A new one. */

/* A place that stays the same wherever a resumed drill is run from. */
static bool report_place(const char *given, char *out, size_t size, struct error *e)
{
    char *whole;
    *out = '\0';
    if (!given)
        return true;
    if (!file_make_dirs(given, 0700, e))
        return false;
    whole = realpath(given, NULL);
    bool good = whole && text_copy(out, size, whole);
    if (!good)
        error_set(e, ERROR_INPUT, "report", "--report %s: not a place that can be used", given);
    free(whole);
    return good;
}

/* What the drill found is one thing, that there was none another. */
static int exit_code(const struct app *app, int status)
{
    size_t count = actions_count(app->actions);
    const struct action *last = count ? actions_at(app->actions, count - 1) : NULL;
    bool ran = last && last->state == ACTION_ENDED && last->confirmed_at;
    return status == EXIT_ATTENTION && ran && !error_is(&last->error, "PromiseNotKept") ? EXIT_TROUBLE : status;
}

static int run(struct app *app)
{
    const struct options *o = app->options;
    struct error e = {0};
    char place[256];
    struct act what = {.type = &action_rds_drill, .target = {.kind = TARGET_DATABASE}, .value = place};
    if (!o->account || !o->db) {
        error_set(&e, ERROR_INPUT, "usage", "drill rds: give --account NAME and --db ID");
        return app_complain(&e);
    }
    what.target.account = app_account(app, o->account, &e);
    if (what.target.account == SIZE_MAX || !report_place(o->report, place, sizeof place, &e))
        return app_complain(&e);
    text_clean(what.target.name, sizeof what.target.name, o->db, strlen(o->db));
    return exit_code(app, act(app, &what));
}

int command_drill(const struct options *options)
{
    struct app app = {0};
    struct error e = {0};
    bool rds = text_equal(options->arguments[0], "rds");
    int status;
    if (!rds && !text_equal(options->arguments[0], "list")) {
        error_set(&e, ERROR_INPUT, "usage", "drill: \"%s\": expected one of rds, list", options->arguments[0]);
        return app_complain(&e);
    }
    status = !app_open(&app, options, &e) ? app_complain(&e) : rds ? run(&app) : list(&app);
    app_close(&app);
    return status;
}
