/* Series of CloudWatch: the same metrics of each of several rows (databases, distributions, load balancers, rules), all of them by one GetMetricData.
 * CloudWatch takes $0.01 for a thousand metrics asked for. */
#ifndef TRIVET_FEEDS_SERIES_H
#define TRIVET_FEEDS_SERIES_H

#include "feeds/internal.h"

#define SERIES_MINUTE INT64_C(60000)

struct series_metric {
    char letter; /* a query's id is this and the row's place: c0, n0, f0, c1… */
    const char *name, *statistic;
    size_t offset; /* of its points in a row: double[], oldest first, NAN where there is no datum */
};

struct series_kind {
    const char *region;                      /* NULL: the account's own */
    const char *namespace, *dimension;       /* "AWS/RDS", "DBInstanceIdentifier", of which each row has a value */
    const char *other;                       /* a second dimension, of which all have the same value; NULL: there is none */
    const struct series_metric *metrics;
    size_t metric_count;
    size_t points;
    int64_t period_ms;
    size_t row_size, row_value;              /* offset of the dimension's value in a row: a text */
};

struct series {
    const struct series_kind *kind;
    void *rows; /* borrowed until the answer has come */
    size_t count;
    const char *other; /* the second dimension's value */
    int64_t end;       /* wall ms of the end of the last period that is asked for */
    void (*taken)(struct feed_run *run); /* once the answer stands in the rows; NULL: nothing more is to be done */
};

void series_blank(const struct series_kind *kind, void *row); /* no datum yet */
void series_ask(struct calls *calls, struct series *series);
int64_t series_minute(const struct feed_run *run); /* the end of the last whole one */

/* What series_ask() sends and what it makes of the answer, for tests. */
json_t *series_input(const struct series *series);
void series_take(const struct series *series, const json_t *output);

#endif
