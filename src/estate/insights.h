/* One query of CloudWatch Logs Insights: what was asked, how far it is, and the last result. AWS takes money for what a query scans, so it is asked
 * for by a person alone; its result stays here, with its age, until the next one is complete. Never on the disk: log lines hold what users do. */
#ifndef TRIVET_ESTATE_INSIGHTS_H
#define TRIVET_ESTATE_INSIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vec.h"
#include "estate/config.h"

#define INSIGHTS_GROUPS_MAX  50   /* log groups of one query, as the service has it */
#define INSIGHTS_ROWS_MAX    1000 /* as many are asked for */
#define INSIGHTS_COLUMNS_MAX 40
#define INSIGHTS_CELL_MAX    1000 /* bytes */
#define INSIGHTS_SINCE_MS    3600000         /* how far back, unless told */
#define INSIGHTS_SINCE_MOST  INT64_C(2678400000) /* 31 days */
#define INSIGHTS_GB_DOLLARS  0.005 /* list price of a GB (10^9 bytes) scanned, us-east-1 */

struct insights_request {
    size_t account;
    char name[QUERY_NAME_MAX + 1]; /* of a saved query; "" otherwise */
    char query[QUERY_TEXT_MAX + 1];
    int64_t since_ms;
    char groups[INSIGHTS_GROUPS_MAX][256];
    size_t group_count;
    size_t more_groups;            /* that fit and were left out: there are more than one query may have */
};

struct insights_scan { /* -1: not told yet */
    int64_t matched, scanned, bytes;
};

struct insights_result {
    struct insights_request of;
    int64_t from, to, read_at; /* wall ms; read_at 0: there is none */
    struct insights_scan scan;
    VEC(char *) columns;
    VEC(char *) cells;         /* row by row, as many as there are columns; NULL: the row has none of that name */
    size_t rows;
    bool cut;                  /* there were more rows or columns */
};

struct insights {
    struct insights_request asked; /* of the one under way, or the last */
    bool under_way, stopping;
    char status[24];               /* as the service says: Scheduled, Running…; "" before it has answered */
    int64_t started_at, ended_at;
    struct insights_scan scan;
    struct error error;            /* how the last one ended; kind ERROR_NONE: well, or stopped (status Cancelled) */
    struct insights_result result;
};

struct estate;
/* The saved query of that name, NULL if there is none. */
const struct query_config *query_named(const struct estate_config *config, const char *name);
/* A saved query made ready: its account (else the one given), those of the account's log groups that are meant (else `group`, "" for none), its
 * range. False, with e, where there is no such account or group. */
bool insights_saved(const struct estate *estate, const struct query_config *saved, size_t account, const char *group, struct insights_request *out,
                    struct error *e);
/* Adds the account's log groups of that name, or that begin with it; where nothing was read yet the name as it stands. Returns how many. */
size_t insights_group(const struct estate *estate, struct insights_request *request, const char *name);
const char *insights_span(int64_t ms, char *out, size_t size); /* as one would type it: 15m, 1h, 24h, 7d */
double insights_cost(int64_t bytes); /* dollars; NAN not known */
const char *insights_cost_text(int64_t bytes, char *out, size_t size); /* "less than $0.01" */
void insights_result_free(struct insights_result *result);             /* the rows; not the struct itself */

#endif
