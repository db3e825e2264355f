/* The debug log of --log FILE: one line an event, times in UTC. Never given a secret: callers pass
 * names, counts and request ids, not bodies or headers. A NULL log is allowed everywhere and does nothing. */
#ifndef TRIVET_BASE_LOG_H
#define TRIVET_BASE_LOG_H

#include "base/error.h"

struct log;
struct log *log_open(const char *path, struct error *e); /* created 0600, appended to */
void log_close(struct log *log);
/* `room` is the part that speaks: "http", "aws", "kube", "feeds". The text is cleaned and capped. */
void log_line(struct log *log, const char *room, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
