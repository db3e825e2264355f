/* Asking Logs Insights: what it costs stands in the box, Enter asks. The profile's saved queries, or one that is typed, about the log group that is
 * selected. */
#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "ui/internal.h"
#include "ui/value.h"

#define FIRST_TEXT "fields @timestamp, @message | sort @timestamp desc | limit 100"

static const struct insights *insights_of(const struct console *c) { return &c->options.estate->insights; }
static size_t saved_count(const struct console *c) { return c->options.estate->config->queries.len; }
static bool has_last(const struct console *c) { return insights_of(c)->under_way || insights_of(c)->ended_at; }

bool query_can_ask(struct console *c) { return c->host.query && console_pane(c)->queries; }
bool query_can_stop(struct console *c) { return insights_of(c)->under_way && !insights_of(c)->stopping; }

/* The log group that is selected, if that is what the pane's rows are. */
static void find_group(struct console *c)
{
    struct pane_view view = console_view(c);
    struct row_ref row;
    struct detail_key key;
    c->query.account = SIZE_MAX;
    c->query.group[0] = '\0';
    if (!console_pane(c)->queries || !table_selected(console_table(c), &row) || !console_pane(c)->detail(&view, row, &key))
        return;
    c->query.account = key.account;
    text_copy(c->query.group, sizeof c->query.group, key.name);
}

/* Choices: the last one (if there is any), those of the profile, one to be typed. */
enum choice_kind { CHOICE_LAST, CHOICE_SAVED, CHOICE_TYPED };

static enum choice_kind kind_of(const struct console *c, size_t choice, size_t *saved)
{
    size_t first = has_last(c);
    *saved = choice - first;
    return choice < first ? CHOICE_LAST : *saved < saved_count(c) ? CHOICE_SAVED : CHOICE_TYPED;
}

static size_t choice_count(const struct console *c) { return has_last(c) + saved_count(c) + 1; }

static bool typed_request(const struct console *c, const char *text, struct insights_request *out, struct error *e)
{
    *out = (struct insights_request){.account = c->query.account, .since_ms = INSIGHTS_SINCE_MS};
    text_copy(out->query, sizeof out->query, text);
    if (!*c->query.group)
        return error_set(e, ERROR_INPUT, "group", "choose a log group in the pane Logs first"), false;
    text_copy(out->groups[out->group_count++], sizeof out->groups[0], c->query.group);
    return true;
}

static bool request_of(const struct console *c, size_t choice, struct insights_request *out, struct error *e)
{
    size_t saved;
    bool good = kind_of(c, choice, &saved) == CHOICE_SAVED
                    ? insights_saved(c->options.estate, &c->options.estate->config->queries.at[saved], c->query.account, c->query.group, out, e)
                    : typed_request(c, "", out, e);
    if (c->since_ms)
        out->since_ms = c->since_ms;
    return good;
}

/* Running it. */

static void run(struct console *c, const struct insights_request *request)
{
    if (insights_of(c)->under_way) {
        console_say(c, ROLE_WARN, "a query runs already: Q and Enter show it, Esc stops it there");
        return;
    }
    c->host.query(c->host.arg, request);
    query_show(c);
}

void query_show(struct console *c)
{
    go_to_table(c);
    open_mode(c, MODE_QUERY);
}

void query_stop(struct console *c) { c->host.query_stop(c->host.arg); }

static void choose(struct console *c)
{
    struct insights_request request;
    struct error e = {0};
    size_t saved;
    enum choice_kind kind = kind_of(c, c->query.selected, &saved);
    if (kind != CHOICE_LAST && !request_of(c, c->query.selected, &request, &e)) {
        console_say(c, ROLE_WARN, "%s", e.message);
        return;
    }
    close_prompt(c);
    if (kind == CHOICE_LAST)
        query_show(c);
    else if (kind == CHOICE_SAVED)
        run(c, &request);
    else
        open_prompt(c, PROMPT_QUERY_TEXT, *c->query.typed ? c->query.typed : FIRST_TEXT);
}

void query_accept(struct console *c)
{
    struct insights_request request;
    struct error e = {0};
    char text[INPUT_MAX];
    text_copy(text, sizeof text, c->input);
    if (!text[strspn(text, " ")]) {
        console_say(c, ROLE_WARN, "expected a query");
        return;
    }
    if (!typed_request(c, text, &request, &e)) {
        console_say(c, ROLE_WARN, "%s", e.message);
        return;
    }
    text_copy(c->query.typed, sizeof c->query.typed, text);
    request.since_ms = c->since_ms ? c->since_ms : request.since_ms;
    close_prompt(c);
    run(c, &request);
}

void query_open(struct console *c)
{
    find_group(c);
    c->query.selected = insights_of(c)->under_way || !saved_count(c) ? 0 : has_last(c);
    open_prompt(c, PROMPT_QUERY, "");
}

bool query_command(struct console *c, const char *argument, struct error *e)
{
    const struct query_config *saved = query_named(c->options.estate->config, argument);
    if (!c->host.query)
        return error_set(e, ERROR_INPUT, "query", "query: there is nobody to ask"), false;
    query_open(c);
    if (saved)
        c->query.selected = has_last(c) + (size_t)(saved - c->options.estate->config->queries.at);
    else if (*argument && !*c->query.group)
        return close_prompt(c), error_set(e, ERROR_INPUT, "query", "no saved query \"%s\"; for another choose a log group in Logs first", argument),
               false;
    else if (*argument)
        open_prompt(c, PROMPT_QUERY_TEXT, argument);
    return true;
}

/* The range: of queries, and of a log group that is followed. */

static const int64_t ranges[] = {900000, 3600000, 10800000, 43200000, 86400000, 259200000, 604800000};
#define RANGES (sizeof ranges / sizeof *ranges)

static void change_range(struct console *c, bool longer)
{
    struct insights_request request;
    struct error e = {0};
    request_of(c, c->query.selected, &request, &e);
    int64_t now = request.since_ms, to = now;
    for (size_t i = 0; i < RANGES; i++) {
        size_t k = longer ? i : RANGES - 1 - i;
        if (longer ? ranges[k] > now : ranges[k] < now) {
            to = ranges[k];
            break;
        }
    }
    c->since_ms = to;
}

bool since_command(struct console *c, const char *argument, struct error *e)
{
    int64_t ms = 0;
    char span[24];
    if (*argument && (!when_parse_span(argument, &ms) || ms < 60000 || ms > INSIGHTS_SINCE_MOST))
        return error_set(e, ERROR_INPUT, "since", "since \"%s\": expected a span from 1m to 31d, such as 30m", argument), false;
    c->since_ms = ms;
    if (c->mode == MODE_LOG && c->key.kind == DETAIL_LOG_GROUP && c->host.log)
        c->host.log(c->host.arg, c->key.account, "", c->key.name, NULL, false, c->since_ms);
    if (ms)
        console_say(c, ROLE_INFO, "log groups are followed and asked from %s back", insights_span(ms, span, sizeof span));
    else
        console_say(c, ROLE_INFO, "log groups are followed from 10m back, and asked as each query says");
    return true;
}

/* Keys of the box. */

void query_key(struct console *c, const struct key *key)
{
    if (box_leaves(key))
        close_prompt(c);
    else if (key->code == KEY_CODE_ENTER)
        choose(c);
    else if (!box_moves(key, &c->query.selected, choice_count(c)) && (key->code == KEY_CODE_LEFT || key->code == KEY_CODE_RIGHT))
        change_range(c, key->code == KEY_CODE_RIGHT);
}

/* The boxes. */

static int wide(const struct console *c) { return c->cells.columns - 4 < 112 ? c->cells.columns - 4 : 112; }

static int64_t stored(const struct console *c, const struct insights_request *request)
{
    const struct account *account = &c->options.estate->accounts[request->account];
    int64_t sum = 0;
    for (size_t g = 0; g < request->group_count; g++)
        for (size_t i = 0; i < account->log_groups.len; i++)
            if (!strcmp(account->log_groups.at[i].name, request->groups[g]) && account->log_groups.at[i].bytes > 0)
                sum += account->log_groups.at[i].bytes;
    return sum;
}

const char *query_place(const struct console *c, const struct insights_request *request, char *out, size_t size)
{
    const struct account_config *config = c->options.estate->accounts[request->account].config;
    char name[64];
    account_name(config, name, sizeof name);
    if (request->group_count == 1)
        text_format(out, size, "%s %s", name, request->groups[0]);
    else
        text_format(out, size, "%s %s and %zu more log groups", name, request->groups[0], request->group_count - 1);
    return out;
}

static void price(const struct console *c, const struct insights_request *request, int columns, struct page *page)
{
    char text[400], bytes[32];
    int64_t sum = stored(c, request);
    text_format(text, sizeof text, "AWS takes $%.3f for each GB that the query scans (list price, us-east-1)%s%s%s.", INSIGHTS_GB_DOLLARS,
                sum ? "; the log groups hold " : "", sum ? bytes_text(sum, bytes, sizeof bytes) : "", sum ? " in all" : "");
    page_wrapped(page, ROLE_WARN, columns, 0, text);
}

static void target(const struct console *c, const struct insights_request *request, int columns, struct page *page)
{
    char place[400], span[24], text[600];
    page_wrapped(page, ROLE_TEXT, columns, 2, query_place(c, request, place, sizeof place));
    text_format(text, sizeof text, "from %s back to now%s", insights_span(request->since_ms, span, sizeof span),
                request->more_groups ? "; more log groups fit than one query may have" : "");
    page_add(page, ROLE_TEXT, "%s", text);
}

static void add_choices(const struct console *c, int columns, struct page *page)
{
    char line[QUERY_TEXT_MAX + 100], fitted[600];
    int width = 16;
    for (size_t i = 0; i < saved_count(c); i++) {
        int mine = (int)text_width(c->options.estate->config->queries.at[i].name);
        width = mine > width && mine <= 30 ? mine : width;
    }
    for (size_t i = 0; i < choice_count(c); i++) {
        size_t saved;
        enum choice_kind kind = kind_of(c, i, &saved);
        if (kind == CHOICE_LAST)
            text_copy(line, sizeof line, insights_of(c)->under_way ? "the one that runs" : "the last one, and its result");
        else if (kind == CHOICE_TYPED)
            text_copy(line, sizeof line, "another, to be typed");
        else {
            const struct query_config *q = &c->options.estate->config->queries.at[saved];
            text_fit(fitted, sizeof fitted, q->name, (size_t)width);
            text_format(line, sizeof line, "%s%*s  %s", fitted, width - (int)text_width(fitted), "", q->query);
        }
        text_fit(fitted, sizeof fitted, line, (size_t)columns - 2);
        page_add(page, ROLE_TEXT, "  %s", fitted);
    }
}

void draw_query(struct console *c)
{
    struct page page = {0};
    struct insights_request request;
    struct error e = {0};
    int columns = wide(c) - 4;
    page_add(&page, ROLE_TITLE, "Ask Logs Insights");
    int from = (int)page.lines.len + (int)c->query.selected;
    add_choices(c, columns, &page);
    page_add(&page, ROLE_TEXT, " ");
    size_t saved;
    enum choice_kind kind = kind_of(c, c->query.selected, &saved);
    if (kind != CHOICE_LAST && request_of(c, c->query.selected, &request, &e)) {
        target(c, &request, columns, &page);
        price(c, &request, columns, &page);
    } else if (kind != CHOICE_LAST) {
        page_wrapped(&page, ROLE_WARN, columns, 0, e.message);
    }
    page_add(&page, ROLE_DIM, "%s%s   ↓ ↑ others   Esc back",
             kind == CHOICE_LAST ? "Enter shows it" : kind == CHOICE_SAVED ? "Enter asks and pays" : "Enter goes on",
             kind == CHOICE_LAST ? "" : "   ← → range");
    box_draw(&c->cells, &page, wide(c), from, from + 1);
    page_free(&page);
}

void draw_query_text(struct console *c)
{
    struct page page = {0};
    struct insights_request request;
    struct error e = {0};
    int columns = wide(c) - 4;
    char line[INPUT_MAX + 16];
    page_add(&page, ROLE_TITLE, "Ask Logs Insights");
    text_format(line, sizeof line, "> %s▏", c->input);
    page_wrapped(&page, ROLE_PROMPT, columns, 2, line);
    page_add(&page, ROLE_TEXT, " ");
    if (typed_request(c, c->input, &request, &e)) {
        request.since_ms = c->since_ms ? c->since_ms : request.since_ms;
        target(c, &request, columns, &page);
        price(c, &request, columns, &page);
    }
    page_add(&page, ROLE_DIM, "Enter asks and pays   Esc back");
    box_draw(&c->cells, &page, wide(c), 0, 0);
    page_free(&page);
}
