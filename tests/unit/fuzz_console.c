/* The console under random keys, windows and estates that change in between, the same ones each time: every pane, mode and box, with rows that vanish
 * under selection, mark, trail, comparison, menu and narrowing. None may crash, leak, hang, draw what a terminal obeys, or pay without a person's
 * word. Worth most with sanitizers. TRIVET_FUZZ_ROUNDS=N for longer ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/engine.h"
#include "base/mem.h"
#include "base/text.h"
#include "chance.h"
#include "costs_estate.h"
#include "edge_estate.h"
#include "leads_estate.h"
#include "network_estate.h"
#include "path_estate.h"
#include "platform_estate.h"
#include "security_estate.h"
#include "ui/internal.h"
#include "ui_estate.h"

static bool often(size_t one_in) { return below(one_in) == 0; }

/* What strangers may write into a name or a message. */
static const char *hostile(void)
{
    static char text[12000];
    static const char *const pieces[] = {"\x1b]0;owned\x07", "\x1b]52;c;b3duZWQ=\x07", "\x1b]8;;http://evil\x1b\\", "\x1b[2J", "\xc2\x9b" "31m",
                                         "\xe2\x80\xae", "\xe2\x80\x8b", "\xff\xfe", "\xed\xa0\x80", "\n", "\t", "%s%n", "-", "|", "`", "]]>", "<a>",
                                         "\"", "\xe6\xbc\xa2\xe5\xad\x97", "e\xcc\x81", "name:\"x", "\xf0\x9f\x98\x80", " ", "0",
                                         "99999999999999999999"};
    *text = '\0';
    for (size_t n = often(20) ? 900 : 1 + below(6), len = 0; n > 0; n--, len += strlen(text + len))
        text_copy(text + len, sizeof text - len, pieces[below(sizeof pieces / sizeof *pieces)]);
    return text;
}
#define HOSTILE(field) hostile_into((field), sizeof(field))
static void hostile_into(char *to, size_t size) /* as feeds do */
{
    const char *text = hostile();
    text_clean(to, size, text, strlen(text));
}

/* Changes of the estate. */

/* Some of the rows, perhaps one of them twice, perhaps with another name. `set` is given its own copy. */
#define SHUFFLE(rows, name, set)                                                                  \
    do {                                                                                          \
        size_t count_ = (rows).len < 1000 ? (rows).len : 1000, kept_ = often(4) ? 0 : count_ - below(count_ + 1) / 2; \
        __typeof__((rows).at) copy_ = mem_new_array(count_ + 1, sizeof *(rows).at);               \
        if (count_)                                                                               \
            memcpy(copy_, (rows).at, count_ * sizeof *copy_);                                     \
        if (kept_ && often(2))                                                                    \
            HOSTILE(copy_[below(kept_)].name);                                                    \
        if (kept_ && kept_ < count_ && often(2))                                                  \
            copy_[below(kept_)] = copy_[kept_ - 1];                                               \
        set;                                                                                      \
        free(copy_);                                                                              \
    } while (0)

static void change_rows(struct estate *e, size_t a)
{
    struct account *x = estate_account_write(e, a);
    switch (below(14)) {
    case 0: SHUFFLE(x->database.instances, id, databases_set(e, a, copy_, kept_, UI_NOW)); break;
    case 1: SHUFFLE(x->alarms, name, alarms_set(e, a, copy_, kept_, UI_NOW)); break;
    case 2: SHUFFLE(x->log_groups, name, log_groups_set(e, a, copy_, kept_, UI_NOW)); break;
    case 3: SHUFFLE(x->node_groups, name, node_groups_set(e, a, copy_, kept_, UI_NOW)); break;
    case 4: SHUFFLE(x->schedules, name, schedules_set(e, a, copy_, kept_, UI_NOW)); break;
    case 5: SHUFFLE(x->history.alarms, name, alarm_turns_set(e, a, copy_, kept_)); break;
    case 6: SHUFFLE(x->history.trail, user, trail_events_set(e, a, copy_, kept_)); break;
    case 7: SHUFFLE(x->images.rows, tags, images_set(e, a, copy_, kept_)); break;
    case 8: SHUFFLE(x->registry.repositories, name, registry_set(e, a, copy_, kept_)); break;
    case 9: SHUFFLE(x->security.secrets, name, secrets_set(e, a, copy_, kept_, UI_NOW)); break;
    case 10: SHUFFLE(x->security.keys, alias, keys_set(e, a, copy_, kept_)); break;
    case 11: SHUFFLE(x->alarm_trends, name, alarm_trends_set(e, a, copy_, kept_)); break;
    case 12: SHUFFLE(x->distributions, id, distributions_set(e, a, copy_, kept_)); break;
    default: SHUFFLE(x->web_acl.samples, uri, waf_samples_set(e, a, copy_, kept_)); break;
    }
}

/* What is handed over whole: away, or there again. */
static void change_wholes(struct estate *e, size_t a)
{
    switch (below(12)) {
    case 0: network_set(e, a, &(struct account_network){.known = ~0u}, UI_NOW); break;
    case 1: network_build(e, a, UI_NOW); break;
    case 2: edge_set(e, a, &(struct account_edge){.known = ~0u}, UI_NOW); break;
    case 3: edge_build(e, a, UI_NOW); break;
    case 4: platform_set(e, a, &(struct platform){.known = ~0u}, UI_NOW); break;
    case 5: platform_build(e, a, UI_NOW); break;
    case 6: budgets_set(e, a, NULL, 0, UI_NOW); break;
    case 7: costs_build(e, ROOT, UI_NOW); break;
    case 8: releases_set(e, a, &(struct release_set){.ahead = -1}, UI_NOW); break;
    case 9: security_build(e, a, UI_NOW); break;
    case 10: web_acl_set(e, a, &(struct web_acl){.name = ""}, UI_NOW); break;
    default: edge_build_acl(e, a, UI_NOW); break;
    }
}

static void change_cluster(struct estate *e, size_t a)
{
    const struct cluster *cluster = &e->accounts[a].cluster;
    char name[12000];
    text_copy(name, sizeof name, hostile());
    struct pod_row pod = {.ns = "web", .name = name, .status = name, .node = name, .ip = "10.0.11.20", .ready = (int)below(3), .containers = 1,
                          .restarts = (int)below(5)};
    switch (below(6)) {
    case 0: pods_put(e, a, &pod, UI_NOW); break;
    case 1: pods_sweep(e, a, "web", pods_begin(e, a), UI_NOW); break;
    case 2: ui_pods(e, a, below(60)); break;
    case 3: workload_build(e, a, often(2) ? BUILD_OLD : BUILD_NEW, UI_NOW); break;
    case 4:
        for (size_t n = below(6); n > 0 && cluster->pods.len; n--) {
            const struct pod *gone = &cluster->pods.at[below(cluster->pods.len)];
            pods_gone(e, a, gone->ns, gone->name, UI_NOW);
        }
        break;
    default:
        if (cluster->deployments.len) {
            const struct deployment *gone = &cluster->deployments.at[below(cluster->deployments.len)];
            deployments_gone(e, a, gone->ns, gone->name);
        }
    }
}

static void change_slice(struct estate *e, size_t a)
{
    struct error error = {0};
    enum feed feed = (enum feed)below(FEED_COUNT);
    switch (below(5)) {
    case 0:
        error_set(&error, ERROR_SERVICE, "AccessDenied", "%s", hostile());
        slice_failed(e, a, feed, &error, UI_NOW + 1000);
        break;
    case 1: slice_loading(e, a, feed); break;
    case 2: slice_none(e, a, feed); break;
    default: slice_good(e, a, feed, UI_NOW - (int64_t)below(600000), 60000, UI_NOW + 1000); break;
    }
}

static void change_open(struct estate *e)
{
    static const char *const states[] = {"Running", "Complete", "Failed", "Cancelled"};
    const char *line = hostile();
    struct error error = {0};
    switch (below(6)) {
    case 0: insights_build(e, below(ACCOUNTS), states[below(4)], UI_NOW); break;
    case 1: log_view_add(e, line, strlen(line)); break;
    case 2: error_set(&error, ERROR_NETWORK, "ConnectionLost", "%s", line); log_view_end(e, &error); break;
    case 3: error_set(&error, ERROR_SERVICE, "Gone", "%s", line); detail_failed(e, &error); break;
    case 4: alarm_points_build(e, UI_NOW); break;
    default: {
        struct session s = e->accounts[PROD].session;
        s.state = often(4) ? SESSION_MFA : SESSION_READY;
        session_set(e, PROD, &s, UI_NOW);
    }
    }
}

static void change(struct estate *e)
{
    size_t a = below(ACCOUNTS);
    switch (below(6)) {
    case 0: change_wholes(e, a); break;
    case 1: change_cluster(e, a); break;
    case 2: change_slice(e, a); break;
    case 3: change_open(e); break;
    default: change_rows(e, a); break;
    }
    estate_touch(e);
}

/* The host: what feeds would do. What costs money is counted against the words said for it. */

struct bench {
    struct estate *estate;
    struct console *console;
    struct key last;
    int asked; /* that cost money */
};

static void on_feeds(void *arg, feed_mask feeds)
{
    (void)arg;
    (void)feeds;
}
static void on_detail(void *arg, const struct detail_key *key)
{
    struct bench *b = arg;
    detail_open(b->estate, key);
    if (often(2))
        detail_write(b->estate)->yaml = mem_strdup("apiVersion: v1\nkind: Pod\n");
    estate_touch(b->estate);
}
static void on_close(void *arg) { detail_close(((struct bench *)arg)->estate); }
static void on_log(void *arg, size_t account, const char *ns, const char *pod, const char *container, bool previous, int64_t since_ms)
{
    struct bench *b = arg;
    assert_true(account < b->estate->account_count && since_ms >= 0);
    (void)previous;
    log_view_open(b->estate, account, ns, pod, container);
}
static void on_log_close(void *arg) { log_view_close(((struct bench *)arg)->estate); }
static void on_mfa(void *arg, size_t account, const char *code)
{
    assert_true(account < ((struct bench *)arg)->estate->account_count && (!code || strlen(code) == 6));
}
static bool on_copy(void *arg, const char *text)
{
    (void)arg;
    assert_true(text_is_clean(text, strlen(text)));
    return true;
}
/* Only Enter or y says so, and once. */
static void paid(struct bench *b)
{
    assert_true(b->last.code == KEY_CODE_ENTER || (b->last.code == KEY_CODE_CHAR && (b->last.ch == 'y' || b->last.ch == 'Y')));
    assert_int_equal(++b->asked, 1);
}
static void on_costs(void *arg) { paid(arg); }
static void on_query(void *arg, const struct insights_request *request)
{
    struct bench *b = arg;
    paid(b);
    assert_true(request->account < b->estate->account_count && request->group_count && *request->query);
    insights_begin(b->estate, request, UI_NOW);
}
static void on_query_stop(void *arg) { insights_progress(((struct bench *)arg)->estate, "Running", &(struct insights_scan){1, 2, 3}, true); }

/* Keys. */

static const char *const commands[] = {"since 3h", "since 0", "since 99999999999d", "query", "query x", "query nonsense | limit 3", "sort age",
                                       "sort nonsense", "sort", "action scale 3", "timeline", "overview", "logs", "compare", "mfa", "refresh",
                                       "filter status:crash", "since", "", "readme"};
static const char *const filters[] = {"account:prod", "status:\"", "since:2h", "since:9223372036854775807s", "name=\"a b\" x", "a:b:c=d", "=", ":",
                                      "\"\"", "account=prod since:1s zz",
                                      "status:Running ready:\"1/1\" restarts:0 age:1 name:x node:y ns:z account:p", "%s%n"};

static void press(struct bench *b, struct key key)
{
    b->last = key;
    b->asked = 0;
    console_key(b->console, &key, UI_NOW + (int64_t)below(5000));
}

static void press_text(struct bench *b, const char *text)
{
    struct key key;
    for (int used; *text; text += used) {
        used = key_parse(text, &key);
        if (!used)
            return;
        press(b, key);
    }
}

static void press_random(struct bench *b)
{
    static const char keys[] = "0123456789aAcdghjklmnoqrsStyxKLQRG=/:?!@ ";
    static const enum key_code codes[] = {KEY_CODE_ENTER, KEY_CODE_ENTER, KEY_CODE_ESCAPE, KEY_CODE_TAB, KEY_CODE_BACKTAB, KEY_CODE_BACKSPACE,
                                          KEY_CODE_DELETE, KEY_CODE_UP, KEY_CODE_DOWN, KEY_CODE_DOWN, KEY_CODE_LEFT, KEY_CODE_RIGHT, KEY_CODE_RIGHT,
                                          KEY_CODE_HOME, KEY_CODE_END, KEY_CODE_PAGE_UP, KEY_CODE_PAGE_DOWN, KEY_CODE_WHEEL_UP, KEY_CODE_WHEEL_DOWN};
    const struct cells *c = console_cells(b->console);
    switch (below(16)) {
    case 0:
        press_text(b, ":");
        press_text(b, commands[below(sizeof commands / sizeof *commands)]);
        press_text(b, often(3) ? "<Tab>" : "<Enter>");
        break;
    case 1:
        press_text(b, "/");
        press_text(b, filters[below(sizeof filters / sizeof *filters)]);
        press_text(b, often(3) ? "<Esc>" : "<Enter>");
        break;
    case 2: press(b, (struct key){.code = KEY_CODE_CLICK, .row = (int)below((size_t)c->rows + 3) - 1,
                                  .column = (int)below((size_t)c->columns + 3) - 1}); break;
    case 3: press(b, (struct key){.code = KEY_CODE_PASTE, .ch = (uint32_t)below(0x11000)}); break;
    case 4: press(b, (struct key){.code = KEY_CODE_CTRL, .ch = (uint32_t)"ufbnpwal"[below(8)]}); break;
    case 5: press(b, (struct key){.code = KEY_CODE_CHAR, .ch = (uint32_t)below(0x300)}); break;
    case 6:
    case 7:
    case 8:
    case 9: press(b, (struct key){.code = KEY_CODE_CHAR, .ch = (uint32_t)keys[below(sizeof keys - 1)]}); break;
    default: press(b, (struct key){.code = codes[below(sizeof codes / sizeof *codes)]}); break;
    }
}

/* What was drawn: no cell holds what a terminal obeys. */
static void assert_drawn(const struct cells *c)
{
    for (int i = 0; i < c->rows * c->columns; i++)
        if (!text_is_clean(c->at[i].text, strlen(c->at[i].text))) {
            struct str screen = STR_INIT((size_t)1 << 20);
            cells_text(c, &screen);
            fail_msg("row %d, column %d of:\n%s", i / c->columns, i % c->columns, str_text(&screen));
        }
}

static size_t pane_count(void)
{
    size_t count = 0;
    while (panes[count])
        count++;
    return count;
}

static void open_console(struct bench *b)
{
    struct console_host host = {on_feeds, on_feeds, on_detail, on_close, on_log, on_log_close, on_mfa, b, .copy = on_copy, .costs = on_costs,
                                .query = on_query, .query_stop = on_query_stop};
    struct console_options options = {.estate = b->estate, .host = &host, .pane = panes[below(pane_count())]->name, .unicode = !often(3),
                                      .read_only = often(3),
                                      .rows = 24, .columns = 80, .now = UI_NOW};
    b->console = console_new(&options);
}

static struct estate *build(void)
{
    if (often(6))
        return ui_estate_bare();
    struct estate *e = ui_estate();
    leads_build(e);
    costs_build(e, ROOT, UI_NOW);
    for (size_t a = DEV; a < ACCOUNTS; a++)
        security_build(e, a, UI_NOW);
    return e;
}

static void random_keys(void **state)
{
    (void)state;
    for (int round = 0, last = rounds(12); round < last; round++) {
        seed = UINT64_C(0x9E3779B97F4A7C15) * (uint64_t)(round + 1);
        struct bench b = {.estate = build()};
        open_console(&b);
        for (int step = 0; step < 250; step++) {
            press_random(&b);
            b.console->done = false; /* there is nothing better to do than to go on */
            if (often(4))
                change(b.estate);
            if (often(25))
                console_resize(b.console, 5 + (int)below(often(2) ? 20 : 96), 20 + (int)below(often(2) ? 80 : 281));
            if (often(60))
                console_open_pane(b.console, below(pane_count()));
            if (!often(3)) /* several keys may come before it is drawn */
                console_draw(b.console, UI_NOW + step * 50);
            if (often(10))
                assert_drawn(console_cells(b.console));
        }
        console_free(b.console);
        ui_estate_free(b.estate);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_keys)};
    return cmocka_run_group_tests_name("fuzz_console", tests, NULL, NULL);
}
