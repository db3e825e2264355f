/* What the rows of the security pane belong with. */
#include <string.h>

#include "ui/panes/security.h"
#include "ui/value.h"

struct from { /* a row that is asked about */
    const struct pane_view *view;
    const struct account *a;
    size_t account, at;
    struct leads *out;
};

/* "system:serviceaccount:NAMESPACE:NAME" → "NAMESPACE/NAME"; "" if it is no other. */
static const char *service_account_of(const char *subject, char *out, size_t size)
{
    static const char start[] = "system:serviceaccount:";
    text_copy(out, size, text_starts(subject, start) ? subject + sizeof start - 1 : "");
    if (strchr(out, ':'))
        *strchr(out, ':') = '/';
    return out;
}

static size_t account_of_arn(const struct from *f, const struct role_trust *t)
{
    for (size_t i = 0; i < f->view->estate->account_count; i++)
        if (trust_is_of(t, f->view->estate->accounts[i].config->id))
            return i;
    return SIZE_MAX;
}

/* Who may assume it: the row that stands for each. */
static void of_trust(const struct from *f, const struct role_trust *t)
{
    size_t account = account_of_arn(f, t);
    char text[400];
    trust_words(f->view, t, text, sizeof text);
    if (t->kind == TRUST_PRINCIPAL && account != SIZE_MAX && strstr(t->principal, ":user/"))
        lead_add(f->out, "security", account, "user", text_after_last(t->principal, '/'), "may be assumed by %s", text);
    else if (t->kind == TRUST_PRINCIPAL && account != SIZE_MAX && strstr(t->principal, "role/"))
        lead_add(f->out, "security", account, "role", text_after_last(t->principal, '/'), "may be assumed by %s", text);
    else if (t->kind == TRUST_PRINCIPAL && account != SIZE_MAX)
        lead_add(f->out, "security", account, "principals", f->view->estate->accounts[account].config->id,
                 "may be assumed by %s: its users and roles", text);
    for (size_t i = 0; t->kind == TRUST_WEB && i < t->subjects.len; i++) {
        service_account_of(t->subjects.at[i], text, sizeof text);
        lead_add(f->out, "security", f->account, "pod role", text, "may be assumed by the service account %s", text);
        lead_add(f->out, "pods", f->account, "service account", text, "pods that run as %s", text);
    }
    if (t->kind == TRUST_WEB)
        lead_add(f->out, "security", f->account, "provider", t->principal, "may be assumed by tokens of %s",
                 strchr(t->principal, '/') ? strchr(t->principal, '/') + 1 : t->principal);
}

static void of_role(const struct from *f)
{
    const struct iam_role *r = &f->a->security.identity.roles.at[f->at];
    for (size_t i = 0; i < r->trust.len; i++)
        of_trust(f, &r->trust.at[i]);
    lead_add(f->out, "timeline", f->account, "role", r->name, "what it did last, by CloudTrail");
    lead_add(f->out, "security", LEAD_ANY, "trusts role", r->arn, "roles that it may assume");
    lead_add(f->out, "conformance", f->account, "resource", r->name, "checks on it");
    lead_add(f->out, "timeline", f->account, "subject", r->name, "all that happened to it");
}

static void of_user(const struct from *f)
{
    const struct iam_user *u = &f->a->security.credentials.users.at[f->at];
    char arn[200];
    text_format(arn, sizeof arn, ":iam::%s:user/%s", f->a->config->id, u->name);
    lead_add(f->out, "security", LEAD_ANY, "trusts user", arn, "roles that it may assume");
    lead_add(f->out, "timeline", f->account, "user", u->name, "what it did last, by CloudTrail");
    lead_add(f->out, "conformance", f->account, "resource", u->name, "checks on it");
    lead_add(f->out, "timeline", f->account, "subject", u->name, "all that happened to it");
}

static void of_root(const struct from *f)
{
    lead_add(f->out, "accounts", f->account, LEAD_ALL, "", "account %s", f->a->config->name);
    lead_add(f->out, "conformance", f->account, "resource", "root user", "checks on it");
}

static void of_provider(const struct from *f)
{
    const struct oidc_provider *p = &f->a->security.identity.providers.at[f->at];
    lead_add(f->out, "security", f->account, "trusts", p->arn, "roles that trust it");
    lead_add(f->out, "conformance", f->account, "resource", p->url, "checks on it");
}

/* What it encrypts. */
static void of_key(const struct from *f)
{
    const struct kms_key *k = &f->a->security.keys.at[f->at];
    for (size_t i = 0; i < f->a->database.instances.len; i++)
        if (key_is(k, f->a->database.instances.at[i].key))
            lead_add(f->out, "database", f->account, "database", f->a->database.instances.at[i].id, "encrypts the database %s",
                     f->a->database.instances.at[i].id);
    lead_add(f->out, "security", f->account, "encrypted by", k->id, "encrypts secrets");
    if (key_is(k, f->a->platform.cluster.secrets_key))
        lead_add(f->out, "nodes", f->account, "cluster", f->a->config->cluster.name, "encrypts the secrets of the cluster %s",
                 f->a->config->cluster.name);
    lead_add(f->out, "conformance", f->account, "resource", *k->alias ? k->alias : k->id, "checks on it");
    lead_add(f->out, "timeline", f->account, "subject", k->id, "all that happened to it");
}

static void of_secret(const struct from *f)
{
    const struct secret *s = &f->a->security.secrets.at[f->at];
    const struct account_config *config = f->a->config;
    for (size_t i = 0; i < f->a->database.instances.len; i++) {
        const struct database *d = &f->a->database.instances.at[i];
        if (config->database_secret ? !strcmp(config->database_secret, s->name) : secret_is_of(s, d->id))
            lead_add(f->out, "database", f->account, "database", d->id, "opens the database %s", d->id);
    }
    lead_add(f->out, "security", f->account, "key", s->key, "key that encrypts it");
    lead_add(f->out, "timeline", f->account, "subject", s->name, "all that happened to it");
    lead_add(f->out, "conformance", f->account, "resource", s->name, "checks on it");
}

static void of_scp(const struct from *f)
{
    const struct scp *scp = &f->a->organization.scps.at[f->at];
    for (size_t i = 0; i < scp->targets.len; i++) {
        const struct account *to = estate_account(f->view->estate, scp->targets.at[i]);
        if (to)
            lead_add(f->out, "accounts", to->index, LEAD_ALL, "", "attached to %s", to->config->name);
        else
            lead_add(f->out, "accounts", LEAD_ANY, LEAD_ALL, "", "attached to %s", scp->targets.at[i]);
    }
}

static void of_trail(const struct from *f)
{
    lead_add(f->out, "timeline", f->account, "source", "trail", "what it recorded");
    lead_add(f->out, "logs", f->account, "of the trail", f->a->trail.name, "log group that it writes");
    lead_add(f->out, "conformance", f->account, "resource", f->a->trail.name, "checks on it");
    lead_add(f->out, "timeline", f->account, "subject", f->a->trail.name, "all that happened to it");
}

static void of_bucket(const struct from *f)
{
    lead_add(f->out, "conformance", f->account, "resource", f->a->security.buckets[f->at].name, "checks on it");
    lead_add(f->out, "alarms", f->account, "BucketName", f->a->security.buckets[f->at].name, "alarms on it");
    lead_add(f->out, "timeline", f->account, "subject", f->a->security.buckets[f->at].name, "all that happened to it");
}

static void of_service_account(const struct from *f)
{
    const struct service_account *s = &f->a->security.service_accounts.at[f->at];
    char name[160];
    text_format(name, sizeof name, "%s/%s", s->ns, s->name);
    lead_add(f->out, "security", f->account, "role", s->role, "role %s", text_after_last(s->role, '/'));
    lead_add(f->out, "pods", f->account, "service account", name, "pods that run as it");
}

static void of_instance(const struct from *f)
{
    const struct managed_instance *m = &f->a->security.instances.at[f->at];
    lead_add(f->out, "nodes", f->account, "address", m->address, "node of the cluster");
    lead_add(f->out, "network", f->account, "instance", m->id, "instance %s", m->id);
}

static void of_gate(const struct from *f)
{
    lead_add(f->out, "releases", f->account, LEAD_ALL, "", "releases that go through it");
    lead_add(f->out, "conformance", f->account, "resource", f->a->security.gate.environment, "checks on it");
}

static void of_scan(const struct from *f)
{
    lead_add(f->out, "releases", f->account, LEAD_ALL, "", "releases that it scans");
    lead_add(f->out, "conformance", f->account, LEAD_CALLED, "ci-scan", "check of it");
}

static void of_workload(const struct from *f)
{
    const struct root_workload *w = &f->a->security.workloads.at[f->at];
    lead_add(f->out, "database", f->account, "database", w->name, "%s %s", w->kind, w->name);
    lead_add(f->out, "network", f->account, "instance", w->name, "%s %s", w->kind, w->name);
    lead_add(f->out, "conformance", f->account, "resource", w->name, "checks on it");
}

void security_leads(const struct pane_view *view, struct row_ref row, struct leads *out)
{
    static void (*const each[SECURITY_ROWS])(const struct from *f) = {
        [ROW_ROOT] = of_root,     [ROW_USER] = of_user,     [ROW_ROLE] = of_role,   [ROW_PROVIDER] = of_provider,
        [ROW_KEY] = of_key,       [ROW_SECRET] = of_secret, [ROW_SCP] = of_scp,     [ROW_TRAIL] = of_trail,
        [ROW_BUCKET] = of_bucket, [ROW_SERVICE_ACCOUNT] = of_service_account,       [ROW_INSTANCE] = of_instance,
        [ROW_GATE] = of_gate,     [ROW_SCAN] = of_scan,     [ROW_WORKLOAD] = of_workload};
    struct from f = {view, account_of(view, row), row.account, security_row_at(row), out};
    each[security_row_kind(row)](&f);
}

/* The other side of a trust; of a user the ARN without its partition. */
static bool trusts(const struct iam_role *r, const char *word, const char *principal)
{
    for (size_t i = 0; i < r->trust.len; i++) {
        const struct role_trust *t = &r->trust.at[i];
        const char *end = strstr(t->principal, ":iam::");
        if (!strcmp(word, "trusts user") ? end && !strcmp(end, principal) : !strcmp(t->principal, principal))
            return true;
    }
    return false;
}

static bool is_role(const struct iam_role *r, const char *word, const char *name)
{
    if (text_starts(word, "trusts"))
        return trusts(r, word, name);
    return !strcmp(word, "role") && (!strcmp(r->arn, name) || !strcmp(r->name, name));
}

static bool is_kept(const struct security *s, enum security_row kind, size_t at, const char *word, const char *name)
{
    char called[160];
    switch (kind) {
    case ROW_KEY:
        return !strcmp(word, "key") && key_is(&s->keys.at[at], name);
    case ROW_SECRET:
        for (size_t i = 0; !strcmp(word, "encrypted by") && i < s->keys.len; i++)
            if (!strcmp(s->keys.at[i].id, name))
                return key_is(&s->keys.at[i], s->secrets.at[at].key);
        return !strcmp(word, "secret") && secret_is(&s->secrets.at[at], name);
    case ROW_SERVICE_ACCOUNT:
        text_format(called, sizeof called, "%s/%s", s->service_accounts.at[at].ns, s->service_accounts.at[at].name);
        return !strcmp(word, "pod role") && !strcmp(called, name);
    case ROW_INSTANCE:
        return (!strcmp(word, "instance") && !strcmp(s->instances.at[at].name, name)) ||
               (!strcmp(word, "instance id") && !strcmp(s->instances.at[at].id, name));
    case ROW_GATE:
        return !strcmp(word, "gate") && !strcmp(s->gate.environment, name);
    default:
        return false;
    }
}

bool security_is(const struct pane_view *view, struct row_ref row, const char *word, const char *name)
{
    const struct security *s = &account_of(view, row)->security;
    size_t at = security_row_at(row);
    enum security_row kind = security_row_kind(row);
    if (!strcmp(word, "kind"))
        return !strcmp(security_row_word(kind), name);
    if (!strcmp(word, "principals"))
        return kind == ROW_USER || kind == ROW_ROLE;
    if (kind == ROW_ROLE)
        return is_role(&s->identity.roles.at[at], word, name);
    if (kind == ROW_USER)
        return !strcmp(word, "user") && !strcmp(s->credentials.users.at[at].name, name);
    if (kind == ROW_PROVIDER)
        return !strcmp(word, "provider") && (!strcmp(s->identity.providers.at[at].arn, name) || !strcmp(s->identity.providers.at[at].url, name));
    return is_kept(s, kind, at, word, name);
}
