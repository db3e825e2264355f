/* Documents, with every member that GitHub's published description requires. */
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/when.h"
#include "sim/github.h"

json_t *github_stamp(int64_t ms)
{
    char text[40];
    return ms ? json_string(when_iso(ms, text, sizeof text)) : json_null();
}

static json_t *node_id(const char *kind, int64_t id)
{
    char text[64];
    struct str out = STR_INIT(128);
    text_format(text, sizeof text, "%s%lld", kind, (long long)id);
    base64url_add(&out, text, strlen(text));
    json_t *node = json_sprintf("%s_%s", kind, str_text(&out));
    str_free(&out);
    return node;
}

struct link {
    const char *key, *suffix;
};

static void add_links(json_t *to, const char *base, const struct link *links, size_t count)
{
    for (size_t i = 0; i < count; i++)
        json_object_set_new(to, links[i].key, json_sprintf("%s%s", base, links[i].suffix));
}

static json_t *github_json_user(const struct github_links *l, const struct github_user *user)
{
    static const struct link links[] = {{"url", ""},
                                        {"followers_url", "/followers"},
                                        {"following_url", "/following{/other_user}"},
                                        {"gists_url", "/gists{/gist_id}"},
                                        {"starred_url", "/starred{/owner}{/repo}"},
                                        {"subscriptions_url", "/subscriptions"},
                                        {"organizations_url", "/orgs"},
                                        {"repos_url", "/repos"},
                                        {"events_url", "/events{/privacy}"},
                                        {"received_events_url", "/received_events"}};
    char base[256];
    json_t *u = json_pack("{s:s, s:I, s:o, s:s, s:s}", "login", user->login, "id", (json_int_t)user->id, "node_id", node_id("U", user->id),
                          "gravatar_id", "", "type", "User");
    json_object_set_new(u, "avatar_url", json_sprintf("https://avatars.githubusercontent.com/u/%lld?v=4", (long long)user->id));
    json_object_set_new(u, "html_url", json_sprintf("https://github.com/%s", user->login));
    json_object_set_new(u, "user_view_type", json_string("public"));
    json_object_set_new(u, "site_admin", json_false());
    text_format(base, sizeof base, "%s/users/%s", l->api, user->login);
    add_links(u, base, links, sizeof links / sizeof *links);
    return u;
}

json_t *github_json_me(const struct github_links *l, const struct github_user *user, int64_t since)
{
    static const char *const counts[] = {"public_repos",        "public_gists",        "followers",  "following",    "private_gists",
                                         "total_private_repos", "owned_private_repos", "disk_usage", "collaborators"};
    json_t *u = github_json_user(l, user);
    json_object_set_new(u, "user_view_type", json_string("private"));
    json_object_update_new(u, json_pack("{s:s?, s:n, s:s, s:n, s:n, s:n, s:n, s:n, s:b}", "name", user->name, "company", "blog", "", "location",
                                        "email", "hireable", "bio", "twitter_username", "two_factor_authentication", 1));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        json_object_set_new(u, counts[i], json_integer(0));
    json_object_set_new(u, "created_at", github_stamp(since));
    json_object_set_new(u, "updated_at", github_stamp(since));
    return u;
}

static json_t *organization(const struct github_sim *g, const struct github_links *l)
{
    struct github_user owner = {.login = g->owner, .id = 9919001};
    json_t *o = github_json_user(l, &owner);
    json_object_set_new(o, "type", json_string("Organization"));
    return o;
}

static const struct link repository_links[] = {{"url", ""},
                                               {"archive_url", "/{archive_format}{/ref}"},
                                               {"assignees_url", "/assignees{/user}"},
                                               {"blobs_url", "/git/blobs{/sha}"},
                                               {"branches_url", "/branches{/branch}"},
                                               {"collaborators_url", "/collaborators{/collaborator}"},
                                               {"comments_url", "/comments{/number}"},
                                               {"commits_url", "/commits{/sha}"},
                                               {"compare_url", "/compare/{base}...{head}"},
                                               {"contents_url", "/contents/{+path}"},
                                               {"contributors_url", "/contributors"},
                                               {"deployments_url", "/deployments"},
                                               {"downloads_url", "/downloads"},
                                               {"events_url", "/events"},
                                               {"forks_url", "/forks"},
                                               {"git_commits_url", "/git/commits{/sha}"},
                                               {"git_refs_url", "/git/refs{/sha}"},
                                               {"git_tags_url", "/git/tags{/sha}"},
                                               {"hooks_url", "/hooks"},
                                               {"issue_comment_url", "/issues/comments{/number}"},
                                               {"issue_events_url", "/issues/events{/number}"},
                                               {"issues_url", "/issues{/number}"},
                                               {"keys_url", "/keys{/key_id}"},
                                               {"labels_url", "/labels{/name}"},
                                               {"languages_url", "/languages"},
                                               {"merges_url", "/merges"},
                                               {"milestones_url", "/milestones{/number}"},
                                               {"notifications_url", "/notifications{?since,all,participating}"},
                                               {"pulls_url", "/pulls{/number}"},
                                               {"releases_url", "/releases{/id}"},
                                               {"stargazers_url", "/stargazers"},
                                               {"statuses_url", "/statuses/{sha}"},
                                               {"subscribers_url", "/subscribers"},
                                               {"subscription_url", "/subscription"},
                                               {"tags_url", "/tags"},
                                               {"teams_url", "/teams"},
                                               {"trees_url", "/git/trees{/sha}"}};

static void repository_api(const struct github_sim *g, const struct github_links *l, char *out, size_t size)
{
    text_format(out, size, "%s/repos/%s/%s", l->api, g->owner, g->repo);
}

json_t *github_json_repository(const struct github_sim *g, const struct github_links *l, bool full)
{
    static const char *const counts[] = {"forks",    "forks_count",    "open_issues",   "open_issues_count", "stargazers_count",
                                         "watchers", "watchers_count", "network_count", "subscribers_count", "size"};
    static const char *const yes[] = {"has_issues", "has_projects", "has_wiki"}, *const no[] = {"has_pages", "has_discussions", "archived",
                                                                                                "disabled"};
    char base[300];
    json_t *r = json_pack("{s:I, s:o, s:s, s:o, s:b, s:o, s:s, s:s?, s:b}", "id", (json_int_t)g->repo_id, "node_id", node_id("R", g->repo_id), "name",
                          g->repo, "full_name", json_sprintf("%s/%s", g->owner, g->repo), "private", 1, "owner", organization(g, l), "html_url",
                          l->html, "description", g->description, "fork", 0);
    repository_api(g, l, base, sizeof base);
    add_links(r, base, repository_links, sizeof repository_links / sizeof *repository_links);
    if (!full)
        return r;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        json_object_set_new(r, counts[i], json_integer(i == 9 ? 18240 : 0));
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        json_object_set_new(r, yes[i], json_true());
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        json_object_set_new(r, no[i], json_false());
    json_object_update_new(r, json_pack("{s:o, s:o, s:o, s:s, s:n, s:n, s:n, s:s, s:s, s:s, s:o, s:o, s:o, s:{s:b, s:b, s:b, s:b, s:b}}", "clone_url",
                                        json_sprintf("%s.git", l->html), "git_url", json_sprintf("git://github.com/%s/%s.git", g->owner, g->repo),
                                        "ssh_url", json_sprintf("git@github.com:%s/%s.git", g->owner, g->repo), "svn_url", l->html, "homepage",
                                        "mirror_url", "license", "language", "Python", "default_branch", g->default_branch, "visibility", "private",
                                        "created_at", github_stamp(g->start - g->created_age), "updated_at", github_stamp(g->commits.at[0].at),
                                        "pushed_at", github_stamp(g->commits.at[0].at), "permissions", "admin", 0, "maintain", 0, "push", 1, "triage",
                                        1, "pull", 1));
    return r;
}

static json_t *git_person(const struct github_sim *g, const char *login, int64_t at)
{
    const struct github_user *user = github_user_find(g, login);
    json_t *p = json_pack("{s:s, s:o}", "name", user && user->name ? user->name : login, "email", json_sprintf("%s@users.noreply.github.com", login));
    if (at)
        json_object_set_new(p, "date", github_stamp(at));
    return p;
}

json_t *github_json_run(const struct github_sim *g, const struct github_links *l, const struct github_run *run)
{
    static const struct link links[] = {{"url", ""},
                                        {"jobs_url", "/jobs"},
                                        {"logs_url", "/logs"},
                                        {"cancel_url", "/cancel"},
                                        {"rerun_url", "/rerun"},
                                        {"artifacts_url", "/artifacts"}};
    char api[300], base[400];
    const struct github_commit *c = run->commit;
    repository_api(g, l, api, sizeof api);
    text_format(base, sizeof base, "%s/actions/runs/%lld", api, (long long)run->id);
    json_t *r =
        json_pack("{s:I, s:s, s:o, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s?, s:I, s:I}", "id", (json_int_t)run->id, "name", g->workflow, "node_id",
                  node_id("WFR", run->id), "head_branch", run->branch, "head_sha", run->sha, "path", g->workflow_path, "display_title", run->title,
                  "run_number", (json_int_t)run->number, "event", run->event, "status", run->status, "conclusion", run->conclusion, "workflow_id",
                  (json_int_t)g->workflow_id, "check_suite_id", (json_int_t)(run->id + 20000000000));
    json_object_set_new(r, "check_suite_node_id", node_id("CS", run->id + 20000000000));
    add_links(r, base, links, sizeof links / sizeof *links);
    json_object_set_new(r, "check_suite_url", json_sprintf("%s/check-suites/%lld", api, (long long)run->id + 20000000000));
    json_object_set_new(r, "workflow_url", json_sprintf("%s/actions/workflows/%lld", api, (long long)g->workflow_id));
    json_object_set_new(r, "html_url", json_sprintf("%s/actions/runs/%lld", l->html, (long long)run->id));
    json_object_set_new(r, "pull_requests", json_array());
    json_object_set_new(r, "created_at", github_stamp(run->created_at));
    json_object_set_new(r, "updated_at", github_stamp(run->updated_at));
    json_object_set_new(r, "run_started_at", github_stamp(run->created_at));
    json_object_set_new(r, "run_attempt", json_integer(1));
    json_object_set_new(r, "previous_attempt_url", json_null());
    json_object_set_new(r, "referenced_workflows", json_array());
    json_object_set_new(r, "actor", github_json_user(l, run->user));
    json_object_set_new(r, "triggering_actor", github_json_user(l, run->user));
    json_object_set_new(r, "head_commit",
                        json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "id", c->sha, "tree_id", c->tree, "message", c->message, "timestamp",
                                  github_stamp(c->at), "author", git_person(g, c->author, 0), "committer", git_person(g, c->author, 0)));
    json_object_set_new(r, "repository", github_json_repository(g, l, false));
    json_object_set_new(r, "head_repository", github_json_repository(g, l, false));
    return r;
}

json_t *github_json_workflow(const struct github_sim *g, const struct github_links *l)
{
    char api[300];
    repository_api(g, l, api, sizeof api);
    json_t *w = json_pack("{s:I, s:o, s:s, s:s, s:s}", "id", (json_int_t)g->workflow_id, "node_id", node_id("W", g->workflow_id), "name", g->workflow,
                          "path", g->workflow_path, "state", "active");
    json_object_set_new(w, "created_at", github_stamp(g->start - g->created_age));
    json_object_set_new(w, "updated_at", github_stamp(g->start - g->created_age));
    json_object_set_new(w, "url", json_sprintf("%s/actions/workflows/%lld", api, (long long)g->workflow_id));
    json_object_set_new(w, "html_url", json_sprintf("%s/blob/%s/%s", l->html, g->default_branch, g->workflow_path));
    json_object_set_new(w, "badge_url", json_sprintf("%s/workflows/%s/badge.svg", l->html, g->workflow));
    return w;
}

static const char *stage_status(const struct github_sim *g, const struct github_run *run, size_t job)
{
    const struct github_stage *s = &run->stages[job];
    return s->completed_at ? "completed" : s->started_at ? "in_progress" : github_waiting_job(g, run) == job ? "waiting" : "queued";
}

static json_t *steps_of(const struct github_sim *g, const struct github_run *run, size_t job)
{
    const struct github_stage *s = &run->stages[job];
    const char *const names[] = {"Set up job", "Check out", g->jobs.at[job].name, "Complete job"};
    json_t *list = json_array();
    if (!s->started_at || text_equal(s->conclusion, "skipped"))
        return list;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int64_t from = s->started_at + g->jobs.at[job].duration * (int64_t)i / 4,
                to = s->started_at + g->jobs.at[job].duration * (int64_t)(i + 1) / 4;
        bool began = from <= g->now, over = to <= g->now;
        bool failed = i == 2 && text_equal(s->conclusion, "failure");
        json_array_append_new(list, json_pack("{s:s, s:s, s:s?, s:i, s:o, s:o}", "name", names[i], "status",
                                              over    ? "completed"
                                              : began ? "in_progress"
                                                      : "queued",
                                              "conclusion", over ? (failed ? "failure" : "success") : NULL, "number", (int)i + 1, "started_at",
                                              github_stamp(began ? from : 0), "completed_at", github_stamp(over ? to : 0)));
    }
    return list;
}

static int64_t job_id(const struct github_run *run, size_t job) { return run->id * 3 + 1000000007 + (int64_t)job; }

json_t *github_json_job(const struct github_sim *g, const struct github_links *l, const struct github_run *run, size_t job)
{
    const struct github_stage *s = &run->stages[job];
    char api[300];
    long long id = (long long)job_id(run, job), run_id = (long long)run->id;
    bool on_runner = s->started_at && !text_equal(s->conclusion, "skipped");
    repository_api(g, l, api, sizeof api);
    json_t *j = json_pack("{s:I, s:I, s:s, s:s, s:o, s:s, s:s, s:s?, s:s, s:i}", "id", (json_int_t)id, "run_id", (json_int_t)run_id, "workflow_name",
                          g->workflow, "head_branch", run->branch, "node_id", node_id("CR", id), "head_sha", run->sha, "status",
                          stage_status(g, run, job), "conclusion", s->conclusion, "name", g->jobs.at[job].name, "run_attempt", 1);
    json_object_set_new(j, "run_url", json_sprintf("%s/actions/runs/%lld", api, run_id));
    json_object_set_new(j, "url", json_sprintf("%s/actions/jobs/%lld", api, id));
    json_object_set_new(j, "html_url", json_sprintf("%s/actions/runs/%lld/job/%lld", l->html, run_id, id));
    json_object_set_new(j, "check_run_url", json_sprintf("%s/check-runs/%lld", api, id));
    json_object_set_new(j, "created_at", github_stamp(s->queued_at));
    json_object_set_new(j, "started_at", github_stamp(s->started_at ? s->started_at : s->queued_at));
    json_object_set_new(j, "completed_at", github_stamp(s->completed_at));
    json_object_set_new(j, "steps", steps_of(g, run, job));
    json_object_set_new(j, "labels", json_pack("[s]", "ubuntu-latest"));
    json_object_update_new(j, on_runner ? json_pack("{s:i, s:s, s:i, s:s}", "runner_id", 21, "runner_name", "GitHub Actions 21", "runner_group_id", 0,
                                                    "runner_group_name", "GitHub Actions")
                                        : json_pack("{s:n, s:n, s:n, s:n}", "runner_id", "runner_name", "runner_group_id", "runner_group_name"));
    return j;
}

static json_t *environment_head(const struct github_sim *g, const struct github_links *l, const struct github_environment *environment)
{
    char api[300];
    repository_api(g, l, api, sizeof api);
    json_t *e = json_pack("{s:I, s:o, s:s}", "id", (json_int_t)environment->id, "node_id", node_id("EN", environment->id), "name", environment->name);
    json_object_set_new(e, "url", json_sprintf("%s/environments/%s", api, environment->name));
    json_object_set_new(e, "html_url", json_sprintf("%s/deployments/activity_log?environments_filter=%s", l->html, environment->name));
    return e;
}

static void add_environment_times(const struct github_sim *g, json_t *e)
{
    json_object_set_new(e, "created_at", github_stamp(g->start - g->created_age));
    json_object_set_new(e, "updated_at", github_stamp(g->start - g->created_age));
}

static json_t *reviewers_of(const struct github_sim *g, const struct github_links *l, const struct github_environment *environment)
{
    json_t *list = json_array();
    for (size_t i = 0; i < environment->reviewers.len; i++)
        json_array_append_new(
            list, json_pack("{s:s, s:o}", "type", "User", "reviewer", github_json_user(l, github_user_find(g, environment->reviewers.at[i]))));
    return list;
}

json_t *github_json_environment(const struct github_sim *g, const struct github_links *l, const struct github_environment *environment)
{
    json_t *e = environment_head(g, l, environment), *rules = json_array();
    add_environment_times(g, e);
    if (environment->wait)
        json_array_append_new(rules,
                              json_pack("{s:I, s:o, s:s, s:I}", "id", (json_int_t)environment->id + 1, "node_id", node_id("GA", environment->id + 1),
                                        "type", "wait_timer", "wait_timer", (json_int_t)(environment->wait / 60000)));
    if (environment->reviewers.len)
        json_array_append_new(rules, json_pack("{s:I, s:o, s:s, s:b, s:o}", "id", (json_int_t)environment->id + 2, "node_id",
                                               node_id("GA", environment->id + 2), "type", "required_reviewers", "prevent_self_review",
                                               environment->no_self_review, "reviewers", reviewers_of(g, l, environment)));
    json_object_set_new(e, "protection_rules", rules);
    json_object_set_new(e, "deployment_branch_policy", json_null());
    return e;
}

json_t *github_json_pending(const struct github_sim *g, const struct github_links *l, const struct github_run *run, const struct github_user *me)
{
    json_t *list = json_array();
    size_t job = github_waiting_job(g, run);
    if (job == SIZE_MAX)
        return list;
    const struct github_environment *gate = github_gate(g, job);
    bool open = run->stages[job].approved_at != 0;
    json_array_append_new(list, json_pack("{s:o, s:I, s:o, s:b, s:o}", "environment", environment_head(g, l, gate), "wait_timer",
                                          (json_int_t)(gate->wait / 60000), "wait_timer_started_at",
                                          github_stamp(gate->wait ? run->stages[job].queued_at : 0), "current_user_can_approve",
                                          !open && github_may_review(g, run, gate, me), "reviewers", reviewers_of(g, l, gate)));
    return list;
}

json_t *github_json_approvals(const struct github_sim *g, const struct github_links *l, const struct github_run *run)
{
    json_t *list = json_array();
    for (size_t i = 0; i < run->reviews.len; i++) {
        const struct github_review *review = &run->reviews.at[i];
        json_t *environment = environment_head(g, l, &g->environments.at[review->environment]);
        add_environment_times(g, environment);
        json_array_append_new(list,
                              json_pack("{s:[o], s:s, s:o, s:s}", "environments", environment, "state", review->approved ? "approved" : "rejected",
                                        "user", github_json_user(l, review->user), "comment", review->comment));
    }
    return list;
}

json_t *github_json_deployment(const struct github_sim *g, const struct github_links *l, const struct github_run *run, size_t job)
{
    char api[300];
    int64_t id = job_id(run, job) % 4000000000;
    const struct github_stage *s = &run->stages[job];
    int64_t updated = s->completed_at ? s->completed_at : s->started_at ? s->started_at : s->queued_at;
    repository_api(g, l, api, sizeof api);
    json_t *d =
        json_pack("{s:I, s:o, s:s, s:s, s:s, s:{}, s:s, s:s, s:s, s:o, s:b, s:b, s:n}", "id", (json_int_t)id, "node_id", node_id("DE", id), "sha",
                  run->sha, "ref", run->branch, "task", "deploy", "payload", "original_environment", g->jobs.at[job].environment, "environment",
                  g->jobs.at[job].environment, "description", "", "creator", github_json_user(l, run->user), "transient_environment", 0,
                  "production_environment", strcmp(g->jobs.at[job].environment, "production") == 0, "performed_via_github_app");
    json_object_set_new(d, "url", json_sprintf("%s/deployments/%lld", api, (long long)id));
    json_object_set_new(d, "statuses_url", json_sprintf("%s/deployments/%lld/statuses", api, (long long)id));
    json_object_set_new(d, "repository_url", json_string(api));
    json_object_set_new(d, "created_at", github_stamp(s->queued_at));
    json_object_set_new(d, "updated_at", github_stamp(updated));
    return d;
}

json_t *github_json_commit(const struct github_sim *g, const struct github_links *l, const struct github_commit *commit)
{
    char api[300], git[400];
    size_t at = (size_t)(commit - g->commits.at);
    json_t *parents = json_array();
    repository_api(g, l, api, sizeof api);
    text_format(git, sizeof git, "%s/git", api);
    if (at + 1 < g->commits.len)
        json_array_append_new(parents, json_pack("{s:s, s:o, s:o}", "sha", g->commits.at[at + 1].sha, "url",
                                                 json_sprintf("%s/commits/%s", api, g->commits.at[at + 1].sha), "html_url",
                                                 json_sprintf("%s/commit/%s", l->html, g->commits.at[at + 1].sha)));
    json_t *inner =
        json_pack("{s:o, s:o, s:s, s:{s:s, s:o}, s:o, s:i, s:{s:b, s:s, s:n, s:n, s:n}}", "author", git_person(g, commit->author, commit->at),
                  "committer", git_person(g, commit->author, commit->at), "message", commit->message, "tree", "sha", commit->tree, "url",
                  json_sprintf("%s/trees/%s", git, commit->tree), "url", json_sprintf("%s/commits/%s", git, commit->sha), "comment_count", 0,
                  "verification", "verified", 0, "reason", "unsigned", "signature", "payload", "verified_at");
    json_t *c = json_pack("{s:s, s:s, s:o}", "sha", commit->sha, "node_id", commit->sha, "commit", inner);
    json_object_set_new(c, "url", json_sprintf("%s/commits/%s", api, commit->sha));
    json_object_set_new(c, "html_url", json_sprintf("%s/commit/%s", l->html, commit->sha));
    json_object_set_new(c, "comments_url", json_sprintf("%s/commits/%s/comments", api, commit->sha));
    json_object_set_new(c, "author", github_json_user(l, github_user_find(g, commit->author)));
    json_object_set_new(c, "committer", github_json_user(l, github_user_find(g, commit->author)));
    json_object_set_new(c, "parents", parents);
    return c;
}
