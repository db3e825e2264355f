/* The steps by which a release is let into production, or not, and then followed: a run on GitHub, or a pipeline of CodePipeline. */
#ifndef TRIVET_ACTIONS_RELEASE_H
#define TRIVET_ACTIONS_RELEASE_H

#include "actions/internal.h"
#include "actions/rollout.h"

/* What the step types keep: {"repository", "run" (its id), "number", "environment", "environment_id", "reviewers", "reviews" (so far), "approve"} of
 * a review; {"repository", "run", "number"} of a run that is waited for; a rollout's plan with "back", the run that production is from. */
extern const struct step_type step_release_review, step_release_run, step_release_rollout;
/* {"pipeline", "stage", "action", "execution", "approve"}. */
extern const struct step_type step_pipeline_review, step_pipeline_deploy;

struct release_own { /* action->own */
    struct rollout_watch watch;
    char token[40]; /* of a pipeline's approval: good for one answer, never written down */
};
struct release_own *release_own(struct action *action); /* made when first asked for */
void release_forget(struct action *action);
const struct release *release_target(const struct action *action); /* NULL: not there (any more) */
const struct step *release_step(const struct action *action, const struct step_type *type); /* NULL: not planned */
void release_introduce(const struct action *action, bool unicode, tell_line *line, void *arg);
void release_tell(const struct action *action, bool unicode, tell_line *line, void *arg);

#endif
