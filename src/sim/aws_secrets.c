/* KMS, Secrets Manager, Systems Manager and S3, as far as they tell how secrets are kept. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sim/aws_world.h"

#define NODES_MAX 5000

static bool is_home(const struct aws_call *call) { return strcmp(call->region, call->account->region) == 0; }
static int64_t before(const struct aws_call *call, int64_t age) { return sim_start(call->sim) - age; }

/* Keys. */

static const struct sec_key *find_key(struct aws_call *call)
{
    const char *wanted = json_text_or(call->input, "KeyId", ""), *slash = strstr(wanted, ":key/");
    const struct account_security *s = &call->account->security;
    for (size_t i = 0; is_home(call) && i < s->keys.len; i++)
        if (strcmp(s->keys.at[i].id, slash ? slash + 5 : wanted) == 0 || text_equal(s->keys.at[i].alias, wanted))
            return &s->keys.at[i];
    call_fail(call, "NotFoundException", "Key '%s' does not exist", wanted);
    return NULL;
}

static json_t *key_arn(const struct aws_call *call, const struct sec_key *k)
{
    return call_text("arn:aws:kms:%s:%s:key/%s", call->region, call->account->id, k->id);
}

static json_t *truncated(json_t *out)
{
    if (out)
        json_object_set_new(out, "Truncated", json_boolean(json_object_get(out, "NextMarker") != NULL));
    return out;
}

static json_t *list_keys(struct aws_call *call)
{
    static const struct call_page pages = {"Keys", "Marker", "NextMarker", "Limit", 1, 1000, 100, "InvalidMarkerException", "ValidationException"};
    const struct account_security *s = &call->account->security;
    json_t *all = json_array();
    for (size_t i = 0; is_home(call) && i < s->keys.len; i++)
        json_array_append_new(all, json_pack("{s:s, s:o}", "KeyId", s->keys.at[i].id, "KeyArn", key_arn(call, &s->keys.at[i])));
    return truncated(call_page(call, all, &pages));
}

static json_t *list_aliases(struct aws_call *call)
{
    static const struct call_page pages = {"Aliases", "Marker", "NextMarker", "Limit", 1, 100, 50, "InvalidMarkerException", "ValidationException"};
    const struct account_security *s = &call->account->security;
    json_t *all = json_array();
    for (size_t i = 0; is_home(call) && i < s->keys.len; i++)
        if (s->keys.at[i].alias)
            json_array_append_new(all, json_pack("{s:s, s:o, s:s}", "AliasName", s->keys.at[i].alias, "AliasArn",
                                                 call_text("arn:aws:kms:%s:%s:%s", call->region, call->account->id, s->keys.at[i].alias),
                                                 "TargetKeyId", s->keys.at[i].id));
    return truncated(call_page(call, all, &pages));
}

static json_t *describe_key(struct aws_call *call)
{
    const struct sec_key *k = find_key(call);
    if (!k)
        return NULL;
    const char *state = k->state ? k->state : "Enabled", *spec = k->spec ? k->spec : "SYMMETRIC_DEFAULT";
    return json_pack("{s:{s:s, s:s, s:o, s:o, s:b, s:s, s:s, s:s, s:s, s:s, s:s, s:b}}", "KeyMetadata", "AWSAccountId", call->account->id, "KeyId",
                     k->id, "Arn", key_arn(call, k), "CreationDate", call_time(before(call, k->age)), "Enabled", strcmp(state, "Enabled") == 0,
                     "Description", k->description ? k->description : "", "KeyUsage", "ENCRYPT_DECRYPT", "KeyState", state, "Origin", "AWS_KMS",
                     "KeyManager", k->aws_managed ? "AWS" : "CUSTOMER", "KeySpec", spec, "MultiRegion", 0);
}

static json_t *get_key_rotation_status(struct aws_call *call)
{
    const struct sec_key *k = find_key(call);
    if (!k)
        return NULL;
    int64_t period = (k->period ? k->period : 365) * DAY_MS;
    json_t *out = json_pack("{s:b, s:o}", "KeyRotationEnabled", k->rotates || k->aws_managed, "KeyId", key_arn(call, k));
    if (k->rotates)
        json_object_update_new(out, json_pack("{s:I, s:o}", "RotationPeriodInDays", (json_int_t)(period / DAY_MS), "NextRotationDate",
                                              call_time(before(call, k->age) + (k->age / period + 1) * period)));
    return out;
}

/* Secrets. */

static json_t *secret_row(const struct aws_call *call, const struct sec_secret *s)
{
    json_t *row = json_pack("{s:o, s:s, s:b, s:o, s:o, s:o}", "ARN",
                            call_text("arn:aws:secretsmanager:%s:%s:secret:%s-a1B2c3", call->region, call->account->id, s->name), "Name", s->name,
                            "RotationEnabled", s->rotates, "CreatedDate", call_time(before(call, s->age)), "LastChangedDate",
                            call_time(before(call, s->rotated ? s->rotated : s->age)), "LastAccessedDate",
                            call_time(before(call, s->used) / DAY_MS * DAY_MS));
    if (s->owner)
        json_object_set_new(row, "OwningService", json_string(s->owner));
    if (s->key)
        json_object_set_new(row, "KmsKeyId", json_string(s->key));
    if (s->rotated)
        json_object_set_new(row, "LastRotatedDate", call_time(before(call, s->rotated)));
    if (s->rotates) {
        int64_t every = (s->every ? s->every : 30) * DAY_MS;
        json_object_set_new(row, "RotationRules", json_pack("{s:I}", "AutomaticallyAfterDays", (json_int_t)(every / DAY_MS)));
        json_object_set_new(row, "NextRotationDate", call_time(before(call, s->rotated ? s->rotated : s->age) + every));
    }
    return row;
}

static json_t *list_secrets(struct aws_call *call)
{
    static const struct call_page pages = {"SecretList", "NextToken", "NextToken", "MaxResults", 1, 100, 100, "InvalidNextTokenException",
                                           "InvalidParameterException"};
    const struct account_security *s = &call->account->security;
    json_t *all = json_array();
    for (size_t i = 0; is_home(call) && i < s->secrets.len; i++)
        json_array_append_new(all, secret_row(call, &s->secrets.at[i]));
    return call_page(call, all, &pages);
}

/* What Session Manager reaches: the nodes that are there now. */

static json_t *describe_instance_information(struct aws_call *call)
{
    static const struct call_page pages = {"InstanceInformationList", "NextToken", "NextToken", "MaxResults", 5, 50, 50, "InvalidNextToken",
                                           "ValidationException"};
    const struct account *a = call->account;
    const struct kube_sim *cluster = call->sim->clusters[a - call->sim->scenario->accounts.at];
    int64_t lost_at = world_account(call->sim, a)->by_hand.agents_lost_at, ping = call->now - call->now % (5 * MINUTE_MS);
    bool lost = lost_at && ping > lost_at; /* an agent calls each five minutes */
    struct sim_instance *found = mem_new_array(NODES_MAX, sizeof *found);
    size_t count = cluster && is_home(call) && !a->security.unmanaged ? kube_sim_instances(cluster, found, NODES_MAX) : 0;
    json_t *all = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(
            all, json_pack("{s:s, s:s, s:o, s:s, s:b, s:s, s:s, s:s, s:s, s:s, s:s}", "InstanceId", found[i].id, "PingStatus",
                           lost ? "ConnectionLost" : "Online", "LastPingDateTime", call_time(lost ? lost_at - lost_at % (5 * MINUTE_MS) : ping),
                           "AgentVersion", "3.3.3050.0", "IsLatestVersion", 1,
                           "PlatformType", "Linux", "PlatformName", "Bottlerocket", "PlatformVersion", "1.49.0", "ResourceType", "EC2Instance",
                           "IPAddress", found[i].address, "ComputerName", found[i].name));
    free(found);
    return call_page(call, all, &pages);
}

/* Buckets. */

static const struct sec_bucket *find_bucket(struct aws_call *call)
{
    const char *wanted = json_text_or(call->input, "Bucket", "");
    const struct account_security *s = &call->account->security;
    for (size_t i = 0; i < s->buckets.len; i++)
        if (strcmp(s->buckets.at[i].name, wanted) == 0)
            return &s->buckets.at[i];
    call_fail(call, "NoSuchBucket", "The specified bucket does not exist");
    call->error->status = 404;
    return NULL;
}

static json_t *get_bucket_versioning(struct aws_call *call)
{
    const struct sec_bucket *b = find_bucket(call);
    return !b ? NULL : b->versioned ? json_pack("{s:s}", "Status", "Enabled") : json_object();
}

static json_t *get_bucket_encryption(struct aws_call *call)
{
    const struct sec_bucket *b = find_bucket(call);
    if (b && b->encryption)
        return json_pack("{s:{s:[{s:{s:s}, s:b}]}}", "ServerSideEncryptionConfiguration", "Rules", "ApplyServerSideEncryptionByDefault",
                         "SSEAlgorithm", b->encryption, "BucketKeyEnabled", 1);
    if (b)
        call_fail(call, "ServerSideEncryptionConfigurationNotFoundError", "The server side encryption configuration was not found");
    call->error->status = 404;
    return NULL;
}

static json_t *get_public_access_block(struct aws_call *call)
{
    const struct sec_bucket *b = find_bucket(call);
    if (b && b->blocked)
        return json_pack("{s:{s:b, s:b, s:b, s:b}}", "PublicAccessBlockConfiguration", "BlockPublicAcls", 1, "IgnorePublicAcls", 1,
                         "BlockPublicPolicy", 1, "RestrictPublicBuckets", 1);
    if (b)
        call_fail(call, "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found");
    call->error->status = 404;
    return NULL;
}

const struct aws_handler aws_secrets[] = {{"kms", "ListKeys", list_keys},
                                          {"kms", "ListAliases", list_aliases},
                                          {"kms", "DescribeKey", describe_key},
                                          {"kms", "GetKeyRotationStatus", get_key_rotation_status},
                                          {"secretsmanager", "ListSecrets", list_secrets},
                                          {"ssm", "DescribeInstanceInformation", describe_instance_information},
                                          {"s3", "GetBucketVersioning", get_bucket_versioning},
                                          {"s3", "GetBucketEncryption", get_bucket_encryption},
                                          {"s3", "GetPublicAccessBlock", get_public_access_block},
                                          {NULL}};
