/* Databases: where the primary and the standby are, how far back they can be restored, and what has happened to them. */
#include <string.h>

#include "base/when.h"
#include "ui/panes/panes.h"
#include "ui/value.h"

static const struct database *database_of(const struct pane_view *view, struct row_ref row)
{
    return &account_of(view, row)->database.instances.at[row.index];
}

static void id(const struct pane_view *view, struct row_ref row, struct value *out) { value_text(out, ROLE_STRONG, database_of(view, row)->id); }

static uint8_t role_of(const struct database *d)
{
    if (database_works(d))
        return ROLE_OK;
    return !strcmp(d->status, "stopped") ? ROLE_DIM : strstr(d->status, "failed") || !strcmp(d->status, "storage-full") ? ROLE_BAD : ROLE_WARN;
}

static void status(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct database *d = database_of(view, row);
    value_text(out, role_of(d), d->status);
}
static void multi_az(const struct pane_view *view, struct row_ref row, struct value *out) { value_flag(out, database_of(view, row)->multi_az); }
static void primary(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const char *zone = database_of(view, row)->zone;
    if (*zone)
        value_text(out, ROLE_TEXT, zone_short(zone));
    else
        value_unknown(out);
}

static void standby(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct database *d = database_of(view, row);
    if (*d->standby_zone)
        value_text(out, ROLE_TEXT, zone_short(d->standby_zone));
    else if (d->multi_az)
        value_unknown(out); /* there is one, its place was not told */
    else
        value_text(out, ROLE_DIM, "none");
}

static void restorable(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct database *d = database_of(view, row);
    value_span(out, view->now - d->restorable_at > 600000 ? ROLE_WARN : ROLE_TEXT, d->restorable_at, view->now);
}

static void retention(const struct pane_view *view, struct row_ref row, struct value *out)
{
    int days = database_of(view, row)->backup_days;
    if (days < 0)
        value_unknown(out);
    else
        value_number(out, days ? ROLE_TEXT : ROLE_BAD, days, "%dd", days);
}

/* The other region that has its backups. */
static void replica(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct account *a = account_of(view, row);
    if (value_waits(out, &a->slices[FEED_DATABASE_BACKUPS]))
        return;
    if (a->database.backups_there_unread)
        value_unknown(out);
    else
        value_text(out, ROLE_DIM, "none");
    for (size_t i = 0; i < a->database.backups.len; i++) {
        const struct database_backup *b = &a->database.backups.at[i];
        if (!strcmp(b->source, database_of(view, row)->id) && strcmp(b->region, a->config->region) != 0)
            value_format(out, ROLE_TEXT, "%s", b->region);
    }
}

static void engine(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct database *d = database_of(view, row);
    value_format(out, ROLE_TEXT, "%s %s", d->engine, d->version);
}
static void class_of(const struct pane_view *view, struct row_ref row, struct value *out)
{
    value_text(out, ROLE_TEXT, database_of(view, row)->class);
}
static void encrypted(const struct pane_view *view, struct row_ref row, struct value *out)
{
    value_flag(out, database_of(view, row)->encrypted);
    if (!database_of(view, row)->encrypted)
        out->role = ROLE_BAD;
}
static void pending(const struct pane_view *view, struct row_ref row, struct value *out)
{
    value_text(out, ROLE_WARN, database_of(view, row)->pending);
}

/* "PASSED 38s, 3d ago": verdict, outage and age of the last failover drill. */
static void last_drill(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct drill *d = drill_last(&account_of(view, row)->database, database_of(view, row)->id);
    char age[32];
    if (value_waits(out, &account_of(view, row)->slices[FEED_DRILLS]))
        return;
    if (!d) {
        value_text(out, ROLE_DIM, "none");
        return;
    }
    when_short(view->now - d->at, age, sizeof age);
    if (d->outage_ms >= 0)
        value_format(out, strcmp(d->verdict, "PASSED") ? ROLE_BAD : ROLE_OK, "%s %llds, %s ago", d->verdict, (long long)((d->outage_ms + 999) / 1000),
                     age);
    else
        value_format(out, strcmp(d->verdict, "PASSED") ? ROLE_BAD : ROLE_OK, "%s, %s ago", d->verdict, age);
}

static const struct column columns[] = {
    {"account", "ACCT", 5, 0, .identity = true, .value = value_account},
    {"id", "DATABASE", 14, 0, .grow = true, .identity = true, .value = id},
    {"status", "STATUS", 12, 0, .value = status},
    {"multi_az", "MULTI-AZ", 8, 1, .value = multi_az},
    {"primary_zone", "PRIMARY", 7, 0, .value = primary},
    {"standby_zone", "STANDBY", 7, 0, .value = standby},
    {"restorable", "RESTORABLE", 10, 0, .right = true, .value = restorable},
    {"retention_days", "KEPT", 4, 1, .right = true, .value = retention},
    {"last_drill", "LAST DRILL", 20, 2, .value = last_drill},
    {"backup_region", "COPIES IN", 10, 2, .value = replica},
    {"engine", "ENGINE", 15, 3, .value = engine},
    {"class", "CLASS", 14, 4, .value = class_of},
    {"encrypted", "ENCRYPTED", 9, 4, .value = encrypted},
    {"pending", "PENDING", 12, 5, .grow = true, .value = pending},
    {0},
};

static void rows(const struct pane_view *view, row_refs *out)
{
    for (size_t a = 0; a < view->estate->account_count; a++)
        for (size_t i = 0; i < view->estate->accounts[a].database.instances.len; i++)
            row_add(out, a, i);
}

/* The latest events of all databases, under the table. */
static void below(const struct pane_view *view, struct cells *cells, int top, int height)
{
    size_t next[64] = {0};
    size_t accounts = view->estate->account_count < 64 ? view->estate->account_count : 64;
    if (height < 3)
        return;
    cells_put(cells, top + 1, 1, cells->columns - 2, ROLE_HEADER, "EVENTS");
    for (int row = top + 2; row < top + height; row++) {
        const struct database_event *newest = NULL;
        size_t from = 0;
        for (size_t a = 0; a < accounts; a++) {
            const struct database_set *set = &view->estate->accounts[a].database;
            if (next[a] < set->events.len && (!newest || set->events.at[next[a]].at > newest->at)) {
                newest = &set->events.at[next[a]];
                from = a;
            }
        }
        if (!newest) {
            if (row == top + 2)
                cells_put(cells, row, 1, cells->columns - 2, ROLE_DIM, unread_word(view, FEED_DATABASE_EVENTS, "none in the last day"));
            return;
        }
        next[from]++;
        char text[400], date[40];
        text_format(text, sizeof text, "%s  %-5s %-16s %s", when_date(newest->at, date, sizeof date), view->estate->accounts[from].config->name,
                    newest->source, newest->message);
        cells_put(cells, row, 1, cells->columns - 2,
                  !strcmp(newest->category, "failover") || !strcmp(newest->category, "failure") ? ROLE_WARN : ROLE_TEXT, text);
    }
}

static bool detail(const struct pane_view *view, struct row_ref row, struct detail_key *out)
{
    *out = (struct detail_key){.kind = DETAIL_DATABASE, .account = row.account};
    text_copy(out->name, sizeof out->name, database_of(view, row)->id);
    return true;
}

static void describe_drills(const struct pane_view *view, struct row_ref row, struct page *out)
{
    const struct database *d = database_of(view, row);
    const struct database_set *set = &account_of(view, row)->database;
    const struct drill *last = drill_last(set, d->id);
    char at[64], outage[32] = "";
    page_add(out, ROLE_TEXT, " ");
    page_add(out, ROLE_HEADER, "FAILOVER DRILLS");
    if (!last)
        page_add(out, ROLE_DIM, "%s", unread_word(view, FEED_DRILLS, "none on record here"));
    for (size_t i = 0; i < set->drills.len; i++) {
        const struct drill *one = &set->drills.at[i];
        if (strcmp(one->database, d->id) != 0)
            continue;
        text_format(outage, sizeof outage, one->outage_ms < 0 ? "not known" : "%.1f s", (double)one->outage_ms / 1000);
        page_add(out, strcmp(one->verdict, "PASSED") ? ROLE_BAD : ROLE_OK, "%s  %-10s  outage %-9s %s", when_date(one->at, at, sizeof at),
                 one->verdict, outage, *one->why ? one->why : one->reason);
    }
    if (last && last->text) {
        page_add(out, ROLE_DIM, "%s", last->path);
        page_add(out, ROLE_TEXT, " ");
        page_text(out, ROLE_TEXT, last->text);
    }
}

static void describe(const struct pane_view *view, struct row_ref row, struct page *out)
{
    const struct database *d = database_of(view, row);
    const struct database_set *set = &account_of(view, row)->database;
    char a[64], b[64];
    page_add(out, role_of(d), "%s   %s %s   %s", d->status, d->engine, d->version, d->class);
    page_add(out, ROLE_TEXT, "zones      %s primary, %s standby   Multi-AZ %s", d->zone, *d->standby_zone ? d->standby_zone : "no",
             d->multi_az ? "yes" : "no");
    page_add(out, ROLE_TEXT, "endpoint   %s:%d   %s", d->endpoint, d->port, d->public_access ? "PUBLIC" : "private");
    page_add(out, ROLE_TEXT, "storage    %d GiB   encrypted %s   IAM authentication %s   deletion protection %s", d->storage_gib,
             d->encrypted ? "yes" : "NO", d->iam_auth ? "yes" : "no", d->deletion_protection ? "yes" : "no");
    page_add(out, ROLE_TEXT, "restorable to %s   (%s ago), kept %d day%s", d->restorable_at ? when_date(d->restorable_at, a, sizeof a) : "–",
             d->restorable_at ? when_span(view->now - d->restorable_at, b, sizeof b) : "–", d->backup_days, d->backup_days == 1 ? "" : "s");
    if (d->restarts_at)
        page_add(out, ROLE_WARN, "stopped: RDS starts it again by itself on %s", when_date(d->restarts_at, a, sizeof a));
    if (*d->pending)
        page_add(out, ROLE_WARN, "pending    %s", d->pending);
    page_add(out, ROLE_TEXT, " ");
    page_add(out, ROLE_HEADER, "AUTOMATED BACKUPS");
    for (size_t i = 0; i < set->backups.len; i++) {
        const struct database_backup *backup = &set->backups.at[i];
        if (!strcmp(backup->source, d->id))
            page_add(out, ROLE_TEXT, "%-12s %-10s %d day%s, %s, from %s to %s", backup->region, backup->status, backup->backup_days,
                     backup->backup_days == 1 ? "" : "s",
                     backup->encrypted > 0 ? "encrypted" : backup->encrypted ? "encryption not told" : "NOT encrypted",
                     backup->earliest_at ? when_date(backup->earliest_at, a, sizeof a) : "–",
                     backup->latest_at ? when_date(backup->latest_at, b, sizeof b) : "–");
    }
    if (set->backups_here_unread || set->backups_there_unread)
        page_add(out, ROLE_UNKNOWN, "those of %s could not be read",
                 !set->backups_there_unread ? "this region" : set->backups_here_unread ? "any region" : "the second region");
    page_add(out, ROLE_TEXT, " ");
    page_add(out, ROLE_HEADER, "EVENTS");
    for (size_t i = 0; i < set->events.len; i++)
        if (!strcmp(set->events.at[i].source, d->id))
            page_add(out, !strcmp(set->events.at[i].category, "failover") ? ROLE_WARN : ROLE_TEXT, "%s  %-16s %s",
                     when_date(set->events.at[i].at, a, sizeof a), set->events.at[i].id, set->events.at[i].message);
    describe_drills(view, row, out);
}

static void targets(const struct pane_view *view, struct row_ref row, struct targets *out)
{
    target_add(view, out, TARGET_DATABASE, row.account, "", database_of(view, row)->id);
}

/* Its secret, as far as who manages it, the profile or its name tells. */
static void lead_of_secret(const struct account *a, size_t account, const struct database *d, struct leads *out)
{
    for (size_t i = 0; i < a->security.secrets.len; i++) {
        const struct secret *s = &a->security.secrets.at[i];
        if (a->config->database_secret ? !strcmp(a->config->database_secret, s->name) : secret_is_of(s, d->id))
            lead_add(out, "security", account, "secret", s->name, "secret %s", s->name);
    }
}

static void leads(const struct pane_view *view, struct row_ref row, struct leads *out)
{
    const struct account *a = account_of(view, row);
    const struct database *d = database_of(view, row);
    char group[140];
    for (size_t i = 0; i < sizeof d->groups / sizeof *d->groups && *d->groups[i]; i++) {
        const struct security_group *g = network_group(&a->network, d->groups[i]);
        lead_add(out, "network", row.account, "group", d->groups[i], "security group %s %s", g ? g->name : "", d->groups[i]);
    }
    for (size_t i = 0; i < sizeof d->subnets / sizeof *d->subnets && *d->subnets[i]; i++) {
        const struct subnet *s = network_subnet(&a->network, d->subnets[i]);
        lead_add(out, "network", row.account, "subnet", d->subnets[i], "subnet %s %s", s ? s->name : d->subnets[i], s ? s->cidr : "");
    }
    lead_of_secret(a, row.account, d, out);
    lead_add(out, "security", row.account, "key", d->key, "key that encrypts it");
    lead_add(out, "alarms", row.account, "DBInstanceIdentifier", d->id, "alarms on it");
    text_format(group, sizeof group, "/aws/rds/instance/%s/", d->id);
    lead_add(out, "logs", row.account, "under", group, "log groups that it writes");
    lead_add(out, "conformance", row.account, "resource", d->id, "checks on it, its parameter group too");
    lead_add(out, "dev", row.account, "database", d->id, "when it sleeps");
    lead_add(out, "timeline", row.account, "subject", d->id, "all that happened to it");
}

static bool is(const struct pane_view *view, struct row_ref row, const char *word, const char *name)
{
    const struct database *d = database_of(view, row);
    for (size_t i = 0; !strcmp(word, "group") && i < sizeof d->groups / sizeof *d->groups; i++)
        if (!strcmp(d->groups[i], name))
            return true;
    for (size_t i = 0; !strcmp(word, "subnet") && i < sizeof d->subnets / sizeof *d->subnets; i++)
        if (!strcmp(d->subnets[i], name))
            return true;
    return !strcmp(word, "database") && !strcmp(d->id, name);
}

const struct pane pane_database = {
    .name = "database",
    .title = "Database",
    .about = "RDS: zones, status, restorable time, backups, events",
    .feeds = FEED_BIT(FEED_DATABASE) | FEED_BIT(FEED_DATABASE_EVENTS) | FEED_BIT(FEED_DATABASE_BACKUPS) | FEED_BIT(FEED_DRILLS),
    .columns = columns,
    .rows = rows,
    .below = below,
    .detail = detail,
    .describe = describe,
    .targets = targets,
    .leads = leads,
    .lead_feeds = FEED_BIT(FEED_NETWORK) | FEED_BIT(FEED_SECRETS),
    .is = is,
};
