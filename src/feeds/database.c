/* RDS: instances, events, automated backups. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/when.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

#define EVENTS_FIRST_MS (24 * 3600 * INT64_C(1000))
#define EVENTS_LAP_MS   600000 /* events are listed late: each reading looks back over the one before */
#define EVENTS_KEPT_MS  (13 * EVENTS_FIRST_MS) /* RDS keeps a fortnight, and refuses to be asked for more */

typedef VEC(struct database) databases;
typedef VEC(struct database_event) events;
typedef VEC(struct database_backup) backups;

static const struct aws_call_options pages = {.all_pages = true};

static bool wanted(const struct account_config *account) { return account->database || account->kind != ACCOUNT_MANAGEMENT; }

void map_database(const json_t *row, struct database *d)
{
    *d = (struct database){0};
    FIELD(d->id, row, "DBInstanceIdentifier");
    FIELD(d->arn, row, "DBInstanceArn");
    FIELD(d->key, row, "KmsKeyId");
    FIELD(d->engine, row, "Engine");
    FIELD(d->version, row, "EngineVersion");
    FIELD(d->class, row, "DBInstanceClass");
    FIELD(d->status, row, "DBInstanceStatus");
    FIELD(d->zone, row, "AvailabilityZone");
    FIELD(d->standby_zone, row, "SecondaryAvailabilityZone");
    FIELD(d->endpoint, row, "Endpoint.Address");
    d->port = (int)json_int(row, "Endpoint.Port", 0);
    d->multi_az = json_flag(row, "MultiAZ", false);
    d->encrypted = json_flag(row, "StorageEncrypted", false);
    d->iam_auth = json_flag(row, "IAMDatabaseAuthenticationEnabled", false);
    d->public_access = json_flag(row, "PubliclyAccessible", false);
    d->deletion_protection = json_flag(row, "DeletionProtection", false);
    d->backup_days = (int)json_int(row, "BackupRetentionPeriod", -1);
    d->storage_gib = (int)json_int(row, "AllocatedStorage", -1);
    FIELD(d->storage_type, row, "StorageType");
    FIELD(d->parameter_group, row, "DBParameterGroups.0.DBParameterGroupName");
    FIELD(d->parameter_status, row, "DBParameterGroups.0.ParameterApplyStatus");
    for (size_t i = 0; i < sizeof d->subnets / sizeof *d->subnets; i++)
        FIELD(d->subnets[i], json_array_get(json_at(row, "DBSubnetGroup.Subnets"), i), "SubnetIdentifier");
    d->restorable_at = json_when(row, "LatestRestorableTime");
    d->restarts_at = json_when(row, "AutomaticRestartTime");
    for (size_t i = 0; i < sizeof d->groups / sizeof *d->groups; i++)
        FIELD(d->groups[i], json_array_get(json_object_get(row, "VpcSecurityGroups"), i), "VpcSecurityGroupId");
    struct str pending = STR_INIT(1024);
    const char *key;
    json_t *value;
    json_object_foreach(json_at(row, "PendingModifiedValues"), key, value)
        str_addf(&pending, "%s%s", pending.len ? ", " : "", key);
    text_clean(d->pending, sizeof d->pending, str_text(&pending), pending.len);
    str_free(&pending);
}

void map_database_event(const json_t *row, struct database_event *event)
{
    *event = (struct database_event){.at = json_when(row, "Date")};
    FIELD(event->source, row, "SourceIdentifier");
    FIELD(event->message, row, "Message");
    FIELD(event->category, row, "EventCategories.0");
}

void map_database_backup(const json_t *row, struct database_backup *backup)
{
    *backup = (struct database_backup){.encrypted = json_at(row, "Encrypted") ? json_flag(row, "Encrypted", false) : -1,
                                       .backup_days = (int)json_int(row, "BackupRetentionPeriod", -1),
                                       .earliest_at = json_when(row, "RestoreWindow.EarliestTime"),
                                       .latest_at = json_when(row, "RestoreWindow.LatestTime")};
    FIELD(backup->source, row, "DBInstanceIdentifier");
    /* A copy's Region is where the instance is; its own ARN says where the copy is: arn:aws:rds:us-west-2:… */
    const char *arn = json_text_or(row, "DBInstanceAutomatedBackupsArn", "");
    FIELD(backup->region, row, "Region");
    for (int colons = 0; colons < 3 && arn; colons++)
        arn = strchr(arn, ':') ? strchr(arn, ':') + 1 : NULL;
    if (arn && strchr(arn, ':'))
        text_clean(backup->region, sizeof backup->region, arn, strcspn(arn, ":"));
    FIELD(backup->status, row, "Status");
}

/* Instances, and the maintenance that waits for them. That comes from a call of its own, and without it the instances still stand. */

struct instance_reading {
    struct aws_call *instances, *maintenance;
    databases rows;
    json_t *actions; /* NULL: could not be read */
    struct error error;
};

void map_maintenance(const json_t *row, struct database *rows, size_t count)
{
    const char *arn = json_text_or(row, "ResourceIdentifier", "");
    size_t i;
    json_t *action;
    for (size_t k = 0; k < count; k++) {
        struct str pending = STR_INIT(1024);
        if (strcmp(rows[k].arn, arn) != 0)
            continue;
        str_adds(&pending, rows[k].pending);
        json_array_foreach(json_object_get(row, "PendingMaintenanceActionDetails"), i, action)
            str_addf(&pending, "%s%s", pending.len ? ", " : "", json_text_or(action, "Action", "maintenance"));
        text_clean(rows[k].pending, sizeof rows[k].pending, str_text(&pending), pending.len);
        str_free(&pending);
    }
}

static void free_reading(struct instance_reading *r)
{
    aws_cancel(r->instances);
    aws_cancel(r->maintenance);
    vec_free(&r->rows);
    json_decref(r->actions);
    free(r);
}

static void instances_done(struct feed_run *run)
{
    struct instance_reading *r = run->state;
    struct error error = r->error;
    size_t i;
    json_t *row;
    if (r->instances || r->maintenance)
        return;
    json_array_foreach(r->actions, i, row)
        map_maintenance(row, r->rows.at, r->rows.len);
    for (size_t k = 0; k < r->rows.len; k++)
        r->rows.at[k].maintenance_known = r->actions != NULL;
    if (error.kind == ERROR_NONE)
        databases_set(feeds_estate(run->feeds), run->account, r->rows.at, r->rows.len, loop_wall(feeds_loop(run->feeds)));
    run->state = NULL;
    free_reading(r);
    if (error.kind == ERROR_NONE)
        feed_good(run);
    else
        feed_failed(run, &error);
}

static void got_instances(void *arg, json_t *output, const struct error *error)
{
    struct feed_run *run = arg;
    struct instance_reading *r = run->state;
    size_t i;
    json_t *row;
    r->instances = NULL;
    if (error)
        r->error = *error;
    if (aws_cut(output))
        feed_more(run);
    json_array_foreach(json_at(output, "DBInstances"), i, row)
        map_database(row, vec_add(&r->rows));
    instances_done(run);
}

static void got_maintenance(void *arg, json_t *output, const struct error *error)
{
    struct feed_run *run = arg;
    struct instance_reading *r = run->state;
    r->maintenance = NULL;
    if (!error)
        r->actions = json_incref(json_object_get(output, "PendingMaintenanceActions"));
    if (!error && !r->actions)
        r->actions = json_array();
    instances_done(run);
}

static void start_instances(struct feed_run *run)
{
    struct instance_reading *r = run->state = mem_new(sizeof *r);
    json_t *input = run->config->database ? json_pack("{s:s}", "DBInstanceIdentifier", run->config->database) : NULL;
    r->instances = aws_call(run->session, "rds", "DescribeDBInstances", input, &pages, got_instances, run);
    r->maintenance = aws_call(run->session, "rds", "DescribePendingMaintenanceActions", NULL, &pages, got_maintenance, run);
    json_decref(input);
}

static void stop_instances(struct feed_run *run)
{
    free_reading(run->state);
    run->state = NULL;
}

const struct feed_type feed_database = {
    .feed = FEED_DATABASE, .interval_ms = 60000, .focus_ms = 15000, .wanted = wanted, .start = start_instances, .stop = stop_instances};

/* Events. */

static void got_events(struct feed_run *run, json_t *output)
{
    events rows = {0};
    size_t i;
    json_t *row;
    json_array_foreach(json_at(output, "Events"), i, row)
        map_database_event(row, vec_add(&rows));
    database_events_add(feeds_estate(run->feeds), run->account, rows.at, rows.len);
    vec_free(&rows);
}

static void start_events(struct feed_run *run)
{
    const struct slice *slice = &feeds_estate(run->feeds)->accounts[run->account].slices[run->feed];
    int64_t now = loop_wall(feeds_loop(run->feeds)), from = slice->read_at ? slice->read_at - EVENTS_LAP_MS : now - EVENTS_FIRST_MS;
    char text[32];
    from = from < now - EVENTS_KEPT_MS ? now - EVENTS_KEPT_MS : from;
    json_t *input = json_pack("{s:s, s:s}", "SourceType", "db-instance", "StartTime", when_iso(from, text, sizeof text));
    if (run->config->database)
        json_object_set_new(input, "SourceIdentifier", json_string(run->config->database));
    feed_call(run, "rds", "DescribeEvents", input, &pages, got_events);
}

const struct feed_type feed_database_events = {
    .feed = FEED_DATABASE_EVENTS, .interval_ms = 60000, .focus_ms = 15000, .wanted = wanted, .start = start_events, .stop = feed_call_stop};

/* Automated backups: here, and where they are replicated to. */

struct backup_reading {
    struct calls calls;
    backups rows;
    bool any, here_unread, there_unread;
};

static bool is_here(const struct feed_run *run, const char *region) { return text_equal(run->config->region, region); }

static void got_backups(struct feed_run *run, json_t *output, void *arg)
{
    struct backup_reading *r = run->state;
    const char *asked = arg; /* the region */
    size_t i;
    json_t *row;
    r->any |= output != NULL;
    *(is_here(run, asked) ? &r->here_unread : &r->there_unread) = !output;
    json_array_foreach(json_at(output, "DBInstanceAutomatedBackups"), i, row) {
        bool ours = !run->config->database || text_equal(json_text(row, "DBInstanceIdentifier"), run->config->database);
        struct database_backup *backup = ours ? vec_add(&r->rows) : NULL;
        if (!backup)
            continue;
        map_database_backup(row, backup);
        if (!*backup->region)
            text_copy(backup->region, sizeof backup->region, asked);
    }
}

/* What was known of a region before. */
static void keep_unread(struct feed_run *run, struct backup_reading *r)
{
    const struct database_set *old = &feeds_estate(run->feeds)->accounts[run->account].database;
    for (size_t i = 0; i < old->backups.len; i++)
        if (is_here(run, old->backups.at[i].region) ? r->here_unread : r->there_unread)
            *vec_add(&r->rows) = old->backups.at[i];
}

static void backups_done(struct feed_run *run, const struct error *error)
{
    struct backup_reading *r = run->state;
    struct estate *e = feeds_estate(run->feeds);
    bool any = r->any;
    run->state = NULL;
    keep_unread(run, r);
    if (any) {
        database_backups_set(e, run->account, r->rows.at, r->rows.len);
        database_backups_unread(e, run->account, r->here_unread, r->there_unread);
    }
    vec_free(&r->rows);
    free(r);
    feed_end_partly(run, any, error);
}

static void start_backups(struct feed_run *run)
{
    struct backup_reading *r = run->state = mem_new(sizeof *r);
    const char *second = run->config->backup_region;
    struct aws_call_options there = {.region = second ? second : "us-west-2", .all_pages = true};
    calls_begin(&r->calls, run, backups_done);
    calls_part(&r->calls, "rds", "DescribeDBInstanceAutomatedBackups", NULL, &pages, got_backups, run->config->region);
    if (run->config->kind == ACCOUNT_PRODUCTION && !text_equal(there.region, run->config->region))
        calls_part(&r->calls, "rds", "DescribeDBInstanceAutomatedBackups", NULL, &there, got_backups, (void *)(uintptr_t)there.region);
    calls_end(&r->calls);
}

static void stop_backups(struct feed_run *run)
{
    struct backup_reading *r = run->state;
    calls_cancel(&r->calls);
    vec_free(&r->rows);
    free(r);
    run->state = NULL;
}

const struct feed_type feed_database_backups = {
    .feed = FEED_DATABASE_BACKUPS, .interval_ms = 600000, .focus_ms = 600000, .wanted = wanted, .start = start_backups, .stop = stop_backups};
