/* Private to the credential chain: one search, and the sources it goes through (credentials_profile.c, credentials_remote.c). */
#ifndef TRIVET_AWS_CREDENTIALS_STEPS_H
#define TRIVET_AWS_CREDENTIALS_STEPS_H

#include "aws/credentials.h"
#include "base/str.h"
#include "base/vec.h"
#include "net/child.h"

struct credentials {
    struct aws_core *core;
    const struct credentials_handler *handler;
    void *arg;
    size_t source;          /* index of the source at work */
    bool named;             /* by credential_source: no other one is tried */
    struct str passed;      /* why the earlier ones were passed over */
    char source_name[128];
    struct aws_keys keys;
    struct error error;
    VEC(char *) roles;      /* profiles whose role_arn is still to be assumed; the last one first */
    char *secret;           /* IMDSv2 or container token */
    char *mfa_code;
    char profile[128];      /* whose SSO session or process is at work */
    char address[512];      /* IMDS base, container URL, SSO cache file */
    json_t *sso;            /* cached token */
    /* what is under way; one of them */
    struct loop_timer *timer;
    struct exchange *exchange;
    struct http_call *call;
    struct child *child;
};

bool source_environment(struct credentials *c);
bool source_profile(struct credentials *c);
bool source_web_identity(struct credentials *c);
bool source_container(struct credentials *c);
bool source_instance(struct credentials *c);

void passed_over(struct credentials *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
void credentials_good(struct credentials *c);  /* c->keys are filled in */
void credentials_failed(struct credentials *c, const struct error *error);
void credentials_fault(struct credentials *c, const char *code, const char *format, ...) __attribute__((format(printf, 3, 4)));
void next_source(struct credentials *c);
bool one_source(struct credentials *c, const char *name);

void assume_next(struct credentials *c);       /* credentials_role.c */
void assume_web_identity(struct credentials *c, const char *role_arn, const char *token_file, const char *session_name);
bool sso_start(struct credentials *c, const char *profile); /* credentials_sso.c */

#endif
