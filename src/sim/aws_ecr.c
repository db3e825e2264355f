/* ECR: the repositories of an account's registry, their images, what the scans found, and the policies. */
#include <string.h>

#include "base/text.h"
#include "sim/aws.h"

#define MIB       INT64_C(1048576)
#define SCAN_MS   INT64_C(95000) /* a scan on push is done by then */

static const char *const severities[] = {"INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL", "UNDEFINED"};

static bool registry_good(struct aws_call *call)
{
    const char *registry = json_text_or(call->input, "registryId", call->account->id);
    bool own = strcmp(registry, call->account->id) == 0;
    char arn[200];
    text_format(arn, sizeof arn, "arn:aws:ecr:%s:%s:repository/%s", call->region, registry, json_text_or(call->input, "repositoryName", "*"));
    return own || call_denied(call, arn) != NULL;
}

static const struct repository *find_named(const struct aws_call *call, const char *name)
{
    const struct account *a = call->account;
    for (size_t i = 0; strcmp(call->region, a->region) == 0 && i < a->repositories.len; i++)
        if (strcmp(a->repositories.at[i].name, name) == 0)
            return &a->repositories.at[i];
    return NULL;
}

static json_t *no_repository(struct aws_call *call, const char *name)
{
    return call_fail(call, "RepositoryNotFoundException", "The repository with name '%s' does not exist in the registry with id '%s'", name,
                     call->account->id);
}

static const struct repository *find(struct aws_call *call)
{
    const char *name = json_text_or(call->input, "repositoryName", "");
    const struct repository *repository = registry_good(call) ? find_named(call, name) : NULL;
    if (!repository && call->error->kind == ERROR_NONE)
        no_repository(call, name);
    return repository;
}

/* Repositories. */

static int64_t oldest_image(const struct repository *r)
{
    int64_t oldest = 0;
    for (size_t i = 0; i < r->images.len; i++)
        oldest = r->images.at[i].pushed > oldest ? r->images.at[i].pushed : oldest;
    return oldest;
}

static json_t *repository_row(const struct aws_call *call, const struct repository *r)
{
    const struct account *a = call->account;
    bool excluded = r->mutable_tags.len > 0 && !r->mutable;
    json_t *out = json_pack("{s:o, s:s, s:s, s:o, s:o, s:s, s:{s:b}, s:{s:s}}", "repositoryArn",
                            call_text("arn:aws:ecr:%s:%s:repository/%s", a->region, a->id, r->name), "registryId", a->id, "repositoryName", r->name,
                            "repositoryUri", call_text("%s.dkr.ecr.%s.amazonaws.com/%s", a->id, a->region, r->name), "createdAt",
                            call_time((sim_start(call->sim) - oldest_image(r)) / 1000 * 1000 - 86400000), "imageTagMutability",
                            r->mutable ? "MUTABLE" : excluded ? "IMMUTABLE_WITH_EXCLUSION" : "IMMUTABLE", "imageScanningConfiguration", "scanOnPush",
                            r->scan_on_push, "encryptionConfiguration", "encryptionType", "AES256");
    json_t *filters = json_array();
    for (size_t i = 0; i < r->mutable_tags.len; i++)
        json_array_append_new(filters, json_pack("{s:s, s:s}", "filterType", "WILDCARD", "filter", r->mutable_tags.at[i]));
    if (excluded)
        json_object_set(out, "imageTagMutabilityExclusionFilters", filters);
    json_decref(filters);
    return out;
}

static json_t *describe_repositories(struct aws_call *call)
{
    static const struct call_page page = {"repositories", "nextToken", "nextToken", "maxResults", 1, 1000, 100, "InvalidParameterException", NULL};
    const json_t *names = json_object_get(call->input, "repositoryNames");
    const struct account *a = call->account;
    size_t i;
    json_t *name;
    if (!registry_good(call))
        return NULL;
    json_array_foreach(names, i, name)
        if (!find_named(call, json_string_value(name)))
            return no_repository(call, json_string_value(name));
    json_t *all = json_array();
    for (i = 0; strcmp(call->region, a->region) == 0 && i < a->repositories.len; i++)
        if (call_in(names, a->repositories.at[i].name))
            json_array_append_new(all, repository_row(call, &a->repositories.at[i]));
    return call_page(call, all, &page);
}

/* Images. */

static int64_t pushed_at(const struct aws_call *call, const struct image *image) { return (sim_start(call->sim) - image->pushed) / 1000 * 1000; }

static json_t *scan_status(const struct aws_call *call, const struct image *image)
{
    bool busy = !image->scan && call->now < pushed_at(call, image) + SCAN_MS;
    const char *status = image->scan ? image->scan : busy ? "IN_PROGRESS" : "COMPLETE";
    return json_pack("{s:s, s:s}", "status", status, "description",
                     strcmp(status, "COMPLETE") == 0 ? "The scan was completed successfully."
                     : strcmp(status, "FAILED") == 0 ? "The scan has failed."
                                                     : "");
}

static bool scanned(const struct aws_call *call, const struct repository *r, const struct image *image)
{
    bool told = image->scan != NULL;
    return r->scan_on_push && (told ? strcmp(image->scan, "COMPLETE") == 0 : call->now >= pushed_at(call, image) + SCAN_MS);
}

static json_t *severity_counts(const struct image *image)
{
    json_t *counts = json_object();
    for (size_t i = 0; i < image->findings.len; i++) {
        const char *severity = severities[image->findings.at[i].severity];
        json_object_set_new(counts, severity, json_integer(json_integer_value(json_object_get(counts, severity)) + 1));
    }
    return counts;
}

static json_t *tags(const struct image *image)
{
    json_t *list = json_array();
    for (size_t i = 0; i < image->tags.len; i++)
        json_array_append_new(list, json_string(image->tags.at[i]));
    return list;
}

static json_t *image_row(const struct aws_call *call, const struct repository *r, const struct image *image)
{
    int64_t pushed = pushed_at(call, image), size = (image->mib ? image->mib : 60) * MIB + (int64_t)(sim_noise(call->sim, image->digest, 0) * MIB);
    json_t *out = json_pack("{s:s, s:s, s:s, s:I, s:o, s:s, s:s}", "registryId", call->account->id, "repositoryName", r->name, "imageDigest",
                            image->digest, "imageSizeInBytes", (json_int_t)size, "imagePushedAt", call_time(pushed), "imageManifestMediaType",
                            "application/vnd.oci.image.manifest.v1+json", "artifactMediaType", "application/vnd.oci.image.config.v1+json");
    if (image->tags.len)
        json_object_set_new(out, "imageTags", tags(image));
    if (r->scan_on_push)
        json_object_set_new(out, "imageScanStatus", scan_status(call, image));
    if (scanned(call, r, image))
        json_object_set_new(out, "imageScanFindingsSummary",
                            json_pack("{s:o, s:o, s:o}", "imageScanCompletedAt", call_time(pushed + SCAN_MS), "vulnerabilitySourceUpdatedAt",
                                      call_time(pushed - 3600000), "findingSeverityCounts", severity_counts(image)));
    return out;
}

/* {imageDigest, imageTag}: what is given must fit. */
static bool is_meant(const struct image *image, const json_t *id)
{
    const char *digest = json_text(id, "imageDigest"), *tag = json_text(id, "imageTag");
    bool tagged = !tag;
    for (size_t i = 0; tag && i < image->tags.len; i++)
        tagged |= strcmp(image->tags.at[i], tag) == 0;
    return (digest || tag) && tagged && (!digest || strcmp(digest, image->digest) == 0);
}

static const struct image *find_image(struct aws_call *call, const struct repository *r, const json_t *id)
{
    const char *digest = json_text_or(id, "imageDigest", "null"), *tag = json_text_or(id, "imageTag", "null");
    for (size_t i = 0; i < r->images.len; i++)
        if (is_meant(&r->images.at[i], id))
            return &r->images.at[i];
    call_fail(call, "ImageNotFoundException",
              "The image with imageId {imageDigest:'%s', imageTag:'%s'} does not exist within the repository with name '%s' in the registry with id "
              "'%s'", digest, tag, r->name, call->account->id);
    return NULL;
}

static bool passes(const struct image *image, const char *wanted)
{
    return strcmp(wanted, "ANY") == 0 || (strcmp(wanted, "TAGGED") == 0) == (image->tags.len > 0);
}

static json_t *describe_images(struct aws_call *call)
{
    static const struct call_page page = {"imageDetails", "nextToken", "nextToken", "maxResults", 1, 1000, 100, "InvalidParameterException", NULL};
    const struct repository *r = find(call);
    const json_t *ids = json_object_get(call->input, "imageIds");
    const char *wanted = json_text_or(call->input, "filter.tagStatus", "ANY");
    size_t i;
    json_t *id;
    if (!r)
        return NULL;
    json_array_foreach(ids, i, id)
        if (!find_image(call, r, id))
            return NULL;
    json_t *all = json_array();
    for (i = 0; i < r->images.len; i++) {
        bool meant = json_array_size(ids) == 0;
        for (size_t k = 0; k < json_array_size(ids); k++)
            meant |= is_meant(&r->images.at[i], json_array_get(ids, k));
        if (meant && passes(&r->images.at[i], wanted))
            json_array_append_new(all, image_row(call, r, &r->images.at[i]));
    }
    return call_page(call, all, &page);
}

/* Scans. */

static json_t *finding_row(const struct finding *f)
{
    json_t *out = json_pack("{s:s, s:s, s:o, s:[{s:s, s:s}, {s:s, s:s}]}", "name", f->name, "severity", severities[f->severity], "uri",
                            call_text("https://nvd.nist.gov/vuln/detail/%s", f->name), "attributes", "key", "package_name", "value", f->package,
                            "key", "package_version", "value", f->version);
    if (f->description)
        json_object_set_new(out, "description", json_string(f->description));
    return out;
}

static json_t *describe_image_scan_findings(struct aws_call *call)
{
    static const struct call_page page = {"findings", "nextToken", "nextToken", "maxResults", 1, 1000, 100, "InvalidParameterException", NULL};
    const struct repository *r = find(call);
    const struct image *image = r ? find_image(call, r, json_object_get(call->input, "imageId")) : NULL;
    if (!image)
        return NULL;
    if (!r->scan_on_push)
        return call_fail(call, "ScanNotFoundException",
                         "Image scan does not exist for the image with '{imageDigest:'%s', imageTag:'%s'}' in the repository with "
                                                        "name '%s' in the registry with id '%s'",
                         image->digest, json_text_or(call->input, "imageId.imageTag", "null"), r->name, call->account->id);
    json_t *all = json_array(), *id = json_pack("{s:s}", "imageDigest", image->digest);
    bool done = scanned(call, r, image);
    for (size_t i = 0; done && i < image->findings.len; i++)
        json_array_append_new(all, finding_row(&image->findings.at[i]));
    json_t *found = call_page(call, all, &page), *next = json_incref(json_object_get(found, "nextToken"));
    if (json_text(call->input, "imageId.imageTag"))
        json_object_set(id, "imageTag", json_at(call->input, "imageId.imageTag"));
    json_t *out = found ? json_pack("{s:s, s:s, s:O, s:o}", "registryId", call->account->id, "repositoryName", r->name, "imageId", id,
                                    "imageScanStatus", scan_status(call, image))
                        : NULL;
    json_decref(id);
    if (found && done) {
        json_object_del(found, "nextToken");
        json_object_set_new(found, "imageScanCompletedAt", call_time(pushed_at(call, image) + SCAN_MS));
        json_object_set_new(found, "vulnerabilitySourceUpdatedAt", call_time(pushed_at(call, image) - 3600000));
        json_object_set_new(found, "findingSeverityCounts", severity_counts(image));
        json_object_set(out, "imageScanFindings", found);
    }
    if (next)
        json_object_set(out, "nextToken", next);
    json_decref(next);
    json_decref(found);
    return out;
}

/* Policies. */

static json_t *policy(struct aws_call *call, const struct repository *r, const char *text, const char *member, const char *code, const char *kind)
{
    if (!text)
        return call_fail(call, code, "%s policy does not exist for the repository with name '%s' in the registry with id '%s'", kind, r->name,
                         call->account->id);
    return json_pack("{s:s, s:s, s:s}", "registryId", call->account->id, "repositoryName", r->name, member, text);
}

/* Here each repository says for itself. */
static json_t *get_registry_scanning_configuration(struct aws_call *call)
{
    return json_pack("{s:s, s:{s:s, s:[]}}", "registryId", call->account->id, "scanningConfiguration", "scanType", "BASIC", "rules");
}

static json_t *get_lifecycle_policy(struct aws_call *call)
{
    const struct repository *r = find(call);
    json_t *out = r ? policy(call, r, r->lifecycle, "lifecyclePolicyText", "LifecyclePolicyNotFoundException", "Lifecycle") : NULL;
    if (out)
        json_object_set_new(out, "lastEvaluatedAt", call_time(call->now / 86400000 * 86400000));
    return out;
}

static json_t *get_repository_policy(struct aws_call *call)
{
    const struct repository *r = find(call);
    return r ? policy(call, r, r->policy, "policyText", "RepositoryPolicyNotFoundException", "Repository") : NULL;
}

const struct aws_handler aws_ecr[] = {{"ecr", "DescribeRepositories", describe_repositories},
                                      {"ecr", "DescribeImages", describe_images},
                                      {"ecr", "DescribeImageScanFindings", describe_image_scan_findings},
                                      {"ecr", "GetLifecyclePolicy", get_lifecycle_policy},
                                      {"ecr", "GetRegistryScanningConfiguration", get_registry_scanning_configuration},
                                      {"ecr", "GetRepositoryPolicy", get_repository_policy},
                                      {NULL}};
