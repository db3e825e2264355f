/* trivet status, trivet show: the estate once, headless. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "cli/app.h"
#include "cli/check.h"
#include "cli/commands.h"
#include "ui/export.h"

#define FEEDS_OF_HEALTH (FEEDS_ALL & ~FEED_BIT(FEED_WAF_SAMPLES) & ~FEED_BIT(FEED_POD_METRICS) & \
                         ~FEED_BIT(FEED_RELEASES) & ~FEED_BIT(FEED_IMAGES) & ~FEED_BIT(FEED_DRILLS) & ~FEED_BIT(FEED_SCHEDULES) & \
                         ~FEED_BIT(FEED_DISTRIBUTIONS) & ~FEED_BIT(FEED_NETWORK))

static void print_json(json_t *take)
{
    json_dumpf(take, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(take);
}

static struct pane_view view_of(const struct app *app)
{
    const char *charset = getenv("LC_ALL");
    charset = charset && *charset ? charset : getenv("LC_CTYPE") ? getenv("LC_CTYPE") : getenv("LANG");
    return (struct pane_view){.estate = app->estate, .now = loop_wall(app->loop), .account = SIZE_MAX,
                              .unicode = charset && (text_contains(charset, "UTF-8") || text_contains(charset, "utf8"))};
}

static int overall(const struct app *app)
{
    enum health worst = HEALTH_OK;
    for (size_t a = 0; a < app->estate->account_count; a++) {
        struct health_report report;
        account_health(&app->estate->accounts[a], loop_wall(app->loop), &report);
        if (report.health == HEALTH_ATTENTION)
            return EXIT_ATTENTION;
        if (report.health == HEALTH_UNKNOWN)
            worst = HEALTH_UNKNOWN;
    }
    return worst == HEALTH_OK ? EXIT_GOOD : EXIT_TROUBLE;
}

int command_status(const struct options *options)
{
    struct app app;
    struct error e = {0};
    int status;
    if (app_open(&app, options, &e)) {
        app_settle(&app, FEEDS_OF_HEALTH);
        struct pane_view view = view_of(&app);
        struct str text = STR_INIT((size_t)16 << 20);
        if (options->json)
            print_json(status_json(&view));
        else
            status_text(&view, &text);
        fputs(str_text(&text), stdout);
        str_free(&text);
        status = overall(&app);
    } else {
        status = app_complain(&e);
    }
    app_close(&app);
    return status;
}

/* Could each feed of the pane be read, wherever an account has it? */
static bool all_read(const struct app *app, feed_mask feeds)
{
    for (size_t a = 0; a < app->estate->account_count; a++)
        for (int f = 0; f < FEED_COUNT; f++) {
            const struct slice *slice = &app->estate->accounts[a].slices[f];
            if ((feeds & FEED_BIT(f)) && slice->state != SLICE_NONE && slice->state != SLICE_FRESH)
                return false;
        }
    return true;
}

int command_show(const struct options *options)
{
    const struct pane *pane = pane_find(options->arguments[0]);
    struct app app = {0};
    struct error e = {0};
    int status;
    if (!pane) {
        struct str names = STR_INIT(STR_TEXT_MAX);
        pane_names(&names);
        error_set(&e, ERROR_INPUT, "pane", "show: pane \"%s\": expected one of %s", options->arguments[0], str_text(&names));
        str_free(&names);
        return app_complain(&e);
    }
    if (app_open(&app, options, &e)) {
        app_settle(&app, pane_feeds(pane) | (pane->health ? FEEDS_OF_HEALTH : 0));
        struct pane_view view = view_of(&app);
        check_results checks = {0};
        json_t *last = pane->checks ? check_last_run(app.config.name) : NULL;
        if (pane->checks) {
            checks_run(app.estate, view.now, &checks);
            view.checks = &checks;
            view.last_checks = last;
        }
        struct str text = STR_INIT((size_t)64 << 20);
        if (options->json)
            print_json(pane_json(pane, &view));
        else
            pane_text(pane, &view, &text);
        fputs(str_text(&text), stdout);
        str_free(&text);
        checks_free(&checks);
        json_decref(last);
        status = all_read(&app, pane_feeds(pane)) ? EXIT_GOOD : EXIT_TROUBLE;
    } else {
        status = app_complain(&e);
    }
    app_close(&app);
    return status;
}
