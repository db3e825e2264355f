/* Between the two halves of Logs Insights: insights_parse.c makes the plan, insights_run.c carries it out. */
#ifndef TRIVET_SIM_INSIGHTS_PLAN_H
#define TRIVET_SIM_INSIGHTS_PLAN_H

#include <regex.h>

#include "base/vec.h"
#include "sim/insights.h"

enum test_kind { TEST_AND, TEST_OR, TEST_NOT, TEST_COMPARE, TEST_LIKE, TEST_MATCH, TEST_IN, TEST_PRESENT };

struct operand {
    char *text;
    bool field; /* else a number or a text */
};

struct test {
    enum test_kind kind;
    struct test *left, *right; /* AND, OR, NOT */
    struct operand a, b;       /* of a comparison, LIKE (b: the text) */
    char sign[3];              /* = != < <= > >= */
    regex_t regex;             /* MATCH */
    VEC(struct operand) list;  /* IN */
};

enum aggregate_kind { AGG_COUNT, AGG_SUM, AGG_AVG, AGG_MIN, AGG_MAX, AGG_PCT };
struct aggregate {
    enum aggregate_kind kind;
    char *field, *name; /* field NULL: count(*) */
    double percentile;
};

struct column { /* what is shown, or grouped by */
    char *field, *name;
    int64_t bin_ms; /* > 0: bin() of the time */
};

enum stage_kind { STAGE_FIELDS, STAGE_FILTER, STAGE_PARSE, STAGE_STATS, STAGE_SORT, STAGE_LIMIT };
struct stage {
    enum stage_kind kind;
    struct test *test;              /* FILTER */
    VEC(struct column) columns;     /* FIELDS; STATS: by */
    VEC(struct aggregate) aggregates;
    char *field, *glob;             /* PARSE; SORT: field */
    VEC(char *) names;              /* PARSE */
    bool descending;                /* SORT */
    size_t limit;
};

struct pair {
    char *name, *value;
};
struct row {
    VEC(struct pair) pairs;
    const struct insights_event *event; /* while it is fed: its own fields are not copied yet */
};

struct group {
    char *key;
    struct row by;
    VEC(double) *numbers; /* an aggregate each */
    int64_t *counts;
};

struct insights_plan {
    VEC(struct stage) stages;
    VEC(struct row) rows;     /* kept */
    VEC(struct group) groups;
    int64_t matched;
    bool full;
};

void test_free(struct test *test);

#endif
