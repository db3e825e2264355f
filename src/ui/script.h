/* Console steps from a file, without a person: `:pods`, `<Down>`, text as typed, `:save-screen FILE`, `:wait fresh`, `:wait text TEXT`.
 * One step a line; blank lines and lines that begin with '#' are passed over. Ends the console after the last step. */
#ifndef TRIVET_UI_SCRIPT_H
#define TRIVET_UI_SCRIPT_H

#include "ui/console.h"

struct script;
struct script *script_load(const char *path, struct error *e); /* errors as file:line */
void script_free(struct script *script);
/* Plays what can be played now; call after each draw. Returns false when it is over; then e tells whether a step failed
 * (a wait's time limit, 30 s unless `:wait-limit N`; an unknown command). */
bool script_play(struct script *script, struct console *console, int64_t now, struct error *e);

#endif
