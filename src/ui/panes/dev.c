/* Development accounts: which of their parts are up, when they go to sleep and wake by the plan, and what that saves. */
#include <math.h>
#include <string.h>

#include "base/when.h"
#include "estate/schedule.h"
#include "ui/panes/panes.h"
#include "ui/value.h"

/* A row is a part: which list of the account it stands in, and where. */
enum part { PART_DATABASE, PART_DEPLOYMENT, PART_NODE_GROUP };
#define PART_SHIFT 24

static enum part part_of(struct row_ref row) { return (enum part)(row.index >> PART_SHIFT); }
static size_t place_of(struct row_ref row) { return row.index & ((1u << PART_SHIFT) - 1); }

static const struct database *database_of(const struct pane_view *view, struct row_ref row)
{
    return &account_of(view, row)->database.instances.at[place_of(row)];
}
static const struct deployment *deployment_of(const struct pane_view *view, struct row_ref row)
{
    return &account_of(view, row)->cluster.deployments.at[place_of(row)];
}
static const struct node_group *group_of(const struct pane_view *view, struct row_ref row) { return &account_of(view, row)->node_groups.at[place_of(row)]; }

static void kind(const struct pane_view *view, struct row_ref row, struct value *out)
{
    static const char *const names[] = {"database", "deployment", "node group"};
    (void)view;
    value_text(out, ROLE_DIM, names[part_of(row)]);
}

static void name(const struct pane_view *view, struct row_ref row, struct value *out)
{
    switch (part_of(row)) {
    case PART_DATABASE:
        value_text(out, ROLE_STRONG, database_of(view, row)->id);
        break;
    case PART_DEPLOYMENT:
        value_format(out, ROLE_STRONG, "%s/%s", deployment_of(view, row)->ns, deployment_of(view, row)->name);
        break;
    case PART_NODE_GROUP:
        value_text(out, ROLE_STRONG, group_of(view, row)->name);
        break;
    }
}

static void up_down(struct value *out, int ready, int wanted)
{
    if (wanted < 0)
        value_unknown(out);
    else if (wanted == 0)
        value_text(out, ROLE_DIM, "down");
    else
        value_text(out, ready >= wanted ? ROLE_OK : ROLE_WARN, ready >= wanted ? "up" : "on its way");
}

static void state(const struct pane_view *view, struct row_ref row, struct value *out)
{
    switch (part_of(row)) {
    case PART_DATABASE: {
        const char *status = database_of(view, row)->status;
        if (!strcmp(status, "available") || !strcmp(status, "backing-up"))
            value_text(out, ROLE_OK, "up");
        else if (!strcmp(status, "stopped"))
            value_text(out, ROLE_DIM, "down");
        else
            value_text(out, ROLE_WARN, status);
        break;
    }
    case PART_DEPLOYMENT:
        up_down(out, deployment_of(view, row)->ready, deployment_of(view, row)->desired);
        break;
    case PART_NODE_GROUP: {
        const struct node_group *g = group_of(view, row);
        up_down(out, strcmp(g->status, "ACTIVE") == 0 ? g->desired : 0, g->desired);
        break;
    }
    }
}

static void detail_text(const struct pane_view *view, struct row_ref row, struct value *out)
{
    char date[40];
    switch (part_of(row)) {
    case PART_DATABASE: {
        const struct database *d = database_of(view, row);
        if (d->restarts_at)
            value_format(out, ROLE_WARN, "RDS starts it by itself on %s", when_date(d->restarts_at, date, sizeof date));
        else
            value_format(out, ROLE_TEXT, "%s, %s", d->status, d->class);
        break;
    }
    case PART_DEPLOYMENT:
        value_format(out, ROLE_TEXT, "%d of %d pods ready", deployment_of(view, row)->ready, deployment_of(view, row)->desired);
        break;
    case PART_NODE_GROUP: {
        const struct node_group *g = group_of(view, row);
        value_format(out, ROLE_TEXT, "%d nodes wanted (%d to %d), %s", g->desired, g->min, g->max, g->status);
        break;
    }
    }
}

static const struct column columns[] = {
    {"account", "ACCT", 5, 0, .identity = true, .value = value_account},
    {"kind", "PART", 10, 0, .identity = true, .value = kind},
    {"name", "NAME", 24, 0, .grow = true, .identity = true, .value = name},
    {"state", "STATE", 12, 0, .value = state},
    {"detail", "DETAIL", 26, 1, .grow = true, .value = detail_text},
    {0},
};

/* Add-ons of the cluster itself are no part of what goes to sleep by name: they end with their nodes. */
static void rows(const struct pane_view *view, row_refs *out)
{
    for (size_t a = 0; a < view->estate->account_count; a++) {
        const struct account *account = &view->estate->accounts[a];
        if (account->config->kind != ACCOUNT_DEVELOPMENT || (view->account != SIZE_MAX && view->account != a))
            continue;
        for (size_t i = 0; i < account->database.instances.len; i++)
            row_add(out, a, (size_t)PART_DATABASE << PART_SHIFT | i);
        for (size_t i = 0; i < account->cluster.deployments.len; i++)
            if (!text_starts(account->cluster.deployments.at[i].ns, "kube-"))
                row_add(out, a, (size_t)PART_DEPLOYMENT << PART_SHIFT | i);
        for (size_t i = 0; i < account->node_groups.len; i++)
            row_add(out, a, (size_t)PART_NODE_GROUP << PART_SHIFT | i);
    }
}

/* "in 3h12m, Tue 2026-11-24 20:00 America/New_York" */
static void put_moment(const struct account *account, int64_t at, int64_t now, char *out, size_t size)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    struct zone_time there;
    char span[24];
    zone_local(account->config->auto_shutdown.zone, at, &there);
    text_format(out, size, "%s %02d:%02d %s (in %s)", days[there.weekday], there.hour, there.minute, account->config->auto_shutdown.timezone,
                when_span(at - now, span, sizeof span));
}

/* The plan of each development account, and its worth. */
static int draw(const struct pane_view *view, struct cells *cells, int top, int height)
{
    int row = top;
    for (size_t a = 0; a < view->estate->account_count && row + 3 < top + height; a++) {
        const struct account *account = &view->estate->accounts[a];
        struct schedule_next next;
        char text[400], stop[120], start[120], saved[64];
        if (account->config->kind != ACCOUNT_DEVELOPMENT)
            continue;
        if (!schedule_next(&account->config->auto_shutdown, view->now, &next)) {
            text_format(text, sizeof text, "%s: no auto_shutdown in the profile", account->config->name);
            cells_put(cells, row++, 1, cells->columns - 2, ROLE_DIM, text);
            continue;
        }
        put_moment(account, next.stop_at, view->now, stop, sizeof stop);
        put_moment(account, next.start_at, view->now, start, sizeof start);
        text_format(text, sizeof text, "%s  next stop  %s", account->config->name, stop);
        cells_put(cells, row++, 1, cells->columns - 2, ROLE_STRONG, text);
        text_format(text, sizeof text, "%*s  next start %s", (int)strlen(account->config->name), "", start);
        cells_put(cells, row++, 1, cells->columns - 2, ROLE_STRONG, text);
        text_format(text, sizeof text, "%*s  asleep %.0f of 168 hours a week, about %s a month saved (an estimate by list prices)",
                    (int)strlen(account->config->name), "", next.down_hours, money(schedule_saving(account), "USD", saved, sizeof saved));
        cells_put(cells, row++, 1, cells->columns - 2, ROLE_DIM, text);
    }
    return row > top ? row - top + 1 : 0;
}

static void json(const struct pane_view *view, json_t *into)
{
    json_t *list = json_array();
    char stop[40], start[40];
    for (size_t a = 0; a < view->estate->account_count; a++) {
        const struct account *account = &view->estate->accounts[a];
        struct schedule_next next;
        if (account->config->kind != ACCOUNT_DEVELOPMENT || !schedule_next(&account->config->auto_shutdown, view->now, &next))
            continue;
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:f, s:f}", "account", account->config->name, "timezone",
                                              account->config->auto_shutdown.timezone, "next_stop", when_iso(next.stop_at, stop, sizeof stop), "next_start",
                                              when_iso(next.start_at, start, sizeof start), "down_hours", next.down_hours, "saving_usd_month",
                                              schedule_saving(account)));
    }
    json_object_set_new(into, "schedules", list);
}

const struct pane pane_dev = {
    .name = "dev",
    .title = "Dev",
    .about = "development: what is up, when it sleeps and wakes, what that saves",
    .feeds = FEED_BIT(FEED_DATABASE) | FEED_BIT(FEED_DEPLOYMENTS) | FEED_BIT(FEED_NODE_GROUPS),
    .columns = columns,
    .rows = rows,
    .draw = draw,
    .json = json,
};
