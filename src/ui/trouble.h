/* What could not be read, in lines: for the screen and for text alike. What failed alike shares a line, production stands first. */
#ifndef TRIVET_UI_TROUBLE_H
#define TRIVET_UI_TROUBLE_H

#include "estate/estate.h"

/* "prod database, database-events (last good 3m ago): AccessDenied: …"; stale: there is older data to show. */
typedef void trouble_tell(void *arg, const char *line, bool stale);
/* `feeds`: those that are shown. An account whose session failed has only that to tell: everything else hangs on it. */
void trouble_lines(const struct estate *estate, feed_mask feeds, int64_t now, trouble_tell *tell, void *arg);
/* "prod, dev session: NoCredentials: …". False if the session has not failed, or stands in the line of an account before it. */
bool trouble_session(const struct estate *estate, size_t account, char *out, size_t size);

#endif
