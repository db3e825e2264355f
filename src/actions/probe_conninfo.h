/* What can be known of a libpq connection string without connecting. */
#ifndef TRIVET_ACTIONS_PROBE_CONNINFO_H
#define TRIVET_ACTIONS_PROBE_CONNINFO_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

#include "net/resolve.h"

/* The settings that may be shown, as key=value; those that libpq itself calls secret are left out. False if it cannot be read: then
 * `out` says only what it is for, because libpq's own words might quote a password. */
bool conninfo_show(const char *conninfo, char *out, size_t size);
/* The one host that has to be looked up, from the string, its service or the environment; NULL in *host where there is none
 * (an address, a socket). The caller frees. False with words in `error`, which quote no setting. */
bool conninfo_host(const char *conninfo, char **host, char *error, size_t size);
/* Begins to connect, without a lookup: to these addresses of `host`, or where count is 0, as the string says. */
PGconn *conninfo_connect(const char *conninfo, const char *host, const struct resolve_address *addresses, size_t count);
/* A message of this connection with its password, should it be in there, blotted out; one line. */
void conninfo_message(const PGconn *connection, const char *message, char *out, size_t size);

#endif
