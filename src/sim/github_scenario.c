/* The `github:` section of a scenario. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "sim/github.h"

#define DAY_MS  86400000

#define F(type, key, kind, member) \
    { \
        key, kind, offsetof(type, member) \
    }
#define MUST(type, key, kind, member) \
    { \
        key, kind, offsetof(type, member), .required = true \
    }

static bool each(const struct yaml *node, struct error *e, bool (*read)(struct github_sim *, const struct yaml *, struct error *),
                 struct github_sim *g)
{
    if (node->kind != YAML_LIST)
        return yaml_error(e, node, "%s: expected a list", node->key ? node->key : "");
    for (size_t i = 0; i < node->count; i++)
        if (!read(g, node->items[i], e))
            return false;
    return true;
}

#define LIST_OF(name, member) \
    static bool name##_list(const struct yaml *node, void *target, struct error *e) \
    { \
        struct github_sim *g = (struct github_sim *)(void *)((char *)target - offsetof(struct github_sim, member)); \
        return each(node, e, name, g); \
    }

static bool read_user(struct github_sim *g, const struct yaml *node, struct error *e)
{
    static const struct yaml_field fields[] = {MUST(struct github_user, "login", YAML_T_TEXT, login),
                                               F(struct github_user, "name", YAML_T_TEXT, name),
                                               F(struct github_user, "token", YAML_T_TEXT, token),
                                               F(struct github_user, "reads_only", YAML_T_BOOL, reads_only),
                                               F(struct github_user, "admin", YAML_T_BOOL, admin),
                                               {NULL}};
    struct github_user *user = vec_add(&g->users);
    user->id = 583200 + (int64_t)g->users.len;
    return yaml_read(node, fields, user, e);
}
LIST_OF(read_user, users)

static bool read_reviewers(const struct yaml *node, void *target, struct error *e)
{
    struct github_environment *environment = (struct github_environment *)(void *)((char *)target - offsetof(struct github_environment, reviewers));
    if (node->kind != YAML_LIST)
        return yaml_error(e, node, "reviewers: expected a list of logins");
    for (size_t i = 0; i < node->count; i++) {
        if (node->items[i]->kind != YAML_SCALAR)
            return yaml_error(e, node->items[i], "reviewers: expected a login");
        char *login = mem_strdup(node->items[i]->text);
        *vec_add(&environment->reviewers) = login;
    }
    return true;
}

static bool read_environment(struct github_sim *g, const struct yaml *node, struct error *e)
{
    static const struct yaml_field fields[] = {MUST(struct github_environment, "name", YAML_T_TEXT, name),
                                               F(struct github_environment, "account", YAML_T_TEXT, account),
                                               F(struct github_environment, "wait_timer", YAML_T_DURATION, wait),
                                               F(struct github_environment, "prevent_self_review", YAML_T_BOOL, no_self_review),
                                               {"reviewers", YAML_T_CUSTOM, offsetof(struct github_environment, reviewers), .read = read_reviewers},
                                               {NULL}};
    struct github_environment *environment = vec_add(&g->environments);
    environment->id = 161171780 + (int64_t)g->environments.len * 7;
    return yaml_read(node, fields, environment, e);
}
LIST_OF(read_environment, environments)

static bool read_commit(struct github_sim *g, const struct yaml *node, struct error *e)
{
    static const struct yaml_field fields[] = {MUST(struct github_commit, "sha", YAML_T_TEXT, sha),
                                               MUST(struct github_commit, "message", YAML_T_TEXT, message),
                                               MUST(struct github_commit, "author", YAML_T_TEXT, author),
                                               MUST(struct github_commit, "age", YAML_T_DURATION, age),
                                               {NULL}};
    struct github_commit *commit = vec_add(&g->commits);
    if (!yaml_read(node, fields, commit, e))
        return false;
    if (strlen(commit->sha) != 40 || strspn(commit->sha, "0123456789abcdef") != 40)
        return yaml_error(e, node, "commits: sha: expected forty hexadecimal digits, found \"%s\"", commit->sha);
    digest_sha1_hex(commit->sha, 40, commit->tree);
    return true;
}
LIST_OF(read_commit, commits)

static bool read_ref(struct github_sim *g, const struct yaml *node, struct error *e)
{
    static const struct yaml_field fields[] = {
        MUST(struct github_ref, "name", YAML_T_TEXT, name), MUST(struct github_ref, "sha", YAML_T_TEXT, sha), {NULL}};
    struct github_ref *ref = vec_add(&g->refs);
    return yaml_read(node, fields, ref, e);
}
LIST_OF(read_ref, refs)

static bool read_job(struct github_sim *g, const struct yaml *node, struct error *e)
{
    static const struct yaml_field fields[] = {MUST(struct github_job, "name", YAML_T_TEXT, name),
                                               F(struct github_job, "environment", YAML_T_TEXT, environment),
                                               F(struct github_job, "unless", YAML_T_TEXT, unless),
                                               MUST(struct github_job, "duration", YAML_T_DURATION, duration),
                                               {NULL}};
    struct github_job *job = vec_add(&g->jobs);
    return yaml_read(node, fields, job, e);
}
LIST_OF(read_job, jobs)

static const struct yaml_field past_fields[] = {MUST(struct github_past_review, "by", YAML_T_TEXT, by),
                                                F(struct github_past_review, "comment", YAML_T_TEXT, comment),
                                                MUST(struct github_past_review, "after", YAML_T_DURATION, after),
                                                F(struct github_past_review, "rejected", YAML_T_BOOL, rejected),
                                                {NULL}};

static bool read_past(const struct yaml *node, void *target, struct error *e)
{
    struct github_run *run = (struct github_run *)(void *)((char *)target - offsetof(struct github_run, past));
    run->has_past = true;
    return yaml_read(node, past_fields, &run->past, e);
}

static bool read_run(struct github_sim *g, const struct yaml *node, struct error *e)
{
    static const struct yaml_field fields[] = {MUST(struct github_run, "sha", YAML_T_TEXT, sha),
                                               F(struct github_run, "title", YAML_T_TEXT, title),
                                               F(struct github_run, "branch", YAML_T_TEXT, branch),
                                               F(struct github_run, "event", YAML_T_TEXT, event),
                                               MUST(struct github_run, "actor", YAML_T_TEXT, actor),
                                               F(struct github_run, "fail", YAML_T_TEXT, fail),
                                               MUST(struct github_run, "age", YAML_T_DURATION, age),
                                               {"review", YAML_T_CUSTOM, offsetof(struct github_run, past), .read = read_past},
                                               {NULL}};
    struct github_run *run = mem_new(sizeof *run);
    *vec_add(&g->runs) = run;
    return yaml_read(node, fields, run, e);
}

static bool read_run_list(const struct yaml *node, void *target, struct error *e)
{
    struct github_sim *g = (struct github_sim *)(void *)((char *)target - offsetof(struct github_sim, runs));
    return each(node, e, read_run, g);
}

static bool read_repository(const struct yaml *node, void *target, struct error *e)
{
    struct github_sim *g = (struct github_sim *)(void *)((char *)target - offsetof(struct github_sim, owner));
    const char *slash = node->kind == YAML_SCALAR ? strchr(node->text, '/') : NULL;
    if (!slash || slash == node->text || !slash[1] || strchr(slash + 1, '/'))
        return yaml_error(e, node, "repository: expected OWNER/NAME");
    g->owner = mem_strndup(node->text, (size_t)(slash - node->text));
    g->repo = mem_strdup(slash + 1);
    return true;
}

static const struct yaml_field fields[] = {
    {"repository", YAML_T_CUSTOM, offsetof(struct github_sim, owner), .required = true, .read = read_repository},
    F(struct github_sim, "description", YAML_T_TEXT, description),
    F(struct github_sim, "default_branch", YAML_T_TEXT, default_branch),
    MUST(struct github_sim, "viewer", YAML_T_TEXT, viewer),
    F(struct github_sim, "workflow", YAML_T_TEXT, workflow),
    F(struct github_sim, "workflow_path", YAML_T_TEXT, workflow_path),
    {"rate_limit", YAML_T_INT, offsetof(struct github_sim, rate_limit), false, 1, 1000000},
    {"users", YAML_T_CUSTOM, offsetof(struct github_sim, users), .required = true, .read = read_user_list},
    {"environments", YAML_T_CUSTOM, offsetof(struct github_sim, environments), .read = read_environment_list},
    {"commits", YAML_T_CUSTOM, offsetof(struct github_sim, commits), .required = true, .read = read_commit_list},
    {"refs", YAML_T_CUSTOM, offsetof(struct github_sim, refs), .read = read_ref_list},
    {"jobs", YAML_T_CUSTOM, offsetof(struct github_sim, jobs), .required = true, .read = read_job_list},
    {"runs", YAML_T_CUSTOM, offsetof(struct github_sim, runs), .read = read_run_list},
    {NULL}};

static void default_text(char **at, const char *text)
{
    if (!*at)
        *at = mem_strdup(text);
}

static const struct github_commit *commit_of(const struct github_sim *g, const char *sha)
{
    for (size_t i = 0; i < g->commits.len; i++)
        if (strcmp(g->commits.at[i].sha, sha) == 0)
            return &g->commits.at[i];
    return NULL;
}

/* The names that one part uses of another must be there. */
static bool check(const struct github_sim *g, const struct yaml *section, struct error *e)
{
    if (!github_user_find(g, g->viewer))
        return yaml_error(e, section, "viewer: \"%s\" is not among the users", g->viewer);
    for (size_t i = 0; i < g->jobs.len; i++)
        if (g->jobs.at[i].environment && !github_gate(g, i))
            return yaml_error(e, section, "jobs[%zu].environment: \"%s\" is not among the environments", i, g->jobs.at[i].environment);
    for (size_t i = 0; i < g->environments.len; i++)
        for (size_t r = 0; r < g->environments.at[i].reviewers.len; r++)
            if (!github_user_find(g, g->environments.at[i].reviewers.at[r]))
                return yaml_error(e, section, "environments[%zu].reviewers[%zu]: \"%s\" is not among the users", i, r,
                                  g->environments.at[i].reviewers.at[r]);
    for (size_t i = 0; i < g->commits.len; i++)
        if (!github_user_find(g, g->commits.at[i].author))
            return yaml_error(e, section, "commits[%zu].author: \"%s\" is not among the users", i, g->commits.at[i].author);
    for (size_t i = 0; i < g->refs.len; i++)
        if (!commit_of(g, g->refs.at[i].sha))
            return yaml_error(e, section, "refs[%zu].sha: \"%s\" is not among the commits", i, g->refs.at[i].sha);
    for (size_t i = 0; i < g->runs.len; i++) {
        const struct github_run *run = g->runs.at[i];
        if (!github_user_find(g, run->actor) || (run->has_past && !github_user_find(g, run->past.by)))
            return yaml_error(e, section, "runs[%zu]: actor or reviewer is not among the users", i);
        if (!commit_of(g, run->sha))
            return yaml_error(e, section, "runs[%zu].sha: \"%s\" is not among the commits", i, run->sha);
    }
    return g->commits.len > 0 && g->jobs.len > 0 ? true : yaml_error(e, section, "github: needs at least one commit and one job");
}

void github_run_place(struct github_sim *g, struct github_run *run, int64_t number)
{
    const char *line;
    run->commit = commit_of(g, run->sha);
    run->user = github_user_find(g, run->actor);
    run->number = number;
    run->id = 19412300000 + run->number * 1171;
    run->created_at = run->updated_at = (g->start - run->age) / 1000 * 1000;
    run->stages = mem_new_array(g->jobs.len, sizeof *run->stages);
    line = run->commit->message;
    if (!run->title)
        run->title = mem_strndup(line, strcspn(line, "\n"));
    default_text(&run->branch, g->default_branch);
    default_text(&run->event, "push");
}

bool github_scenario_read(struct github_sim *g, const struct yaml *section, struct error *e)
{
    g->rate_limit = 5000;
    g->created_age = 700 * (int64_t)DAY_MS;
    g->repo_id = 742190331;
    g->workflow_id = 98112233;
    if (!yaml_read(section, fields, g, e) || !check(g, section, e))
        return false;
    default_text(&g->default_branch, "main");
    default_text(&g->workflow, "Release");
    default_text(&g->workflow_path, ".github/workflows/release.yml");
    for (size_t i = 0; i < g->commits.len; i++)
        g->commits.at[i].at = g->start - g->commits.at[i].age;
    for (size_t i = 0; i < g->runs.len; i++)
        github_run_place(g, g->runs.at[i], 400 + (int64_t)(g->runs.len - i));
    return true;
}

static void free_run(struct github_run *run)
{
    char *const texts[] = {run->sha, run->title, run->branch, run->event, run->actor, run->fail, run->past.by, run->past.comment};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    for (size_t i = 0; i < run->reviews.len; i++)
        free(run->reviews.at[i].comment);
    vec_free(&run->reviews);
    json_decref(run->inputs);
    free(run->stages);
    free(run);
}

void github_scenario_free(struct github_sim *g)
{
    char *const texts[] = {g->owner, g->repo, g->description, g->default_branch, g->viewer, g->workflow, g->workflow_path};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    for (size_t i = 0; i < g->users.len; i++)
        free(g->users.at[i].login), free(g->users.at[i].name), free(g->users.at[i].token);
    for (size_t i = 0; i < g->environments.len; i++) {
        for (size_t r = 0; r < g->environments.at[i].reviewers.len; r++)
            free(g->environments.at[i].reviewers.at[r]);
        vec_free(&g->environments.at[i].reviewers);
        free(g->environments.at[i].name), free(g->environments.at[i].account);
    }
    for (size_t i = 0; i < g->commits.len; i++)
        free(g->commits.at[i].sha), free(g->commits.at[i].message), free(g->commits.at[i].author);
    for (size_t i = 0; i < g->refs.len; i++)
        free(g->refs.at[i].name), free(g->refs.at[i].sha);
    for (size_t i = 0; i < g->jobs.len; i++)
        free(g->jobs.at[i].name), free(g->jobs.at[i].environment), free(g->jobs.at[i].unless);
    for (size_t i = 0; i < g->runs.len; i++)
        free_run(g->runs.at[i]);
    vec_free(&g->users);
    vec_free(&g->environments);
    vec_free(&g->commits);
    vec_free(&g->refs);
    vec_free(&g->jobs);
    vec_free(&g->runs);
}
