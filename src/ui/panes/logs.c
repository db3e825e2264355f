/* CloudWatch's log groups; Enter follows one. */
#include <string.h>

#include "base/when.h"
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
static void age(const struct pane_view *view, struct row_ref row, struct value *out) { value_span(out, ROLE_DIM, group_of(view, row)->created_at, view->now); }

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

static bool thing(const struct pane_view *view, struct row_ref row, struct thing *out)
{
    (void)view;
    *out = (struct thing){THING_LOG_GROUP, row.account, row.index};
    return true;
}

const struct pane pane_logs = {
    .name = "logs",
    .title = "Logs",
    .about = "log groups, how long they are kept; Enter follows one",
    .feeds = FEED_BIT(FEED_LOG_GROUPS),
    .columns = columns,
    .thing = thing,
    .rows = rows,
    .detail = detail,
    .logs = true,
};
