/* The credential chain: environment, the shared config's profile (role_arn with source_profile or credential_source, web identity,
 * sso_session, static keys, credential_process), web identity from the environment, container endpoint, IMDSv2.
 * Source: "Standardized credential providers", AWS SDKs and Tools Reference Guide. */
#ifndef TRIVET_AWS_CREDENTIALS_H
#define TRIVET_AWS_CREDENTIALS_H

#include "aws/exchange.h"

struct credentials; /* one search under way */

struct credentials_handler {
    /* keys are borrowed, NULL on error. NoCredentials lists each source and why it was passed over. Ends the search. */
    void (*done)(void *arg, const struct aws_keys *keys, const char *source, const struct error *error);
    /* The profile's role wants a code of this device: give it with credentials_mfa(). `refused`: what STS said to the last one, or NULL. */
    void (*mfa)(void *arg, const char *serial, const struct error *refused);
};

/* Never calls back before it returns. `handler` stays the caller's. */
struct credentials *credentials_find(struct aws_core *core, const struct credentials_handler *handler, void *arg);
void credentials_mfa(struct credentials *c, const char *code); /* NULL: declined, ends in MFADeclined */
void credentials_cancel(struct credentials *c);                /* NULL is fine */

/* Keys from {"AccessKeyId", "SecretAccessKey", "SessionToken" or "Token", "Expiration"}: STS replies, credential_process, containers, IMDS. */
bool keys_from_json(const json_t *tree, struct aws_keys *keys);
/* trivet-<user>, as roles' sessions are named. */
const char *usual_session_name(char *out, size_t size);

#endif
