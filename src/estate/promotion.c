#include "estate/promotion.h"

#include <string.h>

#include "base/str.h"

void deployment_images(const struct deployment *d, image_reference *each, void *arg)
{
    char one[300];
    for (const char *at = d->images ? d->images : ""; *at; at += strcspn(at, ","), at += *at == ',') {
        text_format(one, sizeof one, "%.*s", (int)strcspn(at, ","), at);
        each(arg, d, one);
    }
}

const char *image_tag(const char *reference, char *out, size_t size)
{
    const char *slash = strrchr(reference, '/'), *from = slash ? slash : reference, *colon = strchr(from, ':'), *at = strchr(from, '@');
    *out = '\0';
    if (colon && (!at || colon < at))
        text_format(out, size, "%.*s", (int)strcspn(colon + 1, "@"), colon + 1);
    return out;
}

bool image_is_from(const char *reference, const char *account_id)
{
    char host[40];
    text_format(host, sizeof host, "%s.dkr.ecr.", account_id);
    return text_starts(reference, host);
}

bool image_is_meant(const struct image *image, const char *reference)
{
    char repository[sizeof image->repository], digest[sizeof image->digest], tag[140];
    image_parse(reference, repository, sizeof repository, digest, sizeof digest);
    if (strcmp(repository, image->repository) != 0)
        return false;
    return *digest ? !strcmp(digest, image->digest) : image_has_tag(image, image_tag(reference, tag, sizeof tag));
}

struct search {
    const struct image *image;
    bool found;
};

static void match(void *arg, const struct deployment *d, const char *reference)
{
    struct search *s = arg;
    (void)d;
    s->found |= image_is_meant(s->image, reference);
}

bool deployment_runs(const struct deployment *d, const struct image *image)
{
    struct search s = {.image = image};
    if (d->desired != 0)
        deployment_images(d, match, &s);
    return s.found;
}

size_t image_places(const struct estate *e, const struct image *image, struct image_place *out, size_t max)
{
    size_t count = 0;
    for (int others = 0; others < 2; others++) /* production's first */
        for (size_t a = 0; a < e->account_count; a++)
            for (size_t i = 0; others == (e->accounts[a].config->kind != ACCOUNT_PRODUCTION) && i < e->accounts[a].cluster.deployments.len; i++)
                if (count < max && deployment_runs(&e->accounts[a].cluster.deployments.at[i], image))
                    out[count++] = (struct image_place){a, &e->accounts[a].cluster.deployments.at[i]};
    return count;
}

bool image_runs_in(const struct estate *e, const struct image *image, enum account_kind kind)
{
    for (size_t a = 0; a < e->account_count; a++)
        for (size_t i = 0; e->accounts[a].config->kind == (int)kind && i < e->accounts[a].cluster.deployments.len; i++)
            if (deployment_runs(&e->accounts[a].cluster.deployments.at[i], image))
                return true;
    return false;
}

const char *image_places_text(const struct estate *e, const struct image *image, char *out, size_t size)
{
    struct image_place places[8];
    struct str text = STR_INIT(4096);
    size_t count = image_places(e, image, places, sizeof places / sizeof *places);
    for (size_t i = 0; i < count; i++) {
        bool same = i > 0 && places[i - 1].account == places[i].account;
        str_addf(&text, "%s%s %s", !i ? "" : same ? "," : "  ", same ? "" : e->accounts[places[i].account].config->name, places[i].deployment->name);
    }
    text_copy(out, size, str_text(&text));
    str_free(&text);
    return out;
}

static const struct release *run_of_commit(const struct account *account, const char *tag)
{
    for (size_t i = 0; i < account->releases.runs.len; i++)
        if (tag_is_commit(tag, account->releases.runs.at[i].sha))
            return &account->releases.runs.at[i];
    return NULL;
}

const struct release *image_run(const struct estate *e, const struct image *image, size_t *account)
{
    char tag[sizeof image->tags];
    for (const char *at = image->tags + strspn(image->tags, " "); *at; at += strcspn(at, " "), at += strspn(at, " ")) {
        text_format(tag, sizeof tag, "%.*s", (int)strcspn(at, " "), at);
        for (*account = 0; *account < e->account_count; (*account)++) {
            const struct release *run = run_of_commit(&e->accounts[*account], tag);
            if (run)
                return run;
        }
    }
    return NULL;
}

const struct account *estate_development(const struct estate *e)
{
    for (size_t a = 0; a < e->account_count; a++)
        if (e->accounts[a].config->kind == ACCOUNT_DEVELOPMENT)
            return &e->accounts[a];
    return NULL;
}

enum promotion image_promotion(const struct account *dev, const struct image *image, int64_t *at)
{
    int64_t oldest = 0, since = 0;
    at = at ? at : &since;
    *at = 0;
    for (size_t i = 0; i < dev->platform.past.len; i++) {
        const struct past_image *p = &dev->platform.past.at[i];
        if (strcmp(p->repository, image->repository) != 0)
            continue;
        oldest = !oldest || p->at < oldest ? p->at : oldest;
        if (!strcmp(p->digest, image->digest))
            *at = *at && *at < p->at ? *at : p->at;
    }
    for (size_t i = 0; i < dev->cluster.deployments.len; i++)
        if (deployment_runs(&dev->cluster.deployments.at[i], image))
            return PROMOTION_RUNS;
    if (*at)
        return PROMOTION_RAN;
    bool reaches = platform_knows(&dev->platform, PLATFORM_PAST) && oldest && image->pushed_at && oldest <= image->pushed_at;
    return reaches ? PROMOTION_NEVER : PROMOTION_UNKNOWN;
}
