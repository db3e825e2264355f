#include "actions/schedule_steps.h"

#include <string.h>

#include "base/json.h"
#include "base/when.h"

#define MINUTE_MS INT64_C(60000)

static bool same_document(const json_t *a, const json_t *b)
{
    struct error unreadable = {0};
    const char *x = json_string_value(a), *y = json_string_value(b);
    json_t *left = x ? json_load(x, strlen(x), &unreadable) : NULL, *right = y ? json_load(y, strlen(y), &unreadable) : NULL;
    bool same = left && right && json_equal(left, right);
    json_decref(left);
    json_decref(right);
    return same;
}

/* Two levels: the schedule, its target and its window. */
static bool member_is_so(const char *name, const json_t *live, const json_t *want)
{
    const char *key;
    json_t *value;
    if (!strcmp(name, "StartDate")) /* kept up as long, or longer */
        return json_number_value(live) >= json_number_value(want);
    if (!strcmp(name, "Input"))
        return same_document(live, want);
    if (!json_is_object(want))
        return json_equal(live, want);
    json_object_foreach((json_t *)(uintptr_t)want, key, value)
        if (!member_is_so(key, json_object_get(live, key), value))
            return false;
    return true;
}

bool schedule_is_so(const json_t *live, const json_t *want, bool drop_start, int64_t now)
{
    return !(drop_start && json_when(live, "StartDate") > now) && member_is_so("", live, want);
}

static void merge(json_t *into, const json_t *want)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)want, key, value) {
        json_t *old = json_object_get(into, key);
        if (json_is_object(value) && json_is_object(old))
            merge(old, value);
        else
            json_object_set_new(into, key, json_deep_copy(value));
    }
}

json_t *schedule_changed(const json_t *live, const json_t *want, bool drop_start, int64_t now)
{
    static const char *const told[] = {"Arn", "CreationDate", "LastModificationDate"};
    json_t *out = json_deep_copy(live);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        json_object_del(out, told[i]);
    if (drop_start || json_when(out, "StartDate") <= now)
        json_object_del(out, "StartDate");
    merge(out, want);
    return out;
}

static void describe(const struct action *a, const struct step *s, struct str *out)
{
    (void)a;
    str_adds(out, json_text_or(s->with, "text", ""));
}

static json_t *name_input(const struct step *s) { return json_pack("{s:s, s:s}", "GroupName", "default", "Name", json_text_or(s->with, "name", "")); }

static bool drops(const struct step *s) { return json_flag(s->with, "drop_start", false); }

static void look(struct step *s, step_got *got) { step_look_aws_or_none(s, "scheduler", "GetSchedule", name_input(s), NULL, got); }

static void seen(struct step *s, const json_t *live, enum finding finding)
{
    char at[40];
    int64_t start = json_when(live, "StartDate");
    step_found(s, finding, "%s, %s%s%s", text_equal(json_text(live, "State"), "DISABLED") ? "paused" : "on",
               json_text_or(live, "ScheduleExpression", ""), start > action_now(s->action) ? ", nothing before " : "",
               start > action_now(s->action) ? when_iso(start, at, sizeof at) : "");
}

static void got(struct action *a, struct step *s, const json_t *live)
{
    bool create = s->type == &step_schedule_create;
    if (!live)
        step_found(s, create ? FOUND_TODO : FOUND_FAILED, create ? "there is none yet" : "there is none any more");
    else if (schedule_is_so(live, json_object_get(s->with, "want"), drops(s), action_now(a)))
        seen(s, live, FOUND_DONE);
    else if (create)
        step_found(s, FOUND_FAILED, "somebody has made it meanwhile, and otherwise; plan it again");
    else {
        json_object_set_new(s->with, "live", json_deep_copy(live));
        seen(s, live, FOUND_TODO);
    }
}

static void look_set(struct action *a, struct step *s)
{
    (void)a;
    look(s, got);
}

static void call_create(struct action *a, struct step *s)
{
    json_t *input = name_input(s);
    (void)a;
    json_object_update(input, json_object_get(s->with, "want"));
    step_call_aws(s, "scheduler", "CreateSchedule", input, NULL);
}

static void call_update(struct action *a, struct step *s)
{
    json_t *input = schedule_changed(json_object_get(s->with, "live"), json_object_get(s->with, "want"), drops(s), action_now(a));
    step_call_aws(s, "scheduler", "UpdateSchedule", input, NULL);
}

static void got_for_delete(struct action *a, struct step *s, const json_t *live)
{
    (void)a;
    if (live)
        seen(s, live, FOUND_TODO);
    else
        step_found(s, FOUND_DONE, "there is none");
}

static void look_delete(struct action *a, struct step *s)
{
    (void)a;
    look(s, got_for_delete);
}

static void call_delete(struct action *a, struct step *s)
{
    (void)a;
    step_call_aws(s, "scheduler", "DeleteSchedule", name_input(s), NULL);
}

const struct step_type step_schedule_create = {.name = "schedule-create",
                                               .api = "scheduler CreateSchedule",
                                               .describe = describe,
                                               .look = look_set,
                                               .call = call_create,
                                               .every_ms = 1000,
                                               .limit_ms = MINUTE_MS};

const struct step_type step_schedule_update = {.name = "schedule-update",
                                               .api = "scheduler UpdateSchedule",
                                               .describe = describe,
                                               .look = look_set,
                                               .call = call_update,
                                               .every_ms = 1000,
                                               .limit_ms = MINUTE_MS};

const struct step_type step_schedule_delete = {.name = "schedule-delete",
                                               .api = "scheduler DeleteSchedule",
                                               .describe = describe,
                                               .look = look_delete,
                                               .call = call_delete,
                                               .every_ms = 1000,
                                               .limit_ms = MINUTE_MS};
