/* What CloudTrail has recorded: every call that changes something, who made it, and whether it was refused. The scenario's own events first. */
#ifndef TRIVET_SIM_TRAIL_H
#define TRIVET_SIM_TRAIL_H

#include "sim/internal.h"

struct trail_record {
    int64_t at;
    size_t account;
    char id[37], name[80], source[64], user[80], resource[200], code[96]; /* code: of the error; "" if it was done */
    char arn[240]; /* of who did it: a user's, or of a role's session */
};
struct trail_book;
struct trail_book *trail_book_new(const struct sim *sim); /* with the scenario's events */
void trail_book_free(struct trail_book *book);
void trail_book_add(struct trail_book *book, const struct trail_record *record);
/* i = 0 is the newest; NULL beyond what is kept. */
const struct trail_record *trail_book_at(const struct trail_book *book, size_t i);

#endif
