/* Signature Version 4, in stages that can be checked each by itself. Source: "AWS Signature Version 4 for API
 * requests", IAM User Guide. libcurl's AWS_SIGV4 cannot presign and its canonical form has bugs in released versions. */
#ifndef TRIVET_AWS_SIGV4_H
#define TRIVET_AWS_SIGV4_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/protocol.h"
#include "base/str.h"

struct aws_keys {
    char *access_key_id;
    char *secret_access_key;
    char *session_token;  /* NULL for long-lived keys */
    int64_t expires_at;   /* wall ms; 0: never */
};
void aws_keys_free(struct aws_keys *keys); /* wipes */
bool aws_keys_copy(struct aws_keys *to, const struct aws_keys *from);

struct sigv4 {
    const struct aws_keys *keys;
    const char *region;
    const char *service;   /* signing name */
    int64_t at;            /* wall ms, already corrected for skew */
    bool single_encode;    /* S3: path encoded once and not normalised */
    bool normalize;        /* false for S3 */
    bool sign_body_header; /* adds and signs x-amz-content-sha256 */
    bool omit_token;       /* session token is added after signing and not signed (a vector's option) */
};

/* Stages. Headers are those of `request` and must include host. `payload_hash` is hex, or UNSIGNED-PAYLOAD. */
bool sigv4_canonical_request(const struct sigv4 *s, const struct aws_request *request, const char *payload_hash, struct str *out);
bool sigv4_string_to_sign(const struct sigv4 *s, const char *canonical_request, struct str *out);
void sigv4_signature(const struct sigv4 *s, const char *string_to_sign, char out[65]);

/* Adds x-amz-date, x-amz-security-token and authorization to request->headers. */
bool sigv4_sign(const struct sigv4 *s, struct aws_request *request);
/* Puts the signature into request->query instead; every header present is signed. */
bool sigv4_presign(const struct sigv4 *s, struct aws_request *request, int64_t expires_s);

#endif
