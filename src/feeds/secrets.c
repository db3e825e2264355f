/* How secrets are kept: the customer's keys (KMS), secrets and their rotation (Secrets Manager; never what is in them), what Session Manager reaches,
 * and what runs in the management account, where nothing should. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

#define KEYS_MAX    400
#define AT_ONCE     8 /* KMS lets few a second through */
#define LONG_MS     1800000
#define LONG_FOCUS  300000

/* Keys. */

struct keys_reading {
    struct calls calls;
    size_t next; /* of the keys, whose description is asked for next */
    VEC(struct kms_key) keys; /* all, also those of AWS's services until it is known which they are */
    bool foreign[KEYS_MAX];
    json_t *aliases;
};

void map_key(const json_t *row, struct kms_key *k)
{
    FIELD(k->description, row, "Description");
    FIELD(k->state, row, "KeyState");
    FIELD(k->spec, row, "KeySpec");
    k->created_at = json_when(row, "CreationDate");
    k->can_rotate = !strcmp(k->spec, "SYMMETRIC_DEFAULT") && text_equal(json_text(row, "Origin"), "AWS_KMS");
}

static void ask_key(struct feed_run *run);

static void got_rotation(struct feed_run *run, json_t *output, void *arg)
{
    struct keys_reading *r = run->state;
    struct kms_key *k = &r->keys.at[(uintptr_t)arg];
    if (output) {
        k->rotation = json_flag(output, "KeyRotationEnabled", false);
        k->period_days = (int)json_int(output, "RotationPeriodInDays", -1);
        k->next_at = json_when(output, "NextRotationDate");
    }
    ask_key(run);
}

/* A key whose policy does not let us look is shown with what is known: that it is there. */
static void got_key(struct feed_run *run, json_t *output, void *arg)
{
    struct keys_reading *r = run->state;
    size_t at = (uintptr_t)arg;
    struct kms_key *k = &r->keys.at[at];
    if (output)
        map_key(json_at(output, "KeyMetadata"), k);
    r->foreign[at] = output && !text_equal(json_text(output, "KeyMetadata.KeyManager"), "CUSTOMER");
    if (!r->foreign[at] && k->can_rotate)
        calls_try(&r->calls, "kms", "GetKeyRotationStatus", json_pack("{s:s}", "KeyId", k->id), got_rotation, arg);
    else
        ask_key(run);
}

static void ask_key(struct feed_run *run)
{
    struct keys_reading *r = run->state;
    if (r->next < r->keys.len) {
        size_t at = r->next++;
        calls_try(&r->calls, "kms", "DescribeKey", json_pack("{s:s}", "KeyId", r->keys.at[at].id), got_key, (void *)(uintptr_t)at);
    }
}

static void got_keys(struct feed_run *run, json_t *output, void *arg)
{
    struct keys_reading *r = run->state;
    size_t i;
    json_t *row;
    (void)arg;
    json_array_foreach(json_at(output, "Keys"), i, row) {
        if (i == KEYS_MAX) {
            feed_more(run);
            break;
        }
        struct kms_key *k = vec_add(&r->keys);
        *k = (struct kms_key){.rotation = -1, .period_days = -1};
        FIELD(k->id, row, "KeyId");
    }
    for (int n = 0; n < AT_ONCE; n++)
        ask_key(run);
}

static void got_aliases(struct feed_run *run, json_t *output, void *arg)
{
    (void)arg;
    ((struct keys_reading *)run->state)->aliases = json_incref(json_at(output, "Aliases"));
}

static void name_keys(struct keys_reading *r)
{
    size_t i;
    json_t *row;
    json_array_foreach(r->aliases, i, row)
        for (size_t k = 0; k < r->keys.len; k++)
            if (text_equal(json_text(row, "TargetKeyId"), r->keys.at[k].id) && !*r->keys.at[k].alias)
                FIELD(r->keys.at[k].alias, row, "AliasName");
}

static void drop_foreign(struct keys_reading *r)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->keys.len; i++)
        if (!r->foreign[i])
            r->keys.at[kept++] = r->keys.at[i];
    r->keys.len = kept;
}

static void end_keys(struct feed_run *run)
{
    struct keys_reading *r = run->state;
    run->state = NULL;
    json_decref(r->aliases);
    vec_free(&r->keys);
    free(r);
}

static void keys_done(struct feed_run *run, const struct error *error)
{
    struct keys_reading *r = run->state;
    name_keys(r);
    drop_foreign(r);
    if (!error)
        keys_set(feeds_estate(run->feeds), run->account, r->keys.at, r->keys.len);
    end_keys(run);
    feed_end(run, error);
}

static void start_keys(struct feed_run *run)
{
    static const struct aws_call_options pages = {.all_pages = true, .max_items = KEYS_MAX}, aliases = {.all_pages = true};
    struct keys_reading *r = run->state = mem_new(sizeof *r);
    calls_begin(&r->calls, run, keys_done);
    calls_add(&r->calls, "kms", "ListKeys", NULL, &pages, got_keys, NULL);
    calls_add(&r->calls, "kms", "ListAliases", NULL, &aliases, got_aliases, NULL);
    calls_end(&r->calls);
}

static void stop_keys(struct feed_run *run)
{
    calls_cancel(&((struct keys_reading *)run->state)->calls);
    end_keys(run);
}

const struct feed_type feed_keys = {.feed = FEED_KEYS, .interval_ms = LONG_MS, .focus_ms = LONG_FOCUS, .start = start_keys, .stop = stop_keys};

/* Secrets; instances; workloads: a list each. */

struct lists {
    struct calls calls;
    VEC(struct secret) secrets;
    VEC(struct managed_instance) instances;
    VEC(struct root_workload) workloads;
    struct str unread; /* kinds of workloads */
    bool any;
};

static void end_lists(struct feed_run *run)
{
    struct lists *r = run->state;
    run->state = NULL;
    vec_free(&r->secrets);
    vec_free(&r->instances);
    vec_free(&r->workloads);
    str_free(&r->unread);
    free(r);
}

static void stop_lists(struct feed_run *run)
{
    calls_cancel(&((struct lists *)run->state)->calls);
    end_lists(run);
}

void map_secret(const json_t *row, struct secret *s)
{
    *s = (struct secret){.rotates = json_flag(row, "RotationEnabled", false),
                         .every_days = (int)json_int(row, "RotationRules.AutomaticallyAfterDays", -1),
                         .rotated_at = json_when(row, "LastRotatedDate"),
                         .next_at = json_when(row, "NextRotationDate"),
                         .changed_at = json_when(row, "LastChangedDate"),
                         .used_at = json_when(row, "LastAccessedDate")};
    FIELD(s->name, row, "Name");
    FIELD(s->key, row, "KmsKeyId");
    FIELD(s->owner, row, "OwningService");
    FIELD(s->schedule, row, "RotationRules.ScheduleExpression");
}

static void got_secrets(struct feed_run *run, json_t *output, void *arg)
{
    struct lists *r = run->state;
    size_t i;
    json_t *row;
    (void)arg;
    json_array_foreach(json_at(output, "SecretList"), i, row)
        map_secret(row, vec_add(&r->secrets));
}

static void secrets_done(struct feed_run *run, const struct error *error)
{
    struct lists *r = run->state;
    if (!error)
        secrets_set(feeds_estate(run->feeds), run->account, r->secrets.at, r->secrets.len, loop_wall(feeds_loop(run->feeds)));
    end_lists(run);
    feed_end(run, error);
}

static void start_secrets(struct feed_run *run)
{
    static const struct aws_call_options pages = {.all_pages = true, .max_items = 2000};
    struct lists *r = run->state = mem_new(sizeof *r);
    calls_begin(&r->calls, run, secrets_done);
    calls_add(&r->calls, "secretsmanager", "ListSecrets", NULL, &pages, got_secrets, NULL);
    calls_end(&r->calls);
}

const struct feed_type feed_secrets = {.feed = FEED_SECRETS, .interval_ms = LONG_MS, .focus_ms = LONG_FOCUS, .start = start_secrets,
                                       .stop = stop_lists};

void map_instance(const json_t *row, struct managed_instance *m)
{
    *m = (struct managed_instance){.seen_at = json_when(row, "LastPingDateTime")};
    FIELD(m->id, row, "InstanceId");
    FIELD(m->name, row, "ComputerName");
    FIELD(m->address, row, "IPAddress");
    FIELD(m->ping, row, "PingStatus");
    FIELD(m->agent, row, "AgentVersion");
    FIELD(m->platform, row, "PlatformName");
}

static void got_instances(struct feed_run *run, json_t *output, void *arg)
{
    struct lists *r = run->state;
    size_t i;
    json_t *row;
    (void)arg;
    json_array_foreach(json_at(output, "InstanceInformationList"), i, row)
        map_instance(row, vec_add(&r->instances));
}

static void instances_done(struct feed_run *run, const struct error *error)
{
    struct lists *r = run->state;
    if (!error)
        instances_set(feeds_estate(run->feeds), run->account, r->instances.at, r->instances.len);
    end_lists(run);
    feed_end(run, error);
}

static void start_instances(struct feed_run *run)
{
    static const struct aws_call_options pages = {.all_pages = true, .max_items = 1000};
    struct lists *r = run->state = mem_new(sizeof *r);
    calls_begin(&r->calls, run, instances_done);
    calls_add(&r->calls, "ssm", "DescribeInstanceInformation", NULL, &pages, got_instances, NULL);
    calls_end(&r->calls);
}

static bool has_cluster(const struct account_config *account) { return account->cluster.name != NULL; }

const struct feed_type feed_instances = {.feed = FEED_INSTANCES,
                                         .interval_ms = LONG_MS,
                                         .focus_ms = LONG_FOCUS,
                                         .wanted = has_cluster,
                                         .start = start_instances,
                                         .stop = stop_lists};

static void heard(struct feed_run *run, const json_t *output, const char *kinds)
{
    struct lists *r = run->state;
    r->any |= output != NULL;
    if (!output)
        str_addf(&r->unread, "%s%s", r->unread.len ? ", " : "", kinds);
}

static struct root_workload *add_workload(struct feed_run *run, const char *kind)
{
    struct root_workload *w = vec_add(&((struct lists *)run->state)->workloads);
    text_copy(w->kind, sizeof w->kind, kind);
    return w;
}

static void got_clusters(struct feed_run *run, json_t *output, void *arg)
{
    size_t i;
    json_t *name;
    (void)arg;
    heard(run, output, "clusters");
    json_array_foreach(json_at(output, "clusters"), i, name)
        FIELD(add_workload(run, "cluster")->name, name, "");
}

static void got_databases(struct feed_run *run, json_t *output, void *arg)
{
    size_t i;
    json_t *row;
    (void)arg;
    heard(run, output, "databases");
    json_array_foreach(json_at(output, "DBInstances"), i, row)
        FIELD(add_workload(run, "database")->name, row, "DBInstanceIdentifier");
}

static void got_running(struct feed_run *run, json_t *output, void *arg)
{
    size_t i, k;
    json_t *reservation, *row;
    (void)arg;
    heard(run, output, "instances");
    json_array_foreach(json_at(output, "Reservations"), i, reservation)
        json_array_foreach(json_object_get(reservation, "Instances"), k, row)
            FIELD(add_workload(run, "instance")->name, row, "InstanceId");
}

static void workloads_done(struct feed_run *run, const struct error *error)
{
    struct lists *r = run->state;
    bool any = r->any;
    if (any)
        workloads_set(feeds_estate(run->feeds), run->account, r->workloads.at, r->workloads.len, str_text(&r->unread));
    end_lists(run);
    feed_end_partly(run, any, error);
}

static void start_workloads(struct feed_run *run)
{
    static const struct aws_call_options pages = {.all_pages = true, .max_items = 1000};
    struct lists *r = run->state = mem_new(sizeof *r);
    str_init(&r->unread, 200);
    calls_begin(&r->calls, run, workloads_done);
    calls_part(&r->calls, "eks", "ListClusters", NULL, &pages, got_clusters, NULL);
    calls_part(&r->calls, "rds", "DescribeDBInstances", NULL, &pages, got_databases, NULL);
    calls_part(&r->calls, "ec2", "DescribeInstances", json_pack("{s:[{s:s, s:[s]}]}", "Filters", "Name", "instance-state-name", "Values", "running"),
               &pages, got_running, NULL);
    calls_end(&r->calls);
}

static bool is_management(const struct account_config *account) { return account->kind == ACCOUNT_MANAGEMENT; }

const struct feed_type feed_workloads = {.feed = FEED_WORKLOADS,
                                         .interval_ms = LONG_MS,
                                         .focus_ms = LONG_FOCUS,
                                         .wanted = is_management,
                                         .start = start_workloads,
                                         .stop = stop_lists};
