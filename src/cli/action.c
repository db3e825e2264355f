/* trivet action: every action of the engine's table in one line, and those that were left unfinished. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "base/when.h"
#include "cli/act.h"
#include "cli/commands.h"

/* What TARGET is, by what an action is for; NULL: it takes none. */
static const char *target_word(enum target_kind kind)
{
    static const char *const words[] = {[TARGET_NONE] = NULL,
                                        [TARGET_ACCOUNT] = NULL,
                                        [TARGET_DATABASE] = "INSTANCE",
                                        [TARGET_DEPLOYMENT] = "NAMESPACE/NAME",
                                        [TARGET_POD] = "NAMESPACE/NAME",
                                        [TARGET_RELEASE] = "RUN",
                                        [TARGET_PIPELINE] = "PIPELINE",
                                        [TARGET_WEB_ACL] = "WEB-ACL",
                                        [TARGET_DISTRIBUTION] = "DISTRIBUTION",
                                        [TARGET_ALARM] = "ALARM"};
    return words[kind];
}

static const char *shown_word(enum target_kind kind)
{
    const char *word = target_word(kind);
    return word ? word : "";
}

static int list(const struct options *options)
{
    json_t *all = json_array();
    for (size_t i = 0; action_types[i]; i++) {
        const struct action_type *t = action_types[i];
        if (options->json)
            json_array_append_new(all, json_pack("{s:s, s:s, s:s?, s:s?, s:b}", "name", t->name, "about", t->about, "target", target_word(t->on),
                                                 "value", t->asks ? t->asks : t->takes, "value_required", t->asks != NULL));
        else
            printf("%-20s %-15s %s%s%s%s\n", t->name, shown_word(t->on), t->about, t->asks || t->takes ? "; --value: " : "",
                   t->asks ? t->asks : t->takes ? t->takes : "", t->takes ? " (may be left out)" : "");
    }
    if (options->json)
        print_json(all, 0);
    else
        json_decref(all);
    return EXIT_GOOD;
}

static bool read_target(const struct action_type *type, const char *text, struct action_target *out, struct error *e)
{
    const char *word = target_word(type->on), *slash = text ? strchr(text, '/') : NULL;
    bool pair = type->on == TARGET_DEPLOYMENT || type->on == TARGET_POD;
    bool good = !word ? !text : text && *text && (!pair || (slash && slash > text && slash[1] && !strchr(slash + 1, '/')));
    if (!good) {
        error_set(e, ERROR_INPUT, "usage", "action %s: expected trivet action %s --account ACCOUNT%s%s%s%s", type->name, type->name, word ? " " : "",
                  word ? word : "", type->asks ? " --value " : "", type->asks ? "VALUE" : "");
        return false;
    }
    if (pair && text_format(out->ns, sizeof out->ns, "%.*s", (int)(slash - text), text) && text_copy(out->name, sizeof out->name, slash + 1))
        return true;
    if (!pair && text_copy(out->name, sizeof out->name, text ? text : ""))
        return true;
    error_set(e, ERROR_INPUT, "usage", "action %s: the target's name is too long", type->name);
    return false;
}

static bool is_clean(const char *text) { return !text || text_is_clean(text, strlen(text)); }

/* An account is named by --account: that counts as typed. */
static int begin(struct app *app, const char *named)
{
    const struct options *o = app->options;
    const struct action_type *type = action_type_find(o->arguments[0]);
    struct act what = {.type = type, .target = {.kind = type->on}, .value = o->value};
    struct error e = {0};
    if (!o->account)
        error_set(&e, ERROR_INPUT, "usage", "action %s: which account? --account ACCOUNT", type->name);
    else if (!is_clean(named) || !is_clean(o->value))
        error_set(&e, ERROR_INPUT, "usage", "action %s: expected a target and a value without control characters", type->name);
    else if ((what.target.account = app_account(app, o->account, &e)) != SIZE_MAX && read_target(type, named, &what.target, &e)) {
        if (!*what.target.name)
            text_copy(what.target.name, sizeof what.target.name, app->estate->accounts[what.target.account].config->name);
        what.named = what.target.name;
        return act(app, &what);
    }
    return app_complain(&e);
}

struct listing {
    bool json;
    json_t *all;
    size_t count;
};

static void add_unfinished(void *arg, const struct unfinished *one)
{
    struct listing *to = arg;
    char at[40];
    to->count++;
    if (to->json)
        json_array_append_new(to->all, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "id", one->id, "action", one->action, "account", one->account,
                                                 "resource", one->resource, "begun", when_iso(one->at, at, sizeof at), "reason", one->reason));
    else
        printf("%s  %s  %s  %s  begun %s%s%s\n", one->id, one->action, one->account, one->resource, when_iso(one->at, at, sizeof at),
               *one->reason ? "  " : "", one->reason);
}

static int unfinished(struct app *app, const char *none)
{
    (void)none;
    struct listing to = {.json = app->options->json, .all = json_array()};
    struct error e = {0};
    bool good = actions_unfinished(app->actions, add_unfinished, &to, &e);
    if (good && to.json)
        print_json(json_incref(to.all), 0);
    else if (good && !to.count)
        puts("none was left unfinished");
    json_decref(to.all);
    return !good ? app_complain(&e) : to.count ? EXIT_ATTENTION : EXIT_GOOD;
}

static int resume(struct app *app, const char *id) { return act_resume(app, id); }

static int close_one(struct app *app, const char *id)
{
    struct error e = {0};
    if (!action_close(app->actions, id, &e))
        return app_complain(&e);
    printf("%s closed\n", id);
    return EXIT_GOOD;
}

static int unknown(const char *word)
{
    struct str names = STR_INIT(STR_TEXT_MAX);
    struct error e = {0};
    for (size_t i = 0; action_types[i]; i++)
        str_addf(&names, ", %s", action_types[i]->name);
    error_set(&e, ERROR_INPUT, "usage", "action: \"%s\": expected one of list, unfinished, resume ID, close ID%s", word, str_text(&names));
    str_free(&names);
    return app_complain(&e);
}

typedef int command_with_app(struct app *app, const char *second_word);

/* What the words ask for; NULL: that is none. */
static command_with_app *asked(const struct options *o)
{
    const char *word = o->arguments[0];
    bool id = o->argument_count > 1;
    return action_type_find(word)              ? begin
           : !strcmp(word, "unfinished") && !id ? unfinished
           : !strcmp(word, "resume") && id      ? resume
           : !strcmp(word, "close") && id       ? close_one
                                                : NULL;
}

int command_action(const struct options *options)
{
    struct app app = {0};
    struct error e = {0};
    const char *word = options->arguments[0];
    command_with_app *run = asked(options);
    if (text_equal(word, "list") && options->argument_count == 1)
        return list(options);
    if (!run)
        return unknown(word);
    int status = app_open(&app, options, &e) ? run(&app, options->argument_count > 1 ? options->arguments[1] : NULL) : app_complain(&e);
    app_close(&app);
    return status;
}
