/* The load balancers' memory: how many targets of each group were well, minute by minute, and what came of it for those who asked. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sim/aws_world.h"
#include "sim/metrics.h"

#define MEMORY      180 /* minutes */
#define TARGETS_MAX 2000
#define MISSED      0.12 /* of the requests that a failing target would have had: those that met it before it was left out */
#define FAIL_OPEN   0.92 /* where no target is well all are asked */

struct elb_minute {
    int healthy[ELB_ZONES], failing[ELB_ZONES];
};

struct elb_memory { /* of one target group */
    struct elb_minute first, at[MEMORY];
    int64_t begun; /* the minute of at[0]'s first turn */
};

struct elb_state {
    struct sim *sim;
    const struct account *account;
    struct elb_memory *groups; /* as many as the scenario's */
};

int elb_zone(const struct account *a, const char *zone)
{
    for (size_t i = 0; i < a->zones.len && i < ELB_ZONES; i++)
        if (strcmp(a->zones.at[i], zone) == 0)
            return (int)i;
    return -1;
}

static struct elb_minute look(const struct sim *sim, const struct account *a, const struct net_target_group *group)
{
    struct elb_minute now = {{0}, {0}};
    const struct kube_sim *cluster = sim->clusters[a - sim->scenario->accounts.at];
    struct sim_target *found = mem_resize(NULL, TARGETS_MAX, sizeof *found);
    size_t count = cluster ? kube_sim_targets(cluster, group->app, found, TARGETS_MAX) : 0;
    for (size_t i = 0; i < count; i++) {
        int zone = elb_zone(a, found[i].zone);
        zone = zone < 0 ? 0 : zone;
        now.healthy[zone] += found[i].state == SIM_TARGET_HEALTHY;
        now.failing[zone] += found[i].state == SIM_TARGET_UNHEALTHY;
    }
    free(found);
    return now;
}

static void remember(struct sim *sim, void *what, int64_t at)
{
    struct elb_state *state = what;
    int64_t minute = at / METRIC_MINUTE;
    for (size_t i = 0; i < state->account->network.target_groups.len; i++)
        state->groups[i].at[(minute - 1) % MEMORY] = look(sim, state->account, &state->account->network.target_groups.at[i]);
    world_at(sim, (minute + 1) * METRIC_MINUTE, remember, state);
}

void elb_begin(struct sim *sim, const struct account *account, struct world_account *world)
{
    size_t count = account->network.target_groups.len;
    struct elb_state *state = world->elb = mem_new(sizeof *state);
    int64_t minute = sim_start(sim) / METRIC_MINUTE;
    *state = (struct elb_state){.sim = sim, .account = account, .groups = mem_new_array(count ? count : 1, sizeof *state->groups)};
    for (size_t i = 0; i < count; i++) {
        struct elb_memory *m = &state->groups[i];
        m->begun = minute;
        m->first = look(sim, account, &account->network.target_groups.at[i]);
        for (size_t k = 0; k < MEMORY; k++)
            m->at[k] = m->first;
    }
    if (count)
        world_at(sim, (minute + 1) * METRIC_MINUTE, remember, state);
}

void elb_free(struct world_account *world)
{
    if (world->elb)
        free(world->elb->groups);
    free(world->elb);
}

static const struct elb_minute *minute_of(const struct elb_state *state, size_t group, int64_t at)
{
    int64_t minute = at / METRIC_MINUTE, now = sim_now(state->sim) / METRIC_MINUTE;
    const struct elb_memory *m = &state->groups[group];
    return minute < m->begun || now - minute >= MEMORY ? &m->first : &m->at[minute % MEMORY];
}

double elb_hosts(const struct sim *sim, const struct account *a, const struct net_target_group *group, bool healthy, int zone, int64_t minute)
{
    const struct elb_minute *m = minute_of(world_account(sim, a)->elb, (size_t)(group - a->network.target_groups.at), minute);
    double sum = 0;
    for (int z = 0; z < ELB_ZONES; z++)
        if (zone < 0 || zone == z)
            sum += healthy ? m->healthy[z] : m->failing[z];
    return sum;
}

double elb_errors(const struct sim *sim, const struct account *a, double requests, bool own, int64_t minute)
{
    size_t count = a->network.target_groups.len;
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        const struct net_target_group *group = &a->network.target_groups.at[i];
        double share = requests / (double)count, good = elb_hosts(sim, a, group, true, -1, minute), bad = elb_hosts(sim, a, group, false, -1, minute);
        if (good + bad == 0)
            sum += own ? share : 0;
        else if (!own)
            sum += share * (good == 0 ? FAIL_OPEN : MISSED * bad / (good + bad));
    }
    return sum;
}
