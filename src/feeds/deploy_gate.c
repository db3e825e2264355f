/* The environment on GitHub that stands before production: whether somebody has to say yes. */
#include <stdlib.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/str.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"
#include "github/client.h"

struct reading {
    struct github_call *call;
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

static void answered(void *arg, json_t *document, const struct error *error)
{
    struct feed_run *run = arg;
    const char *name = feeds_estate(run->feeds)->config->github_environment;
    struct deploy_gate gate = {.reviewers = -1, .wait_minutes = -1};
    free(run->state);
    run->state = NULL;
    if (error && error->status != 404) {
        feed_failed(run, error);
        return;
    }
    if (document)
        map_deploy_gate(document, &gate);
    text_copy(gate.environment, sizeof gate.environment, name);
    deploy_gate_set(feeds_estate(run->feeds), run->account, &gate);
    feed_good(run);
}

static void start(struct feed_run *run)
{
    const struct estate_config *config = feeds_estate(run->feeds)->config;
    if (!config->github_environment) { /* nothing to ask for: the check says so */
        feed_good(run);
        return;
    }
    struct reading *r = run->state = mem_new(sizeof *r);
    struct str path = STR_INIT(4096);
    str_addf(&path, "/repos/%s/environments/", config->github_repository);
    percent_add(&path, config->github_environment, strlen(config->github_environment), false);
    r->call = github_get(feeds_github(run->feeds), str_text(&path), NULL, 0, answered, run);
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
