/* What can be typed after ':'. */
#include <string.h>

#include "base/file.h"
#include "ui/internal.h"

#define SCREEN_MAX ((size_t)4 << 20)

static bool quit(struct console *c, const char *argument, struct error *e)
{
    (void)argument;
    (void)e;
    console_quit(c);
    return true;
}

static bool help(struct console *c, const char *argument, struct error *e)
{
    (void)argument;
    (void)e;
    open_help(c);
    return true;
}

static bool refresh(struct console *c, const char *argument, struct error *e)
{
    (void)argument;
    (void)e;
    if (c->host.refresh)
        c->host.refresh(c->host.arg, pane_reads(console_pane(c)));
    return true;
}

static bool filter(struct console *c, const char *argument, struct error *e)
{
    (void)e;
    table_filter(console_table(c), argument);
    return true;
}

/* :sort NAME, :sort -NAME: a column's title or key. */
static bool sort(struct console *c, const char *argument, struct error *e)
{
    const char *name = *argument == '-' ? argument + 1 : argument;
    const struct column *columns = console_pane(c)->columns;
    struct str names = STR_INIT(STR_TEXT_MAX);
    for (int i = 0; columns[i].key; i++) {
        if (text_same_case(columns[i].title, name) || text_same_case(columns[i].key, name)) {
            table_sort(console_table(c), name == argument ? i + 1 : -(i + 1));
            str_free(&names);
            return true;
        }
        if (!columns[i].screen_only)
            str_addf(&names, "%s%s", names.len ? ", " : "", columns[i].key);
    }
    error_set(e, ERROR_INPUT, "sort", "sort \"%s\": expected one of %s", argument, str_text(&names));
    str_free(&names);
    return false;
}

static bool save_screen(struct console *c, const char *argument, struct error *e)
{
    struct str text = STR_INIT(SCREEN_MAX);
    bool good = false;
    cells_text(&c->cells, &text);
    if (!*argument)
        error_set(e, ERROR_INPUT, "save-screen", "save-screen: expected a file's name");
    else if ((good = file_write(argument, str_text(&text), text.len, 0600, e)))
        console_say(c, ROLE_INFO, "saved the screen to %s", argument);
    str_free(&text);
    return good;
}

static bool action(struct console *c, const char *argument, struct error *e) { return action_by_name(c, argument, e); }

static bool actions(struct console *c, const char *argument, struct error *e)
{
    (void)argument;
    (void)e;
    open_actions(c);
    return true;
}

const struct command console_commands[] = {
    {"action", "NAME [VALUE]", "do it with the selected row; checked and shown first", action},
    {"actions", "", "those that run, have ended, or were left unfinished", actions},
    {"filter", "TEXT", "show only rows that have TEXT, or account:prod source:rds since:2h", filter},
    {"help", "", "keys and commands", help},
    {"query", "[NAME|QUERY]", "ask Logs Insights: a saved query, or one about the selected log group; the price is shown first", query_command},
    {"quit", "", "leave trivet", quit},
    {"refresh", "", "read again now what the pane shows", refresh},
    {"save-screen", "FILE", "write the screen's text to a file", save_screen},
    {"since", "[SPAN]", "how far back log groups are followed and asked, such as 30m", since_command},
    {"sort", "[-]COLUMN", "sort by a column; - turns the order round", sort},
    {0},
};

/* What follows ":action ". */
static void actions_matching(const char *start, struct str *out, char *first, size_t size)
{
    const char *name = start + strlen("action ");
    for (size_t i = 0; action_types[i]; i++)
        if (text_starts(action_types[i]->name, name)) {
            str_addf(out, "%s%s", out->len ? "  " : "", action_types[i]->name);
            if (!*first)
                text_format(first, size, "action %s", action_types[i]->name);
        }
}

/* What follows ":query ". */
static void queries_matching(const struct console *c, const char *start, struct str *out, char *first, size_t size)
{
    const struct estate_config *config = c->options.estate->config;
    const char *name = start + strlen("query ");
    for (size_t i = 0; i < config->queries.len; i++)
        if (text_starts(config->queries.at[i].name, name)) {
            str_addf(out, "%s%s", out->len ? "  " : "", config->queries.at[i].name);
            if (!*first)
                text_format(first, size, "query %s", config->queries.at[i].name);
        }
}

void commands_matching(const struct console *c, const char *start, struct str *out, char *first, size_t size)
{
    *first = '\0';
    if (text_starts(start, "action ")) {
        actions_matching(start, out, first, size);
        return;
    }
    if (text_starts(start, "query ")) {
        queries_matching(c, start, out, first, size);
        return;
    }
    for (size_t i = 0; panes[i]; i++)
        if (text_starts(panes[i]->name, start)) {
            str_addf(out, "%s%s", out->len ? "  " : "", panes[i]->name);
            if (!*first)
                text_copy(first, size, panes[i]->name);
        }
    for (const struct command *command = console_commands; command->name; command++)
        if (text_starts(command->name, start)) {
            str_addf(out, "%s%s", out->len ? "  " : "", command->name);
            if (!*first)
                text_copy(first, size, command->name);
        }
}

bool command_run(struct console *c, const char *line, struct error *e)
{
    char word[64], first[64];
    size_t len = strcspn(line, " ");
    const char *argument = line + len + strspn(line + len, " ");
    text_format(word, sizeof word, "%.*s", (int)len, line);
    if (pane_place(word) != SIZE_MAX) {
        console_open_pane(c, pane_place(word));
        return true;
    }
    for (const struct command *command = console_commands; command->name; command++)
        if (!strcmp(command->name, word))
            return command->run(c, argument, e);
    struct str names = STR_INIT(STR_TEXT_MAX);
    commands_matching(c, "", &names, first, sizeof first);
    error_set(e, ERROR_INPUT, "command", "no command \"%s\"; there are %s", word, str_text(&names));
    str_free(&names);
    return false;
}
