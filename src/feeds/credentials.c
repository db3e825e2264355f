/* IAM's credential report: who can sign in with what, and how old keys are. AWS makes one at most every four hours: there may be none yet, or one
 * that has run out; then it is asked for, and read once it is made. */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/when.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

#define REPORT_MAX ((size_t)8 << 20)
#define SOON_MS    250 /* a report is made within a second or two, at times within twenty: asked for soon, then less and less often */
#define LATER_MS   4000
#define TRIES      20
#define COLUMNS    40

/* The report. */

struct line {
    char *cells[COLUMNS];
    size_t count;
};

/* Splits one line in place, quotes taken off. Returns what follows it. */
static char *split(char *at, struct line *line)
{
    line->count = 0;
    for (;;) {
        char *to = at, *cell = at;
        bool quoted = *at == '"';
        at += quoted;
        while (*at && (quoted || (*at != ',' && *at != '\n' && *at != '\r'))) {
            if (quoted && *at == '"' && at[1] != '"') {
                quoted = false;
                at++;
                continue;
            }
            at += quoted && *at == '"';
            *to++ = *at++;
        }
        char stop = *at;
        *to = '\0';
        if (line->count < COLUMNS)
            line->cells[line->count] = cell;
        line->count++;
        if (stop != ',')
            return stop ? at + 1 + strspn(at + 1, "\r\n") : at;
        at++;
    }
}

static const char *cell_of(const struct line *head, const struct line *line, const char *name)
{
    for (size_t i = 0; i < head->count; i++)
        if (!strcmp(head->cells[i], name))
            return line->cells[i];
    return "";
}

static int64_t time_of(const struct line *head, const struct line *line, const char *name)
{
    int64_t ms = 0;
    return when_parse_iso(cell_of(head, line, name), &ms) ? ms : 0;
}

static bool is_true(const struct line *head, const struct line *line, const char *name) { return text_same_case(cell_of(head, line, name), "true"); }

static void map_user(const struct line *head, const struct line *line, struct iam_user *u)
{
    const char *name = cell_of(head, line, "user");
    text_clean(u->name, sizeof u->name, name, strlen(name));
    u->root = !strcmp(name, "<root_account>");
    u->console = is_true(head, line, "password_enabled");
    u->mfa = is_true(head, line, "mfa_active");
    u->created_at = time_of(head, line, "user_creation_time");
    u->signed_in_at = time_of(head, line, "password_last_used");
    for (int k = 0; k < 2; k++) {
        char column[48];
        text_format(column, sizeof column, "access_key_%d_active", k + 1);
        u->keys[k].active = is_true(head, line, column);
        text_format(column, sizeof column, "access_key_%d_last_rotated", k + 1);
        u->keys[k].rotated_at = time_of(head, line, column);
        text_format(column, sizeof column, "access_key_%d_last_used_date", k + 1);
        u->keys[k].used_at = time_of(head, line, column);
        text_format(column, sizeof column, "access_key_%d_last_used_service", k + 1);
        const char *service = cell_of(head, line, column);
        text_clean(u->keys[k].service, sizeof u->keys[k].service, service, strlen(service));
    }
}

bool map_credentials(const char *text, size_t len, struct credential_set *set, struct error *e)
{
    char *copy = mem_strndup(text, len), *at;
    struct line head, line;
    at = split(copy, &head);
    bool good = head.count > 1 && head.count <= COLUMNS && !strcmp(head.cells[0], "user");
    while (good && *at) {
        at = split(at, &line);
        good = line.count == head.count; /* one that does not fit would be read wrongly */
        if (good)
            map_user(&head, &line, vec_add(&set->users));
    }
    if (!good)
        error_set(e, ERROR_PROTOCOL, "BadReply",
                  "the credential report is not what was expected: a line has another number of columns than its head");
    free(copy);
    return good;
}

/* The reading of it. */

struct reading {
    struct aws_call *call;
    struct loop_timer *timer;
    int tries;
    int64_t wait_ms; /* before it is asked for next */
};

static void fail(struct feed_run *run, const struct error *error)
{
    free(run->state);
    run->state = NULL;
    feed_failed(run, error);
}

static bool take(struct feed_run *run, const json_t *output, struct error *e)
{
    struct credential_set set = {.generated_at = json_when(output, "GeneratedTime")};
    struct str text = STR_INIT(REPORT_MAX);
    const char *content = json_text_or(output, "Content", "");
    bool good = base64_decode(content, strlen(content), &text);
    if (!good)
        error_set(e, ERROR_PROTOCOL, "BadReply", "the credential report is no base64");
    good = good && map_credentials(str_text(&text), text.len, &set, e);
    if (good)
        credentials_set(feeds_estate(run->feeds), run->account, &set, loop_wall(feeds_loop(run->feeds)));
    vec_free(&set.users);
    str_free(&text);
    return good;
}

static void ask(void *arg);

static void wait_for_it(struct feed_run *run)
{
    struct reading *r = run->state;
    r->timer = loop_after(feeds_loop(run->feeds), r->wait_ms, ask, run);
    r->wait_ms = r->wait_ms < LATER_MS ? r->wait_ms * 2 : LATER_MS;
}

static void asked_for(void *arg, json_t *output, const struct error *error)
{
    struct feed_run *run = arg;
    ((struct reading *)run->state)->call = NULL;
    if (error)
        fail(run, error);
    else if (text_equal(json_text(output, "State"), "COMPLETE"))
        ask(run);
    else
        wait_for_it(run);
}

static bool is_to_be_made(const struct error *error) { return error_is(error, "ReportNotPresent") || error_is(error, "ReportExpired"); }

static void answered(void *arg, json_t *output, const struct error *error)
{
    struct feed_run *run = arg;
    struct reading *r = run->state;
    struct error e = {0};
    r->call = NULL;
    if (error && ++r->tries < TRIES && error_is(error, "ReportInProgress")) {
        wait_for_it(run);
    } else if (error && r->tries < TRIES && is_to_be_made(error)) {
        r->call = aws_call(run->session, "iam", "GenerateCredentialReport", NULL, NULL, asked_for, run);
    } else if (error) {
        fail(run, error);
    } else if (!take(run, output, &e)) {
        fail(run, &e);
    } else {
        free(r);
        run->state = NULL;
        feed_good(run);
    }
}

static void ask(void *arg)
{
    struct feed_run *run = arg;
    struct reading *r = run->state;
    r->timer = NULL;
    r->call = aws_call(run->session, "iam", "GetCredentialReport", NULL, NULL, answered, run);
}

static void start(struct feed_run *run)
{
    struct reading *r = mem_new(sizeof *r);
    r->wait_ms = SOON_MS;
    run->state = r;
    ask(run);
}

static void stop(struct feed_run *run)
{
    struct reading *r = run->state;
    aws_cancel(r->call);
    loop_cancel(feeds_loop(run->feeds), r->timer);
    free(r);
    run->state = NULL;
}

const struct feed_type feed_credentials = {.feed = FEED_CREDENTIALS, .interval_ms = 1800000, .focus_ms = 900000, .start = start, .stop = stop};
