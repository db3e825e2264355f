#include "sim/aws_world.h"

#include <stdlib.h>

#include "base/mem.h"
#include "sim/logs.h"

struct task {
    int64_t at;
    uint64_t number; /* of those due at the same time the older goes first */
    world_task *run;
    void *what;
};

struct aws_world {
    VEC(struct task) agenda;
    uint64_t number;
    struct world_account *accounts;
    size_t count;
};

struct world_account *world_account(const struct sim *sim, const struct account *account)
{
    return &sim->world->accounts[account - sim->scenario->accounts.at];
}

struct aws_world *world_new(struct sim *sim)
{
    const struct scenario *s = sim->scenario;
    struct aws_world *world = sim->world = mem_new(sizeof *world);
    world->count = s->accounts.len;
    world->accounts = mem_new_array(world->count, sizeof *world->accounts);
    for (size_t i = 0; i < world->count; i++) {
        db_states_begin(sim, &s->accounts.at[i], &world->accounts[i]);
        node_group_begin(sim, i, &world->accounts[i]);
        ip_sets_begin(sim, &s->accounts.at[i], &world->accounts[i]);
        pipelines_begin(sim, &s->accounts.at[i], &world->accounts[i]);
        cloudfront_begin(sim, &s->accounts.at[i], &world->accounts[i]);
        elb_begin(sim, &s->accounts.at[i], &world->accounts[i]);
        schedules_begin(sim, &s->accounts.at[i], &world->accounts[i]);
        happenings_begin(sim, &s->accounts.at[i]);
    }
    return world;
}

static void free_account(const struct account *a, struct world_account *w)
{
    for (size_t i = 0; i < a->databases.len; i++) {
        vec_free(&w->databases[i].moments);
        vec_free(&w->databases[i].stopped);
        vec_free(&w->databases[i].away);
    }
    for (size_t i = 0; i < w->nodes.updates.len; i++) {
        json_decref(w->nodes.updates.at[i]->params);
        free(w->nodes.updates.at[i]->token);
        free(w->nodes.updates.at[i]);
    }
    for (size_t i = 0; i < a->ip_sets.len; i++) {
        for (size_t k = 0; k < w->ip_sets[i].addresses.len; k++)
            free(w->ip_sets[i].addresses.at[k].cidr);
        vec_free(&w->ip_sets[i].addresses);
        free(w->ip_sets[i].description);
    }
    for (size_t i = 0; i < w->invalidations.len; i++) {
        json_decref(w->invalidations.at[i]->batch);
        free(w->invalidations.at[i]);
    }
    for (size_t i = 0; i < w->schedules.len; i++)
        schedule_free(w->schedules.at[i]);
    for (size_t i = 0; i < a->pipelines.len; i++)
        free(w->pipelines[i].summary);
    json_decref(w->nodes.labels);
    vec_free(&w->nodes.updates);
    vec_free(&w->invalidations);
    vec_free(&w->schedules);
    free(w->databases);
    free(w->ip_sets);
    free(w->pipelines);
    json_decref(w->by_hand.acl_logs);
    json_decref(w->by_hand.subscriptions);
    json_decref(w->by_hand.endpoint);
    json_decref(w->by_hand.log_kinds);
    vec_free(&w->by_hand.cluster_updates);
    elb_free(w);
    logs_free(w);
}

void world_free(struct sim *sim)
{
    struct aws_world *world = sim->world;
    if (!world)
        return;
    for (size_t i = 0; i < world->count; i++)
        free_account(&sim->scenario->accounts.at[i], &world->accounts[i]);
    vec_free(&world->agenda);
    free(world->accounts);
    free(world);
    sim->world = NULL;
}

void world_at(struct sim *sim, int64_t at, world_task *task, void *what)
{
    struct aws_world *world = sim->world;
    *vec_add(&world->agenda) = (struct task){at, world->number++, task, what};
}

static size_t first_due(const struct aws_world *world)
{
    size_t best = 0;
    for (size_t i = 1; i < world->agenda.len; i++) {
        const struct task *a = &world->agenda.at[i], *b = &world->agenda.at[best];
        if (a->at < b->at || (a->at == b->at && a->number < b->number))
            best = i;
    }
    return best;
}

void world_step(struct sim *sim, int64_t now)
{
    struct aws_world *world = sim->world;
    while (world->agenda.len) {
        size_t i = first_due(world);
        struct task task = world->agenda.at[i];
        if (task.at > now)
            return;
        vec_remove(&world->agenda, i);
        task.run(sim, task.what, task.at);
    }
}

int64_t world_span(const struct sim *sim, const char *what, int64_t turn, int64_t least, int64_t most)
{
    return least + (int64_t)(sim_noise(sim, what, turn) * (double)(most - least));
}

void world_uuid(const struct sim *sim, const char *what, int64_t turn, char out[37])
{
    uint32_t part[4];
    for (int i = 0; i < 4; i++)
        part[i] = (uint32_t)(sim_noise(sim, what, turn * 4 + i) * 4294967296.0);
    text_format(out, 37, "%08x-%04x-4%03x-%04x-%04x%08x", part[0], part[1] >> 16, part[1] & 0xfff, (part[2] >> 16 & 0x3fff) | 0x8000,
                part[2] & 0xffff, part[3]);
}
