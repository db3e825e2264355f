/* Private to github*.c: one repository, its commits, and its workflow runs, whose jobs move on with time and wait at environments. */
#ifndef TRIVET_SIM_GITHUB_H
#define TRIVET_SIM_GITHUB_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"
#include "sim/sim.h"

struct github_user {
    char *login, *name, *token;
    bool reads_only; /* may look, may not review */
    bool admin;      /* may change environments */
    int64_t id;
    int64_t used, window_at; /* of the rate limit, and when its hour began */
};

struct github_environment {
    char *name;
    char *account; /* whose cluster is deployed to; NULL: none */
    int64_t id, wait; /* wait timer, ms */
    bool no_self_review;
    VEC(char *) reviewers; /* logins */
};

struct github_commit {
    char *sha, *message, *author;
    int64_t age, at;
    char tree[41];
};

struct github_ref {
    char *name, *sha;
};

struct github_job { /* of the workflow */
    char *name, *environment;
    char *unless; /* an input of a run by hand: where it is "true" the job is left out; NULL: none */
    int64_t duration;
};

struct github_stage {                            /* a job of one run */
    int64_t queued_at, started_at, completed_at; /* 0: not yet */
    int64_t approved_at;                         /* the gate opened; 0: not yet */
    bool released;                               /* the cluster has been given the images */
    const char *conclusion;                      /* constants */
};

struct github_review {
    size_t environment;
    const struct github_user *user;
    bool approved;
    char *comment;
    int64_t at;
};

struct github_past_review { /* from the scenario: made by itself */
    char *by, *comment;
    int64_t after;
    bool rejected;
};

struct github_run {
    int64_t id, number, age, created_at, updated_at;
    char *sha, *title, *branch, *event, *actor, *fail; /* fail: the job that fails */
    struct github_past_review past;
    bool has_past, done;
    json_t *inputs; /* of a run by hand; NULL: of none */
    const struct github_commit *commit;
    const struct github_user *user;
    const char *status, *conclusion; /* constants */
    struct github_stage *stages;     /* as many as the workflow has jobs */
    VEC(struct github_review) reviews;
};

struct github_sim {
    struct sim *sim;
    char *owner, *repo, *description, *default_branch, *viewer, *workflow, *workflow_path;
    int64_t rate_limit, created_age, repo_id, workflow_id;
    VEC(struct github_user) users;
    VEC(struct github_environment) environments;
    VEC(struct github_commit) commits; /* newest first; each is the child of the next */
    VEC(struct github_ref) refs;
    VEC(struct github_job) jobs;
    VEC(struct github_run *) runs; /* newest first */
    int64_t now, start;
};

bool github_scenario_read(struct github_sim *g, const struct yaml *section, struct error *e);
void github_scenario_free(struct github_sim *g);
void github_run_place(struct github_sim *g, struct github_run *run, int64_t number); /* its texts and ids; sha and actor are there */

/* github_runs.c */
void github_dispatch(struct github_sim *g, const struct github_user *user, const json_t *inputs); /* a new run of the newest commit */
void github_run_step(struct github_sim *g, struct github_run *run);
const struct github_environment *github_gate(const struct github_sim *g, size_t job); /* the job's environment, or NULL */
/* The job that waits at its environment, or SIZE_MAX. */
size_t github_waiting_job(const struct github_sim *g, const struct github_run *run);
bool github_may_review(const struct github_sim *g, const struct github_run *run, const struct github_environment *environment,
                       const struct github_user *user);
void github_review(struct github_sim *g, struct github_run *run, size_t job, const struct github_user *user, bool approved, const char *comment);
const struct github_user *github_user_find(const struct github_sim *g, const char *login); /* NULL if unknown */

/* github_json.c: documents; new references. */
struct github_links {
    char api[128], html[256];
}; /* "http://127.0.0.1:1/github", "https://github.com/o/r" */
json_t *github_json_me(const struct github_links *l, const struct github_user *user, int64_t since);
json_t *github_json_repository(const struct github_sim *g, const struct github_links *l, bool full);
json_t *github_json_run(const struct github_sim *g, const struct github_links *l, const struct github_run *run);
json_t *github_json_job(const struct github_sim *g, const struct github_links *l, const struct github_run *run, size_t job);
json_t *github_json_pending(const struct github_sim *g, const struct github_links *l, const struct github_run *run, const struct github_user *me);
json_t *github_json_approvals(const struct github_sim *g, const struct github_links *l, const struct github_run *run);
json_t *github_json_deployment(const struct github_sim *g, const struct github_links *l, const struct github_run *run, size_t job);
json_t *github_json_environment(const struct github_sim *g, const struct github_links *l, const struct github_environment *environment);
json_t *github_json_workflow(const struct github_sim *g, const struct github_links *l);
json_t *github_json_commit(const struct github_sim *g, const struct github_links *l, const struct github_commit *commit);
json_t *github_stamp(int64_t ms); /* null for 0 */

#endif
