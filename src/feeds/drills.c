/* Failover drills that were run from this machine: their reports, STATE/reports/TIME-ACCOUNT-DATABASE/report.json and report.md. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

#define REPORT_MAX ((size_t)1 << 20)
#define LOOKED_AT  200 /* reports, the newest; of all accounts */
#define KEPT       20  /* of one account */

typedef VEC(struct drill) drills;

static bool wanted(const struct account_config *account) { return account->database || account->kind != ACCOUNT_MANAGEMENT; }

void map_drill(const json_t *report, struct drill *d)
{
    *d = (struct drill){.at = json_when(report, "began_at"),
                        .outage_ms = json_int(report, "outage_ms", -1),
                        .objective_ms = json_int(report, "objective_ms", 0),
                        .acknowledged = json_int(report, "rows.acknowledged", -1),
                        .lost = json_int(report, "rows.lost", -1)};
    FIELD(d->database, report, "database");
    FIELD(d->verdict, report, "verdict");
    FIELD(d->why, report, "why");
    FIELD(d->from, report, "zones.before.primary");
    FIELD(d->to, report, "zones.after.primary");
    FIELD(d->reason, report, "reason");
    FIELD(d->who, report, "who.arn");
}

static json_t *read_report(const char *directory)
{
    struct str text = STR_INIT(REPORT_MAX);
    struct error e = {0};
    char *path = file_join(directory, "report.json");
    json_t *report = file_read(path, REPORT_MAX, &text, &e) ? json_load(str_text(&text), text.len, &e) : NULL;
    free(path);
    str_free(&text);
    return report;
}

static char *read_text(const char *directory)
{
    struct str text = STR_INIT(REPORT_MAX);
    struct error e = {0};
    char *path = file_join(directory, "report.md");
    char *out = file_read(path, REPORT_MAX, &text, &e) ? str_take(&text) : NULL;
    free(path);
    str_free(&text);
    return out;
}

static bool is_first_of(const drills *rows, const char *database)
{
    for (size_t i = 0; i < rows->len; i++)
        if (!strcmp(rows->at[i].database, database))
            return false;
    return true;
}

/* What cannot be read is passed over: a report that is being written, or one of somebody's own making. */
static void add_report(struct feed_run *run, const char *directory, drills *rows)
{
    struct drill drill;
    json_t *report = read_report(directory);
    if (text_equal(json_text(report, "account_id"), run->config->id)) {
        map_drill(report, &drill);
        text_clean(drill.path, sizeof drill.path, directory, strlen(directory));
        drill.text = is_first_of(rows, drill.database) ? read_text(directory) : NULL;
        *vec_add(rows) = drill;
    }
    json_decref(report);
}

static int visible(const struct dirent *entry) { return entry->d_name[0] != '.'; }
static int newest_first(const struct dirent **a, const struct dirent **b) { return strcmp((*b)->d_name, (*a)->d_name); }

static void start(struct feed_run *run)
{
    const char *state = feeds_state_dir(run->feeds);
    char *reports = state ? file_join(state, "reports") : NULL;
    struct dirent **entries = NULL;
    struct error e = {0};
    drills rows = {0};
    int count = reports ? scandir(reports, &entries, visible, newest_first) : 0;
    if (count < 0 && errno != ENOENT)
        error_set(&e, ERROR_INPUT, "file", "%s: %s", reports, strerror(errno));
    for (int i = 0; i < count; i++) {
        char *directory = file_join(reports, entries[i]->d_name);
        if (i < LOOKED_AT && rows.len < KEPT)
            add_report(run, directory, &rows);
        free(directory);
        free(entries[i]);
    }
    free(entries);
    free(reports);
    if (e.kind == ERROR_NONE)
        drills_set(feeds_estate(run->feeds), run->account, rows.at, rows.len);
    vec_free(&rows);
    if (e.kind == ERROR_NONE)
        feed_good(run);
    else
        feed_failed(run, &e);
}

static void stop(struct feed_run *run) { (void)run; }

const struct feed_type feed_drills = {
    .feed = FEED_DRILLS, .interval_ms = 60000, .focus_ms = 5000, .wanted = wanted, .start = start, .stop = stop, .keyless = true};
