/* The console without a terminal: moving, filtering, prompts, what it asks of its host, hostile text, ten thousand pods, scripts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "ui/console.h"
#include "ui/script.h"
#include "path_estate.h"
#include "ui_estate.h"

struct asked {
    feed_mask focus, refresh;
    int details, closes, logs, codes, declined;
    char pod[256], code[16];
    int queries, stops;
    int64_t since_ms;
    struct insights_request request;
    struct estate *estate;
};

static void on_focus(void *arg, feed_mask feeds) { ((struct asked *)arg)->focus = feeds; }
static void on_refresh(void *arg, feed_mask feeds) { ((struct asked *)arg)->refresh = feeds; }
static void on_detail(void *arg, const struct detail_key *key)
{
    struct asked *asked = arg;
    asked->details++;
    detail_open(asked->estate, key);
}
static void on_close(void *arg)
{
    struct asked *asked = arg;
    asked->closes++;
    detail_close(asked->estate);
}
static void on_log(void *arg, size_t account, const char *ns, const char *pod, const char *container, bool previous, int64_t since_ms)
{
    struct asked *asked = arg;
    (void)previous;
    asked->since_ms = since_ms;
    asked->logs++;
    text_copy(asked->pod, sizeof asked->pod, pod);
    log_view_open(asked->estate, account, ns, pod, container);
}
static void on_log_close(void *arg) { log_view_close(((struct asked *)arg)->estate); }
static void on_mfa(void *arg, size_t account, const char *code)
{
    struct asked *asked = arg;
    (void)account;
    asked->codes += code != NULL;
    asked->declined += code == NULL;
    text_copy(asked->code, sizeof asked->code, code ? code : "");
}

static void on_query(void *arg, const struct insights_request *request)
{
    struct asked *asked = arg;
    asked->queries++;
    asked->request = *request;
    insights_begin(asked->estate, request, UI_NOW);
}
static void on_query_stop(void *arg)
{
    struct asked *asked = arg;
    asked->stops++;
    insights_progress(asked->estate, "Running", &(struct insights_scan){1, 2, 3}, true);
}

struct bench {
    struct asked asked;
    struct estate *estate;
    struct console *console;
};

static struct bench *open_bench(struct estate *estate, const char *pane)
{
    struct bench *b = mem_new(sizeof *b);
    struct console_host host = {on_focus, on_refresh, on_detail, on_close, on_log, on_log_close, on_mfa, &b->asked, .query = on_query,
                                .query_stop = on_query_stop};
    b->asked.estate = b->estate = estate;
    struct console_options options = {.estate = estate, .host = &host, .pane = pane, .unicode = true, .rows = 24, .columns = 80, .now = UI_NOW};
    b->console = console_new(&options);
    console_draw(b->console, UI_NOW);
    return b;
}

static void close_bench(struct bench *b)
{
    console_free(b->console);
    ui_estate_free(b->estate);
    free(b);
}

static void keys(struct bench *b, const char *text)
{
    struct key key;
    for (int used; *text; text += used) {
        used = key_parse(text, &key);
        assert_true(used > 0);
        console_key(b->console, &key, UI_NOW);
    }
    console_draw(b->console, UI_NOW);
}

static bool shows(struct bench *b, const char *text)
{
    struct str screen = STR_INIT((size_t)1 << 20);
    cells_text(console_cells(b->console), &screen);
    bool found = strstr(str_text(&screen), text) != NULL;
    str_free(&screen);
    return found;
}

/* The text of the selected row. */
static const char *selected(struct bench *b, char *out, size_t size)
{
    const struct cells *c = console_cells(b->console);
    *out = '\0';
    for (int row = 0; row < c->rows; row++)
        if (c->at[row * c->columns + 1].flags & CELL_SELECTED) {
            size_t at = 0;
            for (int x = 0; x < c->columns && at + CELL_BYTES < size; x++) {
                size_t len = strlen(c->at[row * c->columns + x].text);
                memcpy(out + at, c->at[row * c->columns + x].text, len);
                at += len;
            }
            out[at] = '\0';
        }
    return out;
}

static void digits_and_names_change_the_pane(void **state)
{
    struct bench *b = open_bench(ui_estate(), NULL);
    struct error e = {0};
    (void)state;
    assert_true(shows(b, "Overview"));
    keys(b, "3");
    assert_true(shows(b, "▸ Pods"));
    assert_true(b->asked.focus & FEED_BIT(FEED_PODS));
    assert_true(console_command(b->console, "waf", &e));
    console_draw(b->console, UI_NOW);
    assert_true(shows(b, "▸ WAF"));
    assert_false(console_command(b->console, "nonsense", &e));
    assert_non_null(strstr(e.message, "budgets"));
    keys(b, ":database<Enter>");
    assert_true(shows(b, "▸ Database"));
    keys(b, "r");
    assert_true(b->asked.refresh & FEED_BIT(FEED_DATABASE));
    keys(b, "q");
    assert_true(console_done(b->console));
    close_bench(b);
}

static void filter_as_one_types(void **state)
{
    struct bench *b = open_bench(ui_estate(), "pods");
    (void)state;
    keys(b, "/CRASH");
    assert_true(shows(b, "8hjlc"));
    assert_false(shows(b, "frontend"));
    keys(b, "<Enter>");
    assert_false(shows(b, "frontend"));
    keys(b, "<Esc>");
    assert_true(shows(b, "frontend"));
    keys(b, "/zz41d<Esc>");
    assert_true(shows(b, "frontend"));
    keys(b, "/é日\xcc\x81<BS><BS><BS>");
    assert_true(shows(b, "frontend"));
    close_bench(b);
}

/* Whatever is typed or pasted: as much as there is room for, its end in sight. */
static void a_long_filter_stays_within_the_screen(void **state)
{
    struct bench *b = open_bench(ui_estate(), "pods");
    (void)state;
    keys(b, "/");
    for (int i = 0; i < 60; i++)
        keys(b, "漢");
    assert_true(shows(b, "none of"));
    assert_true(shows(b, "漢漢漢…\""));
    keys(b, "<C-u>");
    for (int i = 0; i < 30; i++)
        keys(b, "0123456789");
    assert_true(shows(b, "234\n")); /* 255 bytes fit; the last ones are seen */
    keys(b, "<Enter><Esc>");
    assert_true(shows(b, "frontend"));
    close_bench(b);
}

/* What is pasted is text for a prompt, and no command where there is none. */
static void pasted_text_is_no_command(void **state)
{
    struct bench *b = open_bench(ui_estate(), "pods");
    struct key key = {.code = KEY_CODE_PASTE};
    (void)state;
    for (const char *c = "q5yl"; *c; c++) {
        key.ch = (uint32_t)*c;
        console_key(b->console, &key, UI_NOW);
    }
    console_draw(b->console, UI_NOW);
    assert_false(console_done(b->console));
    assert_true(shows(b, "▸ Pods"));
    assert_int_equal(b->asked.logs + b->asked.details, 0);
    keys(b, "/");
    for (const char *c = "crash"; *c; c++) {
        key.ch = (uint32_t)*c;
        console_key(b->console, &key, UI_NOW);
    }
    console_draw(b->console, UI_NOW);
    assert_true(shows(b, "8hjlc"));
    assert_false(shows(b, "frontend"));
    close_bench(b);
}

static void selection_stays_on_its_row(void **state)
{
    struct bench *b = open_bench(ui_estate(), "pods");
    char before[600], after[600];
    (void)state;
    keys(b, "/backend-6c<Enter><Down>");
    selected(b, before, sizeof before);
    assert_true(*before);
    pods_gone(b->estate, PROD, "web", "frontend-84bd4c9d7c-4xk2p", UI_NOW);
    pods_gone(b->estate, PROD, "web", "backend-6c9d7f5b8-2m7rv", UI_NOW);
    assert_true(console_draw(b->console, UI_NOW));
    assert_string_equal(selected(b, after, sizeof after), before);
    keys(b, "s");
    assert_string_equal(selected(b, after, sizeof after), before);
    close_bench(b);
}

static void draws_only_when_something_moved(void **state)
{
    struct bench *b = open_bench(ui_estate(), "pods");
    (void)state;
    assert_false(console_draw(b->console, UI_NOW));
    assert_false(console_draw(b->console, UI_NOW + 500));
    assert_true(console_next_draw(b->console) <= UI_NOW + 1000);
    assert_true(console_draw(b->console, UI_NOW + 1000));
    estate_touch(b->estate);
    assert_true(console_draw(b->console, UI_NOW + 1000));
    console_resize(b->console, 40, 120);
    assert_true(console_draw(b->console, UI_NOW + 1000));
    assert_int_equal(console_cells(b->console)->columns, 120);
    close_bench(b);
}

static void details_and_logs_ask_the_host(void **state)
{
    struct bench *b = open_bench(ui_estate(), "pods");
    (void)state;
    keys(b, "/8hjlc<Enter><Enter>");
    assert_int_equal(b->asked.details, 1);
    assert_true(shows(b, "details"));
    keys(b, "<Esc>");
    assert_int_equal(b->asked.closes, 1);
    keys(b, "l");
    assert_int_equal(b->asked.logs, 1);
    assert_string_equal(b->asked.pod, "backend-6c9d7f5b8-8hjlc");
    keys(b, "q");
    assert_false(console_done(b->console));
    assert_false(b->estate->log.open);
    keys(b, "4l");
    assert_int_equal(b->asked.logs, 1); /* a database has no log to follow */
    close_bench(b);
}

static void ask_for_code(struct estate *e, enum session_state to)
{
    struct session s = e->accounts[PROD].session;
    s.state = to;
    session_set(e, PROD, &s, UI_NOW);
}

static void mfa_code_is_hidden(void **state)
{
    struct estate *e = ui_estate();
    (void)state;
    ask_for_code(e, SESSION_MFA);
    struct bench *b = open_bench(e, NULL);
    keys(b, "12x345");
    assert_false(shows(b, "12345"));
    keys(b, "<Enter>");
    assert_int_equal(b->asked.codes, 0);
    keys(b, "6<Enter>");
    assert_int_equal(b->asked.codes, 1);
    assert_string_equal(b->asked.code, "123456");
    ask_for_code(e, SESSION_LOADING);
    console_draw(b->console, UI_NOW);
    assert_false(shows(b, "MFA code for"));
    close_bench(b);
}

static void mfa_can_be_declined(void **state)
{
    struct estate *e = ui_estate();
    (void)state;
    ask_for_code(e, SESSION_MFA);
    struct bench *b = open_bench(e, NULL);
    struct key escape = {.code = KEY_CODE_ESCAPE};
    console_key(b->console, &escape, UI_NOW);
    assert_int_equal(b->asked.declined, 1);
    assert_int_equal(b->asked.codes, 0);
    close_bench(b);
}

static void failures_are_told_by_name(void **state)
{
    static const char *const names[] = {"accounts", "pods", "database", "budgets", "waf", "releases"};
    static const enum feed feeds[] = {FEED_SESSION, FEED_PODS, FEED_DATABASE, FEED_BUDGETS, FEED_WEB_ACL, FEED_RELEASES};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct estate *e = ui_estate_bare();
        ui_fail(e, PROD, feeds[i], "AccessDenied", "not authorized");
        struct bench *b = open_bench(e, names[i]);
        assert_true(shows(b, "prod "));
        assert_true(shows(b, "AccessDenied: not authorized"));
        close_bench(b);
    }
}

/* A hop leads to its pane and to the account's rows there; the way back leads to the hop. */
static void a_hop_opens_its_pane(void **state)
{
    static const char *const panes_of[] = {"▸ Edge", "▸ Edge", "▸ WAF", "▸ Network", "▸ Pods", "▸ Database"};
    static const char *const hops[] = {"Route 53", "CloudFront", "WAF", "ALB", "Pods", "RDS"};
    struct bench *b = open_bench(ui_estate(), NULL);
    char row[600];
    (void)state;
    for (size_t i = 0; i < sizeof hops / sizeof *hops; i++) {
        assert_non_null(strstr(selected(b, row, sizeof row), hops[i]));
        assert_true(shows(b, "↵ open"));
        keys(b, i % 2 ? "<Enter>" : "<Right>");
        assert_true(shows(b, panes_of[i]));
        assert_non_null(strstr(selected(b, row, sizeof row), "PROD"));
        keys(b, "<Left>");
        assert_true(shows(b, "▸ Overview"));
        assert_non_null(strstr(selected(b, row, sizeof row), hops[i]));
        keys(b, "<Down>");
    }
    keys(b, "t");
    assert_true(shows(b, "▸ Timeline"));
    keys(b, "t"); /* is there already */
    assert_true(shows(b, "▸ Timeline"));
    keys(b, "<Left>");
    assert_true(shows(b, "▸ Overview"));
    close_bench(b);
}

static void another_account_shows_what_it_has(void **state)
{
    struct bench *b = open_bench(ui_estate(), NULL);
    char row[600];
    (void)state;
    assert_true(shows(b, "PROD  production"));
    assert_true(shows(b, "d account"));
    keys(b, "d");
    assert_true(shows(b, "DEV  development"));
    assert_true(shows(b, "not in the profile"));
    assert_non_null(strstr(selected(b, row, sizeof row), "ALB")); /* the first that there is */
    keys(b, "<Down><Enter>");
    assert_non_null(strstr(selected(b, row, sizeof row), "dev"));
    keys(b, "<Left>d");
    assert_true(shows(b, "PROD  production"));
    close_bench(b);
}

/* With one cluster there is no other account to be shown, with none the accounts are. */
static void without_clusters_the_accounts_are_drawn(void **state)
{
    struct estate *e = path_many(3);
    struct bench *b = open_bench(e, NULL);
    (void)state;
    assert_true(shows(b, "SHOP0-PROD  production"));
    assert_false(shows(b, "d account"));
    close_bench(b);
    e = path_many(3);
    struct cluster_config *cluster = &((struct estate_config *)(uintptr_t)e->config)->accounts.at[PROD].cluster;
    free(cluster->name);
    cluster->name = NULL;
    b = open_bench(e, NULL);
    assert_true(shows(b, "SHOP0-PROD  attention"));
    assert_false(shows(b, "↵ open"));
    keys(b, "<Enter><Right>d<Down>");
    assert_true(shows(b, "▸ Overview"));
    close_bench(b);
}

/* A second click does what Enter does, also where there are no details: it follows a log group, compares a pair. */
static void a_second_click_opens_what_enter_opens(void **state)
{
    struct bench *b = open_bench(ui_estate(), "logs");
    struct key click = {.code = KEY_CODE_CLICK, .row = 5, .column = 5};
    (void)state;
    for (int i = 0; i < 2; i++) {
        console_key(b->console, &click, UI_NOW);
        console_draw(b->console, UI_NOW);
    }
    assert_int_equal(b->asked.logs, 1);
    assert_true(shows(b, "▸ log"));
    keys(b, "q:compare<Enter>");
    for (int i = 0; i < 2; i++) {
        console_key(b->console, &click, UI_NOW);
        console_draw(b->console, UI_NOW);
    }
    assert_true(shows(b, "▸ Compare"));
    close_bench(b);
}

/* Whatever strangers write, the cells hold no control character. */
static void hostile_text_stays_text(void **state)
{
    static const char evil[] = "a\x1b[2J\x1b]0;t\x07\xc2\x9b" "31m\xe2\x80\xae\xff\xc3\nb";
    static const char *const names[] = {"overview", "pods", "database", "waf"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct estate *e = ui_estate();
        struct pod_row row = {.ns = evil, .name = evil, .status = evil, .node = evil, .ip = evil, .created_at = UI_NOW};
        pods_put(e, PROD, &row, UI_NOW);
        ui_fail(e, PROD, FEED_DATABASE, evil, evil);
        ui_fail(e, PROD, FEED_WAF_METRICS, evil, evil);
        estate_note(e, UI_NOW, PROD, FEED_PODS, evil, "%s", evil);
        struct bench *b = open_bench(e, names[i]);
        const struct cells *c = console_cells(b->console);
        for (int k = 0; k < c->rows * c->columns; k++)
            if (!text_is_clean(c->at[k].text, strlen(c->at[k].text)))
                fail_msg("%s: row %d column %d", names[i], k / c->columns, k % c->columns);
        close_bench(b);
    }
}

static struct bench *open_pods(size_t count)
{
    struct estate *e = ui_estate_bare();
    ui_pods(e, PROD, count);
    slice_good(e, PROD, FEED_PODS, UI_NOW, 0, 0);
    return open_bench(e, "pods");
}

enum { MANY = 10000 };

/* Right at that size; ui_table counts what a key costs there. */
static void ten_thousand_pods(void **state)
{
    struct bench *b = open_pods(MANY);
    char row[600];
    (void)state;
    assert_true(shows(b, "10000 rows") || shows(b, "10,000"));
    keys(b, "/crash<Enter>");
    keys(b, "s");
    keys(b, "<Down>");
    assert_true(shows(b, "CrashLoopBackOff"));
    assert_false(shows(b, "Running"));
    selected(b, row, sizeof row);
    assert_non_null(strstr(row, "worker-"));
    keys(b, "<Esc>");
    close_bench(b);
}

static bool play(struct bench *b, const char *text, int64_t step_ms, struct error *e)
{
    char path[] = "ui_script_XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_true(file_write(path, text, strlen(text), 0600, e));
    struct script *script = script_load(path, e);
    assert_non_null(script);
    int64_t now = UI_NOW;
    for (int i = 0; script_play(script, b->console, now, e); i++) {
        assert_true(i < 100);
        now += step_ms;
    }
    script_free(script);
    unlink(path);
    return e->kind == ERROR_NONE;
}

static void scripts_play(void **state)
{
    struct bench *b = open_bench(ui_estate(), NULL);
    struct error e = {0};
    struct str saved = STR_INIT((size_t)1 << 20);
    (void)state;
    assert_true(play(b, "# a comment\n\n:pods\n:wait fresh\n/crash<Enter>\n:wait text CrashLoopBackOff\n:save-screen ui_saved.txt\n", 100, &e));
    assert_true(file_read("ui_saved.txt", (size_t)1 << 20, &saved, &e));
    assert_non_null(strstr(str_text(&saved), "8hjlc"));
    unlink("ui_saved.txt");
    str_free(&saved);
    assert_false(play(b, ":pods\n:nonsense\n", 100, &e));
    assert_non_null(strstr(e.message, ":2: "));
    e = (struct error){0};
    assert_false(play(b, ":wait-limit 2\n:wait text never\n", 500, &e));
    assert_non_null(strstr(e.message, ":2: "));
    e = (struct error){0};
    assert_false(play(b, "<Nothing>\n", 100, &e));
    close_bench(b);
}

/* What costs money: the price stands there, and nothing is asked before Enter. */
static void a_query_is_asked_by_one_enter_after_its_price(void **state)
{
    struct bench *b = open_bench(ui_estate(), "logs");
    struct insights_result result = {.read_at = UI_NOW};
    (void)state;
    keys(b, "Q");
    assert_true(shows(b, "AWS takes $0.005 for each GB that the query scans"));
    assert_true(shows(b, "PROD /aws/containerinsights/innovate-prod/application"));
    assert_true(shows(b, "from 3h back to now"));
    keys(b, "<Right><Right><Left>x");
    assert_true(shows(b, "from 12h back to now"));
    keys(b, "<Esc>");
    assert_int_equal(b->asked.queries, 0);
    keys(b, "Q<Enter>");
    assert_int_equal(b->asked.queries, 1);
    assert_string_equal(b->asked.request.name, "errors by pod");
    assert_int_equal(b->asked.request.account, PROD);
    assert_int_equal(b->asked.request.since_ms, 43200000);
    assert_int_equal(b->asked.request.group_count, 1);
    assert_true(shows(b, "Asking 00:00"));
    keys(b, "Q<Down><Enter>"); /* one at a time */
    assert_int_equal(b->asked.queries, 1);
    assert_true(shows(b, "a query runs already"));
    *vec_add(&result.columns) = mem_strdup("errors");
    *vec_add(&result.cells) = mem_strdup("12");
    result.rows = 1;
    insights_progress(b->estate, "Complete", &(struct insights_scan){12, 400, 3000000000}, false);
    insights_end(b->estate, &result, NULL, UI_NOW);
    keys(b, "Q<Up><Enter>");
    assert_true(shows(b, "1 row, 0s old"));
    assert_true(shows(b, " errors\n"));
    keys(b, "<Esc>");
    assert_true(shows(b, "query (typed): 1 row, 0s ago; Q shows them"));
    close_bench(b);
}

static void a_query_that_runs_is_stopped(void **state)
{
    struct bench *b = open_bench(ui_estate(), "logs");
    (void)state;
    keys(b, "Q<Enter><Esc>");
    assert_int_equal(b->asked.stops, 1);
    assert_true(shows(b, "Stopping"));
    keys(b, "<Esc>"); /* the second one leaves */
    assert_int_equal(b->asked.stops, 1);
    assert_true(shows(b, "LOG GROUP"));
    insights_progress(b->estate, "Cancelled", &(struct insights_scan){1, 2, 3}, true);
    insights_end(b->estate, NULL, NULL, UI_NOW);
    keys(b, "Q<Up><Enter>");
    assert_true(shows(b, "stopped after 00:00: 1 of 2 records match"));
    close_bench(b);
}

/* Left, it runs on, and the pane tells. */
static void a_query_that_is_left_runs_on(void **state)
{
    struct bench *b = open_bench(ui_estate(), "logs");
    (void)state;
    keys(b, "Q<Enter>q");
    assert_int_equal(b->asked.stops, 0);
    assert_true(shows(b, "query errors by pod: asking; Q shows it"));
    keys(b, "Q");
    assert_true(shows(b, "the one that runs"));
    keys(b, "<Enter>");
    assert_true(shows(b, "Esc stops it"));
    close_bench(b);
}

/* What is beyond the limit has the alarm's colour, the rest that of the drawing. */
static void the_trend_is_marked_beyond_the_limit(void **state)
{
    struct bench *b = open_bench(ui_estate(), "alarms");
    const struct cells *c = console_cells(b->console);
    int beyond = 0, within = 0;
    (void)state;
    for (int i = 0; i < c->rows * c->columns; i++) {
        bool full = !strcmp(c->at[i].text, "█"), low = !strcmp(c->at[i].text, "▁");
        assert_true(!full || c->at[i].role == ROLE_BAD);
        assert_true(!low || c->at[i].role == ROLE_SPARK);
        beyond += full;
        within += low;
    }
    assert_int_equal(beyond, 2);
    assert_true(within > 5);
    close_bench(b);
}

static void a_query_is_typed(void **state)
{
    struct bench *b = open_bench(ui_estate(), "logs");
    (void)state;
    keys(b, "<End>Q<Down><Down><Enter><C-u>");
    keys(b, "<Enter>");
    assert_true(shows(b, "expected a query"));
    keys(b, "fields @message | limit 3<Enter>");
    assert_int_equal(b->asked.queries, 1);
    assert_string_equal(b->asked.request.query, "fields @message | limit 3");
    assert_string_equal(b->asked.request.groups[0], "/tmp/innovate-prod/debug");
    assert_int_equal(b->asked.request.since_ms, 3600000);
    insights_end(b->estate, NULL, NULL, UI_NOW);
    keys(b, ":query er<Tab>");
    assert_true(shows(b, ":query errors by pod"));
    keys(b, "<Enter>");
    assert_true(shows(b, "Enter asks and pays"));
    assert_int_equal(b->asked.queries, 1);
    keys(b, "<Enter>");
    assert_int_equal(b->asked.queries, 2);
    insights_end(b->estate, NULL, NULL, UI_NOW);
    keys(b, ":pods<Enter>:query limit 5<Enter>");
    assert_true(shows(b, "for another choose a log group in Logs first"));
    keys(b, ":logs<Enter>:query limit 5<Enter>");
    assert_true(shows(b, "> limit 5"));
    close_bench(b);
}

static void how_far_back(void **state)
{
    struct bench *b = open_bench(ui_estate(), "logs");
    (void)state;
    keys(b, "<Enter>");
    assert_int_equal(b->asked.since_ms, 0);
    keys(b, ":since 30m<Enter>"); /* while it is followed: from there on */
    assert_int_equal(b->asked.logs, 2);
    assert_int_equal(b->asked.since_ms, 1800000);
    keys(b, "<Esc>:since 5s<Enter>");
    assert_true(shows(b, "expected a span from 1m to 31d"));
    keys(b, "Q");
    assert_true(shows(b, "from 30m back to now"));
    keys(b, "<Esc>:since<Enter>Q");
    assert_true(shows(b, "from 3h back to now"));
    close_bench(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_and_names_change_the_pane), cmocka_unit_test(filter_as_one_types),
        cmocka_unit_test(a_long_filter_stays_within_the_screen), cmocka_unit_test(pasted_text_is_no_command),
        cmocka_unit_test(selection_stays_on_its_row), cmocka_unit_test(draws_only_when_something_moved),
        cmocka_unit_test(details_and_logs_ask_the_host), cmocka_unit_test(mfa_code_is_hidden), cmocka_unit_test(mfa_can_be_declined),
        cmocka_unit_test(a_hop_opens_its_pane), cmocka_unit_test(a_second_click_opens_what_enter_opens),
        cmocka_unit_test(another_account_shows_what_it_has), cmocka_unit_test(without_clusters_the_accounts_are_drawn),
        cmocka_unit_test(failures_are_told_by_name), cmocka_unit_test(hostile_text_stays_text), cmocka_unit_test(ten_thousand_pods),
        cmocka_unit_test(scripts_play), cmocka_unit_test(a_query_is_asked_by_one_enter_after_its_price),
        cmocka_unit_test(a_query_that_runs_is_stopped), cmocka_unit_test(a_query_that_is_left_runs_on),
        cmocka_unit_test(the_trend_is_marked_beyond_the_limit), cmocka_unit_test(a_query_is_typed), cmocka_unit_test(how_far_back)};
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
