/* Private to health.c and health_path.c: one account looked at, and what is found. */
#ifndef TRIVET_ESTATE_HEALTH_H
#define TRIVET_ESTATE_HEALTH_H

#include "estate/estate.h"

struct report {
    const struct account *account;
    int64_t now;
    struct health_report *out;
    bool wrong, unread;
};

enum urgency {
    NOW,
    STANDING, /* of how things are set up: nothing that happens now */
    QUIET,    /* told, but asks nobody to look */
    UNREAD,   /* could not be read: how the account is, is not known */
};

/* hop: whose problem it is, and in a word or two what; HOPS, "": of none. The first that a hop has is what the path says of it. */
void problem_add(struct report *r, enum feed feed, enum urgency urgency, enum path_hop hop, const char *word, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* What is asked of an account, if that feed has data. */
struct health_check {
    enum feed feed;
    void (*check)(struct report *r);
    bool awake; /* not of an account that is asleep */
};
extern const struct health_check path_checks[]; /* hop by hop; terminated by one without a check */

#endif
