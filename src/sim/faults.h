/* Faults on demand, in front of every service: --fault SPEC.
 *     latency=MS                         every reply waits MS milliseconds (50 or 50ms or 2s)
 *     SERVICE[.Operation][@ACCOUNT]:FAULT  the same for one service, operation, account (twelve digits)
 * FAULT is one of
 *     latency=MS
 *     throttle[=N]               the service's own throttling error; N: only the first N times
 *     error=CODE[/STATUS][=N]    this error code
 *     abort[=N]                  the connection is closed without an answer
 *     truncate[=N]               the reply breaks off half way
 *     html[=N]                   503 and an HTML page, as from a proxy
 * SERVICE is a name of operations.txt, or kubernetes or github; * stands for any. */
#ifndef TRIVET_SIM_FAULTS_H
#define TRIVET_SIM_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum fault_kind { FAULT_NONE, FAULT_LATENCY, FAULT_THROTTLE, FAULT_ERROR, FAULT_ABORT, FAULT_TRUNCATE, FAULT_HTML };

struct fault_effect {
    int64_t delay_ms;
    enum fault_kind kind; /* FAULT_NONE: only the delay */
    char code[96];
    int status; /* 0: the protocol's usual one */
};

struct faults;
struct faults *faults_new(void);
void faults_free(struct faults *faults);
bool faults_add(struct faults *faults, const char *spec, struct error *e);
/* What befalls this request; counts it against limited faults. Any of the three may be "". */
void faults_apply(struct faults *faults, const char *service, const char *operation, const char *account, struct fault_effect *out);

#endif
