/* What the organisation costs, as Cost Explorer tells it for money (USD 0.01 a request), and who watches for costs out of the ordinary.
 * The figures are those of the last time that somebody paid for; they carry that time. Money in USD. */
#ifndef TRIVET_ESTATE_COST_H
#define TRIVET_ESTATE_COST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vec.h"

#define COST_DAYS       7
#define COST_REQUESTS   3   /* an answer takes so many, if no list goes on */
#define COST_PAGES_MAX  6   /* further pages that are asked for at most, each a request too */
#define COST_CENTS      1   /* a request */
#define COST_LINES_MAX  2000

struct cost_line { /* of one service in one account */
    char account[16]; /* id */
    char service[80];
    double month;            /* since the first of the month */
    double days[COST_DAYS];  /* the last seven that are over, oldest first; NAN not known */
};

struct cost_anomaly {
    char id[64], account[16], service[80], region[24];
    int64_t from, to;        /* wall ms */
    double impact, expected; /* beyond what was expected; NAN not known */
};

struct cost_report {
    int64_t asked_at;     /* wall ms; 0: never */
    int64_t month_start;  /* wall ms, UTC */
    int64_t days_end;     /* end of the last of the days */
    int requests;         /* how many were paid for */
    bool complete;        /* false: there were more lines than were asked for */
    double forecast;      /* of the whole month, all accounts; NAN not known */
    VEC(struct cost_line) lines;
    VEC(struct cost_anomaly) anomalies; /* newest first */
    bool anomalies_known; /* false: they were not told, or not all of them */
};

/* Asking, while it goes on and how it ended. */
struct cost_asking {
    bool under_way;
    struct error error; /* of the last time; kind ERROR_NONE: it went well, or was never */
};

struct cost_monitor {
    char arn[160], name[80], type[16], dimension[24];
};
struct cost_subscription {
    char name[80], frequency[16];
    char monitors[10 * 160]; /* ARNs, separated by blanks */
    bool part;               /* it has more of them */
    int subscribers;
};
struct cost_watch {
    VEC(struct cost_monitor) monitors;
    VEC(struct cost_subscription) subscriptions;
};

void cost_report_free(struct cost_report *report); /* the rows; not the struct itself */
/* Sums over an account's services (account NULL: over all). NAN where there is no line. */
double cost_month(const struct cost_report *report, const char *account);
void cost_days(const struct cost_report *report, const char *account, double out[COST_DAYS]);

#endif
