/* What headless commands ask a person for on the terminal: MFA codes, without echo, and a word. */
#ifndef TRIVET_CLI_ASK_H
#define TRIVET_CLI_ASK_H

#include "actions/action.h"
#include "cli/app.h"

/* For each account whose session waits for a code. Without a terminal the code counts as declined. Blocks while the person types. */
void ask_codes(struct app *app);
void ask_operator_code(struct action *action); /* for the operator role, if it waits for one */
/* A line typed by the person, echoed; false without a terminal. */
bool ask_line(const char *prompt, char *out, size_t size);
/* Does a person want what costs money, whose price has been said? --yes, or y on the terminal. False with e. */
bool ask_price(const struct options *options, struct error *e);

#endif
