/* trivet release: what waits for approval, and letting it through or not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "base/when.h"
#include "cli/act.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "estate/gate.h"

#define WAITING (FEED_BIT(FEED_RELEASES) | FEED_BIT(FEED_PIPELINES))
#define FEEDS \
    (WAITING | FEED_BIT(FEED_IMAGES) | FEED_BIT(FEED_DEPLOYMENTS) | FEED_BIT(FEED_PODS) | FEED_BIT(FEED_ALARMS) | FEED_BIT(FEED_DATABASE))

static const char *const verdicts[] = {[GATE_PASS] = "pass", [GATE_FAIL] = "fail", [GATE_UNKNOWN] = "unknown"};

/* Runs on GitHub first, then pipelines. */
static size_t release_count(const struct account *account) { return account->releases.runs.len + account->pipelines.runs.len; }
static const struct release *release_at(const struct account *account, size_t i)
{
    return i < account->releases.runs.len ? &account->releases.runs.at[i] : &account->pipelines.runs.at[i - account->releases.runs.len];
}

/* False with why something that the profile names could not be read. */
static bool releases_known(const struct app *app, struct error *e)
{
    static const enum feed feeds[] = {FEED_RELEASES, FEED_PIPELINES};
    for (size_t a = 0; a < app->estate->account_count; a++)
        for (size_t f = 0; f < 2; f++) {
            const struct slice *slice = &app->estate->accounts[a].slices[feeds[f]];
            if (slice->state == SLICE_NONE || slice_has_data(slice))
                continue;
            *e = slice->error;
            if (e->kind == ERROR_NONE)
                error_set(e, ERROR_TIMEOUT, "Timeout", "%s has not answered", f ? "CodePipeline" : "GitHub");
            return false;
        }
    return true;
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
        json_array_append_new(images, json_pack("{s:s, s:s?, s:s?, s:s?}", "repository", image->repository, "digest",
                                                *image->digest ? image->digest : NULL, "tags", image->image ? image->image->tags : NULL, "running",
                                                *image->running ? image->running : NULL));
    }
    return images;
}

static json_t *release_json(const struct app *app, const struct account *account, const struct release *r)
{
    struct gate gate;
    char label[120];
    gate_look(app->estate, account->index, r, loop_wall(app->loop), &gate);
    json_t *out = json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:s}", "run", (json_int_t)r->number, "id", (json_int_t)r->id, "state",
                            release_state_name(r->state), "environment", r->environment, "title", r->title, "branch", r->branch, "sha", r->sha,
                            "actor", r->actor);
    json_object_set_new(out, "provider", json_string(r->provider == RELEASE_PIPELINE ? "codepipeline" : "github"));
    json_object_set_new(out, "name", json_string(release_label(&account->releases, r, label, sizeof label)));
    json_object_set_new(out, "account", json_string(account->config->name));
    json_object_set_new(out, "link", *r->link ? json_string(r->link) : json_null());
    json_object_set_new(out, "reviewed", *r->reviewed ? json_string(r->reviewed) : json_null());
    json_object_set_new(out, "waiting_since", time_json(r->waiting_since));
    json_object_set_new(out, "created_at", time_json(r->created_at));
    json_object_set_new(out, "can_approve", json_boolean(r->can_approve));
    json_object_set_new(out, "reviewers", json_string(r->reviewers));
    json_object_set_new(out, "images", images_json(&gate));
    json_object_set_new(out, "gate", gate_json(&gate));
    return out;
}

static void print_releases(const struct app *app)
{
    const struct account *to = NULL;
    char now[40];
    json_t *list = json_array();
    for (size_t a = 0; a < app->estate->account_count; a++) {
        const struct account *account = &app->estate->accounts[a];
        if (!to && account->slices[FEED_RELEASES].state != SLICE_NONE)
            to = account;
        for (size_t i = 0; i < release_count(account); i++)
            if (is_open(release_at(account, i)))
                json_array_append_new(list, release_json(app, account, release_at(account, i)));
    }
    print_json(json_pack("{s:s?, s:s?, s:s, s:o}", "repository", to ? to->releases.repository : NULL, "account", to ? to->config->name : NULL,
                         "generated", when_iso(loop_wall(app->loop), now, sizeof now), "releases", list),
               0);
}

static void print_release(const struct app *app, const struct account *account, const struct release *r)
{
    static const char marks[] = {[GATE_PASS] = '+', [GATE_FAIL] = 'x', [GATE_UNKNOWN] = '?'};
    struct gate gate;
    char span[32], label[120];
    int64_t now = loop_wall(app->loop);
    gate_look(app->estate, account->index, r, now, &gate);
    printf("%s  %s%s%s  %s %.7s  \"%s\"  %s  %s\n", release_label(&account->releases, r, label, sizeof label), release_state_name(r->state),
           *r->environment ? " at " : "", r->environment, r->branch, r->sha, r->title, r->actor,
           when_span(now - (r->waiting_since ? r->waiting_since : r->created_at), span, sizeof span));
    for (size_t i = 0; i < gate.point_count && r->state == RELEASE_WAITING; i++)
        printf("  %c %-31s %s\n", marks[gate.points[i].verdict], gate.points[i].title, gate.points[i].evidence);
}

static int list(const struct app *app)
{
    struct error e = {0};
    size_t open = 0;
    bool known = releases_known(app, &e);
    if (app->options->json)
        print_releases(app);
    for (size_t a = 0; a < app->estate->account_count; a++)
        for (size_t i = 0; i < release_count(&app->estate->accounts[a]) && !app->options->json; i++) {
            const struct release *r = release_at(&app->estate->accounts[a], i);
            if (!is_open(r))
                continue;
            open++;
            print_release(app, &app->estate->accounts[a], r);
        }
    if (known && !open && !app->options->json)
        puts("nothing waits");
    return known ? EXIT_GOOD : app_complain(&e);
}

/* Approving and rejecting. */

static void add_waiting(const struct account *account, struct str *names)
{
    char label[120];
    for (size_t i = 0; i < release_count(account); i++) {
        const struct release *r = release_at(account, i);
        if (r->state == RELEASE_WAITING)
            str_addf(names, "%s%s", names->len ? ", " : "", release_label(&account->releases, r, label, sizeof label));
    }
}

/* By number, by id, or a pipeline by its name. NULL with the valid ones in e. */
static const struct release *find(const struct app *app, const char *name, size_t *account, struct error *e)
{
    char *end;
    long long number = strtoll(name, &end, 10);
    const struct release *found = NULL;
    for (size_t a = 0; a < app->estate->account_count && !found; a++) {
        const struct account *at = &app->estate->accounts[a];
        found = *name && !*end ? release_find(&at->releases, number) : release_pipeline(&at->pipelines, name);
        *account = a;
    }
    bool ambiguous = found && found->id != number && release_is_ambiguous(&app->estate->accounts[*account].releases, found);
    if (found && !ambiguous)
        return found;
    struct str names = STR_INIT(STR_TEXT_MAX);
    for (size_t a = 0; a < app->estate->account_count; a++)
        add_waiting(&app->estate->accounts[a], &names);
    error_set(e, ERROR_INPUT, "run", "run \"%s\": %s: expected one of %s", name, ambiguous ? "there are two" : "not known",
              names.len ? str_text(&names) : "those that wait, and none does");
    str_free(&names);
    return NULL;
}

static int review(struct app *app, const char *verb, const char *name)
{
    struct error e = {0}, unread = {0};
    size_t account = 0;
    struct act what = {0};
    char type[24];
    const struct release *r = find(app, name, &account, &e);
    if (!r)
        return app_complain(releases_known(app, &unread) ? &e : &unread);
    bool pipeline = r->provider == RELEASE_PIPELINE;
    text_format(type, sizeof type, "%s-%s", pipeline ? "pipeline" : "release", verb);
    what.type = action_type_find(type);
    what.target = (struct action_target){.kind = what.type->on, .account = account};
    release_label(&app->estate->accounts[account].releases, r, what.target.name, sizeof what.target.name);
    what.named = what.target.name;
    return act(app, &what);
}

static bool has_releases(const struct app *app, struct error *e)
{
    for (size_t a = 0; a < app->estate->account_count; a++) {
        const struct account_config *config = app->estate->accounts[a].config;
        if (config->pipelines || (config->kind == ACCOUNT_PRODUCTION && config->releases))
            return true;
    }
    error_set(e, ERROR_INPUT, "profile",
              "the profile names no repository on GitHub (github: {repository: OWNER/NAME}) and no pipelines (pipelines: true), or has no "
              "production account");
    return false;
}

int command_release(const struct options *options)
{
    struct app app = {0};
    struct error e = {0};
    const char *verb = options->arguments[0];
    bool lists = text_equal(verb, "list");
    int status;
    if (!lists && !text_equal(verb, "approve") && !text_equal(verb, "reject"))
        error_set(&e, ERROR_INPUT, "usage", "release: \"%s\": expected one of list, approve, reject", verb);
    else if (!lists && options->argument_count < 2)
        error_set(&e, ERROR_INPUT, "usage", "release %s: which run? expected trivet release %s RUN", verb, verb);
    else if (lists && options->argument_count > 1)
        error_set(&e, ERROR_INPUT, "usage", "release list: \"%s\" is too much: expected trivet release list", options->arguments[1]);
    if (e.kind != ERROR_NONE)
        return app_complain(&e);
    if (app_open(&app, options, &e) && has_releases(&app, &e)) {
        app_settle(&app, lists ? FEEDS : WAITING);
        status = lists ? list(&app) : review(&app, verb, options->arguments[1]);
    } else {
        status = app_complain(&e);
    }
    app_close(&app);
    return status;
}
