/* What the console asks of the rest of the program. main wires it to feeds/; a test records it. */
#ifndef TRIVET_UI_HOST_H
#define TRIVET_UI_HOST_H

#include <stdint.h>

#include "estate/detail.h"
#include "estate/insights.h"

struct console_host {
    void (*focus)(void *arg, feed_mask feeds);    /* FEED_BITs that the visible pane shows */
    void (*refresh)(void *arg, feed_mask feeds);
    void (*detail)(void *arg, const struct detail_key *key);
    void (*detail_close)(void *arg);
    void (*log)(void *arg, size_t account, const char *ns, const char *pod, const char *container, bool previous, int64_t since_ms);
    void (*log_close)(void *arg);
    void (*mfa)(void *arg, size_t account, const char *code); /* code NULL: declined. The console wipes its copy after */
    void *arg;
    bool (*copy)(void *arg, const char *text); /* into the terminal's clipboard; false: it cannot. NULL: it cannot */
    void (*suspend)(void *arg); /* Ctrl-Z; NULL: nothing happens */
    void (*costs)(void *arg); /* Cost Explorer is asked, which costs money: the person has said yes. NULL: it cannot be */
    /* Logs Insights is asked, which costs money: the person has said so. NULL: it cannot be. */
    void (*query)(void *arg, const struct insights_request *request);
    void (*query_stop)(void *arg);
};

#endif
