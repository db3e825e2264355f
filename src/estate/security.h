/* Who may do what in an account, and how its secrets are kept: root, users, roles and who may assume them, OIDC providers, keys, secrets, the
 * buckets of Terraform's state and of static images, instances that Session Manager reaches, service accounts and their roles, GitHub's gate before
 * production. */
#ifndef TRIVET_ESTATE_SECURITY_H
#define TRIVET_ESTATE_SECURITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"

/* IAM's own count of the account. -1: not told. */
struct account_summary {
    int root_mfa, root_keys, root_password; /* flags */
    int users, roles, mfa_devices;
};

/* A user as the credential report has it; root stands among them as "<root_account>". */
struct iam_user {
    char name[72];
    bool root, console, mfa; /* console: has a password */
    int64_t created_at, signed_in_at; /* 0: not known, never */
    struct {
        bool active;
        int64_t rotated_at, used_at;
        char service[40]; /* where it was last used */
    } keys[2];
};

enum trust_kind {
    TRUST_PRINCIPAL, /* an account, role or user */
    TRUST_WEB,       /* a token of an identity provider */
    TRUST_SAML,      /* a person who signed in elsewhere */
    TRUST_SERVICE,
    TRUST_ANYONE
};

typedef VEC(char *) trust_subjects; /* owned */

/* One principal that may assume a role, and what is demanded of it. */
struct role_trust {
    enum trust_kind kind;
    char principal[200]; /* ARN, service or "*" */
    bool mfa, external_id;
    trust_subjects subjects; /* patterns that the token's subject must fit; none: any subject will do */
};

struct iam_role {
    char name[68], arn[200];
    int64_t created_at;
    int64_t used_at;     /* 0: not in 400 days, or not asked */
    bool use_known;
    int session_s;       /* longest session; -1 not known */
    bool unread;         /* its trust policy has something that is not understood here */
    VEC(struct role_trust) trust;
};

struct oidc_provider {
    char arn[240], url[200]; /* url: without "https://" */
    char audiences[200];
    int64_t created_at;
};

struct identity_set {
    struct account_summary summary;
    VEC(struct iam_role) roles; /* but those that belong to AWS's services */
    VEC(struct oidc_provider) providers; /* beyond the first twenty their ARN alone */
};

struct credential_set {
    int64_t generated_at;
    VEC(struct iam_user) users;
};

/* A customer's key. */
struct kms_key {
    char id[64], alias[120], description[120], state[24], spec[32];
    bool can_rotate;    /* symmetric, with AWS's own material */
    int rotation;       /* 1, 0; -1 not known */
    int period_days;    /* -1 not known */
    int64_t created_at, next_at;
};

struct secret {
    char name[160], owner[40]; /* owner: the service that manages it, "rds" */
    char key[160];      /* ARN, id or alias of its KMS key; "" AWS's own */
    bool rotates;
    int every_days;     /* -1 not known, or by a schedule */
    char schedule[64];
    int64_t rotated_at, next_at, changed_at, used_at;
};

struct managed_instance { /* as Session Manager sees it */
    char id[40], name[80], address[48], ping[24], agent[24], platform[40];
    int64_t seen_at;
};

enum bucket_use { BUCKET_STATE /* of Terraform */, BUCKET_STATIC /* images of the pages */, BUCKETS };
struct bucket { /* name "": the profile names none */
    char name[72];
    bool exists, versioned;
    char encryption[24]; /* "" none: AES256, aws:kms */
    int blocked;         /* how many of the four kinds of public access are */
};

struct service_account {
    char ns[64], name[72], role[200]; /* role: its ARN */
};

struct root_workload { /* what the management account should not have */
    char kind[12], name[72]; /* "cluster", "database", "instance" */
};

/* The GitHub environment before production. */
struct deploy_gate {
    char environment[80];
    bool exists;
    int reviewers, wait_minutes; /* -1 not known */
    bool no_self_review;
    char names[200]; /* of the reviewers */
    int64_t run;     /* the newest run that deployed, by its number; 0: none of the newest has */
    char scan[120];  /* which job, or step of one, looked through the image: by its name; "": none */
    char deploy[80]; /* the job that deployed before that was over; "": none did */
};

struct security {
    struct identity_set identity;
    struct credential_set credentials;
    VEC(struct kms_key) keys;
    VEC(struct secret) secrets;
    VEC(struct managed_instance) instances;
    struct bucket buckets[BUCKETS];
    VEC(struct service_account) service_accounts; /* those with a role */
    VEC(struct root_workload) workloads;
    struct deploy_gate gate;
};

/* Does IAM trust the tokens of this issuer ("https://…")? */
bool security_trusts(const struct security *security, const char *issuer);
/* The role by its name, or by its ARN. NULL if it is not there. */
const struct iam_role *security_role(const struct security *security, const char *name);
/* Does the ARN's principal belong to this account? Also for a bare account id. */
bool principal_is_of(const char *principal, const char *account_id);
bool trust_is_of(const struct role_trust *trust, const char *account_id);
#define GITHUB_TOKENS "token.actions.githubusercontent.com"
bool trust_is_github(const struct role_trust *trust);
/* What is wrong with a subject's pattern for a role that a repository's workflows deploy with; NULL: nothing. environment NULL: any will do. */
const char *trust_subject_fault(const char *subject, const char *repository, const char *environment);
/* A key that is looked after by hand in a pipeline has a name that says so. */
bool user_is_pipeline(const struct iam_user *user);
bool key_is(const struct kms_key *key, const char *reference); /* an ARN of it, its id, or its alias, with or without an ARN */
bool key_is_due(const struct kms_key *key);                  /* should rotate, and does not */
bool secret_is_late(const struct secret *secret, int64_t now); /* rotates, but has not on time */
/* Is it the secret of this database? By who manages it, or by its name. */
bool secret_is(const struct secret *secret, const char *reference); /* its name, or its ARN */
bool secret_is_of(const struct secret *secret, const char *database);

#endif
