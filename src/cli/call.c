/* trivet call: one raw API call of the listed operations, reading only. */
#include <stdio.h>
#include <string.h>

#include "aws/shape.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/app.h"
#include "cli/ask.h"
#include "cli/commands.h"

#define INPUT_MAX ((size_t)1 << 20)

struct calling {
    struct app *app;
    json_t *output;
    struct error error;
    bool over;
};

static void answered(void *arg, json_t *output, const struct error *error)
{
    struct calling *c = arg;
    c->output = json_incref(output);
    if (error)
        c->error = *error;
    c->over = true;
}

static bool is_over(void *arg)
{
    struct calling *c = arg;
    ask_codes(c->app);
    return c->over;
}

static json_t *read_input(const char *given, struct error *e)
{
    struct str text = STR_INIT(INPUT_MAX);
    json_t *tree = NULL;
    if (!given)
        return json_object();
    if (*given != '@')
        tree = json_load(given, strlen(given), e);
    else if (file_read(given + 1, INPUT_MAX, &text, e))
        tree = json_load(str_text(&text), text.len, e);
    str_free(&text);
    return tree;
}

/* A name that is not listed is answered with those that are. */
static bool is_listed(const char *service, const char *operation, struct error *e)
{
    const struct aws_service *found = aws_service_find(&aws_table, service);
    struct str names = STR_INIT(STR_TEXT_MAX);
    if (found && aws_operation_find(&aws_table, found, operation))
        return true;
    for (size_t i = 0; !found && i < aws_table.service_count; i++)
        str_addf(&names, " %s", aws_name(&aws_table, aws_table.services[i].name));
    for (size_t i = 0; found && i < found->operation_count; i++)
        str_addf(&names, " %s", aws_name(&aws_table, aws_table.operations[found->first_operation + i].name));
    if (found)
        error_set(e, ERROR_INPUT, "call", "call: operation \"%s\" of %s: expected one of%s", operation, service, str_text(&names));
    else
        error_set(e, ERROR_INPUT, "call", "call: service \"%s\": expected one of%s", service, str_text(&names));
    str_free(&names);
    return false;
}

static int print(const struct calling *c, bool json)
{
    char line[700];
    if (!c->output) {
        fprintf(stderr, "trivet: %s%s%s\n", error_text(&c->error, line, sizeof line), *c->error.request_id ? ", request " : "", c->error.request_id);
        return c->error.kind == ERROR_SERVICE ? EXIT_ATTENTION : EXIT_TROUBLE;
    }
    if (json) {
        print_json(json_incref(c->output), JSON_ENSURE_ASCII);
        return EXIT_GOOD;
    }
    struct str text = STR_INIT((size_t)64 << 20);
    json_to_yaml(c->output, &text);
    fputs(str_text(&text), stdout);
    str_free(&text);
    return EXIT_GOOD;
}

int command_call(const struct options *options)
{
    struct app app = {0};
    struct calling calling = {.app = &app};
    size_t account = SIZE_MAX;
    const char *service = options->arguments[0], *operation = options->arguments[1];
    int status;
    json_t *input = is_listed(service, operation, &calling.error) ? read_input(options->input, &calling.error) : NULL;
    bool good = input && app_open(&app, options, &calling.error);
    if (good && options->account)
        good = (account = app_account(&app, options->account, &calling.error)) != SIZE_MAX;
    if (good) {
        struct aws_session *session = account == SIZE_MAX ? aws_session_base(app.aws) : feeds_session(app.feeds, account);
        struct aws_call_options how = {.all_pages = true};
        struct aws_call *call = aws_call(session, service, operation, input, &how, answered, &calling);
        if (!loop_run_until(app.loop, is_over, &calling, SETTLE_MS)) {
            aws_cancel(call);
            error_set(&calling.error, ERROR_TIMEOUT, "Timeout", "no answer");
        }
        status = print(&calling, options->json);
    } else {
        status = app_complain(&calling.error);
    }
    json_decref(calling.output);
    json_decref(input);
    app_close(&app);
    return status;
}
