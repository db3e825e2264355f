#include "estate/likely.h"

#include <math.h>
#include <string.h>

#include "base/str.h"
#include "base/when.h"
#include "estate/promotion.h"

#define MINUTE_MS        INT64_C(60000)
#define ROLLOUT_MS       (120 * MINUTE_MS) /* what began before is not what hurts now */
#define FAILOVER_MS      (15 * MINUTE_MS)
#define REVISIONS_MAX    16
#define FAILING_MAX      64
#define SURGE_TIMES      5   /* as many as usual */
#define SURGE_LEAST      300 /* blocked a minute */
#define SURGE_USUAL      20  /* minutes that tell what is usual: the oldest ones */
#define SURGE_NOW        3

struct looking {
    const struct estate *estate;
    const struct account *account;
    int64_t now;
};

/* A rollout whose pods fail while those of before do not. */

struct revision { /* a ReplicaSet, by the middle of its pods' names */
    char hash[24];
    int64_t began;
    int pods, failing;
};
struct revisions {
    struct revision at[REVISIONS_MAX];
    size_t count;
};

static struct revision *revision_of(struct revisions *all, const char *hash)
{
    char name[sizeof all->at->hash];
    text_format(name, sizeof name, "%.*s", (int)strcspn(hash, "-"), hash);
    for (size_t i = 0; i < all->count; i++)
        if (!strcmp(all->at[i].hash, name))
            return &all->at[i];
    if (all->count == REVISIONS_MAX)
        return NULL;
    struct revision *new = &all->at[all->count++];
    *new = (struct revision){.began = INT64_MAX};
    text_copy(new->hash, sizeof new->hash, name);
    return new;
}

static void list_revisions(const struct account *account, const struct deployment *d, struct revisions *out)
{
    out->count = 0;
    for (size_t i = 0; i < account->cluster.pods.len; i++) {
        const struct pod *pod = &account->cluster.pods.at[i];
        const char *hash = pod_revision(pod, d);
        struct revision *r = hash ? revision_of(out, hash) : NULL;
        if (!r)
            continue;
        r->pods++;
        r->failing += pod_is_failing(pod);
        r->began = pod->created_at && pod->created_at < r->began ? pod->created_at : r->began;
    }
}

/* The newest one, if it fails, began of late, and no other fails. */
static const struct revision *failing_revision(const struct looking *l, const struct revisions *all)
{
    const struct revision *newest = NULL;
    int others = 0;
    for (size_t i = 0; i < all->count; i++)
        newest = !newest || all->at[i].began > newest->began ? &all->at[i] : newest;
    for (size_t i = 0; i < all->count; i++)
        others += &all->at[i] != newest ? all->at[i].failing : 0;
    return newest && newest->failing && !others && newest->began != INT64_MAX && l->now - newest->began <= ROLLOUT_MS ? newest : NULL;
}

struct first_image {
    char repository[120], digest[80];
};
static void take_image(void *arg, const struct deployment *d, const char *reference)
{
    struct first_image *out = arg;
    (void)d;
    if (!*out->digest)
        image_parse(reference, out->repository, sizeof out->repository, out->digest, sizeof out->digest);
}

/* What a run has in the registry for this repository; "" not known. */
static const char *digest_of_run(const struct looking *l, const struct release *run, const char *repository)
{
    const struct account *management = estate_management(l->estate);
    const struct image *image = management && *run->sha ? image_by_commit(&management->images, repository, run->sha) : NULL;
    return image ? image->digest : "";
}

/* The run that brought the image, and the image before it as the last run that went well had it. */
static const struct release *run_of(const struct looking *l, const struct first_image *image, char *before, size_t size)
{
    const struct release *found = NULL;
    *before = '\0';
    for (size_t i = 0; i < l->account->releases.runs.len && !*before; i++) {
        const struct release *run = &l->account->releases.runs.at[i];
        const char *digest = digest_of_run(l, run, image->repository);
        if (!found && !strcmp(digest, image->digest))
            found = run;
        else if (found && run->state == RELEASE_SUCCEEDED && *digest && strcmp(digest, image->digest) != 0)
            text_copy(before, size, digest);
    }
    return found;
}

/* As the cluster's older revisions have it, where these were read. */
static void past_image(const struct looking *l, const struct first_image *image, char *before, size_t size)
{
    int64_t at = 0;
    for (size_t i = 0; i < l->account->platform.past.len; i++) {
        const struct past_image *p = &l->account->platform.past.at[i];
        if (strcmp(p->repository, image->repository) != 0 || !strcmp(p->digest, image->digest) || p->at <= at)
            continue;
        at = p->at;
        text_copy(before, size, p->digest);
    }
}

static bool tell_rollout(const struct looking *l, const struct deployment *d, const struct revision *r, bool alone, char *out, size_t size)
{
    struct first_image image = {0};
    char before[80] = "", span[24], label[120], digest[24], what[40] = "", was[40] = "", by[140] = "";
    deployment_images(d, take_image, &image);
    const struct release *run = *image.digest ? run_of(l, &image, before, sizeof before) : NULL;
    if (alone && (!run || l->now - run->updated_at > ROLLOUT_MS)) /* nothing says that there was another before */
        return false;
    if (!*before && *image.digest)
        past_image(l, &image, before, sizeof before);
    if (run)
        text_format(by, sizeof by, " by release %s", release_label(&l->account->releases, run, label, sizeof label));
    if (*image.digest)
        text_format(what, sizeof what, " image %s", digest_short(image.digest, digest, sizeof digest));
    if (*image.digest && *before)
        text_format(was, sizeof was, " (was %s)", digest_short(before, digest, sizeof digest));
    text_format(out, size, "%s%s%s rolled out %s ago%s", d->name, what, was, when_short(l->now - r->began, span, sizeof span), by);
    return true;
}

/* A few of the failing ones are enough to know whose they are. */
static size_t failing_pods(const struct account *account, const struct pod *out[FAILING_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < account->cluster.pods.len && count < FAILING_MAX; i++)
        if (pod_is_failing(&account->cluster.pods.at[i]))
            out[count++] = &account->cluster.pods.at[i];
    return count;
}

static bool rollout(const struct looking *l, char *out, size_t size)
{
    struct revisions all;
    const struct pod *failing[FAILING_MAX];
    size_t count = failing_pods(l->account, failing);
    for (size_t i = 0; i < l->account->cluster.deployments.len; i++) {
        const struct deployment *d = &l->account->cluster.deployments.at[i];
        bool fails = false;
        for (size_t k = 0; k < count && !namespace_is_system(d->ns); k++)
            fails |= pod_revision(failing[k], d) != NULL;
        if (!fails)
            continue;
        list_revisions(l->account, d, &all);
        const struct revision *r = failing_revision(l, &all);
        if (r && tell_rollout(l, d, r, all.count == 1, out, size))
            return true;
    }
    return false;
}

/* A zone in which no target answers, while another has some. */
static bool zone_away(const struct looking *l, char *out, size_t size)
{
    struct zone_health zones[NETWORK_ZONES];
    size_t count = balancing_zones(&l->account->balancing, NULL, zones, NETWORK_ZONES);
    const struct zone_health *away = NULL, *well = NULL;
    for (size_t i = 0; i < count; i++) {
        bool named = *zones[i].zone && zones[i].total > 0;
        away = named && !zones[i].healthy ? &zones[i] : away;
        well = named && zones[i].healthy ? &zones[i] : well;
    }
    if (!away || !well || away->total < 2)
        return false;
    text_format(out, size, "none of the %d targets in %s answers, %s has %d of %d", away->total, away->zone, well->zone, well->healthy, well->total);
    return true;
}

static bool failover(const struct looking *l, char *out, size_t size)
{
    char span[24];
    for (size_t i = 0; i < l->account->database.events.len; i++) {
        const struct database_event *e = &l->account->database.events.at[i];
        if (l->now - e->at > FAILOVER_MS)
            return false;
        if (!strstr(e->category, "failover"))
            continue;
        text_format(out, size, "database %s %s ago: %s", e->source, when_short(l->now - e->at, span, sizeof span), e->message);
        return true;
    }
    return false;
}

/* Many times as many blocked as an hour ago. */

static double mean_of(const double *points, size_t from, size_t to)
{
    double sum = 0;
    size_t known = 0;
    for (size_t i = from; i < to; i++)
        if (!isnan(points[i])) {
            sum += points[i];
            known++;
        }
    return known ? sum / (double)known : NAN;
}

static const struct waf_series *busiest(const struct web_acl *acl)
{
    const struct waf_series *found = NULL;
    double most = 0;
    for (size_t i = 0; i < acl->series.len; i++) {
        double rate = waf_rate(acl->series.at[i].blocked, SURGE_NOW);
        if (!strcmp(acl->series.at[i].rule, "ALL") || !(rate > most))
            continue;
        most = rate;
        found = &acl->series.at[i];
    }
    return found;
}

/* Minutes since when at least half as many were blocked as now. */
static int surge_minutes(const double *points, double now)
{
    int minutes = 0;
    for (size_t i = WAF_POINTS; i-- > 0 && (isnan(points[i]) || points[i] >= now / 2);)
        minutes++;
    return minutes;
}

static bool surge(const struct looking *l, char *out, size_t size)
{
    const struct waf_series *all = web_acl_series(&l->account->web_acl, "ALL"), *rule = busiest(&l->account->web_acl);
    if (!all || !rule)
        return false;
    double now = waf_rate(all->blocked, SURGE_NOW), usual = mean_of(all->blocked, 0, SURGE_USUAL), part = waf_rate(rule->blocked, SURGE_NOW);
    if (isnan(now) || isnan(usual) || now < SURGE_LEAST || now < SURGE_TIMES * usual)
        return false;
    char rate[64], before[64];
    text_format(out, size, "for %dm the WAF blocks %s/min (usually %s), %.0f%% of it by %s", surge_minutes(all->blocked, now),
                text_grouped(round(now), rate, sizeof rate), text_grouped(round(usual), before, sizeof before), 100 * part / now, rule->rule);
    return true;
}

/* From what tells most to what tells least: a rollout names who can undo it, a failover may be of the same zone's making, a surge is held off. */
static const struct {
    feed_mask feeds; /* has to have been read */
    bool (*rule)(const struct looking *l, char *out, size_t size);
} rules[] = {{FEED_BIT(FEED_PODS) | FEED_BIT(FEED_DEPLOYMENTS), rollout},
             {FEED_BIT(FEED_LOAD_BALANCERS), zone_away},
             {FEED_BIT(FEED_DATABASE_EVENTS), failover},
             {FEED_BIT(FEED_WAF_METRICS), surge}};

static bool was_read(const struct account *account, feed_mask feeds)
{
    for (int f = 0; f < FEED_COUNT; f++)
        if ((feeds & FEED_BIT(f)) && !slice_has_data(&account->slices[f]))
            return false;
    return true;
}

bool likely_cause(const struct estate *estate, size_t account, int64_t now, char *out, size_t size)
{
    struct looking l = {estate, &estate->accounts[account], now};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (was_read(l.account, rules[i].feeds) && rules[i].rule(&l, out, size))
            return true;
    *out = '\0';
    return false;
}
