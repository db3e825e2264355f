/* Who we are in each account: the role session, and GetCallerIdentity to prove it. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "feeds/internal.h"

static void fill(const struct feed_run *run, struct session *out)
{
    static const enum session_state states[] = {[AWS_SESSION_NEVER] = SESSION_NEVER,
                                                [AWS_SESSION_LOADING] = SESSION_LOADING,
                                                [AWS_SESSION_MFA] = SESSION_MFA,
                                                [AWS_SESSION_READY] = SESSION_READY,
                                                [AWS_SESSION_FAILED] = SESSION_FAILED};
    struct aws_session_info info;
    aws_session_look(run->session, &info);
    out->state = states[info.state];
    out->expires_at = info.expires_at;
    text_copy(out->source, sizeof out->source, info.source ? info.source : "");
    text_copy(out->mfa_serial, sizeof out->mfa_serial, info.mfa_serial ? info.mfa_serial : "");
    *out->refused = '\0';
    if (info.state == AWS_SESSION_MFA && info.error.kind != ERROR_NONE)
        error_text(&info.error, out->refused, sizeof out->refused);
}

void session_changed(struct feed_run *run)
{
    struct estate *e = feeds_estate(run->feeds);
    struct session session = e->accounts[run->account].session;
    fill(run, &session);
    session_set(e, run->account, &session, loop_wall(feeds_loop(run->feeds)));
}

static void answered(void *arg, json_t *output, const struct error *error)
{
    struct feed_run *run = arg;
    struct estate *e = feeds_estate(run->feeds);
    run->state = NULL;
    struct session session = e->accounts[run->account].session;
    fill(run, &session);
    if (output) {
        const char *arn = json_text_or(output, "Arn", ""), *id = json_text_or(output, "Account", "");
        text_clean(session.arn, sizeof session.arn, arn, strlen(arn));
        text_clean(session.account_id, sizeof session.account_id, id, strlen(id));
    } else if (feed_is_asked_for(run)) {
        session.state = SESSION_FAILED;
    }
    session_set(e, run->account, &session, loop_wall(feeds_loop(run->feeds)));
    if (error) {
        feed_failed(run, error);
    } else if (strcmp(session.account_id, run->config->id) != 0) {
        struct error wrong = {0};
        error_set(&wrong, ERROR_INPUT, WRONG_ACCOUNT, "the credentials are for %s, the profile says %s", session.account_id, run->config->id);
        feed_failed(run, &wrong);
    } else {
        feed_good(run);
    }
}

static void start(struct feed_run *run) { run->state = aws_call(run->session, "sts", "GetCallerIdentity", NULL, NULL, answered, run); }

static void stop(struct feed_run *run)
{
    aws_cancel(run->state);
    run->state = NULL;
}

const struct feed_type feed_session = {.feed = FEED_SESSION, .interval_ms = 300000, .focus_ms = 60000, .start = start, .stop = stop};
