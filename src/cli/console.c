/* The console in a terminal: keys in, cells out, and what it asks of the feeds. */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"
#include "base/when.h"
#include "cli/app.h"
#include "cli/check.h"
#include "cli/commands.h"
#include "cli/profile.h"
#include "ui/console.h"
#include "ui/script.h"
#include "ui/term.h"

#define SCRIPT_ROWS    24
#define SCRIPT_COLUMNS 80
#define FRAME_MS       16 /* between two drawings, unless a key was pressed: a list comes in hundreds of pieces */

struct running {
    struct app app;
    struct console *console;
    struct term *term;     /* NULL: a script without a terminal */
    struct script *script;
    struct loop_timer *timer;
    int64_t timer_at;
    int64_t drawn_at; /* monotonic */
    bool urgent;      /* a person waits for what comes of a key */
    bool late;        /* a drawing was put off */
    struct error error;
    bool failed;
    json_t *last_checks;
};

static void host_focus(void *arg, feed_mask feeds) { feeds_focus(((struct running *)arg)->app.feeds, feeds); }
static void host_refresh(void *arg, feed_mask feeds) { feeds_refresh(((struct running *)arg)->app.feeds, feeds); }
static void host_detail(void *arg, const struct detail_key *key) { feeds_detail(((struct running *)arg)->app.feeds, key); }
static void host_detail_close(void *arg) { feeds_detail_close(((struct running *)arg)->app.feeds); }
static void host_log_close(void *arg) { feeds_log_close(((struct running *)arg)->app.feeds); }
static void host_mfa(void *arg, size_t account, const char *code) { feeds_mfa(((struct running *)arg)->app.feeds, account, code); }
static void host_log(void *arg, size_t account, const char *ns, const char *pod, const char *container, bool previous, int64_t since_ms)
{
    feeds_log(((struct running *)arg)->app.feeds, account, ns, pod, container, previous, since_ms);
}

static bool host_copy(void *arg, const char *text) { return term_copy(((struct running *)arg)->term, text); }

static void host_costs(void *arg) { feeds_costs_ask(((struct running *)arg)->app.feeds); }

static void host_query(void *arg, const struct insights_request *request) { feeds_query(((struct running *)arg)->app.feeds, request); }
static void host_query_stop(void *arg) { feeds_query_stop(((struct running *)arg)->app.feeds); }

static void host_suspend(void *arg)
{
    struct running *r = arg;
    int rows, columns;
    if (!r->term)
        return;
    term_suspend(r->term);
    term_size(r->term, &rows, &columns); /* the window may have changed meanwhile */
    console_resize(r->console, rows, columns);
}

static int64_t now_of(const struct running *r) { return loop_wall(r->app.loop); }

static void due(void *arg) { ((struct running *)arg)->timer = NULL; }

/* So that clocks and ages move, and a script's time limit is seen. */
static void set_timer(struct running *r)
{
    int64_t at = console_next_draw(r->console), now = now_of(r), wait = at > now ? at - now : 0;
    if (r->script && wait > 100)
        wait = 100;
    if (r->late && wait > FRAME_MS)
        wait = FRAME_MS;
    if (r->timer && r->timer_at == now + wait)
        return;
    loop_cancel(r->app.loop, r->timer);
    r->timer_at = now + wait;
    r->timer = loop_after(r->app.loop, wait > 10 ? wait : 10, due, r);
}

static void draw(struct running *r)
{
    int row, column;
    int64_t now = when_monotonic();
    r->late = !r->urgent && now < r->drawn_at + FRAME_MS;
    if (r->late || !console_draw(r->console, now_of(r)))
        return;
    r->urgent = false;
    r->drawn_at = now;
    if (!r->term)
        return;
    console_cursor(r->console, &row, &column);
    term_show(r->term, console_cells(r->console), row, column);
    const char *url = console_link(r->console, &row);
    if (url)
        term_link(r->term, row, url);
}

static void pass(void *arg)
{
    struct running *r = arg;
    draw(r);
    if (r->script) {
        if (!script_play(r->script, r->console, now_of(r), &r->error)) {
            r->failed = r->error.kind != ERROR_NONE;
            loop_stop(r->app.loop);
        }
        draw(r);
    }
    if (console_done(r->console))
        loop_stop(r->app.loop);
    else
        set_timer(r);
}

static void typed(void *arg, short revents)
{
    struct running *r = arg;
    struct key key;
    while (term_read(r->term, &key)) {
        console_key(r->console, &key, now_of(r));
        r->urgent = true;
    }
    if (revents & (POLLHUP | POLLERR)) /* the terminal has gone */
        loop_stop(r->app.loop);
}

static void resized(void *arg, int signo)
{
    struct running *r = arg;
    int rows, columns;
    (void)signo;
    term_size(r->term, &rows, &columns);
    console_resize(r->console, rows, columns);
    r->urgent = true;
}

static void ended(void *arg, int signo)
{
    (void)signo;
    loop_stop(((struct running *)arg)->app.loop);
}

static int number_of(const char *name, int otherwise)
{
    const char *value = getenv(name);
    int number = value ? atoi(value) : 0;
    return number > 0 && number < 1000 ? number : otherwise;
}

static bool open_terminal(struct running *r, const struct options *options, struct console_options *console, struct error *e)
{
    struct theme theme;
    char name[256];
    const char *no_color = getenv("NO_COLOR");
    if (!options->theme && !settings_theme(name, sizeof name, e))
        return false;
    if (!theme_load(&theme, options->theme ? options->theme : name, e))
        return false;
    console->rows = number_of("LINES", SCRIPT_ROWS);
    console->columns = number_of("COLUMNS", SCRIPT_COLUMNS);
    console->unicode = true;
    if (options->script && !(isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)))
        return true;
    r->term = term_open(&theme, no_color && *no_color, e);
    if (!r->term)
        return false;
    console->unicode = term_unicode(r->term);
    term_size(r->term, &console->rows, &console->columns);
    return true;
}

static bool open_console(struct running *r, const struct options *options, const struct console_host *host, struct error *e)
{
    struct console_options console = {.estate = r->app.estate, .host = host, .actions = r->app.actions, .pane = options->pane,
                                      .read_only = options->read_only,
                                      .now = now_of(r)};
    if (options->pane && !pane_find(options->pane)) {
        struct str names = STR_INIT(STR_TEXT_MAX);
        pane_names(&names);
        error_set(e, ERROR_INPUT, "pane", "--pane \"%s\": expected one of %s", options->pane, str_text(&names));
        str_free(&names);
        return false;
    }
    if (options->script && !(r->script = script_load(options->script, e)))
        return false;
    if (!open_terminal(r, options, &console, e))
        return false;
    console.last_checks = r->last_checks = check_last_run(r->app.config.name);
    r->console = console_new(&console);
    return true;
}

/* Those that come from outside: the keys for them are read as keys. */
static const int ends[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT};

static void run(struct running *r)
{
    struct loop *loop = r->app.loop;
    struct loop_watch *keys = r->term ? loop_watch(loop, STDIN_FILENO, POLLIN, typed, r) : NULL;
    if (r->term)
        loop_signal(loop, SIGWINCH, resized, r);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        loop_signal(loop, ends[i], ended, r);
    loop_on_pass(loop, pass, r);
    draw(r); /* before anything is asked of the network */
    feeds_start(r->app.feeds, FEEDS_ALL, pane_reads(panes[0])); /* the first one is where everybody comes back to */
    pass(r);
    loop_run(loop);
    loop_on_pass(loop, NULL, NULL);
    loop_cancel(loop, r->timer);
    loop_unwatch(loop, keys);
}

int command_console(const struct options *options)
{
    struct running r = {0};
    struct error e = {0};
    struct console_host host = {host_focus, host_refresh, host_detail, host_detail_close, host_log, host_log_close, host_mfa, &r, host_copy,
                                host_suspend, host_costs, host_query, host_query_stop};
    bool good = app_open(&r.app, options, &e) && open_console(&r, options, &host, &e);
    if (good)
        run(&r);
    term_close(r.term);
    console_free(r.console);
    json_decref(r.last_checks);
    script_free(r.script);
    app_close(&r.app);
    return !good ? app_complain(&e) : r.failed ? app_complain(&r.error) : EXIT_GOOD;
}
