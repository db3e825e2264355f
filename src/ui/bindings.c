/* Every key, once: what it does, what the help says, what the footer shows. */
#include <stdlib.h>
#include <string.h>

#include "ui/internal.h"

#define TABLE  MODE_BIT(MODE_TABLE)
#define QUERY  MODE_BIT(MODE_QUERY)
#define PAIR   MODE_BIT(MODE_COMPARE)
#define TEXTS  (MODE_BIT(MODE_DETAIL) | MODE_BIT(MODE_YAML) | MODE_BIT(MODE_LOG) | MODE_BIT(MODE_HELP) | PAIR | QUERY)
#define ACTION MODE_BIT(MODE_ACTION)
#define LIST   MODE_BIT(MODE_ACTIONS)
#define PAGES  (TEXTS | ACTION | LIST)
#define ANY    (TABLE | PAGES)

static void move(struct console *c, long by)
{
    struct pane_view view = console_view(c);
    if (c->mode == MODE_TABLE) {
        table_move(console_table(c), &view, by);
        return;
    }
    if (c->mode == MODE_ACTIONS) {
        list_move(c, by);
        return;
    }
    c->page_top += by;
    c->follow = false;
}

static long screenful(const struct console *c) { return c->mode == MODE_TABLE ? c->tables[c->pane].height : c->page_height; }

static void down(struct console *c) { move(c, 1); }
static void up(struct console *c) { move(c, -1); }
static void page_down(struct console *c) { move(c, screenful(c)); }
static void page_up(struct console *c) { move(c, -screenful(c)); }
static void wheel_down(struct console *c) { move(c, 3); }
static void wheel_up(struct console *c) { move(c, -3); }
static void home(struct console *c) { move(c, -1000000); }
static void end(struct console *c)
{
    move(c, 1000000);
    c->follow = c->mode == MODE_LOG;
}
static void left(struct console *c) { c->page_left = c->page_left > 8 ? c->page_left - 8 : 0; }
static void right(struct console *c) { c->page_left = c->page_left < 2000 ? c->page_left + 8 : c->page_left; }

static void next_pane(struct console *c) { console_open_pane(c, panes[c->pane + 1] ? c->pane + 1 : 0); }
static void previous_pane(struct console *c)
{
    size_t last = 0;
    while (panes[last + 1])
        last++;
    console_open_pane(c, c->pane ? c->pane - 1 : last);
}

/* On the Overview: a hop's pane, another account's path, what has happened. */
static bool is_drawing(struct console *c) { return console_pane(c)->drawing_only; }
static bool is_table(struct console *c) { return !is_drawing(c); }
static bool opens_hop(struct console *c) { return is_drawing(c) && leads_some(c); }
static size_t next_account(const struct console *c)
{
    struct pane_view view = console_view(c);
    return console_pane(c)->next ? console_pane(c)->next(&view) : SIZE_MAX;
}
static bool has_next_account(struct console *c) { return next_account(c) != SIZE_MAX; }
static void show_next_account(struct console *c)
{
    c->shown = next_account(c) + 1;
    console_table(c)->stale = true;
}
static bool is_elsewhere(struct console *c) { return strcmp(console_pane(c)->name, "timeline") != 0; }
static void open_timeline(struct console *c) { trail_go(c, pane_place("timeline")); }

static void filter(struct console *c) { open_prompt(c, PROMPT_FILTER, c->mode == MODE_TABLE ? console_table(c)->filter : c->page_filter); }
static void palette(struct console *c) { open_prompt(c, PROMPT_COMMAND, ""); }

static void sort_next(struct console *c)
{
    struct table *table = console_table(c);
    int count = 0, at = abs(table->sort);
    while (console_pane(c)->columns[count].key)
        count++;
    do
        at = at % count + 1;
    while (console_pane(c)->columns[at - 1].screen_only);
    table_sort(table, at);
    console_say(c, ROLE_INFO, "sorted by %s", console_pane(c)->columns[at - 1].title);
}
static void sort_reverse(struct console *c)
{
    struct table *table = console_table(c);
    table_sort(table, table->sort ? -table->sort : -1);
}
static void refresh(struct console *c)
{
    if (c->host.refresh)
        c->host.refresh(c->host.arg, pane_reads(console_pane(c)));
    console_say(c, ROLE_INFO, "reading %s again", console_pane(c)->title);
}
static void suspend(struct console *c)
{
    if (c->host.suspend)
        c->host.suspend(c->host.arg);
}

static bool has_table(struct console *c) { return c->mode != MODE_TABLE || !console_pane(c)->drawing_only; }
static bool has_row(struct console *c)
{
    struct row_ref row;
    return table_selected(console_table(c), &row) && !console_pane(c)->drawing_only;
}
static bool has_detail(struct console *c) { return has_row(c) && console_pane(c)->describe; }
static bool has_yaml(struct console *c) { return has_row(c) && console_pane(c)->detail; }
static bool has_log(struct console *c) { return has_row(c) && console_pane(c)->logs; }
static bool is_log(struct console *c) { return has_log(c) && !console_pane(c)->describe; }

static bool can_acknowledge(struct console *c) { return menu_has(c, "ack-alarm"); }
static void acknowledge(struct console *c)
{
    struct error e = {0};
    if (!action_by_name(c, "ack-alarm", &e))
        console_say(c, ROLE_BAD, "%s", e.message);
}

const struct binding bindings[] = {
    {"<Enter>", "details of the selected row", "details", TABLE, has_detail, open_detail},
    {"<Enter>", "on the Overview: the pane of the hop", "open", TABLE, opens_hop, leads_follow},
    {"<Enter>", "follow the log group", "follow", TABLE, is_log, open_log},
    {"<Enter>", "the row's thing in both accounts, side by side", "side by side", TABLE, compare_is_all, compare_open},
    {"<Right>", "to what the row belongs with; a menu where there is more than one", "related", TABLE, leads_some, leads_follow, is_table},
    {"<Left>", "back to where you came from: pane, filter and row", NULL, TABLE, trail_some, trail_back},
    {"<Enter>", "in the list of actions: its page", "opens it", LIST, list_can_open, list_open},
    {"a", "actions for the row; checked and shown before anything is changed", "actions", TABLE | MODE_BIT(MODE_DETAIL), NULL, open_menu,
     menu_has_some},
    {"A", "list of actions that run, have ended, or were left unfinished", "list", TABLE | TEXTS | ACTION, NULL, open_actions, list_has_some},
    {"c", "cancel the action that runs, after a question", "cancel", ACTION, action_can_cancel, action_ask_cancel},
    {"r", "in the list of actions: take up one that was left unfinished", "take up again", LIST, list_can_resume, list_resume},
    {"x", "in the list of actions: put away one that has ended, close one left unfinished", "put away", LIST, list_can_close, list_close},
    {"x", "put away the action, which has ended", "put away", ACTION, action_has_ended, action_put_away},
    {"l", "follow the row's log", "logs", TABLE | MODE_BIT(MODE_DETAIL), has_log, open_log},
    {"Q", "ask Logs Insights about log groups; it says what that costs first", "query", TABLE | QUERY, query_can_ask, query_open},
    {"<Esc>", "stop the query that runs; q leaves it running", "stop", QUERY, query_can_stop, query_stop},
    {"y", "the row's document as YAML; a pod's variables without their values", "yaml", TABLE | MODE_BIT(MODE_DETAIL), has_yaml, open_yaml},
    {"K", "acknowledge the alarm, until its state changes", "acknowledge", TABLE | MODE_BIT(MODE_DETAIL), can_acknowledge, acknowledge},
    {"m", "mark the row, to compare another one with it by =; again: unmark", NULL, TABLE, has_row, compare_mark},
    {"=", "where a row is marked: what differs between it and the selected one", "beside marked", TABLE | MODE_BIT(MODE_DETAIL), compare_has_mark,
     compare_open},
    {"=", "what differs between development and production: of the row's thing; from the Overview of all", "compare", TABLE | MODE_BIT(MODE_DETAIL),
     NULL, compare_open, compare_can},
    {"= d", "side by side: only what differs, or all of it", "only what differs", PAIR, NULL, compare_only},
    {"c", "copy the row's id: ARN, name, digest", NULL, TABLE | MODE_BIT(MODE_DETAIL), copy_has_id, copy_id},
    {"o", "the row's page at AWS or GitHub, as a link", NULL, TABLE | MODE_BIT(MODE_DETAIL), copy_has_page, open_link},
    {"d", "on the Overview: the path of another account", "account", TABLE, has_next_account, show_next_account},
    {"t", "the timeline; ← comes back", "timeline", TABLE, is_elsewhere, open_timeline, is_drawing},
    {"/", "filter as you type, also by column:text and since:2h; Esc clears it", "filter", TABLE | TEXTS, has_table, filter},
    {"s", "sort by the next column", "sort", TABLE, has_table, sort_next},
    {"S", "turn the order round", NULL, TABLE, has_table, sort_reverse},
    {":", "command: a pane's name, sort, save-screen, quit…; Tab completes", "command", ANY, NULL, palette},
    {"R", "ask Cost Explorer, which costs money: it says how much first", "ask anew", TABLE, paid_can_ask, paid_ask},
    {"r", "read again now what the pane shows", NULL, TABLE, NULL, refresh},
    {"<Tab>", "next pane", NULL, TABLE, NULL, next_pane},
    {"<S-Tab>", "previous pane", NULL, TABLE, NULL, previous_pane},
    {"<Down> j <C-n>", "down", NULL, ANY, NULL, down},
    {"<Up> k <C-p>", "up", NULL, ANY, NULL, up},
    {"<PageDown> <C-f> <Space>", "a screenful down", NULL, ANY, NULL, page_down},
    {"<PageUp> <C-b>", "a screenful up", NULL, ANY, NULL, page_up},
    {"<Home> g", "to the first", NULL, ANY, NULL, home},
    {"<End> G", "to the last; a log is followed again", NULL, ANY, NULL, end},
    {"<Left> h", "text: to the left", NULL, PAGES, NULL, left},
    {"<Right>", "text: to the right", NULL, PAGES, NULL, right},
    {"<WheelDown>", "mouse wheel: down; a click selects, a second one opens", NULL, ANY, NULL, wheel_down},
    {"<WheelUp>", "mouse wheel: up", NULL, ANY, NULL, wheel_up},
    {"?", "this help", "help", ANY & ~MODE_BIT(MODE_HELP), NULL, open_help},
    {"q <Esc>", "back; from a pane q leaves trivet", "back", PAGES, NULL, go_back},
    {"<Esc>", "clear the filter, then what a lead has narrowed the pane to", NULL, TABLE, NULL, go_back},
    {"q <C-c>", "leave trivet", "quit", TABLE, NULL, console_quit},
    {"<C-c>", "leave trivet", NULL, PAGES, NULL, console_quit},
    {"<C-z>", "back to the shell; fg comes again", NULL, ANY, NULL, suspend},
    {0},
};

static bool same(const struct key *a, const struct key *b) { return a->code == b->code && a->ch == b->ch; }

bool binding_applies(struct console *c, const struct binding *b)
{
    return (b->modes & MODE_BIT(c->mode)) && (!b->applies || b->applies(c));
}

const struct binding *binding_find(struct console *c, const struct key *key)
{
    for (const struct binding *b = bindings; b->keys; b++)
        for (const char *p = b->keys; *p;) {
            struct key one;
            int used = key_parse(p, &one);
            if (!used)
                break;
            if (same(&one, key) && binding_applies(c, b))
                return b;
            p += used;
            p += strspn(p, " ");
        }
    return NULL;
}

/* In ASCII by name: '<' and '>' would look like keys of their own. */
static void shown_key(const char *key, size_t len, bool ascii, char *out, size_t size)
{
    static const struct {
        const char *key, *shown;
    } shown[] = {{"<Enter>", "↵"}, {"<Down>", "↓"}, {"<Up>", "↑"}, {"<Left>", "←"}, {"<Right>", "→"}};
    text_format(out, size, "%.*s", (int)len, key);
    for (size_t i = 0; !ascii && i < sizeof shown / sizeof *shown; i++)
        if (!strcmp(out, shown[i].key))
            text_copy(out, size, shown[i].shown);
    len = strlen(out);
    if (len > 2 && out[0] == '<' && out[len - 1] == '>') {
        memmove(out, out + 1, len - 2);
        out[len - 2] = '\0';
    }
}

void binding_first_key(const struct binding *b, bool ascii, char *out, size_t size) { shown_key(b->keys, strcspn(b->keys, " "), ascii, out, size); }

void binding_keys(const struct binding *b, bool ascii, char *out, size_t size)
{
    char one[32];
    *out = '\0';
    for (const char *p = b->keys; *p;) {
        size_t len = strcspn(p, " "), have = strlen(out);
        shown_key(p, len, ascii, one, sizeof one);
        text_format(out + have, size - have, "%s%s", have ? " " : "", one);
        p += len;
        p += strspn(p, " ");
    }
}
