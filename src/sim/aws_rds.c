/* RDS: instances, the events of the last fourteen days, automated backups and their replicas in another region. */
#include <stdlib.h>
#include <string.h>

#include "sim/aws_world.h"

#define MINUTE MINUTE_MS
#define DAY    DAY_MS

static const struct call_page page = {.token_in = "Marker", .token_out = "Marker", .limit_in = "MaxRecords", .least = 20, .most = 100, .usual = 100,
                                      .bad_token = "InvalidParameterValue"};

static json_t *arn(const struct account *a, const char *region, const char *kind, const char *name)
{
    return call_text("arn:aws:rds:%s:%s:%s:%s", region, a->id, kind, name);
}

static int64_t created(const struct aws_call *call, const struct db_instance *db) { return (sim_start(call->sim) - db->age) / 1000 * 1000; }

/* Transaction logs are shipped every five minutes. */
static int64_t restorable(int64_t now) { return (now - MINUTE) / (5 * MINUTE) * (5 * MINUTE); }

static const char *zone_of(const struct account *a, const char *subnet)
{
    for (size_t i = 0; i < a->network.subnets.len; i++)
        if (strcmp(a->network.subnets.at[i].id, subnet) == 0)
            return a->network.subnets.at[i].zone;
    return a->zones.len ? a->zones.at[0] : "";
}

static json_t *groups(const struct db_instance *db)
{
    json_t *out = json_array();
    for (size_t i = 0; i < db->groups.len; i++)
        json_array_append_new(out, json_pack("{s:s, s:s}", "VpcSecurityGroupId", db->groups.at[i], "Status", "active"));
    return out;
}

static json_t *subnet_group(const struct aws_call *call, const struct db_instance *db)
{
    const struct cluster *c = &call->account->cluster;
    json_t *subnets = json_array();
    for (size_t i = 0; i < db->subnets.len; i++)
        json_array_append_new(subnets, json_pack("{s:s, s:{s:s}, s:s}", "SubnetIdentifier", db->subnets.at[i], "SubnetAvailabilityZone", "Name",
                                                 zone_of(call->account, db->subnets.at[i]), "SubnetStatus", "Active"));
    for (size_t i = 0; db->subnets.len == 0 && i < call->account->zones.len; i++)
        json_array_append_new(subnets, json_pack("{s:s, s:{s:s}, s:s}", "SubnetIdentifier", i < c->subnets.len ? c->subnets.at[i] : "subnet-0",
                                                 "SubnetAvailabilityZone", "Name", call->account->zones.at[i], "SubnetStatus", "Active"));
    return json_pack("{s:o, s:s, s:s, s:s, s:o}", "DBSubnetGroupName", call_text("%s-private", db->id), "DBSubnetGroupDescription", "private subnets",
                     "VpcId", c->vpc ? c->vpc : "vpc-0", "SubnetGroupStatus", "Complete", "Subnets", subnets);
}

/* "Address": a scenario may name a server of its own. */
static json_t *address(const struct account *a, const struct db_instance *db)
{
    return db->endpoint ? json_string(db->endpoint) : call_text("%s.c9akciq32rgw.%s.rds.amazonaws.com", db->id, a->region);
}

static json_t *key_arn(const struct account *a, const struct db_instance *db)
{
    for (size_t i = 0; db->key && i < a->security.keys.len; i++)
        if (text_equal(a->security.keys.at[i].alias, db->key) || text_equal(a->security.keys.at[i].id, db->key))
            return call_text("arn:aws:kms:%s:%s:key/%s", a->region, a->id, a->security.keys.at[i].id);
    return call_text("arn:aws:kms:%s:%s:key/%.8s-5c1d-4b6e-9a57-0242ac120002", a->region, a->id, db->resource_id + strlen("db-"));
}

json_t *rds_instance(const struct aws_call *call, const struct db_state *state)
{
    const struct account *a = call->account;
    const struct db_instance *db = state->db;
    json_t *out = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "DBInstanceIdentifier", db->id, "DBInstanceClass", db->class, "Engine", db->engine,
                            "EngineVersion", db->version, "DBInstanceStatus", state->status, "MasterUsername", db->user, "DBName", db->db_name);
    json_t *more = json_pack(
        "{s:{s:o, s:I, s:s}, s:I, s:o, s:s, s:I, s:s, s:o, s:[{s:s, s:s}], s:s, s:b, s:b, s:b, s:b, s:b, s:s, s:o, s:o, s:{}, s:s, s:s, s:b}",
        "Endpoint", "Address", address(a, db), "Port", (json_int_t)db->port, "HostedZoneId", "Z2R2ITUGPM61AM", "AllocatedStorage",
        (json_int_t)db->storage_gib, "InstanceCreateTime", call_time(created(call, db)), "PreferredBackupWindow", db->backup_window,
        "BackupRetentionPeriod", (json_int_t)db->backup_days, "AvailabilityZone", state->zone, "DBSubnetGroup", subnet_group(call, db),
        "DBParameterGroups", "DBParameterGroupName", db->parameter_group ? db->parameter_group : "default.postgres16", "ParameterApplyStatus",
        "in-sync", "PreferredMaintenanceWindow", "sun:05:00-sun:05:30", "MultiAZ", db->multi_az, "StorageEncrypted", db->encrypted,
        "IAMDatabaseAuthenticationEnabled", db->iam_auth, "PubliclyAccessible", db->public_access, "DeletionProtection", db->deletion_protection,
        "DbiResourceId", db->resource_id, "DBInstanceArn", arn(a, a->region, "db", db->id), "KmsKeyId",
        key_arn(a, db), "PendingModifiedValues",
        "LicenseModel", "postgresql-license", "StorageType", "gp3", "AutoMinorVersionUpgrade", true);
    json_object_update(out, more);
    json_decref(more);
    json_object_set_new(out, "VpcSecurityGroups", groups(db));
    if (state->standby)
        json_object_set_new(out, "SecondaryAvailabilityZone", json_string(state->standby));
    if (state->restart_at)
        json_object_set_new(out, "AutomaticRestartTime", call_time(state->restart_at / 1000 * 1000));
    if (db->iops)
        json_object_set_new(out, "Iops", json_integer(db->iops));
    if (db->backup_days > 0)
        json_object_set_new(out, "LatestRestorableTime", call_time(restorable(state->stopped_at ? state->stopped_at : call->now)));
    return out;
}

static bool home(const struct aws_call *call) { return strcmp(call->region, call->account->region) == 0; }

static json_t *describe_db_instances(struct aws_call *call)
{
    const char *wanted = json_text(call->input, "DBInstanceIdentifier");
    struct call_page p = page;
    json_t *all = json_array();
    for (size_t i = 0; home(call) && i < call->account->databases.len; i++) {
        const struct db_instance *db = &call->account->databases.at[i];
        if ((!wanted || text_same_case(wanted, db->id)) && call_filter(call->input, "db-instance-id", db->id) &&
            call_filter(call->input, "engine", db->engine) && call_filter(call->input, "dbi-resource-id", db->resource_id))
            json_array_append_new(all, rds_instance(call, &world_account(call->sim, call->account)->databases[i]));
    }
    if (wanted && json_array_size(all) == 0) {
        json_decref(all);
        return call_fail(call, "DBInstanceNotFound", "DBInstance %s not found.", wanted);
    }
    p.list = "DBInstances";
    return call_page(call, all, &p);
}

/* Backups. */

static json_t *backup(const struct aws_call *call, const struct db_instance *db, bool replica)
{
    const struct account *a = call->account;
    int64_t latest = restorable(call->now - (replica ? 7 * MINUTE : 0)), earliest = call->now - db->backup_days * DAY;
    char name[80];
    text_format(name, sizeof name, "ab-%s%s", db->resource_id + strlen("db-"), replica ? "-replica" : "");
    json_t *out = json_pack("{s:o, s:s, s:s, s:s, s:{s:o, s:o}, s:I, s:s, s:i, s:s, s:s, s:s, s:s, s:b, s:b, s:I, s:o, s:s}", "DBInstanceArn",
                            arn(a, a->region, "db", db->id), "DbiResourceId", db->resource_id, "Region", a->region, "DBInstanceIdentifier", db->id,
                            "RestoreWindow", "EarliestTime", call_time(earliest < created(call, db) ? created(call, db) : earliest), "LatestTime",
                            call_time(latest), "AllocatedStorage", (json_int_t)db->storage_gib, "Status", replica ? "replicating" : "active", "Port",
                            5432, "AvailabilityZone", db->zone, "MasterUsername", db->user, "Engine", db->engine, "EngineVersion", db->version,
                            "Encrypted", db->encrypted, "IAMDatabaseAuthenticationEnabled", db->iam_auth, "BackupRetentionPeriod",
                            (json_int_t)db->backup_days, "DBInstanceAutomatedBackupsArn", arn(a, call->region, "auto-backup", name), "StorageType",
                            "gp3");
    json_object_set_new(out, "InstanceCreateTime", call_time(created(call, db)));
    if (!replica && db->replicate_to) {
        text_format(name, sizeof name, "ab-%s-replica", db->resource_id + strlen("db-"));
        json_object_set_new(out, "DBInstanceAutomatedBackupsReplications",
                            json_pack("[{s:o}]", "DBInstanceAutomatedBackupsArn", arn(a, db->replicate_to, "auto-backup", name)));
    }
    return out;
}

static json_t *describe_db_instance_automated_backups(struct aws_call *call)
{
    const char *id = json_text(call->input, "DBInstanceIdentifier"), *resource = json_text(call->input, "DbiResourceId");
    const char *wanted = json_text(call->input, "DBInstanceAutomatedBackupsArn");
    struct call_page p = page;
    json_t *all = json_array();
    for (size_t i = 0; i < call->account->databases.len; i++) {
        const struct db_instance *db = &call->account->databases.at[i];
        bool replica = db->replicate_to && strcmp(db->replicate_to, call->region) == 0;
        if (db->backup_days == 0 || (!home(call) && !replica) || (id && strcmp(id, db->id) != 0) ||
            (resource && strcmp(resource, db->resource_id) != 0))
            continue;
        json_t *row = backup(call, db, !home(call));
        if (wanted && strcmp(wanted, json_text_or(row, "DBInstanceAutomatedBackupsArn", "")) != 0)
            json_decref(row);
        else if (!call_filter(call->input, "db-instance-id", db->id) || !call_filter(call->input, "status", json_text_or(row, "Status", "")))
            json_decref(row);
        else
            json_array_append_new(all, row);
    }
    if ((wanted || resource) && json_array_size(all) == 0) {
        json_decref(all);
        return call_fail(call, "DBInstanceAutomatedBackupNotFound", "The automated backup was not found.");
    }
    p.list = "DBInstanceAutomatedBackups";
    return call_page(call, all, &p);
}

/* Events. */

struct event {
    const struct db_instance *db;
    int64_t at;
    const char *message, *category;
};
typedef VEC(struct event) events;

static int by_time(const void *a, const void *b)
{
    const struct event *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

/* "07:10-07:40": the daily backup begins within the window. */
static void add_backup_events(const struct aws_call *call, const struct db_state *state, int64_t from, int64_t to, events *out)
{
    const struct db_instance *db = state->db;
    int64_t minute = strtol(db->backup_window, NULL, 10) * 60 + (strlen(db->backup_window) > 4 ? strtol(db->backup_window + 3, NULL, 10) : 0);
    for (int64_t day = from / DAY; db->backup_days > 0 && day <= to / DAY; day++) {
        double chance = sim_noise(call->sim, db->id, day);
        int64_t begin = day * DAY + minute * MINUTE + (int64_t)(chance * 12 * 60) * 1000, end = begin + (int64_t)((2 + 5 * chance) * 60) * 1000;
        if (span_covers(state->stopped.at, state->stopped.len, begin))
            continue;
        if (begin >= from && begin <= to)
            *vec_add(out) = (struct event){db, begin, "Backing up DB instance", "backup"};
        if (end >= from && end <= to)
            *vec_add(out) = (struct event){db, end, "Finished DB instance backup", "backup"};
    }
}

static void add_events(const struct aws_call *call, const struct db_state *state, int64_t from, int64_t to, events *out)
{
    const struct db_instance *db = state->db;
    add_backup_events(call, state, from, to, out);
    for (size_t i = 0; i < state->moments.len; i++)
        if (state->moments.at[i].at >= from && state->moments.at[i].at <= to)
            *vec_add(out) = (struct event){db, state->moments.at[i].at, state->moments.at[i].message, state->moments.at[i].category};
    for (size_t i = 0; i < db->events.len; i++) {
        int64_t at = (sim_start(call->sim) - db->events.at[i].ago) / 1000 * 1000;
        if (at >= from && at <= to)
            *vec_add(out) = (struct event){db, at, db->events.at[i].message, db->events.at[i].category};
    }
}

static json_t *describe_events(struct aws_call *call)
{
    const char *source = json_text(call->input, "SourceIdentifier"), *type = json_text(call->input, "SourceType");
    int64_t to = call_ms(call->input, "EndTime", call->now);
    int64_t from = call_ms(call->input, "StartTime", to - json_int(call->input, "Duration", 60) * MINUTE), oldest = call->now - 14 * DAY;
    struct call_page p = page;
    events found = {0};
    if (source && !type)
        return call_fail(call, "InvalidParameterCombination", "The parameter SourceType must be provided when SourceIdentifier is provided.");
    if (from > to)
        return call_fail(call, "InvalidParameterCombination", "The specified start time is after the end time.");
    from = from < oldest ? oldest : from;
    to = to > call->now ? call->now : to;
    for (size_t i = 0; home(call) && (!type || strcmp(type, "db-instance") == 0) && i < call->account->databases.len; i++)
        if (!source || text_same_case(source, call->account->databases.at[i].id))
            add_events(call, &world_account(call->sim, call->account)->databases[i], from, to, &found);
    if (found.len)
        qsort(found.at, found.len, sizeof *found.at, by_time);
    json_t *all = json_array();
    for (size_t i = 0; i < found.len; i++) {
        const struct event *e = &found.at[i];
        if (call_in(json_object_get(call->input, "EventCategories"), e->category))
            json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:[s], s:o, s:o}", "SourceIdentifier", e->db->id, "SourceType", "db-instance",
                                                 "Message", e->message, "EventCategories", e->category, "Date", call_time(e->at), "SourceArn",
                                                 arn(call->account, call->region, "db", e->db->id)));
    }
    vec_free(&found);
    p.list = "Events";
    return call_page(call, all, &p);
}

/* Maintenance. */

static json_t *describe_pending_maintenance_actions(struct aws_call *call)
{
    const char *wanted = json_text(call->input, "ResourceIdentifier");
    const struct account *a = call->account;
    struct call_page p = page;
    json_t *all = json_array();
    bool found = !wanted;
    for (size_t i = 0; home(call) && i < a->databases.len; i++) {
        const struct db_instance *db = &a->databases.at[i];
        json_t *name = arn(a, a->region, "db", db->id), *details = json_array();
        bool meant = !wanted || strcmp(wanted, json_string_value(name)) == 0;
        for (size_t m = 0; m < db->maintenance.len; m++) {
            const struct db_maintenance *due = &db->maintenance.at[m];
            json_t *row = json_pack("{s:s, s:s}", "Action", due->action, "Description", due->description);
            if (due->forced_in) {
                json_object_set_new(row, "ForcedApplyDate", call_time((sim_start(call->sim) + due->forced_in) / 1000 * 1000));
                json_object_set_new(row, "CurrentApplyDate", call_time((sim_start(call->sim) + due->forced_in) / 1000 * 1000));
            }
            json_array_append_new(details, row);
        }
        if (meant && json_array_size(details) && call_filter(call->input, "db-instance-id", db->id))
            json_array_append_new(all, json_pack("{s:O, s:O}", "ResourceIdentifier", name, "PendingMaintenanceActionDetails", details));
        found |= meant;
        json_decref(name);
        json_decref(details);
    }
    if (!found) {
        json_decref(all);
        return call_fail(call, "ResourceNotFoundFault", "The resource %s was not found.", wanted);
    }
    p.list = "PendingMaintenanceActions";
    return call_page(call, all, &p);
}

/* Parameters: those that matter here, of the groups that instances use. */

static json_t *describe_db_parameters(struct aws_call *call)
{
    const char *wanted = json_text_or(call->input, "DBParameterGroupName", "");
    struct call_page p = page;
    for (size_t i = 0; home(call) && i < call->account->databases.len; i++) {
        const struct db_instance *db = &call->account->databases.at[i];
        if (strcmp(db->parameter_group ? db->parameter_group : "default.postgres16", wanted) != 0)
            continue;
        json_t *all = json_pack("[{s:s, s:s, s:s, s:s, s:s}, {s:s, s:s, s:s, s:s, s:s}, {s:s, s:s, s:s, s:s, s:s}]", "ParameterName",
                                "log_min_duration_statement", "ParameterValue", "500", "Source", "user", "ApplyType", "dynamic", "DataType",
                                "integer", "ParameterName", "max_connections", "ParameterValue", "LEAST({DBInstanceClassMemory/9531392},5000)",
                                "Source", "system", "ApplyType", "static", "DataType", "integer", "ParameterName", "rds.force_ssl", "ParameterValue",
                                db->force_ssl ? "1" : "0", "Source", db->parameter_group ? "user" : "system", "ApplyType", "dynamic", "DataType",
                                "boolean");
        p.list = "Parameters";
        return call_page(call, all, &p);
    }
    return call_fail(call, "DBParameterGroupNotFound", "DBParameterGroup not found: %s", wanted);
}

const struct aws_handler aws_rds[] = {{"rds", "DescribeDBInstances", describe_db_instances},
                                      {"rds", "DescribeDBInstanceAutomatedBackups", describe_db_instance_automated_backups},
                                      {"rds", "DescribeEvents", describe_events},
                                      {"rds", "DescribePendingMaintenanceActions", describe_pending_maintenance_actions},
                                      {"rds", "DescribeDBParameters", describe_db_parameters},
                                      {"rds", "StopDBInstance", rds_stop},
                                      {"rds", "StartDBInstance", rds_start},
                                      {"rds", "RebootDBInstance", rds_reboot},
                                      {NULL}};
