/* Names to addresses without blocking the loop. The C library's lookup blocks for as long as a name server is silent, so
 * it runs in a thread of its own that touches nothing but its own job; the answer comes back through the loop.
 * There is no cache: each lookup asks anew, as whoever follows a name that moves must. */
#ifndef TRIVET_NET_RESOLVE_H
#define TRIVET_NET_RESOLVE_H

#include <stddef.h>
#include <sys/socket.h>

#include "base/error.h"
#include "net/loop.h"

#define RESOLVE_MAX 4 /* addresses given, at most */

struct resolve;

struct resolve_address {
    struct sockaddr_storage at;
    socklen_t len;
};

/* Called exactly once, unless cancelled; never before resolve_start() returned. With `error` there are no addresses, without it at least one. */
typedef void resolve_done(void *arg, const struct resolve_address *addresses, size_t count, const struct error *error);

/* host: a name or a numeric address (IPv6 without brackets); port: a number as text, or NULL for 0. Both are copied. */
struct resolve *resolve_start(struct loop *loop, const char *host, const char *port, resolve_done *done, void *arg);
void resolve_cancel(struct resolve *resolve); /* the thread ends by itself when its lookup does; NULL is fine */

#endif
