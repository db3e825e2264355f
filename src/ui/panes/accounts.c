/* The accounts: who we are in each, what the organisation says of it, and how it is. */
#include <string.h>

#include "base/when.h"
#include "ui/panes/panes.h"
#include "ui/value.h"

static void id(const struct pane_view *view, struct row_ref row, struct value *out) { value_text(out, ROLE_TEXT, account_of(view, row)->config->id); }
static void kind(const struct pane_view *view, struct row_ref row, struct value *out)
{
    value_text(out, ROLE_TEXT, account_kind_name((enum account_kind)account_of(view, row)->config->kind));
}

static void health(const struct pane_view *view, struct row_ref row, struct value *out)
{
    struct health_report report;
    account_health(account_of(view, row), view->now, &report);
    if (report.health == HEALTH_OK)
        value_text(out, ROLE_OK, "ok");
    else if (report.health == HEALTH_ATTENTION)
        value_format(out, ROLE_BAD, "%zu problem%s", report.count - report.quiet, report.count - report.quiet == 1 ? "" : "s");
    else if (account_of(view, row)->slices[FEED_SESSION].state == SLICE_FAILED)
        value_text(out, ROLE_BAD, "no session");
    else
        value_text(out, ROLE_UNKNOWN, "unknown");
}

static void session(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct session *s = &account_of(view, row)->session;
    char left[24];
    switch (s->state) {
    case SESSION_READY:
        if (s->expires_at)
            value_format(out, s->expires_at - view->now < 300000 ? ROLE_WARN : ROLE_OK, "ready %s",
                         when_short(s->expires_at - view->now, left, sizeof left));
        else
            value_text(out, ROLE_OK, "ready");
        break;
    case SESSION_MFA:
        value_text(out, ROLE_WARN, "needs MFA");
        break;
    case SESSION_FAILED:
        value_text(out, ROLE_BAD, "failed");
        break;
    default:
        value_unknown(out);
        text_copy(out->text, sizeof out->text, "…");
    }
}

static void identity(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const char *arn = account_of(view, row)->session.arn;
    const char *resource = strrchr(arn, ':');
    if (!*arn)
        value_unknown(out);
    else
        value_text(out, ROLE_TEXT, resource && resource[1] ? resource + 1 : arn);
}

static const struct member_account *member_of(const struct pane_view *view, struct row_ref row)
{
    const struct account *management = estate_management(view->estate);
    for (size_t i = 0; management && i < management->organization.accounts.len; i++)
        if (!strcmp(management->organization.accounts.at[i].id, account_of(view, row)->config->id))
            return &management->organization.accounts.at[i];
    return NULL;
}

static void status(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct account *management = estate_management(view->estate);
    const struct member_account *member = member_of(view, row);
    if (!management)
        value_unknown(out);
    else if (value_waits(out, &management->slices[FEED_ORGANIZATION]))
        ;
    else if (member)
        value_text(out, strcmp(member->status, "ACTIVE") == 0 ? ROLE_OK : ROLE_BAD, member->status);
    else
        value_text(out, ROLE_WARN, "not a member");
}

/* Attached to the account itself; those of the root and of OUs above it stand in the details. */
static void scps(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct account *management = estate_management(view->estate);
    int count = 0;
    if (!management || value_waits(out, &management->slices[FEED_ORGANIZATION])) {
        if (!management)
            value_unknown(out);
        return;
    }
    for (size_t i = 0; i < management->organization.scps.len; i++)
        for (size_t t = 0; t < management->organization.scps.at[i].targets.len; t++)
            count += !strcmp(management->organization.scps.at[i].targets.at[t], account_of(view, row)->config->id);
    value_count(out, ROLE_TEXT, count);
}

static void trail(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct account *account = account_of(view, row);
    if (value_waits(out, &account->slices[FEED_TRAIL]))
        return;
    if (!account->trail.present)
        value_text(out, ROLE_WARN, "none");
    else
        value_text(out, account->trail.logging ? ROLE_OK : ROLE_BAD, account->trail.logging ? "logging" : "stopped");
}

static void problem(const struct pane_view *view, struct row_ref row, struct value *out)
{
    struct health_report report;
    size_t i = 0;
    account_health(account_of(view, row), view->now, &report);
    while (i + 1 < problems_kept(&report) && report.problem[i].quiet)
        i++;
    value_text(out, report.health == HEALTH_ATTENTION ? ROLE_BAD : ROLE_UNKNOWN, report.count ? report.problem[i].text : "");
}

static const struct column columns[] = {
    {"account", "ACCOUNT", 8, 0, .identity = true, .value = value_account},
    {"id", "ID", 12, 0, .value = id},
    {"kind", "KIND", 11, 2, .value = kind},
    {"health", "HEALTH", 10, 0, .value = health},
    {"session", "SESSION", 10, 0, .value = session},
    {"identity", "AS", 26, 4, .value = identity},
    {"status", "ORGANISATION", 12, 1, .value = status},
    {"scps", "SCPS", 4, 3, .right = true, .value = scps},
    {"trail", "TRAIL", 8, 3, .value = trail},
    {"problem", "FIRST PROBLEM", 14, 1, .grow = true, .value = problem},
    {0},
};

static bool detail(const struct pane_view *view, struct row_ref row, struct detail_key *out)
{
    *out = (struct detail_key){.kind = DETAIL_ACCOUNT, .account = row.account};
    text_copy(out->name, sizeof out->name, account_of(view, row)->config->name);
    return true;
}

static void describe_scps(const struct pane_view *view, const struct account *account, struct page *out)
{
    const struct account *management = estate_management(view->estate);
    page_add(out, ROLE_TEXT, " ");
    page_add(out, ROLE_HEADER, "SERVICE CONTROL POLICIES");
    if (!management || !slice_has_data(&management->slices[FEED_ORGANIZATION])) {
        page_add(out, ROLE_UNKNOWN, "not known: the organisation has not been read");
        return;
    }
    for (size_t i = 0; i < management->organization.scps.len; i++) {
        const struct scp *scp = &management->organization.scps.at[i];
        struct str targets = STR_INIT(4096);
        bool direct = false;
        for (size_t t = 0; t < scp->targets.len; t++) {
            str_addf(&targets, "%s%s", t ? ", " : "", scp->targets.at[t]);
            direct |= !strcmp(scp->targets.at[t], account->config->id);
        }
        page_add(out, direct ? ROLE_STRONG : ROLE_TEXT, "%-24s %s%s", scp->name, targets.len ? "attached to " : "not attached", str_text(&targets));
        str_free(&targets);
    }
}

static void describe(const struct pane_view *view, struct row_ref row, struct page *out)
{
    const struct account *account = account_of(view, row);
    struct health_report report;
    char text[64], error[600];
    account_health(account, view->now, &report);
    page_add(out, ROLE_STRONG, "%s  %s  %s  %s", account->config->name, account->config->id,
             account_kind_name((enum account_kind)account->config->kind), account->config->region);
    page_add(out, ROLE_TEXT, "role     %s", account->config->role ? account->config->role : "none: as who you are");
    page_add(out, ROLE_TEXT, "session  %s  %s  from %s", session_state_name(account->session.state), account->session.arn, account->session.source);
    if (account->trail.present)
        page_add(out, account->trail.logging ? ROLE_TEXT : ROLE_BAD, "trail    %s → %s  %s%s%s  last delivery %s ago%s%s", account->trail.name,
                 account->trail.bucket, account->trail.logging ? "logging" : "NOT LOGGING", account->trail.organization ? ", organisation" : "",
                 account->trail.multi_region ? ", all regions" : "",
                 account->trail.delivered_at ? when_span(view->now - account->trail.delivered_at, text, sizeof text) : "never",
                 *account->trail.delivery_error ? "  error " : "", account->trail.delivery_error);
    page_add(out, ROLE_TEXT, " ");
    page_add(out, ROLE_HEADER, "PROBLEMS");
    for (size_t i = 0; i < problems_kept(&report); i++)
        page_wrap(out, report.problem[i].quiet ? ROLE_DIM : ROLE_BAD, report.problem[i].quiet ? "· " : "✗ ", report.problem[i].text);
    if (report.count > problems_kept(&report))
        page_add(out, ROLE_BAD, "and %zu more", report.count - problems_kept(&report));
    if (!report.count)
        page_add(out, ROLE_OK, "none");
    page_add(out, ROLE_TEXT, " ");
    page_add(out, ROLE_HEADER, "FEEDS");
    for (int f = 0; f < FEED_COUNT; f++) {
        const struct slice *slice = &account->slices[f];
        if (slice->state == SLICE_NONE)
            continue;
        page_add(out, slice->error.kind != ERROR_NONE ? ROLE_BAD : slice->state == SLICE_FRESH ? ROLE_TEXT : ROLE_UNKNOWN, "%-17s %-8s %8s  %s",
                 feed_name((enum feed)f), slice_state_name(slice->state),
                 slice->read_at ? when_span(view->now - slice->read_at, text, sizeof text) : "never",
                 slice->error.kind != ERROR_NONE ? error_text(&slice->error, error, sizeof error) : "");
    }
    describe_scps(view, account, out);
}

static void targets(const struct pane_view *view, struct row_ref row, struct targets *out)
{
    target_add(view, out, TARGET_ACCOUNT, row.account, "", "");
}

/* Everything of it: each pane that has something. */
static void leads(const struct pane_view *view, struct row_ref row, struct leads *out)
{
    for (size_t i = 0; panes[i]; i++)
        if (panes[i] != &pane_accounts && !panes[i]->drawing_only)
            lead_add(out, panes[i]->name, row.account, LEAD_ALL, "", "%s of %s", panes[i]->title, account_of(view, row)->config->name);
}

const struct pane pane_accounts = {
    .name = "accounts",
    .title = "Accounts",
    .about = "accounts, role sessions, organisation, trail",
    .feeds = FEED_BIT(FEED_SESSION) | FEED_BIT(FEED_ORGANIZATION) | FEED_BIT(FEED_TRAIL),
    .columns = columns,
    .rows = rows_of_accounts,
    .detail = detail,
    .describe = describe,
    .health = true,
    .compares_all = true,
    .targets = targets,
    .leads = leads,
};
