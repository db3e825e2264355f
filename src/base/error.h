/* The one error record: filled in where something fails, shown by whoever has a reader: a pane, a
 * JSON field, a log line, one line on stderr. Library code never prints. */
#ifndef TRIVET_BASE_ERROR_H
#define TRIVET_BASE_ERROR_H

#include <stdbool.h>
#include <stddef.h>

enum error_kind {
    ERROR_NONE,
    ERROR_INPUT,     /* the user's own: a file, an option, a name */
    ERROR_AUTH,      /* no credentials, or they could not be had */
    ERROR_NETWORK,   /* could not connect, reset, TLS */
    ERROR_TIMEOUT,
    ERROR_SERVICE,   /* the service answered with an error of its own; `code` is its name for it */
    ERROR_PROTOCOL,  /* the answer could not be understood */
    ERROR_CANCELLED,
};

struct error {
    enum error_kind kind;
    int status;          /* HTTP status, 0 where there was none */
    int retry_after_ms;  /* what the service asked for, 0 where it did not */
    char code[96];       /* as the service names it: AccessDenied, Throttling; or our own one word */
    char message[480];   /* sanitised, one line */
    char request_id[80];
};

/* Both code and message are sanitised (text_clean) on the way in. */
void error_set(struct error *e, enum error_kind kind, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void error_prefix(struct error *e, const char *what); /* "what: message"; the rest stays */
void error_clear(struct error *e);
bool error_is(const struct error *e, const char *code); /* NULL e is false */
/* "AccessDenied: not authorised to …"; only the code where there is no message. Returns `out`. */
const char *error_text(const struct error *e, char *out, size_t size);

#endif
