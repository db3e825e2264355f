/* CloudWatch's log groups: names, retention, size. */
#include <stdlib.h>

#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

void map_log_group(const json_t *row, struct log_group *g)
{
    *g = (struct log_group){.retention_days = (int)json_int(row, "retentionInDays", 0),
                            .bytes = json_int(row, "storedBytes", -1),
                            .created_at = json_int(row, "creationTime", 0)};
    FIELD(g->name, row, "logGroupName");
    FIELD(g->class, row, "logGroupClass");
}

static void answered(struct feed_run *run, json_t *output)
{
    VEC(struct log_group) rows = {0};
    size_t i;
    json_t *row;
    json_array_foreach(json_at(output, "logGroups"), i, row)
        map_log_group(row, vec_add(&rows));
    log_groups_set(feeds_estate(run->feeds), run->account, rows.at, rows.len, loop_wall(feeds_loop(run->feeds)));
    vec_free(&rows);
}

static void start(struct feed_run *run)
{
    static const struct aws_call_options pages = {.all_pages = true, .max_items = 2000};
    feed_call(run, "logs", "DescribeLogGroups", NULL, &pages, answered);
}

const struct feed_type feed_log_groups = {
    .feed = FEED_LOG_GROUPS, .interval_ms = 600000, .focus_ms = 300000, .focus_only = true, .start = start, .stop = feed_call_stop};
