#include "ui/panes/request_path.h"

#include "base/text.h"
#include "estate/likely.h"
#include "ui/panes/panes.h"
#include "ui/value.h"

#define LABEL      12
#define TREND      9
#define TREND_WIDE 20
#define WIDE       120 /* columns */
#define WORD_MAX   24
#define RANK_MAX   5

/* Of which the profile names a part. */
static bool has_path(const struct account *account)
{
    return account->config->cluster.name || account->config->web_acl || account->config->database;
}

size_t request_path_account(const struct pane_view *view)
{
    const struct estate *e = view->estate;
    if (view->shown)
        return view->shown - 1;
    if (view->account != SIZE_MAX)
        return has_path(&e->accounts[view->account]) ? view->account : SIZE_MAX;
    for (size_t a = 0; a < e->account_count; a++)
        if (e->accounts[a].config->kind == ACCOUNT_PRODUCTION && has_path(&e->accounts[a]))
            return a;
    for (size_t a = 0; a < e->account_count; a++)
        if (has_path(&e->accounts[a]))
            return a;
    return SIZE_MAX;
}

size_t request_path_next(const struct pane_view *view)
{
    size_t now = request_path_account(view), count = view->estate->account_count;
    for (size_t k = 1; now != SIZE_MAX && k < count; k++)
        if (has_path(&view->estate->accounts[(now + k) % count]))
            return (now + k) % count;
    return SIZE_MAX;
}

size_t request_path_trend(const struct cells *cells) { return cells->columns < WIDE ? TREND : TREND_WIDE; }

bool request_path_likely(const struct pane_view *view, size_t account, const struct hop hops[HOPS], char *out, size_t size)
{
    bool bad = false;
    for (size_t i = 0; i < HOPS; i++)
        bad |= hops[i].state == HOP_BAD && !hops[i].standing;
    return bad && likely_cause(view->estate, account, view->now, out, size);
}

static int gap_before(const struct figure *f) { return f->near ? 1 : 2; }

/* What there is room for: the lowest ranks first, each in its turn. */
static void choose(const struct hop *hop, int room, bool shown[HOP_FIGURES])
{
    int used = 0;
    for (int rank = 0; rank <= RANK_MAX; rank++)
        for (size_t i = 0; i < hop->count; i++) {
            int width = (used ? gap_before(&hop->figures[i]) : 0) + (int)text_width(hop->figures[i].text);
            bool near_nothing = hop->figures[i].near && (!i || !shown[i - 1]);
            if (hop->figures[i].rank != rank || near_nothing || (rank && used + width > room))
                continue;
            shown[i] = true;
            used += width;
        }
}

static void put_figures(const struct hop *hop, struct cells *cells, int row, int at, int room)
{
    bool shown[HOP_FIGURES] = {false}, first = true;
    int end = at + room;
    choose(hop, room, shown);
    for (size_t i = 0; i < hop->count; i++) {
        const struct figure *f = &hop->figures[i];
        if (!shown[i])
            continue;
        at += first ? 0 : gap_before(f);
        if (at < end)
            at += cells_put(cells, row, at, end - at, f->role, f->text);
        first = false;
    }
}

static void put_hop(const struct hop *hop, struct cells *cells, int row)
{
    char word[sizeof hop->word + 8], cut[sizeof hop->word + 8];
    text_format(word, sizeof word, "%s%s", hop->state == HOP_BAD ? "✗ " : "", hop->word);
    int width = (int)text_fit(cut, sizeof cut, word, WORD_MAX), right = cells->columns - 1 - width;
    bool quiet = hop->state == HOP_ASLEEP || hop->state == HOP_NONE;
    cells_put(cells, row, 1, LABEL, hop->state == HOP_BAD ? ROLE_BAD : quiet ? ROLE_DIM : ROLE_HEADER, hop->name);
    put_figures(hop, cells, row, 1 + LABEL, right - LABEL - 2);
    cells_put(cells, row, right, width, hop->role, cut);
}

static void put_title(const struct pane_view *view, const struct account *account, struct cells *cells, int row)
{
    char text[160];
    struct value session;
    text_format(text, sizeof text, " %s ", account->config->name);
    text_upper(text, SIZE_MAX);
    int at = 1 + cells_put(cells, row, 1, cells->columns - 2, kind_role(account->config->kind), text);
    text_format(text, sizeof text, " %s %s  session ", account_kind_name((enum account_kind)account->config->kind), account->config->id);
    at += cells_put(cells, row, at, cells->columns - at - 1, ROLE_DIM, text);
    value_session(view, (struct row_ref){(uint32_t)account->index, 0}, &session);
    at += cells_put(cells, row, at, cells->columns - at - 1, session.role == ROLE_OK ? ROLE_DIM : session.role, session.text);
    if (down_until(account, view->now, text, sizeof text))
        cells_put(cells, row, at + 3, cells->columns - at - 4, ROLE_DIM, text);
}

int request_path_draw(const struct pane_view *view, size_t account, const struct hop hops[HOPS], struct cells *cells, int top, bool airy)
{
    int row = top;
    put_title(view, &view->estate->accounts[account], cells, row++);
    for (size_t i = 0; i < HOPS; i++) {
        if (airy && i)
            cells_put(cells, row++, 4, 1, ROLE_DIM, "│");
        put_hop(&hops[i], cells, row);
        if (view->chosen && view->chosen->index == i)
            cells_mark(cells, row, 0, cells->columns, CELL_SELECTED);
        row++;
    }
    return row - top;
}

/* What its figures say, without the drawings. */
static void words_of(const struct hop *hop, struct str *out)
{
    for (size_t i = 0; i < hop->count; i++)
        if (!hop->figures[i].drawing)
            str_addf(out, "%*s%s", out->len ? gap_before(&hop->figures[i]) : 0, "", hop->figures[i].text);
}

/* A line a hop, and why where it is not well: what could not be read is told by itself. */
void request_path_text(const struct pane_view *view, struct str *out)
{
    size_t account = request_path_account(view);
    struct hop hops[HOPS];
    char likely[400], word[sizeof hops->word + 8], fit[sizeof word];
    if (account == SIZE_MAX)
        return;
    const struct account_config *config = view->estate->accounts[account].config;
    request_path_look(view, account, 0, hops);
    str_addf(out, "%s  %s %s\n", config->name, account_kind_name((enum account_kind)config->kind), config->id);
    for (size_t i = 0; i < HOPS; i++) {
        struct str text = STR_INIT(4096);
        words_of(&hops[i], &text);
        text_format(word, sizeof word, "%s%s", hops[i].state == HOP_BAD ? "✗ " : "", hops[i].word);
        int width = (int)text_fit(fit, sizeof fit, word, WORD_MAX);
        str_addf(out, "%-*s%s%*s  %s\n", LABEL, hops[i].name, fit, WORD_MAX - width, "", str_text(&text));
        if (hops[i].state == HOP_BAD)
            str_addf(out, "%*s%s\n", LABEL, "", hops[i].why);
        str_free(&text);
    }
    if (request_path_likely(view, account, hops, likely, sizeof likely))
        str_addf(out, "Likely: %s\n", likely);
}

json_t *request_path_json(const struct pane_view *view)
{
    size_t account = request_path_account(view);
    json_t *list = json_array();
    struct hop hops[HOPS];
    char likely[400];
    if (account == SIZE_MAX) {
        json_decref(list);
        return json_null();
    }
    request_path_look(view, account, 0, hops);
    for (size_t i = 0; i < HOPS; i++) {
        struct str text = STR_INIT(4096);
        words_of(&hops[i], &text);
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s?}", "name", hops[i].name, "text", str_text(&text), "state",
                                              hop_state_name(hops[i].state), "why", *hops[i].why ? hops[i].why : NULL));
        str_free(&text);
    }
    bool known = request_path_likely(view, account, hops, likely, sizeof likely);
    return json_pack("{s:s, s:o, s:s?}", "account", view->estate->accounts[account].config->name, "hops", list, "likely", known ? likely : NULL);
}
