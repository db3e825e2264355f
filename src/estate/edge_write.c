/* Setters of the edge: what was read replaces what was known; what changed for the site is noted. */
#include <string.h>

#include "estate/internal.h"
#include "estate/write.h"

/* Rows of an array change hands; the old ones stay in `take`, to be freed with it. */
#define SWAP(member) vec_swap(&to->member, &take->member)

static void take_part(struct account_edge *to, struct account_edge *take, enum edge_part part)
{
    switch (part) {
    case EDGE_DISTRIBUTIONS:
        SWAP(distributions);
        SWAP(aliases);
        SWAP(origins);
        SWAP(behaviours);
        break;
    case EDGE_POLICIES:
        SWAP(policies);
        break;
    case EDGE_INVALIDATIONS:
        SWAP(invalidations);
        break;
    case EDGE_ZONES:
        SWAP(zones);
        break;
    case EDGE_RECORDS:
        SWAP(records);
        break;
    case EDGE_CERTIFICATES:
        SWAP(certificates);
        break;
    case EDGE_LOGGING:
        SWAP(logs);
        break;
    case EDGE_VPC_ORIGINS:
        SWAP(vpc_origins);
        break;
    case EDGE_PARTS:
        break;
    }
}

static const struct edge_record *record_like(const struct account_edge *e, const struct edge_record *r)
{
    for (size_t i = 0; i < e->records.len; i++) {
        const struct edge_record *other = &e->records.at[i];
        if (!strcmp(other->zone, r->zone) && !strcmp(other->name, r->name) && !strcmp(other->type, r->type) && !strcmp(other->set, r->set))
            return other;
    }
    return NULL;
}

static void note_records(struct estate *e, size_t account, const struct account_edge *old, const struct account_edge *new, int64_t now)
{
    for (size_t i = 0; i < new->records.len; i++) {
        const struct edge_record *r = &new->records.at[i], *before = record_like(old, r);
        if (before && strcmp(before->target, r->target) != 0)
            estate_note(e, now, account, FEED_EDGE, r->name, "%s leads to %s (was %s)", r->type, r->target, before->target);
    }
    for (size_t i = 0; i < old->records.len; i++)
        if (!record_like(new, &old->records.at[i]))
            estate_note(e, now, account, FEED_EDGE, old->records.at[i].name, "%s is gone (was %s)", old->records.at[i].type,
                        old->records.at[i].target);
}

static void note_distributions(struct estate *e, size_t account, const struct account_edge *old, const struct account_edge *new, int64_t now)
{
    for (size_t i = 0; i < new->distributions.len; i++) {
        const struct edge_distribution *d = &new->distributions.at[i], *before = edge_distribution(old, d->id);
        if (before && before->enabled != d->enabled)
            estate_note(e, now, account, FEED_EDGE, d->id, "%s", d->enabled ? "enabled" : "disabled");
        if (before && strcmp(before->web_acl, d->web_acl) != 0)
            estate_note(e, now, account, FEED_EDGE, d->id, "web ACL %s (was %s)", *d->web_acl ? d->web_acl : "none",
                        *before->web_acl ? before->web_acl : "none");
    }
}

static bool both_know(const struct account_edge *a, const struct account_edge *b, enum edge_part part)
{
    return edge_knows(a, part) && edge_knows(b, part);
}

void edge_set(struct estate *e, size_t account, struct account_edge *take, int64_t now)
{
    struct account_edge *to = &e->accounts[account].edge;
    if (both_know(to, take, EDGE_RECORDS))
        note_records(e, account, to, take, now);
    if (both_know(to, take, EDGE_DISTRIBUTIONS))
        note_distributions(e, account, to, take, now);
    for (int part = 0; part < EDGE_PARTS; part++)
        if (edge_knows(take, (enum edge_part)part))
            take_part(to, take, (enum edge_part)part);
    to->known |= take->known;
    to->failed = take->failed;
    edge_free(take);
    e->version++;
}

void edge_series_set(struct estate *e, size_t account, const struct edge_series *rows, size_t count, int64_t end, int64_t day_end)
{
    struct edge_traffic *t = &e->accounts[account].edge_traffic;
    vec_clear(&t->series);
    for (size_t i = 0; i < count; i++)
        *vec_add(&t->series) = rows[i];
    t->end = end;
    t->day_end = day_end;
    e->version++;
}
