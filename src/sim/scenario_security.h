/* What a scenario says of an account's root, users, identity providers, keys, secrets and buckets. */
#ifndef TRIVET_SIM_SCENARIO_SECURITY_H
#define TRIVET_SIM_SCENARIO_SECURITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"

struct sec_access_key {
    int64_t age, used; /* ms before the start; used 0: never */
    char *service;
    bool inactive;
};

struct sec_user {
    char *name;
    bool console, mfa;
    int64_t age, signed_in;
    VEC(struct sec_access_key) keys;
};

struct sec_provider {
    char *url;
    VEC(char *) audiences;
    int64_t age;
};

struct sec_key {
    char *id, *alias, *description, *spec, *state;
    bool rotates, aws_managed;
    int64_t age, period; /* period: days */
};

struct sec_secret {
    char *name, *owner, *key;
    bool rotates;
    int64_t age, rotated, used, every; /* every: days */
};

struct sec_bucket {
    char *name, *encryption; /* encryption: AES256, aws:kms; NULL: none */
    bool versioned, blocked;
};

struct account_security {
    bool root_mfa, root_keys, unmanaged; /* unmanaged: nodes are not known to Session Manager */
    VEC(struct sec_user) users;
    VEC(struct sec_provider) providers;
    VEC(struct sec_key) keys;
    VEC(struct sec_secret) secrets;
    VEC(struct sec_bucket) buckets;
};

#endif
