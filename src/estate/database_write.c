/* RDS in the estate. */
#include <stdlib.h>
#include <string.h>

#include "estate/internal.h"
#include "estate/write.h"

#define EVENTS_MAX 500

static const struct database *find_database(const struct database_set *set, const char *id)
{
    for (size_t i = 0; i < set->instances.len; i++)
        if (strcmp(set->instances.at[i].id, id) == 0)
            return &set->instances.at[i];
    return NULL;
}

static void note_database(struct estate *e, size_t account, const struct database *old, const struct database *now_is, int64_t now)
{
    if (strcmp(old->status, now_is->status) != 0)
        estate_note(e, now, account, FEED_DATABASE, now_is->id, "%s (was %s)", now_is->status, old->status);
    if (strcmp(old->zone, now_is->zone) != 0)
        estate_note(e, now, account, FEED_DATABASE, now_is->id, "primary moved from %s to %s", old->zone, now_is->zone);
    if (old->multi_az != now_is->multi_az)
        estate_note(e, now, account, FEED_DATABASE, now_is->id, now_is->multi_az ? "now Multi-AZ" : "no longer Multi-AZ");
}

void databases_set(struct estate *e, size_t account, const struct database *rows, size_t count, int64_t now)
{
    struct database_set *set = &e->accounts[account].database;
    bool first = !slice_has_data(&e->accounts[account].slices[FEED_DATABASE]);
    for (size_t i = 0; i < count; i++) {
        const struct database *old = find_database(set, rows[i].id);
        if (old)
            note_database(e, account, old, &rows[i], now);
        else if (!first)
            estate_note(e, now, account, FEED_DATABASE, rows[i].id, "new: %s", rows[i].status);
    }
    vec_clear(&set->instances);
    for (size_t i = 0; i < count; i++)
        *vec_add(&set->instances) = rows[i];
    e->version++;
}

void database_loads_set(struct estate *e, size_t account, const struct database_load *rows, size_t count)
{
    struct database_set *set = &e->accounts[account].database;
    vec_clear(&set->loads);
    for (size_t i = 0; i < count; i++)
        *vec_add(&set->loads) = rows[i];
    e->version++;
}

static bool same_event(const struct database_event *a, const struct database_event *b)
{
    return a->at == b->at && strcmp(a->source, b->source) == 0 && strcmp(a->message, b->message) == 0;
}

static int newest_first(const void *a, const void *b)
{
    int64_t x = ((const struct database_event *)a)->at, y = ((const struct database_event *)b)->at;
    return x < y ? 1 : x > y ? -1 : 0;
}

void database_events_add(struct estate *e, size_t account, const struct database_event *rows, size_t count)
{
    struct database_set *set = &e->accounts[account].database;
    size_t before = set->events.len;
    for (size_t i = 0; i < count; i++) {
        bool known = false;
        for (size_t k = 0; k < set->events.len && !known; k++)
            known = same_event(&set->events.at[k], &rows[i]);
        if (!known)
            *vec_add(&set->events) = rows[i];
    }
    if (set->events.len == before)
        return;
    qsort(set->events.at, set->events.len, sizeof *set->events.at, newest_first);
    if (set->events.len > EVENTS_MAX)
        set->events.len = EVENTS_MAX;
    e->version++;
}

void database_backups_set(struct estate *e, size_t account, const struct database_backup *rows, size_t count)
{
    struct database_set *set = &e->accounts[account].database;
    vec_clear(&set->backups);
    for (size_t i = 0; i < count; i++)
        *vec_add(&set->backups) = rows[i];
    e->version++;
}

void database_backups_unread(struct estate *e, size_t account, bool here, bool there)
{
    e->accounts[account].database.backups_here_unread = here;
    e->accounts[account].database.backups_there_unread = there;
    e->version++;
}

void drills_set(struct estate *e, size_t account, struct drill *take, size_t count)
{
    struct database_set *set = &e->accounts[account].database;
    bool same = set->drills.len == count;
    for (size_t i = 0; same && i < count; i++)
        same = !strcmp(set->drills.at[i].path, take[i].path);
    drills_clear(set);
    for (size_t i = 0; i < count; i++) {
        *vec_add(&set->drills) = take[i];
        take[i].text = NULL;
    }
    if (!same)
        e->version++;
}
