/* MFA codes for the headless commands: asked for on the terminal, without echo. */
#ifndef TRIVET_CLI_ASK_H
#define TRIVET_CLI_ASK_H

#include "cli/app.h"

/* For each account whose session waits for a code. Without a terminal the code counts as declined. Blocks while the person types. */
void ask_codes(struct app *app);

#endif
