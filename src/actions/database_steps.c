/* Databases that stop and start. */
#include "actions/dev_steps.h"

#include <string.h>

#include "base/json.h"

#define MINUTE_MS INT64_C(60000)

static void look_at_database(struct step *s, step_got *got)
{
    step_look_aws_or_none(s, "rds", "DescribeDBInstances", json_pack("{s:s}", "DBInstanceIdentifier", json_text_or(s->with, "id", "")), NULL, got);
}

static const char *database_status(const json_t *output) { return json_text_or(output, "DBInstances.0.DBInstanceStatus", "unknown"); }

/* RDS passes through other states by itself (backing-up, modifying…): what cannot be done now is waited for. */
bool database_step_possible(const char *status)
{
    static const char *const broken[] = {"failed", "storage-full", "inaccessible-encryption-credentials", "incompatible-parameters", "deleting",
                                         "unknown"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        if (!strcmp(status, broken[i]))
            return false;
    return true;
}

static enum finding towards(const char *status, const char *wanted, const char *from)
{
    if (!database_step_possible(status))
        return FOUND_FAILED;
    return !strcmp(status, wanted) ? FOUND_DONE : !strcmp(status, from) ? FOUND_TODO : FOUND_UNDERWAY;
}

static void got_stop(struct action *a, struct step *s, const json_t *output)
{
    const char *status = database_status(output);
    (void)a;
    if (!output)
        step_found(s, FOUND_DONE, "there is none any more");
    else
        step_found(s, towards(status, "stopped", "available"), "%s", status);
}

static void look_stop(struct action *a, struct step *s)
{
    (void)a;
    look_at_database(s, got_stop);
}

static void call_stop(struct action *a, struct step *s)
{
    (void)a;
    step_call_aws(s, "rds", "StopDBInstance", json_pack("{s:s}", "DBInstanceIdentifier", json_text_or(s->with, "id", "")), NULL);
}

static void describe_stop(const struct action *a, const struct step *s, struct str *out)
{
    (void)a;
    str_addf(out, "stop database %s", s->target);
}

const struct step_type step_database_stop = {.name = "database-stop",
                                             .api = "rds StopDBInstance",
                                             .describe = describe_stop,
                                             .look = look_stop,
                                             .call = call_stop,
                                             .every_ms = 5000,
                                             .limit_ms = 30 * MINUTE_MS,
                                             .goes_on = true};

static void got_start(struct action *a, struct step *s, const json_t *output)
{
    const char *status = database_status(output);
    (void)a;
    if (!output)
        step_found(s, FOUND_FAILED, "there is none any more");
    else
        step_found(s, strcmp(status, "backing-up") ? towards(status, "available", "stopped") : FOUND_DONE, "%s", status);
}

static void look_start(struct action *a, struct step *s)
{
    (void)a;
    look_at_database(s, got_start);
}

static void call_start(struct action *a, struct step *s)
{
    (void)a;
    step_call_aws(s, "rds", "StartDBInstance", json_pack("{s:s}", "DBInstanceIdentifier", json_text_or(s->with, "id", "")), NULL);
}

static void describe_start(const struct action *a, const struct step *s, struct str *out)
{
    (void)a;
    str_addf(out, "start database %s", s->target);
}

const struct step_type step_database_start = {.name = "database-start",
                                              .api = "rds StartDBInstance",
                                              .describe = describe_start,
                                              .look = look_start,
                                              .call = call_start,
                                              .every_ms = 5000,
                                              .limit_ms = 40 * MINUTE_MS,
                                              .waits = true};
