/* The section `security:` of an account. */
#include "sim/scenario_security.h"

#include "sim/scenario_fields.h"

static const struct yaml_field access_key_fields[] = {SPAN(struct sec_access_key, "age", age), SPAN(struct sec_access_key, "used", used),
                                                      TEXT(struct sec_access_key, "service", service),
                                                      FLAG(struct sec_access_key, "inactive", inactive),
                                                      {NULL}};
LIST_READER(access_key, struct sec_access_key)

static const struct yaml_field user_fields[] = {NEED(struct sec_user, "name", name),      FLAG(struct sec_user, "console", console),
                                                FLAG(struct sec_user, "mfa", mfa),        SPAN(struct sec_user, "age", age),
                                                SPAN(struct sec_user, "signed_in", signed_in), LIST(struct sec_user, "keys", keys, read_access_key),
                                                {NULL}};
LIST_READER(user, struct sec_user)

static const struct yaml_field provider_fields[] = {NEED(struct sec_provider, "url", url), SPAN(struct sec_provider, "age", age),
                                                    LIST(struct sec_provider, "audiences", audiences, scenario_texts), {NULL}};
LIST_READER(provider, struct sec_provider)

static const struct yaml_field key_fields[] = {
    NEED(struct sec_key, "id", id), TEXT(struct sec_key, "alias", alias), TEXT(struct sec_key, "description", description),
    TEXT(struct sec_key, "spec", spec), TEXT(struct sec_key, "state", state), FLAG(struct sec_key, "rotates", rotates),
    FLAG(struct sec_key, "aws_managed", aws_managed), SPAN(struct sec_key, "age", age), INT(struct sec_key, "period", period, 90, 2560), {NULL}};
LIST_READER(key, struct sec_key)

static const struct yaml_field secret_fields[] = {
    NEED(struct sec_secret, "name", name), TEXT(struct sec_secret, "owner", owner), TEXT(struct sec_secret, "key", key),
    FLAG(struct sec_secret, "rotates", rotates), SPAN(struct sec_secret, "age", age), SPAN(struct sec_secret, "rotated", rotated),
    SPAN(struct sec_secret, "used", used), INT(struct sec_secret, "every", every, 1, 1000), {NULL}};
LIST_READER(secret, struct sec_secret)

static const struct yaml_field bucket_fields[] = {NEED(struct sec_bucket, "name", name), TEXT(struct sec_bucket, "encryption", encryption),
                                                  FLAG(struct sec_bucket, "versioned", versioned), FLAG(struct sec_bucket, "blocked", blocked),
                                                  {NULL}};
LIST_READER(bucket, struct sec_bucket)

const struct yaml_field security_fields[] = {
    FLAG(struct account_security, "root_mfa", root_mfa), FLAG(struct account_security, "root_keys", root_keys),
    FLAG(struct account_security, "unmanaged", unmanaged), LIST(struct account_security, "users", users, read_user),
    LIST(struct account_security, "providers", providers, read_provider), LIST(struct account_security, "keys", keys, read_key),
    LIST(struct account_security, "secrets", secrets, read_secret), LIST(struct account_security, "buckets", buckets, read_bucket), {NULL}};

const struct list_type security_list_types[] = {{read_access_key, sizeof(struct sec_access_key), access_key_fields},
                                                {read_user, sizeof(struct sec_user), user_fields},
                                                {read_provider, sizeof(struct sec_provider), provider_fields},
                                                {read_key, sizeof(struct sec_key), key_fields},
                                                {read_secret, sizeof(struct sec_secret), secret_fields},
                                                {read_bucket, sizeof(struct sec_bucket), bucket_fields},
                                                {NULL, 0, NULL}};
