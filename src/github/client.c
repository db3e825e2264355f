#include "github/client.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "github/write.h"
#include "net/retry.h"

#define ATTEMPTS   3
#define PATH_LIMIT 8192
#define TOKEN_MAX  1024
#define PAGES_MAX  50
#define KEPT       64 /* replies kept for their ETag */
#define REPLY_MAX  ((size_t)16 << 20)
#define MOVES_MAX  3     /* redirections in a row */
#define UNTOLD_MS  60000 /* what GitHub wants to be waited where it does not tell */

/* A reply that can be had again for nothing, as long as its ETag holds. */
struct kept {
    char *url, *etag, *next;
    json_t *document;
};

struct github {
    struct loop *loop;
    struct http *http;
    struct log *log;
    char *api, *token;
    struct retry_bucket bucket;
    struct github_call *calls;
    struct kept kept[KEPT];
    size_t kept_next;
    struct github_limit limit;
};

struct github_call {
    struct github *github;
    struct github_call *next, *previous;
    char *url, *body, *list;
    bool write;
    int max, pages, moves;
    json_t *document; /* the pages so far */
    struct retry retry;
    struct http_call *sent;
    struct loop_timer *timer;
    github_done *done;
    void *arg;
};

static char *token_of(const char *given)
{
    static const char *const names[] = {"GITHUB_TOKEN", "GH_TOKEN"};
    for (size_t i = 0; !given && i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value && strlen(value) < TOKEN_MAX)
            given = value;
    }
    return mem_strdup(given);
}

struct github *github_new(struct loop *loop, struct http *http, const struct github_options *options)
{
    struct github *github = mem_new(sizeof *github);
    const char *api = options->api ? options->api : getenv("GITHUB_API_URL");
    api = api && *api ? api : "https://api.github.com";
    *github = (struct github){.loop = loop, .http = http, .log = options->log, .limit = {-1, -1, 0}};
    github->api = mem_strndup(api, strlen(api) - (size_t)text_ends(api, "/"));
    github->token = token_of(options->token);
    github->bucket.tokens = RETRY_TOKENS;
    return github;
}

static void call_free(struct github_call *call)
{
    if (call->previous)
        call->previous->next = call->next;
    else
        call->github->calls = call->next;
    if (call->next)
        call->next->previous = call->previous;
    http_cancel(call->sent);
    loop_cancel(call->github->loop, call->timer);
    json_decref(call->document);
    free(call->url);
    free(call->body);
    free(call->list);
    free(call);
}

static void kept_clear(struct kept *kept)
{
    free(kept->url);
    free(kept->etag);
    free(kept->next);
    json_decref(kept->document);
    *kept = (struct kept){0};
}

void github_free(struct github *github)
{
    if (!github)
        return;
    while (github->calls)
        call_free(github->calls);
    for (size_t i = 0; i < KEPT; i++)
        kept_clear(&github->kept[i]);
    mem_free_secret(github->token);
    free(github->api);
    free(github);
}

struct github_limit github_limit(const struct github *github) { return github->limit; }

static struct kept *kept_find(struct github *github, const char *url)
{
    for (size_t i = 0; i < KEPT; i++)
        if (text_equal(github->kept[i].url, url))
            return &github->kept[i];
    return NULL;
}

static void keep(struct github *github, const char *url, const char *etag, const char *next, json_t *document)
{
    struct kept *kept = kept_find(github, url);
    if (!etag)
        return;
    if (!kept)
        kept = &github->kept[github->kept_next++ % KEPT];
    char *own = mem_strdup(url); /* url may be the one that is cleared */
    kept_clear(kept);
    *kept = (struct kept){own, mem_strdup(etag), mem_strdup(next), json_incref(document)};
}

static void end(struct github_call *call, json_t *document, const struct error *error)
{
    github_done *done = call->done;
    void *arg = call->arg;
    struct error copy = error ? *error : (struct error){0};
    json_incref(document);
    call_free(call);
    done(arg, document, error ? &copy : NULL);
    json_decref(document);
}

static bool is_own(const struct github *github, const char *url)
{
    size_t own = strlen(github->api);
    return strncmp(url, github->api, own) == 0 && url[own] == '/';
}

/* The address of rel="next"; the caller frees. It must be the API's own: the token goes there. */
static char *next_link(const struct github *github, const char *header)
{
    for (const char *at = header; at && (at = strchr(at, '<')); at++) {
        size_t len = strcspn(at + 1, ">");
        const char *rest = at + 1 + len, *comma = strstr(rest, ", <"), *rel = strstr(rest, "rel=\"next\"");
        if (!rel || (comma && rel > comma))
            continue;
        return is_own(github, at + 1) ? mem_strndup(at + 1, len) : NULL;
    }
    return NULL;
}

/* Errors. */

static void note_limit(struct github *github, const struct http_reply *reply)
{
    const char *limit = http_header_of(reply, "x-ratelimit-limit"), *left = http_header_of(reply, "x-ratelimit-remaining"),
               *reset = http_header_of(reply, "x-ratelimit-reset");
    int64_t seconds = reset ? strtoll(reset, NULL, 10) : 0;
    if (limit && left)
        github->limit = (struct github_limit){atoi(limit), atoi(left), seconds > 0 && seconds < INT64_MAX / 2000 ? seconds * 1000 : 0};
}

static bool is_used_up(const struct github *github)
{
    return github->limit.left == 0 && github->limit.renewed_at > loop_wall(github->loop);
}

static void set_used_up(const struct github *github, struct error *e)
{
    char at[40];
    int64_t wait = github->limit.renewed_at - loop_wall(github->loop);
    error_set(e, ERROR_SERVICE, "RateLimited", "the %d requests of this hour are used up; more at %s", github->limit.limit,
              when_clock(github->limit.renewed_at, at, sizeof at));
    e->retry_after_ms = (int)(wait > 60000 ? 60000 : wait > 0 ? wait : 0);
}

static const struct meaning {
    int status;
    const char *code, *words; /* for who has never read the API's documentation */
} meanings[] = {{301, "Moved", "it has another name by now: give that in the profile"},
                {307, "Moved", "it has another name by now: give that in the profile"},
                {308, "Moved", "it has another name by now: give that in the profile"},
                {401, "Unauthorized", "the token is wrong, expired or revoked"},
                {403, "Forbidden", "this token may not do that"},
                {404, "NotFound", "not there, or this token may not see it"},
                {409, "Conflict", "something else has changed it meanwhile"},
                {422, "Invalid", "GitHub will not do that as things stand"},
                {429, "RateLimited", "too many requests at once"}};

static void add_messages(struct str *out, const json_t *body)
{
    const json_t *errors = json_at(body, "errors");
    size_t i;
    json_t *one;
    str_adds(out, json_text_or(body, "message", ""));
    json_array_foreach(errors, i, one) {
        const char *text = json_is_string(one) ? json_string_value(one) : json_text(one, "message");
        if (text && i < 4)
            str_addf(out, ": %s", text);
    }
    for (size_t k = 0; k < out->len; k++)
        if (out->data[k] == '\n')
            out->data[k] = ' ';
}

static void reply_error(struct github *github, const struct http_reply *reply, struct error *e)
{
    struct error ignored;
    struct str said = STR_INIT(STR_TEXT_MAX);
    json_t *body = json_load_reply(reply->body, reply->len, &ignored);
    int wait = http_retry_after(reply, loop_wall(github->loop));
    char code[32];
    const struct meaning *meaning = NULL;
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].status == reply->status)
            meaning = &meanings[i];
    text_format(code, sizeof code, "HTTP%d", reply->status);
    add_messages(&said, body);
    if (reply->status == 403 && is_used_up(github)) {
        set_used_up(github, e);
        wait = e->retry_after_ms;
    } else if (reply->status == 403 && (wait || text_contains(str_text(&said), "secondary rate limit"))) {
        wait = wait ? wait : UNTOLD_MS;
        error_set(e, ERROR_SERVICE, "RateLimited", "%s", str_text(&said));
    } else if (meaning) {
        error_set(e, reply->status == 401 ? ERROR_AUTH : ERROR_SERVICE, meaning->code, "%s%s%s%s", meaning->words, said.len ? " (" : "",
                  str_text(&said), said.len ? ")" : "");
    } else {
        error_set(e, ERROR_SERVICE, code, "%s", str_text(&said));
    }
    e->status = reply->status;
    e->retry_after_ms = reply->status == 429 && !wait ? UNTOLD_MS : wait;
    const char *id = http_header_of(reply, "x-github-request-id");
    text_clean(e->request_id, sizeof e->request_id, id ? id : "", id ? strlen(id) : 0);
    str_free(&said);
    json_decref(body);
}

/* Calls. */

static void send_now(void *arg);

static json_t *rows_of(const struct github_call *call, json_t *document) { return *call->list ? json_object_get(document, call->list) : document; }

/* Joins a page to those before; what the first one says beside its rows stands. */
static bool join(struct github_call *call, json_t *page)
{
    json_t *rows = rows_of(call, page);
    if (!json_is_array(rows))
        return false;
    if (!call->document)
        call->document = json_deep_copy(page); /* the page itself may be kept for its ETag */
    else
        json_array_extend(rows_of(call, call->document), rows);
    rows = rows_of(call, call->document);
    while (call->max > 0 && json_array_size(rows) > (size_t)call->max)
        json_array_remove(rows, json_array_size(rows) - 1);
    return true;
}

static void got_document(struct github_call *call, json_t *document, const char *next)
{
    struct error e = {0};
    if (!call->list) {
        end(call, document, NULL);
        return;
    }
    if (!join(call, document)) {
        error_set(&e, ERROR_PROTOCOL, "BadReply", "GitHub's reply has no list %s", call->list);
        end(call, NULL, &e);
        return;
    }
    bool full = call->max > 0 && json_array_size(rows_of(call, call->document)) >= (size_t)call->max;
    if (!next || full || ++call->pages >= PAGES_MAX) {
        end(call, call->document, NULL);
        return;
    }
    char *url = mem_strdup(next);
    free(call->url);
    call->url = url;
    retry_init(&call->retry, &call->github->bucket, ATTEMPTS);
    send_now(call);
}

static void got_reply(struct github_call *call, const struct http_reply *reply)
{
    struct github *github = call->github;
    struct error e = {0};
    struct kept *kept = reply->status == 304 ? kept_find(github, call->url) : NULL;
    if (kept) {
        json_t *document = json_incref(kept->document);
        char *next = mem_strdup(kept->next);
        got_document(call, document, next);
        json_decref(document);
        free(next);
        return;
    }
    json_t *document = json_load_reply(reply->body, reply->len, &e);
    if (!document) {
        end(call, NULL, &e);
        return;
    }
    char *next = next_link(github, http_header_of(reply, "link"));
    if (!call->write)
        keep(github, call->url, http_header_of(reply, "etag"), next, document);
    got_document(call, document, next);
    free(next);
    json_decref(document);
}

/* A repository that was renamed or given away is still found under its old name. What changes something does not follow: it is told. */
static bool follow(struct github_call *call, const struct http_reply *reply)
{
    const char *to = http_header_of(reply, "location");
    bool moved = reply->status == 301 || reply->status == 302 || reply->status == 307 || reply->status == 308;
    if (!moved || call->write || !to || !is_own(call->github, to) || call->moves == MOVES_MAX)
        return false;
    char *url = mem_strdup(to);
    free(call->url);
    call->url = url;
    call->moves++;
    send_now(call);
    return true;
}

static void answered(void *arg, const struct http_reply *reply, const struct error *error)
{
    struct github_call *call = arg;
    struct error e = {0};
    int64_t wait;
    call->sent = NULL;
    if (reply)
        note_limit(call->github, reply);
    if (reply && follow(call, reply))
        return;
    if (reply && reply->status != 304 && (reply->status < 200 || reply->status > 299)) {
        reply_error(call->github, reply, &e);
        error = &e;
    }
    if (!error) {
        retry_success(&call->retry);
        got_reply(call, reply);
    } else if (!call->write && retry_again(&call->retry, error, &wait)) {
        call->timer = loop_after(call->github->loop, wait, send_now, call);
    } else {
        log_line(call->github->log, "github", "%s: %s", error->code, error->message);
        end(call, NULL, error);
    }
}

static void send_now(void *arg)
{
    struct github_call *call = arg;
    struct github *github = call->github;
    struct error e = {0};
    call->timer = NULL;
    if (!github->token)
        error_set(&e, ERROR_AUTH, "NoToken", "no token for GitHub: set GITHUB_TOKEN or GH_TOKEN");
    else if (is_used_up(github))
        set_used_up(github, &e);
    if (e.kind != ERROR_NONE) {
        end(call, NULL, &e);
        return;
    }
    struct str bearer = STR_INIT(TOKEN_MAX + 16);
    const struct kept *kept = call->write ? NULL : kept_find(github, call->url);
    str_addf(&bearer, "Bearer %s", github->token);
    struct http_header headers[] = {{"authorization", str_text(&bearer)},
                                    {"accept", "application/vnd.github+json"},
                                    {"x-github-api-version", "2022-11-28"},
                                    {kept ? "if-none-match" : call->body ? "content-type" : NULL, kept ? kept->etag : "application/json"},
                                    {0}};
    struct http_request request = {.method = call->write ? "POST" : "GET",
                                   .url = call->url,
                                   .headers = headers,
                                   .body = call->body,
                                   .body_len = call->body ? strlen(call->body) : 0,
                                   .total_timeout_ms = 30000,
                                   .max_reply = REPLY_MAX,
                                   .compressed = true,
                                   .once = call->write,
                                   .label = "github"};
    call->sent = http_send(github->http, &request, NULL, answered, call);
    str_wipe(&bearer);
}

/* On the next pass: the caller must have its handle before anything can fail. */
static struct github_call *call_new(struct github *github, const char *path, github_done *done, void *arg)
{
    struct github_call *call = mem_new(sizeof *call);
    struct str url = STR_INIT(PATH_LIMIT);
    str_addf(&url, "%s%s", github->api, path);
    *call = (struct github_call){.github = github, .next = github->calls, .url = mem_strdup(str_text(&url)), .done = done, .arg = arg};
    str_free(&url);
    retry_init(&call->retry, &github->bucket, ATTEMPTS);
    if (call->next)
        call->next->previous = call;
    github->calls = call;
    call->timer = loop_after(github->loop, 0, send_now, call);
    return call;
}

struct github_call *github_get(struct github *github, const char *path, const char *list, int max_items, github_done *done, void *arg)
{
    struct github_call *call = call_new(github, path, done, arg);
    call->list = mem_strdup(list);
    call->max = max_items;
    return call;
}

void github_cancel(struct github_call *call)
{
    if (call)
        call_free(call);
}

/* "/repos/OWNER/NAME" and what follows; the names encoded, the slash between them kept. */
static void repository_path(struct str *out, const char *repository, const char *rest)
{
    *out = STR_INIT(PATH_LIMIT);
    str_adds(out, "/repos/");
    percent_add(out, repository, strlen(repository), true);
    str_adds(out, rest);
}

static struct github_call *get_of(struct github *github, struct str *path, const char *list, int max, github_done *done, void *arg)
{
    struct github_call *call = github_get(github, str_text(path), list, max, done, arg);
    str_free(path);
    return call;
}

struct github_call *github_runs(struct github *github, const char *repository, const char *status, int max, github_done *done, void *arg)
{
    struct str path;
    repository_path(&path, repository, "/actions/runs?");
    if (status) {
        str_adds(&path, "status=");
        percent_add(&path, status, strlen(status), false);
        str_addc(&path, '&');
    }
    str_addf(&path, "per_page=%d", max > 0 && max < 100 ? max : 100);
    return get_of(github, &path, "workflow_runs", max, done, arg);
}

static struct github_call *get_of_run(struct github *github, const char *repository, int64_t run, const char *rest, const char *list, int max,
                                      github_done *done, void *arg)
{
    struct str path;
    repository_path(&path, repository, "/actions/runs/");
    str_addf(&path, "%lld%s", (long long)run, rest);
    return get_of(github, &path, list, max, done, arg);
}

struct github_call *github_run(struct github *github, const char *repository, int64_t run, github_done *done, void *arg)
{
    return get_of_run(github, repository, run, "", NULL, 0, done, arg);
}

struct github_call *github_pending(struct github *github, const char *repository, int64_t run, github_done *done, void *arg)
{
    return get_of_run(github, repository, run, "/pending_deployments", NULL, 0, done, arg);
}

struct github_call *github_reviews(struct github *github, const char *repository, int64_t run, github_done *done, void *arg)
{
    return get_of_run(github, repository, run, "/approvals", NULL, 0, done, arg);
}

struct github_call *github_jobs(struct github *github, const char *repository, int64_t run, github_done *done, void *arg)
{
    return get_of_run(github, repository, run, "/jobs?per_page=100", "jobs", 300, done, arg);
}

struct github_call *github_compare(struct github *github, const char *repository, const char *base, const char *head, int max, github_done *done,
                                   void *arg)
{
    struct str path;
    repository_path(&path, repository, "/compare/");
    percent_add(&path, base, strlen(base), false);
    str_adds(&path, "...");
    percent_add(&path, head, strlen(head), false);
    str_addf(&path, "?per_page=%d", max > 0 && max < 100 ? max : 100);
    return get_of(github, &path, "commits", max, done, arg);
}

struct github_call *github_review(struct github *github, const char *repository, int64_t run, int64_t environment, bool approved, const char *comment,
                                  github_done *done, void *arg)
{
    struct str path;
    repository_path(&path, repository, "/actions/runs/");
    str_addf(&path, "%lld/pending_deployments", (long long)run);
    struct github_call *call = call_new(github, str_text(&path), done, arg);
    json_t *body = json_pack("{s:[I], s:s, s:s}", "environment_ids", (json_int_t)environment, "state", approved ? "approved" : "rejected", "comment",
                             comment);
    call->write = true;
    call->body = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    str_free(&path);
    return call;
}
