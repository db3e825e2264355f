/* The journal of one running action, STATE/journal/ID.jsonl: what it planned, what it is about to call, what came of it. Each event is on the disk
 * before the function returns, so that after a crash it is known what may have been done. It is there as long as the action is not over; the audit
 * log keeps the history. Whoever carries the action on holds the file by flock: another console sees which journals belong to nobody. */
#ifndef TRIVET_ACTIONS_JOURNAL_H
#define TRIVET_ACTIONS_JOURNAL_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"

struct journal;

/* take_plan: the first event's members; "event": "plan" is added. The file appears under its name with the whole plan in it, held, or not at all.
 * NULL with why. An id has letters, digits, - and _ only. */
struct journal *journal_begin(const char *state_dir, const char *id, json_t *take_plan, struct error *e);
/* take_event: an object with "event": "intent", "result"… False: it is not on the disk, and the action must not go on. */
bool journal_note(struct journal *journal, json_t *take_event, struct error *e);
/* Writes "event": "end" with these members (NULL: none), removes the file and frees. False: the file stays, and the action will be seen as
 * unfinished. */
bool journal_end(struct journal *journal, json_t *take_event, struct error *e);
void journal_free(struct journal *journal); /* leaves the file, to be resumed; NULL is fine */

/* Takes up one that nobody holds. *events: an array of what was noted, the caller's; an event that a crash has cut is dropped from the file too:
 * what it was about was not begun. NULL with why. */
struct journal *journal_open(const char *state_dir, const char *id, json_t **events, struct error *e);

struct journal_found {
    const char *id;
    bool held;            /* somebody carries it on, maybe this process */
    const json_t *events; /* the first is the plan; NULL: it cannot be read, and `error` tells why */
    const struct error *error;
};
/* Unfinished ones, in the order of their names. One that a crash has left after its end is removed instead. False with e if they cannot be listed. */
typedef void journal_each(void *arg, const struct journal_found *found);
bool journal_list(const char *state_dir, journal_each *each, void *arg, struct error *e);

#endif
