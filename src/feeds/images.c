/* The registry's word on images, first of the repositories that clusters run from: tags, digests, when pushed, what the scan found. */
#include <stdlib.h>
#include <string.h>

#include "aws/endpoint.h"
#include "base/mem.h"
#include "base/str.h"
#include "estate/promotion.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

#define WAIT_MS      30
#define WAITS_MAX    500 /* for it to be known what there is: fifteen seconds */
#define PAGE         1000 /* as much as a page can have */
#define PER_REPOSITORY 1000 /* the newest, and what runs beside them */
#define REPOSITORIES 20
#define SCANS_MAX    40
#define FINDINGS_READ 100 /* of an image that production runs: one page, and no more */

struct repository {
    char name[120], region[24];
    bool idle; /* nothing runs from it */
    bool unread;
};

struct reading {
    struct calls calls;
    struct loop_timer *timer;
    int waits, scans;
    VEC(struct repository) repositories;
    image_rows rows;
    VEC(struct image_finding) findings;
    VEC(struct image_unread) unread;
};

static void map_counts(const json_t *counts, struct image *image)
{
    image->critical = (int)json_int(counts, "CRITICAL", 0);
    image->high = (int)json_int(counts, "HIGH", 0);
    image->medium = (int)json_int(counts, "MEDIUM", 0);
    image->low = (int)json_int(counts, "LOW", 0);
}

void map_image(const json_t *row, struct image *image)
{
    const json_t *summary = json_at(row, "imageScanFindingsSummary");
    *image = (struct image){.pushed_at = json_when(row, "imagePushedAt"), .critical = -1, .high = -1, .medium = -1, .low = -1};
    FIELD(image->repository, row, "repositoryName");
    FIELD(image->digest, row, "imageDigest");
    FIELD(image->scan, row, "imageScanStatus.status");
    FIELD_LIST(image->tags, json_at(row, "imageTags"));
    if (summary)
        map_counts(json_at(summary, "findingSeverityCounts"), image);
}

static const char *attribute(const json_t *row, const char *key)
{
    size_t i;
    json_t *one;
    json_array_foreach(json_at(row, "attributes"), i, one)
        if (text_equal(json_text(one, "key"), key))
            return json_text_or(one, "value", "");
    return "";
}

/* Of a basic scan; an enhanced one tells packages elsewhere. */
void map_image_finding(const json_t *row, const char *digest, struct image_finding *finding)
{
    const char *package = attribute(row, "package_name"), *version = attribute(row, "package_version");
    *finding = (struct image_finding){0};
    text_copy(finding->digest, sizeof finding->digest, digest);
    FIELD(finding->name, row, "name");
    FIELD(finding->severity, row, "severity");
    text_clean(finding->package, sizeof finding->package, package, strlen(package));
    text_clean(finding->version, sizeof finding->version, version, strlen(version));
}

void map_enhanced_finding(const json_t *row, const char *digest, struct image_finding *finding)
{
    *finding = (struct image_finding){0};
    text_copy(finding->digest, sizeof finding->digest, digest);
    FIELD(finding->name, row, "packageVulnerabilityDetails.vulnerabilityId");
    if (!*finding->name)
        FIELD(finding->name, row, "title");
    FIELD(finding->severity, row, "severity");
    FIELD(finding->package, row, "packageVulnerabilityDetails.vulnerablePackages.0.name");
    FIELD(finding->version, row, "packageVulnerabilityDetails.vulnerablePackages.0.version");
}

static int weight(const struct image_finding *f)
{
    static const char *const severities[] = {"CRITICAL", "HIGH", "MEDIUM", "LOW"};
    int i = 0;
    while (i < 4 && strcmp(f->severity, severities[i]) != 0)
        i++;
    return i;
}

static int by_weight(const void *a, const void *b) { return weight(a) - weight(b); }

/* The worst of them are kept. */
static void take_findings(struct reading *r, const struct image *image, const json_t *scan)
{
    VEC(struct image_finding) all = {0};
    size_t i;
    json_t *row;
    json_array_foreach(json_at(scan, "imageScanFindings.findings"), i, row)
        map_image_finding(row, image->digest, vec_add(&all));
    json_array_foreach(json_at(scan, "imageScanFindings.enhancedFindings"), i, row)
        map_enhanced_finding(row, image->digest, vec_add(&all));
    if (all.len)
        qsort(all.at, all.len, sizeof *all.at, by_weight);
    for (i = 0; i < all.len && i < IMAGE_FINDINGS_MAX; i++)
        *vec_add(&r->findings) = all.at[i];
    vec_free(&all);
}

static void got_scan(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    struct image *image = &r->rows.at[(uintptr_t)arg];
    map_counts(json_at(output, "imageScanFindings.findingSeverityCounts"), image);
    take_findings(r, image, output);
}

/* What production runs is looked at closely. And not every kind of scanning puts its sums into DescribeImages. What nothing runs from takes no turn
 * of those that are run. */
static void ask_scan(struct feed_run *run, size_t row, const struct repository *repository)
{
    struct reading *r = run->state;
    const struct image *image = &r->rows.at[row];
    struct aws_call_options options = {.region = repository->region};
    bool scanned = !strcmp(image->scan, "COMPLETE") || !strcmp(image->scan, "ACTIVE");
    bool runs = image_runs_in(feeds_estate(run->feeds), image, ACCOUNT_PRODUCTION);
    if (!scanned || repository->idle || (!runs && (image->critical >= 0 || !*image->tags)) || r->scans++ >= SCANS_MAX)
        return;
    calls_add(&r->calls, "ecr", "DescribeImageScanFindings",
              json_pack("{s:s, s:{s:s}, s:i}", "repositoryName", image->repository, "imageId", "imageDigest", image->digest, "maxResults",
                        runs ? FINDINGS_READ : 1), &options,
              got_scan, (void *)(uintptr_t)row);
}

static int by_repository_newest_first(const void *a, const void *b)
{
    const struct image *x = a, *y = b;
    int names = strcmp(x->repository, y->repository);
    return names ? names : x->pushed_at < y->pushed_at ? 1 : x->pushed_at > y->pushed_at ? -1 : 0;
}

static bool runs_somewhere(const struct estate *e, const struct image *image)
{
    return image_runs_in(e, image, ACCOUNT_PRODUCTION) || image_runs_in(e, image, ACCOUNT_DEVELOPMENT);
}

/* ECR lists images in no order: which are the newest is only known when all are here. */
static void got_images(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    struct repository *repository = &r->repositories.at[(uintptr_t)arg];
    image_rows all = {0};
    size_t i;
    json_t *row;
    repository->unread = !output;
    json_array_foreach(json_at(output, "imageDetails"), i, row)
        map_image(row, vec_add(&all));
    if (all.len)
        qsort(all.at, all.len, sizeof *all.at, by_repository_newest_first);
    if (all.len > PER_REPOSITORY)
        feed_more(run);
    for (i = 0; i < all.len; i++) {
        if (i >= PER_REPOSITORY && !runs_somewhere(feeds_estate(run->feeds), &all.at[i]))
            continue;
        *vec_add(&r->rows) = all.at[i];
        ask_scan(run, r->rows.len - 1, repository);
    }
    vec_free(&all);
}

static void free_reading(struct reading *r)
{
    vec_free(&r->repositories);
    vec_free(&r->rows);
    vec_free(&r->findings);
    vec_free(&r->unread);
    free(r);
}

static bool has(const struct reading *r, const struct image *image)
{
    for (size_t i = 0; i < r->rows.len; i++)
        if (!strcmp(r->rows.at[i].repository, image->repository) && !strcmp(r->rows.at[i].digest, image->digest))
            return true;
    return false;
}

static void keep_image(struct reading *r, const struct image_set *old, const struct image *image)
{
    *vec_add(&r->rows) = *image;
    for (size_t i = 0; i < old->findings.len; i++)
        if (!strcmp(old->findings.at[i].digest, image->digest))
            *vec_add(&r->findings) = old->findings.at[i];
}

/* A repository that cannot be read costs no other its images, and its own stay as they were known. Returns how many could be read. */
static size_t settle_repositories(struct feed_run *run, struct reading *r)
{
    const struct image_set *old = &feeds_estate(run->feeds)->accounts[run->account].images;
    size_t read = 0;
    for (size_t k = 0; k < r->repositories.len; k++) {
        const struct repository *repository = &r->repositories.at[k];
        read += !repository->unread;
        if (!repository->unread)
            continue;
        struct image_unread *unread = vec_add(&r->unread);
        text_copy(unread->region, sizeof unread->region, repository->region);
        text_copy(unread->repository, sizeof unread->repository, repository->name);
        for (size_t i = 0; i < old->rows.len; i++)
            if (!strcmp(old->rows.at[i].repository, repository->name) && !has(r, &old->rows.at[i]))
                keep_image(r, old, &old->rows.at[i]);
    }
    return read;
}

static void done(struct feed_run *run, const struct error *error)
{
    struct reading *r = run->state;
    struct estate *e = feeds_estate(run->feeds);
    struct error told = error ? *error : (struct error){0};
    bool any = settle_repositories(run, r) > 0 || !r->repositories.len, all = !r->unread.len;
    run->state = NULL;
    if (r->rows.len)
        qsort(r->rows.at, r->rows.len, sizeof *r->rows.at, by_repository_newest_first);
    if (any) {
        images_set(e, run->account, r->rows.at, r->rows.len);
        images_unread_set(e, run->account, r->unread.at, r->unread.len);
        image_findings_set(e, run->account, r->findings.at, r->findings.len);
    }
    if (error && any) /* what a scan found could not be read: that hides no image */
        error_prefix(&told, all ? "findings" : r->unread.at[0].repository);
    free_reading(r);
    feed_end_partly(run, any, &told);
}

static void add_repository(struct feed_run *run, const struct repository *found)
{
    struct reading *r = run->state;
    for (size_t i = 0; i < r->repositories.len; i++)
        if (!strcmp(r->repositories.at[i].name, found->name) && !strcmp(r->repositories.at[i].region, found->region))
            return;
    if (r->repositories.len < REPOSITORIES)
        *vec_add(&r->repositories) = *found;
    else if (!found->idle)
        feed_more(run);
}

/* "111111111111.dkr.ecr.us-east-1.amazonaws.com/backend@sha256:…" of this account's registry. */
static void find_repository(void *arg, const struct deployment *deployment, const char *reference)
{
    struct feed_run *run = arg;
    struct repository found = {.idle = false};
    char digest[80], host[40];
    (void)deployment;
    text_format(host, sizeof host, "%s.dkr.ecr.", run->config->id);
    if (!text_starts(reference, host))
        return;
    if (!image_region(reference, found.region, sizeof found.region) || !aws_region_good(found.region))
        return; /* nobody's registry: whoever deploys writes what they like here */
    image_parse(reference, found.name, sizeof found.name, digest, sizeof digest);
    add_repository(run, &found);
}

/* In regions that the profile knows, of whatever kind the account there is: what a stranger makes up has no turn before those. */
static bool is_known_region(const struct feed_run *run, const char *reference)
{
    const struct estate *e = feeds_estate(run->feeds);
    char region[24];
    bool known = false;
    for (size_t a = 0; a < e->account_count && image_region(reference, region, sizeof region); a++)
        known |= text_equal(e->accounts[a].config->region, region) || text_equal(e->accounts[a].config->backup_region, region);
    return known;
}

static void find_known(void *arg, const struct deployment *deployment, const char *reference)
{
    if (is_known_region(arg, reference))
        find_repository(arg, deployment, reference);
}

/* The applications' first, and last those that nothing runs from, as far as somebody looks: there is room for so many. */
static void find_repositories(struct feed_run *run)
{
    const struct estate *e = feeds_estate(run->feeds);
    const struct registry *registry = &e->accounts[run->account].registry;
    for (int turn = 0; turn < 4; turn++)
        for (size_t a = 0; a < e->account_count; a++)
            for (size_t i = 0; i < e->accounts[a].cluster.deployments.len; i++)
                if (namespace_is_system(e->accounts[a].cluster.deployments.at[i].ns) == (turn % 2 == 1))
                    deployment_images(&e->accounts[a].cluster.deployments.at[i], turn < 2 ? find_known : find_repository, run);
    for (size_t i = 0; i < registry->repositories.len; i++) {
        struct repository found = {.idle = true};
        text_copy(found.name, sizeof found.name, registry->repositories.at[i].name);
        text_copy(found.region, sizeof found.region, run->config->region);
        add_repository(run, &found);
    }
}

/* Is it still being found out which there are? */
static bool is_looked_for(const struct feed_run *run)
{
    const struct estate *e = feeds_estate(run->feeds);
    bool any = e->accounts[run->account].slices[FEED_REGISTRY].state == SLICE_LOADING;
    for (size_t a = 0; a < e->account_count; a++)
        any |= e->accounts[a].slices[FEED_DEPLOYMENTS].state == SLICE_LOADING;
    return any;
}

static void ask(void *arg)
{
    struct feed_run *run = arg;
    struct reading *r = run->state;
    r->timer = NULL;
    if (is_looked_for(run) && r->waits++ < WAITS_MAX) {
        r->timer = loop_after(feeds_loop(run->feeds), WAIT_MS, ask, run);
        return;
    }
    find_repositories(run);
    calls_begin(&r->calls, run, done);
    for (size_t i = 0; i < r->repositories.len; i++) {
        struct aws_call_options options = {.region = r->repositories.at[i].region, .all_pages = true};
        /* A Deployment may name a repository that has been deleted, or what was never one, in a region that there is not. */
        calls_part(&r->calls, "ecr", "DescribeImages", json_pack("{s:s, s:i}", "repositoryName", r->repositories.at[i].name, "maxResults", PAGE),
                   &options, got_images, (void *)(uintptr_t)i);
    }
    calls_end(&r->calls);
}

static void start(struct feed_run *run)
{
    struct reading *r = run->state = mem_new(sizeof *r);
    r->timer = loop_after(feeds_loop(run->feeds), 0, ask, run); /* all feeds have begun by then */
}

static void stop(struct feed_run *run)
{
    struct reading *r = run->state;
    loop_cancel(feeds_loop(run->feeds), r->timer);
    calls_cancel(&r->calls);
    free_reading(r);
    run->state = NULL;
}

static bool wanted(const struct account_config *account) { return account->kind == ACCOUNT_MANAGEMENT; }

const struct feed_type feed_images = {.feed = FEED_IMAGES, .interval_ms = 300000, .focus_ms = 60000, .wanted = wanted, .start = start, .stop = stop};
