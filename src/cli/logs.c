/* trivet logs query: Logs Insights without the console. It costs money: the price is said, and a person says yes, or --yes does. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/text.h"
#include "base/when.h"
#include "cli/app.h"
#include "cli/ask.h"
#include "cli/commands.h"

#define LIMIT_MS INT64_C(3660000) /* the service gives a query an hour */

/* Without a query: those that the profile has. */

static json_t *saved_json(const struct query_config *q)
{
    json_t *groups = json_array();
    for (size_t i = 0; i < q->groups.len; i++)
        json_array_append_new(groups, json_string(q->groups.at[i]));
    return json_pack("{s:s, s:s, s:o, s:s?, s:I}", "name", q->name, "query", q->query, "groups", groups, "account", q->account, "since_seconds",
                     (json_int_t)((q->since_ms ? q->since_ms : INSIGHTS_SINCE_MS) / 1000));
}

static int list(const struct app *app)
{
    json_t *rows = json_array();
    char span[24];
    for (size_t i = 0; i < app->config.queries.len; i++) {
        const struct query_config *q = &app->config.queries.at[i];
        if (app->options->json)
            json_array_append_new(rows, saved_json(q));
        else
            printf("%-24s %-6s %-5s %s\n", q->name, q->account ? q->account : "-",
                   insights_span(q->since_ms ? q->since_ms : INSIGHTS_SINCE_MS, span, sizeof span), q->query);
    }
    if (app->options->json)
        print_json(json_pack("{s:O}", "queries", rows), JSON_ENSURE_ASCII);
    json_decref(rows);
    return EXIT_GOOD;
}

/* What is asked: a saved query or the words themselves, and what the options say otherwise. */

static bool typed(const struct app *app, const char *text, size_t account, struct insights_request *out, struct error *e)
{
    *out = (struct insights_request){.account = account, .since_ms = INSIGHTS_SINCE_MS};
    if (!strchr(text, ' ')) {
        struct str names = STR_INIT(STR_TEXT_MAX);
        for (size_t i = 0; i < app->config.queries.len; i++)
            str_addf(&names, "%s\"%s\"", i ? ", " : "", app->config.queries.at[i].name);
        error_set(e, ERROR_INPUT, "query", "logs query \"%s\": expected a query, or one of %s", text,
                  names.len ? str_text(&names) : "those that the profile saves: it has none");
        str_free(&names);
        return false;
    }
    if (account == SIZE_MAX || !app->options->group)
        return error_set(e, ERROR_INPUT, "query", "logs query: a query that is not saved needs --account NAME and --group NAME"), false;
    if (!text_copy(out->query, sizeof out->query, text))
        return error_set(e, ERROR_INPUT, "query", "logs query: expected at most %d characters", QUERY_TEXT_MAX), false;
    return true;
}

static bool read_since(const struct options *options, struct insights_request *out, struct error *e)
{
    int64_t ms = 0;
    if (options->since && (!when_parse_span(options->since, &ms) || ms < 60000 || ms > INSIGHTS_SINCE_MOST))
        return error_set(e, ERROR_INPUT, "since", "--since \"%s\": expected a span from 1m to 31d, such as 30m", options->since), false;
    out->since_ms = ms ? ms : out->since_ms;
    return true;
}

static bool request_of(struct app *app, struct insights_request *out, struct error *e)
{
    const struct options *o = app->options;
    struct query_config saved = {0};
    const struct query_config *found = query_named(&app->config, o->arguments[1]);
    size_t account = o->account ? app_account(app, o->account, e) : SIZE_MAX;
    if (o->account && account == SIZE_MAX)
        return false;
    if (found) {
        saved = *found;
        if (o->account)
            saved.account = app->config.accounts.at[account].name;
        if (o->group)
            saved.groups.len = 0;
        if (!saved.account)
            return error_set(e, ERROR_INPUT, "account", "logs query \"%s\": the query names no account: give --account NAME", saved.name), false;
        account = estate_account(app->estate, saved.account)->index;
        if (!insights_saved(app->estate, &saved, account, o->group ? o->group : "", out, e))
            return false;
        if (o->group)
            out->group_count = 0;
    } else if (!typed(app, o->arguments[1], account, out, e)) {
        return false;
    }
    if (o->group && !insights_group(app->estate, out, o->group))
        return error_set(e, ERROR_INPUT, "group", "--group \"%s\": %s has no log group of that name, nor one that begins so", o->group,
                         app->config.accounts.at[account].name),
               false;
    return read_since(o, out, e);
}

/* The price, and a person's word. */
static bool is_agreed(const struct app *app, const struct insights_request *request, struct error *e)
{
    char span[24];
    const char *more = request->group_count > 1 ? " and more" : "";
    fprintf(stderr, "asking Logs Insights in %s about %s%s, %s back: AWS takes $%.3f for each GB scanned (list price, us-east-1)\n",
            app->config.accounts.at[request->account].name, request->groups[0], more,
            insights_span(request->since_ms, span, sizeof span), INSIGHTS_GB_DOLLARS);
    return ask_price(app->options, e);
}

/* Asking. */

static bool is_over(void *arg)
{
    struct app *app = arg;
    ask_codes(app);
    return !app->estate->insights.under_way;
}

static void interrupted(void *arg, int signo)
{
    (void)signo;
    feeds_query_stop(((struct app *)arg)->feeds);
}

static json_t *number(int64_t n) { return n < 0 ? json_null() : json_integer(n); }

static json_t *result_json(const struct app *app)
{
    const struct insights_result *r = &app->estate->insights.result;
    json_t *columns = json_array(), *rows = json_array(), *groups = json_array();
    char from[40], to[40];
    for (size_t k = 0; k < r->columns.len; k++)
        json_array_append_new(columns, json_string(r->columns.at[k]));
    for (size_t i = 0; i < r->rows; i++) {
        json_t *row = json_object();
        for (size_t k = 0; k < r->columns.len; k++) {
            const char *cell = r->cells.at[i * r->columns.len + k];
            json_object_set_new(row, r->columns.at[k], cell ? json_string(cell) : json_null());
        }
        json_array_append_new(rows, row);
    }
    for (size_t i = 0; i < r->of.group_count; i++)
        json_array_append_new(groups, json_string(r->of.groups[i]));
    json_t *statistics = json_pack("{s:o, s:o, s:o, s:o}", "records_matched", number(r->scan.matched), "records_scanned", number(r->scan.scanned),
                                   "bytes_scanned", number(r->scan.bytes), "dollars",
                                   r->scan.bytes < 0 ? json_null() : json_real(insights_cost(r->scan.bytes)));
    return json_pack("{s:s?, s:s, s:s, s:o, s:s, s:s, s:o, s:b, s:o, s:o}", "name", *r->of.name ? r->of.name : NULL, "query", r->of.query, "account",
                     app->config.accounts.at[r->of.account].name, "groups", groups, "from", when_iso(r->from, from, sizeof from), "to",
                     when_iso(r->to, to, sizeof to), "statistics", statistics, "cut", r->cut, "columns", columns, "rows", rows);
}

static void print_text(const struct insights_result *r)
{
    int *width = mem_new_array(r->columns.len + 1, sizeof *width);
    for (size_t k = 0; k < r->columns.len; k++) {
        width[k] = (int)text_width(r->columns.at[k]);
        for (size_t i = 0; i < r->rows; i++) {
            const char *cell = r->cells.at[i * r->columns.len + k];
            int mine = cell ? (int)text_width(cell) : 1;
            width[k] = mine > width[k] ? mine : width[k];
        }
    }
    for (size_t i = 0; i <= r->rows && r->columns.len; i++) {
        for (size_t k = 0; k < r->columns.len; k++) {
            const char *cell = i ? r->cells.at[(i - 1) * r->columns.len + k] : r->columns.at[k];
            cell = cell ? cell : "-";
            printf("%s%*s", cell, k + 1 < r->columns.len ? width[k] - (int)text_width(cell) + 2 : 0, "");
        }
        putchar('\n');
    }
    free(width);
}

static int tell(const struct app *app)
{
    const struct insights *in = &app->estate->insights;
    char text[700], cost[40];
    if (in->under_way || in->error.kind != ERROR_NONE) {
        fprintf(stderr, "trivet: %s\n", in->under_way ? "Timeout: no result" : error_text(&in->error, text, sizeof text));
        return in->error.kind == ERROR_SERVICE ? EXIT_ATTENTION : EXIT_TROUBLE;
    }
    fprintf(stderr, "%lld of %lld records match, %lld bytes scanned: %s\n", (long long)in->scan.matched, (long long)in->scan.scanned,
            (long long)in->scan.bytes, insights_cost_text(in->scan.bytes, cost, sizeof cost));
    if (!in->result.read_at) {
        fprintf(stderr, "trivet: the query was stopped\n");
        return EXIT_TROUBLE;
    }
    if (app->options->json)
        print_json(result_json(app), JSON_ENSURE_ASCII);
    else
        print_text(&in->result);
    if (in->result.cut)
        fprintf(stderr, "only the first %d rows and %d columns\n", INSIGHTS_ROWS_MAX, INSIGHTS_COLUMNS_MAX);
    return EXIT_GOOD;
}

int command_logs(const struct options *options)
{
    struct app app = {0};
    struct error e = {0};
    struct insights_request request;
    int status;
    if (strcmp(options->arguments[0], "query") != 0) {
        error_set(&e, ERROR_INPUT, "logs", "logs %s: expected query", options->arguments[0]);
        return app_complain(&e);
    }
    if (!app_open(&app, options, &e)) {
        status = app_complain(&e);
    } else if (options->argument_count == 1) {
        status = list(&app);
    } else {
        app_settle(&app, FEED_BIT(FEED_LOG_GROUPS));
        if (request_of(&app, &request, &e) && is_agreed(&app, &request, &e)) {
            loop_signal(app.loop, SIGINT, interrupted, &app);
            loop_signal(app.loop, SIGTERM, interrupted, &app);
            feeds_query(app.feeds, &request);
            loop_run_until(app.loop, is_over, &app, LIMIT_MS);
            status = tell(&app);
        } else {
            status = app_complain(&e);
        }
    }
    app_close(&app);
    return status;
}
