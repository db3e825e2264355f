/* The console under random keys, windows and estates that change in between: every pane, mode and box, with rows that vanish under selection, mark,
 * trail, comparison, menu and narrowing; and every action from its menu to its end, the real ones with their checks, plans, pages, journals and audit
 * log, on answers that nobody would believe. What they ask of AWS, clusters and GitHub stays in this file. None may crash, leak, hang, draw what a
 * terminal obeys, pay or change anything without a person's word. Worth most with sanitizers. TRIVET_FUZZ_ROUNDS=N for longer ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* What actions ask of the world: these stand in for calls.c and operator.c. */

static struct action *waits_for_code;

static const char *one_of(const char *const list[])
{
    size_t count = 0;
    while (list[count])
        count++;
    return list[below(count)];
}

static bool any_error(struct error *e)
{
    static const char *const codes[] = {"AccessDenied", "Throttling", "InvalidDBInstanceState", "WAFOptimisticLockException", "Conflict", "NotFound",
                                        "ResourceNotFoundException", NULL};
    static const int statuses[] = {400, 403, 404, 409, 500};
    if (!often(4))
        return false;
    error_set(e, often(4) ? ERROR_TIMEOUT : ERROR_SERVICE, one_of(codes), "%s", hostile());
    e->status = statuses[below(5)];
    return true;
}

/* A reply to anything: it has what every step looks for, as one service or another would say it, or as none would. */
static json_t *any_reply(void)
{
    static const char *const words[] = {"available", "stopped", "rebooting", "ACTIVE", "UPDATING", "DEGRADED", "Running", "completed", "success",
                                        "InProgress", "Succeeded", "Failed", "waiting", "ENABLED", "DISABLED", "Completed", "production", "approved",
                                        NULL};
    char text[400], other[400];
    if (often(12))
        return often(2) ? json_object() : json_pack("[{s:s}]", "state", one_of(words));
    HOSTILE(text);
    HOSTILE(other);
    json_int_t n = (json_int_t)below(4), big = often(10) ? INT64_MAX : n;
    const char *word = one_of(words);
    json_t *all = json_pack("{s:[{s:s, s:s, s:s}], s:{s:s, s:{s:I, s:I, s:I}, s:{s:s}}, s:{s:s, s:[s], s:s, s:s, s:s}, s:s, s:{s:s}, s:s, s:s}",
                            "DBInstances", "DBInstanceStatus", word, "AvailabilityZone", text, "SecondaryAvailabilityZone", other, "nodegroup",
                            "status", word, "scalingConfig", "minSize", n, "desiredSize", big, "maxSize", n, "labels", text, other, "IPSet",
                            "Id", text, "Addresses", "203.0.113.7/32", "Description", other, "Name", text, "IPAddressVersion", "IPV4", "LockToken",
                            text, "Invalidation", "Status", word, "State", word, "ScheduleExpression", other);
    json_t *more = json_pack("{s:{s:s, s:I, s:{s:s}}, s:{s:I, s:{s:{s:{s:s}}}},"
                             " s:{s:I, s:I, s:I, s:I, s:I, s:s}, s:s, s:s, s:I, s:[{s:s, s:[{s:s}]}]}",
                             "metadata", "uid", text, "generation", n, "annotations", "trivet.dev/replicas", other, "spec", "replicas", big,
                             "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt", text, "status", "observedGeneration", n,
                             "replicas", n, "updatedReplicas", n, "readyReplicas", n, "availableReplicas", big, "phase", word, "conclusion", word,
                             "name", text, "id", n, "environments", "state", word, "environments", "name", "production");
    assert_true(all && more);
    json_object_update_new(all, more);
    if (often(4))
        json_object_set_new(all, "status", json_string(word)); /* of a run */
    return all;
}

static void answer_look(struct step *s, bool or_none, step_got *got)
{
    struct error e = {0};
    json_t *reply = any_reply();
    if (any_error(&e))
        step_unseen(s, &e);
    else
        got(s->action, s, or_none && often(4) ? NULL : reply);
    json_decref(reply);
}

/* The only doors by which anything is changed. */
static void answer_call(struct step *s)
{
    const struct action *a = s->action;
    struct error e = {0};
    char id[90];
    HOSTILE(id);
    assert_true(a->confirmed_at && a->state == ACTION_RUNNING && !a->cancelled && s->called_at);
    assert_true(!a->engine->options.read_only && !a->account->config->protect);
    if (often(6)) /* no answer ever */
        return;
    bool failed = any_error(&e);
    json_t *reply = failed ? NULL : any_reply();
    if (reply && s->type->replied)
        s->type->replied(s->action, s, reply);
    step_called(s, id, failed ? &e : NULL);
    json_decref(reply);
}

void step_look_aws(struct step *s, const char *service, const char *operation, json_t *take_input, const char *region, step_got *got)
{
    (void)region;
    assert_true(take_input && *service && *operation);
    json_decref(take_input);
    answer_look(s, false, got);
}
void step_look_aws_or_none(struct step *s, const char *service, const char *operation, json_t *take_input, const char *region, step_got *got)
{
    (void)region;
    assert_true(take_input && *service && *operation);
    json_decref(take_input);
    answer_look(s, true, got);
}
void step_call_aws(struct step *s, const char *service, const char *operation, json_t *take_input, const char *region)
{
    (void)region;
    assert_true(take_input && *service && *operation);
    json_decref(take_input);
    answer_call(s);
}
void step_look_kube(struct step *s, const char *path, step_got *got)
{
    assert_true(*path == '/' && !strchr(path, ' ') && path[strlen(path) - 1] != '/');
    answer_look(s, true, got);
}
void step_patch_kube(struct step *s, const char *path, json_t *take_body)
{
    assert_true(take_body && *path == '/' && !strchr(path, ' ') && path[strlen(path) - 1] != '/');
    json_decref(take_body);
    answer_call(s);
}
void step_delete_kube(struct step *s, const char *path, json_t *take_options) { step_patch_kube(s, path, take_options); }
void step_look_github(struct step *s, const char *path, step_got *got)
{
    assert_true(*path == '/' && !strchr(path, ' '));
    answer_look(s, false, got);
}
void step_review_github(struct step *s, const char *repository, int64_t run, int64_t environment, bool approved, const char *comment)
{
    (void)run;
    (void)environment;
    (void)approved;
    assert_true(*repository && comment);
    answer_call(s);
}

static void run_or_fail(struct action *a)
{
    struct error e = {0};
    bool asks_the_network = a->type->begin != NULL; /* a drill's probes do */
    if (asks_the_network)
        error_set(&e, ERROR_SERVICE, "AccessDenied", "%s", hostile());
    action_begun(a, asks_the_network || any_error(&e) ? &e : NULL);
}
void action_begun(struct action *a, const struct error *error)
{
    if (error) {
        a->error = *error;
        action_finish(a, OUTCOME_FAILED);
        return;
    }
    a->state = ACTION_RUNNING;
    action_touch(a);
    action_advance(a);
}
void operator_start(struct action *a)
{
    a->state = ACTION_STARTING;
    action_touch(a);
    if (!waits_for_code && often(5))
        waits_for_code = a;
    else
        run_or_fail(a);
}
void operator_end(struct action *a) { waits_for_code = waits_for_code == a ? NULL : waits_for_code; }
void operator_sweep(struct actions *actions) { (void)actions; }
const char *action_wants_mfa(const struct action *a) { return a == waits_for_code && a->state == ACTION_STARTING ? "arn:mfa/\x1b[2J" : NULL; }
const char *action_mfa_refused(const struct action *a, char *out, size_t size)
{
    text_copy(out, size, action_wants_mfa(a) && often(2) ? "refused" : "");
    return out;
}
void action_mfa(struct action *a, const char *code)
{
    struct error declined = {0};
    if (!action_wants_mfa(a))
        return;
    waits_for_code = NULL;
    error_set(&declined, ERROR_AUTH, "MFADeclined", "no code");
    if (code)
        run_or_fail(a);
    else
        action_begun(a, &declined);
}

/* The host: what feeds would do. What costs money is counted against the words said for it. */

struct bench {
    struct estate *estate;
    struct console *console;
    struct actions *actions; /* NULL: there are none */
    struct loop *loop;
    char dir[40];
    bool read_only;
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

/* Those that have been confirmed, but not by this key or one before, and not to be taken up again. */
static size_t confirmed(const struct bench *b, const struct action *but)
{
    size_t count = 0;
    for (size_t i = 0; b->actions && i < actions_count(b->actions); i++) {
        const struct action *a = actions_at(b->actions, i);
        count += a->confirmed_at && !a->resumed && a != but;
    }
    return count;
}

/* An action begins by the one key that says so, at a question that stands on the screen, and it is the one that is asked about. */
static void press(struct bench *b, struct key key)
{
    const struct console *c = b->console;
    bool says_yes = key.code == KEY_CODE_ENTER || (key.code == KEY_CODE_CHAR && key.ch == 'y');
    struct action *asked = c->prompt == PROMPT_CONFIRM && screen_fits(c) && says_yes ? c->action : NULL;
    size_t before = confirmed(b, asked);
    b->last = key;
    b->asked = 0;
    console_key(b->console, &key, UI_NOW + (int64_t)below(5000));
    assert_true(confirmed(b, asked) <= before); /* what has ended may be put away */
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

/* What a person would type there. */
static bool press_what_is_asked(struct bench *b)
{
    static const char *const values[] = {"3", "0", "203.0.113.7 2h", "2001:db8::/64", "/index.html /static/*", "/*", "", "1 2 3 4", "%s%n", NULL};
    struct console *c = b->console;
    struct confirmation wanted;
    if (c->prompt == PROMPT_MENU) {
        size_t choice = below(c->menu.count);
        for (int k = 0; k < 8 && !c->menu.at[choice].allowed; k++)
            choice = below(c->menu.count);
        press(b, (struct key){.code = KEY_CODE_CHAR, .ch = (uint32_t)c->menu.at[choice].key});
    } else if (c->prompt == PROMPT_VALUE) {
        press_text(b, "<C-u>");
        press_text(b, one_of(values));
        press_text(b, "<Enter>");
    } else if (c->prompt == PROMPT_MFA) {
        press_text(b, "314159<Enter>");
    } else if (c->prompt == PROMPT_CONFIRM) {
        action_confirmation(c->action, &wanted);
        for (const char *at = wanted.expected, *end = at + strlen(at); *at;) { /* may hold anything, also what spells a key */
            size_t used;
            press(b, (struct key){.code = KEY_CODE_CHAR, .ch = text_decode(at, (size_t)(end - at), &used)});
            at += used;
        }
        press_text(b, c->prompt == PROMPT_CONFIRM && wanted.reason ? "<Tab>why<Enter>" : "<Enter>");
    } else if (c->prompt == PROMPT_NONE && c->mode == MODE_ACTIONS) {
        press_text(b, often(2) ? "r" : "<Down>r");
    } else {
        return false;
    }
    return true;
}

static void press_random(struct bench *b)
{
    static const char keys[] = "0123456789aAcdghjklmnoqrsStyxKLQRG=/:?!@ ";
    static const enum key_code codes[] = {KEY_CODE_ENTER, KEY_CODE_ENTER, KEY_CODE_ESCAPE, KEY_CODE_TAB, KEY_CODE_BACKTAB, KEY_CODE_BACKSPACE,
                                          KEY_CODE_DELETE, KEY_CODE_UP, KEY_CODE_DOWN, KEY_CODE_DOWN, KEY_CODE_LEFT, KEY_CODE_RIGHT, KEY_CODE_RIGHT,
                                          KEY_CODE_HOME, KEY_CODE_END, KEY_CODE_PAGE_UP, KEY_CODE_PAGE_DOWN, KEY_CODE_WHEEL_UP, KEY_CODE_WHEEL_DOWN};
    const struct cells *c = console_cells(b->console);
    if (often(3) && press_what_is_asked(b))
        return;
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

/* The engine. */

static bool reads_nothing(void *arg)
{
    const struct bench *b = arg;
    for (size_t i = 0; i < actions_count(b->actions); i++)
        if (actions_at(b->actions, i)->state == ACTION_READING)
            return false;
    return true;
}

static void on_refresh(void *arg, feed_mask feeds)
{
    struct bench *b = arg;
    struct error error = {0};
    int64_t now = loop_wall(b->loop);
    error_set(&error, ERROR_SERVICE, "AccessDenied", "%s", hostile());
    for (size_t a = 0; a < ACCOUNTS; a++)
        for (int f = 0; f < FEED_COUNT; f++) {
            if (!(feeds & FEED_BIT(f)) || b->estate->accounts[a].slices[f].state == SLICE_NONE)
                continue;
            if (often(20))
                slice_failed(b->estate, a, (enum feed)f, &error, now + 1000);
            else
                slice_good(b->estate, a, (enum feed)f, now, 60000, now + 60000);
        }
}

/* What has been called is looked at once more, whether its time has come or not. */
static void look_again(struct bench *b)
{
    struct action *a = actions_count(b->actions) ? actions_at(b->actions, below(actions_count(b->actions))) : NULL;
    for (size_t i = 0; a && a->state == ACTION_RUNNING && i < a->step_count; i++)
        if (a->steps[i]->state == STEP_SETTLING && often(2))
            a->steps[i]->type->look(a, a->steps[i]);
}

static void go_on(struct bench *b)
{
    if (!b->actions)
        return;
    if (often(2))
        loop_run_until(b->loop, reads_nothing, b, 1000);
    look_again(b);
}

static void open_engine(struct bench *b)
{
    static int github; /* nothing is asked of it */
    struct actions_options options = {.loop = b->loop, .estate = b->estate, .state_dir = b->dir, .read_only = b->read_only,
                                      .github = (struct github *)(void *)&github, .refresh = on_refresh, .arg = b};
    b->actions = actions_new(&options);
}

static void open_console(struct bench *b)
{
    struct console_host host = {on_feeds, on_feeds, on_detail, on_close, on_log, on_log_close, on_mfa, b, .copy = on_copy, .costs = on_costs,
                                .query = on_query, .query_stop = on_query_stop};
    struct console_options options = {.estate = b->estate, .host = &host, .actions = b->actions, .pane = panes[below(pane_count())]->name,
                                      .unicode = !often(3), .read_only = b->read_only,
                                      .rows = 24, .columns = 80, .now = UI_NOW};
    b->console = console_new(&options);
}

/* As after kill -9: what ran is left unfinished. */
static void begin_again(struct bench *b)
{
    console_free(b->console);
    actions_free(b->actions);
    b->read_only = often(10);
    open_engine(b);
    open_console(b);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static void begin(struct bench *b)
{
    struct stat st;
    text_format(b->dir, sizeof b->dir, "%s/trivet-fuzz-XXXXXX", stat("/dev/shm", &st) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(b->dir));
    for (size_t a = 0; a < ACCOUNTS; a++) {
        struct account_config *config = (struct account_config *)(uintptr_t)b->estate->accounts[a].config;
        config->operator_role = mem_strdup("TrivetOperator");
        config->pipelines = often(2);
        config->protect = often(15);
    }
    b->loop = loop_new();
    b->read_only = often(10);
    waits_for_code = NULL;
    if (!often(6))
        open_engine(b);
    open_console(b);
}

static void end(struct bench *b)
{
    console_free(b->console);
    actions_free(b->actions);
    ui_estate_free(b->estate);
    loop_free(b->loop);
    nftw(b->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
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

/* To a row that something can be done with, and on to the question: each time with something else in between, or not. */
static void drive(struct bench *b)
{
    size_t pane = below(pane_count());
    while (!panes[pane]->targets)
        pane = below(pane_count());
    for (int k = 0; k < 3 && !often(8); k++)
        press_text(b, "<Esc>");
    if (b->console->prompt == PROMPT_NONE) {
        console_open_pane(b->console, pane);
        console_draw(b->console, UI_NOW);
        for (size_t n = below(12); n > 0; n--)
            press_text(b, "<Down>");
        press_text(b, often(3) ? "<Enter>a" : "a");
    }
    for (int k = 0; k < 5 && b->console->prompt != PROMPT_NONE && b->console->prompt != PROMPT_CONFIRM && press_what_is_asked(b); k++)
        if (often(9))
            press_random(b);
    loop_run_until(b->loop, reads_nothing, b, 1000);
    if (often(8))
        change(b->estate);
    console_draw(b->console, UI_NOW);
    if (!often(6))
        press_what_is_asked(b);
    if (often(12))
        press_text(b, often(2) ? "c" : "A");
}

static void random_keys(void **state)
{
    (void)state;
    for (int round = 0, last = rounds(12); round < last; round++) {
        seed = UINT64_C(0x9E3779B97F4A7C15) * (uint64_t)(round + 1);
        struct bench b = {.estate = build()};
        begin(&b);
        for (int step = 0; step < 250; step++) {
            press_random(&b);
            b.console->done = false; /* there is nothing better to do than to go on */
            go_on(&b);
            if (often(4))
                change(b.estate);
            if (b.actions && often(60))
                begin_again(&b);
            if (often(25))
                console_resize(b.console, 5 + (int)below(often(2) ? 20 : 96), 20 + (int)below(often(2) ? 80 : 281));
            if (often(60))
                console_open_pane(b.console, below(pane_count()));
            if (!often(3)) /* several keys may come before it is drawn */
                console_draw(b.console, UI_NOW + step * 50);
            if (often(10))
                assert_drawn(console_cells(b.console));
        }
        end(&b);
    }
}

static void random_actions(void **state)
{
    (void)state;
    for (int round = 0, last = rounds(5); round < last; round++) {
        seed = UINT64_C(0xD1B54A32D192ED03) * (uint64_t)(round + 1);
        struct bench b = {.estate = build()};
        begin(&b);
        for (int step = 0; step < 60; step++) {
            if (b.actions && !often(4))
                drive(&b);
            else
                press_random(&b);
            b.console->done = false;
            go_on(&b);
            if (often(6))
                change(b.estate);
            if (b.actions && often(12)) {
                begin_again(&b);
                press_text(&b, often(3) ? "Axy" : "Ar"); /* one that was left unfinished, if there is one */
            }
            console_draw(b.console, UI_NOW + step * 50);
            if (often(4))
                assert_drawn(console_cells(b.console));
        }
        end(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_keys), cmocka_unit_test(random_actions)};
    return cmocka_run_group_tests_name("fuzz_console", tests, NULL, NULL);
}
