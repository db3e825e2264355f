/* CloudWatch's alarms: each follows its metric as simulated time goes by. */
#ifndef TRIVET_SIM_ALARMS_H
#define TRIVET_SIM_ALARMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/metrics.h"

struct sim;
struct alarm_book;

struct alarm_status {
    const char *state; /* OK, ALARM, INSUFFICIENT_DATA */
    int64_t since;
    double value; /* the last datum that it was judged by */
};

struct alarm_turn {
    size_t alarm;
    int64_t at;
    const char *from, *to; /* states */
    double value;
};

struct alarm_book *alarms_new(struct sim *sim);
void alarms_free(struct alarm_book *book);
void alarms_step(struct alarm_book *book, int64_t now);
const struct alarm_status *alarms_status(const struct alarm_book *book, size_t account, size_t alarm);
/* How an account's alarms have turned, the oldest first. */
const struct alarm_turn *alarms_turns(const struct alarm_book *book, size_t account, size_t *count);
/* What an alarm watches; false if there is no such metric. */
bool alarm_source(const struct account *account, const struct alarm *alarm, struct metric_source *out);

#endif
