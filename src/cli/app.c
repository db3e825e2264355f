#include "cli/app.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actions/state.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/ask.h"
#include "cli/profile.h"

int app_complain(const struct error *e)
{
    fprintf(stderr, "trivet: %s\n", e->message);
    return EXIT_TROUBLE;
}

void print_json(json_t *take, size_t flags)
{
    json_dumpf(take, stdout, JSON_INDENT(2) | flags);
    putchar('\n');
    json_decref(take);
}

static void refresh(void *arg, feed_mask feeds) { feeds_refresh(arg, feeds); }
static struct aws_session *reader_session(void *arg, size_t account) { return feeds_session(arg, account); }

static struct actions *open_actions(struct app *app)
{
    struct actions_options options = {.loop = app->loop,
                                      .http = app->http,
                                      .aws = app->aws,
                                      .github = app->github,
                                      .estate = app->estate,
                                      .log = app->log,
                                      .state_dir = app->state_dir,
                                      .read_only = app->options->read_only,
                                      .refresh = refresh,
                                      .session = reader_session,
                                      .arg = app->feeds};
    return actions_new(&options);
}

bool app_open(struct app *app, const struct options *options, struct error *e)
{
    *app = (struct app){.options = options};
    if (options->log && !(app->log = log_open(options->log, e)))
        return false;
    if (!profile_load(options->profile, &app->config, e))
        return false;
    struct http_options http = {.ca_bundle = getenv("AWS_CA_BUNDLE"), .user_agent = "trivet/" PACKAGE_VERSION, .log = app->log};
    struct aws_options aws = {.region = app->config.region, .profile = options->aws_profile, .log = app->log};
    app->state_dir = state_directory();
    app->cache_dir = file_xdg("cache", "");
    app->loop = loop_new();
    app->http = http_new(app->loop, &http);
    app->aws = aws_new(app->loop, app->http, &aws);
    struct github_options github = {.log = app->log};
    app->github = app->config.github_repository ? github_new(app->loop, app->http, &github) : NULL;
    app->estate = estate_new(&app->config);
    struct feeds_options feeds = {.loop = app->loop, .http = app->http, .aws = app->aws, .github = app->github, .estate = app->estate,
                                  .log = app->log,
                                  .state_dir = app->state_dir, .cache_dir = app->cache_dir};
    app->feeds = feeds_new(&feeds);
    app->actions = open_actions(app);
    return true;
}

void app_close(struct app *app)
{
    actions_free(app->actions);
    feeds_free(app->feeds);
    github_free(app->github);
    aws_free(app->aws);
    http_free(app->http);
    loop_free(app->loop);
    estate_free(app->estate);
    estate_config_free(&app->config);
    free(app->state_dir);
    free(app->cache_dir);
    log_close(app->log);
}

size_t app_account(const struct app *app, const char *name, struct error *e)
{
    const struct account *account = estate_account(app->estate, name);
    if (account)
        return account->index;
    struct str names = STR_INIT(STR_TEXT_MAX);
    for (size_t i = 0; i < app->estate->account_count; i++)
        str_addf(&names, "%s%s", i ? ", " : "", app->config.accounts.at[i].name);
    error_set(e, ERROR_INPUT, "account", "account \"%s\": expected one of %s", name, str_text(&names));
    str_free(&names);
    return SIZE_MAX;
}

struct settling {
    struct app *app;
    feed_mask feeds;
    bool progress;
    size_t shown;
};

static size_t count_answered(const struct settling *s, size_t *all)
{
    size_t done = 0;
    *all = 0;
    for (size_t a = 0; a < s->app->estate->account_count; a++)
        for (int f = 0; f < FEED_COUNT; f++) {
            enum slice_state state = s->app->estate->accounts[a].slices[f].state;
            bool counts = (s->feeds & FEED_BIT(f)) && state != SLICE_NONE;
            *all += counts;
            done += counts && state != SLICE_LOADING && state != SLICE_NEVER;
        }
    return done;
}

static void show_progress(struct settling *s)
{
    size_t all, done = count_answered(s, &all);
    if (s->progress && done != s->shown)
        fprintf(stderr, "\rreading %zu of %zu ", s->shown = done, all);
}

static bool settled(void *arg)
{
    struct settling *s = arg;
    ask_codes(s->app);
    show_progress(s);
    return feeds_settled(s->app->feeds, s->feeds);
}

void app_settle(struct app *app, feed_mask feeds)
{
    struct settling settling = {.app = app, .feeds = feeds, .progress = isatty(STDERR_FILENO)};
    feeds_focus(app->feeds, feeds);
    feeds_start(app->feeds, feeds, 0);
    loop_run_until(app->loop, settled, &settling, SETTLE_MS);
    if (settling.progress)
        fputs("\r\033[K", stderr);
}
