/* trivet release: what waits for approval, and letting it through or not. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "base/when.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "estate/gate.h"

#define FEEDS                                                                                                                                           \
    (FEED_BIT(FEED_RELEASES) | FEED_BIT(FEED_IMAGES) | FEED_BIT(FEED_DEPLOYMENTS) | FEED_BIT(FEED_PODS) | FEED_BIT(FEED_ALARMS) | FEED_BIT(FEED_DATABASE))

static const char *const verdicts[] = {[GATE_PASS] = "pass", [GATE_FAIL] = "fail", [GATE_UNKNOWN] = "unknown"};

/* Where releases go; NULL without a repository in the profile. */
static const struct account *account_of_releases(const struct app *app)
{
    for (size_t a = 0; a < app->estate->account_count; a++)
        if (app->estate->accounts[a].config->kind == ACCOUNT_PRODUCTION && app->estate->accounts[a].config->releases)
            return &app->estate->accounts[a];
    return NULL;
}

static bool is_open(const struct release *r) { return r->state == RELEASE_WAITING || r->state == RELEASE_RUNNING; }

static json_t *time_json(int64_t ms)
{
    char text[40];
    return ms ? json_string(when_iso(ms, text, sizeof text)) : json_null();
}

static json_t *gate_json(const struct gate *gate)
{
    json_t *points = json_array();
    for (size_t i = 0; i < gate->point_count; i++)
        json_array_append_new(points, json_pack("{s:s, s:s, s:s, s:s}", "key", gate->points[i].key, "title", gate->points[i].title, "verdict",
                                                verdicts[gate->points[i].verdict], "evidence", gate->points[i].evidence));
    return points;
}

static json_t *images_json(const struct gate *gate)
{
    json_t *images = json_array();
    for (size_t i = 0; i < gate->image_count; i++) {
        const struct gate_image *image = &gate->images[i];
        json_array_append_new(images, json_pack("{s:s, s:s?, s:s?, s:s?}", "repository", image->repository, "digest", *image->digest ? image->digest : NULL,
                                                "tags", image->image ? image->image->tags : NULL, "running", *image->running ? image->running : NULL));
    }
    return images;
}

static json_t *release_json(const struct app *app, const struct account *account, const struct release *r)
{
    struct gate gate;
    gate_look(app->estate, account->index, r, loop_wall(app->loop), &gate);
    json_t *out = json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:s}", "run", (json_int_t)r->number, "id", (json_int_t)r->id, "state",
                            release_state_name(r->state), "environment", r->environment, "title", r->title, "branch", r->branch, "sha", r->sha, "actor",
                            r->actor);
    json_object_set_new(out, "waiting_since", time_json(r->waiting_since));
    json_object_set_new(out, "created_at", time_json(r->created_at));
    json_object_set_new(out, "can_approve", json_boolean(r->can_approve));
    json_object_set_new(out, "reviewers", json_string(r->reviewers));
    json_object_set_new(out, "images", images_json(&gate));
    json_object_set_new(out, "gate", gate_json(&gate));
    return out;
}

static void print_json(const struct app *app, const struct account *account)
{
    const struct release_set *set = &account->releases;
    char now[40];
    json_t *list = json_array();
    for (size_t i = 0; i < set->runs.len; i++)
        if (is_open(&set->runs.at[i]))
            json_array_append_new(list, release_json(app, account, &set->runs.at[i]));
    json_t *out = json_pack("{s:s, s:s, s:s, s:o}", "repository", set->repository, "account", account->config->name, "generated",
                            when_iso(loop_wall(app->loop), now, sizeof now), "releases", list);
    json_dumpf(out, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(out);
}

static void print_release(const struct app *app, const struct account *account, const struct release *r)
{
    static const char marks[] = {[GATE_PASS] = '+', [GATE_FAIL] = 'x', [GATE_UNKNOWN] = '?'};
    struct gate gate;
    char span[32];
    int64_t now = loop_wall(app->loop);
    gate_look(app->estate, account->index, r, now, &gate);
    printf("%lld  %s%s%s  %s %.7s  \"%s\"  %s  %s\n", (long long)r->number, release_state_name(r->state), *r->environment ? " at " : "", r->environment,
           r->branch, r->sha, r->title, r->actor, when_span(now - (r->waiting_since ? r->waiting_since : r->created_at), span, sizeof span));
    for (size_t i = 0; i < gate.point_count && r->state == RELEASE_WAITING; i++)
        printf("  %c %-31s %s\n", marks[gate.points[i].verdict], gate.points[i].title, gate.points[i].evidence);
}

static int list(const struct app *app, const struct account *account)
{
    const struct slice *slice = &account->slices[FEED_RELEASES];
    const struct release_set *set = &account->releases;
    size_t open = 0;
    if (!slice_has_data(slice)) {
        struct error e = slice->error;
        if (e.kind == ERROR_NONE)
            error_set(&e, ERROR_TIMEOUT, "Timeout", "GitHub has not answered");
        return app_complain(&e);
    }
    for (size_t i = 0; i < set->runs.len; i++)
        open += is_open(&set->runs.at[i]);
    if (app->options->json)
        print_json(app, account);
    else if (!open)
        printf("nothing waits in %s\n", set->repository);
    for (size_t i = 0; i < set->runs.len && !app->options->json; i++)
        if (is_open(&set->runs.at[i]))
            print_release(app, account, &set->runs.at[i]);
    return EXIT_GOOD;
}

int command_release(const struct options *options)
{
    struct app app = {0};
    struct error e = {0};
    int status;
    if (!text_equal(options->arguments[0], "list")) {
        error_set(&e, ERROR_INPUT, "usage", "release: \"%s\": expected one of list", options->arguments[0]);
        return app_complain(&e);
    }
    if (app_open(&app, options, &e)) {
        const struct account *account = account_of_releases(&app);
        if (account) {
            app_settle(&app, FEEDS);
            status = list(&app, account);
        } else {
            error_set(&e, ERROR_INPUT, "profile", "the profile names no repository on GitHub (github: {repository: OWNER/NAME}), or has no production account");
            status = app_complain(&e);
        }
    } else {
        status = app_complain(&e);
    }
    app_close(&app);
    return status;
}
