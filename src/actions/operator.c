/* The operator role: assumed when an action begins, its keys wiped when it ends. */
#include <string.h>

#include "actions/engine.h"
#include "base/json.h"
#include "base/text.h"

static struct aws_session *operator_session(struct actions *actions, size_t account)
{
    const struct account_config *config = actions->options.estate->accounts[account].config;
    char arn[2048];
    if (!config->operator_role)
        return actions->options.session(actions->options.arg, account);
    if (!actions->operators[account]) {
        struct aws_role role = {.role_arn = account_role_arn(config, config->operator_role, arn, sizeof arn),
                                .external_id = config->external_id,
                                .session_name = config->session_name,
                                .mfa_serial = config->mfa_serial,
                                .region = config->region};
        actions->operators[account] = aws_session_assume(actions->options.aws, &role);
    }
    return actions->operators[account];
}

static void open_cluster(struct action *a)
{
    const struct account_config *config = a->account->config;
    struct kube_options options = {.name = config->cluster.name,
                                   .server = config->cluster.server,
                                   .ca_file = config->cluster.ca_file,
                                   .token_file = config->cluster.token_file,
                                   .context = config->cluster.context,
                                   .session = a->operator_session,
                                   .region = config->region,
                                   .log = a->engine->options.log};
    a->kube = kube_new(a->engine->options.loop, a->engine->options.http, &options);
}

static void run_steps(struct action *a)
{
    a->state = ACTION_RUNNING;
    action_touch(a);
    action_advance(a);
}

void action_begun(struct action *a, const struct error *error)
{
    if (!error) {
        run_steps(a);
        return;
    }
    a->error = *error;
    action_finish(a, OUTCOME_FAILED);
}

static void has_identity(struct action *a)
{
    if ((a->type->needs & (NEEDS_CLUSTER | USES_CLUSTER)) && a->account->config->cluster.name)
        open_cluster(a);
    if (a->type->begin)
        a->type->begin(a);
    else
        run_steps(a);
}

static void got_identity(void *arg, json_t *output, const struct error *error)
{
    struct action *a = arg;
    const char *account = json_text_or(output, "Account", "?"), *wanted = a->account->config->id;
    struct error wrong = {0};
    a->identity = NULL;
    if (!error && strcmp(account, wanted) != 0) { /* a role's ARN, or credentials, of another account than the one that was confirmed */
        error_set(&wrong, ERROR_INPUT, "WrongAccount", "nothing was called: the operator is of account %s, the profile says %s", account, wanted);
        error = &wrong;
    }
    if (error) {
        action_begun(a, error);
        return;
    }
    text_clean(a->operator_arn, sizeof a->operator_arn, json_text_or(output, "Arn", ""), strlen(json_text_or(output, "Arn", "")));
    if (action_note(a, json_pack("{s:s, s:s}", "event", "operator", "arn", a->operator_arn)))
        has_identity(a);
}

void operator_start(struct action *a)
{
    a->state = ACTION_STARTING;
    action_touch(a);
    if (!(a->type->needs & (NEEDS_OPERATOR | NEEDS_CLUSTER))) {
        has_identity(a);
        return;
    }
    a->operator_session = operator_session(a->engine, a->target.account);
    a->identity = aws_call(a->operator_session, "sts", "GetCallerIdentity", NULL, NULL, got_identity, a);
}

const char *action_wants_mfa(const struct action *a)
{
    struct aws_session_info info;
    if (a->state != ACTION_STARTING || !a->operator_session)
        return NULL;
    aws_session_look(a->operator_session, &info);
    return info.state == AWS_SESSION_MFA ? info.mfa_serial : NULL;
}

const char *action_mfa_refused(const struct action *a, char *out, size_t size)
{
    struct aws_session_info info = {0};
    if (action_wants_mfa(a))
        aws_session_look(a->operator_session, &info);
    text_copy(out, size, info.error.message);
    return out;
}

void action_mfa(struct action *a, const char *code)
{
    if (action_wants_mfa(a))
        aws_session_mfa(a->operator_session, code);
    action_touch(a);
}

static bool in_use(const struct actions *actions, const struct aws_session *session)
{
    for (size_t i = 0; i < actions->list.len; i++)
        if (actions->list.at[i]->operator_session == session)
            return true;
    return false;
}

void operator_sweep(struct actions *actions)
{
    loop_cancel(actions->options.loop, actions->sweep);
    actions->sweep = NULL;
    for (size_t i = 0; i < actions->ended_kubes.len; i++)
        kube_free(actions->ended_kubes.at[i]);
    vec_free(&actions->ended_kubes);
}

static void sweep(void *arg)
{
    struct actions *actions = arg;
    actions->sweep = NULL;
    operator_sweep(actions);
}

/* The answer by which an action ends may be one of its cluster's, whose client is still in the middle of telling it. */
static void bury(struct actions *actions, struct kube *kube)
{
    if (!kube)
        return;
    *vec_add(&actions->ended_kubes) = kube;
    if (!actions->sweep)
        actions->sweep = loop_after(actions->options.loop, 0, sweep, actions);
}

void operator_end(struct action *a)
{
    struct aws_session *session = a->operator_session;
    aws_cancel(a->identity);
    bury(a->engine, a->kube);
    a->identity = NULL;
    a->kube = NULL;
    a->operator_session = NULL;
    if (session && session == a->engine->operators[a->target.account] && !in_use(a->engine, session))
        aws_session_forget(session);
}
