/* Private to github.c and github_write.c: a request, and who asks. */
#ifndef TRIVET_SIM_GITHUB_CALL_H
#define TRIVET_SIM_GITHUB_CALL_H

#include "sim/github.h"
#include "sim/server.h"

struct github_call {
    struct github_sim *g;
    const struct server_request *request;
    struct server_reply *reply;
    struct github_user *me;
    struct github_links links;
    const char *path; /* as asked for */
    char *rest;       /* what follows /repos/OWNER/REPO, decoded */
    json_t *answer;   /* what is sent with 200; owned */
};

void github_refuse(struct github_call *c, int status, const char *message, json_t *take_errors); /* NULL: none */
void github_not_found(struct github_call *c);
void github_wrong_input(struct github_call *c, const char *what);

/* github_write.c: what somebody may change. */
void github_change_environment(struct github_call *c, const char *name); /* PUT */
void github_workflow(struct github_call *c, const char *rest);           /* "release.yml[/dispatches]" */

#endif
