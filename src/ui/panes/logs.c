/* CloudWatch's log groups; Enter follows one, Q asks Logs Insights about it. */
#include <string.h>

#include "ui/panes/panes.h"
#include "ui/value.h"

static const struct log_group *group_of(const struct pane_view *view, struct row_ref row) { return &account_of(view, row)->log_groups.at[row.index]; }

static void name(const struct pane_view *view, struct row_ref row, struct value *out) { value_text(out, ROLE_STRONG, group_of(view, row)->name); }
static void retention(const struct pane_view *view, struct row_ref row, struct value *out)
{
    int days = group_of(view, row)->retention_days;
    value_number(out, days ? ROLE_TEXT : ROLE_WARN, days, days ? "%dd" : "for ever", days);
}
static void size(const struct pane_view *view, struct row_ref row, struct value *out)
{
    char text[32];
    int64_t bytes = group_of(view, row)->bytes;
    if (bytes < 0)
        value_unknown(out);
    else
        value_number(out, ROLE_TEXT, (double)bytes, "%s", bytes_text(bytes, text, sizeof text));
}
static void class(const struct pane_view *view, struct row_ref row, struct value *out) { value_text(out, ROLE_DIM, group_of(view, row)->class); }
static void age(const struct pane_view *view, struct row_ref row, struct value *out)
{
    value_span(out, ROLE_DIM, group_of(view, row)->created_at, view->now);
}

static const struct column columns[] = {
    {"account", "ACCT", 5, 0, .identity = true, .value = value_account},
    {"name", "LOG GROUP", 30, 0, .grow = true, .identity = true, .value = name},
    {"retention_days", "KEPT", 8, 0, .right = true, .value = retention},
    {"bytes", "SIZE", 8, 0, .right = true, .value = size},
    {"class", "CLASS", 18, 3, .value = class},
    {"created", "AGE", 7, 2, .right = true, .value = age},
    {0},
};

static void rows(const struct pane_view *view, row_refs *out)
{
    for (size_t a = 0; a < view->estate->account_count; a++)
        for (size_t i = 0; i < view->estate->accounts[a].log_groups.len; i++)
            row_add(out, a, i);
}

static bool detail(const struct pane_view *view, struct row_ref row, struct detail_key *out)
{
    *out = (struct detail_key){.kind = DETAIL_LOG_GROUP, .account = row.account};
    text_copy(out->name, sizeof out->name, group_of(view, row)->name);
    return true;
}

/* What was asked last, so that it is found again. */
static int draw(const struct pane_view *view, struct cells *cells, int top, int height)
{
    char text[300];
    if (height < 4 || !query_line(view->estate, view->now, text, sizeof text))
        return 0;
    cells_put(cells, top, 1, cells->columns - 2, view->estate->insights.error.kind != ERROR_NONE ? ROLE_BAD : ROLE_INFO, text);
    return 2;
}

static bool thing(const struct pane_view *view, struct row_ref row, struct thing *out)
{
    (void)view;
    *out = (struct thing){THING_LOG_GROUP, row.account, row.index};
    return true;
}

/* "/aws/eks/CLUSTER/cluster", "/aws/containerinsights/CLUSTER/application" */
static bool group_is_of_cluster(const struct account *a, const char *group)
{
    static const char *const starts[] = {"/aws/eks/", "/aws/containerinsights/"};
    const char *cluster = a->config->cluster.name;
    for (size_t i = 0; cluster && i < sizeof starts / sizeof *starts; i++)
        if (text_starts(group, starts[i]) && text_starts(group + strlen(starts[i]), cluster) && group[strlen(starts[i]) + strlen(cluster)] == '/')
            return true;
    return false;
}

static bool group_is_of_trail(const char *group) { return text_starts(group, "aws-cloudtrail-logs") || text_starts(group, "/aws/cloudtrail/"); }

/* Who writes it, by the names that AWS's services give their groups. */
static void leads(const struct pane_view *view, struct row_ref row, struct leads *out)
{
    static const char rds[] = "/aws/rds/instance/", waf[] = "aws-waf-logs-";
    const struct account *a = account_of(view, row);
    const char *called = group_of(view, row)->name;
    char one[128];
    if (text_starts(called, rds)) {
        text_format(one, sizeof one, "%.*s", (int)strcspn(called + sizeof rds - 1, "/"), called + sizeof rds - 1);
        lead_add(out, "database", row.account, "database", one, "database %s, that writes it", one);
    }
    if (group_is_of_cluster(a, called)) {
        lead_add(out, "nodes", row.account, "cluster", a->config->cluster.name, "cluster %s, that writes it", a->config->cluster.name);
        lead_add(out, "pods", row.account, LEAD_ALL, "", "pods of the cluster");
    }
    if (text_starts(called, waf))
        lead_add(out, "waf", row.account, LEAD_ALL, "", "web ACL, that writes it");
    if (group_is_of_trail(called))
        lead_add(out, "security", LEAD_ANY, "kind", "trail", "trail, that writes it");
    lead_add(out, "alarms", row.account, "LogGroupName", called, "alarms on it");
    lead_add(out, "timeline", row.account, "subject", called, "all that happened to it");
}

static bool is(const struct pane_view *view, struct row_ref row, const char *word, const char *name)
{
    const char *called = group_of(view, row)->name;
    if (!strcmp(word, "cluster"))
        return group_is_of_cluster(account_of(view, row), called);
    if (!strcmp(word, "of the trail"))
        return group_is_of_trail(called);
    return !strcmp(word, "under") && text_starts(called, name);
}

const struct pane pane_logs = {
    .name = "logs",
    .title = "Logs",
    .about = "log groups, how long they are kept; Enter follows one, Q asks",
    .feeds = FEED_BIT(FEED_LOG_GROUPS),
    .columns = columns,
    .thing = thing,
    .rows = rows,
    .detail = detail,
    .draw = draw,
    .logs = true,
    .queries = true,
    .leads = leads,
    .is = is,
};
