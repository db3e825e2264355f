/* Security: who may do what, and how secrets are kept. A row for each thing, with what matters of it, and a mark where something is off. */
#include "ui/panes/security.h"

#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "ui/panes/panes.h"
#include "ui/value.h"

static const char *const words[SECURITY_ROWS] = {"root", "user", "role", "provider", "key", "secret", "policy", "trail", "bucket", "pod role",
                                                 "instance", "gate", "scan", "workload"};

const char *security_row_word(enum security_row kind) { return words[kind]; }

/* What a row says; `fault`: what is off, NULL if nothing is. `at`: of last use, rotation… */
struct line {
    char name[260], what[240];
    const char *fault, *when; /* when: what `at` is the time of */
    bool unknown;
    int64_t at;
};

/* A token's issuer by the name that people know it by, and its subject: "GitHub: repo:…", "pod innovate/backend". */
static void web_words(const struct role_trust *t, const char *name, char *out, size_t size)
{
    const char *subject = t->subjects.len ? t->subjects.at[0] : "", *issuer = trust_is_github(t) ? "GitHub" : name;
    char pod[200];
    text_copy(pod, sizeof pod, text_starts(subject, "system:serviceaccount:") ? subject + strlen("system:serviceaccount:") : "");
    if (strchr(pod, ':'))
        *strchr(pod, ':') = '/';
    if (*pod)
        text_format(out, size, "pod %s%s", pod, t->subjects.len > 1 ? ", …" : "");
    else
        text_format(out, size, "%s%s%s%s", issuer, *subject ? ": " : ": any subject", subject, t->subjects.len > 1 ? ", …" : "");
}

const char *trust_words(const struct pane_view *view, const struct role_trust *t, char *out, size_t size)
{
    const char *slash = strchr(t->principal, '/'), *last = strrchr(t->principal, ':');
    const char *name = t->kind == TRUST_WEB && slash ? slash + 1 : text_starts(t->principal, "arn:") && last ? last + 1 : t->principal;
    const char *of = NULL;
    for (size_t a = 0; a < view->estate->account_count; a++)
        if (t->kind == TRUST_PRINCIPAL && trust_is_of(t, view->estate->accounts[a].config->id))
            of = view->estate->accounts[a].config->name;
    if (t->kind == TRUST_ANYONE)
        text_copy(out, size, "anyone");
    else if (t->kind == TRUST_PRINCIPAL && !strcmp(name, "root"))
        text_format(out, size, "all of %s", of ? of : t->principal);
    else if (t->kind == TRUST_PRINCIPAL)
        text_format(out, size, "%s of %s", name, of ? of : t->principal);
    else if (t->kind == TRUST_WEB)
        web_words(t, name, out, size);
    else
        text_copy(out, size, name);
    size_t len = strlen(out);
    if (t->mfa)
        text_copy(out + len, size - len, ", with MFA");
    return out;
}

static bool is_known_account(const struct pane_view *view, const struct role_trust *t)
{
    for (size_t a = 0; a < view->estate->account_count; a++)
        if (trust_is_of(t, view->estate->accounts[a].config->id))
            return true;
    return false;
}

static const char *trust_fault(const struct pane_view *view, const struct account *account, const struct role_trust *t)
{
    const struct estate_config *config = view->estate->config;
    const char *environment = account->config->kind == ACCOUNT_PRODUCTION ? config->github_environment : NULL, *fault = NULL;
    if (t->kind == TRUST_ANYONE)
        return "anyone may assume it";
    if (t->kind == TRUST_PRINCIPAL && !is_known_account(view, t))
        return "an account that is not ours";
    if (trust_is_github(t) && !t->subjects.len)
        return "any repository";
    for (size_t i = 0; trust_is_github(t) && config->github_repository && i < t->subjects.len && !fault; i++)
        fault = trust_subject_fault(t->subjects.at[i], config->github_repository, environment);
    return fault;
}

const char *role_fault(const struct pane_view *view, const struct account *account, const struct iam_role *role)
{
    const struct account_config *config = account->config;
    bool operator = account->config->kind == ACCOUNT_PRODUCTION && config->operator_role &&
                    (!strcmp(config->operator_role, role->name) || !strcmp(config->operator_role, role->arn));
    for (size_t i = 0; i < role->trust.len; i++) {
        const char *fault = trust_fault(view, account, &role->trust.at[i]);
        if (fault)
            return fault;
        if (operator && role->trust.at[i].kind == TRUST_PRINCIPAL && !role->trust.at[i].mfa)
            return "without MFA";
    }
    return NULL;
}

/* Each kind of row. */

typedef void fill(const struct pane_view *view, const struct account *account, size_t at, struct line *out);

static void fill_root(const struct pane_view *view, const struct account *account, size_t at, struct line *out)
{
    const struct account_summary *s = &account->security.identity.summary;
    (void)view, (void)at;
    text_copy(out->name, sizeof out->name, "root user");
    text_format(out->what, sizeof out->what, "%s, %s", s->root_mfa > 0 ? "MFA" : s->root_mfa == 0 ? "no MFA" : "MFA not known",
                s->root_keys > 0 ? "has access keys" : s->root_keys == 0 ? "no access keys" : "access keys not known");
    size_t len = strlen(out->what);
    if (s->users >= 0 && s->roles >= 0)
        text_format(out->what + len, sizeof out->what - len, "; %d users, %d roles", s->users, s->roles);
    out->unknown = s->root_mfa < 0 || s->root_keys < 0;
    out->fault = s->root_keys > 0 ? "access keys" : s->root_mfa == 0 && s->root_password != 0 ? "no MFA" : NULL;
}

static void fill_user(const struct pane_view *view, const struct account *account, size_t at, struct line *out)
{
    const struct iam_user *u = &account->security.credentials.users.at[at];
    size_t len;
    text_copy(out->name, sizeof out->name, u->name);
    text_format(out->what, sizeof out->what, "%s", u->console ? u->mfa ? "password and MFA" : "password without MFA" : "no password");
    out->fault = u->console && !u->mfa ? "no MFA" : NULL;
    for (int k = 0; k < 2; k++) {
        char span[24];
        int64_t age = view->now - (u->keys[k].rotated_at ? u->keys[k].rotated_at : u->created_at);
        if (!u->keys[k].active)
            continue;
        len = strlen(out->what);
        text_format(out->what + len, sizeof out->what - len, ", a key %s old", when_span(age, span, sizeof span));
        out->fault = out->fault ? out->fault : user_is_pipeline(u) ? "a pipeline's key" : age > view->estate->config->key_age_ms ? "an old key" :
                     NULL;
        out->at = u->keys[k].used_at > out->at ? u->keys[k].used_at : out->at;
    }
    out->at = u->signed_in_at > out->at ? u->signed_in_at : out->at;
    out->when = "used";
}

static void fill_role(const struct pane_view *view, const struct account *account, size_t at, struct line *out)
{
    const struct iam_role *r = &account->security.identity.roles.at[at];
    struct str text = STR_INIT(8192);
    char one[400];
    text_copy(out->name, sizeof out->name, r->name);
    for (size_t i = 0; i < r->trust.len; i++)
        str_addf(&text, "%s%s", i ? "; " : "", trust_words(view, &r->trust.at[i], one, sizeof one));
    text_clean(out->what, sizeof out->what, r->trust.len ? str_text(&text) : "nobody", r->trust.len ? text.len : 6);
    str_free(&text);
    out->fault = role_fault(view, account, r);
    out->unknown = r->unread;
    out->at = r->used_at;
    out->when = "used";
}

static void fill_provider(const struct pane_view *view, const struct account *account, size_t at, struct line *out)
{
    const struct oidc_provider *p = &account->security.identity.providers.at[at];
    (void)view;
    text_copy(out->name, sizeof out->name, p->url);
    out->unknown = !*p->audiences && !p->created_at; /* its ARN alone is known */
    text_format(out->what, sizeof out->what, "for %s", *p->audiences ? p->audiences : out->unknown ? "whom is not known" : "nobody");
    out->at = p->created_at;
    out->when = "made";
}

static void fill_key(const struct pane_view *view, const struct account *account, size_t at, struct line *out)
{
    const struct kms_key *k = &account->security.keys.at[at];
    char next[40] = "", span[24];
    if (k->rotation > 0 && k->next_at > view->now)
        text_format(next, sizeof next, " in %s", when_short(k->next_at - view->now, span, sizeof span));
    text_copy(out->name, sizeof out->name, *k->alias ? k->alias : k->id);
    out->unknown = !*k->state || (k->can_rotate && k->rotation < 0);
    text_format(out->what, sizeof out->what, "%s%s%s%s", !*k->state ? "not readable" : !k->can_rotate ? "cannot rotate" : k->rotation > 0 ? "rotates"
                : k->rotation == 0 ? "does not rotate" : "rotation not known", next, *k->description ? ": " : "", k->description);
    out->fault = key_is_due(k) ? "no rotation" : !strcmp(k->state, "PendingDeletion") ? "to be deleted" : NULL;
    out->at = k->next_at;
    out->when = "next";
}

static void fill_secret(const struct pane_view *view, const struct account *account, size_t at, struct line *out)
{
    const struct secret *s = &account->security.secrets.at[at];
    bool database = account->config->database_secret ? !strcmp(account->config->database_secret,
                                                               s->name) : secret_is_of(s, account->config->database);
    char done[40] = "rotates", span[24];
    if (s->rotated_at) /* first, so that a narrow window has it */
        text_format(done, sizeof done, "rotated %s ago,", when_short(view->now - s->rotated_at, span, sizeof span));
    text_copy(out->name, sizeof out->name, s->name);
    if (!s->rotates)
        text_copy(out->what, sizeof out->what, "does not rotate");
    else if (s->every_days > 0)
        text_format(out->what, sizeof out->what, "%s every %d days", done, s->every_days);
    else
        text_format(out->what, sizeof out->what, "%s %s", done, s->schedule);
    out->fault = secret_is_late(s, view->now) ? "rotation is late" : database && !s->rotates ? "no rotation" : NULL;
    out->at = s->rotated_at;
    out->when = "rotated";
}

static void fill_scp(const struct pane_view *view, const struct account *account, size_t at, struct line *out)
{
    const struct scp *scp = &account->organization.scps.at[at];
    struct str text = STR_INIT(8192);
    text_copy(out->name, sizeof out->name, scp->name);
    for (size_t i = 0; i < scp->targets.len; i++) {
        const struct account *to = estate_account(view->estate, scp->targets.at[i]);
        str_addf(&text, "%s%s", i ? ", " : "on ", to ? to->config->name : text_starts(scp->targets.at[i], "r-") ? "everything" : scp->targets.at[i]);
    }
    text_clean(out->what, sizeof out->what, text.len ? str_text(&text) : "on nothing", text.len ? text.len : 10);
    str_free(&text);
    out->fault = !scp->aws_managed && !scp->targets.len ? "on nothing" : NULL;
}

static void fill_trail(const struct pane_view *view, const struct account *account, size_t at, struct line *out)
{
    const struct trail *t = &account->trail;
    (void)view, (void)at;
    text_copy(out->name, sizeof out->name, t->present ? t->name : "none");
    text_format(out->what, sizeof out->what, "%s, %s, %s, %s", t->organization ? "organisation" : "this account only",
                t->multi_region ? "all regions" : "one region", t->validated ? "validated" : "not validated", t->logging ? "logging" : "not logging");
    out->fault = !t->present ? "no trail" : !t->logging ? "not logging" : *t->delivery_error ? "not delivered" :
                 !t->organization || !t->multi_region ? "not all"
                 : !t->validated ? "not validated" : NULL;
    out->at = t->delivered_at;
    out->when = "delivered";
}

static void fill_bucket(const struct pane_view *view, const struct account *account, size_t at, struct line *out)
{
    const struct bucket *b = &account->security.buckets[at];
    (void)view;
    text_copy(out->name, sizeof out->name, b->name);
    bool versions = !(b->unread & BUCKET_VERSIONS), encryption = !(b->unread & BUCKET_ENCRYPTION), access = !(b->unread & BUCKET_ACCESS);
    text_format(out->what, sizeof out->what, "%s, %s, %s", !versions ? "versions ?" : b->versioned ? "versioned" : "not versioned",
                !encryption ? "encryption ?" : *b->encryption ? b->encryption : "not encrypted",
                !access ? "public access ?" : b->blocked == 4 ? "not public" : "public access not blocked");
    out->fault = !b->exists && !b->unread ? "there is none" : versions && !b->versioned && at == BUCKET_STATE ? "not versioned" :
                 encryption && !*b->encryption ? "not encrypted" : access && b->blocked < 4 ? "can be public" : NULL;
}

static void fill_service_account(const struct pane_view *view, const struct account *account, size_t at, struct line *out)
{
    const struct service_account *s = &account->security.service_accounts.at[at];
    const struct iam_role *role = security_role(&account->security, s->role);
    (void)view;
    text_format(out->name, sizeof out->name, "%s/%s", s->ns, s->name);
    text_format(out->what, sizeof out->what, "is %s", text_after_last(s->role, '/'));
    bool known = slice_has_data(&account->slices[FEED_IDENTITY]) && !account->security.identity.roles_unread;
    out->fault = !role && known ? "no such role" : NULL;
    out->at = role ? role->used_at : 0;
    out->when = "used";
}

static void fill_instance(const struct pane_view *view, const struct account *account, size_t at, struct line *out)
{
    const struct managed_instance *m = &account->security.instances.at[at];
    (void)view;
    text_copy(out->name, sizeof out->name, *m->name ? m->name : m->id);
    text_format(out->what, sizeof out->what, "%s, %s, agent %s", m->ping, m->platform, m->agent);
    out->fault = strcmp(m->ping, "Online") != 0 ? "not reachable" : NULL;
    out->at = m->seen_at;
    out->when = "seen";
}

static void fill_gate(const struct pane_view *view, const struct account *account, size_t at, struct line *out)
{
    const struct deploy_gate *g = &account->security.gate;
    (void)view, (void)at;
    text_copy(out->name, sizeof out->name, g->environment);
    text_format(out->what, sizeof out->what, "%s%s%s", g->reviewers > 0 ? "reviewed by " : "no reviewer", g->reviewers > 0 ? g->names : "",
                g->no_self_review ? ", not by who began it" : "");
    out->fault = !g->exists ? "there is none" : g->reviewers <= 0 ? "no reviewer" : NULL;
}

static void fill_scan(const struct pane_view *view, const struct account *account, size_t at, struct line *out)
{
    const struct deploy_gate *g = &account->security.gate;
    (void)view, (void)at;
    text_format(out->name, sizeof out->name, "run %lld", (long long)g->run);
    text_format(out->what, sizeof out->what, "%s%s%s", *g->scan ? g->scan : "no job or step that scans", *g->deploy ? ", but not before " : "",
                g->deploy);
    out->fault = !*g->scan ? "not scanned" : *g->deploy ? "scanned too late" : NULL;
}

static void fill_workload(const struct pane_view *view, const struct account *account, size_t at, struct line *out)
{
    const struct root_workload *w = &account->security.workloads.at[at];
    (void)view;
    text_copy(out->name, sizeof out->name, w->name);
    text_format(out->what, sizeof out->what, "a %s in the management account", w->kind);
    out->fault = "does not belong here";
}

static fill *const fills[SECURITY_ROWS] = {fill_root, fill_user,   fill_role,   fill_provider,        fill_key,      fill_secret, fill_scp,
                                           fill_trail, fill_bucket, fill_service_account, fill_instance, fill_gate,   fill_scan, fill_workload};

static void read_line(const struct pane_view *view, struct row_ref row, struct line *out)
{
    *out = (struct line){0};
    fills[security_row_kind(row)](view, account_of(view, row), security_row_at(row), out);
}

/* Columns. */

static void kind(const struct pane_view *view, struct row_ref row, struct value *out)
{
    (void)view;
    value_text(out, ROLE_DIM, words[security_row_kind(row)]);
}

static void name(const struct pane_view *view, struct row_ref row, struct value *out)
{
    struct line line;
    read_line(view, row, &line);
    value_text(out, ROLE_STRONG, line.name);
}

static void what(const struct pane_view *view, struct row_ref row, struct value *out)
{
    struct line line;
    read_line(view, row, &line);
    value_text(out, ROLE_TEXT, line.what);
}

static void fault(const struct pane_view *view, struct row_ref row, struct value *out)
{
    struct line line;
    read_line(view, row, &line);
    if (line.fault)
        value_format(out, ROLE_BAD, "✗ %s", line.fault);
    else if (line.unknown)
        value_format(out, ROLE_UNKNOWN, "? not known");
    else
        value_text(out, ROLE_OK, "✓");
}

static void when(const struct pane_view *view, struct row_ref row, struct value *out)
{
    struct line line;
    char span[24];
    read_line(view, row, &line);
    if (!line.at) {
        value_unknown(out);
        return;
    }
    bool ahead = line.at > view->now;
    value_format(out, ROLE_DIM, "%s %s%s", line.when, ahead ? "in " : "",
                 when_short(ahead ? line.at - view->now : view->now - line.at, span, sizeof span));
    out->type = VALUE_TIME;
    out->number = (double)line.at;
}

static void order(const struct pane_view *view, struct row_ref row, struct value *out)
{
    struct line line;
    read_line(view, row, &line);
    value_count(out, ROLE_TEXT, (line.fault ? 0 : line.unknown ? 100 : 200) + (int)security_row_kind(row));
}

static const struct column columns[] = {
    {"account", "ACCT", 5, 0, .identity = true, .value = value_account},
    {"kind", "KIND", 8, 0, .identity = true, .value = kind},
    {"name", "NAME", 24, 0, .identity = true, .value = name},
    {"about", "WHAT MATTERS", 20, 1, .grow = true, .value = what},
    {"at", "WHEN", 13, 2, .value = when},
    {"mark", "OFF", 16, 0, .value = fault},
    {0},
};

static size_t once(const struct account *account, enum feed feed) { return slice_has_data(&account->slices[feed]) ? 1 : 0; }

static void rows(const struct pane_view *view, row_refs *out)
{
    for (size_t a = 0; a < view->estate->account_count; a++) {
        const struct account *account = &view->estate->accounts[a];
        const struct security *s = &account->security;
        size_t gate = once(account, FEED_DEPLOY_GATE) && *s->gate.environment;
        const size_t counts[SECURITY_ROWS] = {once(account, FEED_IDENTITY), s->credentials.users.len,  s->identity.roles.len,
                                              s->identity.providers.len, s->keys.len,                  s->secrets.len,
                                              account->organization.scps.len, once(account, FEED_TRAIL),
                                              slice_has_data(&account->slices[FEED_STATE_BUCKET]) ? BUCKETS : 0, s->service_accounts.len,
                                              s->instances.len, gate, once(account, FEED_DEPLOY_GATE) && s->gate.run, s->workloads.len};
        for (int k = 0; k < SECURITY_ROWS; k++)
            for (size_t i = 0; i < counts[k]; i++)
                if ((k != ROW_USER || !s->credentials.users.at[i].root) /* root has a row of its own */ && (k != ROW_BUCKET || *s->buckets[i].name))
                    row_add(out, account->index, (size_t)k << 24 | i);
    }
}

static bool detail(const struct pane_view *view, struct row_ref row, struct detail_key *out)
{
    const struct security *s = &account_of(view, row)->security;
    struct line line;
    read_line(view, row, &line);
    *out = (struct detail_key){.kind = DETAIL_SECURITY, .account = row.account};
    text_copy(out->ns, sizeof out->ns, words[security_row_kind(row)]);
    text_copy(out->name, sizeof out->name, security_row_kind(row) == ROW_KEY ? s->keys.at[security_row_at(row)].id
                                           : security_row_kind(row) == ROW_PROVIDER ? s->identity.providers.at[security_row_at(row)].arn : line.name);
    return true;
}

static bool thing(const struct pane_view *view, struct row_ref row, struct thing *out)
{
    (void)view;
    *out = (struct thing){THING_SECRET, row.account, security_row_at(row)};
    return security_row_kind(row) == ROW_SECRET;
}

const struct pane pane_security = {
    .name = "security",
    .title = "Security",
    .about = "who may do what: root, users, roles, policies; keys, secrets and when they rotate",
    .feeds = FEEDS_SECURITY | FEED_BIT(FEED_ORGANIZATION) | FEED_BIT(FEED_TRAIL),
    .columns = columns,
    .thing = thing,
    .rows = rows,
    .order = order,
    .detail = detail,
    .describe = security_describe,
    .leads = security_leads,
    .lead_feeds = FEED_BIT(FEED_DATABASE) | FEED_BIT(FEED_PLATFORM),
    .is = security_is,
};
