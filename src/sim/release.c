/* What a release moves: the images that were made from a commit, as the registries of the estate have them, into an account's cluster. */
#include <string.h>

#include "base/text.h"
#include "sim/internal.h"

#define HASH_LEAST 7 /* of a commit's digits in a tag */

static void full_name(const struct account *a, const struct repository *r, char *out, size_t size)
{
    text_format(out, size, "%s.dkr.ecr.%s.amazonaws.com/%s", a->id, a->region, r->name);
}

/* "sha-a609f80", or the digits alone. */
static bool is_commit(const char *tag, const char *sha)
{
    const char *hash = text_starts(tag, "sha-") ? tag + 4 : tag;
    return strlen(hash) >= HASH_LEAST && strncmp(sha, hash, strlen(hash)) == 0;
}

static const struct image *made_from(const struct repository *r, const char *sha)
{
    for (size_t i = 0; i < r->images.len; i++)
        for (size_t t = 0; t < r->images.at[i].tags.len; t++)
            if (is_commit(r->images.at[i].tags.at[t], sha))
                return &r->images.at[i];
    return NULL;
}

typedef void each_image(void *arg, const char *repository, const char *image);

static void for_each_image(const struct sim *sim, const char *sha, each_image *each, void *arg)
{
    const struct scenario *s = sim->scenario;
    for (size_t a = 0; a < s->accounts.len; a++)
        for (size_t r = 0; r < s->accounts.at[a].repositories.len; r++) {
            const struct image *image = made_from(&s->accounts.at[a].repositories.at[r], sha);
            char name[300], reference[400];
            full_name(&s->accounts.at[a], &s->accounts.at[a].repositories.at[r], name, sizeof name);
            text_format(reference, sizeof reference, "%s@%s", name, image ? image->digest : "");
            if (image)
                each(arg, name, reference);
        }
}

static struct kube_sim *cluster_of(const struct sim *sim, const char *account)
{
    for (size_t i = 0; i < sim->scenario->accounts.len; i++)
        if (strcmp(sim->scenario->accounts.at[i].name, account) == 0)
            return sim->clusters[i];
    return NULL;
}

static void set_image(void *arg, const char *repository, const char *image) { kube_sim_set_image(arg, repository, image); }

void sim_release(struct sim *sim, const char *account, const char *sha)
{
    struct kube_sim *cluster = cluster_of(sim, account);
    if (cluster)
        for_each_image(sim, sha, set_image, cluster);
}

struct look {
    const struct kube_sim *cluster;
    enum sim_rollout worst;
};

static void look_at(void *arg, const char *repository, const char *image)
{
    struct look *look = arg;
    enum sim_rollout state = kube_sim_rollout(look->cluster, image);
    (void)repository;
    look->worst = state > look->worst ? state : look->worst;
}

enum sim_rollout sim_release_state(const struct sim *sim, const char *account, const char *sha)
{
    struct look look = {cluster_of(sim, account), SIM_ROLLOUT_NONE};
    if (look.cluster)
        for_each_image(sim, sha, look_at, &look);
    return look.worst;
}

static bool is_image(const struct image *image, const char *rest)
{
    if (*rest == '@')
        return strcmp(image->digest, rest + 1) == 0;
    for (size_t t = 0; *rest == ':' && t < image->tags.len; t++)
        if (strcmp(image->tags.at[t], rest + 1) == 0)
            return true;
    return false;
}

static bool fails_in(const struct image *image, const char *account) { return !image->fault_in || strcmp(image->fault_in, account) == 0; }

const char *sim_image_fault(const struct sim *sim, size_t account, const char *reference)
{
    const struct scenario *s = sim->scenario;
    for (size_t a = 0; a < s->accounts.len; a++)
        for (size_t r = 0; r < s->accounts.at[a].repositories.len; r++) {
            const struct repository *repository = &s->accounts.at[a].repositories.at[r];
            char name[300];
            full_name(&s->accounts.at[a], repository, name, sizeof name);
            for (size_t i = 0; text_starts(reference, name) && i < repository->images.len; i++)
                if (is_image(&repository->images.at[i], reference + strlen(name)))
                    return fails_in(&repository->images.at[i], s->accounts.at[account].name) ? repository->images.at[i].fault : NULL;
        }
    return NULL;
}
