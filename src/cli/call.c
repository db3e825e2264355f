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
static const struct aws_operation *find(const char *service, const char *operation, struct error *e)
{
    const struct aws_service *found = aws_service_find(&aws_table, service);
    const struct aws_operation *listed = found ? aws_operation_find(&aws_table, found, operation) : NULL;
    struct str names = STR_INIT(STR_TEXT_MAX);
    if (listed)
        return listed;
    for (size_t i = 0; !found && i < aws_table.service_count; i++)
        str_addf(&names, " %s", aws_name(&aws_table, aws_table.services[i].name));
    for (size_t i = 0; found && i < found->operation_count; i++)
        str_addf(&names, " %s", aws_name(&aws_table, aws_table.operations[found->first_operation + i].name));
    if (found)
        error_set(e, ERROR_INPUT, "call", "call: operation \"%s\" of %s: expected one of%s", operation, service, str_text(&names));
    else
        error_set(e, ERROR_INPUT, "call", "call: service \"%s\": expected one of%s", service, str_text(&names));
    str_free(&names);
    return NULL;
}

/* What costs money has its price said, and a person's word. */
static bool is_paid_for(const struct options *options, const struct aws_operation *operation, struct error *e)
{
    if (!(operation->flags & OPERATION_BILLED))
        return true;
    fprintf(stderr, "%s %s costs money: AWS takes %s\n", options->arguments[0], options->arguments[1],
            strcmp(options->arguments[0], "ce") ? "$0.005 for each GB scanned (list price, us-east-1)" : "$0.01; one page is asked for");
    return ask_price(options, e);
}

/* Keys and tokens stay in memory, whoever asks for them. */
static void hide_secrets(json_t *node)
{
    static const char *const secrets[] = {"SecretAccessKey", "SessionToken", "accessToken", "refreshToken", "idToken"};
    const char *key;
    json_t *value;
    size_t i;
    json_array_foreach(node, i, value)
        hide_secrets(value);
    json_object_foreach(node, key, value) {
        hide_secrets(value);
        for (i = 0; i < sizeof secrets / sizeof *secrets; i++)
            if (text_same_case(key, secrets[i]))
                json_object_set_new(node, key, json_string("(not shown)"));
    }
}

static int print(const struct calling *c, bool json)
{
    char line[700];
    if (!c->output) {
        fprintf(stderr, "trivet: %s%s%s\n", error_text(&c->error, line, sizeof line), *c->error.request_id ? ", request " : "", c->error.request_id);
        return c->error.kind == ERROR_SERVICE ? EXIT_ATTENTION : EXIT_TROUBLE;
    }
    hide_secrets(c->output);
    if (json) {
        print_json(json_incref(c->output), JSON_ENSURE_ASCII); /* whole, and still no order to a terminal */
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
    const struct aws_operation *found = find(service, operation, &calling.error);
    json_t *input = found ? read_input(options->input, &calling.error) : NULL;
    bool good = input && is_paid_for(options, found, &calling.error) && app_open(&app, options, &calling.error);
    if (good && options->account)
        good = (account = app_account(&app, options->account, &calling.error)) != SIZE_MAX;
    if (good) {
        struct aws_session *session = account == SIZE_MAX ? aws_session_base(app.aws) : feeds_session(app.feeds, account);
        struct aws_call_options how = {.all_pages = !(found->flags & OPERATION_BILLED)};
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
