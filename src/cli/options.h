/* The command line: one table of commands, one of options; --help, the man page and error messages come from the same rows. */
#ifndef TRIVET_CLI_OPTIONS_H
#define TRIVET_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

struct options {
    const struct command *command;
    const char *profile, *theme, *pane, *log, *script, *account, *input, *scenario, *speed, *aws_profile, *confirm, *reason, *format, *filter, *since,
        *value, *db, *report, *group;
    bool read_only, json, paid, dry_run, yes, help, version;
    char **arguments; /* what is left, borrowed from argv */
    int argument_count;
};

enum exit_code { EXIT_GOOD = 0, EXIT_ATTENTION = 1, EXIT_TROUBLE = 2 };

struct command {
    const char *name;      /* NULL: the console */
    const char *arguments; /* "PANE" */
    const char *about;
    int min_arguments, max_arguments;
    int (*run)(const struct options *options); /* an exit code; has said what is wrong */
};
extern const struct command commands[]; /* main.c; ends with a row without run */

/* One line in e for whatever is wrong. */
bool options_read(int argc, char **argv, struct options *out, struct error *e);
void options_help(FILE *to);

#endif
