/* What is written down: the plan in the journal, who did what in the audit log; and an action made anew from its journal. */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actions/audit.h"
#include "actions/engine.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"

static const char *const outcomes[] = {"", "done", "failed", "cancelled", "left"};
static const char *const verdicts[] = {[GATE_PASS] = "pass", [GATE_FAIL] = "fail", [GATE_UNKNOWN] = "unknown"};

const char *action_outcome_name(enum action_outcome outcome) { return outcomes[outcome]; }

const char *person_name(char *out, size_t size)
{
    const struct passwd *user = getpwuid(getuid());
    text_clean(out, size, user ? user->pw_name : "", user ? strlen(user->pw_name) : 0);
    return out;
}

static json_t *who(const struct action *a)
{
    char host[80] = "", user[64];
    gethostname(host, sizeof host - 1);
    return json_pack("{s:s, s:s, s:s, s:s}", "arn", a->account->session.arn, "operator", a->operator_arn, "user", person_name(user, sizeof user),
                     "host", host);
}

static json_t *checks(const struct action *a)
{
    json_t *list = json_array();
    for (size_t i = 0; i < a->gate.point_count; i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "key", a->gate.points[i].key, "title", a->gate.points[i].title, "verdict",
                                              verdicts[a->gate.points[i].verdict], "evidence", a->gate.points[i].evidence));
    return list;
}

static json_t *described(const struct action *a, const struct step *s)
{
    struct str text = STR_INIT(4096);
    s->type->describe(a, s, &text);
    json_t *out = json_string(str_text(&text));
    str_free(&text);
    return out;
}

static json_t *plan(const struct action *a, bool whole)
{
    json_t *list = json_array();
    for (size_t i = 0; i < a->step_count; i++) {
        const struct step *s = a->steps[i];
        json_t *one = json_pack("{s:s, s:s, s:s?, s:o}", "step", s->type->name, "target", s->target, "call", s->type->api, "text", described(a, s));
        if (whole)
            json_object_set(one, "with", s->with);
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *results(const struct action *a)
{
    json_t *list = json_array();
    char text[600];
    for (size_t i = 0; i < a->step_count; i++) {
        const struct step *s = a->steps[i];
        json_t *one = json_pack("{s:s, s:s, s:s}", "step", s->type->name, "target", s->target, "state", step_state_name(s->state));
        if (*s->evidence)
            json_object_set_new(one, "evidence", json_string(s->evidence));
        if (*s->request_id)
            json_object_set_new(one, "request_id", json_string(s->request_id));
        if (s->error.kind != ERROR_NONE)
            json_object_set_new(one, "error", json_string(error_text(&s->error, text, sizeof text)));
        if (s->ended_at && s->began_at)
            json_object_set_new(one, "ms", json_integer(s->ended_at - s->began_at));
        json_array_append_new(list, one);
    }
    return list;
}

json_t *action_json(const struct action *a)
{
    char resource[400], at[40];
    json_t *out = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:o, s:o, s:o}", "id", a->id, "action", a->type->name, "account",
                            a->account->config->name, "account_id", a->account->config->id, "resource",
                            target_text(action_estate(a), &a->target, resource, sizeof resource), "value", a->value, "reason", a->reason, "override",
                            a->overridden, "preflight", checks(a), "plan", plan(a, false), "who", who(a));
    if (a->confirmed_at)
        json_object_set_new(out, "confirmed_at", json_string(when_iso(a->confirmed_at, at, sizeof at)));
    if (a->state >= ACTION_RUNNING)
        json_object_set_new(out, "results", results(a));
    if (a->state == ACTION_ENDED) {
        json_object_set_new(out, "outcome", json_string(outcomes[a->outcome]));
        json_object_set_new(out, "summary", json_string(a->summary));
        if (*a->report)
            json_object_set_new(out, "report", json_string(a->report));
    }
    return out;
}

bool audit_action(const struct action *a, const char *phase, json_t *take_more, struct error *e)
{
    json_t *record = action_json(a);
    json_object_set_new(record, "phase", json_string(phase));
    json_object_update(record, take_more);
    json_decref(take_more);
    return audit_append(a->engine->state_dir, action_now(a), record, e);
}

json_t *action_journal_plan(const struct action *a)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:s, s:b, s:I, s:o, s:o}", "event", "plan", "action", a->type->name, "account",
                     a->account->config->name, "account_id", a->account->config->id, "kind", (int)a->target.kind, "ns", a->target.ns, "name",
                     a->target.name, "value", a->value, "reason", a->reason, "override", a->overridden, "at", (json_int_t)a->confirmed_at,
                     "preflight", checks(a), "steps", plan(a, true));
}

/* Back again. */

/* A file's text is shown, so it is cleaned as what services say. */
static void take(char *to, size_t size, const json_t *from, const char *member, const char *otherwise)
{
    const char *text = json_text_or(from, member, otherwise);
    text_clean(to, size, text, strlen(text));
}
#define TAKE(field, from, member, otherwise) take((field), sizeof(field), (from), (member), (otherwise))

static bool read_step(struct action *a, const json_t *row, struct error *e)
{
    const struct step_type *type = step_type_find(json_text_or(row, "step", ""));
    char target[sizeof ((struct step *)0)->target];
    TAKE(target, row, "target", "");
    if (!type)
        return error_set(e, ERROR_INPUT, "journal", "journal %s: no step is named \"%s\"", a->id, json_text_or(row, "step", "")), false;
    plan_step(a, type, target, json_deep_copy(json_object_get(row, "with")));
    return true;
}

static void read_checks(struct action *a, const json_t *list)
{
    size_t i;
    json_t *row;
    json_array_foreach(list, i, row)
        for (int v = GATE_PASS; v <= GATE_UNKNOWN; v++)
            if (text_equal(verdicts[v], json_text(row, "verdict"))) /* the titles are kept in the audit log */
                gate_add(&a->gate, "before", "checked before it began", (enum gate_verdict)v, "%s: %s", json_text_or(row, "title", ""),
                         json_text_or(row, "evidence", ""));
}

static void read_event(struct action *a, const json_t *event)
{
    size_t i = (size_t)json_int(event, "step", -1);
    const char *what = json_text_or(event, "event", "");
    struct step *s = i < a->step_count ? a->steps[i] : NULL;
    if (!s)
        return;
    if (!strcmp(what, "intent")) {
        s->called_at = json_int(event, "at", 0);
        json_object_update(s->with, json_object_get(event, "with"));
    } else if (!strcmp(what, "result")) {
        TAKE(s->request_id, event, "request_id", "");
        json_object_update(s->with, json_object_get(event, "with"));
    } else if (!strcmp(what, "over")) {
        TAKE(s->evidence, event, "evidence", "");
        for (enum step_state state = STEP_DONE; state <= STEP_FAILED; state++)
            if (text_equal(json_text(event, "state"), step_state_name(state)))
                s->state = state;
        if (s->state == STEP_FAILED)
            error_set(&s->error, ERROR_SERVICE, "", "%s", s->evidence);
    }
}

struct action *action_from_journal(struct actions *actions, const char *id, const json_t *events, struct error *e)
{
    const json_t *head = json_array_get(events, 0);
    const struct action_type *type = action_type_find(json_text_or(head, "action", ""));
    const struct account *account = estate_account(actions->options.estate, json_text_or(head, "account", ""));
    struct action_target target = {.kind = (enum target_kind)json_int(head, "kind", TARGET_NONE)};
    size_t i;
    json_t *row;
    /* By its id too: other profiles, and the demonstration, have accounts of the same names. */
    bool ours = account && text_equal(json_text(head, "account_id"), account->config->id);
    if (!type || !ours || !text_equal(json_text(head, "event"), "plan")) {
        error_set(e, ERROR_INPUT, "journal", "journal %s: it is for action \"%s\" in account \"%s\" (%s), which this profile does not have", id,
                  json_text_or(head, "action", "?"), json_text_or(head, "account", "?"), json_text_or(head, "account_id", "?"));
        return NULL;
    }
    target.account = account->index;
    TAKE(target.ns, head, "ns", "");
    TAKE(target.name, head, "name", "");
    struct action *a = engine_add(actions, type, &target);
    bool good = true;
    text_copy(a->id, sizeof a->id, id);
    TAKE(a->value, head, "value", "");
    TAKE(a->reason, head, "reason", "");
    a->overridden = json_flag(head, "override", false);
    a->confirmed_at = a->asked_at = json_int(head, "at", 0);
    read_checks(a, json_object_get(head, "preflight"));
    json_array_foreach(json_object_get(head, "steps"), i, row)
        good = good && read_step(a, row, e);
    json_array_foreach(events, i, row)
        read_event(a, row);
    if (good)
        return a;
    a->state = ACTION_ENDED;
    action_dismiss(a);
    return NULL;
}

struct telling {
    unfinished_each *each;
    void *arg;
};

static void tell_unfinished(void *arg, const struct journal_found *found)
{
    struct telling *to = arg;
    const json_t *plan = json_array_get(found->events, 0);
    struct unfinished one = {.at = json_int(plan, "at", 0)};
    if (found->held)
        return;
    text_copy(one.id, sizeof one.id, found->id);
    TAKE(one.action, plan, "action", "?");
    TAKE(one.account, plan, "account", "?");
    TAKE(one.resource, plan, "name", "?");
    TAKE(one.reason, plan, "reason", "");
    to->each(to->arg, &one);
}

bool actions_unfinished(const struct actions *actions, unfinished_each *each, void *arg, struct error *e)
{
    struct telling to = {each, arg};
    return !actions->state_dir || journal_list(actions->state_dir, tell_unfinished, &to, e);
}
