/* Calls to AWS: `aws_call(session, "rds", "DescribeDBInstances", input, …)` behaves the same for every service:
 * credentials had and renewed, signed, rate-limited, retried, pages collected, errors typed.
 * A session is whose eyes we look with: the credential chain's own identity, or a role assumed from it.
 * Reading only: operations marked WRITE are refused here; actions/ calls them through aws/write.h. */
#ifndef TRIVET_AWS_CLIENT_H
#define TRIVET_AWS_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/log.h"
#include "net/http.h"
#include "net/loop.h"

struct aws;
struct aws_session;
struct aws_call;

struct aws_options {
    const char *region;  /* where nothing nearer says one; the profile's */
    const char *profile; /* AWS profile; NULL: AWS_PROFILE, then "default" */
    struct log *log;
};

/* Reads the environment and the shared config files when it is made. Never fails: what is wrong shows when credentials are asked for. */
struct aws *aws_new(struct loop *loop, struct http *http, const struct aws_options *options);
void aws_free(struct aws *aws); /* frees its sessions too; calls under way are cancelled */

struct aws_role {
    const char *role_arn;
    const char *external_id;  /* NULL if none */
    const char *session_name; /* NULL: trivet-<user> */
    int duration_s;           /* 0: 3600 */
    const char *mfa_serial;   /* NULL: no MFA */
    const char *region;       /* NULL: the options' */
};

/* Both are owned by `aws` and stand until aws_free(): make one for a role, not one for each use. The base session uses the credential chain as it
 * is. */
struct aws_session *aws_session_base(struct aws *aws);
struct aws_session *aws_session_assume(struct aws *aws, const struct aws_role *role);

enum aws_session_state {
    AWS_SESSION_NEVER,     /* nothing has asked for it yet */
    AWS_SESSION_LOADING,
    AWS_SESSION_MFA,       /* waits for aws_session_mfa() */
    AWS_SESSION_READY,
    AWS_SESSION_FAILED,    /* the next call tries again, no sooner than 15 s later */
};
struct aws_session_info {
    enum aws_session_state state;
    int64_t expires_at;      /* wall ms; 0 for long-lived keys */
    const char *source;      /* "environment", "profile dev (role_arn)", "AssumeRole"… */
    const char *mfa_serial;  /* while state is AWS_SESSION_MFA */
    const char *region;
    const char *arn;         /* of a role that was assumed, as STS says: "arn:aws:sts::…:assumed-role/ROLE/NAME". NULL: not known */
    struct error error;      /* while FAILED. No credentials: the message lists each source and why it was passed over */
};
void aws_session_look(const struct aws_session *session, struct aws_session_info *out);
/* Called whenever a session's state changes. One listener. */
void aws_on_session(struct aws *aws, void (*changed)(void *arg, struct aws_session *session), void *arg);
/* Six digits. A code that STS refuses brings AWS_SESSION_MFA back, with what it said in info.error. NULL: the person declined;
 * calls fail with MFADeclined from then on (nobody is asked again), until a code is given here after all. */
void aws_session_mfa(struct aws_session *session, const char *code);
/* Wipes the keys at once: for a role that is only held while it is needed. The session stays; its next call assumes the role anew, and asks for a
 * code again where one is wanted. Calls under way end with the keys that they have; one that still waits for keys brings new ones: cancel it
 * first. */
void aws_session_forget(struct aws_session *session);
/* Who declined is asked again, by the next call. */
void aws_session_ask_again(struct aws_session *session);

struct aws_call_options {
    const char *region; /* NULL: the session's */
    bool all_pages;     /* follow the paginator and hand over one output, its result lists joined */
    int max_items;      /* with all_pages: stop after so many; 0: 10,000 */
    bool some;          /* so many will do: aws_cut() does not tell that there are more */
};
/* Has a list been left off at max_items, though there is more of it? */
bool aws_cut(const json_t *output);

/* output is borrowed, NULL on error; error is NULL on success. Called once, never before aws_call returns, never after a cancel. */
typedef void aws_done(void *arg, json_t *output, const struct error *error);

/* `input` is borrowed (copied if needed later); NULL stands for {}. */
struct aws_call *aws_call(struct aws_session *session, const char *service, const char *operation, const json_t *input,
                          const struct aws_call_options *options, aws_done *done, void *arg);
void aws_cancel(struct aws_call *call); /* NULL is fine */

/* A bearer token for an EKS cluster: a presigned GetCallerIdentity of this session, good for about 15 minutes (renew at 10).
 * `token` is borrowed and wiped after the call. The handle is for aws_cancel(). */
typedef void aws_token_done(void *arg, const char *token, const struct error *error);
struct aws_call *aws_eks_token(struct aws_session *session, const char *cluster, const char *region, aws_token_done *done, void *arg);

#endif
