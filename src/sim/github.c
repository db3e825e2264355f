/* GitHub's REST API for one repository: who asks, the rate limit, ETags, pages and paths. */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/when.h"
#include "sim/github_call.h"

#define HOUR_MS      3600000
#define PAGE_DEFAULT 30
#define PAGE_MAX     100
#define DOCS         "https://docs.github.com/rest"

struct github_sim *github_sim_new(struct sim *sim, const struct yaml *section, struct error *e)
{
    struct github_sim *g = mem_new(sizeof *g);
    g->sim = sim;
    g->start = g->now = sim_now(sim);
    if (!github_scenario_read(g, section, e)) {
        github_sim_free(g);
        return NULL;
    }
    github_sim_step(g, g->now);
    return g;
}

void github_sim_free(struct github_sim *g)
{
    if (!g)
        return;
    github_scenario_free(g);
    free(g);
}

void github_sim_step(struct github_sim *g, int64_t now)
{
    g->now = now;
    for (size_t i = 0; i < g->runs.len; i++)
        github_run_step(g, g->runs.at[i]);
}

static void send_json(struct github_call *c, json_t *tree)
{
    char *text = json_dumps(tree, JSON_COMPACT);
    reply_header(c->reply, "Content-Type", "application/json; charset=utf-8");
    str_adds(reply_body(c->reply), text ? text : "null");
    free(text);
    json_decref(tree);
}

void github_refuse(struct github_call *c, int status, const char *message, json_t *errors)
{
    char number[12];
    text_format(number, sizeof number, "%d", status);
    json_t *body = json_pack("{s:s, s:s, s:s}", "message", message, "documentation_url", DOCS, "status", number);
    if (errors)
        json_object_set_new(body, "errors", errors);
    reply_status(c->reply, status);
    send_json(c, body);
}

void github_not_found(struct github_call *c) { github_refuse(c, 404, "Not Found", NULL); }

/* Who asks. */

static bool authenticate(struct github_call *c)
{
    const char *header = server_header(c->request, "Authorization");
    const char *token = header ? strchr(header, ' ') : NULL, *viewer = sim_github_token(c->g->sim);
    bool scheme = token && ((size_t)(token - header) == 6 || (size_t)(token - header) == 5);
    char word[8] = "";
    if (!header) {
        github_refuse(c, 401, "Requires authentication", NULL);
        return false;
    }
    if (scheme)
        text_format(word, sizeof word, "%.*s", (int)(token - header), header);
    token = scheme && (text_same_case(word, "bearer") || text_same_case(word, "token")) ? token + 1 : NULL;
    for (size_t i = 0; token && i < c->g->users.len; i++)
        if (text_equal(c->g->users.at[i].token, token))
            c->me = &c->g->users.at[i];
    for (size_t i = 0; token && *token && !c->me && (!viewer || strcmp(viewer, token) == 0) && i < c->g->users.len; i++)
        if (strcmp(c->g->users.at[i].login, c->g->viewer) == 0)
            c->me = &c->g->users.at[i];
    if (!c->me)
        github_refuse(c, 401, "Bad credentials", NULL);
    return c->me != NULL;
}

/* The rate limit: so many an hour; what is answered with 304 does not count. */

static void renew_window(struct github_call *c)
{
    if (c->g->now - c->me->window_at >= HOUR_MS) {
        c->me->window_at = c->g->now;
        c->me->used = 0;
    }
}

static void number_header(struct github_call *c, const char *name, int64_t value)
{
    char text[24];
    text_format(text, sizeof text, "%lld", (long long)value);
    reply_header(c->reply, name, text);
}

static void rate_headers(struct github_call *c)
{
    number_header(c, "X-RateLimit-Limit", c->g->rate_limit);
    number_header(c, "X-RateLimit-Remaining", c->g->rate_limit - c->me->used);
    number_header(c, "X-RateLimit-Reset", (c->me->window_at + HOUR_MS) / 1000);
    number_header(c, "X-RateLimit-Used", c->me->used);
    reply_header(c->reply, "X-RateLimit-Resource", "core");
}

static bool within_limit(struct github_call *c)
{
    char message[160];
    if (c->me->used < c->g->rate_limit)
        return true;
    text_format(message, sizeof message, "API rate limit exceeded for user ID %lld.", (long long)c->me->id);
    github_refuse(c, 403, message, NULL);
    return false;
}

static void rate_limit(struct github_call *c)
{
    int64_t reset = (c->me->window_at + HOUR_MS) / 1000;
    json_t *core = json_pack("{s:I, s:I, s:I, s:I}", "limit", (json_int_t)c->g->rate_limit, "used", (json_int_t)c->me->used, "remaining",
                             (json_int_t)(c->g->rate_limit - c->me->used), "reset", (json_int_t)reset);
    json_t *search = json_pack("{s:i, s:i, s:i, s:I}", "limit", 30, "used", 0, "remaining", 30, "reset", (json_int_t)(c->g->now / 1000 + 60));
    c->answer = json_pack("{s:{s:o, s:o}, s:O}", "resources", "core", core, "search", search, "rate", core);
}

/* Pages. */

struct page {
    int64_t number, size;
};

static int64_t query_int(struct github_call *c, const char *name, int64_t otherwise)
{
    char *text = server_query(c->request, name), *end;
    int64_t value = text && *text ? strtoll(text, &end, 10) : otherwise;
    if (text && *text && *end)
        value = otherwise;
    free(text);
    return value;
}

static struct page page_of(struct github_call *c)
{
    struct page p = {query_int(c, "page", 1), query_int(c, "per_page", PAGE_DEFAULT)};
    p.number = p.number < 1 ? 1 : p.number;
    p.size = p.size < 1 ? PAGE_DEFAULT : p.size > PAGE_MAX ? PAGE_MAX : p.size;
    return p;
}

/* The query again, with another page. */
static void add_link(struct github_call *c, struct str *out, int64_t page, const char *rel)
{
    str_addf(out, "%s<%s%s?", out->len ? ", " : "", c->links.api, c->path);
    for (const char *p = c->request->query; *p; p += *p == '&') {
        size_t len = strcspn(p, "&");
        if (strncmp(p, "page=", 5) != 0) {
            str_add(out, p, len);
            str_addc(out, '&');
        }
        p += len;
    }
    str_addf(out, "page=%lld>; rel=\"%s\"", (long long)page, rel);
}

static void link_header(struct github_call *c, struct page p, size_t total)
{
    struct str out = STR_INIT(32768);
    int64_t last = ((int64_t)total + p.size - 1) / p.size;
    if (p.number > 1)
        add_link(c, &out, p.number - 1, "prev");
    if (p.number < last) {
        add_link(c, &out, p.number + 1, "next");
        add_link(c, &out, last, "last");
    }
    if (p.number > 1)
        add_link(c, &out, 1, "first");
    if (out.len)
        reply_header(c->reply, "Link", str_text(&out));
    str_free(&out);
}

/* One page of a whole list, which is taken over. */
static json_t *paged(struct github_call *c, json_t *all)
{
    struct page p = page_of(c);
    json_t *out = json_array();
    for (int64_t i = (p.number - 1) * p.size; i < p.number * p.size && i < (int64_t)json_array_size(all); i++)
        json_array_append(out, json_array_get(all, (size_t)i));
    link_header(c, p, json_array_size(all));
    json_decref(all);
    return out;
}

static json_t *counted(struct github_call *c, const char *name, json_t *all)
{
    size_t total = json_array_size(all);
    return json_pack("{s:I, s:o}", "total_count", (json_int_t)total, name, paged(c, all));
}

/* Runs. */

static bool matches(struct github_call *c, const char *name, const char *value, const char *other)
{
    char *wanted = server_query(c->request, name);
    bool yes = !wanted || !*wanted || text_same_case(wanted, value ? value : "") || (other && text_same_case(wanted, other));
    free(wanted);
    return yes;
}

/* created=2026-11-01..2026-11-24, >=DATE, <=DATE, >DATE, <DATE, DATE */
static bool created_within(struct github_call *c, int64_t at)
{
    char *wanted = server_query(c->request, "created"), stamp[40];
    if (!wanted || !*wanted) {
        free(wanted);
        return true;
    }
    const char *from = wanted, *range = strstr(wanted, "..");
    char sign = '=';
    bool equal = false, yes;
    if (*from == '<' || *from == '>')
        sign = *from++;
    if (*from == '=')
        equal = true, from++;
    when_iso(at, stamp, sizeof stamp);
    if (range) {
        size_t len = (size_t)(range - wanted);
        yes = (*wanted == '*' || strncmp(stamp, wanted, len) >= 0) && (range[2] == '*' || strncmp(stamp, range + 2, strlen(range + 2)) <= 0);
    } else {
        int order = strncmp(stamp, from, strlen(from) < strlen(stamp) ? strlen(from) : strlen(stamp));
        yes = sign == '=' ? order == 0 : sign == '>' ? order > 0 || (equal && order == 0) : order < 0 || (equal && order == 0);
    }
    free(wanted);
    return yes;
}

static void list_runs(struct github_call *c)
{
    json_t *all = json_array();
    for (size_t i = 0; i < c->g->runs.len; i++) {
        const struct github_run *run = c->g->runs.at[i];
        if (matches(c, "status", run->status, run->conclusion) && matches(c, "branch", run->branch, NULL) && matches(c, "event", run->event, NULL) &&
            matches(c, "actor", run->actor, NULL) && matches(c, "head_sha", run->sha, NULL) && created_within(c, run->created_at))
            json_array_append_new(all, github_json_run(c->g, &c->links, run));
    }
    c->answer = counted(c, "workflow_runs", all);
}

static void list_jobs(struct github_call *c, const struct github_run *run)
{
    json_t *all = json_array();
    for (size_t i = 0; i < c->g->jobs.len; i++)
        if (run->stages[i].queued_at)
            json_array_append_new(all, github_json_job(c->g, &c->links, run, i));
    c->answer = counted(c, "jobs", all);
}

void github_wrong_input(struct github_call *c, const char *what)
{
    char message[300];
    text_format(message, sizeof message, "Invalid request.\n\n%s", what);
    github_refuse(c, 422, message, NULL);
}

static bool ids_are_good(const json_t *ids)
{
    size_t i;
    json_t *id;
    json_array_foreach (ids, i, id)
        if (!json_is_integer(id))
            return false;
    return json_is_array(ids);
}

static void review(struct github_call *c, struct github_run *run)
{
    struct error ignored;
    json_t *body = json_load(c->request->body, c->request->body_len, &ignored);
    const json_t *ids = json_object_get(body, "environment_ids");
    const char *state = json_text(body, "state"), *comment = json_text(body, "comment");
    size_t job = github_waiting_job(c->g, run);
    const struct github_environment *gate = job == SIZE_MAX ? NULL : github_gate(c->g, job);
    if (!json_is_object(body))
        github_refuse(c, 400, "Problems parsing JSON", NULL);
    else if (!ids || !json_object_get(body, "state") || !json_object_get(body, "comment"))
        github_wrong_input(c, !ids                              ? "\"environment_ids\" wasn't supplied."
                       : !json_object_get(body, "state") ? "\"state\" wasn't supplied."
                                                         : "\"comment\" wasn't supplied.");
    else if (!ids_are_good(ids) || json_array_size(ids) == 0)
        github_wrong_input(c, "For 'properties/environment_ids', it is not an array of integers.");
    else if (!state || (strcmp(state, "approved") != 0 && strcmp(state, "rejected") != 0))
        github_wrong_input(c, "For 'properties/state', it is not a possible value. Must be one of the following: approved, rejected");
    else if (!comment)
        github_wrong_input(c, "For 'properties/comment', it is not a string.");
    else if (!gate || run->stages[job].approved_at || json_array_size(ids) != 1 || json_integer_value(json_array_get(ids, 0)) != gate->id)
        github_refuse(c, 422, "Validation Failed", json_pack("[s]", "No pending deployment requests to approve or reject"));
    else if (!github_may_review(c->g, run, gate, c->me))
        github_refuse(c, 403, "You are not authorized to review deployments to this environment", NULL);
    else {
        github_review(c->g, run, job, c->me, *state == 'a', comment);
        c->answer = json_pack("[o]", github_json_deployment(c->g, &c->links, run, job));
    }
    json_decref(body);
}

/* "/actions/runs/ID[/…]" */
static void one_run(struct github_call *c, const char *text)
{
    char *rest;
    int64_t id = strtoll(text, &rest, 10);
    struct github_run *run = NULL;
    bool get = strcmp(c->request->method, "GET") == 0;
    for (size_t i = 0; i < c->g->runs.len; i++)
        if (c->g->runs.at[i]->id == id && rest != text)
            run = c->g->runs.at[i];
    if (!run)
        github_not_found(c);
    else if (get && !*rest)
        c->answer = github_json_run(c->g, &c->links, run);
    else if (get && strcmp(rest, "/jobs") == 0)
        list_jobs(c, run);
    else if (get && strcmp(rest, "/approvals") == 0)
        c->answer = github_json_approvals(c->g, &c->links, run);
    else if (get && strcmp(rest, "/pending_deployments") == 0)
        c->answer = github_json_pending(c->g, &c->links, run, c->me);
    else if (strcmp(c->request->method, "POST") == 0 && strcmp(rest, "/pending_deployments") == 0)
        review(c, run);
    else
        github_not_found(c);
}

/* Commits. */

static const struct github_commit *commit_find(const struct github_sim *g, const char *name, size_t len)
{
    if (len == strlen(g->default_branch) && strncmp(g->default_branch, name, len) == 0)
        return &g->commits.at[0];
    for (size_t i = 0; i < g->refs.len; i++)
        if (strlen(g->refs.at[i].name) == len && strncmp(g->refs.at[i].name, name, len) == 0) {
            name = g->refs.at[i].sha;
            len = strlen(name);
        }
    for (size_t i = 0; len >= 7 && i < g->commits.len; i++)
        if (strncmp(g->commits.at[i].sha, name, len) == 0)
            return &g->commits.at[i];
    return NULL;
}

static void one_commit(struct github_call *c, const char *name)
{
    const struct github_commit *commit = commit_find(c->g, name, strlen(name));
    char message[300];
    if (commit) {
        c->answer = github_json_commit(c->g, &c->links, commit);
        json_object_set_new(c->answer, "stats", json_pack("{s:i, s:i, s:i}", "total", 0, "additions", 0, "deletions", 0));
        json_object_set_new(c->answer, "files", json_array());
        return;
    }
    text_format(message, sizeof message, "No commit found for SHA: %.200s", name);
    github_refuse(c, 422, message, NULL);
}

static void compare(struct github_call *c, const char *text)
{
    const char *dots = strstr(text, "...");
    const struct github_commit *base = dots ? commit_find(c->g, text, (size_t)(dots - text)) : NULL,
                               *head = dots ? commit_find(c->g, dots + 3, strlen(dots + 3)) : NULL;
    char api[300], url[700];
    if (!base || !head) {
        github_not_found(c);
        return;
    }
    json_t *all = json_array();
    int64_t ahead = base > head ? base - head : 0, behind = head > base ? head - base : 0; /* newest first in memory */
    for (const struct github_commit *at = base; at > head;)
        json_array_append_new(all, github_json_commit(c->g, &c->links, --at));
    text_format(api, sizeof api, "%s/repos/%s/%s/compare/%s", c->links.api, c->g->owner, c->g->repo, text);
    text_format(url, sizeof url, "%s/compare/%s", c->links.html, text);
    c->answer = json_pack(
        "{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:s, s:I, s:I, s:I, s:o, s:[]}", "url", api, "html_url", url, "permalink_url", url, "diff_url",
        json_sprintf("%s.diff", url), "patch_url", json_sprintf("%s.patch", url), "base_commit", github_json_commit(c->g, &c->links, base),
        "merge_base_commit", github_json_commit(c->g, &c->links, behind ? head : base), "status",
        ahead    ? "ahead"
        : behind ? "behind"
                 : "identical",
        "ahead_by", (json_int_t)ahead, "behind_by", (json_int_t)behind, "total_commits", (json_int_t)ahead, "commits", paged(c, all), "files");
}

/* Environments and deployments. */

static void list_environments(struct github_call *c)
{
    json_t *all = json_array();
    for (size_t i = 0; i < c->g->environments.len; i++)
        json_array_append_new(all, github_json_environment(c->g, &c->links, &c->g->environments.at[i]));
    c->answer = counted(c, "environments", all);
}

static void one_environment(struct github_call *c, const char *rest)
{
    struct str name = STR_INIT(1024);
    bool get = strcmp(c->request->method, "GET") == 0;
    percent_decode(rest, strlen(rest), false, &name);
    for (size_t i = 0; get && i < c->g->environments.len && !c->answer; i++)
        if (text_same_case(c->g->environments.at[i].name, str_text(&name)))
            c->answer = github_json_environment(c->g, &c->links, &c->g->environments.at[i]);
    if (!get)
        github_change_environment(c, str_text(&name));
    else if (!c->answer)
        github_not_found(c);
    str_free(&name);
}

static void list_deployments(struct github_call *c)
{
    json_t *all = json_array();
    for (size_t i = 0; i < c->g->runs.len; i++)
        for (size_t j = c->g->jobs.len; j-- > 0;) {
            const struct github_run *run = c->g->runs.at[i];
            if (c->g->jobs.at[j].environment && run->stages[j].queued_at && !text_equal(run->stages[j].conclusion, "skipped") &&
                matches(c, "environment", c->g->jobs.at[j].environment, NULL) && matches(c, "sha", run->sha, NULL) &&
                matches(c, "ref", run->branch, NULL) && matches(c, "task", "deploy", NULL))
                json_array_append_new(all, github_json_deployment(c->g, &c->links, run, j));
        }
    c->answer = paged(c, all);
}

static void repository(struct github_call *c) { c->answer = github_json_repository(c->g, &c->links, true); }
static void user(struct github_call *c) { c->answer = github_json_me(&c->links, c->me, c->g->start - c->g->created_age); }

static void in_repository(struct github_call *c)
{
    static const struct {
        const char *path;
        void (*handle)(struct github_call *);
    } exact[] = {{"", repository}, {"/actions/runs", list_runs}, {"/environments", list_environments}, {"/deployments", list_deployments}};
    static const struct {
        const char *prefix;
        void (*handle)(struct github_call *, const char *);
    } prefixes[] = {{"/actions/runs/", one_run}, {"/commits/", one_commit}, {"/compare/", compare}, {"/environments/", one_environment},
                    {"/actions/workflows/", github_workflow}};
    bool get = strcmp(c->request->method, "GET") == 0;
    for (size_t i = 0; get && i < sizeof exact / sizeof *exact; i++)
        if (strcmp(exact[i].path, c->rest) == 0) {
            exact[i].handle(c);
            return;
        }
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (text_starts(c->rest, prefixes[i].prefix) && c->rest[strlen(prefixes[i].prefix)]) {
            prefixes[i].handle(c, c->rest + strlen(prefixes[i].prefix));
            return;
        }
    github_not_found(c);
}

/* The repository's name is compared as GitHub does, without regard to case. */
static bool split_repository(struct github_call *c, const char *path)
{
    char name[300];
    const char *owner = path + strlen("/repos/"), *slash = strchr(owner, '/');
    if (!slash)
        return false;
    size_t len = (size_t)(slash - owner) + 1 + strcspn(slash + 1, "/");
    struct str rest = STR_INIT(8192), full = STR_INIT(1024);
    text_format(name, sizeof name, "%s/%s", c->g->owner, c->g->repo);
    bool good = percent_decode(owner, len, false, &full) && text_same_case(str_text(&full), name) &&
                percent_decode(owner + len, strlen(owner + len), false, &rest);
    c->rest = good ? mem_strdup(str_text(&rest)) : NULL;
    str_free(&rest);
    str_free(&full);
    return good;
}

static void route(struct github_call *c)
{
    bool get = strcmp(c->request->method, "GET") == 0;
    if (get && strcmp(c->path, "/user") == 0)
        user(c);
    else if (text_starts(c->path, "/repos/") && split_repository(c, c->path))
        in_repository(c);
    else
        github_not_found(c);
}

/* Sends the answer, or 304 if the client has it already. */
static void answer(struct github_call *c)
{
    char hex[SHA256_HEX_SIZE], tag[SHA256_HEX_SIZE + 8];
    const char *known = server_header(c->request, "If-None-Match");
    char *text = json_dumps(c->answer, JSON_COMPACT);
    digest_sha256_hex(text, strlen(text), hex);
    text_format(tag, sizeof tag, "W/\"%s\"", hex);
    bool get = strcmp(c->request->method, "GET") == 0;
    if (get) {
        reply_header(c->reply, "ETag", tag);
        reply_header(c->reply, "Cache-Control", "private, max-age=60, s-maxage=60");
        reply_header(c->reply, "Vary", "Accept, Authorization, Cookie, X-GitHub-OTP");
    }
    if (get && known && strstr(known, hex)) {
        reply_status(c->reply, 304);
        c->me->used--;
    } else {
        reply_header(c->reply, "Content-Type", "application/json; charset=utf-8");
        str_adds(reply_body(c->reply), text);
    }
    free(text);
}

static void handle(struct github_call *c)
{
    const char *host = server_header(c->request, "Host"), *version = server_header(c->request, "X-GitHub-Api-Version");
    unsigned id[4];
    char text[80];
    random_bytes(id, sizeof id);
    text_format(text, sizeof text, "%04X:%05X:%06X:%06X:%08X", id[0] & 0xffff, id[1] & 0xfffff, id[2] & 0xffffff, id[3] & 0xffffff,
                (unsigned)(c->g->now / 1000));
    reply_header(c->reply, "X-GitHub-Request-Id", text);
    reply_header(c->reply, "X-GitHub-Media-Type", "github.v3; format=json");
    reply_header(c->reply, "X-GitHub-Api-Version-Selected", version ? version : "2022-11-28");
    text_format(c->links.api, sizeof c->links.api, "http://%.90s/github", host ? host : "127.0.0.1");
    text_format(c->links.html, sizeof c->links.html, "https://github.com/%s/%s", c->g->owner, c->g->repo);
    if (!authenticate(c))
        return;
    renew_window(c);
    if (strcmp(c->path, "/rate_limit") == 0 && strcmp(c->request->method, "GET") == 0) {
        rate_limit(c); /* costs nothing */
        send_json(c, json_incref(c->answer));
    } else if (within_limit(c)) {
        c->me->used++;
        route(c);
        if (c->answer)
            answer(c);
    }
    rate_headers(c);
}

void github_sim_handle(struct github_sim *g, const char *path, const struct server_request *request, struct server_reply *reply)
{
    struct github_call c = {.g = g, .request = request, .reply = reply, .path = path};
    github_sim_step(g, sim_now(g->sim));
    handle(&c);
    json_decref(c.answer);
    free(c.rest);
}
