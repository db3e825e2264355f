/* Who sends a request: Signature Version 4 in headers or in the query, verified as the services do; and the role sessions
 * that were given out. This is the server's side of SigV4, written apart from the client's. */
#ifndef TRIVET_SIM_AUTH_H
#define TRIVET_SIM_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "sim/scenario.h"

struct auth;

/* A request as far as a signature covers it. */
struct auth_input {
    const char *method, *path, *query, *body; /* path and query as sent */
    size_t body_len;
    /* Appends the value of a header (lower-case name; several joined by ','); false if absent. */
    bool (*header)(const void *context, const char *name, struct str *value);
    const void *context;
};

/* The credential scope, before anything is verified. */
struct auth_scope {
    char key[132], date[12], region[32], service[40];
    bool presigned;
};

struct identity {
    size_t account;          /* in the scenario */
    const struct role *role; /* NULL: the base user */
    const texts *allow;
    char arn[300], user_id[160];
};

enum auth_result {
    AUTH_OK,
    AUTH_MISSING,       /* no signature at all */
    AUTH_INCOMPLETE,    /* its parts are not all there */
    AUTH_UNKNOWN_KEY,
    AUTH_BAD_SIGNATURE,
    AUTH_SKEWED,        /* signed at a time too far from ours */
    AUTH_EXPIRED,       /* the session has ended */
    AUTH_BAD_TOKEN,     /* the session token is not this key's */
    AUTH_RESULTS,
};

struct auth *auth_new(const struct scenario *scenario);
void auth_free(struct auth *auth);

bool auth_scope_read(const struct auth_input *input, struct auth_scope *scope); /* false: no credential, or not of the right form */
/* `wall` is the true time (signatures), `now` the simulated one (sessions), both ms. Unless AUTH_OK, `message` says why in the
 * service's words. presigned_ms: how long after its date a presigned request counts; 0: as it says itself. */
enum auth_result auth_verify(struct auth *auth, const struct auth_input *input, int64_t wall, int64_t now, int64_t presigned_ms, struct identity *who,
                             struct str *message);

/* A new role session. Borrowed texts, void at the next one. */
struct auth_keys {
    const char *key, *secret, *token;
    struct identity who;
};
void auth_assume(struct auth *auth, size_t account, const struct role *role, const char *session, int64_t expires, struct auth_keys *out);

bool auth_matches(const texts *actions, const char *service, const char *operation); /* "rds:Describe*" */
bool auth_may(const struct identity *who, const char *service, const char *operation);
/* Whether the role's trust policy names this identity. */
bool auth_trusts(const struct scenario *scenario, const struct role *role, const struct identity *who);
const struct role *role_find(const struct account *account, const char *name);

#endif
