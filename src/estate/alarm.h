/* CloudWatch alarms. */
#ifndef TRIVET_ESTATE_ALARM_H
#define TRIVET_ESTATE_ALARM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ALARM_POINTS 60 /* of the one that is looked at, a period each */
#define ALARM_TREND  12 /* cells of each one in the pane */

/* OTHERWISE: with a band, or of other alarms. */
enum alarm_comparison { COMPARE_OTHERWISE, COMPARE_GREATER, COMPARE_GREATER_EQUAL, COMPARE_LESS, COMPARE_LESS_EQUAL };
const char *alarm_comparison_sign(enum alarm_comparison comparison); /* ">", "" otherwise */
enum alarm_state { ALARM_OK, ALARM_ALARM, ALARM_NO_DATA };
const char *alarm_state_name(enum alarm_state state); /* as AWS: OK, ALARM, INSUFFICIENT_DATA */

#define ALARM_DIMENSIONS 4
struct alarm_dimension {
    char name[40], value[160];
};

struct alarm {
    char name[256];
    char arn[320];
    enum alarm_state state;
    int64_t since;          /* in this state */
    char reason[240];
    char metric[80], namespace_[64];
    char parts[240];        /* those that it computes with: "AWS/ApplicationELB:RequestCount …" */
    struct alarm_dimension dimensions[ALARM_DIMENSIONS]; /* of its metric, or of the first of those that it computes with; name "" beyond */
    char rule[2400];        /* of a composite one: "ALARM(\"rds-cpu\") OR ALARM(\"rds-storage\")" */
    double threshold;       /* NAN for composite alarms */
    enum alarm_comparison comparison;
    bool actions;           /* actions enabled and at least one */
    bool composite, math;   /* of other alarms; of several metrics */
    char description[240];
    char acknowledged_by[64]; /* on this machine, for as long as it stays in this state; "" */
    int64_t acknowledged_at;
    char acknowledged_why[160];
};

/* What an alarm's metric did of late: three hours, or as many of its periods as there are cells where that is longer. */
struct alarm_trend {
    char name[256];
    double points[ALARM_TREND]; /* oldest first; of each cell's data the one that is nearest to the limit, or furthest beyond. NAN: no datum */
    int cell_s;                 /* seconds of a cell */
};

bool alarm_crosses(const struct alarm *alarm, double value); /* false for NAN */
/* "20", "1,500", "5G". Returns out. */
const char *alarm_amount(double number, char *out, size_t size);
/* "Threshold Crossed: 3 datapoints [212.0 (…), …] were greater than the threshold (50.0)." begins alike of all: "212 > 50".
 * What CloudWatch words otherwise loses only its beginning; what begins otherwise is returned as it is. */
const char *alarm_reason_brief(const char *reason, char *out, size_t size);
const char *alarm_dimension(const struct alarm *alarm, const char *name); /* its value; "" if it has no such */
/* Is the other one of those that the composite alarm is made of? */
bool alarm_is_made_of(const struct alarm *composite, const struct alarm *other);

#endif
