/* The commands that main.c's table lists. Each returns an exit code and has said what is wrong. */
#ifndef TRIVET_CLI_COMMANDS_H
#define TRIVET_CLI_COMMANDS_H

#include "cli/options.h"

int command_console(const struct options *options); /* console.c */
int command_demo(const struct options *options);    /* demo.c */
int command_status(const struct options *options);  /* show.c */
int command_show(const struct options *options);
int command_release(const struct options *options); /* release.c */
int command_drill(const struct options *options);   /* drill.c */
int command_dev(const struct options *options);     /* dev.c */
int command_action(const struct options *options);  /* action.c */
int command_audit(const struct options *options);   /* audit.c */
int command_check(const struct options *options);   /* check.c */
int command_logs(const struct options *options);    /* logs.c */
int command_call(const struct options *options);    /* call.c */

#endif
