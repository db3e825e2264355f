#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "cli/app.h"
#include "cli/commands.h"

const struct command commands[] = {
    {NULL, "", "the console, on the default profile", 0, 0, command_console},
    {"demo", "", "the console on a simulated estate; no AWS needed", 0, 0, command_demo},
    {"status", "", "read once, print how each account is", 0, 0, command_status},
    {"show", "PANE", "a pane's rows", 0, 1, command_show}, /* which itself says what panes there are */
    {"check", "", "conformance with the architecture; exit 0 conforms, 1 does not, 2 could not tell", 0, 0, command_check},
    {"release", "list|approve|reject RUN", "what waits for approval, and what speaks for and against; let it through, or not", 1, 2, command_release},
    {"drill", "rds|list", "fail a database over to its standby and measure it; drills of before", 1, 1, command_drill},
    {"dev", "stop|start|status|keep-up|schedule [create|pause|resume|remove|show]", "put development to sleep, wake it, and its schedules", 1, 2,
     command_dev},
    {"action", "list|NAME [TARGET]", "one action, or list, unfinished, resume ID, close ID", 1, 2, command_action},
    {"logs", "query [NAME|QUERY]", "ask Logs Insights, which costs money: a saved query, or another; without one: those that are saved", 1, 2,
     command_logs},
    {"audit", "list|verify", "what was done and refused; is the log whole?", 1, 1, command_audit},
    {"call", "SERVICE OPERATION", "one API call that only reads", 2, 2, command_call},
    {0},
};

/* Keys and tokens pass through memory: none of it may reach a core file, and what we write is the user's alone. */
static void keep_secrets_in(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    umask(077);
}

int main(int argc, char **argv)
{
    struct options options;
    struct error e = {0};
    keep_secrets_in();
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C"); /* services write numbers with a point, and people here read them so */
    signal(SIGPIPE, SIG_IGN);
    if (!options_read(argc, argv, &options, &e)) {
        fprintf(stderr, "trivet: %s\n", e.message);
        return EXIT_TROUBLE;
    }
    if (options.help) {
        options_help(stdout);
        return EXIT_GOOD;
    }
    if (options.version) {
        puts(PACKAGE_STRING);
        return EXIT_GOOD;
    }
    return options.command->run(&options);
}
