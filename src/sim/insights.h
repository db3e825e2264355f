/* A part of the language of Logs Insights: fields, display, filter, parse with globs, stats, sort, limit. Anything else is malformed, as the service
 * says it. A query is compiled, fed with events, and then asked for its rows. */
#ifndef TRIVET_SIM_INSIGHTS_H
#define TRIVET_SIM_INSIGHTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct insights_plan;

struct insights_event { /* texts borrowed */
    int64_t at;
    const char *message, *stream, *log, *ptr;
};

struct insights_plan *insights_compile(const char *query, char *wrong, size_t size); /* NULL, with what is wrong */
void insights_feed(struct insights_plan *plan, const struct insights_event *event);
int64_t insights_matched(const struct insights_plan *plan);
bool insights_is_full(const struct insights_plan *plan); /* more rows than are kept: the query fails */
/* [[{field, value}…]…], at most `limit`. Once, at the end. */
json_t *insights_rows(struct insights_plan *plan, size_t limit);
void insights_free(struct insights_plan *plan);

#endif
