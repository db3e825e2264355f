/* What Enter shows of a row of the Security pane: trust policies in words, what a policy reaches, where a key is used. */
#include <string.h>

#include "base/when.h"
#include "ui/panes/security.h"
#include "ui/panes/panes.h"
#include "ui/value.h"

typedef void tell(const struct pane_view *view, const struct account *account, size_t at, struct page *out);

static void time_line(const struct pane_view *view, const char *title, int64_t at, const char *otherwise, struct page *out)
{
    char date[40], span[24];
    if (!at)
        page_add(out, ROLE_TEXT, "%-13s%s", title, otherwise);
    else
        page_add(out, ROLE_TEXT, "%-13s%s, %s%s%s", title, when_iso(at, date, sizeof date), at > view->now ? "in " : "",
                 when_span(at > view->now ? at - view->now : view->now - at, span, sizeof span), at > view->now ? "" : " ago");
}

static void tell_root(const struct pane_view *view, const struct account *account, size_t at, struct page *out)
{
    const struct account_summary *s = &account->security.identity.summary;
    (void)view, (void)at;
    page_add(out, s->root_mfa > 0 ? ROLE_OK : s->root_mfa ? ROLE_UNKNOWN : ROLE_BAD, "MFA          %s",
             s->root_mfa > 0 ? "yes" : s->root_mfa ? "not known" : "no");
    page_add(out, s->root_keys > 0 ? ROLE_BAD : ROLE_TEXT, "access keys  %s", s->root_keys > 0 ? "yes" : s->root_keys ? "not known" : "none");
    page_add(out, ROLE_TEXT, "password     %s", s->root_password > 0 ? "yes" : s->root_password ? "not known" : "none: it cannot sign in");
    if (s->users < 0)
        page_add(out, ROLE_UNKNOWN, "account      not known: its summary could not be read");
    else
        page_add(out, ROLE_TEXT, "account      %d users, %d roles, %d MFA devices", s->users, s->roles, s->mfa_devices);
}

static void tell_user(const struct pane_view *view, const struct account *account, size_t at, struct page *out)
{
    const struct credential_set *set = &account->security.credentials;
    const struct iam_user *u = &set->users.at[at];
    page_add(out, u->console && !u->mfa ? ROLE_BAD : ROLE_TEXT, "signs in     %s",
             u->console ? u->mfa ? "with password and MFA" : "with password alone"
             : u->root ? "the report does not tell" : "has no password");
    time_line(view, "signed in", u->signed_in_at, "not known, or never", out);
    time_line(view, "made", u->created_at, "not known", out);
    for (int k = 0; k < 2; k++) {
        if (!u->keys[k].active)
            continue;
        page_add(out, ROLE_TEXT, " ");
        page_add(out, ROLE_HEADER, "ACCESS KEY %d", k + 1);
        time_line(view, "rotated", u->keys[k].rotated_at, "not known", out);
        time_line(view, "used", u->keys[k].used_at, "never", out);
        page_add(out, ROLE_TEXT, "%-13s%s", "for", u->keys[k].service);
    }
    page_add(out, ROLE_TEXT, " ");
    time_line(view, "report of", set->generated_at, "not known", out);
}

static void tell_trust(const struct pane_view *view, const struct role_trust *t, struct page *out)
{
    char text[400];
    page_wrap(out, ROLE_TEXT, "• ", trust_words(view, t, text, sizeof text));
    page_wrap(out, ROLE_DIM, "  ", t->principal);
    for (size_t i = 0; i < t->subjects.len; i++)
        page_wrap(out, ROLE_TEXT, "  only ", t->subjects.at[i]);
    if (t->kind == TRUST_WEB && !t->subjects.len)
        page_add(out, ROLE_BAD, "  any subject of this provider");
    if (t->external_id)
        page_add(out, ROLE_TEXT, "  with an external id");
}

static void tell_role(const struct pane_view *view, const struct account *account, size_t at, struct page *out)
{
    const struct iam_role *r = &account->security.identity.roles.at[at];
    const char *fault = role_fault(view, account, r);
    char span[24];
    if (fault)
        page_add(out, ROLE_BAD, "off          %s", fault);
    if (r->unread)
        page_add(out, ROLE_UNKNOWN, "its trust policy has something that is not understood here");
    time_line(view, "last used", r->used_at, r->use_known ? "not in the last 400 days" : "not asked", out);
    time_line(view, "made", r->created_at, "not known", out);
    if (r->session_s > 0)
        page_add(out, ROLE_TEXT, "sessions     up to %s", when_span((int64_t)r->session_s * 1000, span, sizeof span));
    page_add(out, ROLE_TEXT, " ");
    page_add(out, ROLE_HEADER, "WHO MAY ASSUME IT");
    for (size_t i = 0; i < r->trust.len; i++)
        tell_trust(view, &r->trust.at[i], out);
    if (!r->trust.len)
        page_add(out, ROLE_DIM, "nobody");
    page_add(out, ROLE_TEXT, " ");
    page_wrap(out, ROLE_DIM, "", r->arn);
}

static void tell_provider(const struct pane_view *view, const struct account *account, size_t at, struct page *out)
{
    const struct oidc_provider *p = &account->security.identity.providers.at[at];
    const struct security *s = &account->security;
    page_add(out, ROLE_TEXT, "audiences    %s", *p->audiences ? p->audiences : p->created_at ? "none" : "not known");
    time_line(view, "made", p->created_at, "not known", out);
    page_wrap(out, ROLE_DIM, "", p->arn);
    page_add(out, ROLE_TEXT, " ");
    page_add(out, ROLE_HEADER, "ROLES THAT TRUST IT");
    for (size_t i = 0; i < s->identity.roles.len; i++)
        for (size_t k = 0; k < s->identity.roles.at[i].trust.len; k++)
            if (!strcmp(s->identity.roles.at[i].trust.at[k].principal, p->arn))
                page_add(out, ROLE_TEXT, "%s", s->identity.roles.at[i].name);
}

static void tell_key(const struct pane_view *view, const struct account *account, size_t at, struct page *out)
{
    const struct kms_key *k = &account->security.keys.at[at];
    page_add(out, ROLE_TEXT, "%-13s%s", "id", k->id);
    page_add(out, ROLE_TEXT, "%-13s%s, %s", "state", *k->state ? k->state : "not readable", *k->spec ? k->spec : "–");
    page_wrap(out, ROLE_TEXT, "is for       ", *k->description ? k->description : "–");
    page_add(out, key_is_due(k) ? ROLE_BAD : ROLE_TEXT, "%-13s%s", "rotation",
             !k->can_rotate ? "not possible" : k->rotation > 0 ? "on" : k->rotation ? "not known" : "off");
    if (k->rotation > 0 && k->period_days > 0)
        page_add(out, ROLE_TEXT, "%-13severy %d days", "", k->period_days);
    time_line(view, "next", k->next_at, "not known", out);
    time_line(view, "made", k->created_at, "not known", out);
}

static void tell_secret(const struct pane_view *view, const struct account *account, size_t at, struct page *out)
{
    const struct secret *s = &account->security.secrets.at[at];
    page_add(out, secret_is_late(s, view->now) ? ROLE_BAD : ROLE_TEXT, "%-13s%s", "rotation",
             !s->rotates ? "off" : secret_is_late(s, view->now) ? "late" : "on");
    if (s->every_days > 0)
        page_add(out, ROLE_TEXT, "%-13severy %d days", "", s->every_days);
    if (*s->schedule)
        page_add(out, ROLE_TEXT, "%-13s%s", "", s->schedule);
    time_line(view, "rotated", s->rotated_at, "never", out);
    time_line(view, "due", s->next_at, "not known", out);
    time_line(view, "changed", s->changed_at, "not known", out);
    time_line(view, "read", s->used_at, "never", out);
    if (*s->owner)
        page_add(out, ROLE_TEXT, "%-13s%s", "kept by", s->owner);
}

static void tell_scp(const struct pane_view *view, const struct account *account, size_t at, struct page *out)
{
    const struct scp *scp = &account->organization.scps.at[at];
    page_add(out, ROLE_TEXT, "%-13s%s", "id", scp->id);
    page_add(out, ROLE_TEXT, "%-13s%s", "made by", scp->aws_managed ? "AWS" : "the organisation");
    page_add(out, ROLE_TEXT, " ");
    page_add(out, ROLE_HEADER, "ATTACHED TO");
    for (size_t i = 0; i < scp->targets.len; i++) {
        const struct account *to = estate_account(view->estate, scp->targets.at[i]);
        page_add(out, ROLE_TEXT, "%s%s%s%s", scp->targets.at[i], to ? " (" : "", to ? to->config->name : "",
                 to ? ")" : text_starts(scp->targets.at[i], "r-")
                 ? " the root: every account but the management account" : "");
    }
    if (!scp->targets.len)
        page_add(out, ROLE_DIM, "nothing");
}

static void tell_trail(const struct pane_view *view, const struct account *account, size_t at, struct page *out)
{
    const struct trail *t = &account->trail;
    (void)at;
    if (!t->present) {
        page_add(out, ROLE_BAD, "there is no trail");
        return;
    }
    page_add(out, t->organization ? ROLE_TEXT : ROLE_BAD, "%-13s%s", "covers", t->organization ? "the whole organisation" : "this account only");
    page_add(out, t->multi_region ? ROLE_TEXT : ROLE_BAD, "%-13s%s", "regions", t->multi_region ? "all" : "one");
    page_add(out, t->validated ? ROLE_TEXT : ROLE_BAD, "%-13s%s", "log files", t->validated ? "validated" : "not validated");
    page_add(out, t->logging ? ROLE_TEXT : ROLE_BAD, "%-13s%s", "logging", t->logging ? "yes" : "no");
    page_add(out, ROLE_TEXT, "%-13s%s", "bucket", t->bucket);
    time_line(view, "delivered", t->delivered_at, "nothing yet", out);
    if (*t->delivery_error)
        page_add(out, ROLE_BAD, "%-13s%s", "error", t->delivery_error);
}

static void tell_bucket(const struct pane_view *view, const struct account *account, size_t at, struct page *out)
{
    static const char unread[] = "not known: could not be read";
    const struct bucket *b = &account->security.buckets[at];
    (void)view;
    page_add(out, ROLE_TEXT, "%-13s%s", "holds", at == BUCKET_STATE ? "Terraform's state" : "static images");
    page_add(out, b->exists || b->unread ? ROLE_TEXT : ROLE_BAD, "%-13s%s", "exists", b->exists ? "yes" : b->unread ? unread : "no");
    if (b->unread & BUCKET_VERSIONS)
        page_add(out, ROLE_UNKNOWN, "%-13s%s", "versions", unread);
    else
        page_add(out, b->versioned || at != BUCKET_STATE ? ROLE_TEXT : ROLE_BAD, "%-13s%s", "versions", b->versioned ? "kept" : "not kept");
    if (b->unread & BUCKET_ENCRYPTION)
        page_add(out, ROLE_UNKNOWN, "%-13s%s", "encryption", unread);
    else
        page_add(out, *b->encryption ? ROLE_TEXT : ROLE_BAD, "%-13s%s", "encryption", *b->encryption ? b->encryption : "none");
    if (b->unread & BUCKET_ACCESS)
        page_add(out, ROLE_UNKNOWN, "%-13s%s", "public", unread);
    else
        page_add(out, b->blocked == 4 ? ROLE_TEXT : ROLE_BAD, "%-13s%d of 4 kinds blocked", "public", b->blocked);
}

static void tell_service_account(const struct pane_view *view, const struct account *account, size_t at, struct page *out)
{
    const struct service_account *s = &account->security.service_accounts.at[at];
    const struct identity_set *set = &account->security.identity;
    page_add(out, ROLE_TEXT, "%-13s%s", "namespace", s->ns);
    page_wrap(out, ROLE_TEXT, "role         ", s->role);
    page_add(out, ROLE_TEXT, " ");
    for (size_t i = 0; i < set->roles.len; i++)
        if (!strcmp(set->roles.at[i].arn, s->role)) {
            tell_role(view, account, i, out);
            return;
        }
    page_add(out, ROLE_BAD, "%s", unread_word(view, FEED_IDENTITY, "the account has no such role"));
}

static void tell_instance(const struct pane_view *view, const struct account *account, size_t at, struct page *out)
{
    const struct managed_instance *m = &account->security.instances.at[at];
    page_add(out, ROLE_TEXT, "%-13s%s", "instance", m->id);
    page_add(out, ROLE_TEXT, "%-13s%s", "address", m->address);
    page_add(out, strcmp(m->ping, "Online") != 0 ? ROLE_BAD : ROLE_OK, "%-13s%s", "is", m->ping);
    page_add(out, ROLE_TEXT, "%-13s%s, agent %s", "runs", m->platform, m->agent);
    time_line(view, "seen", m->seen_at, "not known", out);
}

static void tell_gate(const struct pane_view *view, const struct account *account, size_t at, struct page *out)
{
    const struct deploy_gate *g = &account->security.gate;
    (void)at;
    page_add(out, ROLE_TEXT, "%-13s%s", "repository", view->estate->config->github_repository ? view->estate->config->github_repository : "–");
    page_add(out, g->reviewers > 0 ? ROLE_TEXT : ROLE_BAD, "%-13s%s", "reviewers", g->reviewers > 0 ? g->names : "none");
    page_add(out, ROLE_TEXT, "%-13s%s", "own runs", g->no_self_review ? "are reviewed by somebody else" : "can be let through by who began them");
    if (g->wait_minutes > 0)
        page_add(out, ROLE_TEXT, "%-13s%d minutes", "waits", g->wait_minutes);
}

static void tell_scan(const struct pane_view *view, const struct account *account, size_t at, struct page *out)
{
    const struct deploy_gate *g = &account->security.gate;
    (void)at;
    page_add(out, ROLE_TEXT, "%-13s%s", "repository", view->estate->config->github_repository ? view->estate->config->github_repository : "–");
    page_add(out, ROLE_TEXT, "%-13s%lld, the newest that deployed", "run", (long long)g->run);
    page_add(out, *g->scan ? ROLE_TEXT : ROLE_BAD, "%-13s%s", "scans", *g->scan ? g->scan : "no job or step by its name");
    if (*g->deploy)
        page_add(out, ROLE_BAD, "%-13s%s had begun before that was over", "too late", g->deploy);
}

static void tell_workload(const struct pane_view *view, const struct account *account, size_t at, struct page *out)
{
    (void)view;
    page_add(out, ROLE_BAD, "a %s; nothing should run in the management account", account->security.workloads.at[at].kind);
}

void security_describe(const struct pane_view *view, struct row_ref row, struct page *out)
{
    static tell *const tells[SECURITY_ROWS] = {tell_root, tell_user,   tell_role, tell_provider, tell_key,  tell_secret, tell_scp,
                                               tell_trail, tell_bucket, tell_service_account, tell_instance, tell_gate, tell_scan, tell_workload};
    tells[security_row_kind(row)](view, account_of(view, row), security_row_at(row), out);
}
