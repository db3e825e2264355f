/* trivet check: does the estate conform to the architecture? The verdicts are kept in the state directory, so that the next run can tell what has
 * changed. */
#include <stdio.h>
#include <stdlib.h>

#include "actions/state.h"
#include "base/file.h"
#include "base/json.h"
#include "checks/report.h"
#include "cli/app.h"
#include "cli/check.h"
#include "cli/commands.h"

#define KEPT_MAX ((size_t)8 << 20)

static char *kept_path(const char *profile)
{
    char *state = state_directory(), name[80];
    text_format(name, sizeof name, "checks-%s.json", profile);
    char *path = state ? file_join(state, name) : NULL;
    free(state);
    return path;
}

json_t *check_last_run(const char *profile)
{
    struct str text = STR_INIT(KEPT_MAX);
    struct error e = {0};
    char *path = kept_path(profile);
    json_t *last = path && file_read(path, KEPT_MAX, &text, &e) ? json_load(str_text(&text), text.len, &e) : NULL;
    str_free(&text);
    free(path);
    return last;
}

/* That it cannot be kept takes nothing from this run. */
static void keep(const struct check_run *run)
{
    struct error e = {0};
    char *state = state_directory(), *path = kept_path(run->estate->config->name);
    json_t *document = check_report_json(run);
    char *text = json_dumps(document, JSON_COMPACT);
    if (path && !(state_make(state, NULL, &e) && file_write(path, text, strlen(text), 0600, &e)))
        fprintf(stderr, "trivet: the verdicts are not kept for the next run: %s\n", e.message);
    free(text);
    json_decref(document);
    free(path);
    free(state);
}

static void print_text(const struct check_run *run, void (*report)(const struct check_run *run, struct str *out))
{
    struct str text = STR_INIT((size_t)16 << 20);
    report(run, &text);
    fputs(str_text(&text), stdout);
    str_free(&text);
}

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_JUNIT, FORMAT_SARIF, FORMAT_NONE };
static const char *const formats[] = {"text", "json", "junit", "sarif"};

static enum format format_of(const struct options *options, struct error *e)
{
    const char *name = options->format ? options->format : options->json ? "json" : "text";
    for (int f = 0; f < FORMAT_NONE; f++)
        if (text_equal(formats[f], name))
            return (enum format)f;
    error_set(e, ERROR_INPUT, "format", "--format \"%s\": expected one of text, json, junit, sarif", name);
    return FORMAT_NONE;
}

static void print(const struct check_run *run, enum format format)
{
    if (format == FORMAT_JSON)
        print_json(check_report_json(run), 0);
    else if (format == FORMAT_SARIF)
        print_json(check_report_sarif(run, PACKAGE_VERSION), 0);
    else
        print_text(run, format == FORMAT_JUNIT ? check_report_junit : check_report_text);
}

static int verdict(const check_results *results)
{
    struct check_counts n;
    checks_count(results, &n);
    return n.unknown ? EXIT_TROUBLE : n.fail ? EXIT_ATTENTION : EXIT_GOOD;
}

int command_check(const struct options *options)
{
    struct app app = {0};
    struct error e = {0};
    enum format format = format_of(options, &e);
    if (format == FORMAT_NONE || !app_open(&app, options, &e)) {
        app_close(&app);
        return app_complain(&e);
    }
    app_settle(&app, checks_feeds());
    check_results results;
    checks_run(app.estate, loop_wall(app.loop), &results);
    json_t *last = check_last_run(app.config.name);
    struct check_run run = {app.estate, &results, last, loop_wall(app.loop)};
    print(&run, format);
    keep(&run);
    int status = verdict(&results);
    json_decref(last);
    checks_free(&results);
    app_close(&app);
    return status;
}
