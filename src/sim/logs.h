/* CloudWatch Logs: what its events (aws_logs.c) and its queries (aws_logs_query.c) share. */
#ifndef TRIVET_SIM_LOGS_H
#define TRIVET_SIM_LOGS_H

#include "sim/aws_world.h"

struct log_event {
    int64_t at;
    char message[400], stream[64], id[64];
};

const struct log_group *logs_find(const struct aws_call *call, const char *name); /* NULL if there is none */
/* The n-th event since 1970 comes about n gaps after it; they are in order. */
int64_t logs_gap(const struct log_group *group);
int64_t logs_oldest(const struct log_group *group, int64_t now); /* what is older is gone */
void logs_event(const struct sim *sim, const struct log_group *group, int64_t n, struct log_event *out);

json_t *logs_start_query(struct aws_call *call);
json_t *logs_get_query_results(struct aws_call *call);
json_t *logs_stop_query(struct aws_call *call);
json_t *logs_describe_queries(struct aws_call *call);
void logs_free(struct world_account *state);

#endif
