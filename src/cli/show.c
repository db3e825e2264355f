/* trivet status, trivet show: the estate once, headless. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "base/when.h"
#include "cli/app.h"
#include "cli/check.h"
#include "cli/commands.h"
#include "ui/export.h"
#include "ui/filter.h"

/* What the accounts' health hangs on, and what is judged where it is read: blocks that have outlived their time, storage that is nearly full. */
#define FEEDS_OF_HEALTH ((FEEDS_ALL & ~FEEDS_EXTRA) | FEED_BIT(FEED_BLOCK_SETS) | FEED_BIT(FEED_DATABASE_LOAD))

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
            print_json(status_json(&view), 0);
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

/* Could each feed of the pane be read, wherever an account has it? Of one account's rows only its own matter, and those that are never its own: what
 * the management account tells of all, or what runs in others. */
static bool all_read(const struct app *app, feed_mask feeds, size_t of)
{
    for (size_t a = 0; a < app->estate->account_count; a++)
        for (int f = 0; f < FEED_COUNT; f++) {
            const struct slice *slice = &app->estate->accounts[a].slices[f];
            bool matters = of == SIZE_MAX || a == of || app->estate->accounts[of].slices[f].state == SLICE_NONE;
            if ((feeds & FEED_BIT(f)) && matters && slice->state != SLICE_NONE && slice->state != SLICE_FRESH)
                return false;
        }
    return true;
}

static bool has_paid(void *arg) { return !estate_management(((struct app *)arg)->estate)->cost_asking.under_way; }

/* What costs money is asked for by --paid alone; how it went stands in the estate. */
static bool pay(struct app *app)
{
    const struct account *management = estate_management(app->estate);
    if (!management)
        return false;
    fprintf(stderr, "asking Cost Explorer: %d requests, $0.%02d, and a cent for each further page\n", COST_REQUESTS, COST_REQUESTS * COST_CENTS);
    feeds_costs_ask(app->feeds);
    loop_run_until(app->loop, has_paid, app, SETTLE_MS);
    return management->cost_asking.error.kind == ERROR_NONE && !management->cost_asking.under_way;
}

enum show_format { SHOW_TEXT, SHOW_JSON, SHOW_MARKDOWN };

/* --format, where it is given. */
static bool read_form(const struct options *options, enum show_format *format, struct error *e)
{
    static const char *const names[] = {"text", "json", "md"};
    *format = options->json ? SHOW_JSON : SHOW_TEXT;
    for (size_t i = 0; options->format && i < 3; i++)
        if (!strcmp(names[i], options->format))
            *format = (enum show_format)i;
    if (options->format && strcmp(names[*format], options->format) != 0)
        return error_set(e, ERROR_INPUT, "format", "--format \"%s\": expected one of text, json, md", options->format), false;
    return true;
}

/* --account, --since and --filter as one filter. */
static bool read_filter(const struct options *options, const struct app *app, struct str *out, struct error *e)
{
    int64_t since_ms;
    size_t account = options->account ? app_account(app, options->account, e) : 0;
    if (account == SIZE_MAX)
        return false;
    if (options->since && (!when_parse_span(options->since, &since_ms) || since_ms <= 0))
        return error_set(e, ERROR_INPUT, "since", "--since \"%s\": expected a span such as 30m, 2h or 1d", options->since), false;
    if (options->account)
        str_addf(out, "account=\"%s\" ", app->config.accounts.at[account].name);
    if (options->since)
        str_addf(out, "since:%s ", options->since);
    str_adds(out, options->filter ? options->filter : "");
    if (out->overflow)
        return error_set(e, ERROR_INPUT, "filter", "--filter: longer than %d bytes", FILTER_MAX - 1), false;
    return true;
}

static void print_pane(const struct pane *pane, const struct pane_view *view, enum show_format format)
{
    struct str text = STR_INIT((size_t)64 << 20);
    if (format == SHOW_JSON)
        print_json(pane_json(pane, view), 0);
    else
        (format == SHOW_TEXT ? pane_text : pane_markdown)(pane, view, &text);
    fputs(str_text(&text), stdout);
    str_free(&text);
}

static void say_panes(const char *asked, struct error *e)
{
    struct str names = STR_INIT(STR_TEXT_MAX);
    pane_names(&names);
    if (asked)
        error_set(e, ERROR_INPUT, "pane", "show: pane \"%s\": expected one of %s", asked, str_text(&names));
    else
        error_set(e, ERROR_INPUT, "usage", "show: expected trivet show PANE, one of %s", str_text(&names));
    str_free(&names);
}

int command_show(const struct options *options)
{
    const char *asked = options->argument_count ? options->arguments[0] : NULL;
    const struct pane *pane = pane_find(asked);
    struct app app = {0};
    struct error e = {0};
    enum show_format format;
    struct str filter = STR_INIT(FILTER_MAX - 1);
    int status;
    bool paid = true;
    if (!pane) {
        say_panes(asked, &e);
        return app_complain(&e);
    }
    if (options->paid && !pane->paid) {
        error_set(&e, ERROR_INPUT, "paid", "show: --paid is for the pane costs alone: no other one asks Cost Explorer");
        return app_complain(&e);
    }
    if (read_form(options, &format, &e) && app_open(&app, options, &e) && read_filter(options, &app, &filter, &e)) {
        app_settle(&app, pane_feeds(pane) | (pane->health ? FEEDS_OF_HEALTH : 0));
        if (options->paid)
            paid = pay(&app);
        struct pane_view view = view_of(&app);
        view.filter = str_text(&filter);
        view.account = options->account ? app_account(&app, options->account, &e) : SIZE_MAX;
        check_results checks = {0};
        json_t *last = pane->checks ? check_last_run(app.config.name) : NULL;
        if (pane->checks) {
            checks_run(app.estate, view.now, &checks);
            view.checks = &checks;
            view.last_checks = last;
        }
        print_pane(pane, &view, format);
        checks_free(&checks);
        json_decref(last);
        bool joined = pane->compares || pane->checks; /* a row of one account stands on what others have */
        status = paid && all_read(&app, pane_feeds(pane), joined ? SIZE_MAX : view.account) ? EXIT_GOOD : EXIT_TROUBLE;
    } else {
        status = app_complain(&e);
    }
    str_free(&filter);
    app_close(&app);
    return status;
}
