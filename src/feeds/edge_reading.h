/* Private to edge_reading.c, edge_cdn.c and edge_names.c: one reading of an account's edge. What is to be asked stands in line, so that however many
 * distributions there are only some calls are under way; and which parts are complete is known when the line is empty. */
#ifndef TRIVET_FEEDS_EDGE_READING_H
#define TRIVET_FEEDS_EDGE_READING_H

#include "feeds/internal.h"

#define EDGE_ROWS_MAX 100 /* distributions, names to look up, certificates…: what has more is told as not readable, never shown in part */

struct edge_reading;
typedef void edge_answer(struct edge_reading *reading, const json_t *output, size_t arg);

struct edge_job {
    struct edge_reading *reading;
    enum edge_part part;
    const char *service, *operation;
    json_t *input;
    edge_answer *answer;
    size_t arg;
    bool all_pages;
};

struct edge_reading {
    struct calls calls;
    struct account_edge edge;
    VEC(struct edge_job *) jobs;
    size_t next; /* the job that is asked next */
    int asked[EDGE_PARTS], answered[EDGE_PARTS];
    bool full[EDGE_PARTS];
    struct error first;
};

/* Input is taken. `all_pages`: the list to its end. */
void edge_ask(struct edge_reading *r, enum edge_part part, const char *service, const char *operation, json_t *take_input, bool all_pages,
              edge_answer *answer, size_t arg);
bool edge_room(struct edge_reading *r, enum edge_part part, size_t len); /* for one more row */

void edge_ask_cdn(struct edge_reading *r);   /* edge_cdn.c */
void edge_ask_names(struct edge_reading *r); /* edge_names.c: zones, certificates, logging */
void edge_ask_records(struct edge_reading *r); /* once zones and distributions are there */
void edge_ask_certificates(struct edge_reading *r); /* how those that are used are renewed */

#endif
