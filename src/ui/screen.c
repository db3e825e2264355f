/* The whole screen: header, strip of accounts, body, freshness, footer. */
#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "ui/fresh.h"
#include "ui/internal.h"
#include "ui/strip.h"
#include "ui/trouble.h"
#include "ui/value.h"

#define ROWS_MIN     24
#define COLUMNS_MIN  80
#define HELP_WIDTH   8  /* of its hint: kept free, so that a crowded footer still tells of it */
#define FRESH_MAX    8  /* accounts whose age is told */
#define ERRORS_MAX   3
#define ERROR_ROWS   6  /* for all of them */

static void put_right(struct cells *cells, int row, uint8_t role, const char *text)
{
    int width = (int)text_width(text), most = cells->columns - 2;
    width = width < most ? width : most;
    cells_put(cells, row, cells->columns - width - 1, width, role, text);
}

static void rule(struct cells *cells, int row) { cells_fill(cells, row, 0, cells->columns, ROLE_BORDER, "─"); }

static void draw_header(struct console *c)
{
    static const char *const modes[] = {"", " ▸ details", " ▸ YAML", " ▸ log", "", "", "", " ▸ compared", " ▸ query"};
    char text[600], clock[16], running[200], pair[300];
    uint8_t role;
    const struct log_view *log = &c->options.estate->log;
    const char *what = c->mode == MODE_LOG                             ? log->pod
                       : c->mode == MODE_DETAIL || c->mode == MODE_YAML ? c->key.name
                       : c->mode == MODE_COMPARE                        ? compare_title(c, pair, sizeof pair)
                       : c->mode == MODE_QUERY                          ? query_title(c)
                                                                        : "";
    const char *title = c->mode == MODE_HELP                                 ? "Help"
                        : c->mode == MODE_QUERY                              ? "Logs"
                        : c->mode == MODE_ACTION || c->mode == MODE_ACTIONS ? "Actions"
                                                                             : console_pane(c)->title;
    int right = c->cells.columns - 21;
    if (action_indicator(c, running, sizeof running, &role)) {
        right -= (int)text_width(running) + 1;
        cells_put(&c->cells, 0, right, c->cells.columns - 21 - right, role, running);
    }
    text_format(text, sizeof text, "%s ▸ %s%s%s%s", c->options.estate->config->name, title, *what ? " ▸ " : "", what, modes[c->mode]);
    cells_put(&c->cells, 0, 1, right - 2, ROLE_TITLE, text);
    text_format(text, sizeof text, "%s%s", c->options.read_only ? "read-only  " : "", when_clock(c->now, clock, sizeof clock));
    put_right(&c->cells, 0, ROLE_DIM, text);
}

struct errors {
    struct {
        char text[1100];
        bool stale;
    } line[ERRORS_MAX];
    int count; /* also of those beyond */
};

static void keep_error(void *arg, const char *line, bool stale)
{
    struct errors *errors = arg;
    if (errors->count < ERRORS_MAX) {
        text_format(errors->line[errors->count].text, sizeof errors->line->text, "✗ %s", line);
        errors->line[errors->count].stale = stale;
    }
    errors->count++;
}

/* What could not be read, in as many rows as there are for it; returns rows used. */
static int draw_errors(struct console *c, int top)
{
    struct errors errors = {.count = 0};
    int row = top, width = c->cells.columns - 2;
    trouble_lines(c->options.estate, pane_reads(console_pane(c)), c->now, keep_error, &errors);
    int kept = errors.count < ERRORS_MAX ? errors.count : ERRORS_MAX;
    int each = kept ? ERROR_ROWS / kept : 0;
    for (int i = 0; i < kept; i++)
        row += cells_put_rows(&c->cells, row, 1, width, each, errors.line[i].stale ? ROLE_STALE : ROLE_BAD, errors.line[i].text);
    if (errors.count > kept) {
        char text[80];
        text_format(text, sizeof text, "and %d more; the accounts pane has all", errors.count - kept);
        cells_put(&c->cells, row++, 1, width, ROLE_BAD, text);
    }
    return row - top;
}

/* Why there is no row, in words: never an empty table where something failed or is still being read. */
static void draw_nothing(struct console *c, int row)
{
    const struct estate *e = c->options.estate;
    const struct table *table = console_table(c);
    bool failed = false, reading = false, any = false;
    char text[300];
    for (size_t a = 0; a < e->account_count; a++) {
        struct fresh fresh;
        fresh_look(console_pane(c), &e->accounts[a], &fresh);
        failed |= fresh.state == SLICE_FAILED;
        reading |= fresh.state == SLICE_LOADING || fresh.state == SLICE_NEVER;
        any |= fresh.state != SLICE_NONE;
    }
    if (*table->filter && table->all)
        text_format(text, sizeof text, "none of %zu rows has \"%s\"", table->all, table->filter);
    else if (table->scope.pane && table->all)
        text_format(text, sizeof text, "none of %zu rows is of %s; Esc shows them", table->all, table->scope.label);
    else if (reading)
        text_copy(text, sizeof text, "reading…");
    else if (failed)
        text_copy(text, sizeof text, "not known: see the lines with ✗ above");
    else
        text_copy(text, sizeof text, any ? "there is none" : "no account of the profile has any");
    cells_put(&c->cells, row, 1, c->cells.columns - 2, reading || failed ? ROLE_UNKNOWN : ROLE_DIM, text);
}

static void draw_table(struct console *c, int top, int height)
{
    struct pane_view view = console_view(c);
    const struct pane *pane = console_pane(c);
    struct table *table = console_table(c);
    table_update(table, &view);
    if (pane->draw) {
        struct row_ref chosen;
        view.chosen = pane->drawing_only && table_selected(table, &chosen) ? &chosen : NULL;
        int used = pane->draw(&view, &c->cells, top, height);
        top += used;
        height -= used;
    }
    c->table_top = top;
    if (pane->drawing_only || height < 2)
        return;
    int rows = (int)(table->rows.len < 1000000 ? table->rows.len : 1000000) + 1;
    int least = height * 2 / 3;
    int mine = !pane->below ? height : rows < height - 8 ? rows : rows < least ? rows : least;
    mine = mine < 2 ? 2 : mine;
    table_draw(table, &view, &c->cells, top, mine);
    if (!table->rows.len)
        draw_nothing(c, top + 1);
    if (pane->below)
        pane->below(&view, &c->cells, top + mine, height - mine);
}

static void draw_page(struct console *c, int top, int height)
{
    long selected = -1;
    page_fill(c, &selected);
    long count = (long)c->page.lines.len, last = count > height ? count - height : 0;
    c->page_height = height;
    if (c->follow || c->page_top > last)
        c->page_top = last;
    if (selected >= 0 && selected < c->page_top + 1)
        c->page_top = selected - 1;
    if (selected >= c->page_top + height)
        c->page_top = selected - height + 1;
    if (c->page_top < 0)
        c->page_top = 0;
    for (int i = 0; i < height && c->page_top + i < count; i++) {
        const struct page_line *line = &c->page.lines.at[c->page_top + i];
        cells_put(&c->cells, top + i, 1, c->cells.columns - 2, line->role, text_skip(line->text, c->page_left));
        if (c->page_top + i == selected)
            cells_mark(&c->cells, top + i, 0, c->cells.columns, CELL_SELECTED);
    }
}

/* How old what is shown is, account by account; on the right how much of it. */
static void draw_freshness(struct console *c, int row)
{
    const struct estate *e = c->options.estate;
    const struct table *table = console_table(c);
    char text[300], word[40];
    int at = 1;
    if (*c->message) {
        cells_put(&c->cells, row, 1, c->cells.columns - 2, c->message_role, c->message);
        return;
    }
    if (c->mode != MODE_TABLE) {
        bool more = c->prompt == PROMPT_CONFIRM && c->page_top + c->page_height < (long)c->page.lines.len;
        text_format(text, sizeof text, "lines %ld–%ld of %zu%s%s%s",
                    c->page_top + 1 > (long)c->page.lines.len ? (long)c->page.lines.len : c->page_top + 1, c->page_top +
                    c->page_height < (long)c->page.lines.len ? c->page_top + c->page_height : (long)c->page.lines.len, c->page.lines.len,
                    c->mode == MODE_LOG && c->follow ? ", following" : more ? "; PageDown shows more" : "", *c->page_filter ? "  filter " : "",
                    c->page_filter);
        cells_put(&c->cells, row, 1, c->cells.columns - 2, more ? ROLE_WARN : ROLE_DIM, text);
        return;
    }
    for (size_t a = 0; a < e->account_count && a < FRESH_MAX; a++) {
        struct fresh fresh;
        fresh_look(console_pane(c), &e->accounts[a], &fresh);
        at += cells_put(&c->cells, row, at, c->cells.columns - at, ROLE_DIM, e->accounts[a].config->name) + 1;
        at += cells_put(&c->cells, row, at, c->cells.columns - at, fresh_role(&fresh), fresh_word(&fresh, c->now, word, sizeof word)) + 3;
    }
    if (console_pane(c)->drawing_only)
        return;
    char filter[128];
    text_fit(filter, sizeof filter, *table->filter ? table->filter : table->scope.label, *table->filter ? 24 : 40);
    if (*table->filter)
        text_format(text, sizeof text, "%zu of %zu rows have \"%s\"", table->rows.len, table->all, filter);
    else if (table->scope.pane)
        text_format(text, sizeof text, "%zu of %zu rows: %s", table->rows.len, table->all, filter);
    else
        text_format(text, sizeof text, "%zu row%s", table->rows.len, table->rows.len == 1 ? "" : "s");
    put_right(&c->cells, row, *table->filter || table->scope.pane ? ROLE_WARN : ROLE_DIM, text);
}

static void draw_keys(struct console *c, int row)
{
    int at = 1, kept = HELP_WIDTH;
    char key[32];
    if (c->mode == MODE_TABLE) {
        size_t count = 0;
        while (panes[count])
            count++;
        text_format(key, sizeof key, "1-%zu", count < 9 ? count : 9);
        at += cells_put(&c->cells, row, at, 8, ROLE_KEY, key);
        at += cells_put(&c->cells, row, at, 8, ROLE_DIM, " panes") + 2;
    }
    for (const struct binding *b = bindings; b->keys; b++) {
        if (!b->hint || !binding_applies(c, b) || (b->hinted && !b->hinted(c)))
            continue;
        kept = b->run == open_help ? 0 : kept;
        binding_first_key(b, c->cells.ascii, key, sizeof key);
        if (at + (int)text_width(key) + (int)strlen(b->hint) + 2 > c->cells.columns - kept)
            continue;
        at += cells_put(&c->cells, row, at, 10, ROLE_KEY, key);
        at += 1 + cells_put(&c->cells, row, at + 1, 20, ROLE_DIM, b->hint) + 2;
    }
}

/* Keys of a prompt, which has them to itself. */
struct hint {
    const char *key, *what;
};
static const struct hint confirm_keys[] = {{"y", "goes on"}, {"n", "leaves it"}, {"↓ ↑", "read the page"}, {0}},
                         confirm_line_keys[] = {
                             {"Enter", "goes on"}, {"Tab", "other line"}, {"PageDown", "read the page"}, {"Esc", "leaves it"}, {0}};

static void draw_hint(struct console *c, int row, const struct hint *hints)
{
    int at = 1;
    for (const struct hint *h = hints; h->key; h++) {
        at += cells_put(&c->cells, row, at, 10, ROLE_KEY, h->key);
        at += 1 + cells_put(&c->cells, row, at + 1, 40, ROLE_DIM, h->what) + 2;
    }
}

static void draw_footer(struct console *c, int row)
{
    struct str names = STR_INIT(STR_TEXT_MAX);
    char first[128];
    switch (c->prompt) {
    case PROMPT_FILTER:
    case PROMPT_COMMAND:
        cells_put(&c->cells, row, 1, 1, ROLE_KEY, c->prompt == PROMPT_FILTER ? "/" : ":");
        cells_put(&c->cells, row, 2, c->cells.columns - 3, ROLE_PROMPT, text_skip(c->input, (int)text_width(c->input) - (c->cells.columns - 4)));
        if (c->prompt == PROMPT_COMMAND) {
            commands_matching(c, c->input, &names, first, sizeof first);
            cells_fill(&c->cells, row - 1, 0, c->cells.columns, ROLE_TEXT, " ");
            cells_put(&c->cells, row - 1, 1, c->cells.columns - 2, ROLE_DIM, names.len ? str_text(&names) : "");
        }
        break;
    case PROMPT_CONFIRM:
        draw_hint(c, row, action_asks_line(c) ? confirm_line_keys : confirm_keys);
        break;
    case PROMPT_MENU:
    case PROMPT_VALUE:
    case PROMPT_SURE:
    case PROMPT_LINK:
    case PROMPT_QUERY:
    case PROMPT_QUERY_TEXT:
    case PROMPT_LEADS:
        break; /* the box tells its keys */
    default:
        draw_keys(c, row);
    }
    str_free(&names);
}

bool screen_fits(const struct console *c) { return c->cells.rows >= ROWS_MIN && c->cells.columns >= COLUMNS_MIN; }

static void draw_too_small(struct console *c)
{
    char text[120];
    text_format(text, sizeof text, "trivet needs %dx%d; this window has %dx%d", COLUMNS_MIN, ROWS_MIN, c->cells.columns, c->cells.rows);
    cells_put(&c->cells, c->cells.rows / 2, 0, c->cells.columns, ROLE_WARN, text);
}

void screen_draw(struct console *c)
{
    int rows = c->cells.rows;
    cells_clear(&c->cells);
    c->cursor_row = -1;
    if (!screen_fits(c)) {
        draw_too_small(c);
        return;
    }
    draw_header(c);
    strip_draw(c->options.estate, c->now, console_pane(c)->health, &c->cells, 1);
    rule(&c->cells, 2);
    int top = 3, bottom = rows - 3;
    if (c->mode == MODE_TABLE) {
        if (!console_pane(c)->drawing_only) /* which tells its errors itself */
            top += draw_errors(c, top);
        draw_table(c, top, bottom - top);
    } else if (c->mode == MODE_ACTION) {
        int ask = action_ask_height(c);
        action_head(c, top);
        draw_page(c, top + 1, bottom - top - 1 - ask);
        if (ask)
            action_draw_ask(c, bottom - ask);
    } else if (c->mode == MODE_QUERY) {
        int used = query_head(c, top);
        draw_page(c, top + used, bottom - top - used);
    } else {
        draw_page(c, top, bottom - top);
    }
    rule(&c->cells, rows - 3);
    draw_freshness(c, rows - 2);
    draw_footer(c, rows - 1);
    static void (*const boxes[])(struct console *c) = {
        [PROMPT_MFA] = draw_mfa, [PROMPT_MENU] = draw_menu, [PROMPT_VALUE] = draw_value, [PROMPT_SURE] = draw_sure, [PROMPT_LINK] = draw_link,
        [PROMPT_QUERY] = draw_query, [PROMPT_QUERY_TEXT] = draw_query_text, [PROMPT_LEADS] = draw_leads};
    if (boxes[c->prompt])
        boxes[c->prompt](c);
}
