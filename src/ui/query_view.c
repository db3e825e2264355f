/* A query of Logs Insights on a page: how far it is, how it ended, and the last result as a table, which stays until the next one is complete. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "ui/internal.h"
#include "ui/panes/panes.h"
#include "ui/value.h"

#define WIDTH_MAX  100 /* of a column that is not the last */
#define ERROR_ROWS 3

static const struct insights *insights_of(const struct console *c) { return &c->options.estate->insights; }

/* The result's columns. */

struct layout {
    int width[INSIGHTS_COLUMNS_MAX];
    bool right[INSIGHTS_COLUMNS_MAX]; /* all of it are numbers */
};

static bool is_number(const char *text)
{
    char *end;
    strtod(text, &end);
    return *text && !*end;
}

static const char *cell_of(const struct insights_result *r, size_t row, size_t column) { return r->cells.at[row * r->columns.len + column]; }

static void lay_out(const struct insights_result *r, struct layout *out)
{
    for (size_t k = 0; k < r->columns.len; k++) {
        int most = (int)text_width(r->columns.at[k]);
        bool numbers = r->rows > 0;
        for (size_t i = 0; i < r->rows; i++) {
            const char *cell = cell_of(r, i, k);
            int width = cell ? (int)text_width(cell) : 1;
            most = width > most ? width : most;
            numbers = numbers && (!cell || is_number(cell));
        }
        out->width[k] = most > WIDTH_MAX && k + 1 < r->columns.len ? WIDTH_MAX : most;
        out->right[k] = numbers;
    }
}

static void add_cell(struct str *line, const char *text, int width, bool right, bool last)
{
    char fitted[4 * INSIGHTS_CELL_MAX];
    int used = (int)text_fit(fitted, sizeof fitted, text, (size_t)width);
    if (right)
        str_addf(line, "%*s%s", width - used, "", fitted);
    else
        str_addf(line, "%s%*s", fitted, last ? 0 : width - used, "");
    if (!last)
        str_adds(line, "  ");
}

void query_fill(const struct console *c, struct page *page)
{
    const struct insights_result *r = &insights_of(c)->result;
    struct layout layout;
    lay_out(r, &layout);
    for (size_t i = 0; i < r->rows; i++) {
        struct str line = STR_INIT((size_t)1 << 18);
        for (size_t k = 0; k < r->columns.len; k++)
            add_cell(&line, cell_of(r, i, k) ? cell_of(r, i, k) : "–", layout.width[k], layout.right[k], k + 1 == r->columns.len);
        page_add(page, ROLE_TEXT, "%s", str_text(&line));
        str_free(&line);
    }
    if (r->read_at && !r->rows)
        page_add(page, ROLE_DIM, "no row: nothing in these log groups and this time is what the query asks for");
    if (r->cut)
        page_add(page, ROLE_WARN, "only the first %d rows and %d columns are shown", INSIGHTS_ROWS_MAX, INSIGHTS_COLUMNS_MAX);
}

/* The lines above it. */

static const char *name_of(const struct insights_request *request) { return *request->name ? request->name : "(typed)"; }

static void scan_text(const struct insights_scan *scan, char *out, size_t size)
{
    char matched[40], scanned[40], bytes[40];
    if (scan->scanned < 0) {
        *out = '\0';
        return;
    }
    text_format(out, size, "%s of %s records match, %s scanned", text_grouped((double)scan->matched, matched, sizeof matched),
                text_grouped((double)scan->scanned, scanned, sizeof scanned),
                scan->bytes >= 0 ? bytes_text(scan->bytes, bytes, sizeof bytes) : "–");
}

static int put_state(struct console *c, int row, int width)
{
    const struct insights *in = insights_of(c);
    char scan[200], text[800], age[24], cost[40], elapsed[24];
    int64_t until = in->under_way ? c->now : in->ended_at;
    scan_text(&in->scan, scan, sizeof scan);
    elapsed_text(until - in->started_at, elapsed, sizeof elapsed);
    if (in->under_way) {
        const char *state = in->stopping ? "Stopping" : *in->status ? in->status : "Asking";
        text_format(text, sizeof text, "%s %s   %s%sEsc stops it", state, elapsed, scan, *scan ? "   " : "");
        return cells_put_rows(&c->cells, row, 1, width, 2, ROLE_INFO, text);
    }
    if (in->error.kind != ERROR_NONE) {
        char error[600];
        text_format(text, sizeof text, "✗ %s", error_text(&in->error, error, sizeof error));
        return cells_put_rows(&c->cells, row, 1, width, ERROR_ROWS, ROLE_BAD, text);
    }
    if (!strcmp(in->status, "Cancelled"))
        text_format(text, sizeof text, "stopped after %s: %s, %s to pay", elapsed, *scan ? scan : "nothing told of what was scanned",
                    insights_cost_text(in->scan.bytes, cost, sizeof cost));
    else
        text_format(text, sizeof text, "%zu row%s, %s old   %s, %s", in->result.rows, in->result.rows == 1 ? "" : "s",
                    when_span(c->now - in->result.read_at, age, sizeof age), scan, insights_cost_text(in->result.scan.bytes, cost, sizeof cost));
    return cells_put_rows(&c->cells, row, 1, width, 2, strcmp(in->status, "Cancelled") ? ROLE_OK : ROLE_WARN, text);
}

/* Of which query the rows below are, where it is not the one above. */
static int put_older(struct console *c, int row, int width)
{
    const struct insights *in = insights_of(c);
    const struct insights_result *r = &in->result;
    char text[400], span[24], clock[16], age[24];
    bool same = !in->under_way && in->error.kind == ERROR_NONE && strcmp(in->status, "Cancelled") != 0;
    if (same || !r->read_at)
        return 0;
    text_format(text, sizeof text, "below: %s, %s to %s, %zu row%s, %s old", name_of(&r->of), insights_span(r->to - r->from, span, sizeof span),
                when_clock(r->to, clock, sizeof clock), r->rows, r->rows == 1 ? "" : "s", when_span(c->now - r->read_at, age, sizeof age));
    return cells_put_rows(&c->cells, row, 1, width, 2, ROLE_STALE, text);
}

static void put_header(struct console *c, int row, int width)
{
    const struct insights_result *r = &insights_of(c)->result;
    struct layout layout;
    struct str line = STR_INIT((size_t)1 << 16);
    lay_out(r, &layout);
    for (size_t k = 0; k < r->columns.len; k++)
        add_cell(&line, r->columns.at[k], layout.width[k], layout.right[k], k + 1 == r->columns.len);
    cells_put(&c->cells, row, 1, width, ROLE_HEADER, text_skip(str_text(&line), c->page_left));
    str_free(&line);
}

int query_head(struct console *c, int top)
{
    const struct insights *in = insights_of(c);
    int row = top, width = c->cells.columns - 2;
    char text[600], place[400], span[24], clock[16];
    text_format(text, sizeof text, "%s, %s to %s", query_place(c, &in->asked, place, sizeof place),
                insights_span(in->asked.since_ms, span, sizeof span), when_clock(in->started_at, clock, sizeof clock));
    row += cells_put_rows(&c->cells, row, 1, width, 2, ROLE_STRONG, text);
    row += cells_put_rows(&c->cells, row, 1, width, 2, ROLE_DIM, in->asked.query);
    row += put_state(c, row, width);
    row += put_older(c, row, width);
    put_header(c, row, width);
    return row + 1 - top;
}

const char *query_title(const struct console *c) { return name_of(&insights_of(c)->asked); }

bool query_line(const struct estate *estate, int64_t now, char *out, size_t size)
{
    const struct insights *in = &estate->insights;
    char age[24];
    if (in->under_way)
        text_format(out, size, "query %s: %s; Q shows it", name_of(&in->asked), *in->status ? in->status : "asking");
    else if (in->ended_at && in->error.kind != ERROR_NONE)
        text_format(out, size, "query %s: %s, %s ago; Q shows it", name_of(&in->asked), in->error.code,
                    when_span(now - in->ended_at, age, sizeof age));
    else if (in->result.read_at)
        text_format(out, size, "query %s: %zu row%s, %s ago; Q shows them", name_of(&in->result.of), in->result.rows, in->result.rows == 1 ? "" : "s",
                    when_span(now - in->result.read_at, age, sizeof age));
    else if (in->ended_at)
        text_format(out, size, "query %s: stopped; Q shows it", name_of(&in->asked));
    else
        return false;
    return true;
}
