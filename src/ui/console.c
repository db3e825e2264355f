#include "ui/console.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/internal.h"

#define MESSAGE_MS 6000
#define UNFINISHED_MS 60000

struct pane_view console_view(const struct console *c)
{
    return (struct pane_view){.estate = c->options.estate, .now = c->now, .unicode = c->options.unicode, .account = SIZE_MAX, .drawn = true,
                              .shown = c->shown,
                              .checks = console_pane(c)->checks ? &c->checks : NULL, .last_checks = c->options.last_checks};
}

/* The verdicts follow the estate, while somebody looks at them. */
static void judge(struct console *c)
{
    if (!console_pane(c)->checks || (c->checks.len && c->checks_version == c->options.estate->version))
        return;
    checks_free(&c->checks);
    checks_run(c->options.estate, c->now, &c->checks);
    c->checks_version = c->options.estate->version;
}

void console_say(struct console *c, uint8_t role, const char *format, ...)
{
    char text[2 * sizeof c->message];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    text_copy(c->message, sizeof c->message, text);
    c->message_role = role;
    c->message_until = c->now + MESSAGE_MS;
    c->dirty = true;
}

void go_to_table(struct console *c)
{
    if (c->mode == MODE_ACTION)
        action_leave(c);
    if (c->key.kind != DETAIL_NONE && c->host.detail_close)
        c->host.detail_close(c->host.arg);
    if (c->mode == MODE_LOG && c->host.log_close)
        c->host.log_close(c->host.arg);
    if (c->mode == MODE_COMPARE && c->host.focus)
        c->host.focus(c->host.arg, pane_feeds(console_pane(c)));
    c->key = (struct detail_key){0};
    c->mode = MODE_TABLE;
    c->page_filter[0] = '\0';
    c->page_top = c->page_left = 0;
}

void console_open_pane(struct console *c, size_t pane)
{
    go_to_table(c);
    if (pane != c->pane)
        table_scope(console_table(c), NULL);
    c->wanted.pane = NULL;
    c->pane = pane;
    judge(c);
    if (c->host.focus)
        c->host.focus(c->host.arg, pane_reads(panes[pane]));
    c->dirty = true;
}

/* Begun by a console that is gone, and nobody carries them on. */
static void tell_unfinished(struct console *c)
{
    find_unfinished(c);
    if (!c->unfinished.len)
        return;
    console_say(c, ROLE_WARN, "%zu action%s left unfinished (%s in %s%s): A shows %s", c->unfinished.len, c->unfinished.len == 1 ? " was" : "s were",
                c->unfinished.at[0].action, c->unfinished.at[0].account, c->unfinished.len > 1 ? ", …" : "", c->unfinished.len == 1 ? "it" : "them");
    c->message_until = c->now + UNFINISHED_MS;
}

struct console *console_new(const struct console_options *options)
{
    struct console *c = mem_new(sizeof *c);
    c->options = *options;
    c->host = options->host ? *options->host : (struct console_host){0};
    c->now = options->now;
    c->mfa_answered = SIZE_MAX;
    cells_init(&c->cells, options->rows, options->columns);
    c->cells.ascii = !options->unicode;
    size_t first = 0;
    for (size_t i = 0; panes[i] && i < PANES_MAX; i++) {
        table_init(&c->tables[i], panes[i]);
        if (text_equal(panes[i]->name, options->pane))
            first = i;
    }
    console_open_pane(c, first);
    c->told_until = c->now;
    tell_unfinished(c);
    return c;
}

void console_free(struct console *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < PANES_MAX; i++)
        table_free(&c->tables[i]);
    page_free(&c->page);
    page_free(&c->sure.text);
    vec_free(&c->unfinished);
    checks_free(&c->checks);
    cells_free(&c->cells);
    mem_wipe(c->input, sizeof c->input);
    free(c);
}

/* Modes */

void open_mode(struct console *c, enum mode mode)
{
    c->mode = mode;
    c->follow = false;
    c->page_top = c->page_left = 0;
    c->page_filter[0] = '\0';
    c->dirty = true;
}

static bool look_at_selected(struct console *c)
{
    struct pane_view view = console_view(c);
    struct row_ref row;
    struct detail_key key;
    if (c->mode != MODE_TABLE) /* is looked at already, and may have gone meanwhile */
        return true;
    if (!table_selected(console_table(c), &row))
        return false;
    c->looked_at = row;
    table_identity(console_pane(c), &view, row, c->looked_identity, sizeof c->looked_identity);
    if (!console_pane(c)->detail || !console_pane(c)->detail(&view, c->looked_at, &key))
        return true;
    if (c->key.kind == DETAIL_NONE && c->host.detail)
        c->host.detail(c->host.arg, &key);
    c->key = key;
    return true;
}

void open_detail(struct console *c)
{
    if (look_at_selected(c))
        open_mode(c, MODE_DETAIL);
}

void open_yaml(struct console *c)
{
    enum mode under = c->mode;
    if (look_at_selected(c))
        open_mode(c, MODE_YAML);
    c->under = under;
}

void open_log(struct console *c)
{
    if (!look_at_selected(c))
        return;
    c->under = c->mode;
    if (c->host.log)
        c->host.log(c->host.arg, c->key.account, c->key.ns, c->key.name, NULL, false, c->since_ms);
    open_mode(c, MODE_LOG);
    c->follow = true;
}

void open_help(struct console *c)
{
    go_to_table(c);
    open_mode(c, MODE_HELP);
}

void go_back(struct console *c)
{
    if ((c->mode == MODE_YAML || c->mode == MODE_LOG) && c->under == MODE_DETAIL) {
        if (c->mode == MODE_LOG && c->host.log_close)
            c->host.log_close(c->host.arg);
        open_mode(c, MODE_DETAIL);
    } else if (c->mode == MODE_ACTION && c->under == MODE_ACTIONS)
        open_actions(c);
    else if (c->mode != MODE_TABLE)
        go_to_table(c);
    else if (*console_table(c)->filter)
        table_filter(console_table(c), "");
    else
        table_scope(console_table(c), NULL);
    c->dirty = true;
}

void open_prompt(struct console *c, enum prompt prompt, const char *text)
{
    c->prompt = prompt;
    text_copy(c->input, sizeof c->input, text);
    c->dirty = true;
}

/* Prompts */

void close_prompt(struct console *c)
{
    mem_wipe(c->input, sizeof c->input);
    c->prompt = PROMPT_NONE;
}

static void typed_filter(struct console *c)
{
    if (c->mode == MODE_TABLE)
        table_filter(console_table(c), c->input);
    else
        text_copy(c->page_filter, sizeof c->page_filter, c->input);
}

static void accept(struct console *c)
{
    struct error e = {0};
    char line[INPUT_MAX];
    switch (c->prompt) {
    case PROMPT_COMMAND:
        text_copy(line, sizeof line, c->input);
        close_prompt(c);
        if (*line && !command_run(c, line, &e))
            console_say(c, ROLE_BAD, "%s", e.message);
        return;
    case PROMPT_MFA:
        if (strlen(c->input) != 6) {
            console_say(c, ROLE_WARN, "a code has six digits");
            return;
        }
        mfa_answer(c, c->input);
        close_prompt(c);
        return;
    case PROMPT_VALUE:
        value_accept(c);
        return;
    case PROMPT_QUERY_TEXT:
        query_accept(c);
        return;
    default:
        close_prompt(c);
    }
}

static void give_up(struct console *c)
{
    if (c->prompt == PROMPT_MFA)
        mfa_answer(c, NULL);
    if (c->prompt == PROMPT_FILTER) {
        c->input[0] = '\0';
        typed_filter(c);
    }
    close_prompt(c);
}

void input_erase(char *text)
{
    size_t len = strlen(text);
    while (len > 0 && ((unsigned char)text[len - 1] & 0xc0) == 0x80)
        len--;
    text[len ? len - 1 : 0] = '\0';
}

static void complete(struct console *c)
{
    struct str all = STR_INIT(STR_TEXT_MAX);
    char first[128];
    commands_matching(c, c->input, &all, first, sizeof first);
    if (*first)
        text_copy(c->input, sizeof c->input, first);
    str_free(&all);
}

void input_type(char *line, size_t size, uint32_t ch)
{
    char bytes[4];
    size_t len = strlen(line), more = text_encode(ch, bytes);
    if (len + more >= size || !text_is_clean(bytes, more))
        return;
    memcpy(line + len, bytes, more);
    line[len + more] = '\0';
}

static void type(struct console *c, uint32_t ch)
{
    if (c->prompt != PROMPT_MFA || (ch >= '0' && ch <= '9' && strlen(c->input) < 6))
        input_type(c->input, sizeof c->input, ch);
}

/* Prompts that have keys of their own; false: it is a line of text. */
static bool special_key(struct console *c, const struct key *key)
{
    static void (*const keys[])(struct console *c, const struct key *key) = {[PROMPT_MENU] = menu_key, [PROMPT_CONFIRM] = confirm_key,
                                                                             [PROMPT_SURE] = sure_key,
                                                                                [PROMPT_LINK] = link_key, [PROMPT_QUERY] = query_key,
                                                                                [PROMPT_LEADS] = leads_key};
    if (c->prompt >= sizeof keys / sizeof *keys || !keys[c->prompt])
        return false;
    keys[c->prompt](c, key);
    return true;
}

static void prompt_key(struct console *c, const struct key *key)
{
    if (special_key(c, key))
        return;
    switch (key->code) {
    case KEY_CODE_CHAR:
    case KEY_CODE_PASTE:
        type(c, key->ch);
        break;
    case KEY_CODE_BACKSPACE:
        input_erase(c->input);
        break;
    case KEY_CODE_TAB:
        if (c->prompt == PROMPT_COMMAND)
            complete(c);
        break;
    case KEY_CODE_ENTER:
        accept(c);
        return;
    case KEY_CODE_ESCAPE:
        give_up(c);
        return;
    case KEY_CODE_CTRL:
        if (key->ch == 'u')
            c->input[0] = '\0';
        if (key->ch == 'c')
            give_up(c);
        break;
    case KEY_CODE_DOWN:
    case KEY_CODE_UP: /* look through what the filter leaves, without leaving the prompt */
        if (c->prompt == PROMPT_FILTER && c->mode == MODE_TABLE) {
            struct pane_view view = console_view(c);
            table_move(console_table(c), &view, key->code == KEY_CODE_DOWN ? 1 : -1);
        }
        break;
    default:
        break;
    }
    if (c->prompt == PROMPT_FILTER)
        typed_filter(c);
}

static void click(struct console *c, const struct key *key)
{
    struct pane_view view = console_view(c);
    struct table *table = console_table(c);
    if (c->mode != MODE_TABLE || console_pane(c)->drawing_only)
        return;
    size_t row = table_row_at(table, c->table_top, key->row);
    if (row == SIZE_MAX)
        return;
    const struct binding *opens = binding_find(c, &(struct key){.code = KEY_CODE_ENTER});
    if (row == table->selected && *table->identity && opens)
        opens->run(c);
    else
        table_select(table, &view, row);
}

void console_key(struct console *c, const struct key *key, int64_t now)
{
    struct pane_view view;
    c->now = now;
    c->dirty = true;
    c->message[0] = '\0';
    c->wanted.pane = NULL;
    judge(c);
    view = console_view(c);
    table_update(console_table(c), &view);
    if (c->prompt != PROMPT_NONE) {
        bool gives_up = key->code == KEY_CODE_ESCAPE || (key->code == KEY_CODE_CTRL && key->ch == 'c');
        if (screen_fits(c) || gives_up) /* what cannot be seen is not answered */
            prompt_key(c, key);
        return;
    }
    if (key->code == KEY_CODE_CLICK) {
        click(c, key);
        return;
    }
    const struct binding *binding = binding_find(c, key);
    if (binding) {
        binding->run(c);
        return;
    }
    for (size_t i = 0; panes[i] && i < 9 && key->code == KEY_CODE_CHAR; i++)
        if (key->ch == '1' + i)
            console_open_pane(c, i);
}

bool console_command(struct console *c, const char *line, struct error *e)
{
    c->dirty = true;
    return command_run(c, line, e);
}

void console_resize(struct console *c, int rows, int columns)
{
    cells_resize(&c->cells, rows, columns);
    c->dirty = true;
}

bool console_done(const struct console *c) { return c->done; }
const struct cells *console_cells(const struct console *c) { return &c->cells; }

bool console_draw(struct console *c, int64_t now)
{
    c->now = now;
    uint64_t actions = c->options.actions ? actions_version(c->options.actions) : 0;
    if (c->drawn_version != c->options.estate->version || c->drawn_actions != actions || now / 1000 != c->drawn_second)
        c->dirty = true;
    if (!c->dirty)
        return false;
    judge(c);
    mfa_watch(c);
    action_watch(c);
    leads_watch(c);
    if (*c->message && now > c->message_until)
        c->message[0] = '\0';
    screen_draw(c);
    c->drawn_version = c->options.estate->version;
    c->drawn_actions = actions;
    c->drawn_second = now / 1000;
    c->dirty = false;
    return true;
}

int64_t console_next_draw(const struct console *c) { return (c->drawn_second + 1) * 1000; }

void console_cursor(const struct console *c, int *row, int *column)
{
    *row = c->cursor_row;
    *column = c->cursor_column;
    if (c->prompt == PROMPT_FILTER || c->prompt == PROMPT_COMMAND) {
        *row = c->cells.rows - 1;
        *column = 2 + ((int)text_width(c->input) < c->cells.columns - 4 ? (int)text_width(c->input) : c->cells.columns - 4);
    }
}

bool console_settled(const struct console *c)
{
    const struct estate *e = c->options.estate;
    for (size_t a = 0; a < e->account_count; a++)
        for (int f = 0; f < FEED_COUNT; f++) {
            enum slice_state state = e->accounts[a].slices[f].state;
            if ((pane_reads(console_pane(c)) & FEED_BIT(f)) && (state == SLICE_NEVER || state == SLICE_LOADING))
                return false;
        }
    return true;
}
