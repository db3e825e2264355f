#include "cli/options.h"

#include <getopt.h>
#include <stddef.h>

#include "base/str.h"

static const struct row {
    const char *name, *argument;
    size_t offset;
    const char *about;
} rows[] = {
    {"profile", "NAME|FILE", offsetof(struct options, profile), "the estate: a profile of yours or an installed one, or a file"},
    {"pane", "NAME", offsetof(struct options, pane), "the pane to begin with"},
    {"theme", "NAME|FILE", offsetof(struct options, theme), "default, light, high-contrast, colour-blind-safe, mono, or a file"},
    {"read-only", NULL, offsetof(struct options, read_only), "refuse every action"},
    {"json", NULL, offsetof(struct options, json), "JSON instead of text"},
    {"paid", NULL, offsetof(struct options, paid),
     "show costs: ask Cost Explorer, for $0.03 and $0.01 for each further page, instead of showing its last answer"},
    {"format", "NAME", offsetof(struct options, format), "show: text, json or md; check: text, json, junit or sarif"},
    {"filter", "TEXT", offsetof(struct options, filter),
     "show: only rows that have TEXT; COLUMN:TEXT looks in one column: \"source:rds resource:innovate-prod\""},
    {"since", "SPAN", offsetof(struct options, since), "show: only rows whose time is that new, such as 2h or 1d; logs query: how far back it asks"},
    {"account", "NAME", offsetof(struct options, account), "in this account of the profile; call without it: as who you are; show: its rows alone"},
    {"group", "NAME", offsetof(struct options, group), "logs query: the log group, or how the names of several begin"},
    {"input", "JSON", offsetof(struct options, input), "call: the operation's input; @FILE reads it from a file"},
    {"dry-run", NULL, offsetof(struct options, dry_run), "actions: print checks and plan, change nothing"},
    {"yes", NULL, offsetof(struct options, yes), "actions, logs query, call: what would be asked with y or n is answered with y"},
    {"confirm", "TEXT", offsetof(struct options, confirm),
     "actions: what would have to be typed: the resource's name, or verb and name against a failed check"},
    {"reason", "TEXT", offsetof(struct options, reason), "actions: why; production asks for it"},
    {"comment", "TEXT", offsetof(struct options, reason), "the same, as releases call it"},
    {"value", "TEXT", offsetof(struct options, value), "action: the value it asks for"},
    {"db", "ID", offsetof(struct options, db), "drill: the database"},
    {"report", "DIR", offsetof(struct options, report), "drill: copy the report into this directory too"},
    {"aws-profile", "NAME", offsetof(struct options, aws_profile), "profile of the shared AWS config to begin from"},
    {"scenario", "NAME|FILE", offsetof(struct options, scenario), "demo: the simulated estate"},
    {"speed", "X", offsetof(struct options, speed), "demo: simulated time runs X times as fast"},
    {"script", "FILE", offsetof(struct options, script), "play the console's steps from a file, then end"},
    {"log", "FILE", offsetof(struct options, log), "append a debug log, without secrets"},
    {"version", NULL, offsetof(struct options, version), "print the version"},
    {"help", NULL, offsetof(struct options, help), "print this"},
};
enum { ROW_COUNT = sizeof rows / sizeof *rows };

static bool wrong(struct error *e, const char *format, const char *what)
{
    struct str text = STR_INIT(4096);
    str_addf(&text, "%s: expected one of", what);
    if (format)
        for (int i = 0; i < ROW_COUNT; i++)
            str_addf(&text, " --%s", rows[i].name);
    else
        for (const struct command *c = commands; c->run; c++)
            if (c->name)
                str_addf(&text, " %s", c->name);
    error_set(e, ERROR_INPUT, "usage", "%s", str_text(&text));
    str_free(&text);
    return false;
}

static bool find_command(struct options *out, struct error *e)
{
    const struct command *c = commands;
    const char *word = out->argument_count ? out->arguments[0] : NULL;
    while (c->run && !text_equal(c->name, word))
        c++;
    if (!c->run) {
        char what[128];
        text_format(what, sizeof what, "%s: unknown command", word);
        return wrong(e, NULL, what);
    }
    out->command = c;
    if (word) {
        out->arguments++;
        out->argument_count--;
    }
    if (out->argument_count < c->min_arguments || out->argument_count > c->max_arguments) {
        error_set(e, ERROR_INPUT, "usage", "%s: expected trivet %s%s%s", c->name ? c->name : "trivet", c->name ? c->name : "",
                  *c->arguments ? " " : "", c->arguments);
        return false;
    }
    return true;
}

bool options_read(int argc, char **argv, struct options *out, struct error *e)
{
    struct option table[ROW_COUNT + 1] = {{0}};
    int found, index = 0;
    for (int i = 0; i < ROW_COUNT; i++)
        table[i] = (struct option){rows[i].name, rows[i].argument ? required_argument : no_argument, NULL, 'o'};
    *out = (struct options){0};
    opterr = 0;
    optind = 1;
    while ((found = getopt_long(argc, argv, ":hV", table, &index)) != -1) {
        if (found == 'o' && rows[index].argument)
            *(const char **)(void *)((char *)out + rows[index].offset) = optarg;
        else if (found == 'o')
            *(bool *)((char *)out + rows[index].offset) = true;
        else if (found == 'h')
            out->help = true;
        else if (found == 'V')
            out->version = true;
        else if (found == ':') {
            error_set(e, ERROR_INPUT, "usage", "%s: needs a value", argv[optind - 1]);
            return false;
        } else {
            char what[128];
            text_format(what, sizeof what, "%s: unknown option", argv[optind - 1]);
            return wrong(e, "options", what);
        }
    }
    out->arguments = argv + optind;
    out->argument_count = argc - optind;
    return out->help || out->version || find_command(out, e);
}

void options_help(FILE *to)
{
    fputs("trivet: a terminal operations console for a multi-account AWS estate\n\nusage: trivet [COMMAND] [OPTION]...\n\n", to);
    for (const struct command *c = commands; c->run; c++)
        fprintf(to, "  trivet %-8s %-19s %s\n", c->name ? c->name : "", c->arguments, c->about);
    fputs("\noptions\n", to);
    for (int i = 0; i < ROW_COUNT; i++)
        fprintf(to, "  --%-12s %-12s %s\n", rows[i].name, rows[i].argument ? rows[i].argument : "", rows[i].about);
    fputs("\nexit status: 0 healthy or done, 1 something needs attention (status), the log is broken (audit verify) or the service refused (call), "
          "2 could not tell, or wrong usage\n", to);
}
