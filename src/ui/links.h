/* What a row is called outside of trivet: the id that a person copies, and its page in the AWS console or at GitHub. */
#ifndef TRIVET_UI_LINKS_H
#define TRIVET_UI_LINKS_H

#include "actions/action.h"
#include "estate/estate.h"

struct link {
    char id[300];   /* ARN, name, digest; "" none */
    char url[2000]; /* "" none */
};

/* Of what a row stands for; both "" where there is nothing. */
void link_of_target(const struct estate *estate, const struct action_target *target, struct link *out);
void link_of_budget(const struct account *account, const char *name, struct link *out);

#endif
