/* Digests and their spellings, over OpenSSL. */
#ifndef TRIVET_BASE_DIGEST_H
#define TRIVET_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define SHA256_SIZE 32
#define SHA256_HEX_SIZE 65

void digest_sha256_hex(const void *data, size_t len, char out[SHA256_HEX_SIZE]);
void digest_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len, uint8_t out[SHA256_SIZE]);
void digest_sha1_hex(const void *data, size_t len, char out[41]); /* only for names of SSO cache files */
void digest_hex(const uint8_t *data, size_t len, char *out);       /* writes 2*len+1 bytes, lower case */
int hex_digit(char c);                                             /* either case; -1 if it is none */

bool base64_add(struct str *out, const void *data, size_t len);           /* standard, padded */
bool base64url_add(struct str *out, const void *data, size_t len);        /* URL-safe, unpadded */
bool base64_decode(const char *text, size_t len, struct str *out);        /* either alphabet, padding optional */

/* RFC 3986: everything but A-Z a-z 0-9 - _ . ~ is written %XX; '/' too unless keep_slash. */
bool percent_add(struct str *out, const char *text, size_t len, bool keep_slash);
bool percent_decode(const char *text, size_t len, bool plus_is_space, struct str *out);

/* Random bytes from the system, for idempotency tokens and session names. */
void random_bytes(void *out, size_t len);
void random_uuid(char out[37]); /* version 4 */

#endif
