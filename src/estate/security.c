/* Small questions about what security.h has. */
#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "estate/security.h"

#define DAY_MS INT64_C(86400000)

const struct iam_role *security_role(const struct security *s, const char *name)
{
    for (size_t i = 0; name && i < s->identity.roles.len; i++) {
        const struct iam_role *r = &s->identity.roles.at[i];
        if (!strcmp(text_starts(name, "arn:") ? r->arn : r->name, name))
            return r;
    }
    return NULL;
}

/* A provider's ARN ends in its URL. */
bool security_trusts(const struct security *s, const char *issuer)
{
    const char *url = text_starts(issuer, "https://") ? issuer + strlen("https://") : issuer;
    for (size_t i = 0; *url && i < s->identity.providers.len; i++) {
        const char *tail = strchr(s->identity.providers.at[i].arn, '/');
        if (tail && !strcmp(tail + 1, url))
            return true;
    }
    return false;
}

/* arn:aws:iam::111111111111:root: the fifth part. What stands behind it is whoever's choice: a role may be called after another account. */
bool principal_is_of(const char *principal, const char *account_id)
{
    const char *at = principal;
    if (!strcmp(at, account_id))
        return true;
    for (int colons = 0; colons < 4; colons++) {
        at = strchr(at, ':');
        if (!at)
            return false;
        at++;
    }
    size_t len = strlen(account_id);
    return text_starts(principal, "arn:") && text_starts(at, account_id) && at[len] == ':';
}

bool trust_is_of(const struct role_trust *t, const char *account_id) { return principal_is_of(t->principal, account_id); }

bool trust_is_github(const struct role_trust *t)
{
    const char *slash = strrchr(t->principal, '/');
    return t->kind == TRUST_WEB && (strstr(t->principal, "oidc-provider/" GITHUB_TOKENS) || (slash && !strcmp(slash + 1, GITHUB_TOKENS)));
}

const char *trust_subject_fault(const char *subject, const char *repository, const char *environment)
{
    char wanted[300];
    text_format(wanted, sizeof wanted, "repo:%s:", repository);
    size_t len = strlen(wanted);
    if (!text_starts(subject, wanted))
        return "another repository, or any";
    if (!environment)
        return NULL;
    text_format(wanted + len, sizeof wanted - len, "environment:%s", environment);
    return strcmp(subject, wanted) != 0 ? "not limited to the environment" : NULL;
}

bool user_is_pipeline(const struct iam_user *u)
{
    static const char *const words[] = {"ci", "cd", "cicd", "github", "gitlab", "jenkins", "circleci", "actions", "pipeline", "deploy", "deployer",
                                        "terraform", "build", "bot"};
    const char *at = u->name;
    while (*at) {
        size_t len = 0;
        char word[72];
        while (isalnum((unsigned char)at[len]))
            len++;
        text_format(word, sizeof word, "%.*s", (int)len, at);
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (text_same_case(word, words[i]))
                return true;
        at += len ? len : 1;
    }
    return false;
}

bool key_is(const struct kms_key *k, const char *reference)
{
    const char *key = strstr(reference, ":key/"), *alias = strstr(reference, "alias/");
    if (alias)
        return !strcmp(alias, k->alias);
    return *reference && !strcmp(key ? key + strlen(":key/") : reference, k->id);
}

bool key_is_due(const struct kms_key *k) { return k->can_rotate && !strcmp(k->state, "Enabled") && k->rotation == 0; }

bool secret_is_late(const struct secret *s, int64_t now)
{
    if (!s->rotates)
        return false;
    if (s->next_at)
        return now > s->next_at + DAY_MS;
    return s->rotated_at && s->every_days > 0 && now > s->rotated_at + (s->every_days + 1) * DAY_MS;
}

/* Secrets Manager puts a dash and six letters behind the name. */
bool secret_is(const struct secret *s, const char *reference)
{
    const char *name = strstr(reference, ":secret:");
    size_t len = strlen(s->name);
    if (!name)
        return !strcmp(reference, s->name);
    name += strlen(":secret:");
    return len && !strncmp(name, s->name, len) && (!name[len] || (name[len] == '-' && strlen(name + len) == 7));
}

bool secret_is_of(const struct secret *s, const char *database)
{
    return !strcmp(s->owner, "rds") || (database && *database && text_contains(s->name, database));
}
