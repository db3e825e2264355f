/* What the modes other than the table show, as lines. */
#include <stdarg.h>
#include <string.h>

#include "base/text.h"
#include "ui/internal.h"
#include "ui/value.h"

/* Where the rows stand that an action is for. */
static const char *found_in(enum target_kind kind)
{
    static const char *const panes_of[] = {[TARGET_NONE] = "",
                                           [TARGET_ACCOUNT] = "Dev, Accounts",
                                           [TARGET_DATABASE] = "Database, Dev",
                                           [TARGET_DEPLOYMENT] = "Pods, Dev",
                                           [TARGET_POD] = "Pods",
                                           [TARGET_RELEASE] = "Releases",
                                           [TARGET_PIPELINE] = "Releases",
                                           [TARGET_WEB_ACL] = "WAF",
                                           [TARGET_DISTRIBUTION] = "WAF",
                                           [TARGET_ALARM] = "Alarms"};
    return panes_of[kind];
}

static void help_line(const struct console *c, struct page *page, int indent, const char *format, ...) __attribute__((format(printf, 4, 5)));
static void help_line(const struct console *c, struct page *page, int indent, const char *format, ...)
{
    struct str text = STR_INIT(4096);
    va_list ap;
    va_start(ap, format);
    str_addv(&text, format, ap);
    va_end(ap);
    page_wrapped(page, ROLE_TEXT, c->cells.columns - 2, indent, str_text(&text));
    str_free(&text);
}

static void help_actions(const struct console *c, struct page *page)
{
    page_add(page, ROLE_HEADER, "ACTIONS");
    help_line(c, page, 2,
              "  Choose a row, press a, then a letter. What would be done is checked and shown; nothing is changed before you have said so.");
    help_line(c, page, 2, "  While it runs you may look at anything else. A lists what runs, what has ended, and what was left unfinished.");
    for (size_t i = 0; action_types[i]; i++)
        help_line(c, page, 24, "  %c  %-18s %s (%s)", action_types[i]->key, action_types[i]->name, action_types[i]->about,
                  found_in(action_types[i]->on));
    page_add(page, ROLE_TEXT, " ");
}

static void fill_help(const struct console *c, struct page *page)
{
    char key[80];
    page_add(page, ROLE_HEADER, "KEYS");
    for (const struct binding *b = bindings; b->keys; b++) {
        binding_keys(b, c->cells.ascii, key, sizeof key);
        help_line(c, page, 24, "  %s%*s %s", key, (int)(21 - text_width(key)), "", b->help);
    }
    page_add(page, ROLE_TEXT, " ");
    page_add(page, ROLE_HEADER, "PANES");
    for (size_t i = 0; panes[i]; i++)
        help_line(c, page, 18, "  %c  :%-11s %s", i < 9 ? '1' + (int)i : ' ', panes[i]->name, panes[i]->about);
    page_add(page, ROLE_TEXT, " ");
    help_actions(c, page);
    page_add(page, ROLE_HEADER, "COMMANDS");
    for (const struct command *command = console_commands; command->name; command++)
        help_line(c, page, 27, "  :%s %-*s %s", command->name, (int)(22 - strlen(command->name)), command->arguments, command->about);
    page_add(page, ROLE_TEXT, " ");
    page_add(page, ROLE_HEADER, "FILTER");
    help_line(c, page, 2,
              "  Text is looked for in every column; account:prod in that one alone; account=prod wants all of it; who:\"mara lopez\" has a blank.");
    help_line(c, page, 2, "  since:2h leaves what is that new. Columns have the names that stand above them. All have to fit.");
    page_add(page, ROLE_TEXT, " ");
    page_add(page, ROLE_HEADER, "WHAT IS SHOWN");
    page_add(page, ROLE_TEXT, "  …  is being read      –  is not known      0  is zero");
    help_line(c, page, 2, "  The line above the keys says how old each account's data are; \"live\" is kept up by a watch.");
    help_line(c, page, 2, "  A line that begins with ✗ is a read that failed, by the service's own word; what was read before stays.");
}

/* The state of what is read for the detail, where there is nothing to show yet. */
static bool waits(const struct console *c, struct page *page)
{
    const struct slice *slice = &c->options.estate->detail.slice;
    char text[600];
    if (slice->error.kind != ERROR_NONE)
        page_add(page, ROLE_BAD, "✗ %s", error_text(&slice->error, text, sizeof text));
    if (slice_has_data(slice))
        return false;
    if (slice->error.kind == ERROR_NONE)
        page_add(page, ROLE_UNKNOWN, "reading…");
    return true;
}

static bool is_looked_at(const struct console *c, const struct pane_view *view, struct row_ref row)
{
    const struct pane *pane = console_pane(c);
    struct detail_key key;
    char identity[sizeof c->looked_identity];
    if (pane->detail)
        return pane->detail(view, row, &key) && key.account == c->key.account && !strcmp(key.ns, c->key.ns) && !strcmp(key.name, c->key.name);
    table_identity(pane, view, row, identity, sizeof identity);
    return !strcmp(identity, c->looked_identity);
}

/* The row may have moved or gone since: it is found again by what it is, first where it was. */
static bool find_row(struct console *c)
{
    struct pane_view view = console_view(c);
    row_refs rows = {0};
    size_t at = SIZE_MAX;
    console_pane(c)->rows(&view, &rows);
    for (size_t i = 0; i < rows.len && at == SIZE_MAX; i++)
        if (rows.at[i].account == c->looked_at.account && rows.at[i].index == c->looked_at.index && is_looked_at(c, &view, rows.at[i]))
            at = i;
    for (size_t i = 0; i < rows.len && at == SIZE_MAX && c->key.kind != DETAIL_WEB_ACL; i++) /* whose rules share one key */
        if (is_looked_at(c, &view, rows.at[i]))
            at = i;
    if (at != SIZE_MAX)
        c->looked_at = rows.at[at];
    vec_free(&rows);
    return at != SIZE_MAX;
}

bool row_at_hand(struct console *c, struct row_ref *out)
{
    if (c->mode == MODE_TABLE)
        return table_selected(console_table(c), out);
    bool found = c->mode == MODE_DETAIL && find_row(c);
    *out = c->looked_at;
    return found;
}

static void fill_log(const struct console *c, struct page *page)
{
    const struct log_view *log = &c->options.estate->log;
    size_t kept = log->count < LOG_LINES_MAX ? log->count : LOG_LINES_MAX;
    char text[600];
    for (size_t i = kept; i-- > 0;)
        page_text(page, ROLE_TEXT, log_view_line(log, i));
    if (log->error.kind != ERROR_NONE)
        page_add(page, ROLE_BAD, "✗ %s", error_text(&log->error, text, sizeof text));
    else if (log->ended)
        page_add(page, ROLE_DIM, "the log has ended");
    else if (!kept)
        page_add(page, ROLE_UNKNOWN, "no line yet");
}

static void keep_matching(struct console *c)
{
    size_t to = 0;
    if (!*c->page_filter)
        return;
    for (size_t i = 0; i < c->page.lines.len; i++) {
        if (text_contains(c->page.lines.at[i].text, c->page_filter))
            c->page.lines.at[to++] = c->page.lines.at[i];
        else
            free(c->page.lines.at[i].text);
    }
    c->page.lines.len = to;
}

void page_fill(struct console *c, long *selected)
{
    struct pane_view view = console_view(c);
    struct page *page = &c->page;
    page_clear(page);
    switch (c->mode) {
    case MODE_HELP:
        fill_help(c, page);
        break;
    case MODE_LOG:
        fill_log(c, page);
        break;
    case MODE_YAML:
        if (!waits(c, page) && c->options.estate->detail.yaml)
            page_text(page, ROLE_TEXT, c->options.estate->detail.yaml);
        break;
    case MODE_DETAIL:
        if (find_row(c))
            console_pane(c)->describe(&view, c->looked_at, page);
        else
            page_add(page, ROLE_WARN, "%s is no longer there", c->key.name);
        if (console_pane(c)->detail) /* nothing more is read for the rows of others */
            waits(c, page);
        page_fold(page, c->cells.columns - 2);
        break;
    case MODE_QUERY:
        query_fill(c, page);
        break;
    case MODE_ACTION:
        action_fill(c, page);
        break;
    case MODE_ACTIONS:
        list_fill(c, page, selected);
        break;
    case MODE_COMPARE:
        compare_fill(c, page);
        break;
    case MODE_TABLE:
        break;
    }
    keep_matching(c);
}
