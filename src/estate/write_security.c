/* Setting what security.h has; what is replaced is freed. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "estate/internal.h"
#include "estate/write.h"

void identity_clear(struct identity_set *set)
{
    for (size_t i = 0; i < set->roles.len; i++) {
        struct iam_role *r = &set->roles.at[i];
        for (size_t k = 0; k < r->trust.len; k++) {
            for (size_t s = 0; s < r->trust.at[k].subjects.len; s++)
                free(r->trust.at[k].subjects.at[s]);
            vec_free(&r->trust.at[k].subjects);
        }
        vec_free(&r->trust);
    }
    vec_free(&set->roles);
    vec_free(&set->providers);
}

void security_clear(struct security *s)
{
    identity_clear(&s->identity);
    vec_free(&s->credentials.users);
    vec_free(&s->keys);
    vec_free(&s->secrets);
    vec_free(&s->instances);
    vec_free(&s->service_accounts);
    vec_free(&s->workloads);
}

static bool is_read(const struct account *a, enum feed feed) { return a->slices[feed].read_at != 0; }

static void note_roles(struct estate *e, struct account *a, const struct identity_set *new, int64_t now)
{
    for (size_t i = 0; i < new->roles.len; i++)
        if (!security_role(&a->security, new->roles.at[i].arn))
            estate_note(e, now, a->index, FEED_IDENTITY, new->roles.at[i].name, "new role");
}

void identity_set(struct estate *e, size_t account, struct identity_set *take, int64_t now)
{
    struct account *a = &e->accounts[account];
    struct identity_set *old = &a->security.identity, kept = *take;
    bool before = is_read(a, FEED_IDENTITY);
    if (before && !old->roles_unread && !take->roles_unread)
        note_roles(e, a, take, now);
    if (take->roles_unread) { /* what was known of them stays */
        take->roles_unread = !before || old->roles_unread;
        take->roles = old->roles;
        old->roles = kept.roles;
    }
    if (take->providers_unread) {
        take->providers_unread = !before || old->providers_unread;
        take->providers = old->providers;
        old->providers = kept.providers;
    }
    identity_clear(&a->security.identity);
    a->security.identity = *take;
    *take = (struct identity_set){0};
    e->version++;
}

static const struct iam_user *find_user(const struct credential_set *set, const char *name)
{
    for (size_t i = 0; i < set->users.len; i++)
        if (!strcmp(set->users.at[i].name, name))
            return &set->users.at[i];
    return NULL;
}

void credentials_set(struct estate *e, size_t account, struct credential_set *take, int64_t now)
{
    struct account *a = &e->accounts[account];
    for (size_t i = 0; is_read(a, FEED_CREDENTIALS) && i < take->users.len; i++) {
        const struct iam_user *new = &take->users.at[i], *old = find_user(&a->security.credentials, new->name);
        if (!old)
            estate_note(e, now, account, FEED_CREDENTIALS, new->name, "new user");
        else if (old->mfa && !new->mfa)
            estate_note(e, now, account, FEED_CREDENTIALS, new->name, "no longer has MFA");
    }
    vec_free(&a->security.credentials.users);
    a->security.credentials = *take;
    *take = (struct credential_set){0};
    e->version++;
}

#define SET_ROWS(to, from, size)                  \
    do {                                          \
        (to)->len = 0;                            \
        for (size_t i_ = 0; i_ < (size); i_++)    \
            *vec_add(to) = (from)[i_];            \
        e->version++;                             \
    } while (0)

void keys_set(struct estate *e, size_t account, const struct kms_key *rows, size_t count)
{
    SET_ROWS(&e->accounts[account].security.keys, rows, count);
}

void secrets_set(struct estate *e, size_t account, const struct secret *rows, size_t count, int64_t now)
{
    struct account *a = &e->accounts[account];
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < a->security.secrets.len; k++)
            if (!strcmp(a->security.secrets.at[k].name, rows[i].name) && rows[i].rotated_at > a->security.secrets.at[k].rotated_at)
                estate_note(e, now, account, FEED_SECRETS, rows[i].name, "rotated");
    SET_ROWS(&a->security.secrets, rows, count);
}

void instances_set(struct estate *e, size_t account, const struct managed_instance *rows, size_t count)
{
    SET_ROWS(&e->accounts[account].security.instances, rows, count);
}

void service_accounts_set(struct estate *e, size_t account, const struct service_account *rows, size_t count)
{
    SET_ROWS(&e->accounts[account].security.service_accounts, rows, count);
}

void workloads_set(struct estate *e, size_t account, const struct root_workload *rows, size_t count, const char *unread)
{
    struct security *s = &e->accounts[account].security;
    text_copy(s->workloads_unread, sizeof s->workloads_unread, unread);
    SET_ROWS(&e->accounts[account].security.workloads, rows, count);
}

void buckets_set(struct estate *e, size_t account, const struct bucket buckets[BUCKETS])
{
    memcpy(e->accounts[account].security.buckets, buckets, BUCKETS * sizeof *buckets);
    e->version++;
}

void deploy_gate_set(struct estate *e, size_t account, const struct deploy_gate *gate)
{
    e->accounts[account].security.gate = *gate;
    e->version++;
}
