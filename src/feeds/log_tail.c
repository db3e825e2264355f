/* One log group followed: its newest events by FilterLogEvents, again every two seconds while somebody looks. That read costs nothing. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/when.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"
#include "net/retry.h"

#define AGAIN_MS  2000
#define LATER_MS  60000 /* at most so much more after a failure */
#define FIRST_MS  600000 /* how far it looks back at first, unless told */
#define LAP_MS    30000  /* events come late: each look goes back over the one before */
#define LIMIT     500    /* events a request */
#define PAGES_MAX 20     /* requests that one look may take; then what is newest comes with the next */
#define SEEN      32768 /* a power of two; half of it is room for what one look brings */

struct log_tail {
    struct feeds *feeds;
    size_t account;
    char group[256];
    struct aws_call *call;
    struct loop_timer *again;
    int64_t from, newest;
    int pages, failures;    /* of this look; looks that failed since the last that did not */
    uint64_t seen[2][SEEN]; /* hashes of the ids of this look's events and of the last one's, which reached as far back; 0: free */
    size_t held;            /* of this look */
    int turn;               /* which of them is this look's */
};

static uint64_t hash(const char *s)
{
    uint64_t h = 14695981039346656037u;
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 1099511628211u;
    return h;
}

_Static_assert(PAGES_MAX * LIMIT < SEEN / 2, "there is always a free place");

static uint64_t *place_of(uint64_t *seen, uint64_t h)
{
    size_t i = h % SEEN;
    while (seen[i] && seen[i] != h)
        i = (i + 1) % SEEN;
    return &seen[i];
}

static bool is_new(struct log_tail *t, const char *id)
{
    uint64_t h = hash(id) | 1, *place = place_of(t->seen[t->turn], h);
    bool known = *place || *place_of(t->seen[!t->turn], h);
    t->held += !*place;
    *place = h;
    return !known;
}

void map_log_event(const json_t *row, char *line, size_t size)
{
    char clock[16];
    text_format(line, size, "%s %s", when_clock(json_int(row, "timestamp", 0), clock, sizeof clock), json_text_or(row, "message", ""));
}

static void add(struct log_tail *t, const json_t *row)
{
    char line[1100];
    int64_t at = json_int(row, "timestamp", 0);
    if (!is_new(t, json_text_or(row, "eventId", "")))
        return;
    map_log_event(row, line, sizeof line);
    log_view_add(feeds_estate(t->feeds), line, strlen(line));
    t->newest = at > t->newest ? at : t->newest;
}

static void ask(struct log_tail *t, const char *token);

static void look_again(void *arg)
{
    struct log_tail *t = arg;
    bool behind = t->pages == PAGES_MAX; /* so many come that a lap would bring nothing new */
    t->again = NULL;
    t->pages = 0;
    t->from = t->newest ? t->newest - (behind ? 0 : LAP_MS) : t->from;
    if (!t->failures || t->held > SEEN / 2) { /* a look that failed is the same look, taken up again */
        t->turn = !t->turn;
        memset(t->seen[t->turn], 0, sizeof t->seen[t->turn]);
        t->held = 0;
    }
    ask(t, NULL);
}

/* What was read stays, with the error below it; what can go away by itself is tried again, later each time. */
static void failed(struct log_tail *t, const struct error *error)
{
    log_view_end(feeds_estate(t->feeds), error);
    if (retry_is_transient(error))
        t->again = loop_after(feeds_loop(t->feeds), AGAIN_MS + retry_backoff(t->failures++, AGAIN_MS, LATER_MS), look_again, t);
}

static void answered(void *arg, json_t *output, const struct error *error)
{
    struct log_tail *t = arg;
    size_t i;
    json_t *row;
    t->call = NULL;
    if (error) {
        failed(t, error);
        return;
    }
    if (t->failures)
        log_view_resume(feeds_estate(t->feeds));
    t->failures = 0;
    json_array_foreach(json_at(output, "events"), i, row)
        if (i < LIMIT) /* what was asked for */
            add(t, row);
    const char *token = json_text(output, "nextToken");
    if (token && ++t->pages < PAGES_MAX)
        ask(t, token);
    else
        t->again = loop_after(feeds_loop(t->feeds), AGAIN_MS, look_again, t);
}

static void ask(struct log_tail *t, const char *token)
{
    json_t *input = json_pack("{s:s, s:I, s:i}", "logGroupName", t->group, "startTime", (json_int_t)t->from, "limit", LIMIT);
    if (token)
        json_object_set_new(input, "nextToken", json_string(token));
    t->call = aws_call(feeds_session(t->feeds, t->account), "logs", "FilterLogEvents", input, NULL, answered, t);
    json_decref(input);
}

void log_tail_open(struct feeds *feeds, size_t account, const char *group, int64_t since_ms)
{
    struct log_tail *t = *feeds_log_tail(feeds) = mem_new(sizeof *t);
    t->feeds = feeds;
    t->account = account;
    t->from = loop_wall(feeds_loop(feeds)) - (since_ms ? since_ms : FIRST_MS);
    text_copy(t->group, sizeof t->group, group);
    ask(t, NULL);
}

void log_tail_close(struct feeds *feeds)
{
    struct log_tail **at = feeds_log_tail(feeds);
    if (!*at)
        return;
    aws_cancel((*at)->call);
    loop_cancel(feeds_loop(feeds), (*at)->again);
    free(*at);
    *at = NULL;
}
