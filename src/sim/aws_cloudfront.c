/* CloudFront: the distributions in front of the estate. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sim/aws_world.h"

#define PATHS_MAX 3000 /* under way at once */

static json_t *strings(const texts *list)
{
    json_t *items = json_array();
    for (size_t i = 0; i < list->len; i++)
        json_array_append_new(items, json_string(list->at[i]));
    return json_pack("{s:i, s:o}", "Quantity", (int)list->len, "Items", items);
}

static json_t *origins(const struct distribution *d)
{
    return json_pack("{s:i, s:[{s:s, s:s, s:s, s:{s:i}, s:{s:i, s:i, s:s, s:{s:i, s:[s]}}, s:i, s:i}]}", "Quantity", 1, "Items", "Id", "alb", "DomainName",
                     d->origin, "OriginPath", "", "CustomHeaders", "Quantity", 0, "CustomOriginConfig", "HTTPPort", 80, "HTTPSPort", 443,
                     "OriginProtocolPolicy", "https-only", "OriginSslProtocols", "Quantity", 1, "Items", "TLSv1.2", "ConnectionAttempts", 3,
                     "ConnectionTimeout", 10);
}

static json_t *web_acl_arn(const struct account *a, const char *name)
{
    for (size_t i = 0; name && i < a->acls.len; i++)
        if (a->acls.at[i].scope == 0 && strcmp(a->acls.at[i].name, name) == 0)
            return call_text("arn:aws:wafv2:us-east-1:%s:global/webacl/%s/%s", a->id, name, a->acls.at[i].id);
    return json_string("");
}

static json_t *summary(const struct aws_call *call, const struct distribution *d)
{
    const struct account *a = call->account;
    json_t *out = json_pack(
        "{s:s, s:o, s:s, s:s, s:o, s:s, s:o, s:o, s:{s:s, s:s, s:b, s:s}, s:{s:i}, s:{s:i}, s:s, s:s, s:b, s:{s:s, s:s, s:s, s:b}, s:{s:{s:s, s:i}}}", "Id",
        d->id, "ARN", call_text("arn:aws:cloudfront::%s:distribution/%s", a->id, d->id), "ETag", "E2QWRUHAPOMQZL", "Status", "Deployed", "LastModifiedTime",
        call_time(sim_start(call->sim) - INT64_C(20) * 86400000), "DomainName", d->domain, "Aliases", strings(&d->aliases), "Origins", origins(d),
        "DefaultCacheBehavior", "TargetOriginId", "alb", "ViewerProtocolPolicy", "redirect-to-https", "Compress", 1, "CachePolicyId",
        "658327ea-f89d-4fab-a63d-7e88639e58f6", "CacheBehaviors", "Quantity", 0, "CustomErrorResponses", "Quantity", 0, "Comment",
        d->comment ? d->comment : "", "PriceClass", "PriceClass_100", "Enabled", 1, "ViewerCertificate", "ACMCertificateArn",
        d->certificate ? d->certificate : "", "SSLSupportMethod", "sni-only", "MinimumProtocolVersion", "TLSv1.2_2021", "CloudFrontDefaultCertificate", 0,
        "Restrictions", "GeoRestriction", "RestrictionType", "none", "Quantity", 0);
    json_t *more = json_pack("{s:o, s:s, s:b, s:b}", "WebACLId", web_acl_arn(a, d->acl), "HttpVersion", "http2and3", "IsIPV6Enabled", 1, "Staging", 0);
    json_object_update(out, more);
    json_decref(more);
    return out;
}

static json_t *list_distributions(struct aws_call *call)
{
    static const struct call_page page = {"Items", "Marker", "NextMarker", "MaxItems", 1, 1000, 100, "InvalidArgument", NULL};
    const char *most = json_text_or(call->input, "MaxItems", "100");
    json_t *all = json_array();
    for (size_t i = 0; i < call->account->distributions.len; i++)
        json_array_append_new(all, summary(call, &call->account->distributions.at[i]));
    json_t *list = call_page(call, all, &page);
    if (!list)
        return NULL;
    json_object_set_new(list, "Marker", json_string(json_text_or(call->input, "Marker", "")));
    json_object_set_new(list, "MaxItems", json_integer(strtoll(most, NULL, 10)));
    json_object_set_new(list, "IsTruncated", json_boolean(json_object_get(list, "NextMarker") != NULL));
    json_object_set_new(list, "Quantity", json_integer((json_int_t)json_array_size(json_object_get(list, "Items"))));
    return json_pack("{s:o}", "DistributionList", list);
}

/* Invalidations. */

static const struct distribution *find(struct aws_call *call)
{
    const char *id = json_text_or(call->input, "DistributionId", "");
    for (size_t i = 0; i < call->account->distributions.len; i++)
        if (strcmp(call->account->distributions.at[i].id, id) == 0)
            return &call->account->distributions.at[i];
    call_fail(call, "NoSuchDistribution", "The specified distribution does not exist.");
    return NULL;
}

static json_t *invalidation_row(const struct aws_call *call, const struct invalidation *v)
{
    return json_pack("{s:{s:s, s:s, s:o, s:O}}", "Invalidation", "Id", v->id, "Status", call->now >= v->done_at ? "Completed" : "InProgress", "CreateTime",
                     call_time(v->at), "InvalidationBatch", v->batch);
}

/* Paths that are still being invalidated. */
static size_t under_way(const struct aws_call *call, const struct distribution *d)
{
    const struct world_account *w = world_account(call->sim, call->account);
    size_t count = 0;
    for (size_t i = 0; i < w->invalidations.len; i++)
        if (w->invalidations.at[i]->distribution == d && call->now < w->invalidations.at[i]->done_at)
            count += json_array_size(json_at(w->invalidations.at[i]->batch, "Paths.Items"));
    return count;
}

static bool batch_good(struct aws_call *call, const struct distribution *d, const json_t *batch)
{
    const json_t *items = json_at(batch, "Paths.Items");
    size_t i;
    json_t *path;
    if ((int64_t)json_array_size(items) != json_int(batch, "Paths.Quantity", -1))
        return call_fail(call, "InconsistentQuantities", "The value of Quantity and the size of Items don't match.") != NULL;
    if (json_array_size(items) == 0 || !*json_text_or(batch, "CallerReference", ""))
        return call_fail(call, "InvalidArgument", "Your request contains an invalid invalidation batch.") != NULL;
    json_array_foreach(items, i, path) {
        const char *text = json_string_value(path), *star = strchr(text, '*');
        if ((*text != '/' && *text != '*') || strlen(text) > 4000 || (star && star[1]))
            return call_fail(call, "InvalidArgument", "Your request contains one or more invalid invalidation paths.") != NULL;
    }
    if (under_way(call, d) + json_array_size(items) > PATHS_MAX)
        return call_fail(call, "TooManyInvalidationsInProgress", "Processing your request will cause you to exceed the maximum number of in-progress wildcard "
                                                                 "invalidations.") != NULL;
    return true;
}

/* The same reference once more is the same invalidation; with other paths it is refused. False if it is new. */
static bool known_reference(struct aws_call *call, const struct distribution *d, const json_t *batch, json_t **out)
{
    const struct world_account *w = world_account(call->sim, call->account);
    for (size_t i = 0; i < w->invalidations.len; i++) {
        const struct invalidation *v = w->invalidations.at[i];
        if (v->distribution != d || !text_equal(json_text(v->batch, "CallerReference"), json_text(batch, "CallerReference")))
            continue;
        *out = json_equal(v->batch, batch) ? invalidation_row(call, v)
                                           : call_fail(call, "InvalidArgument", "Your request contains a caller reference that was used for a previous "
                                                                                "invalidation batch for the same distribution.");
        return true;
    }
    return false;
}

static json_t *with_location(const struct distribution *d, json_t *out)
{
    if (out)
        json_object_set_new(out, "Location", call_text("https://cloudfront.amazonaws.com/2020-05-31/distribution/%s/invalidation/%s", d->id,
                                                       json_text_or(out, "Invalidation.Id", "")));
    return out;
}

static json_t *create_invalidation(struct aws_call *call)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    const json_t *batch = json_object_get(call->input, "InvalidationBatch");
    const struct distribution *d = find(call);
    struct world_account *w = world_account(call->sim, call->account);
    json_t *same = NULL;
    if (!d || !batch_good(call, d, batch))
        return NULL;
    if (known_reference(call, d, batch, &same))
        return with_location(d, same);
    struct invalidation *v = mem_new(sizeof *v);
    *v = (struct invalidation){.distribution = d, .at = call->now, .batch = json_deep_copy(batch)};
    text_copy(v->id, sizeof v->id, "I");
    for (size_t i = 1; i < 14; i++)
        v->id[i] = letters[(size_t)(sim_noise(call->sim, d->id, (int64_t)(w->invalidations.len * 16 + i)) * (sizeof letters - 1))];
    v->done_at = v->at + world_span(call->sim, v->id, 0, 40, 150) * SECOND_MS;
    *vec_add(&w->invalidations) = v;
    return with_location(d, invalidation_row(call, v));
}

static json_t *get_invalidation(struct aws_call *call)
{
    const struct distribution *d = find(call);
    const struct world_account *w = world_account(call->sim, call->account);
    const char *id = json_text_or(call->input, "Id", "");
    for (size_t i = 0; d && i < w->invalidations.len; i++)
        if (w->invalidations.at[i]->distribution == d && strcmp(w->invalidations.at[i]->id, id) == 0)
            return invalidation_row(call, w->invalidations.at[i]);
    return d ? call_fail(call, "NoSuchInvalidation", "The specified invalidation does not exist.") : NULL;
}

const struct aws_handler aws_cloudfront[] = {{"cloudfront", "ListDistributions", list_distributions},
                                             {"cloudfront", "CreateInvalidation", create_invalidation},
                                             {"cloudfront", "GetInvalidation", get_invalidation},
                                             {NULL}};
