/* How far a release has come in a cluster: judged from the estate's rows, which the watches keep live, and from what stood there when it was planned.
 * A table of pods tells no images; but a pod's name bears the hash of the template that it was made from, so pods whose hash was there before are old
 * and the others new. Pure functions of their arguments. */
#ifndef TRIVET_ACTIONS_ROLLOUT_H
#define TRIVET_ACTIONS_ROLLOUT_H

#include <jansson.h>

#include "estate/gate.h"

/* What is to be replaced by what, kept in the journal: {"parts": [{"ns", "name", "repository", "from", "to", "hashes": [old ones]}], "alarms":
 * {name: since} of those that had gone off before}. NULL where the registry has no image of the candidate for anything that runs. */
json_t *rollout_plan(const struct account *account, const struct gate *gate);

#define ROLLOUT_PARTS_MAX 16
struct rollout_part { /* one Deployment */
    char name[160], from[16], to[16]; /* digests, short */
    int old, fresh, ready, desired;   /* pods that still serve the old image; of the new one, and those of them that are ready */
    bool changed, settled;            /* told to run the candidate; does so, all of it ready */
};

struct rollout {
    struct rollout_part parts[ROLLOUT_PARTS_MAX];
    size_t count;
    bool changed, settled;  /* any; all */
    char wrong[240];        /* a new pod that fails, an alarm that has gone off since; "" none */
    char words[240];        /* "backend 4 of 6 ready, 2 old" */
};
void rollout_look(const struct account *account, const json_t *plan, struct rollout *out);

enum rollout_run { ROLLOUT_RUN_GOES_ON, ROLLOUT_RUN_DONE, ROLLOUT_RUN_FAILED }; /* what the run that deploys says */
enum rollout_verdict { ROLLOUT_UNDER_WAY, ROLLOUT_SETTLED, ROLLOUT_FAILING };

#define ROLLOUT_QUIET_MS  30000  /* settled for so long */
#define ROLLOUT_LATE_MS   900000 /* since the first Deployment was changed */
#define ROLLOUT_UNSEEN_MS 120000 /* a run may have succeeded for so long before the cluster shows it */
struct rollout_watch { /* what one look leaves to the next; all zero at first */
    int64_t changed_at, settled_at, run_ended_at;
};
/* alarms_read_at: when the alarms were read last; INT64_MAX where they cannot be. words: why. */
enum rollout_verdict rollout_judge(const struct rollout *rollout, struct rollout_watch *watch, enum rollout_run run, int64_t alarms_read_at,
                                   int64_t now, char *words, size_t size);

/* "backend 77fe0a12, frontend c0a80c64": what ran before. Returns out. */
const char *rollout_back(const json_t *plan, char *out, size_t size);

#endif
