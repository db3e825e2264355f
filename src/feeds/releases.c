/* Releases: what waits at an environment on GitHub, the runs of late, and the commits between what runs and what waits. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"
#include "github/client.h"

#define RECENT_MAX  30
#define WAITING_MAX 20
#define COMMITS_MAX 50
#define RUNNING_MAX 10
#define CALLS       (2 * WAITING_MAX + RUNNING_MAX + 3)

struct one { /* a call under way */
    struct feed_run *run;
    struct github_call *call;
    int64_t id; /* the run whose gate or reviews it asks for */
};

struct reading {
    struct one ones[CALLS];
    size_t count;
    int pending, running;
    bool compared;
    struct error first;
    struct release_set set;
};

static enum release_state state_of(const char *status, const char *conclusion)
{
    if (strcmp(status, "completed") != 0)
        return strcmp(status, "waiting") == 0 ? RELEASE_WAITING : RELEASE_RUNNING;
    if (!strcmp(conclusion, "success"))
        return RELEASE_SUCCEEDED;
    return !strcmp(conclusion, "cancelled") || !strcmp(conclusion, "skipped") ? RELEASE_CANCELLED : RELEASE_FAILED;
}

void map_release(const json_t *row, struct release *r)
{
    *r = (struct release){.id = json_int(row, "id", 0),
                          .number = json_int(row, "run_number", 0),
                          .workflow = json_int(row, "workflow_id", 0),
                          .created_at = json_when(row, "created_at"),
                          .updated_at = json_when(row, "updated_at"),
                          .reviews = -1,
                          .state = state_of(json_text_or(row, "status", ""), json_text_or(row, "conclusion", ""))};
    FIELD(r->url, row, "html_url");
    FIELD(r->title, row, "display_title");
    FIELD(r->message, row, "head_commit.message");
    FIELD(r->branch, row, "head_branch");
    FIELD(r->sha, row, "head_sha");
    FIELD(r->actor, row, "triggering_actor.login");
    if (!*r->actor)
        FIELD(r->actor, row, "actor.login");
    FIELD(r->event, row, "event");
    if (r->state == RELEASE_WAITING)
        r->waiting_since = r->updated_at;
}

/* The gates a run waits at: the profile's environment before others. */
void map_release_gate(const json_t *gates, const char *environment, struct release *r)
{
    size_t i;
    json_t *gate, *found = json_array_get(gates, 0), *reviewer;
    json_array_foreach(gates, i, gate)
        if (environment && text_equal(json_text(gate, "environment.name"), environment))
            found = gate;
    FIELD(r->environment, found, "environment.name");
    r->environment_id = json_int(found, "environment.id", 0);
    r->can_approve = json_flag(found, "current_user_can_approve", false);
    int64_t timer = json_int(found, "wait_timer", 0), began = json_when(found, "wait_timer_started_at");
    r->waits_until = timer > 0 && timer <= 43200 && began ? began + timer * 60000 : 0;
    struct str names = STR_INIT(4096);
    json_array_foreach(json_at(found, "reviewers"), i, reviewer) {
        const char *name = json_text(reviewer, "reviewer.login");
        name = name ? name : json_text_or(reviewer, "reviewer.name", "?");
        str_addf(&names, "%s%s", i ? ", " : "", name);
    }
    text_clean(r->reviewers, sizeof r->reviewers, str_text(&names), names.len);
    str_free(&names);
}

static bool is_review_of(const json_t *review, const char *environment)
{
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(review, "environments"), i, one)
        if (text_equal(json_text(one, "name"), environment))
            return true;
    return !*environment;
}

void map_release_reviews(const json_t *reviews, const char *environment, struct release *r)
{
    size_t i;
    json_t *review;
    r->reviews = 0;
    json_array_foreach(reviews, i, review) {
        struct str text = STR_INIT(8192);
        const char *comment = json_text_or(review, "comment", "");
        if (!is_review_of(review, environment))
            continue;
        r->reviews++;
        str_addf(&text, "%s by %s%s%s", json_text_or(review, "state", "reviewed"), json_text_or(review, "user.login", "?"), *comment ? ": " : "",
                 comment);
        text_clean(r->reviewed, sizeof r->reviewed, str_text(&text), text.len);
        str_free(&text);
    }
}

void map_release_commit(const json_t *row, struct release_commit *c)
{
    *c = (struct release_commit){.at = json_when(row, "commit.author.date")};
    FIELD(c->sha, row, "sha");
    FIELD(c->author, row, "author.login");
    if (!*c->author)
        FIELD(c->author, row, "commit.author.name");
    const char *message = json_text_or(row, "commit.message", "");
    text_clean(c->message, sizeof c->message, message, strcspn(message, "\r\n"));
}

static int newest_first(const void *a, const void *b)
{
    int64_t x = ((const struct release *)a)->id, y = ((const struct release *)b)->id;
    return x < y ? 1 : x > y ? -1 : 0;
}

static struct one *next_one(struct feed_run *run)
{
    struct reading *r = run->state;
    if (r->count == CALLS)
        return NULL;
    r->pending++;
    r->ones[r->count] = (struct one){.run = run};
    return &r->ones[r->count++];
}

static const char *repository_of(const struct feed_run *run) { return feeds_estate(run->feeds)->config->github_repository; }

static void got_commits(void *arg, json_t *document, const struct error *error);

/* With runs and gates known: what lies between the last good one and the newest that waits. */
static bool compare(struct feed_run *run)
{
    struct reading *r = run->state;
    const struct release *waits = NULL;
    for (size_t i = 0; i < r->set.runs.len && !waits; i++)
        if (r->set.runs.at[i].state == RELEASE_WAITING)
            waits = &r->set.runs.at[i];
    const struct release *good = waits ? release_last_good(&r->set, waits->workflow) : NULL;
    struct one *one = good && !r->compared && r->first.kind == ERROR_NONE ? next_one(run) : NULL;
    if (!one)
        return false;
    r->compared = true;
    text_copy(r->set.from, sizeof r->set.from, good->sha);
    text_copy(r->set.to, sizeof r->set.to, waits->sha);
    one->call = github_compare(feeds_github(run->feeds), repository_of(run), good->sha, waits->sha, COMMITS_MAX, got_commits, one);
    return true;
}

static void free_reading(struct reading *r)
{
    vec_free(&r->set.runs);
    vec_free(&r->set.commits);
    free(r);
}

/* One call has ended; true if it brought something, and the last one ends the reading. */
static void one_done(struct one *one, const struct error *error)
{
    struct feed_run *run = one->run;
    struct reading *r = run->state;
    one->call = NULL;
    if (error && r->first.kind == ERROR_NONE)
        r->first = *error;
    if (--r->pending > 0)
        return;
    if (r->set.runs.len)
        qsort(r->set.runs.at, r->set.runs.len, sizeof *r->set.runs.at, newest_first);
    if (compare(run))
        return;
    struct error first = r->first;
    run->state = NULL;
    if (first.kind == ERROR_NONE) {
        text_copy(r->set.repository, sizeof r->set.repository, repository_of(run));
        releases_set(feeds_estate(run->feeds), run->account, &r->set, loop_wall(feeds_loop(run->feeds)));
    }
    free_reading(r);
    if (first.kind == ERROR_NONE)
        feed_good(run);
    else
        feed_failed(run, &first);
}

static void got_commits(void *arg, json_t *document, const struct error *error)
{
    struct one *one = arg;
    struct reading *r = one->run->state;
    json_t *rows = json_at(document, "commits");
    for (size_t i = json_array_size(rows); i-- > 0;)
        map_release_commit(json_array_get(rows, i), vec_add(&r->set.commits));
    r->set.ahead = (int)json_int(document, "ahead_by", -1);
    r->set.behind = (int)json_int(document, "behind_by", -1);
    /* The last good commit may be gone from the repository: the runs are worth showing all the same. */
    one_done(one, error && error->status == 404 ? NULL : error);
}

static struct release *row_of(const struct one *one)
{
    struct reading *r = one->run->state;
    size_t i = 0;
    while (r->set.runs.at[i].id != one->id)
        i++;
    return &r->set.runs.at[i];
}

static void got_reviews(void *arg, json_t *document, const struct error *error)
{
    struct one *one = arg;
    struct release *release = row_of(one);
    const char *environment = feeds_estate(one->run->feeds)->config->github_environment;
    if (document)
        map_release_reviews(document, *release->environment ? release->environment : environment ? environment : "", release);
    one_done(one, error);
}

static void ask_reviews(struct feed_run *run, int64_t id)
{
    struct one *one = next_one(run);
    if (!one)
        return;
    one->id = id;
    one->call = github_reviews(feeds_github(run->feeds), repository_of(run), id, got_reviews, one);
}

static void got_gate(void *arg, json_t *document, const struct error *error)
{
    struct one *one = arg;
    if (document) {
        map_release_gate(document, feeds_estate(one->run->feeds)->config->github_environment, row_of(one));
        ask_reviews(one->run, one->id);
    }
    one_done(one, error);
}

static void ask_gate(struct feed_run *run, int64_t id)
{
    struct one *one = next_one(run);
    if (!one)
        return;
    one->id = id;
    one->call = github_pending(feeds_github(run->feeds), repository_of(run), id, got_gate, one);
}

static void got_runs(void *arg, json_t *document, const struct error *error)
{
    struct one *one = arg;
    struct feed_run *run = one->run;
    struct reading *r = run->state;
    size_t i;
    json_t *row;
    json_array_foreach(json_at(document, "workflow_runs"), i, row) {
        struct release release;
        bool known = false;
        map_release(row, &release);
        for (size_t k = 0; k < r->set.runs.len; k++)
            known |= r->set.runs.at[k].id == release.id;
        if (known || !release.id)
            continue;
        *vec_add(&r->set.runs) = release;
        if (release.state == RELEASE_WAITING)
            ask_gate(run, release.id);
        else if (release.state == RELEASE_RUNNING && r->running++ < RUNNING_MAX)
            ask_reviews(run, release.id);
    }
    one_done(one, error);
}

static void start(struct feed_run *run)
{
    struct reading *r = run->state = mem_new(sizeof *r);
    r->set.ahead = r->set.behind = -1;
    struct one *waiting = next_one(run), *recent = next_one(run);
    waiting->call = github_runs(feeds_github(run->feeds), repository_of(run), "waiting", WAITING_MAX, got_runs, waiting);
    recent->call = github_runs(feeds_github(run->feeds), repository_of(run), NULL, RECENT_MAX, got_runs, recent);
}

static void stop(struct feed_run *run)
{
    struct reading *r = run->state;
    for (size_t i = 0; i < r->count; i++)
        github_cancel(r->ones[i].call);
    free_reading(r);
    run->state = NULL;
}

static bool wanted(const struct account_config *account) { return account->kind == ACCOUNT_PRODUCTION && account->releases; }

const struct feed_type feed_releases = {
    .feed = FEED_RELEASES, .interval_ms = 60000, .focus_ms = 15000, .wanted = wanted, .start = start, .stop = stop, .keyless = true};
