/* Private to the engine: engine.c (from the wish to the plan, and the end), guard.c (refusals, confirmation), operator.c (the role), run.c (steps),
 * calls.c (what steps ask of the clients), record.c (journal and audit). */
#ifndef TRIVET_ACTIONS_ENGINE_H
#define TRIVET_ACTIONS_ENGINE_H

#include "actions/internal.h"
#include "actions/journal.h"
#include "base/vec.h"
#include "kube/client.h"

struct actions {
    struct actions_options options;
    char *state_dir;
    struct aws_session **operators; /* by account; made when first needed, their keys wiped after each action */
    VEC(struct action *) list;
    VEC(struct kube *) ended_kubes; /* of actions that have ended, until nothing of theirs is on the stack any more */
    struct loop_timer *sweep;
    uint64_t version;
};

struct action *engine_add(struct actions *actions, const struct action_type *type, const struct action_target *target);

void engine_read(struct action *action); /* reads what the checks need, checks, plans */

/* guard.c */
/* audits it */
void guard_refused(struct actions *actions, const struct action_type *type, const struct action_target *target, const struct error *why);
bool guard_take(struct action *action, struct error *e); /* the resource's lock */

/* operator.c */
void operator_start(struct action *action); /* assumes the role, then begins */
void operator_end(struct action *action);
void operator_sweep(struct actions *actions); /* frees what the ended ones have left */

/* run.c */
void action_advance(struct action *action); /* starts what may start; ends the action when all is over */
void step_free(struct step *step);
void step_stop(struct step *step); /* cancels what is under way */

/* engine.c */
void action_finish(struct action *action, enum action_outcome outcome); /* the procedure's own end first */
void action_end(struct action *action, enum action_outcome outcome);
bool action_note(struct action *action, json_t *take_event); /* into the journal; false: the action has failed by it */

/* record.c */
json_t *action_journal_plan(const struct action *action);
bool audit_action(const struct action *action, const char *phase, json_t *take_more, struct error *e);
struct action *action_from_journal(struct actions *actions, const char *id, const json_t *events, struct error *e); /* all but its start */

#endif
