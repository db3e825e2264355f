/* A pane as Markdown. What strangers wrote in it must not become markup. */
#include "base/markdown.h"
#include "base/when.h"
#include "ui/export.h"
#include "ui/table.h"
#include "ui/trouble.h"

static void add_row(struct str *out, const struct pane *pane, const struct pane_view *view, struct row_ref row)
{
    struct value value;
    char time[40];
    for (const struct column *c = pane->columns; c->key; c++) {
        if (c->screen_only)
            continue;
        c->value(view, row, &value);
        str_adds(out, "| ");
        markdown_add(out, value.type == VALUE_TIME && value.known ? when_iso((int64_t)value.number, time, sizeof time) : value.text);
        str_addc(out, ' ');
    }
    str_adds(out, "|\n");
}

static void add_trouble(void *arg, const char *line, bool stale)
{
    struct str *out = arg;
    str_adds(out, stale ? "- stale: " : "- not read: ");
    markdown_add(out, line);
    str_addc(out, '\n');
}

void pane_markdown(const struct pane *pane, const struct pane_view *view, struct str *out)
{
    struct table table;
    char now[40];
    table_list(&table, pane, view);
    str_addf(out, "## %s of %s, %s\n\n", pane->title, view->estate->config->name, when_iso(view->now, now, sizeof now));
    for (const struct column *c = pane->columns; c->key; c++)
        if (!c->screen_only)
            str_addf(out, "| %s ", c->title);
    str_adds(out, "|\n");
    for (const struct column *c = pane->columns; c->key; c++)
        if (!c->screen_only)
            str_adds(out, "| --- ");
    str_adds(out, "|\n");
    for (size_t i = 0; i < table.rows.len; i++)
        add_row(out, pane, view, table.rows.at[i]);
    table_free(&table);
    str_addc(out, '\n');
    if (pane->text) {
        struct str more = STR_INIT(65536);
        pane->text(view, &more);
        if (more.len)
            str_addf(out, "```\n%s```\n\n", str_text(&more));
        str_free(&more);
    }
    trouble_lines(view->estate, pane_feeds(pane), view->now, add_trouble, out);
}
