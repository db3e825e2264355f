/* The parts joined: loop, HTTP, AWS client, estate, feeds and actions for one profile. */
#ifndef TRIVET_CLI_APP_H
#define TRIVET_CLI_APP_H

#include <jansson.h>

#include "actions/action.h"
#include "cli/options.h"
#include "feeds/feeds.h"

#define SETTLE_MS 120000 /* a headless command waits no longer than this for the feeds */

struct app {
    const struct options *options;
    struct estate_config config;
    struct log *log;
    struct loop *loop;
    struct http *http;
    struct aws *aws;
    struct github *github;
    struct estate *estate;
    struct feeds *feeds;
    struct actions *actions;
    char *cache_dir; /* answers that were paid for */
    char *state_dir; /* journal, locks, audit log, reports; NULL without a home */
};

bool app_open(struct app *app, const struct options *options, struct error *e); /* close it also after an error */
void app_close(struct app *app);
/* Starts the feeds and waits until each has answered. MFA codes are asked for on the terminal; without one they count as declined. */
void app_settle(struct app *app, feed_mask feeds);
/* An account by name or id; SIZE_MAX with the valid names in e. */
size_t app_account(const struct app *app, const char *name, struct error *e);

/* What --json asks for, on stdout. JSON_ENSURE_ASCII in `flags`: strangers wrote of it, and it must be no order to a terminal. */
void print_json(json_t *take, size_t flags);

/* "trivet: …" on stderr, and EXIT_TROUBLE. */
int app_complain(const struct error *e);

#endif
