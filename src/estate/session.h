/* An account's role session: who we are there, and until when. */
#ifndef TRIVET_ESTATE_SESSION_H
#define TRIVET_ESTATE_SESSION_H

#include <stdint.h>

enum session_state { SESSION_NEVER, SESSION_LOADING, SESSION_MFA, SESSION_READY, SESSION_FAILED };
const char *session_state_name(enum session_state state);

struct session {
    enum session_state state;
    int64_t expires_at;    /* wall ms; 0: does not expire or not known */
    char account_id[16];   /* as GetCallerIdentity says; "" until known */
    char arn[256];
    char source[80];
    char mfa_serial[160];  /* while state is SESSION_MFA */
    char refused[240];     /* what was said to the last code, while another one is asked for; "" to the first */
};

#endif
