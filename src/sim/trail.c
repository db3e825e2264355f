#include "sim/trail.h"

#include <stdlib.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/str.h"

#define KEPT_MAX 2000

struct trail_book {
    VEC(struct trail_record) records; /* oldest first */
};

static int by_time(const void *a, const void *b)
{
    int64_t x = ((const struct trail_record *)a)->at, y = ((const struct trail_record *)b)->at;
    return x < y ? -1 : x > y;
}

struct trail_book *trail_book_new(const struct sim *sim)
{
    struct trail_book *book = mem_new(sizeof *book);
    for (size_t a = 0; a < sim->scenario->accounts.len; a++) {
        const struct account *account = &sim->scenario->accounts.at[a];
        for (size_t i = 0; i < account->trail_events.len; i++) {
            const struct trail_event *e = &account->trail_events.at[i];
            struct trail_record *r = vec_add(&book->records);
            *r = (struct trail_record){.at = sim_start(sim) - e->ago, .account = a};
            random_uuid(r->id);
            text_copy(r->name, sizeof r->name, e->name);
            text_copy(r->source, sizeof r->source, e->source);
            text_copy(r->user, sizeof r->user, e->user);
            text_copy(r->resource, sizeof r->resource, e->resource ? e->resource : "");
            if (e->role)
                text_format(r->arn, sizeof r->arn, "arn:aws:sts::%s:assumed-role/%s/%s", account->id, e->role, e->user);
            else
                text_format(r->arn, sizeof r->arn, "arn:aws:iam::%s:user/%s", account->id, e->user);
            text_copy(r->code, sizeof r->code, e->error ? e->error : "");
        }
    }
    if (book->records.len)
        qsort(book->records.at, book->records.len, sizeof *book->records.at, by_time);
    return book;
}

void trail_book_free(struct trail_book *book)
{
    if (!book)
        return;
    vec_free(&book->records);
    free(book);
}

void trail_book_add(struct trail_book *book, const struct trail_record *record)
{
    if (book->records.len == KEPT_MAX)
        vec_remove(&book->records, 0);
    *vec_add(&book->records) = *record;
}

const struct trail_record *trail_book_at(const struct trail_book *book, size_t i)
{
    return i < book->records.len ? &book->records.at[book->records.len - 1 - i] : NULL;
}
