/* `→` and `←`: from the selected row to what it belongs with, and back exactly the way one came. */
#include <string.h>

#include "base/text.h"
#include "ui/internal.h"

static bool selected(struct console *c, struct row_ref *out) { return table_selected(console_table(c), out); }

bool leads_some(struct console *c)
{
    struct pane_view view = console_view(c);
    struct row_ref row;
    struct leads found = {.count = 0};
    if (c->mode == MODE_TABLE && selected(c, &row))
        leads_of(&view, console_pane(c), row, true, &found);
    return found.count > 0;
}

/* Keeps pane, filter and selected row. */
static void push(struct console *c)
{
    struct pane_view view = console_view(c);
    struct table *table = console_table(c);
    if (c->trail_len == TRAIL_MAX)
        memmove(c->trail, c->trail + 1, --c->trail_len * sizeof *c->trail);
    table_update(table, &view);
    table_select(table, &view, table->selected); /* so that it has an identity, if nobody has moved yet */
    c->trail[c->trail_len].pane = c->pane;
    table_keep(table, &c->trail[c->trail_len++].place);
}

void trail_go(struct console *c, size_t pane)
{
    push(c);
    console_open_pane(c, pane);
    table_filter(console_table(c), "");
    table_scope(console_table(c), NULL);
}

/* The pane is open: its row is selected, or where there are several the pane is narrowed to them. What is not there is waited for while it is
 * read. */
static void arrive(struct console *c)
{
    struct pane_view view = console_view(c);
    struct table *table = console_table(c);
    struct lead *wanted = &c->wanted;
    struct row_ref first;
    size_t count = lead_count(&view, wanted, &first);
    if (!count && lead_is_pending(&view, wanted)) {
        console_say(c, ROLE_INFO, "%s is being read, for %s", console_pane(c)->title, wanted->label);
        return;
    }
    c->message[0] = '\0';
    if (!count)
        console_say(c, ROLE_WARN, lead_is_known(&view, wanted) ? "%s has no row for %s" : "%s could not be read: whether it has %s is not known",
                    console_pane(c)->title, wanted->label);
    if (count > 1)
        table_scope(table, wanted);
    table_update(table, &view);
    if (count)
        table_select_row(table, &view, count > 1 && table->rows.len ? table->rows.at[0] : first);
    wanted->pane = NULL;
}

void lead_go(struct console *c, const struct lead *lead)
{
    size_t to = pane_place(lead->pane);
    if (to == SIZE_MAX)
        return;
    trail_go(c, to);
    c->wanted = *lead;
    arrive(c);
}

/* The menu grows while what its leads are found by is read; the line that is marked stays so. */
static void find_leads(struct console *c)
{
    struct pane_view view = console_view(c);
    struct row_ref row;
    check_results checks = {0};
    struct lead marked = c->lead < c->leads.count ? c->leads.at[c->lead] : (struct lead){.pane = NULL};
    c->leads_version = view.estate->version;
    if (!selected(c, &row))
        return;
    if (!view.checks) { /* a lead may be to verdicts */
        checks_run(view.estate, view.now, &checks);
        view.checks = &checks;
    }
    leads_of(&view, console_pane(c), row, false, &c->leads);
    checks_free(&checks);
    c->leads_whole = !leads_pending(&view, console_pane(c)->lead_feeds, row.account);
    c->lead = c->lead < c->leads.count ? c->lead : 0;
    for (size_t i = 0; marked.pane && i < c->leads.count; i++)
        if (lead_same(&marked, &c->leads.at[i]))
            c->lead = i;
}

void leads_watch(struct console *c)
{
    if (c->wanted.pane)
        arrive(c);
    if (c->prompt != PROMPT_LEADS || c->leads_version == c->options.estate->version)
        return;
    struct pane_view view = console_view(c);
    table_update(console_table(c), &view);
    find_leads(c);
    if (!c->leads.count)
        close_prompt(c);
}

static void focus(struct console *c, feed_mask more)
{
    if (c->host.focus)
        c->host.focus(c->host.arg, pane_reads(console_pane(c)) | more);
}

void leads_follow(struct console *c)
{
    c->leads.count = c->lead = 0;
    find_leads(c);
    if (c->leads.count == 1 && c->leads_whole) {
        lead_go(c, &c->leads.at[0]);
    } else if (c->leads.count) {
        open_prompt(c, PROMPT_LEADS, "");
        focus(c, console_pane(c)->lead_feeds);
    }
}

bool trail_some(struct console *c) { return c->trail_len > 0; }

void trail_back(struct console *c)
{
    const struct trail_step *step = &c->trail[--c->trail_len];
    table_filter(console_table(c), "");
    table_scope(console_table(c), NULL);
    console_open_pane(c, step->pane);
    struct pane_view view = console_view(c);
    if (!table_return(console_table(c), &view, &step->place))
        console_say(c, ROLE_WARN, "the row that you came from is not there any more");
}

/* The menu. */

static char key_of(size_t i) { return i < 9 ? (char)('1' + i) : ' '; }

static void choose(struct console *c, size_t i)
{
    const struct lead lead = c->leads.at[i];
    close_prompt(c);
    lead_go(c, &lead);
}

void leads_key(struct console *c, const struct key *key)
{
    bool is_char = key->code == KEY_CODE_CHAR;
    if (key->code == KEY_CODE_LEFT || box_leaves(key)) {
        close_prompt(c);
        focus(c, 0);
    } else if (key->code == KEY_CODE_ENTER || key->code == KEY_CODE_RIGHT) {
        choose(c, c->lead);
    } else if (!box_moves(key, &c->lead, c->leads.count) && is_char && key->ch >= '1' && key->ch <= '9' && key->ch - '1' < c->leads.count) {
        choose(c, key->ch - '1');
    }
}

static void add_line(const struct lead *lead, size_t i, int wide, struct page *page)
{
    char count[40] = "", text[300];
    if (!lead->count)
        text_copy(count, sizeof count, " (not read yet)");
    else if (lead->count > 1)
        text_format(count, sizeof count, ": %zu", lead->count);
    text_format(text, sizeof text, "%s%s", lead->label, count);
    int gap = wide - (int)text_width(text);
    page_add(page, ROLE_TEXT, "%c  %s%*s  %s", key_of(i), text, gap > 0 ? gap : 0, "", pane_find(lead->pane)->title);
}

/* "PROD web backend-7d9c5b6f4-bx2vk": the box may stand over it. */
static const char *called(struct console *c, char *out, size_t size)
{
    struct pane_view view = console_view(c);
    struct row_ref row;
    *out = '\0';
    if (!selected(c, &row))
        return out;
    table_identity(console_pane(c), &view, row, out, size);
    for (char *p = out; *p; p++)
        *p = *p == '\t' ? ' ' : *p;
    return strchr(out, ' ') ? strchr(out, ' ') + 1 : out;
}

void draw_leads(struct console *c)
{
    struct page page = {0};
    char name[600];
    int width = c->cells.columns - 4 < 112 ? c->cells.columns - 4 : 112;
    page_add(&page, ROLE_TITLE, "%s belongs with", called(c, name, sizeof name));
    for (size_t i = 0; i < c->leads.count; i++)
        add_line(&c->leads.at[i], i, width - 4 - 3 - 2 - 15, &page);
    page_add(&page, ROLE_DIM, "Enter or → goes there, ← comes back from it   Esc stays%s", c->leads_whole ? "" : "   more is being read…");
    box_draw(&c->cells, &page, width, (int)c->lead + 1, (int)c->lead + 2);
    page_free(&page);
}
