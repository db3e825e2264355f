/* What writing the audit log and verifying it share: one record, and the head. */
#ifndef TRIVET_ACTIONS_AUDIT_INTERNAL_H
#define TRIVET_ACTIONS_AUDIT_INTERNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/error.h"

#define AUDIT_LOCK_WAIT_MS 3000
#define AUDIT_BEGINNING    "0000000000000000000000000000000000000000000000000000000000000000" /* prev of the first record */
#define AUDIT_NO_OBJECT    "it is not a JSON object"

struct audit_place { /* a record's, in the chain */
    uint64_t seq;    /* 0: before the first */
    char hash[SHA256_HEX_SIZE];
};

bool audit_failed(struct error *e, const char *path, const char *why); /* false */
/* Of a record that may have one already. False if it cannot be written. */
bool audit_hash(const json_t *record, char out[SHA256_HEX_SIZE]);
/* Does the line stand as it was written? What it says of its place is for the caller to hold against the line before. NULL with why; else why is
 * "", and the caller has the record. */
json_t *audit_record(const char *line, size_t len, struct audit_place *at, char *why, size_t size);

enum audit_head { HEAD_NONE, HEAD_BAD, HEAD_READ };
enum audit_head audit_read_head(const char *state_dir, struct audit_place *out, struct error *e);

#endif
