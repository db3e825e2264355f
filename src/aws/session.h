/* Private to the client: sessions, and how calls wait for their keys. */
#ifndef TRIVET_AWS_SESSION_H
#define TRIVET_AWS_SESSION_H

#include "aws/credentials.h"
#include "base/vec.h"

struct session_waiter {
    void (*ready)(void *arg, const struct error *error); /* error NULL: session_keys() has them */
    void *arg;
    struct session_waiter *next;
};

struct aws {
    struct aws_core core;
    VEC(struct aws_session *) sessions;
    void (*changed)(void *arg, struct aws_session *session);
    void *changed_arg;
    struct aws_call *calls; /* under way: a list through call->next */
};

struct aws_session {
    struct aws *aws;
    struct aws_role role;    /* texts owned; role_arn NULL for the base session */
    enum aws_session_state state;
    struct aws_keys keys;
    char source[160];
    char arn[256];           /* of the assumed role */
    char mfa_serial[160];    /* asked for now */
    struct error error;
    int64_t retry_at;        /* monotonic ms: no new try before it */
    bool declined;
    struct credentials *finding; /* base */
    struct exchange *assuming;   /* role */
    struct session_waiter base_wait;
    bool waits_for_base, base_renewed;
    char *mfa_code;
    struct loop_timer *timer; /* `soon` is told */
    struct error soon;
    struct session_waiter *waiters;
    struct rate *rates;      /* one a service of the table */
};

/* The keys if they may be used now; NULL: wait for them. */
const struct aws_keys *session_keys(struct aws_session *session);
/* Tells `waiter` once, never before it returns. False, with the error, if the session failed moments ago and is not tried again yet. */
bool session_wait(struct aws_session *session, struct session_waiter *waiter, struct error *e);
void session_unwait(struct aws_session *session, struct session_waiter *waiter);
/* Is that what services say of keys whose time is up? NULL is not. */
bool session_is_over(const struct error *error);
/* A service has refused these keys as expired: forget them, unless newer ones are here already. */
void session_expired(struct aws_session *session, const struct aws_keys *used);
struct rate *session_rate(struct aws_session *session, const char *service);
const char *session_region(const struct aws_session *session);
void session_free(struct aws_session *session);

#endif
