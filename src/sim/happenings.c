/* What a scenario has happen at a time after its beginning: a zone that goes away, and comes back. */
#include <string.h>

#include "sim/aws_world.h"

struct cluster_of {
    const struct account *account;
    struct kube_sim *cluster;
};

static struct cluster_of owner(const struct sim *sim, const struct happening *h)
{
    const struct scenario *s = sim->scenario;
    for (size_t i = 0; i < s->accounts.len; i++)
        if (h >= s->accounts.at[i].happens.at && h < s->accounts.at[i].happens.at + s->accounts.at[i].happens.len)
            return (struct cluster_of){&s->accounts.at[i], sim->clusters[i]};
    return (struct cluster_of){NULL, NULL};
}

static void zone_fails(struct sim *sim, void *what, int64_t at)
{
    const struct happening *h = what;
    struct cluster_of of = owner(sim, h);
    if (of.cluster)
        kube_sim_zone(of.cluster, h->zone_fails, false, at);
    db_zone(sim, of.account, h->zone_fails, false, at);
}

static void zone_returns(struct sim *sim, void *what, int64_t at)
{
    const struct happening *h = what;
    struct cluster_of of = owner(sim, h);
    if (of.cluster)
        kube_sim_zone(of.cluster, h->zone_returns, true, at);
    db_zone(sim, of.account, h->zone_returns, true, at);
}

void happenings_begin(struct sim *sim, const struct account *account)
{
    for (size_t i = 0; i < account->happens.len; i++) {
        struct happening *h = &account->happens.at[i];
        if (h->zone_fails)
            world_at(sim, sim_start(sim) + h->at, zone_fails, h);
        if (h->zone_returns)
            world_at(sim, sim_start(sim) + h->at, zone_returns, h);
    }
}
