/* What somebody changes on GitHub: an environment and its rules, by who administers the repository; and a workflow that is run by hand. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "sim/github_call.h"

/* Environments. */

static bool administers(struct github_call *c)
{
    if (!c->me->admin)
        github_refuse(c, 403, "Must have admin rights to Repository.", NULL);
    return c->me->admin;
}

static const struct github_user *user_by_id(const struct github_sim *g, int64_t id)
{
    for (size_t i = 0; i < g->users.len; i++)
        if (g->users.at[i].id == id)
            return &g->users.at[i];
    return NULL;
}

static bool reviewers_good(struct github_call *c, const json_t *reviewers)
{
    size_t i;
    json_t *one;
    json_array_foreach(reviewers, i, one)
        if (strcmp(json_text_or(one, "type", ""), "User") != 0 || !user_by_id(c->g, json_int(one, "id", 0))) {
            github_refuse(c, 422, "Validation Failed", json_pack("[s]", "Could not resolve to a node with the global id of a reviewer"));
            return false;
        }
    return true;
}

static struct github_environment *environment_called(struct github_sim *g, const char *name)
{
    for (size_t i = 0; i < g->environments.len; i++)
        if (text_same_case(g->environments.at[i].name, name))
            return &g->environments.at[i];
    return NULL;
}

/* What is not said is taken away. */
static void put_environment(struct github_call *c, const char *name)
{
    struct error ignored;
    json_t *body = c->request->body_len ? json_load(c->request->body, c->request->body_len, &ignored) : json_object(), *one;
    struct github_environment *e = environment_called(c->g, name);
    size_t i;
    if (!json_is_object(body)) {
        github_refuse(c, 400, "Problems parsing JSON", NULL);
    } else if (reviewers_good(c, json_object_get(body, "reviewers"))) {
        if (!e) {
            e = vec_add(&c->g->environments);
            *e = (struct github_environment){.name = mem_strdup(name), .id = 161171780 + (int64_t)c->g->environments.len * 7};
        }
        e->wait = json_int(body, "wait_timer", 0) * 60000;
        e->no_self_review = json_flag(body, "prevent_self_review", false);
        for (i = 0; i < e->reviewers.len; i++)
            free(e->reviewers.at[i]);
        vec_clear(&e->reviewers);
        json_array_foreach(json_object_get(body, "reviewers"), i, one)
            *vec_add(&e->reviewers) = mem_strdup(user_by_id(c->g, json_int(one, "id", 0))->login);
        c->answer = github_json_environment(c->g, &c->links, e);
    }
    json_decref(body);
}

void github_change_environment(struct github_call *c, const char *name)
{
    if (!administers(c))
        return;
    if (strcmp(c->request->method, "PUT") == 0)
        put_environment(c, name);
    else
        github_not_found(c);
}

/* Workflows. */

static void dispatch(struct github_call *c)
{
    struct error ignored;
    json_t *body = json_load(c->request->body, c->request->body_len, &ignored);
    const char *ref = json_text(body, "ref");
    if (!json_is_object(body))
        github_refuse(c, 400, "Problems parsing JSON", NULL);
    else if (!ref)
        github_wrong_input(c, "\"ref\" wasn't supplied.");
    else if (c->me->reads_only)
        github_refuse(c, 403, "Must have write access to Repository.", NULL);
    else if (strcmp(ref, c->g->default_branch) != 0)
        github_refuse(c, 422, "No ref found for: it is no branch of the repository", NULL);
    else {
        github_dispatch(c->g, c->me, json_object_get(body, "inputs"));
        reply_status(c->reply, 204);
    }
    json_decref(body);
}

void github_workflow(struct github_call *c, const char *rest)
{
    const char *file = text_after_last(c->g->workflow_path, '/');
    char id[24], name[200];
    text_format(id, sizeof id, "%lld", (long long)c->g->workflow_id);
    text_format(name, sizeof name, "%.*s", (int)strcspn(rest, "/"), rest);
    const char *what = rest + strlen(name);
    if (strcmp(name, id) != 0 && strcmp(name, file) != 0)
        github_not_found(c);
    else if (!*what && strcmp(c->request->method, "GET") == 0)
        c->answer = github_json_workflow(c->g, &c->links);
    else if (strcmp(what, "/dispatches") == 0 && strcmp(c->request->method, "POST") == 0)
        dispatch(c);
    else
        github_not_found(c);
}
