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
#define AGAIN_MS     60000 /* at the soonest, where only findings failed */
#define WAITS_MAX    500 /* for it to be known what there is: fifteen seconds */
#define PAGE         1000 /* as much as a page can have */
#define PER_REPOSITORY 1000 /* the newest, and what runs beside them */
#define REPOSITORIES 20
#define SCANS_MAX    40
#define FINDINGS_READ 100 /* of an image that production runs: one page, and no more */

struct repository {
    char name[120], region[24];
    bool idle; /* nothing runs from it */
};

struct reading {
    struct calls calls;
    struct loop_timer *timer;
    int waits, scans;
    bool part; /* more repositories, or images in one, than there is room for */
    size_t told; /* of how many repositories the images are known */
    VEC(struct repository) repositories;
    image_rows rows;
    VEC(struct image_finding) findings;
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
    const struct repository *repository = &r->repositories.at[(uintptr_t)arg];
    image_rows all = {0};
    size_t i;
    json_t *row;
    r->told++;
    json_array_foreach(json_at(output, "imageDetails"), i, row)
        map_image(row, vec_add(&all));
    if (all.len)
        qsort(all.at, all.len, sizeof *all.at, by_repository_newest_first);
    r->part |= all.len > PER_REPOSITORY;
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
    free(r);
}

static void done(struct feed_run *run, const struct error *error)
{
    struct reading *r = run->state;
    bool whole = r->told + r->calls.gone == r->repositories.len, part = r->part;
    struct error told = error ? *error : (struct error){0};
    run->state = NULL;
    if (r->rows.len)
        qsort(r->rows.at, r->rows.len, sizeof *r->rows.at, by_repository_newest_first);
    if (whole) {
        images_set(feeds_estate(run->feeds), run->account, r->rows.at, r->rows.len);
        image_findings_set(feeds_estate(run->feeds), run->account, r->findings.at, r->findings.len);
    }
    free_reading(r);
    if (error && whole) { /* what a scan found could not be read: that hides no image */
        error_set(&told, error->kind, error->code, "findings: %s", error->message);
        told.retry_after_ms = error->retry_after_ms > AGAIN_MS ? error->retry_after_ms : AGAIN_MS;
    }
    feed_end_partly(run, whole, &told);
    if (whole && part)
        slice_part(feeds_estate(run->feeds), run->account, run->feed);
}

static void add_repository(struct reading *r, const struct repository *found)
{
    for (size_t i = 0; i < r->repositories.len; i++)
        if (!strcmp(r->repositories.at[i].name, found->name) && !strcmp(r->repositories.at[i].region, found->region))
            return;
    if (r->repositories.len < REPOSITORIES)
        *vec_add(&r->repositories) = *found;
    else
        r->part |= !found->idle;
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
    const char *region = reference + strlen(host);
    if (!text_format(found.region, sizeof found.region, "%.*s", (int)strcspn(region, "."), region) || !aws_region_good(found.region))
        return; /* nobody's registry: whoever deploys writes what they like here */
    image_parse(reference, found.name, sizeof found.name, digest, sizeof digest);
    add_repository(run->state, &found);
}

/* The applications' first, and last those that nothing runs from, as far as somebody looks: there is room for so many. */
static void find_repositories(struct feed_run *run)
{
    const struct estate *e = feeds_estate(run->feeds);
    const struct registry *registry = &e->accounts[run->account].registry;
    for (int addons = 0; addons < 2; addons++)
        for (size_t a = 0; a < e->account_count; a++)
            for (size_t i = 0; i < e->accounts[a].cluster.deployments.len; i++)
                if (namespace_is_system(e->accounts[a].cluster.deployments.at[i].ns) == (addons == 1))
                    deployment_images(&e->accounts[a].cluster.deployments.at[i], find_repository, run);
    for (size_t i = 0; i < registry->repositories.len; i++) {
        struct repository found = {.idle = true};
        text_copy(found.name, sizeof found.name, registry->repositories.at[i].name);
        text_copy(found.region, sizeof found.region, run->config->region);
        add_repository(run->state, &found);
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
        /* A Deployment may name a repository that has been deleted. */
        calls_each(&r->calls, "ecr", "DescribeImages", json_pack("{s:s, s:i}", "repositoryName", r->repositories.at[i].name, "maxResults", PAGE),
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
