/* EventBridge Scheduler: schedules, and what they call when they are due. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sim/aws_world.h"
#include "sim/proto.h"

#define UNIVERSAL "arn:aws:scheduler:::aws-sdk:"
#define PRINCIPAL "scheduler.amazonaws.com"

struct schedule {
    struct sim *sim;
    const struct account *account;
    json_t *given; /* what was asked for, with what AWS fills in */
    char *token;
    bool deleted;
    int64_t created, changed;
    int64_t due; /* 0: never again */
};

void schedule_free(struct schedule *s)
{
    json_decref(s->given);
    free(s->token);
    free(s);
}

static const char *text_of(const struct schedule *s, const char *member) { return json_text_or(s->given, member, ""); }

/* Firing. */

/* A member's name as the SDK for Java writes it, which is how a universal target wants it: DBInstanceIdentifier is DbInstanceIdentifier. */
static void java_name(const char *name, char *out, size_t size)
{
    size_t i = 0;
    for (; name[i] && i + 1 < size; i++) {
        bool inside = i > 0 && isupper((unsigned char)name[i - 1]) && !(name[i + 1] && islower((unsigned char)name[i + 1]));
        out[i] = (char)(i == 0 ? toupper((unsigned char)name[i]) : inside ? tolower((unsigned char)name[i]) : name[i]);
    }
    out[i] = '\0';
}

/* The target's input as the operation's; NULL if a member is not one of its. */
static json_t *translate(uint16_t shape, const json_t *value)
{
    const struct aws_shape *s = shape_at(shape);
    if (s->type != SHAPE_STRUCTURE || !json_is_object(value))
        return json_deep_copy(value);
    json_t *out = json_object(), *child;
    const char *key;
    json_object_foreach((json_t *)(uintptr_t)value, key, child) {
        json_t *taken = NULL;
        for (uint16_t i = 0; i < s->member_count && !taken; i++) {
            char name[128];
            java_name(name_at(member_at(s, i)->name), name, sizeof name);
            if (strcmp(name, key) == 0 && (taken = translate(member_at(s, i)->shape, child)))
                json_object_set_new(out, name_at(member_at(s, i)->name), taken);
        }
        if (!taken) {
            json_decref(out);
            return NULL;
        }
    }
    return out;
}

/* "…:rds:stopDBInstance": the API's name with a small letter. */
static const struct aws_operation *target_operation(const char *arn, const struct aws_service **service)
{
    char name[32];
    const char *p = text_starts(arn, UNIVERSAL) ? arn + strlen(UNIVERSAL) : "", *colon = strchr(p, ':');
    *service = NULL;
    if (!colon || !text_format(name, sizeof name, "%.*s", (int)(colon - p), p) || !islower((unsigned char)colon[1]))
        return NULL;
    *service = aws_service_find(&aws_table, name);
    char operation[80];
    text_format(operation, sizeof operation, "%c%s", toupper((unsigned char)colon[1]), colon + 2);
    return *service ? aws_operation_find(&aws_table, *service, operation) : NULL;
}

static const struct role *target_role(const struct schedule *s)
{
    const char *slash = strrchr(json_text_or(s->given, "Target.RoleArn", ""), '/');
    return slash ? role_find(s->account, slash + 1) : NULL;
}

static void call_target(const struct schedule *s, int64_t at, struct error *e)
{
    const struct aws_service *service;
    const struct aws_operation *operation = target_operation(json_text_or(s->given, "Target.Arn", ""), &service);
    const struct role *role = target_role(s);
    struct identity who = {.account = (size_t)(s->account - s->sim->scenario->accounts.at), .role = role, .allow = role ? &role->allow : NULL};
    const char *text = json_text_or(s->given, "Target.Input", "{}");
    json_t *given = json_load(text, strlen(text), e);
    json_t *input = operation && given ? translate(operation->input, given) : NULL;
    json_decref(given);
    text_format(who.arn, sizeof who.arn, "arn:aws:sts::%s:assumed-role/%s/scheduler", s->account->id, role ? role->name : "");
    struct aws_call call = {.sim = s->sim, .who = &who, .account = s->account, .service = service ? name_at(service->name) : "",
                            .operation = operation ? name_at(operation->name) : "", .region = s->account->region, .now = at, .input = input,
                            .error = e};
    if (!role || !operation)
        error_set(e, ERROR_SERVICE, "ValidationException", "the target cannot be called");
    else if (!input)
        error_set(e, ERROR_SERVICE, "ValidationException", "the target's input does not fit %s", call.operation);
    else if (!aws_permitted(s->sim, &who, call.service, call.operation, e))
        (void)0;
    else
        json_decref(aws_carry_out(&call));
    json_decref(input);
}

static void await(struct schedule *s, int64_t after);

static void fire(struct sim *sim, void *what, int64_t at)
{
    struct schedule *s = what;
    struct error e = {0};
    if (s->deleted || s->due != at)
        return; /* it was changed meanwhile */
    call_target(s, at, &e);
    if (!sim->quiet)
        fprintf(stderr, "scheduler %s %s %s %s\n", s->account->id, text_of(s, "Name"), json_text_or(s->given, "Target.Arn", ""),
                *e.code ? e.code : "ok");
    await(s, at);
    if (!s->due && strcmp(text_of(s, "ActionAfterCompletion"), "DELETE") == 0)
        s->deleted = true;
}

/* When it is due next, within its dates, which are nothing to one that is due once; a flexible window moves it by chance. */
static void await(struct schedule *s, int64_t after)
{
    bool once = text_starts(text_of(s, "ScheduleExpression"), "at(");
    int64_t start = once ? 0 : call_ms(s->given, "StartDate", s->created), end = once ? INT64_MAX : call_ms(s->given, "EndDate", INT64_MAX);
    int64_t window = json_int(s->given, "FlexibleTimeWindow.MaximumWindowInMinutes", 0) * MINUTE_MS;
    int64_t next = schedule_time_next(text_of(s, "ScheduleExpression"), text_of(s, "ScheduleExpressionTimezone"), start,
                                      after >= start ? after : start - 1);
    s->due = 0;
    if (!next || next > end || s->deleted || strcmp(text_of(s, "State"), "ENABLED") != 0)
        return;
    s->due = next + (window ? world_span(s->sim, text_of(s, "Name"), next / MINUTE_MS, 0, window) / 1000 * 1000 : 0);
    world_at(s->sim, s->due, fire, s);
}

/* Those that are there from the beginning. One that is kept back waits as if somebody had asked for it: by an update of its start. */

static json_t *given_of(const struct account *a, const struct schedule_row *row, int64_t now)
{
    json_t *out = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:{s:s}}", "Name", row->name, "GroupName", "default", "ScheduleExpression",
                            row->expression, "ScheduleExpressionTimezone", row->timezone, "State", "ENABLED", "ActionAfterCompletion", "NONE",
                            "FlexibleTimeWindow", "Mode", "OFF");
    json_object_set_new(out, "Target", json_pack("{s:o, s:o, s:s, s:{s:i, s:i}}", "Arn", call_text(UNIVERSAL "%s", row->api), "RoleArn",
                                                 call_text("arn:aws:iam::%s:role/%s", a->id, row->role), "Input", row->input, "RetryPolicy",
                                                 "MaximumEventAgeInSeconds", 1800, "MaximumRetryAttempts", 10));
    int64_t next = schedule_time_next(row->expression, row->timezone, now, now);
    int64_t until = row->kept_until ? schedule_time_next(row->kept_until, row->timezone, now, now) : 0;
    if (until && until < next)
        json_object_set_new(out, "StartDate", call_time(until));
    return out;
}

void schedules_begin(struct sim *sim, const struct account *account, struct world_account *state)
{
    for (size_t i = 0; i < account->scheduler.schedules.len; i++) {
        struct schedule *s = mem_new(sizeof *s);
        int64_t now = sim_start(sim);
        *s = (struct schedule){.sim = sim, .account = account, .given = given_of(account, &account->scheduler.schedules.at[i], now),
                               .created = (now - account->age / 2) / 1000 * 1000, .changed = (now - account->age / 3) / 1000 * 1000};
        *vec_add(&state->schedules) = s;
        await(s, now);
    }
}

/* What is asked for. */

static struct schedule *find(const struct aws_call *call, const char *name)
{
    struct world_account *w = world_account(call->sim, call->account);
    for (size_t i = 0; strcmp(call->region, call->account->region) == 0 && i < w->schedules.len; i++)
        if (!w->schedules.at[i]->deleted && strcmp(text_of(w->schedules.at[i], "Name"), name) == 0)
            return w->schedules.at[i];
    return NULL;
}

static struct schedule *need(struct aws_call *call)
{
    const char *name = json_text_or(call->input, "Name", "");
    struct schedule *s = strcmp(json_text_or(call->input, "GroupName", "default"), "default") == 0 ? find(call, name) : NULL;
    if (!s)
        call_fail(call, "ResourceNotFoundException", "Schedule %s does not exist.", name);
    return s;
}

static json_t *arn(const struct aws_call *call, const char *name)
{
    return call_text("arn:aws:scheduler:%s:%s:schedule/default/%s", call->account->region, call->account->id, name);
}

static bool invalid(struct aws_call *call, const char *message) { return call_fail(call, "ValidationException", "%s", message) != NULL; }

static bool name_good(struct aws_call *call)
{
    const char *name = json_text_or(call->input, "Name", "");
    size_t len = strlen(name);
    if (len >= 1 && len <= 64 && strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") == len)
        return true;
    return invalid(call, "1 validation error detected: Value at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: "
                         "^[0-9a-zA-Z-_.]+$");
}

static bool target_good(struct aws_call *call)
{
    const char *target = json_text_or(call->input, "Target.Arn", ""), *input = json_text_or(call->input, "Target.Input", "{}");
    const struct aws_service *service;
    const struct aws_operation *operation = target_operation(target, &service);
    if (!text_starts(target, "arn:aws:") || (text_starts(target, UNIVERSAL) && !operation))
        return call_fail(call, "ValidationException", "Provided Arn is not in correct format.") != NULL;
    if (operation && !(operation->flags & OPERATION_WRITE))
        return invalid(call, "The target API is read-only: get, describe, list and the like are not supported.");
    struct error e = {0};
    json_t *tree = json_load(input, strlen(input), &e);
    json_decref(tree);
    return tree || invalid(call, "Invalid RequestJson provided. Reason: the target's Input is not valid JSON");
}

static bool role_good(struct aws_call *call)
{
    const char *given = json_text_or(call->input, "Target.RoleArn", "");
    char prefix[64];
    text_format(prefix, sizeof prefix, "arn:aws:iam::%s:role/", call->account->id);
    const struct role *role = text_starts(given, prefix) ? role_find(call->account, given + strlen(prefix)) : NULL;
    bool trusted = false;
    if (!auth_may(call->who, "iam", "PassRole")) {
        call_fail(call, "AccessDeniedException",
                  "User: %s is not authorized to perform: iam:PassRole on resource: %s because no identity-based policy allows the iam:PassRole "
                  "action", call->who->arn, given);
        call->error->status = 403;
        return false;
    }
    for (size_t i = 0; role && i < role->trust.len; i++)
        trusted |= strcmp(role->trust.at[i], PRINCIPAL) == 0;
    return trusted || invalid(call, "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.");
}

static bool window_good(struct aws_call *call)
{
    int64_t minutes = json_int(call->input, "FlexibleTimeWindow.MaximumWindowInMinutes", 0);
    bool off = strcmp(json_text_or(call->input, "FlexibleTimeWindow.Mode", ""), "OFF") == 0;
    if (off ? minutes == 0 : minutes >= 1 && minutes <= 1440)
        return true;
    return invalid(call, off ? "MaximumWindowInMinutes must not be set when FlexibleTimeWindow's Mode is OFF."
                             : "MaximumWindowInMinutes must be between 1 and 1440 when FlexibleTimeWindow's Mode is FLEXIBLE.");
}

static bool start_good(struct aws_call *call)
{
    return call_ms(call->input, "StartDate", call->now) >= call->now - 5 * MINUTE_MS ||
           invalid(call, "The StartDate you specify cannot be earlier than 5 minutes ago.");
}

static bool input_good(struct aws_call *call)
{
    const char *wrong, *expression = json_text_or(call->input, "ScheduleExpression", ""), *group = json_text_or(call->input, "GroupName", "default");
    if (strcmp(group, "default") != 0)
        return call_fail(call, "ResourceNotFoundException", "Schedule group %s does not exist.", group) != NULL;
    if (!name_good(call))
        return false;
    if (!schedule_time_good(expression, json_text_or(call->input, "ScheduleExpressionTimezone", "UTC"), &wrong))
        return text_starts(wrong, "Invalid") ? call_fail(call, "ValidationException", "%s %s.", wrong, expression) != NULL : invalid(call, wrong);
    return start_good(call) && window_good(call) && target_good(call) && role_good(call);
}

static void take(struct schedule *s, const struct aws_call *call)
{
    static const char *const usual[][2] = {
        {"GroupName", "default"}, {"ScheduleExpressionTimezone", "UTC"}, {"State", "ENABLED"}, {"ActionAfterCompletion", "NONE"}};
    json_decref(s->given);
    free(s->token);
    s->given = json_deep_copy(call->input);
    s->token = mem_strdup(json_text(call->input, "ClientToken"));
    json_object_del(s->given, "ClientToken");
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (!json_object_get(s->given, usual[i][0]))
            json_object_set_new(s->given, usual[i][0], json_string(usual[i][1]));
    json_t *target = json_object_get(s->given, "Target");
    if (!json_object_get(target, "RetryPolicy"))
        json_object_set_new(target, "RetryPolicy", json_pack("{s:i, s:i}", "MaximumEventAgeInSeconds", 86400, "MaximumRetryAttempts", 185));
    s->changed = call->now;
    await(s, call->now - 1); /* rate() is due at once the first time */
}

static bool same_token(const struct schedule *s, const struct aws_call *call)
{
    return s->token && text_equal(s->token, json_text(call->input, "ClientToken"));
}

static json_t *create_schedule(struct aws_call *call)
{
    const char *name = json_text_or(call->input, "Name", "");
    if (!input_good(call))
        return NULL;
    struct schedule *s = find(call, name);
    if (s && !same_token(s, call))
        return call_fail(call, "ConflictException", "Schedule %s already exists.", name);
    if (!s) {
        s = mem_new(sizeof *s);
        *s = (struct schedule){.sim = call->sim, .account = call->account, .created = call->now};
        *vec_add(&world_account(call->sim, call->account)->schedules) = s;
        take(s, call);
    }
    return json_pack("{s:o}", "ScheduleArn", arn(call, name));
}

/* What an update does not give goes back to the default: it replaces the schedule. */
static json_t *update_schedule(struct aws_call *call)
{
    if (!input_good(call))
        return NULL;
    struct schedule *s = need(call);
    if (!s)
        return NULL;
    if (!same_token(s, call))
        take(s, call);
    return json_pack("{s:o}", "ScheduleArn", arn(call, text_of(s, "Name")));
}

static json_t *delete_schedule(struct aws_call *call)
{
    struct schedule *s = need(call);
    if (!s)
        return NULL;
    s->deleted = true;
    return json_object();
}

static json_t *get_schedule(struct aws_call *call)
{
    const struct schedule *s = need(call);
    if (!s)
        return NULL;
    json_t *out = json_deep_copy(s->given);
    json_object_set_new(out, "Arn", arn(call, text_of(s, "Name")));
    json_object_set_new(out, "CreationDate", call_time(s->created));
    json_object_set_new(out, "LastModificationDate", call_time(s->changed));
    return out;
}

static int by_name(const void *a, const void *b)
{
    const struct schedule *const *x = a, *const *y = b;
    return strcmp(text_of(*x, "Name"), text_of(*y, "Name"));
}

static json_t *list_schedules(struct aws_call *call)
{
    static const struct call_page page = {"Schedules", "NextToken", "NextToken", "MaxResults", 1, 100, 100, "ValidationException", NULL};
    const struct world_account *w = world_account(call->sim, call->account);
    const char *group = json_text_or(call->input, "GroupName", "default"), *prefix = json_text_or(call->input, "NamePrefix", "");
    const char *state = json_text(call->input, "State");
    VEC(const struct schedule *) found = {0};
    json_t *all = json_array();
    for (size_t i = 0; strcmp(call->region, call->account->region) == 0 && i < w->schedules.len; i++) {
        const struct schedule *s = w->schedules.at[i];
        if (!s->deleted && strcmp(group, "default") == 0 && text_starts(text_of(s, "Name"), prefix) &&
            (!state || strcmp(state, text_of(s, "State")) == 0))
            *vec_add(&found) = s;
    }
    if (found.len)
        qsort(found.at, found.len, sizeof *found.at, by_name);
    for (size_t i = 0; i < found.len; i++) {
        const struct schedule *s = found.at[i];
        json_array_append_new(all, json_pack("{s:o, s:s, s:s, s:s, s:o, s:o, s:{s:s}}", "Arn", arn(call, text_of(s, "Name")), "Name",
                                             text_of(s, "Name"), "GroupName", "default", "State", text_of(s, "State"), "CreationDate",
                                             call_time(s->created), "LastModificationDate", call_time(s->changed), "Target", "Arn",
                                             json_text_or(s->given, "Target.Arn", "")));
    }
    vec_free(&found);
    return call_page(call, all, &page);
}

const struct aws_handler aws_scheduler[] = {{"scheduler", "CreateSchedule", create_schedule}, {"scheduler", "UpdateSchedule", update_schedule},
                                            {"scheduler", "DeleteSchedule", delete_schedule}, {"scheduler", "GetSchedule", get_schedule},
                                            {"scheduler", "ListSchedules", list_schedules},   {NULL}};
