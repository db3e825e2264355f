/* What stands on GitHub before production: the environment, where somebody has to say yes, and whether the newest run that deployed looked through
 * the image before. A repository has workflows that deploy nothing, and runs of pull requests that leave the deployment out: these are passed
 * over. */
#include <stdlib.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"
#include "github/client.h"

#define RUNS_MAX  50 /* that went well, in one answer */
#define LOOKS_MAX 10 /* of them, those whose jobs are asked for: a call each */

struct reading {
    struct github_call *call;
    struct deploy_gate gate;
    json_t *runs;
    size_t next, looks;
    int64_t idle[LOOKS_MAX]; /* workflows that have nothing that deploys */
    size_t idle_count;
};

static void map_reviewers(const json_t *rule, struct deploy_gate *g)
{
    struct str names = STR_INIT(4096);
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(rule, "reviewers"), i, one) {
        const char *name = json_text(one, "reviewer.login");
        name = name ? name : json_text_or(one, "reviewer.name", "?");
        str_addf(&names, "%s%s", i ? ", " : "", name);
        g->reviewers++;
    }
    text_clean(g->names, sizeof g->names, str_text(&names), names.len);
    g->no_self_review = json_flag(rule, "prevent_self_review", false);
    str_free(&names);
}

void map_deploy_gate(const json_t *document, struct deploy_gate *g)
{
    size_t i;
    json_t *rule;
    *g = (struct deploy_gate){.exists = true};
    FIELD(g->environment, document, "name");
    json_array_foreach(json_object_get(document, "protection_rules"), i, rule) {
        if (text_equal(json_text(rule, "type"), "required_reviewers"))
            map_reviewers(rule, g);
        else if (text_equal(json_text(rule, "type"), "wait_timer"))
            g->wait_minutes = (int)json_int(rule, "wait_timer", 0);
    }
}

/* Scanners go by their name, in that of a job or of a step. */
static bool scans(const char *name)
{
    static const char *const words[] = {"scan", "trivy", "snyk", "grype"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_contains(name, words[i]))
            return true;
    return false;
}

/* When the job, or its step that scans, was over; 0: it did not scan. */
static int64_t scanned_at(const json_t *job, struct deploy_gate *g)
{
    const char *name = json_text_or(job, "name", "");
    size_t i;
    json_t *step;
    if (!text_equal(json_text(job, "conclusion"), "success"))
        return 0;
    if (scans(name)) {
        text_clean(g->scan, sizeof g->scan, name, strlen(name));
        return json_when(job, "completed_at");
    }
    json_array_foreach(json_object_get(job, "steps"), i, step) {
        const char *title = json_text_or(step, "name", "");
        if (!scans(title) || !text_equal(json_text(step, "conclusion"), "success"))
            continue;
        char both[300];
        text_format(both, sizeof both, "%s: %s", name, title);
        text_clean(g->scan, sizeof g->scan, both, strlen(both));
        return json_when(step, "completed_at");
    }
    return 0;
}

/* By its name, too. Also one that was left out this time. */
static bool is_deployment(const json_t *job) { return text_contains(json_text_or(job, "name", ""), "deploy"); }

static bool has_deployment(const json_t *document, bool done)
{
    size_t i;
    json_t *job;
    json_array_foreach(json_object_get(document, "jobs"), i, job)
        if (is_deployment(job) && (!done || text_equal(json_text(job, "conclusion"), "success")))
            return true;
    return false;
}

bool map_scan(const json_t *document, struct deploy_gate *g)
{
    int64_t scanned = 0, begun;
    size_t i;
    json_t *job;
    if (!has_deployment(document, true))
        return false;
    json_array_foreach(json_object_get(document, "jobs"), i, job)
        if (!scanned)
            scanned = scanned_at(job, g);
    json_array_foreach(json_object_get(document, "jobs"), i, job) {
        begun = json_when(job, "started_at");
        if (scanned && !*g->deploy && begun && begun < scanned && is_deployment(job))
            FIELD(g->deploy, job, "name");
    }
    return true;
}

static void free_reading(struct feed_run *run)
{
    struct reading *r = run->state;
    run->state = NULL;
    json_decref(r->runs);
    free(r);
}

static void end(struct feed_run *run, const struct error *error)
{
    if (!error)
        deploy_gate_set(feeds_estate(run->feeds), run->account, &((struct reading *)run->state)->gate);
    free_reading(run);
    feed_end(run, error);
}

static bool is_idle(const struct reading *r, const json_t *one)
{
    for (size_t i = 0; i < r->idle_count; i++)
        if (r->idle[i] == json_int(one, "workflow_id", 0))
            return true;
    return false;
}

static void ask_jobs(struct feed_run *run);

static void got_jobs(void *arg, json_t *document, const struct error *error)
{
    struct feed_run *run = arg;
    struct reading *r = run->state;
    const json_t *one = json_array_get(r->runs, r->next++);
    r->call = NULL;
    if (error) {
        end(run, error);
        return;
    }
    if (map_scan(document, &r->gate)) {
        r->gate.run = json_int(one, "run_number", 0);
        end(run, NULL);
        return;
    }
    if (!has_deployment(document, false))
        r->idle[r->idle_count++] = json_int(one, "workflow_id", 0);
    ask_jobs(run);
}

/* Of the next run that may have deployed. */
static void ask_jobs(struct feed_run *run)
{
    struct reading *r = run->state;
    while (r->next < json_array_size(r->runs) && is_idle(r, json_array_get(r->runs, r->next)))
        r->next++;
    const json_t *one = json_array_get(r->runs, r->next);
    if (!one || r->looks++ == LOOKS_MAX) {
        end(run, NULL);
        return;
    }
    r->call = github_jobs(feeds_github(run->feeds), feeds_estate(run->feeds)->config->github_repository, json_int(one, "id", 0), got_jobs, run);
}

static void got_runs(void *arg, json_t *document, const struct error *error)
{
    struct feed_run *run = arg;
    struct reading *r = run->state;
    r->call = NULL;
    if (error) {
        end(run, error);
        return;
    }
    r->runs = json_incref(json_object_get(document, "workflow_runs"));
    ask_jobs(run);
}

static void ask_runs(struct feed_run *run)
{
    struct reading *r = run->state;
    r->call = github_runs(feeds_github(run->feeds), feeds_estate(run->feeds)->config->github_repository, "success", RUNS_MAX, got_runs, run);
}

static void got_environment(void *arg, json_t *document, const struct error *error)
{
    struct feed_run *run = arg;
    struct reading *r = run->state;
    r->call = NULL;
    if (error && error->status != 404) {
        end(run, error);
        return;
    }
    if (document)
        map_deploy_gate(document, &r->gate);
    text_copy(r->gate.environment, sizeof r->gate.environment, feeds_estate(run->feeds)->config->github_environment);
    ask_runs(run);
}

static void start(struct feed_run *run)
{
    const struct estate_config *config = feeds_estate(run->feeds)->config;
    struct reading *r = run->state = mem_new(sizeof *r);
    r->gate = (struct deploy_gate){.reviewers = -1, .wait_minutes = -1};
    if (!config->github_environment) { /* nothing to ask for: the check says so */
        ask_runs(run);
        return;
    }
    struct str path = STR_INIT(4096);
    str_addf(&path, "/repos/%s/environments/", config->github_repository);
    percent_add(&path, config->github_environment, strlen(config->github_environment), false);
    r->call = github_get(feeds_github(run->feeds), str_text(&path), NULL, 0, got_environment, run);
    str_free(&path);
}

static void stop(struct feed_run *run)
{
    github_cancel(((struct reading *)run->state)->call);
    free_reading(run);
}

static bool wanted(const struct account_config *account) { return account->kind == ACCOUNT_PRODUCTION && account->releases; }

const struct feed_type feed_deploy_gate = {
    .feed = FEED_DEPLOY_GATE, .interval_ms = 1800000, .focus_ms = 300000, .wanted = wanted, .start = start, .stop = stop, .keyless = true};
