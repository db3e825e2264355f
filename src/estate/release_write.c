/* Releases and images as feeds bring them. */
#include <string.h>

#include "base/str.h"
#include "estate/internal.h"
#include "estate/write.h"

void release_set_clear(struct release_set *set)
{
    vec_free(&set->runs);
    vec_free(&set->commits);
    *set = (struct release_set){.ahead = -1, .behind = -1};
}

static void note(struct estate *e, size_t account, const struct release *old, const struct release_set *set, const struct release *new, int64_t now)
{
    char subject[120];
    int64_t at = new->updated_at ? new->updated_at : now;
    enum feed feed = new->provider == RELEASE_PIPELINE ? FEED_PIPELINES : FEED_RELEASES;
    release_label(set, new, subject, sizeof subject);
    if (new->state == RELEASE_WAITING && (!old || old->state != RELEASE_WAITING))
        estate_note(e, at, account, feed, subject, "waits at %s: %s", new->environment, new->title);
    else if (old && old->state != new->state)
        estate_note(e, at, account, feed, subject, "%s (was %s): %s", release_state_name(new->state), release_state_name(old->state), new->title);
}

void pipelines_set(struct estate *e, size_t account, struct release_set *take, int64_t now)
{
    struct release_set *set = &e->accounts[account].pipelines;
    bool first = e->accounts[account].slices[FEED_PIPELINES].read_at == 0;
    for (size_t i = 0; !first && i < take->runs.len; i++)
        note(e, account, release_pipeline(set, take->runs.at[i].pipeline), take, &take->runs.at[i], now);
    release_set_clear(set);
    *set = *take;
    *take = (struct release_set){0};
    e->version++;
}

void releases_set(struct estate *e, size_t account, struct release_set *take, int64_t now)
{
    struct release_set *set = &e->accounts[account].releases;
    bool first = !*set->repository;
    for (size_t i = 0; !first && i < take->runs.len; i++)
        note(e, account, release_find(set, take->runs.at[i].id), take, &take->runs.at[i], now);
    release_set_clear(set);
    *set = *take;
    *take = (struct release_set){0};
    e->version++;
}

void images_set(struct estate *e, size_t account, const struct image *rows, size_t count)
{
    struct image_set *set = &e->accounts[account].images;
    vec_clear(&set->rows);
    for (size_t i = 0; i < count; i++)
        *vec_add(&set->rows) = rows[i];
    e->version++;
}

void images_unread_set(struct estate *e, size_t account, const struct image_unread *rows, size_t count)
{
    struct image_set *set = &e->accounts[account].images;
    vec_clear(&set->unread);
    for (size_t i = 0; i < count; i++)
        *vec_add(&set->unread) = rows[i];
    e->version++;
}
