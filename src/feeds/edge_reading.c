/* The edge of an account, where the profile names a web ACL. All of it lives in us-east-1, and none of it is paid for; it moves with releases, so
 * that ten minutes are often enough. */
#include "feeds/edge_reading.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"

#define REGION   "us-east-1"
#define AT_ONCE  16 /* calls under way */

static const struct aws_call_options here = {.region = REGION}, pages = {.region = REGION, .all_pages = true};

static bool wanted(const struct account_config *account) { return account->web_acl != NULL; }

void edge_ask(struct edge_reading *r, enum edge_part part, const char *service, const char *operation, json_t *take_input, bool all_pages,
              edge_answer *answer, size_t arg)
{
    struct edge_job *job = mem_new(sizeof *job);
    *job = (struct edge_job){r, part, service, operation, take_input, answer, arg, all_pages};
    *vec_add(&r->jobs) = job;
    r->asked[part]++;
}

bool edge_room(struct edge_reading *r, enum edge_part part, size_t len)
{
    r->full[part] |= len >= EDGE_ROWS_MAX;
    return len < EDGE_ROWS_MAX;
}

static void ask_on(struct edge_reading *r);

static void answered(struct feed_run *run, json_t *output, void *arg)
{
    struct edge_job *job = arg;
    (void)run;
    job->reading->answered[job->part]++;
    job->answer(job->reading, output, job->arg);
    ask_on(job->reading);
}

static void ask_on(struct edge_reading *r)
{
    for (; r->calls.pending < AT_ONCE && r->next < r->jobs.len; r->next++) {
        struct edge_job *job = r->jobs.at[r->next];
        json_t *input = job->input;
        job->input = NULL;
        calls_add(&r->calls, job->service, job->operation, input, job->all_pages ? &pages : &here, answered, job);
    }
}

/* What hangs on another part that could not be read was never asked for. */
static bool reached(const struct edge_reading *r, enum edge_part part)
{
    bool distributions = r->edge.known & (1u << EDGE_DISTRIBUTIONS), zones = r->edge.known & (1u << EDGE_ZONES);
    if (part == EDGE_POLICIES || part == EDGE_VPC_ORIGINS || part == EDGE_INVALIDATIONS)
        return distributions;
    return part != EDGE_RECORDS || (distributions && zones);
}

static void settle_parts(struct edge_reading *r)
{
    static const enum edge_part order[] = {EDGE_DISTRIBUTIONS, EDGE_ZONES,   EDGE_POLICIES,     EDGE_VPC_ORIGINS,
                                           EDGE_INVALIDATIONS, EDGE_RECORDS, EDGE_CERTIFICATES, EDGE_LOGGING};
    for (size_t i = 0; i < EDGE_PARTS; i++) {
        enum edge_part part = order[i];
        if (r->asked[part] == r->answered[part] && !r->full[part] && reached(r, part))
            r->edge.known |= 1u << part;
        else
            r->edge.failed |= 1u << part;
    }
}

/* "records, certificates: …": which parts are missing, and why the first of them is. */
static void tell_parts(const struct edge_reading *r, struct error *out)
{
    struct str names = STR_INIT(400);
    struct error cause = r->first;
    if (cause.kind == ERROR_NONE)
        error_set(&cause, ERROR_PROTOCOL, "TooMany", "more than %d of a kind", EDGE_ROWS_MAX);
    for (int part = 0; part < EDGE_PARTS; part++)
        if (r->edge.failed & (1u << part))
            str_addf(&names, "%s%s", names.len ? ", " : "", edge_part_name((enum edge_part)part));
    *out = cause;
    error_prefix(out, str_text(&names));
    str_free(&names);
}

static void reading_free(struct edge_reading *r)
{
    for (size_t i = 0; i < r->jobs.len; i++) {
        json_decref(r->jobs.at[i]->input);
        free(r->jobs.at[i]);
    }
    vec_free(&r->jobs);
    edge_free(&r->edge);
    free(r);
}

/* Zones are asked together, and answer as they like. */
static int by_name(const void *a, const void *b)
{
    const struct edge_record *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    order = order ? order : strcmp(x->type, y->type);
    order = order ? order : strcmp(x->zone, y->zone);
    return order ? order : strcmp(x->set, y->set);
}

static void over(struct feed_run *run)
{
    struct edge_reading *r = run->state;
    struct error told = {0};
    settle_parts(r);
    if (r->edge.records.len)
        qsort(r->edge.records.at, r->edge.records.len, sizeof *r->edge.records.at, by_name);
    if (r->edge.failed)
        tell_parts(r, &told);
    bool any = r->edge.known != 0;
    edge_set(feeds_estate(run->feeds), run->account, &r->edge, loop_wall(feeds_loop(run->feeds)));
    r->edge = (struct account_edge){0};
    run->state = NULL;
    reading_free(r);
    feed_end_partly(run, any, &told);
}

/* A failure does not keep the rest of the line from being asked. */
static void done(struct feed_run *run, const struct error *error)
{
    struct edge_reading *r = run->state;
    if (error && r->first.kind == ERROR_NONE)
        r->first = *error;
    if (r->next == r->jobs.len) {
        over(run);
        return;
    }
    calls_begin(&r->calls, run, done);
    ask_on(r);
    calls_end(&r->calls);
}

static void start(struct feed_run *run)
{
    struct edge_reading *r = run->state = mem_new(sizeof *r);
    calls_begin(&r->calls, run, done);
    edge_ask_cdn(r);
    edge_ask_names(r);
    ask_on(r);
    calls_end(&r->calls);
}

static void stop(struct feed_run *run)
{
    struct edge_reading *r = run->state;
    if (!r)
        return;
    calls_cancel(&r->calls);
    run->state = NULL;
    reading_free(r);
}

const struct feed_type feed_edge = {.feed = FEED_EDGE, .interval_ms = 600000, .focus_ms = 120000, .wanted = wanted, .start = start, .stop = stop};
