/* What steps ask of the clients: AWS and the cluster as the operator, GitHub with its token. One call at a time for each step. */
#include "actions/engine.h"
#include "aws/write.h"
#include "github/write.h"
#include "kube/write.h"

static void end_look(struct step *s, const json_t *output, const struct error *error)
{
    if (error)
        step_unseen(s, error);
    else
        s->got(s->action, s, output);
}

/* As the services say that there is no such thing. */
static bool is_absence(const struct error *e)
{
    return error_is(e, "ResourceNotFoundException") || error_is(e, "DBInstanceNotFound") || error_is(e, "DBInstanceNotFoundFault");
}

static void looked_aws(void *arg, json_t *output, const struct error *error)
{
    struct step *s = arg;
    s->aws = NULL;
    end_look(s, output, error && s->or_none && is_absence(error) ? NULL : error);
}

static void look_aws(struct step *s, const char *service, const char *operation, json_t *take_input, const char *region, bool or_none, step_got *got)
{
    struct aws_call_options options = {.region = region, .all_pages = true};
    s->got = got;
    s->or_none = or_none;
    s->aws = aws_call(s->action->operator_session, service, operation, take_input, &options, looked_aws, s);
    json_decref(take_input);
}

void step_look_aws(struct step *s, const char *service, const char *operation, json_t *take_input, const char *region, step_got *got)
{
    look_aws(s, service, operation, take_input, region, false, got);
}

void step_look_aws_or_none(struct step *s, const char *service, const char *operation, json_t *take_input, const char *region, step_got *got)
{
    look_aws(s, service, operation, take_input, region, true, got);
}

static void called_aws(void *arg, json_t *output, const char *request_id, const struct error *error)
{
    struct step *s = arg;
    s->aws = NULL;
    if (output && s->type->replied)
        s->type->replied(s->action, s, output);
    step_called(s, request_id, error);
}

void step_call_aws(struct step *s, const char *service, const char *operation, json_t *take_input, const char *region)
{
    struct aws_call_options options = {.region = region};
    s->aws = aws_call_write(s->action->operator_session, service, operation, take_input, &options, called_aws, s);
    json_decref(take_input);
}

static void looked_kube(void *arg, json_t *object, const struct error *error)
{
    struct step *s = arg;
    s->kube = NULL;
    end_look(s, object, error && error->status == 404 ? NULL : error);
}

void step_look_kube(struct step *s, const char *path, step_got *got)
{
    s->got = got;
    s->kube = kube_get(s->action->kube, path, looked_kube, s);
}

static void called_kube(void *arg, json_t *object, const char *request_id, const struct error *error)
{
    struct step *s = arg;
    (void)object;
    s->kube = NULL;
    step_called(s, request_id, error);
}

void step_patch_kube(struct step *s, const char *path, json_t *take_body)
{
    s->kube = kube_patch(s->action->kube, path, KUBE_MERGE_PATCH, take_body, called_kube, s);
    json_decref(take_body);
}

void step_delete_kube(struct step *s, const char *path, json_t *take_options)
{
    s->kube = kube_delete(s->action->kube, path, take_options, called_kube, s);
    json_decref(take_options);
}

static void looked_github(void *arg, json_t *document, const struct error *error)
{
    struct step *s = arg;
    s->github = NULL;
    end_look(s, document, error);
}

void step_look_github(struct step *s, const char *path, step_got *got)
{
    s->got = got;
    s->github = github_get(s->action->engine->options.github, path, NULL, 0, looked_github, s);
}

static void called_github(void *arg, json_t *document, const struct error *error)
{
    struct step *s = arg;
    (void)document;
    s->github = NULL;
    step_called(s, NULL, error);
}

void step_review_github(struct step *s, const char *repository, int64_t run, int64_t environment, bool approved, const char *comment)
{
    s->github = github_review(s->action->engine->options.github, repository, run, environment, approved, comment, called_github, s);
}
