#include "actions/acknowledge.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "actions/engine.h"
#include "actions/state.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "estate/acknowledged.h"

#define LOCK_FILE "acknowledged.lock"
#define WAIT_MS   2000

/* The file. What cannot be read is not overwritten. */

static json_t *read_store(const char *path, struct error *e)
{
    struct str text = STR_INIT(ACKNOWLEDGED_FILE_MAX);
    json_t *store = NULL;
    if (access(path, F_OK) != 0 && errno == ENOENT)
        store = json_object();
    else if (file_read(path, ACKNOWLEDGED_FILE_MAX, &text, e) && !(store = json_load(str_text(&text), text.len, e)))
        error_set(e, ERROR_INPUT, "state", "%s is no JSON that trivet has written; remove it", path);
    str_free(&text);
    return store;
}

static bool write_store(const char *path, const json_t *store, struct error *e)
{
    char *text = json_dumps(store, JSON_INDENT(1) | JSON_ENSURE_ASCII);
    bool good = text && file_write(path, text, strlen(text), 0600, e);
    free(text);
    return good;
}

static bool add_locked(const char *state_dir, const struct action *a, const struct alarm *alarm, struct error *e)
{
    char *path = file_join(state_dir, ACKNOWLEDGED_FILE), by[64];
    json_t *store = read_store(path, e);
    bool good = false;
    if (store) {
        acknowledged_add(store, a->account->config->id, alarm, person_name(by, sizeof by), a->reason, action_now(a));
        good = write_store(path, store, e);
    }
    json_decref(store);
    free(path);
    return good;
}

static bool add(const struct action *a, const struct alarm *alarm, struct error *e)
{
    const char *state_dir = actions_state_dir(a->engine);
    char *path = file_join(state_dir, LOCK_FILE);
    bool good = false;
    int fd = state_make(state_dir, NULL, e) ? state_open(path, O_RDWR | O_CREAT, e) : -1;
    if (fd >= 0 && !state_lock(fd, LOCK_EX, WAIT_MS))
        error_set(e, ERROR_INPUT, "state", "%s is held by another program", path);
    else if (fd >= 0)
        good = add_locked(state_dir, a, alarm, e);
    if (fd >= 0)
        close(fd);
    free(path);
    return good;
}

/* The step. */

static struct alarm alarm_of(const struct step *s)
{
    struct alarm alarm = {.since = json_int(s->with, "since", 0)};
    text_copy(alarm.name, sizeof alarm.name, json_text_or(s->with, "name", ""));
    return alarm;
}

static void describe(const struct action *a, const struct step *s, struct str *out)
{
    (void)a;
    str_addf(out, "acknowledge alarm %s on this machine, until it changes its state", s->target);
}

static void look(struct action *a, struct step *s)
{
    struct error e = {0};
    char *path = file_join(actions_state_dir(a->engine), ACKNOWLEDGED_FILE);
    json_t *store = read_store(path, &e);
    struct alarm alarm = alarm_of(s);
    const json_t *row = acknowledged_find(store, a->account->config->id, &alarm);
    free(path);
    if (!store)
        step_unseen(s, &e);
    else
        step_found(s, row ? FOUND_DONE : FOUND_TODO, row ? "acknowledged by %s" : "not acknowledged%s", row ? json_text_or(row, "by", "?") : "");
    json_decref(store);
}

static void call(struct action *a, struct step *s)
{
    struct error e = {0};
    struct alarm alarm = alarm_of(s);
    bool good = add(a, &alarm, &e);
    step_called(s, NULL, good ? NULL : &e);
}

const struct step_type step_acknowledge = {
    .name = "acknowledge", .api = "write " ACKNOWLEDGED_FILE, .describe = describe, .look = look, .call = call, .every_ms = 50, .limit_ms = 10000};

static bool plan(struct action *a, struct error *e)
{
    char text[600];
    const struct slice *slice = &a->account->slices[FEED_ALARMS];
    const struct alarm *alarm = NULL;
    for (size_t i = 0; i < a->account->alarms.len; i++)
        if (!strcmp(a->account->alarms.at[i].name, a->target.name))
            alarm = &a->account->alarms.at[i];
    if (!slice_has_data(slice))
        error_set(e, ERROR_SERVICE, "Unknown", "the alarms of %s could not be read: %s", a->account->config->name,
                  slice->error.kind != ERROR_NONE ? error_text(&slice->error, text, sizeof text) : "no answer");
    else if (!alarm)
        error_set(e, ERROR_INPUT, "alarm", "%s has no alarm %s", a->account->config->name, a->target.name);
    else if (alarm->state != ALARM_ALARM)
        error_set(e, ERROR_INPUT, "alarm", "alarm %s is %s: there is nothing to acknowledge", alarm->name, alarm_state_name(alarm->state));
    else
        plan_step(a, &step_acknowledge, alarm->name, json_pack("{s:s, s:I}", "name", alarm->name, "since", (json_int_t)alarm->since));
    return a->step_count > 0;
}

const struct action_type action_ack_alarm = {.name = "ack-alarm",
                                             .verb = "acknowledge",
                                             .key = 'k',
                                             .about = "acknowledge the alarm on this machine, until it changes its state",
                                             .on = TARGET_ALARM,
                                             .local = true,
                                             .feeds = FEED_BIT(FEED_ALARMS),
                                             .plan = plan};
