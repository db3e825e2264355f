/* The audit log, STATE/audit.jsonl: what was done or refused, by whom and why. One JSON object a line, each bound to the one before by its hash, so
 * that a line that was changed, taken out, moved or added is found. Only appended to, 0600, locked while written, synced. STATE/audit.head holds
 * number and hash of the newest record, so that a cut end is found too. What it cannot stop: whoever may write as this user can make the whole of
 * it anew.
 *
 * Each record has seq (1…), at (ISO, ms, UTC), prev (the hash of the record before; 64 zeros in the first), the caller's members, and hash: SHA-256
 * in hex of the line without hash, as compact ASCII JSON with sorted keys. doc/audit.schema.json says more. */
#ifndef TRIVET_ACTIONS_AUDIT_H
#define TRIVET_ACTIONS_AUDIT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define AUDIT_LINE_MAX ((size_t)256 << 10)

/* False with why, and then the action must not go on: what cannot be recorded is not done. Makes STATE and the file if need be. A line that a crash
 * has left cut is ended first, and the chain goes on from the last whole record; records that are missing at the end stay missing to whoever
 * verifies. */
bool audit_append(const char *state_dir, int64_t now_ms, json_t *take_record, struct error *e);

struct audit_report {
    uint64_t lines;   /* in the file */
    uint64_t newest;  /* the last sound record's number; 0: none */
    uint64_t broken;  /* the first line that is not as it was written, lines + 1 if the end is missing; 0: the log is whole */
    char why[300];    /* of broken, in words */
};
/* False with e if it could not be read. No log at all is whole. */
bool audit_verify(const char *state_dir, struct audit_report *out, struct error *e);

/* Each line in turn; record NULL for one that is none. Says nothing about the chain. */
typedef void audit_each(void *arg, uint64_t line, const json_t *record);
bool audit_read(const char *state_dir, audit_each *each, void *arg, struct error *e);

#endif
