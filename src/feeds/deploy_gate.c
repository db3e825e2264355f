/* What stands on GitHub before production: the environment, where somebody has to say yes, and whether the newest run that went well looked through
 * the image before it deployed it. */
#include <stdlib.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"
#include "github/client.h"

struct reading {
    struct github_call *call;
    struct deploy_gate gate;
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

void map_scan(const json_t *document, struct deploy_gate *g)
{
    int64_t scanned = 0, begun;
    size_t i;
    json_t *job;
    json_array_foreach(json_object_get(document, "jobs"), i, job)
        if (!scanned)
            scanned = scanned_at(job, g);
    json_array_foreach(json_object_get(document, "jobs"), i, job) {
        const char *name = json_text_or(job, "name", "");
        begun = json_when(job, "started_at");
        if (scanned && !*g->deploy && begun && begun < scanned && text_contains(name, "deploy"))
            text_clean(g->deploy, sizeof g->deploy, name, strlen(name));
    }
}

static void end(struct feed_run *run, const struct error *error)
{
    struct reading *r = run->state;
    run->state = NULL;
    if (!error)
        deploy_gate_set(feeds_estate(run->feeds), run->account, &r->gate);
    free(r);
    feed_end(run, error);
}

static void got_jobs(void *arg, json_t *document, const struct error *error)
{
    struct feed_run *run = arg;
    struct reading *r = run->state;
    r->call = NULL;
    if (!error)
        map_scan(document, &r->gate);
    end(run, error);
}

static void got_runs(void *arg, json_t *document, const struct error *error)
{
    struct feed_run *run = arg;
    struct reading *r = run->state;
    const json_t *newest = json_at(document, "workflow_runs.0");
    r->call = NULL;
    if (error || !newest) {
        end(run, error);
        return;
    }
    r->gate.run = json_int(newest, "run_number", 0);
    r->call = github_jobs(feeds_github(run->feeds), feeds_estate(run->feeds)->config->github_repository, json_int(newest, "id", 0), got_jobs, run);
}

static void ask_runs(struct feed_run *run)
{
    struct reading *r = run->state;
    r->call = github_runs(feeds_github(run->feeds), feeds_estate(run->feeds)->config->github_repository, "success", 1, got_runs, run);
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
    free(run->state);
    run->state = NULL;
}

static bool wanted(const struct account_config *account) { return account->kind == ACCOUNT_PRODUCTION && account->releases; }

const struct feed_type feed_deploy_gate = {
    .feed = FEED_DEPLOY_GATE, .interval_ms = 1800000, .focus_ms = 300000, .wanted = wanted, .start = start, .stop = stop};
