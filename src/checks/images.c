/* What the architecture promises of the registry and of images (section 4): one registry, guarded; built once and promoted. */
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "base/when.h"
#include "checks/rows.h"
#include "estate/promotion.h"
#include "estate/security.h"

/* The registry. */

static const struct registry *registry_of(const struct checking *c) { return &checking_account(c)->registry; }

static void look_central(struct checking *c)
{
    const struct account *a = checking_account(c);
    const struct registry *r = registry_of(c);
    if (a->config->kind == ACCOUNT_MANAGEMENT) {
        check_that(c, r->repositories.len > 0, a->config->name, "%zu repositories", r->repositories.len);
        return;
    }
    for (size_t i = 0; i < r->repositories.len; i++)
        check_fail(c, r->repositories.at[i].name, "is a repository of %s", a->config->name);
    if (!r->repositories.len)
        check_pass(c, a->config->name, "no repository");
}

typedef void each_repository(struct checking *c, const struct ecr_repository *r);

static void for_each(struct checking *c, each_repository *each)
{
    const struct registry *r = registry_of(c);
    for (size_t i = 0; i < r->repositories.len; i++)
        each(c, &r->repositories.at[i]);
    if (!r->repositories.len)
        check_fail(c, checking_account(c)->config->name, "there is no repository");
}

static void scan(struct checking *c, const struct ecr_repository *r)
{
    if (r->scan_unknown)
        check_unknown(c, r->name, "scan on push off of its own; the registry's rules could not be read");
    else
        check_that(c, r->scan_on_push, r->name, "scan on push %s", r->scan_on_push ? "on" : "off");
}
static void look_scan(struct checking *c) { for_each(c, scan); }

/* Tags that name an environment move, and may; those that name a build may not. */
static void immutable(struct checking *c, const struct ecr_repository *r)
{
    static const char *const builds[] = {"v1.2.3", "sha-0123abc", "0123abc"};
    bool held = true;
    for (size_t i = 0; i < sizeof builds / sizeof *builds; i++)
        held &= repository_holds(r, builds[i]);
    check_that(c, held, r->name, "%s%s%s", r->mutability, *r->excluded ? ", but for " : "", r->excluded);
}
static void look_immutable(struct checking *c) { for_each(c, immutable); }

static void lifecycle(struct checking *c, const struct ecr_repository *r)
{
    if (r->lifecycle < 0)
        check_unknown(c, r->name, "its lifecycle policy could not be read");
    else
        check_that(c, r->lifecycle > 0, r->name, "%s", r->lifecycle ? "old images expire" : "no lifecycle policy");
}
static void look_lifecycle(struct checking *c) { for_each(c, lifecycle); }

static const struct account *principal_account(const struct estate *e, const char *principal)
{
    for (size_t i = 0; i < e->account_count; i++)
        if (principal_is_of(principal, e->accounts[i].config->id))
            return &e->accounts[i];
    return NULL;
}

static bool may_pull(const struct estate *e, const struct ecr_repository *r, const struct account *who)
{
    char one[200];
    for (const char *at = r->pullers + strspn(r->pullers, " "); *at; at += strcspn(at, " "), at += strspn(at, " ")) {
        text_format(one, sizeof one, "%.*s", (int)strcspn(at, " "), at);
        if (principal_account(e, one) == who || !strcmp(one, "*"))
            return true;
    }
    return false;
}

/* The first that is none of the profile's accounts. */
static const char *stranger(const struct estate *e, const struct ecr_repository *r, char *out, size_t size)
{
    for (const char *at = r->principals + strspn(r->principals, " "); *at; at += strcspn(at, " "), at += strspn(at, " ")) {
        text_format(out, size, "%.*s", (int)strcspn(at, " "), at);
        if (!principal_account(e, out))
            return out;
    }
    return NULL;
}

static void policy(struct checking *c, const struct ecr_repository *r)
{
    const struct estate *e = checking_estate(c);
    char other[200];
    size_t missing = 0;
    if (r->policy < 0) {
        check_unknown(c, r->name, "its policy could not be read, or not all of it");
        return;
    }
    if (r->conditional)
        check_unknown(c, r->name, "lets in who meets a condition; whom that means is not known here");
    for (size_t i = 0; i < e->account_count && !r->conditional; i++)
        if (e->accounts[i].config->kind != ACCOUNT_MANAGEMENT && !may_pull(e, r, &e->accounts[i])) {
            check_fail(c, r->name, "%s may not pull", e->accounts[i].config->name);
            missing++;
        }
    if (r->denies && !missing)
        check_unknown(c, r->name, "has a Deny of pulls: whom of those that may pull it leaves out is not known here");
    if (stranger(e, r, other, sizeof other) && r->denies_all)
        check_unknown(c, r->name, "lets %s in, but for whom its Deny leaves out", other);
    else if (stranger(e, r, other, sizeof other))
        check_fail(c, r->name, "lets %s in", other);
    else if (*r->pushes)
        check_fail(c, r->name, "lets others do %s", r->pushes);
    else if (!missing && !r->conditional && !r->denies)
        check_pass(c, r->name, "pull for %s", r->principals);
}
static void look_policy(struct checking *c) { for_each(c, policy); }

/* Images that run. */

struct running {
    struct checking *c;
    void (*each)(struct checking *c, const struct deployment *d, const char *reference);
    size_t count;
};

static void one_image(void *arg, const struct deployment *d, const char *reference)
{
    struct running *r = arg;
    r->each(r->c, d, reference);
    r->count++;
}

/* Of applications that are meant to run. */
static void for_each_running(struct checking *c, void (*each)(struct checking *c, const struct deployment *d, const char *reference))
{
    const struct account *a = checking_account(c);
    struct running r = {c, each, 0};
    bool asleep = false;
    for (size_t i = 0; i < a->cluster.deployments.len; i++) {
        const struct deployment *d = &a->cluster.deployments.at[i];
        bool application = !namespace_is_system(d->ns);
        asleep |= application && d->desired == 0;
        if (application && d->desired != 0)
            deployment_images(d, one_image, &r);
    }
    if (!r.count && asleep && a->config->kind == ACCOUNT_DEVELOPMENT)
        check_na(c, "development is down");
    else if (!r.count)
        check_fail(c, a->config->name, "no application runs");
}

static const struct image *image_of(const struct checking *c, const char *reference)
{
    const struct account *management = estate_management(checking_estate(c));
    for (size_t i = 0; management && i < management->images.rows.len; i++)
        if (image_is_meant(&management->images.rows.at[i], reference))
            return &management->images.rows.at[i];
    return NULL;
}

static const char *tail(const char *reference)
{
    const char *slash = strchr(reference, '/');
    return slash ? slash + 1 : reference;
}

static void promoted(struct checking *c, const struct deployment *d, const char *reference)
{
    const struct account *dev = estate_development(checking_estate(c)), *root = estate_management(checking_estate(c));
    const struct image *image = image_of(c, reference);
    struct image bare = {0}; /* what its reference tells, where the registry does not know it */
    char short_digest[16], span[32];
    int64_t at;
    if (!root || !image_is_from(reference, root->config->id)) {
        check_fail(c, d->name, "%s is not from the registry of %s", reference, root ? root->config->name : "a management account");
        return;
    }
    image_parse(reference, bare.repository, sizeof bare.repository, bare.digest, sizeof bare.digest);
    image = image ? image : &bare;
    if (!*image->digest || !dev) {
        check_unknown(c, d->name, "%s", dev ? "its digest is not known" : "the profile has no development account");
        return;
    }
    digest_short(image->digest, short_digest, sizeof short_digest);
    switch (image_promotion(dev, image, &at)) {
    case PROMOTION_RUNS:
        check_pass(c, d->name, "%s runs in %s too", short_digest, dev->config->name);
        break;
    case PROMOTION_RAN:
        check_pass(c, d->name, "%s came to %s %s ago", short_digest, dev->config->name, when_span(checking_now(c) - at, span, sizeof span));
        break;
    case PROMOTION_NEVER:
        check_fail(c, d->name, "%s never ran in %s", short_digest, dev->config->name);
        break;
    default:
        check_unknown(c, d->name, "%s: revisions in %s do not reach back to its push", short_digest, dev->config->name);
    }
}
static void look_promoted(struct checking *c)
{
    const struct account *dev = estate_development(checking_estate(c));
    char text[400];
    const struct slice *slice = dev ? &dev->slices[FEED_PLATFORM] : NULL;
    if (slice && !slice_has_data(slice)) {
        check_unknown(c, dev->config->name, "what ran there: %s",
                      slice->error.kind != ERROR_NONE ? error_text(&slice->error, text, sizeof text) : "not read yet");
        return;
    }
    for_each_running(c, promoted);
}

/* What is not among the images that were read may be in the registry, where not all could be. */
static bool is_read(const struct checking *c, const char *reference)
{
    const struct account *root = estate_management(checking_estate(c));
    return root && !root->slices[FEED_IMAGES].part && !image_is_unread(&root->images, reference);
}

static void findings(struct checking *c, const struct deployment *d, const char *reference)
{
    const struct image *image = image_of(c, reference);
    char digest[16];
    if (!image) {
        check_unknown(c, d->name, "%s: %s", tail(reference), is_read(c, reference) ? "the registry does not know it" : "could not be read");
        return;
    }
    digest_short(image->digest, digest, sizeof digest);
    if (image->critical < 0)
        check_unknown(c, d->name, "%s: %s", digest, *image->scan ? image->scan : "never scanned");
    else
        check_that(c, !image->critical, d->name, "%s: %d critical, %d high, %d medium", digest, image->critical, image->high, image->medium);
}
static void look_findings(struct checking *c) { for_each_running(c, findings); }

static void tags(struct checking *c, const struct deployment *d, const char *reference)
{
    const struct image *image = image_of(c, reference);
    char digest[16];
    if (!image && !is_read(c, reference))
        check_unknown(c, d->name, "%s: is not among the images that were read", tail(reference));
    else if (!image)
        check_fail(c, d->name, "%s: no image of the registry", tail(reference));
    else
        check_that(c, tag_names_build(image), d->name, "%s: %s", digest_short(image->digest, digest, sizeof digest),
                   *image->tags ? image->tags : "no tag");
}

/* The tag of the environment, in the repository of each application that runs. */
static void resolves(struct checking *c, const struct deployment *d, const char *reference)
{
    const struct account *root = estate_management(checking_estate(c));
    const char *tag = checking_account(c)->config->kind == ACCOUNT_PRODUCTION ? "prod-latest" : "dev-latest";
    char repository[120], digest[80], found[16];
    image_parse(reference, repository, sizeof repository, digest, sizeof digest);
    for (size_t i = 0; root && i < root->images.rows.len; i++) {
        const struct image *image = &root->images.rows.at[i];
        if (strcmp(image->repository, repository) != 0 || !image_has_tag(image, tag))
            continue;
        check_pass(c, d->name, "%s is %s%s", tag, digest_short(image->digest, found, sizeof found),
                   strcmp(image->digest, digest) ? ", which is not what runs" : "");
        return;
    }
    if (is_read(c, reference))
        check_fail(c, d->name, "%s resolves to nothing in %s", tag, repository);
    else
        check_unknown(c, d->name, "%s is not among the images of %s that were read", tag, repository);
}
static void look_tags(struct checking *c)
{
    for_each_running(c, tags);
    for_each_running(c, resolves);
}

#define ROOT       CHECK_KIND(ACCOUNT_MANAGEMENT)
#define WORKLOADS  (CHECK_KIND(ACCOUNT_DEVELOPMENT) | CHECK_KIND(ACCOUNT_PRODUCTION))
#define PRODUCTION CHECK_KIND(ACCOUNT_PRODUCTION)
#define REGISTRY   FEED_BIT(FEED_REGISTRY)
#define RUNNING    FEED_BIT(FEED_DEPLOYMENTS)
#define IMAGES     FEED_BIT(FEED_IMAGES)
#define ROW(name, id_, kinds_, feeds_, management_, promise_, remedy_)                                                                              \
    const struct check check_image_##name = {.id = id_, .area = "images", .promise = promise_, .remedy = remedy_, .kinds = kinds_, .feeds = feeds_, \
                                             .management_feeds = management_, .look = look_##name}

ROW(central, "ecr-central", CHECK_ALL, REGISTRY, 0, "repositories are in the management account only",
    "push to the central registry, and delete the other repository");
ROW(scan, "ecr-scan", ROOT, REGISTRY, 0, "images are scanned on push",
    "PutRegistryScanningConfiguration with a rule SCAN_ON_PUSH or CONTINUOUS_SCAN");
ROW(immutable, "ecr-immutable", ROOT, REGISTRY, 0, "tags that name a build cannot be moved",
    "PutImageTagMutability IMMUTABLE, with exclusions for *-latest alone");
ROW(lifecycle, "ecr-lifecycle", ROOT, REGISTRY, 0, "old images expire", "PutLifecyclePolicy");
ROW(policy, "ecr-policy", ROOT, REGISTRY, 0, "development and production may pull, and nobody else anything",
    "SetRepositoryPolicy with pull for the two accounts");
ROW(promoted, "img-promoted", PRODUCTION, RUNNING, IMAGES, "what production runs ran in development before, and comes from the central registry",
    "release by digest through development");
ROW(findings, "img-findings", PRODUCTION, RUNNING, IMAGES, "what production runs has no critical findings",
    "rebuild on a repaired base and release it");
ROW(tags, "img-tags", WORKLOADS, RUNNING, IMAGES, "what runs is tagged by commit or version; the environment's tag resolves",
    "tag the build sha-COMMIT or vX.Y.Z, and move dev-latest and prod-latest as they are released");
