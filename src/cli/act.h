/* An action without the console: checks, plan, confirmation from options or terminal, progress a line a step, an exit code. */
#ifndef TRIVET_CLI_ACT_H
#define TRIVET_CLI_ACT_H

#include "cli/app.h"

/* What counts as typed where --confirm is not given: a name that the person has written on the command line. NULL: none. */
struct act {
    const struct action_type *type;
    struct action_target target;
    const char *value;
    const char *named;
};
/* Reads what the action needs, then runs it. EXIT_GOOD: done, or nothing to do, or a dry run without a failed check; EXIT_ATTENTION: a check or the
 * action failed, or it was left; EXIT_TROUBLE: refused, not confirmed, wrong usage. */
int act(struct app *app, const struct act *what);
int act_resume(struct app *app, const char *id);

#endif
