/* The door's part for platforms and registries. */
#include <string.h>

#include "base/text.h"
#include "estate/write.h"

/* What feeds hand over was cleaned as it was mapped; what has changed is told. */
static void note_cluster(struct estate *e, size_t account, const struct platform *old, const struct platform *new, int64_t now)
{
    const char *name = e->accounts[account].config->cluster.name ? e->accounts[account].config->cluster.name : "cluster";
    if (!platform_knows(old, PLATFORM_CLUSTER) || !platform_knows(new, PLATFORM_CLUSTER))
        return;
    if (strcmp(old->cluster.status, new->cluster.status) != 0)
        estate_note(e, now, account, FEED_PLATFORM, name, "%s (was %s)", new->cluster.status, old->cluster.status);
    if (strcmp(old->cluster.version, new->cluster.version) != 0)
        estate_note(e, now, account, FEED_PLATFORM, name, "version %s (was %s)", new->cluster.version, old->cluster.version);
}

static void note_addons(struct estate *e, size_t account, const struct platform *old, const struct platform *new, int64_t now)
{
    for (size_t i = 0; i < new->addons.len; i++)
        for (size_t k = 0; k < old->addons.len; k++) {
            const struct managed_addon *is = &new->addons.at[i], *was = &old->addons.at[k];
            if (strcmp(is->name, was->name) != 0)
                continue;
            if (strcmp(is->version, was->version) != 0)
                estate_note(e, now, account, FEED_PLATFORM, is->name, "version %s (was %s)", is->version, was->version);
            if (strcmp(is->status, was->status) != 0)
                estate_note(e, now, account, FEED_PLATFORM, is->name, "%s (was %s)", is->status, was->status);
        }
}

void platform_set(struct estate *e, size_t account, struct platform *take, int64_t now)
{
    struct platform *p = &e->accounts[account].platform;
    note_cluster(e, account, p, take, now);
    note_addons(e, account, p, take, now);
    platform_free(p);
    *p = *take;
    *take = (struct platform){0};
    e->version++;
}

void registry_set(struct estate *e, size_t account, const struct ecr_repository *rows, size_t count)
{
    struct registry *registry = &e->accounts[account].registry;
    vec_clear(&registry->repositories);
    for (size_t i = 0; i < count; i++)
        *vec_add(&registry->repositories) = rows[i];
    e->version++;
}

void image_findings_set(struct estate *e, size_t account, const struct image_finding *rows, size_t count)
{
    struct image_set *set = &e->accounts[account].images;
    vec_clear(&set->findings);
    for (size_t i = 0; i < count; i++)
        *vec_add(&set->findings) = rows[i];
    e->version++;
}
