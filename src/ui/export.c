#include "ui/export.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "ui/table.h"
#include "ui/trouble.h"
#include "ui/value.h"

static json_t *time_json(int64_t ms)
{
    char text[40];
    return ms ? json_string(when_iso(ms, text, sizeof text)) : json_null();
}

static json_t *error_json(const struct error *error)
{
    if (error->kind == ERROR_NONE)
        return json_null();
    return json_pack("{s:s, s:s, s:s}", "code", error->code, "message", error->message, "request_id", error->request_id);
}

static json_t *feeds_json(const struct account *account, feed_mask feeds)
{
    json_t *list = json_array();
    for (int f = 0; f < FEED_COUNT; f++) {
        const struct slice *slice = &account->slices[f];
        if ((feeds & FEED_BIT(f)) && slice->state != SLICE_NONE)
            json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:o, s:o*}", "feed", feed_name((enum feed)f), "state",
                                                  slice_state_name(slice->state), "read_at", time_json(slice->read_at), "error",
                                                  error_json(&slice->error), "part", slice->part ? json_true() : NULL));
    }
    return list;
}

static json_t *accounts_json(const struct pane_view *view, feed_mask feeds)
{
    json_t *list = json_array();
    for (size_t a = 0; a < view->estate->account_count; a++) {
        const struct account *account = &view->estate->accounts[a];
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o}", "name", account->config->name, "id", account->config->id, "kind",
                                              account_kind_name((enum account_kind)account->config->kind), "feeds", feeds_json(account, feeds)));
    }
    return list;
}

static json_t *value_json(const struct value *value)
{
    if (!value->known)
        return json_null();
    if (value->type == VALUE_FLAG)
        return json_boolean(value->number != 0);
    if (value->type == VALUE_TIME)
        return time_json((int64_t)value->number);
    if (value->type == VALUE_NUMBER)
        return value->number == floor(value->number) && fabs(value->number) < 9e15 ? json_integer((json_int_t)value->number) :
               json_real(value->number);
    return json_string(value->text);
}

static json_t *row_json(const struct pane *pane, const struct pane_view *view, struct row_ref row)
{
    json_t *out = json_object();
    for (const struct column *c = pane->columns; c->key; c++) {
        struct value value;
        if (c->screen_only)
            continue;
        c->value(view, row, &value);
        json_object_set_new(out, c->key, value_json(&value));
    }
    json_object_set_new(out, "account", json_string(account_of(view, row)->config->name)); /* as the profile writes it */
    return out;
}

json_t *pane_json(const struct pane *pane, const struct pane_view *view)
{
    struct table table;
    json_t *columns = json_array(), *rows = json_array();
    for (const struct column *c = pane->columns; c->key; c++)
        if (!c->screen_only)
            json_array_append_new(columns, json_pack("{s:s, s:s}", "key", c->key, "title", c->title));
    table_list(&table, pane, view);
    for (size_t i = 0; i < table.rows.len; i++)
        json_array_append_new(rows, row_json(pane, view, table.rows.at[i]));
    table_free(&table);
    json_t *out = json_pack("{s:s, s:o, s:o, s:o, s:o}", "pane", pane->name, "generated", time_json(view->now), "accounts",
                            accounts_json(view, pane_feeds(pane)), "columns", columns, "rows", rows);
    if (pane->json)
        pane->json(view, out);
    return out;
}

/* Text that a terminal may get, in its character set. */
static void add_text(struct str *out, const struct pane_view *view, const char *text)
{
    size_t used, len = strlen(text);
    if (view->unicode) {
        str_adds(out, text);
        return;
    }
    for (; len; text += used, len -= used)
        str_addc(out, glyph_ascii(text_decode(text, len, &used)));
}

static void add_padded(struct str *out, const struct pane_view *view, const char *text, int width, bool right)
{
    int pad = width - (int)text_width(text);
    for (int i = 0; right && i < pad; i++)
        str_addc(out, ' ');
    add_text(out, view, text);
    for (int i = 0; !right && i < pad; i++)
        str_addc(out, ' ');
}

static void trim(struct str *out)
{
    while (out->len && out->data[out->len - 1] == ' ')
        str_cut(out, out->len - 1, 1);
    str_addc(out, '\n');
}

struct lines {
    const struct pane_view *view;
    struct str *out;
    bool apart; /* a blank line before the first */
};

static void add_line(void *arg, const char *line, bool stale)
{
    struct lines *lines = arg;
    (void)stale;
    if (lines->apart)
        str_addc(lines->out, '\n');
    lines->apart = false;
    add_text(lines->out, lines->view, "✗ ");
    add_text(lines->out, lines->view, line);
    str_addc(lines->out, '\n');
}

#define TEXT_COLUMNS 24

void pane_text(const struct pane *pane, const struct pane_view *view, struct str *out)
{
    struct table table;
    int width[TEXT_COLUMNS] = {0};
    struct value value;
    table_list(&table, pane, view);
    for (int i = 0; pane->columns[i].key && i < TEXT_COLUMNS; i++)
        width[i] = (int)text_width(pane->columns[i].title);
    for (size_t r = 0; r < table.rows.len; r++)
        for (int i = 0; pane->columns[i].key && i < TEXT_COLUMNS; i++) {
            pane->columns[i].value(view, table.rows.at[r], &value);
            if ((int)text_width(value.text) > width[i])
                width[i] = (int)text_width(value.text);
        }
    for (int i = 0; pane->columns[i].key && i < TEXT_COLUMNS; i++) {
        add_padded(out, view, pane->columns[i].title, width[i], pane->columns[i].right);
        str_adds(out, "  ");
    }
    trim(out);
    for (size_t r = 0; r < table.rows.len; r++) {
        for (int i = 0; pane->columns[i].key && i < TEXT_COLUMNS; i++) {
            pane->columns[i].value(view, table.rows.at[r], &value);
            add_padded(out, view, value.text, width[i], pane->columns[i].right);
            str_adds(out, "  ");
        }
        trim(out);
    }
    table_free(&table);
    struct str more = STR_INIT(65536);
    if (pane->text)
        pane->text(view, &more);
    if (more.len)
        str_addc(out, '\n');
    add_text(out, view, str_text(&more));
    struct lines lines = {view, out, more.len > 0};
    str_free(&more);
    trouble_lines(view->estate, pane_feeds(pane), view->now, add_line, &lines);
}

static const char *health_name(enum health health)
{
    static const char *const names[] = {"unknown", "ok", "attention"};
    return names[health];
}

/* What overview's columns say of the account, by their keys. */
static void add_overview(const struct pane_view *view, size_t account, json_t *into)
{
    static const char *const keys[] = {"session", "pods", "database", "spend", "alarms", "blocked"};
    const struct pane *overview = pane_find("overview");
    for (const struct column *c = overview->columns; c->key; c++)
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            if (!strcmp(c->key, keys[i])) {
                struct value value;
                c->value(view, (struct row_ref){(uint32_t)account, 0}, &value);
                json_object_set_new(into, c->key, value.known ? json_string(value.text) : json_null());
            }
}

static json_t *problem_json(const struct health_report *report, size_t i)
{
    json_t *out = json_pack("{s:s, s:s}", "feed", feed_name(report->problem[i].feed), "text", report->problem[i].text);
    if (report->problem[i].quiet)
        json_object_set_new(out, "acknowledged", json_true());
    return out;
}

json_t *status_json(const struct pane_view *view)
{
    json_t *list = json_array();
    enum health worst = HEALTH_OK;
    for (size_t a = 0; a < view->estate->account_count; a++) {
        const struct account *account = &view->estate->accounts[a];
        struct health_report report;
        json_t *problems = json_array();
        account_health(account, view->now, &report);
        for (size_t i = 0; i < problems_kept(&report); i++)
            json_array_append_new(problems, problem_json(&report, i));
        json_t *one = json_pack("{s:s, s:s, s:s, s:s, s:o}", "name", account->config->name, "id", account->config->id, "kind",
                                account_kind_name((enum account_kind)account->config->kind), "health", health_name(report.health), "problems",
                                problems);
        add_overview(view, a, one);
        json_array_append_new(list, one);
        if (report.health == HEALTH_ATTENTION || (report.health == HEALTH_UNKNOWN && worst == HEALTH_OK))
            worst = report.health;
    }
    return json_pack("{s:s, s:o, s:o}", "health", health_name(worst), "generated", time_json(view->now), "accounts", list);
}

void status_text(const struct pane_view *view, struct str *out)
{
    const struct pane *overview = pane_find("overview");
    for (size_t a = 0; a < view->estate->account_count; a++) {
        const struct account *account = &view->estate->accounts[a];
        struct health_report report;
        account_health(account, view->now, &report);
        str_addf(out, "%s %s %s\n", account->config->name, account->config->id, health_name(report.health));
        for (const struct column *c = overview->columns; c->key; c++) {
            struct value value;
            if (c->identity || !strcmp(c->key, "id") || !strcmp(c->key, "health") || !strcmp(c->key, "problems"))
                continue;
            c->value(view, (struct row_ref){(uint32_t)a, 0}, &value);
            if (!value.known && value.role == ROLE_DIM)
                continue;
            str_addf(out, "  %-9s ", c->key);
            add_text(out, view, value.text);
            str_addc(out, '\n');
        }
        bool out_of_reach = account->slices[FEED_SESSION].state == SLICE_FAILED; /* told below, once for all that are */
        for (size_t i = 0; !out_of_reach && i < problems_kept(&report); i++) {
            add_text(out, view, report.problem[i].quiet ? "  · " : "  ✗ ");
            add_text(out, view, report.problem[i].text);
            str_addc(out, '\n');
        }
        if (report.count > problems_kept(&report))
            str_addf(out, "  and %zu more\n", report.count - problems_kept(&report));
    }
    struct lines lines = {view, out, false};
    trouble_lines(view->estate, 0, view->now, add_line, &lines);
}
