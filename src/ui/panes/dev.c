/* Development accounts: which of their parts are up, when they go to sleep and wake by the plan, and what that saves. */
#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "estate/schedule.h"
#include "ui/panes/panes.h"
#include "ui/value.h"

/* A row is a part: which list of the account it stands in, and where. */
enum part { PART_DATABASE, PART_DEPLOYMENT, PART_NODE_GROUP };
#define PART_SHIFT 24
#define LINE_ROWS  3 /* of the plan's lines: in what EventBridge differs stands at their end */

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
static const struct node_group *group_of(const struct pane_view *view, struct row_ref row)
{
    return &account_of(view, row)->node_groups.at[place_of(row)];
}

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
        if (database_works(database_of(view, row)))
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
            value_format(out, ROLE_WARN, "RDS starts it %s", when_date(d->restarts_at, date, sizeof date));
        else
            value_format(out, ROLE_TEXT, "%s, %s", d->status, d->class);
        break;
    }
    case PART_DEPLOYMENT:
        if (deployment_of(view, row)->desired == 0)
            value_text(out, ROLE_DIM, "no pods wanted");
        else
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
    {"name", "NAME", 18, 0, .grow = true, .identity = true, .value = name},
    {"state", "STATE", 10, 0, .value = state},
    {"detail", "DETAIL", 30, 0, .grow = true, .value = detail_text},
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

/* The plan of each development account, its worth, and what EventBridge holds of it. */

struct drawing {
    struct cells *cells;
    const struct account *account;
    int row, end;
    bool first;
};

static void draw_line(void *arg, enum schedule_tone tone, const char *text)
{
    static const uint8_t roles[] = {[SCHEDULE_STRONG] = ROLE_STRONG, [SCHEDULE_DIM] = ROLE_DIM, [SCHEDULE_WRONG] = ROLE_WARN};
    struct drawing *d = arg;
    const char *name = d->account->config->name;
    int indent = (int)text_width(name) + 3;
    if (d->row >= d->end)
        return;
    if (d->first)
        cells_put(d->cells, d->row, 1, indent - 1, ROLE_DEV, name);
    d->first = false;
    int rows = d->end - d->row < LINE_ROWS ? d->end - d->row : LINE_ROWS;
    d->row += cells_put_rows(d->cells, d->row, indent, d->cells->columns - indent - 1, rows, roles[tone], text);
}

static int draw(const struct pane_view *view, struct cells *cells, int top, int height)
{
    struct drawing d = {.cells = cells, .row = top, .end = top + height - 1};
    for (size_t a = 0; a < view->estate->account_count; a++) {
        d.account = &view->estate->accounts[a];
        d.first = true;
        if (d.account->config->kind == ACCOUNT_DEVELOPMENT)
            schedule_tell(d.account, view->now, draw_line, &d);
    }
    return d.row > top ? d.row - top + 1 : 0;
}

static void add_difference(void *arg, enum schedule_tone tone, const char *text)
{
    if (tone == SCHEDULE_WRONG)
        json_array_append_new(arg, json_string(text));
}

static json_t *time_json(int64_t ms)
{
    char text[40];
    return ms ? json_string(when_iso(ms, text, sizeof text)) : json_null();
}

static json_t *scheduled_json(const struct account *account)
{
    json_t *list = json_array();
    for (size_t i = 0; i < account->schedules.len; i++) {
        const struct scheduled *s = &account->schedules.at[i];
        json_array_append_new(list, json_pack("{s:s, s:b, s:s, s:s, s:s, s:o}", "name", s->name, "enabled", s->enabled, "expression", s->expression,
                                              "timezone", s->timezone, "subject", s->subject, "not_before", time_json(s->not_before)));
    }
    return list;
}

static json_t *plan_json(const struct account *account, int64_t now)
{
    struct schedule_next next;
    struct schedule_cost hour;
    json_t *differences = json_array();
    if (!schedule_next_of(account, now, &next))
        return json_decref(differences), NULL;
    schedule_cost(account, &hour);
    schedule_differences(account, add_difference, differences);
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:f, s:f, s:{s:f, s:f, s:f}, s:o, s:o}", "account", account->config->name, "timezone",
                     account->config->auto_shutdown.timezone, "next_stop", time_json(next.stop_at), "next_start", time_json(next.start_at),
                     "kept_up_until", time_json(schedule_kept_until(account, now)), "down_hours", next.down_hours, "saving_usd_month",
                     schedule_saving(account), "usd_an_hour", "databases", hour.databases, "pods", hour.pods, "nodes", hour.nodes, "eventbridge",
                     scheduled_json(account), "differences", differences);
}

static void json(const struct pane_view *view, json_t *into)
{
    json_t *list = json_array(), *plan;
    for (size_t a = 0; a < view->estate->account_count; a++) {
        const struct account *account = &view->estate->accounts[a];
        bool shown = view->account == SIZE_MAX || view->account == a;
        if (shown && account->config->kind == ACCOUNT_DEVELOPMENT && (plan = plan_json(account, view->now)))
            json_array_append_new(list, plan);
    }
    json_object_set_new(into, "schedules", list);
}

/* The pane is about the account: what puts it to sleep comes before what is for the part. */
static void targets(const struct pane_view *view, struct row_ref row, struct targets *out)
{
    target_add(view, out, TARGET_ACCOUNT, row.account, "", "");
    if (part_of(row) == PART_DATABASE)
        target_add(view, out, TARGET_DATABASE, row.account, "", database_of(view, row)->id);
    if (part_of(row) == PART_DEPLOYMENT)
        target_add(view, out, TARGET_DEPLOYMENT, row.account, deployment_of(view, row)->ns, deployment_of(view, row)->name);
}

static void leads(const struct pane_view *view, struct row_ref row, struct leads *out)
{
    char called[220];
    switch (part_of(row)) {
    case PART_DATABASE:
        lead_add(out, "database", row.account, "database", database_of(view, row)->id, "database %s", database_of(view, row)->id);
        break;
    case PART_DEPLOYMENT:
        text_format(called, sizeof called, "%s/%s", deployment_of(view, row)->ns, deployment_of(view, row)->name);
        lead_add(out, "pods", row.account, "deployment", called, "pods of %s", called);
        lead_add(out, "nodes", row.account, "hpa of", called, "autoscaler of %s", called);
        lead_images(view, out, deployment_of(view, row)->images ? deployment_of(view, row)->images : "");
        break;
    case PART_NODE_GROUP:
        lead_add(out, "nodes", row.account, "group", group_of(view, row)->name, "node group %s", group_of(view, row)->name);
        lead_add(out, "nodes", row.account, "managed nodes", group_of(view, row)->name, "nodes of it");
        break;
    }
    lead_add(out, "costs", row.account, LEAD_ALL, "", "costs of %s", account_of(view, row)->config->name);
}

static bool is(const struct pane_view *view, struct row_ref row, const char *word, const char *called)
{
    struct value part, is_called;
    kind(view, row, &part);
    name(view, row, &is_called);
    return !strcmp(part.text, word) && !strcmp(is_called.text, called);
}

const struct pane pane_dev = {
    .name = "dev",
    .title = "Dev",
    .about = "development: what is up, when it sleeps and wakes, what that saves",
    .feeds = FEED_BIT(FEED_DATABASE) | FEED_BIT(FEED_DEPLOYMENTS) | FEED_BIT(FEED_HPAS) | FEED_BIT(FEED_NODE_GROUPS) | FEED_BIT(FEED_SCHEDULES),
    .columns = columns,
    .rows = rows,
    .draw = draw,
    .json = json,
    .targets = targets,
    .leads = leads,
    .is = is,
};
